/* Checkpoints of live meetings: when they are made, that they are right, that they outlive the
 * server, and who is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/checkpoint.h"
#include "recorded.h"

static int setup_signing(void **state)
{
    setup(state);
    struct fixture *f = *state;
    stop(f);
    f->signs = true;
    start(f);
    return 0;
}

static enum pl_err add_leaf(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct pl_merkle *t = ctx;
    struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
    assert_int_equal(number, t->size + 1);
    return pl_merkle_add(t, &leaf);
}

/* The last checkpoint of the store is signed, and its root is that of the events there; its size,
 * or 0 if there is none. */
static uint64_t checkpoint_size(struct fixture *f)
{
    struct pl_buf bytes = {0};
    struct pl_note note;
    struct pl_checkpoint c;
    struct pl_merkle t = {0};
    char origin[PL_RECORD_ORIGIN_SIZE];
    uint64_t size = 0;
    enum pl_err e = pl_store_checkpoint(f->server.store, pl_str(f->meeting), &size, &bytes);
    if (e == PL_ENOENT)
        return 0;
    assert_int_equal(e, PL_OK);
    assert_int_equal(pl_note_parse((struct pl_str){bytes.data, bytes.len}, &note), PL_OK);
    assert_int_equal(pl_checkpoint_parse(note.text, &c), PL_OK);
    pl_record_origin(f->key.id.name, pl_str(f->meeting), origin);
    assert_memory_equal(origin, "parley.example.org/", 19);
    assert_true(pl_str_eq(c.origin, origin));
    struct pl_vkey key = pl_record_vkey(&f->key.id, c.origin);
    assert_int_equal(pl_note_verify(&note, &key), PL_OK);
    assert_int_equal(c.size, size);
    assert_int_equal(pl_store_events(f->server.store, pl_str(f->meeting), add_leaf, &t), PL_OK);
    assert_true(size <= t.size);
    struct pl_hash root = pl_merkle_root(&t, size);
    assert_true(pl_hash_eq(&root, &c.root));
    pl_merkle_free(&t);
    pl_buf_free(&bytes);
    return size;
}

static uint64_t checkpoints(struct fixture *f)
{
    return pl_conferences_record(f->server.all)->checkpoints;
}

/* The first waits a second for others; then there is one in five seconds. */
static void it_comes_soon_and_not_too_often(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1"); /* created, joined, opened */
    pass(f, PL_SECOND - 1);
    assert_int_equal(checkpoint_size(f), 0);
    assert_false(heard(chair, "\"checkpoint\""));
    pass(f, 1);
    assert_int_equal(checkpoint_size(f), 3);
    HEARD(chair, "{\"type\":\"checkpoint\",\"size\":3,\"note\":\"parley.example.org/");
    HEARD(chair, ",\"proof\":[]}"); /* there was none before */
    look_away(f);
    join(f, 1, "2");
    pass(f, 5 * PL_SECOND - 1);
    assert_int_equal(checkpoint_size(f), 3);
    pass(f, 1);
    assert_int_equal(checkpoint_size(f), 4);
    HEARD(chair, "\"size\":4,");
    HEARD(chair, "\"from\":3,\"proof\":[\"");
    look_away(f);
    pass(f, 60 * PL_SECOND); /* nothing happens, so nothing is signed */
    assert_int_equal(checkpoints(f), 2);
    say(chair, "{\"type\":\"mute\",\"participant\":\"p2\"}");
    pass(f, PL_SECOND);
    assert_int_equal(checkpoint_size(f), 5);
}

/* Who comes later, and who comes back, is told the last one. */
static void newcomers_are_told(void **state)
{
    struct fixture *f = *state;
    join(f, 0, "1");
    pass(f, PL_SECOND);
    struct browser *ann = join(f, 1, "2");
    HEARD(ann, "\"checkpoint\",\"size\":3,");
    assert_false(heard(ann, "\"from\""));
    look_away(f);
    hang_up(ann);
    pass(f, 10 * PL_SECOND);
    assert_int_equal(checkpoint_size(f), 4);
    ann = join(f, 1, "2");
    HEARD(ann, "\"checkpoint\",\"size\":4,");
}

