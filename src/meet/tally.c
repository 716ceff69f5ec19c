/* The result of a decision under its rule, and both in words. Whole numbers only: a share of n
 * seats is compared by multiplying, and products of weights have 128 bits. */
#include "meet/parts.h"

#include <stdarg.h>
#include <stdio.h>

#define LIST_BYTES                                                                                 \
    500 /* of names in one list; the others are counted. Five lists fit in a result */

/* A text in the making; what does not fit is left out. */
struct words {
    char *p;
    size_t n, size;
};

static struct words words_in(char *out, size_t size)
{
    out[0] = 0;
    return (struct words){out, 0, size};
}

static void add(struct words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct words *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(w->p + w->n, w->size - w->n, format, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n < w->size - w->n) {
        w->n += (size_t)n;
        return;
    }
    /* No part of a character stays. */
    size_t end = w->size - 1;
    while (end > w->n && !pl_text_ok((struct pl_str){w->p + w->n, end - w->n}))
        end--;
    w->p[end] = 0;
    w->n = end;
}

bool pl_takes_part(const struct pl_meeting *m, const struct pl_decision *d, size_t seat)
{
    if (d->state != PL_DECISION_STATE_DRAFT)
        return d->casts[seat].takes_part;
    return !m->definition->seats[seat].guest && !d->excluded[seat];
}

size_t pl_electorate(const struct pl_meeting *m, const struct pl_decision *d, size_t *present)
{
    size_t n = 0, here = 0;
    for (size_t i = 0; i < m->definition->n_seats; i++) {
        if (!pl_takes_part(m, d, i))
            continue;
        n++;
        here += m->state.seats[i].present > 0;
    }
    if (present)
        *present = here;
    return n;
}

size_t pl_quorum_of(const struct pl_meeting *m, const struct pl_decision *d)
{
    size_t quorum = d->rule.has_quorum ? (size_t)d->rule.quorum : m->definition->quorum;
    size_t all = pl_electorate(m, d, NULL);
    return quorum < all ? quorum : all;
}

static void count_in(struct pl_count *c, int64_t weight)
{
    c->seats++;
    c->weight += weight > 0 ? (uint64_t)weight : 0;
}

static struct pl_count *side(struct pl_numbers *t, const struct pl_cast *cast)
{
    if (cast->voted && cast->choice == PL_CHOICE_YES)
        return &t->yes;
    if (cast->voted && cast->choice == PL_CHOICE_NO)
        return &t->no;
    return cast->voted && cast->choice == PL_CHOICE_ABSTAIN ? &t->abstain : &t->not_voted;
}

static enum pl_base base_of(const struct pl_act_rule *rule)
{
    if (rule->has_base)
        return rule->base;
    return rule->procedure == PL_PROCEDURE_ABSOLUTE ? PL_BASE_MEMBERS : PL_BASE_CAST;
}

static bool abstentions_count(const struct pl_act_rule *rule)
{
    return rule->has_abstentions_count && rule->abstentions_count;
}

static struct pl_count of_base(const struct pl_act_rule *rule, const struct pl_numbers *t)
{
    switch (base_of(rule)) {
    case PL_BASE_PRESENT:
        return t->present;
    case PL_BASE_MEMBERS:
        return t->members;
    default:
        break;
    }
    struct pl_count cast = {t->yes.seats + t->no.seats, t->yes.weight + t->no.weight};
    if (abstentions_count(rule)) {
        cast.seats += t->abstain.seats;
        cast.weight += t->abstain.weight;
    }
    return cast;
}

/* More than half of a base. */
static bool is_of_half(const struct pl_act_rule *rule)
{
    return rule->procedure == PL_PROCEDURE_ABSOLUTE || abstentions_count(rule);
}

/* What the base is, of a vote that will be or was. */
static const char *base_words(const struct pl_act_rule *rule, bool past)
{
    switch (base_of(rule)) {
    case PL_BASE_PRESENT:
        return "seats present";
    case PL_BASE_MEMBERS:
        return "seats that take part";
    default:
        break;
    }
    if (abstentions_count(rule))
        return past ? "seats that voted, abstentions included"
                    : "seats that vote, abstentions included";
    return past ? "seats that voted yes or no" : "seats that vote yes or no";
}

/* The least whole number that is num / den of n; at least 1, so that nothing is adopted by nobody.
 */
