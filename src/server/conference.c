/* The live meetings: finding and starting them, their timers, the events of the media threads. See
 * conference.h; people are in member.c, transports in leg.c and feed.c, browsers in client.c. */
#include "server/conference.h"

#include "server/conference_parts.h"

#include <stdio.h>
#include <stdlib.h>

enum pl_err pl_conferences_new(const struct pl_conferences_config *config,
                               struct pl_conferences **out)
{
    struct pl_conferences *all = calloc(1, sizeof *all);
    if (!all)
        return PL_ENOMEM;
    all->config = *config;
    pl_map_init(&all->by_id, &config->random);
    pl_map_init(&all->by_room, &config->random);
    pl_map_init(&all->legs, &config->random);
    pl_map_init(&all->sources, &config->random);
    pl_list_init(&all->fresh);
    pl_list_init(&all->grace);
    pl_list_init(&all->idle);
    pl_list_init(&all->dirty);
    pl_list_init(&all->telling);
    pl_list_init(&all->news);
    pl_list_init(&all->changed);
    pl_list_init(&all->traced);
    all->next_room = 1;
    all->wake_at = PL_NEVER;
    enum pl_err err = pl_record_open(all);
    if (err) {
        free(all);
        return err;
    }
    *out = all;
    return PL_OK;
}

static void free_conference(struct pl_conference *c)
{
    pl_map_remove(&c->all->by_id, c->id, strlen(c->id));
    pl_map_remove(&c->all->by_room, &c->room, sizeof c->room);
    pl_list_remove(&c->wait.node);
    pl_list_remove(&c->changed);
    pl_list_remove(&c->unwritten);
    pl_record_leave(c);
    pl_events_free(&c->pending);
    pl_checkpoint_free(c);
    free(c->shares);
    pl_list_each (struct pl_group, g, &c->groups, node) {
        pl_group_free(g);
    }
    pl_group_free(c->group);
    free(c->manifest);
    pl_manifest_forget(c);
    pl_signed_forget(c);
    pl_cosigners_forget(c);
    pl_minutes_forget(c);
    pl_minutes_adopted(c);
    for (size_t i = 0; i < c->n_chat; i++)
        free(c->chat[i].json);
    pl_readers_free(&c->readers);
    pl_meeting_free(c->meeting);
    pl_definition_free(c->made);
    pl_definition_free(c->definition);
    free(c);
}

#define EVERYBODY UINT32_MAX

/* The clients of a person, or of all people, end. */
static void dismiss(struct pl_conference *c, uint32_t person, const struct pl_farewell *farewell)
{
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        struct pl_member *m = pl_member_of(p);
        if (m && (person == EVERYBODY || p->person == person))
            pl_member_dismiss(m, farewell);
    }
}

/* Ends every session of theirs. Their clients first, so that nobody hears of all the others going.
 */
static void expel(struct pl_conference *c, uint32_t person, const struct pl_farewell *farewell)
{
    dismiss(c, person, farewell);
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        if (pl_member_of(p) && (person == EVERYBODY || p->person == person))
            pl_conference_leave(c, p);
    }
}

void pl_conference_end(struct pl_conference *c, const struct pl_farewell *farewell)
{
    c->over = true;
    pl_list_remove(&c->unwritten);
    pl_list_each (struct pl_client, client, &c->held, held) {
        pl_client_discard(client, farewell);
    }
    expel(c, EVERYBODY, farewell);
    free_conference(c);
}

/* Everybody is out until the server is back, which the record says as if it had been killed. */
static void interrupt(struct pl_conference *c, const struct pl_farewell *farewell)
{
    static const struct pl_act restarted = {.type = PL_ACT_RESTARTED};
    struct pl_denial denial;
    if (pl_meeting_size(c->meeting) == 0)
        return;
    dismiss(c, EVERYBODY, farewell);
    if (pl_conference_act(c, NULL, &restarted, &denial) != PL_OK)
        return; /* said at the next start */
}

