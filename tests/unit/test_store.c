/* Meetings and invitations in the store, and who may come in: tokens, times, the brake. */
#include "crypto/hash.h"
#include "io/db.h"
#include "server/entry.h"
#include "server/store.h"
#include "signal/definition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW INT64_C(1700000000000)
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct fixture {
    char folder[64], path[96];
    uint64_t seed;
    struct pl_store *store;
    struct pl_limits *limits;
};

/* xorshift: the same in every run. */
static void fill(void *ctx, uint8_t *out, size_t n)
{
    uint64_t *x = ctx;
    for (size_t i = 0; i < n; i++) {
        *x ^= *x << 13;
        *x ^= *x >> 7;
        *x ^= *x << 17;
        out[i] = (uint8_t)(*x >> 32);
    }
}

static struct pl_random seeded(struct fixture *f)
{
    return (struct pl_random){fill, &f->seed};
}

static void open_store(struct fixture *f)
{
    char why[200] = "";
    if (pl_store_open(f->path, seeded(f), &f->store, why) != PL_OK)
        fail_msg("%s", why);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->seed = 20261123;
    make_folder(f->folder, sizeof f->folder, "store");
    snprintf(f->path, sizeof f->path, "%s/parley.db", f->folder);
    open_store(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    pl_store_close(f->store);
    for (size_t i = 0; i < COUNT(ends); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
        unlink(path);
    }
    rmdir(f->folder);
    free(f);
    return 0;
}

#define JSON_SIZE 600

/* With spaces that nobody writes anew: what is kept is what was sent. */
static void definition_json(const char *title, char json[JSON_SIZE])
{
    snprintf(json, JSON_SIZE,
             "{ \"title\": \"%s\",\"floor\":\"open\",\"encryption\":\"none\","
             "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\"}],\"people\":["
             "{\"name\":\"A\",\"role\":\"delegate\",\"seat\":\"NOR\"},"
             "{\"name\":\"B\",\"role\":\"observer\",\"shared\":true},"
             "{\"name\":\"C\",\"role\":\"observer\",\"expires\":%lld}]}",
             title, (long long)(NOW + 1000));
}

static struct pl_definition *definition(const char *title)
{
    struct pl_definition *d = NULL;
    char json[JSON_SIZE], why[PL_WHY_SIZE] = "";
    definition_json(title, json);
    if (pl_definition_decode(pl_str(json), &d, why) != PL_OK)
        fail_msg("%s", why);
    return d;
}

/* A meeting of those three; the caller frees *made. */
static void add(struct fixture *f, const char *title, char id[PL_STORE_ID_SIZE],
                struct pl_invitation_made **made)
{
    struct pl_definition *d = definition(title);
    char json[JSON_SIZE], why[PL_WHY_SIZE];
    definition_json(title, json);
    assert_int_equal(pl_store_add(f->store, d, pl_str(json), NOW, id, made, why), PL_OK);
    pl_definition_free(d);
}

static enum pl_token_state check(struct fixture *f, const char *meeting, const char *token,
                                 int64_t now_ms, struct pl_invitation *out)
{
    enum pl_token_state state;
    assert_int_equal(pl_store_check(f->store, pl_str(meeting), pl_str(token), now_ms, &state, out),
                     PL_OK);
    return state;
}

static void keeps_meetings(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made;
    add(f, "Kept", id, &made);
    assert_int_equal(strlen(id), PL_STORE_ID_CHARS);
    assert_int_equal(strspn(id, "23456789bcdfghjkmnpqrstvwxz"), PL_STORE_ID_CHARS);
    for (int reopened = 0; reopened < 2; reopened++) {
        struct pl_definition *d;
        int64_t created = 0;
        struct pl_buf again = {0}, first = {0};
        assert_int_equal(pl_store_get(f->store, pl_str(id), &d, &created), PL_OK);
        assert_int_equal(created, NOW);
        pl_definition_encode(d, &again);
        pl_definition_free(d);
        d = definition("Kept");
        pl_definition_encode(d, &first);
        pl_definition_free(d);
        assert_string_equal(again.data, first.data);
        pl_buf_free(&again);
        pl_buf_free(&first);
        struct pl_invitation i;
        assert_int_equal(check(f, id, made[0].token, NOW, &i), PL_TOKEN_GOOD);
        assert_string_equal(i.person, "p1");
        pl_store_close(f->store);
        open_store(f);
    }
    free(made);
}

static void judges_tokens(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE], other[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made, *others;
    add(f, "One", id, &made);
    add(f, "Two", other, &others);
    struct pl_invitation i;
    assert_int_equal(pl_store_revoke(f->store, pl_str(id), pl_str(made[1].invitation.id), NOW, &i),
                     PL_OK);
    char upper[PL_TOKEN_SIZE];
    memcpy(upper, made[0].token, sizeof upper);
    upper[0] = upper[0] == 'A' ? 'B' : 'A';
    const struct {
        const char *meeting, *token;
        int64_t at;
        enum pl_token_state state;
    } rows[] = {
        {id, made[0].token, NOW, PL_TOKEN_GOOD},
        {id, made[0].token, NOW + PL_INVITATION_LIFE_MS - 1, PL_TOKEN_GOOD},
        {id, made[0].token, NOW + PL_INVITATION_LIFE_MS, PL_TOKEN_EXPIRED},
        {id, made[1].token, NOW, PL_TOKEN_REVOKED},
        {id, made[2].token, NOW + 999, PL_TOKEN_GOOD},
        {id, made[2].token, NOW + 1000, PL_TOKEN_EXPIRED},
        {id, upper, NOW, PL_TOKEN_UNKNOWN},
        {id, "", NOW, PL_TOKEN_UNKNOWN},
        {id, others[0].token, NOW, PL_TOKEN_UNKNOWN},
        {other, others[0].token, NOW, PL_TOKEN_GOOD},
        {"nosuchid22", made[0].token, NOW, PL_TOKEN_UNKNOWN_MEETING},
        {"", "", NOW, PL_TOKEN_UNKNOWN_MEETING},
    };
    for (size_t r = 0; r < COUNT(rows); r++)
        if (check(f, rows[r].meeting, rows[r].token, rows[r].at, &i) != rows[r].state)
            fail_msg("row %zu", r);
    free(made);
    free(others);
}

static void holds_no_token(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made;
    add(f, "Secret", id, &made);
    pl_store_close(f->store);
    f->store = NULL;
    FILE *file = fopen(f->path, "rb");
    assert_non_null(file);
    static char bytes[1 << 20];
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_non_null(memmem(bytes, n, "Secret", 6)); /* so that the next line means something */
    assert_null(memmem(bytes, n, made[0].token, strlen(made[0].token)));
    open_store(f);
    free(made);
}

static void revokes_and_invites(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE], other[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made, *others, fresh;
    add(f, "One", id, &made);
    add(f, "Two", other, &others);
    struct pl_invitation i;
    struct pl_str invitation = pl_str(made[0].invitation.id);
    assert_int_equal(pl_store_revoke(f->store, pl_str(other), invitation, NOW, &i), PL_ENOENT);
    assert_int_equal(pl_store_revoke(f->store, pl_str(id), pl_str("x"), NOW, &i), PL_ENOENT);
    assert_int_equal(pl_store_revoke(f->store, pl_str(id), invitation, NOW + 5, &i), PL_OK);
    assert_int_equal(i.revoked_ms, NOW + 5);
    assert_int_equal(pl_store_revoke(f->store, pl_str(id), invitation, NOW + 9, &i), PL_OK);
    assert_int_equal(i.revoked_ms, NOW + 5);

    struct pl_definition *d = definition("One");
    assert_int_equal(pl_store_invite(f->store, pl_str(id), d, 0, NOW, &fresh), PL_OK);
    assert_int_equal(check(f, id, fresh.token, NOW, &i), PL_TOKEN_GOOD);
    assert_string_equal(i.person, "p1");
    assert_int_equal(pl_store_invite(f->store, pl_str("nosuchid22"), d, 0, NOW, &fresh), PL_ENOENT);
    pl_definition_free(d);
    free(made);
    free(others);
}

static void count_invitation(void *ctx, const struct pl_invitation *i)
{
    (void)i;
    (*(size_t *)ctx)++;
}

static void count_meeting(void *ctx, const char *id, struct pl_str title, int64_t created_ms)
{
    (void)id;
    (void)title;
    assert_int_equal(created_ms, NOW);
    (*(size_t *)ctx)++;
}

static void deletes(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE], other[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made, *others;
    add(f, "One", id, &made);
    add(f, "Two", other, &others);
    size_t n = 0;
    assert_int_equal(pl_store_list(f->store, count_meeting, &n), PL_OK);
    assert_int_equal(n, 2);
    assert_int_equal(pl_store_delete(f->store, pl_str(id), NOW), PL_OK);
    assert_int_equal(pl_store_delete(f->store, pl_str(id), NOW), PL_ENOENT);
    struct pl_definition *d;
    assert_int_equal(pl_store_get(f->store, pl_str(id), &d, NULL), PL_ENOENT);
    struct pl_invitation i;
    assert_int_equal(check(f, id, made[0].token, NOW, &i), PL_TOKEN_UNKNOWN_MEETING);
    assert_int_equal(check(f, other, made[0].token, NOW, &i), PL_TOKEN_UNKNOWN);
    assert_int_equal(check(f, other, others[0].token, NOW, &i), PL_TOKEN_GOOD);
    n = 0;
    assert_int_equal(pl_store_invitations(f->store, pl_str(id), count_invitation, &n), PL_OK);
    assert_int_equal(n, 0);
    assert_int_equal(pl_store_invitations(f->store, pl_str(other), count_invitation, &n), PL_OK);
    assert_int_equal(n, 3);
    free(made);
    free(others);
}

/* Asked for again and again, in an order that turns the kept ones over. */
static void keeps_definitions_in_hand(void **state)
{
    struct fixture *f = *state;
    enum { N = PL_DEFINITIONS_KEPT + 1 };
    char ids[N][PL_STORE_ID_SIZE], title[32];
    struct pl_definition *first = NULL, *again, *d;
    for (int i = 0; i < N; i++) {
        struct pl_invitation_made *made;
        snprintf(title, sizeof title, "Meeting %d", i);
        add(f, title, ids[i], &made);
        free(made);
    }
    for (int turn = 0; turn < 3; turn++)
        for (int i = 0; i < N; i++) {
            int64_t created = 0;
            snprintf(title, sizeof title, "Meeting %d", i);
            assert_int_equal(pl_store_get(f->store, pl_str(ids[i]), &d, &created), PL_OK);
            assert_string_equal(d->title, title);
            assert_int_equal(created, NOW);
            pl_definition_free(d);
        }
    assert_int_equal(pl_store_get(f->store, pl_str(ids[0]), &first, NULL), PL_OK);
    assert_int_equal(pl_store_get(f->store, pl_str(ids[0]), &again, NULL), PL_OK);
    assert_ptr_equal(first, again);
    pl_definition_free(again);
    assert_int_equal(pl_store_delete(f->store, pl_str(ids[0]), NOW), PL_OK);
    assert_int_equal(pl_store_get(f->store, pl_str(ids[0]), &d, NULL), PL_ENOENT);
    assert_string_equal(first->title, "Meeting 0"); /* who holds it still has it */
    pl_definition_free(first);
}

static void limits_invitations(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made, fresh;
    add(f, "Many", id, &made);
    struct pl_definition *d = definition("Many");
    for (size_t n = 3; n < PL_INVITATIONS_MAX; n++)
        assert_int_equal(pl_store_invite(f->store, pl_str(id), d, 1, NOW, &fresh), PL_OK);
    assert_int_equal(pl_store_invite(f->store, pl_str(id), d, 1, NOW, &fresh), PL_ELIMIT);
    pl_definition_free(d);
    free(made);
}

/* The record */

/* Without its salt, which is another one each time. */
#define SALT_FIELD (strlen("\"salt\":\"\",") + PL_ACT_SALT_CHARS)
static enum pl_err note_event(void *ctx, uint64_t number, struct pl_str bytes)
{
    const char *salt = memmem(bytes.p, bytes.n, "\"salt\":\"", 8);
    assert_non_null(salt);
    size_t before = (size_t)(salt - bytes.p), behind = bytes.n - before - SALT_FIELD;
    pl_buf_printf(ctx, "%u %.*s%.*s\n", (unsigned)number, (int)before, bytes.p, (int)behind,
                  salt + SALT_FIELD);
    return PL_OK;
}

static void read_record(struct fixture *f, const char *id, struct pl_buf *out)
{
    pl_buf_clear(out);
    assert_int_equal(pl_store_events(f->store, pl_str(id), note_event, out), PL_OK);
}

static void add_mute(struct pl_events *events, uint64_t number)
{
    uint64_t seed = 7;
    const struct pl_random random = {fill, &seed};
    const struct pl_act act = {
        .type = PL_ACT_MUTE, .number = number, .at_ms = NOW, .mute = {pl_str("p1")}};
    assert_int_equal(pl_events_add(events, &act, &random), PL_OK);
}

static enum pl_err append(struct fixture *f, const char *id, uint64_t first, size_t n, int64_t wake)
{
    struct pl_events events = {0};
    for (size_t i = 0; i < n; i++)
        add_mute(&events, first + i);
    const struct pl_store_batch batch = {.meeting = id, .events = &events, .wake_ms = wake};
    enum pl_err e = pl_store_append(f->store, &batch, 1);
    pl_events_free(&events);
    return e;
}

#define MUTE(n)                                                                                    \
    n " {\"number\":" n ",\"at\":1700000000000,\"act\":\"mute\",\"participant\":\"p1\"}\n"

/* The hash is that of the definition's bytes, as they are kept. */
static void begins_a_record(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE], hex[2 * PL_SHA256_SIZE + 1], expected[300];
    uint8_t hash[PL_SHA256_SIZE];
    struct pl_invitation_made *made;
    struct pl_buf record = {0}, kept = {0};
    char json[JSON_SIZE];
    definition_json("T", json);
    pl_sha256(json, strlen(json), hash);
    pl_hex(hash, sizeof hash, hex);
    add(f, "T", id, &made);
    read_record(f, id, &record);
    snprintf(expected, sizeof expected,
             "1 {\"number\":1,\"at\":1700000000000,\"act\":\"created\",\"meeting\":\"%s\","
             "\"definition\":\"%s\"}\n",
             id, hex);
    assert_string_equal(record.data, expected);
    assert_int_equal(pl_store_definition(f->store, pl_str(id), &kept), PL_OK);
    assert_string_equal(kept.data, json);
    pl_buf_free(&record);
    pl_buf_free(&kept);
    free(made);
}

