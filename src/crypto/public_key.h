/* Signatures of keys that others hold, of the two older kinds (Ed25519 is in sign.h). What is no
 * key, or no signature, verifies nothing. Any thread. Without memory the process ends, as in
 * hash.h. */
#ifndef PL_CRYPTO_PUBLIC_KEY_H
#define PL_CRYPTO_PUBLIC_KEY_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_P256_POINT_SIZE 65 /* uncompressed: 4, x, y (SEC 1, 2.3.3) */
#define PL_RSA_BITS_MIN 2048  /* NIST SP 800-131A, 3 */
#define PL_RSA_BITS_MAX 4096  /* what a check may cost */

/* ECDSA on P-256 with SHA-256; the signature is DER (RFC 3279, 2.2.3). A point that is not on the
 * curve is no key. */
bool pl_p256_verify(const uint8_t point[PL_P256_POINT_SIZE], struct pl_str bytes,
                    struct pl_str signature);

/* RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2); modulus and exponent as big-endian numbers,
 * without zeros in front. The exponent is odd, from 3 to 2^32 - 1. */
bool pl_rsa_verify(struct pl_str modulus, struct pl_str exponent, struct pl_str bytes,
                   struct pl_str signature);

#endif
