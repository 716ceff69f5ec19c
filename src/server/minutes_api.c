/* The minutes over HTTP: GET /api/meetings/ID/minutes?language=en|fr&format=json|html|text. */
#include "server/app.h"

#include "meet/meeting.h"
#include "minutes/minutes.h"
#include "proto/http.h"
#include "server/minutes_read.h"

#include <stdio.h>
#include <string.h>

#define WORD_SIZE 8

static const struct format {
    const char *word, *type, *ending;
} formats[] = {
    {"json", "application/json", "json"},
    {"html", "text/html; charset=utf-8", "html"},
    {"text", "text/plain; charset=utf-8", "txt"},
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

static enum pl_err write_html(struct pl_request *r, const struct pl_conference *c,
                              const struct pl_minutes *m, enum pl_minutes_language language,
                              struct pl_buf *out)
{
    struct pl_conference_proof of;
    struct pl_buf vkey = {0};
    char page[PL_PUBLIC_URL_SIZE + 8] = "", origin[PL_PUBLIC_URL_SIZE];
    bool proven = pl_conference_proof(c, &of);
    if (pl_request_origin(r, origin))
        snprintf(page, sizeof page, "%s/verify", origin);
    pl_conference_vkey(c, &vkey);
    const struct pl_minutes_proof proof = {
        .page = page,
        .origin = of.origin,
        .size = of.size,
        .root = of.root.bytes,
        .key = pl_keyholder_signing(r->app->keyholder)->id.public,
        .vkey = vkey.failed ? "" : vkey.data,
    };
    pl_minutes_html(m, language, proven ? &proof : NULL, out);
    pl_buf_free(&vkey);
    return out->failed ? PL_ENOMEM : PL_OK;
}

/* What was adopted stays as it was, byte for byte. */
static enum pl_err write_text(struct pl_request *r, const struct pl_minutes *m,
                              enum pl_minutes_language language, struct pl_buf *out)
{
    enum pl_err e = pl_minutes_read_adopted(r->app->store, r->captures[0], language, out);
    if (e != PL_ENOENT)
        return e;
    pl_minutes_text(m, language, out);
    return out->failed ? PL_ENOMEM : PL_OK;
}

static enum pl_err write_minutes(struct pl_request *r, struct pl_conference *c,
                                 enum pl_minutes_language language, const struct format *format,
                                 struct pl_buf *out)
{
    const struct pl_minutes *m;
    enum pl_err e = pl_conference_minutes(c, &m);
    if (e)
        return e;
    if (strcmp(format->word, "text") == 0)
        return write_text(r, m, language, out);
    if (strcmp(format->word, "html") == 0)
        return write_html(r, c, m, language, out);
    pl_minutes_json(m, language, out);
    return out->failed ? PL_ENOMEM : PL_OK;
}

static void answer(struct pl_request *r, struct pl_conference *c, enum pl_minutes_language language,
                   const struct format *format)
{
    struct pl_buf out = {0};
    char name[80], id[PL_MEETING_ID_SIZE];
    enum pl_err e = pl_str_copy(r->captures[0], id, sizeof id);
    if (!e)
        e = write_minutes(r, c, language, format, &out);
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
