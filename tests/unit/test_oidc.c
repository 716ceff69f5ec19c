/* What is asked of an identity provider, and which of its answers are taken. */
#include "crypto/hash.h"
#include "identity/oidc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjose/cjose.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define ISSUER "https://id.example.org/realm"
#define NOW INT64_C(1800000000)

static const char discovery[] =
    "{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"https://id.example.org/auth?x=1\","
    "\"token_endpoint\":\"https://id.example.org/token\",\"jwks_uri\":\"https://id.example.org/"
    "keys\","
    "\"response_types_supported\":[\"code\",\"id_token\"],\"subject_types_supported\":[\"public\"]";

static void issuers(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } rows[] = {
        {"https://id.example.org", true},
        {"https://id.example.org:8443/realms/a", true},
        {"http://localhost:3000", true},
        {"http://127.0.0.1:3000", true},
        {"http://[::1]:3000", true},
        {"http://id.example.org", false},
        {"http://localhost.example.org", false},
        {"http://127.0.0.1.example.org", false},
        {"https://", false},
        {"https://a@b", false},
        {"https://a?b", false},
        {"https://a#b", false},
        {"https://a b", false},
        {"https://a\r\nX: y", false},
        {"ftp://a", false},
        {"", false},
    };
    char longest[PL_ISSUER_MAX + 2];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(pl_oidc_issuer_ok(rows[i].text), rows[i].ok);
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "https://", 8);
    longest[PL_ISSUER_MAX + 1] = 0;
    assert_false(pl_oidc_issuer_ok(longest));
    longest[PL_ISSUER_MAX] = 0;
    assert_true(pl_oidc_issuer_ok(longest));
}

static void documents_are_read(void **state)
{
    static const struct {
        const char *more; /* behind what is there */
        enum pl_err e;
        const char *why; /* a part of it */
        bool in_body, names_itself;
    } rows[] = {
        {"}", PL_OK, NULL, false, false},
        {",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]}", PL_OK, NULL, true,
         false},
        {",\"token_endpoint_auth_methods_supported\":[\"client_secret_basic\"],"
         "\"authorization_response_iss_parameter_supported\":true}",
         PL_OK, NULL, false, true},
        {",\"code_challenge_methods_supported\":[\"plain\"]}", PL_EINVAL, "S256", false, false},
        {",\"code_challenge_methods_supported\":[\"plain\",\"S256\"]}", PL_OK, NULL, false, false},
        {",\"issuer\":\"x\"}", PL_EINVAL, "is no JSON object", false, false},
        {"", PL_EINVAL, "is no JSON object", false, false},
    };
    struct pl_oidc_provider p;
    char why[PL_OIDC_WHY_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[2000];
        snprintf(text, sizeof text, "%s%s", discovery, rows[i].more);
        assert_int_equal(pl_oidc_discovery(pl_str(text), ISSUER, &p, why), rows[i].e);
        if (rows[i].e) {
            assert_non_null(strstr(why, rows[i].why));
            continue;
        }
        assert_string_equal(p.token, "https://id.example.org/token");
        assert_string_equal(p.userinfo, "");
        assert_int_equal(p.secret_in_body, rows[i].in_body);
        assert_int_equal(p.names_itself, rows[i].names_itself);
    }
    char text[2000];
    snprintf(text, sizeof text, "%s}", discovery);
    assert_int_equal(pl_oidc_discovery(pl_str(text), ISSUER "/", &p, why), PL_EINVAL);
    assert_non_null(strstr(why, "another issuer: " ISSUER));
}

