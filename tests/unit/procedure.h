/* A meeting for tests of its procedure: everybody of every role, acts in short, what they are
 * refused with, and what they change. Every event goes to a second meeting too, before the first
 * changes: both must say the same at the end. */
#ifndef PL_TESTS_PROCEDURE_H
#define PL_TESTS_PROCEDURE_H

#include "base/buf.h"
#include "meet/meeting.h"

#include <stdio.h>
#include <stdlib.h>

/* An act; the rest are its fields. */
#define ACT(name, act, ...) (&(struct pl_act){.type = PL_ACT_##name, .act = {__VA_ARGS__}})
#define ID(s) pl_str(s)

enum { NOR, DEN, GUE, SEATS }; /* GUE is no member */
static struct pl_seat procedure_seats[SEATS] = {
    {.id = "NOR", .name = "Norway", .country = "NO", .weight = 1},
    {.id = "DEN", .name = "Denmark", .country = "DK", .weight = 1},
    {.id = "GUE", .name = "Guests", .guest = true, .weight = 1},
};

/* p1 is the first, and so on. */
static struct pl_person procedure_people[] = {
    {.id = "p1", .name = "Chair", .role = PL_ROLE_CHAIR, .seat = PL_NO_SEAT},
    {.id = "p2", .name = "Secretary", .role = PL_ROLE_SECRETARY, .seat = PL_NO_SEAT},
    {.id = "p3", .name = "Astrid", .role = PL_ROLE_DELEGATE, .seat = NOR},
    {.id = "p4", .name = "Bjørn", .role = PL_ROLE_DELEGATE, .seat = NOR},
    {.id = "p5", .name = "Cato", .role = PL_ROLE_ADVISER, .seat = NOR},
    {.id = "p6", .name = "Dagny", .role = PL_ROLE_DELEGATE, .seat = DEN},
    {.id = "p7", .name = "Briefer", .role = PL_ROLE_BRIEFER, .seat = PL_NO_SEAT, .item = "i2"},
    {.id = "p8", .name = "Invited", .role = PL_ROLE_INVITED, .seat = PL_NO_SEAT},
    {.id = "p9",
     .name = "Booth",
     .role = PL_ROLE_INTERPRETER,
     .seat = PL_NO_SEAT,
     .language = "FR"},
    {.id = "p10", .name = "Observer", .role = PL_ROLE_OBSERVER, .seat = PL_NO_SEAT},
    {.id = "p11", .name = "Crowd", .role = PL_ROLE_BRIEFER, .seat = PL_NO_SEAT, .shared = true},
    {.id = "p12", .name = "Guest", .role = PL_ROLE_DELEGATE, .seat = GUE},
    {.id = "p13", .name = "Staff", .role = PL_ROLE_ADVISER, .seat = NOR, .shared = true},
    {.id = "p14", .name = "Rapporteur", .role = PL_ROLE_RAPPORTEUR, .seat = PL_NO_SEAT},
};
#define PROCEDURE_PEOPLE (sizeof procedure_people / sizeof procedure_people[0])

struct procedure {
    struct pl_definition definition;
    struct pl_meeting *m, *twin;
    const struct pl_state *s;
    struct pl_buf effects; /* of the last act: "changed p1; placed p3 room; …" */
    size_t n;              /* its events, */
    struct pl_buf bytes;   /* and how they stand in the record */
    struct pl_denial denial;
    int64_t now;
};

static inline void procedure_note(void *ctx, enum pl_effect_type type, struct pl_participant *who,
                                  enum pl_refusal refusal, const struct pl_act *event)
{
    static const char *const words[] = {"changed", "placed", "muted", "gone", "said", "captioned"};
    struct pl_buf *b = ctx;
    (void)refusal;
    (void)event;
    pl_buf_printf(b, "%s%s %s", b->len ? "; " : "", words[type], who->id);
    if (type == PL_EFFECT_PLACED)
        pl_buf_printf(b, " %s", pl_place_words[who->place]);
}

static inline void procedure_fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
}

