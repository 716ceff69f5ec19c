/* Messages between two processes over a pair of sockets, descriptors among them (unix(7),
 * SCM_RIGHTS). Blocking, each call up to a time of its own: for the moments in which one server
 * hands over to the next. */
#ifndef PL_IO_PASS_H
#define PL_IO_PASS_H

#include "base/buf.h"
#include "base/carry.h"
#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

#define PL_PASS_BYTES_MAX (1u << 30)

/* The two ends, both closed by exec. PL_EIO. */
enum pl_err pl_pass_pair(int ends[2]) PL_CHECKED;

/* Starts a program that inherits `fd`, whose number is the value of `variable` in its environment;
 * everything else is as it is here. PL_EIO: it cannot be started; errno tells. */
enum pl_err pl_pass_spawn(const char *path, char *const *argv, const char *variable, int fd,
                          pid_t *pid) PL_CHECKED;

/* One message of a kind. `fds` may be NULL. PL_EIO: the other end is gone; PL_EAGAIN: it does not
 * take it in time. */
enum pl_err pl_pass_send(int fd, uint32_t kind, const void *bytes, size_t n,
                         const struct pl_carry_fds *fds, int wait_ms) PL_CHECKED;

/* The next message: its bytes are appended, its descriptors too, which are the caller's then and
 * are closed by exec. `fds` NULL: one with descriptors is refused. PL_EIO: the other end is gone;
 * PL_EAGAIN: nothing in time; PL_EINVAL: no message of ours; PL_ELIMIT: too large; PL_ENOMEM. */
enum pl_err pl_pass_receive(int fd, uint32_t *kind, struct pl_buf *bytes, struct pl_carry_fds *fds,
                            int wait_ms) PL_CHECKED;

#endif
