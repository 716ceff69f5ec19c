/* H.264 payloads: which packet begins a key frame, and the size from its parameter set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "payloads.h"

#define KEY(w, h)                                                                                  \
    {                                                                                              \
        .key_start = true, .width = w, .height = h                                                 \
    }
#define SPS "6742e01fed01405ff2a0" /* 640 x 360: 23 rows of macroblocks, 8 lines cropped */
#define PPS "68ce3c80"

static void payloads(void **state)
{
    (void)state;
    static const struct payload_row rows[] = {
        {"", PL_ETRUNC, {0}},
        {"41 9a", PL_OK, {0}}, /* a slice */
        {"65 88", PL_OK, {0}}, /* an IDR slice without what it needs */
        {PPS, PL_OK, {0}},
        {SPS, PL_OK, KEY(640, 360)},
        {"78 000a" SPS "0004" PPS, PL_OK, KEY(640, 360)},
        {"78 000a" SPS "0004" PPS "0002 6588", PL_OK, KEY(640, 360)},
        {"78 0004" PPS "000a" SPS, PL_OK, KEY(640, 360)},
        {"78 0002 419a 0000", PL_OK, {0}},
        {"78 000a 6742", PL_ETRUNC, {0}},
        {"78 00", PL_ETRUNC, {0}},
        {"78", PL_ETRUNC, {0}},
        {"7c 85 88", PL_OK, {0}}, /* FU-A: the start of an IDR slice */
        {"7c 05 88", PL_OK, {0}},
        {"7c 85", PL_ETRUNC, {0}},
        {"00 00", PL_EINVAL, {0}},
        {"79 00", PL_EINVAL, {0}}, /* STAP-B */
        {"7a 00", PL_EINVAL, {0}},
        {"7b 00", PL_EINVAL, {0}},
        {"7d 00", PL_EINVAL, {0}}, /* FU-B */
        {"7e 00", PL_EINVAL, {0}},
        {"7f 00", PL_EINVAL, {0}},
    };
    assert_payloads(PL_H264, rows, sizeof rows / sizeof *rows);
}

static void sizes(void **state)
{
    (void)state;
    static const struct payload_row rows[] = {
        {"67 4d401fd085663a014016e4", PL_OK, KEY(1280, 720)},  /* main, order of pictures 1 */
        {"67 4d0028da01e0111f68", PL_OK, KEY(1920, 1080)},     /* fields, order of pictures 2 */
        {"67 6764001fed01405f20", PL_OK, {.key_start = true}}, /* high: not read */
        {"67 42e01fed3e27a0", PL_OK, {.key_start = true}},     /* nothing is left of it */
        {"67 42e01f00000000000000000000", PL_OK, {.key_start = true}},
        {"67 42e01fed01", PL_OK, {.key_start = true}}, /* ends too early */
        {"67", PL_OK, {.key_start = true}},
        /* the same with two zeros, escaped, before what counts */
        {"67 42 00 00 03 da 0a 13 90", PL_OK, KEY(160, 144)},
    };
    assert_payloads(PL_H264, rows, sizeof rows / sizeof *rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payloads),
        cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
