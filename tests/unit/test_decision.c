/* Decisions from draft to result: versions and hashes, the call with its quorum and warnings, the
 * close, and every refusal on the way. Votes: test_vote.c. Silence: test_silence.c. The arithmetic:
 * test_tally.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "decisions.h"

#define SHARE(kind, num, den)                                                                      \
    .has_##kind##_num = true, .kind##_num = num, .has_##kind##_den = true, .kind##_den = den

static const char presides[] = "Only the chair and the secretary may do this.";

static void put(struct room *r, const char *id, enum pl_procedure procedure)
{
    struct pl_act a = draft(id, by_rule(procedure));
    done(r, "p1", &a, 1);
}

static void versions_and_hashes(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_SIMPLE));
    done(&r, NULL, &a, 1);
    const struct pl_decision *d = decision(&r, "d");
    /* Of the language, a newline, the text and a zero; for each. */
    static const char bytes[] = "EN\nWe decide.\0FR\nNous décidons.";
    uint8_t sum[PL_SHA256_SIZE];
    char hex[2 * PL_SHA256_SIZE + 1];
    pl_sha256(bytes, sizeof bytes, sum);
    pl_hex(sum, sizeof sum, hex);
    assert_string_equal(d->hash, hex);
    assert_int_equal(d->version, 1);
    assert_int_equal(d->changed, r.s->last);
    done(&r, "p2", &a, 0); /* a second click */
    a.put_decision.n_texts = 1;
    done(&r, "p2", &a, 1);
    assert_int_equal(d->version, 2);
    assert_string_not_equal(d->hash, hex);
    assert_int_equal(d->n_texts, 1);
    a.put_decision.n_texts = 2;
    done(&r, "p2", &a, 1); /* the text of before is yet another version */
    assert_int_equal(d->version, 3);
    assert_string_equal(d->hash, hex);
    assert_int_equal(r.s->n_decisions, 1);
    tear_down(&r);
}

/* Whatever is amended makes a new version. */
static void each_amendment_counts(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    done(&r, "p1", ACT(PUT_ITEM, put_item, .item = S("j"), .title = S("Other")), 1);
    done(&r, "p1", ACT(PUT_PAPER, put_paper, .paper = S("p"), .item = S("i"), .title = S("P")), 1);
    done(&r, "p1", ACT(PUT_OPTION, put_option, .paper = S("p"), .option = S("o"), .title = S("O")),
         1);
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_SIMPLE));
    struct pl_act_put_decision *d = &a.put_decision;
    done(&r, "p1", &a, 1);
    for (int i = 0; i < 15; i++) {
        struct pl_act_rule *rule = &d->rule;
        switch (i) {
        case 0:
            d->title = S("Another");
            break;
        case 1:
            d->item = S("j");
            break;
        case 2:
            d->texts[1].text = S("Autre chose.");
            break;
        case 3:
            d->paper = S("p");
            d->option = S("o");
            break;
        case 4:
            d->excluded[d->n_excluded++].id = S("S1");
            break;
        case 5:
            d->excluded[0].id = S("S2");
            break;
        case 6:
            rule->has_quorum = true;
            break;
        case 7:
            rule->quorum = 1;
            break;
        case 8:
            rule->has_abstentions_count = true;
            break;
        case 9:
            rule->abstentions_count = true;
            break;
        case 10:
            *rule = (struct pl_act_rule){.procedure = PL_PROCEDURE_QUALIFIED, SHARE(seats, 1, 2)};
            break;
        case 11:
            rule->seats_den = 3;
            break;
        case 12:
            rule->has_weight_num = rule->has_weight_den = true;
            rule->weight_num = rule->weight_den = 1;
            break;
        case 13:
            rule->weight_den = 2;
            break;
        default:
            rule->has_base = true;
            rule->base = PL_BASE_MEMBERS;
            break;
        }
        done(&r, "p1", &a, 1);
        assert_int_equal(decision(&r, "d")->version, i + 2);
        done(&r, "p1", &a, 0);
    }
    tear_down(&r);
}

