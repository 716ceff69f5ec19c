/* The consultation register: who may write it, what counts, and what the chair is warned of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decisions.h"

#define CONSULT(p, ...)                                                                            \
    ACT(CONSULT, consult, .party = S(p), .paper = S("p"), .asked_by = S("Norway"),                 \
        .asked_at = NOON, .channel = S("call"), __VA_ARGS__)
#define STATED(p, line, ...)                                                                       \
    ACT(STATE_RED_LINE, state_red_line, .party = S(p), .paper = S("p"), .red_line = S(line),       \
        .source = S("The press"), __VA_ARGS__)
#define CROSSED(id) .crossed_by = {{S(id)}}, .n_crossed_by = 1
#define ABOUT(id) .options = {{S(id)}}, .n_options = 1
#define LINE(text) .red_line = S(text), .red_line_source = S("Note")

/* UKR and RUS; o1 touches both, o2 UKR, o3 nobody. */
static void set_up_register(struct room *r)
{
    set_up_all(r, 3);
    done(r, "p2", ACT(PUT_PARTY, put_party, .party = S("UKR"), .name = S("Ukraine")), 1);
    done(r, "p2", ACT(PUT_PARTY, put_party, .party = S("RUS"), .name = S("Russia")), 1);
    done(r, "p2", ACT(PUT_PAPER, put_paper, .paper = S("p"), .item = S("i"), .title = S("P")), 1);
    static const char *const ids[] = {"o1", "o2", "o3"};
    for (size_t i = 0; i < 3; i++)
        done(r, "p2",
             ACT(PUT_OPTION, put_option, .paper = S("p"), .option = S(ids[i]), .title = S("O"),
                 .touches = {{S("UKR")}, {S("RUS")}}, .n_touches = 2 - i),
             1);
}

/* "U?" not consulted, "U." no answer, "U!red line": the party's first letter, or the seat's. */
static void warned(const struct room *r, const char *id, const char *want)
{
    struct pl_act_warning *w = calloc(PL_WARNINGS_MAX, sizeof *w);
    struct pl_buf b = {0};
    const struct pl_paper *p = paper(r, "p");
    assert_non_null(w);
    size_t n = pl_meeting_warnings(r->m, p, option(p, id), w);
    for (size_t i = 0; i < n; i++) {
        assert_true(!w[i].party.p != !w[i].seat.p && w[i].name.p);
        assert_int_equal(w[i].source.p != NULL,
                         w[i].kind == PL_WARNING_KIND_RED_LINE && w[i].party.p);
        pl_buf_printf(&b, "%s%c%c%s", i ? " " : "", w[i].name.p[0], "?.!"[w[i].kind],
                      w[i].text.p ? w[i].text.p : "");
    }
    assert_string_equal(b.data ? b.data : "", want);
    pl_buf_free(&b);
    free(w);
}

static void status(const struct room *r, const char *party, const char *id,
                   enum pl_consultation_status want, bool want_crossed)
{
    const struct pl_paper *p = paper(r, "p");
    pl_list_each (struct pl_party, q, &r->s->parties, node) {
        bool crossed;
        if (!pl_str_eq(q->id, party))
            continue;
        assert_int_equal(pl_meeting_consultation(r->m, q, p, option(p, id), &crossed), want);
        assert_int_equal(crossed, want_crossed);
        return;
    }
    fail();
}
#define NOT_CONSULTED PL_CONSULTATION_STATUS_NOT_CONSULTED
#define NO_ANSWER PL_CONSULTATION_STATUS_NO_ANSWER
#define ANSWERED PL_CONSULTATION_STATUS_ANSWERED

