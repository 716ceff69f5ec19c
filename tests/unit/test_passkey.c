/* Passkeys: the vectors of the W3C, and a small authenticator whose answers are falsified field by
 * field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "authenticator.h"
#include "passkey_vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int start(void **state)
{
    (void)state;
    return pl_passkey_site(pl_str("https://parley.example"), &site);
}

/* --- Published vectors --- */

static void read_site(struct pl_passkey_site *out)
{
    assert_int_equal(pl_passkey_site(pl_str("https://example.org"), out), PL_OK);
}

static void the_registrations_of_the_w3c(void **state)
{
    (void)state;
    static const struct {
        const char *challenge, *client, *object;
        enum pl_passkey_fault fault;
        bool may_backup;
    } rows[] = {
        {SELF_CHALLENGE, SELF_CLIENT, SELF_OBJECT, PL_PASSKEY_OK, true},
        {NONE_CHALLENGE, NONE_CLIENT, NONE_OBJECT, PL_PASSKEY_UNVERIFIED, true},
        {CROSSED_CHALLENGE, CROSSED_CLIENT, CROSSED_OBJECT, PL_PASSKEY_EMBEDDED, false},
        {NONE_CHALLENGE, SELF_CLIENT, SELF_OBJECT, PL_PASSKEY_CHALLENGE, false},
    };
    struct pl_passkey_site w3c;
    read_site(&w3c);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t asked[32];
        struct pl_buf client = {0}, object = {0};
        struct pl_passkey p = {0};
        assert_int_equal(unhex(rows[i].challenge, asked, sizeof asked), sizeof asked);
        put_hex(&client, rows[i].client);
        put_hex(&object, rows[i].object);
        assert_int_equal(pl_passkey_register(&w3c, asked, str(&client), str(&object), &p),
                         rows[i].fault);
        assert_int_equal(p.id_n, rows[i].fault ? 0 : 32);
        if (!rows[i].fault) {
            assert_int_equal(p.key_n, 77);
            assert_int_equal(p.may_backup, rows[i].may_backup);
        }
        pl_buf_free(&client);
        pl_buf_free(&object);
    }
}

static enum pl_passkey_fault judge_vector(struct pl_passkey *p, const char *asked_hex,
                                          struct pl_buf *data, struct pl_buf *client,
                                          struct pl_buf *signature)
{
    struct pl_passkey_site w3c;
    uint8_t asked[32];
    read_site(&w3c);
    assert_int_equal(unhex(asked_hex, asked, sizeof asked), sizeof asked);
    const struct pl_passkey_answer a = {str(client), str(data), str(signature)};
    return pl_passkey_assert(&w3c, asked, &a, p);
}

/* Three of four were made without a PIN or the like, which is said only of what is signed: so their
 * signatures hold. */
