/* Votes: a seat's choice on an open decision, and whose turn it is in a roll call. */
#include "meet/parts.h"

#include <stdio.h>

/* The first that was not called; when all were, the first that passed once. */
static uint32_t turn(const struct pl_meeting *m, const struct pl_decision *d)
{
    for (uint8_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < m->definition->n_seats; i++)
            if (d->casts[i].takes_part && !d->casts[i].voted && d->casts[i].passed == round)
                return i;
    return PL_NO_SEAT;
}

uint32_t pl_decision_turn(const struct pl_meeting *m, const struct pl_decision *d)
{
    if (d->state != PL_DECISION_STATE_OPEN || d->rule.procedure != PL_PROCEDURE_ROLL_CALL)
        return PL_NO_SEAT;
    return turn(m, d);
}

static bool is_choice_of(enum pl_choice choice, enum pl_procedure procedure)
{
    switch (choice) {
    case PL_CHOICE_YES:
    case PL_CHOICE_NO:
    case PL_CHOICE_ABSTAIN:
        return procedure != PL_PROCEDURE_CONSENSUS && procedure != PL_PROCEDURE_SILENCE;
    case PL_CHOICE_RECEIPT:
    case PL_CHOICE_BREAK_SILENCE:
        return procedure == PL_PROCEDURE_SILENCE;
    default:
        return procedure == PL_PROCEDURE_CONSENSUS;
    }
}

static bool needs_statement(enum pl_choice choice)
{
    return choice == PL_CHOICE_JOIN_WITH_RESERVATION || choice == PL_CHOICE_NATIONAL_STATEMENT ||
           choice == PL_CHOICE_BLOCK || choice == PL_CHOICE_BREAK_SILENCE;
}

static enum pl_err check_choice(struct pl_ruling_on *r, const struct pl_decision *d)
{
    const struct pl_act_vote *a = &r->act->vote;
    if (!is_choice_of(a->choice, d->rule.procedure))
        return pl_refuse(r, PL_EINVAL, "choice", "This decision has no such choice.");
    if (!a->statement.p && needs_statement(a->choice))
        return pl_refuse(r, PL_EINVAL, "statement", "This choice needs its reason in writing.");
    return pl_check_optional(r, "statement", a->statement);
}

static enum pl_err refuse_turn(struct pl_ruling_on *r, uint32_t called)
{
    char why[PL_MEETING_WHY_SIZE];
    if (called == PL_NO_SEAT)
        return pl_refuse(r, PL_ESTATE, NULL, "Every seat was called; the roll call is at its end.");
    snprintf(why, sizeof why, "It is the turn of the seat %s.", r->m->definition->seats[called].id);
    return pl_refuse(r, PL_ESTATE, NULL, why);
}

static bool same_vote(const struct pl_cast *c, const struct pl_act_vote *a)
{
    return c->voted && c->choice == a->choice && pl_same(c->statement, a->statement);
}

/* Broken silence is over at once. */
static void add_break(struct pl_ruling_on *r, const struct pl_decision *d, uint32_t seat)
{
    struct pl_act_settled *e = &pl_add(r, PL_ACT_SETTLED)->settled;
    pl_tally_break(r->m, seat, r->act->vote.statement, r->m->scratch->words, PL_WORDS_SIZE);
    e->decision = d->id;
    e->due = r->at_ms;
    e->outcome = PL_OUTCOME_NOT_ADOPTED;
    e->words = pl_str(r->m->scratch->words);
    e->has_words_form = true;
    e->words_form = PL_WORDS_FORM;
}

