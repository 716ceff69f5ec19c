/* See server_log.h. */
#include "server/server_log.h"

#include "base/json.h"
#include "record/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>

struct pl_server_log {
    struct pl_store *store;
    struct pl_signing *signing;
    struct pl_merkle tree;
    uint64_t covered;
    struct pl_buf note;
    struct pl_witnesses *witnesses; /* NULL: none */
};

static enum pl_err add_leaf(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct pl_server_log *log = ctx;
    struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
    return number == log->tree.size + 1 ? pl_merkle_add(&log->tree, &leaf) : PL_EINVAL;
}

/* Is the last checkpoint one of these events? */
static enum pl_err check(const struct pl_server_log *log)
{
    struct pl_note note;
    struct pl_checkpoint c;
    if (pl_note_parse((struct pl_str){log->note.data, log->note.len}, &note) ||
        pl_checkpoint_parse(note.text, &c) || c.size != log->covered || c.size > log->tree.size)
        return PL_EINVAL;
    struct pl_hash root = pl_merkle_root(&log->tree, c.size);
    return pl_hash_eq(&root, &c.root) ? PL_OK : PL_EINVAL;
}

static enum pl_err load(struct pl_server_log *log, int64_t now_ms)
{
    struct pl_buf vkey = {0};
    enum pl_err e = pl_store_log(log->store, 0, add_leaf, log);
    if (e)
        return e;
    e = pl_store_log_checkpoint(log->store, &log->covered, &log->note);
    if (e != PL_ENOENT)
        return e ? e : check(log);
    if (log->tree.size > 0)
        return PL_OK;
    const struct pl_record_id *id = &log->signing->id;
    const struct pl_vkey key = pl_record_vkey(id, pl_str(id->name));
    pl_vkey_print(&vkey, &key);
    e = vkey.failed ? PL_ENOMEM
                    : pl_store_log_key(log->store, now_ms, vkey.data, (struct pl_str){0});
    pl_buf_free(&vkey);
    return e;
}

enum pl_err pl_server_log_new(struct pl_store *store, struct pl_signing *signing, int64_t now_ms,
                              struct pl_server_log **out)
{
    struct pl_server_log *log = calloc(1, sizeof *log);
    if (!log)
        return PL_ENOMEM;
    log->store = store;
    log->signing = signing;
    enum pl_err e = load(log, now_ms);
    if (e) {
        pl_server_log_free(log);
        return e;
    }
    pl_server_log_cover(log);
    *out = log;
    return PL_OK;
}

void pl_server_log_free(struct pl_server_log *log)
{
    if (!log)
        return;
    pl_merkle_free(&log->tree);
    pl_buf_free(&log->note);
    free(log);
}

void pl_server_log_cover(struct pl_server_log *log)
{
    struct pl_buf note = {0};
    if (pl_store_log(log->store, log->tree.size, add_leaf, log) || log->tree.size == log->covered)
        return;
    if (pl_signing_checkpoint(log->signing, pl_str(PL_RECORD_LOG), &log->tree, log->tree.size,
                              log->covered, &note) ||
        pl_store_put_log_checkpoint(log->store, log->tree.size,
                                    (struct pl_str){note.data, note.len})) {
        pl_buf_free(&note);
        return;
    }
    pl_buf_free(&log->note);
    log->note = note;
    log->covered = log->tree.size;
    pl_witnesses_note(log->witnesses, PL_RECORD_LOG);
}

void pl_server_log_use_witnesses(struct pl_server_log *log, struct pl_witnesses *witnesses)
{
    log->witnesses = witnesses;
}

enum pl_err pl_server_log_checkpoint(const struct pl_server_log *log, struct pl_buf *out)
{
    pl_buf_add(out, log->note.data, log->note.len);
    return pl_store_log_cosignatures(log->store, log->covered, out);
}

/* Looking for a meeting. */
struct finding {
    const struct pl_server_log *log;
    struct pl_buf *json;
    char mark[64]; /* as it stands in an event */
    size_t n;
};

static enum pl_err find(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct finding *f = ctx;
    struct pl_proof proof;
    if (number > f->log->covered || !memmem(bytes.p, bytes.n, f->mark, strlen(f->mark)))
        return PL_OK;
    f->n++;
    pl_merkle_inclusion(&f->log->tree, number - 1, f->log->covered, &proof);
    pl_json_open(f->json, NULL, '{');
    pl_json_strn(f->json, "event", bytes);
    pl_json_int(f->json, "number", (int64_t)number);
    pl_json_open(f->json, "proof", '[');
    for (size_t i = 0; i < proof.n; i++) {
        char text[4 * ((PL_SHA256_SIZE + 2) / 3) + 1];
        pl_base64(proof.hashes[i].bytes, PL_SHA256_SIZE, text);
        pl_json_str(f->json, NULL, text);
    }
    pl_json_close(f->json, ']');
    pl_json_close(f->json, '}');
    return PL_OK;
}

enum pl_err pl_server_log_meeting(struct pl_server_log *log, struct pl_str meeting,
                                  struct pl_buf *json)
{
    struct finding f = {.log = log, .json = json};
    struct pl_buf note = {0};
    pl_server_log_cover(log);
    for (size_t i = 0; i < meeting.n; i++)
        if (meeting.p[i] == '"' || meeting.p[i] == '\\')
            return PL_ENOENT;
    if (meeting.n >= PL_STORE_ID_SIZE)
        return PL_ENOENT;
    snprintf(f.mark, sizeof f.mark, "\"meeting\":\"%.*s\"", (int)meeting.n, meeting.p);
    enum pl_err e = pl_server_log_checkpoint(log, &note);
    pl_json_open(json, NULL, '{');
    pl_json_strn(json, "checkpoint", (struct pl_str){note.data, note.len});
    pl_buf_free(&note);
    pl_json_open(json, "events", '[');
    if (!e)
        e = pl_store_log(log->store, 0, find, &f);
    pl_json_close(json, ']');
    pl_json_close(json, '}');
    if (!e && json->failed)
        e = PL_ENOMEM;
    return e ? e : f.n ? PL_OK : PL_ENOENT;
}
