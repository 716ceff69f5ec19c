/* `parley verify`: a record's file, verified, and what was found in words for people. */
#ifndef PL_SERVER_VERIFY_H
#define PL_SERVER_VERIFY_H

#include "base/buf.h"
#include "record/verify.h"
#include "server/cli.h"

#define PL_EXIT_FAULTY 1

/* What was found goes to stdout; what hinders reading, to stderr. Returns the exit status: 0, no
 * fault; PL_EXIT_FAULTY; PL_EXIT_REFUSED, the file cannot be read. */
int pl_verify(const struct pl_cli_verify *config);

/* Appends the report. */
void pl_verify_words(const struct pl_verify_config *config, const struct pl_verify_report *report,
                     struct pl_buf *out);

#endif
