/* Bodies, accounts, roles, sessions and the audit in the store. */
#include "crypto/hash.h"
#include "io/db.h"
#include "record/checkpoint.h"
#include "server/accounts.h"
#include "server/audit.h"
#include "server/store_parts.h"
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
    struct pl_accounts *accounts;
    struct pl_audit *audit;
    uint8_t key[PL_SEED_SIZE];
    struct pl_keyholder keyholder;
    struct pl_signing signing;
    struct pl_account anna;
    struct pl_body council;
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

static void open_all(struct fixture *f)
{
    char why[200] = "";
    if (pl_store_open(f->path, (struct pl_random){fill, &f->seed}, &f->store, why) != PL_OK)
        fail_msg("%s", why);
    assert_int_equal(pl_accounts_new(f->store, &f->accounts), PL_OK);
    assert_int_equal(pl_audit_new(f->store, &f->signing, &f->audit), PL_OK);
}

static void close_all(struct fixture *f)
{
    pl_audit_free(f->audit);
    pl_accounts_free(f->accounts);
    pl_store_close(f->store);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->seed = 20261126;
    make_folder(f->folder, sizeof f->folder, "accounts");
    snprintf(f->path, sizeof f->path, "%s/parley.db", f->folder);
    memset(f->key, 7, sizeof f->key);
    pl_keyholder_init(&f->keyholder, pl_str("example.org"), f->key,
                      &(struct pl_random){fill, &f->seed});
    assert_int_equal(pl_signing_local(&f->signing, &f->keyholder), PL_OK);
    open_all(f);
    f->anna = (struct pl_account){.name = "Anna Berg", .email = "anna@example.org"};
    assert_int_equal(pl_accounts_add(f->accounts, &f->anna, NOW), PL_OK);
    assert_int_equal(pl_bodies_add(f->accounts, pl_str("Council"), &f->council), PL_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    close_all(f);
    pl_keyholder_free(&f->keyholder);
    for (size_t i = 0; i < COUNT(ends); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
        unlink(path);
    }
    rmdir(f->folder);
    free(f);
    return 0;
}

/* A meeting whose definition names this body. */
static void make(struct fixture *f, const char *body, char id[PL_STORE_ID_SIZE])
{
    char json[400], why[PL_WHY_SIZE];
    struct pl_definition *d;
    struct pl_invitation_made *made;
    snprintf(json, sizeof json,
             "{\"title\":\"T\",\"body\":\"%s\",\"floor\":\"open\",\"encryption\":\"none\","
             "\"seats\":[],\"people\":[{\"name\":\"A\",\"role\":\"observer\"}]}",
             body);
    assert_int_equal(pl_definition_decode(pl_str(json), &d, why), PL_OK);
    assert_int_equal(pl_store_add(f->store, d, pl_str(json), NOW, id, &made, why), PL_OK);
    free(made);
    pl_definition_free(d);
}

static void count_meeting(void *ctx, const char *id, struct pl_str title, int64_t created_ms)
{
    (void)id;
    (void)title;
    (void)created_ms;
    (*(size_t *)ctx)++;
}

static size_t own_meetings(struct fixture *f)
{
    size_t n = 0;
    assert_int_equal(pl_accounts_meetings(f->accounts, f->anna.number, count_meeting, &n), PL_OK);
    return n;
}

static void accounts_are_found(void **state)
{
    struct fixture *f = *state;
    struct pl_account found, other = {.name = "Other", .email = "anna@example.org"};
    assert_int_equal(pl_accounts_get(f->accounts, pl_str(f->anna.id), &found), PL_OK);
    assert_string_equal(found.name, "Anna Berg");
    assert_int_equal(found.created_ms, NOW);
    assert_int_equal(pl_accounts_by_email(f->accounts, "anna@example.org", &found), PL_OK);
    assert_int_equal(found.number, f->anna.number);
    assert_int_equal(pl_accounts_by_email(f->accounts, "", &found), PL_ENOENT);
    assert_int_equal(pl_accounts_add(f->accounts, &other, NOW), PL_EEXIST);
    other = (struct pl_account){.name = "No address"};
    assert_int_equal(pl_accounts_add(f->accounts, &other, NOW), PL_OK);
    other = (struct pl_account){.name = "No address either"};
    assert_int_equal(pl_accounts_add(f->accounts, &other, NOW), PL_OK);

    found = f->anna;
    snprintf(found.issuer, sizeof found.issuer, "https://id.example.org");
    snprintf(found.subject, sizeof found.subject, "4711");
    assert_int_equal(pl_accounts_put(f->accounts, &found), PL_OK);
    assert_int_equal(pl_accounts_by_subject(f->accounts, pl_str("https://id.example.org"),
                                            pl_str("4711"), &found),
                     PL_OK);
    assert_string_equal(found.id, f->anna.id);
    assert_int_equal(pl_accounts_by_subject(f->accounts, pl_str("https://id.example.net"),
                                            pl_str("4711"), &found),
                     PL_ENOENT);
    other = found;
    assert_int_equal(pl_accounts_add(f->accounts, &other, NOW), PL_EEXIST);
    assert_int_equal(pl_accounts_remove(f->accounts, pl_str(f->anna.id)), PL_OK);
    assert_int_equal(pl_accounts_remove(f->accounts, pl_str(f->anna.id)), PL_ENOENT);
}

static void bodies_have_their_meetings(void **state)
{
    struct fixture *f = *state;
    char first[PL_STORE_ID_SIZE], none[PL_STORE_ID_SIZE], later[PL_STORE_ID_SIZE];
    struct pl_body body;
    struct pl_standing standing;
    bool of_body = true;
    make(f, "Council", first);
    make(f, "Committee", later);
    make(f, "council", none);
    assert_int_equal(own_meetings(f), 0);
    assert_int_equal(
        pl_accounts_appoint(f->accounts, f->anna.number, pl_str(f->council.id), PL_BODY_SECRETARY),
        PL_OK);
    assert_int_equal(own_meetings(f), 1);
    assert_int_equal(
        pl_accounts_standing_for(f->accounts, &f->anna, pl_str(first), &standing, &of_body), PL_OK);
    assert_true(of_body && standing.in_body && standing.role == PL_BODY_SECRETARY);
    assert_int_equal(
        pl_accounts_standing_for(f->accounts, &f->anna, pl_str(none), &standing, &of_body), PL_OK);
    assert_false(of_body || standing.in_body);
    assert_int_equal(
        pl_accounts_standing_for(f->accounts, &f->anna, pl_str("none"), &standing, &of_body),
        PL_ENOENT);
    /* A body that is made takes the meetings that name it. */
    assert_int_equal(pl_bodies_add(f->accounts, pl_str("Committee"), &body), PL_OK);
    assert_int_equal(pl_bodies_add(f->accounts, pl_str("Committee"), &body), PL_EEXIST);
    assert_int_equal(
        pl_accounts_appoint(f->accounts, f->anna.number, pl_str(body.id), PL_BODY_READER), PL_OK);
    assert_int_equal(own_meetings(f), 2);
    /* They stay its own under another name, and are nobody's without it. */
    assert_int_equal(pl_bodies_rename(f->accounts, pl_str(f->council.id), pl_str("Committee")),
                     PL_EEXIST);
    assert_int_equal(pl_bodies_rename(f->accounts, pl_str(f->council.id), pl_str("Board")), PL_OK);
    assert_int_equal(own_meetings(f), 2);
    assert_int_equal(pl_bodies_remove(f->accounts, pl_str(f->council.id)), PL_OK);
    assert_int_equal(own_meetings(f), 1);
    assert_int_equal(
        pl_accounts_standing_for(f->accounts, &f->anna, pl_str(first), &standing, &of_body), PL_OK);
    assert_false(of_body || standing.in_body);
}

static void roles_are_given_and_taken(void **state)
{
    struct fixture *f = *state;
    struct pl_standing s;
    bool any = true;
    const struct pl_str council = pl_str(f->council.id);
    assert_int_equal(pl_accounts_standing(f->accounts, &f->anna, council, &s), PL_OK);
    assert_false(s.in_body || s.administrator);
    assert_int_equal(pl_accounts_appoint(f->accounts, f->anna.number, council, PL_BODY_READER),
                     PL_OK);
    assert_int_equal(pl_accounts_prepares_any(f->accounts, f->anna.number, &any), PL_OK);
    assert_false(any);
    assert_int_equal(pl_accounts_appoint(f->accounts, f->anna.number, council, PL_BODY_SECRETARY),
                     PL_OK);
    assert_int_equal(pl_accounts_standing(f->accounts, &f->anna, council, &s), PL_OK);
    assert_true(s.in_body && s.role == PL_BODY_SECRETARY);
    assert_int_equal(pl_accounts_prepares_any(f->accounts, f->anna.number, &any), PL_OK);
    assert_true(any);
    assert_int_equal(pl_accounts_appoint(f->accounts, f->anna.number, pl_str("x"), PL_BODY_READER),
                     PL_ENOENT);
    assert_int_equal(pl_accounts_dismiss(f->accounts, f->anna.number, council), PL_OK);
    assert_int_equal(pl_accounts_dismiss(f->accounts, f->anna.number, council), PL_ENOENT);
}

static void count_session(void *ctx, const struct pl_login_session *s)
{
    (void)s;
    (*(size_t *)ctx)++;
}

static size_t sessions(struct fixture *f, int64_t now_ms)
{
    size_t n = 0;
    assert_int_equal(pl_sessions_list(f->accounts, f->anna.number, now_ms, count_session, &n),
                     PL_OK);
    return n;
}

static void sessions_live_and_end(void **state)
{
    struct fixture *f = *state;
    struct pl_login_session s, found;
    struct pl_account who;
    char token[PL_SESSION_TOKEN_SIZE], more[PL_SESSION_TOKEN_SIZE];
    assert_int_equal(pl_sessions_begin(f->accounts, f->anna.number, "oidc", NOW, &s, token), PL_OK);
    assert_int_equal(strlen(token), PL_SESSION_TOKEN_SIZE - 1);
    assert_int_equal(pl_sessions_find(f->accounts, pl_str(token), NOW, &found, &who), PL_OK);
    assert_string_equal(found.id, s.id);
    assert_string_equal(found.way, "oidc");
    assert_int_equal(who.number, f->anna.number);
    assert_int_equal(who.seen_ms, NOW);
    assert_int_equal(pl_sessions_find(f->accounts, pl_str("s.x"), NOW, &found, &who), PL_ENOENT);
    /* Its use is written down, once it is a minute old, and keeps it alive. */
    int64_t later = NOW + PL_SESSION_TOUCH_MS - 1;
    assert_int_equal(pl_sessions_find(f->accounts, pl_str(token), later, &found, &who), PL_OK);
    assert_int_equal(found.used_ms, NOW);
    later = NOW + PL_SESSION_IDLE_MS - 1;
    assert_int_equal(pl_sessions_find(f->accounts, pl_str(token), later, &found, &who), PL_OK);
    assert_int_equal(found.used_ms, later);
    assert_int_equal(sessions(f, later), 1);
    later += PL_SESSION_IDLE_MS;
    assert_int_equal(pl_sessions_find(f->accounts, pl_str(token), later, &found, &who), PL_ENOENT);
    assert_int_equal(sessions(f, later), 0);
    /* One ends, then all. */
    assert_int_equal(pl_sessions_begin(f->accounts, f->anna.number, "oidc", later, &s, token),
                     PL_OK);
    assert_int_equal(pl_sessions_begin(f->accounts, f->anna.number, "passkey", later, &found, more),
                     PL_OK);
    assert_int_equal(pl_sessions_end(f->accounts, f->anna.number, pl_str(s.id)), PL_OK);
    assert_int_equal(pl_sessions_end(f->accounts, f->anna.number, pl_str(s.id)), PL_ENOENT);
    assert_int_equal(pl_sessions_find(f->accounts, pl_str(token), later, &found, &who), PL_ENOENT);
    assert_int_equal(pl_sessions_find(f->accounts, pl_str(more), later, &found, &who), PL_OK);
    assert_int_equal(pl_sessions_end(f->accounts, f->anna.number, (struct pl_str){0}), PL_OK);
    assert_int_equal(sessions(f, later), 0);
}

static void sessions_end_with_roles_and_accounts(void **state)
{
    struct fixture *f = *state;
    struct pl_login_session s;
    struct pl_account who;
    char token[PL_SESSION_TOKEN_SIZE];
    const struct pl_str council = pl_str(f->council.id);
    assert_int_equal(pl_sessions_begin(f->accounts, f->anna.number, "oidc", NOW, &s, token), PL_OK);
    assert_int_equal(pl_accounts_appoint(f->accounts, f->anna.number, council, PL_BODY_READER),
                     PL_OK);
    assert_int_equal(pl_sessions_find(f->accounts, pl_str(token), NOW, &s, &who), PL_ENOENT);
    assert_int_equal(pl_sessions_begin(f->accounts, f->anna.number, "oidc", NOW, &s, token), PL_OK);
    assert_int_equal(pl_accounts_dismiss(f->accounts, f->anna.number, council), PL_OK);
    assert_int_equal(sessions(f, NOW), 0);
    assert_int_equal(pl_sessions_begin(f->accounts, f->anna.number, "oidc", NOW, &s, token), PL_OK);
    assert_int_equal(pl_accounts_remove(f->accounts, pl_str(f->anna.id)), PL_OK);
    assert_int_equal(pl_sessions_find(f->accounts, pl_str(token), NOW, &s, &who), PL_ENOENT);
}

static void sessions_are_bounded(void **state)
{
    struct fixture *f = *state;
    struct pl_login_session s;
    struct pl_account who;
    char first[PL_SESSION_TOKEN_SIZE], token[PL_SESSION_TOKEN_SIZE];
    assert_int_equal(pl_sessions_begin(f->accounts, f->anna.number, "oidc", NOW, &s, first), PL_OK);
    for (int i = 1; i < PL_SESSIONS_MAX; i++)
        assert_int_equal(pl_sessions_begin(f->accounts, f->anna.number, "oidc", NOW, &s, token),
                         PL_OK);
    assert_int_equal(pl_sessions_find(f->accounts, pl_str(first), NOW, &s, &who), PL_OK);
    assert_int_equal(pl_sessions_begin(f->accounts, f->anna.number, "oidc", NOW, &s, token), PL_OK);
    assert_int_equal(sessions(f, NOW), PL_SESSIONS_MAX);
    assert_int_equal(pl_sessions_find(f->accounts, pl_str(first), NOW, &s, &who), PL_ENOENT);
}

static void bodies_are_bounded(void **state)
{
    struct fixture *f = *state;
    struct pl_body body;
    char name[16];
    for (int i = 1; i < PL_BODIES_MAX; i++) {
        snprintf(name, sizeof name, "Body %d", i);
        assert_int_equal(pl_bodies_add(f->accounts, pl_str(name), &body), PL_OK);
    }
    assert_int_equal(pl_bodies_add(f->accounts, pl_str("One more"), &body), PL_ELIMIT);
}

/* The audit */

static void note(struct fixture *f, enum pl_audit_act act, const char *why, int64_t now_ms)
{
    const struct pl_audit_entry entry = {.act = act, .by = &f->anna, .why = why};
    assert_int_equal(pl_audit_note(f->audit, &entry, now_ms), PL_OK);
}

static char *read_audit(struct fixture *f, uint64_t before)
{
    struct pl_buf json = {0};
    assert_int_equal(pl_audit_read(f->audit, before, &json), PL_OK);
    char *text = strdup(json.data);
    pl_buf_free(&json);
    return text;
}

static size_t times(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

static void audit_is_kept(void **state)
{
    struct fixture *f = *state;
    note(f, PL_AUDIT_LOGIN, NULL, NOW);
    note(f, PL_AUDIT_LOGOUT, NULL, NOW + 1);
    close_all(f);
    open_all(f); /* which checks that the tree is what was signed */
    note(f, PL_AUDIT_LOGIN, NULL, NOW + 2);
    char *text = read_audit(f, 0);
    assert_non_null(strstr(text, "\"size\":3"));
    assert_non_null(strstr(text, "\"checkpoint\":\"example.org/audit"));
    assert_int_equal(times(text, "\\\"act\\\":\\\"login\\\""), 2);
    free(text);
    text = read_audit(f, 2);
    assert_int_equal(times(text, "\"event\":"), 1);
    free(text);
}

/* What was signed and is not there any more, or is another, is found at the start. */
static void changed_audits_are_found(void **state)
{
    static const char *const changes[] = {
        "DELETE FROM audit_events WHERE number = 2",
        "DELETE FROM audit_events WHERE number = 1",
        "UPDATE audit_events SET leaf = zeroblob(32) WHERE number = 1",
        "DELETE FROM audit_checkpoint",
    };
    struct fixture *f = *state;
    struct pl_audit *audit;
    note(f, PL_AUDIT_LOGIN, NULL, NOW);
    note(f, PL_AUDIT_LOGOUT, NULL, NOW + 1);
    for (size_t i = 0; i < COUNT(changes); i++) {
        assert_int_equal(pl_db_begin(f->store->db), PL_OK);
        assert_int_equal(pl_db_exec(f->store->db, changes[i]), PL_OK);
        assert_int_equal(pl_audit_new(f->store, &f->signing, &audit), PL_EINVAL);
        pl_db_rollback(f->store->db);
    }
    assert_int_equal(pl_audit_new(f->store, &f->signing, &audit), PL_OK);
    pl_audit_free(audit);
}

/* Killed between an event and its checkpoint, the server covers it at the next start. */
static void the_last_event_may_be_uncovered(void **state)
{
    struct fixture *f = *state;
    note(f, PL_AUDIT_LOGIN, NULL, NOW);
    assert_int_equal(
        pl_db_exec(f->store->db, "CREATE TABLE before AS SELECT size, note FROM audit_checkpoint"),
        PL_OK);
    note(f, PL_AUDIT_LOGOUT, NULL, NOW + 1);
    assert_int_equal(pl_db_exec(f->store->db,
                                "UPDATE audit_checkpoint SET size = (SELECT size FROM before), "
                                "note = (SELECT note FROM before)"),
                     PL_OK);
    close_all(f);
    open_all(f);
    note(f, PL_AUDIT_LOGIN, NULL, NOW + 2);
    char *text = read_audit(f, 0);
    assert_non_null(strstr(text, "\"size\":3"));
    assert_non_null(strstr(text, "example.org/audit\\u000a3\\u000a"));
    free(text);
}

static void refused_logins_are_bounded(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < PL_AUDIT_REFUSALS_MAX + 5; i++)
        note(f, PL_AUDIT_LOGIN_REFUSED, "why", NOW + i);
    note(f, PL_AUDIT_LOGIN, NULL, NOW + 1000);
    char *text = read_audit(f, 0);
    assert_int_equal(times(text, "login_refused"), PL_AUDIT_REFUSALS_MAX);
    assert_null(strstr(text, "left_out"));
    free(text);
    note(f, PL_AUDIT_LOGIN_REFUSED, "why", NOW + INT64_C(3600) * 1000);
    text = read_audit(f, 0);
    assert_non_null(strstr(text, "\\\"left_out\\\":5"));
    free(text);
}

static void old_events_are_forgotten(void **state)
{
    struct fixture *f = *state;
    note(f, PL_AUDIT_LOGIN, NULL, NOW);
    note(f, PL_AUDIT_LOGOUT, NULL, NOW + 1);
    assert_int_equal(pl_audit_forget(f->audit, NOW + 1), PL_OK);
    close_all(f);
    open_all(f);
    note(f, PL_AUDIT_LOGIN, NULL, NOW + 2);
    char *text = read_audit(f, 0);
    assert_non_null(strstr(text, "\"size\":3"));
    assert_int_equal(times(text, "\"event\":"), 2);
    assert_null(strstr(text, "\"number\":1,"));
    free(text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(accounts_are_found),
        TEST(bodies_have_their_meetings),
        TEST(roles_are_given_and_taken),
        TEST(sessions_live_and_end),
        TEST(sessions_end_with_roles_and_accounts),
        TEST(sessions_are_bounded),
        TEST(bodies_are_bounded),
        TEST(audit_is_kept),
        TEST(changed_audits_are_found),
        TEST(the_last_event_may_be_uncovered),
        TEST(refused_logins_are_bounded),
        TEST(old_events_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
