/* REST: signing in by a passkey, adding one, listing and removing them. See README.md, "REST". What
 * is asked before anybody is known keeps nothing here (identity/question.h). */
#include "server/passkeys_api.h"

#include "base/json.h"
#include "crypto/hash.h"
#include "server/login_api.h"
#include "signal/decode.h"

#include <stdio.h>
#include <string.h>

#define ABOUT_SIGN_IN pl_str("sign in")

static int64_t wall_ms(void)
{
    return pl_wall_now_us() / 1000;
}

/* Whether this server is reached at an address that browsers make passkeys for. False: answered. */
static bool offered(struct pl_request *r)
{
    if (pl_passkeys_site(r->app->passkeys))
        return true;
    pl_reply_error(r, 404, "no_passkeys",
                   "This server offers no passkeys: it needs --public-url with https and a name.",
                   NULL);
    return false;
}

/* The answer to a question, as it came. */

struct answer {
    json_t *json; /* holds what is borrowed */
    struct pl_str secret, name;
    uint8_t client[PL_PASSKEY_CLIENT_DATA_MAX], object[PL_PASSKEY_ATTESTATION_MAX];
    uint8_t signature[PL_PASSKEY_SIGNATURE_MAX], id[PL_PASSKEY_ID_MAX];
    uint8_t handle[PL_PASSKEY_USER_SIZE];
    struct pl_str client_data, attestation, data, signed_by, credential, user;
};

static struct pl_str bytes_in(struct pl_decoder *d, json_t *o, const char *name, uint8_t *out,
                              size_t size)
{
    struct pl_str text;
    size_t n = 0;
    if (pl_decode_string(d, o, name, (4 * size + 2) / 3, false, &text) &&
        (pl_base64url_decode(text, out, size, &n) || n == 0 || (4 * n + 2) / 3 != text.n))
        pl_decode_fail(d, PL_EINVAL, name, "must be base64url");
    return (struct pl_str){(const char *)out, n};
}

static void read_sign_in(struct pl_decoder *d, json_t *o, struct answer *a)
{
    static const char *const names[] = {
        "secret", "id", "clientDataJSON", "authenticatorData", "signature", "userHandle"};
    pl_decode_object(d, o, names, 6);
    a->credential = bytes_in(d, o, "id", a->id, sizeof a->id);
    a->data = bytes_in(d, o, "authenticatorData", a->object, PL_PASSKEY_DATA_MAX);
    a->signed_by = bytes_in(d, o, "signature", a->signature, sizeof a->signature);
    a->user = bytes_in(d, o, "userHandle", a->handle, sizeof a->handle);
}

static void read_add(struct pl_decoder *d, json_t *o, struct answer *a)
{
    static const char *const names[] = {"secret", "name", "clientDataJSON", "attestationObject"};
    pl_decode_object(d, o, names, 4);
    if (pl_decode_string(d, o, "name", PL_PASSKEY_NAME_MAX, false, &a->name) &&
        !pl_name_ok(a->name))
        pl_decode_fail(d, PL_EINVAL, "name", "must be one line, and not empty");
    a->attestation = bytes_in(d, o, "attestationObject", a->object, sizeof a->object);
}

/* The caller drops a->json. False: answered. */
static bool answer_in(struct pl_request *r, struct answer *a,
                      void (*read)(struct pl_decoder *, json_t *, struct answer *))
{
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    a->json = NULL;
    if (!pl_request_type(r, "application/json"))
        return false;
    json_t *o = pl_decode_load(pl_httpd_body(r->x), PL_HTTPD_BODY_DEFAULT, &error);
    if (o) {
        read(&d, o, a);
        a->client_data = bytes_in(&d, o, "clientDataJSON", a->client, sizeof a->client);
        pl_decode_string(&d, o, "secret", PL_QUESTION_SECRET_SIZE, false, &a->secret);
    }
    if (error.err) {
        json_decref(o);
        pl_reply_field(r, &error);
        return false;
    }
    a->json = o;
    return true;
}

/* The question's challenge. False: answered. */
static bool find_question(struct pl_request *r, const struct answer *a, struct pl_str about,
                          uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE])
{
    enum pl_err e = pl_question_find(pl_passkeys_questions(r->app->passkeys), a->secret, about,
                                     pl_loop_now(r->app->loop), challenge);
    if (e == PL_EINVAL)
        pl_reply_error(r, 400, "bad_request", "This must be what was told with the question.",
                       "secret");
    else if (e)
        pl_reply_error(r, 403, "question_over",
                       "That took too long, or was answered already. Try again.", NULL);
    return e == PL_OK;
}

