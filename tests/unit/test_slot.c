/* A slot stays one unbroken stream whatever fills it, and repeats itself byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sfu/slot.h"

static const char stream_a, stream_b; /* any two things with addresses */
static uint8_t bytes[] = {0x90, 0xc0, 0x81, 0x00, 9, 0x11, 1, 2, 3};

static struct pl_slot video(uint16_t first_seq)
{
    static const struct pl_section section = {.media = PL_VIDEO,
                                              .ssrc = 0xabcdef01,
                                              .n_formats = 1,
                                              .formats = {{.codec = PL_VP8, .pt = 96}},
                                              .clock_rate = 90000};
    struct pl_slot s;
    pl_slot_init(&s, &section, first_seq);
    return s;
}

static struct pl_media_packet packet(int64_t seq, uint32_t timestamp, uint16_t picture_id,
                                     uint8_t tl0)
{
    return (struct pl_media_packet){
        .seq = seq,
        .timestamp = timestamp,
        .marker = true,
        .codec = PL_VP8,
        .descriptor = {.picture_id_at = 2, .picture_id_len = 2, .tl0_at = 4, .tl0 = tl0},
        .picture_id = picture_id,
        .payload = bytes,
        .payload_len = sizeof bytes,
    };
}

static uint16_t seq_of(const struct pl_slot_packet *p)
{
    return pl_get_u16(p->header + 2);
}

static uint32_t timestamp_of(const struct pl_slot_packet *p)
{
    return pl_get_u32(p->header + 4);
}

static uint16_t picture_id_of(const struct pl_slot_packet *p)
{
    return pl_get_u16(p->descriptor + 2) & 0x7fff;
}

static void numbers_go_on_across_switches(void **state)
{
    (void)state;
    struct pl_slot s = video(0x7fff);
    struct pl_slot_packet out;
    struct pl_media_packet a = packet(70000, 0xfffffff0, 0x7fff, 255), b = packet(100, 5, 3, 7);
    uint32_t first = pl_slot_switch(&s, &stream_a, &a, PL_SECOND);
    assert_true(pl_slot_rewrite(&s, &stream_a, &a, PL_SECOND, &out));
    assert_int_equal(timestamp_of(&out), first);
    assert_int_equal(out.header[0], 0x80);
    assert_int_equal(out.header[1], 0x80 | 96);
    assert_int_equal(pl_get_u32(out.header + 8), 0xabcdef01);
    assert_int_equal(out.rest_len, sizeof bytes - 5);
    assert_ptr_equal(out.rest, bytes + 5);
    uint16_t seq = seq_of(&out), picture_id = picture_id_of(&out);
    uint8_t tl0 = out.descriptor[4];

    /* 100 ms later another source: 9000 ticks, whatever its own clock says. */
    pl_time_us now = PL_SECOND + 100 * PL_MS;
    assert_int_equal(pl_slot_switch(&s, &stream_b, &b, now), first + 9000);
    assert_true(pl_slot_rewrite(&s, &stream_b, &b, now, &out));
    assert_int_equal(seq_of(&out), (uint16_t)(seq + 1));
    assert_int_equal(timestamp_of(&out), first + 9000);
    assert_int_equal(picture_id_of(&out), (picture_id + 1) & 0x7fff);
    assert_int_equal(out.descriptor[4], (uint8_t)(tl0 + 1));

    /* What belongs to the old source, or is from before the switch, is not for this slot. */
    a.seq++;
    assert_false(pl_slot_rewrite(&s, &stream_a, &a, now, &out));
    b.seq--;
    assert_false(pl_slot_rewrite(&s, &stream_b, &b, now, &out));

    /* A switch at once: one frame at least. */
    assert_int_equal(pl_slot_switch(&s, &stream_a, &a, now), first + 9000 + 3000);
}

static void repeats_are_byte_for_byte(void **state)
{
    (void)state;
    struct pl_slot s = video(100);
    struct pl_slot_packet once[40], again;
    for (int i = 0; i < 40; i++) { /* a new source every ten packets */
        const void *stream = i / 10 % 2 ? &stream_b : &stream_a;
        struct pl_media_packet p = packet(5000 - 100 * (i / 10) + i, 90u * (uint32_t)i, 50, 3);
        if (i % 10 == 0)
            pl_slot_switch(&s, stream, &p, (i + 1) * 33 * PL_MS);
        memset(&once[i], 0, sizeof once[i]);
        assert_true(pl_slot_rewrite(&s, stream, &p, (i + 1) * 33 * PL_MS, &once[i]));
    }
    for (int i = 0; i < 40; i++) {
        const void *stream;
        int64_t seq;
        assert_true(pl_slot_find(&s, seq_of(&once[i]), &stream, &seq));
        assert_ptr_equal(stream, i / 10 % 2 ? &stream_b : &stream_a);
        assert_int_equal(seq, 5000 - 100 * (i / 10) + i);
        struct pl_media_packet p = packet(seq, 90u * (uint32_t)i, 50, 3);
        memset(&again, 0, sizeof again);
        assert_true(pl_slot_rewrite_again(&s, seq_of(&once[i]), &p, &again));
        assert_memory_equal(&again, &once[i], sizeof again);
    }
    const void *stream;
    int64_t seq;
    assert_false(pl_slot_find(&s, (uint16_t)(seq_of(&once[39]) + 1), &stream, &seq));
    assert_false(pl_slot_find(&s, (uint16_t)(seq_of(&once[0]) - 1), &stream, &seq));
    pl_slot_forget(&s, &stream_b);
    assert_false(pl_slot_find(&s, seq_of(&once[15]), &stream, &seq));
    assert_true(pl_slot_find(&s, seq_of(&once[25]), &stream, &seq));
}

