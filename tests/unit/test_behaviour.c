/* What a simulated delegation does, with a clock that is told: hours pass in a moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulate/behaviour.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define LONG_TIME (3600 * PL_SECOND)

static struct pl_behaviour b;
static pl_time_us now;

static void begin(uint64_t seed, pl_time_us hand, pl_time_us away)
{
    const struct pl_habits habits = {
        .hand = hand, .speech = 20 * PL_SECOND, .away = away, .think = 40 * PL_SECOND};
    now = PL_SECOND;
    pl_behaviour_begin(&b, &habits, seed, now);
}

static int set_up(void **state)
{
    (void)state;
    begin(7, 0, 0);
    return 0;
}

/* The next deed until then, at its time. */
static bool next(pl_time_us until, struct pl_deed *out)
{
    while (!pl_behaviour_next(&b, now, out)) {
        pl_time_us due = pl_behaviour_due(&b);
        if (due > until)
            return false;
        assert_true(due > now); /* or a loop would spin */
        now = due;
    }
    return true;
}

static void floor_is(bool mine, bool asked, size_t waiting, unsigned seconds)
{
    const struct pl_floor_seen f = {true, mine, asked, waiting, seconds};
    pl_behaviour_floor(&b, &f, now);
}

static void says_nothing_without_a_reason(void **state)
{
    struct pl_deed deed;
    (void)state;
    pl_behaviour_session(&b, true, "options", now);
    floor_is(false, false, 0, 0);
    assert_int_equal(pl_behaviour_due(&b), PL_NEVER);
    assert_false(next(LONG_TIME, &deed));
}

static void asks_for_the_floor_while_it_may(void **state)
{
    struct pl_deed deed;
    (void)state;
    begin(7, 60 * PL_SECOND, 0);
    assert_false(next(LONG_TIME, &deed)); /* no session */
    pl_behaviour_session(&b, true, "", now);
    floor_is(false, false, 5, 0);
    assert_false(next(now + LONG_TIME, &deed)); /* enough wait already */
    floor_is(false, true, 1, 0);
    assert_false(next(now + LONG_TIME, &deed)); /* it is on the list */
    floor_is(false, false, 4, 0);
    assert_true(next(now + LONG_TIME, &deed));
    assert_int_equal(deed.kind, PL_DEED_REQUEST_FLOOR);
    assert_string_equal(deed.choice, "speak");
    assert_false(next(now + LONG_TIME, &deed)); /* once, until it hears of the list again */
}

static void speaks_while_it_has_the_floor_and_gives_it_back(void **state)
{
    struct pl_deed deed;
    (void)state;
    pl_behaviour_session(&b, true, "", now);
    assert_false(pl_behaviour_speaks(&b, now));
    floor_is(true, false, 0, 0);
    pl_time_us from = now;
    assert_true(pl_behaviour_speaks(&b, now));
    assert_true(next(LONG_TIME, &deed));
    assert_int_equal(deed.kind, PL_DEED_END_FLOOR);
    assert_in_range(now - from, 10 * PL_SECOND, 30 * PL_SECOND);
    assert_false(pl_behaviour_speaks(&b, now));
    floor_is(false, false, 0, 0);

    floor_is(true, false, 0, 8); /* it does not wait to be stopped */
    from = now;
    assert_true(next(now + LONG_TIME, &deed));
    assert_true(now - from <= 4 * PL_SECOND);
    floor_is(false, false, 0, 0);

    floor_is(true, false, 0, 0); /* the chair takes it */
    floor_is(false, false, 0, 0);
    assert_false(pl_behaviour_speaks(&b, now));
    assert_false(next(now + LONG_TIME, &deed));
}

static void an_open_floor_is_used_without_asking(void **state)
{
    struct pl_deed deed;
    unsigned spoke = 0;
    (void)state;
    begin(3, 60 * PL_SECOND, 0);
    pl_behaviour_enter(&b, true, now);
    pl_behaviour_session(&b, true, "", now);
    for (unsigned i = 0; i < 3600; i++, now += PL_SECOND) {
        assert_false(pl_behaviour_next(&b, now, &deed));
        spoke += pl_behaviour_speaks(&b, now);
    }
    assert_in_range(spoke, 300, 2400); /* of 3600 s; a quarter on the mean */
}

