/* The REST API: meetings and invitations of who prepares them, and what the join page asks before
 * its user enters. JSON in, JSON out; times are Unix milliseconds. */
#include "server/app.h"

#include "base/json.h"
#include "meet/meeting.h"
#include "signal/decode.h"
#include "signal/definition.h"
#include "signal/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t wall_ms(void)
{
    return pl_wall_now_us() / 1000;
}

static struct pl_str meeting_of(const struct pl_request *r)
{
    return r->captures[0];
}

static void unknown_meeting(struct pl_request *r)
{
    pl_reply_error(r, 404, "unknown_meeting", pl_entry_text(PL_ENTRY_UNKNOWN_MEETING), NULL);
}

/* `why` of a decoder is "PLACE: what is wrong"; a place without spaces is a field's name. */
static void bad_body(struct pl_request *r, const char *why)
{
    char field[PL_FIELD_SIZE];
    size_t n = strcspn(why, ": ");
    bool named = n > 0 && n < sizeof field && why[n] == ':';
    if (named)
        snprintf(field, sizeof field, "%.*s", (int)n, why);
    pl_reply_error(r, 400, "bad_request", why, named ? field : NULL);
}

/* The definition of the meeting that is asked about; NULL: answered. */
static struct pl_definition *definition_of(struct pl_request *r, int64_t *created_ms)
{
    struct pl_definition *d = NULL;
    enum pl_err e = pl_store_get(r->app->store, meeting_of(r), &d, created_ms);
    if (e == PL_ENOENT)
        unknown_meeting(r);
    else if (e)
        pl_reply_failed(r, e);
    return d;
}

static bool in_session(const struct pl_request *r, struct pl_str meeting,
                       const struct pl_definition *d)
{
    const struct pl_conference *live = pl_conferences_find(r->app->conferences, meeting);
    return live ? pl_conference_in_session(live) : d->open || !pl_definition_has_chair(d);
}

static void put_person(struct pl_buf *json, const struct pl_definition *d, uint32_t person)
{
    const struct pl_person *p = &d->people[person];
    pl_json_str(json, "name", p->name);
    pl_json_str(json, "role", pl_role_words[p->role]);
    if (p->seat != PL_NO_SEAT) {
        const struct pl_seat *seat = &d->seats[p->seat];
        pl_json_str(json, "seat", seat->id);
        pl_json_str(json, "seat_name", seat->name);
        if (seat->country[0])
            pl_json_str(json, "country", seat->country);
    }
    pl_json_bool(json, "shared", p->shared);
}

void pl_put_invitation(struct pl_buf *json, const struct pl_definition *d,
                       const struct pl_invitation *i, const char *token, const char *origin)
{
    uint32_t person;
    pl_json_open(json, NULL, '{');
    pl_json_str(json, "id", i->id);
    pl_json_str(json, "person", i->person);
    if (pl_definition_person(d, pl_str(i->person), &person) == PL_OK)
        put_person(json, d, person);
    pl_json_int(json, "expires", i->expires_ms);
    if (i->revoked_ms)
        pl_json_int(json, "revoked", i->revoked_ms);
    if (origin) {
        char url[PL_PUBLIC_URL_SIZE + 64];
        pl_link(url, sizeof url, origin, i->meeting, token);
        pl_json_str(json, "token", token);
        pl_json_str(json, "url", url);
    }
    pl_json_close(json, '}');
}

void pl_link(char *out, size_t size, const char *origin, const char *meeting, const char *token)
{
    /* Behind the #, so that it is in no request line, no log and no Referer. "1." is the form's
     * version. */
    /* analyse: there is a token wherever there is an origin */
    snprintf(out, size, "%s/m/%s#1.%s", origin, meeting, token);
}

bool pl_request_links(struct pl_request *r, char origin[PL_PUBLIC_URL_SIZE])
{
    if (pl_request_origin(r, origin))
        return true;
    pl_reply_error(r, 400, "bad_host", "The Host header names no host.", NULL);
    return false;
}

/* The body as a definition that can be held here. NULL: answered. */
static struct pl_definition *definition_in(struct pl_request *r)
{
    struct pl_definition *d = NULL;
    char why[PL_WHY_SIZE];
    enum pl_err e = pl_definition_decode(pl_httpd_body(r->x), &d, why);
    if (e == PL_EINVAL || e == PL_ELIMIT) {
        bad_body(r, why);
        return NULL;
    }
    if (e) {
        pl_reply_failed(r, e);
        return NULL;
    }
    return d;
}

