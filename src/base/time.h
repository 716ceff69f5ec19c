/* Time is a parameter everywhere but in src/io, which reads the clock. */
#ifndef PL_BASE_TIME_H
#define PL_BASE_TIME_H

#include <stdint.h>

/* Microseconds of a clock that never goes back; its zero means nothing. */
typedef int64_t pl_time_us;

#define PL_MS ((pl_time_us)1000)
#define PL_SECOND ((pl_time_us)1000000)
#define PL_NEVER ((pl_time_us)INT64_MAX)

static inline pl_time_us pl_time_min(pl_time_us a, pl_time_us b)
{
    return a < b ? a : b;
}

#endif
