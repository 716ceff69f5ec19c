/* The flags of test pictures: each of the table is drawn, and looks like itself in a few points. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulate/flag.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct pl_flag flag;

/* At hundredths of width and height. */
static unsigned at(unsigned x, unsigned y)
{
    const uint8_t *p = flag.rgb[y * PL_FLAG_HEIGHT / 100][x * PL_FLAG_WIDTH / 100];
    return (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
}

static void every_flag_is_drawn(void **state)
{
    static const char *const council[] = {
        "AL", "BE", "BG", "CA", "HR", "CZ", "DK", "EE", "FI", "FR", "DE",
        "GR", "HU", "IS", "IT", "LV", "LT", "LU", "ME", "NL", "MK", "NO",
        "PL", "PT", "RO", "SK", "SI", "ES", "SE", "TR", "GB", "US",
    };
    unsigned n = 0;
    (void)state;
    while (pl_flag_country(n))
        assert_int_equal(pl_flag_draw(pl_flag_country(n++), &flag), PL_OK);
    assert_true(n >= COUNT(council));
    for (size_t i = 0; i < COUNT(council); i++)
        assert_int_equal(pl_flag_draw(council[i], &flag), PL_OK);
}

static void they_look_like_themselves(void **state)
{
    static const struct {
        const char *country;
        unsigned x, y, colour;
    } rows[] = {
        {"DE", 50, 10, 0x000000}, {"DE", 50, 50, 0xDD0000}, {"DE", 50, 90, 0xFFCE00},
        {"FR", 10, 50, 0x000091}, {"FR", 50, 50, 0xFFFFFF}, {"FR", 90, 50, 0xE1000F},
        {"NO", 5, 5, 0xBA0C2F},   {"NO", 36, 10, 0x00205B}, {"NO", 36, 50, 0x00205B},
        {"CZ", 5, 50, 0x11457E},  {"CZ", 90, 20, 0xFFFFFF}, {"CA", 50, 50, 0xD80621},
        {"AL", 50, 50, 0x000000}, {"AL", 5, 5, 0xE41E20},   {"GB", 50, 50, 0xC8102E},
        {"US", 2, 98, 0xB22234},  {"US", 1, 1, 0x3C3B6E},   {"TR", 18, 50, 0xFFFFFF},
        {"ES", 50, 50, 0xF1BF00}, {"LV", 50, 50, 0xFFFFFF}, {"GR", 30, 83, 0xFFFFFF},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(pl_flag_draw(rows[i].country, &flag), PL_OK);
        if (at(rows[i].x, rows[i].y) != rows[i].colour)
            fail_msg("%s at %u %u: %06X", rows[i].country, rows[i].x, rows[i].y,
                     at(rows[i].x, rows[i].y));
    }
}

static void others_are_plain(void **state)
{
    (void)state;
    assert_int_equal(pl_flag_draw("ZZ", &flag), PL_ENOENT);
    assert_int_equal(at(1, 1), at(99, 99));
    assert_int_equal(pl_flag_draw("", &flag), PL_ENOENT);
}

static void what_is_no_flag_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "h",
        "h:",
        "h:FFFFFF,",
        "h:FFFFF",
        "h:FFFFFF,1",
        "z:FFFFFF",
        "r:FFFFFF,1",
        "d:1,2,3",
        "p:FFFFFF,1,2",
        "p:FFFFFF,1,2,3,4,5",
        "x:GGGGGG,1,2,3",
        "h:FFFFFF  v:000000",
        "k:FFFFFF,1,2,3,4",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (pl_flag_draw_text(wrong[i], &flag) != PL_EINVAL)
            fail_msg("taken: %s", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flag_is_drawn),
        cmocka_unit_test(they_look_like_themselves),
        cmocka_unit_test(others_are_plain),
        cmocka_unit_test(what_is_no_flag_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
