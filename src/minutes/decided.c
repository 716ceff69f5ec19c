/* See parts.h. Here: a decision from its draft to its result. */
#include "minutes/parts.h"

#include <string.h>

static void say_title(struct pl_sheet *s, const struct pl_decided *d)
{
    pl_say_quote(s, d->title);
    pl_say_as(s, " (version %llu)", (unsigned long long)d->version);
}

static void say_deadline(struct pl_sheet *s, const struct pl_decided *d)
{
    pl_say_as(s, "%s UTC", pl_moment(s, d->deadline_ms));
    if (!pl_str_eq(d->time_zone, "UTC"))
        pl_say(s, " (read out in the time zone %.*s)", " (annoncée dans le fuseau %.*s)",
               PL_ARG(d->time_zone));
}

/* How it was put. */
static void say_call(struct pl_sheet *s, const struct pl_decided *d, const char *at)
{
    switch (d->rule.procedure) {
    case PL_PROCEDURE_CONSENSUS:
        pl_say(s, "At %s members were invited to adopt by consensus the draft decision ",
               "À %s, les membres sont invités à adopter par consensus le projet de décision ", at);
        say_title(s, d);
        break;
    case PL_PROCEDURE_SILENCE:
        pl_say(s, "At %s the following draft decision was placed under silence: ",
               "À %s, le projet de décision suivant est soumis à la procédure d’accord "
               "tacite\u00a0: ",
               at);
        say_title(s, d);
        pl_say(s, ", until ", "\u202f; échéance\u00a0: ");
        say_deadline(s, d);
        break;
    case PL_PROCEDURE_ROLL_CALL:
        pl_say(s, "At %s a vote was taken by roll call on the draft decision ",
               "À %s, il est procédé au vote par appel nominal sur le projet de décision ", at);
        say_title(s, d);
        break;
    default:
        pl_say(s, "At %s a recorded vote was taken on the draft decision ",
               "À %s, il est procédé au vote enregistré sur le projet de décision ", at);
        say_title(s, d);
        break;
    }
    pl_say_as(s, ".");
}

static void add_texts(struct pl_sheet *s, uint64_t event, const struct pl_decided *d)
{
    for (size_t i = 0; i < d->n_texts; i++)
        pl_quote(s, event, d->texts[i].language, d->texts[i].text);
}

/* Of the seat or party that it is about. */
static struct pl_str warning_name(const struct pl_sheet *s, const struct pl_act_warning *w)
{
    for (uint32_t i = 0; w->seat.p && i < s->m->d->n_seats; i++)
        if (pl_str_eq(w->seat, s->m->d->seats[i].id))
            return pl_str(pl_seat_name(s, i));
    pl_list_each (const struct pl_party, p, &s->m->s->parties, node) {
        if (w->party.p && p->id.n == w->party.n && memcmp(p->id.p, w->party.p, p->id.n) == 0)
            return pl_say_named(s, w->name, p->country);
    }
    return w->name;
}

static void say_warning(struct pl_sheet *s, const struct pl_act_warning *w)
{
    struct pl_str name = warning_name(s, w);
    switch (w->kind) {
    case PL_WARNING_KIND_NOT_CONSULTED:
        pl_say(s, " %.*s had not been consulted.", " Partie non consultée\u00a0: %.*s.",
               PL_ARG(name));
        break;
    case PL_WARNING_KIND_NO_ANSWER:
        pl_say(s, " %.*s had been asked and had not answered.",
               " Partie consultée n’ayant pas répondu\u00a0: %.*s.", PL_ARG(name));
        break;
    default:
        pl_say(s, " It crossed a red line of %.*s: ", " Ligne rouge franchie (%.*s)\u00a0: ",
               PL_ARG(name));
        pl_say_quoted(s, w->text);
        break;
    }
}

static void add_warnings(struct pl_sheet *s, uint64_t event, const struct pl_decided *d)
{
    if (!d->acknowledgement.p)
        return;
    pl_minute_begin(s, PL_MINUTE_PARA, event);
    pl_say(s, "Before the question was put, the presiding officer was warned.",
           "Avant la mise en décision, la présidence est avertie de ce qui suit.");
    for (size_t i = 0; i < d->n_warnings; i++)
        say_warning(s, &d->warnings[i]);
    pl_say(s, " The question was put all the same, with this acknowledgement: ",
           " Elle passe outre, pour le motif suivant\u00a0: ");
    pl_say_quoted(s, d->acknowledgement);
    pl_minute_end(s);
}

void pl_sheet_call(struct pl_sheet *s, const struct pl_fact *f)
{
    const struct pl_decided *d = f->decided;
    const char *at = pl_clock(s, f->at_ms);
    pl_minute_begin(s, PL_MINUTE_PARA, f->event);
    switch (f->kind) {
    case PL_FACT_DRAFT:
        pl_say(s, "A draft decision was tabled at %s: ",
               "Un projet de décision est déposé à %s\u00a0: ", at);
        say_title(s, d);
        pl_say_as(s, ".");
        break;
    case PL_FACT_EXTENDED:
        pl_say(s, "The silence on the draft decision ",
               "L’échéance de la procédure d’accord tacite "
               "sur le projet de décision ");
        say_title(s, d);
        pl_say(s, " was extended until ", " est reportée au ");
        say_deadline(s, d);
        pl_say_as(s, ".");
        break;
    case PL_FACT_RESTARTED_SILENCE:
        pl_say(s, "The text was amended, and silence began anew at %s: ",
               "Le texte est amendé et la procédure d’accord tacite est relancée à %s\u00a0: ", at);
        say_title(s, d);
        pl_say(s, ", until ", "\u202f; échéance\u00a0: ");
        say_deadline(s, d);
        pl_say_as(s, ".");
        break;
    default:
        say_call(s, d, at);
        pl_say_as(s, " ");
        pl_say_rule(s, d);
        break;
    }
    pl_minute_end(s);
    if (f->kind == PL_FACT_CALL || f->kind == PL_FACT_RESTARTED_SILENCE)
        add_texts(s, f->event, d);
    if (f->kind == PL_FACT_CALL)
        add_warnings(s, f->event, d);
}

