/* `parley witness`: a meeting's last checkpoint is shown to a witness elsewhere
 * (c2sp.org/tlog-witness), whose cosignature becomes part of the record. */
#ifndef PL_SERVER_WITNESS_H
#define PL_SERVER_WITNESS_H

#include "server/cli.h"

#include <stdbool.h>

/* A server may run on the data folder meanwhile. What is wrong goes to stderr. False: something
 * was, and nothing was kept. */
bool pl_witness(const struct pl_cli_witness *config);

#endif
