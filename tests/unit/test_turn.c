/* TURN: the dialogue of a browser, who is refused and why, what is relayed, limits and times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/stun.h"
#include "proto/turn.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NOW (1000 * PL_SECOND)
#define UNIX 1700000000

enum { ALLOCATE = 3, REFRESH = 4, SEND = 6, DATA_IND = 7, PERMIT = 8, BIND = 9 };

static void count_up(void *ctx, uint8_t *out, size_t n)
{
    uint8_t *next = ctx;
    while (n--)
        *out++ = (*next)++;
}

/* A client and its server. */
struct dialogue {
    struct pl_addr peers[20], client;
    uint8_t seed;
    struct pl_turn_service service;
    struct pl_turn_credentials credentials;
    struct pl_turn *turn;
    char nonce[32];
    pl_time_us now;
    int64_t unix_s;
    uint8_t message[4096], reply[PL_TURN_REPLY_MAX];
    size_t n;
    struct pl_turn_result result;
    struct pl_stun m;             /* the reply */
    struct pl_addr relayed, peer; /* in it */
    uint32_t lifetime;
    uint8_t data[64];
    size_t data_len;
};

static struct pl_addr addr(const char *text)
{
    struct pl_addr a;
    assert_int_equal(pl_addr_parse(text, &a), PL_OK);
    return a;
}

static void begin(struct dialogue *d)
{
    memset(d, 0, sizeof *d);
    d->peers[0] = addr("192.0.2.1:7000");
    d->peers[1] = addr("192.0.2.1:7001");
    d->peers[2] = addr("192.0.2.2:7000");
    d->peers[3] = addr("[2001:db8::1]:7000");
    d->client = addr("198.51.100.7:40000");
    d->service = (struct pl_turn_service){"parley", {1, 2, 3}, d->peers, 4, {count_up, &d->seed}};
    d->now = NOW;
    d->unix_s = UNIX;
    pl_turn_credentials(&d->service, d->unix_s, &d->credentials);
    assert_int_equal(pl_turn_new(&d->service, &d->client, &d->turn), PL_OK);
}

static bool read_reply(void *ctx, uint16_t type, const uint8_t *value, size_t n,
                       const uint8_t *message, bool *taken)
{
    struct dialogue *d = ctx;
    *taken = true;
    if (type == 0x0016)
        return pl_stun_read_address(value, n, message, &d->relayed);
    if (type == 0x0012)
        return pl_stun_read_address(value, n, message, &d->peer);
    if (type == 0x000d)
        d->lifetime = pl_get_u32(value);
    if (type == 0x0013) {
        assert_true(n <= sizeof d->data);
        memcpy(d->data, value, n);
        d->data_len = n;
    }
    return true;
}

/* An attribute of a request: with an address (`addr`) or a number of `size` bytes. */
struct attribute {
    uint16_t type;
    const char *addr;
    uint32_t number;
    size_t size;
};
#define TRANSPORT                                                                                  \
    {                                                                                              \
        0x0019, NULL, 17u << 24, 4                                                                 \
    }
#define PEER(text)                                                                                 \
    {                                                                                              \
        0x0012, text, 0, 0                                                                         \
    }
#define CHANNEL(number)                                                                            \
    {                                                                                              \
        0x000c, NULL, (uint32_t)(number) << 16, 4                                                  \
    }
#define TIME(seconds)                                                                              \
    {                                                                                              \
        0x000d, NULL, seconds, 4                                                                   \
    }
#define FAMILY(f)                                                                                  \
    {                                                                                              \
        0x0017, NULL, (uint32_t)(f) << 24, 4                                                       \
    }

