/* See merkle.h. */
#include "record/merkle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64
#define SHORT_LEAF 1024 /* most events are shorter */

bool pl_hash_eq(const struct pl_hash *a, const struct pl_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

struct pl_hash pl_merkle_leaf(const void *bytes, size_t n)
{
    struct pl_hash out;
    uint8_t few[SHORT_LEAF + 1], *all = n <= SHORT_LEAF ? few : malloc(n + 1);
    if (!all)
        abort();
    all[0] = 0;
    if (n)
        memcpy(all + 1, bytes, n);
    pl_sha256(all, n + 1, out.bytes);
    if (all != few)
        free(all);
    return out;
}

struct pl_hash pl_merkle_node(const struct pl_hash *left, const struct pl_hash *right)
{
    struct pl_hash out;
    uint8_t bytes[1 + 2 * PL_SHA256_SIZE] = {1};
    memcpy(bytes + 1, left->bytes, PL_SHA256_SIZE);
    memcpy(bytes + 1 + PL_SHA256_SIZE, right->bytes, PL_SHA256_SIZE);
    pl_sha256(bytes, sizeof bytes, out.bytes);
    return out;
}

/* Nodes that a tree of so many leaves keeps: a leaf brings itself, and a parent for each perfect
 * subtree that it completes. */
static uint64_t nodes_of(uint64_t size)
{
    return 2 * size - (unsigned)__builtin_popcountll(size);
}

enum pl_err pl_merkle_add(struct pl_merkle *t, const struct pl_hash *leaf)
{
    unsigned parents = (unsigned)__builtin_ctzll(~t->size);
    if (t->n + 1 + parents > t->room) {
        size_t room = t->room ? 2 * t->room : ROOM_FIRST;
        struct pl_hash *nodes = realloc(t->nodes, room * sizeof *nodes);
        if (!nodes)
            return PL_ENOMEM;
        t->nodes = nodes;
        t->room = room;
    }
    t->nodes[t->n++] = *leaf;
    for (unsigned level = 1; level <= parents; level++) {
        /* The left child stands before all of the right one: 2^level - 1 nodes. */
        const struct pl_hash *right = &t->nodes[t->n - 1];
        const struct pl_hash *left = right - ((UINT64_C(1) << level) - 1);
        t->nodes[t->n++] = pl_merkle_node(left, right);
    }
    t->size++;
    assert(t->n == nodes_of(t->size));
    return PL_OK;
}

void pl_merkle_free(struct pl_merkle *t)
{
    free(t->nodes);
    *t = (struct pl_merkle){0};
}

/* The largest power of two below n, which is 2 or more. */
static uint64_t split(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* MTH(D[from:to]) of RFC 6962, for a range that its recursion comes to. */
static struct pl_hash range(const struct pl_merkle *t, uint64_t from, uint64_t to)
{
    uint64_t n = to - from;
    if ((n & (n - 1)) == 0) {
        /* A perfect subtree came about with its last leaf, as the parent of that level. */
        unsigned level = (unsigned)__builtin_ctzll(n);
        return t->nodes[nodes_of(to - 1) + level];
    }
    uint64_t k = split(n);
    struct pl_hash left = range(t, from, from + k), right = range(t, from + k, to);
    return pl_merkle_node(&left, &right);
}

struct pl_hash pl_merkle_root(const struct pl_merkle *t, uint64_t size)
{
    struct pl_hash out;
    assert(size <= t->size);
    if (size)
        return range(t, 0, size);
    pl_sha256("", 0, out.bytes);
    return out;
}

struct pl_hash pl_merkle_leaf_at(const struct pl_merkle *t, uint64_t index)
{
    assert(index < t->size);
    return range(t, index, index + 1);
}

bool pl_merkle_leaf_text(const struct pl_merkle *t, int64_t number, char out[PL_LEAF_TEXT_SIZE])
{
    if (number < 1 || (uint64_t)number > t->size)
        return false;
    struct pl_hash leaf = pl_merkle_leaf_at(t, (uint64_t)number - 1);
    pl_base64(leaf.bytes, sizeof leaf.bytes, out);
    return true;
}

static void push(struct pl_proof *out, struct pl_hash hash)
{
    assert(out->n < PL_PROOF_MAX);
    out->hashes[out->n++] = hash;
}

/* PATH(m, D[from:to]) of RFC 6962, 2.1.1; the nearest comes first. */
static void path(const struct pl_merkle *t, uint64_t index, uint64_t from, uint64_t to,
                 struct pl_proof *out)
{
    if (to - from == 1)
        return;
    uint64_t middle = from + split(to - from);
    if (index < middle) {
        path(t, index, from, middle, out);
        push(out, range(t, middle, to));
    } else {
        path(t, index, middle, to, out);
        push(out, range(t, from, middle));
    }
}

void pl_merkle_inclusion(const struct pl_merkle *t, uint64_t index, uint64_t size,
                         struct pl_proof *out)
{
    assert(index < size && size <= t->size);
    out->n = 0;
    path(t, index, 0, size, out);
}

/* SUBPROOF(m, D[from:to], known) of RFC 6962, 2.1.2: m is where the older tree ends. */
static void subproof(const struct pl_merkle *t, uint64_t m, uint64_t from, uint64_t to, bool known,
                     struct pl_proof *out)
{
    if (m == to) {
        if (!known)
            push(out, range(t, from, to));
        return;
    }
    uint64_t middle = from + split(to - from);
    if (m <= middle) {
        subproof(t, m, from, middle, known, out);
        push(out, range(t, middle, to));
    } else {
        subproof(t, m, middle, to, false, out);
        push(out, range(t, from, middle));
    }
}

void pl_merkle_consistency(const struct pl_merkle *t, uint64_t from, uint64_t to,
                           struct pl_proof *out)
{
    assert(from >= 1 && from <= to && to <= t->size);
    out->n = 0;
    subproof(t, from, 0, to, true, out);
}

bool pl_merkle_included(const struct pl_hash *leaf, uint64_t index, uint64_t size,
                        const struct pl_hash *root, const struct pl_hash *proof, size_t n)
{
    if (index >= size)
        return false;
    uint64_t fn = index, sn = size - 1;
    struct pl_hash r = *leaf;
    for (size_t i = 0; i < n; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            r = pl_merkle_node(&proof[i], &r);
            for (; !(fn & 1) && fn; sn >>= 1)
                fn >>= 1;
        } else {
            r = pl_merkle_node(&r, &proof[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && pl_hash_eq(&r, root);
}

bool pl_merkle_consistent(uint64_t from, const struct pl_hash *from_root, uint64_t to,
                          const struct pl_hash *to_root, const struct pl_hash *proof, size_t n)
{
    if (from == 0 || from > to)
        return false;
    if (from == to)
        return n == 0 && pl_hash_eq(from_root, to_root);
    bool whole = (from & (from - 1)) == 0; /* the old root is itself the first of the path */
    if (n == 0 && !whole)
        return false;
    uint64_t fn = from - 1, sn = to - 1;
    for (; fn & 1; sn >>= 1)
        fn >>= 1;
    struct pl_hash fr = whole ? *from_root : proof[0], sr = fr;
    for (size_t i = whole ? 0 : 1; i < n; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            fr = pl_merkle_node(&proof[i], &fr);
            sr = pl_merkle_node(&proof[i], &sr);
            for (; !(fn & 1) && fn; sn >>= 1)
                fn >>= 1;
        } else {
            sr = pl_merkle_node(&sr, &proof[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && pl_hash_eq(&fr, from_root) && pl_hash_eq(&sr, to_root);
}
