/* The live state of a meeting: who comes in where, who may be heard, what the chair may do; and
 * that the same events give the same state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "meet/meeting.h"

#include <stdio.h>
#include <stdlib.h>

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
}
static const struct pl_random random_source = {fill, NULL};

/* Everybody of every role that the tests need; the index is the person. */
enum { CHAIR, SECRETARY, DELEGATE, INTERPRETER, OBSERVER, CROWD, PEOPLE };

static struct pl_person people[PEOPLE] = {
    [CHAIR] = {.id = "p1", .name = "Chair", .role = PL_ROLE_CHAIR, .seat = PL_NO_SEAT},
    [SECRETARY] = {.id = "p2", .name = "Secretary", .role = PL_ROLE_SECRETARY, .seat = PL_NO_SEAT},
    [DELEGATE] = {.id = "p3", .name = "Delegate", .role = PL_ROLE_DELEGATE},
    [INTERPRETER] = {.id = "p4",
                     .name = "Interpreter",
                     .role = PL_ROLE_INTERPRETER,
                     .seat = PL_NO_SEAT,
                     .language = "FR"},
    [OBSERVER] = {.id = "p5", .name = "Observer", .role = PL_ROLE_OBSERVER, .seat = PL_NO_SEAT},
    [CROWD] =
        {.id = "p6", .name = "Guest", .role = PL_ROLE_BRIEFER, .seat = PL_NO_SEAT, .shared = true},
};
static struct pl_seat seats[] = {{.id = "NOR", .name = "Norway", .country = "NO", .weight = 1}};

/* The meeting under test, with every effect written down: "changed p1; placed p3 room; …". */
struct fixture {
    struct pl_definition definition;
    struct pl_person people[PEOPLE]; /* p1 and so on, whoever is the first */
    struct pl_meeting *m;
    struct pl_buf effects;
    struct pl_act log[64]; /* every event, for the replay */
    char texts[64][2][64];
    size_t n_log;
    struct pl_denial denial;
};

static const char *const place_words[] = {"room", "lobby", "waiting"};

static void note(void *ctx, enum pl_effect_type type, struct pl_participant *who,
                 enum pl_refusal refusal, const struct pl_act *event)
{
    struct pl_buf *b = ctx;
    if (b->len)
        pl_buf_puts(b, "; ");
    switch (type) {
    case PL_EFFECT_CHANGED:
        pl_buf_printf(b, "changed %s", who->id);
        break;
    case PL_EFFECT_PLACED:
        pl_buf_printf(b, "placed %s %s", who->id, place_words[who->place]);
        break;
    case PL_EFFECT_MUTED:
        pl_buf_printf(b, "muted %s", who->id);
        break;
    case PL_EFFECT_GONE:
        pl_buf_printf(b, "gone %s %d", who->id, refusal);
        break;
    case PL_EFFECT_CAPTIONED:
        pl_buf_printf(b, "captioned %s", who->id);
        break;
    case PL_EFFECT_SAID:
        pl_buf_printf(b, "said %s %.*s", who->id, (int)event->chat.text.n, event->chat.text.p);
        break;
    }
}

static void set_up(struct fixture *f, bool chaired, bool lobby, uint32_t first)
{
    memset(f, 0, sizeof *f);
    f->definition = (struct pl_definition){
        .title = "T",
        .floor = chaired ? PL_FLOOR_CHAIRED : PL_FLOOR_OPEN,
        .lobby = lobby,
        .seats = seats,
        .n_seats = 1,
        .people = f->people,
        .n_people = PEOPLE - first,
    };
    for (size_t i = 0; i < PEOPLE - first; i++) {
        f->people[i] = people[first + i];
        snprintf(f->people[i].id, sizeof f->people[i].id, "p%u", (unsigned)(i + 1) % 100);
    }
    assert_int_equal(pl_meeting_new(&f->definition, &random_source, &f->m), PL_OK);
}

