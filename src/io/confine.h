/* What a server that holds secrets gives up by itself, whoever starts it: core dumps, and root.
 * The service file takes more away (docs/deploy.md). Before the first thread is started. */
#ifndef PL_IO_CONFINE_H
#define PL_IO_CONFINE_H

#include "base/err.h"

#define PL_CONFINE_WHY_SIZE 200

/* No core dump of this process is written, and no process of the same user may read its memory or
 * attach to it (prctl(2), PR_SET_DUMPABLE); root may. PL_EIO: errno says why. */
enum pl_err pl_confine_dumps(void) PL_CHECKED;

/* Becomes the user `name` for good, with their groups. Of root's rights that to listen on ports
 * below 1024 stays, if it was there (CAP_NET_BIND_SERVICE); no program that is run later gets more
 * (PR_SET_NO_NEW_PRIVS). Who is that user already stays so. On any error `why` is one line:
 * PL_ENOENT: there is no such user; PL_EINVAL: that is root; PL_ESTATE: only root may; PL_EIO. */
enum pl_err pl_confine_user(const char *name, char why[PL_CONFINE_WHY_SIZE]) PL_CHECKED;

#endif
