/* What a room, its peers, their sources and sinks are to each other: the engine's own structures,
 * shared by its modules (engine, peer, room, report) and nobody else. */
#ifndef PL_SFU_PEER_H
#define PL_SFU_PEER_H

#include "base/list.h"
#include "base/map.h"
#include "proto/ice.h"
#include "proto/twcc.h"
#include "sfu/allocate.h"
#include "sfu/engine.h"
#include "sfu/estimate.h"
#include "sfu/pacer.h"
#include "sfu/remb.h"
#include "sfu/ring.h"
#include "sfu/slot.h"
#include "sfu/stream.h"
#include "sfu/view.h"

/* Speaker choice, feedback to publishers, rates, and the turn of a tenth of the reports. */
#define PL_TICK_US (100 * PL_MS)
/* RFC 3550, 6.2: about one report a second. */
#define PL_REPORT_TICKS 10
/* Bytes of IP, UDP, RTP and SRTP around a payload, about. */
#define PL_PACKET_OVERHEAD 64
/* Of these, what is around an RTP packet: IPv4 20, UDP 8, SRTP's tag 16 bytes. */
#define PL_WIRE_OVERHEAD 44
/* RFC 7675, 5.1. */
#define PL_CONSENT_US (30 * PL_SECOND)
/* A layer without a packet for so long has stopped; one that stopped though it was wanted is turned
 * to once it has flowed for so long. */
#define PL_FLOWING_US (1 * PL_SECOND)
#define PL_SETTLED_US (1 * PL_SECOND)
/* How long nobody must have wanted a layer until its publisher is told: longer than turning pages
 * forth and back. */
#define PL_UNWANTED_US (4 * PL_SECOND)
/* The paired slots (PL_PAIRS): what carries sound and picture of one owner. */
#define PL_PAIR_STAGE 0
#define PL_PAIR_SCREEN 1
#define PL_LOUDEST 3 /* voices that are heard because they are loud, whoever they are */
/* Transport-wide feedback of one peer that is read: browsers send two a tick, and a few bytes of it
 * name thousands of packets. */
#define PL_FEEDBACK_PER_TICK 16
/* Retransmissions of one peer: bounded, so that a few bytes of NACK cannot be turned into a flood;
 * 1000 packets a second. */
#define PL_RESEND_BURST 256
#define PL_RESEND_PER_TICK 100

/* Packets of a picture wait so long for the rest of their frame. */
#define PL_HOLD_US (2 * PL_MS)
#define PL_HELD_MAX 64
/* Those whom the pacer holds back are looked at so often. */
#define PL_PACE_US (1 * PL_MS)

struct pl_sink;
struct pl_source;

/* Of a layer, up to a temporal id; smoothed, and kept while it rests. */
struct pl_rate {
    uint32_t bytes, frames; /* since the last tick */
    uint32_t bps;           /* over a second or so; 0: none yet */
    int32_t frames_milli;   /* a second, over three seconds */
};

/* One encoding of a source: the only one, or a layer of its simulcast (RFC 8853). */
struct pl_layer {
    struct pl_source *source;
    struct pl_stream stream;
    uint32_t rtx_ssrc;      /* of its retransmissions; 0: not yet known */
    struct pl_list urgent;  /* engine->urgent while packets are missing or a key frame is wanted */
    struct pl_sink **sinks; /* every sink whose current or target this is */
    size_t n_sinks, cap_sinks;
    struct pl_list in_held;    /* engine->held while n_held is not 0 */
    int64_t held[PL_HELD_MAX]; /* numbers of packets that wait for their frame's end */
    unsigned n_held;
    pl_time_us held_since;
    uint16_t width, height;   /* of its last key frame; 0: not known */
    pl_time_us flowing_since; /* 0: no packet in PL_FLOWING_US */
    unsigned idle_ticks;      /* without a byte; they count once something comes again */
    unsigned measured_ticks;  /* what the rate rests on */
    uint32_t key_timestamp;   /* of the last key frame, if there was one */
    uint32_t key_bytes;       /* of key frames, that have yet to go into the rates */
    struct pl_rate rates[PL_TIDS];
    bool settled;              /* may be turned to */
    bool doubtful;             /* stopped though it was wanted, so settles only by flowing */
    uint8_t epoch;             /* how often its stream started over */
    uint32_t keys, keys_asked; /* key frames that came; requests that went out */
    bool resized;              /* width or height changed since the last tick */
};

