/* The end of an SRTP key's life, which no test can reach by sending: the source is taken in whole,
 * so that a stream can be put there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rtp_ends_at_2_48),
        cmocka_unit_test(rtcp_ends_at_2_31),
        cmocka_unit_test(roll_over_counters_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
