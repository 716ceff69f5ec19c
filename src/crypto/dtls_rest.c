/* See dtls_rest.h. Records are few, so keys are expanded for each: nothing of OpenSSL's stays. */
#include "crypto/dtls_rest.h"

#include "base/bytes.h"
#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#define NONCE 8 /* the explicit part; before it stand 4 of salt */
#define TAG 16
#define EPOCH_1 (UINT64_C(1) << 48)
#define MASTER_SECRET 48 /* RFC 5246, 8.1 */
/* Longer records are not read: a client splits its messages so that they fit its line. */
#define PLAIN_MAX 1500

#define ALERT_WARNING 1
#define HANDSHAKE_HEADER 12

struct record {
    uint8_t type;
    uint16_t version;
    uint64_t number; /* with its epoch */
    const uint8_t *bytes;
    size_t n;
};

static bool next_record(struct pl_reader *r, struct record *out)
{
    out->type = pl_read_u8(r);
    out->version = pl_read_u16(r);
    out->number = pl_read_u64(r);
    out->n = pl_read_u16(r);
    out->bytes = pl_read_bytes(r, out->n);
    return out->bytes != NULL;
}

static bool is_protected(const struct record *rec)
{
    return rec->number >> 48 == 1 && rec->n > PL_DTLS_RECORD_OVERHEAD;
}

/* `head` is of the record that it becomes or was; `n` the length of the text. RFC 5246, 6.2.3.3. */
static bool gcm(const struct pl_dtls_half *half, size_t key_len, const struct record *head,
                const uint8_t nonce[NONCE], const uint8_t *in, size_t n, uint8_t *out,
                uint8_t tag[TAG], bool seal)
{
    uint8_t iv[sizeof half->salt + NONCE], also[PL_DTLS_RECORD_HEADER];
    memcpy(iv, half->salt, sizeof half->salt);
    memcpy(iv + sizeof half->salt, nonce, NONCE);
    pl_put_u64(also, head->number);
    also[8] = head->type;
    pl_put_u16(also + 9, head->version);
    pl_put_u16(also + 11, (uint16_t)n);
    const EVP_CIPHER *cipher = key_len == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
    EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
    int len;
    bool ok = aes && EVP_CipherInit_ex(aes, cipher, NULL, half->key, iv, seal) &&
              (seal || EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_SET_TAG, TAG, tag)) &&
              EVP_CipherUpdate(aes, NULL, &len, also, sizeof also) &&
              EVP_CipherUpdate(aes, out, &len, in, (int)n) &&
              EVP_CipherFinal_ex(aes, out + len, &len) > 0 &&
              (!seal || EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_GET_TAG, TAG, tag));
    EVP_CIPHER_CTX_free(aes); /* wipes the key */
    return ok;
}

/* The text of a protected record, rec->n - PL_DTLS_RECORD_OVERHEAD bytes. */
static bool open_record(const struct pl_dtls_half *half, size_t key_len, const struct record *rec,
                        uint8_t *out)
{
    uint8_t tag[TAG];
    size_t n = rec->n - PL_DTLS_RECORD_OVERHEAD;
    memcpy(tag, rec->bytes + NONCE + n, TAG);
    return gcm(half, key_len, rec, rec->bytes, rec->bytes + NONCE, n, out, tag, false);
}

static uint8_t *put_header(uint8_t *out, uint8_t type, uint64_t number, size_t n)
{
    out[0] = type;
    pl_put_u16(out + 1, DTLS1_2_VERSION);
    pl_put_u64(out + 3, number);
    pl_put_u16(out + 11, (uint16_t)n);
    return out + PL_DTLS_RECORD_HEADER;
}

