/* A request and its answer: the steps of HTTP on a connection. See httpd.h, conn.h. */
#include "io/conn.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void discard(struct pl_conn *c)
{
    struct pl_httpd_exchange *x = c->x;
    c->x = NULL;
    pl_buf_wipe(&x->head); /* its Authorization */
    pl_buf_free(&x->body);
    free(x);
}

void pl_exchange_free(struct pl_conn *c)
{
    if (!c->x)
        return;
    if (c->x->told && c->h->handler.gone)
        c->h->handler.gone(c->h->handler.ctx, c->x);
    discard(c);
}

/* --- The answer --- */

static bool printable(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

/* 204 has no content; 304 tells of content that it does not carry (RFC 9110, 15.3.5, 15.4.5). */
static bool has_content(unsigned status)
{
    return status != 204 && status != 304;
}

/* Adds the head of an answer; false, and nothing is added, if the headers are not fit to be sent.
 */
static bool write_head(struct pl_conn *c, unsigned status, const struct pl_httpd_field *headers,
                       size_t n_headers, uint64_t body_len)
{
    struct pl_buf *out = &c->out;
    size_t start = out->len;
    bool fit = true;
    pl_buf_printf(out, "HTTP/1.1 %u %s\r\nDate: %s\r\n", status, pl_http_reason(status),
                  pl_httpd_date(c->h));
    for (size_t i = 0; i < n_headers; i++) {
        fit = fit && printable(headers[i].name) && printable(headers[i].value);
        pl_buf_printf(out, "%s: %s\r\n", headers[i].name, headers[i].value);
    }
    if (has_content(status))
        pl_buf_printf(out, "Content-Length: %llu\r\n", (unsigned long long)body_len);
    pl_buf_printf(out, "Connection: %s\r\n\r\n", c->close ? "close" : "keep-alive");
    if (fit && out->len - start <= PL_HTTPD_HEADERS_OUT_MAX)
        return true;
    out->len = start;
    return false;
}

/* The head. False: it was not fit to be sent, and an empty 500 is. */
static bool begin_answer(struct pl_httpd_exchange *x, unsigned status,
                         const struct pl_httpd_field *headers, size_t n_headers, uint64_t n)
{
    struct pl_conn *c = x->c;
    assert(c->x == x && status >= 200 && status < 600);
    /* What was not read of a body would be taken for the next request. */
    bool unread = c->phase == PL_CONN_BODY;
    c->close = c->h->draining || unread || !x->request.keep_alive;
    if (write_head(c, status, headers, n_headers, n))
        return true;
    (void)write_head(c, 500, NULL, 0, 0);
    return false;
}

static void end_answer(struct pl_httpd_exchange *x)
{
    struct pl_conn *c = x->c;
    discard(c);
    pl_conn_enter(c, PL_CONN_ANSWER, PL_NEVER);
    pl_conn_again(c);
}

static void respond(struct pl_httpd_exchange *x, unsigned status,
                    const struct pl_httpd_field *headers, size_t n_headers, const void *body,
                    size_t n, bool borrow)
{
    struct pl_conn *c = x->c;
    bool fit = begin_answer(x, status, headers, n_headers, n);
    if (fit && has_content(status) && !pl_str_eq(x->request.method, "HEAD")) {
        if (borrow) {
            c->tail = body;
            c->tail_len = n;
        } else {
            pl_buf_add(&c->out, body, n);
        }
    }
    end_answer(x);
}

void pl_httpd_respond(struct pl_httpd_exchange *x, unsigned status,
                      const struct pl_httpd_field *headers, size_t n_headers, const void *body,
                      size_t n)
{
    respond(x, status, headers, n_headers, body, n, false);
}

void pl_httpd_respond_static(struct pl_httpd_exchange *x, unsigned status,
                             const struct pl_httpd_field *headers, size_t n_headers,
                             const void *body, size_t n)
{
    respond(x, status, headers, n_headers, body, n, true);
}

void pl_exchange_source_done(struct pl_conn *c)
{
    void (*done)(void *ctx) = c->source.done;
    c->source.done = NULL;
    c->source_at = c->source_len = 0;
    if (done)
        done(c->source.ctx);
}

void pl_httpd_respond_source(struct pl_httpd_exchange *x, unsigned status,
                             const struct pl_httpd_field *headers, size_t n_headers,
                             const struct pl_httpd_source *source, uint64_t n)
{
    struct pl_conn *c = x->c;
    bool wanted = !pl_str_eq(x->request.method, "HEAD");
    c->source = *source;
    if (begin_answer(x, status, headers, n_headers, n) && wanted) {
        c->source_at = 0;
        c->source_len = n;
    }
    if (c->source_len == 0)
        pl_exchange_source_done(c);
    end_answer(x);
}

void pl_httpd_last(struct pl_httpd_exchange *x)
{
    x->request.keep_alive = false;
}

/* Our own word, without the handler's; the connection ends with it. */
void pl_exchange_refuse(struct pl_conn *c, unsigned status, const char *why)
{
    static const struct pl_httpd_field plain = {"Content-Type", "text/plain; charset=utf-8"};
    pl_exchange_free(c);
    c->h->stats.bad_requests++;
    c->close = true;
    (void)write_head(c, status, &plain, 1, strlen(why) + 1);
    pl_buf_printf(&c->out, "%s\n", why);
    pl_conn_enter(c, PL_CONN_ANSWER, PL_NEVER);
}

/* --- The request --- */

static void complete(struct pl_conn *c)
{
    pl_conn_enter(c, PL_CONN_WAIT, PL_NEVER);
    c->x->told = true;
    c->h->handler.request(c->h->handler.ctx, c->x);
}

/* Makes the exchange, which takes over the head's bytes, so that what was parsed stays where it is;
 * what follows the head becomes the new input. */
static bool take_head(struct pl_conn *c, const struct pl_http_request *request)
{
    struct pl_httpd_exchange *x = calloc(1, sizeof *x);
    struct pl_buf rest = {0};
    if (c->in.len > request->head_len)
        pl_buf_add(&rest, c->in.data + request->head_len, c->in.len - request->head_len);
    if (!x || rest.failed) {
        free(x);
        c->dead = true;
        return false;
    }
    x->c = c;
    x->request = *request;
    x->head = c->in;
    x->body_limit = PL_HTTPD_BODY_DEFAULT;
    c->x = x;
    c->in = rest;
    c->h->stats.requests++;
    return true;
}

static void begin(struct pl_conn *c, const struct pl_http_request *request)
{
    if (!take_head(c, request))
        return;
    bool body = request->chunked || request->content_length > 0;
    pl_conn_enter(c, body ? PL_CONN_BODY : PL_CONN_WAIT, c->h->limits.body);
    if (c->h->handler.head) {
        c->x->told = true;
        c->h->handler.head(c->h->handler.ctx, c->x);
        if (!c->x)
            return; /* answered */
    }
    if (!body)
        complete(c);
    else if (request->content_length > c->x->body_limit)
        pl_exchange_refuse(c, 413, "The body is too large.");
    else if (request->expect_continue && c->in.len == 0)
        pl_buf_puts(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
}

bool pl_exchange_head_step(struct pl_conn *c)
{
    if (c->in.len == 0 || c->need_more) {
        bool fresh = c->in.len == 0;
        if (!pl_conn_fill(c))
            return false;
        if (fresh) /* its first bytes: the idle time ends */
            pl_conn_enter(c, PL_CONN_HEAD, c->h->limits.head);
    }
    struct pl_http_request request;
    enum pl_err e = pl_http_parse(c->in.data, c->in.len, &request);
    c->need_more = e == PL_EAGAIN;
    if (e == PL_OK)
        begin(c, &request);
    else if (e != PL_EAGAIN)
        pl_exchange_refuse(c, request.status, request.why);
    return true;
}

/* Moves body bytes from the input. PL_OK: complete; PL_EAGAIN; PL_ELIMIT: too large; PL_EINVAL. */
static enum pl_err take_body(struct pl_conn *c)
{
    struct pl_httpd_exchange *x = c->x;
    if (!x->request.chunked) {
        size_t missing = (size_t)x->request.content_length - x->body.len;
        size_t n = missing < c->in.len ? missing : c->in.len;
        pl_buf_add(&x->body, c->in.data, n);
        pl_buf_consume(&c->in, n);
        return n == missing ? PL_OK : PL_EAGAIN;
    }
    struct pl_str in = {c->in.data, c->in.len}, data;
    enum pl_err e;
    while ((e = pl_http_chunked(&x->chunked, &in, &data)) == PL_OK && data.n > 0) {
        if (data.n > x->body_limit - x->body.len)
            return PL_ELIMIT;
        pl_buf_add(&x->body, data.p, data.n);
    }
    pl_buf_consume(&c->in, c->in.len - in.n);
    return e == PL_OK || e == PL_EAGAIN ? e : PL_EINVAL;
}

bool pl_exchange_body_step(struct pl_conn *c)
{
    if (c->in.len == 0 && !pl_conn_fill(c))
        return false;
    enum pl_err e = take_body(c);
    if (c->x->body.failed)
        c->dead = true;
    else if (e == PL_OK)
        complete(c);
    else if (e == PL_ELIMIT)
        pl_exchange_refuse(c, 413, "The body is too large.");
    else if (e != PL_EAGAIN)
        pl_exchange_refuse(c, 400, "The chunked body is malformed.");
    return true;
}

/* --- What the handler sees --- */

struct pl_str pl_httpd_method(const struct pl_httpd_exchange *x)
{
    return x->request.method;
}

struct pl_str pl_httpd_path(const struct pl_httpd_exchange *x)
{
    return x->request.path;
}

struct pl_str pl_httpd_query(const struct pl_httpd_exchange *x)
{
    return x->request.query;
}

struct pl_str pl_httpd_header(const struct pl_httpd_exchange *x, const char *name)
{
    return pl_http_header(&x->request, name);
}

struct pl_str pl_httpd_body(const struct pl_httpd_exchange *x)
{
    return x->body.data ? (struct pl_str){x->body.data, x->body.len} : pl_str("");
}

const struct pl_addr *pl_httpd_peer(const struct pl_httpd_exchange *x)
{
    return &x->c->peer;
}

bool pl_httpd_is_tls(const struct pl_httpd_exchange *x)
{
    return x->c->ssl != NULL;
}

void pl_httpd_set_data(struct pl_httpd_exchange *x, void *data)
{
    x->data = data;
}

void *pl_httpd_data(const struct pl_httpd_exchange *x)
{
    return x->data;
}

void pl_httpd_body_limit(struct pl_httpd_exchange *x, size_t bytes)
{
    struct pl_conn *c = x->c;
    uint64_t n =
        x->request.chunked || x->request.content_length > bytes ? bytes : x->request.content_length;
    x->body_limit = bytes;
    if (c->phase == PL_CONN_BODY)
        pl_conn_enter(c, PL_CONN_BODY,
                      c->h->limits.body +
                          (pl_time_us)(n * (uint64_t)PL_SECOND / PL_HTTPD_BODY_RATE));
}
