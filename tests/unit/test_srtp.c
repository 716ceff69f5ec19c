/* SRTP and SRTCP: both directions against libsrtp2, indexes and replay windows, tampering, batches,
 * limits; all of it once over each back end. Published vectors, and the back ends against each
 * other, are in test_srtp_backends.c; what no test can reach by sending is in test_srtp_limits.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "crypto/srtp.h"
#include "crypto/srtp_cipher.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <srtp2/srtp.h>
#include <stdio.h>

#define ROOM 2048 /* longer than any packet here but one */
#define SSRC 0xcafebabe
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const enum pl_srtp_profile profiles[] = {
    PL_SRTP_AEAD_AES_128_GCM,
    PL_SRTP_AEAD_AES_256_GCM,
    PL_SRTP_AES128_CM_HMAC_SHA1_80,
};

static const struct pl_srtp_cipher_ops *backend; /* the one under test */

/* Contexts, ours and libsrtp2's. */

static struct pl_srtp_keys make_keys(enum pl_srtp_profile profile)
{
    struct pl_srtp_keys keys = {.profile = profile};
    for (size_t i = 0; i < sizeof keys.key; i++)
        keys.key[i] = (uint8_t)(i * 7 + 1);
    for (size_t i = 0; i < sizeof keys.salt; i++)
        keys.salt[i] = (uint8_t)(i * 13 + 5);
    return keys;
}

static struct pl_srtp *ours(enum pl_srtp_profile profile)
{
    struct pl_srtp_keys keys = make_keys(profile);
    struct pl_srtp *s;
    assert_int_equal(pl_srtp_new_over(backend, &keys, &s), PL_OK);
    return s;
}

static srtp_t theirs(enum pl_srtp_profile profile, srtp_ssrc_type_t direction)
{
    struct pl_srtp_keys keys = make_keys(profile);
    const struct pl_srtp_suite *suite = pl_srtp_suite(profile);
    uint8_t key_and_salt[SRTP_MAX_KEY_LEN];
    memcpy(key_and_salt, keys.key, suite->key);
    memcpy(key_and_salt + suite->key, keys.salt, suite->salt);
    srtp_policy_t policy = {
        .ssrc = {.type = direction},
        .key = key_and_salt,
        .window_size = PL_SRTP_WINDOW,
        .allow_repeat_tx = 1,
    };
    switch (profile) {
    case PL_SRTP_AEAD_AES_128_GCM:
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        break;
    case PL_SRTP_AEAD_AES_256_GCM:
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
        break;
    case PL_SRTP_AES128_CM_HMAC_SHA1_80:
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        break;
    }
    policy.rtcp = policy.rtp;
    srtp_t s;
    assert_int_equal(srtp_create(&s, &policy), srtp_err_status_ok);
    return s;
}

/* Packets. */

struct packet {
    uint8_t bytes[ROOM];
    size_t len;
    size_t header_len; /* RTP */
};

enum { PLAIN = 0, CSRCS = 1, EXTENSION = 2, KINDS = 4 };

static struct packet rtp(uint32_t ssrc, uint16_t seq, unsigned kind, size_t payload)
{
    struct packet p = {0};
    struct pl_writer w = pl_writer(p.bytes, sizeof p.bytes);
    unsigned n_csrcs = kind & CSRCS ? 3 : 0;
    pl_write_u8(&w, (uint8_t)(0x80 | (kind & EXTENSION ? 0x10 : 0) | n_csrcs));
    pl_write_u8(&w, 0x80 | 96);
    pl_write_u16(&w, seq);
    pl_write_u32(&w, seq * 960u);
    pl_write_u32(&w, ssrc);
    for (unsigned i = 0; i < n_csrcs; i++)
        pl_write_u32(&w, i);
    if (kind & EXTENSION) {
        pl_write_u16(&w, 0xbede);
        pl_write_u16(&w, 2);
        pl_write_u64(&w, 0x1022334455667788);
    }
    p.header_len = pl_writer_size(&w);
    for (size_t i = 0; i < payload; i++)
        pl_write_u8(&w, (uint8_t)(i ^ seq));
    p.len = pl_writer_size(&w);
    assert_false(w.full);
    return p;
}

/* A sender report and an SDES-like rest of `more` bytes. */
static struct packet rtcp(uint32_t ssrc, size_t more)
{
    struct packet p = {0};
    struct pl_writer w = pl_writer(p.bytes, sizeof p.bytes);
    pl_write_u32(&w, 0x80c80006 + (uint32_t)(more / 4));
    pl_write_u32(&w, ssrc);
    for (size_t i = 0; i < 20 + more; i++)
        pl_write_u8(&w, (uint8_t)i);
    p.len = pl_writer_size(&w);
    assert_false(w.full);
    return p;
}

