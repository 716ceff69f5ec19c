/* The way of a room's media between two threads: order, its end, and turns of the receiver. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/media_way.h"

#include <string.h>

#define WAY_MAX 4096 /* media_way.c's */

static struct pl_loop *loop;
static struct pl_engine *engine;
static struct pl_media_way *way;
static uint64_t arrived, most; /* all; of one turn */

static void zeros(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0, n);
}

/* It knows no source, so that it counts what comes, and does nothing else. */
static int set_up(void **state)
{
    (void)state;
    const struct pl_engine_io io = {0};
    const struct pl_random random = {zeros, NULL};
    arrived = most = 0;
    assert_int_equal(pl_loop_new(&loop), PL_OK);
    assert_int_equal(pl_engine_new(&io, &random, &engine), PL_OK);
    assert_int_equal(pl_media_way_new(loop, engine, &way), PL_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pl_media_way_free(way);
    pl_engine_free(engine);
    pl_loop_free(loop);
    return 0;
}

static bool push(void)
{
    const struct pl_relay message = {.type = PL_RELAY_KEY, .source = 1};
    return pl_media_way_push(way, &message);
}

static void on_turn(void *ctx)
{
    uint64_t now = pl_engine_stats(engine)->dropped_relay;
    (void)ctx;
    most = now - arrived > most ? now - arrived : most;
    arrived = now;
    if (arrived == WAY_MAX)
        pl_loop_stop(loop);
}

/* What a receiver owes its own clients must not wait until the other thread has nothing more. */
static void a_full_way_is_dealt_with_in_turns(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WAY_MAX; i++)
        assert_true(push());
    assert_false(push());
    pl_media_way_wake(way);
    pl_loop_on_turn(loop, on_turn, NULL);
    pl_loop_run(loop);
    assert_int_equal(arrived, WAY_MAX);
    assert_in_range(most, 1, WAY_MAX / 8);
}

static void what_is_left_is_dropped_at_the_end(void **state)
{
    (void)state;
    assert_true(push());
    pl_media_way_wake(way);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_way_is_dealt_with_in_turns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_left_is_dropped_at_the_end, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
