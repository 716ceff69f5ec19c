/* One HTTP request to another server, for the commands that are clients of a running Parley.
 * Blocks; not for the server itself. */
#ifndef PL_IO_FETCH_H
#define PL_IO_FETCH_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

#define PL_FETCH_SECONDS 30           /* without a byte: given up */
#define PL_FETCH_ANSWER_MAX (8 << 20) /* bytes of an answer, with its head */
#define PL_FETCH_WHY_SIZE 200

struct pl_fetch {
    const char *origin; /* "http://HOST[:PORT]" or "https://…"; certificates are verified */
    const char *method, *path;
    const char *bearer; /* a token, or NULL */
    struct pl_str body; /* JSON; p NULL: none */
};

/* *status and the answer's body. PL_EINVAL: this is no such origin; PL_EIO: no answer, or none that
 * can be read; PL_ELIMIT; PL_ENOMEM. `why` is one line. */
enum pl_err pl_fetch(const struct pl_fetch *f, unsigned *status, struct pl_buf *body,
                     char why[PL_FETCH_WHY_SIZE]) PL_CHECKED;

#endif
