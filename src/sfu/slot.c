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

uint32_t pl_slot_switch(struct pl_slot *s, const void *stream, const struct pl_media_packet *packet,
                        pl_time_us now)
{
    uint32_t timestamp = s->started ? s->timestamp + ticks_since(s, now) : packet->timestamp;
    struct pl_segment *g = &s->segments[s->n_segments++ % PL_SEGMENTS];
    *g = (struct pl_segment){
        .stream = stream,
        .first_in = packet->seq,
        .first_out = s->max_seq + 1,
        .timestamp_shift = timestamp - packet->timestamp,
    };
    g->picture_id_shift = (uint16_t)(s->picture_id + 1 - packet->picture_id) & PICTURE_ID_MASK;
    g->tl0_shift = (uint8_t)(s->tl0 + 1 - packet->descriptor.tl0);
    return timestamp;
}

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

static uint16_t picture_id_of(const struct pl_segment *g, const struct pl_media_packet *packet)
{
    return (packet->picture_id + g->picture_id_shift) & PICTURE_ID_MASK;
}

static uint8_t tl0_of(const struct pl_segment *g, const struct pl_media_packet *packet)
{
    return (uint8_t)(packet->descriptor.tl0 + g->tl0_shift);
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

bool pl_slot_rewrite(struct pl_slot *s, const void *stream, const struct pl_media_packet *packet,
                     pl_time_us now, struct pl_slot_packet *out)
{
    const struct pl_segment *g = newest(s);
    if (!g || g->stream != stream || packet->seq < g->first_in)
        return false;
    int64_t seq = packet->seq - g->first_in + g->first_out;
    if (s->started && seq > s->max_seq + PL_SLOT_GAP_MAX) {
        pl_slot_switch(s, stream, packet, now);
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
    uint64_t oldest = s->n_segments > PL_SEGMENTS ? s->n_segments - PL_SEGMENTS : 0;
    for (uint64_t i = s->n_segments; i > oldest; i--) {
        const struct pl_segment *g = &s->segments[(i - 1) % PL_SEGMENTS];
        if (*seq >= g->first_out)
            return g->stream ? g : NULL;
    }
    return NULL;
}

bool pl_slot_find(const struct pl_slot *s, uint16_t seq16, const void **stream, int64_t *stream_seq)
{
    int64_t seq;
    const struct pl_segment *g = segment_of(s, seq16, &seq);
    if (!g)
        return false;
    *stream = g->stream;
    *stream_seq = seq - g->first_out + g->first_in;
    return true;
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

void pl_slot_forget(struct pl_slot *s, const void *stream)
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
