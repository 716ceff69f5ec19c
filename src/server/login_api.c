/* REST: signing in. See login.h. The identity provider is asked on a thread of its own; the answer
 * to the page comes when it has answered. */
#include "server/login_api.h"

#include "base/json.h"
#include "crypto/hash.h"
#include "server/errand.h"
#include "server/login.h"
#include "server/oidc_client.h"
#include "signal/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pl_login_desk {
    struct pl_app *app;
    struct pl_errands *errands;
    struct pl_oidc_client *client; /* the thread's */
    struct pl_logins *logins;
    unsigned waiting;
    char secret[PL_OIDC_SECRET_MAX + 1];
};

/* One request, and what is asked for it. */
struct job {
    struct pl_errand errand;
    struct pl_login_desk *desk;
    struct pl_oidc_client *client;
    struct pl_httpd_exchange *x; /* NULL: who asked is gone */
    bool finishes;
    struct pl_oidc_login login;
    char secret[PL_OIDC_RANDOM_SIZE];
    char code[PL_OIDC_CODE_MAX + 1], issuer[PL_ISSUER_MAX + 1];
    bool has_issuer;
    int64_t now_s;
    enum pl_err e; /* how it went */
    char why[PL_OIDC_WHY_SIZE];
    struct pl_buf url;
    struct pl_oidc_claims claims;
};

enum pl_err pl_login_desk_new(struct pl_app *app, struct pl_str secret, struct pl_login_desk **out)
{
    struct pl_login_desk *d = calloc(1, sizeof *d);
    const struct pl_config *c = &app->config;
    if (!d)
        return PL_ENOMEM;
    d->app = app;
    enum pl_err e = pl_str_copy(secret, d->secret, sizeof d->secret) ? PL_EINVAL : PL_OK;
    if (!e)
        e = pl_oidc_client_new(c->oidc_issuer, c->oidc_client_id, secret.n ? d->secret : NULL,
                               &d->client);
    if (!e)
        e = pl_logins_new(app->random, &d->logins);
    if (!e)
        e = pl_errands_start(app->loop, &d->errands);
    if (e)
        pl_login_desk_free(d);
    else
        *out = d;
    return e;
}

void pl_login_desk_free(struct pl_login_desk *d)
{
    if (!d)
        return;
    bool ended = pl_errands_stop(d->errands);
    pl_logins_free(d->logins);
    if (!ended)
        return; /* the process ends; until then the thread may use the rest */
    pl_oidc_client_free(d->client);
    pl_wipe(d, sizeof *d);
    free(d);
}

/* Requests that wait */

static void drop_job(struct pl_errand *e)
{
    struct job *j = pl_container_of(e, struct job, errand);
    pl_buf_free(&j->url);
    pl_wipe(j, sizeof *j);
    free(j);
}

static void work(struct pl_errand *e, const int *stop)
{
    struct job *j = pl_container_of(e, struct job, errand);
    const struct pl_str issuer =
        j->has_issuer ? pl_str(j->issuer) : (struct pl_str){.p = NULL, .n = 0};
    j->e = j->finishes
               ? pl_oidc_client_finish(j->client, &j->login, pl_str(j->code), issuer, j->now_s,
                                       stop, &j->claims, j->why)
               : pl_oidc_client_begin(j->client, &j->login, j->now_s, stop, &j->url, j->why);
}

void pl_login_gone(struct pl_httpd_exchange *x)
{
    struct job *j = pl_httpd_data(x);
    if (j)
        j->x = NULL;
}

static int64_t now_ms(void)
{
    return pl_wall_now_us() / 1000;
}

/* A failed login is noted, and then answered. `account` may be NULL. */
static void refuse(struct pl_request *r, unsigned status, const char *code, const char *why,
                   const char *subject)
{
    const struct pl_audit_entry entry = {
        .act = PL_AUDIT_LOGIN_REFUSED,
        .from = pl_httpd_peer(r->x),
        .way = "oidc",
        .why = why,
        .what = subject ? pl_str(subject) : (struct pl_str){0},
    };
    if (pl_audit_note(r->app->audit, &entry, now_ms()))
        pl_reply_failed(r, PL_EIO);
    else
        pl_reply_error(r, status, code, why, NULL);
}

