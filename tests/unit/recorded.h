/* Live meetings with a store of their own, for tests of the record: browsers as arrays of messages,
 * a clock that the test moves. After <cmocka.h>. */
#ifndef PL_TESTS_RECORDED_H
#define PL_TESTS_RECORDED_H

#include "folder.h"
#include "io/db.h"
#include "meet/state.h"
#include "server/client.h"
#include "server/conference.h"
#include "server/conference_parts.h"
#include "server/record_key.h"
#include "server/signing.h"
#include "server/store.h"
#include "signal/definition.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define WALL INT64_C(1700000000000)
#define BROWSERS 4

struct browser {
    struct fixture *f;
    struct pl_client *client;
    struct pl_buf heard; /* what came since the last look, a line each */
    bool closed;
};

struct server {
    struct pl_store *store;
    struct pl_conferences *all;
};

struct fixture {
    bool slow;                /* the store has a thread, whose jobs are done by slow_finish: */
    struct pl_store_job *job; /* NULL: none */
    char folder[64], path[96];
    int lives;
    uint64_t seed;
    pl_time_us now, wake_at;
    char meeting[PL_STORE_ID_SIZE];
    struct server server;
    size_t record_bytes_max, record_share_max;
    bool signs; /* checkpoints, from the next start on */
    struct pl_record_key key;
    struct pl_keyholder keyholder;
    struct pl_signing signing;
    struct browser browsers[BROWSERS];
};

static inline void fill(void *ctx, uint8_t *out, size_t n)
{
    uint64_t *x = ctx;
    for (size_t i = 0; i < n; i++) {
        *x ^= *x << 13;
        *x ^= *x >> 7;
        *x ^= *x << 17;
        out[i] = (uint8_t)(*x >> 32);
    }
}

static inline pl_time_us clock_now(void *ctx)
{
    return ((struct fixture *)ctx)->now;
}

static inline int64_t clock_wall(void *ctx)
{
    return WALL + ((struct fixture *)ctx)->now / 1000;
}

static inline void wake(void *ctx, pl_time_us at)
{
    ((struct fixture *)ctx)->wake_at = at;
}

/* Lets time pass, as the loop would. */
static inline void pass(struct fixture *f, pl_time_us d)
{
    pl_time_us end = f->now + d;
    while (f->wake_at <= end) {
        if (f->wake_at > f->now)
            f->now = f->wake_at;
        f->wake_at = PL_NEVER;
        pl_conferences_run(f->server.all);
    }
    f->now = end;
}

/* A disk that takes as long as the test likes. */
static inline void slow_work(void *ctx, struct pl_store_job *job)
{
    struct fixture *f = ctx;
    assert_null(f->job); /* one at a time */
    f->job = job;
}

static inline void slow_finish(void *ctx)
{
    struct fixture *f = ctx;
    struct pl_store_job *job = f->job;
    assert_non_null(job);
    f->job = NULL;
    enum pl_err err = job->run(job, f->server.store);
    job->failure = pl_store_failure(f->server.store);
    job->done(job, err);
}

static inline void start(struct fixture *f)
{
    char why[200] = "";
    const struct pl_random random = {fill, &f->seed};
    f->wake_at = PL_NEVER;
    if (pl_store_open(f->path, random, &f->server.store, why) != PL_OK)
        fail_msg("%s", why);
    pl_record_key_make(&f->key, "https://parley.example.org", &random);
    memset(f->key.seed, 7, sizeof f->key.seed); /* the same in every life */
    pl_ed25519_public(f->key.seed, f->key.id.public);
    pl_keyholder_init(&f->keyholder, pl_str(f->key.id.name), f->key.seed, &random);
    assert_int_equal(pl_signing_local(&f->signing, &f->keyholder), PL_OK);
    const struct pl_conferences_config config = {
        .ctx = f,
        .now = clock_now,
        .wall_ms = clock_wall,
        .wake = wake,
        .random = random,
        .work = f->slow ? slow_work : NULL,
        .finish = slow_finish,
        .store = f->server.store,
        .signing = f->signs ? &f->signing : NULL,
        .record_bytes_max = f->record_bytes_max,
        .record_share_max = f->record_share_max,
    };
    assert_int_equal(pl_conferences_new(&config, &f->server.all), PL_OK);
}

