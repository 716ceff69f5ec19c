/* What the server sees of media, in a file: `parley-tap` is the server with one function more
 * around pl_layer_packet (the linker's --wrap), so that no build of the product has any of this.
 * Each packet that a client sends, after SRTP and before it is forwarded or muted, is appended to
 * the file named by PARLEY_TAP, in network order:
 *
 *   u32 bytes of what follows  u64 Unix time in us  u64 source  u8 layer  u8 codec (enum pl_codec)
 *   u8 marker  u32 RTP timestamp  u64 sequence number, extended  the payload
 *
 * tests/e2e/tap.mjs reads it. */
#include "base/bytes.h"
#include "sfu/peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define HEAD_BYTES 31 /* behind the first number */

void __real_pl_layer_packet(struct pl_layer *l, const struct pl_media_packet *packet,
                            pl_time_us now);
void __wrap_pl_layer_packet(struct pl_layer *l, const struct pl_media_packet *packet,
                            pl_time_us now);

/* The tests run it with one media thread. */
static int opened(void)
{
    static int fd = -1;
    const char *path = getenv("PARLEY_TAP");
    if (fd < 0 && path)
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        perror("PARLEY_TAP");
        abort();
    }
    return fd;
}

static uint64_t unix_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void tap(const struct pl_layer *l, const struct pl_media_packet *packet)
{
    uint8_t bytes[4 + HEAD_BYTES + PL_PAYLOAD_MAX];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_write_u32(&w, (uint32_t)(HEAD_BYTES + packet->payload_len));
    pl_write_u64(&w, unix_us());
    pl_write_u64(&w, l->source->id);
    pl_write_u8(&w, (uint8_t)(l - l->source->layers));
    pl_write_u8(&w, (uint8_t)packet->codec);
    pl_write_u8(&w, packet->marker);
    pl_write_u32(&w, packet->timestamp);
    pl_write_u64(&w, (uint64_t)packet->seq);
    pl_write_bytes(&w, packet->payload, packet->payload_len);
    size_t n = pl_writer_size(&w);
    if (write(opened(), bytes, n) != (ssize_t)n) {
        perror("PARLEY_TAP");
        abort();
    }
}

void __wrap_pl_layer_packet(struct pl_layer *l, const struct pl_media_packet *packet,
                            pl_time_us now)
{
    if (!l->source->peer->mirror)
        tap(l, packet);
    __real_pl_layer_packet(l, packet, now);
}
