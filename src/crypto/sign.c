/* See sign.h. */
#include "crypto/sign.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>

static EVP_PKEY *key_of(const uint8_t seed[PL_SEED_SIZE])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, PL_SEED_SIZE);
    if (!key)
        abort();
    return key;
}

void pl_ed25519_public(const uint8_t seed[PL_SEED_SIZE], uint8_t out[PL_PUBLIC_KEY_SIZE])
{
    EVP_PKEY *key = key_of(seed);
    size_t n = PL_PUBLIC_KEY_SIZE;
    if (!EVP_PKEY_get_raw_public_key(key, out, &n))
        abort();
    EVP_PKEY_free(key);
}

void pl_ed25519_sign(const uint8_t seed[PL_SEED_SIZE], const void *bytes, size_t n,
                     uint8_t out[PL_SIGNATURE_SIZE])
{
    EVP_PKEY *key = key_of(seed);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t size = PL_SIGNATURE_SIZE;
    if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(ctx, out, &size, bytes, n) != 1)
        abort();
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
}

bool pl_ed25519_verify(const uint8_t key[PL_PUBLIC_KEY_SIZE], const void *bytes, size_t n,
                       const uint8_t signature[PL_SIGNATURE_SIZE])
{
    EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, PL_PUBLIC_KEY_SIZE);
    if (!public)
        return false;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx)
        abort();
    bool good = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, public) == 1 &&
                EVP_DigestVerify(ctx, signature, PL_SIGNATURE_SIZE, bytes, n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(public);
    return good;
}

static OSSL_PARAM octets(const char *name, struct pl_str bytes)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes.p, bytes.n);
}

void pl_hkdf_sha256(struct pl_str secret, struct pl_str salt, struct pl_str info, uint8_t *out,
                    size_t n)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        octets(OSSL_KDF_PARAM_KEY, secret),
        octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    if (!ctx || EVP_KDF_derive(ctx, out, n, params) != 1)
        abort();
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}
