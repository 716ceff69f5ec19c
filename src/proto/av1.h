/* The aggregation header of AV1's RTP payload (RTP Payload Format For AV1, 4.4), and the sequence
 * header that a key frame begins with (AV1 bitstream, 5.5). Layers are told by the dependency
 * descriptor alone: dd.h. */
#ifndef PL_PROTO_AV1_H
#define PL_PROTO_AV1_H

#include "proto/descriptor.h"

/* A key frame is what the N bit says. PL_ETRUNC: no payload follows. PL_EINVAL: a coded video
 * sequence that begins with a fragment. */
enum pl_err pl_av1_parse(const uint8_t *payload, size_t n, struct pl_descriptor *out) PL_CHECKED;

#endif
