/* All that a meeting's record says, as text: two meetings that know the same have the same bytes.
 */
#ifndef PL_TESTS_MEETING_DUMP_H
#define PL_TESTS_MEETING_DUMP_H

#include "base/buf.h"
#include "meet/meeting.h"

#define U(n) ((unsigned long long)(n))
#define D(n) ((long long)(n))

/* A text between bars, or nothing where it is absent: what follows in it cannot look like a field.
 */
static inline void dump_text(struct pl_buf *b, struct pl_str s)
{
    if (s.p)
        pl_buf_printf(b, " %zu|%.*s|", s.n, (int)s.n, s.p);
    else
        pl_buf_puts(b, " -");
}

static inline void dump_people(const struct pl_meeting *m, struct pl_buf *b)
{
    const struct pl_definition *d = pl_meeting_definition(m);
    pl_buf_printf(b, "in session %d size %zu\n", pl_meeting_in_session(m), pl_meeting_size(m));
    pl_list_each (struct pl_participant, p, pl_meeting_list(m), node) {
        /* Not what they have on, and a mute that ends by it: media is no part of the record. */
        pl_buf_printf(b, "participant %s %u %u %d %s %d\n", p->id, p->number, p->person, p->role,
                      p->name, p->place);
    }
    for (uint32_t i = 0; i < d->n_people; i++)
        if (pl_meeting_refusal(m, i) != PL_REFUSAL_NONE)
            pl_buf_printf(b, "refused %u %d\n", i, pl_meeting_refusal(m, i));
}

static inline void dump_entry(struct pl_buf *b, const struct pl_floor_entry *e)
{
    pl_buf_printf(b, "entry %llu %d %u %u %d %lld", U(e->number), e->kind, e->seat, e->participant,
                  e->passed, D(e->at_ms));
    dump_text(b, e->name);
    dump_text(b, e->text);
}

static inline void dump_floor(const struct pl_floor_state *f, struct pl_buf *b)
{
    pl_buf_printf(b, "floor %d %u %u %d %d %llu %lld %lld %lld %d %zu\n", f->held, f->seat,
                  f->participant, f->has_kind, f->kind, U(f->entry), D(f->since_ms), D(f->seconds),
                  D(f->speaking_seconds), f->list_open, f->n_entries);
    pl_list_each (struct pl_floor_entry, e, &f->entries, node) {
        dump_entry(b, e);
        pl_buf_puts(b, "\n");
    }
    pl_list_each (struct pl_intervention, i, &f->interventions, node) {
        dump_entry(b, &i->entry);
        pl_buf_printf(b, " called %lld\n", D(i->at_ms));
    }
    pl_list_each (struct pl_ruling, r, &f->rulings, node) {
        dump_entry(b, &r->entry);
        pl_buf_printf(b, " ruled %d %lld", r->upheld, D(r->at_ms));
        dump_text(b, r->ruling);
        pl_buf_puts(b, "\n");
    }
}

static inline void dump_agenda(const struct pl_state *s, struct pl_buf *b)
{
    pl_list_each (struct pl_item, i, &s->items, node) {
        pl_buf_printf(b, "item %d %lld %lld %lld %lld", i->state, D(i->minutes),
                      D(i->speaking_seconds), D(i->began_ms), D(i->ended_ms));
        dump_text(b, i->id);
        dump_text(b, i->title);
        pl_buf_puts(b, "\n");
    }
    pl_list_each (struct pl_document, d, &s->documents, node) {
        pl_buf_printf(b, "document %lld %d", D(d->size), d->dropped);
        const struct pl_str texts[] = {d->id, d->name, d->media_type, d->sha256, d->item->id};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            dump_text(b, texts[i]);
        pl_buf_puts(b, "\n");
    }
    pl_list_each (struct pl_ask, a, &s->asks, node) {
        pl_buf_printf(b, "ask %llu %u %d %d %lld", U(a->number), a->seat, a->answered, a->granted,
                      D(a->at_ms));
        dump_text(b, a->title);
        dump_text(b, a->reason);
        dump_text(b, a->answer);
        pl_buf_puts(b, "\n");
    }
}

