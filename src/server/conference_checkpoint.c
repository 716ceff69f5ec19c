/* Checkpoints of live meetings: when they are made, that they are kept, and who is told. Only what
 * is on disk is signed. See conference_parts.h. */
#include "record/checkpoint.h"
#include "server/conference_parts.h"
#include "server/signing.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_MAX 64 /* meetings in one transaction */

/* Checkpoints that are being kept. */
struct pl_cover_job {
    struct pl_store_job job;
    struct pl_conferences *all;
    size_t n;
    struct pl_cover_part {
        struct pl_conference *c; /* NULL: it is gone meanwhile */
        char meeting[PL_MEETING_ID_SIZE];
        uint64_t size;
        struct pl_buf note;
    } parts[BATCH_MAX];
};

/* After these nobody should have to wait: what was decided, and what is answered by acts that are
 * signed once the browser knows it to be covered. */
static bool is_waited_for(const struct pl_act *event)
{
    switch (event->type) {
    case PL_ACT_CALL_DECISION:
    case PL_ACT_RESTART_SILENCE:
    case PL_ACT_PUT_PAPER:
    case PL_ACT_PUT_OPTION:
    case PL_ACT_CLOSE_DECISION:
    case PL_ACT_SETTLED:
    case PL_ACT_ADOPT_MINUTES:
        return true;
    case PL_ACT_SET_SESSION:
        return event->set_session.session == PL_SESSION_STATE_CLOSED;
    default:
        return false;
    }
}

void pl_checkpoint_noted(struct pl_conference *c, const struct pl_act *event)
{
    c->cover.now |= is_waited_for(event);
}

static void schedule(struct pl_conference *c)
{
    struct pl_conferences *all = c->all;
    struct pl_cover *cover = &c->cover;
    pl_time_us now = pl_conferences_now(all);
    if (!all->config.signing || cover->kept == cover->last_ones[0].size ||
        pl_conference_untouched(c))
        return;
    if (pl_list_empty(&cover->node)) {
        pl_list_push(&all->uncovered, &cover->node);
        cover->at = now + PL_COVER_SOON;
        if (cover->last && cover->at < cover->last + PL_COVER_EACH)
            cover->at = cover->last + PL_COVER_EACH;
    }
    if (cover->now || pl_meeting_size(c->meeting) == 0)
        cover->at = now;
    pl_conferences_due(all, cover->at);
}

void pl_checkpoint_written(struct pl_conference *c)
{
    c->cover.kept = c->tree.size - c->pending.n;
    schedule(c);
}

static void forget(struct pl_covered *x)
{
    free(x->note);
    free(x->cosigned);
    *x = (struct pl_covered){0};
}

void pl_checkpoint_free(struct pl_conference *c)
{
    pl_list_remove(&c->cover.node);
    if (c->cover.part)
        c->cover.part->c = NULL;
    pl_merkle_free(&c->tree);
    for (size_t i = 0; i < PL_COVERED_OPEN; i++)
        forget(&c->cover.last_ones[i]);
}

/* The note becomes the last one; without memory nobody can cosign it. */
static void push(struct pl_conference *c, uint64_t size, struct pl_buf *note)
{
    struct pl_covered *list = c->cover.last_ones;
    const char *text_end = strstr(note->data, "\n\n");
    forget(&list[PL_COVERED_OPEN - 1]);
    memmove(list + 1, list, (PL_COVERED_OPEN - 1) * sizeof *list);
    list[0] = (struct pl_covered){
        .size = size,
        .note = note->data,
        .text = text_end ? (size_t)(text_end - note->data) + 1 : 0,
        .cosigned = calloc(PL_PEOPLE_MAX / 8 + 1, 1) /* people may be added later */,
    };
    *note = (struct pl_buf){0};
}

/* Is it of this record? Somebody may have changed the one or the other on the disk. */
static enum pl_err check(const struct pl_conference *c, const struct pl_buf *bytes, uint64_t size)
{
    struct pl_note note;
    struct pl_checkpoint checkpoint;
    if (size == 0 || size > c->tree.size ||
        pl_note_parse((struct pl_str){bytes->data, bytes->len}, &note) ||
        pl_checkpoint_parse(note.text, &checkpoint) || checkpoint.size != size)
        return PL_EINVAL;
    struct pl_hash root = pl_merkle_root(&c->tree, size);
    return pl_hash_eq(&root, &checkpoint.root) ? PL_OK : PL_EINVAL;
}

