/* What the files of the conference share, and nobody else includes: conference.c (the meetings and
 * their timers), conference_record.c (what is kept of them), member.c (people and what they are
 * told of each other), tell.c (what they are told of the meeting),
 * conference_drain.c (before maintenance), leg.c (media transports,
 * sources, slots), feed.c (WHIP and WHEP), client.c (browsers), group*.c (the groups
 * of an encrypted meeting). */
#ifndef PL_SERVER_CONFERENCE_PARTS_H
#define PL_SERVER_CONFERENCE_PARTS_H

#include "base/list.h"
#include "base/map.h"
#include "meet/circle.h"
#include "meet/meeting.h"
#include "minutes/minutes.h"
#include "record/merkle.h"
#include "server/client.h"
#include "server/conference.h"
#include "server/events.h"
#include "server/group.h"
#include "server/store.h"
#include "server/witnesses.h"
#include "signal/manifest.h"
#include "signal/readers.h"
#include "signal/view.h"

#define PL_SOURCES_MAX 8 /* of one leg, and told of one participant: messages.json */
#define PL_TILES_MAX 64  /* of a view: messages.json */
#define PL_PAGE_SIZE 33  /* hello.page: messages.json */
#define PL_FEEDS_MAX 4   /* WHIP and WHEP sessions of one participant */
/* A meeting that everybody left is forgotten after this; its record has it all. */
#define PL_CONFERENCE_IDLE (3600 * PL_SECOND)
#define PL_CHAT_KEPT_BYTES (128 << 10) /* so that those who come get it in one go */

/* Who comes into a large meeting is told of the people in it by and by: this many at a time, the
 * next when the client has taken them, and so many messages to all who are coming before others get
 * their turn. 2000 people who come in together are four million messages. */
#define PL_TELL_BATCH 128
#define PL_TELL_TURN 1024
#define PL_TOLD_ALL UINT32_MAX

/* The parts of the meeting are told whole, to many: what that may cost. */
#define PL_TELL_MESSAGE 1024          /* a message costs its bytes and these, for the sending */
#define PL_TELL_PARTS_TURN (4 << 20)  /* of one meeting in one turn, */
#define PL_TELL_PARTS_RATE (32 << 20) /* and a second: what changes faster is told less often */
#define PL_TELL_UNREAD (256 << 10)    /* bytes that a client has not taken, but for one message */
#define PL_TELL_SHARED (16 << 20)     /* bytes of messages kept for a turn, and one message */

/* Things that wait for the same time, the oldest first. */
struct pl_wait {
    struct pl_list node;
    pl_time_us since;
};

struct pl_conferences {
    struct pl_conferences_config config;
    struct pl_media *media;
    struct pl_map by_id, by_room; /* conferences */
    struct pl_map legs, sources;  /* by the ids of server/media.h */
    struct pl_list fresh;         /* clients without `hello`: pl_client.wait */
    struct pl_list grace;         /* members without connection: pl_member.wait */
    struct pl_list idle;          /* conferences without members: pl_conference.wait */
    struct pl_list dirty;         /* members to be told of: pl_member.dirty */
    struct pl_list telling;       /* members who are to hear of more people: pl_member.telling */
    struct pl_list traced;        /* members: pl_member.traced */
    pl_time_us trace_at;          /* they are looked at next */
    struct pl_list news;          /* legs with something to be told: pl_leg.news */
    struct pl_list changed;       /* conferences with something to be told: pl_conference.changed */
    pl_room_id next_room;
    pl_time_us wake_at;
    struct pl_list unwritten;  /* conferences: pl_conference.unwritten */
    struct pl_record_job *job; /* what is being written, or is tried again; NULL: nothing */
    bool store_busy;           /* a job is on the store's thread */
    bool ending;               /* what cannot be written ends */
    enum pl_records records_told;
    struct pl_list uncovered; /* conferences: pl_conference.cover.node */
    struct pl_list cosigned;  /* cosignatures to be kept, */
    pl_time_us cosigned_at;   /* by then */
    int64_t wakes_ms;         /* the first deadline in the store, or before; INT64_MAX: none */
    pl_time_us look_again;    /* not before */
    struct pl_record_stats record;
    bool refused;                     /* the disk, and it was told */
    char damaged[PL_MEETING_ID_SIZE]; /* the last meeting that was told to be */
    struct pl_witnesses *witnesses;   /* elsewhere; NULL: none */
    struct pl_drain drain;
};