/* Not from whom: that is asked before. */
static enum pl_err check_vote(struct pl_ruling_on *r, const struct pl_decision *d, uint32_t seat)
{
    const struct pl_act_vote *a = &r->act->vote;
    const struct pl_cast *cast = &d->casts[seat];
    if (!cast->takes_part)
        return pl_refuse(r, PL_EAUTH, NULL, "Your seat takes no part in this decision.");
    if (d->rule.procedure != PL_PROCEDURE_SILENCE) {
        enum pl_err err = pl_check_open(r);
        if (err)
            return err;
    }
    if ((uint64_t)a->version != d->version)
        return pl_refuse(r, PL_ESTATE, "version", "The text was amended; read it first.");
    uint32_t called = pl_decision_turn(r->m, d);
    if (d->rule.procedure == PL_PROCEDURE_ROLL_CALL && !cast->voted && called != seat)
        return refuse_turn(r, called);
    return check_choice(r, d);
}

enum pl_err pl_decide_vote(struct pl_ruling_on *r)
{
    const struct pl_act_vote *a = &r->act->vote;
    struct pl_decision *d;
    uint32_t seat;
    enum pl_err err = pl_voice_of(r, &seat);
    if (!err)
        err = pl_decision_to_act_on(r, a->decision, &d);
    if (!err)
        err = check_vote(r, d, seat);
    if (err || same_vote(&d->casts[seat], a))
        return err;
    pl_add_act(r)->vote.seat = pl_str(r->m->definition->seats[seat].id);
    if (a->choice == PL_CHOICE_BREAK_SILENCE)
        add_break(r, d, seat);
    return PL_OK;
}

enum pl_err pl_apply_vote(const struct pl_change *ch)
{
    const struct pl_act_vote *a = &ch->e->vote;
    struct pl_decision *d = pl_find_decision(ch->m, a->decision);
    uint32_t seat = pl_find_seat(ch->m->definition, a->seat);
    if (!d || seat == PL_NO_SEAT || d->state != PL_DECISION_STATE_OPEN ||
        !d->casts[seat].takes_part || (uint64_t)a->version != d->version ||
        !is_choice_of(a->choice, d->rule.procedure))
        return PL_EINVAL;
    struct pl_cast *cast = &d->casts[seat];
    if (pl_arena_str(&ch->m->arena, a->statement, &cast->statement) != PL_OK)
        return PL_ENOMEM;
    cast->voted = true;
    cast->choice = a->choice;
    cast->at_ms = ch->e->at_ms;
    d->changed = ch->e->number;
    return PL_OK;
}

enum pl_err pl_decide_pass_vote(struct pl_ruling_on *r)
{
    const struct pl_act_pass_vote *a = &r->act->pass_vote;
    struct pl_decision *d;
    uint32_t seat = pl_find_seat(r->m->definition, a->seat);
    bool presides = pl_presides(r);
    enum pl_err err = PL_OK;
    if (!presides) {
        uint32_t own;
        err = pl_voice_of(r, &own);
        if (!err && own != seat)
            err =
                pl_refuse(r, PL_EAUTH, "seat", "Only the seat itself or who presides may do this.");
    }
    if (!err)
        err = pl_check_open(r);
    if (!err)
        err = pl_decision_to_act_on(r, a->decision, &d);
    if (err)
        return err;
    if (d->rule.procedure != PL_PROCEDURE_ROLL_CALL)
        return pl_refuse(r, PL_ESTATE, "decision", "Only in a roll call are seats called.");
    if (seat == PL_NO_SEAT)
        return pl_refuse(r, PL_ENOENT, "seat", "There is no such seat.");
    uint32_t called = turn(r->m, d);
    if (called != seat)
        return refuse_turn(r, called);
    pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_pass_vote(const struct pl_change *ch)
{
    const struct pl_act_pass_vote *a = &ch->e->pass_vote;
    struct pl_decision *d = pl_find_decision(ch->m, a->decision);
    uint32_t seat = pl_find_seat(ch->m->definition, a->seat);
    if (!d || seat == PL_NO_SEAT || pl_decision_turn(ch->m, d) != seat)
        return PL_EINVAL;
    d->casts[seat].passed++;
    d->changed = ch->e->number;
    return PL_OK;
}
