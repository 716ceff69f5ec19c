/* From a layer to its sinks. Packets of a picture are held until their frame is whole, at most
 * PL_HOLD_US: nobody can show it sooner, and what leaves together for one receiver is one send. */
#include "sfu/peer.h"

static void give(struct pl_sink *k, const struct pl_media_packet *packet)
{
    struct pl_peer *p = k->peer;
    if (!pl_slot_takes(&k->slot, &k->current->stream.ring, packet))
        return;
    const struct pl_pacer_item item = {.seq = (uint32_t)packet->seq,
                                       .sink = (uint16_t)(k - p->sinks),
                                       .bytes =
                                           (uint16_t)(packet->payload_len + PL_PACKET_OVERHEAD)};
    if (pl_pacer_push(&p->pacer, &item, k->slot.media == PL_AUDIO))
        p->engine->stats.dropped_limit++;
    pl_peer_leaving(p);
}

static const struct pl_media_packet *stored(const struct pl_layer *l, int64_t seq)
{
    return pl_ring_get(&l->stream.ring, seq);
}

/* Where a sink can turn to the layer: the first of a key frame's packets that are held; any packet
 * of sound. NULL: not yet. */
static const struct pl_media_packet *entry(const struct pl_layer *l)
{
    for (unsigned i = 0; i < l->n_held; i++) {
        const struct pl_media_packet *packet = stored(l, l->held[i]);
        if (packet && (packet->descriptor.key_start || l->stream.media == PL_AUDIO))
            return packet;
    }
    return NULL;
}

static bool begins_frame(const struct pl_layer *l, const struct pl_media_packet *packet)
{
    const struct pl_media_packet *before = stored(l, packet->seq - 1);
    return packet->descriptor.key_start || (before && before->timestamp != packet->timestamp);
}

/* The sink's frame rate follows what was chosen: fewer frames from any one on, more where the
 * stream allows it. That of a layer that is about to be left stays as it is. */
static void follow_rate(struct pl_sink *k, const struct pl_layer *l,
                        const struct pl_media_packet *packet)
{
    unsigned has = pl_slot_tid(&k->slot), tid = k->target_tid;
    if (tid == has || k->target != l || packet->lateness || !begins_frame(l, packet))
        return;
    unsigned most = pl_descriptor_up_to(packet->codec, &packet->descriptor, has);
    tid = tid < most ? tid : most;
    if (tid != has)
        pl_slot_limit(&k->slot, packet, tid);
}

/* What came before the entry is not for this sink. What comes after it in number may have come
 * before it in time, when the key frame's first packet came late: it waits in the ring. */
static void turn_to(struct pl_sink *k, struct pl_layer *l, const struct pl_media_packet *packet,
                    pl_time_us now)
{
    pl_sink_turn(k, packet, now);
    for (int64_t seq = packet->seq; seq <= l->stream.max_seq; seq++) {
        const struct pl_media_packet *next = stored(l, seq);
        if (next)
            give(k, next);
    }
}

void pl_layer_release(struct pl_layer *l, pl_time_us now)
{
    const struct pl_media_packet *packets[PL_HELD_MAX], *first = entry(l);
    unsigned n = 0;
    for (unsigned i = 0; i < l->n_held; i++)
        if ((packets[n] = stored(l, l->held[i])))
            n++;
        else
            l->source->peer->engine->stats.dropped_limit++; /* beyond the pool */
    for (size_t i = 0; i < l->n_sinks; i++) {
        struct pl_sink *k = l->sinks[i];
        if (k->current != l && first)
            turn_to(k, l, first, now);
        else if (k->current == l)
            for (unsigned j = 0; j < n; j++) {
                follow_rate(k, l, packets[j]);
                give(k, packets[j]);
            }
    }
    pl_layer_drop_held(l);
}

void pl_layer_drop_held(struct pl_layer *l)
{
    l->n_held = 0;
    pl_list_remove(&l->in_held);
}

void pl_layer_forward(struct pl_layer *l, const struct pl_media_packet *packet, pl_time_us now)
{
    struct pl_engine *e = l->source->peer->engine;
    if (l->n_sinks == 0)
        return;
    if (l->n_held == 0) {
        l->held_since = now;
        pl_list_push(&e->held, &l->in_held);
    }
    l->held[l->n_held++] = packet->seq;
    if (packet->marker || l->stream.media == PL_AUDIO || l->n_held == PL_HELD_MAX)
        pl_layer_release(l, now);
}
