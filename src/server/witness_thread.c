/* See witness_thread.h. */
#include "server/witness_thread.h"

#include "server/errand.h"

#include <stdio.h>
#include <stdlib.h>

struct pl_witness_thread {
    struct pl_witness_thread_config config;
    struct pl_errands *errands;
};

struct job {
    struct pl_errand errand;
    struct pl_witness_thread_config config; /* what it needs of the thread's, which may be gone */
    char log[PL_STORE_ID_SIZE];
    struct pl_witness_answer answer;
};

static void drop(struct pl_errand *e)
{
    struct job *j = pl_container_of(e, struct job, errand);
    pl_buf_free(&j->answer.line);
    free(j);
}

static void done(struct pl_errand *e)
{
    struct job *j = pl_container_of(e, struct job, errand);
    j->config.done(j->config.ctx, &j->answer);
}

static void work(struct pl_errand *e, const int *stop)
{
    struct job *j = pl_container_of(e, struct job, errand);
    struct pl_store *store;
    char why[200];
    if (pl_store_open_read(j->config.store, j->config.random, &store, why) != PL_OK) {
        j->answer.outcome = PL_WITNESS_FAILED;
        snprintf(j->answer.why, sizeof j->answer.why, "%s", why);
        return;
    }
    const struct pl_witness_request request = {
        .store = store,
        .key = j->config.key,
        .log = j->log,
        .url = j->config.url,
        .witness = j->config.witness,
        .stop = stop,
    };
    pl_witness_ask(&request, &j->answer);
    pl_store_close(store);
}

enum pl_err pl_witness_thread_start(const struct pl_witness_thread_config *config,
                                    struct pl_witness_thread **out)
{
    struct pl_witness_thread *t = calloc(1, sizeof *t);
    if (!t)
        return PL_ENOMEM;
    t->config = *config;
    enum pl_err e = pl_errands_start(config->loop, &t->errands);
    if (e)
        free(t);
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
    j->config = t->config;
    j->errand.work = work;
    j->errand.done = done;
    j->errand.drop = drop;
    pl_errands_post(t->errands, &j->errand);
    return PL_OK;
}

void pl_witness_thread_stop(struct pl_witness_thread *t)
{
    if (!t)
        return;
    (void)pl_errands_stop(t->errands); /* its jobs have copies of all that they use */
    free(t);
}
