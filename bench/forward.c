/* A briefing in the simulator, the same at every run: one camera and microphone to fifty receivers,
 * ten seconds of virtual time. bench/callgrind counts its instructions. What the engine sends is
 * dropped at once, so that what is counted is the engine. Prints how many packets it forwarded. */
#include "sim.h"

#include <stdio.h>

#define RECEIVERS 50
#define SECONDS 10
#define FRAME_RATE 30
#define FRAME_PACKETS 9
#define FRAME_TICKS 3000
#define BETWEEN_US (3 * PL_MS) /* a frame and a packet of sound */

static struct sim sim;

/* The speaker's time from `start` on, `frames` of it. */
static void film(struct sim_client *speaker, pl_time_us start, unsigned frames)
{
    for (unsigned i = 0; i < frames; i++) {
        sim_send_frame(speaker, 1, FRAME_PACKETS, FRAME_TICKS);
        sim_run(&sim, BETWEEN_US);
        for (unsigned k = i * 5 / 3; k < (i + 1) * 5 / 3; k++) { /* 50 a second */
            sim_send_audio(speaker, 0, 30);
            sim_run(&sim, BETWEEN_US);
        }
        sim_run(&sim, start + (i + 1) * PL_SECOND / FRAME_RATE - sim.now);
    }
}

/* Its instructions are what is counted. */
void forward(struct sim_client *speaker);

__attribute__((noinline)) void forward(struct sim_client *speaker)
{
    film(speaker, sim.now, SECONDS * FRAME_RATE);
}

int main(void)
{
    sim_start(&sim, 20251125);
    struct sim_client *speaker = sim_join(&sim, 1, 1, 1, 0, 0);
    for (unsigned i = 0; i < RECEIVERS; i++)
        sim_connect(sim_join_rtx(&sim, 1, 0, 0, 1, 1));
    sim_connect(speaker);
    film(speaker, sim.now, FRAME_RATE); /* all are let in, and the key frame has come */
    sim.down.loss_per_mille = 1000;
    const struct pl_engine_stats *stats = pl_engine_stats(sim.engine);
    uint64_t before = stats->packets_out;
    forward(speaker);
    printf("packets %llu\n", (unsigned long long)(stats->packets_out - before));
    sim_stop(&sim);
    return 0;
}
