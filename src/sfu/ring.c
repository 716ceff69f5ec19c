/* See ring.h. Buffers come from the pool in slabs, so that a packet costs no allocation. */
#include "sfu/ring.h"

#include <stdlib.h>
#include <string.h>

#define SLAB_PACKETS 64

struct pl_stored_packet {
    struct pl_stored_packet *next_free;
    struct pl_packet_pool *pool; /* where it belongs */
    atomic_uint holds;
    pl_time_us at;
    struct pl_media_packet packet; /* its payload is `bytes` */
    uint8_t bytes[PL_PAYLOAD_MAX + 1];
};

void pl_packet_pool_init(struct pl_packet_pool *pool)
{
    *pool = (struct pl_packet_pool){.free = NULL};
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
        slab[i].pool = pool;
        slab[i].next_free = pool->free;
        pool->free = &slab[i];
    }
}

static struct pl_stored_packet *pool_take(struct pl_packet_pool *pool)
{
    if (!pool->free)
        pool->free = atomic_exchange_explicit(&pool->returned, NULL, memory_order_acquire);
    if (!pool->free)
        pool_grow(pool);
    struct pl_stored_packet *p = pool->free;
    if (p) {
        pool->free = p->next_free;
        atomic_store_explicit(&p->holds, 1, memory_order_relaxed);
    }
    return p;
}

/* Only whole lists are taken off, so that a push needs to fear no packet that comes back meanwhile.
 */
static void pool_return(struct pl_stored_packet *p)
{
    struct pl_packet_pool *pool = p->pool;
    p->next_free = atomic_load_explicit(&pool->returned, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&pool->returned, &p->next_free, p,
                                                  memory_order_release, memory_order_relaxed))
        ;
}

static bool let_go(struct pl_stored_packet *p)
{
    return atomic_fetch_sub_explicit(&p->holds, 1, memory_order_acq_rel) == 1;
}

void pl_stored_release(struct pl_stored_packet *p)
{
    if (let_go(p))
        pool_return(p);
}

/* The same by the thread that has `pool`. */
static void release_to(struct pl_packet_pool *pool, struct pl_stored_packet *p)
{
    if (!let_go(p))
        return;
    if (p->pool != pool) {
        pool_return(p);
        return;
    }
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
        release_to(r->pool, *p);
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
}

