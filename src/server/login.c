/* See login.h. */
#include "server/login.h"

#include "base/list.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

struct pending {
    struct pl_list node; /* the oldest first */
    struct pl_addr from;
    int64_t began_ms;
    uint8_t secret[PL_SHA256_SIZE]; /* its hash */
    struct pl_oidc_login login;
};

struct pl_logins {
    struct pl_random random;
    struct pl_list list;
    size_t n;
};

enum pl_err pl_logins_new(struct pl_random random, struct pl_logins **out)
{
    struct pl_logins *l = calloc(1, sizeof *l);
    if (!l)
        return PL_ENOMEM;
    l->random = random;
    pl_list_init(&l->list);
    *out = l;
    return PL_OK;
}

static void drop(struct pl_logins *l, struct pending *p)
{
    pl_list_remove(&p->node);
    l->n--;
    pl_wipe(p, sizeof *p);
    free(p);
}

void pl_logins_free(struct pl_logins *l)
{
    if (!l)
        return;
    pl_list_each (struct pending, p, &l->list, node)
        drop(l, p);
    free(l);
}

/* Those that are too old, and the oldest of whoever has too many. */
static void make_room(struct pl_logins *l, const struct pl_addr *from, int64_t now_ms)
{
    struct pending *oldest = NULL;
    size_t own = 0;
    pl_list_each (struct pending, p, &l->list, node) {
        if (now_ms - p->began_ms >= PL_LOGIN_LIFE_MS) {
            drop(l, p);
            continue;
        }
        if (!pl_addr_eq(&p->from, from))
            continue;
        oldest = oldest ? oldest : p;
        own++;
    }
    if (own >= PL_LOGINS_EACH)
        drop(l, oldest);
    if (l->n >= PL_LOGINS_MAX)
        drop(l, pl_container_of(l->list.next, struct pending, node));
}

static void draw(struct pl_logins *l, char out[PL_OIDC_RANDOM_SIZE])
{
    uint8_t bytes[PL_OIDC_RANDOM_BYTES];
    l->random.fill(l->random.ctx, bytes, sizeof bytes);
    pl_base64url(bytes, sizeof bytes, out);
    pl_wipe(bytes, sizeof bytes);
}

enum pl_err pl_logins_begin(struct pl_logins *l, const struct pl_addr *from, int64_t now_ms,
                            struct pl_oidc_login *login, char secret[PL_OIDC_RANDOM_SIZE])
{
    struct pending *p = calloc(1, sizeof *p);
    if (!p)
        return PL_ENOMEM;
    p->from = pl_addr_network(from);
    make_room(l, &p->from, now_ms);
    p->began_ms = now_ms;
    draw(l, login->state);
    draw(l, login->nonce);
    draw(l, login->verifier);
    draw(l, secret);
    pl_sha256(secret, strlen(secret), p->secret);
    p->login = *login;
    pl_list_push(&l->list, &p->node);
    l->n++;
    return PL_OK;
}

enum pl_err pl_logins_take(struct pl_logins *l, struct pl_str state, struct pl_str secret,
                           int64_t now_ms, struct pl_oidc_login *out)
{
    uint8_t hash[PL_SHA256_SIZE];
    pl_sha256(secret.p, secret.n, hash);
    pl_list_each (struct pending, p, &l->list, node) {
        if (state.n != PL_OIDC_RANDOM_SIZE - 1 || !pl_secret_eq(state.p, p->login.state, state.n))
            continue;
        bool good = pl_secret_eq(hash, p->secret, sizeof hash);
        bool old = now_ms - p->began_ms >= PL_LOGIN_LIFE_MS;
        if (good && !old)
            *out = p->login;
        drop(l, p);
        return old ? PL_ENOENT : good ? PL_OK : PL_EAUTH;
    }
    return PL_ENOENT;
}

/* Whose account it is */

static enum pl_err find(struct pl_accounts *a, const char *issuer,
                        const struct pl_oidc_claims *claims, struct pl_account *out)
{
    enum pl_err e = pl_accounts_by_subject(a, pl_str(issuer), pl_str(claims->subject), out);
    if (e != PL_ENOENT || !claims->email[0])
        return e;
    e = pl_accounts_by_email(a, claims->email, out);
    if (e)
        return e;
    return out->subject[0] || !claims->email_verified ? PL_EAUTH : PL_OK;
}

/* May the account have this address? */
static bool is_free(struct pl_accounts *a, const struct pl_account *account, const char *email)
{
    struct pl_account other;
    return pl_accounts_by_email(a, email, &other) == PL_ENOENT || other.number == account->number;
}

enum pl_err pl_login_account(struct pl_accounts *a, const char *issuer,
                             const struct pl_oidc_claims *claims, struct pl_account *out)
{
    struct pl_account account;
    enum pl_err e = find(a, issuer, claims, &account);
    if (e)
        return e;
    if (pl_str_copy(pl_str(issuer), account.issuer, sizeof account.issuer) ||
        pl_str_copy(pl_str(claims->subject), account.subject, sizeof account.subject))
        return PL_EIO; /* never: both were looked at */
    if (claims->name[0] && pl_str_copy(pl_str(claims->name), account.name, sizeof account.name))
        return PL_EIO;
    if (claims->email_verified && is_free(a, &account, claims->email) &&
        pl_str_copy(pl_str(claims->email), account.email, sizeof account.email))
        return PL_EIO;
    e = pl_accounts_put(a, &account);
    if (!e)
        *out = account;
    return e ? PL_EIO : PL_OK;
}
