/* See link.h. */
#include "link.h"

#include <stdlib.h>
#include <string.h>

#define NONE (-1)

struct packet {
    pl_time_us at; /* in the queue: of arrival; on the wire: due at the far end */
    int next;
    uint16_t n;
    uint8_t bytes[PL_LINK_MTU];
};

struct fifo {
    int head, tail;
};

struct pl_link {
    struct pl_link_params params;
    uint32_t random;
    bool losing;                   /* in a run of losses */
    pl_time_us at;                 /* the queue was served up to here */
    int64_t left;                  /* of the packet in service: bits * PL_SECOND */
    int64_t queued_bytes;          /* with the one in service */
    struct fifo queue, wire, held; /* each in order of `at` */
    struct fifo unused;
    struct pl_link_stats stats;
    struct packet packets[PL_LINK_PACKETS];
};

static void push(struct pl_link *l, struct fifo *f, int i)
{
    l->packets[i].next = NONE;
    if (f->head == NONE)
        f->head = i;
    else
        l->packets[f->tail].next = i;
    f->tail = i;
}

static int pop(struct pl_link *l, struct fifo *f)
{
    int i = f->head;
    if (i != NONE)
        f->head = l->packets[i].next;
    return i;
}

static pl_time_us due(const struct pl_link *l, const struct fifo *f)
{
    return f->head == NONE ? PL_NEVER : l->packets[f->head].at;
}

enum pl_err pl_link_new(const struct pl_link_params *params, uint32_t seed, pl_time_us now,
                        struct pl_link **out)
{
    struct pl_link *l = calloc(1, sizeof *l);
    if (!l)
        return PL_ENOMEM;
    l->params = *params;
    l->random = seed ? seed : 1; /* xorshift has no zero */
    l->at = now;
    l->queue.head = l->wire.head = l->held.head = l->unused.head = NONE;
    for (int i = 0; i < PL_LINK_PACKETS; i++)
        push(l, &l->unused, i);
    *out = l;
    return PL_OK;
}

void pl_link_free(struct pl_link *l)
{
    free(l);
}

/* Even in 0 … below - 1: xorshift32 (Marsaglia, 2003). */
static uint32_t rnd(struct pl_link *l, uint32_t below)
{
    l->random ^= l->random << 13;
    l->random ^= l->random >> 17;
    l->random ^= l->random << 5;
    return (uint32_t)((uint64_t)l->random * below >> 32);
}

/* Two states (Gilbert, 1960): a run of losses ends after `burst` packets on the mean, and begins so
 * often that `loss` of all are in one. */
static bool loses(struct pl_link *l)
{
    const struct pl_link_params *p = &l->params;
    if (p->burst <= 1 || p->loss >= PL_LINK_SHARE)
        return rnd(l, PL_LINK_SHARE) < p->loss;
    if (l->losing)
        l->losing = rnd(l, p->burst) != 0;
    else
        l->losing = rnd(l, PL_LINK_SHARE * 100) <
                    100 * (uint64_t)p->loss * PL_LINK_SHARE / (PL_LINK_SHARE - p->loss) / p->burst;
    return l->losing;
}

/* Behind the queue, at time `at`. */
static void travel(struct pl_link *l, int i, pl_time_us at)
{
    const struct pl_link_params *p = &l->params;
    struct packet *packet = &l->packets[i];
    struct fifo *f = &l->wire;
    if (loses(l)) {
        l->stats.lost++;
        push(l, &l->unused, i);
        return;
    }
    packet->at = at + p->delay_us + (p->jitter_us ? rnd(l, (uint32_t)p->jitter_us) : 0);
    if (rnd(l, PL_LINK_SHARE) < p->reorder) {
        packet->at += p->held_us;
        f = &l->held;
    }
    if (f->head != NONE && packet->at < l->packets[f->tail].at)
        packet->at = l->packets[f->tail].at;
    push(l, f, i);
}