size_t pl_dtls_rest_seal(struct pl_dtls_rest *r, uint8_t type, const uint8_t *bytes, size_t n,
                         uint8_t *out)
{
    const struct record head = {.type = type, .version = DTLS1_2_VERSION, .number = r->next[1]++};
    uint8_t *p = put_header(out, type, head.number, n + PL_DTLS_RECORD_OVERHEAD);
    pl_put_u64(p, r->nonce++);
    uint8_t *text = p + NONCE;
    if (!gcm(&r->out, r->key_len, &head, p, bytes, n, text, text + n, true))
        return 0;
    return PL_DTLS_RECORD_HEADER + PL_DTLS_RECORD_OVERHEAD + n;
}

void pl_dtls_rest_sent(struct pl_dtls_rest *r, const uint8_t *datagram, size_t n)
{
    struct pl_reader in = pl_reader(datagram, n);
    for (struct record rec; next_record(&in, &rec);) {
        r->next[rec.number >= EPOCH_1] = rec.number + 1;
        if (!is_protected(&rec))
            continue;
        r->nonce = pl_get_u64(rec.bytes) + 1;
        if (rec.type == SSL3_RT_HANDSHAKE && PL_DTLS_RECORD_HEADER + rec.n == sizeof r->record)
            memcpy(r->record, rec.bytes - PL_DTLS_RECORD_HEADER, sizeof r->record);
    }
}

/* RFC 5246, 5: the pseudorandom function, with the suite's hash. */
static bool prf(const EVP_MD *md, const uint8_t secret[MASTER_SECRET], const uint8_t *seed,
                size_t seed_len, uint8_t *out, size_t n)
{
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)EVP_MD_get0_name(md), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, (void *)secret, MASTER_SECRET),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, (void *)seed, seed_len),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_PRF, NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    bool ok = ctx && EVP_KDF_derive(ctx, out, n, params) > 0;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok;
}

/* RFC 5246, 6.3: client key, server key, client salt, server salt; AES-GCM has no keys for a MAC.
 */
static bool derive(struct pl_dtls_rest *r, const SSL *ssl)
{
    static const char label[] = "key expansion";
    uint8_t master[MASTER_SECRET], seed[sizeof label - 1 + 2 * SSL3_RANDOM_SIZE];
    uint8_t block[2 * (sizeof r->in.key + sizeof r->in.salt)];
    const SSL_CIPHER *suite = SSL_get_current_cipher(ssl);
    r->key_len = (size_t)SSL_CIPHER_get_bits(suite, NULL) / 8;
    memcpy(seed, label, sizeof label - 1);
    uint8_t *random = seed + sizeof label - 1;
    size_t n = 2 * (r->key_len + sizeof r->in.salt);
    bool ok =
        SSL_get_server_random(ssl, random, SSL3_RANDOM_SIZE) == SSL3_RANDOM_SIZE &&
        SSL_get_client_random(ssl, random + SSL3_RANDOM_SIZE, SSL3_RANDOM_SIZE) ==
            SSL3_RANDOM_SIZE &&
        SSL_SESSION_get_master_key(SSL_get_session(ssl), master, sizeof master) == sizeof master &&
        prf(SSL_CIPHER_get_handshake_digest(suite), master, seed, sizeof seed, block, n);
    if (ok) {
        const struct pl_reader start = pl_reader(block, n);
        struct pl_reader in = start;
        memcpy(r->in.key, pl_read_bytes(&in, r->key_len), r->key_len);
        memcpy(r->out.key, pl_read_bytes(&in, r->key_len), r->key_len);
        memcpy(r->in.salt, pl_read_bytes(&in, sizeof r->in.salt), sizeof r->in.salt);
        memcpy(r->out.salt, pl_read_bytes(&in, sizeof r->out.salt), sizeof r->out.salt);
    }
    pl_wipe(master, sizeof master);
    pl_wipe(block, sizeof block);
    return ok;
}

enum pl_err pl_dtls_rest_take(struct pl_dtls_rest *r, const SSL *ssl)
{
    struct pl_reader in = pl_reader(r->record, sizeof r->record);
    struct record rec;
    if (!derive(r, ssl))
        return PL_ENOMEM;
    if (!next_record(&in, &rec) || !is_protected(&rec) ||
        !open_record(&r->out, r->key_len, &rec, r->finished) || r->finished[0] != SSL3_MT_FINISHED)
        return PL_EIO;
    r->answered = EPOCH_1; /* number 0: the Finished that is answered already */
    return PL_OK;
}

