/* See passkeys.h. */
#include "server/passkeys.h"

#include "crypto/hash.h"
#include "server/accounts_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PASSKEY_COLUMNS                                                                            \
    "p.number, p.account, p.id, p.name, p.made_ms, p.used_ms, p.credential, p.key, p.count,"       \
    " p.may_backup, p.backed_up"
#define ACCOUNT_COLUMN 11 /* behind those */

#define PASSKEY_STATEMENTS(X)                                                                      \
    X(count, "SELECT count(*) FROM passkeys WHERE account = ?1")                                   \
    X(add, "INSERT INTO passkeys(id, account, name, made_ms, used_ms, credential, key, count,"     \
           " may_backup, backed_up) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9)")               \
    X(find, "SELECT " PASSKEY_COLUMNS ", " ACCOUNT_COLUMNS                                         \
            " FROM passkeys p JOIN accounts a ON a.number = p.account WHERE p.credential = ?1")    \
    X(get, "SELECT " PASSKEY_COLUMNS " FROM passkeys p WHERE p.account = ?1 AND p.id = ?2")        \
    X(used, "UPDATE passkeys SET used_ms = ?2, count = ?3, backed_up = ?4 WHERE number = ?1")      \
    X(list, "SELECT " PASSKEY_COLUMNS " FROM passkeys p WHERE p.account = ?1 ORDER BY p.number")   \
    X(remove, "DELETE FROM passkeys WHERE number = ?1")                                            \
    X(ways, "SELECT count(*) FROM accounts a WHERE a.administrator AND"                            \
            " ((?1 AND a.subject IS NOT NULL) OR EXISTS"                                           \
            " (SELECT 1 FROM passkeys p WHERE p.account = a.number))")                             \
    X(link, "INSERT INTO enrolments(account, token_hash, expires_ms) VALUES (?1, ?2, ?3)"          \
            " ON CONFLICT(account) DO UPDATE SET token_hash = excluded.token_hash,"                \
            " expires_ms = excluded.expires_ms")                                                   \
    X(linked, "SELECT " ACCOUNT_COLUMNS ", e.expires_ms FROM enrolments e"                         \
              " JOIN accounts a ON a.number = e.account WHERE e.token_hash = ?1")                  \
    X(unlink, "DELETE FROM enrolments WHERE account = ?1")

struct pl_passkeys {
    struct pl_store *store;
    bool offered;
    struct pl_passkey_site site;
    struct pl_questions questions;
#define X(name, sql) struct pl_stmt *name;
    PASSKEY_STATEMENTS(X)
#undef X
};

enum pl_err pl_passkeys_new(struct pl_store *store, const char *public_url,
                            struct pl_passkeys **out)
{
    struct pl_passkeys *p = calloc(1, sizeof *p);
    enum pl_err e = PL_OK;
    if (!p)
        return PL_ENOMEM;
    p->store = store;
    p->offered = pl_passkey_site(pl_str(public_url), &p->site) == PL_OK;
    pl_questions_begin(&p->questions, &store->random);
#define X(name, sql)                                                                               \
    if (!e)                                                                                        \
        e = pl_db_prepare(store->db, sql, &p->name);
    PASSKEY_STATEMENTS(X)
#undef X
    if (e) {
        free(p);
        return e == PL_ENOMEM ? e : PL_EIO;
    }
    *out = p;
    return PL_OK;
}

/* The statements are the database's. */
void pl_passkeys_free(struct pl_passkeys *p)
{
    if (p)
        pl_questions_end(&p->questions);
    free(p);
}

const struct pl_passkey_site *pl_passkeys_site(const struct pl_passkeys *p)
{
    return p->offered ? &p->site : NULL;
}

struct pl_questions *pl_passkeys_questions(struct pl_passkeys *p)
{
    return &p->questions;
}

void pl_passkeys_handle(const struct pl_account *account, uint8_t out[PL_PASSKEY_USER_SIZE])
{
    static_assert(PL_PASSKEY_USER_SIZE == PL_SHA256_SIZE, "a handle is a hash");
    pl_sha256(account->id, strlen(account->id), out);
}

static bool copy_blob(struct pl_stmt *row, int column, uint8_t *out, size_t size, size_t *n)
{
    struct pl_str bytes = pl_stmt_col_blob(row, column);
    if (bytes.n == 0 || bytes.n > size)
        return false;
    memcpy(out, bytes.p, bytes.n);
    *n = bytes.n;
    return true;
}

