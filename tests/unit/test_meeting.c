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
    [CHAIR] = {"p1", "Chair", PL_ROLE_CHAIR, PL_NO_SEAT, false, 0},
    [SECRETARY] = {"p2", "Secretary", PL_ROLE_SECRETARY, PL_NO_SEAT, false, 0},
    [DELEGATE] = {"p3", "Delegate", PL_ROLE_DELEGATE, 0, false, 0},
    [INTERPRETER] = {"p4", "Interpreter", PL_ROLE_INTERPRETER, PL_NO_SEAT, false, 0},
    [OBSERVER] = {"p5", "Observer", PL_ROLE_OBSERVER, PL_NO_SEAT, false, 0},
    [CROWD] = {"p6", "Guest", PL_ROLE_BRIEFER, PL_NO_SEAT, true, 0},
};
static struct pl_seat seats[] = {{"NOR", "Norway", "NO"}};

/* The meeting under test, with every effect written down: "changed p1; placed p3 room; …". */
struct fixture {
    struct pl_definition definition;
    struct pl_meeting *m;
    struct pl_buf effects;
    struct pl_event log[64]; /* every event, for the replay */
    char texts[64][64];
    size_t n_log;
    char why[PL_MEETING_WHY_SIZE];
};

static const char *const place_words[] = {"room", "lobby", "waiting"};

static void note(void *ctx, enum pl_effect_type type, struct pl_participant *who,
                 enum pl_refusal refusal, const struct pl_event *event)
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
    case PL_EFFECT_SAID:
        pl_buf_printf(b, "said %s %.*s", who->id, (int)event->text.n, event->text.p);
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
        .people = people + first,
        .n_people = PEOPLE - first,
    };
    assert_int_equal(pl_meeting_new(&f->definition, &random_source, &f->m), PL_OK);
}

static void tear_down(struct fixture *f)
{
    pl_meeting_free(f->m);
    pl_buf_free(&f->effects);
}

static enum pl_err run(struct fixture *f, const struct pl_meeting_command *c)
{
    struct pl_event events[PL_EVENTS_MAX];
    size_t n = 99;
    const struct pl_effects effects = {&f->effects, note};
    pl_buf_clear(&f->effects);
    f->why[0] = 0;
    enum pl_err err = pl_meeting_decide(f->m, c, events, &n, f->why);
    if (err) {
        assert_int_equal(n, 99);
        assert_true(f->why[0]);
        return err;
    }
    for (size_t i = 0; i < n; i++) {
        if (f->n_log < 64) {
            struct pl_event *kept = &f->log[f->n_log];
            *kept = events[i];
            snprintf(f->texts[f->n_log], 64, "%.*s", (int)events[i].name.n, events[i].name.p);
            if (events[i].name.p)
                kept->name.p = f->texts[f->n_log];
            kept->text = (struct pl_str){0};
            f->n_log++;
        }
        assert_int_equal(pl_meeting_apply(f->m, &events[i], &effects), PL_OK);
    }
    return PL_OK;
}

static enum pl_err join(struct fixture *f, uint32_t person)
{
    return run(f, &(struct pl_meeting_command){.type = PL_COMMAND_JOIN, .person = person});
}

static struct pl_participant *who(const struct fixture *f, const char *id)
{
    struct pl_participant *p = pl_meeting_by_id(f->m, pl_str(id));
    assert_non_null(p);
    return p;
}

static enum pl_err act(struct fixture *f, enum pl_meeting_command_type type, const char *by,
                       const char *target, bool on)
{
    return run(
        f, &(struct pl_meeting_command){
               .type = type, .by = who(f, by), .target = pl_str(target ? target : ""), .on = on});
}

static enum pl_err media(struct fixture *f, const char *by, bool microphone, bool camera)
{
    return run(f, &(struct pl_meeting_command){.type = PL_COMMAND_MEDIA,
                                               .by = who(f, by),
                                               .media = {microphone, camera, false}});
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
    assert_int_equal(act(&f, PL_COMMAND_LEAVE, "p2", NULL, false), PL_OK);
    assert_true(pl_meeting_in_session(f.m));
    assert_int_equal(act(&f, PL_COMMAND_LEAVE, "p3", NULL, false), PL_OK);
    EFFECTS(&f, "gone p3 0");
    assert_false(pl_meeting_in_session(f.m));
    assert_int_equal(pl_meeting_size(f.m), 0);
    tear_down(&f);

