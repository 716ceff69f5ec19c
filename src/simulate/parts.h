/* What the files of a simulation share. See simulation.h. */
#ifndef PL_SIMULATE_PARTS_H
#define PL_SIMULATE_PARTS_H

#include "client/call.h"
#include "simulate/behaviour.h"
#include "simulate/picture.h"
#include "simulate/simulation.h"
#include "simulate/voice.h"

#include <jansson.h>

#define PL_FAILURES_MAX 10 /* connections in a row: then it stays away */
#define PL_ASKED_MAX 256   /* acts and pings without an answer: more are not said */

enum phase {
    PHASE_WAITING, /* for its turn, or until it comes back */
    PHASE_DIALLING,
    PHASE_GREETED, /* `hello` was said */
    PHASE_HERE,    /* welcomed */
    PHASE_GONE,    /* for good */
};

/* Those of one meeting. */
struct table {
    char meeting[PL_DEED_ID_SIZE];
    size_t here, coming; /* delegations that stay, that were not welcomed yet */
    struct table *next;
};

struct server {
    char origin[PL_LINK_SIZE];
    struct pl_dial_place *place;
    struct server *next;
};

struct delegation {
    struct pl_simulation *simulation;
    struct table *table;
    struct server *server;
    unsigned number;
    char token[65], page[33];
    enum phase phase;
    struct pl_timer timer;
    pl_time_us wake; /* WAITING: when it dials; else when it pings */
    pl_time_us dialled;
    struct pl_dial *dial, *over; /* `over`: to be freed, outside of its own calls */
    struct pl_call *call;
    bool counted;      /* by its table */
    unsigned failures; /* connections in a row that brought nothing */
    bool in_room, was_up, refused;
    bool speaks; /* its microphone is on */
    unsigned layers;
    bool sound_wanted;
    unsigned said; /* packets of its voice */
    char you[PL_DEED_ID_SIZE], seat[PL_DEED_ID_SIZE];
    bool floor_is_open;
    struct pl_behaviour behaviour;
    struct pl_picture *picture;
    bool asked[PL_ASKED_MAX]; /* a ring; true: an act waits for its answer, else only a ping */
    size_t asked_first, n_asked;
};

struct pl_simulation {
    struct pl_loop *loop;
    struct pl_simulation_config config;
    struct pl_calls *calls;
    struct pl_watch watch;
    struct pl_timer timer;
    struct pl_letters *letters;
    struct pl_voice *voices[PL_VOICES];
    struct delegation **all;
    size_t n, cap;
    struct table *tables;
    struct server *servers;
    pl_time_us began;
    char trouble[400];
    struct counts {
        uint64_t joined, left, lost_connections, media_up, media_failed, refused_entry;
        uint64_t acts, acknowledged, refused, unanswered;
        uint64_t requests, speeches, positions, votes;
        uint64_t frames, key_frames, frame_bytes;
        uint64_t join_us, join_us_max; /* sum */
    } counts;
};

/* delegation.c */
void delegation_begin(struct delegation *d, pl_time_us at); /* comes at this time */
void delegation_free(struct delegation *d);
void delegation_look(struct delegation *d); /* at its call, after a turn */
void delegation_send(struct delegation *d, const struct pl_buf *message);
void delegation_enter(struct delegation *d);                        /* the place is the room now */
void delegation_turned_away(struct delegation *d, const char *why); /* for good */
void delegation_want(struct delegation *d);                   /* says what is sent from now on */
void delegation_leave(struct delegation *d, pl_time_us back); /* 0: for good */

/* hear.c */
void delegation_hear(struct delegation *d, struct pl_str message);

/* say.c */
void say_hello(struct delegation *d);
void say_offer(struct delegation *d);
void say_media(struct delegation *d);
void say_ping(struct delegation *d);
void say_leave(struct delegation *d);
void say_deed(struct delegation *d, const struct pl_deed *deed);

#endif