static enum pl_err add_prepared(struct fixture *f, const char *prepared, char why[PL_WHY_SIZE],
                                char id[PL_STORE_ID_SIZE])
{
    char json[2000];
    struct pl_definition *d;
    struct pl_invitation_made *made;
    snprintf(json, sizeof json,
             "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"none\","
             "\"seats\":[{\"id\":\"N\",\"name\":\"N\"}],"
             "\"people\":[{\"name\":\"A\",\"role\":\"chair\"}],\"prepared\":[%s]}",
             prepared);
    if (pl_definition_decode(pl_str(json), &d, why) != PL_OK)
        fail_msg("%s", why);
    enum pl_err e = pl_store_add(f->store, d, pl_str(json), NOW, id, &made, why);
    pl_definition_free(d);
    if (!e)
        free(made);
    return e;
}

#define ITEM(id) "{\"act\":\"put_item\",\"item\":\"" id "\",\"title\":\"T\"}"

static void keeps_what_was_prepared(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE], why[PL_WHY_SIZE] = "";
    struct pl_buf record = {0};
    assert_int_equal(add_prepared(f, ITEM("a") "," ITEM("b"), why, id), PL_OK);
    read_record(f, id, &record);
    assert_non_null(strstr(record.data, "\n2 {\"number\":2,\"at\":1700000000000,\"act\":"
                                        "\"put_item\",\"item\":\"a\",\"title\":\"T\"}\n3 {"));
    pl_buf_free(&record);
    static const struct {
        const char *prepared, *why;
    } refused[] = {
        {ITEM("a") "," ITEM("b b"), "prepared[1].item: "},
        {ITEM("a") ",{\"act\":\"drop_item\",\"item\":\"x\"}", "prepared[1].item: "},
        {"{\"act\":\"remove\",\"participant\":\"p1\"}", "prepared[0]: "},
    };
    size_t n = 0, after = 0;
    assert_int_equal(pl_store_list(f->store, count_meeting, &n), PL_OK);
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_int_equal(add_prepared(f, refused[i].prepared, why, id), PL_EINVAL);
        if (strncmp(why, refused[i].why, strlen(refused[i].why)) != 0)
            fail_msg("%s", why);
    }
    assert_int_equal(pl_store_list(f->store, count_meeting, &after), PL_OK);
    assert_int_equal(n, after);
}

