/* See slot.h. */
#include "sfu/slot.h"

#include "proto/rtp.h"

#define PICTURE_ID_MASK 0x7fff

void pl_slot_init(struct pl_slot *s, const struct pl_section *section, uint16_t first_seq)
{
    *s = (struct pl_slot){
        .ssrc = section->ssrc,
        .clock_rate = section->clock_rate,
        .section = section,
        .ext_twcc = section->ext_twcc,
        .rtx = section->formats[0].rtx_pt != 0,
        .rtx_ssrc = section->rtx_ssrc,
        .rtx_seq = first_seq & 0x7fff,
        .media = section->media,
        .max_seq = (first_seq & 0x7fff) + 65536,
    };
}

static const struct pl_segment *newest(const struct pl_slot *s)
{
    return s->n_segments ? &s->segments[(s->n_segments - 1) % PL_SEGMENTS] : NULL;
}

/* One frame, in ticks: 20 ms of sound, a thirtieth of a second of picture. */
static uint32_t one_frame(const struct pl_slot *s)
{
    return s->media == PL_AUDIO ? s->clock_rate / 50 : s->clock_rate / 30;
}

static uint32_t ticks_since(const struct pl_slot *s, pl_time_us now)
{
    if (now <= s->sent_at)
        return one_frame(s);
    uint64_t ticks = (uint64_t)(now - s->sent_at) * s->clock_rate / PL_SECOND;
    return ticks > one_frame(s) ? (uint32_t)ticks : one_frame(s);
}

/* --- Segments, and the numbers under them: pure functions of segment and packet --- */

static int64_t packets_left_out(const struct pl_media_packet *packet, unsigned tid)
{
    return tid < PL_TID_ALL ? packet->left_out.packets[tid] : 0;
}

/* VP8's picture ids must have no gaps: libwebrtc waits for each frame between one and what it
 * refers to. VP9's must keep them: they place a frame in its group. */
static unsigned frames_left_out(const struct pl_media_packet *packet, unsigned tid)
{
    return tid < PL_TID_ALL && packet->codec == PL_VP8 ? packet->left_out.frames[tid] : 0;
}

static int64_t seq_of(const struct pl_segment *g, const struct pl_media_packet *packet)
{
    return g->first_out + (packet->seq - g->first_in) -
           (packets_left_out(packet, g->tid) - g->left_out);
}

static uint16_t picture_id_of(const struct pl_segment *g, const struct pl_media_packet *packet)
{
    return (packet->picture_id - frames_left_out(packet, g->tid) + g->picture_id_shift) &
           PICTURE_ID_MASK;
}

static uint8_t tl0_of(const struct pl_segment *g, const struct pl_media_packet *packet)
{
    return (uint8_t)(packet->descriptor.tl0 + g->tl0_shift);
}

/* The packet becomes the slot's number `first_out` with this picture id. */
static void begin_segment(struct pl_slot *s, struct pl_segment g,
                          const struct pl_media_packet *packet, int64_t first_out,
                          unsigned picture_id)
{
    g.first_in = packet->seq;
    g.first_out = first_out;
    g.left_out = packets_left_out(packet, g.tid);
    g.picture_id_shift =
        (picture_id - packet->picture_id + frames_left_out(packet, g.tid)) & PICTURE_ID_MASK;
    s->segments[s->n_segments++ % PL_SEGMENTS] = g;
}

uint32_t pl_slot_switch(struct pl_slot *s, const struct pl_ring *stream,
                        const struct pl_media_packet *packet, unsigned tid, pl_time_us now)
{
    uint32_t timestamp = s->started ? s->timestamp + ticks_since(s, now) : packet->timestamp;
    const struct pl_segment g = {
        .stream = stream,
        .timestamp_shift = timestamp - packet->timestamp,
        .tl0_shift = (uint8_t)(s->tl0 + 1 - packet->descriptor.tl0),
        .tid = (uint8_t)tid,
    };
    begin_segment(s, g, packet, s->max_seq + 1, s->picture_id + 1u);
    return timestamp;
}

void pl_slot_limit(struct pl_slot *s, const struct pl_media_packet *packet, unsigned tid)
{
    const struct pl_segment *was = newest(s);
    struct pl_segment g = *was;
    g.tid = (uint8_t)tid;
    g.goes_on = true;
    begin_segment(s, g, packet, seq_of(was, packet), picture_id_of(was, packet));
}

unsigned pl_slot_tid(const struct pl_slot *s)
{
    const struct pl_segment *g = newest(s);
    return g ? g->tid : PL_TID_ALL;
}

