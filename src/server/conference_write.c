/* How the record of live meetings comes to the disk. What happens within a turn of the loop is
 * written together, in one transaction for all meetings, on a thread of its own (store_thread.h);
 * until it is there everything that clients of these meetings would be told of it is held back. If
 * the disk refuses, it is kept and tried again, nothing else is taken for the record meanwhile, and
 * the meetings go on without. See conference_parts.h. */
#include "server/complain.h"
#include "server/conference_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_MAX 64 /* meetings in one transaction */

struct pl_record_part {
    struct pl_conference *c; /* NULL: it is gone meanwhile */
    char meeting[PL_MEETING_ID_SIZE];
    struct pl_events events;
    struct pl_buf adopted[PL_MINUTES_LANGUAGES]; /* the minutes that come with them; empty: none */
    int64_t wake_ms;
    bool dropped; /* a document */
};

struct pl_record_job {
    struct pl_store_job job;
    struct pl_conferences *all;
    size_t n;
    struct pl_record_part parts[BATCH_MAX];
    bool away;        /* on the thread; else it waits until `again` */
    pl_time_us since; /* that it was sent */
    pl_time_us again;
};

/* One meeting's */

static void part_take(struct pl_record_part *p, struct pl_conference *c)
{
    *p = (struct pl_record_part){
        .c = c,
        .events = c->pending,
        .wake_ms = pl_meeting_deadline(c->meeting),
        .dropped = c->dropped,
    };
    memcpy(p->meeting, c->id, sizeof p->meeting);
    memcpy(p->adopted, c->adopted, sizeof p->adopted);
    c->pending = (struct pl_events){0};
    memset(c->adopted, 0, sizeof c->adopted);
    c->dropped = false;
    c->part = p;
    pl_list_remove(&c->unwritten);
}

void pl_record_leave(struct pl_conference *c)
{
    if (c->part)
        c->part->c = NULL;
    c->part = NULL;
}

bool pl_record_orphaned(const struct pl_conferences *all, struct pl_str meeting)
{
    const struct pl_record_job *job = all->job;
    for (size_t i = 0; job && job->away && i < job->n; i++)
        if (!job->parts[i].c && pl_str_eq(meeting, job->parts[i].meeting))
            return true;
    return false;
}

static void part_free(struct pl_record_part *p)
{
    if (p->c)
        p->c->part = NULL;
    pl_events_free(&p->events);
    for (size_t i = 0; i < PL_MINUTES_LANGUAGES; i++)
        pl_buf_free(&p->adopted[i]);
}

size_t pl_record_waiting(const struct pl_conference *c)
{
    return c->pending.bytes.len + (c->part ? c->part->events.bytes.len : 0);
}

enum pl_err pl_record_each_waiting(const struct pl_conference *c,
                                   enum pl_err (*each)(void *ctx, uint64_t number,
                                                       struct pl_str bytes),
                                   void *ctx)
{
    const struct pl_events *lists[] = {c->part ? &c->part->events : NULL, &c->pending};
    enum pl_err err = PL_OK;
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; lists[l] && i < lists[l]->n && !err; i++)
            err = each(ctx, lists[l]->first + i, pl_events_at(lists[l], i));
    return err;
}

static void written(struct pl_record_part *p)
{
    struct pl_conference *c = p->c;
    struct pl_conferences *all = c->all;
    all->record.events += p->events.n;
    c->record_bytes += p->events.bytes.len;
    if (p->wake_ms < all->wakes_ms)
        all->wakes_ms = p->wake_ms;
    if (p->dropped)
        pl_documents_purge(c);
    part_free(p);
    pl_checkpoint_written(c);
    bool last = pl_list_empty(&c->unwritten);
    pl_list_each (struct pl_client, client, &c->held, held) {
        pl_client_release(client, last);
    }
}

void pl_record_mark(struct pl_conference *c)
{
    pl_list_each (struct pl_client, client, &c->held, held) {
        client->mark = client->queue.len;
    }
}

/* What was not written did not happen: nobody hears of it, and the meeting begins anew from its
 * record with the next who comes. */
static void failed(struct pl_conference *c)
{
    static const struct pl_farewell later = {
        .message = "The server could not write the record. Join again."};
    pl_conference_end(c, &later);
}

/* Somebody is in it who was told so: there may be a call that is worth going on. */
static bool is_under_way(const struct pl_conference *c)
{
    pl_list_each (const struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        const struct pl_member *m = pl_member_of(p);
        if (m && m->client && m->client->welcomed)
            return true;
    }
    return false;
}

/* What is said */

