/* The witnesses elsewhere that the server was told of (`--witness`): each is asked to cosign the
 * last checkpoint of every log, the meetings' and the server's own, by a thread of its own
 * (witness_thread.h), and again later where that fails. Nobody waits for them. What they cosigned
 * stands in the store, so that a start finds what is missing. Control thread. */
#ifndef PL_SERVER_WITNESSES_H
#define PL_SERVER_WITNESSES_H

#include "base/time.h"
#include "io/loop.h"
#include "server/record_key.h"
#include "server/store.h"

#include <stdint.h>

#define PL_WITNESSES_MAX 8
#define PL_WITNESS_AGAIN (2 * PL_SECOND) /* after a failure; doubled each time, up to */
#define PL_WITNESS_LATEST (900 * PL_SECOND)

struct pl_witnesses;

/* As --witness names one: URL=VKEY. */
#define PL_WITNESS_URL_SIZE 300
struct pl_witness_named {
    char url[PL_WITNESS_URL_SIZE];
    struct pl_vkey key; /* of type PL_NOTE_COSIGNATURE; the name is borrowed from the text */
};
/* PL_EINVAL: this names none, for the URL (pl_witness_url_ok) or the key. */
enum pl_err pl_witness_named(const char *text, struct pl_witness_named *out) PL_CHECKED;

struct pl_witnesses_config {
    struct pl_loop *loop;
    struct pl_store *store;
    const char *store_path;
    struct pl_random random;
    const struct pl_record_id *key;
    const char *const *list; /* as of pl_witness_named; at most PL_WITNESSES_MAX */
    size_t n;
};

/* Store, path, key and list are borrowed. PL_EINVAL, PL_EIO, PL_ENOMEM. */
enum pl_err pl_witnesses_new(const struct pl_witnesses_config *config,
                             struct pl_witnesses **out) PL_CHECKED;
void pl_witnesses_free(struct pl_witnesses *w); /* NULL is fine */

/* There is a checkpoint of a log: a meeting's id, or PL_RECORD_LOG. NULL is fine. */
void pl_witnesses_note(struct pl_witnesses *w, const char *log);

struct pl_witness_stats {
    struct pl_str name;
    uint64_t cosigned, failures;
    uint64_t waiting;       /* logs that it has not cosigned as they are */
    int64_t last_success_s; /* Unix time; 0: none since the start */
};
/* Of the i-th; false: there are not that many. */
bool pl_witnesses_stats(const struct pl_witnesses *w, size_t i, struct pl_witness_stats *out);

#endif
