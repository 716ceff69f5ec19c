/* RTCP: compound packets read and written, limits, malformed ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/rtcp.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* A copy of exactly n bytes, so that the address sanitizer sees a byte read past the end. */
static uint8_t *exact(const void *bytes, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    return copy;
}

/* The only item of a packet. */
static struct pl_rtcp_item only(const uint8_t *bytes, size_t n)
{
    struct pl_rtcp_reader r;
    struct pl_rtcp_item item, more;
    assert_int_equal(pl_rtcp_reader_init(&r, bytes, n), PL_OK);
    assert_true(pl_rtcp_next(&r, &item));
    assert_false(pl_rtcp_next(&r, &more));
    return item;
}

static struct pl_rtcp_block block(unsigned i)
{
    static const int32_t lost[] = {0, 1, -1, 0x7fffff, -0x800000};
    return (struct pl_rtcp_block){.ssrc = 0xfffffff0 + i,
                                  .fraction_lost = (uint8_t)(255 - i),
                                  .cumulative_lost = lost[i % COUNT(lost)],
                                  .highest_seq = 0x80000000 + i,
                                  .jitter = 7 * i,
                                  .last_sr = 0xabcd0000 + i,
                                  .delay_since_last_sr = 0xffffffff - i};
}

static void assert_block(const struct pl_rtcp_block *a, const struct pl_rtcp_block *b)
{
    assert_int_equal(a->ssrc, b->ssrc);
    assert_int_equal(a->fraction_lost, b->fraction_lost);
    assert_int_equal(a->cumulative_lost, b->cumulative_lost);
    assert_int_equal(a->highest_seq, b->highest_seq);
    assert_int_equal(a->jitter, b->jitter);
    assert_int_equal(a->last_sr, b->last_sr);
    assert_int_equal(a->delay_since_last_sr, b->delay_since_last_sr);
}

static void reports_come_back(void **state)
{
    (void)state;
    static uint8_t bytes[2048];
    struct pl_rtcp_block blocks[PL_RTCP_BLOCKS_MAX + 1];
    struct pl_rtcp_sender sender = {0xdeadbeef, 0x0123456789abcdef, 0xfffffffe, 0xffffffff, 42};
    for (unsigned i = 0; i < COUNT(blocks); i++)
        blocks[i] = block(i);
    for (size_t n = 0; n <= PL_RTCP_BLOCKS_MAX + 1; n++) {
        for (int sr = 0; sr < 2; sr++) {
            struct pl_writer w = pl_writer(bytes, sizeof bytes);
            if (sr)
                pl_rtcp_write_sr(&w, &sender, blocks, n);
            else
                pl_rtcp_write_rr(&w, sender.ssrc, blocks, n);
            assert_int_equal(w.full, n > PL_RTCP_BLOCKS_MAX);
            if (w.full)
                continue;
            struct pl_rtcp_item item = only(bytes, pl_writer_size(&w));
            assert_int_equal(item.type, sr ? PL_RTCP_SR : PL_RTCP_RR);
            assert_int_equal(item.ssrc, sender.ssrc);
            assert_int_equal(item.count, n);
            if (sr) {
                assert_true(item.sender.ssrc == sender.ssrc && item.sender.ntp == sender.ntp);
                assert_int_equal(item.sender.timestamp, sender.timestamp);
                assert_int_equal(item.sender.packets, sender.packets);
                assert_int_equal(item.sender.octets, sender.octets);
            }
            for (unsigned i = 0; i < n; i++) {
                struct pl_rtcp_block got = pl_rtcp_block(&item, i);
                assert_block(&got, &blocks[i]);
            }
        }
    }
}

