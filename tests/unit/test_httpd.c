/* The HTTP server, WebSockets and TLS over loopback sockets. Clients and server share one loop,
 * which runs until what is waited for has happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certificate.h"

#include "base/buf.h"
#include "io/httpd.h"
#include "io/loop.h"
#include "io/tcp.h"
#include "io/tls.h"
#include "io/ws.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct pl_loop *loop;
static struct pl_httpd *httpd;
static struct pl_addr address;

#define BIG (3 << 20)
static char big[BIG];

/* --- Running until --- */

static bool (*wanted)(void);
static struct pl_timer guard;

static void check_wanted(void *ctx)
{
    (void)ctx;
    if (wanted && wanted())
        pl_loop_stop(loop);
}

static void too_late(struct pl_timer *t)
{
    (void)t;
    fail_msg("waited for 10 s");
}

static void run_until(bool (*condition)(void))
{
    if (condition())
        return;
    wanted = condition;
    guard.fire = too_late;
    assert_int_equal(pl_timer_set(loop, &guard, pl_loop_now(loop) + 10 * PL_SECOND), PL_OK);
    pl_loop_run(loop);
    pl_timer_clear(loop, &guard);
    wanted = NULL;
}

/* --- The client --- */

struct client {
    struct pl_watch watch;
    struct pl_buf in, out;
    size_t out_at;
    bool over; /* end of file, or an error */
    bool deaf; /* does not read */
    SSL *ssl;
    char expect[64];
    size_t expect_n;
};

static struct client *me; /* of the conditions */

static bool client_over(void)
{
    return me->over;
}

static bool client_got(void)
{
    return me->over || (me->in.len >= me->expect_n &&
                        (!me->expect[0] || (me->in.data && strstr(me->in.data, me->expect))));
}

