/* The live meetings of the process. A conference ties the state of a meeting (meet/meeting.h) to
 * the people's connections (WebSocket clients, WHIP publishers, WHEP viewers) and to the media
 * threads (server/media.h): whom they hear is decided here and enforced there.
 *
 * Everything is called on the control thread. No sockets and no clock: the owner gives the time and
 * calls pl_conferences_run when asked to. */
#ifndef PL_SERVER_CONFERENCE_H
#define PL_SERVER_CONFERENCE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "base/text.h"
#include "base/time.h"
#include "meet/definition.h"
#include "record/merkle.h"
#include "server/media.h"
#include "server/record_key.h"
#include "server/store_thread.h"
#include "server/trace.h"
#include "signal/messages.h"

#define PL_MEETING_ID_SIZE 33     /* as in messages.json: at most 32 characters, and a zero */
#define PL_FEED_ID_SIZE 23        /* 128 random bits in base64url, and a zero */
#define PL_GRACE (15 * PL_SECOND) /* a participant whose connection broke is kept so long */
#define PL_CHAT_KEPT 100          /* texts sent to those who come later */

struct pl_participant; /* meet/meeting.h */
struct pl_denial;
struct pl_document; /* meet/state.h */
struct pl_state;
struct pl_store;       /* store.h */
struct pl_signing;     /* signing.h */
struct pl_conferences; /* all of them */
struct pl_conference;  /* one live meeting; pointers hold until the caller returns to the loop */

struct pl_witnesses;
struct pl_conferences_config {
    void *ctx;
    pl_time_us (*now)(void *ctx);           /* never goes back */
    int64_t (*wall_ms)(void *ctx);          /* Unix time */
    void (*wake)(void *ctx, pl_time_us at); /* call pl_conferences_run at `at`; replaces the time
                                               asked for before; PL_NEVER: not at all */
    struct pl_random random;
    struct pl_limits *limits; /* borrowed; NULL: clients have none but their own */
    /* Does a job on the store's thread; and waits for it. NULL: jobs are done at once. */
    void (*work)(void *ctx, struct pl_store_job *job);
    void (*finish)(void *ctx);
    struct pl_store *store;     /* keeps the records; NULL: nothing is kept */
    struct pl_signing *signing; /* of checkpoints of them, borrowed; NULL: there are none */
    size_t record_bytes_max;    /* of one meeting; 0: PL_EVENTS_BYTES_MAX */
    size_t record_share_max;    /* of it, of one person; 0: PL_RECORD_SHARE */
};

/* PL_EIO: the store does not answer; PL_ENOMEM. */
enum pl_err pl_conferences_new(const struct pl_conferences_config *config,
                               struct pl_conferences **out) PL_CHECKED;

/* The server is going down: every meeting ends for now, clients are told to try again later. */
void pl_conferences_end(struct pl_conferences *all);

void pl_conferences_free(struct pl_conferences *all); /* ends them first; before pl_media_stop */

/* The callbacks to start the media threads with; then hand these over, before anybody comes. */
struct pl_media_events pl_conferences_media_events(struct pl_conferences *all);
void pl_conferences_use_media(struct pl_conferences *all, struct pl_media *media);

/* Who is told of checkpoints; borrowed. NULL: nobody. */
void pl_conferences_use_witnesses(struct pl_conferences *all, struct pl_witnesses *witnesses);

/* Does what is due, and puts on disk all that waits for it: events, checkpoints, cosignatures. */
void pl_conferences_settle(struct pl_conferences *all);

/* Waits until nothing is being written any more. */
void pl_conferences_wait(struct pl_conferences *all);

/* Hands over the live meetings that somebody is in, once they are settled; or reads them, after
 * pl_media_start. What is neither in the record nor with the media threads goes along: who is on
 * which transport, what is on, texts, the deliveries of encrypted groups. Nothing is written or
 * told. PL_EINVAL. */
struct pl_carry;
enum pl_err pl_conferences_carry(struct pl_conferences *all, struct pl_carry *c) PL_CHECKED;

/* Before the server is stopped for maintenance: while `on` no meeting is opened in whose room
 * nobody is, which who comes is told (message `maintenance`), as are those who preside over one
 * that is under way. `empty` is called, from pl_conferences_run, once nobody is in the room of any;
 * it may not end the conferences. `on` false: called off, or not at all. */
struct pl_drain {
    bool on, told;    /* told: that it is empty; begins as false */
    int64_t until_ms; /* Unix time, which they are told; 0: none */
    void (*empty)(void *ctx);
    void *ctx;
};
void pl_conferences_drain(struct pl_conferences *all, const struct pl_drain *drain);
const struct pl_drain *pl_conferences_drained(const struct pl_conferences *all);
/* Is somebody in its room, or given time to come back? And in how many, and how many people. */
bool pl_conference_runs(const struct pl_conference *c);
size_t pl_conferences_running(const struct pl_conferences *all, size_t *people);
/* May nobody come into this meeting for now, but who is there? */
bool pl_drain_shuts(const struct pl_conference *c);
extern const char pl_drain_shut[]; /* a sentence that says so */