/* What became of a meeting outlives it. */
static void a_deleted_meeting_leaves_a_trace(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE], expected[200];
    struct pl_invitation_made *made;
    struct pl_buf log = {0};
    add(f, "One", id, &made);
    free(made);
    assert_int_equal(append(f, id, 2, 2, INT64_MAX), PL_OK);
    assert_int_equal(pl_store_log(f->store, 0, note_event, &log), PL_OK);
    snprintf(expected, sizeof expected,
             "1 {\"number\":1,\"at\":1700000000000,\"act\":\"created\",\"meeting\":\"%s\","
             "\"definition\":\"",
             id);
    assert_memory_equal(log.data, expected, strlen(expected));
    pl_buf_clear(&log);
    assert_int_equal(pl_store_delete(f->store, pl_str(id), NOW + 5), PL_OK);
    assert_int_equal(pl_store_delete(f->store, pl_str(id), NOW + 5), PL_ENOENT);
    assert_int_equal(pl_store_log(f->store, 1, note_event, &log), PL_OK);
    snprintf(expected, sizeof expected,
             "2 {\"number\":2,\"at\":1700000000005,\"act\":\"deleted\",\"meeting\":\"%s\","
             "\"size\":3,\"root\":\"",
             id);
    assert_memory_equal(log.data, expected, strlen(expected));
    assert_null(strstr(log.data, "\n3 "));
    pl_buf_free(&log);
}