/* Results */

static void say_choice(struct pl_sheet *s, const struct pl_decided *d, enum pl_choice choice,
                       const char *english, const char *french)
{
    size_t n = 0, i = 0;
    for (size_t k = 0; k < s->m->d->n_seats; k++)
        n += d->casts[k].takes_part && d->casts[k].voted && d->casts[k].choice == choice;
    if (!n)
        return;
    pl_say(s, " %s: ", " %s\u00a0: ", s->language == PL_MINUTES_FR ? french : english);
    for (size_t k = 0; k < s->m->d->n_seats; k++)
        if (d->casts[k].takes_part && d->casts[k].voted && d->casts[k].choice == choice)
            pl_say_name(s, i++, n, pl_seat_name(s, (uint32_t)k));
    pl_say_as(s, ".");
}

static void say_silent(struct pl_sheet *s, const struct pl_decided *d)
{
    size_t n = 0, i = 0;
    for (size_t k = 0; k < s->m->d->n_seats; k++)
        n += d->casts[k].takes_part && !d->casts[k].voted;
    if (!n || d->rule.procedure == PL_PROCEDURE_SILENCE)
        return;
    pl_say(s, " Did not take a position: ", " Ne se prononcent pas\u00a0: ");
    for (size_t k = 0; k < s->m->d->n_seats; k++)
        if (d->casts[k].takes_part && !d->casts[k].voted)
            pl_say_name(s, i++, n, pl_seat_name(s, (uint32_t)k));
    pl_say_as(s, ".");
}

static const struct {
    const char *english, *french;       /* of those who chose it */
    const char *of_one, *of_one_french; /* a statement */
} choices[PL_CHOICE_COUNT] = {
    [PL_CHOICE_YES] = {"In favour", "Votent pour", "in favour", "pour"},
    [PL_CHOICE_NO] = {"Against", "Votent contre", "against", "contre"},
    [PL_CHOICE_ABSTAIN] = {"Abstaining", "S’abstiennent", "abstaining", "abstention"},
    [PL_CHOICE_JOIN] = {"Joined the consensus", "Se joignent au consensus", "joining the consensus",
                        "consensus"},
    [PL_CHOICE_JOIN_WITH_RESERVATION] = {"Joined with a reservation",
                                         "Se joignent au consensus avec une réserve", "reservation",
                                         "réserve"},
    [PL_CHOICE_NATIONAL_STATEMENT] = {"Joined with a national statement",
                                      "Se joignent au consensus avec une déclaration nationale",
                                      "national statement", "déclaration nationale"},
    [PL_CHOICE_AWAITING_INSTRUCTIONS] = {"Awaiting instructions", "Attendent des instructions",
                                         "awaiting instructions", "en attente d’instructions"},
    [PL_CHOICE_BLOCK] = {"Blocked the consensus", "S’opposent au consensus",
                         "blocking the consensus", "opposition au consensus"},
    [PL_CHOICE_RECEIPT] = {"Confirmed receipt", "Accusent réception", "receipt",
                           "accusé de réception"},
    [PL_CHOICE_BREAK_SILENCE] = {"Broke silence", "Rompt l’accord tacite", "breaking silence",
                                 "rupture de l’accord tacite"},
};

static void add_roll(struct pl_sheet *s, uint64_t event, const struct pl_decided *d)
{
    pl_minute_begin(s, PL_MINUTE_TEXT, event);
    for (int i = 0; i < PL_CHOICE_COUNT; i++)
        say_choice(s, d, (enum pl_choice)i, choices[i].english, choices[i].french);
    say_silent(s, d);
    pl_say_excluded(s, d);
    pl_minute_end(s);
}

static void add_statements(struct pl_sheet *s, const struct pl_decided *d)
{
    for (size_t i = 0; i < s->m->d->n_seats; i++) {
        const struct pl_cast *c = &d->casts[i];
        if (!c->takes_part || !c->voted)
            continue;
        if (c->statement.p) {
            pl_minute_begin(s, PL_MINUTE_PARA, d->votes[i]);
            pl_say(s, "%s (%s):", "%s (%s)\u00a0:", pl_seat_name(s, (uint32_t)i),
                   s->language == PL_MINUTES_FR ? choices[c->choice].of_one_french
                                                : choices[c->choice].of_one);
            pl_minute_end(s);
            pl_quote(s, d->votes[i], (struct pl_str){0}, c->statement);
        }
        pl_sheet_turn(s, d->votes[i]);
    }
}

void pl_sheet_result(struct pl_sheet *s, const struct pl_fact *f)
{
    const struct pl_decided *d = f->decided;
    pl_minute_begin(s, PL_MINUTE_PARA, f->event);
    pl_say_result(s, d);
    pl_minute_end(s);
    if (!d->casts)
        return;
    add_roll(s, f->event, d);
    add_statements(s, d);
}
