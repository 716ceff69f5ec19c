/* WebSocket (RFC 6455), the client's side, on a loop: text messages both ways with another server.
 * For programs that take part in a meeting; the server itself dials nobody. */
#ifndef PL_IO_DIAL_H
#define PL_IO_DIAL_H

#include "base/err.h"
#include "base/text.h"
#include "io/fetch.h"
#include "io/loop.h"

#include <netinet/in.h>
#include <stddef.h>

#define PL_DIAL_MESSAGE_MAX (8 << 20) /* bytes of a message that comes */

struct pl_dial_place; /* a server: its address, looked up once, and how it is spoken to */
struct pl_dial;       /* one WebSocket */

/* `origin` is "http://HOST[:PORT]" or "https://…", whose certificate is verified. Blocks for the
 * name. PL_EINVAL: this is no such origin; PL_EIO: the name has no IPv4 address, or there is no
 * TLS; PL_ENOMEM. `why` is one line. */
enum pl_err pl_dial_place_new(const char *origin, struct pl_dial_place **out,
                              char why[PL_FETCH_WHY_SIZE]) PL_CHECKED;
void pl_dial_place_free(struct pl_dial_place *p); /* after its WebSockets; NULL is fine */

struct pl_dial_handler {
    /* The server has taken it: texts may be sent. */
    void (*open)(void *ctx);
    /* A whole text message, borrowed. */
    void (*text)(void *ctx, struct pl_str message);
    /* The end, whatever ended it, once; only pl_dial_free may follow. `why` is one line. */
    void (*closed)(void *ctx, const char *why);
};

/* Connects. Everything is called from the loop, never inside a call of these. The handler is
 * borrowed. PL_EIO: no socket; PL_ENOMEM. */
enum pl_err pl_dial(struct pl_dial_place *p, struct pl_loop *l, const char *path,
                    const struct pl_dial_handler *handler, void *ctx,
                    struct pl_dial **out) PL_CHECKED;

/* Queues a copy. On what is not open, or over, it does nothing. */
void pl_dial_send(struct pl_dial *d, const void *bytes, size_t n);

/* Sends what it can of what is queued without waiting, and ends; `closed` is not called. Not inside
 * `text` or `open` of the same. NULL is fine. */
void pl_dial_free(struct pl_dial *d);

#endif
