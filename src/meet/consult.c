/* The consultation register, and what of it the chair must see before a decision is called. */
#include "meet/parts.h"

#include <stdio.h>

/* A page's clock may be ahead of ours by so much. */
#define CLOCK_AHEAD_MAX_MS 60000

static bool among(const struct pl_option *const *list, size_t n, const struct pl_option *o)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == o)
            return true;
    return false;
}

/* Is the entry about this option? */
static bool covers(const struct pl_consultation *c, const struct pl_party *party,
                   const struct pl_paper *paper, const struct pl_option *o)
{
    return c->consulted && c->party == party && c->paper == paper &&
           (c->n_options == 0 || among(c->options, c->n_options, o));
}

/* Does a later entry take the place of this one's red line? One in which the party answered on the
 * option anew; or, of a red line stated elsewhere, the same words about other options. */
static bool replaced(const struct pl_meeting *m, const struct pl_consultation *c,
                     const struct pl_option *o)
{
    for (struct pl_list *at = c->node.next; at != &m->state.consultations; at = at->next) {
        const struct pl_consultation *later = pl_container_of(at, struct pl_consultation, node);
        if (c->consulted && covers(later, c->party, c->paper, o) &&
            (later->answer.p || later->red_line.p))
            return true;
        if (!c->consulted && !later->consulted && later->party == c->party &&
            later->paper == c->paper && pl_same(later->red_line, c->red_line))
            return true;
    }
    return false;
}

/* Is this entry a red line that stands, and that the option crosses? */
static bool crossed_now(const struct pl_meeting *m, const struct pl_consultation *c,
                        const struct pl_option *o)
{
    return c->red_line.p && among(c->crossed_by, c->n_crossed_by, o) && !replaced(m, c, o);
}

enum pl_consultation_status pl_meeting_consultation(const struct pl_meeting *m,
                                                    const struct pl_party *party,
                                                    const struct pl_paper *paper,
                                                    const struct pl_option *option, bool *crossed)
{
    enum pl_consultation_status status = PL_CONSULTATION_STATUS_NOT_CONSULTED;
    *crossed = false;
    pl_list_each (struct pl_consultation, c, &m->state.consultations, node) {
        if (covers(c, party, paper, option))
            status =
                c->answer.p ? PL_CONSULTATION_STATUS_ANSWERED : PL_CONSULTATION_STATUS_NO_ANSWER;
        *crossed = *crossed || (c->party == party && crossed_now(m, c, option));
    }
    return status;
}

/* A red line of a seat is crossed by what it objects to or has a reservation on, as far as the
 * chair may see it. */
static bool seat_warns(const struct pl_position *p)
{
    return p->number && p->red_line.p && p->visibility != PL_VISIBILITY_DELEGATION &&
           (p->stance == PL_STANCE_OBJECT || p->stance == PL_STANCE_RESERVATION);
}

size_t pl_meeting_warnings(const struct pl_meeting *m, const struct pl_paper *paper,
                           const struct pl_option *option,
                           struct pl_act_warning out[PL_WARNINGS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < option->n_touches; i++) {
        const struct pl_party *party = option->touches[i];
        bool crossed;
        enum pl_consultation_status status =
            pl_meeting_consultation(m, party, paper, option, &crossed);
        if (status != PL_CONSULTATION_STATUS_ANSWERED)
            out[n++] = (struct pl_act_warning){.kind = status == PL_CONSULTATION_STATUS_NO_ANSWER
                                                           ? PL_WARNING_KIND_NO_ANSWER
                                                           : PL_WARNING_KIND_NOT_CONSULTED,
                                               .party = party->id,
                                               .name = party->name};
    }
    pl_list_each (struct pl_consultation, c, &m->state.consultations, node) {
        if (n < PL_WARNINGS_MAX && c->paper == paper && crossed_now(m, c, option))
            out[n++] = (struct pl_act_warning){.kind = PL_WARNING_KIND_RED_LINE,
                                               .party = c->party->id,
                                               .name = c->party->name,
                                               .text = c->red_line,
                                               .source = c->red_line_source};
    }
    for (size_t i = 0; i < m->definition->n_seats && n < PL_WARNINGS_MAX; i++) {
        const struct pl_seat *seat = &m->definition->seats[i];
        if (seat_warns(&option->positions[i]))
            out[n++] = (struct pl_act_warning){.kind = PL_WARNING_KIND_RED_LINE,
                                               .seat = pl_str(seat->id),
                                               .name = pl_str(seat->name),
                                               .text = option->positions[i].red_line};
    }
    return n;
}

