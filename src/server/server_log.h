/* The server's own log: what became of its meetings, deleted ones too, and its keys. Its events are
 * the store's; here are its tree, its checkpoints, and what is told of it. Control thread. */
#ifndef PL_SERVER_SERVER_LOG_H
#define PL_SERVER_SERVER_LOG_H

#include "base/buf.h"
#include "base/err.h"
#include "server/signing.h"
#include "server/store.h"
#include "server/witnesses.h"

struct pl_server_log;

/* Reads the log, begins it with the key if it is empty, and covers it. Store and signing are
 * borrowed. PL_EINVAL: its events are not those that were signed; PL_EIO, PL_ENOMEM. */
enum pl_err pl_server_log_new(struct pl_store *store, struct pl_signing *signing, int64_t now_ms,
                              struct pl_server_log **out) PL_CHECKED;
void pl_server_log_free(struct pl_server_log *log); /* NULL is fine */
/* Who is told of its checkpoints; borrowed. */
void pl_server_log_use_witnesses(struct pl_server_log *log, struct pl_witnesses *witnesses);

/* Signs what came to the store since the last time. If that fails, the next time does it. */
void pl_server_log_cover(struct pl_server_log *log);

/* The last checkpoint, a note, with what witnesses cosigned of it, appended. PL_EIO, PL_ENOMEM. */
enum pl_err pl_server_log_checkpoint(const struct pl_server_log *log,
                                     struct pl_buf *out) PL_CHECKED;
/* What the log says of a meeting, as JSON, with proofs: {"checkpoint":NOTE,"events":[{"event":
 * EXACT TEXT,"number","proof":[BASE64…]}…]}. PL_ENOENT: nothing; PL_EIO, PL_ENOMEM. */
enum pl_err pl_server_log_meeting(struct pl_server_log *log, struct pl_str meeting,
                                  struct pl_buf *json) PL_CHECKED;

#endif
