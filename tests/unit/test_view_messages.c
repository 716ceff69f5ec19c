/* What each role is shown of a meeting: of every text that somebody may not see, who sees it. The
 * state is made by hand, so that it holds everything at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signal/messages.h"
#include "signal/view.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
}
static const struct pl_random random_source = {fill, NULL};

/* The meeting: one person of each role, two who are not in the room. */

enum { NOR, FRA, UKR, SEATS };
static struct pl_seat seats[SEATS] = {
    [NOR] = {.id = "NOR", .name = "Norway", .country = "NO", .weight = 3},
    [FRA] = {.id = "FRA", .name = "France", .country = "FR", .weight = 5},
    [UKR] = {.id = "UKR", .name = "Ukraine", .weight = 1, .guest = true},
};

enum viewer {
    CHAIR,
    SECRETARY,
    NOR_HEAD,
    NOR_ADVISER,
    FRA_HEAD,
    UKR_HEAD,
    BRIEFER,
    INVITED,
    INTERPRETER,
    OBSERVER,
    RAPPORTEUR,
    LOBBY,
    WAITING,
    FREE, /* a briefer for all items */
    VIEWERS
};
static struct pl_person people[VIEWERS] = {
    [CHAIR] = {.id = "p1", .name = "c", .role = PL_ROLE_CHAIR, .seat = PL_NO_SEAT},
    [SECRETARY] = {.id = "p2", .name = "s", .role = PL_ROLE_SECRETARY, .seat = PL_NO_SEAT},
    [NOR_HEAD] = {.id = "p3", .name = "n", .role = PL_ROLE_DELEGATE, .seat = NOR},
    [NOR_ADVISER] = {.id = "p4", .name = "a", .role = PL_ROLE_ADVISER, .seat = NOR},
    [FRA_HEAD] = {.id = "p5", .name = "f", .role = PL_ROLE_DELEGATE, .seat = FRA},
    [UKR_HEAD] = {.id = "p6", .name = "u", .role = PL_ROLE_DELEGATE, .seat = UKR},
    [BRIEFER] =
        {.id = "p7", .name = "b", .role = PL_ROLE_BRIEFER, .seat = PL_NO_SEAT, .item = "i1"},
    /* Of Norway, say; and yet no more than invited. */
    [INVITED] = {.id = "p8",
                 .name = "i",
                 .role = PL_ROLE_INVITED,
                 .seat = NOR,
                 .item = "i1",
                 .party = "ua"},
    [INTERPRETER] = {.id = "p9", .name = "t", .role = PL_ROLE_INTERPRETER, .seat = PL_NO_SEAT},
    [OBSERVER] = {.id = "p10", .name = "o", .role = PL_ROLE_OBSERVER, .seat = NOR},
    [RAPPORTEUR] = {.id = "p11", .name = "r", .role = PL_ROLE_RAPPORTEUR, .seat = PL_NO_SEAT},
    [LOBBY] = {.id = "p12", .name = "l", .role = PL_ROLE_DELEGATE, .seat = NOR},
    [WAITING] = {.id = "p13", .name = "w", .role = PL_ROLE_SECRETARY, .seat = PL_NO_SEAT},
    [FREE] = {.id = "p14", .name = "x", .role = PL_ROLE_BRIEFER, .seat = PL_NO_SEAT},
};

#define S(text)                                                                                    \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }

/* Everything that the state consists of. */
static struct {
    struct pl_item items[2];
    struct pl_document documents[3];
    struct pl_ask ask;
    struct pl_floor_entry entries[2];
    struct pl_intervention intervention;
    struct pl_ruling ruling;
    struct pl_party ua, ru;
    struct pl_paper paper, other;
    struct pl_option options[4];
    struct pl_position positions[4][SEATS];
    struct pl_consultation asked, line;
    struct pl_annotation note, note_gone;
    struct pl_correction correction;
    struct pl_decision decisions[7];
    struct pl_cast casts[7][SEATS];
    bool excluded[SEATS];
} made;

struct fixture {
    struct pl_definition definition;
    struct pl_meeting *m;
    struct pl_state *s;
    struct pl_participant *viewers[VIEWERS];
};

static void make_agenda(struct pl_state *s)
{
    made.items[0] = (struct pl_item){.id = S("i1"), .title = S("item-one"), .began_ms = 5};
    made.items[0].state = PL_ITEM_STATE_CURRENT;
    made.items[1] = (struct pl_item){.id = S("i2"), .title = S("item-two"), .minutes = 20};
    for (int i = 0; i < 2; i++)
        pl_list_push(&s->items, &made.items[i].node);
    s->item = &made.items[0];
    static const struct pl_str names[] = {S("doc-one"), S("doc-two"), S("doc-gone")};
    for (int i = 0; i < 3; i++) {
        made.documents[i] = (struct pl_document){
            .id = S("D"), .media_type = S("application/pdf"), .sha256 = S("hash")};
        made.documents[i].name = names[i];
        made.documents[i].item = &made.items[i % 2];
        made.documents[i].dropped = i == 2;
        pl_list_push(&s->documents, &made.documents[i].node);
    }
    made.ask = (struct pl_ask){.number = 9, .seat = FRA, .title = S("ask-title")};
    made.ask.reason = (struct pl_str)S("ask-reason");
    pl_list_push(&s->asks, &made.ask.node);
}

