/* See cbor.h. */
#include "identity/cbor.h"

/* What stands behind the first byte. */
static uint64_t argument(struct pl_reader *r, uint8_t low, enum pl_cbor_type type)
{
    uint64_t n = low;
    uint64_t least = 0; /* a smaller one has a shorter form; of a float each has its own */
    if (low == 24) {
        n = pl_read_u8(r);
        least = type == PL_CBOR_SIMPLE ? 32 : 24;
    } else if (low == 25) {
        n = pl_read_u16(r);
        least = UINT8_MAX + UINT64_C(1);
    } else if (low == 26) {
        n = pl_read_u32(r);
        least = UINT16_MAX + UINT64_C(1);
    } else if (low == 27) {
        n = pl_read_u64(r);
        least = UINT32_MAX + UINT64_C(1);
    } else if (low > 27) {
        r->bad = true; /* reserved, or of unknown length */
    }
    if (n < least && (type != PL_CBOR_SIMPLE || low == 24))
        r->bad = true;
    return n;
}

bool pl_cbor_next(struct pl_reader *r, struct pl_cbor *out)
{
    uint8_t first = pl_read_u8(r);
    struct pl_cbor item = {.type = first >> 5};
    item.n = argument(r, first & 31, item.type);
    if (item.type == PL_CBOR_BYTES || item.type == PL_CBOR_TEXT) {
        if (item.n > pl_reader_left(r))
            r->bad = true;
        else
            item.bytes = pl_read_bytes(r, (size_t)item.n);
    }
    if (r->bad)
        return false;
    *out = item;
    return true;
}

bool pl_cbor_skip(struct pl_reader *r)
{
    uint64_t left[PL_CBOR_DEPTH_MAX + 1] = {1}; /* items still to come, at each level */
    unsigned depth = 0;
    for (;;) {
        struct pl_cbor item;
        while (left[depth] == 0) {
            if (depth == 0)
                return true;
            depth--;
        }
        left[depth]--;
        if (!pl_cbor_next(r, &item))
            return false;
        uint64_t inside = item.type == PL_CBOR_ARRAY || item.type == PL_CBOR_MAP ? item.n
                          : item.type == PL_CBOR_TAG                             ? 1
                                                                                 : 0;
        if (inside > pl_reader_left(r) || (inside && depth == PL_CBOR_DEPTH_MAX)) {
            r->bad = true; /* each takes a byte at least */
            return false;
        }
        if (inside)
            left[++depth] = item.type == PL_CBOR_MAP ? inside * 2 : inside;
    }
}

bool pl_cbor_int(const struct pl_cbor *item, int32_t *out)
{
    if (item->type > PL_CBOR_NEGATIVE || item->n > INT32_MAX)
        return false;
    *out = item->type == PL_CBOR_NEGATIVE ? -1 - (int32_t)item->n : (int32_t)item->n;
    return true;
}
