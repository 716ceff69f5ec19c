/* Acts that are signed: what stands in the signed text, and every way in which it may differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "decisions.h"
#include "signal/signed.h"

#define DECISION_HASH "fac45c4c4fa3a7e4" /* any text: hashes are made in other tests */

static const char meeting[] = "M";

static enum pl_err match(const struct pl_act *act, const char *hash, const char **why)
{
    const struct pl_signed_claim claim = {
        .meeting = S(meeting), .person = S("p9"), .act = act, .text = hash};
    return pl_signed_matches(&claim, why);
}

/* The claim is good, or refused with these words. */
static void assert_matches(const struct pl_signed_claim *claim, bool good, const char *words)
{
    const char *why = "";
    assert_int_equal(pl_signed_matches(claim, &why), good ? PL_OK : PL_EINVAL);
    if (!good)
        assert_non_null(strstr(why, words));
}

static void holds(const struct pl_act *act, const char *hash)
{
    const char *why;
    if (match(act, hash, &why) != PL_OK)
        fail_msg("%s", why);
}

static void differs(const struct pl_act *act, const char *hash, const char *want)
{
    const char *why;
    assert_int_equal(match(act, hash, &why), PL_EINVAL);
    assert_string_equal(why, want);
}

#define VOTE(text)                                                                                 \
    (&(struct pl_act){                                                                             \
        .type = PL_ACT_VOTE,                                                                       \
        .vote = {                                                                                  \
            .decision = S("d"), .version = 2, .choice = PL_CHOICE_YES, .signed_text = S(text)}})
#define OTHER "What was signed says something else than the act."

