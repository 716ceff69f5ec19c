/* See readers.h. */
#include "signal/readers.h"

#include <stdlib.h>

#define ROOM_FIRST 64

enum who {
    FOR_ALL,
    FOR_CHAIR,          /* who presides */
    FOR_SEAT,           /* that seat alone; with none, nobody */
    FOR_SEAT_AND_CHAIR, /* and who presides */
    /* What follows may be for all one day. */
    FOR_SEAT_AS_BALLOT,  /* once the result is declared; `of`: the decision */
    FOR_SEAT_AS_WRITTEN, /* once it is read out */
    FOR_CHAIR_AS_COMING, /* once they are in the room; `of`: the participant */
};

struct pl_reader {
    enum who who;
    uint32_t seat, of;
};

/* What an event names */

static uint32_t seat_of(const struct pl_meeting *m, struct pl_str id)
{
    const struct pl_definition *d = pl_meeting_definition(m);
    for (uint32_t i = 0; id.p && i < d->n_seats; i++)
        if (pl_str_eq(id, d->seats[i].id))
            return i;
    return PL_NO_SEAT;
}

static const struct pl_decision *decision_of(const struct pl_meeting *m, struct pl_str id,
                                             uint32_t *index)
{
    *index = 0;
    pl_list_each (const struct pl_decision, d, &pl_meeting_state(m)->decisions, node) {
        if (pl_str_eq(id, d->id.p))
            return d;
        ++*index;
    }
    return NULL;
}

static struct pl_reader for_chair(void)
{
    return (struct pl_reader){FOR_CHAIR, PL_NO_SEAT, 0};
}

/* Each kind of act */

static struct pl_reader of_joined(const struct pl_meeting *m, const struct pl_act *e,
                                  struct pl_readers *r)
{
    if (e->joined.place == PL_PLACE_ROOM)
        return (struct pl_reader){.who = FOR_ALL};
    r->outside++;
    return (struct pl_reader){FOR_CHAIR_AS_COMING, PL_NO_SEAT, pl_meeting_next_number(m)};
}

/* Of somebody whom those in the room know, or not. */
static struct pl_reader of_participant(const struct pl_meeting *m, struct pl_str id)
{
    const struct pl_participant *p = pl_meeting_by_id(m, id);
    return p && p->place == PL_PLACE_ROOM ? (struct pl_reader){.who = FOR_ALL} : for_chair();
}

static struct pl_reader of_position(const struct pl_meeting *m, const struct pl_act *e)
{
    struct pl_reader x = {FOR_ALL, seat_of(m, e->take_position.seat), 0};
    if (e->take_position.visibility == PL_VISIBILITY_DELEGATION)
        x.who = FOR_SEAT;
    else if (e->take_position.visibility != PL_VISIBILITY_ALL)
        x.who = FOR_SEAT_AND_CHAIR;
    return x;
}

static struct pl_reader of_vote(const struct pl_meeting *m, const struct pl_act *e)
{
    struct pl_reader x = {FOR_SEAT, seat_of(m, e->vote.seat), 0};
    const struct pl_decision *d = decision_of(m, e->vote.decision, &x.of);
    if (d)
        x.who = pl_view_is_ballot(d) ? FOR_SEAT_AS_BALLOT : FOR_ALL;
    return x;
}

/* The red lines of seats stand in it, as the chair may see them. */
static struct pl_reader of_call(const struct pl_meeting *m, const struct pl_act *e)
{
    const struct pl_eye all = {PL_SIGHT_ALL, PL_NO_SEAT, 0};
    uint32_t index;
    const struct pl_decision *d = decision_of(m, e->call_decision.decision, &index);
    for (size_t i = 0; i < e->call_decision.n_warnings; i++)
        if (!d || !pl_eye_sees_warning(m, all, d->option, &e->call_decision.warnings[i]))
            return for_chair();
    return (struct pl_reader){.who = FOR_ALL};
}

static struct pl_reader of_request(const struct pl_meeting *m, const struct pl_act *e)
{
    if (!e->request_floor.text.p)
        return (struct pl_reader){.who = FOR_ALL};
    return (struct pl_reader){FOR_SEAT_AS_WRITTEN, seat_of(m, e->request_floor.seat), 0};
}