/* Each member that is needed, one after the other, is not there or is wrong. */
static void documents_need_their_members(void **state)
{
    static const char *const changes[][2] = {
        {"authorization_endpoint", "\"http://id.example.org/auth\""},
        {"token_endpoint", "\"javascript:alert(1)\""},
        {"jwks_uri", "17"},
        {"response_types_supported", "[\"token\"]"},
    };
    struct pl_oidc_provider p;
    char why[PL_OIDC_WHY_SIZE], text[2000];
    (void)state;
    snprintf(text, sizeof text, "%s}", discovery);
    for (size_t i = 0; i < COUNT(changes); i++)
        for (int set = 0; set < 2; set++) {
            json_t *o = json_loads(text, 0, NULL);
            if (set)
                json_object_set_new(o, changes[i][0],
                                    json_loads(changes[i][1], JSON_DECODE_ANY, NULL));
            else
                json_object_del(o, changes[i][0]);
            char *changed = json_dumps(o, 0);
            assert_int_equal(pl_oidc_discovery(pl_str(changed), ISSUER, &p, why), PL_EINVAL);
            free(changed);
            json_decref(o);
        }
    char *large = malloc(PL_OIDC_DISCOVERY_MAX + 2);
    for (int more = 0; more < 2; more++) {
        size_t n = PL_OIDC_DISCOVERY_MAX + (size_t)more;
        memset(large, ' ', n);
        memcpy(large, text, strlen(text));
        assert_int_equal(pl_oidc_discovery((struct pl_str){large, n}, ISSUER, &p, why),
                         more ? PL_ELIMIT : PL_OK);
    }
    free(large);
}

static const struct pl_oidc_login login = {
    .state = "state",
    .nonce = "nonce",
    /* RFC 7636, appendix B */
    .verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    .redirect = "https://parley.example.org/login",
};

static void requests_are_made(void **state)
{
    struct pl_oidc_provider p = {.authorization = "https://id.example.org/auth"};
    struct pl_buf out = {0};
    (void)state;
    pl_oidc_authorization(&p, "a b", &login, &out);
    assert_string_equal(
        out.data, "https://id.example.org/auth?response_type=code"
                  "&scope=openid%20profile%20email&code_challenge_method=S256"
                  "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&client_id=a%20b"
                  "&redirect_uri=https%3A%2F%2Fparley.example.org%2Flogin&state=state"
                  "&nonce=nonce");
    pl_buf_clear(&out);
    pl_oidc_discovery_url("https://id.example.org/realm/", &out);
    assert_string_equal(out.data, "https://id.example.org/realm/.well-known/openid-configuration");
    pl_buf_clear(&out);
    pl_oidc_token_request(&p, "id", "s&s", &login, pl_str("c=d"), &out);
    assert_non_null(strstr(out.data, "grant_type=authorization_code&code=c%3Dd&"));
    assert_non_null(strstr(out.data, "&code_verifier=dBjftJeZ4CVP"));
    assert_null(strstr(out.data, "s%26s"));
    assert_null(strstr(out.data, "client_id"));
    pl_buf_clear(&out);
    pl_oidc_basic(&p, "id", "s&s", &out);
    assert_string_equal(out.data, "Basic aWQ6cyUyNnM="); /* id:s%26s */
    pl_buf_clear(&out);
    p.secret_in_body = true;
    pl_oidc_token_request(&p, "id", "s&s", &login, pl_str("c"), &out);
    assert_non_null(strstr(out.data, "&client_id=id&client_secret=s%26s"));
    pl_buf_clear(&out);
    pl_oidc_basic(&p, "id", "s", &out);
    pl_oidc_basic(&p, "id", NULL, &out);
    assert_int_equal(out.len, 0);
    pl_buf_free(&out);
}

static void token_answers(void **state)
{
    static const struct {
        unsigned status;
        const char *json;
        enum pl_err e;
        const char *why;
    } rows[] = {
        {200, "{\"id_token\":\"a.b.c\",\"access_token\":\"t\"}", PL_OK, NULL},
        {200, "{\"id_token\":\"a.b.c\",\"access_token\":\"t\\r\\nX: y\"}", PL_OK, NULL},
        {200, "{\"access_token\":\"t\"}", PL_EINVAL, "has no ID token"},
        {200, "[]", PL_EINVAL, "is no JSON object"},
        {200, "<html>", PL_EINVAL, "is no JSON object"},
        {400, "{\"error\":\"invalid_grant\"}", PL_EAUTH, "refuses a token: invalid_grant"},
        {400, "{\"error\":\"x\\ny\"}", PL_EAUTH, "answers 400"},
        {500, "{}", PL_EAUTH, "answers 500"},
        {302, "", PL_EAUTH, "answers 302"},
        {201, "{\"id_token\":\"a.b.c\"}", PL_EAUTH, "answers 201"},
    };
    char why[PL_OIDC_WHY_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pl_buf id = {0}, access = {0};
        assert_int_equal(pl_oidc_tokens(rows[i].status, pl_str(rows[i].json), &id, &access, why),
                         rows[i].e);
        if (rows[i].e)
            assert_non_null(strstr(why, rows[i].why));
        else
            assert_string_equal(id.data, "a.b.c");
        assert_int_equal(access.len, i == 0 ? 1 : 0);
        pl_buf_free(&id);
        pl_buf_free(&access);
    }
}

