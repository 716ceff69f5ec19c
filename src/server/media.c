/* See media.h. Keeps, for each peer, its session, its thread and its DTLS association; the engine
 * on the thread keeps the rest. */
#include "crypto/hash.h"
#include "io/udp.h"
#include "proto/stun.h"
#include "server/media_parts.h"
#include "server/media_streams.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_TRIES 20 /* to find one port that is free on all addresses */

static struct pl_media_client *find_peer(const struct pl_media *m, pl_peer_id id)
{
    return pl_map_get(&m->peers, &id, sizeof id);
}

/* Addresses. */

static size_t expand(const struct pl_media_config *config, struct pl_addr out[PL_MEDIA_ADDRS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < config->n_addrs && n < PL_MEDIA_ADDRS_MAX; i++) {
        if (!pl_addr_is_any(&config->addrs[i])) {
            out[n++] = config->addrs[i];
            continue;
        }
        struct pl_addr all[PL_MEDIA_ADDRS_MAX];
        size_t n_all = pl_net_interface_addrs(all, PL_MEDIA_ADDRS_MAX);
        for (size_t j = 0; j < n_all && n < PL_MEDIA_ADDRS_MAX; j++) {
            all[j].port = config->addrs[i].port;
            if (pl_addr_is_v4(&all[j]) == pl_addr_is_v4(&config->addrs[i]))
                out[n++] = all[j];
        }
    }
    return n;
}

static void set_candidates(struct pl_media_core *t, const struct pl_media_config *config)
{
    t->n_candidates = 0;
    for (size_t i = 0; i < config->n_public_addrs; i++) {
        struct pl_addr a = config->public_addrs[i];
        a.port = t->addrs[0].port;
        t->candidates[t->n_candidates++] = a;
    }
    for (size_t i = 0; config->n_public_addrs == 0 && i < t->n_addrs; i++)
        t->candidates[t->n_candidates++] = t->addrs[i];
}

static void on_engine(void *ctx, const struct pl_engine_event *event);
static void on_dtls(void *ctx, pl_peer_id id, const uint8_t *bytes, size_t n);
static void on_view(void *ctx, const struct pl_peer_view *view);
static void on_traffic(void *ctx, pl_room_id id, const struct pl_media_traffic *more);

/* Addresses with port 0 get the port that the first of them was given, so that a thread is one port
 * on all; if another program has it on one of them, the next free one is tried. */
static enum pl_err start_thread(struct pl_media *m, const struct pl_media_config *config,
                                unsigned index, char why[200])
{
    struct pl_media_core *t = &m->threads[index];
    const struct pl_media_thread_events events = {m, on_engine, on_dtls, on_view, on_traffic};
    struct pl_addr wanted[PL_MEDIA_ADDRS_MAX];
    size_t n = expand(config, wanted), failed = 0;
    enum pl_err err = PL_EINVAL;
    if (n == 0) {
        snprintf(why, 200, "no address to take media on");
        return PL_EINVAL;
    }
    for (int tries = 0; tries < PORT_TRIES; tries++) {
        bool any_port = false;
        uint16_t port = 0;
        if (wanted[0].port == 0 && n > 1) {
            struct pl_udp *probe;
            struct pl_addr actual;
            if (pl_udp_open(&wanted[0], &probe, &actual) == PL_OK) {
                port = actual.port;
                pl_udp_close(probe);
            }
        }
        for (size_t i = 0; i < n; i++) {
            t->addrs[i] = wanted[i];
            any_port |= wanted[i].port == 0;
            t->addrs[i].port = wanted[i].port ? (uint16_t)(wanted[i].port + index) : port;
        }
        t->n_addrs = n;
        err = pl_media_thread_new(m->loop, index, t->addrs, n, &m->random, &events, NULL,
                                  &t->handle, &failed);
        if (!err) {
            set_candidates(t, config);
            return PL_OK;
        }
        if (errno != EADDRINUSE || !any_port)
            break;
    }
    char text[PL_ADDR_TEXT];
    pl_addr_text(&t->addrs[failed], text);
    snprintf(why, 200, "cannot take media on %s: %s", text, strerror(errno));
    return err;
}

