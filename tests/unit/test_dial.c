/* io/dial: a WebSocket to a server of io/httpd on the same loop, plain and over TLS; and what ends
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certificate.h"

#include "base/buf.h"
#include "io/dial.h"
#include "io/httpd.h"
#include "io/ws.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONG_TEXT (400 << 10) /* more than a socket takes at once */

static struct pl_loop *loop;
static struct pl_httpd *httpd;
static struct pl_timer guard;
static struct pl_ws *server_side;

/* What the client saw. */
static struct {
    struct pl_dial *dial;
    const char *say; /* as soon as it is open */
    unsigned opened, closed;
    struct pl_buf heard;
    char why[PL_FETCH_WHY_SIZE];
} seen;

static void too_late(struct pl_timer *t)
{
    (void)t;
    fail_msg("waited for 10 s");
}

static void run(void)
{
    guard.fire = too_late;
    assert_int_equal(pl_timer_set(loop, &guard, pl_loop_now(loop) + 10 * PL_SECOND), PL_OK);
    pl_loop_run(loop);
    pl_timer_clear(loop, &guard);
}

/* The server: it says everything again, but for "end". */

static void server_text(void *ctx, struct pl_ws *ws, struct pl_str message)
{
    (void)ctx;
    if (pl_str_eq(message, "end"))
        pl_ws_close(ws, PL_WS_POLICY, "as you say");
    else
        pl_ws_send_text(ws, message.p, message.n);
}

static void server_closed(void *ctx, struct pl_ws *ws, unsigned code)
{
    (void)ctx;
    (void)ws;
    (void)code;
    server_side = NULL;
    if (!seen.dial)
        pl_loop_stop(loop);
}

static void on_request(void *ctx, struct pl_httpd_exchange *x)
{
    static const struct pl_ws_handler handler = {.text = server_text, .closed = server_closed};
    (void)ctx;
    if (pl_ws_wanted(x) && pl_str_eq(pl_httpd_path(x), "/ws")) {
        assert_int_equal(pl_ws_accept(x, NULL, &handler, NULL, &server_side), PL_OK);
        pl_ws_keep(server_side); /* a stranger's messages are shorter */
    } else {
        pl_httpd_respond(x, 404, NULL, 0, "", 0);
    }
}

/* The client */

static void on_open(void *ctx)
{
    (void)ctx;
    seen.opened++;
    pl_dial_send(seen.dial, seen.say, strlen(seen.say));
}

static void on_text(void *ctx, struct pl_str message)
{
    (void)ctx;
    pl_buf_add(&seen.heard, message.p, message.n);
    pl_loop_stop(loop);
}

static void on_closed(void *ctx, const char *why)
{
    (void)ctx;
    seen.closed++;
    snprintf(seen.why, sizeof seen.why, "%s", why);
    pl_loop_stop(loop);
}

static const struct pl_dial_handler client = {on_open, on_text, on_closed};

static struct pl_dial_place *place_of(const char *scheme, const char *host, unsigned port)
{
    struct pl_dial_place *p = NULL;
    char origin[100], why[PL_FETCH_WHY_SIZE];
    snprintf(origin, sizeof origin, "%s://%s:%u", scheme, host, port);
    assert_int_equal(pl_dial_place_new(origin, &p, why), PL_OK);
    return p;
}

static unsigned listen_on(struct pl_tls *tls)
{
    const struct pl_addr any = pl_addr_v4((const uint8_t[]){127, 0, 0, 1}, 0);
    struct pl_addr actual;
    assert_int_equal(pl_httpd_listen(httpd, &any, tls, &actual), PL_OK);
    return actual.port;
}

static int set_up(void **state)
{
    const struct pl_httpd_handler handler = {.request = on_request};
    (void)state;
    assert_int_equal(pl_loop_new(&loop), PL_OK);
    assert_int_equal(pl_httpd_new(loop, NULL, &handler, &httpd), PL_OK);
    memset(&seen, 0, sizeof seen);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pl_dial_free(seen.dial);
    pl_buf_free(&seen.heard);
    pl_httpd_free(httpd);
    pl_loop_free(loop);
    return 0;
}

