/* CBOR in the one form that authenticators write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hex.h"
#include "identity/cbor.h"

static void cbor_is_read_in_one_form(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        bool good;
    } rows[] = {
        {"00", true},
        {"17", true},
        {"1818", true},
        {"1817", false},
        {"190100", true},
        {"1900ff", false},
        {"1a00010000", true},
        {"1a0000ffff", false},
        {"1b0000000100000000", true},
        {"1b00000000ffffffff", false},
        {"1c", false},
        {"1f", false},
        {"5f4100ff", false},
        {"9fff", false},
        {"bfff", false},
        {"40", true},
        {"4100", true},
        {"4200", false},
        {"5bffffffffffffffff", false},
        {"80", true},
        {"8100", true},
        {"81", false},
        {"a10000", true},
        {"a100", false},
        {"9bffffffffffffffff", false},
        {"bbffffffffffffffff", false},
        {"c000", true},
        {"c0", false},
        {"f4", true},
        {"f820", true},
        {"f818", false},
        {"f90000", true},
        {"fa00000000", true},
        {"fb0000000000000000", true},
        {"", false},
        {"8181818100", true},
        {"818181818100", false},
        {"a100a100a100a10000", true},
        {"a100a100a100a100a10000", false},
        {"8381008102c103", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[32];
        size_t n = unhex(rows[i].hex, bytes, sizeof bytes);
        struct pl_reader r = pl_reader(bytes, n);
        bool good = pl_cbor_skip(&r);
        if (good != rows[i].good || (good && pl_reader_left(&r)))
            fail_msg("%s", rows[i].hex);
    }
}

static void cbor_numbers_have_their_sign(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        bool good;
        int32_t value;
    } rows[] = {
        {"00", true, 0},          {"26", true, -7},
        {"390100", true, -257},   {"1a7fffffff", true, INT32_MAX},
        {"1a80000000", false, 0}, {"3a7fffffff", true, INT32_MIN},
        {"3a80000000", false, 0}, {"40", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[32];
        struct pl_cbor item;
        int32_t value = 0;
        struct pl_reader r = pl_reader(bytes, unhex(rows[i].hex, bytes, sizeof bytes));
        assert_true(pl_cbor_next(&r, &item));
        assert_int_equal(pl_cbor_int(&item, &value), rows[i].good);
        assert_int_equal(value, rows[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cbor_is_read_in_one_form),
        cmocka_unit_test(cbor_numbers_have_their_sign),
    };
    return cmocka_run_group_tests_name("cbor", tests, NULL, NULL);
}
