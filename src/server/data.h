/* The data folder: made if need be, locked against a second server, and in it the tokens of
 * the administrator and of what reads the metrics; both have the same form. */
#ifndef PL_SERVER_DATA_H
#define PL_SERVER_DATA_H

#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PL_DATA_WHY_SIZE 400
#define PL_ADMIN_TOKEN_BYTES 32
#define PL_ADMIN_TOKEN_CHARS 43 /* base64url */

struct pl_data;

/* Opens `folder`; NULL: a temporary one, which is removed at the end. On failure `why` is one line.
 * PL_EIO: not there and not to be made, not writable; PL_EAGAIN: another server uses it; PL_EINVAL:
 * the token in it is damaged; PL_ENOMEM. */
enum pl_err pl_data_open(const char *folder, struct pl_random random, struct pl_data **out,
                         char why[PL_DATA_WHY_SIZE]) PL_CHECKED;
/* The same with the lock of the server of before, which hands over; the descriptor is taken over,
 * also on an error. */
enum pl_err pl_data_take(const char *folder, int lock, struct pl_random random,
                         struct pl_data **out, char why[PL_DATA_WHY_SIZE]) PL_CHECKED;
void pl_data_close(struct pl_data *d); /* NULL is fine */

/* Notes in the lock that it is this process's. PL_EIO. */
enum pl_err pl_data_note_process(const struct pl_data *d) PL_CHECKED;
int pl_data_lock(const struct pl_data *d); /* the descriptor; borrowed */

/* The process that has the folder. PL_ENOENT: none, or one that does not say; PL_ENOMEM. */
enum pl_err pl_data_runs(const char *folder, pid_t *pid) PL_CHECKED;

/* What it answers to a command that sent it a signal: a file, "FOLDER/upgrade" (why it did not hand
 * over) or "FOLDER/drain", which is told, read (PL_ENOENT: it has not said so) and forgotten.
 * PL_EIO, PL_ENOMEM. */
enum pl_data_answer { PL_DATA_UPGRADE, PL_DATA_DRAIN };
enum pl_err pl_data_told(const char *folder, enum pl_data_answer answer,
                         struct pl_buf *text) PL_CHECKED;
void pl_data_forget(const char *folder, enum pl_data_answer answer);
enum pl_err pl_data_tell(const struct pl_data *d, enum pl_data_answer answer,
                         const char *text) PL_CHECKED;

/* "FOLDER/traces", "FOLDER/links" (of a demo); they may not be there. */
const char *pl_data_traces_path(const struct pl_data *d);
const char *pl_data_links_path(const struct pl_data *d);

/* "FOLDER/parley.db", "FOLDER/record.key", "FOLDER/admin-token". */
const char *pl_data_store_path(const struct pl_data *d);
const char *pl_data_key_path(const struct pl_data *d);
const char *pl_data_token_path(const struct pl_data *d);

/* Whether this is the administrator's token, or the one that reads metrics and does nothing else,
 * without telling how much of it is right. */
bool pl_data_is_admin(const struct pl_data *d, struct pl_str token);
bool pl_data_is_metrics(const struct pl_data *d, struct pl_str token);

#endif
