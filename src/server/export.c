/* See export.h. */
#include "server/export.h"
#include "server/complain.h"

#include "io/entropy.h"
#include "record/checkpoint.h"
#include "record/verify.h"
#include "record/write.h"
#include "server/key_history.h"
#include "server/record_key.h"
#include "server/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A checkpoint, with the lines of its cosignatures. */
struct cover {
    uint64_t size;
    struct pl_buf note, lines;
};

/* A version of the manifest, as a line. */
struct listing {
    int64_t version;
    struct pl_buf line;
};

struct exporting {
    const struct pl_cli_export *config;
    struct pl_record_key key;
    struct pl_key_history keys;
    size_t in_force; /* of these, where the file is now, */
    bool looked;     /* and it is that of the next checkpoint */
    char origin[PL_RECORD_ORIGIN_SIZE];
    struct pl_store *store;
    struct pl_buf out, definition;
    struct pl_buf minutes; /* as a line; empty: none were adopted */
    struct cover *covers;  /* in the order of their sizes */
    size_t n_covers, next;
    struct listing *listings;
    size_t n_listings;
    struct pl_merkle tree;
    bool touched; /* somebody came: the meeting is not replaced any more */
};

static bool open_key(struct exporting *x)
{
    char path[1024], why[PL_RECORD_KEY_WHY_SIZE];
    int n = snprintf(path, sizeof path, "%s/record.key", x->config->data);
    if (n < 0 || (size_t)n >= sizeof path)
        return pl_complain("--data %.100s: the name is too long", x->config->data);
    enum pl_err e = pl_record_key_read(path, &x->key, why);
    if (e == PL_ENOENT)
        return pl_complain(
            "--data %s: this is no data folder of a server: there is no record.key in it",
            x->config->data);
    if (e)
        return pl_complain("%s", why);
    pl_record_origin(x->key.id.name, pl_str(x->config->meeting), x->origin);
    return true;
}

static bool open_store(struct exporting *x)
{
    char path[1024], why[200];
    snprintf(path, sizeof path, "%s/parley.db", x->config->data);
    if (pl_store_open_read(path, pl_entropy(), &x->store, why) != PL_OK)
        return pl_complain("%s", why);
    enum pl_err e = pl_store_definition(x->store, pl_str(x->config->meeting), &x->definition);
    if (e == PL_ENOENT)
        return pl_complain("there is no meeting %.40s in %s", x->config->meeting, x->config->data);
    return e == PL_OK || pl_complain("%s: the meeting cannot be read", path);
}

static enum pl_err take_cover(void *ctx, uint64_t size, struct pl_str note)
{
    struct exporting *x = ctx;
    struct cover *list = realloc(x->covers, (x->n_covers + 1) * sizeof *list);
    if (!list)
        return PL_ENOMEM;
    x->covers = list;
    struct cover *c = &list[x->n_covers++];
    *c = (struct cover){.size = size};
    pl_buf_add(&c->note, note.p, note.n);
    return c->note.failed ? PL_ENOMEM : PL_OK;
}

static enum pl_err read_covers(struct exporting *x)
{
    struct pl_str meeting = pl_str(x->config->meeting);
    enum pl_err e = pl_store_checkpoints(x->store, meeting, take_cover, x);
    for (size_t i = 0; !e && i < x->n_covers; i++)
        e = pl_store_cosignatures(x->store, meeting, x->covers[i].size, &x->covers[i].lines);
    return e;
}

static enum pl_err take_listing(void *ctx, const struct pl_store_manifest *m)
{
    struct exporting *x = ctx;
    struct listing *list = realloc(x->listings, (x->n_listings + 1) * sizeof *list);
    if (!list)
        return PL_ENOMEM;
    x->listings = list;
    struct listing *l = &list[x->n_listings++];
    *l = (struct listing){.version = m->version};
    const struct pl_line_manifest line = {m->manifest, m->signature, m->key, m->signed_by};
    pl_write_manifest(&l->line, &line);
    return l->line.failed ? PL_ENOMEM : PL_OK;
}

/* Does an event's line say this outside of its texts? There quotes have a backslash before them. */
static bool is_act(struct pl_str bytes, const char *act)
{
    char field[60];
    int n = snprintf(field, sizeof field, "\"act\":\"%s\"", act);
    return memmem(bytes.p, bytes.n, field, (size_t)n) != NULL;
}

/* The manifest that the event names. */
static enum pl_err write_listing(struct exporting *x, struct pl_str bytes)
{
    struct pl_act *event = malloc(sizeof *event);
    struct pl_decode_error error;
    json_t *json = NULL;
    enum pl_err e = event ? pl_event_decode(bytes, event, &json, &error) : PL_ENOMEM;
    for (size_t i = 0; !e && i < x->n_listings; i++) {
        const struct listing *l = &x->listings[i];
        if (l->version == event->manifest.version)
            pl_buf_add(&x->out, l->line.data, l->line.len);
    }
    json_decref(json);
    free(event);
    return e;
}

static void write_minutes(void *ctx, const struct pl_store_minutes *m)
{
    struct exporting *x = ctx;
    const struct pl_line_minutes line = {m->en, m->fr};
    pl_write_minutes(&x->minutes, &line);
}

/* The lines that bring the keys up to this one. */
static void rotate_to(struct exporting *x, size_t key)
{
    while (x->in_force < key) {
        const struct pl_buf *note = &x->keys.keys[++x->in_force].rotation;
        pl_write_rotation(&x->out, (struct pl_str){note->data, note->len});
    }
}

/* Before the events that the next checkpoint covers its key is in force; the last one is made here,
 * by the key of today. One that no key signed is left for the check to find. */
