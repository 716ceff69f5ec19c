/* See parts.h. Here: what is done to the minutes; notes of the rapporteur, corrections of the
 * delegations, adoption. What the minutes say is made of the events (src/minutes). */
#include "meet/parts.h"

bool pl_corrections_run(const struct pl_meeting *m, int64_t at_ms)
{
    const struct pl_minutes_state *s = &m->state.minutes;
    return !s->adopted && at_ms < s->until_ms;
}

void pl_corrections_end(const struct pl_change *ch)
{
    struct pl_minutes_state *s = &ch->m->state.minutes;
    if (!s->until_ms)
        return;
    s->until_ms = 0;
    pl_touch(ch, PL_PART_MINUTES);
}

static enum pl_err check_not_adopted(struct pl_ruling_on *r)
{
    if (r->m->state.minutes.adopted)
        return pl_refuse(r, PL_ESTATE, NULL, "The minutes are adopted.");
    return PL_OK;
}

static enum pl_err check_closed(struct pl_ruling_on *r)
{
    if (r->m->state.session != PL_SESSION_STATE_CLOSED)
        return pl_refuse(r, PL_ESTATE, NULL, "The session is not closed yet.");
    return PL_OK;
}

static enum pl_err check_event(struct pl_ruling_on *r, int64_t event)
{
    if (event < 1 || (uint64_t)event > r->m->state.last)
        return pl_refuse(r, PL_ENOENT, "event", "There is no such event.");
    return PL_OK;
}

/* Notes */

static struct pl_annotation *find_note(const struct pl_meeting *m, int64_t number)
{
    pl_list_each (struct pl_annotation, note, &m->state.minutes.notes, node) {
        if (note->number == (uint64_t)number)
            return note;
    }
    return NULL;
}

static enum pl_err check_annotates(struct pl_ruling_on *r)
{
    if (!pl_presides(r) && r->by->role != PL_ROLE_RAPPORTEUR)
        return pl_refuse(r, PL_EAUTH, NULL,
                         "Only a rapporteur and who presides may annotate the minutes.");
    if (!pl_presides(r) && r->by->place != PL_PLACE_ROOM)
        return pl_refuse(r, PL_ESTATE, NULL, "You are not in the room yet.");
    return check_not_adopted(r);
}

static enum pl_err check_new_note(struct pl_ruling_on *r, const struct pl_act_annotate *a)
{
    enum pl_err err = a->has_event ? check_event(r, a->event) : PL_OK;
    if (!err && a->item.p && !pl_find_item(r->m, a->item))
        err = pl_refuse(r, PL_ENOENT, "item", "There is no such item on the agenda.");
    if (!err)
        err = pl_check_text(r, "text", a->text);
    if (!err && r->m->state.minutes.n_notes >= PL_NOTES_MAX)
        err = pl_refuse(r, PL_ELIMIT, NULL, "The minutes have at most 1000 notes.");
    return err;
}

/* The last one says the same already: a second click. */
static bool is_last_note(const struct pl_meeting *m, const struct pl_act_annotate *a)
{
    const struct pl_list *notes = &m->state.minutes.notes;
    if (pl_list_empty(notes))
        return false;
    const struct pl_annotation *last = pl_container_of(notes->prev, struct pl_annotation, node);
    struct pl_str item = last->item ? last->item->id : (struct pl_str){0};
    return last->event == (a->has_event ? (uint64_t)a->event : 0) && pl_same(item, a->item) &&
           pl_same(last->text, a->text);
}

enum pl_err pl_decide_annotate(struct pl_ruling_on *r)
{
    const struct pl_act_annotate *a = &r->act->annotate;
    enum pl_err err = check_annotates(r);
    if (err)
        return err;
    if (a->has_event + (a->item.p != NULL) + a->has_note != 1)
        return pl_refuse(r, PL_EINVAL, a->has_event ? "item" : "event",
                         "A note is about an event, an item, or an earlier note: one of them.");
    if (!a->has_note) {
        err = check_new_note(r, a);
        if (!err && !is_last_note(r->m, a))
            pl_add_act(r);
        return err;
    }
    const struct pl_annotation *note = find_note(r->m, a->note);
    if (!note)
        return pl_refuse(r, PL_ENOENT, "note", "There is no such note.");
    if (a->text.n && (err = pl_check_text(r, "text", a->text)))
        return err;
    if (!pl_same(note->text, a->text))
        pl_add_act(r);
    return PL_OK;
}