static inline void browser_send(void *ctx, const char *json, size_t n)
{
    struct browser *b = ctx;
    if (b->closed)
        return;
    pl_buf_add(&b->heard, json, n);
    pl_buf_puts(&b->heard, "\n");
}

static inline void browser_close(void *ctx)
{
    ((struct browser *)ctx)->closed = true;
}

/* Token "2" is the second person. */
static inline bool browser_enter(void *ctx, struct pl_str meeting, struct pl_str token,
                                 struct pl_client_pass *out, struct pl_farewell *refusal)
{
    const struct browser *b = ctx;
    (void)refusal;
    assert_int_equal(pl_store_get(b->f->server.store, meeting, &out->definition, NULL), PL_OK);
    out->person = (uint32_t)(token.p[0] - '1');
    out->user = (struct pl_limits_user){.invitation = {token.p[0]}};
    return true;
}

static inline void hang_up(struct browser *b)
{
    if (b->client)
        pl_client_closed(b->client);
    b->client = NULL;
}

static inline void stop(struct fixture *f)
{
    pl_conferences_end(f->server.all);
    for (size_t i = 0; i < BROWSERS; i++)
        hang_up(&f->browsers[i]);
    pl_conferences_free(f->server.all);
    pl_store_close(f->server.store);
    pl_keyholder_free(&f->keyholder);
}

