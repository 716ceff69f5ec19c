/* A bounded queue from one thread to one other, without locks. */
#ifndef PL_BASE_SPSC_H
#define PL_BASE_SPSC_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct pl_spsc;

/* `capacity` items, a power of two, of `size` bytes each, which are copied. PL_ENOMEM. */
enum pl_err pl_spsc_new(size_t capacity, size_t size, struct pl_spsc **out) PL_CHECKED;
void pl_spsc_free(struct pl_spsc *q); /* when neither thread uses it any more; NULL is fine */

bool pl_spsc_push(struct pl_spsc *q, const void *item); /* false: full. On the one thread */
bool pl_spsc_pop(struct pl_spsc *q, void *item);        /* false: empty. On the other */

#endif
