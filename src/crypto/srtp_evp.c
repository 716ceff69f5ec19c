/* The back end over OpenSSL's EVP; see srtp_cipher.h. Algorithms are looked up and keys expanded
 * once; a packet sets an IV and nothing else. One packet after the other: EVP gains nothing by
 * arrays. */
#include "crypto/hash.h"
#include "crypto/srtp_cipher.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

struct pl_srtp_cipher {
    const struct pl_srtp_suite *suite;
    EVP_CIPHER_CTX *aes;
    EVP_MAC_CTX *mac; /* counter mode only */
};

static bool start_aes(struct pl_srtp_cipher *c, const uint8_t *key)
{
    const EVP_CIPHER *aes = !c->suite->aead       ? EVP_aes_128_ctr()
                            : c->suite->key == 32 ? EVP_aes_256_gcm()
                                                  : EVP_aes_128_gcm();
    c->aes = EVP_CIPHER_CTX_new();
    return c->aes && EVP_EncryptInit_ex(c->aes, aes, NULL, key, NULL);
}

static bool start_mac(struct pl_srtp_cipher *c, const uint8_t *key)
{
    char digest[] = "SHA1";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    c->mac = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac); /* the context keeps a reference */
    return c->mac && EVP_MAC_init(c->mac, key, PL_SRTP_AUTH_KEY_SIZE, params);
}

static void evp_free(struct pl_srtp_cipher *c)
{
    if (!c)
        return;
    EVP_CIPHER_CTX_free(c->aes); /* OpenSSL wipes what its contexts hold */
    EVP_MAC_CTX_free(c->mac);
    free(c);
}

static enum pl_err evp_new(const struct pl_srtp_session *session, struct pl_srtp_cipher **out)
{
    struct pl_srtp_cipher *c = calloc(1, sizeof *c);
    if (!c)
        return PL_ENOMEM;
    c->suite = session->suite;
    if (!start_aes(c, session->key) || (!c->suite->aead && !start_mac(c, session->auth))) {
        evp_free(c);
        ERR_clear_error();
        return PL_ENOMEM;
    }
    *out = c;
    return PL_OK;
}

/* Both pieces, whichever way the context was told to go. */
static bool crypt(EVP_CIPHER_CTX *aes, const struct pl_srtp_job *job)
{
    int n;
    return (job->len[0] == 0 ||
            EVP_CipherUpdate(aes, job->out, &n, job->in[0], (int)job->len[0])) &&
           (job->len[1] == 0 ||
            EVP_CipherUpdate(aes, job->out + job->len[0], &n, job->in[1], (int)job->len[1]));
}

static bool gcm_start(EVP_CIPHER_CTX *aes, const struct pl_srtp_job *job, int encrypt)
{
    int n;
    return EVP_CipherInit_ex(aes, NULL, NULL, NULL, job->iv, encrypt) &&
           EVP_CipherUpdate(aes, NULL, &n, job->header, (int)job->header_len) &&
           (job->trailer_len == 0 ||
            EVP_CipherUpdate(aes, NULL, &n, job->trailer, (int)job->trailer_len));
}

static enum pl_err gcm_seal(EVP_CIPHER_CTX *aes, const struct pl_srtp_job *job, size_t tag)
{
    int n;
    bool ok = gcm_start(aes, job, 1) && crypt(aes, job) &&
              EVP_EncryptFinal_ex(aes, job->out + job->len[0] + job->len[1], &n) &&
              EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_GET_TAG, (int)tag, job->tag);
    return ok ? PL_OK : PL_EIO;
}

static enum pl_err gcm_open(EVP_CIPHER_CTX *aes, const struct pl_srtp_job *job, size_t tag)
{
    int n;
    if (!gcm_start(aes, job, 0) ||
        !EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_SET_TAG, (int)tag, job->tag) || !crypt(aes, job))
        return PL_EIO;
    uint8_t *end = job->out + job->len[0] + job->len[1];
    return EVP_DecryptFinal_ex(aes, end, &n) > 0 ? PL_OK : PL_EAUTH;
}

/* RFC 3711, 4.2: over header, ciphertext and trailer. */
static bool cm_tag(EVP_MAC_CTX *mac, const struct pl_srtp_job *job, const uint8_t *ciphertext,
                   uint8_t out[PL_SHA1_SIZE])
{
    size_t n;
    return EVP_MAC_init(mac, NULL, 0, NULL) && EVP_MAC_update(mac, job->header, job->header_len) &&
           EVP_MAC_update(mac, ciphertext, job->len[0] + job->len[1]) &&
           EVP_MAC_update(mac, job->trailer, job->trailer_len) &&
           EVP_MAC_final(mac, out, &n, PL_SHA1_SIZE);
}

static bool cm_crypt(EVP_CIPHER_CTX *aes, const struct pl_srtp_job *job)
{
    return EVP_EncryptInit_ex(aes, NULL, NULL, NULL, job->iv) && crypt(aes, job);
}

static enum pl_err cm_seal(struct pl_srtp_cipher *c, const struct pl_srtp_job *job)
{
    uint8_t tag[PL_SHA1_SIZE];
    if (!cm_crypt(c->aes, job) || !cm_tag(c->mac, job, job->out, tag))
        return PL_EIO;
    memcpy(job->tag, tag, c->suite->tag);
    return PL_OK;
}

static enum pl_err cm_open(struct pl_srtp_cipher *c, const struct pl_srtp_job *job)
{
    uint8_t tag[PL_SHA1_SIZE];
    if (!cm_tag(c->mac, job, job->header + job->header_len, tag))
        return PL_EIO;
    if (!pl_secret_eq(tag, job->tag, c->suite->tag))
        return PL_EAUTH;
    return cm_crypt(c->aes, job) ? PL_OK : PL_EIO;
}

static void evp_seal(struct pl_srtp_job *jobs, size_t n)
{
    for (struct pl_srtp_job *job = jobs; job < jobs + n; job++) {
        const struct pl_srtp_suite *suite = job->cipher->suite;
        job->err =
            suite->aead ? gcm_seal(job->cipher->aes, job, suite->tag) : cm_seal(job->cipher, job);
    }
}

static void evp_open(struct pl_srtp_job *jobs, size_t n)
{
    for (struct pl_srtp_job *job = jobs; job < jobs + n; job++) {
        const struct pl_srtp_suite *suite = job->cipher->suite;
        job->err =
            suite->aead ? gcm_open(job->cipher->aes, job, suite->tag) : cm_open(job->cipher, job);
    }
}

static bool evp_usable(void)
{
    return true;
}

const struct pl_srtp_cipher_ops pl_srtp_evp = {
    .name = "evp",
    .usable = evp_usable,
    .new = evp_new,
    .free = evp_free,
    .seal = evp_seal,
    .open = evp_open,
};
