/* The result of a decision under each rule, and its words: a table of votes. A letter a seat, in
 * their order: y yes, n no, a abstain; j join, r join with a reservation, s national statement, w
 * awaits instructions, b block; c receipt; "-" is present and silent, "." absent, "x" excluded. A
 * capital: the seat votes and leaves before the close; "<" comes after the call and is silent, ">"
 * leaves silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decisions.h"

#include <ctype.h>

#define NOT_A_CHOICE PL_CHOICE_COUNT

static enum pl_choice choice_of(char c)
{
    static const char letters[] = "ynajrswbc";
    const char *at = strchr(letters, tolower(c));
    return c && at ? (enum pl_choice)(at - letters) : NOT_A_CHOICE;
}

struct row {
    struct pl_act_rule rule;
    const char *votes;
    uint32_t quorum; /* of the meeting */
    enum pl_outcome outcome;
    const char *words, *rule_words; /* NULL: not looked at */
};

#define SHARE(kind, num, den)                                                                      \
    .has_##kind##_num = true, .kind##_num = num, .has_##kind##_den = true, .kind##_den = den
#define BASE(b) .has_base = true, .base = PL_BASE_##b
#define COUNTED .has_abstentions_count = true, .abstentions_count = true
#define RULE(p, ...)                                                                               \
    {                                                                                              \
        .procedure = PL_PROCEDURE_##p __VA_OPT__(, ) __VA_ARGS__                                   \
    }

static void put_it(struct room *r, const struct row *row)
{
    struct pl_act a = draft("d", row->rule);
    size_t n = 0;
    static char ids[64][8];
    for (size_t i = 0; row->votes[i]; i++) {
        if (row->votes[i] != 'x')
            continue;
        snprintf(ids[i], sizeof ids[i], "S%zu", i + 1);
        a.put_decision.excluded[n++].id = S(ids[i]);
    }
    a.put_decision.n_excluded = n;
    done(r, "p1", &a, 1);
}

/* A roll call: in order, whoever says nothing passes twice. */
static void call_the_roll(struct room *r, const char *votes)
{
    for (uint32_t seat; (seat = pl_decision_turn(r->m, decision(r, "d"))) != PL_NO_SEAT;) {
        enum pl_choice c = choice_of(votes[seat]);
        struct pl_act v = vote("d", 1, c);
        if (c != NOT_A_CHOICE)
            done(r, head_of(seat), &v, 1);
        else
            done(r, "p2",
                 ACT(PASS_VOTE, pass_vote, .decision = S("d"),
                     .seat = pl_str(r->definition.seats[seat].id)),
                 1);
    }
}

static void play(struct room *r, const struct row *row)
{
    size_t n = strlen(row->votes);
    set_up(r, n);
    r->definition.quorum = row->quorum;
    comes(r, "p1");
    comes(r, "p2");
    for (size_t i = 0; i < n; i++)
        if (!strchr(".x<", row->votes[i]))
            comes(r, head_of(i));
    put_it(r, row);
    struct pl_act c = row->rule.procedure == PL_PROCEDURE_SILENCE
                          ? call_silence("d", 1, r->now + 1000)
                          : call("d", 1);
    done(r, "p1", &c, 1);
    if (row->rule.procedure == PL_PROCEDURE_ROLL_CALL)
        call_the_roll(r, row->votes);
    for (size_t i = 0; i < n; i++) {
        enum pl_choice choice = choice_of(row->votes[i]);
        struct pl_act v = vote("d", 1, choice);
        if (choice != NOT_A_CHOICE && row->rule.procedure != PL_PROCEDURE_ROLL_CALL)
            done(r, head_of(i), &v, 1);
        if (row->votes[i] == '<')
            comes(r, head_of(i));
        if (isupper((unsigned char)row->votes[i]) || row->votes[i] == '>')
            goes(r, head_of(i));
    }
    r->now += 1000;
    if (row->rule.procedure == PL_PROCEDURE_SILENCE) {
        assert_int_equal(expire(r), 1);
        return;
    }
    struct pl_act close = close_it("d");
    done(r, "p1", &close, 1);
}

