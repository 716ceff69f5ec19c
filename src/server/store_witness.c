/* What witnesses elsewhere cosigned, in the store. See store.h. */
#include "server/store_parts.h"

enum pl_err pl_store_put_log_cosignature(struct pl_store *s, uint64_t size, struct pl_str name,
                                         struct pl_str line)
{
    pl_stmt_begin(s->log_cosign);
    pl_stmt_int(s->log_cosign, 1, (int64_t)size);
    pl_stmt_text(s->log_cosign, 2, name);
    pl_stmt_text(s->log_cosign, 3, line);
    return pl_stmt_run(s->log_cosign) ? PL_EIO : PL_OK;
}

enum pl_err pl_store_log_cosignatures(struct pl_store *s, uint64_t size, struct pl_buf *out)
{
    pl_stmt_begin(s->log_cosignatures);
    pl_stmt_int(s->log_cosignatures, 1, (int64_t)size);
    return pl_store_lines(s->log_cosignatures, out);
}

enum pl_err pl_store_witnessed(struct pl_store *s, struct pl_str meeting, struct pl_str name,
                               uint64_t *size)
{
    struct pl_stmt *stmt = meeting.p ? s->witnessed : s->log_witnessed;
    pl_stmt_begin(stmt);
    if (meeting.p)
        pl_stmt_text(stmt, 1, meeting);
    pl_stmt_text(stmt, meeting.p ? 2 : 1, name);
    enum pl_err e = pl_stmt_row(stmt);
    if (!e)
        *size = (uint64_t)pl_stmt_col_int(stmt, 0);
    pl_stmt_end(stmt);
    return e ? PL_EIO : PL_OK;
}

enum pl_err pl_store_unwitnessed(struct pl_store *s, struct pl_str name,
                                 void (*each)(void *ctx, const char *meeting), void *ctx)
{
    char id[PL_STORE_ID_SIZE];
    enum pl_err e;
    pl_stmt_begin(s->unwitnessed);
    pl_stmt_text(s->unwitnessed, 1, name);
    while ((e = pl_stmt_row(s->unwitnessed)) == PL_OK) {
        e = pl_store_column(s->unwitnessed, 0, id, sizeof id);
        if (e)
            break;
        each(ctx, id);
    }
    pl_stmt_end(s->unwitnessed);
    return e == PL_ENOENT ? PL_OK : PL_EIO;
}

enum pl_err pl_store_witnesses(struct pl_store *s,
                               void (*each)(void *ctx, const struct pl_store_witness *w), void *ctx)
{
    enum pl_err e;
    pl_stmt_begin(s->witnesses);
    while ((e = pl_stmt_row(s->witnesses)) == PL_OK) {
        const struct pl_store_witness w = {
            .name = pl_stmt_col_text(s->witnesses, 0),
            .meetings = (uint64_t)pl_stmt_col_int(s->witnesses, 1),
            .size = (uint64_t)pl_stmt_col_int(s->witnesses, 2),
            .line = pl_stmt_col_text(s->witnesses, 3),
        };
        each(ctx, &w);
    }
    pl_stmt_end(s->witnesses);
    return e == PL_ENOENT ? PL_OK : PL_EIO;
}