static uint64_t needed(int64_t num, int64_t den, uint64_t n)
{
    unsigned __int128 product = (unsigned __int128)num * n + (uint64_t)den - 1;
    uint64_t least = (uint64_t)(product / (uint64_t)den);
    return least ? least : 1;
}

static bool is_majority(enum pl_procedure p)
{
    return p == PL_PROCEDURE_SIMPLE || p == PL_PROCEDURE_ABSOLUTE || p == PL_PROCEDURE_QUALIFIED ||
           p == PL_PROCEDURE_ROLL_CALL;
}

static void measure(const struct pl_act_rule *rule, struct pl_numbers *t)
{
    if (!is_majority(rule->procedure))
        return;
    bool shares = rule->has_seats_num || rule->has_weight_num;
    if (!shares && !is_of_half(rule))
        return;
    t->base = of_base(rule, t);
    if (!shares)
        t->needed.seats = t->base.seats / 2 + 1;
    if (rule->has_seats_num)
        t->needed.seats = needed(rule->seats_num, rule->seats_den, t->base.seats);
    if (rule->has_weight_num)
        t->needed.weight = needed(rule->weight_num, rule->weight_den, t->base.weight);
}

void pl_decision_numbers(const struct pl_meeting *m, const struct pl_decision *d,
                         struct pl_numbers *t)
{
    *t = (struct pl_numbers){0};
    /* Silence goes on without a meeting, so its end asks for no quorum; its call did. */
    t->quorum = d->rule.procedure == PL_PROCEDURE_SILENCE ? 0 : pl_quorum_of(m, d);
    for (size_t i = 0; i < m->definition->n_seats; i++) {
        const struct pl_cast *cast = &d->casts[i];
        int64_t weight = m->definition->seats[i].weight;
        if (!cast->takes_part)
            continue;
        count_in(&t->members, weight);
        if (cast->present) /* as who votes is, too */
            count_in(&t->present, weight);
        count_in(side(t, cast), weight);
        t->there += cast->voted || m->state.seats[i].present > 0;
        if (cast->voted)
            t->choices[cast->choice]++;
    }
    measure(&d->rule, t);
}

static void add_share(struct words *w, int64_t num, int64_t den)
{
    if (num == den)
        add(w, "all");
    else if (2 * num == den)
        add(w, "half");
    else if (3 * num == 2 * den)
        add(w, "two thirds");
    else if (4 * num == 3 * den)
        add(w, "three quarters");
    else if (100 * num % den == 0)
        add(w, "%lld %%", (long long)(100 * num / den));
    else
        add(w, "%lld/%lld", (long long)num, (long long)den);
}

/* The names of the seats that `pick` says: "Norway, Spain and 3 others". */
typedef bool pick(const struct pl_meeting *m, const struct pl_decision *d, size_t seat,
                  enum pl_choice choice);

static void add_names(struct words *w, const struct pl_meeting *m, const struct pl_decision *d,
                      pick *picks, enum pl_choice choice)
{
    size_t all = 0, done = 0, from = w->n;
    for (size_t i = 0; i < m->definition->n_seats; i++)
        all += picks(m, d, i, choice);
    for (size_t i = 0; i < m->definition->n_seats && done < all; i++) {
        if (!picks(m, d, i, choice))
            continue;
        const char *name = m->definition->seats[i].name;
        if (done && w->n - from + strlen(name) > LIST_BYTES) {
            add(w, " and %zu other%s", all - done, all - done == 1 ? "" : "s");
            return;
        }
        add(w, "%s%s", done == 0 ? "" : done == all - 1 ? " and " : ", ", name);
        done++;
    }
}

static bool picks_choice(const struct pl_meeting *m, const struct pl_decision *d, size_t seat,
                         enum pl_choice choice)
{
    (void)m;
    const struct pl_cast *cast = &d->casts[seat];
    return cast->takes_part && cast->voted && cast->choice == choice;
}

static bool picks_silent(const struct pl_meeting *m, const struct pl_decision *d, size_t seat,
                         enum pl_choice choice)
{
    (void)m;
    (void)choice;
    const struct pl_cast *cast = &d->casts[seat];
    return cast->takes_part && cast->present && !cast->voted;
}

static bool picks_excluded(const struct pl_meeting *m, const struct pl_decision *d, size_t seat,
                           enum pl_choice choice)
{
    (void)choice;
    return !m->definition->seats[seat].guest && d->excluded[seat];
}

/* The rule */

