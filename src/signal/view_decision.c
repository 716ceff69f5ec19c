/* Decisions as an eye may see them: whose choice is shown to whom, and when. */
#include "signal/view_parts.h"

/* Ballots are shown once the result is declared; what is said aloud, at once. */
bool pl_view_is_ballot(const struct pl_decision *d)
{
    switch (d->rule.procedure) {
    case PL_PROCEDURE_CONSENSUS:
    case PL_PROCEDURE_SILENCE:
    case PL_PROCEDURE_ROLL_CALL:
        return false;
    case PL_PROCEDURE_UNANIMITY:
    case PL_PROCEDURE_SIMPLE:
    case PL_PROCEDURE_ABSOLUTE:
    case PL_PROCEDURE_QUALIFIED:
    case PL_PROCEDURE_COUNT:
        break;
    }
    return true;
}

/* The casts of a draft are those of a call that came to nothing, maybe under another rule: nobody
 * is shown them. */
static bool votes_are_told(const struct pl_decision *d)
{
    return d->state == PL_DECISION_STATE_OPEN || d->state == PL_DECISION_STATE_DECLARED ||
           (d->state == PL_DECISION_STATE_WITHDRAWN && d->called_ms && !pl_view_is_ballot(d));
}

static bool choices_are_hidden(const struct pl_decision *d)
{
    bool declared = d->state == PL_DECISION_STATE_DECLARED && d->outcome != PL_OUTCOME_NO_QUORUM;
    return pl_view_is_ballot(d) && !declared;
}

bool pl_view_choices_shown(const struct pl_decision *d)
{
    return votes_are_told(d) && !choices_are_hidden(d);
}

/* Does the eye see a red line of this seat that not all see? Of a draft it need not have become a
 * warning. */
static bool sees_more_of(const struct pl_meeting *m, const struct pl_decision *d, struct pl_eye eye,
                         uint32_t seat)
{
    const struct pl_eye all = {PL_SIGHT_ALL, PL_NO_SEAT, 0};
    if (d->state == PL_DECISION_STATE_DRAFT) {
        const struct pl_position *p = d->option ? &d->option->positions[seat] : NULL;
        return p && p->number && p->red_line.p && p->visibility != PL_VISIBILITY_ALL &&
               pl_eye_sees_position(eye, seat, p);
    }
    const char *id = pl_meeting_definition(m)->seats[seat].id;
    for (size_t i = 0; i < d->n_warnings; i++)
        if (d->warnings[i].seat.p && pl_str_eq(d->warnings[i].seat, id) &&
            !pl_eye_sees_warning(m, all, d->option, &d->warnings[i]))
            return true;
    return false;
}

struct pl_eye pl_view_decision_plain(const struct pl_meeting *m, const struct pl_decision *d,
                                     struct pl_eye eye)
{
    const struct pl_eye all = {PL_SIGHT_ALL, PL_NO_SEAT, 0};
    if (eye.sight <= PL_SIGHT_ALL)
        return eye;
    if (eye.sight == PL_SIGHT_SEAT && votes_are_told(d) && choices_are_hidden(d) &&
        d->casts[eye.seat].voted)
        return eye;
    uint32_t seat = eye.sight == PL_SIGHT_SEAT ? eye.seat : 0;
    uint32_t end =
        eye.sight == PL_SIGHT_SEAT ? eye.seat + 1 : (uint32_t)pl_meeting_definition(m)->n_seats;
    for (; seat < end; seat++)
        if (sees_more_of(m, d, eye, seat))
            return eye;
    return all;
}

static void add_votes(struct pl_viewing *v, const struct pl_decision *d,
                      struct pl_to_client_decision *message)
{
    struct pl_msg_cast *votes = pl_viewing_take(v, v->d->n_seats, sizeof *votes);
    bool hidden = choices_are_hidden(d);
    message->votes = votes;
    for (uint32_t seat = 0; votes && seat < v->d->n_seats; seat++) {
        const struct pl_cast *cast = &d->casts[seat];
        if (!cast->takes_part)
            continue;
        struct pl_msg_cast *told = &votes[message->n_votes++];
        told->seat = pl_viewing_seat(v, seat);
        told->voted = cast->voted;
        if (!cast->voted || (hidden && !(v->eye.sight == PL_SIGHT_SEAT && v->eye.seat == seat)))
            continue;
        told->choice = cast->choice;
        told->has_choice = true;
        told->statement = cast->statement;
    }
}

