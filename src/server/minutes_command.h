/* `parley minutes`: a meeting's minutes, of the data folder, also beside a running server. */
#ifndef PL_SERVER_MINUTES_COMMAND_H
#define PL_SERVER_MINUTES_COMMAND_H

#include "server/cli.h"

/* To standard output. What goes wrong is said on standard error. */
bool pl_minutes_command(const struct pl_cli_minutes *config);

#endif