/* The bytes themselves, so that a reader and a writer wrong in the same way do not pass. */
static void bytes_on_the_wire(void **state)
{
    (void)state;
    static const char want[] =
        "\x80\xc9\0\1\0\0\0\1"                                   /* RR, empty */
        "\x81\xca\0\3\0\0\0\1\1\5a@b.c\0"                        /* SDES: just room for a zero */
        "\x81\xcd\0\3\0\0\0\1\0\0\0\2\xff\xff\x80\1"             /* NACK: -1, 0 and 15 */
        "\x81\xce\0\2\0\0\0\1\0\0\0\2"                           /* PLI */
        "\x84\xce\0\4\0\0\0\1\0\0\0\0\0\0\0\2\11\0\0\0"          /* FIR, command 9 */
        "\x8f\xce\0\5\0\0\0\1\0\0\0\0REMB\1\x0b\xd0\x90\0\0\0\3" /* 1 Mbit/s for 3 */
        "\x81\xcb\0\1\0\0\0\1";                                  /* BYE */
    const size_t size = sizeof want - 1;
    static const uint16_t lost[] = {0xffff, 0, 15};
    static const uint32_t about[] = {3};
    uint8_t bytes[256];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_rr(&w, 1, NULL, 0);
    pl_rtcp_write_sdes(&w, 1, "a@b.c");
    pl_rtcp_write_nack(&w, 1, 2, lost, COUNT(lost));
    pl_rtcp_write_pli(&w, 1, 2);
    pl_rtcp_write_fir(&w, 1, 2, 9);
    pl_rtcp_write_remb(&w, 1, 1000000, about, 1);
    pl_rtcp_write_bye(&w, 1);
    assert_false(w.full);
    assert_int_equal(pl_writer_size(&w), size);
    assert_memory_equal(bytes, want, size);

    static const enum pl_rtcp_type types[] = {PL_RTCP_RR,  PL_RTCP_SDES, PL_RTCP_NACK, PL_RTCP_PLI,
                                              PL_RTCP_FIR, PL_RTCP_REMB, PL_RTCP_BYE};
    struct pl_rtcp_reader r;
    struct pl_rtcp_item item;
    assert_int_equal(pl_rtcp_reader_init(&r, bytes, size), PL_OK);
    for (size_t i = 0; i < COUNT(types); i++) {
        assert_true(pl_rtcp_next(&r, &item));
        assert_int_equal(item.type, types[i]);
        assert_int_equal(item.ssrc, 1);
        switch (item.type) {
        case PL_RTCP_NACK:
        case PL_RTCP_PLI:
            assert_int_equal(item.media_ssrc, 2);
            break;
        case PL_RTCP_FIR:
            assert_int_equal(item.count, 1);
            assert_int_equal(pl_rtcp_fir_ssrc(&item, 0), 2);
            assert_int_equal(pl_rtcp_fir_seq(&item, 0), 9);
            break;
        case PL_RTCP_REMB:
            assert_true(item.bitrate == 1000000);
            assert_int_equal(item.count, 1);
            assert_int_equal(pl_rtcp_ssrc(&item, 0), 3);
            break;
        default:
            assert_int_equal(item.media_ssrc, 0);
        }
    }
    assert_false(pl_rtcp_next(&r, &item));

    for (size_t n = 0; n < size; n++) { /* every length but those between two packets */
        uint8_t *copy = exact(want, n);
        bool whole = n == 8 || n == 24 || n == 40 || n == 52 || n == 72 || n == 96;
        assert_int_equal(pl_rtcp_reader_init(&r, copy, n), whole ? PL_OK : PL_EINVAL);
        free(copy);
    }
}

static void names_have_a_limit(void **state)
{
    (void)state;
    uint8_t bytes[512];
    char name[PL_RTCP_CNAME_MAX + 2];
    for (size_t len = 0; len <= PL_RTCP_CNAME_MAX + 1; len++) {
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        memset(name, 'n', len);
        name[len] = 0;
        memset(bytes, 0xff, sizeof bytes);
        pl_rtcp_write_sdes(&w, 5, name);
        assert_int_equal(w.full, len > PL_RTCP_CNAME_MAX);
        if (w.full)
            continue;
        size_t n = pl_writer_size(&w);
        struct pl_rtcp_item item = only(bytes, n);
        assert_true(item.type == PL_RTCP_SDES && item.ssrc == 5 && item.count == 1);
        assert_int_equal(item.body[5], len);
        assert_int_equal(n % 4, 0);
        assert_true(n >= 4 + 6 + len + 1 && n <= 4 + 6 + len + 4);
        for (size_t i = 4 + 6 + len; i < n; i++)
            assert_int_equal(bytes[i], 0);
    }
}

