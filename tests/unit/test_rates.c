/* Buckets, and the table of them: what is paid for, what waits, what is forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rates.h"

#include <string.h>

static void fill(void *ctx, uint8_t *out, size_t n)
{
    uint32_t *seed = ctx;
    while (n--)
        *out++ = (uint8_t)((*seed = *seed * 1103515245 + 12345) >> 16);
}

static const struct pl_rate rate = {100, 5};

static void so_many_at_once_and_one_more_each_time(void **state)
{
    (void)state;
    struct pl_bucket b = {0};
    for (unsigned i = 0; i < rate.burst; i++)
        assert_int_equal(pl_bucket_pay(&b, &rate, 1000), 0);
    assert_int_equal(pl_bucket_pay(&b, &rate, 1000), 100);
    assert_int_equal(pl_bucket_wait(&b, &rate, 1099), 1);
    assert_int_equal(pl_bucket_pay(&b, &rate, 1099), 1); /* what waits costs nothing */
    assert_int_equal(pl_bucket_pay(&b, &rate, 1100), 0);
    assert_int_equal(pl_bucket_pay(&b, &rate, 1100), 100);
    /* After a silence there is the burst again, and no more. */
    for (unsigned i = 0; i < rate.burst; i++)
        assert_int_equal(pl_bucket_pay(&b, &rate, 1000000), 0);
    assert_int_equal(pl_bucket_pay(&b, &rate, 1000000), 100);
}

static void one_at_a_time(void **state)
{
    (void)state;
    struct pl_bucket b = {0};
    const struct pl_rate one = PL_RATE(10, 1);
    assert_int_equal(pl_bucket_pay(&b, &one, 1), 0);
    assert_int_equal(pl_bucket_pay(&b, &one, 2), 99999);
    assert_int_equal(pl_bucket_pay(&b, &one, 100001), 0);
}

static struct pl_rates *table(size_t sets)
{
    static uint32_t seed;
    struct pl_rates *r;
    const struct pl_random random = {fill, &seed};
    assert_int_equal(pl_rates_new(sets, &random, &r), PL_OK);
    return r;
}

static void each_key_has_its_own(void **state)
{
    (void)state;
    struct pl_rates *r = table(8);
    for (unsigned i = 0; i < rate.burst; i++)
        assert_int_equal(pl_rates_pay(r, "a", 1, &rate, 1000), 0);
    assert_int_equal(pl_rates_wait(r, "a", 1, &rate, 1000), 100);
    assert_int_equal(pl_rates_pay(r, "a", 1, &rate, 1000), 100);
    assert_int_equal(pl_rates_wait(r, "b", 1, &rate, 1000), 0);
    assert_int_equal(pl_rates_pay(r, "b", 1, &rate, 1000), 0);
    assert_int_equal(pl_rates_pay(r, "a", 1, &rate, 1100), 0);
    pl_rates_free(r);
}

/* One set: with the last place taken, whose debt ends soonest is forgotten. */
static void who_owes_least_is_forgotten(void **state)
{
    (void)state;
    struct pl_rates *r = table(1);
    for (unsigned i = 0; i < rate.burst; i++)
        assert_int_equal(pl_rates_pay(r, "worst", 5, &rate, 1000), 0);
    for (unsigned key = 0; key < PL_RATES_WAYS - 1; key++)
        for (unsigned i = 0; i < (key ? 3 : 2); i++)
            assert_int_equal(pl_rates_pay(r, &key, sizeof key, &rate, 1000), 0);
    unsigned least = 0, other = 1;
    struct pl_rate narrow = {100, 1};
    assert_int_equal(pl_rates_wait(r, &least, sizeof least, &narrow, 1000), 200);
    /* Thousands of others come once each: they push out each other, and who owed as little. */
    for (unsigned key = 100; key < 5000; key++)
        assert_int_equal(pl_rates_pay(r, &key, sizeof key, &rate, 1000), 0);
    assert_int_equal(pl_rates_wait(r, &least, sizeof least, &narrow, 1000), 0);
    assert_int_equal(pl_rates_wait(r, &other, sizeof other, &narrow, 1000), 300);
    assert_int_equal(pl_rates_pay(r, "worst", 5, &rate, 1000), 100);
    pl_rates_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_at_once_and_one_more_each_time),
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(each_key_has_its_own),
        cmocka_unit_test(who_owes_least_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
