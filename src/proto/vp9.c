/* See vp9.h. */
#include "proto/vp9.h"

#include "base/bytes.h"

/* The descriptor's first octet. */
#define HAS_ID 0x80    /* I */
#define PREDICTED 0x40 /* P */
#define LAYERS 0x20    /* L */
#define FLEXIBLE 0x10  /* F */
#define START 0x08     /* B */
#define STRUCTURE 0x02 /* V */

#define REFERENCES_MAX 3

/* TID, U, SID, D, and in the other mode than the flexible one TL0PICIDX. Returns SID. */
static unsigned read_layers(struct pl_reader *r, const uint8_t *start, bool flexible,
                            struct pl_descriptor *d)
{
    uint8_t b = pl_read_u8(r);
    d->temporal_id = b >> 5;
    d->switch_up = b & 0x10;
    if (!flexible) {
        d->tl0_at = (uint8_t)(r->p - start);
        d->tl0 = pl_read_u8(r);
    }
    return b >> 1 & 7;
}

/* P_DIFF and N: whether another follows. */
static bool skip_references(struct pl_reader *r)
{
    for (int i = 0; i < REFERENCES_MAX; i++)
        if ((pl_read_u8(r) & 1) == 0)
            return true;
    return false;
}

/* RFC 9628, 4.2.1. */
static void read_structure(struct pl_reader *r, struct pl_descriptor *d)
{
    uint8_t b = pl_read_u8(r);
    if (b & 0x10) /* Y: sizes of the spatial layers, ascending */
        for (unsigned i = 0; i <= b >> 5u; i++) {
            d->width = pl_read_u16(r);
            d->height = pl_read_u16(r);
        }
    if (b & 0x08) /* G: the pictures of a group */
        for (unsigned n = pl_read_u8(r); n > 0 && !r->bad; n--)
            pl_read_bytes(r, pl_read_u8(r) >> 2 & 3); /* R */
}

enum pl_err pl_vp9_parse(const uint8_t *payload, size_t n, struct pl_descriptor *out)
{
    struct pl_reader r = pl_reader(payload, n);
    struct pl_descriptor d = {0};
    uint8_t first = pl_read_u8(&r);
    bool flexible = first & FLEXIBLE;
    unsigned spatial_id = 0;
    if (first & HAS_ID) {
        d.picture_id_at = 1;
        uint8_t id = pl_read_u8(&r);
        bool long_id = id & 0x80;
        d.picture_id_len = long_id ? 2 : 1;
        d.picture_id = (uint16_t)(long_id ? (id & 0x7f) << 8 | pl_read_u8(&r) : id);
    }
    if (first & LAYERS)
        spatial_id = read_layers(&r, payload, flexible, &d);
    if (flexible && (first & PREDICTED) && !skip_references(&r))
        return PL_EINVAL;
    if (first & STRUCTURE)
        read_structure(&r, &d);
    if (r.bad || pl_reader_left(&r) == 0)
        return PL_ETRUNC;
    d.key_start = (first & START) && !(first & PREDICTED) && spatial_id == 0;
    *out = d;
    return PL_OK;
}
