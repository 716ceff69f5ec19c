/* Meetings that are over are kept for so many days: which are over, and when a clock is believed.
 */
#include "server/retention.h"
#include "signal/definition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1700000000000)
#define DAY_MS INT64_C(86400000)
#define DAYS 30
#define HOUR_MS INT64_C(3600000)

struct fixture {
    uint64_t seed;
    struct pl_store *store;
    struct pl_retention retention;
    pl_time_us now;
    char removed[3][PL_STORE_ID_SIZE];
    size_t n_removed;
    enum pl_err refuses; /* what deleting gives */
};

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

static enum pl_err forget(void *ctx, struct pl_str meeting)
{
    struct fixture *f = ctx;
    if (f->refuses)
        return f->refuses;
    assert_int_equal(pl_str_copy(meeting, f->removed[f->n_removed++], PL_STORE_ID_SIZE), PL_OK);
    return pl_store_delete(f->store, meeting, NOW);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char why[200] = "";
    f->seed = 20261126;
    f->now = 1;
    const struct pl_random random = {fill, &f->seed};
    if (pl_store_open(":memory:", random, &f->store, why) != PL_OK)
        fail_msg("%s", why);
    f->retention =
        (struct pl_retention){.store = f->store, .days = DAYS, .remove = forget, .ctx = f};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    pl_store_close(f->store);
    free(f);
    return 0;
}

/* A meeting whose session becomes this one at a time; then, if `mute_ms`, something more happens.
 */
static void add(struct fixture *f, enum pl_session_state session, int64_t at_ms, int64_t mute_ms,
                int64_t wake_ms, char id[PL_STORE_ID_SIZE])
{
    static const char json[] =
        "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"none\",\"seats\":[],"
        "\"people\":[{\"name\":\"A\",\"role\":\"chair\"}]}";
    struct pl_definition *d;
    struct pl_invitation_made *made;
    struct pl_events events = {0};
    char why[PL_WHY_SIZE] = "";
    const struct pl_random random = {fill, &f->seed};
    if (pl_definition_decode(pl_str(json), &d, why) != PL_OK)
        fail_msg("%s", why);
    assert_int_equal(pl_store_add(f->store, d, pl_str(json), NOW, id, &made, why), PL_OK);
    pl_definition_free(d);
    free(made);
    const struct pl_act close = {.type = PL_ACT_SET_SESSION,
                                 .number = 2,
                                 .at_ms = at_ms,
                                 .set_session = {.session = session}};
    const struct pl_act mute = {
        .type = PL_ACT_MUTE, .number = 3, .at_ms = mute_ms, .mute = {pl_str("p1")}};
    assert_int_equal(pl_events_add(&events, &close, &random), PL_OK);
    if (mute_ms)
        assert_int_equal(pl_events_add(&events, &mute, &random), PL_OK);
    const struct pl_store_batch batch = {.meeting = id, .events = &events, .wake_ms = wake_ms};
    assert_int_equal(pl_store_append(f->store, &batch, 1), PL_OK);
    pl_events_free(&events);
}

/* Both clocks go on by so long, and it looks. Gives in how long it wants to look again. */
static pl_time_us look(struct fixture *f, int64_t ms, int64_t wall_ms)
{
    f->now += ms * PL_MS;
    return pl_retention_look(&f->retention, f->now, wall_ms) - f->now;
}

static void only_what_is_over_and_long_ago(void **state)
{
    struct fixture *f = *state;
    char over[PL_STORE_ID_SIZE], later[PL_STORE_ID_SIZE], other[PL_STORE_ID_SIZE];
    int64_t due = NOW + DAYS * DAY_MS;
    add(f, PL_SESSION_STATE_SUSPENDED, NOW, 0, INT64_MAX, other);
    add(f, PL_SESSION_STATE_CLOSED, NOW, 0, NOW + 5, other); /* silence that still runs */
    add(f, PL_SESSION_STATE_CLOSED, NOW, NOW + HOUR_MS, INT64_MAX, later);
    add(f, PL_SESSION_STATE_CLOSED, NOW, 0, INT64_MAX, over);
    assert_int_equal(look(f, 0, due - HOUR_MS), PL_RETENTION_LOOK);
    assert_int_equal(look(f, HOUR_MS, due), PL_RETENTION_LOOK);
    assert_int_equal(f->n_removed, 0); /* to the millisecond */
    assert_int_equal(look(f, 1, due + 1), PL_RETENTION_SOON);
    assert_int_equal(f->n_removed, 1);
    assert_string_equal(f->removed[0], over);
    assert_int_equal(look(f, 1000, due + 1001), PL_RETENTION_LOOK);
    assert_int_equal(look(f, HOUR_MS, due + 1001 + HOUR_MS), PL_RETENTION_SOON);
    assert_string_equal(f->removed[1], later);
    assert_int_equal(look(f, DAYS * DAY_MS, due + 1001 + HOUR_MS + DAYS * DAY_MS),
                     PL_RETENTION_LOOK);
    assert_int_equal(f->n_removed, 2); /* neither what was not closed nor what is waited for */
}

static void a_clock_that_was_set_is_not_believed(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE];
    int64_t due = NOW + DAYS * DAY_MS + 1;
    add(f, PL_SESSION_STATE_CLOSED, NOW, 0, INT64_MAX, id);
    assert_int_equal(look(f, 0, due), PL_RETENTION_LOOK); /* the first time */
    assert_int_equal(look(f, HOUR_MS, due + HOUR_MS + PL_RETENTION_JUMP_MS + 1), PL_RETENTION_LOOK);
    assert_int_equal(look(f, HOUR_MS, due), PL_RETENTION_LOOK); /* back */
    assert_int_equal(f->n_removed, 0);
    assert_int_equal(look(f, HOUR_MS, due + HOUR_MS + PL_RETENTION_JUMP_MS), PL_RETENTION_SOON);
    assert_int_equal(f->n_removed, 1);
}

static void what_cannot_be_deleted_is_tried_again_later(void **state)
{
    struct fixture *f = *state;
    char id[PL_STORE_ID_SIZE];
    int64_t due = NOW + DAYS * DAY_MS + 1;
    add(f, PL_SESSION_STATE_CLOSED, NOW, 0, INT64_MAX, id);
    f->refuses = PL_EIO;
    assert_int_equal(look(f, 0, due), PL_RETENTION_LOOK);
    assert_int_equal(look(f, HOUR_MS, due + HOUR_MS), PL_RETENTION_LOOK);
    f->refuses = PL_OK;
    assert_int_equal(look(f, HOUR_MS, due + 2 * HOUR_MS), PL_RETENTION_SOON);
    assert_string_equal(f->removed[0], id);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_what_is_over_and_long_ago),
        TEST(a_clock_that_was_set_is_not_believed),
        TEST(what_cannot_be_deleted_is_tried_again_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
