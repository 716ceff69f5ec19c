/* The Merkle tree of RFC 6962 (section 2.1; RFC 9162 says the same) over SHA-256: a tree that
 * grows, the proofs that it gives, and the checks of them. Pure; one thread at a time. */
#ifndef PL_RECORD_MERKLE_H
#define PL_RECORD_MERKLE_H

#include "base/err.h"
#include "crypto/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hashes in a proof: one a level, and one more in a proof of consistency. */
#define PL_PROOF_MAX 64
/* Leaves of a tree, far above anything that fits in memory: numbers stay exact in JavaScript. */
#define PL_MERKLE_SIZE_MAX ((UINT64_C(1) << 53) - 1)

struct pl_hash {
    uint8_t bytes[PL_SHA256_SIZE];
};

struct pl_proof {
    struct pl_hash hashes[PL_PROOF_MAX];
    size_t n;
};

bool pl_hash_eq(const struct pl_hash *a, const struct pl_hash *b);

/* SHA-256(0x00 || bytes). Without memory for a copy of the bytes the process ends. */
struct pl_hash pl_merkle_leaf(const void *bytes, size_t n);
/* SHA-256(0x01 || left || right) */
struct pl_hash pl_merkle_node(const struct pl_hash *left, const struct pl_hash *right);

/* A tree that only grows. All roots of perfect subtrees are kept, twice 32 bytes a leaf, in the
 * order in which they come about, so that any root and any proof costs a few dozen hashes. Starts
 * as zeros. */
struct pl_merkle {
    struct pl_hash *nodes;
    size_t n, room;
    uint64_t size; /* leaves */
};

enum pl_err pl_merkle_add(struct pl_merkle *t, const struct pl_hash *leaf) PL_CHECKED;
void pl_merkle_free(struct pl_merkle *t); /* and leaves it empty */

/* The hash of a leaf, by its index from 0. */
struct pl_hash pl_merkle_leaf_at(const struct pl_merkle *t, uint64_t index);
/* The same in base64, by the number of its event, from 1. False: the tree has none of it. */
#define PL_LEAF_TEXT_SIZE (4 * ((PL_SHA256_SIZE + 2) / 3) + 1)
bool pl_merkle_leaf_text(const struct pl_merkle *t, int64_t number, char out[PL_LEAF_TEXT_SIZE]);
/* The root as it was when the tree had `size` leaves (at most as many as it has). */
struct pl_hash pl_merkle_root(const struct pl_merkle *t, uint64_t size);
/* That the leaf `index` (from 0, below `size`) is in the tree of `size` leaves. */
void pl_merkle_inclusion(const struct pl_merkle *t, uint64_t index, uint64_t size,
                         struct pl_proof *out);
/* That the tree of `from` leaves (1 to `to`) is the beginning of that of `to` leaves. */
void pl_merkle_consistency(const struct pl_merkle *t, uint64_t from, uint64_t to,
                           struct pl_proof *out);

/* RFC 9162, 2.1.3.2 */
bool pl_merkle_included(const struct pl_hash *leaf, uint64_t index, uint64_t size,
                        const struct pl_hash *root, const struct pl_hash *proof, size_t n);
/* RFC 9162, 2.1.4.2; what is consistent with an empty tree says nothing, and is refused. */
bool pl_merkle_consistent(uint64_t from, const struct pl_hash *from_root, uint64_t to,
                          const struct pl_hash *to_root, const struct pl_hash *proof, size_t n);

#endif
