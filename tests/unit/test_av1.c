/* AV1's aggregation header, and the sequence header of its key frames. */
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
#define SMALL "0001012cc4ff67fffff0" /* a sequence header: 640 x 360 */
#define TIMED                                                                                      \
    "04000000040000007ae9000000014a611014e268b09880a7134584ea67fd9fffffe0" /* 1280 x 720, with     \
                                                                              timing and delays */
#define STILL "1961e7f67ffffe"                                             /* 320 x 180, reduced */
#define HUGE "0001012fffffffffffffff80"                                    /* 65536 x 65536 */

/* Z|Y|W|N: aggregation header; then OBU elements, an OBU header (type << 3) first. */
static void payloads(void **state)
{
    (void)state;
    static const struct payload_row rows[] = {
        {"", PL_ETRUNC, {0}},
        {"18", PL_ETRUNC, {0}},
        {"10 30", PL_OK, {0}},
        {"90 30", PL_OK, {0}},
        {"98 30", PL_EINVAL, {0}},
        {"18 32 00", PL_OK, {.key_start = true}}, /* no sequence header */
        {"18 08" SMALL, PL_OK, KEY(640, 360)},
        {"18 0c 00" SMALL, PL_OK, KEY(640, 360)}, /* with an extension */
        {"18 0a 0a" SMALL, PL_OK, KEY(640, 360)}, /* with its size */
        {"10 08" SMALL, PL_OK, {0}},              /* only where N says so */
        {"28 0b 08" SMALL "30 00", PL_OK, KEY(640, 360)},
        {"28 02 10 00 08" SMALL, PL_OK, KEY(640, 360)},      /* second of two */
        {"08 0b 08" SMALL "02 30 00", PL_OK, KEY(640, 360)}, /* W 0: all have lengths */
        {"08 8b 00 08" SMALL, PL_OK, KEY(640, 360)},         /* in two bytes */
        {"08 ff ff ff ff 08" SMALL, PL_OK, {.key_start = true}},
        {"28 7f 08" SMALL, PL_OK, {.key_start = true}}, /* longer than the packet */
        {"18 08" TIMED, PL_OK, KEY(1280, 720)},
        {"18 08" STILL, PL_OK, KEY(320, 180)},
        {"18 08" HUGE, PL_OK, {.key_start = true}},
        {"18 08 0001012c", PL_OK, {.key_start = true}},
        /* eight elements are looked at */
        {"08 01 10 01 10 01 10 01 10 01 10 01 10 01 10 0b 08" SMALL, PL_OK, KEY(640, 360)},
        {"08 01 10 01 10 01 10 01 10 01 10 01 10 01 10 01 10 0b 08" SMALL,
         PL_OK,
         {.key_start = true}},
    };
    assert_payloads(PL_AV1, rows, sizeof rows / sizeof *rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payloads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