/* Who may enter what */

/* Who presides and rapporteurs for any party; an invited person for the own one. */
static enum pl_err check_who(struct pl_ruling_on *r, struct pl_str party, bool own)
{
    if (!pl_presides(r) && r->by->place != PL_PLACE_ROOM)
        return pl_refuse(r, PL_ESTATE, NULL, "You are not in the room yet.");
    if (r->m->state.session == PL_SESSION_STATE_CLOSED)
        return pl_refuse(r, PL_ESTATE, NULL, "The session is closed.");
    if (pl_presides(r) || r->by->role == PL_ROLE_RAPPORTEUR)
        return PL_OK;
    const struct pl_person *person = &r->m->definition->people[r->by->person];
    if (own && person->role == PL_ROLE_INVITED && person->party[0]) {
        if (pl_str_eq(party, person->party))
            return PL_OK;
        return pl_refuse(r, PL_EAUTH, "party", "You speak for another party.");
    }
    return pl_refuse(r, PL_EAUTH, NULL,
                     own ? "Only who presides, a rapporteur, or the party itself may enter this."
                         : "Only who presides or a rapporteur may enter this.");
}

static bool touches(const struct pl_option *o, const struct pl_party *party)
{
    for (size_t i = 0; i < o->n_touches; i++)
        if (o->touches[i] == party)
            return true;
    return false;
}

/* The party whose eyes alone see this: who speaks for it is told of no option but those that touch
 * it, not by a refusal either. NULL: who enters it sees all of them. */
static const struct pl_party *only_for(const struct pl_ruling_on *r, struct pl_str party)
{
    if (pl_presides(r) || r->by->role == PL_ROLE_RAPPORTEUR)
        return NULL;
    return pl_find_party(r->m, party);
}

static bool touched_by(const struct pl_paper *paper, const struct pl_party *party)
{
    pl_list_each (const struct pl_option, o, &paper->options, node) {
        if (!o->dropped && touches(o, party))
            return true;
    }
    return false;
}

/* `only` not NULL: those that touch it. */
static enum pl_err check_options(struct pl_ruling_on *r, const char *name,
                                 const struct pl_paper *paper, const struct pl_party *only,
                                 const struct pl_act_ref *refs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct pl_option *o;
        char field[PL_FIELD_NAME_SIZE];
        snprintf(field, sizeof field, "%s[%u]", name, (unsigned)i);
        enum pl_err err = pl_option_of(r, paper, refs[i].id, field, &o);
        if (err)
            return err;
        if (only && !touches(o, only))
            return pl_no_option(r, field);
        for (size_t k = 0; k < i; k++)
            if (pl_same(refs[k].id, refs[i].id))
                return pl_refuse(r, PL_EINVAL, field, "This option stands there twice.");
    }
    return PL_OK;
}

static enum pl_err check_entry(struct pl_ruling_on *r, struct pl_str party, struct pl_str paper_id,
                               struct pl_paper **paper)
{
    if (!pl_find_party(r->m, party))
        return pl_refuse(r, PL_ENOENT, "party", "There is no such outside party.");
    enum pl_err err = pl_paper_of(r, paper_id, paper);
    if (err)
        return err;
    const struct pl_party *only = only_for(r, party);
    if (only && !touched_by(*paper, only))
        return pl_no_paper(r);
    if (r->m->state.n_consultations >= PL_CONSULTATIONS_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL, "The register has at most 1000 entries.");
    return PL_OK;
}

