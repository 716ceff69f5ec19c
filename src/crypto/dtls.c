/* See dtls.h. Only tuples that ICE validated reach an association, so there is no exchange of
 * cookies: an address that does not answer gets nothing to answer to. There are no tickets, no
 * resumption and no renegotiation, since an association serves one client once. */
#include "crypto/dtls.h"

#include "base/bytes.h"
#include "crypto/dtls_rest.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/srtp_cipher.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

/* The certificate lives as long as the process, which may run for years, and nobody reads its
 * dates: browsers compare the fingerprint only (RFC 8827, 6.5). Renewing it would change the
 * fingerprint under answers that are on their way. The day is for clocks that are behind. */
#define CERTIFICATE_SECONDS (10L * 365 * 24 * 3600)
#define CLOCK_SKEW_SECONDS (24L * 3600)

/* RFC 6347, 4.2.4.1, proposes a first timeout of 1 s, and less where latency matters: somebody is
 * waiting to be let in, and a round trip to us takes less than this nearly everywhere. Doubled up
 * to the longest; OpenSSL gives up after twelve, here after about a minute. */
#define TIMEOUT_FIRST_US 200000u
#define TIMEOUT_LONGEST_US 8000000u

/* Bytes of the client's certificate message; those of browsers take 300, with RSA 1,000. */
#define PEER_CERTIFICATE_MAX 16384

struct pl_dtls_context {
    SSL_CTX *ssl;
    BIO_METHOD *bio;
    uint8_t fingerprint[PL_SHA256_SIZE];
};

struct pl_dtls {
    SSL *ssl; /* for the handshake; then the rest serves, and it is NULL */
    enum pl_dtls_state state;
    struct pl_dtls_rest rest;
    struct pl_srtp_keys inbound, outbound; /* once connected */
    uint8_t fingerprint[PL_SHA256_SIZE];
    bool accepted; /* the peer's certificate is the announced one */
    pl_dtls_send *send;
    void *ctx;
    const uint8_t *in; /* the datagram being read, NULL: none */
    size_t in_len;
};

/* The BIO: one read is one datagram, one write is one datagram. */
static int bio_read(BIO *b, char *out, int n)
{
    struct pl_dtls *d = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    if (!d->in) {
        BIO_set_retry_read(b);
        return -1;
    }
    int len = d->in_len < (size_t)n ? (int)d->in_len : n;
    memcpy(out, d->in, (size_t)len);
    d->in = NULL;
    return len;
}

static int bio_write(BIO *b, const char *bytes, int n)
{
    struct pl_dtls *d = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    pl_dtls_rest_sent(&d->rest, (const uint8_t *)bytes, (size_t)n);
    d->send(d->ctx, (const uint8_t *)bytes, (size_t)n);
    return n;
}

static long bio_ctrl(BIO *b, int cmd, long number, void *ptr)
{
    (void)b;
    (void)number;
    (void)ptr;
    switch (cmd) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return PL_DTLS_MTU;
    default:
        return 0;
    }
}

static int bio_create(BIO *b)
{
    BIO_set_init(b, 1);
    return 1;
}

static BIO_METHOD *bio_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
    if (m && BIO_meth_set_read(m, bio_read) && BIO_meth_set_write(m, bio_write) &&
        BIO_meth_set_ctrl(m, bio_ctrl) && BIO_meth_set_create(m, bio_create))
        return m;
    BIO_meth_free(m);
    return NULL;
}

/* In place of OpenSSL's judgement of the chain: the certificate must be the one that the signalling
 * announced (RFC 8827, 6.5), and there must be a protection profile. Asked in the handshake, so
 * that the client is told by an alert and no keys come of it. That the client has the private key
 * is OpenSSL's to check. */
static int judge(X509_STORE_CTX *store, void *arg)
{
    (void)arg;
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct pl_dtls *d = SSL_get_app_data(ssl);
    X509 *cert = X509_STORE_CTX_get0_cert(store);
    d->accepted = cert && X509_digest(cert, EVP_sha256(), digest, &n) && n == PL_SHA256_SIZE &&
                  pl_secret_eq(digest, d->fingerprint, PL_SHA256_SIZE) &&
                  SSL_get_selected_srtp_profile(ssl);
    X509_STORE_CTX_set_error(store, d->accepted ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
    return d->accepted;
}

static unsigned next_timeout(SSL *ssl, unsigned last_us)
{
    (void)ssl;
    if (last_us == 0)
        return TIMEOUT_FIRST_US;
    return last_us < TIMEOUT_LONGEST_US / 2 ? last_us * 2 : TIMEOUT_LONGEST_US;
}

static bool set_names(X509 *cert)
{
    uint64_t serial;
    const struct pl_random *random = pl_crypto_random();
    random->fill(random->ctx, (uint8_t *)&serial, sizeof serial);
    X509_NAME *name = X509_get_subject_name(cert);
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"media", -1,
                                      -1, 0) &&
           X509_set_issuer_name(cert, name);
}