static void old_segments_are_forgotten(void **state)
{
    (void)state;
    struct pl_slot s = video(100);
    struct pl_slot_packet out;
    uint16_t first = 0;
    const void *stream;
    int64_t seq;
    for (int i = 0; i <= PL_SEGMENTS; i++) {
        struct pl_media_packet p = packet(1000, 0, 1, 1);
        pl_slot_switch(&s, &stream_a, &p, (i + 1) * PL_SECOND);
        assert_true(pl_slot_rewrite(&s, &stream_a, &p, (i + 1) * PL_SECOND, &out));
        if (i == 0)
            first = seq_of(&out);
        if (i == PL_SEGMENTS - 1)
            assert_true(pl_slot_find(&s, first, &stream, &seq));
    }
    assert_false(pl_slot_find(&s, first, &stream, &seq));
    assert_true(pl_slot_find(&s, (uint16_t)(first + 1), &stream, &seq));
}

static void a_source_that_jumps_does_not_take_the_slot_along(void **state)
{
    (void)state;
    struct pl_slot s = video(100);
    struct pl_slot_packet out;
    struct pl_media_packet p = packet(70000, 0, 1, 1);
    pl_slot_switch(&s, &stream_a, &p, PL_SECOND);
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    uint16_t first = seq_of(&out);
    p.seq += PL_SLOT_GAP_MAX;
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(seq_of(&out), (uint16_t)(first + PL_SLOT_GAP_MAX));
    p.seq += PL_SLOT_GAP_MAX + 1;
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(seq_of(&out), (uint16_t)(first + PL_SLOT_GAP_MAX + 1));
}

static void sound_has_no_descriptor(void **state)
{
    (void)state;
    static const struct pl_section section = {.media = PL_AUDIO,
                                              .ssrc = 1,
                                              .n_formats = 1,
                                              .formats = {{.codec = PL_OPUS, .pt = 111}},
                                              .clock_rate = 48000};
    struct pl_slot s;
    struct pl_slot_packet out;
    pl_slot_init(&s, &section, 5);
    struct pl_media_packet p = {
        .seq = 70000, .timestamp = 960, .codec = PL_OPUS, .payload = bytes, .payload_len = 3};
    pl_slot_switch(&s, &stream_a, &p, PL_SECOND);
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(out.descriptor_len, 0);
    assert_int_equal(out.rest_len, 3);
    assert_int_equal(s.octets, 3);
    p.seq = 3; /* the same stream again, sooner than a frame: 20 ms */
    assert_int_equal(pl_slot_switch(&s, &stream_a, &p, PL_SECOND + PL_MS), 960 + 960);
}

/* A slot of several codecs, with retransmissions. */
static const struct pl_section wide = {.media = PL_VIDEO,
                                       .ssrc = 1,
                                       .rtx_ssrc = 2,
                                       .n_formats = 3,
                                       .formats = {{.codec = PL_VP8, .pt = 96, .rtx_pt = 97},
                                                   {.codec = PL_VP9, .pt = 98, .rtx_pt = 99},
                                                   {.codec = PL_AV1, .pt = 45, .rtx_pt = 46}},
                                       .clock_rate = 90000};

static struct pl_media_packet picture(enum pl_codec codec, int64_t seq, const uint8_t *payload,
                                      size_t n)
{
    struct pl_media_packet p = {
        .seq = seq, .codec = codec, .payload = payload, .payload_len = n, .timestamp = 3000};
    assert_int_equal(pl_descriptor_read(codec, payload, n, &p.descriptor), PL_OK);
    p.picture_id = p.descriptor.picture_id;
    return p;
}

/* Each packet goes under the payload type of its codec, and its retransmission under that one's;
 * picture ids go on from VP8 to VP9, and what has none is left alone. */
