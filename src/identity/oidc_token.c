/* See oidc.h. Here: keys, and ID tokens. Signatures are cjose's; which algorithm may sign is
 * decided before it is asked, and never by the token alone. */
#include "identity/oidc_parts.h"

#include <cjose/cjose.h>
#include <stdlib.h>
#include <string.h>

#define KID_MAX 255 /* bytes of a key's id */
#define HEADER_MAX 4096

/* What may sign. "none" and what signs by a shared secret are not in the list, nor may be. */
static const struct algorithm {
    const char *name;
    cjose_jwk_kty_t type;
    const char *curve; /* NULL: none */
} algorithms[] = {
    {"RS256", CJOSE_JWK_KTY_RSA, NULL},
    {"ES256", CJOSE_JWK_KTY_EC, "P-256"},
};

static const struct algorithm *algorithm_of(struct pl_str name)
{
    for (size_t i = 0; name.p && i < sizeof algorithms / sizeof *algorithms; i++)
        if (pl_str_eq(name, algorithms[i].name))
            return &algorithms[i];
    return NULL;
}

struct key {
    cjose_jwk_t *jwk;
    const struct algorithm *algorithm; /* the one that it is for */
    char id[KID_MAX + 1];              /* "": it has none */
};

struct pl_oidc_keys {
    struct key list[PL_OIDC_KEYS];
    size_t n;
};

/* Keys */

/* For which of the algorithms a key is; NULL: none. */
static const struct algorithm *fits(const json_t *o)
{
    bool signs = !json_object_get(o, "use") || pl_oidc_is(o, "use", "sig");
    for (size_t i = 0; signs && i < sizeof algorithms / sizeof *algorithms; i++) {
        const struct algorithm *a = &algorithms[i];
        bool said = !json_object_get(o, "alg") || pl_oidc_is(o, "alg", a->name);
        bool type = pl_oidc_is(o, "kty", a->type == CJOSE_JWK_KTY_RSA ? "RSA" : "EC");
        if (said && type && (!a->curve || pl_oidc_is(o, "crv", a->curve)))
            return a;
    }
    return NULL;
}

/* RFC 7518, 3.3: 2048 bits or more; and no more than anybody has. As base64url. */
static bool length_ok(const json_t *o)
{
    struct pl_str n = pl_oidc_text(o, "n");
    return !pl_oidc_is(o, "kty", "RSA") || (n.n >= 256 * 4 / 3 && n.n <= 2048 / 3 * 4);
}

/* Base64url has no padding here (RFC 7515, 2), and cjose aborts on some of it. */
static bool is_padded(struct pl_str text)
{
    return text.n && memchr(text.p, '=', text.n);
}

/* Public parts alone: what else a provider published by mistake is not taken in. */
static cjose_jwk_t *import(const json_t *o)
{
    static const char *const names[] = {"kty", "crv", "n", "e", "x", "y"};
    json_t *part = json_object();
    cjose_jwk_t *jwk = NULL;
    bool good = part;
    for (size_t i = 0; good && i < sizeof names / sizeof *names; i++) {
        json_t *value = json_object_get(o, names[i]);
        good = !value || (json_is_string(value) && !is_padded(pl_oidc_text(o, names[i])) &&
                          json_object_set(part, names[i], value) == 0);
    }
    char *text = good ? json_dumps(part, JSON_COMPACT) : NULL;
    if (text)
        jwk = cjose_jwk_import(text, strlen(text), NULL);
    free(text);
    json_decref(part);
    return jwk;
}

static void take_key(struct pl_oidc_keys *keys, const json_t *o)
{
    struct key k = {.algorithm = fits(o)};
    struct pl_str id = pl_oidc_text(o, "kid");
    if (!k.algorithm || !length_ok(o) || (id.p && pl_str_copy(id, k.id, sizeof k.id)))
        return;
    k.jwk = import(o);
    if (k.jwk && cjose_jwk_get_kty(k.jwk, NULL) == k.algorithm->type)
        keys->list[keys->n++] = k;
    else
        cjose_jwk_release(k.jwk);
}