static void the_assertions_of_the_w3c(void **state)
{
    (void)state;
    static const struct {
        const char *challenge, *key, *data, *client, *signature;
        bool may_backup;
        enum pl_passkey_fault fault;
    } rows[] = {
        {PACKED_CHALLENGE, PACKED_KEY, PACKED_DATA, PACKED_CLIENT, PACKED_SIGNATURE, true,
         PL_PASSKEY_OK},
        {ES256_CHALLENGE, ES256_KEY, ES256_DATA, ES256_CLIENT, ES256_SIGNATURE, true,
         PL_PASSKEY_UNVERIFIED},
        {RS256_CHALLENGE, RS256_KEY, RS256_DATA, RS256_CLIENT, RS256_SIGNATURE, true,
         PL_PASSKEY_UNVERIFIED},
        {EDDSA_CHALLENGE, EDDSA_KEY, EDDSA_DATA, EDDSA_CLIENT, EDDSA_SIGNATURE, false,
         PL_PASSKEY_UNVERIFIED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_buf data = {0}, client = {0}, signature = {0};
        struct pl_passkey p = {.may_backup = rows[i].may_backup};
        p.key_n = unhex(rows[i].key, p.key, sizeof p.key);
        put_hex(&data, rows[i].data);
        put_hex(&client, rows[i].client);
        put_hex(&signature, rows[i].signature);
        assert_int_equal(judge_vector(&p, rows[i].challenge, &data, &client, &signature),
                         rows[i].fault);
        /* No byte of the key, the data or the signature may be another. */
        for (size_t at = 0; at < signature.len; at++) {
            signature.data[at] ^= 1;
            assert_int_equal(judge_vector(&p, rows[i].challenge, &data, &client, &signature),
                             PL_PASSKEY_SIGNATURE);
            signature.data[at] ^= 1;
        }
        for (size_t at = 0; at < data.len; at++) {
            data.data[at] ^= 1;
            assert_in_range(judge_vector(&p, rows[i].challenge, &data, &client, &signature),
                            PL_PASSKEY_DATA, PL_PASSKEY_SIGNATURE);
            data.data[at] ^= 1;
        }
        p.key[p.key_n - 1] ^= 2;
        assert_int_equal(judge_vector(&p, rows[i].challenge, &data, &client, &signature),
                         PL_PASSKEY_SIGNATURE);
        pl_buf_free(&data);
        pl_buf_free(&client);
        pl_buf_free(&signature);
    }
}

/* --- Field by field --- */

#define CLIENT_ROWS                                                                                \
    {"another question", {.type = "payment.get"}, PL_PASSKEY_TYPE},                                \
        {"a challenge of before", {.challenge = true}, PL_PASSKEY_CHALLENGE},                      \
        {"another site", {.origin = "https://parley.example.evil"}, PL_PASSKEY_ORIGIN},            \
        {"a site below", {.origin = "https://sub.parley.example"}, PL_PASSKEY_ORIGIN},             \
        {"another port", {.origin = "https://parley.example:8443"}, PL_PASSKEY_ORIGIN},            \
        {"not encrypted", {.origin = "http://parley.example"}, PL_PASSKEY_ORIGIN},                 \
        {"in capitals", {.origin = "https://PARLEY.example"}, PL_PASSKEY_ORIGIN},                  \
        {"a zero within", {.origin = "https://parley.example\\u0000"}, PL_PASSKEY_CLIENT_DATA},    \
        {"in another page", {.tail = ",\"crossOrigin\":true"}, PL_PASSKEY_EMBEDDED},               \
        {"no boolean", {.tail = ",\"crossOrigin\":\"false\""}, PL_PASSKEY_EMBEDDED},               \
        {"says in which",                                                                          \
         {.tail = ",\"crossOrigin\":false,\"topOrigin\":\"https://parley.example\""},              \
         PL_PASSKEY_EMBEDDED},                                                                     \
        {"does not say", {.tail = ""}, PL_PASSKEY_OK},                                             \
        {"more than is known", {.tail = ",\"more\":[1]"}, PL_PASSKEY_OK},                          \
        {"twice", {.tail = ",\"origin\":\"https://parley.example\""}, PL_PASSKEY_CLIENT_DATA},     \
        {"no object", {.client = "[]"}, PL_PASSKEY_CLIENT_DATA},                                   \
        {"no JSON", {.client = "{"}, PL_PASSKEY_CLIENT_DATA},                                      \
        {"nothing", {.client = ""}, PL_PASSKEY_CLIENT_DATA},                                       \
        {"empty", {.client = "{}"}, PL_PASSKEY_TYPE},                                              \
        {"the host alone", {.rp = "https://parley.example"}, PL_PASSKEY_RP},                       \
    {                                                                                              \
        "another host", {.rp = "example"}, PL_PASSKEY_RP                                           \
    }

struct row {
    const char *what;
    struct falsified f;
    enum pl_passkey_fault fault;
};

static void what_is_enrolled_is_checked(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"good", {0}, PL_PASSKEY_OK},
        CLIENT_ROWS,
        {"the other question", {.type = "webauthn.get"}, PL_PASSKEY_TYPE},
        {"nobody there", {.flags = UV | AT}, PL_PASSKEY_ABSENT},
        {"no PIN", {.flags = UP | AT}, PL_PASSKEY_UNVERIFIED},
        {"no passkey", {.flags = UP | UV}, PL_PASSKEY_DATA},
        {"a copy of what has none", {.flags = UP | UV | AT | BS}, PL_PASSKEY_BACKUP},
        {"may have copies", {.flags = UP | UV | AT | BE}, PL_PASSKEY_OK},
        {"has copies", {.flags = UP | UV | AT | BE | BS}, PL_PASSKEY_OK},
        {"too short", {.id_n = PL_PASSKEY_ID_MIN - 1}, PL_PASSKEY_ID},
        {"the longest", {.id_n = PL_PASSKEY_ID_MAX}, PL_PASSKEY_OK},
        {"too long", {.id_n = PL_PASSKEY_ID_MAX + 1}, PL_PASSKEY_ID},
        {"extensions", {.flags = UP | UV | AT | ED, .after = "a163666f6f01"}, PL_PASSKEY_OK},
        {"not announced", {.after = "a0"}, PL_PASSKEY_DATA},
        {"announced", {.flags = UP | UV | AT | ED}, PL_PASSKEY_DATA},
        {"no map", {.flags = UP | UV | AT | ED, .after = "80"}, PL_PASSKEY_DATA},
        {"a byte more", {.flags = UP | UV | AT | ED, .after = "a000"}, PL_PASSKEY_DATA},
        {"ES384", {.key = "a301020338222002"}, PL_PASSKEY_KEY},
        {"no key", {.key = "a0"}, PL_PASSKEY_KEY},
        {"no map", {.key = "80"}, PL_PASSKEY_KEY},
        {"too short",
         {.key = "a401010327200621581f" /* 31 bytes */
                 "00000000000000000000000000000000000000000000000000000000000000"},
         PL_PASSKEY_KEY},
        {"of another curve",
         {.key = "a4010103272005215820" /* X448 */
                 "0000000000000000000000000000000000000000000000000000000000000000"},
         PL_PASSKEY_KEY},
        {"a member twice",
         {.key = "a50101010103272006215820"
                 "0000000000000000000000000000000000000000000000000000000000000000"},
         PL_PASSKEY_KEY},
        {"a member more",
         {.key = "a5010102010327200621582000"
                 "00000000000000000000000000000000000000000000000000000000000000"},
         PL_PASSKEY_KEY},
        {"no CBOR", {.key = "ff"}, PL_PASSKEY_DATA},
        {"another order", /* {"attStmt": {}, "fmt": "none", "authData"} */
         {.object = "a36761747453746d74a063666d74646e6f6e65686175746844617461"},
         PL_PASSKEY_OK},
        {"a name twice",
         {.object = "a363666d74646e6f6e6563666d74646e6f6e65686175746844617461"},
         PL_PASSKEY_DATA},
        {"another name",
         {.object = "a363666d75646e6f6e656761747453746d74a0686175746844617461"},
         PL_PASSKEY_DATA},
        {"two names", {.object = "a263666d74646e6f6e65686175746844617461"}, PL_PASSKEY_DATA},
        {"four",
         {.object = "a463666d74646e6f6e656761747453746d74a0616100"
                    "686175746844617461"},
         PL_PASSKEY_DATA},
        {"no statement",
         {.object = "a363666d74646e6f6e656761747453746d7480686175746844617461"},
         PL_PASSKEY_DATA},
        {"no map",
         {.object = "8363666d74646e6f6e656761747453746d74a0686175746844617461"},
         PL_PASSKEY_DATA},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_passkey p = {0};
        enum pl_passkey_fault fault = enrol(&rows[i].f, &p);
        if (fault != rows[i].fault)
            fail_msg("%s: %s", rows[i].what, pl_passkey_words[fault]);
        assert_int_equal(p.key_n == 0, fault != PL_PASSKEY_OK);
        if (!fault) {
            assert_int_equal(p.id_n, rows[i].f.id_n ? rows[i].f.id_n : 16);
            assert_int_equal(p.may_backup, (rows[i].f.flags & BE) != 0);
            assert_int_equal(p.backed_up, (rows[i].f.flags & BS) != 0);
        }
    }
}