static void compose(struct dialogue *d, enum pl_stun_class class, uint16_t method,
                    const struct attribute *list, size_t n, const char *password)
{
    static const uint8_t id[12] = "abcdefghijkl";
    uint8_t key[PL_STUN_LONG_TERM_KEY_SIZE], value[4];
    struct pl_writer w = pl_writer(d->message, sizeof d->message);
    pl_stun_write_header(&w, class, method, id);
    for (size_t i = 0; i < n; i++) {
        struct pl_addr a;
        pl_put_u32(value, list[i].number);
        if (list[i].addr) {
            a = addr(list[i].addr);
            pl_stun_write_address(&w, list[i].type, &a, id);
        } else {
            pl_stun_write_attribute(&w, list[i].type, value, list[i].size);
        }
    }
    if (password) {
        struct pl_str name = pl_str(d->credentials.username);
        pl_stun_write_attribute(&w, 0x0006, name.p, name.n);
        pl_stun_write_attribute(&w, 0x0014, "parley", 6);
        pl_stun_write_attribute(&w, 0x0015, d->nonce, strlen(d->nonce));
        pl_stun_long_term_key(name, pl_str("parley"), pl_str(password), key);
    }
    pl_stun_end(&w, password ? key : NULL, sizeof key);
    assert_false(w.full);
    d->n = pl_writer_size(&w);
}

static void give(struct dialogue *d)
{
    assert_int_equal(
        pl_turn_input(d->turn, d->message, d->n, d->now, d->unix_s, d->reply, &d->result), PL_OK);
}

/* Gives what was composed and reads the reply: its error code, 0 for success. */
static unsigned ask(struct dialogue *d)
{
    struct pl_frame f;
    give(d);
    assert_int_equal(pl_frame_read_turn(d->reply, d->result.reply_len, &f), PL_OK);
    assert_int_equal(f.total, d->result.reply_len);
    assert_int_equal(pl_stun_parse_with(d->reply, f.n, read_reply, d, &d->m), PL_OK);
    assert_memory_equal(d->m.transaction, "abcdefghijkl", 12);
    if (d->m.nonce.p)
        assert_int_equal(pl_str_copy(d->m.nonce, d->nonce, sizeof d->nonce), PL_OK);
    assert_int_equal(d->m.class, d->m.error_code ? PL_STUN_ERROR : PL_STUN_SUCCESS);
    return d->m.error_code;
}

static unsigned request(struct dialogue *d, uint16_t method, const struct attribute *list, size_t n)
{
    compose(d, PL_STUN_REQUEST, method, list, n, d->credentials.password);
    return ask(d);
}
#define REQUEST(d, method, ...)                                                                    \
    request(d, method, (const struct attribute[]){__VA_ARGS__},                                    \
            COUNT(((const struct attribute[]){__VA_ARGS__})))

static void challenge(struct dialogue *d)
{
    compose(d, PL_STUN_REQUEST, ALLOCATE, (const struct attribute[]){TRANSPORT}, 1, NULL);
    assert_int_equal(ask(d), 401);
    assert_true(pl_str_eq(d->m.realm, "parley"));
    assert_int_equal(strlen(d->nonce), 16);
    assert_int_equal(d->m.integrity_at, 0);
}

static void begin_allocated(struct dialogue *d)
{
    begin(d);
    challenge(d);
    assert_int_equal(REQUEST(d, ALLOCATE, TRANSPORT), 0);
}

static size_t send_to(struct dialogue *d, const char *peer)
{
    compose(d, PL_STUN_INDICATION, SEND,
            (const struct attribute[]){PEER(peer), {0x0013, NULL, 0x01020304, 4}}, 2, NULL);
    give(d);
    assert_int_equal(d->result.reply_len, 0);
    return d->result.n;
}

static size_t send_channel(struct dialogue *d, uint16_t number)
{
    pl_put_u16(d->message, number);
    pl_put_u16(d->message + 2, 3);
    memcpy(d->message + 4, "abc", 4);
    d->n = 7;
    give(d);
    assert_int_equal(d->result.reply_len, 0);
    return d->result.n;
}

