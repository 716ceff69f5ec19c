/* The media engine of one media thread: everything between a UDP socket and a UDP socket, without
 * either. Sans-IO: datagrams, commands and the time go in; datagrams and events come out by the
 * callbacks of `struct pl_engine_io`, which are called from inside the functions below and must not
 * call them.
 *
 * It holds peers (a client's transport: ICE-lite, SRTP), their sources (what a client publishes)
 * and slots (what it receives), grouped in rooms. DTLS runs elsewhere (a handshake takes 0.6 to
 * 0.85 ms): the engine passes DTLS datagrams of ICE-validated tuples out, and is given the keys.
 *
 * Not thread-safe. Ids are given by the owner and never used again. */
#ifndef PL_SFU_ENGINE_H
#define PL_SFU_ENGINE_H

#include "base/addr.h"
#include "base/err.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/srtp.h"
#include "proto/answer.h"
#include "proto/ice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_engine;

typedef uint64_t pl_peer_id;   /* never 0 */
typedef uint64_t pl_source_id; /* never 0 */
typedef uint64_t pl_room_id;   /* never 0 */

enum pl_engine_event_type {
    PL_PEER_SELECTED, /* ICE nominated a tuple for the first time, or a new one */
    PL_PEER_LOST, /* consent expired (RFC 7675): 30 s without a valid check; the owner removes it */
    PL_SLOT_CHANGED,   /* a slot switched to `source` (0: empty) from RTP time `rtp_timestamp` on */
    PL_SOURCE_STARTED, /* the first packet of a source arrived */
    PL_SPEAKER_CHANGED, /* the loudest active audio source of `room` is `source` (0: nobody) */
    PL_SOURCE_WANTED,   /* somebody would show `source` at `height`; larger layers, and all of them
                           at 0, need not be sent. Before the first one nobody wants it. More is
                           said within a tick, less after PL_UNWANTED_US */
};

struct pl_engine_event {
    enum pl_engine_event_type type;
    pl_room_id room;
    pl_peer_id peer; /* SPEAKER_CHANGED: 0 */
    pl_source_id source;
    unsigned section;       /* SLOT_CHANGED: index of the slot's section in the peer's session */
    uint32_t rtp_timestamp; /* SLOT_CHANGED: first RTP timestamp of the new source in the slot */
    uint16_t height; /* SOURCE_WANTED: in pixels of the screen, PL_HEIGHT_ANY: as large as there
                        is; of sound 1: somebody may hear it */
};
#define PL_HEIGHT_ANY UINT16_MAX

/* Engines of one process, one a thread, may have peers of one room. What crosses between them: */
#define PL_ENGINES_MAX 64
enum pl_relay_type {
    PL_RELAY_PACKET, /* of a source, to those who mirror it */
    PL_RELAY_CLOCK,  /* of a sender report (RFC 3550, 6.4.1), likewise */
    PL_RELAY_KEY,    /* a key frame is wanted; from a mirror, to its home */
    PL_RELAY_WANTED, /* as PL_SOURCE_WANTED, by the room's peers there; from a mirror, to its home
                      */
};
struct pl_stored_packet;
struct pl_relay {
    enum pl_relay_type type;
    uint8_t from; /* the engine */
    uint8_t layer, epoch;
    uint8_t level; /* PACKET: RFC 6464, or unknown */
    pl_source_id source;
    struct pl_stored_packet *packet; /* PACKET: a hold on it, which goes with the message */
    uint64_t ntp;                    /* CLOCK */
    pl_time_us skew_us;
    uint32_t timestamp;
    uint16_t height; /* WANTED */
};

#define PL_RUN_MAX 64          /* datagrams of one size sent to one address in one piece */
#define PL_RUN_BYTES_MAX 65507 /* of such a piece (UDP over IPv4) */

struct pl_engine_io {
    void *ctx;
    unsigned index; /* of this engine among those of the process, below PL_ENGINES_MAX */
    /* Room for `n` bytes, at most PL_RUN_BYTES_MAX, that will be sent to `to` next: so that nothing
     * is copied. Good until the next call of either. */
    uint8_t *(*reserve)(void *ctx, const struct pl_tuple *to, size_t n);
    /* Send datagrams of `segment` bytes each (the last may be shorter); n = segment is one. At most
     * PL_RUN_MAX. `bytes` are valid during the call only, or stand where `reserve` said. */
    void (*send)(void *ctx, const struct pl_tuple *to, const uint8_t *bytes, size_t n,
                 size_t segment);
    /* A DTLS datagram from an ICE-validated tuple of `peer`. */
    void (*dtls)(void *ctx, pl_peer_id peer, const uint8_t *bytes, size_t n);
    void (*event)(void *ctx, const struct pl_engine_event *event);
    /* To engine `to` (pl_engine_relayed), in order. False: there is no room for it; it is then
     * still the caller's. */
    bool (*relay)(void *ctx, unsigned to, const struct pl_relay *message);
};

