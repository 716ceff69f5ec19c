/* See oidc_client.h. */
#include "server/oidc_client.h"

#include "crypto/hash.h"
#include "io/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER INT64_MIN

struct pl_oidc_client {
    const char *issuer, *client_id, *secret;
    struct pl_oidc_provider provider;
    int64_t provider_s; /* when it was read; NEVER */
    struct pl_oidc_keys *keys;
    int64_t keys_s;
    /* Of the call under way. */
    const int *stop;
    char *why;
};

enum pl_err pl_oidc_client_new(const char *issuer, const char *client_id, const char *secret,
                               struct pl_oidc_client **out)
{
    struct pl_oidc_client *c = calloc(1, sizeof *c);
    if (!c)
        return PL_ENOMEM;
    c->issuer = issuer;
    c->client_id = client_id;
    c->secret = secret;
    c->provider_s = c->keys_s = NEVER;
    *out = c;
    return PL_OK;
}

void pl_oidc_client_free(struct pl_oidc_client *c)
{
    if (!c)
        return;
    pl_oidc_keys_free(c->keys);
    free(c);
}

static enum pl_err refuse(struct pl_oidc_client *c, enum pl_err e, const char *text)
{
    snprintf(c->why, PL_OIDC_WHY_SIZE, "%s", text);
    return e;
}

/* The URL up to its path, and the path with the query. */
static enum pl_err split_url(const char *url, char origin[PL_OIDC_URL_SIZE], const char **path)
{
    const char *host = strstr(url, "://");
    size_t n = host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?") : strlen(url);
    *path = url[n] ? url + n : "/";
    return pl_str_copy((struct pl_str){url, n}, origin, PL_OIDC_URL_SIZE);
}

/* One request, its answer into *body. `f` says what else it has. */
static enum pl_err ask(struct pl_oidc_client *c, const char *url, struct pl_fetch f, size_t max,
                       unsigned *status, struct pl_buf *body)
{
    char origin[PL_OIDC_URL_SIZE], why[PL_FETCH_WHY_SIZE];
    enum pl_err e = split_url(url, origin, &f.path);
    if (e)
        return refuse(c, PL_EINVAL, "An address of the identity provider is too long.");
    f.origin = origin;
    f.seconds = PL_OIDC_SECONDS;
    f.stop = c->stop;
    f.most = max + PL_FETCH_HEAD_ROOM;
    e = pl_fetch(&f, status, body, why);
    if (e == PL_ELIMIT || (!e && body->len > max))
        return refuse(c, PL_ELIMIT, "The identity provider's answer is too long.");
    if (e == PL_ENOMEM)
        return refuse(c, e, "The server has no memory left.");
    if (!e)
        return PL_OK;
    snprintf(c->why, PL_OIDC_WHY_SIZE, "The identity provider does not answer: %.180s.", why);
    return PL_EIO;
}

/* A document that is there for everybody. */
static enum pl_err get(struct pl_oidc_client *c, const char *url, size_t max, struct pl_buf *body)
{
    unsigned status = 0;
    enum pl_err e = ask(c, url, (struct pl_fetch){.method = "GET"}, max, &status, body);
    if (!e && status != 200) {
        snprintf(c->why, PL_OIDC_WHY_SIZE, "The identity provider answers %u for %.150s.", status,
                 url);
        e = PL_EIO;
    }
    return e;
}

static bool fresh(int64_t since_s, int64_t now_s, int64_t s)
{
    return since_s != NEVER && now_s >= since_s && now_s - since_s < s;
}

static enum pl_err discover(struct pl_oidc_client *c, int64_t now_s)
{
    struct pl_buf url = {0}, body = {0};
    struct pl_oidc_provider p;
    if (fresh(c->provider_s, now_s, PL_OIDC_FRESH_S))
        return PL_OK;
    pl_oidc_discovery_url(c->issuer, &url);
    enum pl_err e = url.failed ? refuse(c, PL_ENOMEM, "The server has no memory left.")
                               : get(c, url.data, PL_OIDC_DISCOVERY_MAX, &body);
    if (!e)
        e = pl_oidc_discovery((struct pl_str){body.data, body.len}, c->issuer, &p, c->why);
    if (!e) {
        c->provider = p;
        c->provider_s = now_s;
        c->keys_s = NEVER;
    }
    pl_buf_free(&url);
    pl_buf_free(&body);
    return e;
}

static enum pl_err fetch_keys(struct pl_oidc_client *c, int64_t now_s)
{
    struct pl_buf body = {0};
    struct pl_oidc_keys *keys;
    enum pl_err e = get(c, c->provider.keys, PL_OIDC_KEYS_MAX, &body);
    if (!e)
        e = pl_oidc_keys_read((struct pl_str){body.data, body.len}, &keys, c->why);
    if (!e) {
        pl_oidc_keys_free(c->keys);
        c->keys = keys;
        c->keys_s = now_s;
    }
    pl_buf_free(&body);
    return e;
}

