/* What the server reads at the start of an RTP payload, whatever its codec, and how it writes the
 * numbers in there anew. The payload formats: VP8 (RFC 7741), VP9 (RFC 9628), AV1 (RTP Payload
 * Format For AV1, 1.0), H.264 (RFC 6184), RED (RFC 2198). No more is looked at than tells layers
 * and key frames apart: the frame itself may be ciphertext, but for H.264 and RED, which an
 * encrypted meeting does not negotiate. */
#ifndef PL_PROTO_DESCRIPTOR_H
#define PL_PROTO_DESCRIPTOR_H

#include "base/err.h"
#include "proto/codec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a rewritten descriptor takes at most: VP8's two octets, 15 bits of picture id, TL0PICIDX. */
#define PL_DESCRIPTOR_MAX 5

struct pl_descriptor {
    bool key_start;         /* first packet of a key frame */
    uint16_t width, height; /* of a key frame that tells it in this packet; else 0 */
    uint8_t temporal_id;    /* 0: the base layer, or not told */
    bool switch_up;         /* Y of VP8, U of VP9, or by AV1's dependency descriptor */
    /* The numbers that go on from frame to frame, and where they stand in the payload. */
    uint8_t picture_id_at, picture_id_len; /* one byte has 7 bits, two have 15; 0: none */
    uint16_t picture_id;
    uint8_t tl0_at; /* 0: none */
    uint8_t tl0;    /* TL0PICIDX */
};

/* PL_ETRUNC: it ends too early, or nothing follows. PL_EINVAL: it is not what it should be. Opus
 * and RED have no descriptor. */
enum pl_err pl_descriptor_read(enum pl_codec codec, const uint8_t *payload, size_t n,
                               struct pl_descriptor *out) PL_CHECKED;

/* Up to which temporal id a receiver can decode from this frame on that had them up to `had`: more
 * than `had` after a key frame (all), at a frame of VP8 that refers to the base layer alone (Y, RFC
 * 7741, 4.2: one more), at a frame of those that it had behind which no higher one refers to a
 * higher one before it (U, RFC 9628, 4.2, and likewise AV1: all). */
unsigned pl_descriptor_up_to(enum pl_codec codec, const struct pl_descriptor *d, unsigned had);

/* Writes the start of a payload that was read as `d` with other numbers, a picture id always in 15
 * bits. Returns how many bytes `out` got; *replaces tells how many of the payload's they stand for.
 * Both are 0 where there are no numbers. */
size_t pl_descriptor_write(const struct pl_descriptor *d, const uint8_t *payload,
                           uint16_t picture_id, uint8_t tl0, uint8_t out[PL_DESCRIPTOR_MAX],
                           size_t *replaces);

#endif
