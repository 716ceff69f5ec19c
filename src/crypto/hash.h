/* SHA-256 (FIPS 180-4) of what is in memory, and comparison that does not tell where two secrets
 * differ. */
#ifndef PL_CRYPTO_HASH_H
#define PL_CRYPTO_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_SHA256_SIZE 32

void pl_sha256(const void *bytes, size_t n, uint8_t out[PL_SHA256_SIZE]);

/* Whether n bytes are equal, in a time that depends on n alone. */
bool pl_secret_eq(const void *a, const void *b, size_t n);

#endif
