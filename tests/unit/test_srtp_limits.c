/* The end of an SRTP key's life, which no test can reach by sending: the source is taken in whole,
 * so that a stream can be put there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/srtp.c"

static void new_pair(struct pl_srtp **out, struct pl_srtp **in)
{
    const struct pl_srtp_keys keys = {.profile = PL_SRTP_AEAD_AES_128_GCM};
    assert_int_equal(pl_srtp_new(&keys, out), PL_OK);
    assert_int_equal(pl_srtp_new(&keys, in), PL_OK);
}

/* Both at the same place: SSRC 1, the last packet had these indexes. */
static void put_at(struct pl_srtp *out, struct pl_srtp *in, int64_t rtp, int64_t rtcp)
{
    struct stream *stream;
    assert_int_equal(add(out, 1, false, &stream), PL_OK);
    stream->rtp = rtp;
    stream->rtcp = rtcp;
    assert_int_equal(add(in, 1, true, &stream), PL_OK);
    stream->rtp = rtp;
    stream->rtcp = rtcp;
}

static enum pl_err send_rtp(struct pl_srtp *out, uint16_t seq, uint8_t bytes[64], size_t *n)
{
    uint8_t header[RTP_HEADER_SIZE] = {0x80, 96};
    pl_put_u16(header + 2, seq);
    pl_put_u32(header + 8, 1);
    return pl_srtp_protect(out, header, sizeof header, NULL, 0, NULL, 0, bytes, n);
}

static void rtp_ends_at_2_48(void **state)
{
    (void)state;
    struct pl_srtp *out, *in;
    uint8_t bytes[64];
    size_t n;
    new_pair(&out, &in);
    put_at(out, in, RTP_INDEX_MAX - 1, NONE);
    assert_int_equal(send_rtp(out, 0xffff, bytes, &n), PL_OK);
    assert_int_equal(pl_srtp_unprotect(in, bytes, &n), PL_OK);
    n = 64;
    assert_int_equal(send_rtp(out, 0, bytes, &n), PL_ELIMIT);
    bytes[0] = 0x80;
    pl_put_u16(bytes + 2, 0);
    assert_int_equal(pl_srtp_unprotect(in, bytes, &n), PL_ELIMIT);
    assert_int_equal(n, 64);
    pl_srtp_free(out);
    pl_srtp_free(in);
}

static void rtcp_ends_at_2_31(void **state)
{
    (void)state;
    struct pl_srtp *out, *in;
    uint8_t bytes[64] = {0x80, 201, 0, 1, 0, 0, 0, 1};
    size_t n = 8;
    new_pair(&out, &in);
    put_at(out, in, NONE, RTCP_INDEX_MAX - 1);
    assert_int_equal(pl_srtcp_protect(out, bytes, &n, sizeof bytes), PL_OK);
    assert_memory_equal(bytes + n - 4, "\xff\xff\xff\xff", 4);
    uint8_t again[64];
    size_t again_len = n;
    memcpy(again, bytes, sizeof again);
    assert_int_equal(pl_srtcp_unprotect(in, bytes, &n), PL_OK);
    assert_int_equal(n, 8);
    assert_int_equal(pl_srtcp_unprotect(in, again, &again_len), PL_EREPLAY);
    assert_int_equal(pl_srtcp_protect(out, bytes, &n, sizeof bytes), PL_ELIMIT);
    assert_int_equal(n, 8);
    pl_srtp_free(out);
    pl_srtp_free(in);
}

/* The whole counter is in the tag and the IV: an index of the same sequence number and another ROC
 * does not open. */
static void roll_over_counters_differ(void **state)
{
    (void)state;
    struct pl_srtp *out, *in;
    uint8_t bytes[64];
    size_t n;
    new_pair(&out, &in);
    put_at(out, in, INT64_C(0x123456785432), NONE);
    struct stream *stream = find(in, 1);
    stream->rtp = INT64_C(0x023456785432);
    assert_int_equal(send_rtp(out, 0x5433, bytes, &n), PL_OK);
    assert_int_equal(pl_srtp_unprotect(in, bytes, &n), PL_EAUTH);
    assert_int_equal(stream->rtp, INT64_C(0x023456785432));
    stream->rtp = INT64_C(0x123456785432);
    assert_int_equal(send_rtp(out, 0x5433, bytes, &n), PL_OK);
    assert_int_equal(pl_srtp_unprotect(in, bytes, &n), PL_OK);
    pl_srtp_free(out);
    pl_srtp_free(in);
}

/* Handed over behind a roll-over: the next index is greater than any before, and what came before
 * is not taken again. */
static void a_context_is_handed_over(void **state)
{
    (void)state;
    struct pl_srtp *out, *in, *next_out = NULL, *next_in = NULL;
    new_pair(&out, &in);
    uint8_t header[12] = {0x80, 96}, before[64], after[64], again[64];
    size_t n = 0, len;
    for (unsigned seq = 65530; seq < 65540; seq++) {
        pl_put_u16(header + 2, (uint16_t)seq);
        assert_int_equal(
            pl_srtp_protect(out, header, 12, (const uint8_t *)"x", 1, NULL, 0, before, &n), PL_OK);
        memcpy(again, before, n);
        len = n;
        assert_int_equal(pl_srtp_unprotect(in, before, &len), PL_OK);
    }
    struct pl_buf bytes = {0}, twice = {0};
    struct pl_carry w = pl_carry_writer(&bytes), w2 = pl_carry_writer(&twice);
    assert_int_equal(pl_srtp_carry(&out, &w), PL_OK);
    assert_int_equal(pl_srtp_carry(&in, &w), PL_OK);
    struct pl_carry r = pl_carry_reader(bytes.data, bytes.len);
    assert_int_equal(pl_srtp_carry(&next_out, &r), PL_OK);
    assert_int_equal(pl_srtp_carry(&next_in, &r), PL_OK);
    assert_true(pl_carry_done(&r));
    assert_int_equal(pl_srtp_carry(&next_out, &w2), PL_OK);
    assert_int_equal(pl_srtp_carry(&next_in, &w2), PL_OK);
    assert_int_equal(twice.len, bytes.len);
    assert_memory_equal(twice.data, bytes.data, bytes.len);
    len = n;
    assert_int_equal(pl_srtp_unprotect(next_in, again, &len), PL_EREPLAY);
    pl_put_u16(header + 2, 4); /* under the second counter: the first one would be refused */
    assert_int_equal(
        pl_srtp_protect(next_out, header, 12, (const uint8_t *)"x", 1, NULL, 0, after, &n), PL_OK);
    len = n;
    assert_int_equal(pl_srtp_unprotect(next_in, after, &len), PL_OK);
    for (size_t cut = 0; cut < 100; cut++) {
        struct pl_srtp *none = NULL;
        struct pl_carry c = pl_carry_reader(bytes.data, cut);
        assert_int_equal(pl_srtp_carry(&none, &c), PL_EINVAL);
    }
    pl_buf_free(&bytes);
    pl_buf_free(&twice);
    pl_srtp_free(out);
    pl_srtp_free(in);
    pl_srtp_free(next_out);
    pl_srtp_free(next_in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rtp_ends_at_2_48),
        cmocka_unit_test(rtcp_ends_at_2_31),
        cmocka_unit_test(roll_over_counters_differ),
        cmocka_unit_test(a_context_is_handed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