static void carried(struct pl_link *l, int i, pl_time_us at)
{
    const struct packet *packet = &l->packets[i];
    pl_time_us bin = (at - packet->at) / PL_LINK_DELAY_BIN_US;
    l->stats.delays[bin < PL_LINK_DELAY_BINS ? bin : PL_LINK_DELAY_BINS - 1]++;
    l->stats.packets_carried++;
    l->stats.bytes_carried += packet->n;
    l->queued_bytes -= packet->n;
    travel(l, i, at);
}

static void begin_service(struct pl_link *l)
{
    if (l->queue.head != NONE)
        l->left = (int64_t)l->packets[l->queue.head].n * 8 * PL_SECOND;
}

/* Serves the queue up to now. */
static void advance(struct pl_link *l, pl_time_us now)
{
    int64_t bps = l->params.bps;
    while (l->queue.head != NONE) {
        pl_time_us takes = bps ? (l->left + bps - 1) / bps : 0;
        if (l->at + takes > now) {
            l->left -= (now - l->at) * bps;
            break;
        }
        l->at += takes;
        carried(l, pop(l, &l->queue), l->at);
        begin_service(l);
    }
    l->at = now;
}

void pl_link_set(struct pl_link *l, const struct pl_link_params *params, pl_time_us now)
{
    advance(l, now);
    l->params = *params;
    advance(l, now);
}

const struct pl_link_params *pl_link_params(const struct pl_link *l)
{
    return &l->params;
}

enum pl_err pl_link_input(struct pl_link *l, const uint8_t *bytes, size_t n, pl_time_us now)
{
    advance(l, now);
    l->stats.packets_in++;
    l->stats.bytes_in += n;
    bool idle = l->queue.head == NONE;
    int64_t waiting = idle ? 0 : l->queued_bytes - l->packets[l->queue.head].n;
    if (n > PL_LINK_MTU || l->unused.head == NONE ||
        (!idle && waiting + (int64_t)n > l->params.queue_bytes)) {
        l->stats.dropped_queue++;
        return PL_ELIMIT;
    }
    int i = pop(l, &l->unused);
    l->packets[i].at = now;
    l->packets[i].n = (uint16_t)n;
    memcpy(l->packets[i].bytes, bytes, n);
    push(l, &l->queue, i);
    l->queued_bytes += (int64_t)n;
    if (idle)
        begin_service(l);
    advance(l, now);
    return PL_OK;
}

size_t pl_link_output(struct pl_link *l, uint8_t *out, pl_time_us now)
{
    advance(l, now);
    struct fifo *f = due(l, &l->held) < due(l, &l->wire) ? &l->held : &l->wire;
    if (due(l, f) > now)
        return 0;
    int i = pop(l, f);
    size_t n = l->packets[i].n;
    memcpy(out, l->packets[i].bytes, n);
    push(l, &l->unused, i);
    return n;
}

pl_time_us pl_link_deadline(const struct pl_link *l)
{
    pl_time_us at = pl_time_min(due(l, &l->wire), due(l, &l->held));
    if (l->queue.head != NONE) /* it is served at a rate, or it would be empty */
        at = pl_time_min(at, l->at + (l->left + l->params.bps - 1) / l->params.bps);
    return at;
}

pl_time_us pl_link_queue_us(struct pl_link *l, pl_time_us now)
{
    advance(l, now);
    if (l->queue.head == NONE)
        return 0;
    int64_t waiting = l->queued_bytes - l->packets[l->queue.head].n;
    return (l->left + waiting * 8 * PL_SECOND) / l->params.bps;
}

void pl_link_take_stats(struct pl_link *l, pl_time_us now, struct pl_link_stats *out)
{
    advance(l, now);
    *out = l->stats;
    memset(&l->stats, 0, sizeof l->stats);
}

pl_time_us pl_link_percentile(const struct pl_link_stats *s, unsigned percent)
{
    uint64_t n = 0, i = 0;
    if (s->packets_carried == 0)
        return 0;
    while ((n += s->delays[i]) * 100 < (uint64_t)s->packets_carried * percent)
        i++;
    return (pl_time_us)(i + 1) * PL_LINK_DELAY_BIN_US;
}
