/* The delivery service of an encrypted meeting, from its edges: who is added, whose commit counts,
 * who commits when the committer is gone, whose media is forwarded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "groups.h"

#define ENCRYPTED                                                                                  \
    "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"required\",\"lobby\":false,\"seats\":[{" \
    "\"id\":\"NOR\",\"name\":\"Norway\",\"country\":\"NO\"}],\"people\":["                         \
    "{\"name\":\"Chair\",\"role\":\"chair\"},"                                                     \
    "{\"name\":\"Ann\",\"role\":\"delegate\",\"seat\":\"NOR\"},"                                   \
    "{\"name\":\"Bob\",\"role\":\"delegate\",\"seat\":\"NOR\"},"                                   \
    "{\"name\":\"Cem\",\"role\":\"delegate\",\"seat\":\"NOR\"}]}"

#define GROUP "\"group\":\"meeting\""
#define GROUP_ID "Z3JvdXA" /* "group" */
#define PACKAGE "{\"type\":\"key_package\"," GROUP ",\"package\":\"a2V5\"}"
#define CREATE                                                                                     \
    "{\"type\":\"group_create\"," GROUP ",\"id\":\"" GROUP_ID "\",\"group_info\":\"aW5mbw\"}"
#define RESYNC "{\"type\":\"group_resync\"," GROUP "}"

/* The chair made the group; the first n people are in it, in epoch n - 1, and have its keys. */
static void set_up_group(struct fixture *f, unsigned n)
{
    static const char *const ids[] = {ID("p1"), ID("p2"), ID("p3"), ID("p4")};
    set_up(f, ENCRYPTED);
    struct browser *chair = come(f, 0);
    say_now(chair, CREATE);
    say_ack(chair, 0);
    for (unsigned i = 1; i < n; i++) {
        struct browser *b = come(f, i);
        say_now(b, PACKAGE);
        say_commit(chair, &(struct commit){.epoch = i - 1, .added = ids[i], .removed = ""});
        for (unsigned k = 0; k <= i; k++)
            say_ack(&f->browsers[k], i);
    }
    pass(f, PL_GROUP_SWITCH);
    look_away(f);
}

static void the_first_creates_and_the_next_is_welcomed(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, ENCRYPTED);
    struct browser *chair = come(&f, 0), *ann = come(&f, 1);
    HEARD(chair, "{\"type\":\"group\"," GROUP ",\"epoch\":0,\"committer\":false,\"member\":false}");
    HEARD(ann, "{\"type\":\"group\"," GROUP ",\"epoch\":0,\"committer\":false,\"member\":false}");
    look_away(&f);
    say_now(chair, CREATE);
    HEARD(chair, "{\"type\":\"group\"," GROUP ",\"id\":\"" GROUP_ID
                 "\",\"epoch\":0,\"committer\":true,\"member\":true}");
    HEARD(ann, "{\"type\":\"group\"," GROUP ",\"id\":\"" GROUP_ID
               "\",\"epoch\":0,\"committer\":false,\"member\":false}");
    HEARD_NOT(chair, "group_work");
    look_away(&f);
    /* Another one comes too late. */
    say_now(ann,
            "{\"type\":\"group_create\"," GROUP ",\"id\":\"b3RoZXI\",\"group_info\":\"aW5mbw\"}");
    assert_string_equal(ann->heard.data, "{\"type\":\"group\"," GROUP ",\"id\":\"" GROUP_ID
                                         "\",\"epoch\":0,\"committer\":false,\"member\":false}\n");
    say_now(ann, PACKAGE);
    HEARD(chair, "{\"type\":\"group_work\"," GROUP ",\"epoch\":0,\"add\":[{\"participant\":\"p2\","
                 "\"package\":\"a2V5\"}],\"remove\":[]}");
    look_away(&f);
    say_commit(chair, &(struct commit){.epoch = 0, .added = ID("p2"), .removed = ""});
    HEARD(chair, "{\"type\":\"handshake\"," GROUP
                 ",\"sequence\":1,\"epoch\":0,\"by\":\"p1\",\"commit\":\"");
    HEARD_NOT(ann, "handshake"); /* it was not a member */
    HEARD(ann, "{\"type\":\"group_welcome\"," GROUP
               ",\"epoch\":1,\"welcome\":\"d2VsY29tZQ\",\"by\":\"p1\"}");
    HEARD_NOT(chair, "group_welcome");
    HEARD_NOT(chair, "group_work"); /* nothing waits */
    pass(&f, PL_SECOND);
    look_away(&f);
    say_ack(chair, 1);
    pass(&f, PL_GROUP_STATE_EVERY);
    HEARD(ann, "{\"type\":\"group_state\"," GROUP ",\"epoch\":1,\"acked\":1,\"of\":2}");
    say_ack(ann, 1);
    HEARD(chair, "{\"type\":\"group_state\"," GROUP ",\"epoch\":1,\"acked\":2,\"of\":2}");
    tear_down(&f);
}