/* Who they were is the store's to know. */
static enum pl_err count_cosigned(struct pl_conference *c)
{
    struct pl_buf lines = {0};
    struct pl_covered *last = &c->cover.last_ones[0];
    enum pl_err err =
        pl_store_cosignatures(c->all->config.store, pl_str(c->id), last->size, &lines);
    for (size_t i = 0; i < lines.len; i++)
        last->n_cosigned += lines.data[i] == '\n';
    pl_buf_free(&lines);
    return err;
}

enum pl_err pl_checkpoint_load(struct pl_conference *c)
{
    struct pl_buf note = {0};
    uint64_t size;
    c->cover.kept = c->tree.size;
    enum pl_err err = pl_store_checkpoint(c->all->config.store, pl_str(c->id), &size, &note);
    if (err == PL_OK)
        err = check(c, &note, size);
    if (err == PL_OK)
        push(c, size, &note);
    pl_buf_free(&note);
    if (err == PL_OK)
        err = count_cosigned(c);
    if (err == PL_OK || err == PL_ENOENT)
        schedule(c); /* what the server could not cover before it stopped */
    return err == PL_ENOENT ? PL_OK : err;
}

/* Telling */

static void message(const struct pl_conference *c, uint64_t from, struct pl_buf *out)
{
    struct pl_proof proof = {.n = 0};
    char text[PL_PROOF_MAX][4 * ((PL_SHA256_SIZE + 2) / 3) + 1];
    struct pl_str list[PL_PROOF_MAX];
    if (from)
        pl_merkle_consistency(&c->tree, from, c->cover.last_ones[0].size, &proof);
    for (size_t i = 0; i < proof.n; i++) {
        pl_base64(proof.hashes[i].bytes, PL_SHA256_SIZE, text[i]);
        list[i] = pl_str(text[i]);
    }
    const struct pl_to_client_checkpoint m = {
        .size = (int64_t)c->cover.last_ones[0].size,
        .note = pl_str(c->cover.last_ones[0].note),
        .from = (int64_t)from,
        .has_from = from > 0,
        .proof = list,
        .n_proof = proof.n,
    };
    pl_to_client_checkpoint(out, &m);
}

static bool hears(const struct pl_member *m)
{
    return m && m->client && m->participant->place == PL_PLACE_ROOM;
}

void pl_checkpoint_tell(struct pl_member *m)
{
    struct pl_buf json = {0};
    if (!m->conference->cover.last_ones[0].size || !hears(m))
        return;
    message(m->conference, 0, &json);
    pl_client_send(m->client, &json);
    pl_buf_free(&json);
}

static void tell_all(struct pl_conference *c, uint64_t from)
{
    struct pl_buf json = {0};
    message(c, from, &json);
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        if (hears(pl_member_of(p)))
            pl_client_send(pl_member_of(p)->client, &json);
    }
    pl_buf_free(&json);
}

/* Making */

static bool sign(const struct pl_conference *c, struct pl_buf *out)
{
    return pl_signing_checkpoint(c->all->config.signing, pl_str(c->id), &c->tree, c->cover.kept,
                                 c->cover.last_ones[0].size, out) == PL_OK;
}

static void kept(struct pl_conference *c, struct pl_cover_part *p, pl_time_us now)
{
    uint64_t from = c->cover.last_ones[0].size;
    push(c, p->size, &p->note);
    c->cover.last = now;
    c->all->record.checkpoints++;
    pl_witnesses_note(c->all->witnesses, c->id);
    tell_all(c, from);
    schedule(c); /* more may have come meanwhile */
}

static enum pl_err job_run(struct pl_store_job *base, struct pl_store *store)
{
    struct pl_cover_job *job = pl_container_of(base, struct pl_cover_job, job);
    struct pl_store_signed put[BATCH_MAX] = {{0}};
    for (size_t i = 0; i < job->n; i++) {
        const struct pl_cover_part *p = &job->parts[i];
        if (p->note.failed)
            return PL_ENOMEM;
        put[i] = (struct pl_store_signed){
            .meeting = p->meeting, .size = p->size, .text = {p->note.data, p->note.len}};
    }
    return pl_store_put_signed(store, put, job->n);
}

