/* REST: bodies, accounts, roles, sessions, and the audit. See README.md, "REST". */
#include "server/app.h"

#include "base/json.h"
#include "proto/http.h"
#include "signal/decode.h"

#include <stdlib.h>

static int64_t wall_ms(void)
{
    return pl_wall_now_us() / 1000;
}

void pl_reply_field(struct pl_request *r, const struct pl_decode_error *error)
{
    if (error->err == PL_ENOMEM)
        pl_reply_failed(r, error->err);
    else
        pl_reply_error(r, 400, "bad_request", error->reason, error->field[0] ? error->field : NULL);
}

/* False: it was not found, or not looked for to the end; answered. */
static bool found(struct pl_request *r, enum pl_err e, const char *code, const char *text)
{
    if (e == PL_ENOENT)
        pl_reply_error(r, 404, code, text, NULL);
    else if (e)
        pl_reply_failed(r, e);
    return e == PL_OK;
}

/* The whole answer of what came of a change; `missing` tells what was not found. */
static void answer_changed(struct pl_request *r, enum pl_err e, const char *code, const char *text,
                           const struct pl_audit_entry *entry)
{
    if (found(r, e, code, text) && pl_request_audit(r, entry))
        pl_reply_empty(r, 204);
}

#define NO_BODY "unknown_body", "There is no such body."
#define NO_ACCOUNT "unknown_account", "There is no such account."

/* Bodies */

static void put_body(void *ctx, const struct pl_body *body, enum pl_body_role role)
{
    struct pl_buf *json = ctx;
    pl_json_open(json, NULL, '{');
    pl_json_str(json, "id", body->id);
    pl_json_str(json, "name", body->name);
    if (role < PL_BODY_ROLE_COUNT)
        pl_json_str(json, "role", pl_body_role_words[role]);
    pl_json_close(json, '}');
}

static void reply_list(struct pl_request *r, enum pl_err e, struct pl_buf *json)
{
    pl_json_close(json, ']');
    pl_json_close(json, '}');
    if (!e) {
        pl_reply_json(r, 200, json);
        return;
    }
    pl_buf_free(json);
    pl_reply_failed(r, e);
}

static void open_list(struct pl_buf *json, const char *name)
{
    pl_json_open(json, NULL, '{');
    pl_json_open(json, name, '[');
}

void pl_bodies_api_list(struct pl_request *r)
{
    struct pl_buf json = {0};
    if (!pl_request_known(r))
        return;
    int64_t account = r->who.standing.administrator ? 0 : r->who.account.number;
    open_list(&json, "bodies");
    reply_list(r, pl_bodies_list(r->app->accounts, account, put_body, &json), &json);
}

/* {"name":"Council"}, copied. False: answered. */
static bool name_in(struct pl_request *r, char out[PL_NAME_MAX + 1])
{
    static const char *const names[] = {"name"};
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    struct pl_str name;
    if (!pl_request_type(r, "application/json"))
        return false;
    json_t *o = pl_decode_load(pl_httpd_body(r->x), PL_HTTPD_BODY_DEFAULT, &error);
    if (o) {
        pl_decode_object(&d, o, names, 1);
        if (pl_decode_string(&d, o, "name", PL_NAME_MAX, false, &name) &&
            (!pl_name_ok(name) || pl_str_copy(name, out, PL_NAME_MAX + 1)))
            pl_decode_fail(&d, PL_EINVAL, "name", "must be one line, and not empty");
        json_decref(o);
    }
    if (error.err)
        pl_reply_field(r, &error);
    return error.err == PL_OK;
}

static void taken(struct pl_request *r)
{
    pl_reply_error(r, 409, "conflict", "There is a body of this name already.", "name");
}

void pl_bodies_api_add(struct pl_request *r)
{
    char name[PL_NAME_MAX + 1];
    struct pl_body body;
    if (!pl_request_admin(r) || !name_in(r, name))
        return;
    enum pl_err e = pl_bodies_add(r->app->accounts, pl_str(name), &body);
    if (e == PL_EEXIST) {
        taken(r);
    } else if (e == PL_ELIMIT) {
        pl_reply_error(r, 409, "too_many_bodies", "This server has as many bodies as it may have.",
                       NULL);
    } else if (e) {
        pl_reply_failed(r, e);
    } else if (pl_request_audit(
                   r, &(struct pl_audit_entry){.act = PL_AUDIT_BODY_MADE, .body = &body})) {
        struct pl_buf json = {0};
        put_body(&json, &body, PL_BODY_ROLE_COUNT);
        pl_reply_json(r, 201, &json);
    }
}

