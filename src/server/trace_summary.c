/* See trace_summary.h. What is gathered of each transport is here, what is said of it is in
 * trace_words.c. */
#include "server/trace_summary_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pl_err pl_summary_new(struct pl_summary **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? PL_OK : PL_ENOMEM;
}

void pl_summary_free(struct pl_summary *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_peers; i++)
        free(s->peers[i]);
    free(s);
}

static struct pl_summary_peer *peer_of(struct pl_summary *s, int64_t id)
{
    for (size_t i = 0; i < s->n_peers; i++)
        if (s->peers[i]->id == id)
            return s->peers[i];
    if (s->n_peers == PL_TRACE_PEERS_MAX)
        return NULL;
    struct pl_summary_peer *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->id = id;
    p->connected_ms = -1;
    s->peers[s->n_peers++] = p;
    return p;
}

static int64_t get(const struct pl_trace_record *r, enum pl_trace_number n)
{
    return r->has[n] ? r->numbers[n] : PL_LINE_UNKNOWN;
}
#define GET(r, name) get(r, PL_TRACE_N_##name)

/* What is counted, not guessed: absent is none. */
static uint64_t tally(const struct pl_trace_record *r, enum pl_trace_number n)
{
    return r->has[n] && r->numbers[n] > 0 ? (uint64_t)r->numbers[n] : 0;
}
#define TALLY(r, name) tally(r, PL_TRACE_N_##name)

/* NULL: outside of what is shown. */
static struct pl_summary_second *second_of(struct pl_summary_peer *p,
                                           const struct pl_trace_record *r)
{
    int64_t t = GET(r, t);
    if (t < 0 || t / 1000 >= PL_SUMMARY_SECONDS_MAX)
        return NULL;
    size_t i = (size_t)(t / 1000);
    if (i >= p->n_seconds)
        p->n_seconds = i + 1;
    return &p->seconds[i];
}

static void add_line(struct pl_summary_peer *p, const struct pl_trace_record *r)
{
    struct pl_summary_second *s = second_of(p, r);
    p->nacks_in += TALLY(r, nacks_in);
    p->resent += TALLY(r, resent);
    p->nacks_out += TALLY(r, nacks_out);
    p->keys_in += TALLY(r, keys_in);
    p->keys_out += TALLY(r, keys_out);
    p->probes += TALLY(r, probes);
    if (!s)
        return;
    s->there = true;
    s->smaller = 0;
#define X(name) s->line.name = GET(r, name);
    PL_LINE_NUMBERS(X)
#undef X
}

static void add_switch(struct pl_summary_peer *p, const struct pl_trace_record *r)
{
    size_t section = (size_t)TALLY(r, section) % PL_SECTIONS_MAX;
    int64_t source = GET(r, source);
    p->switches++;
    if (source > 0 && p->carries[section] == source)
        p->layer_switches++;
    p->carries[section] = source;
}

static void add_moves(struct pl_summary_peer *p, const struct pl_trace_record *r)
{
    int64_t ms = (int64_t)TALLY(r, ms);
    p->stands++;
    p->stood_ms += (uint64_t)ms;
    if (ms > p->longest_ms) {
        p->longest_ms = ms;
        p->longest_at_ms = GET(r, t) - ms;
        p->longest_source = GET(r, source);
    }
}

static void add(struct pl_summary_peer *p, const struct pl_trace_record *r)
{
    struct pl_summary_second *s;
    switch (r->type) {
    case PL_TRACE_path:
        p->paths++;
        memcpy(p->protocol, r->texts[PL_TRACE_S_protocol], sizeof p->protocol);
        memcpy(p->address, r->texts[PL_TRACE_S_address], sizeof p->address);
        break;
    case PL_TRACE_connected:
        p->connected_ms = GET(r, t);
        break;
    case PL_TRACE_line:
        add_line(p, r);
        break;
    case PL_TRACE_slot:
        s = second_of(p, r);
        if (s && TALLY(r, smaller))
            s->smaller++;
        break;
    case PL_TRACE_switched:
        add_switch(p, r);
        break;
    case PL_TRACE_waits:
        p->waits++;
        break;
    case PL_TRACE_stands:
        p->standing++;
        break;
    case PL_TRACE_moves:
        add_moves(p, r);
        break;
    default:
        break;
    }
}

enum pl_err pl_summary_add(struct pl_summary *s, const struct pl_trace_record *r)
{
    if (!s->begun) {
        s->begun = r->type == PL_TRACE_trace && GET(r, version) == PL_TRACE_VERSION;
        s->head = *r;
        return s->begun ? PL_OK : PL_EINVAL;
    }
    if (r->type == PL_TRACE_end)
        memcpy(s->why, r->texts[PL_TRACE_S_why], sizeof s->why);
    if (!r->has[PL_TRACE_N_peer])
        return PL_OK;
    struct pl_summary_peer *p = peer_of(s, GET(r, peer));
    if (p)
        add(p, r);
    else if (s->n_peers < PL_TRACE_PEERS_MAX)
        return PL_ENOMEM;
    return PL_OK;
}

/* Reads records up to the file's end, or one that cannot begin a trace. */
static enum pl_err read_all(struct pl_summary *s, FILE *f, unsigned *strange)
{
    char line[PL_TRACE_RECORD_MAX + 2];
    struct pl_trace_record r;
    enum pl_err e = PL_OK;
    while (e == PL_OK && fgets(line, sizeof line, f)) {
        struct pl_str text = pl_str(line);
        if (text.n && text.p[text.n - 1] == '\n')
            text.n--;
        if (pl_trace_record_read(text, &r) == PL_OK)
            e = pl_summary_add(s, &r);
        else if (s->begun)
            ++*strange;
        else
            e = PL_EINVAL;
    }
    return e ? e : s->begun ? PL_OK : PL_EINVAL;
}

bool pl_summary_print(const char *path)
{
    struct pl_summary *s = NULL;
    struct pl_buf text = {0};
    unsigned strange = 0;
    FILE *f = fopen(path, "re");
    if (!f) {
        fprintf(stderr, "parley: %s: %s\n", path, strerror(errno));
        return false;
    }
    enum pl_err e = pl_summary_new(&s);
    if (!e)
        e = read_all(s, f, &strange);
    if (!e)
        pl_summary_write(s, &text);
    fclose(f);
    pl_summary_free(s);
    if (e || text.failed)
        fprintf(stderr, "parley: %s: %s\n", path,
                e == PL_EINVAL ? "not a trace of this version" : "no memory");
    else
        fwrite(text.data, 1, text.len, stdout);
    if (strange)
        fprintf(stderr, "parley: %s: %u lines are none of a trace\n", path, strange);
    pl_buf_free(&text);
    return e == PL_OK;
}
