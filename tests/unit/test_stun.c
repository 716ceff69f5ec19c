/* STUN: the vectors of RFC 5769, what is refused, what the builders write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/stun.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define HEADER 20

static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt"; /* RFC 5769, 2.1 to 2.3 */
static const uint8_t transaction[12] = {0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
                                        0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};

#define COOKIE_AND_ID "\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"

static const char request[] = /* 2.1 */
    "\x00\x01\x00\x58" COOKIE_AND_ID "\x80\x22\x00\x10"
    "STUN test client"
    "\x00\x24\x00\x04\x6e\x00\x01\xff\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36"
    "\x00\x06\x00\x09"
    "evtj:h6vY   "
    "\x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71"
    "\xa2\x80\x28\x00\x04\xe5\x7a\x3b\xcf";

static const char response_v4[] = /* 2.2 */
    "\x01\x01\x00\x3c" COOKIE_AND_ID "\x80\x22\x00\x0b"
    "test vector "
    "\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43"
    "\x00\x08\x00\x14\x2b\x91\xf5\x99\xfd\x9e\x90\xc3\x8c\x74\x89\xf9\x2a\xf9\xba\x53\xf0\x6b\xe7"
    "\xd7\x80\x28\x00\x04\xc0\x7d\x4c\x96";

static const char response_v6[] = /* 2.3 */
    "\x01\x01\x00\x48" COOKIE_AND_ID "\x80\x22\x00\x0b"
    "test vector "
    "\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9"
    "\xd9\x00\x08\x00\x14\xa3\x82\x95\x4e\x4b\xe6\x7b\xf1\x17\x84\xc9\x7c\x82\x92\xc2\x75\xbf\xe3"
    "\xed\x41\x80\x28\x00\x04\xc8\xfb\x0b\x4c";

static const struct {
    const char *bytes;
    size_t n;
    const char *mapped; /* NULL: a request */
} vectors[] = {
    {request, sizeof request - 1, NULL},
    {response_v4, sizeof response_v4 - 1, "192.0.2.1:32853"},
    {response_v6, sizeof response_v6 - 1, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"},
};

/* Parses a copy of exactly n bytes, so that the address sanitizer sees a byte read past the end.
 * What is borrowed from it is gone afterwards. */
static enum pl_err parse(const void *bytes, size_t n, struct pl_stun *out)
{
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    enum pl_err e = pl_stun_parse(copy, n, out);
    free(copy);
    return e;
}

static void vectors_of_rfc_5769(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        const uint8_t *bytes = (const uint8_t *)vectors[i].bytes;
        size_t n = vectors[i].n;
        struct pl_stun m;
        char text[PL_ADDR_TEXT];
        assert_int_equal(pl_stun_parse(bytes, n, &m), PL_OK);
        assert_int_equal(m.method, PL_STUN_BINDING);
        assert_memory_equal(m.transaction, transaction, 12);
        assert_true(m.has_fingerprint);
        assert_int_equal(m.integrity_at, n - 8 - 24);
        assert_int_equal(m.unknown_required, 0);
        assert_true(pl_stun_check_integrity(bytes, n, &m, password, strlen(password)));
        assert_false(pl_stun_check_integrity(bytes, n, &m, password, strlen(password) - 1));
        assert_int_equal(m.class, vectors[i].mapped ? PL_STUN_SUCCESS : PL_STUN_REQUEST);
        assert_int_equal(m.has_mapped, vectors[i].mapped != NULL);
        if (vectors[i].mapped) {
            pl_addr_text(&m.mapped, text);
            assert_string_equal(text, vectors[i].mapped);
            continue;
        }
        assert_true(pl_str_eq(m.username, "evtj:h6vY"));
        assert_int_equal(m.priority, 0x6e0001ff);
        assert_true(m.has_controlled && !m.has_controlling && !m.use_candidate);
        assert_true(m.tiebreaker == 0x932ff9b151263b36);
    }
}