static void tear_down(struct fixture *f)
{
    pl_meeting_free(f->m);
    pl_buf_free(&f->effects);
}

/* A copy of an event that outlives what it borrows, as far as the tests here need. */
static void keep(struct fixture *f, const struct pl_act *e)
{
    if (f->n_log == 64)
        return;
    struct pl_act *kept = &f->log[f->n_log];
    char(*texts)[64] = f->texts[f->n_log++];
    *kept = *e;
    snprintf(texts[0], 64, "%.*s", (int)e->by.n, e->by.p);
    kept->by = pl_str(texts[0]);
    struct pl_str *text = e->type == PL_ACT_JOINED   ? &kept->joined.participant
                          : e->type == PL_ACT_LEFT   ? &kept->left.participant
                          : e->type == PL_ACT_CHAT   ? &kept->chat.text
                          : e->type == PL_ACT_MUTE   ? &kept->mute.participant
                          : e->type == PL_ACT_REMOVE ? &kept->remove.participant
                          : e->type == PL_ACT_ADMIT  ? &kept->admit.participant
                                                     : NULL;
    if (text) {
        snprintf(texts[1], 64, "%.*s", (int)text->n, text->p);
        *text = pl_str(texts[1]);
    }
}

static void apply(struct fixture *f, const struct pl_act *events, size_t n)
{
    const struct pl_effects effects = {&f->effects, note};
    pl_buf_clear(&f->effects);
    for (size_t i = 0; i < n; i++) {
        keep(f, &events[i]);
        assert_int_equal(pl_meeting_apply(f->m, &events[i], &effects), PL_OK);
    }
}

static enum pl_err run(struct fixture *f, const char *by, const struct pl_act *a)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 99;
    struct pl_participant *p = pl_meeting_by_id(f->m, pl_str(by));
    assert_non_null(p);
    enum pl_err err = pl_meeting_decide(f->m, p, a, 1000, events, &n, &f->denial);
    if (err) {
        assert_int_equal(n, 99);
        assert_true(f->denial.why[0]);
        return err;
    }
    apply(f, events, n);
    return PL_OK;
}

static enum pl_err join_as(struct fixture *f, uint32_t person, struct pl_str name)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    enum pl_err err = pl_meeting_join(f->m, person, name, 1000, events, &n, &f->denial);
    if (err == PL_OK)
        apply(f, events, n);
    return err;
}

static enum pl_err join(struct fixture *f, uint32_t person)
{
    return join_as(f, person, (struct pl_str){0});
}

static struct pl_participant *who(const struct fixture *f, const char *id)
{
    struct pl_participant *p = pl_meeting_by_id(f->m, pl_str(id));
    assert_non_null(p);
    return p;
}

static void leave(struct fixture *f, const char *id)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    pl_meeting_leave(f->m, who(f, id), 1000, events, &n);
    apply(f, events, n);
}

static enum pl_err mute(struct fixture *f, const char *by, const char *target)
{
    return run(f, by,
               &(struct pl_act){.type = PL_ACT_MUTE, .mute = {.participant = pl_str(target)}});
}

static enum pl_err put_out(struct fixture *f, const char *by, const char *target)
{
    return run(f, by,
               &(struct pl_act){.type = PL_ACT_REMOVE, .remove = {.participant = pl_str(target)}});
}

static enum pl_err admit(struct fixture *f, const char *by, const char *target, bool admitted)
{
    return run(f, by, &(struct pl_act){.type = PL_ACT_ADMIT, .admit = {pl_str(target), admitted}});
}

static enum pl_err media(struct fixture *f, const char *by, bool microphone, bool camera)
{
    return run(f, by,
               &(struct pl_act){.type = PL_ACT_MEDIA,
                                .media = {.microphone = microphone, .camera = camera}});
}

#define EFFECTS(f, want) assert_string_equal((f)->effects.data ? (f)->effects.data : "", want)

