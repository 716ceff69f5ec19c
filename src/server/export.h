/* `parley export`: a meeting's record as one file (docs/record.md), out of the data folder, also
 * while a server runs on it. */
#ifndef PL_SERVER_EXPORT_H
#define PL_SERVER_EXPORT_H

#include "server/cli.h"

#include <stdbool.h>

/* The record goes to stdout, what is wrong to stderr. False: something was, and nothing was
 * written, or not all. */
bool pl_export(const struct pl_cli_export *config);

#endif
