/* See parts.h. Here: people who are added to a meeting that is made already. */
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

/* The person of the event; *field and the result (NULL: it is good) say what is wrong. */
static const char *read_person(const struct pl_definition *d, const struct pl_act_add_person *e,
                               struct pl_person *out, const char **field)
{
    *out = (struct pl_person){.role = roles[e->role], .seat = PL_NO_SEAT};
    *field = "name";
    if (!pl_is_line(e->name))
        return "This must be one line, and not empty.";
    if (pl_text_turns(e->name))
        return "A name has no characters that turn the direction of writing.";
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

/* Where the definition has them already, as the store keeps it, nothing is to be done. */
enum pl_err pl_apply_add_person(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_add_person *e = &ch->e->add_person;
    const struct pl_definition *d = m->definition;
    struct pl_person person;
    const char *field;
    uint32_t index;
    char next[PL_PERSON_ID_SIZE];
    if (read_person(d, e, &person, &field))
        return PL_EINVAL;
    if (pl_definition_person(d, e->person, &index) == PL_OK)
        return d->people[index].role == person.role && d->people[index].seat == person.seat &&
                       pl_str_eq(e->name, d->people[index].name)
                   ? PL_OK
                   : PL_EINVAL;
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
    pl_definition_free(m->widened);
    m->definition = m->widened = widened;
    pl_seat_gets(ch, (uint32_t)(widened->n_people - 1));
    return PL_OK;
}
