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
        if (!e && batches[i].document)
            e = pl_store_insert_document(s, meeting, batches[i].document);
        if (!e && batches[i].manifest)
            e = pl_store_insert_manifest(s, meeting, batches[i].manifest);
        if (!e && batches[i].minutes)
            e = pl_store_insert_minutes(s, meeting, batches[i].minutes);
        if (!e && batches[i].newcomer)
            e = pl_store_insert_newcomer(s, meeting, pl_str(batches[i].meeting),
                                         batches[i].newcomer);
    }
    if (!e)
        e = pl_db_commit(s->db);
    else
        pl_db_rollback(s->db);
    for (size_t i = 0; i < n && !e; i++)
        if (batches[i].newcomer)
            pl_store_forget(s, pl_str(batches[i].meeting));
    return e && e != PL_EEXIST && e != PL_ENOENT ? PL_EIO : e;
}

enum pl_err pl_store_events(struct pl_store *s, struct pl_str meeting, pl_store_event *each,
                            void *ctx)
{
    return pl_store_events_after(s, meeting, 0, each, ctx);
}

enum pl_err pl_store_events_after(struct pl_store *s, struct pl_str meeting, uint64_t after,
                                  pl_store_event *each, void *ctx)
{
    int64_t number;
    enum pl_err e = pl_store_number(s, meeting, &number), stopped = PL_OK;
    if (e)
        return e;
    pl_stmt_begin(s->events);
    pl_stmt_int(s->events, 1, number);
    pl_stmt_int(s->events, 2, (int64_t)after);
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

enum pl_err pl_store_outlived(struct pl_store *s, int64_t since_ms, char id[PL_STORE_ID_SIZE])
{
    pl_stmt_begin(s->outlived);
    pl_stmt_int(s->outlived, 1, since_ms);
    enum pl_err e = pl_stmt_row(s->outlived);
    if (!e)
        e = pl_store_column(s->outlived, 0, id, PL_STORE_ID_SIZE);
    pl_stmt_end(s->outlived);
    return e;
}

/* One that has no record yet. */
struct unbegun {
    int64_t number, created_ms;
    char id[PL_STORE_ID_SIZE];
    struct pl_buf json;
};

static enum pl_err next_unbegun(struct pl_store *s, int64_t after, struct unbegun *out)
{
    pl_stmt_begin(s->unbegun);
    pl_stmt_int(s->unbegun, 1, after);
    enum pl_err e = pl_stmt_row(s->unbegun);
    if (!e)
        e = pl_store_column(s->unbegun, 1, out->id, sizeof out->id);
    if (!e) {
        struct pl_str json = pl_stmt_col_text(s->unbegun, 2);
        out->number = pl_stmt_col_int(s->unbegun, 0);
        out->created_ms = pl_stmt_col_int(s->unbegun, 3);
        pl_buf_clear(&out->json);
        pl_buf_add(&out->json, json.p, json.n);
        e = out->json.failed ? PL_ENOMEM : PL_OK;
    }
    pl_stmt_end(s->unbegun);
    return e;
}

static enum pl_err begin_record(struct pl_store *s, const struct unbegun *u)
{
    struct pl_definition *d;
    struct pl_events events = {0};
    char why[PL_WHY_SIZE];
    int64_t wake_ms;
    const struct pl_beginning beginning = {
        .id = u->id, .json = {u->json.data, u->json.len}, .now_ms = u->created_ms};
    enum pl_err e = pl_definition_decode(beginning.json, &d, why);
    if (e)
        return e;
    e = pl_events_begin(d, &beginning, &s->random, &events, &wake_ms, why);
    pl_definition_free(d);
    if (!e)
        e = pl_store_insert(s, u->number, &events, wake_ms);
    pl_events_free(&events);
    return e;
}

enum pl_err pl_store_begin_records(struct pl_store *s)
{
    struct unbegun u = {0};
    enum pl_err e = pl_db_begin(s->db);
    while (!e && (e = next_unbegun(s, u.number, &u)) == PL_OK)
        e = begin_record(s, &u);
    if (e == PL_ENOENT)
        e = pl_db_commit(s->db);
    else
        pl_db_rollback(s->db);
    pl_buf_free(&u.json);
    return e;
}
