/* See hash.h. Algorithms are fetched once: in OpenSSL 3 that costs more than a short hash. Nothing
 * here can fail but for want of memory; then the process ends, because a check that could not be
 * made must not pass for one that was. */
#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

static EVP_MD *sha256, *md5;
static EVP_MAC_CTX *hmac; /* a template that knows its digest; only copied, so threads share it */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

static void fetch(void)
{
    char digest[] = "SHA1";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    hmac = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac); /* the context keeps a reference */
    if (!sha256 || !md5 || !hmac || !EVP_MAC_CTX_set_params(hmac, params))
        abort();
}

static void need_algorithms(void)
{
    if (!CRYPTO_THREAD_run_once(&once, fetch))
        abort();
}

void pl_sha256(const void *bytes, size_t n, uint8_t out[PL_SHA256_SIZE])
{
    need_algorithms();
    if (!EVP_Digest(bytes, n, out, NULL, sha256, NULL))
        abort();
}

void pl_md5(const struct pl_str *pieces, size_t n, uint8_t out[PL_MD5_SIZE])
{
    need_algorithms();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestInit_ex2(ctx, md5, NULL);
    for (size_t i = 0; ok && i < n; i++)
        ok = EVP_DigestUpdate(ctx, pieces[i].p, pieces[i].n);
    if (!ok || !EVP_DigestFinal_ex(ctx, out, NULL))
        abort();
    EVP_MD_CTX_free(ctx);
}

void pl_hmac_sha1(const void *key, size_t key_len, const void *bytes, size_t n,
                  uint8_t out[PL_SHA1_SIZE])
{
    pl_hmac_sha1_2(key, key_len, bytes, n, NULL, 0, out);
}

void pl_hmac_sha1_2(const void *key, size_t key_len, const void *first, size_t first_len,
                    const void *second, size_t second_len, uint8_t out[PL_SHA1_SIZE])
{
    size_t n;
    need_algorithms();
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(hmac);
    if (!ctx || !EVP_MAC_init(ctx, key_len ? key : "", key_len, NULL) ||
        !EVP_MAC_update(ctx, first, first_len) || !EVP_MAC_update(ctx, second, second_len) ||
        !EVP_MAC_final(ctx, out, &n, PL_SHA1_SIZE))
        abort();
    EVP_MAC_CTX_free(ctx);
}

bool pl_secret_eq(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}

void pl_wipe(void *secret, size_t n)
{
    OPENSSL_cleanse(secret, n);
}
