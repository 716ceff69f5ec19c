/* How much leaves for a client, and when: transport-wide numbers, the estimate of its path, the
 * pacer. */
#include "sfu/peer.h"

#include <stdlib.h>
#include <string.h>

enum pl_err pl_peer_start_sending(struct pl_peer *p, pl_time_us now)
{
    bool twcc = false, remb = false;
    for (size_t i = 0; i < p->n_sinks; i++) {
        twcc |= p->sections[p->sinks[i].section].ext_twcc != 0;
        remb |= p->sections[p->sinks[i].section].remb;
    }
    if (!twcc && !remb)
        return PL_OK;
    p->sender = calloc(1, sizeof *p->sender);
    if (!p->sender)
        return PL_ENOMEM;
    p->sender->peer = p;
    pl_list_init(&p->sender->paced);
    pl_estimate_init(&p->sender->estimate, twcc, now);
    pl_pacer_init(&p->sender->pacer, now);
    return PL_OK;
}

void pl_peer_stop_sending(struct pl_peer *p)
{
    if (!p->sender)
        return;
    pl_list_remove(&p->sender->paced);
    free(p->sender);
    p->sender = NULL;
}

/* Tells the estimate and the pacer of a packet that leaves. */
static void note_sent(struct pl_sender *s, uint8_t *header, size_t header_len, size_t n,
                      pl_time_us now)
{
    if (header_len == PL_SLOT_HEADER_MAX) {
        pl_put_u16(header + PL_SLOT_TWCC_AT, s->next_seq);
        pl_estimate_sent(&s->estimate, now, s->next_seq++, n, pl_pacer_cluster(&s->pacer));
    }
    pl_pacer_sent(&s->pacer, now, n);
}

void pl_peer_send_rtp(struct pl_peer *p, const struct pl_slot_packet *packet, pl_time_us now)
{
    struct pl_engine *e = p->engine;
    uint8_t header[PL_SLOT_HEADER_MAX];
    uint8_t
        bytes[PL_SLOT_HEADER_MAX + PL_SLOT_DESCRIPTOR_MAX + PL_PAYLOAD_MAX + PL_SRTP_OVERHEAD_MAX];
    size_t n = packet->header_len + packet->descriptor_len + packet->rest_len;
    if (!p->outbound || !p->ice.has_selected || packet->rest_len > PL_PAYLOAD_MAX)
        return;
    memcpy(header, packet->header, packet->header_len);
    if (p->sender)
        note_sent(p->sender, header, packet->header_len, n, now);
    if (pl_srtp_protect(p->outbound, header, packet->header_len, packet->descriptor,
                        packet->descriptor_len, packet->rest, packet->rest_len, bytes, &n)) {
        e->stats.dropped_limit++;
        return;
    }
    e->stats.packets_out++;
    e->stats.bytes_out += n;
    e->io.send(e->io.ctx, &p->ice.selected, bytes, n);
}

static void send_now(struct pl_sink *k, const struct pl_media_packet *packet, pl_time_us now)
{
    struct pl_slot_packet out;
    if (pl_slot_rewrite(&k->slot, &k->current->stream, packet, now, &out))
        pl_peer_send_rtp(k->peer, &out, now);
}

void pl_sink_send(struct pl_sink *k, const struct pl_media_packet *packet, pl_time_us now)
{
    struct pl_peer *p = k->peer;
    if (!p->sender || k->slot.media == PL_AUDIO ||
        !pl_ring_get(&k->current->stream.ring, packet->seq)) {
        send_now(k, packet, now);
        return;
    }
    const struct pl_pacer_item item = {.seq = packet->seq,
                                       .sink = (uint16_t)(k - p->sinks),
                                       .bytes =
                                           (uint16_t)(packet->payload_len + PL_PACKET_OVERHEAD)};
    if (pl_pacer_push(&p->sender->pacer, &item))
        p->engine->stats.dropped_limit++;
    pl_peer_drain(p, now);
}

void pl_sink_forget_waiting(struct pl_sink *k)
{
    if (k->peer->sender)
        pl_pacer_forget(&k->peer->sender->pacer, (uint16_t)(k - k->peer->sinks));
}

static bool send_padding(struct pl_peer *p, pl_time_us now)
{
    struct pl_slot_packet out;
    for (size_t i = p->n_audio_sinks; i < p->n_sinks; i++)
        if (p->sinks[i].current && pl_slot_padding(&p->sinks[i].slot, &out)) {
            pl_peer_send_rtp(p, &out, now);
            return true;
        }
    return false;
}

void pl_peer_drain(struct pl_peer *p, pl_time_us now)
{
    struct pl_sender *s = p->sender;
    struct pl_pacer_item item;
    while (pl_pacer_pop(&s->pacer, now, &item)) {
        struct pl_sink *k = &p->sinks[item.sink];
        const struct pl_media_packet *packet =
            k->current ? pl_ring_get(&k->current->stream.ring, item.seq) : NULL;
        if (packet)
            send_now(k, packet, now);
    }
    while (pl_pacer_padding(&s->pacer, now) > 0 && send_padding(p, now))
        p->engine->stats.padding_out++;
    if (pl_pacer_deadline(&s->pacer) == PL_NEVER)
        pl_list_remove(&s->paced);
    else if (pl_list_empty(&s->paced))
        pl_list_push(&p->engine->paced, &s->paced);
}

static void take_target(struct pl_peer *p, pl_time_us now)
{
    struct pl_sender *s = p->sender;
    struct pl_probe probe;
    if (pl_estimate_probe(&s->estimate, now, &probe))
        pl_pacer_probe(&s->pacer, &probe, now);
    pl_pacer_target(&s->pacer, pl_estimate_target_bps(&s->estimate, now), now);
    pl_peer_drain(p, now);
}

void pl_peer_feedback(struct pl_peer *p, const struct pl_rtcp_item *item, pl_time_us now)
{
    struct pl_twcc_reader r;
    if (!p->sender || p->feedback_tokens == 0)
        return;
    p->feedback_tokens--;
    if (item->type == PL_RTCP_REMB) {
        pl_estimate_remb(&p->sender->estimate, now, item->bitrate);
    } else if (pl_twcc_reader_init(&r, item->body, item->body_len)) {
        p->engine->stats.dropped_malformed++;
        return;
    } else {
        pl_estimate_feedback(&p->sender->estimate, now, &r);
    }
    take_target(p, now);
}

uint64_t pl_peer_target_bps(const struct pl_peer *p, pl_time_us now)
{
    return p->sender ? pl_estimate_target_bps(&p->sender->estimate, now) : PL_ESTIMATE_UNLIMITED;
}

void pl_peer_review_rate(struct pl_peer *p, pl_time_us now)
{
    if (!p->sender)
        return;
    pl_estimate_want(&p->sender->estimate, p->sender->wanted_bps);
    pl_estimate_expire(&p->sender->estimate, now);
    take_target(p, now);
    if (pl_peer_target_bps(p, now) != PL_ESTIMATE_UNLIMITED)
        pl_room_fill(p, now);
}
