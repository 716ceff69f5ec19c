/* Silence: receipts, a break, a later deadline, a new beginning, and its end with nobody there,
 * also late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decisions.h"

#define HOUR INT64_C(3600000)
#define EXTEND(id, at)                                                                             \
    ACT(EXTEND_SILENCE, extend_silence, .decision = S(id), .deadline = at,                         \
        .time_zone = S("Europe/Brussels"))
#define RESTART(id, text, at)                                                                      \
    ACT(RESTART_SILENCE, restart_silence, .decision = S(id), .texts = {{S("EN"), S(text)}},        \
        .n_texts = 1, .deadline = at, .time_zone = S("Europe/Paris"))
#define SESSION(to) ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_##to)

static void open_silence(struct room *r, const char *id, int64_t deadline)
{
    struct pl_act a = draft(id, by_rule(PL_PROCEDURE_SILENCE)), c = call_silence(id, 1, deadline);
    done(r, "p1", &a, 1);
    done(r, "p1", &c, 1);
}

static void set_up_silence(struct room *r)
{
    set_up_all(r, 3);
    assert_int_equal(pl_meeting_deadline(r->m), INT64_MAX);
    open_silence(r, "d", NOON + HOUR);
}

static void everybody_leaves(struct room *r)
{
    for (size_t i = 0; i < r->definition.n_people; i++)
        if (pl_meeting_by_person(r->m, (uint32_t)i))
            goes(r, r->definition.people[i].id);
}

static void adopted_with_nobody_there(void **state)
{
    (void)state;
    struct room r;
    set_up_silence(&r);
    const struct pl_decision *d = decision(&r, "d");
    assert_string_equal(d->time_zone.p, "Europe/Brussels");
    done(&r, "p1", SESSION(CLOSED), 1); /* silence does not keep it open, */
    everybody_leaves(&r);               /* nor anybody there */
    assert_int_equal(pl_meeting_deadline(r.m), NOON + HOUR);
    r.now = NOON + HOUR - 1;
    assert_int_equal(expire(&r), 0);
    assert_int_equal(d->state, PL_DECISION_STATE_OPEN);
    r.now++;
    assert_int_equal(expire(&r), 1);
    assert_int_equal(d->state, PL_DECISION_STATE_DECLARED);
    assert_int_equal(d->outcome, PL_OUTCOME_ADOPTED);
    assert_int_equal(d->ended_ms, NOON + HOUR);
    assert_int_equal(d->changed, r.s->last);
    assert_int_equal(expire(&r), 0);
    assert_int_equal(pl_meeting_deadline(r.m), INT64_MAX);
    tear_down(&r);
}

/* What fell due while the server was down is settled by its true deadline, the first one first. */
static void settled_late(void **state)
{
    (void)state;
    struct room r;
    set_up_silence(&r);
    open_silence(&r, "e", NOON + HOUR / 2);
    open_silence(&r, "f", NOON + 3 * HOUR);
    assert_int_equal(pl_meeting_deadline(r.m), NOON + HOUR / 2);
    done(&r, NULL, &(struct pl_act){.type = PL_ACT_RESTARTED}, 1);
    r.now = NOON + 2 * HOUR;
    assert_int_equal(expire(&r), 2);
    assert_int_equal(decision(&r, "e")->ended_ms, NOON + HOUR / 2);
    assert_int_equal(decision(&r, "d")->ended_ms, NOON + HOUR);
    assert_true(decision(&r, "e")->changed < decision(&r, "d")->changed);
    assert_int_equal(decision(&r, "f")->state, PL_DECISION_STATE_OPEN);
    assert_int_equal(pl_meeting_deadline(r.m), NOON + 3 * HOUR);
    tear_down(&r);
}

