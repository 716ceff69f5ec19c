/* Who may read which event of a record: of everything that may be hidden from somebody, who reads
 * it before and after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decisions.h"
#include "signal/readers.h"

/* The record up to now, read from its beginning by another meeting. */
struct reading {
    struct pl_meeting *m;
    struct pl_readers readers;
};

static void read_all(const struct room *r, struct reading *x)
{
    struct pl_act *e = malloc(sizeof *e);
    assert_non_null(e);
    memset(x, 0, sizeof *x);
    assert_int_equal(pl_meeting_new(&r->definition, &room_random, &x->m), PL_OK);
    for (size_t i = 0; i < r->n_log; i++) {
        struct pl_decode_error error;
        json_t *json;
        struct pl_str bytes = {r->log[i].data, r->log[i].len};
        assert_int_equal(pl_event_decode(bytes, e, &json, &error), PL_OK);
        assert_int_equal(pl_readers_add(&x->readers, x->m, e), PL_OK);
        assert_int_equal(pl_meeting_apply(x->m, e, &pl_no_effects), PL_OK);
        pl_readers_applied(&x->readers, x->m, e);
        json_decref(json);
    }
    free(e);
}

static void done_reading(struct reading *x)
{
    pl_readers_free(&x->readers);
    pl_meeting_free(x->m);
}

/* Who reads it: A, what all see; C, who presides; 0 and 1, the first two delegations. */
static const char *who_reads(const struct room *r, uint64_t number)
{
    static const struct {
        char word;
        struct pl_eye eye;
    } eyes[] = {{'A', {PL_SIGHT_ALL, PL_NO_SEAT, 0}},   {'C', {PL_SIGHT_CHAIR, PL_NO_SEAT, 0}},
                {'0', {PL_SIGHT_SEAT, 0, 0}},           {'1', {PL_SIGHT_SEAT, 1, 0}},
                {'G', {PL_SIGHT_GUEST, PL_NO_SEAT, 3}}, {'O', {PL_SIGHT_OUTSIDE, PL_NO_SEAT, 0}}};
    static char out[8];
    struct reading x;
    size_t n = 0;
    read_all(r, &x);
    for (size_t i = 0; i < sizeof eyes / sizeof eyes[0]; i++)
        if (pl_readers_allow(&x.readers, number, eyes[i].eye))
            out[n++] = eyes[i].word;
    out[n] = 0;
    done_reading(&x);
    return out;
}

#define READ(number, want) assert_string_equal(who_reads(&r, number), want)
#define ALL "AC01"

static uint64_t done_by(struct room *r, const char *by, const struct pl_act *a)
{
    uint64_t first = r->s->last + 1;
    done(r, by, a, 1);
    return first;
}

static void positions(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    done(&r, "p1", ACT(PUT_PAPER, put_paper, .paper = S("p"), .item = S("i"), .title = S("Paper")),
         1);
    uint64_t put = done_by(
        &r, "p1",
        ACT(PUT_OPTION, put_option, .paper = S("p"), .option = S("o"), .title = S("Option")));
    struct {
        enum pl_visibility visibility;
        const char *want;
        uint64_t event;
    } table[] = {{PL_VISIBILITY_DELEGATION, "0", 0},
                 {PL_VISIBILITY_CHAIR, "C0", 0},
                 {PL_VISIBILITY_ALL, ALL, 0},
                 {PL_VISIBILITY_DELEGATION, "0", 0}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        table[i].event =
            done_by(&r, head_of(0),
                    ACT(TAKE_POSITION, take_position, .paper = S("p"), .option = S("o"),
                        .stance = PL_STANCE_OBJECT, .reason = S("Reason."),
                        .red_line = S("No troops."), .visibility = table[i].visibility));
    /* Each stays as it was meant, whatever took its place. */
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        READ(table[i].event, table[i].want);
    READ(put, ALL);
    READ(0, "");
    READ(r.s->last + 1, "");
    tear_down(&r);
}

/* A red line that not all see stands in what the chair acknowledged. */
static void warnings(void **state)
{
    (void)state;
    static const struct {
        enum pl_visibility visibility;
        const char *want;
    } table[] = {{PL_VISIBILITY_CHAIR, "C"}, {PL_VISIBILITY_ALL, ALL}};
    for (size_t i = 0; i < 2; i++) {
        struct room r;
        set_up_all(&r, 2);
        done(&r, "p1",
             ACT(PUT_PAPER, put_paper, .paper = S("p"), .item = S("i"), .title = S("Paper")), 1);
        done(&r, "p1",
             ACT(PUT_OPTION, put_option, .paper = S("p"), .option = S("o"), .title = S("Option")),
             1);
        done(&r, head_of(0),
             ACT(TAKE_POSITION, take_position, .paper = S("p"), .option = S("o"),
                 .stance = PL_STANCE_OBJECT, .reason = S("Reason."), .red_line = S("No troops."),
                 .visibility = table[i].visibility),
             1);
        struct pl_act a = draft("d", by_rule(PL_PROCEDURE_CONSENSUS));
        a.put_decision.paper = S("p");
        a.put_decision.option = S("o");
        done(&r, "p1", &a, 1);
        a = call("d", 1);
        a.call_decision.acknowledgement = S("Known.");
        uint64_t called = done_by(&r, "p1", &a);
        assert_int_equal(decision(&r, "d")->n_warnings, 1);
        READ(called, table[i].want);
        tear_down(&r);
    }
}

static void votes_aloud(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_CONSENSUS));
    done(&r, "p1", &a, 1);
    a = call("d", 1);
    done(&r, "p1", &a, 1);
    a = vote("d", 1, PL_CHOICE_JOIN);
    READ(done_by(&r, head_of(0), &a), ALL);
    tear_down(&r);
}

