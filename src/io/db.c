/* SQLite behind pl_err. See db.h. */
#include "io/db.h"

#include "base/list.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pl_db {
    sqlite3 *sql;
    struct pl_list statements;
    int failed; /* SQLite's code of the last failure */
};

struct pl_stmt {
    struct pl_db *db;
    struct pl_list node;
    sqlite3_stmt *sql;
    int error; /* the first of binding, told by the run */
};

static enum pl_err map_error(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
        return PL_OK;
    case SQLITE_DONE:
        return PL_ENOENT;
    case SQLITE_NOMEM:
        return PL_ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return PL_EAGAIN;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                       code == SQLITE_CONSTRAINT_ROWID
                   ? PL_EEXIST
                   : PL_EINVAL;
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_MISUSE:
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return PL_EINVAL;
    default:
        return PL_EIO; /* full, read-only, cannot open, … */
    }
}

static enum pl_err noted(struct pl_db *db, int code)
{
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        db->failed = code;
    return map_error(code);
}

const char *pl_db_failure(const struct pl_db *db)
{
    return sqlite3_errstr(db->failed);
}

const char *pl_db_message(const struct pl_db *db)
{
    return sqlite3_errmsg(db->sql);
}

enum pl_err pl_db_exec(struct pl_db *db, const char *sql)
{
    return noted(db, sqlite3_exec(db->sql, sql, NULL, NULL, NULL));
}

/* --- Transactions --- */

enum pl_err pl_db_begin(struct pl_db *db)
{
    if (!sqlite3_get_autocommit(db->sql))
        return PL_ESTATE;
    return pl_db_exec(db, "BEGIN IMMEDIATE");
}

enum pl_err pl_db_begin_read(struct pl_db *db)
{
    if (!sqlite3_get_autocommit(db->sql))
        return PL_ESTATE;
    return pl_db_exec(db, "BEGIN");
}

enum pl_err pl_db_commit(struct pl_db *db)
{
    if (sqlite3_get_autocommit(db->sql))
        return PL_ESTATE;
    enum pl_err e = pl_db_exec(db, "COMMIT");
    if (e != PL_OK)
        pl_db_rollback(db);
    return e;
}

