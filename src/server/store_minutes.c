/* Adopted minutes in the store. See store.h. */
#include "server/store_parts.h"

enum pl_err pl_store_insert_minutes(struct pl_store *s, int64_t meeting,
                                    const struct pl_store_minutes *m)
{
    pl_stmt_begin(s->minutes_put);
    pl_stmt_int(s->minutes_put, 1, meeting);
    pl_stmt_text(s->minutes_put, 2, m->en);
    pl_stmt_text(s->minutes_put, 3, m->fr);
    return pl_stmt_run(s->minutes_put);
}

enum pl_err pl_store_minutes(struct pl_store *s, struct pl_str meeting,
                             void (*take)(void *ctx, const struct pl_store_minutes *m), void *ctx)
{
    pl_stmt_begin(s->minutes);
    pl_stmt_text(s->minutes, 1, meeting);
    enum pl_err e = pl_stmt_row(s->minutes);
    if (!e) {
        const struct pl_store_minutes m = {pl_stmt_col_text(s->minutes, 0),
                                           pl_stmt_col_text(s->minutes, 1)};
        take(ctx, &m);
    }
    pl_stmt_end(s->minutes);
    return !e || e == PL_ENOENT ? e : PL_EIO;
}