/* What was dropped and why, and what was done; monotonic. The one list: names serve metrics too. */
/* clang-format off */
#define PL_ENGINE_COUNTERS(X) \
    X(packets_in) X(bytes_in) X(packets_out) X(bytes_out) X(dropped_unknown_tuple) \
    X(dropped_malformed) X(dropped_stun_auth) X(dropped_srtp_auth) X(dropped_srtp_replay) \
    X(dropped_no_keys) X(dropped_unknown_ssrc) X(dropped_muted) X(dropped_again) X(dropped_limit) X(nacks_in) \
    X(nacks_out) X(retransmitted) X(repaired) X(dropped_rtx) X(padding_out) X(plis_in) X(plis_out) \
    X(stun_requests) X(slot_switches) X(unfit_codec) X(dropped_relay)
/* clang-format on */

struct pl_engine_stats {
#define X(name) uint64_t name;
    PL_ENGINE_COUNTERS(X)
#undef X
};

enum pl_err pl_engine_new(const struct pl_engine_io *io, const struct pl_random *random,
                          struct pl_engine **out) PL_CHECKED;
/* Packets cross between engines by reference: pl_engine_clear, which removes every peer, must be
 * called for all of them, and what is still under way be dropped, before the first is freed. */
void pl_engine_clear(struct pl_engine *e);
void pl_engine_free(struct pl_engine *e);

/* Adds a client to a room (made when its first peer comes, gone with its last). `sources` gives an
 * id for every section of the session with direction RECEIVE, in the session's order of sections (0
 * for the others). `owner` groups the sources of one person: a peer never receives the sources of
 * its own owner. Copies what it needs. PL_EEXIST (id or ufrag in use), PL_ENOMEM. */
struct pl_peer_desc {
    pl_peer_id id;
    pl_room_id room;
    uint64_t owner;
    const struct pl_session *session;
    const pl_source_id *sources; /* one per section of the session */
    bool muted;                  /* its sources start muted */
    /* A mirror: the peer's client is at engine `home`, and its sources are seen from here. It ends
     * with pl_engine_peer_remove, as any peer. */
    bool mirror;
    unsigned home;
};
enum pl_err pl_engine_peer_add(struct pl_engine *e, const struct pl_peer_desc *desc,
                               pl_time_us now) PL_CHECKED;

/* Gone at once, its sources too; unknown ids are ignored. No event is made for the peer itself. */
void pl_engine_peer_remove(struct pl_engine *e, pl_peer_id id, pl_time_us now);

/* New ICE credentials (RFC 8445, 9: an ICE restart): the old tuples stay until a new one is
 * nominated. */
enum pl_err pl_engine_peer_restart(struct pl_engine *e, pl_peer_id id, const char *local_ufrag,
                                   const char *local_pwd, const char *remote_ufrag) PL_CHECKED;

/* The sources of the room's own peers are mirrored at engine `other`, or no longer. Without such a
 * room nothing happens. */
void pl_engine_room_relay(struct pl_engine *e, pl_room_id room, unsigned other, bool on);

/* What another engine's `relay` was given. Consumes it. pl_relay_drop: it will not be given to any
 * engine. */
void pl_engine_relayed(struct pl_engine *e, const struct pl_relay *message, pl_time_us now);
void pl_relay_drop(const struct pl_relay *message);

/* From the DTLS side: a datagram for the peer, and its keys when the handshake is done. */
void pl_engine_peer_send_dtls(struct pl_engine *e, pl_peer_id id, const uint8_t *bytes, size_t n);
enum pl_err pl_engine_peer_keys(struct pl_engine *e, pl_peer_id id,
                                const struct pl_srtp_keys *inbound,
                                const struct pl_srtp_keys *outbound, pl_time_us now) PL_CHECKED;

/* What the peer shows: the pictures it wants, most wanted first, each with its size on the screen
 * in pixels (0: as large as there is). Until the first call (and after one with `wanted` NULL) it
 * wants every source of its room. Pictures beyond the slots, and voices beyond the slots that are
 * silent, wait. Of a source with layers the smallest is sent that fills the size. Unknown ids are
 * ignored.
 */
