/* The record of live meetings: what becomes of an event before it is written (conference_write.c),
 * reading it, and deadlines. See conference_parts.h. */
#include "meet/meeting.h"
#include "server/complain.h"
#include "server/conference_parts.h"

#include <stdio.h>
#include <string.h>

#define BATCH_MAX 64 /* meetings that are due at once */
/* The clock on the wall may be set: a deadline is looked at again after so long. */
#define LOOK_MS 10000
#define LOOK_AGAIN                                                                                 \
    PL_SECOND /* after a look: one may not have been settled, and many take turns                  \
               */

/* Writing */

static void wants_writing(struct pl_conference *c)
{
    if (pl_list_empty(&c->unwritten))
        pl_list_push(&c->all->unwritten, &c->unwritten);
    pl_conferences_due(c->all, pl_conferences_now(c->all));
}

void pl_record_break(struct pl_conference *c)
{
    c->broken = true;
    wants_writing(c);
}

static enum pl_err add_leaf(struct pl_conference *c, struct pl_str bytes)
{
    struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
    return pl_merkle_add(&c->tree, &leaf);
}

enum pl_err pl_record_note(struct pl_conference *c, const struct pl_act *event)
{
    if (!pl_act_is_kept(event->type) || !c->all->config.store || c->over)
        return PL_OK;
    c->dropped |= event->type == PL_ACT_DROP_DOCUMENT;
    if (c->part && !c->pending.n)
        pl_record_mark(c);
    enum pl_err err = pl_events_add(&c->pending, event, &c->all->config.random);
    struct pl_str bytes = {0};
    if (err == PL_OK) {
        bytes = pl_events_at(&c->pending, c->pending.n - 1);
        err = add_leaf(c, bytes);
    }
    if (err == PL_OK)
        err = pl_share_note(c, event, bytes.n);
    if (err == PL_OK)
        err = pl_readers_add(&c->readers, c->meeting, event);
    if (err == PL_OK)
        err = pl_signed_note(c, event);
    if (err == PL_OK)
        err = pl_minutes_adopt(c, event);
    if (err)
        return err;
    pl_checkpoint_noted(c, event);
    wants_writing(c);
    return PL_OK;
}

struct pl_str pl_record_pending(const struct pl_conference *c, uint64_t number)
{
    if (!c->pending.n || number < c->pending.first || number - c->pending.first >= c->pending.n)
        return (struct pl_str){0};
    return pl_events_at(&c->pending, number - c->pending.first);
}

void pl_record_applied(struct pl_conference *c, const struct pl_act *event)
{
    if (event->number <= c->readers.n) /* else it is not kept */
        pl_readers_applied(&c->readers, c->meeting, event);
}

static bool ends_something(enum pl_act_type type)
{
    switch (type) {
    case PL_ACT_MUTE:
    case PL_ACT_REMOVE:
    case PL_ACT_SET_SESSION:
    case PL_ACT_END_FLOOR:
    case PL_ACT_DROP_DOCUMENT:
    case PL_ACT_CLOSE_DECISION:
    case PL_ACT_WITHDRAW_DECISION:
    case PL_ACT_ADOPT_MINUTES:
    case PL_ACT_ALARM:
        return true;
    default:
        return false;
    }
}

bool pl_record_is_full(const struct pl_conference *c, enum pl_act_type type,
                       struct pl_denial *denial)
{
    size_t kept_free = ends_something(type) ? PL_EVENTS_MAX * PL_ACT_BYTES_MAX : PL_RECORD_RESERVE;
    const struct pl_conferences_config *config = &c->all->config;
    size_t max = config->record_bytes_max ? config->record_bytes_max : PL_EVENTS_BYTES_MAX;
    if (!pl_act_is_kept(type) || c->record_bytes + pl_record_waiting(c) + kept_free <= max)
        return false;
    denial->field[0] = 0;
    denial->acknowledge = false;
    snprintf(denial->why, sizeof denial->why, "The record of this meeting is full.");
    return true;
}

/* Reading */

static enum pl_err replay(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct pl_conference *c = ctx;
    struct pl_act event;
    json_t *json;
    struct pl_decode_error error;
    enum pl_err err = pl_event_decode(bytes, &event, &json, &error);
    if (err)
        return err;
    err = event.number == number ? pl_readers_add(&c->readers, c->meeting, &event) : PL_EINVAL;
    if (err == PL_OK)
        err = pl_meeting_apply(c->meeting, &event, &pl_no_effects);
    if (err == PL_OK) {
        pl_record_applied(c, &event);
        err = add_leaf(c, bytes);
    }
    if (err == PL_OK)
        err = pl_share_note(c, &event, bytes.n);
    if (err == PL_OK)
        err = pl_signed_note(c, &event);
    c->record_bytes += bytes.n;
    json_decref(json);
    return err;
}