static void option_is(const char *item, size_t i, bool taken)
{
    static const char *const names[] = {"A", "B", "C", "D"};
    const struct pl_option_seen o = {"paper", item, names[i], i, taken};
    pl_behaviour_option(&b, &o, now);
}

static void options_are(const char *item, bool taken)
{
    for (size_t i = 0; i < 4; i++)
        option_is(item, i, taken);
}

static void takes_positions_when_their_item_comes(void **state)
{
    struct pl_deed deed;
    bool took[4] = {false};
    (void)state;
    pl_behaviour_session(&b, true, "opening", now);
    options_are("options", false);
    options_are("options", false); /* told again */
    assert_false(next(LONG_TIME, &deed));
    pl_behaviour_session(&b, true, "options", now);
    pl_time_us from = now;
    for (unsigned i = 0; i < 4; i++) {
        assert_true(next(now + LONG_TIME, &deed));
        assert_int_equal(deed.kind, PL_DEED_TAKE_POSITION);
        assert_string_equal(deed.subject, "paper");
        took[deed.option[0] - 'A'] = true;
        option_is("options", (size_t)(deed.option[0] - 'A'), false); /* from before it was heard */
    }
    assert_true(took[0] && took[1] && took[2] && took[3]);
    assert_true(now - from <= 40 * PL_SECOND);
    assert_false(next(now + LONG_TIME, &deed));
    options_are("options", true);
    assert_false(next(now + LONG_TIME, &deed));
    options_are("options", false); /* amended */
    assert_true(next(now + LONG_TIME, &deed));
}

/* Of a hundred delegations: the acts that the server would refuse, and how they think. */
static void positions_differ_and_are_complete(void **state)
{
    unsigned supports[4] = {0}, objects[4] = {0};
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct pl_deed deed;
        begin(seed, 0, 0);
        pl_behaviour_session(&b, true, "options", now);
        options_are("options", false);
        while (next(LONG_TIME, &deed)) {
            unsigned option = (unsigned)(deed.option[0] - 'A');
            bool objects_now = strcmp(deed.choice, "object") == 0;
            supports[option] += strcmp(deed.choice, "support") == 0;
            objects[option] += objects_now;
            assert_non_null(deed.visibility);
            assert_int_equal(deed.reason != NULL,
                             objects_now || strcmp(deed.choice, "reservation") == 0);
        }
    }
    assert_in_range(supports[0], 25, 65);
    assert_int_equal(objects[0], 0);
    assert_true(objects[1] < objects[2] && objects[2] < objects[3]);
    assert_in_range(objects[3], 45, 90);
}

static void decision_is(const char *procedure, uint64_t version, bool asked, bool voted)
{
    const struct pl_decision_seen d = {"force", procedure, version, asked, voted};
    pl_behaviour_decision(&b, &d, now);
}

static void votes_once_it_is_asked(void **state)
{
    struct pl_deed deed;
    (void)state;
    decision_is("simple", 1, false, false);
    assert_false(next(LONG_TIME, &deed));
    decision_is("simple", 1, true, false);
    decision_is("simple", 1, true, false);
    pl_time_us from = now;
    assert_true(next(LONG_TIME, &deed));
    assert_int_equal(deed.kind, PL_DEED_VOTE);
    assert_string_equal(deed.subject, "force");
    assert_int_equal(deed.version, 1);
    assert_in_range(now - from, 1500 * PL_MS, 15 * PL_SECOND);
    decision_is("simple", 1, true, false); /* from before it was heard */
    assert_false(next(now + 2 * PL_SECOND, &deed));
    decision_is("simple", 1, true, true);
    assert_false(next(now + LONG_TIME, &deed));

    decision_is("simple", 1, true, false); /* undone */
    assert_true(next(now + LONG_TIME, &deed));
    now += 4 * PL_SECOND; /* and not heard */
    decision_is("simple", 1, true, false);
    assert_true(next(now + LONG_TIME, &deed));
    decision_is("simple", 1, true, true);

    decision_is("simple", 2, true, false); /* withdrawn before it voted, and called again */
    decision_is("simple", 2, false, false);
    assert_false(next(now + LONG_TIME, &deed));
    decision_is("simple", 3, true, false);
    decision_is("simple", 4, true, false);
    assert_true(next(now + LONG_TIME, &deed));
    assert_int_equal(deed.version, 4);
    assert_false(next(now + LONG_TIME, &deed));
}

