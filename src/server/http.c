/* Which handler answers which request, and the headers that all answers have. */
#include "server/app.h"
#include "server/login_api.h"
#include "server/passkeys_api.h"

#include "base/json.h"
#include "proto/answer.h"
#include "proto/http.h"
#include "signal/definition.h"
#include "signal/manifest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MEETING_BODY_MAX (1 << 20) /* bytes of a definition: 2000 people of 500 bytes */
#define MANIFEST_BODY_MAX (2 * PL_MANIFEST_MAX) /* as JSON, with each of its quotes escaped */

/* Nothing from elsewhere, nothing inline. 'self' covers the WebSocket too (CSP 3, 6.7.2.8). */
#define CONTENT_SECURITY_POLICY                                                                    \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "        \
    "connect-src 'self'; media-src 'self' blob:; font-src 'self'; worker-src 'self'; "             \
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* A worker is under the policy of its own script (CSP 3, 4.2.2), so that this holds for nothing
 * else. The page and what is in it compile nothing. */
#define COMPILES_POLICY                                                                            \
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"

#define PERMISSIONS_POLICY                                                                         \
    "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), "                \
    "autoplay=(self), screen-wake-lock=(self), speaker-selection=(self), geolocation=(), "         \
    "payment=(), usb=(), serial=(), hid=(), midi=(), accelerometer=(), "                           \
    "gyroscope=(), magnetometer=()"