/* Whoever was there when the server stopped is there no longer. */
static enum pl_err restart(struct pl_conference *c)
{
    const struct pl_act restarted = {.type = PL_ACT_RESTARTED};
    struct pl_act events[PL_EVENTS_MAX];
    struct pl_denial denial;
    size_t n = 0;
    enum pl_err err =
        pl_meeting_decide(c->meeting, NULL, &restarted, pl_conference_now(c), events, &n, &denial);
    for (size_t i = 0; i < n && err == PL_OK; i++) {
        err = pl_record_note(c, &events[i]);
        if (err == PL_OK)
            err = pl_meeting_apply(c->meeting, &events[i], &pl_no_effects);
        if (err == PL_OK)
            pl_record_applied(c, &events[i]);
    }
    return err;
}

/* Once, though many may come to it. A disk that does not answer says nothing of the record. */
static void tell_damaged(struct pl_conference *c, enum pl_err err)
{
    if (strcmp(c->all->damaged, c->id) == 0)
        return;
    memcpy(c->all->damaged, c->id, sizeof c->id);
    if (err == PL_EIO) {
        pl_complain("the record of meeting %s cannot be read: %s. Who comes is told to come again",
                    c->id, pl_store_failure(c->all->config.store));
        return;
    }
    pl_complain(
        "the record of meeting %s is not what was signed, or is damaged: the meeting is not "
        "started. Put a backup in the place of the database (parley restore)",
        c->id);
}

enum pl_err pl_record_replay(struct pl_conference *c, bool handed)
{
    if (!c->all->config.store)
        return PL_OK;
    enum pl_err err = pl_store_events(c->all->config.store, pl_str(c->id), replay, c);
    if (err == PL_OK)
        pl_documents_purge(c); /* what a power cut may have left */
    if (err == PL_OK)
        err = pl_checkpoint_load(c);
    if (err && err != PL_ENOMEM)
        tell_damaged(c, err);
    if (err == PL_OK && strcmp(c->all->damaged, c->id) == 0)
        c->all->damaged[0] = 0; /* should it ever be again */
    if (err == PL_OK && !handed && pl_meeting_size(c->meeting) > 0)
        err = restart(c);
    return err;
}

uint64_t pl_conference_recorded(const struct pl_conference *c)
{
    return c->cover.kept;
}

bool pl_conference_may_read_event(const struct pl_conference *c, uint32_t person, uint64_t number)
{
    const struct pl_eye all = {PL_SIGHT_ALL, PL_NO_SEAT, 0};
    struct pl_eye eye = person == PL_NO_PERSON ? all : pl_view_person_eye(c->meeting, person);
    return pl_readers_allow(&c->readers, number, eye);
}

/* Deadlines */

static enum pl_err wake(struct pl_conferences *all, const char *id, struct pl_conference **out)
{
    struct pl_definition *d;
    *out = pl_conferences_find(all, pl_str(id));
    if (*out)
        return PL_OK;
    enum pl_err err = pl_store_get(all->config.store, pl_str(id), &d, NULL);
    if (err)
        return err;
    err = pl_conferences_start(all, pl_str(id), d, out);
    if (err)
        pl_definition_free(d);
    return err;
}

static void expire(struct pl_conference *c)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    do {
        pl_meeting_expire(c->meeting, pl_conference_now(c), events, &n);
        if (pl_conference_apply(c, events, n, NULL) != PL_OK)
            return; /* and it is broken */
    } while (n > 0);
}

void pl_record_expire(struct pl_conferences *all)
{
    char ids[BATCH_MAX][PL_STORE_ID_SIZE];
    size_t n = 0;
    int64_t now_ms = all->config.wall_ms(all->config.ctx);
    if (all->wakes_ms > now_ms || pl_conferences_now(all) < all->look_again)
        return;
    if (pl_store_due(all->config.store, now_ms, ids, BATCH_MAX, &n) != PL_OK)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        struct pl_conference *c;
        if (wake(all, ids[i], &c) == PL_OK)
            expire(c);
    }
    pl_record_write(all);
    all->look_again = pl_conferences_now(all) + LOOK_AGAIN;
    if (pl_store_next_wake(all->config.store, &all->wakes_ms) != PL_OK)
        all->wakes_ms = 0; /* ask again */
}

void pl_record_watch(struct pl_conferences *all)
{
    if (all->wakes_ms == INT64_MAX)
        return;
    int64_t wait_ms = all->wakes_ms - all->config.wall_ms(all->config.ctx);
    wait_ms = wait_ms < 0 ? 0 : wait_ms > LOOK_MS ? LOOK_MS : wait_ms;
    pl_time_us at = pl_conferences_now(all) + wait_ms * PL_MS;
    pl_conferences_due(all, at > all->look_again ? at : all->look_again);
}

enum pl_err pl_record_open(struct pl_conferences *all)
{
    pl_list_init(&all->unwritten);
    pl_list_init(&all->uncovered);
    pl_list_init(&all->cosigned);
    all->wakes_ms = INT64_MAX;
    if (!all->config.store)
        return PL_OK;
    enum pl_err err = pl_store_next_wake(all->config.store, &all->wakes_ms);
    if (err == PL_OK)
        pl_record_watch(all);
    return err;
}
