/* See twcc.h. */
#include "proto/twcc.h"

#include <assert.h>

#define MISSING INT64_MIN
#define HEADER_SIZE 20     /* RTCP header, two SSRCs, eight bytes of the feedback's own */
#define RUN_MAX 0x1fff     /* 13 bits */
#define ONE_BIT_SYMBOLS 14 /* of a status vector chunk */
#define TWO_BIT_SYMBOLS 7  /* likewise */
#define RTPFB 205          /* RFC 4585, 6.1 */
#define FORMAT 15          /* draft, 3.1 */

enum symbol { LOST, SMALL, LARGE, RESERVED };

/* The next symbol; the chunk reader goes bad at the end. */
static enum symbol next_symbol(struct pl_twcc_reader *r)
{
    while (r->chunk_left == 0 && !r->chunks.bad) {
        r->chunk = pl_read_u16(&r->chunks);
        if (!(r->chunk & 0x8000))
            r->chunk_left = r->chunk & RUN_MAX;
        else
            r->chunk_left = r->chunk & 0x4000 ? TWO_BIT_SYMBOLS : ONE_BIT_SYMBOLS;
    }
    if (r->chunks.bad)
        return LOST;
    r->chunk_left--;
    if (!(r->chunk & 0x8000))
        return (enum symbol)(r->chunk >> 13 & 3);
    if (r->chunk & 0x4000)
        return (enum symbol)(r->chunk >> 2 * r->chunk_left & 3);
    return (enum symbol)(r->chunk >> r->chunk_left & 1);
}

static pl_time_us read_delta(struct pl_reader *r, enum symbol s)
{
    if (s == SMALL)
        return pl_read_u8(r) * PL_TWCC_TICK_US;
    return (int16_t)pl_read_u16(r) * PL_TWCC_TICK_US;
}

/* Finds where the deltas begin, and that all are there. */
static enum pl_err check_statuses(struct pl_twcc_reader *r)
{
    struct pl_twcc_reader scan = *r;
    size_t bytes = 0;
    for (unsigned i = 0; i < r->count; i++) {
        enum symbol s = next_symbol(&scan);
        if (s == RESERVED)
            return PL_EINVAL;
        bytes += s; /* 0, 1 or 2 bytes of delta */
    }
    if (scan.chunks.bad || pl_reader_left(&scan.chunks) < bytes)
        return PL_ETRUNC;
    r->deltas = scan.chunks;
    return PL_OK;
}

enum pl_err pl_twcc_reader_init(struct pl_twcc_reader *r, const uint8_t *body, size_t n)
{
    struct pl_reader in = pl_reader(body, n);
    struct pl_twcc_reader out = {0};
    out.first_seq = pl_read_u16(&in);
    out.count = pl_read_u16(&in);
    uint32_t word = pl_read_u32(&in);
    if (in.bad)
        return PL_ETRUNC;
    out.reference = (int32_t)word >> 8;
    out.feedback_count = (uint8_t)word;
    out.chunks = in;
    if (out.count == 0)
        return PL_EINVAL;
    if (out.count > PL_TWCC_STATUSES_MAX)
        return PL_ELIMIT;
    enum pl_err err = check_statuses(&out);
    if (err == PL_OK)
        *r = out;
    return err;
}

bool pl_twcc_next(struct pl_twcc_reader *r, struct pl_twcc_status *out)
{
    if (r->done == r->count)
        return false;
    enum symbol s = next_symbol(r);
    if (s != LOST)
        r->at += read_delta(&r->deltas, s);
    *out = (struct pl_twcc_status){
        .seq = (uint16_t)(r->first_seq + r->done++),
        .received = s != LOST,
        .at = s != LOST ? r->at : 0,
    };
    return true;
}

pl_time_us pl_twcc_reference(struct pl_twcc_clock *c, const struct pl_twcc_reader *r)
{
    if (!c->started) {
        c->started = true;
        c->reference = r->reference;
    }
    /* The difference modulo 2^24, as a signed number. */
    uint32_t difference = ((uint32_t)r->reference - (uint32_t)c->reference) << 8;
    c->reference += (int32_t)difference >> 8;
    return c->reference * PL_TWCC_REFERENCE_US;
}

void pl_twcc_arrivals_init(struct pl_twcc_arrivals *a)
{
    *a = (struct pl_twcc_arrivals){0};
}

/* The newest of what is due arrived: it was that which made it due. */
bool pl_twcc_arrivals_ok(const struct pl_twcc_arrivals *a)
{
    if (a->first < 0 || a->first > a->end || a->end - a->first > PL_TWCC_WINDOW ||
        (!a->started && a->end > 0))
        return false;
    return !pl_twcc_due(a) || a->at[(uint64_t)(a->end - 1) % PL_TWCC_WINDOW] != MISSING;
}

static pl_time_us *slot(struct pl_twcc_arrivals *a, int64_t seq)
{
    return &a->at[(uint64_t)seq % PL_TWCC_WINDOW];
}