/* Something a client publishes. */
struct pl_source {
    pl_source_id id;
    struct pl_peer *peer;
    struct pl_list in_room; /* room->coming; room->sources, in the order in which they started */
    const struct pl_section *section;
    struct pl_layer layers[PL_LAYERS_MAX];
    unsigned n_layers;
    bool started, muted;
    enum pl_source_class class;
    unsigned channel;                          /* of an interpretation; 0: nobody's */
    uint16_t wanted_height;                    /* the largest that anybody shows it at now, */
    uint16_t told_height;                      /* and as the owner was told */
    uint16_t wanted_elsewhere[PL_ENGINES_MAX]; /* by the room's peers on the other engines */
    pl_time_us less_since;                     /* told more than wanted since; 0: no */
    uint16_t loudness;      /* smoothed, 0 to 127 * 16: 127 - RFC 6464 level, 16ths */
    pl_time_us last_spoken; /* last time it was loud enough to be speech; 0: never */
};

/* A slot of a client and what fills it. */
struct pl_sink {
    struct pl_peer *peer;
    unsigned section;
    struct pl_slot slot;
    struct pl_layer *current; /* what flows; NULL: nothing */
    struct pl_layer *target;  /* what shall flow; not yet current: a key frame is awaited */
    uint8_t target_tid;       /* up to which temporal id; what flows has the slot's */
    bool turned;              /* to another source, since the last sender report */
    int32_t lost;             /* by the receiver's last report: all together, */
    uint8_t lost_fraction;    /* and lately, in 256ths */
};

/* What a client is to get of one medium: most wanted first, a layer of each source and up to which
 * temporal id, and which sources are to be in the paired slots (NULL: no matter). */
struct pl_choice {
    struct pl_choice_item {
        struct pl_layer *layer;
        unsigned tid;
    } items[PL_SECTIONS_MAX];
    size_t n;
    size_t n_pairs; /* as many as there are slots of both media for */
    const struct pl_source *paired[PL_PAIRS];
};

/* What a source that a client wants was given lately: the allocation's memory. */
struct pl_share {
    pl_source_id source;
    struct pl_demand_state state;
};

/* A packet that was sent again lately, or late. Who asks for it (once more) within a round trip
 * cannot have seen it yet: browsers without a report of the round trip ask every 100 ms, and on a
 * long line three times for each. One that the table has forgotten is sent once too often. */
#define PL_RESENT 128
struct pl_resent {
    pl_time_us at;
    uint16_t sink, seq;
};

/* What rules the sending to a client that gives feedback on its path. */
struct pl_sender {
    struct pl_resent resent[PL_RESENT]; /* by number and sink */
    uint16_t next_seq;                  /* transport-wide */
    struct pl_estimate estimate;
    struct pl_share *shares; /* as many as there are sinks */
    size_t n_shares;
    uint64_t wanted_bps; /* that would do for all that is wanted */
    uint64_t used_bps;   /* what the last allocation gave out */
};

struct pl_room {
    pl_room_id id;
    struct pl_engine *engine;
    struct pl_list in_engine;
    struct pl_list peers;
    struct pl_list sources; /* those that started */
    struct pl_list coming;  /* those that have not */
    uint64_t relays;        /* the other engines that it is on, a bit each */
    struct pl_source *speaker;
    pl_time_us speaker_since;
    struct pl_loud {
        struct pl_source *source; /* NULL: nobody */
        pl_time_us since;
    } loudest[PL_LOUDEST];
    struct pl_source *voices[PL_SECTIONS_MAX]; /* who is to be heard, first to last */
    size_t n_voices;
    bool voices_stale;            /* to be chosen anew */
    bool wants_stale;             /* who wants what has changed */
    uint64_t bytes_in, bytes_out; /* of its peers here, not yet taken */
};

struct pl_peer {
    pl_peer_id id;
    uint64_t owner;
    bool mirror;   /* of a peer of engine `home`: sources and nothing else */
    unsigned home; /* of a mirror */
    struct pl_engine *engine;
    struct pl_room *room;
    struct pl_list in_room;
    struct pl_list in_engine;
    struct pl_ice ice;
    struct pl_tuple tuple_keys[PL_ICE_TUPLES_MAX]; /* of engine->tuples, by the index in ice */
    struct pl_srtp *inbound, *outbound;
    char cname[PL_CNAME_SIZE];
    uint32_t ssrc;       /* of our reports when no slot is there to speak for them */
    pl_time_us alive_at; /* last authenticated datagram */
    bool lost;           /* said so */
    bool turned;         /* one of its sinks did */
    pl_time_us keyed_at; /* a key frame began to leave, one of its sinks having turned to it */
    struct pl_peer_counts counts;
    pl_time_us report_rtt_us; /* by its last report; 0: none */
    unsigned report_phase;    /* which tick of PL_REPORT_TICKS */
    unsigned resend_tokens, feedback_tokens;
    pl_time_us clock_skew; /* ours less its NTP clock, the least seen (docs/slots.md, rule 6) */
    bool has_skew;

