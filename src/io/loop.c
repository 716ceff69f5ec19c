/* The event loop: one epoll set, one heap of timers, one mailbox. */
#include "io/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 256 /* of one turn; more wait for the next, and none starves: epoll rotates */

struct pl_loop {
    int epoll;
    pl_time_us now;

    struct pl_timer **heap; /* heap[1..n_timers], the earliest first; place 0 is "not in it" */
    int n_timers, heap_cap;
    bool firing; /* timers: those that are set meanwhile fire in the next turn */

    /* What epoll gave for this turn; unwatch blanks its entries, so that nothing stale is called.
     */
    struct epoll_event events[EVENTS_MAX];
    int n_events;

    void (*turn)(void *ctx);
    void *turn_ctx;

    struct pl_watch wake; /* an eventfd, edge-triggered: there is mail, or the loop is to stop */
    atomic_bool stop;
    atomic_bool asleep;   /* or about to be: has yet to look for mail */
    pthread_mutex_t lock; /* of `mail` alone */
    struct pl_list mail;
};

static pl_time_us clock_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (pl_time_us)t.tv_sec * PL_SECOND + t.tv_nsec / 1000;
}

int64_t pl_wall_now_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

pl_time_us pl_loop_now(const struct pl_loop *l)
{
    return l->now;
}

/* --- Watches --- */

static enum pl_err control(struct pl_loop *l, int op, struct pl_watch *w, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = w};
    if (epoll_ctl(l->epoll, op, w->fd, &e) == 0)
        return PL_OK;
    return errno == ENOMEM ? PL_ENOMEM : PL_EIO;
}

enum pl_err pl_loop_watch(struct pl_loop *l, struct pl_watch *w, uint32_t events)
{
    return control(l, EPOLL_CTL_ADD, w, events);
}

enum pl_err pl_loop_rewatch(struct pl_loop *l, struct pl_watch *w, uint32_t events)
{
    return control(l, EPOLL_CTL_MOD, w, events);
}

void pl_loop_unwatch(struct pl_loop *l, struct pl_watch *w)
{
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
    for (int i = 0; i < l->n_events; i++)
        if (l->events[i].data.ptr == w)
            l->events[i].data.ptr = NULL;
}

static void run_events(struct pl_loop *l)
{
    for (int i = 0; i < l->n_events; i++) {
        struct pl_watch *w = l->events[i].data.ptr;
        if (w)
            w->ready(w, l->events[i].events);
    }
    l->n_events = 0;
}

/* --- Timers --- */

static void heap_put(struct pl_loop *l, int place, struct pl_timer *t)
{
    l->heap[place] = t;
    t->place = place;
}

/* Moves the timer up from `place`, then down, to where it belongs. */
static void heap_settle(struct pl_loop *l, int place, struct pl_timer *t)
{
    for (; place > 1 && l->heap[place / 2]->at > t->at; place /= 2)
        heap_put(l, place, l->heap[place / 2]);
    for (;;) {
        int child = 2 * place;
        if (child < l->n_timers && l->heap[child + 1]->at < l->heap[child]->at)
            child++;
        if (child > l->n_timers || l->heap[child]->at >= t->at)
            break;
        heap_put(l, place, l->heap[child]);
        place = child;
    }
    heap_put(l, place, t);
}

enum pl_err pl_timer_set(struct pl_loop *l, struct pl_timer *t, pl_time_us at)
{
    if (t->place == 0) {
        if (l->n_timers + 1 >= l->heap_cap) {
            int cap = l->heap_cap ? 2 * l->heap_cap : 64;
            struct pl_timer **heap = realloc(l->heap, (size_t)cap * sizeof *heap);
            if (!heap)
                return PL_ENOMEM;
            l->heap = heap;
            l->heap_cap = cap;
        }
        t->place = ++l->n_timers;
        l->heap[t->place] = t;
    }
    pl_time_us soonest = l->now + l->firing; /* so that one set again and again starves no other */
    t->at = at > soonest ? at : soonest;
    heap_settle(l, t->place, t);
    return PL_OK;
}

void pl_timer_move(struct pl_loop *l, struct pl_timer *t, pl_time_us at)
{
    enum pl_err e = pl_timer_set(l, t, at);
    assert(e == PL_OK);
}

void pl_timer_clear(struct pl_loop *l, struct pl_timer *t)
{
    if (t->place == 0)
        return;
    assert(l->heap[t->place] == t);
    struct pl_timer *last = l->heap[l->n_timers--];
    if (last != t)
        heap_settle(l, t->place, last);
    t->place = 0;
    t->at = 0;
}

/* Two timers that set each other for now must not hold up the rest: pl_timer_set puts them off. */
static void run_timers(struct pl_loop *l)
{
    l->firing = true;
    while (l->n_timers > 0 && l->heap[1]->at <= l->now) {
        struct pl_timer *t = l->heap[1];
        pl_timer_clear(l, t);
        t->fire(t);
    }
    l->firing = false;
}

/* --- Mailbox --- */