void pl_twcc_arrived(struct pl_twcc_arrivals *a, uint16_t seq16, pl_time_us now)
{
    int64_t seq = a->end - 1 + (int16_t)(uint16_t)(seq16 - (uint16_t)(a->end - 1));
    if (!a->started || seq < a->end - PL_TWCC_WINDOW || seq >= a->end + PL_TWCC_WINDOW) {
        /* Far from zero, so that a late one is not below it. */
        a->first = a->end = seq = seq16 + (1 << 17);
        for (size_t i = 0; i < PL_TWCC_WINDOW; i++)
            a->at[i] = MISSING;
        a->started = true;
    }
    for (; a->end <= seq; a->end++)
        *slot(a, a->end) = MISSING;
    if (*slot(a, seq) == MISSING)
        *slot(a, seq) = now;
    if (a->first > seq)
        a->first = seq;
    if (a->first < a->end - PL_TWCC_WINDOW)
        a->first = a->end - PL_TWCC_WINDOW;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* What one packet will say. */
struct draft {
    uint8_t symbols[PL_TWCC_WINDOW];
    int16_t deltas[PL_TWCC_WINDOW]; /* of those that are not LOST */
    size_t count, delta_bytes;
    int64_t reference;
};

/* Bytes of n statuses at most: a chunk covers seven or more, but for the last. */
static size_t draft_size(size_t n, size_t delta_bytes)
{
    return HEADER_SIZE + 2 * (n / TWO_BIT_SYMBOLS + 1) + delta_bytes;
}

/* As many statuses from the first on as fit. The last is one that arrived. */
static void compose(struct pl_twcc_arrivals *a, struct draft *d)
{
    int64_t last = 0; /* ticks */
    bool any = false;
    size_t n = 0;
    for (int64_t seq = a->first; seq < a->end; seq++, n++) {
        pl_time_us at = *slot(a, seq);
        d->symbols[n] = LOST;
        if (at == MISSING)
            continue;
        if (!any) {
            d->reference = floor_div(at, PL_TWCC_REFERENCE_US);
            last = d->reference * (PL_TWCC_REFERENCE_US / PL_TWCC_TICK_US);
        }
        int64_t tick = floor_div(at, PL_TWCC_TICK_US), delta = tick - last;
        size_t bytes = delta >= 0 && delta <= UINT8_MAX ? SMALL : LARGE;
        /* 3: RTCP packets end at a multiple of four */
        if (delta < INT16_MIN || delta > INT16_MAX ||
            draft_size(n + 1, d->delta_bytes + bytes) + 3 > PL_TWCC_PACKET_MAX)
            break;
        any = true;
        last = tick;
        d->symbols[n] = (uint8_t)bytes;
        d->deltas[n] = (int16_t)delta;
        d->delta_bytes += bytes;
        d->count = n + 1;
    }
    assert(any); /* the newest of the table arrived, and a first one always fits */
}

static size_t run_length(const struct draft *d, size_t from)
{
    size_t n = from;
    while (n < d->count && n - from < RUN_MAX && d->symbols[n] == d->symbols[from])
        n++;
    return n - from;
}

static bool one_bit(const struct draft *d, size_t from)
{
    for (size_t i = from; i < d->count && i < from + ONE_BIT_SYMBOLS; i++)
        if (d->symbols[i] == LARGE)
            return false;
    return true;
}

static void write_chunks(struct pl_writer *w, const struct draft *d)
{
    for (size_t i = 0; i < d->count;) {
        size_t run = run_length(d, i);
        if (run >= ONE_BIT_SYMBOLS || i + run == d->count) {
            pl_write_u16(w, (uint16_t)(d->symbols[i] << 13 | run));
            i += run;
            continue;
        }
        bool one = one_bit(d, i);
        unsigned n = one ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS, bits = one ? 1 : 2;
        unsigned chunk = one ? 0x8000 : 0xc000;
        for (unsigned k = 0; k < n && i < d->count; k++, i++)
            chunk |= (unsigned)d->symbols[i] << (n - 1 - k) * bits;
        pl_write_u16(w, (uint16_t)chunk);
    }
}

enum pl_err pl_twcc_write(struct pl_writer *w, struct pl_twcc_arrivals *a, uint32_t ssrc,
                          uint32_t media_ssrc)
{
    if (!pl_twcc_due(a))
        return PL_OK;
    if (w->full || (size_t)(w->end - w->p) < PL_TWCC_PACKET_MAX)
        return PL_ETRUNC;
    struct draft d = {.count = 0};
    compose(a, &d);
    uint8_t *start = w->p;
    pl_write_u32(w, 0); /* header, below */
    pl_write_u32(w, ssrc);
    pl_write_u32(w, media_ssrc);
    pl_write_u16(w, (uint16_t)a->first);
    pl_write_u16(w, (uint16_t)d.count);
    pl_write_u32(w, (uint32_t)((uint64_t)d.reference << 8) | a->feedback_count++);
    write_chunks(w, &d);
    for (size_t i = 0; i < d.count; i++) {
        if (d.symbols[i] == SMALL)
            pl_write_u8(w, (uint8_t)d.deltas[i]);
        else if (d.symbols[i] == LARGE)
            pl_write_u16(w, (uint16_t)d.deltas[i]);
    }
    while ((w->p - start) % 4) /* zeros without a count: the draft's figure, and all accept them */
        pl_write_u8(w, 0);
    start[0] = 2 << 6 | FORMAT;
    start[1] = RTPFB;
    pl_put_u16(start + 2, (uint16_t)((w->p - start) / 4 - 1));
    a->first += (int64_t)d.count;
    /* What is missing after this waits for something that arrives. */
    return PL_OK;
}