static void client_write(struct client *c)
{
    while (c->out_at < c->out.len) {
        const char *p = c->out.data + c->out_at;
        size_t left = c->out.len - c->out_at;
        ssize_t n =
            c->ssl ? SSL_write(c->ssl, p, (int)left) : send(c->watch.fd, p, left, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        c->out_at += (size_t)n;
    }
}

static void client_ready(struct pl_watch *w, uint32_t events)
{
    struct client *c = pl_container_of(w, struct client, watch);
    static char bytes[65536];
    (void)events;
    client_write(c);
    while (!c->deaf && !c->over) {
        ssize_t n =
            c->ssl ? SSL_read(c->ssl, bytes, sizeof bytes) : recv(w->fd, bytes, sizeof bytes, 0);
        if (n > 0) {
            pl_buf_add(&c->in, bytes, (size_t)n);
            continue;
        }
        int error = c->ssl ? SSL_get_error(c->ssl, (int)n) : 0;
        if (c->ssl ? error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
                   : n < 0 && errno == EAGAIN)
            break;
        c->over = true;
    }
    uint32_t want = c->over ? 0 : (c->deaf ? 0 : EPOLLIN);
    if (c->out_at < c->out.len)
        want |= EPOLLOUT;
    if (c->over)
        pl_loop_unwatch(loop, w);
    else
        assert_int_equal(pl_loop_rewatch(loop, w, want), PL_OK);
}

/* `small`: with a little buffer and short segments, as a slow line has. */
static struct client *connect_by(const struct pl_addr *addr, bool small)
{
    struct client *c = calloc(1, sizeof *c);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(addr->port)};
    memcpy(&name.sin_addr, addr->ip + 12, 4);
    c->watch = (struct pl_watch){socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), client_ready};
    int buffer = 4096, segment = 536;
    if (small) {
        setsockopt(c->watch.fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
        setsockopt(c->watch.fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    }
    if (connect(c->watch.fd, (struct sockaddr *)&name, sizeof name) != 0)
        assert_int_equal(errno, EINPROGRESS);
    assert_int_equal(pl_loop_watch(loop, &c->watch, EPOLLIN), PL_OK);
    return c;
}

static struct client *connect_to(const struct pl_addr *addr)
{
    return connect_by(addr, false);
}

static void client_send(struct client *c, const void *bytes, size_t n)
{
    pl_buf_add(&c->out, bytes, n);
    assert_int_equal(pl_loop_rewatch(loop, &c->watch, EPOLLIN | EPOLLOUT), PL_OK);
}

static void client_puts(struct client *c, const char *text)
{
    client_send(c, text, strlen(text));
}

static void client_expect(struct client *c, const char *text, size_t n)
{
    me = c;
    snprintf(c->expect, sizeof c->expect, "%s", text);
    c->expect_n = n;
    run_until(client_got);
    if (text[0] && !(c->in.data && strstr(c->in.data, text)))
        fail_msg("wanted \"%s\", got \"%.2000s\"", text, c->in.data ? c->in.data : "");
}

static void client_wait_over(struct client *c)
{
    me = c;
    run_until(client_over);
}

static void client_free(struct client *c)
{
    if (!c->over)
        pl_loop_unwatch(loop, &c->watch);
    SSL_free(c->ssl);
    close(c->watch.fd);
    pl_buf_free(&c->in);
    pl_buf_free(&c->out);
    free(c);
}

/* --- The server's handler --- */

static struct pl_httpd_exchange *late; /* waits for its answer */
static unsigned gone, closed, closed_code, texts;
static struct pl_ws *last_ws;

static bool path_is(struct pl_httpd_exchange *x, const char *path)
{
    return pl_str_eq(pl_httpd_path(x), path);
}

static void on_head(void *ctx, struct pl_httpd_exchange *x)
{
    (void)ctx;
    if (path_is(x, "/refused"))
        pl_httpd_respond(x, 401, NULL, 0, "no", 2);
    else if (path_is(x, "/ten"))
        pl_httpd_body_limit(x, 10);
    else if (path_is(x, "/large"))
        pl_httpd_body_limit(x, BIG);
}

static void ws_text(void *ctx, struct pl_ws *ws, struct pl_str message)
{
    (void)ctx;
    texts++;
    if (pl_str_eq(message, "bye"))
        pl_ws_close(ws, 4001, "as you wish");
    else
        pl_ws_send_text(ws, message.p, message.n);
}

static void ws_closed(void *ctx, struct pl_ws *ws, unsigned code)
{
    (void)ctx;
    assert_ptr_equal(ws, last_ws);
    last_ws = NULL;
    closed++;
    closed_code = code;
}

static unsigned drained;

static void ws_drained(void *ctx, struct pl_ws *ws)
{
    (void)ctx;
    (void)ws;
    drained++;
    check_wanted(NULL);
}

static bool one_drained(void)
{
    return drained == 1;
}

static const struct pl_ws_handler ws_handler = {
    .text = ws_text, .closed = ws_closed, .drained = ws_drained};

static void accept_ws(struct pl_httpd_exchange *x)
{
    enum pl_err e = pl_ws_accept(x, "parley", &ws_handler, NULL, &last_ws);
    if (e != PL_OK)
        pl_httpd_respond(x, e == PL_EUNSUPPORTED ? 426 : 400, NULL, 0, "", 0);
}

static void answer_header(struct pl_httpd_exchange *x)
{
    static char value[PL_HTTPD_HEADERS_OUT_MAX + 1];
    uint64_t n;
    assert_int_equal(pl_parse_u64(pl_httpd_query(x), sizeof value - 1, &n), PL_OK);
    memset(value, 'v', n);
    value[n] = 0;
    const struct pl_httpd_field field = {"X", value};
    pl_httpd_respond(x, 200, &field, 1, NULL, 0);
}

/* A body that is read as it goes. */
static unsigned sources_done;
static uint64_t source_fails_at;

static size_t source_read(void *ctx, uint64_t at, void *out)
{
    assert_ptr_equal(ctx, big);
    if (at >= source_fails_at)
        return 0;
    size_t n = BIG - at < PL_HTTPD_PART ? BIG - at : PL_HTTPD_PART;
    memcpy(out, big + at, n);
    return n;
}

static void source_done(void *ctx)
{
    assert_ptr_equal(ctx, big);
    sources_done++;
}

static void on_request(void *ctx, struct pl_httpd_exchange *x)
{
    (void)ctx;
    static const struct pl_httpd_field bad = {"X-Bad", "a\r\nInjected: b"};
    struct pl_str body = pl_httpd_body(x);
    if (path_is(x, "/late"))
        late = x;
    else if (path_is(x, "/big"))
        pl_httpd_respond_static(x, 200, NULL, 0, big, BIG);
    else if (path_is(x, "/source"))
        pl_httpd_respond_source(x, 200, NULL, 0,
                                &(struct pl_httpd_source){big, source_read, source_done}, BIG);
    else if (path_is(x, "/header"))
        answer_header(x);
    else if (path_is(x, "/bad"))
        pl_httpd_respond(x, 200, &bad, 1, "body", 4);
    else if (path_is(x, "/none"))
        pl_httpd_respond(x, 204, NULL, 0, NULL, 0);
    else if (path_is(x, "/ws"))
        accept_ws(x);
    else if (path_is(x, "/query"))
        pl_httpd_respond(x, 200, NULL, 0, pl_httpd_query(x).p, pl_httpd_query(x).n);
    else
        pl_httpd_respond(x, 200, NULL, 0, body.n ? body.p : "hello", body.n ? body.n : 5);
}

static void on_gone(void *ctx, struct pl_httpd_exchange *x)
{
    (void)ctx;
    gone++;
    if (x == late)
        late = NULL;
}

/* Streams: sent back as they come; "end" ends one, "big" is answered with more than is taken. */
static unsigned streams, framed_streams, streams_over;
static size_t queued;

static enum pl_tcp_verdict stream_input(void *ctx, struct pl_tcp *s, struct pl_buf *in)
{
    (void)ctx;
    if (strstr(in->data, "end"))
        return PL_TCP_END;
    if (strstr(in->data, "big"))
        while (pl_tcp_queue(s, big, 4096, BIG))
            queued += 4096;
    else
        assert_true(pl_tcp_queue(s, in->data, in->len, BIG));
    pl_tcp_flush(s);
    pl_buf_clear(in);
    return PL_TCP_ON;
}

static void stream_over(void *ctx, struct pl_tcp *s)
{
    (void)ctx;
    streams_over++;
    pl_tcp_free(s);
}

static void on_stream(void *ctx, struct pl_tcp *s, bool framed)
{
    static const struct pl_tcp_handler handler = {stream_input, stream_over, PL_SECOND};
    (void)ctx;
    streams++;
    framed_streams += framed;
    assert_int_equal(pl_tcp_attach(s, loop, &handler, NULL), PL_OK);
}

static void start(const struct pl_httpd_limits *limits)
{
    const struct pl_httpd_handler handler = {NULL, on_head, on_request, on_gone, on_stream};
    const struct pl_addr any = pl_addr_v4((const uint8_t[]){127, 0, 0, 1}, 0);
    assert_int_equal(pl_loop_new(&loop), PL_OK);
    assert_int_equal(pl_httpd_new(loop, limits, &handler, &httpd), PL_OK);
    assert_int_equal(pl_httpd_listen(httpd, &any, NULL, &address), PL_OK);
    pl_loop_on_turn(loop, check_wanted, NULL);
    late = NULL;
    last_ws = NULL;
    gone = closed = closed_code = texts = 0;
    streams = framed_streams = streams_over = 0;
    queued = 0;
}

static int setup(void **state)
{
    (void)state;
    start(NULL);
    return 0;
}

/* Short, but long enough for a busy machine to do meanwhile what is to be done in time. */
static int setup_hasty(void **state)
{
    (void)state;
    struct pl_httpd_limits limits = pl_httpd_limits_default();
    limits.head = limits.body = limits.write_stall = 100 * PL_MS;
    limits.tls_handshake = 20 * PL_MS;
    start(&limits);
    return 0;
}

static int setup_hasty_ws(void **state)
{
    (void)state;
    struct pl_httpd_limits limits = pl_httpd_limits_default();
    limits.ws_ping = 5 * PL_MS;
    limits.ws_silence = 20 * PL_MS;
    start(&limits);
    return 0;
}

static int setup_idle(void **state)
{
    (void)state;
    struct pl_httpd_limits limits = pl_httpd_limits_default();
    limits.idle = 20 * PL_MS;
    start(&limits);
    return 0;
}

static int setup_two(void **state)
{
    (void)state;
    struct pl_httpd_limits limits = pl_httpd_limits_default();
    limits.connections = 2;
    start(&limits);
    return 0;
}

static int setup_two_handshakes(void **state)
{
    (void)state;
    struct pl_httpd_limits limits = pl_httpd_limits_default();
    limits.tls_rate = (struct pl_rate){3600 * PL_SECOND, 2};
    start(&limits);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pl_httpd_free(httpd);
    assert_null(last_ws);
    pl_loop_free(loop);
    return 0;
}

static bool all_closed(void)
{
    return pl_httpd_stats(httpd)->open == 0;
}

static bool late_is_there(void)
{
    return late != NULL;
}

/* --- HTTP --- */

#define H " HTTP/1.1\r\nHost: h\r\n"
#define R200(n) "HTTP/1.1 200 OK\r\nContent-Length: " n "\r\nConnection: keep-alive\r\n\r\n"
#define RCLOSE(status, n)                                                                          \
    "HTTP/1.1 " status "\r\nContent-Length: " n "\r\nConnection: close\r\n\r\n"
#define RPLAIN(status, n)                                                                          \
    "HTTP/1.1 " status "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " n         \
    "\r\nConnection: close\r\n\r\n"
#define LAST "GET /last" H "Connection: close\r\n\r\n"
#define RLAST RCLOSE("200 OK", "5") "hello"

/* All end with the connection's end. The Date header is taken out before comparing. */
static const struct {
    const char *name, *input, *output;
} dialogues[] = {
    {"close", LAST, RLAST},
    {"keep-alive and pipelining", "GET /" H "\r\nGET /query?a=b" H "\r\n" LAST,
     R200("5") "hello" R200("3") "a=b" RLAST},
    {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", RLAST},
    {"HEAD", "HEAD /" H "\r\nHEAD /big" H "\r\n" LAST, R200("5") R200("3145728") RLAST},
    {"204", "GET /none" H "\r\n" LAST,
     "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n" RLAST},
    {"body", "POST /" H "Content-Length: 4\r\n\r\nbody" LAST, R200("4") "body" RLAST},
    {"chunked",
     "POST /" H
     "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\nT: v\r\n\r\n" LAST,
     R200("8") "abcdefgh" RLAST},
    {"empty chunked body", "POST /" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" LAST,
     R200("5") "hello" RLAST},
    {"malformed chunk", "POST /" H "Transfer-Encoding: chunked\r\n\r\nx\r\n",
     RPLAIN("400 Bad Request", "31") "The chunked body is malformed.\n"},
    {"body at the limit", "POST /ten" H "Content-Length: 10\r\n\r\n0123456789" LAST,
     R200("10") "0123456789" RLAST},
    {"body over the limit", "POST /ten" H "Content-Length: 11\r\n\r\n01234567890" LAST,
     RPLAIN("413 Content Too Large", "23") "The body is too large.\n"},
    {"chunked body at the limit",
     "POST /ten" H "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n" LAST,
     R200("10") "0123456789" RLAST},
    {"chunked body over the limit",
     "POST /ten" H "Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n" LAST,
     RPLAIN("413 Content Too Large", "23") "The body is too large.\n"},
    {"a length beyond all limits", "POST /" H "Content-Length: 1000000000000000000\r\n\r\n",
     RPLAIN("413 Content Too Large", "23") "The body is too large.\n"},
    {"refused before the body", "POST /refused" H "Content-Length: 5\r\n\r\nbytes" LAST,
     RCLOSE("401 Unauthorized", "2") "no"},
    {"refused without a body", "GET /refused" H "\r\n" LAST,
     "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nno" RLAST},
    {"header injection", "GET /bad" H "\r\n" LAST,
     "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: "
     "keep-alive\r\n\r\n" RLAST},
    {"not a WebSocket handshake", "GET /ws" H "\r\n" LAST,
     "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n" RLAST},
    {"another WebSocket version",
     "GET /ws" H "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" LAST,
     "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n" RLAST},
};

static void strip_dates(struct pl_buf *b)
{
    char *at;
    while (b->data && (at = strstr(b->data, "\r\nDate: "))) {
        size_t n = strcspn(at + 2, "\r") + 2;
        memmove(at, at + n, strlen(at + n) + 1);
        b->len -= n;
    }
}

/* In one piece, and byte by byte. */
static void dialogues_go_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dialogues / sizeof *dialogues; i++) {
        for (int slowly = 0; slowly <= 1; slowly++) {
            struct client *c = connect_to(&address);
            const char *input = dialogues[i].input;
            size_t n = strlen(input);
            if (!slowly)
                client_send(c, input, n);
            for (size_t at = 0; slowly && at < n && !c->over; at++) {
                client_send(c, input + at, 1);
                client_expect(c, "", 0);
                pl_loop_stop(loop);
                pl_loop_run(loop);
            }
            client_wait_over(c);
            strip_dates(&c->in);
            if (!c->in.data || strcmp(c->in.data, dialogues[i].output) != 0)
                fail_msg("%s: got \"%s\"", dialogues[i].name, c->in.data ? c->in.data : "");
            client_free(c);
        }
    }
    run_until(all_closed);
    assert_int_equal(pl_httpd_stats(httpd)->timeouts, 0);
}

