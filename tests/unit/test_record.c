/* The record of live meetings: what is told is on disk, and what is on disk comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recorded.h"

#define SILENCE "1 created\n2 put_item\n3 put_decision\n4 call_decision\n"

static enum pl_err find_settled(void *ctx, uint64_t number, struct pl_str bytes)
{
    (void)number;
    if (memmem(bytes.p, bytes.n, "\"settled\"", 9))
        pl_buf_add(ctx, bytes.p, bytes.n);
    return PL_OK;
}

/* It was settled at `at`, with the deadline as it was. */
static void assert_settled(struct fixture *f, int64_t at_ms, int64_t due_ms)
{
    struct pl_buf event = {0};
    char at[64], due[64];
    assert_int_equal(pl_store_events(f->server.store, pl_str(f->meeting), find_settled, &event),
                     PL_OK);
    assert_non_null(event.data);
    snprintf(at, sizeof at, "\"at\":%lld,", (long long)at_ms);
    snprintf(due, sizeof due, "\"due\":%lld,\"outcome\":\"adopted\"", (long long)due_ms);
    if (!strstr(event.data, at) || !strstr(event.data, due))
        fail_msg("%s %s\n%s", at, due, event.data);
    pl_buf_free(&event);
}

/* Tests */

static enum pl_err put(struct fixture *f, const char *bytes, char id[PL_MEETING_ID_SIZE])
{
    struct pl_conference *c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    struct pl_denial denial;
    const struct pl_new_document d = {pl_str("i"), pl_str("N"), pl_str("image/png"), pl_str(bytes)};
    assert_non_null(c);
    return pl_conference_put_document(c, &d, id, &denial);
}

static bool has_bytes(struct fixture *f, const char *id)
{
    static uint8_t part[PL_DOCUMENT_PART];
    size_t n;
    enum pl_err e =
        pl_store_read_document(f->server.store, pl_str(f->meeting), pl_str(id), 0, part, &n);
    assert_true(e == PL_OK || e == PL_ENOENT);
    return e == PL_OK;
}

static size_t count_documents(struct fixture *f)
{
    struct pl_conference *c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    return pl_conference_state(c)->n_documents;
}

static enum pl_err take_salt(void *ctx, uint64_t number, struct pl_str bytes)
{
    char(*salts)[PL_ACT_SALT_CHARS + 1] = ctx;
    struct pl_act act;
    json_t *json;
    struct pl_decode_error error;
    assert_int_equal(pl_event_decode(bytes, &act, &json, &error), PL_OK);
    assert_int_equal(pl_str_copy(act.salt, salts[number], sizeof salts[number]), PL_OK);
    assert_int_equal(strlen(salts[number]), PL_ACT_SALT_CHARS);
    for (uint64_t i = 1; i < number; i++)
        assert_string_not_equal(salts[i], salts[number]);
    json_decref(json);
    return PL_OK;
}

/* What was prepared, and what is done; and it stays what it is. */
static void every_event_has_a_salt_of_its_own(void **state)
{
    struct fixture *f = *state;
    char salts[8][PL_ACT_SALT_CHARS + 1] = {0}, again[8][PL_ACT_SALT_CHARS + 1] = {0};
    make_silence(f);
    join(f, 0, "1");
    pass(f, 0);
    assert_int_equal(pl_store_events(f->server.store, pl_str(f->meeting), take_salt, salts), PL_OK);
    assert_record(f, SILENCE "5 joined\n");
    die(f);
    join(f, 0, "1");
    pass(f, 0);
    assert_int_equal(pl_store_events(f->server.store, pl_str(f->meeting), take_salt, again), PL_OK);
    for (int i = 1; i <= 5; i++)
        assert_string_equal(salts[i], again[i]);
}