/* Those in the lobby are not told of the record. */
static void the_lobby_is_not_told(void **state)
{
    struct fixture *f = *state;
    make(f, "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"none\",\"lobby\":true,"
            "\"seats\":[],\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},"
            "{\"name\":\"Guest\",\"role\":\"observer\"}]}");
    struct browser *chair = join(f, 0, "1"), *guest = join(f, 1, "2");
    pass(f, PL_SECOND);
    HEARD(chair, "\"checkpoint\"");
    assert_false(heard(guest, "\"checkpoint\""));
    say(chair, "{\"type\":\"admit\",\"participant\":\"p2\",\"admitted\":true}");
    pass(f, 0);
    HEARD(guest, "\"checkpoint\"");
}

static void a_decision_is_covered_at_once(void **state)
{
    struct fixture *f = *state;
    make_silence(f);
    struct browser *chair = join(f, 0, "1");
    pass(f, PL_SECOND);
    assert_int_equal(checkpoint_size(f), 5);
    say(chair, "{\"type\":\"withdraw_decision\",\"decision\":\"d\",\"reason\":\"R\"}");
    pass(f, 0);
    assert_int_equal(checkpoint_size(f), 5); /* that decides nothing */
    say(chair, "{\"type\":\"put_decision\",\"decision\":\"e\",\"item\":\"i\",\"title\":\"T\","
               "\"texts\":[{\"language\":\"EN\",\"text\":\"Yes.\"}],"
               "\"rule\":{\"procedure\":\"simple\"},\"excluded\":[]}");
    say(chair, "{\"type\":\"call_decision\",\"decision\":\"e\",\"version\":1}");
    say(chair, "{\"type\":\"close_decision\",\"decision\":\"e\"}");
    look_away(f);
    pass(f, 0);
    uint64_t size = checkpoint_size(f);
    assert_true(size > 5);
    HEARD(chair, "\"from\":5");
    say(chair, "{\"type\":\"set_session\",\"session\":\"suspended\"}");
    pass(f, 0);
    assert_int_equal(checkpoint_size(f), size);
    say(chair, "{\"type\":\"set_session\",\"session\":\"closed\"}");
    pass(f, 0);
    assert_int_equal(checkpoint_size(f), size + 2);
}

static void silence_that_ends_is_covered(void **state)
{
    struct fixture *f = *state;
    make_silence(f);
    stop(f);
    start(f);
    pass(f, 59 * PL_SECOND);
    assert_int_equal(checkpoints(f), 0);
    pass(f, PL_SECOND); /* nobody is there; it is settled */
    assert_int_equal(checkpoint_size(f), 5);
}

/* The last one leaves. */
static void an_empty_meeting_is_covered(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1");
    pass(f, PL_SECOND);
    say(chair, "{\"type\":\"leave\"}");
    pass(f, 0);
    assert_int_equal(checkpoint_size(f), 4);
}

/* While it may be replaced, so that no two histories are ever signed. */
static void what_nobody_came_to_is_not_signed(void **state)
{
    struct fixture *f = *state;
    struct pl_definition *d;
    struct pl_conference *c;
    assert_int_equal(pl_store_get(f->server.store, pl_str(f->meeting), &d, NULL), PL_OK);
    assert_int_equal(pl_conferences_start(f->server.all, pl_str(f->meeting), d, &c), PL_OK);
    pass(f, 60 * PL_SECOND);
    pl_conferences_end(f->server.all);
    assert_int_equal(checkpoint_size(f), 0);
}

static void it_outlives_the_server(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1");
    pass(f, PL_SECOND);
    assert_int_equal(checkpoint_size(f), 3);
    join(f, 1, "2");
    die(f); /* with an event that no checkpoint covers */
    assert_int_equal(checkpoint_size(f), 3);
    chair = join(f, 0, "1");
    HEARD(chair, "\"checkpoint\",\"size\":3,");
    look_away(f);
    pass(f, PL_SECOND);
    HEARD(chair, "\"size\":6,"); /* joined, restarted, joined */
    HEARD(chair, "\"from\":3,");
    assert_int_equal(checkpoint_size(f), 6);
}

/* An orderly end leaves nothing uncovered. */
static void the_end_is_covered(void **state)
{
    struct fixture *f = *state;
    join(f, 0, "1");
    pl_conferences_end(f->server.all);
    assert_int_equal(checkpoint_size(f), 4);
}