static void appends_all_or_nothing(void **state)
{
    struct fixture *f = *state;
    char one[PL_STORE_ID_SIZE], two[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made;
    struct pl_buf record = {0};
    add(f, "One", one, &made);
    free(made);
    add(f, "Two", two, &made);
    free(made);
    assert_int_equal(append(f, one, 2, 2, INT64_MAX), PL_OK);
    read_record(f, one, &record);
    assert_non_null(strstr(record.data, "}\n" MUTE("2") MUTE("3")));
    struct pl_events good = {0}, bad = {0};
    add_mute(&good, 4);
    add_mute(&bad, 1); /* is there already */
    const struct pl_store_batch batches[] = {
        {.meeting = one, .events = &good, .wake_ms = INT64_MAX},
        {.meeting = two, .events = &bad, .wake_ms = INT64_MAX}};
    assert_int_equal(pl_store_append(f->store, batches, 2), PL_EEXIST);
    read_record(f, one, &record);
    assert_null(strstr(record.data, "\n4 "));
    assert_int_equal(pl_store_append(f->store, batches, 1), PL_OK);
    read_record(f, one, &record);
    assert_non_null(strstr(record.data, MUTE("4")));
    const struct pl_store_batch nowhere = {
        .meeting = "nosuchid22", .events = &good, .wake_ms = INT64_MAX};
    assert_int_equal(pl_store_append(f->store, &nowhere, 1), PL_ENOENT);
    assert_int_equal(pl_store_events(f->store, pl_str("nosuchid22"), note_event, &record),
                     PL_ENOENT);
    pl_store_close(f->store);
    open_store(f);
    read_record(f, one, &record);
    assert_non_null(strstr(record.data, MUTE("2") MUTE("3") MUTE("4")));
    pl_events_free(&good);
    pl_events_free(&bad);
    pl_buf_free(&record);
}

static void knows_who_is_to_be_woken(void **state)
{
    struct fixture *f = *state;
    char ids[3][PL_STORE_ID_SIZE], due[2][PL_STORE_ID_SIZE];
    int64_t wake = 0;
    size_t n = 9;
    for (size_t i = 0; i < 3; i++) {
        struct pl_invitation_made *made;
        add(f, "T", ids[i], &made);
        free(made);
    }
    assert_int_equal(pl_store_next_wake(f->store, &wake), PL_OK);
    assert_int_equal(wake, INT64_MAX);
    assert_int_equal(append(f, ids[0], 2, 1, NOW + 30), PL_OK);
    assert_int_equal(append(f, ids[1], 2, 1, NOW + 10), PL_OK);
    assert_int_equal(append(f, ids[2], 2, 1, NOW + 20), PL_OK);
    assert_int_equal(pl_store_next_wake(f->store, &wake), PL_OK);
    assert_int_equal(wake, NOW + 10);
    assert_int_equal(pl_store_due(f->store, NOW + 9, due, 2, &n), PL_OK);
    assert_int_equal(n, 0);
    assert_int_equal(pl_store_due(f->store, NOW + 10, due, 2, &n), PL_OK);
    assert_int_equal(n, 1);
    assert_string_equal(due[0], ids[1]);
    assert_int_equal(pl_store_due(f->store, NOW + 30, due, 2, &n), PL_OK);
    assert_int_equal(n, 2);
    assert_string_equal(due[1], ids[2]);
    assert_int_equal(append(f, ids[1], 3, 0, INT64_MAX), PL_OK);
    assert_int_equal(pl_store_next_wake(f->store, &wake), PL_OK);
    assert_int_equal(wake, NOW + 20);
    assert_int_equal(pl_store_delete(f->store, pl_str(ids[2]), NOW), PL_OK);
    assert_int_equal(pl_store_next_wake(f->store, &wake), PL_OK);
    assert_int_equal(wake, NOW + 30);
}

/* Documents */

static enum pl_err append_document(struct fixture *f, const char *id, const char *document,
                                   const uint8_t *bytes, size_t n)
{
    struct pl_events none = {0};
    const struct pl_store_document d = {document, {(const char *)bytes, n}};
    const struct pl_store_batch batch = {
        .meeting = id, .events = &none, .document = &d, .wake_ms = INT64_MAX};
    return pl_store_append(f->store, &batch, 1);
}

static void keeps_documents_in_parts(void **state)
{
    struct fixture *f = *state;
    enum { N = 2 * PL_DOCUMENT_PART };
    char id[PL_STORE_ID_SIZE], other[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made;
    uint8_t *bytes = malloc(N + 1), part[PL_DOCUMENT_PART];
    assert_non_null(bytes);
    fill(&f->seed, bytes, N + 1);
    add(f, "One", id, &made);
    free(made);
    add(f, "Two", other, &made);
    free(made);
    size_t n = 0;
    assert_int_equal(append_document(f, id, "even", bytes, N), PL_OK);
    assert_int_equal(append_document(f, id, "odd", bytes, N + 1), PL_OK);
    assert_int_equal(append_document(f, id, "odd", bytes, 1), PL_EEXIST);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pl_store_read_document(f->store, pl_str(id), pl_str("odd"), i, part, &n),
                         PL_OK);
        assert_int_equal(n, PL_DOCUMENT_PART);
        assert_memory_equal(part, bytes + i * PL_DOCUMENT_PART, n);
    }
    assert_int_equal(pl_store_read_document(f->store, pl_str(id), pl_str("odd"), 2, part, &n),
                     PL_OK);
    assert_int_equal(n, 1);
    assert_int_equal(part[0], bytes[N]);
    assert_int_equal(pl_store_read_document(f->store, pl_str(id), pl_str("even"), 2, part, &n),
                     PL_ENOENT);
    assert_int_equal(pl_store_read_document(f->store, pl_str(other), pl_str("odd"), 0, part, &n),
                     PL_ENOENT);
    assert_int_equal(pl_store_drop_document(f->store, pl_str(other), pl_str("odd")), PL_OK);
    assert_int_equal(pl_store_read_document(f->store, pl_str(id), pl_str("odd"), 0, part, &n),
                     PL_OK);
    assert_int_equal(pl_store_drop_document(f->store, pl_str(id), pl_str("odd")), PL_OK);
    assert_int_equal(pl_store_read_document(f->store, pl_str(id), pl_str("odd"), 0, part, &n),
                     PL_ENOENT);
    assert_int_equal(pl_store_read_document(f->store, pl_str(id), pl_str("even"), 0, part, &n),
                     PL_OK);
    free(bytes);
}

