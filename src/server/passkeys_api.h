/* The handlers of passkeys: routes in http.c. */
#ifndef PL_SERVER_PASSKEYS_API_H
#define PL_SERVER_PASSKEYS_API_H

#include "server/app.h"

void pl_passkeys_ask(struct pl_request *r);     /* for signing in */
void pl_passkeys_sign_in(struct pl_request *r); /* its answer */
void pl_passkeys_ask_add(struct pl_request *r); /* for one more; or the first, by a link */
void pl_passkeys_add_one(struct pl_request *r); /* its answer */
/* Of the account that the first capture names. */
void pl_passkeys_api_list(struct pl_request *r);
void pl_passkeys_api_remove(struct pl_request *r);
void pl_passkeys_api_enrol(struct pl_request *r); /* a link to enrol by */

#endif
