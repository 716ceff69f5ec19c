/* Votes: whose they are, changed, twice, from two devices, in mid-vote; and the roll call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decisions.h"

static void open_one(struct room *r, size_t members, enum pl_procedure procedure)
{
    set_up_all(r, members);
    struct pl_act a = draft("d", by_rule(procedure)), c = call("d", 1);
    done(r, "p1", &a, 1);
    if (procedure == PL_PROCEDURE_SILENCE)
        c = call_silence("d", 1, r->now + 1000);
    done(r, "p1", &c, 1);
}

static const struct pl_cast *cast(const struct room *r, size_t seat)
{
    return &decision(r, "d")->casts[seat];
}

static void the_last_vote_counts(void **state)
{
    (void)state;
    struct room r;
    open_one(&r, 3, PL_PROCEDURE_SIMPLE);
    struct pl_act yes = vote("d", 1, PL_CHOICE_YES), no = vote("d", 1, PL_CHOICE_NO);
    done(&r, head_of(0), &yes, 1);
    assert_int_equal(decision(&r, "d")->changed, r.s->last);
    done(&r, head_of(0), &yes, 0); /* a second click, or the other device */
    r.now += 5;
    done(&r, head_of(0), &no, 1);
    assert_int_equal(cast(&r, 0)->choice, PL_CHOICE_NO);
    assert_int_equal(cast(&r, 0)->at_ms, r.now);
    no.vote.statement = S("An explanation.");
    done(&r, head_of(0), &no, 1); /* the same with a reason is not the same */
    assert_string_equal(cast(&r, 0)->statement.p, "An explanation.");
    done(&r, head_of(0), &yes, 1);
    assert_null(cast(&r, 0)->statement.p);
    tear_down(&r);
}

static void the_seat_votes_and_not_the_person(void **state)
{
    (void)state;
    struct room r;
    open_one(&r, 3, PL_PROCEDURE_SIMPLE);
    struct pl_act yes = vote("d", 1, PL_CHOICE_YES), no = vote("d", 1, PL_CHOICE_NO);
    static const char voice[] = "You do not hold the voice of your delegation.";
    static const char seat[] = "Only the delegation of a seat may do this.";
    refused(&r, "p6", &yes, PL_EAUTH, "", voice);
    refused(&r, "p1", &yes, PL_EAUTH, "", seat);
    refused(&r, "p3", &yes, PL_EAUTH, "", seat);
    refused(&r, NULL, &yes, PL_EAUTH, "", seat);
    done(&r, head_of(0), &yes, 1);
    done(&r, head_of(0), ACT(VOICE, voice, .person = S("p6")), 1);
    refused(&r, head_of(0), &no, PL_EAUTH, "", voice); /* it is the adviser's now, */
    done(&r, "p6", &yes, 0);                           /* who finds the seat's vote given, */
    done(&r, "p6", &no, 1);                            /* and may change it */
    assert_int_equal(cast(&r, 0)->choice, PL_CHOICE_NO);
    goes(&r, "p6"); /* it stays when all have left */
    goes(&r, head_of(0));
    assert_true(cast(&r, 0)->voted && cast(&r, 0)->present);
    comes(&r, "p6"); /* who comes back holds the voice as before */
    done(&r, "p6", &yes, 1);
    tear_down(&r);
}

static void who_comes_later_takes_part(void **state)
{
    (void)state;
    struct room r;
    set_up(&r, 3);
    comes(&r, "p1");
    comes(&r, head_of(0));
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_SIMPLE)), c = call("d", 1),
                  yes = vote("d", 1, PL_CHOICE_YES);
    done(&r, "p1", &a, 1);
    done(&r, "p1", &c, 1);
    assert_true(cast(&r, 0)->present && !cast(&r, 1)->present && cast(&r, 1)->takes_part);
    comes(&r, head_of(1));
    assert_true(cast(&r, 1)->present);
    assert_int_equal(decision(&r, "d")->changed, r.s->last);
    comes(&r, head_of(3)); /* a guest does not */
    assert_false(cast(&r, 3)->present);
    done(&r, head_of(1), &yes, 1);
    tear_down(&r);
}

