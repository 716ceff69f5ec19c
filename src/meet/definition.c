/* See definition.h. */
#include "meet/definition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool pl_role_presides(enum pl_role role)
{
    return role == PL_ROLE_CHAIR || role == PL_ROLE_SECRETARY;
}

bool pl_role_publishes(enum pl_role role)
{
    return role != PL_ROLE_OBSERVER && role != PL_ROLE_RAPPORTEUR && role != PL_ROLE_CAPTIONER;
}

bool pl_role_is_guest(enum pl_role role)
{
    return role == PL_ROLE_BRIEFER || role == PL_ROLE_INVITED;
}

bool pl_role_needs_seat(enum pl_role role)
{
    return role == PL_ROLE_DELEGATE || role == PL_ROLE_ADVISER;
}

bool pl_role_has_language(enum pl_role role)
{
    return role == PL_ROLE_INTERPRETER || role == PL_ROLE_CAPTIONER;
}

struct pl_definition *pl_definition_hold(struct pl_definition *d)
{
    d->more++;
    return d;
}

bool pl_zone_ok(struct pl_str zone)
{
    for (size_t i = 0; i < zone.n; i++) {
        char c = zone.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '/' || c == '_' || c == '-' || c == '+'))
            return false;
    }
    return zone.n > 0;
}

void pl_definition_free(struct pl_definition *d)
{
    if (!d || d->more-- > 0)
        return;
    for (size_t i = 0; i < d->n_seats; i++)
        free(d->seats[i].name);
    for (size_t i = 0; i < d->n_people; i++)
        free(d->people[i].name);
    free(d->seats);
    free(d->people);
    free(d->title);
    free(d->marking);
    free(d->zone);
    free(d->body);
    free(d->prepared);
    free(d);
}

/* A text of the copy; NULL stays NULL. False: no memory. */
static bool copy_text(const char *from, char **to)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

/* With room for one seat and one person more. NULL: no memory. */
static struct pl_definition *copy_of(const struct pl_definition *d)
{
    struct pl_definition *copy = malloc(sizeof *copy);
    if (!copy)
        return NULL;
    *copy = *d;
    copy->more = 0;
    copy->n_seats = copy->n_people = 0;
    copy->seats = calloc(d->n_seats + 1, sizeof *copy->seats);
    copy->people = calloc(d->n_people + 1, sizeof *copy->people);
    bool good = copy_text(d->title, &copy->title);
    good = copy_text(d->marking, &copy->marking) && good;
    good = copy_text(d->body, &copy->body) && good;
    good = copy_text(d->zone, &copy->zone) && good;
    good = copy_text(d->prepared, &copy->prepared) && good;
    good = good && copy->seats && copy->people;
    for (size_t i = 0; good && i < d->n_seats; i++, copy->n_seats++) {
        copy->seats[i] = d->seats[i];
        good = copy_text(d->seats[i].name, &copy->seats[i].name);
    }
    for (size_t i = 0; good && i < d->n_people; i++, copy->n_people++) {
        copy->people[i] = d->people[i];
        good = copy_text(d->people[i].name, &copy->people[i].name);
    }
    if (good)
        return copy;
    pl_definition_free(copy);
    return NULL;
}

/* What was added has this name. NULL: no memory, and nothing remains. */
static struct pl_definition *named(struct pl_definition *copy, char **to, struct pl_str name)
{
    *to = strndup(name.p, name.n);
    if (*to)
        return copy;
    pl_definition_free(copy);
    return NULL;
}

struct pl_definition *pl_definition_with(const struct pl_definition *d,
                                         const struct pl_person *person, struct pl_str name)
{
    struct pl_definition *copy = copy_of(d);
    if (!copy)
        return NULL;
    struct pl_person *last = &copy->people[copy->n_people++];
    *last = *person;
    snprintf(last->id, sizeof last->id, "p%u", (unsigned)copy->n_people % 100000);
    return named(copy, &last->name, name);
}

struct pl_definition *pl_definition_with_seat(const struct pl_definition *d,
                                              const struct pl_seat *seat, struct pl_str name)
{
    struct pl_definition *copy = copy_of(d);
    if (!copy)
        return NULL;
    struct pl_seat *last = &copy->seats[copy->n_seats++];
    *last = *seat;
    return named(copy, &last->name, name);
}

bool pl_definition_has_chair(const struct pl_definition *d)
{
    for (size_t i = 0; i < d->n_people; i++)
        if (pl_role_presides(d->people[i].role))
            return true;
    return false;
}

enum pl_err pl_definition_person(const struct pl_definition *d, struct pl_str id, uint32_t *out)
{
    uint64_t n;
    if (id.n < 2 || id.p[0] != 'p' || id.p[1] == '0')
        return PL_ENOENT;
    struct pl_str digits = {id.p + 1, id.n - 1};
    if (pl_parse_u64(digits, PL_PEOPLE_MAX, &n) != PL_OK || n > d->n_people)
        return PL_ENOENT;
    *out = (uint32_t)n - 1;
    return PL_OK;
}

static bool id_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool pl_id_ok(struct pl_str id)
{
    if (id.n == 0 || id.n > PL_ID_MAX_BYTES)
        return false;
    for (size_t i = 0; i < id.n; i++)
        if (!id_char(id.p[i]))
            return false;
    return true;
}

bool pl_language_ok(struct pl_str tag)
{
    if (tag.n == 0 || tag.n > PL_LANGUAGE_MAX)
        return false;
    for (size_t i = 0; i < tag.n; i++)
        if (!id_char(tag.p[i]) || tag.p[i] == '.' || tag.p[i] == '_')
            return false;
    return true;
}

bool pl_country_ok(struct pl_str code)
{
    return code.n == 2 && code.p[0] >= 'A' && code.p[0] <= 'Z' && code.p[1] >= 'A' &&
           code.p[1] <= 'Z';
}

const char *pl_definition_language(const struct pl_definition *d, enum pl_role role,
                                   struct pl_str tag)
{
    switch (role) {
    case PL_ROLE_INTERPRETER:
        return pl_definition_channel(d, tag) ? NULL : "is none of the meeting's languages";
    case PL_ROLE_CAPTIONER:
        return pl_language_ok(tag) ? NULL : "must be a language tag, as in EN";
    default:
        return "only interpreters and captioners have one";
    }
}

unsigned pl_definition_channel(const struct pl_definition *d, struct pl_str language)
{
    for (unsigned i = 0; i < d->n_languages; i++)
        if (pl_str_eq(language, d->languages[i]))
            return i + 1;
    return 0;
}
