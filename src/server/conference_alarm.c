/* That somebody's browser found the record changed: everybody is told, also who comes later. In
 * encrypted meetings browsers tell each other besides, past the server. See conference_parts.h. */
#include "server/conference_parts.h"

#include <stdio.h>
#include <stdlib.h>

enum pl_err pl_alarm_raise(struct pl_member *m, const struct pl_to_server_alarm *alarm,
                           struct pl_denial *denial)
{
    struct pl_conference *c = m->conference;
    const struct pl_to_client_alarm message = {
        .by = pl_str(m->participant->id),
        .why = alarm->why,
        .ours = alarm->ours,
        .theirs = alarm->theirs,
    };
    struct pl_buf json = {0};
    *denial = (struct pl_denial){0};
    if (m->alarmed)
        return PL_OK; /* they are told */
    if (m->participant->place != PL_PLACE_ROOM) {
        snprintf(denial->why, sizeof denial->why, "You are not in the room yet.");
        return PL_ESTATE;
    }
    pl_to_client_alarm(&json, &message);
    char *text = json.failed ? NULL : strdup(json.data);
    pl_buf_free(&json);
    if (!text) {
        snprintf(denial->why, sizeof denial->why, "The server has no memory left.");
        return PL_ENOMEM;
    }
    free(c->alarm);
    c->alarm = text;
    m->alarmed = true;
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        if (pl_member_of(p))
            pl_alarm_tell(pl_member_of(p));
    }
    return PL_OK;
}

void pl_alarm_tell(struct pl_member *m)
{
    struct pl_buf json = {0};
    if (!m->conference->alarm || !m->client || m->participant->place != PL_PLACE_ROOM)
        return;
    pl_buf_puts(&json, m->conference->alarm);
    pl_client_send(m->client, &json);
    pl_buf_free(&json);
}