static void the_last_entry_counts(void **state)
{
    (void)state;
    struct room r;
    set_up_register(&r);
    warned(&r, "o1", "U? R?");
    warned(&r, "o2", "U?");
    warned(&r, "o3", "");
    done(&r, "p2", CONSULT("UKR", ABOUT("o1")), 1);
    assert_int_equal(r.s->changed[PL_PART_REGISTER], r.s->last);
    assert_int_equal(paper(&r, "p")->changed, r.s->last);
    status(&r, "UKR", "o1", NO_ANSWER, false);
    status(&r, "UKR", "o2", NOT_CONSULTED, false);
    warned(&r, "o1", "U. R?");
    done(&r, "p3", CONSULT("UKR", .answer = S("Yes.")), 1); /* of all options */
    status(&r, "UKR", "o1", ANSWERED, false);
    status(&r, "UKR", "o3", ANSWERED, false);
    warned(&r, "o1", "R?");
    warned(&r, "o2", "");
    done(&r, "p2", CONSULT("UKR", ABOUT("o2")), 1); /* asked anew */
    warned(&r, "o2", "U.");
    warned(&r, "o1", "R?");
    tear_down(&r);
}

static void red_lines(void **state)
{
    (void)state;
    struct room r;
    set_up_register(&r);
    /* Stated elsewhere: it warns, and consults nobody. */
    done(&r, "p3", STATED("RUS", "Troops", CROSSED("o1")), 1);
    status(&r, "RUS", "o1", NOT_CONSULTED, true);
    status(&r, "RUS", "o2", NOT_CONSULTED, false);
    warned(&r, "o1", "U? R? R!Troops");
    done(&r, "p3", STATED("RUS", "Bases", CROSSED("o3")), 1); /* one does not replace the other */
    warned(&r, "o3", "R!Bases");
    done(&r, "p3", STATED("RUS", "Bases", CROSSED("o2")), 1); /* in the same words it does */
    warned(&r, "o3", "");
    warned(&r, "o2", "U? R!Bases");
    done(&r, "p3", STATED("RUS", "Bases", .n_crossed_by = 0), 1);
    warned(&r, "o2", "U?");
    /* What a party answered stands until it answers anew, not until it is asked anew. */
    done(&r, "p2", CONSULT("UKR", ABOUT("o2"), .answer = S("No."), LINE("Land"), CROSSED("o2")), 1);
    warned(&r, "o2", "U!Land");
    done(&r, "p2", CONSULT("UKR", ABOUT("o2")), 1);
    warned(&r, "o2", "U. U!Land");
    done(&r, "p2", CONSULT("UKR", ABOUT("o1"), .answer = S("Yes.")), 1); /* another option */
    warned(&r, "o2", "U. U!Land");
    done(&r, "p2", CONSULT("UKR", .answer = S("Yes.")), 1);
    warned(&r, "o2", "");
    warned(&r, "o1", "R? R!Troops");
    /* An answer to us does not take back what was said to the press. */
    done(&r, "p2", CONSULT("RUS", .answer = S("No.")), 1);
    warned(&r, "o1", "R!Troops");
    tear_down(&r);
}

/* A second click enters nothing; the same words later, or of something else, do. */
static void twice(void **state)
{
    (void)state;
    struct room r;
    set_up_register(&r);
    const struct pl_act *asked =
        CONSULT("UKR", ABOUT("o1"), .answer = S("No."), LINE("Land"), CROSSED("o1"));
    const struct pl_act *stated = STATED("UKR", "Land", CROSSED("o1"));
    done(&r, "p2", asked, 1);
    done(&r, "p2", asked, 0);
    done(&r, "p2", stated, 1);
    done(&r, "p3", stated, 0);
    done(&r, "p2", asked, 1);
    struct pl_act a = *asked;
    a.consult.asked_at++;
    done(&r, "p2", &a, 1);
    a.consult.n_options = 0;
    done(&r, "p2", &a, 1);
    a.consult.crossed_by[0].id = S("o2");
    done(&r, "p2", &a, 1);
    a.consult.channel = S("letter");
    done(&r, "p2", &a, 1);
    a.consult.answer = S("Never.");
    done(&r, "p2", &a, 1);
    done(&r, "p2", &a, 0);
    assert_int_equal(r.s->n_consultations, 8);
    tear_down(&r);
}