/* NULL: no memory. */
static struct pl_annotation *new_note(const struct pl_change *ch)
{
    struct pl_annotation *note = pl_arena_alloc(&ch->m->arena, sizeof *note);
    if (!note)
        return NULL;
    note->number = ch->e->number;
    note->event = ch->e->annotate.has_event ? (uint64_t)ch->e->annotate.event : 0;
    pl_list_push(&ch->m->state.minutes.notes, &note->node);
    ch->m->state.minutes.n_notes++;
    return note;
}

enum pl_err pl_apply_annotate(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_annotate *e = &ch->e->annotate;
    const struct pl_participant *by = pl_meeting_by_id(m, ch->e->by);
    const struct pl_item *item = e->item.p ? pl_find_item(m, e->item) : NULL;
    struct pl_annotation *note = e->has_note ? find_note(m, e->note) : NULL;
    if (!by || (e->has_note && !note) || (e->item.p && !item) ||
        (e->has_event && (uint64_t)e->event > m->state.last))
        return PL_EINVAL;
    if (!note && !(note = new_note(ch)))
        return PL_ENOMEM;
    if (!e->has_note)
        note->item = item;
    note->at_ms = ch->e->at_ms;
    pl_touch(ch, PL_PART_MINUTES);
    enum pl_err err = pl_arena_str(&m->arena, pl_str(by->name), &note->by);
    return err ? err : pl_arena_str(&m->arena, e->text, &note->text);
}

/* Corrections */

