/* parley-simulate, the program beside this one that plays delegations: it has libraries that a
 * server needs none of, so it is started when it is wanted. */
#ifndef PL_SERVER_SIMULATOR_H
#define PL_SERVER_SIMULATOR_H

#include "base/err.h"
#include "base/text.h"

/* Becomes that program, with these words behind its name (NULL ends them). Returns, false, if it
 * cannot, and has complained. */
bool pl_simulator_become(char *const *words);

struct pl_simulator; /* one that runs; it ends with us, whatever ends us */

/* Starts it for these links, one a line, with at most so many seats. Links to a plain server of
 * this machine, or to one whose certificate is trusted here. PL_ENOENT: the program is not there;
 * PL_EIO, PL_ENOMEM. */
enum pl_err pl_simulator_start(struct pl_str links, unsigned seats,
                               struct pl_simulator **out) PL_CHECKED;

void pl_simulator_stop(struct pl_simulator *s); /* asks it to say goodbye; NULL is fine */

/* Ends it, and waits for that, PL_SIMULATOR_END_MS at most. NULL is fine. */
#define PL_SIMULATOR_END_MS 2000
void pl_simulator_end(struct pl_simulator *s);

#endif
