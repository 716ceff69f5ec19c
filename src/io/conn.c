/* A connection's bytes: TCP or TLS, buffers, deadlines. See conn.h. */
#include "io/conn.h"
#include "io/tcp.h"
#include "proto/frame.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define STEPS_MAX 16           /* of one pump, so that a busy connection leaves time to others */
#define SOURCE_PARTS_MAX 4     /* of a turn */
#define LINGER (2 * PL_SECOND) /* for the peer to read and close (RFC 9112, 9.6) */
#define KEEP_BUFFER 4096       /* an empty buffer above this is given back */

static pl_time_us after(const struct pl_conn *c, pl_time_us allowance)
{
    return allowance == PL_NEVER ? PL_NEVER : pl_loop_now(c->h->loop) + allowance;
}

void pl_conn_enter(struct pl_conn *c, enum pl_conn_phase phase, pl_time_us allowance)
{
    c->phase = phase;
    pl_list_remove(&c->loose);
    if (phase != PL_CONN_WAIT) /* then it is the handler's */
        pl_list_push(&c->h->loose, &c->loose);
    c->deadline = after(c, allowance);
}

void pl_conn_again(struct pl_conn *c)
{
    struct pl_httpd *h = c->h;
    if (!pl_list_empty(&c->again))
        return;
    pl_list_push(&h->again, &c->again);
    pl_timer_move(h->loop, &h->again_timer, 0);
}

/* --- Bytes --- */

