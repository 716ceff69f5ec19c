/* See witnesses.h. */
#include "server/witnesses.h"

#include "base/map.h"
#include "server/witness_thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A log that a witness has not cosigned as it is. */
struct waiting {
    struct pl_list node;
    char log[PL_STORE_ID_SIZE];
    pl_time_us at; /* not before */
    unsigned failures;
    bool more; /* there is a later checkpoint than the one that it was asked about */
};

struct witness {
    struct pl_witnesses *all;
    struct pl_witness_named named;
    struct pl_witness_thread *thread;
    struct pl_list waiting; /* in the order in which they came */
    struct pl_map by_log;
    struct waiting *asked; /* about this one; NULL: about none */
    pl_time_us at;         /* it is not asked before: it was away */
    unsigned away;         /* so often in a row */
    bool told;             /* that something is wrong */
    struct pl_witness_stats stats;
};

struct pl_witnesses {
    struct pl_witnesses_config config;
    struct pl_timer timer;
    struct witness list[PL_WITNESSES_MAX];
};

static pl_time_us now(const struct pl_witnesses *all)
{
    return pl_loop_now(all->config.loop);
}

static pl_time_us backoff(unsigned failures)
{
    pl_time_us wait = PL_WITNESS_AGAIN;
    for (unsigned i = 1; i < failures && wait < PL_WITNESS_LATEST; i++)
        wait *= 2;
    return wait < PL_WITNESS_LATEST ? wait : PL_WITNESS_LATEST;
}

static void look_by(struct pl_witnesses *all, pl_time_us at)
{
    if (at < all->timer.at)
        pl_timer_move(all->config.loop, &all->timer, at);
}

enum pl_err pl_witness_named(const char *text, struct pl_witness_named *out)
{
    struct pl_witness_named named;
    const char *split = strrchr(text, '='); /* a key has none: 33 bytes need no padding */
    if (!split ||
        pl_str_copy((struct pl_str){text, (size_t)(split - text)}, named.url, sizeof named.url) ||
        !pl_witness_url_ok(named.url) || pl_vkey_parse(pl_str(split + 1), &named.key) ||
        named.key.type != PL_NOTE_COSIGNATURE)
        return PL_EINVAL;
    *out = named;
    return PL_OK;
}

/* What waits */

static struct waiting *find(struct witness *w, const char *log)
{
    return pl_map_get(&w->by_log, log, strlen(log));
}

/* Without memory it is found at the next start. */
static void add(struct witness *w, const char *log)
{
    struct waiting *x = calloc(1, sizeof *x);
    if (!x || pl_str_copy(pl_str(log), x->log, sizeof x->log) ||
        pl_map_put(&w->by_log, x->log, strlen(x->log), x)) {
        free(x);
        return;
    }
    pl_list_push(&w->waiting, &x->node);
    w->stats.waiting++;
}

static void drop(struct witness *w, struct waiting *x)
{
    pl_map_remove(&w->by_log, x->log, strlen(x->log));
    pl_list_remove(&x->node);
    free(x);
    w->stats.waiting--;
}

/* Asking */

static struct waiting *next(struct witness *w, pl_time_us *at)
{
    pl_list_each (struct waiting, x, &w->waiting, node) {
        if (x->at <= now(w->all))
            return x;
        if (x->at < *at)
            *at = x->at;
    }
    return NULL;
}

static void look(struct witness *w)
{
    pl_time_us at = PL_NEVER;
    if (w->asked)
        return;
    if (w->at > now(w->all)) {
        look_by(w->all, w->at);
        return;
    }
    struct waiting *x = next(w, &at);
    if (x && pl_witness_thread_ask(w->thread, x->log) == PL_OK) {
        w->asked = x;
        x->more = false;
    } else {
        look_by(w->all, x ? now(w->all) + PL_WITNESS_AGAIN : at);
    }
}

static void look_at_all(struct pl_timer *t)
{
    struct pl_witnesses *all = pl_container_of(t, struct pl_witnesses, timer);
    pl_timer_move(all->config.loop, t, PL_NEVER);
    for (size_t i = 0; i < all->config.n; i++)
        look(&all->list[i]);
}

static enum pl_err keep(struct witness *w, const struct waiting *x,
                        const struct pl_witness_answer *a)
{
    const struct pl_str line = {a->line.data, a->line.len};
    if (strcmp(x->log, PL_RECORD_LOG) == 0)
        return pl_store_put_log_cosignature(w->all->config.store, a->size, w->named.key.name, line);
    const struct pl_store_signed put = {x->log, a->size, w->named.key.name, line};
    return pl_store_put_signed(w->all->config.store, &put, 1);
}

