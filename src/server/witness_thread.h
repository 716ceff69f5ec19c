/* A thread that asks one witness, one log at a time, and reads the store by itself, so that nobody
 * in a meeting waits for either. Created and used on the control thread; `done` is called there. */
#ifndef PL_SERVER_WITNESS_THREAD_H
#define PL_SERVER_WITNESS_THREAD_H

#include "io/loop.h"
#include "server/witness_ask.h"

struct pl_witness_thread;

struct pl_witness_thread_config {
    struct pl_loop *loop;           /* the control thread's */
    const char *store;              /* its path */
    struct pl_random random;        /* may be drawn from on any thread */
    const struct pl_record_id *key; /* these three are borrowed */
    const char *url;
    const struct pl_vkey *witness;
    /* The answer is borrowed. */
    void (*done)(void *ctx, const struct pl_witness_answer *answer);
    void *ctx;
};

/* PL_EIO, PL_ENOMEM. */
enum pl_err pl_witness_thread_start(const struct pl_witness_thread_config *config,
                                    struct pl_witness_thread **out) PL_CHECKED;
/* Asks about a log, as of pl_witness_request; not before the last one is done. PL_ENOMEM. */
enum pl_err pl_witness_thread_ask(struct pl_witness_thread *t, const char *log) PL_CHECKED;
/* What is under way is given up, and never done. A name server that does not answer is not waited
 * for: then the thread is left behind, for the process is about to end. NULL is fine. */
void pl_witness_thread_stop(struct pl_witness_thread *t);

#endif