static struct packet protect_in(struct pl_srtp *s, const struct packet *p, size_t cut)
{
    struct packet out = {.header_len = p->header_len};
    const uint8_t *payload = p->bytes + p->header_len;
    assert_int_equal(pl_srtp_protect(s, p->bytes, p->header_len, payload, cut, payload + cut,
                                     p->len - p->header_len - cut, out.bytes, &out.len),
                     PL_OK);
    return out;
}

static struct packet protect(struct pl_srtp *s, const struct packet *p)
{
    return protect_in(s, p, (p->len - p->header_len) / 3);
}

static struct packet protect_rtcp(struct pl_srtp *s, const struct packet *p)
{
    struct packet out = *p;
    assert_int_equal(pl_srtcp_protect(s, out.bytes, &out.len, sizeof out.bytes), PL_OK);
    return out;
}

/* In two pieces, as a slot makes them. */
static struct pl_srtp_packet outgoing(const struct packet *p, uint8_t *out)
{
    const uint8_t *payload = p->bytes + p->header_len;
    size_t cut = (p->len - p->header_len) / 3;
    return (struct pl_srtp_packet){
        .header = p->bytes,
        .header_len = p->header_len,
        .payload = {payload, payload + cut},
        .len = {cut, p->len - p->header_len - cut},
        .out = out,
    };
}

/* An in-place function of libsrtp2 on a copy. */
static struct packet theirs_do(srtp_err_status_t (*f)(srtp_t, void *, int *), srtp_t s,
                               const struct packet *p)
{
    struct packet out = *p;
    int len = (int)p->len;
    assert_int_equal(f(s, out.bytes, &len), srtp_err_status_ok);
    out.len = (size_t)len;
    return out;
}

static void assert_same(const struct packet *got, const struct packet *want)
{
    assert_int_equal(got->len, want->len);
    assert_memory_equal(got->bytes, want->bytes, want->len);
}

typedef enum pl_err unprotect_fn(struct pl_srtp *s, uint8_t *packet, size_t *len);

/* Opens a copy; the result must be `want`, or, with an error, the length as before. */
static void assert_opens(unprotect_fn *f, struct pl_srtp *s, const struct packet *sealed,
                         const struct packet *want)
{
    struct packet p = *sealed;
    assert_int_equal(f(s, p.bytes, &p.len), PL_OK);
    assert_same(&p, want);
}

static void assert_refuses(unprotect_fn *f, struct pl_srtp *s, const struct packet *sealed,
                           enum pl_err want)
{
    struct packet p = *sealed;
    assert_int_equal(f(s, p.bytes, &p.len), want);
    assert_int_equal(p.len, sealed->len);
}

/* Against libsrtp2. */

static void libsrtp_reads_our_rtp_and_we_its(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct pl_srtp *out = ours(profiles[i]), *in = ours(profiles[i]);
        srtp_t their_in = theirs(profiles[i], ssrc_any_inbound);
        srtp_t their_out = theirs(profiles[i], ssrc_any_outbound);
        for (size_t size = 0; size <= 1400; size++) {
            struct packet p = rtp(SSRC, (uint16_t)size, size % KINDS, size);
            struct packet sealed = protect(out, &p);
            struct packet their_sealed = theirs_do(srtp_protect, their_out, &p);
            assert_same(&sealed, &their_sealed);
            struct packet opened = theirs_do(srtp_unprotect, their_in, &sealed);
            assert_same(&opened, &p);
            assert_opens(pl_srtp_unprotect, in, &their_sealed, &p);
        }
        srtp_dealloc(their_in);
        srtp_dealloc(their_out);
        pl_srtp_free(out);
        pl_srtp_free(in);
    }
}

static void libsrtp_reads_our_rtcp_and_we_its(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct pl_srtp *out = ours(profiles[i]), *in = ours(profiles[i]);
        srtp_t their_in = theirs(profiles[i], ssrc_any_inbound);
        srtp_t their_out = theirs(profiles[i], ssrc_any_outbound);
        for (size_t more = 0; more <= 1200; more += 4) {
            struct packet p = rtcp(SSRC + (uint32_t)(more % 12), more);
            struct packet sealed = protect_rtcp(out, &p);
            struct packet opened = theirs_do(srtp_unprotect_rtcp, their_in, &sealed);
            assert_same(&opened, &p);
            struct packet their_sealed = theirs_do(srtp_protect_rtcp, their_out, &p);
            assert_opens(pl_srtcp_unprotect, in, &their_sealed, &p);
            assert_refuses(pl_srtcp_unprotect, in, &their_sealed, PL_EREPLAY);
        }
        srtp_dealloc(their_in);
        srtp_dealloc(their_out);
        pl_srtp_free(out);
        pl_srtp_free(in);
    }
}

