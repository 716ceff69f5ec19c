/* What is done to the minutes: notes, corrections and their period, adoption. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decisions.h"

#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define NOTE(...) ACT(ANNOTATE, annotate, __VA_ARGS__)
#define ON(e) .has_event = true, .event = e
#define SESSION(to) ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_##to)
#define UNTIL(t) ACT(OPEN_CORRECTIONS, open_corrections, .has_until = true, .until = t)
#define END_PERIOD ACT(OPEN_CORRECTIONS, open_corrections, .has_until = false)
#define CORRECT(e, what)                                                                           \
    ACT(PROPOSE_CORRECTION, propose_correction, .event = e, .language = S("EN"), .text = S(what))
#define SETTLE(c, ok, ...)                                                                         \
    ACT(SETTLE_CORRECTION, settle_correction, .correction = (int64_t)(c), .accepted = ok,          \
        __VA_ARGS__)
#define ADOPT ACT(ADOPT_MINUTES, adopt_minutes, .hash = S(HASH))
#define NO_CHAIR "Only the chair may do this."
#define PRESIDES "Only the chair and the secretary may do this."
#define ADOPTED "The minutes are adopted."

static const struct pl_annotation *last_note(const struct room *r)
{
    return pl_container_of(r->s->minutes.notes.prev, struct pl_annotation, node);
}

static const struct pl_correction *last_correction(const struct room *r)
{
    return pl_container_of(r->s->minutes.corrections.prev, struct pl_correction, node);
}

static void notes(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    const char *one = "A note is about an event, an item, or an earlier note: one of them.";
    done(&r, "p3", NOTE(ON(3), .text = S("So it was.")), 1);
    assert_int_equal(r.s->changed[PL_PART_MINUTES], r.s->last);
    const struct pl_annotation *note = last_note(&r);
    assert_true(note->event == 3 && !note->item && note->number == r.s->last);
    assert_string_equal(note->by.p, "Rapporteur");
    done(&r, "p3", NOTE(ON(3), .text = S("So it was.")), 0); /* a second click */
    done(&r, "p2", NOTE(.item = S("i"), .text = S("Of the item.")), 1);
    assert_string_equal(last_note(&r)->item->id.p, "i");
    /* Replaced, and taken back. */
    done(&r, "p1", NOTE(.has_note = true, .note = (int64_t)note->number, .text = S("Or so.")), 1);
    assert_string_equal(note->text.p, "Or so.");
    assert_string_equal(note->by.p, "Chair");
    assert_true(note->event == 3);
    done(&r, "p1", NOTE(.has_note = true, .note = (int64_t)note->number, .text = S("Or so.")), 0);
    done(&r, "p3", NOTE(.has_note = true, .note = (int64_t)note->number, .text = S("")), 1);
    assert_int_equal(note->text.n, 0);
    assert_int_equal(r.s->minutes.n_notes, 2);
    refused(&r, "p3", NOTE(.has_note = true, .note = 1, .text = S("x")), PL_ENOENT, "note",
            "There is no such note.");
    refused(&r, "p3", NOTE(.text = S("x")), PL_EINVAL, "event", one);
    refused(&r, "p3", NOTE(ON(1), .item = S("i"), .text = S("x")), PL_EINVAL, "item", one);
    refused(&r, "p3", NOTE(ON(0), .text = S("x")), PL_ENOENT, "event", "There is no such event.");
    refused(&r, "p3", NOTE(ON((int64_t)r.s->last + 1), .text = S("x")), PL_ENOENT, "event",
            "There is no such event.");
    done(&r, "p3", NOTE(ON((int64_t)r.s->last), .text = S("x")), 1);
    refused(&r, "p3", NOTE(.item = S("j"), .text = S("x")), PL_ENOENT, "item",
            "There is no such item on the agenda.");
    refused(&r, "p3", NOTE(ON(1), .text = S("")), PL_EINVAL, "text",
            "This must be a text without control characters, and not empty.");
    const char *who = "Only a rapporteur and who presides may annotate the minutes.";
    refused(&r, head_of(0), NOTE(ON(1), .text = S("x")), PL_EAUTH, "", who);
    refused(&r, "p5", NOTE(ON(1), .text = S("x")), PL_EAUTH, "", who);
    refused(&r, NULL, NOTE(ON(1), .text = S("x")), PL_EAUTH, "",
            "This is for somebody who is there.");
    tear_down(&r);
}

static void notes_are_limited(void **state)
{
    (void)state;
    struct room r;
    char text[16];
    set_up_all(&r, 1);
    for (int i = 0; i < PL_NOTES_MAX; i++) {
        snprintf(text, sizeof text, "%d", i);
        done(&r, "p3", NOTE(ON(1), .text = S(text)), 1);
    }
    refused(&r, "p3", NOTE(ON(1), .text = S("x")), PL_ELIMIT, "",
            "The minutes have at most 1000 notes.");
    tear_down(&r);
}

