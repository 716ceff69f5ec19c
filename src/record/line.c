/* See line.h. Whether a line is canonical is asked once: it must be what is written of what it
 * says. */
#include "record/line.h"

#include "base/json.h"
#include "record/note.h"
#include "signal/definition.h"
#include "signal/manifest.h"

#include <string.h>

const char *const pl_line_words[PL_LINE_COUNT] = {
    [PL_LINE_HEAD] = "head",
    [PL_LINE_DEFINITION] = "definition",
    [PL_LINE_MANIFEST] = "manifest",
    [PL_LINE_MINUTES] = "minutes",
    [PL_LINE_ROTATION] = "rotation",
    [PL_LINE_EVENT] = "event",
    [PL_LINE_CHECKPOINT] = "checkpoint",
    [PL_LINE_END] = "end",
};

static void encode_fields(struct pl_buf *b, const struct pl_record_line *l)
{
    pl_json_str(b, "record", pl_line_words[l->type]);
    switch (l->type) {
    case PL_LINE_HEAD:
        pl_json_int(b, "format", l->head.format);
        pl_json_strn(b, "meeting", l->head.meeting);
        pl_json_strn(b, "origin", l->head.origin);
        pl_json_strn(b, "key", l->head.key);
        break;
    case PL_LINE_DEFINITION:
        pl_json_strn(b, "text", l->text);
        break;
    case PL_LINE_MANIFEST:
        pl_json_strn(b, "manifest", l->manifest.manifest);
        pl_json_strn(b, "signature", l->manifest.signature);
        pl_json_strn(b, "key", l->manifest.key);
        pl_json_strn(b, "signed_by", l->manifest.signed_by);
        break;
    case PL_LINE_MINUTES:
        pl_json_strn(b, "en", l->minutes.en);
        pl_json_strn(b, "fr", l->minutes.fr);
        break;
    case PL_LINE_ROTATION:
    case PL_LINE_CHECKPOINT:
        pl_json_strn(b, "note", l->note);
        break;
    case PL_LINE_END:
        pl_json_int(b, "lines", l->end.lines);
        pl_json_strn(b, "sha256", l->end.sha256);
        pl_json_strn(b, "signature", l->end.signature);
        break;
    case PL_LINE_EVENT:
    case PL_LINE_COUNT:
        break;
    }
}

void pl_line_encode(struct pl_buf *out, const struct pl_record_line *line)
{
    struct pl_buf one = {0}; /* on its own: behind another it would begin with a comma */
    if (line->type == PL_LINE_EVENT) {
        pl_act_encode(&one, &line->event);
    } else {
        pl_json_open(&one, NULL, '{');
        encode_fields(&one, line);
        pl_json_close(&one, '}');
    }
    pl_buf_add(out, one.data, one.len);
    out->failed |= one.failed;
    pl_buf_free(&one);
}

void pl_record_end_text(struct pl_buf *out, struct pl_str origin, int64_t lines,
                        struct pl_str sha256)
{
    pl_buf_printf(out, "parley record end v1\n%.*s\n%lld\n%.*s\n", (int)origin.n, origin.p,
                  (long long)lines, (int)sha256.n, sha256.p);
}

static void decode_head(struct pl_decoder *d, json_t *o, struct pl_line_head *head)
{
    static const char *const names[] = {"record", "format", "meeting", "origin", "key"};
    pl_decode_object(d, o, names, sizeof names / sizeof *names);
    pl_decode_int(d, o, "format", 1, PL_ID_MAX, false, &head->format);
    pl_decode_string(d, o, "meeting", PL_ID_MAX_BYTES, false, &head->meeting);
    pl_decode_string(d, o, "origin", 400, false, &head->origin);
    pl_decode_string(d, o, "key", 600, false, &head->key);
}

static void decode_manifest(struct pl_decoder *d, json_t *o, struct pl_line_manifest *m)
{
    static const char *const names[] = {"record", "manifest", "signature", "key", "signed_by"};
    pl_decode_object(d, o, names, sizeof names / sizeof *names);
    pl_decode_string(d, o, "manifest", PL_MANIFEST_MAX, false, &m->manifest);
    pl_decode_string(d, o, "signature", 86, false, &m->signature);
    pl_decode_string(d, o, "key", 43, false, &m->key);
    pl_decode_string(d, o, "signed_by", 32, false, &m->signed_by);
}

