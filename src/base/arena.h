/* Memory that is given out piece by piece and freed all at once. */
#ifndef PL_BASE_ARENA_H
#define PL_BASE_ARENA_H

#include "base/err.h"
#include "base/text.h"

#include <stddef.h>

struct pl_arena_block;

struct pl_arena {
    struct pl_arena_block *blocks; /* the newest first */
    size_t used, size;             /* of the newest, in bytes */
    size_t total;                  /* bytes given out */
};

/* Zeroed, aligned for any type. NULL: no memory. */
void *pl_arena_alloc(struct pl_arena *a, size_t n);

/* A copy with a zero behind it, which is not counted; p NULL of an absent text stays so. PL_ENOMEM.
 */
enum pl_err pl_arena_str(struct pl_arena *a, struct pl_str s, struct pl_str *out) PL_CHECKED;

void pl_arena_free(struct pl_arena *a); /* and leaves it empty, ready for use */

#endif