/* The thread of before, with its sockets. */
static enum pl_err take_thread(struct pl_media *m, const struct pl_media_config *config,
                               unsigned index, char why[200])
{
    struct pl_media_core *t = &m->threads[index];
    const struct pl_media_thread_events events = {m, on_engine, on_dtls, on_view, on_traffic};
    struct pl_addr none = {0};
    size_t failed;
    for (size_t i = 0; i < PL_MEDIA_ADDRS_MAX; i++)
        t->addrs[i] = none;
    enum pl_err err = pl_media_thread_new(m->loop, index, t->addrs, 0, &m->random, &events,
                                          config->handed, &t->handle, &failed);
    if (err) {
        snprintf(why, 200, "what was handed over of media thread %u does not fit", index);
        return err;
    }
    while (t->n_addrs < PL_MEDIA_ADDRS_MAX && t->addrs[t->n_addrs].port)
        t->n_addrs++;
    set_candidates(t, config);
    return PL_OK;
}

/* The same threads: a meeting's clients are where they were. */
static enum pl_err take_over(struct pl_media *m, const struct pl_media_config *config,
                             char why[200])
{
    struct pl_carry *c = config->handed;
    uint32_t n = 0;
    enum pl_err err = PL_OK;
    PL_CARRY(c, n);
    if (n != config->threads) {
        snprintf(why, 200, "--media-threads: %u of them are handed over, and %u are asked for", n,
                 config->threads);
        return PL_EINVAL;
    }
    while (!err && m->n_threads < config->threads) {
        err = take_thread(m, config, m->n_threads, why);
        m->n_threads += !err;
    }
    if (!err && pl_media_carry_clients(m, c)) {
        snprintf(why, 200, "what was handed over of calls does not fit");
        err = PL_EINVAL;
    }
    return err;
}

static enum pl_err make_threads(struct pl_media *m, const struct pl_media_config *config,
                                char why[200])
{
    enum pl_err err = PL_OK;
    while (!err && m->n_threads < config->threads) {
        err = start_thread(m, config, m->n_threads, why);
        m->n_threads += !err;
    }
    if (!err && pl_media_resume(m)) {
        snprintf(why, 200, "no thread: %s", strerror(errno));
        err = PL_EIO;
    }
    return err;
}

enum pl_err pl_media_start(struct pl_loop *loop, const struct pl_media_config *config,
                           const struct pl_media_events *events, struct pl_media **out,
                           char why[200])
{
    struct pl_media *m = calloc(1, sizeof *m);
    if (!m) {
        snprintf(why, 200, "no memory");
        return PL_ENOMEM;
    }
    m->loop = loop;
    m->events = *events;
    m->random = config->random;
    m->estimate = config->estimate;
    pl_map_init(&m->peers, &m->random);
    pl_map_init(&m->rooms, &m->random);
    pl_map_init(&m->source_peers, &m->random);
    enum pl_err err = pl_dtls_context_new(&m->dtls);
    if (err)
        snprintf(why, 200, "cannot make a DTLS certificate");
    if (!err)
        err = config->handed ? take_over(m, config, why) : make_threads(m, config, why);
    if (err) {
        int saved = errno;
        pl_media_stop(m);
        errno = saved;
        return err;
    }
    *out = m;
    return PL_OK;
}

bool pl_media_address(const struct pl_media *m, size_t i, struct pl_addr *out)
{
    for (unsigned t = 0; t < m->n_threads; t++) {
        if (i < m->threads[t].n_addrs) {
            *out = m->threads[t].addrs[i];
            return true;
        }
        i -= m->threads[t].n_addrs;
    }
    return false;
}

bool pl_media_candidate(const struct pl_media *m, size_t i, struct pl_addr *out, unsigned *thread)
{
    for (unsigned t = 0; t < m->n_threads; t++) {
        if (i < m->threads[t].n_candidates) {
            *out = m->threads[t].candidates[i];
            *thread = t;
            return true;
        }
        i -= m->threads[t].n_candidates;
    }
    return false;
}

/* Clients that come by TCP. */

void pl_media_use_tcp(struct pl_media *m, const struct pl_addr *addrs, size_t n)
{
    m->n_tcp = n < PL_MEDIA_ADDRS_MAX ? n : PL_MEDIA_ADDRS_MAX;
    memcpy(m->tcp, addrs, m->n_tcp * sizeof m->tcp[0]);
}

