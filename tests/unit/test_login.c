/* Logins under way: bound to who began them, once, for a while, and so many. */
#include "server/login.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define NOW INT64_C(1700000000000)

static struct pl_logins *logins;

static void fill(void *ctx, uint8_t *out, size_t n)
{
    static uint64_t x = 20261126;
    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        out[i] = (uint8_t)(x >> 32);
    }
}

static int setup(void **state)
{
    (void)state;
    return pl_logins_new((struct pl_random){fill, NULL}, &logins) == PL_OK ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    pl_logins_free(logins);
    return 0;
}

struct begun {
    struct pl_oidc_login login;
    char secret[PL_OIDC_RANDOM_SIZE];
};

static struct begun begin(const char *from, int64_t now_ms)
{
    struct begun b = {.login = {.redirect = "https://parley.example.org/login"}};
    struct pl_addr a;
    assert_int_equal(pl_addr_parse(from, &a), PL_OK);
    assert_int_equal(pl_logins_begin(logins, &a, now_ms, &b.login, b.secret), PL_OK);
    return b;
}

static enum pl_err take(const struct begun *b, const char *secret, int64_t now_ms)
{
    struct pl_oidc_login out;
    enum pl_err e = pl_logins_take(logins, pl_str(b->login.state), pl_str(secret), now_ms, &out);
    if (!e) {
        assert_string_equal(out.verifier, b->login.verifier);
        assert_string_equal(out.redirect, "https://parley.example.org/login");
    }
    return e;
}

static void a_login_is_good_once(void **state)
{
    struct begun b = begin("192.0.2.1:1", NOW);
    (void)state;
    assert_int_equal(strlen(b.login.state), PL_OIDC_RANDOM_SIZE - 1);
    assert_string_not_equal(b.login.state, b.login.nonce);
    assert_string_not_equal(b.login.verifier, b.secret);
    assert_int_equal(take(&b, b.secret, NOW), PL_OK);
    assert_int_equal(take(&b, b.secret, NOW), PL_ENOENT);
}

static void a_login_is_of_who_began_it(void **state)
{
    struct begun a = begin("192.0.2.1:1", NOW), b = begin("192.0.2.1:2", NOW);
    (void)state;
    assert_int_equal(take(&a, b.secret, NOW), PL_EAUTH);
    assert_int_equal(take(&a, a.secret, NOW), PL_ENOENT); /* it is over */
    assert_int_equal(take(&b, "", NOW), PL_EAUTH);
    struct pl_oidc_login out;
    assert_int_equal(pl_logins_take(logins, pl_str(""), pl_str(b.secret), NOW, &out), PL_ENOENT);
}

static void a_login_ends(void **state)
{
    struct begun a = begin("192.0.2.1:1", NOW), b = begin("192.0.2.1:1", NOW);
    (void)state;
    assert_int_equal(take(&a, a.secret, NOW + PL_LOGIN_LIFE_MS - 1), PL_OK);
    assert_int_equal(take(&b, b.secret, NOW + PL_LOGIN_LIFE_MS), PL_ENOENT);
}

static void an_address_has_so_many(void **state)
{
    struct begun other = begin("[2001:db8:0:1::1]:1", NOW), first = begin("[2001:db8::1]:1", NOW);
    (void)state;
    for (int i = 1; i < PL_LOGINS_EACH; i++)
        begin("[2001:db8::2]:1", NOW); /* of the same network */
    assert_int_equal(take(&first, first.secret, NOW), PL_OK);
    first = begin("[2001:db8::1]:1", NOW - 1);
    begin("[2001:db8::3]:1", NOW); /* the oldest of them goes; that is another one */
    assert_int_equal(take(&first, first.secret, NOW), PL_OK);
    assert_int_equal(take(&other, other.secret, NOW), PL_OK);
}

static void all_have_so_many(void **state)
{
    struct begun first = begin("10.0.0.1:1", NOW), second = begin("10.0.0.2:1", NOW);
    char from[32];
    (void)state;
    for (int i = 2; i <= PL_LOGINS_MAX; i++) {
        snprintf(from, sizeof from, "10.1.%d.%d:1", i / 250, i % 250);
        begin(from, NOW);
    }
    assert_int_equal(take(&first, first.secret, NOW), PL_ENOENT);
    assert_int_equal(take(&second, second.secret, NOW), PL_OK);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_login_is_good_once),   TEST(a_login_is_of_who_began_it), TEST(a_login_ends),
        TEST(an_address_has_so_many), TEST(all_have_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