    uint8_t ext_twcc;                  /* of what it publishes; 0: not agreed on */
    struct pl_twcc_arrivals *arrivals; /* of what it publishes; NULL: not agreed on */
    uint32_t arrivals_ssrc;            /* one of them: libwebrtc takes no feedback on others */

    struct pl_list leaving; /* engine->leaving while the pacer is to be asked */
    struct pl_list paced;   /* engine->paced while packets wait, or a probe is under way */
    struct pl_pacer pacer;
    struct pl_remb remb; /* what it may send, where it gives no transport-wide numbers */

    struct pl_sender *sender; /* NULL: gives no feedback, nothing limits it */

    struct pl_section *sections; /* copy of the session's */
    size_t n_sections;
    struct pl_source *sources;
    size_t n_sources;
    struct pl_sink *sinks; /* audio first, then video, in the order of sections */
    size_t n_sinks, n_audio_sinks;
    bool wants_all;
    bool moving; /* a source moves to another slot: the old one is stopped once the new one flows */
    struct pl_wanted *wanted;
    size_t n_wanted;
    bool deaf;        /* gets nothing */
    unsigned listens; /* to this channel of interpretation; 0: to none */
};

struct pl_engine {
    struct pl_engine_io io;
    struct pl_random random;
    struct pl_engine_stats stats;
    struct pl_packet_pool pool;
    struct pl_map peers;   /* by id */
    struct pl_map ufrags;  /* by local ufrag */
    struct pl_map tuples;  /* by struct pl_tuple */
    struct pl_map sources; /* by id */
    struct pl_map rooms;   /* by id */
    struct pl_list all_peers, all_rooms;
    struct pl_list urgent;  /* layers */
    struct pl_list held;    /* layers */
    struct pl_list leaving; /* peers */
    struct pl_list paced;   /* peers */
    pl_time_us pace_at;     /* when one of these may go on */
    pl_time_us paced_at;    /* when they were looked at last */
    pl_time_us next_tick;
    pl_time_us tick_took; /* the last one: PL_TICK_US and what the next came late */
    unsigned tick;
};

/* engine.c: the i-th validated tuple of the peer is its own from now on. */
void pl_engine_tuple_remember(struct pl_peer *p, unsigned i);

/* peer.c: what a transport does. PL_ENOMEM, PL_ETRUNC. */
enum pl_err pl_peer_new(struct pl_engine *e, const struct pl_peer_desc *desc, pl_time_us now,
                        struct pl_peer **out) PL_CHECKED;
void pl_peer_free(struct pl_peer *p); /* its memory; it must be in no list and fill nothing */
void pl_peer_send_rtcp(struct pl_peer *p, const uint8_t *bytes, size_t n);
void pl_peer_rtp(struct pl_peer *p, uint8_t *bytes, size_t n, pl_time_us now);
void pl_peer_rtcp(struct pl_peer *p, uint8_t *bytes, size_t n, pl_time_us now);
void pl_layer_attend(struct pl_layer *l, pl_time_us now); /* sends NACK and PLI that are due */
/* A packet that is in the layer's ring: of a client, or of another engine. `level`: RFC 6464. */
#define PL_LEVEL_UNKNOWN 255
void pl_layer_take(struct pl_layer *l, const struct pl_media_packet *packet, unsigned level,
                   pl_time_us now);
void pl_layer_start_over(struct pl_layer *l, uint32_t ssrc, pl_time_us now);

/* relay.c: to the engines that a source's room is on, and back. */
void pl_relay_packet(struct pl_layer *l, int64_t seq, unsigned level);
void pl_relay_clock(struct pl_layer *l);       /* a sender report came */
void pl_relay_key_request(struct pl_layer *l); /* of a mirror, to its home */
bool pl_relay_wanted(struct pl_source *s);     /* the same; false: to be tried again */

/* send.c: how much leaves for a client, and when. */
enum pl_err pl_peer_start_sending(struct pl_peer *p, pl_time_us now) PL_CHECKED; /* PL_ENOMEM */
void pl_peer_stop_sending(struct pl_peer *p);
void pl_peer_leaving(struct pl_peer *p); /* to be drained at the end of the turn */
void pl_peer_resend(struct pl_peer *p, struct pl_sink *k, struct pl_rtcp_nacks *asked,
                    pl_time_us now);
void pl_peer_drain(struct pl_peer *p, pl_time_us now);
void pl_peer_feedback(struct pl_peer *p, const struct pl_rtcp_item *item, pl_time_us now);
uint64_t pl_peer_share_bps(const struct pl_peer *p, pl_time_us now); /* or PL_ESTIMATE_UNLIMITED */
void pl_peer_review_rate(struct pl_peer *p, pl_time_us now);         /* each tick */

