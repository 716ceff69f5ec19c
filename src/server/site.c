/* The web client's files, the documentation, the health check, and the way into a WebSocket. */
#include "server/app.h"
#include "server/assets.h"

#include "io/ws.h"
#include "proto/http.h"

#include <string.h>

#define DOCS_PATH_SIZE 64 /* of a page's file; longer than all names of docs */

static struct pl_str trim(struct pl_str s)
{
    while (s.n && s.p[0] == ' ')
        s = (struct pl_str){s.p + 1, s.n - 1};
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

/* "q=0", "q=0.000": not wanted (RFC 9110, 12.4.2). Other weights do not matter with one coding. */
static bool weight_zero(struct pl_str parameter)
{
    parameter = trim(parameter);
    if (parameter.n < 3 || memcmp(parameter.p, "q=0", 3) != 0)
        return false;
    for (size_t i = 3; i < parameter.n; i++)
        if (parameter.p[i] != '.' && parameter.p[i] != '0')
            return false;
    return true;
}

static bool accepts_gzip(const struct pl_request *r)
{
    struct pl_str list = pl_httpd_header(r->x, "Accept-Encoding");
    while (list.n) {
        struct pl_str weight = pl_str_split(&list, ',');
        struct pl_str coding = trim(pl_str_split(&weight, ';'));
        if (pl_str_eq_nocase(coding, "gzip"))
            return !weight_zero(weight);
    }
    return false;
}

/* If-None-Match (RFC 9110, 13.1.2): a list of tags, compared weakly, or "*". */
static bool unchanged(const struct pl_request *r, const char *etag)
{
    struct pl_str list = pl_httpd_header(r->x, "If-None-Match");
    if (list.p && pl_str_eq(list, "*"))
        return true;
    while (list.n) {
        struct pl_str tag = trim(pl_str_split(&list, ','));
        if (tag.n > 2 && tag.p[0] == 'W' && tag.p[1] == '/')
            tag = (struct pl_str){tag.p + 2, tag.n - 2};
        if (pl_str_eq(tag, etag))
            return true;
    }
    return false;
}

static void send_asset(struct pl_request *r, const struct pl_asset *a)
{
    bool packed = a->gzip && accepts_gzip(r);
    char etag[64];
    /* Each coding is a representation of its own (RFC 9110, 8.8.3.3). */
    snprintf(etag, sizeof etag, "%.*s%s\"", (int)strlen(a->etag) - 1, a->etag, packed ? "-gz" : "");
    struct pl_reply reply = {
        .status = 200, .type = a->type, .is_static = true, .compiles = a->compiles};
    reply.extra[reply.n_extra++] = (struct pl_httpd_field){
        "Cache-Control", a->immutable ? "public, max-age=31536000, immutable" : "no-cache"};
    reply.extra[reply.n_extra++] = (struct pl_httpd_field){"ETag", etag};
    if (a->gzip)
        reply.extra[reply.n_extra++] = (struct pl_httpd_field){"Vary", "Accept-Encoding"};
    if (unchanged(r, etag)) {
        reply.status = 304;
        reply.type = NULL;
    } else if (packed) {
        reply.extra[reply.n_extra++] = (struct pl_httpd_field){"Content-Encoding", "gzip"};
        reply.body = a->gzip;
        reply.n = a->n_gzip;
    } else {
        reply.body = a->bytes;
        reply.n = a->n;
    }
    pl_reply(r, &reply);
}

static void answer_file(struct pl_request *r, const struct pl_asset *a)
{
    if (a)
        send_asset(r, a);
    else
        pl_reply_error(r, 404, "not_found", "There is nothing here.", NULL);
}

void pl_site_file(struct pl_request *r)
{
    answer_file(r, pl_asset_find(pl_httpd_path(r->x)));
}

/* /docs is docs/index.html, /docs/NAME is docs/NAME.html. */
void pl_site_docs(struct pl_request *r)
{
    struct pl_str path = pl_httpd_path(r->x);
    const struct pl_asset *a = pl_asset_find(path);
    char file[DOCS_PATH_SIZE];
    int n = snprintf(file, sizeof file, "%.*s%s.html", (int)path.n, path.p,
                     pl_str_eq(path, "/docs") ? "/index" : "");
    if (!a && n > 0 && (size_t)n < sizeof file)
        a = pl_asset_find(pl_str(file));
    answer_file(r, a);
}

/* The page finds out by itself which meeting it is for: the token behind the # never comes here. */
void pl_site_page(struct pl_request *r)
{
    static const char none[] = "This server was built without its web client.\n";
    const struct pl_asset *a = pl_asset_find(pl_str("/index.html"));
    if (a)
        send_asset(r, a);
    else
        pl_reply(r, &(struct pl_reply){.status = 404,
                                       .type = "text/plain; charset=utf-8",
                                       .body = none,
                                       .n = sizeof none - 1,
                                       .is_static = true});
}

void pl_site_health(struct pl_request *r)
{
    pl_reply(r, &(struct pl_reply){.status = 200,
                                   .type = "text/plain; charset=utf-8",
                                   .body = "ok",
                                   .n = 2,
                                   .is_static = true});
}

/* A browser says from which page it comes; only our own may talk to us on its user's behalf.
 * Programs that are no browsers send no Origin (RFC 6455, 10.2). */
static bool same_origin(const struct pl_request *r)
{
    struct pl_str origin = pl_httpd_header(r->x, "Origin"), host = pl_httpd_header(r->x, "Host");
    if (!origin.p)
        return true;
    if (r->app->config.public_url[0] && pl_str_eq_nocase(origin, r->app->config.public_url))
        return true;
    const char *slashes = memmem(origin.p, origin.n, "://", 3);
    if (!slashes || !host.p || !pl_host_ok(host))
        return false;
    size_t skip = (size_t)(slashes + 3 - origin.p);
    return origin.n - skip == host.n && strncasecmp(origin.p + skip, host.p, host.n) == 0;
}

void pl_site_ws(struct pl_request *r)
{
    struct pl_httpd_field version = {"Sec-WebSocket-Version", "13"};
    struct pl_httpd_field upgrade = {"Upgrade", "websocket"};
    if (!pl_ws_wanted(r->x)) {
        pl_reply_error_with(r, 426, "upgrade_required", "This is the address of a WebSocket.", NULL,
                            &upgrade);
        return;
    }
    if (!same_origin(r)) {
        pl_reply_error(r, 403, "foreign_origin",
                       "This page is not one of this server's: Origin and Host differ.", NULL);
        return;
    }
    struct pl_through_server turn;
    bool has_turn = pl_request_turn(r, &turn);
    enum pl_err e = pl_clients_accept(r->app->clients, r->x, has_turn ? &turn : NULL);
    if (e == PL_EINVAL)
        pl_reply_error(r, 400, "bad_handshake", "This is not a WebSocket handshake.", NULL);
    else if (e == PL_EUNSUPPORTED)
        pl_reply_error_with(r, 426, "upgrade_required", "Only version 13 is spoken here.", NULL,
                            &version);
    else if (e) /* PL_ESTATE: the server is going down */
        pl_reply_failed(r, e == PL_ESTATE ? PL_EAGAIN : e);
}
