/* OpenID Connect, as who relies on it: the Authorization Code flow with PKCE. What an identity
 * provider is asked, and what is made of its answers; here nothing is fetched
 * (server/oidc_client.h).
 *
 * OpenID Connect Core 1.0 ("Core"), Discovery 1.0, RFC 6749 (OAuth 2.0), RFC 7636 (PKCE), RFC 7515
 * to 7519 (JOSE), RFC 9207 (issuer in the answer). Pure; a set of keys belongs to one thread. */
#ifndef PL_IDENTITY_OIDC_H
#define PL_IDENTITY_OIDC_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "identity/rights.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_OIDC_URL_SIZE (PL_ISSUER_MAX + 101) /* of an endpoint, with its zero */
#define PL_OIDC_DISCOVERY_MAX (64 << 10)       /* bytes of a discovery document */
#define PL_OIDC_KEYS_MAX (256 << 10)           /* of a set of keys */
#define PL_OIDC_KEYS 64                        /* keys of one; the others are passed over */
#define PL_OIDC_ANSWER_MAX (64 << 10)          /* of the answers of token and userinfo endpoints */
#define PL_OIDC_TOKEN_MAX (16 << 10)           /* of an ID token */
#define PL_OIDC_CODE_MAX 2048                  /* of a code */
#define PL_OIDC_AUDIENCES 16                   /* of an ID token */
#define PL_OIDC_NAME_SIZE 201                  /* of a person's name, with its zero */
#define PL_OIDC_WHY_SIZE 240
#define PL_OIDC_LEEWAY_S 60      /* that clocks may differ by */
#define PL_OIDC_ISSUED_MAX_S 600 /* an ID token is no older: it comes right after the login */
/* State, nonce and PKCE's verifier: 256 random bits as base64url, as RFC 7636, 7.1 asks of the
 * last. */
#define PL_OIDC_RANDOM_BYTES 32
#define PL_OIDC_RANDOM_SIZE 44

/* Whether this may be an issuer: https, or http to this machine itself (to try it), without query
 * and fragment. */
bool pl_oidc_issuer_ok(const char *issuer);

/* What a provider says of itself. */
struct pl_oidc_provider {
    char authorization[PL_OIDC_URL_SIZE], token[PL_OIDC_URL_SIZE], keys[PL_OIDC_URL_SIZE];
    char userinfo[PL_OIDC_URL_SIZE]; /* "": it has none */
    bool secret_in_body;             /* client_secret_post: it takes no client_secret_basic */
    bool names_itself;               /* it answers with its issuer, always (RFC 9207, 3) */
};

/* Where its document is, appended: ISSUER/.well-known/openid-configuration. */
void pl_oidc_discovery_url(const char *issuer, struct pl_buf *out);
/* Reads it. PL_EINVAL, PL_ELIMIT with `why`: it is none, of another issuer, or of a provider that
 * does not offer what is needed; PL_ENOMEM. */
enum pl_err pl_oidc_discovery(struct pl_str json, const char *issuer, struct pl_oidc_provider *out,
                              char why[PL_OIDC_WHY_SIZE]) PL_CHECKED;

/* A login under way. */
struct pl_oidc_login {
    char state[PL_OIDC_RANDOM_SIZE], nonce[PL_OIDC_RANDOM_SIZE], verifier[PL_OIDC_RANDOM_SIZE];
    char redirect[PL_OIDC_URL_SIZE]; /* where the provider sends the browser back */
};

/* Where the browser goes, appended. */
void pl_oidc_authorization(const struct pl_oidc_provider *p, const char *client_id,
                           const struct pl_oidc_login *login, struct pl_buf *out);
/* The body of the request for tokens, appended; `secret` NULL: the client has none. */
void pl_oidc_token_request(const struct pl_oidc_provider *p, const char *client_id,
                           const char *secret, const struct pl_oidc_login *login,
                           struct pl_str code, struct pl_buf *out);
/* Its Authorization header's value, appended (RFC 6749, 2.3.1); nothing where there is none. */
void pl_oidc_basic(const struct pl_oidc_provider *p, const char *client_id, const char *secret,
                   struct pl_buf *out);
/* Reads the answer: both are appended, the access token to nothing if there is none. `status` is
 * HTTP's. PL_EAUTH: the provider refuses, as `why` says; PL_EINVAL, PL_ELIMIT; PL_ENOMEM. */
enum pl_err pl_oidc_tokens(unsigned status, struct pl_str json, struct pl_buf *id_token,
                           struct pl_buf *access_token, char why[PL_OIDC_WHY_SIZE]) PL_CHECKED;

/* A provider's keys. */
struct pl_oidc_keys;
/* Reads a set (RFC 7517, 5). Keys that are of no use here are passed over. PL_EINVAL, PL_ELIMIT
 * with `why`; PL_ENOMEM. */
enum pl_err pl_oidc_keys_read(struct pl_str json, struct pl_oidc_keys **out,
                              char why[PL_OIDC_WHY_SIZE]) PL_CHECKED;
void pl_oidc_keys_free(struct pl_oidc_keys *keys); /* NULL is fine */
size_t pl_oidc_keys_count(const struct pl_oidc_keys *keys);

struct pl_oidc_expected {
    const char *issuer, *client_id, *nonce;
    int64_t now_s; /* Unix time */
};

/* Who it is. */
struct pl_oidc_claims {
    char subject[PL_SUBJECT_MAX + 1];
    char name[PL_OIDC_NAME_SIZE]; /* "": not said, or none that can be shown */
    char email[PL_EMAIL_MAX + 1]; /* folded; "": not said, or none */
    bool email_verified;
};

/* Checks an ID token (Core, 3.1.3.7): its signature by one of the keys, by RS256 or ES256 alone,
 * whom it is from and for, that it is new, and an answer to this login. PL_ENOENT: the key that it
 * names is not among them; PL_EAUTH, PL_EINVAL, PL_ELIMIT with `why`; PL_ENOMEM. */
enum pl_err pl_oidc_verify(const struct pl_oidc_keys *keys, struct pl_str token,
                           const struct pl_oidc_expected *expected, struct pl_oidc_claims *out,
                           char why[PL_OIDC_WHY_SIZE]) PL_CHECKED;
/* Adds what the userinfo endpoint says, which must be of the same subject (Core, 5.3.2). PL_EAUTH,
 * PL_EINVAL, PL_ELIMIT with `why`; PL_ENOMEM. */
enum pl_err pl_oidc_userinfo(unsigned status, struct pl_str json, struct pl_oidc_claims *claims,
                             char why[PL_OIDC_WHY_SIZE]) PL_CHECKED;

#endif