static void as_a_browser(void **state)
{
    struct dialogue d;
    uint8_t out[128];
    size_t n;
    (void)state;
    begin(&d);
    assert_null(pl_turn_relayed(d.turn, d.now));
    assert_true(pl_turn_deadline(d.turn) == PL_NEVER);
    challenge(&d);
    assert_int_equal(REQUEST(&d, ALLOCATE, TRANSPORT), 0);
    assert_true(d.m.integrity_at > 0);
    assert_true(d.m.has_mapped && pl_addr_eq(&d.m.mapped, &d.client));
    assert_true(pl_addr_eq(&d.relayed, pl_turn_relayed(d.turn, d.now)));
    assert_memory_equal(d.relayed.ip, d.peers[0].ip, 16);
    assert_true(d.relayed.port >= 49152);
    assert_int_equal(d.lifetime, 600);
    assert_true(pl_turn_deadline(d.turn) == d.now + 600 * PL_SECOND);

    assert_int_equal(send_to(&d, "192.0.2.1:7001"), 0); /* no permission yet */
    assert_int_equal(REQUEST(&d, PERMIT, PEER("192.0.2.1:9")), 0);
    assert_int_equal(send_to(&d, "192.0.2.1:7001"), 4);
    assert_memory_equal(d.result.data, "\x01\x02\x03\x04", 4);
    assert_int_equal(d.result.peer, 1);
    assert_int_equal(send_to(&d, "192.0.2.1:9"), 0); /* permitted, and not ours */

    assert_int_equal(
        pl_turn_wrap(d.turn, 1, (const uint8_t *)"reply", 5, d.now, out, sizeof out, &n), PL_OK);
    assert_int_equal(pl_stun_parse_with(out, n, read_reply, &d, &d.m), PL_OK);
    assert_int_equal(d.m.class, PL_STUN_INDICATION);
    assert_int_equal(d.m.method, DATA_IND);
    assert_true(pl_addr_eq(&d.peer, &d.peers[1]));
    assert_int_equal(d.data_len, 5);
    assert_memory_equal(d.data, "reply", 5);

    assert_int_equal(send_channel(&d, 0x4000), 0);
    assert_int_equal(REQUEST(&d, BIND, CHANNEL(0x4000), PEER("192.0.2.1:7001")), 0);
    assert_int_equal(send_channel(&d, 0x4000), 3);
    assert_memory_equal(d.result.data, "abc", 3);
    assert_int_equal(d.result.peer, 1);
    assert_int_equal(send_channel(&d, 0x4001), 0);
    assert_int_equal(
        pl_turn_wrap(d.turn, 1, (const uint8_t *)"reply", 5, d.now, out, sizeof out, &n), PL_OK);
    assert_int_equal(n, 12);
    assert_memory_equal(out, "\x40\x00\x00\x05reply\0\0", 12);

    assert_int_equal(REQUEST(&d, REFRESH, TIME(0)), 0);
    assert_int_equal(d.lifetime, 0);
    assert_null(pl_turn_relayed(d.turn, d.now));
    assert_int_equal(send_channel(&d, 0x4000), 0);
    assert_int_equal(pl_turn_wrap(d.turn, 1, out, 5, d.now, out, sizeof out, &n), PL_EAUTH);
    pl_turn_free(d.turn);
}

static void who_is_refused(void **state)
{
    struct dialogue d;
    (void)state;
    begin(&d);
    challenge(&d);
    compose(&d, PL_STUN_REQUEST, ALLOCATE, (const struct attribute[]){TRANSPORT}, 1, "wrong");
    assert_int_equal(ask(&d), 401);
    d.nonce[0] ^= 1;
    assert_int_equal(REQUEST(&d, ALLOCATE, TRANSPORT), 438);
    d.unix_s += PL_TURN_CREDENTIAL_SECONDS + 1;
    assert_int_equal(REQUEST(&d, ALLOCATE, TRANSPORT), 401); /* expired */
    d.unix_s--;
    assert_int_equal(REQUEST(&d, ALLOCATE, TRANSPORT), 0); /* just not */
    d.unix_s++;
    assert_int_equal(REQUEST(&d, REFRESH, TIME(600)), 0); /* the allocation lives on */
    pl_turn_credentials(&d.service, d.unix_s, &d.credentials);
    assert_int_equal(REQUEST(&d, REFRESH, TIME(600)), 441);
    assert_int_equal(REQUEST(&d, PERMIT, PEER("192.0.2.1:7000")), 441);
    pl_turn_free(d.turn);
}

