/* ICE-lite (RFC 8445, 2.5): answers connectivity checks, remembers which tuples passed, and which
 * one the client nominated. Sends no checks of its own. Consent (RFC 7675) is the client's: its
 * checks. Sans-IO. */
#ifndef PL_PROTO_ICE_H
#define PL_PROTO_ICE_H

#include "base/addr.h"
#include "base/err.h"
#include "base/time.h"
#include "proto/answer.h"
#include "proto/stun.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a datagram came from or goes to. `socket` is the owner's number of it. Compares as bytes.
 */
struct pl_tuple {
    struct pl_addr remote;
    uint32_t socket;
};

#define PL_ICE_TUPLES_MAX                                                                          \
    16 /* validated tuples of one client: interfaces times ways (UDP, TCP, TURN), with some room   \
        */
#define PL_ICE_RESPONSE_MAX 128 /* bytes of a response */

struct pl_ice {
    char local_ufrag[16], local_pwd[32];
    char remote_ufrag[PL_UFRAG_SIZE];
    struct pl_tuple tuples[PL_ICE_TUPLES_MAX]; /* validated */
    unsigned n_tuples, oldest;                 /* oldest: the next to be replaced */
    struct pl_tuple selected;
    bool has_selected, nominated;
};

/* PL_ETRUNC if the local credentials are longer than pl_ice_credentials makes them. */
enum pl_err pl_ice_init(struct pl_ice *ice, const char *local_ufrag, const char *local_pwd,
                        const char *remote_ufrag) PL_CHECKED;

/* New credentials of both sides (RFC 8445, 9); the tuples stay valid until a new one is nominated.
 */
enum pl_err pl_ice_restart(struct pl_ice *ice, const char *local_ufrag, const char *local_pwd,
                           const char *remote_ufrag) PL_CHECKED;

bool pl_ice_validated(const struct pl_ice *ice, const struct pl_tuple *tuple);

/* What an authenticated check changed. */
struct pl_ice_change {
    bool valid; /* the check succeeded: the tuple stands at tuples[index] */
    bool added; /* and is new there, whoever stood there before */
    unsigned index;
    bool selected; /* ice->selected is another tuple now */
};

/* A STUN message from `from`. On PL_OK `response` has to be sent back there. PL_EAUTH: wrong
 * username or integrity, PL_EINVAL: not a binding request; both are dropped without an answer. */
enum pl_err pl_ice_input(struct pl_ice *ice, const struct pl_tuple *from, const uint8_t *bytes,
                         size_t n, const struct pl_stun *msg, uint8_t response[PL_ICE_RESPONSE_MAX],
                         size_t *response_len, struct pl_ice_change *change) PL_CHECKED;

#endif