static void one_commit_of_an_epoch_counts(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 3);
    struct browser *chair = &f.browsers[0], *ann = &f.browsers[1], *bob = &f.browsers[2];
    say_commit(ann, &(struct commit){.epoch = 2, .added = "", .removed = ""});
    say_commit(chair, &(struct commit){.epoch = 2, .added = "", .removed = ""});
    HEARD(bob, "\"sequence\":3,\"epoch\":2,\"by\":\"p2\"");
    HEARD(ann, "\"sequence\":3,\"epoch\":2,\"by\":\"p2\"");
    HEARD_NOT(bob, "\"by\":\"p1\"");
    HEARD_NOT(bob, "commit_refused");
    /* The loser has had the other one before it is told. */
    const char *handshake = strstr(chair->heard.data, "\"type\":\"handshake\"");
    const char *refused =
        strstr(chair->heard.data, "{\"type\":\"commit_refused\"," GROUP ",\"epoch\":3}");
    assert_non_null(handshake);
    assert_non_null(refused);
    assert_true(handshake < refused);
    look_away(&f);
    say_commit(chair, &(struct commit){.epoch = 9, .added = "", .removed = ""}); /* not there yet */
    HEARD(chair, "\"commit_refused\"");
    HEARD_NOT(ann, "handshake");
    tear_down(&f);
}

static void what_is_no_commit_of_ours_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *chair = &f.browsers[0], *bob = come(&f, 2);
    static const struct {
        struct commit commit;
        const char *answer;
    } rows[] = {
        {{.epoch = 1, .added = "", .removed = "", .group_id = "gruop"},
         "\"code\":\"invalid\",\"message\":\"This is no commit of this group and "
         "epoch.\",\"field\":"
         "\"commit\",\"of\":\"commit\""},
        {{.epoch = 1, .added = "", .removed = "", .inner_epoch = 2}, "\"field\":\"commit\""},
        {{.epoch = 1, .added = "", .removed = "", .sender = PL_MLS_EXTERNAL},
         "\"code\":\"forbidden\""},
        {{.epoch = 1, .added = ID("p3"), .removed = ""},
         "\"code\":\"unknown\",\"message\":\"Nobody of this id waits to be added.\",\"field\":"
         "\"added[0].id\""},
        {{.epoch = 1, .added = "", .removed = ID("p2")},
         "\"code\":\"unknown\",\"message\":\"Nobody of this id has left.\",\"field\":"
         "\"removed[0].id\""},
        {{.epoch = 1, .added = ID("p3"), .removed = "", .no_welcome = true},
         "\"field\":\"welcome\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        look_away(&f);
        say_commit(chair, &rows[i].commit);
        HEARD(chair, rows[i].answer);
        HEARD_NOT(&f.browsers[1], "handshake");
    }
    look_away(&f);
    say_now(bob, PACKAGE);
    say_commit(chair, &(struct commit){.epoch = 1, .added = ID("p3") "," ID("p3"), .removed = ""});
    HEARD(chair, "\"message\":\"They are there twice.\",\"field\":\"added[1].id\"");
    say_now(chair,
            "{\"type\":\"commit\"," GROUP ",\"epoch\":1,\"commit\":\"!\",\"group_info\":\"AA\","
            "\"added\":[],\"removed\":[]}");
    HEARD(chair, "\"field\":\"commit\"");
    tear_down(&f);
}

