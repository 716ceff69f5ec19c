/* Cosignatures of checkpoints, by the people whose keys the manifest has: taken, and kept a little
 * later, many in one transaction. See conference_parts.h. */
#include "record/checkpoint.h"
#include "server/conference_parts.h"
#include "server/signing.h"

#include <stdio.h>
#include <stdlib.h>

#define KEEP_SOON PL_SECOND
#define KEEP_AGAIN (5 * PL_SECOND) /* when the disk refused */
#define BATCH_MAX 64               /* in one transaction */

static enum pl_err refuse(struct pl_denial *denial, enum pl_err err, const char *field,
                          const char *why)
{
    snprintf(denial->field, sizeof denial->field, "%s", field);
    snprintf(denial->why, sizeof denial->why, "%s", why);
    denial->acknowledge = false;
    return err;
}

static struct pl_covered *find(struct pl_conference *c, int64_t size)
{
    for (size_t i = 0; i < PL_COVERED_OPEN; i++)
        if (c->cover.last_ones[i].size == (uint64_t)size)
            return &c->cover.last_ones[i];
    return NULL;
}

/* The key that the manifest gives a person, under the name of their cosignatures. */
static bool key_of(const struct pl_conference *c, const char *person, char name[PL_NOTE_NAME_MAX],
                   struct pl_vkey *out)
{
    struct pl_manifest_person who;
    uint8_t key[PL_PUBLIC_KEY_SIZE];
    char origin[PL_RECORD_ORIGIN_SIZE];
    size_t n;
    if (!c->has_keys || !pl_manifest_person(&c->keys, pl_str(person), &who) || who.revoked ||
        pl_base64url_decode(who.key, key, sizeof key, &n) || n != sizeof key)
        return false;
    pl_record_origin(c->all->config.signing->id.name, pl_str(c->id), origin);
    snprintf(name, PL_NOTE_NAME_MAX, "%s/person/%s", origin, person);
    *out = pl_vkey(pl_str(name), PL_NOTE_COSIGNATURE, key);
    return true;
}

static enum pl_err queue(struct pl_conference *c, uint64_t size, const char *name,
                         struct pl_str line)
{
    struct pl_conferences *all = c->all;
    size_t name_n = strlen(name);
    struct pl_cosignature *x = malloc(sizeof *x + name_n + line.n);
    if (!x)
        return PL_ENOMEM;
    char *text = (char *)(x + 1);
    memcpy(text, name, name_n);
    memcpy(text + name_n, line.p, line.n);
    x->size = size;
    x->name = (struct pl_str){text, name_n};
    x->line = (struct pl_str){text + name_n, line.n};
    memcpy(x->meeting, c->id, sizeof x->meeting);
    if (pl_list_empty(&all->cosigned))
        all->cosigned_at = pl_conferences_now(all) + KEEP_SOON;
    pl_list_push(&all->cosigned, &x->node);
    pl_conferences_due(all, all->cosigned_at);
    return PL_OK;
}

/* How often somebody did. */
struct cosigner {
    uint32_t person;
    struct pl_bucket bucket;
};

/* Theirs; NULL: no memory. */
static struct cosigner *cosigner_of(struct pl_conference *c, uint32_t person)
{
    struct cosigner *x = pl_map_get(&c->cosigners, &person, sizeof person);
    if (x)
        return x;
    x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->person = person;
    if (pl_map_put(&c->cosigners, &x->person, sizeof x->person, x) == PL_OK)
        return x;
    free(x);
    return NULL;
}

void pl_cosigners_forget(struct pl_conference *c)
{
    size_t at = 0;
    struct cosigner *x;
    while ((x = pl_map_next(&c->cosigners, &at)))
        free(x);
    pl_map_free(&c->cosigners);
}

