/* How packets leave for a client: in runs of one size, which are one send; and when: transport-wide
 * numbers, the estimate of its path, the pacer. */
#include "sfu/peer.h"

#include <stdlib.h>
#include <string.h>

enum pl_err pl_peer_start_sending(struct pl_peer *p, pl_time_us now)
{
    bool twcc = false, remb = false;
    enum pl_err err = pl_pacer_init(&p->pacer, now);
    if (err)
        return err;
    for (size_t i = 0; i < p->n_sinks; i++) {
        twcc |= p->sections[p->sinks[i].section].ext_twcc != 0;
        remb |= p->sections[p->sinks[i].section].remb;
    }
    if (!twcc && !remb)
        return PL_OK;
    p->sender = calloc(1, sizeof *p->sender);
    if (!p->sender)
        return PL_ENOMEM;
    p->sender->shares = calloc(p->n_sinks, sizeof *p->sender->shares);
    if (!p->sender->shares)
        return PL_ENOMEM;
    return pl_estimate_init(&p->sender->estimate, twcc, now);
}

void pl_peer_stop_sending(struct pl_peer *p)
{
    pl_list_remove(&p->leaving);
    pl_list_remove(&p->paced);
    pl_pacer_free(&p->pacer);
    if (!p->sender)
        return;
    pl_estimate_free(&p->sender->estimate);
    free(p->sender->shares);
    free(p->sender);
    p->sender = NULL;
}

void pl_peer_leaving(struct pl_peer *p)
{
    if (pl_list_empty(&p->leaving))
        pl_list_push(&p->engine->leaving, &p->leaving);
}

/* --- Runs --- */

/* What leaves for one client at once, in order. */
struct burst {
    struct pl_slot_packet packets[PL_RUN_MAX];
    size_t n;
};

static size_t size_of(const struct pl_slot_packet *packet)
{
    return packet->header_len + packet->descriptor_len + packet->rest_len;
}

/* RFC 3550, 5.1: one byte of padding, which the ring keeps behind each payload. */
static void pad(struct pl_slot_packet *packet)
{
    packet->header[0] |= 0x20;
    packet->rest_len++;
}

/* How many packets from `first` on fit into segments of `size`: of that size, or of a byte less
 * where padding may make up for it. The last may be smaller: GSO takes it so. */
static size_t fitting(const struct burst *b, size_t first, size_t size)
{
    size_t i = first;
    while (i < b->n && (size_of(&b->packets[i]) == size ||
                        (size_of(&b->packets[i]) + 1 == size && b->packets[i].may_pad)))
        i++;
    if (i > first && i < b->n && size_of(&b->packets[i]) < size)
        i++;
    return i - first;
}

/* The run that starts at `first`, and the size of its packets. libwebrtc splits a frame into
 * packets that differ by a byte at most, the smaller ones first (docs/slots.md, rule 12). */
static size_t run_of(const struct burst *b, size_t first, size_t *size)
{
    *size = size_of(&b->packets[first]);
    size_t as_is = fitting(b, first, *size), padded = fitting(b, first, *size + 1);
    if (padded <= as_is)
        return as_is;
    ++*size;
    return padded;
}

/* Seals a run back to back and sends it. A packet that cannot be sealed ends the run. */
static void send_run(struct pl_peer *p, struct pl_slot_packet *packets, size_t n, size_t size)
{
    struct pl_engine *e = p->engine;
    struct pl_srtp_packet jobs[PL_RUN_MAX];
    size_t sealed = size + pl_srtp_tag_size(p->outbound), whole = 0, total = 0;
    uint8_t *out = e->io.reserve(e->io.ctx, &p->ice.selected, n * sealed);
    for (size_t i = 0; i < n; i++) {
        struct pl_slot_packet *packet = &packets[i];
        if (i + 1 < n && size_of(packet) < size)
            pad(packet);
        jobs[i] = (struct pl_srtp_packet){.header = packet->header,
                                          .header_len = packet->header_len,
                                          .payload = {packet->descriptor, packet->rest},
                                          .len = {packet->descriptor_len, packet->rest_len},
                                          .out = out + i * sealed};
    }
    pl_srtp_protect_batch(p->outbound, jobs, n);
    for (size_t i = 0; i < n; i++) {
        if (jobs[i].err) {
            e->stats.dropped_limit += n - i;
            break;
        }
        total += jobs[i].out_len;
        whole++;
    }
    pl_peer_count_out(p, whole, total);
    if (total)
        e->io.send(e->io.ctx, &p->ice.selected, out, total, sealed);
}

static void send_burst(struct pl_peer *p, struct burst *b)
{
    for (size_t first = 0, n; first < b->n; first += n) {
        size_t size;
        n = run_of(b, first, &size);
        if (n * (size + PL_SRTP_OVERHEAD_MAX) > PL_RUN_BYTES_MAX)
            n = PL_RUN_BYTES_MAX / (size + PL_SRTP_OVERHEAD_MAX);
        send_run(p, &b->packets[first], n, size);
    }
    b->n = 0;
}

/* The packet gets its transport-wide number, and the estimate and the pacer hear of it. */
static void add(struct pl_peer *p, struct burst *b, pl_time_us now)
{
    struct pl_slot_packet *packet = &b->packets[b->n++];
    size_t n = size_of(packet) + PL_WIRE_OVERHEAD;
    if (p->sender && packet->header_len == PL_SLOT_HEADER_MAX) {
        struct pl_sender *s = p->sender;
        pl_put_u16(packet->header + PL_SLOT_TWCC_AT, s->next_seq);
        pl_estimate_sent(&s->estimate, now, s->next_seq++, n, pl_pacer_cluster(&p->pacer));
    }
    pl_pacer_sent(&p->pacer, now, n);
    if (b->n == PL_RUN_MAX)
        send_burst(p, b);
}

