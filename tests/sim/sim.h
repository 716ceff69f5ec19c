/* A network simulator with a virtual clock around one media engine: clients that do ICE, SRTP, RTP
 * and RTCP as browsers do, and links with delay, jitter (so reordering) and loss from a seed. No
 * sockets. */
#ifndef PL_TESTS_SIM_H
#define PL_TESTS_SIM_H

#include "base/buf.h"
#include "base/list.h"
#include "base/random.h"
#include "crypto/srtp.h"
#include "proto/descriptor.h"
#include "proto/rtcp.h"
#include "proto/rtp.h"
#include "proto/twcc.h"
#include "sfu/engine.h"

#ifndef SIM_CLIENTS /* bench/forward has more of them, and smaller ones */
#define SIM_CLIENTS 16
#define SIM_SECTIONS 32
#endif
#define SIM_EVENTS 512
#define SIM_ENGINES 2
#define SIM_RELAYED 1024
#define SIM_KEPT 4096 /* RTP packets a client remembers of each kind */

#define SIM_QUEUE_US (300 * PL_MS)

struct sim;

struct sim_rtp { /* a packet as the client decrypted it */
    struct pl_rtp rtp;
    enum pl_codec codec;
    struct pl_descriptor descriptor;
    pl_time_us at;
    uint8_t bytes[1600];
    uint8_t wire[1600];
    size_t wire_len;
};

struct sim_source { /* what a client sends in one section */
    uint16_t seq;
    uint32_t timestamp;
    uint16_t picture_id;
    uint8_t tl0;
    bool temporal;  /* three frame rates, as libwebrtc's L1T3; of VP8 */
    unsigned phase; /* in sim_temporal; 0 in a key frame */
    bool key_next;
    uint8_t mark; /* the payload's last byte: tells whose it is */
    uint32_t ssrc, rtx_ssrc;
    uint16_t rtx_seq;
    uint16_t height; /* in its key frames */
    unsigned tagged; /* packets sent with mid and rid */
    unsigned plis, nacked;
    uint8_t last_sound[80];  /* for RED */
    uint8_t sent[256][1300]; /* plaintext by low bits of seq, for retransmission */
    size_t sent_len[256];
    uint16_t sent_seq[256];
};

/* The temporal id of each frame in turn, and whether it refers to the base layer alone. */
#define SIM_TEMPORAL 8
extern const struct sim_temporal {
    uint8_t tid;
    bool sync;
} sim_temporal[SIM_TEMPORAL];

struct sim_client {
    struct sim *sim;
    pl_peer_id id;
    pl_room_id room; /* 0: it has left */
    unsigned home;   /* its engine */
    struct pl_session session;
    struct pl_section sections[SIM_SECTIONS];
    pl_source_id source_ids[SIM_SECTIONS];
    struct sim_source sources[SIM_SECTIONS]; /* of each section; its first layer */
    struct sim_source upper[PL_LAYERS_MAX]; /* the other layers of the section sim_simulcast made */
    struct pl_tuple tuple;
    struct pl_srtp *out, *in;
    bool checked; /* its connectivity check was answered */
    bool nacks;   /* asks for what is missing */
    bool ignores_plis;
    struct sim_rtp *kept;
    size_t n_kept;
    unsigned dtls; /* datagrams of DTLS that arrived */
    unsigned reports;
    struct pl_rtcp_sender last_sr;
    uint8_t dlrr[24]; /* the last answer to a reference time (RFC 3611, 4.5) */
    struct pl_rtcp_sender srs[SIM_SECTIONS]; /* the last one of each slot, by its section */
    unsigned lost_blocks;                    /* report blocks with loss */
    uint64_t remb_bps;                       /* that it was told last */
    unsigned replays;                        /* under an index that came before */
    unsigned rtx_got;                        /* retransmissions under their own SSRC */
    bool rtx;                                /* sections are made with RTX */
    unsigned twcc_acked;                     /* packets that transport-wide feedback says arrived */
    unsigned twcc_lost;                      /* and that it says did not */
    bool twcc;                               /* sections are made with transport-wide numbers */
    uint16_t twcc_seq;
    struct pl_twcc_arrivals arrivals; /* of what it receives, reported every 50 ms */
    uint64_t rate_bps; /* of its way down, 0: not limited; a queue of SIM_QUEUE_US before it */
    pl_time_us busy_until;
    pl_time_us worst_queue;     /* since the test set it to 0 */
    uint64_t bytes_down;        /* what arrived */
    bool layered;               /* sources are made with layers */
    enum pl_codec video, audio; /* what its sources send, */
    bool all_codecs;            /* and what its slots take: every codec, or what it sends itself */
};

struct sim_link {
    pl_time_us delay, jitter;
    unsigned loss_per_mille;
};

