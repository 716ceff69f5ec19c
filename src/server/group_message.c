/* What of a message to a group counts: who is added and removed, and by whom. See group.h. */
#include "server/conference_parts.h"
#include "server/group_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static enum pl_err refuse(struct pl_denial *d, enum pl_err err, const char *field, const char *why)
{
    snprintf(d->field, sizeof d->field, "%s", field ? field : "");
    snprintf(d->why, sizeof d->why, "%s", why);
    return err;
}

static bool is_base64url(struct pl_str text)
{
    size_t n;
    return text.n && pl_base64url_decode(text, NULL, 0, &n) == PL_OK;
}

#define NOT_BASE64URL "This is not base64url without padding, or it is empty."
#define NOT_THAT_EPOCH "The group has not come to this epoch yet."
#define NO_MEMORY "The server has no memory left."

static char *copy_of(struct pl_str text)
{
    return strndup(text.p, text.n);
}

static size_t count_leaves(const struct pl_group *g)
{
    size_t n = g->n_left;
    pl_list_each (const struct pl_in_group, p, &g->places, of_group) {
        n += p->in || p->package;
    }
    return n;
}

/* Of somebody who is among them already it means that they lost their place there. */
static enum pl_err on_key_package(struct pl_group *g, struct pl_member *m, struct pl_str package,
                                  struct pl_denial *d)
{
    struct pl_in_group *p = pl_group_place(g, m);
    if (!is_base64url(package))
        return refuse(d, PL_EINVAL, "package", NOT_BASE64URL);
    if (p && p->in) {
        pl_group_leave(p);
        p = NULL;
    }
    if (!(p && p->package) && count_leaves(g) >= PL_GROUP_LEAVES_MAX)
        return refuse(d, PL_ELIMIT, NULL, "This encrypted meeting is full.");
    char *copy = copy_of(package);
    p = copy ? pl_group_give_place(g, m) : NULL;
    if (!p) {
        free(copy);
        return refuse(d, PL_ENOMEM, NULL, NO_MEMORY);
    }
    free(p->package);
    p->package = copy;
    p->tries = 0;
    pl_group_work_changed(g);
    return PL_OK;
}

static enum pl_err check_create(const struct pl_to_server_group_create *create, uint8_t *raw_id,
                                size_t size, size_t *n, struct pl_denial *d)
{
    if (!is_base64url(create->id) || pl_base64url_decode(create->id, raw_id, size, n) != PL_OK)
        return refuse(d, PL_EINVAL, "id", NOT_BASE64URL);
    if (!is_base64url(create->group_info))
        return refuse(d, PL_EINVAL, "group_info", NOT_BASE64URL);
    return PL_OK;
}

static enum pl_err on_create(struct pl_group *g, struct pl_member *m,
                             const struct pl_to_server_group_create *create, struct pl_denial *d)
{
    if (g->id[0]) {
        pl_group_tell(g, m);
        return PL_OK;
    }
    enum pl_err err = check_create(create, g->raw_id, sizeof g->raw_id, &g->raw_id_len, d);
    if (err)
        return err;
    char *info = copy_of(create->group_info);
    struct pl_in_group *p = info ? pl_group_give_place(g, m) : NULL;
    if (!p) {
        free(info);
        return refuse(d, PL_ENOMEM, NULL, NO_MEMORY);
    }
    pl_group_drop_package(p);
    g->info = info;
    snprintf(g->id, sizeof g->id, "%.*s", (int)create->id.n, create->id.p);
    g->epoch_at = pl_conferences_now(g->conference->all);
    p->in = p->has_keys = p->hears = true;
    p->order = ++g->next_order;
    g->committer = p;
    pl_group_update_media(g, m);
    pl_group_tell_all(g);
    pl_group_work_changed(g);
    return PL_OK;
}

