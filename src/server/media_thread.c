/* See media_thread.h. Events are small heap objects on the control loop's mailbox; packets never
 * take that way, but for the few of a DTLS handshake. What a thread is told is in media_command.c.
 */
#include "server/media_thread_parts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define RECEIVE_MAX 256 /* datagrams of one socket in one turn, so that timers are not starved */
#define DTLS_IN_FLIGHT_MAX 1024 /* handshake datagrams on their way to the control thread */
#define COUNTS_EVERY PL_SECOND  /* the counts are published */

/* From the engine, on the media thread. */

struct event_message {
    struct pl_message message;
    struct pl_media_thread *thread;
    struct pl_engine_event event;
};

static void deliver_event(struct pl_message *m)
{
    struct event_message *e = pl_container_of(m, struct event_message, message);
    e->thread->events.engine(e->thread->events.ctx, &e->event);
    free(e);
}

void pl_media_thread_event(void *ctx, const struct pl_engine_event *event)
{
    struct pl_media_thread *t = ctx;
    struct event_message *e = malloc(sizeof *e);
    if (!e)
        return;
    *e = (struct event_message){{.deliver = deliver_event}, t, *event};
    pl_loop_post(t->control, &e->message);
}

struct pl_dtls_message *pl_dtls_message_new(struct pl_media_thread *t, pl_peer_id peer,
                                            const uint8_t *bytes, size_t n,
                                            void (*deliver)(struct pl_message *))
{
    struct pl_dtls_message *d = malloc(sizeof *d + n);
    if (!d)
        return NULL;
    *d = (struct pl_dtls_message){{.deliver = deliver}, t, peer, n};
    memcpy(d->bytes, bytes, n);
    return d;
}

static void deliver_dtls(struct pl_message *m)
{
    struct pl_dtls_message *d = pl_container_of(m, struct pl_dtls_message, message);
    atomic_fetch_sub(&d->thread->dtls_in_flight, 1);
    d->thread->events.dtls(d->thread->events.ctx, d->peer, d->bytes, d->n);
    free(d);
}

static void on_dtls(void *ctx, pl_peer_id peer, const uint8_t *bytes, size_t n)
{
    struct pl_media_thread *t = ctx;
    if (atomic_load(&t->dtls_in_flight) >= DTLS_IN_FLIGHT_MAX)
        return; /* the client sends it again */
    struct pl_dtls_message *d = pl_dtls_message_new(t, peer, bytes, n, deliver_dtls);
    if (!d)
        return;
    atomic_fetch_add(&t->dtls_in_flight, 1);
    pl_loop_post(t->control, &d->message);
}

static uint8_t *on_reserve(void *ctx, const struct pl_tuple *to, size_t n)
{
    struct pl_media_thread *t = ctx;
    return to->socket < t->n_sockets ? pl_udp_reserve(t->sockets[to->socket].udp, n)
                                     : t->run_to_stream;
}

static void on_send(void *ctx, const struct pl_tuple *to, const uint8_t *bytes, size_t n,
                    size_t segment)
{
    struct pl_media_thread *t = ctx;
    if (to->socket < t->n_sockets)
        pl_udp_send(t->sockets[to->socket].udp, &to->remote, bytes, n, segment);
    else if (to->socket >= PL_STREAM_SOCKET)
        for (size_t at = 0; at < n; at += segment)
            pl_media_streams_send(t->streams, to, bytes + at, n - at < segment ? n - at : segment);
}

static bool on_relay(void *ctx, unsigned to, const struct pl_relay *message)
{
    struct pl_media_thread *t = ctx;
    t->relayed |= UINT64_C(1) << to;
    return t->ways[to] && pl_media_way_push(t->ways[to], message);
}

/* The loop of the thread. */

static void on_datagram(void *ctx, const struct pl_addr *from, uint8_t *bytes, size_t n)
{
    struct media_socket *s = ctx;
    struct pl_tuple tuple = {.remote = *from, .socket = s->index};
    /* What waited while nobody received came when it came: senders hear of that. */
    pl_time_us at = pl_loop_now(s->thread->loop) - pl_udp_age_us(s->udp);
    pl_engine_input(s->thread->engine, &tuple, bytes, n, at);
}