static struct pl_slot_packet *next(struct burst *b)
{
    return &b->packets[b->n];
}

static bool may_send(const struct pl_peer *p)
{
    return p->outbound && p->ice.has_selected;
}

static struct pl_resent *resent(struct pl_peer *p, const struct pl_sink *k, uint16_t seq)
{
    size_t sink = (size_t)(k - p->sinks);
    return &p->sender->resent[(seq + sink * 29) % PL_RESENT];
}

/* The client, who has seen the gap, is sent what was missing. */
static void note_resent(struct pl_peer *p, const struct pl_sink *k, uint16_t seq, pl_time_us now)
{
    if (p->sender)
        *resent(p, k, seq) =
            (struct pl_resent){.at = now, .sink = (uint16_t)(k - p->sinks), .seq = seq};
}

static bool on_its_way(struct pl_peer *p, const struct pl_sink *k, uint16_t seq, pl_time_us now)
{
    const struct pl_resent *r = p->sender ? resent(p, k, seq) : NULL;
    return r && r->at && r->seq == seq && r->sink == k - p->sinks &&
           now - r->at < pl_estimate_round_trip(&p->sender->estimate);
}

static void take_item(struct pl_peer *p, const struct pl_pacer_item *item, struct burst *b,
                      pl_time_us now)
{
    struct pl_sink *k = &p->sinks[item->sink];
    if (!k->current || !may_send(p))
        return;
    const struct pl_stream *s = &k->current->stream;
    int64_t seq = s->max_seq + (int32_t)(item->seq - (uint32_t)s->max_seq);
    const struct pl_media_packet *packet = pl_ring_get(&s->ring, seq);
    if (!packet || !pl_slot_rewrite(&k->slot, &s->ring, packet, now, next(b)))
        return;
    if (packet->lateness)
        note_resent(p, k, pl_get_u16(next(b)->header + 2), now);
    add(p, b, now);
}

static bool take_padding(struct pl_peer *p, struct burst *b, pl_time_us now)
{
    if (!may_send(p))
        return false;
    for (size_t i = p->n_audio_sinks; i < p->n_sinks; i++)
        if (pl_slot_padding(&p->sinks[i].slot, next(b))) {
            add(p, b, now);
            p->engine->stats.padding_out++;
            p->counts.padding_out++;
            return true;
        }
    return false;
}

/* When the pacer wants to be looked at again. */
static void wait_for_pace(struct pl_peer *p)
{
    struct pl_engine *e = p->engine;
    pl_time_us at = pl_pacer_deadline(&p->pacer);
    if (at == PL_NEVER) {
        pl_list_remove(&p->paced);
        return;
    }
    if (pl_list_empty(&p->paced))
        pl_list_push(&e->paced, &p->paced);
    e->pace_at = pl_time_min(e->pace_at, at);
}

void pl_peer_drain(struct pl_peer *p, pl_time_us now)
{
    struct burst b;
    struct pl_pacer_item item;
    b.n = 0;
    while (pl_pacer_pop(&p->pacer, now, &item))
        take_item(p, &item, &b, now);
    while (pl_pacer_padding(&p->pacer, now) > 0 && take_padding(p, &b, now))
        ;
    send_burst(p, &b);
    wait_for_pace(p);
}

void pl_peer_resend(struct pl_peer *p, struct pl_sink *k, struct pl_rtcp_nacks *it, pl_time_us now)
{
    struct burst b;
    uint16_t seq;
    b.n = 0;
    while (pl_rtcp_nack_next(it, &seq)) {
        if (p->resend_tokens == 0 || !may_send(p))
            break;
        p->resend_tokens--; /* a vain search costs too */
        if (on_its_way(p, k, seq, now))
            continue;
        const struct pl_media_packet *packet = pl_slot_find(&k->slot, seq);
        if (!packet || !pl_slot_rewrite_again(&k->slot, seq, packet, next(&b)))
            continue;
        note_resent(p, k, seq, now);
        p->engine->stats.retransmitted++;
        p->counts.resent++;
        add(p, &b, now);
    }
    send_burst(p, &b);
}

/* --- The rate --- */

static void take_target(struct pl_peer *p, pl_time_us now)
{
    struct pl_sender *s = p->sender;
    struct pl_probe probe;
    if (pl_estimate_probe(&s->estimate, now, &probe)) {
        pl_pacer_probe(&p->pacer, &probe, now);
        p->counts.probes++;
    }
    pl_pacer_target(&p->pacer, pl_estimate_target_bps(&s->estimate, now), now);
    pl_pacer_room(&p->pacer, pl_estimate_roomy(&s->estimate));
    if (pl_pacer_deadline(&p->pacer) <= now)
        pl_peer_leaving(p);
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

uint64_t pl_peer_share_bps(const struct pl_peer *p, pl_time_us now)
{
    return p->sender ? pl_estimate_share_bps(&p->sender->estimate, now) : PL_ESTIMATE_UNLIMITED;
}

void pl_peer_review_rate(struct pl_peer *p, pl_time_us now)
{
    if (!p->sender)
        return;
    pl_estimate_want(&p->sender->estimate, p->sender->wanted_bps);
    pl_estimate_expire(&p->sender->estimate, now);
    take_target(p, now);
    if (pl_peer_share_bps(p, now) != PL_ESTIMATE_UNLIMITED)
        pl_room_fill(p, now);
}
