/* The further groups of an encrypted meeting: who is told of them, whom they take, when they begin
 * and end. What one group does is in test_group.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "groups.h"

#define ENCRYPTED                                                                                  \
    "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"required\",\"lobby\":false,\"seats\":[{" \
    "\"id\":\"NOR\",\"name\":\"Norway\",\"country\":\"NO\"},{\"id\":\"SWE\",\"name\":\"Sweden\","  \
    "\"country\":\"SE\"}],\"people\":["                                                            \
    "{\"name\":\"Chair\",\"role\":\"chair\"},"                                                     \
    "{\"name\":\"Ann\",\"role\":\"delegate\",\"seat\":\"NOR\"},"                                   \
    "{\"name\":\"Bob\",\"role\":\"adviser\",\"seat\":\"NOR\"},"                                    \
    "{\"name\":\"Swe\",\"role\":\"delegate\",\"seat\":\"SWE\"}]}"

enum { CHAIR, ANN, BOB, SWE };

#define SEAT "\"group\":\"seat:NOR\""
#define PACKAGE(group) "{\"type\":\"key_package\",\"group\":\"" group "\",\"package\":\"a2V5\"}"
#define CREATE(group)                                                                              \
    "{\"type\":\"group_create\",\"group\":\"" group                                                \
    "\",\"id\":\"Z3JvdXA\",\"group_info\":\"aW5mbw\"}"
#define TOLD_SEAT "{\"type\":\"group\"," SEAT

static bool there_are_further_groups(struct fixture *f)
{
    return !pl_list_empty(&conference(f)->groups);
}

/* All are in the room, and nobody in the meeting's group. */
static void set_up_room(struct fixture *f)
{
    set_up(f, ENCRYPTED);
    for (size_t i = CHAIR; i <= SWE; i++)
        come(f, i);
    look_away(f);
}

/* Ann and Bob are in the delegation's group, in epoch 1. */
static void set_up_delegation(struct fixture *f)
{
    struct browser *ann = &f->browsers[ANN], *bob = &f->browsers[BOB];
    set_up_room(f);
    say_now(ann, CREATE("seat:NOR"));
    say_ack_to(ann, "seat:NOR", 0);
    say_now(bob, PACKAGE("seat:NOR"));
    say_commit(ann,
               &(struct commit){
                   .group = "seat:NOR", .epoch = 0, .added = "{\"id\":\"p3\"}", .removed = ""});
    say_ack_to(ann, "seat:NOR", 1);
    say_ack_to(bob, "seat:NOR", 1);
    pass(f, PL_GROUP_SWITCH);
}

static void a_delegation_has_a_group_and_nobody_else_hears_of_it(void **state)
{
    (void)state;
    struct fixture f;
    set_up_room(&f);
    struct browser *ann = &f.browsers[ANN], *bob = &f.browsers[BOB];
    assert_false(there_are_further_groups(&f));
    say_now(ann, CREATE("seat:NOR"));
    HEARD(ann, TOLD_SEAT ",\"id\":\"Z3JvdXA\",\"epoch\":0,\"committer\":true,\"member\":true}");
    HEARD(bob, TOLD_SEAT ",\"id\":\"Z3JvdXA\",\"epoch\":0,\"committer\":false,\"member\":false}");
    say_now(bob, PACKAGE("seat:NOR"));
    HEARD(ann, "{\"type\":\"group_work\"," SEAT ",\"epoch\":0,\"add\":[{\"participant\":\"p3\",");
    say_commit(ann,
               &(struct commit){
                   .group = "seat:NOR", .epoch = 0, .added = "{\"id\":\"p3\"}", .removed = ""});
    HEARD(ann, "{\"type\":\"handshake\"," SEAT);
    HEARD(bob, "{\"type\":\"group_welcome\"," SEAT ",\"epoch\":1");
    say_ack_to(bob, "seat:NOR", 1);
    say_sealed_to(bob, "seat:NOR", 1);
    HEARD(ann, "{\"type\":\"sealed\"," SEAT ",\"by\":\"p3\",\"epoch\":1,");
    HEARD(bob, "{\"type\":\"sealed\"," SEAT);
    pass(&f, 2 * PL_SECOND);
    HEARD_NOT(&f.browsers[CHAIR], "seat:NOR");
    HEARD_NOT(&f.browsers[SWE], "seat:NOR");
    tear_down(&f);
}