static void add_warnings(struct pl_viewing *v, const struct pl_decision *d,
                         struct pl_to_client_decision *message)
{
    struct pl_act_warning *warnings = pl_viewing_take(v, PL_WARNINGS_MAX, sizeof *warnings);
    if (!warnings)
        return;
    size_t n = 0;
    if (d->state != PL_DECISION_STATE_DRAFT) {
        n = d->n_warnings;
        memcpy(warnings, d->warnings, n * sizeof *warnings);
    } else if (d->option) {
        n = pl_meeting_warnings(v->m, d->paper, d->option, warnings);
    }
    message->warnings = warnings;
    message->n_warnings = pl_eye_filter(v->m, v->eye, d->option, warnings, n);
}

static void add_excluded(struct pl_viewing *v, const struct pl_decision *d,
                         struct pl_to_client_decision *message)
{
    struct pl_act_ref *refs = pl_viewing_take(v, v->d->n_seats, sizeof *refs);
    message->excluded = refs;
    for (uint32_t seat = 0; refs && seat < v->d->n_seats; seat++)
        if (d->excluded[seat])
            refs[message->n_excluded++].id = pl_viewing_seat(v, seat);
}

static void add_times(const struct pl_decision *d, struct pl_to_client_decision *message)
{
    message->called_at = d->called_ms;
    message->has_called_at = d->called_ms != 0;
    message->called = (int64_t)d->called;
    message->has_called = d->called != 0;
    message->deadline = d->deadline_ms;
    message->has_deadline = d->deadline_ms != 0;
    message->ended_at = d->ended_ms;
    message->has_ended_at = d->ended_ms != 0;
    if (d->deadline_ms)
        message->time_zone = d->time_zone;
}

static void add_result(const struct pl_decision *d, struct pl_to_client_decision *message)
{
    message->words = d->words;
    message->outcome = d->outcome;
    switch (d->state) {
    case PL_DECISION_STATE_DRAFT: /* words: there was a call, without a quorum in the end */
        message->has_outcome = d->words.p != NULL;
        break;
    case PL_DECISION_STATE_DECLARED:
        message->has_outcome = true;
        break;
    case PL_DECISION_STATE_WITHDRAWN:
        message->has_outcome = true;
        message->outcome = PL_OUTCOME_WITHDRAWN;
        break;
    case PL_DECISION_STATE_OPEN: /* the words are those of the call before */
        message->words = (struct pl_str){0};
        break;
    case PL_DECISION_STATE_COUNT:
        break;
    }
}

void pl_view_decision(struct pl_viewing *v, const struct pl_decision *d)
{
    char rule[PL_RULE_WORDS_SIZE];
    pl_rule_words(v->m, d, rule);
    struct pl_to_client_decision message = {
        .decision = d->id,
        .item = d->item->id,
        .title = d->title,
        .texts = d->texts,
        .n_texts = d->n_texts,
        .version = (int64_t)d->version,
        .hash = pl_str(d->hash),
        .rule = d->rule,
        .rule_words = pl_str(rule),
        .state = d->state,
        .acknowledgement = d->acknowledgement,
    };
    if (d->paper)
        message.paper = d->paper->id;
    if (d->option)
        message.option = d->option->id;
    if (d->state == PL_DECISION_STATE_OPEN)
        message.turn = pl_viewing_seat(v, pl_decision_turn(v->m, d));
    add_times(d, &message);
    add_result(d, &message);
    add_excluded(v, d, &message);
    add_warnings(v, d, &message);
    if (votes_are_told(d))
        add_votes(v, d, &message);
    if (!v->out->failed)
        pl_to_client_decision(v->out, &message);
}
