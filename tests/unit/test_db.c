/* SQLite layer, small files, signals, random bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/db.h"
#include "io/entropy.h"
#include "io/file.h"
#include "io/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], path[128];

static int setup(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/test_db_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/db", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* --- Database --- */

static const char *const migrations[] = {
    ("CREATE TABLE seat (id TEXT PRIMARY KEY, votes INTEGER NOT NULL, key BLOB) STRICT;"
     "CREATE TABLE person (seat TEXT NOT NULL REFERENCES seat (id)) STRICT;"),
    "ALTER TABLE seat ADD COLUMN name TEXT;",
    "CREATE TABLE broken (; oops",
};

static struct pl_db *open_db(size_t n)
{
    struct pl_db *db;
    char why[200];
    assert_int_equal(pl_db_open(path, migrations, n, &db, why), PL_OK);
    return db;
}

static struct pl_stmt *prepare(struct pl_db *db, const char *sql)
{
    struct pl_stmt *s;
    assert_int_equal(pl_db_prepare(db, sql, &s), PL_OK);
    return s;
}

static enum pl_err add_seat(struct pl_stmt *s, const char *id, int64_t votes)
{
    pl_stmt_begin(s);
    pl_stmt_text(s, 1, pl_str(id));
    pl_stmt_int(s, 2, votes);
    pl_stmt_blob(s, 3, "\0\1\2", 3);
    return pl_stmt_run(s);
}

#define ADD "INSERT INTO seat (id, votes, key) VALUES (?, ?, ?)"

static void values_come_back(void **state)
{
    (void)state;
    struct pl_db *db = open_db(2);
    struct pl_stmt *add = prepare(db, ADD);
    assert_int_equal(add_seat(add, "NOR", 3), PL_OK);
    assert_int_equal(pl_db_changes(db), 1);
    assert_int_equal(pl_db_last_id(db), 1);
    assert_int_equal(add_seat(add, "DNK", INT64_MAX), PL_OK);
    assert_int_equal(add_seat(add, "NOR", 4), PL_EEXIST);
    assert_non_null(strstr(pl_db_message(db), "UNIQUE"));
    pl_db_close(db);

    db = open_db(2); /* it is in the file */
    struct pl_stmt *get = prepare(db, "SELECT id, votes, key, name FROM seat ORDER BY id");
    pl_stmt_begin(get);
    assert_int_equal(pl_stmt_row(get), PL_OK);
    assert_true(pl_str_eq(pl_stmt_col_text(get, 0), "DNK"));
    assert_int_equal(pl_stmt_col_int(get, 1), INT64_MAX);
    assert_int_equal(pl_stmt_row(get), PL_OK);
    struct pl_str key = pl_stmt_col_blob(get, 2);
    assert_int_equal(key.n, 3);
    assert_memory_equal(key.p, "\0\1\2", 3);
    assert_true(pl_stmt_col_null(get, 3));
    assert_int_equal(pl_stmt_col_text(get, 3).n, 0);
    assert_int_equal(pl_stmt_row(get), PL_ENOENT);
    pl_stmt_end(get);
    pl_db_close(db);
}

static void errors_have_their_kind(void **state)
{
    (void)state;
    struct pl_db *db = open_db(2);
    struct pl_stmt *add = prepare(db, ADD), *s;
    assert_int_equal(pl_db_prepare(db, "SELECT nothing", &s), PL_EINVAL);
    assert_int_equal(pl_db_exec(db, "INSERT INTO person VALUES ('XXX')"), PL_EINVAL);
    pl_stmt_begin(add);
    pl_stmt_text(add, 9, pl_str("no such place"));
    pl_stmt_text(add, 1, pl_str("SWE"));
    pl_stmt_int(add, 2, 1);
    assert_int_equal(pl_stmt_run(add), PL_EINVAL);
    pl_stmt_begin(add);
    pl_stmt_text(add, 1, pl_str("SWE"));
    pl_stmt_null(add, 2);
    assert_int_equal(pl_stmt_run(add), PL_EINVAL);
    assert_int_equal(add_seat(add, "SWE", 1), PL_OK);
    pl_db_close(db);
}

static int64_t count_seats(struct pl_db *db)
{
    struct pl_stmt *s = prepare(db, "SELECT count(*) FROM seat");
    assert_int_equal(pl_stmt_row(s), PL_OK);
    int64_t n = pl_stmt_col_int(s, 0);
    pl_stmt_end(s);
    return n;
}

static void transactions(void **state)
{
    (void)state;
    struct pl_db *db = open_db(2);
    struct pl_stmt *add = prepare(db, ADD);
    assert_int_equal(pl_db_commit(db), PL_ESTATE);
    pl_db_rollback(db);
    assert_int_equal(pl_db_begin(db), PL_OK);
    assert_int_equal(pl_db_begin(db), PL_ESTATE);
    assert_int_equal(add_seat(add, "NOR", 1), PL_OK);
    pl_db_rollback(db);
    assert_int_equal(count_seats(db), 0);
    assert_int_equal(pl_db_begin(db), PL_OK);
    assert_int_equal(add_seat(add, "NOR", 1), PL_OK);
    assert_int_equal(pl_db_commit(db), PL_OK);
    assert_int_equal(count_seats(db), 1);
    pl_db_close(db);
}