static void who_is_no_member_gets_nothing(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *ann = &f.browsers[1], *bob = come(&f, 2);
    look_away(&f);
    say_now(bob, RESYNC);
    REFUSED(bob, "forbidden", "Only members of the group may come back to it.");
    say_commit(bob,
               &(struct commit){
                   .epoch = 1, .added = "", .removed = "", .sender = PL_MLS_NEW_MEMBER_COMMIT});
    REFUSED(bob, "forbidden", "Only members of the group commit to it.");
    say_commit(bob, &(struct commit){.epoch = 0, .added = "", .removed = ""});
    say_ack(bob, 1);
    say_sealed(bob, 1);
    REFUSED(bob, "forbidden", "You are not a member of the group.");
    HEARD_NOT(bob, "commit_refused");
    HEARD_NOT(bob, "aW5mbw");
    say_sealed(ann, 1);
    HEARD_NOT(bob, "sealed\",\"group");
    HEARD_NOT(ann, "handshake");
    tear_down(&f);
}

static void a_member_comes_back_by_an_external_commit(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *chair = &f.browsers[0], *ann = &f.browsers[1];
    say_now(ann, RESYNC);
    HEARD(ann, "{\"type\":\"group_info\"," GROUP ",\"epoch\":1,\"group_info\":\"aW5mbzI\"}");
    say_commit(ann,
               &(struct commit){
                   .epoch = 1, .added = "", .removed = "", .sender = PL_MLS_NEW_MEMBER_COMMIT});
    HEARD(chair, "\"sequence\":2,\"epoch\":1,\"by\":\"p2\"");
    tear_down(&f);
}

static void other_groups_and_no_group_are_told_so(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, ENCRYPTED);
    struct browser *chair = come(&f, 0);
    say_ack(chair, 0);
    REFUSED(chair, "state", "There is no group yet.");
    say_now(chair, "{\"type\":\"key_package\",\"group\":\"seat:DEN\",\"package\":\"AA\"}");
    REFUSED(chair, "unknown", "There is no such group.");
    say_now(chair, "{\"type\":\"key_package\"," GROUP ",\"package\":\"A\"}");
    HEARD(chair, "\"field\":\"package\"");
    say_now(chair, "{\"type\":\"group_create\"," GROUP ",\"id\":\"\",\"group_info\":\"AA\"}");
    HEARD(chair, "\"field\":\"id\"");
    say_now(chair, "{\"type\":\"group_create\"," GROUP ",\"id\":\"AA\",\"group_info\":\"A A\"}");
    HEARD(chair, "\"field\":\"group_info\"");
    HEARD_NOT(chair, "committer\":true");
    look_away(&f);
    say_now(chair, CREATE);
    say_ack(chair, 1);
    HEARD(chair, "\"code\":\"invalid\",\"message\":\"The group has not come to this epoch yet.\","
                 "\"field\":\"epoch\"");
    say_now(chair, "{\"type\":\"chat\",\"text\":\"in clear\"}");
    REFUSED(chair, "state", "This meeting is encrypted: its texts are sealed.");
    HEARD_NOT(chair, "in clear");
    tear_down(&f);
}

static void the_next_commits_when_the_committer_does_not(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 3);
    struct browser *chair = &f.browsers[0], *ann = &f.browsers[1], *bob = &f.browsers[2];
    struct browser *cem = come(&f, 3);
    say_now(cem, PACKAGE);
    HEARD(chair, "group_work");
    pass(&f, PL_GROUP_HAND_OVER - 1);
    HEARD_NOT(ann, "group_work");
    pass(&f, 1);
    HEARD(chair, "\"committer\":false");
    HEARD(ann, "\"committer\":true");
    HEARD(ann, "group_work");
    HEARD_NOT(bob, "group_work");
    pass(&f, PL_GROUP_HAND_OVER);
    HEARD(bob, "group_work");
    look_away(&f);
    pass(&f, PL_GROUP_HAND_OVER); /* all were asked: from the first again */
    HEARD(chair, "group_work");
    HEARD_NOT(ann, "group_work");
    HEARD_NOT(cem, "\"type\":\"error\"");
    pass(&f, PL_GROUP_HAND_OVER); /* PL_GROUP_TRIES: nobody wants them */
    REFUSED(cem, "forbidden", "The members of the group did not add you.");
    look_away(&f);
    pass(&f, 10 * PL_SECOND);
    HEARD_NOT(chair, "group_work");
    HEARD_NOT(ann, "group_work");
    tear_down(&f);
}

