/* RED's headers: blocks, their limit, other payload types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "payloads.h"
#include "proto/red.h"

static void blocks(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        enum pl_err err;
        struct pl_red want;
    } rows[] = {
        {"", PL_ETRUNC, {0}},
        {"6f", PL_OK, {1, 1, 1}},
        {"6f aa bb", PL_OK, {1, 1, 1}},
        /* 960 ticks before, two bytes; then the packet itself */
        {"ef 0f0002 6f 1111 aabb", PL_OK, {2, 5, 7}},
        {"ef 0f0002 6f 1111", PL_OK, {2, 5, 7}},
        {"ef 0f0002 6f 11", PL_ETRUNC, {0}},
        {"ef 0f0002", PL_ETRUNC, {0}},
        {"ef 0f00", PL_ETRUNC, {0}},
        {"ef 1e0001 ef 0f0002 6f 11 2222 aa", PL_OK, {3, 9, 12}},
        {"ef 0f0000 6f aa", PL_OK, {2, 5, 5}},
        {"ef ffffff 6f aa", PL_ETRUNC, {0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[64];
        size_t n = unhex(rows[i].hex, bytes, sizeof bytes);
        struct pl_red got = {0};
        uint8_t *copy = exact_copy(bytes, n);
        assert_int_equal(pl_red_parse(copy, n, &got), rows[i].err);
        free(copy);
        assert_int_equal(got.n_blocks, rows[i].want.n_blocks);
        assert_int_equal(got.headers_len, rows[i].want.headers_len);
        assert_int_equal(got.primary_at, rows[i].want.primary_at);
    }
}

static void no_more_blocks_than_the_limit(void **state)
{
    (void)state;
    uint8_t bytes[4 * PL_RED_BLOCKS_MAX + 1] = {0};
    struct pl_red red;
    for (size_t i = 0; i < PL_RED_BLOCKS_MAX; i++)
        bytes[4 * i] = 0xef;
    assert_int_equal(pl_red_parse(bytes, sizeof bytes, &red), PL_ELIMIT);
    assert_int_equal(pl_red_parse(bytes + 4, sizeof bytes - 4, &red), PL_OK);
    assert_int_equal(red.n_blocks, PL_RED_BLOCKS_MAX);
    assert_int_equal(red.headers_len, PL_RED_HEADERS_MAX);
}

static void headers_under_another_name(void **state)
{
    (void)state;
    uint8_t bytes[64], want[64], out[PL_RED_HEADERS_MAX];
    struct pl_red red;
    size_t n = unhex("ef 1e0001 ef 0f0002 6f 11 2222 aa", bytes, sizeof bytes);
    size_t n_want = unhex("ed 1e0001 ed 0f0002 6d", want, sizeof want);
    assert_int_equal(pl_red_parse(bytes, n, &red), PL_OK);
    assert_int_equal(pl_red_write_headers(&red, bytes, 109, out), n_want);
    assert_memory_equal(out, want, n_want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks),
        cmocka_unit_test(no_more_blocks_than_the_limit),
        cmocka_unit_test(headers_under_another_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
