/* One more person for a meeting that is made, over REST: named by who presides, or by the
 * administrator, who are told the link. */
#include "server/app.h"

#include "base/json.h"
#include "meet/meeting.h"
#include "signal/decode.h"

/* The body; texts are borrowed from *json, which is the caller's. False: answered. */
static bool read_body(struct pl_request *r, json_t **json, struct pl_act_add_person *out)
{
    static const char *const names[] = {"name", "role", "seat", "language"};
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    unsigned role = 0;
    json_t *o = pl_decode_load(pl_httpd_body(r->x), PL_HTTPD_BODY_DEFAULT, &error);
    if (o) {
        pl_decode_object(&d, o, names, sizeof names / sizeof *names);
        pl_decode_string(&d, o, "name", PL_NAME_MAX, false, &out->name);
        pl_decode_word(&d, o, "role", pl_late_role_words, PL_LATE_ROLE_COUNT, false, &role);
        pl_decode_string(&d, o, "seat", PL_SEAT_ID_MAX, true, &out->seat);
        pl_decode_string(&d, o, "language", PL_LANGUAGE_MAX, true, &out->language);
        out->role = (enum pl_late_role)role;
    }
    *json = o;
    if (error.err == PL_OK)
        return true;
    json_decref(o);
    if (error.err == PL_ENOMEM)
        pl_reply_failed(r, error.err);
    else
        pl_reply_error(r, 400, "bad_request", error.reason, error.field[0] ? error.field : NULL);
    return false;
}

static void refuse(struct pl_request *r, enum pl_err e, const struct pl_denial *denial)
{
    const char *field = denial->field[0] ? denial->field : NULL;
    if (e == PL_EINVAL)
        pl_reply_error(r, 400, "bad_request", denial->why, field);
    else if (e == PL_ELIMIT)
        pl_reply_error(r, 409, "too_many_people", denial->why, NULL);
    else
        pl_reply_failed(r, e);
}

static void add(struct pl_request *r, const struct pl_asker *who, const char *origin,
                const struct pl_act_add_person *person)
{
    struct pl_conference *c;
    struct pl_invitation_made made;
    struct pl_denial denial = {0};
    struct pl_definition *d = pl_definition_hold(who->definition);
    enum pl_err e = pl_conferences_start(r->app->conferences, r->captures[0], d, &c);
    if (e) {
        pl_definition_free(d);
        pl_reply_failed(r, e);
        return;
    }
    if (!who->admin && pl_conference_refuses(c, who->person)) {
        pl_reply_error(r, 403, "forbidden", "You were removed from this meeting.", NULL);
        return;
    }
    e = pl_conference_add_person(c, who->admin ? PL_NO_PERSON : who->person, person, &made,
                                 &denial);
    if (e) {
        refuse(r, e, &denial);
        return;
    }
    struct pl_buf json = {0};
    pl_put_invitation(&json, pl_conference_definition(c), &made.invitation, made.token, origin);
    pl_reply_json(r, 201, &json);
}

void pl_api_add_person(struct pl_request *r)
{
    char origin[PL_PUBLIC_URL_SIZE];
    struct pl_asker who;
    struct pl_act_add_person person = {0};
    json_t *json;
    if (!pl_request_type(r, "application/json") || !pl_request_links(r, origin) ||
        !pl_request_presides(r, &who))
        return;
    if (read_body(r, &json, &person)) {
        add(r, &who, origin, &person);
        json_decref(json);
    }
    pl_definition_free(who.definition);
}
