/* A client's line over some time, from two views of it (sfu/view.h): for its connection panel and
 * for traces. Pure. */
#ifndef PL_SERVER_LINE_H
#define PL_SERVER_LINE_H

#include "sfu/view.h"

#define PL_LINE_UNKNOWN (-1)

/* Loss is in hundredths of a percent. "Out" is what the server sends. The one list: traces have
 * these names too. */
/* clang-format off */
#define PL_LINE_NUMBERS(X) \
    X(rtt_ms) X(loss_in) X(loss_out) X(bps_in) X(bps_out) \
    X(estimate_bps) X(wanted_bps) X(used_bps) X(acked_bps) X(queue_ms) X(pacer_ms) \
    X(nacks_in) X(resent) X(nacks_out) X(keys_in) X(keys_out) X(probes) X(pictures) X(paused)
/* clang-format on */

struct pl_line {
#define X(name) int64_t name;
    PL_LINE_NUMBERS(X)
#undef X
};

/* `before` may be NULL: then nothing is known of what is counted over time. estimate_bps and what
 * belongs to it are unknown where nothing limits. */
void pl_line_between(const struct pl_peer_view *before, const struct pl_peer_view *now,
                     struct pl_line *out);

/* The same slot, or source, in a view; NULL. */
const struct pl_slot_view *pl_view_slot(const struct pl_peer_view *v, unsigned section);
const struct pl_source_view *pl_view_source(const struct pl_peer_view *v, pl_source_id id);

/* What left by a slot, in bits per second, and how much of it was lost, as the receiver says. */
int64_t pl_line_slot_bps(const struct pl_peer_view *before, const struct pl_peer_view *now,
                         const struct pl_slot_view *slot);
int64_t pl_line_slot_loss(const struct pl_slot_view *slot);

/* How much of a layer's packets did not come. */
int64_t pl_line_layer_loss(const struct pl_layer_view *before, const struct pl_layer_view *now);

#endif