/* Reads PASSKEY_COLUMNS. */
static enum pl_err read_passkey(struct pl_stmt *row, struct pl_kept_passkey *out)
{
    struct pl_kept_passkey k = {
        .number = pl_stmt_col_int(row, 0),
        .account = pl_stmt_col_int(row, 1),
        .made_ms = pl_stmt_col_int(row, 4),
        .used_ms = pl_stmt_col_int(row, 5),
        .passkey = {.count = (uint32_t)pl_stmt_col_int(row, 8),
                    .may_backup = pl_stmt_col_int(row, 9) != 0,
                    .backed_up = pl_stmt_col_int(row, 10) != 0},
    };
    if (pl_store_column(row, 2, k.id, sizeof k.id) ||
        pl_store_column(row, 3, k.name, sizeof k.name) ||
        !copy_blob(row, 6, k.passkey.id, sizeof k.passkey.id, &k.passkey.id_n) ||
        !copy_blob(row, 7, k.passkey.key, sizeof k.passkey.key, &k.passkey.key_n))
        return PL_EIO;
    *out = k;
    return PL_OK;
}

static void bind_passkey(struct pl_stmt *stmt, const struct pl_kept_passkey *k)
{
    pl_stmt_begin(stmt);
    pl_stmt_text(stmt, 1, pl_str(k->id));
    pl_stmt_int(stmt, 2, k->account);
    pl_stmt_text(stmt, 3, pl_str(k->name));
    pl_stmt_int(stmt, 4, k->made_ms);
    pl_stmt_blob(stmt, 5, k->passkey.id, k->passkey.id_n);
    pl_stmt_blob(stmt, 6, k->passkey.key, k->passkey.key_n);
    pl_stmt_int(stmt, 7, k->passkey.count);
    pl_stmt_int(stmt, 8, k->passkey.may_backup);
    pl_stmt_int(stmt, 9, k->passkey.backed_up);
}

static enum pl_err check_room(struct pl_passkeys *p, int64_t account)
{
    pl_stmt_begin(p->count);
    pl_stmt_int(p->count, 1, account);
    enum pl_err e = pl_stmt_row(p->count);
    bool full = !e && pl_stmt_col_int(p->count, 0) >= PL_PASSKEYS_MAX;
    pl_stmt_end(p->count);
    return e ? PL_EIO : full ? PL_ELIMIT : PL_OK;
}

enum pl_err pl_passkeys_add(struct pl_passkeys *p, int64_t account, struct pl_str name,
                            const struct pl_passkey *passkey, int64_t now_ms,
                            struct pl_kept_passkey *out)
{
    struct pl_kept_passkey k = {.account = account, .made_ms = now_ms, .passkey = *passkey};
    struct pl_kept_passkey there;
    enum pl_err e = check_room(p, account);
    if (!e && pl_str_copy(name, k.name, sizeof k.name))
        e = PL_EIO;
    if (!e) {
        struct pl_account whose;
        e = pl_passkeys_find(p, (struct pl_str){(const char *)passkey->id, passkey->id_n}, &there,
                             &whose);
        e = e == PL_ENOENT ? PL_OK : e ? e : PL_EEXIST;
    }
    if (e)
        return e;
    e = PL_EEXIST;
    for (int tries = 0; e == PL_EEXIST && tries < STORE_ID_TRIES; tries++) {
        pl_store_make_id(p->store, k.id);
        bind_passkey(p->add, &k);
        e = pl_stmt_run(p->add);
    }
    if (e)
        return PL_EIO;
    k.number = pl_db_last_id(p->store->db);
    *out = k;
    return PL_OK;
}

enum pl_err pl_passkeys_find(struct pl_passkeys *p, struct pl_str credential,
                             struct pl_kept_passkey *out, struct pl_account *whose)
{
    struct pl_kept_passkey k;
    pl_stmt_begin(p->find);
    pl_stmt_blob(p->find, 1, credential.p, credential.n);
    enum pl_err e = pl_stmt_row(p->find);
    if (!e)
        e = read_passkey(p->find, &k);
    if (!e)
        e = pl_account_read(p->find, ACCOUNT_COLUMN, whose);
    e = pl_accounts_end(p->find, e);
    if (!e)
        *out = k;
    return e;
}

enum pl_err pl_passkeys_used(struct pl_passkeys *p, const struct pl_kept_passkey *used,
                             int64_t now_ms)
{
    pl_stmt_begin(p->used);
    pl_stmt_int(p->used, 1, used->number);
    pl_stmt_int(p->used, 2, now_ms);
    pl_stmt_int(p->used, 3, used->passkey.count);
    pl_stmt_int(p->used, 4, used->passkey.backed_up);
    return pl_stmt_run(p->used) ? PL_EIO : PL_OK;
}

