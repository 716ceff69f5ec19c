/* See engine.h: the engine's maps, commands, demultiplexing (RFC 7983) and timers. What a peer does
 * with its packets is in peer.c, who gets them in room.c. */
#include "sfu/peer.h"

#include <stdlib.h>
#include <string.h>

enum pl_err pl_engine_new(const struct pl_engine_io *io, const struct pl_random *random,
                          struct pl_engine **out)
{
    struct pl_engine *e = calloc(1, sizeof *e);
    if (!e)
        return PL_ENOMEM;
    e->io = *io;
    e->random = *random;
    pl_packet_pool_init(&e->pool);
    pl_map_init(&e->peers, random);
    pl_map_init(&e->ufrags, random);
    pl_map_init(&e->tuples, random);
    pl_map_init(&e->sources, random);
    pl_map_init(&e->rooms, random);
    pl_list_init(&e->all_peers);
    pl_list_init(&e->all_rooms);
    pl_list_init(&e->urgent);
    pl_list_init(&e->held);
    pl_list_init(&e->leaving);
    pl_list_init(&e->paced);
    e->pace_at = PL_NEVER;
    *out = e;
    return PL_OK;
}

void pl_engine_clear(struct pl_engine *e)
{
    pl_list_each (struct pl_peer, p, &e->all_peers, in_engine)
        pl_engine_peer_remove(e, p->id, 0);
}

void pl_engine_free(struct pl_engine *e)
{
    if (!e)
        return;
    pl_engine_clear(e);
    pl_map_free(&e->peers);
    pl_map_free(&e->ufrags);
    pl_map_free(&e->tuples);
    pl_map_free(&e->sources);
    pl_map_free(&e->rooms);
    pl_packet_pool_free(&e->pool);
    free(e);
}

static struct pl_peer *find_peer(const struct pl_engine *e, pl_peer_id id)
{
    return pl_map_get(&e->peers, &id, sizeof id);
}

static struct pl_room *room_enter(struct pl_engine *e, pl_room_id id)
{
    struct pl_room *r = pl_map_get(&e->rooms, &id, sizeof id);
    if (r)
        return r;
    r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->id = id;
    r->engine = e;
    pl_list_init(&r->peers);
    pl_list_init(&r->sources);
    pl_list_init(&r->coming);
    if (pl_map_put(&e->rooms, &r->id, sizeof r->id, r)) {
        free(r);
        return NULL;
    }
    pl_list_push(&e->all_rooms, &r->in_engine);
    return r;
}

static void room_leave(struct pl_room *r)
{
    if (!pl_list_empty(&r->peers))
        return;
    pl_map_remove(&r->engine->rooms, &r->id, sizeof r->id);
    pl_list_remove(&r->in_engine);
    free(r);
}

static enum pl_err register_peer(struct pl_engine *e, struct pl_peer *p)
{
    enum pl_err err = pl_map_put(&e->peers, &p->id, sizeof p->id, p);
    if (err)
        return err;
    if (!p->mirror)
        err = pl_map_put(&e->ufrags, p->ice.local_ufrag, strlen(p->ice.local_ufrag), p);
    if (err)
        goto undo_peer;
    size_t i = 0;
    for (; i < p->n_sources; i++) {
        err = pl_map_put(&e->sources, &p->sources[i].id, sizeof p->sources[i].id, &p->sources[i]);
        if (err)
            goto undo_sources;
    }
    return PL_OK;
undo_sources:
    while (i--)
        pl_map_remove(&e->sources, &p->sources[i].id, sizeof p->sources[i].id);
    pl_map_remove(&e->ufrags, p->ice.local_ufrag, strlen(p->ice.local_ufrag));
undo_peer:
    pl_map_remove(&e->peers, &p->id, sizeof p->id);
    return err;
}

enum pl_err pl_engine_peer_add(struct pl_engine *e, const struct pl_peer_desc *desc, pl_time_us now)
{
    struct pl_peer *p;
    enum pl_err err = pl_peer_new(e, desc, now, &p);
    if (err)
        return err;
    p->room = room_enter(e, desc->room);
    err = p->room ? register_peer(e, p) : PL_ENOMEM;
    if (err) {
        if (p->room)
            room_leave(p->room);
        pl_peer_free(p);
        return err;
    }
    pl_list_push(&p->room->peers, &p->in_room);
    for (size_t i = 0; i < p->n_sources; i++)
        pl_list_push(&p->room->coming, &p->sources[i].in_room);
    p->room->wants_stale = true;
    if (pl_list_empty(&e->all_peers))
        e->next_tick = now + PL_TICK_US;
    pl_list_push(&e->all_peers, &p->in_engine);
    return PL_OK;
}