static void what_is_used_is_checked(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"good", {0}, PL_PASSKEY_OK},
        CLIENT_ROWS,
        {"the other question", {.type = "webauthn.create"}, PL_PASSKEY_TYPE},
        {"nobody there", {.flags = UV}, PL_PASSKEY_ABSENT},
        {"nothing", {.flags = -1}, PL_PASSKEY_ABSENT},
        {"no PIN", {.flags = UP}, PL_PASSKEY_UNVERIFIED},
        {"with a passkey", {.flags = UP | UV | AT}, PL_PASSKEY_DATA},
        {"had no copies", {.flags = UP | UV | BE}, PL_PASSKEY_BACKUP},
        {"contradicts itself", {.flags = UP | UV | BS}, PL_PASSKEY_BACKUP},
        {"extensions", {.flags = UP | UV | ED, .after = "a163666f6f01"}, PL_PASSKEY_OK},
        {"a byte more", {.after = "00"}, PL_PASSKEY_DATA},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_passkey p = enrolled();
        enum pl_passkey_fault fault = use(&rows[i].f, &p);
        if (fault != rows[i].fault)
            fail_msg("%s: %s", rows[i].what, pl_passkey_words[fault]);
    }
}

static void no_byte_is_changed_unnoticed(void **state)
{
    (void)state;
    struct answer a = answer_of(&(struct falsified){0});
    struct pl_passkey p = enrolled();
    assert_int_equal(judge(&a, &p), PL_PASSKEY_OK);
    for (size_t i = 0; i < a.client.len; i++) {
        a.client.data[i] ^= 1;
        assert_int_not_equal(judge(&a, &p), PL_PASSKEY_OK);
        a.client.data[i] ^= 1;
    }
    for (size_t i = 0; i < a.data.len; i++) {
        a.data.data[i] ^= 1;
        assert_int_not_equal(judge(&a, &p), PL_PASSKEY_OK);
        a.data.data[i] ^= 1;
    }
    for (size_t n = 0; n < a.data.len; n++) {
        struct answer cut = a;
        cut.data.len = n;
        assert_int_equal(judge(&cut, &p), PL_PASSKEY_DATA);
    }
    struct pl_passkey other = p; /* somebody else's key */
    other.key[other.key_n - 1] ^= 1;
    assert_int_equal(judge(&a, &other), PL_PASSKEY_SIGNATURE);
    free_answer(&a);
}

