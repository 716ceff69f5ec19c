/* See rates.h. */
#include "base/rates.h"

#include "base/siphash.h"

#include <assert.h>
#include <stdlib.h>

/* The hash stands for the key: that two of a table's keys have one is as likely as a guess of 64
 * bits, and would halve a rate. A bucket that owes nothing is as good as an empty place. */
struct place {
    uint64_t hash;
    struct pl_bucket bucket;
};

struct pl_rates {
    uint64_t seed[2];
    size_t sets;
    struct place places[][PL_RATES_WAYS];
};

enum pl_err pl_rates_new(size_t sets, const struct pl_random *random, struct pl_rates **out)
{
    assert(sets && (sets & (sets - 1)) == 0);
    struct pl_rates *r = calloc(1, sizeof *r + sets * sizeof r->places[0]);
    if (!r)
        return PL_ENOMEM;
    random->fill(random->ctx, (uint8_t *)r->seed, sizeof r->seed);
    r->sets = sets;
    *out = r;
    return PL_OK;
}

void pl_rates_free(struct pl_rates *r)
{
    free(r);
}

pl_time_us pl_rates_wait(const struct pl_rates *r, const void *key, size_t n,
                         const struct pl_rate *rate, pl_time_us now)
{
    uint64_t hash = pl_siphash(r->seed, key, n);
    const struct place *set = r->places[hash & (r->sets - 1)];
    for (size_t i = 0; i < PL_RATES_WAYS; i++)
        if (set[i].hash == hash)
            return pl_bucket_wait(&set[i].bucket, rate, now);
    return 0;
}

pl_time_us pl_rates_pay(struct pl_rates *r, const void *key, size_t n, const struct pl_rate *rate,
                        pl_time_us now)
{
    uint64_t hash = pl_siphash(r->seed, key, n);
    struct place *set = r->places[hash & (r->sets - 1)], *soonest = &set[0];
    for (size_t i = 0; i < PL_RATES_WAYS; i++) {
        if (set[i].hash == hash)
            return pl_bucket_pay(&set[i].bucket, rate, now);
        if (set[i].bucket.paid < soonest->bucket.paid)
            soonest = &set[i];
    }
    *soonest = (struct place){.hash = hash};
    return pl_bucket_pay(&soonest->bucket, rate, now);
}
