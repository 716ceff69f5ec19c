/* Layers within an estimate: the order, the sizes, no flapping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sfu/allocate.h"
#include "sfu/pacer.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define UNLIMITED UINT64_MAX
#define K 1000

static const struct pl_demand_layer sound[] = {{.bps = 40 * K}};
static const struct pl_demand_layer camera[] = {
    {100 * K, 320, 180, false}, {400 * K, 640, 360, false}, {1500 * K, 1280, 720, false}};
static const struct pl_demand_layer screen[] = {{1000 * K, 1920, 1080, false}};

static void sizes(void **state)
{
    (void)state;
    static const struct pl_demand_layer stopped[] = {{100 * K, 320, 180, false},
                                                     {0, 640, 360, false},
                                                     {1500 * K, 1280, 720, false},
                                                     {0, 1920, 1080, false}};
    static const struct pl_demand_layer slow[] = {
        {40 * K, 320, 180, true}, {100 * K, 320, 180, false}, {200 * K, 640, 360, true}};
    static const struct pl_demand_layer none[] = {{0, 320, 180, false}};
    static const struct {
        const char *what;
        const struct pl_demand_layer *layers;
        size_t n;
        uint16_t width, height;
        int layer;
    } rows[] = {
        {"size unknown", camera, 3, 0, 0, 2},
        {"exact", camera, 3, 320, 180, 0},
        {"enlarged by a quarter", camera, 3, 400, 225, 0},
        {"by more", camera, 3, 401, 226, 1},
        {"tall tile: its width counts", camera, 3, 320, 1000, 0},
        {"wide tile: its height", camera, 3, 5000, 360, 1},
        {"larger than all", camera, 3, 4000, 3000, 2},
        {"a million pixels wide", camera, 3, 65535, 65535, 2},
        {"the one that suffices does not come", stopped, 4, 640, 360, 2},
        {"the highest does not come", stopped, 4, 1920, 1080, 2},
        {"all frames, not some of them", slow, 3, 320, 180, 1},
        {"some of a larger one's", slow, 3, 640, 360, 2},
        {"nothing comes", none, 1, 320, 180, PL_PAUSED},
        {"nothing at all", NULL, 0, 320, 180, PL_PAUSED},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pl_demand d = {.kind = PL_DEMAND_TILE,
                              .width = rows[i].width,
                              .height = rows[i].height,
                              .layers = rows[i].layers,
                              .n_layers = rows[i].n};
        print_message("%s\n", rows[i].what);
        assert_int_equal(pl_allocate_suitable(&d), rows[i].layer);
    }
}

static struct pl_demand_state states[7];
static struct pl_demand meeting[7];

/* Floor's sound and interpreter, a screen, who has the floor, three tiles. */
static void set_up(void)
{
    static const struct pl_demand demands[7] = {
        {PL_DEMAND_FLOOR_AUDIO, 0, 0, sound, 1, &states[0]},
        {PL_DEMAND_INTERPRETATION, 0, 0, sound, 1, &states[1]},
        {PL_DEMAND_SCREEN, 1920, 1080, screen, 1, &states[2]},
        {PL_DEMAND_FLOOR_VIDEO, 1280, 720, camera, 3, &states[3]},
        {PL_DEMAND_TILE, 640, 360, camera, 3, &states[4]},
        {PL_DEMAND_TILE, 640, 360, camera, 3, &states[5]},
        {PL_DEMAND_TILE, 320, 180, camera, 3, &states[6]},
    };
    memset(states, 0, sizeof states);
    memcpy(meeting, demands, sizeof meeting);
}

static void has(const int *layers)
{
    for (int i = 0; i < 7; i++)
        assert_int_equal(states[i].layer, layers[i]);
}

