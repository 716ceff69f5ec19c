/* RTP packets, header extensions, demultiplexing, serial numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/rtp.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define FIXED                                                                                      \
    "\x6f\x12\x34\x89\xab\xcd\xef\x01\x23\x45\x67" /* all of the header but its first byte */

/* A copy of exactly n bytes, so that the address sanitizer sees a byte read past the end. */
static uint8_t *exact(const void *bytes, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    return copy;
}

#define ROW(bytes, ...)                                                                            \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, __VA_ARGS__                                                      \
    }

static void packets(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        enum pl_err err;
        size_t header_len, payload_len;
        unsigned padding, ext_profile;
        size_t ext_len;
    } rows[] = {
        ROW("\x80" FIXED, PL_OK, 12, 0, 0, 0, 0),
        ROW("\x80" FIXED "abc", PL_OK, 12, 3, 0, 0, 0),
        ROW("\x82" FIXED "csrccsrcabc", PL_OK, 20, 3, 0, 0, 0),
        ROW("\x82" FIXED "csrccsr", PL_ETRUNC, 0, 0, 0, 0, 0),
        ROW("\x8f" FIXED "01234567890123456789012345678901234567890123456789012345678x", PL_OK, 72,
            0, 0, 0, 0),
        ROW("\x90" FIXED "\xbe\xde\0\1\x10\xff\0\0abc", PL_OK, 20, 3, 0, 0xbede, 4),
        ROW("\x90" FIXED "\x10\0\0\0abc", PL_OK, 16, 3, 0, 0x1000, 0),
        ROW("\x91" FIXED "csrc\xbe\xde\0\1\x10\xff\0\0", PL_OK, 24, 0, 0, 0xbede, 4),
        ROW("\x90" FIXED "\xbe\xde\0\1\x10\xff\0", PL_ETRUNC, 0, 0, 0, 0, 0),
        ROW("\x90" FIXED "\xbe\xde\xff\xff\x10\xff\0\0", PL_ETRUNC, 0, 0, 0, 0, 0),
        ROW("\x90" FIXED "\xbe\xde", PL_ETRUNC, 0, 0, 0, 0, 0),
        ROW("\x90" FIXED, PL_ETRUNC, 0, 0, 0, 0, 0),
        ROW("\xa0" FIXED "abc\1", PL_OK, 12, 3, 1, 0, 0),
        ROW("\xa0" FIXED "abc\4", PL_OK, 12, 0, 4, 0, 0),
        ROW("\xa0" FIXED "abc\5", PL_EINVAL, 0, 0, 0, 0, 0),
        ROW("\xa0" FIXED "abc\0", PL_EINVAL, 0, 0, 0, 0, 0),
        ROW("\xa0" FIXED, PL_EINVAL, 0, 0, 0, 0, 0),
        ROW("\xb0" FIXED "\xbe\xde\0\1\0\0\0\1", PL_EINVAL, 0, 0, 0, 0,
            0), /* not of the extension */
        ROW("\x40" FIXED "abc", PL_EINVAL, 0, 0, 0, 0, 0),
        ROW("\x00" FIXED "abc", PL_EINVAL, 0, 0, 0, 0, 0),
        ROW("\xc0" FIXED "abc", PL_EINVAL, 0, 0, 0, 0, 0),
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t *bytes = exact(rows[i].bytes, rows[i].n);
        struct pl_rtp p, before;
        memset(&p, 0x5a, sizeof p);
        before = p;
        enum pl_err e = pl_rtp_parse(bytes, rows[i].n, &p);
        if (e != rows[i].err)
            fail_msg("row %zu: %d", i, e);
        if (e) {
            assert_memory_equal(&p, &before, sizeof p);
        } else {
            assert_int_equal(p.pt, 0x6f);
            assert_int_equal(p.seq, 0x1234);
            assert_int_equal(p.timestamp, 0x89abcdef);
            assert_int_equal(p.ssrc, 0x01234567);
            assert_false(p.marker);
            assert_int_equal(p.header_len, rows[i].header_len);
            assert_ptr_equal(p.payload, bytes + rows[i].header_len);
            assert_int_equal(p.payload_len, rows[i].payload_len);
            assert_int_equal(p.padding, rows[i].padding);
            assert_int_equal(p.ext_profile, rows[i].ext_profile);
            assert_int_equal(p.ext_len, rows[i].ext_len);
            assert_int_equal(p.ext != NULL, (bytes[0] & 0x10) != 0);
        }
        free(bytes);
    }
}