#define POLICY_FIELD 0 /* of the headers */
static const struct pl_httpd_field common_headers[] = {
    [POLICY_FIELD] = {"Content-Security-Policy", CONTENT_SECURITY_POLICY},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Permissions-Policy", PERMISSIONS_POLICY},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

/* `*` stands for one segment. The first route whose path fits counts; GET answers HEAD too. */
struct route {
    const char *method, *path;
    void (*handle)(struct pl_request *r);
    bool (*gate)(struct pl_request *r); /* who may send a body above the default */
    size_t body;                        /* of that many bytes; 0: the default */
    bool cors;
};

static bool invited_gate(struct pl_request *r)
{
    struct pl_entry_pass pass;
    if (!pl_request_invited(r, &pass))
        return false;
    pl_definition_free(pass.definition);
    return true;
}

static const struct route routes[] = {
    {"GET", "/healthz", pl_site_health, NULL, 0, false},
    {"GET", "/ws", pl_site_ws, NULL, 0, false},
    {"GET", "/metrics", pl_metrics_get, NULL, 0, false},
    {"POST", "/api/meetings", pl_api_create, pl_request_prepares_any, MEETING_BODY_MAX, false},
    {"GET", "/api/meetings", pl_api_list, NULL, 0, false},
    {"GET", "/api/meetings/*", pl_api_get, NULL, 0, false},
    {"PUT", "/api/meetings/*", pl_api_replace, pl_request_prepares, MEETING_BODY_MAX, false},
    {"DELETE", "/api/meetings/*", pl_api_delete, NULL, 0, false},
    {"GET", "/api/meetings/*/definition", pl_api_definition, NULL, 0, false},
    {"GET", "/api/meetings/*/invitation", pl_api_invitation, NULL, 0, false},
    {"POST", "/api/meetings/*/invitations", pl_api_invite, NULL, 0, false},
    {"DELETE", "/api/meetings/*/invitations/*", pl_api_revoke, NULL, 0, false},
    {"POST", "/api/meetings/*/people", pl_api_add_person, NULL, 0, false},
    {"POST", "/api/meetings/*/seats", pl_api_add_seat, pl_request_prepares, 0, false},
    {"DELETE", "/api/meetings/*/people/*", pl_api_revoke_person, NULL, 0, false},
    {"POST", "/api/meetings/*/documents", pl_documents_post, pl_presides_gate,
     PL_DOCUMENT_BYTES_MAX, false},
    {"GET", "/api/meetings/*/documents/*", pl_documents_get, NULL, 0, false},
    {"GET", "/api/meetings/*/minutes", pl_minutes_get, NULL, 0, false},
    {"PUT", "/api/meetings/*/manifest", pl_manifest_put, pl_presides_gate, MANIFEST_BODY_MAX,
     false},
    {"GET", "/api/meetings/*/manifest", pl_manifest_get, NULL, 0, false},
    {"GET", "/api/meetings/*/record/checkpoint", pl_record_checkpoint, NULL, 0, false},
    {"GET", "/api/meetings/*/record/key", pl_record_key, NULL, 0, false},
    {"GET", "/api/meetings/*/record/consistency", pl_record_consistency, NULL, 0, false},
    {"GET", "/api/meetings/*/record/inclusion", pl_record_inclusion, NULL, 0, false},
    {"GET", "/api/meetings/*/record/events", pl_record_events, NULL, 0, false},
    {"GET", "/api/meetings/*/record/events/*", pl_record_event, NULL, 0, false},
    {"GET", "/api/log/checkpoint", pl_record_log_checkpoint, NULL, 0, false},
    {"GET", "/api/log/meetings/*", pl_record_log_meeting, NULL, 0, false},
    {"GET", "/api/meetings/*/participants", pl_trace_participants, NULL, 0, false},
    {"POST", "/api/meetings/*/participants/*/trace", pl_trace_start, NULL, 0, false},
    {"DELETE", "/api/meetings/*/participants/*/trace", pl_trace_stop, NULL, 0, false},
    {"GET", "/api/login", pl_login_ways, NULL, 0, false},
    {"POST", "/api/login/oidc", pl_login_begin, NULL, 0, false},
    {"POST", "/api/login/oidc/code", pl_login_finish, NULL, 0, false},
    {"GET", "/api/session", pl_session_get, NULL, 0, false},
    {"DELETE", "/api/session", pl_session_end, NULL, 0, false},
    {"GET", "/api/audit", pl_audit_get, NULL, 0, false},
    {"GET", "/api/bodies", pl_bodies_api_list, NULL, 0, false},
    {"POST", "/api/bodies", pl_bodies_api_add, NULL, 0, false},
    {"PUT", "/api/bodies/*", pl_bodies_api_rename, NULL, 0, false},
    {"DELETE", "/api/bodies/*", pl_bodies_api_remove, NULL, 0, false},
    {"GET", "/api/accounts", pl_accounts_api_list, NULL, 0, false},
    {"POST", "/api/accounts", pl_accounts_api_add, NULL, 0, false},
    {"PUT", "/api/accounts/*", pl_accounts_api_change, NULL, 0, false},
    {"DELETE", "/api/accounts/*", pl_accounts_api_remove, NULL, 0, false},
    {"PUT", "/api/accounts/*/roles/*", pl_accounts_api_appoint, NULL, 0, false},
    {"DELETE", "/api/accounts/*/roles/*", pl_accounts_api_dismiss, NULL, 0, false},
    {"GET", "/api/accounts/*/sessions", pl_session_list, NULL, 0, false},
    {"GET", "/api/accounts/*/passkeys", pl_passkeys_api_list, NULL, 0, false},
    {"DELETE", "/api/accounts/*/passkeys/*", pl_passkeys_api_remove, NULL, 0, false},
    {"POST", "/api/accounts/*/enrolment", pl_passkeys_api_enrol, NULL, 0, false},
    {"POST", "/api/login/passkey", pl_passkeys_ask, NULL, 0, false},
    {"POST", "/api/login/passkey/answer", pl_passkeys_sign_in, NULL, 0, false},
    {"POST", "/api/passkeys/add", pl_passkeys_ask_add, NULL, 0, false},
    {"POST", "/api/passkeys/add/answer", pl_passkeys_add_one, NULL, 0, false},
    {"DELETE", "/api/accounts/*/sessions/*", pl_session_revoke, NULL, 0, false},
    {"POST", "/whip/*", pl_whip_post, invited_gate, PL_OFFER_MAX, true},
    {"GET", "/whip/*", pl_whip_get, NULL, 0, true},
    {"OPTIONS", "/whip/*", pl_whip_options, NULL, 0, true},
    {"PATCH", "/whip/*/*", pl_whip_patch, NULL, 0, true},
    {"DELETE", "/whip/*/*", pl_whip_delete, NULL, 0, true},
    {"GET", "/whip/*/*", pl_whip_get, NULL, 0, true},
    {"OPTIONS", "/whip/*/*", pl_whip_session_options, NULL, 0, true},
    {"POST", "/whep/*", pl_whep_post, invited_gate, PL_OFFER_MAX, true},
    {"GET", "/whep/*", pl_whip_get, NULL, 0, true},
    {"OPTIONS", "/whep/*", pl_whip_options, NULL, 0, true},
    {"PATCH", "/whep/*/*", pl_whep_patch, NULL, 0, true},
    {"DELETE", "/whep/*/*", pl_whep_delete, NULL, 0, true},
    {"GET", "/whep/*/*", pl_whip_get, NULL, 0, true},
    {"OPTIONS", "/whep/*/*", pl_whip_session_options, NULL, 0, true},
    {"GET", "/", pl_site_page, NULL, 0, false},
    {"GET", "/m/*", pl_site_page, NULL, 0, false},
    {"GET", "/login", pl_site_page, NULL, 0, false},
    {"GET", "/accounts", pl_site_page, NULL, 0, false},
    {"GET", "/prepare", pl_site_page, NULL, 0, false},
    {"GET", "/enrol", pl_site_page, NULL, 0, false},
    {"GET", "/verify", pl_site_page, NULL, 0, false},
    {"GET", "/docs", pl_site_docs, NULL, 0, false},
    {"GET", "/docs/*", pl_site_docs, NULL, 0, false},
    {"GET", "/design", pl_site_page, NULL, 0, false},
    {"GET", "/*", pl_site_file, NULL, 0, false},
    {"GET", "/*/*", pl_site_file, NULL, 0, false},
};

/* Empty segments fit nothing, nor does one at the end; but "/" is "/". */
static bool path_fits(const char *pattern, struct pl_str path,
                      struct pl_str captures[PL_CAPTURES_MAX])
{
    struct pl_str want = pl_str(pattern);
    size_t n = 0;
    if (pl_str_eq(path, "/") || pl_str_eq(want, "/"))
        return pl_str_eq(path, "/") && pl_str_eq(want, "/");
    if (path.n == 0 || path.p[path.n - 1] == '/')
        return false;
    while (want.n && path.n) {
        struct pl_str w = pl_str_split(&want, '/'), p = pl_str_split(&path, '/');
        if (pl_str_eq(w, "*")) {
            if (p.n == 0)
                return false;
            captures[n++] = p;
        } else if (w.n != p.n || memcmp(w.p, p.p, w.n) != 0) {
            return false;
        }
    }
    return want.n == 0 && path.n == 0;
}

static bool method_fits(const char *method, struct pl_str asked)
{
    return pl_str_eq(asked, method) || (pl_str_eq(asked, "HEAD") && strcmp(method, "GET") == 0);
}

/* The methods that the path knows, for Allow: "GET, HEAD, POST". Empty: the path is unknown. */
static void allowed(struct pl_str path, char out[128])
{
    struct pl_str captures[PL_CAPTURES_MAX];
    size_t n = 0;
    bool files_only = true;
    out[0] = 0;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!path_fits(routes[i].path, path, captures))
            continue;
        /* A path that only the last two routes know is one of a file, if it is any. */
        bool file = routes[i].handle == pl_site_file;
        if (file && !files_only)
            continue;
        files_only &= file;
        bool get = strcmp(routes[i].method, "GET") == 0;
        n += (size_t)snprintf(out + n, 128 - n, "%s%s", n ? ", " : "",
                              get ? "GET, HEAD" : routes[i].method);
    }
}

