/* One HTTP request to another server, for the commands that are clients of a running Parley, and
 * for witnesses. Blocks; not for threads that have other things to do. */
#ifndef PL_IO_FETCH_H
#define PL_IO_FETCH_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>

#define PL_FETCH_SECONDS 30           /* without a byte: given up */
#define PL_FETCH_ANSWER_MAX (8 << 20) /* bytes of an answer, with its head */
#define PL_FETCH_HEAD_ROOM (16 << 10) /* bytes that a head may have beside a body's limit */
#define PL_FETCH_WHY_SIZE 200
#define PL_FETCH_HOST_SIZE 256

struct pl_fetch {
    const char *origin; /* "http://HOST[:PORT]" or "https://…"; certificates are verified */
    const char *method, *path;
    const char *bearer;        /* a token, or NULL */
    const char *authorization; /* the whole of that header's value, in its place; NULL: none */
    const char *type;          /* of the body; NULL: JSON */
    struct pl_str body;        /* p NULL: none */
    unsigned seconds;          /* for all of it but looking up the name; 0: as long as bytes come */
    size_t most;               /* bytes of the answer, with its head; 0: PL_FETCH_ANSWER_MAX */
    const int *stop;           /* an eventfd: given up once it can be read; NULL: none */
};

/* *status and the answer's body. PL_EINVAL: this is no such origin; PL_EIO: no answer, or none that
 * can be read; PL_ELIMIT; PL_ENOMEM. `why` is one line. */
enum pl_err pl_fetch(const struct pl_fetch *f, unsigned *status, struct pl_buf *body,
                     char why[PL_FETCH_WHY_SIZE]) PL_CHECKED;

/* Where an origin is: a name or an address without brackets, and a port. PL_EINVAL: it is none. */
struct pl_fetch_origin {
    bool tls;
    char host[PL_FETCH_HOST_SIZE], port[6];
};
enum pl_err pl_fetch_origin(const char *text, struct pl_fetch_origin *out) PL_CHECKED;

/* Reads a whole answer: its status, and its body into *body, in the place of what was there.
 * PL_EIO: it is none, or not whole, and *why says so; PL_ENOMEM. */
enum pl_err pl_fetch_answer(struct pl_str answer, unsigned *status, struct pl_buf *body,
                            const char **why) PL_CHECKED;

#endif
