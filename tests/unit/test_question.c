/* Questions that are asked once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "identity/question.h"

#include <string.h>

#define ABOUT pl_str("sign in")

static uint8_t drawn;

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, drawn++, n);
}

static const struct pl_random random_bytes = {fill, NULL};
static struct pl_questions q;

static int start(void **state)
{
    (void)state;
    pl_questions_begin(&q, &random_bytes);
    return 0;
}

struct asked {
    char secret[PL_QUESTION_SECRET_SIZE];
    uint8_t challenge[PL_QUESTION_SIZE];
};

static struct asked ask(pl_time_us now)
{
    struct asked a;
    pl_question_ask(&q, &random_bytes, ABOUT, now, a.secret, a.challenge);
    assert_int_equal(strlen(a.secret), PL_QUESTION_SECRET_SIZE - 1);
    return a;
}

static enum pl_err find(const struct asked *a, pl_time_us now)
{
    uint8_t challenge[PL_QUESTION_SIZE] = {0};
    enum pl_err e = pl_question_find(&q, pl_str(a->secret), ABOUT, now, challenge);
    if (!e)
        assert_memory_equal(challenge, a->challenge, sizeof challenge);
    return e;
}

static void one_is_good_for_its_time(void **state)
{
    (void)state;
    const pl_time_us now = 7 * PL_SECOND;
    struct asked a = ask(now), b = ask(now);
    assert_memory_not_equal(a.challenge, b.challenge, sizeof a.challenge);
    assert_string_not_equal(a.secret, b.secret);
    assert_int_equal(find(&a, now), PL_OK);
    assert_int_equal(find(&a, now + PL_QUESTION_LIFE_US - 1), PL_OK);
    assert_int_equal(find(&a, now + PL_QUESTION_LIFE_US), PL_ENOENT);
    assert_int_equal(find(&a, now - 1), PL_ENOENT); /* longer than any is good for */
    assert_int_equal(pl_question_use(&q, pl_str(a.secret), now + PL_QUESTION_LIFE_US), PL_ENOENT);
}

static void one_is_of_its_matter_and_its_server(void **state)
{
    (void)state;
    uint8_t challenge[PL_QUESTION_SIZE];
    struct asked a = ask(0);
    assert_int_equal(pl_question_find(&q, pl_str(a.secret), pl_str("add x"), 1, challenge), PL_OK);
    assert_memory_not_equal(challenge, a.challenge, sizeof challenge);
    pl_questions_begin(&q, &random_bytes); /* another process */
    assert_int_equal(pl_question_find(&q, pl_str(a.secret), ABOUT, 1, challenge), PL_OK);
    assert_memory_not_equal(challenge, a.challenge, sizeof challenge);
}

static void what_is_no_secret_is_refused(void **state)
{
    (void)state;
    uint8_t challenge[PL_QUESTION_SIZE];
    struct asked a = ask(0);
    for (size_t n = 0; n < strlen(a.secret); n++)
        assert_int_equal(pl_question_find(&q, (struct pl_str){a.secret, n}, ABOUT, 1, challenge),
                         PL_EINVAL);
    struct asked other = a;
    other.secret[3] = '!';
    assert_int_equal(find(&other, 1), PL_EINVAL);
    for (size_t i = 0; i < 42; i++) { /* the bytes that were drawn */
        other = a;
        other.secret[i] = other.secret[i] == 'B' ? 'C' : 'B';
        assert_int_equal(pl_question_find(&q, pl_str(other.secret), ABOUT, 1, challenge), PL_OK);
        assert_memory_not_equal(challenge, a.challenge, sizeof challenge);
    }
}

static void one_is_answered_once(void **state)
{
    (void)state;
    struct asked a = ask(0), b = ask(0);
    assert_int_equal(pl_question_use(&q, pl_str(a.secret), 1), PL_OK);
    assert_int_equal(pl_question_use(&q, pl_str(a.secret), 2), PL_EREPLAY);
    assert_int_equal(find(&a, 2), PL_EREPLAY);
    assert_int_equal(find(&b, 2), PL_OK);
    assert_int_equal(pl_question_use(&q, pl_str(b.secret), 3), PL_OK);
    /* It stays so until its time is over, whatever was forgotten meanwhile. */
    struct asked late = ask(PL_QUESTION_LIFE_US - 1);
    assert_int_equal(find(&a, PL_QUESTION_LIFE_US - 1), PL_EREPLAY);
    assert_int_equal(pl_question_use(&q, pl_str(late.secret), PL_QUESTION_LIFE_US), PL_OK);
    assert_int_equal(q.n_used, 1);
    assert_int_equal(find(&a, PL_QUESTION_LIFE_US), PL_ENOENT);
    assert_int_equal(find(&late, PL_QUESTION_LIFE_US), PL_EREPLAY);
}

static void so_many_are_answered(void **state)
{
    (void)state;
    static const char digits[] = "0123456789abcdef";
    struct asked a = ask(0);
    for (size_t i = 0; i < PL_QUESTIONS_USED_MAX; i++) {
        for (size_t d = 0; d < 3; d++)
            a.secret[d] = digits[i >> (4 * d) & 15];
        assert_int_equal(pl_question_use(&q, pl_str(a.secret), 1), PL_OK);
    }
    a.secret[4] = a.secret[4] == 'x' ? 'y' : 'x';
    assert_int_equal(pl_question_use(&q, pl_str(a.secret), 1), PL_ELIMIT);
    struct asked late = ask(PL_QUESTION_LIFE_US);
    assert_int_equal(pl_question_use(&q, pl_str(late.secret), PL_QUESTION_LIFE_US), PL_OK);
}

#define T(name) cmocka_unit_test_setup(name, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(one_is_good_for_its_time),     T(one_is_of_its_matter_and_its_server),
        T(what_is_no_secret_is_refused), T(one_is_answered_once),
        T(so_many_are_answered),
    };
    return cmocka_run_group_tests_name("question", tests, NULL, NULL);
}