/* Whoever changes events on the disk needs the key for it: the meeting starts no more. */
static void a_record_that_was_changed_is_found(void **state)
{
    struct fixture *f = *state;
    join(f, 0, "1");
    pass(f, PL_SECOND);
    sabotage(f, "UPDATE events SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Chair', 'Cheir') AS"
                " BLOB) WHERE number > 1");
    die(f);
    struct browser *chair = join(f, 0, "1");
    HEARD(chair, "The meeting cannot be started.");
}

static void events_that_were_cut_off_are_missed(void **state)
{
    struct fixture *f = *state;
    join(f, 0, "1");
    pass(f, PL_SECOND);
    sabotage(f, "DELETE FROM events WHERE number > 2");
    die(f);
    struct browser *chair = join(f, 0, "1");
    HEARD(chair, "The meeting cannot be started.");
}

/* No checkpoint is told that is not kept; the next try keeps it. */
static void a_full_disk_delays_it(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1");
    sabotage(f, "CREATE TRIGGER refuse BEFORE INSERT ON checkpoints BEGIN"
                " SELECT RAISE(ABORT, 'full'); END");
    pass(f, PL_SECOND);
    assert_int_equal(checkpoint_size(f), 0);
    assert_false(heard(chair, "\"checkpoint\""));
    sabotage(f, TAKE);
    pass(f, 5 * PL_SECOND);
    assert_int_equal(checkpoint_size(f), 3);
    HEARD(chair, "\"checkpoint\",\"size\":3,");
}

static void many_meetings_are_covered_in_one_turn(void **state)
{
    struct fixture *f = *state;
    join(f, 0, "1");
    make(f, council);
    join(f, 1, "1");
    uint64_t before = checkpoints(f);
    pass(f, PL_SECOND);
    assert_int_equal(checkpoints(f), before + 2);
}

/* Cosignatures */

static const uint8_t ann_seed[PL_SEED_SIZE] = {21}, bob_seed[PL_SEED_SIZE] = {22};

static struct pl_conference *conference(struct fixture *f)
{
    struct pl_conference *c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    assert_non_null(c);
    return c;
}

/* The list has Ann, and Bob if he is not revoked. */
static void put_manifest(struct fixture *f, int version, const char *revoked)
{
    char text[1000], keys[2][44];
    uint8_t key[PL_PUBLIC_KEY_SIZE];
    struct pl_denial denial;
    pl_ed25519_public(ann_seed, key);
    pl_base64url(key, sizeof key, keys[0]);
    pl_ed25519_public(bob_seed, key);
    pl_base64url(key, sizeof key, keys[1]);
    snprintf(
        text, sizeof text,
        "{\"v\":1,\"meeting\":\"%s\",\"version\":%d,\"suite\":1,\"encryption\":\"none\","
        "\"people\":[{\"person\":\"p2\",\"name\":\"Ann\",\"role\":\"delegate\",\"seat\":\"NOR\","
        "\"key\":\"%s\"},{\"person\":\"p3\",\"name\":\"Bob\",\"role\":\"delegate\","
        "\"seat\":\"EST\",\"key\":\"%s\"}],\"revoked\":[%s],\"not_after\":4000000000000}",
        f->meeting, version, keys[0], keys[1], revoked);
    const struct pl_store_manifest m = {version, pl_str(text), pl_str("s"), pl_str("k"),
                                        pl_str("organiser")};
    assert_int_equal(pl_conference_put_manifest(conference(f), &m, &denial), PL_OK);
}

static void cosign(struct browser *b, uint64_t size, const uint8_t seed[PL_SEED_SIZE],
                   const char *person)
{
    const struct pl_covered *x = conference(b->f)->cover.last_ones;
    while (x->size != size)
        x++;
    char name[PL_NOTE_NAME_MAX], text[1000];
    struct pl_buf line = {0};
    snprintf(name, sizeof name, "parley.example.org/%s/person/%s", b->f->meeting, person);
    pl_cosign(&line, (struct pl_str){x->note, x->text}, pl_str(name), 1700000000, seed);
    snprintf(text, sizeof text, "{\"type\":\"cosign\",\"size\":%u,\"line\":\"%.*s\"}",
             (unsigned)size, (int)line.len - 1, line.data);
    say(b, text);
    pl_buf_free(&line);
}

