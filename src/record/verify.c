/* See verify.h. Here: lines, one after the other, and where each may stand. */
#include "record/verify_parts.h"

#include "crypto/hash.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For a terminal: one line, without what controls it (C1 too), and no part of a character at its
 * end. What it quotes is a stranger's. */
static void tidy(char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i], next = (unsigned char)text[i + 1];
        if (c < 0x20 || c == 0x7f)
            text[i] = ' ';
        else if (c == 0xc2 && next >= 0x80 && next < 0xa0)
            text[i] = text[i + 1] = ' ';
    }
    while (n > 0 && !pl_text_ok((struct pl_str){text, n}))
        n--;
    text[n] = 0;
}

static enum pl_err note_fault(struct pl_verifier *v, uint64_t line, uint64_t event,
                              const char *format, va_list args)
{
    struct pl_verify_report *r = v->report;
    r->faulty = true;
    r->fault.line = line;
    r->fault.event = event;
    vsnprintf(r->fault.why, sizeof r->fault.why, format, args);
    tidy(r->fault.why);
    return PL_EAUTH;
}

enum pl_err pl_fault_at(struct pl_verifier *v, uint64_t line, uint64_t event, const char *format,
                        ...)
{
    va_list args;
    va_start(args, format);
    enum pl_err err = note_fault(v, line, event, format, args);
    va_end(args);
    return err;
}

enum pl_err pl_fault(struct pl_verifier *v, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    uint64_t event = v->read.json && v->read.type == PL_LINE_EVENT ? v->read.event.number : 0;
    enum pl_err err = note_fault(v, v->line, event, format, args);
    va_end(args);
    return err;
}

void pl_noted(struct pl_noted *noted, uint64_t first)
{
    if (noted->times++ == 0)
        noted->first = first;
}

enum pl_err pl_keep(struct pl_verifier *v, struct pl_str text, struct pl_str *out)
{
    return pl_arena_str(&v->arena, text, out);
}

void pl_sha256_hex(struct pl_str text, char out[65])
{
    uint8_t hash[PL_SHA256_SIZE];
    pl_sha256(text.p, text.n, hash);
    pl_hex(hash, sizeof hash, out);
}

/* What may stand behind a line of `before`. */
static enum pl_err check_place(struct pl_verifier *v)
{
    enum pl_line_type is = v->read.type, before = v->before;
    if (v->line == 1)
        return is == PL_LINE_HEAD ? PL_OK
                                  : pl_fault(v, "This is no record of a meeting: its first line is "
                                                "not a head.");
    if (is == PL_LINE_HEAD)
        return pl_fault(v, "A head stands here, and not in the first line alone.");
    if (before == PL_LINE_DEFINITION &&
        (is != PL_LINE_EVENT || v->read.event.type != PL_ACT_CREATED))
        return pl_fault(v, "Behind the definition its event (created) is missing.");
    if (before == PL_LINE_MANIFEST &&
        (is != PL_LINE_EVENT || v->read.event.type != PL_ACT_MANIFEST))
        return pl_fault(v, "Behind the manifest its event (manifest) is missing.");
    if (before == PL_LINE_MINUTES &&
        (is != PL_LINE_EVENT || v->read.event.type != PL_ACT_ADOPT_MINUTES))
        return pl_fault(v, "Behind the minutes their event (adopt_minutes) is missing.");
    if (is == PL_LINE_CHECKPOINT && before != PL_LINE_EVENT)
        return pl_fault(v, "A checkpoint stands here, and not right behind the event that it ends "
                           "with.");
    return PL_OK;
}

static enum pl_err take(struct pl_verifier *v, struct pl_str bytes)
{
    switch (v->read.type) {
    case PL_LINE_HEAD:
        return pl_verify_head(v);
    case PL_LINE_DEFINITION:
        return pl_verify_definition(v);
    case PL_LINE_MANIFEST:
        return pl_verify_manifest(v);
    case PL_LINE_MINUTES:
        return pl_verify_minutes(v);
    case PL_LINE_ROTATION:
        return pl_verify_rotation(v);
    case PL_LINE_EVENT:
        return pl_verify_event(v, bytes);
    case PL_LINE_CHECKPOINT:
        return pl_verify_checkpoint(v);
    case PL_LINE_END:
        return pl_verify_end(v);
    case PL_LINE_COUNT:
        break;
    }
    return PL_EINVAL;
}

