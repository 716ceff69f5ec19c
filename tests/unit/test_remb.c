/* The rate told to publishers that give no feedback of their own: what loss makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sfu/remb.h"

static void loss_rules_the_rate(void **state)
{
    (void)state;
    static const struct {
        int64_t expected, lost;
        uint32_t before, arrives, after;
    } rows[] = {
        {1000, 0, 2000000, 2000000, 2100050},   /* nothing is lost: a twentieth more */
        {1000, 19, 2000000, 1000000, 2100050},  /* nor much; half of it is in use */
        {1000, 20, 2000000, 2000000, 2000000},  /* between the two it stays */
        {1000, 100, 2000000, 2000000, 2000000}, /* */
        {1000, 101, 2000000, 2000000, 1899000}, /* less by half of the loss */
        {1000, 500, 2000000, 2000000, 1500000},
        {1000, 500, 2000000, 800000, 600000},   /* of what arrives */
        {1000, 500, 2000000, 9000000, 1500000}, /* but not more than was told */
        {1000, 0, 2000000, 999999, 2000000},    /* not in use: not raised */
        {1000, -50, 2000000, 2000000, 2100050}, /* duplicates are no loss */
        {19, 19, 2000000, 2000000, 2000000},    /* too few to tell */
        {20, 20, 2000000, 2000000, 1000000},
        {1000, 1000, PL_REMB_MIN_BPS, 0, PL_REMB_MIN_BPS},
        {1000, 0, PL_REMB_MAX_BPS, PL_REMB_MAX_BPS, PL_REMB_MAX_BPS},
        {-1000, 0, 2000000, 2000000, 2000000}, /* started over */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pl_remb r;
        pl_remb_init(&r);
        assert_int_equal(r.bps, PL_REMB_START_BPS);
        r.bps = rows[i].before;
        r.expected = r.received = 5000;
        const struct pl_remb_seen seen = {5000 + rows[i].expected,
                                          5000 + rows[i].expected - rows[i].lost, rows[i].arrives};
        pl_remb_update(&r, &seen);
        assert_int_equal(r.bps, rows[i].after);
    }
}

static void few_packets_count_with_the_next(void **state)
{
    (void)state;
    struct pl_remb r;
    pl_remb_init(&r);
    struct pl_remb_seen seen = {.bps = PL_REMB_START_BPS};
    for (int i = 0; i < 3; i++) { /* half of ten a second are lost */
        seen.expected += 10;
        seen.received += 5;
        pl_remb_update(&r, &seen);
    }
    assert_int_equal(r.bps, PL_REMB_START_BPS / 4 * 3); /* once, of the first twenty */
}

/* A link of 1 Mbit/s that drops what is above: the rate comes down to it and stays around it. */
static void a_narrow_link_is_found(void **state)
{
    (void)state;
    const double link = 1000000;
    struct pl_remb r;
    struct pl_remb_seen seen = {0};
    pl_remb_init(&r);
    for (int second = 0; second < 120; second++) {
        double sent = r.bps, got = sent < link ? sent : link;
        seen.expected += (int64_t)(sent / 9600);
        seen.received += (int64_t)(got / 9600);
        seen.bps = (uint64_t)got;
        pl_remb_update(&r, &seen);
        if (second > 5)
            assert_in_range(r.bps, 800000, 1250000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_rules_the_rate),
        cmocka_unit_test(few_packets_count_with_the_next),
        cmocka_unit_test(a_narrow_link_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
