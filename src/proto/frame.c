/* See frame.h. */
#include "proto/frame.h"

#include "base/bytes.h"

#define MAGIC_COOKIE 0x2112a442u
#define TLS_HANDSHAKE 0x16
#define STUN_HEADER 20
#define CHANNEL_HEADER 4

/* Both STUN's type and a frame's length have a small first byte, which begins no word of HTTP. */
#define FIRST_OF_STUN_MAX 0x08

enum pl_first pl_first_bytes(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return PL_FIRST_MORE;
    if (bytes[0] == TLS_HANDSHAKE)
        return PL_FIRST_TLS;
    if (bytes[0] > FIRST_OF_STUN_MAX)
        return PL_FIRST_HTTP;
    if (n < PL_FIRST_BYTES)
        return PL_FIRST_MORE;
    if (pl_get_u32(bytes + 4) == MAGIC_COOKIE)
        return PL_FIRST_TURN;
    return pl_get_u32(bytes + 6) == MAGIC_COOKIE ? PL_FIRST_FRAMED : PL_FIRST_HTTP;
}

static enum pl_err frame(size_t n, struct pl_frame f, struct pl_frame *out)
{
    if (n < f.total)
        return PL_EAGAIN;
    *out = f;
    return PL_OK;
}

enum pl_err pl_frame_read(const uint8_t *bytes, size_t n, struct pl_frame *out)
{
    if (n < PL_FRAME_HEADER_SIZE)
        return PL_EAGAIN;
    size_t len = pl_get_u16(bytes);
    if (len > PL_FRAME_PACKET_MAX)
        return PL_EINVAL;
    return frame(n, (struct pl_frame){PL_FRAME_HEADER_SIZE, len, PL_FRAME_HEADER_SIZE + len}, out);
}

enum pl_err pl_frame_read_turn(const uint8_t *bytes, size_t n, struct pl_frame *out)
{
    if (n < 4)
        return PL_EAGAIN;
    size_t len = pl_get_u16(bytes + 2);
    switch (bytes[0] >> 6) {
    case 0: /* STUN, whose length is a multiple of 4 */
        len += STUN_HEADER;
        if (len % 4 || len > PL_FRAME_STUN_MAX)
            return PL_EINVAL;
        return frame(n, (struct pl_frame){0, len, len}, out);
    case 1: /* ChannelData, padded to a multiple of 4 */
        if (len > PL_FRAME_PACKET_MAX)
            return PL_EINVAL;
        len += CHANNEL_HEADER;
        return frame(n, (struct pl_frame){0, len, len + (-len & 3)}, out);
    default:
        return PL_EINVAL;
    }
}

void pl_frame_write(size_t n, uint8_t header[PL_FRAME_HEADER_SIZE])
{
    pl_put_u16(header, (uint16_t)n);
}
