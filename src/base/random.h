/* Where random bytes come from. Cores take one of these; tests pass a seeded one. */
#ifndef PL_BASE_RANDOM_H
#define PL_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct pl_random {
    void (*fill)(void *ctx, uint8_t *out, size_t n); /* cannot fail */
    void *ctx;
};

static inline uint32_t pl_random_u32(const struct pl_random *r)
{
    uint32_t v;
    r->fill(r->ctx, (uint8_t *)&v, sizeof v);
    return v;
}

#endif
