/* The manifest of a meeting over HTTP: who presides, or the administrator, puts it;
 * whoever is invited reads it. Its signatures are checked so that a mistake is told to who makes
 * it; those in the meeting rely on their own check alone. */
#include "server/app.h"

#include "base/json.h"
#include "crypto/hash.h"
#include "io/entropy.h"
#include "meet/meeting.h"
#include "record/people.h"
#include "server/manifest_signed.h"
#include "signal/decode.h"
#include "signal/messages.h"

#include <stdlib.h>
#include <string.h>

/* The body; strings are borrowed from `json`. */
struct body {
    struct pl_store_manifest signed_text;
    struct pl_manifest read;
    json_t *json;
    struct pl_people *people;                /* once it is verified */
    char why[PL_PEOPLE_WHY_SIZE];            /* not */
    char definition[2 * PL_SHA256_SIZE + 1]; /* SHA-256 of the meeting's, as it was made, */
    size_t seats;                            /* and how many those are */
};

static void decode_body(struct pl_request *r, struct body *b, struct pl_decode_error *error)
{
    static const char *const names[] = {"manifest", "signature", "key", "signed_by"};
    struct pl_decoder d = {.error = error};
    struct pl_store_manifest *m = &b->signed_text;
    b->json = pl_decode_load(pl_httpd_body(r->x), 2 * PL_MANIFEST_MAX, error);
    if (!b->json)
        return;
    pl_decode_object(&d, b->json, names, sizeof names / sizeof *names);
    pl_decode_string(&d, b->json, "manifest", PL_MANIFEST_MAX, false, &m->manifest);
    pl_decode_string(&d, b->json, "signature", 86, false, &m->signature);
    pl_decode_string(&d, b->json, "key", 43, false, &m->key);
    pl_decode_string(&d, b->json, "signed_by", 32, false, &m->signed_by);
    if (error->err != PL_OK)
        return;
    struct pl_decode_error inside;
    if (pl_manifest_decode(m->manifest, &b->read, &inside) != PL_OK)
        pl_decode_fail(&d, inside.err, "manifest", "%.60s%s%.200s", inside.field,
                       inside.field[0] ? ": " : "", inside.reason);
    else
        m->version = b->read.version;
}

struct before {
    int64_t version; /* 0: there is none */
    char key[44];
    enum pl_err follows; /* PL_EAUTH: the new one may not come after it, */
    char why[PL_PEOPLE_WHY_SIZE];
    const struct pl_people *next; /* which is this */
};

/* What a person signs undoes nothing of the organiser's. */
static enum pl_err look_at_order(struct before *before, const struct pl_store_manifest *m)
{
    const struct pl_line_manifest line = {m->manifest, m->signature, m->key, m->signed_by};
    const struct pl_random random = pl_entropy();
    struct pl_people *people;
    if (before->next->organisers == before->next->version)
        return PL_OK; /* the organiser's */
    enum pl_err err = pl_people_verify(&line, &random, &people, before->why);
    if (err)
        return err;
    err = pl_people_follow(before->next, people, before->why);
    pl_people_free(people);
    return err;
}

static void take_before(void *ctx, const struct pl_store_manifest *m)
{
    struct before *before = ctx;
    before->version = m->version;
    if (pl_str_copy(m->key, before->key, sizeof before->key) != PL_OK)
        before->key[0] = 0; /* we did not write that */
    before->follows = look_at_order(before, m);
}

/* What would not verify in an exported record is not taken into it. */
static const char *check_people(struct body *b)
{
    const struct pl_store_manifest *m = &b->signed_text;
    const struct pl_line_manifest line = {m->manifest, m->signature, m->key, m->signed_by};
    const struct pl_random random = pl_entropy();
    switch (pl_people_verify(&line, &random, &b->people, b->why)) {
    case PL_OK:
        return NULL;
    case PL_ENOMEM:
        return "The server has no memory left.";
    default:
        return b->why;
    }
}

static enum pl_err look_at_definition(struct pl_request *r, struct body *b)
{
    struct pl_buf text = {0};
    struct pl_definition *made;
    uint8_t hash[PL_SHA256_SIZE];
    enum pl_err e = pl_store_made(r->app->store, r->captures[0], &made);
    if (e)
        return e;
    b->seats = made->n_seats;
    pl_definition_free(made);
    e = pl_store_definition(r->app->store, r->captures[0], &text);
    if (!e) {
        pl_sha256(text.data, text.len, hash);
        pl_hex(hash, sizeof hash, b->definition);
    }
    pl_buf_free(&text);
    return e;
}

/* What a person signs goes on from the organiser's, which may be from before there was the field.
 */
static const char *check_definition(const struct body *b)
{
    const struct pl_people *p = b->people;
    if (!p->definition.p && p->organisers == p->version)
        return "The manifest must name the meeting's definition, by its SHA-256.";
    if (p->definition.p && !pl_str_eq(p->definition, b->definition))
        return "The manifest names another definition than the one that this meeting has.";
    return NULL;
}

