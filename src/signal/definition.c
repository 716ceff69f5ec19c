/* See definition.h. The fields, in the order in which they are written: title, marking, body,
 * zone, floor, encryption, signatures, lobby, open, quorum, speaking_seconds, languages, seats,
 * people, prepared. */
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
    else if (pl_text_turns(s))
        pl_decode_fail(d, PL_EINVAL, name,
                       "must have no characters that turn the direction of writing");
    return d->error->err == PL_OK ? copy(d, s) : NULL;
}

/* The meeting's time zone; NULL if absent. */
static char *zone(struct pl_decoder *d, json_t *o)
{
    struct pl_str s;
    if (!pl_decode_string(d, o, "zone", PL_ZONE_MAX, true, &s))
        return NULL;
    if (pl_zone_ok(s))
        return copy(d, s);
    pl_decode_fail(d, PL_EINVAL, "zone", "must be a time zone, as in Europe/Brussels");
    return NULL;
}

/* An id of ours; *out stays empty if it is absent. */
static bool id(struct pl_decoder *d, json_t *o, const char *name, bool optional,
               char out[PL_ID_MAX_BYTES + 1])
{
    struct pl_str s;
    if (!pl_decode_string(d, o, name, PL_ID_MAX_BYTES, optional, &s))
        return false;
    if (pl_id_ok(s) && pl_str_copy(s, out, PL_ID_MAX_BYTES + 1) == PL_OK)
        return true;
    pl_decode_fail(d, PL_EINVAL, name,
                   "must be 1 to %d letters, digits, dots, dashes and underscores",
                   PL_ID_MAX_BYTES);
    return false;
}

/* What was prepared, as far as people refer to it. Borrowed from the JSON. */
struct ids {
    struct pl_str *of;
    size_t n;
};

struct prepared {
    struct ids items, parties;
};