/* Is this the beginning of a message of this kind, for this group and epoch? */
static bool prefix_of(const struct pl_group *g, struct pl_str text, enum pl_mls_wire wire,
                      uint64_t epoch, struct pl_mls_prefix *out)
{
    static_assert(PL_GROUP_ID_SIZE == PL_MLS_GROUP_ID_MAX / 3 * 4 + 1, "base64url");
    uint8_t bytes[PL_MLS_PREFIX_MAX];
    size_t n;
    if (pl_base64url_decode(text, bytes, sizeof bytes, &n) != PL_OK ||
        pl_mls_prefix(bytes, n, out) != PL_OK)
        return false;
    bool ours =
        out->group_id_len == g->raw_id_len && memcmp(out->group_id, g->raw_id, g->raw_id_len) == 0;
    out->group_id = NULL; /* it ends with these bytes */
    return ours && out->wire == wire && out->epoch == epoch;
}

static struct pl_in_group *find_place(const struct pl_group *g, struct pl_str id)
{
    pl_list_each (struct pl_in_group, p, &g->places, of_group) {
        if (pl_str_eq(id, p->member->participant->id))
            return p;
    }
    return NULL;
}

static enum pl_err refuse_ref(struct pl_denial *d, enum pl_err err, const char *list, size_t i,
                              const char *why)
{
    char field[PL_FIELD_NAME_SIZE];
    snprintf(field, sizeof field, "%s[%zu].id", list, i);
    return refuse(d, err, field, why);
}

static bool is_among(struct pl_str id, const struct pl_act_ref *refs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (refs[i].id.n == id.n && memcmp(refs[i].id.p, id.p, id.n) == 0)
            return true;
    return false;
}

/* Only who waits is added, and only who left is removed: whatever the committer says. */
static enum pl_err check_refs(struct pl_group *g, const struct pl_to_server_commit *c,
                              struct pl_denial *d)
{
    for (size_t i = 0; i < c->n_removed; i++)
        if (pl_group_find_id(g->left, g->n_left, c->removed[i].id) == g->n_left)
            return refuse_ref(d, PL_ENOENT, "removed", i, "Nobody of this id has left.");
    for (size_t i = 0; i < c->n_added; i++) {
        struct pl_str id = c->added[i].id;
        const struct pl_in_group *p = find_place(g, id);
        if (is_among(id, c->added, i))
            return refuse_ref(d, PL_EINVAL, "added", i, "They are there twice.");
        if (!(p && p->offered) && pl_group_find_id(g->ghosts, g->n_ghosts, id) == g->n_ghosts)
            return refuse_ref(d, PL_ENOENT, "added", i, "Nobody of this id waits to be added.");
        if (pl_group_find_id(g->left, g->n_left, id) < g->n_left &&
            !is_among(id, c->removed, c->n_removed))
            return refuse_ref(d, PL_EINVAL, "added", i,
                              "They have a leaf of before, which is to be removed with this.");
    }
    return PL_OK;
}

static enum pl_err check_commit(struct pl_group *g, const struct pl_to_server_commit *c,
                                struct pl_denial *d)
{
    struct pl_mls_prefix p;
    if (!prefix_of(g, c->commit, PL_MLS_PUBLIC_MESSAGE, (uint64_t)c->epoch, &p) ||
        p.content != PL_MLS_COMMIT)
        return refuse(d, PL_EINVAL, "commit", "This is no commit of this group and epoch.");
    if (p.sender != PL_MLS_MEMBER && p.sender != PL_MLS_NEW_MEMBER_COMMIT)
        return refuse(d, PL_EAUTH, NULL, "Only members of the group commit to it.");
    if (!is_base64url(c->group_info))
        return refuse(d, PL_EINVAL, "group_info", NOT_BASE64URL);
    if (c->welcome.p ? !is_base64url(c->welcome) : c->n_added > 0)
        return refuse(d, PL_EINVAL, "welcome",
                      c->welcome.p ? NOT_BASE64URL : "Who is added needs a welcome.");
    return check_refs(g, c, d);
}

static void remove_id(char (*list)[PL_PARTICIPANT_ID_SIZE], size_t *n, struct pl_str id)
{
    size_t i = pl_group_find_id(list, *n, id);
    if (i == *n)
        return;
    (*n)--;
    memmove(list[i], list[i + 1], (*n - i) * sizeof *list);
}

void pl_group_left_out(struct pl_in_group *p)
{
    if (!p->offered || ++p->tries < PL_GROUP_TRIES)
        return;
    pl_group_drop_package(p);
    pl_group_tell_dropped(p->member);
}

