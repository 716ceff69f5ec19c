/* Interpreters: one microphone a channel, which goes from hand to hand in the booth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "meet/meeting.h"

#include <stdio.h>

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
}
static const struct pl_random random_source = {fill, NULL};

enum { CHAIR, ANNE, BEN, EVA, NOBODY, STRAY, DELEGATE, PEOPLE };

static struct pl_person people[PEOPLE] = {
    [CHAIR] = {.id = "p1", .name = "Chair", .role = PL_ROLE_CHAIR, .seat = PL_NO_SEAT},
    [ANNE] = {.id = "p2",
              .name = "Anne",
              .role = PL_ROLE_INTERPRETER,
              .seat = PL_NO_SEAT,
              .language = "FR"},
    [BEN] = {.id = "p3",
             .name = "Ben",
             .role = PL_ROLE_INTERPRETER,
             .seat = PL_NO_SEAT,
             .language = "FR"},
    [EVA] = {.id = "p4",
             .name = "Eva",
             .role = PL_ROLE_INTERPRETER,
             .seat = PL_NO_SEAT,
             .language = "EN"},
    [NOBODY] = {.id = "p5", .name = "Noor", .role = PL_ROLE_INTERPRETER, .seat = PL_NO_SEAT},
    [STRAY] = {.id = "p6",
               .name = "Sam",
               .role = PL_ROLE_INTERPRETER,
               .seat = PL_NO_SEAT,
               .language = "DE"},
    [DELEGATE] = {.id = "p7", .name = "Dag", .role = PL_ROLE_DELEGATE, .seat = 0, .language = "FR"},
};
static struct pl_seat seats[] = {{.id = "NOR", .name = "Norway", .country = "NO", .weight = 1}};

static struct pl_definition definition = {
    .title = "T",
    .floor = PL_FLOOR_CHAIRED,
    .languages = {"EN", "FR"},
    .n_languages = 2,
    .seats = seats,
    .n_seats = 1,
    .people = people,
    .n_people = PEOPLE,
};

static struct pl_meeting *m;
static struct pl_buf told; /* effects: "p2 on, p3 off, " */
static struct pl_denial denial;

static void note(void *ctx, enum pl_effect_type type, struct pl_participant *who,
                 enum pl_refusal refusal, const struct pl_act *event)
{
    (void)ctx;
    (void)refusal;
    (void)event;
    if (type == PL_EFFECT_CHANGED)
        pl_buf_printf(&told, "%s %s%s, ", who->id, who->booth ? "on" : "off",
                      who->offers_booth ? " offers" : "");
}

static void apply(const struct pl_act *events, size_t n)
{
    const struct pl_effects effects = {NULL, note};
    pl_buf_clear(&told);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pl_meeting_apply(m, &events[i], &effects), PL_OK);
}

static struct pl_participant *join(uint32_t person)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n;
    enum pl_err err = pl_meeting_join(m, person, (struct pl_str){NULL, 0}, 1, events, &n, &denial);
    assert_int_equal(err, PL_OK);
    apply(events, n);
    return pl_meeting_by_person(m, person);
}

static enum pl_err act(const struct pl_participant *by, const struct pl_act *act)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n;
    enum pl_err err = pl_meeting_decide(m, by, act, 1, events, &n, &denial);
    if (err)
        return err;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(events[i].number, 0); /* no part of the record */
    apply(events, n);
    return PL_OK;
}

static enum pl_err booth(const struct pl_participant *by, bool on)
{
    return act(by, &(struct pl_act){.type = PL_ACT_BOOTH, .booth = {on}});
}

static enum pl_err offer(const struct pl_participant *by, bool on)
{
    return act(by, &(struct pl_act){.type = PL_ACT_OFFER_BOOTH, .offer_booth = {on}});
}

static void microphone(const struct pl_participant *by, bool on)
{
    assert_int_equal(act(by, &(struct pl_act){.type = PL_ACT_MEDIA, .media = {.microphone = on}}),
                     PL_OK);
}