void pl_bodies_api_rename(struct pl_request *r)
{
    struct pl_body body;
    if (!pl_request_admin(r) || !name_in(r, body.name))
        return;
    enum pl_err e = pl_bodies_rename(r->app->accounts, r->captures[0], pl_str(body.name));
    if (!e && pl_str_copy(r->captures[0], body.id, sizeof body.id))
        e = PL_ENOENT;
    if (e == PL_EEXIST)
        taken(r);
    else
        answer_changed(r, e, NO_BODY,
                       &(struct pl_audit_entry){.act = PL_AUDIT_BODY_RENAMED, .body = &body});
}

void pl_bodies_api_remove(struct pl_request *r)
{
    struct pl_body body;
    if (!pl_request_admin(r))
        return;
    enum pl_err e = pl_bodies_get(r->app->accounts, r->captures[0], &body);
    if (!e)
        e = pl_bodies_remove(r->app->accounts, r->captures[0]);
    answer_changed(r, e, NO_BODY,
                   &(struct pl_audit_entry){.act = PL_AUDIT_BODY_REMOVED, .body = &body});
}

/* Accounts */

/* What it is, without its roles; the object stays open. */
static void open_account(struct pl_buf *json, const char *key, const struct pl_account *a)
{
    pl_json_open(json, key, '{');
    pl_json_str(json, "id", a->id);
    pl_json_str(json, "name", a->name);
    if (a->email[0])
        pl_json_str(json, "email", a->email);
    if (a->subject[0]) {
        pl_json_str(json, "issuer", a->issuer);
        pl_json_str(json, "subject", a->subject);
    }
    pl_json_bool(json, "administrator", a->administrator);
    pl_json_int(json, "created", a->created_ms);
    if (a->seen_ms)
        pl_json_int(json, "seen", a->seen_ms);
}

static enum pl_err close_account(struct pl_request *r, struct pl_buf *json,
                                 const struct pl_account *a)
{
    pl_json_open(json, "roles", '[');
    enum pl_err e = pl_bodies_list(r->app->accounts, a->number, put_body, json);
    pl_json_close(json, ']');
    pl_json_close(json, '}');
    return e;
}

/* All of them: their roles are asked for once the walk over them is over. */
struct listing {
    struct pl_account *list;
    size_t n, room;
    bool failed;
};

static void keep_account(void *ctx, const struct pl_account *a)
{
    struct listing *l = ctx;
    if (l->n == l->room) {
        size_t room = l->room ? 2 * l->room : 16;
        struct pl_account *list = realloc(l->list, room * sizeof *list);
        l->failed |= !list;
        if (!list)
            return;
        l->list = list;
        l->room = room;
    }
    l->list[l->n++] = *a;
}

void pl_accounts_api_list(struct pl_request *r)
{
    struct listing l = {0};
    struct pl_buf json = {0};
    if (!pl_request_admin(r))
        return;
    enum pl_err e = pl_accounts_list(r->app->accounts, keep_account, &l);
    if (!e && l.failed)
        e = PL_ENOMEM;
    open_list(&json, "accounts");
    for (size_t i = 0; !e && i < l.n; i++) {
        open_account(&json, NULL, &l.list[i]);
        e = close_account(r, &json, &l.list[i]);
    }
    free(l.list);
    reply_list(r, e, &json);
}

/* A text of an account that `ok` takes. */
static void read_text(struct pl_decoder *d, json_t *o, const char *name, size_t max,
                      bool (*ok)(struct pl_str), const char *wrong, char *out)
{
    struct pl_str s;
    if (pl_decode_string(d, o, name, max, true, &s) && (!ok(s) || pl_str_copy(s, out, max + 1)))
        pl_decode_fail(d, PL_EINVAL, name, "%s", wrong);
}

/* Of a new one all, of one that is there the name and whether it is an administrator's. */
static void read_account(struct pl_decoder *d, json_t *o, bool fresh, struct pl_account *a)
{
    static const char *const names[] = {"name", "administrator", "email", "issuer", "subject"};
    char email[PL_EMAIL_MAX + 1] = "";
    pl_decode_object(d, o, names, fresh ? 5 : 2);
    read_text(d, o, "name", PL_NAME_MAX, pl_name_ok, "must be one line, and not empty", a->name);
    pl_decode_bool(d, o, "administrator", true, &a->administrator);
    if (!fresh)
        return;
    if (!a->name[0])
        pl_decode_fail(d, PL_EINVAL, "name", "missing");
    read_text(d, o, "email", PL_EMAIL_MAX, pl_email_ok, "must be an e-mail address", email);
    pl_email_fold(pl_str(email), a->email);
    read_text(d, o, "issuer", PL_ISSUER_MAX, pl_subject_ok, "must be a URL", a->issuer);
    read_text(d, o, "subject", PL_SUBJECT_MAX, pl_subject_ok,
              "must be the identity provider's subject", a->subject);
    if (!a->issuer[0] != !a->subject[0])
        pl_decode_fail(d, PL_EINVAL, a->issuer[0] ? "subject" : "issuer",
                       "an issuer and a subject go together");
}

