/* Decisions from their draft to their result: texts and versions, the call, the close. Votes are in
 * vote.c, what silence has of its own in silence.c, the arithmetic in tally.c. */
#include "meet/parts.h"

#include "base/bytes.h"
#include "crypto/hash.h"

#include <assert.h>
#include <stdio.h>

#define TEXTS_MAX 2
#define TEXT_MAX 16000 /* acts.json, as for `wording` */

struct pl_decision *pl_find_decision(const struct pl_meeting *m, struct pl_str id)
{
    pl_list_each (struct pl_decision, d, &m->state.decisions, node) {
        if (pl_same(d->id, id))
            return d;
    }
    return NULL;
}

void pl_wordings_hash(const struct pl_act_wording *texts, size_t n, char out[65])
{
    uint8_t bytes[TEXTS_MAX * (PL_LANGUAGE_MAX + 1 + TEXT_MAX + 1)], sum[PL_SHA256_SIZE];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    for (size_t i = 0; i < n; i++) {
        pl_write_bytes(&w, texts[i].language.p, texts[i].language.n);
        pl_write_u8(&w, '\n');
        pl_write_bytes(&w, texts[i].text.p, texts[i].text.n);
        pl_write_u8(&w, 0);
    }
    assert(!w.full); /* what decodes acts knows these limits */
    pl_sha256(bytes, pl_writer_size(&w), sum);
    pl_hex(sum, sizeof sum, out);
}

bool pl_decision_open_but_silence(const struct pl_meeting *m)
{
    pl_list_each (struct pl_decision, d, &m->state.decisions, node) {
        if (d->state == PL_DECISION_STATE_OPEN && d->rule.procedure != PL_PROCEDURE_SILENCE)
            return true;
    }
    return false;
}

bool pl_decision_open_on(const struct pl_meeting *m, const struct pl_option *option)
{
    pl_list_each (struct pl_decision, d, &m->state.decisions, node) {
        if (d->state == PL_DECISION_STATE_OPEN && d->option == option)
            return true;
    }
    return false;
}

void pl_decision_warned(const struct pl_change *ch, const struct pl_paper *paper)
{
    pl_list_each (struct pl_decision, d, &ch->m->state.decisions, node) {
        if (d->state == PL_DECISION_STATE_DRAFT && d->paper == paper)
            d->changed = ch->e->number;
    }
}

void pl_decision_seat_came(const struct pl_change *ch, uint32_t seat)
{
    pl_list_each (struct pl_decision, d, &ch->m->state.decisions, node) {
        if (d->state != PL_DECISION_STATE_OPEN || !d->casts[seat].takes_part ||
            d->casts[seat].present)
            continue;
        d->casts[seat].present = true;
        d->changed = ch->e->number;
    }
}

static enum pl_err decision_of(struct pl_ruling_on *r, struct pl_str id, struct pl_decision **d)
{
    *d = pl_find_decision(r->m, id);
    return *d ? PL_OK : pl_refuse(r, PL_ENOENT, "decision", "There is no such decision.");
}

/* PL_ESTATE, and why. */
static enum pl_err refuse_state(struct pl_ruling_on *r, const struct pl_decision *d)
{
    static const char *const why[PL_DECISION_STATE_COUNT] = {
        [PL_DECISION_STATE_DRAFT] = "This decision is not open.",
        [PL_DECISION_STATE_OPEN] = "This decision is open.",
        [PL_DECISION_STATE_DECLARED] = "The result of this decision is declared.",
        [PL_DECISION_STATE_WITHDRAWN] = "This decision is withdrawn.",
    };
    return pl_refuse(r, PL_ESTATE, "decision", why[d->state]);
}

