/* Counts of non-negative integers, exact below 64 and within 1/32 above. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_CELLS 1920 /* 64, and 32 for each of 58 further powers of two */

struct histogram {
    uint64_t n;
    uint64_t cells[HISTOGRAM_CELLS];
};

static inline unsigned histogram_cell(uint64_t v)
{
    if (v < 64)
        return (unsigned)v;
    unsigned shift = 58u - (unsigned)__builtin_clzll(v); /* leaves 32 to 63 */
    return 32 * shift + (unsigned)(v >> shift);
}

/* The largest value of a cell. */
static inline uint64_t histogram_value(unsigned cell)
{
    if (cell < 64)
        return cell;
    unsigned shift = (cell - 32) / 32;
    return ((uint64_t)(cell - 32 * shift + 1) << shift) - 1;
}

static inline void histogram_add(struct histogram *h, uint64_t v)
{
    h->n++;
    h->cells[histogram_cell(v)]++;
}

/* The value that `part` (0 to 1) of all are at or below; 0 if there is none. */
static inline uint64_t histogram_quantile(const struct histogram *h, double part)
{
    uint64_t seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_CELLS; i++) {
        seen += h->cells[i];
        if (seen && (double)seen >= part * (double)h->n)
            return histogram_value(i);
    }
    return 0;
}

#endif
