/* A bounded cursor over bits, the most significant first, as bytes.h is over bytes: reading past
 * the end sets a flag that stays, and yields zeros. */
#ifndef PL_BASE_BITS_H
#define PL_BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_bits {
    const uint8_t *p;
    size_t left; /* bits */
    unsigned at; /* 0 to 7, in *p */
    bool bad;    /* something was read past the end */
};

static inline struct pl_bits pl_bits(const uint8_t *bytes, size_t n)
{
    return (struct pl_bits){.p = bytes, .left = n * 8};
}

/* The next n bits, n at most 32. */
static inline uint32_t pl_bits_read(struct pl_bits *b, unsigned n)
{
    uint32_t v = 0;
    if (b->bad || n > b->left) {
        b->bad = true;
        return 0;
    }
    b->left -= n;
    while (n--) {
        v = v << 1 | (*b->p >> (7 - b->at) & 1u);
        b->p += b->at == 7;
        b->at = (b->at + 1) & 7;
    }
    return v;
}

static inline bool pl_bits_flag(struct pl_bits *b)
{
    return pl_bits_read(b, 1) != 0;
}

/* Exponential Golomb, ue(v) of H.264 (9.1) and uvlc() of AV1 (4.10.3): up to 2^32 - 2. */
static inline uint32_t pl_bits_golomb(struct pl_bits *b)
{
    unsigned zeros = 0;
    while (!b->bad && !pl_bits_flag(b))
        zeros++;
    if (zeros > 31)
        b->bad = true;
    return b->bad ? 0 : ((uint32_t)1 << zeros) - 1 + pl_bits_read(b, zeros);
}

#endif
