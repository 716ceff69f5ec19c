/* RTP packets (RFC 3550, 5.1), header extensions (RFC 8285), demultiplexing (RFC 7983, RFC 5761).
 * Everything is borrowed from the packet. */
#ifndef PL_PROTO_RTP_H
#define PL_PROTO_RTP_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_rtp {
    uint8_t pt;
    bool marker;
    uint16_t seq;
    uint32_t timestamp, ssrc;
    size_t header_len;    /* with CSRCs and extension */
    uint16_t ext_profile; /* 0: no extension */
    const uint8_t *ext;
    size_t ext_len;
    const uint8_t *payload;
    size_t payload_len; /* without padding */
    uint8_t padding;
};

/* PL_EINVAL: version or padding; PL_ETRUNC. */
enum pl_err pl_rtp_parse(const uint8_t *bytes, size_t n, struct pl_rtp *out) PL_CHECKED;

/* The element with this id (one-byte profile 0xBEDE: 1 to 14; two-byte 0x100x: 1 to 255), or NULL.
 */
const uint8_t *pl_rtp_ext_find(const struct pl_rtp *rtp, uint8_t id, size_t *len);

/* RFC 6464: 0 is the loudest, 127 silence. False if the packet has none. */
bool pl_rtp_audio_level(const struct pl_rtp *rtp, uint8_t id, unsigned *level, bool *voice);

enum pl_demux { PL_DEMUX_UNKNOWN, PL_DEMUX_STUN, PL_DEMUX_DTLS, PL_DEMUX_RTP };
enum pl_demux pl_demux(uint8_t first_byte); /* RFC 7983, 7 */

/* RTCP rather than RTP (RFC 5761, 4): packet types 192 to 223. */
bool pl_is_rtcp(const uint8_t *bytes, size_t n);

#endif