static uint64_t oldest_segment(const struct pl_slot *s)
{
    return s->n_segments > PL_SEGMENTS ? s->n_segments - PL_SEGMENTS : 0;
}

/* The segment of a packet: the newest, or one that goes on in it. NULL: from before the switch. */
static const struct pl_segment *covering(const struct pl_slot *s, const struct pl_ring *stream,
                                         int64_t seq)
{
    for (uint64_t i = s->n_segments; i > oldest_segment(s); i--) {
        const struct pl_segment *g = &s->segments[(i - 1) % PL_SEGMENTS];
        if (g->stream != stream)
            return NULL;
        if (seq >= g->first_in)
            return g;
        if (!g->goes_on)
            return NULL;
    }
    return NULL;
}

bool pl_slot_takes(const struct pl_slot *s, const struct pl_ring *stream,
                   const struct pl_media_packet *packet)
{
    const struct pl_segment *g = covering(s, stream, packet->seq);
    return g && pl_packet_goes(packet, g->tid);
}

/* --- Writing --- */

/* RFC 3550, 5.1, and the transport-wide number as the one element of its extension (RFC 8285, 4.2).
 */
static void write_header(const struct pl_slot *s, uint8_t pt, bool marker, uint16_t seq,
                         uint32_t timestamp, uint32_t ssrc, struct pl_slot_packet *out)
{
    out->header_len = s->ext_twcc ? PL_SLOT_HEADER_MAX : 12;
    struct pl_writer w = pl_writer(out->header, out->header_len);
    pl_write_u8(&w, s->ext_twcc ? 0x90 : 0x80);
    pl_write_u8(&w, (uint8_t)(marker << 7 | pt));
    pl_write_u16(&w, seq);
    pl_write_u32(&w, timestamp);
    pl_write_u32(&w, ssrc);
    if (!s->ext_twcc)
        return;
    pl_write_u32(&w, 0xbede0001);
    pl_write_u32(&w, (uint32_t)(s->ext_twcc << 4 | 1) << 24);
}

/* RED, with the names that this slot has for it and for Opus, or its primary block alone. */
static const struct pl_format *write_red(const struct pl_slot *s, struct pl_slot_packet *out)
{
    const struct pl_format *red = pl_section_codec(s->section, PL_RED);
    const struct pl_format *opus = pl_section_codec(s->section, PL_OPUS);
    struct pl_red blocks;
    if (!opus || pl_red_parse(out->rest, out->rest_len, &blocks))
        return NULL;
    size_t skip = red ? blocks.headers_len : blocks.primary_at;
    if (red)
        out->descriptor_len = pl_red_write_headers(&blocks, out->rest, opus->pt, out->descriptor);
    out->rest += skip;
    out->rest_len -= skip;
    return red ? red : opus;
}

static const struct pl_format *write_payload(const struct pl_slot *s, const struct pl_segment *g,
                                             const struct pl_media_packet *packet,
                                             struct pl_slot_packet *out)
{
    size_t replaces;
    out->descriptor_len = 0;
    out->rest = packet->payload;
    out->rest_len = packet->payload_len;
    out->may_pad = s->rtx; /* else a retransmission would have to be padded alike */
    if (packet->codec == PL_RED)
        return write_red(s, out);
    if (pl_packet_fills(packet, g->tid)) { /* padding without a byte (RFC 3550, 5.1) */
        out->rest += out->rest_len;
        out->rest_len = 0;
        return pl_section_codec(s->section, packet->codec);
    }
    out->descriptor_len =
        pl_descriptor_write(&packet->descriptor, packet->payload, picture_id_of(g, packet),
                            tl0_of(g, packet), out->descriptor, &replaces);
    out->rest += replaces;
    out->rest_len -= replaces;
    return pl_section_codec(s->section, packet->codec);
}

/* Writes the packet as number `seq` of the slot under a segment: a pure function of the two.
 * Returns the format; NULL: the slot cannot carry it. */
static const struct pl_format *write(const struct pl_slot *s, const struct pl_segment *g,
                                     int64_t seq, const struct pl_media_packet *packet,
                                     struct pl_slot_packet *out)
{
    const struct pl_format *f = write_payload(s, g, packet, out);
    if (f)
        write_header(s, f->pt, packet->marker, (uint16_t)seq,
                     packet->timestamp + g->timestamp_shift, s->ssrc, out);
    return f;
}