enum pl_err pl_oidc_keys_read(struct pl_str json, struct pl_oidc_keys **out,
                              char why[PL_OIDC_WHY_SIZE])
{
    enum pl_err e = PL_OK;
    size_t i;
    json_t *value;
    json_t *o =
        pl_oidc_object(json, PL_OIDC_KEYS_MAX, "The identity provider's set of keys", &e, why);
    if (!o)
        return e;
    const json_t *list = json_object_get(o, "keys");
    struct pl_oidc_keys *keys = calloc(1, sizeof *keys);
    if (!keys)
        e = pl_oidc_refuse(why, PL_ENOMEM, "The server has no memory left.");
    else if (!json_is_array(list))
        e = pl_oidc_refuse(why, PL_EINVAL, "The identity provider's set of keys has no keys.");
    json_array_foreach(list, i, value)
    {
        if (!e && keys->n < PL_OIDC_KEYS)
            take_key(keys, value);
    }
    json_decref(o);
    if (e)
        pl_oidc_keys_free(keys);
    else
        *out = keys;
    return e;
}

void pl_oidc_keys_free(struct pl_oidc_keys *keys)
{
    if (!keys)
        return;
    for (size_t i = 0; i < keys->n; i++)
        cjose_jwk_release(keys->list[i].jwk);
    free(keys);
}

size_t pl_oidc_keys_count(const struct pl_oidc_keys *keys)
{
    return keys->n;
}

/* The key that a header names; where it names none, the only one that fits. NULL: there is none. */
static const struct key *find_key(const struct pl_oidc_keys *keys, const struct algorithm *a,
                                  struct pl_str id)
{
    const struct key *found = NULL;
    for (size_t i = 0; i < keys->n; i++) {
        const struct key *k = &keys->list[i];
        if (k->algorithm != a || (id.p && !pl_str_eq(id, k->id)))
            continue;
        if (found)
            return NULL; /* two: nobody says which */
        found = k;
    }
    return found;
}

/* The token's parts */

static json_t *read_header(struct pl_str token, enum pl_err *e, char why[PL_OIDC_WHY_SIZE])
{
    uint8_t bytes[HEADER_MAX];
    size_t n = 0;
    struct pl_str rest = token, part = pl_str_split(&rest, '.');
    *e = PL_EINVAL;
    if (token.n > PL_OIDC_TOKEN_MAX || is_padded(token) || part.n == 0 || part.n > HEADER_MAX ||
        pl_base64url_decode(part, bytes, sizeof bytes, &n)) {
        *e = pl_oidc_refuse(why, PL_EINVAL, "The ID token is malformed.");
        return NULL;
    }
    return pl_oidc_object((struct pl_str){(const char *)bytes, n}, HEADER_MAX,
                          "The ID token's header", e, why);
}

static enum pl_err choose_key(const struct pl_oidc_keys *keys, const json_t *header,
                              const struct key **out, char why[PL_OIDC_WHY_SIZE])
{
    struct pl_str name = pl_oidc_text(header, "alg"), id = pl_oidc_text(header, "kid");
    const struct algorithm *a = algorithm_of(name);
    if (!a)
        return pl_oidc_refuse(
            why, PL_EAUTH,
            "The ID token is signed by an algorithm that is not taken here: RS256 "
            "and ES256 are.");
    /* RFC 7515, 4.1.11: what must be understood and is not. Keys never come with the token. */
    if (json_object_get(header, "crit"))
        return pl_oidc_refuse(why, PL_EAUTH,
                              "The ID token demands what is not understood here (crit).");
    *out = find_key(keys, a, id);
    if (*out)
        return PL_OK;
    return pl_oidc_refuse(why, PL_ENOENT,
                          "The ID token is signed by a key that the identity provider does not "
                          "publish.");
}

/* The payload, once its signature is good; appended. */
static enum pl_err open_token(struct pl_str token, const struct key *key, struct pl_buf *out,
                              char why[PL_OIDC_WHY_SIZE])
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    cjose_jws_t *jws = cjose_jws_import(token.p, token.n, NULL);
    bool good = jws && cjose_jws_verify(jws, key->jwk, NULL) &&
                cjose_jws_get_plaintext(jws, &bytes, &n, NULL);
    if (good)
        pl_buf_add(out, bytes, n);
    cjose_jws_release(jws);
    if (!good)
        return pl_oidc_refuse(why, PL_EAUTH, "The ID token's signature is not good.");
    return out->failed ? pl_oidc_refuse(why, PL_ENOMEM, "The server has no memory left.") : PL_OK;
}

/* Claims */

static bool whole(const json_t *o, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(o, name);
    double real = json_number_value(value);
    /* NumericDate may have a fraction (RFC 7519, 2). */
    if (!json_is_number(value) || !(real >= 0 && real < 1e12))
        return false;
    *out = (int64_t)real;
    return true;
}

