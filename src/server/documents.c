/* Documents over HTTP: who presides, or the administrator, adds them; who may see their item reads
 * them. The bytes are the store's, what they are says the record. */
#include "server/app.h"

#include "base/json.h"
#include "meet/meeting.h"
#include "proto/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(PL_DOCUMENT_PART == PL_HTTPD_PART, "a part is read and sent as it is");

/* What is taken: the Content-Type, and what such a file begins with. */
static const struct kind {
    const char *type, *name;
    struct {
        size_t at;
        const char *bytes;
        size_t n;
    } marks[2];
} kinds[] = {
    {"application/pdf", "PDF", {{0, "%PDF-", 5}}},
    {"image/png", "PNG", {{0, "\x89PNG\r\n\x1a\n", 8}}},
    {"image/jpeg", "JPEG", {{0, "\xff\xd8\xff", 3}}},
    {"image/webp", "WebP", {{0, "RIFF", 4}, {8, "WEBP", 4}}},
};

static bool looks_like(const struct kind *kind, struct pl_str body)
{
    for (size_t i = 0; i < 2 && kind->marks[i].bytes; i++)
        if (body.n < kind->marks[i].at + kind->marks[i].n ||
            memcmp(body.p + kind->marks[i].at, kind->marks[i].bytes, kind->marks[i].n) != 0)
            return false;
    return true;
}

/* NULL: answered. */
static const struct kind *kind_of(struct pl_request *r)
{
    struct pl_str value = pl_httpd_header(r->x, "Content-Type");
    struct pl_str type = value.p ? pl_str_split(&value, ';') : (struct pl_str){"", 0};
    while (type.n && type.p[type.n - 1] == ' ')
        type.n--;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!pl_str_eq_nocase(type, kinds[i].type))
            continue;
        if (looks_like(&kinds[i], pl_httpd_body(r->x)))
            return &kinds[i];
        char message[80];
        snprintf(message, sizeof message, "What came is no %s.", kinds[i].name);
        pl_reply_error(r, 415, "unsupported_media_type", message, NULL);
        return NULL;
    }
    pl_reply_error(r, 415, "unsupported_media_type",
                   "A document is PDF, PNG, JPEG or WebP, and its Content-Type says which.", NULL);
    return NULL;
}

static void refuse(struct pl_request *r, enum pl_err e, const struct pl_denial *denial)
{
    const char *field = denial->field[0] ? denial->field : NULL;
    if (e == PL_ELIMIT)
        pl_reply_error(r, 409, "too_many_documents", denial->why, NULL);
    else if (e == PL_ESTATE)
        pl_reply_error(r, 409, "conflict", denial->why, field);
    else if (e == PL_EINVAL || e == PL_ENOENT)
        pl_reply_error(r, 400, "bad_request", denial->why, field);
    else
        pl_reply_failed(r, e);
}

static void put_document(struct pl_buf *json, const struct pl_document *d)
{
    pl_json_open(json, NULL, '{');
    pl_json_strn(json, "document", d->id);
    pl_json_strn(json, "item", d->item->id);
    pl_json_strn(json, "name", d->name);
    pl_json_strn(json, "media_type", d->media_type);
    pl_json_int(json, "size", d->size);
    pl_json_strn(json, "sha256", d->sha256);
    pl_json_close(json, '}');
}

void pl_documents_list(const struct pl_conference *c, struct pl_buf *json)
{
    pl_json_open(json, "documents", '[');
    pl_list_each (const struct pl_document, d, &pl_conference_state(c)->documents, node) {
        if (!d->dropped)
            put_document(json, d);
    }
    pl_json_close(json, ']');
}

