/* io/loop.h in virtual time: loops are run in turn, in the order in which they were made.
 * Descriptors are those of udp.c. */
#include "whole.h"

#include <stdlib.h>
#include <sys/epoll.h>

#define TIMERS_MAX 256
#define WATCHES_MAX 64

struct pl_loop {
    struct pl_list node, posted;
    bool runs;
    struct pl_timer *timers[TIMERS_MAX];
    unsigned n_timers;
    struct pl_watch *watches[WATCHES_MAX];
    unsigned n_watches;
    void (*turn)(void *ctx);
    void *turn_ctx;
};

static struct pl_list loops = {&loops, &loops};

pl_time_us pl_loop_now(const struct pl_loop *l)
{
    (void)l;
    return whole_clock.now;
}

int64_t pl_wall_now_us(void)
{
    return whole_clock.now + whole_clock.wall_us;
}

enum pl_err pl_loop_new(struct pl_loop **out)
{
    struct pl_loop *l = calloc(1, sizeof *l);
    if (!l)
        return PL_ENOMEM;
    pl_list_init(&l->posted);
    pl_list_push(&loops, &l->node);
    *out = l;
    return PL_OK;
}

void pl_loop_free(struct pl_loop *l)
{
    if (!l)
        return;
    HOLDS(pl_list_empty(&l->posted), "a loop is freed with messages in its mailbox");
    pl_list_remove(&l->node);
    free(l);
}

void pl_loop_run(struct pl_loop *l)
{
    l->runs = true;
}

void pl_loop_deliver(struct pl_loop *l)
{
    struct pl_list batch;
    pl_list_init(&batch);
    pl_list_each (struct pl_message, m, &l->posted, node) {
        pl_list_remove(&m->node);
        pl_list_push(&batch, &m->node);
    }
    while (!pl_list_empty(&batch)) {
        struct pl_message *m = pl_container_of(batch.next, struct pl_message, node);
        pl_list_remove(&m->node);
        m->deliver(m);
    }
}

void pl_loop_stop(struct pl_loop *l)
{
    pl_loop_deliver(l);
    l->runs = false;
}

void pl_loop_post(struct pl_loop *l, struct pl_message *m)
{
    pl_list_init(&m->node);
    pl_list_push(&l->posted, &m->node);
}

void pl_loop_on_turn(struct pl_loop *l, void (*turn)(void *ctx), void *ctx)
{
    l->turn = turn;
    l->turn_ctx = ctx;
}

enum pl_err pl_loop_watch(struct pl_loop *l, struct pl_watch *w, uint32_t events)
{
    (void)events;
    HOLDS(l->n_watches < WATCHES_MAX, "too many descriptors");
    l->watches[l->n_watches++] = w;
    return PL_OK;
}

enum pl_err pl_loop_rewatch(struct pl_loop *l, struct pl_watch *w, uint32_t events)
{
    (void)l;
    (void)w;
    (void)events;
    return PL_OK;
}

void pl_loop_unwatch(struct pl_loop *l, struct pl_watch *w)
{
    for (unsigned i = 0; i < l->n_watches; i++)
        if (l->watches[i] == w)
            l->watches[i--] = l->watches[--l->n_watches];
}

enum pl_err pl_timer_set(struct pl_loop *l, struct pl_timer *t, pl_time_us at)
{
    pl_timer_clear(l, t);
    HOLDS(l->n_timers < TIMERS_MAX, "too many timers");
    t->at = at > whole_clock.now ? at : whole_clock.now;
    l->timers[l->n_timers++] = t;
    return PL_OK;
}

void pl_timer_move(struct pl_loop *l, struct pl_timer *t, pl_time_us at)
{
    if (pl_timer_set(l, t, at) != PL_OK)
        abort();
}

void pl_timer_clear(struct pl_loop *l, struct pl_timer *t)
{
    for (unsigned i = 0; i < l->n_timers; i++)
        if (l->timers[i] == t)
            l->timers[i--] = l->timers[--l->n_timers];
    t->at = 0;
}

static struct pl_timer *first(const struct pl_loop *l)
{
    struct pl_timer *found = NULL;
    for (unsigned i = 0; i < l->n_timers; i++)
        if (!found || l->timers[i]->at < found->at)
            found = l->timers[i];
    return found;
}

pl_time_us whole_loops_due(void)
{
    pl_time_us due = PL_NEVER;
    pl_list_each (struct pl_loop, l, &loops, node) {
        struct pl_timer *t = l->runs ? first(l) : NULL;
        if (l->runs && !pl_list_empty(&l->posted))
            return whole_clock.now;
        if (t && t->at < due)
            due = t->at;
    }
    return due;
}

static bool turn(struct pl_loop *l)
{
    bool did = !pl_list_empty(&l->posted);
    pl_loop_deliver(l);
    for (struct pl_timer *t; (t = first(l)) && t->at <= whole_clock.now; did = true) {
        pl_timer_clear(l, t);
        t->fire(t);
    }
    if (did && l->turn)
        l->turn(l->turn_ctx);
    return did;
}

void whole_loops_run(void)
{
    bool did = true;
    for (unsigned turns = 0; did; turns++) {
        HOLDS(turns < 100000, "the loops turn for ever");
        did = false;
        pl_list_each (struct pl_loop, l, &loops, node)
            did |= l->runs && turn(l);
    }
}

void whole_loops_readable(int fd)
{
    pl_list_each (struct pl_loop, l, &loops, node) {
        for (unsigned i = 0; l->runs && i < l->n_watches; i++) {
            if (l->watches[i]->fd != fd)
                continue;
            l->watches[i]->ready(l->watches[i], EPOLLIN);
            if (l->turn)
                l->turn(l->turn_ctx);
            return;
        }
    }
}
