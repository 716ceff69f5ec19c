/* What a receiver sends back: reports, requests for what is missing, transport-wide feedback. */
#include "client/parts.h"

#include <string.h>

static unsigned place_of(uint32_t ssrc)
{
    return ssrc * 2654435761u >> 23; /* 9 bits: sizeof by_ssrc */
}

static void put(struct pl_call *s, uint32_t ssrc, unsigned track)
{
    unsigned at = place_of(ssrc);
    while (s->by_ssrc[at])
        at = (at + 1) % sizeof s->by_ssrc;
    s->by_ssrc[at] = (uint8_t)(track + 1);
}

void pl_feedback_index(struct pl_call *s)
{
    _Static_assert(2 * TRACKS_MAX < sizeof s->by_ssrc && TRACKS_MAX < 255, "room for all");
    for (unsigned i = 0; i < s->n_tracks; i++) {
        put(s, s->tracks[i].seen.ssrc, i);
        if (s->tracks[i].rtx_ssrc)
            put(s, s->tracks[i].rtx_ssrc, i);
    }
}

struct track *pl_feedback_track(struct pl_call *s, uint32_t ssrc, bool *rtx)
{
    for (unsigned at = place_of(ssrc); s->by_ssrc[at]; at = (at + 1) % sizeof s->by_ssrc) {
        struct track *t = &s->tracks[s->by_ssrc[at] - 1];
        *rtx = t->seen.ssrc != ssrc;
        if (!*rtx || t->rtx_ssrc == ssrc)
            return t;
    }
    return NULL;
}

void pl_feedback_begin(struct pl_call *s)
{
    s->due_ns[DUE_FEEDBACK] = INT64_MAX;
    s->due_ns[DUE_NACK] = INT64_MAX;
}

void pl_feedback_rtcp(struct pl_call *s, const uint8_t *bytes, size_t n, int64_t now)
{
    struct pl_rtcp_reader r;
    struct pl_rtcp_item item;
    bool rtx;
    if (pl_rtcp_reader_init(&r, bytes, n))
        return;
    while (pl_rtcp_next(&r, &item)) {
        if (item.type != PL_RTCP_SR)
            continue;
        struct track *t = pl_feedback_track(s, item.ssrc, &rtx);
        if (t && !rtx) {
            t->last_sr = (uint32_t)(item.sender.ntp >> 16);
            t->last_sr_ns = now;
        }
    }
}

/* RFC 3550, A.3. */
static struct pl_rtcp_block block_of(struct track *t, int64_t now)
{
    uint64_t expected = (uint64_t)(t->max - t->first + 1);
    uint64_t received = expected - (t->seen.gaps - t->seen.late - t->seen.repaired);
    uint64_t due = expected - t->expected_before, came = received - t->received_before;
    struct pl_rtcp_block b = {
        .ssrc = t->seen.ssrc,
        .fraction_lost = due > came ? (uint8_t)(((due - came) << 8) / due & 255) : 0,
        .cumulative_lost = (int32_t)(expected - received),
        .highest_seq = (uint32_t)t->max,
        .jitter = t->jitter16 >> 4,
        .last_sr = t->last_sr,
    };
    if (t->last_sr)
        b.delay_since_last_sr = (uint32_t)((now - t->last_sr_ns) / NS_PER_US * 65536 / 1000000);
    t->expected_before = expected;
    t->received_before = received;
    return b;
}

void pl_feedback_report(struct pl_call *s, int64_t now)
{
    uint8_t bytes[1400];
    struct pl_rtcp_block blocks[PL_RTCP_BLOCKS_MAX];
    if (s->way == PL_CALL_BARE)
        return;
    for (unsigned i = 0; i < s->n_tracks;) {
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        size_t n = 0;
        for (; i < s->n_tracks && n < PL_RTCP_BLOCKS_MAX; i++)
            if (s->tracks[i].started)
                blocks[n++] = block_of(&s->tracks[i], now);
        if (n == 0)
            return;
        pl_rtcp_write_rr(&w, s->rtcp_ssrc, blocks, n);
        pl_rtcp_write_sdes(&w, s->rtcp_ssrc, "client");
        pl_call_send_rtcp(s, &w, sizeof bytes);
        s->calls->totals.reports++;
    }
}

void pl_feedback_arrivals(struct pl_call *s, int64_t now)
{
    (void)now;
    s->due_ns[DUE_FEEDBACK] = INT64_MAX; /* until the next packet */
    while (s->arrivals && pl_twcc_due(s->arrivals)) {
        uint8_t bytes[PL_TWCC_PACKET_MAX + 64];
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        if (pl_twcc_write(&w, s->arrivals, s->rtcp_ssrc, s->tracks[0].seen.ssrc))
            return;
        pl_call_send_rtcp(s, &w, sizeof bytes);
        s->calls->totals.feedbacks++;
    }
}

/* The numbers of a track whose turn it is; those asked for often enough are given up. */
static size_t due_numbers(struct track *t, int64_t now, uint16_t out[MISSING_MAX], int64_t *next)
{
    size_t n = 0;
    unsigned kept = 0;
    for (unsigned i = 0; i < t->n_missing; i++) {
        struct missing *m = &t->missing[i];
        if (m->at <= now) {
            if (m->tries++ == NACK_TRIES)
                continue;
            m->at = now + NACK_AGAIN_NS;
            out[n++] = m->seq;
        }
        if (m->at < *next)
            *next = m->at;
        t->missing[kept++] = *m;
    }
    t->n_missing = kept;
    return n;
}

void pl_feedback_nack(struct pl_call *s, int64_t now)
{
    int64_t next = INT64_MAX;
    for (unsigned i = 0; i < s->n_tracks; i++) {
        uint8_t bytes[1400];
        uint16_t numbers[MISSING_MAX];
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        size_t n = due_numbers(&s->tracks[i], now, numbers, &next);
        if (n == 0)
            continue;
        pl_rtcp_write_nack(&w, s->rtcp_ssrc, s->tracks[i].seen.ssrc, numbers, n);
        pl_call_send_rtcp(s, &w, sizeof bytes);
        s->calls->totals.nacks += n;
    }
    pl_call_due(s, DUE_NACK, next);
}

void pl_feedback_pli(struct pl_call *s, struct track *t)
{
    uint8_t bytes[64];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_pli(&w, s->rtcp_ssrc, t->seen.ssrc);
    pl_call_send_rtcp(s, &w, sizeof bytes);
    t->pli_sent = true;
    s->calls->totals.plis++;
}
