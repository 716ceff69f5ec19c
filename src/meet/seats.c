/* See parts.h and meeting.h. Here: who sits behind a seat, who speaks for it, which seats are
 * present; and what a right is. */
#include "meet/parts.h"

#include <string.h>

/* Rights */

enum pl_err pl_check_presides(struct pl_ruling_on *r)
{
    if (!pl_presides(r))
        return pl_refuse(r, PL_EAUTH, NULL, "Only the chair and the secretary may do this.");
    return PL_OK;
}

enum pl_err pl_check_chair(struct pl_ruling_on *r)
{
    if (!r->by || r->by->role != PL_ROLE_CHAIR)
        return pl_refuse(r, PL_EAUTH, NULL, "Only the chair may do this.");
    return PL_OK;
}

enum pl_err pl_check_not_closed(struct pl_ruling_on *r)
{
    if (r->m->state.session == PL_SESSION_STATE_CLOSED)
        return pl_refuse(r, PL_ESTATE, NULL, "The session is closed.");
    return PL_OK;
}

enum pl_err pl_check_open(struct pl_ruling_on *r)
{
    if (!r->m->in_session)
        return pl_refuse(r, PL_ESTATE, NULL, "The meeting has not been opened yet.");
    if (r->m->state.session == PL_SESSION_STATE_SUSPENDED)
        return pl_refuse(r, PL_ESTATE, NULL, "The session is suspended.");
    return pl_check_not_closed(r);
}

enum pl_err pl_check_prepares(struct pl_ruling_on *r)
{
    enum pl_err err = pl_check_presides(r);
    return err ? err : pl_check_not_closed(r);
}

/* Seats */

uint32_t pl_find_seat(const struct pl_definition *d, struct pl_str id)
{
    for (size_t i = 0; i < d->n_seats; i++)
        if (pl_str_eq(id, d->seats[i].id))
            return (uint32_t)i;
    return PL_NO_SEAT;
}

static size_t room_for(size_t seats)
{
    size_t room = 8;
    while (room < seats)
        room *= 2;
    return room;
}

void *pl_seats_list(struct pl_meeting *m, void *list, size_t seats, size_t each)
{
    size_t room = room_for(seats);
    if (list && room == room_for(seats - 1))
        return list;
    void *wider = pl_arena_alloc(&m->arena, room * each);
    if (wider && list)
        memcpy(wider, list, (seats - 1) * each);
    return wider;
}

static uint32_t seat_of_person(const struct pl_meeting *m, uint32_t person)
{
    const struct pl_person *p = &m->definition->people[person];
    return pl_role_needs_seat(p->role) ? p->seat : PL_NO_SEAT;
}

uint32_t pl_seat_of(const struct pl_meeting *m, const struct pl_participant *p)
{
    return seat_of_person(m, p->person);
}

struct pl_participant *pl_seat_speaker(const struct pl_meeting *m, uint32_t seat)
{
    struct pl_participant *p = pl_meeting_by_person(m, m->state.seats[seat].voice);
    return p && p->place == PL_PLACE_ROOM ? p : NULL;
}

bool pl_meeting_has_voice(const struct pl_meeting *m, const struct pl_participant *p)
{
    uint32_t seat = pl_seat_of(m, p);
    return seat != PL_NO_SEAT && m->state.seats[seat].voice == p->person;
}

size_t pl_meeting_members(const struct pl_meeting *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->definition->n_seats; i++)
        n += !m->definition->seats[i].guest;
    return n;
}

size_t pl_meeting_present(const struct pl_meeting *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->definition->n_seats; i++)
        n += !m->definition->seats[i].guest && m->state.seats[i].present > 0;
    return n;
}

void pl_seats_presence(const struct pl_change *ch, const struct pl_participant *p, bool present)
{
    struct pl_meeting *m = ch->m;
    uint32_t seat = pl_seat_of(m, p);
    if (seat == PL_NO_SEAT)
        return;
    struct pl_seat_state *s = &m->state.seats[seat];
    bool was = s->present > 0;
    if (present)
        s->present++;
    else if (was)
        s->present--;
    if (pl_meeting_has_voice(m, p))
        pl_floor_speaker_changed(ch, seat);
    if (was == (s->present > 0))
        return;
    pl_touch(ch, PL_PART_SEATS);
    if (!m->definition->seats[seat].guest)
        pl_touch(ch, PL_PART_SESSION); /* which counts those present */
    if (present)
        pl_decision_seat_came(ch, seat);
}

