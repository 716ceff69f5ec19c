/* See accounts.h. Here: bodies, and who has which role in one. */
#include "server/accounts_parts.h"

#include <string.h>

static enum pl_err insert_body(struct pl_accounts *a, struct pl_str name, struct pl_body *b)
{
    pl_store_make_id(a->store, b->id);
    pl_stmt_begin(a->body_add);
    pl_stmt_text(a->body_add, 1, pl_str(b->id));
    pl_stmt_text(a->body_add, 2, name);
    enum pl_err e = pl_stmt_run(a->body_add);
    if (e)
        return e == PL_EEXIST ? e : PL_EIO;
    pl_stmt_begin(a->body_adopt);
    pl_stmt_int(a->body_adopt, 1, pl_db_last_id(a->store->db));
    pl_stmt_text(a->body_adopt, 2, name);
    return pl_stmt_run(a->body_adopt) ? PL_EIO : PL_OK;
}

enum pl_err pl_bodies_add(struct pl_accounts *a, struct pl_str name, struct pl_body *out)
{
    struct pl_body b;
    enum pl_err e = pl_accounts_room(a->body_count, PL_BODIES_MAX);
    if (!e && pl_str_copy(name, b.name, sizeof b.name))
        e = PL_EIO; /* the caller has looked at it */
    if (!e && pl_db_begin(a->store->db))
        e = PL_EIO;
    if (e)
        return e;
    e = insert_body(a, name, &b);
    if (e)
        pl_db_rollback(a->store->db);
    else if (pl_db_commit(a->store->db))
        e = PL_EIO;
    if (!e)
        *out = b;
    return e;
}

enum pl_err pl_bodies_rename(struct pl_accounts *a, struct pl_str id, struct pl_str name)
{
    pl_stmt_begin(a->body_rename);
    pl_stmt_text(a->body_rename, 1, id);
    pl_stmt_text(a->body_rename, 2, name);
    return pl_accounts_run(a, a->body_rename);
}

enum pl_err pl_bodies_remove(struct pl_accounts *a, struct pl_str id)
{
    pl_stmt_begin(a->body_remove);
    pl_stmt_text(a->body_remove, 1, id);
    return pl_accounts_run(a, a->body_remove);
}

static enum pl_err read_body(struct pl_stmt *row, struct pl_body *out)
{
    enum pl_err e = pl_store_column(row, 0, out->id, sizeof out->id);
    return e ? e : pl_store_column(row, 1, out->name, sizeof out->name);
}

static enum pl_err find_body(struct pl_stmt *stmt, struct pl_str what, struct pl_body *out)
{
    pl_stmt_begin(stmt);
    pl_stmt_text(stmt, 1, what);
    enum pl_err e = pl_stmt_row(stmt);
    return pl_accounts_end(stmt, e ? e : read_body(stmt, out));
}

enum pl_err pl_bodies_get(struct pl_accounts *a, struct pl_str id, struct pl_body *out)
{
    return find_body(a->body_get, id, out);
}

enum pl_err pl_bodies_by_name(struct pl_accounts *a, struct pl_str name, struct pl_body *out)
{
    return find_body(a->body_by_name, name, out);
}

/* PL_BODY_ROLE_COUNT: none of them. */
static enum pl_body_role role_of(struct pl_str word)
{
    int role = 0;
    while (role < PL_BODY_ROLE_COUNT && !pl_str_eq(word, pl_body_role_words[role]))
        role++;
    return (enum pl_body_role)role;
}

enum pl_err pl_bodies_list(struct pl_accounts *a, int64_t account,
                           void (*each)(void *ctx, const struct pl_body *body,
                                        enum pl_body_role role),
                           void *ctx)
{
    struct pl_stmt *stmt = account ? a->body_own : a->body_list;
    enum pl_err e;
    pl_stmt_begin(stmt);
    if (account)
        pl_stmt_int(stmt, 1, account);
    while ((e = pl_stmt_row(stmt)) == PL_OK) {
        struct pl_body body;
        e = read_body(stmt, &body);
        if (e)
            break;
        each(ctx, &body, role_of(pl_stmt_col_text(stmt, 2)));
    }
    e = pl_accounts_end(stmt, e);
    return e == PL_ENOENT ? PL_OK : e;
}

