/* See fetch.h. HTTP/1.1 (RFC 9112) of which the answer ends with the connection; a body in chunks
 * is put together. */
#include "io/fetch.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
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
    char host[256], port[6];
    char *why;
};

static enum pl_err refuse(struct line *l, enum pl_err err, const char *what, const char *why)
{
    snprintf(l->why, PL_FETCH_WHY_SIZE, "%.100s: %.90s", what, why);
    return err;
}

static enum pl_err parse_origin(struct line *l, const char *origin, bool *tls)
{
    *tls = strncmp(origin, "https://", 8) == 0;
    const char *host = origin + (*tls ? 8 : 7);
    if (!*tls && strncmp(origin, "http://", 7) != 0)
        return refuse(l, PL_EINVAL, origin, "not http://HOST or https://HOST");
    const char *end = host + strcspn(host, "/");
    const char *colon = *host == '[' ? strchr(host, ']') : host;
    colon = colon ? memchr(colon, ':', (size_t)(end - colon)) : NULL;
    size_t n = (size_t)((colon ? colon : end) - host);
    struct pl_str name = {host, n};
    if (n > 2 && host[0] == '[' && host[n - 1] == ']')
        name = (struct pl_str){host + 1, n - 2};
    struct pl_str port =
        colon ? (struct pl_str){colon + 1, (size_t)(end - colon - 1)} : pl_str(*tls ? "443" : "80");
    uint64_t number;
    if (name.n == 0 || (*end && end[1]) || pl_parse_u64(port, 65535, &number) ||
        pl_str_copy(name, l->host, sizeof l->host) || pl_str_copy(port, l->port, sizeof l->port))
        return refuse(l, PL_EINVAL, origin, "not http://HOST[:PORT] or https://HOST[:PORT]");
    return PL_OK;
}

static enum pl_err connect_to(struct line *l)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    const struct timeval limit = {.tv_sec = PL_FETCH_SECONDS};
    struct addrinfo *list;
    int e = getaddrinfo(l->host, l->port, &hints, &list);
    if (e)
        return refuse(l, PL_EIO, l->host, gai_strerror(e));
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
    return l->fd < 0 ? refuse(l, PL_EIO, l->host, strerror(failed)) : PL_OK;
}

static const char *tls_reason(const SSL *ssl)
{
    long verified = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    if (verified != X509_V_OK)
        return X509_verify_cert_error_string(verified);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : "TLS fails";
}

static enum pl_err begin_tls(struct line *l)
{
    l->context = SSL_CTX_new(TLS_client_method());
    if (!l->context || !SSL_CTX_set_default_verify_paths(l->context) ||
        !SSL_CTX_set_min_proto_version(l->context, TLS1_2_VERSION))
        return refuse(l, PL_EIO, l->host, tls_reason(NULL));
    SSL_CTX_set_verify(l->context, SSL_VERIFY_PEER, NULL);
    l->ssl = SSL_new(l->context);
    bool is_name = !strchr(l->host, ':') && strspn(l->host, "0123456789.") < strlen(l->host);
    if (!l->ssl ||
        (is_name ? !SSL_set1_host(l->ssl, l->host)
                 : !X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(l->ssl), l->host)) ||
        (is_name && !SSL_set_tlsext_host_name(l->ssl, l->host)) || !SSL_set_fd(l->ssl, l->fd) ||
        SSL_connect(l->ssl) != 1)
        return refuse(l, PL_EIO, l->host, tls_reason(l->ssl));
    return PL_OK;
}

static enum pl_err send_all(struct line *l, const struct pl_buf *request)
{
    if (request->failed)
        return refuse(l, PL_ENOMEM, l->host, "no memory");
    for (size_t at = 0; at < request->len;) {
        size_t left = request->len - at;
        ssize_t n = l->ssl ? SSL_write(l->ssl, request->data + at, (int)left)
                           : send(l->fd, request->data + at, left, MSG_NOSIGNAL);
        if (n <= 0)
            return refuse(l, PL_EIO, l->host, "the connection broke");
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
            return refuse(l, PL_EIO, l->host, "no answer");
        if (n <= 0)
            return PL_OK; /* what is missing of the body is found by its length */
        if (answer->len + (size_t)n > PL_FETCH_ANSWER_MAX)
            return refuse(l, PL_ELIMIT, l->host, "the answer is too long");
        pl_buf_add(answer, part, (size_t)n);
        if (answer->failed)
            return refuse(l, PL_ENOMEM, l->host, "no memory");
    }
}

