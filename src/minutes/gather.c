/* See minutes.h and parts.h. Here: events become facts. A meeting of our own applies every event,
 * so that what it says before and after tells what happened. */
#include "minutes/parts.h"
#include "signal/view.h"

#include <stdlib.h>

static const struct pl_eye all = {PL_SIGHT_ALL, PL_NO_SEAT, 0};

enum pl_err pl_minutes_new(const struct pl_definition *made, const struct pl_definition *d,
                           const struct pl_random *random, struct pl_minutes **out)
{
    struct pl_minutes *m = calloc(1, sizeof *m);
    if (!m)
        return PL_ENOMEM;
    if (pl_meeting_new(made, random, &m->meeting) != PL_OK) {
        free(m);
        return PL_ENOMEM;
    }
    m->d = d;
    m->s = pl_meeting_state(m->meeting);
    pl_list_init(&m->facts);
    pl_list_init(&m->attendees);
    pl_list_init(&m->votes);
    *out = m;
    return PL_OK;
}

void pl_minutes_free(struct pl_minutes *m)
{
    if (!m)
        return;
    pl_meeting_free(m->meeting);
    pl_arena_free(&m->arena);
    free(m);
}

/* What facts need */

static void *take(struct pl_minutes *m, size_t n)
{
    void *p = pl_arena_alloc(&m->arena, n);
    m->failed |= p == NULL;
    return p;
}

static struct pl_str copy(struct pl_minutes *m, struct pl_str text)
{
    struct pl_str out = {0};
    if (pl_arena_str(&m->arena, text, &out) != PL_OK)
        m->failed = true;
    return out;
}

static struct pl_fact *add(struct pl_minutes *m, enum pl_fact_kind kind, const struct pl_act *e)
{
    static struct pl_fact nowhere;
    struct pl_fact *f = take(m, sizeof *f);
    if (!f)
        return &nowhere; /* and it has failed */
    f->kind = kind;
    f->who_seat = PL_NO_SEAT;
    f->event = e->number;
    f->at_ms = e->at_ms;
    f->item = m->s->item;
    pl_list_push(&m->facts, &f->node);
    return f;
}

static uint32_t seat_of(const struct pl_minutes *m, struct pl_str id)
{
    for (size_t i = 0; i < m->d->n_seats; i++)
        if (pl_str_eq(id, m->d->seats[i].id))
            return (uint32_t)i;
    return PL_NO_SEAT;
}

static struct pl_str person_name(const struct pl_minutes *m, uint32_t person)
{
    return person == PL_NO_PERSON ? (struct pl_str){0} : pl_str(m->d->people[person].name);
}

static struct pl_decision *decision_of(const struct pl_minutes *m, struct pl_str id)
{
    pl_list_each (struct pl_decision, d, &m->s->decisions, node) {
        if (d->id.n == id.n && memcmp(d->id.p, id.p, id.n) == 0)
            return d;
    }
    return NULL;
}

/* Begun, and not closed: what happens is a part of the meeting. */
static bool goes_on(const struct pl_minutes *m)
{
    return m->opened_ms && !m->closed_ms;
}

/* Session */

static void begins(struct pl_minutes *m, const struct pl_act *e)
{
    if (!m->opened_ms) {
        m->opened_ms = e->at_ms;
        add(m, PL_FACT_OPENED, e);
    } else if (!m->closed_ms) {
        add(m, PL_FACT_RECONVENED, e);
    }
}

static void session(struct pl_minutes *m, const struct pl_act *e, enum pl_session_state before)
{
    enum pl_session_state now = m->s->session;
    if (now == before)
        return;
    enum pl_fact_kind kind = now == PL_SESSION_STATE_SUSPENDED   ? PL_FACT_SUSPENDED
                             : now == PL_SESSION_STATE_CLOSED    ? PL_FACT_CLOSED
                             : before == PL_SESSION_STATE_CLOSED ? PL_FACT_REOPENED
                                                                 : PL_FACT_RESUMED;
    if (now == PL_SESSION_STATE_CLOSED)
        pl_attend_all(m, false, e);
    m->closed_ms = now == PL_SESSION_STATE_CLOSED ? e->at_ms : 0;
    if (before == PL_SESSION_STATE_CLOSED)
        pl_attend_all(m, true, e);
    add(m, kind, e)->text = copy(m, e->set_session.reason);
}

