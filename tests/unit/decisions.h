/* A meeting for tests of papers and decisions: any number of seats with a head each, one of every
 * other role; acts in short, and what they are refused with. Every event is kept as bytes; at the
 * end they are decoded and applied to a new meeting, which must know the same. After cmocka.h. */
#ifndef PL_TESTS_DECISIONS_H
#define PL_TESTS_DECISIONS_H

#include "meet/meeting.h"
#include "meeting_dump.h"
#include "signal/messages.h"

#include <stdio.h>
#include <stdlib.h>

#define NOON INT64_C(1756000000000) /* the first act's time, about */

/* p1 to p8; the head of seat i is p9 + i. */
static const struct pl_person room_people[] = {
    {.name = "Chair", .role = PL_ROLE_CHAIR, .seat = PL_NO_SEAT},
    {.name = "Secretary", .role = PL_ROLE_SECRETARY, .seat = PL_NO_SEAT},
    {.name = "Rapporteur", .role = PL_ROLE_RAPPORTEUR, .seat = PL_NO_SEAT},
    {.name = "Invited", .role = PL_ROLE_INVITED, .seat = PL_NO_SEAT, .party = "UKR"},
    {.name = "Observer", .role = PL_ROLE_OBSERVER, .seat = PL_NO_SEAT},
    {.name = "Adviser", .role = PL_ROLE_ADVISER, .seat = 0},
    {.name = "Briefer", .role = PL_ROLE_BRIEFER, .seat = PL_NO_SEAT},
    {.name = "Booth", .role = PL_ROLE_INTERPRETER, .seat = PL_NO_SEAT, .language = "FR"},
};
#define OTHERS (sizeof room_people / sizeof room_people[0])
static const char *const room_names[] = {"Norway", "Denmark", "Spain", "France",
                                         "Italy",  "Poland",  "Greece"};
#define NAMED (sizeof room_names / sizeof room_names[0])
static const int64_t room_weights[NAMED] = {29, 27, 13, 10, 10, 7, 4}; /* 100 */

struct room {
    struct pl_definition definition;
    struct pl_meeting *m;
    const struct pl_state *s;
    struct pl_buf *log; /* the bytes of each event */
    size_t n_log, room_log;
    size_t n; /* events of the last act */
    struct pl_denial denial;
    int64_t now;
};

static inline void room_fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
}

static const struct pl_random room_random = {room_fill, NULL};

static inline void apply_all(struct room *r, const struct pl_act *events, size_t n)
{
    r->n = n;
    for (size_t i = 0; i < n; i++) {
        if (r->n_log == r->room_log) {
            r->room_log = r->room_log ? 2 * r->room_log : 64;
            r->log = realloc(r->log, r->room_log * sizeof *r->log);
            assert_non_null(r->log);
        }
        if (pl_act_is_kept(events[i].type)) {
            r->log[r->n_log] = (struct pl_buf){0};
            pl_act_encode(&r->log[r->n_log++], &events[i]);
        }
    }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pl_meeting_apply(r->m, &events[i], &pl_no_effects), PL_OK);
}

/* `by` NULL: who prepares. */
static inline enum pl_err decide(struct room *r, const char *by, const struct pl_act *a)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 99;
    struct pl_participant *p = by ? pl_meeting_by_id(r->m, pl_str(by)) : NULL;
    if (by)
        assert_non_null(p);
    enum pl_err err = pl_meeting_decide(r->m, p, a, r->now, events, &n, &r->denial);
    if (err) {
        assert_int_equal(n, 99);
        assert_true(r->denial.why[0] && pl_text_ok(pl_str(r->denial.why)));
        return err;
    }
    apply_all(r, events, n);
    return PL_OK;
}

/* It makes so many events. */
static inline void done(struct room *r, const char *by, const struct pl_act *a, size_t events)
{
    enum pl_err err = decide(r, by, a);
    if (err)
        fail_msg("%s by %s: %s", pl_act_words[a->type], by ? by : "-", r->denial.why);
    assert_int_equal(r->n, events);
}