/* Invitations that were made, and the page that their links are for. */
struct made {
    struct pl_invitation_made *list;
    size_t n;
    const char *origin;
};

/* Tells the tokens, now and never again. Frees the list. */
static void reply_made(struct pl_request *r, unsigned status, struct pl_str id,
                       const struct pl_definition *d, const struct made *made)
{
    struct pl_buf json = {0};
    pl_json_open(&json, NULL, '{');
    pl_json_strn(&json, "id", id);
    pl_json_open(&json, "invitations", '[');
    for (size_t i = 0; i < made->n; i++)
        pl_put_invitation(&json, d, &made->list[i].invitation, made->list[i].token, made->origin);
    pl_json_close(&json, ']');
    pl_json_close(&json, '}');
    pl_reply_json(r, status, &json);
    free(made->list);
}

void pl_api_create(struct pl_request *r)
{
    char origin[PL_PUBLIC_URL_SIZE], id[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made;
    if (!pl_request_prepares_any(r) || !pl_request_type(r, "application/json") ||
        !pl_request_links(r, origin))
        return;
    if (pl_refuse_shut(r, NULL))
        return;
    struct pl_definition *d = definition_in(r);
    if (!d)
        return;
    if (!pl_request_may_name(r, d->body)) {
        pl_definition_free(d);
        return;
    }
    char why[PL_WHY_SIZE];
    enum pl_err e = pl_store_add(r->app->store, d, pl_httpd_body(r->x), wall_ms(), id, &made, why);
    if (e == PL_EINVAL) {
        bad_body(r, why);
    } else if (e) {
        pl_reply_failed(r, e);
    } else {
        pl_server_log_cover(r->app->log);
        const struct pl_audit_entry entry = {
            .act = PL_AUDIT_MEETING_MADE, .meeting = pl_str(id), .what = pl_str(d->title)};
        if (pl_request_audit(r, &entry))
            reply_made(r, 201, pl_str(id), d, &(struct made){made, d->n_people, origin});
        else
            free(made);
    }
    pl_definition_free(d);
}

/* The live meeting, if nobody has come to it yet; else NULL: answered. */
static struct pl_conference *untouched(struct pl_request *r)
{
    struct pl_conference *c = NULL;
    struct pl_definition *d = definition_of(r, NULL);
    if (!d)
        return NULL;
    enum pl_err e = pl_conferences_start(r->app->conferences, meeting_of(r), d, &c);
    if (e) {
        pl_definition_free(d);
        pl_reply_failed(r, e);
        return NULL;
    }
    if (pl_conference_untouched(c))
        return c;
    pl_reply_error(r, 409, "conflict",
                   "Somebody has come to this meeting already; what it is can no longer change.",
                   NULL);
    return NULL;
}

/* Its documents, as they are to be put again. */
static size_t documents_of(const struct pl_conference *c, struct pl_act out[PL_DOCUMENTS_MAX])
{
    size_t n = 0;
    pl_list_each (const struct pl_document, d, &pl_conference_state(c)->documents, node) {
        if (d->dropped || n == PL_DOCUMENTS_MAX)
            continue;
        out[n++] = (struct pl_act){
            .type = PL_ACT_PUT_DOCUMENT,
            .put_document = {.document = d->id,
                             .item = d->item->id,
                             .name = d->name,
                             .media_type = d->media_type,
                             .size = d->size,
                             .sha256 = d->sha256},
        };
    }
    return n;
}

static void replace(struct pl_request *r, const struct pl_definition *d, const char *origin)
{
    struct pl_conference *c = untouched(r);
    if (!c)
        return;
    struct pl_act *documents = calloc(PL_DOCUMENTS_MAX, sizeof *documents);
    struct pl_invitation_made *made;
    size_t n;
    char why[PL_WHY_SIZE];
    const struct pl_store_change change = {
        .definition = d,
        .json = pl_httpd_body(r->x),
        .documents = documents,
        .n_documents = documents ? documents_of(c, documents) : 0,
        .now_ms = wall_ms(),
    };
    enum pl_err e = documents
                        ? pl_store_replace(r->app->store, meeting_of(r), &change, &made, &n, why)
                        : PL_ENOMEM;
    if (e == PL_EINVAL) {
        bad_body(r, why);
    } else if (e) {
        pl_reply_failed(r, e);
    } else {
        pl_conferences_delete(r->app->conferences,
                              meeting_of(r)); /* as it was, with nobody in it */
        pl_server_log_cover(r->app->log);
        const struct pl_audit_entry entry = {
            .act = PL_AUDIT_MEETING_CHANGED, .meeting = meeting_of(r), .what = pl_str(d->title)};
        if (pl_request_audit(r, &entry))
            reply_made(r, 200, meeting_of(r), d, &(struct made){made, n, origin});
        else
            free(made);
    }
    free(documents);
}

void pl_api_replace(struct pl_request *r)
{
    char origin[PL_PUBLIC_URL_SIZE];
    if (!pl_request_prepares(r) || !pl_request_type(r, "application/json") ||
        !pl_request_links(r, origin))
        return;
    struct pl_definition *d = definition_in(r);
    if (d && pl_request_may_name(r, d->body))
        replace(r, d, origin);
    pl_definition_free(d);
}

struct listing {
    struct pl_request *r;
    const struct pl_definition *d;
    struct pl_buf json;
};

static void list_meeting(void *ctx, const char *id, struct pl_str title, int64_t created_ms)
{
    struct listing *l = ctx;
    const struct pl_conference *live = pl_conferences_find(l->r->app->conferences, pl_str(id));
    pl_json_open(&l->json, NULL, '{');
    pl_json_str(&l->json, "id", id);
    pl_json_strn(&l->json, "title", title);
    pl_json_int(&l->json, "created", created_ms);
    pl_json_int(&l->json, "participants", live ? (int64_t)pl_conference_participants(live) : 0);
    pl_json_close(&l->json, '}');
}

void pl_api_list(struct pl_request *r)
{
    if (!pl_request_known(r))
        return;
    struct listing l = {.r = r};
    pl_json_open(&l.json, NULL, '{');
    pl_json_open(&l.json, "meetings", '[');
    const struct pl_who *who = &r->who;
    enum pl_err e =
        who->standing.administrator
            ? pl_store_list(r->app->store, list_meeting, &l)
            : pl_accounts_meetings(r->app->accounts, who->account.number, list_meeting, &l);
    pl_json_close(&l.json, ']');
    pl_json_close(&l.json, '}');
    if (!e) {
        pl_reply_json(r, 200, &l.json);
        return;
    }
    pl_buf_free(&l.json);
    pl_reply_failed(r, e);
}

static void list_invitation(void *ctx, const struct pl_invitation *i)
{
    struct listing *l = ctx;
    pl_put_invitation(&l->json, l->d, i, NULL, NULL);
}

/* The fields that were posted, and beside them what became of the meeting. */
void pl_api_get(struct pl_request *r)
{
    int64_t created_ms;
    if (!pl_request_reads(r))
        return;
    struct pl_definition *d = definition_of(r, &created_ms);
    if (!d)
        return;
    struct pl_conference *live = NULL;
    if (pl_conferences_start(r->app->conferences, meeting_of(r), pl_definition_hold(d), &live))
        pl_definition_free(d); /* its record cannot be read: the definition can */
    struct listing l = {.r = r, .d = d};
    struct pl_buf definition = {0};
    pl_definition_encode(d, &definition);
    pl_json_open(&l.json, NULL, '{');
    pl_json_strn(&l.json, "id", meeting_of(r));
    pl_json_int(&l.json, "created", created_ms);
    if (!definition.failed && definition.len > 2) {
        pl_buf_puts(&l.json, ",");
        pl_buf_add(&l.json, definition.data + 1, definition.len - 2); /* without its braces */
    }
    pl_json_bool(&l.json, "in_session", in_session(r, meeting_of(r), d));
    pl_json_int(&l.json, "participants", live ? (int64_t)pl_conference_participants(live) : 0);
    if (live)
        pl_documents_list(live, &l.json);
    pl_json_open(&l.json, "invitations", '[');
    enum pl_err e = pl_store_invitations(r->app->store, meeting_of(r), list_invitation, &l);
    pl_json_close(&l.json, ']');
    pl_json_close(&l.json, '}');
    if (definition.failed)
        e = PL_ENOMEM;
    pl_buf_free(&definition);
    pl_definition_free(d);
    if (!e) {
        pl_reply_json(r, 200, &l.json);
        return;
    }
    pl_buf_free(&l.json);
    pl_reply_failed(r, e);
}

/* Its exact bytes, whose hash the record's first event and the organiser's manifest name. */
void pl_api_definition(struct pl_request *r)
{
    struct pl_asker who = {0};
    struct pl_buf text = {0};
    if (!pl_request_asker(r, &who))
        return;
    struct pl_conference *c = pl_request_live(r, &who);
    if (!c)
        return;
    if (!who.admin && !pl_conference_may_read_minutes(c, who.person)) {
        pl_reply_error(r, 403, "forbidden", "You may not read this meeting's definition now.",
                       NULL);
        return;
    }
    enum pl_err e = pl_store_definition(r->app->store, meeting_of(r), &text);
    if (!e) {
        pl_reply_json(r, 200, &text);
        return;
    }
    pl_buf_free(&text);
    pl_reply_failed(r, e);
}

enum pl_err pl_app_delete(struct pl_app *app, struct pl_str meeting)
{
    pl_conferences_wait(app->conferences); /* else it would be refused, with all beside it */
    enum pl_err e = pl_store_delete(app->store, meeting, wall_ms());
    if (e)
        return e;
    pl_conferences_delete(app->conferences, meeting);
    pl_server_log_cover(app->log);
    return PL_OK;
}

void pl_api_delete(struct pl_request *r)
{
    if (!pl_request_prepares(r))
        return;
    const struct pl_audit_entry entry = {.act = PL_AUDIT_MEETING_DELETED, .meeting = meeting_of(r)};
    enum pl_err e = pl_app_delete(r->app, meeting_of(r));
    if (e == PL_ENOENT)
        unknown_meeting(r);
    else if (e)
        pl_reply_failed(r, e);
    else if (pl_request_audit(r, &entry))
        pl_reply_empty(r, 204);
}

/* Whoever came in by an invitation leaves with it. */
static void expel(struct pl_request *r, const char *id)
{
    uint32_t person;
    struct pl_conference *live = pl_conferences_find(r->app->conferences, meeting_of(r));
    if (live && pl_definition_person(pl_conference_definition(live), pl_str(id), &person) == PL_OK)
        pl_conference_revoke(live, person);
}

/* {"person":"p1","replaces":true} as an index; `replaces` is optional. False: answered. */
static bool person_in(struct pl_request *r, const struct pl_definition *d, uint32_t *person,
                      bool *replaces)
{
    static const char *const names[] = {"person", "replaces"};
    struct pl_decode_error error = {0};
    struct pl_decoder decoder = {.error = &error};
    struct pl_str id;
    json_t *o = pl_decode_load(pl_httpd_body(r->x), PL_HTTPD_BODY_DEFAULT, &error);
    if (o) {
        pl_decode_object(&decoder, o, names, 2);
        pl_decode_bool(&decoder, o, "replaces", true, replaces);
        if (pl_decode_string(&decoder, o, "person", PL_PERSON_ID_SIZE - 1, false, &id) &&
            pl_definition_person(d, id, person) != PL_OK)
            pl_decode_fail(&decoder, PL_EINVAL, "person", "nobody of this meeting has this id");
        json_decref(o);
    }
    if (error.err == PL_OK)
        return true;
    if (error.err == PL_ENOMEM)
        pl_reply_failed(r, error.err);
    else
        pl_reply_error(r, 400, "bad_request", error.reason, error.field[0] ? error.field : NULL);
    return false;
}

static void reply_invited(struct pl_request *r, const struct pl_definition *d,
                          const struct pl_invitation_made *made, const char *origin)
{
    struct pl_buf json = {0};
    const struct pl_audit_entry entry = {.act = PL_AUDIT_INVITED,
                                         .meeting = meeting_of(r),
                                         .person = pl_str(made->invitation.person)};
    if (!pl_request_audit(r, &entry))
        return;
    pl_put_invitation(&json, d, &made->invitation, made->token, origin);
    pl_reply_json(r, 201, &json);
}

static void reply_revoked(struct pl_request *r, const char *person)
{
    const struct pl_audit_entry entry = {
        .act = PL_AUDIT_INVITATION_REVOKED, .meeting = meeting_of(r), .person = pl_str(person)};
    expel(r, person);
    if (pl_request_audit(r, &entry))
        pl_reply_empty(r, 204);
}

void pl_api_invite(struct pl_request *r)
{
    char origin[PL_PUBLIC_URL_SIZE];
    uint32_t person;
    bool replaces = false;
    if (!pl_request_prepares(r) || !pl_request_type(r, "application/json") ||
        !pl_request_links(r, origin))
        return;
    struct pl_definition *d = definition_of(r, NULL);
    if (!d)
        return;
    if (person_in(r, d, &person, &replaces)) {
        struct pl_invitation_made made;
        enum pl_err e = (replaces ? pl_store_invite_anew : pl_store_invite)(
            r->app->store, meeting_of(r), d, person, wall_ms(), &made);
        if (e == PL_ELIMIT) {
            pl_reply_error(r, 409, "too_many_invitations",
                           "This meeting has as many invitations as it may have.", NULL);
        } else if (e) {
            pl_reply_failed(r, e);
        } else {
            if (replaces)
                expel(r, made.invitation.person);
            reply_invited(r, d, &made, origin);
        }
    }
    pl_definition_free(d);
}

void pl_api_revoke(struct pl_request *r)
{
    struct pl_invitation i;
    if (!pl_request_prepares(r))
        return;
    enum pl_err e = pl_store_revoke(r->app->store, meeting_of(r), r->captures[1], wall_ms(), &i);
    if (e == PL_ENOENT) {
        pl_reply_error(r, 404, "unknown_invitation", "There is no such invitation.", NULL);
    } else if (e) {
        pl_reply_failed(r, e);
    } else {
        reply_revoked(r, i.person);
    }
}

/* May this person be put out by who asks? NULL: yes; else why not. */
static const char *spared(const struct pl_asker *who, uint32_t person)
{
    if (who->admin)
        return NULL;
    if (who->person == person)
        return "Nobody revokes their own invitation; leave instead.";
    return who->definition->people[person].role == PL_ROLE_CHAIR
               ? "Only the administrator revokes the chair's invitation."
               : NULL;
}

void pl_api_revoke_person(struct pl_request *r)
{
    struct pl_asker who;
    uint32_t person;
    if (!pl_request_presides(r, &who))
        return;
    const char *why = NULL;
    enum pl_err e = pl_definition_person(who.definition, r->captures[1], &person);
    if (!e) {
        why = spared(&who, person);
        if (!why)
            e = pl_store_revoke_person(r->app->store, meeting_of(r),
                                       who.definition->people[person].id, wall_ms());
    }
    if (e == PL_ENOENT) {
        pl_reply_error(r, 404, "unknown_person", "Nobody of this meeting has this id.", NULL);
    } else if (e) {
        pl_reply_failed(r, e);
    } else if (why) {
        pl_reply_error(r, 403, "forbidden", why, NULL);
    } else {
        reply_revoked(r, who.definition->people[person].id);
    }
    pl_definition_free(who.definition);
}

void pl_api_invitation(struct pl_request *r)
{
    struct pl_entry_pass pass;
    if (!pl_request_invited(r, &pass))
        return;
    const struct pl_definition *d = pass.definition;
    struct pl_buf json = {0};
    pl_json_open(&json, NULL, '{');
    pl_json_open(&json, "meeting", '{');
    pl_json_str(&json, "id", pass.invitation.meeting);
    pl_json_str(&json, "title", d->title);
    if (d->marking)
        pl_json_str(&json, "marking", d->marking);
    pl_json_str(&json, "floor", pl_floor_words[d->floor]);
    pl_json_str(&json, "encryption", pl_encryption_words[d->encryption]);
    pl_json_bool(&json, "in_session", in_session(r, pl_str(pass.invitation.meeting), d));
    pl_json_close(&json, '}');
    pl_json_open(&json, "you", '{');
    put_person(&json, d, pass.person);
    pl_json_close(&json, '}');
    pl_json_close(&json, '}');
    pl_reply_json(r, 200, &json);
    pl_definition_free(pass.definition);
}