static void the_period(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    const char *closed = "The session is not closed yet.";
    refused(&r, "p1", UNTIL(r.now + 1000), PL_ESTATE, "", closed);
    refused(&r, head_of(0), CORRECT(1, "x"), PL_ESTATE, "",
            "The minutes are not open for corrections.");
    done(&r, "p1", SESSION(CLOSED), 1);
    refused(&r, head_of(0), UNTIL(r.now + 1000), PL_EAUTH, "", PRESIDES);
    refused(&r, "p1", UNTIL(r.now), PL_EINVAL, "until", "The period must end in the future.");
    done(&r, "p1", END_PERIOD, 0); /* there is none */
    done(&r, "p2", UNTIL(r.now + 1000), 1);
    done(&r, "p2", UNTIL(r.now + 1000), 0);
    assert_true(r.s->minutes.until_ms == r.now + 1000);
    done(&r, head_of(0), CORRECT(1, "x"), 1);
    int64_t until = r.now + 1000;
    r.now = until - 1;
    done(&r, head_of(0), CORRECT(1, "y"), 1);
    r.now = until;
    refused(&r, head_of(0), CORRECT(1, "z"), PL_ESTATE, "", "The period for corrections is over.");
    done(&r, "p1", UNTIL(r.now + 5000), 1);
    done(&r, head_of(0), CORRECT(1, "z"), 1);
    done(&r, "p1", END_PERIOD, 1);
    refused(&r, head_of(0), CORRECT(1, "u"), PL_ESTATE, "", "The period for corrections is over.");
    /* The session goes on: there are no minutes of it yet. */
    done(&r, "p1", SESSION(OPEN), 1);
    assert_int_equal(r.s->minutes.until_ms, 0);
    refused(&r, head_of(0), CORRECT(1, "u"), PL_ESTATE, "",
            "The minutes are not open for corrections.");
    tear_down(&r);
}

/* Days later nobody who presides need be there. */
static void who_corrects_needs_no_chair(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    done(&r, "p1", SESSION(CLOSED), 1);
    done(&r, "p1", UNTIL(r.now + 1000), 1);
    for (size_t i = 0; i < r.definition.n_people; i++)
        goes(&r, r.definition.people[i].id);
    const char *head = head_of(0);
    comes(&r, head);
    assert_int_equal(pl_meeting_by_id(r.m, S(head))->place, PL_PLACE_ROOM);
    done(&r, head, CORRECT(1, "x"), 1);
    goes(&r, head);
    r.now += 1000;
    comes(&r, head);
    assert_int_equal(pl_meeting_by_id(r.m, S(head))->place, PL_PLACE_WAITING);
    tear_down(&r);
}

static void proposals(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    done(&r, "p1", SESSION(CLOSED), 1);
    done(&r, "p1", UNTIL(r.now + 1000), 1);
    done(&r, head_of(1),
         ACT(PROPOSE_CORRECTION, propose_correction, .event = 2, .language = S("FR"),
             .text = S("Ainsi."), .reason = S("Faute.")),
         1);
    const struct pl_correction *c = last_correction(&r);
    assert_true(c->number == r.s->last && c->event == 2 && c->seat == 1 && !c->settled);
    assert_string_equal(c->language.p, "FR");
    assert_string_equal(c->reason.p, "Faute.");
    done(&r, head_of(0), CORRECT(2, "x"), 1);
    done(&r, head_of(0), CORRECT(2, "x"), 0); /* a second click */
    done(&r, head_of(1), CORRECT(2, "x"), 1); /* another delegation says the same */
    refused(&r, "p6", CORRECT(1, "x"), PL_EAUTH, "",
            "You do not hold the voice of your delegation.");
    refused(&r, "p1", CORRECT(1, "x"), PL_EAUTH, "", "Only the delegation of a seat may do this.");
    refused(&r, head_of(0), CORRECT(0, "x"), PL_ENOENT, "event", "There is no such event.");
    refused(&r, head_of(0), CORRECT((int64_t)r.s->last + 1, "x"), PL_ENOENT, "event",
            "There is no such event.");
    refused(&r, head_of(0), CORRECT(1, ""), PL_EINVAL, "text",
            "This must be a text without control characters, and not empty.");
    refused(
        &r, head_of(0),
        ACT(PROPOSE_CORRECTION, propose_correction, .event = 1, .language = S("?"), .text = S("x")),
        PL_EINVAL, "language", "A language is a tag, as in EN or FR.");
    for (int i = 1; i < PL_CORRECTIONS_OPEN_MAX; i++) {
        char text[8];
        snprintf(text, sizeof text, "%d", i);
        done(&r, head_of(0), CORRECT(2, text), 1);
    }
    refused(&r, head_of(0), CORRECT(2, "more"), PL_ELIMIT, "",
            "Twenty corrections of your delegation wait to be settled already.");
    done(&r, "p1", SETTLE(last_correction(&r)->number, true, .words = {NULL, 0}), 1);
    done(&r, head_of(0), CORRECT(2, "more"), 1);
    tear_down(&r);
}

