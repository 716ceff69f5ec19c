/* Work on the store that may wait for the disk, done on a thread of its own, with a connection of
 * its own to the database, so that nobody in a meeting waits for it: one job at a time. Created and
 * used on the control thread. */
#ifndef PL_SERVER_STORE_THREAD_H
#define PL_SERVER_STORE_THREAD_H

#include "base/random.h"
#include "io/loop.h"
#include "server/store.h"

/* A part of the caller's object, which stays where it is until `done`. */
struct pl_store_job {
    enum pl_err (*run)(struct pl_store_job *job, struct pl_store *store); /* on the thread */
    void (*done)(struct pl_store_job *job, enum pl_err err); /* on the control thread */
    const char *failure; /* when it failed: what the store said; static */
};

struct pl_store_thread;

/* PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_thread_new(struct pl_loop *control, const char *path, struct pl_random random,
                                struct pl_store_thread **out) PL_CHECKED;
/* Not before the last one is done. `done` is never called inside. */
void pl_store_thread_do(struct pl_store_thread *t, struct pl_store_job *job);
/* Waits for the job that is under way, and calls its `done`; none: nothing to do. */
void pl_store_thread_finish(struct pl_store_thread *t);
void pl_store_thread_free(struct pl_store_thread *t); /* finishes; NULL is fine */

#endif