static void on_readable(struct pl_watch *w, uint32_t events)
{
    (void)events;
    struct media_socket *s = pl_container_of(w, struct media_socket, watch);
    pl_udp_receive(s->udp, RECEIVE_MAX, on_datagram, s);
}

static void on_timer(struct pl_timer *timer)
{
    struct pl_media_thread *t = pl_container_of(timer, struct pl_media_thread, timer);
    pl_engine_expire(t->engine, pl_loop_now(t->loop));
}

/* Each counter is a word of its own: one that is read may be ahead of another, which harms nobody,
 * and the packets never see a lock. */
static void publish_counts(struct pl_media_thread *t)
{
    struct pl_media_counts now = {.engine = *pl_engine_stats(t->engine)};
    uint64_t words[MEDIA_COUNTS];
    static_assert(sizeof words == sizeof now, "counters are words, all of them");
    for (size_t i = 0; i < t->n_sockets; i++) {
        const struct pl_udp_stats *s = pl_udp_stats(t->sockets[i].udp);
#define X(name) now.udp.name += s->name;
        PL_UDP_COUNTERS(X)
#undef X
    }
    memcpy(words, &now, sizeof now);
    for (size_t i = 0; i < MEDIA_COUNTS; i++)
        atomic_store_explicit(&t->counts[i], words[i], memory_order_relaxed);
}

/* What the rooms' peers moved goes to the control thread, all rooms in one message. Without memory
 * it is not counted. */

struct traffic_message {
    struct pl_message message;
    struct pl_media_thread *thread;
    size_t n, cap;
    struct room_traffic {
        pl_room_id room;
        struct pl_media_traffic more;
    } rooms[];
};

static void deliver_traffic(struct pl_message *m)
{
    struct traffic_message *t = pl_container_of(m, struct traffic_message, message);
    for (size_t i = 0; i < t->n; i++)
        t->thread->events.traffic(t->thread->events.ctx, t->rooms[i].room, &t->rooms[i].more);
    free(t);
}

static void add_traffic(void *ctx, pl_room_id room, uint64_t bytes_in, uint64_t bytes_out)
{
    struct traffic_message **t = ctx;
    if (!*t || (*t)->n == (*t)->cap) {
        size_t n = *t ? (*t)->n : 0, cap = n ? n * 2 : 8;
        struct traffic_message *more = realloc(*t, sizeof **t + cap * sizeof(*t)->rooms[0]);
        if (!more)
            return;
        more->n = n;
        more->cap = cap;
        *t = more;
    }
    (*t)->rooms[(*t)->n++] = (struct room_traffic){room, {bytes_in, bytes_out}};
}

static void post_traffic(struct pl_media_thread *t)
{
    struct traffic_message *m = NULL;
    pl_engine_take_traffic(t->engine, add_traffic, &m);
    if (!m)
        return;
    m->message = (struct pl_message){.deliver = deliver_traffic};
    m->thread = t;
    pl_loop_post(t->control, &m->message);
}

static void on_counts_timer(struct pl_timer *timer)
{
    struct pl_media_thread *t = pl_container_of(timer, struct pl_media_thread, counts_timer);
    publish_counts(t);
    post_traffic(t);
    pl_timer_move(t->loop, timer, pl_loop_now(t->loop) + COUNTS_EVERY);
}

void pl_media_thread_counts(const struct pl_media_thread *t, struct pl_media_counts *out)
{
    uint64_t words[MEDIA_COUNTS];
    for (size_t i = 0; i < MEDIA_COUNTS; i++)
        words[i] = atomic_load_explicit(&t->counts[i], memory_order_relaxed);
    memcpy(out, words, sizeof *out);
}

