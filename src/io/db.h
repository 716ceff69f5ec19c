/* A thin layer over SQLite 3: one connection, statements prepared once, errors as pl_err. Belongs
 * to the thread that opened it. */
#ifndef PL_IO_DB_H
#define PL_IO_DB_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_db;
struct pl_stmt;

#define PL_DB_BUSY_MS 5000 /* how long to wait for another process's lock (a backup, sqlite3) */
#define PL_DB_APPLICATION_ID 0x50524c59 /* "PRLY": file(1) and we tell our files by it */

/* Opens or makes the file: WAL, synchronous=FULL (a commit survives a power cut), foreign keys on.
 * `migrations` are n SQL scripts; those from the file's user_version on are run, each in a
 * transaction of its own with the new user_version. On failure `why` says in one line what and why.
 * PL_EIO: the system refuses; PL_EINVAL: not a database, or one of another program, or damaged;
 * PL_EUNSUPPORTED: made by a newer version (user_version > n); PL_EAGAIN: locked by another
 * process; PL_ENOMEM. */
enum pl_err pl_db_open(const char *path, const char *const *migrations, size_t n,
                       struct pl_db **out, char why[200]) PL_CHECKED;
/* Opens the file to read it alone, also while another process writes to it. `version` is the
 * schema's; a file of an older one is refused too: PL_EUNSUPPORTED. Else as pl_db_open; PL_EIO:
 * there is none. */
enum pl_err pl_db_open_read(const char *path, size_t version, struct pl_db **out,
                            char why[200]) PL_CHECKED;
/* Copies a database of ours, whole and as it is at one moment, while others use it; the copy is
 * checked, durable, and for its owner's eyes alone. PL_EEXIST: there is a file of that name; others
 * as of pl_db_open. */
enum pl_err pl_db_copy(const char *from, const char *to, char why[200]) PL_CHECKED;
void pl_db_close(struct pl_db *db); /* frees its statements too; NULL is fine */

/* The last error in SQLite's words; borrowed until the next call. */
const char *pl_db_message(const struct pl_db *db);

/* What the last failure was, whatever came after it: "database or disk is full". Static. */
const char *pl_db_failure(const struct pl_db *db);

/* Transactions do not nest: PL_ESTATE. Rollback cannot fail; outside a transaction it does nothing.
 */
enum pl_err pl_db_begin(struct pl_db *db) PL_CHECKED;  /* BEGIN IMMEDIATE */
enum pl_err pl_db_commit(struct pl_db *db) PL_CHECKED; /* rolled back if it fails */
void pl_db_rollback(struct pl_db *db);

/* All that is read from here to the rollback is of one moment. */
enum pl_err pl_db_begin_read(struct pl_db *db) PL_CHECKED;

/* Runs SQL without results, several statements too. */
enum pl_err pl_db_exec(struct pl_db *db, const char *sql) PL_CHECKED;

/* One statement, prepared once and used again and again; freed with its database. The usual way:
 *
 *     pl_stmt_begin(s);              resets it and clears its values
 *     pl_stmt_text(s, 1, id);        values by place, from 1; an error is kept for the run
 *     while ((e = pl_stmt_row(s)) == PL_OK)
 *         … pl_stmt_col_int(s, 0) …  columns by place, from 0
 *     pl_stmt_end(s);                PL_ENOENT was the end of the rows
 */
enum pl_err pl_db_prepare(struct pl_db *db, const char *sql, struct pl_stmt **out) PL_CHECKED;
void pl_stmt_begin(struct pl_stmt *s);
void pl_stmt_text(struct pl_stmt *s, int place, struct pl_str text);
void pl_stmt_blob(struct pl_stmt *s, int place, const void *bytes, size_t n);
void pl_stmt_int(struct pl_stmt *s, int place, int64_t value);
void pl_stmt_null(struct pl_stmt *s, int place);

/* Values are borrowed, until pl_stmt_end or the next pl_stmt_begin. PL_OK: a row; PL_ENOENT: no
 * more rows; PL_EEXIST: a uniqueness constraint; PL_EINVAL: another constraint, or a wrong place;
 * PL_EAGAIN: locked; PL_EIO; PL_ENOMEM. */
enum pl_err pl_stmt_row(struct pl_stmt *s) PL_CHECKED;

/* For statements without rows: runs and ends. PL_OK, or an error as above, never PL_ENOENT. */
enum pl_err pl_stmt_run(struct pl_stmt *s) PL_CHECKED;
void pl_stmt_end(struct pl_stmt *s); /* so that it holds no lock */

int64_t pl_stmt_col_int(struct pl_stmt *s, int column);
bool pl_stmt_col_null(struct pl_stmt *s, int column);
struct pl_str pl_stmt_col_text(struct pl_stmt *s, int column); /* until the next row */
struct pl_str pl_stmt_col_blob(struct pl_stmt *s, int column); /* until the next row */

int64_t pl_db_last_id(const struct pl_db *db);
int64_t pl_db_changes(const struct pl_db *db); /* rows that the last statement touched */

#endif
