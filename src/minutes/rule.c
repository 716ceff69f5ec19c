/* See parts.h. Here: the rule of a decision and its result with the numbers. In English the record
 * has both in words, which stand here as they were declared; in French they are said anew. */
#include "minutes/parts.h"

#include <stdio.h>

typedef unsigned long long number;

/* "two thirds of", with what follows. */
static void french_share(struct pl_sheet *s, int64_t num, int64_t den)
{
    if (num == den)
        pl_say_as(s, "la totalité");
    else if (2 * num == den)
        pl_say_as(s, "la moitié");
    else if (3 * num == 2 * den)
        pl_say_as(s, "deux tiers");
    else if (4 * num == 3 * den)
        pl_say_as(s, "trois quarts");
    else if (100 * num % den == 0)
        pl_say_as(s, "%lld\u00a0%%", (long long)(100 * num / den));
    else
        pl_say_as(s, "%lld/%lld", (long long)num, (long long)den);
}

static const char *french_base(const struct pl_act_rule *rule)
{
    enum pl_base base = rule->has_base                             ? rule->base
                        : rule->procedure == PL_PROCEDURE_ABSOLUTE ? PL_BASE_MEMBERS
                                                                   : PL_BASE_CAST;
    switch (base) {
    case PL_BASE_PRESENT:
        return "membres présents";
    case PL_BASE_MEMBERS:
        return "membres participant au vote";
    default:
        return rule->has_abstentions_count && rule->abstentions_count
                   ? "votants, abstentions comprises"
                   : "suffrages exprimés";
    }
}

static const char *const french_names[PL_PROCEDURE_COUNT] = {
    [PL_PROCEDURE_CONSENSUS] = "par consensus",
    [PL_PROCEDURE_SILENCE] = "par accord tacite",
    [PL_PROCEDURE_UNANIMITY] = "à l’unanimité",
    [PL_PROCEDURE_ROLL_CALL] = "par appel nominal",
    [PL_PROCEDURE_SIMPLE] = "à la majorité simple",
    [PL_PROCEDURE_ABSOLUTE] = "à la majorité absolue",
    [PL_PROCEDURE_QUALIFIED] = "à la majorité qualifiée",
};

/* The rule */

static void french_majority(struct pl_sheet *s, const struct pl_act_rule *rule)
{
    static const char *const names[PL_PROCEDURE_COUNT] = {
        [PL_PROCEDURE_ROLL_CALL] = "appel nominal",
        [PL_PROCEDURE_SIMPLE] = "majorité simple",
        [PL_PROCEDURE_ABSOLUTE] = "majorité absolue",
        [PL_PROCEDURE_QUALIFIED] = "majorité qualifiée",
    };
    const char *base = french_base(rule);
    pl_say_as(s, "%s", names[rule->procedure]);
    pl_say_as(s, ", soit ");
    if (rule->has_seats_num) {
        pl_say_as(s, "au moins ");
        french_share(s, rule->seats_num, rule->seats_den);
        pl_say_as(s, " des %s", base);
    }
    if (rule->has_weight_num) {
        pl_say_as(s, "%s", rule->has_seats_num ? ", et au moins " : "au moins ");
        french_share(s, rule->weight_num, rule->weight_den);
        if (rule->has_seats_num)
            pl_say_as(s, " de leur poids");
        else
            pl_say_as(s, " du poids des %s", base);
    }
    if (rule->has_seats_num || rule->has_weight_num)
        return;
    if (rule->procedure == PL_PROCEDURE_ABSOLUTE ||
        (rule->has_abstentions_count && rule->abstentions_count))
        pl_say_as(s, "plus de la moitié des %s", base);
    else
        pl_say_as(s, "plus de voix pour que de voix contre, les abstentions n’étant pas comptées");
}

static void french_rule(struct pl_sheet *s, const struct pl_act_rule *rule)
{
    pl_say_as(s, "Règle\u00a0: ");
    switch (rule->procedure) {
    case PL_PROCEDURE_CONSENSUS:
        pl_say_as(s,
                  "consensus, si aucun membre ne s’y oppose et qu’aucun membre présent ne garde le "
                  "silence ni n’attend d’instructions");
        break;
    case PL_PROCEDURE_SILENCE:
        pl_say_as(s, "accord tacite, acquis à l’échéance si aucun membre ne rompt le silence");
        break;
    case PL_PROCEDURE_UNANIMITY:
        pl_say_as(s, "%s",
                  rule->has_abstentions_count && rule->abstentions_count
                      ? "unanimité, soit au moins une voix pour, sans voix contre ni abstention"
                      : "unanimité, soit au moins une voix pour et aucune voix contre, les "
                        "abstentions n’y faisant pas obstacle");
        break;
    default:
        french_majority(s, rule);
        break;
    }
    pl_say_as(s, ".");
}

void pl_say_excluded(struct pl_sheet *s, const struct pl_decided *d)
{
    size_t i = 0;
    if (!d->n_excluded)
        return;
    pl_say(s, " Took no part: ", " Ne participent pas\u00a0: ");
    for (size_t k = 0; k < s->m->d->n_seats; k++)
        if (d->excluded[k])
            pl_say_name(s, i++, d->n_excluded, pl_seat_name(s, (uint32_t)k));
    pl_say_as(s, ".");
}

