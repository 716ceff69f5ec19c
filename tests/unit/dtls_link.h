/* An association and an OpenSSL client in one process, with a link between them that can lose
 * datagrams. The source is taken in whole, so that timeouts can be made short: OpenSSL reads the
 * clock itself. After cmocka.h. */
#ifndef PL_TESTS_DTLS_LINK_H
#define PL_TESTS_DTLS_LINK_H

#include "crypto/dtls.c"

#include <openssl/x509v3.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ALL_PROFILES "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM"

/* The link. */

#define QUEUE 64
#define DATAGRAM_MAX 8192

struct datagram {
    uint8_t bytes[DATAGRAM_MAX];
    size_t n;
};

struct queue {
    struct datagram datagrams[QUEUE];
    size_t first, last; /* what waits; they only grow until the queue is drained */
    unsigned sent;      /* ever */
    uint64_t lose;      /* bit i: the i-th datagram is lost */
    size_t longest;
};

static inline void push(struct queue *q, const uint8_t *bytes, size_t n)
{
    if (n > q->longest)
        q->longest = n;
    unsigned number = q->sent++;
    if (number < 64 && q->lose >> number & 1)
        return;
    if (q->first == q->last)
        q->first = q->last = 0;
    assert_true(q->last < QUEUE && n <= DATAGRAM_MAX);
    struct datagram *d = &q->datagrams[q->last++];
    memcpy(d->bytes, bytes, n);
    d->n = n;
}

static const struct datagram *pop(struct queue *q)
{
    return q->first < q->last ? &q->datagrams[q->first++] : NULL;
}

/* The client. */

struct client_options {
    const char *profiles; /* NULL: none offered */
    bool rsa, no_certificate;
    int version;       /* 0: DTLS 1.2 */
    long mtu;          /* 0: PL_DTLS_MTU */
    size_t hello_more; /* bytes that lengthen the ClientHello */
    size_t cert_more;  /* bytes that lengthen the certificate */
    SSL_SESSION *session;
};

struct link {
    struct queue to_server, to_client;
    struct pl_dtls_context *context;
    struct pl_dtls *server;
    SSL_CTX *client_context;
    BIO_METHOD *client_bio;
    SSL *client;
    bool connected, failed; /* the client */
    uint8_t fingerprint[PL_SHA256_SIZE];
    uint64_t number, nonce; /* of the server's last protected record; 0: none yet */
};

static inline int client_read(BIO *b, char *out, int n)
{
    struct link *l = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    const struct datagram *d = pop(&l->to_client);
    if (!d) {
        BIO_set_retry_read(b);
        return -1;
    }
    assert_true(d->n <= (size_t)n);
    memcpy(out, d->bytes, d->n);
    return (int)d->n;
}

static inline int client_write(BIO *b, const char *bytes, int n)
{
    struct link *l = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    push(&l->to_server, (const uint8_t *)bytes, (size_t)n);
    return n;
}

/* No nonce serves twice, no number comes twice: OpenSSL's records and ours are one sequence. */
static inline void check_records(struct link *l, const uint8_t *bytes, size_t n)
{
    for (size_t len; n >= PL_DTLS_RECORD_HEADER; bytes += len, n -= len) {
        len = PL_DTLS_RECORD_HEADER + pl_get_u16(bytes + 11);
        assert_true(len <= n);
        uint64_t number = pl_get_u64(bytes + 3);
        if (number >> 48 == 0)
            continue;
        uint64_t nonce = pl_get_u64(bytes + PL_DTLS_RECORD_HEADER);
        assert_true(l->number == 0 || (number == l->number + 1 && nonce == l->nonce + 1));
        l->number = number;
        l->nonce = nonce;
    }
    assert_int_equal(n, 0);
}

static inline void server_send(void *ctx, const uint8_t *bytes, size_t n)
{
    struct link *l = ctx;
    check_records(l, bytes, n);
    push(&l->to_client, bytes, n);
}

/* Long enough for a step of the handshake, short enough to wait for. OpenSSL takes less than 15 ms
 * for none. */
static inline unsigned soon(SSL *ssl, unsigned last_us)
{
    (void)ssl;
    return last_us ? last_us * 2 : 20000;
}

static inline unsigned at_once(SSL *ssl, unsigned last_us)
{
    (void)ssl;
    (void)last_us;
    return 1;
}

