/* A received stream: sequence numbers, what is missing, key-frame requests, reports; and its ring.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sfu/stream.h"

static struct pl_packet_pool pool;
static struct pl_stream stream;
static uint8_t payload[PL_PAYLOAD_MAX + 1] = {0x10, 0x11};

static int start(void **state)
{
    (void)state;
    const struct pl_section section = {
        .media = PL_VIDEO, .clock_rate = 90000, .ssrc = 7, .nack = true};
    pl_packet_pool_init(&pool);
    return pl_stream_init(&stream, &section, &pool);
}

static int stop(void **state)
{
    (void)state;
    pl_stream_free(&stream);
    pl_packet_pool_free(&pool);
    return 0;
}

static struct pl_media_packet receive_size(uint16_t seq, pl_time_us now, size_t n)
{
    struct pl_media_packet out;
    const struct pl_rtp rtp = {.pt = 96,
                               .seq = seq,
                               .timestamp = (uint32_t)(now * 9 / 100),
                               .ssrc = 7,
                               .payload = payload,
                               .payload_len = n};
    if (!pl_stream_input(&stream, &rtp, PL_VP8, false, now, &out))
        out.seq = -1; /* dropped */
    return out;
}

static struct pl_media_packet receive(uint16_t seq, pl_time_us now)
{
    return receive_size(seq, now, 100);
}

static struct pl_media_packet receive_key(uint16_t seq, pl_time_us now)
{
    payload[1] = 0x10;
    struct pl_media_packet out = receive(seq, now);
    payload[1] = 0x11;
    return out;
}

static void numbers_extend_across_the_wrap(void **state)
{
    (void)state;
    int64_t first = receive(65534, 1000).seq;
    assert_int_equal(receive(65535, 2000).seq, first + 1);
    assert_int_equal(receive(1, 3000).seq, first + 3);
    assert_int_equal(receive(0, 3100).seq, first + 2);
    assert_int_equal(receive(65533, 3200).seq, first - 1);
    assert_int_equal(stream.n_missing, 0);
}

/* Each number goes on once: a slot's number is an SRTP nonce. */
static void a_packet_is_taken_once(void **state)
{
    (void)state;
    int64_t first = receive(30000, 1000).seq;
    assert_int_equal(receive(30000, 1000).seq, -1);
    assert_int_equal(receive(30002, 2000).seq, first + 2);
    assert_int_equal(receive(30001, 3000).seq, first + 1);
    assert_int_equal(receive(30001, 3000).seq, -1);
    assert_int_equal(stream.received, 3);
    /* The oldest that can be told, and the one before it. */
    receive(30000 + PL_RING_PACKETS, 4000);
    assert_int_equal(receive(30000, 5000).seq, -1);
    assert_int_equal(receive(30003, 5000).seq, first + 3);
    receive(30000 + 5 * PL_RING_PACKETS, 6000);
    assert_int_equal(receive(30000 + 5 * PL_RING_PACKETS, 6000).seq, -1);
    assert_int_equal(receive(30001 + 4 * PL_RING_PACKETS, 6000).seq,
                     first + 1 + 4 * PL_RING_PACKETS);
    /* Half the circle back, which SRTP may take for half the circle on. */
    assert_int_equal(receive((uint16_t)(30000 + 5 * PL_RING_PACKETS + 0x8000), 7000).seq, -1);
}

static void what_is_missing_is_asked_for_and_given_up(void **state)
{
    (void)state;
    uint16_t out[PL_MISSING_MAX];
    pl_time_us now = PL_SECOND;
    receive(10, now);
    receive(14, now);
    assert_int_equal(pl_stream_nacks(&stream, now, out), 0); /* it may only be late */
    receive(12, now);
    assert_true(pl_stream_deadline(&stream) == now + PL_NACK_FIRST_US);
    now += PL_NACK_FIRST_US;
    assert_int_equal(pl_stream_nacks(&stream, now, out), 2);
    assert_int_equal(out[0], 11);
    assert_int_equal(out[1], 13);
    receive(11, now);
    for (int i = 1; i < PL_NACK_TRIES; i++) {
        assert_int_equal(pl_stream_nacks(&stream, now + PL_NACK_AGAIN_US - 1, out), 0);
        now += PL_NACK_AGAIN_US;
        assert_int_equal(pl_stream_nacks(&stream, now, out), 1);
    }
    assert_false(stream.key_wanted);
    now += PL_NACK_AGAIN_US;
    assert_int_equal(pl_stream_nacks(&stream, now, out), 0);
    assert_int_equal(stream.n_missing, 0);
    assert_true(pl_stream_key_due(&stream, now)); /* nobody will see what refers to it */
    receive_key(15, now);
    assert_true(pl_stream_deadline(&stream) == PL_NEVER);
}

