/* Around each test of a program here: a simulation of its own, from the program's seed. Included
 * once by each, behind cmocka.h, with SIM_SEED defined. */
#ifndef PL_TESTS_SIM_FIXTURE_H
#define PL_TESTS_SIM_FIXTURE_H

#include "sim.h"

static struct sim sim;

static int start(void **state)
{
    *state = &sim;
    sim_start(&sim, SIM_SEED);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sim_stop(&sim);
    return 0;
}

/* Each number once, in order, in one stream of time (its steps are at most so large): how many.
 * What came twice would have been refused by SRTP, and be missing. */
static inline size_t assert_whole(const struct sim_client *c, uint32_t ssrc, uint32_t step_max)
{
    const struct sim_rtp *last = NULL;
    size_t n = 0;
    for (size_t i = 0; i < c->n_kept; i++) {
        const struct sim_rtp *p = &c->kept[i];
        if (p->rtp.ssrc != ssrc)
            continue;
        if (last) {
            assert_int_equal(p->rtp.seq, (uint16_t)(last->rtp.seq + 1));
            assert_in_range(p->rtp.timestamp - last->rtp.timestamp, 0, step_max);
        }
        last = p;
        n++;
    }
    return n;
}

#endif
