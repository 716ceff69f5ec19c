/* See parts.h. Here: the proceedings, a paragraph a fact, in the order in which they happened; what
 * is said on decisions is in decided.c. */
#include "minutes/parts.h"

unsigned pl_item_number(const struct pl_sheet *s, const struct pl_item *item)
{
    unsigned i = 0;
    pl_list_each (const struct pl_item, at, &s->m->s->items, node) {
        i++;
        if (at == item)
            return i;
    }
    return 0;
}

/* Items */

static void add_documents(struct pl_sheet *s, const struct pl_item *item)
{
    size_t n = 0, i = 0;
    pl_list_each (const struct pl_document, d, &s->m->s->documents, node) {
        n += d->item == item && !d->dropped;
    }
    if (!n)
        return;
    pl_minute_begin(s, PL_MINUTE_TEXT, 0);
    pl_say(s, "Documents: ", "Documentation\u00a0: ");
    pl_list_each (const struct pl_document, d, &s->m->s->documents, node) {
        if (d->item == item && !d->dropped)
            pl_say_name(s, i++, n, d->name.p);
    }
    pl_say_as(s, ".");
    pl_minute_end(s);
}

static void add_papers(struct pl_sheet *s, const struct pl_item *item)
{
    pl_list_each (const struct pl_paper, paper, &s->m->s->papers, node) {
        size_t n = 0, i = 0;
        if (paper->item != item)
            continue;
        pl_list_each (const struct pl_option, o, &paper->options, node) {
            n += !o->dropped;
        }
        pl_minute_begin(s, PL_MINUTE_TEXT, 0);
        pl_say(s, "Options paper: ", "Document d’options\u00a0: ");
        pl_say_quote(s, paper->title);
        pl_say(s, n ? ", with the options " : "",
               n ? ", comportant les options suivantes\u00a0: " : "");
        pl_list_each (const struct pl_option, o, &paper->options, node) {
            if (!o->dropped)
                pl_say_title(s, i++, n, o->title);
        }
        pl_say_as(s, ".");
        pl_minute_end(s);
    }
}

static void add_item(struct pl_sheet *s, const struct pl_fact *f)
{
    unsigned number = pl_item_number(s, f->item);
    pl_minute_begin(s, PL_MINUTE_HEADING, f->event);
    pl_say(s, "Item %u: %.*s%s", "Point %u\u00a0: %.*s%s", number, PL_ARG(f->item->title),
           !f->yes                        ? ""
           : s->language == PL_MINUTES_FR ? " (suite)"
                                          : " (continued)");
    pl_minute_end(s);
    pl_sheet_turn(s, f->event);
    if (f->yes)
        return;
    pl_sheet_item_notes(s, f->item);
    add_documents(s, f->item);
    add_papers(s, f->item);
}

/* The session */

static void add_session(struct pl_sheet *s, const struct pl_fact *f)
{
    const char *at = pl_clock(s, f->at_ms);
    switch (f->kind) {
    case PL_FACT_OPENED:
        pl_say(s, "The meeting was called to order at %s.", "La séance est ouverte à %s.", at);
        break;
    case PL_FACT_RECONVENED:
        pl_say(s, "The meeting reconvened at %s.", "La séance reprend à %s.", at);
        break;
    case PL_FACT_SUSPENDED:
        pl_say(s, "The meeting was suspended at %s.", "La séance est suspendue à %s.", at);
        break;
    case PL_FACT_RESUMED:
        pl_say(s, "The meeting was resumed at %s.", "La séance est reprise à %s.", at);
        break;
    case PL_FACT_CLOSED:
        pl_say(s, "The meeting rose at %s.", "La séance est levée à %s.", at);
        break;
    case PL_FACT_REOPENED:
        pl_say(s, "The meeting was reopened at %s.", "La séance est rouverte à %s.", at);
        break;
    case PL_FACT_RESTARTED:
        pl_say(s, "The connection was interrupted and the server started again at %s.",
               "La liaison est interrompue\u202f; le serveur redémarre à %s.", at);
        break;
    default:
        pl_say(s, "Consideration of item %u was concluded at %s.",
               "L’examen du point %u est achevé à %s.", pl_item_number(s, f->item), at);
        break;
    }
    if (f->text.p) {
        pl_say(s, " Reason given: ", " Motif invoqué\u00a0: ");
        pl_say_quoted(s, f->text);
    }
}

/* The floor */

static void say_speaker(struct pl_sheet *s, const struct pl_fact *f)
{
    pl_say_text(s, pl_fact_who(s, f));
    if (f->person.p)
        pl_say_as(s, " (%.*s)", PL_ARG(f->person));
}

