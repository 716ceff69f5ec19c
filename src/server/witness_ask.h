/* What is said to a witness elsewhere (c2sp.org/tlog-witness, add-checkpoint): the last checkpoint
 * of a log, with the proof that it goes on from what the witness saw last; and the cosignature that
 * comes back. Reads the store, writes nothing, and blocks: for commands, and threads of their own.
 */
#ifndef PL_SERVER_WITNESS_ASK_H
#define PL_SERVER_WITNESS_ASK_H

#include "base/buf.h"
#include "record/note.h"
#include "server/record_key.h"
#include "server/store.h"

#include <stdint.h>

#define PL_WITNESS_WHY_SIZE 700
#define PL_WITNESS_SECONDS 30 /* for one answer, all of it */

/* May checkpoints be sent there? By HTTPS, or to this machine; the path has no query. */
bool pl_witness_url_ok(const char *url);

struct pl_witness_request {
    struct pl_store *store;
    const struct pl_record_id *key; /* the server's, for its name */
    const char *log;                /* a meeting's id, or PL_RECORD_LOG */
    const char *url;                /* what stands before /add-checkpoint */
    const struct pl_vkey *witness;
    const int *stop; /* as of pl_fetch; NULL: none */
};

enum pl_witness_outcome {
    PL_WITNESS_COSIGNED, /* `line` of the checkpoint of `size`, made at `time_s` */
    PL_WITNESS_NOTHING,  /* nothing is signed yet, or it cosigned that already */
    PL_WITNESS_AWAY,     /* no answer, or one that asks for patience: perhaps later */
    PL_WITNESS_UNKNOWN,  /* it does not know the log, and has to be given its key */
    PL_WITNESS_REFUSED,  /* it saw another history, or what it says is no good */
    PL_WITNESS_FAILED,   /* our own store or memory failed */
};
struct pl_witness_answer {
    enum pl_witness_outcome outcome;
    uint64_t size;
    int64_t time_s;
    struct pl_buf line;            /* without its end; the caller's to free */
    char why[PL_WITNESS_WHY_SIZE]; /* one sentence, unless it cosigned */
};

void pl_witness_ask(const struct pl_witness_request *r, struct pl_witness_answer *out);

#endif
