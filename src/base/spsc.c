/* See spsc.h. Each side has a cache line of its own, with what it knows of the other's place: it
 * looks there only when the queue seems full, or empty. */
#include "base/spsc.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LINE 64

struct pl_spsc {
    size_t mask, size;
    uint8_t *items;
    alignas(LINE) atomic_size_t pushed; /* the pushing thread's, with the next */
    size_t popped_seen;
    alignas(LINE) atomic_size_t popped; /* the popping thread's, with the next */
    size_t pushed_seen;
};

enum pl_err pl_spsc_new(size_t capacity, size_t size, struct pl_spsc **out)
{
    assert(capacity && (capacity & (capacity - 1)) == 0);
    struct pl_spsc *q = aligned_alloc(LINE, (sizeof *q + LINE - 1) / LINE * LINE);
    if (!q)
        return PL_ENOMEM;
    memset(q, 0, sizeof *q);
    q->mask = capacity - 1;
    q->size = size;
    q->items = calloc(capacity, size);
    if (!q->items) {
        free(q);
        return PL_ENOMEM;
    }
    *out = q;
    return PL_OK;
}

void pl_spsc_free(struct pl_spsc *q)
{
    if (!q)
        return;
    free(q->items);
    free(q);
}

bool pl_spsc_push(struct pl_spsc *q, const void *item)
{
    size_t at = atomic_load_explicit(&q->pushed, memory_order_relaxed);
    if (at - q->popped_seen > q->mask)
        q->popped_seen = atomic_load_explicit(&q->popped, memory_order_acquire);
    if (at - q->popped_seen > q->mask)
        return false;
    memcpy(q->items + (at & q->mask) * q->size, item, q->size);
    atomic_store_explicit(&q->pushed, at + 1, memory_order_release);
    return true;
}

bool pl_spsc_pop(struct pl_spsc *q, void *item)
{
    size_t at = atomic_load_explicit(&q->popped, memory_order_relaxed);
    if (at == q->pushed_seen)
        q->pushed_seen = atomic_load_explicit(&q->pushed, memory_order_acquire);
    if (at == q->pushed_seen)
        return false;
    memcpy(item, q->items + (at & q->mask) * q->size, q->size);
    atomic_store_explicit(&q->popped, at + 1, memory_order_release);
    return true;
}
