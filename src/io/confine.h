/* What a server that holds secrets gives up by itself, whoever starts it: core dumps, and root.
 * The service file takes more away (docs/deploy.md). Before the first thread is started. */
#ifndef PL_IO_CONFINE_H
#define PL_IO_CONFINE_H

#include "base/err.h"

#include <stddef.h>

#define PL_CONFINE_WHY_SIZE 200

/* No core dump of this process is written, and no process of the same user may read its memory or
 * attach to it (prctl(2), PR_SET_DUMPABLE); root may. PL_EIO: errno says why. */
enum pl_err pl_confine_dumps(void) PL_CHECKED;

/* Becomes the user `name` for good, with their groups. Of root's rights that to listen on ports
 * below 1024 stays, if it was there (CAP_NET_BIND_SERVICE); no program that is run later gets more
 * (PR_SET_NO_NEW_PRIVS). Who is that user already stays so. On any error `why` is one line:
 * PL_ENOENT: there is no such user; PL_EINVAL: that is root; PL_ESTATE: only root may; PL_EIO. */
enum pl_err pl_confine_user(const char *name, char why[PL_CONFINE_WHY_SIZE]) PL_CHECKED;

/* Nothing that is opened from now on is the file `path`, or one beside it whose name begins the
 * same: neither by this process nor by those that it starts (landlock(7)). Everything else stays
 * readable that is there now, and what comes into its folders; not what comes later into the
 * folders that lead to the file. So none of the n files `renewed`, which are put anew while the
 * server runs, may be in one of these. On any error nothing changes and `why` is one line:
 * PL_ESTATE: one is; PL_EUNSUPPORTED: the kernel cannot; PL_EIO. */
enum pl_err pl_confine_reading(const char *path, const char *const *renewed, size_t n,
                               char why[PL_CONFINE_WHY_SIZE]) PL_CHECKED;

/* Keeps this process out of swap as far as the limit of locked memory (RLIMIT_MEMLOCK) allows, at
 * least `secret`: n bytes, in pages of their own. */
void pl_confine_swap(void *secret, size_t n);

/* From now on this process may read and write what it has open, have memory that cannot be run, and
 * end; for any other call the kernel kills it (seccomp(2)). One thread. PL_EIO: errno. */
enum pl_err pl_confine_calls(void) PL_CHECKED;

#endif
