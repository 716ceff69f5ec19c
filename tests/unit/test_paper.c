/* Outside parties, options papers and positions: what is put, amended, dropped, and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decisions.h"

#define PARTY(id, ...) ACT(PUT_PARTY, put_party, .party = S(id), __VA_ARGS__)
#define PAPER(id, ...) ACT(PUT_PAPER, put_paper, .paper = S(id), .item = S("i"), __VA_ARGS__)
#define OPTION(id, ...) ACT(PUT_OPTION, put_option, .paper = S("p"), .option = S(id), __VA_ARGS__)
#define DROP(id) ACT(DROP_OPTION, drop_option, .paper = S("p"), .option = S(id))
#define POSITION(id, ...)                                                                          \
    ACT(TAKE_POSITION, take_position, .paper = S("p"), .option = S(id), __VA_ARGS__)

static const struct pl_act_question two_questions[2] = {{{"troops", 6}, {"Troops?", 7}},
                                                        {{"where", 5}, {"Where?", 6}}};

static struct pl_act two_question_paper(void)
{
    struct pl_act a = *PAPER("p", .title = S("Guarantees"), .n_questions = 2);
    memcpy(a.put_paper.questions, two_questions, sizeof two_questions);
    return a;
}

/* The parties UKR and RUS, a paper of two questions, and the options o1 (touches UKR) and o2. */
static void set_up_paper(struct room *r)
{
    set_up_all(r, 3);
    done(r, "p2", PARTY("UKR", .name = S("Ukraine"), .country = S("UA")), 1);
    done(r, "p2", PARTY("RUS", .name = S("Russia")), 1);
    struct pl_act a = two_question_paper();
    done(r, "p2", &a, 1);
    done(r, "p2",
         OPTION("o1", .title = S("Troops"), .answers = {{S("where"), S("Near.")}}, .n_answers = 1,
                .touches = {{S("UKR")}}, .n_touches = 1),
         1);
    done(r, "p2", OPTION("o2", .title = S("None")), 1);
}

static void parties(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 1);
    done(&r, NULL, PARTY("UKR", .name = S("Ukraine"), .country = S("UA")), 1);
    assert_int_equal(r.s->changed[PL_PART_REGISTER], r.s->last);
    done(&r, "p1", PARTY("UKR", .name = S("Ukraine"), .country = S("UA")), 0); /* the same */
    done(&r, "p1", PARTY("UKR", .name = S("Ukraine")), 1);
    assert_int_equal(r.s->n_parties, 1);
    pl_list_each (struct pl_party, p, &r.s->parties, node) {
        assert_null(p->country.p);
    }
    refused(&r, "p3", PARTY("X", .name = S("X")), PL_EAUTH, "",
            "Only the chair and the secretary may do this.");
    refused(&r, "p1", PARTY("a b", .name = S("X")), PL_EINVAL, "party",
            "An id has 1 to 32 letters, digits, dots, dashes and underscores.");
    refused(&r, "p1", PARTY("X", .name = S("")), PL_EINVAL, "name",
            "This must be one line, and not empty.");
    refused(&r, "p1", PARTY("X", .name = S("X"), .country = S("Ua")), PL_EINVAL, "country",
            "A country is two capital letters (ISO 3166-1).");
    for (int i = 2; i <= PL_PARTIES_MAX; i++) {
        char id[8];
        snprintf(id, sizeof id, "P%d", i);
        done(&r, "p1", PARTY(id, .name = S("Party")), 1);
    }
    refused(&r, "p1", PARTY("X", .name = S("X")), PL_ELIMIT, "",
            "A meeting has at most 64 outside parties.");
    done(&r, "p1", PARTY("UKR", .name = S("Ukraina")), 1); /* amending one is not one more */
    tear_down(&r);
}