static int start(void **state)
{
    (void)state;
    assert_int_equal(pl_meeting_new(&definition, &random_source, &m), PL_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pl_meeting_free(m);
    pl_buf_free(&told);
    return 0;
}

static bool interprets(const struct pl_participant *p)
{
    return pl_meeting_may_send(m, p, PL_KIND_MICROPHONE);
}

static void a_channel_has_one_microphone(void **state)
{
    (void)state;
    join(CHAIR);
    struct pl_participant *anne = join(ANNE), *ben = join(BEN), *eva = join(EVA);
    assert_false(interprets(anne));
    assert_int_equal(booth(anne, true), PL_OK);
    assert_string_equal(told.data, "p2 on, ");
    assert_true(interprets(anne));
    assert_int_equal(booth(eva, true), PL_OK); /* another channel */
    assert_true(interprets(anne) && interprets(eva) && !interprets(ben));
    /* Taking it takes it from the boothmate, who has it no longer before the other has it. */
    assert_int_equal(booth(ben, true), PL_OK);
    assert_string_equal(told.data, "p2 off, p3 on, ");
    assert_true(!interprets(anne) && interprets(ben) && interprets(eva));
    /* Once more, and what one does not have: nothing happens. */
    assert_int_equal(booth(ben, true), PL_OK);
    assert_int_equal(told.len, 0);
    assert_int_equal(booth(anne, false), PL_OK);
    assert_int_equal(told.len, 0);
    assert_int_equal(booth(ben, false), PL_OK);
    assert_string_equal(told.data, "p3 off, ");
    assert_true(!interprets(ben) && interprets(eva));
}

static void who_leaves_the_booth_leaves_it_free(void **state)
{
    (void)state;
    struct pl_act events[PL_EVENTS_MAX];
    size_t n;
    join(CHAIR);
    struct pl_participant *anne = join(ANNE), *ben = join(BEN);
    assert_int_equal(booth(anne, true), PL_OK);
    pl_meeting_leave(m, anne, 2, events, &n);
    apply(events, n);
    anne = join(ANNE);
    assert_false(anne->booth);
    assert_int_equal(booth(ben, true), PL_OK);
    assert_string_equal(told.data, "p3 on, ");
}

static void an_offer_ends_when_the_microphone_changes_hands(void **state)
{
    (void)state;
    join(CHAIR);
    struct pl_participant *anne = join(ANNE), *ben = join(BEN), *eva = join(EVA);
    assert_int_equal(booth(anne, true), PL_OK);
    assert_int_equal(offer(eva, true), PL_OK);
    assert_int_equal(offer(anne, true), PL_OK);
    assert_string_equal(told.data, "p2 on offers, ");
    assert_true(interprets(anne)); /* until it is taken */
    assert_int_equal(offer(anne, true), PL_OK);
    assert_int_equal(told.len, 0);
    assert_int_equal(offer(ben, true), PL_OK);
    assert_int_equal(booth(ben, true), PL_OK);
    assert_string_equal(told.data, "p2 off, p3 on, ");
    assert_true(eva->offers_booth);
    assert_int_equal(offer(anne, true), PL_OK);
    assert_int_equal(offer(anne, false), PL_OK);
    assert_string_equal(told.data, "p2 off, ");
    /* Let go of while the boothmate offers: the offer stands. */
    assert_int_equal(offer(anne, true), PL_OK);
    assert_int_equal(offer(ben, true), PL_OK);
    assert_int_equal(booth(ben, false), PL_OK);
    assert_string_equal(told.data, "p3 off, ");
    assert_true(anne->offers_booth && !anne->booth);
}

static void interpreters_are_heard_in_their_channel_alone(void **state)
{
    (void)state;
    struct pl_participant *chair = join(CHAIR), *anne = join(ANNE), *dag = join(DELEGATE);
    assert_int_equal(pl_meeting_channel(m, anne), 2);
    assert_int_equal(pl_meeting_channel(m, join(EVA)), 1);
    assert_int_equal(pl_meeting_channel(m, dag), 0); /* a language is no channel of a delegate's */
    assert_int_equal(booth(anne, true), PL_OK);
    assert_false(pl_meeting_heard(m, anne));
    assert_false(pl_meeting_may_send(m, anne, PL_KIND_CAMERA));
    assert_false(pl_meeting_may_send(m, anne, PL_KIND_SCREEN));
    /* The chair's mute holds in the booth, too, until its microphone is switched on again. */
    microphone(anne, true);
    const struct pl_act mute = {.type = PL_ACT_MUTE, .mute = {pl_str("p2")}};
    assert_int_equal(act(dag, &mute), PL_EAUTH);
    assert_int_equal(booth(anne, true), PL_OK);
    assert_true(interprets(anne));
    struct pl_act events[PL_EVENTS_MAX];
    size_t n;
    assert_int_equal(pl_meeting_decide(m, chair, &mute, 1, events, &n, &denial), PL_OK);
    apply(events, n);
    assert_true(anne->booth && !interprets(anne));
    microphone(anne, true);
    assert_true(interprets(anne));
}

static void a_refusal_says_what_is_missing(void **state)
{
    (void)state;
    struct pl_participant *anne = join(ANNE); /* the meeting waits for its chair */
    assert_int_equal(booth(anne, true), PL_ESTATE);
    assert_string_equal(denial.why, "You are not in the room yet.");
    assert_int_equal(offer(anne, true), PL_ESTATE);
    struct pl_participant *chair = join(CHAIR), *dag = join(DELEGATE);
    const struct pl_participant *others[] = {chair, dag};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(booth(others[i], true), PL_EAUTH);
        assert_string_equal(denial.why, "Only interpreters have a channel's microphone.");
        assert_int_equal(offer(others[i], true), PL_EAUTH);
    }
    const struct pl_participant *without[] = {join(NOBODY), join(STRAY)};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(booth(without[i], true), PL_EAUTH);
        assert_string_equal(denial.why, "No channel of this meeting is assigned to you.");
    }
    assert_int_equal(booth(NULL, true), PL_EAUTH); /* nobody who prepares the meeting */
    assert_int_equal(offer(NULL, true), PL_EAUTH);
    assert_false(anne->booth || anne->offers_booth);
}

static void channels_are_numbered_from_one(void **state)
{
    (void)state;
    assert_int_equal(pl_definition_channel(&definition, pl_str("EN")), 1);
    assert_int_equal(pl_definition_channel(&definition, pl_str("FR")), 2);
    assert_int_equal(pl_definition_channel(&definition, pl_str("DE")), 0);
    assert_int_equal(pl_definition_channel(&definition, pl_str("")), 0);
    assert_int_equal(pl_definition_channel(&definition, pl_str("E")), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_channel_has_one_microphone),
        T(who_leaves_the_booth_leaves_it_free),
        T(an_offer_ends_when_the_microphone_changes_hands),
        T(interpreters_are_heard_in_their_channel_alone),
        T(a_refusal_says_what_is_missing),
        T(channels_are_numbered_from_one),
    };
    return cmocka_run_group_tests_name("booth", tests, NULL, NULL);
}
