/* People and seats that are added to a meeting that is made: who may, as what, and what the
 * record's events make of it anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "procedure.h"

#define SEAT(of, ...) ACT(ADD_SEAT, add_seat, .seat = ID(of), .name = ID("A seat"), __VA_ARGS__)
#define LATE(as, ...) ACT(ADD_PERSON, add_person, .role = PL_LATE_ROLE_##as, __VA_ARGS__)

/* Everybody is here; the meeting is interpreted into French. */
static void set_up_french(struct procedure *f)
{
    set_up_all(f, PL_FLOOR_OPEN);
    snprintf(f->definition.languages[0], sizeof f->definition.languages[0], "FR");
    f->definition.n_languages = 1;
}

static void who_presides_adds(void **state)
{
    (void)state;
    struct procedure f;
    set_up_french(&f);
    const struct pl_act *late = LATE(OBSERVER, .name = ID("Late"));
    const char *why = "Only the chair and the secretary may do this.";
    refused(&f, "p3", late, PL_EAUTH, "", why);
    refused(&f, "p10", late, PL_EAUTH, "", why);
    done(&f, "p1", late, 1);
    says(&f, "'act':'add_person','person':'p15','name':'Late','role':'observer'}");
    done(&f, "p2", LATE(ADVISER, .name = ID("Later"), .seat = ID("NOR")), 1);
    says(&f, "'act':'add_person','person':'p16','name':'Later','role':'adviser','seat':'NOR'}");
    done(&f, NULL, LATE(INTERPRETER, .name = ID("Voice"), .language = ID("FR")), 1);
    const struct pl_definition *d = pl_meeting_definition(f.m);
    assert_int_equal(d->n_people, PROCEDURE_PEOPLE + 3);
    assert_string_equal(d->people[14].name, "Late");
    assert_int_equal(d->people[15].seat, NOR);
    assert_string_equal(d->people[16].language, "FR");
    assert_string_equal(d->people[0].name, "Chair");
    assert_int_equal(f.definition.n_people, PROCEDURE_PEOPLE); /* as it was made */
    comes(&f, 15);
    comes(&f, 16);
    assert_int_equal(who(&f, "p15")->role, PL_ROLE_OBSERVER);
    assert_int_equal(who(&f, "p16")->place, PL_PLACE_ROOM);
    assert_int_equal(f.s->seats[NOR].present, 5);
    goes(&f, "p15");
    tear_down(&f);
}

static void as_what(void **state)
{
    (void)state;
    const struct {
        enum pl_late_role role;
        const char *name, *seat, *language, *field, *why;
    } rows[] = {
        {PL_LATE_ROLE_OBSERVER,
         "A\xe2\x80\xae"
         "B",
         NULL, NULL, "name", "A name has no characters that turn the direction of writing."},
        {PL_LATE_ROLE_OBSERVER, "", NULL, NULL, "name", "This must be one line, and not empty."},
        {PL_LATE_ROLE_OBSERVER, "a\nb", NULL, NULL, "name",
         "This must be one line, and not empty."},
        {PL_LATE_ROLE_DELEGATE, "L", NULL, NULL, "seat",
         "Delegates and advisers sit behind a seat: say which."},
        {PL_LATE_ROLE_ADVISER, "L", "SWE", NULL, "seat", "There is no such seat."},
        {PL_LATE_ROLE_OBSERVER, "L", "NOR", NULL, "seat",
         "Only delegates, advisers and who is invited sit behind a seat."},
        {PL_LATE_ROLE_INTERPRETER, "L", NULL, NULL, "language",
         "Say into which language they interpret."},
        {PL_LATE_ROLE_INTERPRETER, "L", NULL, "DE", "language",
         "This is none of the meeting's languages."},
        {PL_LATE_ROLE_BRIEFER, "L", NULL, "FR", "language",
         "Only interpreters and captioners have a language."},
        {PL_LATE_ROLE_CAPTIONER, "L", NULL, NULL, "language",
         "Say in which language they caption."},
        {PL_LATE_ROLE_CAPTIONER, "L", NULL, "E N", "language",
         "This is no language tag, as in EN."},
    };
    struct procedure f;
    set_up_french(&f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct pl_act a = {
            .type = PL_ACT_ADD_PERSON,
            .add_person = {.name = pl_str(rows[i].name),
                           .role = rows[i].role,
                           .seat = rows[i].seat ? pl_str(rows[i].seat) : (struct pl_str){0},
                           .language =
                               rows[i].language ? pl_str(rows[i].language) : (struct pl_str){0}}};
        refused(&f, "p1", &a, PL_EINVAL, rows[i].field, rows[i].why);
    }
    done(&f, "p1", LATE(INVITED, .name = ID("L"), .seat = ID("GUE")), 1);
    tear_down(&f);
}

