/* What keeps a server's records for later: its key (`parley key`), copies of its store (`parley
 * backup`, `parley restore`). */
#ifndef PL_SERVER_KEEPING_H
#define PL_SERVER_KEEPING_H

#include "io/confine.h"
#include "server/cli.h"
#include "server/data.h"
#include "server/keyholder_process.h"
#include "server/record_key.h"
#include "server/store.h"

#include <stdbool.h>

/* Is the database of a server that has a key there? One that is gone or empty would be made anew,
 * and all that was recorded forgotten. PL_EIO with `why`: it is not. */
enum pl_err pl_keeping_store(const struct pl_data *data,
                             char why[PL_RECORD_KEY_WHY_SIZE]) PL_CHECKED;
/* Starts the process that signs, with the key of a data folder: made if there is none, with a
 * rotation finished that a crash left half done; and tells it what the store says was signed.
 * PL_EINVAL: the key is not the one that the server's log names last, or there is none though the
 * log is begun. On failure `why` is one line; errors as of pl_keyholder_start. */
enum pl_err pl_keeping_keyholder(const struct pl_data *data, struct pl_store *store,
                                 const char *url, struct pl_keyholder_process **out,
                                 char why[PL_RECORD_KEY_WHY_SIZE]) PL_CHECKED;

/* From now on this process and those that it starts do not read the key; before threads. The
 * program and the files of TLS (NULL: none) are put anew while it runs. `why` is empty, or one
 * line: then it could, and the key is in another process at least. */
void pl_keeping_leave(const struct pl_data *data, const char *tls_cert, const char *tls_key,
                      char why[PL_CONFINE_WHY_SIZE]);

/* What is asked for goes to stdout, what is wrong to stderr. False: something was. */
bool pl_key_command(const struct pl_cli_keeping *config);
bool pl_backup(const struct pl_cli_keeping *config);
bool pl_restore(const struct pl_cli_keeping *config);

#endif
