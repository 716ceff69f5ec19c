/* See dtls.h. Only ICE-validated tuples reach an association, so there is no cookie exchange; there
 * are no tickets, no resumption and no renegotiation, since an association serves one client once.
 */
#include "crypto/dtls.h"

#include "base/bytes.h"
#include "crypto/hash.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

/* Longer than any meeting or uptime: browsers check the fingerprint, not the dates (RFC 8827, 6.5).
 */
#define CERTIFICATE_SECONDS (10L * 365 * 24 * 3600)
#define CLOCK_SKEW_SECONDS (24L * 3600)

struct pl_dtls_context {
    SSL_CTX *ssl;
    BIO_METHOD *bio;
    uint8_t fingerprint[PL_SHA256_SIZE];
};

struct pl_dtls {
    SSL *ssl;
    enum pl_dtls_state state;
    uint8_t fingerprint[PL_SHA256_SIZE];
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

/* The chain is not judged: the fingerprint is, once the handshake is done. */
static int accept_any(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    (void)store;
    return 1;
}

static bool set_names(X509 *cert)
{
    uint64_t serial;
    X509_NAME *name = X509_get_subject_name(cert);
    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) &&
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
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
    SSL_CTX_set_read_ahead(ssl, 1); /* a datagram may hold several records */
    return SSL_CTX_set_min_proto_version(ssl, DTLS1_2_VERSION) &&
           SSL_CTX_set_max_proto_version(ssl, DTLS1_2_VERSION) &&
           SSL_CTX_set_cipher_list(ssl, "ECDHE+AESGCM:ECDHE+CHACHA20") &&
           SSL_CTX_set1_groups_list(ssl, "X25519:P-256:P-384") &&
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
    if (!d || !bio || !(d->ssl = SSL_new(c->ssl))) {
        BIO_free(bio);
        free(d);
        return PL_ENOMEM;
    }
    d->send = send;
    d->ctx = ctx;
    memcpy(d->fingerprint, fingerprint, sizeof d->fingerprint);
    BIO_set_data(bio, d);
    SSL_set_bio(d->ssl, bio, bio);
    DTLS_set_link_mtu(d->ssl, PL_DTLS_MTU);
    SSL_set_accept_state(d->ssl);
    *out = d;
    return PL_OK;
}

void pl_dtls_free(struct pl_dtls *d)
{
    if (!d)
        return;
    SSL_free(d->ssl);
    free(d);
}

enum pl_dtls_state pl_dtls_state(const struct pl_dtls *d)
{
    return d->state;
}

/* RFC 8827, 6.5: the certificate is the one that the signalling named. */
static bool peer_is_right(const struct pl_dtls *d)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    X509 *cert = SSL_get0_peer_certificate(d->ssl);
    return cert && X509_digest(cert, EVP_sha256(), digest, &n) && n == PL_SHA256_SIZE &&
           pl_secret_eq(digest, d->fingerprint, PL_SHA256_SIZE);
}

/* Lets OpenSSL work on what there is; judges where it stands afterwards. */
static void work(struct pl_dtls *d)
{
    uint8_t ignored[PL_DTLS_MTU]; /* application data: nothing here uses it */
    ERR_clear_error();
    int result = d->state == PL_DTLS_HANDSHAKING ? SSL_do_handshake(d->ssl)
                                                 : SSL_read(d->ssl, ignored, sizeof ignored);
    int error = SSL_get_error(d->ssl, result);
    if (SSL_get_shutdown(d->ssl) & SSL_RECEIVED_SHUTDOWN)
        d->state = PL_DTLS_CLOSED;
    else if (result <= 0 && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        d->state = PL_DTLS_FAILED;
    else if (d->state == PL_DTLS_HANDSHAKING && result == 1)
        d->state = peer_is_right(d) && SSL_get_selected_srtp_profile(d->ssl) ? PL_DTLS_CONNECTED
                                                                             : PL_DTLS_FAILED;
    ERR_clear_error();
}

static bool over(const struct pl_dtls *d)
{
    return d->state == PL_DTLS_FAILED || d->state == PL_DTLS_CLOSED;
}

enum pl_dtls_state pl_dtls_input(struct pl_dtls *d, const uint8_t *bytes, size_t n)
{
    if (over(d) || n == 0)
        return d->state;
    d->in = bytes;
    d->in_len = n;
    work(d);
    d->in = NULL;
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

static void split(const struct pl_srtp_keys *all, const uint8_t *key, const uint8_t *salt,
                  size_t key_len, size_t salt_len, struct pl_srtp_keys *out)
{
    *out = (struct pl_srtp_keys){.profile = all->profile};
    memcpy(out->key, key, key_len);
    memcpy(out->salt, salt, salt_len);
}

enum pl_err pl_dtls_keys(const struct pl_dtls *d, struct pl_srtp_keys *inbound,
                         struct pl_srtp_keys *outbound)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    uint8_t m[2 * (PL_SRTP_KEY_MAX + PL_SRTP_SALT_MAX)];
    if (d->state != PL_DTLS_CONNECTED)
        return PL_ESTATE;
    struct pl_srtp_keys all = {.profile =
                                   (enum pl_srtp_profile)SSL_get_selected_srtp_profile(d->ssl)->id};
    bool aead = all.profile != PL_SRTP_AES128_CM_HMAC_SHA1_80;
    size_t key = all.profile == PL_SRTP_AEAD_AES_256_GCM ? 32 : 16, salt = aead ? 12 : 14;
    if (SSL_export_keying_material(d->ssl, m, 2 * (key + salt), label, sizeof label - 1, NULL, 0,
                                   0) != 1)
        return PL_EIO;
    /* RFC 5764, 4.2: client key, server key, client salt, server salt. The client is the peer. */
    split(&all, m, m + 2 * key, key, salt, inbound);
    split(&all, m + key, m + 2 * key + salt, key, salt, outbound);
    pl_wipe(m, sizeof m);
    return PL_OK;
}

void pl_dtls_close(struct pl_dtls *d)
{
    if (d->state == PL_DTLS_CONNECTED) {
        SSL_shutdown(d->ssl);
        ERR_clear_error();
        d->state = PL_DTLS_CLOSED;
    }
}
