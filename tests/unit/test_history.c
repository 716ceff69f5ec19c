/* What was sent: found again with its time, size and probe; forgotten when it must be; as small as
 * it can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sfu/history.h"

#define FIRST 131072

static struct pl_history h;
static pl_time_us apart; /* from packet to packet */

static int start(void **state)
{
    (void)state;
    apart = 100;
    assert_int_equal(pl_history_init(&h), PL_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pl_history_free(&h);
    return 0;
}

static void send_some(int64_t from, int64_t n, bool answered)
{
    for (int64_t seq = from; seq < from + n; seq++) {
        pl_history_sent(&h, seq, seq * apart, (size_t)(seq % 1400), (uint16_t)(seq % 3));
        if (answered)
            pl_history_mark(&h, seq, PL_ACKED);
    }
}

static void assert_there(int64_t seq, enum pl_sent_state state)
{
    struct pl_sent_packet p;
    assert_true(pl_history_get(&h, seq, &p));
    assert_int_equal(p.at, seq * apart);
    assert_int_equal(p.bytes, seq % 1400);
    assert_int_equal(p.cluster, seq % 3);
    assert_int_equal(p.state, state);
}

static void what_is_answered_makes_room(void **state)
{
    (void)state;
    struct pl_sent_packet p;
    send_some(FIRST, 10 * PL_HISTORY_PACKETS, true);
    assert_int_equal(h.n_entries, PL_HISTORY_LEAST);
    int64_t next = FIRST + 10 * PL_HISTORY_PACKETS;
    assert_there(next - 1, PL_ACKED);
    assert_there(next - PL_HISTORY_LEAST, PL_ACKED);
    assert_false(pl_history_get(&h, next - PL_HISTORY_LEAST - 1, &p));
    assert_false(pl_history_get(&h, next, &p));
    assert_false(pl_history_get(&h, 0, &p));
}

static void what_is_not_is_kept(void **state)
{
    (void)state;
    struct pl_sent_packet p;
    send_some(FIRST, PL_HISTORY_PACKETS, false);
    assert_there(FIRST, PL_SENT);
    assert_there(FIRST + PL_HISTORY_PACKETS - 1, PL_SENT);
    pl_history_mark(&h, FIRST + 5, PL_LOST);
    assert_there(FIRST + 5, PL_LOST);
    send_some(FIRST + PL_HISTORY_PACKETS, 1, false); /* but no more than that */
    assert_false(pl_history_get(&h, FIRST, &p));
    assert_there(FIRST + 1, PL_SENT);
    assert_int_equal(h.n_entries, PL_HISTORY_PACKETS);
}

/* An answer that is lost is no reason to grow. */
static void what_is_old_is_forgotten(void **state)
{
    (void)state;
    apart = PL_HISTORY_US / PL_HISTORY_LEAST + 1;
    send_some(FIRST, 10 * PL_HISTORY_LEAST, false);
    assert_int_equal(h.n_entries, PL_HISTORY_LEAST);
}

static void numbers_left_out_were_not_sent(void **state)
{
    (void)state;
    struct pl_sent_packet p;
    send_some(FIRST, PL_HISTORY_LEAST, true);
    send_some(FIRST + PL_HISTORY_LEAST + 10, 1, false);
    for (int64_t seq = FIRST + PL_HISTORY_LEAST; seq < FIRST + PL_HISTORY_LEAST + 10; seq++)
        assert_false(pl_history_get(&h, seq, &p));
    assert_there(FIRST + PL_HISTORY_LEAST - 1, PL_ACKED);
    send_some(FIRST + 65535 * 2, 1, false); /* a jump past everything */
    assert_false(pl_history_get(&h, FIRST + PL_HISTORY_LEAST + 10, &p));
    assert_there(FIRST + 65535 * 2, PL_SENT);
}

/* The time wraps in 32 bits every 72 minutes. */
static void times_wrap(void **state)
{
    (void)state;
    struct pl_sent_packet p;
    pl_time_us at = (INT64_C(5) << 32) - 500000;
    for (int64_t seq = 0; seq < 10; seq++)
        pl_history_sent(&h, FIRST + seq, at + seq * 100000, 1, PL_HISTORY_CLUSTER_MAX);
    for (int64_t seq = 0; seq < 10; seq++) {
        assert_true(pl_history_get(&h, FIRST + seq, &p));
        assert_int_equal(p.at, at + seq * 100000);
        assert_int_equal(p.cluster, PL_HISTORY_CLUSTER_MAX);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        T(what_is_answered_makes_room),    T(what_is_not_is_kept), T(what_is_old_is_forgotten),
        T(numbers_left_out_were_not_sent), T(times_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