enum pl_err pl_cosign_take(struct pl_member *m, const struct pl_to_server_cosign *cosign,
                           struct pl_denial *denial)
{
    struct pl_conference *c = m->conference;
    uint32_t person = m->participant->person;
    struct pl_covered *checkpoint = find(c, cosign->size);
    char name[PL_NOTE_NAME_MAX];
    struct pl_vkey key;
    int64_t time_s;
    if (!checkpoint || !checkpoint->cosigned)
        return refuse(denial, PL_ENOENT, "size",
                      "There is no checkpoint of this size among the last ones.");
    uint8_t *byte = &checkpoint->cosigned[person / 8], bit = (uint8_t)(1 << person % 8);
    if (*byte & bit)
        return PL_OK;
    if (checkpoint->n_cosigned == PL_COSIGNATURES_MAX)
        return refuse(denial, PL_ELIMIT, "", "This checkpoint has as many cosignatures as it may.");
    pl_time_us now = pl_conferences_now(c->all);
    struct cosigner *cosigner = cosigner_of(c, person);
    if (!cosigner)
        return refuse(denial, PL_ENOMEM, "", "The server has no memory left.");
    if (pl_bucket_wait(&cosigner->bucket, &PL_COSIGN_RATE, now))
        return refuse(denial, PL_ELIMIT, "",
                      "You cosigned as many checkpoints as you may; wait half a minute.");
    if (!key_of(c, c->definition->people[person].id, name, &key))
        return refuse(denial, PL_EAUTH, "",
                      "The organiser's list of participants has no key of yours.");
    struct pl_str text = {checkpoint->note, checkpoint->text};
    enum pl_err err = pl_cosignature_verify(cosign->line, text, &key, &time_s);
    if (err && err != PL_ENOMEM)
        return refuse(denial, PL_EINVAL, "line",
                      "This is no cosignature of that checkpoint by your key.");
    if (err == PL_OK)
        err = queue(c, checkpoint->size, name, cosign->line);
    if (err)
        return refuse(denial, err, "", "The server has no memory left.");
    (void)pl_bucket_pay(&cosigner->bucket, &PL_COSIGN_RATE, now);
    *byte |= bit;
    checkpoint->n_cosigned++;
    return PL_OK;
}

/* Those that are being kept. */
struct cosigned_job {
    struct pl_store_job job;
    struct pl_conferences *all;
    struct pl_list list;
};

static enum pl_err job_run(struct pl_store_job *base, struct pl_store *store)
{
    struct cosigned_job *job = pl_container_of(base, struct cosigned_job, job);
    struct pl_store_signed put[BATCH_MAX] = {{0}};
    size_t n = 0;
    pl_list_each (const struct pl_cosignature, x, &job->list, node) {
        put[n++] = (struct pl_store_signed){x->meeting, x->size, x->name, x->line};
    }
    return pl_store_put_signed(store, put, n);
}

static void job_done(struct pl_store_job *base, enum pl_err err)
{
    struct cosigned_job *job = pl_container_of(base, struct cosigned_job, job);
    struct pl_conferences *all = job->all;
    all->store_busy = false;
    pl_list_each (struct pl_cosignature, x, &job->list, node) {
        pl_list_remove(&x->node);
        if (err) {
            pl_list_push(&all->cosigned, &x->node);
            continue;
        }
        all->record.cosignatures++;
        free(x);
    }
    if (err)
        all->cosigned_at = pl_conferences_now(all) + KEEP_AGAIN;
    free(job);
    pl_conferences_due(all, err ? all->cosigned_at : pl_conferences_now(all));
}

void pl_cosigned_send(struct pl_conferences *all)
{
    struct cosigned_job *job = calloc(1, sizeof *job);
    size_t n = 0;
    if (!job)
        return;
    job->job = (struct pl_store_job){.run = job_run, .done = job_done};
    job->all = all;
    pl_list_init(&job->list);
    pl_list_each (struct pl_cosignature, x, &all->cosigned, node) {
        if (n++ == BATCH_MAX)
            break;
        pl_list_remove(&x->node);
        pl_list_push(&job->list, &x->node);
    }
    pl_store_work(all, &job->job);
}

void pl_cosigned_keep(struct pl_conferences *all)
{
    uint64_t before;
    pl_store_finish(all);
    do { /* as long as that helps */
        before = all->record.cosignatures;
        if (pl_list_empty(&all->cosigned))
            return;
        pl_cosigned_send(all);
        pl_store_finish(all);
    } while (all->record.cosignatures != before);
}

void pl_cosigned_forget(struct pl_conferences *all)
{
    pl_list_each (struct pl_cosignature, x, &all->cosigned, node) {
        pl_list_remove(&x->node);
        free(x);
    }
}