enum pl_err pl_decide_open_corrections(struct pl_ruling_on *r)
{
    const struct pl_act_open_corrections *a = &r->act->open_corrections;
    enum pl_err err = pl_check_presides(r);
    if (!err)
        err = check_not_adopted(r);
    if (!err)
        err = check_closed(r);
    if (err)
        return err;
    if (a->has_until && a->until <= r->at_ms)
        return pl_refuse(r, PL_EINVAL, "until", "The period must end in the future.");
    bool same = a->has_until ? a->until == r->m->state.minutes.until_ms
                             : !pl_corrections_run(r->m, r->at_ms);
    if (!same)
        pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_open_corrections(const struct pl_change *ch)
{
    const struct pl_act_open_corrections *e = &ch->e->open_corrections;
    if (ch->m->state.session != PL_SESSION_STATE_CLOSED || ch->m->state.minutes.adopted)
        return PL_EINVAL;
    ch->m->state.minutes.until_ms = e->has_until ? e->until : ch->e->at_ms;
    pl_touch(ch, PL_PART_MINUTES);
    return PL_OK;
}

static struct pl_correction *find_correction(const struct pl_meeting *m, int64_t number)
{
    pl_list_each (struct pl_correction, c, &m->state.minutes.corrections, node) {
        if (c->number == (uint64_t)number)
            return c;
    }
    return NULL;
}

static enum pl_err check_correction(struct pl_ruling_on *r)
{
    const struct pl_act_propose_correction *a = &r->act->propose_correction;
    if (!r->m->state.minutes.adopted && !r->m->state.minutes.until_ms)
        return pl_refuse(r, PL_ESTATE, NULL, "The minutes are not open for corrections.");
    enum pl_err err = check_not_adopted(r);
    if (!err && !pl_corrections_run(r->m, r->at_ms))
        err = pl_refuse(r, PL_ESTATE, NULL, "The period for corrections is over.");
    if (!err)
        err = check_event(r, a->event);
    if (!err && !pl_language_ok(a->language))
        err = pl_refuse(r, PL_EINVAL, "language", "A language is a tag, as in EN or FR.");
    if (!err)
        err = pl_check_text(r, "text", a->text);
    return err ? err : pl_check_optional(r, "reason", a->reason);
}

enum pl_err pl_decide_propose_correction(struct pl_ruling_on *r)
{
    const struct pl_act_propose_correction *a = &r->act->propose_correction;
    const struct pl_minutes_state *s = &r->m->state.minutes;
    uint32_t seat;
    size_t open = 0;
    enum pl_err err = pl_voice_of(r, &seat);
    if (!err)
        err = check_correction(r);
    if (err)
        return err;
    pl_list_each (const struct pl_correction, c, &s->corrections, node) {
        if (c->seat != seat || c->settled)
            continue;
        if (c->event == (uint64_t)a->event && pl_same(c->language, a->language) &&
            pl_same(c->text, a->text) && pl_same(c->reason, a->reason))
            return PL_OK; /* it stands there already */
        open++;
    }
    if (open >= PL_CORRECTIONS_OPEN_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL,
                         "Twenty corrections of your delegation wait to be settled already.");
    if (s->n_corrections >= PL_CORRECTIONS_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL, "The minutes have at most 1000 corrections.");
    pl_add_act(r)->propose_correction.seat = pl_str(r->m->definition->seats[seat].id);
    return PL_OK;
}

enum pl_err pl_apply_propose_correction(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_propose_correction *e = &ch->e->propose_correction;
    uint32_t seat = pl_find_seat(m->definition, e->seat);
    if (seat == PL_NO_SEAT || m->state.minutes.adopted || !m->state.minutes.until_ms ||
        (uint64_t)e->event > m->state.last)
        return PL_EINVAL;
    struct pl_correction *c = pl_arena_alloc(&m->arena, sizeof *c);
    if (!c || pl_arena_str(&m->arena, e->language, &c->language) != PL_OK ||
        pl_arena_str(&m->arena, e->text, &c->text) != PL_OK ||
        pl_arena_str(&m->arena, e->reason, &c->reason) != PL_OK)
        return PL_ENOMEM;
    c->number = ch->e->number;
    c->event = (uint64_t)e->event;
    c->seat = seat;
    c->at_ms = ch->e->at_ms;
    pl_list_push(&m->state.minutes.corrections, &c->node);
    m->state.minutes.n_corrections++;
    pl_touch(ch, PL_PART_MINUTES);
    return PL_OK;
}

enum pl_err pl_decide_settle_correction(struct pl_ruling_on *r)
{
    const struct pl_act_settle_correction *a = &r->act->settle_correction;
    enum pl_err err = pl_check_chair(r);
    if (!err)
        err = check_not_adopted(r);
    if (err)
        return err;
    const struct pl_correction *c = find_correction(r->m, a->correction);
    if (!c)
        return pl_refuse(r, PL_ENOENT, "correction", "There is no such correction.");
    if (!a->accepted && !a->words.p)
        return pl_refuse(r, PL_EINVAL, "words", "Refusing a correction needs a reason.");
    if ((err = pl_check_optional(r, "words", a->words)))
        return err;
    if (c->settled && c->accepted == a->accepted && pl_same(c->words, a->words))
        return PL_OK;
    if (c->settled)
        return pl_refuse(r, PL_ESTATE, "correction", "This correction is settled already.");
    pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_settle_correction(const struct pl_change *ch)
{
    const struct pl_act_settle_correction *e = &ch->e->settle_correction;
    struct pl_correction *c = find_correction(ch->m, e->correction);
    if (!c || c->settled || ch->m->state.minutes.adopted)
        return PL_EINVAL;
    c->settled = true;
    c->accepted = e->accepted;
    c->settled_ms = ch->e->at_ms;
    pl_touch(ch, PL_PART_MINUTES);
    return pl_arena_str(&ch->m->arena, e->words, &c->words);
}

/* Adoption */

static bool all_settled(const struct pl_minutes_state *s)
{
    pl_list_each (const struct pl_correction, c, &s->corrections, node) {
        if (!c->settled)
            return false;
    }
    return true;
}

static bool any_open(const struct pl_meeting *m)
{
    pl_list_each (const struct pl_decision, d, &m->state.decisions, node) {
        if (d->state == PL_DECISION_STATE_OPEN)
            return true;
    }
    return false;
}

enum pl_err pl_decide_adopt_minutes(struct pl_ruling_on *r)
{
    const struct pl_act_adopt_minutes *a = &r->act->adopt_minutes;
    const struct pl_minutes_state *s = &r->m->state.minutes;
    enum pl_err err = pl_check_chair(r);
    if (err || (s->adopted && pl_same(s->hash, a->hash)))
        return err;
    if ((err = check_not_adopted(r)) || (err = check_closed(r)))
        return err;
    if (any_open(r->m))
        return pl_refuse(r, PL_ESTATE, NULL, "A silence has not ended yet.");
    if (pl_corrections_run(r->m, r->at_ms))
        return pl_refuse(r, PL_ESTATE, NULL, "The period for corrections is not over.");
    if (!all_settled(s))
        return pl_refuse(r, PL_ESTATE, NULL, "A correction is not settled yet.");
    if (!pl_is_sha256(a->hash))
        return pl_refuse(r, PL_EINVAL, "hash", "A hash has 64 hexadecimal digits.");
    pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_adopt_minutes(const struct pl_change *ch)
{
    struct pl_minutes_state *s = &ch->m->state.minutes;
    if (s->adopted || ch->m->state.session != PL_SESSION_STATE_CLOSED || !all_settled(s))
        return PL_EINVAL;
    s->adopted = ch->e->number;
    s->adopted_ms = ch->e->at_ms;
    pl_touch(ch, PL_PART_MINUTES);
    return pl_arena_str(&ch->m->arena, ch->e->adopt_minutes.hash, &s->hash);
}
