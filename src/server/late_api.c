/* One more person for a meeting that is made, over REST: named by who presides, or by who
 * prepares it, who are told the link. Or one more seat, by the latter alone. */
#include "server/app.h"

#include "base/json.h"
#include "meet/meeting.h"
#include "signal/decode.h"

#include <string.h>

static void read_person(struct pl_decoder *d, json_t *o, struct pl_act *out)
{
    static const char *const names[] = {"name", "role", "seat", "language"};
    struct pl_act_add_person *person = &out->add_person;
    unsigned role = 0;
    pl_decode_object(d, o, names, sizeof names / sizeof *names);
    pl_decode_string(d, o, "name", PL_NAME_MAX, false, &person->name);
    pl_decode_word(d, o, "role", pl_late_role_words, PL_LATE_ROLE_COUNT, false, &role);
    pl_decode_string(d, o, "seat", PL_SEAT_ID_MAX, true, &person->seat);
    pl_decode_string(d, o, "language", PL_LANGUAGE_MAX, true, &person->language);
    person->role = (enum pl_late_role)role;
}

/* As in a definition: what it says, the meeting checks. */
static void read_seat(struct pl_decoder *d, json_t *o, struct pl_act *out)
{
    static const char *const names[] = {"id", "name", "country", "guest", "weight"};
    struct pl_act_add_seat *seat = &out->add_seat;
    seat->weight = 1;
    pl_decode_object(d, o, names, sizeof names / sizeof *names);
    pl_decode_string(d, o, "id", PL_SEAT_ID_MAX, false, &seat->seat);
    pl_decode_string(d, o, "name", PL_NAME_MAX, false, &seat->name);
    pl_decode_string(d, o, "country", 2, true, &seat->country);
    pl_decode_bool(d, o, "guest", true, &seat->guest);
    pl_decode_int(d, o, "weight", 0, PL_WEIGHT_MAX, true, &seat->weight);
}

/* The body; texts are borrowed from *json, which is the caller's. False: answered. */
static bool read_body(struct pl_request *r, json_t **json, struct pl_act *out,
                      void (*read)(struct pl_decoder *d, json_t *o, struct pl_act *out))
{
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    json_t *o = pl_decode_load(pl_httpd_body(r->x), PL_HTTPD_BODY_DEFAULT, &error);
    if (o)
        read(&d, o, out);
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

/* `too_many`: the code where there is no room. */
static void refuse(struct pl_request *r, enum pl_err e, const struct pl_denial *denial,
                   const char *too_many)
{
    const char *field = denial->field[0] ? denial->field : NULL;
    if (e == PL_EINVAL)
        pl_reply_error(r, 400, "bad_request", denial->why, field);
    else if (e == PL_ELIMIT)
        pl_reply_error(r, 409, too_many, denial->why, NULL);
    else if (e == PL_ESTATE)
        pl_reply_error(r, 409, "conflict", denial->why, field);
    else
        pl_reply_failed(r, e);
}

/* The live meeting; false: answered. */
static bool start(struct pl_request *r, const struct pl_asker *who, struct pl_conference **c)
{
    struct pl_definition *d = pl_definition_hold(who->definition);
    enum pl_err e = pl_conferences_start(r->app->conferences, r->captures[0], d, c);
    if (!e)
        return true;
    pl_definition_free(d);
    pl_reply_failed(r, e);
    return false;
}

static void add(struct pl_request *r, const struct pl_asker *who, const char *origin,
                const struct pl_act_add_person *person)
{
    struct pl_conference *c;
    struct pl_invitation_made made;
    struct pl_denial denial = {0};
    if (!start(r, who, &c))
        return;
    if (!who->admin && pl_conference_refuses(c, who->person)) {
        pl_reply_error(r, 403, "forbidden", "You were removed from this meeting.", NULL);
        return;
    }
    enum pl_err e = pl_conference_add_person(c, who->admin ? PL_NO_PERSON : who->person, person,
                                             &made, &denial);
    if (e) {
        refuse(r, e, &denial, "too_many_people");
        return;
    }
    struct pl_buf json = {0};
    const struct pl_audit_entry entry = {.act = PL_AUDIT_PERSON_ADDED,
                                         .meeting = r->captures[0],
                                         .person = pl_str(made.invitation.person)};
    if (!pl_request_audit(r, &entry))
        return;
    pl_put_invitation(&json, pl_conference_definition(c), &made.invitation, made.token, origin);
    pl_reply_json(r, 201, &json);
}

void pl_api_add_person(struct pl_request *r)
{
    char origin[PL_PUBLIC_URL_SIZE];
    struct pl_asker who;
    struct pl_act person = {0};
    json_t *json;
    if (!pl_request_type(r, "application/json") || !pl_request_links(r, origin) ||
        !pl_request_presides(r, &who))
        return;
    if (read_body(r, &json, &person, read_person)) {
        add(r, &who, origin, &person.add_person);
        json_decref(json);
    }
    pl_definition_free(who.definition);
}

void pl_api_add_seat(struct pl_request *r)
{
    struct pl_asker who;
    struct pl_act seat = {0};
    struct pl_denial denial = {0};
    struct pl_conference *c;
    json_t *json;
    if (!pl_request_prepares(r) || !pl_request_type(r, "application/json") ||
        !pl_request_asker(r, &who))
        return;
    if (read_body(r, &json, &seat, read_seat)) {
        if (start(r, &who, &c)) {
            enum pl_err e = pl_conference_add_seat(c, &seat.add_seat, &denial);
            if (strcmp(denial.field, "seat") == 0)
                memcpy(denial.field, "id", sizeof "id"); /* as a definition has it */
            const struct pl_audit_entry entry = {
                .act = PL_AUDIT_SEAT_ADDED, .meeting = r->captures[0], .what = seat.add_seat.seat};
            if (e)
                refuse(r, e, &denial, "too_many_seats");
            else if (pl_request_audit(r, &entry))
                pl_reply_empty(r, 204);
        }
        json_decref(json);
    }
    pl_definition_free(who.definition);
}
