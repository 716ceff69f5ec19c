/* TURN server (RFC 8656) of one client on one stream (TCP, TLS), for a server that relays to itself
 * alone: the only peers are our own media addresses, so a relayed address is a name, not a socket,
 * and what is relayed goes straight into the media engine. Sans-IO: messages in, replies and
 * packets out.
 *
 * Long-term credentials (RFC 8489, 9.2) that expire: the username is "EXPIRY:RANDOM" (Unix seconds,
 * hexadecimal digits), the password an HMAC of it, so the server remembers none. They are asked for
 * when an allocation is made; the allocation lives on with them after that. */
#ifndef PL_PROTO_TURN_H
#define PL_PROTO_TURN_H

#include "base/addr.h"
#include "base/err.h"
#include "base/random.h"
#include "base/time.h"
#include "proto/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_TURN_LIFETIME (600 * PL_SECOND)        /* of an allocation, RFC 8656, 3.2 */
#define PL_TURN_LIFETIME_MAX (3600 * PL_SECOND)   /* 7.2 */
#define PL_TURN_PERMISSION_TIME (300 * PL_SECOND) /* 9 */
#define PL_TURN_CHANNEL_TIME (600 * PL_SECOND)    /* 12 */
#define PL_TURN_NONCE_TIME (3600 * PL_SECOND)     /* 5 */
#define PL_TURN_PERMISSIONS_MAX 16                /* one for each of our media addresses */
#define PL_TURN_CHANNELS_MAX 16
/* A day's meeting may reconnect without new ones. */
#define PL_TURN_CREDENTIAL_SECONDS (12 * 3600)
#define PL_TURN_REPLY_MAX 256 /* bytes */

/* What all clients share. It must not change while clients are served; then any thread may read it.
 */
struct pl_turn_service {
    char realm[64];
    uint8_t secret[32];
    const struct pl_addr *peers; /* where clients may send to, borrowed */
    size_t n_peers;
    struct pl_random random; /* of any thread */
};

struct pl_turn_credentials {
    char username[40], password[41];
};
void pl_turn_credentials(const struct pl_turn_service *s, int64_t unix_s,
                         struct pl_turn_credentials *out);

struct pl_turn;

/* `client` is where the stream comes from; the service is borrowed. PL_ENOMEM. */
enum pl_err pl_turn_new(const struct pl_turn_service *s, const struct pl_addr *client,
                        struct pl_turn **out) PL_CHECKED;
void pl_turn_free(struct pl_turn *t); /* NULL is fine */

/* What became of a message. */
struct pl_turn_result {
    size_t reply_len; /* 0: no reply; a whole frame otherwise */
    uint8_t *data;    /* for the peer, borrowed from the message; NULL: nothing */
    size_t n;
    size_t peer; /* index into the service's peers */
};

/* One frame's packet (pl_frame_read_turn). PL_EINVAL: not a message that can be understood: the
 * stream is of no use any more. Messages without permission or meaning are dropped with PL_OK. */
enum pl_err pl_turn_input(struct pl_turn *t, uint8_t *message, size_t n, pl_time_us now,
                          int64_t unix_s, uint8_t reply[PL_TURN_REPLY_MAX],
                          struct pl_turn_result *out) PL_CHECKED;

/* A packet from a peer as a frame for the client: ChannelData where there is a channel, else a Data
 * indication. PL_EAUTH: no permission, or no allocation; PL_ETRUNC: it does not fit `size`. */
enum pl_err pl_turn_wrap(const struct pl_turn *t, size_t peer, const uint8_t *bytes, size_t n,
                         pl_time_us now, uint8_t *out, size_t size, size_t *len) PL_CHECKED;

/* The relayed address; NULL while there is no allocation. It ends at pl_turn_deadline (PL_NEVER
 * while there is none), or with a Refresh of lifetime 0. */
const struct pl_addr *pl_turn_relayed(const struct pl_turn *t, pl_time_us now);
pl_time_us pl_turn_deadline(const struct pl_turn *t);

#endif