void pl_say_rule(struct pl_sheet *s, const struct pl_decided *d)
{
    if (s->language != PL_MINUTES_FR) {
        pl_say(s, "Rule: %s", "%s", d->rule_words);
        return;
    }
    french_rule(s, &d->rule);
    if (d->numbers.quorum)
        pl_say_as(s, " Quorum\u00a0: %zu.", d->numbers.quorum);
    pl_say_excluded(s, d);
}

/* The result */

static void french_needed(struct pl_sheet *s, const struct pl_act_rule *rule,
                          const struct pl_numbers *t)
{
    if (t->needed.seats && !rule->has_seats_num)
        pl_say_as(
            s, " Voix pour\u00a0: %llu sur %llu %s\u202f; requis\u00a0: plus de la moitié (%llu).",
            (number)t->yes.seats, (number)t->base.seats, french_base(rule),
            (number)t->needed.seats);
    if (rule->has_seats_num) {
        pl_say_as(s, " Voix pour\u00a0: %llu sur %llu %s\u202f; requis\u00a0: au moins ",
                  (number)t->yes.seats, (number)t->base.seats, french_base(rule));
        french_share(s, rule->seats_num, rule->seats_den);
        pl_say_as(s, " (%llu).", (number)t->needed.seats);
    }
    if (rule->has_weight_num) {
        pl_say_as(s, " Poids des voix pour\u00a0: %llu sur %llu\u202f; requis\u00a0: au moins ",
                  (number)t->yes.weight, (number)t->base.weight);
        french_share(s, rule->weight_num, rule->weight_den);
        pl_say_as(s, " (%llu).", (number)t->needed.weight);
    }
}

static void french_votes(struct pl_sheet *s, const struct pl_decided *d)
{
    const struct pl_numbers *t = &d->numbers;
    pl_say_as(s, "\u00a0: %llu voix pour%s, %llu contre, %llu abstention%s", (number)t->yes.seats,
              "", (number)t->no.seats, (number)t->abstain.seats, t->abstain.seats > 1 ? "s" : "");
    if (t->not_voted.seats)
        pl_say_as(s, "\u202f; %llu membre%s", (number)t->not_voted.seats,
                  t->not_voted.seats > 1 ? "s ne votent pas" : " ne vote pas");
    pl_say_as(s, ".");
    french_needed(s, &d->rule, t);
}

static void french_arithmetic(struct pl_sheet *s, const struct pl_decided *d)
{
    const struct pl_numbers *t = &d->numbers;
    switch (d->rule.procedure) {
    case PL_PROCEDURE_CONSENSUS:
        pl_say_as(s, ". Membres se joignant au consensus\u00a0: %zu sur %llu.",
                  t->choices[PL_CHOICE_JOIN] + t->choices[PL_CHOICE_JOIN_WITH_RESERVATION] +
                      t->choices[PL_CHOICE_NATIONAL_STATEMENT],
                  (number)t->members.seats);
        break;
    case PL_PROCEDURE_SILENCE:
        if (t->choices[PL_CHOICE_BREAK_SILENCE])
            pl_say_as(s, "\u00a0: l’accord tacite est rompu.");
        else
            pl_say_as(s,
                      "\u00a0: l’accord tacite n’est pas rompu avant l’échéance. Accusés de "
                      "réception\u00a0: %zu sur %llu membres participants.",
                      t->choices[PL_CHOICE_RECEIPT], (number)t->members.seats);
        break;
    default:
        french_votes(s, d);
        break;
    }
    if (t->quorum)
        pl_say_as(s, " Quorum\u00a0: %zu\u202f; présents ou votants\u00a0: %zu.", t->quorum,
                  t->there);
}

static void french_result(struct pl_sheet *s, const struct pl_decided *d)
{
    pl_say_as(s, "Le projet de décision ");
    pl_say_quote(s, d->title);
    switch (d->outcome) {
    case PL_OUTCOME_ADOPTED:
        pl_say_as(s, " est adopté %s", french_names[d->rule.procedure]);
        french_arithmetic(s, d);
        break;
    case PL_OUTCOME_NOT_ADOPTED:
        pl_say_as(s, " n’est pas adopté %s", french_names[d->rule.procedure]);
        french_arithmetic(s, d);
        break;
    case PL_OUTCOME_NO_QUORUM:
        pl_say_as(
            s,
            " n’est pas mis en décision, faute de quorum (présents ou votants\u00a0: %zu\u202f; "
            "requis\u00a0: %zu).",
            d->numbers.there, d->numbers.quorum);
        break;
    default:
        pl_say_as(s, " est retiré. Motif invoqué\u00a0: ");
        pl_say_quoted(s, d->words);
        break;
    }
}

static void english_result(struct pl_sheet *s, const struct pl_decided *d)
{
    pl_say_as(s, "The draft decision ");
    pl_say_quote(s, d->title);
    switch (d->outcome) {
    case PL_OUTCOME_ADOPTED:
        pl_say_as(s, " was adopted. ");
        break;
    case PL_OUTCOME_NOT_ADOPTED:
        pl_say_as(s, " was not adopted. ");
        break;
    case PL_OUTCOME_NO_QUORUM:
        pl_say_as(s, " was not decided on for want of a quorum. ");
        break;
    default:
        pl_say_as(s, " was withdrawn. Reason given: ");
        pl_say_quoted(s, d->words);
        return;
    }
    pl_say_as(s, "The result as declared: ");
    pl_say_quoted(s, d->words);
}

void pl_say_result(struct pl_sheet *s, const struct pl_decided *d)
{
    if (s->language == PL_MINUTES_FR)
        french_result(s, d);
    else
        english_result(s, d);
}
