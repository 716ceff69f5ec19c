/* A thread that does what may block, one errand after the other, so that nobody in a meeting waits
 * for it: requests to servers elsewhere. Created and used on the control thread. */
#ifndef PL_SERVER_ERRAND_H
#define PL_SERVER_ERRAND_H

#include "base/err.h"
#include "io/loop.h"

#include <stdbool.h>

struct pl_errands;

/* On its way there, and back. */
struct pl_errand {
    struct pl_message message;
    struct pl_errands *thread;
    /* On the thread. `stop`: an eventfd that can be read once it is to be given up. */
    void (*work)(struct pl_errand *e, const int *stop);
    /* On the control thread; not called if it was given up. */
    void (*done)(struct pl_errand *e);
    /* Frees it, last, on either thread. */
    void (*drop)(struct pl_errand *e);
};

/* `loop` is the control thread's, borrowed. PL_EIO, PL_ENOMEM. */
enum pl_err pl_errands_start(struct pl_loop *loop, struct pl_errands **out) PL_CHECKED;
/* The errand is the thread's from now on. */
void pl_errands_post(struct pl_errands *t, struct pl_errand *e);
/* What is under way is given up, and never done. A name server that does not answer is not waited
 * for: then the thread is left behind, for the process is about to end, and false returned: what it
 * uses must stay. NULL is fine. */
bool pl_errands_stop(struct pl_errands *t);

#endif
