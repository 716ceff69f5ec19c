/* WebRTC clients in one thread: each has a socket of its own, sends and receives as a browser does.
 * They join by WHIP (RFC 9725) and WHEP over plain HTTP, by an offer and an answer that somebody
 * else carries, or by a description that the server made; then ICE as the controlling side, DTLS as
 * the client, and SRTP. What is sent is the caller's (struct pl_call_content); what arrives is
 * followed by its clear header, packet for packet, and a sample of it decrypted; what a client must
 * send back (reports, NACK, feedback, consent) is sent. IPv4 over UDP alone.
 *
 * For simulating and measuring, not for the server: a failure of the machine (no memory, no
 * descriptors) ends the process with a message. Not thread-safe; nothing blocks but pl_calls_turn.
 */
#ifndef PL_CLIENT_CALL_H
#define PL_CLIENT_CALL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/time.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_calls; /* the clients, their loop, their sums */
struct pl_call;  /* one client, which sends, receives, or both; lives as long as `pl_calls` */

#define PL_CALL_LAYERS_MAX 3 /* of a camera */
#define PL_CALL_JOINS_MAX                                                                          \
    32                    /* clients between their POST and their keys at a time; others wait      \
                           */
#define PL_CALL_SAMPLE 64 /* of so many packets of a receiver one is decrypted */
#define PL_CALL_DESCRIPTOR_SIZE                                                                    \
    6 /* of VP8 with everything, which a server that gives it other numbers keeps */
#define PL_CALL_PAYLOAD_MAX 1300 /* bytes of RTP payload */

struct pl_calls_options {
    uint64_t seed;     /* rules sizes and phases of what is published; not keys */
    unsigned joins;    /* at a time; 0: PL_CALL_JOINS_MAX */
    pl_time_us nap_us; /* 0: woken by what arrives; else the sockets are looked at that often, which
                          saves the sender waking another core: on a virtual machine some µs, that
                          receivers on other hosts would not cost it */
    /* Of PL_CALL_BARE: gets keys and streams by number (bench/bare.c). */
    void (*bare)(struct pl_call *c, uint32_t number);
};

struct pl_calls *pl_calls_new(const struct pl_calls_options *options);
void pl_calls_free(struct pl_calls *l); /* and its clients; nothing is sent */

/* SHA-256 of the certificate that all of them share, "AB:CD:…": 95 characters. */
const char *pl_calls_fingerprint(const struct pl_calls *l);

/* The clock of everything here: CLOCK_MONOTONIC, in nanoseconds. */
int64_t pl_calls_now_ns(void);

/* How a client gets in. Borrowed for the call. */
enum pl_call_way {
    PL_CALL_HTTP,  /* POST an offer to `path` at `addr` with the bearer `token` */
    PL_CALL_OFFER, /* the caller carries pl_call_offer, and brings pl_call_answer */
    PL_CALL_SDP,   /* `sdp` is the server's description, answer or offer; ours had `ufrag`, `pwd` */
    PL_CALL_BARE,  /* neither ICE nor DTLS: see pl_calls_options.bare */
};

struct pl_call_place {
    enum pl_call_way way;
    struct sockaddr_in addr; /* HTTP: of the web server; BARE: of the media socket */
    const char *path, *token;
    const char *sdp, *ufrag, *pwd;
    uint32_t number; /* BARE */
};

/* What the clients send: called when it is due. */
struct pl_call_frame {
    bool key;
    unsigned packets; /* 1 … PL_CALL_PACKETS_MAX */
    unsigned layer;
    size_t overhead;      /* in: bytes of RTP header before the payload */
    const uint8_t *bytes; /* the caller's own; */
    size_t n;             /* pl_call_split tells which of them go into which packet */
};
#define PL_CALL_PACKETS_MAX 400

struct pl_call_content {
    void *ctx;
    /* The next frame of a layer; `key`: it has to be a key frame. False: none this time. */
    bool (*frame)(void *ctx, bool key, struct pl_call_frame *f);
    /* Its packet `i`, VP8 without a payload descriptor: what was written, `cap` at most. */
    size_t (*packet)(void *ctx, const struct pl_call_frame *f, unsigned i, uint8_t *out,
                     size_t cap);
    /* The next 20 ms of Opus; 0: silence, of which nothing is sent. `level` (RFC 6464) is 0 for the
     * loudest, 127 for silence. */
    size_t (*sound)(void *ctx, uint8_t *out, size_t cap, uint8_t *level);
};

/* Where the part `i` of `k` begins, of `n` bytes in parts that differ by one byte at most, shorter
 * ones first (as libwebrtc splits frames). */
static inline size_t pl_call_split(size_t n, unsigned k, unsigned i)
{
    size_t part = n / k, longer = n % k, shorter = k - longer;
    return i * part + (i > shorter ? i - shorter : 0);
}

/* One encoding of a camera. */
struct pl_call_layer {
    const char *rid; /* of one character; static */
    unsigned fps;
};

