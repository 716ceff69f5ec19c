/* The VP8 payload descriptor: every combination of its fields, cut short, and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/vp8.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* A copy of exactly n bytes, so that the address sanitizer sees a byte read past the end. */
static uint8_t *exact(const void *bytes, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    return copy;
}

static void assert_same(const struct pl_vp8 *a, const struct pl_vp8 *b)
{
    assert_int_equal(a->non_reference, b->non_reference);
    assert_int_equal(a->start, b->start);
    assert_int_equal(a->partition, b->partition);
    assert_int_equal(a->has_picture_id, b->has_picture_id);
    assert_int_equal(a->picture_id_15, b->picture_id_15);
    assert_int_equal(a->picture_id, b->picture_id);
    assert_int_equal(a->has_tl0, b->has_tl0);
    assert_int_equal(a->tl0_pic_idx, b->tl0_pic_idx);
    assert_int_equal(a->has_tid, b->has_tid);
    assert_int_equal(a->tid, b->tid);
    assert_int_equal(a->layer_sync, b->layer_sync);
    assert_int_equal(a->has_key_idx, b->has_key_idx);
    assert_int_equal(a->key_idx, b->key_idx);
    assert_int_equal(a->key_frame, b->key_frame);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
}

#define ROW(bytes, len, ...)                                                                       \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, len,                                                             \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static void descriptors(void **state)
{
    (void)state;
    static const struct {
        const char *bytes; /* the payload's first byte is 0x01, of no key frame, or 0x00 */
        size_t n, len;
        struct pl_vp8 want;
    } rows[] = {
        ROW("\x00\x01", 1, .start = false),
        ROW("\x10\x01", 1, .start = true),
        ROW("\x10\x00", 1, .start = true, .key_frame = true),
        ROW("\x11\x00", 1, .start = true, .partition = 1), /* not the first partition */
        ROW("\x00\x00", 1, .start = false),                /* not the first packet */
        ROW("\x27\x01", 1, .non_reference = true, .partition = 7),
        ROW("\x58\x01", 1, .start = true), /* reserved bits are ignored */
        ROW("\x90\x00\x01", 2, .start = true),
        ROW("\x90\x0f\x01", 2, .start = true),
        ROW("\x90\x80\x7f\x01", 3, .start = true, .has_picture_id = true, .picture_id = 127),
        ROW("\x90\x80\xff\xff\x01", 4, .start = true, .has_picture_id = true, .picture_id_15 = true,
            .picture_id = 0x7fff),
        ROW("\x90\x80\x80\x05\x01", 4, .start = true, .has_picture_id = true, .picture_id_15 = true,
            .picture_id = 5),
        ROW("\x90\x40\xfe\x01", 3, .start = true, .has_tl0 = true, .tl0_pic_idx = 254),
        ROW("\x90\x20\xff\x01", 3, .start = true, .has_tid = true, .tid = 3, .layer_sync = true),
        ROW("\x90\x10\xff\x01", 3, .start = true, .has_key_idx = true, .key_idx = 31),
        ROW("\x90\x30\x5f\x01", 3, .start = true, .has_tid = true, .tid = 1, .has_key_idx = true,
            .key_idx = 31),
        /* As Chromium sends it, one layer of simulcast. */
        ROW("\x90\xe0\x92\x34\x07\x20\x00", 6, .start = true, .has_picture_id = true,
            .picture_id_15 = true, .picture_id = 0x1234, .has_tl0 = true, .tl0_pic_idx = 7,
            .has_tid = true, .layer_sync = true, .key_frame = true),
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = 0;
        struct pl_vp8 d;
        for (size_t n = 0; n <= rows[i].n; n++) {
            uint8_t *copy = exact(rows[i].bytes, n);
            enum pl_err e = pl_vp8_parse(copy, n, &d, &len);
            free(copy);
            assert_int_equal(e, n < rows[i].n ? PL_ETRUNC : PL_OK);
            assert_int_equal(len, e ? 0 : rows[i].len);
        }
        assert_same(&d, &rows[i].want);
    }
}