static void what_is_missing_before_a_key_frame_needs_no_other(void **state)
{
    (void)state;
    uint16_t out[PL_MISSING_MAX];
    pl_time_us now = PL_SECOND;
    receive(10, now);
    receive_key(12, now);
    receive(14, now);
    for (int i = 0; i <= PL_NACK_TRIES; i++, now += PL_NACK_AGAIN_US) {
        pl_stream_nacks(&stream, now, out);
        if (i == 2)
            receive(13, now);
    }
    pl_stream_nacks(&stream, now, out);
    assert_int_equal(stream.n_missing, 0);
    assert_false(stream.key_wanted);
}

static void a_gap_too_wide_asks_for_a_key_frame(void **state)
{
    (void)state;
    receive(10, 1000);
    receive(11 + PL_MISSING_MAX, 2000);
    assert_int_equal(stream.n_missing, PL_MISSING_MAX);
    assert_false(stream.key_wanted);
    receive(13 + PL_MISSING_MAX, 3000); /* one more than there is room for */
    assert_int_equal(stream.n_missing, 0);
    assert_true(stream.key_wanted);
}

static void key_frames_are_asked_for_twice_a_second_at_most(void **state)
{
    (void)state;
    pl_time_us now = PL_SECOND;
    pl_stream_want_key(&stream);
    assert_false(pl_stream_key_due(&stream, now)); /* nothing has come: its first frame is a key */
    receive(1, now);
    assert_true(pl_stream_key_due(&stream, now));
    assert_false(pl_stream_key_due(&stream, now + PL_KEY_REQUEST_US - 1));
    assert_true(pl_stream_key_due(&stream, now + PL_KEY_REQUEST_US));
    receive_size(2, now,
                 PL_PAYLOAD_MAX + 1); /* the ring does not keep it, so nobody can turn to it */
    payload[1] = 0x10;
    receive_size(3, now, PL_PAYLOAD_MAX + 1);
    assert_true(pl_stream_key_due(&stream, now + 2 * PL_KEY_REQUEST_US));
    assert_true(receive_key(4, now).descriptor.key_start);
    assert_false(pl_stream_key_due(&stream, now + 10 * PL_KEY_REQUEST_US));
}

/* A stream comes back with a key frame. Of that the first packets may have been lost, and come when
 * they were asked for; those from before the rest do not. */
static void behind_a_rest_the_first_may_come_late(void **state)
{
    (void)state;
    pl_time_us now = PL_SECOND;
    int64_t first = receive(10, now).seq;
    receive(12, now); /* 11 is missing */
    now += 3 * PL_SECOND;
    pl_ring_clear(&stream.ring);
    pl_stream_want_key(&stream);
    receive(15, now); /* 13 and 14 were lost */
    for (uint16_t i = 16; i < 16 + PL_RING_LEAST; i++)
        receive(i, now);
    receive(11, now);
    assert_null(pl_ring_get(&stream.ring, first + 1));
    receive_key(14, now + PL_RING_US);
    assert_non_null(pl_ring_get(&stream.ring, first + 4));
    assert_false(stream.key_wanted);
    receive(200, now + PL_RING_US + 1); /* a second behind the first that came it is too late */
    receive(13, now + PL_RING_US + 1);
    assert_null(pl_ring_get(&stream.ring, first + 3));
    /* Nor is there room for what is further back than the ring. */
    pl_ring_clear(&stream.ring);
    now += 10 * PL_SECOND;
    uint16_t seq = (uint16_t)(201 + PL_RING_PACKETS);
    first = receive(seq, now).seq;
    receive((uint16_t)(seq - 1), now);
    assert_null(pl_ring_get(&stream.ring, first - 1));
}