static void migrations_run_once(void **state)
{
    (void)state;
    struct pl_db *db = open_db(1);
    char why[200];
    assert_int_equal(pl_db_exec(db, "INSERT INTO seat VALUES ('NOR', 1, NULL)"), PL_OK);
    pl_db_close(db);
    db = open_db(2);
    assert_int_equal(pl_db_exec(db, "UPDATE seat SET name = 'Norway'"), PL_OK);
    assert_int_equal(pl_db_changes(db), 1);
    pl_db_close(db);

    db = NULL;
    assert_int_equal(pl_db_open(path, migrations, 3, &db, why), PL_EINVAL);
    assert_null(db);
    assert_non_null(strstr(why, path));
    assert_int_equal(pl_db_open(path, migrations, 1, &db, why), PL_EUNSUPPORTED);
    assert_non_null(strstr(why, "newer"));
    db = open_db(2); /* the broken one left nothing behind */
    pl_db_close(db);
}

static void reading_alone_sees_one_moment(void **state)
{
    (void)state;
    struct pl_db *db = open_db(2), *reader = NULL;
    char why[200];
    assert_int_equal(pl_db_exec(db, "INSERT INTO seat(id, votes) VALUES ('NOR', 1)"), PL_OK);
    assert_int_equal(pl_db_open_read(path, 2, &reader, why), PL_OK);
    assert_int_equal(pl_db_begin_read(reader), PL_OK);
    assert_int_equal(count_seats(reader), 1);
    assert_int_equal(pl_db_begin_read(reader), PL_ESTATE);
    assert_int_equal(pl_db_exec(db, "INSERT INTO seat(id, votes) VALUES ('DEN', 1)"), PL_OK);
    assert_int_equal(count_seats(db), 2);
    assert_int_equal(count_seats(reader), 1);
    assert_int_not_equal(pl_db_exec(reader, "DELETE FROM seat"), PL_OK);
    pl_db_rollback(reader);
    assert_int_equal(count_seats(reader), 2);
    pl_db_close(reader);

    reader = NULL;
    assert_int_equal(pl_db_open_read(path, 1, &reader, why), PL_EUNSUPPORTED);
    assert_non_null(strstr(why, "a newer version"));
    assert_int_equal(pl_db_open_read(path, 3, &reader, why), PL_EUNSUPPORTED);
    assert_non_null(strstr(why, "an older version"));
    assert_int_equal(pl_db_exec(db, "PRAGMA application_id = 1"), PL_OK);
    assert_int_equal(pl_db_open_read(path, 2, &reader, why), PL_EINVAL);
    assert_non_null(strstr(why, "another program"));
    pl_db_close(db);
    unlink(path);
    assert_int_equal(pl_db_open_read(path, 2, &reader, why), PL_EIO);
    assert_null(reader);
}

static void foreign_files_are_refused(void **state)
{
    (void)state;
    struct pl_db *db = NULL;
    char why[200], below[160];
    assert_int_equal(
        pl_file_write(path, "this is no database at all, not even a short one", 48, 0600), PL_OK);
    assert_int_equal(pl_db_open(path, migrations, 2, &db, why), PL_EINVAL);
    unlink(path);
    db = open_db(0);
    assert_int_equal(pl_db_exec(db, "PRAGMA application_id = 7"), PL_OK);
    pl_db_close(db);
    db = NULL;
    assert_int_equal(pl_db_open(path, migrations, 2, &db, why), PL_EINVAL);
    assert_non_null(strstr(why, "another program"));
    snprintf(below, sizeof below, "%s/missing/db", folder);
    assert_int_equal(pl_db_open(below, migrations, 2, &db, why), PL_EIO);
    assert_null(db);
}

/* --- Files --- */

static void files_are_replaced_whole(void **state)
{
    (void)state;
    struct pl_buf b = {0};
    struct stat s;
    assert_int_equal(pl_file_read(path, 10, &b), PL_ENOENT);
    umask(077);
    assert_int_equal(pl_file_write(path, "0123456789", 10, 0644), PL_OK);
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0644);
    assert_int_equal(pl_file_read(path, 10, &b), PL_OK);
    assert_string_equal(b.data, "0123456789");
    assert_int_equal(pl_file_read(path, 9, &b), PL_ELIMIT);
    assert_string_equal(b.data, "0123456789"); /* outputs on success only */
    assert_int_equal(pl_file_write(path, "", 0, 0600), PL_OK);
    assert_int_equal(pl_file_read(path, 0, &b), PL_OK);
    assert_string_equal(b.data, "");
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    pl_buf_free(&b);

    char below[160];
    snprintf(below, sizeof below, "%s/missing/x", folder);
    assert_int_equal(pl_file_write(below, "x", 1, 0600), PL_EIO);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(pl_file_write(folder, "x", 1, 0600), PL_EIO);
    assert_int_equal(pl_file_read(folder, 10, &b), PL_EIO);
}