enum pl_err pl_decision_to_act_on(struct pl_ruling_on *r, struct pl_str id, struct pl_decision **d)
{
    enum pl_err err = decision_of(r, id, d);
    if (err)
        return err;
    if ((*d)->state != PL_DECISION_STATE_OPEN)
        return refuse_state(r, *d);
    if ((*d)->rule.procedure == PL_PROCEDURE_SILENCE && r->at_ms >= (*d)->deadline_ms)
        return pl_refuse(r, PL_ESTATE, "decision", "The deadline of this silence has passed.");
    return PL_OK;
}

/* Texts */

enum pl_err pl_check_texts(struct pl_ruling_on *r, const struct pl_act_wording *texts, size_t n)
{
    if (n == 0)
        return pl_refuse(r, PL_EINVAL, "texts", "A decision has its text in one or two languages.");
    for (size_t i = 0; i < n; i++) {
        char field[PL_FIELD_NAME_SIZE];
        snprintf(field, sizeof field, "texts[%u].language", (unsigned)i);
        if (!pl_language_ok(texts[i].language))
            return pl_refuse(r, PL_EINVAL, field, "A language is a tag, as in EN or FR.");
        if (i && pl_same(texts[i].language, texts[0].language))
            return pl_refuse(r, PL_EINVAL, field, "The two texts are in one language.");
        snprintf(field, sizeof field, "texts[%u].text", (unsigned)i);
        enum pl_err err = pl_check_text(r, field, texts[i].text);
        if (err)
            return err;
    }
    return PL_OK;
}

enum pl_err pl_set_texts(const struct pl_change *ch, struct pl_decision *d,
                         const struct pl_act_wording *texts, size_t n, int64_t version,
                         struct pl_str hash)
{
    char want[65];
    pl_wordings_hash(texts, n, want);
    if ((uint64_t)version != d->version + 1 || !pl_str_eq(hash, want))
        return PL_EINVAL;
    for (size_t i = 0; i < n; i++)
        if (pl_arena_str(&ch->m->arena, texts[i].language, &d->texts[i].language) != PL_OK ||
            pl_arena_str(&ch->m->arena, texts[i].text, &d->texts[i].text) != PL_OK)
            return PL_ENOMEM;
    d->n_texts = n;
    d->version = (uint64_t)version;
    memcpy(d->hash, want, sizeof want);
    d->changed = ch->e->number;
    return PL_OK;
}

/* Drafts */

static enum pl_err check_share(struct pl_ruling_on *r, const char *field, bool has_num, int64_t num,
                               bool has_den, int64_t den)
{
    if (has_num != has_den)
        return pl_refuse(r, PL_EINVAL, field, "A share has a numerator and a denominator.");
    if (has_num && (num < 1 || den < num))
        return pl_refuse(r, PL_EINVAL, field, "A share is more than nothing, and at most all.");
    return PL_OK;
}

static bool counts_shares(enum pl_procedure p)
{
    return p == PL_PROCEDURE_QUALIFIED || p == PL_PROCEDURE_ROLL_CALL;
}

static enum pl_err check_rule(struct pl_ruling_on *r, const struct pl_act_rule *rule)
{
    bool shares = rule->has_seats_num || rule->has_weight_num;
    enum pl_procedure p = rule->procedure;
    enum pl_err err = check_share(r, "rule.seats_num", rule->has_seats_num, rule->seats_num,
                                  rule->has_seats_den, rule->seats_den);
    if (!err)
        err = check_share(r, "rule.weight_num", rule->has_weight_num, rule->weight_num,
                          rule->has_weight_den, rule->weight_den);
    if (err)
        return err;
    if (shares && !counts_shares(p))
        return pl_refuse(r, PL_EINVAL, rule->has_seats_num ? "rule.seats_num" : "rule.weight_num",
                         "Only a qualified majority and a roll call may need a share.");
    if (!shares && p == PL_PROCEDURE_QUALIFIED)
        return pl_refuse(r, PL_EINVAL, "rule.seats_num",
                         "A qualified majority needs a share of seats, of weights, or both.");
    if (rule->has_base && !shares && p != PL_PROCEDURE_ABSOLUTE)
        return pl_refuse(r, PL_EINVAL, "rule.base",
                         "Without a share there is nothing to take it of.");
    if (rule->has_abstentions_count && (p == PL_PROCEDURE_CONSENSUS || p == PL_PROCEDURE_SILENCE))
        return pl_refuse(r, PL_EINVAL, "rule.abstentions_count",
                         "Nobody abstains from consensus or silence.");
    return PL_OK;
}