/* All that the tested files know, in words. */
static inline void procedure_dump(const struct pl_meeting *m, struct pl_buf *b)
{
    const struct pl_state *s = pl_meeting_state(m);
    const struct pl_floor_state *f = &s->floor;
    pl_buf_printf(b, "session %d %s item %s last %llu\n", s->session,
                  s->session_reason.p ? s->session_reason.p : "-", s->item ? s->item->id.p : "-",
                  (unsigned long long)s->last);
    for (int i = 0; i < PL_PART_COUNT; i++)
        pl_buf_printf(b, "part %d %llu\n", i, (unsigned long long)s->changed[i]);
    for (size_t i = 0; i < SEATS; i++)
        pl_buf_printf(b, "seat %u %u %u\n", s->seats[i].present, s->seats[i].head,
                      s->seats[i].voice);
    pl_list_each (struct pl_item, i, &s->items, node) {
        pl_buf_printf(b, "item %s %s %d %lld %lld %lld %lld\n", i->id.p, i->title.p, i->state,
                      (long long)i->minutes, (long long)i->speaking_seconds, (long long)i->began_ms,
                      (long long)i->ended_ms);
    }
    pl_list_each (struct pl_document, d, &s->documents, node) {
        pl_buf_printf(b, "document %s %s %s %s %s %lld %d\n", d->id.p, d->name.p, d->media_type.p,
                      d->sha256.p, d->item->id.p, (long long)d->size, d->dropped);
    }
    pl_list_each (struct pl_ask, a, &s->asks, node) {
        pl_buf_printf(b, "ask %llu %u %s %s %s %d %d %lld\n", (unsigned long long)a->number,
                      a->seat, a->title.p, a->reason.p, a->answer.p ? a->answer.p : "-",
                      a->answered, a->granted, (long long)a->at_ms);
    }
    pl_buf_printf(b, "floor %d %u %u %d %d %llu %lld %lld %lld %d %zu\n", f->held, f->seat,
                  f->participant, f->has_kind, f->kind, (unsigned long long)f->entry,
                  (long long)f->since_ms, (long long)f->seconds, (long long)f->speaking_seconds,
                  f->list_open, f->n_entries);
    pl_list_each (struct pl_floor_entry, e, &f->entries, node) {
        pl_buf_printf(b, "entry %llu %d %u %u %s %s %d %lld\n", (unsigned long long)e->number,
                      e->kind, e->seat, e->participant, e->name.p, e->text.p ? e->text.p : "-",
                      e->passed, (long long)e->at_ms);
    }
    pl_list_each (struct pl_intervention, i, &f->interventions, node) {
        pl_buf_printf(b, "read %llu %s %lld\n", (unsigned long long)i->entry.number,
                      i->entry.text.p, (long long)i->at_ms);
    }
    pl_list_each (struct pl_ruling, r, &f->rulings, node) {
        pl_buf_printf(b, "ruling %llu %d %s %lld\n", (unsigned long long)r->entry.number, r->upheld,
                      r->ruling.p, (long long)r->at_ms);
    }
}

static inline void procedure_apply(struct procedure *f, const struct pl_act *events, size_t n)
{
    const struct pl_effects noted = {&f->effects, procedure_note};
    pl_buf_clear(&f->effects);
    pl_buf_clear(&f->bytes);
    f->n = n;
    for (size_t i = 0; i < n; i++)
        pl_act_encode(&f->bytes, &events[i]);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pl_meeting_apply(f->twin, &events[i], &pl_no_effects), PL_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pl_meeting_apply(f->m, &events[i], &noted), PL_OK);
}

/* `by` NULL: who prepares. */
static inline enum pl_err decide(struct procedure *f, const char *by, const struct pl_act *a)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 99;
    struct pl_participant *p = by ? pl_meeting_by_id(f->m, pl_str(by)) : NULL;
    if (by)
        assert_non_null(p);
    f->now += 1000;
    enum pl_err err = pl_meeting_decide(f->m, p, a, f->now, events, &n, &f->denial);
    if (err) {
        assert_int_equal(n, 99);
        assert_true(f->denial.why[0]);
        return err;
    }
    procedure_apply(f, events, n);
    return PL_OK;
}

