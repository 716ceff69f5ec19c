/* See media_thread.h. Commands and events are small heap objects on the loops' mailboxes; packets
 * never take that way, but for the few of a DTLS handshake. */
#include "server/media_thread.h"

#include "crypto/hash.h"
#include "io/udp.h"
#include "server/media_streams.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define RECEIVE_MAX 256 /* datagrams of one socket in one turn, so that timers are not starved */
#define DTLS_IN_FLIGHT_MAX 1024 /* handshake datagrams on their way to the control thread */
#define COUNTS_EVERY PL_SECOND  /* the counts are published */
#define COUNTS (sizeof(struct pl_media_counts) / sizeof(uint64_t))

struct socket {
    struct pl_watch watch;
    struct pl_media_thread *thread;
    struct pl_udp *udp;
    uint32_t index;
};

struct pl_media_thread {
    struct pl_loop *loop, *control;
    struct pl_media_thread_events events;
    struct pl_engine *engine;
    struct socket sockets[PL_MEDIA_ADDRS_MAX];
    size_t n_sockets;
    struct pl_media_streams *streams;
    struct pl_media_way *ways[PL_ENGINES_MAX]; /* to the other threads */
    uint64_t relayed;                          /* to whom, in this turn; a bit each */
    uint8_t run_to_stream[PL_RUN_BYTES_MAX];
    struct pl_timer timer, counts_timer;
    pthread_t thread;
    bool runs;
    atomic_int dtls_in_flight;
    _Atomic uint64_t counts[COUNTS]; /* a copy of the counters, for the control thread */
};

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

static void on_event(void *ctx, const struct pl_engine_event *event)
{
    struct pl_media_thread *t = ctx;
    struct event_message *e = malloc(sizeof *e);
    if (!e)
        return;
    *e = (struct event_message){{.deliver = deliver_event}, t, *event};
    pl_loop_post(t->control, &e->message);
}

struct dtls_message {
    struct pl_message message;
    struct pl_media_thread *thread;
    pl_peer_id peer;
    size_t n;
    uint8_t bytes[];
};

static struct dtls_message *dtls_message(struct pl_media_thread *t, pl_peer_id peer,
                                         const uint8_t *bytes, size_t n,
                                         void (*deliver)(struct pl_message *))
{
    struct dtls_message *d = malloc(sizeof *d + n);
    if (!d)
        return NULL;
    *d = (struct dtls_message){{.deliver = deliver}, t, peer, n};
    memcpy(d->bytes, bytes, n);
    return d;
}

static void deliver_dtls(struct pl_message *m)
{
    struct dtls_message *d = pl_container_of(m, struct dtls_message, message);
    atomic_fetch_sub(&d->thread->dtls_in_flight, 1);
    d->thread->events.dtls(d->thread->events.ctx, d->peer, d->bytes, d->n);
    free(d);
}

static void on_dtls(void *ctx, pl_peer_id peer, const uint8_t *bytes, size_t n)
{
    struct pl_media_thread *t = ctx;
    if (atomic_load(&t->dtls_in_flight) >= DTLS_IN_FLIGHT_MAX)
        return; /* the client sends it again */
    struct dtls_message *d = dtls_message(t, peer, bytes, n, deliver_dtls);
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
    struct socket *s = ctx;
    struct pl_tuple tuple = {.remote = *from, .socket = s->index};
    /* What waited while nobody received came when it came: senders hear of that. */
    pl_time_us at = pl_loop_now(s->thread->loop) - pl_udp_age_us(s->udp);
    pl_engine_input(s->thread->engine, &tuple, bytes, n, at);
}