/* What is signed of a record. A meeting that nobody has come to may still be replaced: until then
 * nothing is, since a log takes back nothing that it signed. */
#define PL_COVER_SOON PL_SECOND       /* the first event waits so long for others, */
#define PL_COVER_EACH (5 * PL_SECOND) /* and a checkpoint for the one before; decisions do not */
#define PL_COVERED_OPEN 4             /* so many of the last ones are cosigned, */
#define PL_COSIGNATURES_MAX 256       /* each by so many */
/* A person cosigns so many at once, and one more in each such time: a browser that keeps to the
 * rules one when it comes, one after each decision, and else 4 to 12 an hour. Each that is kept is
 * about 200 bytes, so 256 people who do what they may are 6 MB an hour. */
#define PL_COSIGN_BURST 60
#define PL_COSIGN_EACH (30 * PL_SECOND)
#define PL_COSIGN_RATE ((struct pl_rate){PL_COSIGN_EACH, PL_COSIGN_BURST})
struct pl_cover {
    struct pl_cover_part *part; /* that is being kept; NULL: none */
    struct pl_list node;        /* while there are events on disk that no checkpoint covers */
    pl_time_us at, last;        /* when the next one is due, and when the last one was made */
    bool now;                   /* something was decided: at once */
    uint64_t kept;              /* events on disk */
    struct pl_covered {
        uint64_t size; /* 0: there is none */
        char *note;
        size_t text;       /* bytes of the note's text */
        size_t n_cosigned; /* and by whom, a bit a person: */
        uint8_t *cosigned;
    } last_ones[PL_COVERED_OPEN]; /* the last one first */
};

/* A cosignature on its way to the store. */
struct pl_cosignature {
    struct pl_list node;
    char meeting[PL_MEETING_ID_SIZE];
    uint64_t size;
    struct pl_str name, line; /* behind it */
};

struct pl_conference {
    struct pl_conferences *all;
    char id[PL_MEETING_ID_SIZE];
    pl_room_id room;
    struct pl_definition *definition; /* with who and which seats were added */
    struct pl_definition *made;       /* before: the record begins with it */
    struct pl_meeting *meeting;
    char *manifest; /* the message; NULL: there is none */
    bool has_keys;  /* and read: */
    struct pl_manifest keys;
    struct pl_minutes *minutes; /* of what was applied; NULL: nobody asked for them yet */
    struct pl_map signed_texts; /* of the record */
    struct pl_map cosigners;    /* by the number of their person: how often */
    struct pl_group *group;     /* of the meeting; NULL: it is not encrypted */
    struct pl_list groups;      /* of its other circles: pl_group.node */
    struct pl_wait wait;
    struct pl_member *joining; /* becomes the next participant's */
    uint32_t speaker;          /* number of the participant; 0 = nobody */
    struct pl_chat_kept {
        char *json;
        const struct pl_item *item; /* that was current then; NULL: none */
        struct pl_circle circle;
    } chat[PL_CHAT_KEPT]; /* the oldest first */
    size_t n_chat, chat_bytes;
    struct pl_list changed;
    uint32_t tell_from;          /* number of the participant with whom the next turn begins */
    pl_time_us tell_paid;        /* the time up to which what was told is paid for */
    struct pl_events pending;    /* applied, and not on disk yet, behind those of */
    struct pl_record_part *part; /* that are being written; NULL: none */
    struct pl_list unwritten;    /* in a list: something waits for the end of the turn, */
    struct pl_list held;         /* and these clients with it: pl_client.held */
    size_t record_bytes;         /* on disk */
    uint32_t *shares;            /* of it, and of what waits, by person; NULL: nobody's yet */
    struct pl_merkle tree;       /* of all events, those that are pending too */
    struct pl_readers readers;   /* of the same */
    struct pl_cover cover;
    const struct pl_store_document *document;     /* that comes with what is pending; NULL: none */
    const struct pl_store_manifest *new_manifest; /* likewise */
    const struct pl_store_newcomer *newcomer;     /* likewise */
    struct pl_buf adopted[PL_MINUTES_LANGUAGES];  /* likewise, the minutes; empty: none */
    bool dropped;                                 /* a document with what is pending */
    bool broken; /* its state is not to be trusted: it ends with the turn */
    bool over;   /* it ends now, and that is not recorded */
};

