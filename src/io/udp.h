/* One bound UDP socket for media: datagrams come in and go out in batches, and datagrams of one
 * size for one address in one piece, which the kernel or the device cuts up and puts together (UDP
 * GSO and GRO, udp(7)). It never blocks. A datagram that the kernel has no room for is dropped and
 * counted, since media is lossy and late media is useless. Belongs to the thread that uses it. */
#ifndef PL_IO_UDP_H
#define PL_IO_UDP_H

#include "base/addr.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define PL_UDP_BATCH 64 /* runs of one system call */
#define PL_UDP_SEGMENTS                                                                            \
    64 /* datagrams of one run: what kernels before 6.9 take (UDP_MAX_SEGMENTS) */
#define PL_UDP_RUN_MAX 65507 /* bytes of one run: what UDP over IPv4 carries (65,535 - 28) */
#define PL_UDP_DATAGRAM_MAX                                                                        \
    2048 /* larger than any datagram on an Ethernet path; longer ones: dropped */
#define PL_UDP_BUFFER (4 << 20) /* bytes of each socket buffer: 64 ms at 500 Mbit/s */

struct pl_udp;

/* Datagrams, and their bytes; monotonic. `truncated`: longer than PL_UDP_DATAGRAM_MAX, dropped;
 * `send_dropped`: no room in the socket or the queue (EAGAIN, ENOBUFS); `send_failed`: the kernel
 * refused for another reason (unreachable, …); `runs`: pieces that went to the kernel, of one
 * datagram or several; `runs_cut`: of these, pieces that it did not take whole, and that were sent
 * one by one. The one list: names serve metrics too. */
/* clang-format off */
#define PL_UDP_COUNTERS(X) \
    X(received) X(received_bytes) X(sent) X(sent_bytes) X(runs) X(runs_cut) X(truncated) \
    X(send_dropped) X(send_failed)
/* clang-format on */

struct pl_udp_stats {
#define X(name) uint64_t name;
    PL_UDP_COUNTERS(X)
#undef X
};

/* Binds *addr; an IPv6 address takes IPv6 only. Port 0: a free one. *actual is the address in use.
 * PL_EIO (errno tells: EADDRINUSE, EADDRNOTAVAIL, …), PL_ENOMEM. */
enum pl_err pl_udp_open(const struct pl_addr *addr, struct pl_udp **out,
                        struct pl_addr *actual) PL_CHECKED;
/* The same over a socket that is bound already, and is taken over (not on an error). */
enum pl_err pl_udp_adopt(int fd, struct pl_udp **out, struct pl_addr *actual) PL_CHECKED;

/* Nobody will receive for a moment, and the kernel is to note when what comes meanwhile came; then
 * this process goes on, or another that adopts the socket. Until the socket is empty once, the age
 * of the datagram that `input` is given is told; afterwards, and where the kernel does not note it,
 * it is 0. pl_udp_leave may be called by another thread. */
#define PL_UDP_AGE_MAX_US 2000000 /* older than that is a clock that was set */
void pl_udp_leave(const struct pl_udp *u);
void pl_udp_return(struct pl_udp *u);
int64_t pl_udp_age_us(const struct pl_udp *u);

void pl_udp_close(struct pl_udp *u); /* what is queued is not sent; NULL is fine */

int pl_udp_fd(const struct pl_udp *u); /* for a pl_watch with EPOLLIN */
const struct pl_udp_stats *pl_udp_stats(const struct pl_udp *u);

/* Calls `input` for each datagram that waits, until about `max` were received. The bytes may be
 * changed in place and die when the callback returns. `input` may send and flush on the same
 * socket; it must not receive or close. Returns the number of datagrams; fewer than `max` means
 * that the socket is empty. */
typedef void pl_udp_input(void *ctx, const struct pl_addr *from, uint8_t *bytes, size_t n);
size_t pl_udp_receive(struct pl_udp *u, size_t max, pl_udp_input *input, void *ctx);

/* Room for the `n` bytes (at most PL_UDP_RUN_MAX) of the next pl_udp_send, so that it need not
 * copy. What was queued may be flushed for it. Good until the next call of reserve, send or flush.
 */
uint8_t *pl_udp_reserve(struct pl_udp *u, size_t n);

/* Queues datagrams of `segment` bytes each (the last may be shorter) for one address: at most
 * PL_UDP_SEGMENTS and PL_UDP_RUN_MAX bytes; n = segment is one datagram, which may be empty. The
 * bytes are copied, unless they stand where pl_udp_reserve said. A segment above
 * PL_UDP_DATAGRAM_MAX is dropped and counted as failed. pl_udp_flush sends what is queued (to be
 * called at the end of each turn). */
void pl_udp_send(struct pl_udp *u, const struct pl_addr *to, const uint8_t *bytes, size_t n,
                 size_t segment);
void pl_udp_flush(struct pl_udp *u);

/* As if the kernel refused pieces of several datagrams: for tests of the fall-back. */
void pl_udp_send_singly(struct pl_udp *u);

/* Addresses of this machine's interfaces that are up, port 0: no link-local ones; loopback
 * ones last. Returns how many were written. */
size_t pl_net_interface_addrs(struct pl_addr *out, size_t max);

#endif