static void papers(void **state)
{
    (void)state;
    struct room r;
    set_up_paper(&r);
    struct pl_act a = two_question_paper();
    done(&r, "p1", &a, 0);
    /* A question that is no longer asked takes its answers with it. */
    a.put_paper.n_questions = 1;
    done(&r, "p1", &a, 1);
    assert_int_equal(paper(&r, "p")->changed, r.s->last);
    assert_int_equal(option(paper(&r, "p"), "o1")->n_answers, 0);
    a.put_paper.questions[0].text = S("How many?");
    done(&r, "p1", &a, 1);
    assert_string_equal(paper(&r, "p")->questions[0].text.p, "How many?");

    a = two_question_paper();
    refused(&r, head_of(0), &a, PL_EAUTH, "", "Only the chair and the secretary may do this.");
    a.put_paper.questions[1].question = S("troops");
    refused(&r, "p1", &a, PL_EINVAL, "questions[1].question",
            "This question's id stands on the paper twice.");
    a.put_paper.questions[1].question = S("?");
    refused(&r, "p1", &a, PL_EINVAL, "questions[1].question",
            "An id has 1 to 32 letters, digits, dots, dashes and underscores.");
    a = two_question_paper();
    a.put_paper.questions[0].text = S("two\nlines");
    refused(&r, "p1", &a, PL_EINVAL, "questions[0].text", "This must be one line, and not empty.");
    a = two_question_paper();
    a.put_paper.item = S("none");
    refused(&r, "p1", &a, PL_ENOENT, "item", "There is no such item on the agenda.");
    a = two_question_paper();
    a.put_paper.title = S("");
    refused(&r, "p1", &a, PL_EINVAL, "title", "This must be one line, and not empty.");
    refused(&r, "p1", PAPER("", .title = S("T")), PL_EINVAL, "paper",
            "An id has 1 to 32 letters, digits, dots, dashes and underscores.");
    for (int i = 2; i <= PL_PAPERS_MAX; i++) {
        char id[8];
        snprintf(id, sizeof id, "p%d", i);
        done(&r, "p1", PAPER(id, .title = S("Paper")), 1);
    }
    refused(&r, "p1", PAPER("more", .title = S("T")), PL_ELIMIT, "",
            "A meeting has at most 32 options papers.");
    tear_down(&r);
}

static void options(void **state)
{
    (void)state;
    struct room r;
    set_up_paper(&r);
    done(&r, "p1",
         OPTION("o1", .title = S("Troops"), .answers = {{S("where"), S("Near.")}}, .n_answers = 1,
                .touches = {{S("UKR")}}, .n_touches = 1),
         0);
    done(&r, "p1", OPTION("o1", .title = S("Troops"), .touches = {{S("RUS")}}, .n_touches = 1), 1);
    const struct pl_option *o1 = option(paper(&r, "p"), "o1");
    assert_int_equal(o1->amended, r.s->last);
    assert_int_equal(o1->n_answers, 0);
    assert_string_equal(o1->touches[0]->id.p, "RUS");
    assert_int_equal(r.s->changed[PL_PART_REGISTER], r.s->last);

    refused(&r, "p3", OPTION("o3", .title = S("T")), PL_EAUTH, "",
            "Only the chair and the secretary may do this.");
    refused(&r, "p1", ACT(PUT_OPTION, put_option, .paper = S("x"), .option = S("o")), PL_ENOENT,
            "paper", "There is no such options paper.");
    refused(&r, "p1", OPTION("", .title = S("T")), PL_EINVAL, "option",
            "An id has 1 to 32 letters, digits, dots, dashes and underscores.");
    refused(&r, "p1", OPTION("o3", .title = S("")), PL_EINVAL, "title",
            "This must be one line, and not empty.");
    refused(&r, "p1",
            OPTION("o3", .title = S("T"), .answers = {{S("why"), S("A")}}, .n_answers = 1),
            PL_ENOENT, "answers[0].question", "The paper asks no such question.");
    refused(&r, "p1",
            OPTION("o3", .title = S("T"), .answers = {{S("where"), S("A")}, {S("where"), S("B")}},
                   .n_answers = 2),
            PL_EINVAL, "answers[1].question", "This question is answered twice.");
    refused(&r, "p1",
            OPTION("o3", .title = S("T"), .answers = {{S("where"), S("\x01")}}, .n_answers = 1),
            PL_EINVAL, "answers[0].text",
            "This must be a text without control characters, and not empty.");
    refused(&r, "p1", OPTION("o3", .title = S("T"), .touches = {{S("XXX")}}, .n_touches = 1),
            PL_ENOENT, "touches[0]", "There is no such outside party.");
    refused(&r, "p1",
            OPTION("o3", .title = S("T"), .touches = {{S("UKR")}, {S("UKR")}}, .n_touches = 2),
            PL_EINVAL, "touches[1]", "This party stands there twice.");
    for (int i = 3; i <= PL_OPTIONS_MAX; i++) {
        char id[8];
        snprintf(id, sizeof id, "o%d", i);
        done(&r, "p1", OPTION(id, .title = S("Option")), 1);
    }
    refused(&r, "p1", OPTION("more", .title = S("T")), PL_ELIMIT, "",
            "A paper has at most 32 options, with those that were taken off it.");
    done(&r, "p1", OPTION("o2", .title = S("Other")), 1);
    done(&r, "p1", DROP("o2"), 1);
    refused(&r, "p1", OPTION("more", .title = S("T")), PL_ELIMIT, "",
            "A paper has at most 32 options, with those that were taken off it.");
    done(&r, "p1", OPTION("o2", .title = S("Other")), 1); /* but that one may come back */
    tear_down(&r);
}

