/* `parley serve` and `parley demo`: puts the parts together, says where it listens, runs until it
 * is told to end, and takes the parts apart again. */
#ifndef PL_SERVER_SERVE_H
#define PL_SERVER_SERVE_H

#include "server/cli.h"

/* The exit status: 0 after SIGTERM or SIGINT, or once it has handed over (handover.h; `argv` is
 * what the next process is started with), PL_EXIT_REFUSED after one line on stderr when it cannot
 * start. */
int pl_serve(const struct pl_config *config, char *const *argv);

#endif
