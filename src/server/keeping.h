/* What keeps a server's records for later: its key (`parley key`), copies of its store (`parley
 * backup`, `parley restore`). */
#ifndef PL_SERVER_KEEPING_H
#define PL_SERVER_KEEPING_H

#include "server/cli.h"
#include "server/data.h"
#include "server/record_key.h"
#include "server/store.h"

#include <stdbool.h>

/* Is the database of a server that has a key there? One that is gone or empty would be made anew,
 * and all that was recorded forgotten. PL_EIO with `why`: it is not. */
enum pl_err pl_keeping_store(const struct pl_data *data,
                             char why[PL_RECORD_KEY_WHY_SIZE]) PL_CHECKED;
/* The key of a data folder, made if there is none, with a rotation finished that a crash left half
 * done. PL_EINVAL: it is not the one that the server's log names last, or there is none though the
 * log is begun. On failure `why` is one line; errors as of pl_record_key_open. */
enum pl_err pl_keeping_key(const struct pl_data *data, struct pl_store *store, const char *url,
                           struct pl_record_key *out, char why[PL_RECORD_KEY_WHY_SIZE]) PL_CHECKED;

/* What is asked for goes to stdout, what is wrong to stderr. False: something was. */
bool pl_key_command(const struct pl_cli_keeping *config);
bool pl_backup(const struct pl_cli_keeping *config);
bool pl_restore(const struct pl_cli_keeping *config);

#endif