/* A red line and its source come together, and only with one is something crossed. */
static enum pl_err check_red_line(struct pl_ruling_on *r, const struct pl_act_consult *a)
{
    enum pl_err err = pl_check_optional(r, "red_line", a->red_line);
    if (!err && a->red_line.p && !a->red_line_source.p)
        err = pl_refuse(r, PL_EINVAL, "red_line_source", "A red line needs its source.");
    if (!err && a->red_line_source.p && !a->red_line.p)
        err = pl_refuse(r, PL_EINVAL, "red_line", "A source needs its red line.");
    if (!err && a->red_line_source.p)
        err = pl_check_line(r, "red_line_source", a->red_line_source);
    if (!err && a->n_crossed_by && !a->red_line.p)
        err = pl_refuse(r, PL_EINVAL, "crossed_by", "Without a red line nothing crosses it.");
    return err;
}

/* What crosses the red line must be among what the party was asked about. */
static enum pl_err check_crossed(struct pl_ruling_on *r, const struct pl_act_consult *a)
{
    for (size_t i = 0; i < a->n_crossed_by && a->n_options; i++) {
        size_t k = 0;
        while (k < a->n_options && !pl_same(a->options[k].id, a->crossed_by[i].id))
            k++;
        if (k < a->n_options)
            continue;
        char field[PL_FIELD_NAME_SIZE];
        snprintf(field, sizeof field, "crossed_by[%u]", (unsigned)i);
        return pl_refuse(r, PL_EINVAL, field, "The entry is not about this option.");
    }
    return PL_OK;
}

static bool same_refs(const struct pl_option *const *list, size_t n, const struct pl_act_ref *refs,
                      size_t n_refs)
{
    if (n != n_refs)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!pl_same(list[i]->id, refs[i].id))
            return false;
    return true;
}

/* The last entry about this party and paper; NULL: none. */
static const struct pl_consultation *last_entry(const struct pl_meeting *m, struct pl_str party,
                                                const struct pl_paper *paper)
{
    const struct pl_consultation *last = NULL;
    pl_list_each (struct pl_consultation, c, &m->state.consultations, node) {
        if (c->paper == paper && pl_same(c->party->id, party))
            last = c;
    }
    return last;
}

static bool same_consultation(const struct pl_consultation *c, const struct pl_act_consult *a)
{
    return c && c->consulted && c->asked_ms == a->asked_at && pl_same(c->asked_by, a->asked_by) &&
           pl_same(c->channel, a->channel) && pl_same(c->answer, a->answer) &&
           pl_same(c->red_line, a->red_line) && pl_same(c->red_line_source, a->red_line_source) &&
           same_refs(c->options, c->n_options, a->options, a->n_options) &&
           same_refs(c->crossed_by, c->n_crossed_by, a->crossed_by, a->n_crossed_by);
}

static bool same_statement(const struct pl_consultation *c, const struct pl_act_state_red_line *a)
{
    return c && !c->consulted && pl_same(c->red_line, a->red_line) &&
           pl_same(c->red_line_source, a->source) &&
           same_refs(c->crossed_by, c->n_crossed_by, a->crossed_by, a->n_crossed_by);
}

enum pl_err pl_decide_consult(struct pl_ruling_on *r)
{
    const struct pl_act_consult *a = &r->act->consult;
    struct pl_paper *paper;
    enum pl_err err = check_who(r, a->party, true);
    if (!err)
        err = check_entry(r, a->party, a->paper, &paper);
    if (!err)
        err = check_options(r, "options", paper, only_for(r, a->party), a->options, a->n_options);
    if (!err)
        err = pl_check_line(r, "asked_by", a->asked_by);
    if (!err && a->asked_at > r->at_ms + CLOCK_AHEAD_MAX_MS)
        err = pl_refuse(r, PL_EINVAL, "asked_at", "The party was asked in the past, not later.");
    if (!err)
        err = pl_check_line(r, "channel", a->channel);
    if (!err)
        err = pl_check_optional(r, "answer", a->answer);
    if (!err)
        err = check_red_line(r, a);
    if (!err)
        err = check_options(r, "crossed_by", paper, only_for(r, a->party), a->crossed_by,
                            a->n_crossed_by);
    if (!err)
        err = check_crossed(r, a);
    if (!err && !same_consultation(last_entry(r->m, a->party, paper), a))
        pl_add_act(r);
    return err;
}