static void documents_come_with_their_event(void **state)
{
    struct fixture *f = *state;
    char id[PL_MEETING_ID_SIZE], drop[100];
    make_silence(f);
    struct browser *chair = join(f, 0, "1");
    assert_int_equal(put(f, "picture", id), PL_OK);
    assert_record(f, SILENCE "5 joined\n6 put_document\n"); /* at once */
    assert_true(has_bytes(f, id));
    die(f);
    chair = join(f, 0, "1");
    assert_int_equal(count_documents(f), 1);
    assert_true(has_bytes(f, id));
    snprintf(drop, sizeof drop, "{\"type\":\"drop_document\",\"document\":\"%s\"}", id);
    say(chair, drop);
    assert_true(has_bytes(f, id)); /* not before it is recorded */
    pass(f, 0);
    assert_false(has_bytes(f, id));
    assert_int_equal(count_documents(f), 0);
}

static void a_document_that_cannot_be_written_is_none(void **state)
{
    struct fixture *f = *state;
    char id[PL_MEETING_ID_SIZE];
    make_silence(f);
    struct browser *chair = join(f, 0, "1");
    sabotage(f, "CREATE TRIGGER refuse BEFORE INSERT ON documents BEGIN"
                " SELECT RAISE(ABORT, 'full'); END");
    assert_int_equal(put(f, "picture", id), PL_EIO);
    HEARD(chair, "\"code\":\"later\"");
    sabotage(f, TAKE);
    join(f, 0, "1");
    assert_int_equal(count_documents(f), 0);
}

static void documents_have_limits(void **state)
{
    struct fixture *f = *state;
    char id[PL_MEETING_ID_SIZE];
    make_silence(f);
    join(f, 0, "1");
    for (size_t i = 0; i < PL_DOCUMENTS_MAX; i++)
        assert_int_equal(put(f, "picture", id), PL_OK);
    assert_int_equal(put(f, "picture", id), PL_ELIMIT);
}

static void who_may_read(void **state)
{
    struct fixture *f = *state;
    static const char json[] =
        "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"none\",\"lobby\":true,"
        "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\"}],"
        "\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},"
        "{\"name\":\"Ann\",\"role\":\"delegate\",\"seat\":\"NOR\"},"
        "{\"name\":\"Eve\",\"role\":\"briefer\",\"item\":\"j\"}],"
        "\"prepared\":[{\"act\":\"put_item\",\"item\":\"i\",\"title\":\"T\"},"
        "{\"act\":\"put_item\",\"item\":\"j\",\"title\":\"T\"}]}";
    char id[PL_MEETING_ID_SIZE];
    make(f, json);
    struct browser *chair = join(f, 0, "1");
    assert_int_equal(put(f, "picture", id), PL_OK);
    struct pl_conference *c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    const struct pl_document *d = pl_conference_document(c, pl_str(id));
    assert_true(pl_conference_may_read(c, 0, d));
    assert_false(pl_conference_may_read(c, 1, d)); /* not there */
    join(f, 1, "2");
    assert_false(pl_conference_may_read(c, 1, d)); /* in the lobby */
    say(chair, "{\"type\":\"admit\",\"participant\":\"p2\",\"admitted\":true}");
    pass(f, 0);
    assert_true(pl_conference_may_read(c, 1, d));
    join(f, 2, "3");
    say(chair, "{\"type\":\"admit\",\"participant\":\"p3\",\"admitted\":true}");
    say(chair, "{\"type\":\"take_item\",\"item\":\"j\"}");
    pass(f, 0);
    assert_false(pl_conference_may_read(c, 2, d)); /* of another item */
    say(chair, "{\"type\":\"remove\",\"participant\":\"p2\"}");
    pass(f, 0);
    assert_false(pl_conference_may_read(c, 1, d));
}

static void silence_ends_in_a_live_meeting(void **state)
{
    struct fixture *f = *state;
    make_silence(f);
    int64_t deadline = clock_wall(f) + 60000;
    join(f, 0, "1");
    pass(f, 60 * PL_SECOND - PL_MS);
    assert_record(f, SILENCE "5 joined\n");
    pass(f, PL_MS);
    assert_record(f, SILENCE "5 joined\n6 settled\n");
    assert_settled(f, deadline, deadline);
    uint64_t before = commits(f);
    pass(f, 60 * PL_SECOND);
    assert_int_equal(commits(f), before);
}