static void malformed_requests_get_their_status(void **state)
{
    (void)state;
    static const struct {
        const char *input, *status;
    } rows[] = {
        {"GET\r\n\r\n", "HTTP/1.1 400 "},
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", "HTTP/1.1 505 "},
        {"POST /" H "Transfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 501 "},
        {"POST /" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 400 "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct client *c = connect_to(&address);
        client_puts(c, rows[i].input);
        client_wait_over(c);
        assert_non_null(c->in.data);
        assert_memory_equal(c->in.data, rows[i].status, strlen(rows[i].status));
        client_free(c);
    }
    assert_int_equal(pl_httpd_stats(httpd)->bad_requests, sizeof rows / sizeof *rows);
}

/* Length of the answer to a request for a header of n characters. */
static size_t answer_with_header(size_t n, const char *status)
{
    struct client *c = connect_to(&address);
    char request[128];
    snprintf(request, sizeof request, "HEAD /header?%zu" H "Connection: close\r\n\r\n", n);
    client_puts(c, request);
    client_wait_over(c);
    assert_non_null(c->in.data);
    assert_memory_equal(c->in.data, status, strlen(status));
    size_t len = c->in.len;
    client_free(c);
    return len;
}

static void heads_of_answers_are_limited(void **state)
{
    (void)state;
    size_t n = 1 + PL_HTTPD_HEADERS_OUT_MAX - answer_with_header(1, "HTTP/1.1 200 ");
    assert_int_equal(answer_with_header(n, "HTTP/1.1 200 "), PL_HTTPD_HEADERS_OUT_MAX);
    answer_with_header(n + 1, "HTTP/1.1 500 ");
}

static void heads_of_requests_are_limited(void **state)
{
    (void)state;
    struct client *c = connect_to(&address);
    client_puts(c, "GET /" H "X: ");
    client_send(c, big, 1 << 20);
    client_wait_over(c);
    assert_non_null(c->in.data);
    assert_memory_equal(c->in.data, "HTTP/1.1 431 ", 13);
    client_free(c);
}

static void continue_is_sent_when_wanted(void **state)
{
    (void)state;
    struct client *c = connect_to(&address);
    client_puts(c, "POST /" H "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    client_expect(c, "100 Continue\r\n\r\n", 0);
    client_puts(c, "body");
    client_expect(c, "\r\n\r\nbody", 0);
    client_puts(c, "POST /refused" H "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    client_wait_over(c);
    assert_non_null(strstr(c->in.data, "401"));
    assert_ptr_equal(strstr(c->in.data, "100"), strstr(c->in.data, "100 Continue"));
    assert_null(strstr(strstr(c->in.data, "body"), "100 Continue"));
    client_free(c);
}

static void answers_may_come_late(void **state)
{
    (void)state;
    struct client *c = connect_to(&address);
    client_puts(c, "GET /late" H "\r\nGET /" H "\r\n");
    run_until(late_is_there);
    assert_true(pl_str_eq(pl_httpd_header(late, "host"), "h"));
    assert_null(pl_httpd_header(late, "Cookie").p);
    assert_true(pl_addr_is_loopback(pl_httpd_peer(late)));
    pl_httpd_set_data(late, &late);
    assert_ptr_equal(pl_httpd_data(late), &late);
    assert_int_equal(c->in.len, 0);
    pl_httpd_respond(late, 201, NULL, 0, "made", 4);
    client_expect(c, "hello", 0);
    assert_non_null(strstr(c->in.data, "made"));
    assert_int_equal(gone, 0);
    client_free(c);
}

static bool one_gone(void)
{
    return gone == 1;
}

static void handler_hears_of_a_client_that_left(void **state)
{
    (void)state;
    struct client *c = connect_to(&address);
    client_puts(c, "GET /late" H "\r\n");
    run_until(late_is_there);
    struct linger reset = {1, 0};
    setsockopt(c->watch.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    client_free(c);
    run_until(one_gone);
    assert_null(late);
    run_until(all_closed);
}

static void large_bodies_arrive_whole(void **state)
{
    (void)state;
    struct client *c = connect_to(&address);
    client_puts(c, "POST /large" H "Content-Length: 3145728\r\n\r\n");
    client_send(c, big, BIG);
    client_expect(c, "", BIG + 100);
    assert_memory_equal(c->in.data + c->in.len - BIG, big, BIG);
    pl_buf_clear(&c->in);
    client_puts(c, "GET /big" H "\r\n" LAST);
    client_wait_over(c);
    char *body = strstr(c->in.data, "\r\n\r\n") + 4;
    assert_memory_equal(body, big, BIG);
    assert_memory_equal(body + BIG, "HTTP/1.1 200", 12);
    client_free(c);
}

static bool one_timeout(void)
{
    return pl_httpd_stats(httpd)->timeouts == 1;
}

static void large_answers_are_read_as_they_go(void **state)
{
    (void)state;
    sources_done = 0;
    source_fails_at = UINT64_MAX;
    struct client *c = connect_to(&address);
    client_puts(c, "HEAD /source" H "\r\nGET /source" H "\r\n" LAST);
    client_wait_over(c);
    const char *length = "Content-Length: 3145728\r\n";
    char *head = strstr(c->in.data, "\r\n\r\n") + 4;
    assert_true(strstr(c->in.data, length) < head);
    char *body = strstr(head, "\r\n\r\n") + 4;
    assert_memory_equal(body, big, BIG);
    assert_memory_equal(body + BIG, "HTTP/1.1 200", 12);
    assert_int_equal(sources_done, 2);
    client_free(c);
    run_until(all_closed);
}

static void a_source_that_fails_cuts_the_answer(void **state)
{
    (void)state;
    sources_done = 0;
    source_fails_at = PL_HTTPD_PART;
    struct client *c = connect_to(&address);
    client_puts(c, "GET /source" H "\r\n" LAST);
    client_wait_over(c);
    assert_true(c->in.len > PL_HTTPD_PART && c->in.len < PL_HTTPD_PART + 1000);
    assert_int_equal(sources_done, 1);
    client_free(c);
    run_until(all_closed);
}

static void a_source_ends_with_its_client(void **state)
{
    (void)state;
    sources_done = 0;
    source_fails_at = UINT64_MAX;
    struct client *c = connect_to(&address);
    int small = 4096;
    setsockopt(c->watch.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    c->deaf = true;
    for (int i = 0; i < 4; i++)
        client_puts(c, "GET /source" H "\r\n");
    run_until(one_timeout);
    run_until(all_closed);
    assert_true(sources_done >= 1);
    client_free(c);
}

static void drain_closes_what_is_idle(void **state)
{
    (void)state;
    struct client *idle = connect_to(&address), *busy = connect_to(&address);
    client_puts(idle, "GET /" H "\r\n");
    client_expect(idle, "hello", 0);
    client_puts(busy, "GET /late" H "\r\n");
    run_until(late_is_there);
    pl_httpd_drain(httpd);
    client_wait_over(idle);
    assert_false(busy->over);
    pl_httpd_respond(late, 200, NULL, 0, "done", 4);
    client_wait_over(busy);
    assert_non_null(strstr(busy->in.data, "Connection: close\r\n\r\ndone"));
    client_free(idle);
    client_free(busy);
    run_until(all_closed);
}

static void busy_port_is_told(void **state)
{
    (void)state;
    struct pl_addr actual;
    assert_int_equal(pl_httpd_listen(httpd, &address, NULL, &actual), PL_EIO);
    assert_int_equal(errno, EADDRINUSE);
}

static bool two_timeouts(void)
{
    return pl_httpd_stats(httpd)->timeouts == 2;
}

static void loris_is_cut(void **state)
{
    (void)state;
    struct client *head = connect_to(&address), *body = connect_to(&address);
    client_puts(head, "GET / HTTP/1.1\r\nHo");
    client_puts(body, "POST /" H "Content-Length: 9\r\n\r\nhalf");
    run_until(two_timeouts);
    client_wait_over(head);
    client_wait_over(body);
    assert_memory_equal(head->in.data, "HTTP/1.1 408 ", 13);
    assert_memory_equal(body->in.data, "HTTP/1.1 408 ", 13);
    assert_int_equal(gone, 1); /* `head` was told of it */
    client_free(head);
    client_free(body);
    struct client *silent = connect_to(&address); /* no byte at all: no answer */
    client_wait_over(silent);
    assert_int_equal(silent->in.len, 0);
    client_free(silent);
    run_until(all_closed);
}

static void never_reading_client_is_cut(void **state)
{
    (void)state;
    struct client *c = connect_to(&address);
    int small = 4096;
    setsockopt(c->watch.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    c->deaf = true;
    for (int i = 0; i < 4; i++)
        client_puts(c, "GET /big" H "\r\n");
    run_until(one_timeout);
    run_until(all_closed);
    client_free(c);
}

/* Who takes a little now and then is no better: the kernel asks for more when UNSENT / 2 have gone,
 * which is what somebody has to take in time. */
static struct client *dripping;
static struct pl_timer drip_timer;

static void drip(struct pl_timer *t)
{
    char bytes[512];
    if (recv(dripping->watch.fd, bytes, sizeof bytes, 0) > 0)
        dripping->in.len += sizeof bytes; /* so much was taken */
    assert_int_equal(pl_timer_set(loop, t, pl_loop_now(loop) + 10 * PL_MS), PL_OK);
}

static void dripping_client_is_cut(void **state)
{
    (void)state;
    struct client *c = dripping = connect_by(&address, true);
    c->deaf = true;
    client_puts(c, "GET /big" H "\r\n");
    drip_timer.fire = drip;
    drip(&drip_timer);
    run_until(one_timeout);
    pl_timer_clear(loop, &drip_timer);
    assert_true(c->in.len > 0); /* it did take some of it */
    c->in.len = 0;
    run_until(all_closed);
    client_free(c);
}

static void idle_connection_is_closed(void **state)
{
    (void)state;
    struct client *c = connect_to(&address);
    client_puts(c, "GET /" H "\r\n");
    client_wait_over(c);
    assert_non_null(strstr(c->in.data, "hello"));
    assert_int_equal(pl_httpd_stats(httpd)->timeouts, 0);
    client_free(c);
}

static bool accept_was_paused(void)
{
    return pl_httpd_stats(httpd)->accept_paused > 0;
}

/* No descriptor is left for the second one; it is served once the first one has gone. */
static void no_descriptors_no_spinning(void **state)
{
    (void)state;
    struct client *first = connect_to(&address);
    client_puts(first, "GET /" H "\r\n");
    client_expect(first, "hello", 0);
    struct client *second = connect_to(&address);
    struct rlimit before, none;
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    int top = dup(0);
    close(top);
    none.rlim_cur = (rlim_t)top;
    setrlimit(RLIMIT_NOFILE, &none);
    run_until(accept_was_paused);
    setrlimit(RLIMIT_NOFILE, &before);
    client_puts(second, "GET /" H "\r\n");
    client_expect(second, "hello", 0);
    assert_int_equal(pl_httpd_stats(httpd)->accept_paused, 1);
    client_free(first);
    client_free(second);
}

/* --- WebSocket --- */

#define UPGRADE                                                                                    \
    "GET /ws" H "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"                        \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

#define FIN 0x80
#define TEXT 1
#define BINARY 2
#define CLOSE 8
#define PING 9

static void send_frame(struct client *c, unsigned first, const void *bytes, size_t n)
{
    const uint8_t mask[4] = {1, 2, 3, 4};
    uint8_t head[14] = {(uint8_t)first};
    size_t at = 2;
    if (n < 126) {
        head[1] = (uint8_t)(0x80 | n);
    } else if (n < 65536) {
        head[1] = 0x80 | 126;
        head[at++] = (uint8_t)(n >> 8);
        head[at++] = (uint8_t)n;
    } else {
        head[1] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8)
            head[at++] = (uint8_t)((uint64_t)n >> shift);
    }
    memcpy(head + at, mask, 4);
    client_send(c, head, at + 4);
    uint8_t *masked = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        masked[i] = ((const uint8_t *)bytes)[i] ^ mask[i % 4];
    client_send(c, masked, n);
    free(masked);
}

/* The next frame of the server: its first byte; its payload is moved to the front of c->in. */
static unsigned take_frame(struct client *c, struct pl_buf *payload)
{
    pl_buf_clear(payload);
    client_expect(c, "", 2);
    if (c->in.len < 2)
        return 0;
    const uint8_t *p = (const uint8_t *)c->in.data;
    unsigned first = p[0];
    size_t n = p[1], head = n == 126 ? 4 : n == 127 ? 10 : 2;
    client_expect(c, "", head);
    p = (const uint8_t *)c->in.data;
    for (size_t i = 2, v = 0; i < head; i++)
        n = v = v << 8 | p[i];
    client_expect(c, "", head + n);
    pl_buf_add(payload, c->in.data + head, n);
    pl_buf_consume(&c->in, head + n);
    return first;
}

static struct client *connect_ws(void)
{
    struct client *c = connect_to(&address);
    client_puts(c, UPGRADE);
    client_expect(c, "\r\n\r\n", 0);
    assert_string_equal(c->in.data, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                    "Connection: Upgrade\r\n"
                                    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                    "Sec-WebSocket-Protocol: parley\r\n\r\n");
    pl_buf_clear(&c->in);
    return c;
}

static bool one_was_displaced(void)
{
    return pl_httpd_stats(httpd)->displaced == 1;
}

/* Two are the limit. The one that has said nothing for the longest makes room for the third. */
static void the_idle_make_room(void **state)
{
    (void)state;
    struct client *c[3];
    for (int i = 0; i < 3; i++)
        c[i] = connect_to(&address);
    client_wait_over(c[0]);
    assert_true(one_was_displaced());
    assert_int_equal(pl_httpd_stats(httpd)->refused, 0);
    assert_int_equal(pl_httpd_stats(httpd)->open, 2);
    client_puts(c[2], "GET /" H "\r\n");
    client_expect(c[2], "hello", 0);
    client_puts(c[1], "GET /" H "\r\n");
    client_expect(c[1], "hello", 0);
    for (int i = 0; i < 3; i++)
        client_free(c[i]);
}

static bool one_websocket_is_left(void)
{
    return pl_httpd_stats(httpd)->websockets == 1;
}

/* A WebSocket that is kept stays, and when all are, nobody new comes in. */
static void kept_websockets_stay(void **state)
{
    (void)state;
    struct client *first = connect_ws();
    struct pl_ws *first_ws = last_ws;
    pl_ws_keep(first_ws);
    struct client *second = connect_ws();
    struct client *third = connect_ws();
    pl_ws_keep(last_ws);
    client_wait_over(second);
    assert_true(one_was_displaced());
    struct client *fourth = connect_to(&address);
    client_wait_over(fourth);
    assert_int_equal(pl_httpd_stats(httpd)->refused, 1);
    assert_int_equal(pl_httpd_stats(httpd)->websockets, 2);
    client_free(third);
    run_until(one_websocket_is_left);
    last_ws = first_ws;
    client_free(first);
    client_free(second);
    client_free(fourth);
}

static bool one_closed(void)
{
    return closed == 1;
}

static void ws_echo(void **state)
{
    (void)state;
    struct client *c = connect_ws();
    struct pl_buf got = {0};
    static const size_t sizes[] = {1, 125, 126, 65535, 65536, 600 << 10};
    pl_ws_keep(last_ws);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        send_frame(c, FIN | TEXT, big, sizes[i]);
        assert_int_equal(take_frame(c, &got), FIN | TEXT);
        assert_int_equal(got.len, sizes[i]);
        assert_memory_equal(got.data, big, got.len);
    }
    send_frame(c, TEXT, "frag", 4); /* with a ping in between */
    send_frame(c, FIN | PING, "are you there", 13);
    send_frame(c, 0, "men", 3);
    send_frame(c, FIN, "ts", 2);
    assert_int_equal(take_frame(c, &got), FIN | (PING + 1));
    assert_string_equal(got.data, "are you there");
    assert_int_equal(take_frame(c, &got), FIN | TEXT);
    assert_string_equal(got.data, "fragments");
    assert_int_equal(pl_httpd_stats(httpd)->websockets, 1);

    send_frame(c, FIN | CLOSE,
               "\x03\xe9"
               "away",
               6);
    assert_int_equal(take_frame(c, &got), FIN | CLOSE);
    run_until(one_closed);
    assert_int_equal(closed_code, PL_WS_GOING_AWAY);
    client_wait_over(c);
    client_free(c);
    pl_buf_free(&got);
    run_until(all_closed);
    assert_int_equal(closed, 1);
    assert_int_equal(pl_httpd_stats(httpd)->websockets, 0);
}

static void ws_closed_by_us(void **state)
{
    (void)state;
    struct client *c = connect_ws();
    struct pl_buf got = {0};
    send_frame(c, FIN | TEXT, "one", 3);
    send_frame(c, FIN | TEXT, "bye", 3);
    send_frame(c, FIN | TEXT, "unheard", 7);
    assert_int_equal(take_frame(c, &got), FIN | TEXT); /* texts before the close arrive */
    assert_int_equal(take_frame(c, &got), FIN | CLOSE);
    assert_memory_equal(got.data,
                        "\x0f\xa1"
                        "as you wish",
                        13);
    assert_int_equal(texts, 2);
    send_frame(c, FIN | CLOSE, "\x0f\xa1", 2);
    client_wait_over(c);
    run_until(one_closed);
    assert_int_equal(closed_code, 4001);
    client_free(c);
    pl_buf_free(&got);
}

/* What ends a WebSocket, and with which code. */
static void ws_refusals(void **state)
{
    (void)state;
    static const struct {
        unsigned first;
        const char *bytes;
        size_t n;
        unsigned code;
    } rows[] = {
        {FIN | BINARY, "x", 1, PL_WS_UNSUPPORTED},
        {FIN | TEXT, "\xff", 1, PL_WS_BAD_DATA},
        {FIN | TEXT, big, (600 << 10) + 1, PL_WS_TOO_BIG},
        {FIN | 0x40 | TEXT, "x", 1, PL_WS_PROTOCOL_ERROR},
        {FIN, "continues nothing", 17, PL_WS_PROTOCOL_ERROR},
        {FIN | 3, "", 0, PL_WS_PROTOCOL_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct client *c = connect_ws();
        struct pl_buf got = {0};
        closed = 0;
        pl_ws_keep(last_ws);
        send_frame(c, rows[i].first, rows[i].bytes, rows[i].n);
        assert_int_equal(take_frame(c, &got), FIN | CLOSE);
        assert_int_equal((uint8_t)got.data[0] << 8 | (uint8_t)got.data[1], rows[i].code);
        client_wait_over(c);
        run_until(one_closed);
        assert_int_equal(closed_code, rows[i].code);
        assert_int_equal(texts, 0);
        client_free(c);
        pl_buf_free(&got);
    }
}

/* Who is not known yet has little memory to fill. */
static void ws_strangers_are_short(void **state)
{
    (void)state;
    for (size_t over = 0; over <= 1; over++) {
        struct client *c = connect_ws();
        struct pl_buf got = {0};
        closed = 0;
        send_frame(c, FIN | TEXT, big, (8 << 10) + over);
        assert_int_equal(take_frame(c, &got), FIN | (over ? CLOSE : TEXT));
        client_free(c);
        run_until(one_closed);
        assert_int_equal(closed_code, over ? PL_WS_TOO_BIG : PL_WS_ABNORMAL);
        pl_buf_free(&got);
    }
}

static void ws_fragments_are_limited(void **state)
{
    (void)state;
    for (int over = 0; over <= 1; over++) {
        struct client *c = connect_ws();
        struct pl_buf got = {0};
        closed = 0;
        send_frame(c, TEXT, "x", 1);
        for (int i = 2; i < 1024 + over; i++)
            send_frame(c, 0, "x", 1);
        send_frame(c, FIN, "x", 1);
        assert_int_equal(take_frame(c, &got), FIN | (over ? CLOSE : TEXT));
        assert_int_equal(got.len, over ? 2 : 1024);
        client_free(c);
        run_until(one_closed);
        assert_int_equal(closed_code, over ? PL_WS_POLICY : PL_WS_ABNORMAL);
        pl_buf_free(&got);
    }
}

static void ws_broken_off(void **state)
{
    (void)state;
    struct client *c = connect_ws();
    client_free(c);
    run_until(one_closed);
    assert_int_equal(closed_code, PL_WS_ABNORMAL);
}

/* The queue of one who never reads is bounded; the others are served meanwhile. */
static void ws_slow_reader_is_cut(void **state)
{
    (void)state;
    struct client *c = connect_ws();
    int small = 4096;
    setsockopt(c->watch.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    c->deaf = true;
    assert_int_equal(pl_loop_rewatch(loop, &c->watch, 0), PL_OK);
    unsigned sent = 0;
    while (pl_httpd_stats(httpd)->slow_readers == 0) {
        assert_int_equal(closed, 0);
        pl_ws_send_text(last_ws, big, 64 << 10);
        assert_true(++sent < 1000); /* the kernel's buffers, and then 1 MiB */
        pl_loop_stop(loop);
        pl_loop_run(loop);
    }
    assert_true(sent > 16);
    run_until(one_closed);
    assert_int_equal(closed_code, PL_WS_ABNORMAL);
    run_until(all_closed);
    client_free(c);
}

static void ws_queue_at_its_limit(void **state)
{
    (void)state;
    for (unsigned over = 0; over <= 1; over++) {
        struct client *c = connect_ws();
        for (int i = 0; i < 16; i++) /* all in one turn: nothing goes out meanwhile */
            pl_ws_send_text(last_ws, big, 64 << 10);
        if (over)
            pl_ws_send_text(last_ws, "x", 1);
        assert_int_equal(pl_httpd_stats(httpd)->slow_readers, over);
        closed = 0;
        client_free(c);
        run_until(one_closed);
    }
}

/* What is said in one piece may be larger than the queue; not two such at once. */
static void ws_large_message_has_room(void **state)
{
    (void)state;
    static const struct {
        size_t first, then, last;
        unsigned cut;
    } rows[] = {
        {BIG, 1 << 20, 0, 0},         /* beside it the queue is as long as ever, */
        {BIG, 1 << 20, 1, 1},         /* and no longer */
        {BIG, 0, BIG, 1},             /* a second one */
        {256 << 10, 768 << 10, 0, 0}, /* large is what is more than a quarter */
        {256 << 10, 768 << 10, 1, 1},
        {(256 << 10) + 1, 1 << 20, 0, 0},
        {(256 << 10) + 1, 1 << 20, 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t before = pl_httpd_stats(httpd)->slow_readers;
        struct client *c = connect_ws();
        pl_ws_send_text(last_ws, big, rows[i].first);
        for (size_t sent = 0; sent < rows[i].then; sent += 64 << 10)
            pl_ws_send_text(last_ws, big, 64 << 10);
        if (rows[i].last)
            pl_ws_send_text(last_ws, big, rows[i].last);
        assert_int_equal(pl_httpd_stats(httpd)->slow_readers - before, rows[i].cut);
        closed = 0;
        client_free(c);
        run_until(one_closed);
    }
}

static void ws_large_messages_follow_each_other(void **state)
{
    (void)state;
    uint64_t before = pl_httpd_stats(httpd)->slow_readers;
    struct client *c = connect_ws();
    struct pl_buf got = {0};
    for (int i = 0; i < 3; i++) {
        drained = 0;
        pl_ws_send_text(last_ws, big, BIG);
        assert_int_equal(take_frame(c, &got), FIN | TEXT);
        assert_int_equal(got.len, BIG);
        run_until(one_drained);
    }
    assert_int_equal(pl_httpd_stats(httpd)->slow_readers, before);
    client_free(c);
    pl_buf_free(&got);
}

static void ws_silent_peer_is_cut(void **state)
{
    (void)state;
    struct client *c = connect_ws();
    struct pl_buf got = {0};
    assert_int_equal(take_frame(c, &got), FIN | PING);
    run_until(one_closed);
    assert_int_equal(closed_code, PL_WS_ABNORMAL);
    assert_int_equal(pl_httpd_stats(httpd)->timeouts, 1);
    client_free(c);
    pl_buf_free(&got);
}

static void ws_left_open_at_the_end(void **state)
{
    (void)state;
    struct client *c = connect_ws();
    pl_httpd_free(httpd);
    httpd = NULL;
    assert_int_equal(closed, 1);
    client_wait_over(c);
    client_free(c);
}

/* --- TLS --- */

static char folder[64], cert_file[96], key_file[96];
static unsigned reports;
static enum pl_err last_report;

static void on_report(void *ctx, enum pl_err err, const char *line)
{
    (void)ctx;
    assert_null(strchr(line, '\n'));
    reports++;
    last_report = err;
}

static bool reported(void)
{
    return reports > 0;
}

/* A self-signed certificate with the given serial number; the key's file may be left as it is. */
static void make_certificate(long serial, bool with_key)
{
    certificate_write(cert_file, with_key ? key_file : NULL, serial);
}

static void make_folder(void)
{
    strcpy(folder, "/tmp/test_httpd_XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(cert_file, sizeof cert_file, "%s/cert.pem", folder);
    snprintf(key_file, sizeof key_file, "%s/key.pem", folder);
    reports = 0;
}

static void remove_folder(void)
{
    unlink(cert_file);
    unlink(key_file);
    rmdir(folder);
}

static SSL_CTX *client_context;

static struct client *connect_tls(const struct pl_addr *addr)
{
    struct client *c = connect_to(addr);
    c->ssl = SSL_new(client_context);
    SSL_set_fd(c->ssl, c->watch.fd);
    SSL_set_connect_state(c->ssl);
    return c;
}

static long served_serial(const struct pl_addr *addr)
{
    struct client *c = connect_tls(addr);
    client_puts(c, LAST);
    client_wait_over(c);
    assert_non_null(c->in.data);
    assert_non_null(strstr(c->in.data, "\r\n\r\nhello"));
    X509 *cert = SSL_get1_peer_certificate(c->ssl);
    long serial = ASN1_INTEGER_get(X509_get_serialNumber(cert));
    X509_free(cert);
    client_free(c);
    return serial;
}

static struct pl_tls *listen_tls(struct pl_addr *secure)
{
    const struct pl_addr any = pl_addr_v4((const uint8_t[]){127, 0, 0, 1}, 0);
    struct pl_tls *tls;
    char why[200];
    make_folder();
    make_certificate(1, true);
    assert_int_equal(pl_tls_new(loop, cert_file, key_file, 0, NULL, NULL, &tls, why), PL_OK);
    assert_int_equal(pl_httpd_listen(httpd, &any, tls, secure), PL_OK);
    return tls;
}

static void end_tls(struct pl_tls *tls)
{
    pl_httpd_free(httpd);
    httpd = NULL;
    pl_tls_free(tls);
    remove_folder();
}

static void tls_serves_and_reloads(void **state)
{
    (void)state;
    struct pl_addr any = pl_addr_v4((const uint8_t[]){127, 0, 0, 1}, 0), secure;
    struct pl_tls *tls = NULL;
    char why[200];
    make_folder();
    assert_int_equal(pl_tls_new(loop, cert_file, key_file, 2 * PL_MS, on_report, NULL, &tls, why),
                     PL_EIO);
    assert_non_null(strstr(why, "No such file"));
    make_certificate(1, true);
    make_certificate(2, false);
    assert_int_equal(pl_tls_new(loop, cert_file, key_file, 2 * PL_MS, on_report, NULL, &tls, why),
                     PL_EINVAL);
    assert_null(tls);
    make_certificate(3, true);
    assert_int_equal(pl_tls_new(loop, cert_file, key_file, 2 * PL_MS, on_report, NULL, &tls, why),
                     PL_OK);
    assert_int_equal(pl_httpd_listen(httpd, &any, tls, &secure), PL_OK);
    assert_int_equal(served_serial(&secure), 3);

    make_certificate(4, false); /* does not fit: the old one stays */
    run_until(reported);
    assert_int_equal(last_report, PL_EINVAL);
    assert_int_equal(served_serial(&secure), 3);
    do { /* a report may come between the two renames */
        reports = 0;
        make_certificate(5, true);
        run_until(reported);
    } while (last_report != PL_OK);
    assert_int_equal(served_serial(&secure), 5);

    struct client *c = connect_tls(&secure); /* large, both ways */
    client_puts(c, "POST /large" H "Content-Length: 3145728\r\n\r\n");
    client_send(c, big, BIG);
    client_puts(c, "GET /big" H "\r\n" LAST);
    client_wait_over(c);
    assert_true(c->in.len > 2 * BIG);
    assert_memory_equal(strstr(c->in.data, "\r\n\r\n") + 4, big, BIG);
    client_free(c);

    struct client *plain = connect_to(&secure);
    client_puts(plain, LAST);
    client_wait_over(plain);
    client_free(plain);
    assert_int_equal(pl_httpd_stats(httpd)->tls_failed, 1);
    end_tls(tls);
}

static void tls_handshake_has_its_time(void **state)
{
    (void)state;
    struct pl_addr secure;
    struct pl_tls *tls = listen_tls(&secure);
    struct client *c = connect_to(&secure);
    client_puts(c, "\x16\x03\x01");
    client_wait_over(c);
    assert_int_equal(pl_httpd_stats(httpd)->timeouts, 1);
    client_free(c);
    end_tls(tls);
}

/* Handshakes of an address are limited; of what is plain, there are none. */
static void tls_has_a_rate(void **state)
{
    (void)state;
    struct pl_addr secure;
    struct pl_tls *tls = listen_tls(&secure);
    assert_int_equal(served_serial(&secure), 1);
    assert_int_equal(served_serial(&secure), 1);
    struct client *third = connect_tls(&secure), *plain = connect_to(&address);
    client_puts(third, LAST);
    client_wait_over(third);
    assert_int_equal(third->in.len, 0);
    assert_int_equal(pl_httpd_stats(httpd)->refused, 1);
    client_puts(plain, LAST);
    client_wait_over(plain);
    assert_true(plain->in.len > 0);
    client_free(third);
    client_free(plain);
    end_tls(tls);
}

#define TURN_FIRST "\0\3\0\0\x21\x12\xa4\x42___________~"
#define FRAMED_FIRST "\0\x14\0\1\0\0\x21\x12\xa4\x42___________~"
static char echo[64]; /* what the client is to get back */
static size_t echo_n;

static bool client_echoed(void)
{
    return me->in.len == echo_n;
}

static bool all_streams_over(void)
{
    return streams_over == streams;
}

/* A stream is told by its first bytes, in one piece or two, and goes on as such. */
static void stream_echoes(struct client *c, const void *bytes, size_t n, size_t cut)
{
    unsigned before = streams;
    memcpy(echo, bytes, n);
    echo_n = n;
    me = c;
    client_send(c, bytes, cut);
    if (cut < n) {
        struct client *other = connect_to(&address); /* time for the first piece to arrive */
        client_puts(other, LAST);
        client_wait_over(other);
        client_free(other);
        assert_int_equal(streams, before);
        me = c;
        client_send(c, (const char *)bytes + cut, n - cut);
    }
    run_until(client_echoed);
    assert_memory_equal(c->in.data, echo, echo_n);
    assert_int_equal(streams, before + 1);
    client_puts(c, "more");
    echo_n += 4;
    run_until(client_echoed);
    client_puts(c, "end");
    client_wait_over(c);
    client_free(c);
    run_until(all_streams_over);
}

static void streams_are_given_away(void **state)
{
    (void)state;
    stream_echoes(connect_to(&address), TURN_FIRST, 20, 20);
    stream_echoes(connect_to(&address), TURN_FIRST, 20, 9);
    assert_int_equal(framed_streams, 0);
    stream_echoes(connect_to(&address), FRAMED_FIRST, 22, 22);
    stream_echoes(connect_to(&address), FRAMED_FIRST, 22, 1);
    assert_int_equal(framed_streams, 2);
    struct client *c = connect_to(&address); /* neither: a bad request */
    client_send(c, "\0\0\0\0\0\0\0\0\0\0\r\n\r\n", 14);
    client_wait_over(c);
    assert_memory_equal(c->in.data, "HTTP/1.1 400 ", 13);
    client_free(c);
    assert_int_equal(streams, 4);
}

static void streams_beside_and_inside_tls(void **state)
{
    (void)state;
    struct pl_addr any = pl_addr_v4((const uint8_t[]){127, 0, 0, 1}, 0), secure, alone;
    struct pl_tls *tls;
    char why[200];
    make_folder();
    make_certificate(5, true);
    assert_int_equal(pl_tls_new(loop, cert_file, key_file, 0, NULL, NULL, &tls, why), PL_OK);
    assert_int_equal(pl_httpd_listen(httpd, &any, tls, &secure), PL_OK);
    assert_int_equal(pl_httpd_listen_streams(httpd, &any, tls, &alone), PL_OK);
    stream_echoes(connect_tls(&secure), TURN_FIRST, 20, 20);
    stream_echoes(connect_tls(&secure), TURN_FIRST, 20, 3);
    stream_echoes(connect_to(&secure), TURN_FIRST, 20, 20);
    stream_echoes(connect_to(&secure), FRAMED_FIRST, 22, 4);
    assert_int_equal(served_serial(&secure), 5);
    stream_echoes(connect_tls(&alone), FRAMED_FIRST, 22, 22);
    stream_echoes(connect_to(&alone), TURN_FIRST, 20, 20);
    struct client *c = connect_tls(&alone);
    client_puts(c, LAST);
    client_wait_over(c);
    assert_int_equal(c->in.len, 0);
    client_free(c);
    assert_int_equal(pl_httpd_stats(httpd)->streams, 6);
    end_tls(tls);
}

/* What a stream's reader does not take waits, up to the owner's limit, and then goes on. */
static void stream_queue_has_its_limit(void **state)
{
    (void)state;
    struct client *c = connect_to(&address);
    client_send(c, TURN_FIRST, 20);
    me = c;
    echo_n = 20;
    run_until(client_echoed);
    client_puts(c, "big");
    echo_n = BIG + 20;
    run_until(client_echoed);
    assert_int_equal(queued, BIG);
    client_free(c);
    run_until(all_streams_over);
}

static void stream_reader_is_cut(void **state)
{
    (void)state;
    struct client *c = connect_by(&address, true);
    client_send(c, TURN_FIRST, 20);
    me = c;
    echo_n = 20;
    run_until(client_echoed);
    c->deaf = true;
    client_puts(c, "big");
    run_until(all_streams_over);
    assert_int_equal(queued, BIG);
    client_free(c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define WITH(s, f) cmocka_unit_test_setup_teardown(f, s, teardown)

int main(void)
{
    for (size_t i = 0; i < BIG; i++)
        big[i] = (char)('a' + i * 7919 % 26);
    client_context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(client_context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    const struct CMUnitTest tests[] = {
        TEST(dialogues_go_as_written),
        TEST(malformed_requests_get_their_status),
        TEST(heads_of_answers_are_limited),
        TEST(heads_of_requests_are_limited),
        TEST(continue_is_sent_when_wanted),
        TEST(answers_may_come_late),
        TEST(handler_hears_of_a_client_that_left),
        TEST(large_bodies_arrive_whole),
        TEST(large_answers_are_read_as_they_go),
        TEST(a_source_that_fails_cuts_the_answer),
        TEST(drain_closes_what_is_idle),
        TEST(busy_port_is_told),
        WITH(setup_hasty, loris_is_cut),
        WITH(setup_hasty, never_reading_client_is_cut),
        WITH(setup_hasty, dripping_client_is_cut),
        WITH(setup_hasty, a_source_ends_with_its_client),
        WITH(setup_two, the_idle_make_room),
        WITH(setup_two, kept_websockets_stay),
        TEST(no_descriptors_no_spinning),
        TEST(ws_echo),
        TEST(ws_closed_by_us),
        TEST(ws_refusals),
        TEST(ws_strangers_are_short),
        TEST(ws_fragments_are_limited),
        TEST(ws_broken_off),
        TEST(ws_slow_reader_is_cut),
        TEST(ws_queue_at_its_limit),
        TEST(ws_large_message_has_room),
        TEST(ws_large_messages_follow_each_other),
        WITH(setup_hasty_ws, ws_silent_peer_is_cut),
        WITH(setup_idle, idle_connection_is_closed),
        TEST(ws_left_open_at_the_end),
        TEST(tls_serves_and_reloads),
        WITH(setup_hasty, tls_handshake_has_its_time),
        WITH(setup_two_handshakes, tls_has_a_rate),
        TEST(streams_are_given_away),
        TEST(streams_beside_and_inside_tls),
        TEST(stream_queue_has_its_limit),
        TEST(stream_reader_is_cut),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    SSL_CTX_free(client_context);
    return failed;
}
