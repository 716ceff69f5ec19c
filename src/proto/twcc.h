/* Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1): which packets
 * of a transport arrived, and when. Reading gives the statuses of one feedback packet; writing
 * makes feedback from a table of arrivals. The sequence number itself travels in a header extension
 * of two bytes, which is not this module's. */
#ifndef PL_PROTO_TWCC_H
#define PL_PROTO_TWCC_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_TWCC_TICK_US 250        /* unit of the deltas */
#define PL_TWCC_REFERENCE_US 64000 /* unit of the reference time, which has 24 bits: 12 days */
#define PL_TWCC_STATUSES_MAX 4096  /* of a packet that is read: a few bytes could name 65535, */
                                   /* and feedback covers a quarter of a second, not a minute */
#define PL_TWCC_PACKET_MAX 1200    /* bytes of a packet that is written: never fragmented */
#define PL_TWCC_WINDOW 1024        /* packets that a table of arrivals reaches back: a second at */
                                   /* 10 Mbit/s, and feedback is due every tenth of that */

struct pl_twcc_status {
    uint16_t seq;
    bool received;
    pl_time_us at; /* received: arrival, relative to the packet's reference time; may be negative */
};

struct pl_twcc_reader {
    uint16_t first_seq, count; /* statuses: first_seq, first_seq + 1, … */
    int32_t reference;         /* units of PL_TWCC_REFERENCE_US, modulo 2^24: -2^23 to 2^23 - 1 */
    uint8_t feedback_count;    /* numbers the feedback packets */
    /* Iteration. */
    struct pl_reader chunks, deltas;
    uint16_t done, chunk, chunk_left;
    pl_time_us at;
};

/* `body` is that of a pl_rtcp_item of type PL_RTCP_TWCC; borrowed. Looks at the whole of it, so
 * that iteration cannot fail: PL_ETRUNC if it ends before its last status or delta, PL_EINVAL if it
 * has no status or one of the reserved kind, PL_ELIMIT if it has more than PL_TWCC_STATUSES_MAX.
 * What follows the last delta is padding. */
enum pl_err pl_twcc_reader_init(struct pl_twcc_reader *r, const uint8_t *body, size_t n) PL_CHECKED;

/* The next status. False at the end. */
bool pl_twcc_next(struct pl_twcc_reader *r, struct pl_twcc_status *out);

/* Unwraps the reference times of one sender of feedback. Zeroed to start. */
struct pl_twcc_clock {
    int64_t reference;
    bool started;
};

/* The packet's reference time: add it to `at`. Its zero means nothing. */
pl_time_us pl_twcc_reference(struct pl_twcc_clock *c, const struct pl_twcc_reader *r);

/* What arrived on one transport and was not reported yet. */
struct pl_twcc_arrivals {
    pl_time_us at[PL_TWCC_WINDOW]; /* by sequence number, modulo the window */
    int64_t first, end;            /* to report: first … end - 1, extended sequence numbers */
    uint8_t feedback_count;
    bool started;
};

void pl_twcc_arrivals_init(struct pl_twcc_arrivals *a);
/* Of a table from elsewhere: is it one that the functions here can leave? */
bool pl_twcc_arrivals_ok(const struct pl_twcc_arrivals *a);

/* The packet with transport sequence number `seq` arrived (authenticated, not replayed). Reported
 * as lost before, it will be reported again. A number out of the window starts the table over. */
void pl_twcc_arrived(struct pl_twcc_arrivals *a, uint16_t seq, pl_time_us now);

/* Whether there is something to report. */
static inline bool pl_twcc_due(const struct pl_twcc_arrivals *a)
{
    return a->first < a->end;
}

/* Appends one RTCP packet of at most PL_TWCC_PACKET_MAX bytes with the oldest of what is due, which
 * is due no longer: call again while pl_twcc_due. PL_ETRUNC: there is no room for
 * PL_TWCC_PACKET_MAX bytes, and nothing was written. Nothing due: writes nothing. */
enum pl_err pl_twcc_write(struct pl_writer *w, struct pl_twcc_arrivals *a, uint32_t ssrc,
                          uint32_t media_ssrc) PL_CHECKED;

#endif
