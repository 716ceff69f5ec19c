/* UDP sockets on loopback: batches both ways, limits, refusals, the machine's addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/udp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static struct pl_addr address(const char *text)
{
    struct pl_addr a;
    assert_int_equal(pl_addr_parse(text, &a), PL_OK);
    return a;
}

struct inbox {
    unsigned count;
    size_t bytes;
    struct pl_addr from;
    uint8_t last[PL_UDP_DATAGRAM_MAX];
    uint8_t first_bytes[4096];
};

static void keep(void *ctx, const struct pl_addr *from, uint8_t *bytes, size_t n)
{
    struct inbox *in = ctx;
    if (n)
        in->first_bytes[in->count % sizeof in->first_bytes] = bytes[0];
    in->count++;
    in->bytes += n;
    in->from = *from;
    memcpy(in->last, bytes, n);
    memset(bytes, 0xff, n); /* allowed */
}

static void send_one(struct pl_udp *u, const struct pl_addr *to, const void *bytes, size_t n)
{
    pl_udp_send(u, to, bytes, n, n);
}

static void receive(struct pl_udp *u, size_t max, struct inbox *in, unsigned wanted)
{
    struct pollfd p = {.fd = pl_udp_fd(u), .events = POLLIN};
    while (in->count < wanted) {
        assert_int_equal(poll(&p, 1, 5000), 1);
        pl_udp_receive(u, max, keep, in);
    }
}

static void datagrams_go_both_ways(void **state)
{
    (void)state;
    static const char *const hosts[] = {"127.0.0.1:0", "[::1]:0"};
    for (unsigned h = 0; h < 2; h++) {
        struct pl_addr any = address(hosts[h]), a_addr, b_addr;
        struct pl_udp *a, *b;
        struct inbox in = {0}, back = {0};
        assert_int_equal(pl_udp_open(&any, &a, &a_addr), PL_OK);
        assert_int_equal(pl_udp_open(&any, &b, &b_addr), PL_OK);
        assert_true(a_addr.port != 0 && a_addr.port != b_addr.port);

        for (uint8_t i = 0; i < 200; i++) /* more than three batches; flushed as they fill */
            send_one(a, &b_addr, (const uint8_t[]){i, 1, 2}, 3);
        pl_udp_flush(a);
        assert_true(pl_udp_receive(b, 1, keep, &in) < 200);
        receive(b, 4, &in, 200);
        assert_int_equal(in.count, 200);
        assert_int_equal(in.bytes, 600);
        assert_memory_equal(in.last, ((const uint8_t[]){199, 1, 2}), 3);
        assert_true(pl_addr_eq(&in.from, &a_addr));
        assert_int_equal(pl_udp_receive(b, 1, keep, &in), 0);

        send_one(b, &in.from, "", 0);
        pl_udp_flush(b);
        receive(a, 1, &back, 1);
        assert_int_equal(back.bytes, 0);
        assert_int_equal(pl_udp_stats(a)->sent, 200);
        assert_int_equal(pl_udp_stats(a)->sent_bytes, 600);
        assert_int_equal(pl_udp_stats(b)->received, 200);
        pl_udp_close(a);
        pl_udp_close(b);
    }
}

static void sizes_at_the_limit(void **state)
{
    (void)state;
    struct pl_addr any = address("127.0.0.1:0"), a_addr, b_addr;
    struct pl_udp *a, *b;
    struct inbox in = {0};
    static uint8_t bytes[PL_UDP_DATAGRAM_MAX + 1];
    assert_int_equal(pl_udp_open(&any, &a, &a_addr), PL_OK);
    assert_int_equal(pl_udp_open(&any, &b, &b_addr), PL_OK);
    send_one(a, &b_addr, bytes, PL_UDP_DATAGRAM_MAX);
    send_one(a, &b_addr, bytes, PL_UDP_DATAGRAM_MAX + 1);
    pl_udp_flush(a);
    receive(b, 1, &in, 1);
    assert_int_equal(in.bytes, PL_UDP_DATAGRAM_MAX);
    assert_int_equal(pl_udp_stats(a)->send_failed, 1);
    pl_udp_close(a);
    pl_udp_close(b);
}

/* What is sent in runs, and whether the receiver takes them whole (it has UDP_GRO) or not, is the
 * same datagrams in the same order; also where the kernel takes one at a time only. */
