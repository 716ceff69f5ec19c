/* See path.h. */
#include "sfu/path.h"

void pl_path_init(struct pl_path *p)
{
    *p = (struct pl_path){0};
    for (size_t i = 0; i < PL_PATH_BASES; i++)
        p->bases[i] = INT64_MAX;
}

static pl_time_us base(const struct pl_path *p)
{
    pl_time_us least = INT64_MAX;
    for (size_t i = 0; i < PL_PATH_BASES; i++)
        least = pl_time_min(least, p->bases[i]);
    return least;
}

static void delay(struct pl_path *p, pl_time_us sent, pl_time_us delay)
{
    pl_time_us interval = sent / PL_PATH_INTERVAL_US;
    if (!p->started || sent - p->base_since >= PL_PATH_BASE_US) {
        p->base_at = (p->base_at + 1) % PL_PATH_BASES;
        p->bases[p->base_at] = INT64_MAX;
        p->base_since = sent;
    }
    p->bases[p->base_at] = pl_time_min(p->bases[p->base_at], delay);
    if (!p->started || interval != p->interval) {
        p->has_before = p->started;
        p->least_before = p->least;
        p->least = delay;
        p->interval = interval;
        p->started = true;
    }
    pl_time_us above = delay - p->least;
    p->jitter_us += ((above < 0 ? 0 : above) - p->jitter_us) / 64;
    p->least = pl_time_min(p->least, delay);
}

static void rate(struct pl_path *p, pl_time_us sent, pl_time_us arrival, size_t bytes)
{
    struct pl_path_rate *r = &p->rates[p->rate_at];
    if (p->linked) {
        r->bytes += (int64_t)bytes;
        r->lost_bytes += p->lost_since;
        r->arrival_us += arrival - p->last_arrival;
        r->send_us += sent - p->last_sent;
        if (p->n_rates == 0)
            p->n_rates = 1;
    }
    p->linked = true;
    p->lost_since = 0;
    p->last_sent = sent;
    p->last_arrival = arrival;
    if (r->arrival_us < PL_PATH_INTERVAL_US && r->send_us < PL_PATH_INTERVAL_US)
        return;
    p->rate_at = (p->rate_at + 1) % PL_PATH_RATES;
    p->rates[p->rate_at] = (struct pl_path_rate){0};
    if (p->n_rates < PL_PATH_RATES)
        p->n_rates++;
}

void pl_path_arrived(struct pl_path *p, pl_time_us sent, pl_time_us arrival, size_t bytes)
{
    delay(p, sent, arrival - sent);
    rate(p, sent, arrival, bytes);
}

void pl_path_lost(struct pl_path *p, size_t bytes)
{
    p->lost_since += (int64_t)bytes;
}

void pl_path_gap(struct pl_path *p)
{
    p->linked = false;
    p->lost_since = 0;
}

pl_time_us pl_path_queue(const struct pl_path *p)
{
    if (!p->started)
        return 0;
    pl_time_us least = p->has_before ? pl_time_min(p->least, p->least_before) : p->least;
    return least - base(p);
}

bool pl_path_rate(const struct pl_path *p, pl_time_us window, struct pl_path_rate *out)
{
    struct pl_path_rate sum = {0};
    for (unsigned i = 0; i < p->n_rates && sum.arrival_us < window && sum.send_us < window; i++) {
        const struct pl_path_rate *r = &p->rates[(p->rate_at + PL_PATH_RATES - i) % PL_PATH_RATES];
        sum.bytes += r->bytes;
        sum.lost_bytes += r->lost_bytes;
        sum.arrival_us += r->arrival_us;
        sum.send_us += r->send_us;
    }
    if (sum.arrival_us <= 0 || sum.send_us <= 0)
        return false;
    *out = sum;
    return true;
}