static void add_speech(struct pl_sheet *s, const struct pl_fact *f)
{
    say_speaker(s, f);
    switch (f->floor_kind) {
    case PL_FLOOR_KIND_POINT_OF_ORDER:
        pl_say(s, " spoke on a point of order ", " présente une motion d’ordre ");
        break;
    case PL_FLOOR_KIND_RIGHT_OF_REPLY:
        pl_say(s, " spoke in exercise of the right of reply ", " exerce son droit de réponse ");
        break;
    case PL_FLOOR_KIND_ANSWER:
        pl_say(s, " replied ", " répond ");
        break;
    default:
        pl_say(s, " had the floor ", " prend la parole ");
        break;
    }
    pl_say_span(s, f->at_ms, f->end_ms);
    pl_say_as(s, ".");
}

static void add_written(struct pl_sheet *s, const struct pl_fact *f)
{
    say_speaker(s, f);
    pl_say(s, " made a statement in writing, which was read out at %s:",
           " présente une intervention écrite, dont il est donné lecture à %s\u00a0:",
           pl_clock(s, f->at_ms));
    pl_minute_end(s);
    pl_quote(s, f->event, (struct pl_str){0}, f->text);
}

static void add_ruling(struct pl_sheet *s, const struct pl_fact *f)
{
    struct pl_str who = pl_fact_who(s, f);
    if (f->yes)
        pl_say(s, "The Chair ruled on the point of order raised by %.*s and upheld it: ",
               "La présidence statue sur la motion d’ordre (%.*s) et y fait droit\u00a0: ",
               PL_ARG(who));
    else
        pl_say(s, "The Chair ruled on the point of order raised by %.*s and did not uphold it: ",
               "La présidence statue sur la motion d’ordre (%.*s) et n’y fait pas droit\u00a0: ",
               PL_ARG(who));
    pl_say_quoted(s, f->text);
}

/* Requests, voices, documents */

static void add_seated(struct pl_sheet *s, const struct pl_fact *f)
{
    struct pl_str who = pl_fact_who(s, f);
    pl_say(s, "%.*s was added to the seats of the meeting at %s.",
           "%.*s\u00a0: un siège est ajouté à la réunion à %s.", PL_ARG(who),
           pl_clock(s, f->at_ms));
}

static void add_voice(struct pl_sheet *s, const struct pl_fact *f)
{
    struct pl_str who = pl_fact_who(s, f);
    pl_say(s, "The voice of %.*s passed to %.*s at %s.",
           "%.*s\u00a0: la voix de la délégation passe à %.*s à %s.", PL_ARG(who),
           PL_ARG(f->person), pl_clock(s, f->at_ms));
}

static void add_asked(struct pl_sheet *s, const struct pl_fact *f)
{
    struct pl_str who = pl_fact_who(s, f);
    pl_say(s, "%.*s requested urgent consultation on ",
           "%.*s demande une consultation d’urgence sur la question suivante\u00a0: ", PL_ARG(who));
    pl_say_quote(s, f->ask->title);
    pl_say(s, ". Reason given: ", ". Motif invoqué\u00a0: ");
    pl_say_quoted(s, f->ask->reason);
}

static void add_answered(struct pl_sheet *s, const struct pl_fact *f)
{
    struct pl_str who = pl_fact_who(s, f);
    if (f->yes)
        pl_say(s, "The Chair granted the request of %.*s, and an item was put on the agenda: ",
               "La présidence fait droit à la demande (%.*s)\u202f; un point est inscrit à l’ordre "
               "du jour\u00a0: ",
               PL_ARG(who));
    else
        pl_say(s, "The Chair declined the request of %.*s for urgent consultation on ",
               "La présidence ne fait pas droit à la demande de consultation d’urgence "
               "(%.*s)\u00a0: ",
               PL_ARG(who));
    pl_say_quoted(s, f->ask->title);
    if (f->text.p) {
        pl_say_as(s, " ");
        pl_say_quoted(s, f->text);
    }
}

/* Consultations */

static void say_options(struct pl_sheet *s, const struct pl_option *const *options, size_t n)
{
    for (size_t i = 0; i < n; i++)
        pl_say_title(s, i, n, options[i]->title);
}

static void say_red_line(struct pl_sheet *s, const struct pl_consultation *c)
{
    if (!c->red_line.p)
        return;
    pl_say(s, " Red line: ", " Ligne rouge\u00a0: ");
    pl_say_quote(s, c->red_line);
    pl_say(s, " (source: %.*s).", " (source\u00a0: %.*s).", PL_ARG(c->red_line_source));
    if (!c->n_crossed_by)
        return;
    pl_say(s, " Crossed by: ", " Franchie par\u00a0: ");
    say_options(s, c->crossed_by, c->n_crossed_by);
    pl_say_as(s, ".");
}

