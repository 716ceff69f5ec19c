/* See map.h. Linear probing at a load of at most 1/2; removal shifts back, so there are no
 * tombstones. */
#include "base/map.h"

#include "base/siphash.h"

#include <stdlib.h>
#include <string.h>

void pl_map_init(struct pl_map *m, const struct pl_random *random)
{
    *m = (struct pl_map){0};
    random->fill(random->ctx, (uint8_t *)m->seed, sizeof m->seed);
}

void pl_map_free(struct pl_map *m)
{
    free(m->entries);
    m->entries = NULL;
    m->cap = m->len = 0;
}

/* The entry that holds the key, or the empty place where it would go. The map must have room. */
static struct pl_map_entry *find(const struct pl_map *m, uint64_t hash, const void *key, size_t n)
{
    for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        struct pl_map_entry *e = &m->entries[i];
        if (!e->key || (e->hash == hash && e->key_len == n && memcmp(e->key, key, n) == 0))
            return e;
    }
}

void *pl_map_get(const struct pl_map *m, const void *key, size_t n)
{
    if (m->len == 0)
        return NULL;
    return find(m, pl_siphash(m->seed, key, n), key, n)->value;
}

static enum pl_err grow(struct pl_map *m)
{
    struct pl_map bigger = *m;
    bigger.cap = m->cap ? m->cap * 2 : 16;
    bigger.entries = calloc(bigger.cap, sizeof *bigger.entries);
    if (!bigger.entries)
        return PL_ENOMEM;
    for (size_t i = 0; i < m->cap; i++) {
        const struct pl_map_entry *e = &m->entries[i];
        if (e->key)
            *find(&bigger, e->hash, e->key, e->key_len) = *e;
    }
    free(m->entries);
    *m = bigger;
    return PL_OK;
}

enum pl_err pl_map_put(struct pl_map *m, const void *key, size_t n, void *value)
{
    if ((m->len + 1) * 2 > m->cap) {
        enum pl_err err = grow(m);
        if (err)
            return err;
    }
    uint64_t hash = pl_siphash(m->seed, key, n);
    struct pl_map_entry *e = find(m, hash, key, n);
    if (e->key)
        return PL_EEXIST;
    *e = (struct pl_map_entry){key, n, value, hash};
    m->len++;
    return PL_OK;
}

void *pl_map_remove(struct pl_map *m, const void *key, size_t n)
{
    if (m->len == 0)
        return NULL;
    struct pl_map_entry *e = find(m, pl_siphash(m->seed, key, n), key, n);
    if (!e->key)
        return NULL;
    void *value = e->value;
    size_t hole = (size_t)(e - m->entries);
    for (size_t i = (hole + 1) & (m->cap - 1); m->entries[i].key; i = (i + 1) & (m->cap - 1)) {
        size_t home = m->entries[i].hash & (m->cap - 1);
        if (((i - home) & (m->cap - 1)) >= ((i - hole) & (m->cap - 1))) {
            m->entries[hole] = m->entries[i];
            hole = i;
        }
    }
    m->entries[hole] = (struct pl_map_entry){0};
    m->len--;
    return value;
}

void *pl_map_next(const struct pl_map *m, size_t *at)
{
    while (*at < m->cap) {
        const struct pl_map_entry *e = &m->entries[(*at)++];
        if (e->key)
            return e->value;
    }
    return NULL;
}