#define PL_WANTED_MAX 160
struct pl_wanted {
    pl_source_id source;
    uint16_t width, height;
};
void pl_engine_peer_want_video(struct pl_engine *e, pl_peer_id id, const struct pl_wanted *wanted,
                               size_t n, pl_time_us now);

/* What a source is to those who receive it: who gets a slot when there are more voices than slots,
 * and what is served first when a line cannot carry all (allocate.h). At first PL_CLASS_PLAIN.
 * `channel` of an interpretation: 1 to PL_CHANNELS_MAX, else for nobody; of others 0. Unknown ids
 * are ignored. */
enum pl_source_class {
    PL_CLASS_PLAIN,
    PL_CLASS_PRESIDES,
    PL_CLASS_FLOOR,          /* has the floor */
    PL_CLASS_INTERPRETATION, /* what another one says, for those who listen to its channel */
    PL_CLASS_SCREEN,         /* a screen's picture, or its sound */
};
#define PL_CLASSES 5
#define PL_CHANNELS_MAX 8 /* languages of a meeting (meet/definition.h) */
void pl_engine_source_class(struct pl_engine *e, pl_source_id id, enum pl_source_class class,
                            unsigned channel, pl_time_us now);

/* The channel of interpretation that the peer hears besides all others, 1 to PL_CHANNELS_MAX, else
 * none, as at first. Unknown ids are ignored. */
void pl_engine_peer_listen(struct pl_engine *e, pl_peer_id id, unsigned channel, pl_time_us now);

/* A deaf peer gets no sound and no picture, its slots are empty; at first it is not. What others
 * send is not wanted on its behalf. Unknown ids are ignored. */
void pl_engine_peer_deafen(struct pl_engine *e, pl_peer_id id, bool deaf, pl_time_us now);

/* A muted source is forwarded to nobody and fills no slot. Unknown ids are ignored. */
void pl_engine_source_mute(struct pl_engine *e, pl_source_id id, bool muted, pl_time_us now);

/* One datagram. `bytes` is changed (decrypted in place). Malformed ones are counted and dropped. */
void pl_engine_input(struct pl_engine *e, const struct pl_tuple *from, uint8_t *bytes, size_t n,
                     pl_time_us now);

/* When pl_engine_expire must be called next, PL_NEVER if nothing waits. */
pl_time_us pl_engine_deadline(const struct pl_engine *e);
void pl_engine_expire(struct pl_engine *e, pl_time_us now);

/* Sends what the calls before made ready: to be called when the datagrams of a turn, its commands
 * and its timers are through. What goes to one client together leaves together. */
void pl_engine_flush(struct pl_engine *e, pl_time_us now);

/* Everything that waits leaves now, however full the lines are: before the engine is handed over.
 */
void pl_engine_settle(struct pl_engine *e, pl_time_us now);

/* Hands a settled engine over, or fills a new one without peers, so that what flows goes on as if
 * nothing had been between: peers with ICE and SRTP, sources and their streams, slots with their
 * numbers, rooms. Begun anew are the rings (nothing is sent again from before), the histories of
 * what was sent (the estimate goes on from its rate), and the counters. Sends nothing and makes no
 * event. Once one of the two has sent anything after that, the other must not: it would use nonces
 * twice. PL_EINVAL: what was read does not fit; the engine is only good to be freed. */
struct pl_carry;
enum pl_err pl_engine_carry(struct pl_engine *e, struct pl_carry *c, pl_time_us now) PL_CHECKED;
/* Likewise a session, which is made when it is read (pl_session_free, also if that went wrong). */
void pl_session_carry(struct pl_carry *c, struct pl_session *s);

/* What is known of a peer now (view.h). PL_ENOENT. */
struct pl_peer_view;
enum pl_err pl_engine_peer_view(const struct pl_engine *e, pl_peer_id id, pl_time_us now,
                                struct pl_peer_view *out) PL_CHECKED;

/* For each room in which media moved: bytes of its peers here, since the last call. */
void pl_engine_take_traffic(struct pl_engine *e,
                            void (*each)(void *ctx, pl_room_id room, uint64_t bytes_in,
                                         uint64_t bytes_out),
                            void *ctx);

const struct pl_engine_stats *pl_engine_stats(const struct pl_engine *e);

#endif
