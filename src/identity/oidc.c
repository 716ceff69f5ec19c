/* See oidc.h. Here: what a provider is asked, and its answers but for the ID token. */
#include "identity/oidc_parts.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WELL_KNOWN "/.well-known/openid-configuration"

enum pl_err pl_oidc_refuse(char why[PL_OIDC_WHY_SIZE], enum pl_err e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, PL_OIDC_WHY_SIZE, format, args);
    va_end(args);
    return e;
}

json_t *pl_oidc_object(struct pl_str json, size_t max, const char *what, enum pl_err *e,
                       char why[PL_OIDC_WHY_SIZE])
{
    struct pl_decode_error error = {0};
    json_t *o = pl_decode_load(json, max, &error);
    if (o && json_is_object(o))
        return o;
    *e = error.err == PL_ENOMEM || error.err == PL_ELIMIT ? error.err : PL_EINVAL;
    *e = pl_oidc_refuse(why, *e, "%s is no JSON object%s%.100s.", what, o ? "" : ": ",
                        o ? "" : error.reason);
    json_decref(o);
    return NULL;
}

struct pl_str pl_oidc_text(const json_t *o, const char *name)
{
    const json_t *value = json_object_get(o, name);
    return (struct pl_str){json_string_value(value), json_string_length(value)};
}

bool pl_oidc_is(const json_t *o, const char *name, const char *text)
{
    struct pl_str s = pl_oidc_text(o, name);
    return s.p && pl_str_eq(s, text);
}

/* Discovery */

static bool is_here(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        if (strncmp(host, names[i], n) == 0 && strchr(":/", host[n])) /* or its end */
            return true;
    }
    return false;
}

/* https, or http to this machine; printable, and with nothing that would end it in a header. */
static bool url_ok(struct pl_str url, size_t size)
{
    char text[PL_OIDC_URL_SIZE];
    if (url.n >= size || !url.p || pl_str_copy(url, text, sizeof text))
        return false;
    bool tls = strncmp(text, "https://", 8) == 0;
    const char *host = text + (tls ? 8 : 7);
    if (!tls && (strncmp(text, "http://", 7) != 0 || !is_here(host)))
        return false;
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("#\"<>\\^`{|}", *c))
            return false;
    size_t n = strcspn(host, "/?");
    return n > 0 && !memchr(host, '@', n);
}

bool pl_oidc_issuer_ok(const char *issuer)
{
    return url_ok(pl_str(issuer), PL_ISSUER_MAX + 1) && !strchr(issuer, '?');
}

void pl_oidc_discovery_url(const char *issuer, struct pl_buf *out)
{
    size_t n = strlen(issuer);
    while (n && issuer[n - 1] == '/')
        n--;
    pl_buf_add(out, issuer, n);
    pl_buf_puts(out, WELL_KNOWN);
}

/* An endpoint. True: it was taken. */
static bool take_url(const json_t *o, const char *name, char out[PL_OIDC_URL_SIZE])
{
    struct pl_str url = pl_oidc_text(o, name);
    return url_ok(url, PL_OIDC_URL_SIZE) && pl_str_copy(url, out, PL_OIDC_URL_SIZE) == PL_OK;
}

/* Does a list name it? `absent`: what a list that is not there says. */
static bool lists(const json_t *o, const char *name, const char *word, bool absent)
{
    size_t i;
    json_t *value;
    const json_t *list = json_object_get(o, name);
    if (!json_is_array(list))
        return absent;
    json_array_foreach(list, i, value)
    {
        if (json_is_string(value) && strcmp(json_string_value(value), word) == 0)
            return true;
    }
    return false;
}