static void silence_ends_where_nobody_is(void **state)
{
    struct fixture *f = *state;
    make_silence(f);
    int64_t deadline = clock_wall(f) + 60000;
    stop(f);
    start(f);
    pass(f, 60 * PL_SECOND);
    assert_record(f, SILENCE "5 settled\n");
    assert_settled(f, deadline, deadline);
    assert_non_null(pl_conferences_find(f->server.all, pl_str(f->meeting)));
    pass(f, PL_CONFERENCE_IDLE);
    assert_null(pl_conferences_find(f->server.all, pl_str(f->meeting)));
}

static void silence_that_ended_meanwhile_is_settled_at_the_start(void **state)
{
    struct fixture *f = *state;
    make_silence(f);
    int64_t deadline = clock_wall(f) + 60000;
    join(f, 0, "1");
    die(f);
    f->now += 3600 * PL_SECOND;
    f->wake_at = f->now;
    pass(f, 0);
    assert_record(f, SILENCE "5 joined\n6 restarted\n7 settled\n");
    assert_settled(f, deadline + 3540000, deadline);
}

/* A deadline that cannot be written is tried again, and not all the time. */
static void silence_waits_for_the_disk(void **state)
{
    struct fixture *f = *state;
    make_silence(f);
    pl_conferences_delete(f->server.all, pl_str(f->meeting));
    stop(f);
    start(f);
    sabotage(f, REFUSE);
    pass(f, 65 * PL_SECOND);
    assert_record(f, SILENCE);
    uint64_t failures = pl_conferences_record(f->server.all)->failures;
    assert_true(failures >= 5 && failures <= 6);
    sabotage(f, TAKE);
    pass(f, PL_SECOND);
    assert_record(f, SILENCE "5 settled\n");
}

static void nobody_is_told_before_it_is_on_disk(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = hello(f, 0, "1");
    HEARD_NOTHING(chair);
    assert_record(f, "1 created\n");
    pass(f, 0);
    HEARD(chair, "\"type\":\"welcome\"");
    assert_record(f, "1 created\n2 opened\n3 joined\n");
    struct browser *ann = join(f, 1, "2");
    look_away(f);
    say(chair, "{\"type\":\"mute\",\"participant\":\"p2\"}");
    say(ann, "{\"type\":\"chat\",\"text\":\"hi\"}"); /* behind it, though not recorded itself */
    HEARD_NOTHING(ann);
    HEARD_NOTHING(chair);
    say(ann, "{\"type\":\"ping\"}"); /* which tells of nothing */
    assert_string_equal(ann->heard.data, "{\"type\":\"pong\"}\n");
    pass(f, 0);
    const char *muted = strstr(ann->heard.data, "\"muted\""),
               *chat = strstr(ann->heard.data, "\"chat\"");
    assert_true(muted && chat && muted < chat);
}

static void a_turn_is_one_commit(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1");
    uint64_t before = commits(f);
    for (size_t i = 1; i < BROWSERS; i++)
        hello(f, i, (const char *[]){"1", "2", "3", "4"}[i]);
    say(chair, "{\"type\":\"mute\",\"participant\":\"p2\"}");
    pass(f, 0);
    assert_int_equal(commits(f), before + 1);
    assert_int_equal(pl_conferences_record(f->server.all)->events, 2 + 4);
    assert_record(f, "1 created\n2 opened\n3 joined\n4 joined\n5 joined\n6 joined\n7 mute\n");
    pass(f, 60 * PL_SECOND);
    assert_int_equal(commits(f), before + 1);
}

/* All that is to be written is. */
static void settle(struct fixture *f)
{
    for (int i = 0; i < 10; i++) {
        if (f->job)
            slow_finish(f);
        pass(f, PL_SECOND);
    }
}

