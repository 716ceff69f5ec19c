/* Participants whose media is traced: ten times a second each of their transports is looked at on
 * its media thread, and what comes back goes into the trace. Those who are not traced cost nothing.
 */
#include "server/conference_parts.h"

#include <string.h>

static struct pl_member *member_by_id(const struct pl_conference *c, struct pl_str id)
{
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        if (pl_str_eq(id, p->id))
            return pl_member_of(p);
    }
    return NULL;
}

bool pl_conference_has(const struct pl_conference *c, struct pl_str participant)
{
    return member_by_id(c, participant) != NULL;
}

void pl_conference_each(const struct pl_conference *c,
                        void (*each)(void *ctx, const struct pl_participant *p, bool traced),
                        void *ctx)
{
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        each(ctx, p, pl_member_of(p)->trace != NULL);
    }
}

static size_t count(const struct pl_conferences *all)
{
    size_t n = 0;
    pl_list_each (struct pl_member, m, &all->traced, traced) {
        n++;
    }
    return n;
}

enum pl_err pl_conference_trace(struct pl_conference *c, struct pl_str participant,
                                unsigned seconds, const struct pl_trace_out *out)
{
    struct pl_conferences *all = c->all;
    struct pl_member *m = member_by_id(c, participant);
    pl_time_us now = pl_conferences_now(all);
    if (!m)
        return PL_ENOENT;
    if (m->trace)
        return PL_EEXIST;
    if (count(all) >= PL_TRACES_MAX)
        return PL_ELIMIT;
    const struct pl_trace_subject subject = {
        .meeting = pl_str(c->id),
        .participant = participant,
        .wall_ms = all->config.wall_ms(all->config.ctx),
        .now = now,
    };
    enum pl_err err = pl_trace_new(&subject, out, &m->trace);
    if (err)
        return err;
    m->trace_until = now + seconds * PL_SECOND;
    pl_list_push(&all->traced, &m->traced);
    all->trace_at = now;
    pl_conferences_due(all, now);
    return PL_OK;
}

enum pl_err pl_conference_trace_end(struct pl_conference *c, struct pl_str participant)
{
    struct pl_member *m = member_by_id(c, participant);
    if (!m || !m->trace)
        return PL_ENOENT;
    pl_tracing_end(m, "stopped");
    return PL_OK;
}

void pl_tracing_end(struct pl_member *m, const char *why)
{
    pl_trace_end(m->trace, why);
    m->trace = NULL;
    pl_list_remove(&m->traced);
}

void pl_tracing_view(struct pl_member *m, const struct pl_peer_view *view)
{
    if (m->trace && !pl_trace_view(m->trace, view, pl_media_path_is_tcp(&view->path)))
        pl_tracing_end(m, "full");
}

void pl_tracing_run(struct pl_conferences *all, pl_time_us now)
{
    if (pl_list_empty(&all->traced))
        return;
    if (now < all->trace_at) {
        pl_conferences_due(all, all->trace_at);
        return;
    }
    pl_list_each (struct pl_member, m, &all->traced, traced) {
        if (now >= m->trace_until) {
            pl_tracing_end(m, "over");
            continue;
        }
        pl_list_each (struct pl_leg, leg, &m->legs, node) {
            pl_media_look(all->media, leg->id);
        }
    }
    all->trace_at = now + PL_TRACE_EVERY_US;
    pl_conferences_due(all, all->trace_at);
}
