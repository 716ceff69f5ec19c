/* The VP8 payload descriptor: its fields, key frames and their size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "payloads.h"

#define ID(at, len, id) .picture_id_at = at, .picture_id_len = len, .picture_id = id

static void descriptors(void **state)
{
    (void)state;
    static const struct payload_row rows[] = {
        {"", PL_ETRUNC, {0}},
        {"00", PL_ETRUNC, {0}}, /* no payload */
        {"90", PL_ETRUNC, {0}},
        {"00 01", PL_OK, {0}},
        {"10 01", PL_OK, {0}},
        {"10 00", PL_OK, {.key_start = true}},
        {"11 00", PL_OK, {0}},                 /* not the first partition */
        {"00 00", PL_OK, {0}},                 /* not the first packet */
        {"58 00", PL_OK, {.key_start = true}}, /* reserved bits are ignored */
        {"90 0f 01", PL_OK, {0}},
        {"90 80 7f 01", PL_OK, {ID(2, 1, 127)}},
        {"90 80 7f", PL_ETRUNC, {0}},
        {"90 80 80 05 01", PL_OK, {ID(2, 2, 5)}},
        {"90 80 ff ff 01", PL_OK, {ID(2, 2, 0x7fff)}},
        {"90 40 fe 01", PL_OK, {.tl0_at = 2, .tl0 = 254}},
        {"90 20 ff 01", PL_OK, {.temporal_id = 3, .switch_up = true}},
        {"90 20 40 01", PL_OK, {.temporal_id = 1}},
        {"90 10 ff 01", PL_OK, {0}}, /* KEYIDX alone: neither TID nor Y */
        {"90 30 5f 01", PL_OK, {.temporal_id = 1}},
        /* As Chromium sends it, one layer of simulcast. */
        {"90 e0 92 34 07 20 00",
         PL_OK,
         {.key_start = true, .switch_up = true, ID(2, 2, 0x1234), .tl0_at = 4, .tl0 = 7}},
    };
    assert_payloads(PL_VP8, rows, sizeof rows / sizeof *rows);
}

static void sizes_of_key_frames(void **state)
{
    (void)state;
    static const struct payload_row rows[] = {
        /* frame tag, start code, 14 bits of width and height, two of scale */
        {"10 10 02 00 9d 01 2a 80 02 e0 01",
         PL_OK,
         {.key_start = true, .width = 640, .height = 480}},
        {"10 10 02 00 9d 01 2a 80 c2 e0 41",
         PL_OK,
         {.key_start = true, .width = 640, .height = 480}},
        {"10 10 02 00 9d 01 2a 80 02 e0", PL_OK, {.key_start = true}},
        {"10 10 02 00 9c 01 2a 80 02 e0 01", PL_OK, {.key_start = true}},
        {"10 10 02 00 9d 00 2a 80 02 e0 01", PL_OK, {.key_start = true}},
        {"10 10 02 00 9d 01 2b 80 02 e0 01", PL_OK, {.key_start = true}},
        {"10 11 02 00 9d 01 2a 80 02 e0 01", PL_OK, {0}}, /* no key frame */
    };
    assert_payloads(PL_VP8, rows, sizeof rows / sizeof *rows);
}

/* What lies beyond the ten bytes in clear is ciphertext: it changes nothing. */
static void nothing_beyond_ten_bytes_counts(void **state)
{
    (void)state;
    uint8_t bytes[64] = {0x90, 0x80, 0x81, 0x23, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 64, 0, 48, 0};
    struct pl_descriptor whole, d;
    assert_int_equal(read_exactly(PL_VP8, bytes, sizeof bytes, &whole), PL_OK);
    assert_true(whole.width == 64 && whole.height == 48);
    for (size_t n = 14; n < sizeof bytes; n++) {
        memset(bytes + 14, (int)n, sizeof bytes - 14);
        assert_int_equal(read_exactly(PL_VP8, bytes, n, &d), PL_OK);
        assert_true(same_descriptor(&d, &whole));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors),
        cmocka_unit_test(sizes_of_key_frames),
        cmocka_unit_test(nothing_beyond_ten_bytes_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