/* A tuple belongs to the peer that validated it last. The map's key is the peer's own copy of the
 * tuple, which changes only here, while it is not in the map. */
static void tuple_forget(struct pl_peer *p, unsigned i)
{
    struct pl_map *m = &p->engine->tuples;
    if (pl_map_get(m, &p->tuple_keys[i], sizeof p->tuple_keys[i]) == p)
        pl_map_remove(m, &p->tuple_keys[i], sizeof p->tuple_keys[i]);
}

void pl_engine_tuple_remember(struct pl_peer *p, unsigned i)
{
    struct pl_map *m = &p->engine->tuples;
    struct pl_tuple *key = &p->tuple_keys[i];
    tuple_forget(p, i);
    *key = p->ice.tuples[i];
    pl_map_remove(m, key, sizeof *key);
    if (pl_map_put(m, key, sizeof *key, p))
        p->engine->stats.dropped_limit++; /* no memory: its packets will be of an unknown tuple */
}

void pl_engine_peer_remove(struct pl_engine *e, pl_peer_id id, pl_time_us now)
{
    struct pl_peer *p = find_peer(e, id);
    if (!p)
        return;
    struct pl_room *r = p->room;
    bool published = p->n_sources > 0;
    pl_room_peer_gone(p);
    pl_list_remove(&p->in_room);
    pl_list_remove(&p->in_engine);
    for (size_t i = 0; i < p->n_sources; i++) {
        pl_room_source_gone(&p->sources[i]);
        pl_map_remove(&e->sources, &p->sources[i].id, sizeof p->sources[i].id);
    }
    for (unsigned i = 0; i < p->ice.n_tuples; i++)
        tuple_forget(p, i);
    pl_map_remove(&e->ufrags, p->ice.local_ufrag, strlen(p->ice.local_ufrag));
    pl_map_remove(&e->peers, &p->id, sizeof p->id);
    pl_peer_free(p);
    r->wants_stale = true;
    if (published)
        pl_room_refill(r, now);
    room_leave(r);
}

enum pl_err pl_engine_peer_restart(struct pl_engine *e, pl_peer_id id, const char *local_ufrag,
                                   const char *local_pwd, const char *remote_ufrag)
{
    struct pl_peer *p = find_peer(e, id);
    if (!p)
        return PL_ENOENT;
    if (pl_map_get(&e->ufrags, local_ufrag, strlen(local_ufrag)))
        return PL_EEXIST;
    pl_map_remove(&e->ufrags, p->ice.local_ufrag, strlen(p->ice.local_ufrag));
    enum pl_err err = pl_ice_restart(&p->ice, local_ufrag, local_pwd, remote_ufrag);
    /* The map has the room that the old entry left, so this cannot run out of memory. */
    enum pl_err put = pl_map_put(&e->ufrags, p->ice.local_ufrag, strlen(p->ice.local_ufrag), p);
    return err ? err : put;
}

void pl_engine_peer_send_dtls(struct pl_engine *e, pl_peer_id id, const uint8_t *bytes, size_t n)
{
    struct pl_peer *p = find_peer(e, id);
    if (p && p->ice.has_selected)
        e->io.send(e->io.ctx, &p->ice.selected, bytes, n, n);
}

enum pl_err pl_engine_peer_keys(struct pl_engine *e, pl_peer_id id,
                                const struct pl_srtp_keys *inbound,
                                const struct pl_srtp_keys *outbound, pl_time_us now)
{
    struct pl_peer *p = find_peer(e, id);
    struct pl_srtp *in, *out;
    if (!p)
        return PL_ENOENT;
    if (p->inbound)
        return PL_ESTATE;
    enum pl_err err = pl_srtp_new(inbound, &in);
    if (err)
        return err;
    err = pl_srtp_new(outbound, &out);
    if (err) {
        pl_srtp_free(in);
        return err;
    }
    p->inbound = in;
    p->outbound = out;
    pl_room_peer_connected(p, now);
    return PL_OK;
}

