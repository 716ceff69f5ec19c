/* See group.h. Who is in the group, and what of a message counts; who commits, and when, is in
 * group_due.c, what clients are told in group_told.c. */
#include "server/group.h"

#include "server/conference_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static void begin(struct pl_group *g, struct pl_conference *c)
{
    memset(g, 0, sizeof *g);
    g->conference = c;
    g->wake_at = g->lost_at = PL_NEVER;
    pl_list_init(&g->log);
}

struct pl_group *pl_group_new(struct pl_conference *c)
{
    struct pl_group *g = malloc(sizeof *g);
    if (g)
        begin(g, c);
    return g;
}

static void clear(struct pl_group *g)
{
    pl_list_each (struct pl_group_entry, e, &g->log, node) {
        pl_list_remove(&e->node);
        free(e);
    }
    free(g->info);
    begin(g, g->conference);
}

void pl_group_free(struct pl_group *g)
{
    if (!g)
        return;
    clear(g);
    free(g);
}

/* Who is among them */

static struct pl_group *group_of(const struct pl_member *m)
{
    return m->conference->group;
}

static bool in_room(const struct pl_member *m)
{
    return m->client && m->participant->place == PL_PLACE_ROOM;
}

bool pl_group_sends(const struct pl_member *m)
{
    return !group_of(m) || (m->group.in && m->group.has_keys);
}

bool pl_group_hears(const struct pl_member *m)
{
    return !group_of(m) || (m->group.in && m->group.hears);
}

void pl_group_wake(struct pl_group *g, pl_time_us at)
{
    if (at < g->wake_at)
        g->wake_at = at;
    pl_conferences_due(g->conference->all, at);
}

/* Who has the keys, or may commit. */
static void state_changed(struct pl_group *g)
{
    g->state_news = true;
    pl_group_wake(g, pl_conferences_now(g->conference->all));
}

/* And what waits for a commit. */
static void work_changed(struct pl_group *g)
{
    g->work_news = true;
    state_changed(g);
}

static void update_media(struct pl_member *m)
{
    pl_leg_update_sources(m);
    pl_leg_update_ears(m);
    pl_member_changed(m);
}

static void drop_package(struct pl_member *m)
{
    free(m->group.package);
    m->group.package = NULL;
    m->group.offered = false;
    m->group.tries = 0;
}

static size_t find_id(char (*list)[PL_PARTICIPANT_ID_SIZE], size_t n, struct pl_str id)
{
    size_t i = 0;
    while (i < n && !pl_str_eq(id, list[i]))
        i++;
    return i;
}

static void add_id(char (*list)[PL_PARTICIPANT_ID_SIZE], size_t *n, size_t max, const char *id)
{
    if (find_id(list, *n, pl_str(id)) == *n && *n < max)
        snprintf(list[(*n)++], PL_PARTICIPANT_ID_SIZE, "%s", id);
}

static void remove_id(char (*list)[PL_PARTICIPANT_ID_SIZE], size_t *n, struct pl_str id)
{
    size_t i = find_id(list, *n, id);
    if (i == *n)
        return;
    (*n)--;
    memmove(list[i], list[i + 1], (*n - i) * sizeof *list);
}

void pl_group_depart(struct pl_member *m)
{
    struct pl_group *g = group_of(m);
    if (!g)
        return;
    if (m->group.in)
        add_id(g->left, &g->n_left, PL_GROUP_LEAVES_MAX, m->participant->id);
    else if (m->group.offered)
        add_id(g->ghosts, &g->n_ghosts, PL_GROUP_BATCH_MAX, m->participant->id);
    if (g->committer == m) {
        g->committer = NULL;
        g->asked = false;
    }
    drop_package(m);
    m->group = (struct pl_in_group){0};
    update_media(m);
    work_changed(g);
}

void pl_group_disconnected(struct pl_member *m)
{
    struct pl_group *g = group_of(m);
    if (!g)
        return;
    if (m->group.offered)
        add_id(g->ghosts, &g->n_ghosts, PL_GROUP_BATCH_MAX, m->participant->id);
    drop_package(m);
    m->group.order = 0;
    work_changed(g);
}

void pl_group_arrive(struct pl_member *m, bool same_page)
{
    struct pl_group *g = group_of(m);
    if (!g || !in_room(m))
        return;
    if (!same_page && (m->group.in || m->group.package))
        pl_group_depart(m);
    if (m->group.has_keys)
        m->group.order = ++g->next_order;
    pl_group_tell(g, m);
    if (m->group.has_keys)
        pl_group_tell_missed(g, m);
    state_changed(g);
}

void pl_group_retire(struct pl_group *g)
{
    clear(g);
    pl_list_each (struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        struct pl_member *m = pl_member_of(p);
        if (!m)
            continue;
        drop_package(m);
        m->group = (struct pl_in_group){0};
        update_media(m);
    }
    pl_group_tell_all(g);
}

/* In */

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

static char *copy_of(struct pl_str text)
{
    return strndup(text.p, text.n);
}

