/* Checkpoints of meetings' records in the store, and their cosignatures. See store.h. */
#include "server/store_parts.h"

static enum pl_err put_one(struct pl_store *s, const struct pl_store_signed *x)
{
    bool cosigned = x->name.p != NULL;
    struct pl_stmt *stmt = cosigned ? s->cosign : s->checkpoint_add;
    pl_stmt_begin(stmt);
    pl_stmt_text(stmt, 1, pl_str(x->meeting));
    pl_stmt_int(stmt, 2, (int64_t)x->size);
    if (cosigned)
        pl_stmt_text(stmt, 3, x->name);
    pl_stmt_text(stmt, cosigned ? 4 : 3, x->text);
    return pl_stmt_run(stmt);
}

enum pl_err pl_store_put_signed(struct pl_store *s, const struct pl_store_signed *list, size_t n)
{
    enum pl_err e = pl_db_begin(s->db);
    if (e)
        return PL_EIO;
    for (size_t i = 0; i < n && !e; i++)
        e = put_one(s, &list[i]);
    if (!e)
        e = pl_db_commit(s->db);
    else
        pl_db_rollback(s->db);
    return e && e != PL_EEXIST ? PL_EIO : e;
}

enum pl_err pl_store_checkpoint(struct pl_store *s, struct pl_str meeting, uint64_t *size,
                                struct pl_buf *note)
{
    pl_stmt_begin(s->checkpoint);
    pl_stmt_text(s->checkpoint, 1, meeting);
    enum pl_err e = pl_stmt_row(s->checkpoint);
    if (!e) {
        struct pl_str text = pl_stmt_col_text(s->checkpoint, 1);
        *size = (uint64_t)pl_stmt_col_int(s->checkpoint, 0);
        pl_buf_add(note, text.p, text.n);
    }
    pl_stmt_end(s->checkpoint);
    if (e)
        return e == PL_ENOENT ? e : PL_EIO;
    return note->failed ? PL_ENOMEM : PL_OK;
}

enum pl_err pl_store_checkpoints(struct pl_store *s, struct pl_str meeting,
                                 pl_store_checkpoint_each *each, void *ctx)
{
    enum pl_err e, stopped = PL_OK;
    pl_stmt_begin(s->checkpoints);
    pl_stmt_text(s->checkpoints, 1, meeting);
    while (!stopped && (e = pl_stmt_row(s->checkpoints)) == PL_OK)
        stopped = each(ctx, (uint64_t)pl_stmt_col_int(s->checkpoints, 0),
                       pl_stmt_col_text(s->checkpoints, 1));
    pl_stmt_end(s->checkpoints);
    if (stopped)
        return stopped;
    return e == PL_ENOENT ? PL_OK : PL_EIO;
}

enum pl_err pl_store_last_checkpoints(struct pl_store *s, pl_store_last_each *each, void *ctx)
{
    enum pl_err stopped = PL_OK, e = PL_OK;
    pl_stmt_begin(s->last_checkpoints);
    while (!stopped && (e = pl_stmt_row(s->last_checkpoints)) == PL_OK)
        stopped = each(ctx, pl_stmt_col_text(s->last_checkpoints, 0),
                       pl_stmt_col_text(s->last_checkpoints, 1));
    pl_stmt_end(s->last_checkpoints);
    return stopped ? stopped : e == PL_ENOENT ? PL_OK : PL_EIO;
}

enum pl_err pl_store_lines(struct pl_stmt *rows, struct pl_buf *out)
{
    enum pl_err e;
    while ((e = pl_stmt_row(rows)) == PL_OK) {
        struct pl_str line = pl_stmt_col_text(rows, 0);
        pl_buf_add(out, line.p, line.n);
        pl_buf_puts(out, "\n");
    }
    pl_stmt_end(rows);
    if (e != PL_ENOENT)
        return PL_EIO;
    return out->failed ? PL_ENOMEM : PL_OK;
}

enum pl_err pl_store_cosignatures(struct pl_store *s, struct pl_str meeting, uint64_t size,
                                  struct pl_buf *out)
{
    pl_stmt_begin(s->cosignatures);
    pl_stmt_text(s->cosignatures, 1, meeting);
    pl_stmt_int(s->cosignatures, 2, (int64_t)size);
    return pl_store_lines(s->cosignatures, out);
}
