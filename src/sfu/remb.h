/* What a publisher may send that gives no transport-wide numbers: by the loss that is seen of it,
 * as draft-ietf-rmcat-gcc-02, section 6, has the sender do it from reports; told by REMB. Pure. */
#ifndef PL_SFU_REMB_H
#define PL_SFU_REMB_H

#include <stdint.h>

#define PL_REMB_START_BPS 4000000u
#define PL_REMB_MIN_BPS 150000u   /* sound, and the smallest picture */
#define PL_REMB_MAX_BPS 10000000u /* more than a camera is worth here */
#define PL_REMB_PACKETS 20 /* fewer tell nothing of the loss: they count with the next ones */
/* In packets of a thousand: below the first it is raised, above the second lowered. */
#define PL_REMB_LOW_LOSS 20
#define PL_REMB_HIGH_LOSS 100

struct pl_remb {
    uint32_t bps;
    int64_t expected, received; /* as of the last judgement */
};

/* Of all the publisher's streams, since they began; and what arrives now. A packet that was sent
 * again counts as lost, if it came under an SSRC of its own (RTX): else nobody can tell. */
struct pl_remb_seen {
    int64_t expected, received;
    uint64_t bps;
};

void pl_remb_init(struct pl_remb *r);

/* To be called about once a second. `bps` is what to tell: raised by a twentieth while little is
 * lost, if it is made use of; lowered, from what arrives, by half of what is lost. */
void pl_remb_update(struct pl_remb *r, const struct pl_remb_seen *seen);

#endif
