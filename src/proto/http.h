/* HTTP/1.1 requests (RFC 9110, RFC 9112): the head, the chunked coding, percent-encoding. Sans-IO:
 * bytes in, borrowed text out. Strict where two parsers that disagree would let a request be
 * smuggled past a proxy (RFC 9112, 11.2). Answers are written by src/io/httpd.c. */
#ifndef PL_PROTO_HTTP_H
#define PL_PROTO_HTTP_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_HTTP_HEAD_MAX 16384  /* bytes of a head, its empty line included; as nginx and Apache */
#define PL_HTTP_TARGET_MAX 2048 /* bytes of a request target; our longest is some 100 */
#define PL_HTTP_METHOD_MAX 32   /* bytes of a method */
#define PL_HTTP_HEADERS_MAX 64  /* header lines; a browser behind two proxies sends about 25 */
#define PL_HTTP_CHUNK_LINE_MAX 256 /* bytes of a chunk-size line, extensions and CRLF included */
#define PL_HTTP_TRAILER_MAX 4096   /* bytes of all trailer lines together */

struct pl_http_field {
    struct pl_str name, value; /* as sent; the value without white space around it */
};

/* A request's head. All text is borrowed from the bytes that were parsed. Text that is absent has
 * p NULL; an empty header value has p set and n 0. */
struct pl_http_request {
    /* Set when pl_http_parse gives PL_EINVAL, and nothing else is then. The answer's status is 400,
     * 414, 417, 431, 501 or 505; close the connection after it. `why` is one sentence, static. */
    unsigned status;
    const char *why;

    struct pl_str method; /* case-sensitive, a token */
    struct pl_str path;   /* begins with "/", or is "*" (OPTIONS only); not percent-decoded */
    struct pl_str query;  /* what follows the first "?", empty if there is none */
    unsigned minor;       /* HTTP/1.minor */
    size_t head_len;      /* bytes up to the body */
    size_t n_headers;
    struct pl_http_field headers[PL_HTTP_HEADERS_MAX];

    bool has_length;         /* Content-Length was given */
    uint64_t content_length; /* 0 if not; unlimited here: the caller refuses with 413 */
    bool chunked;            /* the body is in the chunked coding; never together with has_length */
    bool keep_alive;         /* the client takes another answer on this connection */
    bool expect_continue;    /* Expect: 100-continue (RFC 9110, 10.1.1) */

    bool websocket;       /* Upgrade holds "websocket" and Connection "upgrade" (RFC 6455, 4.2.1) */
    struct pl_str ws_key; /* Sec-WebSocket-Key, not looked into */
    struct pl_str ws_version; /* Sec-WebSocket-Version */
};

/* Parses the head at the beginning of `bytes`; one empty line before it is skipped (RFC 9112, 2.2).
 * PL_OK; PL_EAGAIN: the head has not ended yet, call again with the same bytes and more of them
 * (cheap: only its line ends are looked at until it is complete); PL_EINVAL: refuse it with
 * out->status, see there. Taken are HTTP/1.1 and later 1.x, HTTP/1.0 (without keep-alive and
 * without chunked); targets in origin-form ("/path?query") and "*". Refused are bare LF, folded
 * lines, white space before a colon, names that are no tokens, control characters in values, more
 * than one Host or (from 1.1 on) none, more than one Content-Length or Transfer-Encoding, both
 * together, any transfer coding but "chunked". */
enum pl_err pl_http_parse(const char *bytes, size_t n, struct pl_http_request *out) PL_CHECKED;

/* The value of the first header of that name, in any case; p NULL if there is none. */
struct pl_str pl_http_header(const struct pl_http_request *r, const char *name);

/* Whether a comma-separated list holds the token, in any case ("keep-alive, Upgrade"). */
bool pl_http_list_has(struct pl_str list, const char *token);

/* Decoder of the chunked coding (RFC 9112, 7.1). Zero it before a body. Extensions and trailers are
 * read over. It holds no bytes: what it gives out is part of what it was given. */
struct pl_http_chunked {
    int state;
    uint64_t left; /* bytes of this chunk that are still to come */
    size_t line;   /* bytes of the current line */
    size_t trailer;
};

/* Takes bytes from the front of *in. PL_OK: *data is a piece of the body, at least one byte; or it
 * is empty, the body has ended, and *in is what follows it. PL_EAGAIN: all of *in is taken, more is
 * needed. PL_EINVAL: malformed (400); PL_ELIMIT: a line or the trailers too long (400 or 431).
 * After an error or the end the decoder is not to be fed again. */
enum pl_err pl_http_chunked(struct pl_http_chunked *c, struct pl_str *in,
                            struct pl_str *data) PL_CHECKED;

/* Percent-decodes one path segment (RFC 3986, 2.1) into a zero-ended array of `size`, at least 1.
 * PL_EINVAL: a bad escape, or the result is not UTF-8, holds a control character or a "/";
 * PL_ETRUNC. After an error `out` is the empty string. */
enum pl_err pl_http_segment(struct pl_str segment, char *out, size_t size) PL_CHECKED;

/* The value of a parameter of a query, decoded as forms write it ("+" is a space), into a
 * zero-ended array of `size`, at least 1. PL_ENOENT: there is none of this name; PL_EEXIST: more
 * than one; PL_EINVAL: a bad escape, or the result is not UTF-8 or holds a control character;
 * PL_ETRUNC. After an error `out` is the empty string. */
enum pl_err pl_http_query(struct pl_str query, const char *name, char *out, size_t size) PL_CHECKED;

/* "Not Found" for 404 (RFC 9110, 15); "Unknown" for a status that we never send. */
const char *pl_http_reason(unsigned status);

#endif
