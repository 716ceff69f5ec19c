/* What is left of an association: against its mirror image, the same keys the other way round; and
 * against OpenSSL's client, with which it goes on where OpenSSL's server left off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dtls_link.h"

#define FIRST (UINT64_C(1) << 48)
#define RECORD_MAX 4096

struct pair {
    struct pl_dtls_rest server, client;
};

static struct pair new_pair(size_t key_len)
{
    struct pair p = {.server = {.key_len = key_len, .next = {7, FIRST + 1}, .answered = FIRST}};
    for (size_t i = 0; i < sizeof p.server.in; i++) {
        ((uint8_t *)&p.server.in)[i] = (uint8_t)i;
        ((uint8_t *)&p.server.out)[i] = (uint8_t)(i + 100);
    }
    for (size_t i = 0; i < sizeof p.server.finished; i++)
        p.server.finished[i] = (uint8_t)(i + SSL3_MT_FINISHED);
    p.server.nonce = UINT64_MAX; /* it wraps */
    p.client = p.server;
    p.client.in = p.server.out;
    p.client.out = p.server.in;
    return p;
}

struct said {
    enum pl_dtls_state state;
    uint8_t answer[PL_DTLS_ANSWER_MAX];
    size_t n;
};

static struct said tell(struct pair *p, const uint8_t *bytes, size_t n)
{
    struct said s = {0};
    s.state = pl_dtls_rest_input(&p->server, bytes, n, s.answer, &s.n);
    assert_true(s.n <= sizeof s.answer);
    return s;
}

static struct said tell_record(struct pair *p, uint8_t type, const void *text, size_t text_len)
{
    uint8_t record[RECORD_MAX];
    size_t n = pl_dtls_rest_seal(&p->client, type, text, text_len, record);
    assert_int_equal(n, text_len + PL_DTLS_RECORD_HEADER + PL_DTLS_RECORD_OVERHEAD);
    return tell(p, record, n);
}

/* A message of this type, with nothing in it that anybody looks at. */
static struct said tell_handshake(struct pair *p, uint8_t type, size_t n)
{
    uint8_t message[RECORD_MAX] = {type};
    return tell_record(p, SSL3_RT_HANDSHAKE, message, n);
}

static void alerts(void **state)
{
    (void)state;
    static const struct {
        uint8_t text[3];
        size_t n;
        enum pl_dtls_state after;
    } cases[] = {
        {{1, SSL3_AD_CLOSE_NOTIFY}, 2, PL_DTLS_CLOSED},
        {{2, SSL3_AD_CLOSE_NOTIFY}, 2, PL_DTLS_CLOSED},
        {{1, SSL_AD_USER_CANCELLED}, 2, PL_DTLS_CONNECTED},
        {{1, SSL_AD_NO_RENEGOTIATION}, 2, PL_DTLS_CONNECTED},
        {{2, SSL_AD_INTERNAL_ERROR}, 2, PL_DTLS_FAILED},
        {{1}, 1, PL_DTLS_CONNECTED},
        {{1, SSL3_AD_CLOSE_NOTIFY, 0}, 3, PL_DTLS_CONNECTED},
        {{0}, 0, PL_DTLS_CONNECTED},
    };
    for (size_t key_len = 16; key_len <= 32; key_len += 16) {
        for (size_t i = 0; i < COUNT(cases); i++) {
            struct pair p = new_pair(key_len);
            struct said s = tell_record(&p, SSL3_RT_ALERT, cases[i].text, cases[i].n);
            assert_int_equal(s.state, cases[i].after);
            assert_int_equal(s.n > 0, s.state == PL_DTLS_CLOSED);
            if (s.n == 0)
                continue;
            uint8_t back[PL_DTLS_ANSWER_MAX];
            size_t back_len;
            assert_int_equal(pl_dtls_rest_input(&p.client, s.answer, s.n, back, &back_len),
                             PL_DTLS_CLOSED);
        }
    }
}