static void opens_when_somebody_presides(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, false, false, 0);
    assert_false(pl_meeting_in_session(f.m));
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(who(&f, "p3")->place, PL_PLACE_WAITING);
    assert_int_equal(join(&f, SECRETARY), PL_OK);
    EFFECTS(&f, "placed p3 room; changed p3; changed p2");
    assert_true(pl_meeting_in_session(f.m));
    /* It goes on without them, and ends with the last. */
    leave(&f, "p2");
    assert_true(pl_meeting_in_session(f.m));
    leave(&f, "p3");
    EFFECTS(&f, "gone p3 0");
    assert_false(pl_meeting_in_session(f.m));
    assert_int_equal(pl_meeting_size(f.m), 0);
    tear_down(&f);

    set_up(&f, false, false, DELEGATE); /* nobody who presides: at once */
    assert_true(pl_meeting_in_session(f.m));
    assert_int_equal(join(&f, 0), PL_OK);
    assert_int_equal(who(&f, "p1")->place, PL_PLACE_ROOM);
    leave(&f, "p1");
    assert_true(pl_meeting_in_session(f.m));
    tear_down(&f);

    set_up(&f, false, false, 0); /* declared open */
    pl_meeting_free(f.m);
    f.definition.open = true;
    assert_int_equal(pl_meeting_new(&f.definition, &random_source, &f.m), PL_OK);
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(who(&f, "p3")->place, PL_PLACE_ROOM);
    tear_down(&f);
}

static void lobby_admits_and_remembers(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, false, true, 0);
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(who(&f, "p3")->place, PL_PLACE_WAITING);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    EFFECTS(&f, "placed p3 lobby; changed p3; changed p1");
    assert_false(pl_meeting_sees(who(&f, "p3"), who(&f, "p1")));
    assert_true(pl_meeting_sees(who(&f, "p1"), who(&f, "p3")));
    assert_false(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_CAMERA));
    assert_int_equal(admit(&f, "p3", "p3", true), PL_EAUTH);
    assert_int_equal(admit(&f, "p1", "p3", true), PL_OK);
    EFFECTS(&f, "placed p3 room; changed p3");
    assert_int_equal(admit(&f, "p1", "p3", true), PL_OK); /* again: nothing */
    EFFECTS(&f, "");
    assert_int_equal(admit(&f, "p1", "p3", false), PL_ESTATE);
    leave(&f, "p3");
    assert_int_equal(join(&f, DELEGATE), PL_OK); /* once admitted, straight in */
    assert_int_equal(who(&f, "p3")->place, PL_PLACE_ROOM);
    tear_down(&f);
}

static void denied_and_removed_stay_out(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, false, true, 0);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(admit(&f, "p1", "p3", false), PL_OK);
    EFFECTS(&f, "gone p3 2");
    assert_int_equal(join(&f, DELEGATE), PL_EAUTH);
    assert_int_equal(pl_meeting_refusal(f.m, DELEGATE), PL_REFUSAL_DENIED);
    assert_int_equal(admit(&f, "p1", "p3", true), PL_OK); /* by the person's id */
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(admit(&f, "p1", "p3", true), PL_OK);
    assert_int_equal(put_out(&f, "p1", "p3"), PL_OK);
    EFFECTS(&f, "gone p3 1");
    assert_int_equal(join(&f, DELEGATE), PL_EAUTH);
    assert_int_equal(pl_meeting_refusal(f.m, DELEGATE), PL_REFUSAL_REMOVED);
    assert_int_equal(admit(&f, "p1", "p9", true), PL_ENOENT);
    assert_int_equal(admit(&f, "p1", "p4", true), PL_ENOENT); /* not refused */
    assert_int_equal(admit(&f, "p1", "p3", true), PL_OK);
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(who(&f, "p3")->place, PL_PLACE_LOBBY); /* removal took the admission too */
    tear_down(&f);
}

