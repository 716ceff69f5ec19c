/* See audit.h. */
#include "record/audit.h"

#include "base/json.h"
#include "record/checkpoint.h"
#include "signal/decode.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HEAD "{\"record\":\"audit\","

bool pl_audit_is(struct pl_str file)
{
    return file.n >= sizeof HEAD - 1 && memcmp(file.p, HEAD, sizeof HEAD - 1) == 0;
}

static void open_line(struct pl_buf *line, const char *type)
{
    pl_json_open(line, NULL, '{');
    pl_json_str(line, "record", type);
}

static void add_line(struct pl_buf *out, struct pl_buf *line)
{
    pl_json_close(line, '}');
    out->failed |= line->failed;
    pl_audit_write_event(out, (struct pl_str){line->data, line->len});
    pl_buf_free(line);
}

void pl_audit_write_head(struct pl_buf *out, const char *origin, const char *vkey)
{
    struct pl_buf line = {0};
    open_line(&line, "audit");
    pl_json_int(&line, "format", PL_AUDIT_FORMAT);
    pl_json_str(&line, "origin", origin);
    pl_json_str(&line, "key", vkey);
    add_line(out, &line);
}

void pl_audit_write_event(struct pl_buf *out, struct pl_str event)
{
    pl_buf_add(out, event.p, event.n);
    pl_buf_puts(out, "\n");
}

void pl_audit_write_forgotten(struct pl_buf *out, uint64_t number, const struct pl_hash *leaf)
{
    struct pl_buf line = {0};
    char text[PL_LEAF_TEXT_SIZE];
    pl_base64(leaf->bytes, sizeof leaf->bytes, text);
    open_line(&line, "forgotten");
    pl_json_int(&line, "number", (int64_t)number);
    pl_json_str(&line, "leaf", text);
    add_line(out, &line);
}

void pl_audit_write_checkpoint(struct pl_buf *out, struct pl_str note)
{
    struct pl_buf line = {0};
    open_line(&line, "checkpoint");
    pl_json_strn(&line, "note", note);
    add_line(out, &line);
}

/* Verifying */

struct verifier {
    struct pl_audit_report *report;
    struct pl_str key; /* pinned; p NULL */
    struct pl_merkle tree;
    uint64_t line;
    bool ended;
};