/* RFC 5769, 2.4; the password after SASLprep. */
static void long_term_vector_of_rfc_5769(void **state)
{
    static const char bytes[] = "\x00\x01\x00\x60\x21\x12\xa4\x42\x78\xad\x34\x33\xc6\xad\x72\xc0"
                                "\x29\xda\x41\x2e\x00\x06\x00\x12"
                                "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf\xe3"
                                "\x82\xb9\x00\x00\x00\x15\x00\x1c"
                                "f//499k954d6OL34oL9FSTvy64sA"
                                "\x00\x14\x00\x0b"
                                "example.org\x00"
                                "\x00\x08\x00\x14\xf6\x70\x24\x65\x6d\xd6\x4a\x3e\x02\xb8\xe0\x71"
                                "\x2e\x85\xc9\xa2\x8c\xa8\x96\x66";
    uint8_t key[PL_STUN_LONG_TERM_KEY_SIZE];
    struct pl_stun m;
    (void)state;
    assert_int_equal(pl_stun_parse((const uint8_t *)bytes, sizeof bytes - 1, &m), PL_OK);
    assert_true(pl_str_eq(m.realm, "example.org"));
    assert_true(pl_str_eq(m.nonce, "f//499k954d6OL34oL9FSTvy64sA"));
    pl_stun_long_term_key(m.username, m.realm, pl_str("TheMatrIX"), key);
    assert_true(
        pl_stun_check_integrity((const uint8_t *)bytes, sizeof bytes - 1, &m, key, sizeof key));
    pl_stun_long_term_key(m.username, m.realm, pl_str("TheMatrix"), key);
    assert_false(
        pl_stun_check_integrity((const uint8_t *)bytes, sizeof bytes - 1, &m, key, sizeof key));
}

/* A message with one wrong bit is refused; or the bit hides FINGERPRINT in another attribute, and
 * then the message has no integrity, unless the bit is in FINGERPRINT's own header. */
static void every_bit_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        uint8_t bytes[128];
        size_t n = vectors[i].n;
        memcpy(bytes, vectors[i].bytes, n);
        for (size_t bit = 0; bit < n * 8; bit++) {
            struct pl_stun m;
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (parse(bytes, n, &m) == PL_OK) {
                assert_false(m.has_fingerprint);
                assert_int_equal(pl_stun_check_integrity(bytes, n, &m, password, strlen(password)),
                                 bit / 8 >= n - 8);
            }
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void integrity_covers_what_precedes_it(void **state)
{
    (void)state;
    size_t n = sizeof request - 1 - 8; /* without FINGERPRINT */
    uint8_t bytes[128];
    struct pl_stun m;
    memcpy(bytes, request, n);
    bytes[3] = (uint8_t)(n - HEADER);
    assert_int_equal(pl_stun_parse(bytes, n, &m), PL_OK);
    assert_false(m.has_fingerprint);
    assert_true(pl_stun_check_integrity(bytes, n, &m, password, strlen(password)));
    for (size_t at = 4; at < n; at++) {
        bytes[at] ^= 0x10;
        struct pl_stun changed;
        if (pl_stun_parse(bytes, n, &changed) == PL_OK)
            assert_false(pl_stun_check_integrity(bytes, n, &changed, password, strlen(password)));
        bytes[at] ^= 0x10;
    }
    m.integrity_at = 0;
    assert_false(pl_stun_check_integrity(bytes, n, &m, password, strlen(password)));
}

static void cut_short_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        uint8_t bytes[132] = {0};
        struct pl_stun m;
        memcpy(bytes, vectors[i].bytes, vectors[i].n);
        for (size_t n = 0; n < vectors[i].n; n++)
            assert_int_equal(parse(bytes, n, &m), PL_EINVAL);
        assert_int_equal(parse(bytes, vectors[i].n + 4, &m), PL_EINVAL);
        for (size_t n = HEADER; n < vectors[i].n; n++) { /* the length says so, too */
            bytes[2] = 0;
            bytes[3] = (uint8_t)(n - HEADER);
            enum pl_err e = parse(bytes, n, &m);
            assert_true(e == PL_OK || e == PL_EINVAL);
            assert_true(e == PL_EINVAL || n % 4 == 0);
        }
    }
}

/* A message with the given attributes. */
static size_t message(uint8_t *out, uint16_t type, const void *attributes, size_t n)
{
    struct pl_writer w = pl_writer(out, 4096);
    pl_write_u16(&w, type);
    pl_write_u16(&w, (uint16_t)n);
    pl_write_u32(&w, 0x2112a442);
    pl_write_bytes(&w, transaction, 12);
    pl_write_bytes(&w, attributes, n);
    assert_false(w.full);
    return pl_writer_size(&w);
}

#define ROW(bytes, err, unknown)                                                                   \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, err, unknown                                                     \
    }
