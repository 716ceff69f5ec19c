/* See dial.h. Frames are wslay's. */
#include "io/dial.h"

#include "base/buf.h"
#include "io/entropy.h"
#include "io/tls_client.h"
#include "io/ws.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#define HEAD_MAX 8192   /* bytes of the server's answer */
#define OUT_BYTES 65536 /* framed ahead of the socket */
#define KEY_BYTES 16

struct pl_dial_place {
    struct pl_fetch_origin to;
    struct sockaddr_in addr;
    SSL_CTX *tls; /* NULL: plain */
};

enum phase { CONNECTING, SHAKING, HEAD, OPEN, OVER };

struct pl_dial {
    struct pl_dial_place *place;
    struct pl_loop *loop;
    const struct pl_dial_handler *handler;
    void *ctx;
    struct pl_watch watch;
    struct pl_timer again; /* to step from the loop */
    SSL *ssl;
    enum phase phase;
    uint32_t watched, wants; /* EPOLLOUT, if TLS or the socket waits for that */
    struct pl_buf in, out;
    wslay_event_context_ptr frames;
    char accept[PL_WS_ACCEPT_TEXT + 1];
    char why[PL_FETCH_WHY_SIZE];
};

/* The server */

static enum pl_err look_up(struct pl_dial_place *p, char why[PL_FETCH_WHY_SIZE])
{
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    int e = getaddrinfo(p->to.host, p->to.port, &hints, &list);
    if (e) {
        snprintf(why, PL_FETCH_WHY_SIZE, "%.100s: %.90s", p->to.host, gai_strerror(e));
        return PL_EIO;
    }
    memcpy(&p->addr, list->ai_addr, sizeof p->addr);
    freeaddrinfo(list);
    return PL_OK;
}

enum pl_err pl_dial_place_new(const char *origin, struct pl_dial_place **out,
                              char why[PL_FETCH_WHY_SIZE])
{
    struct pl_dial_place *p = calloc(1, sizeof *p);
    if (!p) {
        snprintf(why, PL_FETCH_WHY_SIZE, "no memory");
        return PL_ENOMEM;
    }
    enum pl_err e = pl_fetch_origin(origin, &p->to);
    if (e)
        snprintf(why, PL_FETCH_WHY_SIZE, "%.100s: not http://HOST[:PORT] or https://HOST[:PORT]",
                 origin);
    else
        e = look_up(p, why);
    if (!e && p->to.tls && !(p->tls = pl_tls_client_context())) {
        snprintf(why, PL_FETCH_WHY_SIZE, "%.100s: no TLS", p->to.host);
        e = PL_EIO;
    }
    if (e) {
        pl_dial_place_free(p);
        return e;
    }
    *out = p;
    return PL_OK;
}

void pl_dial_place_free(struct pl_dial_place *p)
{
    if (p)
        SSL_CTX_free(p->tls);
    free(p);
}

/* Bytes */

static void end(struct pl_dial *d, const char *why)
{
    if (!d->why[0])
        snprintf(d->why, sizeof d->why, "%.100s: %.90s", d->place->to.host, why);
    d->phase = OVER;
}

static bool waits(struct pl_dial *d, int result)
{
    int e = SSL_get_error(d->ssl, result);
    if (e == SSL_ERROR_WANT_WRITE)
        d->wants |= EPOLLOUT;
    return e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE;
}

/* Whether all that is in `out` has gone. */
static bool flush(struct pl_dial *d)
{
    while (d->out.len > 0) {
        ssize_t n = d->ssl ? SSL_write(d->ssl, d->out.data, (int)d->out.len)
                           : send(d->watch.fd, d->out.data, d->out.len, MSG_NOSIGNAL);
        if (n <= 0) {
            if (d->ssl ? !waits(d, (int)n) : errno != EAGAIN)
                end(d, "the connection broke");
            d->wants |= EPOLLOUT;
            return false;
        }
        pl_buf_consume(&d->out, (size_t)n);
    }
    return true;
}

/* Whether something came. */
static bool fill(struct pl_dial *d)
{
    char part[16384];
    ssize_t n =
        d->ssl ? SSL_read(d->ssl, part, sizeof part) : recv(d->watch.fd, part, sizeof part, 0);
    if (n > 0) {
        pl_buf_add(&d->in, part, (size_t)n);
        return true;
    }
    if (d->ssl ? !waits(d, (int)n) : n == 0 || errno != EAGAIN)
        end(d, "the server ended the connection");
    return false;
}

/* Frames */

