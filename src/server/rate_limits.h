/* How often anybody may do what costs the server work: by address as long as nobody knows who it
 * is, by invitation from then on. One table of one size keeps count (base/rates.h), so that it
 * costs no memory whoever comes. On the control thread; time is a parameter.
 *
 * An invitation that many share has limits for each address that uses it, high enough for a whole
 * audience behind one, and above them one for all; so that one address does not keep out the
 * others. The administrator's token has none. */
#ifndef PL_SERVER_RATE_LIMITS_H
#define PL_SERVER_RATE_LIMITS_H

#include "base/addr.h"
#include "base/err.h"
#include "base/random.h"
#include "base/rates.h"
#include "base/time.h"

#include <stdbool.h>

/* 4096 sets of 16 places: a megabyte, 65,536 addresses and invitations that owe something. */
#define PL_LIMITS_SETS 4096

/* By address. A page is some 40 requests, so that hundreds of people behind one address open it in
 * a minute; wrong tokens are nobody's by mistake more often than in this. */
#define PL_LIMIT_ADDRESS_REQUESTS PL_RATE(400, 10000)
#define PL_LIMIT_ADDRESS_WRONG ((struct pl_rate){2 * PL_SECOND, 30})

/* By invitation: what it is used for. */
enum pl_limit {
    PL_LIMIT_JOINS,      /* `hello` of a WebSocket */
    PL_LIMIT_REQUESTS,   /* over HTTP */
    PL_LIMIT_MESSAGES,   /* on WebSockets */
    PL_LIMIT_HANDSHAKES, /* offers, and sessions of WHIP and WHEP: an answer and a DTLS handshake, 1
                            ms of work */
    PL_LIMITS
};
struct pl_limit_rates {
    struct pl_rate own;     /* of one that is one person's */
    struct pl_rate address; /* of one that many share, from one address */
    struct pl_rate shared;  /* of the same, from everywhere */
};
extern const struct pl_limit_rates pl_limit_rates[PL_LIMITS];

struct pl_limits;

/* What had to wait. */
struct pl_limits_stats {
    uint64_t requests, wrong; /* by address */
    uint64_t uses[PL_LIMITS]; /* by invitation */
};
extern const char *const pl_limit_words[PL_LIMITS];

enum pl_err pl_limits_new(const struct pl_random *random, struct pl_limits **out) PL_CHECKED;
void pl_limits_free(struct pl_limits *l); /* NULL is fine */

/* Each returns 0 if it may be done, and counts it; else how long until it may.
 *
 * A request of anybody at an address; a token that was wrong. */
pl_time_us pl_limits_request(struct pl_limits *l, const struct pl_addr *from, pl_time_us now);
pl_time_us pl_limits_wrong(struct pl_limits *l, const struct pl_addr *from, pl_time_us now);

/* Who uses an invitation, from where. */
#define PL_LIMITS_ID_SIZE 32
struct pl_limits_user {
    char invitation[PL_LIMITS_ID_SIZE]; /* its id, with zeros behind it */
    bool shared;
    struct pl_addr from;
};
pl_time_us pl_limits_use(struct pl_limits *l, const struct pl_limits_user *user, enum pl_limit what,
                         pl_time_us now);

const struct pl_limits_stats *pl_limits_stats(const struct pl_limits *l);

/* Seconds, for Retry-After: at least 1. */
unsigned pl_limits_seconds(pl_time_us wait);

#endif