/* False: answered. */
static bool account_in(struct pl_request *r, bool fresh, struct pl_account *a)
{
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    if (!pl_request_type(r, "application/json"))
        return false;
    json_t *o = pl_decode_load(pl_httpd_body(r->x), PL_HTTPD_BODY_DEFAULT, &error);
    if (o) {
        read_account(&d, o, fresh, a);
        json_decref(o);
    }
    if (error.err)
        pl_reply_field(r, &error);
    return error.err == PL_OK;
}

void pl_accounts_api_add(struct pl_request *r)
{
    struct pl_account a = {0};
    if (!pl_request_admin(r) || !account_in(r, true, &a))
        return;
    enum pl_err e = pl_accounts_add(r->app->accounts, &a, wall_ms());
    if (e == PL_EEXIST) {
        pl_reply_error(r, 409, "conflict",
                       "Another account has this e-mail address, or this subject.", "email");
    } else if (e == PL_ELIMIT) {
        pl_reply_error(r, 409, "too_many_accounts",
                       "This server has as many accounts as it may have.", NULL);
    } else if (e) {
        pl_reply_failed(r, e);
    } else if (pl_request_audit(
                   r, &(struct pl_audit_entry){.act = PL_AUDIT_ACCOUNT_MADE,
                                               .account = &a,
                                               .role = a.administrator ? "administrator" : NULL})) {
        struct pl_buf json = {0};
        open_account(&json, NULL, &a);
        pl_json_close(&json, '}');
        pl_reply_json(r, 201, &json);
    }
}

/* The account that the first capture names. False: answered. */
bool pl_request_account(struct pl_request *r, struct pl_account *a)
{
    return found(r, pl_accounts_get(r->app->accounts, r->captures[0], a), NO_ACCOUNT);
}

void pl_accounts_api_change(struct pl_request *r)
{
    struct pl_account a;
    if (!pl_request_admin(r) || !pl_request_account(r, &a))
        return;
    bool was = a.administrator;
    if (!account_in(r, false, &a))
        return;
    enum pl_err e = pl_accounts_put(r->app->accounts, &a);
    if (!e && was != a.administrator)
        e = pl_sessions_end(r->app->accounts, a.number, (struct pl_str){0});
    enum pl_audit_act act = was == a.administrator ? PL_AUDIT_ACCOUNT_CHANGED
                            : was                  ? PL_AUDIT_ROLE_TAKEN
                                                   : PL_AUDIT_ROLE_GIVEN;
    answer_changed(
        r, e, NO_ACCOUNT,
        &(struct pl_audit_entry){
            .act = act, .account = &a, .role = was == a.administrator ? NULL : "administrator"});
}

void pl_accounts_api_remove(struct pl_request *r)
{
    struct pl_account a;
    if (!pl_request_admin(r) || !pl_request_account(r, &a))
        return;
    answer_changed(r, pl_accounts_remove(r->app->accounts, r->captures[0]), NO_ACCOUNT,
                   &(struct pl_audit_entry){.act = PL_AUDIT_ACCOUNT_REMOVED, .account = &a});
}

/* Roles */

/* {"role":"secretary"}. False: answered. */
static bool role_in(struct pl_request *r, unsigned *role)
{
    static const char *const names[] = {"role"};
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    if (!pl_request_type(r, "application/json"))
        return false;
    json_t *o = pl_decode_load(pl_httpd_body(r->x), PL_HTTPD_BODY_DEFAULT, &error);
    if (o) {
        pl_decode_object(&d, o, names, 1);
        pl_decode_word(&d, o, "role", pl_body_role_words, PL_BODY_ROLE_COUNT, false, role);
        json_decref(o);
    }
    if (error.err)
        pl_reply_field(r, &error);
    return error.err == PL_OK;
}

/* The account and the body of the path. False: answered. */
static bool find_both(struct pl_request *r, struct pl_account *a, struct pl_body *b)
{
    return pl_request_account(r, a) &&
           found(r, pl_bodies_get(r->app->accounts, r->captures[1], b), NO_BODY);
}