/* Keys and tokens */

static struct {
    cjose_jwk_t *rsa, *ec, *other, *secret;
    struct pl_oidc_keys *keys;
} made;

/* A key as a provider publishes it, with these members more. */
static void publish(json_t *list, const cjose_jwk_t *key, const char *more)
{
    char *text = cjose_jwk_to_json(key, false, NULL);
    json_t *o = json_loads(text, 0, NULL), *extra = json_loads(more, 0, NULL);
    assert_non_null(o);
    assert_non_null(extra);
    json_object_update(o, extra);
    json_array_append_new(list, o);
    json_decref(extra);
    free(text);
}

static struct pl_oidc_keys *read_keys(json_t *list)
{
    struct pl_oidc_keys *keys = NULL;
    char why[PL_OIDC_WHY_SIZE];
    json_t *set = json_pack("{s:O}", "keys", list);
    char *text = json_dumps(set, 0);
    assert_int_equal(pl_oidc_keys_read(pl_str(text), &keys, why), PL_OK);
    free(text);
    json_decref(set);
    return keys;
}

static int make_keys(void **state)
{
    static const uint8_t e[] = {1, 0, 1};
    json_t *list = json_array();
    (void)state;
    made.rsa = cjose_jwk_create_RSA_random(2048, e, sizeof e, NULL);
    made.other = cjose_jwk_create_RSA_random(2048, e, sizeof e, NULL);
    made.ec = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, NULL);
    /* The mistake of taking the public key for a shared secret. */
    char *public = cjose_jwk_to_json(made.rsa, false, NULL);
    made.secret = cjose_jwk_create_oct_spec((const uint8_t *)public, strlen(public), NULL);
    free(public);
    publish(list, made.rsa, "{\"kid\":\"r\",\"use\":\"sig\",\"alg\":\"RS256\"}");
    publish(list, made.ec, "{\"kid\":\"e\"}");
    made.keys = read_keys(list);
    json_decref(list);
    return pl_oidc_keys_count(made.keys) == 2 ? 0 : 1;
}

static int free_keys(void **state)
{
    (void)state;
    pl_oidc_keys_free(made.keys);
    cjose_jwk_release(made.rsa);
    cjose_jwk_release(made.other);
    cjose_jwk_release(made.ec);
    cjose_jwk_release(made.secret);
    return 0;
}

static void keys_are_chosen(void **state)
{
    json_t *list = json_array();
    static const uint8_t e[] = {1, 0, 1};
    cjose_jwk_t *short_one = cjose_jwk_create_RSA_random(1024, e, sizeof e, NULL);
    cjose_jwk_t *p521 = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_521, NULL);
    char why[PL_OIDC_WHY_SIZE];
    struct pl_oidc_keys *keys = NULL;
    (void)state;
    publish(list, made.rsa, "{\"use\":\"enc\"}");
    publish(list, made.rsa, "{\"alg\":\"RS512\"}");
    publish(list, made.rsa, "{\"kty\":\"oct\"}");
    publish(list, made.rsa, "{\"n\":17}");
    publish(list, made.ec, "{\"x\":\"AAAA\"}");
    publish(list, made.ec, "{\"x\":\"A=\"}"); /* on which cjose aborts */
    publish(list, short_one, "{}");
    publish(list, p521, "{}");
    json_array_append_new(list, json_string("key"));
    keys = read_keys(list);
    assert_int_equal(pl_oidc_keys_count(keys), 0);
    pl_oidc_keys_free(keys);
    json_array_clear(list);
    for (int i = 0; i <= PL_OIDC_KEYS; i++)
        publish(list, made.ec, "{}");
    keys = read_keys(list);
    assert_int_equal(pl_oidc_keys_count(keys), PL_OIDC_KEYS);
    pl_oidc_keys_free(keys);
    assert_int_equal(pl_oidc_keys_read(pl_str("{}"), &keys, why), PL_EINVAL);
    assert_int_equal(pl_oidc_keys_read(pl_str("{\"keys\":{}}"), &keys, why), PL_EINVAL);
    assert_int_equal(pl_oidc_keys_read(pl_str("nothing"), &keys, why), PL_EINVAL);
    cjose_jwk_release(short_one);
    cjose_jwk_release(p521);
    json_decref(list);
}

