/* A TCP connection as a stream of bytes, maybe under TLS: what the HTTP server hands on when a
 * connection turns out to speak something else. It may move from one thread's loop to another's.
 * It never blocks, and what waits for a slow reader is bounded by whoever queues it. */
#ifndef PL_IO_TCP_H
#define PL_IO_TCP_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/carry.h"
#include "base/err.h"
#include "io/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_TCP_IN_MAX 65536 /* bytes that wait for the handler: cut */
#define PL_TCP_UNSENT 32768 /* bytes of them in the kernel, so that the queue is ours */

struct pl_tcp;

enum pl_tcp_verdict {
    PL_TCP_ON,
    PL_TCP_END,   /* no more of it: `over` follows */
    PL_TCP_GIVEN, /* detached and given away inside the call; not touched any more */
};

struct pl_tcp_handler {
    /* Bytes arrived: `in` holds them and what was left of the last ones. Takes what it can use
     * (pl_buf_consume). May queue and flush; must not free the stream. */
    enum pl_tcp_verdict (*input)(void *ctx, struct pl_tcp *s, struct pl_buf *in);

    /* The end, once, whatever ended it; never inside a call of ours into this module. The handler
     * frees the stream. */
    void (*over)(void *ctx, struct pl_tcp *s);

    pl_time_us stall; /* output that waits so long without a byte going: cut */
};

/* Hands a stream over: its descriptor, what was received and not taken, what was queued and not
 * written. It may be attached, and stays what it is; read, it is made, detached. Not one under TLS:
 * pl_tcp_is_plain. PL_EINVAL, PL_ENOMEM. */
enum pl_err pl_tcp_carry(struct pl_tcp **s, struct pl_carry *c) PL_CHECKED;
bool pl_tcp_is_plain(const struct pl_tcp *s); /* and not at its end */

/* Takes the descriptor, the TLS state (NULL: plain) and copies the n bytes that were received
 * already. On an error nothing is taken. PL_ENOMEM. */
struct ssl_st;
enum pl_err pl_tcp_new(int fd, struct ssl_st *ssl, const struct pl_addr *peer, const void *bytes,
                       size_t n, struct pl_tcp **out) PL_CHECKED;

/* Closes it. It may be attached. NULL is fine. */
void pl_tcp_free(struct pl_tcp *s);

/* From now on the stream belongs to the loop's thread; bytes that are there already are given to
 * `input` in its next turn. The handler is borrowed. PL_ENOMEM, PL_EIO: still detached. */
enum pl_err pl_tcp_attach(struct pl_tcp *s, struct pl_loop *l, const struct pl_tcp_handler *handler,
                          void *ctx) PL_CHECKED;
void pl_tcp_detach(struct pl_tcp *s);

/* It ends at `deadline`, and when nothing has come for `idle`; PL_NEVER for each: never. */
void pl_tcp_limit(struct pl_tcp *s, pl_time_us deadline, pl_time_us idle);

/* Appends to what waits to be written, if that is then at most `max` bytes. False: no room. */
bool pl_tcp_queue(struct pl_tcp *s, const void *bytes, size_t n, size_t max);
void pl_tcp_flush(struct pl_tcp *s); /* writes what can be written */
void pl_tcp_end(struct pl_tcp *s);   /* `over` follows from the loop */

const struct pl_addr *pl_tcp_peer(const struct pl_tcp *s);

#endif