static void cut_short_anywhere(void **state)
{
    (void)state;
    static const char packet[] = "\x92" FIXED "csrccsrc\xbe\xde\0\2\x10\xff\x21"
                                 "abc\0\0";
    for (size_t n = 0; n <= sizeof packet - 1; n++) {
        uint8_t *bytes = exact(packet, n);
        struct pl_rtp p;
        assert_int_equal(pl_rtp_parse(bytes, n, &p), n < 32 ? PL_ETRUNC : PL_OK);
        free(bytes);
    }
}

static void padding_has_a_limit(void **state)
{
    (void)state;
    for (size_t payload = 255; payload <= 256; payload++) {
        uint8_t bytes[12 + 256] = {0xa0};
        struct pl_rtp p;
        bytes[12 + payload - 1] = 255;
        assert_int_equal(pl_rtp_parse(bytes, 12 + payload, &p), PL_OK);
        assert_int_equal(p.payload_len, payload - 255);
        assert_int_equal(pl_rtp_parse(bytes + 1, 11 + payload, &p), PL_EINVAL);
    }
    uint8_t bytes[12 + 254] = {0xa0};
    struct pl_rtp p;
    bytes[sizeof bytes - 1] = 255;
    assert_int_equal(pl_rtp_parse(bytes, sizeof bytes, &p), PL_EINVAL);
}

#define EXT(profile, bytes, ...)                                                                   \
    {                                                                                              \
        profile, bytes, sizeof(bytes) - 1, __VA_ARGS__                                             \
    }

static void extensions(void **state)
{
    (void)state;
    static const struct {
        uint16_t profile;
        const char *bytes;
        size_t n;
        uint8_t id;
        int at; /* -1: not there */
        size_t len;
    } rows[] = {
        EXT(0xbede, "\x10\xaa\0\0", 1, 1, 1),
        EXT(0xbede, "\x10\xaa\0\0", 2, -1, 0),
        EXT(0xbede,
            "\x12"
            "abc\x21"
            "de\0",
            2, 5, 2),
        EXT(0xbede,
            "\x12"
            "abc\0\0\0\xe0x\0\0\0",
            14, 8, 1), /* padding between */
        EXT(0xbede,
            "\x1f"
            "0123456789abcdef\0\0\0",
            1, 1, 16),
        EXT(0xbede,
            "\x1f"
            "0123456789abcde",
            1, -1, 0), /* a byte too few */
        EXT(0xbede, "\x10\xaa\xf0\xbb\x20\xcc\0\0", 1, 1, 1),
        EXT(0xbede, "\x10\xaa\xf0\xbb\x20\xcc\0\0", 15, -1, 0), /* 15 ends it all */
        EXT(0xbede, "\x10\xaa\xf0\xbb\x20\xcc\0\0", 2, -1, 0),
        EXT(0xbede, "\x10\xaa\x01\xbb\xcc\x20\xdd\0", 2, -1, 0), /* 0 with a length, too */
        EXT(0xbede, "\x10\xaa\x01\xbb\xcc\x20\xdd\0", 0, -1, 0),
        EXT(0xbede, "\x10\xaa\x10\xbb", 1, 1, 1), /* the first of two */
        EXT(0xbede, "", 1, -1, 0),
        EXT(0x1000, "\1\1\xaa\0", 1, 2, 1),
        EXT(0x100f, "\1\1\xaa\0", 1, 2, 1),        /* the low bits are the application's */
        EXT(0x1000, "\1\0\xff\1x\0\0\0", 1, 2, 0), /* an empty one */
        EXT(0x1000, "\1\0\xff\1x\0\0\0", 255, 4, 1),
        EXT(0x1000, "\0\0\0\x0f\1z\0\0", 15, 5, 1), /* padding first; 15 is an id here */
        EXT(0x1000, "\1\2\xaa", 1, -1, 0),
        EXT(0x1000, "\1\0\0\2", 2, -1, 0), /* no length */
        EXT(0x1000, "\0\0\0\0", 0, -1, 0),
        EXT(0x1010, "\1\1\xaa\0", 1, -1, 0), /* neither profile */
        EXT(0, "\1\1\xaa\0", 1, -1, 0),
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t *bytes = exact(rows[i].bytes, rows[i].n);
        struct pl_rtp p = {.ext_profile = rows[i].profile, .ext = bytes, .ext_len = rows[i].n};
        size_t len = 999;
        const uint8_t *found = pl_rtp_ext_find(&p, rows[i].id, &len);
        if (found != (rows[i].at < 0 ? NULL : bytes + rows[i].at))
            fail_msg("row %zu", i);
        assert_int_equal(len, found ? rows[i].len : 999);
        free(bytes);
    }
    struct pl_rtp none = {.ext_profile = 0xbede};
    size_t len;
    assert_null(pl_rtp_ext_find(&none, 1, &len));
}

