/* DTLS against an OpenSSL client in the same process, over a link that can lose datagrams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dtls_link.h"

#include <openssl/rsa.h>
#include <stdio.h>

/* Handshakes. */

static void clients_of_all_kinds_connect(void **state)
{
    (void)state;
    static const struct {
        struct client_options options;
        enum pl_srtp_profile profile;
    } clients[] = {
        {{.profiles = ALL_PROFILES}, PL_SRTP_AEAD_AES_128_GCM},
        {{.profiles = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM"}, PL_SRTP_AEAD_AES_256_GCM},
        {{.profiles = "SRTP_AES128_CM_SHA1_32:SRTP_AES128_CM_SHA1_80"},
         PL_SRTP_AES128_CM_HMAC_SHA1_80},
        {{.profiles = "SRTP_AEAD_AES_128_GCM", .rsa = true}, PL_SRTP_AEAD_AES_128_GCM},
        {{.profiles = ALL_PROFILES, .mtu = 300}, PL_SRTP_AEAD_AES_128_GCM},
        {{.profiles = ALL_PROFILES, .hello_more = 3000}, PL_SRTP_AEAD_AES_128_GCM},
        {{.profiles = ALL_PROFILES, .hello_more = 1300, .mtu = 300}, PL_SRTP_AEAD_AES_128_GCM},
        {{.profiles = ALL_PROFILES, .cert_more = 4000}, PL_SRTP_AEAD_AES_128_GCM},
    };
    for (size_t i = 0; i < COUNT(clients); i++) {
        struct link *l = new_link(&clients[i].options);
        assert_connects(l, clients[i].profile);
        free_link(l);
    }
}

static void clients_that_are_refused(void **state)
{
    (void)state;
    static const struct client_options clients[] = {
        {.profiles = NULL},
        {.profiles = "SRTP_AES128_CM_SHA1_32"},
        {.profiles = ALL_PROFILES, .no_certificate = true},
        {.profiles = ALL_PROFILES, .version = DTLS1_VERSION},
        {.profiles = ALL_PROFILES, .cert_more = PEER_CERTIFICATE_MAX},
    };
    for (size_t i = 0; i < COUNT(clients); i++) {
        struct link *l = new_link(&clients[i]);
        assert_fails(l);
        free_link(l);
    }
}

static void another_certificate_is_refused(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 256; bit += 51) {
        struct link *l = new_link(&usual);
        l->server->fingerprint[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_fails(l);
        free_link(l);
    }
}

/* Right up to the limit; the message has 3 bytes before the list, and 3 before each certificate. */
static void certificates_have_a_longest_length(void **state)
{
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        struct client_options o = {.profiles = ALL_PROFILES, .cert_more = 10000};
        struct link *l = new_link(&o);
        int len = i2d_X509(SSL_get_certificate(l->client), NULL);
        free_link(l);
        /* DER's signature varies by some bytes: look for a certificate of the length wanted. */
        o.cert_more += PEER_CERTIFICATE_MAX - 6 - (size_t)len + over;
        for (int tries = 0; tries < 1000; tries++) {
            l = new_link(&o);
            if (i2d_X509(SSL_get_certificate(l->client), NULL) ==
                PEER_CERTIFICATE_MAX - 6 + (int)over)
                break;
            free_link(l);
            l = NULL;
        }
        assert_non_null(l);
        if (over)
            assert_fails(l);
        else
            assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
        free_link(l);
    }
}

static void the_certificate_is_the_announced_one(void **state)
{
    (void)state;
    struct link *l = new_link(&usual);
    struct pl_dtls_context *other;
    uint8_t digest[PL_SHA256_SIZE];
    unsigned n = sizeof digest;
    run(l);
    X509 *cert = SSL_get0_peer_certificate(l->client);
    assert_int_equal(X509_digest(cert, EVP_sha256(), digest, &n), 1);
    assert_memory_equal(digest, pl_dtls_context_fingerprint(l->context), sizeof digest);
    assert_int_equal(X509_verify(cert, X509_get0_pubkey(cert)), 1);
    assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(cert)), 256);
    assert_int_equal(X509_cmp_current_time(X509_get0_notBefore(cert)), -1);
    assert_int_equal(X509_cmp_current_time(X509_get0_notAfter(cert)), 1);
    assert_int_equal(pl_dtls_context_new(&other), PL_OK);
    assert_memory_not_equal(digest, pl_dtls_context_fingerprint(other), sizeof digest);
    pl_dtls_context_free(other);
    pl_dtls_context_free(NULL);
    pl_dtls_free(NULL);
    free_link(l);
}

