/* What is sent: the content's frames and sound as packets of VP8 and Opus, when they are due; their
 * reports, key frames and packets again when asked to. */
#include "client/parts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AUDIO_PERIOD_NS (20 * NS_PER_MS)
#define AUDIO_TICKS 960 /* in it, of Opus's clock */
#define HEADER_MAX 64
#define LATE_NS NS_PER_S /* a stream that far behind goes on from now */

/* One element of a one-byte header extension (RFC 8285, 4.2). */
static void element(struct pl_writer *w, uint8_t id, const void *value, size_t n)
{
    if (id == 0 || n == 0)
        return;
    pl_write_u8(w, (uint8_t)(id << 4 | (n - 1)));
    pl_write_bytes(w, value, n);
}

static void write_extension(struct pl_call *s, const struct stream *t, struct pl_writer *w)
{
    uint8_t body[40] = {0}, number[2], level = (uint8_t)(0x80 | t->level);
    struct pl_writer e = pl_writer(body, sizeof body);
    pl_put_u16(number, s->twcc_seq);
    element(&e, t->ext_level, &level, 1);
    element(&e, t->ext_twcc, number, 2);
    element(&e, t->ext_mid, t->mid, strlen(t->mid));
    element(&e, t->ext_rid, t->rid, t->ext_rid ? strlen(t->rid) : 0);
    size_t words = (pl_writer_size(&e) + 3) / 4;
    if (words == 0)
        return;
    s->twcc_seq = (uint16_t)(s->twcc_seq + (t->ext_twcc != 0));
    w->start[0] |= 0x10;
    pl_write_u16(w, 0xbede);
    pl_write_u16(w, (uint16_t)words);
    pl_write_bytes(w, body, words * 4);
}

static size_t write_header(struct pl_call *s, const struct stream *t, const struct pl_rtp *fixed,
                           uint8_t out[HEADER_MAX])
{
    struct pl_writer w = pl_writer(out, HEADER_MAX);
    pl_rtp_write_header(&w, fixed);
    write_extension(s, t, &w);
    return pl_writer_size(&w);
}

static void seal_and_send(struct pl_call *s, const uint8_t *header, size_t header_len,
                          const uint8_t *payload, size_t payload_len)
{
    uint8_t out[DATAGRAM_MAX];
    size_t n;
    if (pl_srtp_protect(s->out, header, header_len, NULL, 0, payload, payload_len, out, &n))
        pl_calls_die("SRTP");
    pl_call_send(s, out, n);
    s->calls->totals.published++;
    s->calls->totals.published_bytes += n;
}

/* The packet is in `p`, but for its header and its payload's end. */
static void send_packet(struct pl_call *s, struct stream *t, struct sent *p, bool marker)
{
    const struct pl_rtp fixed = {
        .pt = t->pt, .marker = marker, .seq = t->seq++, .timestamp = t->timestamp, .ssrc = t->ssrc};
    uint8_t header[HEADER_MAX];
    size_t header_len = write_header(s, t, &fixed, header);
    p->seq = fixed.seq;
    p->there = true;
    p->header_len = (uint16_t)header_len;
    memcpy(p->bytes, header, header_len);
    t->packets++;
    t->octets += p->payload_len;
    seal_and_send(s, p->bytes, header_len, p->bytes + HEADER_MAX, p->payload_len);
}

/* RFC 7741, 4.2: S, picture id of 15 bits, TL0PICIDX, TID, KEYIDX. */
static void write_descriptor(const struct stream *t, bool start, struct pl_writer *w)
{
    pl_write_u8(w, start ? 0x90 : 0x80);
    pl_write_u8(w, 0xf0);
    pl_write_u16(w, 0x8000 | t->picture_id);
    pl_write_u8(w, t->tl0);
    pl_write_u8(w, 0);
}

