/* What is asked of the identity provider, and kept of what it says: its document and its keys. All
 * calls block, and belong to one thread that has nothing else to do (errand.h). */
#ifndef PL_SERVER_OIDC_CLIENT_H
#define PL_SERVER_OIDC_CLIENT_H

#include "identity/oidc.h"

#define PL_OIDC_SECONDS 10     /* for each answer, but for looking up the name */
#define PL_OIDC_FRESH_S 3600   /* that document and keys are taken as they were read */
#define PL_OIDC_REFETCH_S 60   /* keys are not read anew for an unknown one more often */
#define PL_OIDC_SECRET_MAX 256 /* characters of the client's secret */

struct pl_oidc_client;

/* Strings are borrowed; `secret` NULL: the client has none. PL_ENOMEM. */
enum pl_err pl_oidc_client_new(const char *issuer, const char *client_id, const char *secret,
                               struct pl_oidc_client **out) PL_CHECKED;
void pl_oidc_client_free(struct pl_oidc_client *c); /* NULL is fine */

/* Where the browser goes, appended. `now_s` is Unix time, here and below; `stop` as of pl_fetch.
 * PL_EIO: the provider does not answer; PL_EINVAL, PL_ELIMIT: what it says is not good; PL_ENOMEM;
 * `why` is one sentence. */
enum pl_err pl_oidc_client_begin(struct pl_oidc_client *c, const struct pl_oidc_login *login,
                                 int64_t now_s, const int *stop, struct pl_buf *url,
                                 char why[PL_OIDC_WHY_SIZE]) PL_CHECKED;
/* Who came back with this code. `issuer`: what the answer says of it; p NULL: nothing. PL_EAUTH:
 * refused; others as above. */
enum pl_err pl_oidc_client_finish(struct pl_oidc_client *c, const struct pl_oidc_login *login,
                                  struct pl_str code, struct pl_str issuer, int64_t now_s,
                                  const int *stop, struct pl_oidc_claims *out,
                                  char why[PL_OIDC_WHY_SIZE]) PL_CHECKED;

#endif
