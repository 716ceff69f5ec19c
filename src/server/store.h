/* Meetings, their invitations and their records, in SQLite. Tokens are stored as SHA-256 only:
 * whoever reads the file can enter nowhere. Control thread only; calls block for a write to the
 * disk. */
#ifndef PL_SERVER_STORE_H
#define PL_SERVER_STORE_H

#include "base/err.h"
#include "base/random.h"
#include "base/text.h"
#include "meet/definition.h"
#include "server/events.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ids are for people to read out: digits and consonants, no vowels (no words), no l and 1. */
#define PL_STORE_ID_CHARS 10 /* 47 bits: an id is no secret, but must not meet another */
#define PL_STORE_ID_SIZE (PL_STORE_ID_CHARS + 1)
#define PL_TOKEN_BYTES 24 /* 192 random bits: not to be guessed, and 32 characters long */
#define PL_TOKEN_SIZE 33  /* base64url, and a zero */

#define PL_INVITATION_LIFE_MS INT64_C(7776000000) /* 90 days, where the person has no `expires` */
#define PL_DEFINITIONS_KEPT 32   /* meetings that people join at one time; at most 1 MB each */
#define PL_INVITATIONS_MAX 10000 /* of one meeting, revoked ones too: twice its most people */

struct pl_store;

extern const size_t pl_store_schema; /* the form that its file has: a number that counts up */

/* An invitation as it is stored. Times are Unix milliseconds. */
struct pl_invitation {
    char id[PL_STORE_ID_SIZE];
    char meeting[PL_STORE_ID_SIZE];
    char person[PL_PERSON_ID_SIZE]; /* "p1": pl_definition_person gives the index */
    bool shared;                    /* many may use it at once */
    int64_t expires_ms;
    int64_t revoked_ms; /* 0: it is not */
};

/* One just made. The token is told here and never again. */
struct pl_invitation_made {
    struct pl_invitation invitation;
    char token[PL_TOKEN_SIZE];
};

/* Opens or makes the file. Errors and `why` as of pl_db_open. */
enum pl_err pl_store_open(const char *path, struct pl_random random, struct pl_store **out,
                          char why[200]) PL_CHECKED;
/* Opens the file to read it alone, also while a server writes to it: all that is read is of the
 * moment of the first reading. Errors and `why` as of pl_db_open_read. */
enum pl_err pl_store_open_read(const char *path, struct pl_random random, struct pl_store **out,
                               char why[200]) PL_CHECKED;
void pl_store_close(struct pl_store *s); /* NULL is fine */
/* What the last failure was, in SQLite's words. Static. */
const char *pl_store_failure(const struct pl_store *s);

/* Keeps a meeting, whose definition is read from `json` (exactly these bytes are kept: organisers
 * sign their hash), begins its record (events.h), and makes one invitation a person, in their
 * order: *made has n_people of them and is the caller's to free. Once this returns PL_OK all that
 * survives a power cut. PL_EINVAL: what was prepared is refused, as `why` says; PL_EIO, PL_ENOMEM.
 */
enum pl_err pl_store_add(struct pl_store *s, const struct pl_definition *d, struct pl_str json,
                         int64_t now_ms, char id[PL_STORE_ID_SIZE],
                         struct pl_invitation_made **made, char why[PL_WHY_SIZE]) PL_CHECKED;

/* The definition, held for the caller, who frees it; created_ms may be NULL. The last ones asked
 * for are kept, since decoding a large one takes long (60 ms for 5000 people) and everybody who
 * joins asks for it. PL_ENOENT, PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_get(struct pl_store *s, struct pl_str meeting, struct pl_definition **out,
                         int64_t *created_ms) PL_CHECKED;

/* The same as it was made, before anybody or a seat was added: the record goes on from it. */
enum pl_err pl_store_made(struct pl_store *s, struct pl_str meeting,
                          struct pl_definition **out) PL_CHECKED;
/* The bytes of it as they are kept, appended. PL_ENOENT, PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_definition(struct pl_store *s, struct pl_str meeting,
                                struct pl_buf *out) PL_CHECKED;

/* All that is its own goes too; the server's log says how long its record was, and its root.
 * PL_ENOENT, PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_delete(struct pl_store *s, struct pl_str meeting, int64_t now_ms) PL_CHECKED;

/* What a meeting becomes that nobody has come to yet. */
struct pl_store_change {
    const struct pl_definition *definition;
    struct pl_str json; /* that it was read from: exactly these bytes are kept */
    const struct pl_act
        *documents; /* put_document of those that it has: they stay with their item */
    size_t n_documents;
    int64_t now_ms;
};

