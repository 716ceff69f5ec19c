/* Options papers with their positions, and the consultation register, as an eye may see them. */
#include "signal/view_parts.h"

/* Options */

static bool touches(const struct pl_option *o, const struct pl_party *party)
{
    for (size_t i = 0; i < o->n_touches; i++)
        if (o->touches[i] == party)
            return true;
    return false;
}

/* A guest sees the options that touch their party. `party` is the eye's. */
static bool sees_option(struct pl_eye eye, const struct pl_party *party, const struct pl_option *o)
{
    if (o->dropped)
        return false;
    return eye.sight >= PL_SIGHT_ALL || (party && touches(o, party));
}

bool pl_view_paper_shown(const struct pl_meeting *m, const struct pl_paper *paper,
                         struct pl_eye eye)
{
    if (eye.sight >= PL_SIGHT_ALL)
        return true;
    const struct pl_party *party = pl_eye_party(m, eye);
    pl_list_each (const struct pl_option, o, &paper->options, node) {
        if (sees_option(eye, party, o))
            return true;
    }
    return false;
}

/* Does the eye see something of the option's positions that not all see? */
static bool sees_more(const struct pl_option *o, struct pl_eye eye, uint32_t seat)
{
    const struct pl_position *p = &o->positions[seat];
    return p->number && p->visibility != PL_VISIBILITY_ALL && pl_eye_sees_position(eye, seat, p);
}

struct pl_eye pl_view_paper_plain(const struct pl_meeting *m, const struct pl_paper *paper,
                                  struct pl_eye eye)
{
    const struct pl_eye all = {PL_SIGHT_ALL, PL_NO_SEAT, 0};
    if (eye.sight <= PL_SIGHT_ALL)
        return eye;
    uint32_t from = eye.sight == PL_SIGHT_SEAT ? eye.seat : 0;
    uint32_t end =
        eye.sight == PL_SIGHT_SEAT ? eye.seat + 1 : (uint32_t)pl_meeting_definition(m)->n_seats;
    pl_list_each (const struct pl_option, o, &paper->options, node) {
        for (uint32_t seat = from; !o->dropped && seat < end; seat++)
            if (sees_more(o, eye, seat))
                return eye;
    }
    return all;
}

static struct pl_msg_paper_option told_option(struct pl_viewing *v, const struct pl_paper *paper,
                                              const struct pl_option *o,
                                              const struct pl_party *party)
{
    struct pl_act_ref *refs = pl_viewing_take(v, o->n_touches, sizeof *refs);
    struct pl_msg_paper_option told = {
        .option = o->id,
        .title = o->title,
        .answers = o->answers,
        .n_answers = o->n_answers,
        .touches = refs,
        .since = (int64_t)pl_option_since(paper, o),
    };
    for (size_t i = 0; refs && i < o->n_touches; i++)
        if (!party || o->touches[i] == party)
            refs[told.n_touches++].id = o->touches[i]->id;
    return told;
}

/* Positions and what they come to */

static void count(struct pl_msg_option_summary *s, enum pl_stance stance)
{
    s->silent--;
    switch (stance) {
    case PL_STANCE_SUPPORT:
        s->support++;
        break;
    case PL_STANCE_ACCEPT:
        s->accept++;
        break;
    case PL_STANCE_RESERVATION:
        s->reservation++;
        break;
    case PL_STANCE_OBJECT:
        s->object++;
        break;
    case PL_STANCE_COUNT:
        break;
    }
}

static void add_positions(struct pl_viewing *v, const struct pl_option *o,
                          struct pl_msg_option_summary *summary, struct pl_msg_position *list,
                          size_t *n)
{
    struct pl_act_ref *blocks = pl_viewing_take(v, v->d->n_seats, sizeof *blocks);
    summary->option = o->id;
    summary->silent = (int64_t)pl_meeting_members(v->m);
    summary->blocked_by = blocks;
    for (uint32_t seat = 0; blocks && seat < v->d->n_seats; seat++) {
        const struct pl_position *p = &o->positions[seat];
        if (!p->number || !pl_eye_sees_position(v->eye, seat, p))
            continue;
        list[(*n)++] = (struct pl_msg_position){
            .option = o->id,
            .seat = pl_viewing_seat(v, seat),
            .stance = p->stance,
            .reason = p->reason,
            .condition = p->condition,
            .red_line = p->red_line,
            .visibility = p->visibility,
            .outdated = p->number < o->amended,
            .at = p->at_ms,
        };
        if (v->d->seats[seat].guest)
            continue;
        count(summary, p->stance);
        if (p->stance == PL_STANCE_OBJECT)
            blocks[summary->n_blocked_by++].id = pl_viewing_seat(v, seat);
    }
}

static void add_warnings(struct pl_viewing *v, const struct pl_paper *paper,
                         const struct pl_option *o, struct pl_msg_option_summary *summary)
{
    struct pl_act_warning *warnings = pl_viewing_take(v, PL_WARNINGS_MAX, sizeof *warnings);
    if (!warnings)
        return;
    size_t n = pl_meeting_warnings(v->m, paper, o, warnings);
    summary->warnings = warnings;
    summary->n_warnings = pl_eye_filter(v->m, v->eye, o, warnings, n);
}

