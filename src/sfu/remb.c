/* See remb.h. */
#include "sfu/remb.h"

void pl_remb_init(struct pl_remb *r)
{
    *r = (struct pl_remb){.bps = PL_REMB_START_BPS};
}

static uint32_t bounded(uint64_t bps)
{
    if (bps < PL_REMB_MIN_BPS)
        return PL_REMB_MIN_BPS;
    return bps < PL_REMB_MAX_BPS ? (uint32_t)bps : PL_REMB_MAX_BPS;
}

void pl_remb_update(struct pl_remb *r, const struct pl_remb_seen *seen)
{
    int64_t expected = seen->expected - r->expected;
    int64_t lost = expected - (seen->received - r->received);
    if (expected >= 0 && expected < PL_REMB_PACKETS)
        return;
    r->expected = seen->expected;
    r->received = seen->received;
    if (expected < 0) /* a stream started over */
        return;
    if (lost < 0)
        lost = 0; /* duplicates */
    uint64_t bps = r->bps;
    if (lost * 1000 > expected * PL_REMB_HIGH_LOSS) {
        uint64_t arrives = seen->bps < bps ? seen->bps : bps;
        bps = arrives - arrives * (uint64_t)lost / (uint64_t)(2 * expected);
    } else if (lost * 1000 < expected * PL_REMB_LOW_LOSS && seen->bps * 2 >= bps) {
        bps += (bps + 1000) / 20;
    }
    r->bps = bounded(bps);
}