static void add_consultation(struct pl_sheet *s, const struct pl_fact *f)
{
    const struct pl_consultation *c = f->consultation;
    struct pl_str party = pl_say_named(s, c->party->name, c->party->country);
    struct pl_str asker = pl_say_asker(s, c->asked_by);
    if (!c->consulted) {
        pl_say(s, "A red line of a party that was not asked was put on record: %.*s.",
               "Ligne rouge consignée d’une partie non consultée\u00a0: %.*s.", PL_ARG(party));
        say_red_line(s, c);
        return;
    }
    pl_say(s, "%.*s was consulted by %.*s on %s (%.*s), on the options paper ",
           "%.*s\u00a0: consultation par %.*s le %s (%.*s), sur le document d’options ",
           PL_ARG(party), PL_ARG(asker), pl_moment(s, c->asked_ms), PL_ARG(c->channel));
    pl_say_quote(s, c->paper->title);
    if (c->n_options) {
        pl_say(s, ", as to ", ", s’agissant de\u00a0: ");
        say_options(s, c->options, c->n_options);
    }
    if (c->answer.p) {
        pl_say(s, ". Answer: ", ". Réponse\u00a0: ");
        pl_say_quoted(s, c->answer);
    } else {
        pl_say(s, ". No answer had been received.", ". Aucune réponse n’a été reçue.");
    }
    say_red_line(s, c);
}

/* Positions */

static const char *stance_word(const struct pl_sheet *s, enum pl_stance stance)
{
    static const char *const words[PL_MINUTES_LANGUAGES][PL_STANCE_COUNT] = {
        {"Support", "Can accept", "Reservation", "Objection"},
        {"Appui", "Acceptable pour", "Réserve", "Objection"},
    };
    return words[s->language][stance];
}

static const char *stance_in_brackets(const struct pl_sheet *s, enum pl_stance stance)
{
    static const char *const words[PL_MINUTES_LANGUAGES][PL_STANCE_COUNT] = {
        {"support", "can accept", "reservation", "objection"},
        {"appui", "acceptable", "réserve", "objection"},
    };
    return words[s->language][stance];
}

/* Positions of one section on one option: the facts from `from` up to the next item. */
static const struct pl_fact *next_position(const struct pl_sheet *s, const struct pl_fact *from,
                                           const struct pl_option *option)
{
    for (const struct pl_list *at = from->node.next; at != &s->m->facts; at = at->next) {
        const struct pl_fact *f = pl_container_of(at, struct pl_fact, node);
        if (f->kind == PL_FACT_ITEM)
            return NULL;
        if (f->kind == PL_FACT_POSITION && !f->over && f->option == option)
            return f;
    }
    return NULL;
}

/* Is it the first of its section on this option? It stands for all of them. */
static bool is_first_position(const struct pl_sheet *s, const struct pl_fact *of)
{
    for (const struct pl_list *at = of->node.prev; at != &s->m->facts; at = at->prev) {
        const struct pl_fact *f = pl_container_of(at, struct pl_fact, node);
        if (f->kind == PL_FACT_ITEM)
            return true;
        if (f->kind == PL_FACT_POSITION && !f->over && f->option == of->option)
            return false;
    }
    return true;
}

static void say_stance(struct pl_sheet *s, const struct pl_fact *first, enum pl_stance stance)
{
    size_t n = 0, i = 0;
    for (const struct pl_fact *f = first; f; f = next_position(s, f, first->option))
        n += f->position.stance == stance;
    if (!n)
        return;
    pl_say(s, " %s: ", " %s\u00a0: ", stance_word(s, stance));
    for (const struct pl_fact *f = first; f; f = next_position(s, f, first->option))
        if (f->position.stance == stance)
            pl_say_name(s, i++, n, pl_seat_name(s, f->seat));
    pl_say_as(s, ".");
}

static void say_part(struct pl_sheet *s, const char *english, const char *french,
                     struct pl_str text)
{
    if (!text.p)
        return;
    pl_say(s, " %s: ", " %s\u00a0: ", s->language == PL_MINUTES_FR ? french : english);
    pl_say_quoted(s, text);
}