static void reports_count_since_the_last_one(void **state)
{
    (void)state;
    struct pl_rtcp_block b;
    for (uint16_t i = 0; i < 100; i++)
        if (i % 4 != 3)
            receive((uint16_t)(65500 + i), PL_SECOND + i * 10 * PL_MS);
    pl_stream_sender_report(&stream, UINT64_C(0x0102030405060708), 5, 2 * PL_SECOND);
    pl_stream_report(&stream, 2 * PL_SECOND + 500 * PL_MS, &b);
    assert_int_equal(b.ssrc, 7);
    assert_int_equal(b.cumulative_lost, 24); /* the last one is not known to be missing */
    assert_int_equal(b.fraction_lost, 24 * 255 / 99);
    assert_int_equal(b.highest_seq, 65536 + 62);
    assert_int_equal(b.jitter, 0);
    assert_int_equal(b.last_sr, 0x03040506);
    assert_int_equal(b.delay_since_last_sr, 32768);
    receive(63, PL_SECOND + 990 * PL_MS);
    pl_stream_report(&stream, 3 * PL_SECOND, &b);
    assert_int_equal(b.fraction_lost, 0);
    assert_int_equal(b.cumulative_lost, 24);
}

static void short_picture_ids_are_extended(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[2]; /* the picture id as sent */
        uint16_t extended;
    } rows[] = {
        {{0x3e, 0}, 0x3e}, {{0x7d, 0}, 0x7d}, {{0x7f, 0}, 0x7f},   {{0x00, 0}, 0x80},
        {{0x7f, 0}, 0x7f}, {{0x01, 0}, 0x81}, {{0xc0, 1}, 0x4001},
    };
    for (uint16_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[] = {0x90, 0x80, rows[i].bytes[0], rows[i].bytes[1], 0x11, 0, 0};
        struct pl_media_packet out;
        const struct pl_rtp rtp = {.seq = i, .payload = bytes, .payload_len = sizeof bytes};
        assert_true(pl_stream_input(&stream, &rtp, PL_VP8, false, 1000, &out));
        assert_int_not_equal(out.descriptor.picture_id_len, 0);
        assert_int_equal(out.picture_id, rows[i].extended);
    }
}

/* AV1 tells its layers in a header extension, of the two-byte form on key frames. */
static void layers_come_from_the_dependency_descriptor(void **state)
{
    (void)state;
    static const uint8_t key[] = {16,   20,   0x8a, 0x00, 0x01, 0x81, 0x42, 0x14, 0xea, 0xa8, 0x60,
                                  0x41, 0x4d, 0x14, 0x10, 0x20, 0x84, 0x27, 0x02, 0x7f, 0x01, 0x67},
                         delta[] = {16, 3, 0xcc, 0x00, 0x02};
    static const uint8_t first[] = {0x18, 0x32, 0x00}, other[] = {0x10, 0x32, 0x00};
    struct pl_media_packet out;
    struct pl_rtp rtp = {.seq = 1,
                         .ext_profile = 0x1000,
                         .ext = delta,
                         .ext_len = sizeof delta,
                         .payload = other,
                         .payload_len = sizeof other};
    stream.ext_dd = 16;
    assert_true(pl_stream_input(&stream, &rtp, PL_AV1, false, 1000, &out));
    assert_int_equal(out.descriptor.temporal_id, 0); /* of no structure yet */
    rtp.seq = 2;
    rtp.ext = key;
    rtp.ext_len = sizeof key;
    rtp.payload = first;
    assert_true(pl_stream_input(&stream, &rtp, PL_AV1, false, 1000, &out));
    assert_true(out.descriptor.key_start && out.descriptor.switch_up);
    assert_int_equal(out.descriptor.width, 640);
    assert_int_equal(out.descriptor.height, 360);
    rtp.seq = 3;
    rtp.ext = delta;
    rtp.ext_len = sizeof delta;
    rtp.payload = other;
    assert_true(pl_stream_input(&stream, &rtp, PL_AV1, false, 1000, &out));
    assert_int_equal(out.descriptor.temporal_id, 1);
    assert_int_equal(out.descriptor.height, 0);
    pl_stream_reset(&stream, 8);
    rtp.seq = 4;
    assert_true(pl_stream_input(&stream, &rtp, PL_AV1, false, 1000, &out));
    assert_int_equal(out.descriptor.temporal_id, 0);
}

