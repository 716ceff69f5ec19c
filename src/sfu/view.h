/* What an engine knows of one client's line and of what goes over it, at one moment: for the
 * connection panel and for traces. Plain values, to be compared with an earlier view. Nothing is
 * gathered for it: it is read from what the engine keeps for its own use. */
#ifndef PL_SFU_VIEW_H
#define PL_SFU_VIEW_H

#include "sfu/engine.h"
#include "sfu/estimate.h"

#define PL_VIEW_SOURCES_MAX 8 /* as many as the server takes from a client */

/* Of one client, monotonic. Bytes are those of SRTP and SRTCP. */
#define PL_PEER_COUNTERS(X)                                                                        \
    X(packets_in)                                                                                  \
    X(bytes_in)                                                                                    \
    X(packets_out)                                                                                 \
    X(bytes_out) X(nacks_in) X(resent) X(nacks_out) X(plis_in) X(plis_out) X(probes) X(padding_out)

struct pl_peer_counts {
#define X(name) uint64_t name;
    PL_PEER_COUNTERS(X)
#undef X
};

/* A slot that carries something, or is to. */
struct pl_slot_view {
    unsigned section; /* of the session */
    bool video;
    pl_source_id source; /* 0: nothing flows yet */
    pl_source_id coming; /* 0: nothing; else a key frame of it is awaited */
    unsigned layer;
    uint16_t height;        /* of the layer; 0: not known, or sound */
    uint16_t wanted_height; /* at which it is shown; 0: as large as there is */
    bool smaller;           /* than wanted, though a larger layer comes */
    uint32_t packets, octets;
    int32_t lost;          /* by the receiver's last report */
    uint8_t lost_fraction; /* in 256ths, of the time before that report */
    pl_time_us idle_us;    /* since its last packet left */
};

struct pl_layer_view {
    bool started, flowing;
    uint16_t width, height;
    uint32_t bitrate_bps;
    int64_t expected, received; /* packets; those that were sent again are not received */
    uint32_t keys, keys_asked;
};

struct pl_source_view {
    pl_source_id id;
    bool video, muted;
    uint16_t told_height; /* at which its owner was told that it is wanted */
    unsigned n_layers;
    struct pl_layer_view layers[PL_LAYERS_MAX];
};

struct pl_peer_view {
    pl_peer_id id;
    pl_time_us at;
    bool connected; /* DTLS is done */
    bool has_path;
    struct pl_tuple path; /* has_path: the one in use, */
    unsigned n_paths;     /* among so many that were validated */
    pl_time_us rtt_us;    /* 0: not known */
    struct pl_peer_counts counts;

    bool estimated; /* what follows says something of the line */
    struct pl_estimate_view estimate;
    uint64_t share_bps, wanted_bps, used_bps; /* may be had; would do for all; was given out */
    int64_t queued_bytes;                     /* before the pacer, */
    pl_time_us queued_us;                     /* and how long they will take */

    unsigned n_pictures; /* wanted, and there are slots for them */
    unsigned n_paused;   /* of them not sent: no room on the line */
    size_t n_slots;
    struct pl_slot_view slots[PL_SECTIONS_MAX];
    size_t n_sources;
    struct pl_source_view sources[PL_VIEW_SOURCES_MAX];
};

#endif
