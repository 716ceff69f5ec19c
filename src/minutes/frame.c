/* See parts.h. Here: the sheet as a whole; its head, attendance, agenda, corrections. */
#include "minutes/parts.h"

#include <stdlib.h>

static void heading(struct pl_sheet *s, const char *english, const char *french)
{
    pl_minute_begin(s, PL_MINUTE_HEADING, 0);
    pl_say_as(s, "%s", s->language == PL_MINUTES_FR ? french : english);
    pl_minute_end(s);
}

/* Who was there in a role: "Chair: Anna Berg." */
static void add_office(struct pl_sheet *s, enum pl_role role, const char *english,
                       const char *french)
{
    size_t n = 0, i = 0;
    pl_list_each (const struct pl_attendee, a, &s->m->attendees, node) {
        n += s->m->d->people[a->person].role == role;
    }
    if (!n)
        return;
    pl_say(s, "%s: ", "%s\u00a0: ", s->language == PL_MINUTES_FR ? french : english);
    pl_list_each (const struct pl_attendee, a, &s->m->attendees, node) {
        if (s->m->d->people[a->person].role == role)
            pl_say_name(s, i++, n, a->name.p);
    }
    pl_say_as(s, ". ");
}

static void add_when(struct pl_sheet *s)
{
    const struct pl_minutes *m = s->m;
    pl_minute_begin(s, PL_MINUTE_SUBTITLE, 0);
    if (!m->opened_ms)
        pl_say(s, "Not opened yet.", "Pas encore ouverte.");
    else if (!m->closed_ms)
        pl_say(s, "Held by videoconference on %s, from %s (UTC); not closed yet",
               "Tenue par visioconférence le %s, à partir de %s (UTC)\u202f; pas encore levée",
               pl_day(s, m->opened_ms), pl_clock(s, m->opened_ms));
    else
        pl_say(s, "Held by videoconference on %s, from %s to %s (UTC)",
               "Tenue par visioconférence le %s, de %s à %s (UTC)", pl_day(s, m->opened_ms),
               pl_clock(s, m->opened_ms), pl_clock(s, m->closed_ms));
    pl_minute_end(s);
}

static void add_head(struct pl_sheet *s)
{
    const struct pl_definition *d = s->m->d;
    if (d->marking) {
        pl_minute_begin(s, PL_MINUTE_MARKING, 0);
        pl_say_as(s, "%s", d->marking);
        pl_minute_end(s);
    }
    pl_minute_begin(s, PL_MINUTE_BODY, 0);
    pl_say_as(s, "%s", d->body ? d->body : "");
    pl_minute_end(s);
    pl_minute_begin(s, PL_MINUTE_TITLE, 0);
    pl_say(s, "Minutes: %s", "Procès-verbal\u00a0: %s", d->title);
    pl_minute_end(s);
    add_when(s);
    pl_minute_begin(s, PL_MINUTE_TEXT, 0);
    add_office(s, PL_ROLE_CHAIR, "Chair", "Présidence");
    add_office(s, PL_ROLE_SECRETARY, "Secretary", "Secrétariat");
    add_office(s, PL_ROLE_RAPPORTEUR, "Rapporteur", "Rapporteur");
    pl_say(s, "Numbers in square brackets are those of events in the record of the meeting.",
           "Les nombres entre crochets renvoient aux événements enregistrés de la réunion.");
    pl_minute_end(s);
}

/* Attendance */

static const char *role_word(struct pl_sheet *s, const struct pl_attendee *a)
{
    static const char *const words[PL_MINUTES_LANGUAGES][PL_ROLE_COUNT] = {
        {"Chair", "Secretary", "delegate", "adviser", "briefer", "invited", "interpreter",
         "observer", "Rapporteur", "captioner"},
        {"présidence", "secrétariat", "délégué(e)", "conseiller(ère)", "intervenant(e)",
         "invité(e)", "interprète", "observateur(trice)", "rapporteur", "sous-titreur(euse)"},
    };
    const struct pl_person *p = &s->m->d->people[a->person];
    if (p->seat != PL_NO_SEAT && s->m->s->seats[p->seat].head == a->person)
        return s->language == PL_MINUTES_FR ? "chef de délégation" : "head of delegation";
    return words[s->language][p->role];
}

static void add_stays(struct pl_sheet *s, const struct pl_attendee *a)
{
    size_t i = 0;
    pl_list_each (const struct pl_stay, stay, &a->stays, node) {
        pl_say_as(s, "%s", i++ ? ", " : "");
        pl_say_span(s, stay->from_ms, stay->to_ms);
    }
}

/* `label` NULL: as the row before. */
static void add_attendee(struct pl_sheet *s, const struct pl_attendee *a, const char *label)
{
    pl_minute_begin(s, PL_MINUTE_ROW, a->event);
    pl_say_as(s, "%s", label ? label : "");
    pl_minute_label_ends(s);
    pl_say(s, "%.*s (%s): ", "%.*s (%s)\u00a0: ", PL_ARG(a->name), role_word(s, a));
    add_stays(s, a);
    pl_minute_end(s);
    pl_sheet_turn(s, a->event);
}

static void add_seat(struct pl_sheet *s, uint32_t seat)
{
    const struct pl_minutes *m = s->m;
    bool any = false;
    pl_list_each (const struct pl_attendee, a, &m->attendees, node) {
        const struct pl_person *p = &m->d->people[a->person];
        if (!pl_role_needs_seat(p->role) || p->seat != seat)
            continue;
        add_attendee(s, a, any ? NULL : pl_seat_name(s, seat));
        any = true;
    }
}