void pl_login_begin_session(struct pl_request *r, const struct pl_account *account, const char *way)
{
    struct pl_login_session session;
    char token[PL_SESSION_TOKEN_SIZE];
    struct pl_buf json = {0};
    const struct pl_audit_entry entry = {
        .act = PL_AUDIT_LOGIN, .by = account, .from = pl_httpd_peer(r->x), .way = way};
    /* Nobody is in who is not in the audit. */
    enum pl_err e = pl_audit_note(r->app->audit, &entry, now_ms());
    if (!e)
        e = pl_sessions_begin(r->app->accounts, account->number, way, now_ms(), &session, token);
    if (e) {
        pl_reply_failed(r, PL_EIO);
        return;
    }
    pl_json_open(&json, NULL, '{');
    pl_json_str(&json, "token", token);
    pl_json_str(&json, "name", account->name);
    pl_json_int(&json, "ends", pl_session_end_ms(session.began_ms, session.used_ms));
    pl_json_close(&json, '}');
    pl_wipe(token, sizeof token);
    pl_reply_json(r, 200, &json);
}

static void answer_finished(struct pl_request *r, struct job *j)
{
    struct pl_account account;
    char why[PL_OIDC_WHY_SIZE + PL_SUBJECT_MAX];
    enum pl_err e =
        pl_login_account(r->app->accounts, r->app->config.oidc_issuer, &j->claims, &account);
    if (e == PL_ENOENT) {
        snprintf(why, sizeof why,
                 "Nobody has appointed you on this server. An administrator can, by your e-mail "
                 "address or by this subject: %s.",
                 j->claims.subject);
        refuse(r, 403, "no_account", why, j->claims.subject);
    } else if (e == PL_EAUTH) {
        refuse(r, 403, "no_account",
               "The identity provider does not vouch for your e-mail address, or somebody else "
               "signed in with it before: ask an administrator.",
               j->claims.subject);
    } else if (e) {
        pl_reply_failed(r, e);
    } else {
        pl_login_begin_session(r, &account, "oidc");
    }
}

static void answer_begun(struct pl_request *r, const struct job *j)
{
    struct pl_buf json = {0};
    pl_json_open(&json, NULL, '{');
    pl_json_strn(&json, "url", (struct pl_str){j->url.data, j->url.len});
    pl_json_str(&json, "secret", j->secret);
    pl_json_close(&json, '}');
    pl_reply_json(r, 200, &json);
}

/* On the control thread, the provider has answered, or not. */
static void done(struct pl_errand *e)
{
    struct job *j = pl_container_of(e, struct job, errand);
    j->desk->waiting--;
    if (!j->x)
        return;
    pl_httpd_set_data(j->x, NULL);
    struct pl_request r = {.app = j->desk->app, .x = j->x};
    if (j->e == PL_EAUTH)
        refuse(&r, 403, "login_refused", j->why, NULL);
    else if (j->e == PL_ENOMEM)
        pl_reply_failed(&r, j->e);
    else if (j->e)
        refuse(&r, 502, "identity_provider", j->why, NULL);
    else if (j->finishes)
        answer_finished(&r, j);
    else
        answer_begun(&r, j);
}

/* A job of this request; NULL: answered. */
static struct job *new_job(struct pl_request *r)
{
    struct pl_login_desk *d = r->app->login;
    if (d->waiting >= PL_LOGIN_WAITING_MAX) {
        pl_reply_error(r, 503, "unavailable",
                       "Many people are signing in at this moment. Try again in a minute.", NULL);
        return NULL;
    }
    struct job *j = calloc(1, sizeof *j);
    if (!j) {
        pl_reply_failed(r, PL_ENOMEM);
        return NULL;
    }
    j->errand.work = work;
    j->errand.done = done;
    j->errand.drop = drop_job;
    j->desk = d;
    j->client = d->client;
    j->now_s = now_ms() / 1000;
    return j;
}

static void post(struct pl_request *r, struct job *j)
{
    j->x = r->x;
    pl_httpd_set_data(r->x, j);
    j->desk->waiting++;
    pl_errands_post(j->desk->errands, &j->errand);
}

/* The requests */

