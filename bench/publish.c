/* What publishers send: VP8 and Opus packets in the sizes and times of a browser's, their reports,
 * key frames and packets again when asked to. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AUDIO_PERIOD_NS (20 * NS_PER_MS)
#define AUDIO_BYTES 120
#define HEADER_MAX 64
#define DESCRIPTOR_SIZE                                                                            \
    6 /* of VP8 with everything, which a server that gives it other numbers keeps */
#define FRAME_HEADER_SIZE 10 /* RFC 6386, 9.1, of a key frame; others have 3 bytes of it */
#define MARK_SIZE 12         /* MARK and the time of sending */
#define MARK 0x50617271u
#define LATE_NS NS_PER_S /* a stream that far behind starts anew */

/* What follows the mark in every payload. */
static const uint8_t *pattern(void)
{
    static uint8_t bytes[1500];
    static bool made;
    for (unsigned i = 0; !made && i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 131);
    made = true;
    return bytes;
}

static void write_mark(struct pl_writer *w, size_t payload_len)
{
    pl_write_u32(w, MARK);
    pl_write_u64(w, (uint64_t)load_now_ns());
    size_t used = pl_writer_size(w);
    if (used < payload_len)
        pl_write_bytes(w, pattern(), payload_len - used);
}

bool publish_mark(const uint8_t *payload, size_t n, bool video, int64_t *sent_ns)
{
    size_t skip = video ? DESCRIPTOR_SIZE + FRAME_HEADER_SIZE : 1;
    if (n < skip + MARK_SIZE || pl_get_u32(payload + skip) != MARK)
        return false;
    *sent_ns = (int64_t)pl_get_u64(payload + skip + 4);
    return memcmp(payload + skip + MARK_SIZE, pattern(), n - skip - MARK_SIZE) == 0;
}

/* One element of a one-byte header extension (RFC 8285, 4.2). */
static void element(struct pl_writer *w, uint8_t id, const void *value, size_t n)
{
    if (id == 0 || n == 0)
        return;
    pl_write_u8(w, (uint8_t)(id << 4 | (n - 1)));
    pl_write_bytes(w, value, n);
}

static void write_extension(struct load_session *s, const struct stream *t, struct pl_writer *w)
{
    uint8_t body[40] = {0}, number[2], level = (uint8_t)(0x80 | s->publish.level);
    char rid = (char)('0' + t->layer_index);
    struct pl_writer e = pl_writer(body, sizeof body);
    pl_put_u16(number, s->twcc_seq);
    element(&e, t->ext_level, &level, 1);
    element(&e, t->ext_twcc, number, 2);
    element(&e, t->ext_mid, t->mid, strlen(t->mid));
    element(&e, t->ext_rid, &rid, 1);
    size_t words = (pl_writer_size(&e) + 3) / 4;
    if (words == 0)
        return;
    s->twcc_seq = (uint16_t)(s->twcc_seq + (t->ext_twcc != 0));
    w->start[0] |= 0x10;
    pl_write_u16(w, 0xbede);
    pl_write_u16(w, (uint16_t)words);
    pl_write_bytes(w, body, words * 4);
}

static size_t write_header(struct load_session *s, const struct stream *t,
                           const struct pl_rtp *fixed, uint8_t out[HEADER_MAX])
{
    struct pl_writer w = pl_writer(out, HEADER_MAX);
    pl_rtp_write_header(&w, fixed);
    write_extension(s, t, &w);
    return pl_writer_size(&w);
}

static void seal_and_send(struct load_session *s, const uint8_t *header, size_t header_len,
                          const uint8_t *payload, size_t payload_len)
{
    uint8_t out[DATAGRAM_MAX];
    size_t n;
    if (pl_srtp_protect(s->out, header, header_len, NULL, 0, payload, payload_len, out, &n))
        load_die("SRTP");
    session_send(s, out, n);
    s->load->totals.published++;
    s->load->totals.published_bytes += n;
}

/* The packet is in `p`, but for its header and its payload's end. */
static void send_packet(struct load_session *s, struct stream *t, struct sent *p, bool marker)
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