/* RFC 6347, 4.2.4: a retransmission is of the same messages in new records. */
static size_t say_finished(struct pl_dtls_rest *r, uint8_t out[PL_DTLS_ANSWER_MAX])
{
    uint8_t *p = put_header(out, SSL3_RT_CHANGE_CIPHER_SPEC, r->next[0]++, 1);
    *p++ = SSL3_MT_CCS;
    size_t n = pl_dtls_rest_seal(r, SSL3_RT_HANDSHAKE, r->finished, sizeof r->finished, p);
    return n ? (size_t)(p - out) + n : 0;
}

static size_t say_alert(struct pl_dtls_rest *r, uint8_t what, uint8_t out[PL_DTLS_ANSWER_MAX])
{
    const uint8_t alert[PL_DTLS_ALERT_SIZE] = {ALERT_WARNING, what};
    return pl_dtls_rest_seal(r, SSL3_RT_ALERT, alert, sizeof alert, out);
}

size_t pl_dtls_rest_close(struct pl_dtls_rest *r, uint8_t out[PL_DTLS_ANSWER_MAX])
{
    return say_alert(r, SSL3_AD_CLOSE_NOTIFY, out);
}

/* A client that missed our end of the handshake says its own again; one that wants another
 * handshake is told that there is none. */
static void on_handshake(struct pl_dtls_rest *r, const struct record *rec,
                         uint8_t answer[PL_DTLS_ANSWER_MAX], size_t *answer_len)
{
    uint8_t text[PLAIN_MAX];
    if (rec->number <= r->answered || rec->n < PL_DTLS_RECORD_OVERHEAD + HANDSHAKE_HEADER ||
        rec->n > PL_DTLS_RECORD_OVERHEAD + sizeof text ||
        !open_record(&r->in, r->key_len, rec, text))
        return;
    r->answered = rec->number;
    if (text[0] == SSL3_MT_FINISHED)
        *answer_len = say_finished(r, answer);
    else if (text[0] == SSL3_MT_CLIENT_HELLO)
        *answer_len = say_alert(r, SSL_AD_NO_RENEGOTIATION, answer);
}

/* RFC 5246, 7.2: a close_notify is answered by one, and after a fatal alert nothing more is said.
 */
static enum pl_dtls_state on_alert(struct pl_dtls_rest *r, const struct record *rec,
                                   uint8_t answer[PL_DTLS_ANSWER_MAX], size_t *answer_len)
{
    uint8_t alert[PL_DTLS_ALERT_SIZE];
    if (rec->n != PL_DTLS_RECORD_OVERHEAD + sizeof alert ||
        !open_record(&r->in, r->key_len, rec, alert))
        return PL_DTLS_CONNECTED;
    if (alert[1] == SSL3_AD_CLOSE_NOTIFY) {
        *answer_len = pl_dtls_rest_close(r, answer);
        return PL_DTLS_CLOSED;
    }
    return alert[0] == ALERT_WARNING ? PL_DTLS_CONNECTED : PL_DTLS_FAILED;
}

enum pl_dtls_state pl_dtls_rest_input(struct pl_dtls_rest *r, const uint8_t *datagram, size_t n,
                                      uint8_t answer[PL_DTLS_ANSWER_MAX], size_t *answer_len)
{
    enum pl_dtls_state state = PL_DTLS_CONNECTED;
    struct pl_reader in = pl_reader(datagram, n);
    *answer_len = 0;
    for (struct record rec; state == PL_DTLS_CONNECTED && next_record(&in, &rec);) {
        if (!is_protected(&rec))
            continue;
        if (rec.type == SSL3_RT_HANDSHAKE)
            on_handshake(r, &rec, answer, answer_len);
        else if (rec.type == SSL3_RT_ALERT)
            state = on_alert(r, &rec, answer, answer_len);
    }
    return state;
}