/* What a client knows of the meeting's parts. */
struct pl_told {
    bool any; /* it was told all of them, with this eye: */
    struct pl_eye eye;
    uint64_t number; /* it knows what events up to this one changed, */
    bool under_way;  /* and is being told what those up to `upto` did: */
    uint64_t upto;
    enum pl_view_part next; /* on with this part, */
    size_t index;           /* and with this paper or decision */
    size_t unread;          /* bytes sent, and not known to be taken */
    bool waits;             /* until they are */
    /* Marks of what it was told last of each; 0: nothing. What changes for others only is not told.
     */
    uint64_t parts[PL_VIEW_PAPER], papers[PL_PAPERS_MAX], decisions[PL_DECISIONS_MAX];
};

/* A participant's connections. */
struct pl_member {
    struct pl_conference *conference;
    struct pl_participant *participant;
    struct pl_client *client; /* NULL: none, or in grace */
    pl_time_us heard;         /* when the last message came, or the connection was lost */
    char page[PL_PAGE_SIZE];  /* of the client, or of the last one; "": it told none */
    struct pl_leg *browser;   /* one of `legs`, the client's; or NULL */
    struct pl_list legs;
    size_t n_feeds;
    struct pl_list dirty;
    /* Of whom the client has heard: the participants with numbers up to this one. PL_TOLD_ALL once
     * it has heard of everybody; who comes after that is told as they come. */
    struct pl_list telling;
    uint32_t told;
    struct pl_told parts;
    struct pl_wait wait;    /* since: 0 = not in grace */
    struct pl_trace *trace; /* NULL: none */
    struct pl_list traced;
    pl_time_us trace_until;
    bool has_view;
    struct pl_wanted view[PL_TILES_MAX];
    size_t n_view;
    unsigned listens;      /* to this channel of interpretation; 0: to none */
    struct pl_list groups; /* pl_in_group.of_member */
};

struct pl_leg_source {
    pl_source_id id;
    struct pl_leg *leg;
    size_t section; /* of the leg's session */
    enum pl_kind kind;
    bool started;               /* its first packet came */
    bool forwarded;             /* as the media thread was told: not muted, */
    enum pl_source_class class; /* and what it is to the others */
    uint16_t wanted;            /* the height at which the others want it */
    bool wanted_news;           /* which its owner has yet to be told */
};

/* A media transport of a member: the browser's, or a feed's. */
struct pl_leg {
    struct pl_list node; /* in the member's legs */
    struct pl_member *member;
    pl_peer_id id;
    bool feed, publish;
    bool deaf;                  /* as the media thread was told */
    char name[PL_FEED_ID_SIZE]; /* feeds */
    char local_ufrag[9];
    char remote_ufrag[PL_UFRAG_SIZE];
    const struct pl_session *session; /* the media threads', until pl_media_close */
    struct pl_leg_source sources[PL_SOURCES_MAX];
    size_t n_sources;
    struct pl_list news;
    struct pl_leg_slot {
        pl_source_id source; /* 0: empty */
        uint32_t rtp_timestamp;
        bool news;             /* which the client has yet to be told */
    } * slots;                 /* by section; NULL: a feed is not told */
    bool line_asked;           /* by the client, and not yet answered */
    struct pl_peer_view *seen; /* as of the last `line`; NULL: none yet */
};