static void job_done(struct pl_store_job *base, enum pl_err err)
{
    struct pl_cover_job *job = pl_container_of(base, struct pl_cover_job, job);
    struct pl_conferences *all = job->all;
    pl_time_us now = pl_conferences_now(all);
    all->store_busy = false;
    for (size_t i = 0; i < job->n; i++) {
        struct pl_cover_part *p = &job->parts[i];
        struct pl_conference *c = p->c;
        if (c)
            c->cover.part = NULL;
        if (c && !err) {
            kept(c, p, now);
        } else if (c) { /* the disk refuses: they are tried again */
            c->cover.now = false;
            if (pl_list_empty(&c->cover.node))
                pl_list_push(&all->uncovered, &c->cover.node);
            c->cover.at = now + PL_COVER_EACH;
        }
        pl_buf_free(&p->note);
    }
    free(job);
    pl_conferences_due(all, now);
}

static void part_take(struct pl_cover_part *p, struct pl_conference *c)
{
    *p = (struct pl_cover_part){.c = c, .size = c->cover.kept};
    memcpy(p->meeting, c->id, sizeof p->meeting);
    p->note.failed |= !sign(c, &p->note);
    c->cover.part = p;
    c->cover.now = false;
    pl_list_remove(&c->cover.node);
}

/* False: none is due, or there is no memory. */
static bool send_away(struct pl_conferences *all, bool all_of_them)
{
    pl_time_us now = pl_conferences_now(all);
    struct pl_cover_job *job = calloc(1, sizeof *job);
    if (!job)
        return false;
    job->job = (struct pl_store_job){.run = job_run, .done = job_done};
    job->all = all;
    pl_list_each (struct pl_conference, c, &all->uncovered, cover.node) {
        if ((all_of_them || c->cover.at <= now) && !c->cover.part && job->n < BATCH_MAX)
            part_take(&job->parts[job->n++], c);
    }
    bool any = job->n > 0;
    if (any)
        pl_store_work(all, &job->job);
    else
        free(job);
    return any;
}

static bool is_due(const struct pl_conferences *all, pl_time_us now)
{
    pl_list_each (const struct pl_conference, c, &all->uncovered, cover.node) {
        if (c->cover.at <= now)
            return true;
    }
    return false;
}

void pl_checkpoints_run(struct pl_conferences *all)
{
    pl_time_us now = pl_conferences_now(all);
    while (!all->store_busy && is_due(all, now) && send_away(all, false))
        ;
    if (all->store_busy)
        return; /* its end has us run again */
    pl_list_each (struct pl_conference, c, &all->uncovered, cover.node) {
        pl_conferences_due(all, c->cover.at);
    }
    if (!pl_list_empty(&all->cosigned) && all->cosigned_at <= now)
        pl_cosigned_send(all);
    if (!pl_list_empty(&all->cosigned))
        pl_conferences_due(all, all->cosigned_at);
}

void pl_checkpoints_settle(struct pl_conferences *all)
{
    uint64_t before;
    pl_store_finish(all);
    do { /* as long as that helps */
        before = all->record.checkpoints;
        if (send_away(all, true))
            pl_store_finish(all);
    } while (all->record.checkpoints != before);
    pl_cosigned_keep(all);
}

void pl_conferences_use_witnesses(struct pl_conferences *all, struct pl_witnesses *witnesses)
{
    all->witnesses = witnesses;
}

uint64_t pl_conference_covered(const struct pl_conference *c)
{
    return c->cover.last_ones[0].size;
}

bool pl_conference_proof(const struct pl_conference *c, struct pl_conference_proof *out)
{
    *out = (struct pl_conference_proof){.size = c->cover.last_ones[0].size};
    if (!out->size)
        return false;
    pl_record_origin(c->all->config.signing->id.name, pl_str(c->id), out->origin);
    out->root = pl_merkle_root(&c->tree, out->size);
    return true;
}

enum pl_err pl_conference_checkpoint(struct pl_conference *c, struct pl_buf *out)
{
    const struct pl_covered *last = &c->cover.last_ones[0];
    if (!last->size)
        return PL_ENOENT;
    pl_cosigned_keep(c->all);
    pl_buf_puts(out, last->note);
    return pl_store_cosignatures(c->all->config.store, pl_str(c->id), last->size, out);
}

const struct pl_merkle *pl_conference_tree(const struct pl_conference *c)
{
    return &c->tree;
}

void pl_conference_vkey(const struct pl_conference *c, struct pl_buf *out)
{
    char origin[PL_RECORD_ORIGIN_SIZE];
    pl_record_origin(c->all->config.signing->id.name, pl_str(c->id), origin);
    struct pl_vkey key = pl_record_vkey(&c->all->config.signing->id, pl_str(origin));
    pl_vkey_print(out, &key);
}
