/* What a connection begins with; frames of RFC 4571 and of TURN, whole, cut, too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/frame.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define TEXT(s) (s), sizeof(s) - 1

static const struct {
    const char *bytes;
    size_t n;
    enum pl_first first;
} firsts[] = {
    {TEXT(""), PL_FIRST_MORE},
    {TEXT("\x16"), PL_FIRST_TLS},
    {TEXT("\x16\x03\x01\x02\x00\x01"), PL_FIRST_TLS},
    {TEXT("G"), PL_FIRST_HTTP},
    {TEXT("\r\n"), PL_FIRST_HTTP},
    {TEXT("\x09"), PL_FIRST_HTTP},
    {TEXT("\xff"), PL_FIRST_HTTP},
    {TEXT("\x00"), PL_FIRST_MORE},
    {TEXT("\x00\x03\x00\x24\x21\x12\xa4\x42\xaa"), PL_FIRST_MORE},
    {TEXT("\x00\x03\x00\x24\x21\x12\xa4\x42\xaa\xbb"), PL_FIRST_TURN},
    {TEXT("\x00\x70\x00\x01\x00\x5c\x21\x12\xa4\x42"), PL_FIRST_FRAMED},
    {TEXT("\x08\x00\x00\x01\x07\xec\x21\x12\xa4\x42"), PL_FIRST_FRAMED},
    {TEXT("\x00\x70\x00\x01\x00\x5c\x21\x12\xa4\x43"), PL_FIRST_HTTP},
    {TEXT("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), PL_FIRST_HTTP},
};

static void first_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(firsts); i++)
        assert_int_equal(pl_first_bytes((const uint8_t *)firsts[i].bytes, firsts[i].n),
                         firsts[i].first);
}

typedef enum pl_err reader(const uint8_t *bytes, size_t n, struct pl_frame *out);

static const struct {
    reader *read;
    uint8_t head[4];
    size_t at, n, total; /* total 0: refused */
} frames[] = {
    {pl_frame_read, {0, 0}, 2, 0, 2},
    {pl_frame_read, {0, 1}, 2, 1, 3},
    {pl_frame_read, {0x08, 0x00}, 2, 2048, 2050}, /* the limit */
    {pl_frame_read, {0x08, 0x01}, 0, 0, 0},
    {pl_frame_read_turn, {0x00, 0x03, 0x00, 0x08}, 0, 28, 28},
    {pl_frame_read_turn, {0x00, 0x03, 0x00, 0x00}, 0, 20, 20},
    {pl_frame_read_turn, {0x00, 0x16, 0x08, 0xec}, 0, 2304, 2304}, /* the limit */
    {pl_frame_read_turn, {0x00, 0x16, 0x08, 0xf0}, 0, 0, 0},
    {pl_frame_read_turn, {0x00, 0x03, 0x00, 0x09}, 0, 0, 0},
    {pl_frame_read_turn, {0x40, 0x00, 0x00, 0x00}, 0, 4, 4},
    {pl_frame_read_turn, {0x40, 0x00, 0x00, 0x05}, 0, 9, 12},
    {pl_frame_read_turn, {0x7f, 0xff, 0x08, 0x00}, 0, 2052, 2052}, /* the limit */
    {pl_frame_read_turn, {0x40, 0x00, 0x08, 0x01}, 0, 0, 0},
    {pl_frame_read_turn, {0x80, 0x00, 0x00, 0x04}, 0, 0, 0},
    {pl_frame_read_turn, {0xff, 0x00, 0x00, 0x04}, 0, 0, 0},
};

/* A buffer of exactly n bytes, so that reading past its end shows. */
static enum pl_err read_first(size_t row, size_t n, struct pl_frame *f)
{
    uint8_t *bytes = calloc(n ? n : 1, 1);
    assert_non_null(bytes);
    memcpy(bytes, frames[row].head, n < 4 ? n : 4);
    enum pl_err e = frames[row].read(bytes, n, f);
    free(bytes);
    return e;
}

/* Each prefix asks for more, the whole is a frame, and one byte more changes nothing. */
static void frames_whole_and_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(frames); i++) {
        struct pl_frame f;
        if (frames[i].total == 0) {
            assert_int_equal(read_first(i, 4, &f), PL_EINVAL);
            continue;
        }
        for (size_t n = 0; n < frames[i].total; n++)
            assert_int_equal(read_first(i, n, &f), PL_EAGAIN);
        for (size_t n = frames[i].total; n <= frames[i].total + 1; n++) {
            assert_int_equal(read_first(i, n, &f), PL_OK);
            assert_int_equal(f.at, frames[i].at);
            assert_int_equal(f.n, frames[i].n);
            assert_int_equal(f.total, frames[i].total);
        }
    }
}

static void header_of_a_packet(void **state)
{
    uint8_t bytes[2 + 300] = {0};
    struct pl_frame f;
    (void)state;
    pl_frame_write(300, bytes);
    assert_int_equal(pl_frame_read(bytes, sizeof bytes, &f), PL_OK);
    assert_int_equal(f.n, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_bytes),
        cmocka_unit_test(frames_whole_and_cut),
        cmocka_unit_test(header_of_a_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