static void make_floor(struct pl_state *s)
{
    made.entries[0] = (struct pl_floor_entry){
        .number = 11, .seat = NOR, .name = S("Norway"), .text = S("not-yet-called")};
    made.entries[1] = (struct pl_floor_entry){
        .number = 12, .seat = PL_NO_SEAT, .participant = 99, .name = S("somebody-else")};
    for (int i = 0; i < 2; i++)
        pl_list_push(&s->floor.entries, &made.entries[i].node);
    made.intervention.entry = (struct pl_floor_entry){
        .number = 10, .seat = FRA, .name = S("France"), .text = S("called-in-writing")};
    pl_list_push(&s->floor.interventions, &made.intervention.node);
    made.ruling.entry = made.entries[1];
    made.ruling.ruling = (struct pl_str)S("the-ruling");
    pl_list_push(&s->floor.rulings, &made.ruling.node);
}

static void make_option(struct pl_paper *paper, int i, struct pl_str id, struct pl_str title,
                        const struct pl_party *touches)
{
    struct pl_option *o = &made.options[i];
    *o = (struct pl_option){.id = id, .title = title, .positions = made.positions[i]};
    o->touches[0] = touches;
    o->n_touches = touches != NULL;
    pl_list_push(&paper->options, &o->node);
}

static void take(int option, int seat, enum pl_visibility visibility, struct pl_str reason)
{
    made.positions[option][seat] = (struct pl_position){
        .number = 20, .stance = PL_STANCE_OBJECT, .visibility = visibility, .reason = reason};
}

static void make_papers(struct pl_state *s)
{
    made.ua = (struct pl_party){.id = S("ua"), .name = S("party-ua")};
    made.ru = (struct pl_party){.id = S("ru"), .name = S("party-ru")};
    pl_list_push(&s->parties, &made.ua.node);
    pl_list_push(&s->parties, &made.ru.node);
    made.paper = (struct pl_paper){.id = S("w1"), .title = S("paper-title"), .item = made.items};
    made.other = (struct pl_paper){.id = S("w2"), .title = S("paper-other"), .item = made.items};
    pl_list_init(&made.paper.options);
    pl_list_init(&made.other.options);
    pl_list_push(&s->papers, &made.paper.node);
    pl_list_push(&s->papers, &made.other.node);
    make_option(&made.paper, 0, (struct pl_str)S("o1"), (struct pl_str)S("option-ua"), &made.ua);
    make_option(&made.paper, 1, (struct pl_str)S("o2"), (struct pl_str)S("option-ru"), &made.ru);
    make_option(&made.paper, 2, (struct pl_str)S("o3"), (struct pl_str)S("option-gone"), &made.ua);
    make_option(&made.other, 3, (struct pl_str)S("o4"), (struct pl_str)S("option-no"), NULL);
    made.options[2].dropped = true;
    take(0, NOR, PL_VISIBILITY_DELEGATION, (struct pl_str)S("nor-delegation"));
    take(0, FRA, PL_VISIBILITY_CHAIR, (struct pl_str)S("fra-chair"));
    take(0, UKR, PL_VISIBILITY_CHAIR, (struct pl_str)S("ukr-chair"));
    take(1, NOR, PL_VISIBILITY_ALL, (struct pl_str)S("nor-all"));
    take(1, FRA, PL_VISIBILITY_DELEGATION, (struct pl_str)S("fra-delegation"));
    take(2, FRA, PL_VISIBILITY_ALL, (struct pl_str)S("on-gone-option"));
    made.positions[0][FRA].red_line = (struct pl_str)S("fra-red");
    made.asked = (struct pl_consultation){.number = 30,
                                          .party = &made.ua,
                                          .paper = &made.paper,
                                          .options = {&made.options[0]},
                                          .n_options = 1,
                                          .consulted = true,
                                          .asked_by = S("asker"),
                                          .channel = S("call"),
                                          .answer = S("answer-ua"),
                                          .crossed_by = {&made.options[1]},
                                          .n_crossed_by = 1};
    made.line = (struct pl_consultation){.number = 31,
                                         .party = &made.ru,
                                         .paper = &made.paper,
                                         .red_line = S("line-ru"),
                                         .red_line_source = S("source-ru")};
    pl_list_push(&s->consultations, &made.asked.node);
    pl_list_push(&s->consultations, &made.line.node);
}

