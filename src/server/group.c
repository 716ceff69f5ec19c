/* See group.h. Who is in which group, and which groups there are; what of a message counts is in
 * group_message.c, who commits, and when, in group_due.c, what clients are told in group_told.c. */
#include "server/group.h"

#include "server/conference_parts.h"
#include "server/group_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* Groups */

static struct pl_group *new_group(struct pl_conference *c, struct pl_str name,
                                  struct pl_circle circle)
{
    struct pl_group *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->conference = c;
    g->circle = circle;
    g->wake_at = g->lost_at = PL_NEVER;
    snprintf(g->name, sizeof g->name, "%.*s", (int)name.n, name.p);
    pl_list_init(&g->node);
    pl_list_init(&g->places);
    pl_list_init(&g->log);
    return g;
}

struct pl_group *pl_group_new(struct pl_conference *c)
{
    return new_group(c, pl_str(PL_CIRCLE_MEETING), (struct pl_circle){PL_CIRCLE_WHOLE, PL_NO_SEAT});
}

/* Nobody is in it any more. */
static void forget_log(struct pl_group *g)
{
    pl_list_each (struct pl_group_entry, e, &g->log, node) {
        pl_list_remove(&e->node);
        free(e);
    }
    g->log_bytes = g->sealed_bytes = 0;
    free(g->info);
    g->info = NULL;
}

void pl_group_free(struct pl_group *g)
{
    if (!g)
        return;
    pl_list_each (struct pl_in_group, p, &g->places, of_group) {
        pl_group_forget(p);
    }
    forget_log(g);
    pl_list_remove(&g->node);
    free(g);
}

bool pl_group_is_meetings(const struct pl_group *g)
{
    return g->circle.kind == PL_CIRCLE_WHOLE;
}

struct pl_group *pl_group_find(struct pl_conference *c, struct pl_circle circle)
{
    if (circle.kind == PL_CIRCLE_WHOLE)
        return c->group;
    pl_list_each (struct pl_group, g, &c->groups, node) {
        if (g->circle.kind == circle.kind && g->circle.seat == circle.seat)
            return g;
    }
    return NULL;
}

struct pl_group *pl_group_add(struct pl_conference *c, struct pl_str name, struct pl_circle circle)
{
    struct pl_group *g = new_group(c, name, circle);
    if (g)
        pl_list_push(&c->groups, &g->node);
    return g;
}

void pl_group_wake(struct pl_group *g, pl_time_us at)
{
    if (at < g->wake_at)
        g->wake_at = at;
    pl_conferences_due(g->conference->all, at);
}

void pl_group_state_changed(struct pl_group *g)
{
    g->state_news = true;
    pl_group_wake(g, pl_conferences_now(g->conference->all));
}

void pl_group_work_changed(struct pl_group *g)
{
    g->work_news = true;
    pl_group_state_changed(g);
}

/* Who is in them */

struct pl_in_group *pl_group_place(const struct pl_group *g, const struct pl_member *m)
{
    pl_list_each (struct pl_in_group, p, &m->groups, of_member) {
        if (p->group == g)
            return p;
    }
    return NULL;
}

struct pl_in_group *pl_group_give_place(struct pl_group *g, struct pl_member *m)
{
    struct pl_in_group *p = pl_group_place(g, m);
    if (p)
        return p;
    p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->group = g;
    p->member = m;
    pl_list_init(&p->of_group);
    pl_list_init(&p->of_member);
    pl_list_push(&g->places, &p->of_group);
    pl_list_push(&m->groups, &p->of_member);
    return p;
}

bool pl_group_admits(const struct pl_group *g, const struct pl_member *m)
{
    return m->client && m->participant->place == PL_PLACE_ROOM &&
           pl_circle_has(g->conference->definition, g->circle, m->participant->person);
}

bool pl_group_sends(const struct pl_member *m)
{
    const struct pl_group *g = m->conference->group;
    const struct pl_in_group *p = g ? pl_group_place(g, m) : NULL;
    return !g || (p && p->in && p->has_keys);
}

