/* The record in the store: events of meetings, and which meeting is to be woken when. See store.h.
 */
#include "server/store_parts.h"

enum pl_err pl_store_insert(struct pl_store *s, int64_t meeting, const struct pl_events *events,
                            int64_t wake_ms)
{
    for (size_t i = 0; i < events->n; i++) {
        struct pl_str bytes = pl_events_at(events, i);
        pl_stmt_begin(s->event_add);
        pl_stmt_int(s->event_add, 1, meeting);
        pl_stmt_int(s->event_add, 2, (int64_t)(events->first + i));
        pl_stmt_blob(s->event_add, 3, bytes.p, bytes.n);
        enum pl_err e = pl_stmt_run(s->event_add);
        if (e)
            return e;
    }
    pl_stmt_begin(s->wake);
    pl_stmt_int(s->wake, 1, meeting);
    if (wake_ms == INT64_MAX)
        pl_stmt_null(s->wake, 2);
    else
        pl_stmt_int(s->wake, 2, wake_ms);
    return pl_stmt_run(s->wake);
}

enum pl_err pl_store_append(struct pl_store *s, const struct pl_store_batch *batches, size_t n)
{
    enum pl_err e = pl_db_begin(s->db);
    if (e)
        return PL_EIO;
    for (size_t i = 0; i < n && !e; i++) {
        int64_t meeting;
        e = pl_store_number(s, pl_str(batches[i].meeting), &meeting);
        if (!e)
            e = pl_store_insert(s, meeting, batches[i].events, batches[i].wake_ms);
    }
    if (!e)
        e = pl_db_commit(s->db);
    else
        pl_db_rollback(s->db);
    return e && e != PL_EEXIST && e != PL_ENOENT ? PL_EIO : e;
}

enum pl_err pl_store_events(struct pl_store *s, struct pl_str meeting, pl_store_event *each,
                            void *ctx)
{
    int64_t number;
    enum pl_err e = pl_store_number(s, meeting, &number), stopped = PL_OK;
    if (e)
        return e;
    pl_stmt_begin(s->events);
    pl_stmt_int(s->events, 1, number);
    while (!stopped && (e = pl_stmt_row(s->events)) == PL_OK)
        stopped =
            each(ctx, (uint64_t)pl_stmt_col_int(s->events, 0), pl_stmt_col_blob(s->events, 1));
    pl_stmt_end(s->events);
    if (stopped)
        return stopped;
    return e == PL_ENOENT ? PL_OK : PL_EIO;
}

enum pl_err pl_store_next_wake(struct pl_store *s, int64_t *out)
{
    pl_stmt_begin(s->next_wake);
    enum pl_err e = pl_stmt_row(s->next_wake);
    if (!e)
        *out = pl_stmt_col_null(s->next_wake, 0) ? INT64_MAX : pl_stmt_col_int(s->next_wake, 0);
    pl_stmt_end(s->next_wake);
    return e ? PL_EIO : PL_OK;
}

enum pl_err pl_store_due(struct pl_store *s, int64_t now_ms, char (*ids)[PL_STORE_ID_SIZE],
                         size_t max, size_t *n)
{
    enum pl_err e = PL_ENOENT;
    *n = 0;
    pl_stmt_begin(s->due);
    pl_stmt_int(s->due, 1, now_ms);
    while (*n < max && (e = pl_stmt_row(s->due)) == PL_OK) {
        e = pl_store_column(s->due, 0, ids[*n], PL_STORE_ID_SIZE);
        if (e)
            break;
        ++*n;
    }
    pl_stmt_end(s->due);
    return !e || e == PL_ENOENT ? PL_OK : PL_EIO;
}
