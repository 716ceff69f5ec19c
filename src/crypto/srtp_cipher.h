/* Inside src/crypto: the seam between srtp.c, which keeps indexes, replay windows and packet
 * layouts, and a back end, which holds session keys and seals and opens packets. A back end takes
 * arrays of packets, because one that interleaves them (libipsec-mb) gains by that; the packets of
 * one array may belong to different keys, streams and receivers. */
#ifndef PL_CRYPTO_SRTP_CIPHER_H
#define PL_CRYPTO_SRTP_CIPHER_H

#include "base/err.h"
#include "crypto/srtp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_SRTP_AUTH_KEY_SIZE 20 /* RFC 3711, 5.2 */
#define PL_SRTP_TRAILER_SIZE 4

/* The sizes of a profile, in bytes. */
struct pl_srtp_suite {
    enum pl_srtp_profile profile;
    bool aead; /* AES-GCM; otherwise AES in counter mode, then HMAC-SHA1 */
    size_t key, salt, tag;
};

/* NULL for an unknown profile. */
const struct pl_srtp_suite *pl_srtp_suite(enum pl_srtp_profile profile);

/* What RTP, or RTCP, of one direction is protected with. */
struct pl_srtp_session {
    const struct pl_srtp_suite *suite;
    uint8_t key[PL_SRTP_KEY_MAX], salt[PL_SRTP_SALT_MAX]; /* zeros behind what the suite has */
    uint8_t auth[PL_SRTP_AUTH_KEY_SIZE];                  /* counter mode only */
};

/* From the master key and salt (RFC 3711, 4.3, with a derivation rate of 0). PL_EUNSUPPORTED,
 * PL_ENOMEM. */
enum pl_err pl_srtp_derive(const struct pl_srtp_keys *master, bool rtcp,
                           struct pl_srtp_session *out) PL_CHECKED;

/* The initialisation vector of one packet (RFC 7714, 8.1 and 9.1: 12 bytes; RFC 3711, 4.1.1: 16
 * bytes). `index` is the ROC and the sequence number in 48 bits, or the 31 bits of SRTCP, which
 * stand at the same place. */
#define PL_SRTP_IV_SIZE 16
void pl_srtp_iv(const struct pl_srtp_suite *suite, const uint8_t salt[PL_SRTP_SALT_MAX],
                uint32_t ssrc, uint64_t index, uint8_t iv[PL_SRTP_IV_SIZE]);

struct pl_srtp_cipher; /* a back end's own: the expanded keys of one session */

/* One packet. AES-GCM authenticates header, trailer and payload. Counter mode authenticates header,
 * ciphertext and trailer: there `out` follows the header in memory, opening is in place, and behind
 * `out` is room for the trailer, into which a back end may write it (the index of RTCP belongs
 * there, RTP's tag comes to stand there). */
struct pl_srtp_job {
    struct pl_srtp_cipher *cipher;
    uint8_t iv[PL_SRTP_IV_SIZE];
    const uint8_t *header; /* stays in clear */
    size_t header_len;
    const uint8_t *in[2]; /* the text in two pieces; may be `out` and behind it (in place) */
    size_t len[2];
    uint8_t *out;                          /* len[0] + len[1] bytes */
    uint8_t trailer[PL_SRTP_TRAILER_SIZE]; /* counter mode: the ROC; RTCP: E and the index */
    size_t trailer_len;                    /* 0: none (RTP under AES-GCM) */
    uint8_t *tag;                          /* seal writes it, open reads it */
    enum pl_err err; /* the result: PL_OK; open: PL_EAUTH, and `out` is lost; PL_EIO */
};

#define PL_SRTP_JOBS_MAX 64 /* that a back end gets at once */

/* A back end. What it keeps between calls is in its ciphers, or is its thread's: a cipher is used
 * by one thread at a time, and different ones by different threads without a lock. */
struct pl_srtp_cipher_ops {
    const char *name;
    bool (*usable)(void); /* by this processor and library */
    /* PL_ENOMEM */
    enum pl_err (*new)(const struct pl_srtp_session *session, struct pl_srtp_cipher **out);
    void (*free)(struct pl_srtp_cipher *c); /* wipes the keys; NULL is fine */
    /* n: at most PL_SRTP_JOBS_MAX */
    void (*seal)(struct pl_srtp_job *jobs, size_t n);
    void (*open)(struct pl_srtp_job *jobs, size_t n);
};

extern const struct pl_srtp_cipher_ops pl_srtp_evp;     /* OpenSSL; on any processor */
extern const struct pl_srtp_cipher_ops pl_srtp_ipsecmb; /* libipsec-mb; x86-64, if built in */

/* All that are built in and usable here, the best first; the last is NULL. */
#define PL_SRTP_BACKENDS_MAX 2
void pl_srtp_backends(const struct pl_srtp_cipher_ops *out[PL_SRTP_BACKENDS_MAX + 1]);

/* pl_srtp_new is over the first of these; tests and the bench choose. */
enum pl_err pl_srtp_new_over(const struct pl_srtp_cipher_ops *ops, const struct pl_srtp_keys *keys,
                             struct pl_srtp **out) PL_CHECKED;

#endif