/* Replaces the definition, begins the record anew, and drops the manifest. Who stays (the same
 * place in the list, the same name and role) keeps their invitations, the others' are no more;
 * *made are the new ones, *n of them, the caller's to free. PL_EINVAL with `why` as of
 * pl_store_add; PL_ENOENT, PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_replace(struct pl_store *s, struct pl_str meeting,
                             const struct pl_store_change *change, struct pl_invitation_made **made,
                             size_t *n, char why[PL_WHY_SIZE]) PL_CHECKED;

/* Calls `each` for every meeting, newest first. Inside it nothing of the store may be called. */
typedef void pl_store_meeting(void *ctx, const char *id, struct pl_str title, int64_t created_ms);
enum pl_err pl_store_list(struct pl_store *s, pl_store_meeting *each, void *ctx) PL_CHECKED;

/* Calls `each` for every invitation of the meeting, oldest first; likewise. */
typedef void pl_store_invitation(void *ctx, const struct pl_invitation *i);
enum pl_err pl_store_invitations(struct pl_store *s, struct pl_str meeting,
                                 pl_store_invitation *each, void *ctx) PL_CHECKED;

/* PL_ELIMIT: the meeting has as many invitations as it may have. PL_ENOENT, PL_EIO. */
enum pl_err pl_store_may_invite(struct pl_store *s, struct pl_str meeting) PL_CHECKED;

/* A fresh invitation for a person (index in the definition of this meeting). PL_ELIMIT, PL_EIO. */
enum pl_err pl_store_invite(struct pl_store *s, struct pl_str meeting,
                            const struct pl_definition *d, uint32_t person, int64_t now_ms,
                            struct pl_invitation_made *made) PL_CHECKED;
/* The same, and all of theirs that were before are revoked with it. */
enum pl_err pl_store_invite_anew(struct pl_store *s, struct pl_str meeting,
                                 const struct pl_definition *d, uint32_t person, int64_t now_ms,
                                 struct pl_invitation_made *made) PL_CHECKED;
/* Revokes all invitations of a person ("p3"); none that is good: nothing to do. PL_ENOENT: no such
 * meeting; PL_EIO. */
enum pl_err pl_store_revoke_person(struct pl_store *s, struct pl_str meeting, const char *person,
                                   int64_t now_ms) PL_CHECKED;

/* Revokes; revoking again changes nothing. *out is the invitation after. PL_ENOENT, PL_EIO. */
enum pl_err pl_store_revoke(struct pl_store *s, struct pl_str meeting, struct pl_str invitation,
                            int64_t now_ms, struct pl_invitation *out) PL_CHECKED;

/* The record. Events that are to be added to that of a meeting, behind its last one. */
struct pl_store_document {
    const char *id;
    struct pl_str bytes;
};
/* Who may be in a meeting, as it was signed. */
struct pl_store_manifest {
    int64_t version;
    struct pl_str manifest, signature, key, signed_by;
};
/* The minutes that were adopted, byte for byte. */
struct pl_store_minutes {
    struct pl_str en, fr;
};
/* Somebody, or a seat, that was added to a meeting that is made: the definition with them, as the
 * last one, is kept beside the one that was made; for somebody their invitation is made. */
struct pl_store_newcomer {
    const struct pl_definition *definition;
    int64_t now_ms;
    struct pl_invitation_made *made; /* set; NULL: a seat, which nobody is invited to yet */
};
struct pl_store_batch {
    const char *meeting;
    const struct pl_events *events;
    const struct pl_store_document *document; /* that comes with them; NULL: none */
    const struct pl_store_manifest *manifest; /* likewise; higher than all versions before */
    const struct pl_store_newcomer *newcomer; /* likewise */
    const struct pl_store_minutes *minutes;   /* likewise; there are none yet */
    int64_t
        wake_ms; /* when the meeting wants to be woken next (Unix time); INT64_MAX: not at all */
};

/* Adds all of it in one transaction: once this returns PL_OK it survives a power cut, otherwise
 * none of it was added. PL_EEXIST: the record goes on already (somebody else writes it), or the
 * manifest is no new version; PL_ENOENT: no such meeting; PL_EIO. */
enum pl_err pl_store_append(struct pl_store *s, const struct pl_store_batch *batches,
                            size_t n) PL_CHECKED;