static void check(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct room r;
        char words[PL_RULE_WORDS_SIZE];
        play(&r, &rows[i]);
        const struct pl_decision *d = decision(&r, "d");
        if (rows[i].words)
            assert_string_equal(d->words.p, rows[i].words);
        if (d->outcome != rows[i].outcome)
            fail_msg("row %zu: %s", i, d->words.p);
        assert_int_equal(d->state, rows[i].outcome == PL_OUTCOME_NO_QUORUM
                                       ? PL_DECISION_STATE_DRAFT
                                       : PL_DECISION_STATE_DECLARED);
        pl_rule_words(r.m, d, words);
        if (rows[i].rule_words)
            assert_string_equal(words, rows[i].rule_words);
        tear_down(&r);
    }
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof(rows)[0])

#define YES PL_OUTCOME_ADOPTED
#define NO PL_OUTCOME_NOT_ADOPTED
#define NONE PL_OUTCOME_NO_QUORUM

static void simple_majority(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {RULE(SIMPLE), "yyyna-.", 0, YES,
         "Adopted by simple majority: 3 yes and 1 no, more yes than no was needed. Of 7 seats that "
         "take part, 3 said yes, 1 no, 1 abstained and 2 did not vote.",
         "Simple majority: more yes than no; abstentions do not count."},
        {RULE(SIMPLE), "yynna", 0, NO,
         "Not adopted by simple majority: a tie, 2 yes and 2 no, more yes than no was needed. Of 5 "
         "seats that take part, 2 said yes, 2 no, 1 abstained and 0 did not vote.",
         NULL},
        {RULE(SIMPLE), "ynn", 0, NO, NULL, NULL},
        {RULE(SIMPLE), "aaa", 0, NO,
         "Not adopted by simple majority: 0 yes and 0 no, more yes than no was needed. Of 3 seats "
         "that take part, 0 said yes, 0 no, 3 abstained and 0 did not vote.",
         NULL},
        {RULE(SIMPLE), "---", 0, NO, NULL, NULL},
        {RULE(SIMPLE), "y......", 0, YES, NULL, NULL},
        /* Abstentions are votes: more than half of them. */
        {RULE(SIMPLE, COUNTED), "yyyna", 0, YES,
         "Adopted by simple majority: 3 of 5 seats that voted, abstentions included said yes, more "
         "than half (3) was needed. Of 5 seats that take part, 3 said yes, 1 no, 1 abstained and 0 "
         "did not vote.",
         "Simple majority: more than half of the seats that vote, abstentions included."},
        {RULE(SIMPLE, COUNTED), "yyna", 0, NO, NULL, NULL},
        /* A seat that left keeps its vote; the excluded one has none. */
        {RULE(SIMPLE), "YYnx", 0, YES,
         "Adopted by simple majority: 2 yes and 1 no, more yes than no was needed. Of 3 seats that "
         "take part, 2 said yes, 1 no, 0 abstained and 0 did not vote. Took no part: France.",
         "Simple majority: more yes than no; abstentions do not count. Without France."},
    };
    CHECK(rows);
}