#define ZEROS20 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static void attributes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        enum pl_err err;
        uint16_t unknown;
    } rows[] = {
        ROW("", PL_OK, 0),
        ROW("\0\x25\0\0", PL_OK, 0),                             /* USE-CANDIDATE */
        ROW("\0\x25\0\4____", PL_EINVAL, 0),                     /* is empty */
        ROW("\0\x24\0\4____", PL_OK, 0),                         /* PRIORITY */
        ROW("\0\x24\0\3____", PL_EINVAL, 0),                     /* of 4 bytes */
        ROW("\0\x24\0\5________", PL_EINVAL, 0),                 /* */
        ROW("\x80\x2a\0\10________", PL_OK, 0),                  /* ICE-CONTROLLING */
        ROW("\x80\x2a\0\7________", PL_EINVAL, 0),               /* of 8 bytes */
        ROW("\x80\x29\0\4____", PL_EINVAL, 0),                   /* ICE-CONTROLLED likewise */
        ROW("\0\6\0\0", PL_OK, 0),                               /* USERNAME may be empty */
        ROW("\0\6\0\1a", PL_EINVAL, 0),                          /* padding is missing */
        ROW("\0\6\0\5abcd", PL_EINVAL, 0),                       /* longer than the message */
        ROW("\0\6\xff\xff____", PL_EINVAL, 0),                   /* */
        ROW("\0\6", PL_EINVAL, 0),                               /* no length */
        ROW("\0\x20\0\10\0\1______", PL_OK, 0),                  /* XOR-MAPPED-ADDRESS, IPv4 */
        ROW("\0\x20\0\10\0\2______", PL_EINVAL, 0),              /* IPv6 in 4 bytes */
        ROW("\0\x20\0\x14\0\1" ZEROS20, PL_EINVAL, 0),           /* */
        ROW("\0\x20\0\x14\0\2______________ab", PL_EINVAL, 0),   /* cut */
        ROW("\0\x20\0\x14\0\2________________ab", PL_OK, 0),     /* IPv6 */
        ROW("\0\x20\0\x14\0\1________________ab", PL_EINVAL, 0), /* IPv4 in 16 bytes */
        ROW("\0\x20\0\10\0\3______", PL_EINVAL, 0),              /* no such family */
        ROW("\0\x20\0\4\0\1__", PL_EINVAL, 0),                   /* no address */
        ROW("\0\11\0\4\0\0\4\0", PL_OK, 0),                      /* ERROR-CODE 400 */
        ROW("\0\11\0\4\0\0\2\0", PL_EINVAL, 0),                  /* 200 */
        ROW("\0\11\0\4\0\0\7\0", PL_EINVAL, 0),                  /* 700 */
        ROW("\0\11\0\4\0\0\6\x63", PL_OK, 0),                    /* 699 */
        ROW("\0\11\0\4\0\0\6\x64", PL_EINVAL, 0),                /* 6, 100 */
        ROW("\0\11\0\3\0\0\4\0", PL_EINVAL, 0),                  /* */
        ROW("\0\10\0\x14" ZEROS20, PL_OK, 0),                    /* MESSAGE-INTEGRITY */
        ROW("\0\10\0\x10________________", PL_EINVAL, 0),        /* of 20 bytes */
        ROW("\0\10\0\x18____" ZEROS20, PL_EINVAL, 0),            /* */
        ROW("\x80\x28\0\4\0\0\0\0", PL_EINVAL, 0),               /* FINGERPRINT, wrong */
        ROW("\x7f\xff\0\0", PL_OK, 0x7fff),                      /* comprehension-required */
        ROW("\0\x12\0\0\0\x13\0\0", PL_OK, 0x12),                /* the first of them */
        ROW("\x80\0\0\0\xff\xff\0\3___p", PL_OK, 0),             /* comprehension-optional */
        /* What follows MESSAGE-INTEGRITY is ignored, even if it is malformed. */
        ROW("\0\10\0\x14" ZEROS20 "\x7f\xff\0\0\0\x24\0\1____", PL_OK, 0),
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[4096];
        struct pl_stun m;
        size_t n = message(bytes, 1, rows[i].bytes, rows[i].n);
        enum pl_err e = parse(bytes, n, &m);
        if (e != rows[i].err)
            fail_msg("row %zu: %d", i, e);
        if (e == PL_OK)
            assert_int_equal(m.unknown_required, rows[i].unknown);
    }
}