enum pl_err pl_passkeys_list(struct pl_passkeys *p, int64_t account,
                             void (*each)(void *ctx, const struct pl_kept_passkey *passkey),
                             void *ctx)
{
    enum pl_err e;
    pl_stmt_begin(p->list);
    pl_stmt_int(p->list, 1, account);
    while ((e = pl_stmt_row(p->list)) == PL_OK) {
        struct pl_kept_passkey k;
        e = read_passkey(p->list, &k);
        if (e)
            break;
        each(ctx, &k);
    }
    e = pl_accounts_end(p->list, e);
    return e == PL_ENOENT ? PL_OK : e;
}

/* Can an administrator sign in? */
static enum pl_err check_ways(struct pl_passkeys *p, bool provider)
{
    pl_stmt_begin(p->ways);
    pl_stmt_int(p->ways, 1, provider);
    enum pl_err e = pl_stmt_row(p->ways);
    bool none = !e && pl_stmt_col_int(p->ways, 0) == 0;
    pl_stmt_end(p->ways);
    return e ? PL_EIO : none ? PL_ESTATE : PL_OK;
}

enum pl_err pl_passkeys_remove(struct pl_passkeys *p, const struct pl_account *account,
                               struct pl_str id, bool provider, struct pl_kept_passkey *out)
{
    struct pl_kept_passkey k;
    if (pl_db_begin(p->store->db))
        return PL_EIO;
    pl_stmt_begin(p->get);
    pl_stmt_int(p->get, 1, account->number);
    pl_stmt_text(p->get, 2, id);
    enum pl_err e = pl_stmt_row(p->get);
    if (!e)
        e = read_passkey(p->get, &k);
    e = pl_accounts_end(p->get, e);
    if (!e) {
        pl_stmt_begin(p->remove);
        pl_stmt_int(p->remove, 1, k.number);
        e = pl_stmt_run(p->remove) ? PL_EIO : PL_OK;
    }
    if (!e && account->administrator)
        e = check_ways(p, provider);
    if (e)
        pl_db_rollback(p->store->db);
    else if (pl_db_commit(p->store->db))
        e = PL_EIO;
    if (!e)
        *out = k;
    return e;
}

/* Links */

enum pl_err pl_enrolments_make(struct pl_passkeys *p, int64_t account, int64_t now_ms,
                               char token[PL_ENROLMENT_TOKEN_SIZE])
{
    uint8_t secret[32], hash[PL_SHA256_SIZE];
    char text[PL_ENROLMENT_TOKEN_SIZE] = "e.";
    p->store->random.fill(p->store->random.ctx, secret, sizeof secret);
    pl_base64url(secret, sizeof secret, text + 2);
    pl_sha256(text, strlen(text), hash);
    pl_stmt_begin(p->link);
    pl_stmt_int(p->link, 1, account);
    pl_stmt_blob(p->link, 2, hash, sizeof hash);
    pl_stmt_int(p->link, 3, now_ms + PL_ENROLMENT_LIFE_MS);
    enum pl_err e = pl_stmt_run(p->link) ? PL_EIO : PL_OK;
    if (!e)
        memcpy(token, text, sizeof text);
    pl_wipe(secret, sizeof secret);
    pl_wipe(text, sizeof text);
    return e;
}

enum pl_err pl_enrolments_find(struct pl_passkeys *p, struct pl_str token, int64_t now_ms,
                               struct pl_account *out)
{
    uint8_t hash[PL_SHA256_SIZE];
    struct pl_account a;
    pl_sha256(token.p, token.n, hash);
    pl_stmt_begin(p->linked);
    pl_stmt_blob(p->linked, 1, hash, sizeof hash);
    enum pl_err e = pl_stmt_row(p->linked);
    if (!e)
        e = pl_stmt_col_int(p->linked, 9) <= now_ms ? PL_ENOENT : pl_account_read(p->linked, 0, &a);
    e = pl_accounts_end(p->linked, e);
    if (!e)
        *out = a;
    return e;
}

enum pl_err pl_enrolments_use(struct pl_passkeys *p, struct pl_str token, struct pl_str name,
                              const struct pl_passkey *passkey, int64_t now_ms,
                              struct pl_kept_passkey *out)
{
    struct pl_account a;
    struct pl_kept_passkey k;
    if (pl_db_begin(p->store->db))
        return PL_EIO;
    enum pl_err e = pl_enrolments_find(p, token, now_ms, &a);
    if (!e) {
        pl_stmt_begin(p->unlink);
        pl_stmt_int(p->unlink, 1, a.number);
        e = pl_stmt_run(p->unlink) ? PL_EIO : PL_OK;
    }
    if (!e)
        e = pl_passkeys_add(p, a.number, name, passkey, now_ms, &k);
    if (e)
        pl_db_rollback(p->store->db);
    else if (pl_db_commit(p->store->db))
        e = PL_EIO;
    if (!e)
        *out = k;
    return e;
}
