/* See parts.h. Here: people and seats that are added to a meeting that is made already. */
#include "meet/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum pl_role roles[PL_LATE_ROLE_COUNT] = {
    [PL_LATE_ROLE_DELEGATE] = PL_ROLE_DELEGATE,       [PL_LATE_ROLE_ADVISER] = PL_ROLE_ADVISER,
    [PL_LATE_ROLE_BRIEFER] = PL_ROLE_BRIEFER,         [PL_LATE_ROLE_INVITED] = PL_ROLE_INVITED,
    [PL_LATE_ROLE_INTERPRETER] = PL_ROLE_INTERPRETER, [PL_LATE_ROLE_OBSERVER] = PL_ROLE_OBSERVER,
    [PL_LATE_ROLE_RAPPORTEUR] = PL_ROLE_RAPPORTEUR,   [PL_LATE_ROLE_CAPTIONER] = PL_ROLE_CAPTIONER,
};

static const char *read_language(const struct pl_definition *d, struct pl_str language,
                                 struct pl_person *out)
{
    bool interprets = out->role == PL_ROLE_INTERPRETER, captions = out->role == PL_ROLE_CAPTIONER;
    if (!language.p && interprets)
        return "Say into which language they interpret.";
    if (!language.p)
        return captions ? "Say in which language they caption." : NULL;
    if (!interprets && !captions)
        return "Only interpreters and captioners have a language.";
    if (pl_definition_language(d, out->role, language) ||
        pl_str_copy(language, out->language, sizeof out->language) != PL_OK)
        return interprets ? "This is none of the meeting's languages."
                          : "This is no language tag, as in EN.";
    return NULL;
}

/* NULL: it is good. */
static const char *wrong_name(struct pl_str name)
{
    if (!pl_is_line(name))
        return "This must be one line, and not empty.";
    return pl_text_turns(name) ? "A name has no characters that turn the direction of writing."
                               : NULL;
}

/* The person of the event; *field and the result (NULL: it is good) say what is wrong. */
static const char *read_person(const struct pl_definition *d, const struct pl_act_add_person *e,
                               struct pl_person *out, const char **field)
{
    *out = (struct pl_person){.role = roles[e->role], .seat = PL_NO_SEAT};
    *field = "name";
    const char *wrong = wrong_name(e->name);
    if (wrong)
        return wrong;
    *field = "seat";
    if (e->seat.p) {
        out->seat = pl_find_seat(d, e->seat);
        if (out->seat == PL_NO_SEAT)
            return "There is no such seat.";
        if (!pl_role_needs_seat(out->role) && out->role != PL_ROLE_INVITED)
            return "Only delegates, advisers and who is invited sit behind a seat.";
    } else if (pl_role_needs_seat(out->role)) {
        return "Delegates and advisers sit behind a seat: say which.";
    }
    *field = "language";
    return read_language(d, e->language, out);
}

/* The meeting is of this definition from here on. */
static void take(struct pl_meeting *m, struct pl_definition *widened)
{
    pl_definition_free(m->widened);
    m->definition = m->widened = widened;
}

enum pl_err pl_decide_add_person(struct pl_ruling_on *r)
{
    const struct pl_definition *d = r->m->definition;
    struct pl_person person;
    const char *field;
    if (pl_check_presides(r))
        return PL_EAUTH;
    if (d->n_people >= PL_PEOPLE_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL, "This meeting has as many people as it may have.");
    const char *wrong = read_person(d, &r->act->add_person, &person, &field);
    if (wrong)
        return pl_refuse(r, PL_EINVAL, field, wrong);
    snprintf(r->m->scratch->id, sizeof r->m->scratch->id, "p%zu", d->n_people + 1);
    pl_add_act(r)->add_person.person = pl_str(r->m->scratch->id);
    return PL_OK;
}