void pl_conferences_end(struct pl_conferences *all)
{
    static const struct pl_farewell later = {.message = "The server is restarting."};
    size_t at = 0;
    for (struct pl_conference *c; (c = pl_map_next(&all->by_id, &at));)
        interrupt(c, &later);
    pl_record_settle(all);
    pl_checkpoints_settle(all);
    at = 0;
    for (struct pl_conference *c; (c = pl_map_next(&all->by_id, &at)); at = 0)
        pl_conference_end(c, &later);
    while (!pl_list_empty(&all->fresh)) {
        struct pl_wait *w = pl_container_of(all->fresh.next, struct pl_wait, node);
        pl_client_end(pl_container_of(w, struct pl_client, wait), &later);
    }
}

void pl_conferences_free(struct pl_conferences *all)
{
    if (!all)
        return;
    pl_conferences_end(all);
    pl_cosigned_forget(all);
    pl_map_free(&all->by_id);
    pl_map_free(&all->by_room);
    pl_map_free(&all->legs);
    pl_map_free(&all->sources);
    free(all);
}

void pl_conferences_use_media(struct pl_conferences *all, struct pl_media *media)
{
    all->media = media;
}

/* Timers */

void pl_conferences_due(struct pl_conferences *all, pl_time_us at)
{
    if (at >= all->wake_at)
        return;
    all->wake_at = at;
    all->config.wake(all->config.ctx, at);
}

/* The first of a queue if its time has come; else the next time to run is made known. */
static struct pl_wait *ripe(struct pl_conferences *all, struct pl_list *queue, pl_time_us wait,
                            pl_time_us now)
{
    if (pl_list_empty(queue))
        return NULL;
    struct pl_wait *first = pl_container_of(queue->next, struct pl_wait, node);
    if (first->since + wait <= now)
        return first;
    pl_conferences_due(all, first->since + wait);
    return NULL;
}

static void run_groups(struct pl_conferences *all, pl_time_us now)
{
    size_t at = 0;
    for (struct pl_conference *c; (c = pl_map_next(&all->by_id, &at));)
        pl_groups_run(c, now);
}

static void forget(struct pl_conference *c)
{
    free_conference(c);
}

/* The rest comes a moment later, so that whatever else has happened meanwhile has its turn. */
static void tell_newcomers(struct pl_conferences *all, pl_time_us now)
{
    size_t n = 0;
    while (!pl_list_empty(&all->telling) && n < PL_TELL_TURN)
        n += pl_member_tell_batch(pl_container_of(all->telling.next, struct pl_member, telling));
    if (!pl_list_empty(&all->telling))
        pl_conferences_due(all, now + PL_MS);
}

void pl_conferences_run(struct pl_conferences *all)
{
    static const struct pl_farewell no_hello = {true, PL_REMOVED_REASON_PROTOCOL, "No hello came."};
    pl_time_us now = pl_conferences_now(all);
    all->wake_at = PL_NEVER;
    for (struct pl_wait *w; (w = ripe(all, &all->fresh, PL_CLIENT_HELLO, now));)
        pl_client_end(pl_container_of(w, struct pl_client, wait), &no_hello);
    for (struct pl_wait *w; (w = ripe(all, &all->grace, PL_GRACE, now));)
        pl_member_grace_over(pl_container_of(w, struct pl_member, wait));
    pl_record_expire(all);
    pl_record_write(all); /* and nobody is told of anything before it is there */
    pl_record_watch(all);
    pl_checkpoints_run(all);
    for (struct pl_wait *w; (w = ripe(all, &all->idle, PL_CONFERENCE_IDLE, now));)
        forget(pl_container_of(w, struct pl_conference, wait));
    pl_list_each (struct pl_member, m, &all->dirty, dirty) {
        pl_member_tell_changed(m);
    }
    tell_newcomers(all, now);
    pl_tell_run(all, now);
    run_groups(all, now);
    pl_tracing_run(all, now);
    /* After the participants, so that a slot never names somebody unheard of. */
    pl_list_each (struct pl_leg, leg, &all->news, news) {
        pl_leg_tell_news(leg);
    }
    pl_drain_run(all);
}

