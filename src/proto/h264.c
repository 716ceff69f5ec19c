/* See h264.h. */
#include "proto/h264.h"

#include "base/bits.h"
#include "base/bytes.h"

#define NAL_SPS 7
#define NAL_SINGLE_MAX 23
#define NAL_STAP_A 24
#define NAL_FU_A 28
#define FU_HEADER_SIZE 2
#define SPS_READ 64 /* bytes of a parameter set that are looked at: the size stands before */
#define POC_CYCLE_MAX 255

/* The bytes without emulation prevention (H.264, 7.3.1). */
static size_t unescape(const uint8_t *p, size_t n, uint8_t out[SPS_READ])
{
    size_t len = 0, zeros = 0;
    for (size_t i = 0; i < n && len < SPS_READ; i++) {
        if (zeros >= 2 && p[i] == 3) {
            zeros = 0;
            continue;
        }
        zeros = p[i] ? 0 : zeros + 1;
        out[len++] = p[i];
    }
    return len;
}

/* Profiles whose parameter set tells of chroma and scaling before the size. */
static bool is_plain(uint32_t profile)
{
    return profile == 66 || profile == 77 || profile == 88;
}

static void skip_picture_order(struct pl_bits *b)
{
    uint32_t type = pl_bits_golomb(b);
    if (type == 0)
        pl_bits_golomb(b);
    if (type != 1)
        return;
    pl_bits_read(b, 1);
    pl_bits_golomb(b);
    pl_bits_golomb(b);
    uint32_t cycle = pl_bits_golomb(b);
    b->bad |= cycle > POC_CYCLE_MAX;
    while (!b->bad && cycle--)
        pl_bits_golomb(b);
}

static void read_sps(const uint8_t *p, size_t n, struct pl_descriptor *d)
{
    uint8_t bytes[SPS_READ];
    struct pl_bits b = pl_bits(bytes, unescape(p, n, bytes));
    uint32_t crop[4] = {0}; /* left, right, top, bottom */
    uint32_t profile = pl_bits_read(&b, 8);
    pl_bits_read(&b, 16);
    pl_bits_golomb(&b); /* seq_parameter_set_id */
    if (!is_plain(profile))
        return;
    pl_bits_golomb(&b); /* log2_max_frame_num_minus4 */
    skip_picture_order(&b);
    pl_bits_golomb(&b); /* max_num_ref_frames */
    pl_bits_read(&b, 1);
    uint64_t columns = (uint64_t)pl_bits_golomb(&b) + 1, rows = (uint64_t)pl_bits_golomb(&b) + 1;
    uint64_t fields = pl_bits_flag(&b) ? 1 : 2; /* frame_mbs_only_flag */
    pl_bits_read(&b, fields == 2 ? 2 : 1);
    if (pl_bits_flag(&b))
        for (int i = 0; i < 4; i++)
            crop[i] = pl_bits_golomb(&b);
    uint64_t cut_x = 2 * ((uint64_t)crop[0] + crop[1]);
    uint64_t cut_y = 2 * fields * ((uint64_t)crop[2] + crop[3]);
    uint64_t width = columns * 16, height = rows * fields * 16;
    if (b.bad || cut_x >= width || cut_y >= height || width - cut_x > UINT16_MAX ||
        height - cut_y > UINT16_MAX)
        return;
    d->width = (uint16_t)(width - cut_x);
    d->height = (uint16_t)(height - cut_y);
}

static void read_nal(const uint8_t *p, size_t n, struct pl_descriptor *d)
{
    if (n == 0 || (p[0] & 31) != NAL_SPS)
        return;
    d->key_start = true;
    read_sps(p + 1, n - 1, d);
}

/* RFC 6184, 5.7.1. */
static enum pl_err read_aggregate(struct pl_reader *r, struct pl_descriptor *d)
{
    while (pl_reader_left(r)) {
        size_t n = pl_read_u16(r);
        const uint8_t *nal = pl_read_bytes(r, n);
        if (!nal)
            return PL_ETRUNC;
        read_nal(nal, n, d);
    }
    return PL_OK;
}

enum pl_err pl_h264_parse(const uint8_t *payload, size_t n, struct pl_descriptor *out)
{
    struct pl_reader r = pl_reader(payload, n);
    struct pl_descriptor d = {0};
    unsigned type = pl_read_u8(&r) & 31;
    enum pl_err err = PL_OK;
    if (r.bad)
        return PL_ETRUNC;
    if (type == NAL_STAP_A)
        err = pl_reader_left(&r) ? read_aggregate(&r, &d) : PL_ETRUNC;
    else if (type == NAL_FU_A) /* a parameter set is never so long */
        err = n > FU_HEADER_SIZE ? PL_OK : PL_ETRUNC;
    else if (type == 0 || type > NAL_SINGLE_MAX)
        err = PL_EINVAL;
    else
        read_nal(payload, n, &d);
    if (!err)
        *out = d;
    return err;
}