static void broken(void **state)
{
    (void)state;
    struct room r;
    set_up_silence(&r);
    struct pl_act receipt = vote("d", 1, PL_CHOICE_RECEIPT),
                  stop = vote("d", 1, PL_CHOICE_BREAK_SILENCE);
    done(&r, head_of(0), &receipt, 1);
    done(&r, head_of(0), &receipt, 0);
    done(&r, "p1", SESSION(CLOSED), 1); /* while it is closed too */
    stop.vote.statement = S("Our parliament was not asked.");
    r.now = NOON + 5;
    done(&r, head_of(1), &stop, 2);
    const struct pl_decision *d = decision(&r, "d");
    assert_int_equal(d->state, PL_DECISION_STATE_DECLARED);
    assert_int_equal(d->outcome, PL_OUTCOME_NOT_ADOPTED);
    assert_int_equal(d->ended_ms, NOON + 5);
    assert_string_equal(d->words.p, "Not adopted by silence: Denmark broke it. The reason: Our "
                                    "parliament was not asked.");
    assert_int_equal(pl_meeting_deadline(r.m), INT64_MAX);
    refused(&r, head_of(2), &stop, PL_ESTATE, "decision",
            "The result of this decision is declared.");
    tear_down(&r);
}

/* At its deadline it is too late for everything, whether the server has settled it or not. */
static void too_late(void **state)
{
    (void)state;
    struct room r;
    set_up_silence(&r);
    struct pl_act receipt = vote("d", 1, PL_CHOICE_RECEIPT),
                  stop = vote("d", 1, PL_CHOICE_BREAK_SILENCE);
    r.now = NOON + HOUR - 1;
    done(&r, head_of(0), &receipt, 1);
    r.now++;
    static const char why[] = "The deadline of this silence has passed.";
    refused(&r, head_of(1), &stop, PL_ESTATE, "decision", why);
    refused(&r, "p1", EXTEND("d", NOON + 2 * HOUR), PL_ESTATE, "decision", why);
    refused(&r, "p1", RESTART("d", "New.", NOON + 2 * HOUR), PL_ESTATE, "decision", why);
    refused(&r, "p1",
            ACT(WITHDRAW_DECISION, withdraw_decision, .decision = S("d"), .reason = S("R")),
            PL_ESTATE, "decision", why);
    assert_int_equal(expire(&r), 1);
    assert_int_equal(decision(&r, "d")->outcome, PL_OUTCOME_ADOPTED);
    tear_down(&r);
}

static void extended(void **state)
{
    (void)state;
    struct room r;
    set_up_silence(&r);
    struct pl_act receipt = vote("d", 1, PL_CHOICE_RECEIPT);
    done(&r, head_of(0), &receipt, 1);
    done(&r, "p1", EXTEND("d", NOON + HOUR), 0); /* the one there is */
    refused(&r, "p1", EXTEND("d", NOON + HOUR - 1), PL_EINVAL, "deadline",
            "The deadline can only become later.");
    refused(&r, "p1", EXTEND("d", NOON), PL_EINVAL, "deadline",
            "The deadline must be in the future.");
    struct pl_act a = *EXTEND("d", NOON + 2 * HOUR);
    a.extend_silence.time_zone = S("nowhere?");
    refused(&r, "p1", &a, PL_EINVAL, "time_zone",
            "A deadline needs its time zone, as in Europe/Brussels.");
    refused(&r, head_of(0), EXTEND("d", NOON + 2 * HOUR), PL_EAUTH, "",
            "Only the chair and the secretary may do this.");
    refused(&r, "p1", EXTEND("x", NOON + 2 * HOUR), PL_ENOENT, "decision",
            "There is no such decision.");
    done(&r, "p2", EXTEND("d", NOON + 2 * HOUR), 1);
    assert_int_equal(pl_meeting_deadline(r.m), NOON + 2 * HOUR);
    assert_true(decision(&r, "d")->casts[0].voted); /* receipts stay */
    r.now = NOON + HOUR;
    assert_int_equal(expire(&r), 0);
    r.now = NOON + 2 * HOUR;
    assert_int_equal(expire(&r), 1);
    tear_down(&r);
}

