/* See media_streams.h. */
#include "server/media_streams.h"

#include "base/carry.h"
#include "base/map.h"
#include "proto/frame.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX ((UINT32_MAX - PL_STREAM_SOCKET) / PL_STREAM_ADDRS)

struct pl_media_streams {
    struct pl_loop *loop, *control;
    struct pl_engine *engine;
    struct pl_map by_number;
    struct pl_list guests, dirty;
    uint32_t last_number;
};

enum pl_err pl_media_streams_new(struct pl_loop *loop, struct pl_loop *control,
                                 struct pl_engine *engine, const struct pl_random *random,
                                 struct pl_media_streams **out)
{
    struct pl_media_streams *s = calloc(1, sizeof *s);
    if (!s)
        return PL_ENOMEM;
    s->loop = loop;
    s->control = control;
    s->engine = engine;
    pl_map_init(&s->by_number, random);
    pl_list_init(&s->guests);
    pl_list_init(&s->dirty);
    *out = s;
    return PL_OK;
}

static void forget(struct pl_guest *g)
{
    pl_map_remove(&g->streams->by_number, &g->number, sizeof g->number);
    pl_list_remove(&g->in_streams);
    pl_list_remove(&g->dirty);
    pl_guest_close(g);
}

void pl_media_streams_free(struct pl_media_streams *s)
{
    if (!s)
        return;
    pl_list_each (struct pl_guest, g, &s->guests, in_streams)
        forget(g);
    pl_map_free(&s->by_number);
    free(s);
}

static void ended(struct pl_guest *g)
{
    struct pl_loop *control = g->streams->control;
    forget(g);
    g->message.deliver = pl_guest_ended;
    pl_loop_post(control, &g->message);
}

/* --- In --- */

static void give(struct pl_guest *g, const struct pl_addr *remote, size_t addr, uint8_t *bytes,
                 size_t n)
{
    struct pl_media_streams *s = g->streams;
    uint32_t socket = PL_STREAM_SOCKET + g->number * PL_STREAM_ADDRS + (uint32_t)addr;
    struct pl_tuple from = {.remote = *remote, .socket = socket};
    if (n > 0)
        pl_engine_input(s->engine, &from, bytes, n, pl_loop_now(s->loop));
}

static void mark_dirty(struct pl_guest *g)
{
    if (pl_list_empty(&g->dirty))
        pl_list_push(&g->streams->dirty, &g->dirty);
}

/* A TURN client's message; false: it makes no sense, or the allocation has ended. */
static bool take_turn(struct pl_guest *g, uint8_t *message, size_t n)
{
    struct pl_media_streams *s = g->streams;
    pl_time_us now = pl_loop_now(s->loop);
    uint8_t reply[PL_TURN_REPLY_MAX];
    struct pl_turn_result r;
    if (pl_turn_input(g->turn, message, n, now, pl_wall_now_us() / PL_SECOND, reply, &r))
        return false;
    if (r.data && r.peer - g->first_peer < g->n_peers)
        give(g, pl_turn_relayed(g->turn, now), r.peer - g->first_peer, r.data, r.n);
    if (r.reply_len == 0)
        return true;
    if (!pl_tcp_queue(g->stream, reply, r.reply_len, PL_GUEST_QUEUE_MAX))
        return false; /* asks and does not listen */
    mark_dirty(g);
    pl_tcp_limit(g->stream, pl_turn_deadline(g->turn), PL_NEVER);
    if (pl_turn_relayed(g->turn, now))
        return true;
    pl_tcp_flush(g->stream); /* the reply to its goodbye */
    return false;
}

static enum pl_tcp_verdict on_input(void *ctx, struct pl_tcp *stream, struct pl_buf *in)
{
    struct pl_guest *g = ctx;
    uint8_t *bytes = (uint8_t *)in->data;
    size_t at = 0;
    struct pl_frame f;
    enum pl_err err = PL_OK;
    bool ok = true;
    while (ok && !err) {
        err = g->turn ? pl_frame_read_turn(bytes + at, in->len - at, &f)
                      : pl_frame_read(bytes + at, in->len - at, &f);
        if (err)
            break;
        if (g->turn)
            ok = take_turn(g, bytes + at + f.at, f.n);
        else
            give(g, pl_tcp_peer(stream), 0, bytes + at + f.at, f.n);
        at += f.total;
    }
    pl_buf_consume(in, at);
    return ok && err == PL_EAGAIN ? PL_TCP_ON : PL_TCP_END;
}

static void on_over(void *ctx, struct pl_tcp *stream)
{
    (void)stream;
    ended(ctx);
}

/* --- Out --- */

