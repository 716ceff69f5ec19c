/* See verify.h. Here: events, and what comes with them: the definition, the meeting's rules and its
 * results. */
#include "record/verify_parts.h"

#include "signal/definition.h"

#include <stdio.h>
#include <string.h>

/* The definition */

enum pl_err pl_verify_definition(struct pl_verifier *v)
{
    char why[PL_WHY_SIZE];
    if (v->definition)
        return pl_fault(v, "There is a second definition of the meeting.");
    enum pl_err err = pl_definition_decode(v->read.text, &v->definition, why);
    if (err == PL_ENOMEM)
        return err;
    if (err)
        return pl_fault(v, "The meeting's definition cannot be read: %s.", why);
    pl_sha256_hex(v->read.text, v->text_hash);
    memcpy(v->definition_hash, v->text_hash, sizeof v->definition_hash);
    v->report->signatures_required = v->definition->signatures == PL_SIGNATURES_REQUIRED;
    snprintf(v->report->title, sizeof v->report->title, "%s", v->definition->title);
    return pl_meeting_new(v->definition, &v->config->random, &v->m);
}

static enum pl_err check_created(struct pl_verifier *v, const struct pl_act_created *e)
{
    if (e->meeting.n != v->meeting.n || memcmp(e->meeting.p, v->meeting.p, v->meeting.n) != 0)
        return pl_fault(v, "This event is of another meeting, %.*s.", (int)e->meeting.n,
                        e->meeting.p);
    if (!pl_str_eq(e->definition, v->text_hash))
        return pl_fault(v,
                        "The definition before this event is not the one whose SHA-256 the event "
                        "names.");
    return PL_OK;
}

/* The event's place among the others, and what stands before it. */
static enum pl_err check_place(struct pl_verifier *v, const struct pl_act *e)
{
    uint64_t due = v->report->events + 1;
    if (e->number > due)
        return pl_fault(v,
                        "Event %llu stands where event %llu is due: what stood between them is "
                        "missing.",
                        (unsigned long long)e->number, (unsigned long long)due);
    if (e->number < due)
        return pl_fault(v,
                        "Event %llu stands where event %llu is due: it was there before, or was "
                        "put elsewhere.",
                        (unsigned long long)e->number, (unsigned long long)due);
    if ((e->type == PL_ACT_CREATED) != (due == 1))
        return pl_fault(v, "The first event, and no other, says that the meeting was created.");
    if (e->type == PL_ACT_CREATED && v->before != PL_LINE_DEFINITION)
        return pl_fault(v, "The meeting's definition is missing before this event.");
    if (e->type == PL_ACT_MANIFEST && v->before != PL_LINE_MANIFEST)
        return pl_fault(v, "The manifest is missing before this event.");
    if (!pl_act_is_kept(e->type))
        return pl_fault(v, "An act of this kind (%s) is never kept.", pl_act_words[e->type]);
    return PL_OK;
}

static void look_at_time(struct pl_verifier *v, const struct pl_act *e)
{
    struct pl_verify_report *r = v->report;
    if (e->number == 1)
        r->from_ms = e->at_ms;
    else if (e->at_ms < v->at_ms)
        pl_noted(&r->clock_back, e->number);
    r->to_ms = v->at_ms = e->at_ms;
    if (e->salt.n == 0)
        pl_noted(&r->unsalted, e->number);
}

/* Minutes that were adopted */

enum pl_err pl_verify_minutes(struct pl_verifier *v)
{
    const struct pl_line_minutes *m = &v->read.minutes;
    struct pl_buf both = {0};
    pl_buf_add(&both, m->en.p, m->en.n);
    pl_buf_add(&both, m->fr.p, m->fr.n);
    bool failed = both.failed;
    const struct pl_str texts[] = {m->en, m->fr, {both.data, both.len}};
    v->is_paper = false;
    for (size_t i = 0; i < 3 && v->config->paper.p; i++)
        v->is_paper |= texts[i].n == v->config->paper.n &&
                       memcmp(texts[i].p, v->config->paper.p, texts[i].n) == 0;
    if (!failed)
        pl_sha256_hex(texts[2], v->text_hash);
    pl_buf_free(&both);
    return failed ? PL_ENOMEM : PL_OK;
}

static enum pl_err check_minutes(struct pl_verifier *v, const struct pl_act *e)
{
    if (v->before != PL_LINE_MINUTES)
        pl_noted(&v->report->minutes_elsewhere, e->number);
    else if (!pl_str_eq(e->adopt_minutes.hash, v->text_hash))
        return pl_fault(v, "The minutes before this event are not those whose SHA-256 it names.");
    else {
        v->report->minutes++;
        v->report->paper_adopted |= v->is_paper;
    }
    return PL_OK;
}

/* Results */

static const char *const outcome_words[PL_OUTCOME_COUNT] = {
    [PL_OUTCOME_ADOPTED] = "adopted",
    [PL_OUTCOME_NOT_ADOPTED] = "not adopted",
    [PL_OUTCOME_NO_QUORUM] = "without a quorum",
    [PL_OUTCOME_WITHDRAWN] = "withdrawn",
};

