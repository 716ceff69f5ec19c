/* See allocate.h. */
#include "sfu/allocate.h"

#include "sfu/pacer.h"

static size_t layers_of(const struct pl_demand *d)
{
    return d->n_layers < PL_DEMAND_LAYERS_MAX ? d->n_layers : PL_DEMAND_LAYERS_MAX;
}

static bool suffices(const struct pl_demand *d, const struct pl_demand_layer *l)
{
    /* Fitted into the size, the picture is enlarged by the lesser of the two ratios. */
    return (uint32_t)l->width * 5 >= (uint32_t)d->width * 4 ||
           (uint32_t)l->height * 5 >= (uint32_t)d->height * 4;
}

int pl_allocate_suitable(const struct pl_demand *d)
{
    int best = PL_PAUSED;
    for (size_t i = 0; i < layers_of(d); i++) {
        if (!d->layers[i].bps)
            continue;
        best = (int)i;
        if (!d->layers[i].thinned && d->width && d->height && suffices(d, &d->layers[i]))
            break;
    }
    return best;
}

static uint64_t cost(const struct pl_demand *d, int layer)
{
    return layer == PL_PAUSED ? 0 : d->layers[layer].bps;
}

static bool always(const struct pl_demand *d)
{
    return d->kind <= PL_DEMAND_INTERPRETATION;
}

/* The next layer above `layer` that comes, up to `most`, for so much more; `layer` if there is
 * none. Some frames of a larger layer may cost less than all of a smaller one. */
static int next_layer(const struct pl_demand *d, int layer, int most, uint64_t more)
{
    uint64_t has = cost(d, layer);
    for (int i = layer + 1; i <= most; i++)
        if (d->layers[i].bps &&
            (always(d) || d->layers[i].bps <= has || d->layers[i].bps - has <= more))
            return i;
    return layer;
}

/* Raises demands first … end - 1, of one class, a layer each in turn, while `left` lasts. */
static void raise_class(const struct pl_demand *d, size_t first, size_t end, const int *most,
                        int *layer, uint64_t *left)
{
    for (bool raised = true; raised;) {
        raised = false;
        for (size_t i = first; i < end; i++) {
            int next = next_layer(&d[i], layer[i], most[i], *left);
            uint64_t has = cost(&d[i], layer[i]), costs = cost(&d[i], next);
            if (next == layer[i])
                continue;
            if (costs > has)
                *left = costs - has < *left ? *left - (costs - has) : 0;
            else
                *left += has - costs; /* the better may be cheaper */
            layer[i] = next;
            raised = true;
        }
    }
}

static void share(const struct pl_demand *d, size_t n, uint64_t estimate, const int *most,
                  int *layer)
{
    uint64_t left = estimate;
    for (size_t i = 0; i < n; i++)
        layer[i] = PL_PAUSED;
    for (size_t first = 0; first < n;) {
        size_t end = first + 1;
        while (end < n && d[end].kind == d[first].kind)
            end++;
        raise_class(d, first, end, most, layer, &left);
        first = end;
    }
}

/* How far the demand may go now, if `want` is possible with a margin and `suitable` at all. */
static int limit_of(struct pl_demand_state *s, int want, int suitable, pl_time_us now)
{
    int has = s->layer < suitable ? s->layer : suitable;
    if (want <= s->layer) {
        s->rising = false;
        return has;
    }
    if (!s->rising) {
        s->rising = true;
        s->up_since = now;
    }
    return now - s->up_since >= s->hold_us ? want : has;
}

static void settle(struct pl_demand_state *s, int layer, int suitable, pl_time_us now)
{
    bool lasted = s->raised && now - s->raised_at >= PL_ALLOCATE_LASTED_US;
    if (lasted)
        s->hold_us = PL_ALLOCATE_UP_US;
    if (s->started && layer < s->layer) {
        if (s->raised && !lasted && layer < suitable)
            s->hold_us = pl_time_min(2 * s->hold_us, PL_ALLOCATE_UP_MAX_US);
        s->raised = s->rising = false;
    }
    if (s->started && layer > s->layer) {
        s->raised = true;
        s->raised_at = now;
        s->rising = false;
    }
    s->layer = (int8_t)layer;
    s->started = true;
}

static uint64_t with_margin(uint64_t bps)
{
    return bps + bps * PL_ALLOCATE_MARGIN_PERCENT / 100;
}

static uint64_t without_margin(uint64_t bps)
{
    return bps / (100 + PL_ALLOCATE_MARGIN_PERCENT) * 100;
}

static void begin(struct pl_demand_state *s)
{
    if (s->started)
        return;
    *s = (struct pl_demand_state){.layer = PL_PAUSED, .hold_us = PL_ALLOCATE_UP_US};
}

/* What everything costs, and what the cheapest step up would. */
static struct pl_allocation sum_up(const struct pl_demand *d, size_t n, const int *suitable)
{
    struct pl_allocation a = {.again_at = PL_NEVER};
    uint64_t step = UINT64_MAX;
    for (size_t i = 0; i < n; i++) {
        const struct pl_demand_state *s = d[i].state;
        int next = next_layer(&d[i], s->layer, suitable[i], UINT64_MAX);
        uint64_t has = cost(&d[i], s->layer), more = cost(&d[i], next);
        a.used_bps += has;
        a.wanted_bps += cost(&d[i], suitable[i]);
        if (next != s->layer && more > has && more - has < step)
            step = more - has;
        if (s->rising)
            a.again_at = pl_time_min(a.again_at, s->up_since + s->hold_us);
    }
    a.wanted_bps = with_margin(a.wanted_bps);
    a.next_bps = step == UINT64_MAX ? 0 : with_margin(a.used_bps + step);
    return a;
}

uint64_t pl_allocate_queued(uint64_t estimate_bps, uint64_t used_bps, pl_time_us queue_us)
{
    uint64_t less = used_bps - used_bps / 8;
    return queue_us > PL_PACER_SLOW_US && less < estimate_bps ? less : estimate_bps;
}

struct pl_allocation pl_allocate(const struct pl_demand *d, size_t n, uint64_t estimate_bps,
                                 pl_time_us now)
{
    int suitable[PL_ALLOCATE_MAX] = {0}, want[PL_ALLOCATE_MAX] = {0}, layer[PL_ALLOCATE_MAX];
    for (size_t i = PL_ALLOCATE_MAX; i < n; i++) {
        begin(d[i].state);
        settle(d[i].state, PL_PAUSED, PL_PAUSED, now);
    }
    n = n < PL_ALLOCATE_MAX ? n : PL_ALLOCATE_MAX;
    for (size_t i = 0; i < n; i++) {
        suitable[i] = pl_allocate_suitable(&d[i]);
        begin(d[i].state);
    }
    if (estimate_bps == UINT64_MAX) {
        for (size_t i = 0; i < n; i++)
            settle(d[i].state, suitable[i], suitable[i], now);
        return sum_up(d, n, suitable);
    }
    share(d, n, without_margin(estimate_bps), suitable, want);
    for (size_t i = 0; i < n; i++)
        if (d[i].state->started)
            want[i] = limit_of(d[i].state, want[i], suitable[i], now);
    share(d, n, estimate_bps, want, layer);
    for (size_t i = 0; i < n; i++)
        settle(d[i].state, layer[i], suitable[i], now);
    return sum_up(d, n, suitable);
}