static void cosigned(struct witness *w, struct waiting *x)
{
    const struct pl_str name = w->named.key.name;
    if (w->told || !w->stats.cosigned)
        printf("witness %.*s cosigns\n", (int)name.n, name.p);
    w->told = false;
    w->away = 0;
    w->stats.cosigned++;
    w->stats.last_success_s = pl_wall_now_us() / 1000000;
    x->failures = 0;
    if (!x->more)
        drop(w, x);
}

/* The witness waits as a whole if it is away, else this log alone. It is told once, until all is
 * well again; and of each log that it refuses. */
static void failed(struct witness *w, struct waiting *x, const struct pl_witness_answer *a)
{
    const struct pl_str name = w->named.key.name;
    bool away = a->outcome == PL_WITNESS_AWAY || a->outcome == PL_WITNESS_FAILED;
    w->stats.failures++;
    x->failures += !away;
    w->away = away ? w->away + 1 : 0;
    if (away)
        w->at = now(w->all) + backoff(w->away);
    else
        x->at = now(w->all) + backoff(x->failures);
    if (!w->told || (a->outcome == PL_WITNESS_REFUSED && x->failures == 1))
        fprintf(stderr, "parley: witness %.*s: %s\n", (int)name.n, name.p, a->why);
    w->told = true;
}

static void done(void *ctx, const struct pl_witness_answer *answer)
{
    struct witness *w = ctx;
    struct waiting *x = w->asked;
    struct pl_witness_answer not_kept = {
        .outcome = PL_WITNESS_FAILED,
        .why = "The cosignature cannot be kept.",
    };
    w->asked = NULL;
    if (answer->outcome == PL_WITNESS_NOTHING) {
        if (!x->more)
            drop(w, x);
    } else if (answer->outcome != PL_WITNESS_COSIGNED) {
        failed(w, x, answer);
    } else if (keep(w, x, answer)) {
        failed(w, x, &not_kept);
    } else {
        cosigned(w, x);
    }
    look(w);
}

void pl_witnesses_note(struct pl_witnesses *all, const char *log)
{
    for (size_t i = 0; all && i < all->config.n; i++) {
        struct witness *w = &all->list[i];
        struct waiting *x = find(w, log);
        if (x)
            x->more = true;
        else
            add(w, log);
        look(w);
    }
}

/* The life of it */

static void add_found(void *ctx, const char *log)
{
    add(ctx, log);
}

static enum pl_err start(struct pl_witnesses *all, struct witness *w, const char *named)
{
    enum pl_err e = pl_witness_named(named, &w->named);
    if (e)
        return e;
    w->stats.name = w->named.key.name;
    add(w, PL_RECORD_LOG);
    e = pl_store_unwitnessed(all->config.store, w->named.key.name, add_found, w);
    if (e)
        return e;
    const struct pl_witness_thread_config config = {
        .loop = all->config.loop,
        .store = all->config.store_path,
        .random = all->config.random,
        .key = all->config.key,
        .url = w->named.url,
        .witness = &w->named.key,
        .done = done,
        .ctx = w,
    };
    return pl_witness_thread_start(&config, &w->thread);
}

enum pl_err pl_witnesses_new(const struct pl_witnesses_config *config, struct pl_witnesses **out)
{
    struct pl_witnesses *all = calloc(1, sizeof *all);
    if (!all)
        return PL_ENOMEM;
    all->config = *config;
    all->timer.fire = look_at_all;
    for (size_t i = 0; i < config->n; i++) {
        struct witness *w = &all->list[i];
        w->all = all;
        pl_list_init(&w->waiting);
        pl_map_init(&w->by_log, &config->random);
    }
    enum pl_err e = pl_timer_set(config->loop, &all->timer, PL_NEVER);
    for (size_t i = 0; i < config->n && !e; i++)
        e = start(all, &all->list[i], config->list[i]);
    if (e) {
        pl_witnesses_free(all);
        return e;
    }
    look_by(all, now(all));
    *out = all;
    return PL_OK;
}

void pl_witnesses_free(struct pl_witnesses *all)
{
    if (!all)
        return;
    for (size_t i = 0; i < all->config.n; i++)
        pl_witness_thread_stop(all->list[i].thread);
    for (size_t i = 0; i < all->config.n; i++) {
        struct witness *w = &all->list[i];
        pl_list_each (struct waiting, x, &w->waiting, node)
            drop(w, x);
        pl_map_free(&w->by_log);
    }
    pl_timer_clear(all->config.loop, &all->timer);
    free(all);
}

bool pl_witnesses_stats(const struct pl_witnesses *all, size_t i, struct pl_witness_stats *out)
{
    if (!all || i >= all->config.n)
        return false;
    *out = all->list[i].stats;
    return true;
}