static void add(struct pl_request *r, struct pl_asker *who)
{
    char item[PL_ID_MAX_BYTES + 1], name[PL_NAME_MAX + 1], id[PL_MEETING_ID_SIZE];
    struct pl_str query = pl_httpd_query(r->x);
    const char *wrong = pl_http_query(query, "item", item, sizeof item)   ? "item"
                        : pl_http_query(query, "name", name, sizeof name) ? "name"
                                                                          : NULL;
    const struct kind *kind = wrong ? NULL : kind_of(r);
    if (!kind) {
        pl_definition_free(who->definition);
        if (wrong)
            pl_reply_error(r, 400, "bad_request",
                           "The query says ?item=ID&name=NAME, each once, percent-encoded.", wrong);
        return;
    }
    struct pl_conference *c = pl_request_live(r, who);
    if (!c)
        return;
    if (!who->admin && pl_conference_refuses(c, who->person)) {
        pl_reply_error(r, 403, "forbidden", "You were removed from this meeting.", NULL);
        return;
    }
    const struct pl_new_document document = {pl_str(item), pl_str(name), pl_str(kind->type),
                                             pl_httpd_body(r->x)};
    struct pl_denial denial;
    enum pl_err e = pl_conference_put_document(c, &document, id, &denial);
    if (e) {
        refuse(r, e, &denial);
        return;
    }
    struct pl_buf json = {0};
    const struct pl_audit_entry entry = {
        .act = PL_AUDIT_DOCUMENT_PUT, .meeting = r->captures[0], .what = pl_str(name)};
    if (!pl_request_audit(r, &entry))
        return;
    put_document(&json, pl_conference_document(c, pl_str(id)));
    pl_reply_json(r, 201, &json);
}

void pl_documents_post(struct pl_request *r)
{
    struct pl_asker who = {0};
    if (pl_request_presides(r, &who))
        add(r, &who);
}

/* One on its way to a client. */
struct reading {
    struct pl_store *store;
    char meeting[PL_MEETING_ID_SIZE], id[PL_ID_MAX_BYTES + 1];
};

static size_t read_part(void *ctx, uint64_t at, void *out)
{
    const struct reading *d = ctx;
    size_t n;
    return pl_store_read_document(d->store, pl_str(d->meeting), pl_str(d->id),
                                  (size_t)(at / PL_DOCUMENT_PART), out, &n) == PL_OK
               ? n
               : 0;
}

/* RFC 6266, with the name as RFC 8187 has it. */
static void disposition(struct pl_str name, struct pl_buf *out)
{
    pl_buf_puts(out, "attachment; filename*=UTF-8''");
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '-' || c == '_';
        pl_buf_printf(out, plain ? "%c" : "%%%02X", c);
    }
}

static void send(struct pl_request *r, const struct pl_document *d)
{
    struct reading *reading = calloc(1, sizeof *reading);
    struct pl_buf name = {0};
    disposition(d->name, &name);
    if (!reading || name.failed ||
        pl_str_copy(r->captures[0], reading->meeting, sizeof reading->meeting) ||
        pl_str_copy(d->id, reading->id, sizeof reading->id)) {
        free(reading);
        pl_reply_failed(r, PL_ENOMEM);
    } else {
        reading->store = r->app->store;
        const struct pl_httpd_source source = {reading, read_part, free};
        /* Whatever a file holds, it is shown in no page of ours: a second policy, beside that of
         * all answers. It never changes under its id. */
        const struct pl_reply reply = {
            .status = 200,
            .type = d->media_type.p,
            .extra = {{"Content-Disposition", name.data},
                      {"Content-Security-Policy", "sandbox"},
                      {"Cache-Control", "private, max-age=31536000, immutable"},
                      {"Vary", "Authorization"}},
            .n_extra = 4,
        };
        pl_reply_source(r, &reply, &source, (uint64_t)d->size);
    }
    pl_buf_free(&name);
}

void pl_documents_get(struct pl_request *r)
{
    struct pl_asker who = {0};
    if (!pl_request_asker(r, &who))
        return;
    struct pl_conference *c = pl_request_live(r, &who);
    if (!c)
        return;
    const struct pl_document *d = pl_conference_document(c, r->captures[1]);
    if (!d)
        pl_reply_error(r, 404, "unknown_document", "There is no such document.", NULL);
    else if (!who.admin && !pl_conference_may_read(c, who.person, d))
        pl_reply_error(r, 403, "forbidden", "You may not read this document now.", NULL);
    else
        send(r, d);
}