static void drafts_refused(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    const struct pl_act good = draft("d", by_rule(PL_PROCEDURE_SIMPLE));
    static const char *const line = "This must be one line, and not empty.";
    struct pl_act a = good;
    refused(&r, head_of(0), &a, PL_EAUTH, "", presides);
    refused(&r, "p3", &a, PL_EAUTH, "", presides);
    a.put_decision.decision = S("");
    refused(&r, "p1", &a, PL_EINVAL, "decision",
            "An id has 1 to 32 letters, digits, dots, dashes and underscores.");
    a = good;
    a.put_decision.item = S("none");
    refused(&r, "p1", &a, PL_ENOENT, "item", "There is no such item on the agenda.");
    a = good;
    a.put_decision.title = S("");
    refused(&r, "p1", &a, PL_EINVAL, "title", line);
    a = good;
    a.put_decision.n_texts = 0;
    refused(&r, "p1", &a, PL_EINVAL, "texts", "A decision has its text in one or two languages.");
    a = good;
    a.put_decision.texts[1].language = S("EN");
    refused(&r, "p1", &a, PL_EINVAL, "texts[1].language", "The two texts are in one language.");
    static const char *const languages[] = {"", "E N", "EN-123456"};
    for (size_t i = 0; i < 3; i++) {
        a = good;
        a.put_decision.texts[0].language = S(languages[i]);
        refused(&r, "p1", &a, PL_EINVAL, "texts[0].language",
                "A language is a tag, as in EN or FR.");
    }
    a = good;
    a.put_decision.texts[1].text = S("");
    refused(&r, "p1", &a, PL_EINVAL, "texts[1].text",
            "This must be a text without control characters, and not empty.");
    a = good;
    a.put_decision.paper = S("p");
    refused(&r, "p1", &a, PL_EINVAL, "option", "A paper and an option on it come together.");
    a.put_decision.option = S("o");
    refused(&r, "p1", &a, PL_ENOENT, "paper", "There is no such options paper.");
    done(&r, "p1", ACT(PUT_PAPER, put_paper, .paper = S("p"), .item = S("i"), .title = S("P")), 1);
    refused(&r, "p1", &a, PL_ENOENT, "option", "The paper has no such option.");
    a.put_decision.paper = (struct pl_str){0};
    refused(&r, "p1", &a, PL_EINVAL, "paper", "A paper and an option on it come together.");
    tear_down(&r);
}

static void rules_refused(void **state)
{
    (void)state;
    static const struct {
        struct pl_act_rule rule;
        const char *field, *why; /* NULL: taken */
    } rows[] = {
        {{.procedure = PL_PROCEDURE_QUALIFIED},
         "rule.seats_num",
         "A qualified majority needs a share of seats, of weights, or both."},
        {{.procedure = PL_PROCEDURE_QUALIFIED, SHARE(seats, 0, 1)},
         "rule.seats_num",
         "A share is more than nothing, and at most all."},
        {{.procedure = PL_PROCEDURE_QUALIFIED, SHARE(seats, 1, 1)}, NULL, NULL},
        {{.procedure = PL_PROCEDURE_QUALIFIED, SHARE(seats, 2, 1)},
         "rule.seats_num",
         "A share is more than nothing, and at most all."},
        {{.procedure = PL_PROCEDURE_QUALIFIED, SHARE(weight, 2, 1)},
         "rule.weight_num",
         "A share is more than nothing, and at most all."},
        {{.procedure = PL_PROCEDURE_QUALIFIED, .has_seats_num = true, .seats_num = 1},
         "rule.seats_num",
         "A share has a numerator and a denominator."},
        {{.procedure = PL_PROCEDURE_QUALIFIED, .has_weight_den = true, .weight_den = 1},
         "rule.weight_num",
         "A share has a numerator and a denominator."},
        {{.procedure = PL_PROCEDURE_SIMPLE, SHARE(seats, 1, 2)},
         "rule.seats_num",
         "Only a qualified majority and a roll call may need a share."},
        {{.procedure = PL_PROCEDURE_UNANIMITY, SHARE(weight, 1, 2)},
         "rule.weight_num",
         "Only a qualified majority and a roll call may need a share."},
        {{.procedure = PL_PROCEDURE_ROLL_CALL, SHARE(seats, 1, 2)}, NULL, NULL},
        {{.procedure = PL_PROCEDURE_ROLL_CALL}, NULL, NULL},
        {{.procedure = PL_PROCEDURE_SIMPLE, .has_base = true},
         "rule.base",
         "Without a share there is nothing to take it of."},
        {{.procedure = PL_PROCEDURE_ROLL_CALL, .has_base = true},
         "rule.base",
         "Without a share there is nothing to take it of."},
        {{.procedure = PL_PROCEDURE_ABSOLUTE, .has_base = true}, NULL, NULL},
        {{.procedure = PL_PROCEDURE_CONSENSUS, .has_abstentions_count = true},
         "rule.abstentions_count",
         "Nobody abstains from consensus or silence."},
        {{.procedure = PL_PROCEDURE_SILENCE, .has_abstentions_count = true},
         "rule.abstentions_count",
         "Nobody abstains from consensus or silence."},
        {{.procedure = PL_PROCEDURE_UNANIMITY, .has_abstentions_count = true}, NULL, NULL},
        {{.procedure = PL_PROCEDURE_SIMPLE, .has_quorum = true, .quorum = 3}, NULL, NULL},
        {{.procedure = PL_PROCEDURE_SIMPLE, .has_quorum = true, .quorum = 4},
         "rule.quorum",
         "The quorum is more than all that take part."},
    };
    struct room r;
    set_up_all(&r, 3);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_act a = draft("d", rows[i].rule);
        if (rows[i].why)
            refused(&r, "p1", &a, PL_EINVAL, rows[i].field, rows[i].why);
        else
            done(&r, "p1", &a, 1);
    }
    tear_down(&r);
}

