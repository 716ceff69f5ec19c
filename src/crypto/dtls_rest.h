/* Inside src/crypto: what is left of an association once its keys are out. OpenSSL's object is
 * 33 kB, and of it little is needed any more: to say the end of the handshake again to a client
 * that missed it (RFC 6347, 4.2.4), to understand alerts, and to send them. For that the record
 * keys, three counters and one message do: plain data, without pointers, that could be kept or
 * handed over. Only DTLS 1.2 with AES-GCM (RFC 5288), the one thing that dtls.c agrees on. */
#ifndef PL_CRYPTO_DTLS_REST_H
#define PL_CRYPTO_DTLS_REST_H

#include "base/err.h"
#include "crypto/dtls.h"

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

#define PL_DTLS_RECORD_HEADER 13   /* type, version, epoch, number, length: RFC 6347, 4.1 */
#define PL_DTLS_RECORD_OVERHEAD 24 /* explicit nonce and tag: RFC 5288, 3 */
#define PL_DTLS_FINISHED_SIZE 24   /* the message, its header of 12 bytes included */
#define PL_DTLS_ALERT_SIZE 2

/* A ChangeCipherSpec in clear, and a Finished. */
#define PL_DTLS_ANSWER_MAX                                                                         \
    (PL_DTLS_RECORD_HEADER + 1 + PL_DTLS_RECORD_HEADER + PL_DTLS_RECORD_OVERHEAD +                 \
     PL_DTLS_FINISHED_SIZE)
#define PL_DTLS_FINISHED_RECORD                                                                    \
    (PL_DTLS_RECORD_HEADER + PL_DTLS_RECORD_OVERHEAD + PL_DTLS_FINISHED_SIZE)

struct pl_dtls_half {
    uint8_t key[32]; /* AES-128: the first 16 */
    uint8_t salt[4];
};

/* Zeros to begin with. Holds secrets from pl_dtls_rest_take on; the owner wipes it. */
struct pl_dtls_rest {
    struct pl_dtls_half in, out; /* the client's, ours */
    size_t key_len;              /* 16, 32 */
    uint64_t next[2];            /* record to send, by epoch: 16 bits of epoch, 48 of number */
    uint64_t nonce;              /* the explicit one of the next record in epoch 1 */
    uint64_t answered;           /* epoch and number of the newest record that was answered */
    uint8_t finished[PL_DTLS_FINISHED_SIZE];
    uint8_t record[PL_DTLS_FINISHED_RECORD]; /* that it went out in, until pl_dtls_rest_take */
};

/* Each datagram that OpenSSL sends, so that numbers and nonces go on where it leaves off. */
void pl_dtls_rest_sent(struct pl_dtls_rest *r, const uint8_t *datagram, size_t n);

/* Once the handshake is done and OpenSSL has read all that came; it sends nothing more. PL_ENOMEM;
 * PL_EIO: what was sent is not what the keys make, and `r` is of no use. */
enum pl_err pl_dtls_rest_take(struct pl_dtls_rest *r, const SSL *ssl) PL_CHECKED;

/* A datagram from the client. Gives the state after it, CONNECTED, CLOSED (a close_notify), or
 * FAILED (a fatal alert), and up to one answer, *answer_len bytes (0: none). Records that do not
 * authenticate change nothing; and only those newer than the last one that was answered make us
 * answer, so that nobody but the client can. */
enum pl_dtls_state pl_dtls_rest_input(struct pl_dtls_rest *r, const uint8_t *datagram, size_t n,
                                      uint8_t answer[PL_DTLS_ANSWER_MAX], size_t *answer_len);

/* A close_notify; returns its length, 0 if there is no memory for it. */
size_t pl_dtls_rest_close(struct pl_dtls_rest *r, uint8_t out[PL_DTLS_ANSWER_MAX]);

/* One record of epoch 1 with n bytes, at `out`: PL_DTLS_RECORD_HEADER + PL_DTLS_RECORD_OVERHEAD + n
 * bytes. Returns that, or 0 if there is no memory. */
size_t pl_dtls_rest_seal(struct pl_dtls_rest *r, uint8_t type, const uint8_t *bytes, size_t n,
                         uint8_t *out);

#endif
