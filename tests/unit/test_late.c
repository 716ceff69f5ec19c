/* People who are added to a meeting that is made: who may, as what, and what the record's events
 * make of it anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "procedure.h"

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
        {"p10", "Observer", PL_LATE_ROLE_OBSERVER, PL_OK}, /* the store's definition has them */
        {"p10", "Another", PL_LATE_ROLE_OBSERVER, PL_EINVAL},
        {"p10", "Observer", PL_LATE_ROLE_RAPPORTEUR, PL_EINVAL},
        {"p15", "L", PL_LATE_ROLE_OBSERVER, PL_OK},
        {"p15", "L", PL_LATE_ROLE_OBSERVER, PL_OK},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_presides_adds),         cmocka_unit_test(as_what),
        cmocka_unit_test(heads_an_empty_delegation), cmocka_unit_test(from_the_record),
        cmocka_unit_test(no_more_than_may_be),
    };
    return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