/* The value of a field in the head, which is zero-ended; NULL: it is not there. */
static const char *find_field(const char *head, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = head; (at = strstr(at, "\r\n"));) {
        at += 2;
        if (strncasecmp(at, name, n) == 0 && at[n] == ':')
            return at + n + 1 + strspn(at + n + 1, " \t");
    }
    return NULL;
}

static bool join_chunks(struct pl_str in, struct pl_buf *out)
{
    for (;;) {
        const char *line = memmem(in.p, in.n, "\r\n", 2);
        if (!line || !isxdigit((unsigned char)in.p[0]))
            return false;
        size_t size = strtoul(in.p, NULL, 16), head = (size_t)(line + 2 - in.p);
        if (size == 0)
            return true;
        if (size > in.n - head || in.n - head - size < 2)
            return false;
        pl_buf_add(out, in.p + head, size);
        in = (struct pl_str){in.p + head + size + 2, in.n - head - size - 2};
    }
}

static enum pl_err parse_answer(struct line *l, struct pl_buf *answer, unsigned *status,
                                struct pl_buf *body)
{
    char *end = answer->len ? memmem(answer->data, answer->len, "\r\n\r\n", 4) : NULL;
    if (!end || sscanf(answer->data, "HTTP/1.%*1[01] %3u", status) != 1)
        return refuse(l, PL_EIO, l->host, "this is no answer of HTTP");
    struct pl_str rest = {end + 4, answer->len - (size_t)(end + 4 - answer->data)};
    *end = 0;
    const char *length = find_field(answer->data, "Content-Length");
    const char *coding = find_field(answer->data, "Transfer-Encoding");
    bool whole = true;
    pl_buf_clear(body);
    if (coding)
        whole = join_chunks(rest, body);
    else if (length && strtoul(length, NULL, 10) != rest.n)
        whole = false;
    else
        pl_buf_add(body, rest.p, rest.n);
    if (!whole)
        return refuse(l, PL_EIO, l->host, "the answer ends too early");
    return body->failed ? refuse(l, PL_ENOMEM, l->host, "no memory") : PL_OK;
}

static void write_request(const struct pl_fetch *f, const struct line *l, struct pl_buf *out)
{
    bool v6 = strchr(l->host, ':') != NULL;
    pl_buf_printf(out, "%s %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nConnection: close\r\n", f->method,
                  f->path, v6 ? "[" : "", l->host, v6 ? "]" : "", l->port);
    if (f->bearer)
        pl_buf_printf(out, "Authorization: Bearer %s\r\n", f->bearer);
    if (f->body.p)
        pl_buf_printf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", f->body.n);
    pl_buf_puts(out, "\r\n");
    if (f->body.p)
        pl_buf_add(out, f->body.p, f->body.n);
}

enum pl_err pl_fetch(const struct pl_fetch *f, unsigned *status, struct pl_buf *body,
                     char why[PL_FETCH_WHY_SIZE])
{
    struct line l = {.fd = -1, .why = why};
    struct pl_buf request = {0}, answer = {0};
    bool tls;
    enum pl_err e = parse_origin(&l, f->origin, &tls);
    if (!e)
        e = connect_to(&l);
    if (!e && tls)
        e = begin_tls(&l);
    if (!e) {
        write_request(f, &l, &request);
        e = send_all(&l, &request);
    }
    if (!e)
        e = read_all(&l, &answer);
    if (!e)
        e = parse_answer(&l, &answer, status, body);
    SSL_free(l.ssl);
    SSL_CTX_free(l.context);
    if (l.fd >= 0)
        close(l.fd);
    pl_buf_free(&request);
    pl_buf_free(&answer);
    return e;
}
