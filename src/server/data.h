/* The data folder: made if need be, locked against a second server, and in it the tokens of
 * the administrator and of what reads the metrics; both have the same form. */
#ifndef PL_SERVER_DATA_H
#define PL_SERVER_DATA_H

#include "base/err.h"
#include "base/random.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

#define PL_DATA_WHY_SIZE 400
#define PL_ADMIN_TOKEN_BYTES 32
#define PL_ADMIN_TOKEN_CHARS 43 /* base64url */

struct pl_data;

/* Opens `folder`; NULL: a temporary one, which is removed at the end. On failure `why` is one line.
 * PL_EIO: not there and not to be made, not writable; PL_EAGAIN: another server uses it; PL_EINVAL:
 * the token in it is damaged; PL_ENOMEM. */
enum pl_err pl_data_open(const char *folder, struct pl_random random, struct pl_data **out,
                         char why[PL_DATA_WHY_SIZE]) PL_CHECKED;
void pl_data_close(struct pl_data *d); /* NULL is fine */

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