/* Ours fits into one datagram; with a longer certificate it would not. */
static void a_long_flight_is_split(void **state)
{
    (void)state;
    const struct client_options longer = {.cert_more = 3000};
    uint8_t fingerprint[PL_SHA256_SIZE];
    struct link *l = new_link(&usual);
    pl_dtls_free(l->server);
    give_certificate(l->context->ssl, &longer, fingerprint);
    assert_int_equal(pl_dtls_new(l->context, l->fingerprint, server_send, l, &l->server), PL_OK);
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    assert_in_range(l->to_client.longest, PL_DTLS_MTU - 100, PL_DTLS_MTU);
    free_link(l);
}

/* A session that the client kept is not taken up: each client shows its certificate. */
static void nothing_is_resumed(void **state)
{
    (void)state;
    struct link *l = new_link(&usual);
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    SSL_SESSION *session = SSL_get1_session(l->client);
    struct client_options o = usual;
    o.session = session;
    struct link *again = new_link(&o);
    pl_dtls_free(again->server);
    assert_int_equal(
        pl_dtls_new(l->context, again->fingerprint, server_send, again, &again->server), PL_OK);
    assert_connects(again, PL_SRTP_AEAD_AES_128_GCM);
    assert_int_equal(SSL_session_reused(again->client), 0);
    free_link(again);
    free_link(l);
    SSL_SESSION_free(session);
}

/* Bad networks. */

static void lost_datagrams_are_sent_again(void **state)
{
    (void)state;
    struct client_options o = {.profiles = ALL_PROFILES, .mtu = 400};
    struct link *l = new_link(&o);
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    unsigned to_server = l->to_server.sent, to_client = l->to_client.sent;
    free_link(l);
    assert_true(to_server >= 3 && to_client >= 2);
    for (unsigned i = 0; i < to_server + to_client + 2; i++) {
        l = new_link(&o);
        if (i < to_server)
            l->to_server.lose = UINT64_C(1) << i;
        else if (i < to_server + to_client)
            l->to_client.lose = UINT64_C(1) << (i - to_server);
        else /* two in a row, one of every three */
            l->to_server.lose = l->to_client.lose = i & 1 ? 3 : 0x9249;
        assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
        free_link(l);
    }
}

static void a_silent_client_is_given_up(void **state)
{
    (void)state;
    struct link *l = new_link(&usual);
    client_works(l);
    const struct datagram *hello = pop(&l->to_server);
    assert_non_null(hello);
    assert_int_equal(pl_dtls_timeout(l->server), PL_NEVER);
    assert_int_equal(pl_dtls_input(l->server, hello->bytes, hello->n), PL_DTLS_HANDSHAKING);
    DTLS_set_timer_cb(l->server->ssl, at_once); /* from the second one on */
    assert_int_not_equal(pl_dtls_timeout(l->server), PL_NEVER);
    while (pl_dtls_timeout(l->server) > 0)
        wait_for_timeout(l);
    int tries = 0;
    while (pl_dtls_state(l->server) == PL_DTLS_HANDSHAKING && tries < 100) {
        assert_int_equal(pl_dtls_timeout(l->server), 0);
        unsigned sent = l->to_client.sent;
        if (pl_dtls_expire(l->server) == PL_DTLS_HANDSHAKING)
            assert_true(l->to_client.sent > sent);
        l->to_client.first = l->to_client.last;
        tries++;
    }
    assert_in_range(tries, 5, 20);
    assert_int_equal(pl_dtls_state(l->server), PL_DTLS_FAILED);
    assert_int_equal(pl_dtls_timeout(l->server), PL_NEVER);
    free_link(l);
}

static void the_timeout_doubles_up_to_a_longest(void **state)
{
    (void)state;
    struct link *l = new_link(&usual);
    DTLS_set_timer_cb(l->server->ssl, next_timeout);
    client_works(l);
    const struct datagram *hello = pop(&l->to_server);
    assert_non_null(hello);
    pl_dtls_input(l->server, hello->bytes, hello->n);
    assert_in_range(pl_dtls_timeout(l->server), 0, TIMEOUT_FIRST_US);
    free_link(l);
    unsigned last = 0, total = 0;
    for (int i = 0; i < 12; i++) {
        unsigned next = next_timeout(NULL, last);
        assert_true(next == (last ? last * 2 : TIMEOUT_FIRST_US) || next == TIMEOUT_LONGEST_US);
        total += next;
        last = next;
    }
    assert_int_equal(last, TIMEOUT_LONGEST_US);
    assert_in_range(total, 50 * PL_SECOND, 70 * PL_SECOND);
}