/* The delegation of a seat that had nobody is theirs; another's head stays. */
static void heads_an_empty_delegation(void **state)
{
    (void)state;
    const struct pl_random random = {procedure_fill, NULL};
    struct procedure f;
    set_up_all(&f, PL_FLOOR_OPEN);
    done(&f, "p1", LATE(DELEGATE, .name = ID("L"), .seat = ID("NOR")), 1);
    assert_int_equal(f.s->seats[NOR].head, 2);
    tear_down(&f);

    set_up(&f, PL_FLOOR_OPEN);
    pl_meeting_free(f.m);
    pl_meeting_free(f.twin);
    f.definition.n_people = 5; /* nobody of Denmark */
    assert_int_equal(pl_meeting_new(&f.definition, &random, &f.m), PL_OK);
    assert_int_equal(pl_meeting_new(&f.definition, &random, &f.twin), PL_OK);
    f.s = pl_meeting_state(f.m);
    assert_int_equal(f.s->seats[DEN].head, PL_NO_PERSON);
    done(&f, NULL, LATE(ADVISER, .name = ID("A"), .seat = ID("DEN")), 1);
    assert_int_equal(f.s->seats[DEN].head, PL_NO_PERSON);
    done(&f, NULL, LATE(DELEGATE, .name = ID("D"), .seat = ID("DEN")), 1);
    done(&f, NULL, LATE(DELEGATE, .name = ID("E"), .seat = ID("DEN")), 1);
    assert_int_equal(f.s->seats[DEN].head, 6);
    assert_int_equal(f.s->seats[DEN].voice, 6);
    tear_down(&f);
}

/* What the record says is taken as it is only if it follows. */
static void from_the_record(void **state)
{
    (void)state;
    const struct {
        const char *person, *name;
        enum pl_late_role role;
        enum pl_err err;
    } rows[] = {
        {"p16", "L", PL_LATE_ROLE_OBSERVER, PL_EINVAL}, /* p15 comes first */
        {"15", "L", PL_LATE_ROLE_OBSERVER, PL_EINVAL},
        {"", "L", PL_LATE_ROLE_OBSERVER, PL_EINVAL},
        {"p10", "Observer", PL_LATE_ROLE_OBSERVER, PL_EINVAL}, /* who is there already */
        {"p15", "L", PL_LATE_ROLE_OBSERVER, PL_OK},
        {"p15", "L", PL_LATE_ROLE_OBSERVER, PL_EINVAL},
    };
    struct procedure f;
    set_up(&f, PL_FLOOR_OPEN);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct pl_act e = {.type = PL_ACT_ADD_PERSON,
                                 .number = f.s->last + 1,
                                 .add_person = {.person = pl_str(rows[i].person),
                                                .name = pl_str(rows[i].name),
                                                .role = rows[i].role}};
        assert_int_equal(pl_meeting_apply(f.m, &e, &pl_no_effects), rows[i].err);
        assert_int_equal(pl_meeting_apply(f.twin, &e, &pl_no_effects), rows[i].err);
    }
    assert_int_equal(pl_meeting_definition(f.m)->n_people, PROCEDURE_PEOPLE + 1);
    tear_down(&f);
}

