/* People who are added to a live meeting. See conference.h. */
#include "server/conference_parts.h"

#include <stdio.h>
#include <string.h>

/* The store's definition has them now, and is the conference's from here on. */
static enum pl_err take_widened(struct pl_conference *c)
{
    struct pl_definition *d;
    enum pl_err err = pl_store_get(c->all->config.store, pl_str(c->id), &d, NULL);
    if (err)
        return err;
    pl_minutes_forget(c); /* they borrow it */
    pl_definition_free(c->definition);
    c->definition = d;
    return PL_OK;
}

enum pl_err pl_conference_add_person(struct pl_conference *c, uint32_t by,
                                     const struct pl_act_add_person *person,
                                     struct pl_invitation_made *made, struct pl_denial *denial)
{
    struct pl_conferences *all = c->all;
    char meeting[PL_MEETING_ID_SIZE];
    const struct pl_act act = {.type = PL_ACT_ADD_PERSON, .add_person = *person};
    enum pl_err err = pl_store_may_invite(all->config.store, pl_str(c->id));
    if (err == PL_ELIMIT)
        snprintf(denial->why, sizeof denial->why,
                 "This meeting has as many invitations as it may have.");
    if (err)
        return err;
    err = pl_conference_act(c, pl_meeting_by_person(c->meeting, by), &act, denial);
    if (err)
        return err;
    memcpy(meeting, c->id, sizeof meeting);
    const struct pl_store_newcomer newcomer = {pl_meeting_definition(c->meeting),
                                               pl_conference_now(c), made};
    c->newcomer = &newcomer;
    if (!pl_record_write_of(all, pl_str(meeting)))
        return PL_EIO; /* what was not kept did not happen: it begins anew without them */
    c->newcomer = NULL;
    err = take_widened(c);
    if (err)
        pl_record_break(c); /* it begins anew with them */
    return err;
}
