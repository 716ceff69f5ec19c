/* The control thread's side of the media threads: starts them, turns an offer into a peer and an
 * answer, runs the DTLS handshakes (here, so that they never delay a packet), and carries commands
 * there and events back. Everything is called, and calls back, on the control loop's thread. */
#ifndef PL_SERVER_MEDIA_H
#define PL_SERVER_MEDIA_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "io/loop.h"
#include "io/udp.h"
#include "proto/answer.h"
#include "sfu/engine.h"
#include "sfu/view.h"

#define PL_MEDIA_THREADS_MAX 64
#define PL_MEDIA_ADDRS_MAX 16

struct pl_media;

/* Events name things by the ids that pl_media_offer gave. Events of a peer that was closed
 * meanwhile are not delivered. */
struct pl_media_events {
    void *ctx;
    void (*connected)(void *ctx, pl_peer_id peer); /* ICE and DTLS are through: media flows */
    void (*lost)(void *ctx, pl_peer_id peer); /* no consent for 30 s, or DTLS failed; still to be
                                                 closed by the owner */
    void (*slot)(void *ctx, pl_peer_id peer, unsigned section, pl_source_id source,
                 uint32_t rtp_timestamp);            /* source 0: the slot is empty now */
    void (*started)(void *ctx, pl_source_id source); /* its first packet arrived */
    void (*speaker)(void *ctx, pl_room_id room, pl_source_id source); /* 0: nobody */
    /* As PL_SOURCE_WANTED of the engine says. */
    void (*wanted)(void *ctx, pl_source_id source, uint16_t height);
    /* The answer to pl_media_look; borrowed. */
    void (*view)(void *ctx, const struct pl_peer_view *view);
};

struct pl_media_config {
    struct pl_addr addrs[PL_MEDIA_ADDRS_MAX]; /* --media; thread i takes port + i; any-addresses are
                                                 replaced by the machine's; port 0: a free one */
    size_t n_addrs;
    struct pl_addr
        public_addrs[PL_MEDIA_ADDRS_MAX]; /* --public-address: candidates instead of addrs */
    size_t n_public_addrs;
    unsigned threads;
    bool estimate; /* see struct pl_answer_config */
    struct pl_random random;
    struct pl_carry *handed; /* what another process hands over; NULL: it begins anew */
};

/* Binds and starts; with what is handed over it takes the sockets and the calls of before, and
 * starts with pl_media_resume. On failure `why` names the address and the reason. PL_EIO,
 * PL_EINVAL, PL_ENOMEM. */
enum pl_err pl_media_start(struct pl_loop *loop, const struct pl_media_config *config,
                           const struct pl_media_events *events, struct pl_media **out,
                           char why[200]) PL_CHECKED;
void pl_media_stop(struct pl_media *m); /* joins the threads */

/* To hand it over: pl_media_leave, a moment before, so that what comes while nobody receives is
 * known to have come then, and senders do not take the pause for a full line; pl_media_pause, after
 * which nothing is received or sent; what of the control thread's mailbox the owner delivers
 * (pl_loop_deliver) and what it then says to the threads is done by pl_media_settle, which also
 * sends what waits; pl_media_carry writes sockets and calls. Everything is as it was, and goes on
 * with pl_media_resume (PL_EIO), should nobody take it. pl_media_start reads it, and
 * pl_media_carry_guests, which is for through.h. Clients whose handshake was not done, or whose way
 * is not one that goes along, are lost (the event) by pl_media_drop_unreached, once everything is
 * read. */
struct pl_carry;
struct pl_guest;
struct pl_tcp;
void pl_media_leave(struct pl_media *m);
void pl_media_pause(struct pl_media *m);
void pl_media_settle(struct pl_media *m);
enum pl_err pl_media_carry(struct pl_media *m, struct pl_carry *c) PL_CHECKED;
enum pl_err pl_media_carry_guests(struct pl_media *m, struct pl_carry *c,
                                  struct pl_guest *(*arrive)(void *ctx, struct pl_tcp *stream),
                                  void *ctx) PL_CHECKED;
void pl_media_drop_unreached(struct pl_media *m);
enum pl_err pl_media_resume(struct pl_media *m) PL_CHECKED;

/* The i-th address that is listened on, for the lines printed at start; false when there are no
 * more. */
bool pl_media_address(const struct pl_media *m, size_t i, struct pl_addr *out);