static void the_counter_goes_forward(void **state)
{
    (void)state;
    static const struct {
        uint32_t before, now;
        enum pl_passkey_fault fault;
    } rows[] = {
        {0, 0, PL_PASSKEY_OK},          {0, 1, PL_PASSKEY_OK},
        {5, 6, PL_PASSKEY_OK},          {5, 5, PL_PASSKEY_CLONED},
        {5, 4, PL_PASSKEY_CLONED},      {5, 0, PL_PASSKEY_CLONED},
        {1, UINT32_MAX, PL_PASSKEY_OK}, {UINT32_MAX, 1, PL_PASSKEY_CLONED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_passkey p;
        assert_int_equal(enrol(&(struct falsified){.count = rows[i].before}, &p), PL_PASSKEY_OK);
        assert_int_equal(use(&(struct falsified){.count = rows[i].now}, &p), rows[i].fault);
        assert_int_equal(p.count, rows[i].fault ? rows[i].before : rows[i].now);
    }
    /* Whoever has not its key makes nobody believe in a copy. */
    struct pl_passkey p;
    assert_int_equal(enrol(&(struct falsified){.count = 5}, &p), PL_PASSKEY_OK);
    struct answer a = answer_of(&(struct falsified){.count = 5});
    a.signature[0] ^= 1;
    assert_int_equal(judge(&a, &p), PL_PASSKEY_SIGNATURE);
    free_answer(&a);
}

static void copies_come_and_go(void **state)
{
    (void)state;
    struct pl_passkey p;
    assert_int_equal(enrol(&(struct falsified){.flags = UP | UV | AT | BE}, &p), PL_PASSKEY_OK);
    assert_int_equal(use(&(struct falsified){.flags = UP | UV | BE | BS}, &p), PL_PASSKEY_OK);
    assert_true(p.backed_up);
    assert_int_equal(use(&(struct falsified){.flags = UP | UV | BE}, &p), PL_PASSKEY_OK);
    assert_false(p.backed_up);
    assert_int_equal(use(&(struct falsified){0}, &p), PL_PASSKEY_BACKUP);
}

/* --- Sizes --- */

static void client_data_has_a_size(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct pl_buf tail = {0}, plain = {0};
        struct pl_passkey p;
        make_client(&plain, &(struct falsified){.tail = ",\"a\":\"\""}, "webauthn.create");
        pl_buf_puts(&tail, ",\"a\":\"");
        for (size_t i = plain.len; i < PL_PASSKEY_CLIENT_DATA_MAX + more; i++)
            pl_buf_puts(&tail, "x");
        pl_buf_puts(&tail, "\"");
        assert_int_equal(enrol(&(struct falsified){.tail = tail.data}, &p),
                         more ? PL_PASSKEY_CLIENT_DATA : PL_PASSKEY_OK);
        pl_buf_free(&tail);
        pl_buf_free(&plain);
    }
}