/* What OpenSSL wants before the call can be made again; 0: the connection is over. */
static uint32_t ssl_wants(struct pl_conn *c, int result)
{
    switch (SSL_get_error(c->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return EPOLLIN;
    case SSL_ERROR_WANT_WRITE:
        return EPOLLOUT;
    default:
        c->dead = true;
        return 0;
    }
}

/* Returns the number of bytes, 0 if it must wait or is over. */
static size_t receive(struct pl_conn *c, void *bytes, size_t n)
{
    if (c->ssl) {
        size_t got;
        ERR_clear_error();
        int result = SSL_read_ex(c->ssl, bytes, n, &got);
        if (result > 0)
            return got;
        c->read_wants = ssl_wants(c, result);
        return 0;
    }
    ssize_t got = recv(c->watch.fd, bytes, n, 0);
    if (got > 0)
        return (size_t)got;
    c->read_wants = EPOLLIN;
    if (got == 0 || (errno != EAGAIN && errno != EINTR))
        c->dead = true;
    return 0;
}

static size_t transmit(struct pl_conn *c, const void *bytes, size_t n, bool more)
{
    if (c->ssl) {
        size_t sent;
        ERR_clear_error();
        int result = SSL_write_ex(c->ssl, bytes, n, &sent);
        if (result > 0)
            return sent;
        c->write_wants = ssl_wants(c, result);
        return 0;
    }
    ssize_t sent = send(c->watch.fd, bytes, n, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    if (sent > 0)
        return (size_t)sent;
    c->write_wants = EPOLLOUT;
    if (errno != EAGAIN && errno != EINTR)
        c->dead = true;
    return 0;
}

bool pl_conn_fill(struct pl_conn *c)
{
    size_t n = receive(c, c->h->scratch, sizeof c->h->scratch);
    pl_buf_add(&c->in, c->h->scratch, n);
    explicit_bzero(c->h->scratch, n); /* tokens come by here; so below */
    if (c->in.failed)
        c->dead = true;
    return n > 0 && !c->dead;
}

static bool pending(const struct pl_conn *c)
{
    return c->out_at < c->out.len || c->tail_len > 0 || c->source_at < c->source_len;
}

/* The next part of a body that is read by and by. */
static void refill(struct pl_conn *c)
{
    static uint8_t part[PL_HTTPD_PART]; /* one loop serves HTTP */
    size_t n = c->source.read(c->source.ctx, c->source_at, part);
    if (n == 0 || n > c->source_len - c->source_at) {
        c->dead = true;
        return;
    }
    c->out_at = 0;
    pl_buf_clear(&c->out);
    pl_buf_add(&c->out, part, n);
    c->dead = c->out.failed;
    c->source_at += n;
    if (c->source_at == c->source_len)
        pl_exchange_source_done(c);
}

/* Writes what waits. False: some of it must wait on, or the connection is over. */
static bool flush(struct pl_conn *c)
{
    if (c->out.failed)
        c->dead = true;
    for (size_t parts = 0; !c->dead && pending(c);) {
        size_t n;
        if (c->out_at == c->out.len && c->tail_len == 0) {
            /* A client that takes it as fast as it comes does not keep the others waiting. */
            if (parts++ == SOURCE_PARTS_MAX) {
                pl_conn_again(c);
                return false;
            }
            refill(c);
            continue;
        }
        if (c->out_at < c->out.len) {
            n = transmit(c, c->out.data + c->out_at, c->out.len - c->out_at, c->tail_len > 0);
            c->out_at += n;
        } else {
            n = transmit(c, c->tail, c->tail_len, false);
            c->tail += n;
            c->tail_len -= n;
        }
        if (n == 0)
            return false;
        c->stall = PL_NEVER; /* set anew if it stops */
    }
    c->out_at = 0;
    pl_buf_clear(&c->out);
    if (c->out.cap > KEEP_BUFFER)
        pl_buf_free(&c->out);
    return !c->dead;
}

/* --- Steps --- */

static void begin_tls(struct pl_conn *c)
{
    pl_conn_enter(c, PL_CONN_TLS, c->h->limits.tls_handshake);
    c->ssl = SSL_new(pl_tls_context(c->tls));
    if (c->ssl && SSL_set_fd(c->ssl, c->watch.fd) == 1)
        SSL_set_accept_state(c->ssl);
    else
        c->dead = true;
}

/* Before TLS nothing is taken from the socket that TLS would miss. Whatever is not STUN is TLS's to
 * judge. False: nothing came, or TLS begins. */
static bool first_without_tls(struct pl_conn *c)
{
    uint8_t byte;
    ssize_t n = recv(c->watch.fd, &byte, 1, MSG_PEEK);
    if (n == 1 && pl_first_bytes(&byte, 1) == PL_FIRST_MORE)
        return true;
    if (n == 1)
        begin_tls(c);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        c->dead = true;
    c->read_wants = EPOLLIN;
    return false;
}

/* The connection ends here and lives on as a stream. */
static void give_away(struct pl_conn *c, bool framed)
{
    struct pl_tcp *s;
    c->dead = true;
    if (pl_tcp_new(c->watch.fd, c->ssl, &c->peer, c->in.data, c->in.len, &s) != PL_OK)
        return;
    pl_loop_unwatch(c->h->loop, &c->watch);
    c->watch.fd = -1;
    c->ssl = NULL;
    c->h->stats.streams++;
    c->h->handler.stream(c->h->handler.ctx, s, framed);
}

static bool first_step(struct pl_conn *c)
{
    if (c->tls && !c->ssl && c->in.len == 0 && !first_without_tls(c))
        return c->ssl && !c->dead;
    if (!pl_conn_fill(c))
        return false;
    enum pl_first first = pl_first_bytes((const uint8_t *)c->in.data, c->in.len);
    if (first == PL_FIRST_MORE)
        return true;
    if (c->h->handler.stream && (first == PL_FIRST_TURN || first == PL_FIRST_FRAMED)) {
        give_away(c, first == PL_FIRST_FRAMED);
        return false;
    }
    c->dead = c->streams_only;
    pl_conn_enter(c, PL_CONN_HEAD, c->h->limits.head);
    return !c->dead;
}

static bool handshake_step(struct pl_conn *c)
{
    ERR_clear_error();
    int result = SSL_accept(c->ssl);
    if (result == 1) {
        pl_conn_enter(c, PL_CONN_FIRST, c->h->limits.head);
        return true;
    }
    c->read_wants = ssl_wants(c, result);
    if (c->dead)
        c->h->stats.tls_failed++;
    return false;
}

static bool answered_step(struct pl_conn *c)
{
    if (!c->close && !c->h->draining) {
        pl_conn_enter(c, PL_CONN_HEAD, c->h->limits.idle);
        return true;
    }
    if (c->ssl)
        (void)SSL_shutdown(c->ssl); /* close_notify; the peer's is not waited for */
    shutdown(c->watch.fd, SHUT_WR);
    pl_buf_wipe(&c->in);
    c->read_wants = EPOLLIN;
    pl_conn_enter(c, PL_CONN_LINGER, LINGER);
    return true;
}

/* Below TLS: nobody reads what is thrown away. */
static bool linger_step(struct pl_conn *c)
{
    ssize_t n = recv(c->watch.fd, c->h->scratch, sizeof c->h->scratch, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        c->dead = true;
    return n > 0;
}

static bool step(struct pl_conn *c)
{
    switch (c->phase) {
    case PL_CONN_FIRST:
        return first_step(c);
    case PL_CONN_TLS:
        return handshake_step(c);
    case PL_CONN_HEAD:
        return pl_exchange_head_step(c);
    case PL_CONN_BODY:
        return pl_exchange_body_step(c);
    case PL_CONN_WAIT:
        return false;
    case PL_CONN_ANSWER:
        return answered_step(c);
    case PL_CONN_WS:
        return pl_ws_step(c);
    case PL_CONN_LINGER:
        return linger_step(c);
    }
    return false;
}

/* What to wait for: room, if output waits; else input, if the phase reads. */
static void settle(struct pl_conn *c)
{
    uint32_t events = 0;
    pl_time_us deadline = c->deadline;
    if (pending(c)) {
        events = c->write_wants;
        if (c->stall == PL_NEVER)
            c->stall = after(c, c->h->limits.write_stall);
        deadline = pl_time_min(deadline, c->stall);
    } else if (c->phase != PL_CONN_WAIT) {
        events = c->read_wants;
    }
    if (c->in.len == 0 && c->in.cap > KEEP_BUFFER)
        pl_buf_wipe(&c->in);
    if (events != c->watched && pl_loop_rewatch(c->h->loop, &c->watch, events) != PL_OK)
        c->dead = true;
    c->watched = events;
    if (deadline == PL_NEVER)
        pl_timer_clear(c->h->loop, &c->timer);
    else if (pl_timer_set(c->h->loop, &c->timer, deadline) != PL_OK)
        c->dead = true;
}

void pl_conn_pump(struct pl_conn *c)
{
    pl_list_remove(&c->again);
    int left = STEPS_MAX;
    while (left > 0 && !c->dead && flush(c) && step(c))
        left--;
    if (left == 0)
        pl_conn_again(c);
    if (!c->dead)
        settle(c);
    if (c->dead)
        pl_conn_destroy(c);
}

/* --- Events --- */

static void ready(struct pl_watch *w, uint32_t events)
{
    struct pl_conn *c = pl_container_of(w, struct pl_conn, watch);
    /* While nothing is read or written, nothing else would notice. */
    if (events & (EPOLLERR | EPOLLHUP) && c->phase == PL_CONN_WAIT)
        c->dead = true;
    pl_conn_pump(c);
}

static void expired(struct pl_timer *t)
{
    struct pl_conn *c = pl_container_of(t, struct pl_conn, timer);
    struct pl_httpd_stats *stats = &c->h->stats;
    pl_time_us now = pl_loop_now(c->h->loop);
    if (pending(c) && now >= c->stall) {
        stats->timeouts++;
        c->dead = true;
    } else if (now >= c->deadline) {
        bool talking = c->phase == PL_CONN_BODY || (c->phase == PL_CONN_HEAD && c->in.len > 0);
        if (c->phase == PL_CONN_WS) {
            pl_ws_expire(c);
        } else if (talking) {
            stats->timeouts++;
            pl_exchange_refuse(c, 408, "The request did not arrive in time.");
        } else {
            stats->timeouts += c->tls && (c->phase == PL_CONN_TLS || !c->ssl);
            c->dead = true;
        }
    }
    pl_conn_pump(c);
}

/* --- Life --- */

void pl_conn_new(struct pl_httpd *h, int fd, const struct pl_addr *peer, struct pl_tls *tls,
                 bool streams_only)
{
    struct pl_conn *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return;
    }
    c->h = h;
    c->watch = (struct pl_watch){fd, ready};
    c->timer.fire = expired;
    c->peer = *peer;
    c->watched = c->read_wants = EPOLLIN;
    c->stall = PL_NEVER;
    pl_list_init(&c->again);
    pl_list_init(&c->loose);
    pl_list_push(&h->conns, &c->node);
    h->stats.open++;
    c->tls = tls;
    c->streams_only = streams_only;
    pl_conn_enter(c, PL_CONN_FIRST, tls ? h->limits.tls_handshake : h->limits.head);
    if (pl_loop_watch(h->loop, &c->watch, EPOLLIN) != PL_OK)
        c->dead = true;
    pl_conn_pump(c);
}

void pl_conn_destroy(struct pl_conn *c)
{
    struct pl_httpd *h = c->h;
    if (c->watch.fd >= 0) { /* else it was given away */
        pl_loop_unwatch(h->loop, &c->watch);
        close(c->watch.fd);
    }
    pl_exchange_source_done(c);
    pl_timer_clear(h->loop, &c->timer);
    pl_list_remove(&c->node);
    pl_list_remove(&c->loose);
    SSL_free(c->ssl);
    h->stats.open--;
    c->dead = true;
    pl_exchange_free(c);
    pl_ws_ended(c);
    pl_list_remove(&c->again); /* last: the callbacks above may have asked for it */
    pl_buf_wipe(&c->in);
    pl_buf_free(&c->out);
    free(c);
}