void pl_conferences_settle(struct pl_conferences *all)
{
    pl_conferences_run(all);
    pl_record_settle(all);
    pl_checkpoints_settle(all);
}

/* Conferences */

struct pl_conference *pl_conferences_find(struct pl_conferences *all, struct pl_str meeting)
{
    return pl_map_get(&all->by_id, meeting.p, meeting.n);
}

static enum pl_err enlist(struct pl_conference *c)
{
    enum pl_err err = pl_map_put(&c->all->by_id, c->id, strlen(c->id), c);
    if (err == PL_OK)
        err = pl_map_put(&c->all->by_room, &c->room, sizeof c->room, c);
    return err;
}

/* Of the definition as it was made: what was added comes with the record. */
static enum pl_err begin_meeting(struct pl_conference *c, struct pl_definition *definition)
{
    struct pl_store *store = c->all->config.store;
    enum pl_err err = PL_OK;
    if (store)
        err = pl_store_made(store, pl_str(c->id), &c->made);
    else
        c->made = pl_definition_hold(definition);
    return err ? err : pl_meeting_new(c->made, &c->all->config.random, &c->meeting);
}

/* `room` 0: it begins anew. */
static enum pl_err begin(struct pl_conferences *all, struct pl_str meeting,
                         struct pl_definition *definition, pl_room_id room,
                         struct pl_conference **out)
{
    struct pl_conference *c = calloc(1, sizeof *c);
    if (!c)
        return PL_ENOMEM;
    if (pl_record_orphaned(all, meeting))
        pl_store_finish(all);
    c->all = all;
    c->room = room ? room : all->next_room++;
    enum pl_err err = PL_EINVAL;
    pl_list_init(&c->wait.node);
    pl_list_init(&c->changed);
    pl_list_init(&c->unwritten);
    pl_list_init(&c->cover.node);
    pl_list_init(&c->held);
    pl_list_init(&c->groups);
    pl_map_init(&c->signed_texts, &all->config.random);
    pl_map_init(&c->cosigners, &all->config.random);
    if (pl_str_copy(meeting, c->id, sizeof c->id) == PL_OK)
        err = begin_meeting(c, definition);
    if (err == PL_OK)
        err = enlist(c);
    if (err == PL_OK && definition->encryption == PL_ENCRYPTION_REQUIRED) {
        c->group = pl_group_new(c);
        err = c->group ? PL_OK : PL_ENOMEM;
    }
    if (err == PL_OK)
        err = pl_manifest_load(c);
    if (err == PL_OK)
        err = pl_record_replay(c, room != 0);
    if (err) {
        free_conference(c); /* the definition is not its own yet */
        return err;
    }
    c->definition = definition;
    pl_time_us now = pl_conferences_now(all);
    pl_wait_add(&all->idle, &c->wait, now);
    pl_conferences_due(all, now + PL_CONFERENCE_IDLE);
    *out = c;
    return PL_OK;
}

enum pl_err pl_conferences_start(struct pl_conferences *all, struct pl_str meeting,
                                 struct pl_definition *definition, struct pl_conference **out)
{
    struct pl_conference *c = pl_conferences_find(all, meeting);
    if (!c)
        return begin(all, meeting, definition, 0, out);
    pl_definition_free(definition);
    *out = c;
    return PL_OK;
}

enum pl_err pl_conference_resume(struct pl_conferences *all, struct pl_str meeting,
                                 struct pl_definition *definition, pl_room_id room,
                                 struct pl_conference **out)
{
    if (pl_conferences_find(all, meeting) || pl_map_get(&all->by_room, &room, sizeof room))
        return PL_EEXIST;
    return begin(all, meeting, definition, room, out);
}