static ssize_t give_input(wslay_event_context_ptr frames, uint8_t *bytes, size_t n, int flags,
                          void *arg)
{
    struct pl_dial *d = arg;
    (void)flags;
    if (d->in.len == 0) {
        wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    n = n < d->in.len ? n : d->in.len;
    memcpy(bytes, d->in.data, n);
    pl_buf_consume(&d->in, n);
    return (ssize_t)n;
}

static ssize_t take_output(wslay_event_context_ptr frames, const uint8_t *bytes, size_t n,
                           int flags, void *arg)
{
    struct pl_dial *d = arg;
    (void)flags;
    if (d->out.len >= OUT_BYTES) {
        wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    pl_buf_add(&d->out, bytes, n);
    return (ssize_t)n;
}

static int make_mask(wslay_event_context_ptr frames, uint8_t *bytes, size_t n, void *arg)
{
    struct pl_random random = pl_entropy();
    (void)frames;
    (void)arg;
    random.fill(random.ctx, bytes, n);
    return 0;
}

static void message_came(wslay_event_context_ptr frames,
                         const struct wslay_event_on_msg_recv_arg *message, void *arg)
{
    struct pl_dial *d = arg;
    (void)frames;
    if (message->opcode == WSLAY_TEXT_FRAME)
        d->handler->text(d->ctx,
                         (struct pl_str){message->msg_length ? (const char *)message->msg : "",
                                         message->msg_length});
    else if (message->opcode == WSLAY_CONNECTION_CLOSE)
        snprintf(d->why, sizeof d->why, "%.100s: closed with %u", d->place->to.host,
                 (unsigned)message->status_code);
}

/* Steps: whether anything was done */

static bool step_connecting(struct pl_dial *d)
{
    int error = 0;
    socklen_t n = sizeof error;
    struct sockaddr_in peer;
    socklen_t peer_len = sizeof peer;
    (void)getsockopt(d->watch.fd, SOL_SOCKET, SO_ERROR, &error, &n);
    if (error) {
        end(d, strerror(error));
        return true;
    }
    if (getpeername(d->watch.fd, (struct sockaddr *)&peer, &peer_len) != 0) {
        d->wants |= EPOLLOUT;
        return false;
    }
    d->phase = HEAD;
    if (!d->place->tls)
        return true;
    d->phase = SHAKING;
    d->ssl = pl_tls_client_new(d->place->tls, d->place->to.host, d->watch.fd);
    if (!d->ssl)
        end(d, "no TLS");
    return true;
}

static bool step_shaking(struct pl_dial *d)
{
    int result = SSL_connect(d->ssl);
    if (result == 1)
        d->phase = HEAD;
    else if (!waits(d, result))
        end(d, pl_tls_client_reason(d->ssl));
    return d->phase != SHAKING;
}

/* The value of Sec-WebSocket-Accept must be ours (RFC 6455, 4.1). */
static bool is_accepted(const struct pl_dial *d)
{
    static const char field[] = "\r\nsec-websocket-accept:";
    const char *at = strcasestr(d->in.data, field);
    if (strncmp(d->in.data, "HTTP/1.1 101", 12) != 0 || !at)
        return false;
    at += sizeof field - 1;
    at += strspn(at, " \t");
    return strncmp(at, d->accept, PL_WS_ACCEPT_TEXT) == 0;
}

static bool step_head(struct pl_dial *d)
{
    if (!flush(d))
        return false;
    const char *head = d->in.len ? strstr(d->in.data, "\r\n\r\n") : NULL;
    if (!head) {
        if (d->in.len > HEAD_MAX)
            end(d, "this is no WebSocket");
        return fill(d);
    }
    if (!is_accepted(d)) {
        char status[60];
        snprintf(status, sizeof status, "no WebSocket there: %.*s",
                 (int)(strcspn(d->in.data, "\r\n") % 30), d->in.data);
        end(d, status);
        return true;
    }
    pl_buf_consume(&d->in, (size_t)(head + 4 - d->in.data));
    d->phase = OPEN;
    d->handler->open(d->ctx);
    return true;
}

static bool step_open(struct pl_dial *d)
{
    if (wslay_event_want_write(d->frames) && wslay_event_send(d->frames) != 0)
        end(d, "frames cannot be sent");
    if (!flush(d) || wslay_event_want_write(d->frames))
        return d->phase == OPEN && d->out.len == 0;
    if (!wslay_event_want_read(d->frames)) {
        end(d, "closed");
        return true;
    }
    if (d->in.len == 0 && !fill(d))
        return false;
    if (wslay_event_recv(d->frames) != 0)
        end(d, "these are no frames");
    return true;
}

static void rewatch(struct pl_dial *d)
{
    uint32_t events = (d->phase == CONNECTING ? 0 : EPOLLIN) | d->wants;
    if (events != d->watched && pl_loop_rewatch(d->loop, &d->watch, events))
        end(d, "the socket cannot be watched");
    d->watched = events;
}

static void step(struct pl_dial *d)
{
    static bool (*const steps[])(struct pl_dial * d) = {
        [CONNECTING] = step_connecting,
        [SHAKING] = step_shaking,
        [HEAD] = step_head,
        [OPEN] = step_open,
    };
    d->wants = 0;
    while (d->phase != OVER && steps[d->phase](d))
        if (d->in.failed || d->out.failed)
            end(d, "no memory");
    if (d->phase != OVER)
        rewatch(d);
    if (d->phase != OVER)
        return;
    pl_loop_unwatch(d->loop, &d->watch);
    pl_timer_clear(d->loop, &d->again);
    close(d->watch.fd);
    d->watch.fd = -1;
    d->handler->closed(d->ctx, d->why); /* d may be gone */
}

static void on_ready(struct pl_watch *w, uint32_t events)
{
    (void)events;
    step(pl_container_of(w, struct pl_dial, watch));
}

static void on_again(struct pl_timer *t)
{
    step(pl_container_of(t, struct pl_dial, again));
}

/* From outside */

static void write_request(struct pl_dial *d, const char *path)
{
    uint8_t bytes[KEY_BYTES];
    char key[4 * (KEY_BYTES + 2) / 3 + 1];
    struct pl_random random = pl_entropy();
    const struct pl_fetch_origin *to = &d->place->to;
    random.fill(random.ctx, bytes, sizeof bytes);
    EVP_EncodeBlock((uint8_t *)key, bytes, sizeof bytes);
    pl_ws_accept_text(pl_str(key), d->accept);
    /* As browsers say it, without the port that is meant anyway (RFC 6454, section 6.1). */
    bool usual = strcmp(to->port, to->tls ? "443" : "80") == 0;
    const char *colon = usual ? "" : ":", *port = usual ? "" : to->port;
    pl_buf_printf(&d->out,
                  "GET %s HTTP/1.1\r\nHost: %s%s%s\r\nOrigin: http%s://%s%s%s\r\n"
                  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: %s\r\n\r\n",
                  path, to->host, colon, port, to->tls ? "s" : "", to->host, colon, port, key);
}

static enum pl_err begin(struct pl_dial *d, const char *path)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = give_input,
        .send_callback = take_output,
        .genmask_callback = make_mask,
        .on_msg_recv_callback = message_came,
    };
    if (wslay_event_context_client_init(&d->frames, &callbacks, d) != 0)
        return PL_ENOMEM;
    wslay_event_config_set_max_recv_msg_length(d->frames, PL_DIAL_MESSAGE_MAX);
    write_request(d, path);
    d->watch.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (d->watch.fd < 0)
        return PL_EIO;
    const struct sockaddr *to = (const struct sockaddr *)&d->place->addr;
    if (connect(d->watch.fd, to, sizeof d->place->addr) != 0 && errno != EINPROGRESS)
        end(d, strerror(errno));
    d->watched = EPOLLOUT;
    enum pl_err e = pl_loop_watch(d->loop, &d->watch, d->watched);
    if (!e && (e = pl_timer_set(d->loop, &d->again, pl_loop_now(d->loop))))
        pl_loop_unwatch(d->loop, &d->watch);
    return e;
}