/* It is refused, and nothing changes. */
static inline void refused(struct room *r, const char *by, const struct pl_act *a, enum pl_err err,
                           const char *field, const char *why)
{
    struct pl_buf before = {0}, after = {0};
    meeting_dump(r->m, &before);
    enum pl_err got = decide(r, by, a);
    if (got != err)
        fail_msg("%s by %s: %d %s", pl_act_words[a->type], by ? by : "-", got,
                 got ? r->denial.why : "");
    assert_string_equal(r->denial.why, why);
    assert_string_equal(r->denial.field, field);
    meeting_dump(r->m, &after);
    assert_string_equal(before.data, after.data);
    pl_buf_free(&before);
    pl_buf_free(&after);
}

static inline void comes(struct room *r, const char *id)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    uint32_t person;
    assert_int_equal(pl_definition_person(&r->definition, pl_str(id), &person), PL_OK);
    assert_int_equal(
        pl_meeting_join(r->m, person, (struct pl_str){0}, r->now, events, &n, &r->denial), PL_OK);
    apply_all(r, events, n);
}

static inline void goes(struct room *r, const char *id)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    struct pl_participant *p = pl_meeting_by_id(r->m, pl_str(id));
    assert_non_null(p);
    pl_meeting_leave(r->m, p, r->now, events, &n);
    apply_all(r, events, n);
}

/* Settles what fell due, and returns how many. */
static inline size_t expire(struct room *r)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0, all = 0;
    for (;;) {
        pl_meeting_expire(r->m, r->now, events, &n);
        if (n == 0)
            return all;
        all += n;
        apply_all(r, events, n);
    }
}

/* The id of seat i's head, valid until the fourth call from now. */
static inline const char *head_of(size_t i)
{
    static char ids[4][PL_PERSON_ID_SIZE];
    static unsigned next;
    char *id = ids[next++ % 4];
    snprintf(id, PL_PERSON_ID_SIZE, "p%u", (unsigned)(OTHERS + 1 + i) % 10000);
    return id;
}

#define S(text) pl_str(text)
#define ACT(up, low, ...) (&(struct pl_act){.type = PL_ACT_##up, .low = {__VA_ARGS__}})

/* So many members, and one guest's seat "GUE" behind them, each with so many delegates; nobody has
 * come, and nothing is on the agenda. */
static inline void set_up_seats(struct room *r, size_t members, size_t delegates)
{
    memset(r, 0, sizeof *r);
    size_t seats = members + 1, people = OTHERS + seats * delegates;
    struct pl_seat *s = calloc(seats, sizeof *s);
    struct pl_person *p = calloc(people, sizeof *p);
    assert_true(s && p);
    memcpy(p, room_people, sizeof room_people);
    for (size_t i = 0; i < seats; i++) {
        char name[32];
        snprintf(s[i].id, sizeof s[i].id, "S%zu", i + 1);
        snprintf(name, sizeof name, "Seat %zu", i + 1);
        s[i].name = strdup(i < NAMED ? room_names[i] : name);
        s[i].weight = i < NAMED ? room_weights[i] : 1;
    }
    for (size_t i = 0; i < seats * delegates; i++) {
        p[OTHERS + i].name = s[i % seats].name;
        p[OTHERS + i].role = PL_ROLE_DELEGATE;
        p[OTHERS + i].seat = (uint32_t)(i % seats);
    }
    snprintf(s[members].id, sizeof s[members].id, "GUE");
    s[members].guest = true;
    for (size_t i = 0; i < people; i++)
        snprintf(p[i].id, sizeof p[i].id, "p%u", (unsigned)(i + 1) % 10000);
    r->definition = (struct pl_definition){
        .title = "T", .seats = s, .n_seats = seats, .people = p, .n_people = people};
    r->now = NOON;
    assert_int_equal(pl_meeting_new(&r->definition, &room_random, &r->m), PL_OK);
    r->s = pl_meeting_state(r->m);
}

/* One delegate each; one item, "i". */
static inline void set_up(struct room *r, size_t members)
{
    set_up_seats(r, members, 1);
    done(r, NULL, ACT(PUT_ITEM, put_item, .item = S("i"), .title = S("Item")), 1);
}

/* Everybody comes. */
static inline void set_up_all(struct room *r, size_t members)
{
    set_up(r, members);
    for (size_t i = 0; i < r->definition.n_people; i++)
        comes(r, r->definition.people[i].id);
}