void pl_conferences_delete(struct pl_conferences *all, struct pl_str meeting)
{
    static const struct pl_farewell deleted = {true, PL_REMOVED_REASON_MEETING_DELETED,
                                               "This meeting was deleted."};
    struct pl_conference *c = pl_conferences_find(all, meeting);
    if (!c)
        return;
    pl_conference_end(c, &deleted);
}

bool pl_conference_untouched(const struct pl_conference *c)
{
    pl_list_each (const struct pl_decision, d, &pl_meeting_state(c->meeting)->decisions, node) {
        if (d->state == PL_DECISION_STATE_DECLARED)
            return false;
    }
    return pl_meeting_next_number(c->meeting) == 1;
}

void pl_conference_revoke(struct pl_conference *c, uint32_t person)
{
    static const struct pl_farewell revoked = {true, PL_REMOVED_REASON_REVOKED,
                                               "Your invitation was revoked."};
    expel(c, person, &revoked);
}

const struct pl_record_stats *pl_conferences_record(const struct pl_conferences *all)
{
    return &all->record;
}

const struct pl_definition *pl_conference_definition(const struct pl_conference *c)
{
    return c->definition;
}

const struct pl_state *pl_conference_state(const struct pl_conference *c)
{
    return pl_meeting_state(c->meeting);
}

bool pl_conference_in_session(const struct pl_conference *c)
{
    return pl_meeting_in_session(c->meeting);
}

size_t pl_conference_participants(const struct pl_conference *c)
{
    size_t n = 0;
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        n += p->place == PL_PLACE_ROOM;
    }
    return n;
}

static size_t count_sources(const struct pl_conference *c)
{
    size_t n = 0;
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        pl_list_each (struct pl_leg, leg, &pl_member_of(p)->legs, node) {
            for (size_t i = 0; i < leg->n_sources; i++)
                n += leg->sources[i].started && leg->sources[i].forwarded;
        }
    }
    return n;
}

void pl_conferences_count(const struct pl_conferences *all,
                          void (*each)(void *ctx, const struct pl_conference_counts *counts),
                          void *ctx)
{
    size_t at = 0;
    for (const struct pl_conference *c; (c = pl_map_next(&all->by_id, &at));) {
        const struct pl_conference_counts counts = {
            .id = c->id,
            .participants = pl_conference_participants(c),
            .sources = count_sources(c),
            .traffic = pl_media_room_traffic(all->media, c->room),
        };
        if (counts.participants)
            each(ctx, &counts);
    }
}

struct pl_member *pl_member_new(struct pl_conference *c)
{
    struct pl_member *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->conference = c;
    pl_list_init(&m->legs);
    pl_list_init(&m->dirty);
    pl_list_init(&m->telling);
    pl_list_init(&m->traced);
    pl_list_init(&m->groups);
    pl_list_init(&m->wait.node);
    return m;
}

static enum pl_err apply_one(struct pl_conference *c, const struct pl_act *event,
                             struct pl_member **joined)
{
    const struct pl_effects effects = {c, pl_member_effect};
    struct pl_member *m = NULL;
    enum pl_err err = pl_record_note(c, event);
    if (err == PL_OK)
        pl_minutes_note(c, event);
    if (err == PL_OK && event->type == PL_ACT_JOINED) {
        m = c->joining = pl_member_new(c);
        err = m ? PL_OK : PL_ENOMEM;
    }
    if (err == PL_OK)
        err = pl_meeting_apply(c->meeting, event, &effects);
    if (err) {
        free(c->joining);
        c->joining = NULL;
        pl_record_break(c);
        return err;
    }
    pl_record_applied(c, event);
    if (event->number)
        pl_tell_changes(c);
    if (c->all->drain.on)
        pl_conferences_due(c->all, pl_conferences_now(c->all));
    if (m)
        *joined = m;
    return PL_OK;
}