static void order(void **state)
{
    (void)state;
    static const struct {
        uint64_t estimate;
        int layers[7];
        uint64_t used;
    } rows[] = {
        {UNLIMITED, {0, 0, 0, 2, 1, 1, 0}, 3480 * K},
        {5000 * K, {0, 0, 0, 2, 1, 1, 0}, 3480 * K},
        {3480 * K * 108 / 100, {0, 0, 0, 2, 1, 1, 0}, 3480 * K},
        {3480 * K * 108 / 100 - K, {0, 0, 0, 2, 1, 0, 0}, 3180 * K},
        {2880 * K * 108 / 100 + K, {0, 0, 0, 2, 0, 0, 0}, 2880 * K},
        {1900 * K, {0, 0, 0, 1, 0, 0, -1}, 1680 * K},
        {1150 * K * 108 / 100, {0, 0, 0, -1, -1, -1, -1}, 1080 * K},
        {600 * K, {0, 0, -1, 1, -1, -1, -1}, 480 * K},
        {60 * K, {0, 0, -1, -1, -1, -1, -1}, 80 * K},
        {0, {0, 0, -1, -1, -1, -1, -1}, 80 * K}, /* sound goes on */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        print_message("%llu\n", (unsigned long long)rows[i].estimate);
        set_up();
        struct pl_allocation a = pl_allocate(meeting, 7, rows[i].estimate, 5);
        has(rows[i].layers);
        assert_int_equal(a.used_bps, rows[i].used);
        assert_int_equal(a.wanted_bps, 3480 * K * 108 / 100);
        assert_int_equal(a.next_bps == 0, rows[i].used == 3480 * K);
    }
}

static void down_at_once_and_up_in_time(void **state)
{
    (void)state;
    struct pl_demand_state s = {0};
    struct pl_demand d = {PL_DEMAND_FLOOR_VIDEO, 640, 360, camera, 3, &s};
    pl_time_us now = 0;
    pl_allocate(&d, 1, 500 * K, now);
    assert_int_equal(s.layer, 1);
    pl_allocate(&d, 1, 405 * K, ++now); /* what it has may take the margin */
    assert_int_equal(s.layer, 1);
    struct pl_allocation a = pl_allocate(&d, 1, 399 * K, ++now);
    assert_int_equal(s.layer, 0);
    assert_int_equal(a.next_bps, 432 * K);
    assert_true(a.again_at == PL_NEVER);
    a = pl_allocate(&d, 1, 431 * K, ++now);
    assert_true(a.again_at == PL_NEVER);
    pl_time_us since = ++now;
    a = pl_allocate(&d, 1, 433 * K, since);
    assert_true(a.again_at == since + PL_ALLOCATE_UP_US);
    pl_allocate(&d, 1, 433 * K, a.again_at - 1);
    assert_int_equal(s.layer, 0);
    pl_allocate(&d, 1, 433 * K, a.again_at);
    assert_int_equal(s.layer, 1);
    assert_int_equal(pl_allocate(&d, 1, 433 * K, a.again_at).next_bps, 0);
}

static void interrupted_waits_anew(void **state)
{
    (void)state;
    struct pl_demand_state s = {0};
    struct pl_demand d = {PL_DEMAND_FLOOR_VIDEO, 640, 360, camera, 3, &s};
    pl_allocate(&d, 1, 200 * K, 0);
    for (int i = 0; i < 100; i++) /* above and below every half second: never up */
        pl_allocate(&d, 1, i % 2 ? 600 * K : 420 * K, i * PL_ALLOCATE_UP_US / 2);
    assert_int_equal(s.layer, 0);
}

static void flapping_is_damped(void **state)
{
    (void)state;
    struct pl_demand_state s = {0};
    struct pl_demand d = {PL_DEMAND_FLOOR_VIDEO, 640, 360, camera, 3, &s};
    pl_time_us now = 0;
    unsigned ups = 0;
    pl_allocate(&d, 1, 200 * K, now);
    /* An estimate that falls whenever the layer goes up. */
    for (; now < 120 * PL_SECOND; now += 100 * PL_MS) {
        int before = s.layer;
        pl_allocate(&d, 1, before == 1 ? 300 * K : 600 * K, now);
        ups += s.layer > before;
    }
    assert_in_range(ups, 5, 11); /* after 1, 2, 4, 8, 16, 16 … seconds */
    assert_int_equal(s.hold_us, PL_ALLOCATE_UP_MAX_US);
    /* Then it lasts, and is trusted again. */
    for (pl_time_us until = now + 40 * PL_SECOND; now < until; now += 100 * PL_MS)
        pl_allocate(&d, 1, 600 * K, now);
    assert_int_equal(s.layer, 1);
    assert_int_equal(s.hold_us, PL_ALLOCATE_UP_US);
}