enum pl_err pl_decide_state_red_line(struct pl_ruling_on *r)
{
    const struct pl_act_state_red_line *a = &r->act->state_red_line;
    struct pl_paper *paper;
    enum pl_err err = check_who(r, a->party, false);
    if (!err)
        err = check_entry(r, a->party, a->paper, &paper);
    if (!err)
        err = pl_check_text(r, "red_line", a->red_line);
    if (!err)
        err = pl_check_line(r, "source", a->source);
    if (!err)
        err = check_options(r, "crossed_by", paper, only_for(r, a->party), a->crossed_by,
                            a->n_crossed_by);
    if (!err && !same_statement(last_entry(r->m, a->party, paper), a))
        pl_add_act(r);
    return err;
}

/* Changes */

static enum pl_err resolve(const struct pl_paper *paper, const struct pl_act_ref *refs, size_t n,
                           const struct pl_option **out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = pl_find_option(paper, refs[i].id);
        if (!out[i])
            return PL_EINVAL;
    }
    return PL_OK;
}

static enum pl_err enter(const struct pl_change *ch, struct pl_str party, struct pl_str paper_id,
                         const struct pl_consultation *entry, const struct pl_act_ref *options,
                         const struct pl_act_ref *crossed_by)
{
    struct pl_arena *arena = &ch->m->arena;
    struct pl_paper *paper = pl_find_paper(ch->m, paper_id);
    struct pl_consultation *c = pl_arena_alloc(arena, sizeof *c);
    if (!c)
        return PL_ENOMEM;
    *c = *entry;
    c->number = ch->e->number;
    c->at_ms = ch->e->at_ms;
    c->party = pl_find_party(ch->m, party);
    c->paper = paper;
    if (!c->party || !paper || resolve(paper, options, c->n_options, c->options) != PL_OK ||
        resolve(paper, crossed_by, c->n_crossed_by, c->crossed_by) != PL_OK)
        return PL_EINVAL;
    struct pl_str *texts[] = {&c->asked_by, &c->channel, &c->answer, &c->red_line,
                              &c->red_line_source};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (pl_arena_str(arena, *texts[i], texts[i]) != PL_OK)
            return PL_ENOMEM;
    pl_list_push(&ch->m->state.consultations, &c->node);
    ch->m->state.n_consultations++;
    pl_touch(ch, PL_PART_REGISTER);
    paper->changed = ch->e->number;
    pl_decision_warned(ch, paper);
    return PL_OK;
}

enum pl_err pl_apply_consult(const struct pl_change *ch)
{
    const struct pl_act_consult *a = &ch->e->consult;
    const struct pl_consultation entry = {.n_options = a->n_options,
                                          .consulted = true,
                                          .asked_by = a->asked_by,
                                          .channel = a->channel,
                                          .answer = a->answer,
                                          .red_line = a->red_line,
                                          .red_line_source = a->red_line_source,
                                          .asked_ms = a->asked_at,
                                          .n_crossed_by = a->n_crossed_by};
    return enter(ch, a->party, a->paper, &entry, a->options, a->crossed_by);
}

enum pl_err pl_apply_state_red_line(const struct pl_change *ch)
{
    const struct pl_act_state_red_line *a = &ch->e->state_red_line;
    const struct pl_consultation entry = {
        .red_line = a->red_line, .red_line_source = a->source, .n_crossed_by = a->n_crossed_by};
    return enter(ch, a->party, a->paper, &entry, NULL, a->crossed_by);
}