enum pl_err pl_conference_apply(struct pl_conference *c, const struct pl_act *events, size_t n,
                                struct pl_member **joined)
{
    enum pl_err err = PL_OK;
    for (size_t i = 0; i < n && err == PL_OK; i++)
        err = apply_one(c, &events[i], joined);
    return err;
}

int64_t pl_conference_now(const struct pl_conference *c)
{
    return c->all->config.wall_ms(c->all->config.ctx);
}

enum pl_err pl_conference_act(struct pl_conference *c, const struct pl_participant *by,
                              const struct pl_act *act, struct pl_denial *denial)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    enum pl_err err =
        pl_meeting_decide(c->meeting, by, act, pl_conference_now(c), events, &n, denial);
    if (!err && n)
        err = pl_signed_check(c, by, act, denial);
    if (!err && n)
        err = pl_minutes_check(c, act, denial);
    if (err)
        return err;
    if (n && pl_act_is_kept(act->type) && pl_record_refuses(c->all, denial))
        return PL_EAGAIN;
    if (n && (pl_record_is_full(c, act->type, denial) ||
              (by && pl_share_used(c, by->person, act->type, denial))))
        return PL_ELIMIT;
    err = pl_conference_apply(c, events, n, NULL);
    if (err)
        snprintf(denial->why, sizeof denial->why, "The server has no memory left.");
    return err;
}

void pl_conference_leave(struct pl_conference *c, const struct pl_participant *p)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    pl_meeting_leave(c->meeting, p, pl_conference_now(c), events, &n);
    if (pl_conference_apply(c, events, n, NULL) != PL_OK)
        return; /* who is here can leave */
}

/* Media events */

/* The browser keeps its participant and sends a new offer; a feed ends. */
static void on_lost(void *ctx, pl_peer_id peer)
{
    struct pl_conferences *all = ctx;
    struct pl_leg *leg = pl_leg_find(all, peer);
    if (!leg)
        return;
    struct pl_member *m = leg->member;
    pl_leg_close(all, leg);
    pl_member_settle(m);
}

static void on_slot(void *ctx, pl_peer_id peer, unsigned section, pl_source_id source,
                    uint32_t rtp_timestamp)
{
    struct pl_leg *leg = pl_leg_find(ctx, peer);
    if (leg)
        pl_leg_slot_changed(leg, section, source, rtp_timestamp);
}

static void on_started(void *ctx, pl_source_id source)
{
    struct pl_leg_source *s = pl_leg_source(ctx, source);
    if (!s || s->started)
        return;
    s->started = true;
    pl_member_changed(s->leg->member);
}

static void on_speaker(void *ctx, pl_room_id room, pl_source_id source)
{
    struct pl_conferences *all = ctx;
    struct pl_conference *c = pl_map_get(&all->by_room, &room, sizeof room);
    const struct pl_leg_source *s = pl_leg_source(all, source);
    uint32_t speaker = s ? s->leg->member->participant->number : 0;
    if (!c || c->speaker == speaker)
        return;
    c->speaker = speaker;
    pl_member_tell_speaker(c);
}

static void on_wanted(void *ctx, pl_source_id source, uint16_t height)
{
    struct pl_leg_source *s = pl_leg_source(ctx, source);
    if (s)
        pl_leg_source_wanted(s, height);
}

static void on_view(void *ctx, const struct pl_peer_view *view)
{
    struct pl_leg *leg = pl_leg_find(ctx, view->id);
    if (!leg)
        return;
    pl_leg_tell_line(leg, view);
    pl_tracing_view(leg->member, view);
}

static void on_connected(void *ctx, pl_peer_id peer)
{
    (void)ctx;
    (void)peer;
}

struct pl_media_events pl_conferences_media_events(struct pl_conferences *all)
{
    return (struct pl_media_events){
        .ctx = all,
        .connected = on_connected,
        .lost = on_lost,
        .slot = on_slot,
        .started = on_started,
        .speaker = on_speaker,
        .wanted = on_wanted,
        .view = on_view,
    };
}