static void the_first_of_a_kind_counts(void **state)
{
    (void)state;
    static const char twice[] = "\0\6\0\4user\0\6\0\4evil\0\x24\0\4\0\0\0\1\0\x24\0\4\0\0\0\2";
    static const char after[] = "\0\10\0\x14" ZEROS20 "\0\6\0\4evil\0\x25\0\0";
    uint8_t bytes[4096];
    struct pl_stun m;
    size_t n = message(bytes, 1, twice, sizeof twice - 1);
    assert_int_equal(pl_stun_parse(bytes, n, &m), PL_OK);
    assert_true(pl_str_eq(m.username, "user"));
    assert_int_equal(m.priority, 1);
    n = message(bytes, 1, after, sizeof after - 1);
    assert_int_equal(pl_stun_parse(bytes, n, &m), PL_OK);
    assert_int_equal(m.username.n, 0);
    assert_false(m.use_candidate);
    assert_int_equal(m.integrity_at, HEADER);
}

static void only_fingerprint_may_end_it(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    struct pl_stun_check check = {.username = "a:b"};
    struct pl_stun m;
    pl_stun_write_check(&w, &check, "key", 3);
    size_t n = pl_writer_size(&w);
    assert_int_equal(pl_stun_parse(bytes, n, &m), PL_OK);
    /* The same FINGERPRINT again: right or not, it is not the last. */
    memcpy(bytes + n, bytes + n - 8, 8);
    bytes[3] = (uint8_t)(n + 8 - HEADER);
    assert_int_equal(pl_stun_parse(bytes, n + 8, &m), PL_EINVAL);
}

static void headers(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        enum pl_err err;
        enum pl_stun_class class;
        uint16_t method;
    } rows[] = {
        {0x0001, PL_OK, PL_STUN_REQUEST, 1},     {0x0011, PL_OK, PL_STUN_INDICATION, 1},
        {0x0101, PL_OK, PL_STUN_SUCCESS, 1},     {0x0111, PL_OK, PL_STUN_ERROR, 1},
        {0x0003, PL_OK, PL_STUN_REQUEST, 3},     {0x3eef, PL_OK, PL_STUN_REQUEST, 0xfff},
        {0x3fff, PL_OK, PL_STUN_ERROR, 0xfff},   {0x0200, PL_OK, PL_STUN_REQUEST, 0x80},
        {0x0020, PL_OK, PL_STUN_REQUEST, 0x10},  {0x4001, PL_EINVAL, PL_STUN_REQUEST, 0},
        {0x8001, PL_EINVAL, PL_STUN_REQUEST, 0},
    };
    uint8_t bytes[4096];
    struct pl_stun m;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = message(bytes, rows[i].type, "", 0);
        assert_int_equal(parse(bytes, n, &m), rows[i].err);
        if (rows[i].err)
            continue;
        assert_int_equal(m.class, rows[i].class);
        assert_int_equal(m.method, rows[i].method);
    }
    size_t n = message(bytes, 1, "", 0);
    bytes[4] ^= 1; /* the cookie */
    assert_int_equal(parse(bytes, n, &m), PL_EINVAL);
    bytes[4] ^= 1;
    bytes[3] = 2; /* no multiple of four, though the bytes are there */
    assert_int_equal(parse(bytes, n + 2, &m), PL_EINVAL);
}

static void failure_writes_nothing(void **state)
{
    (void)state;
    struct pl_stun m, before;
    memset(&m, 0x5a, sizeof m);
    before = m;
    assert_int_equal(parse(request, sizeof request - 2, &m), PL_EINVAL);
    assert_memory_equal(&m, &before, sizeof m);
}

static void a_check_comes_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct pl_stun_check check = {.username = "local:remote",
                                      .priority = 0x7effffff,
                                      .use_candidate = i & 1,
                                      .controlled = i & 2,
                                      .tiebreaker = 0x0123456789abcdef};
        uint8_t bytes[256];
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        struct pl_stun m;
        memcpy(check.transaction, transaction, 12);
        pl_stun_write_check(&w, &check, "a password", 10);
        size_t n = pl_writer_size(&w);
        assert_false(w.full);
        assert_int_equal(pl_stun_parse(bytes, n, &m), PL_OK);
        assert_true(pl_stun_check_integrity(bytes, n, &m, "a password", 10));
        assert_false(pl_stun_check_integrity(bytes, n, &m, "A password", 10));
        assert_true(m.class == PL_STUN_REQUEST && m.method == PL_STUN_BINDING);
        assert_memory_equal(m.transaction, transaction, 12);
        assert_true(pl_str_eq(m.username, "local:remote"));
        assert_int_equal(m.priority, check.priority);
        assert_int_equal(m.use_candidate, check.use_candidate);
        assert_true(m.has_controlled == check.controlled && m.has_controlling != check.controlled);
        assert_true(m.tiebreaker == check.tiebreaker);
        assert_true(m.has_fingerprint);
        for (size_t room = 0; room < n; room++) {
            uint8_t *small = malloc(room ? room : 1);
            w = pl_writer(small, room);
            pl_stun_write_check(&w, &check, "a password", 10);
            assert_true(w.full);
            free(small);
        }
    }
}