bool pl_slot_rewrite(struct pl_slot *s, const struct pl_ring *stream,
                     const struct pl_media_packet *packet, pl_time_us now,
                     struct pl_slot_packet *out)
{
    const struct pl_segment *g = covering(s, stream, packet->seq);
    if (!g || !pl_packet_goes(packet, g->tid))
        return false;
    int64_t seq = seq_of(g, packet);
    if (s->started && seq > s->max_seq + PL_SLOT_GAP_MAX) {
        pl_slot_switch(s, stream, packet, g->tid, now);
        g = newest(s);
        seq = g->first_out;
    }
    if (!write(s, g, seq, packet, out))
        return false;
    s->packets++;
    s->octets += (uint32_t)(out->descriptor_len + out->rest_len);
    if (seq <= s->max_seq)
        return true;
    s->started = true;
    s->max_seq = seq;
    s->timestamp = packet->timestamp + g->timestamp_shift;
    s->sent_at = now;
    if (packet->descriptor.picture_id_len)
        s->picture_id = picture_id_of(g, packet);
    if (packet->descriptor.tl0_at)
        s->tl0 = tl0_of(g, packet);
    return true;
}

/* The segment that numbers `seq` and the extended number; NULL: never sent, or forgotten. */
static const struct pl_segment *segment_of(const struct pl_slot *s, uint16_t seq16, int64_t *seq)
{
    *seq = s->max_seq + pl_seq_diff(seq16, (uint16_t)s->max_seq);
    if (!s->started || *seq > s->max_seq)
        return NULL;
    for (uint64_t i = s->n_segments; i > oldest_segment(s); i--) {
        const struct pl_segment *g = &s->segments[(i - 1) % PL_SEGMENTS];
        if (*seq >= g->first_out)
            return g->stream ? g : NULL;
    }
    return NULL;
}

/* Numbers grow with the stream's by one at most: what is so far ahead is at least as far behind
 * this packet. What is not kept is stepped over. */
const struct pl_media_packet *pl_slot_find(const struct pl_slot *s, uint16_t seq16)
{
    int64_t seq;
    const struct pl_segment *g = segment_of(s, seq16, &seq);
    if (!g)
        return NULL;
    int64_t at = g->first_in + (seq - g->first_out);
    if (at < g->stream->oldest)
        at = g->stream->oldest;
    while (at <= g->stream->newest) {
        const struct pl_media_packet *packet = pl_ring_get(g->stream, at);
        int64_t ahead = packet ? seq - seq_of(g, packet) : 1;
        if (ahead < 0)
            return NULL;
        if (ahead == 0 && pl_packet_goes(packet, g->tid))
            return packet;
        at += ahead ? ahead : 1;
    }
    return NULL;
}

/* RFC 4588, 4: the original sequence number before the payload, numbers and SSRC of its own. */
static void make_rtx(struct pl_slot *s, uint8_t pt, uint16_t seq, struct pl_slot_packet *out)
{
    memmove(out->descriptor + PL_RTX_PREFIX, out->descriptor, out->descriptor_len);
    pl_put_u16(out->descriptor, seq);
    out->descriptor_len += PL_RTX_PREFIX;
    out->header[1] = (uint8_t)((out->header[1] & 0x80) | pt);
    pl_put_u16(out->header + 2, s->rtx_seq++);
    pl_put_u32(out->header + 8, s->rtx_ssrc);
}

bool pl_slot_rewrite_again(struct pl_slot *s, uint16_t seq16, const struct pl_media_packet *packet,
                           struct pl_slot_packet *out)
{
    int64_t seq;
    const struct pl_segment *g = segment_of(s, seq16, &seq);
    if (!g)
        return false;
    const struct pl_format *f = write(s, g, seq, packet, out);
    if (f && s->rtx)
        make_rtx(s, f->rtx_pt, seq16, out);
    return f != NULL;
}

bool pl_slot_padding(struct pl_slot *s, struct pl_slot_packet *out)
{
    static const uint8_t padding[PL_SLOT_PADDING] = {[PL_SLOT_PADDING - 1] = PL_SLOT_PADDING};
    if (!s->rtx)
        return false;
    write_header(s, s->section->formats[0].rtx_pt, false, s->rtx_seq++, s->timestamp, s->rtx_ssrc,
                 out);
    out->header[0] |= 0x20; /* P */
    out->descriptor_len = 0;
    out->rest = padding;
    out->rest_len = sizeof padding;
    out->may_pad = false;
    return true;
}

void pl_slot_forget(struct pl_slot *s, const struct pl_ring *stream)
{
    for (size_t i = 0; i < PL_SEGMENTS; i++)
        if (s->segments[i].stream == stream)
            s->segments[i].stream = NULL;
}

uint32_t pl_slot_timestamp(const struct pl_slot *s, uint32_t timestamp)
{
    const struct pl_segment *g = newest(s);
    return g ? timestamp + g->timestamp_shift : timestamp;
}