static void on_readable(struct pl_watch *w, uint32_t events)
{
    (void)events;
    struct socket *s = pl_container_of(w, struct socket, watch);
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
    uint64_t words[COUNTS];
    static_assert(sizeof words == sizeof now, "counters are words, all of them");
    for (size_t i = 0; i < t->n_sockets; i++) {
        const struct pl_udp_stats *s = pl_udp_stats(t->sockets[i].udp);
#define X(name) now.udp.name += s->name;
        PL_UDP_COUNTERS(X)
#undef X
    }
    memcpy(words, &now, sizeof now);
    for (size_t i = 0; i < COUNTS; i++)
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
    uint64_t words[COUNTS];
    for (size_t i = 0; i < COUNTS; i++)
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
    struct socket *s = &t->sockets[t->n_sockets];
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
    const struct pl_engine_io io = {t, index, on_reserve, on_send, on_dtls, on_event, on_relay};
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

/* Commands: the object is made on the control thread, run and freed on the media thread. */

struct command {
    struct pl_message message;
    struct pl_media_thread *thread;
    uint64_t id; /* of a peer, source or room */
    bool on;
    unsigned other;
    struct pl_media_way *way;
    enum pl_source_class class;
    unsigned channel;
    struct pl_srtp_keys inbound, outbound;
    struct pl_peer_desc desc;
    struct pl_session session;
    char local_ufrag[16], local_pwd[32], remote_ufrag[PL_UFRAG_SIZE];
    size_t n_ids;
    pl_source_id ids[];
};

static struct command *command_new(struct pl_media_thread *t, uint64_t id, const pl_source_id *ids,
                                   size_t n, void (*deliver)(struct pl_message *))
{
    struct command *c = calloc(1, sizeof *c + n * sizeof c->ids[0]);
    if (!c)
        return NULL;
    c->message.deliver = deliver;
    c->thread = t;
    c->id = id;
    c->n_ids = n;
    if (n)
        memcpy(c->ids, ids, n * sizeof c->ids[0]);
    return c;
}

static void command_free(struct command *c)
{
    free(c->session.sections);
    pl_wipe(&c->inbound, sizeof c->inbound);
    pl_wipe(&c->outbound, sizeof c->outbound);
    free(c);
}

static struct command *command_of(struct pl_message *m)
{
    return pl_container_of(m, struct command, message);
}

static void run_add(struct pl_message *m)
{
    struct command *c = command_of(m);
    enum pl_err err = pl_engine_peer_add(c->thread->engine, &c->desc, pl_loop_now(c->thread->loop));
    if (err && !c->desc.mirror)
        on_event(c->thread, &(struct pl_engine_event){
                                .type = PL_PEER_LOST, .room = c->desc.room, .peer = c->desc.id});
    command_free(c);
}

enum pl_err pl_media_thread_add(struct pl_media_thread *t, const struct pl_peer_desc *desc)
{
    size_t n = desc->session->n_sections;
    struct command *c = command_new(t, desc->id, desc->sources, n, run_add);
    struct pl_section *sections = malloc(n * sizeof *sections);
    if (!c || !sections) {
        free(c);
        free(sections);
        return PL_ENOMEM;
    }
    memcpy(sections, desc->session->sections, n * sizeof *sections);
    c->desc = *desc;
    c->session = *desc->session;
    c->session.sections = sections;
    c->desc.session = &c->session;
    c->desc.sources = c->ids;
    pl_loop_post(t->loop, &c->message);
    return PL_OK;
}

enum pl_err pl_media_thread_way(struct pl_media_thread *t, struct pl_media_way **out)
{
    return pl_media_way_new(t->loop, t->engine, out);
}

static void run_relay(struct pl_message *m)
{
    struct command *c = command_of(m);
    c->thread->ways[c->other] = c->way;
    pl_engine_room_relay(c->thread->engine, c->id, c->other, c->on);
    command_free(c);
}

void pl_media_thread_relay(struct pl_media_thread *t, pl_room_id room, unsigned other,
                           struct pl_media_way *way, bool on)
{
    struct command *c = command_new(t, room, NULL, 0, run_relay);
    if (!c)
        return;
    c->other = other;
    c->way = way;
    c->on = on;
    pl_loop_post(t->loop, &c->message);
}

static void run_remove(struct pl_message *m)
{
    struct command *c = command_of(m);
    pl_engine_peer_remove(c->thread->engine, c->id, pl_loop_now(c->thread->loop));
    command_free(c);
}

void pl_media_thread_remove(struct pl_media_thread *t, pl_peer_id id)
{
    struct command *c = command_new(t, id, NULL, 0, run_remove);
    if (c)
        pl_loop_post(t->loop, &c->message);
}

static void run_dtls(struct pl_message *m)
{
    struct dtls_message *d = pl_container_of(m, struct dtls_message, message);
    pl_engine_peer_send_dtls(d->thread->engine, d->peer, d->bytes, d->n);
    free(d);
}

void pl_media_thread_dtls(struct pl_media_thread *t, pl_peer_id id, const uint8_t *bytes, size_t n)
{
    struct dtls_message *d = dtls_message(t, id, bytes, n, run_dtls);
    if (d)
        pl_loop_post(t->loop, &d->message);
}

static void run_keys(struct pl_message *m)
{
    struct command *c = command_of(m);
    if (pl_engine_peer_keys(c->thread->engine, c->id, &c->inbound, &c->outbound,
                            pl_loop_now(c->thread->loop)))
        on_event(c->thread, &(struct pl_engine_event){.type = PL_PEER_LOST, .peer = c->id});
    command_free(c);
}

void pl_media_thread_keys(struct pl_media_thread *t, pl_peer_id id,
                          const struct pl_srtp_keys *inbound, const struct pl_srtp_keys *outbound)
{
    struct command *c = command_new(t, id, NULL, 0, run_keys);
    if (!c)
        return;
    c->inbound = *inbound;
    c->outbound = *outbound;
    pl_loop_post(t->loop, &c->message);
}

static void run_restart(struct pl_message *m)
{
    struct command *c = command_of(m);
    if (pl_engine_peer_restart(c->thread->engine, c->id, c->local_ufrag, c->local_pwd,
                               c->remote_ufrag))
        on_event(c->thread, &(struct pl_engine_event){.type = PL_PEER_LOST, .peer = c->id});
    command_free(c);
}

void pl_media_thread_restart(struct pl_media_thread *t, pl_peer_id id, const char *local_ufrag,
                             const char *local_pwd, const char *remote_ufrag)
{
    struct command *c = command_new(t, id, NULL, 0, run_restart);
    if (!c)
        return;
    if (pl_str_copy(pl_str(local_ufrag), c->local_ufrag, sizeof c->local_ufrag) ||
        pl_str_copy(pl_str(local_pwd), c->local_pwd, sizeof c->local_pwd) ||
        pl_str_copy(pl_str(remote_ufrag), c->remote_ufrag, sizeof c->remote_ufrag)) {
        command_free(c);
        return;
    }
    pl_loop_post(t->loop, &c->message);
}

static void run_mute(struct pl_message *m)
{
    struct command *c = command_of(m);
    pl_engine_source_mute(c->thread->engine, c->id, c->on, pl_loop_now(c->thread->loop));
    command_free(c);
}

void pl_media_thread_mute(struct pl_media_thread *t, pl_source_id source, bool muted)
{
    struct command *c = command_new(t, source, NULL, 0, run_mute);
    if (!c)
        return;
    c->on = muted;
    pl_loop_post(t->loop, &c->message);
}

static void run_class(struct pl_message *m)
{
    struct command *c = command_of(m);
    pl_engine_source_class(c->thread->engine, c->id, c->class, c->channel,
                           pl_loop_now(c->thread->loop));
    command_free(c);
}

void pl_media_thread_class(struct pl_media_thread *t, pl_source_id source,
                           enum pl_source_class class, unsigned channel)
{
    struct command *c = command_new(t, source, NULL, 0, run_class);
    if (!c)
        return;
    c->class = class;
    c->channel = channel;
    pl_loop_post(t->loop, &c->message);
}

static void run_listen(struct pl_message *m)
{
    struct command *c = command_of(m);
    pl_engine_peer_listen(c->thread->engine, c->id, c->channel, pl_loop_now(c->thread->loop));
    command_free(c);
}

void pl_media_thread_listen(struct pl_media_thread *t, pl_peer_id id, unsigned channel)
{
    struct command *c = command_new(t, id, NULL, 0, run_listen);
    if (!c)
        return;
    c->channel = channel;
    pl_loop_post(t->loop, &c->message);
}

static void run_deafen(struct pl_message *m)
{
    struct command *c = command_of(m);
    pl_engine_peer_deafen(c->thread->engine, c->id, c->on, pl_loop_now(c->thread->loop));
    command_free(c);
}

void pl_media_thread_deafen(struct pl_media_thread *t, pl_peer_id id, bool deaf)
{
    struct command *c = command_new(t, id, NULL, 0, run_deafen);
    if (!c)
        return;
    c->on = deaf;
    pl_loop_post(t->loop, &c->message);
}

struct want_command {
    struct pl_message message;
    struct pl_media_thread *thread;
    pl_peer_id id;
    bool all;
    size_t n;
    struct pl_wanted wanted[];
};

static void run_want(struct pl_message *m)
{
    struct want_command *c = pl_container_of(m, struct want_command, message);
    pl_engine_peer_want_video(c->thread->engine, c->id, c->all ? NULL : c->wanted, c->n,
                              pl_loop_now(c->thread->loop));
    free(c);
}

void pl_media_thread_want(struct pl_media_thread *t, pl_peer_id id, const struct pl_wanted *wanted,
                          size_t n)
{
    n = wanted ? n : 0;
    struct want_command *c = malloc(sizeof *c + n * sizeof c->wanted[0]);
    if (!c)
        return;
    *c = (struct want_command){{.deliver = run_want}, t, id, !wanted, n};
    if (n)
        memcpy(c->wanted, wanted, n * sizeof c->wanted[0]);
    pl_loop_post(t->loop, &c->message);
}

struct view_message {
    struct pl_message message;
    struct pl_media_thread *thread;
    struct pl_peer_view view;
};

static void deliver_view(struct pl_message *m)
{
    struct view_message *v = pl_container_of(m, struct view_message, message);
    v->thread->events.view(v->thread->events.ctx, &v->view);
    free(v);
}

/* One object goes there and comes back. */
static void run_look(struct pl_message *m)
{
    struct view_message *v = pl_container_of(m, struct view_message, message);
    struct pl_media_thread *t = v->thread;
    if (pl_engine_peer_view(t->engine, v->view.id, pl_loop_now(t->loop), &v->view)) {
        free(v);
        return;
    }
    v->message.deliver = deliver_view;
    pl_loop_post(t->control, &v->message);
}

void pl_media_thread_look(struct pl_media_thread *t, pl_peer_id id)
{
    struct view_message *v = malloc(sizeof *v);
    if (!v)
        return;
    v->message = (struct pl_message){.deliver = run_look};
    v->thread = t;
    v->view.id = id;
    pl_loop_post(t->loop, &v->message);
}

static void run_give(struct pl_message *m)
{
    struct pl_guest *g = pl_container_of(m, struct pl_guest, message);
    pl_media_streams_take(g->streams, g);
}

void pl_media_thread_give(struct pl_media_thread *t, struct pl_guest *guest)
{
    guest->streams = t->streams;
    guest->message.deliver = run_give;
    pl_loop_post(t->loop, &guest->message);
}