/* From `first` on, `n` packets `step` apart: through 65535 once, or many times. */
static void sequence_numbers_wrap(void **state)
{
    (void)state;
    static const struct {
        uint16_t first, step;
        int n;
    } walks[] = {{65530, 1, 13}, {100, 30000, 40}, {65535, 1, 2}};
    for (size_t i = 0; i < COUNT(profiles) * COUNT(walks); i++) {
        enum pl_srtp_profile profile = profiles[i % COUNT(profiles)];
        struct pl_srtp *out = ours(profile), *in = ours(profile);
        srtp_t their_in = theirs(profile, ssrc_any_inbound);
        srtp_t their_out = theirs(profile, ssrc_any_outbound);
        uint16_t seq = walks[i / COUNT(profiles)].first;
        for (int j = 0; j < walks[i / COUNT(profiles)].n; j++) {
            struct packet p = rtp(SSRC, seq, PLAIN, 100);
            struct packet sealed = protect(out, &p);
            struct packet opened = theirs_do(srtp_unprotect, their_in, &sealed);
            assert_same(&opened, &p);
            struct packet their_sealed = theirs_do(srtp_protect, their_out, &p);
            assert_opens(pl_srtp_unprotect, in, &their_sealed, &p);
            seq = (uint16_t)(seq + walks[i / COUNT(profiles)].step);
        }
        srtp_dealloc(their_in);
        srtp_dealloc(their_out);
        pl_srtp_free(out);
        pl_srtp_free(in);
    }
}

static void order_across_the_wrap_does_not_matter(void **state)
{
    (void)state;
    static const uint16_t arrival[] = {65531, 65535, 2, 65534, 0, 65530, 1, 65533, 5, 65532, 3, 4};
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct pl_srtp *out = ours(profiles[i]), *in = ours(profiles[i]);
        struct packet plain[12], sealed[12];
        for (uint16_t j = 0; j < 12; j++) {
            plain[j] = rtp(SSRC, (uint16_t)(65530 + j), PLAIN, 50);
            sealed[j] = protect(out, &plain[j]);
        }
        for (size_t j = 0; j < COUNT(arrival); j++) {
            size_t at = (uint16_t)(arrival[j] - 65530);
            assert_opens(pl_srtp_unprotect, in, &sealed[at], &plain[at]);
        }
        for (size_t j = 0; j < 12; j++) {
            assert_refuses(pl_srtp_unprotect, in, &sealed[j], PL_EREPLAY);
            struct packet again = protect(out, &plain[j]);
            assert_same(&again, &sealed[j]);
        }
        pl_srtp_free(out);
        pl_srtp_free(in);
    }
}

/* RFC 3711, 3.3.1, at the edges of its comparison. */
static void the_roll_over_counter_is_estimated(void **state)
{
    (void)state;
    static const struct {
        uint16_t first, second;
        enum pl_err opened;
    } steps[] = {
        {0, 32768, PL_OK},          {0, 32769, PL_EREPLAY}, /* 32767 before the first ROC's start */
        {100, 32868, PL_OK},        {100, 32869, PL_EREPLAY},
        {32768, 0, PL_EREPLAY}, /* 32768 back is older than the window */
        {32769, 0, PL_OK},          {65535, 32766, PL_OK},
        {65535, 32767, PL_EREPLAY},
    };
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct pl_srtp *out = ours(profiles[0]), *in = ours(profiles[0]);
        struct packet first = rtp(SSRC, steps[i].first, PLAIN, 10);
        struct packet second = rtp(SSRC, steps[i].second, PLAIN, 10), sealed;
        sealed = protect(out, &first);
        assert_opens(pl_srtp_unprotect, in, &sealed, &first);
        if (steps[i].opened == PL_OK) {
            sealed = protect(out, &second);
            assert_opens(pl_srtp_unprotect, in, &sealed, &second);
        } else {
            second.len += 16;
            assert_refuses(pl_srtp_unprotect, in, &second, steps[i].opened);
        }
        pl_srtp_free(out);
        pl_srtp_free(in);
    }
}

static void a_sender_does_not_go_before_its_first_counter(void **state)
{
    (void)state;
    struct pl_srtp *out = ours(profiles[0]);
    struct packet p = rtp(SSRC, 5, PLAIN, 10);
    protect(out, &p);
    p = rtp(SSRC, 65535, PLAIN, 10);
    size_t len = 77;
    uint8_t sealed[ROOM];
    assert_int_equal(pl_srtp_protect(out, p.bytes, p.header_len, NULL, 0, NULL, 0, sealed, &len),
                     PL_EINVAL);
    assert_int_equal(len, 77);
    p = rtp(SSRC, 4, PLAIN, 10);
    protect(out, &p);
    pl_srtp_free(out);
}

