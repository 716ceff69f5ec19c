/* People with accounts, the bodies of this server, who has which role in which body, and sessions,
 * in the store's file. Tokens of sessions are kept as SHA-256 only. Control thread; calls block for
 * a write to the disk. What may be done with a role: identity/rights.h. */
#ifndef PL_SERVER_ACCOUNTS_H
#define PL_SERVER_ACCOUNTS_H

#include "base/buf.h"
#include "base/err.h"
#include "identity/rights.h"
#include "meet/definition.h"
#include "server/store.h"

#define PL_ACCOUNTS_MAX 5000 /* of a server: a secretariat, not an audience */
#define PL_BODIES_MAX 500    /* likewise */
#define PL_SESSIONS_MAX 10   /* of one account; one more ends the one that was used longest ago */
#define PL_SESSION_TOKEN_BYTES 32 /* 256 random bits */
#define PL_SESSION_TOKEN_SIZE 46  /* "s." and base64url of that, and a zero */
/* A session's use is written down this often at most: not each request is a write to the disk. */
#define PL_SESSION_TOUCH_MS (INT64_C(60) * 1000)

struct pl_accounts;

/* The store is borrowed. PL_EIO, PL_ENOMEM. */
enum pl_err pl_accounts_new(struct pl_store *store, struct pl_accounts **out) PL_CHECKED;
void pl_accounts_free(struct pl_accounts *a); /* NULL is fine */

struct pl_body {
    char id[PL_STORE_ID_SIZE];
    char name[PL_NAME_MAX + 1];
};

struct pl_account {
    int64_t number; /* the store's own */
    char id[PL_STORE_ID_SIZE];
    char name[PL_NAME_MAX + 1];
    char email[PL_EMAIL_MAX + 1];                                /* folded; "": none */
    char issuer[PL_ISSUER_MAX + 1], subject[PL_SUBJECT_MAX + 1]; /* at the identity provider; "": it
                                                                    was never there */
    bool administrator;
    int64_t created_ms, seen_ms; /* of the last login; 0: none yet */
};

/* Bodies. A name is one body's. Meetings whose definition names a body by just this name belong to
 * it: from when they are made or replaced, or the body is. */

/* PL_EEXIST: there is one of this name; PL_ELIMIT, PL_EIO. */
enum pl_err pl_bodies_add(struct pl_accounts *a, struct pl_str name,
                          struct pl_body *out) PL_CHECKED;
/* Its meetings stay its own. PL_ENOENT, PL_EEXIST, PL_EIO. */
enum pl_err pl_bodies_rename(struct pl_accounts *a, struct pl_str id,
                             struct pl_str name) PL_CHECKED;
/* Its roles go with it; its meetings belong to no body from then on. PL_ENOENT, PL_EIO. */
enum pl_err pl_bodies_remove(struct pl_accounts *a, struct pl_str id) PL_CHECKED;
/* PL_ENOENT, PL_EIO. */
enum pl_err pl_bodies_get(struct pl_accounts *a, struct pl_str id, struct pl_body *out) PL_CHECKED;
enum pl_err pl_bodies_by_name(struct pl_accounts *a, struct pl_str name,
                              struct pl_body *out) PL_CHECKED;
/* By name. Inside `each` nothing of accounts or the store may be called, here and below. `role`:
 * what this account is there; of all bodies with `account` 0 (then `role` is none of them), else
 * of those alone where it has one. PL_EIO. */
enum pl_err pl_bodies_list(struct pl_accounts *a, int64_t account,
                           void (*each)(void *ctx, const struct pl_body *body,
                                        enum pl_body_role role),
                           void *ctx) PL_CHECKED;

/* Accounts. */

/* Of `account` the name, the address, issuer and subject (both or neither), and whether it is an
 * administrator's are read, all of them good ones (identity/rights.h); number, id and times are
 * set. PL_EEXIST: the address or the subject is another account's; PL_ELIMIT, PL_EIO. */
enum pl_err pl_accounts_add(struct pl_accounts *a, struct pl_account *account,
                            int64_t now_ms) PL_CHECKED;
