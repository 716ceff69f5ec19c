/* One line of a trace, written and read. See trace.h. */
#include "server/trace.h"

#include "base/json.h"
#include "signal/decode.h"

#include <stdio.h>

#define X(name) #name,
static const char *const types[] = {PL_TRACE_TYPES(X)};
static const char *const names[] = {PL_TRACE_NUMBERS(X) PL_TRACE_TEXTS(X) "type"};
#undef X

#define TEXT_NAMES (names + PL_TRACE_NUMBER_COUNT)

/* By itself first: the writer of JSON puts a comma behind whatever is there. */
void pl_trace_record_write(const struct pl_trace_record *r, struct pl_buf *out)
{
    struct pl_buf line = {0};
    pl_json_open(&line, NULL, '{');
    pl_json_str(&line, "type", types[r->type]);
    for (size_t i = 0; i < PL_TRACE_NUMBER_COUNT; i++)
        if (r->has[i])
            pl_json_int(&line, names[i], r->numbers[i]);
    for (size_t i = 0; i < PL_TRACE_TEXT_COUNT; i++)
        if (r->texts[i][0])
            pl_json_str(&line, TEXT_NAMES[i], r->texts[i]);
    pl_json_close(&line, '}');
    pl_buf_puts(&line, "\n");
    pl_buf_add(out, line.data, line.len);
    out->failed |= line.failed;
    pl_buf_free(&line);
}

enum pl_err pl_trace_record_read(struct pl_str line, struct pl_trace_record *out)
{
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    struct pl_trace_record r = {0};
    unsigned type = 0;
    json_t *o = pl_decode_load(line, PL_TRACE_RECORD_MAX, &error);
    if (!o)
        return error.err;
    pl_decode_object(&d, o, names, sizeof names / sizeof *names);
    pl_decode_word(&d, o, "type", types, PL_TRACE_TYPE_COUNT, false, &type);
    r.type = (enum pl_trace_type)type;
    for (size_t i = 0; i < PL_TRACE_NUMBER_COUNT; i++)
        r.has[i] = pl_decode_int(&d, o, names[i], -PL_ID_MAX, PL_ID_MAX, true, &r.numbers[i]);
    for (size_t i = 0; i < PL_TRACE_TEXT_COUNT; i++) {
        struct pl_str text;
        if (pl_decode_string(&d, o, TEXT_NAMES[i], PL_TRACE_TEXT_SIZE - 1, true, &text))
            snprintf(r.texts[i], PL_TRACE_TEXT_SIZE, "%.*s", (int)text.n, text.p);
    }
    json_decref(o);
    if (error.err == PL_OK)
        *out = r;
    return error.err;
}
