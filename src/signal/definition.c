/* See definition.h. The fields, in the order in which they are written: title, marking, floor,
 * encryption, lobby, open, seats, people. */
#include "signal/definition.h"

#include "base/json.h"
#include "signal/decode.h"
#include "signal/messages.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define EXPIRES_MAX INT64_C(253402300799999) /* the end of the year 9999 */

static char *copy(struct pl_decoder *d, struct pl_str s)
{
    char *text = malloc(s.n + 1);
    if (!text) {
        pl_decode_fail(d, PL_ENOMEM, NULL, "no memory");
        return NULL;
    }
    if (s.n)
        memcpy(text, s.p, s.n);
    text[s.n] = 0;
    return text;
}

/* One line of text to be shown to people: not empty, no control characters. NULL if absent. */
static char *line(struct pl_decoder *d, json_t *o, const char *name, size_t max, bool optional)
{
    struct pl_str s;
    if (!pl_decode_string(d, o, name, max, optional, &s))
        return NULL;
    if (s.n == 0)
        pl_decode_fail(d, PL_EINVAL, name, "must not be empty");
    else if (memchr(s.p, '\n', s.n) || memchr(s.p, '\r', s.n) || memchr(s.p, '\t', s.n))
        pl_decode_fail(d, PL_EINVAL, name, "must be one line");
    return d->error->err == PL_OK ? copy(d, s) : NULL;
}

static void decode_seat(struct pl_decoder *d, json_t *o, struct pl_seat *seat)
{
    static const char *const names[] = {"id", "name", "country"};
    pl_decode_object(d, o, names, COUNT(names));
    struct pl_str s;
    if (pl_decode_string(d, o, "id", PL_SEAT_ID_MAX, false, &s)) {
        if (!pl_id_ok(s) || pl_str_copy(s, seat->id, sizeof seat->id) != PL_OK)
            pl_decode_fail(d, PL_EINVAL, "id",
                           "must be 1 to %d letters, digits, dots, dashes and underscores",
                           PL_SEAT_ID_MAX);
    }
    seat->name = line(d, o, "name", PL_NAME_MAX, false);
    if (pl_decode_string(d, o, "country", 2, true, &s)) {
        if (!pl_country_ok(s) || pl_str_copy(s, seat->country, sizeof seat->country) != PL_OK)
            pl_decode_fail(d, PL_EINVAL, "country", "must be two capital letters (ISO 3166-1)");
    }
}

/* PL_NO_SEAT if there is none of this id among the first n. */
static uint32_t seat_index(const struct pl_definition *def, struct pl_str id)
{
    for (size_t i = 0; i < def->n_seats; i++)
        if (pl_str_eq(id, def->seats[i].id))
            return (uint32_t)i;
    return PL_NO_SEAT;
}

static void decode_person(struct pl_decoder *d, json_t *o, const struct pl_definition *def,
                          struct pl_person *person)
{
    static const char *const names[] = {"name", "role", "seat", "shared", "expires"};
    pl_decode_object(d, o, names, COUNT(names));
    person->name = line(d, o, "name", PL_NAME_MAX, false);
    unsigned role = 0;
    pl_decode_word(d, o, "role", pl_role_words, PL_ROLE_COUNT, false, &role);
    person->role = (enum pl_role)role;
    person->seat = PL_NO_SEAT;
    struct pl_str seat;
    if (pl_decode_string(d, o, "seat", PL_SEAT_ID_MAX, true, &seat)) {
        person->seat = seat_index(def, seat);
        if (person->seat == PL_NO_SEAT)
            pl_decode_fail(d, PL_EINVAL, "seat", "no such seat \"%.*s\"", (int)seat.n, seat.p);
    } else if (pl_role_needs_seat(person->role)) {
        pl_decode_fail(d, PL_EINVAL, "seat", "missing: a %s sits behind a seat",
                       pl_role_words[role]);
    }
    pl_decode_bool(d, o, "shared", true, &person->shared);
    if (person->shared && pl_role_presides(person->role))
        pl_decode_fail(d, PL_EINVAL, "shared", "a %s's invitation is one person's",
                       pl_role_words[role]);
    pl_decode_int(d, o, "expires", 1, EXPIRES_MAX, true, &person->expires_ms);
}

static void decode_seats(struct pl_decoder *d, json_t *o, struct pl_definition *def)
{
    json_t *list = NULL;
    if (!pl_decode_array(d, o, "seats", PL_SEATS_MAX, &list) || json_array_size(list) == 0)
        return;
    def->seats = calloc(json_array_size(list), sizeof *def->seats);
    if (!def->seats)
        pl_decode_fail(d, PL_ENOMEM, NULL, "no memory");
    for (size_t i = 0; i < json_array_size(list) && d->error->err == PL_OK; i++) {
        size_t mark = pl_decode_enter(d, "seats", i);
        struct pl_seat *seat = &def->seats[i];
        decode_seat(d, json_array_get(list, i), seat);
        if (d->error->err == PL_OK && seat_index(def, pl_str(seat->id)) != PL_NO_SEAT)
            pl_decode_fail(d, PL_EINVAL, "id", "\"%s\" is there already", seat->id);
        def->n_seats = i + 1; /* counts a broken one too: its name is to be freed */
        pl_decode_leave(d, mark);
    }
}