/* The names of those who cosigned. */
static void assert_cosigned(struct fixture *f, uint64_t size, const char *expected)
{
    struct pl_buf lines = {0}, names = {0};
    struct pl_note_signature s;
    assert_int_equal(pl_store_cosignatures(f->server.store, pl_str(f->meeting), size, &lines),
                     PL_OK);
    for (struct pl_str rest = {lines.data, lines.len}; pl_note_next(&rest, &s);) {
        const char *name = memrchr(s.name.p, '/', s.name.n);
        pl_buf_printf(&names, "%.*s", (int)(s.name.p + s.name.n - name), name);
    }
    assert_string_equal(names.data ? names.data : "", expected);
    pl_buf_free(&lines);
    pl_buf_free(&names);
}

static void people_cosign(void **state)
{
    struct fixture *f = *state;
    join(f, 0, "1");
    struct browser *ann = join(f, 1, "2"), *bob = join(f, 2, "3");
    put_manifest(f, 1, "");
    pass(f, PL_SECOND);
    uint64_t size = checkpoint_size(f);
    look_away(f);
    cosign(bob, size, bob_seed, "p3");
    cosign(ann, size, ann_seed, "p2");
    cosign(ann, size, ann_seed, "p2"); /* again: nothing happens */
    HEARD_NOTHING(ann);
    assert_cosigned(f, size, "");
    pass(f, PL_SECOND);
    assert_cosigned(f, size, "/p2/p3");
    assert_int_equal(pl_conferences_record(f->server.all)->cosignatures, 2);
    /* With the checkpoint they are one note. */
    struct pl_buf whole = {0};
    struct pl_note note;
    assert_int_equal(pl_conference_checkpoint(conference(f), &whole), PL_OK);
    assert_int_equal(pl_note_parse((struct pl_str){whole.data, whole.len}, &note), PL_OK);
    pl_buf_free(&whole);
    die(f);
    assert_cosigned(f, size, "/p2/p3");
}

static void what_is_no_cosignature_is_refused(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1"), *ann = join(f, 1, "2"), *bob = join(f, 2, "3");
    pass(f, PL_SECOND);
    uint64_t size = checkpoint_size(f);
    look_away(f);
    cosign(ann, size, ann_seed, "p2");
    HEARD(ann, "\"code\":\"forbidden\""); /* there is no list */
    put_manifest(f, 1, "\"p3\"");
    look_away(f);
    cosign(chair, size, ann_seed, "p1");
    HEARD(chair, "has no key of yours");
    cosign(bob, size, bob_seed, "p3");
    HEARD(bob, "has no key of yours"); /* revoked */
    cosign(ann, size, bob_seed, "p2");
    HEARD(ann, "\"field\":\"line\",\"of\":\"cosign\"");
    look_away(f);
    cosign(ann, size, ann_seed, "p3");
    HEARD(ann, "\"field\":\"line\"");
    look_away(f);
    say(ann, "{\"type\":\"cosign\",\"size\":1,\"line\":\"\xe2\x80\x94 a AAAAAAA=\"}");
    HEARD(ann, "\"code\":\"unknown\"");
    pass(f, 10 * PL_SECOND);
    assert_cosigned(f, size, "");
}

/* Of the last ones alone. */
static void an_old_checkpoint_is_cosigned_no_more(void **state)
{
    struct fixture *f = *state;
    char text[100];
    uint64_t sizes[PL_COVERED_OPEN + 1];
    struct browser *chair = join(f, 0, "1"), *ann = join(f, 1, "2");
    put_manifest(f, 1, "");
    for (size_t i = 0; i < COUNT(sizes); i++) {
        snprintf(text, sizeof text, "{\"type\":\"set_speaking_time\",\"seconds\":%zu}", i + 1);
        say(chair, text);
        pass(f, 10 * PL_SECOND);
        sizes[i] = checkpoint_size(f);
        assert_true(i == 0 || sizes[i] == sizes[i - 1] + 1);
    }
    cosign(ann, sizes[1], ann_seed, "p2");
    pass(f, PL_SECOND);
    assert_cosigned(f, sizes[1], "/p2");
    snprintf(text, sizeof text, "{\"type\":\"cosign\",\"size\":%u,\"line\":\"x\"}",
             (unsigned)sizes[0]);
    look_away(f);
    say(ann, text);
    HEARD(ann, "\"code\":\"unknown\"");
}

