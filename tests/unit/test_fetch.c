/* What a command reads of a server's answer, and of the server's address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/fetch.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void origins_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool tls;
        const char *host, *port; /* host NULL: it is none */
    } rows[] = {
        {"http://a", false, "a", "80"},
        {"https://a.example/", true, "a.example", "443"},
        {"http://127.0.0.1:8080", false, "127.0.0.1", "8080"},
        {"https://[::1]:9/", true, "::1", "9"},
        {"http://[::1]", false, "::1", "80"},
        {"ftp://a", false, NULL, NULL},
        {"a:80", false, NULL, NULL},
        {"http://", false, NULL, NULL},
        {"http://:80", false, NULL, NULL},
        {"http://a:", false, NULL, NULL},
        {"http://a:65536", false, NULL, NULL},
        {"http://a:65535", false, "a", "65535"},
        {"http://a:8o", false, NULL, NULL},
        {"http://a/b", false, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pl_fetch_origin o = {0};
        enum pl_err e = pl_fetch_origin(rows[i].text, &o);
        assert_int_equal(e, rows[i].host ? PL_OK : PL_EINVAL);
        if (e)
            continue;
        assert_int_equal(o.tls, rows[i].tls);
        assert_string_equal(o.host, rows[i].host);
        assert_string_equal(o.port, rows[i].port);
    }
    char long_name[7 + PL_FETCH_HOST_SIZE + 1] = "http://";
    struct pl_fetch_origin o;
    memset(long_name + 7, 'a', PL_FETCH_HOST_SIZE);
    assert_int_equal(pl_fetch_origin(long_name, &o), PL_EINVAL);
    long_name[7 + PL_FETCH_HOST_SIZE - 1] = 0;
    assert_int_equal(pl_fetch_origin(long_name, &o), PL_OK);
}

#define TOO_EARLY "the answer ends too early"
#define NO_HTTP "this is no answer of HTTP"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static void answers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned status; /* 0: refused, for this: */
        const char *body;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\n\r\nbody to the end", 200, "body to the end"},
        {"HTTP/1.0 404\r\n\r\n", 404, ""},
        {"HTTP/1.1 201 Made\r\ncontent-length:\t4 \r\nX: y\r\n\r\nbody", 201, "body"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody", 0, TOO_EARLY},
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbody", 0, TOO_EARLY},
        {"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nbody", 0, TOO_EARLY},
        {"HTTP/1.1 200 OK\r\nContent-Length: 4x\r\n\r\nbody", 0, TOO_EARLY},
        {"HTTP/1.1 200 OK\r\nNo-Content-Length: 9\r\n\r\nbody", 200, "body"},
        {"HTTP/1.1 200 Content-Length: 9\r\n\r\nbody", 200, "body"},
        {CHUNKED "4\r\nbody\r\n0\r\n\r\n", 200, "body"},
        {CHUNKED "A;x=y\r\n0123456789\r\n2\r\nab\r\n00\r\n\r\n", 200, "0123456789ab"},
        {CHUNKED "0\r\n\r\n", 200, ""},
        {CHUNKED "", 0, TOO_EARLY},
        {CHUNKED "4\r\nbody\r\n", 0, TOO_EARLY},
        {CHUNKED "4\r\nbody", 0, TOO_EARLY},
        {CHUNKED "5\r\nbody\r\n0\r\n\r\n", 0, TOO_EARLY},
        {CHUNKED "-1\r\nbody\r\n0\r\n\r\n", 0, TOO_EARLY},
        {CHUNKED " 4\r\nbody\r\n0\r\n\r\n", 0, TOO_EARLY},
        {CHUNKED "0x4\r\nbody\r\n0\r\n\r\n", 0, TOO_EARLY},
        {CHUNKED "fffffffffffffffff\r\nbody\r\n0\r\n\r\n", 0, TOO_EARLY},
        {"", 0, NO_HTTP},
        {"HTTP/1.1 200 OK\r\n", 0, NO_HTTP},
        {"HTTP/1.1 20\r\n\r\n", 0, NO_HTTP},
        {"HTTP/1.1 2000 OK\r\n\r\n", 0, NO_HTTP},
        {"HTTP/1.1 099 OK\r\n\r\n", 0, NO_HTTP},
        {"HTTP/2.0 200 OK\r\n\r\n", 0, NO_HTTP},
        {"SSH-2.0-x\r\n\r\n", 0, NO_HTTP},
    };
    struct pl_buf body = {0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned status = 0;
        const char *why;
        pl_buf_puts(&body, "of before");
        enum pl_err e = pl_fetch_answer(pl_str(rows[i].text), &status, &body, &why);
        assert_int_equal(e, rows[i].status ? PL_OK : PL_EIO);
        assert_int_equal(status, rows[i].status);
        if (e)
            assert_string_equal(why, rows[i].body);
        else
            assert_int_equal(body.len, strlen(rows[i].body));
        if (body.len && !e)
            assert_memory_equal(body.data, rows[i].body, body.len);
    }
    pl_buf_free(&body);
}

/* Somebody who takes a connection and says nothing. */
static int silent(char origin[64])
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && !bind(fd, (struct sockaddr *)&a, n) && !listen(fd, 4) &&
                !getsockname(fd, (struct sockaddr *)&a, &n));
    snprintf(origin, 64, "http://127.0.0.1:%u", (unsigned)ntohs(a.sin_port));
    return fd;
}

static void it_is_given_up(void **state)
{
    (void)state;
    char origin[64], why[PL_FETCH_WHY_SIZE];
    int fd = silent(origin), stop = eventfd(0, EFD_CLOEXEC);
    unsigned status = 7;
    struct pl_buf body = {0};
    struct pl_fetch f = {.origin = origin, .method = "GET", .path = "/", .seconds = 1};
    assert_int_equal(pl_fetch(&f, &status, &body, why), PL_EIO);
    assert_string_equal(why, "127.0.0.1: no answer");
    f.seconds = 0;
    f.stop = &stop;
    assert_int_equal(eventfd_write(stop, 1), 0);
    assert_int_equal(pl_fetch(&f, &status, &body, why), PL_EIO);
    assert_string_equal(why, "127.0.0.1: given up");
    assert_int_equal(status, 7);
    pl_buf_free(&body);
    close(stop);
    close(fd);
    f.stop = NULL;
    assert_int_equal(pl_fetch(&f, &status, &body, why), PL_EIO);
    assert_string_equal(why, "127.0.0.1: Connection refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origins_are_read),
        cmocka_unit_test(answers_are_read),
        cmocka_unit_test(it_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