static inline void add_comment(X509 *cert, size_t n)
{
    char *text = malloc(n + 1);
    assert_non_null(text);
    memset(text, 'x', n);
    text[n] = 0;
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_netscape_comment, text);
    assert_non_null(ext);
    assert_int_equal(X509_add_ext(cert, ext, -1), 1);
    X509_EXTENSION_free(ext);
    free(text);
}

static inline void give_certificate(SSL_CTX *ctx, const struct client_options *o,
                                    uint8_t fingerprint[PL_SHA256_SIZE])
{
    unsigned n = PL_SHA256_SIZE;
    EVP_PKEY *key = o->rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    assert_true(key && cert && set_names(cert));
    X509_set_version(cert, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(cert), -2 * CLOCK_SKEW_SECONDS);
    X509_gmtime_adj(X509_getm_notAfter(cert), -CLOCK_SKEW_SECONDS); /* over: nobody minds */
    X509_set_pubkey(cert, key);
    if (o->cert_more)
        add_comment(cert, o->cert_more);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    assert_int_equal(X509_digest(cert, EVP_sha256(), fingerprint, &n), 1);
    if (!o->no_certificate) {
        assert_int_equal(SSL_CTX_use_certificate(ctx, cert), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* Names of protocols that nobody speaks, as long as a post-quantum key share. */
static inline void lengthen_hello(SSL *client, size_t n)
{
    uint8_t names[4096];
    assert_true(n < sizeof names);
    for (size_t i = 0; i < n; i += 100) {
        memset(names + i, 'x', 100);
        names[i] = 99;
    }
    assert_int_equal(SSL_set_alpn_protos(client, names, (unsigned)(n / 100 * 100)), 0);
}

static inline void new_client(struct link *l, const struct client_options *o)
{
    SSL_CTX *ctx = SSL_CTX_new(DTLS_client_method());
    assert_non_null(ctx);
    int version = o->version ? o->version : DTLS1_2_VERSION;
    SSL_CTX_set_security_level(ctx, version == DTLS1_VERSION ? 0 : 1);
    SSL_CTX_set_min_proto_version(ctx, version);
    SSL_CTX_set_max_proto_version(ctx, version);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU);
    if (o->profiles)
        assert_int_equal(SSL_CTX_set_tlsext_use_srtp(ctx, o->profiles), 0);
    give_certificate(ctx, o, l->fingerprint);
    l->client_context = ctx;
    l->client = SSL_new(ctx);
    l->client_bio = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "client");
    BIO_meth_set_read(l->client_bio, client_read);
    BIO_meth_set_write(l->client_bio, client_write);
    BIO_meth_set_ctrl(l->client_bio, bio_ctrl);
    BIO_meth_set_create(l->client_bio, bio_create);
    BIO *bio = BIO_new(l->client_bio);
    BIO_set_data(bio, l);
    SSL_set_bio(l->client, bio, bio);
    DTLS_set_link_mtu(l->client, o->mtu ? o->mtu : PL_DTLS_MTU);
    DTLS_set_timer_cb(l->client, soon);
    SSL_set_connect_state(l->client);
    if (o->hello_more)
        lengthen_hello(l->client, o->hello_more);
    if (o->session)
        assert_int_equal(SSL_set_session(l->client, o->session), 1);
}

static inline struct link *new_link(const struct client_options *o)
{
    struct link *l = calloc(1, sizeof *l);
    assert_non_null(l);
    new_client(l, o);
    assert_int_equal(pl_dtls_context_new(&l->context), PL_OK);
    assert_int_equal(pl_dtls_new(l->context, l->fingerprint, server_send, l, &l->server), PL_OK);
    DTLS_set_timer_cb(l->server->ssl, soon);
    return l;
}

static inline void free_link(struct link *l)
{
    pl_dtls_free(l->server);
    pl_dtls_context_free(l->context);
    SSL_free(l->client);
    SSL_CTX_free(l->client_context);
    BIO_meth_free(l->client_bio);
    free(l);
}

static inline void client_works(struct link *l)
{
    uint8_t bytes[DATAGRAM_MAX];
    if (l->failed)
        return;
    ERR_clear_error();
    int result =
        l->connected ? SSL_read(l->client, bytes, sizeof bytes) : SSL_do_handshake(l->client);
    int error = SSL_get_error(l->client, result);
    ERR_clear_error();
    if (!l->connected && result == 1)
        l->connected = true;
    else if (result <= 0 && error != SSL_ERROR_WANT_READ)
        l->failed = true;
}

/* Everything that is under way arrives, in order. */
static inline void deliver(struct link *l)
{
    do {
        for (const struct datagram *d; (d = pop(&l->to_server));) {
            pl_dtls_input(l->server, d->bytes, d->n);
            assert_int_equal(ERR_peek_error(), 0);
        }
        size_t before;
        do {
            before = l->to_client.first;
            client_works(l);
        } while (l->to_client.first < l->to_client.last && l->to_client.first != before);
    } while (l->to_server.first < l->to_server.last);
}

static inline bool client_timeout(struct link *l)
{
    struct timeval left;
    return DTLSv1_get_timeout(l->client, &left) == 1 && left.tv_sec == 0 && left.tv_usec == 0;
}

static inline void wait_for_timeout(struct link *l)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        if (pl_dtls_timeout(l->server) == 0 || client_timeout(l))
            return;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - start.tv_sec < 10);
    fail_msg("no timeout within 10 s");
}