static void restarted(void **state)
{
    (void)state;
    struct room r;
    set_up_silence(&r);
    const struct pl_decision *d = decision(&r, "d");
    struct pl_act receipt = vote("d", 1, PL_CHOICE_RECEIPT);
    done(&r, head_of(0), &receipt, 1);
    goes(&r, head_of(2));
    struct pl_act same = *RESTART("d", "We decide.", NOON + 2 * HOUR);
    same.restart_silence.texts[1] = (struct pl_act_wording){S("FR"), S("Nous décidons.")};
    same.restart_silence.n_texts = 2;
    refused(&r, "p1", &same, PL_EINVAL, "texts",
            "This text is the open one; extend its deadline instead.");
    refused(&r, "p1", RESTART("d", "", NOON + 2 * HOUR), PL_EINVAL, "texts[0].text",
            "This must be a text without control characters, and not empty.");
    refused(&r, "p1", RESTART("d", "New.", NOON), PL_EINVAL, "deadline",
            "The deadline must be in the future.");
    refused(&r, head_of(0), RESTART("d", "New.", NOON + 2), PL_EAUTH, "",
            "Only the chair and the secretary may do this.");
    r.now = NOON + 9;
    done(&r, "p2", RESTART("d", "New.", NOON + 10), 1); /* an earlier one is fine */
    assert_int_equal(d->version, 2);
    assert_int_equal(d->n_texts, 1);
    assert_string_equal(d->texts[0].text.p, "New.");
    assert_string_equal(d->time_zone.p, "Europe/Paris");
    assert_int_equal(d->called_ms, NOON + 9);
    assert_false(d->casts[0].voted);
    assert_true(d->casts[0].present && d->casts[2].takes_part && !d->casts[2].present);
    refused(&r, "p2", RESTART("d", "New.", NOON + 10), PL_EINVAL, "texts",
            "This text is the open one; extend its deadline instead."); /* a second click */
    refused(&r, head_of(0), &receipt, PL_ESTATE, "version", "The text was amended; read it first.");
    receipt.vote.version = 2;
    done(&r, head_of(0), &receipt, 1);
    r.now = NOON + 10;
    assert_int_equal(expire(&r), 1);
    tear_down(&r);
}

static void only_of_silence(void **state)
{
    (void)state;
    struct room r;
    set_up_silence(&r);
    struct pl_act a = draft("e", by_rule(PL_PROCEDURE_SIMPLE)), c = call("e", 1),
                  close = close_it("d");
    done(&r, "p1", &a, 1);
    done(&r, "p1", &c, 1);
    refused(&r, "p1", EXTEND("e", NOON + HOUR), PL_ESTATE, "decision",
            "This decision is not under silence.");
    refused(&r, "p1", RESTART("e", "New.", NOON + HOUR), PL_ESTATE, "decision",
            "This decision is not under silence.");
    refused(&r, "p1", &close, PL_ESTATE, "decision", "Silence closes itself at its deadline.");
    r.now = NOON + 9 * HOUR;
    assert_int_equal(expire(&r), 1); /* the other one waits for the chair */
    assert_int_equal(decision(&r, "e")->state, PL_DECISION_STATE_OPEN);
    tear_down(&r);
}

/* A record that ends between a break and its result, as when the power failed. */
static void broken_and_not_settled(void **state)
{
    (void)state;
    struct room r;
    set_up_silence(&r);
    struct pl_act events[PL_EVENTS_MAX], stop = vote("d", 1, PL_CHOICE_BREAK_SILENCE);
    size_t n = 0;
    assert_int_equal(pl_meeting_decide(r.m, pl_meeting_by_id(r.m, S(head_of(0))), &stop, r.now,
                                       events, &n, &r.denial),
                     PL_OK);
    assert_int_equal(n, 2);
    apply_all(&r, events, 1);
    r.now = NOON + HOUR;
    assert_int_equal(expire(&r), 1);
    assert_int_equal(decision(&r, "d")->outcome, PL_OUTCOME_NOT_ADOPTED);
    assert_string_equal(decision(&r, "d")->words.p, "Not adopted by silence: Norway broke it.");
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adopted_with_nobody_there),
        cmocka_unit_test(settled_late),
        cmocka_unit_test(broken),
        cmocka_unit_test(too_late),
        cmocka_unit_test(extended),
        cmocka_unit_test(restarted),
        cmocka_unit_test(only_of_silence),
        cmocka_unit_test(broken_and_not_settled),
    };
    return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