/* It is answered, once. False: answered. */
static bool use_question(struct pl_request *r, const struct answer *a)
{
    enum pl_err e = pl_question_use(pl_passkeys_questions(r->app->passkeys), a->secret,
                                    pl_loop_now(r->app->loop));
    if (e)
        pl_reply_error(r, 503, "unavailable",
                       "Too many people sign in just now. Try again in some minutes.", NULL);
    return e == PL_OK;
}

static void reply_question(struct pl_request *r, struct pl_buf *options,
                           const char secret[PL_QUESTION_SECRET_SIZE])
{
    struct pl_buf json = {0};
    pl_json_open(&json, NULL, '{');
    pl_json_str(&json, "secret", secret);
    if (!options->failed)
        pl_json_raw(&json, "publicKey", options->data);
    pl_json_close(&json, '}');
    pl_buf_free(options);
    pl_reply_json(r, 200, &json);
}

/* Signing in */

void pl_passkeys_ask(struct pl_request *r)
{
    uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE];
    char secret[PL_QUESTION_SECRET_SIZE];
    struct pl_buf options = {0};
    if (!offered(r))
        return;
    pl_question_ask(pl_passkeys_questions(r->app->passkeys), &r->app->random, ABOUT_SIGN_IN,
                    pl_loop_now(r->app->loop), secret, challenge);
    pl_passkey_request(&options, pl_passkeys_site(r->app->passkeys), challenge);
    reply_question(r, &options, secret);
}

/* Nobody is let in: counted against guessing, and written down. */
static void refuse(struct pl_request *r, const struct pl_account *account, const char *code,
                   const char *why)
{
    struct pl_audit_entry entry = {.act = PL_AUDIT_LOGIN_REFUSED,
                                   .from = pl_httpd_peer(r->x),
                                   .account = account,
                                   .way = "passkey",
                                   .why = why};
    enum pl_err e = pl_audit_note(r->app->audit, &entry, wall_ms());
    if (e)
        pl_reply_failed(r, e);
    else if (pl_request_guess(r))
        pl_reply_error(r, 403, code, why, NULL);
}

static void refuse_fault(struct pl_request *r, const struct pl_account *account,
                         enum pl_passkey_fault fault)
{
    refuse(r, account, fault == PL_PASSKEY_CLONED ? "passkey_cloned" : "passkey_refused",
           pl_passkey_words[fault]);
}

/* Whose passkey this is, and that it was used for this question. False: answered. */
static bool judge(struct pl_request *r, const struct answer *a, struct pl_kept_passkey *k,
                  struct pl_account *whose)
{
    uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE], handle[PL_PASSKEY_USER_SIZE];
    if (!find_question(r, a, ABOUT_SIGN_IN, challenge))
        return false;
    enum pl_err e = pl_passkeys_find(r->app->passkeys, a->credential, k, whose);
    if (e == PL_ENOENT) {
        refuse(r, NULL, "unknown_passkey", "This server does not know this passkey.");
        return false;
    }
    if (e) {
        pl_reply_failed(r, e);
        return false;
    }
    pl_passkeys_handle(whose, handle);
    const struct pl_passkey_answer answer = {a->client_data, a->data, a->signed_by};
    enum pl_passkey_fault fault =
        a->user.n == sizeof handle && memcmp(a->user.p, handle, sizeof handle) == 0
            ? pl_passkey_assert(pl_passkeys_site(r->app->passkeys), challenge, &answer, &k->passkey)
            : PL_PASSKEY_ID;
    if (fault)
        refuse_fault(r, whose, fault);
    return !fault;
}

void pl_passkeys_sign_in(struct pl_request *r)
{
    struct answer a;
    struct pl_kept_passkey k;
    struct pl_account whose;
    if (!offered(r) || !answer_in(r, &a, read_sign_in))
        return;
    if (judge(r, &a, &k, &whose) && use_question(r, &a)) {
        enum pl_err e = pl_passkeys_used(r->app->passkeys, &k, wall_ms());
        if (e)
            pl_reply_failed(r, e);
        else
            pl_login_begin_session(r, &whose, "passkey");
    }
    json_decref(a.json);
}

