/* What a simulated delegation does, and when: asks for the floor and speaks, takes positions,
 * votes, answers a silence, leaves for a while. Pure: it is told what its delegation sees, time is
 * a parameter, chance is its own seed's. Times are microseconds of one clock. */
#ifndef PL_SIMULATE_BEHAVIOUR_H
#define PL_SIMULATE_BEHAVIOUR_H

#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_DEEDS_MAX 64 /* that wait; more are not planned */
#define PL_DEED_ID_SIZE 33

struct pl_habits {     /* means; 0: never */
    pl_time_us hand;   /* from one wish to speak to the next */
    pl_time_us speech; /* how long one speaks */
    pl_time_us away;   /* from one leave to the next */
    pl_time_us
        think; /* no mean, but the longest: over a position; three eighths of it over a vote */
};

enum pl_deed_kind {
    PL_DEED_REQUEST_FLOOR,
    PL_DEED_END_FLOOR,
    PL_DEED_TAKE_POSITION,
    PL_DEED_VOTE,
    PL_DEED_LEAVE, /* and come back after `away` */
};

/* Texts of a choice are static; NULL: there is none. */
struct pl_deed {
    enum pl_deed_kind kind;
    pl_time_us due;
    char subject[PL_DEED_ID_SIZE]; /* the paper, or decision */
    char option[PL_DEED_ID_SIZE];
    char item[PL_DEED_ID_SIZE]; /* a position is taken while this one is current */
    uint64_t version;
    const char *choice; /* or stance */
    const char *reason; /* or statement */
    const char *red_line, *visibility;
    pl_time_us away;
    pl_time_us done; /* when it was done; 0: not yet. It stays until it is seen to be */
    bool follows;    /* another vote after one that was given */
};

struct pl_behaviour {
    struct pl_habits habits;
    uint64_t seed, character;
    bool floor_is_open; /* everybody may be heard */
    bool in_session;
    char item[PL_DEED_ID_SIZE]; /* the current one, or "" */
    bool may_ask, has_floor;
    pl_time_us hand_at, leave_at;
    pl_time_us speaks_until; /* of who may be heard */
    struct pl_deed deeds[PL_DEEDS_MAX];
    size_t n_deeds;
};

/* Other seeds, other delegations. */
void pl_behaviour_begin(struct pl_behaviour *b, const struct pl_habits *habits, uint64_t seed,
                        pl_time_us now);

/* It is in the room (again): nothing of before is planned any more. */
void pl_behaviour_enter(struct pl_behaviour *b, bool floor_is_open, pl_time_us now);

void pl_behaviour_session(struct pl_behaviour *b, bool open, const char *item, pl_time_us now);

struct pl_floor_seen {
    bool list_open;
    bool mine;        /* it has the floor, */
    bool asked;       /* or is on the list */
    size_t waiting;   /* how many are */
    unsigned seconds; /* of speaking time; 0: no limit */
};
void pl_behaviour_floor(struct pl_behaviour *b, const struct pl_floor_seen *f, pl_time_us now);

/* The option at a place of its paper, 0 the first; later ones are liked less. `taken`: the own
 * position on it stands. */
struct pl_option_seen {
    const char *paper, *item, *option;
    size_t place;
    bool taken;
};
void pl_behaviour_option(struct pl_behaviour *b, const struct pl_option_seen *o, pl_time_us now);

/* `asked`: it is open, and it is for the own delegation to vote now. */
struct pl_decision_seen {
    const char *decision, *procedure;
    uint64_t version;
    bool asked, voted;
};
void pl_behaviour_decision(struct pl_behaviour *b, const struct pl_decision_seen *d,
                           pl_time_us now);

/* The next deed whose time has come; false: there is none. It is done then. */
bool pl_behaviour_next(struct pl_behaviour *b, pl_time_us now, struct pl_deed *out);
pl_time_us pl_behaviour_due(const struct pl_behaviour *b); /* PL_NEVER */

/* Whether it speaks at this time, with the floor or as everybody may. */
bool pl_behaviour_speaks(const struct pl_behaviour *b, pl_time_us now);

#endif
