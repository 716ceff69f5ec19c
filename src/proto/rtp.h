/* RTP packets (RFC 3550, 5.1), header extensions (RFC 8285), demultiplexing (RFC 7983, RFC 5761),
 * serial numbers. Everything is borrowed from the packet. */
#ifndef PL_PROTO_RTP_H
#define PL_PROTO_RTP_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_RTP_HEADER_SIZE 12 /* without CSRCs and extension */

struct pl_rtp {
    uint8_t pt;
    bool marker;
    uint16_t seq;
    uint32_t timestamp, ssrc;
    size_t header_len;    /* with CSRCs and extension */
    uint16_t ext_profile; /* 0: no extension */
    const uint8_t *ext;   /* what follows profile and length; NULL: no extension */
    size_t ext_len;
    const uint8_t *payload;
    size_t payload_len; /* without padding */
    uint8_t padding;    /* bytes of padding behind the payload, 0: none */
};

/* PL_EINVAL: version is not 2, or the padding is empty or longer than the payload. PL_ETRUNC: the
 * header ends too early. An empty payload is well-formed. */
enum pl_err pl_rtp_parse(const uint8_t *bytes, size_t n, struct pl_rtp *out) PL_CHECKED;

/* The element with this id (one-byte profile 0xBEDE: 1 to 14; two-byte 0x100x: 1 to 255), or NULL.
 */
const uint8_t *pl_rtp_ext_find(const struct pl_rtp *rtp, uint8_t id, size_t *len);

/* The fixed header: version, marker, pt, seq, timestamp and ssrc; no padding, CSRCs or extension.
 */
void pl_rtp_write_header(struct pl_writer *w, const struct pl_rtp *rtp);

/* RFC 6464: 0 is the loudest, 127 silence. False if the packet has none. */
bool pl_rtp_audio_level(const struct pl_rtp *rtp, uint8_t id, unsigned *level, bool *voice);

enum pl_demux { PL_DEMUX_UNKNOWN, PL_DEMUX_STUN, PL_DEMUX_DTLS, PL_DEMUX_RTP };
enum pl_demux pl_demux(uint8_t first_byte); /* RFC 7983, 7 */

/* RTCP rather than RTP (RFC 5761, 4): packet types 192 to 223. */
bool pl_is_rtcp(const uint8_t *bytes, size_t n);

/* How far `a` is after `b`, modulo 2^16 and 2^32; negative: before. Half of the circle apart is
 * "before". */
static inline int16_t pl_seq_diff(uint16_t a, uint16_t b)
{
    return (int16_t)(uint16_t)(a - b);
}

static inline int32_t pl_ts_diff(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static inline bool pl_seq_after(uint16_t a, uint16_t b)
{
    return pl_seq_diff(a, b) > 0;
}

#endif