static void admit(struct pl_group *g, const struct pl_member *by,
                  const struct pl_to_server_commit *c)
{
    for (size_t i = 0; i < c->n_added; i++) {
        struct pl_in_group *p = find_place(g, c->added[i].id);
        if (!p || !p->offered) { /* they left meanwhile: the leaf has to go again */
            char id[PL_PARTICIPANT_ID_SIZE];
            snprintf(id, sizeof id, "%.*s", (int)c->added[i].id.n, c->added[i].id.p);
            pl_group_add_id(g->left, &g->n_left, PL_GROUP_LEAVES_MAX, id);
            continue;
        }
        pl_group_drop_package(p);
        p->in = true;
        pl_group_tell_welcome(p, by, c->welcome);
    }
    g->n_ghosts = 0;
    pl_list_each (struct pl_in_group, p, &g->places, of_group) {
        pl_group_left_out(p);
    }
}

static enum pl_err on_commit(struct pl_in_group *p, const struct pl_to_server_commit *c,
                             struct pl_denial *d)
{
    struct pl_group *g = p->group;
    if ((uint64_t)c->epoch != g->epoch) {
        pl_group_tell_refused(p);
        return PL_OK;
    }
    enum pl_err err = check_commit(g, c, d);
    if (err)
        return err;
    char *info = copy_of(c->group_info);
    if (!info)
        return refuse(d, PL_ENOMEM, NULL, NO_MEMORY);
    free(g->info);
    g->info = info;
    g->sequence++;
    pl_group_tell_commit(g, p->member, c); /* to the members that were */
    g->epoch++;
    g->epoch_at = pl_conferences_now(g->conference->all);
    for (size_t i = 0; i < c->n_removed; i++)
        remove_id(g->left, &g->n_left, c->removed[i].id);
    admit(g, p->member, c);
    p->passed = false;
    g->asked = false;
    pl_group_work_changed(g);
    return PL_OK;
}

static enum pl_err on_ack(struct pl_in_group *p, uint64_t epoch, struct pl_denial *d)
{
    struct pl_group *g = p->group;
    if (epoch > g->epoch)
        return refuse(d, PL_EINVAL, "epoch", NOT_THAT_EPOCH);
    if (epoch <= p->acked && p->has_keys)
        return PL_OK;
    p->acked = epoch;
    p->passed = false;
    pl_group_state_changed(g);
    if (p->has_keys)
        return PL_OK;
    p->has_keys = true;
    p->order = ++g->next_order;
    p->hears_at = g->epoch_at + PL_GROUP_SWITCH;
    pl_group_update_media(g, p->member);
    return PL_OK;
}

/* What it says nobody here can read; whoever opens it asks the signed list who it is from. */
static enum pl_err check_caption(const struct pl_in_group *p,
                                 const struct pl_to_server_sealed *sealed, struct pl_denial *d)
{
    const struct pl_member *m = p->member;
    if (!pl_meeting_captions(m->conference->meeting, m->participant))
        return refuse(d, PL_EAUTH, NULL, "Only captioners type captions.");
    if (!pl_group_is_meetings(p->group))
        return refuse(d, PL_EINVAL, "group", "Captions are for everybody in the room.");
    if (sealed->message.n > PL_CAPTION_SEALED_MAX)
        return refuse(d, PL_ELIMIT, "message", "This is longer than a line of captions may be.");
    return PL_OK;
}

static enum pl_err on_sealed(struct pl_in_group *p, const struct pl_to_server_sealed *sealed,
                             struct pl_denial *d)
{
    struct pl_group *g = p->group;
    struct pl_mls_prefix prefix;
    if (!p->has_keys)
        return refuse(d, PL_EAUTH, NULL, "You are not a member of the group.");
    enum pl_err err = sealed->caption ? check_caption(p, sealed, d) : PL_OK;
    if (err)
        return err;
    if ((uint64_t)sealed->epoch > g->epoch)
        return refuse(d, PL_EINVAL, "epoch", NOT_THAT_EPOCH);
    if (!prefix_of(g, sealed->message, PL_MLS_PRIVATE_MESSAGE, (uint64_t)sealed->epoch, &prefix) ||
        prefix.content != PL_MLS_APPLICATION)
        return refuse(d, PL_EINVAL, "message", "This is no message of this group and epoch.");
    pl_group_tell_sealed(g, p->member, sealed);
    return PL_OK;
}