void pl_db_rollback(struct pl_db *db)
{
    if (!sqlite3_get_autocommit(db->sql))
        (void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
}

/* --- Opening --- */

static enum pl_err pragma_int(struct pl_db *db, const char *sql, int64_t *out)
{
    struct pl_stmt *s;
    enum pl_err e = pl_db_prepare(db, sql, &s);
    if (e != PL_OK)
        return e;
    e = pl_stmt_row(s);
    if (e == PL_OK)
        *out = pl_stmt_col_int(s, 0);
    pl_stmt_end(s);
    return e;
}

static enum pl_err migrate(struct pl_db *db, const char *script, size_t version)
{
    char set[64];
    snprintf(set, sizeof set, "PRAGMA user_version = %zu", version);
    enum pl_err e = pl_db_begin(db);
    if (e == PL_OK)
        e = pl_db_exec(db, script);
    if (e == PL_OK)
        e = pl_db_exec(db, set);
    if (e == PL_OK)
        return pl_db_commit(db);
    return e;
}

/* A file of another program is not touched: its application_id is another, or it has tables and
 * none. */
static enum pl_err claim(struct pl_db *db, int64_t *version, char why[200])
{
    int64_t id, tables;
    enum pl_err e = pragma_int(db, "PRAGMA application_id", &id);
    if (e == PL_OK)
        e = pragma_int(db, "PRAGMA user_version", version);
    if (e == PL_OK)
        e = pragma_int(db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (e != PL_OK)
        return e;
    if (id == PL_DB_APPLICATION_ID)
        return PL_OK;
    if (id != 0 || tables != 0 || *version != 0) {
        snprintf(why, 200, "a database of another program");
        return PL_EINVAL;
    }
    char set[64];
    snprintf(set, sizeof set, "PRAGMA application_id = %d", PL_DB_APPLICATION_ID);
    return pl_db_exec(db, set);
}

static enum pl_err prepare_file(struct pl_db *db, const char *const *migrations, size_t n,
                                char why[200])
{
    int64_t version;
    enum pl_err e = claim(db, &version, why);
    if (e == PL_OK)
        e = pl_db_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                           "PRAGMA foreign_keys = ON");
    if (e != PL_OK)
        return e;
    if (version < 0 || (uint64_t)version > n) {
        snprintf(why, 200, "made by a newer version of Parley (schema %lld, known %zu)",
                 (long long)version, n);
        return PL_EUNSUPPORTED;
    }
    for (size_t i = (size_t)version; e == PL_OK && i < n; i++)
        e = migrate(db, migrations[i], i + 1);
    return e;
}

static enum pl_err open_file(const char *path, int flags, struct pl_db **out)
{
    struct pl_db *db = calloc(1, sizeof *db);
    if (!db)
        return PL_ENOMEM;
    pl_list_init(&db->statements);
    enum pl_err e = map_error(sqlite3_open_v2(path, &db->sql, flags | SQLITE_OPEN_NOMUTEX, NULL));
    if (e == PL_OK) {
        sqlite3_extended_result_codes(db->sql, 1);
        sqlite3_busy_timeout(db->sql, PL_DB_BUSY_MS);
    }
    *out = db;
    return e;
}

/* Closes what could not be opened, and says why. */
static enum pl_err give_up(const char *path, struct pl_db *db, enum pl_err e, const char *reason,
                           char why[200])
{
    const char *cause = reason[0] ? reason : db && db->sql ? pl_db_message(db) : "no memory";
    snprintf(why, 200, "%.90s: %.100s", path, cause);
    pl_db_close(db);
    return e;
}

enum pl_err pl_db_open(const char *path, const char *const *migrations, size_t n,
                       struct pl_db **out, char why[200])
{
    struct pl_db *db = NULL;
    char reason[200] = "";
    enum pl_err e = open_file(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db);
    if (e == PL_OK)
        e = prepare_file(db, migrations, n, reason);
    if (e != PL_OK)
        return give_up(path, db, e, reason, why);
    *out = db;
    return PL_OK;
}

static enum pl_err check_file(struct pl_db *db, size_t version, char why[200])
{
    int64_t id, is;
    enum pl_err e = pragma_int(db, "PRAGMA application_id", &id);
    if (e == PL_OK)
        e = pragma_int(db, "PRAGMA user_version", &is);
    if (e != PL_OK)
        return e;
    if (id != PL_DB_APPLICATION_ID) {
        snprintf(why, 200, "a database of another program");
        return PL_EINVAL;
    }
    if (is == (int64_t)version)
        return PL_OK;
    snprintf(why, 200, "made by %s version of Parley (schema %lld, known %zu)",
             is > (int64_t)version ? "a newer" : "an older", (long long)is, version);
    return PL_EUNSUPPORTED;
}

enum pl_err pl_db_open_read(const char *path, size_t version, struct pl_db **out, char why[200])
{
    struct pl_db *db = NULL;
    char reason[200] = "";
    enum pl_err e = open_file(path, SQLITE_OPEN_READONLY, &db);
    if (e == PL_OK)
        e = check_file(db, version, reason);
    /* To read in WAL mode, too, SQLite makes a file beside it. */
    if (e != PL_OK && db && (db->failed & 0xff) == SQLITE_CANTOPEN && access(path, R_OK) == 0)
        snprintf(reason, sizeof reason,
                 "its folder cannot be written to, which SQLite needs even to read: copy it");
    if (e != PL_OK)
        return give_up(path, db, e, reason, why);
    *out = db;
    return PL_OK;
}

static enum pl_err check_whole(struct pl_db *db, char why[200])
{
    struct pl_stmt *s;
    enum pl_err e = pl_db_prepare(db, "PRAGMA integrity_check(1)", &s);
    if (e == PL_OK)
        e = pl_stmt_row(s);
    if (e != PL_OK)
        return e;
    struct pl_str said = pl_stmt_col_text(s, 0);
    if (!pl_str_eq(said, "ok")) {
        snprintf(why, 200, "damaged: %.*s", (int)(said.n < 80 ? said.n : 80), said.p);
        for (char *c = why; *c; c++)
            *c = *c == '\n' ? ' ' : *c; /* one line */
        e = PL_EINVAL;
    }
    pl_stmt_end(s);
    return e;
}

static enum pl_err copy_into(struct pl_db *db, const char *path, char why[200])
{
    struct pl_stmt *s;
    int64_t id;
    enum pl_err e = pragma_int(db, "PRAGMA application_id", &id);
    if (e == PL_OK && id != PL_DB_APPLICATION_ID) {
        snprintf(why, 200, "a database of another program");
        e = PL_EINVAL;
    }
    if (e == PL_OK)
        e = check_whole(db, why);
    if (e == PL_OK)
        e = pl_db_prepare(db, "VACUUM INTO ?1", &s);
    if (e != PL_OK)
        return e;
    pl_stmt_begin(s);
    pl_stmt_text(s, 1, pl_str(path));
    return pl_stmt_run(s);
}

enum pl_err pl_db_copy(const char *from, const char *to, char why[200])
{
    struct pl_db *db = NULL;
    char tmp[PATH_MAX], reason[200] = "";
    enum pl_err e = open_file(from, SQLITE_OPEN_READONLY, &db);
    if (e != PL_OK)
        return give_up(from, db, e, reason, why);
    int n = snprintf(tmp, sizeof tmp, "%s.XXXXXX", to), fd = -1;
    if (n > 0 && (size_t)n < sizeof tmp)
        fd = mkostemp(tmp, O_CLOEXEC); /* 0600, and empty: SQLite fills it */
    if (fd < 0) {
        snprintf(why, 200, "%.90s: %.100s", to, strerror(errno));
        pl_db_close(db);
        return PL_EIO;
    }
    close(fd);
    e = copy_into(db, tmp, reason);
    if (e != PL_OK) {
        unlink(tmp);
        return give_up(from, db, e, reason, why);
    }
    pl_db_close(db);
    e = pl_file_publish(tmp, to);
    if (e != PL_OK) {
        snprintf(why, 200, "%.90s: %.100s", to, strerror(errno));
        unlink(tmp);
    }
    return e;
}

static void free_statement(struct pl_stmt *s)
{
    pl_list_remove(&s->node);
    sqlite3_finalize(s->sql);
    free(s);
}

void pl_db_close(struct pl_db *db)
{
    if (!db)
        return;
    pl_list_each (struct pl_stmt, s, &db->statements, node)
        free_statement(s);
    sqlite3_close(db->sql);
    free(db);
}

/* --- Statements --- */

enum pl_err pl_db_prepare(struct pl_db *db, const char *sql, struct pl_stmt **out)
{
    struct pl_stmt *s = calloc(1, sizeof *s);
    if (!s)
        return PL_ENOMEM;
    int code = sqlite3_prepare_v3(db->sql, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->sql, NULL);
    if (code != SQLITE_OK) {
        free(s);
        return map_error(code);
    }
    s->db = db;
    pl_list_push(&db->statements, &s->node);
    *out = s;
    return PL_OK;
}

void pl_stmt_begin(struct pl_stmt *s)
{
    pl_stmt_end(s);
    s->error = SQLITE_OK;
}

static void bound(struct pl_stmt *s, int code)
{
    if (s->error == SQLITE_OK)
        s->error = code;
}

/* A NULL pointer would bind NULL; an empty text is meant. */
void pl_stmt_text(struct pl_stmt *s, int place, struct pl_str text)
{
    bound(s, sqlite3_bind_text64(s->sql, place, text.p ? text.p : "", text.n, SQLITE_STATIC,
                                 SQLITE_UTF8));
}

void pl_stmt_blob(struct pl_stmt *s, int place, const void *bytes, size_t n)
{
    bound(s, sqlite3_bind_blob64(s->sql, place, bytes ? bytes : "", n, SQLITE_STATIC));
}

void pl_stmt_int(struct pl_stmt *s, int place, int64_t value)
{
    bound(s, sqlite3_bind_int64(s->sql, place, value));
}

void pl_stmt_null(struct pl_stmt *s, int place)
{
    bound(s, sqlite3_bind_null(s->sql, place));
}

enum pl_err pl_stmt_row(struct pl_stmt *s)
{
    return noted(s->db, s->error != SQLITE_OK ? s->error : sqlite3_step(s->sql));
}

enum pl_err pl_stmt_run(struct pl_stmt *s)
{
    enum pl_err e = pl_stmt_row(s);
    pl_stmt_end(s);
    return e == PL_ENOENT ? PL_OK : e;
}

/* Values are unbound as well: they are borrowed, and may be gone from now on. */
void pl_stmt_end(struct pl_stmt *s)
{
    sqlite3_reset(s->sql);
    sqlite3_clear_bindings(s->sql);
}

int64_t pl_stmt_col_int(struct pl_stmt *s, int column)
{
    return sqlite3_column_int64(s->sql, column);
}

bool pl_stmt_col_null(struct pl_stmt *s, int column)
{
    return sqlite3_column_type(s->sql, column) == SQLITE_NULL;
}

struct pl_str pl_stmt_col_text(struct pl_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s->sql, column);
    return text ? (struct pl_str){text, (size_t)sqlite3_column_bytes(s->sql, column)}
                : (struct pl_str){"", 0};
}

struct pl_str pl_stmt_col_blob(struct pl_stmt *s, int column)
{
    const char *bytes = sqlite3_column_blob(s->sql, column);
    return bytes ? (struct pl_str){bytes, (size_t)sqlite3_column_bytes(s->sql, column)}
                 : (struct pl_str){"", 0};
}

int64_t pl_db_last_id(const struct pl_db *db)
{
    return sqlite3_last_insert_rowid(db->sql);
}

int64_t pl_db_changes(const struct pl_db *db)
{
    return sqlite3_changes64(db->sql);
}