/* Repeating an old packet moves nothing: the next is estimated from the highest. */
static void a_repetition_does_not_turn_back_the_sender(void **state)
{
    (void)state;
    static const uint16_t sequence[] = {50000, 30000, 4464}; /* 20000 back, then 20000 on */
    struct pl_srtp *out = ours(profiles[0]), *in = ours(profiles[0]);
    struct packet p[3], sealed[3];
    for (size_t i = 0; i < 3; i++) {
        p[i] = rtp(SSRC, sequence[i], PLAIN, 10);
        sealed[i] = protect(out, &p[i]);
    }
    assert_opens(pl_srtp_unprotect, in, &sealed[0], &p[0]);
    assert_opens(pl_srtp_unprotect, in, &sealed[2], &p[2]);
    pl_srtp_free(out);
    pl_srtp_free(in);
}

static void too_old_is_refused(void **state)
{
    (void)state;
    struct pl_srtp *out = ours(profiles[0]), *in = ours(profiles[0]);
    static struct packet plain[2 * PL_SRTP_WINDOW], sealed[2 * PL_SRTP_WINDOW];
    for (uint16_t i = 0; i < COUNT(plain); i++) {
        plain[i] = rtp(SSRC, i, PLAIN, 20);
        sealed[i] = protect(out, &plain[i]);
    }
    size_t newest = 1500;
    assert_opens(pl_srtp_unprotect, in, &sealed[newest], &plain[newest]);
    size_t oldest = newest - PL_SRTP_WINDOW + 1;
    assert_refuses(pl_srtp_unprotect, in, &sealed[oldest - 1], PL_EREPLAY);
    assert_opens(pl_srtp_unprotect, in, &sealed[oldest], &plain[oldest]);
    /* The window moves on by a part of itself: places are forgotten, what is still inside is not.
     */
    assert_opens(pl_srtp_unprotect, in, &sealed[newest + 300], &plain[newest + 300]);
    for (size_t i = oldest; i < newest + 400; i++) {
        if (i == newest || i == newest + 300 || i < oldest + 300)
            assert_refuses(pl_srtp_unprotect, in, &sealed[i], PL_EREPLAY);
        else
            assert_opens(pl_srtp_unprotect, in, &sealed[i], &plain[i]);
    }
    for (size_t i = 0; i < newest + 400; i++)
        assert_refuses(pl_srtp_unprotect, in, &sealed[i], PL_EREPLAY);
    pl_srtp_free(out);
    pl_srtp_free(in);
}

static void old_rtcp_is_refused(void **state)
{
    (void)state;
    struct pl_srtp *out = ours(profiles[0]), *in = ours(profiles[0]);
    static struct packet plain[PL_SRTP_WINDOW + 2], sealed[PL_SRTP_WINDOW + 2];
    for (size_t i = 0; i < COUNT(plain); i++) {
        plain[i] = rtcp(SSRC, 4 * (i % 5));
        sealed[i] = protect_rtcp(out, &plain[i]);
    }
    size_t newest = COUNT(plain) - 1;
    assert_opens(pl_srtcp_unprotect, in, &sealed[newest], &plain[newest]);
    assert_refuses(pl_srtcp_unprotect, in, &sealed[0], PL_EREPLAY);
    assert_refuses(pl_srtcp_unprotect, in, &sealed[1], PL_EREPLAY);
    assert_opens(pl_srtcp_unprotect, in, &sealed[2], &plain[2]);
    assert_refuses(pl_srtcp_unprotect, in, &sealed[2], PL_EREPLAY);
    pl_srtp_free(out);
    pl_srtp_free(in);
}

/* Tampering. */

/* Every bit of every byte; then the packet itself, and the next, as if nothing had happened. */
static void tampered_rtp_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(profiles) * KINDS; i++) {
        enum pl_srtp_profile profile = profiles[i / KINDS];
        for (uint16_t first = 0; first < 2; first++) { /* without and with a stream */
            struct pl_srtp *out = ours(profile), *in = ours(profile);
            struct packet p = rtp(SSRC, 65534, i % KINDS, 40), sealed = protect(out, &p);
            if (first)
                assert_opens(pl_srtp_unprotect, in, &sealed, &p);
            p = rtp(SSRC, 65535, i % KINDS, 40);
            sealed = protect(out, &p);
            for (size_t bit = 0; bit < sealed.len * 8; bit++) {
                struct packet bad = sealed;
                bad.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                size_t len = bad.len;
                assert_int_not_equal(pl_srtp_unprotect(in, bad.bytes, &len), PL_OK);
                assert_int_equal(len, sealed.len);
            }
            assert_opens(pl_srtp_unprotect, in, &sealed, &p);
            p = rtp(SSRC, 0, PLAIN, 40);
            sealed = protect(out, &p);
            assert_opens(pl_srtp_unprotect, in, &sealed, &p);
            pl_srtp_free(out);
            pl_srtp_free(in);
        }
    }
}

