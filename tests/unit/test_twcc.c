/* Transport-wide feedback: read, refused, written, and both clocks that wrap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/rtcp.h"
#include "proto/twcc.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1
#define LOST INT64_MIN

static void reads(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const uint8_t *body;
        size_t n;
        uint16_t first;
        int32_t reference;
        size_t count;
        pl_time_us at[16];
    } rows[] = {
        {"a run of small deltas", BYTES("\0\1\0\2\0\0\1\0\x20\2\4\0"), 1, 1, 2, {1000, 1000}},
        {"a run of lost ones, then a negative delta",
         BYTES("\xff\xff\0\3\0\0\0\7\0\2\x40\1\xff\xfc"),
         65535,
         0,
         3,
         {LOST, LOST, -1000}},
        {"one-bit vector",
         BYTES("\0\5\0\4\xff\xff\xff\1\xa8\0\1\2"),
         5,
         -1,
         4,
         {250, LOST, 750, LOST}},
        {"two-bit vector",
         BYTES("\0\5\0\4\0\0\2\1\xd8\0\1\1\0"),
         5,
         2,
         4,
         {250, 64250, LOST, LOST}},
        {"vector and run",
         BYTES("\0\0\0\x09\0\0\0\0\xd5\x55\x20\2\1\1\1\1\1\1\1\1\1"),
         0,
         0,
         9,
         {250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250}},
        {"a run of no length is passed over",
         BYTES("\0\0\0\1\0\0\0\0\x20\0\x20\1\1"),
         0,
         0,
         1,
         {250}},
        {"padding after the last delta", BYTES("\0\0\0\1\0\0\0\0\x20\1\1\0\0\0"), 0, 0, 1, {250}},
        {"a run longer than the count", BYTES("\0\0\0\1\0\0\0\0\x3f\xff\1"), 0, 0, 1, {250}},
        {"least reference time", BYTES("\0\0\0\1\x80\0\0\0\x20\1\0"), 0, -(1 << 23), 1, {0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].what);
        struct pl_twcc_reader r;
        struct pl_twcc_status s;
        assert_int_equal(pl_twcc_reader_init(&r, rows[i].body, rows[i].n), PL_OK);
        assert_int_equal(r.reference, rows[i].reference);
        assert_int_equal(r.count, rows[i].count);
        for (size_t k = 0; k < rows[i].count; k++) {
            assert_true(pl_twcc_next(&r, &s));
            assert_int_equal(s.seq, (uint16_t)(rows[i].first + k));
            assert_int_equal(s.received, rows[i].at[k] != LOST);
            assert_int_equal(s.at, s.received ? rows[i].at[k] : 0);
        }
        assert_false(pl_twcc_next(&r, &s));
    }
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const uint8_t *body;
        size_t n;
        enum pl_err err;
    } rows[] = {
        {"nothing", BYTES(""), PL_ETRUNC},
        {"half a header", BYTES("\0\1\0\2\0\0\1"), PL_ETRUNC},
        {"no chunk", BYTES("\0\1\0\2\0\0\1\0"), PL_ETRUNC},
        {"half a chunk", BYTES("\0\1\0\2\0\0\1\0\x20"), PL_ETRUNC},
        {"runs of no length", BYTES("\0\1\0\2\0\0\1\0\x20\0\x20\0"), PL_ETRUNC},
        {"chunks for half of them", BYTES("\0\1\0\2\0\0\1\0\x20\1"), PL_ETRUNC},
        {"a small delta is missing", BYTES("\0\1\0\2\0\0\1\0\x20\2\1"), PL_ETRUNC},
        {"half a large delta", BYTES("\0\1\0\1\0\0\1\0\x40\1\1"), PL_ETRUNC},
        {"no status", BYTES("\0\1\0\0\0\0\1\0\x20\1\1"), PL_EINVAL},
        {"reserved symbol in a run", BYTES("\0\1\0\1\0\0\1\0\x60\1\1\1\1"), PL_EINVAL},
        {"reserved symbol in a vector", BYTES("\0\1\0\1\0\0\1\0\xf0\0\1\1\1"), PL_EINVAL},
        {"one status too many", BYTES("\0\0\x10\1\0\0\0\0\x1f\xff"), PL_ELIMIT},
        {"65535 statuses", BYTES("\0\0\xff\xff\0\0\0\0\x1f\xff"), PL_ELIMIT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].what);
        struct pl_twcc_reader r = {.count = 77};
        assert_int_equal(pl_twcc_reader_init(&r, rows[i].body, rows[i].n), rows[i].err);
        assert_int_equal(r.count, 77);
    }
    struct pl_twcc_reader r;
    assert_int_equal(pl_twcc_reader_init(&r, BYTES("\0\0\x10\0\0\0\0\0\x1f\xff")), PL_OK);
    assert_int_equal(r.count, PL_TWCC_STATUSES_MAX);
}

static void reference_time_wraps(void **state)
{
    (void)state;
    static const int32_t references[] = {(1 << 23) - 2, (1 << 23) - 1, -(1 << 23), -(1 << 23) + 5,
                                         (1 << 23) - 1};
    static const int64_t steps[] = {0, 1, 1, 5, -6};
    struct pl_twcc_clock c = {0};
    int64_t expected = references[0];
    for (size_t i = 0; i < 5; i++) {
        struct pl_twcc_reader r = {.reference = references[i]};
        expected += steps[i];
        assert_true(pl_twcc_reference(&c, &r) == expected * PL_TWCC_REFERENCE_US);
    }
}

static uint8_t packet[PL_TWCC_PACKET_MAX];

/* Writes one packet and reads it as RTCP. */
static struct pl_twcc_reader written(struct pl_twcc_arrivals *a)
{
    struct pl_writer w = pl_writer(packet, sizeof packet);
    struct pl_rtcp_reader rtcp;
    struct pl_rtcp_item item;
    struct pl_twcc_reader r;
    assert_int_equal(pl_twcc_write(&w, a, 0x11223344, 0x55667788), PL_OK);
    assert_int_equal(pl_rtcp_reader_init(&rtcp, packet, pl_writer_size(&w)), PL_OK);
    assert_true(pl_rtcp_next(&rtcp, &item));
    assert_int_equal(item.type, PL_RTCP_TWCC);
    assert_int_equal(item.ssrc, 0x11223344);
    assert_int_equal(item.media_ssrc, 0x55667788);
    assert_int_equal(pl_twcc_reader_init(&r, item.body, item.body_len), PL_OK);
    return r;
}