static void a_note_is_between_the_chair_and_a_delegation(void **state)
{
    (void)state;
    struct fixture f;
    set_up_room(&f);
    say_now(&f.browsers[CHAIR], CREATE("note:NOR"));
    for (size_t i = CHAIR; i <= BOB; i++)
        HEARD(&f.browsers[i], "{\"type\":\"group\",\"group\":\"note:NOR\",\"id\":\"Z3JvdXA\"");
    HEARD_NOT(&f.browsers[SWE], "note:NOR");
    /* The same MLS group id does not make it the same group. */
    say_now(&f.browsers[SWE], CREATE("note:SWE"));
    say_now(&f.browsers[CHAIR], PACKAGE("note:SWE"));
    HEARD(&f.browsers[SWE], "{\"type\":\"group_work\",\"group\":\"note:SWE\"");
    HEARD_NOT(&f.browsers[CHAIR], "group_work");
    tear_down(&f);
}

static void who_is_not_of_the_circle_has_no_part_in_it(void **state)
{
    (void)state;
    struct fixture f;
    set_up_delegation(&f);
    struct browser *chair = &f.browsers[CHAIR], *ann = &f.browsers[ANN];
    static const char *const messages[] = {
        PACKAGE("seat:NOR"),
        CREATE("seat:NOR"),
        CREATE("seat:SWE"),
        "{\"type\":\"group_resync\"," SEAT "}",
        "{\"type\":\"group_ack\"," SEAT ",\"epoch\":1}",
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        look_away(&f);
        say_now(chair, messages[i]);
        REFUSED(chair, "forbidden", "You are not one of those whose group this is.");
        HEARD_NOT(chair, TOLD_SEAT);
        HEARD_NOT(ann, "seat:NOR");
    }
    look_away(&f);
    say_sealed_to(chair, "seat:NOR", 1);
    say_commit(chair,
               &(struct commit){.group = "seat:NOR", .epoch = 1, .added = "", .removed = ""});
    HEARD_NOT(ann, "seat:NOR");
    say_now(&f.browsers[SWE], CREATE("note:NOR"));
    REFUSED(&f.browsers[SWE], "forbidden", "You are not one of those whose group this is.");
    say_now(chair, CREATE("note:DEN"));
    REFUSED(chair, "unknown", "There is no such group.");
    tear_down(&f);
}

static void it_says_nothing_of_media(void **state)
{
    (void)state;
    struct fixture f;
    set_up_delegation(&f);
    struct browser *ann = &f.browsers[ANN];
    say_now(ann, OFFER_ALL);
    say_now(ann, MEDIA_ON);
    FORWARDS(last_peer(&f), false, false); /* she is not in the meeting's group */
    assert_true(last_peer(&f)->deaf);
    say_now(ann, CREATE("meeting"));
    FORWARDS(last_peer(&f), true, true);
    assert_false(last_peer(&f)->deaf);
    say_now(ann, PACKAGE("seat:NOR")); /* lost her place there, not here */
    HEARD(&f.browsers[BOB], "\"remove\":[{\"id\":\"p2\"}]");
    FORWARDS(last_peer(&f), true, true);
    assert_false(last_peer(&f)->deaf);
    tear_down(&f);
}

static void it_begins_with_a_group_and_with_nothing_else(void **state)
{
    (void)state;
    struct fixture f;
    set_up_room(&f);
    struct browser *ann = &f.browsers[ANN];
    say_now(ann, PACKAGE("seat:NOR"));
    REFUSED(ann, "state", "There is no group yet.");
    say_ack_to(ann, "seat:NOR", 0);
    say_now(ann, "{\"type\":\"group_create\"," SEAT ",\"id\":\"!\",\"group_info\":\"AA\"}");
    HEARD(ann, "\"field\":\"id\"");
    assert_false(there_are_further_groups(&f));
    tear_down(&f);
}

