/* Who may come in: the token of an invitation against the store, and a brake on guessing. Used by
 * the REST API, by WHIP and WHEP, and by the `hello` of the WebSocket.
 *
 * A good token always passes, also from an address that failed too often: many people may sit
 * behind one address (a conference centre, a proxy), and 192 bits are not to be guessed at any
 * speed. The brake keeps failures from costing the server work and hides which ids exist. */
#ifndef PL_SERVER_ENTRY_H
#define PL_SERVER_ENTRY_H

#include "base/addr.h"
#include "base/err.h"
#include "base/text.h"
#include "base/time.h"
#include "meet/definition.h"
#include "server/rate_limits.h"
#include "server/store.h"

struct pl_entry; /* the doorkeeper */

/* Store and limits are borrowed. PL_ENOMEM. */
enum pl_err pl_entry_new(struct pl_store *store, struct pl_limits *limits,
                         struct pl_entry **out) PL_CHECKED;
void pl_entry_free(struct pl_entry *e); /* NULL is fine */

/* How it went, with the status of an HTTP answer. */
enum pl_entry_result {
    PL_ENTRY_GOOD,
    PL_ENTRY_UNKNOWN_MEETING, /* 404 */
    PL_ENTRY_UNKNOWN_TOKEN,   /* 401 */
    PL_ENTRY_EXPIRED,         /* 403 */
    PL_ENTRY_REVOKED,         /* 403 */
    PL_ENTRY_TOO_MANY,        /* 429: this address failed too often */
    PL_ENTRY_FAILED,          /* 503: the store cannot be read */
};

/* One sentence for people. Static. */
const char *pl_entry_text(enum pl_entry_result result);

struct pl_entry_pass {
    struct pl_invitation invitation;
    struct pl_definition *definition; /* the meeting's; the caller frees it */
    uint32_t person;                  /* index in its people */
    pl_time_us wait;                  /* TOO_MANY: until failures are answered as such again */
};

/* `pass` is set for PL_ENTRY_GOOD, and its `wait` for PL_ENTRY_TOO_MANY. */
enum pl_entry_result pl_entry_check(struct pl_entry *e, const struct pl_addr *from,
                                    struct pl_str meeting, struct pl_str token, pl_time_us now,
                                    int64_t wall_ms, struct pl_entry_pass *pass);

/* Whose use of this invitation, from there, is counted (rate_limits.h). */
struct pl_limits_user pl_entry_user(const struct pl_invitation *i, const struct pl_addr *from);

#endif
