/* Passkeys of accounts, and links to enrol one by, in the store's file. A link's token is kept as
 * SHA-256 only. Control thread; calls block for a write to the disk. What a passkey must show:
 * identity/passkey.h. */
#ifndef PL_SERVER_PASSKEYS_H
#define PL_SERVER_PASSKEYS_H

#include "identity/passkey.h"
#include "identity/question.h"
#include "server/accounts.h"

#define PL_PASSKEYS_MAX 20     /* of one account */
#define PL_PASSKEY_NAME_MAX 64 /* bytes: "Work laptop" */
#define PL_ENROLMENT_LIFE_MS (INT64_C(24) * 3600 * 1000)
#define PL_ENROLMENT_TOKEN_SIZE 46 /* "e." and base64url of 256 random bits, and a zero */

struct pl_passkeys;

/* The store is borrowed; `public_url` as of --public-url. PL_EIO, PL_ENOMEM. */
enum pl_err pl_passkeys_new(struct pl_store *store, const char *public_url,
                            struct pl_passkeys **out) PL_CHECKED;
void pl_passkeys_free(struct pl_passkeys *p); /* NULL is fine */

/* Who asks browsers; NULL: they make no passkeys for that address, or there is none. */
const struct pl_passkey_site *pl_passkeys_site(const struct pl_passkeys *p);
/* What was asked, and answered. */
struct pl_questions *pl_passkeys_questions(struct pl_passkeys *p);

struct pl_kept_passkey {
    int64_t number, account; /* the store's own */
    char id[PL_STORE_ID_SIZE];
    char name[PL_PASSKEY_NAME_MAX + 1];
    int64_t made_ms, used_ms; /* the last use; 0: none yet */
    struct pl_passkey passkey;
};

/* What an account is to authenticators: nobody learns from it whose it is (WebAuthn 14.6.1), and it
 * is the same for all of its passkeys. */
void pl_passkeys_handle(const struct pl_account *account, uint8_t out[PL_PASSKEY_USER_SIZE]);

/* `name` is a good one (identity/rights.h). PL_EEXIST: it is somebody's already; PL_ELIMIT: the
 * account has as many as it may; PL_EIO. */
enum pl_err pl_passkeys_add(struct pl_passkeys *p, int64_t account, struct pl_str name,
                            const struct pl_passkey *passkey, int64_t now_ms,
                            struct pl_kept_passkey *out) PL_CHECKED;
/* By what authenticators call it. PL_ENOENT, PL_EIO. */
enum pl_err pl_passkeys_find(struct pl_passkeys *p, struct pl_str credential,
                             struct pl_kept_passkey *out, struct pl_account *whose) PL_CHECKED;
/* It was used: writes its count, whether it is backed up, and when. PL_EIO. */
enum pl_err pl_passkeys_used(struct pl_passkeys *p, const struct pl_kept_passkey *used,
                             int64_t now_ms) PL_CHECKED;
/* The oldest first. Inside `each` nothing of the store may be called. PL_EIO. */
enum pl_err pl_passkeys_list(struct pl_passkeys *p, int64_t account,
                             void (*each)(void *ctx, const struct pl_kept_passkey *passkey),
                             void *ctx) PL_CHECKED;
/* PL_ENOENT; PL_ESTATE: no administrator could sign in any more, neither by a passkey nor, if there
 * is one, at the identity provider; PL_EIO. */
enum pl_err pl_passkeys_remove(struct pl_passkeys *p, const struct pl_account *account,
                               struct pl_str id, bool provider,
                               struct pl_kept_passkey *out) PL_CHECKED;

/* A link to enrol by: once, within a day, and it withdraws the one before. PL_EIO. */
enum pl_err pl_enrolments_make(struct pl_passkeys *p, int64_t account, int64_t now_ms,
                               char token[PL_ENROLMENT_TOKEN_SIZE]) PL_CHECKED;
/* Whose it is. PL_ENOENT: nobody's, or used, withdrawn, too old; PL_EIO. */
enum pl_err pl_enrolments_find(struct pl_passkeys *p, struct pl_str token, int64_t now_ms,
                               struct pl_account *out) PL_CHECKED;
/* Adds a passkey to its account, and the link is used up: both or neither. As pl_passkeys_add;
 * PL_ENOENT as above. */
enum pl_err pl_enrolments_use(struct pl_passkeys *p, struct pl_str token, struct pl_str name,
                              const struct pl_passkey *passkey, int64_t now_ms,
                              struct pl_kept_passkey *out) PL_CHECKED;

#endif