static void a_slot_carries_one_codec_after_the_other(void **state)
{
    (void)state;
    static const uint8_t vp8[] = {0x90, 0xc0, 0x81, 0x00, 9, 0x10, 1}, av1[] = {0x18, 0x08, 0, 1},
                         vp9[] = {0xa8, 0x85, 0x00, 0x50, 200, 1, 2};
    const struct {
        struct pl_media_packet packet;
        uint8_t pt, rtx_pt;
        size_t descriptor;
    } rows[] = {
        {picture(PL_VP8, 500, vp8, sizeof vp8), 96, 97, 5},
        {picture(PL_AV1, 70, av1, sizeof av1), 45, 46, 0},
        {picture(PL_VP9, 9000, vp9, sizeof vp9), 98, 99, 5},
    };
    struct pl_slot s;
    struct pl_slot_packet out, again;
    pl_slot_init(&s, &wide, 100);
    uint16_t picture_id = 0;
    uint8_t tl0 = 0;
    for (size_t i = 0; i < 3; i++) {
        const struct pl_media_packet *p = &rows[i].packet;
        pl_time_us now = (pl_time_us)(i + 1) * PL_SECOND;
        pl_slot_switch(&s, &stream_a, p, now);
        assert_true(pl_slot_rewrite(&s, &stream_a, p, now, &out));
        assert_int_equal(out.header[1], rows[i].pt);
        assert_int_equal(seq_of(&out), 101 + i);
        assert_int_equal(out.descriptor_len, rows[i].descriptor);
        assert_int_equal(out.descriptor_len + out.rest_len, p->payload_len);
        assert_true(pl_slot_rewrite_again(&s, seq_of(&out), p, &again));
        assert_int_equal(again.header[1], rows[i].rtx_pt);
        assert_int_equal(pl_get_u16(again.descriptor), seq_of(&out));
        assert_memory_equal(again.descriptor + 2, out.descriptor, out.descriptor_len);
        if (i == 0) {
            picture_id = picture_id_of(&out);
            tl0 = out.descriptor[4];
        }
    }
    assert_int_equal(pl_get_u16(out.descriptor + 1), 0x8000 | (uint16_t)(picture_id + 1));
    assert_int_equal(out.descriptor[3], 0x50);
    assert_int_equal(out.descriptor[4], (uint8_t)(tl0 + 1));
    struct pl_media_packet strange = picture(PL_H264, 9001, (const uint8_t[]){0x65, 1}, 2);
    assert_false(pl_slot_rewrite(&s, &stream_a, &strange, 4 * PL_SECOND, &out));
}

/* RED for who has it, with this client's payload types; the primary block for who has not. */
static void redundant_sound(void **state)
{
    (void)state;
    static const uint8_t red[] = {0xef, 0x0f, 0, 2, 0x6f, 1, 1, 7, 8, 9};
    static const uint8_t relabelled[] = {0xed, 0x0f, 0, 2, 0x6d};
    static const struct pl_section with = {.media = PL_AUDIO,
                                           .n_formats = 2,
                                           .formats = {{.codec = PL_RED, .pt = 61},
                                                       {.codec = PL_OPUS, .pt = 109}},
                                           .clock_rate = 48000},
                                   without = {.media = PL_AUDIO,
                                              .n_formats = 1,
                                              .formats = {{.codec = PL_OPUS, .pt = 108}},
                                              .clock_rate = 48000};
    struct pl_media_packet p = {
        .seq = 70000, .codec = PL_RED, .payload = red, .payload_len = sizeof red};
    struct pl_slot s;
    struct pl_slot_packet out;
    pl_slot_init(&s, &with, 5);
    pl_slot_switch(&s, &stream_a, &p, PL_SECOND);
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(out.header[1], 61);
    assert_int_equal(out.descriptor_len, sizeof relabelled);
    assert_memory_equal(out.descriptor, relabelled, sizeof relabelled);
    assert_ptr_equal(out.rest, red + 5);

    pl_slot_init(&s, &without, 5);
    pl_slot_switch(&s, &stream_a, &p, PL_SECOND);
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(out.header[1], 108);
    assert_int_equal(out.descriptor_len, 0);
    assert_ptr_equal(out.rest, red + 7);
    assert_int_equal(out.rest_len, 3);

    p.payload_len = 3; /* cut within its headers */
    p.seq++;
    assert_false(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    p.codec = PL_OPUS; /* as browsers send it now and then within a stream of RED */
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(out.header[1], 108);
    assert_int_equal(out.rest_len, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_on_across_switches),
        cmocka_unit_test(repeats_are_byte_for_byte),
        cmocka_unit_test(old_segments_are_forgotten),
        cmocka_unit_test(a_source_that_jumps_does_not_take_the_slot_along),
        cmocka_unit_test(sound_has_no_descriptor),
        cmocka_unit_test(a_slot_carries_one_codec_after_the_other),
        cmocka_unit_test(redundant_sound),
    };
    return cmocka_run_group_tests_name("slot", tests, NULL, NULL);
}
