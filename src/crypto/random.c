/* See random.h. */
#include "crypto/random.h"

#include <limits.h>
#include <openssl/rand.h>
#include <stdlib.h>

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    while (n > 0) {
        int part = n < INT_MAX ? (int)n : INT_MAX;
        if (RAND_bytes(out, part) != 1)
            abort();
        out += part;
        n -= (size_t)part;
    }
}

const struct pl_random *pl_crypto_random(void)
{
    static const struct pl_random random = {.fill = fill, .ctx = NULL};
    return &random;
}
