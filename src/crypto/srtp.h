/* SRTP and SRTCP (RFC 3711; AES-GCM: RFC 7714), one context per transport and direction.
 *
 * A context serves all SSRCs of its direction: SRTP gives each SSRC its own roll-over counter and
 * replay window under the one session key. SSRCs of an inbound context are created by the first
 * packet that authenticates, and bounded. Not thread-safe; belongs to the media thread. */
#ifndef PL_CRYPTO_SRTP_H
#define PL_CRYPTO_SRTP_H

#include "base/carry.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Values are the DTLS-SRTP protection profile ids (RFC 5764, 4.1.2; RFC 7714, 14.2). */
enum pl_srtp_profile {
    PL_SRTP_AES128_CM_HMAC_SHA1_80 = 0x0001,
    PL_SRTP_AEAD_AES_128_GCM = 0x0007,
    PL_SRTP_AEAD_AES_256_GCM = 0x0008,
};

#define PL_SRTP_OVERHEAD_MAX 24  /* RTP: tag 16. RTCP: tag 16 and index 4; CM: 10 and 4 */
#define PL_SRTP_PACKET_MAX 65507 /* bytes in clear: what UDP over IPv4 carries (65,535 - 28) */
#define PL_SRTP_KEY_MAX 32
#define PL_SRTP_SALT_MAX 14
#define PL_SRTP_STREAMS_MAX                                                                        \
    512                     /* SSRCs of one direction: 160 sections, three layers and RTX each */
#define PL_SRTP_WINDOW 1024 /* packets of the replay window (RFC 3711, 3.3.2: at least 64) */

struct pl_srtp_keys { /* master key and salt of one direction */
    enum pl_srtp_profile profile;
    uint8_t key[PL_SRTP_KEY_MAX], salt[PL_SRTP_SALT_MAX];
};

struct pl_srtp;

/* PL_EUNSUPPORTED for an unknown profile, PL_ENOMEM. */
enum pl_err pl_srtp_new(const struct pl_srtp_keys *keys, struct pl_srtp **out) PL_CHECKED;
void pl_srtp_free(struct pl_srtp *s); /* wipes the keys; NULL is fine */

/* One RTP packet on its way out. What it became is in `out_len` and `err`. */
struct pl_srtp_packet {
    const uint8_t *header; /* with CSRCs and extension; may be `out`: it is there already */
    size_t header_len;
    const uint8_t *payload[2]; /* a rewritten descriptor, and the rest that all receivers share */
    size_t len[2];
    uint8_t *out; /* header || protected payload; has room for all, and for the tag */
    size_t out_len;
    enum pl_err err;
};

/* RTP packets to SRTP, in their order, out of place: each grows by pl_srtp_tag_size(). Their places
 * may lie back to back, and overlap neither one another nor a payload. Sending the same sequence
 * number again must be with identical bytes (the IV is the index). The roll-over counter follows
 * the highest sequence number sent; an older one, up to 2^15 back, is sent under the counter that
 * it had. Each packet succeeds or fails by itself; the others go on as if a failed one had not
 * been there. PL_EINVAL: the header is not RTP of that length, or the sequence number is from
 * before the stream's first roll-over counter. PL_ELIMIT: too many SSRCs, the packet is longer than
 * PL_SRTP_PACKET_MAX, or the key's packets are used up. PL_ENOMEM. PL_EIO: the cipher failed; the
 * sequence number counts as sent. */
void pl_srtp_protect_batch(struct pl_srtp *s, struct pl_srtp_packet *packets, size_t n);

/* A batch of one; *out_len is set on success only. */
enum pl_err pl_srtp_protect(struct pl_srtp *s, const uint8_t *header, size_t header_len,
                            const uint8_t *payload1, size_t len1, const uint8_t *payload2,
                            size_t len2, uint8_t *out, size_t *out_len) PL_CHECKED;

/* Hands a context over, or takes one (*s is made): session keys, and of each SSRC the highest
 * indexes and the replay windows. Who writes it must protect nothing afterwards, should somebody
 * take it: no index may be used twice. PL_EINVAL: what was read is no context; PL_ENOMEM. */
enum pl_err pl_srtp_carry(struct pl_srtp **s, struct pl_carry *c) PL_CHECKED;

size_t pl_srtp_tag_size(const struct pl_srtp *s); /* bytes; at most PL_SRTP_OVERHEAD_MAX */

/* SRTP packet to RTP, in place. *len shrinks. PL_EAUTH, PL_EREPLAY, PL_ETRUNC, PL_EINVAL,
 * PL_ELIMIT. After an error *len and the context are as before, but the packet's bytes are lost. */
enum pl_err pl_srtp_unprotect(struct pl_srtp *s, uint8_t *packet, size_t *len) PL_CHECKED;

/* The same for RTCP compound packets. protect is in place: `packet` has room for `cap` bytes
 * (PL_ETRUNC: too few). Unencrypted SRTCP is PL_EAUTH. */
enum pl_err pl_srtcp_protect(struct pl_srtp *s, uint8_t *packet, size_t *len,
                             size_t cap) PL_CHECKED;
enum pl_err pl_srtcp_unprotect(struct pl_srtp *s, uint8_t *packet, size_t *len) PL_CHECKED;

#endif