static bool same(struct pl_str a, struct pl_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static bool has_id(const struct ids *ids, struct pl_str s, size_t *at)
{
    for (size_t i = 0; i < ids->n; i++)
        if (same(ids->of[i], s)) {
            *at = i;
            return true;
        }
    return false;
}

static void note_act(struct prepared *p, const struct pl_act *act)
{
    size_t at;
    if (act->type == PL_ACT_PUT_ITEM && !has_id(&p->items, act->put_item.item, &at))
        p->items.of[p->items.n++] = act->put_item.item;
    else if (act->type == PL_ACT_DROP_ITEM && has_id(&p->items, act->drop_item.item, &at))
        p->items.of[at] = p->items.of[--p->items.n];
    else if (act->type == PL_ACT_PUT_PARTY && !has_id(&p->parties, act->put_party.party, &at))
        p->parties.of[p->parties.n++] = act->put_party.party;
}

/* Keeps the acts as they are, in one form for all that mean the same. */
static void keep_prepared(struct pl_decoder *d, const json_t *list, struct pl_definition *def)
{
    size_t size = json_dumpb(list, NULL, 0, JSON_COMPACT | JSON_SORT_KEYS);
    if (size > PL_PREPARED_BYTES_MAX) {
        pl_decode_fail(d, PL_ELIMIT, "prepared", "more than %d bytes", PL_PREPARED_BYTES_MAX);
        return;
    }
    def->prepared = calloc(1, size + 1);
    if (!def->prepared ||
        json_dumpb(list, def->prepared, size, JSON_COMPACT | JSON_SORT_KEYS) != size)
        pl_decode_fail(d, PL_ENOMEM, NULL, "no memory");
}

static void decode_prepared(struct pl_decoder *d, json_t *o, struct pl_definition *def,
                            struct prepared *p)
{
    json_t *list = NULL;
    struct pl_act *act = NULL;
    if (!json_object_get(o, "prepared") ||
        !pl_decode_array(d, o, "prepared", PL_PREPARED_MAX, &list) || json_array_size(list) == 0)
        return;
    size_t n = json_array_size(list);
    p->items.of = calloc(n, sizeof *p->items.of);
    p->parties.of = calloc(n, sizeof *p->parties.of);
    act = malloc(sizeof *act);
    if (!p->items.of || !p->parties.of || !act)
        pl_decode_fail(d, PL_ENOMEM, NULL, "no memory");
    for (size_t i = 0; i < n && d->error->err == PL_OK; i++) {
        size_t mark = pl_decode_enter(d, "prepared", i);
        pl_prepared_decode(d, json_array_get(list, i), act);
        if (d->error->err == PL_OK)
            note_act(p, act);
        pl_decode_leave(d, mark);
    }
    free(act);
    if (d->error->err == PL_OK)
        keep_prepared(d, list, def);
}

static void decode_languages(struct pl_decoder *d, json_t *o, struct pl_definition *def)
{
    json_t *list = NULL;
    if (!json_object_get(o, "languages") ||
        !pl_decode_array(d, o, "languages", PL_LANGUAGES_MAX, &list))
        return;
    for (size_t i = 0; i < json_array_size(list) && d->error->err == PL_OK; i++) {
        char name[40];
        const json_t *value = json_array_get(list, i);
        struct pl_str s = {json_string_value(value), json_string_length(value)};
        snprintf(name, sizeof name, "languages[%zu]", i);
        if (!json_is_string(value) || !pl_language_ok(s))
            pl_decode_fail(d, PL_EINVAL, name, "must be a language tag, as in \"EN\"");
        else if (pl_definition_channel(def, s))
            pl_decode_fail(d, PL_EINVAL, name, "\"%.*s\" is there already", (int)s.n, s.p);
        else if (pl_str_copy(s, def->languages[i], sizeof def->languages[i]) == PL_OK)
            def->n_languages++;
    }
}

static void decode_seat(struct pl_decoder *d, json_t *o, struct pl_seat *seat)
{
    static const char *const names[] = {"id", "name", "country", "guest", "weight"};
    pl_decode_object(d, o, names, COUNT(names));
    struct pl_str s;
    id(d, o, "id", false, seat->id);
    seat->name = line(d, o, "name", PL_NAME_MAX, false);
    if (pl_decode_string(d, o, "country", 2, true, &s)) {
        if (!pl_country_ok(s) || pl_str_copy(s, seat->country, sizeof seat->country) != PL_OK)
            pl_decode_fail(d, PL_EINVAL, "country", "must be two capital letters (ISO 3166-1)");
    }
    pl_decode_bool(d, o, "guest", true, &seat->guest);
    seat->weight = 1;
    pl_decode_int(d, o, "weight", 0, PL_WEIGHT_MAX, true, &seat->weight);
}

/* PL_NO_SEAT if there is none of this id among the first n. */
static uint32_t seat_index(const struct pl_definition *def, struct pl_str id)
{
    for (size_t i = 0; i < def->n_seats; i++)
        if (pl_str_eq(id, def->seats[i].id))
            return (uint32_t)i;
    return PL_NO_SEAT;
}

/* Of which item, for which party, into which language. */
static void decode_task(struct pl_decoder *d, json_t *o, const struct pl_definition *def,
                        const struct prepared *p, struct pl_person *person)
{
    size_t at;
    if (id(d, o, "item", true, person->item)) {
        if (!pl_role_is_guest(person->role))
            pl_decode_fail(d, PL_EINVAL, "item",
                           "only briefers and invited parties come for an item");
        else if (!has_id(&p->items, pl_str(person->item), &at))
            pl_decode_fail(d, PL_EINVAL, "item", "no such item \"%s\" was prepared", person->item);
    }
    if (id(d, o, "party", true, person->party)) {
        if (person->role != PL_ROLE_INVITED)
            pl_decode_fail(d, PL_EINVAL, "party",
                           "only who is invited speaks for an outside party");
        else if (!has_id(&p->parties, pl_str(person->party), &at))
            pl_decode_fail(d, PL_EINVAL, "party", "no such party \"%s\" was prepared",
                           person->party);
    }
    struct pl_str s;
    bool optional = !pl_role_has_language(person->role);
    if (!pl_decode_string(d, o, "language", PL_LANGUAGE_MAX, optional, &s))
        return;
    const char *wrong = pl_definition_language(def, person->role, s);
    if (!wrong && pl_str_copy(s, person->language, sizeof person->language) != PL_OK)
        wrong = "too long"; /* never: decoded within PL_LANGUAGE_MAX */
    if (wrong)
        pl_decode_fail(d, PL_EINVAL, "language", "%s", wrong);
}

static void decode_person(struct pl_decoder *d, json_t *o, const struct pl_definition *def,
                          const struct prepared *p, struct pl_person *person)
{
    static const char *const names[] = {"name",    "role", "seat",  "shared",
                                        "expires", "item", "party", "language"};
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
    decode_task(d, o, def, p, person);
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

static void decode_people(struct pl_decoder *d, json_t *o, struct pl_definition *def,
                          const struct prepared *p)
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
        decode_person(d, json_array_get(list, i), def, p, person);
        def->n_people = i + 1;
        pl_decode_leave(d, mark);
    }
}

/* A quorum that can be reached. */
static void decode_quorum(struct pl_decoder *d, json_t *o, struct pl_definition *def)
{
    int64_t quorum = 0;
    size_t members = 0;
    for (size_t i = 0; i < def->n_seats; i++)
        members += !def->seats[i].guest;
    pl_decode_int(d, o, "quorum", 0, PL_SEATS_MAX, true, &quorum);
    if ((size_t)quorum > members)
        pl_decode_fail(d, PL_EINVAL, "quorum", "more than the %zu seats that are members", members);
    def->quorum = (uint32_t)quorum;
}

static const char *const signatures_words[PL_SIGNATURES_COUNT] = {"optional", "required"};