struct pl_client {
    struct pl_conferences *all;
    struct pl_client_io io;
    struct pl_wait wait; /* for `hello` */
    struct pl_member *member;
    bool over;                  /* ended by us, or said goodbye: nothing more is read */
    bool media_said;            /* `media` came on this connection */
    struct pl_limits_user user; /* once `hello` was good */
    struct pl_bucket messages, captions, offers;
    unsigned refused;
    struct pl_list held; /* in the conference's: what it is sent waits for the record */
    struct pl_buf queue; /* messages, each with a zero behind it, */
    size_t mark;         /* so many bytes of which wait only for what is being written */
    bool welcomed;       /* and it heard so: what goes past the queue makes sense to it */
    bool closing;        /* after them */
};

/* conference.c */
void pl_conferences_due(struct pl_conferences *all, pl_time_us at);
static inline pl_time_us pl_conferences_now(const struct pl_conferences *all)
{
    return all->config.now(all->config.ctx);
}
int64_t pl_conference_now(const struct pl_conference *c); /* Unix milliseconds */
/* Checks an act and applies what comes of it. Errors and `denial` as of pl_meeting_decide. */
enum pl_err pl_conference_act(struct pl_conference *c, const struct pl_participant *by,
                              const struct pl_act *act, struct pl_denial *denial) PL_CHECKED;
void pl_conference_leave(struct pl_conference *c, const struct pl_participant *p);
/* Applies events; a JOINED among them makes *joined (may be NULL if there is none). PL_ENOMEM. */
enum pl_err pl_conference_apply(struct pl_conference *c, const struct pl_act *events, size_t n,
                                struct pl_member **joined) PL_CHECKED;

/* One that was handed over: from its record, with the room that it had. As pl_conferences_start. */
enum pl_err pl_conference_resume(struct pl_conferences *all, struct pl_str meeting,
                                 struct pl_definition *definition, pl_room_id room,
                                 struct pl_conference **out) PL_CHECKED;
struct pl_member *pl_member_new(struct pl_conference *c); /* of nobody yet; NULL: no memory */

/* Everything ends, and what waits for the record is thrown away. Frees the conference. */
void pl_conference_end(struct pl_conference *c, const struct pl_farewell *farewell);

/* conference_record.c */
/* The last of PL_EVENTS_BYTES_MAX, for what ends something: people leave, decisions are closed, the
 * session too, when nothing new is taken any more. */
#define PL_RECORD_RESERVE (4u << 20)
/* What one person may put into it who does not preside: a sixteenth, more than 400 statements of
 * the longest kind. Who is beyond it acts no more; beyond twice as much they do not come again. */
#define PL_RECORD_SHARE (PL_EVENTS_BYTES_MAX / 16)
enum pl_err pl_record_open(struct pl_conferences *all) PL_CHECKED;
/* The state from the record. If people were there when the server stopped, they left by that, but
 * if it was handed over. */
enum pl_err pl_record_replay(struct pl_conference *c, bool handed) PL_CHECKED;
/* An event that is applied next. PL_ENOMEM. */
enum pl_err pl_record_note(struct pl_conference *c, const struct pl_act *event) PL_CHECKED;
/* The bytes of an event that waits to be written, borrowed; p NULL: there is none of this number.
 */
struct pl_str pl_record_pending(const struct pl_conference *c, uint64_t number);
/* It is applied. */
void pl_record_applied(struct pl_conference *c, const struct pl_act *event);
/* An event was not applied: the meeting is to be made again from its record. */
void pl_record_break(struct pl_conference *c);
/* Is there no room for an act of this type? Then says so. */
bool pl_record_is_full(const struct pl_conference *c, enum pl_act_type type,
                       struct pl_denial *denial);
/* conference_share.c */
/* That many bytes of the record are of whoever the event is of. PL_ENOMEM. */
enum pl_err pl_share_note(struct pl_conference *c, const struct pl_act *event,
                          size_t bytes) PL_CHECKED;