/* Everything that is due, and how many packets it took; each arrival to the tick. */
static unsigned drain(struct pl_twcc_arrivals *a, struct pl_twcc_clock *c, uint16_t first,
                      const pl_time_us *at, size_t n)
{
    unsigned packets = 0;
    size_t k = 0;
    for (; pl_twcc_due(a); packets++) {
        struct pl_twcc_reader r = written(a);
        struct pl_twcc_status s;
        pl_time_us reference = pl_twcc_reference(c, &r);
        assert_int_equal(r.feedback_count, (uint8_t)packets);
        for (; pl_twcc_next(&r, &s); k++) {
            assert_true(k < n);
            assert_int_equal(s.seq, (uint16_t)(first + k));
            assert_int_equal(s.received, at[k] != LOST);
            if (s.received) {
                assert_true(reference + s.at <= at[k]);
                assert_true(reference + s.at > at[k] - PL_TWCC_TICK_US);
            }
        }
    }
    assert_int_equal(k, n);
    return packets;
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    enum { N = 1000 };
    static const struct {
        const char *what;
        unsigned lost_of_16, step_us, jitter_us;
        unsigned packets; /* at most */
    } rows[] = {
        {"all, close together", 0, 300, 0, 2}, {"half of them", 8, 500, 100, 1},
        {"nearly none", 15, 1000, 0, 1},       {"out of order", 1, 1000, 5000, 2},
        {"large deltas", 2, 90000, 0, 2},      {"seconds apart", 0, 9000000, 0, N},
    };
    static struct pl_twcc_arrivals a;
    static pl_time_us at[N];
    uint32_t random = 7;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].what);
        struct pl_twcc_clock c = {0};
        pl_twcc_arrivals_init(&a);
        for (unsigned k = 0; k < N; k++) {
            random = random * 1664525 + 1013904223;
            at[k] = (pl_time_us)k * rows[i].step_us + (random >> 8) % (rows[i].jitter_us + 1);
            if (random >> 28 < rows[i].lost_of_16 && k > 0 && k < N - 1)
                at[k] = LOST;
            else
                pl_twcc_arrived(&a, (uint16_t)(65000 + k), at[k]); /* wraps */
        }
        assert_true(drain(&a, &c, 65000, at, N) <= rows[i].packets);
    }
}

static void times_before_zero(void **state)
{
    (void)state;
    struct pl_twcc_arrivals a;
    struct pl_twcc_clock c = {0};
    pl_time_us at[] = {-70001, LOST, -63999, 1, 250};
    pl_twcc_arrivals_init(&a);
    assert_false(pl_twcc_due(&a));
    for (unsigned k = 0; k < 5; k++)
        if (at[k] != LOST)
            pl_twcc_arrived(&a, (uint16_t)(9 + k), at[k]);
    assert_int_equal(drain(&a, &c, 9, at, 5), 1);
}