static void dropped_options(void **state)
{
    (void)state;
    struct room r;
    set_up_paper(&r);
    done(&r, head_of(0), POSITION("o1", .stance = PL_STANCE_SUPPORT), 1);
    refused(&r, head_of(0), DROP("o1"), PL_EAUTH, "",
            "Only the chair and the secretary may do this.");
    done(&r, "p2", DROP("o1"), 1);
    assert_int_equal(paper(&r, "p")->changed, r.s->last);
    refused(&r, "p2", DROP("o1"), PL_ENOENT, "option", "The paper has no such option.");
    refused(&r, "p2", DROP("o9"), PL_ENOENT, "option", "The paper has no such option.");
    refused(&r, "p2", ACT(DROP_OPTION, drop_option, .paper = S("x"), .option = S("o1")), PL_ENOENT,
            "paper", "There is no such options paper.");
    refused(&r, head_of(0), POSITION("o1", .stance = PL_STANCE_SUPPORT), PL_ENOENT, "option",
            "The paper has no such option.");
    /* Put again, nobody has a position on it. */
    done(&r, "p2", OPTION("o1", .title = S("Troops")), 1);
    assert_false(option(paper(&r, "p"), "o1")->dropped);
    assert_int_equal(option(paper(&r, "p"), "o1")->positions[0].number, 0);
    tear_down(&r);
}

/* While a decision on it is open, an option stands as it is. */
static void options_under_decision(void **state)
{
    (void)state;
    struct room r;
    set_up_paper(&r);
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_SIMPLE));
    a.put_decision.paper = S("p");
    a.put_decision.option = S("o2");
    done(&r, "p1", &a, 1);
    struct pl_act c = call("d", 1), close = close_it("d");
    done(&r, "p1", &c, 1);
    refused(&r, "p1", DROP("o2"), PL_ESTATE, "option", "A decision on this option is open.");
    refused(&r, "p1", OPTION("o2", .title = S("Another")), PL_ESTATE, "option",
            "A decision on this option is open.");
    done(&r, "p1", OPTION("o2", .title = S("None")), 0);
    done(&r, "p1", DROP("o1"), 1);
    done(&r, "p1", &close, 1);
    done(&r, "p1", DROP("o2"), 1);
    tear_down(&r);
}

