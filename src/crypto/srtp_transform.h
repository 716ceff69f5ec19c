/* The cipher work of SRTP, without its bookkeeping: sealing and opening one packet under one
 * session key. This is the seam for another back end; srtp.c keeps indexes, windows and layouts. */
#ifndef PL_CRYPTO_SRTP_TRANSFORM_H
#define PL_CRYPTO_SRTP_TRANSFORM_H

#include "base/err.h"
#include "crypto/srtp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_srtp_transform;

/* One packet. The index of SRTP is ROC and sequence number in 48 bits, of SRTCP 31 bits; both stand
 * at the same place of the IV (RFC 3711, 4.1.1; RFC 7714, 8.1 and 9.1), so one job serves both. */
struct pl_srtp_job {
    uint32_t ssrc;
    uint64_t index;
    uint32_t word;         /* RTP: the ROC; RTCP: E and the index, as on the wire */
    const uint8_t *header; /* authenticated, in clear */
    size_t header_len;
    const uint8_t *in1, *in2; /* seal: the plaintext in two pieces */
    size_t len1, len2;
    uint8_t *out; /* seal: the ciphertext, len1 + len2 bytes; open: in place, len1 bytes */
    uint8_t *tag; /* seal: written; open: read */
};

/* Derives the session keys for RTP or RTCP from the master (RFC 3711, 4.3). PL_EUNSUPPORTED,
 * PL_ENOMEM. */
enum pl_err pl_srtp_transform_new(const struct pl_srtp_keys *keys, bool rtcp,
                                  struct pl_srtp_transform **out) PL_CHECKED;
void pl_srtp_transform_free(struct pl_srtp_transform *t);

size_t pl_srtp_tag_size(enum pl_srtp_profile profile);
bool pl_srtp_is_aead(enum pl_srtp_profile profile);

enum pl_err pl_srtp_seal(struct pl_srtp_transform *t, const struct pl_srtp_job *job) PL_CHECKED;
enum pl_err pl_srtp_open(struct pl_srtp_transform *t, const struct pl_srtp_job *job) PL_CHECKED;

#endif
