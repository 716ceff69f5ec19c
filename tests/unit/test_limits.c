/* Limits by address and by invitation, each at its last and one more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/rate_limits.h"

#include <stdio.h>
#include <string.h>

#define NOW (1000 * PL_SECOND)

static void fill(void *ctx, uint8_t *out, size_t n)
{
    uint32_t *seed = ctx;
    while (n--)
        *out++ = (uint8_t)((*seed = *seed * 1103515245 + 12345) >> 16);
}

static int set_up(void **state)
{
    static uint32_t seed;
    const struct pl_random random = {fill, &seed};
    return pl_limits_new(&random, (struct pl_limits **)state) ? -1 : 0;
}

static int tear_down(void **state)
{
    pl_limits_free(*state);
    return 0;
}

static struct pl_addr addr(const char *ip)
{
    struct pl_addr a;
    assert_int_equal(pl_addr_parse_ip(ip, &a), PL_OK);
    return a;
}

static struct pl_limits_user user(const char *id, bool shared, const char *ip)
{
    struct pl_limits_user u = {.shared = shared, .from = addr(ip)};
    snprintf(u.invitation, sizeof u.invitation, "%s", id);
    return u;
}

/* So often it may; then it waits until it has been `each`. */
static void uses_up(struct pl_limits *l, const struct pl_limits_user *u, enum pl_limit what,
                    const struct pl_rate *rate)
{
    for (unsigned i = 0; i < rate->burst; i++)
        assert_int_equal(pl_limits_use(l, u, what, NOW), 0);
    assert_int_equal(pl_limits_use(l, u, what, NOW), rate->each);
    assert_int_equal(pl_limits_use(l, u, what, NOW + rate->each), 0);
    assert_true(pl_limits_use(l, u, what, NOW + rate->each) > 0);
}

static void a_personal_invitation(void **state)
{
    struct pl_limits *l = *state;
    for (int what = 0; what < PL_LIMITS; what++) {
        struct pl_limits_user mine = user("mine", false, "192.0.2.1"),
                              elsewhere = user("mine", false, "198.51.100.7"),
                              other = user("other", false, "192.0.2.1");
        uses_up(l, &mine, (enum pl_limit)what, &pl_limit_rates[what].own);
        assert_true(pl_limits_use(l, &elsewhere, (enum pl_limit)what, NOW) > 0);
        assert_int_equal(pl_limits_use(l, &other, (enum pl_limit)what, NOW), 0);
        assert_int_equal(pl_limits_stats(l)->uses[what], 3);
    }
}

/* From one address; others still come in by it, until all together are too many. */
static void a_shared_invitation(void **state)
{
    struct pl_limits *l = *state;
    for (int what = 0; what < PL_LIMITS; what++) {
        const struct pl_limit_rates *rates = &pl_limit_rates[what];
        struct pl_limits_user house = user("all", true, "192.0.2.1");
        assert_in_range(rates->address.burst, 300, rates->shared.burst / 2);
        uses_up(l, &house, (enum pl_limit)what, &rates->address);
        unsigned used = rates->address.burst + 1;
        for (unsigned i = 0; used < rates->shared.burst; i++, used++) {
            char ip[32];
            snprintf(ip, sizeof ip, "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
            struct pl_limits_user guest = user("all", true, ip);
            assert_int_equal(pl_limits_use(l, &guest, (enum pl_limit)what, NOW), 0);
        }
        struct pl_limits_user last = user("all", true, "203.0.113.1");
        /* One of those above came `each` later. */
        assert_true(pl_limits_use(l, &last, (enum pl_limit)what, NOW) > 0);
        struct pl_limits_user other = user("other", true, "203.0.113.1");
        assert_int_equal(pl_limits_use(l, &other, (enum pl_limit)what, NOW), 0);
    }
}

static void an_address(void **state)
{
    struct pl_limits *l = *state;
    struct pl_addr one = addr("2001:db8:1:2::1"), same = addr("2001:db8:1:2:ffff::9"),
                   other = addr("2001:db8:1:3::1"), v4 = addr("192.0.2.1"),
                   next = addr("192.0.2.2");
    for (unsigned i = 0; i < PL_LIMIT_ADDRESS_REQUESTS.burst; i++)
        assert_int_equal(pl_limits_request(l, &one, NOW), 0);
    assert_true(pl_limits_request(l, &one, NOW) > 0);
    assert_true(pl_limits_request(l, &same, NOW) > 0); /* the network is one subscriber's */
    assert_int_equal(pl_limits_request(l, &other, NOW), 0);
    for (unsigned i = 0; i < PL_LIMIT_ADDRESS_WRONG.burst; i++)
        assert_int_equal(pl_limits_wrong(l, &v4, NOW), 0);
    assert_int_equal(pl_limits_wrong(l, &v4, NOW), 2 * PL_SECOND);
    assert_int_equal(pl_limits_wrong(l, &next, NOW), 0);
    assert_int_equal(pl_limits_request(l, &v4, NOW), 0); /* another thing */
    assert_int_equal(pl_limits_stats(l)->requests, 2);
    assert_int_equal(pl_limits_stats(l)->wrong, 1);
}

static void seconds_are_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(pl_limits_seconds(1), 1);
    assert_int_equal(pl_limits_seconds(PL_SECOND), 1);
    assert_int_equal(pl_limits_seconds(PL_SECOND + 1), 2);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_personal_invitation),
        TEST(a_shared_invitation),
        TEST(an_address),
        TEST(seconds_are_rounded_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