static void cosignatures_have_a_limit(void **state)
{
    struct fixture *f = *state;
    join(f, 0, "1");
    struct browser *ann = join(f, 1, "2"), *bob = join(f, 2, "3");
    put_manifest(f, 1, "");
    pass(f, PL_SECOND);
    uint64_t size = checkpoint_size(f);
    conference(f)->cover.last_ones[0].n_cosigned = PL_COSIGNATURES_MAX - 1;
    look_away(f);
    cosign(ann, size, ann_seed, "p2");
    HEARD_NOTHING(ann);
    cosign(bob, size, bob_seed, "p3");
    HEARD(bob, "\"code\":\"limit\"");
}

/* Another checkpoint, at once; its size. */
static uint64_t grow(struct browser *chair, unsigned n)
{
    char text[160];
    snprintf(text, sizeof text,
             "{\"type\":\"put_paper\",\"paper\":\"o\",\"item\":\"i\",\"title\":\"%u\","
             "\"questions\":[{\"question\":\"q\",\"text\":\"Cost?\"}]}",
             n);
    uint64_t before = checkpoint_size(chair->f);
    say(chair, text);
    pass(chair->f, PL_SECOND / 1000);
    assert_int_equal(checkpoint_size(chair->f), before + 1);
    return before + 1;
}

/* A person cosigns 60 checkpoints at once, and one more each half minute. */
static void nobody_cosigns_without_end(void **state)
{
    struct fixture *f = *state;
    struct browser *chair = join(f, 0, "1"), *ann = join(f, 1, "2"), *bob = join(f, 2, "3");
    put_manifest(f, 1, "");
    say(chair, "{\"type\":\"put_item\",\"item\":\"i\",\"title\":\"Item\"}");
    pass(f, 10 * PL_SECOND);
    look_away(f);
    unsigned n = 0;
    for (; n < PL_COSIGN_BURST; n++) {
        cosign(ann, grow(chair, n), ann_seed, "p2");
        pass(f, PL_COSIGN_EACH / 300);
    }
    assert_false(heard(ann, "\"error\""));
    uint64_t size = grow(chair, n++);
    cosign(ann, size, ann_seed, "p2");
    HEARD(ann, "You cosigned as many checkpoints as you may");
    cosign(bob, size, bob_seed, "p3"); /* each has their own */
    pass(f, PL_SECOND);
    assert_cosigned(f, size, "/p3");
    pass(f, PL_COSIGN_EACH);
    look_away(f);
    cosign(ann, grow(chair, n++), ann_seed, "p2");
    assert_false(heard(ann, "\"error\""));
    cosign(ann, grow(chair, n++), ann_seed, "p2");
    HEARD(ann, "You cosigned as many checkpoints as you may");
}

/* A new version is in the record, and both texts are kept. */
static void a_manifest_is_recorded(void **state)
{
    struct fixture *f = *state;
    join(f, 0, "1");
    put_manifest(f, 3, "");
    put_manifest(f, 4, "\"p3\"");
    assert_record(f, "1 created\n2 opened\n3 joined\n4 manifest\n5 manifest\n");
    struct pl_db *db;
    struct pl_stmt *stmt;
    char why[200];
    assert_int_equal(pl_db_open(f->path, NULL, pl_store_schema, &db, why), PL_OK);
    assert_int_equal(pl_db_prepare(db, "SELECT group_concat(version) FROM manifests", &stmt),
                     PL_OK);
    pl_stmt_begin(stmt);
    assert_int_equal(pl_stmt_row(stmt), PL_OK);
    assert_true(pl_str_eq(pl_stmt_col_text(stmt, 0), "3,4"));
    pl_stmt_end(stmt);
    pl_db_close(db);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_signing, teardown)
    const struct CMUnitTest tests[] = {
        TEST(it_comes_soon_and_not_too_often),
        TEST(newcomers_are_told),
        TEST(the_lobby_is_not_told),
        TEST(a_decision_is_covered_at_once),
        TEST(silence_that_ends_is_covered),
        TEST(an_empty_meeting_is_covered),
        TEST(what_nobody_came_to_is_not_signed),
        TEST(it_outlives_the_server),
        TEST(the_end_is_covered),
        TEST(a_record_that_was_changed_is_found),
        TEST(events_that_were_cut_off_are_missed),
        TEST(a_full_disk_delays_it),
        TEST(many_meetings_are_covered_in_one_turn),
        TEST(people_cosign),
        TEST(what_is_no_cosignature_is_refused),
        TEST(an_old_checkpoint_is_cosigned_no_more),
        TEST(cosignatures_have_a_limit),
        TEST(nobody_cosigns_without_end),
        TEST(a_manifest_is_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