static void absolute_majority(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {RULE(ABSOLUTE), "yyyy...", 0, YES,
         "Adopted by absolute majority: 4 of 7 seats that take part said yes, more than half (4) "
         "was needed. Of 7 seats that take part, 4 said yes, 0 no, 0 abstained and 3 did not vote.",
         "Absolute majority: more than half of the seats that take part."},
        {RULE(ABSOLUTE), "yyy....", 0, NO, NULL, NULL},
        {RULE(ABSOLUTE), "yyy...", 0, NO, NULL, NULL}, /* half is not more than half */
        {RULE(ABSOLUTE), "yyyx..", 0, YES, NULL, NULL},
        {RULE(ABSOLUTE, BASE(PRESENT)), "yyna...", 0, NO,
         "Not adopted by absolute majority: 2 of 4 seats present said yes, more than half (3) was "
         "needed. Of 7 seats that take part, 2 said yes, 1 no, 1 abstained and 3 did not vote.",
         "Absolute majority: more than half of the seats present."},
        {RULE(ABSOLUTE, BASE(PRESENT)), "yyn....", 0, YES, NULL, NULL},
        {RULE(ABSOLUTE, BASE(PRESENT)), "yyn<...", 0, NO, NULL, NULL}, /* who comes is present */
        {RULE(ABSOLUTE, BASE(PRESENT)), "yyn>...", 0, NO, NULL, NULL}, /* who left was */
        {RULE(ABSOLUTE, BASE(CAST)), "yyna...", 0, YES, NULL,
         "Absolute majority: more than half of the seats that vote yes or no."},
        {RULE(ABSOLUTE, BASE(CAST), COUNTED), "yyna...", 0, NO, NULL, NULL},
        {RULE(ABSOLUTE), ".......", 0, NO, NULL, NULL},
    };
    CHECK(rows);
}

static void qualified_majority(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {RULE(QUALIFIED, SHARE(seats, 2, 3)), "yyyynna", 0, YES,
         "Adopted by qualified majority: 4 of 6 seats that voted yes or no said yes, at least two "
         "thirds (4) were needed. Of 7 seats that take part, 4 said yes, 2 no, 1 abstained and 0 "
         "did not vote.",
         "Qualified majority: at least two thirds of the seats that vote yes or no."},
        {RULE(QUALIFIED, SHARE(seats, 2, 3)), "yyynn.", 0, NO, NULL, NULL}, /* 3 of 5, 4 needed */
        {RULE(QUALIFIED, SHARE(seats, 2, 3), COUNTED), "yyyynna", 0, NO, NULL, NULL},
        {RULE(QUALIFIED, SHARE(seats, 1, 2)), "yynn", 0, YES, NULL,
         "Qualified majority: at least half of the seats that vote yes or no."},
        {RULE(QUALIFIED, SHARE(seats, 1, 1)), "yyyya", 0, YES, NULL,
         "Qualified majority: at least all of the seats that vote yes or no."},
        {RULE(QUALIFIED, SHARE(seats, 3, 4), BASE(PRESENT)), "yyy-...", 0, YES, NULL,
         "Qualified majority: at least three quarters of the seats present."},
        {RULE(QUALIFIED, SHARE(seats, 3, 4), BASE(PRESENT)), "yyy--..", 0, NO, NULL, NULL},
        {RULE(QUALIFIED, SHARE(seats, 5, 7), BASE(MEMBERS)), "yyyyy..", 0, YES, NULL,
         "Qualified majority: at least 5/7 of the seats that take part."},
        {RULE(QUALIFIED, SHARE(seats, 5, 7), BASE(MEMBERS)), "yyyy...", 0, NO, NULL, NULL},
        /* 55 % of the members with 65 % of the weight: 29, 27, 13, 10, 10, 7, 4. */
        {RULE(QUALIFIED, SHARE(seats, 55, 100), SHARE(weight, 65, 100), BASE(MEMBERS)), "yy.y.n.",
         0, NO,
         "Not adopted by qualified majority: 3 of 7 seats that take part said yes, at least 55 % "
         "(4) were needed; they weigh 66 of 100, at least 65 % (65) was needed. Of 7 seats that "
         "take part, 3 said yes, 1 no, 0 abstained and 3 did not vote.",
         "Qualified majority: at least 55 % of the seats that take part, and at least 65 % of "
         "their "
         "weight."},
        {RULE(QUALIFIED, SHARE(seats, 55, 100), SHARE(weight, 65, 100), BASE(MEMBERS)), "yy.yyn.",
         0, YES, NULL, NULL},
        {RULE(QUALIFIED, SHARE(seats, 55, 100), SHARE(weight, 65, 100), BASE(MEMBERS)), "y.yyyn.",
         0, NO, NULL, NULL}, /* 4 seats of 7, weight 62 */
        {RULE(QUALIFIED, SHARE(weight, 56, 100), BASE(MEMBERS)), "yy.....", 0, YES,
         "Adopted by qualified majority: the seats that said yes weigh 56 of 100 (seats that take "
         "part), at least 56 % (56) was needed. Of 7 seats that take part, 2 said yes, 0 no, 0 "
         "abstained and 5 did not vote.",
         "Qualified majority: at least 56 % of the weight of the seats that take part."},
        {RULE(QUALIFIED, SHARE(weight, 57, 100), BASE(MEMBERS)), "yy.....", 0, NO, NULL, NULL},
        {RULE(QUALIFIED, SHARE(weight, 2, 3)), "yn.....", 0, NO, NULL, NULL}, /* 29 of 56 */
        /* Nothing is adopted by nobody. */
        {RULE(QUALIFIED, SHARE(seats, 1, 10000)), "aaa", 0, NO, NULL, NULL},
        {RULE(QUALIFIED, SHARE(weight, 1, 10000)), "...", 0, NO, NULL, NULL},
    };
    CHECK(rows);
}

