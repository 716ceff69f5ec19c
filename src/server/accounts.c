/* See accounts.h. Here: people. */
#include "server/accounts_parts.h"

#include <stdlib.h>
#include <string.h>

enum pl_err pl_accounts_new(struct pl_store *store, struct pl_accounts **out)
{
    struct pl_accounts *a = calloc(1, sizeof *a);
    enum pl_err e = PL_OK;
    if (!a)
        return PL_ENOMEM;
    a->store = store;
#define X(name, sql)                                                                               \
    if (!e)                                                                                        \
        e = pl_db_prepare(store->db, sql, &a->name);
    ACCOUNT_STATEMENTS(X)
#undef X
    if (e) {
        free(a);
        return e == PL_ENOMEM ? e : PL_EIO;
    }
    *out = a;
    return PL_OK;
}

/* The statements are the database's. */
void pl_accounts_free(struct pl_accounts *a)
{
    free(a);
}

enum pl_err pl_accounts_end(struct pl_stmt *stmt, enum pl_err e)
{
    pl_stmt_end(stmt);
    return e && e != PL_ENOENT ? PL_EIO : e;
}

enum pl_err pl_accounts_room(struct pl_stmt *count, int64_t max)
{
    pl_stmt_begin(count);
    enum pl_err e = pl_stmt_row(count);
    bool full = !e && pl_stmt_col_int(count, 0) >= max;
    pl_stmt_end(count);
    return e ? PL_EIO : full ? PL_ELIMIT : PL_OK;
}

enum pl_err pl_accounts_run(struct pl_accounts *a, struct pl_stmt *stmt)
{
    enum pl_err e = pl_stmt_run(stmt);
    if (e)
        return e == PL_EEXIST ? e : PL_EIO;
    return pl_db_changes(a->store->db) > 0 ? PL_OK : PL_ENOENT;
}

enum pl_err pl_account_read(struct pl_stmt *row, int column, struct pl_account *out)
{
    struct pl_account a = {
        .number = pl_stmt_col_int(row, column),
        .administrator = pl_stmt_col_int(row, column + 6) != 0,
        .created_ms = pl_stmt_col_int(row, column + 7),
        .seen_ms = pl_stmt_col_int(row, column + 8),
    };
    if (pl_store_column(row, column + 1, a.id, sizeof a.id) ||
        pl_store_column(row, column + 2, a.name, sizeof a.name) ||
        pl_store_column(row, column + 3, a.email, sizeof a.email) ||
        pl_store_column(row, column + 4, a.issuer, sizeof a.issuer) ||
        pl_store_column(row, column + 5, a.subject, sizeof a.subject))
        return PL_EIO;
    *out = a;
    return PL_OK;
}

/* A statement that is bound: its one row. */
static enum pl_err read_one(struct pl_stmt *stmt, struct pl_account *out)
{
    enum pl_err e = pl_stmt_row(stmt);
    return pl_accounts_end(stmt, e ? e : pl_account_read(stmt, 0, out));
}

enum pl_err pl_accounts_get(struct pl_accounts *a, struct pl_str id, struct pl_account *out)
{
    pl_stmt_begin(a->account_get);
    pl_stmt_text(a->account_get, 1, id);
    return read_one(a->account_get, out);
}

enum pl_err pl_accounts_by_subject(struct pl_accounts *a, struct pl_str issuer,
                                   struct pl_str subject, struct pl_account *out)
{
    pl_stmt_begin(a->account_subject);
    pl_stmt_text(a->account_subject, 1, issuer);
    pl_stmt_text(a->account_subject, 2, subject);
    return read_one(a->account_subject, out);
}

enum pl_err pl_accounts_by_email(struct pl_accounts *a, const char *folded, struct pl_account *out)
{
    pl_stmt_begin(a->account_email);
    pl_stmt_text(a->account_email, 1, pl_str(folded));
    return read_one(a->account_email, out);
}

enum pl_err pl_accounts_add(struct pl_accounts *a, struct pl_account *account, int64_t now_ms)
{
    struct pl_account found;
    enum pl_err e = pl_accounts_room(a->account_count, PL_ACCOUNTS_MAX);
    if (!e && (pl_accounts_by_email(a, account->email, &found) == PL_OK ||
               pl_accounts_by_subject(a, pl_str(account->issuer), pl_str(account->subject),
                                      &found) == PL_OK))
        e = PL_EEXIST;
    if (e)
        return e;
    e = PL_EEXIST;
    for (int tries = 0; e == PL_EEXIST && tries < STORE_ID_TRIES; tries++) {
        pl_store_make_id(a->store, account->id);
        pl_stmt_begin(a->account_add);
        pl_stmt_text(a->account_add, 1, pl_str(account->id));
        pl_stmt_text(a->account_add, 2, pl_str(account->name));
        pl_stmt_text(a->account_add, 3, pl_str(account->email));
        pl_stmt_text(a->account_add, 4, pl_str(account->issuer));
        pl_stmt_text(a->account_add, 5, pl_str(account->subject));
        pl_stmt_int(a->account_add, 6, account->administrator);
        pl_stmt_int(a->account_add, 7, now_ms);
        e = pl_stmt_run(a->account_add);
    }
    if (e)
        return PL_EIO;
    account->number = pl_db_last_id(a->store->db);
    account->created_ms = now_ms;
    account->seen_ms = 0;
    return PL_OK;
}

enum pl_err pl_accounts_put(struct pl_accounts *a, const struct pl_account *account)
{
    pl_stmt_begin(a->account_put);
    pl_stmt_int(a->account_put, 1, account->number);
    pl_stmt_text(a->account_put, 2, pl_str(account->name));
    pl_stmt_text(a->account_put, 3, pl_str(account->email));
    pl_stmt_text(a->account_put, 4, pl_str(account->issuer));
    pl_stmt_text(a->account_put, 5, pl_str(account->subject));
    pl_stmt_int(a->account_put, 6, account->administrator);
    pl_stmt_int(a->account_put, 7, account->seen_ms);
    return pl_accounts_run(a, a->account_put);
}

enum pl_err pl_accounts_remove(struct pl_accounts *a, struct pl_str id)
{
    pl_stmt_begin(a->account_remove);
    pl_stmt_text(a->account_remove, 1, id);
    return pl_accounts_run(a, a->account_remove);
}

enum pl_err pl_accounts_list(struct pl_accounts *a,
                             void (*each)(void *ctx, const struct pl_account *account), void *ctx)
{
    enum pl_err e;
    pl_stmt_begin(a->account_list);
    while ((e = pl_stmt_row(a->account_list)) == PL_OK) {
        struct pl_account account;
        e = pl_account_read(a->account_list, 0, &account);
        if (e)
            break;
        each(ctx, &account);
    }
    e = pl_accounts_end(a->account_list, e);
    return e == PL_ENOENT ? PL_OK : e;
}