static enum pl_err read_line(struct pl_verifier *v, struct pl_str bytes)
{
    struct pl_decode_error error;
    enum pl_err err = pl_line_decode(bytes, &v->read, &error);
    if (err == PL_ENOMEM)
        return err;
    if (err)
        return pl_fault_at(v, v->line, pl_line_is_event(bytes) ? v->report->events + 1 : 0,
                           "This line cannot be read: %s%s%s.", error.field,
                           error.field[0] ? ": " : "", error.reason);
    err = check_place(v);
    if (!err)
        err = take(v, bytes);
    v->before = v->read.type;
    pl_line_free(&v->read);
    return err;
}

/* The next line, without its newline; at the end of the file none. */
static enum pl_err next_line(struct pl_verifier *v, struct pl_str *bytes)
{
    struct pl_str rest = {v->file.p + v->begins, v->file.n - v->begins};
    v->line++;
    if (v->ended)
        return pl_fault(v, "Something stands behind the end of the record.");
    const char *end = memchr(rest.p, '\n', rest.n);
    size_t n = end ? (size_t)(end - rest.p) : rest.n;
    if (n > PL_LINE_MAX)
        return pl_fault(v, "This line has more than %u bytes.", PL_LINE_MAX);
    if (!end)
        return pl_fault(v, "The file breaks off in the middle of this line.");
    *bytes = (struct pl_str){rest.p, n};
    return PL_OK;
}

static enum pl_err walk(struct pl_verifier *v)
{
    enum pl_err err = PL_OK;
    while (!err && v->begins < v->file.n) {
        struct pl_str bytes;
        err = next_line(v, &bytes);
        if (!err)
            err = read_line(v, bytes);
        if (!err) {
            v->begins += bytes.n + 1;
            v->report->lines = v->line;
        }
    }
    if (err)
        return err;
    if (v->line == 0)
        return pl_fault_at(v, 1, 0, "The file is empty.");
    if (!v->ended)
        return pl_fault_at(v, v->line + 1, 0,
                           "The end of the record is missing: the file was cut off behind event "
                           "%llu.",
                           (unsigned long long)v->report->events);
    v->report->complete = true;
    return PL_OK;
}

static enum pl_err verify(struct pl_str file, const struct pl_verify_config *config,
                          struct pl_verify_report *out, bool unsigned_too)
{
    struct pl_verifier *v = calloc(1, sizeof *v);
    if (!v)
        return PL_ENOMEM;
    memset(out, 0, sizeof *out);
    v->config = config;
    v->report = out;
    v->unsigned_too = unsigned_too;
    v->file = file;
    v->before = PL_LINE_COUNT;
    pl_map_init(&v->keys, &config->random);
    pl_map_init(&v->waiting_by, &config->random);
    pl_map_init(&v->signatures, &config->random);
    pl_map_init(&v->times, &config->random);
    enum pl_err err = walk(v);
    tidy(out->title);
    pl_line_free(&v->read);
    pl_map_free(&v->keys);
    pl_map_free(&v->waiting_by);
    pl_map_free(&v->signatures);
    pl_map_free(&v->times);
    pl_meeting_free(v->m);
    if (v->definition)
        pl_definition_free(v->definition);
    pl_people_free(v->people);
    pl_people_free(v->next);
    pl_merkle_free(&v->tree);
    pl_arena_free(&v->arena);
    free(v);
    return err == PL_EAUTH ? PL_OK : err;
}

enum pl_err pl_record_verify(struct pl_str file, const struct pl_verify_config *config,
                             struct pl_verify_report *out)
{
    return verify(file, config, out, false);
}

enum pl_err pl_record_verify_unsigned(struct pl_str file, const struct pl_verify_config *config,
                                      struct pl_verify_report *out)
{
    return verify(file, config, out, true);
}
