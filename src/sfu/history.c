/* See history.h. */
#include "sfu/history.h"

#include <stdlib.h>

struct pl_history_entry {
    uint32_t at; /* low bits of the time: over an hour; older entries are long forgotten */
    uint16_t bytes;
    uint16_t fate; /* the probe's number, and in the low two bits the state */
};

static enum pl_sent_state state_of(const struct pl_history_entry *e)
{
    return (enum pl_sent_state)(e->fate & 3);
}

static void set_state(struct pl_history_entry *e, enum pl_sent_state state)
{
    e->fate = (uint16_t)((e->fate & ~3u) | state);
}

static struct pl_history_entry *entry(const struct pl_history *h, int64_t seq)
{
    return &h->entries[seq & (h->n_entries - 1)];
}

enum pl_err pl_history_init(struct pl_history *h)
{
    *h = (struct pl_history){.n_entries = PL_HISTORY_LEAST};
    h->entries = calloc(PL_HISTORY_LEAST, sizeof *h->entries);
    return h->entries ? PL_OK : PL_ENOMEM;
}

void pl_history_free(struct pl_history *h)
{
    free(h->entries);
    *h = (struct pl_history){0};
}

int64_t pl_history_oldest(const struct pl_history *h)
{
    return h->next - h->n_entries;
}

/* Without memory the oldest is forgotten. */
static void grow(struct pl_history *h)
{
    struct pl_history wide = *h;
    wide.n_entries = 2 * h->n_entries;
    wide.entries = calloc((size_t)wide.n_entries, sizeof *wide.entries);
    if (!wide.entries)
        return;
    for (int64_t seq = pl_history_oldest(h); seq < h->next; seq++)
        *entry(&wide, seq) = *entry(h, seq);
    free(h->entries);
    *h = wide;
}

void pl_history_sent(struct pl_history *h, int64_t seq, pl_time_us at, size_t bytes,
                     uint16_t cluster)
{
    struct pl_sent_packet old;
    if (pl_history_get(h, seq - h->n_entries, &old) && old.state == PL_SENT &&
        at - old.at < PL_HISTORY_US && h->n_entries < PL_HISTORY_PACKETS)
        grow(h);
    for (int64_t skip = h->next; skip < seq && skip < h->next + h->n_entries; skip++)
        set_state(entry(h, skip), PL_UNSENT);
    *entry(h, seq) = (struct pl_history_entry){
        .at = (uint32_t)at,
        .bytes = (uint16_t)bytes,
        .fate = (uint16_t)(cluster << 2 | PL_SENT),
    };
    h->next = seq + 1;
    h->newest = at;
}

bool pl_history_get(const struct pl_history *h, int64_t seq, struct pl_sent_packet *out)
{
    if (seq >= h->next || seq < pl_history_oldest(h))
        return false;
    const struct pl_history_entry *e = entry(h, seq);
    *out = (struct pl_sent_packet){
        .at = h->newest - (uint32_t)((uint32_t)h->newest - e->at),
        .bytes = e->bytes,
        .cluster = e->fate >> 2,
        .state = state_of(e),
    };
    return state_of(e) != PL_UNSENT;
}

void pl_history_mark(struct pl_history *h, int64_t seq, enum pl_sent_state state)
{
    set_state(entry(h, seq), state);
}
