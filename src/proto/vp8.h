/* The VP8 payload descriptor (RFC 7741, 4.2). Parses and writes; never looks further into the
 * payload than the ten bytes that an end-to-end encrypted stream leaves in clear. */
#ifndef PL_PROTO_VP8_H
#define PL_PROTO_VP8_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_VP8_DESCRIPTOR_MAX 6 /* two octets of flags, 15 bits of id, TL0PICIDX, TID|Y|KEYIDX */

struct pl_vp8 {
    bool non_reference;  /* N */
    bool start;          /* S: start of a partition */
    uint8_t partition;   /* PID, 0 to 7 */
    bool has_picture_id; /* I */
    bool picture_id_15;  /* M: 15 bits rather than 7 */
    uint16_t picture_id;
    bool has_tl0; /* L */
    uint8_t tl0_pic_idx;
    bool has_tid; /* T */
    uint8_t tid;
    bool layer_sync;  /* Y */
    bool has_key_idx; /* K */
    uint8_t key_idx;
    bool key_frame; /* first packet of a key frame (S, PID 0, and the payload header's P is 0) */
    uint16_t width, height; /* of a key frame whose start code is there; else 0 */
};

/* *len: bytes of the descriptor. PL_ETRUNC: it ends too early or no payload follows. */
enum pl_err pl_vp8_parse(const uint8_t *payload, size_t n, struct pl_vp8 *out,
                         size_t *len) PL_CHECKED;

/* Writes the descriptor, the values cut to the bits that they have; a picture id always takes 15
 * bits. At most PL_VP8_DESCRIPTOR_MAX bytes. */
void pl_vp8_write_descriptor(struct pl_writer *w, const struct pl_vp8 *d);

#endif
