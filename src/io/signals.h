/* Signals of the process as events of a loop (signalfd). */
#ifndef PL_IO_SIGNALS_H
#define PL_IO_SIGNALS_H

#include "base/err.h"
#include "io/loop.h"

struct pl_signal;

/* `value` is what was sent with it (sigqueue(3)); 0: nothing was. */
typedef void pl_signal_cb(void *ctx, int signo, int value);

/* Blocks the signal in the calling thread and calls `cb` on the loop instead. Call it before other
 * threads are started: they inherit the mask. PL_EIO, PL_ENOMEM. */
enum pl_err pl_signal_watch(struct pl_loop *l, int signo, pl_signal_cb *cb, void *ctx,
                            struct pl_signal **out) PL_CHECKED;

/* Stops watching; the signal stays blocked. NULL is fine. */
void pl_signal_free(struct pl_signal *s);

#endif
