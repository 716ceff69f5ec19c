/* See arena.h. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#define BLOCK_BYTES (16u << 10)
#define ALIGN alignof(max_align_t)

struct pl_arena_block {
    struct pl_arena_block *next;
    alignas(max_align_t) char bytes[];
};

static enum pl_err grow(struct pl_arena *a, size_t n)
{
    size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
    struct pl_arena_block *block = calloc(1, sizeof *block + size);
    if (!block)
        return PL_ENOMEM;
    block->next = a->blocks;
    a->blocks = block;
    a->used = 0;
    a->size = size;
    return PL_OK;
}

void *pl_arena_alloc(struct pl_arena *a, size_t n)
{
    n = (n + ALIGN - 1) / ALIGN * ALIGN;
    if (n == 0)
        n = ALIGN;
    if (n > a->size - a->used && grow(a, n) != PL_OK)
        return NULL;
    void *out = a->blocks->bytes + a->used;
    a->used += n;
    a->total += n;
    return out;
}

enum pl_err pl_arena_str(struct pl_arena *a, struct pl_str s, struct pl_str *out)
{
    if (!s.p) {
        *out = (struct pl_str){NULL, 0};
        return PL_OK;
    }
    char *copy = pl_arena_alloc(a, s.n + 1);
    if (!copy)
        return PL_ENOMEM;
    if (s.n)
        memcpy(copy, s.p, s.n);
    *out = (struct pl_str){copy, s.n};
    return PL_OK;
}

void pl_arena_free(struct pl_arena *a)
{
    for (struct pl_arena_block *b = a->blocks; b;) {
        struct pl_arena_block *next = b->next;
        free(b);
        b = next;
    }
    *a = (struct pl_arena){0};
}