static void no_more_than_may_be(void **state)
{
    (void)state;
    const struct pl_random random = {procedure_fill, NULL};
    struct procedure f;
    set_up(&f, PL_FLOOR_OPEN);
    pl_meeting_free(f.m);
    pl_meeting_free(f.twin);
    f.definition.n_people = PL_PEOPLE_MAX - 1;
    f.definition.people = calloc(PL_PEOPLE_MAX, sizeof *f.definition.people);
    assert_non_null(f.definition.people);
    for (size_t i = 0; i < PL_PEOPLE_MAX; i++)
        f.definition.people[i] = procedure_people[9];
    assert_int_equal(pl_meeting_new(&f.definition, &random, &f.m), PL_OK);
    assert_int_equal(pl_meeting_new(&f.definition, &random, &f.twin), PL_OK);
    f.s = pl_meeting_state(f.m);
    const struct pl_act *late = LATE(OBSERVER, .name = ID("L"));
    done(&f, NULL, late, 1);
    says(&f, "'act':'add_person','person':'p5000','name':'L','role':'observer'}");
    refused(&f, NULL, late, PL_ELIMIT, "", "This meeting has as many people as it may have.");
    tear_down(&f);
    free(f.definition.people);
}

static void put_and_call(struct procedure *f, const char *decision, enum pl_procedure procedure)
{
    struct pl_act_wording text = {.language = pl_str("EN"), .text = pl_str("We do.")};
    struct pl_act put = {.type = PL_ACT_PUT_DECISION,
                         .put_decision = {.decision = pl_str(decision),
                                          .item = pl_str("i1"),
                                          .title = pl_str("T"),
                                          .rule = {.procedure = procedure},
                                          .n_texts = 1}};
    put.put_decision.texts[0] = text;
    done(f, "p1", &put, 1);
    struct pl_act call = {.type = PL_ACT_CALL_DECISION,
                          .call_decision = {.decision = pl_str(decision), .version = 1}};
    if (procedure == PL_PROCEDURE_SILENCE) {
        call.call_decision.has_deadline = true;
        call.call_decision.deadline = f->now + 3600000;
        call.call_decision.time_zone = pl_str("UTC");
    }
    done(f, "p1", &call, 1);
}

/* The decision of this id, as both meetings have it. */
static const struct pl_decision *decision(const struct pl_meeting *m, const char *id)
{
    pl_list_each (struct pl_decision, d, &pl_meeting_state(m)->decisions, node) {
        if (pl_str_eq(pl_str(id), d->id.p))
            return d;
    }
    fail_msg("there is no decision %s", id);
    return NULL;
}

static void only_the_administrator_adds_a_seat(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_OPEN);
    const char *why = "Only the administrator adds a seat.";
    refused(&f, "p1", SEAT("SWE", .weight = 1), PL_EAUTH, "", why);
    refused(&f, "p2", SEAT("SWE", .weight = 1), PL_EAUTH, "", why);
    refused(&f, "p3", SEAT("SWE", .weight = 1), PL_EAUTH, "", why);
    uint64_t seats = f.s->changed[PL_PART_SEATS], session = f.s->changed[PL_PART_SESSION];
    assert_int_equal(pl_meeting_members(f.m), 2);
    done(&f, NULL, SEAT("SWE", .country = ID("SE"), .weight = 3), 1);
    says(&f, "'act':'add_seat','seat':'SWE','name':'A seat','country':'SE','guest':false,"
             "'weight':3}");
    const struct pl_definition *d = pl_meeting_definition(f.m);
    assert_int_equal(d->n_seats, SEATS + 1);
    assert_string_equal(d->seats[SEATS].id, "SWE");
    assert_string_equal(d->seats[SEATS].country, "SE");
    assert_int_equal(d->seats[SEATS].weight, 3);
    assert_string_equal(d->seats[NOR].name, "Norway");
    assert_int_equal(f.definition.n_seats, SEATS); /* as it was made */
    assert_int_equal(pl_meeting_members(f.m), 3);
    assert_true(f.s->changed[PL_PART_SEATS] > seats && f.s->changed[PL_PART_SESSION] > session);
    done(&f, NULL, SEAT("EU", .guest = true, .weight = 1), 1);
    assert_int_equal(pl_meeting_members(f.m), 3);
    tear_down(&f);
}

