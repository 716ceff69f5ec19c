/* When packets leave for one receiver: in bursts of PL_PACER_BURST_US at the pacing rate (and the
 * packet that crosses it), so that a frame does not stand in the receiver's narrowest queue, and a
 * burst is still one send (GSO). Where no queue was seen yet, a burst is a whole frame. What is
 * left rests until it can leave as a whole, or as the next burst: the last packet of a frame leaves
 * no later for it. Keeps budget and two queues of small descriptors; the packets stay where they
 * are, in the source's ring, until they are encrypted into the send buffer. Pure; it allocates when
 * a queue grows, which it does up to its bound and never back.
 *
 * How the engine uses it: a packet for a sink becomes pl_pacer_push {sink, source's sequence
 * number, size}; then, and whenever pl_pacer_deadline has come,
 *     while (pl_pacer_pop(p, now, &item)) rewrite, encrypt and send the item;
 *     while ((n = pl_pacer_padding(p, now)) > 0) send padding of up to n bytes;
 * and one flush. Sound goes first and does not wait; retransmissions and RTCP do not come here.
 * Whatever is sent is told to the estimate, with pl_pacer_cluster(), and then to pl_pacer_sent. An
 * item whose packet is no longer in the ring is passed over, and costs nothing. */
#ifndef PL_SFU_PACER_H
#define PL_SFU_PACER_H

#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_PACER_BURST_US (5 * PL_MS)
#define PL_PACER_FRAME_US (15 * PL_MS) /* where the line has room: 37 ms of media at the target */
#define PL_PACER_REST_US (4 * PL_MS)   /* between two of them: less, as timers are late */
#define PL_PACER_FACTOR_PERCENT 250 /* of the target: a frame of twice the mean leaves in time; */
#define PL_PACER_LONG_US                                                                           \
    (60 * PL_MS)            /* but a longer queue (at the target) leaves at the target:            \
                             */
                            /* a key frame would look like congestion, and be it */
#define PL_PACER_QUEUE 1024 /* pictures' descriptors: a key frame of a megabyte */
#define PL_PACER_SOUND 256  /* sounds' descriptors: ten packets of each of 25 voices */
#define PL_PACER_DEBT_US                                                                           \
    (20 * PL_MS)                       /* what sound and retransmissions may hold the picture back \
                                        */
#define PL_PACER_SLOW_US (300 * PL_MS) /* a queue longer than this shows: lower a layer, and */
                                       /* pl_pacer_forget it up to its next key frame */

struct pl_pacer_item {
    uint32_t seq; /* of the source's stream: the low bits of the extended number */
    uint16_t sink;
    uint16_t bytes; /* on the wire */
};

/* A queue: empty ones begin again at their start, which is what the cache still holds. */
struct pl_pacer_queue {
    struct pl_pacer_item *items;
    uint16_t cap, head, n; /* cap: a power of two */
};

/* Packets that measure the path: made by pl_estimate_probe. */
struct pl_probe {
    uint16_t cluster; /* never 0 */
    int64_t rate_bps;
    int64_t bytes; /* to send at that rate, whatever they carry */
};

struct pl_pacer {
    struct pl_pacer_queue sound, queue; /* queue: the picture */
    int64_t queued_bytes;               /* of the picture */
    int64_t target_bps;                 /* 0: not paced */
    int64_t budget;                     /* bits * PL_SECOND; negative: debt */
    bool roomy;                         /* bursts of PL_PACER_FRAME_US */
    bool resting;                       /* a burst has ended, the queue has not */
    pl_time_us at;                      /* of the budget */
    struct pl_probe probe;              /* cluster 0: none */
    int64_t probe_sent;
    bool padding_asked;   /* and none was sent since */
    pl_time_us probe_end; /* given up then */
};

enum pl_err pl_pacer_init(struct pl_pacer *p, pl_time_us now) PL_CHECKED; /* PL_ENOMEM */
void pl_pacer_free(struct pl_pacer *p);                                   /* zeroes are fine */

/* The target of the estimate; UINT64_MAX or 0: not limited, nothing waits. */
void pl_pacer_target(struct pl_pacer *p, uint64_t target_bps, pl_time_us now);

/* Whether the line was never seen full: frames leave whole. False at first. */
void pl_pacer_room(struct pl_pacer *p, bool roomy);

/* PL_ELIMIT: PL_PACER_QUEUE or PL_PACER_SOUND wait already, PL_ENOMEM: more than there is memory
 * for; the packet is not sent (and the receiver will ask). */
enum pl_err pl_pacer_push(struct pl_pacer *p, const struct pl_pacer_item *item,
                          bool sound) PL_CHECKED;

/* The oldest sound, else the oldest item, if it may leave now. */
bool pl_pacer_pop(struct pl_pacer *p, pl_time_us now, struct pl_pacer_item *out);

/* Bytes were sent: an item, padding, or something that does not wait. */
void pl_pacer_sent(struct pl_pacer *p, pl_time_us now, size_t bytes);

/* The sink carries something else now: what waits for it is dropped. The order stays. */
void pl_pacer_forget(struct pl_pacer *p, uint16_t sink);

/* Begins a probe: what waits leaves at its rate, and padding fills it up. */
void pl_pacer_probe(struct pl_pacer *p, const struct pl_probe *probe, pl_time_us now);
/* Bytes of padding to send now for a probe; 0: none. */
size_t pl_pacer_padding(struct pl_pacer *p, pl_time_us now);
/* The cluster that a packet sent now belongs to; 0: none. */
uint16_t pl_pacer_cluster(const struct pl_pacer *p);

/* How long what waits will take at the pacing rate. */
pl_time_us pl_pacer_delay(const struct pl_pacer *p);

/* When pop or padding will have something; PL_NEVER. */
pl_time_us pl_pacer_deadline(const struct pl_pacer *p);

#endif
