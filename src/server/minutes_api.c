/* The minutes over HTTP: GET /api/meetings/ID/minutes?language=en|fr&format=json|html|text. */
#include "server/app.h"

#include "meet/meeting.h"
#include "minutes/minutes.h"
#include "proto/http.h"

#include <stdio.h>
#include <string.h>

#define WORD_SIZE 8

static const struct format {
    const char *word, *type, *ending;
    void (*write)(const struct pl_minutes *m, enum pl_minutes_language language,
                  struct pl_buf *out);
} formats[] = {
    {"json", "application/json", "json", pl_minutes_json},
    {"html", "text/html; charset=utf-8", "html", pl_minutes_html},
    {"text", "text/plain; charset=utf-8", "txt", pl_minutes_text},
};

/* What the query asks for, the first of each where it says nothing. False: answered. */
static bool asked(struct pl_request *r, enum pl_minutes_language *language,
                  const struct format **format)
{
    char word[WORD_SIZE];
    struct pl_str query = pl_httpd_query(r->x);
    *language = PL_MINUTES_EN;
    *format = &formats[0];
    enum pl_err e = pl_http_query(query, "language", word, sizeof word);
    bool known = e == PL_ENOENT;
    for (int i = 0; !e && i < PL_MINUTES_LANGUAGES; i++)
        if (strcmp(word, pl_minutes_language_words[i]) == 0) {
            *language = (enum pl_minutes_language)i;
            known = true;
        }
    if (!known) {
        pl_reply_error(r, 400, "bad_request", "The minutes are in English or French: en, fr.",
                       "language");
        return false;
    }
    e = pl_http_query(query, "format", word, sizeof word);
    known = e == PL_ENOENT;
    for (size_t i = 0; !e && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(word, formats[i].word) == 0) {
            *format = &formats[i];
            known = true;
        }
    if (!known)
        pl_reply_error(r, 400, "bad_request", "The format is json, html or text.", "format");
    return known;
}

static void answer(struct pl_request *r, struct pl_conference *c, enum pl_minutes_language language,
                   const struct format *format)
{
    const struct pl_minutes *m;
    struct pl_buf out = {0};
    char name[80], id[PL_MEETING_ID_SIZE];
    enum pl_err e = pl_conference_minutes(c, &m);
    if (!e)
        e = pl_str_copy(r->captures[0], id, sizeof id);
    if (!e) {
        format->write(m, language, &out);
        e = out.failed ? PL_ENOMEM : PL_OK;
    }
    if (e) {
        pl_reply_failed(r, e);
    } else {
        snprintf(name, sizeof name, "attachment; filename=\"minutes-%s-%s.%s\"", id,
                 pl_minutes_language_words[language], format->ending);
        const struct pl_reply reply = {
            .status = 200,
            .type = format->type,
            .body = out.data,
            .n = out.len,
            .extra = {{"Content-Disposition", name}, {"Cache-Control", "no-store"}},
            .n_extra = 2,
        };
        pl_reply(r, &reply);
    }
    pl_buf_free(&out);
}

void pl_minutes_get(struct pl_request *r)
{
    struct pl_asker who = {0};
    enum pl_minutes_language language;
    const struct format *format;
    if (!pl_request_asker(r, &who))
        return;
    if (!asked(r, &language, &format)) {
        pl_definition_free(who.definition);
        return;
    }
    struct pl_conference *c = pl_request_live(r, &who);
    if (!c)
        return;
    /* Nobody reads what is not on disk. */
    if (!pl_record_write_of(r->app->conferences, r->captures[0]))
        pl_reply_failed(r, PL_EIO);
    else if (!who.admin && !pl_conference_may_read_minutes(c, who.person))
        pl_reply_error(r, 403, "forbidden", "You may not read these minutes now.", NULL);
    else
        answer(r, c, language, format);
}