/* Adding one */

struct adder {
    struct pl_account account;
    struct pl_str link; /* the token that they came by; p NULL: their session */
    char about[8 + PL_STORE_ID_SIZE];
};

static void refuse_link(struct pl_request *r)
{
    pl_reply_error(r, 401, "link_over",
                   "This link was used, withdrawn or is too old. Ask for a new one.", NULL);
}

/* Who adds one: an account, by its session or by a link to enrol. False: answered. */
static bool find_adder(struct pl_request *r, struct adder *out)
{
    struct pl_str token = pl_request_bearer(r);
    *out = (struct adder){.link = {NULL, 0}};
    if (token.n > 2 && memcmp(token.p, "e.", 2) == 0) {
        enum pl_err e = pl_enrolments_find(r->app->passkeys, token, wall_ms(), &out->account);
        if (e == PL_ENOENT && pl_request_guess(r))
            refuse_link(r);
        else if (e && e != PL_ENOENT)
            pl_reply_failed(r, e);
        if (e)
            return false;
        out->link = token;
    } else if (pl_request_signed_in(r)) {
        out->account = r->who.account;
    } else {
        return false;
    }
    snprintf(out->about, sizeof out->about, "add %s", out->account.id);
    return true;
}

struct having {
    size_t n;
    struct pl_passkey_ref refs[PL_PASSKEYS_MAX];
    uint8_t ids[PL_PASSKEYS_MAX][PL_PASSKEY_ID_MAX];
};

static void note_having(void *ctx, const struct pl_kept_passkey *k)
{
    struct having *h = ctx;
    if (h->n == PL_PASSKEYS_MAX)
        return;
    memcpy(h->ids[h->n], k->passkey.id, k->passkey.id_n);
    h->refs[h->n] = (struct pl_passkey_ref){h->ids[h->n], k->passkey.id_n};
    h->n++;
}

void pl_passkeys_ask_add(struct pl_request *r)
{
    struct adder who;
    struct having having = {0};
    uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE], handle[PL_PASSKEY_USER_SIZE];
    char secret[PL_QUESTION_SECRET_SIZE];
    struct pl_buf options = {0};
    if (!offered(r) || !find_adder(r, &who))
        return;
    enum pl_err e = pl_passkeys_list(r->app->passkeys, who.account.number, note_having, &having);
    if (e) {
        pl_reply_failed(r, e);
        return;
    }
    pl_question_ask(pl_passkeys_questions(r->app->passkeys), &r->app->random, pl_str(who.about),
                    pl_loop_now(r->app->loop), secret, challenge);
    pl_passkeys_handle(&who.account, handle);
    const char *name = who.account.email[0] ? who.account.email : who.account.name;
    const struct pl_passkey_user user = {handle, pl_str(name), pl_str(who.account.name)};
    pl_passkey_creation(&options, pl_passkeys_site(r->app->passkeys), challenge, &user, having.refs,
                        having.n);
    reply_question(r, &options, secret);
}

static void put_passkey(void *ctx, const struct pl_kept_passkey *k)
{
    struct pl_buf *json = ctx;
    pl_json_open(json, NULL, '{');
    pl_json_str(json, "id", k->id);
    pl_json_str(json, "name", k->name);
    pl_json_int(json, "made", k->made_ms);
    if (k->used_ms)
        pl_json_int(json, "used", k->used_ms);
    pl_json_bool(json, "backedUp", k->passkey.backed_up);
    pl_json_close(json, '}');
}

/* Says why it cannot be added. */
static void refuse_add(struct pl_request *r, enum pl_err e)
{
    if (e == PL_EEXIST)
        pl_reply_error(r, 409, "conflict", "This passkey is here already.", NULL);
    else if (e == PL_ELIMIT)
        pl_reply_error(r, 409, "too_many_passkeys",
                       "Your account has as many passkeys as it may have: remove one first.", NULL);
    else if (e == PL_ENOENT)
        refuse_link(r);
    else
        pl_reply_failed(r, e);
}