static void positions(void **state)
{
    (void)state;
    struct room r;
    set_up_paper(&r);
    const struct pl_act *object =
        POSITION("o1", .stance = PL_STANCE_OBJECT, .reason = S("Risk."), .red_line = S("Troops."),
                 .condition = S("A mandate."), .visibility = PL_VISIBILITY_CHAIR);
    done(&r, head_of(1), object, 1);
    const struct pl_position *p = &option(paper(&r, "p"), "o1")->positions[1];
    assert_int_equal(p->number, r.s->last);
    assert_int_equal(p->stance, PL_STANCE_OBJECT);
    assert_int_equal(p->visibility, PL_VISIBILITY_CHAIR);
    assert_string_equal(p->red_line.p, "Troops.");
    assert_int_equal(paper(&r, "p")->changed, r.s->last);
    done(&r, head_of(1), object, 0);
    /* Said again of an amended option, it is a position on that. */
    done(&r, "p1", OPTION("o1", .title = S("Fewer troops")), 1);
    assert_true(p->number < option(paper(&r, "p"), "o1")->amended);
    done(&r, head_of(1), object, 1);
    assert_true(p->number > option(paper(&r, "p"), "o1")->amended);
    done(&r, head_of(1), POSITION("o1", .stance = PL_STANCE_ACCEPT), 1);
    assert_null(p->reason.p);
    tear_down(&r);
}

static void positions_refused(void **state)
{
    (void)state;
    struct room r;
    set_up_paper(&r);
    const struct pl_act *support = POSITION("o1", .stance = PL_STANCE_SUPPORT);
    refused(&r, "p1", support, PL_EAUTH, "", "Only the delegation of a seat may do this.");
    refused(&r, NULL, support, PL_EAUTH, "", "Only the delegation of a seat may do this.");
    refused(&r, "p6", support, PL_EAUTH, "", "You do not hold the voice of your delegation.");
    refused(&r, head_of(0), POSITION("x", .stance = PL_STANCE_SUPPORT), PL_ENOENT, "option",
            "The paper has no such option.");
    refused(&r, head_of(0), ACT(TAKE_POSITION, take_position, .paper = S("x"), .option = S("o1")),
            PL_ENOENT, "paper", "There is no such options paper.");
    refused(&r, head_of(0), POSITION("o1", .stance = PL_STANCE_RESERVATION), PL_EINVAL, "reason",
            "A reservation needs its reason.");
    refused(&r, head_of(0), POSITION("o1", .stance = PL_STANCE_OBJECT), PL_EINVAL, "reason",
            "An objection needs its reason.");
    static const char *const why = "This must be a text without control characters, and not empty.";
    refused(&r, head_of(0), POSITION("o1", .reason = S("")), PL_EINVAL, "reason", why);
    refused(&r, head_of(0), POSITION("o1", .condition = S("")), PL_EINVAL, "condition", why);
    refused(&r, head_of(0), POSITION("o1", .red_line = S("")), PL_EINVAL, "red_line", why);
    /* The voice handed on, it is the adviser's to say. */
    done(&r, head_of(0), ACT(VOICE, voice, .person = S("p6")), 1);
    refused(&r, head_of(0), support, PL_EAUTH, "", "You do not hold the voice of your delegation.");
    done(&r, "p6", support, 1);
    done(&r, "p1", ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_SUSPENDED), 1);
    refused(&r, head_of(1), support, PL_ESTATE, "", "The session is suspended.");
    done(&r, "p2", OPTION("o3", .title = S("Prepared")), 1);
    done(&r, "p1", ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED), 1);
    refused(&r, head_of(1), support, PL_ESTATE, "", "The session is closed.");
    refused(&r, "p2", OPTION("o4", .title = S("Late")), PL_ESTATE, "", "The session is closed.");
    refused(&r, "p2", DROP("o1"), PL_ESTATE, "", "The session is closed.");
    refused(&r, "p2", PARTY("X", .name = S("X")), PL_ESTATE, "", "The session is closed.");
    refused(&r, "p2", PAPER("q", .title = S("X")), PL_ESTATE, "", "The session is closed.");
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parties),
        cmocka_unit_test(papers),
        cmocka_unit_test(options),
        cmocka_unit_test(dropped_options),
        cmocka_unit_test(options_under_decision),
        cmocka_unit_test(positions),
        cmocka_unit_test(positions_refused),
    };
    return cmocka_run_group_tests_name("paper", tests, NULL, NULL);
}