static enum pl_err read_provider(const json_t *o, const char *issuer, struct pl_oidc_provider *p,
                                 char why[PL_OIDC_WHY_SIZE])
{
    static const char *const names[] = {"authorization_endpoint", "token_endpoint", "jwks_uri"};
    char *const to[] = {p->authorization, p->token, p->keys};
    if (!pl_oidc_is(o, "issuer", issuer))
        return pl_oidc_refuse(why, PL_EINVAL,
                              "The identity provider's document is of another issuer: %.100s.",
                              pl_oidc_text(o, "issuer").p ? pl_oidc_text(o, "issuer").p : "none");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!take_url(o, names[i], to[i]))
            return pl_oidc_refuse(why, PL_EINVAL,
                                  "The identity provider's document has no good %s: https is "
                                  "needed.",
                                  names[i]);
    if (!lists(o, "response_types_supported", "code", false))
        return pl_oidc_refuse(why, PL_EINVAL,
                              "The identity provider does not offer the authorization code flow.");
    if (json_object_get(o, "code_challenge_methods_supported") &&
        !lists(o, "code_challenge_methods_supported", "S256", true))
        return pl_oidc_refuse(why, PL_EINVAL, "The identity provider does not take PKCE by S256.");
    if (!take_url(o, "userinfo_endpoint", p->userinfo))
        p->userinfo[0] = 0;
    /* Core, 9: the one that is offered where nothing is said. */
    p->secret_in_body =
        !lists(o, "token_endpoint_auth_methods_supported", "client_secret_basic", true);
    p->names_itself =
        json_is_true(json_object_get(o, "authorization_response_iss_parameter_supported"));
    return PL_OK;
}

enum pl_err pl_oidc_discovery(struct pl_str json, const char *issuer, struct pl_oidc_provider *out,
                              char why[PL_OIDC_WHY_SIZE])
{
    struct pl_oidc_provider p = {0};
    enum pl_err e = PL_OK;
    json_t *o =
        pl_oidc_object(json, PL_OIDC_DISCOVERY_MAX, "The identity provider's document", &e, why);
    if (!o)
        return e;
    e = read_provider(o, issuer, &p, why);
    json_decref(o);
    if (!e)
        *out = p;
    return e;
}

/* Requests */

/* RFC 3986, 2.3: unreserved characters stay. */
static void add_encoded(struct pl_buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (isalnum(c) || (c && strchr("-._~", c)))
            pl_buf_add(out, &text[i], 1);
        else
            pl_buf_printf(out, "%%%02X", c);
    }
}

static void add_field(struct pl_buf *out, const char *name, const char *text)
{
    pl_buf_printf(out, "&%s=", name);
    add_encoded(out, text, strlen(text));
}

void pl_oidc_authorization(const struct pl_oidc_provider *p, const char *client_id,
                           const struct pl_oidc_login *login, struct pl_buf *out)
{
    uint8_t hash[PL_SHA256_SIZE];
    char challenge[PL_OIDC_RANDOM_SIZE];
    pl_sha256(login->verifier, strlen(login->verifier), hash);
    pl_base64url(hash, sizeof hash, challenge);
    pl_buf_puts(out, p->authorization);
    pl_buf_puts(out, strchr(p->authorization, '?') ? "&" : "?");
    pl_buf_puts(out, "response_type=code&scope=openid%20profile%20email"
                     "&code_challenge_method=S256");
    add_field(out, "code_challenge", challenge);
    add_field(out, "client_id", client_id);
    add_field(out, "redirect_uri", login->redirect);
    add_field(out, "state", login->state);
    add_field(out, "nonce", login->nonce);
}

void pl_oidc_token_request(const struct pl_oidc_provider *p, const char *client_id,
                           const char *secret, const struct pl_oidc_login *login,
                           struct pl_str code, struct pl_buf *out)
{
    pl_buf_puts(out, "grant_type=authorization_code&code=");
    add_encoded(out, code.p, code.n);
    add_field(out, "redirect_uri", login->redirect);
    add_field(out, "code_verifier", login->verifier);
    if (!secret || p->secret_in_body)
        add_field(out, "client_id", client_id);
    if (secret && p->secret_in_body)
        add_field(out, "client_secret", secret);
}