    set_up(&f, false, false, DELEGATE); /* nobody who presides: at once */
    assert_true(pl_meeting_in_session(f.m));
    assert_int_equal(join(&f, 0), PL_OK);
    assert_int_equal(who(&f, "p3")->place, PL_PLACE_ROOM);
    assert_int_equal(act(&f, PL_COMMAND_LEAVE, "p3", NULL, false), PL_OK);
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
    assert_int_equal(act(&f, PL_COMMAND_HAND, "p3", NULL, true), PL_ESTATE);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    EFFECTS(&f, "placed p3 lobby; changed p3; changed p1");
    assert_false(pl_meeting_sees(who(&f, "p3"), who(&f, "p1")));
    assert_true(pl_meeting_sees(who(&f, "p1"), who(&f, "p3")));
    assert_false(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_CAMERA));
    assert_false(pl_meeting_remembers(f.m));
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p3", "p3", true), PL_EAUTH);
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p3", true), PL_OK);
    EFFECTS(&f, "placed p3 room; changed p3");
    assert_true(pl_meeting_remembers(f.m));
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p3", true), PL_OK); /* again: nothing */
    EFFECTS(&f, "");
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p3", false), PL_ESTATE);
    assert_int_equal(act(&f, PL_COMMAND_LEAVE, "p3", NULL, false), PL_OK);
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
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p3", false), PL_OK);
    EFFECTS(&f, "gone p3 2");
    assert_int_equal(join(&f, DELEGATE), PL_EAUTH);
    assert_int_equal(pl_meeting_refusal(f.m, DELEGATE), PL_REFUSAL_DENIED);
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p3", true), PL_OK); /* by the person's id */
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p3", true), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_REMOVE, "p1", "p3", false), PL_OK);
    EFFECTS(&f, "gone p3 1");
    assert_int_equal(join(&f, DELEGATE), PL_EAUTH);
    assert_int_equal(pl_meeting_refusal(f.m, DELEGATE), PL_REFUSAL_REMOVED);
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p9", true), PL_ENOENT);
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p4", true), PL_ENOENT); /* not refused */
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p3", true), PL_OK);
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
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p6.1", false), PL_OK);
    assert_int_equal(join(&f, CROWD), PL_OK);
    EFFECTS(&f, "changed p6.3");
    assert_int_equal(act(&f, PL_COMMAND_REMOVE, "p1", "p6.2", false), PL_OK);
    assert_int_equal(join(&f, CROWD), PL_EAUTH);
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p6.2", true), PL_OK);
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
        assert_int_equal(run(&f, &(struct pl_meeting_command){.type = PL_COMMAND_JOIN,
                                                              .person = CROWD - DELEGATE,
                                                              .name = {rows[i].name, rows[i].n}}),
                         rows[i].err);
    tear_down(&f);
}

