/* One RTP stream that a client sends: its sequence, reception statistics (RFC 3550, A.1, A.3, A.8),
 * what is missing (NACK, RFC 4585), key-frame requests, its sender's clock, and its ring.
 * Sans-IO; belongs to its peer. */
#ifndef PL_SFU_STREAM_H
#define PL_SFU_STREAM_H

#include "base/time.h"
#include "proto/answer.h"
#include "proto/dd.h"
#include "proto/rtcp.h"
#include "proto/rtp.h"
#include "sfu/ring.h"

#define PL_MISSING_MAX 64             /* packets asked for at a time; more is a break, not a loss */
#define PL_NACK_FIRST_US (10 * PL_MS) /* for reordering */
#define PL_NACK_AGAIN_US (60 * PL_MS)
#define PL_NACK_TRIES 6
#define PL_KEY_REQUEST_US                                                                          \
    (500 * PL_MS) /* docs: slots, rule 2 and 3: one PLI makes all layers' key frames */

struct pl_missing {
    int64_t seq;
    pl_time_us next;
    unsigned tries;
};

struct pl_stream {
    uint32_t ssrc, clock_rate;
    enum pl_media_type media;
    bool nack;                     /* missing packets are asked for */
    uint8_t ext_dd;                /* dependency descriptor: id of the header extension; 0: none */
    struct pl_dd_structure layers; /* what it last said of layers */

    bool started;
    int64_t first_seq, max_seq; /* extended */
    int64_t received;
    uint64_t
        seen[PL_RING_PACKETS / 64]; /* of the last PL_RING_PACKETS numbers, by their low bits */
    int64_t expected_before, received_before; /* at the last report */
    uint32_t jitter;                          /* RFC 3550, A.8: in 1/16 of a clock tick */
    uint32_t transit;
    uint32_t newest_timestamp; /* of max_seq */
    pl_time_us newest_at;
    uint16_t picture_id; /* the last one, 15 bits */

    struct pl_missing missing[PL_MISSING_MAX]; /* ascending by seq */
    size_t n_missing;

    bool key_wanted;
    pl_time_us key_asked_at; /* 0: never */
    int64_t key_seq;         /* the first packet of the newest key frame that came; 0: none */

    uint64_t sr_ntp; /* RFC 3550, 6.4.1; 0: none yet */
    uint32_t sr_timestamp;
    pl_time_us sr_at;

    struct pl_ring ring;
};

/* The ring's buffers are taken from `pool`. PL_ENOMEM. */
enum pl_err pl_stream_init(struct pl_stream *s, const struct pl_section *section,
                           struct pl_packet_pool *pool) PL_CHECKED;
void pl_stream_free(struct pl_stream *s);

/* Starts over under another SSRC: the client restarted its encoder. */
void pl_stream_reset(struct pl_stream *s, uint32_t ssrc);

/* What was sent again came back under another SSRC (RFC 4588) and is no reception of its own, so
 * that loss is reported as the network made it. True: `seq` was missing, and is taken in as any
 * packet; it must then be given to pl_stream_input with `repaired`. */
bool pl_stream_misses(const struct pl_stream *s, uint16_t seq);

/* False: this packet came already (an original behind its own retransmission, which SRTP cannot
 * know for one), or is too old to tell; it must go no further, since a number of a slot leaves only
 * once.
 *
 * Takes a packet in: extends its sequence number, reads its descriptor, updates statistics and
 * what is missing, keeps a copy in the ring, and fills *out (whose payload is borrowed from rtp).
 */
bool pl_stream_input(struct pl_stream *s, const struct pl_rtp *rtp, enum pl_codec codec,
                     bool repaired, pl_time_us now, struct pl_media_packet *out) PL_CHECKED;

/* The same for a mirror of a stream of another engine (relay.c), which is whole as it comes. The
 * hold is the stream's now. The packet is borrowed from the ring; NULL: it came too late for it. */
const struct pl_media_packet *pl_stream_mirror(struct pl_stream *s, struct pl_stored_packet *packet,
                                               pl_time_us now);

/* The sequence numbers to ask for now, ascending; marks them asked. At most PL_MISSING_MAX. For one
 * that is given up a key frame is wanted, unless one came behind it: whoever gets the stream misses
 * it, too. */
size_t pl_stream_nacks(struct pl_stream *s, pl_time_us now, uint16_t out[PL_MISSING_MAX]);

/* A key frame is wanted. pl_stream_key_due tells when a request goes out: at once, but at most one
 * in PL_KEY_REQUEST_US, and again until a key frame comes whose first packet is in the ring. */
void pl_stream_want_key(struct pl_stream *s);
bool pl_stream_key_due(struct pl_stream *s, pl_time_us now); /* true: send it; marks it sent */

/* When pl_stream_nacks or pl_stream_key_due has something to do; PL_NEVER if nothing waits. */
pl_time_us pl_stream_deadline(const struct pl_stream *s);

void pl_stream_sender_report(struct pl_stream *s, uint64_t ntp, uint32_t timestamp, pl_time_us now);

/* The report block on this stream; counts since the last one. */
void pl_stream_report(struct pl_stream *s, pl_time_us now, struct pl_rtcp_block *out);

/* The stream's RTP time at `now`, by the last packet or sender report: for the reports of slots.
 * `skew_us` is what the sender's clock (NTP) lacks to ours. False before the first packet. */
bool pl_stream_timestamp_at(const struct pl_stream *s, pl_time_us now, pl_time_us skew_us,
                            uint32_t *out);

#endif
