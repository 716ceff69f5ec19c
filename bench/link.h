/* One direction of a bad link: a queue before a narrow place, then a wire that loses, delays and
 * reorders. Pure: packets and the time go in, packets come out; randomness is seeded. badlink.c
 * drives two of them.
 *
 *     input -> queue (drop-tail, in bytes) -> served at `bps` -> loss -> delay, jitter -> output
 *
 * A packet counts as carried when it has left the queue, also one that is lost behind it: that is
 * what the narrow place was used for. */
#ifndef PL_BENCH_LINK_H
#define PL_BENCH_LINK_H

#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_LINK_MTU 1500
#define PL_LINK_PACKETS 8192             /* in the queue and on the wire: 2 s of small ones */
#define PL_LINK_DELAY_BINS 1024          /* of the histogram of queueing delays, */
#define PL_LINK_DELAY_BIN_US (2 * PL_MS) /* so wide each; the last holds all beyond */
#define PL_LINK_SHARE 10000              /* shares are in ten thousandths */

struct pl_link_params {
    int64_t bps;                    /* 0: no narrow place */
    int64_t queue_bytes;            /* beyond the packet in service */
    pl_time_us delay_us, jitter_us; /* jitter: even between 0 and this, order kept */
    unsigned loss;                  /* share lost, on the mean */
    unsigned burst;     /* mean length of a run of lost packets; 0, 1: independent of each other */
    unsigned reorder;   /* share that is held back and overtaken, */
    pl_time_us held_us; /* for this time more */
};

/* Since the last pl_link_take_stats. */
struct pl_link_stats {
    uint64_t bytes_in, bytes_carried;
    unsigned packets_in, packets_carried, dropped_queue, lost;
    unsigned delays[PL_LINK_DELAY_BINS]; /* packets carried, by arrival to the end of service */
};

struct pl_link;

/* PL_ENOMEM. */
enum pl_err pl_link_new(const struct pl_link_params *params, uint32_t seed, pl_time_us now,
                        struct pl_link **out) PL_CHECKED;
void pl_link_free(struct pl_link *l);

/* From now on. What is queued stays, and is served at the new rate; what is on the wire arrives as
 * it would have. */
void pl_link_set(struct pl_link *l, const struct pl_link_params *params, pl_time_us now);
const struct pl_link_params *pl_link_params(const struct pl_link *l);

/* A packet of at most PL_LINK_MTU bytes; copied. PL_ELIMIT: dropped at the tail of the queue (and
 * counted). */
enum pl_err pl_link_input(struct pl_link *l, const uint8_t *bytes, size_t n,
                          pl_time_us now) PL_CHECKED;

/* The next packet that has arrived by now, into `out` (PL_LINK_MTU); 0: none. */
size_t pl_link_output(struct pl_link *l, uint8_t *out, pl_time_us now);

/* When output may have something next; PL_NEVER. */
pl_time_us pl_link_deadline(const struct pl_link *l);

/* How long a packet that came now would wait before its own service. */
pl_time_us pl_link_queue_us(struct pl_link *l, pl_time_us now);

/* Gives what was counted, and counts anew. */
void pl_link_take_stats(struct pl_link *l, pl_time_us now, struct pl_link_stats *out);

/* The `percent`th percentile of the histogram, upper end of its bin; 0 if it is empty. */
pl_time_us pl_link_percentile(const struct pl_link_stats *s, unsigned percent);

#endif
