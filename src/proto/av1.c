/* See av1.h. */
#include "proto/av1.h"

#include "base/bits.h"
#include "base/bytes.h"

#define FRAGMENT 0x80     /* Z: the first element continues an OBU */
#define NEW_SEQUENCE 0x08 /* N */
#define OBU_SEQUENCE_HEADER 1
#define OBU_EXTENSION 0x04
#define OBU_HAS_SIZE 0x02
#define OBU_ELEMENTS_MAX 8 /* of a packet that are looked at */

/* leb128(), of at most four bytes: what fits a packet. */
static size_t read_leb128(struct pl_reader *r)
{
    size_t v = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t b = pl_read_u8(r);
        v |= (size_t)(b & 0x7f) << (i * 7);
        if ((b & 0x80) == 0)
            return v;
    }
    r->bad = true;
    return 0;
}

/* timing_info(); whether decoder_model_info() follows, which tells *delay_bits. */
static bool skip_timing(struct pl_bits *b, unsigned *delay_bits)
{
    pl_bits_read(b, 32);
    pl_bits_read(b, 32);
    if (pl_bits_flag(b)) /* equal_picture_interval */
        pl_bits_golomb(b);
    if (!pl_bits_flag(b))
        return false;
    *delay_bits = pl_bits_read(b, 5) + 1;
    pl_bits_read(b, 32);
    pl_bits_read(b, 10);
    return true;
}

/* One of operating_points_cnt_minus_1 + 1. */
static void skip_operating_point(struct pl_bits *b, bool model, unsigned delay_bits, bool delay)
{
    pl_bits_read(b, 12);        /* operating_point_idc */
    if (pl_bits_read(b, 5) > 7) /* seq_level_idx */
        pl_bits_read(b, 1);     /* seq_tier */
    if (model && pl_bits_flag(b)) {
        pl_bits_read(b, delay_bits);
        pl_bits_read(b, delay_bits);
        pl_bits_read(b, 1);
    }
    if (delay && pl_bits_flag(b))
        pl_bits_read(b, 4);
}

/* sequence_header_obu(), as far as the size. */
static void read_sequence_header(const uint8_t *p, size_t n, struct pl_descriptor *d)
{
    struct pl_bits b = pl_bits(p, n);
    pl_bits_read(&b, 4); /* seq_profile, still_picture */
    if (pl_bits_flag(&b)) {
        pl_bits_read(&b, 5); /* reduced_still_picture_header */
    } else {
        unsigned delay_bits = 0;
        bool model = pl_bits_flag(&b) && skip_timing(&b, &delay_bits);
        bool delay = pl_bits_flag(&b);
        for (unsigned points = pl_bits_read(&b, 5) + 1; points > 0; points--)
            skip_operating_point(&b, model, delay_bits, delay);
    }
    unsigned width_bits = pl_bits_read(&b, 4) + 1, height_bits = pl_bits_read(&b, 4) + 1;
    uint32_t width = pl_bits_read(&b, width_bits) + 1, height = pl_bits_read(&b, height_bits) + 1;
    if (b.bad || width > UINT16_MAX || height > UINT16_MAX)
        return;
    d->width = (uint16_t)width;
    d->height = (uint16_t)height;
}

static void read_obu(const uint8_t *p, size_t n, struct pl_descriptor *d)
{
    struct pl_reader r = pl_reader(p, n);
    uint8_t header = pl_read_u8(&r);
    if (header & OBU_EXTENSION)
        pl_read_u8(&r);
    if (header & OBU_HAS_SIZE)
        read_leb128(&r);
    if (!r.bad && (header >> 3 & 15) == OBU_SEQUENCE_HEADER)
        read_sequence_header(r.p, pl_reader_left(&r), d);
}

enum pl_err pl_av1_parse(const uint8_t *payload, size_t n, struct pl_descriptor *out)
{
    struct pl_reader r = pl_reader(payload, n);
    struct pl_descriptor d = {0};
    uint8_t header = pl_read_u8(&r);
    unsigned elements = header >> 4 & 3; /* W; 0: every one has a length, else the last has none */
    if (pl_reader_left(&r) == 0)
        return PL_ETRUNC;
    if ((header & NEW_SEQUENCE) && (header & FRAGMENT))
        return PL_EINVAL;
    d.key_start = header & NEW_SEQUENCE;
    for (unsigned i = 1; d.key_start && !d.height && i <= OBU_ELEMENTS_MAX; i++) {
        size_t len = i == elements ? pl_reader_left(&r) : read_leb128(&r);
        const uint8_t *obu = pl_read_bytes(&r, len);
        if (!obu)
            break; /* whatever it is, it has no sequence header */
        read_obu(obu, len, &d);
    }
    *out = d;
    return PL_OK;
}
