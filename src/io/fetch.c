/* See fetch.h. HTTP/1.1 (RFC 9112) of which the answer ends with the connection; a body in chunks
 * is put together. */
#include "io/fetch.h"
#include "io/tls_client.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct line {
    int fd;
    SSL_CTX *context;
    SSL *ssl; /* NULL: plain */
    struct pl_fetch_origin to;
    char *why;
};

static enum pl_err refuse(struct line *l, enum pl_err err, const char *what, const char *why)
{
    snprintf(l->why, PL_FETCH_WHY_SIZE, "%.100s: %.90s", what, why);
    return err;
}

enum pl_err pl_fetch_origin(const char *text, struct pl_fetch_origin *out)
{
    struct pl_fetch_origin o = {.tls = strncmp(text, "https://", 8) == 0};
    if (!o.tls && strncmp(text, "http://", 7) != 0)
        return PL_EINVAL;
    const char *host = text + (o.tls ? 8 : 7), *end = host + strcspn(host, "/");
    const char *colon = *host == '[' ? memchr(host, ']', (size_t)(end - host)) : host;
    colon = colon ? memchr(colon, ':', (size_t)(end - colon)) : NULL;
    size_t n = (size_t)((colon ? colon : end) - host);
    struct pl_str name = {host, n};
    if (n > 2 && host[0] == '[' && host[n - 1] == ']')
        name = (struct pl_str){host + 1, n - 2};
    struct pl_str port = colon ? (struct pl_str){colon + 1, (size_t)(end - colon - 1)}
                               : pl_str(o.tls ? "443" : "80");
    uint64_t number;
    if (name.n == 0 || (*end && end[1]) || pl_parse_u64(port, 65535, &number) ||
        pl_str_copy(name, o.host, sizeof o.host) || pl_str_copy(port, o.port, sizeof o.port))
        return PL_EINVAL;
    *out = o;
    return PL_OK;
}

static enum pl_err connect_to(struct line *l)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    const struct timeval limit = {.tv_sec = PL_FETCH_SECONDS};
    struct addrinfo *list;
    int e = getaddrinfo(l->to.host, l->to.port, &hints, &list);
    if (e)
        return refuse(l, PL_EIO, l->to.host, gai_strerror(e));
    int failed = 0;
    for (const struct addrinfo *a = list; a && l->fd < 0; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) &&
            !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) &&
            !connect(fd, a->ai_addr, a->ai_addrlen)) {
            l->fd = fd;
        } else {
            failed = errno;
            if (fd >= 0)
                close(fd);
        }
    }
    freeaddrinfo(list);
    return l->fd < 0 ? refuse(l, PL_EIO, l->to.host, strerror(failed)) : PL_OK;
}

static enum pl_err begin_tls(struct line *l)
{
    l->context = pl_tls_client_context();
    l->ssl = l->context ? pl_tls_client_new(l->context, l->to.host, l->fd) : NULL;
    if (!l->ssl || SSL_connect(l->ssl) != 1)
        return refuse(l, PL_EIO, l->to.host, pl_tls_client_reason(l->ssl));
    return PL_OK;
}

static enum pl_err send_all(struct line *l, const struct pl_buf *request)
{
    if (request->failed)
        return refuse(l, PL_ENOMEM, l->to.host, "no memory");
    for (size_t at = 0; at < request->len;) {
        size_t left = request->len - at;
        ssize_t n = l->ssl ? SSL_write(l->ssl, request->data + at, (int)left)
                           : send(l->fd, request->data + at, left, MSG_NOSIGNAL);
        if (n <= 0)
            return refuse(l, PL_EIO, l->to.host, "the connection broke");
        at += (size_t)n;
    }
    return PL_OK;
}

/* Up to the end of the connection. */
static enum pl_err read_all(struct line *l, struct pl_buf *answer)
{
    char part[16384];
    for (;;) {
        ssize_t n =
            l->ssl ? SSL_read(l->ssl, part, sizeof part) : recv(l->fd, part, sizeof part, 0);
        if (n < 0 && !l->ssl && errno == EAGAIN)
            return refuse(l, PL_EIO, l->to.host, "no answer");
        if (n <= 0)
            return PL_OK; /* what is missing of the body is found by its length */
        if (answer->len + (size_t)n > PL_FETCH_ANSWER_MAX)
            return refuse(l, PL_ELIMIT, l->to.host, "the answer is too long");
        pl_buf_add(answer, part, (size_t)n);
        if (answer->failed)
            return refuse(l, PL_ENOMEM, l->to.host, "no memory");
    }
}

static bool one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* The value of a field in the head; p NULL: it is not there. */
static struct pl_str find_field(struct pl_str head, const char *name)
{
    size_t n = strlen(name);
    while (head.n) {
        struct pl_str line = pl_str_split(&head, '\n');
        if (line.n <= n || strncasecmp(line.p, name, n) != 0 || line.p[n] != ':')
            continue;
        struct pl_str value = {line.p + n + 1, line.n - n - 1};
        while (value.n && one_of(value.p[value.n - 1], " \t\r"))
            value.n--;
        while (value.n && one_of(value.p[0], " \t")) {
            value.p++;
            value.n--;
        }
        return value;
    }
    return (struct pl_str){0};
}

