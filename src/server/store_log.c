/* The server's own log in the store. See store.h. */
#include "base/json.h"
#include "crypto/hash.h"
#include "server/store_parts.h"

static enum pl_err add_leaf(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct pl_merkle *t = ctx;
    struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
    return number == t->size + 1 ? pl_merkle_add(t, &leaf) : PL_EIO;
}

enum pl_err pl_store_tree(struct pl_store *s, struct pl_str meeting, struct pl_merkle *out)
{
    struct pl_merkle tree = {0};
    enum pl_err e = pl_store_events(s, meeting, add_leaf, &tree);
    if (e)
        pl_merkle_free(&tree);
    else
        *out = tree;
    return e;
}

/* Opens an event; its number comes with it. */
static enum pl_err begin(struct pl_store *s, int64_t now_ms, const char *act, int64_t *number,
                         struct pl_buf *out)
{
    uint8_t bytes[PL_ACT_SALT_BYTES];
    char salt[PL_ACT_SALT_CHARS + 1];
    pl_stmt_begin(s->log_next);
    enum pl_err e = pl_stmt_row(s->log_next);
    if (!e)
        *number = pl_stmt_col_int(s->log_next, 0);
    pl_stmt_end(s->log_next);
    if (e)
        return PL_EIO;
    s->random.fill(s->random.ctx, bytes, sizeof bytes);
    pl_base64url(bytes, sizeof bytes, salt);
    pl_json_open(out, NULL, '{');
    pl_json_int(out, "number", *number);
    pl_json_int(out, "at", now_ms);
    pl_json_str(out, "salt", salt);
    pl_json_str(out, "act", act);
    return PL_OK;
}

static enum pl_err end(struct pl_store *s, int64_t number, struct pl_buf *event)
{
    enum pl_err e = PL_ENOMEM;
    pl_json_close(event, '}');
    if (!event->failed) {
        pl_stmt_begin(s->log_add);
        pl_stmt_int(s->log_add, 1, number);
        pl_stmt_blob(s->log_add, 2, event->data, event->len);
        e = pl_stmt_run(s->log_add) ? PL_EIO : PL_OK;
    }
    pl_buf_free(event);
    return e;
}

enum pl_err pl_store_log_meeting(struct pl_store *s, int64_t now_ms, const char *act,
                                 const char *meeting, struct pl_str definition,
                                 const struct pl_merkle *gone)
{
    struct pl_buf event = {0};
    uint8_t hash[PL_SHA256_SIZE];
    char text[2 * PL_SHA256_SIZE + 1];
    int64_t number;
    enum pl_err e = begin(s, now_ms, act, &number, &event);
    if (e)
        return e;
    pl_json_str(&event, "meeting", meeting);
    if (definition.p) {
        pl_sha256(definition.p, definition.n, hash);
        pl_hex(hash, sizeof hash, text);
        pl_json_str(&event, "definition", text);
    }
    if (gone) {
        struct pl_hash root = pl_merkle_root(gone, gone->size);
        pl_base64(root.bytes, sizeof root.bytes, text);
        pl_json_int(&event, "size", (int64_t)gone->size);
        pl_json_str(&event, "root", text);
    }
    return end(s, number, &event);
}

static enum pl_err log_key(struct pl_store *s, int64_t now_ms, const char *vkey,
                           struct pl_str rotation)
{
    struct pl_buf event = {0};
    int64_t number;
    enum pl_err e = begin(s, now_ms, "key", &number, &event);
    if (e)
        return e;
    pl_json_str(&event, "key", vkey);
    if (rotation.p)
        pl_json_strn(&event, "rotation", rotation);
    e = end(s, number, &event);
    if (e || !rotation.p)
        return e;
    pl_stmt_begin(s->rotation_add);
    pl_stmt_text(s->rotation_add, 1, rotation);
    return pl_stmt_run(s->rotation_add) ? PL_EIO : PL_OK;
}

enum pl_err pl_store_log_key(struct pl_store *s, int64_t now_ms, const char *vkey,
                             struct pl_str rotation)
{
    if (pl_db_begin(s->db))
        return PL_EIO;
    enum pl_err e = log_key(s, now_ms, vkey, rotation);
    if (e)
        pl_db_rollback(s->db);
    else if (pl_db_commit(s->db))
        e = PL_EIO;
    return e;
}

/* Rows of a number and bytes, from the statement's first on. */
static enum pl_err walk(struct pl_stmt *stmt, pl_store_event *each, void *ctx)
{
    enum pl_err e = PL_OK, stopped = PL_OK;
    while (!stopped && (e = pl_stmt_row(stmt)) == PL_OK)
        stopped = each(ctx, (uint64_t)pl_stmt_col_int(stmt, 0), pl_stmt_col_blob(stmt, 1));
    pl_stmt_end(stmt);
    if (stopped)
        return stopped;
    return e == PL_ENOENT ? PL_OK : PL_EIO;
}

enum pl_err pl_store_log(struct pl_store *s, uint64_t after, pl_store_event *each, void *ctx)
{
    pl_stmt_begin(s->log_read);
    pl_stmt_int(s->log_read, 1, (int64_t)after);
    return walk(s->log_read, each, ctx);
}

enum pl_err pl_store_rotations(struct pl_store *s,
                               enum pl_err (*each)(void *ctx, uint64_t number, struct pl_str note),
                               void *ctx)
{
    pl_stmt_begin(s->rotations);
    return walk(s->rotations, each, ctx);
}

enum pl_err pl_store_put_log_checkpoint(struct pl_store *s, uint64_t size, struct pl_str note)
{
    pl_stmt_begin(s->log_cover);
    pl_stmt_int(s->log_cover, 1, (int64_t)size);
    pl_stmt_text(s->log_cover, 2, note);
    enum pl_err e = pl_stmt_run(s->log_cover);
    return e && e != PL_EEXIST ? PL_EIO : e;
}

enum pl_err pl_store_log_checkpoint(struct pl_store *s, uint64_t *size, struct pl_buf *note)
{
    pl_stmt_begin(s->log_covered);
    enum pl_err e = pl_stmt_row(s->log_covered);
    if (!e) {
        struct pl_str text = pl_stmt_col_text(s->log_covered, 1);
        *size = (uint64_t)pl_stmt_col_int(s->log_covered, 0);
        pl_buf_add(note, text.p, text.n);
    }
    pl_stmt_end(s->log_covered);
    if (e)
        return e == PL_ENOENT ? e : PL_EIO;
    return note->failed ? PL_ENOMEM : PL_OK;
}
