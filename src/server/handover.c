/* See handover.h. The order of steps: the new process says which form it reads (HELLO); the old one
 * stops its media threads, writes down all that waits, and gives everything (STATE); the new one
 * has built all of it and says so (READY); the old one ends (GO, or the end of the connection); the
 * new one begins. Until READY the old one can go on as if nothing had been. */
#include "server/handover.h"

#include "io/file.h"
#include "io/notify.h"
#include "io/pass.h"
#include "io/signals.h"
#include "server/complain.h"
#include "server/drain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VARIABLE "PARLEY_HANDOVER"

enum { HELLO = 1, STATE, READY, REFUSED, GO };

/* How long each step may take, in ms, before the old one goes on. */
#define START_MS 10000
#define GIVE_MS 5000
#define BUILD_MS 3000 /* media stands still meanwhile */
#define COMMAND_MS 30000

struct pl_handover {
    struct pl_app *app;
    char *const *argv;
    char *program; /* the path that we were started from, where the next version stands */
    struct pl_signal *signal;
    struct pl_watch watch; /* fd -1: nobody is being started */
    struct pl_timer timer;
    pid_t pid;
};

/* --- The old one --- */

/* It did not come to it. */
static void give_up(struct pl_handover *h, const char *why)
{
    pl_loop_unwatch(h->app->loop, &h->watch);
    pl_timer_clear(h->app->loop, &h->timer);
    if (h->pid > 0) {
        (void)kill(h->pid, SIGKILL);
        (void)waitpid(h->pid, NULL, 0);
    }
    close(h->watch.fd); /* now: an end that it saw would be its beginning */
    h->watch.fd = -1;
    pl_complain("not handed over, and goes on: %s", why);
    if (pl_data_tell(h->app->data, PL_DATA_UPGRADE, why))
        pl_complain("nor can this be told to the one who asked for it");
}

static void all_events(struct pl_app *app)
{
    pl_loop_deliver(app->loop);
    pl_conferences_settle(app->conferences);
}

static pl_time_us clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * PL_SECOND + t.tv_nsec / 1000;
}

/* Nothing is received or sent any more, since the time that is returned; what was, is accounted
 * for. */
static pl_time_us freeze(struct pl_app *app)
{
    all_events(app); /* what takes time, before media stops */
    pl_server_log_cover(app->log);
    pl_time_us since = clock_now();
    pl_media_pause(app->media);
    all_events(app);
    pl_media_settle(app->media);
    all_events(app);
    pl_media_settle(app->media);
    return since;
}

static enum pl_err write_state(struct pl_app *app, pl_time_us since, struct pl_carry *c)
{
    int listeners[2 * PL_LISTEN_MAX], lock = pl_data_lock(app->data);
    int keyholder = pl_keyholder_fd(app->keyholder);
    size_t n = pl_httpd_listeners(app->httpd, listeners, 2 * PL_LISTEN_MAX);
    bool through = app->through != NULL;
    uint32_t count = (uint32_t)n;
    PL_CARRY(c, since);
    pl_carry_fd(c, &lock);
    pl_carry_fd(c, &keyholder);
    enum pl_err err = pl_media_carry(app->media, c);
    if (!err)
        err = pl_conferences_carry(app->conferences, c);
    PL_CARRY(c, count);
    for (size_t i = 0; i < n; i++)
        pl_carry_fd(c, &listeners[i]);
    pl_carry_flag(c, &through);
    if (!err && through)
        err = pl_through_carry(app->through, c);
    pl_draining_carry(app->draining, c);
    return err ? err : pl_carry_done(c) ? PL_OK : PL_EINVAL;
}

/* What the new one says of it. */
static bool is_ready(int fd, char why[PL_HANDOVER_WHY_SIZE])
{
    struct pl_buf text = {0};
    uint32_t kind = 0;
    enum pl_err err = pl_pass_receive(fd, &kind, &text, NULL, BUILD_MS);
    if (err)
        snprintf(why, PL_HANDOVER_WHY_SIZE, "%s",
                 err == PL_EAGAIN ? "the new process takes too long" : "the new process ended");
    else if (kind != READY)
        snprintf(why, PL_HANDOVER_WHY_SIZE, "%.*s", (int)text.len, text.data ? text.data : "");
    pl_buf_free(&text);
    return !err && kind == READY;
}