static void runs(void **state)
{
    (void)state;
    static const struct {
        size_t n, segment, datagrams;
    } rows[] = {
        {3000, 1000, 3},
        {3001, 1000, 4}, /* the last is shorter */
        {1000, 1000, 1},
        {1, 1, 1},
        {PL_UDP_SEGMENTS * 900, 900, PL_UDP_SEGMENTS},
        {PL_UDP_RUN_MAX, 1200, 55},
    };
    for (unsigned singly = 0; singly < 2; singly++) {
        struct pl_addr any = address("127.0.0.1:0"), a_addr, b_addr;
        struct pl_udp *a, *b;
        assert_int_equal(pl_udp_open(&any, &a, &a_addr), PL_OK);
        assert_int_equal(pl_udp_open(&any, &b, &b_addr), PL_OK);
        if (singly)
            pl_udp_send_singly(a);
        uint64_t sent = 0;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct inbox in = {0};
            uint8_t *out = pl_udp_reserve(a, rows[i].n);
            for (size_t k = 0; k < rows[i].n; k++)
                out[k] = (uint8_t)(k / rows[i].segment);
            pl_udp_send(a, &b_addr, out, rows[i].n, rows[i].segment);
            send_one(a, &b_addr, "after", 5);
            pl_udp_flush(a);
            receive(b, 1000, &in, (unsigned)rows[i].datagrams + 1);
            assert_int_equal(in.count, rows[i].datagrams + 1);
            assert_int_equal(in.bytes, rows[i].n + 5);
            for (size_t k = 0; k < rows[i].datagrams; k++)
                assert_int_equal(in.first_bytes[k], k);
            assert_memory_equal(in.last, "after", 5);
            sent += rows[i].datagrams + 1;
        }
        assert_int_equal(pl_udp_stats(a)->sent, sent);
        assert_int_equal(pl_udp_stats(b)->received, sent);
        assert_int_equal(pl_udp_stats(a)->runs, singly ? sent : 2 * sizeof rows / sizeof rows[0]);
        pl_udp_close(a);
        pl_udp_close(b);
    }
}

/* A run that the kernel does not take is sent one by one: this one has a segment too many. */
static void a_run_is_cut(void **state)
{
    (void)state;
    struct pl_addr any = address("127.0.0.1:0"), a_addr, b_addr;
    struct pl_udp *a, *b;
    struct inbox in = {0};
    static uint8_t bytes[2000];
    assert_int_equal(pl_udp_open(&any, &a, &a_addr), PL_OK);
    assert_int_equal(pl_udp_open(&any, &b, &b_addr), PL_OK);
    pl_udp_send(a, &b_addr, bytes, sizeof bytes, 10); /* 200; the kernel takes 64, or 128 */
    send_one(a, &b_addr, "after", 5);
    pl_udp_flush(a);
    receive(b, 1000, &in, 201);
    assert_int_equal(in.count, 201);
    assert_int_equal(pl_udp_stats(a)->runs_cut, 1);
    assert_int_equal(pl_udp_stats(a)->sent, 201);
    pl_udp_close(a);
    pl_udp_close(b);
}

/* More than the arena holds, and more runs than one system call takes, in place and copied. */
static void queues_that_fill(void **state)
{
    (void)state;
    struct pl_addr any = address("127.0.0.1:0"), a_addr, b_addr;
    struct pl_udp *a, *b;
    struct inbox in = {0};
    static uint8_t bytes[1000];
    assert_int_equal(pl_udp_open(&any, &a, &a_addr), PL_OK);
    assert_int_equal(pl_udp_open(&any, &b, &b_addr), PL_OK);
    unsigned n = 0;
    for (unsigned i = 0; i < 2 * PL_UDP_BATCH + 1; i++) {
        send_one(a, &b_addr, "x", 1);
        n++;
        if (i % 8 == 0) {
            uint8_t *out = pl_udp_reserve(a, 40000);
            memset(out, 0, 40000);
            pl_udp_send(a, &b_addr, out, 40000, 1000);
            pl_udp_send(a, &b_addr, bytes, 1000, 500);
            n += 42;
            receive(b, 1000, &in, in.count); /* keeps its buffer from filling */
        }
    }
    pl_udp_flush(a);
    receive(b, 1000, &in, n);
    assert_int_equal(in.count, n);
    assert_int_equal(pl_udp_stats(a)->sent, n);
    pl_udp_close(a);
    pl_udp_close(b);
}

