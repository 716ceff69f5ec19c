/* What arrives: batches of datagrams, what each is, and the checks of every RTP packet. */
#include "client/parts.h"

#include "proto/vp8.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define BATCH 64
#define GRO_BATCH 16
#define GRO_SIZE 65536

struct buffers {
    struct mmsghdr plain[BATCH], gro[GRO_BATCH];
    struct iovec plain_piece[BATCH], gro_piece[GRO_BATCH];
    uint8_t plain_bytes[BATCH][DATAGRAM_MAX];
    uint8_t gro_bytes[GRO_BATCH][GRO_SIZE];
    _Alignas(struct cmsghdr) uint8_t control[GRO_BATCH][CMSG_SPACE(sizeof(int))];
};

struct buffers *pl_receive_buffers(void)
{
    struct buffers *b = calloc(1, sizeof *b);
    if (!b)
        pl_calls_die("buffers");
    for (unsigned i = 0; i < BATCH; i++) {
        b->plain_piece[i] = (struct iovec){b->plain_bytes[i], DATAGRAM_MAX};
        b->plain[i].msg_hdr.msg_iov = &b->plain_piece[i];
        b->plain[i].msg_hdr.msg_iovlen = 1;
    }
    for (unsigned i = 0; i < GRO_BATCH; i++) {
        b->gro_piece[i] = (struct iovec){b->gro_bytes[i], GRO_SIZE};
        b->gro[i].msg_hdr.msg_iov = &b->gro_piece[i];
        b->gro[i].msg_hdr.msg_iovlen = 1;
        b->gro[i].msg_hdr.msg_control = b->control[i];
    }
    return b;
}

/* The transport-wide number, from the clear header of a protected packet. */
static bool find_number(const uint8_t *bytes, size_t n, uint8_t id, uint16_t *seq)
{
    size_t at = 12 + 4u * (bytes[0] & 15u);
    if (!(bytes[0] & 0x10) || n < at + 4 || pl_get_u16(bytes + at) != 0xbede)
        return false;
    size_t end = at + 4 + 4u * pl_get_u16(bytes + at + 2);
    for (at += 4; at < end && end <= n;) {
        size_t len = (bytes[at] & 15u) + 1;
        if (bytes[at] == 0) {
            at++;
            continue;
        }
        if (bytes[at] >> 4 == id && len == 2 && at + 3 <= end) {
            *seq = pl_get_u16(bytes + at + 1);
            return true;
        }
        at += 1 + len;
    }
    return false;
}

static bool seen(const struct track *t, int64_t seq)
{
    return t->got[(uint64_t)seq % WINDOW / 64] >> ((uint64_t)seq % 64) & 1;
}

static void see(struct track *t, int64_t seq, bool yes)
{
    uint64_t bit = UINT64_C(1) << ((uint64_t)seq % 64);
    uint64_t *word = &t->got[(uint64_t)seq % WINDOW / 64];
    *word = yes ? *word | bit : *word & ~bit;
}

static void forget_missing(struct track *t, uint16_t seq)
{
    for (unsigned i = 0; i < t->n_missing; i++)
        if (t->missing[i].seq == seq) {
            memmove(&t->missing[i], &t->missing[i + 1],
                    (--t->n_missing - i) * sizeof t->missing[0]);
            return;
        }
}

static void skip(struct pl_call *s, struct track *t, int64_t from, int64_t to, int64_t now)
{
    t->seen.gaps += (uint64_t)(to - from);
    s->calls->totals.gaps += (uint64_t)(to - from);
    if (to - from > WINDOW)
        from = to - WINDOW;
    for (int64_t seq = from; seq < to; seq++) {
        see(t, seq, false);
        if (!t->nack || t->n_missing == MISSING_MAX)
            continue;
        t->missing[t->n_missing++] = (struct missing){(uint16_t)seq, 0, now + NACK_DELAY_NS};
        if (s->due_ns[DUE_NACK] > now + NACK_DELAY_NS)
            pl_call_due(s, DUE_NACK, now + NACK_DELAY_NS);
    }
}

/* Whether the number is new; `repair`: it came by retransmission. */
static bool note_number(struct pl_call *s, struct track *t, uint16_t number, bool repair,
                        int64_t now)
{
    struct pl_calls_totals *sum = &s->calls->totals;
    if (!t->started) {
        t->started = true;
        t->first = t->max = (int64_t)65536 + number;
        see(t, t->max, true);
        return true;
    }
    int64_t seq = t->max + pl_seq_diff(number, (uint16_t)t->max);
    if (seq > t->max) {
        skip(s, t, t->max + 1, seq, now);
        t->max = seq;
    } else if (seq <= t->max - WINDOW || seq < t->first || seen(t, seq)) {
        t->seen.duplicates++;
        sum->duplicates++;
        return false;
    } else {
        repair ? (t->seen.repaired++, sum->repaired++) : (t->seen.late++, sum->late++);
        forget_missing(t, number);
    }
    see(t, seq, true);
    return true;
}

/* RFC 3550, A.8. */
static void note_jitter(struct track *t, uint32_t timestamp, int64_t now)
{
    int64_t transit = now / NS_PER_US * t->clock_rate / 1000000 - timestamp;
    int32_t d = (int32_t)(uint32_t)(transit - t->transit);
    if (t->transit)
        t->jitter16 += (uint32_t)(d < 0 ? -d : d) - ((t->jitter16 + 8) >> 4);
    t->transit = transit;
}

