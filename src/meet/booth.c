/* Interpreters: each has a channel, a language of the meeting, and a channel has one microphone,
 * which goes from hand to hand in the booth. None of it is part of the record. */
#include "meet/parts.h"

unsigned pl_meeting_channel(const struct pl_meeting *m, const struct pl_participant *p)
{
    const char *language = m->definition->people[p->person].language;
    return p->role == PL_ROLE_INTERPRETER ? pl_definition_channel(m->definition, pl_str(language))
                                          : 0;
}

static enum pl_err check_interpreter(struct pl_ruling_on *r)
{
    if (r->by->role != PL_ROLE_INTERPRETER)
        return pl_refuse(r, PL_EAUTH, NULL, "Only interpreters have a channel's microphone.");
    if (!pl_meeting_channel(r->m, r->by))
        return pl_refuse(r, PL_EAUTH, NULL, "No channel of this meeting is assigned to you.");
    if (r->by->place != PL_PLACE_ROOM)
        return pl_refuse(r, PL_ESTATE, NULL, "You are not in the room yet.");
    return PL_OK;
}

enum pl_err pl_decide_booth(struct pl_ruling_on *r)
{
    enum pl_err err = check_interpreter(r);
    if (err == PL_OK && r->by->booth != r->act->booth.on)
        pl_add_act(r);
    return err;
}

enum pl_err pl_decide_offer_booth(struct pl_ruling_on *r)
{
    enum pl_err err = check_interpreter(r);
    if (err == PL_OK && r->by->offers_booth != r->act->offer_booth.on)
        pl_add_act(r);
    return err;
}

static void set(const struct pl_change *ch, struct pl_participant *p, bool booth, bool offers)
{
    if (p->booth == booth && p->offers_booth == offers)
        return;
    p->booth = booth;
    p->offers_booth = offers;
    pl_tell(ch, PL_EFFECT_CHANGED, p);
}

/* The boothmates lose it first, so that a channel never has two at once. Whoever wanted it to
 * change hands has what they wanted; letting go of it leaves their offers standing. */
enum pl_err pl_apply_booth(const struct pl_change *ch)
{
    struct pl_participant *p = pl_meeting_by_id(ch->m, ch->e->by);
    if (!p)
        return PL_EINVAL;
    bool on = ch->e->booth.on;
    unsigned channel = pl_meeting_channel(ch->m, p);
    pl_list_each (struct pl_participant, q, &ch->m->participants, node)
        if (on && q != p && pl_meeting_channel(ch->m, q) == channel)
            set(ch, q, false, false);
    set(ch, p, on, false);
    return PL_OK;
}

enum pl_err pl_apply_offer_booth(const struct pl_change *ch)
{
    struct pl_participant *p = pl_meeting_by_id(ch->m, ch->e->by);
    if (!p)
        return PL_EINVAL;
    set(ch, p, p->booth, ch->e->offer_booth.on);
    return PL_OK;
}