/* Has the person put as much into it as they may, for an act of this type? Then says so. */
bool pl_share_used(const struct pl_conference *c, uint32_t person, enum pl_act_type type,
                   struct pl_denial *denial);

/* conference_write.c */
#define PL_RECORD_AGAIN PL_SECOND        /* after the disk refused */
#define PL_RECORD_LATE (2 * PL_SECOND)   /* a write that takes longer is told of, */
#define PL_RECORD_STUCK (10 * PL_SECOND) /* and then nothing more is taken for the record */
#define PL_CLIENT_HELD_MAX                                                                         \
    (1u << 20) /* bytes held back for a client; more, and it is to come again */
/* Has what waits put on disk, by and by, and lets go of what was held by what is there. */
void pl_record_write(struct pl_conferences *all);
/* The same, and waits; conferences for which that fails end, and are freed. */
void pl_record_settle(struct pl_conferences *all);
/* Before the first event behind those that are being written: what is held until now depends on
 * those alone. */
void pl_record_mark(struct pl_conference *c);
/* The conference ends; what is being written of it is nobody's any more: is there such of a
 * meeting? Then its record is not to be read yet. */
void pl_record_leave(struct pl_conference *c);
bool pl_record_orphaned(const struct pl_conferences *all, struct pl_str meeting);
size_t pl_record_waiting(const struct pl_conference *c); /* bytes of events not on disk */
/* Calls `each` for the events that are not on disk; its first error ends it. */
enum pl_err pl_record_each_waiting(const struct pl_conference *c,
                                   enum pl_err (*each)(void *ctx, uint64_t number,
                                                       struct pl_str bytes),
                                   void *ctx) PL_CHECKED;
/* Are events written, late or not at all? */
enum pl_records pl_record_state(const struct pl_conferences *all);
/* Not at all: then says so. */
bool pl_record_refuses(const struct pl_conferences *all, struct pl_denial *denial);
void pl_record_tell_state(struct pl_client *client);
/* One job at a time on the store's thread, whose `done` begins with store_busy = false; without
 * such a thread, here. pl_store_finish waits for it. */
void pl_store_work(struct pl_conferences *all, struct pl_store_job *job);
void pl_store_finish(struct pl_conferences *all);
/* Does what fell due in any meeting, live or not. */
void pl_record_expire(struct pl_conferences *all);
void pl_record_watch(struct pl_conferences *all); /* makes the next deadline known */

/* conference_checkpoint.c */
/* The last checkpoint, once the record is read. PL_EINVAL: it is of another record; PL_EIO,
 * PL_ENOMEM. */
enum pl_err pl_checkpoint_load(struct pl_conference *c) PL_CHECKED;
void pl_checkpoint_free(struct pl_conference *c);
void pl_checkpoint_noted(struct pl_conference *c, const struct pl_act *event);
void pl_checkpoint_written(struct pl_conference *c); /* what was noted is on disk */
void pl_checkpoint_tell(struct pl_member *m);        /* the last one, to who comes into the room */
/* Makes those that are due; `all_of_them`: of whatever is uncovered. Keeps cosignatures likewise.
 */
void pl_checkpoints_run(struct pl_conferences *all);
void pl_checkpoints_settle(struct pl_conferences *all); /* all of them, and waits */
/* conference_cosign.c */
/* PL_ENOENT: no such checkpoint among the last ones; PL_EAUTH: no key of theirs; PL_EINVAL: no
 * cosignature by it; PL_ELIMIT: there are enough; PL_ENOMEM. A second one changes nothing. */
enum pl_err pl_cosign_take(struct pl_member *m, const struct pl_to_server_cosign *cosign,
                           struct pl_denial *denial) PL_CHECKED;
void pl_cosigned_keep(struct pl_conferences *all); /* those that wait, on disk, and waits */
void pl_cosigned_send(struct pl_conferences *all); /* the same, by and by */
void pl_cosigned_forget(struct pl_conferences *all);

