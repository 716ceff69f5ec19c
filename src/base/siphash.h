/* SipHash-1-3 (Aumasson, Bernstein): 64 bits that nobody foresees without the seed. */
#ifndef PL_BASE_SIPHASH_H
#define PL_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t pl_siphash(const uint64_t seed[2], const void *bytes, size_t n);

#endif