/* A file of the first version: meetings without records. */
static void take_manifest(void *ctx, const struct pl_store_manifest *m)
{
    char *text = ctx;
    snprintf(text, 100, "%lld %.*s %.*s %.*s %.*s", (long long)m->version, (int)m->manifest.n,
             m->manifest.p, (int)m->signature.n, m->signature.p, (int)m->key.n, m->key.p,
             (int)m->signed_by.n, m->signed_by.p);
}

/* With the event of this number. */
static enum pl_err put_manifest(struct fixture *f, const char *id, uint64_t number,
                                const struct pl_store_manifest *m)
{
    struct pl_events events = {0};
    add_mute(&events, number);
    const struct pl_store_batch batch = {
        .meeting = id, .events = &events, .manifest = m, .wake_ms = INT64_MAX};
    enum pl_err e = pl_store_append(f->store, &batch, 1);
    pl_events_free(&events);
    return e;
}

/* With the event that says so, or not at all. */
static void somebody_is_added_with_the_event(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made, late;
    struct pl_definition *d, *now;
    const struct pl_person person = {.role = PL_ROLE_OBSERVER, .seat = PL_NO_SEAT};
    add(f, "M", id, &made);
    free(made);
    assert_int_equal(pl_store_get(f->store, pl_str(id), &d, NULL), PL_OK);
    struct pl_definition *wider = pl_definition_with(d, &person, pl_str("Late"));
    assert_non_null(wider);
    const struct pl_store_newcomer newcomer = {wider, NOW, &late};
    for (uint64_t number = 1; number <= 2; number++) { /* the first is there already */
        struct pl_events events = {0};
        add_mute(&events, number);
        const struct pl_store_batch batch = {
            .meeting = id, .events = &events, .newcomer = &newcomer, .wake_ms = INT64_MAX};
        assert_int_equal(pl_store_append(f->store, &batch, 1), number == 1 ? PL_EEXIST : PL_OK);
        pl_events_free(&events);
        assert_int_equal(pl_store_get(f->store, pl_str(id), &now, NULL), PL_OK);
        assert_int_equal(now->n_people, d->n_people + (number == 2));
        pl_definition_free(now);
    }
    assert_int_equal(check(f, id, late.token, NOW, &late.invitation), PL_TOKEN_GOOD);
    assert_int_equal(pl_store_made(f->store, pl_str(id), &now), PL_OK);
    assert_int_equal(now->n_people, d->n_people); /* the record begins with it */
    pl_definition_free(now);
    pl_definition_free(wider);
    pl_definition_free(d);
}