/* The meeting goes on; nothing else is taken for its record, and nobody hears of what waits. */
static void what_cannot_be_written_waits(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1"), *ann = join(f, 1, "2");
    look_away(f);
    sabotage(f, REFUSE);
    say(chair, "{\"type\":\"mute\",\"participant\":\"p2\"}");
    pass(f, 0);
    struct browser *all[] = {chair, ann};
    for (size_t i = 0; i < COUNT(all); i++)
        assert_string_equal(all[i]->heard.data, "{\"type\":\"records\",\"state\":\"refused\"}\n");
    look_away(f);
    say(chair, "{\"type\":\"remove\",\"participant\":\"p2\"}");
    HEARD(chair,
          "{\"type\":\"error\",\"code\":\"later\",\"message\":\"The server's disk takes nothing");
    say(ann, "{\"type\":\"ping\"}");
    HEARD(ann, "pong");
    struct browser *bob = join(f, 2, "3");
    HEARD(bob, "\"code\":\"later\"");
    assert_true(bob->closed);
    pass(f, 3 * PL_SECOND);
    assert_false(heard(ann, "muted"));
    assert_int_equal(pl_conferences_record(f->server.all)->failures, 4);
    say(ann, "{\"type\":\"leave\"}"); /* what is the server's own to record waits, too */
    sabotage(f, TAKE);
    pass(f, PL_RECORD_AGAIN);
    HEARD(ann, "\"muted\"");
    HEARD(chair, "{\"type\":\"records\",\"state\":\"kept\"}");
    HEARD(chair, "\"gone\"");
    assert_record(f, "1 created\n2 opened\n3 joined\n4 joined\n5 mute\n6 left\n");
    HEARD(join(f, 2, "3"), "welcome");
}

/* With nobody left to whom it matters, what was not written did not happen. */
static void what_cannot_be_written_ends_with_the_server(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1");
    sabotage(f, REFUSE);
    say(chair, "{\"type\":\"set_speaking_time\",\"seconds\":60}");
    pass(f, 0);
    stop(f);
    HEARD(chair, "\"code\":\"later\"");
    start(f);
    sabotage(f, TAKE);
    HEARD(join(f, 0, "1"), "\"type\":\"welcome\"");
    assert_record(f, "1 created\n2 opened\n3 joined\n4 restarted\n5 joined\n");
}

/* A disk that takes its time: what comes meanwhile is told when it may be, in order. */
static void a_slow_disk_holds_up_what_it_must(void **state)
{
    struct fixture *f = *state;
    stop(f);
    f->slow = true;
    start(f);
    struct browser *chair = join(f, 0, "1"), *ann = join(f, 1, "2"), *bob = join(f, 2, "3");
    settle(f);
    look_away(f);
    say(chair, "{\"type\":\"mute\",\"participant\":\"p2\"}");
    pass(f, 0);
    assert_non_null(f->job);
    say(bob, "{\"type\":\"chat\",\"text\":\"behind the first\"}");
    say(chair, "{\"type\":\"mute\",\"participant\":\"p3\"}");
    say(bob, "{\"type\":\"chat\",\"text\":\"behind the second\"}");
    pass(f, PL_RECORD_LATE - 1);
    HEARD_NOTHING(ann);
    pass(f, 1);
    assert_string_equal(ann->heard.data, "{\"type\":\"records\",\"state\":\"late\"}\n");
    say(ann, "{\"type\":\"ping\"}");
    HEARD(ann, "pong");
    pass(f, PL_RECORD_STUCK - PL_RECORD_LATE);
    HEARD(ann, "{\"type\":\"records\",\"state\":\"refused\"}");
    say(chair, "{\"type\":\"remove\",\"participant\":\"p2\"}");
    HEARD(chair, "\"code\":\"later\"");
    slow_finish(f); /* the first is there */
    HEARD(ann, "\"muted\"");
    HEARD(bob, "behind the first");
    assert_false(heard(bob, "\"muted\"") || heard(bob, "behind the second"));
    pass(f, 0);
    HEARD(ann, "{\"type\":\"records\",\"state\":\"kept\"}");
    slow_finish(f);
    HEARD(bob, "\"muted\"");
    HEARD(bob, "behind the second");
    settle(f);
    assert_record(f, "1 created\n2 opened\n3 joined\n4 joined\n5 joined\n6 mute\n7 mute\n");
    f->slow = false;
}

