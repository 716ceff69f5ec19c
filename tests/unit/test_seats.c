/* Seats: which of them are present, and who speaks for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "procedure.h"

static const struct pl_act *voice_to(const char *person)
{
    static struct pl_act a;
    a = (struct pl_act){.type = PL_ACT_VOICE, .voice = {.person = pl_str(person)}};
    return &a;
}

static void the_first_delegate_has_the_voice(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    assert_int_equal(f.s->seats[NOR].head, 2);
    assert_int_equal(f.s->seats[NOR].voice, 2);
    for (size_t i = 0; i < PROCEDURE_PEOPLE; i++) {
        const char *id = procedure_people[i].shared ? "p11.1" : procedure_people[i].id;
        bool has = i == 2 || i == 5 || i == 11;
        assert_int_equal(pl_meeting_has_voice(f.m, who(&f, id)), has);
    }
    assert_false(pl_meeting_has_voice(f.m, who(&f, "p13.1")));
    tear_down(&f);
}

/* Guests count for nothing, and several persons make one seat. */
static void members_and_those_present(void **state)
{
    (void)state;
    static const struct {
        int who; /* comes; negative: goes */
        size_t present;
        bool seats, session; /* were these told? */
    } rows[] = {
        {3, 1, true, true},    {4, 1, false, false},  {12, 1, true, false}, {6, 2, true, true},
        {-3, 2, false, false}, {-4, 1, true, true},   {8, 1, false, false}, {4, 2, true, true},
        {-12, 2, true, false}, {-8, 2, false, false}, {-6, 1, true, true},  {3, 1, false, false},
        {10, 1, false, false},
    };
    struct procedure f;
    set_up(&f, PL_FLOOR_CHAIRED);
    comes(&f, 1);
    assert_int_equal(pl_meeting_members(f.m), 2);
    assert_int_equal(pl_meeting_present(f.m), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char id[8];
        snprintf(id, sizeof id, "p%d", abs(rows[i].who) % 100);
        if (rows[i].who > 0)
            comes(&f, (uint32_t)rows[i].who);
        else
            goes(&f, id);
        assert_int_equal(pl_meeting_present(f.m), rows[i].present);
        assert_int_equal(f.s->changed[PL_PART_SEATS] == f.s->last, rows[i].seats);
        assert_int_equal(f.s->changed[PL_PART_SESSION] == f.s->last, rows[i].session);
    }
    assert_int_equal(pl_meeting_members(f.m), 2);
    tear_down(&f);
}

/* Whoever waits or stands in the lobby is not present. */
static void the_lobby_is_not_the_room(void **state)
{
    (void)state;
    struct procedure f;
    set_up(&f, PL_FLOOR_CHAIRED);
    f.definition.lobby = true;
    comes(&f, 3);
    assert_int_equal(pl_meeting_present(f.m), 0);
    refused(&f, "p3", voice_to("p4"), PL_ESTATE, "", "You are not in the room yet.");
    comes(&f, 1);
    assert_int_equal(who(&f, "p3")->place, PL_PLACE_LOBBY);
    assert_int_equal(pl_meeting_present(f.m), 0);
    refused(&f, "p3", voice_to("p4"), PL_ESTATE, "", "You are not in the room yet.");
    done(&f, "p1", ACT(ADMIT, admit, .participant = ID("p3"), .admitted = true), 1);
    assert_int_equal(pl_meeting_present(f.m), 1);
    assert_int_equal(f.s->changed[PL_PART_SEATS], f.s->last);
    done(&f, "p1", ACT(REMOVE, remove, .participant = ID("p3")), 1);
    assert_int_equal(pl_meeting_present(f.m), 0);
    tear_down(&f);
}

/* p3 is the head, p4 has the voice. */
static void who_hands_on_the_voice(void **state)
{
    (void)state;
    static const char delegation[] = "Only the delegation of a seat may do this.";
    static const char holder[] =
        "Only its holder and the head of the delegation hand on the voice.";
    static const char myself[] =
        "While its holder is not here you take the voice to yourself only.";
    static const struct {
        const char *by, *to;
        bool holder_here;
        enum pl_err err;
        const char *field, *why;
    } rows[] = {
        {"p4", "p5", true, PL_OK, "", NULL}, /* the holder */
        {"p3", "p5", true, PL_OK, "", NULL}, /* the head, to another */
        {"p3", "p3", true, PL_OK, "", NULL}, /* and back to themselves */
        {"p3", "p5", false, PL_OK, "", NULL},
        {"p5", "p5", false, PL_OK, "", NULL}, /* as its holder is not here */
        {"p5", "p5", true, PL_EAUTH, "", holder},
        {"p5", "p3", false, PL_EAUTH, "person", myself},
        {"p13.1", "p13", false, PL_EINVAL, "person",
         "An invitation that many share does not hold a voice."},
        {"p4", "p6", true, PL_EINVAL, "person", "The voice of a seat stays in its delegation."},
        {"p4", "p1", true, PL_EINVAL, "person", "The voice of a seat stays in its delegation."},
        {"p4", "p99", true, PL_ENOENT, "person", "There is no such person."},
        {"p4", "", true, PL_ENOENT, "person", "There is no such person."},
        {"p4", "NOR", true, PL_ENOENT, "person", "There is no such person."},
        {"p6", "p4", true, PL_EINVAL, "person", "The voice of a seat stays in its delegation."},
        {"p1", "p5", true, PL_EAUTH, "", delegation},
        {"p2", "p5", true, PL_EAUTH, "", delegation},
        {"p8", "p5", true, PL_EAUTH, "", delegation},
        {"p9", "p5", true, PL_EAUTH, "", delegation},
        {"p10", "p5", true, PL_EAUTH, "", delegation},
        {NULL, "p5", true, PL_EAUTH, "", delegation},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct procedure f;
        set_up_all(&f, PL_FLOOR_CHAIRED);
        done(&f, "p3", voice_to("p4"), 1);
        EFFECTS(&f, "changed p3; changed p4");
        says(&f, "'act':'voice','person':'p4','seat':'NOR'}");
        assert_int_equal(f.s->changed[PL_PART_SEATS], f.s->last);
        if (!rows[i].holder_here)
            goes(&f, "p4");
        if (rows[i].err == PL_OK) {
            done(&f, rows[i].by, voice_to(rows[i].to), 1);
            assert_true(pl_meeting_has_voice(f.m, who(&f, rows[i].to)));
        } else {
            refused(&f, rows[i].by, voice_to(rows[i].to), rows[i].err, rows[i].field, rows[i].why);
            assert_int_equal(f.s->seats[NOR].voice, 3);
        }
        tear_down(&f);
    }
}

static void the_voice_goes_to_the_absent_and_comes_back(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    goes(&f, "p4");
    done(&f, "p3", voice_to("p4"), 1); /* though not here */
    EFFECTS(&f, "changed p3");
    assert_false(pl_meeting_has_voice(f.m, who(&f, "p3")));
    done(&f, "p3", voice_to("p4"), 0); /* twice */
    done(&f, "p5", voice_to("p5"), 1);
    comes(&f, 4);
    assert_false(pl_meeting_has_voice(f.m, who(&f, "p4")));
    assert_true(pl_meeting_has_voice(f.m, who(&f, "p5")));
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_delegate_has_the_voice),
        cmocka_unit_test(members_and_those_present),
        cmocka_unit_test(the_lobby_is_not_the_room),
        cmocka_unit_test(who_hands_on_the_voice),
        cmocka_unit_test(the_voice_goes_to_the_absent_and_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
