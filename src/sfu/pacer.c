/* See pacer.h. The budget is kept in bits * PL_SECOND, so that no rounding adds up. */
#include "sfu/pacer.h"

#include <stdlib.h>
#include <string.h>

#define PACKET_MAX 1200            /* padding at once; a browser's packet has no more */
#define PROBE_BURST_US (6 * PL_MS) /* what timers are late by where the processor is shared */
#define NO_PADDING_US (5 * PL_MS)  /* the owner had none: do not ask at once again */
#define QUEUE_LEAST 32             /* a frame */
#define SOUND_LEAST 8
#define PROBE_PATIENCE 4          /* a probe that takes this many times its time is given up */
#define PROBE_MIN_US (30 * PL_MS) /* but not before this */

static enum pl_err queue_grow(struct pl_pacer_queue *q, uint16_t cap)
{
    struct pl_pacer_item *items = malloc(cap * sizeof *items);
    if (!items)
        return PL_ENOMEM;
    for (unsigned i = 0; i < q->n; i++)
        items[i] = q->items[(q->head + i) & (q->cap - 1u)];
    free(q->items);
    *q = (struct pl_pacer_queue){.items = items, .cap = cap, .n = q->n};
    return PL_OK;
}

static enum pl_err queue_push(struct pl_pacer_queue *q, unsigned max,
                              const struct pl_pacer_item *item)
{
    if (q->n == max)
        return PL_ELIMIT;
    enum pl_err err = q->n == q->cap ? queue_grow(q, (uint16_t)(2 * q->cap)) : PL_OK;
    if (err)
        return err;
    q->items[(q->head + q->n++) & (q->cap - 1u)] = *item;
    return PL_OK;
}

static struct pl_pacer_item queue_pop(struct pl_pacer_queue *q)
{
    struct pl_pacer_item item = q->items[q->head];
    q->head = --q->n ? (uint16_t)((q->head + 1) & (q->cap - 1)) : 0;
    return item;
}

/* Returns the bytes of what is dropped. */
static int64_t queue_forget(struct pl_pacer_queue *q, uint16_t sink)
{
    uint16_t kept = 0;
    int64_t bytes = 0;
    for (unsigned i = 0; i < q->n; i++) {
        struct pl_pacer_item item = q->items[(q->head + i) & (q->cap - 1u)];
        if (item.sink == sink)
            bytes += item.bytes;
        else
            q->items[(q->head + kept++) & (q->cap - 1u)] = item;
    }
    q->n = kept;
    return bytes;
}

enum pl_err pl_pacer_init(struct pl_pacer *p, pl_time_us now)
{
    memset(p, 0, sizeof *p);
    p->at = now;
    if (queue_grow(&p->queue, QUEUE_LEAST) || queue_grow(&p->sound, SOUND_LEAST)) {
        pl_pacer_free(p);
        return PL_ENOMEM;
    }
    return PL_OK;
}

void pl_pacer_free(struct pl_pacer *p)
{
    free(p->queue.items);
    free(p->sound.items);
    p->queue = p->sound = (struct pl_pacer_queue){0};
}

static int64_t rate(const struct pl_pacer *p)
{
    if (p->probe.cluster)
        return p->probe.rate_bps;
    bool is_long = p->queued_bytes * 8 * PL_SECOND > p->target_bps * PL_PACER_LONG_US;
    return is_long ? p->target_bps : p->target_bps * PL_PACER_FACTOR_PERCENT / 100;
}

static void end_probe(struct pl_pacer *p)
{
    p->probe.cluster = 0;
    p->budget = 0;
}

/* What may leave at once after a pause. A probe's packets are spread evenly. */
static pl_time_us burst(const struct pl_pacer *p)
{
    if (p->probe.cluster)
        return PROBE_BURST_US;
    return p->roomy ? PL_PACER_FRAME_US : PL_PACER_BURST_US;
}

static void bound(struct pl_pacer *p)
{
    int64_t most = rate(p) * burst(p);
    if (p->budget > most)
        p->budget = most;
}

/* Brings the budget to `now`. Of the packets of a turn the first does. */
static void earn(struct pl_pacer *p, pl_time_us now)
{
    if (now <= p->at)
        return;
    if (p->probe.cluster && now >= p->probe_end)
        end_probe(p);
    pl_time_us elapsed = now - p->at < PL_SECOND ? now - p->at : PL_SECOND;
    p->budget += rate(p) * elapsed;
    p->at = now;
    bound(p);
}