enum pl_err pl_oidc_client_begin(struct pl_oidc_client *c, const struct pl_oidc_login *login,
                                 int64_t now_s, const int *stop, struct pl_buf *url,
                                 char why[PL_OIDC_WHY_SIZE])
{
    c->stop = stop;
    c->why = why;
    enum pl_err e = discover(c, now_s);
    if (e)
        return e;
    pl_oidc_authorization(&c->provider, c->client_id, login, url);
    return url->failed ? refuse(c, PL_ENOMEM, "The server has no memory left.") : PL_OK;
}

struct tokens {
    struct pl_buf id, access;
};

static void wipe(struct pl_buf *b)
{
    if (b->data)
        pl_wipe(b->data, b->len);
    pl_buf_free(b);
}

static enum pl_err exchange(struct pl_oidc_client *c, const struct pl_oidc_login *login,
                            struct pl_str code, struct tokens *tokens)
{
    struct pl_buf form = {0}, basic = {0}, answer = {0};
    unsigned status = 0;
    pl_oidc_token_request(&c->provider, c->client_id, c->secret, login, code, &form);
    pl_oidc_basic(&c->provider, c->client_id, c->secret, &basic);
    const struct pl_fetch f = {
        .method = "POST",
        .type = "application/x-www-form-urlencoded",
        .body = {form.data, form.len},
        .authorization = basic.len ? basic.data : NULL,
    };
    enum pl_err e = form.failed || basic.failed
                        ? refuse(c, PL_ENOMEM, "The server has no memory left.")
                        : ask(c, c->provider.token, f, PL_OIDC_ANSWER_MAX, &status, &answer);
    if (!e)
        e = pl_oidc_tokens(status, (struct pl_str){answer.data, answer.len}, &tokens->id,
                           &tokens->access, c->why);
    wipe(&form);
    wipe(&basic);
    wipe(&answer);
    return e;
}

/* With keys that are fresh; read anew once, where the token names one that is not known. */
static enum pl_err verify(struct pl_oidc_client *c, const struct pl_oidc_login *login,
                          struct pl_str token, int64_t now_s, struct pl_oidc_claims *out)
{
    const struct pl_oidc_expected expected = {c->issuer, c->client_id, login->nonce, now_s};
    enum pl_err e = fresh(c->keys_s, now_s, PL_OIDC_FRESH_S) ? PL_OK : fetch_keys(c, now_s);
    if (!e)
        e = pl_oidc_verify(c->keys, token, &expected, out, c->why);
    if (e != PL_ENOENT)
        return e;
    if (fresh(c->keys_s, now_s, PL_OIDC_REFETCH_S))
        return PL_EAUTH;
    e = fetch_keys(c, now_s);
    if (!e)
        e = pl_oidc_verify(c->keys, token, &expected, out, c->why);
    return e == PL_ENOENT ? PL_EAUTH : e;
}

/* What the ID token leaves out, where there is a way to ask. */
static enum pl_err complete(struct pl_oidc_client *c, const struct pl_buf *access,
                            struct pl_oidc_claims *claims)
{
    struct pl_buf answer = {0};
    unsigned status = 0;
    if ((claims->name[0] && claims->email[0]) || !access->len || !c->provider.userinfo[0])
        return PL_OK;
    enum pl_err e =
        ask(c, c->provider.userinfo, (struct pl_fetch){.method = "GET", .bearer = access->data},
            PL_OIDC_ANSWER_MAX, &status, &answer);
    if (!e)
        e = pl_oidc_userinfo(status, (struct pl_str){answer.data, answer.len}, claims, c->why);
    pl_buf_free(&answer);
    return e;
}

enum pl_err pl_oidc_client_finish(struct pl_oidc_client *c, const struct pl_oidc_login *login,
                                  struct pl_str code, struct pl_str issuer, int64_t now_s,
                                  const int *stop, struct pl_oidc_claims *out,
                                  char why[PL_OIDC_WHY_SIZE])
{
    struct tokens tokens = {0};
    c->stop = stop;
    c->why = why;
    enum pl_err e = discover(c, now_s);
    if (!e && (issuer.p ? !pl_str_eq(issuer, c->issuer) : c->provider.names_itself))
        e = refuse(c, PL_EAUTH, "The answer is of another issuer.");
    if (!e)
        e = exchange(c, login, code, &tokens);
    if (!e)
        e = verify(c, login, (struct pl_str){tokens.id.data, tokens.id.len}, now_s, out);
    if (!e)
        e = complete(c, &tokens.access, out);
    wipe(&tokens.id);
    wipe(&tokens.access);
    return e;
}
