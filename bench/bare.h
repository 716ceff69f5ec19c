/* What bench/floor and its clients agree on in place of ICE and DTLS: a client sends its number and
 * kind in one datagram, and both know the keys from that. The upper half of the number is the room;
 * a receiver gets all publishers of its room but the one of its own number. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include "base/bytes.h"
#include "crypto/srtp.h"

#include <stdbool.h>

/* First byte: in no range of RFC 7983; then publisher or receiver, then the number. */
#define BARE_HELLO 0x50
#define BARE_HELLO_SIZE 6

static inline void bare_hello(uint8_t out[BARE_HELLO_SIZE], bool publisher, uint32_t number)
{
    out[0] = BARE_HELLO;
    out[1] = publisher;
    pl_put_u32(out + 2, number);
}

/* AEAD_AES_128_GCM; one direction only is used of each. */
static inline struct pl_srtp_keys bare_keys(bool publisher, uint32_t number)
{
    struct pl_srtp_keys keys = {.profile = PL_SRTP_AEAD_AES_128_GCM};
    for (unsigned i = 0; i < 16; i++)
        keys.key[i] = (uint8_t)(number >> i % 4 * 8) ^ (uint8_t)(i * 17 + publisher);
    return keys;
}

static inline uint32_t bare_room(uint32_t number)
{
    return number >> 16;
}

/* The SSRCs of a publisher's audio and video; also those under which receivers get them. */
static inline uint32_t bare_ssrc(uint32_t number, bool video)
{
    return 0x1000u + (number & 0xffff) * 8 + video;
}

struct pl_call;
void bare_begin(struct pl_call *c, uint32_t number); /* pl_calls_options.bare */

#endif
