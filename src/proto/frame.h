/* Packets in a byte stream: what a connection begins with, and where its frames end. RFC 4571 is
 * the framing of ICE-TCP (RFC 6544, 10.1), TURN has its own (RFC 8656, 12.5). Pure. */
#ifndef PL_PROTO_FRAME_H
#define PL_PROTO_FRAME_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes of a packet: as of a datagram, see PL_UDP_DATAGRAM_MAX. */
#define PL_FRAME_PACKET_MAX 2048
#define PL_FRAME_STUN_MAX 2304   /* of a STUN message, which may carry such a packet */
#define PL_FRAME_OVERHEAD_MAX 72 /* what pl_turn_wrap and pl_frame_write put around a packet */

/* What a connection speaks, by its first bytes. All protocols of one port are told apart here. */
enum pl_first {
    PL_FIRST_MORE,   /* cannot be told yet: fewer than PL_FIRST_BYTES */
    PL_FIRST_TLS,    /* a handshake record (RFC 8446, 5.1) */
    PL_FIRST_TURN,   /* STUN's magic cookie at offset 4 */
    PL_FIRST_FRAMED, /* at offset 6: STUN in a frame of RFC 4571 */
    PL_FIRST_HTTP,   /* everything else: HTTP knows how to complain */
};
#define PL_FIRST_BYTES 10
enum pl_first pl_first_bytes(const uint8_t *bytes, size_t n);

/* One frame at the beginning of a stream's bytes. */
struct pl_frame {
    size_t at, n; /* the packet in it; n may be 0 */
    size_t total; /* where the next frame begins */
};

/* PL_EAGAIN: not complete yet; PL_EINVAL: not such a frame, or longer than the limits above; there
 * is no way to go on with the stream. A TURN frame's packet is a STUN message or ChannelData with
 * its header, without padding. */
enum pl_err pl_frame_read(const uint8_t *bytes, size_t n, struct pl_frame *out) PL_CHECKED;
enum pl_err pl_frame_read_turn(const uint8_t *bytes, size_t n, struct pl_frame *out) PL_CHECKED;

/* The header of RFC 4571 for a packet of n bytes. */
#define PL_FRAME_HEADER_SIZE 2
void pl_frame_write(size_t n, uint8_t header[PL_FRAME_HEADER_SIZE]);

#endif