static void the_ring_keeps_a_second(void **state)
{
    (void)state;
    int64_t first = receive(0, 0).seq;
    for (uint16_t i = 1; i < 300; i++)
        receive_size(i, i * 5 * PL_MS, i == 250 ? PL_PAYLOAD_MAX + 1 : 100);
    assert_null(pl_ring_get(&stream.ring, first + 98));
    assert_non_null(pl_ring_get(&stream.ring, first + 99)); /* 1 s before the newest */
    assert_non_null(pl_ring_get(&stream.ring, first + 299));
    assert_null(pl_ring_get(&stream.ring, first + 300));
    assert_null(pl_ring_get(&stream.ring, first + 250)); /* too large to be sent on */
    assert_int_equal(pl_ring_get(&stream.ring, first + 200)->seq, first + 200);
    assert_true(pool.total <= 256);
    /* A burst: no more than its places. */
    for (uint16_t i = 300; i < 300 + 2 * PL_RING_PACKETS; i++)
        receive(i, 2 * PL_SECOND);
    assert_null(pl_ring_get(&stream.ring, first + 299 + PL_RING_PACKETS));
    assert_non_null(pl_ring_get(&stream.ring, first + 300 + PL_RING_PACKETS));
    assert_in_range(pool.total, PL_RING_PACKETS, PL_RING_PACKETS + 64);
    pl_stream_reset(&stream, 8);
    first = receive(5, 3 * PL_SECOND).seq;
    assert_non_null(pl_ring_get(&stream.ring, first));
}

/* What is forwarded comes from rings: when the pool has no more, the newest packets matter, and a
 * stream that begins has a right to some. */
static void without_buffers_streams_keep_fewer(void **state)
{
    (void)state;
    const struct pl_section section = {.clock_rate = 90000, .media = PL_VIDEO};
    struct pl_stream other;
    assert_int_equal(pl_stream_init(&other, &section, &pool), PL_OK);
    int64_t first = receive(0, 0).seq;
    while (pool.free)
        receive((uint16_t)(stream.max_seq + 1), 0);
    int64_t newest = stream.max_seq;
    pool.total = PL_POOL_PACKETS_MAX;
    receive((uint16_t)(newest + 1), 0);
    assert_non_null(pl_ring_get(&stream.ring, newest + 1));
    assert_null(pl_ring_get(&stream.ring, first + 1));
    assert_non_null(pl_ring_get(&stream.ring, first + 2));
    struct pl_media_packet packet = {.seq = 7, .payload = payload, .payload_len = 20};
    pl_ring_put(&other.ring, &packet, 0);
    assert_non_null(pl_ring_get(&other.ring, 7));
    /* Nor does one that has little stand still; what comes late pushes out nothing newer. */
    packet.seq = 9;
    pl_ring_put(&other.ring, &packet, 0);
    packet.seq = 8;
    pl_ring_put(&other.ring, &packet, 0);
    assert_null(pl_ring_get(&other.ring, 7));
    assert_null(pl_ring_get(&other.ring, 8));
    assert_non_null(pl_ring_get(&other.ring, 9));
    pl_stream_free(&other);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(numbers_extend_across_the_wrap),
        T(a_packet_is_taken_once),
        T(what_is_missing_is_asked_for_and_given_up),
        T(what_is_missing_before_a_key_frame_needs_no_other),
        T(a_gap_too_wide_asks_for_a_key_frame),
        T(key_frames_are_asked_for_twice_a_second_at_most),
        T(reports_count_since_the_last_one),
        T(short_picture_ids_are_extended),
        T(layers_come_from_the_dependency_descriptor),
        T(the_ring_keeps_a_second),
        T(behind_a_rest_the_first_may_come_late),
        T(without_buffers_streams_keep_fewer),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