static void tampered_rtcp_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct pl_srtp *out = ours(profiles[i]), *in = ours(profiles[i]);
        for (int turn = 0; turn < 3; turn++) {
            struct packet p = rtcp(SSRC, 12), sealed = protect_rtcp(out, &p);
            for (size_t bit = 0; bit < sealed.len * 8; bit++) {
                struct packet bad = sealed;
                bad.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                size_t len = bad.len;
                assert_int_not_equal(pl_srtcp_unprotect(in, bad.bytes, &len), PL_OK);
                assert_int_equal(len, sealed.len);
            }
            assert_opens(pl_srtcp_unprotect, in, &sealed, &p);
        }
        pl_srtp_free(out);
        pl_srtp_free(in);
    }
}

/* RFC 7714, 9.3, and RFC 3711, 3.4, know SRTCP that is authenticated only. */
static void rtcp_must_be_encrypted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct pl_srtp *in = ours(profiles[i]);
        struct pl_srtp_keys keys = make_keys(profiles[i]);
        struct pl_srtp_session session;
        struct packet p = rtcp(SSRC, 0);
        uint8_t *end = p.bytes + p.len, scratch[1];
        const struct pl_srtp_suite *suite = pl_srtp_suite(profiles[i]);
        assert_int_equal(pl_srtp_derive(&keys, true, &session), PL_OK);
        struct pl_srtp_job job = {
            .header = p.bytes,
            .header_len = p.len,
            .out = suite->aead ? scratch : end,
            .tag = suite->aead ? end : end + 4,
            .trailer_len = 4, /* E and the index: 0 */
        };
        assert_int_equal(backend->new (&session, &job.cipher), PL_OK);
        pl_srtp_iv(suite, session.salt, SSRC, 0, job.iv);
        backend->seal(&job, 1);
        assert_int_equal(job.err, PL_OK);
        memset(suite->aead ? end + suite->tag : end, 0, 4);
        p.len += suite->tag + 4;
        assert_refuses(pl_srtcp_unprotect, in, &p, PL_EAUTH);
        backend->free(job.cipher);
        pl_srtp_free(in);
    }
}

static void cut_short_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct pl_srtp *out = ours(profiles[i]), *in = ours(profiles[i]);
        struct packet p = rtp(SSRC, 1, CSRCS | EXTENSION, 30), rtp_sealed = protect(out, &p);
        struct packet q = rtcp(SSRC, 0), rtcp_sealed = protect_rtcp(out, &q);
        for (size_t n = 0; n < rtp_sealed.len; n++) {
            uint8_t *copy = malloc(n + 1); /* so that the address sanitizer sees a byte too many */
            assert_non_null(copy);
            size_t len = n;
            memcpy(copy, rtp_sealed.bytes, n);
            assert_int_not_equal(pl_srtp_unprotect(in, copy, &len), PL_OK);
            len = n < rtcp_sealed.len ? n : rtcp_sealed.len - 1;
            memcpy(copy, rtcp_sealed.bytes, len);
            assert_int_not_equal(pl_srtcp_unprotect(in, copy, &len), PL_OK);
            free(copy);
        }
        assert_opens(pl_srtp_unprotect, in, &rtp_sealed, &p);
        assert_opens(pl_srtcp_unprotect, in, &rtcp_sealed, &q);
        pl_srtp_free(out);
        pl_srtp_free(in);
    }
}

/* What goes in to be sent. */

static void pieces_do_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct pl_srtp *out = ours(profiles[i]);
        struct packet p = rtp(SSRC, 1, EXTENSION, 100), whole = protect_in(out, &p, 0);
        for (size_t cut = 0; cut <= 100; cut++) {
            struct packet pieces = protect_in(out, &p, cut);
            assert_same(&pieces, &whole);
        }
        pl_srtp_free(out);
    }
}

