/* The manifests of meetings in the store. See store.h. */
#include "server/store_parts.h"

enum pl_err pl_store_insert_manifest(struct pl_store *s, int64_t meeting,
                                     const struct pl_store_manifest *m)
{
    pl_stmt_begin(s->manifest_put);
    pl_stmt_int(s->manifest_put, 1, meeting);
    pl_stmt_int(s->manifest_put, 2, m->version);
    pl_stmt_text(s->manifest_put, 3, m->manifest);
    pl_stmt_text(s->manifest_put, 4, m->signature);
    pl_stmt_text(s->manifest_put, 5, m->key);
    pl_stmt_text(s->manifest_put, 6, m->signed_by);
    if (pl_stmt_run(s->manifest_put))
        return PL_EIO;
    return pl_db_changes(s->db) == 1 ? PL_OK : PL_EEXIST;
}

static struct pl_store_manifest read_manifest(struct pl_stmt *row)
{
    return (struct pl_store_manifest){
        .version = pl_stmt_col_int(row, 0),
        .manifest = pl_stmt_col_text(row, 1),
        .signature = pl_stmt_col_text(row, 2),
        .key = pl_stmt_col_text(row, 3),
        .signed_by = pl_stmt_col_text(row, 4),
    };
}

enum pl_err pl_store_manifest(struct pl_store *s, struct pl_str meeting,
                              void (*take)(void *ctx, const struct pl_store_manifest *m), void *ctx)
{
    pl_stmt_begin(s->manifest);
    pl_stmt_text(s->manifest, 1, meeting);
    enum pl_err e = pl_stmt_row(s->manifest);
    if (!e) {
        const struct pl_store_manifest m = read_manifest(s->manifest);
        take(ctx, &m);
    }
    pl_stmt_end(s->manifest);
    return !e || e == PL_ENOENT ? e : PL_EIO;
}

enum pl_err pl_store_manifests(struct pl_store *s, struct pl_str meeting,
                               pl_store_manifest_each *each, void *ctx)
{
    enum pl_err e = PL_OK, stopped = PL_OK;
    pl_stmt_begin(s->manifests);
    pl_stmt_text(s->manifests, 1, meeting);
    while (!stopped && (e = pl_stmt_row(s->manifests)) == PL_OK) {
        const struct pl_store_manifest m = read_manifest(s->manifests);
        stopped = each(ctx, &m);
    }
    pl_stmt_end(s->manifests);
    if (stopped)
        return stopped;
    return e == PL_ENOENT ? PL_OK : PL_EIO;
}
