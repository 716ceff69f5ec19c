/* The numbers in a descriptor, written anew whatever the codec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "payloads.h"

static void numbers_are_replaced(void **state)
{
    (void)state;
    static const struct {
        enum pl_codec codec;
        const char *payload, *want; /* with picture id 0x1234 and TL0PICIDX 0xcd */
        size_t replaces;
    } rows[] = {
        {PL_VP8, "10 00", "", 0},
        {PL_VP8, "90 80 7f 01", "90 80 9234", 3},
        {PL_VP8, "90 80 8005 01", "90 80 9234", 4},
        {PL_VP8, "90 40 01 01", "90 40 cd", 3},
        {PL_VP8, "90 e0 8005 01 20 00", "90 e0 9234 cd", 5},
        {PL_VP8, "90 e0 05 01 20 00", "90 e0 9234 cd", 4},
        {PL_VP9, "08 00", "", 0},
        {PL_VP9, "88 05 00", "88 9234", 2},
        {PL_VP9, "a8 8005 50 01 00", "a8 9234 50 cd", 5},
        {PL_VP9, "a8 05 50 01 00", "a8 9234 50 cd", 4},
        {PL_VP9, "28 50 01 00", "28 50 cd", 3},
        {PL_VP9, "f8 8005 20 02 00", "f8 9234", 3},
        {PL_AV1, "18 0800", "", 0},
        {PL_H264, "6588", "", 0},
        {PL_OPUS, "f800", "", 0},
        {PL_RED, "6f f800", "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t payload[64], want[64], out[PL_DESCRIPTOR_MAX];
        struct pl_descriptor d;
        size_t replaces, n = unhex(rows[i].payload, payload, sizeof payload);
        size_t n_want = unhex(rows[i].want, want, sizeof want);
        assert_int_equal(read_exactly(rows[i].codec, payload, n, &d), PL_OK);
        assert_int_equal(pl_descriptor_write(&d, payload, 0x1234, 0xcd, out, &replaces), n_want);
        assert_memory_equal(out, want, n_want);
        assert_int_equal(replaces, rows[i].replaces);
    }
}

static void frame_rates_go_up_where_the_stream_allows_it(void **state)
{
    (void)state;
    static const struct {
        enum pl_codec codec;
        struct pl_descriptor frame;
        unsigned had, up_to;
    } rows[] = {
        {PL_VP8, {.key_start = true}, 0, 7},
        {PL_VP8, {.temporal_id = 0, .switch_up = true}, 0, 0}, /* says nothing */
        {PL_VP8, {.temporal_id = 1, .switch_up = true}, 0, 1},
        {PL_VP8, {.temporal_id = 1}, 0, 0},
        {PL_VP8, {.temporal_id = 2, .switch_up = true}, 0, 0}, /* id 1 may refer to an earlier 1 */
        {PL_VP8, {.temporal_id = 2, .switch_up = true}, 1, 2},
        {PL_VP8, {.temporal_id = 1, .switch_up = true}, 1, 1},
        {PL_VP9, {.temporal_id = 0, .switch_up = true}, 0, 7},
        {PL_VP9, {.temporal_id = 0}, 0, 0},
        {PL_VP9, {.temporal_id = 1, .switch_up = true}, 0, 0}, /* it may refer to an earlier 1 */
        {PL_AV1, {.temporal_id = 1, .switch_up = true}, 1, 7},
        {PL_H264, {.temporal_id = 0}, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(pl_descriptor_up_to(rows[i].codec, &rows[i].frame, rows[i].had),
                         rows[i].up_to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_replaced),
        cmocka_unit_test(frame_rates_go_up_where_the_stream_allows_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
