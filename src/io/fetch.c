/* See fetch.h. HTTP/1.1 (RFC 9112) of which the answer ends with the connection; a body in chunks
 * is put together. */
#include "io/fetch.h"
#include "io/tls_client.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct line {
    int fd;
    SSL_CTX *context;
    SSL *ssl; /* NULL: plain */
    struct pl_fetch_origin to;
    char *why;
    const int *stop;
    size_t most;      /* bytes of an answer */
    int64_t until_ms; /* INT64_MAX: no end */
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

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

/* Until the socket has these events. */
static enum pl_err wait_for(struct line *l, int fd, short events)
{
    struct pollfd list[] = {{.fd = fd, .events = events},
                            {.fd = l->stop ? *l->stop : -1, .events = POLLIN}};
    int64_t left = l->until_ms - now_ms(), wait = PL_FETCH_SECONDS * 1000;
    int n;
    do
        n = poll(list, 2, (int)(left < 0 ? 0 : left < wait ? left : wait));
    while (n < 0 && errno == EINTR);
    if (n > 0 && list[1].revents)
        return refuse(l, PL_EIO, l->to.host, "given up");
    if (n > 0)
        return PL_OK;
    return refuse(l, PL_EIO, l->to.host, n ? strerror(errno) : "no answer");
}

/* *failed is why not, as of errno; 0: it was said already. */
static int connect_one(struct line *l, const struct addrinfo *a, int *failed)
{
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    socklen_t n = sizeof *failed;
    if (fd < 0) {
        *failed = errno;
        return -1;
    }
    *failed = connect(fd, a->ai_addr, a->ai_addrlen) ? errno : 0;
    if (*failed == EINPROGRESS) {
        *failed = 0;
        if (wait_for(l, fd, POLLOUT)) {
            close(fd);
            return -1;
        }
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, failed, &n))
            *failed = errno;
    }
    if (*failed == 0)
        return fd;
    close(fd);
    return -1;
}

static enum pl_err connect_to(struct line *l)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    int e = getaddrinfo(l->to.host, l->to.port, &hints, &list);
    if (e)
        return refuse(l, PL_EIO, l->to.host, gai_strerror(e));
    int failed = 0;
    for (const struct addrinfo *a = list; a && l->fd < 0; a = a->ai_next)
        l->fd = connect_one(l, a, &failed);
    freeaddrinfo(list);
    if (l->fd >= 0)
        return PL_OK;
    return failed ? refuse(l, PL_EIO, l->to.host, strerror(failed)) : PL_EIO;
}

/* What TLS waits for, after an operation that returned this. PL_EAGAIN: try it again. */
static enum pl_err wait_for_tls(struct line *l, int returned)
{
    int what = SSL_get_error(l->ssl, returned);
    if (what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE)
        return PL_OK;
    enum pl_err e = wait_for(l, l->fd, what == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
    return e ? e : PL_EAGAIN;
}

static enum pl_err begin_tls(struct line *l)
{
    l->context = pl_tls_client_context();
    l->ssl = l->context ? pl_tls_client_new(l->context, l->to.host, l->fd) : NULL;
    if (!l->ssl)
        return refuse(l, PL_EIO, l->to.host, pl_tls_client_reason(NULL));
    for (int n; ERR_clear_error(), (n = SSL_connect(l->ssl)) != 1;) {
        enum pl_err e = wait_for_tls(l, n);
        if (e != PL_EAGAIN)
            return e ? e : refuse(l, PL_EIO, l->to.host, pl_tls_client_reason(l->ssl));
    }
    return PL_OK;
}

/* PL_EAGAIN: after a wait. PL_OK: *n bytes, or none if the connection is over. */
static enum pl_err transfer(struct line *l, bool sends, void *bytes, size_t size, size_t *n)
{
    int max = (int)(size < INT_MAX ? size : INT_MAX);
    ssize_t done;
    *n = 0;
    if (l->ssl) {
        ERR_clear_error();
        int r = sends ? SSL_write(l->ssl, bytes, max) : SSL_read(l->ssl, bytes, max);
        if (r <= 0)
            return wait_for_tls(l, r);
        done = r;
    } else {
        done = sends ? send(l->fd, bytes, size, MSG_NOSIGNAL) : recv(l->fd, bytes, size, 0);
        if (done < 0 && (errno == EAGAIN || errno == EINTR)) {
            enum pl_err e = wait_for(l, l->fd, sends ? POLLOUT : POLLIN);
            return e ? e : PL_EAGAIN;
        }
    }
    *n = done > 0 ? (size_t)done : 0;
    return l->until_ms < now_ms() ? refuse(l, PL_EIO, l->to.host, "no answer in time") : PL_OK;
}

static enum pl_err send_all(struct line *l, const struct pl_buf *request)
{
    if (request->failed)
        return refuse(l, PL_ENOMEM, l->to.host, "no memory");
    for (size_t at = 0; at < request->len;) {
        size_t n;
        enum pl_err e = transfer(l, true, request->data + at, request->len - at, &n);
        if (e && e != PL_EAGAIN)
            return e;
        if (!e && n == 0)
            return refuse(l, PL_EIO, l->to.host, "the connection broke");
        at += n;
    }
    return PL_OK;
}

/* Up to the end of the connection. */
static enum pl_err read_all(struct line *l, struct pl_buf *answer)
{
    char part[16384];
    for (;;) {
        size_t n;
        enum pl_err e = transfer(l, false, part, sizeof part, &n);
        if (e == PL_EAGAIN)
            continue;
        if (e || n == 0)
            return e; /* what is missing of the body is found by its length */
        if (answer->len + n > l->most)
            return refuse(l, PL_ELIMIT, l->to.host, "the answer is too long");
        pl_buf_add(answer, part, n);
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
    if (f->authorization)
        pl_buf_printf(out, "Authorization: %s\r\n", f->authorization);
    else if (f->bearer)
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
    struct line l = {.fd = -1, .why = why, .stop = f->stop, .until_ms = INT64_MAX};
    struct pl_buf request = {0}, answer = {0};
    enum pl_err e = pl_fetch_origin(f->origin, &l.to);
    if (e)
        return refuse(&l, e, f->origin, "not http://HOST[:PORT] or https://HOST[:PORT]");
    l.most = f->most && f->most < PL_FETCH_ANSWER_MAX ? f->most : PL_FETCH_ANSWER_MAX;
    if (f->seconds)
        l.until_ms = now_ms() + (int64_t)f->seconds * 1000;
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