static void what_is_no_rtp_is_not_sent(void **state)
{
    (void)state;
    struct pl_srtp *out = ours(profiles[0]);
    struct packet p = rtp(SSRC, 1, CSRCS | EXTENSION, 0);
    uint8_t sealed[ROOM];
    size_t len = 1;
    for (size_t n = 0; n < p.header_len; n++)
        assert_int_equal(pl_srtp_protect(out, p.bytes, n, NULL, 0, NULL, 0, sealed, &len),
                         PL_EINVAL);
    assert_int_equal(
        pl_srtp_protect(out, p.bytes, p.header_len + 1, NULL, 0, NULL, 0, sealed, &len), PL_EINVAL);
    p.bytes[0] ^= 0x40;
    assert_int_equal(pl_srtp_protect(out, p.bytes, p.header_len, NULL, 0, NULL, 0, sealed, &len),
                     PL_EINVAL);
    assert_int_equal(len, 1);

    p = rtcp(SSRC, 0);
    len = 7;
    assert_int_equal(pl_srtcp_protect(out, p.bytes, &len, sizeof p.bytes), PL_EINVAL);
    size_t more = 16 + 4;
    len = p.len;
    assert_int_equal(pl_srtcp_protect(out, p.bytes, &len, p.len + more - 1), PL_ETRUNC);
    assert_int_equal(len, p.len);
    assert_int_equal(pl_srtcp_protect(out, p.bytes, &len, p.len + more), PL_OK);
    assert_int_equal(len, p.len + more);
    pl_srtp_free(out);
}

static void a_packet_has_a_longest_length(void **state)
{
    (void)state;
    struct pl_srtp *out = ours(profiles[0]), *in = ours(profiles[0]);
    size_t size = PL_SRTP_PACKET_MAX + 1 + PL_SRTP_OVERHEAD_MAX, len;
    uint8_t *plain = calloc(1, size), *sealed = calloc(1, size);
    assert_non_null(plain);
    assert_non_null(sealed);
    struct packet p = rtp(SSRC, 1, PLAIN, 0);
    size_t rest = PL_SRTP_PACKET_MAX - p.len;
    assert_int_equal(pl_srtp_protect(out, p.bytes, p.len, plain, 1, plain, rest, sealed, &len),
                     PL_ELIMIT);
    assert_int_equal(pl_srtp_protect(out, p.bytes, p.len, plain, 0, plain, rest, sealed, &len),
                     PL_OK);
    assert_int_equal(pl_srtp_unprotect(in, sealed, &len), PL_OK);
    assert_int_equal(len, PL_SRTP_PACKET_MAX);
    len = size;
    assert_int_equal(pl_srtp_unprotect(in, sealed, &len), PL_ELIMIT);
    assert_int_equal(pl_srtcp_unprotect(in, sealed, &len), PL_ELIMIT);
    p = rtcp(SSRC, 0);
    memcpy(plain, p.bytes, p.len);
    len = PL_SRTP_PACKET_MAX + 1;
    assert_int_equal(pl_srtcp_protect(out, plain, &len, size), PL_ELIMIT);
    len = PL_SRTP_PACKET_MAX;
    assert_int_equal(pl_srtcp_protect(out, plain, &len, size), PL_OK);
    assert_int_equal(pl_srtcp_unprotect(in, plain, &len), PL_OK);
    free(plain);
    free(sealed);
    pl_srtp_free(out);
    pl_srtp_free(in);
}

/* Batches. */

/* SSRCs take turns, sizes differ, and all lie back to back. */
static void a_batch_is_what_its_packets_are(void **state)
{
    (void)state;
    enum { MOST = 150 };
    static const size_t counts[] = {0, 1, 2, 9, 63, 64, 65, 128, MOST};
    static struct packet plain[MOST], want[MOST];
    static uint8_t room[MOST * ROOM];
    for (size_t i = 0; i < COUNT(profiles) * COUNT(counts); i++) {
        enum pl_srtp_profile profile = profiles[i / COUNT(counts)];
        size_t n = counts[i % COUNT(counts)];
        struct pl_srtp *one = ours(profile), *batch = ours(profile);
        struct pl_srtp_packet packets[MOST];
        uint8_t *at = room;
        for (size_t j = 0; j < n; j++) { /* one wraps, one does not; some twice, as retransmitted */
            unsigned other = j / 5 % 2;
            uint16_t seq = (uint16_t)(65500 + other * 20000 + j - (j % 7 == 3 ? 2 : 0));
            plain[j] = rtp(SSRC + other, seq, seq % KINDS, seq * 37u % 1300);
            want[j] = protect(one, &plain[j]);
            packets[j] = outgoing(&plain[j], at);
            at += plain[j].len + pl_srtp_tag_size(batch); /* back to back */
        }
        memset(room, 0xee, sizeof room);
        for (size_t j = 0; j < n; j += 2) { /* these have their header at its place */
            memcpy(packets[j].out, plain[j].bytes, plain[j].header_len);
            packets[j].header = packets[j].out;
        }
        pl_srtp_protect_batch(batch, packets, n);
        for (size_t j = 0; j < n; j++) {
            assert_int_equal(packets[j].err, PL_OK);
            assert_int_equal(packets[j].out_len, want[j].len);
            assert_memory_equal(packets[j].out, want[j].bytes, want[j].len);
        }
        for (size_t k = 0; k < PL_SRTP_OVERHEAD_MAX; k++)
            assert_int_equal(at[k], 0xee);
        pl_srtp_free(one);
        pl_srtp_free(batch);
    }
}