/* Returns only if nobody took it. */
static void hand_over(struct pl_handover *h, char why[PL_HANDOVER_WHY_SIZE])
{
    struct pl_app *app = h->app;
    struct pl_buf state = {0};
    struct pl_carry_fds *fds = calloc(1, sizeof *fds);
    struct pl_carry c = pl_carry_writer(&state);
    c.fds = fds;
    snprintf(why, PL_HANDOVER_WHY_SIZE, "no memory");
    if (!fds)
        return;
    enum pl_err err = write_state(app, freeze(app), &c);
    if (err)
        snprintf(why, PL_HANDOVER_WHY_SIZE, "the state of this server cannot be written down");
    else if (pl_pass_send(h->watch.fd, STATE, state.data, state.len, fds, GIVE_MS))
        snprintf(why, PL_HANDOVER_WHY_SIZE, "the new process does not take the state");
    else if (is_ready(h->watch.fd, why)) {
        pl_notify_main(h->pid);
        fflush(NULL);
        /* That it ends says the same. Nothing is closed in good order: nobody is to hear of it. */
        if (pl_pass_send(h->watch.fd, GO, NULL, 0, NULL, GIVE_MS) != PL_OK)
            pl_complain("the new process is not told that it may begin");
        _exit(0);
    }
    explicit_bzero(state.data, state.len); /* keys */
    pl_buf_free(&state);
    free(fds);
}

static void on_hello(struct pl_watch *w, uint32_t events)
{
    struct pl_handover *h = pl_container_of(w, struct pl_handover, watch);
    char why[PL_HANDOVER_WHY_SIZE] = "the new process did not start";
    struct pl_buf hello = {0};
    uint32_t kind = 0, version = 0;
    (void)events;
    enum pl_err err = pl_pass_receive(w->fd, &kind, &hello, NULL, GIVE_MS);
    if (!err && kind == HELLO && hello.len == sizeof version)
        memcpy(&version, hello.data, sizeof version);
    pl_buf_free(&hello);
    if (!err && version != PL_CARRY_VERSION)
        snprintf(why, sizeof why,
                 "the new program takes over in version %u, this one hands over in %d", version,
                 PL_CARRY_VERSION);
    if (err || version != PL_CARRY_VERSION) {
        give_up(h, why);
        return;
    }
    hand_over(h, why);
    give_up(h, why); /* first: it may have some of our sockets */
    if (pl_media_resume(h->app->media))
        abort(); /* the threads were there a moment ago; systemd starts us anew */
}

static void on_late(struct pl_timer *t)
{
    give_up(pl_container_of(t, struct pl_handover, timer), "the new process takes too long");
}

static void on_signal(void *ctx, int signo, int value)
{
    struct pl_handover *h = ctx;
    struct pl_app *app = h->app;
    int ends[2];
    (void)signo;
    (void)value;
    if (h->watch.fd >= 0)
        return; /* one is on its way */
    if (app->config.command != PL_CLI_SERVE) {
        pl_complain("a demonstration is not handed over");
        return;
    }
    if (pl_pass_pair(ends)) {
        pl_complain("not handed over: %s", strerror(errno));
        return;
    }
    enum pl_err err = pl_pass_spawn(h->program, h->argv, VARIABLE, ends[1], &h->pid);
    char why[PL_HANDOVER_WHY_SIZE];
    snprintf(why, sizeof why, "%.200s: %s", h->program, strerror(errno));
    close(ends[1]);
    h->watch = (struct pl_watch){ends[0], on_hello};
    if (err)
        h->pid = -1;
    if (err || pl_loop_watch(app->loop, &h->watch, EPOLLIN) ||
        pl_timer_set(app->loop, &h->timer, pl_loop_now(app->loop) + START_MS * PL_MS))
        give_up(h, why);
    else
        pl_media_leave(app->media); /* in time: kernels begin to note times a moment later */
}

enum pl_err pl_handover_new(struct pl_app *app, char *const *argv, struct pl_handover **out)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    struct pl_handover *h = n > 0 ? calloc(1, sizeof *h) : NULL; /* the path as it is now */
    if (!h)
        return n > 0 ? PL_ENOMEM : PL_EIO;
    path[n] = 0;
    h->app = app;
    h->argv = argv;
    h->watch.fd = -1;
    h->timer.fire = on_late;
    h->program = strdup(path);
    enum pl_err err = h->program ? PL_OK : PL_ENOMEM;
    if (!err)
        err = pl_signal_watch(app->loop, SIGUSR2, on_signal, h, &h->signal);
    if (err)
        pl_handover_free(h);
    else
        *out = h;
    return err;
}