static void look_ahead(struct exporting *x)
{
    size_t key = x->keys.n - 1;
    if (x->next < x->n_covers) {
        const struct pl_buf *note = &x->covers[x->next].note;
        key = pl_key_history_of(&x->keys, x->in_force, (struct pl_str){note->data, note->len},
                                x->origin);
    }
    if (key < x->keys.n)
        rotate_to(x, key);
    x->looked = true;
}

/* The record begins with the key of its first checkpoint. */
static enum pl_err begin(struct exporting *x)
{
    enum pl_err e = read_covers(x);
    if (!e)
        e = pl_key_history_read(x->store, &x->key.id, &x->keys);
    if (e)
        return e;
    x->in_force = x->keys.n - 1;
    if (x->n_covers) {
        const struct pl_buf *first = &x->covers[0].note;
        size_t key =
            pl_key_history_of(&x->keys, 0, (struct pl_str){first->data, first->len}, x->origin);
        if (key < x->keys.n)
            x->in_force = key;
    }
    pl_write_head(&x->out, pl_str(x->config->meeting), pl_str(x->origin),
                  x->keys.keys[x->in_force].public);
    return PL_OK;
}

static enum pl_err write_event(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct exporting *x = ctx;
    struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
    enum pl_err e = PL_OK;
    if (!x->looked)
        look_ahead(x);
    if (number == 1)
        pl_write_definition(&x->out, (struct pl_str){x->definition.data, x->definition.len});
    if (is_act(bytes, "manifest"))
        e = write_listing(x, bytes);
    if (is_act(bytes, "adopt_minutes"))
        pl_buf_add(&x->out, x->minutes.data, x->minutes.len);
    pl_write_bytes_line(&x->out, bytes);
    x->touched |= is_act(bytes, "joined");
    if (x->next < x->n_covers && x->covers[x->next].size == number) {
        const struct cover *c = &x->covers[x->next++];
        pl_write_checkpoint(&x->out, (struct pl_str){c->note.data, c->note.len},
                            (struct pl_str){c->lines.data, c->lines.len});
        x->looked = false;
    }
    return e ? e : pl_merkle_add(&x->tree, &leaf);
}

/* What no checkpoint covers yet is signed here: it is on disk, so it stays. */
static void cover_rest(struct exporting *x)
{
    uint64_t size = x->tree.size;
    struct pl_buf note = {0};
    const struct pl_checkpoint c = {pl_str(x->origin), size, pl_merkle_root(&x->tree, size)};
    if (x->n_covers && x->covers[x->n_covers - 1].size == size)
        return;
    pl_checkpoint_sign(&note, &c, x->key.seed);
    pl_write_checkpoint(&x->out, (struct pl_str){note.data, note.len}, (struct pl_str){0});
    x->out.failed |= note.failed;
    pl_buf_free(&note);
}

static bool make(struct exporting *x)
{
    struct pl_str meeting = pl_str(x->config->meeting);
    enum pl_err e = begin(x);
    if (!e)
        e = pl_store_manifests(x->store, meeting, take_listing, x);
    if (!e) {
        e = pl_store_minutes(x->store, meeting, write_minutes, x);
        e = e == PL_ENOENT ? PL_OK : x->minutes.failed ? PL_ENOMEM : e;
    }
    if (!e)
        e = pl_store_events(x->store, meeting, write_event, x);
    if (e)
        return pl_complain("the record of meeting %s cannot be read: %s", x->config->meeting,
                           e == PL_ENOMEM ? "no memory" : "the database is damaged");
    if (!x->touched && x->n_covers == 0)
        return pl_complain(
            "nobody has come to meeting %s yet: it may still be replaced, and there is no "
            "record of it to sign",
            x->config->meeting);
    cover_rest(x);
    rotate_to(x, x->keys.n - 1);
    pl_write_end(&x->out, pl_str(x->origin), x->key.seed);
    return !x->out.failed || pl_complain("no memory");
}

/* What is damaged on the disk is said here, and not only when somebody relies on it. */
static bool check(const struct exporting *x)
{
    struct pl_verify_report *report = malloc(sizeof *report);
    const struct pl_verify_config config = {.random = pl_entropy()};
    if (!report || pl_record_verify((struct pl_str){x->out.data, x->out.len}, &config, report))
        return pl_complain("no memory"), free(report), false;
    bool good = !report->faulty;
    if (!good)
        pl_complain("the record was written, and has a fault in line %llu: %s",
                    (unsigned long long)report->fault.line, report->fault.why);
    free(report);
    return good;
}

bool pl_export(const struct pl_cli_export *config)
{
    struct exporting x = {.config = config};
    bool good = open_key(&x) && open_store(&x) && make(&x);
    if (good && (fwrite(x.out.data, 1, x.out.len, stdout) != x.out.len || fflush(stdout) != 0))
        good = pl_complain("standard output: %s", strerror(errno));
    good = good && check(&x);
    for (size_t i = 0; i < x.n_covers; i++) {
        pl_buf_free(&x.covers[i].note);
        pl_buf_free(&x.covers[i].lines);
    }
    free(x.covers);
    for (size_t i = 0; i < x.n_listings; i++)
        pl_buf_free(&x.listings[i].line);
    free(x.listings);
    pl_key_history_free(&x.keys);
    pl_store_close(x.store);
    pl_merkle_free(&x.tree);
    pl_buf_free(&x.definition);
    pl_buf_free(&x.minutes);
    pl_buf_free(&x.out);
    pl_wipe(&x.key, sizeof x.key);
    return good;
}
