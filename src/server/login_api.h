/* Where people sign in: what the REST of it needs. Control thread. */
#ifndef PL_SERVER_LOGIN_API_H
#define PL_SERVER_LOGIN_API_H

#include "server/app.h"

#define PL_LOGIN_WAITING_MAX 32 /* requests that wait for the identity provider at one time */

struct pl_login_desk;

/* By --oidc-…; `secret`: the client's, empty if it has none. PL_EINVAL: the secret is too long;
 * PL_EIO, PL_ENOMEM. */
enum pl_err pl_login_desk_new(struct pl_app *app, struct pl_str secret,
                              struct pl_login_desk **out) PL_CHECKED;
void pl_login_desk_free(struct pl_login_desk *d); /* NULL is fine */

/* Answers with a session of the account, and notes it. `way`: "oidc", "passkey". */
void pl_login_begin_session(struct pl_request *r, const struct pl_account *account,
                            const char *way);
/* The request is gone before it was answered. */
void pl_login_gone(struct pl_httpd_exchange *x);

#endif
