/* See stream.h. */
#include "io/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 16384 /* of one read: a TLS record */
#define READS_MAX 4      /* of one turn, so that a busy stream leaves time to others */
#define KEEP_BUFFER 4096 /* an empty buffer above this is given back */

struct pl_tcp {
    struct pl_watch watch;
    struct pl_timer timer;
    struct pl_loop *loop; /* NULL: detached */
    const struct pl_tcp_handler *handler;
    void *ctx;
    SSL *ssl;
    struct pl_addr peer;
    struct pl_buf in, out;
    size_t out_at;
    bool dead, poked; /* poked: to be pumped by the timer */
    uint32_t watched, read_wants, write_wants;
    pl_time_us stall, deadline, idle, heard; /* stall: when waiting output is given up */
};

enum pl_err pl_tcp_new(int fd, struct ssl_st *ssl, const struct pl_addr *peer, const void *bytes,
                       size_t n, struct pl_tcp **out)
{
    int unsent = PL_TCP_UNSENT;
    struct pl_tcp *s = calloc(1, sizeof *s);
    if (!s)
        return PL_ENOMEM;
    pl_buf_add(&s->in, bytes, n);
    if (s->in.failed) {
        free(s);
        return PL_ENOMEM;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    s->watch.fd = fd;
    s->ssl = ssl;
    s->peer = *peer;
    s->read_wants = EPOLLIN;
    s->stall = s->deadline = s->idle = PL_NEVER;
    *out = s;
    return PL_OK;
}

void pl_tcp_free(struct pl_tcp *s)
{
    if (!s)
        return;
    pl_tcp_detach(s);
    SSL_free(s->ssl);
    close(s->watch.fd);
    pl_buf_free(&s->in);
    pl_buf_free(&s->out);
    free(s);
}

const struct pl_addr *pl_tcp_peer(const struct pl_tcp *s)
{
    return &s->peer;
}

/* --- Bytes --- */

static uint32_t ssl_wants(struct pl_tcp *s, int result)
{
    switch (SSL_get_error(s->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return EPOLLIN;
    case SSL_ERROR_WANT_WRITE:
        return EPOLLOUT;
    default:
        s->dead = true;
        return 0;
    }
}

static size_t receive(struct pl_tcp *s, void *bytes, size_t n)
{
    if (s->ssl) {
        size_t got;
        ERR_clear_error();
        int result = SSL_read_ex(s->ssl, bytes, n, &got);
        if (result > 0)
            return got;
        s->read_wants = ssl_wants(s, result);
        return 0;
    }
    ssize_t got = recv(s->watch.fd, bytes, n, 0);
    if (got > 0)
        return (size_t)got;
    if (got == 0 || (errno != EAGAIN && errno != EINTR))
        s->dead = true;
    return 0;
}

static size_t transmit(struct pl_tcp *s, const void *bytes, size_t n)
{
    if (s->ssl) {
        size_t sent;
        ERR_clear_error();
        int result = SSL_write_ex(s->ssl, bytes, n, &sent);
        if (result > 0)
            return sent;
        s->write_wants = ssl_wants(s, result);
        return 0;
    }
    ssize_t sent = send(s->watch.fd, bytes, n, MSG_NOSIGNAL);
    if (sent > 0)
        return (size_t)sent;
    s->write_wants = EPOLLOUT;
    if (errno != EAGAIN && errno != EINTR)
        s->dead = true;
    return 0;
}

static bool pending(const struct pl_tcp *s)
{
    return s->out_at < s->out.len;
}

static void write_out(struct pl_tcp *s)
{
    while (!s->dead && pending(s)) {
        size_t n = transmit(s, s->out.data + s->out_at, s->out.len - s->out_at);
        if (n == 0)
            return;
        s->out_at += n;
        s->stall = PL_NEVER; /* set anew if it stops */
    }
    if (pending(s))
        return;
    s->out_at = 0;
    pl_buf_clear(&s->out);
    if (s->out.cap > KEEP_BUFFER)
        pl_buf_free(&s->out);
}

/* --- Turns --- */

/* What to wait for. A stream that is dead waits for its end alone. */
static void settle(struct pl_tcp *s)
{
    uint32_t events = s->dead ? 0 : s->read_wants | (pending(s) ? s->write_wants : 0);
    pl_time_us now = pl_loop_now(s->loop), at = s->deadline;
    if (pending(s) && s->stall == PL_NEVER)
        s->stall = now + s->handler->stall;
    if (pending(s))
        at = pl_time_min(at, s->stall);
    if (s->idle != PL_NEVER)
        at = pl_time_min(at, s->heard + s->idle);
    if (events != s->watched && pl_loop_rewatch(s->loop, &s->watch, events) != PL_OK)
        s->dead = true;
    s->watched = events;
    /* The timer keeps its place in the heap since pl_tcp_attach. */
    pl_timer_move(s->loop, &s->timer, s->dead || s->poked ? now : at);
}

static void finish(struct pl_tcp *s)
{
    pl_tcp_detach(s);
    s->handler->over(s->ctx, s);
}

/* Reads and hands on; false if the stream is not ours any more. */
static bool read_in(struct pl_tcp *s)
{
    uint8_t bytes[READ_BYTES];
    size_t n = 0;
    bool first = s->in.len > 0 && s->poked; /* what came before it was attached */
    s->poked = false;
    for (int reads = 0; !s->dead && (first || reads < READS_MAX); first = false, reads++) {
        n = receive(s, bytes, sizeof bytes);
        pl_buf_add(&s->in, bytes, n);
        if (s->in.failed || s->in.len > PL_TCP_IN_MAX)
            s->dead = true;
        if (n == 0 && !first)
            break;
        s->heard = pl_loop_now(s->loop);
        enum pl_tcp_verdict verdict = s->handler->input(s->ctx, s, &s->in);
        if (verdict == PL_TCP_GIVEN)
            return false;
        s->dead |= verdict == PL_TCP_END;
    }
    s->poked = n > 0; /* stopped by the limit: TLS may hold more than the socket shows */
    if (s->in.len == 0 && s->in.cap > KEEP_BUFFER)
        pl_buf_free(&s->in);
    return true;
}

static void pump(struct pl_tcp *s)
{
    if (!read_in(s))
        return;
    write_out(s);
    if (s->dead)
        finish(s);
    else
        settle(s);
}

static void ready(struct pl_watch *w, uint32_t events)
{
    (void)events;
    pump(pl_container_of(w, struct pl_tcp, watch));
}

static void fire(struct pl_timer *t)
{
    struct pl_tcp *s = pl_container_of(t, struct pl_tcp, timer);
    pl_time_us now = pl_loop_now(s->loop);
    pl_timer_move(s->loop, t, PL_NEVER);
    if ((pending(s) && now >= s->stall) || now >= s->deadline ||
        (s->idle != PL_NEVER && now >= s->heard + s->idle))
        s->dead = true;
    if (s->dead)
        finish(s);
    else
        pump(s);
}

/* --- For the owner --- */

enum pl_err pl_tcp_attach(struct pl_tcp *s, struct pl_loop *l, const struct pl_tcp_handler *handler,
                          void *ctx)
{
    enum pl_err e = pl_timer_set(l, &s->timer, pl_loop_now(l));
    s->timer.fire = fire;
    if (e)
        return e;
    s->watch.ready = ready;
    s->watched = EPOLLIN;
    e = pl_loop_watch(l, &s->watch, EPOLLIN);
    if (e) {
        pl_timer_clear(l, &s->timer);
        return e;
    }
    s->loop = l;
    s->handler = handler;
    s->ctx = ctx;
    s->poked = true;
    s->heard = pl_loop_now(l);
    return PL_OK;
}

void pl_tcp_detach(struct pl_tcp *s)
{
    if (!s->loop)
        return;
    pl_loop_unwatch(s->loop, &s->watch);
    pl_timer_clear(s->loop, &s->timer);
    s->loop = NULL;
    s->stall = s->deadline = s->idle = PL_NEVER;
}

void pl_tcp_limit(struct pl_tcp *s, pl_time_us deadline, pl_time_us idle)
{
    s->deadline = deadline;
    s->idle = idle;
    settle(s);
}

bool pl_tcp_queue(struct pl_tcp *s, const void *bytes, size_t n, size_t max)
{
    if (s->dead || s->out.len - s->out_at + n > max)
        return false;
    if (s->out_at > s->out.len / 2) { /* seldom enough that moving costs little */
        pl_buf_consume(&s->out, s->out_at);
        s->out_at = 0;
    }
    pl_buf_add(&s->out, bytes, n);
    s->dead |= s->out.failed;
    return !s->dead;
}

void pl_tcp_flush(struct pl_tcp *s)
{
    write_out(s);
    settle(s);
}

void pl_tcp_end(struct pl_tcp *s)
{
    s->dead = true;
    settle(s);
}

/* --- From one process to the next --- */

bool pl_tcp_is_plain(const struct pl_tcp *s)
{
    return !s->ssl && !s->dead;
}

static void carry_waiting(struct pl_carry *c, struct pl_buf *b, size_t at, uint32_t max)
{
    uint32_t n = pl_carry_reads(c) ? 0 : (uint32_t)(b->len - at);
    PL_CARRY_UP_TO(c, n, max);
    if (!pl_carry_reads(c)) {
        if (n)
            pl_carry_bytes(c, b->data + at, n);
        return;
    }
    const uint8_t *bytes = pl_read_bytes(&c->in, n);
    pl_buf_add(b, bytes, bytes ? n : 0);
    c->bad |= !bytes || b->failed;
}

#define OUT_MAX (1u << 20)
enum pl_err pl_tcp_carry(struct pl_tcp **stream, struct pl_carry *c)
{
    struct pl_tcp *s = *stream;
    struct pl_addr peer = {0};
    int fd = -1;
    if (!pl_carry_reads(c)) {
        fd = s->watch.fd;
        peer = s->peer;
    }
    pl_carry_fd(c, &fd);
    PL_CARRY(c, peer.ip);
    PL_CARRY(c, peer.port);
    if (pl_carry_reads(c) && (c->bad || pl_tcp_new(fd, NULL, &peer, NULL, 0, &s))) {
        if (fd >= 0)
            close(fd);
        return PL_EINVAL;
    }
    carry_waiting(c, &s->in, 0, PL_TCP_IN_MAX);
    carry_waiting(c, &s->out, s->out_at, OUT_MAX);
    if (pl_carry_reads(c) && c->bad)
        pl_tcp_free(s);
    else if (!c->bad)
        *stream = s;
    return c->bad ? PL_EINVAL : PL_OK;
}
