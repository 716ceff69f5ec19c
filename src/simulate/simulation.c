/* See simulation.h. */
#include "simulate/parts.h"

#include "base/json.h"
#include "io/entropy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

static void turn(struct pl_simulation *s)
{
    (void)pl_calls_turn(s->calls, 0);
    for (size_t i = 0; i < s->n; i++)
        delegation_look(s->all[i]);
}

static void on_ready(struct pl_watch *w, uint32_t events)
{
    (void)events;
    turn(pl_container_of(w, struct pl_simulation, watch));
}

static void on_due(struct pl_timer *t)
{
    struct pl_simulation *s = pl_container_of(t, struct pl_simulation, timer);
    pl_timer_move(s->loop, t, PL_NEVER);
    turn(s);
}

/* After each turn of the loop: when the calls want to be called. */
static void on_turn(void *ctx)
{
    struct pl_simulation *s = ctx;
    int64_t due = pl_calls_due_ns(s->calls);
    pl_timer_move(s->loop, &s->timer, due == INT64_MAX ? PL_NEVER : due / 1000 + 1);
}

enum pl_err pl_simulation_new(struct pl_loop *l, const struct pl_simulation_config *config,
                              struct pl_simulation **out)
{
    const struct pl_calls_options options = {.seed = config->seed};
    struct pl_simulation *s = calloc(1, sizeof *s);
    if (!s)
        return PL_ENOMEM;
    s->loop = l;
    s->config = *config;
    s->began = pl_loop_now(l);
    enum pl_err e = pl_letters_new(&s->letters);
    if (e) {
        free(s);
        return e;
    }
    s->calls = pl_calls_new(&options);
    s->watch = (struct pl_watch){pl_calls_fd(s->calls), on_ready};
    s->timer.fire = on_due;
    e = pl_timer_set(l, &s->timer, PL_NEVER);
    if (!e)
        e = pl_loop_watch(l, &s->watch, EPOLLIN);
    if (e) {
        s->watch.fd = -1;
        pl_simulation_free(s);
        return e;
    }
    pl_loop_on_turn(l, on_turn, s);
    *out = s;
    return PL_OK;
}

void pl_simulation_free(struct pl_simulation *s)
{
    if (!s)
        return;
    pl_loop_on_turn(s->loop, NULL, NULL);
    for (size_t i = 0; i < s->n; i++)
        delegation_free(s->all[i]);
    free(s->all);
    if (s->watch.fd >= 0)
        pl_loop_unwatch(s->loop, &s->watch);
    pl_timer_clear(s->loop, &s->timer);
    pl_calls_free(s->calls);
    while (s->tables) {
        struct table *t = s->tables;
        s->tables = t->next;
        free(t);
    }
    while (s->servers) {
        struct server *v = s->servers;
        s->servers = v->next;
        pl_dial_place_free(v->place);
        free(v);
    }
    for (size_t i = 0; i < PL_VOICES; i++)
        pl_voice_free(s->voices[i]);
    pl_letters_free(s->letters);
    free(s);
}

static enum pl_err find_server(struct pl_simulation *s, struct pl_str origin, struct server **out,
                               char why[PL_FETCH_WHY_SIZE])
{
    for (struct server *v = s->servers; v; v = v->next)
        if (pl_str_eq(origin, v->origin)) {
            *out = v;
            return PL_OK;
        }
    struct server *v = calloc(1, sizeof *v);
    enum pl_err e = v ? pl_str_copy(origin, v->origin, sizeof v->origin) : PL_ENOMEM;
    if (!e)
        e = pl_dial_place_new(v->origin, &v->place, why);
    if (e) {
        free(v);
        return e;
    }
    v->next = s->servers;
    *out = s->servers = v;
    return PL_OK;
}

static struct table *find_table(struct pl_simulation *s, struct pl_str meeting)
{
    for (struct table *t = s->tables; t; t = t->next)
        if (pl_str_eq(meeting, t->meeting))
            return t;
    struct table *t = calloc(1, sizeof *t);
    if (!t || pl_str_copy(meeting, t->meeting, sizeof t->meeting)) {
        free(t);
        return NULL;
    }
    t->next = s->tables;
    s->tables = t;
    return t;
}