static struct pl_reader reader_of(const struct pl_meeting *m, const struct pl_act *e,
                                  struct pl_readers *r)
{
    switch (e->type) {
    case PL_ACT_JOINED:
        return of_joined(m, e, r);
    case PL_ACT_LEFT:
        return of_participant(m, e->left.participant);
    case PL_ACT_REMOVE:
        return of_participant(m, e->remove.participant);
    case PL_ACT_MUTE:
        return of_participant(m, e->mute.participant);
    case PL_ACT_ADD_PERSON:
    case PL_ACT_ADMIT:
        return for_chair();
    case PL_ACT_TAKE_POSITION:
        return of_position(m, e);
    case PL_ACT_VOTE:
        return of_vote(m, e);
    case PL_ACT_CALL_DECISION:
        return of_call(m, e);
    case PL_ACT_REQUEST_FLOOR:
        return of_request(m, e);
    case PL_ACT_CREATED:
    case PL_ACT_MANIFEST:
    case PL_ACT_RESTARTED:
    case PL_ACT_OPENED:
    case PL_ACT_ADD_SEAT:
    case PL_ACT_SET_SESSION:
    case PL_ACT_VOICE:
    case PL_ACT_PUT_ITEM:
    case PL_ACT_DROP_ITEM:
    case PL_ACT_TAKE_ITEM:
    case PL_ACT_ASK_ITEM:
    case PL_ACT_ANSWER_ASK:
    case PL_ACT_WITHDRAW_FLOOR:
    case PL_ACT_PASS_FLOOR:
    case PL_ACT_GIVE_FLOOR:
    case PL_ACT_END_FLOOR:
    case PL_ACT_SET_FLOOR_LIST:
    case PL_ACT_SET_SPEAKING_TIME:
    case PL_ACT_RULE_ON:
    case PL_ACT_PUT_DOCUMENT:
    case PL_ACT_DROP_DOCUMENT:
    case PL_ACT_PUT_PARTY:
    case PL_ACT_PUT_PAPER:
    case PL_ACT_PUT_OPTION:
    case PL_ACT_DROP_OPTION:
    case PL_ACT_CONSULT:
    case PL_ACT_STATE_RED_LINE:
    case PL_ACT_PUT_DECISION:
    case PL_ACT_PASS_VOTE:
    case PL_ACT_EXTEND_SILENCE:
    case PL_ACT_RESTART_SILENCE:
    case PL_ACT_CLOSE_DECISION:
    case PL_ACT_SETTLED:
    case PL_ACT_WITHDRAW_DECISION:
    case PL_ACT_ANNOTATE:
    case PL_ACT_OPEN_CORRECTIONS:
    case PL_ACT_PROPOSE_CORRECTION:
    case PL_ACT_SETTLE_CORRECTION:
    case PL_ACT_ADOPT_MINUTES:
    case PL_ACT_ALARM:
        return (struct pl_reader){.who = FOR_ALL};
    case PL_ACT_MEDIA: /* no record has these */
    case PL_ACT_CHAT:
    case PL_ACT_BOOTH:
    case PL_ACT_OFFER_BOOTH:
    case PL_ACT_CAPTION:
    case PL_ACT_COUNT:
        break;
    }
    return (struct pl_reader){FOR_SEAT, PL_NO_SEAT, 0};
}

/* All of them */

enum pl_err pl_readers_add(struct pl_readers *r, const struct pl_meeting *m,
                           const struct pl_act *event)
{
    if (event->number != r->n + 1)
        return PL_EINVAL;
    if (r->n == r->room) {
        size_t room = r->room ? 2 * r->room : ROOM_FIRST;
        struct pl_reader *list = realloc(r->list, room * sizeof *list);
        if (!list)
            return PL_ENOMEM;
        r->list = list;
        r->room = room;
    }
    r->list[r->n] = reader_of(m, event, r);
    r->n++;
    return PL_OK;
}

void pl_readers_free(struct pl_readers *r)
{
    free(r->list);
    *r = (struct pl_readers){0};
}

/* Those who came before, and are in the room now; who left, or was refused, never was. */
static void let_in(struct pl_readers *r, const struct pl_meeting *m)
{
    for (size_t i = r->n; i > 0 && r->outside; i--) {
        struct pl_reader *x = &r->list[i - 1];
        if (x->who != FOR_CHAIR_AS_COMING)
            continue;
        const struct pl_participant *p = pl_meeting_by_number(m, x->of);
        if (p && p->place != PL_PLACE_ROOM)
            continue;
        x->who = p ? FOR_ALL : FOR_CHAIR;
        r->outside--;
    }
}

/* The last ballot of each seat since the call; the ones that it took the place of stay its own. */
static void declare(struct pl_readers *r, const struct pl_meeting *m, struct pl_str id)
{
    uint32_t index;
    const struct pl_decision *d = decision_of(m, id, &index);
    if (!d || index >= PL_DECISIONS_MAX || !pl_view_choices_shown(d))
        return;
    bool seen[PL_SEATS_MAX] = {false};
    for (uint64_t number = r->n; number > r->calls[index]; number--) {
        struct pl_reader *x = &r->list[number - 1];
        if (x->who != FOR_SEAT_AS_BALLOT || x->of != index || x->seat >= PL_SEATS_MAX)
            continue;
        x->who = seen[x->seat] ? FOR_SEAT : FOR_ALL;
        seen[x->seat] = true;
    }
}

void pl_readers_applied(struct pl_readers *r, const struct pl_meeting *m,
                        const struct pl_act *event)
{
    uint32_t index;
    switch (event->type) {
    case PL_ACT_OPENED:
    case PL_ACT_ADMIT:
    case PL_ACT_TAKE_ITEM:
        let_in(r, m);
        break;
    case PL_ACT_GIVE_FLOOR:
        if (event->give_floor.has_entry && (uint64_t)event->give_floor.entry <= r->n &&
            r->list[event->give_floor.entry - 1].who == FOR_SEAT_AS_WRITTEN)
            r->list[event->give_floor.entry - 1].who = FOR_ALL;
        break;
    case PL_ACT_CALL_DECISION:
        if (decision_of(m, event->call_decision.decision, &index) && index < PL_DECISIONS_MAX)
            r->calls[index] = event->number;
        break;
    case PL_ACT_CLOSE_DECISION:
        declare(r, m, event->close_decision.decision);
        break;
    default:
        break;
    }
}

bool pl_readers_allow(const struct pl_readers *r, uint64_t number, struct pl_eye eye)
{
    if (number < 1 || number > r->n || eye.sight < PL_SIGHT_ALL)
        return false;
    const struct pl_reader *x = &r->list[number - 1];
    bool own = eye.sight == PL_SIGHT_SEAT && x->seat != PL_NO_SEAT && eye.seat == x->seat;
    switch (x->who) {
    case FOR_ALL:
        return true;
    case FOR_CHAIR:
    case FOR_CHAIR_AS_COMING:
        return eye.sight == PL_SIGHT_CHAIR;
    case FOR_SEAT:
    case FOR_SEAT_AS_BALLOT:
    case FOR_SEAT_AS_WRITTEN:
        return own;
    case FOR_SEAT_AND_CHAIR:
        return own || eye.sight == PL_SIGHT_CHAIR;
    }
    return false;
}