/* Each on a new allocation; the expected code. */
static const struct {
    uint16_t method;
    struct attribute list[3];
    size_t n;
    unsigned code;
} refused[] = {
    {ALLOCATE, {TRANSPORT}, 1, 437},
    {PERMIT, {PEER("192.0.2.3:7000")}, 1, 403},
    {PERMIT, {PEER("127.0.0.1:22")}, 1, 403},
    {PERMIT, {PEER("192.0.2.1:7000"), PEER("203.0.113.1:53")}, 2, 403},
    {PERMIT, {PEER("[2001:db8::1]:7000")}, 1, 443},
    {PERMIT, {TIME(5)}, 1, 400},
    {PERMIT, {PEER("192.0.2.1:7000"), {0x0018, NULL, 0, 1}}, 2, 420},
    {BIND, {CHANNEL(0x4000)}, 1, 400},
    {BIND, {PEER("192.0.2.1:7000")}, 1, 400},
    {BIND, {CHANNEL(0x3fff), PEER("192.0.2.1:7000")}, 2, 400},
    {BIND, {CHANNEL(0x5000), PEER("192.0.2.1:7000")}, 2, 400},
    {BIND, {CHANNEL(0x4fff), PEER("192.0.2.1:7000")}, 2, 0},
    {BIND, {CHANNEL(0x4000), PEER("192.0.2.1:22")}, 2, 403},
    {BIND, {CHANNEL(0x4000), PEER("203.0.113.1:7000")}, 2, 403},
    {REFRESH, {FAMILY(2)}, 1, 443},
    {REFRESH, {TIME(1)}, 1, 0},
    {12, {TIME(1)}, 1, 400},
};

static void what_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct dialogue d;
        begin_allocated(&d);
        assert_int_equal(request(&d, refused[i].method, refused[i].list, refused[i].n),
                         refused[i].code);
        if (refused[i].code == 403) /* nothing of it holds */
            assert_int_equal(send_to(&d, "192.0.2.1:7000"), 0);
        pl_turn_free(d.turn);
    }
}

static const struct {
    struct attribute list[2];
    size_t n;
    unsigned code;
    const char *ip; /* of the relayed address */
} allocations[] = {
    {{TIME(60)}, 1, 400, NULL},
    {{{0x0019, NULL, 6u << 24, 4}}, 1, 442, NULL},
    {{TRANSPORT, FAMILY(1)}, 2, 0, "192.0.2.1"},
    {{TRANSPORT, FAMILY(2)}, 2, 0, "2001:db8::1"},
    {{TRANSPORT, FAMILY(3)}, 2, 440, NULL},
    {{TRANSPORT, {0x0018, NULL, 0, 1}}, 2, 420, NULL},
};

static void allocations_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(allocations); i++) {
        struct dialogue d;
        char text[PL_ADDR_TEXT];
        begin(&d);
        challenge(&d);
        assert_int_equal(request(&d, ALLOCATE, allocations[i].list, allocations[i].n),
                         allocations[i].code);
        if (allocations[i].ip) {
            pl_addr_ip_text(&d.relayed, text);
            assert_string_equal(text, allocations[i].ip);
        }
        pl_turn_free(d.turn);
    }
}

static void one_channel_one_peer(void **state)
{
    struct dialogue d;
    (void)state;
    begin_allocated(&d);
    assert_int_equal(REQUEST(&d, BIND, CHANNEL(0x4000), PEER("192.0.2.1:7000")), 0);
    assert_int_equal(REQUEST(&d, BIND, CHANNEL(0x4000), PEER("192.0.2.1:7000")), 0); /* refresh */
    assert_int_equal(REQUEST(&d, BIND, CHANNEL(0x4000), PEER("192.0.2.1:7001")), 400);
    assert_int_equal(REQUEST(&d, BIND, CHANNEL(0x4001), PEER("192.0.2.1:7000")), 400);
    assert_int_equal(REQUEST(&d, BIND, CHANNEL(0x4001), PEER("192.0.2.1:7001")), 0);
    pl_turn_free(d.turn);
}