static void nacks_come_back(void **state)
{
    (void)state;
    static const struct {
        uint16_t seqs[20];
        size_t n, entries;
    } rows[] = {
        {{0}, 1, 1},
        {{100, 116}, 2, 1},
        {{100, 117}, 2, 2},
        {{65530, 65535, 0, 10, 11}, 5, 2},
        {{65535, 15}, 2, 1},
        {{65535, 16}, 2, 2},
        {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}, 17, 1},
        {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}, 18, 2},
        {{5, 5, 5}, 3, 3}, /* no order: longer, not wrong */
        {{9, 8, 7}, 3, 3},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[256];
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        uint16_t seq;
        pl_rtcp_write_nack(&w, 0x11111111, 0x22222222, rows[i].seqs, rows[i].n);
        assert_false(w.full);
        assert_int_equal(pl_writer_size(&w), 12 + 4 * rows[i].entries);
        struct pl_rtcp_item item = only(bytes, pl_writer_size(&w));
        assert_int_equal(item.type, PL_RTCP_NACK);
        assert_int_equal(item.ssrc, 0x11111111);
        assert_int_equal(item.media_ssrc, 0x22222222);
        struct pl_rtcp_nacks it = pl_rtcp_nacks(&item);
        for (size_t k = 0; k < rows[i].n; k++) {
            assert_true(pl_rtcp_nack_next(&it, &seq));
            assert_int_equal(seq, rows[i].seqs[k]);
        }
        assert_false(pl_rtcp_nack_next(&it, &seq));
        assert_false(pl_rtcp_nack_next(&it, &seq));
    }
    uint8_t bytes[16];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_nack(&w, 1, 2, NULL, 0);
    assert_int_equal(pl_writer_size(&w), 0);
}

static void a_nack_as_long_as_rtcp_can(void **state)
{
    (void)state;
    enum { MAX = 65533 };
    size_t room = 4 * (MAX + 8);
    uint8_t *bytes = malloc(room);
    uint16_t *seqs = calloc(MAX + 1, sizeof *seqs); /* all the same: an entry each */
    assert_true(bytes && seqs);
    struct pl_writer w = pl_writer(bytes, room);
    pl_rtcp_write_nack(&w, 1, 2, seqs, MAX);
    assert_false(w.full);
    assert_int_equal(only(bytes, pl_writer_size(&w)).body_len, 4 * MAX);
    w = pl_writer(bytes, room);
    pl_rtcp_write_nack(&w, 1, 2, seqs, MAX + 1);
    assert_true(w.full);
    free(bytes);
    free(seqs);
}

static void rembs_come_back(void **state)
{
    (void)state;
    static const struct {
        uint64_t in, out;
    } rows[] = {
        {0, 0},
        {1, 1},
        {0x3ffff, 0x3ffff},
        {0x40000, 0x40000},
        {0x40001, 0x40000}, /* 18 bits are kept */
        {2500000, 2500000 & ~(uint64_t)15},
        {UINT64_MAX, (uint64_t)0x3ffff << 46},
    };
    static uint32_t ssrcs[PL_RTCP_REMB_SSRCS_MAX + 1];
    static uint8_t bytes[2048];
    for (uint32_t i = 0; i < COUNT(ssrcs); i++)
        ssrcs[i] = i * 0x01010101;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        pl_rtcp_write_remb(&w, 77, rows[i].in, ssrcs, 2);
        struct pl_rtcp_item item = only(bytes, pl_writer_size(&w));
        assert_int_equal(item.type, PL_RTCP_REMB);
        assert_true(item.bitrate == rows[i].out);
    }
    for (size_t n = 0; n <= PL_RTCP_REMB_SSRCS_MAX + 1; n++) {
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        pl_rtcp_write_remb(&w, 77, 1, ssrcs, n);
        assert_int_equal(w.full, n > PL_RTCP_REMB_SSRCS_MAX);
        if (w.full)
            continue;
        struct pl_rtcp_item item = only(bytes, pl_writer_size(&w));
        assert_int_equal(item.count, n);
        for (unsigned k = 0; k < n; k++)
            assert_int_equal(pl_rtcp_ssrc(&item, k), ssrcs[k]);
    }
}