static void the_next_commits_at_once_when_the_committer_is_gone(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 3);
    struct browser *chair = &f.browsers[0], *ann = &f.browsers[1], *bob = &f.browsers[2];
    say_now(chair, "{\"type\":\"leave\"}");
    HEARD(ann, "\"committer\":true");
    HEARD(ann, "{\"type\":\"group_work\"," GROUP
               ",\"epoch\":2,\"add\":[],\"remove\":[{\"id\":\"p1\"}]}");
    look_away(&f);
    say_commit(ann, &(struct commit){.epoch = 2, .added = "", .removed = ID("p1")});
    HEARD(bob, "\"removed\":[{\"id\":\"p1\"}]}");
    say_ack(ann, 3);
    look_away(&f);
    hang_up(ann); /* its participant waits for it, the group does not */
    pass(&f, 0);
    HEARD(bob, "\"committer\":true");
    HEARD_NOT(bob, "group_work");
    pass(&f, PL_GRACE);
    HEARD(bob, "\"remove\":[{\"id\":\"p2\"}]");
    tear_down(&f);
}

static void who_left_before_the_commit_is_removed_again(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *chair = &f.browsers[0], *bob = come(&f, 2);
    say_now(bob, PACKAGE);
    HEARD(chair, "\"add\":[{\"participant\":\"p3\"");
    say_now(bob, "{\"type\":\"leave\"}");
    look_away(&f);
    say_commit(chair, &(struct commit){.epoch = 1, .added = ID("p3"), .removed = ""});
    HEARD(chair, "\"type\":\"handshake\"");
    HEARD(chair, "{\"type\":\"group_work\"," GROUP
                 ",\"epoch\":2,\"add\":[],\"remove\":[{\"id\":\"p3\"}]}");
    /* They come again before that leaf is gone: it goes with the commit that adds them. */
    look_away(&f);
    bob = come(&f, 2);
    say_now(bob, PACKAGE);
    HEARD(chair, "\"package\":\"a2V5\"}],\"remove\":[{\"id\":\"p3\"}]}");
    say_commit(chair, &(struct commit){.epoch = 2, .added = ID("p3"), .removed = ""});
    HEARD(chair, "\"message\":\"They have a leaf of before, which is to be removed with this.\"");
    HEARD_NOT(bob, "group_welcome");
    say_commit(chair, &(struct commit){.epoch = 2, .added = ID("p3"), .removed = ID("p3")});
    HEARD(bob, "group_welcome");
    tear_down(&f);
}

static void a_package_is_good_for_one_commit_of_one_connection(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *chair = &f.browsers[0], *bob = come(&f, 2);
    say_now(bob, PACKAGE);
    hang_up(bob);
    look_away(&f);
    bob = come(&f, 2);
    say_now(&f.browsers[1], "{\"type\":\"leave\"}");
    HEARD(chair, "\"add\":[],\"remove\":[{\"id\":\"p2\"}]");
    say_now(bob, PACKAGE);
    look_away(&f);
    say_commit(chair, &(struct commit){.epoch = 1, .added = ID("p3"), .removed = ID("p2")});
    HEARD(bob, "group_welcome");
    look_away(&f);
    say_commit(chair, &(struct commit){.epoch = 2, .added = ID("p3"), .removed = ""});
    HEARD(chair, "Nobody of this id waits to be added.");
    tear_down(&f);
}

static void media_is_for_members(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 1);
    struct browser *chair = &f.browsers[0];
    say_now(chair, OFFER_ALL);
    say_now(chair, MEDIA_ON);
    struct fake_peer *of_chair = last_peer(&f);
    FORWARDS(of_chair, true, true);
    assert_false(of_chair->deaf);
    struct browser *ann = come(&f, 1);
    say_now(ann, OFFER_ALL);
    say_now(ann, MEDIA_ON);
    struct fake_peer *of_ann = last_peer(&f);
    FORWARDS(of_ann, false, false);
    assert_true(of_ann->deaf);
    say_now(ann, PACKAGE);
    say_commit(chair, &(struct commit){.epoch = 0, .added = ID("p2"), .removed = ""});
    FORWARDS(of_ann, false, false); /* it has no keys yet */
    pass(&f, 10 * PL_MS);
    look_away(&f);
    say_ack(ann, 1);
    FORWARDS(of_ann, true, true);
    HEARD(chair, "\"sources\":[{\"id\":");
    assert_true(of_ann->deaf); /* the others may still send with the keys of before, */
    say_ack(chair, 1);
    assert_false(of_ann->deaf); /* and do no longer */
    say_now(ann, "{\"type\":\"leave\"}");
    assert_true(of_ann->closed);
    tear_down(&f);
}

