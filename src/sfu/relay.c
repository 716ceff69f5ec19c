/* A room whose peers live on several engines: what crosses between them. A source has its home,
 * where its client is, and on the other engines of its room a mirror: a source of a peer without a
 * transport, whose rings hold the very packets of the home's. Nothing else of an engine tells a
 * mirror from a source of its own. */
#include "sfu/peer.h"

void pl_relay_drop(const struct pl_relay *m)
{
    if (m->type == PL_RELAY_PACKET)
        pl_stored_release(m->packet);
}

static bool cross(struct pl_engine *e, unsigned to, const struct pl_relay *m)
{
    if (e->io.relay(e->io.ctx, to, m))
        return true;
    e->stats.dropped_relay++;
    pl_relay_drop(m);
    return false;
}

static struct pl_relay message(const struct pl_layer *l, enum pl_relay_type type)
{
    return (struct pl_relay){.type = type,
                             .from = (uint8_t)l->source->peer->engine->io.index,
                             .layer = (uint8_t)(l - l->source->layers),
                             .epoch = l->epoch,
                             .source = l->source->id};
}

/* The engines that a room is on besides this one. */
#define EACH_ENGINE(to, room)                                                                      \
    for (uint64_t left_ = (room)->relays, to;                                                      \
         left_ && ((to) = (unsigned)__builtin_ctzll(left_), true); left_ &= left_ - 1)

void pl_relay_packet(struct pl_layer *l, int64_t seq, unsigned level)
{
    const struct pl_room *r = l->source->peer->room;
    EACH_ENGINE(to, r)
    {
        struct pl_relay m = message(l, PL_RELAY_PACKET);
        m.level = (uint8_t)level;
        m.packet = pl_ring_share(&l->stream.ring, seq);
        if (m.packet)
            cross(r->engine, (unsigned)to, &m);
    }
}

void pl_relay_clock(struct pl_layer *l)
{
    const struct pl_room *r = l->source->peer->room;
    struct pl_relay m = message(l, PL_RELAY_CLOCK);
    m.ntp = l->stream.sr_ntp;
    m.timestamp = l->stream.sr_timestamp;
    m.skew_us = l->source->peer->clock_skew;
    EACH_ENGINE(to, r)
    cross(r->engine, (unsigned)to, &m);
}

void pl_relay_key_request(struct pl_layer *l)
{
    const struct pl_relay m = message(l, PL_RELAY_KEY);
    cross(l->source->peer->engine, l->source->peer->home, &m);
}

bool pl_relay_wanted(struct pl_source *s)
{
    struct pl_relay m = message(&s->layers[0], PL_RELAY_WANTED);
    m.height = s->wanted_height;
    return cross(s->peer->engine, s->peer->home, &m);
}

/* The first wish of the other engine may have come before the word that the room is there: what it
 * wants is forgotten only when it goes. */
void pl_engine_room_relay(struct pl_engine *e, pl_room_id id, unsigned other, bool on)
{
    struct pl_room *r = pl_map_get(&e->rooms, &id, sizeof id);
    uint64_t bit = UINT64_C(1) << other;
    if (!r)
        return;
    r->relays = on ? r->relays | bit : r->relays & ~bit;
    r->wants_stale = true;
    pl_list_each (struct pl_peer, p, &r->peers, in_room)
        for (size_t i = 0; i < p->n_sources && !on; i++)
            p->sources[i].wanted_elsewhere[other] = 0;
}

static void packet_came(struct pl_layer *l, const struct pl_relay *m, pl_time_us now)
{
    if (l->epoch != m->epoch) {
        pl_layer_start_over(l, 0, now);
        l->epoch = m->epoch;
    }
    const struct pl_media_packet *packet = pl_stream_mirror(&l->stream, m->packet, now);
    if (packet)
        pl_layer_take(l, packet, m->level, now);
}

static void clock_came(struct pl_layer *l, const struct pl_relay *m, pl_time_us now)
{
    struct pl_peer *p = l->source->peer;
    pl_stream_sender_report(&l->stream, m->ntp, m->timestamp, now);
    p->clock_skew = m->skew_us;
    p->has_skew = true;
}

/* A layer that stopped is asked for by a mirror that has not seen it yet, or has no other: it asks
 * again. */
static void key_asked(struct pl_layer *l, pl_time_us now)
{
    if (l->source->n_layers > 1 && !l->flowing_since)
        return;
    pl_stream_want_key(&l->stream);
    pl_layer_attend(l, now);
}

void pl_engine_relayed(struct pl_engine *e, const struct pl_relay *m, pl_time_us now)
{
    struct pl_source *s = pl_map_get(&e->sources, &m->source, sizeof m->source);
    bool to_mirror = m->type == PL_RELAY_PACKET || m->type == PL_RELAY_CLOCK;
    if (!s || m->layer >= s->n_layers || s->peer->mirror != to_mirror) {
        e->stats.dropped_relay++; /* it has gone meanwhile, or is not yet here */
        pl_relay_drop(m);
        return;
    }
    struct pl_layer *l = &s->layers[m->layer];
    switch (m->type) {
    case PL_RELAY_PACKET:
        packet_came(l, m, now);
        break;
    case PL_RELAY_CLOCK:
        clock_came(l, m, now);
        break;
    case PL_RELAY_KEY:
        key_asked(l, now);
        break;
    case PL_RELAY_WANTED:
        s->wanted_elsewhere[m->from] = m->height;
        s->peer->room->wants_stale = true;
        break;
    }
}