void pl_engine_peer_want_video(struct pl_engine *e, pl_peer_id id, const struct pl_wanted *wanted,
                               size_t n, pl_time_us now)
{
    struct pl_peer *p = find_peer(e, id);
    if (!p)
        return;
    n = !wanted ? 0 : n < PL_WANTED_MAX ? n : PL_WANTED_MAX;
    if (n > p->n_wanted) { /* without memory for more, as many as before */
        struct pl_wanted *more = realloc(p->wanted, n * sizeof *more);
        if (more)
            p->wanted = more;
        else
            n = p->n_wanted;
    }
    p->wants_all = !wanted;
    p->n_wanted = n;
    if (n)
        memcpy(p->wanted, wanted, n * sizeof *wanted);
    p->room->wants_stale = true;
    pl_room_fill(p, now);
}

static unsigned channel_of(unsigned channel)
{
    return channel <= PL_CHANNELS_MAX ? channel : 0;
}

void pl_engine_source_class(struct pl_engine *e, pl_source_id id, enum pl_source_class class,
                            unsigned channel, pl_time_us now)
{
    struct pl_source *s = pl_map_get(&e->sources, &id, sizeof id);
    channel = channel_of(channel);
    if (!s || (s->class == class && s->channel == channel))
        return;
    s->class = class;
    s->channel = channel;
    pl_room_source_changed(s, now);
}

void pl_engine_peer_listen(struct pl_engine *e, pl_peer_id id, unsigned channel, pl_time_us now)
{
    struct pl_peer *p = find_peer(e, id);
    channel = channel_of(channel);
    if (!p || p->listens == channel)
        return;
    p->listens = channel;
    p->room->wants_stale = true;
    pl_room_fill(p, now);
}

void pl_engine_peer_deafen(struct pl_engine *e, pl_peer_id id, bool deaf, pl_time_us now)
{
    struct pl_peer *p = find_peer(e, id);
    if (!p || p->deaf == deaf)
        return;
    p->deaf = deaf;
    p->room->wants_stale = true;
    pl_room_fill(p, now);
}

void pl_engine_source_mute(struct pl_engine *e, pl_source_id id, bool muted, pl_time_us now)
{
    struct pl_source *s = pl_map_get(&e->sources, &id, sizeof id);
    if (!s || s->muted == muted)
        return;
    s->muted = muted;
    pl_room_source_changed(s, now);
}

static void input_stun(struct pl_engine *e, const struct pl_tuple *from, const uint8_t *bytes,
                       size_t n, pl_time_us now)
{
    struct pl_stun msg;
    uint8_t response[PL_ICE_RESPONSE_MAX];
    size_t len;
    struct pl_ice_change change;
    if (pl_stun_parse(bytes, n, &msg)) {
        e->stats.dropped_malformed++;
        return;
    }
    struct pl_str local = msg.username;
    local = pl_str_split(&local, ':');
    struct pl_peer *p = local.n ? pl_map_get(&e->ufrags, local.p, local.n) : NULL;
    if (!p || pl_ice_input(&p->ice, from, bytes, n, &msg, response, &len, &change)) {
        e->stats.dropped_stun_auth++;
        return;
    }
    e->stats.stun_requests++;
    p->alive_at = now;
    /* Also a known one that another peer has validated in between. */
    if (change.added || (change.valid && pl_map_get(&e->tuples, from, sizeof *from) != p))
        pl_engine_tuple_remember(p, change.index);
    e->io.send(e->io.ctx, from, response, len, len);
    if (change.selected)
        e->io.event(e->io.ctx, &(struct pl_engine_event){
                                   .type = PL_PEER_SELECTED, .room = p->room->id, .peer = p->id});
}

static void input_srtp(struct pl_peer *p, uint8_t *bytes, size_t n, pl_time_us now)
{
    pl_peer_count_in(p, n);
    if (pl_is_rtcp(bytes, n))
        pl_peer_rtcp(p, bytes, n, now);
    else
        pl_peer_rtp(p, bytes, n, now);
}

void pl_engine_input(struct pl_engine *e, const struct pl_tuple *from, uint8_t *bytes, size_t n,
                     pl_time_us now)
{
    e->stats.packets_in++;
    e->stats.bytes_in += n;
    enum pl_demux what = n ? pl_demux(bytes[0]) : PL_DEMUX_UNKNOWN;
    if (what == PL_DEMUX_STUN) {
        input_stun(e, from, bytes, n, now);
        return;
    }
    struct pl_peer *p = pl_map_get(&e->tuples, from, sizeof *from);
    if (!p)
        e->stats.dropped_unknown_tuple++;
    else if (what == PL_DEMUX_DTLS)
        e->io.dtls(e->io.ctx, p->id, bytes, n);
    else if (what != PL_DEMUX_RTP)
        e->stats.dropped_malformed++;
    else if (!p->inbound)
        e->stats.dropped_no_keys++;
    else
        input_srtp(p, bytes, n, now);
}