static const char *const procedure_names[PL_PROCEDURE_COUNT] = {
    [PL_PROCEDURE_CONSENSUS] = "consensus",          [PL_PROCEDURE_SILENCE] = "silence",
    [PL_PROCEDURE_UNANIMITY] = "unanimity",          [PL_PROCEDURE_ROLL_CALL] = "roll call",
    [PL_PROCEDURE_SIMPLE] = "simple majority",       [PL_PROCEDURE_ABSOLUTE] = "absolute majority",
    [PL_PROCEDURE_QUALIFIED] = "qualified majority",
};

static void add_shares(struct words *w, const struct pl_act_rule *rule)
{
    if (rule->has_seats_num) {
        add(w, "at least ");
        add_share(w, rule->seats_num, rule->seats_den);
        add(w, " of the %s", base_words(rule, false));
    }
    if (rule->has_weight_num) {
        add(w, "%sat least ", rule->has_seats_num ? ", and " : "");
        add_share(w, rule->weight_num, rule->weight_den);
        add(w, rule->has_seats_num ? " of their weight" : " of the weight of the %s",
            base_words(rule, false));
    }
}

static void add_majority_rule(struct words *w, const struct pl_act_rule *rule)
{
    if (rule->has_seats_num || rule->has_weight_num)
        add_shares(w, rule);
    else if (is_of_half(rule))
        add(w, "more than half of the %s", base_words(rule, false));
    else
        add(w, "more yes than no; abstentions do not count");
}

void pl_rule_words(const struct pl_meeting *m, const struct pl_decision *d,
                   char out[PL_RULE_WORDS_SIZE])
{
    struct words w = words_in(out, PL_RULE_WORDS_SIZE);
    const struct pl_act_rule *rule = &d->rule;
    switch (rule->procedure) {
    case PL_PROCEDURE_CONSENSUS:
        add(&w, "Consensus: nobody blocks it, and nobody who is present is silent or awaits "
                "instructions.");
        break;
    case PL_PROCEDURE_SILENCE:
        add(&w, "Silence: adopted at the deadline, unless a seat breaks it.");
        break;
    case PL_PROCEDURE_UNANIMITY:
        add(&w, "Unanimity: at least one yes, and not a single no; %s",
            abstentions_count(rule) ? "an abstention hinders it."
                                    : "abstentions do not hinder it.");
        break;
    default:
        add(&w, "%c%s: ", procedure_names[rule->procedure][0] - 'a' + 'A',
            procedure_names[rule->procedure] + 1);
        add_majority_rule(&w, rule);
        add(&w, ".");
        break;
    }
    size_t quorum = pl_quorum_of(m, d);
    if (quorum)
        add(&w, " The quorum is %zu.", quorum);
    if (pl_electorate(m, d, NULL) == pl_meeting_members(m))
        return;
    add(&w, " Without ");
    add_names(&w, m, d, picks_excluded, PL_CHOICE_COUNT);
    add(&w, ".");
}

/* The result */

/* "18 of 31 seats present said yes, more than half (16) was needed". */
static bool half(struct words *w, const struct pl_act_rule *rule, const struct pl_numbers *t)
{
    add(w, "%llu of %llu %s said yes, more than half (%llu) was needed",
        (unsigned long long)t->yes.seats, (unsigned long long)t->base.seats, base_words(rule, true),
        (unsigned long long)t->needed.seats);
    return t->yes.seats >= t->needed.seats;
}

static bool more_yes_than_no(struct words *w, const struct pl_numbers *t)
{
    bool tie = t->yes.seats == t->no.seats && t->yes.seats > 0;
    add(w, "%s%llu yes and %llu no, more yes than no was needed", tie ? "a tie, " : "",
        (unsigned long long)t->yes.seats, (unsigned long long)t->no.seats);
    return t->yes.seats > t->no.seats;
}