/* Seats that were added stay what they are. */
static const char *check_seats(const struct body *b, const struct pl_definition *d)
{
    struct pl_act_add_seat which;
    const char *field = pl_people_differ_late(b->people, d, b->seats, &which);
    return !field ? NULL
           : strcmp(field, "seat") == 0
               ? "The manifest must list the seats that were added to this meeting."
               : "The manifest says something else of a seat than it was added with.";
}

/* NULL: it is good; else why not. */
static const char *check(const struct pl_request *r, struct body *b, const struct pl_definition *d,
                         const char **field)
{
    const struct pl_store_manifest *m = &b->signed_text;
    *field = "manifest";
    if (b->read.meeting.n != r->captures[0].n ||
        memcmp(b->read.meeting.p, r->captures[0].p, b->read.meeting.n) != 0)
        return "This manifest is of another meeting.";
    if (b->read.encryption != d->encryption)
        return "The manifest and the meeting differ in their encryption.";
    *field = "signature";
    if (!pl_manifest_is_signed(m, &b->read))
        return "This is no signature by who is said to have signed.";
    *field = "manifest";
    const char *why = check_people(b);
    if (!why)
        why = check_definition(b);
    return why ? why : check_seats(b, d);
}

static void put(struct pl_request *r, const struct body *b, struct pl_definition *d)
{
    const struct pl_store_manifest *m = &b->signed_text;
    struct before before = {.next = b->people};
    enum pl_err e = pl_store_manifest(r->app->store, r->captures[0], take_before, &before);
    if (e && e != PL_ENOENT) {
        pl_reply_failed(r, e);
        return;
    }
    if (before.version && !pl_str_eq(m->key, before.key)) {
        pl_reply_error(r, 409, "conflict",
                       "This meeting's manifest was signed by another organiser.", "key");
        return;
    }
    if (before.version >= m->version) {
        pl_reply_error(r, 409, "conflict",
                       "There is a manifest of this version, or a higher one, already.",
                       "manifest");
        return;
    }
    if (before.follows == PL_EAUTH) {
        pl_reply_error(r, 409, "conflict", before.why, "manifest");
        return;
    }
    if (before.follows) {
        pl_reply_failed(r, before.follows);
        return;
    }
    struct pl_conference *c;
    struct pl_denial denial = {0};
    e = pl_conferences_start(r->app->conferences, r->captures[0], pl_definition_hold(d), &c);
    if (e)
        pl_definition_free(d);
    else
        e = pl_conference_put_manifest(c, m, &denial);
    if (e == PL_ELIMIT)
        pl_reply_error(r, 409, "conflict", denial.why, NULL);
    else if (e)
        pl_reply_failed(r, e);
    else if (pl_request_audit(r, &(struct pl_audit_entry){.act = PL_AUDIT_MANIFEST_PUT,
                                                          .meeting = r->captures[0]}))
        pl_reply_empty(r, 204);
}

/* Was this person put out of the running meeting? */
static bool is_out(struct pl_request *r, const struct pl_asker *who)
{
    const struct pl_conference *live = pl_conferences_find(r->app->conferences, r->captures[0]);
    return !who->admin && live && pl_conference_refuses(live, who->person);
}

void pl_manifest_put(struct pl_request *r)
{
    struct pl_asker who;
    struct body b = {0};
    struct pl_decode_error error = {0};
    const char *field;
    if (!pl_request_type(r, "application/json") || !pl_request_presides(r, &who))
        return;
    decode_body(r, &b, &error);
    enum pl_err e = error.err ? error.err : look_at_definition(r, &b);
    const char *wrong = e ? NULL : check(r, &b, who.definition, &field);
    if (e && (e == PL_ENOMEM || !error.err))
        pl_reply_failed(r, e);
    else if (error.err)
        pl_reply_error(r, 400, "bad_request", error.reason, error.field[0] ? error.field : NULL);
    else if (is_out(r, &who))
        pl_reply_error(r, 403, "forbidden", "You were removed from this meeting.", NULL);
    else if (wrong)
        pl_reply_error(r, 400, "bad_request", wrong, field);
    else
        put(r, &b, who.definition);
    if (b.read.json)
        pl_manifest_free(&b.read);
    pl_people_free(b.people);
    json_decref(b.json);
    pl_definition_free(who.definition);
}

static void write_manifest(void *ctx, const struct pl_store_manifest *m)
{
    struct pl_buf *json = ctx;
    pl_json_open(json, NULL, '{');
    pl_json_strn(json, "manifest", m->manifest);
    pl_json_strn(json, "signature", m->signature);
    pl_json_strn(json, "key", m->key);
    pl_json_strn(json, "signed_by", m->signed_by);
    pl_json_close(json, '}');
}

void pl_manifest_get(struct pl_request *r)
{
    struct pl_asker who;
    struct pl_buf json = {0};
    if (!pl_request_asker(r, &who))
        return;
    pl_definition_free(who.definition);
    enum pl_err e = pl_store_manifest(r->app->store, r->captures[0], write_manifest, &json);
    if (!e) {
        pl_reply_json(r, 200, &json);
        return;
    }
    pl_buf_free(&json);
    if (e == PL_ENOENT)
        pl_reply_error(r, 404, "unknown_manifest", "This meeting has no manifest.", NULL);
    else
        pl_reply_failed(r, e);
}