static void authenticator_data_has_a_size(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct pl_buf data = {0}, client = {0};
        uint8_t text[8192], hash[PL_SHA256_SIZE], signature[PL_SIGNATURE_SIZE];
        struct pl_passkey p = enrolled();
        size_t n = PL_PASSKEY_DATA_MAX + more - 37;
        make_client(&client, &(struct falsified){0}, "webauthn.get");
        make_data(&data, &(struct falsified){.flags = UP | UV | ED}, 0, 0);
        put_hex(&data, "a1616159");
        put_number(&data, 2, n - 6);
        for (size_t i = 6; i < n; i++)
            put_number(&data, 1, 0);
        assert_int_equal(data.len, PL_PASSKEY_DATA_MAX + more);
        memcpy(text, data.data, data.len);
        pl_sha256(client.data, client.len, hash);
        memcpy(text + data.len, hash, sizeof hash);
        pl_ed25519_sign(seed, text, data.len + sizeof hash, signature);
        const struct pl_passkey_answer a = {
            str(&client), str(&data), {(const char *)signature, sizeof signature}};
        assert_int_equal(pl_passkey_assert(&site, challenge, &a, &p),
                         more ? PL_PASSKEY_DATA : PL_PASSKEY_OK);
        pl_buf_free(&data);
        pl_buf_free(&client);
    }
}

static void an_attestation_has_a_size(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct pl_buf client = {0}, data = {0}, object = {0};
        struct pl_passkey p;
        make_client(&client, &(struct falsified){0}, "webauthn.create");
        make_data(&data, &(struct falsified){0}, UP | UV | AT, 0);
        put_hex(&object, "a363666d74646e6f6e656761747453746d74a1616159");
        size_t n = PL_PASSKEY_ATTESTATION_MAX + more - object.len - 2 - 9 - 2 - data.len;
        put_number(&object, 2, n);
        for (size_t i = 0; i < n; i++)
            put_number(&object, 1, 0);
        put_hex(&object, "686175746844617461");
        put_head(&object, 2, data.len);
        pl_buf_add(&object, data.data, data.len);
        assert_int_equal(object.len, PL_PASSKEY_ATTESTATION_MAX + more);
        assert_int_equal(pl_passkey_register(&site, challenge, str(&client), str(&object), &p),
                         more ? PL_PASSKEY_DATA : PL_PASSKEY_OK);
        for (size_t cut = 0; !more && cut < object.len; cut += cut < 64 ? 1 : 97) {
            struct pl_str part = {object.data, cut};
            assert_int_equal(pl_passkey_register(&site, challenge, str(&client), part, &p),
                             PL_PASSKEY_DATA);
        }
        pl_buf_free(&client);
        pl_buf_free(&data);
        pl_buf_free(&object);
    }
}

static void keys_of_rsa_have_sizes(void **state)
{
    (void)state;
    static const struct {
        size_t bytes;
        enum pl_passkey_fault fault;
    } rows[] = {
        {255, PL_PASSKEY_KEY}, {256, PL_PASSKEY_OK}, {512, PL_PASSKEY_OK}, {513, PL_PASSKEY_KEY}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_buf key = {0};
        struct pl_passkey p;
        pl_buf_puts(&key, "a401030339010020");
        if (rows[i].bytes < 256)
            pl_buf_printf(&key, "58%02zx", rows[i].bytes);
        else
            pl_buf_printf(&key, "59%04zx", rows[i].bytes);
        for (size_t n = 0; n < rows[i].bytes; n++)
            pl_buf_puts(&key, "ff");
        pl_buf_puts(&key, "2143010001");
        assert_int_equal(enrol(&(struct falsified){.key = key.data}, &p), rows[i].fault);
        pl_buf_free(&key);
    }
}

/* --- What browsers are asked --- */

