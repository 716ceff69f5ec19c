/* What each person has put into the record: nobody fills it alone. See conference_parts.h. */
#include "server/conference_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* Whose it is: of who acts, comes or goes; n 0: the server's. */
static struct pl_str owner_of(const struct pl_act *event)
{
    struct pl_str by = event->type == PL_ACT_JOINED ? event->joined.participant
                       : event->type == PL_ACT_LEFT ? event->left.participant
                                                    : event->by;
    return pl_str_split(&by, '.');
}

enum pl_err pl_share_note(struct pl_conference *c, const struct pl_act *event, size_t bytes)
{
    uint32_t person;
    struct pl_str owner = owner_of(event);
    if (owner.n == 0 ||
        pl_definition_person(pl_meeting_definition(c->meeting), owner, &person) != PL_OK)
        return PL_OK;
    if (!c->shares)
        c->shares = calloc(PL_PEOPLE_MAX, sizeof *c->shares); /* people may be added later */
    if (!c->shares)
        return PL_ENOMEM;
    c->shares[person] += (uint32_t)bytes;
    return PL_OK;
}

bool pl_share_used(const struct pl_conference *c, uint32_t person, enum pl_act_type type,
                   struct pl_denial *denial)
{
    const struct pl_conferences_config *config = &c->all->config;
    size_t share = config->record_share_max ? config->record_share_max : PL_RECORD_SHARE;
    if (type == PL_ACT_JOINED)
        share *= 2; /* who may not act any more may still come and go */
    if (!pl_act_is_kept(type) || !c->shares || c->shares[person] < share ||
        pl_role_presides(c->definition->people[person].role))
        return false;
    denial->field[0] = 0;
    denial->acknowledge = false;
    snprintf(denial->why, sizeof denial->why,
             "You have put as much into the record of this meeting as one person may.");
    return true;
}