static void a_shared_link_gives_one_each(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, false, true, 0);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    assert_int_equal(join(&f, CHAIR), PL_EEXIST);
    assert_int_equal(join(&f, CROWD), PL_OK);
    assert_int_equal(join(&f, CROWD), PL_OK);
    EFFECTS(&f, "changed p6.2");
    /* Denying one leaves the link good; removing one does not. */
    assert_int_equal(admit(&f, "p1", "p6.1", false), PL_OK);
    assert_int_equal(join(&f, CROWD), PL_OK);
    EFFECTS(&f, "changed p6.3");
    assert_int_equal(put_out(&f, "p1", "p6.2"), PL_OK);
    assert_int_equal(join(&f, CROWD), PL_EAUTH);
    assert_int_equal(admit(&f, "p1", "p6.2", true), PL_OK);
    assert_int_equal(join(&f, CROWD), PL_OK);
    tear_down(&f);
}

static void names_are_one_line(void **state)
{
    (void)state;
    char longest[PL_NAME_MAX + 2];
    memset(longest, 'x', sizeof longest);
    longest[PL_NAME_MAX + 1] = 0;
    const struct {
        const char *name;
        size_t n;
        enum pl_err err;
    } rows[] = {
        {"Zoë", 4, PL_OK},
        {"", 0, PL_EINVAL},
        {"a\nb", 3, PL_EINVAL},
        {"a\tb", 3, PL_EINVAL},
        {"\x1b[2J", 4, PL_EINVAL},
        {"\xff", 1, PL_EINVAL},
        {longest, PL_NAME_MAX, PL_OK},
        {longest, PL_NAME_MAX + 1, PL_EINVAL},
    };
    struct fixture f;
    set_up(&f, false, false, DELEGATE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(join_as(&f, CROWD - DELEGATE, (struct pl_str){rows[i].name, rows[i].n}),
                         rows[i].err);
    tear_down(&f);
}

/* What each role may send: microphone, camera, screen, its sound. */
static void floor_governs_sound_and_screens(void **state)
{
    (void)state;
    static const struct {
        bool chaired;
        uint32_t person;
        const char *sends;
    } rows[] = {
        {false, CHAIR, "mcss"},       {false, DELEGATE, "mcss"},   {false, OBSERVER, "----"},
        {false, INTERPRETER, "----"}, {true, CHAIR, "mcss"},       {true, SECRETARY, "mcss"},
        {true, DELEGATE, "-c--"},     {true, INTERPRETER, "----"}, {true, OBSERVER, "----"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;
        set_up(&f, rows[i].chaired, false, 0);
        assert_int_equal(join(&f, CHAIR), PL_OK);
        if (rows[i].person != CHAIR)
            assert_int_equal(join(&f, rows[i].person), PL_OK);
        const char *id = people[rows[i].person].id;
        char sends[] = "mcss";
        for (int k = 0; k < PL_KIND_COUNT; k++)
            if (!pl_meeting_may_send(f.m, who(&f, id), (enum pl_kind)k))
                sends[k] = '-';
        assert_string_equal(sends, rows[i].sends);
        assert_int_equal(pl_meeting_heard(f.m, who(&f, id)), sends[0] == 'm');
        tear_down(&f);
    }
}

static void the_chair_mutes_and_only_they_unmute(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, false, false, 0);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(join(&f, OBSERVER), PL_OK);
    assert_int_equal(media(&f, "p3", true, true), PL_OK);
    assert_int_equal(media(&f, "p5", true, false), PL_EAUTH);
    assert_int_equal(media(&f, "p5", false, false), PL_OK);
    assert_int_equal(mute(&f, "p3", "p1"), PL_EAUTH);
    assert_int_equal(mute(&f, "p1", "p5"), PL_ESTATE);
    assert_int_equal(mute(&f, "p1", "p3"), PL_OK);
    EFFECTS(&f, "muted p3; changed p3");
    assert_false(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_MICROPHONE));
    assert_true(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_CAMERA));
    assert_false(who(&f, "p3")->media[PL_KIND_MICROPHONE]);
    assert_int_equal(mute(&f, "p1", "p3"), PL_OK);
    EFFECTS(&f, "");
    assert_int_equal(media(&f, "p3", false, false), PL_OK);
    assert_true(who(&f, "p3")->muted_by_chair);
    assert_int_equal(media(&f, "p3", true, false), PL_OK);
    assert_false(who(&f, "p3")->muted_by_chair);
    assert_true(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_MICROPHONE));
    /* A screen's sound is muted and comes back like a microphone; its picture stays. */
    const struct pl_act screen = {.type = PL_ACT_MEDIA,
                                  .media = {.screen = true, .screen_sound = true}};
    assert_int_equal(run(&f, "p3", &screen), PL_OK);
    assert_true(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_SCREEN_SOUND));
    assert_int_equal(mute(&f, "p1", "p3"), PL_OK);
    assert_false(who(&f, "p3")->media[PL_KIND_SCREEN_SOUND]);
    assert_true(who(&f, "p3")->media[PL_KIND_SCREEN]);
    assert_false(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_SCREEN_SOUND));
    assert_true(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_SCREEN));
    assert_int_equal(run(&f, "p3", &screen), PL_OK);
    assert_true(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_SCREEN_SOUND));
    tear_down(&f);
}

