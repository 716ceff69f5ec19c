/* The whole server, simulated: a run for each seed. See whole.h. */
#include "whole.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the seed: some runs have one kind of fault alone, so that what fails is easy to understand. */
static struct faults faults_of(uint64_t seed, bool memory)
{
    const struct faults all = {
        .loss = 20,
        .twice = 10,
        .delay = 5 * PL_MS,
        .jitter = 60 * PL_MS,
        .cut = 5,
        .disk = 2,
        .crash_each = 10 * PL_SECOND,
        .clock_each = 15 * PL_SECOND,
        .clock_by = 30 * PL_SECOND,
        .memory_each = memory ? 150 : 0,
    };
    struct faults f = {.delay = 5 * PL_MS, .jitter = 10 * PL_MS, .memory_each = all.memory_each};
    switch (seed % 6) {
    case 0:
        f.loss = 100;
        f.twice = 50;
        f.jitter = 200 * PL_MS;
        f.cut = 20;
        return f;
    case 1:
        f.disk = 10;
        return f;
    case 2:
        f.crash_each = 4 * PL_SECOND;
        return f;
    case 3:
        f.clock_each = 5 * PL_SECOND;
        f.clock_by = 600 * PL_SECOND;
        return f;
    default:
        return all;
    }
}

static uint64_t run(uint64_t seed, unsigned seconds, bool memory)
{
    const struct faults faults = faults_of(seed, memory);
    printf("seed %llu: ", (unsigned long long)seed);
    fflush(stdout);
    world_begin(seed, &faults);
    world_run(seconds * PL_SECOND);
    world_stop();
    uint64_t digest = world->digest;
    printf("%u acts, %u told, %u packets, %u crashes, %u power cuts, %u starts, %u refused starts, "
           "%u lines cut, %u clocks set, %u compared, %u settled, %zu allocations refused; "
           "%016llx\n",
           world->counts.acts, world->counts.told, world->counts.packets, world->counts.crashes,
           world->counts.power_cuts, world->counts.starts, world->counts.refused_starts,
           world->counts.cuts, world->counts.clocks, world->counts.quiet_looks,
           world->counts.settled, whole_memory_failed(), (unsigned long long)digest);
    world_end();
    return digest;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    uint64_t first = 1, n = 1;
    unsigned seconds = 60;
    bool memory = false, twice = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--memory") == 0)
            memory = true;
        else if (strcmp(argv[i], "--twice") == 0)
            twice = true;
        else if (strcmp(argv[i], "--talk") == 0)
            whole_talks = true;
        else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
            first = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--runs") == 0)
            n = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--seconds") == 0)
            seconds = (unsigned)strtoul(argv[++i], NULL, 10);
        else {
            fprintf(stderr, "usage: whole [--seed N] [--runs N] [--seconds N] [--memory] [--twice] "
                            "[--talk]\n");
            return 2;
        }
    }
    for (uint64_t seed = first; seed < first + n; seed++) {
        uint64_t digest = run(seed, seconds, memory);
        if (twice && run(seed, seconds, memory) != digest) {
            fprintf(stderr, "seed %llu is not the same twice\n", (unsigned long long)seed);
            return 1;
        }
    }
    return 0;
}