static void corrections_are_limited(void **state)
{
    (void)state;
    struct room r;
    char text[16];
    set_up_all(&r, 1);
    done(&r, "p1", SESSION(CLOSED), 1);
    done(&r, "p1", UNTIL(r.now + 1000), 1);
    for (int i = 0; i < PL_CORRECTIONS_MAX; i++) {
        snprintf(text, sizeof text, "%d", i);
        done(&r, head_of(0), CORRECT(1, text), 1);
        done(&r, "p1", SETTLE(r.s->last, true, .words = {NULL, 0}), 1);
    }
    refused(&r, head_of(0), CORRECT(1, "x"), PL_ELIMIT, "",
            "The minutes have at most 1000 corrections.");
    tear_down(&r);
}

static void the_chair_settles(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    done(&r, "p1", SESSION(CLOSED), 1);
    done(&r, "p1", UNTIL(r.now + 1000), 1);
    done(&r, head_of(0), CORRECT(1, "one"), 1);
    uint64_t one = r.s->last;
    done(&r, head_of(0), CORRECT(1, "two"), 1);
    uint64_t two = r.s->last;
    refused(&r, "p2", SETTLE(one, true, .words = {NULL, 0}), PL_EAUTH, "", NO_CHAIR);
    refused(&r, "p1", SETTLE(1, true, .words = {NULL, 0}), PL_ENOENT, "correction",
            "There is no such correction.");
    refused(&r, "p1", SETTLE(one, false, .words = {NULL, 0}), PL_EINVAL, "words",
            "Refusing a correction needs a reason.");
    done(&r, "p1", SETTLE(one, true, .words = {NULL, 0}), 1);
    done(&r, "p1", SETTLE(one, true, .words = {NULL, 0}), 0);
    refused(&r, "p1", SETTLE(one, false, .words = S("No.")), PL_ESTATE, "correction",
            "This correction is settled already.");
    done(&r, "p1", SETTLE(two, false, .words = S("It was so.")), 1);
    const struct pl_correction *c = last_correction(&r);
    assert_true(c->settled && !c->accepted && c->settled_ms == r.now);
    assert_string_equal(c->words.p, "It was so.");
    tear_down(&r);
}

static void adoption(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    const struct pl_act put = draft("s", by_rule(PL_PROCEDURE_SILENCE)),
                        silence = call_silence("s", 1, r.now + 500);
    done(&r, "p1", &put, 1);
    done(&r, "p1", &silence, 1);
    refused(&r, "p1", ADOPT, PL_ESTATE, "", "The session is not closed yet.");
    done(&r, "p1", SESSION(CLOSED), 1);
    refused(&r, "p2", ADOPT, PL_EAUTH, "", NO_CHAIR);
    refused(&r, "p1", ADOPT, PL_ESTATE, "", "A silence has not ended yet.");
    r.now += 500;
    assert_int_equal(expire(&r), 1);
    done(&r, "p1", UNTIL(r.now + 1000), 1);
    done(&r, head_of(0), CORRECT(1, "x"), 1);
    uint64_t correction = r.s->last;
    refused(&r, "p1", ADOPT, PL_ESTATE, "", "The period for corrections is not over.");
    done(&r, "p1", END_PERIOD, 1);
    refused(&r, "p1", ADOPT, PL_ESTATE, "", "A correction is not settled yet.");
    done(&r, "p1", SETTLE(correction, true, .words = {NULL, 0}), 1);
    refused(&r, "p1", ACT(ADOPT_MINUTES, adopt_minutes, .hash = S("abc")), PL_EINVAL, "hash",
            "A hash has 64 hexadecimal digits.");
    done(&r, "p1", ADOPT, 1);
    assert_true(r.s->minutes.adopted == r.s->last && r.s->minutes.adopted_ms == r.now);
    assert_string_equal(r.s->minutes.hash.p, HASH);
    done(&r, "p1", ADOPT, 0);
    /* And they are fixed. */
    refused(&r, "p3", NOTE(ON(1), .text = S("x")), PL_ESTATE, "", ADOPTED);
    refused(&r, "p1", UNTIL(r.now + 1000), PL_ESTATE, "", ADOPTED);
    refused(&r, head_of(0), CORRECT(1, "y"), PL_ESTATE, "", ADOPTED);
    refused(&r, "p1", SETTLE(correction, false, .words = S("No.")), PL_ESTATE, "", ADOPTED);
    refused(&r, "p1", SESSION(OPEN), PL_ESTATE, "session",
            "The minutes are adopted; the session stays closed.");
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes),
        cmocka_unit_test(notes_are_limited),
        cmocka_unit_test(the_period),
        cmocka_unit_test(who_corrects_needs_no_chair),
        cmocka_unit_test(proposals),
        cmocka_unit_test(corrections_are_limited),
        cmocka_unit_test(the_chair_settles),
        cmocka_unit_test(adoption),
    };
    return cmocka_run_group_tests_name("corrections", tests, NULL, NULL);
}
