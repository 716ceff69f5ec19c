/* Which layer of which source a receiver gets, within its estimate. Pure: demands in order of
 * priority go in, a layer each (or a pause) comes out; hysteresis is in the demand's own state. A
 * layer goes down at once, and up when the estimate has exceeded the need by a margin for a time,
 * longer after each time that it did not last. */
#ifndef PL_SFU_ALLOCATE_H
#define PL_SFU_ALLOCATE_H

#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_DEMAND_LAYERS_MAX 12 /* of a source: four sizes by three frame rates */
/* Demands of a receiver (engine.h, PL_WANTED_MAX); later ones pause. */
#define PL_ALLOCATE_MAX 160
#define PL_ALLOCATE_MARGIN_PERCENT 8 /* what going up must leave free */
#define PL_ALLOCATE_UP_US (1 * PL_SECOND)
#define PL_ALLOCATE_UP_MAX_US (16 * PL_SECOND)
#define PL_ALLOCATE_LASTED_US (10 * PL_SECOND) /* an upgrade that lasted this long was right */
#define PL_PAUSED (-1)

/* Classes are served one after the other; within a class everybody gets a first layer before
 * anybody gets a second. The order of the demands decides within a class. */
enum pl_demand_class {
    PL_DEMAND_FLOOR_AUDIO,
    PL_DEMAND_INTERPRETATION,
    PL_DEMAND_AUDIO,
    PL_DEMAND_SCREEN,
    PL_DEMAND_FLOOR_VIDEO,
    PL_DEMAND_TILE, /* largest first */
};

/* Ascending in what it costs and gives. Sound has one, with neither width nor height. */
struct pl_demand_layer {
    uint32_t bps; /* measured, over half a second or more; 0: does not come now, not to be had */
    uint16_t width, height;
    bool thinned; /* some of its frames are left out: it never suffices */
};

/* Kept by the owner from one allocation to the next; zeroed when the demand begins. */
struct pl_demand_state {
    bool started;
    bool rising, raised;  /* the times below mean something */
    int8_t layer;         /* what it has; PL_PAUSED */
    pl_time_us up_since;  /* going up has been possible since */
    pl_time_us raised_at; /* last way up, if the way down has not come */
    pl_time_us hold_us;   /* how long going up must be possible */
};

struct pl_demand {
    enum pl_demand_class kind;
    uint16_t width, height; /* shown, in pixels of the screen; 0: unknown, the best is right */
    const struct pl_demand_layer *layers;
    size_t n_layers; /* at most PL_DEMAND_LAYERS_MAX; higher ones are not looked at */
    struct pl_demand_state *state;
};

struct pl_allocation {
    uint64_t used_bps;
    uint64_t next_bps;   /* the estimate that allows one step more; 0: nothing is missing */
    uint64_t wanted_bps; /* the estimate that allows all that suffices: pl_estimate_want */
    pl_time_us again_at; /* when a way up may be due; PL_NEVER */
};

/* The least layer that suffices for the size shown: enlarged by a quarter at most when the picture
 * is fitted into it. The highest if none does; PL_PAUSED if none comes. */
int pl_allocate_suitable(const struct pl_demand *d);

/* What of an estimate is to be shared out when so much (in time) waits before the line: an eighth
 * less than was given out last, if the queue is longer than PL_PACER_SLOW_US, so that a layer
 * goes down whatever the means of the rates say. */
uint64_t pl_allocate_queued(uint64_t estimate_bps, uint64_t used_bps, pl_time_us queue_us);

/* Chooses; the choice is in each demand's state. `estimate_bps` UINT64_MAX: not limited, everybody
 * gets what suffices at once. Sound of the first two classes is never paused. */
struct pl_allocation pl_allocate(const struct pl_demand *demands, size_t n, uint64_t estimate_bps,
                                 pl_time_us now);

#endif