/* Its delegate heads it, is counted as present, and may hand on its voice. */
static void a_seat_gets_its_delegation(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_OPEN);
    done(&f, NULL, SEAT("SWE", .weight = 1), 1);
    assert_int_equal(f.s->seats[SEATS].head, PL_NO_PERSON);
    assert_int_equal(pl_meeting_present(f.m), 2);
    done(&f, "p1", LATE(DELEGATE, .name = ID("Sven"), .seat = ID("SWE")), 1);
    assert_int_equal(f.s->seats[SEATS].head, 14);
    comes(&f, 15);
    assert_int_equal(pl_meeting_present(f.m), 3);
    assert_int_equal(f.s->seats[SEATS].present, 1);
    done(&f, "p1", LATE(ADVISER, .name = ID("Saga"), .seat = ID("SWE")), 1);
    comes(&f, 16);
    done(&f, "p15", ACT(VOICE, voice, .person = ID("p16")), 1);
    assert_int_equal(f.s->seats[SEATS].voice, 15);
    tear_down(&f);
}

/* A call fixes who takes part; what is called from then on is theirs, too. */
static void takes_part_in_what_is_called_from_then_on(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_OPEN);
    f.definition.quorum = 3;
    put_and_call(&f, "before", PL_PROCEDURE_SIMPLE);
    done(&f, NULL, SEAT("SWE", .weight = 1), 1);
    done(&f, "p1", LATE(DELEGATE, .name = ID("Sven"), .seat = ID("SWE")), 1);
    comes(&f, 15);
    const struct pl_meeting *both[] = {f.m, f.twin};
    struct pl_numbers numbers;
    for (int i = 0; i < 2; i++) {
        assert_false(decision(both[i], "before")->casts[SEATS].takes_part);
        pl_decision_numbers(both[i], decision(both[i], "before"), &numbers);
        assert_int_equal(numbers.members.seats, 2);
        assert_int_equal(numbers.quorum, 2); /* all that take part */
    }
    assert_true(decide(&f, "p15",
                       ACT(VOTE, vote, .decision = ID("before"), .version = 1,
                           .choice = PL_CHOICE_YES)) != PL_OK);
    for (const char *const *by = (const char *const[]){"p3", "p6", NULL}; *by; by++)
        done(&f, *by,
             ACT(VOTE, vote, .decision = ID("before"), .version = 1, .choice = PL_CHOICE_YES), 1);
    done(&f, "p1", ACT(CLOSE_DECISION, close_decision, .decision = ID("before")), 1);
    assert_int_equal(decision(f.m, "before")->outcome, PL_OUTCOME_ADOPTED);
    put_and_call(&f, "after", PL_PROCEDURE_SIMPLE);
    for (int i = 0; i < 2; i++) {
        assert_true(decision(both[i], "after")->casts[SEATS].takes_part);
        pl_decision_numbers(both[i], decision(both[i], "after"), &numbers);
        assert_int_equal(numbers.members.seats, 3);
        assert_int_equal(numbers.quorum, 3);
    }
    done(&f, "p15", ACT(VOTE, vote, .decision = ID("after"), .version = 1, .choice = PL_CHOICE_NO),
         1);
    tear_down(&f);
}

/* Restarted, silence is a call anew. */
static void takes_part_in_a_silence_that_is_restarted(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_OPEN);
    put_and_call(&f, "s", PL_PROCEDURE_SILENCE);
    done(&f, NULL, SEAT("SWE", .weight = 1), 1);
    assert_false(decision(f.m, "s")->casts[SEATS].takes_part);
    struct pl_act again = {.type = PL_ACT_RESTART_SILENCE,
                           .restart_silence = {.decision = pl_str("s"),
                                               .deadline = f.now + 7200000,
                                               .time_zone = pl_str("UTC"),
                                               .n_texts = 1}};
    again.restart_silence.texts[0] =
        (struct pl_act_wording){.language = pl_str("EN"), .text = pl_str("We do not.")};
    done(&f, "p1", &again, 1);
    assert_true(decision(f.m, "s")->casts[SEATS].takes_part);
    assert_true(decision(f.twin, "s")->casts[SEATS].takes_part);
    tear_down(&f);
}