static void a_newcomer_hears_when_the_others_must_have_switched(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 1);
    struct browser *chair = &f.browsers[0], *ann = come(&f, 1);
    say_now(ann, OFFER_ALL);
    struct fake_peer *of_ann = last_peer(&f);
    say_now(ann, PACKAGE);
    say_commit(chair, &(struct commit){.epoch = 0, .added = ID("p2"), .removed = ""});
    say_ack(ann, 1); /* the chair does not say so */
    pass(&f, PL_GROUP_SWITCH - 1);
    assert_true(of_ann->deaf);
    pass(&f, 1);
    assert_false(of_ann->deaf);
    tear_down(&f);
}

/* The same page goes on with what it missed; another one begins anew. */
static void who_comes_back_is_told_what_was_missed(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 3);
    struct browser *chair = &f.browsers[0], *ann = &f.browsers[1];
    hang_up(ann);
    say_sealed(chair, 2);
    say_commit(chair, &(struct commit){.epoch = 2, .added = "", .removed = ""});
    say_sealed(chair, 3);
    ann = come(&f, 1);
    const char *group =
        strstr(ann->heard.data, "{\"type\":\"group\"," GROUP ",\"id\":\"" GROUP_ID
                                "\",\"epoch\":3,\"committer\":false,\"member\":true}");
    assert_non_null(group);
    const char *first = strstr(group, "{\"type\":\"sealed\"," GROUP ",\"by\":\"p1\",\"epoch\":2");
    assert_non_null(first);
    const char *commit = strstr(first, "\"sequence\":3,\"epoch\":2");
    assert_non_null(commit);
    assert_non_null(strstr(commit, "\"by\":\"p1\",\"epoch\":3"));
    assert_null(strstr(group, "\"sequence\":2")); /* it had that one */
    hang_up(ann);
    look_away(&f);
    ann = join_as(&f, 1, "2", "another");
    HEARD(ann, "\"type\":\"group\"");
    HEARD_NOT(ann, "handshake");
    HEARD_NOT(ann, "\"type\":\"sealed\"");
    HEARD(chair, "\"remove\":[{\"id\":\"p2\"}]");
    say_now(ann, RESYNC);
    REFUSED(ann, "forbidden", "Only members of the group may come back to it.");
    tear_down(&f);
}

/* Time passes, in which these say something every second. */
static void pass_heard(struct fixture *f, pl_time_us time, struct browser *a, struct browser *b)
{
    for (; time > PL_SECOND; time -= PL_SECOND) {
        pass(f, PL_SECOND);
        say(a, "{\"type\":\"ping\"}");
        if (b)
            say(b, "{\"type\":\"ping\"}");
    }
    pass(f, time);
}

#define OUT "\"epoch\":1,\"committer\":false,\"member\":false}"

static void who_is_not_heard_of_is_out(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *chair = &f.browsers[0], *ann = &f.browsers[1];
    say_now(ann, "{\"type\":\"ping\"}");
    look_away(&f);
    pass_heard(&f, PL_GROUP_SILENT - 1, chair, NULL);
    HEARD_NOT(chair, "group_work");
    pass(&f, 1);
    HEARD(chair, "\"remove\":[{\"id\":\"p2\"}]");
    HEARD(ann, OUT); /* should she hear it */
    HEARD_NOT(chair, "gone");
    say_now(ann, PACKAGE);
    say_commit(chair, &(struct commit){.epoch = 1, .added = ID("p2"), .removed = ID("p2")});
    HEARD(ann, "group_welcome");
    tear_down(&f);
}