static bool refers(const struct pl_act_ref *refs, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (pl_str_eq(refs[i].id, id))
            return true;
    return false;
}

static enum pl_err check_excluded(struct pl_ruling_on *r, const struct pl_act_put_decision *a)
{
    const struct pl_definition *def = r->m->definition;
    for (size_t i = 0; i < a->n_excluded; i++) {
        char field[PL_FIELD_NAME_SIZE];
        uint32_t seat = pl_find_seat(def, a->excluded[i].id);
        snprintf(field, sizeof field, "excluded[%u]", (unsigned)i);
        if (seat == PL_NO_SEAT)
            return pl_refuse(r, PL_ENOENT, field, "There is no such seat.");
        if (def->seats[seat].guest)
            return pl_refuse(r, PL_EINVAL, field,
                             "This seat is a guest's and takes no part anyway.");
        if (refers(a->excluded, i, def->seats[seat].id))
            return pl_refuse(r, PL_EINVAL, field, "This seat stands there twice.");
    }
    size_t members = pl_meeting_members(r->m);
    if (a->n_excluded >= members)
        return pl_refuse(r, PL_EINVAL, "excluded", "No seat would be left to decide.");
    if (a->rule.has_quorum && (size_t)a->rule.quorum > members - a->n_excluded)
        return pl_refuse(r, PL_EINVAL, "rule.quorum",
                         "The quorum is more than all that take part.");
    return PL_OK;
}

static enum pl_err check_subject(struct pl_ruling_on *r, const struct pl_act_put_decision *a)
{
    struct pl_paper *paper;
    struct pl_option *option;
    if (!a->paper.p && !a->option.p)
        return PL_OK;
    if (!a->paper.p || !a->option.p)
        return pl_refuse(r, PL_EINVAL, a->paper.p ? "option" : "paper",
                         "A paper and an option on it come together.");
    enum pl_err err = pl_paper_of(r, a->paper, &paper);
    return err ? err : pl_option_of(r, paper, a->option, "option", &option);
}

static bool same_rule(const struct pl_act_rule *a, const struct pl_act_rule *b)
{
    return a->procedure == b->procedure && a->has_base == b->has_base &&
           (!a->has_base || a->base == b->base) && a->has_seats_num == b->has_seats_num &&
           (!a->has_seats_num || (a->seats_num == b->seats_num && a->seats_den == b->seats_den)) &&
           a->has_weight_num == b->has_weight_num &&
           (!a->has_weight_num ||
            (a->weight_num == b->weight_num && a->weight_den == b->weight_den)) &&
           a->has_abstentions_count == b->has_abstentions_count &&
           (!a->has_abstentions_count || a->abstentions_count == b->abstentions_count) &&
           a->has_quorum == b->has_quorum && (!a->has_quorum || a->quorum == b->quorum);
}

/* `hash`: of the act's texts. */
static bool same_draft(const struct pl_meeting *m, const struct pl_decision *d,
                       const struct pl_act_put_decision *a, const char *hash)
{
    struct pl_str paper = d->paper ? d->paper->id : (struct pl_str){0};
    struct pl_str option = d->option ? d->option->id : (struct pl_str){0};
    if (!pl_same(d->item->id, a->item) || !pl_same(d->title, a->title) ||
        !pl_same(paper, a->paper) || !pl_same(option, a->option) || strcmp(d->hash, hash) != 0 ||
        !same_rule(&d->rule, &a->rule))
        return false;
    for (size_t i = 0; i < m->definition->n_seats; i++)
        if (d->excluded[i] != refers(a->excluded, a->n_excluded, m->definition->seats[i].id))
            return false;
    return true;
}