/* The decision in that state, with one cast of Norway whose statement tells it. */
static struct pl_decision *decide(struct pl_state *s, int i, enum pl_procedure procedure,
                                  enum pl_decision_state state, struct pl_str statement)
{
    static const struct pl_str ids[] = {S("d0"), S("d1"), S("d2"), S("d3"),
                                        S("d4"), S("d5"), S("d6")};
    struct pl_decision *d = &made.decisions[i];
    *d = (struct pl_decision){.id = ids[i], .title = S("decision-title"), .version = 1};
    d->item = &made.items[0];
    d->rule.procedure = procedure;
    d->state = state;
    d->excluded = made.excluded;
    d->casts = made.casts[i];
    d->called_ms = 50;
    d->casts[NOR] = (struct pl_cast){
        .takes_part = true, .voted = true, .choice = PL_CHOICE_YES, .statement = statement};
    d->casts[FRA].takes_part = true;
    pl_list_push(&s->decisions, &d->node);
    return d;
}

static void make_decisions(struct pl_state *s)
{
    decide(s, 0, PL_PROCEDURE_SIMPLE, PL_DECISION_STATE_OPEN, (struct pl_str)S("ballot-open"));
    decide(s, 1, PL_PROCEDURE_ROLL_CALL, PL_DECISION_STATE_OPEN, (struct pl_str)S("said-aloud"));
    decide(s, 2, PL_PROCEDURE_QUALIFIED, PL_DECISION_STATE_DECLARED,
           (struct pl_str)S("ballot-declared"));
    /* Came to nothing as a ballot, and is drafted as a consensus now. */
    struct pl_decision *d = decide(s, 3, PL_PROCEDURE_CONSENSUS, PL_DECISION_STATE_DRAFT,
                                   (struct pl_str)S("ballot-old"));
    d->paper = &made.paper; /* so that there are warnings */
    d->option = &made.options[0];
    decide(s, 4, PL_PROCEDURE_UNANIMITY, PL_DECISION_STATE_WITHDRAWN,
           (struct pl_str)S("ballot-withdrawn"));
    d = decide(s, 5, PL_PROCEDURE_CONSENSUS, PL_DECISION_STATE_OPEN,
               (struct pl_str)S("said-in-consensus"));
    d->paper = &made.paper;
    d->option = &made.options[0];
    d->acknowledgement = (struct pl_str)S("acknowledged");
    d->warnings[d->n_warnings++] = (struct pl_act_warning){.kind = PL_WARNING_KIND_RED_LINE,
                                                           .party = S("ru"),
                                                           .name = S("party-ru"),
                                                           .text = S("warned-of-ru")};
    d->warnings[d->n_warnings++] = (struct pl_act_warning){.kind = PL_WARNING_KIND_RED_LINE,
                                                           .seat = S("FRA"),
                                                           .name = S("France"),
                                                           .text = S("warned-of-fra")};
    made.excluded[UKR] = true;
    d = decide(s, 6, PL_PROCEDURE_ABSOLUTE, PL_DECISION_STATE_DECLARED,
               (struct pl_str)S("ballot-no-quorum"));
    d->outcome = PL_OUTCOME_NO_QUORUM;
}

static void make_minutes(struct pl_state *s)
{
    made.note = (struct pl_annotation){.number = 40, .item = made.items, .text = S("note-text")};
    made.note_gone =
        (struct pl_annotation){.number = 41, .event = 3, .text = S(""), .by = S("note-gone")};
    made.correction = (struct pl_correction){.number = 42,
                                             .event = 3,
                                             .language = S("EN"),
                                             .text = S("correction-text"),
                                             .settled = true,
                                             .words = S("correction-refused")};
    pl_list_push(&s->minutes.notes, &made.note.node);
    pl_list_push(&s->minutes.notes, &made.note_gone.node);
    pl_list_push(&s->minutes.corrections, &made.correction.node);
    s->minutes.until_ms = 99;
}

static void come(struct fixture *f, uint32_t person)
{
    struct pl_act events[PL_EVENTS_MAX];
    struct pl_denial denial;
    size_t n;
    assert_int_equal(pl_meeting_join(f->m, person, (struct pl_str){0}, 1, events, &n, &denial),
                     PL_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pl_meeting_apply(f->m, &events[i], &pl_no_effects), PL_OK);
}

