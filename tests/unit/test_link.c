/* The link of bench/badnet: what goes in comes out as its parameters say, to the microsecond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "link.h"

static struct pl_link *make(const struct pl_link_params *p)
{
    struct pl_link *l;
    assert_int_equal(pl_link_new(p, 7, 0, &l), PL_OK);
    return l;
}

/* A packet of n bytes that carries a number. */
static enum pl_err put(struct pl_link *l, uint32_t number, size_t n, pl_time_us now)
{
    uint8_t bytes[PL_LINK_MTU + 1] = {0};
    memcpy(bytes, &number, sizeof number);
    return pl_link_input(l, bytes, n, now);
}

/* The number of the packet that has arrived by now, -1: none. */
static int64_t get(struct pl_link *l, pl_time_us now)
{
    uint8_t bytes[PL_LINK_MTU];
    uint32_t number;
    if (pl_link_output(l, bytes, now) == 0)
        return -1;
    memcpy(&number, bytes, sizeof number);
    return number;
}

static void serves_at_its_rate(void **state)
{
    (void)state;
    struct pl_link *l =
        make(&(struct pl_link_params){.bps = 1000000, .queue_bytes = 10000, .delay_us = 5000});
    assert_int_equal(pl_link_deadline(l), PL_NEVER);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(put(l, i, 1250, 100), PL_OK); /* 10 ms each */
    assert_int_equal(pl_link_queue_us(l, 100), 30000);
    assert_int_equal(pl_link_queue_us(l, 5100), 25000);
    for (uint32_t i = 0; i < 3; i++) {
        pl_time_us due = 100 + 10000 * (i + 1) + 5000;
        assert_int_equal(get(l, due - 1), -1);
        assert_true(pl_link_deadline(l) <= due);
        assert_int_equal(get(l, due), i);
    }
    assert_int_equal(pl_link_deadline(l), PL_NEVER);
    assert_int_equal(pl_link_queue_us(l, 99999), 0);
    struct pl_link_stats s;
    pl_link_take_stats(l, 99999, &s);
    assert_int_equal(s.packets_in, 3);
    assert_int_equal(s.packets_carried, 3);
    assert_int_equal(s.bytes_carried, 3750);
    assert_int_equal(s.delays[10000 / PL_LINK_DELAY_BIN_US], 1);
    assert_int_equal(s.delays[30000 / PL_LINK_DELAY_BIN_US], 1);
    assert_int_equal(pl_link_percentile(&s, 33), 12000);
    assert_int_equal(pl_link_percentile(&s, 95), 32000);
    pl_link_take_stats(l, 99999, &s);
    assert_int_equal(s.packets_in, 0);
    assert_int_equal(pl_link_percentile(&s, 95), 0);
    pl_link_free(l);
}

static void drops_at_the_tail(void **state)
{
    (void)state;
    struct pl_link *l = make(&(struct pl_link_params){.bps = 8000, .queue_bytes = 2000});
    assert_int_equal(put(l, 0, 1000, 0), PL_OK); /* in service: a second each */
    assert_int_equal(put(l, 1, 1000, 0), PL_OK);
    assert_int_equal(put(l, 2, 1000, 0), PL_OK);
    assert_int_equal(put(l, 3, 1, 0), PL_ELIMIT); /* 2,000 wait */
    assert_int_equal(put(l, 4, 1000, PL_SECOND), PL_OK);
    assert_int_equal(put(l, 5, PL_LINK_MTU + 1, 9 * PL_SECOND), PL_ELIMIT);
    struct pl_link_stats s;
    pl_link_take_stats(l, 9 * PL_SECOND, &s);
    assert_int_equal(s.dropped_queue, 2);
    assert_int_equal(s.packets_carried, 4);
    pl_link_free(l);
}

static void holds_so_many_packets(void **state)
{
    (void)state;
    struct pl_link *l = make(&(struct pl_link_params){.delay_us = PL_SECOND});
    for (uint32_t i = 0; i < PL_LINK_PACKETS; i++)
        assert_int_equal(put(l, i, 100, 0), PL_OK);
    assert_int_equal(put(l, 0, 100, 0), PL_ELIMIT);
    for (uint32_t i = 0; i < PL_LINK_PACKETS; i++)
        assert_int_equal(get(l, PL_SECOND), i);
    assert_int_equal(put(l, 1, 100, PL_SECOND), PL_OK);
    pl_link_free(l);
}

