/* A slot: one unbroken RTP stream to a receiver, whatever fills it. Keeps, as segments, how the
 * numbers of each source it carried map to its own, so that a retransmission is made from the
 * source's ring with the very bytes of the first time (an SRTP index must never carry two
 * plaintexts). It may carry a stream up to a temporal id; what is left out leaves no gap. Rules:
 * docs/slots.md. Pure: knows streams by their rings only, sends nothing. */
#ifndef PL_SFU_SLOT_H
#define PL_SFU_SLOT_H

#include "base/bytes.h"
#include "base/time.h"
#include "proto/answer.h"
#include "proto/red.h"
#include "sfu/ring.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_SLOT_PADDING 255 /* what its one byte of length can say (RFC 3550, 5.1) */
#define PL_SLOT_GAP_MAX                                                                            \
    PL_RING_PACKETS /* what a slot's numbers skip at most; more is a new segment */
#define PL_SEGMENTS                                                                                \
    8 /* switches within the second that retransmission reaches back: of the source, the layer,    \
         the frame rate (down at once, up in two steps a second at most); more are forgotten, and  \
         the key frame after a switch covers for them */
#define PL_SLOT_HEADER_MAX                                                                         \
    20                     /* every packet of a slot has one layout: 12 bytes, and 8 of extension */
#define PL_SLOT_TWCC_AT 17 /* where the transport-wide number then stands; the sender's to fill */
#define PL_RTX_PREFIX 2    /* the original sequence number (RFC 4588, 4) */
/* What is written of a payload: RED's headers are the longest, RTX's prefix may come before. */
#define PL_SLOT_DESCRIPTOR_MAX (PL_RED_HEADERS_MAX + PL_RTX_PREFIX)

struct pl_segment {
    const struct pl_ring *stream; /* whose packets; NULL: gone */
    int64_t first_in;             /* source's sequence numbers from here on, */
    int64_t first_out;            /* the slot's from there on */
    int64_t left_out;             /* packets, before first_in */
    uint32_t timestamp_shift;
    uint16_t picture_id_shift; /* modulo 2^15 */
    uint8_t tl0_shift;
    uint8_t tid;  /* frames up to this temporal id */
    bool goes_on; /* where the segment before it ends: the same stream at another frame rate */
};

struct pl_slot {
    uint32_t ssrc, clock_rate;
    const struct pl_section *section; /* its formats: what the slot can carry */
    uint8_t ext_twcc;                 /* id of the header extension; 0: none */
    bool rtx; /* retransmissions have an SSRC of their own, else they are the packet itself */
    uint16_t rtx_seq;
    uint32_t rtx_ssrc;
    enum pl_media_type media;

    struct pl_segment segments[PL_SEGMENTS]; /* newest at n_segments - 1, modulo PL_SEGMENTS */
    uint64_t n_segments;

    bool started;
    int64_t max_seq; /* newest sent: extended sequence number, its numbers and its time */
    uint32_t timestamp;
    uint16_t picture_id;
    uint8_t tl0;
    pl_time_us sent_at;

    uint32_t packets, octets;  /* RFC 3550, 6.4.1 */
    uint32_t reported_packets; /* at the last sender report */
};

/* What goes on the wire: header || descriptor || rest, the rest borrowed from the packet. */
struct pl_slot_packet {
    uint8_t header[PL_SLOT_HEADER_MAX];
    size_t header_len; /* 12, or 20 with the number still to be filled in */
    uint8_t descriptor[PL_SLOT_DESCRIPTOR_MAX];
    size_t descriptor_len;
    const uint8_t *rest;
    size_t rest_len;
    bool may_pad; /* a byte of RTP padding (RFC 3550, 5.1) may be added to it, from behind the rest
                   */
};

/* The section is borrowed. `first_seq` is random, below 2^15 (RFC 3711, 3.3.1 wants room before the
 * first roll-over). */
void pl_slot_init(struct pl_slot *s, const struct pl_section *section, uint16_t first_seq);

/* The slot carries `stream` from `packet` on, up to a temporal id. The packet becomes the next in
 * sequence and at least one frame later in time: elapsed time since the last packet, re-based at
 * each switch, never an absolute clock. Returns the slot's RTP timestamp of the packet. */
uint32_t pl_slot_switch(struct pl_slot *s, const struct pl_ring *stream,
                        const struct pl_media_packet *packet, unsigned tid, pl_time_us now);

/* What it carries goes on up to another temporal id from `packet` on, the first of its frame and
 * from the stream's ring. Numbers go on; what comes late from before it still goes. */
void pl_slot_limit(struct pl_slot *s, const struct pl_media_packet *packet, unsigned tid);
/* Whether a packet of `stream` is for the slot: neither from before the switch nor left out. */
bool pl_slot_takes(const struct pl_slot *s, const struct pl_ring *stream,
                   const struct pl_media_packet *packet);
unsigned pl_slot_tid(const struct pl_slot *s); /* up to which it carries now */

/* Rewrites a packet of `stream`, which must be what the slot carries now. Its payload type is that
 * of its codec here; of RED a slot that has Opus alone gets the primary block. False: the packet is
 * from before the switch, is left out, or of no codec of the slot, and is not for it.
 *
 * A source that jumps further than PL_SLOT_GAP_MAX starts a new segment, so that the slot's numbers
 * go on and SRTP on both ends, which guesses the roll-over counter from 16 bits, cannot lose count.
 */
bool pl_slot_rewrite(struct pl_slot *s, const struct pl_ring *stream,
                     const struct pl_media_packet *packet, pl_time_us now,
                     struct pl_slot_packet *out);

/* For a NACK of the slot's `seq`: which packet of its stream that was, borrowed from the ring.
 * NULL: never sent, or forgotten. */
const struct pl_media_packet *pl_slot_find(const struct pl_slot *s, uint16_t seq);

/* A packet that pl_slot_find named, again: as a retransmission under an SSRC of its own (RFC 4588),
 * or, where that was not negotiated, with the very bytes of the first time. */
bool pl_slot_rewrite_again(struct pl_slot *s, uint16_t seq, const struct pl_media_packet *packet,
                           struct pl_slot_packet *out);

/* A packet of PL_SLOT_PADDING bytes of RTP padding under the SSRC of retransmissions, for probes:
 * the path is measured, the receiver drops it, whether the slot carries anything or not. False if
 * it has no RTX. */
bool pl_slot_padding(struct pl_slot *s, struct pl_slot_packet *out);

/* The stream is gone: nothing refers to it any more. */
void pl_slot_forget(struct pl_slot *s, const struct pl_ring *stream);

/* The slot's RTP time for the time `timestamp` of the stream it carries now. */
uint32_t pl_slot_timestamp(const struct pl_slot *s, uint32_t timestamp);

#endif
