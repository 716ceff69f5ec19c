/* See rate_limits.h. */
#include "server/rate_limits.h"

#include <stdlib.h>
#include <string.h>

/* A person's browser joins once, and again when its line was gone; 1,000 who share a link join
 * within seconds, from one house 600. */
const struct pl_limit_rates pl_limit_rates[PL_LIMITS] = {
    [PL_LIMIT_JOINS] = {PL_RATE(1, 30), PL_RATE(20, 600), PL_RATE(100, 2000)},
    [PL_LIMIT_REQUESTS] = {PL_RATE(20, 300), PL_RATE(200, 5000), PL_RATE(1000, 20000)},
    [PL_LIMIT_MESSAGES] = {PL_RATE(20, 300), PL_RATE(1000, 20000), PL_RATE(5000, 50000)},
    [PL_LIMIT_HANDSHAKES] = {PL_RATE(1, 30), PL_RATE(20, 600), PL_RATE(100, 2000)},
};

const char *const pl_limit_words[PL_LIMITS] = {
    [PL_LIMIT_JOINS] = "joins",
    [PL_LIMIT_REQUESTS] = "requests",
    [PL_LIMIT_MESSAGES] = "messages",
    [PL_LIMIT_HANDSHAKES] = "handshakes",
};

/* What a bucket is of; the bytes of a key. Padding is zero, as keys are made whole. */
struct key {
    enum { REQUESTS, WRONG, OWN, ADDRESS, SHARED } kind;
    enum pl_limit what;
    struct pl_addr network;
    char invitation[PL_LIMITS_ID_SIZE];
};

struct pl_limits {
    struct pl_rates *rates;
    struct pl_limits_stats stats;
};

enum pl_err pl_limits_new(const struct pl_random *random, struct pl_limits **out)
{
    struct pl_limits *l = calloc(1, sizeof *l);
    if (!l)
        return PL_ENOMEM;
    enum pl_err err = pl_rates_new(PL_LIMITS_SETS, random, &l->rates);
    if (err)
        free(l);
    else
        *out = l;
    return err;
}

void pl_limits_free(struct pl_limits *l)
{
    if (!l)
        return;
    pl_rates_free(l->rates);
    free(l);
}

static pl_time_us pay(struct pl_limits *l, const struct key *key, const struct pl_rate *rate,
                      pl_time_us now)
{
    return pl_rates_pay(l->rates, key, sizeof *key, rate, now);
}

pl_time_us pl_limits_request(struct pl_limits *l, const struct pl_addr *from, pl_time_us now)
{
    const struct key key = {.kind = REQUESTS, .network = pl_addr_network(from)};
    pl_time_us wait = pay(l, &key, &PL_LIMIT_ADDRESS_REQUESTS, now);
    l->stats.requests += wait > 0;
    return wait;
}

pl_time_us pl_limits_wrong(struct pl_limits *l, const struct pl_addr *from, pl_time_us now)
{
    const struct key key = {.kind = WRONG, .network = pl_addr_network(from)};
    pl_time_us wait = pay(l, &key, &PL_LIMIT_ADDRESS_WRONG, now);
    l->stats.wrong += wait > 0;
    return wait;
}

/* What its address may not do with a shared one counts for nobody else. */
static pl_time_us use(struct pl_limits *l, const struct pl_limits_user *user, enum pl_limit what,
                      pl_time_us now)
{
    const struct pl_limit_rates *rates = &pl_limit_rates[what];
    struct key key = {.kind = user->shared ? SHARED : OWN, .what = what};
    memcpy(key.invitation, user->invitation, sizeof key.invitation);
    if (!user->shared)
        return pay(l, &key, &rates->own, now);
    struct key here = key;
    here.kind = ADDRESS;
    here.network = pl_addr_network(&user->from);
    pl_time_us wait = pay(l, &here, &rates->address, now);
    return wait ? wait : pay(l, &key, &rates->shared, now);
}

pl_time_us pl_limits_use(struct pl_limits *l, const struct pl_limits_user *user, enum pl_limit what,
                         pl_time_us now)
{
    pl_time_us wait = use(l, user, what, now);
    l->stats.uses[what] += wait > 0;
    return wait;
}

const struct pl_limits_stats *pl_limits_stats(const struct pl_limits *l)
{
    return &l->stats;
}

unsigned pl_limits_seconds(pl_time_us wait)
{
    return wait > PL_SECOND ? (unsigned)((wait + PL_SECOND - 1) / PL_SECOND) : 1;
}