static void red_lines_of_seats(void **state)
{
    (void)state;
    struct room r;
    set_up_register(&r);
    struct pl_act a = *ACT(TAKE_POSITION, take_position, .paper = S("p"), .option = S("o3"),
                           .stance = PL_STANCE_OBJECT, .reason = S("R"), .red_line = S("Never"),
                           .visibility = PL_VISIBILITY_DELEGATION);
    done(&r, head_of(0), &a, 1);
    warned(&r, "o3", ""); /* not the chair's to see */
    a.take_position.visibility = PL_VISIBILITY_CHAIR;
    done(&r, head_of(0), &a, 1);
    warned(&r, "o3", "N!Never");
    a.take_position.visibility = PL_VISIBILITY_ALL;
    a.take_position.stance = PL_STANCE_RESERVATION;
    done(&r, head_of(1), &a, 1);
    warned(&r, "o3", "N!Never D!Never");
    a.take_position.stance = PL_STANCE_ACCEPT; /* what one accepts does not cross it */
    done(&r, head_of(1), &a, 1);
    warned(&r, "o3", "N!Never");
    tear_down(&r);
}

static void who_may_write(void **state)
{
    (void)state;
    struct room r;
    set_up_register(&r);
    const struct pl_act *ours = CONSULT("UKR", .answer = S("Yes."));
    const struct pl_act *theirs = CONSULT("RUS", .answer = S("No."));
    const struct pl_act *stated = STATED("UKR", "Land", CROSSED("o1"));
    done(&r, "p4", ours, 1); /* the invited party for itself */
    refused(&r, "p4", theirs, PL_EAUTH, "party", "You speak for another party.");
    refused(&r, "p4", stated, PL_EAUTH, "", "Only who presides or a rapporteur may enter this.");
    static const char *const why =
        "Only who presides, a rapporteur, or the party itself may enter this.";
    refused(&r, "p5", ours, PL_EAUTH, "", why);
    refused(&r, head_of(0), ours, PL_EAUTH, "", why);
    refused(&r, "p7", ours, PL_EAUTH, "", why);
    /* Of what does not touch it the party is told nothing, as if it were not there. */
    static const char *const none = "The paper has no such option.";
    refused(&r, "p4", CONSULT("UKR", ABOUT("o3")), PL_ENOENT, "options[0]", none);
    refused(&r, "p4", CONSULT("UKR", LINE("X"), CROSSED("o3")), PL_ENOENT, "crossed_by[0]", none);
    done(&r, "p2", ACT(PUT_PAPER, put_paper, .paper = S("q"), .item = S("i"), .title = S("Q")), 1);
    struct pl_act other = *CONSULT("UKR", .answer = S("Yes."));
    other.consult.paper = S("q");
    refused(&r, "p4", &other, PL_ENOENT, "paper", "There is no such options paper.");
    done(&r, "p3", &other, 1);
    done(&r, "p4", CONSULT("UKR", ABOUT("o2"), LINE("X"), CROSSED("o2")), 1);
    done(&r, NULL, CONSULT("UKR", .answer = S("Perhaps.")), 1);
    done(&r, "p1", theirs, 1);
    done(&r, "p3", stated, 1);
    done(&r, "p1", ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED), 1);
    refused(&r, "p1", ours, PL_ESTATE, "", "The session is closed.");
    refused(&r, "p3", stated, PL_ESTATE, "", "The session is closed.");
    tear_down(&r);
}

