/* The VP9 payload descriptor (RFC 9628, 4.2), in both modes, with the scalability structure.
 * Nothing of the frame itself is looked at. */
#ifndef PL_PROTO_VP9_H
#define PL_PROTO_VP9_H

#include "proto/descriptor.h"

/* The size is that of the largest spatial layer. PL_ETRUNC: it ends too early or no payload
 * follows. PL_EINVAL: more than three reference indices. */
enum pl_err pl_vp9_parse(const uint8_t *payload, size_t n, struct pl_descriptor *out) PL_CHECKED;

#endif
