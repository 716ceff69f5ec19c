/* RTCP that goes out by itself (RFC 3550, 6): a sender report for each slot that carries something,
 * a report block for each source, once a second; REMB to publishers. Compounds stay under one MTU.
 */
#include "sfu/peer.h"

#define REPORT_MAX 1200 /* bytes before SRTCP's own */
#define SENDER_PART                                                                                \
    64 /* a sender report without blocks (28) and its CNAME chunk (4 + 2 + 23, padded) */

/* Our clock in NTP format; its epoch is our own, which is all that RFC 3550 asks for. */
uint64_t pl_ntp_of(pl_time_us now)
{
    return (uint64_t)(now / PL_SECOND) << 32 |
           (uint64_t)(((uint64_t)(now % PL_SECOND) << 32) / PL_SECOND);
}

static void flush(struct pl_peer *p, struct pl_writer *w)
{
    if (pl_writer_size(w))
        pl_peer_send_rtcp(p, w->start, pl_writer_size(w));
    *w = pl_writer(w->start, (size_t)(w->end - w->start));
}

static void report_sink(struct pl_peer *p, struct pl_sink *k, struct pl_writer *w, pl_time_us now)
{
    struct pl_slot *s = &k->slot;
    uint32_t timestamp;
    if (!k->current || s->packets == s->reported_packets)
        return;
    if (!pl_stream_timestamp_at(&k->current->stream, now, k->current->source->peer->clock_skew,
                                &timestamp))
        return;
    if (pl_writer_size(w) + SENDER_PART > REPORT_MAX)
        flush(p, w);
    s->reported_packets = s->packets;
    struct pl_rtcp_sender sender = {
        .ssrc = s->ssrc,
        .ntp = pl_ntp_of(now),
        .timestamp = pl_slot_timestamp(s, timestamp),
        .packets = s->packets,
        .octets = s->octets,
    };
    pl_rtcp_write_sr(w, &sender, NULL, 0);
    pl_rtcp_write_sdes(w, s->ssrc, p->cname);
}

void pl_peer_report_turned(struct pl_peer *p, pl_time_us now)
{
    uint8_t bytes[REPORT_MAX + PL_SRTP_OVERHEAD_MAX];
    struct pl_writer w = pl_writer(bytes, REPORT_MAX);
    p->turned = false;
    for (size_t i = 0; i < p->n_sinks; i++) {
        if (p->sinks[i].turned)
            report_sink(p, &p->sinks[i], &w, now);
        p->sinks[i].turned = false;
    }
    flush(p, &w);
}

static void write_blocks(struct pl_peer *p, struct pl_writer *w, const struct pl_rtcp_block *blocks,
                         size_t n)
{
    flush(p, w);
    pl_rtcp_write_rr(w, p->ssrc, blocks, n);
    pl_rtcp_write_sdes(w, p->ssrc, p->cname);
}

/* The blocks on what the peer publishes, in receiver reports of up to 31. */
static void report_sources(struct pl_peer *p, struct pl_writer *w, pl_time_us now)
{
    struct pl_rtcp_block blocks[PL_RTCP_BLOCKS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < p->n_sources; i++)
        for (unsigned k = 0; k < p->sources[i].n_layers; k++) {
            struct pl_stream *s = &p->sources[i].layers[k].stream;
            if (!s->started)
                continue;
            pl_stream_report(s, now, &blocks[n++]);
            if (n == PL_RTCP_BLOCKS_MAX) {
                write_blocks(p, w, blocks, n);
                n = 0;
            }
        }
    if (n)
        write_blocks(p, w, blocks, n);
}

/* What is seen of the loss of the streams that REMB is for. */
static void judge_loss(struct pl_peer *p)
{
    struct pl_remb_seen seen = {0};
    for (size_t i = 0; i < p->n_sources; i++)
        for (unsigned k = 0; k < p->sources[i].n_layers && p->sources[i].section->remb; k++) {
            const struct pl_layer *l = &p->sources[i].layers[k];
            if (!l->stream.started)
                continue;
            seen.expected += l->stream.max_seq - l->stream.first_seq + 1;
            seen.received += l->stream.received;
            seen.bps += l->flowing_since ? l->rates[PL_TID_ALL].bps : 0;
        }
    pl_remb_update(&p->remb, &seen);
}

void pl_peer_report(struct pl_peer *p, pl_time_us now)
{
    uint8_t bytes[REPORT_MAX + PL_SRTP_OVERHEAD_MAX];
    struct pl_writer w = pl_writer(bytes, REPORT_MAX);
    for (size_t i = 0; i < p->n_sinks; i++)
        report_sink(p, &p->sinks[i], &w, now);
    report_sources(p, &w, now);
    flush(p, &w);
    judge_loss(p);
    pl_peer_send_remb(p);
}

void pl_peer_send_remb(struct pl_peer *p)
{
    uint32_t ssrcs[PL_RTCP_REMB_SSRCS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < p->n_sources; i++)
        for (unsigned k = 0; k < p->sources[i].n_layers; k++) {
            const struct pl_stream *s = &p->sources[i].layers[k].stream;
            if (p->sources[i].section->remb && s->started && n < PL_RTCP_REMB_SSRCS_MAX)
                ssrcs[n++] = s->ssrc;
        }
    if (n == 0)
        return;
    uint8_t bytes[REPORT_MAX + PL_SRTP_OVERHEAD_MAX];
    struct pl_writer w = pl_writer(bytes, REPORT_MAX);
    pl_rtcp_write_remb(&w, p->ssrc, p->remb.bps, ssrcs, n);
    flush(p, &w);
}

void pl_peer_send_arrivals(struct pl_peer *p)
{
    uint8_t bytes[PL_TWCC_PACKET_MAX + PL_SRTP_OVERHEAD_MAX];
    while (p->arrivals && pl_twcc_due(p->arrivals)) {
        struct pl_writer w = pl_writer(bytes, PL_TWCC_PACKET_MAX);
        if (pl_twcc_write(&w, p->arrivals, p->ssrc, p->arrivals_ssrc))
            return;
        flush(p, &w);
    }
}
