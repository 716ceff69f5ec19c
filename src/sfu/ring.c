/* See ring.h. Buffers come from the pool in slabs, so that a packet costs no allocation. */
#include "sfu/ring.h"

#include <stdlib.h>
#include <string.h>

#define SLAB_PACKETS 64

struct pl_stored_packet {
    struct pl_stored_packet *next_free;
    pl_time_us at;
    struct pl_media_packet packet; /* its payload is `bytes` */
    uint8_t bytes[PL_PAYLOAD_MAX + 1];
};

void pl_packet_pool_init(struct pl_packet_pool *pool)
{
    *pool = (struct pl_packet_pool){0};
}

void pl_packet_pool_free(struct pl_packet_pool *pool)
{
    for (size_t i = 0; i < pool->n_slabs; i++)
        free(pool->slabs[i]);
    free(pool->slabs);
    pl_packet_pool_init(pool);
}

static void pool_grow(struct pl_packet_pool *pool)
{
    if (pool->total >= PL_POOL_PACKETS_MAX)
        return;
    void **slabs = realloc(pool->slabs, (pool->n_slabs + 1) * sizeof *slabs);
    if (!slabs)
        return;
    pool->slabs = slabs;
    struct pl_stored_packet *slab = malloc(SLAB_PACKETS * sizeof *slab);
    if (!slab)
        return;
    pool->slabs[pool->n_slabs++] = slab;
    pool->total += SLAB_PACKETS;
    for (size_t i = 0; i < SLAB_PACKETS; i++) {
        slab[i].next_free = pool->free;
        pool->free = &slab[i];
    }
}

static struct pl_stored_packet *pool_take(struct pl_packet_pool *pool)
{
    if (!pool->free)
        pool_grow(pool);
    struct pl_stored_packet *p = pool->free;
    if (p)
        pool->free = p->next_free;
    return p;
}

static void pool_give(struct pl_packet_pool *pool, struct pl_stored_packet *p)
{
    p->next_free = pool->free;
    pool->free = p;
}

static struct pl_stored_packet **place(const struct pl_ring *r, int64_t seq)
{
    return &r->places[seq & (r->n_places - 1)];
}

static void forget_oldest(struct pl_ring *r)
{
    struct pl_stored_packet **p = place(r, r->oldest);
    if (*p) {
        pool_give(r->pool, *p);
        *p = NULL;
    }
    r->oldest++;
}

enum pl_err pl_ring_init(struct pl_ring *r, struct pl_packet_pool *pool)
{
    struct pl_stored_packet **places = calloc(PL_RING_LEAST, sizeof(struct pl_stored_packet *));
    if (!places)
        return PL_ENOMEM;
    *r = (struct pl_ring){.pool = pool, .places = places, .n_places = PL_RING_LEAST, .newest = -1};
    return PL_OK;
}

void pl_ring_clear(struct pl_ring *r)
{
    while (r->oldest <= r->newest)
        forget_oldest(r);
    r->oldest = 0;
    r->newest = -1;
}

void pl_ring_free(struct pl_ring *r)
{
    if (!r->places)
        return;
    pl_ring_clear(r);
    free(r->places);
    *r = (struct pl_ring){0};
}

/* Twice as many places, while that is allowed and there is memory. */
static bool grow(struct pl_ring *r)
{
    struct pl_ring wide = *r;
    wide.n_places = 2 * r->n_places;
    if (wide.n_places > PL_RING_PACKETS)
        return false;
    wide.places = calloc((size_t)wide.n_places, sizeof(struct pl_stored_packet *));
    if (!wide.places)
        return false;
    for (int64_t seq = r->oldest; seq <= r->newest; seq++)
        *place(&wide, seq) = *place(r, seq);
    free(r->places);
    *r = wide;
    return true;
}

/* Makes room up to `seq`. A jump past the whole ring empties it in at most PL_RING_PACKETS steps.
 */
static void advance(struct pl_ring *r, int64_t seq, pl_time_us now)
{
    while (r->oldest <= r->newest) {
        const struct pl_stored_packet *p = *place(r, r->oldest);
        bool young = p && now - p->at <= PL_RING_US;
        if (young && seq - r->oldest < r->n_places)
            break;
        if (!young || seq - r->oldest >= PL_RING_PACKETS || !grow(r))
            forget_oldest(r);
    }
    if (r->oldest > r->newest)
        r->oldest = seq;
    r->newest = seq;
}

void pl_ring_put(struct pl_ring *r, const struct pl_media_packet *packet, pl_time_us now)
{
    int64_t seq = packet->seq;
    if (seq > r->newest)
        advance(r, seq, now);
    if (seq < r->oldest || packet->payload_len > PL_PAYLOAD_MAX || *place(r, seq))
        return;
    struct pl_stored_packet *p = pool_take(r->pool);
    if (!p)
        return;
    p->at = now;
    p->packet = *packet;
    p->packet.payload = p->bytes;
    if (packet->payload_len)
        memcpy(p->bytes, packet->payload, packet->payload_len);
    p->bytes[packet->payload_len] = 1;
    *place(r, seq) = p;
}

const struct pl_media_packet *pl_ring_get(const struct pl_ring *r, int64_t seq)
{
    if (!r->places || seq < r->oldest || seq > r->newest)
        return NULL;
    const struct pl_stored_packet *p = *place(r, seq);
    return p ? &p->packet : NULL;
}