static void bitrates_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        uint8_t b[3]; /* six bits of exponent, 18 of mantissa */
        uint64_t bitrate;
    } rows[] = {
        {{0xbb, 0xff, 0xff}, (uint64_t)0x3ffff << 46},
        {{0xbf, 0xff, 0xff}, UINT64_MAX},
        {{0xfc, 0, 1}, (uint64_t)1 << 63},
        {{0xfc, 0, 2}, UINT64_MAX},
        {{0xfc, 0, 0}, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[] = {0x8f, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 0, 0, 0, 0};
        memcpy(bytes + 17, rows[i].b, 3);
        assert_true(only(bytes, sizeof bytes).bitrate == rows[i].bitrate);
    }
}

static void writers_stop_at_the_end(void **state)
{
    (void)state;
    static const uint16_t seqs[] = {1, 100};
    static const uint32_t ssrcs[] = {1, 2};
    struct pl_rtcp_block b = block(0);
    struct pl_rtcp_sender s = {.ssrc = 1};
    for (int kind = 0; kind < 8; kind++) {
        static const size_t sizes[] = {52, 32, 16, 8, 20, 12, 20, 28};
        for (size_t room = sizes[kind] - 1; room <= sizes[kind]; room++) {
            uint8_t *bytes = malloc(room);
            struct pl_writer w = pl_writer(bytes, room);
            switch (kind) {
            case 0:
                pl_rtcp_write_sr(&w, &s, &b, 1);
                break;
            case 1:
                pl_rtcp_write_rr(&w, 1, &b, 1);
                break;
            case 2:
                pl_rtcp_write_sdes(&w, 1, "cname");
                break;
            case 3:
                pl_rtcp_write_bye(&w, 1);
                break;
            case 4:
                pl_rtcp_write_nack(&w, 1, 2, seqs, 2);
                break;
            case 5:
                pl_rtcp_write_pli(&w, 1, 2);
                break;
            case 6:
                pl_rtcp_write_fir(&w, 1, 2, 3);
                break;
            default:
                pl_rtcp_write_remb(&w, 1, 5, ssrcs, 2);
            }
            assert_int_equal(w.full, room < sizes[kind]);
            free(bytes);
        }
    }
}

#define ROW(bytes, ...)                                                                            \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, __VA_ARGS__                                                      \
    }
#define NONE -1