/* It needs no invitation. */
static void a_seat_is_added_with_the_event(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made;
    struct pl_definition *d, *now;
    const struct pl_seat seat = {.id = "SWE", .weight = 1};
    struct pl_events events = {0};
    add(f, "M", id, &made);
    free(made);
    assert_int_equal(pl_store_made(f->store, pl_str(id), &d), PL_OK);
    struct pl_definition *wider = pl_definition_with_seat(d, &seat, pl_str("Sweden"));
    assert_non_null(wider);
    const struct pl_store_newcomer newcomer = {wider, NOW, NULL};
    add_mute(&events, 2);
    const struct pl_store_batch batch = {
        .meeting = id, .events = &events, .newcomer = &newcomer, .wake_ms = INT64_MAX};
    assert_int_equal(pl_store_append(f->store, &batch, 1), PL_OK);
    pl_events_free(&events);
    assert_int_equal(pl_store_get(f->store, pl_str(id), &now, NULL), PL_OK);
    assert_int_equal(now->n_seats, d->n_seats + 1);
    assert_string_equal(now->seats[d->n_seats].name, "Sweden");
    assert_int_equal(now->n_people, d->n_people);
    pl_definition_free(now);
    assert_int_equal(pl_store_made(f->store, pl_str(id), &now), PL_OK);
    assert_int_equal(now->n_seats, d->n_seats);
    pl_definition_free(now);
    assert_int_equal(pl_store_made(f->store, pl_str("none"), &now), PL_ENOENT);
    pl_definition_free(wider);
    pl_definition_free(d);
}

