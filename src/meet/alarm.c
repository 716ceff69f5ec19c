/* See parts.h. Here: that somebody's browser found the record changed. It stands in the record, so
 * that whoever comes later hears of it too. Whether it is true each browser finds out by itself. */
#include "meet/parts.h"

static bool is_theirs(const struct pl_meeting *m, const struct pl_alarm *alarm,
                      const struct pl_participant *by)
{
    return pl_str_eq(alarm->person, m->definition->people[by->person].id);
}

enum pl_err pl_decide_alarm(struct pl_ruling_on *r)
{
    const struct pl_state *s = &r->m->state;
    const struct pl_act_alarm *a = &r->act->alarm;
    if (r->by->place != PL_PLACE_ROOM)
        return pl_refuse(r, PL_ESTATE, NULL, "You are not in the room yet.");
    pl_list_each (const struct pl_alarm, alarm, &s->alarms, node) {
        if (alarm->why == a->why && is_theirs(r->m, alarm, r->by))
            return PL_OK; /* they said so already */
    }
    if (s->n_alarms >= PL_ALARMS_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL, "The record has at most 100 alarms.");
    pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_alarm(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_alarm *e = &ch->e->alarm;
    const struct pl_participant *by = pl_meeting_by_id(m, ch->e->by);
    if (!by)
        return PL_EINVAL;
    struct pl_alarm *alarm = pl_arena_alloc(&m->arena, sizeof *alarm);
    if (!alarm)
        return PL_ENOMEM;
    alarm->number = ch->e->number;
    alarm->why = e->why;
    alarm->event = e->has_event ? (uint64_t)e->event : 0;
    pl_list_push(&m->state.alarms, &alarm->node);
    m->state.n_alarms++;
    pl_touch(ch, PL_PART_ALARMS);
    const struct {
        struct pl_str from, *to;
    } texts[] = {{ch->e->by, &alarm->by},
                 {pl_str(m->definition->people[by->person].id), &alarm->person},
                 {pl_str(by->name), &alarm->name},
                 {e->ours, &alarm->ours},
                 {e->theirs, &alarm->theirs},
                 {e->leaf, &alarm->leaf}};
    enum pl_err err = PL_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !err; i++)
        if (texts[i].from.p)
            err = pl_arena_str(&m->arena, texts[i].from, texts[i].to);
    return err;
}