/* A token: claims that are good but for `changes` (null takes one away), under this header. */
static char *sign(const cjose_jwk_t *key, const char *alg, const char *kid, const char *changes)
{
    json_t *claims =
        json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:b}", "iss", ISSUER, "sub", "4711", "aud",
                  "parley", "nonce", "nonce", "iat", (json_int_t)NOW, "exp", (json_int_t)NOW + 300,
                  "name", "Anna Berg", "email", "Anna@Example.org", "email_verified", 1);
    json_t *change = json_loads(changes, 0, NULL), *value;
    const char *name;
    assert_non_null(change);
    json_object_foreach(change, name, value)
    {
        if (json_is_null(value))
            json_object_del(claims, name);
        else
            json_object_set(claims, name, value);
    }
    char *payload = json_dumps(claims, JSON_COMPACT);
    cjose_header_t *header = cjose_header_new(NULL);
    const char *text = NULL;
    cjose_header_set(header, "alg", alg, NULL);
    if (kid)
        cjose_header_set(header, "kid", kid, NULL);
    cjose_jws_t *jws = cjose_jws_sign(key, header, (const uint8_t *)payload, strlen(payload), NULL);
    assert_non_null(jws);
    assert_true(cjose_jws_export(jws, &text, NULL));
    char *out = strdup(text);
    cjose_jws_release(jws);
    cjose_header_release(header);
    free(payload);
    json_decref(claims);
    json_decref(change);
    return out;
}

static enum pl_err verify(const char *token, struct pl_oidc_claims *claims,
                          char why[PL_OIDC_WHY_SIZE])
{
    const struct pl_oidc_expected expected = {ISSUER, "parley", "nonce", NOW};
    return pl_oidc_verify(made.keys, pl_str(token), &expected, claims, why);
}

static void good_tokens_are_taken(void **state)
{
    struct pl_oidc_claims claims;
    char why[PL_OIDC_WHY_SIZE];
    static const char *const changes[] = {
        "{}",
        "{\"aud\":[\"parley\"]}",
        "{\"aud\":[\"x\",\"parley\"],\"azp\":\"parley\"}",
        "{\"azp\":\"parley\",\"nbf\":1800000000}",
        "{\"exp\":1799999941}", /* 59 s ago */
        "{\"iat\":1800000060}",
        "{\"iat\":1799999400}", /* ten minutes ago */
        "{\"exp\":1800000300.5}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        char *token = sign(i % 2 ? made.ec : made.rsa, i % 2 ? "ES256" : "RS256", i % 2 ? "e" : "r",
                           changes[i]);
        if (verify(token, &claims, why) != PL_OK)
            fail_msg("%s: %s", changes[i], why);
        assert_string_equal(claims.subject, "4711");
        assert_string_equal(claims.name, "Anna Berg");
        assert_string_equal(claims.email, "anna@example.org");
        assert_true(claims.email_verified);
        free(token);
    }
    /* Without a key's id, if one alone fits. */
    char *token = sign(made.rsa, "RS256", NULL, "{}");
    assert_int_equal(verify(token, &claims, why), PL_OK);
    free(token);
}

static void addresses_need_a_word_for_them(void **state)
{
    struct pl_oidc_claims claims;
    char why[PL_OIDC_WHY_SIZE];
    static const char *const changes[] = {"{\"email_verified\":false}", "{\"email_verified\":null}",
                                          "{\"email_verified\":\"true\"}",
                                          "{\"email_verified\":1}"};
    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        char *token = sign(made.rsa, "RS256", "r", changes[i]);
        assert_int_equal(verify(token, &claims, why), PL_OK);
        assert_false(claims.email_verified);
        free(token);
    }
    char *token = sign(made.rsa, "RS256", "r", "{\"email\":\"none\",\"name\":\"a\\nb\"}");
    assert_int_equal(verify(token, &claims, why), PL_OK);
    assert_string_equal(claims.email, "");
    assert_string_equal(claims.name, "");
    assert_false(claims.email_verified);
    free(token);
}

