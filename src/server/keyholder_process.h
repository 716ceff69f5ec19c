/* The process that holds the key of records (record/keyholder.h), and the server's end of it. It is
 * this program once more, so that nothing of the server's memory is in it; it reads the key, gives
 * up everything but answering, and ends with the last server that has the other end. Control
 * thread, before others are started. */
#ifndef PL_SERVER_KEYHOLDER_PROCESS_H
#define PL_SERVER_KEYHOLDER_PROCESS_H

#include "base/err.h"
#include "io/loop.h"
#include "server/signing.h"

#define PL_KEYHOLDER_COMMAND "sign-records" /* the first word of its command line */

struct pl_keyholder_process;

struct pl_keyholder_start {
    const char *key_path;
    const char *url;        /* gives a new key its name */
    struct pl_str rotation; /* the last one that the store has, for pl_record_key_settle */
    bool make;              /* a key, if there is none */
};

/* Starts it, and waits until it has the key. Errors as of pl_record_key_open and
 * pl_record_key_settle, with a line in `why`. */
enum pl_err pl_keyholder_start(const struct pl_keyholder_start *start,
                               struct pl_keyholder_process **out,
                               char why[PL_RECORD_KEY_WHY_SIZE]) PL_CHECKED;
/* The one of the server that hands over, by the server's end of it, which is taken over, also on an
 * error. PL_EIO, PL_ENOMEM. */
enum pl_err pl_keyholder_adopt(int fd, struct pl_keyholder_process **out) PL_CHECKED;
/* The other end ends with it; NULL is fine. */
void pl_keyholder_end(struct pl_keyholder_process *p);

struct pl_signing *pl_keyholder_signing(struct pl_keyholder_process *p);
int pl_keyholder_fd(const struct pl_keyholder_process *p); /* to hand over; borrowed */

/* Calls `ended` on the loop's thread when it is gone. PL_EIO, PL_ENOMEM. */
enum pl_err pl_keyholder_watch(struct pl_keyholder_process *p, struct pl_loop *loop,
                               void (*ended)(void *ctx), void *ctx) PL_CHECKED;

/* Whether these arguments make this process that one; then what it ends with. */
bool pl_keyholder_is(int argc, char *const *argv);
int pl_keyholder_become(char *const *argv);

#endif
