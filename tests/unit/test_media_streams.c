/* The clients of a media thread that come by streams: frames in, slow readers, ends. The engine is
 * real and knows nobody; the control loop is never run, so that guests stay the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "proto/frame.h"
#include "server/media_streams.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET 1000 /* bytes */

static void zeros(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0, n);
}

struct fixture {
    struct pl_loop *loop, *control;
    struct pl_engine *engine;
    struct pl_media_streams *streams;
    struct pl_guest guest;
    int client; /* the other end */
    struct pl_tuple tuple;
    struct pl_buf in; /* what the client read, frames not yet taken */
};

static uint8_t *no_room(void *ctx, const struct pl_tuple *to, size_t n)
{
    (void)ctx, (void)to, (void)n;
    return NULL;
}

static void no_send(void *ctx, const struct pl_tuple *to, const uint8_t *bytes, size_t n,
                    size_t segment)
{
    (void)ctx, (void)to, (void)bytes, (void)n, (void)segment;
}

static void no_dtls(void *ctx, pl_peer_id peer, const uint8_t *bytes, size_t n)
{
    (void)ctx, (void)peer, (void)bytes, (void)n;
}

static void no_event(void *ctx, const struct pl_engine_event *event)
{
    (void)ctx, (void)event;
}

static int set_up(void **state)
{
    static const struct pl_random random = {zeros, NULL};
    static const struct pl_engine_io io = {
        .reserve = no_room, .send = no_send, .dtls = no_dtls, .event = no_event};
    struct pl_addr addr;
    struct fixture *f = calloc(1, sizeof *f);
    int fds[2];
    assert_int_equal(pl_addr_parse("192.0.2.7:4000", &addr), PL_OK);
    assert_int_equal(pl_loop_new(&f->loop), PL_OK);
    assert_int_equal(pl_loop_new(&f->control), PL_OK);
    assert_int_equal(pl_engine_new(&io, &random, &f->engine), PL_OK);
    assert_int_equal(pl_media_streams_new(f->loop, f->control, f->engine, &random, &f->streams),
                     PL_OK);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    assert_int_equal(pl_tcp_new(fds[0], NULL, &addr, "", 0, &f->guest.stream), PL_OK);
    f->client = fds[1];
    pl_media_streams_take(f->streams, &f->guest);
    f->tuple.remote = addr;
    f->tuple.socket = PL_STREAM_SOCKET + f->guest.number * PL_STREAM_ADDRS;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    pl_media_streams_free(f->streams);
    pl_engine_free(f->engine);
    pl_loop_free(f->loop);
    pl_loop_free(f->control);
    if (f->client >= 0)
        close(f->client);
    pl_buf_free(&f->in);
    free(f);
    return 0;
}

/* One turn of the loop, as the media thread ends it. */
static void turn(struct fixture *f)
{
    pl_loop_stop(f->loop);
    pl_loop_run(f->loop);
    pl_media_streams_flush(f->streams);
}

static void send_number(struct fixture *f, uint32_t number)
{
    uint8_t packet[PACKET] = {0};
    pl_put_u32(packet, number);
    pl_media_streams_send(f->streams, &f->tuple, packet, sizeof packet);
}

/* Reads all that has come; whole packets only, in order. Returns how many; *last is the last one's
 * number. */
static size_t receive(struct fixture *f, uint32_t *last)
{
    static uint8_t bytes[65536];
    struct pl_frame frame;
    size_t packets = 0;
    ssize_t n;
    while ((n = recv(f->client, bytes, sizeof bytes, 0)) > 0) {
        pl_buf_add(&f->in, bytes, (size_t)n);
        while (pl_frame_read((const uint8_t *)f->in.data, f->in.len, &frame) == PL_OK) {
            uint32_t number = pl_get_u32((const uint8_t *)f->in.data + frame.at);
            assert_int_equal(frame.n, PACKET);
            assert_true(number > *last);
            *last = number;
            packets++;
            pl_buf_consume(&f->in, frame.total);
        }
        turn(f);
    }
    return packets;
}

static void packets_go_out_in_frames(void **state)
{
    struct fixture *f = *state;
    uint32_t last = 0;
    for (uint32_t i = 1; i <= 20; i++)
        send_number(f, i);
    turn(f);
    assert_int_equal(receive(f, &last), 20);
    f->tuple.socket += PL_STREAM_ADDRS; /* of nobody */
    send_number(f, 21);
    turn(f);
    assert_int_equal(receive(f, &last), 0);
}

/* What has no room is lost whole; what comes later goes on. */
static void a_slow_reader_loses_packets(void **state)
{
    struct fixture *f = *state;
    uint32_t last = 0;
    size_t frame = PACKET + PL_FRAME_HEADER_SIZE, got;
    for (uint32_t i = 1; i <= 5000; i++) {
        send_number(f, i);
        if (i % 100 == 0)
            turn(f);
    }
    assert_non_null(f->guest.stream);
    got = receive(f, &last);
    assert_true(got * frame >= PL_GUEST_QUEUE_MAX - frame);
    assert_true(got < 5000 && last == got); /* the first ones */
    send_number(f, 5001);
    turn(f);
    assert_int_equal(receive(f, &last), 1);
    assert_int_equal(last, 5001);
}

static void frames_come_in(void **state)
{
    struct fixture *f = *state;
    const struct pl_engine_stats *stats = pl_engine_stats(f->engine);
    static const uint8_t frames[] = {0, 3, 0x80, 1, 2, 0, 0, 0, 2, 0x90, 1}; /* 3 bytes, 0, 2 */
    for (size_t i = 0; i < sizeof frames; i++) {
        assert_int_equal(send(f->client, &frames[i], 1, 0), 1);
        turn(f);
        assert_int_equal(stats->packets_in, (i >= 4) + (i >= 10));
    }
    assert_int_equal(stats->dropped_unknown_tuple, 2);
    assert_int_equal(send(f->client, "\xff\xff", 2, 0), 2); /* too long */
    turn(f);
    assert_null(f->guest.stream); /* on its way back to the control thread */
    send_number(f, 1);
    turn(f);
}

static void a_client_that_left_is_given_back(void **state)
{
    struct fixture *f = *state;
    send_number(f, 1);
    close(f->client);
    f->client = -1;
    turn(f);
    turn(f);
    assert_null(f->guest.stream);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(packets_go_out_in_frames),
        TEST(a_slow_reader_loses_packets),
        TEST(frames_come_in),
        TEST(a_client_that_left_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