/* A flight of several datagrams, or of one that all of them were put into; backwards; twice. */
static void a_flight_may_come_in_any_shape(void **state)
{
    (void)state;
    enum { JOINED, BACKWARDS, TWICE, SHAPES };
    for (int shape = 0; shape < SHAPES; shape++) {
        struct client_options o = {.profiles = ALL_PROFILES, .mtu = 300, .hello_more = 1300};
        struct link *l = new_link(&o);
        for (int flight = 0; flight < 10 && !settled(l); flight++) {
            client_works(l);
            struct queue *q = &l->to_server;
            size_t n = q->last - q->first;
            if (flight == 0)
                assert_true(n > 4);
            if (shape == JOINED && n) {
                static struct datagram all;
                all.n = 0;
                for (const struct datagram *d; (d = pop(q)); all.n += d->n)
                    memcpy(all.bytes + all.n, d->bytes, d->n);
                pl_dtls_input(l->server, all.bytes, all.n);
            } else {
                for (size_t i = 0; i < n; i++) {
                    size_t at = shape == BACKWARDS ? q->last - 1 - i : q->first + i;
                    for (int j = 0; j < (shape == TWICE ? 2 : 1); j++)
                        pl_dtls_input(l->server, q->datagrams[at].bytes, q->datagrams[at].n);
                }
                q->first = q->last;
            }
        }
        assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
        free_link(l);
    }
}

/* Bad clients. */

#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static void garbage_is_dropped(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } garbage[] = {
        BYTES(""),
        BYTES("\x16"),
        BYTES("\x16\xfe"),
        BYTES("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0"),       /* a header short of a byte */
        BYTES("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\0"),     /* a record without content */
        BYTES("\x16\xfe\xfd\0\0\0\0\0\0\0\0\xff\xff"), /* one that is not there */
        BYTES("\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\1x"),    /* of an epoch to come */
        BYTES("\x14\xfe\xfd\0\1\0\0\0\0\0\1\0\1\1"),
        BYTES("\x15\xfe\xfd\0\1\0\0\0\0\0\1\0\27"
              "12345678901234567890123"),
        BYTES("\x16\xfe\xfd\0\1\0\0\0\0\0\1\0\30"
              "123456789012345678901234"),
        BYTES("\x80\x60garbage that looks like RTP"),
    };
    struct link *l = new_link(&usual);
    for (int turn = 0; turn < 10; turn++) {
        enum pl_dtls_state before = pl_dtls_state(l->server);
        for (size_t i = 0; i < COUNT(garbage); i++) {
            assert_int_equal(
                pl_dtls_input(l->server, (const uint8_t *)garbage[i].bytes, garbage[i].n), before);
            assert_int_equal(ERR_peek_error(), 0);
        }
        client_works(l);
        const struct datagram *d = pop(&l->to_server);
        if (d)
            pl_dtls_input(l->server, d->bytes, d->n);
    }
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    free_link(l);
}

/* Records that are well-formed, and have no place there: OpenSSL takes that for an attack. */
static void misplaced_records_fail(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } records[] = {
        BYTES("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\4\1\2\3\4"),   /* shorter than a message's header */
        BYTES("\x17\xfe\xfd\0\0\0\0\0\0\0\1\0\1x"),          /* application data in clear */
        BYTES("\x18\xfe\xfd\0\0\0\0\0\0\0\1\0\3\1\xff\xff"), /* heartbeat */
    };
    for (size_t i = 0; i < COUNT(records); i++) {
        struct link *l = new_link(&usual);
        assert_int_equal(pl_dtls_input(l->server, (const uint8_t *)records[i].bytes, records[i].n),
                         PL_DTLS_FAILED);
        assert_fails(l);
        free_link(l);
    }
}

static void errors_of_others_are_not_ours(void **state)
{
    (void)state;
    struct link *l = new_link(&usual);
    for (int turn = 0; turn < 10; turn++) {
        client_works(l);
        for (const struct datagram *d; (d = pop(&l->to_server));) {
            ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
            pl_dtls_input(l->server, d->bytes, d->n);
        }
    }
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
    assert_int_equal(pl_dtls_input(l->server, (const uint8_t *)"x", 1), PL_DTLS_CONNECTED);
    free_link(l);
}

