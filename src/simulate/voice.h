/* Speech-like sound: syllables of vowels and hisses in sentences, in one of a few voices; no words.
 * Encoded once (Opus, 20 ms a packet), said again and again. */
#ifndef PL_SIMULATE_VOICE_H
#define PL_SIMULATE_VOICE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define PL_VOICES 6
#define PL_VOICE_PACKETS 500 /* ten seconds */
#define PL_VOICE_PACKET_MAX 240

struct pl_voice;

struct pl_voice_packet {
    uint8_t level; /* RFC 6464: 0 is the loudest, 127 silence */
    uint16_t n;
    uint8_t bytes[PL_VOICE_PACKET_MAX];
};

/* The voice `which` % PL_VOICES. PL_ENOMEM; PL_EIO: Opus cannot. */
enum pl_err pl_voice_new(unsigned which, struct pl_voice **out) PL_CHECKED;
void pl_voice_free(struct pl_voice *v); /* NULL is fine */

/* Packet `i` % PL_VOICE_PACKETS. */
const struct pl_voice_packet *pl_voice_packet(const struct pl_voice *v, unsigned i);

#endif
