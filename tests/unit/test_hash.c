/* SHA-256 and HMAC-SHA1 against published vectors, comparison, wiping, use from many threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "hex.h"

#include <pthread.h>
#include <string.h>

struct repeated { /* `text`, `times` times over */
    const char *text;
    size_t times;
};

static size_t spread(struct repeated r, uint8_t *out)
{
    size_t n = strlen(r.text);
    for (size_t i = 0; i < r.times; i++)
        memcpy(out + i * n, r.text, n);
    return n * r.times;
}

/* FIPS 180-2, appendix B, and the empty message. */
static const struct {
    struct repeated bytes;
    const char *digest;
} sha256_vectors[] = {
    {{"", 0}, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {{"abc", 1}, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1},
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void sha256_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sha256_vectors / sizeof *sha256_vectors; i++) {
        uint8_t bytes[256], want[PL_SHA256_SIZE], got[PL_SHA256_SIZE];
        size_t n = spread(sha256_vectors[i].bytes, bytes);
        assert_int_equal(unhex(sha256_vectors[i].digest, want, sizeof want), sizeof want);
        pl_sha256(bytes, n, got);
        assert_memory_equal(got, want, sizeof want);
    }
    uint8_t got[PL_SHA256_SIZE], want[PL_SHA256_SIZE];
    assert_int_equal(unhex(sha256_vectors[0].digest, want, sizeof want), sizeof want);
    pl_sha256(NULL, 0, got);
    assert_memory_equal(got, want, sizeof want);
}

/* RFC 1321, A.5, cut in pieces in different places. */
static void md5_as_published(void **state)
{
    static const struct pl_str pieces[] = {{"message", 7}, {NULL, 0}, {" ", 1}, {"digest", 6}};
    uint8_t got[PL_MD5_SIZE], want[PL_MD5_SIZE];
    (void)state;
    assert_int_equal(unhex("f96b697d7cb7938d525a2f31aaf161d0", want, sizeof want), sizeof want);
    pl_md5(pieces, sizeof pieces / sizeof *pieces, got);
    assert_memory_equal(got, want, sizeof want);
    assert_int_equal(unhex("d41d8cd98f00b204e9800998ecf8427e", want, sizeof want), sizeof want);
    pl_md5(NULL, 0, got);
    assert_memory_equal(got, want, sizeof want);
}

/* RFC 2202, section 3. */
static const struct {
    struct repeated key, data;
    const char *mac;
} hmac_vectors[] = {
    {{"\x0b", 20}, {"Hi There", 1}, "b617318655057264e28bc0b6fb378c8ef146be00"},
    {{"Jefe", 1}, {"what do ya want for nothing?", 1}, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {{"\xaa", 20}, {"\xdd", 50}, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
    {{"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
      "\x18\x19",
      1},
     {"\xcd", 50},
     "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
    {{"\xaa", 80},
     {"Test Using Larger Than Block-Size Key - Hash Key First", 1},
     "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
    {{"\xaa", 80},
     {"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data", 1},
     "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},
    {{"", 0}, {"", 0}, "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"},
};

static void hmac_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hmac_vectors / sizeof *hmac_vectors; i++) {
        uint8_t key[256], data[256], want[PL_SHA1_SIZE], got[PL_SHA1_SIZE];
        size_t key_len = spread(hmac_vectors[i].key, key), n = spread(hmac_vectors[i].data, data);
        assert_int_equal(unhex(hmac_vectors[i].mac, want, sizeof want), sizeof want);
        pl_hmac_sha1(key, key_len, data, n, got);
        assert_memory_equal(got, want, sizeof want);
        for (size_t cut = 0; cut <= n; cut++) {
            memset(got, 0, sizeof got);
            pl_hmac_sha1_2(key, key_len, data, cut, data + cut, n - cut, got);
            assert_memory_equal(got, want, sizeof want);
        }
    }
}

static void secrets_compare_whole(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    assert_true(pl_secret_eq(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] = 0x80;
        assert_false(pl_secret_eq(a, b, sizeof a));
        assert_true(pl_secret_eq(a, b, i));
        b[i] = 0;
    }
}

static void wiped_is_zero(void **state)
{
    (void)state;
    uint8_t secret[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    pl_wipe(secret + 1, 6);
    assert_memory_equal(secret, "\x01\0\0\0\0\0\0\x08", sizeof secret);
}

#define THREADS 4

static void *hash_much(void *arg)
{
    bool *ok = arg;
    uint8_t want[PL_SHA1_SIZE], got[PL_SHA1_SIZE];
    assert_int_equal(unhex(hmac_vectors[1].mac, want, sizeof want), sizeof want);
    *ok = true;
    for (int i = 0; i < 1000; i++) {
        pl_hmac_sha1("Jefe", 4, hmac_vectors[1].data.text, strlen(hmac_vectors[1].data.text), got);
        *ok = *ok && pl_secret_eq(got, want, sizeof got);
    }
    return NULL;
}

static void any_thread_may_hash(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    bool ok[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hash_much, &ok[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(ok[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_thread_may_hash), /* first, so that the threads race to fetch */
        cmocka_unit_test(sha256_as_published), cmocka_unit_test(md5_as_published),
        cmocka_unit_test(hmac_as_published),   cmocka_unit_test(secrets_compare_whole),
        cmocka_unit_test(wiped_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