static void unanimity_and_roll_call(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {RULE(UNANIMITY), "yyya-.", 0, YES,
         "Adopted by unanimity: at least one yes and not a single no were needed. Of 6 seats that "
         "take part, "
         "3 said yes, 0 no, 1 abstained and 2 did not vote.",
         "Unanimity: at least one yes, and not a single no; abstentions do not hinder it."},
        {RULE(UNANIMITY), "yynyn", 0, NO,
         "Not adopted by unanimity: at least one yes and not a single no were needed, and Spain "
         "and Italy "
         "said no. Of 5 seats that take part, 3 said yes, 2 no, 0 abstained and 0 did not vote.",
         NULL},
        {RULE(UNANIMITY, COUNTED), "yya", 0, NO,
         "Not adopted by unanimity: at least one yes, not a single no and no abstention were "
         "needed, and "
         "Spain abstained. Of 3 seats that take part, 2 said yes, 0 no, 1 abstained and 0 did not "
         "vote.",
         "Unanimity: at least one yes, and not a single no; an abstention hinders it."},
        {RULE(UNANIMITY, COUNTED), "yy-", 0, YES, NULL, NULL},
        {RULE(UNANIMITY), "aa", 0, NO,
         "Not adopted by unanimity: at least one yes and not a single no were needed, and nobody "
         "said yes. "
         "Of "
         "2 seats that take part, 0 said yes, 0 no, 2 abstained and 0 did not vote.",
         NULL},
        {RULE(ROLL_CALL), "yn-y.", 0, YES,
         "Adopted by roll call: 2 yes and 1 no, more yes than no was needed. Of 5 seats that take "
         "part, 2 said yes, 1 no, 0 abstained and 2 did not vote.",
         "Roll call: more yes than no; abstentions do not count."},
        {RULE(ROLL_CALL), "ynx", 0, NO, NULL, NULL},
        {RULE(ROLL_CALL, SHARE(seats, 2, 3), BASE(MEMBERS)), "yyn", 0, YES, NULL,
         "Roll call: at least two thirds of the seats that take part."},
        {RULE(ROLL_CALL, SHARE(seats, 2, 3), BASE(MEMBERS)), "yy..", 0, NO, NULL, NULL},
    };
    CHECK(rows);
}

