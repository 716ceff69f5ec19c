/* The cipher back ends: published vectors, each against every other, and that they read and write
 * nothing beside what a job names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "crypto/srtp.h"
#include "crypto/srtp_cipher.h"
#include "hex.h"

#include <sys/mman.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ROOM 2048 /* longer than any packet here */
#define PAGE 4096

static const enum pl_srtp_profile profiles[] = {
    PL_SRTP_AEAD_AES_128_GCM,
    PL_SRTP_AEAD_AES_256_GCM,
    PL_SRTP_AES128_CM_HMAC_SHA1_80,
};

static const struct pl_srtp_cipher_ops *backend; /* the one under test */

/* Vectors. */

/* RFC 3711, B.3; the authentication key is cut to the 160 bits that are used. */
static void keys_as_published(void **state)
{
    (void)state;
    struct pl_srtp_keys master = {.profile = PL_SRTP_AES128_CM_HMAC_SHA1_80};
    struct pl_srtp_session session;
    uint8_t want[32];
    unhex("E1F97A0D3E018BE0D64FA32C06DE4139", master.key, sizeof master.key);
    unhex("0EC675AD498AFEEBB6960B3AABE6", master.salt, sizeof master.salt);
    assert_int_equal(pl_srtp_derive(&master, false, &session), PL_OK);
    assert_memory_equal(session.key, want,
                        unhex("C61E7A93744F39EE10734AFE3FF7A087", want, sizeof want));
    assert_memory_equal(session.salt, want,
                        unhex("30CBBC08863D8C85D49DB34A9AE1", want, sizeof want));
    assert_memory_equal(session.auth, want,
                        unhex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4", want, sizeof want));
}

/* RFC 3711, B.2: the keystream is what zeros become. SSRC, ROC and sequence number are 0;
 * the block's number is where the IV ends. */
static void keystream_as_published(void **state)
{
    (void)state;
    static const struct {
        size_t block;
        const char *stream;
    } blocks[] = {
        {0x0000, "E03EAD0935C95E80E166B16DD92B4EB4"}, {0x0001, "D23513162B02D0F72A43A2FE4A5F97AB"},
        {0x0002, "41E95B3BB0A2E8DD477901E4FCA894C0"}, {0xfeff, "EC8CDF7398607CB0F2D21675EA9EA1E4"},
        {0xff00, "362B7C3C6773516318A077D7FC5073AE"}, {0xff01, "6A2CC3787889374FBEB4C81B17BA6C44"},
    };
    const struct pl_srtp_suite *suite = pl_srtp_suite(PL_SRTP_AES128_CM_HMAC_SHA1_80);
    struct pl_srtp_session session = {.suite = suite};
    unhex("2B7E151628AED2A6ABF7158809CF4F3C", session.key, sizeof session.key);
    unhex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD", session.salt, sizeof session.salt);
    for (size_t i = 0; i < COUNT(blocks); i++) {
        uint8_t want[16], bytes[16 + 4] = {0}, tag[10];
        struct pl_srtp_job job = {
            .header = bytes, .in = {bytes, NULL}, .len = {16, 0}, .out = bytes, .tag = tag};
        assert_int_equal(backend->new (&session, &job.cipher), PL_OK);
        pl_srtp_iv(suite, session.salt, 0, 0, job.iv);
        pl_put_u16(job.iv + 14, (uint16_t)blocks[i].block);
        backend->seal(&job, 1);
        assert_int_equal(job.err, PL_OK);
        unhex(blocks[i].stream, want, sizeof want);
        assert_memory_equal(bytes, want, sizeof want);
        backend->free(job.cipher);
    }
}

/* RFC 7714, 16.1.1, 16.2.1, 17.1, 17.2. They give session keys, and their plaintext is the one of
 * the subsections (that at the head of section 17 is another). */
#define RFC7714_SALT "517569642070726f2071756f"
#define RFC7714_KEY "000102030405060708090a0b0c0d0e0f"
#define RFC7714_KEY_256 RFC7714_KEY "101112131415161718191a1b1c1d1e1f"
#define RFC7714_RTP_HEADER "8040f17b8041f8d35501a0b2"
#define RFC7714_RTP "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573"
#define RFC7714_RTCP_HEADER "81c8000d4d617273"
#define RFC7714_RTCP                                                                               \
    "4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"

static const struct {
    enum pl_srtp_profile profile;
    const char *key, *header;
    uint32_t ssrc;
    uint64_t index;
    const char *trailer, *text, *sealed; /* `sealed`: ciphertext and tag */
} gcm_vectors[] = {
    {PL_SRTP_AEAD_AES_128_GCM, RFC7714_KEY, RFC7714_RTP_HEADER, 0x5501a0b2, 0xf17b, "", RFC7714_RTP,
     "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
     "899d7f27beb16a9152cf765ee4390cce"},
    {PL_SRTP_AEAD_AES_256_GCM, RFC7714_KEY_256, RFC7714_RTP_HEADER, 0x5501a0b2, 0xf17b, "",
     RFC7714_RTP,
     "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b"
     "7aa3db36dfffd6b0f9bb7878d7a76c13"},
    {PL_SRTP_AEAD_AES_128_GCM, RFC7714_KEY, RFC7714_RTCP_HEADER, 0x4d617273, 0x5d4, "800005d4",
     RFC7714_RTCP,
     "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
     "c84aa45896cf4d2fc5abf87245d9eade"},
    {PL_SRTP_AEAD_AES_256_GCM, RFC7714_KEY_256, RFC7714_RTCP_HEADER, 0x4d617273, 0x5d4, "800005d4",
     RFC7714_RTCP,
     "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad"
     "1d1eb30c4446839f57ff6f6cb26ac3be"},
};

static void gcm_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(gcm_vectors); i++) {
        struct pl_srtp_session session = {.suite = pl_srtp_suite(gcm_vectors[i].profile)};
        unhex(gcm_vectors[i].key, session.key, sizeof session.key);
        unhex(RFC7714_SALT, session.salt, sizeof session.salt);
        uint8_t header[16], text[64], want[80], got[80];
        size_t n = unhex(gcm_vectors[i].text, text, sizeof text);
        assert_int_equal(unhex(gcm_vectors[i].sealed, want, sizeof want), n + 16);
        struct pl_srtp_job job = {
            .header = header,
            .header_len = unhex(gcm_vectors[i].header, header, sizeof header),
            .in = {text, text + 5},
            .len = {5, n - 5},
            .out = got,
            .tag = got + n,
        };
        job.trailer_len = unhex(gcm_vectors[i].trailer, job.trailer, sizeof job.trailer);
        assert_int_equal(backend->new (&session, &job.cipher), PL_OK);
        pl_srtp_iv(session.suite, session.salt, gcm_vectors[i].ssrc, gcm_vectors[i].index, job.iv);
        backend->seal(&job, 1);
        assert_int_equal(job.err, PL_OK);
        assert_memory_equal(got, want, n + 16);
        job.in[0] = got;
        job.in[1] = got + 5;
        backend->open(&job, 1);
        assert_int_equal(job.err, PL_OK);
        assert_memory_equal(got, text, n);
        backend->free(job.cipher);
    }
}