static void set_up(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    memset(&made, 0, sizeof made);
    f->definition = (struct pl_definition){.title = "T",
                                           .seats = seats,
                                           .n_seats = SEATS,
                                           .people = people,
                                           .n_people = VIEWERS,
                                           .quorum = 2};
    assert_int_equal(pl_meeting_new(&f->definition, &random_source, &f->m), PL_OK);
    for (uint32_t i = 0; i < VIEWERS; i++) {
        come(f, i);
        f->viewers[i] = pl_meeting_by_person(f->m, i);
        assert_non_null(f->viewers[i]);
        f->viewers[i]->place = i == LOBBY     ? PL_PLACE_LOBBY
                               : i == WAITING ? PL_PLACE_WAITING
                                              : PL_PLACE_ROOM;
    }
    f->s = (struct pl_state *)pl_meeting_state(f->m);
    f->s->session_reason = (struct pl_str)S("session-reason");
    make_agenda(f->s);
    make_floor(f->s);
    make_papers(f->s);
    make_decisions(f->s);
    make_minutes(f->s);
}

static void tear_down(struct fixture *f)
{
    pl_meeting_free(f->m);
}

/* Visits every message that there is. */
static bool next_of(const struct fixture *f, struct pl_view_of *of)
{
    struct pl_list *at = of->part == PL_VIEW_PAPER      ? of->paper->node.next
                         : of->part == PL_VIEW_DECISION ? of->decision->node.next
                                                        : NULL;
    if (of->part < PL_VIEW_PAPER) {
        of->part++;
        at = of->part == PL_VIEW_PAPER ? f->s->papers.next : NULL;
    }
    if (of->part == PL_VIEW_PAPER && at == &f->s->papers) {
        of->part = PL_VIEW_DECISION;
        at = f->s->decisions.next;
    }
    of->paper = NULL;
    of->decision = NULL;
    if (of->part == PL_VIEW_DECISION && at == &f->s->decisions)
        return false;
    if (of->part == PL_VIEW_PAPER)
        of->paper = pl_container_of(at, struct pl_paper, node);
    if (of->part == PL_VIEW_DECISION)
        of->decision = pl_container_of(at, struct pl_decision, node);
    return true;
}

/* All that somebody is told, a message a line; each is JSON. */
static void read_all(const struct fixture *f, struct pl_eye eye, struct pl_buf *out)
{
    struct pl_buf json = {0};
    struct pl_view_of of = {.part = PL_VIEW_SESSION};
    do {
        if (!pl_view_shown(f->m, of, eye))
            continue;
        pl_buf_clear(&json);
        pl_view_encode(f->m, of, eye, 77, &json);
        assert_false(json.failed);
        json_error_t error;
        json_t *parsed = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, &error);
        if (!parsed)
            fail_msg("%s in %s", error.text, json.data);
        json_decref(parsed);
        pl_buf_add(out, json.data, json.len);
        pl_buf_puts(out, "\n");
    } while (next_of(f, &of));
    pl_buf_free(&json);
}

#define BIT(viewer) (1u << (viewer))
#define PRESIDES (BIT(CHAIR) | BIT(SECRETARY))
#define OF_NOR (BIT(NOR_HEAD) | BIT(NOR_ADVISER))
#define OF_FRA BIT(FRA_HEAD)
#define OF_UKR BIT(UKR_HEAD)
#define ALL                                                                                        \
    (PRESIDES | OF_NOR | OF_FRA | OF_UKR | BIT(INTERPRETER) | BIT(OBSERVER) | BIT(RAPPORTEUR))
#define GUESTS (BIT(BRIEFER) | BIT(INVITED) | BIT(FREE))
#define OUTSIDE (BIT(LOBBY) | BIT(WAITING))

static void nothing_leaks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned who;
    } rows[] = {
        {"\"type\":\"session\"", ALL | GUESTS | OUTSIDE},
        {"session-reason", ALL | GUESTS | OUTSIDE},
        {"\"quorum\":2,\"now\":77", ALL | GUESTS | OUTSIDE},
        {"\"item\":\"i1\"", ALL | GUESTS},
        {"\"seat\":\"NOR\"", ALL | GUESTS},
        {"item-one", ALL | GUESTS},
        {"doc-one", ALL | GUESTS},
        {"item-two", ALL | BIT(FREE)},
        {"doc-two", ALL | BIT(FREE)},
        {"doc-gone", 0},
        {"ask-title", ALL},
        {"ask-reason", ALL},
        {"not-yet-called", 0},
        {"somebody-else", ALL | GUESTS},
        {"called-in-writing", ALL | GUESTS},
        {"the-ruling", ALL | GUESTS},
        {"party-ua", ALL | BIT(INVITED)},
        {"party-ru", ALL},
        {"paper-title", ALL | BIT(INVITED)},
        {"paper-other", ALL},
        {"option-ua", ALL | BIT(INVITED)},
        {"option-ru", ALL},
        {"option-no", ALL},
        {"option-gone", 0},
        {"\"o2\"", ALL}, /* crosses a red line of the invited party, and does not touch it */
        {"nor-delegation", OF_NOR},
        {"fra-chair", PRESIDES | OF_FRA},
        {"fra-red", PRESIDES | OF_FRA},
        {"ukr-chair", PRESIDES | OF_UKR},
        {"nor-all", ALL},
        {"fra-delegation", OF_FRA},
        {"on-gone-option", 0},
        {"answer-ua", ALL | BIT(INVITED)},
        {"asker", ALL | BIT(INVITED)},
        {"line-ru", ALL},
        {"source-ru", ALL},
        {"\"type\":\"minutes\",\"until\":99", ALL},
        {"note-text", ALL},
        {"note-gone", 0},
        {"correction-text", ALL},
        {"\"accepted\":false,\"words\":\"correction-refused\"", ALL},
        {"decision-title", ALL},
        {"ballot-open", OF_NOR},
        {"said-aloud", ALL},
        {"ballot-declared", ALL},
        {"ballot-old", 0},
        {"ballot-withdrawn", 0},
        {"ballot-no-quorum", OF_NOR},
        {"said-in-consensus", ALL},
        {"acknowledged", ALL},
        {"warned-of-ru", ALL},
        {"warned-of-fra", PRESIDES | OF_FRA},
    };
    struct fixture f;
    set_up(&f);
    for (unsigned viewer = 0; viewer < VIEWERS; viewer++) {
        struct pl_buf told = {0};
        read_all(&f, pl_view_eye(f.m, f.viewers[viewer]), &told);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (!!strstr(told.data, rows[i].text) != !!(rows[i].who & BIT(viewer)))
                fail_msg("%s: p%u is%s told of it:\n%s", rows[i].text, viewer + 1,
                         rows[i].who & BIT(viewer) ? " not" : "", told.data);
        pl_buf_free(&told);
    }
    tear_down(&f);
}