static void ballots(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_SIMPLE));
    done(&r, "p1", &a, 1);
    a = call("d", 1);
    done(&r, "p1", &a, 1);
    a = vote("d", 1, PL_CHOICE_NO);
    uint64_t first = done_by(&r, head_of(0), &a);
    a = vote("d", 1, PL_CHOICE_YES);
    uint64_t second = done_by(&r, head_of(0), &a), other = done_by(&r, head_of(1), &a);
    READ(first, "0");
    READ(second, "0");
    READ(other, "1");
    a = close_it("d");
    uint64_t closed = done_by(&r, "p1", &a);
    READ(closed, ALL);
    READ(first, "0"); /* nobody is shown what was thought better of */
    READ(second, ALL);
    READ(other, ALL);
    tear_down(&r);
}

/* Of a call that came to nothing, and of one that was withdrawn, nobody is shown the ballots: not
 * after another rule was put either. */
static void ballots_in_vain(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    struct pl_act_rule rule = by_rule(PL_PROCEDURE_SIMPLE);
    rule.has_quorum = true;
    rule.quorum = 3;
    struct pl_act a = draft("d", rule);
    done(&r, "p1", &a, 1);
    a = call("d", 1);
    done(&r, "p1", &a, 1);
    a = vote("d", 1, PL_CHOICE_NO);
    uint64_t vain = done_by(&r, head_of(0), &a);
    goes(&r, head_of(1));
    a = close_it("d");
    done(&r, "p1", &a, 1);
    assert_int_equal(decision(&r, "d")->state, PL_DECISION_STATE_DRAFT);
    READ(vain, "0");
    a = draft("d", by_rule(PL_PROCEDURE_ROLL_CALL));
    done(&r, "p1", &a, 1);
    int64_t version = (int64_t)decision(&r, "d")->version;
    a = call("d", version);
    done(&r, "p1", &a, 1);
    READ(vain, "0");
    a = vote("d", version, PL_CHOICE_YES);
    READ(done_by(&r, head_of(0), &a), ALL);
    done(&r, "p1",
         ACT(WITHDRAW_DECISION, withdraw_decision, .decision = S("d"), .reason = S("Enough.")), 1);
    READ(vain, "0");
    a = draft("e", by_rule(PL_PROCEDURE_UNANIMITY));
    done(&r, "p1", &a, 1);
    a = call("e", 1);
    done(&r, "p1", &a, 1);
    a = vote("e", 1, PL_CHOICE_YES);
    uint64_t withdrawn = done_by(&r, head_of(0), &a);
    done(&r, "p1",
         ACT(WITHDRAW_DECISION, withdraw_decision, .decision = S("e"), .reason = S("Enough.")), 1);
    READ(withdrawn, "0");
    tear_down(&r);
}

static void texts(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    uint64_t spoken =
        done_by(&r, head_of(0), ACT(REQUEST_FLOOR, request_floor, .kind = PL_FLOOR_KIND_SPEAK));
    READ(spoken, ALL);
    uint64_t written = done_by(
        &r, head_of(1),
        ACT(REQUEST_FLOOR, request_floor, .kind = PL_FLOOR_KIND_SPEAK, .text = S("In writing.")));
    READ(written, "1");
    uint64_t nobodys = done_by(&r, "p7",
                               ACT(REQUEST_FLOOR, request_floor, .kind = PL_FLOOR_KIND_SPEAK,
                                   .text = S("Of the briefer.")));
    READ(nobodys, "");
    done(&r, "p1", ACT(GIVE_FLOOR, give_floor, .has_entry = true, .entry = (int64_t)spoken), 1);
    READ(written, "1");
    done(&r, "p1", ACT(GIVE_FLOOR, give_floor, .has_entry = true, .entry = (int64_t)written), 1);
    READ(written, ALL);
    done(&r, "p7", ACT(WITHDRAW_FLOOR, withdraw_floor, .entry = (int64_t)nobodys), 1);
    READ(nobodys, "");
    tear_down(&r);
}

/* Those outside are who presides' to know, until they come in. */
static void comings(void **state)
{
    (void)state;
    struct room r;
    set_up(&r, 2);
    r.definition.lobby = true;
    uint64_t chair = r.s->last + 1;
    comes(&r, "p1");
    READ(chair, ALL);
    uint64_t first = r.s->last + 1;
    comes(&r, head_of(0));
    uint64_t second = r.s->last + 1;
    comes(&r, head_of(1));
    READ(first, "C");
    uint64_t admitted =
        done_by(&r, "p1", ACT(ADMIT, admit, .participant = S(head_of(0)), .admitted = true));
    READ(admitted, "C");
    READ(first, ALL);
    READ(second, "C");
    uint64_t left = r.s->last + 1;
    goes(&r, head_of(1));
    READ(left, "C");
    READ(second, "C");
    left = r.s->last + 1;
    goes(&r, head_of(0));
    READ(left, ALL);
    tear_down(&r);
}

static void opening(void **state)
{
    (void)state;
    struct room r;
    set_up(&r, 2);
    uint64_t waits = r.s->last + 1;
    comes(&r, head_of(0));
    READ(waits, "C");
    comes(&r, "p1");
    READ(waits, ALL);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions),       cmocka_unit_test(warnings),
        cmocka_unit_test(votes_aloud),     cmocka_unit_test(ballots),
        cmocka_unit_test(ballots_in_vain), cmocka_unit_test(texts),
        cmocka_unit_test(comings),         cmocka_unit_test(opening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
