/* Captions: what a captioner types for those in the room, line by line as it grows. An aid for who
 * does not hear, not minutes: none of it is part of the record. */
#include "meet/parts.h"

bool pl_meeting_captions(const struct pl_meeting *m, const struct pl_participant *p)
{
    return p->role == PL_ROLE_CAPTIONER && m->definition->people[p->person].language[0];
}

enum pl_err pl_decide_caption(struct pl_ruling_on *r)
{
    struct pl_str text = r->act->caption.text;
    if (!pl_meeting_captions(r->m, r->by))
        return pl_refuse(r, PL_EAUTH, NULL, "Only captioners type captions.");
    if (r->by->place != PL_PLACE_ROOM)
        return pl_refuse(r, PL_ESTATE, NULL, "You are not in the room yet.");
    if (text.n > PL_CAPTION_MAX || (text.n && !pl_is_line(text)))
        return pl_refuse(r, PL_EINVAL, "text", "A caption is one line of at most 400 bytes.");
    pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_caption(const struct pl_change *ch)
{
    struct pl_participant *p = pl_meeting_by_id(ch->m, ch->e->by);
    if (!p)
        return PL_EINVAL;
    pl_tell(ch, PL_EFFECT_CAPTIONED, p);
    return PL_OK;
}
