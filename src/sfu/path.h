/* What feedback tells of the path to a receiver: how long packets stand in its queues, and how fast
 * they arrive. Measures only; estimate.h decides. Pure, no allocation.
 *
 * The queue is measured as CoDel does (RFC 8289): the least one-way delay of an interval, less the
 * least seen lately, so that neither jitter nor the bursts of a frame look like congestion. The
 * receiver's clock may stand anywhere: only differences count. */
#ifndef PL_SFU_PATH_H
#define PL_SFU_PATH_H

#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_PATH_INTERVAL_US (50 * PL_MS) /* a frame's time or more: each has a first packet */
#define PL_PATH_BASES 10                 /* least delays of the last seconds, */
#define PL_PATH_BASE_US (2 * PL_SECOND)  /* two seconds each: clocks drift 2 ms in that time */
#define PL_PATH_RATES 24                 /* intervals of arrival: a second, and feedback's gaps */

/* Bytes that passed, and how long they took to arrive by the receiver's clock, and to send by ours.
 * Over some time the one cannot be shorter than the other. */
struct pl_path_rate {
    int64_t bytes, lost_bytes;
    pl_time_us arrival_us, send_us;
};

struct pl_path {
    pl_time_us bases[PL_PATH_BASES]; /* ring; INT64_MAX: none */
    pl_time_us base_since;
    unsigned base_at;
    pl_time_us interval; /* number of the interval of sending that is measured */
    pl_time_us least, least_before;
    pl_time_us jitter_us; /* smoothed deviation of one packet's delay from its interval's least */
    bool started, has_before;

    struct pl_path_rate rates[PL_PATH_RATES]; /* ring, the newest is being filled */
    unsigned rate_at, n_rates;
    pl_time_us last_sent, last_arrival; /* of the packet before, */
    bool linked;                        /* if it was the one sent before */
    int64_t lost_since;                 /* bytes, since then */
};

void pl_path_init(struct pl_path *p);

/* A packet arrived. `arrival` by the receiver's clock. In the order in which they were sent. */
void pl_path_arrived(struct pl_path *p, pl_time_us sent, pl_time_us arrival, size_t bytes);

/* A packet was lost, in that order too. */
void pl_path_lost(struct pl_path *p, size_t bytes);

/* Feedback was lost: what comes next does not follow what came last. */
void pl_path_gap(struct pl_path *p);

/* The standing queue: the least of this interval and the one before. 0 before the first packet. */
pl_time_us pl_path_queue(const struct pl_path *p);

/* What arrived in about the last `window`. False: nothing measured yet; else neither time is 0. */
bool pl_path_rate(const struct pl_path *p, pl_time_us window, struct pl_path_rate *out);

#endif
