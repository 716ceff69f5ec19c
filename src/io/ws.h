/* WebSocket (RFC 6455), the server's side: text messages both ways on a connection of httpd.h. No
 * extensions, so no compression. Frames are wslay's. */
#ifndef PL_IO_WS_H
#define PL_IO_WS_H

#include "base/err.h"
#include "base/text.h"
#include "io/httpd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_ws;

/* Close codes (RFC 6455, 7.4.1). 4000 to 4999 are the application's. */
#define PL_WS_NORMAL 1000
#define PL_WS_GOING_AWAY 1001
#define PL_WS_PROTOCOL_ERROR 1002
#define PL_WS_UNSUPPORTED 1003
#define PL_WS_NO_STATUS 1005 /* never sent: the peer gave no code */
#define PL_WS_ABNORMAL 1006  /* never sent: the connection broke off */
#define PL_WS_BAD_DATA 1007
#define PL_WS_POLICY 1008
#define PL_WS_TOO_BIG 1009
#define PL_WS_INTERNAL 1011

struct pl_ws_handler {
    /* A whole text message, valid UTF-8, at most limits.ws_message bytes; borrowed. */
    void (*text)(void *ctx, struct pl_ws *ws, struct pl_str message);

    /* The end, exactly once for each accepted WebSocket, whatever ended it; never inside a call of
     * ours into this module. `code` is the peer's, ours if we closed first, PL_WS_ABNORMAL if it
     * broke off. ws is not to be used after this returns. */
    void (*closed)(void *ctx, struct pl_ws *ws, unsigned code);

    /* All that was queued has gone to the kernel: whoever has much to say goes on now, and so never
     * keeps more in memory than the peer takes. May be NULL. Never inside a call of ours. */
    void (*drained)(void *ctx, struct pl_ws *ws);
};

/* Whether the request asks for a WebSocket at all (Upgrade: websocket). */
bool pl_ws_wanted(const struct pl_httpd_exchange *x);

/* Answers the request with 101 and makes a WebSocket of its connection. Call it instead of
 * pl_httpd_respond, in `request` or later (PL_ESTATE in `head`); x is not to be used after PL_OK.
 * `protocol` is the subprotocol to announce, or NULL; browsers want one that they offered in
 * Sec-WebSocket-Protocol. The handler struct is borrowed for the WebSocket's life. PL_EINVAL: not a
 * valid handshake (RFC 6455, 4.2.1); PL_EUNSUPPORTED: another version than 13; PL_ENOMEM. After an
 * error x still waits for an answer (400; 426 with "Sec-WebSocket-Version: 13"). */
enum pl_err pl_ws_accept(struct pl_httpd_exchange *x, const char *protocol,
                         const struct pl_ws_handler *handler, void *ctx,
                         struct pl_ws **out) PL_CHECKED;

/* Queues a copy of one text message (UTF-8). A queue that would grow above limits.ws_queue, or no
 * memory, cuts the connection: `closed` follows from the loop. A message above a PL_WS_LARGE-th of
 * the limit is not counted, of whatever size, if there was none since `drained`: who has more of
 * them waits for it. After pl_ws_close, and on a broken connection, it does nothing. */
#define PL_WS_LARGE 4
void pl_ws_send_text(struct pl_ws *ws, const void *bytes, size_t n);

/* Sends what is queued, then a close frame with `reason` (at most 123 bytes, the rest is cut off at
 * a character's end; NULL for none), waits for the peer's for 5 s, and ends. `closed` follows from
 * the loop; no `text` any more. A second call does nothing. */
void pl_ws_close(struct pl_ws *ws, unsigned code, const char *reason);

/* The peer is somebody known: this WebSocket is not ended to make room for a new connection when
 * there are limits.connections of them, and its messages may have limits.ws_message from now on. */
void pl_ws_keep(struct pl_ws *ws);

/* Sec-WebSocket-Accept for a key of 24 characters (RFC 6455, 4.2.2). */
#define PL_WS_ACCEPT_TEXT 28 /* base64 of a SHA-1 */
void pl_ws_accept_text(struct pl_str key, char out[PL_WS_ACCEPT_TEXT + 1]);

const struct pl_addr *pl_ws_peer(const struct pl_ws *ws);

#endif