/* The record says the same as the meeting that made it. */
static inline void check_replay(const struct room *r)
{
    struct pl_meeting *again;
    struct pl_buf a = {0}, b = {0}, bytes = {0};
    struct pl_act *e = malloc(sizeof *e);
    assert_non_null(e);
    assert_int_equal(pl_meeting_new(&r->definition, &room_random, &again), PL_OK);
    for (size_t i = 0; i < r->n_log; i++) {
        struct pl_decode_error error = {0};
        json_t *json;
        if (pl_event_decode((struct pl_str){r->log[i].data, r->log[i].len}, e, &json, &error) !=
            PL_OK)
            fail_msg("%s: %s: %s", r->log[i].data, error.field, error.reason);
        pl_buf_clear(&bytes);
        pl_act_encode(&bytes, e);
        assert_string_equal(bytes.data, r->log[i].data);
        if (pl_meeting_apply(again, e, &pl_no_effects) != PL_OK)
            fail_msg("not applied: %s", r->log[i].data);
        json_decref(json);
    }
    meeting_dump(r->m, &a);
    meeting_dump(again, &b);
    assert_string_equal(a.data, b.data);
    pl_meeting_free(again);
    pl_buf_free(&a);
    pl_buf_free(&b);
    pl_buf_free(&bytes);
    free(e);
}

static inline void throw_away(struct room *r)
{
    for (size_t i = 0; i < r->n_log; i++)
        pl_buf_free(&r->log[i]);
    free(r->log);
    pl_meeting_free(r->m);
    for (size_t i = 0; i < r->definition.n_seats; i++)
        free(r->definition.seats[i].name);
    free(r->definition.seats);
    free(r->definition.people);
}

static inline void tear_down(struct room *r)
{
    check_replay(r);
    throw_away(r);
}

/* What stands in the state */

static inline const struct pl_decision *decision(const struct room *r, const char *id)
{
    pl_list_each (struct pl_decision, d, &r->s->decisions, node) {
        if (pl_str_eq(d->id, id))
            return d;
    }
    fail_msg("no decision %s", id);
    return NULL;
}

static inline const struct pl_paper *paper(const struct room *r, const char *id)
{
    pl_list_each (struct pl_paper, p, &r->s->papers, node) {
        if (pl_str_eq(p->id, id))
            return p;
    }
    fail_msg("no paper %s", id);
    return NULL;
}

static inline const struct pl_option *option(const struct pl_paper *p, const char *id)
{
    pl_list_each (struct pl_option, o, &p->options, node) {
        if (pl_str_eq(o->id, id))
            return o;
    }
    fail_msg("no option %s", id);
    return NULL;
}

/* Acts that many tests need */

static inline struct pl_act draft(const char *id, struct pl_act_rule rule)
{
    return (struct pl_act){
        .type = PL_ACT_PUT_DECISION,
        .put_decision = {.decision = S(id),
                         .item = S("i"),
                         .title = S("Title"),
                         .texts = {{S("EN"), S("We decide.")}, {S("FR"), S("Nous décidons.")}},
                         .n_texts = 2,
                         .rule = rule}};
}

static inline struct pl_act_rule by_rule(enum pl_procedure procedure)
{
    return (struct pl_act_rule){.procedure = procedure};
}

static inline struct pl_act call(const char *id, int64_t version)
{
    return (struct pl_act){.type = PL_ACT_CALL_DECISION,
                           .call_decision = {.decision = S(id), .version = version}};
}

static inline struct pl_act call_silence(const char *id, int64_t version, int64_t deadline)
{
    struct pl_act a = call(id, version);
    a.call_decision.has_deadline = true;
    a.call_decision.deadline = deadline;
    a.call_decision.time_zone = S("Europe/Brussels");
    return a;
}

/* With a statement where the choice needs one. */
static inline struct pl_act vote(const char *id, int64_t version, enum pl_choice choice)
{
    struct pl_act a = {.type = PL_ACT_VOTE,
                       .vote = {.decision = S(id), .version = version, .choice = choice}};
    if (choice == PL_CHOICE_JOIN_WITH_RESERVATION || choice == PL_CHOICE_NATIONAL_STATEMENT ||
        choice == PL_CHOICE_BLOCK || choice == PL_CHOICE_BREAK_SILENCE)
        a.vote.statement = S("Because.");
    return a;
}

static inline struct pl_act close_it(const char *id)
{
    return (struct pl_act){.type = PL_ACT_CLOSE_DECISION, .close_decision = {.decision = S(id)}};
}

#endif
