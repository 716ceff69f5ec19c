/* See serve.h. Everything runs on this thread but the media threads, which server/media.h starts.
 */
#include "server/serve.h"

#include "crypto/hash.h"
#include "io/entropy.h"
#include "io/file.h"
#include "io/notify.h"
#include "io/signals.h"
#include "io/tls.h"
#include "server/app.h"
#include "server/drain.h"
#include "server/handover.h"
#include "server/keeping.h"
#include "server/login_api.h"
#include "server/oidc_client.h"
#include "server/retention.h"
#include "server/simulator.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How long clients have to take what is said to them at the end (close frames, last answers). */
#define GOODBYE (300 * PL_MS)

struct server {
    struct pl_app app;
    struct pl_handed *handed;     /* what another process hands over; NULL: it begins anew */
    struct pl_handover *handover; /* to the next one */
    bool quiet;                   /* another process has said where it listens */
    struct pl_timer goodbye;      /* set once the end has begun */
    struct pl_timer retaining;    /* set if meetings are kept for so long */
    struct pl_timer auditing;     /* forgets of the audit what is old */
    struct pl_retention retention;
    struct pl_signal *signals[2];
    bool failed;                            /* the one who signs is gone */
    char may_read_key[PL_CONFINE_WHY_SIZE]; /* why this process can; "": it cannot */
    char why[PL_DATA_WHY_SIZE];
};

static void goodbye_over(struct pl_timer *t)
{
    struct server *s = pl_container_of(t, struct server, goodbye);
    pl_loop_stop(s->app.loop);
}

static void end(struct server *s)
{
    pl_simulator_stop(s->app.simulator);
    pl_httpd_drain(s->app.httpd);
    pl_clients_stop(s->app.clients);
    if (pl_httpd_stats(s->app.httpd)->open == 0 ||
        pl_timer_set(s->app.loop, &s->goodbye, pl_loop_now(s->app.loop) + GOODBYE) != PL_OK)
        pl_loop_stop(s->app.loop);
}

/* The first signal ends it in good order, a second one at once. */
static void on_signal(void *ctx, int signo, int value)
{
    struct server *s = ctx;
    (void)signo;
    (void)value;
    if (s->goodbye.at)
        pl_loop_stop(s->app.loop);
    else
        end(s);
}

static void on_drained(struct pl_app *app)
{
    struct server *s = pl_container_of(app, struct server, app);
    if (!s->goodbye.at)
        end(s);
}

/* It cannot be started anew: from now on nobody here may read the key. Whoever starts the server
 * anew does both, and nothing is lost: what is not covered yet is covered then. */
static void on_keyholder_end(void *ctx)
{
    struct server *s = ctx;
    fprintf(stderr, "parley: the process that signs records has ended, and so does the server\n");
    s->failed = true;
    if (!s->goodbye.at)
        end(s);
}