static void whose_connection_is_lost_is_out_before_they_are_gone(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 3);
    struct browser *chair = &f.browsers[0], *ann = &f.browsers[1], *bob = &f.browsers[2];
    say_now(chair, "{\"type\":\"ping\"}");
    say_now(bob, "{\"type\":\"ping\"}");
    hang_up(ann);
    look_away(&f);
    pass_heard(&f, PL_GROUP_SILENT - 1, chair, bob);
    HEARD_NOT(chair, "group_work");
    pass(&f, 1);
    HEARD(chair, "\"remove\":[{\"id\":\"p2\"}]");
    HEARD_NOT(bob, "gone");
    say_commit(chair, &(struct commit){.epoch = 2, .added = "", .removed = ID("p2")});
    look_away(&f);
    ann = come(&f, 1); /* the same page */
    HEARD(ann, "\"epoch\":3,\"committer\":false,\"member\":false}");
    HEARD_NOT(ann, "handshake");
    tear_down(&f);
}

static void what_is_due_is_not_forgotten_for_what_comes_before(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *ann = &f.browsers[1], *bob = come(&f, 2);
    say_now(bob, PACKAGE);
    look_away(&f);
    pass(&f, PL_GROUP_HAND_OVER / 2);
    f.wake_at = PL_NEVER;
    pl_conferences_run(f.all); /* for whatever else */
    pass(&f, PL_GROUP_HAND_OVER / 2);
    HEARD(ann, "\"committer\":true");
    tear_down(&f);
}

static void nobody_is_out_while_nobody_is_heard(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *chair = &f.browsers[0], *ann = &f.browsers[1];
    look_away(&f);
    for (unsigned i = 0; i < 4; i++)
        pass(&f, PL_GROUP_SILENT); /* the server stood still, or its line was dead */
    say_now(chair, "{\"type\":\"ping\"}");
    pass(&f, PL_GROUP_DOUBT - 1);
    say_now(ann, "{\"type\":\"ping\"}");
    pass_heard(&f, PL_GROUP_SILENT, chair, ann);
    HEARD_NOT(chair, "group_work");
    HEARD_NOT(ann, "\"type\":\"group\"");
    tear_down(&f);
}

static void a_group_without_members_ends(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 1);
    struct browser *chair = &f.browsers[0], *ann = come(&f, 1);
    say_now(ann, PACKAGE);
    hang_up(chair);
    look_away(&f);
    pass(&f, PL_GRACE - 1);
    HEARD_NOT(ann, "\"type\":\"group\"");
    pass(&f, 1);
    HEARD(ann, "{\"type\":\"group\"," GROUP ",\"epoch\":0,\"committer\":false,\"member\":false}");
    say_now(ann, CREATE);
    HEARD(ann, "\"committer\":true");
    tear_down(&f);
}

static void a_group_in_which_nobody_can_commit_ends(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 1);
    struct browser *chair = &f.browsers[0], *ann = come(&f, 1);
    say_now(ann, PACKAGE);
    say_commit(chair, &(struct commit){.epoch = 0, .added = ID("p2"), .removed = ""});
    say_now(chair, "{\"type\":\"leave\"}"); /* and the other never says that it has the keys */
    look_away(&f);
    pass(&f, PL_GROUP_LOST - 1);
    HEARD_NOT(ann, "\"type\":\"group\"");
    pass(&f, 1);
    HEARD(ann, "{\"type\":\"group\"," GROUP ",\"epoch\":0,\"committer\":false,\"member\":false}");
    tear_down(&f);
}

static void what_is_kept_is_bounded(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *chair = &f.browsers[0], *ann = &f.browsers[1];
    hang_up(ann);
    char *text = malloc(20000), message[16385];
    assert_non_null(text);
    const char *start = message_of(PL_MLS_PRIVATE_MESSAGE, 1, 0, PL_MLS_APPLICATION, "group");
    memset(message, 'A', sizeof message - 1);
    memcpy(message, start, strlen(start));
    message[16384] = 0;
    for (unsigned i = 0; i < 20; i++) { /* 20 times 16 KiB: the first ones are not kept */
        snprintf(text, 20000, "{\"type\":\"sealed\"," GROUP ",\"epoch\":1,\"message\":\"%s\"}",
                 message);
        say(chair, text);
        pass(&f, 0);
        if (i == 5)
            say_commit(chair, &(struct commit){.epoch = 1, .added = "", .removed = ""});
    }
    free(text);
    pl_buf_clear(&ann->heard);
    ann = come(&f, 1);
    size_t bytes = 0, n = 0;
    for (const char *at = ann->heard.data; (at = strstr(at, "\"type\":\"sealed\"")); at++, n++)
        bytes += (size_t)(strchr(at, '\n') - at) + 1;
    assert_int_equal(n, 15);
    assert_true(bytes <= PL_GROUP_SEALED_BYTES && bytes > PL_GROUP_SEALED_BYTES - 20000);
    HEARD(ann, "\"type\":\"handshake\"");
    tear_down(&f);
}