void pl_ring_start_over(struct pl_ring *r)
{
    pl_ring_clear(r);
    r->oldest = 0;
    r->newest = -1;
    r->left_out = (struct pl_left_out){0};
    memset(&r->last, 0, sizeof r->last);
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

/* The ring is empty, and has places from this packet on. Behind a rest also from the one before it
 * on: the first packets of a key frame, which a stream comes back with, may have been lost, and are
 * sent again. */
static void begin(struct pl_ring *r, int64_t seq, pl_time_us now)
{
    bool first = r->newest < 0;
    if (first || seq - r->oldest >= r->n_places)
        r->oldest = seq;
    r->began_at = now;
}

/* Makes room up to `seq`. A jump past the whole ring empties it in at most PL_RING_PACKETS steps.
 */
static void advance(struct pl_ring *r, int64_t seq, pl_time_us now)
{
    while (r->oldest <= r->newest) {
        const struct pl_stored_packet *p = *place(r, r->oldest);
        bool young = now - (p ? p->at : r->began_at) <= PL_RING_US;
        if (young && seq - r->oldest < r->n_places)
            break;
        if (!young || seq - r->oldest >= PL_RING_PACKETS || !grow(r))
            forget_oldest(r);
    }
    if (r->oldest > r->newest)
        begin(r, seq, now);
    r->newest = seq;
}

/* Where a packet of this number goes; NULL: nowhere. */
static struct pl_stored_packet **place_for(struct pl_ring *r, int64_t seq, pl_time_us now)
{
    if (seq > r->newest)
        advance(r, seq, now);
    return seq < r->oldest || *place(r, seq) ? NULL : place(r, seq);
}

/* A buffer for packet `seq`. When the pool has no more, two of the stream's oldest make place, one
 * of them for others: who sends most gives most. */
static struct pl_stored_packet *take_buffer(struct pl_ring *r, int64_t seq)
{
    struct pl_stored_packet *p = pool_take(r->pool);
    for (unsigned given = 0; !p && given < 2 && r->oldest < seq;) {
        given += *place(r, r->oldest) != NULL;
        forget_oldest(r);
    }
    return p ? p : pool_take(r->pool);
}

/* --- What is left out for whom --- */

static bool left_out(const struct pl_media_packet *packet, unsigned tid)
{
    return !pl_packet_goes(packet, tid);
}

/* Whether what is missing between the last packet and this one must be of its frame. */
static bool knows_gap(const struct pl_ring *r, const struct pl_media_packet *packet)
{
    bool follows = r->last.ends && r->last.has_picture_id && packet->descriptor.picture_id_len &&
                   packet->picture_id == ((r->last.picture_id + 1) & 0x7fff);
    return r->last.seq && (packet->timestamp == r->last.timestamp || follows);
}

/* Once the packet is kept: what is not kept is as good as missing. */
static void count_in_order(struct pl_ring *r, struct pl_media_packet *packet)
{
    struct pl_left_out *sum = &r->left_out;
    bool new_frame = packet->timestamp != r->last.timestamp;
    packet->gap_known = knows_gap(r, packet);
    for (unsigned tid = 0; tid < PL_TID_ALL; tid++) {
        sum->frames[tid] += new_frame && r->last.tid > tid;
        if (packet->gap_known && left_out(packet, tid))
            sum->packets[tid] += packet->seq - r->last.seq - 1;
    }
    packet->left_out = *sum;
    for (unsigned tid = 0; tid < PL_TID_ALL; tid++)
        sum->packets[tid] += left_out(packet, tid);
    r->last.seq = packet->seq;
    r->last.timestamp = packet->timestamp;
    r->last.tid = packet->descriptor.temporal_id;
    r->last.has_picture_id = packet->descriptor.picture_id_len != 0;
    r->last.picture_id = packet->picture_id;
    r->last.ends = packet->marker;
}

/* The nearest one that is kept, in steps of -1 or 1. */
static const struct pl_media_packet *neighbour(const struct pl_ring *r, int64_t seq, int step)
{
    const struct pl_media_packet *packet = NULL;
    for (seq += step; !packet && seq >= r->oldest && seq <= r->newest; seq += step)
        packet = pl_ring_get(r, seq);
    return packet;
}

/* It was counted with the one after it. False: it is not what it must be. */
static bool count_known(struct pl_media_packet *packet, const struct pl_media_packet *after)
{
    packet->lateness = PL_LATE_KNOWN;
    packet->gap_known = true;
    packet->left_out = after->left_out;
    for (unsigned tid = 0; tid < PL_TID_ALL; tid++)
        if (left_out(packet, tid))
            packet->left_out.packets[tid] -= after->seq - packet->seq;
    return packet->timestamp == after->timestamp &&
           packet->descriptor.temporal_id == after->descriptor.temporal_id;
}

static bool of_seen_frame(const struct pl_media_packet *packet, const struct pl_media_packet *near)
{
    return near && near->timestamp == packet->timestamp && near->lateness != PL_LATE;
}

/* By the one before it, since nothing between the two was left out; or, behind a rest, by the one
 * after it. False: there is neither. */
static bool count_late(const struct pl_ring *r, struct pl_media_packet *packet)
{
    const struct pl_media_packet *before = neighbour(r, packet->seq, -1),
                                 *after = neighbour(r, packet->seq, 1);
    if (after && after->gap_known)
        return count_known(packet, after);
    if (!before && !after)
        return false;
    bool rest = of_seen_frame(packet, before) || of_seen_frame(packet, after);
    packet->lateness = rest ? PL_LATE_REST : PL_LATE;
    packet->left_out = (before ? before : after)->left_out;
    for (unsigned tid = 0; before && tid < PL_TID_ALL; tid++) {
        bool frame_too = before->descriptor.temporal_id > tid && before->lateness != PL_LATE;
        packet->left_out.packets[tid] += left_out(before, tid);
        packet->left_out.frames[tid] += frame_too && before->timestamp != packet->timestamp;
    }
    return true;
}

void pl_ring_put(struct pl_ring *r, const struct pl_media_packet *packet, pl_time_us now)
{
    bool late = packet->seq <= r->newest || packet->seq <= r->last.seq;
    struct pl_stored_packet **at = place_for(r, packet->seq, now);
    if (!at || packet->payload_len > PL_PAYLOAD_MAX)
        return;
    struct pl_stored_packet *p = take_buffer(r, packet->seq);
    if (!p)
        return;
    p->at = now;
    p->packet = *packet;
    if (!late)
        count_in_order(r, &p->packet);
    else if (!count_late(r, &p->packet)) {
        release_to(r->pool, p);
        return;
    }
    p->packet.payload = p->bytes;
    if (packet->payload_len)
        memcpy(p->bytes, packet->payload, packet->payload_len);
    p->bytes[packet->payload_len] = 1;
    *at = p;
}

void pl_ring_take(struct pl_ring *r, struct pl_stored_packet *p, pl_time_us now)
{
    struct pl_stored_packet **at = place_for(r, p->packet.seq, now);
    if (at)
        *at = p;
    else
        release_to(r->pool, p);
}

static struct pl_stored_packet *find(const struct pl_ring *r, int64_t seq)
{
    if (!r->places || seq < r->oldest || seq > r->newest)
        return NULL;
    return *place(r, seq);
}

const struct pl_media_packet *pl_ring_get(const struct pl_ring *r, int64_t seq)
{
    const struct pl_stored_packet *p = find(r, seq);
    return p ? &p->packet : NULL;
}

struct pl_stored_packet *pl_ring_share(const struct pl_ring *r, int64_t seq)
{
    struct pl_stored_packet *p = find(r, seq);
    if (p)
        atomic_fetch_add_explicit(&p->holds, 1, memory_order_relaxed);
    return p;
}

const struct pl_media_packet *pl_stored_packet(const struct pl_stored_packet *p)
{
    return &p->packet;
}
