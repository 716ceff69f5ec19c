/* Outside parties, options papers, and the positions of seats on their options. */
#include "meet/parts.h"

#include <stdio.h>

struct pl_party *pl_find_party(const struct pl_meeting *m, struct pl_str id)
{
    pl_list_each (struct pl_party, p, &m->state.parties, node) {
        if (pl_same(p->id, id))
            return p;
    }
    return NULL;
}

struct pl_paper *pl_find_paper(const struct pl_meeting *m, struct pl_str id)
{
    pl_list_each (struct pl_paper, p, &m->state.papers, node) {
        if (pl_same(p->id, id))
            return p;
    }
    return NULL;
}

/* Those that were dropped too. */
static struct pl_option *any_option(const struct pl_paper *paper, struct pl_str id)
{
    pl_list_each (struct pl_option, o, &paper->options, node) {
        if (pl_same(o->id, id))
            return o;
    }
    return NULL;
}

struct pl_option *pl_find_option(const struct pl_paper *paper, struct pl_str id)
{
    struct pl_option *o = any_option(paper, id);
    return o && !o->dropped ? o : NULL;
}

enum pl_err pl_no_paper(struct pl_ruling_on *r)
{
    return pl_refuse(r, PL_ENOENT, "paper", "There is no such options paper.");
}

enum pl_err pl_no_option(struct pl_ruling_on *r, const char *field)
{
    return pl_refuse(r, PL_ENOENT, field, "The paper has no such option.");
}

enum pl_err pl_paper_of(struct pl_ruling_on *r, struct pl_str id, struct pl_paper **paper)
{
    *paper = pl_find_paper(r->m, id);
    return *paper ? PL_OK : pl_no_paper(r);
}

enum pl_err pl_option_of(struct pl_ruling_on *r, const struct pl_paper *paper, struct pl_str id,
                         const char *field, struct pl_option **option)
{
    *option = pl_find_option(paper, id);
    return *option ? PL_OK : pl_no_option(r, field);
}

/* Parties */

/* What the paper's options touch and cross, or who objects to them, is changed. */
static void touch_paper(const struct pl_change *ch, struct pl_paper *paper)
{
    paper->changed = ch->e->number;
    pl_decision_warned(ch, paper);
}

static enum pl_err check_party(struct pl_ruling_on *r, const struct pl_act_put_party *a)
{
    enum pl_err err = pl_check_prepares(r);
    if (!err)
        err = pl_check_id(r, "party", a->party);
    if (!err)
        err = pl_check_line(r, "name", a->name);
    if (!err && a->country.p && !pl_country_ok(a->country))
        err = pl_refuse(r, PL_EINVAL, "country", "A country is two capital letters (ISO 3166-1).");
    return err;
}