static bool is_absent(const struct pl_minutes *m, uint32_t seat)
{
    pl_list_each (const struct pl_attendee, a, &m->attendees, node) {
        const struct pl_person *p = &m->d->people[a->person];
        if (pl_role_needs_seat(p->role) && p->seat == seat)
            return false;
    }
    return !m->d->seats[seat].guest;
}

/* All in one row: there may be many. */
static void add_absent(struct pl_sheet *s)
{
    size_t n = 0, i = 0;
    for (uint32_t seat = 0; seat < s->m->d->n_seats; seat++)
        n += is_absent(s->m, seat);
    if (!n)
        return;
    pl_minute_begin(s, PL_MINUTE_ROW, 0);
    pl_say(s, "Absent", "Absents");
    pl_minute_label_ends(s);
    for (uint32_t seat = 0; seat < s->m->d->n_seats; seat++)
        if (is_absent(s->m, seat))
            pl_say_name(s, i++, n, pl_seat_name(s, seat));
    pl_minute_end(s);
}

static void add_attendance(struct pl_sheet *s)
{
    const struct pl_minutes *m = s->m;
    bool any = false;
    if (!m->opened_ms)
        return;
    heading(s, "Attendance", "Participation");
    for (uint32_t i = 0; i < m->d->n_seats; i++)
        add_seat(s, i);
    pl_list_each (const struct pl_attendee, a, &m->attendees, node) {
        if (pl_role_needs_seat(m->d->people[a->person].role))
            continue;
        add_attendee(s, a, any ? NULL : s->language == PL_MINUTES_FR ? "Autres" : "Others");
        any = true;
    }
    add_absent(s);
}

static void add_agenda(struct pl_sheet *s)
{
    unsigned i = 0;
    if (pl_list_empty(&s->m->s->items))
        return;
    heading(s, "Agenda", "Ordre du jour");
    pl_list_each (const struct pl_item, item, &s->m->s->items, node) {
        pl_minute_begin(s, PL_MINUTE_ROW, 0);
        pl_say_as(s, "%u", ++i);
        pl_minute_label_ends(s);
        pl_say_text(s, item->title);
        pl_minute_end(s);
    }
}

/* What is left */

static void add_correction(struct pl_sheet *s, const struct pl_correction *c)
{
    const char *seat = pl_seat_name(s, c->seat);
    unsigned number = 0;
    for (size_t i = 0; i < s->n && !number; i++)
        number = s->lines[i].event == c->event ? s->lines[i].number : 0;
    pl_minute_begin(s, PL_MINUTE_PARA, c->number);
    if (number)
        pl_say(s, "%s proposed that paragraph %u [%llu] should read: ",
               "%s propose de libeller comme suit le paragraphe %u [%llu]\u00a0: ", seat, number,
               (unsigned long long)c->event);
    else
        pl_say(s, "%s proposed that the line of event [%llu] should read: ",
               "%s propose de libeller comme suit le passage relatif à l’événement [%llu]\u00a0: ",
               seat, (unsigned long long)c->event);
    pl_say_quoted(s, c->text);
    if (c->reason.p) {
        pl_say(s, " Reason given: ", " Motif invoqué\u00a0: ");
        pl_say_quoted(s, c->reason);
    }
    if (!c->settled)
        pl_say(s, " Not settled yet.", " En attente de décision.");
    else if (c->accepted)
        pl_say(s, " The correction was accepted by the Chair.",
               " La rectification est acceptée par la présidence.");
    else
        pl_say(s, " The correction was not accepted by the Chair.",
               " La rectification n’est pas acceptée par la présidence.");
    if (c->words.p) {
        pl_say_as(s, " ");
        pl_say_quoted(s, c->words);
    }
    pl_minute_end(s);
}

static void add_corrections(struct pl_sheet *s)
{
    if (pl_list_empty(&s->m->s->minutes.corrections))
        return;
    heading(s, "Corrections", "Rectifications");
    pl_list_each (const struct pl_correction, c, &s->m->s->minutes.corrections, node) {
        add_correction(s, c);
        pl_sheet_turn(s, c->number);
    }
}

/* On events that have no line here. */
static void add_other_notes(struct pl_sheet *s)
{
    size_t i = 0;
    bool any = false;
    pl_list_each (const struct pl_annotation, note, &s->m->s->minutes.notes, node) {
        bool left = s->noted && !s->noted[i++] && note->text.n;
        if (left && !any)
            heading(s, "Other notes", "Autres notes");
        any |= left;
        if (!left)
            continue;
        pl_minute_begin(s, PL_MINUTE_NOTE, note->number);
        if (note->event)
            pl_say(s, "On event [%llu] (%.*s): ", "Sur l’événement [%llu] (%.*s)\u00a0: ",
                   (unsigned long long)note->event, PL_ARG(note->by));
        else
            pl_say(s, "On item %u (%.*s): ", "Sur le point %u (%.*s)\u00a0: ",
                   pl_item_number(s, note->item), PL_ARG(note->by));
        pl_say_text(s, note->text);
        pl_minute_end(s);
    }
}

void pl_sheet_make(const struct pl_minutes *m, enum pl_minutes_language language,
                   struct pl_sheet *s)
{
    *s = (struct pl_sheet){.m = m, .language = language};
    s->noted = calloc(m->s->minutes.n_notes + 1, sizeof *s->noted);
    s->failed = !s->noted;
    add_head(s);
    add_attendance(s);
    add_agenda(s);
    pl_sheet_proceedings(s);
    add_corrections(s);
    add_other_notes(s);
    s->failed |= s->texts.failed;
}

void pl_sheet_free(struct pl_sheet *s)
{
    free(s->lines);
    free(s->noted);
    pl_buf_free(&s->texts);
}