static void who_is_not_in_the_room_has_no_part(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"required\",\"lobby\":true,"
               "\"seats\":[],\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},{\"name\":\"Eve\","
               "\"role\":\"observer\"}]}");
    struct browser *chair = come(&f, 0), *eve = come(&f, 1);
    say_now(chair, CREATE);
    HEARD_NOT(eve, "\"type\":\"group\"");
    say_now(eve, PACKAGE);
    REFUSED(eve, "state", "You are not in the room yet.");
    say_now(chair, "{\"type\":\"admit\",\"participant\":\"p2\",\"admitted\":true}");
    HEARD(eve, "\"type\":\"group\"," GROUP ",\"id\":\"" GROUP_ID "\"");
    say_now(eve, PACKAGE);
    say_commit(chair, &(struct commit){.epoch = 0, .added = ID("p2"), .removed = ""});
    HEARD(eve, "group_welcome");
    look_away(&f);
    say_now(chair, "{\"type\":\"remove\",\"participant\":\"p2\"}");
    HEARD(chair, "\"remove\":[{\"id\":\"p2\"}]");
    tear_down(&f);
}

static void a_member_who_lost_its_place_is_removed_and_added(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *chair = &f.browsers[0], *ann = &f.browsers[1];
    say_now(ann, OFFER_ALL);
    assert_false(last_peer(&f)->deaf);
    say_now(ann, PACKAGE);
    assert_true(last_peer(&f)->deaf);
    HEARD(chair,
          "\"add\":[{\"participant\":\"p2\",\"package\":\"a2V5\"}],\"remove\":[{\"id\":\"p2\"}]");
    say_commit(chair, &(struct commit){.epoch = 1, .added = ID("p2"), .removed = ID("p2")});
    HEARD(ann, "\"type\":\"group_welcome\"");
    HEARD_NOT(ann, "\"type\":\"handshake\"");
    say_ack(ann, 2);
    say_ack(chair, 2);
    assert_false(last_peer(&f)->deaf);
    tear_down(&f);
}

static void a_group_has_so_many_leaves(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 1);
    struct pl_group *g = conference(&f)->group;
    for (size_t i = 0; i < PL_GROUP_LEAVES_MAX - 2; i++) /* with the chair's one less than may be */
        snprintf(g->left[g->n_left++], PL_PARTICIPANT_ID_SIZE, "gone%zu", i);
    struct browser *ann = come(&f, 1), *bob = come(&f, 2);
    say_now(ann, PACKAGE);
    HEARD_NOT(ann, "\"type\":\"error\"");
    say_now(bob, PACKAGE);
    REFUSED(bob, "limit", "This encrypted meeting is full.");
    say_now(ann, PACKAGE); /* in place of its own one */
    HEARD_NOT(ann, "\"type\":\"error\"");
    tear_down(&f);
}