static bool shares(struct words *w, const struct pl_act_rule *rule, const struct pl_numbers *t)
{
    bool met = true;
    if (rule->has_seats_num) {
        met = t->yes.seats >= t->needed.seats;
        add(w, "%llu of %llu %s said yes, at least ", (unsigned long long)t->yes.seats,
            (unsigned long long)t->base.seats, base_words(rule, true));
        add_share(w, rule->seats_num, rule->seats_den);
        add(w, " (%llu) were needed", (unsigned long long)t->needed.seats);
    }
    if (rule->has_weight_num) {
        met = met && t->yes.weight >= t->needed.weight;
        add(w,
            rule->has_seats_num ? "; they weigh %llu of %llu, at least "
                                : "the seats that said yes weigh %llu of %llu",
            (unsigned long long)t->yes.weight, (unsigned long long)t->base.weight);
        if (!rule->has_seats_num)
            add(w, " (%s), at least ", base_words(rule, true));
        add_share(w, rule->weight_num, rule->weight_den);
        add(w, " (%llu) was needed", (unsigned long long)t->needed.weight);
    }
    return met;
}

static bool majority(struct words *w, const struct pl_act_rule *rule, const struct pl_numbers *t)
{
    if (rule->has_seats_num || rule->has_weight_num)
        return shares(w, rule, t);
    if (is_of_half(rule))
        return half(w, rule, t);
    return more_yes_than_no(w, t);
}

static bool unanimous(struct words *w, const struct pl_meeting *m, const struct pl_decision *d,
                      const struct pl_numbers *t)
{
    bool hindered = abstentions_count(&d->rule) && t->abstain.seats;
    add(w, "at least one yes%s needed",
        abstentions_count(&d->rule) ? ", not a single no and no abstention were"
                                    : " and not a single no were");
    if (t->no.seats) {
        add(w, ", and ");
        add_names(w, m, d, picks_choice, PL_CHOICE_NO);
        add(w, " said no");
    }
    if (hindered) {
        add(w, ", and ");
        add_names(w, m, d, picks_choice, PL_CHOICE_ABSTAIN);
        add(w, " abstained");
    }
    if (t->yes.seats == 0)
        add(w, ", and nobody said yes");
    return t->yes.seats && !t->no.seats && !hindered;
}

/* "; blocked by Norway", if there is one. */
static void add_list(struct words *w, const char *what, const struct pl_meeting *m,
                     const struct pl_decision *d, pick *picks, enum pl_choice choice)
{
    size_t from = w->n;
    add(w, "; %s ", what);
    size_t before = w->n;
    add_names(w, m, d, picks, choice);
    if (w->n == before) {
        w->n = from;
        w->p[from] = 0;
    }
}

static bool consensus(struct words *w, const struct pl_meeting *m, const struct pl_decision *d,
                      const struct pl_numbers *t)
{
    size_t joined = t->choices[PL_CHOICE_JOIN] + t->choices[PL_CHOICE_JOIN_WITH_RESERVATION] +
                    t->choices[PL_CHOICE_NATIONAL_STATEMENT];
    size_t silent = 0;
    for (size_t i = 0; i < m->definition->n_seats; i++)
        silent += picks_silent(m, d, i, PL_CHOICE_COUNT);
    size_t absent = (size_t)t->members.seats - (size_t)t->present.seats;
    add(w, "of %llu seats that take part, %zu joined", (unsigned long long)t->members.seats,
        joined);
    add_list(w, "blocked by", m, d, picks_choice, PL_CHOICE_BLOCK);
    add_list(w, "awaiting instructions:", m, d, picks_choice, PL_CHOICE_AWAITING_INSTRUCTIONS);
    add_list(w, "present and silent:", m, d, picks_silent, PL_CHOICE_COUNT);
    add_list(w, "with a reservation:", m, d, picks_choice, PL_CHOICE_JOIN_WITH_RESERVATION);
    add_list(w, "with a national statement:", m, d, picks_choice, PL_CHOICE_NATIONAL_STATEMENT);
    if (absent)
        add(w, "; %zu %s absent, which does not hinder", absent, absent == 1 ? "was" : "were");
    return joined && !silent && !t->choices[PL_CHOICE_BLOCK] &&
           !t->choices[PL_CHOICE_AWAITING_INSTRUCTIONS];
}

static bool silence(struct words *w, const struct pl_meeting *m, const struct pl_decision *d,
                    const struct pl_numbers *t)
{
    bool broken = t->choices[PL_CHOICE_BREAK_SILENCE] > 0;
    if (broken) {
        add_names(w, m, d, picks_choice, PL_CHOICE_BREAK_SILENCE);
        add(w, " broke it");
    } else {
        add(w,
            "nobody broke it before the deadline; %zu of %llu seats that take part had confirmed "
            "receipt",
            t->choices[PL_CHOICE_RECEIPT], (unsigned long long)t->members.seats);
    }
    return !broken;
}