/* What single packets are read as; the chain of headers is in order. */
static void bodies(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        int type; /* enum pl_rtcp_type or NONE: passed over */
        unsigned count;
    } rows[] = {
        ROW("\x80\xc8\0\6ssrcntp_ntp_time1234oct_", PL_RTCP_SR, 0),
        ROW("\x80\xc8\0\5ssrcntp_ntp_time1234", NONE, 0),
        ROW("\x81\xc8\0\6ssrcntp_ntp_time1234oct_", NONE, 0), /* no block */
        ROW("\x80\xc9\0\1ssrc", PL_RTCP_RR, 0),
        ROW("\x80\xc9\0\0", NONE, 0),
        ROW("\x81\xc9\0\6ssrc01234567890123456789", NONE, 0), /* four bytes too few */
        ROW("\x81\xc9\0\7ssrc012345678901234567890123", PL_RTCP_RR, 1),
        ROW("\x80\xc9\0\2ssrcmore", PL_RTCP_RR, 0), /* profile-specific extension */
        ROW("\x80\xca\0\0", PL_RTCP_SDES, 0),
        ROW("\x81\xca\0\2ssrc\0\0\0\0", PL_RTCP_SDES, 1),
        ROW("\x81\xca\0\0", NONE, 0), /* a chunk, and none */
        ROW("\x80\xcb\0\0", PL_RTCP_BYE, 0),
        ROW("\x82\xcb\0\2ssr1ssr2", PL_RTCP_BYE, 2),
        ROW("\x82\xcb\0\3ssr1ssr2\3bye", PL_RTCP_BYE, 2), /* with a reason */
        ROW("\x83\xcb\0\2ssr1ssr2", NONE, 0),
        ROW("\x81\xcd\0\3ssrcssrc\0\1\0\0", PL_RTCP_NACK, 0),
        ROW("\x81\xcd\0\2ssrcssrc", NONE, 0), /* nothing is missing */
        ROW("\x81\xcd\0\1ssrc", NONE, 0),
        ROW("\x8f\xcd\0\3ssrcssrc____", PL_RTCP_TWCC, 0),
        ROW("\x80\xcf\0\4ssrc\4\0\0\2ntp_time", PL_RTCP_RRTR, 0),
        ROW("\x80\xcf\0\6ssrc\6\0\0\1____\4\0\0\2ntp_time", PL_RTCP_RRTR, 0),
        ROW("\x80\xcf\0\4ssrc\4\0\0\3ntp_time", NONE, 0), /* a block longer than the packet */
        ROW("\x80\xcf\0\3ssrc\4\0\0\1ntp_", NONE, 0),     /* too short for a time */
        ROW("\x80\xcf\0\2ssrc\5\0\0\0", NONE, 0),
        ROW("\x80\xcf\0\1ssrc", NONE, 0),
        ROW("\x80\xcf\0\0", NONE, 0),
        ROW("\x82\xcd\0\3ssrcssrc____", NONE, 0), /* another feedback */
        ROW("\x81\xce\0\2ssrcssrc", PL_RTCP_PLI, 0),
        ROW("\x81\xce\0\1ssrc", NONE, 0),
        ROW("\x84\xce\0\4ssrcssrcssrc\1\0\0\0", PL_RTCP_FIR, 1),
        ROW("\x84\xce\0\3ssrcssrcssrc", NONE, 0),
        ROW("\x84\xce\0\7ssrcssrcssrc\1\0\0\0ssrc\1\0\0\0ssrc", PL_RTCP_FIR, 2),
        ROW("\x8f\xce\0\4ssrcssrcREMB\0\0\0\1", PL_RTCP_REMB, 0),
        ROW("\x8f\xce\0\4ssrcssrcREMB\1\0\0\1", NONE, 0), /* an SSRC too few */
        ROW("\x8f\xce\0\4ssrcssrcremb\0\0\0\1", NONE, 0),
        ROW("\x8f\xce\0\3ssrcssrcREMB", NONE, 0),
        ROW("\x8f\xce\0\2ssrcssrc", NONE, 0),
        ROW("\x80\xcc\0\2ssrcname", NONE, 0),                /* APP */
        ROW("\x80\xcf\0\1ssrc", NONE, 0),                    /* XR */
        ROW("\xa1\xce\0\3ssrcssrc\0\0\0\4", PL_RTCP_PLI, 0), /* padding */
        ROW("\xaf\xcd\0\3ssrcssrc__\0\2", PL_RTCP_TWCC, 0),  /* as browsers pad it */
        ROW("\xa1\xcd\0\3ssrcssrc\0\0\0\4", NONE, 0),        /* that was all */
        ROW("\xa0\xc9\0\1\0\0\0\4", NONE, 0),
    };
    static const uint8_t bye[] = {0x81, 203, 0, 1, 0, 0, 0, 9};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pl_rtcp_reader r;
        struct pl_rtcp_item item = {0};
        uint8_t *copy = exact(rows[i].bytes, rows[i].n);
        assert_int_equal(pl_rtcp_reader_init(&r, copy, rows[i].n), PL_OK);
        bool there = pl_rtcp_next(&r, &item);
        if (there != (rows[i].type != NONE) || (there && (int)item.type != rows[i].type))
            fail_msg("row %zu: %d %d", i, there, (int)item.type);
        if (there)
            assert_int_equal(item.count, rows[i].count);
        assert_false(pl_rtcp_next(&r, &item));
        free(copy);

        uint8_t bytes[128];
        memcpy(bytes, rows[i].bytes, rows[i].n);
        memcpy(bytes + rows[i].n, bye, sizeof bye);
        assert_int_equal(pl_rtcp_reader_init(&r, bytes, rows[i].n + sizeof bye), PL_OK);
        assert_true(!there || pl_rtcp_next(&r, &item));
        assert_true(pl_rtcp_next(&r, &item)); /* what was passed over hides nothing */
        assert_true(item.type == PL_RTCP_BYE && item.ssrc == 9 && pl_rtcp_ssrc(&item, 0) == 9);
    }
}