/* A chunk's length, before extensions (RFC 9112, 7.1). */
static bool chunk_size(struct pl_str line, size_t *out)
{
    size_t size = 0, i = 0;
    for (; i < line.n && isxdigit((unsigned char)line.p[i]); i++) {
        if (size > PL_FETCH_ANSWER_MAX)
            return false;
        int c = tolower((unsigned char)line.p[i]);
        size = 16 * size + (size_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *out = size;
    return i > 0 && (i == line.n || one_of(line.p[i], "; \t"));
}

static bool join_chunks(struct pl_str in, struct pl_buf *out)
{
    for (;;) {
        const char *line = in.n ? memmem(in.p, in.n, "\r\n", 2) : NULL;
        size_t size;
        if (!line || !chunk_size((struct pl_str){in.p, (size_t)(line - in.p)}, &size))
            return false;
        size_t head = (size_t)(line + 2 - in.p);
        if (size == 0)
            return true;
        if (size > in.n - head || in.n - head - size < 2)
            return false;
        pl_buf_add(out, in.p + head, size);
        in = (struct pl_str){in.p + head + size + 2, in.n - head - size - 2};
    }
}

static bool is_length(struct pl_str text, size_t n)
{
    uint64_t length;
    return pl_parse_u64(text, PL_FETCH_ANSWER_MAX, &length) == PL_OK && length == n;
}

/* "HTTP/1.1 200" and a space, or the line's end. */
static bool read_status(struct pl_str line, unsigned *out)
{
    uint64_t number;
    if (line.n < 12 || memcmp(line.p, "HTTP/1.", 7) != 0 || !one_of(line.p[7], "01") ||
        line.p[8] != ' ' || (line.n > 12 && !one_of(line.p[12], " \r")) ||
        pl_parse_u64((struct pl_str){line.p + 9, 3}, 999, &number) || number < 100)
        return false;
    *out = (unsigned)number;
    return true;
}

enum pl_err pl_fetch_answer(struct pl_str answer, unsigned *status, struct pl_buf *body,
                            const char **why)
{
    const char *end = answer.n ? memmem(answer.p, answer.n, "\r\n\r\n", 4) : NULL;
    size_t head_len = end ? (size_t)(end + 2 - answer.p) : 0;
    struct pl_str head = {answer.p, head_len}, rest = {0};
    unsigned number = 0;
    *why = "this is no answer of HTTP";
    if (!end || !read_status(pl_str_split(&head, '\n'), &number))
        return PL_EIO;
    rest = (struct pl_str){end + 4, answer.n - head_len - 2};
    struct pl_str length = find_field(head, "Content-Length");
    bool chunked = find_field(head, "Transfer-Encoding").p != NULL, whole = true;
    pl_buf_clear(body);
    if (chunked)
        whole = join_chunks(rest, body);
    else if (length.p && !is_length(length, rest.n))
        whole = false;
    else
        pl_buf_add(body, rest.p, rest.n);
    *why = body->failed ? "no memory" : "the answer ends too early";
    if (!whole || body->failed) {
        bool failed = body->failed;
        pl_buf_clear(body);
        return failed ? PL_ENOMEM : PL_EIO;
    }
    *status = number;
    return PL_OK;
}

static void write_request(const struct pl_fetch *f, const struct line *l, struct pl_buf *out)
{
    bool v6 = strchr(l->to.host, ':') != NULL;
    pl_buf_printf(out, "%s %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nConnection: close\r\n", f->method,
                  f->path, v6 ? "[" : "", l->to.host, v6 ? "]" : "", l->to.port);
    if (f->bearer)
        pl_buf_printf(out, "Authorization: Bearer %s\r\n", f->bearer);
    if (f->body.p)
        pl_buf_printf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n",
                      f->type ? f->type : "application/json", f->body.n);
    pl_buf_puts(out, "\r\n");
    if (f->body.p)
        pl_buf_add(out, f->body.p, f->body.n);
}

enum pl_err pl_fetch(const struct pl_fetch *f, unsigned *status, struct pl_buf *body,
                     char why[PL_FETCH_WHY_SIZE])
{
    struct line l = {.fd = -1, .why = why};
    struct pl_buf request = {0}, answer = {0};
    enum pl_err e = pl_fetch_origin(f->origin, &l.to);
    if (e)
        return refuse(&l, e, f->origin, "not http://HOST[:PORT] or https://HOST[:PORT]");
    e = connect_to(&l);
    if (!e && l.to.tls)
        e = begin_tls(&l);
    if (!e) {
        write_request(f, &l, &request);
        e = send_all(&l, &request);
    }
    if (!e)
        e = read_all(&l, &answer);
    if (!e) {
        const char *wrong;
        e = pl_fetch_answer((struct pl_str){answer.data, answer.len}, status, body, &wrong);
        if (e)
            e = refuse(&l, e, l.to.host, wrong);
    }
    SSL_free(l.ssl);
    SSL_CTX_free(l.context);
    if (l.fd >= 0)
        close(l.fd);
    pl_buf_free(&request);
    pl_buf_free(&answer);
    return e;
}