/* What the procedure says, without the votes and who takes part. */
static bool judge(struct words *w, const struct pl_meeting *m, const struct pl_decision *d,
                  const struct pl_numbers *t)
{
    switch (d->rule.procedure) {
    case PL_PROCEDURE_CONSENSUS:
        return consensus(w, m, d, t);
    case PL_PROCEDURE_SILENCE:
        return silence(w, m, d, t);
    case PL_PROCEDURE_UNANIMITY:
        return unanimous(w, m, d, t);
    default:
        return majority(w, &d->rule, t);
    }
}

static void add_votes(struct words *w, const struct pl_numbers *t)
{
    add(w,
        " Of %llu seats that take part, %llu said yes, %llu no, %llu abstained and %llu did not "
        "vote.",
        (unsigned long long)t->members.seats, (unsigned long long)t->yes.seats,
        (unsigned long long)t->no.seats, (unsigned long long)t->abstain.seats,
        (unsigned long long)t->not_voted.seats);
}

static bool has_votes(enum pl_procedure procedure)
{
    return procedure != PL_PROCEDURE_CONSENSUS && procedure != PL_PROCEDURE_SILENCE;
}

enum pl_outcome pl_tally(const struct pl_meeting *m, const struct pl_decision *d, char *words,
                         size_t size)
{
    struct words w = words_in(words, size);
    struct pl_numbers t;
    pl_decision_numbers(m, d, &t);
    if (t.there < t.quorum) {
        add(&w,
            "No quorum: %zu of %llu seats that take part were there or had voted, %zu were needed. "
            "Nothing is decided.",
            t.there, (unsigned long long)t.members.seats, t.quorum);
        return PL_OUTCOME_NO_QUORUM;
    }
    char reason[PL_WORDS_SIZE];
    struct words why = words_in(reason, sizeof reason);
    bool adopted = judge(&why, m, d, &t);
    add(&w, "%s by %s: %s.", adopted ? "Adopted" : "Not adopted",
        procedure_names[d->rule.procedure], reason);
    if (has_votes(d->rule.procedure))
        add_votes(&w, &t);
    if (t.quorum)
        add(&w, " The quorum was %zu, and %zu were there or had voted.", t.quorum, t.there);
    if (t.members.seats < pl_meeting_members(m)) {
        add(&w, " Took no part: ");
        add_names(&w, m, d, picks_excluded, PL_CHOICE_COUNT);
        add(&w, ".");
    }
    return adopted ? PL_OUTCOME_ADOPTED : PL_OUTCOME_NOT_ADOPTED;
}

void pl_tally_break(const struct pl_meeting *m, uint32_t seat, struct pl_str reason, char *words,
                    size_t size)
{
    struct words w = words_in(words, size);
    add(&w, "Not adopted by silence: %s broke it. The reason: %.*s",
        m->definition->seats[seat].name, (int)reason.n, reason.p);
}

/* The seat that broke the silence at this time; PL_NO_SEAT. */
static uint32_t broken_by(const struct pl_meeting *m, const struct pl_decision *d, int64_t at_ms)
{
    for (uint32_t i = 0; i < m->definition->n_seats; i++) {
        const struct pl_cast *c = &d->casts[i];
        if (c->takes_part && c->voted && c->choice == PL_CHOICE_BREAK_SILENCE && c->at_ms == at_ms)
            return i;
    }
    return PL_NO_SEAT;
}

enum pl_err pl_meeting_result(const struct pl_meeting *m, const struct pl_act *event,
                              struct pl_result *out)
{
    bool settled = event->type == PL_ACT_SETTLED;
    struct pl_str id = settled ? event->settled.decision : event->close_decision.decision;
    const struct pl_decision *d = pl_find_decision(m, id);
    if (!d || d->state != PL_DECISION_STATE_OPEN ||
        settled != (d->rule.procedure == PL_PROCEDURE_SILENCE))
        return PL_ENOENT;
    if (settled && event->settled.due != d->deadline_ms) {
        uint32_t seat = broken_by(m, d, event->settled.due);
        if (seat == PL_NO_SEAT)
            return PL_EINVAL;
        out->outcome = PL_OUTCOME_NOT_ADOPTED;
        pl_tally_break(m, seat, d->casts[seat].statement, out->words, sizeof out->words);
    } else {
        out->outcome = pl_tally(m, d, out->words, sizeof out->words);
    }
    return PL_OK;
}