/* Once for each connection, so that walking through the peers costs less than a map would. */
enum pl_err pl_media_check(const struct pl_media *m, const uint8_t *bytes, size_t n,
                           unsigned *thread)
{
    struct pl_stun msg;
    size_t at = 0;
    if (pl_stun_parse(bytes, n, &msg) || msg.class != PL_STUN_REQUEST ||
        msg.method != PL_STUN_BINDING)
        return PL_EINVAL;
    struct pl_str username = msg.username, local = pl_str_split(&username, ':');
    for (const struct pl_media_client *p; (p = pl_map_next(&m->peers, &at));) {
        if (!pl_str_eq(local, p->session.local_ufrag))
            continue;
        struct pl_str key = pl_str(p->session.local_pwd);
        if (!pl_stun_check_integrity(bytes, n, &msg, key.p, key.n))
            return PL_EAUTH;
        *thread = p->thread;
        return PL_OK;
    }
    return PL_EAUTH;
}

void pl_media_give(struct pl_media *m, unsigned thread, struct pl_guest *guest)
{
    pl_media_thread_give(m->threads[thread].handle, guest);
}

/* Peers. */

void pl_media_client_free(struct pl_media_client *p)
{
    struct pl_media *m = p->media;
    pl_timer_clear(m->loop, &p->timer);
    for (size_t i = 0; p->sources && i < p->session.n_sections; i++)
        pl_map_remove(&m->source_peers, &p->sources[i], sizeof p->sources[i]);
    pl_map_remove(&m->peers, &p->id, sizeof p->id);
    pl_media_room_leave(p);
    pl_dtls_free(p->dtls);
    pl_media_removal_free(p->removal);
    pl_session_free(&p->session);
    free(p->sources);
    free(p->said);
    free(p);
}

void pl_media_stop(struct pl_media *m)
{
    size_t at = 0;
    for (struct pl_media_client *p; (p = pl_map_next(&m->peers, &at)); at = 0)
        pl_media_close(m, p->id);
    for (unsigned i = 0; i < m->n_threads; i++)
        pl_media_thread_stop(m->threads[i].handle);
    pl_loop_deliver(m->loop);
    for (unsigned i = 0; i < m->n_threads; i++)
        for (unsigned k = 0; k < m->n_threads; k++)
            pl_media_way_free(m->threads[i].ways[k]);
    for (unsigned i = 0; i < m->n_threads; i++)
        pl_media_thread_free(m->threads[i].handle);
    pl_map_free(&m->peers);
    pl_map_free(&m->rooms);
    pl_map_free(&m->source_peers);
    pl_dtls_context_free(m->dtls);
    free(m);
}

static void send_dtls(void *ctx, const uint8_t *bytes, size_t n)
{
    struct pl_media_client *p = ctx;
    pl_media_thread_dtls(pl_media_thread_of(p), p->id, bytes, n);
}

void pl_media_client_lost(struct pl_media_client *p)
{
    if (p->lost)
        return;
    p->lost = true;
    pl_timer_clear(p->media->loop, &p->timer);
    p->media->events.lost(p->media->events.ctx, p->id);
}

/* After anything that DTLS did. The callbacks may close the peer: nothing touches it afterwards. */
static void dtls_progress(struct pl_media_client *p, enum pl_dtls_state state)
{
    struct pl_media *m = p->media;
    struct pl_srtp_keys inbound, outbound;
    if (state == PL_DTLS_HANDSHAKING) {
        pl_time_us wait = pl_dtls_timeout(p->dtls);
        if (wait == PL_NEVER)
            pl_timer_clear(m->loop, &p->timer);
        else if (pl_timer_set(m->loop, &p->timer, pl_loop_now(m->loop) + wait))
            pl_media_client_lost(p);
        return;
    }
    pl_timer_clear(m->loop, &p->timer);
    if (state != PL_DTLS_CONNECTED ||
        (!p->connected && pl_dtls_keys(p->dtls, &inbound, &outbound))) {
        pl_media_client_lost(p);
        return;
    }
    if (p->connected)
        return;
    p->connected = true;
    if (!pl_media_thread_keys(pl_media_thread_of(p), p->id, &inbound, &outbound))
        pl_media_client_cut(p);
    pl_wipe(&inbound, sizeof inbound);
    pl_wipe(&outbound, sizeof outbound);
    m->events.connected(m->events.ctx, p->id);
}

static void on_dtls(void *ctx, pl_peer_id id, const uint8_t *bytes, size_t n)
{
    struct pl_media_client *p = find_peer(ctx, id);
    if (p && p->dtls && !p->lost) /* none: it was handed over */
        dtls_progress(p, pl_dtls_input(p->dtls, bytes, n));
}

static void on_dtls_timer(struct pl_timer *t)
{
    struct pl_media_client *p = pl_container_of(t, struct pl_media_client, timer);
    dtls_progress(p, pl_dtls_expire(p->dtls));
}