static void decode_all(struct pl_decoder *d, json_t *o, struct pl_definition *def)
{
    static const char *const names[] = {"title",
                                        "marking",
                                        "body",
                                        "zone",
                                        "floor",
                                        "encryption",
                                        "signatures",
                                        "lobby",
                                        "open",
                                        "quorum",
                                        "speaking_seconds",
                                        "languages",
                                        "seats",
                                        "people",
                                        "prepared"};
    pl_decode_object(d, o, names, COUNT(names));
    def->title = line(d, o, "title", PL_TITLE_MAX, false);
    def->marking = line(d, o, "marking", PL_MARKING_MAX, true);
    def->body = line(d, o, "body", PL_NAME_MAX, true);
    def->zone = zone(d, o);
    unsigned floor = 0, encryption = PL_ENCRYPTION_REQUIRED;
    pl_decode_word(d, o, "floor", pl_floor_words, PL_FLOOR_COUNT, false, &floor);
    pl_decode_word(d, o, "encryption", pl_encryption_words, PL_ENCRYPTION_COUNT, true, &encryption);
    def->floor = (enum pl_floor)floor;
    def->encryption = (enum pl_encryption)encryption;
    /* Whoever is in an encrypted meeting has a key. */
    unsigned signatures =
        def->encryption == PL_ENCRYPTION_REQUIRED ? PL_SIGNATURES_REQUIRED : PL_SIGNATURES_OPTIONAL;
    pl_decode_word(d, o, "signatures", signatures_words, PL_SIGNATURES_COUNT, true, &signatures);
    def->signatures = (enum pl_signatures)signatures;
    pl_decode_bool(d, o, "lobby", true, &def->lobby);
    pl_decode_bool(d, o, "open", true, &def->open);
    int64_t speaking = 0;
    pl_decode_int(d, o, "speaking_seconds", 0, PL_SPEAKING_SECONDS_MAX, true, &speaking);
    def->speaking_seconds = (uint32_t)speaking;
    decode_languages(d, o, def);
    decode_seats(d, o, def);
    decode_quorum(d, o, def);
    struct prepared prepared = {0};
    decode_prepared(d, o, def, &prepared);
    decode_people(d, o, def, &prepared);
    free(prepared.items.of);
    free(prepared.parties.of);
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
    if (seat->guest)
        pl_json_bool(out, "guest", true);
    if (seat->weight != 1)
        pl_json_int(out, "weight", seat->weight);
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
    if (person->item[0])
        pl_json_str(out, "item", person->item);
    if (person->party[0])
        pl_json_str(out, "party", person->party);
    if (person->language[0])
        pl_json_str(out, "language", person->language);
    pl_json_close(out, '}');
}

void pl_definition_encode(const struct pl_definition *d, struct pl_buf *out)
{
    pl_json_open(out, NULL, '{');
    pl_json_str(out, "title", d->title);
    if (d->marking)
        pl_json_str(out, "marking", d->marking);
    if (d->body)
        pl_json_str(out, "body", d->body);
    if (d->zone)
        pl_json_str(out, "zone", d->zone);
    pl_json_str(out, "floor", pl_floor_words[d->floor]);
    pl_json_str(out, "encryption", pl_encryption_words[d->encryption]);
    pl_json_str(out, "signatures", signatures_words[d->signatures]);
    pl_json_bool(out, "lobby", d->lobby);
    pl_json_bool(out, "open", d->open);
    if (d->quorum)
        pl_json_int(out, "quorum", d->quorum);
    if (d->speaking_seconds)
        pl_json_int(out, "speaking_seconds", d->speaking_seconds);
    if (d->n_languages) {
        pl_json_open(out, "languages", '[');
        for (size_t i = 0; i < d->n_languages; i++)
            pl_json_str(out, NULL, d->languages[i]);
        pl_json_close(out, ']');
    }
    pl_json_open(out, "seats", '[');
    for (size_t i = 0; i < d->n_seats; i++)
        encode_seat(&d->seats[i], out);
    pl_json_close(out, ']');
    pl_json_open(out, "people", '[');
    for (size_t i = 0; i < d->n_people; i++)
        encode_person(d, &d->people[i], out);
    pl_json_close(out, ']');
    if (d->prepared)
        pl_json_raw(out, "prepared", d->prepared);
    pl_json_close(out, '}');
}

enum pl_err pl_definition_prepared(const struct pl_definition *d, pl_prepared_act *each, void *ctx)
{
    struct pl_decode_error error = {0};
    struct pl_decoder decoder = {.error = &error};
    if (!d->prepared)
        return PL_OK;
    json_t *list = pl_decode_load(pl_str(d->prepared), PL_PREPARED_BYTES_MAX, &error);
    struct pl_act *act = malloc(sizeof *act);
    enum pl_err err = !act ? PL_ENOMEM : error.err;
    for (size_t i = 0; i < json_array_size(list) && err == PL_OK; i++) {
        pl_prepared_decode(&decoder, json_array_get(list, i), act);
        err = error.err == PL_OK ? each(ctx, i, act) : error.err;
    }
    free(act);
    json_decref(list);
    return err;
}