enum pl_err pl_decide_put_decision(struct pl_ruling_on *r)
{
    const struct pl_act_put_decision *a = &r->act->put_decision;
    enum pl_err err = pl_check_prepares(r);
    if (!err)
        err = pl_check_id(r, "decision", a->decision);
    if (!err && !pl_find_item(r->m, a->item))
        err = pl_refuse(r, PL_ENOENT, "item", "There is no such item on the agenda.");
    if (!err)
        err = pl_check_line(r, "title", a->title);
    if (!err)
        err = pl_check_texts(r, a->texts, a->n_texts);
    if (!err)
        err = check_subject(r, a);
    if (!err)
        err = check_rule(r, &a->rule);
    if (!err)
        err = check_excluded(r, a);
    if (err)
        return err;
    const struct pl_decision *d = pl_find_decision(r->m, a->decision);
    if (d && d->state != PL_DECISION_STATE_DRAFT)
        return refuse_state(r, d);
    if (!d && r->m->state.n_decisions >= PL_DECISIONS_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL, "A meeting has at most 200 decisions.");
    char *hash = r->m->scratch->hash;
    pl_wordings_hash(a->texts, a->n_texts, hash);
    if (d && same_draft(r->m, d, a, hash))
        return PL_OK;
    struct pl_act_put_decision *e = &pl_add_act(r)->put_decision;
    e->hash = pl_str(hash);
    e->version = d ? (int64_t)d->version + 1 : 1;
    return PL_OK;
}

static enum pl_err widen(struct pl_meeting *m, struct pl_decision *d, size_t seats)
{
    bool *excluded = pl_seats_list(m, d->excluded, seats, sizeof *excluded);
    struct pl_cast *casts = pl_seats_list(m, d->casts, seats, sizeof *casts);
    if (!excluded || !casts)
        return PL_ENOMEM;
    d->excluded = excluded;
    d->casts = casts;
    return PL_OK;
}

enum pl_err pl_decisions_widen(struct pl_meeting *m, size_t seats)
{
    enum pl_err err = PL_OK;
    pl_list_each (struct pl_decision, d, &m->state.decisions, node) {
        if (!err)
            err = widen(m, d, seats);
    }
    return err;
}

static enum pl_err new_decision(struct pl_meeting *m, struct pl_str id, struct pl_decision **out)
{
    size_t seats = m->definition->n_seats;
    struct pl_decision *d = pl_arena_alloc(&m->arena, sizeof *d);
    if (!d || pl_arena_str(&m->arena, id, &d->id) != PL_OK)
        return PL_ENOMEM;
    d->excluded = pl_seats_list(m, NULL, seats, sizeof *d->excluded);
    d->casts = pl_seats_list(m, NULL, seats, sizeof *d->casts);
    if (!d->excluded || !d->casts)
        return PL_ENOMEM;
    pl_list_push(&m->state.decisions, &d->node);
    m->state.n_decisions++;
    *out = d;
    return PL_OK;
}

/* What nobody has taken a part in yet. */
static void forget_call(struct pl_decision *d, size_t seats)
{
    memset(d->casts, 0, seats * sizeof *d->casts);
    d->called = 0;
    d->called_ms = d->deadline_ms = d->ended_ms = 0;
    d->time_zone = d->acknowledgement = d->words = (struct pl_str){0};
    d->n_warnings = 0;
    d->outcome = PL_OUTCOME_ADOPTED;
}