static void consensus(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {RULE(CONSENSUS), "jrsj..", 0, YES,
         "Adopted by consensus: of 6 seats that take part, 4 joined; with a reservation: Denmark; "
         "with a national statement: Spain; 2 were absent, which does not hinder.",
         "Consensus: nobody blocks it, and nobody who is present is silent or awaits "
         "instructions."},
        {RULE(CONSENSUS), "jjbwb-", 0, NO,
         "Not adopted by consensus: of 6 seats that take part, 2 joined; blocked by Spain and "
         "Italy; awaiting instructions: France; present and silent: Poland.",
         NULL},
        {RULE(CONSENSUS), "jw", 0, NO, NULL, NULL},
        {RULE(CONSENSUS), "jb", 0, NO, NULL, NULL},
        {RULE(CONSENSUS), "j-", 0, NO, NULL, NULL},
        {RULE(CONSENSUS), "j<", 0, NO, NULL, NULL}, /* came, and was silent */
        {RULE(CONSENSUS), "j>", 0, NO, NULL, NULL}, /* leaving is not joining */
        {RULE(CONSENSUS), "jJ.", 0, YES, NULL, NULL},
        {RULE(CONSENSUS), "jB.", 0, NO, NULL, NULL},
        {RULE(CONSENSUS), "j.x", 0, YES,
         "Adopted by consensus: of 2 seats that take part, 1 joined; 1 was absent, which does not "
         "hinder. Took no part: Spain.",
         "Consensus: nobody blocks it, and nobody who is present is silent or awaits instructions. "
         "Without Spain."},
        {RULE(CONSENSUS), "...", 0, NO, NULL, NULL}, /* nobody is not everybody */
    };
    CHECK(rows);
}

static void silence(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {RULE(SILENCE), "cc-.", 0, YES,
         "Adopted by silence: nobody broke it before the deadline; 2 of 4 seats that take part had "
         "confirmed receipt.",
         "Silence: adopted at the deadline, unless a seat breaks it."},
        {RULE(SILENCE), "C>>.", 3, YES, NULL, /* no quorum at its end: nobody needs to be there */
         "Silence: adopted at the deadline, unless a seat breaks it. The quorum is 3."},
    };
    CHECK(rows);
}

static void quorum_at_the_close(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {RULE(SIMPLE), "yyy....", 3, YES,
         "Adopted by simple majority: 3 yes and 0 no, more yes than no was needed. Of 7 seats that "
         "take part, 3 said yes, 0 no, 0 abstained and 4 did not vote. The quorum was 3, and 3 "
         "were "
         "there or had voted.",
         "Simple majority: more yes than no; abstentions do not count. The quorum is 3."},
        {RULE(SIMPLE), "yY>....", 3, NONE,
         "No quorum: 2 of 7 seats that take part were there or had voted, 3 were needed. Nothing "
         "is "
         "decided.",
         NULL},
        {RULE(SIMPLE), "yYN....", 3, YES, NULL, NULL}, /* who voted counts, gone or not */
        {RULE(SIMPLE), "yY><...", 3, YES, NULL, NULL}, /* so does who came */
        {RULE(CONSENSUS), "j>>", 3, NONE, NULL, NULL},
        {RULE(SIMPLE, .has_quorum = true, .quorum = 0), "y>>", 3, YES, NULL, NULL},
        {RULE(SIMPLE, .has_quorum = true, .quorum = 3), "y>>", 0, NONE, NULL, NULL},
        /* More than all that take part cannot be asked for by the meeting's quorum. */
        {RULE(SIMPLE), "yyx", 3, YES, NULL,
         "Simple majority: more yes than no; abstentions do not count. The quorum is 2. Without "
         "Spain."},
    };
    CHECK(rows);
}

/* As many as there can be, as heavy as JSON can say, and a share that no float could tell. */
static void numbers_do_not_overflow(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct room r;
        set_up(&r, PL_SEATS_MAX);
        for (size_t i = 0; i < PL_SEATS_MAX; i++)
            r.definition.seats[i].weight = PL_ID_MAX - (i == 0 && !more);
        comes(&r, "p1");
        struct pl_act a = draft("d", (struct pl_act_rule){.procedure = PL_PROCEDURE_QUALIFIED,
                                                          SHARE(weight, 1, 1000),
                                                          BASE(MEMBERS)});
        done(&r, "p1", &a, 1);
        comes(&r, head_of(0));
        struct pl_act c = call("d", 1), v = vote("d", 1, PL_CHOICE_YES), close = close_it("d");
        done(&r, "p1", &c, 1);
        done(&r, head_of(0), &v, 1);
        done(&r, "p1", &close, 1);
        /* A thousandth of the weight, or one less of 2^53. */
        assert_int_equal(decision(&r, "d")->outcome, more ? YES : NO);
        assert_non_null(
            strstr(decision(&r, "d")->words.p, more ? "9007199254740991 of 9007199254740991000"
                                                    : "9007199254740990 of 9007199254740990999"));
        tear_down(&r);
    }
}