static void on_turn(void *ctx)
{
    struct pl_media_thread *t = ctx;
    pl_engine_flush(t->engine, pl_loop_now(t->loop));
    for (size_t i = 0; i < t->n_sockets; i++)
        pl_udp_flush(t->sockets[i].udp);
    pl_media_streams_flush(t->streams);
    for (; t->relayed; t->relayed &= t->relayed - 1)
        if (t->ways[__builtin_ctzll(t->relayed)])
            pl_media_way_wake(t->ways[__builtin_ctzll(t->relayed)]);
    pl_time_us at = pl_engine_deadline(t->engine);
    if (at == PL_NEVER)
        pl_timer_clear(t->loop, &t->timer);
    else if (at != t->timer.at && pl_timer_set(t->loop, &t->timer, at))
        abort(); /* the heap has had room for this one timer since the start */
}

static void *run(void *arg)
{
    struct pl_media_thread *t = arg;
    pl_loop_run(t->loop);
    return NULL;
}

/* Starting and stopping, on the control thread. */

static enum pl_err add_socket(struct pl_media_thread *t, struct pl_udp *udp)
{
    struct media_socket *s = &t->sockets[t->n_sockets];
    s->thread = t;
    s->index = (uint32_t)t->n_sockets++;
    s->udp = udp;
    s->watch = (struct pl_watch){.fd = pl_udp_fd(udp), .ready = on_readable};
    return pl_loop_watch(t->loop, &s->watch, EPOLLIN);
}

static enum pl_err open_sockets(struct pl_media_thread *t, struct pl_addr *addrs, size_t n,
                                size_t *failed)
{
    enum pl_err err = PL_OK;
    for (size_t i = 0; i < n && !err; i++) {
        struct pl_udp *udp;
        *failed = i;
        err = pl_udp_open(&addrs[i], &udp, &addrs[i]);
        if (!err)
            err = add_socket(t, udp);
    }
    return err;
}

/* The sockets of the thread of before. */
static enum pl_err carry_sockets(struct pl_media_thread *t, struct pl_carry *c,
                                 struct pl_addr *addrs)
{
    uint8_t n = (uint8_t)t->n_sockets;
    PL_CARRY_UP_TO(c, n, PL_MEDIA_ADDRS_MAX);
    for (size_t i = 0; i < n && !c->bad; i++) {
        int fd = pl_carry_reads(c) ? -1 : t->sockets[i].watch.fd;
        struct pl_udp *udp;
        pl_carry_fd(c, &fd);
        if (!pl_carry_reads(c) || c->bad)
            continue;
        c->bad = pl_udp_adopt(fd, &udp, &addrs[i]) || add_socket(t, udp);
    }
    return c->bad ? PL_EINVAL : PL_OK;
}

void pl_media_thread_free(struct pl_media_thread *t)
{
    for (size_t i = 0; i < t->n_sockets; i++) {
        pl_loop_unwatch(t->loop, &t->sockets[i].watch);
        pl_udp_close(t->sockets[i].udp);
    }
    pl_media_streams_free(t->streams);
    pl_engine_free(t->engine);
    if (t->loop)
        pl_loop_free(t->loop);
    free(t);
}

enum pl_err pl_media_thread_new(struct pl_loop *control, unsigned index, struct pl_addr *addrs,
                                size_t n, const struct pl_random *random,
                                const struct pl_media_thread_events *events,
                                struct pl_carry *handed, struct pl_media_thread **out,
                                size_t *failed)
{
    struct pl_media_thread *t = calloc(1, sizeof *t);
    if (!t)
        return PL_ENOMEM;
    t->control = control;
    t->events = *events;
    t->timer.fire = on_timer;
    t->counts_timer.fire = on_counts_timer;
    const struct pl_engine_io io = {
        t, index, on_reserve, on_send, on_dtls, pl_media_thread_event, on_relay};
    *failed = 0;
    enum pl_err err = pl_loop_new(&t->loop);
    if (!err)
        err = handed ? carry_sockets(t, handed, addrs) : open_sockets(t, addrs, n, failed);
    if (!err)
        err = pl_engine_new(&io, random, &t->engine);
    if (!err && handed)
        err = pl_engine_carry(t->engine, handed, pl_loop_now(t->loop));
    if (!err)
        err = pl_media_streams_new(t->loop, control, t->engine, random, &t->streams);
    if (!err)
        err = pl_timer_set(t->loop, &t->timer, pl_loop_now(t->loop) + PL_SECOND);
    if (!err)
        err = pl_timer_set(t->loop, &t->counts_timer, pl_loop_now(t->loop) + COUNTS_EVERY);
    if (err) {
        int saved = errno;
        pl_media_thread_free(t);
        errno = saved;
        return err;
    }
    pl_loop_on_turn(t->loop, on_turn, t);
    *out = t;
    return PL_OK;
}

