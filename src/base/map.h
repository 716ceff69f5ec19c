/* Hash map from byte keys to pointers: open addressing, SipHash-1-3 under a seed of the owner's, so
 * that peers who choose keys (addresses, ufrags, SSRCs) cannot make it slow. */
#ifndef PL_BASE_MAP_H
#define PL_BASE_MAP_H

#include "base/err.h"
#include "base/random.h"

#include <stddef.h>
#include <stdint.h>

struct pl_map_entry {
    const void *key; /* borrowed: lives in the value, as a rule; NULL = empty place */
    size_t key_len;
    void *value;
    uint64_t hash;
};

struct pl_map {
    struct pl_map_entry *entries;
    size_t cap, len; /* cap is 0 or a power of two */
    uint64_t seed[2];
};

void pl_map_init(struct pl_map *m, const struct pl_random *random);
void pl_map_free(struct pl_map *m);

void *pl_map_get(const struct pl_map *m, const void *key, size_t n);

/* PL_EEXIST if the key is there (and nothing changes), PL_ENOMEM. `key` must outlive the entry. */
enum pl_err pl_map_put(struct pl_map *m, const void *key, size_t n, void *value) PL_CHECKED;

/* The value that was there, or NULL. */
void *pl_map_remove(struct pl_map *m, const void *key, size_t n);

/* Visits all: `*at` starts at 0; NULL at the end. Nothing may be put or removed meanwhile. */
void *pl_map_next(const struct pl_map *m, size_t *at);

#endif