static const struct route *find_route(struct pl_request *r)
{
    struct pl_str path = pl_httpd_path(r->x), method = pl_httpd_method(r->x);
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (method_fits(routes[i].method, method) && path_fits(routes[i].path, path, r->captures)) {
            r->cors = routes[i].cors;
            return &routes[i];
        }
    return NULL;
}

/* More than an address may ask for: it is told so, and its connection ends. */
static bool too_many(struct pl_request *r)
{
    pl_time_us wait =
        pl_limits_request(r->app->limits, pl_httpd_peer(r->x), pl_loop_now(r->app->loop));
    if (!wait)
        return false;
    pl_httpd_last(r->x);
    pl_reply_wait(r, "too_many_requests",
                  "Too many requests came from your address. Try again in a moment.", wait);
    return true;
}

/* Nobody fills the memory with bodies of a megabyte but those who may post them. A body of unknown
 * length may become a large one. */
static void on_head(void *ctx, struct pl_httpd_exchange *x)
{
    struct pl_request r = {.app = ctx, .x = x};
    if (too_many(&r))
        return;
    const struct route *route = find_route(&r);
    if (!route)
        return;
    size_t limit = route->body ? route->body : PL_HTTPD_BODY_DEFAULT;
    struct pl_str length = pl_httpd_header(x, "Content-Length");
    uint64_t n = length.p ? UINT64_MAX : 0;
    bool chunked = pl_httpd_header(x, "Transfer-Encoding").p != NULL;
    if (length.p && pl_parse_u64(length, UINT64_MAX, &n) != PL_OK)
        n = UINT64_MAX;
    if (n <= PL_HTTPD_BODY_DEFAULT && !chunked)
        return;
    if (route->body && !route->gate(&r))
        return;
    if (n > limit) {
        char message[80];
        snprintf(message, sizeof message, "The body is larger than %zu bytes.", limit);
        pl_reply_error(&r, 413, "too_large", message, NULL);
        return;
    }
    pl_httpd_body_limit(x, limit);
}

