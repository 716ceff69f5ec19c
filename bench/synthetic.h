/* What the load's publishers send, and its receivers look for: VP8 and Opus in the sizes and times
 * of a browser's, with the time of sending in every packet. */
#ifndef BENCH_SYNTHETIC_H
#define BENCH_SYNTHETIC_H

#include "histogram.h"

#include "client/call.h"

#define SYNTHETIC_BYTES_MIN 100 /* of a packet in clear: what the marks in it need */
#define SYNTHETIC_BYTES_MAX 1300

/* One encoding: `packets` RTP packets a frame of `bytes` each (in clear, header included; the first
 * of a frame are one byte shorter, as libwebrtc makes them). */
struct synthetic_layer {
    unsigned packets, bytes;
    uint16_t width, height; /* in its key frames */
};

struct synthetic {
    uint64_t seed;  /* rules how many are shorter; not 0 */
    unsigned level; /* of the sound (RFC 6464): 0 is the loudest, 127 silence */
    struct synthetic_layer layers[PL_CALL_LAYERS_MAX];
    bool key; /* of the frame that is being sent */
};

/* The content of one publisher; `s` is borrowed for its life. */
struct pl_call_content synthetic_content(struct synthetic *s);

/* A receiver's check: the packet is one of these, whole. One-way latencies, microseconds, from just
 * before the publisher's send to the return of the receiver's read, go to `ctx`, a histogram. */
bool synthetic_check(void *ctx, const uint8_t *payload, size_t n, bool video, bool repair,
                     int64_t now_ns);

#endif