static void folders_are_made(void **state)
{
    (void)state;
    char deep[160], long_path[5000];
    struct stat s;
    snprintf(deep, sizeof deep, "%s/a//b/c/", folder);
    assert_int_equal(pl_file_make_folder(deep), PL_OK);
    assert_int_equal(pl_file_make_folder(deep), PL_OK);
    assert_int_equal(stat(deep, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);
    assert_int_equal(pl_file_write(path, "", 0, 0600), PL_OK);
    assert_int_equal(pl_file_make_folder(path), PL_EIO);
    assert_int_equal(errno, ENOTDIR);
    memset(long_path, 'a', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = 0;
    assert_int_equal(pl_file_make_folder(long_path), PL_ETRUNC);
    assert_int_equal(pl_file_make_folder(""), PL_ETRUNC);
}

/* --- Signals, randomness --- */

static struct pl_loop *loop;
static int seen, sent;

static void on_signal(void *ctx, int signo, int value)
{
    assert_ptr_equal(ctx, &seen);
    seen = signo;
    sent = value;
    pl_loop_stop(loop);
}

static void signals_come_by_the_loop(void **state)
{
    (void)state;
    struct pl_signal *s;
    assert_int_equal(pl_loop_new(&loop), PL_OK);
    assert_int_equal(pl_signal_watch(loop, SIGTERM, on_signal, &seen, &s), PL_OK);
    kill(getpid(), SIGTERM);
    assert_int_equal(seen, 0);
    pl_loop_run(loop);
    assert_int_equal(seen, SIGTERM);
    assert_int_equal(sent, 0);
    assert_int_equal(sigqueue(getpid(), SIGTERM, (union sigval){.sival_int = -3}), 0);
    pl_loop_run(loop);
    assert_int_equal(sent, -3);
    pl_signal_free(s);
    pl_loop_free(loop);
}

static void random_bytes_differ(void **state)
{
    (void)state;
    struct pl_random r = pl_entropy();
    uint8_t a[600] = {0}, b[600] = {0};
    r.fill(r.ctx, a, sizeof a);
    r.fill(r.ctx, b, sizeof b);
    assert_memory_not_equal(a, b, 16);
    assert_memory_not_equal(a + 584, b + 584, 16);
}

/* What is under way meanwhile is not in it, and not lost. */
static void a_copy_is_of_one_moment(void **state)
{
    (void)state;
    struct pl_db *db = open_db(2);
    struct pl_stmt *add = prepare(db, ADD);
    char copy[200], why[200];
    struct stat s;
    snprintf(copy, sizeof copy, "%s/copy", folder);
    assert_int_equal(add_seat(add, "NOR", 1), PL_OK);
    assert_int_equal(pl_db_begin(db), PL_OK);
    assert_int_equal(add_seat(add, "SWE", 1), PL_OK);
    assert_int_equal(pl_db_copy(path, copy, why), PL_OK);
    assert_int_equal(pl_db_commit(db), PL_OK);
    assert_int_equal(count_seats(db), 2);
    assert_int_equal(pl_db_copy(path, copy, why), PL_EEXIST);
    pl_db_close(db);
    assert_int_equal(stat(copy, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    assert_int_equal(pl_db_open(copy, migrations, 2, &db, why), PL_OK); /* the same version */
    assert_int_equal(count_seats(db), 1);
    pl_db_close(db);
}

static void what_is_no_database_is_not_copied(void **state)
{
    (void)state;
    char copy[200], why[200];
    snprintf(copy, sizeof copy, "%s/copy", folder);
    assert_int_equal(pl_db_copy("/nowhere/at.all", copy, why), PL_EIO);
    assert_int_equal(pl_file_write(path, "text", 4, 0600), PL_OK);
    assert_int_equal(pl_db_copy(path, copy, why), PL_EINVAL);
    assert_non_null(strstr(why, path));
    assert_null(strchr(why, '\n'));
    assert_int_not_equal(access(copy, F_OK), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_come_back),
        TEST(errors_have_their_kind),
        TEST(transactions),
        TEST(migrations_run_once),
        TEST(reading_alone_sees_one_moment),
        TEST(a_copy_is_of_one_moment),
        TEST(what_is_no_database_is_not_copied),
        TEST(foreign_files_are_refused),
        TEST(files_are_replaced_whole),
        TEST(folders_are_made),
        TEST(signals_come_by_the_loop),
        TEST(random_bytes_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
