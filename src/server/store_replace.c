/* Replacing a meeting in the store. See store.h. */
#include "server/store_parts.h"

#include <stdlib.h>
#include <string.h>

/* One under way. */
struct replacing {
    struct pl_store *s;
    const struct pl_store_change *change;
    char id[PL_STORE_ID_SIZE];
    int64_t number;
    bool *left_out; /* one a document */
    struct pl_invitation_made *made;
    size_t n_made;
};

static bool stays(const struct pl_definition *was, const struct pl_definition *is, size_t i)
{
    return i < was->n_people && i < is->n_people && was->people[i].role == is->people[i].role &&
           strcmp(was->people[i].name, is->people[i].name) == 0;
}

static enum pl_err run(struct pl_stmt *stmt, int64_t number, struct pl_str text)
{
    pl_stmt_begin(stmt);
    pl_stmt_int(stmt, 1, number);
    if (text.p)
        pl_stmt_text(stmt, 2, text);
    return pl_stmt_run(stmt);
}

static enum pl_err reshare(const struct replacing *r, const struct pl_person *person)
{
    pl_stmt_begin(r->s->reshare);
    pl_stmt_int(r->s->reshare, 1, r->number);
    pl_stmt_text(r->s->reshare, 2, pl_str(person->id));
    pl_stmt_int(r->s->reshare, 3, person->shared);
    return pl_stmt_run(r->s->reshare);
}

static enum pl_err replace_people(struct replacing *r, const struct pl_definition *was)
{
    const struct pl_definition *is = r->change->definition;
    enum pl_err e = PL_OK;
    for (size_t i = 0; !e && i < was->n_people; i++)
        if (!stays(was, is, i))
            e = run(r->s->uninvite, r->number, pl_str(was->people[i].id));
    for (size_t i = 0; !e && i < is->n_people; i++)
        e = stays(was, is, i)
                ? reshare(r, &is->people[i])
                : pl_store_insert_invitation(r->s, r->number, r->id, &is->people[i],
                                             r->change->now_ms, &r->made[r->n_made++]);
    return e;
}

/* In the server's log stays what there was. */
static enum pl_err log_it(const struct replacing *r)
{
    struct pl_merkle tree = {0};
    enum pl_err e = pl_store_tree(r->s, pl_str(r->id), &tree);
    if (!e)
        e = pl_store_log_meeting(r->s, r->change->now_ms, "replaced", r->id, r->change->json,
                                 &tree);
    pl_merkle_free(&tree);
    return e;
}

static enum pl_err replace_record(struct replacing *r, char why[PL_WHY_SIZE])
{
    struct pl_events events = {0};
    int64_t wake_ms;
    const struct pl_str none = {0};
    const struct pl_beginning beginning = {
        .id = r->id,
        .json = r->change->json,
        .documents = r->change->documents,
        .n_documents = r->change->n_documents,
        .left_out = r->left_out,
        .now_ms = r->change->now_ms,
    };
    enum pl_err e =
        pl_events_begin(r->change->definition, &beginning, &r->s->random, &events, &wake_ms, why);
    if (e)
        return e;
    e = log_it(r);
    if (!e)
        e = run(r->s->redefine, r->number, r->change->json);
    if (!e)
        e = run(r->s->events_drop, r->number, none);
    if (!e)
        e = run(r->s->checkpoints_drop, r->number, none);
    if (!e)
        e = run(r->s->manifest_drop, r->number, none);
    if (!e)
        e = pl_store_insert(r->s, r->number, &events, wake_ms);
    pl_events_free(&events);
    for (size_t i = 0; !e && i < r->change->n_documents; i++)
        if (r->left_out[i])
            e = pl_store_drop_document(r->s, pl_str(r->id),
                                       r->change->documents[i].put_document.document);
    return e ? PL_EIO : PL_OK;
}

static enum pl_err replace(struct replacing *r, const struct pl_definition *was,
                           char why[PL_WHY_SIZE])
{
    if (pl_db_begin(r->s->db))
        return PL_EIO;
    enum pl_err e = replace_record(r, why);
    if (!e && replace_people(r, was))
        e = PL_EIO;
    if (e)
        pl_db_rollback(r->s->db);
    else if (pl_db_commit(r->s->db))
        e = PL_EIO;
    return e;
}

enum pl_err pl_store_replace(struct pl_store *s, struct pl_str meeting,
                             const struct pl_store_change *change, struct pl_invitation_made **made,
                             size_t *n, char why[PL_WHY_SIZE])
{
    struct replacing r = {.s = s, .change = change};
    struct pl_definition *was = NULL;
    enum pl_err e = pl_store_number(s, meeting, &r.number);
    if (!e && pl_str_copy(meeting, r.id, sizeof r.id))
        e = PL_ENOENT;
    if (!e)
        e = pl_store_get(s, meeting, &was, NULL);
    if (e)
        return e;
    r.left_out = calloc(change->n_documents + 1, sizeof *r.left_out);
    r.made = calloc(change->definition->n_people + 1, sizeof *r.made);
    e = !r.left_out || !r.made ? PL_ENOMEM : replace(&r, was, why);
    pl_definition_free(was);
    free(r.left_out);
    if (e) {
        free(r.made);
        return e;
    }
    pl_store_forget(s, meeting);
    *made = r.made;
    *n = r.n_made;
    return PL_OK;
}