/* Whoever would have too much held back is to come again. */
static void what_is_held_back_has_a_bound(void **state)
{
    struct fixture *f = *state;
    stop(f);
    f->slow = true;
    start(f);
    struct browser *chair = join(f, 0, "1"), *ann = join(f, 1, "2");
    settle(f);
    say(chair, "{\"type\":\"mute\",\"participant\":\"p2\"}");
    pass(f, 0);
    char text[3100], message[3200];
    memset(text, 'a', 3000);
    text[3000] = 0;
    snprintf(message, sizeof message, "{\"type\":\"chat\",\"text\":\"%s\"}", text);
    size_t n = 0;
    for (; !ann->closed && n < 500; n++) {
        f->now += PL_SECOND / 10;
        say(chair, message);
    }
    assert_in_range(n, PL_CLIENT_HELD_MAX / 3200, PL_CLIENT_HELD_MAX / 3000);
    assert_true(chair->closed);
    slow_finish(f);
    f->slow = false;
}

static void who_cannot_be_recorded_does_not_come_in(void **state)
{
    struct fixture *f = *state;
    sabotage(f, REFUSE);
    struct browser *chair = join(f, 0, "1");
    HEARD(chair, "\"code\":\"later\"");
    assert_false(heard(chair, "welcome"));
    assert_true(chair->closed);
    sabotage(f, TAKE);
    HEARD(join(f, 0, "1"), "welcome");
}

static void the_state_comes_back(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1");
    join(f, 1, "2");
    join(f, 2, "3");
    say(chair, "{\"type\":\"remove\",\"participant\":\"p2\"}");
    pass(f, 0);
    say(chair, "{\"type\":\"mute\",\"participant\":\"p3\"}"); /* of which nobody heard yet */
    die(f);
    assert_record(f, "1 created\n2 opened\n3 joined\n4 joined\n5 joined\n6 remove\n");
    struct browser *ann = join(f, 1, "2");
    HEARD(ann, "\"reason\":\"removed\"");
    struct pl_conference *c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    assert_int_equal(pl_conference_participants(c), 0);
    chair = join(f, 0, "1");
    HEARD(chair, "welcome");
    assert_false(heard(chair, "\"id\":\"p3\"")); /* Bob is not there, and was not muted */
    assert_record(f, "1 created\n2 opened\n3 joined\n4 joined\n5 joined\n6 remove\n"
                     "7 restarted\n8 joined\n");
}

/* For want of memory: another one would be missing for ever. */
static void who_misses_a_message_comes_again(void **state)
{
    struct fixture *f = *state;
    const struct pl_buf lost = {.failed = true};
    struct browser *chair = join(f, 0, "1"), *ann = join(f, 1, "2");
    pl_client_send(ann->client, &lost);
    assert_true(ann->closed);
    say(chair, "{\"type\":\"put_item\",\"item\":\"one\",\"title\":\"One\"}");
    pl_client_send(chair->client, &lost); /* behind what waits for the record */
    assert_false(chair->closed);
    pass(f, 0);
    assert_true(chair->closed);
}

static void an_orderly_end_is_recorded(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1");
    join(f, 1, "2");
    stop(f);
    HEARD(chair, "\"code\":\"later\"");
    assert_true(chair->closed);
    assert_false(heard(chair, "\"gone\""));
    start(f);
    assert_record(f, "1 created\n2 opened\n3 joined\n4 joined\n5 restarted\n");
    HEARD(join(f, 1, "2"), "\"place\":\"room\"");
    assert_record(f, "1 created\n2 opened\n3 joined\n4 joined\n5 restarted\n6 joined\n");
}

