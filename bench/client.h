/* Many WebRTC clients in one thread, to load a media server with: publishers and receivers that
 * join by WHIP (RFC 9725) and WHEP over plain HTTP, by a session description that somebody else
 * exchanged, or without any protocol at all (bench/floor); then ICE, DTLS and SRTP as browsers do
 * them, a socket each. Receivers follow every packet of every stream by its clear header, and
 * decrypt a sample; what a client must send back (reports, NACK, feedback, consent) is sent.
 *
 * For measuring, not for the server: a failure of the machine (no memory, no descriptors) ends the
 * process with a message. Not thread-safe; nothing blocks but load_turn. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "histogram.h"

#include "base/err.h"
#include "base/time.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct load;         /* the clients, their loop, their sums */
struct load_session; /* one client: a publisher or a receiver; lives as long as the load */

#define LOAD_LAYERS_MAX 3   /* of a camera */
#define LOAD_JOINS_MAX 32   /* clients between their POST and their keys at a time; others wait */
#define LOAD_SAMPLE 64      /* of so many packets of a receiver one is decrypted */
#define LOAD_PAYLOAD_MIN 64 /* bytes of RTP payload: what the marks in it need */

struct load_options {
    uint64_t seed;     /* rules sizes and phases of what is published; not keys */
    unsigned joins;    /* at a time; 0: LOAD_JOINS_MAX */
    pl_time_us nap_us; /* 0: woken by what arrives; else the sockets are looked at that often, which
                          saves the sender waking another core: on a virtual machine some µs, that
                          receivers on other hosts would not cost it */
};

struct load *load_new(const struct load_options *options);
void load_free(struct load *l); /* and its sessions; nothing is sent */

/* SHA-256 of the certificate that all clients of this load share, "AB:CD:…": 95 characters. */
const char *load_fingerprint(const struct load *l);

/* The clock of everything here: CLOCK_MONOTONIC, in nanoseconds. */
int64_t load_now_ns(void);

/* How a client gets in. Borrowed for the call. */
enum load_way {
    LOAD_HTTP, /* POST an offer to `path` at `addr` with the bearer `token` */
    LOAD_SDP,  /* `sdp` is the server's description, answer or offer; ours had `ufrag` and `pwd` */
    LOAD_BARE, /* neither ICE nor DTLS: keys by number, see bare.h */
};

struct load_place {
    enum load_way way;
    struct sockaddr_in addr; /* HTTP: of the web server; BARE: of the media socket; SDP: unused */
    const char *path, *token;
    const char *sdp, *ufrag, *pwd;
    uint32_t number; /* BARE */
};

/* One encoding of a camera: `packets` RTP packets a frame of `bytes` each (in clear, header
 * included; the first of a frame are one byte shorter, as libwebrtc makes them). */
struct load_layer {
    unsigned fps, packets, bytes;
    uint16_t width, height; /* in its key frames */
};

struct load_publisher {
    bool audio;     /* Opus: 50 packets a second of 120 bytes */
    unsigned level; /* of it (RFC 6464): 0 is the loudest, 127 silence */
    unsigned n_layers;
    struct load_layer layers[LOAD_LAYERS_MAX]; /* smallest first; more than one: simulcast */
    uint32_t ssrc; /* audio's; those of video follow: layer k has ssrc + 1 + 2 k, its
                      retransmissions one more. 0: a random one */
};

struct load_receiver {
    unsigned audio, video; /* slots */
    bool gro;              /* UDP_GRO on its socket */
    bool check_all;        /* decrypt every packet rather than a sample */
};

/* Starts to join; load_turn does the rest. PL_EINVAL: SDP of no use. */
enum pl_err load_publish(struct load *l, const struct load_place *place,
                         const struct load_publisher *what, struct load_session **out) PL_CHECKED;
enum pl_err load_receive(struct load *l, const struct load_place *place,
                         const struct load_receiver *what, struct load_session **out) PL_CHECKED;

enum load_state {
    LOAD_WAITING,     /* for its turn to join */
    LOAD_SIGNALLING,  /* HTTP */
    LOAD_CHECKING,    /* ICE */
    LOAD_HANDSHAKING, /* DTLS */
    LOAD_UP,
    LOAD_FAILED, /* see load_why */
    LOAD_ENDED,
};

enum load_state load_state(const struct load_session *s);
const char *load_why(const struct load_session *s); /* FAILED: one sentence; else "" */
int64_t load_join_ns(const struct load_session *s); /* UP: from POST to keys */

/* Says goodbye by DTLS, and is silent from then on. */
void load_end(struct load_session *s);

/* How many are in this state. */
unsigned load_count(const struct load *l, enum load_state state);

/* One turn of the loop: waits for `max_wait_us` at most, then serves what there is. With a
 * descriptor watched (one; -1: none), true when it can be read. */
void load_watch(struct load *l, int fd);
bool load_turn(struct load *l, pl_time_us max_wait_us);

/* Of all receivers, since the start; differences of two snapshots describe what lies between. */
struct load_totals {
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
static inline int64_t load_lost(const struct load_totals *t)
{
    return (int64_t)(t->gaps - t->late - t->repaired);
}

const struct load_totals *load_totals(const struct load *l);

/* One-way latencies of the decrypted sample, microseconds, from just before the publisher's send to
 * the return of the receiver's read. The caller may clear it. */
struct histogram *load_latency(struct load *l);

/* One stream of a receiver. */
struct load_track {
    uint32_t ssrc;
    bool video;
    uint64_t packets, bytes, frames, gaps, late, repaired, duplicates;
    unsigned smallest, largest; /* datagrams, bytes; 0: none came */
    uint16_t width, height;     /* of the last key frame that was decrypted */
    int64_t last_ns;            /* arrival of the last packet */
};

/* Tracks 0, 1, … in the order of the description; NULL behind the last. */
const struct load_track *load_track(const struct load_session *s, unsigned i);

#endif