static void a_manifest_goes_up_alone(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE], text[100];
    struct pl_invitation_made *made;
    add(f, "M", id, &made);
    free(made);
    struct pl_store_manifest m = {7, pl_str("text"), pl_str("sig"), pl_str("key"), pl_str("p1")};
    assert_int_equal(pl_store_manifest(f->store, pl_str(id), take_manifest, text), PL_ENOENT);
    assert_int_equal(put_manifest(f, "none", 2, &m), PL_ENOENT);
    assert_int_equal(put_manifest(f, id, 2, &m), PL_OK);
    m.manifest = pl_str("other");
    assert_int_equal(put_manifest(f, id, 3, &m), PL_EEXIST);
    m.version = 6;
    assert_int_equal(put_manifest(f, id, 3, &m), PL_EEXIST);
    assert_int_equal(pl_store_manifest(f->store, pl_str(id), take_manifest, text), PL_OK);
    assert_string_equal(text, "7 text sig key p1");
    struct pl_buf record = {0};
    read_record(f, id, &record);
    assert_null(strstr(record.data, "\n3 ")); /* refused with its event */
    pl_buf_free(&record);
    m.version = 8;
    assert_int_equal(put_manifest(f, id, 3, &m), PL_OK);
    pl_store_close(f->store);
    open_store(f);
    assert_int_equal(pl_store_manifest(f->store, pl_str(id), take_manifest, text), PL_OK);
    assert_string_equal(text, "8 other sig key p1");
    assert_int_equal(pl_store_delete(f->store, pl_str(id), NOW), PL_OK);
    assert_int_equal(pl_store_manifest(f->store, pl_str(id), take_manifest, text), PL_ENOENT);
}

static enum pl_err put_minutes(struct fixture *f, const char *id, uint64_t number, const char *en)
{
    struct pl_events events = {0};
    const struct pl_store_minutes minutes = {pl_str(en), pl_str("fr")};
    add_mute(&events, number);
    const struct pl_store_batch batch = {
        .meeting = id, .events = &events, .minutes = &minutes, .wake_ms = INT64_MAX};
    enum pl_err e = pl_store_append(f->store, &batch, 1);
    pl_events_free(&events);
    return e;
}

static void take_minutes(void *ctx, const struct pl_store_minutes *m)
{
    snprintf(ctx, 100, "%.*s|%.*s", (int)m->en.n, m->en.p, (int)m->fr.n, m->fr.p);
}

static void minutes_are_adopted_once(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE], text[100] = "";
    struct pl_invitation_made *made;
    add(f, "M", id, &made);
    free(made);
    assert_int_equal(pl_store_minutes(f->store, pl_str(id), take_minutes, text), PL_ENOENT);
    assert_int_equal(put_minutes(f, id, 2, "en"), PL_OK);
    assert_int_equal(put_minutes(f, id, 3, "other"), PL_EEXIST);
    struct pl_buf record = {0};
    read_record(f, id, &record);
    assert_null(strstr(record.data, "\n3 ")); /* refused with its event */
    pl_buf_free(&record);
    pl_store_close(f->store);
    open_store(f);
    assert_int_equal(pl_store_minutes(f->store, pl_str(id), take_minutes, text), PL_OK);
    assert_string_equal(text, "en|fr");
    assert_int_equal(pl_store_delete(f->store, pl_str(id), NOW), PL_OK);
    assert_int_equal(pl_store_minutes(f->store, pl_str(id), take_minutes, text), PL_ENOENT);
}

static void old_meetings_get_a_record(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE], why[200];
    struct pl_invitation_made *made;
    struct pl_buf record = {0}, again = {0};
    add(f, "Old", id, &made);
    read_record(f, id, &record);
    pl_store_close(f->store);
    struct pl_db *db;
    assert_int_equal(pl_db_open(f->path, NULL, 12, &db, why), PL_OK);
    assert_int_equal(
        pl_db_exec(
            db, "DROP TABLE enrolments; DROP TABLE passkeys; DROP INDEX meetings_body; ALTER TABLE "
                "meetings DROP COLUMN body;"
                "DROP TABLE audit_events; DROP TABLE audit_checkpoint; DROP TABLE sessions;"
                "DROP TABLE roles; DROP TABLE accounts; DROP TABLE bodies;"
                "DROP TABLE log_events; DROP TABLE log_cosignatures; DROP TABLE log_checkpoints;"
                "DROP TABLE rotations; DROP TABLE cosignatures; DROP TABLE checkpoints;"
                "DROP TABLE manifests; DROP TABLE minutes; DROP TABLE documents; DROP TABLE events;"
                "DROP INDEX meetings_wake;"
                "ALTER TABLE meetings DROP COLUMN wake_ms;"
                "ALTER TABLE meetings DROP COLUMN widened;"
                "PRAGMA user_version = 1"),
        PL_OK);
    pl_db_close(db);
    open_store(f);
    read_record(f, id, &again);
    assert_string_equal(again.data, record.data);
    pl_buf_free(&record);
    pl_buf_free(&again);
    free(made);
}