/* To the administrator, once, until it works again. */
static void tell_disk(struct pl_conferences *all, enum pl_err err, const char *failure)
{
    if (err && !all->refused)
        pl_complain("records cannot be written: %s. No act is taken until they can; calls go on, "
                    "and nothing that anybody was told of is lost",
                    failure);
    else if (!err && all->refused)
        puts("records are written again");
    all->refused = err != PL_OK;
    all->record.failures += err != PL_OK;
}

enum pl_records pl_record_state(const struct pl_conferences *all)
{
    const struct pl_record_job *job = all->job;
    if (!job)
        return PL_RECORDS_KEPT;
    pl_time_us waited = pl_conferences_now(all) - job->since;
    if (!job->away || all->refused || waited >= PL_RECORD_STUCK)
        return PL_RECORDS_REFUSED;
    return waited >= PL_RECORD_LATE ? PL_RECORDS_LATE : PL_RECORDS_KEPT;
}

bool pl_record_refuses(const struct pl_conferences *all, struct pl_denial *denial)
{
    if (pl_record_state(all) != PL_RECORDS_REFUSED)
        return false;
    denial->field[0] = 0;
    denial->acknowledge = false;
    snprintf(denial->why, sizeof denial->why,
             "The server's disk takes nothing now, so that this could not be recorded. Try again "
             "when it does.");
    return true;
}

void pl_record_tell_state(struct pl_client *client)
{
    struct pl_buf json = {0};
    pl_to_client_records(&json, &(struct pl_to_client_records){client->all->records_told});
    pl_client_send_now(client, &json);
    pl_buf_free(&json);
}

static void tell_state(struct pl_conferences *all)
{
    enum pl_records now = pl_record_state(all);
    if (all->job && !all->job->away)
        pl_conferences_due(all, all->job->again);
    else if (all->job && now == PL_RECORDS_KEPT)
        pl_conferences_due(all, all->job->since + PL_RECORD_LATE);
    else if (all->job && now == PL_RECORDS_LATE)
        pl_conferences_due(all, all->job->since + PL_RECORD_STUCK);
    if (now == all->records_told)
        return;
    all->records_told = now;
    size_t at = 0;
    for (struct pl_conference *c; (c = pl_map_next(&all->by_id, &at));)
        pl_list_each (const struct pl_participant, p, pl_meeting_list(c->meeting), node) {
            const struct pl_member *m = pl_member_of(p);
            if (m && m->client)
                pl_record_tell_state(m->client);
        }
}

/* All meetings' */

static enum pl_err job_run(struct pl_store_job *base, struct pl_store *store)
{
    struct pl_record_job *job = pl_container_of(base, struct pl_record_job, job);
    struct pl_store_batch batches[BATCH_MAX] = {{0}};
    struct pl_store_minutes minutes[BATCH_MAX];
    for (size_t i = 0; i < job->n; i++) {
        const struct pl_record_part *p = &job->parts[i];
        const struct pl_buf *en = &p->adopted[PL_MINUTES_EN], *fr = &p->adopted[PL_MINUTES_FR];
        minutes[i] = (struct pl_store_minutes){{en->data, en->len}, {fr->data, fr->len}};
        batches[i] = (struct pl_store_batch){
            .meeting = p->meeting,
            .events = &p->events,
            .minutes = en->data ? &minutes[i] : NULL,
            .wake_ms = p->wake_ms,
        };
    }
    return pl_store_append(store, batches, job->n);
}

/* Keeps the parts of those for which it is worth it. */
static void keep_trying(struct pl_conferences *all, enum pl_err err)
{
    struct pl_record_job *job = all->job;
    size_t n = 0;
    for (size_t i = 0; i < job->n; i++) {
        struct pl_record_part *p = &job->parts[i];
        struct pl_conference *c = p->c;
        if (c && err == PL_EIO && !all->ending && is_under_way(c)) {
            c->part = &job->parts[n];
            job->parts[n++] = *p;
            continue;
        }
        part_free(p);
        if (c)
            failed(c);
    }
    job->n = n;
    job->again = pl_conferences_now(all) + PL_RECORD_AGAIN;
    pl_conferences_due(all, job->again);
}

static void job_done(struct pl_store_job *base, enum pl_err err)
{
    struct pl_record_job *job = pl_container_of(base, struct pl_record_job, job);
    struct pl_conferences *all = job->all;
    job->away = all->store_busy = false;
    tell_disk(all, err, base->failure);
    all->record.commits++;
    if (err) {
        keep_trying(all, err);
    } else {
        for (size_t i = 0; i < job->n; i++) {
            if (job->parts[i].c)
                written(&job->parts[i]);
            else
                part_free(&job->parts[i]);
        }
        job->n = 0;
    }
    if (job->n == 0) {
        all->job = NULL;
        free(job);
    }
    pl_conferences_due(all, pl_conferences_now(all)); /* more may wait; and it is told */
}