/* Back ends against each other. */

static struct pl_srtp_session session_of(enum pl_srtp_profile profile, uint8_t number)
{
    const struct pl_srtp_keys keys = {.profile = profile, .key = {number}, .salt = {3}};
    struct pl_srtp_session session;
    assert_int_equal(pl_srtp_derive(&keys, false, &session), PL_OK);
    return session;
}

/* A packet of `n` bytes of text in place at `at`, behind a header of 12. */
static struct pl_srtp_job job_at(uint8_t *at, size_t n, const struct pl_srtp_suite *suite)
{
    return (struct pl_srtp_job){
        .iv = {(uint8_t)n},
        .header = at,
        .header_len = 12,
        .in = {at + 12, NULL},
        .len = {n, 0},
        .out = at + 12,
        .tag = at + 12 + n,
        .trailer = {1, 2, 3, 4},
        .trailer_len = suite->aead ? 0 : 4,
    };
}

/* One array of jobs, and in it packets of many keys and all profiles: the bytes are those that
 * `other` makes of each alone. Then they are opened, one of them tampered with. */
static void assert_agrees(const struct pl_srtp_cipher_ops *other)
{
    enum { N = PL_SRTP_JOBS_MAX, BAD = 17 };
    static uint8_t room[N][ROOM], want[ROOM];
    struct pl_srtp_job jobs[N];
    for (size_t i = 0; i < N; i++) {
        struct pl_srtp_session session = session_of(profiles[i % COUNT(profiles)], (uint8_t)i);
        memset(room[i], (int)i, ROOM);
        jobs[i] = job_at(room[i], i * 29 % 1250, session.suite);
        assert_int_equal(backend->new (&session, &jobs[i].cipher), PL_OK);
    }
    backend->seal(jobs, N);
    for (size_t i = 0; i < N; i++) {
        struct pl_srtp_session session = session_of(profiles[i % COUNT(profiles)], (uint8_t)i);
        struct pl_srtp_job alone = job_at(want, jobs[i].len[0], session.suite);
        memset(want, (int)i, ROOM);
        assert_int_equal(other->new (&session, &alone.cipher), PL_OK);
        other->seal(&alone, 1);
        assert_int_equal(jobs[i].err, PL_OK);
        assert_memory_equal(room[i], want, ROOM);
        other->free(alone.cipher);
    }
    room[BAD][3] ^= 1;
    backend->open(jobs, N);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(jobs[i].err, i == BAD ? PL_EAUTH : PL_OK);
        memset(want, (int)i, ROOM);
        if (i != BAD)
            assert_memory_equal(room[i], want, 12 + jobs[i].len[0]);
        backend->free(jobs[i].cipher);
    }
}