static void a_second_handshake_is_refused(void **state)
{
    (void)state;
    struct link *l = new_link(&usual);
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    struct pl_srtp_keys before[2], after[2];
    assert_int_equal(pl_dtls_keys(l->server, &before[0], &before[1]), PL_OK);
    unsigned sent = l->to_client.sent;
    assert_int_equal(SSL_renegotiate(l->client), 1);
    SSL_do_handshake(l->client);
    const struct datagram *hello = pop(&l->to_server);
    assert_non_null(hello);
    assert_int_equal(pl_dtls_input(l->server, hello->bytes, hello->n), PL_DTLS_CONNECTED);
    assert_int_equal(l->to_client.sent, sent + 1);
    assert_int_equal(pop(&l->to_client)->bytes[0], SSL3_RT_ALERT);
    assert_int_equal(pl_dtls_keys(l->server, &after[0], &after[1]), PL_OK);
    assert_memory_equal(before, after, sizeof before);
    free_link(l);
}

/* The end. */

static void application_data_is_ignored(void **state)
{
    (void)state;
    struct link *l = new_link(&usual);
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    for (int i = 0; i < 20; i++)
        assert_int_equal(SSL_write(l->client, "hello", 5), 5);
    unsigned sent = l->to_client.sent;
    deliver(l);
    assert_int_equal(pl_dtls_state(l->server), PL_DTLS_CONNECTED);
    assert_int_equal(l->to_client.sent, sent);
    free_link(l);
}

/* Also when it comes behind other records of one datagram. */
static void the_client_closes(void **state)
{
    (void)state;
    for (int joined = 0; joined < 2; joined++) {
        struct link *l = new_link(&usual);
        assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
        assert_int_equal(SSL_write(l->client, "hello", 5), 5);
        assert_int_equal(SSL_write(l->client, "hello", 5), 5);
        assert_int_equal(SSL_shutdown(l->client), 0);
        if (joined) {
            static struct datagram all;
            all.n = 0;
            for (const struct datagram *d; (d = pop(&l->to_server)); all.n += d->n)
                memcpy(all.bytes + all.n, d->bytes, d->n);
            pl_dtls_input(l->server, all.bytes, all.n);
        } else {
            deliver(l);
        }
        assert_int_equal(pl_dtls_state(l->server), PL_DTLS_CLOSED);
        assert_int_equal(SSL_shutdown(l->client), 1); /* ours came back */
        struct pl_srtp_keys inbound, outbound;
        assert_int_equal(pl_dtls_keys(l->server, &inbound, &outbound), PL_ESTATE);
        assert_int_equal(pl_dtls_input(l->server, (const uint8_t *)"x", 1), PL_DTLS_CLOSED);
        free_link(l);
    }
}

static void we_close(void **state)
{
    (void)state;
    struct link *l = new_link(&usual);
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    pl_dtls_close(l->server);
    assert_int_equal(pl_dtls_state(l->server), PL_DTLS_CLOSED);
    deliver(l);
    assert_true(SSL_get_shutdown(l->client) & SSL_RECEIVED_SHUTDOWN);
    unsigned sent = l->to_client.sent;
    pl_dtls_close(l->server);
    assert_int_equal(l->to_client.sent, sent);
    free_link(l);

    l = new_link(&usual); /* before anything was said */
    pl_dtls_close(l->server);
    assert_int_equal(pl_dtls_state(l->server), PL_DTLS_CLOSED);
    assert_int_equal(l->to_client.sent, 0);
    assert_int_equal(pl_dtls_timeout(l->server), PL_NEVER);
    free_link(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_of_all_kinds_connect),
        cmocka_unit_test(clients_that_are_refused),
        cmocka_unit_test(another_certificate_is_refused),
        cmocka_unit_test(certificates_have_a_longest_length),
        cmocka_unit_test(the_certificate_is_the_announced_one),
        cmocka_unit_test(a_long_flight_is_split),
        cmocka_unit_test(nothing_is_resumed),
        cmocka_unit_test(lost_datagrams_are_sent_again),
        cmocka_unit_test(a_silent_client_is_given_up),
        cmocka_unit_test(the_timeout_doubles_up_to_a_longest),
        cmocka_unit_test(a_flight_may_come_in_any_shape),
        cmocka_unit_test(garbage_is_dropped),
        cmocka_unit_test(misplaced_records_fail),
        cmocka_unit_test(errors_of_others_are_not_ours),
        cmocka_unit_test(a_second_handshake_is_refused),
        cmocka_unit_test(application_data_is_ignored),
        cmocka_unit_test(the_client_closes),
        cmocka_unit_test(we_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