static bool make_certificate(SSL_CTX *ssl, uint8_t fingerprint[PL_SHA256_SIZE])
{
    unsigned n = PL_SHA256_SIZE;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    bool ok = key && cert && X509_set_version(cert, X509_VERSION_3) && set_names(cert) &&
              X509_gmtime_adj(X509_getm_notBefore(cert), -CLOCK_SKEW_SECONDS) &&
              X509_gmtime_adj(X509_getm_notAfter(cert), CERTIFICATE_SECONDS) &&
              X509_set_pubkey(cert, key) && X509_sign(cert, key, EVP_sha256()) &&
              X509_digest(cert, EVP_sha256(), fingerprint, &n) &&
              SSL_CTX_use_certificate(ssl, cert) && SSL_CTX_use_PrivateKey(ssl, key);
    EVP_PKEY_free(key);
    X509_free(cert);
    return ok;
}

static bool configure(SSL_CTX *ssl)
{
    SSL_CTX_set_options(ssl, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(ssl, judge, NULL);
    SSL_CTX_set_max_cert_list(ssl, PEER_CERTIFICATE_MAX);
    return SSL_CTX_set_min_proto_version(ssl, DTLS1_2_VERSION) &&
           SSL_CTX_set_max_proto_version(ssl, DTLS1_2_VERSION) &&
           SSL_CTX_set_cipher_list(ssl, "ECDHE+AESGCM") &&
           SSL_CTX_set1_groups_list(ssl, "X25519:P-256:P-384") &&
           /* 0 is success here */
           SSL_CTX_set_tlsext_use_srtp(ssl, "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:"
                                            "SRTP_AES128_CM_SHA1_80") == 0;
}

enum pl_err pl_dtls_context_new(struct pl_dtls_context **out)
{
    struct pl_dtls_context *c = calloc(1, sizeof *c);
    if (!c)
        return PL_ENOMEM;
    c->bio = bio_method();
    c->ssl = SSL_CTX_new(DTLS_server_method());
    if (!c->bio || !c->ssl || !configure(c->ssl) || !make_certificate(c->ssl, c->fingerprint)) {
        pl_dtls_context_free(c);
        ERR_clear_error();
        return PL_EIO;
    }
    *out = c;
    return PL_OK;
}

void pl_dtls_context_free(struct pl_dtls_context *c)
{
    if (!c)
        return;
    SSL_CTX_free(c->ssl);
    BIO_meth_free(c->bio);
    free(c);
}

const uint8_t *pl_dtls_context_fingerprint(const struct pl_dtls_context *c)
{
    return c->fingerprint;
}

enum pl_err pl_dtls_new(struct pl_dtls_context *c, const uint8_t fingerprint[32],
                        pl_dtls_send *send, void *ctx, struct pl_dtls **out)
{
    struct pl_dtls *d = calloc(1, sizeof *d);
    BIO *bio = BIO_new(c->bio);
    if (!d || !bio || !(d->ssl = SSL_new(c->ssl)) || !SSL_set_app_data(d->ssl, d)) {
        BIO_free(bio);
        pl_dtls_free(d);
        ERR_clear_error();
        return PL_ENOMEM;
    }
    d->send = send;
    d->ctx = ctx;
    memcpy(d->fingerprint, fingerprint, sizeof d->fingerprint);
    BIO_set_data(bio, d);
    SSL_set_bio(d->ssl, bio, bio);
    DTLS_set_link_mtu(d->ssl, PL_DTLS_MTU);
    DTLS_set_timer_cb(d->ssl, next_timeout);
    SSL_set_accept_state(d->ssl);
    *out = d;
    return PL_OK;
}

void pl_dtls_free(struct pl_dtls *d)
{
    if (!d)
        return;
    SSL_free(d->ssl);
    pl_wipe(d, sizeof *d);
    free(d);
}

enum pl_dtls_state pl_dtls_state(const struct pl_dtls *d)
{
    return d->state;
}

static bool over(const struct pl_dtls *d)
{
    return d->state == PL_DTLS_FAILED || d->state == PL_DTLS_CLOSED;
}

/* One step: the handshake, or once it is done, reading a record that came behind its end in one
 * datagram. Whether there may be more. */
static bool step(struct pl_dtls *d)
{
    uint8_t ignored[PL_DTLS_MTU]; /* application data: nothing here uses it */
    bool handshaking = d->state == PL_DTLS_HANDSHAKING;
    int result = handshaking ? SSL_do_handshake(d->ssl) : SSL_read(d->ssl, ignored, sizeof ignored);
    int error = SSL_get_error(d->ssl, result);
    if (error == SSL_ERROR_ZERO_RETURN) {
        SSL_shutdown(d->ssl); /* RFC 5246, 7.2.1: a close_notify is answered by one */
        d->state = PL_DTLS_CLOSED;
    } else if (result > 0 && handshaking) {
        d->state = d->accepted ? PL_DTLS_CONNECTED : PL_DTLS_FAILED;
    } else if (result <= 0 && error != SSL_ERROR_WANT_READ) {
        d->state = PL_DTLS_FAILED;
    }
    return result > 0 && !over(d);
}

/* Whether a protected record (RFC 6347, 4.1; RFC 5288, 3) is too short to hold even its nonce and
 * tag. Such a one, of an epoch to come, OpenSSL 3.0.19 keeps, and ends the handshake when it looks
 * at it later, although anybody can have sent it. */
static bool has_stump(const uint8_t *bytes, size_t n)
{
    struct pl_reader r = pl_reader(bytes, n);
    while (!r.bad && pl_reader_left(&r)) {
        pl_read_bytes(&r, 3); /* type, version */
        unsigned epoch = pl_read_u16(&r);
        pl_read_bytes(&r, 6); /* sequence number */
        size_t len = pl_read_u16(&r);
        pl_read_bytes(&r, len);
        if (!r.bad && epoch > 0 && len < PL_DTLS_RECORD_OVERHEAD)
            return true;
    }
    return false;
}

/* RFC 5764, 4.2: client key, server key, client salt, server salt. */
static void pick(const struct pl_srtp_suite *suite, const uint8_t *material, bool server,
                 struct pl_srtp_keys *out)
{
    *out = (struct pl_srtp_keys){.profile = suite->profile};
    memcpy(out->key, material + (server ? suite->key : 0), suite->key);
    memcpy(out->salt, material + 2 * suite->key + (server ? suite->salt : 0), suite->salt);
}

static bool export_keys(struct pl_dtls *d)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    uint8_t material[2 * (PL_SRTP_KEY_MAX + PL_SRTP_SALT_MAX)];
    /* There is a profile: judge() saw to that, and only ours are offered. */
    const struct pl_srtp_suite *suite =
        pl_srtp_suite((enum pl_srtp_profile)SSL_get_selected_srtp_profile(d->ssl)->id);
    bool ok = SSL_export_keying_material(d->ssl, material, 2 * (suite->key + suite->salt), label,
                                         sizeof label - 1, NULL, 0, 0) == 1;
    if (ok) {
        pick(suite, material, false, &d->inbound);
        pick(suite, material, true, &d->outbound);
    }
    pl_wipe(material, sizeof material);
    return ok;
}

