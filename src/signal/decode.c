/* See decode.h. */
#include "signal/decode.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The reason may quote a stranger's text, cut off anywhere; it goes out as UTF-8. */
static void set_reason(struct pl_decode_error *e, const char *format, va_list args)
{
    vsnprintf(e->reason, sizeof e->reason, format, args);
    if (pl_text_ok(pl_str(e->reason)))
        return;
    for (char *p = e->reason; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
}

static void set_error(struct pl_decode_error *e, enum pl_err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void set_error(struct pl_decode_error *e, enum pl_err err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_reason(e, format, args);
    va_end(args);
    e->field[0] = 0;
    e->err = err;
}

/* jansson would follow 2048 levels; each is a stack frame, and none of ours needs so many. */
static bool too_deep(struct pl_str text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']') && depth)
            depth--;
        if (depth > PL_DECODE_DEPTH_MAX)
            return true;
    }
    return false;
}

json_t *pl_decode_load(struct pl_str text, size_t max, struct pl_decode_error *error)
{
    if (text.n > max) {
        set_error(error, PL_ELIMIT, "more than %zu bytes", max);
        return NULL;
    }
    if (too_deep(text)) {
        set_error(error, PL_ELIMIT, "nested deeper than %d levels", PL_DECODE_DEPTH_MAX);
        return NULL;
    }
    json_error_t e;
    json_t *value = json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &e);
    if (!value)
        set_error(error, json_error_code(&e) == json_error_out_of_memory ? PL_ENOMEM : PL_EINVAL,
                  "line %d: %s", e.line, e.text);
    return value;
}

void pl_decode_fail(struct pl_decoder *d, enum pl_err err, const char *name, const char *format,
                    ...)
{
    if (d->error->err != PL_OK)
        return;
    va_list args;
    va_start(args, format);
    set_reason(d->error, format, args);
    va_end(args);
    snprintf(d->error->field, sizeof d->error->field, "%s%s", d->path, name ? name : "");
    size_t n = strlen(d->error->field);
    if (!name && n) /* the object itself: without the dot */
        d->error->field[n - 1] = 0;
    d->error->err = err;
}

void pl_decode_object(struct pl_decoder *d, json_t *o, const char *const *names, size_t n)
{
    if (!json_is_object(o)) {
        pl_decode_fail(d, PL_EINVAL, NULL, "must be an object");
        return;
    }
    const char *key;
    json_t *value;
    json_object_foreach(o, key, value)
    {
        size_t i = 0;
        while (i < n && strcmp(names[i], key) != 0)
            i++;
        if (i < n)
            continue;
        /* The name is a stranger's: keep it short, and valid UTF-8 whatever is cut off. */
        bool plain = strlen(key) <= 32 && pl_text_ok(pl_str(key));
        pl_decode_fail(d, PL_EINVAL, plain ? key : NULL, "unknown field");
    }
}

/* The field, or NULL if there is nothing to read. */
static json_t *field(struct pl_decoder *d, json_t *o, const char *name, bool optional)
{
    json_t *value = json_object_get(o, name);
    if (!value && !optional)
        pl_decode_fail(d, PL_EINVAL, name, "missing");
    return d->error->err == PL_OK ? value : NULL;
}

bool pl_decode_field(struct pl_decoder *d, json_t *o, const char *name, bool optional, json_t **out)
{
    json_t *value = field(d, o, name, optional);
    if (value)
        *out = value;
    return value != NULL;
}

static bool control_free(struct pl_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return false;
    }
    return true;
}

bool pl_decode_string(struct pl_decoder *d, json_t *o, const char *name, size_t max, bool optional,
                      struct pl_str *out)
{
    json_t *value = field(d, o, name, optional);
    if (!value)
        return false;
    struct pl_str s = {json_string_value(value), json_string_length(value)};
    if (!json_is_string(value))
        pl_decode_fail(d, PL_EINVAL, name, "must be a string");
    else if (s.n > max)
        pl_decode_fail(d, PL_ELIMIT, name, "longer than %zu bytes", max);
    else if (!control_free(s))
        pl_decode_fail(d, PL_EINVAL, name, "holds a control character");
    else
        *out = s;
    return d->error->err == PL_OK;
}

bool pl_decode_int(struct pl_decoder *d, json_t *o, const char *name, int64_t min, int64_t max,
                   bool optional, int64_t *out)
{
    json_t *value = field(d, o, name, optional);
    if (!value)
        return false;
    int64_t v = json_integer_value(value);
    if (!json_is_integer(value))
        pl_decode_fail(d, PL_EINVAL, name, "must be an integer");
    else if (v < min || v > max)
        pl_decode_fail(d, PL_EINVAL, name, "must be from %lld to %lld", (long long)min,
                       (long long)max);
    else
        *out = v;
    return d->error->err == PL_OK;
}

bool pl_decode_bool(struct pl_decoder *d, json_t *o, const char *name, bool optional, bool *out)
{
    json_t *value = field(d, o, name, optional);
    if (!value)
        return false;
    if (!json_is_boolean(value))
        pl_decode_fail(d, PL_EINVAL, name, "must be true or false");
    else
        *out = json_is_true(value);
    return d->error->err == PL_OK;
}

bool pl_decode_word(struct pl_decoder *d, json_t *o, const char *name, const char *const *words,
                    size_t n, bool optional, unsigned *out)
{
    json_t *value = field(d, o, name, optional);
    if (!value)
        return false;
    const char *word = json_string_value(value);
    for (size_t i = 0; word && i < n; i++) {
        if (strcmp(words[i], word) == 0) {
            *out = (unsigned)i;
            return true;
        }
    }
    char list[200] = "";
    for (size_t i = 0, at = 0; i < n && at < sizeof list; i++)
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%s", i ? ", " : "", words[i]);
    pl_decode_fail(d, PL_EINVAL, name, "must be one of %s", list);
    return false;
}

bool pl_decode_array(struct pl_decoder *d, json_t *o, const char *name, size_t max, json_t **out)
{
    json_t *value = field(d, o, name, false);
    if (!value)
        return false;
    if (!json_is_array(value))
        pl_decode_fail(d, PL_EINVAL, name, "must be an array");
    else if (json_array_size(value) > max)
        pl_decode_fail(d, PL_ELIMIT, name, "more than %zu elements", max);
    else
        *out = value;
    return d->error->err == PL_OK;
}

size_t pl_decode_enter(struct pl_decoder *d, const char *name, size_t i)
{
    size_t mark = strlen(d->path);
    if (i == PL_DECODE_FIELD)
        snprintf(d->path + mark, sizeof d->path - mark, "%s.", name);
    else
        snprintf(d->path + mark, sizeof d->path - mark, "%s[%zu].", name, i);
    return mark;
}

void pl_decode_leave(struct pl_decoder *d, size_t mark)
{
    d->path[mark] = 0;
}
