/* See srtp_transform.h: the back end over OpenSSL's EVP. Key schedules are set up once; a packet
 * sets an IV and nothing else. */
#include "crypto/srtp_transform.h"

#include "base/bytes.h"
#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#define AUTH_KEY_SIZE 20 /* RFC 3711, 5.2 */
#define GCM_IV_SIZE 12
#define GCM_TAG_SIZE 16
#define CM_TAG_SIZE 10

struct pl_srtp_transform {
    enum pl_srtp_profile profile;
    bool rtcp;
    uint8_t salt[PL_SRTP_SALT_MAX];
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac; /* CM only */
};

static size_t key_size(enum pl_srtp_profile profile)
{
    return profile == PL_SRTP_AEAD_AES_256_GCM ? 32 : 16;
}

bool pl_srtp_is_aead(enum pl_srtp_profile profile)
{
    return profile != PL_SRTP_AES128_CM_HMAC_SHA1_80;
}

size_t pl_srtp_tag_size(enum pl_srtp_profile profile)
{
    return pl_srtp_is_aead(profile) ? GCM_TAG_SIZE : CM_TAG_SIZE;
}

static size_t salt_size(enum pl_srtp_profile profile)
{
    return pl_srtp_is_aead(profile) ? 12 : 14;
}

/* RFC 3711, 4.3.1 and 4.3.3, with a key derivation rate of 0: AES in counter mode over zeros. */
static bool derive(const struct pl_srtp_keys *keys, uint8_t label, uint8_t *out, size_t n)
{
    static const uint8_t zeros[32];
    uint8_t iv[16] = {0};
    int len;
    memcpy(iv, keys->salt, salt_size(keys->profile));
    iv[7] ^= label;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx &&
              EVP_EncryptInit_ex(
                  ctx, key_size(keys->profile) == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr(), NULL,
                  keys->key, iv) &&
              EVP_EncryptUpdate(ctx, out, &len, zeros, (int)n);
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

static bool start_cipher(struct pl_srtp_transform *t, const uint8_t *key)
{
    const EVP_CIPHER *cipher = t->profile == PL_SRTP_AEAD_AES_128_GCM   ? EVP_aes_128_gcm()
                               : t->profile == PL_SRTP_AEAD_AES_256_GCM ? EVP_aes_256_gcm()
                                                                        : EVP_aes_128_ctr();
    t->cipher = EVP_CIPHER_CTX_new();
    return t->cipher && EVP_EncryptInit_ex(t->cipher, cipher, NULL, key, NULL);
}

static bool start_mac(struct pl_srtp_transform *t, const uint8_t *key)
{
    char digest[] = "SHA1";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    t->mac = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac); /* the context keeps a reference */
    return t->mac && EVP_MAC_init(t->mac, key, AUTH_KEY_SIZE, params);
}

enum pl_err pl_srtp_transform_new(const struct pl_srtp_keys *keys, bool rtcp,
                                  struct pl_srtp_transform **out)
{
    if (keys->profile != PL_SRTP_AES128_CM_HMAC_SHA1_80 &&
        keys->profile != PL_SRTP_AEAD_AES_128_GCM && keys->profile != PL_SRTP_AEAD_AES_256_GCM)
        return PL_EUNSUPPORTED;
    struct pl_srtp_transform *t = calloc(1, sizeof *t);
    if (!t)
        return PL_ENOMEM;
    t->profile = keys->profile;
    t->rtcp = rtcp;
    uint8_t first = rtcp ? 3 : 0; /* labels: key, authentication key, salt */
    uint8_t key[PL_SRTP_KEY_MAX], auth[AUTH_KEY_SIZE];
    bool ok = derive(keys, first, key, key_size(t->profile)) &&
              derive(keys, first + 1, auth, sizeof auth) &&
              derive(keys, first + 2, t->salt, salt_size(t->profile)) && start_cipher(t, key) &&
              (pl_srtp_is_aead(t->profile) || start_mac(t, auth));
    pl_wipe(key, sizeof key);
    pl_wipe(auth, sizeof auth);
    if (!ok) {
        pl_srtp_transform_free(t);
        return PL_ENOMEM;
    }
    *out = t;
    return PL_OK;
}

void pl_srtp_transform_free(struct pl_srtp_transform *t)
{
    if (!t)
        return;
    EVP_CIPHER_CTX_free(t->cipher);
    EVP_MAC_CTX_free(t->mac);
    pl_wipe(t, sizeof *t);
    free(t);
}