static void send_frame(struct pl_call *s, struct stream *t)
{
    const struct pl_call_content *content = &s->publish.content;
    struct pl_call_frame f = {.layer = t->layer,
                              .overhead = 12 + (t->ext_mid    ? 20
                                                : t->ext_twcc ? 8
                                                              : 0)};
    if (!content->frame(content->ctx, t->key_next, &f))
        return;
    t->key_next = t->key_next && !f.key;
    t->picture_id = (t->picture_id + 1) & 0x7fff;
    t->tl0++;
    for (unsigned i = 0; i < f.packets; i++) {
        struct sent *p = &t->history[t->seq % HISTORY];
        struct pl_writer w = pl_writer(p->bytes + HEADER_MAX, sizeof p->bytes - HEADER_MAX);
        write_descriptor(t, i == 0, &w);
        size_t n = content->packet(content->ctx, &f, i, w.p, PL_CALL_PAYLOAD_MAX);
        p->payload_len = (uint16_t)(PL_CALL_DESCRIPTOR_SIZE + n);
        send_packet(s, t, p, i + 1 == f.packets);
    }
}

static void send_sound(struct pl_call *s, struct stream *t)
{
    const struct pl_call_content *content = &s->publish.content;
    struct sent p;
    size_t n = content->sound(content->ctx, p.bytes + HEADER_MAX, PL_CALL_PAYLOAD_MAX, &t->level);
    bool begins = t->silent; /* of a talkspurt: marked (RFC 3551, 4.1) */
    t->silent = n == 0;
    if (n == 0)
        return;
    p.payload_len = (uint16_t)n;
    send_packet(s, t, &p, begins);
}

static uint32_t ticks(const struct stream *t, int64_t ns)
{
    return (uint32_t)(ns / NS_PER_US * (t->video ? 90000 : 48000) / 1000000);
}

/* It sends again after a while in which it did not: its clock went on. */
static void resume(struct stream *t, int64_t now)
{
    if (t->next_ns < now)
        t->timestamp += ticks(t, now - t->next_ns);
    t->next_ns = now;
}

static void send_due(struct pl_call *s, struct stream *t, int64_t now)
{
    if (now - t->next_ns > LATE_NS)
        resume(t, now);
    t->next_ns += t->period_ns;
    t->video ? send_frame(s, t) : send_sound(s, t);
    t->timestamp += t->video ? 90000 / t->fps : AUDIO_TICKS;
}

int64_t pl_publish_due(struct pl_calls *l, int64_t now)
{
    int64_t next = INT64_MAX;
    if (now < l->publish_ns)
        return l->publish_ns;
    for (unsigned i = 0; i < l->n_publishers; i++) {
        struct pl_call *s = l->publishers[i];
        for (unsigned k = 0; k < s->n_streams; k++) {
            struct stream *t = &s->streams[k];
            if (!t->wanted)
                continue;
            if (t->next_ns <= now)
                send_due(s, t, now);
            if (t->next_ns < next)
                next = t->next_ns;
        }
    }
    return next;
}

void pl_publish_begin(struct pl_call *s, int64_t now)
{
    struct pl_calls *l = s->calls;
    uint32_t phase = pl_calls_random(l);
    for (unsigned k = 0; k < s->n_streams; k++) {
        struct stream *t = &s->streams[k];
        t->period_ns = t->video ? NS_PER_S / t->fps : AUDIO_PERIOD_NS;
        t->next_ns = now + (int64_t)(t->video ? phase : pl_calls_random(l)) % t->period_ns;
        t->seq = (uint16_t)(pl_calls_random(l) & 0x7fff); /* RFC 3711, 3.3.1 */
        t->rtx_seq = (uint16_t)(pl_calls_random(l) & 0x7fff);
        t->timestamp = pl_calls_random(l);
        t->key_next = t->video;
        t->silent = true;
        t->wanted = t->video ? t->layer < s->want_layers : s->want_sound;
        if (t->video && !(t->history = calloc(HISTORY, sizeof *t->history)))
            pl_calls_die("history");
    }
}