static void written_reference_wraps(void **state)
{
    (void)state;
    static struct pl_twcc_arrivals a;
    struct pl_twcc_clock c = {0};
    pl_time_us wrap = ((int64_t)1 << 23) * PL_TWCC_REFERENCE_US;
    pl_twcc_arrivals_init(&a);
    pl_twcc_arrived(&a, 1, wrap - 1);
    struct pl_twcc_reader r = written(&a);
    assert_int_equal(r.reference, (1 << 23) - 1);
    pl_time_us before = pl_twcc_reference(&c, &r);
    pl_twcc_arrived(&a, 2, wrap);
    r = written(&a);
    assert_int_equal(r.reference, -(1 << 23));
    assert_int_equal(pl_twcc_reference(&c, &r) - before, PL_TWCC_REFERENCE_US);
}

static void late_ones_and_the_window(void **state)
{
    (void)state;
    static struct pl_twcc_arrivals a;
    struct pl_twcc_reader r;
    struct pl_twcc_status s;
    pl_twcc_arrivals_init(&a);
    pl_twcc_arrived(&a, 10, 0);
    pl_twcc_arrived(&a, 12, 2000);
    r = written(&a);
    assert_int_equal(r.count, 3);
    assert_false(pl_twcc_due(&a));
    pl_twcc_arrived(&a, 11, 3000); /* lost, as we said; here it is */
    pl_twcc_arrived(&a, 11, 4000); /* and its double does not count */
    r = written(&a);
    assert_int_equal(r.first_seq, 11);
    assert_int_equal(r.count, 2);
    assert_true(pl_twcc_next(&r, &s) && s.received && s.at == 3000);
    assert_true(pl_twcc_next(&r, &s) && s.received && s.at == 2000);
    /* As far ahead as the window reaches, then one farther: a new start. */
    pl_twcc_arrived(&a, 12 + PL_TWCC_WINDOW, 0);
    r = written(&a);
    assert_int_equal(r.first_seq, 13);
    assert_int_equal(r.count, PL_TWCC_WINDOW);
    pl_twcc_arrived(&a, 13 + 2 * PL_TWCC_WINDOW, 0);
    r = written(&a);
    assert_int_equal(r.first_seq, 13 + 2 * PL_TWCC_WINDOW);
    assert_int_equal(r.count, 1);
    /* Behind it likewise. */
    pl_twcc_arrived(&a, 14 + PL_TWCC_WINDOW, 0);
    assert_int_equal(written(&a).count, PL_TWCC_WINDOW);
    pl_twcc_arrived(&a, 13 + PL_TWCC_WINDOW, 0);
    assert_int_equal(written(&a).count, 1);
}

static void wants_room(void **state)
{
    (void)state;
    struct pl_twcc_arrivals a;
    uint8_t bytes[PL_TWCC_PACKET_MAX - 1];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_twcc_arrivals_init(&a);
    assert_int_equal(pl_twcc_write(&w, &a, 1, 2), PL_OK);
    pl_twcc_arrived(&a, 1, 0);
    assert_int_equal(pl_twcc_write(&w, &a, 1, 2), PL_ETRUNC);
    assert_int_equal(pl_writer_size(&w), 0);
    assert_true(pl_twcc_due(&a));
}

static void a_table_from_elsewhere_is_looked_at(void **state)
{
    (void)state;
    struct pl_twcc_arrivals a, b;
    pl_twcc_arrivals_init(&a);
    assert_true(pl_twcc_arrivals_ok(&a));
    a.end = 1;
    assert_false(pl_twcc_arrivals_ok(&a)); /* nothing ever came */
    pl_twcc_arrivals_init(&a);
    pl_twcc_arrived(&a, 10, 1000);
    pl_twcc_arrived(&a, 12, 2000);
    assert_true(pl_twcc_arrivals_ok(&a));
    b = a;
    b.at[(b.end - 1) % PL_TWCC_WINDOW] = LOST; /* then a report would end with it */
    assert_false(pl_twcc_arrivals_ok(&b));
    b.first = b.end; /* but nothing is due */
    assert_true(pl_twcc_arrivals_ok(&b));
    b = a;
    b.first = -1;
    assert_false(pl_twcc_arrivals_ok(&b));
    b.first = b.end + 1;
    assert_false(pl_twcc_arrivals_ok(&b));
    b.first = b.end - PL_TWCC_WINDOW;
    assert_true(pl_twcc_arrivals_ok(&b));
    b.first--;
    assert_false(pl_twcc_arrivals_ok(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(refuses),
        cmocka_unit_test(reference_time_wraps),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(times_before_zero),
        cmocka_unit_test(written_reference_wraps),
        cmocka_unit_test(late_ones_and_the_window),
        cmocka_unit_test(wants_room),
        cmocka_unit_test(a_table_from_elsewhere_is_looked_at),
    };
    return cmocka_run_group_tests_name("twcc", tests, NULL, NULL);
}
