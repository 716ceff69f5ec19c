/* The delivery service of an encrypted meeting (RFC 9750, 5): an MLS group for each of its circles
 * (meet/circle.h). It holds key packages until they are used, lets one commit of an epoch count,
 * and passes on what it cannot read. It has no keys and checks no signature: the members do, and
 * nobody relies on it for who is among them. What it believes of that decides only who is told of a
 * group, and, for that of the whole meeting, whose media is forwarded.
 *
 * That one is there as long as the conference. The others begin when somebody creates them, and end
 * when nobody is in them. Everything is in memory: after a restart the first who comes creates
 * another group. */
#ifndef PL_SERVER_GROUP_H
#define PL_SERVER_GROUP_H

#include "base/err.h"
#include "base/list.h"
#include "base/time.h"
#include "meet/circle.h"
#include "meet/meeting.h"
#include "proto/mls.h"
#include "signal/messages.h"

#define PL_GROUP_ID_SIZE 65     /* messages.json */
#define PL_GROUP_LEAVES_MAX 256 /* key ids of media have 8 bits for the leaf */
#define PL_GROUP_BATCH_MAX 64   /* added, or removed, by one commit: messages.json */
#define PL_GROUP_TRIES 4 /* a package that so many commits and committers left out is dropped */
#define PL_GROUP_LOG_BYTES (1u << 20)      /* of handshakes, for those who come back */
#define PL_GROUP_SEALED_BYTES (256u << 10) /* of sealed messages, likewise */
#define PL_GROUP_PART 4                /* any group but the meeting's keeps that part of either */
#define PL_GROUP_HAND_OVER PL_SECOND   /* who does not commit within this is passed over */
#define PL_GROUP_LOST (60 * PL_SECOND) /* a group in which nobody can commit ends after this */
/* Who was not heard of for so long is out of their groups, if somebody is there to go on without
 * them: their seat is kept for longer (PL_GRACE, or until the connection is known to be dead), but
 * nobody knows who reads there. Clients say something every 3 s. */
#define PL_GROUP_SILENT (8 * PL_SECOND)
/* Of this the last is after they were found silent: what came while the server itself stood still
 * is read by then. */
#define PL_GROUP_DOUBT PL_SECOND
/* Senders use an epoch's keys 500 ms after they have them: before that a newcomer can open nothing,
 * and a key frame would be wasted. */
#define PL_GROUP_SWITCH (700 * PL_MS)
#define PL_GROUP_STATE_EVERY (200 * PL_MS) /* how often is told how many have the keys */

struct pl_conference;
struct pl_conferences;
struct pl_member;

/* How a member stands in a group: from their first message to it until they depart. */
struct pl_in_group {
    struct pl_list of_group, of_member;
    struct pl_group *group;
    struct pl_member *member;
    char *package;  /* waits for a commit that adds them; NULL: none */
    bool offered;   /* to a committer */
    unsigned tries; /* that left it out */
    bool in;        /* a commit added them, or they made the group; */
    bool has_keys;  /* they said so, of an epoch: they are heard and seen */
    uint64_t acked; /* the last one */
    uint64_t order; /* among those who may commit: since when they are connected; 0: they may not */
    bool passed;    /* asked to commit they did not */
    pl_time_us doubted;  /* found silent; 0: not */
    bool hears;          /* is sent the others' media, */
    pl_time_us hears_at; /* or from then on */
};

/* Something that was sent to all, as JSON. */
struct pl_group_entry {
    struct pl_list node;
    uint64_t epoch;
    bool sealed; /* else a handshake, out of this epoch */
    size_t n;
    char json[];
};

struct pl_group {
    struct pl_list node; /* in the conference's, but for the meeting's */
    struct pl_conference *conference;
    struct pl_circle circle;
    char name[PL_CIRCLE_NAME_MAX + 1];
    struct pl_list places;     /* pl_in_group, in the order of their coming */
    pl_time_us wake_at;        /* something falls due, or is to be told; PL_NEVER: nothing */
    char id[PL_GROUP_ID_SIZE]; /* base64url; "": there is no group */
    uint8_t raw_id[PL_MLS_GROUP_ID_MAX];
    size_t raw_id_len;
    uint64_t epoch, sequence;
    pl_time_us epoch_at; /* when it began */
    char *info;          /* GroupInfo of the epoch */
    struct pl_list log;  /* pl_group_entry, in their order */
    size_t log_bytes, sealed_bytes;
    /* Participants who left, and have a leaf still; and those whose package was offered in this
     * epoch, and who left: they may come to have one. */
    char left[PL_GROUP_LEAVES_MAX][PL_PARTICIPANT_ID_SIZE];
    size_t n_left;
    char ghosts[PL_GROUP_BATCH_MAX][PL_PARTICIPANT_ID_SIZE];
    size_t n_ghosts;
    uint64_t next_order;
    struct pl_in_group *committer; /* NULL: nobody */
    bool asked;                    /* to commit what waits, */
    pl_time_us asked_at;
    bool work_news;  /* which changed since */
    bool state_news; /* how many have the keys */
    pl_time_us state_at;
    bool unheard;       /* all were silent when it was last looked at */
    pl_time_us lost_at; /* since then nobody can commit; PL_NEVER: somebody can */
};

/* group.c */
/* Of the whole meeting; NULL without memory. */
struct pl_group *pl_group_new(struct pl_conference *c);
void pl_group_free(struct pl_group *g); /* NULL is fine */
/* A message to a group from a member with a client. `denial` says why not. PL_ENOENT, PL_EAUTH,
 * PL_ESTATE, PL_EINVAL, PL_ELIMIT, PL_ENOMEM. */
enum pl_err pl_group_message(struct pl_member *m, const struct pl_to_server *message,
                             struct pl_denial *denial) PL_CHECKED;
/* Its client is in the room, and begins to hear of its groups: `same_page` goes on where it was. */
void pl_group_arrive(struct pl_member *m, bool same_page);
/* The member is out of all groups: left, out of the room, or there from another page. */
void pl_group_depart(struct pl_member *m);
/* Its connection is lost. */
void pl_group_disconnected(struct pl_member *m);
/* May the member's media be forwarded, and others' be forwarded to the member? In meetings that are
 * not encrypted always. */
bool pl_group_sends(const struct pl_member *m);
bool pl_group_hears(const struct pl_member *m);

/* group_due.c */
/* What fell due in the groups of an encrypted meeting, and what is to be told: at the end of a
 * turn. Those that ended are freed. */
void pl_groups_run(struct pl_conference *c, pl_time_us now);

#endif