/* Five lists of names that are as long as can be stay within a result. */
static void words_stay_within_their_room(void **state)
{
    (void)state;
    struct room r;
    set_up(&r, 60);
    comes(&r, "p1");
    for (size_t i = 0; i < 60; i++) {
        char *name = malloc(PL_NAME_MAX + 1);
        assert_non_null(name);
        for (size_t k = 0; k < PL_NAME_MAX; k += 2)
            memcpy(name + k, "é", 2);
        name[PL_NAME_MAX] = 0;
        free(r.definition.seats[i].name);
        r.definition.seats[i].name = name;
        r.definition.people[OTHERS + i].name = "Head";
    }
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_CONSENSUS));
    a.put_decision.excluded[0].id = S("S60");
    a.put_decision.excluded[1].id = S("S59");
    a.put_decision.n_excluded = 2;
    done(&r, "p1", &a, 1);
    for (size_t i = 0; i < 58; i++)
        comes(&r, head_of(i));
    struct pl_act c = call("d", 1), close = close_it("d");
    done(&r, "p1", &c, 1);
    static const enum pl_choice choices[] = {PL_CHOICE_BLOCK, PL_CHOICE_AWAITING_INSTRUCTIONS,
                                             PL_CHOICE_JOIN_WITH_RESERVATION,
                                             PL_CHOICE_NATIONAL_STATEMENT};
    for (size_t i = 0; i < 48; i++) {
        struct pl_act v = vote("d", 1, choices[i % 4]);
        done(&r, head_of(i), &v, 1);
    }
    done(&r, "p1", &close, 1);
    struct pl_str words = decision(&r, "d")->words;
    assert_true(words.n <= 4000 && pl_text_ok(words));
    assert_non_null(strstr(words.p, " and 10 others; awaiting")); /* two names fit in a list */
    assert_int_equal(words.p[words.n - 1], '.');
    char rule[PL_RULE_WORDS_SIZE];
    pl_rule_words(r.m, decision(&r, "d"), rule);
    assert_true(pl_text_ok(S(rule)) && rule[strlen(rule) - 1] == '.');
    tear_down(&r);

    set_up_all(&r, 1); /* a reason that is as long as can be is cut at a character */
    char reason[4001];
    for (size_t k = 0; k < 4000; k += 2)
        memcpy(reason + k, "é", 2);
    reason[4000] = 0;
    a = draft("d", by_rule(PL_PROCEDURE_SILENCE));
    done(&r, "p1", &a, 1);
    c = call_silence("d", 1, r.now + 1);
    done(&r, "p1", &c, 1);
    struct pl_act v = vote("d", 1, PL_CHOICE_BREAK_SILENCE);
    v.vote.statement = S(reason);
    done(&r, head_of(0), &v, 2);
    words = decision(&r, "d")->words;
    assert_true(words.n <= 4000 && words.n > 3997 && pl_text_ok(words));
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simple_majority),
        cmocka_unit_test(absolute_majority),
        cmocka_unit_test(qualified_majority),
        cmocka_unit_test(unanimity_and_roll_call),
        cmocka_unit_test(consensus),
        cmocka_unit_test(silence),
        cmocka_unit_test(quorum_at_the_close),
        cmocka_unit_test(numbers_do_not_overflow),
        cmocka_unit_test(words_stay_within_their_room),
    };
    return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
