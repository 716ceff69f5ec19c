/* What a stream sent in the last second, for forwarding, for retransmission and for the start of a
 * slot. Sized by time and rate: a packet leaves after PL_RING_US, its buffer goes back to the
 * engine's pool, and the ring grows with what a second holds. Rings of other engines, on other
 * threads, may hold the same buffers: a packet never changes once it is kept, and the last to let
 * go of it gives it back to the pool that it came from. */
#ifndef PL_SFU_RING_H
#define PL_SFU_RING_H

#include "base/err.h"
#include "base/time.h"
#include "proto/descriptor.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_PAYLOAD_MAX 1500  /* bytes; what Ethernet carries, headers included */
#define PL_RING_PACKETS 1024 /* a power of two; 1 s of 9 Mbit/s in packets of 1180 bytes */
#define PL_RING_LEAST 64     /* a power of two: 1 s of sound */
#define PL_RING_US (1 * PL_SECOND)
#define PL_POOL_PACKETS_MAX 65536 /* of one engine: 100 MB; above, streams keep fewer */

/* A stream of temporal layers (RFC 7741, 4.2; RFC 9628, 4.2) goes to a receiver up to a temporal
 * id: 0, 1, or PL_TID_ALL, every frame. */
#define PL_TID_ALL 2
#define PL_TIDS (PL_TID_ALL + 1)

/* What of a stream, before a packet, is left out for a receiver that has it up to a temporal id:
 * packets, and whole frames before the packet's own. A packet that is missing when a later one
 * comes counts as that one's frame does, if it must be of it; else it is not left out for anybody:
 * its number stays free, and it goes to everybody if it comes. So these counts never change, and no
 * number can belong to two packets. */
struct pl_left_out {
    int64_t packets[PL_TID_ALL]; /* by the temporal id */
    uint32_t frames[PL_TID_ALL]; /* the same */
};

enum pl_lateness {
    PL_IN_ORDER,
    PL_LATE_KNOWN, /* it was missing when a later one of its frame came, and counted as such */
    PL_LATE,       /* nobody knew what it is, and nothing of its frame had come */
    PL_LATE_REST,  /* nor of this one, but something of its frame had */
};

/* One RTP packet of a source, as the forwarding path sees it. */
struct pl_media_packet {
    int64_t seq; /* extended: grows by one a packet, never wraps */
    uint32_t timestamp;
    bool marker;
    enum pl_codec codec;
    struct pl_descriptor descriptor; /* zeros if it could not be read */
    uint16_t picture_id;             /* the descriptor's, extended to 15 bits where it has 7 */
    const uint8_t *payload;
    size_t payload_len;
    /* The ring's, zeros outside of one: */
    enum pl_lateness lateness;
    bool gap_known; /* what is missing right before it is of its frame */
    struct pl_left_out left_out;
};

/* Whether a receiver that has the stream up to `tid` gets it. */
static inline bool pl_packet_goes(const struct pl_media_packet *packet, unsigned tid)
{
    return tid >= PL_TID_ALL || packet->descriptor.temporal_id <= tid ||
           packet->lateness >= PL_LATE;
}

/* Such a one has nothing to show to that receiver, whose frames it is no part of; but its number is
 * free and is to be filled. */
static inline bool pl_packet_fills(const struct pl_media_packet *packet, unsigned tid)
{
    return tid < PL_TID_ALL && packet->descriptor.temporal_id > tid &&
           packet->lateness == PL_LATE_REST;
}

struct pl_stored_packet; /* a pool's buffer, counted by who holds it */

struct pl_packet_pool {
    struct pl_stored_packet *free;
    _Atomic(struct pl_stored_packet *) returned; /* by other threads */
    size_t total;
    void **slabs;
    size_t n_slabs;
};

void pl_packet_pool_init(struct pl_packet_pool *pool);
/* No packet of it may be held any more, by any ring or thread. */
void pl_packet_pool_free(struct pl_packet_pool *pool);

struct pl_ring {
    struct pl_packet_pool *pool;
    struct pl_stored_packet **places; /* by the low bits of the sequence number */
    int64_t n_places;                 /* a power of two, up to PL_RING_PACKETS */
    int64_t oldest;                   /* nothing below this is held, nor taken in any more */
    int64_t newest;                   /* the highest that ever was; -1: none yet */
    pl_time_us began_at;              /* when the first of those came that are held */
    struct pl_left_out left_out;      /* behind the last packet that came in order and is kept: */
    struct {
        int64_t seq;
        uint32_t timestamp;
        uint16_t picture_id;
        uint8_t tid;
        bool has_picture_id, ends; /* its frame */
    } last;
};

enum pl_err pl_ring_init(struct pl_ring *r, struct pl_packet_pool *pool) PL_CHECKED;
void pl_ring_free(struct pl_ring *r);

/* Keeps a copy, with a byte of RTP padding (RFC 3550, 5.1) behind the payload, so that a sender may
 * send one byte more. Packets too old for the ring, too large, or beyond the pool are not kept;
 * when the pool is used up older ones are given up first. Counts what is left out
 * for whom. */
void pl_ring_put(struct pl_ring *r, const struct pl_media_packet *packet, pl_time_us now);

/* Lets go of its packets, as the stream rests. What was counted goes on: one from before these is
 * not kept; one from between these and the next that comes is. */
void pl_ring_clear(struct pl_ring *r);
/* The same, and counts anew: the stream's numbers do too. */
void pl_ring_start_over(struct pl_ring *r);

/* One more hold on a packet of the ring, for another thread; NULL: it is not there. */
struct pl_stored_packet *pl_ring_share(const struct pl_ring *r, int64_t seq);
const struct pl_media_packet *pl_stored_packet(const struct pl_stored_packet *p);
void pl_stored_release(struct pl_stored_packet *p); /* on any thread */

/* Keeps a packet of another engine's ring; the hold is now the ring's, or let go of. */
void pl_ring_take(struct pl_ring *r, struct pl_stored_packet *p, pl_time_us now);

/* The packet, valid until the next put, or NULL. */
const struct pl_media_packet *pl_ring_get(const struct pl_ring *r, int64_t seq);

#endif