void pl_handover_free(struct pl_handover *h)
{
    if (!h)
        return;
    if (h->watch.fd >= 0)
        give_up(h, "the server ends");
    pl_signal_free(h->signal);
    free(h->program);
    free(h);
}

/* --- The new one --- */

/* The descriptor that is inherited; -1: none. */
static int inherited(void)
{
    const char *text = getenv(VARIABLE);
    uint64_t fd;
    if (!text || pl_parse_u64(pl_str(text), INT32_MAX, &fd) != PL_OK ||
        fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0)
        return -1;
    unsetenv(VARIABLE);
    return (int)fd;
}

enum pl_err pl_handed_receive(struct pl_handed **out, char why[PL_HANDOVER_WHY_SIZE])
{
    const uint32_t version = PL_CARRY_VERSION;
    uint32_t kind = 0;
    int fd = inherited();
    *out = NULL;
    if (fd < 0)
        return PL_OK;
    struct pl_handed *h = calloc(1, sizeof *h);
    snprintf(why, PL_HANDOVER_WHY_SIZE, "no memory");
    if (!h) {
        close(fd);
        return PL_ENOMEM;
    }
    h->fd = fd;
    enum pl_err err = pl_pass_send(fd, HELLO, &version, sizeof version, NULL, GIVE_MS);
    if (!err)
        err = pl_pass_receive(fd, &kind, &h->state, &h->fds, START_MS);
    if (!err && kind != STATE)
        err = PL_EINVAL;
    if (err) {
        snprintf(why, PL_HANDOVER_WHY_SIZE, "nothing was handed over");
        pl_handed_free(h);
        return err;
    }
    h->carry = pl_carry_reader(h->state.data, h->state.len);
    h->carry.fds = &h->fds;
    PL_CARRY(&h->carry, h->since);
    *out = h;
    return PL_OK;
}

enum pl_err pl_handed_take(struct pl_handed *h)
{
    struct pl_buf nothing = {0};
    uint32_t kind = 0;
    if (!pl_carry_done(&h->carry) || h->fds.taken != h->fds.n)
        return PL_EINVAL;
    enum pl_err err = pl_pass_send(h->fd, READY, NULL, 0, NULL, GIVE_MS);
    if (err)
        return err;
    err = pl_pass_receive(h->fd, &kind, &nothing, NULL, START_MS);
    pl_buf_free(&nothing);
    /* Its end is as good as its word: it does nothing more. */
    return err == PL_EIO || (!err && kind == GO) ? PL_OK : PL_EIO;
}

int pl_handed_ms(const struct pl_handed *h)
{
    return (int)((clock_now() - h->since) / PL_MS);
}

void pl_handed_refuse(struct pl_handed *h, const char *why)
{
    if (pl_pass_send(h->fd, REFUSED, why, strlen(why), NULL, GIVE_MS))
        return; /* it sees that we end */
}

void pl_handed_free(struct pl_handed *h)
{
    if (!h)
        return;
    close(h->fd);
    if (h->state.data)
        explicit_bzero(h->state.data, h->state.len);
    pl_buf_free(&h->state);
    for (size_t i = h->fds.taken; i < h->fds.n; i++)
        close(h->fds.fds[i]);
    free(h);
}

/* --- The command --- */

bool pl_upgrade_command(const char *data)
{
    const struct timespec look = {0, 20 * 1000 * 1000};
    struct pl_buf why = {0};
    pid_t before = 0, now = 0;
    if (pl_data_runs(data, &before) != PL_OK)
        return pl_complain("--data %.200s: no server runs there that can be handed over", data);
    pl_data_forget(data, PL_DATA_UPGRADE);
    if (kill(before, SIGUSR2) != 0)
        return pl_complain("process %d: %s", (int)before, strerror(errno));
    for (int waited_ms = 0; waited_ms < COMMAND_MS; waited_ms += 20) {
        nanosleep(&look, NULL);
        if (pl_data_told(data, PL_DATA_UPGRADE, &why) == PL_OK) {
            pl_complain("not handed over: %s. The server goes on as it was", why.data);
            pl_buf_free(&why);
            return false;
        }
        if (pl_data_runs(data, &now) == PL_OK && now != before) {
            printf("handed over to process %d\n", (int)now);
            return true;
        }
    }
    return pl_complain("process %d does not answer", (int)before);
}