static void excluded_seats(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_SIMPLE));
    a.put_decision.n_excluded = 1;
    a.put_decision.excluded[0].id = S("XX");
    refused(&r, "p1", &a, PL_ENOENT, "excluded[0]", "There is no such seat.");
    a.put_decision.excluded[0].id = S("GUE");
    refused(&r, "p1", &a, PL_EINVAL, "excluded[0]",
            "This seat is a guest's and takes no part anyway.");
    a.put_decision.excluded[0].id = S("S1");
    a.put_decision.excluded[1].id = S("S1");
    a.put_decision.n_excluded = 2;
    refused(&r, "p1", &a, PL_EINVAL, "excluded[1]", "This seat stands there twice.");
    a.put_decision.excluded[1].id = S("S2");
    a.put_decision.excluded[2].id = S("S3");
    a.put_decision.n_excluded = 3;
    refused(&r, "p1", &a, PL_EINVAL, "excluded", "No seat would be left to decide.");
    a.put_decision.n_excluded = 2;
    done(&r, "p1", &a, 1);
    struct pl_act c = call("d", 1), v = vote("d", 1, PL_CHOICE_YES);
    done(&r, "p1", &c, 1);
    refused(&r, head_of(0), &v, PL_EAUTH, "", "Your seat takes no part in this decision.");
    refused(&r, head_of(3), &v, PL_EAUTH, "",
            "Your seat takes no part in this decision."); /* guest */
    done(&r, head_of(2), &v, 1);
    tear_down(&r);
}

static void called_once(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    put(&r, "d", PL_PROCEDURE_UNANIMITY);
    put(&r, "d", PL_PROCEDURE_SIMPLE);
    struct pl_act c = call("d", 2), close = close_it("d"),
                  amend = draft("d", by_rule(PL_PROCEDURE_SIMPLE));
    struct pl_act old = call("d", 1), none = call("x", 1);
    refused(&r, head_of(0), &c, PL_EAUTH, "", presides);
    refused(&r, "p1", &none, PL_ENOENT, "decision", "There is no such decision.");
    refused(&r, "p1", &old, PL_ESTATE, "version",
            "This is not the version of the text that stands.");
    refused(&r, "p1", &close, PL_ESTATE, "decision", "This decision is not open.");
    done(&r, "p2", &c, 1); /* the secretary may */
    const struct pl_decision *d = decision(&r, "d");
    assert_int_equal(d->state, PL_DECISION_STATE_OPEN);
    assert_int_equal(d->called_ms, r.now);
    refused(&r, "p1", &c, PL_ESTATE, "decision", "This decision is open."); /* a second click */
    refused(&r, "p1", &amend, PL_ESTATE, "decision", "This decision is open.");
    refused(&r, "p2", &close, PL_EAUTH, "", "Only the chair declares a result.");
    refused(&r, NULL, &close, PL_EAUTH, "", "Only the chair declares a result.");
    done(&r, "p1", &close, 1);
    assert_int_equal(d->state, PL_DECISION_STATE_DECLARED);
    assert_int_equal(d->ended_ms, r.now);
    refused(&r, "p1", &close, PL_ESTATE, "decision", "The result of this decision is declared.");
    refused(&r, "p1", &c, PL_ESTATE, "decision", "The result of this decision is declared.");
    refused(&r, "p1", &amend, PL_ESTATE, "decision", "The result of this decision is declared.");
    tear_down(&r);
}

