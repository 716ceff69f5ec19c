/* See accounts.h. Here: sessions. */
#include "server/accounts_parts.h"

#include "crypto/hash.h"

#include <stdio.h>

static enum pl_err insert_session(struct pl_accounts *a, int64_t account,
                                  const uint8_t hash[PL_SHA256_SIZE], struct pl_login_session *s)
{
    enum pl_err e = PL_EEXIST;
    for (int tries = 0; e == PL_EEXIST && tries < STORE_ID_TRIES; tries++) {
        pl_store_make_id(a->store, s->id);
        pl_stmt_begin(a->session_add);
        pl_stmt_text(a->session_add, 1, pl_str(s->id));
        pl_stmt_int(a->session_add, 2, account);
        pl_stmt_blob(a->session_add, 3, hash, PL_SHA256_SIZE);
        pl_stmt_text(a->session_add, 4, pl_str(s->way));
        pl_stmt_int(a->session_add, 5, s->began_ms);
        e = pl_stmt_run(a->session_add);
    }
    return e;
}

/* Within a transaction. */
static enum pl_err begin_all(struct pl_accounts *a, int64_t account,
                             const uint8_t hash[PL_SHA256_SIZE], struct pl_login_session *s)
{
    pl_stmt_begin(a->session_sweep);
    pl_stmt_int(a->session_sweep, 1, s->began_ms - PL_SESSION_IDLE_MS);
    pl_stmt_int(a->session_sweep, 2, s->began_ms - PL_SESSION_LIFE_MS);
    enum pl_err e = pl_stmt_run(a->session_sweep);
    if (!e)
        e = insert_session(a, account, hash, s);
    if (!e) {
        pl_stmt_begin(a->session_trim);
        pl_stmt_int(a->session_trim, 1, account);
        pl_stmt_int(a->session_trim, 2, PL_SESSIONS_MAX);
        e = pl_stmt_run(a->session_trim);
    }
    if (!e) {
        pl_stmt_begin(a->session_seen);
        pl_stmt_int(a->session_seen, 1, account);
        pl_stmt_int(a->session_seen, 2, s->began_ms);
        e = pl_stmt_run(a->session_seen);
    }
    return e ? PL_EIO : PL_OK;
}

enum pl_err pl_sessions_begin(struct pl_accounts *a, int64_t account, const char *way,
                              int64_t now_ms, struct pl_login_session *out,
                              char token[PL_SESSION_TOKEN_SIZE])
{
    uint8_t secret[PL_SESSION_TOKEN_BYTES], hash[PL_SHA256_SIZE];
    char text[PL_SESSION_TOKEN_SIZE] = "s.";
    struct pl_login_session s = {.began_ms = now_ms, .used_ms = now_ms};
    struct pl_random *random = &a->store->random;
    snprintf(s.way, sizeof s.way, "%s", way);
    random->fill(random->ctx, secret, sizeof secret);
    pl_base64url(secret, sizeof secret, text + 2);
    pl_sha256(text, strlen(text), hash);
    pl_wipe(secret, sizeof secret);
    enum pl_err e = pl_db_begin(a->store->db) ? PL_EIO : begin_all(a, account, hash, &s);
    if (e)
        pl_db_rollback(a->store->db);
    else if (pl_db_commit(a->store->db))
        e = PL_EIO;
    if (!e) {
        *out = s;
        memcpy(token, text, sizeof text);
    }
    pl_wipe(text, sizeof text);
    return e;
}

static enum pl_err read_session(struct pl_stmt *row, struct pl_login_session *out)
{
    struct pl_login_session s = {
        .began_ms = pl_stmt_col_int(row, 2),
        .used_ms = pl_stmt_col_int(row, 3),
    };
    if (pl_store_column(row, 0, s.id, sizeof s.id) || pl_store_column(row, 1, s.way, sizeof s.way))
        return PL_EIO;
    *out = s;
    return PL_OK;
}

enum pl_err pl_sessions_find(struct pl_accounts *a, struct pl_str token, int64_t now_ms,
                             struct pl_login_session *session, struct pl_account *account)
{
    uint8_t hash[PL_SHA256_SIZE];
    struct pl_login_session s;
    struct pl_account who;
    pl_sha256(token.p, token.n, hash);
    pl_stmt_begin(a->session_find);
    pl_stmt_blob(a->session_find, 1, hash, sizeof hash);
    enum pl_err e = pl_stmt_row(a->session_find);
    if (!e)
        e = read_session(a->session_find, &s);
    if (!e)
        e = pl_account_read(a->session_find, 4, &who);
    e = pl_accounts_end(a->session_find, e);
    if (!e && !pl_session_good(s.began_ms, s.used_ms, now_ms))
        e = PL_ENOENT;
    if (e)
        return e;
    if (now_ms - s.used_ms >= PL_SESSION_TOUCH_MS) {
        pl_stmt_begin(a->session_touch);
        pl_stmt_text(a->session_touch, 1, pl_str(s.id));
        pl_stmt_int(a->session_touch, 2, now_ms);
        /* On a full disk they may go on, until it ends. */
        if (pl_stmt_run(a->session_touch) == PL_OK)
            s.used_ms = now_ms;
    }
    *session = s;
    *account = who;
    return PL_OK;
}

enum pl_err pl_sessions_end(struct pl_accounts *a, int64_t account, struct pl_str id)
{
    struct pl_stmt *stmt = id.p ? a->session_end : a->session_end_all;
    pl_stmt_begin(stmt);
    pl_stmt_int(stmt, 1, account);
    if (id.p)
        pl_stmt_text(stmt, 2, id);
    enum pl_err e = pl_accounts_run(a, stmt);
    return e == PL_ENOENT && !id.p ? PL_OK : e;
}

enum pl_err pl_sessions_list(struct pl_accounts *a, int64_t account, int64_t now_ms,
                             void (*each)(void *ctx, const struct pl_login_session *session),
                             void *ctx)
{
    enum pl_err e;
    pl_stmt_begin(a->session_list);
    pl_stmt_int(a->session_list, 1, account);
    while ((e = pl_stmt_row(a->session_list)) == PL_OK) {
        struct pl_login_session s;
        e = read_session(a->session_list, &s);
        if (e)
            break;
        if (pl_session_good(s.began_ms, s.used_ms, now_ms))
            each(ctx, &s);
    }
    e = pl_accounts_end(a->session_list, e);
    return e == PL_ENOENT ? PL_OK : e;
}
