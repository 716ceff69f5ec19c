/* ICE-lite: which checks are answered, which tuples are remembered, which one is selected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/ice.h"

static const char pwd[] = "local-password-24-chars!";

static struct pl_tuple tuple(uint16_t port)
{
    return (struct pl_tuple){.remote = pl_addr_v4((const uint8_t[]){192, 0, 2, 1}, port)};
}

struct check {
    const char *username, *key;
    bool nominate, controlled;
};

static enum pl_err run(struct pl_ice *ice, uint16_t port, struct check c,
                       struct pl_ice_change *change, struct pl_stun *answer)
{
    static uint8_t request[256], response[PL_ICE_RESPONSE_MAX];
    struct pl_writer w = pl_writer(request, sizeof request);
    struct pl_stun msg;
    size_t n;
    struct pl_tuple from = tuple(port);
    const struct pl_stun_check check = {.transaction = "transaction",
                                        .username = c.username,
                                        .use_candidate = c.nominate,
                                        .controlled = c.controlled};
    pl_stun_write_check(&w, &check, c.key, strlen(c.key));
    assert_int_equal(pl_stun_parse(request, pl_writer_size(&w), &msg), PL_OK);
    enum pl_err err =
        pl_ice_input(ice, &from, request, pl_writer_size(&w), &msg, response, &n, change);
    if (!err) {
        assert_int_equal(pl_stun_parse(response, n, answer), PL_OK);
        assert_true(pl_stun_check_integrity(response, n, answer, pwd, sizeof pwd - 1));
        assert_memory_equal(answer->transaction, "transaction", 12);
    }
    return err;
}

static void checks_are_judged(void **state)
{
    (void)state;
    static const struct {
        struct check check;
        enum pl_err err;
        uint16_t code; /* of the response, 0: success */
    } rows[] = {
        {{"here:there", pwd, true, false}, PL_OK, 0},
        {{"here:there", pwd, false, false}, PL_OK, 0},
        {{"here:there", "another password", true, false}, PL_EAUTH, 0},
        {{"here:elsewhere", pwd, true, false}, PL_EAUTH, 0},
        {{"her:there", pwd, true, false}, PL_EAUTH, 0},
        {{"here:", pwd, true, false}, PL_EAUTH, 0},
        {{"here", pwd, true, false}, PL_EAUTH, 0},
        {{"here:there", pwd, true, true}, PL_OK, 487},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pl_ice ice;
        struct pl_ice_change change;
        struct pl_stun answer;
        assert_int_equal(pl_ice_init(&ice, "here", pwd, "there"), PL_OK);
        assert_int_equal(run(&ice, 5000, rows[i].check, &change, &answer), rows[i].err);
        bool success = rows[i].err == PL_OK && rows[i].code == 0;
        struct pl_tuple from = tuple(5000);
        assert_int_equal(pl_ice_validated(&ice, &from), success);
        if (rows[i].err)
            continue;
        assert_int_equal(answer.class, success ? PL_STUN_SUCCESS : PL_STUN_ERROR);
        assert_int_equal(answer.error_code, rows[i].code);
        if (success)
            assert_true(answer.has_mapped && pl_addr_eq(&answer.mapped, &from.remote));
    }
}

static void the_client_nominates(void **state)
{
    (void)state;
    struct pl_ice ice;
    struct pl_ice_change change;
    struct pl_stun answer;
    const struct check plain = {"here:there", pwd, false, false};
    const struct check nominating = {"here:there", pwd, true, false};
    assert_int_equal(pl_ice_init(&ice, "here", pwd, "there"), PL_OK);
    assert_int_equal(run(&ice, 1, plain, &change, &answer), PL_OK);
    assert_true(change.added && change.selected); /* serves until one is nominated */
    assert_int_equal(run(&ice, 2, plain, &change, &answer), PL_OK);
    assert_true(change.added && !change.selected);
    assert_int_equal(run(&ice, 2, nominating, &change, &answer), PL_OK);
    assert_true(!change.added && change.selected);
    assert_int_equal(ice.selected.remote.port, 2);
    assert_int_equal(run(&ice, 1, plain, &change, &answer), PL_OK);
    assert_int_equal(ice.selected.remote.port, 2);
    assert_int_equal(run(&ice, 1, nominating, &change, &answer), PL_OK);
    assert_int_equal(ice.selected.remote.port, 1);
}

static void tuples_are_bounded_and_the_selected_one_stays(void **state)
{
    (void)state;
    struct pl_ice ice;
    struct pl_ice_change change;
    struct pl_stun answer;
    assert_int_equal(pl_ice_init(&ice, "here", pwd, "there"), PL_OK);
    for (uint16_t port = 1; port <= PL_ICE_TUPLES_MAX; port++)
        assert_int_equal(
            run(&ice, port, (struct check){"here:there", pwd, port == 1, false}, &change, &answer),
            PL_OK);
    struct pl_tuple first = tuple(1), second = tuple(2);
    assert_true(pl_ice_validated(&ice, &second));
    assert_int_equal(
        run(&ice, 99, (struct check){"here:there", pwd, false, false}, &change, &answer), PL_OK);
    assert_int_equal(ice.n_tuples, PL_ICE_TUPLES_MAX);
    assert_true(pl_ice_validated(&ice, &first));
    assert_false(pl_ice_validated(&ice, &second));
    assert_int_equal(ice.tuples[change.index].remote.port, 99);
}

static void a_restart_takes_the_new_password_alone(void **state)
{
    (void)state;
    struct pl_ice ice;
    struct pl_ice_change change;
    struct pl_stun answer;
    const struct check old = {"here:there", pwd, true, false};
    assert_int_equal(pl_ice_init(&ice, "here", pwd, "there"), PL_OK);
    assert_int_equal(run(&ice, 1, old, &change, &answer), PL_OK);
    assert_int_equal(pl_ice_restart(&ice, "here2", pwd, "there2"), PL_OK);
    assert_int_equal(run(&ice, 1, old, &change, &answer), PL_EAUTH);
    struct pl_tuple from = tuple(1);
    assert_true(pl_ice_validated(&ice, &from)); /* media flows on meanwhile */
    assert_int_equal(
        run(&ice, 2, (struct check){"here2:there2", pwd, true, false}, &change, &answer), PL_OK);
    assert_int_equal(ice.selected.remote.port, 2);
    char longer[PL_UFRAG_SIZE + 1];
    memset(longer, 'x', sizeof longer - 1);
    longer[PL_UFRAG_SIZE] = 0;
    assert_int_equal(pl_ice_init(&ice, "here", pwd, longer), PL_ETRUNC);
    assert_int_equal(pl_ice_init(&ice, "here", pwd, longer + 1), PL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_are_judged),
        cmocka_unit_test(the_client_nominates),
        cmocka_unit_test(tuples_are_bounded_and_the_selected_one_stays),
        cmocka_unit_test(a_restart_takes_the_new_password_alone),
    };
    return cmocka_run_group_tests_name("ice", tests, NULL, NULL);
}
