/* Request heads, the chunked coding, path segments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/http.h"

#include <stdio.h>
#include <stdlib.h>

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST

static enum pl_err parse(const char *text, struct pl_http_request *r)
{
    return pl_http_parse(text, strlen(text), r);
}

static void assert_text(struct pl_str got, const char *want)
{
    assert_non_null(got.p);
    assert_int_equal(got.n, strlen(want));
    assert_memory_equal(got.p, want, got.n);
}

/* A copy of exactly n bytes, so that the address sanitizer sees a byte read past the end. */
static char *exact(const char *bytes, size_t n)
{
    char *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    return copy;
}

static void a_request_of_a_browser(void **state)
{
    (void)state;
    static const char text[] = "GET /m/abc%20d?x=1&y=?2 HTTP/1.1\r\n"
                               "host: parley.example:8443\r\n"
                               "Connection: keep-alive, Upgrade\r\n"
                               "UPGRADE:websocket\r\n"
                               "Sec-WebSocket-Version:\t13 \t\r\n"
                               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                               "X-Empty:\r\n"
                               "X-Name: first\r\n"
                               "x-name: second \xc3\xa9\r\n"
                               "\r\nbody";
    size_t head = sizeof text - 1 - 4;
    struct pl_http_request r;
    for (size_t n = 0; n < head; n++) {
        char *copy = exact(text, n);
        assert_int_equal(pl_http_parse(copy, n, &r), PL_EAGAIN);
        free(copy);
    }
    assert_int_equal(pl_http_parse(text, sizeof text - 1, &r), PL_OK);
    assert_int_equal(r.head_len, head);
    assert_text(r.method, "GET");
    assert_text(r.path, "/m/abc%20d");
    assert_text(r.query, "x=1&y=?2");
    assert_int_equal(r.minor, 1);
    assert_int_equal(r.n_headers, 8);
    assert_true(r.keep_alive);
    assert_true(r.websocket);
    assert_text(r.ws_version, "13");
    assert_text(r.ws_key, "dGhlIHNhbXBsZSBub25jZQ==");
    assert_text(pl_http_header(&r, "x-empty"), "");
    assert_text(pl_http_header(&r, "X-NAME"), "first");
    assert_null(pl_http_header(&r, "X-Nam").p);
    assert_false(r.has_length || r.chunked || r.expect_continue);
}

/* What is read off heads that are fine. */
static void heads_that_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        const char *path, *query;
        bool has_length, chunked, keep_alive, expect, websocket;
        uint64_t length;
    } rows[] = {
        {GET "\r\n", "/", "", .keep_alive = true},
        {"\r\n" GET "\r\n", "/", "", .keep_alive = true},
        {"GET /? HTTP/1.1\r\n" HOST "\r\n", "/", "", .keep_alive = true},
        {"GET //x/../y?/? HTTP/1.1\r\n" HOST "\r\n", "//x/../y", "/?", .keep_alive = true},
        {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "*", "", .keep_alive = true},
        {"GET / HTTP/1.7\r\n" HOST "\r\n", "/", "", .keep_alive = true},
        {"GET / HTTP/1.0\r\n\r\n", "/", "", .keep_alive = false},
        {"GET / HTTP/1.0\r\n" HOST "Connection: keep-alive\r\n\r\n", "/", "", .keep_alive = false},
        {GET "Connection: x, CLOSE\r\n\r\n", "/", "", .keep_alive = false},
        {GET "Connection: x\r\nConnection: close\r\n\r\n", "/", "", .keep_alive = false},
        {GET "Content-Length: 0\r\n\r\n", "/", "", .has_length = true, .keep_alive = true},
        {GET "content-length: 9223372036854775807\r\n\r\n", "/", "", .has_length = true,
         .keep_alive = true, .length = INT64_MAX},
        {GET "Transfer-Encoding: Chunked\r\n\r\n", "/", "", .chunked = true, .keep_alive = true},
        {GET "Expect: 100-Continue\r\nContent-Length: 5\r\n\r\n", "/", "", .has_length = true,
         .keep_alive = true, .expect = true, .length = 5},
        {GET "Upgrade: h2c, WebSocket\r\nConnection: upgrade\r\n\r\n", "/", "", .keep_alive = true,
         .websocket = true},
        {GET "Upgrade: websocket\r\n\r\n", "/", "", .keep_alive = true},
        {GET "Connection: upgrade\r\nUpgrade: websockets\r\n\r\n", "/", "", .keep_alive = true},
        {"GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "/", "", .keep_alive = true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_http_request r;
        enum pl_err e = parse(rows[i].head, &r);
        if (e != PL_OK)
            fail_msg("row %zu: %d %s", i, e, e == PL_EINVAL ? r.why : "");
        assert_text(r.path, rows[i].path);
        assert_text(r.query, rows[i].query);
        if (r.has_length != rows[i].has_length || r.chunked != rows[i].chunked ||
            r.keep_alive != rows[i].keep_alive || r.expect_continue != rows[i].expect ||
            r.websocket != rows[i].websocket || r.content_length != rows[i].length)
            fail_msg("row %zu", i);
        assert_int_equal(r.head_len, strlen(rows[i].head));
    }
}

