/* See vp8.h. */
#include "proto/vp8.h"

/* The payload header (RFC 7741, 4.3; RFC 6386, 9.1): P, and on a key frame start code and size. */
static void read_frame_header(struct pl_reader *r, struct pl_vp8 *d)
{
    uint8_t first = pl_read_u8(r);
    d->key_frame = !r->bad && d->start && d->partition == 0 && (first & 1) == 0;
    const uint8_t *p = d->key_frame && pl_reader_left(r) >= 9 ? pl_read_bytes(r, 9) : NULL;
    if (!p || p[2] != 0x9d || p[3] != 0x01 || p[4] != 0x2a)
        return;
    d->width = (uint16_t)((p[5] | p[6] << 8) & 0x3fff);
    d->height = (uint16_t)((p[7] | p[8] << 8) & 0x3fff);
}

static void read_extension(struct pl_reader *r, struct pl_vp8 *d)
{
    uint8_t x = pl_read_u8(r);
    d->has_picture_id = x & 0x80;
    d->has_tl0 = x & 0x40;
    d->has_tid = x & 0x20;
    d->has_key_idx = x & 0x10;
    if (d->has_picture_id) {
        uint8_t id = pl_read_u8(r);
        d->picture_id_15 = id & 0x80;
        d->picture_id = d->picture_id_15 ? (uint16_t)((id & 0x7f) << 8 | pl_read_u8(r)) : id;
    }
    if (d->has_tl0)
        d->tl0_pic_idx = pl_read_u8(r);
    if (d->has_tid || d->has_key_idx) {
        uint8_t b = pl_read_u8(r);
        d->tid = d->has_tid ? b >> 6 : 0; /* without T or K their bits mean nothing */
        d->layer_sync = d->has_tid && (b & 0x20);
        d->key_idx = d->has_key_idx ? b & 0x1f : 0;
    }
}

enum pl_err pl_vp8_parse(const uint8_t *payload, size_t n, struct pl_vp8 *out, size_t *len)
{
    struct pl_reader r = pl_reader(payload, n);
    uint8_t first = pl_read_u8(&r);
    struct pl_vp8 d = {
        .non_reference = first & 0x20, .start = first & 0x10, .partition = first & 7};
    if (first & 0x80)
        read_extension(&r, &d);
    if (r.bad || pl_reader_left(&r) == 0)
        return PL_ETRUNC;
    size_t descriptor_len = n - pl_reader_left(&r);
    read_frame_header(&r, &d);
    *out = d;
    *len = descriptor_len;
    return PL_OK;
}

void pl_vp8_write_descriptor(struct pl_writer *w, const struct pl_vp8 *d)
{
    bool extended = d->has_picture_id || d->has_tl0 || d->has_tid || d->has_key_idx;
    pl_write_u8(
        w, (uint8_t)(extended << 7 | d->non_reference << 5 | d->start << 4 | (d->partition & 7)));
    if (!extended)
        return;
    pl_write_u8(w, (uint8_t)(d->has_picture_id << 7 | d->has_tl0 << 6 | d->has_tid << 5 |
                             d->has_key_idx << 4));
    if (d->has_picture_id)
        pl_write_u16(w, 0x8000 | (d->picture_id & 0x7fff));
    if (d->has_tl0)
        pl_write_u8(w, d->tl0_pic_idx);
    if (d->has_tid || d->has_key_idx)
        pl_write_u8(w, (uint8_t)(d->tid << 6 | d->layer_sync << 5 | (d->key_idx & 0x1f)));
}