static void decode_minutes(struct pl_decoder *d, json_t *o, struct pl_line_minutes *m)
{
    static const char *const names[] = {"record", "en", "fr"};
    pl_decode_object(d, o, names, sizeof names / sizeof *names);
    pl_decode_string(d, o, "en", PL_LINE_MINUTES_MAX, false, &m->en);
    pl_decode_string(d, o, "fr", PL_LINE_MINUTES_MAX, false, &m->fr);
}

static void decode_end(struct pl_decoder *d, json_t *o, struct pl_line_end *end)
{
    static const char *const names[] = {"record", "lines", "sha256", "signature"};
    pl_decode_object(d, o, names, sizeof names / sizeof *names);
    pl_decode_int(d, o, "lines", 1, PL_ID_MAX, false, &end->lines);
    pl_decode_string(d, o, "sha256", 64, false, &end->sha256);
    pl_decode_string(d, o, "signature", 86, false, &end->signature);
}

static void decode_text(struct pl_decoder *d, json_t *o, const char *name, size_t max,
                        struct pl_str *text)
{
    const char *const names[] = {"record", name};
    pl_decode_object(d, o, names, sizeof names / sizeof *names);
    pl_decode_string(d, o, name, max, false, text);
}

static void decode_fields(struct pl_decoder *d, struct pl_record_line *l)
{
    unsigned type = PL_LINE_COUNT;
    if (!json_is_object(l->json))
        pl_decode_fail(d, PL_EINVAL, NULL, "must be an object");
    pl_decode_word(d, l->json, "record", pl_line_words, PL_LINE_COUNT, false, &type);
    l->type = (enum pl_line_type)type;
    switch (l->type) {
    case PL_LINE_HEAD:
        decode_head(d, l->json, &l->head);
        break;
    case PL_LINE_DEFINITION:
        decode_text(d, l->json, "text", PL_DEFINITION_JSON_MAX, &l->text);
        break;
    case PL_LINE_MANIFEST:
        decode_manifest(d, l->json, &l->manifest);
        break;
    case PL_LINE_MINUTES:
        decode_minutes(d, l->json, &l->minutes);
        break;
    case PL_LINE_ROTATION:
    case PL_LINE_CHECKPOINT:
        decode_text(d, l->json, "note", PL_NOTE_BYTES_MAX, &l->note);
        break;
    case PL_LINE_END:
        decode_end(d, l->json, &l->end);
        break;
    case PL_LINE_EVENT:
        pl_decode_fail(d, PL_EINVAL, "record", "an event stands as it is");
        break;
    case PL_LINE_COUNT:
        break; /* failed already */
    }
}

static enum pl_err check_canonical(struct pl_str bytes, const struct pl_record_line *l,
                                   struct pl_decode_error *error)
{
    struct pl_buf again = {0};
    struct pl_decoder d = {.error = error};
    size_t at = 0;
    pl_line_encode(&again, l);
    enum pl_err err = again.failed ? PL_ENOMEM : PL_OK;
    while (!err && at < bytes.n && at < again.len && bytes.p[at] == again.data[at])
        at++;
    if (!err && (bytes.n != again.len || at < bytes.n)) {
        pl_decode_fail(&d, PL_EINVAL, NULL, "not in the canonical encoding, from byte %zu on",
                       at + 1);
        err = PL_EINVAL;
    }
    pl_buf_free(&again);
    return err;
}

bool pl_line_is_event(struct pl_str bytes)
{
    static const char begin[] = "{\"number\":";
    return bytes.n >= sizeof begin - 1 && memcmp(bytes.p, begin, sizeof begin - 1) == 0;
}

enum pl_err pl_line_decode(struct pl_str bytes, struct pl_record_line *out,
                           struct pl_decode_error *error)
{
    struct pl_decoder d = {.error = error};
    memset(error, 0, sizeof *error);
    if (pl_line_is_event(bytes)) {
        out->type = PL_LINE_EVENT;
        enum pl_err err = pl_event_decode(bytes, &out->event, &out->json, error);
        if (err)
            return err;
    } else {
        out->json = pl_decode_load(bytes, PL_LINE_MAX, error);
        if (!out->json)
            return error->err;
        decode_fields(&d, out);
    }
    if (!error->err)
        error->err = check_canonical(bytes, out, error);
    if (error->err)
        pl_line_free(out);
    return error->err;
}

void pl_line_free(struct pl_record_line *line)
{
    json_decref(line->json);
    line->json = NULL;
}