enum pl_err pl_apply_put_decision(const struct pl_change *ch)
{
    const struct pl_act_put_decision *a = &ch->e->put_decision;
    const struct pl_definition *def = ch->m->definition;
    const struct pl_item *item = pl_find_item(ch->m, a->item);
    const struct pl_paper *paper = a->paper.p ? pl_find_paper(ch->m, a->paper) : NULL;
    const struct pl_option *option = paper ? pl_find_option(paper, a->option) : NULL;
    struct pl_decision *d = pl_find_decision(ch->m, a->decision);
    if (!item || (a->paper.p && !option) || (d && d->state != PL_DECISION_STATE_DRAFT) ||
        a->rule.has_seats_num != a->rule.has_seats_den ||
        a->rule.has_weight_num != a->rule.has_weight_den)
        return PL_EINVAL;
    if (!d && new_decision(ch->m, a->decision, &d) != PL_OK)
        return PL_ENOMEM;
    enum pl_err err = pl_set_texts(ch, d, a->texts, a->n_texts, a->version, a->hash);
    if (!err)
        err = pl_arena_str(&ch->m->arena, a->title, &d->title);
    if (err)
        return err;
    d->item = item;
    d->paper = paper;
    d->option = option;
    d->rule = a->rule;
    for (size_t i = 0; i < def->n_seats; i++)
        d->excluded[i] = refers(a->excluded, a->n_excluded, def->seats[i].id);
    forget_call(d, def->n_seats);
    return PL_OK;
}

/* The call */

/* What only silence has. */
static enum pl_err check_call_deadline(struct pl_ruling_on *r, const struct pl_decision *d)
{
    const struct pl_act_call_decision *a = &r->act->call_decision;
    if (d->rule.procedure != PL_PROCEDURE_SILENCE) {
        if (a->has_deadline || a->time_zone.p)
            return pl_refuse(r, PL_EINVAL, a->has_deadline ? "deadline" : "time_zone",
                             "Only silence has a deadline.");
        return PL_OK;
    }
    if (!a->has_deadline)
        return pl_refuse(r, PL_EINVAL, "deadline", "Silence needs a deadline.");
    return pl_check_deadline(r, a->deadline, a->time_zone);
}

static enum pl_err check_quorum(struct pl_ruling_on *r, const struct pl_decision *d)
{
    size_t present, quorum = pl_quorum_of(r->m, d);
    char why[PL_MEETING_WHY_SIZE];
    size_t members = pl_electorate(r->m, d, &present);
    if (present >= quorum)
        return PL_OK;
    snprintf(why, sizeof why, "There is no quorum: %zu of %zu seats are present, %zu must be.",
             present, members, quorum);
    return pl_refuse(r, PL_ESTATE, NULL, why);
}

/* Warnings, into the event; or refused with them, if nobody says why it is called all the same. */
static enum pl_err check_warnings(struct pl_ruling_on *r, const struct pl_decision *d,
                                  struct pl_act_call_decision *e)
{
    const struct pl_act_call_decision *a = &r->act->call_decision;
    struct pl_denial *denial = r->denial;
    e->n_warnings = d->option ? pl_meeting_warnings(r->m, d->paper, d->option, e->warnings) : 0;
    if (e->n_warnings == 0) {
        e->acknowledgement = (struct pl_str){0};
        return PL_OK;
    }
    if (a->acknowledgement.p)
        return pl_check_text(r, "acknowledgement", a->acknowledgement);
    denial->acknowledge = true;
    denial->n_warnings = e->n_warnings;
    memcpy(denial->warnings, e->warnings, e->n_warnings * sizeof e->warnings[0]);
    return pl_refuse(r, PL_ESTATE, "acknowledgement",
                     "There are warnings; say why it is called all the same.");
}

