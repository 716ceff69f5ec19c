/* See store_thread.h. Two semaphores and an eventfd: the control thread sees a job's end in its
 * loop, or waits for it; whichever comes first calls `done`. */
#include "server/store_thread.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct pl_store_thread {
    struct pl_loop *control;
    struct pl_store *store; /* the thread's */
    struct pl_watch watch;  /* of the eventfd */
    pthread_t thread;
    sem_t begun, ended;
    struct pl_store_job *job; /* NULL: none; the thread reads it after `begun` */
    enum pl_err err;          /* of it, before `ended` */
    atomic_bool over;         /* it has ended, and `done` was not called yet */
    bool stop, runs;
};

static void wait_for(sem_t *s)
{
    while (sem_wait(s) != 0)
        ; /* a signal came */
}

static void *run(void *arg)
{
    struct pl_store_thread *t = arg;
    for (;;) {
        wait_for(&t->begun);
        if (t->stop)
            return NULL;
        t->err = t->job->run(t->job, t->store);
        if (t->err)
            t->job->failure = pl_store_failure(t->store);
        atomic_store(&t->over, true);
        sem_post(&t->ended);
        (void)eventfd_write(t->watch.fd, 1);
    }
}

static void complete(struct pl_store_thread *t)
{
    struct pl_store_job *job = t->job;
    t->job = NULL;
    atomic_store(&t->over, false);
    job->done(job, t->err);
}

static void ready(struct pl_watch *w, uint32_t events)
{
    struct pl_store_thread *t = pl_container_of(w, struct pl_store_thread, watch);
    eventfd_t n;
    (void)events;
    (void)eventfd_read(w->fd, &n);
    if (t->job && atomic_load(&t->over))
        pl_store_thread_finish(t);
}

void pl_store_thread_do(struct pl_store_thread *t, struct pl_store_job *job)
{
    t->job = job;
    sem_post(&t->begun);
}

void pl_store_thread_finish(struct pl_store_thread *t)
{
    if (!t->job)
        return;
    wait_for(&t->ended);
    complete(t);
}

static enum pl_err begin(struct pl_store_thread *t)
{
    t->watch.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (t->watch.fd < 0)
        return PL_EIO;
    enum pl_err err = pl_loop_watch(t->control, &t->watch, EPOLLIN);
    if (err)
        return err;
    errno = pthread_create(&t->thread, NULL, run, t);
    t->runs = errno == 0;
    return t->runs ? PL_OK : PL_EIO;
}

enum pl_err pl_store_thread_new(struct pl_loop *control, const char *path, struct pl_random random,
                                struct pl_store_thread **out)
{
    char why[200];
    struct pl_store_thread *t = calloc(1, sizeof *t);
    if (!t)
        return PL_ENOMEM;
    t->control = control;
    t->watch = (struct pl_watch){-1, ready};
    sem_init(&t->begun, 0, 0);
    sem_init(&t->ended, 0, 0);
    enum pl_err err = pl_store_open(path, random, &t->store, why);
    if (!err)
        err = begin(t);
    if (err) {
        int saved = errno;
        pl_store_thread_free(t);
        errno = saved;
        return err;
    }
    *out = t;
    return PL_OK;
}

void pl_store_thread_free(struct pl_store_thread *t)
{
    if (!t)
        return;
    pl_store_thread_finish(t);
    if (t->runs) {
        t->stop = true;
        sem_post(&t->begun);
        pthread_join(t->thread, NULL);
    }
    if (t->watch.fd >= 0) {
        pl_loop_unwatch(t->control, &t->watch);
        close(t->watch.fd);
    }
    sem_destroy(&t->begun);
    sem_destroy(&t->ended);
    pl_store_close(t->store);
    free(t);
}