struct pl_call_publisher {
    bool audio;
    bool paused; /* nothing is sent until pl_call_want */
    unsigned n_layers;
    struct pl_call_layer layers[PL_CALL_LAYERS_MAX]; /* smallest first; more than one: simulcast */
    uint32_t ssrc; /* audio's; those of video follow: layer k has ssrc + 1 + 2 k, its
                      retransmissions one more. 0: a random one */
    struct pl_call_content content;
};

struct pl_call_receiver {
    unsigned audio, video; /* slots */
    bool gro;              /* UDP_GRO on its socket */
    bool check_all;        /* decrypt every packet rather than a sample */
    /* One of those that were decrypted, without header and, if `repair`ed, without RFC 4588's
     * number: whether it is what was sent. NULL: it is. */
    bool (*check)(void *ctx, const uint8_t *payload, size_t n, bool video, bool repair,
                  int64_t now_ns);
    void *ctx;
};

/* Starts to join; pl_calls_turn does the rest. What is NULL is not done. PL_EINVAL: SDP of no use.
 */
enum pl_err pl_call_join(struct pl_calls *l, const struct pl_call_place *place,
                         const struct pl_call_publisher *sends,
                         const struct pl_call_receiver *hears, struct pl_call **out) PL_CHECKED;

/* OFFER: the offer, and the answer to it. The sections that send come first: sound, then picture,
 * named 0 and 1. */
void pl_call_offer(struct pl_call *s, struct pl_buf *out);
enum pl_err pl_call_answer(struct pl_call *s, const char *sdp) PL_CHECKED;

/* What is sent from now on: the first so many layers, and sound or none. A layer that comes back
 * begins with a key frame. */
void pl_call_want(struct pl_call *s, unsigned layers, bool sound);

enum pl_call_state {
    PL_CALL_WAITING,     /* for its turn to join */
    PL_CALL_SIGNALLING,  /* HTTP, or the answer is not there yet */
    PL_CALL_CHECKING,    /* ICE */
    PL_CALL_HANDSHAKING, /* DTLS */
    PL_CALL_UP,
    PL_CALL_FAILED, /* see pl_call_why */
    PL_CALL_ENDED,
};

enum pl_call_state pl_call_state(const struct pl_call *s);
const char *pl_call_why(const struct pl_call *s); /* FAILED: one sentence; else "" */
int64_t pl_call_join_ns(const struct pl_call *s); /* UP: from POST to keys */

/* Says goodbye by DTLS, and is silent from then on. */
void pl_call_end(struct pl_call *s);

/* How many are in this state. */
unsigned pl_calls_count(const struct pl_calls *l, enum pl_call_state state);

/* One turn of the loop: waits for `max_wait_us` at most, then serves what there is. With a
 * descriptor watched (one; -1: none), true when it can be read. */
void pl_calls_watch(struct pl_calls *l, int fd);
bool pl_calls_turn(struct pl_calls *l, pl_time_us max_wait_us);

/* For another loop: readable when a turn has something to do, as it has at this time. */
int pl_calls_fd(const struct pl_calls *l);
int64_t pl_calls_due_ns(const struct pl_calls *l);

/* Of all receivers, since the start; differences of two snapshots describe what lies between. */
struct pl_calls_totals {
    uint64_t packets, bytes; /* RTP that arrived, first time or repaired; bytes of UDP payload */
    uint64_t video_packets;
    uint64_t frames;   /* markers of video: ends of frames */
    uint64_t gaps;     /* numbers that were skipped when a later one came */
    uint64_t late;     /* of them, came after all */
    uint64_t repaired; /* of them, came as a retransmission (RFC 4588) */
    uint64_t duplicates;
    uint64_t unknown; /* of an SSRC that nobody announced */
    uint64_t sampled; /* decrypted */
    uint64_t bad;     /* of them, not authentic, or not what was published */
    uint64_t nacks, plis, reports, feedbacks; /* RTCP that was sent */
    uint64_t published, published_bytes;      /* RTP packets that publishers sent */
    uint64_t resent;                          /* by them, when asked to */
    uint64_t reads;                           /* system calls that brought something */
};

/* gaps that were not filled: */
static inline int64_t pl_calls_lost(const struct pl_calls_totals *t)
{
    return (int64_t)(t->gaps - t->late - t->repaired);
}

const struct pl_calls_totals *pl_calls_totals(const struct pl_calls *l);

/* One stream of a receiver. */
struct pl_call_track {
    uint32_t ssrc;
    bool video;
    uint64_t packets, bytes, frames, gaps, late, repaired, duplicates;
    unsigned smallest, largest; /* datagrams, bytes; 0: none came */
    uint16_t width, height;     /* of the last key frame that was decrypted */
    int64_t last_ns;            /* arrival of the last packet */
};

/* Tracks 0, 1, … in the order of the description; NULL behind the last. */
const struct pl_call_track *pl_call_track(const struct pl_call *s, unsigned i);

#endif
