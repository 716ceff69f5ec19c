/* What falls due in the group: who commits, who is passed over, when it ends, who hears. See
 * group.h. */
#include "server/conference_parts.h"
#include "server/group_parts.h"

static bool can_commit(const struct pl_in_group *p)
{
    return p->member->client && p->in && p->order;
}

static bool is_silent(const struct pl_in_group *p, pl_time_us now, pl_time_us time)
{
    return now - p->member->heard >= time;
}

/* Who was not heard of for too long is out, as long as there is somebody else: when all are silent
 * it may be the server's own line. */
static void leave_silent(struct pl_group *g, pl_time_us now)
{
    const pl_time_us time = PL_GROUP_SILENT - PL_GROUP_DOUBT;
    bool somebody = false;
    pl_list_each (const struct pl_in_group, p, &g->places, of_group) {
        somebody |= can_commit(p) && !is_silent(p, now, PL_GROUP_SILENT);
    }
    pl_list_each (struct pl_in_group, p, &g->places, of_group) {
        struct pl_member *m = p->member;
        if (!p->in)
            continue;
        if (!is_silent(p, now, time)) {
            p->doubted = 0;
            pl_group_wake(g, m->heard + time);
        } else if (!p->doubted || !somebody || g->unheard) {
            p->doubted = now;
            pl_group_wake(g, now + PL_GROUP_DOUBT);
        } else if (now - p->doubted < PL_GROUP_DOUBT) {
            pl_group_wake(g, p->doubted + PL_GROUP_DOUBT);
        } else {
            pl_group_leave(p);
            if (pl_group_admits(g, m))
                pl_group_tell(g, m);
        }
    }
    g->unheard = !somebody;
}

/* False: the group is no more. */
static bool watch(struct pl_group *g, pl_time_us now)
{
    bool any = false, able = false;
    pl_list_each (const struct pl_in_group, p, &g->places, of_group) {
        any |= p->in;
        able |= can_commit(p);
    }
    if (able)
        g->lost_at = PL_NEVER;
    else if (g->lost_at == PL_NEVER)
        g->lost_at = now;
    if (!any || (!able && now - g->lost_at >= PL_GROUP_LOST)) {
        pl_group_retire(g);
        return false;
    }
    if (!able)
        pl_group_wake(g, g->lost_at + PL_GROUP_LOST);
    return true;
}

/* Of those who may commit, and were not passed over, the one who is connected longest. */
static struct pl_in_group *longest(const struct pl_group *g)
{
    struct pl_in_group *best = NULL;
    pl_list_each (struct pl_in_group, p, &g->places, of_group) {
        if (can_commit(p) && !p->passed && (!best || p->order < best->order))
            best = p;
    }
    return best;
}

static void elect(struct pl_group *g)
{
    struct pl_in_group *was = g->committer, *best = longest(g);
    if (!best) { /* all were asked: again from the first */
        pl_list_each (struct pl_in_group, p, &g->places, of_group) {
            p->passed = false;
        }
        best = longest(g);
    }
    if (best == was)
        return;
    g->committer = best;
    g->asked = false;
    g->work_news = true;
    if (was && pl_group_admits(g, was->member))
        pl_group_tell(g, was->member);
    if (best)
        pl_group_tell(g, best->member);
}

static bool work_waits(const struct pl_group *g)
{
    if (g->n_left)
        return true;
    pl_list_each (const struct pl_in_group, p, &g->places, of_group) {
        if (p->package)
            return true;
    }
    return false;
}

/* The committer let it wait too long. */
static void pass_over(struct pl_group *g)
{
    g->committer->passed = true;
    g->asked = false;
    pl_list_each (struct pl_in_group, p, &g->places, of_group) {
        pl_group_left_out(p);
    }
    elect(g);
    g->work_news = true;
}

static void ask(struct pl_group *g, pl_time_us now)
{
    if (g->asked && g->committer && now - g->asked_at >= PL_GROUP_HAND_OVER)
        pass_over(g);
    if (!g->committer || !work_waits(g)) {
        g->asked = false;
        return;
    }
    if (g->work_news)
        pl_group_tell_work(g);
    g->work_news = false;
    if (!g->asked)
        g->asked_at = now;
    g->asked = true;
    pl_group_wake(g, g->asked_at + PL_GROUP_HAND_OVER);
}

/* How many have the keys, and who hears now. */
static void tell_state(struct pl_group *g, pl_time_us now)
{
    size_t acked = 0, of = 0;
    pl_list_each (const struct pl_in_group, p, &g->places, of_group) {
        if (!p->member->client || !p->in)
            continue;
        of++;
        acked += p->has_keys && p->acked == g->epoch;
    }
    pl_list_each (struct pl_in_group, p, &g->places, of_group) {
        if (!p->in || !p->has_keys || p->hears)
            continue;
        if (acked == of || now >= p->hears_at) {
            p->hears = true;
            pl_leg_update_ears(p->member);
        } else {
            pl_group_wake(g, p->hears_at);
        }
    }
    if (!g->state_news)
        return;
    if (acked < of && now < g->state_at) {
        pl_group_wake(g, g->state_at);
        return;
    }
    g->state_news = false;
    g->state_at = now + PL_GROUP_STATE_EVERY;
    pl_group_tell_state(g, acked, of);
}

static void run(struct pl_group *g, pl_time_us now)
{
    if (now < g->wake_at) {
        if (g->wake_at != PL_NEVER) /* this turn was for something else */
            pl_conferences_due(g->conference->all, g->wake_at);
        return;
    }
    g->wake_at = PL_NEVER;
    if (!g->id[0])
        return;
    leave_silent(g, now);
    if (!watch(g, now))
        return;
    elect(g);
    ask(g, now);
    tell_state(g, now);
}

void pl_groups_run(struct pl_conference *c, pl_time_us now)
{
    if (!c->group)
        return;
    run(c->group, now);
    pl_list_each (struct pl_group, g, &c->groups, node) {
        run(g, now);
        if (!g->id[0])
            pl_group_free(g);
    }
}