enum pl_err pl_dial(struct pl_dial_place *p, struct pl_loop *l, const char *path,
                    const struct pl_dial_handler *handler, void *ctx, struct pl_dial **out)
{
    struct pl_dial *d = calloc(1, sizeof *d);
    if (!d)
        return PL_ENOMEM;
    *d = (struct pl_dial){.place = p,
                          .loop = l,
                          .handler = handler,
                          .ctx = ctx,
                          .watch = {.fd = -1, .ready = on_ready},
                          .again = {.fire = on_again}};
    enum pl_err e = begin(d, path);
    if (e) {
        if (d->watch.fd >= 0)
            close(d->watch.fd);
        d->watch.fd = -1;
        pl_dial_free(d);
        return e;
    }
    *out = d;
    return PL_OK;
}

void pl_dial_send(struct pl_dial *d, const void *bytes, size_t n)
{
    const struct wslay_event_msg message = {WSLAY_TEXT_FRAME, bytes, n};
    if (d->phase != OPEN)
        return;
    if (wslay_event_queue_msg(d->frames, &message) == WSLAY_ERR_NOMEM ||
        pl_timer_set(d->loop, &d->again, pl_loop_now(d->loop)))
        end(d, "no memory");
}

void pl_dial_free(struct pl_dial *d)
{
    if (!d)
        return;
    if (d->watch.fd >= 0) {
        if (d->phase == OPEN && wslay_event_send(d->frames) == 0)
            (void)flush(d);
        pl_loop_unwatch(d->loop, &d->watch);
        close(d->watch.fd);
    }
    pl_timer_clear(d->loop, &d->again);
    SSL_free(d->ssl);
    if (d->frames)
        wslay_event_context_free(d->frames);
    pl_buf_free(&d->in);
    pl_buf_free(&d->out);
    free(d);
}
