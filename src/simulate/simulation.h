/* Simulated delegations in one thread: each comes into a meeting by its link, as a browser does,
 * and takes part. Not encrypted ones alone: they have no keys. */
#ifndef PL_SIMULATE_SIMULATION_H
#define PL_SIMULATE_SIMULATION_H

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "io/dial.h"
#include "io/loop.h"
#include "simulate/behaviour.h"

#include <stdbool.h>
#include <stddef.h>

#define PL_LINK_SIZE 600

struct pl_simulation_config {
    struct pl_habits habits;
    double rate;    /* joins a second */
    unsigned hears; /* slots of sound each receives; 0: none */
    bool pictures;  /* a camera each */
    uint64_t seed;
    size_t seats; /* of each meeting, at most */
};

struct pl_simulation;

/* PL_ENOMEM; PL_ENOENT: the letters are missing (letters.h). */
enum pl_err pl_simulation_new(struct pl_loop *l, const struct pl_simulation_config *config,
                              struct pl_simulation **out) PL_CHECKED;
void pl_simulation_free(struct pl_simulation *s); /* NULL is fine */

/* One more delegation, which comes when it is its turn: "http(s)://HOST[:PORT]/m/MEETING#TOKEN…".
 * Those of one meeting come until `seats` of them stay; who would preside goes away again.
 * PL_EINVAL: this is no link; PL_EIO: its server has no address; `why` is one line. */
enum pl_err pl_simulation_add(struct pl_simulation *s, struct pl_str link,
                              char why[PL_FETCH_WHY_SIZE]) PL_CHECKED;

/* All say goodbye. */
void pl_simulation_leave(struct pl_simulation *s);

/* Whether nobody is left who could still take part. */
bool pl_simulation_is_over(const struct pl_simulation *s);

/* What was counted, a JSON object in one line. */
void pl_simulation_tell(struct pl_simulation *s, struct pl_buf *out);

/* What the first one that was turned away for good was told; "": none was. */
const char *pl_simulation_trouble(const struct pl_simulation *s);

#endif
