/* bench/histogram.h: what its cells hold, and what quantiles say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "histogram.h"

#include <string.h>

static void every_value_is_within_a_32nd_of_its_cell(void **state)
{
    (void)state;
    static const uint64_t values[] = {0,   1,    63,    64,        65,         127,
                                      128, 1000, 65535, 123456789, UINT32_MAX, UINT64_MAX - 1};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        uint64_t v = values[i], most = histogram_value(histogram_cell(v));
        assert_true(histogram_cell(v) < HISTOGRAM_CELLS);
        assert_true(most >= v && most - v <= v / 32);
        if (v < 64)
            assert_int_equal(most, v);
    }
    assert_int_equal(histogram_cell(UINT64_MAX), HISTOGRAM_CELLS - 1);
    assert_true(histogram_value(HISTOGRAM_CELLS - 1) == UINT64_MAX);
}

static void cells_follow_one_another(void **state)
{
    (void)state;
    for (unsigned cell = 1; cell < HISTOGRAM_CELLS; cell++) {
        assert_true(histogram_value(cell) > histogram_value(cell - 1));
        assert_int_equal(histogram_cell(histogram_value(cell - 1) + 1), cell);
        assert_int_equal(histogram_cell(histogram_value(cell)), cell);
    }
}

static void quantiles(void **state)
{
    (void)state;
    static struct histogram h;
    assert_int_equal(histogram_quantile(&h, 0.5), 0);
    for (uint64_t v = 1; v <= 50; v++)
        histogram_add(&h, v);
    assert_int_equal(h.n, 50);
    assert_int_equal(histogram_quantile(&h, 0), 1);
    assert_int_equal(histogram_quantile(&h, 0.5), 25);
    assert_int_equal(histogram_quantile(&h, 0.99), 50);
    assert_int_equal(histogram_quantile(&h, 1), 50);
    memset(&h, 0, sizeof h);
    histogram_add(&h, 7);
    assert_int_equal(histogram_quantile(&h, 0.5), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_within_a_32nd_of_its_cell),
        cmocka_unit_test(cells_follow_one_another),
        cmocka_unit_test(quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