/* One message, as a viewer is told it. */
static const char *told_of(const struct fixture *f, enum viewer viewer, struct pl_view_of of)
{
    static struct pl_buf json;
    pl_buf_clear(&json);
    pl_view_encode(f->m, of, pl_view_eye(f->m, f->viewers[viewer]), 77, &json);
    assert_false(json.failed);
    return json.data;
}

/* What an option comes to is counted over what the reader sees; guest seats do not count. */
static void summaries_count_what_is_seen(void **state)
{
    (void)state;
    static const struct {
        enum viewer viewer;
        const char *counts[2]; /* of o1 and o2 */
    } rows[] = {
        {CHAIR,
         {"\"object\":1,\"silent\":1,\"blocked_by\":[{\"id\":\"FRA\"}]",
          "\"object\":1,\"silent\":1,\"blocked_by\":[{\"id\":\"NOR\"}]"}},
        {NOR_ADVISER,
         {"\"object\":1,\"silent\":1,\"blocked_by\":[{\"id\":\"NOR\"}]",
          "\"object\":1,\"silent\":1,\"blocked_by\":[{\"id\":\"NOR\"}]"}},
        {FRA_HEAD,
         {"\"object\":1,\"silent\":1,\"blocked_by\":[{\"id\":\"FRA\"}]",
          "\"object\":2,\"silent\":0,\"blocked_by\":[{\"id\":\"NOR\"},{\"id\":\"FRA\"}]"}},
        {OBSERVER,
         {"\"object\":0,\"silent\":2,\"blocked_by\":[]",
          "\"object\":1,\"silent\":1,\"blocked_by\":[{\"id\":\"NOR\"}]"}},
        {UKR_HEAD,
         {"\"object\":0,\"silent\":2,\"blocked_by\":[]",
          "\"object\":1,\"silent\":1,\"blocked_by\":[{\"id\":\"NOR\"}]"}},
    };
    struct fixture f;
    set_up(&f);
    const struct pl_view_of of = {PL_VIEW_PAPER, &made.paper, NULL};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int option = 0; option < 2; option++) {
            char want[300];
            snprintf(want, sizeof want,
                     "{\"option\":\"o%d\",\"support\":0,\"accept\":0,\"reservation\":0,%s",
                     option + 1, rows[i].counts[option]);
            const char *told = told_of(&f, rows[i].viewer, of);
            if (!strstr(told, want))
                fail_msg("row %zu: no %s in\n%s", i, want, told);
        }
    const char *told = told_of(&f, INVITED, of);
    assert_non_null(strstr(told, "\"positions\":[],\"summary\":[]}"));
    made.options[1].amended = 21;
    assert_non_null(strstr(told_of(&f, OBSERVER, of), "\"outdated\":true"));
    made.options[1].amended = 19;
    assert_null(strstr(told_of(&f, OBSERVER, of), "\"outdated\":true"));
    tear_down(&f);
}

