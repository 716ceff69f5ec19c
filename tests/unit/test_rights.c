/* Roles and what they may, sessions' times, and what names and addresses look like. */
#include "identity/rights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void roles_may(void **state)
{
    static const struct {
        struct pl_standing who;
        bool read, prepare, administer;
    } table[] = {
        {{.administrator = true}, true, true, true},
        {{.in_body = true, .role = PL_BODY_SECRETARY}, true, true, false},
        {{.in_body = true, .role = PL_BODY_READER}, true, false, false},
        {{.in_body = false, .role = PL_BODY_SECRETARY}, false, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        assert_int_equal(pl_may(&table[i].who, PL_RIGHT_READ), table[i].read);
        assert_int_equal(pl_may(&table[i].who, PL_RIGHT_PREPARE), table[i].prepare);
        assert_int_equal(pl_may(&table[i].who, PL_RIGHT_ADMINISTER), table[i].administer);
    }
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    assert_non_null(strstr(pl_right_missing(PL_RIGHT_ADMINISTER, true), "administrator"));
    assert_non_null(strstr(pl_right_missing(PL_RIGHT_PREPARE, true), "secretary"));
    assert_non_null(strstr(pl_right_missing(PL_RIGHT_READ, true), "a role in the meeting's body"));
    assert_non_null(strstr(pl_right_missing(PL_RIGHT_READ, false), "belongs to no body"));
}

static void sessions_end(void **state)
{
    const int64_t began = INT64_C(1700000000000);
    (void)state;
    assert_true(pl_session_good(began, began, began));
    assert_true(pl_session_good(began, began, began + PL_SESSION_IDLE_MS - 1));
    assert_false(pl_session_good(began, began, began + PL_SESSION_IDLE_MS));
    int64_t last = began + PL_SESSION_LIFE_MS - 1; /* used all the time */
    assert_true(pl_session_good(began, last, last));
    assert_false(pl_session_good(began, last, last + 1));
    assert_true(pl_session_good(began, began, began - 5000)); /* a clock that was set back */
}

static void texts(void **state)
{
    static const struct {
        const char *text;
        bool name, email, subject;
    } table[] = {
        {"Anna Berg", true, false, false},
        {"anna@example.org", true, true, true},
        {"Anna.Berg+x@EXAMPLE.org", true, true, true},
        {"", false, false, false},
        {"@example.org", true, false, true},
        {"anna@", true, false, true},
        {"a@b@c", true, false, true},
        {"a b@c", true, false, false},
        {"Zo\xc3\xab", true, false, false},
        {"\xff", false, false, false},
        {"two\nlines", false, false, false},
        {"\xe2\x80\xaeturned", false, false, false},
    };
    char long_one[PL_EMAIL_MAX + 2];
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        assert_int_equal(pl_name_ok(pl_str(table[i].text)), table[i].name);
        assert_int_equal(pl_email_ok(pl_str(table[i].text)), table[i].email);
        assert_int_equal(pl_subject_ok(pl_str(table[i].text)), table[i].subject);
    }
    memset(long_one, 'x', sizeof long_one);
    long_one[1] = '@';
    assert_true(pl_email_ok((struct pl_str){long_one, PL_EMAIL_MAX}));
    assert_false(pl_email_ok((struct pl_str){long_one, PL_EMAIL_MAX + 1}));
    assert_true(pl_subject_ok((struct pl_str){long_one, PL_SUBJECT_MAX}));
    char longer[PL_SUBJECT_MAX + 1];
    memset(longer, 'x', sizeof longer);
    assert_false(pl_subject_ok((struct pl_str){longer, PL_SUBJECT_MAX + 1}));
}

static void addresses_fold(void **state)
{
    char out[PL_EMAIL_MAX + 1];
    (void)state;
    pl_email_fold(pl_str("Anna.BERG@Example.ORG"), out);
    assert_string_equal(out, "anna.berg@example.org");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_may),      cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(sessions_end),   cmocka_unit_test(texts),
        cmocka_unit_test(addresses_fold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