static inline void copy(const char *from, const char *to, const char *end)
{
    char path[128];
    static char bytes[1 << 20];
    snprintf(path, sizeof path, "%s%s", from, end);
    FILE *in = fopen(path, "rb");
    snprintf(path, sizeof path, "%s%s", to, end);
    FILE *out = fopen(path, "wb");
    assert_true(in && out);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        assert_int_equal(fwrite(bytes, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* As kill -9 would: another server starts from what is on disk now. */
static inline void die(struct fixture *f)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%d.db", f->folder, ++f->lives);
    copy(f->path, path, "");
    copy(f->path, path, "-wal");
    stop(f);
    memcpy(f->path, path, sizeof path);
    start(f);
}

static inline void say(struct browser *b, const char *json)
{
    pl_client_text(b->client, pl_str(json));
}

static inline struct browser *hello(struct fixture *f, size_t i, const char *token)
{
    char text[120];
    struct browser *b = &f->browsers[i];
    hang_up(b);
    pl_buf_clear(&b->heard);
    b->closed = false;
    const struct pl_client_io io = {b, browser_send, browser_close, browser_enter, NULL};
    assert_int_equal(pl_client_new(f->server.all, &io, &b->client), PL_OK);
    snprintf(text, sizeof text, "{\"type\":\"hello\",\"meeting\":\"%s\",\"token\":\"%s\"}",
             f->meeting, token);
    say(b, text);
    return b;
}

static inline struct browser *join(struct fixture *f, size_t i, const char *token)
{
    struct browser *b = hello(f, i, token);
    pass(f, 0);
    return b;
}

static inline bool heard(const struct browser *b, const char *text)
{
    return b->heard.data && strstr(b->heard.data, text);
}

#define HEARD(b, text)                                                                             \
    do {                                                                                           \
        if (!heard(b, text))                                                                       \
            fail_msg("no %s in\n%s", text, (b)->heard.data ? (b)->heard.data : "");                \
    } while (0)
#define HEARD_NOTHING(b) assert_int_equal((b)->heard.len, 0)

static inline void look_away(struct fixture *f)
{
    for (size_t i = 0; i < BROWSERS; i++)
        pl_buf_clear(&f->browsers[i].heard);
}

/* Person 1 presides, 2 and 3 are delegates, 4 observes. */
static const char council[] =
    "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"none\","
    "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\"},{\"id\":\"EST\",\"name\":\"Estonia\"}],"
    "\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},"
    "{\"name\":\"Ann\",\"role\":\"delegate\",\"seat\":\"NOR\"},"
    "{\"name\":\"Bob\",\"role\":\"delegate\",\"seat\":\"EST\"},"
    "{\"name\":\"Guest\",\"role\":\"observer\"}]}";

static inline void make(struct fixture *f, const char *json)
{
    struct pl_definition *d = NULL;
    struct pl_invitation_made *made = NULL;
    char why[PL_WHY_SIZE] = "";
    if (pl_definition_decode(pl_str(json), &d, why) != PL_OK ||
        pl_store_add(f->server.store, d, pl_str(json), clock_wall(f), f->meeting, &made, why) !=
            PL_OK)
        fail_msg("%s", why);
    free(made);
    pl_definition_free(d);
}

static inline int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->seed = 20261125;
    f->now = 1000 * PL_SECOND;
    make_folder(f->folder, sizeof f->folder, "record");
    snprintf(f->path, sizeof f->path, "%s/0.db", f->folder);
    for (size_t i = 0; i < BROWSERS; i++)
        f->browsers[i].f = f;
    start(f);
    make(f, council);
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    stop(f);
    for (int life = 0; life <= f->lives; life++)
        for (size_t i = 0; i < COUNT(ends); i++) {
            char path[128];
            snprintf(path, sizeof path, "%s/%d.db%s", f->folder, life, ends[i]);
            unlink(path);
        }
    assert_int_equal(rmdir(f->folder), 0);
    for (size_t i = 0; i < BROWSERS; i++)
        pl_buf_free(&f->browsers[i].heard);
    free(f);
    return 0;
}

/* The record as one line each: "3 joined". */
static inline enum pl_err write_down(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct pl_act act;
    json_t *json;
    struct pl_decode_error error;
    assert_int_equal(pl_event_decode(bytes, &act, &json, &error), PL_OK);
    assert_int_equal(act.number, number);
    pl_buf_printf(ctx, "%u %s\n", (unsigned)number, pl_act_words[act.type]);
    json_decref(json);
    return PL_OK;
}

static inline void assert_record(struct fixture *f, const char *expected)
{
    struct pl_buf text = {0};
    assert_int_equal(pl_store_events(f->server.store, pl_str(f->meeting), write_down, &text),
                     PL_OK);
    assert_string_equal(text.data, expected);
    pl_buf_free(&text);
}

/* Somebody with the file open makes the disk refuse, or take, events. */
static inline void sabotage(struct fixture *f, const char *sql)
{
    struct pl_db *db;
    char why[200] = "";
    if (pl_db_open(f->path, NULL, pl_store_schema, &db, why) != PL_OK)
        fail_msg("%s", why);
    if (pl_db_exec(db, sql) != PL_OK)
        fail_msg("%s", pl_db_message(db));
    pl_db_close(db);
}

#define REFUSE                                                                                     \
    "CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END"
#define TAKE "DROP TRIGGER refuse"

static inline uint64_t commits(struct fixture *f)
{
    return pl_conferences_record(f->server.all)->commits;
}

/* A meeting with a decision under silence until a minute from now. */
static inline void make_silence(struct fixture *f)
{
    char json[2000];
    snprintf(json, sizeof json,
             "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"none\",\"open\":true,"
             "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\"}],"
             "\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},"
             "{\"name\":\"Ann\",\"role\":\"delegate\",\"seat\":\"NOR\"}],\"prepared\":["
             "{\"act\":\"put_item\",\"item\":\"i\",\"title\":\"T\"},"
             "{\"act\":\"put_decision\",\"decision\":\"d\",\"item\":\"i\",\"title\":\"T\","
             "\"texts\":[{\"language\":\"EN\",\"text\":\"Yes.\"}],"
             "\"rule\":{\"procedure\":\"silence\"},\"excluded\":[]},"
             "{\"act\":\"call_decision\",\"decision\":\"d\",\"version\":1,\"deadline\":%lld,"
             "\"time_zone\":\"Europe/Oslo\"}]}",
             (long long)clock_wall(f) + 60000);
    make(f, json);
}

#endif
