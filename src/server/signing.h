/* Having checkpoints signed by whoever holds the key (record/keyholder.h): another process in a
 * server that runs, this one in a command. Control thread. */
#ifndef PL_SERVER_SIGNING_H
#define PL_SERVER_SIGNING_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "record/keyholder.h"
#include "record/merkle.h"
#include "server/record_key.h"
#include "server/store.h"

struct pl_signing {
    struct pl_record_id id;
    /* Passes a request on and appends the answer. PL_EIO: nobody is there; PL_ENOMEM. */
    enum pl_err (*ask)(void *ctx, struct pl_str request, struct pl_buf *answer);
    void *ctx;
    uint64_t number; /* of the last request */
    bool refused;    /* and it was said so */
};

/* Asks who they are. `number` is what numbers begin behind: answers to another asker are passed
 * over. PL_EIO, PL_EINVAL, PL_ENOMEM. */
enum pl_err pl_signing_open(struct pl_signing *s,
                            enum pl_err (*ask)(void *ctx, struct pl_str request,
                                               struct pl_buf *answer),
                            void *ctx, uint64_t number) PL_CHECKED;
/* By a keyholder in this process, which is borrowed. PL_ENOMEM. */
enum pl_err pl_signing_local(struct pl_signing *s, struct pl_keyholder *keyholder) PL_CHECKED;

/* Says what was signed before, by the store, before anything else is signed. PL_ELIMIT: that is too
 * much; PL_EEXIST, PL_ESTATE, PL_EIO, PL_ENOMEM. */
enum pl_err pl_signing_tell(struct pl_signing *s, struct pl_store *store) PL_CHECKED;

/* Appends the checkpoint of the tree's first `size` leaves as a note. `from` is the size of the
 * last one that the caller knows, 0: none; should more have been signed, the proof begins there.
 * PL_EAUTH: they do not sign this (which is told once); PL_ELIMIT, PL_EIO, PL_ENOMEM. */
enum pl_err pl_signing_checkpoint(struct pl_signing *s, struct pl_str log,
                                  const struct pl_merkle *tree, uint64_t size, uint64_t from,
                                  struct pl_buf *note) PL_CHECKED;

#endif