static void which_seat(void **state)
{
    (void)state;
    const struct {
        const char *seat, *name, *country;
        int64_t weight;
        const char *field, *why;
    } rows[] = {
        {"", "N", NULL, 1, "seat",
         "An id has 1 to 32 letters, digits, dots, dashes and underscores."},
        {"A B", "N", NULL, 1, "seat",
         "An id has 1 to 32 letters, digits, dots, dashes and underscores."},
        {"NOR", "N", NULL, 1, "seat", "There is a seat of this id already."},
        {"SWE", "", NULL, 1, "name", "This must be one line, and not empty."},
        {"SWE", "N\xe2\x80\xae", NULL, 1, "name",
         "A name has no characters that turn the direction of writing."},
        {"SWE", "N", "se", 1, "country", "A country is two capital letters (ISO 3166-1)."},
        {"SWE", "N", NULL, -1, "weight", "A weight is 0 to 1000000000."},
        {"SWE", "N", NULL, PL_WEIGHT_MAX + 1, "weight", "A weight is 0 to 1000000000."},
    };
    struct procedure f;
    set_up_all(&f, PL_FLOOR_OPEN);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_act a = {.type = PL_ACT_ADD_SEAT,
                           .add_seat = {.seat = pl_str(rows[i].seat),
                                        .name = pl_str(rows[i].name),
                                        .weight = rows[i].weight}};
        if (rows[i].country)
            a.add_seat.country = pl_str(rows[i].country);
        refused(&f, NULL, &a, PL_EINVAL, rows[i].field, rows[i].why);
        a.number = f.s->last + 1; /* nor from the record */
        assert_int_equal(pl_meeting_apply(f.m, &a, &pl_no_effects), PL_EINVAL);
    }
    done(&f, NULL, SEAT("SWE", .weight = PL_WEIGHT_MAX), 1);
    done(&f, "p1", ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED), 2);
    refused(&f, NULL, SEAT("FIN", .weight = 1), PL_ESTATE, "", "The session is closed.");
    tear_down(&f);
}

static void no_more_seats_than_may_be(void **state)
{
    (void)state;
    const struct pl_random random = {procedure_fill, NULL};
    struct procedure f;
    set_up(&f, PL_FLOOR_OPEN);
    pl_meeting_free(f.m);
    pl_meeting_free(f.twin);
    f.definition.n_seats = PL_SEATS_MAX - 1;
    f.definition.seats = calloc(PL_SEATS_MAX, sizeof *f.definition.seats);
    assert_non_null(f.definition.seats);
    for (size_t i = 0; i < PL_SEATS_MAX; i++)
        f.definition.seats[i] = procedure_seats[i < SEATS ? i : NOR];
    assert_int_equal(pl_meeting_new(&f.definition, &random, &f.m), PL_OK);
    assert_int_equal(pl_meeting_new(&f.definition, &random, &f.twin), PL_OK);
    f.s = pl_meeting_state(f.m);
    done(&f, NULL, SEAT("SWE", .weight = 1), 1);
    assert_int_equal(pl_meeting_definition(f.m)->n_seats, PL_SEATS_MAX);
    refused(&f, NULL, SEAT("FIN", .weight = 1), PL_ELIMIT, "",
            "This meeting has as many seats as it may have.");
    tear_down(&f);
    free(f.definition.seats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_presides_adds),
        cmocka_unit_test(as_what),
        cmocka_unit_test(heads_an_empty_delegation),
        cmocka_unit_test(from_the_record),
        cmocka_unit_test(no_more_than_may_be),
        cmocka_unit_test(only_the_administrator_adds_a_seat),
        cmocka_unit_test(a_seat_gets_its_delegation),
        cmocka_unit_test(takes_part_in_what_is_called_from_then_on),
        cmocka_unit_test(takes_part_in_a_silence_that_is_restarted),
        cmocka_unit_test(which_seat),
        cmocka_unit_test(no_more_seats_than_may_be),
    };
    return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