static void changes_while_it_serves(void **state)
{
    (void)state;
    struct pl_link *l = make(&(struct pl_link_params){.bps = 1000000, .queue_bytes = 10000});
    assert_int_equal(put(l, 0, 1250, 0), PL_OK);
    assert_int_equal(put(l, 1, 1250, 0), PL_OK);
    pl_link_set(l, &(struct pl_link_params){.bps = 100000, .queue_bytes = 10000}, 5000);
    assert_int_equal(pl_link_queue_us(l, 5000), 50000 + 100000); /* half of the first is left */
    assert_int_equal(get(l, 54999), -1);
    assert_int_equal(get(l, 55000), 0);
    pl_link_set(l, &(struct pl_link_params){.bps = 0}, 60000); /* no narrow place any more */
    assert_int_equal(get(l, 60000), 1);
    pl_link_free(l);
}

/* Sends n packets 1 ms apart; gives how many came, how many of them after a later one, and the
 * mean run of lost ones. */
static unsigned run(const struct pl_link_params *p, unsigned n, unsigned *overtaken, double *mean)
{
    struct pl_link *l = make(p);
    static bool came[100000];
    unsigned got = 0, runs = 0, most = 0;
    memset(came, 0, sizeof came);
    *overtaken = 0;
    for (unsigned i = 0; i < n + 1000; i++) {
        int64_t number;
        if (i < n)
            assert_int_equal(put(l, i, 200, i * PL_MS), PL_OK);
        while ((number = get(l, i * PL_MS)) >= 0) {
            came[number] = true;
            got++;
            *overtaken += number < most;
            most = number > most ? (unsigned)number : most;
        }
    }
    for (unsigned i = 1; i < n; i++)
        runs += !came[i] && came[i - 1];
    *mean = runs ? (double)(n - got) / runs : 0;
    pl_link_free(l);
    return got;
}

static void loses_its_share(void **state)
{
    (void)state;
    static const struct {
        unsigned loss, burst;
        double least_run, most_run;
    } rows[] = {{0, 0, 0, 0},       {200, 0, 1.0, 1.1},  {1000, 1, 1.05, 1.2}, {2000, 0, 1.2, 1.3},
                {200, 4, 3.5, 4.5}, {1000, 4, 3.5, 4.5}, {10000, 3, 0, 1e9}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned overtaken, n = 100000;
        double mean;
        unsigned got = run(&(struct pl_link_params){.loss = rows[i].loss, .burst = rows[i].burst},
                           n, &overtaken, &mean);
        double lost = 10000.0 * (n - got) / n;
        assert_true(lost >= rows[i].loss * 0.93 && lost <= rows[i].loss * 1.07);
        assert_true(mean >= rows[i].least_run && mean <= rows[i].most_run);
        assert_int_equal(overtaken, 0);
    }
}

static void keeps_order_unless_asked(void **state)
{
    (void)state;
    unsigned overtaken;
    double mean;
    const struct pl_link_params jittery = {.delay_us = 20000, .jitter_us = 30000};
    assert_int_equal(run(&jittery, 10000, &overtaken, &mean), 10000);
    assert_int_equal(overtaken, 0);
    const struct pl_link_params mixed = {.delay_us = 20000, .reorder = 500, .held_us = 5000};
    assert_int_equal(run(&mixed, 10000, &overtaken, &mean), 10000);
    assert_true(overtaken > 400 && overtaken < 600);
}

static void same_seed_same_losses(void **state)
{
    (void)state;
    const struct pl_link_params p = {.loss = 3000};
    struct pl_link *a = make(&p), *b = make(&p);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(put(a, i, 100, i), put(b, i, 100, i));
        assert_int_equal(get(a, i), get(b, i));
    }
    pl_link_free(a);
    pl_link_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_at_its_rate),    cmocka_unit_test(drops_at_the_tail),
        cmocka_unit_test(holds_so_many_packets), cmocka_unit_test(changes_while_it_serves),
        cmocka_unit_test(loses_its_share),       cmocka_unit_test(keeps_order_unless_asked),
        cmocka_unit_test(same_seed_same_losses),
    };
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
