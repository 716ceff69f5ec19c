/* Signatures and keys out of secrets, by the vectors of their RFCs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/sign.h"
#include "hex.h"

/* RFC 8032, 7.1: tests 1 to 3 */
static const struct {
    const char *seed, *key, *message, *signature;
} ed25519[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "4"
     "6bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6"
     "594a7c15e9716ed28dc027beceea1ec40a"},
};

static void signatures_are_those_of_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ed25519 / sizeof ed25519[0]; i++) {
        uint8_t seed[32], key[32], message[4], signature[64], out[64];
        unhex(ed25519[i].seed, seed, sizeof seed);
        unhex(ed25519[i].key, key, sizeof key);
        unhex(ed25519[i].signature, signature, sizeof signature);
        size_t n = unhex(ed25519[i].message, message, sizeof message);
        pl_ed25519_public(seed, out);
        assert_memory_equal(out, key, 32);
        pl_ed25519_sign(seed, message, n, out);
        assert_memory_equal(out, signature, 64);
        assert_true(pl_ed25519_verify(key, message, n, signature));
        signature[3] ^= 1;
        assert_false(pl_ed25519_verify(key, message, n, signature));
        signature[3] ^= 1;
        key[0] ^= 1;
        assert_false(pl_ed25519_verify(key, message, n, signature));
        key[0] ^= 1;
        message[n] = 0;
        assert_false(pl_ed25519_verify(key, message, n + 1, signature));
    }
}

/* RFC 5869, A.1 and A.3 */
static void keys_are_those_of_the_rfc(void **state)
{
    (void)state;
    uint8_t secret[32], salt[16], info[16], expected[42], out[42];
    size_t n = unhex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", secret, sizeof secret);
    size_t n_salt = unhex("000102030405060708090a0b0c", salt, sizeof salt);
    size_t n_info = unhex("f0f1f2f3f4f5f6f7f8f9", info, sizeof info);
    unhex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
          expected, sizeof expected);
    pl_hkdf_sha256((struct pl_str){(char *)secret, n}, (struct pl_str){(char *)salt, n_salt},
                   (struct pl_str){(char *)info, n_info}, out, sizeof out);
    assert_memory_equal(out, expected, 42);
    unhex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
          expected, sizeof expected);
    pl_hkdf_sha256((struct pl_str){(char *)secret, n}, pl_str(""), pl_str(""), out, sizeof out);
    assert_memory_equal(out, expected, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_the_rfc),
        cmocka_unit_test(keys_are_those_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