/* Calls `each` for the events of a meeting in their order; its first error ends the walk and is
 * returned. Inside it nothing of the store may be called. PL_ENOENT: no such meeting; PL_EIO. */
typedef enum pl_err pl_store_event(void *ctx, uint64_t number, struct pl_str bytes);
enum pl_err pl_store_events(struct pl_store *s, struct pl_str meeting, pl_store_event *each,
                            void *ctx) PL_CHECKED;
/* Of those behind this number; at most INT64_MAX. */
enum pl_err pl_store_events_after(struct pl_store *s, struct pl_str meeting, uint64_t after,
                                  pl_store_event *each, void *ctx) PL_CHECKED;

/* The server's own log: meetings that were made, replaced and deleted, and its keys; likewise in
 * numbers from 1. Events are JSON as in a meeting's record (docs/record.md). */
enum pl_err pl_store_log(struct pl_store *s, uint64_t after, pl_store_event *each,
                         void *ctx) PL_CHECKED;
/* A key that signs from now on: the first, or with `rotation`, the old one's note of it, which is
 * kept too, in one transaction. PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_log_key(struct pl_store *s, int64_t now_ms, const char *vkey,
                             struct pl_str rotation) PL_CHECKED;
/* Calls `each` for the notes of rotations, the first one first. PL_EIO. */
enum pl_err pl_store_rotations(struct pl_store *s,
                               enum pl_err (*each)(void *ctx, uint64_t number, struct pl_str note),
                               void *ctx) PL_CHECKED;
/* Its checkpoints, as those of a record. PL_EEXIST, PL_EIO; PL_ENOENT, PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_put_log_checkpoint(struct pl_store *s, uint64_t size,
                                        struct pl_str note) PL_CHECKED;
enum pl_err pl_store_log_checkpoint(struct pl_store *s, uint64_t *size,
                                    struct pl_buf *note) PL_CHECKED;

/* What is signed of a record: a checkpoint (record/checkpoint.h), or a cosignature of one. */
struct pl_store_signed {
    const char *meeting;
    uint64_t size;
    struct pl_str name; /* of who cosigned; p NULL: this is the checkpoint itself */
    struct pl_str text; /* the note, or the cosignature's line without its end */
};
/* Keeps all of them, in this order, in one transaction; a cosignature of somebody who has one there
 * changes nothing, nor does what is of a meeting that is no more. PL_EEXIST: there is a checkpoint
 * of this size; PL_EIO. */
enum pl_err pl_store_put_signed(struct pl_store *s, const struct pl_store_signed *list,
                                size_t n) PL_CHECKED;
/* The last checkpoint of a meeting, appended. PL_ENOENT, PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_checkpoint(struct pl_store *s, struct pl_str meeting, uint64_t *size,
                                struct pl_buf *note) PL_CHECKED;
/* Calls `each` for a meeting's checkpoints in the order of their sizes; its first error ends the
 * walk and is returned. Inside it nothing of the store may be called. PL_EIO. */
typedef enum pl_err pl_store_checkpoint_each(void *ctx, uint64_t size, struct pl_str note);
enum pl_err pl_store_checkpoints(struct pl_store *s, struct pl_str meeting,
                                 pl_store_checkpoint_each *each, void *ctx) PL_CHECKED;
/* Calls `each` for the last checkpoint of every log that has one: meetings by their ids, and those
 * of the server (PL_RECORD_LOG, PL_AUDIT_LOG). Likewise; PL_EIO. */
typedef enum pl_err pl_store_last_each(void *ctx, struct pl_str log, struct pl_str note);
enum pl_err pl_store_last_checkpoints(struct pl_store *s, pl_store_last_each *each,
                                      void *ctx) PL_CHECKED;
/* The cosignatures of a checkpoint, sorted by name, appended as lines; perhaps none. PL_EIO,
 * PL_ENOMEM. */
enum pl_err pl_store_cosignatures(struct pl_store *s, struct pl_str meeting, uint64_t size,
                                  struct pl_buf *out) PL_CHECKED;

/* Cosignatures of the server's own log, as those of a meeting; by witnesses elsewhere alone. The
 * checkpoint is there. PL_EIO; PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_put_log_cosignature(struct pl_store *s, uint64_t size, struct pl_str name,
                                         struct pl_str line) PL_CHECKED;
enum pl_err pl_store_log_cosignatures(struct pl_store *s, uint64_t size,
                                      struct pl_buf *out) PL_CHECKED;
/* The size of the last checkpoint that one of this name cosigned, of a meeting or (p NULL) of the
 * server's log; 0: none. PL_EIO. */
