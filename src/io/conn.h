/* One connection of the HTTP server: what httpd.c, conn.c, exchange.c and ws.c share. Private to
 * src/io.
 *
 * conn.c moves bytes and asks the connection's phase for its next step; exchange.c takes the steps
 * of HTTP, ws.c those of a WebSocket. Answers and messages given from outside only queue output and
 * schedule the connection (pl_conn_again), so that no callback ever runs inside a caller's call and
 * a connection dies in one place only, at the end of pl_conn_pump. */
#ifndef PL_IO_CONN_H
#define PL_IO_CONN_H

#include "base/buf.h"
#include "base/list.h"
#include "io/httpd.h"
#include "proto/http.h"

#include <openssl/ssl.h>

#define PL_CONN_READ_BYTES 16384 /* of one read: a TLS record */

enum pl_conn_phase {
    PL_CONN_FIRST,  /* its first bytes, from which is told what it speaks; once more inside TLS */
    PL_CONN_TLS,    /* the TLS handshake */
    PL_CONN_HEAD,   /* a request's head, or the idle time before it */
    PL_CONN_BODY,   /* its body */
    PL_CONN_WAIT,   /* the handler has it; nothing is read */
    PL_CONN_ANSWER, /* the answer is being written; nothing is read */
    PL_CONN_WS,     /* a WebSocket now */
    PL_CONN_LINGER, /* all is written; reading until the peer closes, so that it gets all of it */
};

struct pl_conn {
    struct pl_list node;  /* httpd.conns */
    struct pl_list again; /* httpd.again, or alone */
    struct pl_list loose; /* httpd.loose, or alone: kept */
    struct pl_httpd *h;
    struct pl_watch watch;
    struct pl_timer timer;
    struct pl_addr peer;
    struct pl_tls *tls; /* the listener's; NULL: plain */
    SSL *ssl;           /* NULL: plain, or TLS has not begun */
    bool streams_only;

    enum pl_conn_phase phase;
    bool dead;           /* ends with the current pump */
    bool close;          /* after this answer */
    bool need_more;      /* the head in `in` is not complete */
    pl_time_us deadline; /* of the phase */
    pl_time_us stall;    /* of output that waits: moves with each byte that goes */
    uint32_t watched, read_wants, write_wants; /* EPOLLIN, EPOLLOUT; TLS may want the other one */

    struct pl_buf in;  /* received, not used yet */
    struct pl_buf out; /* to be written, from out_at on, and then the tail */
    size_t out_at;
    const uint8_t *tail; /* a borrowed body */
    size_t tail_len;
    struct pl_httpd_source source; /* of a body that is read by and by; done NULL: none */
    uint64_t source_at, source_len;

    struct pl_httpd_exchange *x; /* BODY, WAIT */
    struct pl_ws *ws;            /* WS */
};

struct pl_httpd_exchange {
    struct pl_conn *c;
    struct pl_buf head; /* the bytes that `request` borrows from */
    struct pl_http_request request;
    struct pl_http_chunked chunked;
    struct pl_buf body;
    size_t body_limit;
    bool told; /* the handler knows of it, so it must hear of its end */
    void *data;
};

struct pl_httpd {
    struct pl_loop *loop;
    struct pl_httpd_limits limits;
    struct pl_httpd_handler handler;
    struct pl_httpd_stats stats;
    struct pl_list listeners, conns, again, again_mark;
    struct pl_list loose; /* connections that go when there are too many, the oldest phase first */
    struct pl_rates *tls_rates;
    struct pl_timer again_timer, accept_timer;
    bool draining;
    int64_t date_second;
    char date[32];
    uint8_t scratch[PL_CONN_READ_BYTES];
};

/* conn.c */
void pl_conn_new(struct pl_httpd *h, int fd, const struct pl_addr *peer, struct pl_tls *tls,
                 bool streams_only);
void pl_conn_destroy(struct pl_conn *c);
void pl_conn_pump(struct pl_conn *c);  /* may destroy c */
void pl_conn_again(struct pl_conn *c); /* pump soon, from the loop */
bool pl_conn_fill(struct pl_conn *c);  /* reads into c->in; false: nothing came, or c is dead */
void pl_conn_enter(struct pl_conn *c, enum pl_conn_phase phase, pl_time_us allowance);

/* exchange.c */
void pl_exchange_source_done(struct pl_conn *c); /* nothing if there is none */
/* A step returns whether anything was done. The output is empty when it is called. */
bool pl_exchange_head_step(struct pl_conn *c);
bool pl_exchange_body_step(struct pl_conn *c);
void pl_exchange_refuse(struct pl_conn *c, unsigned status, const char *why);
void pl_exchange_free(struct pl_conn *c); /* without an answer: tells the handler */

/* ws.c */
bool pl_ws_step(struct pl_conn *c);
void pl_ws_expire(struct pl_conn *c); /* its deadline has come */
void pl_ws_ended(struct pl_conn *c);  /* tells the handler and frees c->ws */

/* httpd.c */
const char *pl_httpd_date(struct pl_httpd *h); /* RFC 9110, 5.6.7 */

#endif