/* Within a transaction: what was changed of their role, and the end of their sessions. */
static enum pl_err change_role(struct pl_accounts *a, struct pl_stmt *change, int64_t account)
{
    enum pl_err e = pl_db_begin(a->store->db) ? PL_EIO : pl_accounts_run(a, change);
    if (!e) {
        pl_stmt_begin(a->session_end_all);
        pl_stmt_int(a->session_end_all, 1, account);
        e = pl_stmt_run(a->session_end_all) ? PL_EIO : PL_OK;
    }
    if (e)
        pl_db_rollback(a->store->db);
    else if (pl_db_commit(a->store->db))
        e = PL_EIO;
    return e;
}

enum pl_err pl_accounts_appoint(struct pl_accounts *a, int64_t account, struct pl_str body,
                                enum pl_body_role role)
{
    pl_stmt_begin(a->role_put);
    pl_stmt_int(a->role_put, 1, account);
    pl_stmt_text(a->role_put, 2, body);
    pl_stmt_text(a->role_put, 3, pl_str(pl_body_role_words[role]));
    return change_role(a, a->role_put, account);
}

enum pl_err pl_accounts_dismiss(struct pl_accounts *a, int64_t account, struct pl_str body)
{
    pl_stmt_begin(a->role_drop);
    pl_stmt_int(a->role_drop, 1, account);
    pl_stmt_text(a->role_drop, 2, body);
    return change_role(a, a->role_drop, account);
}

static void take_role(struct pl_stmt *row, int column, struct pl_standing *out)
{
    enum pl_body_role role = role_of(pl_stmt_col_text(row, column));
    out->in_body = role < PL_BODY_ROLE_COUNT;
    if (out->in_body)
        out->role = role;
}

enum pl_err pl_accounts_standing(struct pl_accounts *a, const struct pl_account *account,
                                 struct pl_str body, struct pl_standing *out)
{
    struct pl_standing s = {.administrator = account->administrator};
    pl_stmt_begin(a->role_in);
    pl_stmt_int(a->role_in, 1, account->number);
    pl_stmt_text(a->role_in, 2, body);
    enum pl_err e = pl_stmt_row(a->role_in);
    if (!e)
        take_role(a->role_in, 0, &s);
    e = pl_accounts_end(a->role_in, e);
    if (e && e != PL_ENOENT)
        return e;
    *out = s;
    return PL_OK;
}

enum pl_err pl_accounts_standing_for(struct pl_accounts *a, const struct pl_account *account,
                                     struct pl_str meeting, struct pl_standing *out, bool *of_body)
{
    struct pl_standing s = {.administrator = account->administrator};
    bool belongs = false;
    pl_stmt_begin(a->role_for);
    pl_stmt_int(a->role_for, 1, account->number);
    pl_stmt_text(a->role_for, 2, meeting);
    enum pl_err e = pl_stmt_row(a->role_for);
    if (!e) {
        belongs = !pl_stmt_col_null(a->role_for, 0);
        take_role(a->role_for, 1, &s);
    }
    e = pl_accounts_end(a->role_for, e);
    if (e)
        return e;
    *out = s;
    *of_body = belongs;
    return PL_OK;
}

enum pl_err pl_accounts_prepares_any(struct pl_accounts *a, int64_t account, bool *out)
{
    pl_stmt_begin(a->role_any);
    pl_stmt_int(a->role_any, 1, account);
    enum pl_err e = pl_accounts_end(a->role_any, pl_stmt_row(a->role_any));
    if (e && e != PL_ENOENT)
        return e;
    *out = e == PL_OK;
    return PL_OK;
}

enum pl_err pl_accounts_meetings(struct pl_accounts *a, int64_t account, pl_store_meeting *each,
                                 void *ctx)
{
    pl_stmt_begin(a->meetings_own);
    pl_stmt_int(a->meetings_own, 1, account);
    return pl_store_list_rows(a->meetings_own, each, ctx) ? PL_EIO : PL_OK;
}
