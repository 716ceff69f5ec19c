/* The key of records: its file and its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/record_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char folder[64], path[96], why[PL_RECORD_KEY_WHY_SIZE];
    uint8_t next;
};

static void fill(void *ctx, uint8_t *out, size_t n)
{
    memset(out, ((struct fixture *)ctx)->next++, n);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    snprintf(f->folder, sizeof f->folder, "/tmp/parley-key-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/record.key", f->folder);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    unlink(f->path);
    assert_int_equal(rmdir(f->folder), 0);
    free(f);
    return 0;
}

static void its_name_is_the_host(void **state)
{
    static const struct {
        const char *url, *name;
    } rows[] = {
        {"https://Parley.Example.org", "parley.example.org"},
        {"https://parley.example.org:8443", "parley.example.org"},
        {"http://192.0.2.1:80", "192.0.2.1"},
        {"https://[2001:db8::1]:443", "2001:db8::1"},
        {"https://[2001:db8::1]", "2001:db8::1"},
        {"", "parley"},
        {"https://", "parley"},
    };
    struct fixture *f = *state;
    const struct pl_random random = {fill, f};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pl_record_key key;
        char origin[PL_RECORD_ORIGIN_SIZE], expected[PL_RECORD_ORIGIN_SIZE];
        pl_record_key_make(&key, rows[i].url, &random);
        assert_string_equal(key.id.name, rows[i].name);
        pl_record_origin(key.id.name, pl_str("bcdfghjkmn"), origin);
        snprintf(expected, sizeof expected, "%s/bcdfghjkmn", rows[i].name);
        assert_string_equal(origin, expected);
    }
}

/* Made once, for its owner alone; the next start has the same, whatever its URL is. */
static void it_is_made_once(void **state)
{
    struct fixture *f = *state;
    const struct pl_random random = {fill, f};
    struct pl_record_key first, second;
    struct stat s;
    assert_int_equal(pl_record_key_read(f->path, &first, f->why), PL_ENOENT);
    assert_int_equal(pl_record_key_open(f->path, "https://a.example", &random, &first, f->why),
                     PL_OK);
    assert_int_equal(stat(f->path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    assert_int_equal(pl_record_key_open(f->path, "https://b.example", &random, &second, f->why),
                     PL_OK);
    assert_string_equal(second.id.name, "a.example");
    assert_memory_equal(first.seed, second.seed, sizeof first.seed);
    assert_memory_equal(first.id.public, second.id.public, sizeof first.id.public);
}

/* One that is damaged is never made anew: what it signed would be nobody's. */
static void a_damaged_one_is_told(void **state)
{
    static const char *const wrong[] = {
        "", "\n", "PRIVATE+KEY+a+00000000+AQAA\n",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDF0\n",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n\n"};
    struct fixture *f = *state;
    const struct pl_random random = {fill, f};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct pl_record_key key;
        FILE *out = fopen(f->path, "w");
        assert_non_null(out);
        fputs(wrong[i], out);
        assert_int_equal(fclose(out), 0);
        assert_int_equal(pl_record_key_open(f->path, "", &random, &key, f->why), PL_EINVAL);
        assert_non_null(strstr(f->why, "record.key: not the key of records"));
    }
}

static void a_folder_that_refuses_is_told(void **state)
{
    struct fixture *f = *state;
    const struct pl_random random = {fill, f};
    struct pl_record_key key;
    assert_int_equal(pl_record_key_open("/nowhere/at/all", "", &random, &key, f->why), PL_EIO);
    assert_non_null(strstr(f->why, "/nowhere/at/all: not writable"));
    assert_int_equal(pl_record_key_read(f->folder, &key, f->why), PL_EIO);
}

static void write_next(struct fixture *f, const struct pl_record_key *key)
{
    char next[120];
    snprintf(next, sizeof next, "%s" PL_RECORD_KEY_NEXT, f->path);
    assert_int_equal(pl_record_key_write(next, key, f->why), PL_OK);
}

/* Whenever the power fails, the next start has the one key or the other. */
static void a_rotation_is_done_or_not(void **state)
{
    struct fixture *f = *state;
    const struct pl_random random = {fill, f};
    struct pl_record_key old, new, now;
    struct pl_buf bytes = {0}, other = {0};
    struct pl_note note;
    assert_int_equal(pl_record_key_open(f->path, "https://a.example", &random, &old, f->why),
                     PL_OK);
    assert_int_equal(pl_record_key_rotate(&old, &random, &new, &other), PL_OK);
    assert_int_equal(pl_record_key_rotate(&old, &random, &new, &bytes), PL_OK);
    struct pl_str rotation = {bytes.data, bytes.len};
    assert_int_equal(pl_note_parse(rotation, &note), PL_OK);
    struct pl_vkey key = pl_record_vkey(&old.id, pl_str("a.example"));
    assert_int_equal(pl_note_verify(&note, &key), PL_OK);
    assert_memory_equal(note.text.p, "parley key rotation v1\na.example\na.example+", 43);
    /* Not kept, or another one was. */
    const struct pl_str kept[] = {{0}, {other.data, other.len}};
    for (size_t i = 0; i < 2; i++) {
        write_next(f, &new);
        assert_int_equal(pl_record_key_settle(f->path, kept[i], f->why), PL_OK);
        assert_int_equal(pl_record_key_read(f->path, &now, f->why), PL_OK);
        assert_memory_equal(now.seed, old.seed, sizeof now.seed);
    }
    /* Kept: it is in force; nothing is left over, and the next time nothing happens. */
    write_next(f, &new);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pl_record_key_settle(f->path, rotation, f->why), PL_OK);
        assert_int_equal(pl_record_key_read(f->path, &now, f->why), PL_OK);
        assert_memory_equal(now.seed, new.seed, sizeof now.seed);
        assert_string_equal(now.id.name, "a.example");
    }
    pl_buf_free(&bytes);
    pl_buf_free(&other);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(its_name_is_the_host),      TEST(it_is_made_once),
        TEST(a_damaged_one_is_told),     TEST(a_folder_that_refuses_is_told),
        TEST(a_rotation_is_done_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