static void usernames_have_a_limit(void **state)
{
    (void)state;
    char name[PL_STUN_USERNAME_MAX + 2];
    uint8_t bytes[1024], attribute[1024];
    struct pl_stun_check check = {.username = name};
    struct pl_stun m;
    memset(name, 'u', sizeof name - 1);
    for (size_t len = PL_STUN_USERNAME_MAX; len <= PL_STUN_USERNAME_MAX + 1; len++) {
        bool fits = len == PL_STUN_USERNAME_MAX;
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        name[len] = 0;
        pl_stun_write_check(&w, &check, "k", 1);
        assert_int_equal(w.full, !fits);

        w = pl_writer(attribute, sizeof attribute);
        pl_write_u16(&w, 6);
        pl_write_u16(&w, (uint16_t)len);
        pl_write_bytes(&w, name, len);
        pl_write_bytes(&w, "\0\0\0", -len & 3);
        size_t n = message(bytes, 1, attribute, pl_writer_size(&w));
        assert_int_equal(parse(bytes, n, &m), fits ? PL_OK : PL_EINVAL);
        name[len] = 'u';
    }
}

static void responses_come_back(void **state)
{
    (void)state;
    static const char *const addresses[] = {"192.0.2.1:32853", "255.255.255.255:65535", "0.0.0.0:0",
                                            "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
                                            "[::1]:1"};
    struct pl_stun asked = {.transaction = transaction, .unknown_required = 0x7abc};
    for (size_t i = 0; i < COUNT(addresses); i++) {
        uint8_t bytes[128];
        char text[PL_ADDR_TEXT];
        struct pl_addr a;
        struct pl_stun m;
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        assert_int_equal(pl_addr_parse(addresses[i], &a), PL_OK);
        pl_stun_write_success(&w, &asked, &a, password, strlen(password));
        assert_false(w.full);
        assert_int_equal(pl_stun_parse(bytes, pl_writer_size(&w), &m), PL_OK);
        assert_true(
            pl_stun_check_integrity(bytes, pl_writer_size(&w), &m, password, strlen(password)));
        assert_true(m.class == PL_STUN_SUCCESS && m.has_mapped && m.has_fingerprint);
        assert_memory_equal(m.transaction, transaction, 12);
        assert_memory_equal(&m.mapped, &a, sizeof a);
        pl_addr_text(&m.mapped, text);
        assert_string_equal(text, addresses[i]);
    }
}

static void errors_come_back(void **state)
{
    (void)state;
    static const unsigned codes[] = {300, 400, 401, 420, 487, 500, 699};
    struct pl_stun asked = {.transaction = transaction, .unknown_required = 0x7abc};
    for (size_t i = 0; i < COUNT(codes); i++) {
        static const uint8_t list[] = {0x00, 0x0a, 0x00, 0x02, 0x7a, 0xbc, 0, 0};
        uint8_t bytes[128];
        struct pl_stun m;
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        pl_stun_write_error(&w, &asked, codes[i], "key", 3);
        assert_false(w.full);
        assert_int_equal(pl_stun_parse(bytes, pl_writer_size(&w), &m), PL_OK);
        assert_true(pl_stun_check_integrity(bytes, pl_writer_size(&w), &m, "key", 3));
        assert_true(m.class == PL_STUN_ERROR && m.has_fingerprint);
        assert_int_equal(m.error_code, codes[i]);
        assert_int_equal(memcmp(bytes + HEADER + 8, list, sizeof list) == 0, codes[i] == 420);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_rfc_5769),
        cmocka_unit_test(long_term_vector_of_rfc_5769),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(integrity_covers_what_precedes_it),
        cmocka_unit_test(cut_short_anywhere),
        cmocka_unit_test(attributes),
        cmocka_unit_test(the_first_of_a_kind_counts),
        cmocka_unit_test(only_fingerprint_may_end_it),
        cmocka_unit_test(headers),
        cmocka_unit_test(failure_writes_nothing),
        cmocka_unit_test(a_check_comes_back),
        cmocka_unit_test(usernames_have_a_limit),
        cmocka_unit_test(responses_come_back),
        cmocka_unit_test(errors_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