static void audio_levels(void **state)
{
    (void)state;
    static const struct {
        uint16_t profile;
        const char *bytes;
        bool there, voice;
        unsigned level;
    } rows[] = {
        {0xbede, "\x10\x00\0\0", true, false, 0},   {0xbede, "\x10\x80\0\0", true, true, 0},
        {0xbede, "\x10\x7f\0\0", true, false, 127}, {0xbede, "\x10\xff\0\0", true, true, 127},
        {0xbede, "\x20\xff\0\0", false, false, 0},  {0x1000, "\1\1\x85\0", true, true, 5},
        {0x1000, "\1\0\0\0", false, false, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pl_rtp p = {
            .ext_profile = rows[i].profile, .ext = (const uint8_t *)rows[i].bytes, .ext_len = 4};
        unsigned level = 999;
        bool voice = false;
        assert_int_equal(pl_rtp_audio_level(&p, 1, &level, &voice), rows[i].there);
        assert_int_equal(level, rows[i].there ? rows[i].level : 999);
        assert_int_equal(voice, rows[i].voice);
    }
}

static void a_header_comes_back(void **state)
{
    (void)state;
    for (unsigned pt = 0; pt < 128; pt++) {
        struct pl_rtp in = {.pt = (uint8_t)pt,
                            .marker = pt & 1,
                            .seq = 0xfedc,
                            .timestamp = 0x80000001,
                            .ssrc = 0xffffffff},
                      out;
        uint8_t bytes[PL_RTP_HEADER_SIZE];
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        pl_rtp_write_header(&w, &in);
        assert_false(w.full);
        assert_int_equal(pl_rtp_parse(bytes, pl_writer_size(&w), &out), PL_OK);
        assert_true(out.pt == in.pt && out.marker == in.marker && out.seq == in.seq &&
                    out.timestamp == in.timestamp && out.ssrc == in.ssrc);
        assert_int_equal(out.header_len, PL_RTP_HEADER_SIZE);
        w = pl_writer(bytes, sizeof bytes - 1);
        pl_rtp_write_header(&w, &in);
        assert_true(w.full);
    }
}

static void first_bytes(void **state)
{
    (void)state;
    static const struct {
        unsigned first, last;
        enum pl_demux what;
    } rows[] = {/* RFC 7983, figure 3 */
                {0, 3, PL_DEMUX_STUN},    {4, 19, PL_DEMUX_UNKNOWN},
                {20, 63, PL_DEMUX_DTLS},  {64, 127, PL_DEMUX_UNKNOWN},
                {128, 191, PL_DEMUX_RTP}, {192, 255, PL_DEMUX_UNKNOWN}};
    for (size_t i = 0; i < COUNT(rows); i++)
        for (unsigned b = rows[i].first; b <= rows[i].last; b++)
            assert_int_equal(pl_demux((uint8_t)b), rows[i].what);
}

static void rtcp_or_rtp(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        uint8_t bytes[2] = {0x80, (uint8_t)type};
        assert_int_equal(pl_is_rtcp(bytes, 2), type >= 192 && type <= 223);
        assert_false(pl_is_rtcp(bytes, 1));
        assert_false(pl_is_rtcp(bytes, 0));
    }
}

static void serial_numbers(void **state)
{
    (void)state;
    static const struct {
        uint16_t a, b;
        int diff;
    } rows[] = {{0, 0, 0},
                {1, 0, 1},
                {0, 1, -1},
                {0, 0xffff, 1},
                {0xffff, 0, -1},
                {0x7fff, 0, 0x7fff},
                {0, 0x7fff, -0x7fff},
                {0x8000, 0, -0x8000},
                {0, 0x8000, -0x8000},
                {5, 0xfff0, 21}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(pl_seq_diff(rows[i].a, rows[i].b), rows[i].diff);
        assert_int_equal(pl_seq_after(rows[i].a, rows[i].b), rows[i].diff > 0);
    }
    assert_int_equal(pl_ts_diff(0, 0xffffffff), 1);
    assert_int_equal(pl_ts_diff(0xffffffff, 0), -1);
    assert_int_equal(pl_ts_diff(0x7fffffff, 0), 0x7fffffff);
    assert_int_equal(pl_ts_diff(0x80000000, 0), INT32_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets),
        cmocka_unit_test(cut_short_anywhere),
        cmocka_unit_test(padding_has_a_limit),
        cmocka_unit_test(extensions),
        cmocka_unit_test(audio_levels),
        cmocka_unit_test(a_header_comes_back),
        cmocka_unit_test(first_bytes),
        cmocka_unit_test(rtcp_or_rtp),
        cmocka_unit_test(serial_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
