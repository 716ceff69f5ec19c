/* Meetings to put a load on: made over REST, open, not encrypted, each with seats and their people.
 * Blocks. */
#ifndef PL_SIMULATE_MEETINGS_H
#define PL_SIMULATE_MEETINGS_H

#include "base/buf.h"
#include "base/err.h"
#include "io/fetch.h"

#include <stddef.h>

struct pl_meetings_wanted {
    const char *server, *token_file; /* an origin; the administrator's token is in the file */
    unsigned n;
    size_t people; /* of each, a seat each */
};

/* Adds their links to `links`, one a line. On an error `why` is one line. */
enum pl_err pl_meetings_make(const struct pl_meetings_wanted *wanted, struct pl_buf *links,
                             char why[PL_FETCH_WHY_SIZE]) PL_CHECKED;

#endif
