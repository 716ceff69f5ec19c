/* Logins by the identity provider: those that are under way, and whose account it is that came
 * back. Control thread; what has to be asked elsewhere is asked on a thread of its own (errand.h).
 *
 * The page that begins a login is told a secret, and has to show it when the browser is back:
 * nobody can bring somebody else's browser into a login of theirs. */
#ifndef PL_SERVER_LOGIN_H
#define PL_SERVER_LOGIN_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/random.h"
#include "identity/oidc.h"
#include "server/accounts.h"

#define PL_LOGINS_MAX 1000 /* under way; one more, and the oldest goes */
#define PL_LOGINS_EACH 50  /* of one address (IPv6: /64), likewise */
#define PL_LOGIN_LIFE_MS (INT64_C(10) * 60 * 1000)

struct pl_logins;

/* PL_ENOMEM. */
enum pl_err pl_logins_new(struct pl_random random, struct pl_logins **out) PL_CHECKED;
void pl_logins_free(struct pl_logins *l); /* NULL is fine */

/* One more: its state, nonce and verifier are made, and `secret`; its redirect is read. PL_ENOMEM.
 */
enum pl_err pl_logins_begin(struct pl_logins *l, const struct pl_addr *from, int64_t now_ms,
                            struct pl_oidc_login *login,
                            char secret[PL_OIDC_RANDOM_SIZE]) PL_CHECKED;
/* The one of this state, which is over with it. PL_ENOENT: there is none, or no more; PL_EAUTH:
 * the secret is that of another, and the login is over all the same. */
enum pl_err pl_logins_take(struct pl_logins *l, struct pl_str state, struct pl_str secret,
                           int64_t now_ms, struct pl_oidc_login *out) PL_CHECKED;

/* Whose account it is: that of the subject, or the one that was appointed by an address which the
 * provider vouches for, and is this subject's from now on. Its name, and an address that is
 * vouched for and nobody else's, are as the provider says. PL_ENOENT: nobody appointed them;
 * PL_EAUTH: somebody did, by an address that the provider does not vouch for, or that another
 * subject came with; PL_EIO. */
enum pl_err pl_login_account(struct pl_accounts *a, const char *issuer,
                             const struct pl_oidc_claims *claims,
                             struct pl_account *out) PL_CHECKED;

#endif
