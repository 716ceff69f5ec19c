/* The audit of administrative acts: who did what and when, in a log of its own beside the server's
 * (server_log.h), since it names people and is not for everybody. A Merkle tree of events, of which
 * the last checkpoint is signed by the key of the records. What is older than it may be kept is
 * forgotten: the event goes, its leaf stays, so that the rest is still proven. Control thread. */
#ifndef PL_SERVER_AUDIT_H
#define PL_SERVER_AUDIT_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/accounts.h"
#include "server/signing.h"
#include "server/store.h"

#define PL_AUDIT_LOG                                                                               \
    "audit" /* its origin is NAME/audit; no meeting has this id, which has vowels */
/* Refused logins that are written down within an hour: nobody fills the disk with them. The next
 * that is written down says how many were not. */
#define PL_AUDIT_REFUSALS_MAX 100
#define PL_AUDIT_DAYS_MAX 36500
#define PL_AUDIT_DAYS 730 /* that events are kept, if nobody says otherwise */
#define PL_AUDIT_PAGE 200 /* events of one answer */

/* What is written down. */
enum pl_audit_act {
    PL_AUDIT_LOGIN,
    PL_AUDIT_LOGIN_REFUSED,
    PL_AUDIT_LOGOUT,
    PL_AUDIT_SESSION_ENDED, /* by somebody else, or elsewhere */
    PL_AUDIT_BODY_MADE,
    PL_AUDIT_BODY_RENAMED,
    PL_AUDIT_BODY_REMOVED,
    PL_AUDIT_ACCOUNT_MADE,
    PL_AUDIT_ACCOUNT_CHANGED,
    PL_AUDIT_ACCOUNT_REMOVED,
    PL_AUDIT_ROLE_GIVEN,
    PL_AUDIT_ROLE_TAKEN,
    PL_AUDIT_KEY_ADDED, /* a passkey of an account */
    PL_AUDIT_KEY_REMOVED,
    PL_AUDIT_ENROLMENT_MADE, /* a link to add the first passkey by */
    PL_AUDIT_MEETING_MADE,
    PL_AUDIT_MEETING_CHANGED,
    PL_AUDIT_MEETING_DELETED,
    PL_AUDIT_INVITED,
    PL_AUDIT_INVITATION_REVOKED,
    PL_AUDIT_PERSON_ADDED,
    PL_AUDIT_SEAT_ADDED,
    PL_AUDIT_MANIFEST_PUT,
    PL_AUDIT_DOCUMENT_PUT,
    PL_AUDIT_TRACED,
    PL_AUDIT_RECORD_KEY, /* another key signs records */
    PL_AUDIT_STARTED,    /* the server */
    PL_AUDIT_DRAIN,      /* it is to end once its meetings have */
    PL_AUDIT_DRAIN_CANCELLED,
    PL_AUDIT_ACT_COUNT
};
extern const char *const pl_audit_words[PL_AUDIT_ACT_COUNT];

/* Texts are "" or NULL where they are not said. Of whom it is: `account`, or the administrator's
 * token, or nobody. */
struct pl_audit_entry {
    enum pl_audit_act act;
    const struct pl_account *by;
    bool by_token;
    const struct pl_addr *from;       /* of logins alone: an address is a person's */
    struct pl_str meeting, person;    /* ids */
    const struct pl_account *account; /* whom it is about */
    const struct pl_body *body;
    const char *role, *way, *why;
    struct pl_str what; /* a name: of a document, a seat, a key */
};

struct pl_audit;

/* Reads the log. Store and signing are borrowed. PL_EINVAL: its events are not those that were
 * signed; PL_EIO, PL_ENOMEM. */
enum pl_err pl_audit_new(struct pl_store *store, struct pl_signing *signing,
                         struct pl_audit **out) PL_CHECKED;
void pl_audit_free(struct pl_audit *a); /* NULL is fine */

/* Adds an event, and has the checkpoint signed that ends with it: both are on disk once this
 * returns PL_OK. A refused login above the limit is counted alone. PL_EIO, PL_ENOMEM: then the
 * event may be there, and its checkpoint comes with the next. */
enum pl_err pl_audit_note(struct pl_audit *a, const struct pl_audit_entry *entry,
                          int64_t now_ms) PL_CHECKED;
/* The server starts: notes that, and that another key signs than before, if so. PL_EIO, PL_ENOMEM.
 */
enum pl_err pl_audit_start(struct pl_audit *a, int64_t now_ms) PL_CHECKED;
/* Forgets the events of before. PL_EIO. */
enum pl_err pl_audit_forget(struct pl_audit *a, int64_t before_ms) PL_CHECKED;

/* {"origin","size","checkpoint","events":[{"number","event"}…],"before"?}: the last
 * PL_AUDIT_PAGE events before `before` (0: the last of all), the newest first; "before" where it
 * goes on. `event` is the exact text; forgotten ones are left out. PL_EIO, PL_ENOMEM. */
enum pl_err pl_audit_read(struct pl_audit *a, uint64_t before, struct pl_buf *json) PL_CHECKED;

/* All of it as a file (record/audit.h), appended. PL_ENOENT: there is no event yet; PL_ESTATE: the
 * key was changed, and the server has not started with it yet; PL_EIO, PL_ENOMEM. */
enum pl_err pl_audit_write(struct pl_audit *a, struct pl_buf *out) PL_CHECKED;

#endif