static size_t count_leaves(const struct pl_group *g)
{
    size_t n = g->n_left;
    pl_list_each (const struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        const struct pl_member *m = pl_member_of(p);
        n += m && (m->group.in || m->group.package);
    }
    return n;
}

/* Of somebody who is among them already it means that they lost their place there. */
static enum pl_err on_key_package(struct pl_group *g, struct pl_member *m, struct pl_str package,
                                  struct pl_denial *d)
{
    if (!is_base64url(package))
        return refuse(d, PL_EINVAL, "package", NOT_BASE64URL);
    if (m->group.in)
        pl_group_depart(m);
    if (!m->group.package && count_leaves(g) >= PL_GROUP_LEAVES_MAX)
        return refuse(d, PL_ELIMIT, NULL, "This encrypted meeting is full.");
    char *copy = copy_of(package);
    if (!copy)
        return refuse(d, PL_ENOMEM, NULL, "The server has no memory left.");
    free(m->group.package);
    m->group.package = copy;
    m->group.tries = 0;
    work_changed(g);
    return PL_OK;
}

static enum pl_err on_create(struct pl_group *g, struct pl_member *m,
                             const struct pl_to_server_group_create *create, struct pl_denial *d)
{
    size_t n;
    if (g->id[0]) {
        pl_group_tell(g, m);
        return PL_OK;
    }
    if (!is_base64url(create->id) ||
        pl_base64url_decode(create->id, g->raw_id, sizeof g->raw_id, &n) != PL_OK)
        return refuse(d, PL_EINVAL, "id", NOT_BASE64URL);
    if (!is_base64url(create->group_info))
        return refuse(d, PL_EINVAL, "group_info", NOT_BASE64URL);
    char *info = copy_of(create->group_info);
    if (!info)
        return refuse(d, PL_ENOMEM, NULL, "The server has no memory left.");
    drop_package(m);
    g->info = info;
    g->raw_id_len = n;
    snprintf(g->id, sizeof g->id, "%.*s", (int)create->id.n, create->id.p);
    g->epoch_at = pl_conferences_now(g->conference->all);
    m->group =
        (struct pl_in_group){.in = true, .has_keys = true, .order = ++g->next_order, .hears = true};
    g->committer = m;
    update_media(m);
    pl_group_tell_all(g);
    work_changed(g);
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

static struct pl_member *find_member(const struct pl_group *g, struct pl_str id)
{
    pl_list_each (struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        if (pl_str_eq(id, p->id))
            return pl_member_of(p);
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
        if (find_id(g->left, g->n_left, c->removed[i].id) == g->n_left)
            return refuse_ref(d, PL_ENOENT, "removed", i, "Nobody of this id has left.");
    for (size_t i = 0; i < c->n_added; i++) {
        struct pl_str id = c->added[i].id;
        const struct pl_member *m = find_member(g, id);
        if (is_among(id, c->added, i))
            return refuse_ref(d, PL_EINVAL, "added", i, "They are there twice.");
        if (!(m && m->group.offered) && find_id(g->ghosts, g->n_ghosts, id) == g->n_ghosts)
            return refuse_ref(d, PL_ENOENT, "added", i, "Nobody of this id waits to be added.");
        if (find_id(g->left, g->n_left, id) < g->n_left && !is_among(id, c->removed, c->n_removed))
            return refuse_ref(d, PL_EINVAL, "added", i,
                              "They have a leaf of before, which is to be removed with this.");
    }
    return PL_OK;
}

static enum pl_err check_commit(struct pl_group *g, const struct pl_member *m,
                                const struct pl_to_server_commit *c, struct pl_denial *d)
{
    struct pl_mls_prefix p;
    if (!prefix_of(g, c->commit, PL_MLS_PUBLIC_MESSAGE, (uint64_t)c->epoch, &p) ||
        p.content != PL_MLS_COMMIT)
        return refuse(d, PL_EINVAL, "commit", "This is no commit of this group and epoch.");
    bool external = p.sender == PL_MLS_NEW_MEMBER_COMMIT;
    if (!m->group.in || (p.sender != PL_MLS_MEMBER && !external))
        return refuse(d, PL_EAUTH, NULL, "Only members of the group commit to it.");
    if (!is_base64url(c->group_info))
        return refuse(d, PL_EINVAL, "group_info", NOT_BASE64URL);
    if (c->welcome.p ? !is_base64url(c->welcome) : c->n_added > 0)
        return refuse(d, PL_EINVAL, "welcome",
                      c->welcome.p ? NOT_BASE64URL : "Who is added needs a welcome.");
    return check_refs(g, c, d);
}

void pl_group_left_out(struct pl_member *m)
{
    if (!m->group.offered || ++m->group.tries < PL_GROUP_TRIES)
        return;
    drop_package(m);
    pl_group_tell_dropped(m);
}

static void admit(struct pl_group *g, struct pl_member *by, const struct pl_to_server_commit *c)
{
    for (size_t i = 0; i < c->n_added; i++) {
        struct pl_member *m = find_member(g, c->added[i].id);
        if (!m || !m->group.offered) { /* they left meanwhile: the leaf has to go again */
            char id[PL_PARTICIPANT_ID_SIZE];
            snprintf(id, sizeof id, "%.*s", (int)c->added[i].id.n, c->added[i].id.p);
            add_id(g->left, &g->n_left, PL_GROUP_LEAVES_MAX, id);
            continue;
        }
        drop_package(m);
        m->group.in = true;
        pl_group_tell_welcome(g, m, by, c->welcome);
    }
    g->n_ghosts = 0;
    pl_list_each (struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        if (pl_member_of(p))
            pl_group_left_out(pl_member_of(p));
    }
}

static enum pl_err on_commit(struct pl_group *g, struct pl_member *m,
                             const struct pl_to_server_commit *c, struct pl_denial *d)
{
    if ((uint64_t)c->epoch != g->epoch) {
        if (!m->group.in)
            return refuse(d, PL_EAUTH, NULL, "Only members of the group commit to it.");
        pl_group_tell_refused(g, m);
        return PL_OK;
    }
    enum pl_err err = check_commit(g, m, c, d);
    if (err)
        return err;
    char *info = copy_of(c->group_info);
    if (!info)
        return refuse(d, PL_ENOMEM, NULL, "The server has no memory left.");
    free(g->info);
    g->info = info;
    g->sequence++;
    pl_group_tell_commit(g, m, c); /* to the members that were */
    g->epoch++;
    g->epoch_at = pl_conferences_now(g->conference->all);
    for (size_t i = 0; i < c->n_removed; i++)
        remove_id(g->left, &g->n_left, c->removed[i].id);
    admit(g, m, c);
    m->group.passed = false;
    g->asked = false;
    work_changed(g);
    return PL_OK;
}

static enum pl_err on_ack(struct pl_group *g, struct pl_member *m, uint64_t epoch,
                          struct pl_denial *d)
{
    if (!m->group.in)
        return refuse(d, PL_EAUTH, NULL, "You are not a member of the group.");
    if (epoch > g->epoch)
        return refuse(d, PL_EINVAL, "epoch", "The group has not come to this epoch yet.");
    if (epoch <= m->group.acked && m->group.has_keys)
        return PL_OK;
    m->group.acked = epoch;
    m->group.passed = false;
    state_changed(g);
    if (m->group.has_keys)
        return PL_OK;
    m->group.has_keys = true;
    m->group.order = ++g->next_order;
    m->group.hears_at = g->epoch_at + PL_GROUP_SWITCH;
    update_media(m);
    return PL_OK;
}

static enum pl_err on_sealed(struct pl_group *g, struct pl_member *m,
                             const struct pl_to_server_sealed *sealed, struct pl_denial *d)
{
    struct pl_mls_prefix p;
    if (!pl_group_sends(m))
        return refuse(d, PL_EAUTH, NULL, "You are not a member of the group.");
    if ((uint64_t)sealed->epoch > g->epoch)
        return refuse(d, PL_EINVAL, "epoch", "The group has not come to this epoch yet.");
    if (!prefix_of(g, sealed->message, PL_MLS_PRIVATE_MESSAGE, (uint64_t)sealed->epoch, &p) ||
        p.content != PL_MLS_APPLICATION)
        return refuse(d, PL_EINVAL, "message", "This is no message of this group and epoch.");
    pl_group_tell_sealed(g, m, sealed);
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

enum pl_err pl_group_message(struct pl_member *m, const struct pl_to_server *message,
                             struct pl_denial *d)
{
    struct pl_group *g = group_of(m);
    *d = (struct pl_denial){0};
    if (!g)
        return refuse(d, PL_ESTATE, NULL, "This meeting is not encrypted.");
    if (!in_room(m))
        return refuse(d, PL_ESTATE, NULL, "You are not in the room yet.");
    if (!pl_str_eq(name_in(message), PL_GROUP_NAME))
        return refuse(d, PL_ENOENT, "group", "There is no such group.");
    if (message->type == PL_TO_SERVER_KEY_PACKAGE)
        return on_key_package(g, m, message->key_package.package, d);
    if (message->type == PL_TO_SERVER_GROUP_CREATE)
        return on_create(g, m, &message->group_create, d);
    if (!g->id[0])
        return refuse(d, PL_ESTATE, NULL, "There is no group yet.");
    if (message->type == PL_TO_SERVER_COMMIT)
        return on_commit(g, m, &message->commit, d);
    if (message->type == PL_TO_SERVER_GROUP_ACK)
        return on_ack(g, m, (uint64_t)message->group_ack.epoch, d);
    if (message->type == PL_TO_SERVER_SEALED)
        return on_sealed(g, m, &message->sealed, d);
    if (!m->group.in)
        return refuse(d, PL_EAUTH, NULL, "Only members of the group may come back to it.");
    pl_group_tell_info(g, m);
    return PL_OK;
}