static void a_vote_says_what_was_signed(void **state)
{
    (void)state;
    const char *hash = DECISION_HASH;
    holds(VOTE("{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"vote\",\"decision\":\"d\","
               "\"version\":2,"
               "\"choice\":\"yes\",\"text\":\"" DECISION_HASH "\",\"time\":5}"),
          hash);
    struct {
        const char *text, *why;
    } rows[] = {
        {"", "What was signed is no JSON object."},
        {"[]", "What was signed is no JSON object."},
        {"{\"person\":\"p9\"}", "What was signed is of another meeting."},
        {"{\"meeting\":\"N\",\"person\":\"p9\",\"act\":\"vote\",\"decision\":\"d\",\"version\":2,"
         "\"choice\":\"yes\",\"text\":\"" DECISION_HASH "\",\"time\":5}",
         "What was signed is of another meeting."},
        {"{\"meeting\":\"M\",\"person\":\"p8\",\"act\":\"vote\",\"decision\":\"d\",\"version\":2,"
         "\"choice\":\"yes\",\"text\":\"" DECISION_HASH "\",\"time\":5}",
         "What was signed is another person's."},
        {"{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"vote\",\"decision\":\"d\",\"version\":2,"
         "\"choice\":\"yes\",\"text\":\"00\",\"time\":5}",
         "What was signed is on another text; read it again."},
        {"{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"vote\",\"decision\":\"d\",\"version\":2,"
         "\"choice\":\"yes\",\"text\":\"" DECISION_HASH "\"}",
         "What was signed has no time."},
        {"{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"vote\",\"decision\":\"d\",\"version\":2,"
         "\"choice\":\"no\",\"text\":\"" DECISION_HASH "\",\"time\":5}",
         OTHER},
        {"{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"vote\",\"decision\":\"d\",\"version\":3,"
         "\"choice\":\"yes\",\"text\":\"" DECISION_HASH "\",\"time\":5}",
         OTHER},
        {"{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"vote\",\"decision\":\"e\",\"version\":2,"
         "\"choice\":\"yes\",\"text\":\"" DECISION_HASH "\",\"time\":5}",
         OTHER},
        {"{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"take_position\",\"decision\":\"d\","
         "\"version\":2,"
         "\"choice\":\"yes\",\"text\":\"" DECISION_HASH "\",\"time\":5}",
         OTHER},
        {"{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"vote\",\"decision\":\"d\",\"version\":2,"
         "\"choice\":\"yes\",\"statement\":\"But.\",\"text\":\"" DECISION_HASH "\",\"time\":5}",
         OTHER},
        {"{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"vote\",\"decision\":\"d\",\"version\":2,"
         "\"choice\":\"yes\",\"more\":1,\"text\":\"" DECISION_HASH "\",\"time\":5}",
         OTHER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        differs(VOTE(rows[i].text), hash, rows[i].why);
    struct pl_act unsigned_vote = vote("d", 2, PL_CHOICE_YES);
    differs(&unsigned_vote, hash, "What was signed is no JSON object.");
}

static void a_vote_is_of_one_call(void **state)
{
    (void)state;
    static const struct {
        const char *since;
        bool unbound, good;
    } rows[] = {
        {",\"since\":7", false, true},
        {",\"since\":7", true, true},
        {",\"since\":6", false, false},
        {",\"since\":6", true, false},
        {",\"since\":\"7\"", true, false},
        {",\"since\":7.5", true, false},
        {"", false, false},
        {"", true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[300];
        snprintf(text, sizeof text,
                 "{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"vote\",\"decision\":\"d\","
                 "\"version\":2,\"choice\":\"yes\",\"text\":\"00\",\"time\":5%s}",
                 rows[i].since);
        const struct pl_act act = {
            .type = PL_ACT_VOTE,
            .vote = {.decision = S("d"),
                     .version = 2,
                     .choice = PL_CHOICE_YES,
                     .signed_text = pl_str(text)},
        };
        const struct pl_signed_claim claim = {.meeting = S(meeting),
                                              .person = S("p9"),
                                              .act = &act,
                                              .text = "00",
                                              .since = 7,
                                              .unbound = rows[i].unbound};
        assert_matches(&claim, rows[i].good, "is of another call");
    }
}

static void a_correction_is_of_one_event(void **state)
{
    (void)state;
    static const struct {
        const char *leaf;
        bool unbound, good;
    } rows[] = {
        {",\"leaf\":\"AA==\"", false, true},
        {",\"leaf\":\"AA==\"", true, true},
        {",\"leaf\":\"AQ==\"", false, false},
        {",\"leaf\":\"AQ==\"", true, false},
        {",\"leaf\":7", true, false},
        {",\"leaf\":\"\"", true, false},
        {"", false, false},
        {"", true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[300];
        snprintf(text, sizeof text,
                 "{\"meeting\":\"M\",\"person\":\"p9\",\"act\":\"propose_correction\",\"event\":3,"
                 "\"language\":\"EN\",\"text\":\"So.\"%s,\"time\":5}",
                 rows[i].leaf);
        const struct pl_act act = {
            .type = PL_ACT_PROPOSE_CORRECTION,
            .propose_correction = {.event = 3,
                                   .language = S("EN"),
                                   .text = S("So."),
                                   .signed_text = pl_str(text)},
        };
        const struct pl_signed_claim claim = {.meeting = S(meeting),
                                              .person = S("p9"),
                                              .act = &act,
                                              .text = "",
                                              .leaf = "AA==",
                                              .unbound = rows[i].unbound};
        assert_matches(&claim, rows[i].good, "corrects another event");
    }
}

static void acts_that_are_not_signed_have_nothing_to_compare(void **state)
{
    (void)state;
    struct pl_str text, signature;
    const struct pl_act *mute = ACT(MUTE, mute, .participant = S("p2"));
    assert_false(pl_act_signed(mute, &text, &signature));
    differs(mute, "", "What was signed is no JSON object.");
}

/* In hexadecimal, of n bytes. */
static const char *hash_of(const void *bytes, size_t n)
{
    static char out[PL_TEXT_HASH_SIZE];
    uint8_t sum[PL_SHA256_SIZE];
    pl_sha256(bytes, n, sum);
    pl_hex(sum, sizeof sum, out);
    return out;
}

static void a_vote_is_on_the_decision_s_texts(void **state)
{
    (void)state;
    struct room r;
    char hash[PL_TEXT_HASH_SIZE];
    static const char texts[] = "EN\nWe decide.\0FR\nNous décidons."; /* and its zero */
    set_up_all(&r, 2);
    struct pl_act a = draft("d", by_rule(PL_PROCEDURE_SIMPLE)), c = call("d", 1);
    done(&r, "p1", &a, 1);
    done(&r, "p1", &c, 1);
    struct pl_act yes = vote("d", 1, PL_CHOICE_YES);
    assert_int_equal(pl_meeting_text(r.m, &yes, hash), PL_OK);
    assert_string_equal(hash, hash_of(texts, sizeof texts));
    assert_int_not_equal(pl_meeting_since(r.m, &yes), 0);
    yes.vote.version = 2;
    assert_int_equal(pl_meeting_text(r.m, &yes, hash), PL_ENOENT);
    yes.vote.decision = S("e");
    assert_int_equal(pl_meeting_text(r.m, &yes, hash), PL_ENOENT);
    assert_int_equal(pl_meeting_text(r.m, ACT(END_FLOOR, end_floor, ), hash), PL_OK);
    assert_string_equal(hash, "");
    tear_down(&r);
}

static void a_position_is_on_the_option_with_its_questions(void **state)
{
    (void)state;
    struct room r;
    char hash[PL_TEXT_HASH_SIZE];
    static const char text[] = "Now\0Cost?\nMuch."; /* and its zero */
    set_up_all(&r, 2);
    struct pl_act paper = {.type = PL_ACT_PUT_PAPER,
                           .put_paper = {.paper = S("o"),
                                         .item = S("i"),
                                         .title = S("Options"),
                                         .questions = {{S("cost"), S("Cost?")}},
                                         .n_questions = 1}};
    struct pl_act put = {.type = PL_ACT_PUT_OPTION,
                         .put_option = {.paper = S("o"),
                                        .option = S("a"),
                                        .title = S("Now"),
                                        .answers = {{S("cost"), S("Much.")}},
                                        .n_answers = 1}};
    done(&r, "p1", &paper, 1);
    done(&r, "p1", &put, 1);
    struct pl_act position = {.type = PL_ACT_TAKE_POSITION,
                              .take_position = {.paper = S("o"), .option = S("a")}};
    assert_int_equal(pl_meeting_text(r.m, &position, hash), PL_OK);
    assert_string_equal(hash, hash_of(text, sizeof text));
    paper.put_paper.questions[0].text = S("At what cost?");
    done(&r, "p1", &paper, 1);
    assert_int_equal(pl_meeting_text(r.m, &position, hash), PL_OK);
    assert_string_not_equal(hash, hash_of(text, sizeof text));
    position.take_position.option = S("b");
    assert_int_equal(pl_meeting_text(r.m, &position, hash), PL_ENOENT);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vote_says_what_was_signed),
        cmocka_unit_test(a_vote_is_of_one_call),
        cmocka_unit_test(a_correction_is_of_one_event),
        cmocka_unit_test(acts_that_are_not_signed_have_nothing_to_compare),
        cmocka_unit_test(a_vote_is_on_the_decision_s_texts),
        cmocka_unit_test(a_position_is_on_the_option_with_its_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
