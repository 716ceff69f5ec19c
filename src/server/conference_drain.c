/* Before the server is stopped for maintenance: meetings that are under way go on, no other one is
 * opened. See conference.h; who asks for it, and what follows, is in drain.c. */
#include "server/conference_parts.h"

const char pl_drain_shut[] =
    "The server is about to be stopped for maintenance: no meeting begins now.";

bool pl_conference_runs(const struct pl_conference *c)
{
    return pl_conference_participants(c) > 0;
}

size_t pl_conferences_running(const struct pl_conferences *all, size_t *people)
{
    size_t at = 0, n = 0;
    *people = 0;
    for (const struct pl_conference *c; (c = pl_map_next(&all->by_id, &at));) {
        n += pl_conference_runs(c);
        *people += pl_conference_participants(c);
    }
    return n;
}

static bool concerns(const struct pl_member *m)
{
    const struct pl_participant *p = m->participant;
    bool presides = pl_role_presides(p->role) && p->place == PL_PLACE_ROOM;
    return presides || !pl_conference_runs(m->conference);
}

void pl_drain_say(struct pl_client *client)
{
    const struct pl_drain *drain = &client->all->drain;
    const struct pl_to_client_maintenance message = {
        .ahead = drain->on, .has_until = drain->until_ms != 0, .until = drain->until_ms};
    struct pl_buf json = {0};
    pl_to_client_maintenance(&json, &message);
    pl_client_send(client, &json);
    pl_buf_free(&json);
}

void pl_drain_tell(const struct pl_member *m)
{
    if (m->client && m->conference->all->drain.on && concerns(m))
        pl_drain_say(m->client);
}

bool pl_drain_shuts(const struct pl_conference *c)
{
    return c->all->drain.on && !pl_conference_runs(c);
}

static void tell_everywhere(const struct pl_conferences *all)
{
    size_t at = 0;
    for (const struct pl_conference *c; (c = pl_map_next(&all->by_id, &at));) {
        pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
            const struct pl_member *m = pl_member_of(p);
            if (m && m->client && concerns(m))
                pl_drain_say(m->client);
        }
    }
}

void pl_conferences_drain(struct pl_conferences *all, const struct pl_drain *drain)
{
    bool was = all->drain.on;
    all->drain = *drain;
    if (was || drain->on)
        tell_everywhere(all);
    pl_conferences_due(all, pl_conferences_now(all));
}

const struct pl_drain *pl_conferences_drained(const struct pl_conferences *all)
{
    return &all->drain;
}

void pl_drain_run(struct pl_conferences *all)
{
    size_t people;
    struct pl_drain *drain = &all->drain;
    if (!drain->on || drain->told || pl_conferences_running(all, &people) > 0)
        return;
    drain->told = true;
    drain->empty(drain->ctx);
}