static bool for_us(const json_t *o, const char *client_id, size_t *n)
{
    size_t i;
    json_t *value;
    const json_t *aud = json_object_get(o, "aud");
    bool found = false;
    *n = json_is_string(aud) ? 1 : json_array_size(aud);
    if (json_is_string(aud))
        return strcmp(json_string_value(aud), client_id) == 0;
    json_array_foreach(aud, i, value)
    {
        if (!json_is_string(value))
            return false;
        found |= strcmp(json_string_value(value), client_id) == 0;
    }
    return found && *n <= PL_OIDC_AUDIENCES;
}

static enum pl_err check_whom(const json_t *o, const struct pl_oidc_expected *x,
                              char why[PL_OIDC_WHY_SIZE])
{
    size_t audiences;
    if (!pl_oidc_is(o, "iss", x->issuer))
        return pl_oidc_refuse(why, PL_EAUTH, "The ID token is of another issuer.");
    if (!for_us(o, x->client_id, &audiences))
        return pl_oidc_refuse(why, PL_EAUTH, "The ID token is for somebody else, not this server.");
    bool azp = json_object_get(o, "azp") != NULL;
    if ((audiences > 1 && !azp) || (azp && !pl_oidc_is(o, "azp", x->client_id)))
        return pl_oidc_refuse(why, PL_EAUTH,
                              "The ID token was issued to somebody else, not this server.");
    if (!pl_oidc_is(o, "nonce", x->nonce))
        return pl_oidc_refuse(why, PL_EAUTH, "The ID token answers another login.");
    return PL_OK;
}

static enum pl_err check_times(const json_t *o, int64_t now_s, char why[PL_OIDC_WHY_SIZE])
{
    int64_t exp, iat, nbf = 0;
    if (!whole(o, "exp", &exp) || !whole(o, "iat", &iat) ||
        (json_object_get(o, "nbf") && !whole(o, "nbf", &nbf)))
        return pl_oidc_refuse(why, PL_EINVAL, "The ID token does not say when it is good.");
    if (now_s >= exp + PL_OIDC_LEEWAY_S)
        return pl_oidc_refuse(why, PL_EAUTH, "The ID token has expired.");
    if (iat > now_s + PL_OIDC_LEEWAY_S || nbf > now_s + PL_OIDC_LEEWAY_S)
        return pl_oidc_refuse(
            why, PL_EAUTH,
            "The ID token is of the future: compare the clocks of this server and "
            "of the identity provider.");
    if (now_s > iat + PL_OIDC_ISSUED_MAX_S)
        return pl_oidc_refuse(why, PL_EAUTH, "The ID token is too old.");
    return PL_OK;
}

static enum pl_err check_claims(struct pl_str json, const struct pl_oidc_expected *x,
                                struct pl_oidc_claims *out, char why[PL_OIDC_WHY_SIZE])
{
    struct pl_oidc_claims c = {.email_verified = false};
    enum pl_err e = PL_OK;
    json_t *o = pl_oidc_object(json, PL_OIDC_TOKEN_MAX, "The ID token", &e, why);
    if (!o)
        return e;
    struct pl_str subject = pl_oidc_text(o, "sub");
    e = check_whom(o, x, why);
    if (!e)
        e = check_times(o, x->now_s, why);
    if (!e && (!subject.p || !pl_subject_ok(subject) ||
               pl_str_copy(subject, c.subject, sizeof c.subject)))
        e = pl_oidc_refuse(why, PL_EINVAL, "The ID token does not say who it is about.");
    if (!e) {
        pl_oidc_take_person(o, &c);
        *out = c;
    }
    json_decref(o);
    return e;
}

enum pl_err pl_oidc_verify(const struct pl_oidc_keys *keys, struct pl_str token,
                           const struct pl_oidc_expected *expected, struct pl_oidc_claims *out,
                           char why[PL_OIDC_WHY_SIZE])
{
    enum pl_err e;
    const struct key *key;
    struct pl_buf payload = {0};
    json_t *header = read_header(token, &e, why);
    if (!header)
        return e;
    e = choose_key(keys, header, &key, why);
    json_decref(header);
    if (!e)
        e = open_token(token, key, &payload, why);
    if (!e)
        e = check_claims((struct pl_str){payload.data, payload.len}, expected, out, why);
    pl_buf_free(&payload);
    return e;
}