static void sizes_of_key_frames(void **state)
{
    (void)state;
    /* Descriptor, then 10 bytes: frame tag, start code, 14 bits of width and height, two of scale.
     */
    static const uint8_t key[] = {0x10, 0x10, 0x02, 0x00, 0x9d, 0x01,
                                  0x2a, 0x80, 0x02, 0xe0, 0x01, 0xee};
    uint8_t bytes[sizeof key];
    struct pl_vp8 d;
    size_t len;
    for (size_t n = 2; n <= sizeof key; n++) {
        uint8_t *copy = exact(key, n);
        assert_int_equal(pl_vp8_parse(copy, n, &d, &len), PL_OK);
        assert_true(d.key_frame);
        assert_int_equal(d.width, n >= 11 ? 640 : 0);
        assert_int_equal(d.height, n >= 11 ? 480 : 0);
        free(copy);
    }
    memcpy(bytes, key, sizeof key);
    bytes[8] |= 0xc0, bytes[10] |= 0x40; /* scale */
    assert_int_equal(pl_vp8_parse(bytes, sizeof bytes, &d, &len), PL_OK);
    assert_true(d.width == 640 && d.height == 480);
    for (size_t at = 4; at <= 6; at++) { /* the start code */
        memcpy(bytes, key, sizeof key);
        bytes[at] ^= 1;
        assert_int_equal(pl_vp8_parse(bytes, sizeof bytes, &d, &len), PL_OK);
        assert_true(d.key_frame && d.width == 0 && d.height == 0);
    }
    memcpy(bytes, key, sizeof key);
    bytes[1] |= 1; /* no key frame */
    assert_int_equal(pl_vp8_parse(bytes, sizeof bytes, &d, &len), PL_OK);
    assert_true(!d.key_frame && d.width == 0 && d.height == 0);
}

/* What lies beyond the ten bytes in clear is ciphertext: it changes nothing. */
static void nothing_beyond_ten_bytes_counts(void **state)
{
    (void)state;
    uint8_t bytes[64] = {0x90, 0x80, 0x81, 0x23, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 64, 0, 48, 0};
    struct pl_vp8 whole, d;
    size_t len;
    assert_int_equal(pl_vp8_parse(bytes, sizeof bytes, &whole, &len), PL_OK);
    assert_int_equal(len, 4);
    assert_true(whole.width == 64 && whole.height == 48);
    for (size_t n = len + 10; n < sizeof bytes; n++) {
        memset(bytes + len + 10, (int)n, sizeof bytes - len - 10);
        assert_int_equal(pl_vp8_parse(bytes, n, &d, &len), PL_OK);
        assert_same(&d, &whole);
    }
}

static void every_combination_comes_back(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags < 64; flags++) {
        for (unsigned k = 0; k < 8; k++) {
            struct pl_vp8 in = {.non_reference = flags & 1,
                                .start = flags & 2,
                                .partition = (uint8_t)k,
                                .has_picture_id = flags & 4,
                                .has_tl0 = flags & 8,
                                .has_tid = flags & 16,
                                .has_key_idx = flags & 32};
            struct pl_vp8 out;
            if (in.has_picture_id)
                in.picture_id = (uint16_t)(0x7fff >> (2 * k)), in.picture_id_15 = true;
            if (in.has_tl0)
                in.tl0_pic_idx = (uint8_t)(255 - k);
            if (in.has_tid)
                in.tid = k & 3, in.layer_sync = k & 4;
            if (in.has_key_idx)
                in.key_idx = (uint8_t)(31 - k);
            uint8_t bytes[PL_VP8_DESCRIPTOR_MAX + 1];
            struct pl_writer w = pl_writer(bytes, PL_VP8_DESCRIPTOR_MAX);
            pl_vp8_write_descriptor(&w, &in);
            assert_false(w.full);
            size_t size = pl_writer_size(&w), len;
            bytes[size] = 0x01;
            assert_int_equal(pl_vp8_parse(bytes, size + 1, &out, &len), PL_OK);
            assert_int_equal(len, size);
            assert_same(&out, &in);
            for (size_t room = 0; room < size; room++) {
                w = pl_writer(bytes, room);
                pl_vp8_write_descriptor(&w, &in);
                assert_true(w.full);
            }
        }
    }
}

static void values_are_cut_to_their_bits(void **state)
{
    (void)state;
    struct pl_vp8 in = {.partition = 0xff,
                        .has_picture_id = true,
                        .picture_id = 0x8001,
                        .has_tid = true,
                        .tid = 0xfd,
                        .has_key_idx = true,
                        .key_idx = 0xe1};
    static const uint8_t want[] = {0x87, 0xb0, 0x80, 0x01, 0x41};
    uint8_t bytes[PL_VP8_DESCRIPTOR_MAX];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_vp8_write_descriptor(&w, &in);
    assert_int_equal(pl_writer_size(&w), sizeof want);
    assert_memory_equal(bytes, want, sizeof want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors),
        cmocka_unit_test(sizes_of_key_frames),
        cmocka_unit_test(nothing_beyond_ten_bytes_counts),
        cmocka_unit_test(every_combination_comes_back),
        cmocka_unit_test(values_are_cut_to_their_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