/* What each role may send: microphone, camera, screen, its sound. */
static void floor_governs_sound_and_screens(void **state)
{
    (void)state;
    static const struct {
        bool chaired, given;
        uint32_t person;
        const char *sends;
    } rows[] = {
        {false, false, CHAIR, "mcss"},     {false, false, DELEGATE, "mcss"},
        {false, false, OBSERVER, "----"},  {false, false, INTERPRETER, "mcss"},
        {true, false, CHAIR, "mcss"},      {true, false, SECRETARY, "mcss"},
        {true, false, DELEGATE, "-c--"},   {true, false, INTERPRETER, "-c--"},
        {true, false, OBSERVER, "----"},   {true, true, DELEGATE, "mcss"},
        {true, true, INTERPRETER, "mcss"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;
        set_up(&f, rows[i].chaired, false, 0);
        assert_int_equal(join(&f, CHAIR), PL_OK);
        if (rows[i].person != CHAIR)
            assert_int_equal(join(&f, rows[i].person), PL_OK);
        const char *id = people[rows[i].person].id;
        if (rows[i].given)
            assert_int_equal(act(&f, PL_COMMAND_FLOOR, "p1", id, true), PL_OK);
        char sends[] = "mcss";
        for (int k = 0; k < PL_KIND_COUNT; k++)
            if (!pl_meeting_may_send(f.m, who(&f, id), (enum pl_kind)k))
                sends[k] = '-';
        assert_string_equal(sends, rows[i].sends);
        assert_int_equal(pl_meeting_heard(f.m, who(&f, id)), sends[0] == 'm');
        tear_down(&f);
    }
}

static void the_chair_gives_and_takes_the_floor(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, true, false, 0);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    assert_int_equal(join(&f, DELEGATE), PL_OK);
    assert_int_equal(join(&f, OBSERVER), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_HAND, "p3", NULL, true), PL_OK);
    EFFECTS(&f, "changed p3");
    assert_int_equal(act(&f, PL_COMMAND_HAND, "p3", NULL, true), PL_OK);
    EFFECTS(&f, "");
    assert_int_equal(act(&f, PL_COMMAND_HAND, "p5", NULL, true), PL_EAUTH);
    assert_int_equal(act(&f, PL_COMMAND_FLOOR, "p3", "p3", true), PL_EAUTH);
    assert_int_equal(act(&f, PL_COMMAND_FLOOR, "p1", "p5", true), PL_ESTATE);
    assert_int_equal(act(&f, PL_COMMAND_FLOOR, "p1", "p9", true), PL_ENOENT);
    assert_int_equal(act(&f, PL_COMMAND_FLOOR, "p1", "p3", true), PL_OK);
    assert_true(pl_meeting_heard(f.m, who(&f, "p3")));
    assert_false(who(&f, "p3")->hand);
    assert_int_equal(act(&f, PL_COMMAND_FLOOR, "p1", "p3", true), PL_OK);
    EFFECTS(&f, "");
    /* Asked for once more while they have it: given once more, the hand goes down. */
    assert_int_equal(act(&f, PL_COMMAND_HAND, "p3", NULL, true), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_FLOOR, "p1", "p3", true), PL_OK);
    EFFECTS(&f, "changed p3");
    assert_true(who(&f, "p3")->floor);
    assert_false(who(&f, "p3")->hand);
    assert_int_equal(act(&f, PL_COMMAND_FLOOR, "p1", "p3", false), PL_OK);
    assert_false(pl_meeting_heard(f.m, who(&f, "p3")));
    tear_down(&f);

    set_up(&f, false, false, 0);
    assert_int_equal(join(&f, CHAIR), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_FLOOR, "p1", "p1", true), PL_ESTATE);
    tear_down(&f);
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
    assert_int_equal(act(&f, PL_COMMAND_MUTE, "p3", "p1", false), PL_EAUTH);
    assert_int_equal(act(&f, PL_COMMAND_MUTE, "p1", "p5", false), PL_ESTATE);
    assert_int_equal(act(&f, PL_COMMAND_MUTE, "p1", "p3", false), PL_OK);
    EFFECTS(&f, "muted p3; changed p3");
    assert_false(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_MICROPHONE));
    assert_true(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_CAMERA));
    assert_false(who(&f, "p3")->media[PL_KIND_MICROPHONE]);
    assert_int_equal(act(&f, PL_COMMAND_MUTE, "p1", "p3", false), PL_OK);
    EFFECTS(&f, "");
    assert_int_equal(media(&f, "p3", false, false), PL_OK);
    assert_true(who(&f, "p3")->muted_by_chair);
    assert_int_equal(media(&f, "p3", true, false), PL_OK);
    assert_false(who(&f, "p3")->muted_by_chair);
    assert_true(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_MICROPHONE));
    /* A screen's sound is muted and comes back like a microphone; its picture stays. */
    struct pl_meeting_command screen = {.type = PL_COMMAND_MEDIA, .by = who(&f, "p3")};
    screen.media[PL_KIND_SCREEN] = screen.media[PL_KIND_SCREEN_SOUND] = true;
    assert_int_equal(run(&f, &screen), PL_OK);
    assert_true(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_SCREEN_SOUND));
    assert_int_equal(act(&f, PL_COMMAND_MUTE, "p1", "p3", false), PL_OK);
    assert_false(who(&f, "p3")->media[PL_KIND_SCREEN_SOUND]);
    assert_true(who(&f, "p3")->media[PL_KIND_SCREEN]);
    assert_false(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_SCREEN_SOUND));
    assert_true(pl_meeting_may_send(f.m, who(&f, "p3"), PL_KIND_SCREEN));
    assert_int_equal(run(&f, &screen), PL_OK);
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
    assert_int_equal(act(&f, PL_COMMAND_REMOVE, "p3", "p1", false), PL_EAUTH);
    assert_int_equal(act(&f, PL_COMMAND_REMOVE, "p2", "p1", false), PL_EAUTH);
    assert_int_equal(act(&f, PL_COMMAND_REMOVE, "p1", "p1", false), PL_ESTATE);
    assert_int_equal(act(&f, PL_COMMAND_REMOVE, "p1", "p2", false), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_REMOVE, "p1", "", false), PL_ENOENT);
    tear_down(&f);
}

static enum pl_err say(struct fixture *f, const char *by, const char *text, size_t n)
{
    return run(f, &(struct pl_meeting_command){
                      .type = PL_COMMAND_CHAT, .by = who(f, by), .text = {text, n}});
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
        pl_buf_printf(out, "|%s %u %s %d %d %d %d %d%d%d", p->id, p->number, p->name, p->place,
                      p->hand, p->floor, p->muted_by_chair, p->media[0], p->media[1], p->media[2]);
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
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p3", true), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_ADMIT, "p1", "p6.2", true), PL_OK);
    assert_int_equal(media(&f, "p3", true, true), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_FLOOR, "p1", "p3", true), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_MUTE, "p1", "p6.2", false), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_HAND, "p6.2", NULL, true), PL_OK);
    assert_int_equal(act(&f, PL_COMMAND_REMOVE, "p1", "p6.1", false), PL_OK);
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
        cmocka_unit_test(the_chair_gives_and_takes_the_floor),
        cmocka_unit_test(the_chair_mutes_and_only_they_unmute),
        cmocka_unit_test(who_may_be_removed),
        cmocka_unit_test(chat_has_bounds),
        cmocka_unit_test(a_crowd_keeps_nobody_out_who_is_invited_by_name),
        cmocka_unit_test(half_of_the_places_are_kept_at_most),
        cmocka_unit_test(the_same_events_give_the_same_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