/* The voice */

static enum pl_err delegation_of(struct pl_ruling_on *r, uint32_t *seat)
{
    uint32_t s = r->by ? pl_seat_of(r->m, r->by) : PL_NO_SEAT;
    if (s == PL_NO_SEAT)
        return pl_refuse(r, PL_EAUTH, NULL, "Only the delegation of a seat may do this.");
    if (r->by->place != PL_PLACE_ROOM)
        return pl_refuse(r, PL_ESTATE, NULL, "You are not in the room yet.");
    *seat = s;
    return PL_OK;
}

enum pl_err pl_voice_of(struct pl_ruling_on *r, uint32_t *seat)
{
    uint32_t s;
    *seat = PL_NO_SEAT;
    enum pl_err err = delegation_of(r, &s);
    if (err)
        return err;
    if (!pl_meeting_has_voice(r->m, r->by))
        return pl_refuse(r, PL_EAUTH, NULL, "You do not hold the voice of your delegation.");
    *seat = s;
    return PL_OK;
}

/* The person that the voice goes to: of the same delegation, and one. */
static enum pl_err next_holder(struct pl_ruling_on *r, uint32_t seat, uint32_t *person)
{
    const struct pl_definition *d = r->m->definition;
    uint32_t to;
    if (pl_definition_person(d, r->act->voice.person, &to) != PL_OK)
        return pl_refuse(r, PL_ENOENT, "person", "There is no such person.");
    if (seat_of_person(r->m, to) != seat)
        return pl_refuse(r, PL_EINVAL, "person", "The voice of a seat stays in its delegation.");
    if (d->people[to].shared)
        return pl_refuse(r, PL_EINVAL, "person",
                         "An invitation that many share does not hold a voice.");
    *person = to;
    return PL_OK;
}

enum pl_err pl_decide_voice(struct pl_ruling_on *r)
{
    uint32_t seat = PL_NO_SEAT, to = PL_NO_PERSON;
    enum pl_err err = delegation_of(r, &seat);
    if (err)
        return err;
    err = next_holder(r, seat, &to);
    if (err)
        return err;
    const struct pl_seat_state *s = &r->m->state.seats[seat];
    uint32_t by = r->by->person;
    if (by != s->voice && by != s->head) {
        if (pl_seat_speaker(r->m, seat))
            return pl_refuse(r, PL_EAUTH, NULL,
                             "Only its holder and the head of the delegation hand on the voice.");
        if (to != by)
            return pl_refuse(r, PL_EAUTH, "person",
                             "While its holder is not here you take the voice to yourself only.");
    }
    if (to != s->voice)
        pl_add_act(r)->voice.seat = pl_str(r->m->definition->seats[seat].id);
    return PL_OK;
}

void pl_seat_gets(const struct pl_change *ch, uint32_t person)
{
    const struct pl_person *p = &ch->m->definition->people[person];
    if (p->role != PL_ROLE_DELEGATE || p->shared)
        return;
    struct pl_seat_state *s = &ch->m->state.seats[p->seat];
    if (s->head != PL_NO_PERSON)
        return;
    s->head = person;
    if (s->voice == PL_NO_PERSON)
        s->voice = person;
    pl_touch(ch, PL_PART_SEATS);
}

enum pl_err pl_apply_voice(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    uint32_t seat = pl_find_seat(m->definition, ch->e->voice.seat), person;
    if (seat == PL_NO_SEAT ||
        pl_definition_person(m->definition, ch->e->voice.person, &person) != PL_OK ||
        seat_of_person(m, person) != seat)
        return PL_EINVAL;
    struct pl_participant *former = pl_meeting_by_person(m, m->state.seats[seat].voice);
    struct pl_participant *now = pl_meeting_by_person(m, person);
    m->state.seats[seat].voice = person;
    pl_touch(ch, PL_PART_SEATS);
    pl_floor_speaker_changed(ch, seat);
    if (former)
        pl_tell(ch, PL_EFFECT_CHANGED, former);
    if (now)
        pl_tell(ch, PL_EFFECT_CHANGED, now);
    return PL_OK;
}
