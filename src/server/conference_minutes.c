/* The minutes of a live meeting. See conference.h. Made of its record when they are first asked
 * for, from then on each event is added as it happens. */
#include "record/line.h"
#include "server/conference_parts.h"
#include "server/minutes_read.h"

#include <stdio.h>

static enum pl_err add_waiting(void *ctx, uint64_t number, struct pl_str bytes)
{
    return pl_minutes_add_bytes(ctx, number, bytes);
}

static enum pl_err make(const struct pl_conference *c, struct pl_minutes **out)
{
    pl_store_finish(c->all); /* what is being written is there, or it waits */
    struct pl_store *store = c->all->config.store;
    const struct pl_random *random = &c->all->config.random;
    struct pl_minutes *m;
    enum pl_err err =
        store ? pl_minutes_read(store, pl_str(c->id), c->made, c->definition, random, &m)
              : pl_minutes_new(c->made, c->definition, random, &m);
    if (err)
        return err;
    err = pl_record_each_waiting(c, add_waiting, m);
    if (err)
        pl_minutes_free(m);
    else
        *out = m;
    return err;
}

enum pl_err pl_conference_minutes(struct pl_conference *c, const struct pl_minutes **out)
{
    enum pl_err err = c->minutes ? PL_OK : make(c, &c->minutes);
    *out = c->minutes;
    return err;
}

void pl_minutes_forget(struct pl_conference *c)
{
    pl_minutes_free(c->minutes);
    c->minutes = NULL;
}

void pl_minutes_note(struct pl_conference *c, const struct pl_act *event)
{
    if (c->minutes && pl_act_is_kept(event->type) && pl_minutes_add(c->minutes, event) != PL_OK)
        pl_minutes_forget(c); /* they are made anew */
}

void pl_minutes_adopted(struct pl_conference *c)
{
    for (size_t i = 0; i < PL_MINUTES_LANGUAGES; i++)
        pl_buf_free(&c->adopted[i]);
}

enum pl_err pl_minutes_adopt(struct pl_conference *c, const struct pl_act *event)
{
    const struct pl_minutes *m;
    if (event->type != PL_ACT_ADOPT_MINUTES)
        return PL_OK;
    enum pl_err err = pl_conference_minutes(c, &m);
    for (size_t i = 0; !err && i < PL_MINUTES_LANGUAGES; i++) {
        pl_minutes_text(m, (enum pl_minutes_language)i, &c->adopted[i]);
        err = c->adopted[i].failed ? PL_ENOMEM : PL_OK;
    }
    return err;
}

/* Both have room in the record's file? */
static bool fits(const struct pl_minutes *m)
{
    bool good = true;
    for (size_t i = 0; i < PL_MINUTES_LANGUAGES; i++) {
        struct pl_buf text = {0};
        pl_minutes_text(m, (enum pl_minutes_language)i, &text);
        good = good && text.len <= PL_LINE_MINUTES_MAX;
        pl_buf_free(&text);
    }
    return good;
}

enum pl_err pl_minutes_check(struct pl_conference *c, const struct pl_act *act,
                             struct pl_denial *denial)
{
    const struct pl_minutes *m;
    char hash[PL_MINUTES_HASH_SIZE];
    if (act->type != PL_ACT_ADOPT_MINUTES)
        return PL_OK;
    *denial = (struct pl_denial){0};
    enum pl_err err = pl_conference_minutes(c, &m);
    if (!err)
        err = pl_minutes_hash(m, hash);
    if (err)
        snprintf(denial->why, sizeof denial->why, "The server cannot read the record now.");
    if (err)
        return err;
    if (!fits(m)) {
        snprintf(denial->why, sizeof denial->why,
                 "These minutes are longer than what can be adopted: %u kB in each language.",
                 PL_LINE_MINUTES_MAX >> 10);
        return PL_ELIMIT;
    }
    if (pl_str_eq(act->adopt_minutes.hash, hash))
        return PL_OK;
    snprintf(denial->field, sizeof denial->field, "hash");
    snprintf(denial->why, sizeof denial->why,
             "The minutes are not those that you read; read them again.");
    return PL_ESTATE;
}

bool pl_conference_may_read_minutes(const struct pl_conference *c, uint32_t person)
{
    const struct pl_person *p = &c->definition->people[person];
    const struct pl_state *s = pl_meeting_state(c->meeting);
    if (pl_conference_refuses(c, person) || pl_role_is_guest(p->role))
        return false;
    if (pl_role_presides(p->role) || pl_conference_in_room(c, person))
        return true;
    return s->session == PL_SESSION_STATE_CLOSED &&
           (!c->definition->lobby || pl_meeting_admitted(c->meeting, person));
}
