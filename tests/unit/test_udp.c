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
};

static void keep(void *ctx, const struct pl_addr *from, uint8_t *bytes, size_t n)
{
    struct inbox *in = ctx;
    in->count++;
    in->bytes += n;
    in->from = *from;
    memcpy(in->last, bytes, n);
    memset(bytes, 0xff, n); /* allowed */
}

static void receive(struct pl_udp *u, unsigned batches, struct inbox *in, unsigned wanted)
{
    struct pollfd p = {.fd = pl_udp_fd(u), .events = POLLIN};
    while (in->count < wanted) {
        assert_int_equal(poll(&p, 1, 5000), 1);
        pl_udp_receive(u, batches, keep, in);
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
            pl_udp_send(a, &b_addr, (const uint8_t[]){i, 1, 2}, 3);
        pl_udp_flush(a);
        assert_int_equal(pl_udp_receive(b, 1, keep, &in), PL_UDP_BATCH);
        receive(b, 4, &in, 200);
        assert_int_equal(in.count, 200);
        assert_int_equal(in.bytes, 600);
        assert_memory_equal(in.last, ((const uint8_t[]){199, 1, 2}), 3);
        assert_true(pl_addr_eq(&in.from, &a_addr));
        assert_int_equal(pl_udp_receive(b, 1, keep, &in), 0);

        pl_udp_send(b, &in.from, "", 0);
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
    pl_udp_send(a, &b_addr, bytes, PL_UDP_DATAGRAM_MAX);
    pl_udp_send(a, &b_addr, bytes, PL_UDP_DATAGRAM_MAX + 1);
    pl_udp_flush(a);
    receive(b, 1, &in, 1);
    assert_int_equal(in.bytes, PL_UDP_DATAGRAM_MAX);
    assert_int_equal(pl_udp_stats(a)->send_failed, 1);
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
    pl_udp_send(a, &v6, "x", 1);
    pl_udp_send(a, &off_loopback, "x", 1); /* EINVAL from a socket bound to loopback */
    pl_udp_send(a, &b_addr, "y", 1);
    pl_udp_flush(a);
    receive(b, 1, &in, 1);
    assert_int_equal(in.last[0], 'y');
    assert_int_equal(pl_udp_stats(a)->send_failed, 2);
    assert_int_equal(pl_udp_stats(a)->sent, 1);

    struct pl_udp *c = NULL;
    struct pl_addr c_addr;
    assert_int_equal(pl_udp_open(&a_addr, &c, &c_addr), PL_EIO);
    assert_int_equal(errno, EADDRINUSE);
    assert_null(c);
    pl_udp_close(a);
    pl_udp_close(b);
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
        cmocka_unit_test(refusals_are_counted),
        cmocka_unit_test(interface_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