static void back_ends_agree(void **state)
{
    (void)state;
    const struct pl_srtp_cipher_ops *all[PL_SRTP_BACKENDS_MAX + 1];
    pl_srtp_backends(all);
    for (size_t i = 0; all[i]; i++)
        assert_agrees(all[i]);
}

/* Assembly is hidden from the address sanitizer, so memory that nobody may touch lies before and
 * behind a page. */
static uint8_t *guarded_page(void)
{
    uint8_t *p = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(p != MAP_FAILED);
    assert_int_equal(mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE), 0);
    return p + PAGE;
}

/* Text and packet at the beginning of their pages, or at the end of them. */
static void seal_and_open_at_the_edge(struct pl_srtp_cipher *cipher,
                                      const struct pl_srtp_suite *suite, uint8_t *texts,
                                      uint8_t *packets, size_t n, size_t cut, bool end)
{
    size_t size = 12 + n + suite->tag;
    uint8_t *text = texts + (end ? PAGE - n : 0), *at = packets + (end ? PAGE - size : 0);
    struct pl_srtp_job job = job_at(at, n, suite);
    job.cipher = cipher;
    job.in[0] = text;
    job.len[0] = cut;
    job.in[1] = text + cut;
    job.len[1] = n - cut;
    memset(text, 7, n);
    memset(at, 8, size);
    backend->seal(&job, 1);
    assert_int_equal(job.err, PL_OK);
    job.in[0] = job.out;
    job.len[0] = n;
    job.in[1] = NULL;
    job.len[1] = 0;
    backend->open(&job, 1);
    assert_int_equal(job.err, PL_OK);
    assert_memory_equal(job.out, text, n);
}

static void nothing_beside_the_packet_is_touched(void **state)
{
    (void)state;
    uint8_t *texts = guarded_page(), *packets = guarded_page();
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct pl_srtp_session session = session_of(profiles[i], 1);
        struct pl_srtp_cipher *cipher;
        assert_int_equal(backend->new (&session, &cipher), PL_OK);
        for (size_t n = 0; n <= 1300; n++)
            for (unsigned k = 0; k < 6; k++) /* in two pieces, or one of them is empty */
                seal_and_open_at_the_edge(cipher, session.suite, texts, packets, n, k / 2 * n / 2,
                                          k % 2);
        backend->free(cipher);
    }
    munmap(texts - PAGE, 3 * PAGE);
    munmap(packets - PAGE, 3 * PAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_as_published),
        cmocka_unit_test(keystream_as_published),
        cmocka_unit_test(gcm_as_published),
        cmocka_unit_test(back_ends_agree),
        cmocka_unit_test(nothing_beside_the_packet_is_touched),
    };
    const struct pl_srtp_cipher_ops *all[PL_SRTP_BACKENDS_MAX + 1];
    int failed = 0;
    pl_srtp_backends(all);
    for (size_t i = 0; all[i]; i++) {
        backend = all[i];
        failed += cmocka_run_group_tests_name(backend->name, tests, NULL, NULL);
    }
    return failed;
}
