/* Meetings that are over are kept for so long, and then deleted as by hand, each with its tombstone
 * in the server's log. Which are over says the store; what deletes them is given. */
#ifndef PL_SERVER_RETENTION_H
#define PL_SERVER_RETENTION_H

#include "base/time.h"
#include "server/store.h"

#define PL_RETENTION_DAYS_MAX 36500
#define PL_RETENTION_LOOK (3600 * PL_SECOND) /* how often it looks */
#define PL_RETENTION_SOON PL_SECOND          /* while there is more to delete */
/* A clock that went otherwise than time by more than this since the last look is not believed. */
#define PL_RETENTION_JUMP_MS 600000

struct pl_retention {
    struct pl_store *store; /* borrowed */
    unsigned days;
    enum pl_err (*remove)(void *ctx, struct pl_str meeting);
    void *ctx;
    pl_time_us looked; /* its own: when it last looked, by both clocks; 0: never */
    int64_t looked_ms;
};

/* Deletes one meeting that was kept for long enough, and says when to look again. The first call
 * deletes nothing, nor does one after the wall clock (`wall_ms`, Unix time) was set: a machine that
 * starts with a wrong time must not forget what it was to keep. */
pl_time_us pl_retention_look(struct pl_retention *r, pl_time_us now, int64_t wall_ms);

#endif