static void send_away(struct pl_conferences *all)
{
    struct pl_record_job *job = all->job;
    size_t n = 0;
    for (size_t i = 0; i < job->n; i++) { /* a meeting that is gone would have the rest refused */
        struct pl_record_part *p = &job->parts[i];
        if (!p->c) {
            part_free(p);
            continue;
        }
        p->c->part = &job->parts[n];
        job->parts[n++] = *p;
    }
    job->n = n;
    if (n == 0) {
        all->job = NULL;
        free(job);
        return;
    }
    job->away = true;
    pl_store_work(all, &job->job);
}

/* Whatever waits becomes a job; NULL: nothing does, or there is no memory, and it waits. */
static struct pl_record_job *gather(struct pl_conferences *all)
{
    struct pl_record_job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    job->job = (struct pl_store_job){.run = job_run, .done = job_done};
    job->all = all;
    job->since = pl_conferences_now(all);
    pl_list_each (struct pl_conference, c, &all->unwritten, unwritten) {
        if (c->broken)
            failed(c);
        else if (job->n < BATCH_MAX)
            part_take(&job->parts[job->n++], c);
    }
    if (job->n)
        return job;
    free(job);
    return NULL;
}

void pl_record_write(struct pl_conferences *all)
{
    if (all->job && !all->job->away && pl_conferences_now(all) >= all->job->again)
        send_away(all);
    while (!all->job && !all->store_busy && !pl_list_empty(&all->unwritten) &&
           (all->job = gather(all)))
        send_away(all);
    tell_state(all);
}

void pl_record_settle(struct pl_conferences *all)
{
    all->ending = true; /* what cannot be written ends */
    while (all->job || all->store_busy || !pl_list_empty(&all->unwritten)) {
        pl_store_finish(all);
        if (all->job && !all->job->away)
            all->job->again = 0;
        pl_record_write(all);
        if (!all->job && !all->store_busy && !pl_list_empty(&all->unwritten))
            break; /* no memory */
    }
    all->ending = false;
}

/* With what is borrowed for this call. */
static void write_now(struct pl_conference *c)
{
    struct pl_conferences *all = c->all;
    struct pl_record_part part;
    const struct pl_store_document *document = c->document;
    const struct pl_store_manifest *manifest = c->new_manifest;
    const struct pl_store_newcomer *newcomer = c->newcomer;
    part_take(&part, c);
    const struct pl_buf *en = &part.adopted[PL_MINUTES_EN], *fr = &part.adopted[PL_MINUTES_FR];
    const struct pl_store_minutes minutes = {{en->data, en->len}, {fr->data, fr->len}};
    const struct pl_store_batch batch = {
        .meeting = part.meeting,
        .events = &part.events,
        .document = document,
        .manifest = manifest,
        .newcomer = newcomer,
        .minutes = en->data ? &minutes : NULL,
        .wake_ms = part.wake_ms,
    };
    enum pl_err err = pl_store_append(all->config.store, &batch, 1);
    tell_disk(all, err, pl_store_failure(all->config.store));
    all->record.commits++;
    if (!err) {
        written(&part);
        return;
    }
    part_free(&part);
    failed(c);
}

bool pl_record_write_of(struct pl_conferences *all, struct pl_str meeting)
{
    pl_store_finish(all);
    struct pl_conference *c = pl_conferences_find(all, meeting);
    if (!c || pl_list_empty(&c->unwritten))
        return c && !c->part;
    bool borrows = c->document || c->new_manifest || c->newcomer;
    if (c->broken || (c->part && borrows)) {
        failed(c);
        return false;
    }
    if (c->part)
        return false;
    write_now(c);
    return pl_conferences_find(all, meeting) != NULL;
}

/* The store's thread, if there is one */

void pl_store_work(struct pl_conferences *all, struct pl_store_job *job)
{
    all->store_busy = true;
    if (all->config.work) {
        all->config.work(all->config.ctx, job);
        return;
    }
    enum pl_err err = job->run(job, all->config.store);
    job->failure = pl_store_failure(all->config.store);
    job->done(job, err);
}

void pl_store_finish(struct pl_conferences *all)
{
    if (all->store_busy)
        all->config.finish(all->config.ctx);
}

void pl_conferences_wait(struct pl_conferences *all)
{
    pl_store_finish(all);
}