static void chooses_what_the_procedure_has(void **state)
{
    static const struct {
        const char *procedure, *choices, *most;
    } rows[] = {
        {"silence", " receipt ", "receipt"},
        {"consensus", " join join_with_reservation awaiting_instructions ", "join"},
        {"unanimity", " yes no abstain ", "yes"},
        {"roll_call", " yes no abstain ", "yes"},
        {"qualified", " yes no abstain ", "yes"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned most = 0;
        for (uint64_t seed = 0; seed < 200; seed++) {
            struct pl_deed deed;
            char word[40];
            begin(seed, 0, 0);
            decision_is(rows[i].procedure, 1, true, false);
            assert_true(next(LONG_TIME, &deed));
            snprintf(word, sizeof word, " %s ", deed.choice);
            assert_non_null(strstr(rows[i].choices, word));
            assert_int_equal(deed.reason != NULL,
                             strcmp(deed.choice, "join_with_reservation") == 0);
            most += strcmp(deed.choice, rows[i].most) == 0;
            if (strcmp(deed.choice, "awaiting_instructions") != 0)
                continue;
            decision_is(rows[i].procedure, 1, true, true);
            assert_true(next(LONG_TIME, &deed)); /* they come */
            assert_string_equal(deed.choice, "join");
            assert_false(next(LONG_TIME, &deed));
        }
        assert_true(most > 100);
    }
}

static void leaves_and_comes_back(void **state)
{
    struct pl_deed deed;
    (void)state;
    begin(5, 0, 60 * PL_SECOND);
    floor_is(true, false, 0, 0);
    assert_true(next(LONG_TIME, &deed)); /* not while it speaks */
    assert_int_equal(deed.kind, PL_DEED_END_FLOOR);
    floor_is(false, false, 0, 0);
    assert_true(next(now + LONG_TIME, &deed));
    assert_int_equal(deed.kind, PL_DEED_LEAVE);
    assert_in_range(deed.away, 5 * PL_SECOND, 20 * PL_SECOND);
    decision_is("simple", 1, true, false);
    pl_behaviour_enter(&b, false, now + deed.away);
    assert_int_equal(b.n_deeds, 0);
}

static void plans_no_more_than_there_is_room_for(void **state)
{
    struct pl_deed deed;
    (void)state;
    pl_behaviour_session(&b, true, "options", now);
    for (size_t i = 0; i < PL_DEEDS_MAX + 1; i++) {
        char name[8];
        const struct pl_option_seen o = {"paper", "options", name, 0, false};
        snprintf(name, sizeof name, "%zu", i);
        pl_behaviour_option(&b, &o, now);
        assert_int_equal(b.n_deeds, i < PL_DEEDS_MAX ? i + 1 : PL_DEEDS_MAX);
    }
    size_t n = 0;
    while (next(LONG_TIME, &deed))
        n++;
    assert_int_equal(n, PL_DEEDS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(says_nothing_without_a_reason, set_up),
        cmocka_unit_test_setup(asks_for_the_floor_while_it_may, set_up),
        cmocka_unit_test_setup(speaks_while_it_has_the_floor_and_gives_it_back, set_up),
        cmocka_unit_test_setup(an_open_floor_is_used_without_asking, set_up),
        cmocka_unit_test_setup(takes_positions_when_their_item_comes, set_up),
        cmocka_unit_test_setup(positions_differ_and_are_complete, set_up),
        cmocka_unit_test_setup(votes_once_it_is_asked, set_up),
        cmocka_unit_test_setup(chooses_what_the_procedure_has, set_up),
        cmocka_unit_test_setup(leaves_and_comes_back, set_up),
        cmocka_unit_test_setup(plans_no_more_than_there_is_room_for, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