static void choices_of_each_procedure(void **state)
{
    (void)state;
    enum { CONSENSUS = 1 << 0, SILENCE = 1 << 1, MAJORITY = 1 << 2 };
    static const int of[PL_CHOICE_COUNT] = {
        [PL_CHOICE_YES] = MAJORITY,
        [PL_CHOICE_NO] = MAJORITY,
        [PL_CHOICE_ABSTAIN] = MAJORITY,
        [PL_CHOICE_JOIN] = CONSENSUS,
        [PL_CHOICE_JOIN_WITH_RESERVATION] = CONSENSUS,
        [PL_CHOICE_NATIONAL_STATEMENT] = CONSENSUS,
        [PL_CHOICE_AWAITING_INSTRUCTIONS] = CONSENSUS,
        [PL_CHOICE_BLOCK] = CONSENSUS,
        [PL_CHOICE_RECEIPT] = SILENCE,
        [PL_CHOICE_BREAK_SILENCE] = SILENCE,
    };
    for (int p = 0; p < PL_PROCEDURE_COUNT; p++) {
        int kind = p == PL_PROCEDURE_CONSENSUS ? CONSENSUS
                   : p == PL_PROCEDURE_SILENCE ? SILENCE
                                               : MAJORITY;
        if (p == PL_PROCEDURE_QUALIFIED) /* needs a share, and has the choices of the others */
            continue;
        struct room r;
        open_one(&r, 1, (enum pl_procedure)p);
        for (int c = 0; c < PL_CHOICE_COUNT; c++) {
            struct pl_act v = vote("d", 1, (enum pl_choice)c);
            if (!(of[c] & kind))
                refused(&r, head_of(0), &v, PL_EINVAL, "choice",
                        "This decision has no such choice.");
        }
        for (int c = 0; c < PL_CHOICE_COUNT; c++) {
            struct pl_act v = vote("d", 1, (enum pl_choice)c), bare = v;
            bare.vote.statement = (struct pl_str){0};
            if (!(of[c] & kind))
                continue;
            if (v.vote.statement.p)
                refused(&r, head_of(0), &bare, PL_EINVAL, "statement",
                        "This choice needs its reason in writing.");
            v.vote.statement = S("");
            refused(&r, head_of(0), &v, PL_EINVAL, "statement",
                    "This must be a text without control characters, and not empty.");
            v.vote.statement = S("Because.");
            done(&r, head_of(0), &v, c == PL_CHOICE_BREAK_SILENCE ? 2 : 1);
        }
        tear_down(&r);
    }
}

static void another_version_and_none(void **state)
{
    (void)state;
    struct room r;
    open_one(&r, 3, PL_PROCEDURE_SIMPLE);
    struct pl_act old = vote("d", 2, PL_CHOICE_YES), none = vote("x", 1, PL_CHOICE_YES);
    refused(&r, head_of(0), &old, PL_ESTATE, "version", "The text was amended; read it first.");
    refused(&r, head_of(0), &none, PL_ENOENT, "decision", "There is no such decision.");
    struct pl_act a = draft("e", by_rule(PL_PROCEDURE_SIMPLE)), early = vote("e", 1, PL_CHOICE_YES);
    done(&r, "p1", &a, 1);
    refused(&r, head_of(0), &early, PL_ESTATE, "decision", "This decision is not open.");
    struct pl_act close = close_it("d"), late = vote("d", 1, PL_CHOICE_YES);
    done(&r, "p1", &close, 1);
    refused(&r, head_of(0), &late, PL_ESTATE, "decision",
            "The result of this decision is declared.");
    tear_down(&r);
}

#define PASS(id) ACT(PASS_VOTE, pass_vote, .decision = S("d"), .seat = S(id))

static uint32_t turn(const struct room *r)
{
    return pl_decision_turn(r->m, decision(r, "d"));
}

