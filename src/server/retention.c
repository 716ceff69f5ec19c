/* See retention.h. */
#include "server/retention.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

/* Whether the clock went as time did since the last look, which is now. */
static bool believable(struct pl_retention *r, pl_time_us now, int64_t wall_ms)
{
    bool looked = r->looked != 0;
    int64_t went = wall_ms - r->looked_ms - (int64_t)(now - r->looked) / 1000;
    r->looked = now;
    r->looked_ms = wall_ms;
    return looked && went <= PL_RETENTION_JUMP_MS && went >= -PL_RETENTION_JUMP_MS;
}

pl_time_us pl_retention_look(struct pl_retention *r, pl_time_us now, int64_t wall_ms)
{
    char id[PL_STORE_ID_SIZE];
    if (!believable(r, now, wall_ms))
        return now + PL_RETENTION_LOOK;
    enum pl_err e = pl_store_outlived(r->store, wall_ms - r->days * DAY_MS, id);
    if (e == PL_ENOENT)
        return now + PL_RETENTION_LOOK;
    if (!e)
        e = r->remove(r->ctx, pl_str(id));
    if (e) {
        fprintf(stderr, "parley: --retain: a meeting that was kept for %u days cannot be deleted\n",
                r->days);
        return now + PL_RETENTION_LOOK;
    }
    printf("meeting %s deleted: it was closed, and nothing was recorded for %u days\n", id,
           r->days);
    return now + PL_RETENTION_SOON;
}