/* Each thread of a room hears all of it, and tells. */
static void speaker_is(struct pl_media *m, pl_room_id id, pl_source_id source)
{
    struct pl_media_room *r = pl_map_get(&m->rooms, &id, sizeof id);
    if (!r || r->speaker == source)
        return;
    r->speaker = source;
    m->events.speaker(m->events.ctx, id, source);
}

static void on_engine(void *ctx, const struct pl_engine_event *event)
{
    struct pl_media *m = ctx;
    const struct pl_media_events *ev = &m->events;
    bool has_source =
        event->source && pl_map_get(&m->source_peers, &event->source, sizeof event->source);
    struct pl_media_client *p = find_peer(m, event->peer);
    switch (event->type) {
    case PL_PEER_SELECTED:
        break; /* media follows the new tuple by itself */
    case PL_PEER_LOST:
        if (p)
            pl_media_client_lost(p);
        break;
    case PL_SLOT_CHANGED:
        if (p && (has_source || event->source == 0))
            ev->slot(ev->ctx, p->id, event->section, event->source, event->rtp_timestamp);
        break;
    case PL_SOURCE_STARTED:
        if (has_source)
            ev->started(ev->ctx, event->source);
        break;
    case PL_SPEAKER_CHANGED:
        if (has_source || event->source == 0)
            speaker_is(m, event->room, event->source);
        break;
    case PL_SOURCE_WANTED:
        if (has_source)
            ev->wanted(ev->ctx, event->source, event->height);
        break;
    }
}

static void on_view(void *ctx, const struct pl_peer_view *view)
{
    struct pl_media *m = ctx;
    if (find_peer(m, view->id))
        m->events.view(m->events.ctx, view);
}

static void on_traffic(void *ctx, pl_room_id id, const struct pl_media_traffic *more)
{
    struct pl_media *m = ctx;
    struct pl_media_room *r = pl_map_get(&m->rooms, &id, sizeof id);
    if (!r)
        return;
    r->traffic.bytes_in += more->bytes_in;
    r->traffic.bytes_out += more->bytes_out;
}

/* Gives ids to the sources and makes the peer known to the thread. */
static enum pl_err peer_enter(struct pl_media_client *p, const struct pl_media_offer *offer)
{
    struct pl_media *m = p->media;
    p->sources = calloc(p->session.n_sections, sizeof *p->sources);
    p->said = calloc(p->session.n_sections, sizeof *p->said);
    if (!p->sources || !p->said)
        return PL_ENOMEM;
    enum pl_err err = pl_dtls_new(m->dtls, p->session.remote_fingerprint, send_dtls, p, &p->dtls);
    for (size_t i = 0; !err && i < p->session.n_sections; i++) {
        if (p->session.sections[i].direction != PL_RECEIVE)
            continue;
        p->sources[i] = ++m->last_id;
        p->said[i].muted = offer->muted;
        err = pl_map_put(&m->source_peers, &p->sources[i], sizeof p->sources[i], p);
    }
    if (!err)
        err = pl_map_put(&m->peers, &p->id, sizeof p->id, p);
    if (!err)
        err = pl_media_removal_new(pl_media_thread_of(p), p->id, &p->removal);
    const struct pl_peer_desc desc = {
        .id = p->id,
        .room = offer->room,
        .owner = offer->owner,
        .session = &p->session,
        .sources = p->sources,
        .muted = offer->muted,
    };
    return err ? err : pl_media_thread_add(pl_media_thread_of(p), &desc);
}

struct pl_media_client *pl_media_client_new(struct pl_media *m)
{
    struct pl_media_client *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->media = m;
    pl_list_init(&p->in_room);
    p->timer.fire = on_dtls_timer;
    return p;
}

bool pl_media_find(const struct pl_media *m, pl_peer_id id, struct pl_media_peer *out)
{
    const struct pl_media_client *p = find_peer(m, id);
    if (p)
        *out = (struct pl_media_peer){p->id, &p->session, p->sources};
    return p != NULL;
}