/* It makes `events` events. */
static inline void done(struct procedure *f, const char *by, const struct pl_act *a, size_t events)
{
    enum pl_err err = decide(f, by, a);
    if (err)
        fail_msg("%s by %s: %s", pl_act_words[a->type], by ? by : "-", f->denial.why);
    assert_int_equal(f->n, events);
}

/* It is refused, and nothing changes. */
static inline void refused(struct procedure *f, const char *by, const struct pl_act *a,
                           enum pl_err err, const char *field, const char *why)
{
    struct pl_buf before = {0}, after = {0};
    procedure_dump(f->m, &before);
    enum pl_err got = decide(f, by, a);
    if (got != err)
        fail_msg("%s by %s: %d %s", pl_act_words[a->type], by ? by : "-", got,
                 got ? f->denial.why : "");
    assert_string_equal(f->denial.why, why);
    assert_string_equal(f->denial.field, field);
    procedure_dump(f->m, &after);
    assert_string_equal(before.data, after.data);
    pl_buf_free(&before);
    pl_buf_free(&after);
}

static inline void comes(struct procedure *f, uint32_t number)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    f->now += 1000;
    assert_int_equal(
        pl_meeting_join(f->m, number - 1, (struct pl_str){0}, f->now, events, &n, &f->denial),
        PL_OK);
    procedure_apply(f, events, n);
}

static inline struct pl_participant *who(const struct procedure *f, const char *id)
{
    struct pl_participant *p = pl_meeting_by_id(f->m, pl_str(id));
    assert_non_null(p);
    return p;
}

static inline void goes(struct procedure *f, const char *id)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    f->now += 1000;
    pl_meeting_leave(f->m, who(f, id), f->now, events, &n);
    procedure_apply(f, events, n);
}

/* Two items on the agenda, i1 and i2, and nobody here yet. */
static inline void set_up(struct procedure *f, enum pl_floor floor)
{
    const struct pl_random random = {procedure_fill, NULL};
    memset(f, 0, sizeof *f);
    f->definition = (struct pl_definition){.title = "T",
                                           .floor = floor,
                                           .seats = procedure_seats,
                                           .n_seats = SEATS,
                                           .people = procedure_people,
                                           .n_people = PROCEDURE_PEOPLE,
                                           .speaking_seconds = 120};
    assert_int_equal(pl_meeting_new(&f->definition, &random, &f->m), PL_OK);
    assert_int_equal(pl_meeting_new(&f->definition, &random, &f->twin), PL_OK);
    f->s = pl_meeting_state(f->m);
    done(f, NULL, ACT(PUT_ITEM, put_item, .item = ID("i1"), .title = ID("One")), 1);
    done(f, NULL, ACT(PUT_ITEM, put_item, .item = ID("i2"), .title = ID("Two")), 1);
}

/* Everybody comes, the shared ones once; i1 is taken. */
static inline void set_up_all(struct procedure *f, enum pl_floor floor)
{
    set_up(f, floor);
    for (uint32_t i = 1; i <= PROCEDURE_PEOPLE; i++)
        comes(f, i);
    done(f, "p1", ACT(TAKE_ITEM, take_item, .item = ID("i1")), 1);
}

static inline void tear_down(struct procedure *f)
{
    struct pl_buf a = {0}, b = {0};
    procedure_dump(f->m, &a);
    procedure_dump(f->twin, &b);
    assert_string_equal(a.data, b.data);
    pl_buf_free(&a);
    pl_buf_free(&b);
    pl_buf_free(&f->effects);
    pl_buf_free(&f->bytes);
    pl_meeting_free(f->m);
    pl_meeting_free(f->twin);
}

/* The last act's only event as it stands in the record, from `act` on; with ' in place of ". */
static inline void says(const struct procedure *f, const char *want)
{
    char got[512] = "";
    assert_int_equal(f->n, 1);
    snprintf(got, sizeof got, "%s", strstr(f->bytes.data, "\"act\""));
    for (char *c = got; *c; c++)
        if (*c == '"')
            *c = '\'';
    assert_string_equal(got, want);
}

#define EFFECTS(f, want)                                                                           \
    assert_string_equal((f)->effects.len ? (const char *)(f)->effects.data : "", want)

#endif
