/* See public_key.h. */
#include "crypto/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>

/* NULL: it is no key. */
static EVP_PKEY *key_of(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1)
        abort();
    if (EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* And frees the key. */
static bool verifies(EVP_PKEY *key, struct pl_str bytes, struct pl_str signature)
{
    bool good = false;
    if (key) {
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        if (!ctx)
            abort();
        good = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
               EVP_DigestVerify(ctx, (const uint8_t *)signature.p, signature.n,
                                (const uint8_t *)bytes.p, bytes.n) == 1;
        EVP_MD_CTX_free(ctx);
        EVP_PKEY_free(key);
    }
    ERR_clear_error();
    return good;
}

bool pl_p256_verify(const uint8_t point[PL_P256_POINT_SIZE], struct pl_str bytes,
                    struct pl_str signature)
{
    char curve[] = "prime256v1";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point,
                                          PL_P256_POINT_SIZE),
        OSSL_PARAM_construct_end(),
    };
    return verifies(key_of("EC", params), bytes, signature);
}

static bool sizes_ok(const BIGNUM *n, const BIGNUM *e, struct pl_str modulus,
                     struct pl_str exponent)
{
    return modulus.p[0] != 0 && exponent.p[0] != 0 && BN_num_bits(n) >= PL_RSA_BITS_MIN &&
           BN_num_bits(n) <= PL_RSA_BITS_MAX && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e);
}

bool pl_rsa_verify(struct pl_str modulus, struct pl_str exponent, struct pl_str bytes,
                   struct pl_str signature)
{
    if (modulus.n == 0 || modulus.n > PL_RSA_BITS_MAX / 8 || exponent.n == 0 || exponent.n > 4)
        return false;
    BIGNUM *n = BN_bin2bn((const uint8_t *)modulus.p, (int)modulus.n, NULL);
    BIGNUM *e = BN_bin2bn((const uint8_t *)exponent.p, (int)exponent.n, NULL);
    OSSL_PARAM_BLD *made = OSSL_PARAM_BLD_new();
    if (!n || !e || !made || OSSL_PARAM_BLD_push_BN(made, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
        OSSL_PARAM_BLD_push_BN(made, OSSL_PKEY_PARAM_RSA_E, e) != 1)
        abort();
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(made);
    if (!params)
        abort();
    bool good =
        sizes_ok(n, e, modulus, exponent) && verifies(key_of("RSA", params), bytes, signature);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(made);
    BN_free(n);
    BN_free(e);
    return good;
}