static void add_reasons(struct pl_sheet *s, const struct pl_fact *first)
{
    for (const struct pl_fact *f = first; f; f = next_position(s, f, first->option)) {
        const struct pl_position *p = &f->position;
        if (p->reason.p || p->condition.p || p->red_line.p) {
            pl_minute_begin(s, PL_MINUTE_PARA, f->event);
            pl_say(s, "%s (%s).", "%s (%s).", pl_seat_name(s, f->seat),
                   stance_in_brackets(s, p->stance));
            say_part(s, "Reason", "Motif", p->reason);
            say_part(s, "Condition", "Condition", p->condition);
            say_part(s, "Red line", "Ligne rouge", p->red_line);
            pl_minute_end(s);
        }
        pl_sheet_turn(s, f->event);
    }
}

static void add_positions(struct pl_sheet *s, const struct pl_fact *first)
{
    pl_minute_begin(s, PL_MINUTE_PARA, first->event);
    pl_say(s, "Positions on the option ", "Positions exprimées sur l’option ");
    pl_say_quote(s, first->option_title);
    pl_say(s, " (options paper ", " (document d’options ");
    pl_say_quote(s, first->paper->title);
    pl_say(s, ").", ").");
    for (int i = 0; i < PL_STANCE_COUNT; i++)
        say_stance(s, first, (enum pl_stance)i);
    pl_minute_end(s);
    add_reasons(s, first);
}

/* All of them */

/* Those that are one paragraph. */
static void add_plain(struct pl_sheet *s, const struct pl_fact *f)
{
    pl_minute_begin(s, PL_MINUTE_PARA, f->event);
    switch (f->kind) {
    case PL_FACT_SPEECH:
        add_speech(s, f);
        break;
    case PL_FACT_WRITTEN:
        add_written(s, f); /* which ends it */
        return;
    case PL_FACT_RULING:
        add_ruling(s, f);
        break;
    case PL_FACT_VOICE:
        add_voice(s, f);
        break;
    case PL_FACT_ASK:
        add_asked(s, f);
        break;
    case PL_FACT_ASK_ANSWERED:
        add_answered(s, f);
        break;
    case PL_FACT_SEAT:
        add_seated(s, f);
        break;
    case PL_FACT_DOCUMENT:
        pl_say(s, "The document %.*s was put before the meeting.",
               "La réunion est saisie du document %.*s.", PL_ARG(f->document->name));
        break;
    case PL_FACT_CONSULTATION:
        add_consultation(s, f);
        break;
    default:
        add_session(s, f);
        break;
    }
    pl_minute_end(s);
}

static bool next_is_item(const struct pl_sheet *s, const struct pl_fact *f)
{
    return f->node.next != &s->m->facts &&
           pl_container_of(f->node.next, struct pl_fact, node)->kind == PL_FACT_ITEM;
}

static void add_fact(struct pl_sheet *s, const struct pl_fact *f)
{
    switch (f->kind) {
    case PL_FACT_ITEM:
        add_item(s, f);
        return;
    case PL_FACT_ITEM_ENDED:
        if (next_is_item(s, f))
            return;
        add_plain(s, f);
        break;
    case PL_FACT_POSITION:
        if (!f->over && is_first_position(s, f))
            add_positions(s, f);
        return;
    case PL_FACT_DRAFT:
    case PL_FACT_CALL:
    case PL_FACT_EXTENDED:
    case PL_FACT_RESTARTED_SILENCE:
        pl_sheet_call(s, f);
        break;
    case PL_FACT_RESULT:
        pl_sheet_result(s, f);
        break;
    default:
        add_plain(s, f);
        break;
    }
    pl_sheet_turn(s, f->event);
}

static void add_heading(struct pl_sheet *s, const char *english, const char *french)
{
    pl_minute_begin(s, PL_MINUTE_HEADING, 0);
    pl_say_as(s, "%s", s->language == PL_MINUTES_FR ? french : english);
    pl_minute_end(s);
}

void pl_sheet_proceedings(struct pl_sheet *s)
{
    enum { BEFORE, DURING, AFTER } part = BEFORE;
    bool any_before = false, any_after = false;
    pl_list_each (const struct pl_fact, f, &s->m->facts, node) {
        if (f->kind == PL_FACT_OPENED)
            add_heading(s, "Proceedings", "Déroulement de la séance");
        if (f->kind == PL_FACT_OPENED || f->kind == PL_FACT_REOPENED)
            part = DURING;
        if (part == BEFORE && f->kind != PL_FACT_CONSULTATION && f->kind != PL_FACT_POSITION)
            continue;
        if (part == BEFORE && !any_before)
            add_heading(s, "On record before the meeting", "Consigné avant la séance");
        any_before |= part == BEFORE;
        if (part == AFTER && !any_after)
            add_heading(s, "After the meeting rose", "Après la levée de la séance");
        any_after |= part == AFTER;
        add_fact(s, f);
        if (f->kind == PL_FACT_CLOSED)
            part = AFTER;
    }
}