static void stances_are_counted(void **state)
{
    (void)state;
    static const char *const want[PL_STANCE_COUNT] = {
        [PL_STANCE_SUPPORT] = "\"support\":1,\"accept\":0,\"reservation\":0,\"object\":0",
        [PL_STANCE_ACCEPT] = "\"support\":0,\"accept\":1,\"reservation\":0,\"object\":0",
        [PL_STANCE_RESERVATION] = "\"support\":0,\"accept\":0,\"reservation\":1,\"object\":0",
        [PL_STANCE_OBJECT] = "\"support\":0,\"accept\":0,\"reservation\":0,\"object\":1",
    };
    struct fixture f;
    set_up(&f);
    for (int i = 0; i < PL_STANCE_COUNT; i++) {
        made.positions[1][NOR].stance = (enum pl_stance)i;
        const char *told =
            told_of(&f, OBSERVER, (struct pl_view_of){PL_VIEW_PAPER, &made.paper, NULL});
        assert_non_null(strstr(told, want[i]));
        assert_int_equal(!!strstr(told, "\"blocked_by\":[{"), i == PL_STANCE_OBJECT);
    }
    tear_down(&f);
}

/* A red line that was warned of is shown to those who see it in the position today. */
static void a_red_line_made_known_is_shown(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    const struct pl_view_of of = {PL_VIEW_DECISION, NULL, &made.decisions[5]};
    struct pl_position *p = &made.positions[0][FRA];
    p->red_line = (struct pl_str)S("warned-of-fra");
    assert_null(strstr(told_of(&f, OBSERVER, of), "warned-of-fra"));
    p->visibility = PL_VISIBILITY_ALL;
    assert_non_null(strstr(told_of(&f, OBSERVER, of), "warned-of-fra"));
    p->red_line = (struct pl_str)S("another-one..");
    assert_null(strstr(told_of(&f, OBSERVER, of), "warned-of-fra"));
    tear_down(&f);
}

static void casts_are_told(void **state)
{
    (void)state;
    static const char hidden[] =
        "\"votes\":[{\"seat\":\"NOR\",\"voted\":true},{\"seat\":\"FRA\",\"voted\":false}]";
    static const char shown[] =
        "\"votes\":[{\"seat\":\"NOR\",\"voted\":true,\"choice\":\"yes\",\"statement\":\"x\"},"
        "{\"seat\":\"FRA\",\"voted\":false}]";
    static const char none[] = "\"votes\":[]";
    static const struct {
        enum pl_decision_state state;
        const char *aloud, *ballot, *own; /* who sees: all, of a ballot all, the own seat */
    } rows[] = {
        {PL_DECISION_STATE_DRAFT, none, none, none},
        {PL_DECISION_STATE_OPEN, shown, hidden, shown},
        {PL_DECISION_STATE_DECLARED, shown, shown, shown},
        {PL_DECISION_STATE_WITHDRAWN, shown, none, none},
    };
    static const bool ballots[PL_PROCEDURE_COUNT] = {[PL_PROCEDURE_UNANIMITY] = true,
                                                     [PL_PROCEDURE_SIMPLE] = true,
                                                     [PL_PROCEDURE_ABSOLUTE] = true,
                                                     [PL_PROCEDURE_QUALIFIED] = true};
    struct fixture f;
    set_up(&f);
    struct pl_decision *d = &made.decisions[0];
    const struct pl_view_of of = {PL_VIEW_DECISION, NULL, d};
    d->casts[NOR].statement = (struct pl_str)S("x");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int procedure = 0; procedure < PL_PROCEDURE_COUNT; procedure++) {
            d->state = rows[i].state;
            d->rule.procedure = (enum pl_procedure)procedure;
            bool ballot = ballots[procedure];
            const char *want = ballot ? rows[i].ballot : rows[i].aloud;
            assert_non_null(strstr(told_of(&f, CHAIR, of), want));
            assert_non_null(strstr(told_of(&f, OBSERVER, of), want));
            assert_non_null(strstr(told_of(&f, FRA_HEAD, of), want));
            want = ballot ? rows[i].own : rows[i].aloud;
            assert_non_null(strstr(told_of(&f, NOR_ADVISER, of), want));
        }
    tear_down(&f);
}

/* Of a draft, the warnings that there will be. */
static void a_draft_tells_its_warnings(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    const struct pl_view_of of = {PL_VIEW_DECISION, NULL, &made.decisions[3]};
    static const char fra[] =
        "\"warnings\":[{\"kind\":\"red_line\",\"seat\":\"FRA\",\"name\":\"France\"";
    assert_non_null(strstr(told_of(&f, CHAIR, of), fra));
    assert_non_null(strstr(told_of(&f, FRA_HEAD, of), fra));
    assert_non_null(strstr(told_of(&f, OBSERVER, of), "\"warnings\":[]"));
    made.positions[0][FRA].visibility = PL_VISIBILITY_ALL;
    assert_non_null(strstr(told_of(&f, OBSERVER, of), fra));
    made.asked.answer = (struct pl_str){0};
    assert_non_null(strstr(told_of(&f, OBSERVER, of),
                           "\"warnings\":[{\"kind\":\"no_answer\",\"party\":\"ua\""));
    tear_down(&f);
}