static void dial(struct pl_dial_place *p, const char *path, const char *say)
{
    seen.say = say;
    seen.opened = seen.closed = 0;
    pl_buf_clear(&seen.heard);
    assert_int_equal(pl_dial(p, loop, path, &client, NULL, &seen.dial), PL_OK);
    run();
}

static void hang_up(struct pl_dial_place *p)
{
    pl_dial_free(seen.dial);
    seen.dial = NULL;
    pl_dial_place_free(p);
}

static void talks(const char *scheme, unsigned port)
{
    char *text = calloc(1, LONG_TEXT + 1);
    struct pl_dial_place *p = place_of(scheme, "localhost", port);
    dial(p, "/ws", "ahem");
    assert_int_equal(seen.opened, 1);
    assert_string_equal(seen.heard.data, "ahem");
    pl_buf_clear(&seen.heard);
    memset(text, 'x', LONG_TEXT);
    pl_dial_send(seen.dial, text, LONG_TEXT);
    run();
    assert_int_equal(seen.heard.len, LONG_TEXT);
    assert_memory_equal(seen.heard.data, text, LONG_TEXT);
    hang_up(p);
    run(); /* until the server has noticed */
    assert_null(server_side);
    assert_int_equal(seen.closed, 0);
    free(text);
}

static void talks_plain(void **state)
{
    (void)state;
    talks("http", listen_on(NULL));
}

static void talks_over_tls_to_whom_it_trusts(void **state)
{
    char folder[] = "/tmp/parley-dial-XXXXXX", cert[64], key[64], why[200];
    struct pl_tls *tls = NULL;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(cert, sizeof cert, "%s/cert", folder);
    snprintf(key, sizeof key, "%s/key", folder);
    certificate_write(cert, key, 1);
    assert_int_equal(pl_tls_new(loop, cert, key, 0, NULL, NULL, &tls, why), PL_OK);
    unsigned port = listen_on(tls);

    struct pl_dial_place *p = place_of("https", "localhost", port);
    dial(p, "/ws", "ahem");
    assert_int_equal(seen.closed, 1);
    assert_non_null(strstr(seen.why, "self-signed"));
    hang_up(p);

    setenv("SSL_CERT_FILE", cert, 1);
    talks("https", port);
    p = place_of("https", "127.0.0.1", port); /* not its name */
    dial(p, "/ws", "ahem");
    assert_int_equal(seen.closed, 1);
    assert_non_null(strstr(seen.why, "IP address mismatch"));
    hang_up(p);
    unsetenv("SSL_CERT_FILE");

    pl_httpd_free(httpd);
    httpd = NULL;
    pl_tls_free(tls);
    unlink(cert);
    unlink(key);
    rmdir(folder);
}

static void is_told_why_it_ends(void **state)
{
    (void)state;
    unsigned port = listen_on(NULL);
    static const struct {
        const char *path, *say, *why;
        unsigned opened;
    } rows[] = {
        {"/ws", "end", "closed with 1008", 1},
        {"/elsewhere", "", "no WebSocket there: HTTP/1.1 404 Not Found", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pl_dial_place *p = place_of("http", "127.0.0.1", port);
        dial(p, rows[i].path, rows[i].say);
        assert_int_equal(seen.opened, rows[i].opened);
        assert_int_equal(seen.closed, 1);
        assert_non_null(strstr(seen.why, rows[i].why));
        pl_dial_send(seen.dial, "late", 4); /* nothing */
        hang_up(p);
    }
    pl_httpd_free(httpd);
    httpd = NULL;
    struct pl_dial_place *p = place_of("http", "127.0.0.1", port);
    dial(p, "/ws", "");
    assert_int_equal(seen.closed, 1);
    assert_non_null(strstr(seen.why, "Connection refused"));
    hang_up(p);
}

static void wants_an_origin(void **state)
{
    struct pl_dial_place *p = NULL;
    char why[PL_FETCH_WHY_SIZE];
    (void)state;
    assert_int_equal(pl_dial_place_new("ws://127.0.0.1", &p, why), PL_EINVAL);
    assert_int_equal(pl_dial_place_new("http://[::1]:80", &p, why), PL_EIO);
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(talks_plain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(talks_over_tls_to_whom_it_trusts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_told_why_it_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wants_an_origin, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