static void bad_claims_are_refused(void **state)
{
    static const struct {
        const char *changes;
        enum pl_err e;
        const char *why;
    } rows[] = {
        {"{\"iss\":\"https://evil.example\"}", PL_EAUTH, "another issuer"},
        {"{\"iss\":null}", PL_EAUTH, "another issuer"},
        {"{\"aud\":\"other\"}", PL_EAUTH, "for somebody else"},
        {"{\"aud\":[\"other\"]}", PL_EAUTH, "for somebody else"},
        {"{\"aud\":[]}", PL_EAUTH, "for somebody else"},
        {"{\"aud\":null}", PL_EAUTH, "for somebody else"},
        {"{\"aud\":[\"parley\",17]}", PL_EAUTH, "for somebody else"},
        {"{\"aud\":[\"parley\",\"other\"]}", PL_EAUTH, "issued to somebody else"},
        {"{\"azp\":\"other\"}", PL_EAUTH, "issued to somebody else"},
        {"{\"nonce\":\"other\"}", PL_EAUTH, "another login"},
        {"{\"nonce\":null}", PL_EAUTH, "another login"},
        {"{\"exp\":1799999940}", PL_EAUTH, "has expired"},
        {"{\"exp\":null}", PL_EINVAL, "when it is good"},
        {"{\"exp\":\"never\"}", PL_EINVAL, "when it is good"},
        {"{\"exp\":1e300}", PL_EINVAL, "when it is good"},
        {"{\"iat\":1800000061}", PL_EAUTH, "of the future"},
        {"{\"nbf\":1800000061}", PL_EAUTH, "of the future"},
        {"{\"nbf\":\"x\"}", PL_EINVAL, "when it is good"},
        {"{\"iat\":1799999399}", PL_EAUTH, "too old"},
        {"{\"iat\":null}", PL_EINVAL, "when it is good"},
        {"{\"sub\":null}", PL_EINVAL, "who it is about"},
        {"{\"sub\":\"\"}", PL_EINVAL, "who it is about"},
        {"{\"sub\":\"a b\"}", PL_EINVAL, "who it is about"},
        {"{\"sub\":17}", PL_EINVAL, "who it is about"},
    };
    struct pl_oidc_claims claims;
    char why[PL_OIDC_WHY_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *token = sign(made.rsa, "RS256", "r", rows[i].changes);
        assert_int_equal(verify(token, &claims, why), rows[i].e);
        if (!strstr(why, rows[i].why))
            fail_msg("%s: %s", rows[i].changes, why);
        free(token);
    }
}

/* With another header in the place of its own. */
static char *behead(const char *token, const char *header)
{
    char encoded[400], *out = malloc(strlen(token) + 400);
    pl_base64url((const uint8_t *)header, strlen(header), encoded);
    sprintf(out, "%s%s", encoded, strchr(token, '.'));
    return out;
}