static void results_are_told(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    struct pl_decision *d = &made.decisions[0];
    const struct pl_view_of of = {PL_VIEW_DECISION, NULL, d};
    assert_null(strstr(told_of(&f, CHAIR, of), "\"outcome\""));
    d->words = (struct pl_str)S("by-words");
    d->outcome = PL_OUTCOME_NO_QUORUM;
    d->state = PL_DECISION_STATE_DRAFT;
    assert_non_null(
        strstr(told_of(&f, CHAIR, of), "\"outcome\":\"no_quorum\",\"words\":\"by-words\""));
    d->state = PL_DECISION_STATE_OPEN; /* anew: those words are of the past */
    assert_null(strstr(told_of(&f, CHAIR, of), "by-words"));
    d->state = PL_DECISION_STATE_DECLARED;
    d->outcome = PL_OUTCOME_ADOPTED;
    d->ended_ms = 60;
    assert_non_null(strstr(told_of(&f, CHAIR, of),
                           "\"outcome\":\"adopted\",\"words\":\"by-words\",\"ended_at\":60"));
    d->state = PL_DECISION_STATE_WITHDRAWN;
    assert_non_null(strstr(told_of(&f, CHAIR, of), "\"outcome\":\"withdrawn\""));
    tear_down(&f);
}

/* Ids of participants are of those in the room. */
static void who_is_not_here_is_not_named(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    const struct pl_view_of floor = {.part = PL_VIEW_FLOOR};
    static const char here[] = "{\"entry\":11,\"kind\":\"speak\",\"participant\":\"p3\","
                               "\"seat\":\"NOR\",\"name\":\"Norway\",\"written\":true";
    static const char away[] = "{\"entry\":11,\"kind\":\"speak\",\"seat\":\"NOR\","
                               "\"name\":\"Norway\",\"written\":true";
    f.s->seats[NOR].voice = NOR_HEAD;
    assert_non_null(strstr(told_of(&f, OBSERVER, floor), here));
    f.viewers[NOR_HEAD]->place = PL_PLACE_LOBBY;
    assert_non_null(strstr(told_of(&f, OBSERVER, floor), away));
    f.s->seats[NOR].voice = PL_NO_PERSON;
    assert_non_null(strstr(told_of(&f, OBSERVER, floor), away));
    assert_non_null(strstr(told_of(&f, OBSERVER, floor),
                           "{\"entry\":12,\"kind\":\"speak\",\"name\":\"somebody-else\""));
    f.s->floor.held = true;
    f.s->floor.seat = NOR;
    f.s->floor.since_ms = 5;
    assert_non_null(strstr(told_of(&f, OBSERVER, floor), "\"seat\":\"NOR\",\"since\":5"));
    f.s->seats[NOR].voice = NOR_ADVISER;
    f.s->floor.seconds = 90;
    assert_non_null(strstr(told_of(&f, OBSERVER, floor),
                           "\"participant\":\"p4\",\"seat\":\"NOR\",\"since\":5,\"seconds\":90"));
    tear_down(&f);
}

static void an_item_names_its_guests(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    assert_non_null(strstr(told_of(&f, CHAIR, (struct pl_view_of){.part = PL_VIEW_AGENDA}),
                           "{\"item\":\"i1\",\"title\":\"item-one\",\"state\":\"current\","
                           "\"began_at\":5,\"guests\":[{\"id\":\"p7\"},{\"id\":\"p8\"}]},"
                           "{\"item\":\"i2\",\"title\":\"item-two\",\"state\":\"to_come\","
                           "\"minutes\":20,\"guests\":[]}"));
    tear_down(&f);
}

/* The latest hundred of what was said in writing; of rulings too. */
static void the_latest_are_told(void **state)
{
    (void)state;
    static struct pl_intervention more[100];
    struct fixture f;
    set_up(&f);
    for (int i = 0; i < 100; i++) {
        more[i].entry = made.intervention.entry;
        more[i].entry.text = (struct pl_str)S("later");
        if (i < 99)
            pl_list_push(&f.s->floor.interventions, &more[i].node);
    }
    const struct pl_view_of floor = {.part = PL_VIEW_FLOOR};
    assert_non_null(strstr(told_of(&f, OBSERVER, floor), "called-in-writing"));
    pl_list_push(&f.s->floor.interventions, &more[99].node);
    assert_null(strstr(told_of(&f, OBSERVER, floor), "called-in-writing"));
    tear_down(&f);
}