static void a_finished_is_answered_by_ours(void **state)
{
    (void)state;
    struct pair p = new_pair(16);
    uint64_t last_nonce = 0;
    for (unsigned i = 0; i < 3; i++) {
        struct said s = tell_handshake(&p, SSL3_MT_FINISHED, PL_DTLS_FINISHED_SIZE);
        static const uint8_t change[] = "\x14\xfe\xfd\0\0\0\0\0\0\0\7\0\1\1"; /* next[0] is 7 */
        assert_int_equal(s.state, PL_DTLS_CONNECTED);
        assert_int_equal(s.n, PL_DTLS_ANSWER_MAX);
        s.answer[10] = (uint8_t)(s.answer[10] - i);
        assert_memory_equal(s.answer, change, sizeof change - 1);
        uint8_t *record = s.answer + sizeof change - 1;
        assert_int_equal(pl_get_u64(record + 3), FIRST + 1 + i); /* a new record each time, */
        uint64_t nonce = pl_get_u64(record + PL_DTLS_RECORD_HEADER);
        if (i)
            assert_int_equal(nonce, last_nonce + 1); /* and a new nonce */
        last_nonce = nonce;
        /* It is the message that it was: the mirror image, told what went out, takes it so. */
        struct pl_dtls_rest mirror = p.client;
        uint8_t back[PL_DTLS_ANSWER_MAX];
        size_t back_len;
        mirror.answered = 0;
        assert_int_equal(record[0], SSL3_RT_HANDSHAKE);
        pl_dtls_rest_input(&mirror, record, PL_DTLS_FINISHED_RECORD, back, &back_len);
        assert_int_equal(back_len, PL_DTLS_ANSWER_MAX);
    }
}

static void other_messages(void **state)
{
    (void)state;
    struct pair p = new_pair(32);
    assert_int_equal(tell_handshake(&p, SSL3_MT_CLIENT_HELLO, 200).n,
                     PL_DTLS_RECORD_HEADER + PL_DTLS_RECORD_OVERHEAD + PL_DTLS_ALERT_SIZE);
    assert_int_equal(tell_handshake(&p, SSL3_MT_FINISHED, 11).n, 0);   /* less than a header, */
    assert_true(tell_handshake(&p, SSL3_MT_FINISHED, 12).n > 0);       /* a header */
    assert_true(tell_handshake(&p, SSL3_MT_FINISHED, 1500).n > 0);     /* as long as is read, */
    assert_int_equal(tell_handshake(&p, SSL3_MT_FINISHED, 1501).n, 0); /* longer */
    assert_int_equal(tell_handshake(&p, SSL3_MT_CERTIFICATE, 100).n, 0);
    assert_int_equal(tell_record(&p, SSL3_RT_APPLICATION_DATA, "hello", 5).n, 0);
    assert_int_equal(tell_record(&p, SSL3_RT_CHANGE_CIPHER_SPEC, "\1", 1).n, 0);
}

static void only_what_is_newer_is_answered(void **state)
{
    (void)state;
    static const struct {
        uint64_t number;
        bool answered;
    } records[] = {{0, false}, {1, true}, {1, false}, {3, true}, {2, false}, {3, false}, {4, true}};
    struct pair p = new_pair(16);
    for (size_t i = 0; i < COUNT(records); i++) {
        p.client.next[1] = FIRST + records[i].number;
        assert_int_equal(tell_handshake(&p, SSL3_MT_FINISHED, PL_DTLS_FINISHED_SIZE).n > 0,
                         records[i].answered);
    }
    p.client.next[1] = 2 * FIRST; /* an epoch that there is not */
    assert_int_equal(tell_handshake(&p, SSL3_MT_FINISHED, PL_DTLS_FINISHED_SIZE).n, 0);
    p.client.next[1] = 0;
    assert_int_equal(tell_record(&p, SSL3_RT_ALERT, "\1\0", 2).state, PL_DTLS_CONNECTED);
    p.client.next[1] = FIRST; /* closing is believed whenever it was said */
    assert_int_equal(tell_record(&p, SSL3_RT_ALERT, "\1\0", 2).state, PL_DTLS_CLOSED);
}

/* However many records ask for one. */
static void a_datagram_gets_one_answer(void **state)
{
    (void)state;
    uint8_t all[RECORD_MAX], message[PL_DTLS_FINISHED_SIZE] = {SSL3_MT_FINISHED};
    struct pair p = new_pair(16);
    size_t n = 0;
    for (int i = 0; i < 20; i++)
        n += pl_dtls_rest_seal(&p.client, SSL3_RT_HANDSHAKE, message, sizeof message, all + n);
    assert_int_equal(tell(&p, all, n).n, PL_DTLS_ANSWER_MAX);
    n = pl_dtls_rest_seal(&p.client, SSL3_RT_HANDSHAKE, message, sizeof message, all);
    n += pl_dtls_rest_close(&p.client, all + n);
    n += pl_dtls_rest_seal(&p.client, SSL3_RT_HANDSHAKE, message, sizeof message, all + n);
    struct said s = tell(&p, all, n);
    assert_int_equal(s.state, PL_DTLS_CLOSED);
    assert_int_equal(s.answer[0], SSL3_RT_ALERT);
}

