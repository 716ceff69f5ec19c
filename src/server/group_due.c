/* What falls due in the group: who commits, who is passed over, when it ends, who hears. See
 * group.h. */
#include "server/conference_parts.h"
#include "server/group.h"

static bool can_commit(const struct pl_member *m)
{
    return m->client && m->group.in && m->group.order;
}

/* False: the group is no more. */
static bool watch(struct pl_group *g, pl_time_us now)
{
    bool any = false, able = false;
    pl_list_each (const struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        const struct pl_member *m = pl_member_of(p);
        any |= m && m->group.in;
        able |= m && can_commit(m);
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

/* Of those who may commit the one who is connected longest. */
static struct pl_member *longest(const struct pl_group *g, bool passed_too)
{
    struct pl_member *best = NULL;
    pl_list_each (struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        struct pl_member *m = pl_member_of(p);
        if (m && can_commit(m) && (passed_too || !m->group.passed) &&
            (!best || m->group.order < best->group.order))
            best = m;
    }
    return best;
}

static void elect(struct pl_group *g)
{
    struct pl_member *was = g->committer, *best = longest(g, false);
    if (!best) { /* all were asked: again from the first */
        pl_list_each (struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
            if (pl_member_of(p))
                pl_member_of(p)->group.passed = false;
        }
        best = longest(g, false);
    }
    if (best == was)
        return;
    g->committer = best;
    g->asked = false;
    g->work_news = true;
    if (was && was->client && was->participant->place == PL_PLACE_ROOM)
        pl_group_tell(g, was);
    if (best)
        pl_group_tell(g, best);
}

static bool work_waits(const struct pl_group *g)
{
    if (g->n_left)
        return true;
    pl_list_each (const struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        if (pl_member_of(p) && pl_member_of(p)->group.package)
            return true;
    }
    return false;
}

/* The committer let it wait too long. */
static void pass_over(struct pl_group *g)
{
    g->committer->group.passed = true;
    g->asked = false;
    pl_list_each (struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        if (pl_member_of(p))
            pl_group_left_out(pl_member_of(p));
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
    pl_list_each (const struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        const struct pl_member *m = pl_member_of(p);
        if (!m || !m->client || !m->group.in)
            continue;
        of++;
        acked += m->group.has_keys && m->group.acked == g->epoch;
    }
    pl_list_each (struct pl_participant, p, pl_meeting_list(g->conference->meeting), node) {
        struct pl_member *m = pl_member_of(p);
        if (!m || !m->group.in || !m->group.has_keys || m->group.hears)
            continue;
        if (acked == of || now >= m->group.hears_at) {
            m->group.hears = true;
            pl_leg_update_ears(m);
        } else {
            pl_group_wake(g, m->group.hears_at);
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

void pl_group_run(struct pl_group *g, pl_time_us now)
{
    if (now < g->wake_at)
        return;
    g->wake_at = PL_NEVER;
    if (!g->id[0] || !watch(g, now))
        return;
    elect(g);
    ask(g, now);
    tell_state(g, now);
}