static void item_taken(struct pl_minutes *m, const struct pl_act *e, const struct pl_item *before,
                       bool resumed)
{
    if (!m->s->item) {
        if (before)
            add(m, PL_FACT_ITEM_ENDED, e)->item = before;
        return;
    }
    add(m, PL_FACT_ITEM, e)->yes = resumed;
}

/* The floor */

static void floor_changed(struct pl_minutes *m, const struct pl_act *e,
                          const struct pl_floor_state *before)
{
    const struct pl_floor_state *f = &m->s->floor;
    bool same = f->held && before->held && f->seat == before->seat &&
                f->participant == before->participant && f->entry == before->entry &&
                f->since_ms == before->since_ms;
    if (m->speech && !same) {
        m->speech->end_ms = e->at_ms;
        m->speech = NULL;
    }
    if (!f->held || same)
        return;
    const struct pl_participant *p = pl_meeting_floor_holder(m->meeting);
    struct pl_fact *fact = add(m, PL_FACT_SPEECH, e);
    fact->floor_kind = f->has_kind ? f->kind : PL_FLOOR_KIND_SPEAK;
    fact->who_seat = f->seat;
    if (f->seat == PL_NO_SEAT)
        fact->who = copy(m, p ? pl_str(p->name) : pl_str(""));
    if (f->seat != PL_NO_SEAT && p)
        fact->person = copy(m, pl_str(p->name));
    m->speech = fact;
}

static void read_out(struct pl_minutes *m, const struct pl_act *e, const struct pl_list *last)
{
    const struct pl_list *list = &m->s->floor.interventions;
    if (pl_list_empty(list) || list->prev == last)
        return;
    const struct pl_intervention *i = pl_container_of(list->prev, struct pl_intervention, node);
    struct pl_fact *f = add(m, PL_FACT_WRITTEN, e);
    f->who_seat = i->entry.seat;
    f->who = i->entry.name;
    f->text = i->entry.text;
    f->floor_kind = i->entry.kind;
}

static void ruled(struct pl_minutes *m, const struct pl_act *e)
{
    const struct pl_ruling *r = pl_container_of(m->s->floor.rulings.prev, struct pl_ruling, node);
    struct pl_fact *f = add(m, PL_FACT_RULING, e);
    f->who_seat = r->entry.seat;
    f->who = r->entry.name;
    f->yes = r->upheld;
    f->text = r->ruling;
}

/* Papers and the register */

static const struct pl_paper *paper_of(const struct pl_minutes *m, struct pl_str id)
{
    pl_list_each (const struct pl_paper, p, &m->s->papers, node) {
        if (p->id.n == id.n && memcmp(p->id.p, id.p, id.n) == 0)
            return p;
    }
    return NULL;
}

static const struct pl_option *option_of(const struct pl_paper *paper, struct pl_str id)
{
    pl_list_each (const struct pl_option, o, &paper->options, node) {
        if (!o->dropped && o->id.n == id.n && memcmp(o->id.p, id.p, id.n) == 0)
            return o;
    }
    return NULL;
}

/* The one before of this seat on this option, within the section. */
static void replace(struct pl_minutes *m, const struct pl_option *option, uint32_t seat)
{
    for (struct pl_list *at = m->facts.prev; at != &m->facts; at = at->prev) {
        struct pl_fact *f = pl_container_of(at, struct pl_fact, node);
        if (f->kind == PL_FACT_ITEM)
            return;
        if (f->kind == PL_FACT_POSITION && f->option == option && f->seat == seat)
            f->over = true;
    }
}