static void records_are_counted_as_they_go(void **state)
{
    (void)state;
    struct pl_dtls_rest r = {0};
    static const uint8_t clear[] =
        "\x16\xfe\xfd\0\0\0\0\0\0\0\4\0\2ab\x14\xfe\xfd\0\0\0\0\0\0\0\5\0\1\1";
    pl_dtls_rest_sent(&r, clear, sizeof clear - 1);
    assert_int_equal(r.next[0], 6);
    assert_int_equal(r.next[1], 0);
    uint8_t finished[PL_DTLS_FINISHED_RECORD] = "\x16\xfe\xfd\0\1\0\0\0\0\0\x9\0\60";
    pl_put_u64(finished + PL_DTLS_RECORD_HEADER, 1234);
    finished[PL_DTLS_FINISHED_RECORD - 1] = 'x';
    pl_dtls_rest_sent(&r, finished, sizeof finished);
    assert_int_equal(r.next[0], 6);
    assert_int_equal(r.next[1], FIRST + 10);
    assert_int_equal(r.nonce, 1235);
    assert_memory_equal(r.record, finished, sizeof finished);
    pl_dtls_rest_sent(&r, finished, sizeof finished - 1); /* half a record is none */
    assert_int_equal(r.nonce, 1235);
}

/* Against OpenSSL's client. */

static void say_again(struct link *l)
{
    wait_for_timeout(l);
    ERR_clear_error();
    assert_true(DTLSv1_handle_timeout(l->client) >= 0);
}

static void is_lost(struct queue *q)
{
    assert_true(q->first < q->last);
    q->first = q->last;
}

/* Both sides up to the client's last flight, which is under way. */
static struct link *nearly_connected(DTLS_timer_cb timer)
{
    struct link *l = new_link(&usual);
    DTLS_set_timer_cb(l->client, timer);
    for (int flight = 0; flight < 2; flight++) {
        client_works(l);
        for (const struct datagram *d; flight == 0 && (d = pop(&l->to_server));)
            pl_dtls_input(l->server, d->bytes, d->n);
    }
    assert_int_equal(pl_dtls_state(l->server), PL_DTLS_HANDSHAKING);
    assert_true(l->to_server.first < l->to_server.last);
    return l;
}

static void to_server(struct link *l)
{
    for (const struct datagram *d; (d = pop(&l->to_server));)
        pl_dtls_input(l->server, d->bytes, d->n);
}

static void the_last_flight_is_said_again(void **state)
{
    (void)state;
    for (int lost = 0; lost < 4; lost++) {
        struct link *l = nearly_connected(soon);
        to_server(l);
        for (int i = 0; i < lost; i++) {
            assert_int_equal(pl_dtls_state(l->server), PL_DTLS_CONNECTED);
            assert_null(l->server->ssl);
            is_lost(&l->to_client);
            say_again(l);
            unsigned sent = l->to_client.sent;
            to_server(l);
            assert_int_equal(l->to_client.sent, sent + 1);
        }
        assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
        /* Counters go on from there, in both directions. */
        pl_dtls_close(l->server);
        deliver(l);
        assert_true(SSL_get_shutdown(l->client) & SSL_RECEIVED_SHUTDOWN);
        free_link(l);
    }
}

/* Nobody but the client makes us say it again, and nobody with what the client said before. */
static void it_is_not_said_to_others(void **state)
{
    (void)state;
    static struct queue first, again;
    struct link *l = nearly_connected(soon);
    first = l->to_server;
    to_server(l);
    is_lost(&l->to_client);
    say_again(l);
    again = l->to_server;
    to_server(l);
    unsigned sent = l->to_client.sent;
    for (size_t i = first.first; i < first.last; i++)
        pl_dtls_input(l->server, first.datagrams[i].bytes, first.datagrams[i].n);
    for (size_t i = again.first; i < again.last; i++)
        pl_dtls_input(l->server, again.datagrams[i].bytes, again.datagrams[i].n);
    for (size_t i = again.first; i < again.last; i++)
        for (size_t byte = 0; byte < again.datagrams[i].n; byte++) {
            again.datagrams[i].bytes[byte] ^= 1;
            pl_dtls_input(l->server, again.datagrams[i].bytes, again.datagrams[i].n);
            again.datagrams[i].bytes[byte] ^= 1;
        }
    assert_int_equal(l->to_client.sent, sent);
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    free_link(l);
}