pl_time_us pl_engine_deadline(const struct pl_engine *e)
{
    if (pl_list_empty(&e->all_peers))
        return PL_NEVER;
    if (!pl_list_empty(&e->leaving))
        return 0;
    pl_time_us at = pl_time_min(e->next_tick, e->pace_at);
    pl_list_each (struct pl_layer, l, &e->urgent, urgent)
        at = pl_time_min(at, pl_stream_deadline(&l->stream));
    pl_list_each (struct pl_layer, l, &e->held, in_held)
        at = pl_time_min(at, l->held_since + PL_HOLD_US);
    return at;
}

static void tick_peer(struct pl_peer *p, pl_time_us now)
{
    struct pl_engine *e = p->engine;
    if (p->mirror)
        return;
    p->feedback_tokens = PL_FEEDBACK_PER_TICK;
    p->resend_tokens += PL_RESEND_PER_TICK;
    if (p->resend_tokens > PL_RESEND_BURST)
        p->resend_tokens = PL_RESEND_BURST;
    if (p->outbound) {
        pl_peer_send_arrivals(p);
        pl_peer_review_rate(p, now);
    }
    if (p->outbound && p->report_phase == e->tick % PL_REPORT_TICKS)
        pl_peer_report(p, now);
    if (p->turned && p->outbound)
        pl_peer_report_turned(p, now);
    if (p->lost || now - p->alive_at < PL_CONSENT_US)
        return;
    p->lost = true;
    e->io.event(e->io.ctx, &(struct pl_engine_event){
                               .type = PL_PEER_LOST, .room = p->room->id, .peer = p->id});
}

/* Who waits for the pacer is looked at every PL_PACE_US at most: bursts, and not a walk through all
 * for each packet of each. */
static void pace(struct pl_engine *e, pl_time_us now)
{
    e->pace_at = PL_NEVER;
    pl_list_each (struct pl_peer, p, &e->paced, paced) {
        pl_time_us at = pl_pacer_deadline(&p->pacer);
        if (at <= now)
            pl_peer_leaving(p);
        else
            e->pace_at = pl_time_min(e->pace_at, at);
    }
    e->paced_at = now;
}

void pl_engine_flush(struct pl_engine *e, pl_time_us now)
{
    pl_list_each (struct pl_peer, p, &e->leaving, leaving) {
        pl_list_remove(&p->leaving);
        pl_peer_drain(p, now);
    }
    if (e->pace_at < e->paced_at + PL_PACE_US)
        e->pace_at = e->paced_at + PL_PACE_US;
}

void pl_engine_settle(struct pl_engine *e, pl_time_us now)
{
    pl_list_each (struct pl_layer, l, &e->held, in_held)
        pl_layer_release(l, now);
    pl_list_each (struct pl_peer, p, &e->all_peers, in_engine) {
        if (p->mirror)
            continue;
        pl_list_remove(&p->leaving);
        pl_pacer_target(&p->pacer, 0, now); /* for this once: the next tick says it again */
        pl_peer_drain(p, now);
    }
}

void pl_engine_expire(struct pl_engine *e, pl_time_us now)
{
    pl_list_each (struct pl_layer, l, &e->urgent, urgent)
        pl_layer_attend(l, now);
    pl_list_each (struct pl_layer, l, &e->held, in_held)
        if (now >= l->held_since + PL_HOLD_US)
            pl_layer_release(l, now);
    if (now >= e->pace_at)
        pace(e, now);
    if (now < e->next_tick)
        return;
    e->tick_took = now - e->next_tick + PL_TICK_US;
    e->next_tick = now + PL_TICK_US;
    e->tick++;
    pl_list_each (struct pl_room, r, &e->all_rooms, in_engine)
        pl_room_tick(r, now);
    pl_list_each (struct pl_peer, p, &e->all_peers, in_engine)
        tick_peer(p, now);
}

const struct pl_engine_stats *pl_engine_stats(const struct pl_engine *e)
{
    return &e->stats;
}
