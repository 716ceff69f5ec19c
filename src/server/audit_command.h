/* `parley audit`: the audit of a data folder as a file (docs/record.md). */
#ifndef PL_SERVER_AUDIT_COMMAND_H
#define PL_SERVER_AUDIT_COMMAND_H

#include "server/cli.h"

#include <stdbool.h>

/* To standard output, also while a server runs. False: it cannot, and that was told. */
bool pl_audit_command(const char *data);
/* What was found in such a file, in words; the exit status of `parley verify`. */
int pl_audit_verify_command(struct pl_str file, const char *key);

#endif