static enum pl_err check_result(struct pl_verifier *v, const struct pl_act *e)
{
    bool settled = e->type == PL_ACT_SETTLED;
    struct pl_str id = settled ? e->settled.decision : e->close_decision.decision;
    enum pl_outcome outcome = settled ? e->settled.outcome : e->close_decision.outcome;
    struct pl_str words = settled ? e->settled.words : e->close_decision.words;
    bool has_form = settled ? e->settled.has_words_form : e->close_decision.has_words_form;
    int64_t form = settled ? e->settled.words_form : e->close_decision.words_form;
    struct pl_result result;
    enum pl_err err = pl_meeting_result(v->m, e, &result);
    if (err == PL_ENOENT)
        return pl_fault(v, "No decision %.*s is open that this result could be of.", (int)id.n,
                        id.p);
    if (err || (settled && e->at_ms < e->settled.due))
        return pl_fault(v,
                        "The silence on %.*s ended neither at its deadline nor when it was broken.",
                        (int)id.n, id.p);
    v->report->results++;
    if (outcome != result.outcome)
        return pl_fault(v,
                        "The result of %.*s is declared as %s; by its rule and the votes it is %s: "
                        "%s",
                        (int)id.n, id.p, outcome_words[outcome], outcome_words[result.outcome],
                        result.words);
    if (has_form && form > PL_WORDS_FORM) {
        pl_noted(&v->report->later_words, e->number);
        return PL_OK;
    }
    if (!pl_str_eq(words, result.words))
        return pl_fault(v,
                        "The result of %.*s is right (%s), but its words are not. They should be: "
                        "%s",
                        (int)id.n, id.p, outcome_words[outcome], result.words);
    return PL_OK;
}

/* Is the text that is decided on the one that the event says? */
static enum pl_err check_texts(struct pl_verifier *v, const struct pl_act_wording *texts, size_t n,
                               struct pl_str hash)
{
    char want[65];
    pl_wordings_hash(texts, n, want);
    return pl_str_eq(hash, want)
               ? PL_OK
               : pl_fault(v, "The text to be decided on is not the one whose hash "
                             "the event gives: one of them was changed.");
}

/* A silence that is broken is over: what breaks it is the last vote on it. */
static enum pl_err check_broken(struct pl_verifier *v, const struct pl_act *e)
{
    if (v->broken.p && (e->type != PL_ACT_SETTLED || e->settled.decision.n != v->broken.n ||
                        memcmp(e->settled.decision.p, v->broken.p, v->broken.n) != 0))
        return pl_fault(v,
                        "The silence on %.*s was broken by the event before; its end (settled) is "
                        "missing.",
                        (int)v->broken.n, v->broken.p);
    v->broken = (struct pl_str){0};
    return e->type == PL_ACT_VOTE && e->vote.choice == PL_CHOICE_BREAK_SILENCE
               ? pl_keep(v, e->vote.decision, &v->broken)
               : PL_OK;
}

static enum pl_err apply(struct pl_verifier *v, const struct pl_act *e)
{
    const struct pl_act_put_decision *put = &e->put_decision;
    const struct pl_act_restart_silence *restart = &e->restart_silence;
    enum pl_err err = PL_OK;
    if (e->type == PL_ACT_PUT_DECISION)
        err = check_texts(v, put->texts, put->n_texts, put->hash);
    else if (e->type == PL_ACT_RESTART_SILENCE)
        err = check_texts(v, restart->texts, restart->n_texts, restart->hash);
    else if (e->type == PL_ACT_CLOSE_DECISION || e->type == PL_ACT_SETTLED)
        err = check_result(v, e);
    if (!err)
        err = pl_meeting_apply(v->m, e, &pl_no_effects);
    if (err == PL_EINVAL)
        err = pl_fault(v, "This event (%s) cannot come after what stands before it.",
                       pl_act_words[e->type]);
    return err;
}

enum pl_err pl_verify_event(struct pl_verifier *v, struct pl_str bytes)
{
    const struct pl_act *e = &v->read.event;
    enum pl_err err = check_place(v, e);
    if (!err && e->type == PL_ACT_CREATED)
        err = check_created(v, &e->created);
    if (!err && e->type == PL_ACT_MANIFEST)
        err = pl_verify_manifest_event(v);
    if (!err && e->type == PL_ACT_ADD_SEAT)
        err = pl_verify_added_seat(v);
    if (!err && e->type == PL_ACT_ADOPT_MINUTES)
        err = check_minutes(v, e);
    if (!err)
        err = pl_verify_signed(v);
    if (!err)
        err = check_broken(v, e);
    if (!err)
        err = apply(v, e);
    if (err)
        return err;
    look_at_time(v, e);
    v->report->events++;
    v->report->documents += e->type == PL_ACT_PUT_DOCUMENT;
    struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
    return pl_merkle_add(&v->tree, &leaf);
}
