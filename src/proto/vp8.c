/* See vp8.h. */
#include "proto/vp8.h"

#include "base/bytes.h"

/* The payload header (RFC 7741, 4.3; RFC 6386, 9.1): P, and on a key frame start code and size. */
static void read_frame_header(struct pl_reader *r, struct pl_descriptor *d)
{
    d->key_start = (pl_read_u8(r) & 1) == 0;
    const uint8_t *p = d->key_start && pl_reader_left(r) >= 9 ? pl_read_bytes(r, 9) : NULL;
    if (!p || p[2] != 0x9d || p[3] != 0x01 || p[4] != 0x2a)
        return;
    d->width = (uint16_t)((p[5] | p[6] << 8) & 0x3fff);
    d->height = (uint16_t)((p[7] | p[8] << 8) & 0x3fff);
}

static void read_extension(struct pl_reader *r, const uint8_t *start, struct pl_descriptor *d)
{
    uint8_t x = pl_read_u8(r);
    bool has_id = x & 0x80, has_tl0 = x & 0x40, has_tid = x & 0x20, has_key_idx = x & 0x10;
    if (has_id) {
        d->picture_id_at = (uint8_t)(r->p - start);
        uint8_t id = pl_read_u8(r);
        bool long_id = id & 0x80;
        d->picture_id_len = long_id ? 2 : 1;
        d->picture_id = (uint16_t)(long_id ? (id & 0x7f) << 8 | pl_read_u8(r) : id);
    }
    if (has_tl0) {
        d->tl0_at = (uint8_t)(r->p - start);
        d->tl0 = pl_read_u8(r);
    }
    if (has_tid || has_key_idx) {
        uint8_t b = pl_read_u8(r);
        d->temporal_id = has_tid ? b >> 6 : 0; /* without T its bits mean nothing */
        d->switch_up = has_tid && (b & 0x20);  /* Y */
    }
}

enum pl_err pl_vp8_parse(const uint8_t *payload, size_t n, struct pl_descriptor *out)
{
    struct pl_reader r = pl_reader(payload, n);
    struct pl_descriptor d = {0};
    uint8_t first = pl_read_u8(&r);
    if (first & 0x80)
        read_extension(&r, payload, &d);
    if (r.bad || pl_reader_left(&r) == 0)
        return PL_ETRUNC;
    if ((first & 0x17) == 0x10) /* S, and PID 0: the first packet of a frame */
        read_frame_header(&r, &d);
    *out = d;
    return PL_OK;
}
