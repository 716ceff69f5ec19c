/* What of two views is worth a record. See trace.h. */
#include "server/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A transport, and how it was. */
struct peer {
    pl_peer_id id; /* 0: none */
    struct pl_peer_view last, second;
    bool has_second;
    pl_time_us stands_since[PL_SECTIONS_MAX]; /* by section; 0: it moves */
};

struct pl_trace {
    struct pl_trace_out out;
    pl_time_us started;
    struct pl_buf text;
    struct peer peers[PL_TRACE_PEERS_MAX];
};

#define SET(r, name, value)                                                                        \
    ((r)->has[PL_TRACE_N_##name] = true, (r)->numbers[PL_TRACE_N_##name] = (int64_t)(value))
#define SET_TEXT(r, name, value)                                                                   \
    snprintf((r)->texts[PL_TRACE_S_##name], PL_TRACE_TEXT_SIZE, "%s", value)

static struct pl_trace_record record(const struct pl_trace *t, const struct pl_peer_view *v,
                                     enum pl_trace_type type)
{
    struct pl_trace_record r = {.type = type};
    SET(&r, t, (v->at - t->started) / PL_MS);
    SET(&r, peer, v->id);
    return r;
}

static void put(struct pl_trace *t, const struct pl_trace_record *r)
{
    pl_trace_record_write(r, &t->text);
}

static bool flush(struct pl_trace *t)
{
    bool ok = !t->text.failed && t->out.write(t->out.ctx, t->text.data, t->text.len);
    pl_buf_clear(&t->text);
    return ok;
}

static void put_path(struct pl_trace *t, const struct pl_peer_view *before,
                     const struct pl_peer_view *now, bool tcp)
{
    char address[PL_ADDR_TEXT];
    if (now->has_path &&
        (!before || !before->has_path || memcmp(&before->path, &now->path, sizeof now->path))) {
        struct pl_trace_record r = record(t, now, PL_TRACE_path);
        pl_addr_text(&now->path.remote, address);
        SET_TEXT(&r, address, address);
        SET_TEXT(&r, protocol, tcp ? "tcp" : "udp");
        SET(&r, paths, now->n_paths);
        put(t, &r);
    }
    if (now->connected && !(before && before->connected)) {
        const struct pl_trace_record r = record(t, now, PL_TRACE_connected);
        put(t, &r);
    }
}

static void put_slot(struct pl_trace *t, const struct pl_peer_view *now, enum pl_trace_type type,
                     const struct pl_slot_view *s, const struct pl_peer_view *before)
{
    struct pl_trace_record r = record(t, now, type);
    SET(&r, section, s->section);
    SET(&r, source, s->source);
    SET(&r, layer, s->layer);
    if (s->video) {
        SET(&r, height, s->height);
        SET(&r, wanted, s->wanted_height);
        SET(&r, smaller, s->smaller);
    }
    int64_t bps = pl_line_slot_bps(before, now, s);
    if (bps != PL_LINE_UNKNOWN)
        SET(&r, bps, bps);
    SET(&r, loss, pl_line_slot_loss(s));
    put(t, &r);
}

static void put_switches(struct pl_trace *t, const struct pl_peer_view *before,
                         const struct pl_peer_view *now)
{
    static const struct pl_slot_view nothing = {0};
    for (size_t i = 0; i < now->n_slots; i++) {
        const struct pl_slot_view *s = &now->slots[i], *was = pl_view_slot(before, s->section);
        was = was ? was : &nothing;
        if (s->source != was->source || s->layer != was->layer)
            put_slot(t, now, PL_TRACE_switched, s, NULL);
        if (!s->coming || s->coming == was->coming)
            continue;
        struct pl_trace_record r = record(t, now, PL_TRACE_waits);
        SET(&r, section, s->section);
        SET(&r, source, s->coming);
        put(t, &r);
    }
    for (size_t i = 0; before && i < before->n_slots; i++) {
        const struct pl_slot_view gone = {.section = before->slots[i].section};
        if (before->slots[i].source && !pl_view_slot(now, gone.section))
            put_slot(t, now, PL_TRACE_switched, &gone, NULL);
    }
}

static void put_stand(struct pl_trace *t, const struct pl_peer_view *now, enum pl_trace_type type,
                      const struct pl_slot_view *s, pl_time_us us)
{
    struct pl_trace_record r = record(t, now, type);
    SET(&r, section, s->section);
    SET(&r, source, s->source);
    SET(&r, ms, us / PL_MS);
    put(t, &r);
}

static void put_stands(struct pl_trace *t, struct peer *p, const struct pl_peer_view *now)
{
    for (size_t i = 0; i < now->n_slots; i++) {
        const struct pl_slot_view *s = &now->slots[i];
        pl_time_us *since = &p->stands_since[s->section % PL_SECTIONS_MAX];
        bool stands = s->video && s->source && s->idle_us >= PL_TRACE_STANDS_US;
        if (stands && !*since) {
            *since = now->at - s->idle_us;
            put_stand(t, now, PL_TRACE_stands, s, s->idle_us);
        } else if (!stands && *since) {
            put_stand(t, now, PL_TRACE_moves, s, now->at - *since);
            *since = 0;
        }
    }
}

static void put_layers(struct pl_trace *t, const struct pl_peer_view *before,
                       const struct pl_peer_view *now)
{
    for (size_t i = 0; i < now->n_sources; i++) {
        const struct pl_source_view *s = &now->sources[i], *was = pl_view_source(before, s->id);
        for (unsigned k = 0; k < s->n_layers; k++) {
            const struct pl_layer_view *l = &s->layers[k];
            if (!l->started)
                continue;
            struct pl_trace_record r = record(t, now, PL_TRACE_layer);
            SET(&r, source, s->id);
            SET(&r, layer, k);
            SET(&r, bps, l->flowing ? l->bitrate_bps : 0);
            SET(&r, height, l->height);
            SET(&r, wanted, s->told_height);
            SET(&r, keys, l->keys);
            SET(&r, keys_asked, l->keys_asked);
            int64_t loss = pl_line_layer_loss(was ? &was->layers[k] : NULL, l);
            if (loss != PL_LINE_UNKNOWN)
                SET(&r, loss, loss);
            put(t, &r);
        }
    }
}

static void put_second(struct pl_trace *t, const struct pl_peer_view *before,
                       const struct pl_peer_view *now)
{
    struct pl_line line;
    struct pl_trace_record r = record(t, now, PL_TRACE_line);
    pl_line_between(before, now, &line);
#define X(name)                                                                                    \
    if (line.name != PL_LINE_UNKNOWN)                                                              \
        SET(&r, name, line.name);
    PL_LINE_NUMBERS(X)
#undef X
    put(t, &r);
    for (size_t i = 0; i < now->n_slots; i++)
        if (now->slots[i].source)
            put_slot(t, now, PL_TRACE_slot, &now->slots[i], before);
    put_layers(t, before, now);
}

enum pl_err pl_trace_new(const struct pl_trace_subject *subject, const struct pl_trace_out *out,
                         struct pl_trace **trace)
{
    struct pl_trace *t = calloc(1, sizeof *t);
    struct pl_trace_record r = {.type = PL_TRACE_trace};
    if (!t)
        return PL_ENOMEM;
    t->out = *out;
    t->started = subject->now;
    SET(&r, version, PL_TRACE_VERSION);
    SET(&r, started_ms, subject->wall_ms);
    snprintf(r.texts[PL_TRACE_S_meeting], PL_TRACE_TEXT_SIZE, "%.*s", (int)subject->meeting.n,
             subject->meeting.p);
    snprintf(r.texts[PL_TRACE_S_participant], PL_TRACE_TEXT_SIZE, "%.*s",
             (int)subject->participant.n, subject->participant.p);
    put(t, &r);
    *trace = t;
    return PL_OK;
}

/* The one of this id, or the one that has been silent for longest. */
static struct peer *peer_of(struct pl_trace *t, pl_peer_id id)
{
    struct peer *oldest = &t->peers[0];
    for (size_t i = 0; i < PL_TRACE_PEERS_MAX; i++) {
        struct peer *p = &t->peers[i];
        if (p->id == id)
            return p;
        if (p->last.at < oldest->last.at)
            oldest = p;
    }
    memset(oldest, 0, sizeof *oldest);
    return oldest;
}

bool pl_trace_view(struct pl_trace *t, const struct pl_peer_view *view, bool tcp)
{
    struct peer *p = peer_of(t, view->id);
    const struct pl_peer_view *before = p->id ? &p->last : NULL;
    put_path(t, before, view, tcp);
    put_switches(t, before, view);
    put_stands(t, p, view);
    if (!p->has_second || view->at - p->second.at >= PL_TRACE_LINE_US) {
        put_second(t, p->has_second ? &p->second : NULL, view);
        p->second = *view;
        p->has_second = true;
    }
    p->id = view->id;
    p->last = *view;
    return t->text.len == 0 || flush(t);
}

void pl_trace_end(struct pl_trace *t, const char *why)
{
    if (!t)
        return;
    struct pl_trace_record r = {.type = PL_TRACE_end};
    SET_TEXT(&r, why, why);
    put(t, &r);
    (void)flush(t);
    t->out.close(t->out.ctx);
    pl_buf_free(&t->text);
    free(t);
}