static void handshake(struct pl_dtls *d, const uint8_t *bytes, size_t n)
{
    if (has_stump(bytes, n))
        return;
    d->in = bytes;
    d->in_len = n;
    while (step(d)) {
        /* A datagram may hold several records. */
    }
    d->in = NULL;
    if (d->state == PL_DTLS_HANDSHAKING)
        return;
    if (d->state == PL_DTLS_CONNECTED &&
        (!export_keys(d) || pl_dtls_rest_take(&d->rest, d->ssl) != PL_OK))
        d->state = PL_DTLS_FAILED;
    SSL_free(d->ssl);
    d->ssl = NULL;
}

static void afterwards(struct pl_dtls *d, const uint8_t *bytes, size_t n)
{
    uint8_t answer[PL_DTLS_ANSWER_MAX];
    size_t answer_len;
    d->state = pl_dtls_rest_input(&d->rest, bytes, n, answer, &answer_len);
    if (answer_len)
        d->send(d->ctx, answer, answer_len);
}

enum pl_dtls_state pl_dtls_input(struct pl_dtls *d, const uint8_t *bytes, size_t n)
{
    if (over(d) || n == 0)
        return d->state;
    ERR_clear_error(); /* what is left by others on this thread would be taken for ours */
    if (d->state == PL_DTLS_HANDSHAKING)
        handshake(d, bytes, n);
    else
        afterwards(d, bytes, n);
    ERR_clear_error();
    return d->state;
}

pl_time_us pl_dtls_timeout(const struct pl_dtls *d)
{
    struct timeval left;
    if (d->state != PL_DTLS_HANDSHAKING || DTLSv1_get_timeout(d->ssl, &left) != 1)
        return PL_NEVER;
    return (pl_time_us)left.tv_sec * PL_SECOND + left.tv_usec;
}

enum pl_dtls_state pl_dtls_expire(struct pl_dtls *d)
{
    if (d->state != PL_DTLS_HANDSHAKING)
        return d->state;
    ERR_clear_error();
    if (DTLSv1_handle_timeout(d->ssl) < 0) /* its limit of tries is reached */
        d->state = PL_DTLS_FAILED;
    ERR_clear_error();
    return d->state;
}

enum pl_err pl_dtls_keys(const struct pl_dtls *d, struct pl_srtp_keys *inbound,
                         struct pl_srtp_keys *outbound)
{
    if (d->state != PL_DTLS_CONNECTED)
        return PL_ESTATE;
    *inbound = d->inbound;
    *outbound = d->outbound;
    return PL_OK;
}

void pl_dtls_close(struct pl_dtls *d)
{
    if (over(d))
        return;
    if (d->state == PL_DTLS_CONNECTED) {
        uint8_t bytes[PL_DTLS_ANSWER_MAX];
        size_t n = pl_dtls_rest_close(&d->rest, bytes);
        if (n)
            d->send(d->ctx, bytes, n);
        ERR_clear_error();
    }
    d->state = PL_DTLS_CLOSED;
}
