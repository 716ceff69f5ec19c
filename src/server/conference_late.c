/* People and seats that are added to a live meeting. See conference.h. */
#include "record/people.h"
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

/* The act becomes an event and a definition, on disk, with the invitation that it asks for (`made`,
 * NULL: none). */
static enum pl_err add(struct pl_conference *c, const struct pl_participant *by,
                       const struct pl_act *act, struct pl_invitation_made *made,
                       struct pl_denial *denial)
{
    struct pl_conferences *all = c->all;
    char meeting[PL_MEETING_ID_SIZE];
    enum pl_err err = pl_conference_act(c, by, act, denial);
    if (err)
        return err;
    memcpy(meeting, c->id, sizeof meeting);
    const struct pl_store_newcomer newcomer = {pl_meeting_definition(c->meeting),
                                               pl_conference_now(c), made};
    c->newcomer = &newcomer; /* analyse: until it is NULL again, below */
    if (!pl_record_write_of(all, pl_str(meeting)))
        return PL_EIO; /* what was not kept did not happen: it begins anew without it */
    c->newcomer = NULL;
    err = take_widened(c);
    if (err)
        pl_record_break(c); /* it begins anew with it */
    return err;
}

enum pl_err pl_conference_add_person(struct pl_conference *c, uint32_t by,
                                     const struct pl_act_add_person *person,
                                     struct pl_invitation_made *made, struct pl_denial *denial)
{
    const struct pl_act act = {.type = PL_ACT_ADD_PERSON, .add_person = *person};
    enum pl_err err = pl_store_may_invite(c->all->config.store, pl_str(c->id));
    if (err == PL_ELIMIT)
        snprintf(denial->why, sizeof denial->why,
                 "This meeting has as many invitations as it may have.");
    return err ? err : add(c, pl_meeting_by_person(c->meeting, by), &act, made, denial);
}

struct listing {
    const struct pl_random *random;
    const struct pl_act_add_seat *seat;
    enum pl_err err;
    const char *differs; /* the field of the seat of which the list says something else; NULL */
};

static void look(void *ctx, const struct pl_store_manifest *m)
{
    struct listing *l = ctx;
    const struct pl_line_manifest line = {m->manifest, m->signature, m->key, m->signed_by};
    char why[PL_PEOPLE_WHY_SIZE];
    struct pl_people *people;
    l->err = pl_people_verify(&line, l->random, &people, why);
    if (l->err)
        return;
    l->differs = pl_people_differ(people, l->seat);
    pl_people_free(people);
}

/* Where there is a signed list, the organiser says which seats there are, and not who has the
 * administrator's token. */
static enum pl_err check_listed(const struct pl_conference *c, const struct pl_act_add_seat *seat,
                                struct pl_denial *denial)
{
    const struct pl_conferences_config *config = &c->all->config;
    struct listing l = {.random = &config->random, .seat = seat};
    enum pl_err err = pl_store_manifest(config->store, pl_str(c->id), look, &l);
    if (err)
        return err == PL_ENOENT ? PL_OK : err;
    if (l.err || !l.differs)
        return l.err;
    snprintf(denial->field, sizeof denial->field, "%s", l.differs);
    snprintf(denial->why, sizeof denial->why, "%s",
             strcmp(l.differs, "seat") == 0
                 ? "The organiser's signed list does not have this seat: it is signed, then added."
                 : "The organiser's signed list says something else of this seat.");
    return PL_ESTATE;
}

enum pl_err pl_conference_add_seat(struct pl_conference *c, const struct pl_act_add_seat *seat,
                                   struct pl_denial *denial)
{
    const struct pl_act act = {.type = PL_ACT_ADD_SEAT, .add_seat = *seat};
    enum pl_err err = check_listed(c, seat, denial);
    return err ? err : add(c, NULL, &act, NULL, denial);
}