void pl_accounts_api_appoint(struct pl_request *r)
{
    struct pl_account a;
    struct pl_body b;
    unsigned role = 0;
    if (!pl_request_admin(r) || !find_both(r, &a, &b) || !role_in(r, &role))
        return;
    enum pl_err e =
        pl_accounts_appoint(r->app->accounts, a.number, pl_str(b.id), (enum pl_body_role)role);
    answer_changed(r, e, NO_BODY,
                   &(struct pl_audit_entry){.act = PL_AUDIT_ROLE_GIVEN,
                                            .account = &a,
                                            .body = &b,
                                            .role = pl_body_role_words[role]});
}

void pl_accounts_api_dismiss(struct pl_request *r)
{
    struct pl_account a;
    struct pl_body b;
    if (!pl_request_admin(r) || !find_both(r, &a, &b))
        return;
    answer_changed(r, pl_accounts_dismiss(r->app->accounts, a.number, pl_str(b.id)), "unknown_role",
                   "They have no role in this body.",
                   &(struct pl_audit_entry){.act = PL_AUDIT_ROLE_TAKEN, .account = &a, .body = &b});
}

/* Sessions */

void pl_session_get(struct pl_request *r)
{
    struct pl_buf json = {0};
    enum pl_err e = PL_OK;
    if (!pl_request_known(r))
        return;
    const struct pl_who *who = &r->who;
    pl_json_open(&json, NULL, '{');
    pl_json_bool(&json, "administrator", who->standing.administrator);
    if (!who->token) {
        open_account(&json, "account", &who->account);
        e = close_account(r, &json, &who->account);
        pl_json_str(&json, "session", who->session.id);
        pl_json_str(&json, "way", who->session.way);
        pl_json_int(&json, "ends", pl_session_end_ms(who->session.began_ms, who->session.used_ms));
    }
    pl_json_close(&json, '}');
    pl_reply_made(r, e, &json);
}

void pl_session_end(struct pl_request *r)
{
    if (!pl_request_signed_in(r))
        return;
    enum pl_err e =
        pl_sessions_end(r->app->accounts, r->who.account.number, pl_str(r->who.session.id));
    answer_changed(r, e, "unknown_session", "There is no such session.",
                   &(struct pl_audit_entry){.act = PL_AUDIT_LOGOUT});
}

/* An administrator's, or who is it themselves. False: answered. */
bool pl_request_own_account(struct pl_request *r, struct pl_account *a)
{
    if (!pl_request_known(r))
        return false;
    if (!r->who.token && pl_str_eq(r->captures[0], r->who.account.id)) {
        *a = r->who.account;
        return true;
    }
    return pl_request_admin(r) && pl_request_account(r, a);
}

static void put_session(void *ctx, const struct pl_login_session *s)
{
    struct pl_buf *json = ctx;
    pl_json_open(json, NULL, '{');
    pl_json_str(json, "id", s->id);
    pl_json_str(json, "way", s->way);
    pl_json_int(json, "began", s->began_ms);
    pl_json_int(json, "used", s->used_ms);
    pl_json_int(json, "ends", pl_session_end_ms(s->began_ms, s->used_ms));
    pl_json_close(json, '}');
}

void pl_session_list(struct pl_request *r)
{
    struct pl_account a;
    struct pl_buf json = {0};
    if (!pl_request_own_account(r, &a))
        return;
    open_list(&json, "sessions");
    reply_list(r, pl_sessions_list(r->app->accounts, a.number, wall_ms(), put_session, &json),
               &json);
}

void pl_session_revoke(struct pl_request *r)
{
    struct pl_account a;
    if (!pl_request_own_account(r, &a))
        return;
    answer_changed(r, pl_sessions_end(r->app->accounts, a.number, r->captures[1]),
                   "unknown_session", "There is no such session.",
                   &(struct pl_audit_entry){.act = PL_AUDIT_SESSION_ENDED, .account = &a});
}

/* The audit */

void pl_audit_get(struct pl_request *r)
{
    char word[24];
    uint64_t before = 0;
    struct pl_buf json = {0};
    if (!pl_request_admin(r))
        return;
    enum pl_err e = pl_http_query(pl_httpd_query(r->x), "before", word, sizeof word);
    if (e != PL_ENOENT && (e || pl_parse_u64(pl_str(word), INT64_MAX, &before))) {
        pl_reply_error(r, 400, "bad_request", "This must be the number of an event.", "before");
        return;
    }
    e = pl_audit_read(r->app->audit, before, &json);
    pl_reply_made(r, e, &json);
}