static inline void expire(struct link *l)
{
    if (pl_dtls_timeout(l->server) == 0) {
        pl_dtls_expire(l->server);
        assert_int_equal(ERR_peek_error(), 0);
    }
    if (client_timeout(l) && DTLSv1_handle_timeout(l->client) < 0)
        l->failed = true;
    ERR_clear_error();
}

static inline bool settled(const struct link *l)
{
    return (l->connected || l->failed) && pl_dtls_state(l->server) != PL_DTLS_HANDSHAKING;
}

static inline void run(struct link *l)
{
    deliver(l);
    for (int i = 0; i < 12 && !settled(l); i++) {
        wait_for_timeout(l);
        expire(l);
        deliver(l);
    }
    assert_true(settled(l));
}

static inline void assert_fails(struct link *l)
{
    struct pl_srtp_keys inbound = {0}, outbound = {0};
    run(l);
    assert_true(l->failed);
    assert_false(l->connected);
    assert_int_equal(pl_dtls_state(l->server), PL_DTLS_FAILED);
    assert_int_equal(pl_dtls_timeout(l->server), PL_NEVER);
    assert_int_equal(pl_dtls_keys(l->server, &inbound, &outbound), PL_ESTATE);
    assert_int_equal(pl_dtls_input(l->server, (const uint8_t *)"x", 1), PL_DTLS_FAILED);
    assert_int_equal(pl_dtls_expire(l->server), PL_DTLS_FAILED);
    pl_dtls_close(l->server);
    assert_int_equal(pl_dtls_state(l->server), PL_DTLS_FAILED);
}

/* RFC 5764, 4.2, from the client's side. */
static inline void assert_keys_agree(const struct link *l, enum pl_srtp_profile profile)
{
    struct pl_srtp_keys inbound, outbound;
    uint8_t m[128];
    assert_int_equal(pl_dtls_keys(l->server, &inbound, &outbound), PL_OK);
    assert_int_equal(inbound.profile, profile);
    assert_int_equal(outbound.profile, profile);
    assert_int_equal(SSL_get_selected_srtp_profile(l->client)->id, profile);
    size_t key = profile == PL_SRTP_AEAD_AES_256_GCM ? 32 : 16;
    size_t salt = profile == PL_SRTP_AES128_CM_HMAC_SHA1_80 ? 14 : 12;
    assert_int_equal(SSL_export_keying_material(l->client, m, 2 * (key + salt),
                                                "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0),
                     1);
    assert_memory_equal(inbound.key, m, key);
    assert_memory_equal(outbound.key, m + key, key);
    assert_memory_equal(inbound.salt, m + 2 * key, salt);
    assert_memory_equal(outbound.salt, m + 2 * key + salt, salt);
    assert_memory_not_equal(inbound.key, outbound.key, key);
}

static inline void assert_connects(struct link *l, enum pl_srtp_profile profile)
{
    run(l);
    assert_true(l->connected);
    assert_int_equal(pl_dtls_state(l->server), PL_DTLS_CONNECTED);
    assert_int_equal(pl_dtls_timeout(l->server), PL_NEVER);
    assert_true(l->to_client.longest <= PL_DTLS_MTU);
    assert_keys_agree(l, profile);
}

static const struct client_options usual = {.profiles = ALL_PROFILES};

#endif