bool pl_group_hears(const struct pl_member *m)
{
    const struct pl_group *g = m->conference->group;
    const struct pl_in_group *p = g ? pl_group_place(g, m) : NULL;
    return !g || (p && p->in && p->hears);
}

void pl_group_update_media(const struct pl_group *g, struct pl_member *m)
{
    if (!pl_group_is_meetings(g))
        return;
    pl_leg_update_sources(m);
    pl_leg_update_ears(m);
    pl_member_changed(m);
}

void pl_group_drop_package(struct pl_in_group *p)
{
    free(p->package);
    p->package = NULL;
    p->offered = false;
    p->tries = 0;
}

void pl_group_forget(struct pl_in_group *p)
{
    if (p->group->committer == p) {
        p->group->committer = NULL;
        p->group->asked = false;
    }
    pl_group_drop_package(p);
    pl_list_remove(&p->of_group);
    pl_list_remove(&p->of_member);
    free(p);
}

size_t pl_group_find_id(char (*list)[PL_PARTICIPANT_ID_SIZE], size_t n, struct pl_str id)
{
    size_t i = 0;
    while (i < n && !pl_str_eq(id, list[i]))
        i++;
    return i;
}

void pl_group_add_id(char (*list)[PL_PARTICIPANT_ID_SIZE], size_t *n, size_t max, const char *id)
{
    if (pl_group_find_id(list, *n, pl_str(id)) == *n && *n < max)
        snprintf(list[(*n)++], PL_PARTICIPANT_ID_SIZE, "%s", id);
}

/* Their leaf is to be removed, or one that they may come to have. */
static void note_leaf(struct pl_in_group *p)
{
    struct pl_group *g = p->group;
    const char *id = p->member->participant->id;
    if (p->in)
        pl_group_add_id(g->left, &g->n_left, PL_GROUP_LEAVES_MAX, id);
    else if (p->offered)
        pl_group_add_id(g->ghosts, &g->n_ghosts, PL_GROUP_BATCH_MAX, id);
}

void pl_group_leave(struct pl_in_group *p)
{
    struct pl_group *g = p->group;
    struct pl_member *m = p->member;
    note_leaf(p);
    pl_group_forget(p);
    pl_group_update_media(g, m);
    pl_group_work_changed(g);
}

void pl_group_depart(struct pl_member *m)
{
    pl_list_each (struct pl_in_group, p, &m->groups, of_member) {
        pl_group_leave(p);
    }
}

void pl_group_disconnected(struct pl_member *m)
{
    pl_list_each (struct pl_in_group, p, &m->groups, of_member) {
        if (!p->in)
            note_leaf(p);
        pl_group_drop_package(p);
        p->order = 0;
        pl_group_work_changed(p->group);
    }
}

static void tell_arrived(struct pl_group *g, struct pl_member *m)
{
    struct pl_in_group *p = pl_group_place(g, m);
    if (!pl_group_admits(g, m))
        return;
    if (p && p->has_keys)
        p->order = ++g->next_order;
    pl_group_tell(g, m);
    if (p && p->has_keys)
        pl_group_tell_missed(p);
    pl_group_state_changed(g);
}

void pl_group_arrive(struct pl_member *m, bool same_page)
{
    struct pl_conference *c = m->conference;
    if (!c->group)
        return;
    if (!same_page)
        pl_group_depart(m);
    pl_list_each (struct pl_group, g, &c->groups, node) {
        tell_arrived(g, m);
    }
    tell_arrived(c->group, m); /* the last one: what was not told before it is no more */
}

void pl_group_retire(struct pl_group *g)
{
    while (!pl_list_empty(&g->places)) {
        struct pl_in_group *p = pl_container_of(g->places.next, struct pl_in_group, of_group);
        struct pl_member *m = p->member;
        pl_group_forget(p);
        pl_group_update_media(g, m);
    }
    forget_log(g);
    g->id[0] = 0;
    g->epoch = g->sequence = 0;
    g->n_left = g->n_ghosts = 0;
    g->asked = g->work_news = g->state_news = false;
    g->state_at = 0;
    g->wake_at = g->lost_at = PL_NEVER;
    pl_group_tell_all(g);
}