static void a_smaller_tile_is_no_failure(void **state)
{
    (void)state;
    struct pl_demand_state s = {0};
    struct pl_demand d = {PL_DEMAND_TILE, 320, 180, camera, 3, &s};
    pl_allocate(&d, 1, 900 * K, 0);
    d.width = 640, d.height = 360;
    pl_allocate(&d, 1, 900 * K, 1);
    pl_allocate(&d, 1, 900 * K, 1 + PL_ALLOCATE_UP_US);
    assert_int_equal(s.layer, 1);
    d.width = 320, d.height = 180;
    pl_allocate(&d, 1, 900 * K, 2 + PL_ALLOCATE_UP_US);
    assert_int_equal(s.layer, 0);
    assert_int_equal(s.hold_us, PL_ALLOCATE_UP_US);
}

/* Some frames of the larger cost less than all of the smaller: what everything costs is what the
 * last step costs, not the sum of the steps up. */
static void a_cheaper_step_up_costs_nothing(void **state)
{
    (void)state;
    static const struct pl_demand_layer steps[] = {{550 * K, 640, 360, false},
                                                   {350 * K, 1280, 720, true},
                                                   {700 * K, 1280, 720, true},
                                                   {1400 * K, 1280, 720, false}};
    struct pl_demand_state s = {0};
    struct pl_demand d = {PL_DEMAND_TILE, 1280, 720, steps, 4, &s};
    struct pl_allocation a = pl_allocate(&d, 1, 600 * K, 0);
    assert_int_equal(s.layer, 1);
    assert_int_equal(a.wanted_bps, 1512 * K);
    pl_allocate(&d, 1, a.wanted_bps, 0);
    pl_allocate(&d, 1, a.wanted_bps, PL_ALLOCATE_UP_US);
    assert_int_equal(s.layer, 3);
}

static void limits(void **state)
{
    (void)state;
    static struct pl_demand_state s[PL_ALLOCATE_MAX + 1];
    static struct pl_demand d[PL_ALLOCATE_MAX + 1];
    static struct pl_demand_layer layers[PL_DEMAND_LAYERS_MAX + 1];
    for (size_t i = 0; i < COUNT(layers); i++)
        layers[i] = (struct pl_demand_layer){.bps = (uint32_t)(i + 1) * K};
    for (size_t i = 0; i < COUNT(d); i++)
        d[i] = (struct pl_demand){
            .kind = PL_DEMAND_TILE, .layers = layers, .n_layers = COUNT(layers), .state = &s[i]};
    pl_allocate(d, COUNT(d), UNLIMITED, 0);
    assert_int_equal(s[PL_ALLOCATE_MAX - 1].layer, PL_DEMAND_LAYERS_MAX - 1);
    assert_int_equal(s[PL_ALLOCATE_MAX].layer, PL_PAUSED);
    pl_allocate(d, COUNT(d), UINT64_MAX - 1, 1);
    assert_int_equal(s[0].layer, PL_DEMAND_LAYERS_MAX - 1);
    struct pl_allocation a = pl_allocate(d, 0, 5, 2);
    assert_int_equal(a.wanted_bps + a.used_bps + a.next_bps, 0);
}

/* A queue that stands takes the top layer away, though the estimate would carry it. */
static void a_queue_lowers_a_layer(void **state)
{
    (void)state;
    struct pl_demand_state has = {0};
    const struct pl_demand tile = {
        .kind = PL_DEMAND_TILE, .width = 1280, .height = 720, camera, 3, &has};
    uint64_t used = pl_allocate(&tile, 1, 5000 * K, 0).used_bps;
    assert_int_equal(has.layer, 2);
    assert_int_equal(pl_allocate_queued(5000 * K, used, PL_PACER_SLOW_US), 5000 * K);
    uint64_t bps = pl_allocate_queued(5000 * K, used, PL_PACER_SLOW_US + 1);
    assert_int_equal(bps, used - used / 8);
    pl_allocate(&tile, 1, bps, PL_SECOND);
    assert_int_equal(has.layer, 1);
    assert_int_equal(pl_allocate_queued(300 * K, used, PL_SECOND), 300 * K); /* less already */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(order),
        cmocka_unit_test(down_at_once_and_up_in_time),
        cmocka_unit_test(interrupted_waits_anew),
        cmocka_unit_test(flapping_is_damped),
        cmocka_unit_test(a_smaller_tile_is_no_failure),
        cmocka_unit_test(a_queue_lowers_a_layer),
        cmocka_unit_test(a_cheaper_step_up_costs_nothing),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests_name("allocate", tests, NULL, NULL);
}