static void it_ends_when_nobody_is_in_it(void **state)
{
    (void)state;
    struct fixture f;
    set_up_delegation(&f);
    struct browser *ann = &f.browsers[ANN], *bob = &f.browsers[BOB];
    say_now(ann, "{\"type\":\"leave\"}");
    HEARD(bob, "\"remove\":[{\"id\":\"p2\"}]");
    assert_true(there_are_further_groups(&f));
    come(&f, ANN);
    say_now(ann, PACKAGE("seat:NOR"));
    look_away(&f);
    say_now(bob, "{\"type\":\"leave\"}");
    HEARD(ann,
          TOLD_SEAT ",\"epoch\":0,\"committer\":false,\"member\":false}"); /* to begin another */
    assert_false(there_are_further_groups(&f));
    say_now(ann, CREATE("seat:NOR"));
    HEARD(ann, "\"committer\":true");
    tear_down(&f);
}

/* Of the groups that one is of, that of the meeting is told last; the same page goes on in each. */
static void who_comes_is_told_of_the_groups_there_are(void **state)
{
    (void)state;
    struct fixture f;
    set_up_delegation(&f);
    struct browser *ann = &f.browsers[ANN], *bob = &f.browsers[BOB];
    hang_up(bob);
    say_sealed_to(ann, "seat:NOR", 1);
    come(&f, BOB);
    const char *seat = strstr(bob->heard.data, TOLD_SEAT ",\"id\":\"Z3JvdXA\",\"epoch\":1");
    assert_non_null(seat);
    assert_non_null(strstr(seat, "{\"type\":\"sealed\"," SEAT ",\"by\":\"p2\""));
    assert_non_null(strstr(seat, "{\"type\":\"group\",\"group\":\"meeting\""));
    assert_null(strstr(strstr(seat, "\"group\":\"meeting\""), TOLD_SEAT));
    hang_up(bob);
    look_away(&f);
    join_as(&f, BOB, "3", "another");
    HEARD(bob, TOLD_SEAT);
    HEARD_NOT(bob, "\"type\":\"sealed\"");
    HEARD(ann, "\"remove\":[{\"id\":\"p3\"}]");
    join_as(&f, SWE, "4", "another");
    HEARD_NOT(&f.browsers[SWE], "seat:NOR");
    tear_down(&f);
}

static void who_is_removed_is_out_of_all(void **state)
{
    (void)state;
    struct fixture f;
    set_up_delegation(&f);
    say_now(&f.browsers[CHAIR], "{\"type\":\"remove\",\"participant\":\"p3\"}");
    HEARD(&f.browsers[ANN],
          "{\"type\":\"group_work\"," SEAT ",\"epoch\":1,\"add\":[],\"remove\":[{\"id\":\"p3\"}]}");
    look_away(&f);
    say_sealed_to(&f.browsers[ANN], "seat:NOR", 1);
    HEARD_NOT(&f.browsers[BOB], "seat:NOR");
    tear_down(&f);
}

static void it_keeps_less_than_that_of_the_meeting(void **state)
{
    (void)state;
    struct fixture f;
    set_up_delegation(&f);
    struct browser *ann = &f.browsers[ANN], *bob = &f.browsers[BOB];
    hang_up(bob);
    static char text[20000], message[16385];
    const char *start = message_of(PL_MLS_PRIVATE_MESSAGE, 1, 0, PL_MLS_APPLICATION, "group");
    memset(message, 'A', sizeof message - 1);
    memcpy(message, start, strlen(start));
    snprintf(text, sizeof text, "{\"type\":\"sealed\"," SEAT ",\"epoch\":1,\"message\":\"%s\"}",
             message);
    for (unsigned i = 0; i < 5; i++)
        say_now(ann, text);
    pl_buf_clear(&bob->heard);
    come(&f, BOB);
    size_t n = 0;
    for (const char *at = bob->heard.data; (at = strstr(at, "\"type\":\"sealed\"")); at++)
        n++;
    assert_int_equal(n, PL_GROUP_SEALED_BYTES / PL_GROUP_PART / 16384 - 1); /* frames count too */
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delegation_has_a_group_and_nobody_else_hears_of_it),
        cmocka_unit_test(a_note_is_between_the_chair_and_a_delegation),
        cmocka_unit_test(who_is_not_of_the_circle_has_no_part_in_it),
        cmocka_unit_test(it_says_nothing_of_media),
        cmocka_unit_test(it_begins_with_a_group_and_with_nothing_else),
        cmocka_unit_test(it_ends_when_nobody_is_in_it),
        cmocka_unit_test(who_comes_is_told_of_the_groups_there_are),
        cmocka_unit_test(who_is_removed_is_out_of_all),
        cmocka_unit_test(it_keeps_less_than_that_of_the_meeting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
