/* See meetings.h. */
#include "simulate/meetings.h"

#include "base/json.h"
#include "io/file.h"
#include "simulate/flag.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define TOKEN_MAX 200

static void write_definition(const struct pl_meetings_wanted *wanted, unsigned number,
                             struct pl_buf *b)
{
    char title[40], name[40];
    unsigned countries = 0;
    while (pl_flag_country(countries))
        countries++;
    snprintf(title, sizeof title, "Load %u", number + 1);
    pl_json_open(b, NULL, '{');
    pl_json_str(b, "title", title);
    pl_json_str(b, "floor", "open");
    pl_json_str(b, "encryption", "none");
    pl_json_bool(b, "open", true);
    pl_json_open(b, "seats", '[');
    for (unsigned i = 0; i < wanted->people; i++) {
        pl_json_open(b, NULL, '{');
        snprintf(name, sizeof name, "S%u", i + 1);
        pl_json_str(b, "id", name);
        snprintf(name, sizeof name, "Seat %u", i + 1);
        pl_json_str(b, "name", name);
        pl_json_str(b, "country", pl_flag_country(i % countries));
        pl_json_close(b, '}');
    }
    pl_json_close(b, ']');
    pl_json_open(b, "people", '[');
    for (unsigned i = 0; i < wanted->people; i++) {
        pl_json_open(b, NULL, '{');
        snprintf(name, sizeof name, "Delegate %u", i + 1);
        pl_json_str(b, "name", name);
        pl_json_str(b, "role", "delegate");
        snprintf(name, sizeof name, "S%u", i + 1);
        pl_json_str(b, "seat", name);
        pl_json_close(b, '}');
    }
    pl_json_close(b, ']');
    pl_json_close(b, '}');
}

/* What the server answered, or why it did not. */
static enum pl_err take_answer(const struct pl_meetings_wanted *wanted, unsigned status,
                               const struct pl_buf *answer, struct pl_buf *links,
                               char why[PL_FETCH_WHY_SIZE])
{
    json_t *made = json_loadb(answer->data ? answer->data : "", answer->len, 0, NULL), *one;
    const char *id = json_string_value(json_object_get(made, "id"));
    const char *message =
        json_string_value(json_object_get(json_object_get(made, "error"), "message"));
    size_t i;
    json_array_foreach(json_object_get(made, "invitations"), i, one)
    {
        const char *token = json_string_value(json_object_get(one, "token"));
        pl_buf_printf(links, "%s/m/%s#1.%s\n", wanted->server, id ? id : "", token ? token : "");
    }
    if (!id)
        snprintf(why, PL_FETCH_WHY_SIZE, "%u %.150s", status, message ? message : "");
    enum pl_err e = id ? PL_OK : PL_EIO;
    json_decref(made);
    return e;
}

enum pl_err pl_meetings_make(const struct pl_meetings_wanted *wanted, struct pl_buf *links,
                             char why[PL_FETCH_WHY_SIZE])
{
    struct pl_buf token = {0};
    enum pl_err e = pl_file_read(wanted->token_file, TOKEN_MAX, &token);
    if (e)
        snprintf(why, PL_FETCH_WHY_SIZE, "%.150s cannot be read", wanted->token_file);
    else if (token.data)
        token.data[strcspn(token.data, "\r\n")] = 0;
    for (unsigned i = 0; !e && i < wanted->n; i++) {
        struct pl_buf body = {0}, answer = {0};
        unsigned status;
        write_definition(wanted, i, &body);
        const struct pl_fetch f = {.origin = wanted->server,
                                   .method = "POST",
                                   .path = "/api/meetings",
                                   .bearer = token.data ? token.data : "",
                                   .body = {body.data, body.len}};
        e = pl_fetch(&f, &status, &answer, why);
        if (!e)
            e = take_answer(wanted, status, &answer, links, why);
        pl_buf_free(&body);
        pl_buf_free(&answer);
    }
    pl_buf_free(&token);
    return e;
}