/* Does what is due: sends what was gathered, ends waits. */
void pl_conferences_run(struct pl_conferences *all);

/* A meeting with somebody in the room. */
struct pl_conference_counts {
    const char *id;      /* borrowed */
    size_t participants; /* in the room */
    size_t sources;      /* what they send, and may be heard or seen */
    struct pl_media_traffic traffic;
};

/* Counts each such meeting. */
void pl_conferences_count(const struct pl_conferences *all,
                          void (*each)(void *ctx, const struct pl_conference_counts *counts),
                          void *ctx);

/* The live meeting of this id, or NULL. */
struct pl_conference *pl_conferences_find(struct pl_conferences *all, struct pl_str meeting);

/* What was recorded since the server started. */
struct pl_record_stats {
    uint64_t events, commits;           /* each commit is one wait for the disk */
    uint64_t failures;                  /* times that the disk refused */
    uint64_t checkpoints, cosignatures; /* kept */
};
const struct pl_record_stats *pl_conferences_record(const struct pl_conferences *all);

/* The live meeting of this id, started from its record if need be. `definition` is taken over on
 * PL_OK, always (and freed if the meeting is live already). PL_EINVAL (the id is too long, the
 * record is damaged), PL_EIO, PL_ENOMEM. */
enum pl_err pl_conferences_start(struct pl_conferences *all, struct pl_str meeting,
                                 struct pl_definition *definition,
                                 struct pl_conference **out) PL_CHECKED;

/* The meeting was deleted: everybody is told so (reason meeting_deleted), every session ends. Not
 * live: nothing to do. */
void pl_conferences_delete(struct pl_conferences *all, struct pl_str meeting);

/* Has nobody come to it yet, and is nothing decided? Then its definition may be replaced. */
bool pl_conference_untouched(const struct pl_conference *c);

/* A new version of the manifest, higher than the one before: it is put on disk with its event
 * before the call returns, and who is in the room is told it. It may end the conference if that
 * fails (PL_EIO). PL_ELIMIT: the record is full; PL_ENOMEM. */
struct pl_store_manifest;
enum pl_err pl_conference_put_manifest(struct pl_conference *c, const struct pl_store_manifest *m,
                                       struct pl_denial *denial) PL_CHECKED;

/* What is signed of the record. Proofs are given up to what is covered: so many events, 0 if
 * nothing is signed yet. */
struct pl_merkle;
uint64_t pl_conference_covered(const struct pl_conference *c);
const struct pl_merkle *pl_conference_tree(const struct pl_conference *c);
/* The last checkpoint with its cosignatures, appended. PL_ENOENT: there is none; PL_EIO, PL_ENOMEM.
 */
enum pl_err pl_conference_checkpoint(struct pl_conference *c, struct pl_buf *out) PL_CHECKED;
/* The key that verifies them, as a verifier key, appended. */
void pl_conference_vkey(const struct pl_conference *c, struct pl_buf *out);
/* What its last checkpoint says. False: there is none. */
struct pl_conference_proof {
    char origin[PL_RECORD_ORIGIN_SIZE];
    uint64_t size;
    struct pl_hash root;
};
bool pl_conference_proof(const struct pl_conference *c, struct pl_conference_proof *out);

/* One more person, named by who presides (`by`: their person; PL_NO_PERSON: the administrator). It
 * is on disk before the call returns, with the invitation; it may end the conference if that fails
 * (PL_EIO). PL_ELIMIT; others as of pl_meeting_decide, with `denial`. */
struct pl_invitation_made;
enum pl_err pl_conference_add_person(struct pl_conference *c, uint32_t by,
                                     const struct pl_act_add_person *person,
                                     struct pl_invitation_made *made,
                                     struct pl_denial *denial) PL_CHECKED;

/* One more seat, by the administrator; likewise. */
enum pl_err pl_conference_add_seat(struct pl_conference *c, const struct pl_act_add_seat *seat,
                                   struct pl_denial *denial) PL_CHECKED;

/* The invitation of a person was revoked: their sessions end with that reason. */
void pl_conference_revoke(struct pl_conference *c, uint32_t person);

const struct pl_definition *pl_conference_definition(const struct pl_conference *c);
const struct pl_state *pl_conference_state(const struct pl_conference *c); /* meet/state.h */

/* For GET /api/meetings/ID: whether the meeting is in session, and who is here (those in the lobby
 * are not counted). */
bool pl_conference_in_session(const struct pl_conference *c);
size_t pl_conference_participants(const struct pl_conference *c);

/* Documents. The bytes and the event are put on disk together, before the call returns; it may end
 * the conference if that fails (PL_EIO). `id` is the new one's. PL_ELIMIT: too many, or too many
 * bytes; others as of pl_meeting_decide, with `denial`. */
#define PL_DOCUMENT_BYTES_MAX (32u << 20)
#define PL_DOCUMENTS_BYTES_MAX (256u << 20) /* of one meeting */
struct pl_new_document {
    struct pl_str item, name, media_type, bytes;
};
enum pl_err pl_conference_put_document(struct pl_conference *c, const struct pl_new_document *d,
                                       char id[PL_MEETING_ID_SIZE],
                                       struct pl_denial *denial) PL_CHECKED;