enum pl_err pl_media_offer(struct pl_media *m, const struct pl_media_offer *offer,
                           struct pl_media_peer *peer, struct pl_buf *answer, char why[160])
{
    struct pl_media_client *p = pl_media_client_new(m);
    struct pl_media_room *room = p ? pl_media_room_of(m, offer->room) : NULL;
    if (!room) {
        free(p);
        snprintf(why, 160, "no memory");
        return PL_ENOMEM;
    }
    p->id = ++m->last_id;
    p->room = room;
    p->owner = offer->owner;
    p->thread = pl_media_choose_thread(m, room);
    const struct pl_media_core *t = &m->threads[p->thread];
    struct pl_answer_config config = {
        .candidates = t->candidates,
        .n_candidates = t->n_candidates,
        .tcp_candidates = m->tcp,
        .n_tcp_candidates = m->n_tcp,
        .may_publish = offer->may_publish,
        .may_receive = offer->may_receive,
        .encrypted = offer->encrypted,
        .estimate = m->estimate,
        .random = m->random,
    };
    memcpy(config.fingerprint, pl_dtls_context_fingerprint(m->dtls), sizeof config.fingerprint);
    size_t answer_before = answer->len;
    enum pl_err err = pl_answer_make(offer->sdp, &config, &p->session, answer, why);
    if (!err) {
        err = peer_enter(p, offer);
        if (err) {
            snprintf(why, 160, "no memory");
            answer->len = answer_before;
        }
    }
    if (err) {
        pl_media_client_free(p);
        return err;
    }
    pl_media_room_enter(p);
    *peer = (struct pl_media_peer){p->id, &p->session, p->sources};
    return PL_OK;
}

void pl_media_close(struct pl_media *m, pl_peer_id id)
{
    struct pl_media_client *p = find_peer(m, id);
    if (!p)
        return;
    if (p->dtls)
        pl_dtls_close(p->dtls);
    pl_media_client_cut(p);
    pl_media_client_free(p);
}

enum pl_err pl_media_restart(struct pl_media *m, pl_peer_id id, const char *remote_ufrag,
                             const char *remote_pwd, char local_ufrag[9], char local_pwd[25])
{
    struct pl_media_client *p = find_peer(m, id);
    if (!p)
        return PL_ENOENT;
    if (pl_str_copy(pl_str(remote_ufrag), p->session.remote_ufrag,
                    sizeof p->session.remote_ufrag) ||
        pl_str_copy(pl_str(remote_pwd), p->session.remote_pwd, sizeof p->session.remote_pwd))
        return PL_EINVAL;
    pl_ice_credentials(&m->random, local_ufrag, local_pwd);
    memcpy(p->session.local_ufrag, local_ufrag, 9);
    memcpy(p->session.local_pwd, local_pwd, 25);
    pl_media_thread_restart(pl_media_thread_of(p), id, local_ufrag, local_pwd, remote_ufrag);
    return PL_OK;
}

void pl_media_candidates(const struct pl_media *m, pl_peer_id id, struct pl_buf *out)
{
    const struct pl_media_client *p = find_peer(m, id);
    if (!p)
        return;
    const struct pl_media_core *t = &m->threads[p->thread];
    pl_answer_candidates(t->candidates, t->n_candidates, m->tcp, m->n_tcp, out);
}

void pl_media_want_video(struct pl_media *m, pl_peer_id id, const struct pl_wanted *wanted,
                         size_t n)
{
    const struct pl_media_client *p = find_peer(m, id);
    if (p)
        pl_media_thread_want(pl_media_thread_of(p), id, wanted, n);
}

void pl_media_listen(struct pl_media *m, pl_peer_id id, unsigned channel)
{
    const struct pl_media_client *p = find_peer(m, id);
    if (p)
        pl_media_thread_listen(pl_media_thread_of(p), id, channel);
}

void pl_media_deafen(struct pl_media *m, pl_peer_id id, bool deaf)
{
    struct pl_media_client *p = find_peer(m, id);
    if (p && !pl_media_thread_deafen(pl_media_thread_of(p), id, deaf))
        pl_media_client_cut(p);
}

struct pl_media_traffic pl_media_room_traffic(const struct pl_media *m, pl_room_id id)
{
    const struct pl_media_room *r = pl_map_get(&m->rooms, &id, sizeof id);
    return r ? r->traffic : (struct pl_media_traffic){0};
}

void pl_media_look(struct pl_media *m, pl_peer_id id)
{
    const struct pl_media_client *p = find_peer(m, id);
    if (p)
        pl_media_thread_look(pl_media_thread_of(p), id);
}

bool pl_media_path_is_tcp(const struct pl_tuple *path)
{
    return path->socket >= PL_STREAM_SOCKET;
}

bool pl_media_stats(const struct pl_media *m, unsigned thread, struct pl_media_stats *out)
{
    if (thread >= m->n_threads)
        return false;
    pl_media_thread_counts(m->threads[thread].handle, &out->counts);
    out->peers = m->threads[thread].n_peers;
    return true;
}