enum pl_err pl_media_thread_run(struct pl_media_thread *t)
{
    for (size_t i = 0; i < t->n_sockets; i++)
        pl_udp_return(t->sockets[i].udp);
    errno = pthread_create(&t->thread, NULL, run, t);
    t->runs = errno == 0;
    return t->runs ? PL_OK : PL_EIO;
}

void pl_media_thread_leave(struct pl_media_thread *t)
{
    for (size_t i = 0; i < t->n_sockets; i++)
        pl_udp_leave(t->sockets[i].udp);
}

void pl_media_thread_pause(struct pl_media_thread *t)
{
    if (!t->runs)
        return;
    pl_loop_stop(t->loop);
    pthread_join(t->thread, NULL);
    t->runs = false;
}

void pl_media_thread_deliver(struct pl_media_thread *t)
{
    pl_loop_deliver(t->loop);
}

void pl_media_thread_settle(struct pl_media_thread *t)
{
    pl_engine_settle(t->engine, pl_loop_now(t->loop));
    for (size_t i = 0; i < t->n_sockets; i++)
        pl_udp_flush(t->sockets[i].udp);
    pl_media_streams_flush(t->streams);
}

enum pl_err pl_media_thread_carry(struct pl_media_thread *t, struct pl_carry *c)
{
    enum pl_err err = carry_sockets(t, c, NULL);
    return err ? err : pl_engine_carry(t->engine, c, pl_loop_now(t->loop));
}

enum pl_err pl_media_thread_carry_guests(struct pl_media_thread *t, struct pl_carry *c,
                                         struct pl_guest *(*arrive)(void *ctx,
                                                                    struct pl_tcp *stream),
                                         void *ctx)
{
    return pl_media_streams_carry(t->streams, c, arrive, ctx);
}

bool pl_media_thread_reaches(const struct pl_media_thread *t, pl_peer_id id)
{
    struct pl_peer_view view;
    if (pl_engine_peer_view(t->engine, id, pl_loop_now(t->loop), &view) || !view.has_path)
        return false;
    return view.path.socket < t->n_sockets || pl_media_streams_has(t->streams, &view.path);
}

static void ignore_event(void *ctx, const struct pl_engine_event *event)
{
    (void)ctx;
    (void)event;
}

static void ignore_dtls(void *ctx, pl_peer_id peer, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    (void)peer;
    (void)bytes;
    (void)n;
}

static void ignore_view(void *ctx, const struct pl_peer_view *view)
{
    (void)ctx;
    (void)view;
}

static void ignore_traffic(void *ctx, pl_room_id room, const struct pl_media_traffic *more)
{
    (void)ctx;
    (void)room;
    (void)more;
}

void pl_media_thread_stop(struct pl_media_thread *t)
{
    pl_media_thread_pause(t);
    t->events.engine = ignore_event;
    t->events.dtls = ignore_dtls;
    t->events.view = ignore_view;
    t->events.traffic = ignore_traffic;
    for (size_t i = 0; i < t->n_sockets; i++)
        pl_udp_flush(t->sockets[i].udp); /* the close_notify of those who were still here */
    pl_media_streams_flush(t->streams);
    pl_engine_clear(t->engine); /* which may still send */
    pl_media_streams_free(t->streams);
    t->streams = NULL;
}