static void heads_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        unsigned status;
    } rows[] = {
        /* the request line */
        {"\r\n\r\n" GET "\r\n", 400},
        {"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET / HTTP/1.1 \r\n" HOST "\r\n", 400},
        {"GET /a b HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /\r\n\r\n", 400},
        {"GET / http/1.1\r\n" HOST "\r\n", 400},
        {"GET / HTTP/1.10\r\n" HOST "\r\n", 400},
        {"GET / HTTP/11\r\n" HOST "\r\n", 400},
        {"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"GET /\x7f HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /#f HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /?# HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET * HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /\r/ HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET http://a/ HTTP/1.1\r\n" HOST "\r\n", 400},
        {"CONNECT a:443 HTTP/1.1\r\n" HOST "\r\n", 400},
        {"G(T / HTTP/1.1\r\n" HOST "\r\n", 400},
        {" / HTTP/1.1\r\n" HOST "\r\n", 400},
        {"METHODMETHODMETHODMETHODMETHODMET / HTTP/1.1\r\n" HOST "\r\n", 501},
        {"\x16\x03\x01\x02", 400}, /* TLS on the plain port: no need to wait for more */
        {"\x80", 400},
        /* line ends */
        {"GET / HTTP/1.1\n", 400},
        {GET "\n", 400},
        {GET "A: b\n\r\n", 400},
        {GET "A: b\r\r\n\r\n", 400},
        {GET "A: b\rC: d\r\n\r\n", 400},
        /* fields */
        {GET " folded\r\n\r\n", 400},
        {GET "A: b\r\n\tfolded\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        {GET "A : b\r\n\r\n", 400},
        {GET "A\r\n\r\n", 400},
        {GET ": b\r\n\r\n", 400},
        {GET "A\x0b: b\r\n\r\n", 400},
        {GET "A\xc3\xa9: b\r\n\r\n", 400},
        {GET "A: b\x01\r\n\r\n", 400},
        {GET "A: b\x7f\r\n\r\n", 400},
        /* Host */
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        {GET HOST "\r\n", 400},
        {GET "hOST: b\r\n\r\n", 400},
        {"GET / HTTP/1.0\r\n" HOST HOST "\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
        /* framing: request smuggling */
        {GET "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
        {GET "Content-Length: 5\r\ncontent-length: 5\r\n\r\n", 400},
        {GET "Content-Length: 5, 5\r\n\r\n", 400},
        {GET "Content-Length: +5\r\n\r\n", 400},
        {GET "Content-Length: -5\r\n\r\n", 400},
        {GET "Content-Length: 0x5\r\n\r\n", 400},
        {GET "Content-Length: 5 5\r\n\r\n", 400},
        {GET "Content-Length:\r\n\r\n", 400},
        {GET "Content-Length: 9223372036854775808\r\n\r\n", 400},
        {GET "Content-Length: 18446744073709551621\r\n\r\n", 400},
        {GET "Content-Length : 5\r\n\r\n", 400},
        {GET "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {GET "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
        {GET "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n", 400},
        {GET "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {GET "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n", 400},
        {GET "Transfer-Encoding : chunked\r\n\r\n", 400},
        {GET "Transfer-Encoding:\x0b"
             "chunked\r\n\r\n",
         400},
        {GET "Transfer-Encoding: chunked, chunked\r\n\r\n", 501},
        {GET "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {GET "Transfer-Encoding: identity\r\n\r\n", 501},
        {GET "Transfer-Encoding: \"chunked\"\r\n\r\n", 501},
        {GET "Transfer-Encoding:\r\n\r\n", 501},
        {"GET / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400},
        /* the rest */
        {GET "Expect: the-unexpected\r\n\r\n", 417},
        {GET "Sec-WebSocket-Key: a\r\nSec-WebSocket-Key: b\r\n\r\n", 400},
        {GET "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n\r\n", 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_http_request r;
        enum pl_err e = parse(rows[i].head, &r);
        if (e != PL_EINVAL || r.status != rows[i].status || !r.why)
            fail_msg("row %zu: error %d status %u", i, e, e == PL_EINVAL ? r.status : 0);
    }
    struct pl_http_request r;
    static const char zero[] = GET "A: b\0c\r\n\r\n";
    assert_int_equal(pl_http_parse(zero, sizeof zero - 1, &r), PL_EINVAL);
    static const char zero_host[] = "GET / HTTP/1.1\r\nHost: a\0\r\n\r\n";
    assert_int_equal(pl_http_parse(zero_host, sizeof zero_host - 1, &r), PL_EINVAL);
    static const char zero_name[] = GET "A\0: b\r\n\r\n";
    assert_int_equal(pl_http_parse(zero_name, sizeof zero_name - 1, &r), PL_EINVAL);
}

/* "GET /xxxx" with a target of n bytes. */
static char *with_target(size_t n)
{
    char *text = NULL;
    char *target = malloc(n + 1);
    assert_non_null(target);
    memset(target, 'x', n);
    target[0] = '/';
    target[n] = 0;
    assert_true(asprintf(&text, "GET %s HTTP/1.1\r\n" HOST "\r\n", target) > 0);
    free(target);
    return text;
}

/* A head of exactly n bytes. */
static char *with_size(size_t n)
{
    static const char start[] = GET "A: ";
    char *text = malloc(n + 1);
    assert_non_null(text);
    memset(text, 'x', n);
    memcpy(text, start, sizeof start - 1);
    memcpy(text + n - 4, "\r\n\r\n", 5);
    return text;
}

static char *with_headers(size_t n)
{
    char *text = malloc(sizeof GET + 2 + n * 6);
    assert_non_null(text);
    strcpy(text, GET);
    for (size_t i = 1; i < n; i++)
        strcat(text, "A: b\r\n");
    return strcat(text, "\r\n");
}

static void limits_at_n_and_one_more(void **state)
{
    (void)state;
    static const struct {
        char *(*make)(size_t n);
        size_t n;
        unsigned status;
    } rows[] = {
        {with_target, PL_HTTP_TARGET_MAX, 414},
        {with_size, PL_HTTP_HEAD_MAX, 431},
        {with_headers, PL_HTTP_HEADERS_MAX, 431},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_http_request r;
        char *fits = rows[i].make(rows[i].n);
        assert_int_equal(parse(fits, &r), PL_OK);
        free(fits);
        char *over = rows[i].make(rows[i].n + 1);
        assert_int_equal(parse(over, &r), PL_EINVAL);
        assert_int_equal(r.status, rows[i].status);
        free(over);
    }
}

/* A head that cannot be taken any more is refused before it ends. */
static void endless_heads(void **state)
{
    (void)state;
    struct pl_http_request r;
    char *line = with_target(2 * PL_HTTP_TARGET_MAX);
    size_t n = 0;
    while (pl_http_parse(line, n, &r) == PL_EAGAIN)
        n++;
    assert_int_equal(r.status, 414);
    assert_true(n < PL_HTTP_TARGET_MAX + 64);
    free(line);
    char *head = with_size(2 * PL_HTTP_HEAD_MAX);
    assert_int_equal(pl_http_parse(head, PL_HTTP_HEAD_MAX - 1, &r), PL_EAGAIN);
    assert_int_equal(pl_http_parse(head, PL_HTTP_HEAD_MAX, &r), PL_EINVAL);
    assert_int_equal(r.status, 431);
    free(head);
}

/* Decodes `in` in pieces of `step` bytes; what it holds goes to `out`, zero-ended. */
static enum pl_err unchunk(const char *in, size_t step, char *out, size_t *used)
{
    struct pl_http_chunked c = {0};
    size_t total = strlen(in), len = 0;
    for (size_t at = 0; at < total;) {
        size_t n = total - at < step ? total - at : step;
        char *piece = exact(in + at, n);
        struct pl_str rest = {piece, n}, data = {NULL, 0};
        enum pl_err e;
        while ((e = pl_http_chunked(&c, &rest, &data)) == PL_OK && data.n) {
            memcpy(out + len, data.p, data.n);
            len += data.n;
        }
        at += n - rest.n;
        free(piece);
        out[len] = 0;
        *used = at;
        if (e != PL_EAGAIN)
            return e;
    }
    return PL_EAGAIN;
}

static void chunked_bodies(void **state)
{
    (void)state;
    static const struct {
        const char *in, *body;
        enum pl_err e;
        size_t left; /* bytes behind the end */
    } rows[] = {
        {"0\r\n\r\n", "", PL_OK, 0},
        {"5\r\nhello\r\n0\r\n\r\nGET", "hello", PL_OK, 3},
        {"5\r\nhello\r\n00A\r\n, a world!\r\n000\r\n\r\n", "hello, a world!", PL_OK, 0},
        {"1;a=\"b c\"\r\nx\r\n0;e\r\n\r\n", "x", PL_OK, 0},
        {"1\r\nx\r\n0\r\nA: b\r\nContent-Length: 7\r\n\r\n!", "x", PL_OK, 1},
        {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n", PL_OK, 0},
        {"5\r\nhel", "hel", PL_EAGAIN, 0},
        {"0\r\n", "", PL_EAGAIN, 0},
        {"0\r\nA: b\r\n", "", PL_EAGAIN, 0},
        {"\r\n", "", PL_EINVAL, 0},
        {";a\r\n", "", PL_EINVAL, 0},
        {"0x5\r\nhello\r\n", "", PL_EINVAL, 0},
        {"+5\r\n", "", PL_EINVAL, 0},
        {" 5\r\n", "", PL_EINVAL, 0},
        {"5 \r\n", "", PL_EINVAL, 0},
        {"5 ;a\r\n", "", PL_EINVAL, 0},
        {"5\nhello\r\n", "", PL_EINVAL, 0},
        {"5;a\nhello\r\n", "", PL_EINVAL, 0}, /* two parsers, two ends of the line */
        {"5;a\rhello\r\n", "", PL_EINVAL, 0},
        {"5\r\nhello0\r\n\r\n", "hello", PL_EINVAL, 0},
        {"5\r\nhello\n0\r\n\r\n", "hello", PL_EINVAL, 0},
        {"0\r\n A: b\r\n\r\n", "", PL_EINVAL, 0},
        {"0\r\nA: b\n\r\n", "", PL_EINVAL, 0},
        {"0\r\n\n", "", PL_EINVAL, 0},
        {"100000000000000\r\nx", "x", PL_EAGAIN, 0},
        {"1000000000000000\r\nx", "", PL_EINVAL, 0},
        {"10000000000000000\r\nx", "", PL_EINVAL, 0},
        {"fffffffffffffffff\r\nx", "", PL_EINVAL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t total = strlen(rows[i].in);
        for (size_t step = 1; step <= total; step++) {
            char out[64] = "";
            size_t used = 0;
            enum pl_err e = unchunk(rows[i].in, step, out, &used);
            if (e != rows[i].e || strcmp(out, rows[i].body) != 0)
                fail_msg("row %zu, step %zu: %d \"%s\"", i, step, e, out);
            if (e == PL_OK)
                assert_int_equal(total - used, rows[i].left);
        }
    }
}

/* Feeds `start`, then n bytes 'x', then `end`. */
static enum pl_err long_line(const char *start, size_t n, const char *end)
{
    struct pl_http_chunked c = {0};
    struct pl_str data;
    struct pl_str in = pl_str(start);
    enum pl_err e = pl_http_chunked(&c, &in, &data);
    for (size_t i = 0; i < n && e == PL_EAGAIN; i++) {
        in = pl_str("x");
        e = pl_http_chunked(&c, &in, &data);
    }
    in = pl_str(end);
    return e == PL_EAGAIN ? pl_http_chunked(&c, &in, &data) : e;
}

static void chunked_limits(void **state)
{
    (void)state;
    assert_int_equal(long_line("0;", PL_HTTP_CHUNK_LINE_MAX - 4, "\r\n\r\n"), PL_OK);
    assert_int_equal(long_line("0;", PL_HTTP_CHUNK_LINE_MAX - 3, "\r\n\r\n"), PL_ELIMIT);
    assert_int_equal(long_line("0\r\nA:", PL_HTTP_TRAILER_MAX - 6, "\r\n\r\n"), PL_OK);
    assert_int_equal(long_line("0\r\nA:", PL_HTTP_TRAILER_MAX - 5, "\r\n\r\n"), PL_ELIMIT);
}

static void path_segments(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out; /* out NULL: refused */
    } rows[] = {
        {"", ""},           {"abc", "abc"},  {"a%20b", "a b"},       {"%41%6a%6A", "Ajj"},
        {"a+b", "a+b"},     {"%25", "%"},    {"%c3%A9", "\xc3\xa9"}, {"..", ".."},
        {"%", NULL},        {"%4", NULL},    {"%4g", NULL},          {"a%2", NULL},
        {"%00", NULL},      {"a%2Fb", NULL}, {"%0a", NULL},          {"%09", NULL},
        {"%7f", NULL},      {"%ff", NULL},   {"%c0%af", NULL},       {"1234567", "1234567"},
        {"12345678", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[8] = "?";
        enum pl_err e = pl_http_segment(pl_str(rows[i].in), out, sizeof out);
        if ((e == PL_OK) != (rows[i].out != NULL))
            fail_msg("row %zu: %d", i, e);
        assert_string_equal(out, rows[i].out ? rows[i].out : "");
    }
    char out[8];
    assert_int_equal(pl_http_segment(pl_str("12345678"), out, sizeof out), PL_ETRUNC);
}

static void queries(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        enum pl_err err;
        const char *out;
    } rows[] = {
        {"", PL_ENOENT, ""},
        {"b=1", PL_ENOENT, ""},
        {"a", PL_OK, ""},
        {"a=", PL_OK, ""},
        {"a=1&b=2", PL_OK, "1"},
        {"b=2&a=1", PL_OK, "1"},
        {"aa=2&a=1=2", PL_OK, "1=2"},
        {"a=1+2%2B%26", PL_OK, "1 2+&"},
        {"a=%C3%A9/", PL_OK, "\xc3\xa9/"},
        {"&&a=1", PL_OK, "1"},
        {"a=1&a=1", PL_EEXIST, ""},
        {"a=%", PL_EINVAL, ""},
        {"a=%ff", PL_EINVAL, ""},
        {"a=%00", PL_EINVAL, ""},
        {"a=%0a", PL_EINVAL, ""},
        {"a=1234567", PL_OK, "1234567"},
        {"a=12345678", PL_ETRUNC, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[8] = "?";
        if (pl_http_query(pl_str(rows[i].in), "a", out, sizeof out) != rows[i].err)
            fail_msg("row %zu", i);
        assert_string_equal(out, rows[i].out);
    }
}

static void lists_and_reasons(void **state)
{
    (void)state;
    assert_true(pl_http_list_has(pl_str("a, B ,c"), "b"));
    assert_true(pl_http_list_has(pl_str(",,a"), "a"));
    assert_false(pl_http_list_has(pl_str("ab, a b"), "a"));
    assert_false(pl_http_list_has(pl_str(""), "a"));
    assert_string_equal(pl_http_reason(404), "Not Found");
    assert_string_equal(pl_http_reason(299), "Unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_of_a_browser),
        cmocka_unit_test(heads_that_are_taken),
        cmocka_unit_test(heads_that_are_refused),
        cmocka_unit_test(limits_at_n_and_one_more),
        cmocka_unit_test(endless_heads),
        cmocka_unit_test(chunked_bodies),
        cmocka_unit_test(chunked_limits),
        cmocka_unit_test(path_segments),
        cmocka_unit_test(queries),
        cmocka_unit_test(lists_and_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
