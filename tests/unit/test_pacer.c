/* The pacer: bursts, rate, what does not wait, probes, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sfu/pacer.h"

static struct pl_pacer p;

static void start(pl_time_us now)
{
    pl_pacer_free(&p);
    assert_int_equal(pl_pacer_init(&p, now), PL_OK);
}

static void fill(unsigned n, uint16_t sink, uint16_t bytes)
{
    for (unsigned i = 0; i < n; i++) {
        struct pl_pacer_item item = {.seq = i, .sink = sink, .bytes = bytes};
        assert_int_equal(pl_pacer_push(&p, &item, false), PL_OK);
    }
}

/* Sends what may leave now; returns the bytes. */
static size_t leave(pl_time_us now)
{
    struct pl_pacer_item item;
    size_t bytes = 0;
    while (pl_pacer_pop(&p, now, &item)) {
        pl_pacer_sent(&p, now, item.bytes);
        bytes += item.bytes;
    }
    return bytes;
}

static void bursts_and_rate(void **state)
{
    (void)state;
    static const uint64_t targets[] = {100000, 500000, 2000000, 10000000};
    for (size_t i = 0; i < 4; i++) {
        double rate = (double)targets[i], fast = rate * PL_PACER_FACTOR_PERCENT / 100;
        double burst = fast * PL_PACER_BURST_US / 8e6 + 1200;
        size_t total = 0;
        start(0);
        pl_pacer_target(&p, targets[i], 0);
        fill(1000, 0, 1200);
        pl_time_us now = 0, wakes = 0;
        for (; now < PL_SECOND && p.queue.n; wakes++) {
            now = pl_pacer_deadline(&p);
            size_t bytes = leave(now);
            assert_true(bytes > 0 && (double)bytes <= burst); /* no vain wake, no larger burst */
            total += bytes;
        }
        double quick = (fast - rate) * PL_PACER_LONG_US / 8e6; /* the end of the queue is short */
        assert_true((double)total <= rate * (double)now / 8e6 + quick + 1200);
        assert_true((double)total >= rate * (double)now / 8e6 - 1200);
        assert_true(pl_pacer_deadline(&p) > now || !p.queue.n);
        leave(now + 60 * PL_SECOND); /* an idle minute earns one burst */
        if (p.queue.n)
            assert_true(leave(now + 60 * PL_SECOND) == 0);
    }
}

/* Milliseconds until so many packets of 1,000 bytes have left, at a target of 2 Mbit/s: 4 ms each.
 */
static double takes_ms(unsigned n)
{
    start(0);
    pl_pacer_target(&p, 2000000, 0);
    fill(n, 0, 1000);
    pl_time_us now = 0;
    for (; p.queue.n; now = p.queue.n ? pl_pacer_deadline(&p) : now)
        leave(now);
    return (double)now / PL_MS;
}

static void a_long_queue_leaves_at_the_target(void **state)
{
    (void)state;
    /* A frame: all but the first of 15 at two and a half times the target. */
    assert_true(takes_ms(15) > 19 && takes_ms(15) < 24);
    /* A key frame: what is beyond 60 ms of it at the target itself. */
    assert_true(takes_ms(100) > 340 && takes_ms(100) < 364);
}

static void unlimited_waits_for_nothing(void **state)
{
    (void)state;
    start(0);
    fill(500, 0, 1200);
    assert_int_equal(pl_pacer_deadline(&p), 0);
    assert_int_equal(leave(0), 600000);
    pl_pacer_target(&p, 1000000, 1);
    fill(500, 0, 1200);
    assert_int_equal(leave(1), 1200);
    pl_pacer_target(&p, UINT64_MAX, 2);
    assert_int_equal(leave(2), 499 * 1200);
    assert_true(pl_pacer_deadline(&p) == PL_NEVER);
}

static void sound_takes_its_share(void **state)
{
    (void)state;
    start(0);
    pl_pacer_target(&p, 400000, 0); /* a megabit a second: 125 bytes a millisecond */
    fill(3, 0, 1000);
    for (int i = 0; i < 10; i++)
        pl_pacer_sent(&p, 0, 125);
    assert_int_equal(leave(9 * PL_MS), 0);
    assert_int_equal(leave(10 * PL_MS + PL_PACER_REST_US), 1000);
    /* A flood of retransmissions does not hold the picture back for long. */
    for (int i = 0; i < 10000; i++)
        pl_pacer_sent(&p, 14 * PL_MS, 1200);
    assert_int_equal(leave(14 * PL_MS + PL_PACER_DEBT_US + 10 * PL_MS + PL_PACER_REST_US), 1000);
}

/* A frame of nine at a rate at which the first burst takes five: the rest is one burst too, and its
 * last packet is no later than if each had left when it could. */
static void the_rest_of_a_frame_leaves_together(void **state)
{
    (void)state;
    start(0);
    pl_pacer_target(&p, 3200000, 0); /* eight megabits a second: 1,000 bytes a millisecond */
    fill(1, 0, 1000);
    leave(0);
    fill(9, 0, 1000);
    assert_int_equal(leave(PL_SECOND), 6000);
    pl_time_us now = pl_pacer_deadline(&p);
    assert_int_equal(now, PL_SECOND + 3 * PL_MS);
    assert_int_equal(leave(now - 1), 0);
    assert_int_equal(leave(now), 3000);
    assert_true(pl_pacer_deadline(&p) == PL_NEVER);
}

