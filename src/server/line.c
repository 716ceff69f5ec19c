/* See line.h. */
#include "server/line.h"

const struct pl_slot_view *pl_view_slot(const struct pl_peer_view *v, unsigned section)
{
    for (size_t i = 0; v && i < v->n_slots; i++)
        if (v->slots[i].section == section)
            return &v->slots[i];
    return NULL;
}

const struct pl_source_view *pl_view_source(const struct pl_peer_view *v, pl_source_id id)
{
    for (size_t i = 0; v && i < v->n_sources; i++)
        if (v->sources[i].id == id)
            return &v->sources[i];
    return NULL;
}

static int64_t per_second(uint64_t bytes, pl_time_us us)
{
    return us > 0 ? (int64_t)(bytes * 8 * PL_SECOND / (uint64_t)us) : PL_LINE_UNKNOWN;
}

/* Hundredths of a percent. */
static int64_t share(int64_t part, int64_t whole)
{
    if (whole <= 0)
        return PL_LINE_UNKNOWN;
    return part <= 0 ? 0 : part >= whole ? 10000 : part * 10000 / whole;
}

int64_t pl_line_slot_bps(const struct pl_peer_view *before, const struct pl_peer_view *now,
                         const struct pl_slot_view *slot)
{
    const struct pl_slot_view *was = pl_view_slot(before, slot->section);
    return was ? per_second(slot->octets - was->octets, now->at - before->at) : PL_LINE_UNKNOWN;
}

int64_t pl_line_slot_loss(const struct pl_slot_view *slot)
{
    return share(slot->lost_fraction, 256);
}

/* Packets, of one or more streams. */
struct tally {
    int64_t lost, all;
};

/* A stream that started over counts from there. */
static void add_layer(struct tally *t, const struct pl_layer_view *was,
                      const struct pl_layer_view *now)
{
    int64_t expected = now->expected, received = now->received;
    if (was && was->expected <= expected && was->received <= received) {
        expected -= was->expected;
        received -= was->received;
    }
    t->all += expected;
    t->lost += expected - received;
}

int64_t pl_line_layer_loss(const struct pl_layer_view *before, const struct pl_layer_view *now)
{
    struct tally t = {0};
    add_layer(&t, before, now);
    return share(t.lost, t.all);
}

static void add_source(struct tally *t, const struct pl_peer_view *before,
                       const struct pl_source_view *s)
{
    const struct pl_source_view *was = pl_view_source(before, s->id);
    for (unsigned i = 0; i < s->n_layers; i++)
        add_layer(t, was ? &was->layers[i] : NULL, &s->layers[i]);
}

/* A receiver's reports come at their own pace, so that the fraction of the last one, of what was
 * sent meanwhile, says more than the difference of two sums. */
static int64_t loss_out(const struct pl_peer_view *before, const struct pl_peer_view *now)
{
    struct tally t = {0};
    for (size_t i = 0; i < now->n_slots; i++) {
        const struct pl_slot_view *s = &now->slots[i], *was = pl_view_slot(before, s->section);
        int64_t sent = was ? (int64_t)(s->packets - was->packets) : 0;
        t.all += sent * 256;
        t.lost += sent * s->lost_fraction;
    }
    return share(t.lost, t.all);
}

static void since(const struct pl_peer_view *before, const struct pl_peer_view *now,
                  struct pl_line *out)
{
    const struct pl_peer_counts *a = &before->counts, *b = &now->counts;
    struct tally in = {0};
    for (size_t i = 0; i < now->n_sources; i++)
        add_source(&in, before, &now->sources[i]);
    out->loss_in = share(in.lost, in.all);
    out->loss_out = loss_out(before, now);
    out->bps_in = per_second(b->bytes_in - a->bytes_in, now->at - before->at);
    out->bps_out = per_second(b->bytes_out - a->bytes_out, now->at - before->at);
    out->nacks_in = (int64_t)(b->nacks_in - a->nacks_in);
    out->resent = (int64_t)(b->resent - a->resent);
    out->nacks_out = (int64_t)(b->nacks_out - a->nacks_out);
    out->keys_in = (int64_t)(b->plis_in - a->plis_in);
    out->keys_out = (int64_t)(b->plis_out - a->plis_out);
    out->probes = (int64_t)(b->probes - a->probes);
}

void pl_line_between(const struct pl_peer_view *before, const struct pl_peer_view *now,
                     struct pl_line *out)
{
#define X(name) out->name = PL_LINE_UNKNOWN;
    PL_LINE_NUMBERS(X)
#undef X
    if (before)
        since(before, now, out);
    if (now->rtt_us)
        out->rtt_ms = (now->rtt_us + PL_MS / 2) / PL_MS;
    out->pacer_ms = now->queued_us / PL_MS;
    out->pictures = now->n_pictures;
    out->paused = now->n_paused;
    if (!now->estimated)
        return;
    out->estimate_bps = (int64_t)now->share_bps;
    out->wanted_bps = (int64_t)now->wanted_bps;
    out->used_bps = (int64_t)now->used_bps;
    out->acked_bps = now->estimate.acked_bps;
    out->queue_ms = now->estimate.queue_us / PL_MS;
}