/* With each suite: its hash makes the keys. */
static void every_suite_has_its_keys(void **state)
{
    (void)state;
    static const char *const names[] = {"ECDHE-ECDSA-AES128-GCM-SHA256",
                                        "ECDHE-ECDSA-AES256-GCM-SHA384"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct link *l = new_link(&usual);
        assert_int_equal(SSL_set_cipher_list(l->client, names[i]), 1);
        assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
        assert_string_equal(SSL_get_cipher_name(l->client), names[i]);
        assert_int_equal(SSL_shutdown(l->client), 0);
        deliver(l);
        assert_int_equal(pl_dtls_state(l->server), PL_DTLS_CLOSED);
        assert_int_equal(SSL_shutdown(l->client), 1);
        free_link(l);
    }
}

/* However slow the machine, the client says nothing twice. */
static unsigned much_later(SSL *ssl, unsigned last_us)
{
    (void)ssl;
    (void)last_us;
    return 60 * 1000 * 1000;
}

/* A datagram of the client's last flight with its close_notify behind it. */
static void a_client_that_closes_at_once(void **state)
{
    (void)state;
    struct link *l = nearly_connected(much_later);
    static struct datagram all;
    const struct datagram *d = pop(&l->to_server);
    all = *d;
    l->to_server.first = l->to_server.last; /* what a slow machine made the client say again */
    pl_dtls_input(l->server, d->bytes, d->n);
    client_works(l);
    assert_true(l->connected);
    assert_int_equal(SSL_shutdown(l->client), 0);
    struct datagram *close = &l->to_server.datagrams[l->to_server.first];
    memcpy(all.bytes + all.n, close->bytes, close->n);
    all.n += close->n;
    assert_int_equal(pl_dtls_input(l->server, all.bytes, all.n), PL_DTLS_CLOSED);
    free_link(l);
}

static void garbage_afterwards_is_dropped(void **state)
{
    (void)state;
    struct link *l = new_link(&usual);
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    unsigned sent = l->to_client.sent;
    uint8_t bytes[2000];
    unsigned seed = 1;
    for (int i = 0; i < 2000; i++) {
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
        size_t n = (size_t)i;
        if (i & 1 && n > PL_DTLS_RECORD_HEADER) { /* one that looks like a record of ours */
            memcpy(bytes, "\x15\xfe\xfd\0\1\0\0\0", 8);
            bytes[0] += (uint8_t)(i >> 1 & 1);
            pl_put_u16(bytes + 11, (uint16_t)(n - PL_DTLS_RECORD_HEADER));
        }
        assert_int_equal(pl_dtls_input(l->server, bytes, n), PL_DTLS_CONNECTED);
        assert_int_equal(ERR_peek_error(), 0);
    }
    assert_int_equal(l->to_client.sent, sent);
    free_link(l);
}

/* Every byte of it matters. */
static void a_forged_alert_does_not_close(void **state)
{
    (void)state;
    struct link *l = new_link(&usual);
    assert_connects(l, PL_SRTP_AEAD_AES_128_GCM);
    assert_int_equal(
        pl_dtls_input(l->server, (const uint8_t *)"\x15\xfe\xfd\0\0\0\0\0\0\0\x9\0\2\1\0", 15),
        PL_DTLS_CONNECTED); /* in clear */
    assert_int_equal(SSL_shutdown(l->client), 0);
    struct datagram *d = &l->to_server.datagrams[l->to_server.first];
    for (size_t bit = 0; bit < d->n * 8; bit++) {
        d->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(pl_dtls_input(l->server, d->bytes, d->n), PL_DTLS_CONNECTED);
        d->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t n = 0; n < d->n; n++)
        assert_int_equal(pl_dtls_input(l->server, d->bytes, n), PL_DTLS_CONNECTED);
    unsigned sent = l->to_client.sent;
    assert_int_equal(pl_dtls_input(l->server, d->bytes, d->n), PL_DTLS_CLOSED);
    assert_int_equal(pl_dtls_input(l->server, d->bytes, d->n), PL_DTLS_CLOSED);
    assert_int_equal(l->to_client.sent, sent + 1);
    free_link(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alerts),
        cmocka_unit_test(a_finished_is_answered_by_ours),
        cmocka_unit_test(other_messages),
        cmocka_unit_test(only_what_is_newer_is_answered),
        cmocka_unit_test(a_datagram_gets_one_answer),
        cmocka_unit_test(records_are_counted_as_they_go),
        cmocka_unit_test(the_last_flight_is_said_again),
        cmocka_unit_test(it_is_not_said_to_others),
        cmocka_unit_test(every_suite_has_its_keys),
        cmocka_unit_test(a_client_that_closes_at_once),
        cmocka_unit_test(garbage_afterwards_is_dropped),
        cmocka_unit_test(a_forged_alert_does_not_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