void pl_oidc_basic(const struct pl_oidc_provider *p, const char *client_id, const char *secret,
                   struct pl_buf *out)
{
    struct pl_buf pair = {0};
    char text[1400];
    if (!secret || p->secret_in_body)
        return;
    add_encoded(&pair, client_id, strlen(client_id));
    pl_buf_puts(&pair, ":");
    add_encoded(&pair, secret, strlen(secret));
    if (pair.failed || pair.len > 3 * (sizeof text / 4 - 1)) {
        out->failed = true;
    } else {
        pl_base64((const uint8_t *)pair.data, pair.len, text);
        pl_buf_printf(out, "Basic %s", text);
    }
    if (pair.data)
        pl_wipe(pair.data, pair.len);
    pl_wipe(text, sizeof text);
    pl_buf_free(&pair);
}

/* Answers */

/* A refusal as OAuth words it (RFC 6749, 5.2). */
static enum pl_err refused(unsigned status, const json_t *o, const char *what,
                           char why[PL_OIDC_WHY_SIZE])
{
    struct pl_str error = pl_oidc_text(o, "error");
    if (pl_subject_ok(error))
        return pl_oidc_refuse(why, PL_EAUTH, "The identity provider refuses %s: %.*s.", what,
                              (int)(error.n < 60 ? error.n : 60), error.p);
    return pl_oidc_refuse(why, PL_EAUTH, "The identity provider answers %u where %s was asked for.",
                          status, what);
}

enum pl_err pl_oidc_tokens(unsigned status, struct pl_str json, struct pl_buf *id_token,
                           struct pl_buf *access_token, char why[PL_OIDC_WHY_SIZE])
{
    enum pl_err e = PL_OK;
    if (status >= 300 && status < 400)
        return pl_oidc_refuse(why, PL_EAUTH,
                              "The identity provider answers %u where %s was asked for.", status,
                              "a token");
    json_t *o = pl_oidc_object(json, PL_OIDC_ANSWER_MAX, "The identity provider's answer", &e, why);
    if (!o)
        return e;
    struct pl_str id = pl_oidc_text(o, "id_token"), access = pl_oidc_text(o, "access_token");
    if (status != 200)
        e = refused(status, o, "a token", why);
    else if (!id.n)
        e = pl_oidc_refuse(why, PL_EINVAL, "The identity provider's answer has no ID token.");
    else if (id.n > PL_OIDC_TOKEN_MAX)
        e = pl_oidc_refuse(why, PL_ELIMIT, "The identity provider's ID token is too long.");
    if (!e) {
        pl_buf_add(id_token, id.p, id.n);
        /* It goes into a header. */
        if (access.n <= PL_OIDC_TOKEN_MAX)
            for (size_t i = 0; i < access.n; i++)
                if (access.p[i] <= ' ' || access.p[i] >= 0x7f)
                    access.n = 0;
        if (access.n && access.n <= PL_OIDC_TOKEN_MAX)
            pl_buf_add(access_token, access.p, access.n);
        if (id_token->failed || access_token->failed)
            e = pl_oidc_refuse(why, PL_ENOMEM, "The server has no memory left.");
    }
    json_decref(o);
    return e;
}

void pl_oidc_take_person(const json_t *o, struct pl_oidc_claims *out)
{
    struct pl_str name = pl_oidc_text(o, "name"), email = pl_oidc_text(o, "email");
    if (!out->name[0] && name.n && pl_name_ok(name) &&
        pl_str_copy(name, out->name, sizeof out->name) != PL_OK)
        out->name[0] = 0;
    if (out->email[0] || !email.n || !pl_email_ok(email))
        return;
    pl_email_fold(email, out->email);
    out->email_verified = json_is_true(json_object_get(o, "email_verified"));
}

enum pl_err pl_oidc_userinfo(unsigned status, struct pl_str json, struct pl_oidc_claims *claims,
                             char why[PL_OIDC_WHY_SIZE])
{
    enum pl_err e = PL_OK;
    json_t *o = pl_oidc_object(json, PL_OIDC_ANSWER_MAX,
                               "What the identity provider says of the person", &e, why);
    if (!o)
        return e;
    if (status != 200)
        e = refused(status, o, "what it knows of the person", why);
    else if (!pl_oidc_is(o, "sub", claims->subject))
        e = pl_oidc_refuse(why, PL_EAUTH,
                           "The identity provider speaks of somebody else than in the ID token.");
    else
        pl_oidc_take_person(o, claims);
    json_decref(o);
    return e;
}