static void what_is_refused(void **state)
{
    (void)state;
    struct room r;
    set_up_register(&r);
    static const char *const line = "This must be one line, and not empty.",
                             *const text =
                                 "This must be a text without control characters, and not empty.";
    refused(&r, "p1", CONSULT("XXX", ABOUT("o1")), PL_ENOENT, "party",
            "There is no such outside party.");
    refused(&r, "p1", ACT(CONSULT, consult, .party = S("UKR"), .paper = S("x")), PL_ENOENT, "paper",
            "There is no such options paper.");
    refused(&r, "p1", CONSULT("UKR", ABOUT("o9")), PL_ENOENT, "options[0]",
            "The paper has no such option.");
    refused(&r, "p1", CONSULT("UKR", .options = {{S("o1")}, {S("o1")}}, .n_options = 2), PL_EINVAL,
            "options[1]", "This option stands there twice.");
    struct pl_act a = *CONSULT("UKR", ABOUT("o1"));
    a.consult.asked_by = S("");
    refused(&r, "p1", &a, PL_EINVAL, "asked_by", line);
    a = *CONSULT("UKR", ABOUT("o1"));
    a.consult.channel = S("two\nlines");
    refused(&r, "p1", &a, PL_EINVAL, "channel", line);
    a = *CONSULT("UKR", ABOUT("o1"));
    a.consult.asked_at = r.now + 60001; /* a clock that is ahead by a minute is borne */
    refused(&r, "p1", &a, PL_EINVAL, "asked_at", "The party was asked in the past, not later.");
    a.consult.asked_at--;
    done(&r, "p1", &a, 1);
    refused(&r, "p1", CONSULT("UKR", .answer = S("")), PL_EINVAL, "answer", text);
    refused(&r, "p1", CONSULT("UKR", .red_line = S("X")), PL_EINVAL, "red_line_source",
            "A red line needs its source.");
    refused(&r, "p1", CONSULT("UKR", .red_line_source = S("X")), PL_EINVAL, "red_line",
            "A source needs its red line.");
    refused(&r, "p1", CONSULT("UKR", .red_line = S(""), .red_line_source = S("X")), PL_EINVAL,
            "red_line", text);
    refused(&r, "p1", CONSULT("UKR", .red_line = S("X"), .red_line_source = S("")), PL_EINVAL,
            "red_line_source", line);
    refused(&r, "p1", CONSULT("UKR", CROSSED("o1")), PL_EINVAL, "crossed_by",
            "Without a red line nothing crosses it.");
    refused(&r, "p1", CONSULT("UKR", LINE("X"), CROSSED("o9")), PL_ENOENT, "crossed_by[0]",
            "The paper has no such option.");
    refused(&r, "p1", CONSULT("UKR", ABOUT("o1"), LINE("X"), CROSSED("o2")), PL_EINVAL,
            "crossed_by[0]", "The entry is not about this option.");
    refused(&r, "p1", STATED("XXX", "X", CROSSED("o1")), PL_ENOENT, "party",
            "There is no such outside party.");
    refused(&r, "p1", STATED("RUS", "", CROSSED("o1")), PL_EINVAL, "red_line", text);
    a = *STATED("RUS", "X", CROSSED("o1"));
    a.state_red_line.source = S("");
    refused(&r, "p1", &a, PL_EINVAL, "source", line);
    refused(&r, "p1", STATED("RUS", "X", CROSSED("o9")), PL_ENOENT, "crossed_by[0]",
            "The paper has no such option.");
    a = *STATED("RUS", "X", CROSSED("o1"));
    a.state_red_line.paper = S("x");
    refused(&r, "p1", &a, PL_ENOENT, "paper", "There is no such options paper.");
    tear_down(&r);
}

static void as_many_as_there_can_be(void **state)
{
    (void)state;
    struct room r;
    set_up_register(&r);
    for (int i = 0; i < PL_CONSULTATIONS_MAX; i++) {
        char red[16];
        snprintf(red, sizeof red, "%d", i);
        done(&r, "p1", STATED("RUS", red, CROSSED("o3")), 1);
        struct pl_act_warning w[PL_WARNINGS_MAX];
        if (i >= PL_WARNINGS_MAX + 1)
            continue;
        const struct pl_paper *p = paper(&r, "p");
        size_t want = i < PL_WARNINGS_MAX ? (size_t)i + 1 : PL_WARNINGS_MAX;
        assert_int_equal(pl_meeting_warnings(r.m, p, option(p, "o3"), w), want);
    }
    refused(&r, "p1", CONSULT("UKR", ABOUT("o1")), PL_ELIMIT, "",
            "The register has at most 1000 entries.");
    refused(&r, "p1", STATED("RUS", "X", CROSSED("o1")), PL_ELIMIT, "",
            "The register has at most 1000 entries.");
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_entry_counts),   cmocka_unit_test(red_lines),
        cmocka_unit_test(red_lines_of_seats),      cmocka_unit_test(twice),
        cmocka_unit_test(who_may_write),           cmocka_unit_test(what_is_refused),
        cmocka_unit_test(as_many_as_there_can_be),
    };
    return cmocka_run_group_tests_name("consult", tests, NULL, NULL);
}
