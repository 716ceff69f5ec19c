/* Ed25519 signatures (RFC 8032) with keys out of seeds, and HKDF-SHA256 (RFC 5869). Any thread.
 * Without memory the process ends, as in hash.h. */
#ifndef PL_CRYPTO_SIGN_H
#define PL_CRYPTO_SIGN_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_SEED_SIZE 32       /* RFC 8032, 5.1.5 */
#define PL_PUBLIC_KEY_SIZE 32 /* and these too */
#define PL_SIGNATURE_SIZE 64

void pl_ed25519_public(const uint8_t seed[PL_SEED_SIZE], uint8_t out[PL_PUBLIC_KEY_SIZE]);

void pl_ed25519_sign(const uint8_t seed[PL_SEED_SIZE], const void *bytes, size_t n,
                     uint8_t out[PL_SIGNATURE_SIZE]);

/* Is this a signature of these bytes? False too for what is no key. */
bool pl_ed25519_verify(const uint8_t key[PL_PUBLIC_KEY_SIZE], const void *bytes, size_t n,
                       const uint8_t signature[PL_SIGNATURE_SIZE]);

/* n is at most 255 * 32. */
void pl_hkdf_sha256(struct pl_str secret, struct pl_str salt, struct pl_str info, uint8_t *out,
                    size_t n);

#endif
