/* What is signed of a meeting's record, over HTTP, for those who are invited: the last checkpoint,
 * and proofs about what it covers. And the server's own log, which keeps no secret: who knows a
 * meeting's id may see what became of it. */
#include "server/app.h"

#include "base/json.h"
#include "proto/http.h"
#include "record/merkle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The live meeting. NULL: answered. */
static struct pl_conference *live(struct pl_request *r)
{
    struct pl_asker who;
    struct pl_conference *c;
    if (!pl_request_asker(r, &who))
        return NULL;
    enum pl_err e = pl_conferences_start(r->app->conferences, r->captures[0], who.definition, &c);
    if (e) {
        pl_definition_free(who.definition);
        pl_reply_failed(r, e);
        return NULL;
    }
    if (!who.admin && pl_conference_refuses(c, who.person)) {
        pl_reply_error(r, 403, "forbidden", "You were removed from this meeting.", NULL);
        return NULL;
    }
    if (pl_conference_covered(c))
        return c;
    pl_reply_error(r, 404, "unknown_checkpoint", "Nothing of this meeting's record is signed yet.",
                   NULL);
    return NULL;
}

static void reply_text(struct pl_request *r, const struct pl_buf *text)
{
    if (text->failed)
        pl_reply_failed(r, PL_ENOMEM);
    else
        pl_reply(r, &(struct pl_reply){.status = 200,
                                       .type = "text/plain; charset=utf-8",
                                       .body = text->data,
                                       .n = text->len});
}

void pl_record_checkpoint(struct pl_request *r)
{
    struct pl_buf note = {0};
    struct pl_conference *c = live(r);
    if (!c)
        return;
    enum pl_err e = pl_conference_checkpoint(c, &note);
    if (e)
        pl_reply_failed(r, e);
    else
        reply_text(r, &note);
    pl_buf_free(&note);
}

static enum pl_err put_rotation(void *ctx, uint64_t number, struct pl_str note)
{
    (void)number;
    pl_json_strn(ctx, NULL, note);
    return PL_OK;
}

/* With the notes by which each key signed the next, from the first one on. */
void pl_record_key(struct pl_request *r)
{
    struct pl_buf key = {0}, json = {0};
    const struct pl_conference *c = live(r);
    if (!c)
        return;
    pl_conference_vkey(c, &key);
    pl_json_open(&json, NULL, '{');
    pl_json_strn(&json, "key", (struct pl_str){key.data, key.len});
    pl_json_open(&json, "rotations", '[');
    enum pl_err e = key.failed ? PL_ENOMEM : pl_store_rotations(r->app->store, put_rotation, &json);
    pl_json_close(&json, ']');
    pl_json_close(&json, '}');
    if (e)
        pl_reply_failed(r, e);
    else
        pl_reply_json(r, 200, &json);
    if (e)
        pl_buf_free(&json);
    pl_buf_free(&key);
}

/* A number of the query, from 1 to max. False: answered. */
static bool number_in(struct pl_request *r, const char *name, uint64_t max, uint64_t *out)
{
    char text[24], why[120];
    if (pl_http_query(pl_httpd_query(r->x), name, text, sizeof text) == PL_OK &&
        pl_parse_u64(pl_str(text), max, out) == PL_OK && *out > 0)
        return true;
    snprintf(why, sizeof why, "The query says %s, once, a number from 1 to %llu.", name,
             (unsigned long long)max);
    pl_reply_error(r, 400, "bad_request", why, name);
    return false;
}

static void put_hash(struct pl_buf *json, const char *key, const struct pl_hash *hash)
{
    char text[PL_LEAF_TEXT_SIZE];
    pl_base64(hash->bytes, sizeof hash->bytes, text);
    pl_json_str(json, key, text);
}

static void put_proof(struct pl_buf *json, const struct pl_proof *proof)
{
    pl_json_open(json, "proof", '[');
    for (size_t i = 0; i < proof->n; i++)
        put_hash(json, NULL, &proof->hashes[i]);
    pl_json_close(json, ']');
    pl_json_close(json, '}');
}

void pl_record_consistency(struct pl_request *r)
{
    uint64_t from, to;
    struct pl_proof proof;
    struct pl_buf json = {0};
    struct pl_conference *c = live(r);
    if (!c || !number_in(r, "to", pl_conference_covered(c), &to) ||
        !number_in(r, "from", to, &from))
        return;
    pl_merkle_consistency(pl_conference_tree(c), from, to, &proof);
    pl_json_open(&json, NULL, '{');
    pl_json_int(&json, "from", (int64_t)from);
    pl_json_int(&json, "to", (int64_t)to);
    put_proof(&json, &proof);
    pl_reply_json(r, 200, &json);
}

/* The leaf's hash too; what it covers its asker must know: it says nothing of that. */
void pl_record_inclusion(struct pl_request *r)
{
    uint64_t number, size;
    struct pl_proof proof;
    struct pl_buf json = {0};
    struct pl_conference *c = live(r);
    if (!c || !number_in(r, "size", pl_conference_covered(c), &size) ||
        !number_in(r, "number", size, &number))
        return;
    struct pl_hash leaf = pl_merkle_leaf_at(pl_conference_tree(c), number - 1);
    pl_merkle_inclusion(pl_conference_tree(c), number - 1, size, &proof);
    pl_json_open(&json, NULL, '{');
    pl_json_int(&json, "number", (int64_t)number);
    pl_json_int(&json, "size", (int64_t)size);
    put_hash(&json, "leaf", &leaf);
    put_proof(&json, &proof);
    pl_reply_json(r, 200, &json);
}

void pl_record_log_checkpoint(struct pl_request *r)
{
    struct pl_buf note = {0};
    enum pl_err e = pl_server_log_checkpoint(r->app->log, &note);
    if (e)
        pl_reply_failed(r, e);
    else
        pl_reply(r, &(struct pl_reply){.status = 200,
                                       .type = "text/plain; charset=utf-8",
                                       .body = note.data,
                                       .n = note.len});
    pl_buf_free(&note);
}

void pl_record_log_meeting(struct pl_request *r)
{
    struct pl_buf json = {0};
    enum pl_err e = pl_server_log_meeting(r->app->log, r->captures[0], &json);
    if (!e) {
        pl_reply_json(r, 200, &json);
        return;
    }
    pl_buf_free(&json);
    if (e == PL_ENOENT)
        pl_reply_error(r, 404, "unknown_meeting", pl_entry_text(PL_ENTRY_UNKNOWN_MEETING), NULL);
    else
        pl_reply_failed(r, e);
}
