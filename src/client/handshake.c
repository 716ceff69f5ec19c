/* DTLS as a client (RFC 5764), for its keys alone. All clients of a load share one certificate. */
#include "client/parts.h"

#include "crypto/srtp_cipher.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#define MTU 1200
#define TIMER_NS (50 * NS_PER_MS) /* how often OpenSSL's timer is looked at */

/* The BIO: one read is one datagram, one write is one datagram. */
static int bio_read(BIO *b, char *out, int n)
{
    struct pl_call *s = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    if (!s->dtls_in) {
        BIO_set_retry_read(b);
        return -1;
    }
    int len = s->dtls_in_len < (size_t)n ? (int)s->dtls_in_len : n;
    memcpy(out, s->dtls_in, (size_t)len);
    s->dtls_in = NULL;
    return len;
}

static int bio_write(BIO *b, const char *bytes, int n)
{
    BIO_clear_retry_flags(b);
    pl_call_send(BIO_get_data(b), bytes, (size_t)n);
    return n;
}

static long bio_ctrl(BIO *b, int cmd, long number, void *ptr)
{
    (void)b;
    (void)number;
    (void)ptr;
    if (cmd == BIO_CTRL_DGRAM_QUERY_MTU || cmd == BIO_CTRL_DGRAM_GET_FALLBACK_MTU)
        return MTU;
    return cmd == BIO_CTRL_FLUSH;
}

static int bio_create(BIO *b)
{
    BIO_set_init(b, 1);
    return 1;
}

static int accept_any(X509_STORE_CTX *store, void *arg)
{
    (void)store;
    (void)arg;
    return 1; /* over the loopback, from a server that the benchmark started */
}

static unsigned next_timeout(SSL *ssl, unsigned last_us)
{
    (void)ssl;
    return last_us ? last_us * 2 : 200000;
}

static void make_certificate(struct pl_calls *l)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    if (!key || !cert || !X509_set_version(cert, X509_VERSION_3) ||
        !ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) ||
        !X509_gmtime_adj(X509_getm_notBefore(cert), -86400) ||
        !X509_gmtime_adj(X509_getm_notAfter(cert), 86400) || !X509_set_pubkey(cert, key) ||
        !X509_sign(cert, key, EVP_sha256()) || !X509_digest(cert, EVP_sha256(), digest, &n) ||
        !SSL_CTX_use_certificate(l->tls, cert) || !SSL_CTX_use_PrivateKey(l->tls, key))
        pl_calls_die("certificate");
    for (unsigned i = 0; i < n; i++)
        snprintf(l->fingerprint + 3 * i, 4, i + 1 < n ? "%02X:" : "%02X", digest[i]);
    EVP_PKEY_free(key);
    X509_free(cert);
}

void pl_handshake_setup(struct pl_calls *l)
{
    l->bio = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
    l->tls = SSL_CTX_new(DTLS_client_method());
    if (!l->bio || !l->tls || !BIO_meth_set_read(l->bio, bio_read) ||
        !BIO_meth_set_write(l->bio, bio_write) || !BIO_meth_set_ctrl(l->bio, bio_ctrl) ||
        !BIO_meth_set_create(l->bio, bio_create) ||
        SSL_CTX_set_tlsext_use_srtp(l->tls, "SRTP_AEAD_AES_128_GCM") != 0)
        pl_calls_die("OpenSSL");
    SSL_CTX_set_options(l->tls, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
    SSL_CTX_set_verify(l->tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(l->tls, accept_any, NULL);
    make_certificate(l);
}

void pl_handshake_teardown(struct pl_calls *l)
{
    SSL_CTX_free(l->tls);
    BIO_meth_free(l->bio);
}

/* RFC 5764, 4.2: client key, server key, client salt, server salt. */
static void take_keys(struct pl_call *s, int64_t now)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    uint8_t material[2 * (PL_SRTP_KEY_MAX + PL_SRTP_SALT_MAX)];
    SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(s->ssl);
    const struct pl_srtp_suite *suite =
        profile ? pl_srtp_suite((enum pl_srtp_profile)profile->id) : NULL;
    if (!suite || SSL_export_keying_material(s->ssl, material, 2 * (suite->key + suite->salt),
                                             label, sizeof label - 1, NULL, 0, 0) != 1) {
        pl_call_fail(s, "DTLS: no keys");
        return;
    }
    struct pl_srtp_keys ours = {.profile = suite->profile}, theirs = {.profile = suite->profile};
    memcpy(ours.key, material, suite->key);
    memcpy(theirs.key, material + suite->key, suite->key);
    memcpy(ours.salt, material + 2 * suite->key, suite->salt);
    memcpy(theirs.salt, material + 2 * suite->key + suite->salt, suite->salt);
    if (pl_srtp_new(&ours, &s->out) || pl_srtp_new(&theirs, &s->in))
        pl_calls_die("SRTP");
    pl_call_up(s, now);
}

static void step(struct pl_call *s, int64_t now)
{
    ERR_clear_error();
    int result = SSL_do_handshake(s->ssl);
    if (result == 1) {
        take_keys(s, now);
    } else if (SSL_get_error(s->ssl, result) != SSL_ERROR_WANT_READ) {
        char text[120];
        ERR_error_string_n(ERR_get_error(), text, sizeof text);
        pl_call_fail(s, "DTLS: %s", text);
    }
}

void pl_handshake_begin(struct pl_call *s)
{
    BIO *bio = BIO_new(s->calls->bio);
    s->ssl = SSL_new(s->calls->tls);
    if (!bio || !s->ssl)
        pl_calls_die("OpenSSL");
    BIO_set_data(bio, s);
    SSL_set_bio(s->ssl, bio, bio);
    DTLS_set_link_mtu(s->ssl, MTU);
    DTLS_set_timer_cb(s->ssl, next_timeout);
    SSL_set_connect_state(s->ssl);
    s->state = PL_CALL_HANDSHAKING;
    pl_call_due(s, DUE_FEEDBACK, pl_calls_now_ns() + TIMER_NS);
    step(s, pl_calls_now_ns());
}

void pl_handshake_input(struct pl_call *s, const uint8_t *bytes, size_t n, int64_t now)
{
    uint8_t ignored[MTU];
    if (!s->ssl)
        return;
    s->dtls_in = bytes;
    s->dtls_in_len = n;
    if (s->state == PL_CALL_HANDSHAKING) {
        step(s, now);
    } else if (SSL_read(s->ssl, ignored, sizeof ignored) <= 0 &&
               SSL_get_shutdown(s->ssl) & SSL_RECEIVED_SHUTDOWN) {
        pl_call_fail(s, "The server closed.");
    }
    s->dtls_in = NULL;
    ERR_clear_error();
}

void pl_handshake_expire(struct pl_call *s)
{
    if (DTLSv1_handle_timeout(s->ssl) < 0)
        pl_call_fail(s, "DTLS: no answer");
    else
        pl_call_due(s, DUE_FEEDBACK, pl_calls_now_ns() + TIMER_NS);
    ERR_clear_error();
}

void pl_handshake_end(struct pl_call *s)
{
    if (s->ssl)
        SSL_shutdown(s->ssl);
    ERR_clear_error();
}