static void decode_people(struct pl_decoder *d, json_t *o, struct pl_definition *def)
{
    json_t *list = NULL;
    if (!pl_decode_array(d, o, "people", PL_PEOPLE_MAX, &list))
        return;
    if (json_array_size(list) == 0) {
        pl_decode_fail(d, PL_EINVAL, "people", "must not be empty");
        return;
    }
    def->people = calloc(json_array_size(list), sizeof *def->people);
    if (!def->people)
        pl_decode_fail(d, PL_ENOMEM, NULL, "no memory");
    for (size_t i = 0; i < json_array_size(list) && d->error->err == PL_OK; i++) {
        size_t mark = pl_decode_enter(d, "people", i);
        struct pl_person *person = &def->people[i];
        snprintf(person->id, sizeof person->id, "p%u", (unsigned)(i + 1) % 100000);
        decode_person(d, json_array_get(list, i), def, person);
        def->n_people = i + 1;
        pl_decode_leave(d, mark);
    }
}

static void decode_all(struct pl_decoder *d, json_t *o, struct pl_definition *def)
{
    static const char *const names[] = {"title", "marking", "floor", "encryption",
                                        "lobby", "open",    "seats", "people"};
    pl_decode_object(d, o, names, COUNT(names));
    def->title = line(d, o, "title", PL_TITLE_MAX, false);
    def->marking = line(d, o, "marking", PL_MARKING_MAX, true);
    unsigned floor = 0, encryption = PL_ENCRYPTION_REQUIRED;
    pl_decode_word(d, o, "floor", pl_floor_words, PL_FLOOR_COUNT, false, &floor);
    pl_decode_word(d, o, "encryption", pl_encryption_words, PL_ENCRYPTION_COUNT, true, &encryption);
    def->floor = (enum pl_floor)floor;
    def->encryption = (enum pl_encryption)encryption;
    pl_decode_bool(d, o, "lobby", true, &def->lobby);
    pl_decode_bool(d, o, "open", true, &def->open);
    decode_seats(d, o, def);
    decode_people(d, o, def);
    if (def->lobby && !pl_definition_has_chair(def))
        pl_decode_fail(d, PL_EINVAL, "lobby", "nobody could admit: there is no chair or secretary");
}

enum pl_err pl_definition_decode(struct pl_str json, struct pl_definition **out,
                                 char why[PL_WHY_SIZE])
{
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    struct pl_definition *def = NULL;
    json_t *o = pl_decode_load(json, PL_DEFINITION_JSON_MAX, &error);
    if (o) {
        def = calloc(1, sizeof *def);
        if (def)
            decode_all(&d, o, def);
        else
            pl_decode_fail(&d, PL_ENOMEM, NULL, "no memory");
        json_decref(o);
    }
    if (error.err != PL_OK) {
        snprintf(why, PL_WHY_SIZE, "%s%s%s", error.field, error.field[0] ? ": " : "", error.reason);
        pl_definition_free(def);
        return error.err;
    }
    *out = def;
    return PL_OK;
}

static void encode_seat(const struct pl_seat *seat, struct pl_buf *out)
{
    pl_json_open(out, NULL, '{');
    pl_json_str(out, "id", seat->id);
    pl_json_str(out, "name", seat->name);
    if (seat->country[0])
        pl_json_str(out, "country", seat->country);
    pl_json_close(out, '}');
}

static void encode_person(const struct pl_definition *d, const struct pl_person *person,
                          struct pl_buf *out)
{
    pl_json_open(out, NULL, '{');
    pl_json_str(out, "name", person->name);
    pl_json_str(out, "role", pl_role_words[person->role]);
    if (person->seat != PL_NO_SEAT)
        pl_json_str(out, "seat", d->seats[person->seat].id);
    if (person->shared)
        pl_json_bool(out, "shared", true);
    if (person->expires_ms)
        pl_json_int(out, "expires", person->expires_ms);
    pl_json_close(out, '}');
}

void pl_definition_encode(const struct pl_definition *d, struct pl_buf *out)
{
    pl_json_open(out, NULL, '{');
    pl_json_str(out, "title", d->title);
    if (d->marking)
        pl_json_str(out, "marking", d->marking);
    pl_json_str(out, "floor", pl_floor_words[d->floor]);
    pl_json_str(out, "encryption", pl_encryption_words[d->encryption]);
    pl_json_bool(out, "lobby", d->lobby);
    pl_json_bool(out, "open", d->open);
    pl_json_open(out, "seats", '[');
    for (size_t i = 0; i < d->n_seats; i++)
        encode_seat(&d->seats[i], out);
    pl_json_close(out, ']');
    pl_json_open(out, "people", '[');
    for (size_t i = 0; i < d->n_people; i++)
        encode_person(d, &d->people[i], out);
    pl_json_close(out, ']');
    pl_json_close(out, '}');
}