struct sim {
    pl_time_us now;
    uint64_t seed;
    struct pl_engine *engines[SIM_ENGINES];
    struct pl_engine *engine; /* the first */
    unsigned joins;           /* the engine of those who join from now on */
    struct {
        unsigned to;
        struct pl_relay message;
    } relayed[SIM_RELAYED]; /* in this turn */
    size_t n_relayed;
    bool relay_is_full;
    struct sim_link up, down;
    unsigned lose; /* so many of the packets that clients send from now on */
    struct pl_list wire;
    struct sim_client clients[SIM_CLIENTS];
    size_t n_clients;
    struct pl_engine_event events[SIM_EVENTS];
    size_t n_events;
    uint8_t run[PL_RUN_BYTES_MAX]; /* room for what the engine sends */
    size_t runs, datagrams;        /* that it sent */
    bool in_engine;                /* while a packet or a timer is dealt with */
    pl_time_us feedback_at;
    pl_time_us late; /* so long after their time the engines' timers fire: they are busy */
    struct pl_buf handed[SIM_ENGINES]; /* paused */
    unsigned dtls_seen;                /* DTLS datagrams that the engine passed on */
};

/* `seed` is printed, and rules everything random. */
void sim_start(struct sim *s, uint64_t seed);
void sim_stop(struct sim *s);
/* Every engine is replaced by one that it was handed over to, and is to give the same again.
 * Between the two what clients send waits. */
void sim_hand_over(struct sim *s);
void sim_pause(struct sim *s);
void sim_resume(struct sim *s);
uint32_t sim_random(struct sim *s);
struct pl_random sim_source_of_randomness(struct sim *s);

/* A client with `mics` and `cams` to send and slots to receive; added to `room`, not yet connected.
 * Sections are in this order: microphones, cameras, audio slots, video slots. */
struct sim_client *sim_join(struct sim *s, pl_room_id room, unsigned mics, unsigned cams,
                            unsigned audio_slots, unsigned video_slots);
/* One camera of three layers, "q" (180 lines), "h" (360) and "f" (720), with RTX. */
struct sim_client *sim_simulcast(struct sim *s, pl_room_id room);
/* Like sim_join, with RTX for every section of pictures. */
struct sim_client *sim_join_rtx(struct sim *s, pl_room_id room, unsigned mics, unsigned cams,
                                unsigned audio_slots, unsigned video_slots);
/* The same with transport-wide numbers and feedback. */
struct sim_client *sim_join_twcc(struct sim *s, pl_room_id room, unsigned mics, unsigned cams,
                                 unsigned audio_slots, unsigned video_slots);
/* Like sim_join_rtx; its sources send the codec, PL_RED or one of pictures, its slots take all. */
struct sim_client *sim_join_codec(struct sim *s, pl_room_id room, enum pl_codec codec,
                                  unsigned mics, unsigned cams, unsigned audio_slots,
                                  unsigned video_slots);
struct pl_engine *sim_engine_of(const struct sim_client *c);
/* A check with USE-CANDIDATE, and keys as if DTLS were done. */
void sim_connect(struct sim_client *c);
void sim_leave(struct sim_client *c);
void sim_check(struct sim_client *c, const char *pwd, bool nominate);
void sim_send_raw(struct sim_client *c, const uint8_t *bytes, size_t n);

/* One Opus packet of section `i` with this RFC 6464 level, 20 ms after the last. */
void sim_send_audio(struct sim_client *c, unsigned i, unsigned level);
/* One frame of `packets` RTP packets, `ticks` of 90 kHz after the last; a key frame if one is due.
 */
void sim_send_frame(struct sim_client *c, unsigned i, unsigned packets, uint32_t ticks);
/* The same of layer `k` of a section with layers. */
void sim_send_layer(struct sim_client *c, unsigned i, unsigned k, unsigned packets, uint32_t ticks);
void sim_send_rtcp(struct sim_client *c, const uint8_t *bytes, size_t n);

/* What was sent last, and is still under way, comes so much later. */
void sim_delay_last(struct sim *s, pl_time_us us);

/* Lets `us` pass: delivers what is on the wire, and the engine's deadlines, in order of time. */
void sim_run(struct sim *s, pl_time_us us);

/* The viewer shows the first source of `c`, and nothing else, at this height; 0: nothing at all. */
void sim_show(struct sim_client *viewer, const struct sim_client *c, uint16_t height);
/* The layer of the newest packet: the mark of the source plus 0, 1 or 2. -1: none was kept. */
int sim_layer_of(const struct sim_client *viewer, const struct sim_client *c);

/* How many kept packets have this SSRC; the last event of a type, or NULL. */
size_t sim_count(const struct sim_client *c, uint32_t ssrc);
const struct pl_engine_event *sim_last(const struct sim *s, enum pl_engine_event_type type);
const struct pl_engine_event *sim_last_of(const struct sim *s, enum pl_engine_event_type type,
                                          pl_peer_id peer);

/* So many steps of 20 ms, each with a packet of sound and a frame of three packets. */
void sim_talk_and_film(struct sim *s, struct sim_client *c, unsigned frames);

#endif