void pl_call_want(struct pl_call *s, unsigned layers, bool sound)
{
    int64_t now = pl_calls_now_ns();
    s->want_layers = layers;
    s->want_sound = sound;
    for (unsigned k = 0; s->state == PL_CALL_UP && k < s->n_streams; k++) {
        struct stream *t = &s->streams[k];
        bool wanted = t->video ? t->layer < layers : sound;
        if (wanted && !t->wanted) {
            resume(t, now);
            t->key_next = t->video;
            t->silent = true;
        }
        t->wanted = wanted;
    }
    s->calls->publish_ns = 0; /* whatever is due now is not what was due before */
}

/* As a browser: one request makes a key frame of every layer. */
static void want_keys(struct pl_call *s)
{
    for (unsigned k = 0; k < s->n_streams; k++)
        s->streams[k].key_next = s->streams[k].video;
}

static void send_again(struct pl_call *s, struct stream *t, uint16_t seq)
{
    const struct sent *p = t->history ? &t->history[seq % HISTORY] : NULL;
    if (!p || !p->there || p->seq != seq)
        return;
    s->calls->totals.resent++;
    if (!t->rtx_pt) { /* the same bytes as before */
        seal_and_send(s, p->bytes, p->header_len, p->bytes + HEADER_MAX, p->payload_len);
        return;
    }
    uint8_t header[HEADER_MAX], payload[DATAGRAM_MAX];
    struct pl_rtp fixed;
    if (pl_rtp_parse(p->bytes, p->header_len, &fixed))
        return;
    fixed.pt = t->rtx_pt;
    fixed.ssrc = t->rtx_ssrc;
    fixed.seq = t->rtx_seq++;
    size_t header_len = write_header(s, t, &fixed, header);
    pl_put_u16(payload, seq);
    memcpy(payload + 2, p->bytes + HEADER_MAX, p->payload_len);
    seal_and_send(s, header, header_len, payload, p->payload_len + 2u);
}

void pl_publish_rtcp(struct pl_call *s, const uint8_t *bytes, size_t n)
{
    struct pl_rtcp_reader r;
    struct pl_rtcp_item item;
    uint16_t seq;
    if (pl_rtcp_reader_init(&r, bytes, n))
        return;
    while (pl_rtcp_next(&r, &item)) {
        if (item.type == PL_RTCP_PLI || item.type == PL_RTCP_FIR)
            want_keys(s);
        if (item.type != PL_RTCP_NACK)
            continue;
        for (unsigned k = 0; k < s->n_streams; k++) {
            struct pl_rtcp_nacks it = pl_rtcp_nacks(&item);
            while (s->streams[k].ssrc == item.media_ssrc && pl_rtcp_nack_next(&it, &seq))
                send_again(s, &s->streams[k], seq);
        }
    }
}

void pl_publish_report(struct pl_call *s, int64_t now)
{
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    uint64_t ntp = ((uint64_t)wall.tv_sec + 2208988800u) << 32 |
                   ((uint64_t)wall.tv_nsec << 32) / (uint64_t)NS_PER_S;
    for (unsigned k = 0; k < s->n_streams; k++) {
        const struct stream *t = &s->streams[k];
        uint8_t bytes[256];
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        if (t->packets == 0 || !t->wanted)
            continue;
        const struct pl_rtcp_sender sender = {.ssrc = t->ssrc,
                                              .ntp = ntp,
                                              .timestamp =
                                                  t->timestamp - ticks(t, t->next_ns - now),
                                              .packets = t->packets,
                                              .octets = t->octets};
        pl_rtcp_write_sr(&w, &sender, NULL, 0);
        pl_rtcp_write_sdes(&w, t->ssrc, "client");
        pl_call_send_rtcp(s, &w, sizeof bytes);
        s->calls->totals.reports++;
    }
}
