/* See witness_thread.h. */
#include "server/witness_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define STOP_SECONDS 2 /* that are waited for a thread at the end */

enum state { WORKS, POSTS, LEFT_BEHIND };

struct pl_witness_thread {
    struct pl_witness_thread_config config;
    struct pl_loop *loop; /* its own */
    pthread_t thread;
    int stop;
    atomic_int state; /* whose turn it is to touch what both have */
};

/* On its way there, and back. */
struct job {
    struct pl_message message;
    struct pl_witness_thread *thread;
    char log[PL_STORE_ID_SIZE];
    struct pl_witness_answer answer;
};

static void free_job(struct job *j)
{
    pl_buf_free(&j->answer.line);
    free(j);
}

/* On the control thread. */
static void deliver_answer(struct pl_message *m)
{
    struct job *j = pl_container_of(m, struct job, message);
    if (atomic_load(&j->thread->state) != LEFT_BEHIND)
        j->thread->config.done(j->thread->config.ctx, &j->answer);
    free_job(j);
}

static void work(struct pl_witness_thread *t, struct job *j)
{
    struct pl_store *store;
    char why[200];
    if (pl_store_open_read(t->config.store, t->config.random, &store, why) != PL_OK) {
        j->answer.outcome = PL_WITNESS_FAILED;
        snprintf(j->answer.why, sizeof j->answer.why, "%s", why);
        return;
    }
    const struct pl_witness_request request = {
        .store = store,
        .key = t->config.key,
        .log = j->log,
        .url = t->config.url,
        .witness = t->config.witness,
        .stop = &t->stop,
    };
    pl_witness_ask(&request, &j->answer);
    pl_store_close(store);
}

/* On its own. */
static void deliver_job(struct pl_message *m)
{
    struct job *j = pl_container_of(m, struct job, message);
    struct pl_witness_thread *t = j->thread;
    work(t, j);
    int works = WORKS;
    if (!atomic_compare_exchange_strong(&t->state, &works, POSTS)) {
        free_job(j);
        return;
    }
    j->message.deliver = deliver_answer;
    pl_loop_post(t->config.loop, &j->message);
    atomic_store(&t->state, WORKS);
}

static void *run(void *arg)
{
    struct pl_witness_thread *t = arg;
    pl_loop_run(t->loop);
    return NULL;
}

static void free_thread(struct pl_witness_thread *t)
{
    pl_loop_free(t->loop);
    if (t->stop >= 0)
        close(t->stop);
    free(t);
}

enum pl_err pl_witness_thread_start(const struct pl_witness_thread_config *config,
                                    struct pl_witness_thread **out)
{
    struct pl_witness_thread *t = calloc(1, sizeof *t);
    if (!t)
        return PL_ENOMEM;
    t->config = *config;
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

enum pl_err pl_witness_thread_ask(struct pl_witness_thread *t, const char *log)
{
    struct job *j = calloc(1, sizeof *j);
    if (!j || pl_str_copy(pl_str(log), j->log, sizeof j->log) != PL_OK) {
        free(j);
        return PL_ENOMEM;
    }
    j->thread = t;
    j->message.deliver = deliver_job;
    pl_loop_post(t->loop, &j->message);
    return PL_OK;
}

/* Between two jobs, or in one that may not post any more. */
static void forbid_posting(struct pl_witness_thread *t)
{
    int works = WORKS;
    while (!atomic_compare_exchange_weak(&t->state, &works, LEFT_BEHIND))
        works = WORKS; /* it posts, which takes no time */
}

void pl_witness_thread_stop(struct pl_witness_thread *t)
{
    struct timespec until;
    const uint64_t one = 1;
    if (!t)
        return;
    forbid_posting(t);
    ssize_t n = write(t->stop, &one, sizeof one);
    (void)n; /* an eventfd takes a one */
    pl_loop_stop(t->loop);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_SECONDS;
    if (pthread_timedjoin_np(t->thread, NULL, &until) != 0)
        return;
    pl_loop_deliver(t->config.loop); /* what it posted before is freed, and not done */
    free_thread(t);
}
