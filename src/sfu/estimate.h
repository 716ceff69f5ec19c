/* How much one receiver's path carries: send-side bandwidth estimation over transport-wide feedback
 * (proto/twcc.h). Pure: time is a parameter. About 4 kB of state, and 8 bytes for each packet under
 * way.
 *
 * Four parts. Delay: when the standing queue (path.h) passes a threshold, the rate goes just below
 * what arrives, and lower for as long as the queue needs to drain. Loss: only loss beyond what the
 * path shows without congestion counts; a cut that does not lower the loss is taken back, so that a
 * lossy radio link keeps its rate. Growth: in proportion until a limit was met, then by a packet a
 * round trip; and by probes, short bursts of packets at a higher rate, which find a free link
 * within seconds although the media does not fill the estimate. Others: if the queue stays although
 * we yield, somebody else fills it; then loss decides, as in TCP, until the queue is seen empty.
 *
 * What limits: only feedback the receiver gives. Without transport-wide feedback or REMB the target
 * is PL_ESTIMATE_UNLIMITED; receiver reports alone never limit.
 *
 * A receiver that lies gains nothing: acknowledgements of numbers never sent, or already answered,
 * are ignored; growth is bounded by what was acknowledged over the time in which it was sent, and
 * by the probes, which count at the rate at which they were sent. */
#ifndef PL_SFU_ESTIMATE_H
#define PL_SFU_ESTIMATE_H

#include "base/time.h"
#include "proto/twcc.h"
#include "sfu/history.h"
#include "sfu/pacer.h"
#include "sfu/path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_ESTIMATE_UNLIMITED UINT64_MAX
#define PL_ESTIMATE_MIN_BPS 60000    /* sound goes on whatever happens */
#define PL_ESTIMATE_START_BPS 300000 /* narrower lines are rare; probes go up from here at once */
#define PL_ESTIMATE_MAX_BPS 50000000 /* nobody shows more; the history would not reach */
#define PL_ESTIMATE_GRACE_US                                                                       \
    (3 * PL_SECOND) /* feedback was agreed on and does not come: unlimited */
#define PL_ESTIMATE_REMB_US (10 * PL_SECOND) /* a REMB holds this long; they come every second */

/* A probe under way. */
struct pl_estimate_cluster {
    struct pl_probe asked; /* cluster 0: none */
    pl_time_us asked_at;
    unsigned sent, acked, lost; /* packets */
    int64_t sent_bytes, acked_bytes, first_bytes, last_bytes;
    pl_time_us first_sent, last_sent, first_arrival, last_arrival; /* of those acknowledged */
};

/* Loss over one window of statuses. */
struct pl_estimate_loss {
    unsigned n, lost;
    pl_time_us since, first_sent;
    bool queued; /* the queue stood in it: its loss says nothing of the path */
};

enum pl_estimate_mode {
    PL_ESTIMATE_NORMAL,
    PL_ESTIMATE_DRAINING,  /* below the estimate until the queue is gone */
    PL_ESTIMATE_COMPETING, /* others keep the queue full: loss decides */
};

struct pl_estimate {
    struct pl_history history; /* by extended number */
    int64_t answered;          /* newest with an answer */
    bool any_sent;
    struct pl_twcc_clock clock;
    struct pl_path path;

    bool negotiated, has_feedback;
    pl_time_us started, feedback_at, sent_at, newest_sent; /* newest_sent: of those acknowledged */
    pl_time_us rtt_us; /* smoothed; with the time that feedback waits */
    pl_time_us rtt_least_us;
    uint64_t remb_bps;
    pl_time_us remb_at;
    uint64_t wanted_bps;

    enum pl_estimate_mode mode;
    int64_t target_bps, capacity_bps; /* capacity: last seen limit, 0: none */
    unsigned drain_percent;           /* of the target, while draining */
    pl_time_us grown_at, cut_at, mode_until, timeout_at, over_since, competing_loss_at;
    unsigned vain_cuts; /* for delay, since the queue was last gone */
    int64_t before_cuts_bps;

    struct pl_estimate_loss window, competing_window;
    int path_loss; /* loss of the path itself, 10000ths; -1: unknown */
    bool loss_suspected, loss_cut;
    pl_time_us loss_cut_at;
    int64_t before_loss_cut_bps;
    int excess_loss;

    struct pl_estimate_cluster cluster;
    uint16_t clusters;
    unsigned vain_probes; /* in a row */
    pl_time_us next_probe_at;
    int64_t next_probe_bps; /* 0: as the interval gives it */

    struct pl_path_rate sending[PL_PATH_RATES]; /* what we send, by interval */
    pl_time_us sending_interval;
};

/* For a panel or a trace. */
struct pl_estimate_view {
    uint64_t target_bps;
    int64_t acked_bps; /* 0: unknown */
    pl_time_us rtt_us, queue_us, jitter_us;
    int loss; /* 10000ths, of the path without congestion; -1: unknown */
    enum pl_estimate_mode mode;
};

/* `negotiated`: the receiver agreed to give transport-wide feedback. */
enum pl_err pl_estimate_init(struct pl_estimate *e, bool negotiated,
                             pl_time_us now) PL_CHECKED; /* PL_ENOMEM */
void pl_estimate_free(struct pl_estimate *e);            /* zeroes are fine */

/* The rate that would be of use (pl_allocate says it); no probe goes for more than a quarter more.
 */
void pl_estimate_want(struct pl_estimate *e, uint64_t bps);

/* A packet of `bytes` with transport sequence number `seq`, which follows the last one's, leaves
 * now; `cluster` is pl_pacer_cluster. A packet that is sent again byte for byte, with the number of
 * the first time, is not told here. */
void pl_estimate_sent(struct pl_estimate *e, pl_time_us now, uint16_t seq, size_t bytes,
                      uint16_t cluster);

/* Feedback came; `r` is fresh from pl_twcc_reader_init. */
void pl_estimate_feedback(struct pl_estimate *e, pl_time_us now, struct pl_twcc_reader *r);
void pl_estimate_remb(struct pl_estimate *e, pl_time_us now, uint64_t bps);

/* What the path carries besides the retransmissions that its own loss will need: to be shared among
 * what the receiver is to have. */
uint64_t pl_estimate_share_bps(const struct pl_estimate *e, pl_time_us now);

/* What may be sent now, all together: for a moment less than the share, while a queue drains. */
uint64_t pl_estimate_target_bps(const struct pl_estimate *e, pl_time_us now);

/* Whether the path was never seen full, so far as it is used: what leaves at once for a moment
 * fills no queue. */
bool pl_estimate_roomy(const struct pl_estimate *e);

/* A probe to begin now: give it to pl_pacer_probe. Not more than one is under way. */
bool pl_estimate_probe(struct pl_estimate *e, pl_time_us now, struct pl_probe *out);

/* From sending a packet to hearing of it, at least; 0: unknown. */
pl_time_us pl_estimate_round_trip(const struct pl_estimate *e);

/* When pl_estimate_expire and pl_estimate_probe want to be called again; PL_NEVER. */
pl_time_us pl_estimate_deadline(const struct pl_estimate *e);
void pl_estimate_expire(struct pl_estimate *e, pl_time_us now);

struct pl_estimate_view pl_estimate_view(const struct pl_estimate *e, pl_time_us now);

#endif
