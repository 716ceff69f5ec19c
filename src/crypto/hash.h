/* SHA-256 (FIPS 180-4), MD5 (RFC 1321) and HMAC-SHA1 (RFC 2104) of what is in memory; comparison
 * that does not tell where two secrets differ; forgetting secrets. Any thread. */
#ifndef PL_CRYPTO_HASH_H
#define PL_CRYPTO_HASH_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_SHA256_SIZE 32
#define PL_SHA1_SIZE 20

void pl_sha256(const void *bytes, size_t n, uint8_t out[PL_SHA256_SIZE]);

/* Of n pieces, one after the other. For the long-term credential of STUN alone, which asks for it
 * (RFC 8489, 9.2.2). */
#define PL_MD5_SIZE 16
void pl_md5(const struct pl_str *pieces, size_t n, uint8_t out[PL_MD5_SIZE]);

void pl_hmac_sha1(const void *key, size_t key_len, const void *bytes, size_t n,
                  uint8_t out[PL_SHA1_SIZE]);

/* Over the two pieces, one after the other. */
void pl_hmac_sha1_2(const void *key, size_t key_len, const void *first, size_t first_len,
                    const void *second, size_t second_len, uint8_t out[PL_SHA1_SIZE]);

/* Whether n bytes are equal, in a time that depends on n alone. */
bool pl_secret_eq(const void *a, const void *b, size_t n);

/* Overwrites a secret with zeros, which the compiler does not leave out. */
void pl_wipe(void *secret, size_t n);

#endif