/* PL_ENOENT, PL_EIO. */
enum pl_err pl_accounts_get(struct pl_accounts *a, struct pl_str id,
                            struct pl_account *out) PL_CHECKED;
enum pl_err pl_accounts_by_subject(struct pl_accounts *a, struct pl_str issuer,
                                   struct pl_str subject, struct pl_account *out) PL_CHECKED;
enum pl_err pl_accounts_by_email(struct pl_accounts *a, const char *folded,
                                 struct pl_account *out) PL_CHECKED;
/* Writes name, address, issuer, subject, administrator and `seen_ms` of the account of this number.
 * PL_EEXIST as above; PL_EIO. */
enum pl_err pl_accounts_put(struct pl_accounts *a, const struct pl_account *account) PL_CHECKED;
/* Its roles and sessions go with it. PL_ENOENT, PL_EIO. */
enum pl_err pl_accounts_remove(struct pl_accounts *a, struct pl_str id) PL_CHECKED;
/* By name. PL_EIO. */
enum pl_err pl_accounts_list(struct pl_accounts *a,
                             void (*each)(void *ctx, const struct pl_account *account),
                             void *ctx) PL_CHECKED;

/* Roles. Whose role changes, all their sessions end. */

/* In the place of the role that they had there. PL_ENOENT: no such body; PL_EIO. */
enum pl_err pl_accounts_appoint(struct pl_accounts *a, int64_t account, struct pl_str body,
                                enum pl_body_role role) PL_CHECKED;
/* PL_ENOENT: they have none there; PL_EIO. */
enum pl_err pl_accounts_dismiss(struct pl_accounts *a, int64_t account,
                                struct pl_str body) PL_CHECKED;
/* What they are in a body. PL_EIO. */
enum pl_err pl_accounts_standing(struct pl_accounts *a, const struct pl_account *account,
                                 struct pl_str body, struct pl_standing *out) PL_CHECKED;
/* What they are in the body of a meeting; *of_body: it belongs to one. PL_ENOENT: no such meeting;
 * PL_EIO. */
enum pl_err pl_accounts_standing_for(struct pl_accounts *a, const struct pl_account *account,
                                     struct pl_str meeting, struct pl_standing *out,
                                     bool *of_body) PL_CHECKED;
/* The meetings of the bodies where they have a role, newest first, as of pl_store_list. PL_EIO. */
enum pl_err pl_accounts_meetings(struct pl_accounts *a, int64_t account, pl_store_meeting *each,
                                 void *ctx) PL_CHECKED;
/* Whether they prepare the meetings of any body. PL_EIO. */
enum pl_err pl_accounts_prepares_any(struct pl_accounts *a, int64_t account, bool *out) PL_CHECKED;

/* Sessions. */

struct pl_login_session {
    char id[PL_STORE_ID_SIZE];
    char way[16]; /* how it was begun: "oidc", "passkey" */
    int64_t began_ms, used_ms;
};

/* Begins one for an account, notes that it was seen, and makes its token, which is told here alone.
 * PL_EIO. */
enum pl_err pl_sessions_begin(struct pl_accounts *a, int64_t account, const char *way,
                              int64_t now_ms, struct pl_login_session *out,
                              char token[PL_SESSION_TOKEN_SIZE]) PL_CHECKED;
/* Whose token it is; notes that it was used. PL_ENOENT: nobody's, or it is over; PL_EIO. */
enum pl_err pl_sessions_find(struct pl_accounts *a, struct pl_str token, int64_t now_ms,
                             struct pl_login_session *session,
                             struct pl_account *account) PL_CHECKED;
/* Ends one of an account, or (id.p NULL) all of them. PL_ENOENT: it has no such one; PL_EIO. */
enum pl_err pl_sessions_end(struct pl_accounts *a, int64_t account, struct pl_str id) PL_CHECKED;
/* Those that go on, the last begun first. PL_EIO. */
enum pl_err pl_sessions_list(struct pl_accounts *a, int64_t account, int64_t now_ms,
                             void (*each)(void *ctx, const struct pl_login_session *session),
                             void *ctx) PL_CHECKED;

#endif