void pl_media_streams_send(struct pl_media_streams *s, const struct pl_tuple *to,
                           const uint8_t *bytes, size_t n)
{
    uint8_t frame[PL_FRAME_PACKET_MAX + PL_FRAME_OVERHEAD_MAX];
    uint32_t socket = to->socket - PL_STREAM_SOCKET;
    uint32_t number = socket / PL_STREAM_ADDRS, addr = socket % PL_STREAM_ADDRS;
    struct pl_guest *g = pl_map_get(&s->by_number, &number, sizeof number);
    size_t len = 0;
    if (!g || n > PL_FRAME_PACKET_MAX)
        return; /* it is gone; the peer will be, or has another way */
    if (!g->turn) {
        pl_frame_write(n, frame);
        memcpy(frame + PL_FRAME_HEADER_SIZE, bytes, n);
        len = PL_FRAME_HEADER_SIZE + n;
    } else if (pl_turn_wrap(g->turn, g->first_peer + addr, bytes, n, pl_loop_now(s->loop), frame,
                            sizeof frame, &len)) {
        return;
    }
    if (pl_tcp_queue(g->stream, frame, len, PL_GUEST_QUEUE_MAX))
        mark_dirty(g);
}

void pl_media_streams_flush(struct pl_media_streams *s)
{
    pl_list_each (struct pl_guest, g, &s->dirty, dirty) {
        pl_list_remove(&g->dirty);
        pl_tcp_flush(g->stream);
    }
}

/* --- Arrival --- */

/* Numbers go round once in 268 million connections, so none is used again soon. */
static enum pl_err give_number(struct pl_media_streams *s, struct pl_guest *g)
{
    enum pl_err err;
    do {
        s->last_number = s->last_number < NUMBER_MAX - 1 ? s->last_number + 1 : 0;
        g->number = s->last_number;
        err = pl_map_put(&s->by_number, &g->number, sizeof g->number, g);
    } while (err == PL_EEXIST);
    return err;
}

static const struct pl_tcp_handler handler = {on_input, on_over, PL_GUEST_STALL};

void pl_media_streams_take(struct pl_media_streams *s, struct pl_guest *g)
{
    g->streams = s;
    pl_list_init(&g->dirty);
    pl_list_push(&s->guests, &g->in_streams);
    if (give_number(s, g) || pl_tcp_attach(g->stream, s->loop, &handler, g)) {
        ended(g);
        return;
    }
    if (g->turn)
        pl_tcp_limit(g->stream, pl_turn_deadline(g->turn), PL_NEVER);
    else
        pl_tcp_limit(g->stream, PL_NEVER, PL_GUEST_IDLE);
}

/* --- From one process to the next --- */

static bool goes_along(const struct pl_guest *g)
{
    return !g->turn && pl_tcp_is_plain(g->stream);
}

static enum pl_err resume(struct pl_media_streams *s, struct pl_guest *g, uint32_t number)
{
    g->streams = s;
    g->number = number;
    pl_list_init(&g->dirty);
    pl_list_push(&s->guests, &g->in_streams);
    enum pl_err err = pl_map_put(&s->by_number, &g->number, sizeof g->number, g);
    if (!err)
        err = pl_tcp_attach(g->stream, s->loop, &handler, g);
    if (err)
        ended(g);
    else
        pl_tcp_limit(g->stream, PL_NEVER, PL_GUEST_IDLE);
    return err;
}

static enum pl_err carry_guest(struct pl_media_streams *s, struct pl_carry *c, struct pl_guest *g,
                               struct pl_guest *(*arrive)(void *ctx, struct pl_tcp *stream),
                               void *ctx)
{
    uint32_t number = g ? g->number : 0;
    struct pl_tcp *stream = g ? g->stream : NULL;
    PL_CARRY_UP_TO(c, number, NUMBER_MAX - 1);
    enum pl_err err = pl_tcp_carry(&stream, c);
    if (err || g)
        return err;
    g = arrive(ctx, stream);
    return g ? resume(s, g, number) : PL_ENOMEM;
}

enum pl_err pl_media_streams_carry(struct pl_media_streams *s, struct pl_carry *c,
                                   struct pl_guest *(*arrive)(void *ctx, struct pl_tcp *stream),
                                   void *ctx)
{
    uint32_t n = 0;
    enum pl_err err = PL_OK;
    pl_list_each (const struct pl_guest, g, &s->guests, in_streams)
        n += goes_along(g);
    PL_CARRY(c, n);
    PL_CARRY(c, s->last_number);
    if (pl_carry_reads(c))
        while (n-- && !err)
            err = c->bad ? PL_EINVAL : carry_guest(s, c, NULL, arrive, ctx);
    else
        pl_list_each (struct pl_guest, g, &s->guests, in_streams)
            if (!err && goes_along(g))
                err = carry_guest(s, c, g, arrive, ctx);
    return err;
}

bool pl_media_streams_has(const struct pl_media_streams *s, const struct pl_tuple *tuple)
{
    uint32_t number = (tuple->socket - PL_STREAM_SOCKET) / PL_STREAM_ADDRS;
    return tuple->socket >= PL_STREAM_SOCKET && pl_map_get(&s->by_number, &number, sizeof number);
}