static void on_request(void *ctx, struct pl_httpd_exchange *x)
{
    struct pl_request r = {.app = ctx, .x = x};
    const struct route *route = find_route(&r);
    if (route) {
        route->handle(&r);
        return;
    }
    char methods[128];
    allowed(pl_httpd_path(x), methods);
    if (!methods[0]) {
        pl_reply_error(&r, 404, "not_found", "There is nothing here.", NULL);
        return;
    }
    struct pl_httpd_field allow = {"Allow", methods};
    pl_reply_error_with(&r, 405, "method_not_allowed", "This cannot be done here.", NULL, &allow);
}

static void on_gone(void *ctx, struct pl_httpd_exchange *x)
{
    (void)ctx;
    pl_login_gone(x); /* all others are answered at once */
}

static void on_stream(void *ctx, struct pl_tcp *stream, bool framed)
{
    struct pl_app *app = ctx;
    pl_through_stream(app->through, stream, framed);
}

struct pl_httpd_handler pl_app_http(struct pl_app *app)
{
    return (struct pl_httpd_handler){
        .ctx = app,
        .head = on_head,
        .request = on_request,
        .gone = on_gone,
        .stream = app->config.turn_off ? NULL : on_stream,
    };
}

/* Room for what add_common adds. */
#define COMMON_MAX (sizeof common_headers / sizeof *common_headers + 3)

static size_t add_common(const struct pl_request *r, struct pl_httpd_field *out)
{
    size_t n = 0;
    for (; n < sizeof common_headers / sizeof *common_headers; n++)
        out[n] = common_headers[n];
    if (pl_httpd_is_tls(r->x))
        out[n++] = (struct pl_httpd_field){"Strict-Transport-Security", "max-age=31536000"};
    if (r->cors) {
        out[n++] = (struct pl_httpd_field){"Access-Control-Allow-Origin", "*"};
        out[n++] = (struct pl_httpd_field){"Access-Control-Expose-Headers", "Location, ETag, Link"};
    } else {
        out[n++] = (struct pl_httpd_field){"Cross-Origin-Resource-Policy", "same-origin"};
    }
    return n;
}

#define HEADERS_MAX (COMMON_MAX + PL_EXTRA_MAX + 2)

static size_t headers_of(const struct pl_request *r, const struct pl_reply *reply,
                         struct pl_httpd_field headers[HEADERS_MAX])
{
    size_t n = add_common(r, headers);
    if (reply->compiles)
        headers[POLICY_FIELD].value = COMPILES_POLICY;
    bool cached = false;
    if (reply->type)
        headers[n++] = (struct pl_httpd_field){"Content-Type", reply->type};
    for (size_t i = 0; i < reply->n_extra; i++) {
        headers[n++] = reply->extra[i];
        cached |= strcmp(reply->extra[i].name, "Cache-Control") == 0;
    }
    if (!cached) /* answers hold tokens, and what is true now */
        headers[n++] = (struct pl_httpd_field){"Cache-Control", "no-store"};
    return n;
}

void pl_reply_source(struct pl_request *r, const struct pl_reply *reply,
                     const struct pl_httpd_source *source, uint64_t n_body)
{
    struct pl_httpd_field headers[HEADERS_MAX];
    size_t n = headers_of(r, reply, headers);
    pl_httpd_respond_source(r->x, reply->status, headers, n, source, n_body);
}

void pl_reply(struct pl_request *r, const struct pl_reply *reply)
{
    struct pl_httpd_field headers[HEADERS_MAX];
    size_t n = headers_of(r, reply, headers);
    if (reply->is_static)
        pl_httpd_respond_static(r->x, reply->status, headers, n, reply->body, reply->n);
    else
        pl_httpd_respond(r->x, reply->status, headers, n, reply->body, reply->n);
}

void pl_reply_empty(struct pl_request *r, unsigned status)
{
    pl_reply(r, &(struct pl_reply){.status = status});
}