static struct pl_str name_in(const struct pl_to_server *message)
{
    switch (message->type) {
    case PL_TO_SERVER_KEY_PACKAGE:
        return message->key_package.group;
    case PL_TO_SERVER_GROUP_CREATE:
        return message->group_create.group;
    case PL_TO_SERVER_COMMIT:
        return message->commit.group;
    case PL_TO_SERVER_GROUP_ACK:
        return message->group_ack.group;
    case PL_TO_SERVER_GROUP_RESYNC:
        return message->group_resync.group;
    case PL_TO_SERVER_SEALED:
        return message->sealed.group;
    default:
        return pl_str("");
    }
}

/* Those who are no members have no part in these. */
static enum pl_err of_member(struct pl_in_group *p, const struct pl_to_server *message,
                             struct pl_denial *d)
{
    bool in = p && p->in;
    switch (message->type) {
    case PL_TO_SERVER_COMMIT:
        return in ? on_commit(p, &message->commit, d)
                  : refuse(d, PL_EAUTH, NULL, "Only members of the group commit to it.");
    case PL_TO_SERVER_GROUP_RESYNC:
        if (!in)
            return refuse(d, PL_EAUTH, NULL, "Only members of the group may come back to it.");
        pl_group_tell_info(p);
        return PL_OK;
    case PL_TO_SERVER_GROUP_ACK:
        if (in)
            return on_ack(p, (uint64_t)message->group_ack.epoch, d);
        break;
    default:
        if (in)
            return on_sealed(p, &message->sealed, d);
    }
    return refuse(d, PL_EAUTH, NULL, "You are not a member of the group.");
}

static enum pl_err to_group(struct pl_group *g, struct pl_member *m,
                            const struct pl_to_server *message, struct pl_denial *d)
{
    if (message->type == PL_TO_SERVER_GROUP_CREATE)
        return on_create(g, m, &message->group_create, d);
    if (message->type == PL_TO_SERVER_KEY_PACKAGE && (g->id[0] || pl_group_is_meetings(g)))
        return on_key_package(g, m, message->key_package.package, d);
    if (!g->id[0])
        return refuse(d, PL_ESTATE, NULL, "There is no group yet.");
    return of_member(pl_group_place(g, m), message, d);
}

/* A circle's group, which there is from its first message on. */
static enum pl_err find_group(struct pl_member *m, struct pl_str name, struct pl_group **out,
                              struct pl_denial *d)
{
    struct pl_conference *c = m->conference;
    struct pl_circle circle;
    if (pl_circle_find(c->definition, name, &circle) != PL_OK)
        return refuse(d, PL_ENOENT, "group", "There is no such group.");
    if (!pl_circle_has(c->definition, circle, m->participant->person))
        return refuse(d, PL_EAUTH, "group", "You are not one of those whose group this is.");
    *out = pl_group_find(c, circle);
    if (!*out)
        *out = pl_group_add(c, name, circle);
    return *out ? PL_OK : refuse(d, PL_ENOMEM, NULL, NO_MEMORY);
}

enum pl_err pl_group_message(struct pl_member *m, const struct pl_to_server *message,
                             struct pl_denial *d)
{
    struct pl_group *g;
    *d = (struct pl_denial){0};
    if (!m->conference->group)
        return refuse(d, PL_ESTATE, NULL, "This meeting is not encrypted.");
    if (!m->client || m->participant->place != PL_PLACE_ROOM)
        return refuse(d, PL_ESTATE, NULL, "You are not in the room yet.");
    enum pl_err err = find_group(m, name_in(message), &g, d);
    if (err)
        return err;
    err = to_group(g, m, message, d);
    if (!g->id[0] && !pl_group_is_meetings(g))
        pl_group_free(g); /* it did not begin */
    return err;
}