static void deadlines_are_for_silence(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    put(&r, "d", PL_PROCEDURE_SIMPLE);
    struct pl_act c = call_silence("d", 1, r.now + 1);
    refused(&r, "p1", &c, PL_EINVAL, "deadline", "Only silence has a deadline.");
    c.call_decision.has_deadline = false;
    refused(&r, "p1", &c, PL_EINVAL, "time_zone", "Only silence has a deadline.");
    put(&r, "e", PL_PROCEDURE_SILENCE);
    c = call("e", 1);
    refused(&r, "p1", &c, PL_EINVAL, "deadline", "Silence needs a deadline.");
    c = call_silence("e", 1, r.now);
    refused(&r, "p1", &c, PL_EINVAL, "deadline", "The deadline must be in the future.");
    static const char *const zones[] = {"", "Europe Brussels"};
    for (size_t i = 0; i < 2; i++) {
        c = call_silence("e", 1, r.now + 1);
        c.call_decision.time_zone = S(zones[i]);
        refused(&r, "p1", &c, PL_EINVAL, "time_zone",
                "A deadline needs its time zone, as in Europe/Brussels.");
    }
    c.call_decision.time_zone = (struct pl_str){0};
    refused(&r, "p1", &c, PL_EINVAL, "time_zone",
            "A deadline needs its time zone, as in Europe/Brussels.");
    tear_down(&r);
}

static void quorum_at_the_call(void **state)
{
    (void)state;
    struct room r;
    set_up(&r, 5);
    r.definition.quorum = 3;
    comes(&r, "p1");
    comes(&r, head_of(0));
    comes(&r, head_of(1));
    comes(&r, head_of(5)); /* a guest does not count */
    put(&r, "d", PL_PROCEDURE_SIMPLE);
    struct pl_act c = call("d", 1);
    refused(&r, "p1", &c, PL_ESTATE, "",
            "There is no quorum: 2 of 5 seats are present, 3 must be.");
    struct pl_act a = draft("e", by_rule(PL_PROCEDURE_SILENCE));
    done(&r, "p1", &a, 1);
    struct pl_act s = call_silence("e", 1, r.now + 1);
    refused(&r, "p1", &s, PL_ESTATE, "",
            "There is no quorum: 2 of 5 seats are present, 3 must be.");
    comes(&r, head_of(2));
    a = draft("d", by_rule(PL_PROCEDURE_SIMPLE)); /* an excluded seat does not count either */
    a.put_decision.excluded[0].id = S("S3");
    a.put_decision.n_excluded = 1;
    done(&r, "p1", &a, 1);
    c = call("d", 2);
    refused(&r, "p1", &c, PL_ESTATE, "",
            "There is no quorum: 2 of 4 seats are present, 3 must be.");
    a.put_decision.n_excluded = 0;
    done(&r, "p1", &a, 1);
    c = call("d", 3);
    done(&r, "p1", &c, 1);
    tear_down(&r);
}

/* The quorum is lost in mid-vote: nothing is decided, and it may be called again. */
static void quorum_lost(void **state)
{
    (void)state;
    struct room r;
    set_up(&r, 3);
    r.definition.quorum = 2;
    comes(&r, "p1");
    comes(&r, head_of(0));
    comes(&r, head_of(1));
    put(&r, "d", PL_PROCEDURE_SIMPLE);
    struct pl_act c = call("d", 1), v = vote("d", 1, PL_CHOICE_YES), close = close_it("d");
    done(&r, "p1", &c, 1);
    done(&r, head_of(0), &v, 1);
    goes(&r, head_of(1));
    done(&r, "p1", &close, 1);
    const struct pl_decision *d = decision(&r, "d");
    assert_int_equal(d->state, PL_DECISION_STATE_DRAFT);
    assert_int_equal(d->outcome, PL_OUTCOME_NO_QUORUM);
    assert_true(d->words.n > 0 && d->casts[0].voted);
    refused(&r, "p1", &c, PL_ESTATE, "",
            "There is no quorum: 1 of 3 seats are present, 2 must be.");
    comes(&r, head_of(1));
    done(&r, "p1", &c, 1);
    assert_null(d->words.p);
    assert_false(d->casts[0].voted); /* from the beginning */
    done(&r, head_of(1), &v, 1);
    done(&r, "p1", &close, 1);
    assert_int_equal(d->outcome, PL_OUTCOME_ADOPTED);
    tear_down(&r);
}

