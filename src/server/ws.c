/* See ws.h. */
#include "server/ws.h"

#include "io/ws.h"
#include "server/client.h"

#include <stdlib.h>

/* The timer is never unset, so that setting it cannot fail: this is when it goes off for nothing.
 */
#define HEARTBEAT (3600 * PL_SECOND)

struct pl_clients {
    struct pl_loop *loop;
    struct pl_entry *entry;
    struct pl_limits *limits;
    struct pl_store_thread *store_thread;
    struct pl_conferences *conferences;
    struct pl_timer timer;
    bool stopped;
};

/* One WebSocket. */
struct connection {
    struct pl_clients *clients;
    struct pl_ws *ws;
    struct pl_client *client;
    struct pl_through_server turn;
};

/* For the conferences */

static pl_time_us now(void *ctx)
{
    const struct pl_clients *c = ctx;
    return pl_loop_now(c->loop);
}

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return pl_wall_now_us() / 1000;
}

static void wake(void *ctx, pl_time_us at)
{
    struct pl_clients *c = ctx;
    if (pl_timer_set(c->loop, &c->timer, at) != PL_OK)
        abort(); /* cannot be: it is set already */
}

static void work(void *ctx, struct pl_store_job *job)
{
    const struct pl_clients *c = ctx;
    pl_store_thread_do(c->store_thread, job);
}

static void finish(void *ctx)
{
    const struct pl_clients *c = ctx;
    pl_store_thread_finish(c->store_thread);
}

static void fire(struct pl_timer *timer)
{
    struct pl_clients *c = pl_container_of(timer, struct pl_clients, timer);
    wake(c, pl_loop_now(c->loop) + HEARTBEAT);
    pl_conferences_run(c->conferences);
}

enum pl_err pl_clients_new(const struct pl_clients_config *given, struct pl_clients **out)
{
    struct pl_loop *loop = given->loop;
    struct pl_clients *c = calloc(1, sizeof *c);
    if (!c)
        return PL_ENOMEM;
    c->loop = loop;
    c->entry = given->entry;
    c->limits = given->limits;
    c->store_thread = given->store_thread;
    c->timer.fire = fire;
    const struct pl_conferences_config config = {
        .ctx = c,
        .now = now,
        .wall_ms = wall_ms,
        .wake = wake,
        .random = given->random,
        .limits = given->limits,
        .work = work,
        .finish = finish,
        .store = given->store,
        .signing = given->signing,
    };
    enum pl_err err = pl_timer_set(loop, &c->timer, pl_loop_now(loop) + HEARTBEAT);
    if (err == PL_OK)
        err = pl_conferences_new(&config, &c->conferences);
    if (err) {
        pl_timer_clear(loop, &c->timer);
        free(c);
        return err;
    }
    *out = c;
    return PL_OK;
}

void pl_clients_stop(struct pl_clients *c)
{
    c->stopped = true;
    pl_conferences_end(c->conferences);
}

void pl_clients_free(struct pl_clients *c)
{
    if (!c)
        return;
    pl_conferences_free(c->conferences);
    pl_timer_clear(c->loop, &c->timer);
    free(c);
}

struct pl_conferences *pl_clients_conferences(const struct pl_clients *c)
{
    return c->conferences;
}

/* For the client */

static void client_send(void *ctx, const char *json, size_t n)
{
    struct connection *conn = ctx;
    pl_ws_send_text(conn->ws, json, n);
}

static void client_close(void *ctx)
{
    struct connection *conn = ctx;
    pl_ws_close(conn->ws, PL_WS_NORMAL, NULL);
}

/* What the doorkeeper said, in the words of the message `removed`. */
static struct pl_farewell refusal_of(enum pl_entry_result result)
{
    struct pl_farewell r = {.for_good = true, .message = pl_entry_text(result)};
    switch (result) {
    case PL_ENTRY_UNKNOWN_MEETING:
        r.reason = PL_REMOVED_REASON_UNKNOWN_MEETING;
        break;
    case PL_ENTRY_UNKNOWN_TOKEN:
        r.reason = PL_REMOVED_REASON_UNKNOWN_TOKEN;
        break;
    case PL_ENTRY_EXPIRED:
        r.reason = PL_REMOVED_REASON_EXPIRED;
        break;
    case PL_ENTRY_REVOKED:
        r.reason = PL_REMOVED_REASON_REVOKED;
        break;
    default:
        r.for_good = false;
        break;
    }
    return r;
}

static bool client_enter(void *ctx, struct pl_str meeting, struct pl_str token,
                         struct pl_client_pass *pass, struct pl_farewell *refusal)
{
    struct connection *conn = ctx;
    struct pl_clients *c = conn->clients;
    struct pl_entry_pass found;
    enum pl_entry_result result =
        pl_entry_check(c->entry, pl_ws_peer(conn->ws), meeting, token, now(c), wall_ms(c), &found);
    if (result != PL_ENTRY_GOOD) {
        *refusal = refusal_of(result);
        return false;
    }
    struct pl_limits_user user = pl_entry_user(&found.invitation, pl_ws_peer(conn->ws));
    if (pl_limits_use(c->limits, &user, PL_LIMIT_JOINS, now(c))) {
        pl_definition_free(found.definition);
        *refusal =
            (struct pl_farewell){.message = "This link is used too often. Try again in a moment."};
        return false;
    }
    pl_ws_keep(conn->ws);
    *pass = (struct pl_client_pass){found.definition, found.person, user};
    return true;
}

/* From the WebSocket */

static void on_text(void *ctx, struct pl_ws *ws, struct pl_str message)
{
    (void)ws;
    struct connection *conn = ctx;
    pl_client_text(conn->client, message);
}

static void on_drained(void *ctx, struct pl_ws *ws)
{
    (void)ws;
    struct connection *conn = ctx;
    pl_client_drained(conn->client);
}

static void on_closed(void *ctx, struct pl_ws *ws, unsigned code)
{
    (void)ws;
    (void)code;
    struct connection *conn = ctx;
    pl_client_closed(conn->client);
    free(conn);
}

enum pl_err pl_clients_accept(struct pl_clients *c, struct pl_httpd_exchange *x,
                              const struct pl_through_server *turn)
{
    static const struct pl_ws_handler handler = {on_text, on_closed, on_drained};
    if (c->stopped)
        return PL_ESTATE;
    struct connection *conn = calloc(1, sizeof *conn);
    if (!conn)
        return PL_ENOMEM;
    conn->clients = c;
    if (turn)
        conn->turn = *turn;
    const struct pl_client_io io = {conn, client_send, client_close, client_enter,
                                    turn ? &conn->turn : NULL};
    enum pl_err err = pl_client_new(c->conferences, &io, &conn->client);
    if (err == PL_OK) {
        err = pl_ws_accept(x, NULL, &handler, conn, &conn->ws);
        if (err)
            pl_client_closed(conn->client);
    }
    if (err)
        free(conn);
    return err;
}