void pl_view_paper(struct pl_viewing *v, const struct pl_paper *paper)
{
    const struct pl_party *party = pl_eye_party(v->m, v->eye);
    bool positions = v->eye.sight >= PL_SIGHT_ALL;
    size_t n = pl_viewing_length(&paper->options);
    struct pl_msg_paper_option *options = pl_viewing_take(v, n, sizeof *options);
    struct pl_msg_option_summary *summary = pl_viewing_take(v, n, sizeof *summary);
    struct pl_msg_position *list =
        pl_viewing_take(v, positions ? n * v->d->n_seats : 0, sizeof *list);
    if (!options || !summary || !list)
        return;
    struct pl_to_client_paper message = {
        .paper = paper->id,
        .item = paper->item->id,
        .title = paper->title,
        .questions = paper->questions,
        .n_questions = paper->n_questions,
        .options = options,
        .positions = list,
        .summary = summary,
    };
    pl_list_each (const struct pl_option, o, &paper->options, node) {
        if (!sees_option(v->eye, party, o))
            continue;
        options[message.n_options++] = told_option(v, paper, o, party);
        if (!positions)
            continue;
        struct pl_msg_option_summary *s = &summary[message.n_summary++];
        add_positions(v, o, s, list, &message.n_positions);
        add_warnings(v, paper, o, s);
    }
    if (!positions && message.n_options == 0)
        message = (struct pl_to_client_paper){
            .paper = paper->id, .item = paper->item->id, .title = pl_str("")};
    if (!v->out->failed)
        pl_to_client_paper(v->out, &message);
}

/* The register */

/* Ids of options as refs. `only` not NULL: of those alone that touch it. */
static const struct pl_act_ref *refs_of(struct pl_viewing *v,
                                        const struct pl_option *const *options, size_t n,
                                        const struct pl_party *only, size_t *n_refs)
{
    struct pl_act_ref *refs = pl_viewing_take(v, n, sizeof *refs);
    for (size_t i = 0; refs && i < n; i++)
        if (!only || touches(options[i], only))
            refs[(*n_refs)++].id = options[i]->id;
    return refs;
}

static struct pl_msg_consultation_entry
told_entry(struct pl_viewing *v, const struct pl_consultation *c, const struct pl_party *party)
{
    struct pl_msg_consultation_entry told = {
        .entry = c->number,
        .party = c->party->id,
        .paper = c->paper->id,
        .consulted = c->consulted,
        .asked_by = c->asked_by,
        .asked_at = c->asked_ms,
        .has_asked_at = c->consulted,
        .channel = c->channel,
        .answer = c->answer,
        .red_line = c->red_line,
        .red_line_source = c->red_line_source,
        .at = c->at_ms,
    };
    /* The party knows what it was asked about; of other options it is not told. */
    told.options = refs_of(v, c->options, c->n_options, NULL, &told.n_options);
    told.crossed_by = refs_of(v, c->crossed_by, c->n_crossed_by, party, &told.n_crossed_by);
    return told;
}

static void add_status(struct pl_viewing *v, const struct pl_paper *paper,
                       const struct pl_option *o, const struct pl_party *party,
                       struct pl_msg_party_status *list, size_t *n)
{
    for (size_t i = 0; i < o->n_touches; i++) {
        if (party && o->touches[i] != party)
            continue;
        struct pl_msg_party_status *told = &list[(*n)++];
        told->party = o->touches[i]->id;
        told->paper = paper->id;
        told->option = o->id;
        told->status = pl_meeting_consultation(v->m, o->touches[i], paper, o, &told->crossed);
    }
}

static size_t count_touches(const struct pl_state *s)
{
    size_t n = 0;
    pl_list_each (const struct pl_paper, paper, &s->papers, node) {
        pl_list_each (const struct pl_option, o, &paper->options, node) {
            n += o->dropped ? 0 : o->n_touches;
        }
    }
    return n;
}

void pl_view_register(struct pl_viewing *v)
{
    const struct pl_party *party = pl_eye_party(v->m, v->eye);
    struct pl_msg_party *parties =
        pl_viewing_take(v, pl_viewing_length(&v->s->parties), sizeof *parties);
    struct pl_msg_consultation_entry *entries =
        pl_viewing_take(v, pl_viewing_length(&v->s->consultations), sizeof *entries);
    struct pl_msg_party_status *status = pl_viewing_take(v, count_touches(v->s), sizeof *status);
    if (!parties || !entries || !status)
        return;
    struct pl_to_client_register message = {
        .parties = parties, .entries = entries, .status = status};
    pl_list_each (const struct pl_party, p, &v->s->parties, node) {
        if (!party || p == party)
            parties[message.n_parties++] = (struct pl_msg_party){p->id, p->name, p->country};
    }
    pl_list_each (const struct pl_consultation, c, &v->s->consultations, node) {
        if (!party || c->party == party)
            entries[message.n_entries++] = told_entry(v, c, party);
    }
    pl_list_each (const struct pl_paper, paper, &v->s->papers, node) {
        pl_list_each (const struct pl_option, o, &paper->options, node) {
            if (!o->dropped)
                add_status(v, paper, o, party, status, &message.n_status);
        }
    }
    if (!v->out->failed)
        pl_to_client_register(v->out, &message);
}