/* UKR is touched by the option and nobody asked it. */
static void warnings_are_acknowledged(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    done(&r, "p1", ACT(PUT_PARTY, put_party, .party = S("UKR"), .name = S("Ukraine")), 1);
    done(&r, "p1", ACT(PUT_PAPER, put_paper, .paper = S("p"), .item = S("i"), .title = S("P")), 1);
    done(&r, "p1",
         ACT(PUT_OPTION, put_option, .paper = S("p"), .option = S("o"), .title = S("O"),
             .touches = {{S("UKR")}}, .n_touches = 1),
         1);
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_SIMPLE));
    a.put_decision.paper = S("p");
    a.put_decision.option = S("o");
    done(&r, "p1", &a, 1);
    struct pl_act c = call("d", 1);
    refused(&r, "p1", &c, PL_ESTATE, "acknowledgement",
            "There are warnings; say why it is called all the same.");
    assert_true(r.denial.acknowledge);
    assert_int_equal(r.denial.n_warnings, 1);
    assert_int_equal(r.denial.warnings[0].kind, PL_WARNING_KIND_NOT_CONSULTED);
    assert_string_equal(r.denial.warnings[0].name.p, "Ukraine");
    c.call_decision.acknowledgement = S("");
    refused(&r, "p1", &c, PL_EINVAL, "acknowledgement",
            "This must be a text without control characters, and not empty.");
    assert_false(r.denial.acknowledge);
    c.call_decision.acknowledgement = S("There is no time.");
    done(&r, "p1", &c, 1);
    const struct pl_decision *d = decision(&r, "d");
    assert_int_equal(d->n_warnings, 1);
    assert_string_equal(d->acknowledgement.p, "There is no time.");
    struct pl_act w =
        *ACT(WITHDRAW_DECISION, withdraw_decision, .decision = S("d"), .reason = S("R"));
    done(&r, "p1", &w, 1);

    /* Where there is nothing to acknowledge, nothing is; and a draft says when its warnings change.
     */
    a.put_decision.decision = S("e");
    done(&r, "p1", &a, 1);
    done(&r, "p1",
         ACT(CONSULT, consult, .party = S("UKR"), .paper = S("p"), .asked_by = S("Us"),
             .asked_at = NOON, .channel = S("call"), .answer = S("Yes.")),
         1);
    assert_int_equal(decision(&r, "e")->changed, r.s->last);
    c.call_decision.decision = S("e");
    done(&r, "p1", &c, 1);
    assert_int_equal(decision(&r, "e")->n_warnings, 0);
    assert_null(decision(&r, "e")->acknowledgement.p);
    tear_down(&r);
}

/* As many warnings as there can be, each as long as can be and of characters that JSON escapes. */
static void the_longest_event(void **state)
{
    (void)state;
    struct room r;
    char name[PL_NAME_MAX + 1], line[1001], source[401];
    set_up_all(&r, 3);
    memset(name, '<', PL_NAME_MAX);
    memset(line, '<', 1000);
    memset(source, '<', 400);
    name[PL_NAME_MAX] = line[1000] = source[400] = 0;
    done(&r, "p1", ACT(PUT_PARTY, put_party, .party = S("RUS"), .name = S(name)), 1);
    done(&r, "p1", ACT(PUT_PAPER, put_paper, .paper = S("p"), .item = S("i"), .title = S("P")), 1);
    done(&r, "p1", ACT(PUT_OPTION, put_option, .paper = S("p"), .option = S("o"), .title = S("O")),
         1);
    for (int i = 0; i < PL_WARNINGS_MAX; i++) {
        line[i] = 'x'; /* another red line */
        done(&r, "p1",
             ACT(STATE_RED_LINE, state_red_line, .party = S("RUS"), .paper = S("p"),
                 .red_line = S(line), .source = S(source), .crossed_by = {{S("o")}},
                 .n_crossed_by = 1),
             1);
        line[i] = '<';
    }
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_SIMPLE)), c = call("d", 1);
    a.put_decision.paper = S("p");
    a.put_decision.option = S("o");
    done(&r, "p1", &a, 1);
    c.call_decision.acknowledgement = S(line);
    done(&r, "p1", &c, 1);
    assert_int_equal(decision(&r, "d")->n_warnings, PL_WARNINGS_MAX);
    size_t bytes = r.log[r.n_log - 1].len;
    assert_true(bytes > 600000 && bytes <= PL_ACT_BYTES_MAX);
    tear_down(&r); /* which reads it again */
}