static void spend(struct pl_pacer *p, size_t bytes)
{
    p->budget -= (int64_t)bytes * 8 * PL_SECOND;
    int64_t least = -rate(p) * PL_PACER_DEBT_US - (int64_t)PACKET_MAX * 8 * PL_SECOND;
    if (p->budget < least)
        p->budget = least;
    if (p->probe.cluster && (p->probe_sent += (int64_t)bytes) >= p->probe.bytes)
        end_probe(p);
}

void pl_pacer_target(struct pl_pacer *p, uint64_t target_bps, pl_time_us now)
{
    earn(p, now);
    if (target_bps > INT64_MAX / 1000 / PL_SECOND)
        target_bps = 0;
    int64_t before = p->target_bps;
    p->target_bps = (int64_t)target_bps;
    if (!before || !p->target_bps)
        p->budget = 0;
    bound(p);
}

void pl_pacer_room(struct pl_pacer *p, bool roomy)
{
    p->roomy = roomy;
    bound(p);
}

enum pl_err pl_pacer_push(struct pl_pacer *p, const struct pl_pacer_item *item, bool sound)
{
    if (sound)
        return queue_push(&p->sound, PL_PACER_SOUND, item);
    enum pl_err err = queue_push(&p->queue, PL_PACER_QUEUE, item);
    if (!err)
        p->queued_bytes += item->bytes;
    return err;
}

/* The budget that a packet of the picture needs. */
static int64_t enough(const struct pl_pacer *p)
{
    if (!p->resting || p->probe.cluster)
        return 0;
    const struct pl_pacer_queue *q = &p->queue;
    int64_t last = q->items[(q->head + q->n - 1u) & (q->cap - 1u)].bytes; /* it may cross */
    int64_t rest = (p->queued_bytes - last) * 8 * PL_SECOND, next = rate(p) * PL_PACER_REST_US;
    return rest < next ? rest : next;
}

static bool may_leave(const struct pl_pacer *p)
{
    return rate(p) == 0 || p->budget >= enough(p);
}

bool pl_pacer_pop(struct pl_pacer *p, pl_time_us now, struct pl_pacer_item *out)
{
    if (p->sound.n) {
        *out = queue_pop(&p->sound);
        return true;
    }
    earn(p, now);
    if (p->queue.n == 0 || !may_leave(p)) {
        p->resting = p->queue.n > 0;
        return false;
    }
    p->resting = false;
    *out = queue_pop(&p->queue);
    p->queued_bytes -= out->bytes;
    return true;
}

void pl_pacer_sent(struct pl_pacer *p, pl_time_us now, size_t bytes)
{
    earn(p, now);
    p->padding_asked = false;
    if (rate(p))
        spend(p, bytes);
}

void pl_pacer_forget(struct pl_pacer *p, uint16_t sink)
{
    queue_forget(&p->sound, sink);
    p->queued_bytes -= queue_forget(&p->queue, sink);
}

void pl_pacer_probe(struct pl_pacer *p, const struct pl_probe *probe, pl_time_us now)
{
    earn(p, now);
    p->probe = *probe;
    p->probe_sent = 0;
    p->budget = 0;
    pl_time_us takes = probe->bytes * 8 * PL_SECOND / probe->rate_bps * PROBE_PATIENCE;
    p->probe_end = now + (takes > PROBE_MIN_US ? takes : PROBE_MIN_US);
}

size_t pl_pacer_padding(struct pl_pacer *p, pl_time_us now)
{
    earn(p, now);
    if (!p->probe.cluster || p->queue.n || p->budget < 0)
        return 0;
    p->padding_asked = true;
    int64_t left = p->probe.bytes - p->probe_sent;
    return left < PACKET_MAX ? (size_t)left : PACKET_MAX;
}

uint16_t pl_pacer_cluster(const struct pl_pacer *p)
{
    return p->probe.cluster;
}

pl_time_us pl_pacer_delay(const struct pl_pacer *p)
{
    return rate(p) ? p->queued_bytes * 8 * PL_SECOND / rate(p) : 0;
}

pl_time_us pl_pacer_deadline(const struct pl_pacer *p)
{
    if (p->sound.n)
        return p->at;
    if (p->queue.n == 0 && !p->probe.cluster)
        return PL_NEVER;
    if (p->queue.n == 0 && p->padding_asked)
        return p->at + NO_PADDING_US;
    int64_t needed = p->queue.n ? enough(p) : 0;
    if (!rate(p) || p->budget >= needed)
        return p->at;
    return p->at + (needed - p->budget + rate(p) - 1) / rate(p);
}