static void who_may_be_removed(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, false, false, 0);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    assert_int_equal(join(&f, SECRETARY), PL_OK);
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(put_out(&f, "p3", "p1"), PL_EAUTH);
    assert_int_equal(put_out(&f, "p2", "p1"), PL_EAUTH);
    assert_int_equal(put_out(&f, "p1", "p1"), PL_ESTATE);
    assert_int_equal(put_out(&f, "p1", "p2"), PL_OK);
    assert_int_equal(put_out(&f, "p1", ""), PL_ENOENT);
    tear_down(&f);
}

static enum pl_err say(struct fixture *f, const char *by, const char *text, size_t n)
{
    return run(f, by, &(struct pl_act){.type = PL_ACT_CHAT, .chat = {.text = {text, n}}});
}

static void chat_has_bounds(void **state)
{
    (void)state;
    static char text[PL_CHAT_MAX + 1];
    memset(text, 'a', sizeof text);
    struct fixture f;
    set_up(&f, false, true, 0);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(say(&f, "p1", "hello\n", 6), PL_OK);
    EFFECTS(&f, "said p1 hello\n");
    assert_int_equal(say(&f, "p1", text, PL_CHAT_MAX), PL_OK);
    assert_int_equal(say(&f, "p1", text, PL_CHAT_MAX + 1), PL_EINVAL);
    assert_int_equal(say(&f, "p1", "", 0), PL_EINVAL);
    assert_int_equal(say(&f, "p1", "\a", 1), PL_EINVAL);
    assert_int_equal(say(&f, "p3", "let me in", 9), PL_ESTATE);
    tear_down(&f);
}

static void a_crowd_keeps_nobody_out_who_is_invited_by_name(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, false, false, 0);
    for (int i = 0; i < PL_PARTICIPANTS_MAX - 3; i++) /* delegate, interpreter, observer */
        assert_int_equal(join(&f, CROWD), PL_OK);
    assert_int_equal(join(&f, CROWD), PL_ELIMIT);
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(join(&f, CROWD), PL_ELIMIT);
    assert_int_equal(join(&f, INTERPRETER), PL_OK);
    assert_int_equal(join(&f, OBSERVER), PL_OK);
    assert_int_equal(pl_meeting_size(f.m), PL_PARTICIPANTS_MAX);
    assert_int_equal(join(&f, CROWD), PL_ELIMIT);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    assert_int_equal(pl_meeting_size(f.m), PL_PARTICIPANTS_MAX + 1);
    tear_down(&f);
}