enum pl_err pl_decide_call_decision(struct pl_ruling_on *r)
{
    const struct pl_act_call_decision *a = &r->act->call_decision;
    struct pl_decision *d;
    enum pl_err err = pl_check_presides(r);
    if (!err)
        err = pl_check_open(r);
    if (!err)
        err = decision_of(r, a->decision, &d);
    if (err)
        return err;
    if (d->state != PL_DECISION_STATE_DRAFT)
        return refuse_state(r, d);
    if ((uint64_t)a->version != d->version)
        return pl_refuse(r, PL_ESTATE, "version",
                         "This is not the version of the text that stands.");
    if (d->option && d->option->dropped)
        return pl_refuse(r, PL_ESTATE, "decision", "Its option was taken off the paper.");
    err = check_call_deadline(r, d);
    if (!err)
        err = check_quorum(r, d);
    if (err)
        return err;
    struct pl_act_call_decision *e = &pl_add_act(r)->call_decision;
    size_t present;
    e->members = (int64_t)pl_electorate(r->m, d, &present);
    e->present = (int64_t)present;
    return check_warnings(r, d, e);
}

void pl_clear_casts(const struct pl_meeting *m, struct pl_decision *d)
{
    for (size_t i = 0; i < m->definition->n_seats; i++) {
        bool takes_part = !m->definition->seats[i].guest && !d->excluded[i];
        d->casts[i] = (struct pl_cast){.takes_part = takes_part,
                                       .present = takes_part && m->state.seats[i].present > 0};
    }
}

static enum pl_err keep_warning(struct pl_arena *arena, const struct pl_act_warning *from,
                                struct pl_act_warning *to)
{
    *to = *from;
    struct pl_str *texts[] = {&to->party, &to->seat, &to->name, &to->text, &to->source};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (pl_arena_str(arena, *texts[i], texts[i]) != PL_OK)
            return PL_ENOMEM;
    return PL_OK;
}

enum pl_err pl_apply_call_decision(const struct pl_change *ch)
{
    const struct pl_act_call_decision *a = &ch->e->call_decision;
    struct pl_arena *arena = &ch->m->arena;
    struct pl_decision *d = pl_find_decision(ch->m, a->decision);
    if (!d || d->state != PL_DECISION_STATE_DRAFT || (uint64_t)a->version != d->version ||
        a->has_deadline != (d->rule.procedure == PL_PROCEDURE_SILENCE))
        return PL_EINVAL;
    forget_call(d, ch->m->definition->n_seats);
    pl_clear_casts(ch->m, d);
    for (size_t i = 0; i < a->n_warnings; i++)
        if (keep_warning(arena, &a->warnings[i], &d->warnings[i]) != PL_OK)
            return PL_ENOMEM;
    d->n_warnings = a->n_warnings;
    if (pl_arena_str(arena, a->acknowledgement, &d->acknowledgement) != PL_OK ||
        pl_arena_str(arena, a->time_zone, &d->time_zone) != PL_OK)
        return PL_ENOMEM;
    d->state = PL_DECISION_STATE_OPEN;
    d->called = ch->e->number;
    d->called_ms = ch->e->at_ms;
    d->deadline_ms = a->has_deadline ? a->deadline : 0;
    d->changed = ch->e->number;
    return PL_OK;
}

/* The end */

/* A roll call is not cut short: each seat was called, and those that passed and are here twice. */
static bool still_to_be_called(const struct pl_meeting *m, const struct pl_decision *d)
{
    for (size_t i = 0; i < m->definition->n_seats; i++) {
        const struct pl_cast *c = &d->casts[i];
        if (c->takes_part && !c->voted &&
            (c->passed == 0 || (c->passed == 1 && m->state.seats[i].present)))
            return true;
    }
    return false;
}