/* Datagrams of SRTP and SRTCP that came from the client, or leave for it. */
static inline void pl_peer_count_in(struct pl_peer *p, size_t bytes)
{
    p->counts.packets_in++;
    p->counts.bytes_in += bytes;
    p->room->bytes_in += bytes;
}

static inline void pl_peer_count_out(struct pl_peer *p, size_t packets, size_t bytes)
{
    p->engine->stats.packets_out += packets;
    p->engine->stats.bytes_out += bytes;
    p->counts.packets_out += packets;
    p->counts.bytes_out += bytes;
    p->room->bytes_out += bytes;
}

/* report.c: RTCP that goes out by itself. */
uint64_t pl_ntp_of(pl_time_us now); /* our clock, in the format and epoch of our reports */
void pl_peer_report(struct pl_peer *p, pl_time_us now);
void pl_peer_report_turned(struct pl_peer *p, pl_time_us now); /* on slots with another source */
void pl_peer_send_remb(struct pl_peer *p);
void pl_peer_send_arrivals(struct pl_peer *p); /* transport-wide feedback on what it published */

/* room.c: sinks, and what flows into them. */
void pl_room_source_started(struct pl_source *s, pl_time_us now);
void pl_room_source_changed(struct pl_source *s, pl_time_us now); /* muted, or its class */
void pl_room_layer_gone(struct pl_layer *l); /* nothing refers to its packets any more */
void pl_room_source_gone(struct pl_source *s);
void pl_room_peer_connected(struct pl_peer *p, pl_time_us now);
void pl_room_refill(struct pl_room *r, pl_time_us now);
void pl_room_fill(struct pl_peer *p,
                  pl_time_us now);         /* after what it wants changed, or it connected */
void pl_room_peer_gone(struct pl_peer *p); /* its sinks carry nothing any more */
void pl_room_tick(struct pl_room *r, pl_time_us now);
/* What flowed before it was handed over, and what was to, go on. False: no memory, or they are of
 * another medium. */
bool pl_sink_resume(struct pl_sink *k, struct pl_layer *current, struct pl_layer *target);
void pl_sink_turn(struct pl_sink *k, const struct pl_media_packet *packet,
                  pl_time_us now); /* its target becomes what flows, from this packet on */

/* forward.c: from a layer to its sinks. The packet is in the stream's ring. */
void pl_layer_forward(struct pl_layer *l, const struct pl_media_packet *packet, pl_time_us now);
void pl_layer_release(struct pl_layer *l, pl_time_us now); /* what is held goes on */
void pl_layer_drop_held(struct pl_layer *l);

/* voice.c: who speaks, and who is heard. */
void pl_voice_heard(struct pl_source *s, unsigned level, pl_time_us now);
void pl_voice_silenced(struct pl_source *s, pl_time_us now); /* muted, or gone */
void pl_voices_order(struct pl_room *r, pl_time_us now);     /* into r->voices, if stale */
void pl_voices_tick(struct pl_room *r, pl_time_us now);

/* One that nobody's ear falls on by chance: it has its place, and is loud all the time. */
static inline bool pl_source_apart(const struct pl_source *s)
{
    return s->class == PL_CLASS_SCREEN || s->class == PL_CLASS_INTERPRETATION;
}
/* An interpretation is for those who listen to its channel, all else for everybody; nothing for its
 * own owner. */
static inline bool pl_source_meant_for(const struct pl_source *s, const struct pl_peer *p)
{
    bool interpretation = s->class == PL_CLASS_INTERPRETATION;
    return s->peer->owner != p->owner &&
           (!interpretation || (s->channel && s->channel == p->listens));
}

/* choose.c: which sources a client gets, and which layer of each. */
static inline bool pl_source_live(const struct pl_source *s)
{
    return s->started && !s->muted;
}
bool pl_peer_fits(const struct pl_peer *p,
                  const struct pl_source *s); /* one of its slots can carry the source's codec */
void pl_choose(struct pl_peer *p, pl_time_us now, struct pl_choice *sound,
               struct pl_choice *pictures);
/* The pictures that the peer wants and may have, most wanted first, at most `max`; `coming`: those
 * too that would begin to flow if they were asked for. */
size_t pl_choose_pictures(const struct pl_peer *p, bool coming, struct pl_source **out, size_t max);
/* At which size the peer shows the source; zeros: as large as there is. */
struct pl_wanted pl_choose_size(const struct pl_peer *p, const struct pl_source *s);
bool pl_layer_fills(const struct pl_layer *l, uint16_t height);

/* layers.c: which layers flow, at what rate, and which are wanted. */
void pl_layer_packet(struct pl_layer *l, const struct pl_media_packet *packet, pl_time_us now);
void pl_layers_tick(struct pl_room *r, pl_time_us now);

#endif