enum pl_err pl_store_witnessed(struct pl_store *s, struct pl_str meeting, struct pl_str name,
                               uint64_t *size) PL_CHECKED;
/* Calls `each` for the meetings, newest first, whose last checkpoint one of this name has not
 * cosigned. Inside it nothing of the store may be called. PL_EIO. */
enum pl_err pl_store_unwitnessed(struct pl_store *s, struct pl_str name,
                                 void (*each)(void *ctx, const char *meeting),
                                 void *ctx) PL_CHECKED;
/* What a witness elsewhere cosigned: how many meetings, and of the server's log which checkpoint
 * last (size 0: none). */
struct pl_store_witness {
    struct pl_str name;
    uint64_t meetings, size;
    struct pl_str line;
};
/* Calls `each` for all that there are; likewise. PL_EIO. */
enum pl_err pl_store_witnesses(struct pl_store *s,
                               void (*each)(void *ctx, const struct pl_store_witness *w),
                               void *ctx) PL_CHECKED;

/* When the first meeting wants to be woken; INT64_MAX: none does. PL_EIO. */
enum pl_err pl_store_next_wake(struct pl_store *s, int64_t *out) PL_CHECKED;

/* The meetings that want to be woken by now, the earliest first; at most `max`, *n of them. PL_EIO.
 */
enum pl_err pl_store_due(struct pl_store *s, int64_t now_ms, char (*ids)[PL_STORE_ID_SIZE],
                         size_t max, size_t *n) PL_CHECKED;

/* A meeting whose session is closed, of which nothing was recorded since (Unix time), and that does
 * not want to be woken; the first of them. PL_ENOENT: there is none; PL_EIO. */
enum pl_err pl_store_outlived(struct pl_store *s, int64_t since_ms,
                              char id[PL_STORE_ID_SIZE]) PL_CHECKED;

/* Documents are kept in parts of PL_DOCUMENT_PART bytes; only the last is shorter. */
#define PL_DOCUMENT_PART (256u << 10)
/* Reads a part, counted from 0; *n is its length. PL_ENOENT, PL_EIO. */
enum pl_err pl_store_read_document(struct pl_store *s, struct pl_str meeting, struct pl_str id,
                                   size_t part, uint8_t out[PL_DOCUMENT_PART],
                                   size_t *n) PL_CHECKED;
/* Its bytes go; none of this id: nothing to do. PL_EIO. */
enum pl_err pl_store_drop_document(struct pl_store *s, struct pl_str meeting,
                                   struct pl_str id) PL_CHECKED;
/* A fresh id for one, of PL_STORE_ID_CHARS characters. */
void pl_store_document_id(struct pl_store *s, char out[PL_STORE_ID_SIZE]);

/* Calls `take` with the last version of the manifest; borrowed. Inside it nothing of the store may
 * be called. PL_ENOENT: there is none; PL_EIO. */
enum pl_err pl_store_manifest(struct pl_store *s, struct pl_str meeting,
                              void (*take)(void *ctx, const struct pl_store_manifest *m),
                              void *ctx) PL_CHECKED;
/* Calls `each` for all its versions in their order; its first error ends the walk and is returned.
 * Likewise; PL_EIO. */
typedef enum pl_err pl_store_manifest_each(void *ctx, const struct pl_store_manifest *m);
enum pl_err pl_store_manifests(struct pl_store *s, struct pl_str meeting,
                               pl_store_manifest_each *each, void *ctx) PL_CHECKED;

/* Calls `take` with the minutes that were adopted; borrowed. Inside it nothing of the store may be
 * called. PL_ENOENT: there are none; PL_EIO. */
enum pl_err pl_store_minutes(struct pl_store *s, struct pl_str meeting,
                             void (*take)(void *ctx, const struct pl_store_minutes *m),
                             void *ctx) PL_CHECKED;

/* What a token is worth at the door of this meeting. */
enum pl_token_state {
    PL_TOKEN_GOOD,
    PL_TOKEN_UNKNOWN_MEETING,
    PL_TOKEN_UNKNOWN, /* never made, or made for another meeting */
    PL_TOKEN_EXPIRED,
    PL_TOKEN_REVOKED,
};

/* *out is set unless the state is one of the unknown ones. PL_EIO. */
enum pl_err pl_store_check(struct pl_store *s, struct pl_str meeting, struct pl_str token,
                           int64_t now_ms, enum pl_token_state *state,
                           struct pl_invitation *out) PL_CHECKED;

#endif
