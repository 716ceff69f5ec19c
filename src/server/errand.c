/* See errand.h. */
#include "server/errand.h"

#include "base/list.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define STOP_SECONDS 2 /* that are waited for a thread at the end */

enum state { WORKS, POSTS, LEFT_BEHIND };

struct pl_errands {
    struct pl_loop *home; /* the control thread's */
    struct pl_loop *loop; /* its own */
    pthread_t thread;
    int stop;
    atomic_int state; /* whose turn it is to touch what both have */
};

/* On the control thread. */
static void deliver_answer(struct pl_message *m)
{
    struct pl_errand *e = pl_container_of(m, struct pl_errand, message);
    if (atomic_load(&e->thread->state) != LEFT_BEHIND)
        e->done(e);
    e->drop(e);
}

/* On its own. */
static void deliver_errand(struct pl_message *m)
{
    struct pl_errand *e = pl_container_of(m, struct pl_errand, message);
    struct pl_errands *t = e->thread;
    e->work(e, &t->stop);
    int works = WORKS;
    if (!atomic_compare_exchange_strong(&t->state, &works, POSTS)) {
        e->drop(e);
        return;
    }
    e->message.deliver = deliver_answer;
    pl_loop_post(t->home, &e->message);
    atomic_store(&t->state, WORKS);
}

static void *run(void *arg)
{
    struct pl_errands *t = arg;
    pl_loop_run(t->loop);
    return NULL;
}

static void free_thread(struct pl_errands *t)
{
    pl_loop_free(t->loop);
    if (t->stop >= 0)
        close(t->stop);
    free(t);
}

enum pl_err pl_errands_start(struct pl_loop *loop, struct pl_errands **out)
{
    struct pl_errands *t = calloc(1, sizeof *t);
    if (!t)
        return PL_ENOMEM;
    t->home = loop;
    t->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum pl_err e = t->stop < 0 ? PL_EIO : pl_loop_new(&t->loop);
    if (!e && (errno = pthread_create(&t->thread, NULL, run, t)) != 0)
        e = PL_EIO;
    if (e)
        free_thread(t);
    else
        *out = t;
    return e;
}

void pl_errands_post(struct pl_errands *t, struct pl_errand *e)
{
    e->thread = t;
    e->message.deliver = deliver_errand;
    pl_loop_post(t->loop, &e->message);
}

/* Between two errands, or in one that may not post any more. */
static void forbid_posting(struct pl_errands *t)
{
    int works = WORKS;
    while (!atomic_compare_exchange_weak(&t->state, &works, LEFT_BEHIND))
        works = WORKS; /* it posts, which takes no time */
}

bool pl_errands_stop(struct pl_errands *t)
{
    struct timespec until;
    const uint64_t one = 1;
    if (!t)
        return true;
    forbid_posting(t);
    ssize_t n = write(t->stop, &one, sizeof one);
    (void)n; /* an eventfd takes a one */
    pl_loop_stop(t->loop);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_SECONDS;
    if (pthread_timedjoin_np(t->thread, NULL, &until) != 0)
        return false;
    pl_loop_deliver(t->home); /* what it posted before is freed, and not done */
    free_thread(t);
    return true;
}