/* The first, the last and those between may fail, each by its own error. */
static void an_error_in_a_batch_is_one_packets(void **state)
{
    (void)state;
    static const enum pl_err errors[] = {PL_EINVAL, PL_OK, PL_EINVAL, PL_ELIMIT, PL_OK,
                                         PL_EINVAL, PL_OK, PL_EINVAL, PL_OK,     PL_ELIMIT};
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct pl_srtp *out = ours(profiles[i]), *in = ours(profiles[i]);
        struct packet plain[COUNT(errors)];
        struct pl_srtp_packet packets[COUNT(errors)];
        static uint8_t room[COUNT(errors)][ROOM];
        for (size_t j = 0; j < COUNT(errors); j++) {
            plain[j] = rtp(SSRC, (uint16_t)(100 + j), j % KINDS, 50 * j);
            packets[j] = outgoing(&plain[j], room[j]);
            packets[j].out_len = 77;
        }
        packets[0].header_len = 11;
        pl_put_u16(plain[2].bytes + 2, 65000); /* before the first counter */
        packets[3].len[1] = PL_SRTP_PACKET_MAX;
        plain[5].bytes[0] ^= 0xc0;
        packets[7].header_len++;
        packets[9].len[0] = SIZE_MAX;
        pl_srtp_protect_batch(out, packets, COUNT(errors));
        for (size_t j = 0; j < COUNT(errors); j++) {
            assert_int_equal(packets[j].err, errors[j]);
            if (errors[j])
                assert_int_equal(packets[j].out_len, 77);
            size_t len = packets[j].out_len;
            if (errors[j] == PL_OK) {
                assert_int_equal(pl_srtp_unprotect(in, room[j], &len), PL_OK);
                assert_int_equal(len, plain[j].len);
                assert_memory_equal(room[j], plain[j].bytes, len);
            }
        }
        pl_srtp_free(out);
        pl_srtp_free(in);
    }
}

/* Streams. */

static void streams_do_not_disturb_each_other(void **state)
{
    (void)state;
    struct pl_srtp *out = ours(profiles[0]), *in = ours(profiles[0]);
    for (uint16_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < 100; i++) {
            uint16_t seq = (uint16_t)(65533 + round + (i % 2) * 300);
            struct packet p = rtp(i << 16, seq, PLAIN, 20), sealed = protect(out, &p);
            assert_opens(pl_srtp_unprotect, in, &sealed, &p);
            p = rtcp(i << 16, 0);
            sealed = protect_rtcp(out, &p);
            assert_opens(pl_srtcp_unprotect, in, &sealed, &p);
        }
    }
    pl_srtp_free(out);
    pl_srtp_free(in);
}

static void streams_are_bounded(void **state)
{
    (void)state;
    struct pl_srtp *out = ours(profiles[0]), *more = ours(profiles[0]), *in = ours(profiles[0]);
    struct packet p, sealed, over = rtp(PL_SRTP_STREAMS_MAX, 7, PLAIN, 20);
    over.len += 16; /* no tag of ours: what does not authenticate takes no place */
    for (uint32_t ssrc = 0; ssrc < 2 * PL_SRTP_STREAMS_MAX; ssrc++) {
        pl_put_u32(over.bytes + 8, ssrc);
        assert_refuses(pl_srtp_unprotect, in, &over, PL_EAUTH);
    }
    for (uint32_t ssrc = 0; ssrc < PL_SRTP_STREAMS_MAX; ssrc++) {
        p = rtp(ssrc, 7, PLAIN, 20);
        sealed = protect(out, &p);
        assert_opens(pl_srtp_unprotect, in, &sealed, &p);
    }
    p = rtp(PL_SRTP_STREAMS_MAX, 7, PLAIN, 20);
    uint8_t bytes[ROOM];
    size_t len;
    assert_int_equal(pl_srtp_protect(out, p.bytes, p.len, NULL, 0, NULL, 0, bytes, &len),
                     PL_EINVAL);
    assert_int_equal(pl_srtp_protect(out, p.bytes, p.header_len, NULL, 0, NULL, 0, bytes, &len),
                     PL_ELIMIT);
    sealed = protect(more, &p);
    assert_refuses(pl_srtp_unprotect, in, &sealed, PL_ELIMIT);
    p = rtcp(PL_SRTP_STREAMS_MAX, 0);
    len = p.len;
    sealed = protect_rtcp(more, &p);
    assert_refuses(pl_srtcp_unprotect, in, &sealed, PL_ELIMIT);
    assert_int_equal(pl_srtcp_protect(out, p.bytes, &len, sizeof p.bytes), PL_ELIMIT);
    for (uint32_t ssrc = 0; ssrc < PL_SRTP_STREAMS_MAX; ssrc++) {
        p = rtp(ssrc, 8, PLAIN, 20);
        sealed = protect(out, &p);
        assert_opens(pl_srtp_unprotect, in, &sealed, &p);
    }
    pl_srtp_free(out);
    pl_srtp_free(more);
    pl_srtp_free(in);
}