static void roll_call_goes_in_order(void **state)
{
    (void)state;
    struct room r;
    open_one(&r, 4, PL_PROCEDURE_ROLL_CALL);
    struct pl_act yes = vote("d", 1, PL_CHOICE_YES), no = vote("d", 1, PL_CHOICE_NO),
                  close = close_it("d");
    assert_int_equal(turn(&r), 0);
    refused(&r, head_of(1), &yes, PL_ESTATE, "", "It is the turn of the seat S1.");
    done(&r, head_of(0), &yes, 1);
    assert_int_equal(turn(&r), 1);
    done(&r, head_of(0), &no, 1); /* a vote that was given may be changed out of turn */
    assert_int_equal(turn(&r), 1);
    done(&r, head_of(1), PASS("S2"), 1);
    refused(&r, head_of(1), PASS("S2"), PL_ESTATE, "", "It is the turn of the seat S3.");
    done(&r, "p2", PASS("S3"), 1);
    refused(&r, "p2", PASS("S3"), PL_ESTATE, "", "It is the turn of the seat S4."); /* two clicks */
    done(&r, head_of(3), &yes, 1);
    assert_int_equal(turn(&r), 1); /* those that passed once more */
    refused(&r, "p1", &close, PL_ESTATE, "decision", "The roll call is not at its end.");
    done(&r, head_of(1), &yes, 1);
    done(&r, head_of(2), PASS("S3"), 1);
    assert_int_equal(turn(&r), PL_NO_SEAT);
    refused(&r, head_of(2), &yes, PL_ESTATE, "",
            "Every seat was called; the roll call is at its end.");
    refused(&r, "p1", PASS("S3"), PL_ESTATE, "",
            "Every seat was called; the roll call is at its end.");
    done(&r, "p1", &close, 1);
    assert_int_equal(turn(&r), PL_NO_SEAT);
    assert_int_equal(decision(&r, "d")->outcome, PL_OUTCOME_ADOPTED);
    tear_down(&r);
}

static void roll_call_and_the_absent(void **state)
{
    (void)state;
    struct room r;
    open_one(&r, 3, PL_PROCEDURE_ROLL_CALL);
    struct pl_act yes = vote("d", 1, PL_CHOICE_YES), close = close_it("d");
    goes(&r, head_of(2));
    done(&r, head_of(0), &yes, 1);
    done(&r, "p1", PASS("S2"), 1);
    refused(&r, "p1", &close, PL_ESTATE, "decision", "The roll call is not at its end.");
    done(&r, "p1", PASS("S3"), 1);
    refused(&r, "p1", &close, PL_ESTATE, "decision", "The roll call is not at its end.");
    done(&r, "p1", PASS("S2"), 1);
    done(&r, "p1", &close, 1); /* who is absent needs no second call */
    tear_down(&r);
}

static void passing_refused(void **state)
{
    (void)state;
    struct room r;
    open_one(&r, 2, PL_PROCEDURE_ROLL_CALL);
    refused(&r, head_of(1), PASS("S1"), PL_EAUTH, "seat",
            "Only the seat itself or who presides may do this.");
    refused(&r, "p6", PASS("S1"), PL_EAUTH, "", "You do not hold the voice of your delegation.");
    refused(&r, "p3", PASS("S1"), PL_EAUTH, "", "Only the delegation of a seat may do this.");
    refused(&r, "p1", PASS("XX"), PL_ENOENT, "seat", "There is no such seat.");
    refused(&r, "p1", ACT(PASS_VOTE, pass_vote, .decision = S("x"), .seat = S("S1")), PL_ENOENT,
            "decision", "There is no such decision.");
    done(&r, "p1", ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_SUSPENDED), 1);
    refused(&r, "p1", PASS("S1"), PL_ESTATE, "", "The session is suspended.");
    tear_down(&r);
    open_one(&r, 2, PL_PROCEDURE_SIMPLE);
    refused(&r, "p1", PASS("S1"), PL_ESTATE, "decision", "Only in a roll call are seats called.");
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_vote_counts),
        cmocka_unit_test(the_seat_votes_and_not_the_person),
        cmocka_unit_test(who_comes_later_takes_part),
        cmocka_unit_test(choices_of_each_procedure),
        cmocka_unit_test(another_version_and_none),
        cmocka_unit_test(roll_call_goes_in_order),
        cmocka_unit_test(roll_call_and_the_absent),
        cmocka_unit_test(passing_refused),
    };
    return cmocka_run_group_tests_name("vote", tests, NULL, NULL);
}
