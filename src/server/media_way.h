/* The way of a room's media from one thread's engine to another's: a bounded queue without locks,
 * and one wake-up for what a turn put into it. */
#ifndef PL_SERVER_MEDIA_WAY_H
#define PL_SERVER_MEDIA_WAY_H

#include "base/err.h"
#include "io/loop.h"
#include "sfu/engine.h"

#include <stdbool.h>

struct pl_media_way;

/* To the engine that is run by `loop`'s thread; both are borrowed. PL_ENOMEM. */
enum pl_err pl_media_way_new(struct pl_loop *loop, struct pl_engine *engine,
                             struct pl_media_way **out) PL_CHECKED;

/* Drops what is still on it. Neither thread runs any more. NULL is fine. */
void pl_media_way_free(struct pl_media_way *w);

/* On the sending thread: false when the other one has fallen too far behind; and the end of a turn.
 * The other one takes a share of what waits in each of its own turns. */
bool pl_media_way_push(struct pl_media_way *w, const struct pl_relay *message);
void pl_media_way_wake(struct pl_media_way *w);

#endif