/* The parts of a link; false: it is none. */
static bool read_link(struct pl_str link, struct pl_str *origin, struct pl_str *meeting,
                      struct pl_str *token)
{
    static const char path[] = "/m/", version[] = "#1.";
    const char *at = memmem(link.p, link.n, path, sizeof path - 1);
    if (!at)
        return false;
    *origin = (struct pl_str){link.p, (size_t)(at - link.p)};
    struct pl_str rest = {at + sizeof path - 1, link.n - origin->n - (sizeof path - 1)};
    const char *hash = memmem(rest.p, rest.n, version, sizeof version - 1);
    if (!hash)
        return false;
    *meeting = (struct pl_str){rest.p, (size_t)(hash - rest.p)};
    rest = (struct pl_str){hash + sizeof version - 1, rest.n - meeting->n - (sizeof version - 1)};
    *token = pl_str_split(&rest, '.');
    return origin->n && meeting->n && token->n;
}

static enum pl_err grow(struct pl_simulation *s)
{
    if (s->n < s->cap)
        return PL_OK;
    size_t cap = s->cap ? 2 * s->cap : 64;
    struct delegation **all = reallocarray(s->all, cap, sizeof(struct delegation *));
    if (!all)
        return PL_ENOMEM;
    s->all = all;
    s->cap = cap;
    return PL_OK;
}

enum pl_err pl_simulation_add(struct pl_simulation *s, struct pl_str link,
                              char why[PL_FETCH_WHY_SIZE])
{
    struct pl_str origin, meeting, token;
    struct delegation *d = calloc(1, sizeof *d);
    enum pl_err e = d ? grow(s) : PL_ENOMEM;
    snprintf(why, PL_FETCH_WHY_SIZE, "no memory");
    if (!e && (!read_link(link, &origin, &meeting, &token) ||
               pl_str_copy(token, d->token, sizeof d->token))) {
        snprintf(why, PL_FETCH_WHY_SIZE, "not a link: %.*s", (int)(link.n < 100 ? link.n : 100),
                 link.p);
        e = PL_EINVAL;
    }
    if (!e)
        e = find_server(s, origin, &d->server, why);
    if (!e && !(d->table = find_table(s, meeting)))
        e = PL_ENOMEM;
    if (!e)
        e = pl_timer_set(s->loop, &d->timer, PL_NEVER);
    if (e) {
        free(d);
        return e;
    }
    d->simulation = s;
    d->number = (unsigned)s->n;
    s->all[s->n++] = d;
    delegation_begin(d, s->began + (pl_time_us)((double)d->number / s->config.rate * PL_SECOND));
    pl_timer_move(s->loop, &d->timer, d->wake);
    return PL_OK;
}

void pl_simulation_leave(struct pl_simulation *s)
{
    for (size_t i = 0; i < s->n; i++)
        delegation_leave(s->all[i], 0);
}

bool pl_simulation_is_over(const struct pl_simulation *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->all[i]->phase != PHASE_GONE || s->all[i]->over)
            return false;
    return true;
}

const char *pl_simulation_trouble(const struct pl_simulation *s)
{
    return s->trouble;
}

void pl_simulation_tell(struct pl_simulation *s, struct pl_buf *out)
{
    const struct counts *c = &s->counts;
    const struct pl_calls_totals *t = pl_calls_totals(s->calls);
    struct rusage used;
    size_t here = 0;
    for (size_t i = 0; i < s->n; i++)
        here += s->all[i]->phase == PHASE_HERE && s->all[i]->was_up;
    getrusage(RUSAGE_SELF, &used);
    int64_t cpu_ms = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
                     (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"here", here},
        {"joined", c->joined},
        {"left", c->left},
        {"refused_entry", c->refused_entry},
        {"lost_connections", c->lost_connections},
        {"media_up", c->media_up},
        {"media_failed", c->media_failed},
        {"join_ms_mean", c->media_up ? c->join_us / c->media_up / 1000 : 0},
        {"join_ms_max", c->join_us_max / 1000},
        {"acts", c->acts},
        {"acknowledged", c->acknowledged},
        {"refused", c->refused},
        {"unanswered", c->unanswered},
        {"requests", c->requests},
        {"speeches", c->speeches},
        {"positions", c->positions},
        {"votes", c->votes},
        {"frames", c->frames},
        {"key_frames", c->key_frames},
        {"frame_bytes", c->frame_bytes},
        {"packets_sent", t->published},
        {"packets_resent", t->resent},
        {"packets_received", t->packets},
        {"packets_lost", (uint64_t)pl_calls_lost(t)},
        {"packets_bad", t->bad},
        {"ms", (uint64_t)(pl_loop_now(s->loop) - s->began) / 1000},
        {"cpu_ms", (uint64_t)cpu_ms},
    };
    pl_json_open(out, NULL, '{');
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        pl_json_int(out, rows[i].name, (int64_t)rows[i].value);
    pl_json_close(out, '}');
}