/* conference_document.c */
/* The bytes of documents that were taken away go. */
void pl_documents_purge(struct pl_conference *c);

bool pl_conference_in_room(const struct pl_conference *c, uint32_t person);

/* conference_minutes.c */
/* An event that is applied next: its texts are still there. */
void pl_minutes_note(struct pl_conference *c, const struct pl_act *event);
void pl_minutes_forget(struct pl_conference *c);
/* An event that is written next. If it adopts the minutes, their text is written with it. */
enum pl_err pl_minutes_adopt(struct pl_conference *c, const struct pl_act *event) PL_CHECKED;
void pl_minutes_adopted(struct pl_conference *c); /* it was, or never will be */
/* An act that the meeting would take: who adopts the minutes has read them as they stand?
 * PL_ESTATE: no; PL_EIO, PL_ENOMEM. All with `denial`. */
enum pl_err pl_minutes_check(struct pl_conference *c, const struct pl_act *act,
                             struct pl_denial *denial) PL_CHECKED;

/* conference_manifest.c */
/* What the store has of it; having none is fine. */
enum pl_err pl_manifest_load(struct pl_conference *c) PL_CHECKED;
/* To a member in the room, should there be one: before anything of the group. */
void pl_manifest_tell(struct pl_member *m);
void pl_manifest_forget(struct pl_conference *c);

/* conference_signed.c */
/* An act that the meeting would take: is it signed as it must be? PL_EINVAL: no. PL_ENOMEM. `by`
 * NULL: the server's own, which nobody signs. */
enum pl_err pl_signed_check(const struct pl_conference *c, const struct pl_participant *by,
                            const struct pl_act *act, struct pl_denial *denial) PL_CHECKED;
/* What was signed of an event of the record is not taken a second time. */
enum pl_err pl_signed_note(struct pl_conference *c, const struct pl_act *event) PL_CHECKED;
void pl_signed_forget(struct pl_conference *c);
void pl_cosigners_forget(struct pl_conference *c);

/* member.c */
struct pl_member *pl_member_of(const struct pl_participant *p);
const struct pl_farewell *pl_member_refused(enum pl_refusal refusal); /* not NONE */
/* The effects of the meeting's events. `ctx` is the conference. */
void pl_member_effect(void *ctx, enum pl_effect_type type, struct pl_participant *who,
                      enum pl_refusal refusal, const struct pl_act *event);
void pl_member_changed(struct pl_member *m); /* those who see them are told at the next run */
/* The client has taken what it was told: it gets more with the next turn. */
void pl_member_tell_more(struct pl_member *m);
/* A batch of the people here; then the texts, and who speaks. Returns the number of people. */
size_t pl_member_tell_batch(struct pl_member *m);
/* The client hears of `p` now, should it not have before. */
void pl_member_acquaint(struct pl_member *m, const struct pl_participant *p);
void pl_member_tell_changed(struct pl_member *m); /* now */
void pl_member_tell_speaker(struct pl_conference *c);
/* Is this the page that the member's client is, or was? Never for an empty one. */
bool pl_member_is_page(const struct pl_member *m, struct pl_str page);
/* Their connection is lost, and they are given time to come back. */
void pl_member_begin_grace(struct pl_member *m);
/* A client becomes the member's; one that was there is told so and ends. The same page goes on with
 * the media transport that it has; what another had is silent from now on. */
void pl_member_attach(struct pl_member *m, struct pl_client *client, struct pl_str page);
/* The member's client is gone; `said_goodbye`: at once, without grace. May free the member. */
void pl_member_detach(struct pl_member *m, bool said_goodbye);
void pl_member_grace_over(struct pl_member *m);
/* Leaves if nothing of the member is left. May free the member. */
void pl_member_settle(struct pl_member *m);
/* Its client is told why, and ends. The member is still there, without one. */
void pl_member_dismiss(struct pl_member *m, const struct pl_farewell *farewell);

