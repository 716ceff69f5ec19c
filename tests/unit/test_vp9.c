/* The VP9 payload descriptor in both modes, and the scalability structure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "payloads.h"

#define ID(len, id) .picture_id_at = 1, .picture_id_len = len, .picture_id = id

/* I|P|L|F|B|E|V|Z */
static void descriptors(void **state)
{
    (void)state;
    static const struct payload_row rows[] = {
        {"", PL_ETRUNC, {0}},
        {"08", PL_ETRUNC, {0}}, /* no payload */
        {"08 00", PL_OK, {.key_start = true}},
        {"00 00", PL_OK, {0}}, /* not the first packet of a frame */
        {"48 00", PL_OK, {0}}, /* predicted */
        {"88 7f 00", PL_OK, {.key_start = true, ID(1, 127)}},
        {"88 80 05 00", PL_OK, {.key_start = true, ID(2, 5)}},
        {"88 ff ff 00", PL_OK, {.key_start = true, ID(2, 0x7fff)}},
        {"88 ff ff", PL_ETRUNC, {0}},
        /* not flexible: TID, U, SID, D, then TL0PICIDX */
        {"a8 92 34 00 2a 00", PL_OK, {.key_start = true, ID(2, 0x1234), .tl0_at = 4, .tl0 = 42}},
        {"e8 07 50 ff 00",
         PL_OK,
         {.temporal_id = 2, .switch_up = true, ID(1, 7), .tl0_at = 3, .tl0 = 255}},
        {"28 e0 01 00", PL_OK, {.key_start = true, .temporal_id = 7, .tl0_at = 2, .tl0 = 1}},
        {"28 02 01 00", PL_OK, {.tl0_at = 2, .tl0 = 1}}, /* a key frame begins with layer 0 */
        {"28 02", PL_ETRUNC, {0}},
        /* flexible: no TL0PICIDX, up to three references */
        {"b8 92 34 00 00", PL_OK, {.key_start = true, ID(2, 0x1234)}},
        {"f8 07 20 02 00", PL_OK, {.temporal_id = 1, ID(1, 7)}},
        {"f8 07 20 03 05 06 00", PL_OK, {.temporal_id = 1, ID(1, 7)}},
        {"f8 07 20 03 05 07 00", PL_EINVAL, {0}},
        {"f8 07 20 03 05", PL_ETRUNC, {0}},
    };
    assert_payloads(PL_VP9, rows, sizeof rows / sizeof *rows);
}

static void structures(void **state)
{
    (void)state;
    static const struct payload_row rows[] = {
        {"0a 00 00", PL_OK, {.key_start = true}}, /* neither sizes nor a group */
        {"0a 10 0280 0168 00", PL_OK, {.key_start = true, .width = 640, .height = 360}},
        {"0a 10 0280 01", PL_ETRUNC, {0}},
        {"0a 10 0280 0168", PL_ETRUNC, {0}}, /* no payload */
        /* three spatial layers: the largest counts */
        {"0a 50 0140 00b4 0280 0168 0500 02d0 00",
         PL_OK,
         {.key_start = true, .width = 1280, .height = 720}},
        /* as Chromium sends it: one layer, a group of four pictures */
        {"aa 80 01 00 07 18 0280 0168 04 04 01 58 02 28 01 58 02 01 00",
         PL_OK,
         {.key_start = true, .width = 640, .height = 360, ID(2, 1), .tl0_at = 4, .tl0 = 7}},
        {"0a 08 00 00", PL_OK, {.key_start = true}},
        {"0a 08 02 0c 01 02 03 00 00", PL_OK, {.key_start = true}},
        {"0a 08 02 0c 01 02 03", PL_ETRUNC, {0}},
        {"0a 08 ff 0c 01 02 03 00 00", PL_ETRUNC, {0}},
    };
    assert_payloads(PL_VP9, rows, sizeof rows / sizeof *rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors),
        cmocka_unit_test(structures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
