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
        assert_string_equal(key.name, rows[i].name);
        pl_record_origin(&key, "bcdfghjkmn", origin);
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
    assert_string_equal(second.name, "a.example");
    assert_memory_equal(first.seed, second.seed, sizeof first.seed);
    assert_memory_equal(first.public, second.public, sizeof first.public);
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

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(its_name_is_the_host),
        TEST(it_is_made_once),
        TEST(a_damaged_one_is_told),
        TEST(a_folder_that_refuses_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