enum pl_err pl_decide_close_decision(struct pl_ruling_on *r)
{
    struct pl_decision *d;
    if (!r->by || r->by->role != PL_ROLE_CHAIR)
        return pl_refuse(r, PL_EAUTH, NULL, "Only the chair declares a result.");
    enum pl_err err = pl_check_open(r);
    if (!err)
        err = pl_decision_to_act_on(r, r->act->close_decision.decision, &d);
    if (err)
        return err;
    if (d->rule.procedure == PL_PROCEDURE_SILENCE)
        return pl_refuse(r, PL_ESTATE, "decision", "Silence closes itself at its deadline.");
    if (d->rule.procedure == PL_PROCEDURE_ROLL_CALL && still_to_be_called(r->m, d))
        return pl_refuse(r, PL_ESTATE, "decision", "The roll call is not at its end.");
    struct pl_act_close_decision *e = &pl_add_act(r)->close_decision;
    e->outcome = pl_tally(r->m, d, r->m->scratch->words, PL_WORDS_SIZE);
    e->words = pl_str(r->m->scratch->words);
    e->has_words_form = true;
    e->words_form = PL_WORDS_FORM;
    return PL_OK;
}

/* Without a quorum nothing was decided, and it may be called again. */
static enum pl_err end(const struct pl_change *ch, struct pl_decision *d,
                       enum pl_decision_state state, enum pl_outcome outcome, struct pl_str words,
                       int64_t at_ms)
{
    if (pl_arena_str(&ch->m->arena, words, &d->words) != PL_OK)
        return PL_ENOMEM;
    d->state = outcome == PL_OUTCOME_NO_QUORUM ? PL_DECISION_STATE_DRAFT : state;
    d->outcome = outcome;
    d->ended_ms = at_ms;
    d->changed = ch->e->number;
    return PL_OK;
}

enum pl_err pl_apply_close_decision(const struct pl_change *ch)
{
    const struct pl_act_close_decision *a = &ch->e->close_decision;
    struct pl_decision *d = pl_find_decision(ch->m, a->decision);
    if (!d || d->state != PL_DECISION_STATE_OPEN || d->rule.procedure == PL_PROCEDURE_SILENCE ||
        a->outcome == PL_OUTCOME_WITHDRAWN)
        return PL_EINVAL;
    return end(ch, d, PL_DECISION_STATE_DECLARED, a->outcome, a->words, ch->e->at_ms);
}

enum pl_err pl_apply_settled(const struct pl_change *ch)
{
    const struct pl_act_settled *a = &ch->e->settled;
    struct pl_decision *d = pl_find_decision(ch->m, a->decision);
    if (!d || d->state != PL_DECISION_STATE_OPEN || d->rule.procedure != PL_PROCEDURE_SILENCE ||
        (a->outcome != PL_OUTCOME_ADOPTED && a->outcome != PL_OUTCOME_NOT_ADOPTED))
        return PL_EINVAL;
    return end(ch, d, PL_DECISION_STATE_DECLARED, a->outcome, a->words, a->due);
}

enum pl_err pl_decide_withdraw_decision(struct pl_ruling_on *r)
{
    const struct pl_act_withdraw_decision *a = &r->act->withdraw_decision;
    struct pl_decision *d;
    enum pl_err err = pl_check_presides(r);
    if (!err)
        err = decision_of(r, a->decision, &d);
    if (!err && d->state == PL_DECISION_STATE_OPEN)
        err = pl_decision_to_act_on(r, a->decision, &d);
    else if (!err && d->state != PL_DECISION_STATE_DRAFT)
        err = refuse_state(r, d);
    if (!err)
        err = pl_check_text(r, "reason", a->reason);
    if (!err)
        pl_add_act(r);
    return err;
}

enum pl_err pl_apply_withdraw_decision(const struct pl_change *ch)
{
    const struct pl_act_withdraw_decision *a = &ch->e->withdraw_decision;
    struct pl_decision *d = pl_find_decision(ch->m, a->decision);
    if (!d || d->state == PL_DECISION_STATE_DECLARED || d->state == PL_DECISION_STATE_WITHDRAWN)
        return PL_EINVAL;
    return end(ch, d, PL_DECISION_STATE_WITHDRAWN, PL_OUTCOME_WITHDRAWN, a->reason, ch->e->at_ms);
}