static void option_taken_off(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    done(&r, "p1", ACT(PUT_PAPER, put_paper, .paper = S("p"), .item = S("i"), .title = S("P")), 1);
    const struct pl_act *o =
        ACT(PUT_OPTION, put_option, .paper = S("p"), .option = S("o"), .title = S("O"));
    done(&r, "p1", o, 1);
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_SIMPLE)), c = call("d", 1);
    a.put_decision.paper = S("p");
    a.put_decision.option = S("o");
    done(&r, "p1", &a, 1);
    done(&r, "p1", ACT(DROP_OPTION, drop_option, .paper = S("p"), .option = S("o")), 1);
    refused(&r, "p1", &c, PL_ESTATE, "decision", "Its option was taken off the paper.");
    done(&r, "p1", o, 1);
    done(&r, "p1", &c, 1);
    tear_down(&r);
}

static void session_must_be_open(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    put(&r, "d", PL_PROCEDURE_SIMPLE);
    put(&r, "e", PL_PROCEDURE_SIMPLE);
    struct pl_act c = call("d", 1), close = close_it("d"), v = vote("d", 1, PL_CHOICE_YES);
    struct pl_act suspend = *ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_SUSPENDED);
    struct pl_act shut = *ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED);
    done(&r, "p1", &c, 1);
    assert_int_equal(decide(&r, "p1", &shut), PL_ESTATE); /* one is open */
    done(&r, "p1", &suspend, 1);
    static const char why[] = "The session is suspended.";
    refused(&r, head_of(0), &v, PL_ESTATE, "", why);
    refused(&r, "p1", &close, PL_ESTATE, "", why);
    struct pl_act other = call("e", 1), amend = draft("e", by_rule(PL_PROCEDURE_SIMPLE));
    refused(&r, "p1", &other, PL_ESTATE, "", why);
    amend.put_decision.title = S("Another");
    done(&r, "p1", &amend, 1); /* prepared meanwhile */
    done(&r, "p1", ACT(WITHDRAW_DECISION, withdraw_decision, .decision = S("d"), .reason = S("R")),
         1);
    done(&r, "p1", &shut, 1);
    refused(&r, "p1", &amend, PL_ESTATE, "", "The session is closed.");
    tear_down(&r);

    set_up(&r, 3); /* before anybody came */
    amend.put_decision.decision = S("d");
    done(&r, NULL, &amend, 1);
    refused(&r, NULL, &c, PL_ESTATE, "", "The meeting has not been opened yet.");
    tear_down(&r);
}

static void withdrawn(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    put(&r, "d", PL_PROCEDURE_SIMPLE);
    put(&r, "e", PL_PROCEDURE_SIMPLE);
    put(&r, "f", PL_PROCEDURE_SIMPLE);
    struct pl_act w =
        *ACT(WITHDRAW_DECISION, withdraw_decision, .decision = S("d"), .reason = S(""));
    refused(&r, head_of(0), &w, PL_EAUTH, "", presides);
    refused(&r, "p1", &w, PL_EINVAL, "reason",
            "This must be a text without control characters, and not empty.");
    w.withdraw_decision.reason = S("Overtaken.");
    done(&r, "p2", &w, 1);
    const struct pl_decision *d = decision(&r, "d");
    assert_int_equal(d->state, PL_DECISION_STATE_WITHDRAWN);
    assert_int_equal(d->outcome, PL_OUTCOME_WITHDRAWN);
    assert_string_equal(d->words.p, "Overtaken.");
    struct pl_act c = call("d", 1), v = vote("d", 1, PL_CHOICE_YES), close = close_it("d");
    static const char why[] = "This decision is withdrawn.";
    refused(&r, "p1", &w, PL_ESTATE, "decision", why);
    refused(&r, "p1", &c, PL_ESTATE, "decision", why);
    refused(&r, "p1", &close, PL_ESTATE, "decision", why);
    refused(&r, head_of(0), &v, PL_ESTATE, "decision", why);
    c = call("e", 1);
    done(&r, "p1", &c, 1);
    w.withdraw_decision.decision = S("e");
    done(&r, "p1", &w, 1); /* an open one too */
    c = call("f", 1);
    close = close_it("f");
    done(&r, "p1", &c, 1);
    done(&r, "p1", &close, 1);
    w.withdraw_decision.decision = S("f");
    refused(&r, "p1", &w, PL_ESTATE, "decision", "The result of this decision is declared.");
    w.withdraw_decision.decision = S("x");
    refused(&r, "p1", &w, PL_ENOENT, "decision", "There is no such decision.");
    tear_down(&r);
}

