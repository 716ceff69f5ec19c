/* See rtp.h. */
#include "proto/rtp.h"

#define VERSION 2
#define PADDING 0x20
#define EXTENSION 0x10
#define MARKER 0x80
#define ONE_BYTE_PROFILE 0xbede
#define TWO_BYTE_PROFILE 0x1000 /* its low four bits are free */

enum pl_err pl_rtp_parse(const uint8_t *bytes, size_t n, struct pl_rtp *out)
{
    struct pl_reader r = pl_reader(bytes, n);
    uint8_t first = pl_read_u8(&r), second = pl_read_u8(&r);
    struct pl_rtp p = {.pt = second & 0x7f, .marker = second & MARKER};
    p.seq = pl_read_u16(&r);
    p.timestamp = pl_read_u32(&r);
    p.ssrc = pl_read_u32(&r);
    pl_read_bytes(&r, (size_t)(first & 0x0f) * 4);
    if (first & EXTENSION) {
        p.ext_profile = pl_read_u16(&r);
        p.ext_len = (size_t)pl_read_u16(&r) * 4;
        p.ext = pl_read_bytes(&r, p.ext_len);
    }
    if (r.bad)
        return PL_ETRUNC;
    if (first >> 6 != VERSION)
        return PL_EINVAL;
    p.payload = r.p;
    p.payload_len = pl_reader_left(&r);
    p.header_len = n - p.payload_len;
    if (first & PADDING) {
        p.padding = p.payload_len ? bytes[n - 1] : 0;
        if (p.padding == 0 || p.padding > p.payload_len)
            return PL_EINVAL;
        p.payload_len -= p.padding;
    }
    *out = p;
    return PL_OK;
}

const uint8_t *pl_rtp_ext_find(const struct pl_rtp *rtp, uint8_t id, size_t *len)
{
    bool two_byte = (rtp->ext_profile & 0xfff0) == TWO_BYTE_PROFILE;
    if (!rtp->ext || (!two_byte && rtp->ext_profile != ONE_BYTE_PROFILE))
        return NULL;
    struct pl_reader r = pl_reader(rtp->ext, rtp->ext_len);
    while (pl_reader_left(&r)) {
        uint8_t head = pl_read_u8(&r);
        if (head == 0)
            continue; /* padding */
        uint8_t this_id = two_byte ? head : head >> 4;
        size_t this_len = two_byte ? pl_read_u8(&r) : (head & 15u) + 1;
        if (!two_byte && (this_id == 15 || this_id == 0))
            return NULL; /* RFC 8285, 4.2: nothing after it counts; an id of 0 is bare padding */
        const uint8_t *value = pl_read_bytes(&r, this_len);
        if (!value)
            return NULL;
        if (this_id == id) {
            *len = this_len;
            return value;
        }
    }
    return NULL;
}

bool pl_rtp_audio_level(const struct pl_rtp *rtp, uint8_t id, unsigned *level, bool *voice)
{
    size_t len = 0;
    const uint8_t *p = pl_rtp_ext_find(rtp, id, &len);
    if (!p || len < 1)
        return false;
    *level = p[0] & 0x7f;
    *voice = p[0] & 0x80;
    return true;
}

void pl_rtp_write_header(struct pl_writer *w, const struct pl_rtp *rtp)
{
    pl_write_u8(w, VERSION << 6);
    pl_write_u8(w, (uint8_t)((rtp->marker ? MARKER : 0) | (rtp->pt & 0x7f)));
    pl_write_u16(w, rtp->seq);
    pl_write_u32(w, rtp->timestamp);
    pl_write_u32(w, rtp->ssrc);
}

enum pl_demux pl_demux(uint8_t first_byte)
{
    if (first_byte <= 3)
        return PL_DEMUX_STUN;
    if (first_byte >= 20 && first_byte <= 63)
        return PL_DEMUX_DTLS;
    if (first_byte >= 128 && first_byte <= 191)
        return PL_DEMUX_RTP;
    return PL_DEMUX_UNKNOWN;
}

bool pl_is_rtcp(const uint8_t *bytes, size_t n)
{
    return n >= 2 && bytes[1] >= 192 && bytes[1] <= 223;
}