/* It is a good one: keeps it. Who came by a link is signed in. */
static void add(struct pl_request *r, const struct adder *who, const struct answer *a,
                const struct pl_passkey *passkey)
{
    struct pl_kept_passkey k;
    struct pl_buf json = {0};
    enum pl_err e = who->link.p ? pl_enrolments_use(r->app->passkeys, who->link, a->name, passkey,
                                                    wall_ms(), &k)
                                : pl_passkeys_add(r->app->passkeys, who->account.number, a->name,
                                                  passkey, wall_ms(), &k);
    if (e) {
        refuse_add(r, e);
        return;
    }
    const struct pl_audit_entry entry = {
        .act = PL_AUDIT_KEY_ADDED, .by = &who->account, .what = pl_str(k.name)};
    e = pl_audit_note(r->app->audit, &entry, wall_ms());
    if (e) {
        pl_reply_failed(r, e);
        return;
    }
    if (who->link.p) {
        pl_login_begin_session(r, &who->account, "passkey");
        return;
    }
    put_passkey(&json, &k);
    pl_reply_json(r, 201, &json);
}

void pl_passkeys_add_one(struct pl_request *r)
{
    struct adder who;
    struct answer a;
    struct pl_passkey passkey;
    uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE];
    if (!offered(r) || !find_adder(r, &who) || !answer_in(r, &a, read_add))
        return;
    if (find_question(r, &a, pl_str(who.about), challenge)) {
        enum pl_passkey_fault fault = pl_passkey_register(
            pl_passkeys_site(r->app->passkeys), challenge, a.client_data, a.attestation, &passkey);
        if (fault)
            pl_reply_error(r, 403, "passkey_refused", pl_passkey_words[fault], NULL);
        else if (use_question(r, &a))
            add(r, &who, &a, &passkey);
    }
    json_decref(a.json);
}

/* Of one account: its own, or any to an administrator */

void pl_passkeys_api_list(struct pl_request *r)
{
    struct pl_account a;
    struct pl_buf json = {0};
    if (!pl_request_own_account(r, &a))
        return;
    pl_json_open(&json, NULL, '{');
    pl_json_open(&json, "passkeys", '[');
    enum pl_err e = pl_passkeys_list(r->app->passkeys, a.number, put_passkey, &json);
    pl_json_close(&json, ']');
    pl_json_close(&json, '}');
    pl_reply_made(r, e, &json);
}

void pl_passkeys_api_remove(struct pl_request *r)
{
    struct pl_account a;
    struct pl_kept_passkey k;
    if (!pl_request_own_account(r, &a))
        return;
    enum pl_err e =
        pl_passkeys_remove(r->app->passkeys, &a, r->captures[1], r->app->login != NULL, &k);
    if (e == PL_ENOENT) {
        pl_reply_error(r, 404, "unknown_passkey", "There is no such passkey.", NULL);
    } else if (e == PL_ESTATE) {
        pl_reply_error(r, 409, "last_way_in",
                       "This is the last way in of the last administrator: add another first.",
                       NULL);
    } else if (e) {
        pl_reply_failed(r, e);
    } else if (pl_request_audit(r, &(struct pl_audit_entry){.act = PL_AUDIT_KEY_REMOVED,
                                                            .account = &a,
                                                            .what = pl_str(k.name)})) {
        pl_reply_empty(r, 204);
    }
}

void pl_passkeys_api_enrol(struct pl_request *r)
{
    struct pl_account a;
    char token[PL_ENROLMENT_TOKEN_SIZE], origin[PL_PUBLIC_URL_SIZE];
    struct pl_buf json = {0};
    if (!pl_request_admin(r) || !offered(r) || !pl_request_account(r, &a))
        return;
    enum pl_err e = pl_enrolments_make(r->app->passkeys, a.number, wall_ms(), token);
    if (e) {
        pl_reply_failed(r, e);
        return;
    }
    if (pl_request_origin(r, origin) &&
        pl_request_audit(r,
                         &(struct pl_audit_entry){.act = PL_AUDIT_ENROLMENT_MADE, .account = &a})) {
        char url[PL_PUBLIC_URL_SIZE + 8 + PL_ENROLMENT_TOKEN_SIZE];
        snprintf(url, sizeof url, "%s/enrol#%s", origin, token);
        pl_json_open(&json, NULL, '{');
        pl_json_str(&json, "url", url);
        pl_json_int(&json, "expires", wall_ms() + PL_ENROLMENT_LIFE_MS);
        pl_json_close(&json, '}');
        pl_reply_json(r, 201, &json);
        pl_wipe(url, sizeof url);
    }
    pl_wipe(token, sizeof token);
}
