/* What a command says when it cannot go on. */
#ifndef PL_SERVER_COMPLAIN_H
#define PL_SERVER_COMPLAIN_H

#include <stdbool.h>

/* "parley: …" and an end of line to the standard error. Returns false. */
bool pl_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
