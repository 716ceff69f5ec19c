/* `parley invite`: the organiser of an encrypted meeting on the command line, away from the server:
 * keys for its people, the manifest that names them, links. */
#ifndef PL_SERVER_INVITE_H
#define PL_SERVER_INVITE_H

#include "server/cli.h"

#include <stdbool.h>

/* The links go to stdout, a line each, what is wrong to stderr. False: something was. */
bool pl_invite(const struct pl_cli_invite *config);

#endif