/* Called from signal handlers too: only write(2), and errno stays. A full counter is awake. */
static void wake(struct pl_loop *l)
{
    int saved = errno;
    uint64_t one = 1;
    ssize_t n = write(l->wake.fd, &one, sizeof one);
    (void)n;
    errno = saved;
}

void pl_loop_stop(struct pl_loop *l)
{
    atomic_store(&l->stop, true);
    wake(l);
}

void pl_loop_post(struct pl_loop *l, struct pl_message *m)
{
    pthread_mutex_lock(&l->lock);
    bool was_empty = pl_list_empty(&l->mail);
    pl_list_push(&l->mail, &m->node);
    pthread_mutex_unlock(&l->lock);
    if (was_empty && atomic_load(&l->asleep)) /* whoever made it non-empty wakes the loop */
        wake(l);
}

static bool has_mail(struct pl_loop *l)
{
    pthread_mutex_lock(&l->lock);
    bool has = !pl_list_empty(&l->mail);
    pthread_mutex_unlock(&l->lock);
    return has;
}

/* Takes the whole list under the lock and delivers outside of it, so that nobody waits for a
 * receiver. */
void pl_loop_deliver(struct pl_loop *l)
{
    struct pl_list mail;
    pl_list_init(&mail);
    pthread_mutex_lock(&l->lock);
    if (!pl_list_empty(&l->mail)) {
        pl_list_push(&l->mail, &mail);
        pl_list_remove(&l->mail);
    }
    pthread_mutex_unlock(&l->lock);

    while (!pl_list_empty(&mail)) {
        struct pl_message *m = pl_container_of(mail.next, struct pl_message, node);
        pl_list_remove(&m->node);
        m->deliver(m);
    }
}

/* Each turn delivers. Nobody reads the counter: it would take centuries to fill it. */
static void woken(struct pl_watch *w, uint32_t events)
{
    (void)w;
    (void)events;
}

/* --- Turns --- */

void pl_loop_on_turn(struct pl_loop *l, void (*turn)(void *ctx), void *ctx)
{
    l->turn = turn;
    l->turn_ctx = ctx;
}

/* Pacing wants better than milliseconds. Kernels and sandboxes without epoll_pwait2(2) get
 * milliseconds, rounded up so that no timer makes the loop spin. */
static int wait_up_to(struct pl_loop *l, pl_time_us wait)
{
    struct timespec t = {wait / PL_SECOND, wait % PL_SECOND * 1000};
    int n = epoll_pwait2(l->epoll, l->events, EVENTS_MAX, wait == PL_NEVER ? NULL : &t, NULL);
    if (n >= 0 || errno != ENOSYS)
        return n;
    int ms = wait == PL_NEVER ? -1 : (int)pl_time_min((wait + PL_MS - 1) / PL_MS, INT32_MAX);
    return epoll_wait(l->epoll, l->events, EVENTS_MAX, ms);
}

/* Who posts before `asleep` is set wakes nobody, and is seen here; who posts later wakes. A wake-up
 * is a system call, and on another core some microseconds, so one that works is not woken. */
static int wait_for_events(struct pl_loop *l, pl_time_us wait)
{
    atomic_store(&l->asleep, true);
    int n = wait_up_to(l, has_mail(l) ? 0 : wait);
    atomic_store(&l->asleep, false);
    return n;
}

static pl_time_us next_timer(const struct pl_loop *l)
{
    return l->n_timers > 0 ? l->heap[1]->at : PL_NEVER;
}

void pl_loop_run(struct pl_loop *l)
{
    l->now = clock_us(CLOCK_MONOTONIC);
    do {
        pl_time_us wait = next_timer(l);
        if (wait != PL_NEVER)
            wait = wait > l->now ? wait - l->now : 0;
        int n = wait_for_events(l, wait);
        assert(n >= 0 || errno == EINTR); /* everything else is a misuse of our own */
        l->n_events = n > 0 ? n : 0;
        l->now = clock_us(CLOCK_MONOTONIC);
        run_events(l);
        pl_loop_deliver(l);
        run_timers(l);
        if (l->turn)
            l->turn(l->turn_ctx);
    } while (!atomic_exchange(&l->stop, false));
    pl_loop_deliver(l); /* what was posted before the stop */
}

enum pl_err pl_loop_new(struct pl_loop **out)
{
    struct pl_loop *l = calloc(1, sizeof *l);
    if (!l)
        return PL_ENOMEM;
    pl_list_init(&l->mail);
    l->now = clock_us(CLOCK_MONOTONIC);
    l->wake.ready = woken;
    l->wake.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    pthread_mutex_init(&l->lock, NULL);
    if (l->wake.fd < 0 || l->epoll < 0 || pl_loop_watch(l, &l->wake, EPOLLIN | EPOLLET) != PL_OK) {
        pl_loop_free(l);
        return PL_EIO;
    }
    *out = l;
    return PL_OK;
}

void pl_loop_free(struct pl_loop *l)
{
    if (!l)
        return;
    int saved = errno;
    if (l->epoll >= 0)
        close(l->epoll);
    if (l->wake.fd >= 0)
        close(l->wake.fd);
    pthread_mutex_destroy(&l->lock);
    free(l->heap);
    free(l);
    errno = saved;
}