static void unknown_profiles_are_refused(void **state)
{
    (void)state;
    static const unsigned unknown[] = {0, 2, 5, 6, 9, 0x10007};
    struct pl_srtp *s = NULL;
    for (size_t i = 0; i < COUNT(unknown); i++) {
        struct pl_srtp_keys keys = {.profile = (enum pl_srtp_profile)unknown[i]};
        assert_int_equal(pl_srtp_new(&keys, &s), PL_EUNSUPPORTED);
    }
    assert_null(s);
    pl_srtp_free(NULL);
}

/* The forwarding path. */

static size_t allocations; /* of OpenSSL */

static void *count_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    allocations++;
    return malloc(n);
}

static void *count_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    allocations++;
    return realloc(p, n);
}

static void count_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

/* Of the profiles that browsers choose; HMAC in OpenSSL 3.0 copies its contexts. */
static void gcm_allocates_nothing_per_packet(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct pl_srtp *out = ours(profiles[i]), *in = ours(profiles[i]);
        size_t before = allocations;
        for (uint16_t seq = 0; seq < 100; seq++) {
            struct packet p = rtp(SSRC, seq, PLAIN, 1200), sealed = protect(out, &p);
            assert_opens(pl_srtp_unprotect, in, &sealed, &p);
            sealed.bytes[3]++;
            assert_refuses(pl_srtp_unprotect, in, &sealed, PL_EAUTH);
            p = rtcp(SSRC, 100);
            sealed = protect_rtcp(out, &p);
            assert_opens(pl_srtcp_unprotect, in, &sealed, &p);
            if (seq == 0) /* the first of each kind has the keys expanded */
                before = allocations;
            assert_int_equal(allocations, before);
        }
        pl_srtp_free(out);
        pl_srtp_free(in);
    }
    assert_int_equal(ERR_peek_error(), 0);
}

static int start(void **state)
{
    (void)state;
    return srtp_init() != srtp_err_status_ok;
}

static int stop(void **state)
{
    (void)state;
    return srtp_shutdown() != srtp_err_status_ok;
}

int main(void)
{
    if (!CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libsrtp_reads_our_rtp_and_we_its),
        cmocka_unit_test(libsrtp_reads_our_rtcp_and_we_its),
        cmocka_unit_test(sequence_numbers_wrap),
        cmocka_unit_test(order_across_the_wrap_does_not_matter),
        cmocka_unit_test(the_roll_over_counter_is_estimated),
        cmocka_unit_test(a_sender_does_not_go_before_its_first_counter),
        cmocka_unit_test(a_repetition_does_not_turn_back_the_sender),
        cmocka_unit_test(too_old_is_refused),
        cmocka_unit_test(old_rtcp_is_refused),
        cmocka_unit_test(tampered_rtp_changes_nothing),
        cmocka_unit_test(tampered_rtcp_changes_nothing),
        cmocka_unit_test(rtcp_must_be_encrypted),
        cmocka_unit_test(cut_short_is_refused),
        cmocka_unit_test(pieces_do_not_matter),
        cmocka_unit_test(what_is_no_rtp_is_not_sent),
        cmocka_unit_test(a_packet_has_a_longest_length),
        cmocka_unit_test(a_batch_is_what_its_packets_are),
        cmocka_unit_test(an_error_in_a_batch_is_one_packets),
        cmocka_unit_test(streams_do_not_disturb_each_other),
        cmocka_unit_test(streams_are_bounded),
        cmocka_unit_test(unknown_profiles_are_refused),
        cmocka_unit_test(gcm_allocates_nothing_per_packet),
    };
    const struct pl_srtp_cipher_ops *all[PL_SRTP_BACKENDS_MAX + 1];
    int failed = 0;
    pl_srtp_backends(all);
    for (size_t i = 0; all[i]; i++) {
        backend = all[i];
        failed += cmocka_run_group_tests_name(backend->name, tests, start, stop);
    }
    return failed;
}