static inline void dump_option(const struct pl_option *o, size_t seats, struct pl_buf *b)
{
    pl_buf_printf(b, " option %d %llu", o->dropped, U(o->amended));
    dump_text(b, o->id);
    dump_text(b, o->title);
    for (size_t i = 0; i < o->n_answers; i++) {
        dump_text(b, o->answers[i].question);
        dump_text(b, o->answers[i].text);
    }
    pl_buf_puts(b, " touches");
    for (size_t i = 0; i < o->n_touches; i++)
        dump_text(b, o->touches[i]->id);
    pl_buf_puts(b, "\n");
    for (size_t i = 0; i < seats; i++) {
        const struct pl_position *p = &o->positions[i];
        if (!p->number)
            continue;
        pl_buf_printf(b, "  position %zu %llu %d %d %lld", i, U(p->number), p->stance,
                      p->visibility, D(p->at_ms));
        dump_text(b, p->reason);
        dump_text(b, p->condition);
        dump_text(b, p->red_line);
        pl_buf_puts(b, "\n");
    }
}

static inline void dump_papers(const struct pl_state *s, size_t seats, struct pl_buf *b)
{
    pl_list_each (struct pl_party, p, &s->parties, node) {
        pl_buf_puts(b, "party");
        dump_text(b, p->id);
        dump_text(b, p->name);
        dump_text(b, p->country);
        pl_buf_puts(b, "\n");
    }
    pl_list_each (struct pl_paper, p, &s->papers, node) {
        pl_buf_printf(b, "paper %zu %llu", p->n_options, U(p->changed));
        dump_text(b, p->id);
        dump_text(b, p->title);
        dump_text(b, p->item->id);
        for (size_t i = 0; i < p->n_questions; i++) {
            dump_text(b, p->questions[i].question);
            dump_text(b, p->questions[i].text);
        }
        pl_buf_puts(b, "\n");
        pl_list_each (struct pl_option, o, &p->options, node) {
            dump_option(o, seats, b);
        }
    }
}

static inline void dump_register(const struct pl_state *s, struct pl_buf *b)
{
    pl_list_each (struct pl_consultation, c, &s->consultations, node) {
        pl_buf_printf(b, "consultation %llu %d %lld %lld", U(c->number), c->consulted,
                      D(c->asked_ms), D(c->at_ms));
        const struct pl_str texts[] = {c->party->id, c->paper->id, c->asked_by,       c->channel,
                                       c->answer,    c->red_line,  c->red_line_source};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            dump_text(b, texts[i]);
        for (size_t i = 0; i < c->n_options; i++)
            dump_text(b, c->options[i]->id);
        pl_buf_puts(b, " crossed by");
        for (size_t i = 0; i < c->n_crossed_by; i++)
            dump_text(b, c->crossed_by[i]->id);
        pl_buf_puts(b, "\n");
    }
}

static inline void dump_rule(const struct pl_act_rule *r, struct pl_buf *b)
{
    pl_act_encode_rule(b, NULL, r);
}

static inline void dump_decision(const struct pl_decision *d, size_t seats, struct pl_buf *b)
{
    pl_buf_printf(b, "decision %llu %d %lld %lld %lld %d %llu %s", U(d->version), d->state,
                  D(d->called_ms), D(d->deadline_ms), D(d->ended_ms), d->outcome, U(d->changed),
                  d->hash);
    const struct pl_str texts[] = {d->id,
                                   d->title,
                                   d->item->id,
                                   d->paper ? d->paper->id : (struct pl_str){0},
                                   d->option ? d->option->id : (struct pl_str){0},
                                   d->time_zone,
                                   d->acknowledgement,
                                   d->words};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        dump_text(b, texts[i]);
    for (size_t i = 0; i < d->n_texts; i++) {
        dump_text(b, d->texts[i].language);
        dump_text(b, d->texts[i].text);
    }
    pl_buf_puts(b, " ");
    dump_rule(&d->rule, b);
    pl_buf_puts(b, "\n");
    for (size_t i = 0; i < d->n_warnings; i++) {
        const struct pl_act_warning *w = &d->warnings[i];
        pl_buf_printf(b, " warning %d", w->kind);
        const struct pl_str of[] = {w->party, w->seat, w->name, w->text, w->source};
        for (size_t k = 0; k < sizeof of / sizeof of[0]; k++)
            dump_text(b, of[k]);
        pl_buf_puts(b, "\n");
    }
    for (size_t i = 0; i < seats; i++) {
        const struct pl_cast *c = &d->casts[i];
        pl_buf_printf(b, " cast %zu %d %d %d %d %d %d %lld", i, d->excluded[i], c->takes_part,
                      c->present, c->voted, c->choice, c->passed, D(c->at_ms));
        dump_text(b, c->statement);
        pl_buf_puts(b, "\n");
    }
}