/* One decrypted packet of the sample. */
static void check(struct pl_call *s, struct track *t, uint8_t *bytes, size_t n, bool repair,
                  int64_t now)
{
    struct pl_calls *l = s->calls;
    struct pl_rtp rtp;
    struct pl_descriptor vp8;
    l->totals.sampled++;
    if (pl_srtp_unprotect(s->in, bytes, &n) || pl_rtp_parse(bytes, n, &rtp)) {
        l->totals.bad++;
        return;
    }
    if (rtp.payload_len == 0) /* padding alone, a probe */
        return;
    if (repair)
        note_number(s, t, pl_get_u16(rtp.payload), true, now);
    const uint8_t *payload = rtp.payload + (repair ? 2 : 0);
    size_t payload_len = rtp.payload_len - (repair ? 2 : 0);
    const struct pl_call_receiver *r = &s->receive;
    if (r->check && !r->check(r->ctx, payload, payload_len, t->seen.video, repair, now)) {
        l->totals.bad++;
        return;
    }
    if (t->seen.video && !pl_vp8_parse(payload, payload_len, &vp8) && vp8.width) {
        t->seen.width = vp8.width;
        t->seen.height = vp8.height;
    }
}

static void count(struct pl_calls *l, struct track *t, const uint8_t *bytes, size_t n, int64_t now)
{
    bool marker = t->seen.video && bytes[1] & 0x80;
    t->seen.packets++;
    t->seen.bytes += n;
    t->seen.frames += marker;
    t->seen.last_ns = now;
    if (n > t->seen.largest)
        t->seen.largest = (unsigned)n;
    if (n < t->seen.smallest || t->seen.smallest == 0)
        t->seen.smallest = (unsigned)n;
    l->totals.packets++;
    l->totals.bytes += n;
    l->totals.video_packets += t->seen.video;
    l->totals.frames += marker;
}

void pl_receive_rtp(struct pl_call *s, uint8_t *bytes, size_t n, int64_t now)
{
    struct pl_calls *l = s->calls;
    bool rtx = false;
    uint16_t number;
    struct track *t = n >= 12 ? pl_feedback_track(s, pl_get_u32(bytes + 8), &rtx) : NULL;
    if (!t) {
        l->totals.unknown++;
        return;
    }
    if (t->ext_twcc && find_number(bytes, n, t->ext_twcc, &number)) {
        pl_twcc_arrived(s->arrivals, number, now / NS_PER_US);
        if (s->due_ns[DUE_FEEDBACK] == INT64_MAX)
            pl_call_due(s, DUE_FEEDBACK, now + FEEDBACK_NS);
    }
    bool first = !t->started;
    if (!rtx && !note_number(s, t, pl_get_u16(bytes + 2), false, now))
        return;
    count(l, t, bytes, n, now);
    if (!rtx)
        note_jitter(t, pl_get_u32(bytes + 4), now);
    if (first && t->seen.video && s->way != PL_CALL_BARE)
        pl_feedback_pli(s, t);
    if (rtx || first || s->receive.check_all || ++s->sample % PL_CALL_SAMPLE == 0)
        check(s, t, bytes, n, rtx, now);
}

static void receive_one(struct pl_call *s, uint8_t *bytes, size_t n, int64_t now)
{
    if (n == 0)
        return;
    switch (pl_demux(bytes[0])) {
    case PL_DEMUX_RTP:
        if (!s->in) {
            s->calls->totals.unknown++;
        } else if (!pl_is_rtcp(bytes, n)) {
            pl_receive_rtp(s, bytes, n, now);
        } else if (pl_srtcp_unprotect(s->in, bytes, &n)) {
            s->calls->totals.bad++;
        } else {
            pl_publish_rtcp(s, bytes, n);
            pl_feedback_rtcp(s, bytes, n, now);
        }
        break;
    case PL_DEMUX_STUN:
        pl_join_stun(s, bytes, n, now);
        break;
    case PL_DEMUX_DTLS:
        pl_handshake_input(s, bytes, n, now);
        break;
    default:
        s->calls->totals.unknown++;
    }
}

/* The size of the datagrams that were put together; 0: it is one. */
static size_t gro_size(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
            int size;
            memcpy(&size, CMSG_DATA(c), sizeof size);
            return size > 0 ? (size_t)size : 0;
        }
    return 0;
}

static void receive_gro(struct pl_call *s, struct buffers *b)
{
    for (unsigned i = 0; i < GRO_BATCH; i++)
        b->gro[i].msg_hdr.msg_controllen = sizeof b->control[i];
    int n = recvmmsg(s->fd, b->gro, GRO_BATCH, MSG_DONTWAIT, NULL);
    int64_t now = pl_calls_now_ns();
    s->calls->totals.reads += n > 0;
    for (int i = 0; i < n; i++) {
        size_t left = b->gro[i].msg_len, size = gro_size(&b->gro[i].msg_hdr);
        uint8_t *at = b->gro_bytes[i];
        while (left && s->fd >= 0) {
            size_t one = size && size < left ? size : left;
            receive_one(s, at, one, now);
            at += one;
            left -= one;
        }
    }
}

void pl_receive_ready(struct pl_call *s)
{
    struct buffers *b = s->calls->buffers;
    if (s->receive.gro) {
        receive_gro(s, b);
        return;
    }
    int n = recvmmsg(s->fd, b->plain, BATCH, MSG_DONTWAIT, NULL);
    int64_t now = pl_calls_now_ns();
    s->calls->totals.reads += n > 0;
    for (int i = 0; i < n && s->fd >= 0; i++)
        receive_one(s, b->plain_bytes[i], b->plain[i].msg_len, now);
}