/* The i-th candidate of all threads, one thread after the other, and whose it is; false when there
 * are no more. */
bool pl_media_candidate(const struct pl_media *m, size_t i, struct pl_addr *out, unsigned *thread);

/* TCP candidates (RFC 6544) of the answers from now on, of all threads. */
void pl_media_use_tcp(struct pl_media *m, const struct pl_addr *addrs, size_t n);

/* Whose connectivity check this is, with the right password: the thread of that peer. PL_EINVAL: no
 * check, PL_EAUTH: of nobody. */
enum pl_err pl_media_check(const struct pl_media *m, const uint8_t *bytes, size_t n,
                           unsigned *thread) PL_CHECKED;

/* Hands a client's stream to a thread, which gives it back by pl_guest_ended (guest.h). */
struct pl_guest;
void pl_media_give(struct pl_media *m, unsigned thread, struct pl_guest *guest);

/* A room is one meeting's media. It lives on one thread, chosen by its first peer. */
struct pl_media_offer {
    pl_room_id room;
    uint64_t owner; /* the person: a peer never receives what its own owner publishes */
    struct pl_str sdp;
    bool may_publish, may_receive;
    bool encrypted; /* end to end, as of pl_answer_config */
    bool muted;     /* its sources start muted, until pl_media_mute says otherwise */
};

/* What came of it. `session` and `sources` (one id per section of the session; 0 where the section
 * is not RECEIVE) are borrowed, until pl_media_close. */
struct pl_media_peer {
    pl_peer_id id;
    const struct pl_session *session;
    const pl_source_id *sources;
};

/* Of one that was handed over. False: there is none of this id. */
bool pl_media_find(const struct pl_media *m, pl_peer_id id, struct pl_media_peer *out);

/* Answers an offer. Errors and `why` as of pl_answer_make. */
enum pl_err pl_media_offer(struct pl_media *m, const struct pl_media_offer *offer,
                           struct pl_media_peer *peer, struct pl_buf *answer,
                           char why[160]) PL_CHECKED;

/* Ends a peer: close_notify, then it is gone. No event follows. Unknown ids are ignored. */
void pl_media_close(struct pl_media *m, pl_peer_id id);

/* ICE restart (WHIP and WHEP PATCH): new local credentials for the client's new ones. PL_ENOENT. */
enum pl_err pl_media_restart(struct pl_media *m, pl_peer_id id, const char *remote_ufrag,
                             const char *remote_pwd, char local_ufrag[9],
                             char local_pwd[25]) PL_CHECKED;

/* The candidates of a peer, one `a=candidate:…` line each, for the answer to such a PATCH. */
void pl_media_candidates(const struct pl_media *m, pl_peer_id id, struct pl_buf *out);

void pl_media_mute(struct pl_media *m, pl_source_id source, bool muted);
void pl_media_class(struct pl_media *m, pl_source_id source, enum pl_source_class class,
                    unsigned channel); /* as pl_engine_source_class */
void pl_media_want_video(struct pl_media *m, pl_peer_id id, const struct pl_wanted *wanted,
                         size_t n);
/* The peer hears this channel of interpretation; 0: none. */
void pl_media_listen(struct pl_media *m, pl_peer_id id, unsigned channel);

/* A deaf peer gets nothing, and its slots are empty. */
void pl_media_deafen(struct pl_media *m, pl_peer_id id, bool deaf);

/* Asks the peer's thread what it knows of the peer now: `view` of the events brings it. Unknown ids
 * are ignored. */
void pl_media_look(struct pl_media *m, pl_peer_id id);

/* Whether a path of a view is one by TCP. */
bool pl_media_path_is_tcp(const struct pl_tuple *path);

/* Bytes of SRTP and SRTCP of a room's clients, since its first one came, as of at most a second
 * ago. Zeros: there is no such room. */
struct pl_media_traffic {
    uint64_t bytes_in, bytes_out;
};
struct pl_media_traffic pl_media_room_traffic(const struct pl_media *m, pl_room_id room);

/* What a thread counted since it started, on all of its sockets, as of at most a second ago; and
 * its peers now. */
struct pl_media_counts {
    struct pl_engine_stats engine;
    struct pl_udp_stats udp;
};
struct pl_media_stats {
    struct pl_media_counts counts;
    size_t peers;
};
bool pl_media_stats(const struct pl_media *m, unsigned thread,
                    struct pl_media_stats *out); /* false: there is no such thread */

#endif
