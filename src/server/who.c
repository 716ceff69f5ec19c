/* Who asks, and may they: the administrator's token, an account's session, or an invitation. Every
 * handler asks here (app.h). */
#include "server/app.h"

#include "meet/definition.h"

#include <stdio.h>

struct pl_str pl_request_bearer(const struct pl_request *r)
{
    struct pl_str value = pl_httpd_header(r->x, "Authorization");
    struct pl_str scheme = pl_str_split(&value, ' ');
    if (!value.p || !pl_str_eq_nocase(scheme, "Bearer"))
        return (struct pl_str){NULL, 0};
    while (value.n && value.p[0] == ' ')
        value = (struct pl_str){value.p + 1, value.n - 1};
    return value.n ? value : (struct pl_str){NULL, 0};
}

/* A refusal at the door, said in one way everywhere. */
static void refuse_entry(struct pl_request *r, enum pl_entry_result result, pl_time_us wait)
{
    static const struct {
        unsigned status;
        const char *code;
    } answers[] = {
        [PL_ENTRY_GOOD] = {500, "internal"},
        [PL_ENTRY_UNKNOWN_MEETING] = {404, "unknown_meeting"},
        [PL_ENTRY_UNKNOWN_TOKEN] = {401, "unknown_token"},
        [PL_ENTRY_EXPIRED] = {403, "expired"},
        [PL_ENTRY_REVOKED] = {403, "revoked"},
        [PL_ENTRY_TOO_MANY] = {429, "too_many_attempts"},
        [PL_ENTRY_FAILED] = {503, "unavailable"},
    };
    if (result == PL_ENTRY_TOO_MANY)
        pl_reply_wait(r, answers[result].code, pl_entry_text(result), wait);
    else
        pl_reply_error(r, answers[result].status, answers[result].code, pl_entry_text(result),
                       NULL);
}

bool pl_request_invited(struct pl_request *r, struct pl_entry_pass *pass)
{
    struct pl_app *app = r->app;
    struct pl_str token = pl_request_bearer(r);
    enum pl_entry_result result = pl_entry_check(
        app->entry, pl_httpd_peer(r->x), r->captures[0], token.p ? token : (struct pl_str){"", 0},
        pl_loop_now(app->loop), pl_wall_now_us() / 1000, pass);
    if (result != PL_ENTRY_GOOD) {
        refuse_entry(r, result, pass->wait);
        return false;
    }
    if (pl_request_within(r, pass, PL_LIMIT_REQUESTS))
        return true;
    pl_definition_free(pass->definition);
    return false;
}

bool pl_request_within(struct pl_request *r, const struct pl_entry_pass *pass, enum pl_limit what)
{
    struct pl_limits_user user = pl_entry_user(&pass->invitation, pl_httpd_peer(r->x));
    pl_time_us wait = pl_limits_use(r->app->limits, &user, what, pl_loop_now(r->app->loop));
    if (wait)
        pl_reply_wait(r, "too_many_requests", "This link is used too often. Try again in a moment.",
                      wait);
    return wait == 0;
}

static bool is_session(struct pl_str token)
{
    return token.n > 2 && token.p[0] == 's' && token.p[1] == '.';
}

bool pl_request_guess(struct pl_request *r)
{
    pl_time_us wait =
        pl_limits_wrong(r->app->limits, pl_httpd_peer(r->x), pl_loop_now(r->app->loop));
    if (wait)
        refuse_entry(r, PL_ENTRY_TOO_MANY, wait);
    return wait == 0;
}

/* Nobody's token. Without one nobody guesses: a program that forgot it is only told so. */
static void refuse_unknown(struct pl_request *r, struct pl_str token)
{
    if (token.p && !pl_request_guess(r))
        return;
    if (is_session(token))
        pl_reply_error(r, 401, "session_over", "Your session is over. Sign in again.", NULL);
    else
        pl_reply_error(r, 401, "unauthorized",
                       "Sign in, or send the administrator's token: Authorization: Bearer TOKEN.",
                       NULL);
}

/* Whose token it is. PL_ENOENT: nobody's here, but perhaps of somebody invited. */
static enum pl_err find_who(struct pl_request *r, struct pl_str token)
{
    struct pl_who *who = &r->who;
    *who = (struct pl_who){.known = false};
    if (!token.p)
        return PL_ENOENT;
    who->token = pl_data_is_admin(r->app->data, token);
    enum pl_err e = who->token ? PL_OK
                    : !is_session(token)
                        ? PL_ENOENT
                        : pl_sessions_find(r->app->accounts, token, pl_wall_now_us() / 1000,
                                           &who->session, &who->account);
    who->known = e == PL_OK;
    who->standing.administrator = who->token || (who->known && who->account.administrator);
    return e;
}

/* False: answered. */
static bool know(struct pl_request *r)
{
    struct pl_str token = pl_request_bearer(r);
    enum pl_err e = find_who(r, token);
    if (e == PL_ENOENT)
        refuse_unknown(r, token);
    else if (e)
        pl_reply_failed(r, e);
    return e == PL_OK;
}

static bool decide(struct pl_request *r, enum pl_right right, bool of_body)
{
    if (pl_may(&r->who.standing, right))
        return true;
    pl_reply_error(r, 403, "forbidden", pl_right_missing(right, of_body), NULL);
    return false;
}

bool pl_request_signed_in(struct pl_request *r)
{
    if (!know(r))
        return false;
    if (!r->who.token)
        return true;
    pl_reply_error(r, 403, "forbidden",
                   "The administrator's token is nobody's account: sign in for this.", NULL);
    return false;
}