static void position(struct pl_minutes *m, const struct pl_act *e)
{
    const struct pl_paper *paper = paper_of(m, e->take_position.paper);
    const struct pl_option *option = paper ? option_of(paper, e->take_position.option) : NULL;
    uint32_t seat = seat_of(m, e->take_position.seat);
    if (!option || seat == PL_NO_SEAT || !pl_eye_sees_position(all, seat, &option->positions[seat]))
        return;
    replace(m, option, seat);
    struct pl_fact *f = add(m, PL_FACT_POSITION, e);
    f->paper = paper;
    f->option = option;
    f->option_title = option->title;
    f->seat = seat;
    f->position = option->positions[seat];
}

static void registered(struct pl_minutes *m, const struct pl_act *e)
{
    const struct pl_list *list = &m->s->consultations;
    if (!pl_list_empty(list))
        add(m, PL_FACT_CONSULTATION, e)->consultation =
            pl_container_of(list->prev, struct pl_consultation, node);
}

/* Decisions */

static struct pl_votes *votes_of(struct pl_minutes *m, const struct pl_decision *d)
{
    pl_list_each (struct pl_votes, v, &m->votes, node) {
        if (v->decision == d)
            return v;
    }
    struct pl_votes *v = take(m, sizeof *v);
    if (!v)
        return NULL;
    v->decision = d;
    v->events = take(m, (m->d->n_seats + 1) * sizeof *v->events);
    if (!v->events)
        return NULL;
    pl_list_push(&m->votes, &v->node);
    return v;
}

static void forget_votes(struct pl_minutes *m, const struct pl_decision *d)
{
    struct pl_votes *v = votes_of(m, d);
    if (v)
        memset(v->events, 0, m->d->n_seats * sizeof *v->events);
}

static void voted(struct pl_minutes *m, const struct pl_act *e)
{
    const struct pl_decision *d = decision_of(m, e->vote.decision);
    uint32_t seat = seat_of(m, e->vote.seat);
    struct pl_votes *v = d ? votes_of(m, d) : NULL;
    if (v && seat != PL_NO_SEAT)
        v->events[seat] = e->number;
}

static void copy_warnings(struct pl_minutes *m, const struct pl_decision *d, struct pl_decided *out)
{
    out->warnings = take(m, (d->n_warnings + 1) * sizeof *out->warnings);
    for (size_t i = 0; out->warnings && i < d->n_warnings; i++)
        if (pl_eye_sees_warning(m->meeting, all, d->option, &d->warnings[i]))
            out->warnings[out->n_warnings++] = d->warnings[i];
}

static char *rule_words(struct pl_minutes *m, const struct pl_decision *d)
{
    char *words = take(m, PL_RULE_WORDS_SIZE);
    if (words)
        pl_rule_words(m->meeting, d, words);
    return words;
}

/* Seats that there are so far. */
static size_t seats_now(const struct pl_minutes *m)
{
    return pl_meeting_definition(m->meeting)->n_seats;
}

/* As it stands now; NULL without memory. */
static struct pl_decided *decided(struct pl_minutes *m, const struct pl_decision *d)
{
    struct pl_decided *out = take(m, sizeof *out);
    if (!out)
        return NULL;
    out->title = d->title;
    out->version = d->version;
    memcpy(out->texts, d->texts, sizeof out->texts);
    out->n_texts = d->n_texts;
    out->rule = d->rule;
    out->rule_words = rule_words(m, d);
    out->excluded = take(m, (m->d->n_seats + 1) * sizeof *out->excluded);
    if (!out->rule_words || !out->excluded)
        return NULL;
    for (size_t i = 0; i < seats_now(m); i++) {
        out->excluded[i] = d->excluded[i] && !m->d->seats[i].guest;
        out->n_excluded += out->excluded[i];
    }
    out->deadline_ms = d->deadline_ms;
    out->time_zone = d->time_zone;
    out->acknowledgement = d->acknowledgement;
    out->outcome = d->outcome;
    out->words = d->words;
    pl_decision_numbers(m->meeting, d, &out->numbers);
    copy_warnings(m, d, out);
    return out;
}

