/* What the files of OpenID Connect share, and nobody else includes: oidc.c (what is asked and
 * answered), oidc_token.c (keys and ID tokens). */
#ifndef PL_IDENTITY_OIDC_PARTS_H
#define PL_IDENTITY_OIDC_PARTS_H

#include "crypto/hash.h"
#include "identity/oidc.h"
#include "signal/decode.h"

/* Says why; returns the error. */
enum pl_err pl_oidc_refuse(char why[PL_OIDC_WHY_SIZE], enum pl_err e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* An object of at most `max` bytes; NULL: refused, with *e and `why`, in which `what` is named. */
json_t *pl_oidc_object(struct pl_str json, size_t max, const char *what, enum pl_err *e,
                       char why[PL_OIDC_WHY_SIZE]);
/* A member that is a string; p NULL: there is none, or it is no string. Borrowed. */
struct pl_str pl_oidc_text(const json_t *o, const char *name);
/* Is the string there, and this one? */
bool pl_oidc_is(const json_t *o, const char *name, const char *text);
/* Takes name and e-mail address where they are good ones. */
void pl_oidc_take_person(const json_t *o, struct pl_oidc_claims *out);

#endif