static void as_many_as_there_can_be(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 1);
    for (int i = 0; i < PL_DECISIONS_MAX; i++) {
        char id[8];
        snprintf(id, sizeof id, "d%d", i);
        put(&r, id, PL_PROCEDURE_SIMPLE);
    }
    struct pl_act a = draft("more", by_rule(PL_PROCEDURE_SIMPLE));
    refused(&r, "p1", &a, PL_ELIMIT, "", "A meeting has at most 200 decisions.");
    put(&r, "d0", PL_PROCEDURE_UNANIMITY);
    tear_down(&r);
}

/* Events that no state has are refused when they are applied. */
static void damaged_records(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 3);
    put(&r, "d", PL_PROCEDURE_SIMPLE);
    const struct pl_act rows[] = {
        {.type = PL_ACT_SETTLED, .settled = {.decision = S("d"), .words = S("W")}},
        {.type = PL_ACT_CLOSE_DECISION, .close_decision = {.decision = S("d"), .words = S("W")}},
        {.type = PL_ACT_CALL_DECISION, .call_decision = {.decision = S("d"), .version = 2}},
        {.type = PL_ACT_CALL_DECISION,
         .call_decision = {.decision = S("d"), .version = 1, .has_deadline = true}},
        {.type = PL_ACT_VOTE, .vote = {.decision = S("d"), .version = 1, .seat = S("S1")}},
        {.type = PL_ACT_PASS_VOTE, .pass_vote = {.decision = S("d"), .seat = S("S1")}},
        {.type = PL_ACT_EXTEND_SILENCE, .extend_silence = {.decision = S("d")}},
        {.type = PL_ACT_RESTART_SILENCE, .restart_silence = {.decision = S("d")}},
        {.type = PL_ACT_WITHDRAW_DECISION, .withdraw_decision = {.decision = S("x")}},
        draft("d", by_rule(PL_PROCEDURE_SIMPLE)), /* without version and hash */
        {.type = PL_ACT_TAKE_POSITION, .take_position = {.paper = S("x"), .seat = S("S1")}},
        {.type = PL_ACT_PUT_OPTION, .put_option = {.paper = S("x")}},
        {.type = PL_ACT_DROP_OPTION, .drop_option = {.paper = S("x")}},
        {.type = PL_ACT_PUT_PAPER, .put_paper = {.paper = S("x"), .item = S("x")}},
        {.type = PL_ACT_CONSULT, .consult = {.paper = S("x")}},
        {.type = PL_ACT_STATE_RED_LINE, .state_red_line = {.paper = S("x")}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_act e = rows[i];
        e.number = r.s->last + 1;
        e.by = S("");
        if (pl_meeting_apply(r.m, &e, &pl_no_effects) != PL_EINVAL)
            fail_msg("%s was applied", pl_act_words[e.type]);
    }
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_and_hashes),
        cmocka_unit_test(each_amendment_counts),
        cmocka_unit_test(drafts_refused),
        cmocka_unit_test(rules_refused),
        cmocka_unit_test(excluded_seats),
        cmocka_unit_test(called_once),
        cmocka_unit_test(deadlines_are_for_silence),
        cmocka_unit_test(quorum_at_the_call),
        cmocka_unit_test(quorum_lost),
        cmocka_unit_test(warnings_are_acknowledged),
        cmocka_unit_test(the_longest_event),
        cmocka_unit_test(option_taken_off),
        cmocka_unit_test(session_must_be_open),
        cmocka_unit_test(withdrawn),
        cmocka_unit_test(as_many_as_there_can_be),
        cmocka_unit_test(damaged_records),
    };
    return cmocka_run_group_tests_name("decision", tests, NULL, NULL);
}
