/* See hash.h. */
#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

void pl_sha256(const void *bytes, size_t n, uint8_t out[PL_SHA256_SIZE])
{
    /* The one-shot function that cannot fail: SHA256() takes no provider and allocates nothing. */
    SHA256(bytes, n, out);
}

bool pl_secret_eq(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}
