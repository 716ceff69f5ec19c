/* The VP8 payload descriptor (RFC 7741, 4.2) and the few bytes behind it that tell a key frame and
 * its size (RFC 6386, 9.1). */
#ifndef PL_PROTO_VP8_H
#define PL_PROTO_VP8_H

#include "proto/descriptor.h"

/* PL_ETRUNC: it ends too early or no payload follows. */
enum pl_err pl_vp8_parse(const uint8_t *payload, size_t n, struct pl_descriptor *out) PL_CHECKED;

#endif
