/* H.264 in RTP (RFC 6184): single NAL units, STAP-A, FU-A; the size from a sequence parameter set
 * (H.264, 7.3.2.1.1). */
#ifndef PL_PROTO_H264_H
#define PL_PROTO_H264_H

#include "proto/descriptor.h"

/* A key frame begins with its sequence parameter set: nobody who comes later could decode an IDR
 * picture without. PL_ETRUNC: it ends too early. PL_EINVAL: an aggregation or fragmentation that
 * packetization-mode 1 does not have (RFC 6184, 6.3). */
enum pl_err pl_h264_parse(const uint8_t *payload, size_t n, struct pl_descriptor *out) PL_CHECKED;

#endif
