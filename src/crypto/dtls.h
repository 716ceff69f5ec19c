/* DTLS 1.2 as the passive side (RFC 6347, RFC 5764, RFC 8827), for its keys alone. No sockets:
 * datagrams go in and come out by a BIO of our own that keeps their boundaries. OpenSSL reads the
 * clock for its retransmission timer by itself; everything else is told. One thread at a time. */
#ifndef PL_CRYPTO_DTLS_H
#define PL_CRYPTO_DTLS_H

#include "base/err.h"
#include "base/time.h"
#include "crypto/srtp.h"

#include <stddef.h>
#include <stdint.h>

struct pl_dtls_context; /* ciphers, profiles, a self-signed certificate of its own (ECDSA P-256) */
struct pl_dtls;         /* one association */

/* PL_EIO: OpenSSL cannot, for want of memory, or because its configuration forbids. Outlives its
 * associations, which may be on other threads. */
enum pl_err pl_dtls_context_new(struct pl_dtls_context **out) PL_CHECKED;
void pl_dtls_context_free(struct pl_dtls_context *c);
const uint8_t *pl_dtls_context_fingerprint(const struct pl_dtls_context *c); /* SHA-256, 32 bytes */

/* `fingerprint`: SHA-256 of the certificate that the client announced; another one fails the
 * handshake, and so does a client without an SRTP profile of ours. `send` is called, from inside
 * the functions below, with each datagram (at most PL_DTLS_MTU bytes) that must go to the peer. */
#define PL_DTLS_MTU 1200
typedef void pl_dtls_send(void *ctx, const uint8_t *bytes, size_t n);
enum pl_err pl_dtls_new(struct pl_dtls_context *c, const uint8_t fingerprint[32],
                        pl_dtls_send *send, void *ctx, struct pl_dtls **out) PL_CHECKED;
void pl_dtls_free(struct pl_dtls *d); /* sends nothing; NULL is fine */

enum pl_dtls_state { PL_DTLS_HANDSHAKING, PL_DTLS_CONNECTED, PL_DTLS_FAILED, PL_DTLS_CLOSED };
enum pl_dtls_state pl_dtls_state(const struct pl_dtls *d);

/* One datagram from the peer. What is not a record is dropped, and so is application data; in the
 * handshake a record with a malformed message in it fails the association, as TLS has it. Once
 * connected, what does not authenticate changes nothing. FAILED and CLOSED (the peer closed) are
 * final. Returns the state after. */
enum pl_dtls_state pl_dtls_input(struct pl_dtls *d, const uint8_t *bytes, size_t n);

/* Microseconds until pl_dtls_expire must be called to retransmit; PL_NEVER if nothing waits. An
 * association that gets no answer fails after about a minute. */
pl_time_us pl_dtls_timeout(const struct pl_dtls *d);
enum pl_dtls_state pl_dtls_expire(struct pl_dtls *d);

/* Once connected: the keys for what the client sends (`inbound`) and what we send (`outbound`),
 * from the exporter "EXTRACTOR-dtls_srtp" (RFC 5764, 4.2). PL_ESTATE in any other state. Whoever
 * takes the keys wipes them. */
enum pl_err pl_dtls_keys(const struct pl_dtls *d, struct pl_srtp_keys *inbound,
                         struct pl_srtp_keys *outbound) PL_CHECKED;

/* Sends close_notify if it is connected; CLOSED from then on. */
void pl_dtls_close(struct pl_dtls *d);

#endif