static void chains(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = {
        ROW(""),
        ROW("\x80"),
        ROW("\x80\xc9\0"),
        ROW("\x80\xc9\0\1ssr"),
        ROW("\x80\xc9\0\1ssrc\x80"),           /* something behind */
        ROW("\x80\xc9\0\1ssrc\x80\xc9\0\1"),   /* a header without its body */
        ROW("\x40\xc9\0\1ssrc"),               /* version 1 */
        ROW("\x80\xc9\0\1ssrc\0\xc9\0\1ssrc"), /* version 0, second */
        ROW("\x80\xc9\xff\xffssrc"),           /* longer than the whole */
        ROW("\xa0\xc9\0\0"),                   /* padding of nothing */
        ROW("\xa0\xc9\0\1\0\0\0\0"),           /* of no bytes */
        ROW("\xa0\xc9\0\1\0\0\0\5"),           /* one byte beyond the packet */
        ROW("\xa0\xc9\0\1\0\0\0\10"),          /* four beyond it */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pl_rtcp_reader r;
        uint8_t *copy = exact(rows[i].bytes, rows[i].n);
        if (pl_rtcp_reader_init(&r, copy, rows[i].n) != PL_EINVAL)
            fail_msg("row %zu", i);
        free(copy);
    }
}

static void ntp_times(void **state)
{
    (void)state;
    assert_int_equal(pl_ntp_to_us(0), 0);
    assert_int_equal(pl_ntp_to_us((uint64_t)1 << 32), 1000000);
    assert_int_equal(pl_ntp_to_us((uint64_t)3 << 31), 1500000);
    assert_int_equal(pl_ntp_to_us(0xffffffff), 999999);
    assert_true(pl_ntp_to_us(UINT64_MAX) == INT64_C(4294967295999999));
}

static void an_answer_to_a_reference_time(void **state)
{
    (void)state;
    static const char want[] = "\x80\xcf\0\5ssrc\5\0\0\3rcvr1234\0\1\2\3";
    uint8_t bytes[24];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_dlrr(&w, 0x73737263, 0x72637672, 0x31323334, 0x010203);
    assert_int_equal(pl_writer_size(&w), sizeof want - 1);
    assert_memory_equal(bytes, want, sizeof want - 1);
    w = pl_writer(bytes, sizeof bytes - 1);
    pl_rtcp_write_dlrr(&w, 1, 2, 3, 4);
    assert_true(w.full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_come_back),
        cmocka_unit_test(bytes_on_the_wire),
        cmocka_unit_test(names_have_a_limit),
        cmocka_unit_test(nacks_come_back),
        cmocka_unit_test(a_nack_as_long_as_rtcp_can),
        cmocka_unit_test(rembs_come_back),
        cmocka_unit_test(bitrates_that_do_not_fit),
        cmocka_unit_test(writers_stop_at_the_end),
        cmocka_unit_test(bodies),
        cmocka_unit_test(chains),
        cmocka_unit_test(an_answer_to_a_reference_time),
        cmocka_unit_test(ntp_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