enum pl_err pl_decide_put_party(struct pl_ruling_on *r)
{
    const struct pl_act_put_party *a = &r->act->put_party;
    enum pl_err err = check_party(r, a);
    if (err)
        return err;
    const struct pl_party *p = pl_find_party(r->m, a->party);
    if (!p && r->m->state.n_parties >= PL_PARTIES_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL, "A meeting has at most 64 outside parties.");
    if (!p || !pl_same(p->name, a->name) || !pl_same(p->country, a->country))
        pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_put_party(const struct pl_change *ch)
{
    const struct pl_act_put_party *a = &ch->e->put_party;
    struct pl_arena *arena = &ch->m->arena;
    struct pl_party *p = pl_find_party(ch->m, a->party);
    if (!p) {
        p = pl_arena_alloc(arena, sizeof *p);
        if (!p || pl_arena_str(arena, a->party, &p->id) != PL_OK)
            return PL_ENOMEM;
        pl_list_push(&ch->m->state.parties, &p->node);
        ch->m->state.n_parties++;
    }
    if (pl_arena_str(arena, a->name, &p->name) != PL_OK ||
        pl_arena_str(arena, a->country, &p->country) != PL_OK)
        return PL_ENOMEM;
    pl_touch(ch, PL_PART_REGISTER);
    pl_list_each (struct pl_paper, paper, &ch->m->state.papers, node) {
        touch_paper(ch, paper); /* warnings name it */
    }
    return PL_OK;
}

/* Papers */

static const struct pl_act_question *question(const struct pl_act_question *list, size_t n,
                                              struct pl_str id)
{
    for (size_t i = 0; i < n; i++)
        if (pl_same(list[i].question, id))
            return &list[i];
    return NULL;
}

static enum pl_err check_questions(struct pl_ruling_on *r, const struct pl_act_put_paper *a)
{
    for (size_t i = 0; i < a->n_questions; i++) {
        char field[PL_FIELD_NAME_SIZE];
        snprintf(field, sizeof field, "questions[%u].question", (unsigned)i);
        enum pl_err err = pl_check_id(r, field, a->questions[i].question);
        if (err)
            return err;
        if (question(a->questions, i, a->questions[i].question))
            return pl_refuse(r, PL_EINVAL, field, "This question's id stands on the paper twice.");
        snprintf(field, sizeof field, "questions[%u].text", (unsigned)i);
        err = pl_check_line(r, field, a->questions[i].text);
        if (err)
            return err;
    }
    return PL_OK;
}

static bool same_paper(const struct pl_paper *p, const struct pl_act_put_paper *a)
{
    if (!pl_same(p->item->id, a->item) || !pl_same(p->title, a->title) ||
        p->n_questions != a->n_questions)
        return false;
    for (size_t i = 0; i < a->n_questions; i++)
        if (!pl_same(p->questions[i].question, a->questions[i].question) ||
            !pl_same(p->questions[i].text, a->questions[i].text))
            return false;
    return true;
}

enum pl_err pl_decide_put_paper(struct pl_ruling_on *r)
{
    const struct pl_act_put_paper *a = &r->act->put_paper;
    enum pl_err err = pl_check_prepares(r);
    if (!err)
        err = pl_check_id(r, "paper", a->paper);
    if (!err && !pl_find_item(r->m, a->item))
        err = pl_refuse(r, PL_ENOENT, "item", "There is no such item on the agenda.");
    if (!err)
        err = pl_check_line(r, "title", a->title);
    if (!err)
        err = check_questions(r, a);
    if (err)
        return err;
    const struct pl_paper *p = pl_find_paper(r->m, a->paper);
    if (!p && r->m->state.n_papers >= PL_PAPERS_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL, "A meeting has at most 32 options papers.");
    if (!p || !same_paper(p, a))
        pl_add_act(r);
    return PL_OK;
}

static enum pl_err new_paper(struct pl_meeting *m, struct pl_str id, struct pl_paper **out)
{
    struct pl_paper *p = pl_arena_alloc(&m->arena, sizeof *p);
    if (!p || pl_arena_str(&m->arena, id, &p->id) != PL_OK)
        return PL_ENOMEM;
    pl_list_init(&p->options);
    pl_list_push(&m->state.papers, &p->node);
    m->state.n_papers++;
    *out = p;
    return PL_OK;
}

/* Answers to questions that are no longer asked go with them. */
static void forget_answers(struct pl_paper *p)
{
    pl_list_each (struct pl_option, o, &p->options, node) {
        size_t kept = 0;
        for (size_t i = 0; i < o->n_answers; i++)
            if (question(p->questions, p->n_questions, o->answers[i].question))
                o->answers[kept++] = o->answers[i];
        o->n_answers = kept;
    }
}

enum pl_err pl_apply_put_paper(const struct pl_change *ch)
{
    const struct pl_act_put_paper *a = &ch->e->put_paper;
    struct pl_arena *arena = &ch->m->arena;
    const struct pl_item *item = pl_find_item(ch->m, a->item);
    struct pl_paper *p = pl_find_paper(ch->m, a->paper);
    if (!item)
        return PL_EINVAL;
    if (!p && new_paper(ch->m, a->paper, &p) != PL_OK)
        return PL_ENOMEM;
    p->item = item;
    if (pl_arena_str(arena, a->title, &p->title) != PL_OK)
        return PL_ENOMEM;
    for (size_t i = 0; i < a->n_questions; i++)
        if (pl_arena_str(arena, a->questions[i].question, &p->questions[i].question) != PL_OK ||
            pl_arena_str(arena, a->questions[i].text, &p->questions[i].text) != PL_OK)
            return PL_ENOMEM;
    p->n_questions = a->n_questions;
    forget_answers(p);
    p->put = ch->e->number;
    p->changed = ch->e->number;
    return PL_OK;
}

/* Options */

static enum pl_err check_answers(struct pl_ruling_on *r, const struct pl_paper *paper,
                                 const struct pl_act_put_option *a)
{
    for (size_t i = 0; i < a->n_answers; i++) {
        char field[PL_FIELD_NAME_SIZE];
        snprintf(field, sizeof field, "answers[%u].question", (unsigned)i);
        if (!question(paper->questions, paper->n_questions, a->answers[i].question))
            return pl_refuse(r, PL_ENOENT, field, "The paper asks no such question.");
        for (size_t k = 0; k < i; k++)
            if (pl_same(a->answers[k].question, a->answers[i].question))
                return pl_refuse(r, PL_EINVAL, field, "This question is answered twice.");
        snprintf(field, sizeof field, "answers[%u].text", (unsigned)i);
        enum pl_err err = pl_check_text(r, field, a->answers[i].text);
        if (err)
            return err;
    }
    return PL_OK;
}

static enum pl_err check_touches(struct pl_ruling_on *r, const struct pl_act_put_option *a)
{
    for (size_t i = 0; i < a->n_touches; i++) {
        char field[PL_FIELD_NAME_SIZE];
        snprintf(field, sizeof field, "touches[%u]", (unsigned)i);
        if (!pl_find_party(r->m, a->touches[i].id))
            return pl_refuse(r, PL_ENOENT, field, "There is no such outside party.");
        for (size_t k = 0; k < i; k++)
            if (pl_same(a->touches[k].id, a->touches[i].id))
                return pl_refuse(r, PL_EINVAL, field, "This party stands there twice.");
    }
    return PL_OK;
}

static bool same_option(const struct pl_option *o, const struct pl_act_put_option *a)
{
    if (o->dropped || !pl_same(o->title, a->title) || o->n_answers != a->n_answers ||
        o->n_touches != a->n_touches)
        return false;
    for (size_t i = 0; i < a->n_answers; i++)
        if (!pl_same(o->answers[i].question, a->answers[i].question) ||
            !pl_same(o->answers[i].text, a->answers[i].text))
            return false;
    for (size_t i = 0; i < a->n_touches; i++)
        if (!pl_same(o->touches[i]->id, a->touches[i].id))
            return false;
    return true;
}

static enum pl_err check_not_open(struct pl_ruling_on *r, const struct pl_option *o)
{
    if (o && pl_decision_open_on(r->m, o))
        return pl_refuse(r, PL_ESTATE, "option", "A decision on this option is open.");
    return PL_OK;
}

enum pl_err pl_decide_put_option(struct pl_ruling_on *r)
{
    const struct pl_act_put_option *a = &r->act->put_option;
    struct pl_paper *paper;
    enum pl_err err = pl_check_prepares(r);
    if (!err)
        err = pl_paper_of(r, a->paper, &paper);
    if (!err)
        err = pl_check_id(r, "option", a->option);
    if (!err)
        err = pl_check_line(r, "title", a->title);
    if (!err)
        err = check_answers(r, paper, a);
    if (!err)
        err = check_touches(r, a);
    if (err)
        return err;
    const struct pl_option *o = any_option(paper, a->option);
    if (!o && paper->n_options >= PL_OPTIONS_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL,
                         "A paper has at most 32 options, with those that were taken off it.");
    if (o && same_option(o, a))
        return PL_OK;
    err = check_not_open(r, o);
    if (!err)
        pl_add_act(r);
    return err;
}

static enum pl_err new_option(struct pl_meeting *m, struct pl_paper *paper, struct pl_str id,
                              struct pl_option **out)
{
    struct pl_option *o = pl_arena_alloc(&m->arena, sizeof *o);
    if (!o || pl_arena_str(&m->arena, id, &o->id) != PL_OK)
        return PL_ENOMEM;
    o->positions = pl_seats_list(m, NULL, m->definition->n_seats, sizeof *o->positions);
    if (!o->positions)
        return PL_ENOMEM;
    pl_list_push(&paper->options, &o->node);
    paper->n_options++;
    *out = o;
    return PL_OK;
}

static enum pl_err widen(struct pl_meeting *m, struct pl_option *o, size_t seats)
{
    struct pl_position *positions = pl_seats_list(m, o->positions, seats, sizeof *positions);
    if (!positions)
        return PL_ENOMEM;
    o->positions = positions;
    return PL_OK;
}

enum pl_err pl_papers_widen(struct pl_meeting *m, size_t seats)
{
    enum pl_err err = PL_OK;
    pl_list_each (struct pl_paper, paper, &m->state.papers, node) {
        pl_list_each (struct pl_option, o, &paper->options, node) {
            if (!err)
                err = widen(m, o, seats);
        }
    }
    return err;
}

enum pl_err pl_apply_put_option(const struct pl_change *ch)
{
    const struct pl_act_put_option *a = &ch->e->put_option;
    struct pl_arena *arena = &ch->m->arena;
    struct pl_paper *paper = pl_find_paper(ch->m, a->paper);
    if (!paper)
        return PL_EINVAL;
    struct pl_option *o = any_option(paper, a->option);
    if (!o && new_option(ch->m, paper, a->option, &o) != PL_OK)
        return PL_ENOMEM;
    for (size_t i = 0; i < a->n_touches; i++) {
        o->touches[i] = pl_find_party(ch->m, a->touches[i].id);
        if (!o->touches[i])
            return PL_EINVAL;
    }
    o->n_touches = a->n_touches;
    for (size_t i = 0; i < a->n_answers; i++)
        if (pl_arena_str(arena, a->answers[i].question, &o->answers[i].question) != PL_OK ||
            pl_arena_str(arena, a->answers[i].text, &o->answers[i].text) != PL_OK)
            return PL_ENOMEM;
    o->n_answers = a->n_answers;
    if (pl_arena_str(arena, a->title, &o->title) != PL_OK)
        return PL_ENOMEM;
    o->dropped = false;
    o->amended = ch->e->number;
    pl_touch(ch, PL_PART_REGISTER);
    touch_paper(ch, paper);
    return PL_OK;
}

enum pl_err pl_decide_drop_option(struct pl_ruling_on *r)
{
    const struct pl_act_drop_option *a = &r->act->drop_option;
    struct pl_paper *paper;
    struct pl_option *o;
    enum pl_err err = pl_check_prepares(r);
    if (!err)
        err = pl_paper_of(r, a->paper, &paper);
    if (!err)
        err = pl_option_of(r, paper, a->option, "option", &o);
    if (!err)
        err = check_not_open(r, o);
    if (!err)
        pl_add_act(r);
    return err;
}

/* Positions go with it: put again, it is a new option. */
enum pl_err pl_apply_drop_option(const struct pl_change *ch)
{
    const struct pl_act_drop_option *a = &ch->e->drop_option;
    struct pl_paper *paper = pl_find_paper(ch->m, a->paper);
    struct pl_option *o = paper ? pl_find_option(paper, a->option) : NULL;
    if (!o)
        return PL_EINVAL;
    o->dropped = true;
    memset(o->positions, 0, ch->m->definition->n_seats * sizeof *o->positions);
    pl_touch(ch, PL_PART_REGISTER);
    touch_paper(ch, paper);
    return PL_OK;
}

/* Positions */

static enum pl_err check_position(struct pl_ruling_on *r, const struct pl_act_take_position *a)
{
    enum pl_err err = pl_check_optional(r, "reason", a->reason);
    if (!err)
        err = pl_check_optional(r, "condition", a->condition);
    if (!err)
        err = pl_check_optional(r, "red_line", a->red_line);
    if (!err && !a->reason.p && a->stance == PL_STANCE_RESERVATION)
        err = pl_refuse(r, PL_EINVAL, "reason", "A reservation needs its reason.");
    if (!err && !a->reason.p && a->stance == PL_STANCE_OBJECT)
        err = pl_refuse(r, PL_EINVAL, "reason", "An objection needs its reason.");
    return err;
}

static bool same_position(const struct pl_position *p, const struct pl_act_take_position *a)
{
    return p->number && p->stance == a->stance && p->visibility == a->visibility &&
           pl_same(p->reason, a->reason) && pl_same(p->condition, a->condition) &&
           pl_same(p->red_line, a->red_line);
}

enum pl_err pl_decide_take_position(struct pl_ruling_on *r)
{
    const struct pl_act_take_position *a = &r->act->take_position;
    struct pl_paper *paper;
    struct pl_option *o;
    uint32_t seat;
    enum pl_err err = pl_voice_of(r, &seat);
    if (!err)
        err = pl_check_open(r);
    if (!err)
        err = pl_paper_of(r, a->paper, &paper);
    if (!err)
        err = pl_option_of(r, paper, a->option, "option", &o);
    if (!err)
        err = check_position(r, a);
    if (err)
        return err;
    /* Said again of an amended option, it is another one. */
    const struct pl_position *p = &o->positions[seat];
    if (!same_position(p, a) || p->number < o->amended)
        pl_add_act(r)->take_position.seat = pl_str(r->m->definition->seats[seat].id);
    return PL_OK;
}

enum pl_err pl_apply_take_position(const struct pl_change *ch)
{
    const struct pl_act_take_position *a = &ch->e->take_position;
    struct pl_arena *arena = &ch->m->arena;
    struct pl_paper *paper = pl_find_paper(ch->m, a->paper);
    struct pl_option *o = paper ? pl_find_option(paper, a->option) : NULL;
    uint32_t seat = pl_find_seat(ch->m->definition, a->seat);
    if (!o || seat == PL_NO_SEAT)
        return PL_EINVAL;
    struct pl_position p = {.number = ch->e->number,
                            .stance = a->stance,
                            .visibility = a->visibility,
                            .at_ms = ch->e->at_ms};
    if (pl_arena_str(arena, a->reason, &p.reason) != PL_OK ||
        pl_arena_str(arena, a->condition, &p.condition) != PL_OK ||
        pl_arena_str(arena, a->red_line, &p.red_line) != PL_OK)
        return PL_ENOMEM;
    o->positions[seat] = p;
    touch_paper(ch, paper);
    return PL_OK;
}