static void write_frame_header(const struct stream *t, bool first, bool key, struct pl_writer *w)
{
    uint8_t header[FRAME_HEADER_SIZE] = {0};
    if (first) {
        header[0] = key ? 0x10 : 0x11; /* shown; the lowest bit says that it is no key frame */
        if (key) {
            memcpy(header + 3, "\x9d\x01\x2a", 3);
            header[6] = (uint8_t)t->layer.width;
            header[7] = (uint8_t)(t->layer.width >> 8);
            header[8] = (uint8_t)t->layer.height;
            header[9] = (uint8_t)(t->layer.height >> 8);
        }
    }
    pl_write_bytes(w, header, sizeof header);
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

static void send_frame(struct load_session *s, struct stream *t)
{
    bool key = t->key_next;
    unsigned shorter = load_random(s->load) % t->layer.packets;
    t->key_next = false;
    t->picture_id = (t->picture_id + 1) & 0x7fff;
    t->tl0++;
    size_t header_len = 12 + (t->ext_mid ? 20 : t->ext_twcc ? 8 : 0);
    for (unsigned i = 0; i < t->layer.packets; i++) {
        struct sent *p = &t->history[t->seq % HISTORY];
        p->payload_len = (uint16_t)(t->layer.bytes - header_len - (i < shorter));
        struct pl_writer w = pl_writer(p->bytes + HEADER_MAX, sizeof p->bytes - HEADER_MAX);
        write_descriptor(t, i == 0, &w);
        write_frame_header(t, i == 0, key, &w);
        write_mark(&w, p->payload_len);
        send_packet(s, t, p, i + 1 == t->layer.packets);
    }
    t->timestamp += 90000 / t->layer.fps;
}

static void send_sound(struct load_session *s, struct stream *t)
{
    struct sent p;
    struct pl_writer w = pl_writer(p.bytes + HEADER_MAX, sizeof p.bytes - HEADER_MAX);
    p.payload_len = AUDIO_BYTES - 12 - 8;
    pl_write_u8(&w, 0xf8); /* CELT, 20 ms, mono (RFC 6716, 3.1) */
    write_mark(&w, p.payload_len);
    send_packet(s, t, &p, false);
    t->timestamp += 960;
}

int64_t publish_due(struct load *l, int64_t now)
{
    int64_t next = INT64_MAX;
    if (now < l->publish_ns)
        return l->publish_ns;
    for (unsigned i = 0; i < l->n_publishers; i++) {
        struct load_session *s = l->publishers[i];
        if (s->state != LOAD_UP)
            continue;
        for (unsigned k = 0; k < s->n_streams; k++) {
            struct stream *t = &s->streams[k];
            if (now - t->next_ns > LATE_NS)
                t->next_ns = now;
            if (t->next_ns <= now) {
                t->next_ns += t->period_ns;
                t->video ? send_frame(s, t) : send_sound(s, t);
            }
            if (t->next_ns < next)
                next = t->next_ns;
        }
    }
    return next;
}

void publish_begin(struct load_session *s, int64_t now)
{
    struct load *l = s->load;
    uint32_t phase = load_random(l);
    for (unsigned k = 0; k < s->n_streams; k++) {
        struct stream *t = &s->streams[k];
        t->period_ns = t->video ? NS_PER_S / t->layer.fps : AUDIO_PERIOD_NS;
        t->next_ns = now + (int64_t)(t->video ? phase : load_random(l)) % t->period_ns;
        t->seq = (uint16_t)(load_random(l) & 0x7fff); /* RFC 3711, 3.3.1 */
        t->rtx_seq = (uint16_t)(load_random(l) & 0x7fff);
        t->timestamp = load_random(l);
        t->key_next = t->video;
        if (t->video && !(t->history = calloc(HISTORY, sizeof *t->history)))
            load_die("history");
    }
}

/* As a browser: one request makes a key frame of every layer. */
static void want_keys(struct load_session *s)
{
    for (unsigned k = 0; k < s->n_streams; k++)
        s->streams[k].key_next = s->streams[k].video;
}

static void send_again(struct load_session *s, struct stream *t, uint16_t seq)
{
    const struct sent *p = t->history ? &t->history[seq % HISTORY] : NULL;
    if (!p || !p->there || p->seq != seq)
        return;
    s->load->totals.resent++;
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

void publish_rtcp(struct load_session *s, const uint8_t *bytes, size_t n)
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

void publish_report(struct load_session *s, int64_t now)
{
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    uint64_t ntp = ((uint64_t)wall.tv_sec + 2208988800u) << 32 |
                   ((uint64_t)wall.tv_nsec << 32) / (uint64_t)NS_PER_S;
    for (unsigned k = 0; k < s->n_streams; k++) {
        const struct stream *t = &s->streams[k];
        uint8_t bytes[256];
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        int64_t rate = t->video ? 90000 : 48000;
        int64_t left = (t->next_ns - now) / NS_PER_US * rate / 1000000;
        const struct pl_rtcp_sender sender = {.ssrc = t->ssrc,
                                              .ntp = ntp,
                                              .timestamp = t->timestamp - (uint32_t)left,
                                              .packets = t->packets,
                                              .octets = t->octets};
        pl_rtcp_write_sr(&w, &sender, NULL, 0);
        pl_rtcp_write_sdes(&w, t->ssrc, "load");
        session_send_rtcp(s, &w, sizeof bytes);
        s->load->totals.reports++;
    }
}
