/* Who may do what: the roles that accounts have in bodies, and the sessions by which they act. A
 * body is who meets ("Council"); a meeting belongs to one or to none. Pure; any thread. */
#ifndef PL_IDENTITY_RIGHTS_H
#define PL_IDENTITY_RIGHTS_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* What an account is in one body. */
enum pl_body_role {
    PL_BODY_READER,    /* sees the body's meetings, reads their records and minutes */
    PL_BODY_SECRETARY, /* makes, prepares and deletes them too, and invites */
    PL_BODY_ROLE_COUNT
};
extern const char *const pl_body_role_words[PL_BODY_ROLE_COUNT];

enum pl_right {
    PL_RIGHT_READ,       /* to see a meeting, and to read what is kept of it */
    PL_RIGHT_PREPARE,    /* to make, change and delete it, and to invite */
    PL_RIGHT_ADMINISTER, /* bodies, accounts, roles, and meetings that belong to no body */
};

/* Who asks, with what they are in the body that is asked about. */
struct pl_standing {
    bool administrator; /* may everything, in every body */
    bool in_body;       /* has a role there */
    enum pl_body_role role;
};

bool pl_may(const struct pl_standing *who, enum pl_right right);

/* What is missing, one sentence for people; `of_body`: the meeting belongs to one. Static. */
const char *pl_right_missing(enum pl_right right, bool of_body);

/* A session ends when nobody used it for so long, and at the latest so long after it began. */
#define PL_SESSION_IDLE_MS (INT64_C(30) * 60 * 1000)
#define PL_SESSION_LIFE_MS (INT64_C(12) * 3600 * 1000)
/* When a session ends by itself, if nobody uses it again. Unix milliseconds. */
int64_t pl_session_end_ms(int64_t began_ms, int64_t used_ms);
/* Whether it goes on. A clock that was set back ends none. */
bool pl_session_good(int64_t began_ms, int64_t used_ms, int64_t now_ms);

/* Texts of accounts and bodies; bytes, without a zero. */
#define PL_EMAIL_MAX 254   /* RFC 5321, 4.5.3.1.3, less its two brackets */
#define PL_ISSUER_MAX 300  /* an https URL */
#define PL_SUBJECT_MAX 255 /* OpenID Connect Core 1.0, 2 ("sub") */

/* One line for people: not empty, no control characters, nothing that turns the direction of
 * writing. */
bool pl_name_ok(struct pl_str name);
/* Something, an @, a host; of printable ASCII, as long as may be. */
bool pl_email_ok(struct pl_str email);
/* Printable ASCII, as long as may be, not empty. */
bool pl_subject_ok(struct pl_str subject);
/* Letters small: two addresses that differ by that alone are one here. `email` is a good one. */
void pl_email_fold(struct pl_str email, char out[PL_EMAIL_MAX + 1]);

#endif