/* Who is back before the chair goes on where they were; once all left of themselves, they wait. */
static void what_was_opened_stays_open(void **state)
{
    struct fixture *f = *state;
    HEARD(join(f, 1, "2"), "\"place\":\"waiting\"");
    die(f);
    struct browser *ann = join(f, 1, "2");
    HEARD(ann, "\"place\":\"waiting\""); /* it was not open */
    join(f, 0, "1");
    die(f);
    ann = join(f, 1, "2");
    HEARD(ann, "\"place\":\"room\"");
    HEARD(ann, "\"in_session\":true");
    struct browser *chair = join(f, 0, "1");
    HEARD(chair, "\"place\":\"room\"");
    assert_record(f, "1 created\n2 joined\n3 restarted\n4 joined\n5 opened\n6 joined\n"
                     "7 restarted\n8 joined\n9 joined\n");
    say(ann, "{\"type\":\"leave\"}");
    say(chair, "{\"type\":\"leave\"}");
    pass(f, 0);
    HEARD(join(f, 1, "2"), "\"place\":\"waiting\"");
}

static void what_is_forgotten_is_not_lost(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1");
    join(f, 1, "2");
    say(chair, "{\"type\":\"remove\",\"participant\":\"p2\"}");
    say(chair, "{\"type\":\"leave\"}");
    pass(f, PL_CONFERENCE_IDLE - 1);
    assert_non_null(pl_conferences_find(f->server.all, pl_str(f->meeting)));
    pass(f, 1);
    assert_null(pl_conferences_find(f->server.all, pl_str(f->meeting)));
    HEARD(join(f, 1, "2"), "\"reason\":\"removed\"");
}

static void the_record_has_an_end(void **state)
{
    struct fixture *f = *state;
#define PUT_TIME(seconds) "{\"type\":\"set_speaking_time\",\"seconds\":" seconds "}"
    struct browser *chair = join(f, 0, "1");
    say(chair, PUT_TIME("1"));
    pass(f, 0);
    struct pl_conference *c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    size_t full = c->record_bytes + PL_RECORD_RESERVE;
    stop(f);
    f->record_bytes_max = full; /* as it stands; leaving came on top of that */
    start(f);
    chair = join(f, 0, "1");
    HEARD(chair, "\"code\":\"limit\"");
    HEARD(chair, "The record of this meeting is full.");
    stop(f);
    c = NULL;
    f->record_bytes_max = full + 2000;
    start(f);
    chair = join(f, 0, "1");
    c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    size_t before = 0, n = 0;
    for (look_away(f); !heard(chair, "\"code\":\"limit\"") && n < 100; n++) {
        before = c->record_bytes;
        say(chair, n % 2 ? PUT_TIME("1") : PUT_TIME("2"));
        pass(f, PL_SECOND);
    }
    /* It was taken as long as there was room; what ends something needs none of that. */
    assert_true(n > 2 && n < 100);
    assert_int_equal(c->record_bytes, before);
    assert_true(before + PL_RECORD_RESERVE > full + 2000);
    look_away(f);
    say(chair, "{\"type\":\"set_session\",\"session\":\"closed\"}");
    pass(f, 0);
    assert_false(heard(chair, "\"code\""));
    assert_int_equal(pl_conference_state(c)->session, PL_SESSION_STATE_CLOSED);
    say(chair, "{\"type\":\"leave\"}");
    pass(f, 0);
    assert_int_equal(pl_conferences_record(f->server.all)->failures, 0);
    assert_int_equal(pl_conference_participants(c), 0);
}

/* Nobody fills it alone, but who presides; what was put in before a restart counts. */
static void a_person_has_a_share_of_the_record(void **state)
{
    struct fixture *f = *state;
#define ASK(kind) "{\"type\":\"request_floor\",\"kind\":\"" kind "\"}"
    static const char full[] =
        "You have put as much into the record of this meeting as one person may.";
    join(f, 0, "1");
    struct browser *ann = join(f, 1, "2");
    say(ann, ASK("speak"));
    pass(f, 0);
    struct pl_conference *c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    size_t share = c->shares[1];
    assert_int_not_equal(share, 0);
    stop(f);
    /* Coming again is of the share, too: what it takes is found out here. */
    for (int more = 1; more >= 0; more--) {
        f->record_share_max = SIZE_MAX / 2;
        start(f);
        struct browser *chair = join(f, 0, "1");
        ann = join(f, 1, "2");
        c = pl_conferences_find(f->server.all, pl_str(f->meeting));
        assert_true(c->shares[1] > share);
        f->server.all->config.record_share_max = c->shares[1] + (size_t)more;
        look_away(f);
        say(ann, more ? ASK("point_of_order") : ASK("right_of_reply"));
        pass(f, 0);
        if (more) {
            assert_false(heard(ann, "\"code\""));
        } else {
            HEARD(ann, "\"code\":\"limit\"");
            HEARD(ann, full);
        }
        say(chair, PUT_TIME("7"));
        pass(f, 0);
        assert_false(heard(chair, full));
        stop(f);
    }
    f->record_share_max = 1;
    start(f);
    join(f, 0, "1");
    ann = join(f, 1, "2");
    HEARD(ann, full);
}