/* Eyes that are said to read the same do. Whoever sees more is not told the message of all. */
static void plain_eyes_read_the_same(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    size_t plainer = 0, different = 0;
    for (unsigned viewer = 0; viewer < VIEWERS; viewer++) {
        struct pl_eye eye = pl_view_eye(f.m, f.viewers[viewer]);
        struct pl_view_of of = {.part = PL_VIEW_SESSION};
        do {
            if (!pl_view_shown(f.m, of, eye))
                continue;
            struct pl_eye plain = pl_view_plain(f.m, of, eye);
            struct pl_buf own = {0}, shared = {0};
            pl_view_encode(f.m, of, eye, 1, &own);
            pl_view_encode(f.m, of, plain, 1, &shared);
            assert_string_equal(own.data, shared.data);
            assert_true(pl_eye_eq(plain, pl_view_plain(f.m, of, plain)));
            plainer += !pl_eye_eq(plain, eye);
            different += pl_eye_eq(plain, eye) && eye.sight > PL_SIGHT_ALL;
            pl_buf_free(&own);
            pl_buf_free(&shared);
        } while (next_of(&f, &of));
    }
    assert_true(plainer > 50);
    assert_true(different >= 6); /* papers, ballots, warnings */
    tear_down(&f);
}

/* As many options, seats, parties and entries as there may be. */

static struct pl_seat many_seats[PL_SEATS_MAX];
static struct pl_option many_options[PL_OPTIONS_MAX];
static struct pl_consultation many_entries[PL_CONSULTATIONS_MAX];

static void at_the_limits(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    for (size_t i = 0; i < PL_SEATS_MAX; i++) {
        many_seats[i] = (struct pl_seat){.name = "A seat of some name", .weight = 1};
        snprintf(many_seats[i].id, sizeof many_seats[i].id, "S%zu", i);
    }
    f.definition.seats = many_seats;
    f.definition.n_seats = PL_SEATS_MAX;
    pl_list_init(&made.paper.options);
    struct pl_position *positions =
        calloc((size_t)PL_OPTIONS_MAX * PL_SEATS_MAX, sizeof *positions);
    assert_non_null(positions);
    for (size_t i = 0; i < PL_OPTIONS_MAX; i++) {
        many_options[i] = (struct pl_option){.id = S("an-option"), .title = S("An option")};
        many_options[i].positions = positions + i * PL_SEATS_MAX;
        many_options[i].n_touches = 16;
        for (size_t j = 0; j < 16; j++)
            many_options[i].touches[j] = &made.ru;
        pl_list_push(&made.paper.options, &many_options[i].node);
        for (size_t seat = 0; seat < PL_SEATS_MAX; seat++)
            many_options[i].positions[seat] = (struct pl_position){.number = 1,
                                                                   .stance = PL_STANCE_OBJECT,
                                                                   .visibility = PL_VISIBILITY_ALL,
                                                                   .at_ms = 1700000000000};
    }
    pl_list_init(&f.s->consultations);
    for (size_t i = 0; i < PL_CONSULTATIONS_MAX; i++) {
        many_entries[i] = made.asked;
        pl_list_push(&f.s->consultations, &many_entries[i].node);
    }
    struct pl_eye eye = pl_view_eye(f.m, f.viewers[OBSERVER]);
    struct pl_buf json = {0};
    pl_view_encode(f.m, (struct pl_view_of){PL_VIEW_PAPER, &made.paper, NULL}, eye, 1, &json);
    assert_false(json.failed);
    print_message("paper: %zu bytes\n", json.len);
    json_t *paper = json_loadb(json.data, json.len, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(paper, "positions")),
                     PL_OPTIONS_MAX * PL_SEATS_MAX);
    json_t *summary = json_object_get(paper, "summary");
    assert_int_equal(json_array_size(summary), PL_OPTIONS_MAX);
    json_t *last = json_array_get(summary, PL_OPTIONS_MAX - 1);
    assert_int_equal(json_array_size(json_object_get(last, "blocked_by")), PL_SEATS_MAX);
    assert_int_equal(json_integer_value(json_object_get(last, "silent")), 0);
    json_decref(paper);
    pl_buf_clear(&json);
    pl_view_encode(f.m, (struct pl_view_of){.part = PL_VIEW_REGISTER}, eye, 1, &json);
    print_message("register: %zu bytes\n", json.len);
    json_t *reg = json_loadb(json.data, json.len, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(reg, "entries")), PL_CONSULTATIONS_MAX);
    assert_int_equal(json_array_size(json_object_get(reg, "status")), PL_OPTIONS_MAX * 16);
    json_decref(reg);
    pl_buf_free(&json);
    free(positions);
    f.definition.seats = seats;
    f.definition.n_seats = SEATS;
    tear_down(&f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        TEST(nothing_leaks),
        TEST(summaries_count_what_is_seen),
        TEST(stances_are_counted),
        TEST(a_red_line_made_known_is_shown),
        TEST(casts_are_told),
        TEST(a_draft_tells_its_warnings),
        TEST(results_are_told),
        TEST(who_is_not_here_is_not_named),
        TEST(an_item_names_its_guests),
        TEST(the_latest_are_told),
        TEST(plain_eyes_read_the_same),
        TEST(at_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