static inline void dump_minutes(const struct pl_minutes_state *s, struct pl_buf *b)
{
    pl_buf_printf(b, "minutes %zu %zu %lld %llu %lld", s->n_notes, s->n_corrections, D(s->until_ms),
                  U(s->adopted), D(s->adopted_ms));
    dump_text(b, s->hash);
    pl_buf_puts(b, "\n");
    pl_list_each (struct pl_annotation, n, &s->notes, node) {
        pl_buf_printf(b, "note %llu %llu %lld", U(n->number), U(n->event), D(n->at_ms));
        dump_text(b, n->item ? n->item->id : (struct pl_str){0});
        dump_text(b, n->text);
        dump_text(b, n->by);
        pl_buf_puts(b, "\n");
    }
    pl_list_each (struct pl_correction, c, &s->corrections, node) {
        pl_buf_printf(b, "correction %llu %llu %u %d %d %lld %lld", U(c->number), U(c->event),
                      c->seat, c->settled, c->accepted, D(c->at_ms), D(c->settled_ms));
        const struct pl_str texts[] = {c->language, c->text, c->reason, c->words};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            dump_text(b, texts[i]);
        pl_buf_puts(b, "\n");
    }
}

static inline void dump_alarms(const struct pl_state *s, struct pl_buf *b)
{
    pl_list_each (struct pl_alarm, a, &s->alarms, node) {
        pl_buf_printf(b, "alarm %llu %d %llu", U(a->number), a->why, U(a->event));
        const struct pl_str texts[] = {a->by, a->person, a->name, a->ours, a->theirs, a->leaf};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            dump_text(b, texts[i]);
        pl_buf_puts(b, "\n");
    }
}

static inline void meeting_dump(const struct pl_meeting *m, struct pl_buf *b)
{
    const struct pl_state *s = pl_meeting_state(m);
    size_t seats = pl_meeting_definition(m)->n_seats;
    dump_people(m, b);
    pl_buf_printf(b, "session %d last %llu", s->session, U(s->last));
    dump_text(b, s->session_reason);
    dump_text(b, s->item ? s->item->id : (struct pl_str){0});
    pl_buf_printf(b,
                  "\n%zu items %zu documents %zu asks %zu parties %zu papers %zu consultations "
                  "%zu decisions\n",
                  s->n_items, s->n_documents, s->n_asks, s->n_parties, s->n_papers,
                  s->n_consultations, s->n_decisions);
    for (int i = 0; i < PL_PART_COUNT; i++)
        pl_buf_printf(b, "part %d %llu\n", i, U(s->changed[i]));
    for (size_t i = 0; i < seats; i++)
        pl_buf_printf(b, "seat %zu %u %u %u\n", i, s->seats[i].present, s->seats[i].head,
                      s->seats[i].voice);
    dump_floor(&s->floor, b);
    dump_agenda(s, b);
    dump_papers(s, seats, b);
    dump_register(s, b);
    dump_minutes(&s->minutes, b);
    dump_alarms(s, b);
    pl_list_each (struct pl_decision, d, &s->decisions, node) {
        dump_decision(d, seats, b);
    }
}

#undef U
#undef D
#endif