bool pl_request_known(struct pl_request *r)
{
    return know(r);
}

bool pl_request_admin(struct pl_request *r)
{
    return know(r) && decide(r, PL_RIGHT_ADMINISTER, true);
}

/* For who is known: sets what they are in the body of the meeting. */
static bool may_here(struct pl_request *r, enum pl_right right)
{
    bool of_body = true;
    if (r->who.standing.administrator)
        return true;
    enum pl_err e = pl_accounts_standing_for(r->app->accounts, &r->who.account, r->captures[0],
                                             &r->who.standing, &of_body);
    if (e == PL_ENOENT)
        pl_reply_error(r, 404, "unknown_meeting", pl_entry_text(PL_ENTRY_UNKNOWN_MEETING), NULL);
    else if (e)
        pl_reply_failed(r, e);
    return e == PL_OK && decide(r, right, of_body);
}

bool pl_request_reads(struct pl_request *r)
{
    return know(r) && may_here(r, PL_RIGHT_READ);
}

bool pl_request_prepares(struct pl_request *r)
{
    return know(r) && may_here(r, PL_RIGHT_PREPARE);
}

bool pl_request_prepares_any(struct pl_request *r)
{
    bool any = true;
    if (!know(r))
        return false;
    enum pl_err e = r->who.standing.administrator
                        ? PL_OK
                        : pl_accounts_prepares_any(r->app->accounts, r->who.account.number, &any);
    if (e)
        pl_reply_failed(r, e);
    else if (!any)
        pl_reply_error(r, 403, "forbidden", pl_right_missing(PL_RIGHT_PREPARE, true), NULL);
    return e == PL_OK && any;
}

bool pl_request_may_name(struct pl_request *r, const char *name)
{
    struct pl_body body;
    if (r->who.standing.administrator)
        return true;
    struct pl_standing standing = {.administrator = false};
    enum pl_err e = name ? pl_bodies_by_name(r->app->accounts, pl_str(name), &body) : PL_ENOENT;
    if (!e)
        e = pl_accounts_standing(r->app->accounts, &r->who.account, pl_str(body.id), &standing);
    if (e && e != PL_ENOENT) {
        pl_reply_failed(r, e);
        return false;
    }
    if (pl_may(&standing, PL_RIGHT_PREPARE))
        return true;
    pl_reply_error(r, 403, "forbidden",
                   "The meeting must name a body of which you are a secretary.", "body");
    return false;
}

bool pl_request_audit(struct pl_request *r, const struct pl_audit_entry *entry)
{
    struct pl_audit_entry said = *entry;
    if (!r->who.known)
        return true;
    said.by = r->who.token ? NULL : &r->who.account;
    said.by_token = r->who.token;
    enum pl_err e = pl_audit_note(r->app->audit, &said, pl_wall_now_us() / 1000);
    if (e)
        pl_reply_failed(r, e);
    return e == PL_OK;
}

/* Of who is known: the meeting that they ask about. */
static bool asker_known(struct pl_request *r, enum pl_right right, struct pl_asker *out)
{
    if (!may_here(r, right))
        return false;
    enum pl_err e = pl_store_get(r->app->store, r->captures[0], &out->definition, NULL);
    out->admin = e == PL_OK;
    if (e == PL_ENOENT)
        pl_reply_error(r, 404, "unknown_meeting", pl_entry_text(PL_ENTRY_UNKNOWN_MEETING), NULL);
    else if (e)
        pl_reply_failed(r, e);
    return e == PL_OK;
}

/* Who is known needs this right there; who is invited is told of their invitation alone. */
static bool find_asker(struct pl_request *r, enum pl_right right, struct pl_asker *out)
{
    struct pl_entry_pass pass;
    struct pl_str token = pl_request_bearer(r);
    enum pl_err e = find_who(r, token);
    if (!e)
        return asker_known(r, right, out);
    if (e == PL_ENOENT && is_session(token)) {
        refuse_unknown(r, token);
        return false;
    }
    if (e != PL_ENOENT) {
        pl_reply_failed(r, e);
        return false;
    }
    if (!pl_request_invited(r, &pass))
        return false;
    *out = (struct pl_asker){.definition = pass.definition, .person = pass.person};
    return true;
}

bool pl_request_asker(struct pl_request *r, struct pl_asker *out)
{
    return find_asker(r, PL_RIGHT_READ, out);
}

bool pl_request_presides(struct pl_request *r, struct pl_asker *out)
{
    if (!find_asker(r, PL_RIGHT_PREPARE, out))
        return false;
    if (out->admin || pl_role_presides(out->definition->people[out->person].role))
        return true;
    pl_definition_free(out->definition);
    pl_reply_error(r, 403, "forbidden",
                   "Only the chair, the secretary and the administrator may do this.", NULL);
    return false;
}

struct pl_conference *pl_request_live(struct pl_request *r, struct pl_asker *who)
{
    struct pl_conference *c;
    enum pl_err e = pl_conferences_start(r->app->conferences, r->captures[0], who->definition, &c);
    if (!e)
        return c;
    pl_definition_free(who->definition);
    pl_reply_failed(r, e);
    return NULL;
}

bool pl_presides_gate(struct pl_request *r)
{
    struct pl_asker who;
    if (!pl_request_presides(r, &who))
        return false;
    pl_definition_free(who.definition);
    return true;
}
