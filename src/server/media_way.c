/* See media_way.h. */
#include "server/media_way.h"

#include "base/spsc.h"

#include <stdatomic.h>
#include <stdlib.h>

#define WAY_MAX 4096 /* messages: a tenth of a second of 500 Mbit/s */
#define TURN_MAX 256 /* of these in one turn: as many as datagrams of a socket */

struct pl_media_way {
    struct pl_spsc *queue;
    struct pl_loop *loop;
    struct pl_engine *engine;
    struct pl_message wake;
    atomic_bool awake; /* `wake` is on its way */
};

/* Cleared first: what is pushed from now on brings a wake-up of its own. By an exchange, so that
 * what was pushed before a wake-up that found another on its way is seen here. What is left when
 * the turn has had its share waits for the next one: what leaves for clients leaves between. */
static void deliver(struct pl_message *m)
{
    struct pl_media_way *w = pl_container_of(m, struct pl_media_way, wake);
    struct pl_relay message;
    unsigned n = 0;
    atomic_exchange(&w->awake, false);
    for (; n < TURN_MAX && pl_spsc_pop(w->queue, &message); n++)
        pl_engine_relayed(w->engine, &message, pl_loop_now(w->loop));
    if (n == TURN_MAX)
        pl_media_way_wake(w);
}

enum pl_err pl_media_way_new(struct pl_loop *loop, struct pl_engine *engine,
                             struct pl_media_way **out)
{
    struct pl_media_way *w = calloc(1, sizeof *w);
    if (!w)
        return PL_ENOMEM;
    *w = (struct pl_media_way){.loop = loop, .engine = engine, .wake = {.deliver = deliver}};
    enum pl_err err = pl_spsc_new(WAY_MAX, sizeof(struct pl_relay), &w->queue);
    if (err)
        free(w);
    else
        *out = w;
    return err;
}

void pl_media_way_free(struct pl_media_way *w)
{
    struct pl_relay message;
    if (!w)
        return;
    while (pl_spsc_pop(w->queue, &message))
        pl_relay_drop(&message);
    pl_spsc_free(w->queue);
    free(w);
}

bool pl_media_way_push(struct pl_media_way *w, const struct pl_relay *message)
{
    return pl_spsc_push(w->queue, message);
}

void pl_media_way_wake(struct pl_media_way *w)
{
    if (!atomic_exchange(&w->awake, true))
        pl_loop_post(w->loop, &w->wake);
}