/* NULL: there is none of this id, or it was taken away. */
const struct pl_document *pl_conference_document(const struct pl_conference *c, struct pl_str id);
/* Was this person removed, or not admitted? */
bool pl_conference_refuses(const struct pl_conference *c, uint32_t person);
/* May this person read it? Not who was removed or refused; guests only what belongs to their item,
 * and they, as everybody where there is a lobby to pass, only while they are in the room. */
bool pl_conference_may_read(const struct pl_conference *c, uint32_t person,
                            const struct pl_document *d);

/* Puts on disk what waits for it, within a call, so that its answer tells nothing else. Is this
 * meeting still there? If that fails, it ends, and is freed. */
bool pl_record_write_of(struct pl_conferences *all, struct pl_str meeting) PL_CHECKED;
/* The minutes as they stand, borrowed until the meeting changes. PL_EIO, PL_ENOMEM. */
struct pl_minutes; /* minutes/minutes.h */
enum pl_err pl_conference_minutes(struct pl_conference *c,
                                  const struct pl_minutes **out) PL_CHECKED;
/* May this person read them, and the record? Who presides and who is in the room, but for guests;
 * once the session is closed also who may come in without being asked. */
bool pl_conference_may_read_minutes(const struct pl_conference *c, uint32_t person);

/* Events of the record that are on disk, and may this person read the one of that number, as one
 * who may read the record? PL_NO_PERSON: the administrator, who reads what all may. */
uint64_t pl_conference_recorded(const struct pl_conference *c);
bool pl_conference_may_read_event(const struct pl_conference *c, uint32_t person, uint64_t number);

/* Those here, in the order of their coming, and whether their media is traced. */
void pl_conference_each(const struct pl_conference *c,
                        void (*each)(void *ctx, const struct pl_participant *p, bool traced),
                        void *ctx);

/* Whether somebody of this id is here. */
bool pl_conference_has(const struct pl_conference *c, struct pl_str participant);

/* Traces (trace.h) what all transports of a participant carry, for some seconds or until `out` is
 * full, or they leave. `out` is the trace's on PL_OK. PL_ENOENT: nobody of this id is here;
 * PL_EEXIST: they are being traced; PL_ELIMIT: PL_TRACES_MAX others are; PL_ENOMEM. */
#define PL_TRACES_MAX 8
#define PL_TRACE_SECONDS_MAX 3600
enum pl_err pl_conference_trace(struct pl_conference *c, struct pl_str participant,
                                unsigned seconds, const struct pl_trace_out *out) PL_CHECKED;

/* Ends a trace. PL_ENOENT: there is none. */
enum pl_err pl_conference_trace_end(struct pl_conference *c, struct pl_str participant) PL_CHECKED;

/* WHIP (RFC 9725) and WHEP. A feed is one such session of a person (index in the definition's
 * people). The person shows as a participant while it lasts, or as the one they are in the browser.
 *
 * On PL_OK `feed` names it, for the Location, and the answer is appended. Otherwise `why` says in
 * one sentence: PL_EINVAL (malformed offer: 400), PL_EUNSUPPORTED (an offer that cannot be answered
 * here), PL_ESTATE (the meeting is encrypted, not yet open, or the person stands in the lobby:
 * 409), PL_EAUTH (removed or denied by the chair, or a role that may not publish: 403), PL_ELIMIT
 * (too large an offer: 413), PL_EAGAIN (the meeting, or this person, has as many sessions as there
 * may be: 503), PL_ENOMEM.
 */
struct pl_feed_request {
    uint32_t person;
    bool publish; /* WHIP; else WHEP */
    struct pl_str sdp;
};
enum pl_err pl_conference_feed(struct pl_conference *c, const struct pl_feed_request *request,
                               char feed[PL_FEED_ID_SIZE], struct pl_buf *answer,
                               char why[160]) PL_CHECKED;

/* Our ICE username fragment of a feed. A restart makes a new one, so that it names the ICE session:
 * the ETag (RFC 9725, 4.3.1). PL_ENOENT. */
enum pl_err pl_conference_feed_ufrag(const struct pl_conference *c, uint32_t person, bool publish,
                                     struct pl_str feed, char ufrag[9]) PL_CHECKED;

/* Ends a feed. PL_ENOENT if this person has none of this name (any more). */
enum pl_err pl_conference_feed_end(struct pl_conference *c, uint32_t person, bool publish,
                                   struct pl_str feed) PL_CHECKED;

/* PATCH with an SDP fragment (RFC 9725, 4.3). New ICE credentials are a restart: the fragment to
 * answer with is appended, with our new credentials and candidates. The ones of the session, i.e.
 * trickled candidates, which an ICE-lite server has no use for: PL_OK and nothing is appended
 * (204). PL_ENOENT, PL_EINVAL with `why`. */
enum pl_err pl_conference_feed_patch(struct pl_conference *c, uint32_t person, bool publish,
                                     struct pl_str feed, struct pl_str fragment,
                                     struct pl_buf *answer, char why[160]) PL_CHECKED;

#endif