void pl_reply_json(struct pl_request *r, unsigned status, struct pl_buf *json)
{
    if (json->failed)
        pl_reply_failed(r, PL_ENOMEM);
    else
        pl_reply(r, &(struct pl_reply){.status = status,
                                       .type = "application/json",
                                       .body = json->data,
                                       .n = json->len});
    pl_buf_free(json);
}

void pl_reply_made(struct pl_request *r, enum pl_err e, struct pl_buf *json)
{
    if (!e) {
        pl_reply_json(r, 200, json);
        return;
    }
    pl_buf_free(json);
    pl_reply_failed(r, e);
}

void pl_reply_error_with(struct pl_request *r, unsigned status, const char *code,
                         const char *message, const char *field,
                         const struct pl_httpd_field *header)
{
    struct pl_buf json = {0};
    pl_json_open(&json, NULL, '{');
    pl_json_open(&json, "error", '{');
    pl_json_str(&json, "code", code);
    pl_json_str(&json, "message", message);
    if (field)
        pl_json_str(&json, "field", field);
    pl_json_close(&json, '}');
    pl_json_close(&json, '}');
    struct pl_reply reply = {.status = status, .type = "application/json"};
    if (!json.failed) {
        reply.body = json.data;
        reply.n = json.len;
    }
    if (header)
        reply.extra[reply.n_extra++] = *header;
    if (status == 401) /* RFC 9110, 15.5.2 */
        reply.extra[reply.n_extra++] = (struct pl_httpd_field){"WWW-Authenticate", "Bearer"};
    pl_reply(r, &reply);
    pl_buf_free(&json);
}

void pl_reply_error(struct pl_request *r, unsigned status, const char *code, const char *message,
                    const char *field)
{
    pl_reply_error_with(r, status, code, message, field, NULL);
}

void pl_reply_wait(struct pl_request *r, const char *code, const char *message, pl_time_us wait)
{
    char seconds[16];
    snprintf(seconds, sizeof seconds, "%u", pl_limits_seconds(wait));
    pl_reply_error_with(r, 429, code, message, NULL,
                        &(struct pl_httpd_field){"Retry-After", seconds});
}

void pl_reply_failed(struct pl_request *r, enum pl_err e)
{
    if (e == PL_ENOMEM || e == PL_EAGAIN || e == PL_EIO)
        pl_reply_error(r, 503, "unavailable", "The server cannot do this now. Try again later.",
                       NULL);
    else
        pl_reply_error(r, 500, "internal", "The server failed. This is its fault.", NULL);
}

bool pl_request_type(struct pl_request *r, const char *type)
{
    struct pl_str value = pl_httpd_header(r->x, "Content-Type");
    struct pl_str media = value.p ? pl_str_split(&value, ';') : (struct pl_str){"", 0};
    while (media.n && media.p[media.n - 1] == ' ')
        media.n--;
    if (pl_str_eq_nocase(media, type))
        return true;
    char message[120];
    snprintf(message, sizeof message, "The Content-Type must be %s.", type);
    pl_reply_error(r, 415, "unsupported_media_type", message, NULL);
    return false;
}

bool pl_host_ok(struct pl_str host)
{
    for (size_t i = 0; i < host.n; i++)
        if (!isalnum((unsigned char)host.p[i]) && !memchr(".-:[]_", host.p[i], 6))
            return false;
    return host.n > 0 && host.n < 256;
}

bool pl_request_origin(const struct pl_request *r, char out[PL_PUBLIC_URL_SIZE])
{
    if (r->app->config.public_url[0]) {
        memcpy(out, r->app->config.public_url, PL_PUBLIC_URL_SIZE);
        return true;
    }
    struct pl_str host = pl_httpd_header(r->x, "Host");
    if (!host.p) { /* HTTP/1.0 */
        memcpy(out, r->app->self_url, PL_PUBLIC_URL_SIZE);
        return true;
    }
    if (!pl_host_ok(host))
        return false;
    snprintf(out, PL_PUBLIC_URL_SIZE, "%s://%.*s", pl_httpd_is_tls(r->x) ? "https" : "http",
             (int)host.n, host.p);
    return true;
}

bool pl_request_turn(const struct pl_request *r, struct pl_through_server *out)
{
    char origin[PL_PUBLIC_URL_SIZE];
    return r->app->through && pl_request_origin(r, origin) &&
           pl_through_server(r->app->through, origin, out);
}
