/* A QR code as a drawing: read back as squares, it has what a reader looks for first; and bounds.
 * What it says a reader of another maker reads in tests/e2e. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "minutes/qr.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define BORDER 4
#define SIZE_MAX_ 200

struct squares {
    int size;
    bool dark[SIZE_MAX_][SIZE_MAX_];
};

/* The boxes of the path, which is the second one. */
static void read_back(const char *svg, struct squares *out)
{
    memset(out, 0, sizeof *out);
    assert_int_equal(sscanf(svg, "<svg class=\"qr\" viewBox=\"0 0 %d", &out->size), 1);
    assert_true(out->size <= SIZE_MAX_);
    const char *p = strstr(svg, "<path d=\"");
    assert_non_null(p);
    p += strlen("<path d=\"");
    for (int x, y, n, back, used; sscanf(p, "M%d %dh%dv1H%dz%n", &x, &y, &n, &back, &used) == 4;
         p += used) {
        assert_true(x == back && n > 0 && x + n <= out->size && y < out->size);
        for (int i = 0; i < n; i++)
            out->dark[y][x + i] = true;
    }
    assert_string_equal(p, "\"/></svg>");
}

/* A finder: a frame of seven, and three by three in its middle. */
static bool is_finder(const struct squares *s, int x, int y)
{
    for (int i = 0; i < 7; i++)
        for (int j = 0; j < 7; j++) {
            bool frame = i == 0 || i == 6 || j == 0 || j == 6;
            bool middle = i >= 2 && i <= 4 && j >= 2 && j <= 4;
            if (s->dark[y + i][x + j] != (frame || middle))
                return false;
        }
    return true;
}

static void it_is_one(void **state)
{
    (void)state;
    static struct squares s;
    struct pl_buf svg = {0};
    assert_int_equal(pl_qr_svg(&svg, pl_str("https://parley.example.org/verify"), "A code"), PL_OK);
    assert_non_null(strstr(svg.data, "aria-label=\"A code\""));
    read_back(svg.data, &s);
    assert_int_equal((s.size - 2 * BORDER - 17) % 4, 0); /* of a version */
    int far = s.size - BORDER - 7;
    assert_true(is_finder(&s, BORDER, BORDER) && is_finder(&s, far, BORDER) &&
                is_finder(&s, BORDER, far) && !is_finder(&s, far, far));
    for (int i = 0; i < s.size; i++)
        for (int j = 0; j < BORDER; j++)
            assert_false(s.dark[i][j] || s.dark[j][i] || s.dark[i][s.size - 1 - j] ||
                         s.dark[s.size - 1 - j][i]);
    pl_buf_free(&svg);
}

static void its_text_has_bounds(void **state)
{
    (void)state;
    char text[PL_QR_TEXT_MAX + 1];
    struct pl_buf svg = {0};
    memset(text, 'x', sizeof text);
    assert_int_equal(pl_qr_svg(&svg, (struct pl_str){text, PL_QR_TEXT_MAX}, ""), PL_OK);
    assert_true(svg.len > 0);
    pl_buf_clear(&svg);
    assert_int_equal(pl_qr_svg(&svg, (struct pl_str){text, PL_QR_TEXT_MAX + 1}, ""), PL_ELIMIT);
    assert_int_equal(pl_qr_svg(&svg, (struct pl_str){text, 0}, ""), PL_ELIMIT);
    assert_int_equal(svg.len, 0);
    pl_buf_free(&svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_one),
        cmocka_unit_test(its_text_has_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