static void only_sites_with_names_have_passkeys(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum pl_err err;
        const char *origin, *rp_id;
    } rows[] = {
        {"https://parley.example", PL_OK, "https://parley.example", "parley.example"},
        {"https://Parley.Example:443", PL_OK, "https://parley.example", "parley.example"},
        {"https://parley.example:8443", PL_OK, "https://parley.example:8443", "parley.example"},
        {"http://localhost:8080", PL_OK, "http://localhost:8080", "localhost"},
        {"http://localhost:80", PL_OK, "http://localhost", "localhost"},
        {"http://parley.example", PL_EUNSUPPORTED, NULL, NULL},
        {"https://192.0.2.1", PL_EUNSUPPORTED, NULL, NULL},
        {"https://0x7f.1", PL_EUNSUPPORTED, NULL, NULL},
        {"https://[2001:db8::1]:8443", PL_EUNSUPPORTED, NULL, NULL},
        {"https://a..example", PL_EUNSUPPORTED, NULL, NULL},
        {"https://example.", PL_EUNSUPPORTED, NULL, NULL},
        {"https://", PL_EUNSUPPORTED, NULL, NULL},
        {"https://example:65536", PL_EINVAL, NULL, NULL},
        {"https://example:", PL_EINVAL, NULL, NULL},
        {"ftp://example", PL_EINVAL, NULL, NULL},
        {"", PL_EINVAL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_passkey_site s;
        assert_int_equal(pl_passkey_site(pl_str(rows[i].url), &s), rows[i].err);
        if (!rows[i].err) {
            assert_string_equal(s.origin, rows[i].origin);
            assert_string_equal(s.rp_id, rows[i].rp_id);
        }
    }
}

static void browsers_are_asked_for_all_that_is_checked(void **state)
{
    (void)state;
    struct pl_buf json = {0};
    static const uint8_t handle[PL_PASSKEY_USER_SIZE] = {1};
    const struct pl_passkey_user user = {handle, pl_str("ana@example.org"), pl_str("Ana \"A\"")};
    const struct pl_passkey_ref has[] = {{challenge, 16}};
    pl_passkey_creation(&json, &site, challenge, &user, has, 1);
    assert_string_equal(
        json.data,
        "{\"rp\":{\"id\":\"parley.example\",\"name\":\"Parley\"},"
        "\"user\":{\"id\":\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
        "\"name\":\"ana@example.org\",\"displayName\":\"Ana \\\"A\\\"\"},"
        "\"challenge\":\"CQgHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
        "\"pubKeyCredParams\":[{\"type\":\"public-key\",\"alg\":-7},"
        "{\"type\":\"public-key\",\"alg\":-8},{\"type\":\"public-key\",\"alg\":-257}],"
        "\"timeout\":300000,"
        "\"excludeCredentials\":[{\"type\":\"public-key\",\"id\":\"CQgHAAAAAAAAAAAAAAAAAA\"}],"
        "\"authenticatorSelection\":{\"residentKey\":\"required\",\"requireResidentKey\":true,"
        "\"userVerification\":\"required\"},\"attestation\":\"none\"}");
    pl_buf_clear(&json);
    pl_passkey_request(&json, &site, challenge);
    assert_string_equal(json.data, "{\"challenge\":\"CQgHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
                                   "\"rpId\":\"parley.example\",\"timeout\":300000,"
                                   "\"allowCredentials\":[],\"userVerification\":\"required\"}");
    pl_buf_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_registrations_of_the_w3c),
        cmocka_unit_test(the_assertions_of_the_w3c),
        cmocka_unit_test(what_is_enrolled_is_checked),
        cmocka_unit_test(what_is_used_is_checked),
        cmocka_unit_test(no_byte_is_changed_unnoticed),
        cmocka_unit_test(the_counter_goes_forward),
        cmocka_unit_test(copies_come_and_go),
        cmocka_unit_test(client_data_has_a_size),
        cmocka_unit_test(authenticator_data_has_a_size),
        cmocka_unit_test(an_attestation_has_a_size),
        cmocka_unit_test(keys_of_rsa_have_sizes),
        cmocka_unit_test(only_sites_with_names_have_passkeys),
        cmocka_unit_test(browsers_are_asked_for_all_that_is_checked),
    };
    return cmocka_run_group_tests_name("passkey", tests, start, NULL);
}
