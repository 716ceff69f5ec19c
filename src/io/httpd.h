/* HTTP/1.1 server (RFC 9110, RFC 9112) on a loop, plain or over TLS; WebSockets: ws.h. It carries
 * requests and answers and knows nothing of routes. Everything runs on the loop's thread.
 *
 * A request in the life of a connection: its head arrives -> `head` is called -> its body arrives
 * -> `request` is called -> the answer is given, there or later -> the next request is read. One
 * request at a time: nothing more is read until the answer has been written. */
#ifndef PL_IO_HTTPD_H
#define PL_IO_HTTPD_H

#include "base/addr.h"
#include "base/err.h"
#include "base/rates.h"
#include "base/text.h"
#include "base/time.h"
#include "io/loop.h"
#include "io/tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_httpd;
struct pl_httpd_exchange; /* one request and its answer */
struct pl_tcp;            /* tcp.h */

#define PL_HTTPD_BODY_DEFAULT 65536   /* bytes of a body, where `head` says nothing else */
#define PL_HTTPD_BODY_RATE 131072     /* bytes a second that a large body must come with */
#define PL_HTTPD_HEADERS_OUT_MAX 8192 /* bytes of an answer's head: what proxies take as a rule */

/* Limits. pl_httpd_new takes NULL for the defaults, which stand behind each. */
struct pl_httpd_limits {
    unsigned connections;    /* 10,000; more are accepted and closed at once */
    struct pl_rate tls_rate; /* handshakes of an address (an IPv6 one: its /64): 100 a second, 2,000
                                at once; more are closed at once */
    pl_time_us tls_handshake; /* 10 s */
    pl_time_us head;          /* 10 s, from the first byte of a request to the end of its head */
    pl_time_us body;          /* 30 s, from the end of the head to the end of the body */
    pl_time_us idle;          /* 60 s between requests */
    pl_time_us write_stall;   /* 30 s without the peer taking a byte of what waits for it */
    size_t ws_message;        /* 600 KiB: a WebSocket message (an offer of 256 kB, escaped) */
    size_t ws_first;          /* 8 KiB: the same, until pl_ws_keep */
    size_t ws_queue;          /* 1 MiB that wait for a WebSocket's reader */
    pl_time_us ws_ping, ws_silence; /* ping after 15 s, cut after 30 s of hearing nothing */
};
struct pl_httpd_limits pl_httpd_limits_default(void);

struct pl_httpd_stats {
    uint64_t accepted, refused; /* refused: over the limit of connections, or of an address */
    uint64_t displaced;         /* ended to make room for a new one */
    uint64_t open;              /* connections now, WebSockets among them */
    uint64_t websockets;        /* now */
    uint64_t requests, bad_requests, timeouts, tls_failed;
    uint64_t streams;       /* connections given to the handler as such */
    uint64_t slow_readers;  /* WebSockets cut since their queue was full */
    uint64_t accept_paused; /* times that descriptors ran out */
};

struct pl_httpd_handler {
    void *ctx;

    /* The head is complete. May answer at once (a refusal: the body is then not wanted and the
     * connection closes if there is one), or call pl_httpd_body_limit, or do neither. May be NULL.
     */
    void (*head)(void *ctx, struct pl_httpd_exchange *x);

    /* The request is complete. Answer it now or later, by pl_httpd_respond…() or pl_ws_accept(). */
    void (*request)(void *ctx, struct pl_httpd_exchange *x);

    /* The exchange ended without the handler's answer, after `head` or `request` was called: the
     * connection died, or the rest of the request was malformed, too large or too late (and was
     * answered here). x is not to be used after this returns. May be NULL if all answers are given
     * inside `head` and `request`. */
    void (*gone)(void *ctx, struct pl_httpd_exchange *x);

    /* A connection that speaks STUN, framed (RFC 4571, ICE-TCP) or not (TURN), in TLS or not, tells
     * by its first bytes. The stream is the handler's from now on, detached. NULL: there are none,
     * and such bytes are bad requests. */
    void (*stream)(void *ctx, struct pl_tcp *s, bool framed);
};

/* The handler is copied. Makes the process ignore SIGPIPE, since OpenSSL writes to sockets that the
 * peer may have closed. PL_ENOMEM. */
enum pl_err pl_httpd_new(struct pl_loop *l, const struct pl_httpd_limits *limits,
                         const struct pl_httpd_handler *handler, struct pl_httpd **out) PL_CHECKED;

/* Closes listeners and connections at once; `gone` and the WebSockets' `closed` are called. Not
 * inside a callback of the server. NULL is fine. */
