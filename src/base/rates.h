/* Rates, as leaky buckets told in time (GCRA, ITU-T I.371): each thing that is done pays for the
 * next `each`, and `burst` of them may be paid for in advance. And a table of buckets by key, of
 * one size for ever: who has many keys (addresses) cannot make it grow. */
#ifndef PL_BASE_RATES_H
#define PL_BASE_RATES_H

#include "base/err.h"
#include "base/random.h"
#include "base/time.h"

#include <stddef.h>
#include <stdint.h>

struct pl_rate {
    pl_time_us each;
    unsigned burst; /* at least 1 */
};

/* So many a second, and so many at once. */
#define PL_RATE(per_second, at_once) ((struct pl_rate){PL_SECOND / (per_second), (at_once)})

/* All zero: nothing was done yet. */
struct pl_bucket {
    pl_time_us paid; /* the time up to which what was done is paid for */
};

/* How long until one more may be done; 0: now. */
static inline pl_time_us pl_bucket_wait(const struct pl_bucket *b, const struct pl_rate *rate,
                                        pl_time_us now)
{
    pl_time_us ahead = b->paid - now - (pl_time_us)(rate->burst - 1) * rate->each;
    return ahead > 0 ? ahead : 0;
}

/* The same, and if it is 0, one more was done. What has to wait costs nothing. */
static inline pl_time_us pl_bucket_pay(struct pl_bucket *b, const struct pl_rate *rate,
                                       pl_time_us now)
{
    pl_time_us wait = pl_bucket_wait(b, rate, now);
    if (!wait)
        b->paid = (b->paid > now ? b->paid : now) + rate->each;
    return wait;
}

/* Buckets by key. A key has its place in one set of PL_RATES_WAYS, by a hash under a seed that
 * nobody outside knows. When the set is full, whose debt ends soonest is forgotten: who has done
 * much is forgotten only for others who have done more, and who did nothing lately loses nothing.
 * So nobody gets rid of their own debt but by doing as much under many other keys. */
#define PL_RATES_WAYS 16

struct pl_rates;

/* `sets` is a power of two; the table has PL_RATES_WAYS places in each, of 16 bytes. PL_ENOMEM. */
enum pl_err pl_rates_new(size_t sets, const struct pl_random *random,
                         struct pl_rates **out) PL_CHECKED;
void pl_rates_free(struct pl_rates *r); /* NULL is fine */

/* As of the bucket of this key. Keys of different things begin with different bytes. */
pl_time_us pl_rates_wait(const struct pl_rates *r, const void *key, size_t n,
                         const struct pl_rate *rate, pl_time_us now);
pl_time_us pl_rates_pay(struct pl_rates *r, const void *key, size_t n, const struct pl_rate *rate,
                        pl_time_us now);

#endif