enum pl_err pl_apply_add_person(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_add_person *e = &ch->e->add_person;
    const struct pl_definition *d = m->definition;
    struct pl_person person;
    const char *field;
    char next[PL_PERSON_ID_SIZE];
    if (read_person(d, e, &person, &field))
        return PL_EINVAL;
    snprintf(next, sizeof next, "p%u", (unsigned)(d->n_people + 1) % 100000);
    if (!pl_str_eq(e->person, next) || d->n_people >= PL_PEOPLE_MAX)
        return PL_EINVAL;
    struct pl_definition *widened = pl_definition_with(d, &person, e->name);
    struct pl_person_state *people =
        widened ? realloc(m->people, (widened->n_people + 1) * sizeof *people) : NULL;
    if (!people) {
        pl_definition_free(widened);
        return PL_ENOMEM;
    }
    memset(&people[widened->n_people - 1], 0, 2 * sizeof *people);
    m->people = people;
    take(m, widened);
    pl_seat_gets(ch, (uint32_t)(widened->n_people - 1));
    return PL_OK;
}

/* Seats */

/* As read_person. */
static const char *read_seat(const struct pl_definition *d, const struct pl_act_add_seat *e,
                             struct pl_seat *out, const char **field)
{
    *out = (struct pl_seat){.guest = e->guest, .weight = e->weight};
    *field = "seat";
    if (!pl_id_ok(e->seat) || pl_str_copy(e->seat, out->id, sizeof out->id) != PL_OK)
        return "An id has 1 to 32 letters, digits, dots, dashes and underscores.";
    if (pl_find_seat(d, e->seat) != PL_NO_SEAT)
        return "There is a seat of this id already.";
    *field = "name";
    const char *wrong = wrong_name(e->name);
    if (wrong)
        return wrong;
    *field = "country";
    if (e->country.p && (!pl_country_ok(e->country) ||
                         pl_str_copy(e->country, out->country, sizeof out->country) != PL_OK))
        return "A country is two capital letters (ISO 3166-1).";
    *field = "weight";
    return e->weight < 0 || e->weight > PL_WEIGHT_MAX ? "A weight is 0 to 1000000000." : NULL;
}

/* Not even who presides: seats decide the quorum and every majority. */
enum pl_err pl_decide_add_seat(struct pl_ruling_on *r)
{
    struct pl_seat seat;
    const char *field;
    if (r->by)
        return pl_refuse(r, PL_EAUTH, NULL, "Only the administrator adds a seat.");
    enum pl_err err = pl_check_not_closed(r);
    if (err)
        return err;
    if (r->m->definition->n_seats >= PL_SEATS_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL, "This meeting has as many seats as it may have.");
    const char *wrong = read_seat(r->m->definition, &r->act->add_seat, &seat, &field);
    if (wrong)
        return pl_refuse(r, PL_EINVAL, field, wrong);
    pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_add_seat(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_definition *d = m->definition;
    size_t n = d->n_seats + 1;
    struct pl_seat seat;
    const char *field;
    if (n > PL_SEATS_MAX || read_seat(d, &ch->e->add_seat, &seat, &field))
        return PL_EINVAL;
    struct pl_seat_state *seats = realloc(m->state.seats, (n + 1) * sizeof *seats);
    if (!seats)
        return PL_ENOMEM;
    m->state.seats = seats;
    memset(&seats[n - 1], 0, 2 * sizeof *seats);
    seats[n - 1].head = seats[n - 1].voice = PL_NO_PERSON;
    struct pl_definition *widened = pl_definition_with_seat(d, &seat, ch->e->add_seat.name);
    if (!widened)
        return PL_ENOMEM;
    enum pl_err err = pl_decisions_widen(m, n);
    if (!err)
        err = pl_papers_widen(m, n);
    if (err) {
        pl_definition_free(widened);
        return err;
    }
    take(m, widened);
    pl_touch(ch, PL_PART_SEATS);
    pl_touch(ch, PL_PART_SESSION); /* which counts them */
    return PL_OK;
}
