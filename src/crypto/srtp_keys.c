/* See srtp_cipher.h: profiles, key derivation, initialisation vectors; what all back ends share. */
#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/srtp_cipher.h"

#include <openssl/err.h>
#include <openssl/evp.h>

/* RFC 3711, 4.3.1. Those for RTCP are three higher. */
enum { LABEL_KEY = 0, LABEL_AUTH = 1, LABEL_SALT = 2, LABEL_RTCP = 3 };

#define LABEL_AT                                                                                   \
    7 /* the label's place in the salt, as a 112-bit number at the left of the block               \
       */
#define BLOCK_SIZE 16

const struct pl_srtp_suite *pl_srtp_suite(enum pl_srtp_profile profile)
{
    static const struct pl_srtp_suite suites[] = {
        {PL_SRTP_AES128_CM_HMAC_SHA1_80, .aead = false, .key = 16, .salt = 14, .tag = 10},
        {PL_SRTP_AEAD_AES_128_GCM, .aead = true, .key = 16, .salt = 12, .tag = 16},
        {PL_SRTP_AEAD_AES_256_GCM, .aead = true, .key = 32, .salt = 12, .tag = 16},
    };
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (suites[i].profile == profile)
            return &suites[i];
    return NULL;
}

/* RFC 3711, 4.3.3: AES in counter mode over zeros. A salt of 96 bits stands at the left, too (RFC
 * 7714, 11). */
static bool derive(const struct pl_srtp_suite *suite, const struct pl_srtp_keys *master, int label,
                   uint8_t *out, size_t n)
{
    static const uint8_t zeros[PL_SRTP_KEY_MAX];
    uint8_t block[BLOCK_SIZE] = {0};
    int len;
    memcpy(block, master->salt, suite->salt);
    block[LABEL_AT] ^= (uint8_t)label;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *aes = suite->key == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
    bool ok = ctx && EVP_EncryptInit_ex(ctx, aes, NULL, master->key, block) &&
              EVP_EncryptUpdate(ctx, out, &len, zeros, (int)n);
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

enum pl_err pl_srtp_derive(const struct pl_srtp_keys *master, bool rtcp,
                           struct pl_srtp_session *out)
{
    const struct pl_srtp_suite *suite = pl_srtp_suite(master->profile);
    if (!suite)
        return PL_EUNSUPPORTED;
    struct pl_srtp_session session = {.suite = suite};
    int base = rtcp ? LABEL_RTCP : 0;
    bool ok = derive(suite, master, base + LABEL_KEY, session.key, suite->key) &&
              derive(suite, master, base + LABEL_SALT, session.salt, suite->salt) &&
              (suite->aead ||
               derive(suite, master, base + LABEL_AUTH, session.auth, sizeof session.auth));
    if (ok)
        *out = session;
    else
        ERR_clear_error();
    pl_wipe(&session, sizeof session);
    return ok ? PL_OK : PL_ENOMEM;
}

void pl_srtp_iv(const struct pl_srtp_suite *suite, const uint8_t salt[PL_SRTP_SALT_MAX],
                uint32_t ssrc, uint64_t index, uint8_t iv[PL_SRTP_IV_SIZE])
{
    uint8_t *at = iv + (suite->aead ? 2 : 4);
    memcpy(iv, salt, PL_SRTP_SALT_MAX);
    memset(iv + PL_SRTP_SALT_MAX, 0, PL_SRTP_IV_SIZE - PL_SRTP_SALT_MAX);
    pl_put_u32(at, pl_get_u32(at) ^ ssrc);
    pl_put_u16(at + 4, (uint16_t)(pl_get_u16(at + 4) ^ index >> 32));
    pl_put_u32(at + 6, pl_get_u32(at + 6) ^ (uint32_t)index);
}
