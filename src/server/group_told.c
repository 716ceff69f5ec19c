/* What clients are told of the group, and what is kept of it for those who come back. */
#include "server/conference_parts.h"
#include "server/group_parts.h"

#include <stdlib.h>

static void send_to(struct pl_member *m, struct pl_buf *json)
{
    if (m->client)
        pl_client_send(m->client, json);
    pl_buf_free(json);
}

static void send_to_members(const struct pl_group *g, const struct pl_buf *json)
{
    pl_list_each (struct pl_in_group, p, &g->places, of_group) {
        if (p->member->client && p->in)
            pl_client_send(p->member->client, json);
    }
}

void pl_group_tell(const struct pl_group *g, struct pl_member *m)
{
    const struct pl_in_group *p = pl_group_place(g, m);
    struct pl_to_client_group message = {.group = pl_str(g->name),
                                         .epoch = (int64_t)g->epoch,
                                         .member = p && p->in,
                                         .committer = p && p == g->committer};
    struct pl_buf json = {0};
    if (g->id[0])
        message.id = pl_str(g->id);
    pl_to_client_group(&json, &message);
    send_to(m, &json);
}

void pl_group_tell_all(const struct pl_group *g)
{
    pl_list_each (struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        struct pl_member *m = pl_member_of(p);
        if (m && pl_group_admits(g, m))
            pl_group_tell(g, m);
    }
}

static bool is_left(const struct pl_group *g, const char *id, size_t told)
{
    for (size_t i = told; i < g->n_left; i++)
        if (strcmp(g->left[i], id) == 0)
            return true;
    return false;
}

void pl_group_tell_work(struct pl_group *g)
{
    struct pl_msg_group_addition add[PL_GROUP_BATCH_MAX];
    struct pl_act_ref remove[PL_GROUP_BATCH_MAX];
    struct pl_to_client_group_work message = {
        .group = pl_str(g->name), .epoch = (int64_t)g->epoch, .add = add, .remove = remove};
    for (size_t i = 0; i < g->n_left && i < PL_GROUP_BATCH_MAX; i++)
        remove[message.n_remove++].id = pl_str(g->left[i]);
    pl_list_each (struct pl_in_group, p, &g->places, of_group) {
        const char *id = p->member->participant->id;
        /* A leaf of before goes first, or with it. */
        if (!p->package || message.n_add == PL_GROUP_BATCH_MAX || is_left(g, id, message.n_remove))
            continue;
        p->offered = true;
        add[message.n_add++] = (struct pl_msg_group_addition){pl_str(id), pl_str(p->package)};
    }
    struct pl_buf json = {0};
    pl_to_client_group_work(&json, &message);
    send_to(g->committer->member, &json);
}

void pl_group_tell_state(const struct pl_group *g, size_t acked, size_t of)
{
    const struct pl_to_client_group_state message = {pl_str(g->name), (int64_t)g->epoch,
                                                     (int64_t)acked, (int64_t)of};
    struct pl_buf json = {0};
    pl_to_client_group_state(&json, &message);
    send_to_members(g, &json);
    pl_buf_free(&json);
}

/* The oldest of its kind go when there is no room. Without memory it is not kept: who misses it
 * finds a gap, and comes back by `group_resync`. */
static void keep(struct pl_group *g, const struct pl_buf *json, bool sealed)
{
    size_t *bytes = sealed ? &g->sealed_bytes : &g->log_bytes;
    size_t max = sealed ? PL_GROUP_SEALED_BYTES : PL_GROUP_LOG_BYTES;
    if (!pl_group_is_meetings(g))
        max /= PL_GROUP_PART;
    pl_list_each (struct pl_group_entry, e, &g->log, node) {
        if (e->sealed != sealed || *bytes + json->len <= max)
            continue;
        *bytes -= e->n;
        pl_list_remove(&e->node);
        free(e);
    }
    struct pl_group_entry *e = json->failed ? NULL : malloc(sizeof *e + json->len + 1);
    if (!e)
        return;
    e->epoch = g->epoch;
    e->sealed = sealed;
    e->n = json->len;
    memcpy(e->json, json->data, json->len + 1);
    pl_list_push(&g->log, &e->node);
    *bytes += e->n;
}

void pl_group_tell_missed(const struct pl_in_group *p)
{
    bool since = false;
    pl_list_each (const struct pl_group_entry, e, &p->group->log, node) {
        since |= e->epoch >= p->acked;
        if (!since)
            continue;
        struct pl_buf json = {0};
        pl_buf_add(&json, e->json, e->n);
        pl_client_send(p->member->client, &json);
        pl_buf_free(&json);
    }
}

void pl_group_tell_commit(struct pl_group *g, const struct pl_member *by,
                          const struct pl_to_server_commit *commit)
{
    const struct pl_to_client_handshake message = {
        .group = pl_str(g->name),
        .sequence = (int64_t)g->sequence,
        .epoch = commit->epoch,
        .by = pl_str(by->participant->id),
        .commit = commit->commit,
        .removed = commit->removed,
        .n_removed = commit->n_removed,
    };
    struct pl_buf json = {0};
    pl_to_client_handshake(&json, &message);
    send_to_members(g, &json);
    keep(g, &json, false);
    pl_buf_free(&json);
}

void pl_group_tell_welcome(const struct pl_in_group *p, const struct pl_member *by,
                           struct pl_str welcome)
{
    const struct pl_group *g = p->group;
    const struct pl_to_client_group_welcome message = {pl_str(g->name), (int64_t)g->epoch, welcome,
                                                       pl_str(by->participant->id)};
    struct pl_buf json = {0};
    pl_to_client_group_welcome(&json, &message);
    send_to(p->member, &json);
}

void pl_group_tell_refused(const struct pl_in_group *p)
{
    const struct pl_group *g = p->group;
    const struct pl_to_client_commit_refused message = {pl_str(g->name), (int64_t)g->epoch};
    struct pl_buf json = {0};
    pl_to_client_commit_refused(&json, &message);
    send_to(p->member, &json);
}

void pl_group_tell_info(const struct pl_in_group *p)
{
    const struct pl_group *g = p->group;
    const struct pl_to_client_group_info message = {pl_str(g->name), (int64_t)g->epoch,
                                                    pl_str(g->info)};
    struct pl_buf json = {0};
    pl_to_client_group_info(&json, &message);
    send_to(p->member, &json);
}

void pl_group_tell_sealed(struct pl_group *g, const struct pl_member *by,
                          const struct pl_to_server_sealed *sealed)
{
    const struct pl_to_client_sealed message = {
        .group = pl_str(g->name),
        .by = pl_str(by->participant->id),
        .epoch = sealed->epoch,
        .message = sealed->message,
        .caption = sealed->caption,
        .has_caption = sealed->caption,
        .at = pl_conference_now(g->conference),
    };
    struct pl_buf json = {0};
    pl_to_client_sealed(&json, &message);
    send_to_members(g, &json);
    if (!sealed->caption) /* of the moment */
        keep(g, &json, true);
    pl_buf_free(&json);
}

void pl_group_tell_dropped(struct pl_member *m)
{
    const struct pl_to_client_error message = {
        .code = pl_str("forbidden"),
        .message = pl_str("The members of the group did not add you."),
        .of = pl_str("key_package"),
    };
    struct pl_buf json = {0};
    pl_to_client_error(&json, &message);
    send_to(m, &json);
}