static enum pl_err fault(struct verifier *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum pl_err fault(struct verifier *v, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(v->report->why, sizeof v->report->why, format, args);
    va_end(args);
    v->report->faulty = true;
    v->report->line = v->line;
    return PL_EAUTH;
}

/* The error of a decoder as a fault. */
static enum pl_err read_error(struct verifier *v, const struct pl_decode_error *error)
{
    return error->err == PL_ENOMEM ? PL_ENOMEM
                                   : fault(v, "This line cannot be read: %s%s%.120s.", error->field,
                                           error->field[0] ? ": " : "", error->reason);
}

static enum pl_err take_head(struct verifier *v, struct pl_decoder *d, json_t *o)
{
    static const char *const names[] = {"record", "format", "origin", "key"};
    struct pl_str origin, key;
    struct pl_vkey vkey;
    int64_t format = 0;
    pl_decode_object(d, o, names, 4);
    pl_decode_int(d, o, "format", PL_AUDIT_FORMAT, PL_AUDIT_FORMAT, false, &format);
    pl_decode_string(d, o, "origin", PL_NOTE_NAME_MAX, false, &origin);
    pl_decode_string(d, o, "key", PL_AUDIT_TEXT_SIZE - 1, false, &key);
    if (d->error->err)
        return read_error(v, d->error);
    if (pl_vkey_parse(key, &vkey) || vkey.type != PL_NOTE_ED25519 ||
        pl_str_copy(origin, v->report->origin, sizeof v->report->origin) ||
        pl_str_copy(key, v->report->key, sizeof v->report->key))
        return fault(v, "The server's key in this line is none.");
    struct pl_vkey pinned;
    if (!v->key.p)
        return PL_OK;
    if (pl_vkey_parse(v->key, &pinned) || memcmp(pinned.key, vkey.key, sizeof vkey.key) != 0)
        return fault(v, "The audit is not signed by the key that you gave.");
    v->report->key_pinned = true;
    return PL_OK;
}

static enum pl_err add(struct verifier *v, int64_t number, const struct pl_hash *leaf)
{
    if ((uint64_t)number != v->tree.size + 1)
        return fault(v, "Here event %llu is due, and this is %lld.",
                     (unsigned long long)v->tree.size + 1, (long long)number);
    return pl_merkle_add(&v->tree, leaf);
}

static enum pl_err take_event(struct verifier *v, struct pl_decoder *d, json_t *o,
                              struct pl_str bytes)
{
    int64_t number = 0, at = 0;
    struct pl_str act;
    const struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
    pl_decode_int(d, o, "number", 1, PL_ID_MAX, false, &number);
    pl_decode_int(d, o, "at", 0, PL_ID_MAX, false, &at);
    pl_decode_string(d, o, "act", 40, false, &act);
    if (d->error->err)
        return read_error(v, d->error);
    if (v->report->events == v->report->forgotten)
        v->report->from_ms = at;
    v->report->to_ms = at;
    v->report->events++;
    return add(v, number, &leaf);
}

static enum pl_err take_forgotten(struct verifier *v, struct pl_decoder *d, json_t *o)
{
    static const char *const names[] = {"record", "number", "leaf"};
    int64_t number = 0;
    struct pl_str text;
    struct pl_hash leaf;
    size_t n = 0;
    pl_decode_object(d, o, names, 3);
    pl_decode_int(d, o, "number", 1, PL_ID_MAX, false, &number);
    pl_decode_string(d, o, "leaf", PL_LEAF_TEXT_SIZE, false, &text);
    if (d->error->err)
        return read_error(v, d->error);
    if (pl_base64_decode(text, leaf.bytes, sizeof leaf.bytes, &n) || n != sizeof leaf.bytes)
        return fault(v, "What stands for a forgotten event is no hash.");
    v->report->events++;
    v->report->forgotten++;
    return add(v, number, &leaf);
}

/* The checkpoint's key is that of the head, under the log's name. */
static enum pl_err check_note(struct verifier *v, struct pl_str text)
{
    struct pl_note note;
    struct pl_checkpoint c;
    struct pl_vkey head;
    if (pl_vkey_parse(pl_str(v->report->key), &head) || pl_note_parse(text, &note) ||
        pl_checkpoint_parse(note.text, &c) || !pl_str_eq(c.origin, v->report->origin))
        return fault(v, "This is no checkpoint of this audit.");
    const struct pl_vkey key = pl_vkey(c.origin, PL_NOTE_ED25519, head.key);
    if (pl_note_verify(&note, &key) != PL_OK)
        return fault(v, "The checkpoint is not signed by the server's key.");
    if (c.size != v->tree.size)
        return fault(v, "The checkpoint is of %llu events, and there are %llu: some are missing.",
                     (unsigned long long)c.size, (unsigned long long)v->tree.size);
    struct pl_hash root = pl_merkle_root(&v->tree, c.size);
    if (!pl_hash_eq(&root, &c.root))
        return fault(v, "The events are not those that were signed: one was changed.");
    v->ended = true;
    return PL_OK;
}

static enum pl_err take_checkpoint(struct verifier *v, struct pl_decoder *d, json_t *o)
{
    static const char *const names[] = {"record", "note"};
    struct pl_str text;
    pl_decode_object(d, o, names, 2);
    pl_decode_string(d, o, "note", PL_AUDIT_LINE_MAX, false, &text);
    return d->error->err ? read_error(v, d->error) : check_note(v, text);
}

static enum pl_err take(struct verifier *v, struct pl_decoder *d, json_t *o, struct pl_str bytes)
{
    const json_t *type = json_object_get(o, "record");
    struct pl_str word = {json_string_value(type), json_string_length(type)};
    if (v->ended)
        return fault(v, "Something stands behind the checkpoint.");
    if ((v->line == 1) != (word.p && pl_str_eq(word, "audit")))
        return fault(v, v->line == 1 ? "This is no audit." : "A head stands here.");
    if (!type)
        return take_event(v, d, o, bytes);
    if (word.p && pl_str_eq(word, "audit"))
        return take_head(v, d, o);
    if (word.p && pl_str_eq(word, "forgotten"))
        return take_forgotten(v, d, o);
    if (word.p && pl_str_eq(word, "checkpoint"))
        return take_checkpoint(v, d, o);
    return fault(v, "This line is of no type that an audit has.");
}

static enum pl_err read_line(struct verifier *v, struct pl_str bytes)
{
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    json_t *o = pl_decode_load(bytes, PL_AUDIT_LINE_MAX, &error);
    enum pl_err e = !o                   ? read_error(v, &error)
                    : !json_is_object(o) ? fault(v, "This line is no object.")
                                         : take(v, &d, o, bytes);
    json_decref(o);
    return e;
}

enum pl_err pl_audit_verify(struct pl_str file, struct pl_str key, struct pl_audit_report *out)
{
    struct verifier v = {.report = out, .key = key};
    enum pl_err e = PL_OK;
    memset(out, 0, sizeof *out);
    while (!e && file.n) {
        const char *end = memchr(file.p, '\n', file.n);
        v.line++;
        if (!end) {
            e = fault(&v, "The file breaks off in the middle of this line.");
            break;
        }
        struct pl_str line = {file.p, (size_t)(end - file.p)};
        e = read_line(&v, line);
        file = (struct pl_str){end + 1, file.n - line.n - 1};
    }
    v.line++;
    if (!e && !v.ended)
        e = fault(&v, "The checkpoint at the end is missing: the file was cut off.");
    pl_merkle_free(&v.tree);
    return e == PL_ENOMEM ? e : PL_OK;
}