/* One that cannot be sent does not keep back those behind it. */
static void refusals_are_counted(void **state)
{
    (void)state;
    struct pl_addr any = address("127.0.0.1:0"), a_addr, b_addr;
    struct pl_addr off_loopback = address("192.0.2.1:9"), v6 = address("[::1]:9");
    struct pl_udp *a, *b;
    struct inbox in = {0};
    assert_int_equal(pl_udp_open(&any, &a, &a_addr), PL_OK);
    assert_int_equal(pl_udp_open(&any, &b, &b_addr), PL_OK);
    send_one(a, &v6, "x", 1);
    send_one(a, &off_loopback, "x", 1); /* EINVAL from a socket bound to loopback */
    pl_udp_send(a, &off_loopback, (const uint8_t *)"xyz", 3, 1);
    pl_udp_send(a, &v6, (const uint8_t *)"xyz", 3, 2);
    send_one(a, &b_addr, "y", 1);
    pl_udp_flush(a);
    receive(b, 1, &in, 1);
    assert_int_equal(in.last[0], 'y');
    assert_int_equal(pl_udp_stats(a)->send_failed, 1 + 1 + 3 + 2);
    assert_int_equal(pl_udp_stats(a)->sent, 1);

    struct pl_udp *c = NULL;
    struct pl_addr c_addr;
    assert_int_equal(pl_udp_open(&a_addr, &c, &c_addr), PL_EIO);
    assert_int_equal(errno, EADDRINUSE);
    assert_null(c);
    pl_udp_close(a);
    pl_udp_close(b);
}

struct aged {
    struct pl_udp *u;
    unsigned count;
    int64_t age_us;
};

static void note_age(void *ctx, const struct pl_addr *from, uint8_t *bytes, size_t n)
{
    struct aged *a = ctx;
    (void)from;
    (void)bytes;
    (void)n;
    a->count++;
    a->age_us = pl_udp_age_us(a->u);
}

/* Another takes the socket over: what waited in it has its age, what comes later has none. Kernels
 * begin to note times a moment after they were asked to. */
static void what_waited_has_an_age(void **state)
{
    (void)state;
    struct pl_addr any = address("127.0.0.1:0"), at, here;
    struct pl_udp *a, *b, *from;
    assert_int_equal(pl_udp_open(&any, &a, &at), PL_OK);
    assert_int_equal(pl_udp_open(&any, &from, &here), PL_OK);
    int64_t oldest = 0;
    for (unsigned tries = 0; tries < 20 && oldest < 40000; tries++) {
        pl_udp_leave(a);
        send_one(from, &at, "x", 1);
        pl_udp_flush(from);
        poll(NULL, 0, 50); /* it waits */
        assert_int_equal(pl_udp_adopt(dup(pl_udp_fd(a)), &b, &here), PL_OK);
        assert_true(pl_addr_eq(&here, &at));
        struct aged waited = {.u = b}, later = {.u = b};
        pl_udp_receive(b, 100, note_age, &waited);
        assert_int_equal(waited.count, 1);
        oldest = waited.age_us;
        assert_in_range(oldest, 0, PL_UDP_AGE_MAX_US);
        send_one(from, &at, "y", 1);
        pl_udp_flush(from);
        poll(NULL, 0, 5);
        pl_udp_receive(b, 100, note_age, &later);
        assert_int_equal(later.count, 1);
        assert_int_equal(later.age_us, 0);
        pl_udp_close(b);
    }
    assert_true(oldest >= 40000);
    assert_int_equal(pl_udp_adopt(-1, &b, &here), PL_EIO);
    pl_udp_close(a);
    pl_udp_close(from);
}

static void interface_addresses(void **state)
{
    (void)state;
    struct pl_addr addrs[64];
    size_t n = pl_net_interface_addrs(addrs, 64);
    assert_true(n >= 1);
    bool loopback = false;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(addrs[i].port, 0);
        assert_true(!loopback || pl_addr_is_loopback(&addrs[i]));
        loopback = pl_addr_is_loopback(&addrs[i]);
    }
    assert_int_equal(pl_net_interface_addrs(addrs, 1), 1);
    assert_int_equal(pl_net_interface_addrs(addrs, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams_go_both_ways),
        cmocka_unit_test(sizes_at_the_limit),
        cmocka_unit_test(runs),
        cmocka_unit_test(a_run_is_cut),
        cmocka_unit_test(queues_that_fill),
        cmocka_unit_test(refusals_are_counted),
        cmocka_unit_test(what_waited_has_an_age),
        cmocka_unit_test(interface_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