static enum pl_err refuse(struct server *s, enum pl_err e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum pl_err refuse(struct server *s, enum pl_err e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(s->why, sizeof s->why, format, args);
    va_end(args);
    return e;
}

/* A store of another form would have to be made over, which nobody can take back. */
static enum pl_err take_data(struct server *s)
{
    struct pl_app *app = &s->app;
    struct pl_store *now;
    char why[200];
    int lock = -1;
    pl_carry_fd(&s->handed->carry, &lock);
    if (lock < 0)
        return refuse(s, PL_EINVAL, "what was handed over does not fit");
    enum pl_err e = pl_data_take(app->config.data, lock, app->random, &app->data, s->why);
    if (e)
        return e;
    e = pl_store_open_read(pl_data_store_path(app->data), app->random, &now, why);
    if (e)
        return refuse(s, e, "%s: stop the server and start it anew", why);
    pl_store_close(now);
    return PL_OK;
}

/* The one that signs goes from server to server, and remembers what it signed. */
static enum pl_err take_keyholder(struct server *s)
{
    int fd = -1;
    pl_carry_fd(&s->handed->carry, &fd);
    enum pl_err e = fd < 0 ? PL_EINVAL : pl_keyholder_adopt(fd, &s->app.keyholder);
    return e ? refuse(s, e, "the process that signs records does not answer") : PL_OK;
}

static enum pl_err open_store(struct server *s)
{
    struct pl_app *app = &s->app;
    char why[200];
    enum pl_err e =
        s->handed ? take_data(s) : pl_data_open(app->config.data, app->random, &app->data, s->why);
    if (e)
        return e;
    e = pl_keeping_store(app->data, s->why);
    if (e)
        return e;
    e = pl_store_open(pl_data_store_path(app->data), app->random, &app->store, why);
    if (e)
        return refuse(s, e, "%s", why);
    e = s->handed ? take_keyholder(s)
                  : pl_keeping_keyholder(app->data, app->store, app->config.public_url,
                                         &app->keyholder, s->why);
    if (e)
        return e;
    /* After the process that holds the key, which is forked. */
    e = pl_store_thread_new(app->loop, pl_data_store_path(app->data), app->random,
                            &app->store_thread);
    if (e)
        return refuse(s, e, "%s: no thread for it", pl_data_store_path(app->data));
    e = pl_server_log_new(app->store, pl_keyholder_signing(app->keyholder), pl_wall_now_us() / 1000,
                          &app->log);
    if (e)
        return refuse(s, e, "%s: the server's log %s", pl_data_store_path(app->data),
                      e == PL_EINVAL ? "is not what was signed" : "cannot be read");
    e = pl_accounts_new(app->store, &app->accounts);
    if (e)
        return refuse(s, e, "%s: the accounts cannot be read", pl_data_store_path(app->data));
    e = pl_audit_new(app->store, pl_keyholder_signing(app->keyholder), &app->audit);
    if (e)
        return refuse(s, e, "%s: the audit %s", pl_data_store_path(app->data),
                      e == PL_EINVAL ? "is not what was signed" : "cannot be read");
    e = pl_passkeys_new(app->store, app->config.public_url, &app->passkeys);
    if (e)
        return refuse(s, e, "%s: the passkeys cannot be read", pl_data_store_path(app->data));
    e = pl_limits_new(&app->random, &app->limits);
    if (!e)
        e = pl_entry_new(app->store, app->limits, &app->entry);
    return e ? refuse(s, e, "no memory") : PL_OK;
}

static enum pl_err start_media(struct server *s)
{
    struct pl_app *app = &s->app;
    struct pl_media_config config = {
        .n_addrs = app->config.n_media,
        .n_public_addrs = app->config.n_public_addrs,
        .threads = app->config.media_threads,
        .estimate = app->config.estimate,
        .random = app->random,
        .handed = s->handed ? &s->handed->carry : NULL,
    };
    memcpy(config.addrs, app->config.media, sizeof config.addrs);
    memcpy(config.public_addrs, app->config.public_addrs, sizeof config.public_addrs);
    const struct pl_clients_config clients = {app->loop,
                                              app->random,
                                              app->entry,
                                              app->limits,
                                              app->store,
                                              app->store_thread,
                                              pl_keyholder_signing(app->keyholder)};
    enum pl_err e = pl_clients_new(&clients, &app->clients);
    if (e)
        return refuse(s, e, e == PL_EIO ? "the records cannot be read" : "no memory");
    app->conferences = pl_clients_conferences(app->clients);
    struct pl_media_events events = pl_conferences_media_events(app->conferences);
    char why[200];
    e = pl_media_start(app->loop, &config, &events, &app->media, why);
    if (e)
        return refuse(s, e, "--media: %s", why);
    pl_conferences_use_media(app->conferences, app->media);
    if (s->handed && pl_conferences_carry(app->conferences, &s->handed->carry))
        return refuse(s, PL_EINVAL, "what was handed over of meetings does not fit");
    return PL_OK;
}

static enum pl_err start_witnesses(struct server *s)
{
    struct pl_app *app = &s->app;
    const struct pl_witnesses_config config = {
        .loop = app->loop,
        .store = app->store,
        .store_path = pl_data_store_path(app->data),
        .random = app->random,
        .key = &pl_keyholder_signing(app->keyholder)->id,
        .list = app->config.witnesses,
        .n = app->config.n_witnesses,
    };
    if (config.n == 0)
        return PL_OK;
    enum pl_err e = pl_witnesses_new(&config, &app->witnesses);
    if (e)
        return refuse(s, e, "--witness: %s", e == PL_EIO ? strerror(errno) : "no memory");
    pl_server_log_use_witnesses(app->log, app->witnesses);
    pl_conferences_use_witnesses(app->conferences, app->witnesses);
    return PL_OK;
}

/* The file that --oidc-client-secret-file names, without its last newline. */
static enum pl_err read_secret(struct server *s, const char *path, struct pl_buf *out)
{
    enum pl_err e = path ? pl_file_read(path, PL_OIDC_SECRET_MAX + 2, out) : PL_OK;
    if (e)
        return refuse(s, e, "--oidc-client-secret-file %.200s: %s", path,
                      e == PL_EIO ? strerror(errno) : "no file, or no secret");
    while (out->len && strchr("\r\n", out->data[out->len - 1]))
        out->len--;
    return path && !out->len
               ? refuse(s, PL_EINVAL, "--oidc-client-secret-file %.200s: it is empty", path)
               : PL_OK;
}

static enum pl_err start_login(struct server *s)
{
    struct pl_app *app = &s->app;
    struct pl_buf secret = {0};
    if (!app->config.oidc_issuer)
        return PL_OK;
    enum pl_err e = read_secret(s, app->config.oidc_secret_file, &secret);
    if (!e) {
        e = pl_login_desk_new(app, (struct pl_str){secret.data, secret.len}, &app->login);
        if (e)
            e = refuse(s, e, "--oidc-issuer: %s",
                       e == PL_EINVAL ? "the client's secret is too long"
                       : e == PL_EIO  ? strerror(errno)
                                      : "no memory");
    }
    if (secret.data)
        pl_wipe(secret.data, secret.len);
    pl_buf_free(&secret);
    return e;
}

static void report_tls(void *ctx, enum pl_err err, const char *line)
{
    (void)ctx;
    if (err)
        fprintf(stderr, "parley: %s\n", line);
    else
        printf("%s\n", line);
}

/* Said once, by the first of the processes that hand over to each other. */
static void say(const struct server *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(const struct server *s, const char *format, ...)
{
    va_list args;
    if (s->quiet)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

/* At the address, or the socket of the process before, whose listeners are in the same order. */
static enum pl_err listen_at(struct server *s, const struct pl_addr *addr, bool streams_only,
                             struct pl_addr *actual)
{
    struct pl_app *app = &s->app;
    int fd = -1;
    if (!s->handed)
        return streams_only ? pl_httpd_listen_streams(app->httpd, addr, app->tls, actual)
                            : pl_httpd_listen(app->httpd, addr, app->tls, actual);
    pl_carry_fd(&s->handed->carry, &fd);
    errno = EBADF;
    return fd < 0 ? PL_EIO : pl_httpd_adopt(app->httpd, fd, app->tls, streams_only, actual);
}

/* As many as before: which is which is their order. */
static enum pl_err expect_listeners(struct server *s)
{
    uint32_t n = 0;
    const struct pl_config *config = &s->app.config;
    if (!s->handed)
        return PL_OK;
    PL_CARRY(&s->handed->carry, n);
    return n == config->n_listen + config->n_turn
               ? PL_OK
               : refuse(s, PL_EINVAL, "--listen, --turn: others than those that are handed over");
}

static enum pl_err take_guests(struct server *s)
{
    struct pl_app *app = &s->app;
    bool through = false;
    if (!s->handed)
        return PL_OK;
    pl_carry_flag(&s->handed->carry, &through);
    if (through != (app->through != NULL))
        return refuse(s, PL_EINVAL, "--turn: not as it is handed over");
    return through && pl_through_carry(app->through, &s->handed->carry)
               ? refuse(s, PL_EINVAL, "what was handed over of clients by TCP does not fit")
               : PL_OK;
}

/* Where streams are taken: the listeners so far, and those of --turn. */
struct listeners {
    struct pl_addr addrs[2 * PL_LISTEN_MAX];
    size_t n;
};

static enum pl_err start_through(struct server *s, struct listeners *l)
{
    struct pl_app *app = &s->app;
    const struct pl_config *config = &app->config;
    if (config->turn_off)
        return PL_OK;
    size_t first = l->n;
    for (size_t i = 0; i < config->n_turn; i++) {
        char text[PL_ADDR_TEXT];
        pl_addr_text(&config->turn[i], text);
        enum pl_err e = listen_at(s, &config->turn[i], true, &l->addrs[l->n]);
        if (e)
            return refuse(s, e, "--turn %s: %s", text, e == PL_EIO ? strerror(errno) : "no memory");
        pl_addr_text(&l->addrs[l->n++], text);
        say(s, "media tcp %s\n", text);
    }
    const struct pl_through_config through = {
        .loop = app->loop,
        .media = app->media,
        .random = app->random,
        .listeners = l->addrs,
        .n_listeners = l->n,
        .public_addrs = config->public_addrs,
        .n_public_addrs = config->n_public_addrs,
        .turn_port = config->n_turn ? l->addrs[first].port : 0,
        .tls = app->tls != NULL,
    };
    return pl_through_new(&through, &app->through) ? refuse(s, PL_ENOMEM, "no memory") : PL_OK;
}

static enum pl_err start_http(struct server *s)
{
    struct pl_app *app = &s->app;
    const struct pl_config *config = &app->config;
    struct pl_httpd_handler handler = pl_app_http(app);
    enum pl_err e = pl_httpd_new(app->loop, NULL, &handler, &app->httpd);
    if (e)
        return refuse(s, e, "no HTTP server: %s", e == PL_EIO ? strerror(errno) : "no memory");
    char why[200];
    if (config->tls_cert) {
        e = pl_tls_new(app->loop, config->tls_cert, config->tls_key, 0, report_tls, s, &app->tls,
                       why);
        if (e)
            return refuse(s, e, "%s", why);
    }
    struct listeners listeners = {.n = 0};
    e = expect_listeners(s);
    if (e)
        return e;
    for (size_t i = 0; i < config->n_listen; i++) {
        struct pl_addr actual;
        char text[PL_ADDR_TEXT];
        pl_addr_text(&config->listen[i], text);
        e = listen_at(s, &config->listen[i], false, &actual);
        if (e)
            return refuse(s, e, "--listen %s: %s", text,
                          e == PL_EIO ? strerror(errno) : "no memory");
        listeners.addrs[listeners.n++] = actual;
        pl_addr_text(&actual, text);
        const char *scheme = app->tls ? "https" : "http";
        say(s, "listening %s://%s\n", scheme, text);
        if (i > 0)
            continue;
        /* As a browser on this machine would name it. */
        bool any = pl_addr_is_any(&actual);
        if (any)
            snprintf(text, sizeof text, "localhost:%u", (unsigned)actual.port);
        snprintf(app->self_url, sizeof app->self_url, "%s://%s", scheme, text);
    }
    e = start_through(s, &listeners);
    if (!e)
        e = take_guests(s);
    if (!e && s->handed)
        pl_draining_carry(app->draining, &s->handed->carry);
    return e;
}

static void print_media(const struct server *s)
{
    struct pl_addr addr;
    char text[PL_ADDR_TEXT];
    for (size_t i = 0; pl_media_address(s->app.media, i, &addr); i++) {
        pl_addr_text(&addr, text);
        say(s, "media udp %s\n", text);
    }
}

static enum pl_err watch_signals(struct server *s)
{
    static const int signos[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < 2; i++) {
        enum pl_err e = pl_signal_watch(s->app.loop, signos[i], on_signal, s, &s->signals[i]);
        if (e)
            return refuse(s, e, "no signals: %s", strerror(errno));
    }
    return PL_OK;
}

/* Everything is here: from now on this is the server, and the other process is gone. */
static enum pl_err take_over(struct server *s)
{
    struct pl_app *app = &s->app;
    enum pl_err e = pl_handed_take(s->handed);
    if (e)
        return refuse(s, e,
                      e == PL_EINVAL ? "more was handed over than this program knows"
                                     : "the server does not let go");
    pl_media_drop_unreached(app->media);
    if (pl_media_resume(app->media))
        e = refuse(s, PL_EIO, "no thread: %s", strerror(errno));
    else
        printf("handed over to process %d; media stood still for %d ms\n", (int)getpid(),
               pl_handed_ms(s->handed));
    pl_handed_free(s->handed);
    s->handed = NULL;
    return e;
}

static enum pl_err forget(void *ctx, struct pl_str meeting)
{
    struct pl_app *app = ctx;
    const struct pl_audit_entry entry = {
        .act = PL_AUDIT_MEETING_DELETED, .meeting = meeting, .way = "retention"};
    enum pl_err e = pl_app_delete(app, meeting);
    return e ? e : pl_audit_note(app->audit, &entry, pl_wall_now_us() / 1000);
}

/* Once a day. What cannot be forgotten today is tomorrow. */
static void forget_old(struct pl_timer *t)
{
    struct server *s = pl_container_of(t, struct server, auditing);
    struct pl_app *app = &s->app;
    const int64_t day_ms = INT64_C(24) * 3600 * 1000;
    int64_t before_ms = pl_wall_now_us() / 1000 - (int64_t)app->config.audit_days * day_ms;
    if (pl_audit_forget(app->audit, before_ms) ||
        pl_timer_set(app->loop, t, pl_loop_now(app->loop) + 24 * 3600 * PL_SECOND))
        fprintf(stderr, "parley: the audit: what is old is not forgotten\n");
}

static void retain(struct pl_timer *t)
{
    struct server *s = pl_container_of(t, struct server, retaining);
    struct pl_loop *loop = s->app.loop;
    pl_time_us next = pl_retention_look(&s->retention, pl_loop_now(loop), pl_wall_now_us() / 1000);
    if (pl_timer_set(loop, t, next) != PL_OK)
        fprintf(stderr, "parley: --retain: no memory; nothing is deleted any more\n");
}

static void start_retaining(struct server *s)
{
    s->retention = (struct pl_retention){
        .store = s->app.store,
        .days = s->app.config.retain_days,
        .remove = forget,
        .ctx = &s->app,
    };
    if (s->retention.days)
        retain(&s->retaining);
}

static enum pl_err start_parts(struct server *s)
{
    enum pl_err e = open_store(s);
    if (!e && !s->handed) /* else it was born so */
        pl_keeping_leave(s->app.data, s->app.config.tls_cert, s->app.config.tls_key,
                         s->may_read_key);
    if (!e && pl_keyholder_watch(s->app.keyholder, s->app.loop, on_keyholder_end, s))
        e = refuse(s, PL_EIO, "no event loop: %s", strerror(errno));
    if (!e)
        e = start_media(s);
    if (!e)
        e = start_witnesses(s);
    if (!e)
        e = start_login(s);
    if (!e)
        e = start_http(s);
    if (!e && s->handed)
        e = take_over(s);
    return e;
}

static enum pl_err start(struct server *s, char *const *argv)
{
    struct pl_app *app = &s->app;
    app->random = pl_entropy();
    enum pl_err e = pl_loop_new(&app->loop);
    if (e)
        return refuse(s, e, "no event loop: %s", e == PL_EIO ? strerror(errno) : "no memory");
    app->started = pl_loop_now(app->loop);
    e = watch_signals(s); /* before other threads, so that they inherit the mask */
    if (!e && pl_draining_new(app, on_drained, &app->draining))
        e = refuse(s, PL_EIO, "no signals: %s", strerror(errno));
    if (!e && pl_handover_new(app, argv, &s->handover))
        e = refuse(s, PL_EIO, "no signals: %s", strerror(errno));
    if (!e)
        e = pl_handed_receive(&s->handed, s->why);
    s->quiet = s->handed != NULL;
    if (!e)
        e = start_parts(s);
    if (!e && pl_data_note_process(app->data))
        e = refuse(s, PL_EIO, "--data: the lock cannot be written: %s", strerror(errno));
    if (e)
        return e;
    if (pl_audit_start(app->audit, pl_wall_now_us() / 1000))
        return refuse(s, PL_EIO, "%s: the audit cannot be written", pl_data_store_path(app->data));
    pl_notify_ready();
    if (s->may_read_key[0])
        fprintf(stderr, "parley: the server itself may read %s, too: %s\n",
                pl_data_key_path(app->data), s->may_read_key);
    start_retaining(s);
    forget_old(&s->auditing);
    print_media(s);
    say(s, "administrator's token in %s\n", pl_data_token_path(app->data));
    if (app->config.command == PL_CLI_DEMO) {
        const char *origin = app->config.public_url[0] ? app->config.public_url : app->self_url;
        e = pl_demo_make(app, origin);
        if (e)
            return refuse(s, e, "the demo meeting cannot be made in %s",
                          pl_data_store_path(app->data));
    }
    return PL_OK;
}

/* In the reverse order; what was not started is NULL. */
static void stop(struct server *s)
{
    struct pl_app *app = &s->app;
    pl_handover_free(s->handover);
    pl_handed_free(s->handed);
    pl_draining_free(app->draining);
    pl_simulator_end(app->simulator);
    if (app->clients)
        pl_conferences_use_witnesses(app->conferences, NULL);
    pl_witnesses_free(app->witnesses);
    pl_httpd_free(app->httpd);      /* the WebSockets end, and with them the clients */
    pl_login_desk_free(app->login); /* nobody asks any more */
    pl_clients_free(app->clients);
    if (app->media)
        pl_media_stop(app->media);
    pl_through_free(app->through);
    pl_tls_free(app->tls);
    pl_entry_free(app->entry);
    pl_limits_free(app->limits);
    pl_passkeys_free(app->passkeys);
    pl_audit_free(app->audit);
    pl_accounts_free(app->accounts);
    pl_server_log_free(app->log);
    pl_store_thread_free(app->store_thread);
    pl_store_close(app->store);
    pl_keyholder_end(app->keyholder);
    pl_data_close(app->data);
    for (size_t i = 0; i < 2; i++)
        pl_signal_free(s->signals[i]);
    pl_loop_free(app->loop);
}

int pl_serve(const struct pl_config *config, char *const *argv)
{
    struct server s = {
        .app = {.config = *config},
        .goodbye = {.fire = goodbye_over},
        .retaining = {.fire = retain},
        .auditing = {.fire = forget_old},
    };
    signal(SIGPIPE, SIG_IGN);         /* a reader that is gone is an error of its own call */
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line is out at once, into a file too */
    enum pl_err e = start(&s, argv);
    if (e && s.handed) {
        pl_handed_refuse(s.handed, s.why);
        _exit(PL_EXIT_REFUSED); /* the calls are another's: nothing may be sent in taking them apart
                                 */
    }
    if (e)
        fprintf(stderr, "parley: %s\n", s.why);
    else
        pl_loop_run(s.app.loop);
    stop(&s);
    return e || s.failed ? PL_EXIT_REFUSED : 0;
}