void pl_login_ways(struct pl_request *r)
{
    struct pl_buf json = {0};
    const struct pl_config *c = &r->app->config;
    pl_json_open(&json, NULL, '{');
    if (r->app->login) {
        pl_json_open(&json, "oidc", '{');
        pl_json_str(&json, "name", c->oidc_name);
        pl_json_close(&json, '}');
    }
    if (pl_passkeys_site(r->app->passkeys))
        pl_json_bool(&json, "passkeys", true);
    pl_json_close(&json, '}');
    pl_reply_json(r, 200, &json);
}

static bool has_provider(struct pl_request *r)
{
    if (!r->app->login)
        pl_reply_error(r, 404, "no_identity_provider",
                       "This server knows no identity provider: --oidc-issuer names one.", NULL);
    return r->app->login != NULL;
}

void pl_login_begin(struct pl_request *r)
{
    char origin[PL_PUBLIC_URL_SIZE];
    if (!has_provider(r) || !pl_request_links(r, origin))
        return;
    struct job *j = new_job(r);
    if (!j)
        return;
    snprintf(j->login.redirect, sizeof j->login.redirect, "%s/login", origin);
    if (pl_logins_begin(j->desk->logins, pl_httpd_peer(r->x), now_ms(), &j->login, j->secret)) {
        drop_job(&j->errand);
        pl_reply_failed(r, PL_ENOMEM);
        return;
    }
    post(r, j);
}

/* What came back with the browser, borrowed from the JSON. */
struct came_back {
    struct pl_str state, secret, code, error, issuer;
};

static void read_back(struct pl_decoder *d, json_t *o, struct came_back *b)
{
    static const char *const names[] = {"state", "secret", "code", "error", "issuer"};
    pl_decode_object(d, o, names, sizeof names / sizeof *names);
    pl_decode_string(d, o, "state", PL_OIDC_RANDOM_SIZE, false, &b->state);
    pl_decode_string(d, o, "secret", PL_OIDC_RANDOM_SIZE, false, &b->secret);
    pl_decode_string(d, o, "code", PL_OIDC_CODE_MAX, true, &b->code);
    pl_decode_string(d, o, "error", 60, true, &b->error);
    pl_decode_string(d, o, "issuer", PL_ISSUER_MAX, true, &b->issuer);
    if (!b->code.n == !b->error.n)
        pl_decode_fail(d, PL_EINVAL, "code", "a code or an error, one of them");
}

/* The login that it is of. False: answered. */
static bool take_login(struct pl_request *r, const struct came_back *b, struct pl_oidc_login *out)
{
    char why[PL_OIDC_WHY_SIZE];
    enum pl_err e = pl_logins_take(r->app->login->logins, b->state, b->secret, now_ms(), out);
    if (e == PL_ENOENT)
        refuse(r, 403, "login_refused",
               "This login is over, or was never begun here. Sign in again.", NULL);
    else if (e)
        refuse(r, 403, "login_refused",
               "This login was begun in another window or by somebody else. Sign in again.", NULL);
    if (e)
        return false;
    if (!b->error.n)
        return true;
    snprintf(why, sizeof why, "The identity provider refuses the login: %.*s.", (int)b->error.n,
             b->error.p);
    refuse(r, 403, "login_refused", why, NULL);
    return false;
}

static void finish(struct pl_request *r, const struct came_back *b)
{
    struct job *j = new_job(r);
    if (!j)
        return;
    j->finishes = true;
    j->has_issuer = b->issuer.p != NULL;
    if (!take_login(r, b, &j->login))
        drop_job(&j->errand);
    else if (pl_str_copy(b->code, j->code, sizeof j->code) ||
             (j->has_issuer && pl_str_copy(b->issuer, j->issuer, sizeof j->issuer)))
        pl_reply_failed(r, PL_EINVAL), drop_job(&j->errand); /* never: the decoder looked */
    else
        post(r, j);
}

void pl_login_finish(struct pl_request *r)
{
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    struct came_back b = {0};
    if (!has_provider(r) || !pl_request_type(r, "application/json"))
        return;
    json_t *o = pl_decode_load(pl_httpd_body(r->x), PL_HTTPD_BODY_DEFAULT, &error);
    if (o)
        read_back(&d, o, &b);
    if (error.err == PL_ENOMEM)
        pl_reply_failed(r, error.err);
    else if (error.err)
        pl_reply_error(r, 400, "bad_request", error.reason, error.field[0] ? error.field : NULL);
    else
        finish(r, &b);
    json_decref(o);
}