/* The same frame, and one that is too large for it. */
static void where_there_is_room_a_frame_leaves_whole(void **state)
{
    (void)state;
    start(0);
    pl_pacer_target(&p, 3200000, 0);
    pl_pacer_room(&p, true);
    fill(9, 0, 1000);
    assert_int_equal(leave(PL_SECOND), 9000);
    fill(16, 0, 1000); /* 15 ms, and the packet that crosses */
    assert_int_equal(leave(2 * PL_SECOND), 16000);
    fill(20, 0, 1000);
    assert_int_equal(leave(3 * PL_SECOND), 16000);
    assert_int_equal(leave(3 * PL_SECOND + 4 * PL_MS - 1), 0);
    assert_int_equal(leave(3 * PL_SECOND + 4 * PL_MS), 4000);
    pl_pacer_room(&p, false); /* what was saved for it is gone */
    fill(9, 0, 1000);
    assert_int_equal(leave(4 * PL_SECOND), 6000);
}

static void queue_is_bounded(void **state)
{
    (void)state;
    struct pl_pacer_item item = {.bytes = 1000}, out;
    start(0);
    pl_pacer_target(&p, 400000, 0);
    fill(PL_PACER_QUEUE, 0, 1000);
    assert_int_equal(pl_pacer_push(&p, &item, false), PL_ELIMIT);
    assert_int_equal(pl_pacer_delay(&p), PL_PACER_QUEUE * 20 * PL_MS);
    assert_true(pl_pacer_pop(&p, 0, &out));
    assert_int_equal(pl_pacer_push(&p, &item, false), PL_OK);
}

static void a_sink_is_forgotten(void **state)
{
    (void)state;
    struct pl_pacer_item out;
    start(0);
    for (unsigned i = 0; i < 30; i++)
        fill(1, (uint16_t)(i % 3), (uint16_t)(100 + i));
    pl_pacer_forget(&p, 1);
    for (unsigned i = 0; i < 30; i++)
        if (i % 3 != 1) {
            assert_true(pl_pacer_pop(&p, 0, &out));
            assert_int_equal(out.sink, i % 3);
            assert_int_equal(out.bytes, 100 + i);
        }
    assert_false(pl_pacer_pop(&p, 0, &out));
    assert_int_equal(p.queued_bytes, 0);
}

/* What the engine does at each deadline, or `late` after it; returns the bytes of the cluster. */
static size_t probe_out(uint16_t cluster, size_t padding_max, pl_time_us late, pl_time_us *now)
{
    size_t total = 0, n;
    struct pl_pacer_item item;
    while (pl_pacer_cluster(&p) == cluster) {
        if (pl_pacer_deadline(&p) > *now)
            *now = pl_pacer_deadline(&p) + late;
        while (pl_pacer_cluster(&p) == cluster && pl_pacer_pop(&p, *now, &item)) {
            pl_pacer_sent(&p, *now, item.bytes);
            total += item.bytes;
        }
        while ((n = pl_pacer_padding(&p, *now)) > 0) {
            n = n < padding_max ? n : padding_max;
            pl_pacer_sent(&p, *now, n);
            total += n;
        }
    }
    return total;
}

static void probes(void **state)
{
    (void)state;
    static const struct {
        unsigned queued;
        size_t padding_max;
        pl_time_us late; /* a thread that must wait for another one */
    } rows[] = {{0, 1200, 0}, {0, 250, 0}, {2, 250, 0}, {100, 250, 0}, {0, 250, 3 * PL_MS}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pl_time_us now = 0;
        start(0);
        pl_pacer_target(&p, 300000, 0);
        fill(rows[i].queued, 0, 1200);
        pl_pacer_probe(&p, &(struct pl_probe){.cluster = 9, .rate_bps = 4000000, .bytes = 10000},
                       0);
        size_t total = probe_out(9, rows[i].padding_max, rows[i].late, &now);
        assert_in_range(total, 10000, 11200);
        assert_in_range(now, 17 * PL_MS, 21 * PL_MS); /* 20 ms at its rate, evenly */
        assert_int_equal(pl_pacer_padding(&p, now), 0);
    }
}

static void a_probe_that_nothing_fills_ends(void **state)
{
    (void)state;
    start(0);
    pl_pacer_target(&p, 300000, 0);
    pl_pacer_probe(&p, &(struct pl_probe){.cluster = 9, .rate_bps = 4000000, .bytes = 10000}, 0);
    assert_int_equal(pl_pacer_deadline(&p), 0);
    assert_true(pl_pacer_padding(&p, 0) > 0);
    assert_int_equal(pl_pacer_deadline(&p), 5 * PL_MS); /* not at once again */
    assert_true(pl_pacer_padding(&p, 79 * PL_MS) > 0);
    assert_int_equal(pl_pacer_padding(&p, 80 * PL_MS), 0);
    assert_int_equal(pl_pacer_cluster(&p), 0);
    assert_true(pl_pacer_deadline(&p) == PL_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bursts_and_rate),
        cmocka_unit_test(a_long_queue_leaves_at_the_target),
        cmocka_unit_test(unlimited_waits_for_nothing),
        cmocka_unit_test(sound_takes_its_share),
        cmocka_unit_test(the_rest_of_a_frame_leaves_together),
        cmocka_unit_test(where_there_is_room_a_frame_leaves_whole),
        cmocka_unit_test(queue_is_bounded),
        cmocka_unit_test(a_sink_is_forgotten),
        cmocka_unit_test(probes),
        cmocka_unit_test(a_probe_that_nothing_fills_ends),
    };
    return cmocka_run_group_tests_name("pacer", tests, NULL, NULL);
}