static void a_damaged_record_is_not_guessed_at(void **state)
{
    struct fixture *f = *state;
    static const char *const damages[] = {
        "UPDATE events SET number = 9 WHERE number = 2", /* one is missing */
        "UPDATE events SET bytes = x'7b7d' WHERE number = 9",
        "UPDATE events SET bytes = x'00' WHERE number = 9",
    };
    struct browser *chair = join(f, 0, "1");
    stop(f);
    start(f);
    for (size_t i = 0; i < COUNT(damages); i++) {
        sabotage(f, damages[i]);
        chair = join(f, 0, "1");
        HEARD(chair, "\"code\":\"internal\"");
        assert_true(chair->closed);
    }
}

static void a_deleted_meeting_records_nothing(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1"), *ann = join(f, 1, "2");
    look_away(f);
    say(chair, "{\"type\":\"mute\",\"participant\":\"p2\"}"); /* not on disk yet */
    assert_int_equal(pl_store_delete(f->server.store, pl_str(f->meeting), WALL), PL_OK);
    pl_conferences_delete(f->server.all, pl_str(f->meeting));
    HEARD(ann, "\"reason\":\"meeting_deleted\"");
    assert_false(heard(ann, "muted"));
    assert_true(ann->closed && chair->closed);
    pass(f, 0);
    assert_int_equal(pl_conferences_record(f->server.all)->failures, 0);
    assert_int_equal(pl_store_events(f->server.store, pl_str(f->meeting), write_down, NULL),
                     PL_ENOENT);
}

static void who_hangs_up_meanwhile_is_not_told(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1"), *ann = join(f, 1, "2");
    look_away(f);
    say(chair, "{\"type\":\"mute\",\"participant\":\"p2\"}");
    say(chair, "{\"type\":\"remove\",\"participant\":\"p2\"}");
    hang_up(ann);
    pass(f, 0);
    HEARD_NOTHING(ann);
    HEARD(chair, "{\"type\":\"gone\",\"participant\":\"p2\"}");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(nobody_is_told_before_it_is_on_disk),
        TEST(a_turn_is_one_commit),
        TEST(what_cannot_be_written_waits),
        TEST(what_cannot_be_written_ends_with_the_server),
        TEST(a_slow_disk_holds_up_what_it_must),
        TEST(what_is_held_back_has_a_bound),
        TEST(who_cannot_be_recorded_does_not_come_in),
        TEST(the_state_comes_back),
        TEST(who_misses_a_message_comes_again),
        TEST(an_orderly_end_is_recorded),
        TEST(what_was_opened_stays_open),
        TEST(what_is_forgotten_is_not_lost),
        TEST(the_record_has_an_end),
        TEST(a_person_has_a_share_of_the_record),
        TEST(a_damaged_record_is_not_guessed_at),
        TEST(a_deleted_meeting_records_nothing),
        TEST(who_hangs_up_meanwhile_is_not_told),
        TEST(every_event_has_a_salt_of_its_own),
        TEST(documents_come_with_their_event),
        TEST(a_document_that_cannot_be_written_is_none),
        TEST(documents_have_limits),
        TEST(who_may_read),
        TEST(silence_ends_in_a_live_meeting),
        TEST(silence_ends_where_nobody_is),
        TEST(silence_that_ended_meanwhile_is_settled_at_the_start),
        TEST(silence_waits_for_the_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