void pl_httpd_free(struct pl_httpd *h);

/* Opens one more listener; `tls` NULL: plain. Port 0: a free one; *actual is the address in use. An
 * IPv6 address takes IPv6 only. PL_EIO (errno tells: EADDRINUSE, EACCES, …), PL_ENOMEM. */
enum pl_err pl_httpd_listen(struct pl_httpd *h, const struct pl_addr *addr, struct pl_tls *tls,
                            struct pl_addr *actual) PL_CHECKED;

/* The same for streams alone: HTTP is cut. */
enum pl_err pl_httpd_listen_streams(struct pl_httpd *h, const struct pl_addr *addr,
                                    struct pl_tls *tls, struct pl_addr *actual) PL_CHECKED;

/* One more listener, over a socket that listens already and is taken over, also on an error.
 * PL_EIO, PL_ENOMEM. */
enum pl_err pl_httpd_adopt(struct pl_httpd *h, int fd, struct pl_tls *tls, bool streams_only,
                           struct pl_addr *actual) PL_CHECKED;

/* The sockets of the first `max` listeners, in the order of their making; returns how many. */
size_t pl_httpd_listeners(const struct pl_httpd *h, int *fds, size_t max);

/* Closes the listeners, answers what is being asked with "Connection: close", and closes idle
 * connections. WebSockets stay: close them by pl_ws_close. */
void pl_httpd_drain(struct pl_httpd *h);

const struct pl_httpd_stats *pl_httpd_stats(const struct pl_httpd *h);

/* The request. Borrowed text stays valid until the answer or `gone`. `method` is upper case as
 * sent; `path` and `query` are as sent, not percent-decoded: the path starts with "/" ("*" only for
 * OPTIONS), the query is what follows the first "?" (empty if there is none). A header that is
 * absent has p NULL; names are compared without regard to case; of a repeated one the first is
 * given. The body is complete in `request`, empty in `head`. */
struct pl_str pl_httpd_method(const struct pl_httpd_exchange *x);
struct pl_str pl_httpd_path(const struct pl_httpd_exchange *x);
struct pl_str pl_httpd_query(const struct pl_httpd_exchange *x);
struct pl_str pl_httpd_header(const struct pl_httpd_exchange *x, const char *name);
struct pl_str pl_httpd_body(const struct pl_httpd_exchange *x);
const struct pl_addr *pl_httpd_peer(const struct pl_httpd_exchange *x);
bool pl_httpd_is_tls(const struct pl_httpd_exchange *x);

/* A pointer of the caller's, NULL at first. */
void pl_httpd_set_data(struct pl_httpd_exchange *x, void *data);
void *pl_httpd_data(const struct pl_httpd_exchange *x);

/* Inside `head`: the most bytes of body that are taken; more is answered with 413. A body gets more
 * time in proportion to its length, see PL_HTTPD_BODY_RATE. */
void pl_httpd_body_limit(struct pl_httpd_exchange *x, size_t bytes);

/* Nothing more is read of this connection once this answer has gone. */
void pl_httpd_last(struct pl_httpd_exchange *x);

/* The answer, once per exchange; x is not to be used after. Content-Length, Date and Connection are
 * added here; everything else is the caller's. `headers` are copied; a name or value that holds a
 * control character, or heads above PL_HTTPD_HEADERS_OUT_MAX, make the answer a plain 500. The body
 * is copied, but `_static` borrows it: it must stay until pl_httpd_free. HEAD requests get the same
 * head and no body; give the body all the same. */
struct pl_httpd_field {
    const char *name, *value;
};
void pl_httpd_respond(struct pl_httpd_exchange *x, unsigned status,
                      const struct pl_httpd_field *headers, size_t n_headers, const void *body,
                      size_t n);
void pl_httpd_respond_static(struct pl_httpd_exchange *x, unsigned status,
                             const struct pl_httpd_field *headers, size_t n_headers,
                             const void *body, size_t n);

/* A body that is read as the client takes it, PL_HTTPD_PART bytes at a time. */
#define PL_HTTPD_PART (256u << 10)
struct pl_httpd_source {
    void *ctx;
    /* The bytes from `at` on, at most PL_HTTPD_PART of them. 0: it failed, and the connection is
     * cut. */
    size_t (*read)(void *ctx, uint64_t at, void *out);
    void (*done)(void *ctx); /* called once, whatever becomes of the connection */
};
void pl_httpd_respond_source(struct pl_httpd_exchange *x, unsigned status,
                             const struct pl_httpd_field *headers, size_t n_headers,
                             const struct pl_httpd_source *source, uint64_t n);

#endif