static void add_casts(struct pl_minutes *m, const struct pl_decision *d, struct pl_decided *out)
{
    size_t n = m->d->n_seats + 1;
    const struct pl_votes *v = votes_of(m, d);
    if (!pl_view_choices_shown(d) || !v)
        return;
    out->votes = take(m, n * sizeof *out->votes);
    struct pl_cast *casts = take(m, n * sizeof *casts);
    if (!out->votes || !casts)
        return;
    memcpy(out->votes, v->events, (n - 1) * sizeof *out->votes);
    memcpy(casts, d->casts, seats_now(m) * sizeof *casts);
    out->casts = casts;
}

static void put(struct pl_minutes *m, const struct pl_act *e, enum pl_fact_kind kind,
                struct pl_str id)
{
    const struct pl_decision *d = decision_of(m, id);
    struct pl_decided *now = d ? decided(m, d) : NULL;
    if (!now)
        return;
    if (kind == PL_FACT_CALL || kind == PL_FACT_RESTARTED_SILENCE)
        forget_votes(m, d);
    if (kind == PL_FACT_RESULT)
        add_casts(m, d, now);
    add(m, kind, e)->decided = now;
}

/* Requests, voices, documents */

static void voice(struct pl_minutes *m, const struct pl_act *e)
{
    uint32_t seat = seat_of(m, e->voice.seat);
    struct pl_fact *f = add(m, PL_FACT_VOICE, e);
    f->who_seat = seat;
    if (seat != PL_NO_SEAT)
        f->person = person_name(m, m->s->seats[seat].voice);
}

static void asked(struct pl_minutes *m, const struct pl_act *e)
{
    const struct pl_ask *ask = pl_container_of(m->s->asks.prev, struct pl_ask, node);
    struct pl_fact *f = add(m, PL_FACT_ASK, e);
    f->ask = ask;
    f->who_seat = ask->seat;
}

static void answered(struct pl_minutes *m, const struct pl_act *e)
{
    pl_list_each (const struct pl_ask, ask, &m->s->asks, node) {
        if (ask->number != (uint64_t)e->answer_ask.ask)
            continue;
        struct pl_fact *f = add(m, PL_FACT_ASK_ANSWERED, e);
        f->ask = ask;
        f->who_seat = ask->seat;
        f->text = ask->answer;
        f->yes = ask->granted;
    }
}

static void attached(struct pl_minutes *m, const struct pl_act *e)
{
    if (!pl_list_empty(&m->s->documents))
        add(m, PL_FACT_DOCUMENT, e)->document =
            pl_container_of(m->s->documents.prev, struct pl_document, node);
}

static void seated(struct pl_minutes *m, const struct pl_act *e)
{
    add(m, PL_FACT_SEAT, e)->who_seat = seat_of(m, e->add_seat.seat);
}

/* All of them */

/* What a meeting knew before an event. */
struct before {
    struct pl_floor_state floor;
    const struct pl_list *last_read;
    const struct pl_item *item;
    enum pl_session_state session;
    bool resumed; /* the item that the event takes was begun before */
};

static struct before look(const struct pl_minutes *m, const struct pl_act *e)
{
    struct before b = {.floor = m->s->floor,
                       .last_read = m->s->floor.interventions.prev,
                       .item = m->s->item,
                       .session = m->s->session};
    if (e->type == PL_ACT_TAKE_ITEM && e->take_item.item.p)
        pl_list_each (const struct pl_item, i, &m->s->items, node) {
            if (pl_str_eq(e->take_item.item, i->id.p))
                b.resumed = i->began_ms != 0;
        }
    return b;
}