static void handshakes_that_are_kept_are_bounded(void **state)
{
    (void)state;
    struct fixture f;
    set_up_group(&f, 2);
    struct browser *chair = &f.browsers[0];
    char *text = malloc(80000), *commit = malloc(65537);
    assert_true(text && commit);
    hang_up(&f.browsers[1]);
    for (unsigned epoch = 1; epoch <= 20; epoch++) { /* 20 times 64 KiB */
        const char *start =
            message_of(PL_MLS_PUBLIC_MESSAGE, epoch, PL_MLS_MEMBER, PL_MLS_COMMIT, "group");
        memset(commit, 'A', 65536);
        memcpy(commit, start, strlen(start));
        commit[65536] = 0;
        snprintf(text, 80000,
                 "{\"type\":\"commit\"," GROUP ",\"epoch\":%u,\"commit\":\"%s\",\"group_info\":"
                 "\"AA\",\"added\":[],\"removed\":[]}",
                 epoch, commit);
        say_now(chair, text);
    }
    free(text);
    free(commit);
    struct browser *ann = come(&f, 1);
    size_t n = 0;
    for (const char *at = ann->heard.data; (at = strstr(at, "\"type\":\"handshake\"")); at++)
        n++;
    assert_int_equal(n, PL_GROUP_LOG_BYTES / (65536 + 100));
    HEARD(ann, "\"sequence\":21,"); /* the last ones */
    HEARD_NOT(ann, "\"sequence\":6,");
    tear_down(&f);
}

static void the_manifest_comes_first_and_when_it_is_new(void **state)
{
    (void)state;
    struct fixture f;
    struct pl_denial denial;
    set_up_group(&f, 1);
    struct pl_store_manifest m = {.version = 1,
                                  .manifest = pl_str("{\"v\":1}"),
                                  .signature = pl_str("c2ln"),
                                  .key = pl_str("a2V5"),
                                  .signed_by = pl_str("organiser")};
    assert_int_equal(pl_conference_put_manifest(conference(&f), &m, &denial), PL_OK);
    HEARD(&f.browsers[0], "{\"type\":\"manifest\",\"manifest\":\"{\\\"v\\\":1}\",\"signature\":"
                          "\"c2ln\",\"key\":\"a2V5\",\"signed_by\":\"organiser\"}");
    struct browser *ann = come(&f, 1);
    const char *manifest = strstr(ann->heard.data, "\"type\":\"manifest\"");
    assert_non_null(manifest);
    assert_true(manifest < strstr(ann->heard.data, "\"type\":\"group\""));
    look_away(&f);
    m.manifest = pl_str("second");
    assert_int_equal(pl_conference_put_manifest(conference(&f), &m, &denial), PL_OK);
    HEARD(ann, "\"manifest\":\"second\"");
    say_now(&f.browsers[0], "{\"type\":\"leave\"}"); /* the group ends, the manifest stays */
    look_away(&f);
    struct browser *bob = come(&f, 2);
    HEARD(bob, "\"manifest\":\"second\"");
    HEARD(bob, "{\"type\":\"group\"," GROUP ",\"epoch\":0");
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_creates_and_the_next_is_welcomed),
        cmocka_unit_test(one_commit_of_an_epoch_counts),
        cmocka_unit_test(what_is_no_commit_of_ours_is_refused),
        cmocka_unit_test(who_is_no_member_gets_nothing),
        cmocka_unit_test(a_member_comes_back_by_an_external_commit),
        cmocka_unit_test(other_groups_and_no_group_are_told_so),
        cmocka_unit_test(the_next_commits_when_the_committer_does_not),
        cmocka_unit_test(the_next_commits_at_once_when_the_committer_is_gone),
        cmocka_unit_test(who_left_before_the_commit_is_removed_again),
        cmocka_unit_test(a_package_is_good_for_one_commit_of_one_connection),
        cmocka_unit_test(media_is_for_members),
        cmocka_unit_test(a_newcomer_hears_when_the_others_must_have_switched),
        cmocka_unit_test(who_comes_back_is_told_what_was_missed),
        cmocka_unit_test(who_is_not_heard_of_is_out),
        cmocka_unit_test(whose_connection_is_lost_is_out_before_they_are_gone),
        cmocka_unit_test(what_is_due_is_not_forgotten_for_what_comes_before),
        cmocka_unit_test(nobody_is_out_while_nobody_is_heard),
        cmocka_unit_test(a_group_without_members_ends),
        cmocka_unit_test(a_group_in_which_nobody_can_commit_ends),
        cmocka_unit_test(what_is_kept_is_bounded),
        cmocka_unit_test(who_is_not_in_the_room_has_no_part),
        cmocka_unit_test(a_member_who_lost_its_place_is_removed_and_added),
        cmocka_unit_test(a_group_has_so_many_leaves),
        cmocka_unit_test(handshakes_that_are_kept_are_bounded),
        cmocka_unit_test(the_manifest_comes_first_and_when_it_is_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