static void limits(void **state)
{
    struct dialogue d;
    char text[PL_ADDR_TEXT];
    (void)state;
    begin_allocated(&d);
    d.service.n_peers = COUNT(d.peers);
    for (size_t i = 0; i < COUNT(d.peers); i++) {
        snprintf(text, sizeof text, "192.0.2.%zu:7000", i + 1);
        d.peers[i] = addr(text);
    }
    for (size_t i = 0; i < COUNT(d.peers); i++) {
        pl_addr_text(&d.peers[i], text);
        assert_int_equal(REQUEST(&d, BIND, CHANNEL(0x4000 + i), PEER(text)),
                         i < PL_TURN_CHANNELS_MAX ? 0 : 508);
        assert_int_equal(REQUEST(&d, PERMIT, PEER(text)), i < PL_TURN_PERMISSIONS_MAX ? 0 : 508);
    }
    pl_turn_free(d.turn);
}

static void times(void **state)
{
    struct dialogue d;
    (void)state;
    begin_allocated(&d);
    assert_int_equal(REQUEST(&d, REFRESH, TIME(1000000)), 0);
    assert_int_equal(d.lifetime, 3600);
    assert_int_equal(REQUEST(&d, BIND, CHANNEL(0x4000), PEER("192.0.2.1:7000")), 0);
    d.now += PL_TURN_PERMISSION_TIME - 1;
    assert_int_equal(send_channel(&d, 0x4000), 3);
    d.now++;
    assert_int_equal(send_channel(&d, 0x4000), 0);
    assert_int_equal(REQUEST(&d, PERMIT, PEER("192.0.2.1:7000")), 0);
    assert_int_equal(send_channel(&d, 0x4000), 3);
    d.now = NOW + PL_TURN_CHANNEL_TIME - 1;
    assert_int_equal(REQUEST(&d, PERMIT, PEER("192.0.2.1:7000")), 0);
    assert_int_equal(send_channel(&d, 0x4000), 3);
    d.now++;
    assert_int_equal(send_channel(&d, 0x4000), 0);
    d.now = NOW + PL_TURN_NONCE_TIME;
    assert_int_equal(REQUEST(&d, REFRESH, TIME(600)), 438);
    pl_turn_free(d.turn);
    begin_allocated(&d);
    d.now = NOW + PL_TURN_LIFETIME - 1;
    assert_int_equal(REQUEST(&d, PERMIT, PEER("192.0.2.1:7000")), 0);
    d.now++;
    assert_null(pl_turn_relayed(d.turn, d.now));
    assert_int_equal(REQUEST(&d, PERMIT, PEER("192.0.2.1:7000")), 437);
    pl_turn_free(d.turn);
}

static void keepalive(void **state)
{
    struct dialogue d;
    (void)state;
    begin(&d);
    compose(&d, PL_STUN_REQUEST, PL_STUN_BINDING, NULL, 0, NULL);
    assert_int_equal(ask(&d), 0);
    assert_true(d.m.has_mapped && pl_addr_eq(&d.m.mapped, &d.client));
    pl_turn_free(d.turn);
}

static void malformed(void **state)
{
    struct dialogue d;
    (void)state;
    begin_allocated(&d);
    for (size_t n = 0; n < 24; n++) { /* each prefix of a message */
        compose(&d, PL_STUN_REQUEST, PERMIT, (const struct attribute[]){PEER("192.0.2.1:7000")}, 1,
                NULL);
        assert_int_equal(pl_turn_input(d.turn, d.message, n, d.now, d.unix_s, d.reply, &d.result),
                         PL_EINVAL);
    }
    compose(&d, PL_STUN_REQUEST, BIND, (const struct attribute[]){{0x000c, NULL, 0, 3}}, 1, NULL);
    assert_int_equal(pl_turn_input(d.turn, d.message, d.n, d.now, d.unix_s, d.reply, &d.result),
                     PL_EINVAL);
    compose(&d, PL_STUN_SUCCESS, PERMIT, NULL, 0, NULL);
    give(&d); /* a response to nothing is dropped */
    assert_int_equal(d.result.reply_len, 0);
    pl_turn_free(d.turn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_a_browser),
        cmocka_unit_test(who_is_refused),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(allocations_asked_for),
        cmocka_unit_test(one_channel_one_peer),
        cmocka_unit_test(limits),
        cmocka_unit_test(times),
        cmocka_unit_test(keepalive),
        cmocka_unit_test(malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
