/* What silence has of its own: its deadline, a later one, a new beginning, and its end, whoever is
 * there. */
#include "meet/parts.h"

enum pl_err pl_check_deadline(struct pl_ruling_on *r, int64_t deadline, struct pl_str time_zone)
{
    if (deadline <= r->at_ms)
        return pl_refuse(r, PL_EINVAL, "deadline", "The deadline must be in the future.");
    if (!time_zone.p || !pl_zone_ok(time_zone))
        return pl_refuse(r, PL_EINVAL, "time_zone",
                         "A deadline needs its time zone, as in Europe/Brussels.");
    return PL_OK;
}

/* An open silence that who presides may change. */
static enum pl_err silence_of(struct pl_ruling_on *r, struct pl_str id, struct pl_decision **d)
{
    enum pl_err err = pl_check_presides(r);
    if (!err)
        err = pl_decision_to_act_on(r, id, d);
    if (!err && (*d)->rule.procedure != PL_PROCEDURE_SILENCE)
        err = pl_refuse(r, PL_ESTATE, "decision", "This decision is not under silence.");
    return err;
}

enum pl_err pl_decide_extend_silence(struct pl_ruling_on *r)
{
    const struct pl_act_extend_silence *a = &r->act->extend_silence;
    struct pl_decision *d;
    enum pl_err err = silence_of(r, a->decision, &d);
    if (!err)
        err = pl_check_deadline(r, a->deadline, a->time_zone);
    if (err || (a->deadline == d->deadline_ms && pl_same(a->time_zone, d->time_zone)))
        return err;
    if (a->deadline <= d->deadline_ms)
        return pl_refuse(r, PL_EINVAL, "deadline", "The deadline can only become later.");
    pl_add_act(r);
    return PL_OK;
}

static struct pl_decision *open_silence(const struct pl_meeting *m, struct pl_str id)
{
    struct pl_decision *d = pl_find_decision(m, id);
    return d && d->state == PL_DECISION_STATE_OPEN && d->rule.procedure == PL_PROCEDURE_SILENCE
               ? d
               : NULL;
}

static enum pl_err set_deadline(const struct pl_change *ch, struct pl_decision *d, int64_t deadline,
                                struct pl_str time_zone)
{
    d->deadline_ms = deadline;
    d->changed = ch->e->number;
    return pl_arena_str(&ch->m->arena, time_zone, &d->time_zone);
}

enum pl_err pl_apply_extend_silence(const struct pl_change *ch)
{
    const struct pl_act_extend_silence *a = &ch->e->extend_silence;
    struct pl_decision *d = open_silence(ch->m, a->decision);
    if (!d || a->deadline <= d->deadline_ms)
        return PL_EINVAL;
    return set_deadline(ch, d, a->deadline, a->time_zone);
}

enum pl_err pl_decide_restart_silence(struct pl_ruling_on *r)
{
    const struct pl_act_restart_silence *a = &r->act->restart_silence;
    char *hash = r->m->scratch->hash;
    struct pl_decision *d;
    enum pl_err err = silence_of(r, a->decision, &d);
    if (!err)
        err = pl_check_texts(r, a->texts, a->n_texts);
    if (!err)
        err = pl_check_deadline(r, a->deadline, a->time_zone);
    if (err)
        return err;
    pl_wordings_hash(a->texts, a->n_texts, hash);
    if (strcmp(hash, d->hash) == 0)
        return pl_refuse(r, PL_EINVAL, "texts",
                         "This text is the open one; extend its deadline instead.");
    struct pl_act_restart_silence *e = &pl_add_act(r)->restart_silence;
    e->hash = pl_str(hash);
    e->version = (int64_t)d->version + 1;
    return PL_OK;
}

enum pl_err pl_apply_restart_silence(const struct pl_change *ch)
{
    const struct pl_act_restart_silence *a = &ch->e->restart_silence;
    struct pl_decision *d = open_silence(ch->m, a->decision);
    if (!d)
        return PL_EINVAL;
    enum pl_err err = pl_set_texts(ch, d, a->texts, a->n_texts, a->version, a->hash);
    if (err)
        return err;
    pl_clear_casts(ch->m, d);
    d->called = ch->e->number;
    d->called_ms = ch->e->at_ms;
    return set_deadline(ch, d, a->deadline, a->time_zone);
}

/* The open silence that ends first; NULL: none. */
static const struct pl_decision *next_due(const struct pl_meeting *m)
{
    const struct pl_decision *first = NULL;
    pl_list_each (struct pl_decision, d, &m->state.decisions, node) {
        if (d->state == PL_DECISION_STATE_OPEN && d->rule.procedure == PL_PROCEDURE_SILENCE &&
            (!first || d->deadline_ms < first->deadline_ms))
            first = d;
    }
    return first;
}

int64_t pl_meeting_deadline(const struct pl_meeting *m)
{
    const struct pl_decision *d = next_due(m);
    return d ? d->deadline_ms : INT64_MAX;
}

void pl_meeting_expire(const struct pl_meeting *m, int64_t at_ms,
                       struct pl_act events[PL_EVENTS_MAX], size_t *n)
{
    struct pl_ruling_on r = {.m = m, .at_ms = at_ms, .events = events};
    const struct pl_decision *d = next_due(m);
    *n = 0;
    if (!d || at_ms < d->deadline_ms)
        return;
    struct pl_act_settled *e = &pl_add(&r, PL_ACT_SETTLED)->settled;
    e->decision = d->id;
    e->due = d->deadline_ms;
    e->outcome = pl_tally(m, d, m->scratch->words, PL_WORDS_SIZE);
    e->words = pl_str(m->scratch->words);
    e->has_words_form = true;
    e->words_form = PL_WORDS_FORM;
    *n = r.n;
}