static void bad_signatures_are_refused(void **state)
{
    static const struct {
        const char *header;
        enum pl_err e;
        const char *why;
    } rows[] = {
        {"{\"alg\":\"none\"}", PL_EAUTH, "not taken here"},
        {"{\"alg\":\"None\",\"kid\":\"r\"}", PL_EAUTH, "not taken here"},
        {"{\"alg\":\"HS256\",\"kid\":\"r\"}", PL_EAUTH, "not taken here"},
        {"{\"alg\":\"RS512\",\"kid\":\"r\"}", PL_EAUTH, "not taken here"},
        {"{\"alg\":17}", PL_EAUTH, "not taken here"},
        {"{}", PL_EAUTH, "not taken here"},
        {"{\"alg\":\"ES256\",\"kid\":\"r\"}", PL_ENOENT, "does not publish"},
        {"{\"alg\":\"RS256\",\"kid\":\"x\"}", PL_ENOENT, "does not publish"},
        {"{\"alg\":\"RS256\",\"kid\":\"r\",\"crit\":[\"x\"]}", PL_EAUTH, "crit"},
        {"{\"alg\":\"RS256\",\"kid\":\"r\",\"x\":1}", PL_EAUTH, "signature"},
        {"[]", PL_EINVAL, "is no JSON object"},
        {"", PL_EINVAL, "malformed"},
    };
    struct pl_oidc_claims claims;
    char why[PL_OIDC_WHY_SIZE];
    char *good = sign(made.rsa, "RS256", "r", "{}");
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *token = behead(good, rows[i].header);
        assert_int_equal(verify(token, &claims, why), rows[i].e);
        if (!strstr(why, rows[i].why))
            fail_msg("%s: %s", rows[i].header, why);
        free(token);
    }
    char *hs = sign(made.secret, "HS256", "r", "{}"), *other = sign(made.other, "RS256", "r", "{}");
    assert_int_equal(verify(hs, &claims, why), PL_EAUTH);
    assert_int_equal(verify(other, &claims, why), PL_EAUTH);
    assert_non_null(strstr(why, "signature is not good"));
    /* Of the payload a character is another; a part is missing; nothing is signed. */
    char *dot = strchr(good, '.') + 10, was = *dot;
    *dot = was == 'A' ? 'B' : 'A';
    assert_int_equal(verify(good, &claims, why), PL_EAUTH);
    *dot = '='; /* on which cjose aborts */
    assert_int_equal(verify(good, &claims, why), PL_EINVAL);
    *dot = was;
    *strrchr(good, '.') = 0;
    assert_int_equal(verify(good, &claims, why), PL_EAUTH);
    assert_int_equal(verify("", &claims, why), PL_EINVAL);
    assert_int_equal(verify("..", &claims, why), PL_EINVAL);
    free(good);
    free(hs);
    free(other);
}

static void long_tokens_are_refused(void **state)
{
    struct pl_oidc_claims claims;
    char why[PL_OIDC_WHY_SIZE];
    char *good = sign(made.rsa, "RS256", "r", "{}"), *token = malloc(PL_OIDC_TOKEN_MAX + 2);
    (void)state;
    memset(token, 'A', PL_OIDC_TOKEN_MAX + 1);
    memcpy(token, good, strlen(good));
    token[PL_OIDC_TOKEN_MAX + 1] = 0;
    assert_int_equal(verify(token, &claims, why), PL_EINVAL);
    token[PL_OIDC_TOKEN_MAX] = 0;
    assert_int_equal(verify(token, &claims, why), PL_EAUTH); /* looked at, and not signed so */
    free(good);
    free(token);
}

static void userinfo_is_of_the_same(void **state)
{
    struct pl_oidc_claims claims = {.subject = "4711"};
    char why[PL_OIDC_WHY_SIZE];
    (void)state;
    assert_int_equal(
        pl_oidc_userinfo(200, pl_str("{\"sub\":\"4712\",\"email\":\"x@y\"}"), &claims, why),
        PL_EAUTH);
    assert_string_equal(claims.email, "");
    assert_int_equal(pl_oidc_userinfo(401, pl_str("{\"error\":\"invalid_token\"}"), &claims, why),
                     PL_EAUTH);
    assert_int_equal(pl_oidc_userinfo(200, pl_str("x"), &claims, why), PL_EINVAL);
    assert_int_equal(pl_oidc_userinfo(200,
                                      pl_str("{\"sub\":\"4711\",\"name\":\"A\",\"email\":\"x@y\","
                                             "\"email_verified\":true}"),
                                      &claims, why),
                     PL_OK);
    assert_string_equal(claims.email, "x@y");
    assert_true(claims.email_verified);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issuers),
        cmocka_unit_test(documents_are_read),
        cmocka_unit_test(documents_need_their_members),
        cmocka_unit_test(requests_are_made),
        cmocka_unit_test(token_answers),
        cmocka_unit_test(keys_are_chosen),
        cmocka_unit_test(good_tokens_are_taken),
        cmocka_unit_test(addresses_need_a_word_for_them),
        cmocka_unit_test(bad_claims_are_refused),
        cmocka_unit_test(bad_signatures_are_refused),
        cmocka_unit_test(long_tokens_are_refused),
        cmocka_unit_test(userinfo_is_of_the_same),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