/* However many are invited by name, half of the places are open to those who are not. */
static void half_of_the_places_are_kept_at_most(void **state)
{
    (void)state;
    static struct pl_person invited[PL_PARTICIPANTS_MAX + 1];
    for (size_t i = 0; i < PL_PARTICIPANTS_MAX; i++)
        invited[i] = people[DELEGATE];
    invited[PL_PARTICIPANTS_MAX] = people[CROWD];
    for (size_t i = 0; i <= PL_PARTICIPANTS_MAX; i++)
        snprintf(invited[i].id, sizeof invited[i].id, "p%u", (unsigned)(i + 1) % 100000);
    struct fixture f;
    set_up(&f, false, false, 0);
    pl_meeting_free(f.m);
    f.definition.people = invited;
    f.definition.n_people = PL_PARTICIPANTS_MAX + 1;
    assert_int_equal(pl_meeting_new(&f.definition, &random_source, &f.m), PL_OK);
    for (int i = 0; i < PL_PARTICIPANTS_MAX / 2; i++)
        assert_int_equal(join(&f, PL_PARTICIPANTS_MAX), PL_OK);
    assert_int_equal(join(&f, PL_PARTICIPANTS_MAX), PL_ELIMIT);
    assert_int_equal(join(&f, 0), PL_OK);
    tear_down(&f);
}

static void describe(const struct pl_meeting *m, struct pl_buf *out)
{
    pl_buf_printf(out, "%d", pl_meeting_in_session(m));
    pl_list_each (struct pl_participant, p, pl_meeting_list(m), node) {
        pl_buf_printf(out, "|%s %u %s %d %d %d %d%d%d", p->id, p->number, p->name, p->place,
                      p->booth, p->muted_by_chair, p->media[0], p->media[1], p->media[2]);
    }
    for (uint32_t i = 0; i < PEOPLE; i++)
        pl_buf_printf(out, " %d", pl_meeting_refusal(m, i));
}

static void the_same_events_give_the_same_state(void **state)
{
    (void)state;
    struct fixture f, again;
    set_up(&f, true, true, 0);
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    assert_int_equal(join(&f, CROWD), PL_OK);
    assert_int_equal(join(&f, CROWD), PL_OK);
    assert_int_equal(admit(&f, "p1", "p3", true), PL_OK);
    assert_int_equal(admit(&f, "p1", "p6.2", true), PL_OK);
    assert_int_equal(media(&f, "p3", true, true), PL_OK);
    assert_int_equal(mute(&f, "p1", "p6.2"), PL_OK);
    assert_int_equal(put_out(&f, "p1", "p6.1"), PL_OK);
    assert_int_equal(say(&f, "p1", "x", 1), PL_OK);

    set_up(&again, true, true, 0);
    const struct pl_effects effects = {&again.effects, note};
    for (size_t i = 0; i < f.n_log; i++)
        assert_int_equal(pl_meeting_apply(again.m, &f.log[i], &effects), PL_OK);
    struct pl_buf a = {0}, b = {0};
    describe(f.m, &a);
    describe(again.m, &b);
    assert_string_equal(a.data, b.data);
    pl_buf_free(&a);
    pl_buf_free(&b);
    tear_down(&f);
    tear_down(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_when_somebody_presides),
        cmocka_unit_test(lobby_admits_and_remembers),
        cmocka_unit_test(denied_and_removed_stay_out),
        cmocka_unit_test(a_shared_link_gives_one_each),
        cmocka_unit_test(names_are_one_line),
        cmocka_unit_test(floor_governs_sound_and_screens),
        cmocka_unit_test(the_chair_mutes_and_only_they_unmute),
        cmocka_unit_test(who_may_be_removed),
        cmocka_unit_test(chat_has_bounds),
        cmocka_unit_test(a_crowd_keeps_nobody_out_who_is_invited_by_name),
        cmocka_unit_test(half_of_the_places_are_kept_at_most),
        cmocka_unit_test(the_same_events_give_the_same_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