static void xor_index(uint8_t *at, uint32_t ssrc, uint64_t index)
{
    uint8_t number[10];
    pl_put_u32(number, ssrc);
    pl_put_u16(number + 4, (uint16_t)(index >> 32));
    pl_put_u32(number + 6, (uint32_t)index);
    for (size_t i = 0; i < sizeof number; i++)
        at[i] ^= number[i];
}

/* RFC 7714, 8.1 and 9.1. */
static bool gcm_start(struct pl_srtp_transform *t, const struct pl_srtp_job *job, int encrypt)
{
    uint8_t iv[GCM_IV_SIZE], word[4];
    int len;
    memcpy(iv, t->salt, sizeof iv);
    xor_index(iv + 2, job->ssrc, job->index);
    pl_put_u32(word, job->word);
    return EVP_CipherInit_ex(t->cipher, NULL, NULL, NULL, iv, encrypt) &&
           EVP_CipherUpdate(t->cipher, NULL, &len, job->header, (int)job->header_len) &&
           (!t->rtcp || EVP_CipherUpdate(t->cipher, NULL, &len, word, sizeof word));
}

/* RFC 3711, 4.1.1. */
static bool cm_crypt(struct pl_srtp_transform *t, const struct pl_srtp_job *job, const uint8_t *in1,
                     const uint8_t *in2)
{
    uint8_t iv[16] = {0};
    int len;
    memcpy(iv, t->salt, 14);
    xor_index(iv + 4, job->ssrc, job->index);
    return EVP_EncryptInit_ex(t->cipher, NULL, NULL, NULL, iv) &&
           (job->len1 == 0 || EVP_EncryptUpdate(t->cipher, job->out, &len, in1, (int)job->len1)) &&
           (job->len2 == 0 ||
            EVP_EncryptUpdate(t->cipher, job->out + job->len1, &len, in2, (int)job->len2));
}

/* RFC 3711, 4.2.1: header, ciphertext, and the ROC or SRTCP index. */
static bool cm_tag(struct pl_srtp_transform *t, const struct pl_srtp_job *job, uint8_t tag[20])
{
    uint8_t word[4];
    size_t n;
    pl_put_u32(word, job->word);
    return EVP_MAC_init(t->mac, NULL, 0, NULL) &&
           EVP_MAC_update(t->mac, job->header, job->header_len) &&
           EVP_MAC_update(t->mac, job->out, job->len1 + job->len2) &&
           EVP_MAC_update(t->mac, word, sizeof word) && EVP_MAC_final(t->mac, tag, &n, 20);
}

enum pl_err pl_srtp_seal(struct pl_srtp_transform *t, const struct pl_srtp_job *job)
{
    int len;
    uint8_t tag[20];
    if (!pl_srtp_is_aead(t->profile)) {
        if (!cm_crypt(t, job, job->in1, job->in2) || !cm_tag(t, job, tag))
            return PL_EIO;
        memcpy(job->tag, tag, CM_TAG_SIZE);
        return PL_OK;
    }
    bool ok = gcm_start(t, job, 1) &&
              (job->len1 == 0 ||
               EVP_EncryptUpdate(t->cipher, job->out, &len, job->in1, (int)job->len1)) &&
              (job->len2 == 0 || EVP_EncryptUpdate(t->cipher, job->out + job->len1, &len, job->in2,
                                                   (int)job->len2)) &&
              EVP_EncryptFinal_ex(t->cipher, job->out + job->len1 + job->len2, &len) &&
              EVP_CIPHER_CTX_ctrl(t->cipher, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_SIZE, job->tag);
    return ok ? PL_OK : PL_EIO;
}

enum pl_err pl_srtp_open(struct pl_srtp_transform *t, const struct pl_srtp_job *job)
{
    int len;
    uint8_t tag[20];
    if (!pl_srtp_is_aead(t->profile)) {
        if (!cm_tag(t, job, tag) || !pl_secret_eq(tag, job->tag, CM_TAG_SIZE))
            return PL_EAUTH;
        return cm_crypt(t, job, job->out, NULL) ? PL_OK : PL_EIO;
    }
    bool ok = gcm_start(t, job, 0) &&
              EVP_CIPHER_CTX_ctrl(t->cipher, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_SIZE, job->tag) &&
              (job->len1 == 0 ||
               EVP_DecryptUpdate(t->cipher, job->out, &len, job->out, (int)job->len1)) &&
              EVP_DecryptFinal_ex(t->cipher, job->out + job->len1, &len) > 0;
    return ok ? PL_OK : PL_EAUTH;
}
