/* See parts.h. Here: who was in the room, from when to when, while the session was not closed. */
#include "minutes/parts.h"

static struct pl_attendee *find(struct pl_minutes *m, const char *id)
{
    pl_list_each (struct pl_attendee, a, &m->attendees, node) {
        if (strcmp(a->id, id) == 0)
            return a;
    }
    return NULL;
}

static struct pl_attendee *add(struct pl_minutes *m, const struct pl_participant *p, uint64_t event)
{
    struct pl_attendee *a = pl_arena_alloc(&m->arena, sizeof *a);
    if (!a || pl_arena_str(&m->arena, pl_str(p->name), &a->name) != PL_OK) {
        m->failed = true;
        return NULL;
    }
    memcpy(a->id, p->id, sizeof a->id);
    a->person = p->person;
    a->event = event;
    pl_list_init(&a->stays);
    pl_list_push(&m->attendees, &a->node);
    return a;
}

static struct pl_stay *last_stay(const struct pl_attendee *a)
{
    return pl_list_empty(&a->stays) ? NULL : pl_container_of(a->stays.prev, struct pl_stay, node);
}

static void begin(struct pl_minutes *m, struct pl_attendee *a, int64_t at_ms)
{
    struct pl_stay *last = last_stay(a);
    if (last && (!last->to_ms || at_ms - last->to_ms < PL_MINUTES_ABSENCE_MS)) {
        last->to_ms = 0;
        return;
    }
    struct pl_stay *stay = pl_arena_alloc(&m->arena, sizeof *stay);
    if (!stay) {
        m->failed = true;
        return;
    }
    stay->from_ms = at_ms;
    pl_list_push(&a->stays, &stay->node);
}

void pl_attend(struct pl_minutes *m, const struct pl_participant *p, bool here,
               const struct pl_act *e)
{
    struct pl_attendee *a = find(m, p->id);
    if (here && m->closed_ms)
        return;
    if (here && (a || (a = add(m, p, e->number)))) {
        begin(m, a, e->at_ms);
        return;
    }
    struct pl_stay *last = a ? last_stay(a) : NULL;
    if (last && !last->to_ms)
        last->to_ms = e->at_ms;
}

void pl_attend_all(struct pl_minutes *m, bool here, const struct pl_act *e)
{
    pl_list_each (const struct pl_participant, p, pl_meeting_list(m->meeting), node) {
        if (p->place == PL_PLACE_ROOM)
            pl_attend(m, p, here, e);
    }
}
