/* Signatures of keys that others hold, by the vectors of Web Authentication Level 3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/public_key.h"
#include "hex.h"
#include "passkey_vectors.h"

#include <string.h>

struct signed_text {
    uint8_t text[128], signature[512];
    struct pl_str bytes, signed_by;
};

static void read_text(struct signed_text *out, const char *data, const char *client,
                      const char *signature)
{
    uint8_t said[512];
    size_t n = unhex(data, out->text, sizeof out->text);
    pl_sha256(said, unhex(client, said, sizeof said), out->text + n);
    out->bytes = (struct pl_str){(const char *)out->text, n + PL_SHA256_SIZE};
    out->signed_by = (struct pl_str){(const char *)out->signature,
                                     unhex(signature, out->signature, sizeof out->signature)};
}

static void p256(void **state)
{
    (void)state;
    struct signed_text t;
    uint8_t key[128], point[PL_P256_POINT_SIZE] = {4};
    read_text(&t, ES256_DATA, ES256_CLIENT, ES256_SIGNATURE);
    assert_int_equal(unhex(ES256_KEY, key, sizeof key), 77);
    memcpy(point + 1, key + 10, 32);
    memcpy(point + 33, key + 45, 32);
    assert_true(pl_p256_verify(point, t.bytes, t.signed_by));
    for (size_t n = 0; n < t.signed_by.n; n++)
        assert_false(pl_p256_verify(point, t.bytes, (struct pl_str){t.signed_by.p, n}));
    assert_false(pl_p256_verify(point, (struct pl_str){t.bytes.p, t.bytes.n - 1}, t.signed_by));
    point[64] ^= 1; /* off the curve */
    assert_false(pl_p256_verify(point, t.bytes, t.signed_by));
    memset(point + 1, 0, 64);
    assert_false(pl_p256_verify(point, t.bytes, t.signed_by));
}

static void rsa(void **state)
{
    (void)state;
    struct signed_text t;
    uint8_t key[600];
    read_text(&t, RS256_DATA, RS256_CLIENT, RS256_SIGNATURE);
    size_t n = unhex(RS256_KEY, key, sizeof key);
    struct pl_str modulus = {(const char *)key + 11, n - 11 - 5};
    struct pl_str exponent = {(const char *)key + n - 3, 3};
    assert_true(pl_rsa_verify(modulus, exponent, t.bytes, t.signed_by));
    assert_false(pl_rsa_verify(modulus, exponent, t.bytes,
                               (struct pl_str){t.signed_by.p, t.signed_by.n - 1}));
    assert_false(
        pl_rsa_verify(modulus, exponent, (struct pl_str){t.bytes.p, t.bytes.n - 1}, t.signed_by));
    static const char one[] = {1}, even[] = {1, 0, 0}, zero[] = {0, 1, 0, 1};
    assert_false(pl_rsa_verify(modulus, (struct pl_str){one, 1}, t.bytes, t.signed_by));
    assert_false(pl_rsa_verify(modulus, (struct pl_str){even, 3}, t.bytes, t.signed_by));
    assert_false(pl_rsa_verify(modulus, (struct pl_str){zero, 4}, t.bytes, t.signed_by));
    assert_false(pl_rsa_verify(modulus, (struct pl_str){zero, 0}, t.bytes, t.signed_by));
    assert_false(pl_rsa_verify((struct pl_str){modulus.p, 0}, exponent, t.bytes, t.signed_by));
    /* One bit less than the least, and one byte more than the most. */
    uint8_t other[513];
    memset(other, 0xff, sizeof other);
    other[0] = 0x7f;
    assert_false(
        pl_rsa_verify((struct pl_str){(char *)other, 256}, exponent, t.bytes, t.signed_by));
    assert_false(
        pl_rsa_verify((struct pl_str){(char *)other, 513}, exponent, t.bytes, t.signed_by));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p256),
        cmocka_unit_test(rsa),
    };
    return cmocka_run_group_tests_name("public_key", tests, NULL, NULL);
}