static void says_why_it_cannot_open(void **state)
{
    struct fixture *f = *state;
    struct pl_store *s = NULL;
    char why[200] = "", path[128];
    snprintf(path, sizeof path, "%s/none/parley.db", f->folder);
    assert_int_not_equal(pl_store_open(path, seeded(f), &s, why), PL_OK);
    assert_null(s);
    assert_true(strlen(why) > 0 && !strchr(why, '\n'));
}

static struct pl_addr addr(const char *ip)
{
    struct pl_addr a;
    assert_int_equal(pl_addr_parse_ip(ip, &a), PL_OK);
    return a;
}

static struct pl_entry *door(struct fixture *f)
{
    struct pl_entry *e;
    const struct pl_random random = seeded(f);
    assert_int_equal(pl_limits_new(&random, &f->limits), PL_OK);
    assert_int_equal(pl_entry_new(f->store, f->limits, &e), PL_OK);
    return e;
}

static void opens_the_door(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made;
    struct pl_entry *e;
    add(f, "Door", id, &made);
    e = door(f);
    struct pl_addr from = addr("192.0.2.1");
    struct pl_entry_pass pass;
    assert_int_equal(pl_entry_check(e, &from, pl_str(id), pl_str(made[1].token), 0, NOW, &pass),
                     PL_ENTRY_GOOD);
    assert_int_equal(pass.person, 1);
    assert_true(pass.invitation.shared);
    assert_string_equal(pass.definition->title, "Door");
    pl_definition_free(pass.definition);
    assert_int_equal(
        pl_entry_check(e, &from, pl_str(id), pl_str(made[2].token), 0, NOW + 1000, &pass),
        PL_ENTRY_EXPIRED);
    pl_entry_free(e);
    pl_limits_free(f->limits);
    free(made);
}

static void brakes_one_address(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made;
    struct pl_entry *e;
    struct pl_entry_pass pass;
    add(f, "Door", id, &made);
    e = door(f);
    struct pl_addr bad = addr("2001:db8:1:2::1"), same = addr("2001:db8:1:2:ffff::9"),
                   other = addr("2001:db8:1:3::1");
    struct pl_str meeting = pl_str(id), wrong = pl_str("wrong"), good = pl_str(made[0].token);
    const struct pl_rate rate = PL_LIMIT_ADDRESS_WRONG;
    for (unsigned i = 0; i < rate.burst; i++)
        assert_int_equal(pl_entry_check(e, &bad, meeting, wrong, 0, NOW, &pass),
                         PL_ENTRY_UNKNOWN_TOKEN);
    assert_int_equal(pl_entry_check(e, &bad, meeting, wrong, 40, NOW, &pass), PL_ENTRY_TOO_MANY);
    assert_int_equal(pass.wait, rate.each - 40);
    assert_int_equal(pl_entry_check(e, &same, meeting, wrong, 40, NOW, &pass), PL_ENTRY_TOO_MANY);
    assert_int_equal(pl_entry_check(e, &other, meeting, wrong, 40, NOW, &pass),
                     PL_ENTRY_UNKNOWN_TOKEN);
    assert_int_equal(pl_entry_check(e, &bad, meeting, good, 40, NOW, &pass), PL_ENTRY_GOOD);
    pl_definition_free(pass.definition);
    assert_int_equal(pl_entry_check(e, &bad, meeting, wrong, rate.each - 1, NOW, &pass),
                     PL_ENTRY_TOO_MANY);
    assert_int_equal(pl_entry_check(e, &bad, meeting, wrong, rate.each, NOW, &pass),
                     PL_ENTRY_UNKNOWN_TOKEN);
    pl_entry_free(e);
    pl_limits_free(f->limits);
    free(made);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(keeps_meetings),
        TEST(judges_tokens),
        TEST(holds_no_token),
        TEST(revokes_and_invites),
        TEST(deletes),
        TEST(keeps_definitions_in_hand),
        TEST(limits_invitations),
        TEST(begins_a_record),
        TEST(keeps_what_was_prepared),
        TEST(appends_all_or_nothing),
        TEST(knows_who_is_to_be_woken),
        TEST(keeps_documents_in_parts),
        TEST(old_meetings_get_a_record),
        TEST(somebody_is_added_with_the_event),
        TEST(a_seat_is_added_with_the_event),
        TEST(a_manifest_goes_up_alone),
        TEST(minutes_are_adopted_once),
        TEST(a_deleted_meeting_leaves_a_trace),
        TEST(says_why_it_cannot_open),
        TEST(opens_the_door),
        TEST(brakes_one_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