/* conference_drain.c */
void pl_drain_say(struct pl_client *client);   /* to whom it concerns */
void pl_drain_tell(const struct pl_member *m); /* should it concern them */
void pl_drain_run(struct pl_conferences *all); /* what follows from who left */

/* tell.c */
void pl_tell_changes(struct pl_conference *c); /* with the next run: what changed */
void pl_tell_again(struct pl_member *m);       /* all of it, to a client that stands elsewhere */
void pl_tell_anew(struct pl_member *m);        /* all of it, to another client */
void pl_tell_drained(struct pl_member *m);     /* the client has taken what it was told */
void pl_tell_run(struct pl_conferences *all, pl_time_us now);

/* leg.c */
/* What a new leg is to be. The member may not be there yet: `owner` is the participant's number. */
struct pl_leg_plan {
    struct pl_conference *conference;
    uint32_t owner;
    struct pl_str sdp;
    bool may_publish, may_receive;
    /* The browser's list of its sources; NULL for a feed: what each is follows from its medium. */
    const struct pl_to_server_offer *offer;
};
/* Not yet a member's: then pl_leg_give, or pl_leg_close. `field` names what of the offer is wrong
 * ("sdp", "sources[1].mid"). Errors as of pl_media_offer. */
enum pl_err pl_leg_new(const struct pl_leg_plan *plan, struct pl_leg **out, struct pl_buf *answer,
                       char field[PL_FIELD_SIZE], char why[160]) PL_CHECKED;
void pl_leg_give(struct pl_leg *leg, struct pl_member *m);
void pl_leg_close(struct pl_conferences *all, struct pl_leg *leg);
struct pl_leg *pl_leg_find(const struct pl_conferences *all, pl_peer_id id);
struct pl_leg_source *pl_leg_source(const struct pl_conferences *all, pl_source_id id);
bool pl_leg_source_shown(const struct pl_leg_source *s); /* on, allowed, and sending */
/* Tells the media threads what of the member may be heard and seen, and what it is to others. */
void pl_leg_update_sources(struct pl_member *m);
void pl_leg_show_view(struct pl_member *m);
void pl_leg_listen(struct pl_member *m);      /* tells the media threads to what */
void pl_leg_update_ears(struct pl_member *m); /* may they be sent anything? */
void pl_leg_slot_changed(struct pl_leg *leg, unsigned section, pl_source_id source,
                         uint32_t rtp_timestamp);
void pl_leg_source_wanted(struct pl_leg_source *s, uint16_t height);
/* tracing.c: members whose media is traced. */
void pl_tracing_run(struct pl_conferences *all, pl_time_us now);
void pl_tracing_view(struct pl_member *m, const struct pl_peer_view *view);
void pl_tracing_end(struct pl_member *m, const char *why); /* nothing if there is none */

/* line_told.c: the message `line`. */
void pl_leg_ask_line(struct pl_leg *leg);
void pl_leg_tell_line(struct pl_leg *leg, const struct pl_peer_view *view);

void pl_leg_tell_news(struct pl_leg *leg);  /* of slots and of what is wanted */
void pl_leg_tell_again(struct pl_leg *leg); /* all of it, to a client that may have missed some */

/* client.c */
void pl_client_send(struct pl_client *c, const struct pl_buf *json);
/* What tells of nothing that may not be on disk does not wait; nor, while the disk is late, what
 * its pictures and sound need. */
void pl_client_send_now(struct pl_client *c, const struct pl_buf *json);
void pl_client_send_media(struct pl_client *c, const struct pl_buf *json);
void pl_client_release(struct pl_client *c, bool all); /* what was held, or up to the mark, goes */
/* What was held is thrown away; one that was to end with it ends with this. */
void pl_client_discard(struct pl_client *c, const struct pl_farewell *farewell);
/* Says why, and the connection ends; it is nobody's from now on. */
void pl_client_end(struct pl_client *c, const struct pl_farewell *farewell);
static inline void pl_wait_add(struct pl_list *queue, struct pl_wait *w, pl_time_us now)
{
    w->since = now;
    pl_list_push(queue, &w->node);
}

#endif