static void of_the_meeting(struct pl_minutes *m, const struct pl_act *e, const struct before *b)
{
    switch (e->type) {
    case PL_ACT_TAKE_ITEM:
        item_taken(m, e, b->item, b->resumed);
        break;
    case PL_ACT_GIVE_FLOOR:
        read_out(m, e, b->last_read);
        break;
    case PL_ACT_RULE_ON:
        ruled(m, e);
        break;
    case PL_ACT_VOICE:
        voice(m, e);
        break;
    case PL_ACT_ASK_ITEM:
        asked(m, e);
        break;
    case PL_ACT_ANSWER_ASK:
        answered(m, e);
        break;
    case PL_ACT_PUT_DOCUMENT:
        attached(m, e);
        break;
    case PL_ACT_ADD_SEAT:
        seated(m, e);
        break;
    case PL_ACT_PUT_DECISION:
        put(m, e, PL_FACT_DRAFT, e->put_decision.decision);
        break;
    case PL_ACT_RESTARTED:
        add(m, PL_FACT_RESTARTED, e);
        break;
    default:
        break;
    }
}

/* Whether the session goes on or not. */
static void at_any_time(struct pl_minutes *m, const struct pl_act *e, const struct before *b)
{
    switch (e->type) {
    case PL_ACT_OPENED:
        begins(m, e);
        break;
    case PL_ACT_SET_SESSION:
        session(m, e, b->session);
        break;
    case PL_ACT_TAKE_POSITION:
        position(m, e);
        break;
    case PL_ACT_CONSULT:
    case PL_ACT_STATE_RED_LINE:
        registered(m, e);
        break;
    case PL_ACT_CALL_DECISION:
        put(m, e, PL_FACT_CALL, e->call_decision.decision);
        break;
    case PL_ACT_VOTE:
        voted(m, e);
        break;
    case PL_ACT_EXTEND_SILENCE:
        put(m, e, PL_FACT_EXTENDED, e->extend_silence.decision);
        break;
    case PL_ACT_RESTART_SILENCE:
        put(m, e, PL_FACT_RESTARTED_SILENCE, e->restart_silence.decision);
        break;
    case PL_ACT_CLOSE_DECISION:
        put(m, e, PL_FACT_RESULT, e->close_decision.decision);
        break;
    case PL_ACT_SETTLED:
        put(m, e, PL_FACT_RESULT, e->settled.decision);
        break;
    case PL_ACT_WITHDRAW_DECISION:
        put(m, e, PL_FACT_RESULT, e->withdraw_decision.decision);
        break;
    default:
        break;
    }
}

static void effect(void *ctx, enum pl_effect_type type, struct pl_participant *who,
                   enum pl_refusal refusal, const struct pl_act *event)
{
    struct pl_minutes *m = ctx;
    (void)refusal;
    if (type == PL_EFFECT_CHANGED || type == PL_EFFECT_PLACED || type == PL_EFFECT_GONE)
        pl_attend(m, who, type != PL_EFFECT_GONE && who->place == PL_PLACE_ROOM, event);
}

/* Is everybody, and every seat, of the definition that facts borrow from? */
static bool all_known(const struct pl_minutes *m)
{
    const struct pl_definition *now = pl_meeting_definition(m->meeting);
    return now->n_seats <= m->d->n_seats && now->n_people <= m->d->n_people;
}

enum pl_err pl_minutes_add(struct pl_minutes *m, const struct pl_act *e)
{
    bool adopted = m->s->minutes.adopted != 0;
    const struct pl_effects effects = adopted ? pl_no_effects : (struct pl_effects){m, effect};
    const struct before b = look(m, e);
    enum pl_err err = pl_meeting_apply(m->meeting, e, &effects);
    if (!err && !all_known(m))
        err = PL_EINVAL;
    if (err || adopted)
        return err;
    if (e->type == PL_ACT_JOINED && !m->opened_ms && e->joined.place == PL_PLACE_ROOM)
        begins(m, e); /* a meeting that nobody opens */
    floor_changed(m, e, &b.floor);
    at_any_time(m, e, &b);
    if (goes_on(m))
        of_the_meeting(m, e, &b);
    return m->failed ? PL_ENOMEM : PL_OK;
}
