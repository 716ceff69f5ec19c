/* The HTTP server: listeners, its connections as a whole. See httpd.h, conn.h. */
#include "io/conn.h"
#include "io/entropy.h"
#include "io/sockaddr.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define ACCEPTS_MAX 64             /* of one turn */
#define BACKLOG 1024               /* a meeting's people all come in the same minute */
#define UNSENT (64 << 10)          /* bytes in the kernel that wait for a slow reader */
#define TLS_SETS 1024              /* of addresses that made handshakes lately: 256 KiB */
#define ACCEPT_PAUSE (100 * PL_MS) /* when descriptors have run out */

struct listener {
    struct pl_list node;
    struct pl_httpd *h;
    struct pl_watch watch;
    struct pl_tls *tls;
    bool streams_only;
};

struct pl_httpd_limits pl_httpd_limits_default(void)
{
    return (struct pl_httpd_limits){
        .connections = 10000,
        .tls_rate = PL_RATE(100, 2000),
        .tls_handshake = 10 * PL_SECOND,
        .head = 10 * PL_SECOND,
        .body = 30 * PL_SECOND,
        .idle = 60 * PL_SECOND,
        .write_stall = 30 * PL_SECOND,
        .ws_message = 600 << 10,
        .ws_first = 8 << 10,
        .ws_queue = 1 << 20,
        .ws_ping = 15 * PL_SECOND,
        .ws_silence = 30 * PL_SECOND,
    };
}

const char *pl_httpd_date(struct pl_httpd *h)
{
    int64_t second = pl_wall_now_us() / PL_SECOND;
    if (second != h->date_second) {
        time_t t = (time_t)second;
        struct tm utc;
        strftime(h->date, sizeof h->date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&t, &utc));
        h->date_second = second;
    }
    return h->date;
}

/* Each connection that is scheduled now; those that are scheduled meanwhile come next turn. */
static void pump_scheduled(struct pl_timer *t)
{
    struct pl_httpd *h = pl_container_of(t, struct pl_httpd, again_timer);
    pl_timer_move(h->loop, t, PL_NEVER);
    pl_list_push(&h->again, &h->again_mark); /* what stands behind it comes later */
    while (h->again.next != &h->again_mark)
        pl_conn_pump(pl_container_of(h->again.next, struct pl_conn, again));
    pl_list_remove(&h->again_mark);
}

/* --- Accepting --- */

static bool watch_listeners(struct pl_httpd *h, uint32_t events)
{
    bool ok = true;
    pl_list_each (struct listener, listener, &h->listeners, node)
        ok = pl_loop_rewatch(h->loop, &listener->watch, events) == PL_OK && ok;
    return ok;
}

static void accept_anew(struct pl_timer *t)
{
    struct pl_httpd *h = pl_container_of(t, struct pl_httpd, accept_timer);
    bool ok = watch_listeners(h, EPOLLIN);
    pl_timer_move(h->loop, t, ok ? PL_NEVER : pl_loop_now(h->loop) + ACCEPT_PAUSE);
}

/* Without descriptors the listener stays ready and would make the loop spin. */
static void pause_accepting(struct pl_httpd *h)
{
    h->stats.accept_paused++;
    pl_timer_move(h->loop, &h->accept_timer, pl_loop_now(h->loop) + ACCEPT_PAUSE);
    watch_listeners(h, 0);
}

/* Who holds many connections and says nothing on them keeps nobody out: when there are too many,
 * the one goes that has been at the same thing for the longest, unless it is a WebSocket that was
 * kept.
 */
static bool make_room(struct pl_httpd *h)
{
    if (h->stats.open < h->limits.connections)
        return true;
    if (pl_list_empty(&h->loose))
        return false;
    h->stats.displaced++;
    pl_conn_destroy(pl_container_of(h->loose.next, struct pl_conn, loose));
    return true;
}

/* A handshake costs as much as hundreds of packets. */
static bool too_often(struct pl_httpd *h, const struct listener *listener,
                      const struct pl_addr *peer)
{
    struct pl_addr network = pl_addr_network(peer);
    return listener->tls && pl_rates_pay(h->tls_rates, &network, sizeof network,
                                         &h->limits.tls_rate, pl_loop_now(h->loop));
}

static void accept_ready(struct pl_watch *w, uint32_t events)
{
    (void)events;
    struct listener *listener = pl_container_of(w, struct listener, watch);
    struct pl_httpd *h = listener->h;
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        struct sockaddr_storage name = {0};
        socklen_t len = sizeof name;
        struct pl_addr peer;
        int fd = accept4(w->fd, (struct sockaddr *)&name, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && errno == EAGAIN)
            return;
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
            pause_accepting(h);
            return;
        }
        if (fd < 0)
            continue; /* that one connection broke off in the queue */
        h->stats.accepted++;
        if (pl_sockaddr_to(&name, &peer) != PL_OK || too_often(h, listener, &peer) ||
            !make_room(h)) {
            h->stats.refused++;
            close(fd);
            continue;
        }
        int on = 1, unsent = UNSENT;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
        pl_conn_new(h, fd, &peer, listener->tls, listener->streams_only);
    }
}

/* SO_REUSEADDR, so that a restart need not wait for old connections; a port that is listened on is
 * refused all the same. */
static enum pl_err open_listener(struct listener *listener, const struct pl_addr *addr)
{
    struct sockaddr_storage name;
    socklen_t len = pl_sockaddr_from(addr, &name);
    int on = 1;
    int fd = socket(name.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    listener->watch = (struct pl_watch){fd, accept_ready};
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        return PL_EIO;
    if (name.ss_family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
        return PL_EIO;
    if (bind(fd, (struct sockaddr *)&name, len) != 0 || listen(fd, BACKLOG) != 0)
        return PL_EIO;
    return PL_OK;
}

/* `fd` -1: one is opened, on the address. */
static enum pl_err add_listener(struct pl_httpd *h, int fd, const struct pl_addr *addr,
                                struct pl_tls *tls, bool streams_only, struct pl_addr *actual)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener) {
        if (fd >= 0)
            close(fd);
        return PL_ENOMEM;
    }
    listener->h = h;
    listener->tls = tls;
    listener->streams_only = streams_only;
    listener->watch = (struct pl_watch){fd, accept_ready};
    enum pl_err e = fd < 0 ? open_listener(listener, addr) : PL_OK;
    if (!e)
        e = pl_sockaddr_of(listener->watch.fd, actual);
    if (!e)
        e = pl_loop_watch(h->loop, &listener->watch, EPOLLIN);
    if (e != PL_OK) {
        int saved = errno;
        if (listener->watch.fd >= 0)
            close(listener->watch.fd);
        free(listener);
        errno = saved;
        return e;
    }
    pl_list_push(&h->listeners, &listener->node);
    return PL_OK;
}

enum pl_err pl_httpd_listen(struct pl_httpd *h, const struct pl_addr *addr, struct pl_tls *tls,
                            struct pl_addr *actual)
{
    return add_listener(h, -1, addr, tls, false, actual);
}

enum pl_err pl_httpd_listen_streams(struct pl_httpd *h, const struct pl_addr *addr,
                                    struct pl_tls *tls, struct pl_addr *actual)
{
    return add_listener(h, -1, addr, tls, true, actual);
}

enum pl_err pl_httpd_adopt(struct pl_httpd *h, int fd, struct pl_tls *tls, bool streams_only,
                           struct pl_addr *actual)
{
    return add_listener(h, fd, NULL, tls, streams_only, actual);
}

size_t pl_httpd_listeners(const struct pl_httpd *h, int *fds, size_t max)
{
    size_t n = 0;
    pl_list_each (const struct listener, listener, &h->listeners, node)
        if (n < max)
            fds[n++] = listener->watch.fd;
    return n;
}

static void close_listeners(struct pl_httpd *h)
{
    pl_list_each (struct listener, listener, &h->listeners, node) {
        pl_loop_unwatch(h->loop, &listener->watch);
        close(listener->watch.fd);
        pl_list_remove(&listener->node);
        free(listener);
    }
}

/* --- The whole --- */

enum pl_err pl_httpd_new(struct pl_loop *l, const struct pl_httpd_limits *limits,
                         const struct pl_httpd_handler *handler, struct pl_httpd **out)
{
    struct pl_httpd *h = calloc(1, sizeof *h);
    if (!h)
        return PL_ENOMEM;
    signal(SIGPIPE, SIG_IGN);
    h->loop = l;
    h->limits = limits ? *limits : pl_httpd_limits_default();
    h->handler = *handler;
    h->again_timer.fire = pump_scheduled;
    h->accept_timer.fire = accept_anew;
    pl_list_init(&h->listeners);
    pl_list_init(&h->conns);
    pl_list_init(&h->again);
    pl_list_init(&h->loose);
    const struct pl_random random = pl_entropy();
    if (pl_rates_new(TLS_SETS, &random, &h->tls_rates) != PL_OK) {
        pl_httpd_free(h);
        return PL_ENOMEM;
    }
    /* These two keep their places in the heap, so that moving them cannot fail. */
    if (pl_timer_set(l, &h->again_timer, PL_NEVER) != PL_OK ||
        pl_timer_set(l, &h->accept_timer, PL_NEVER) != PL_OK) {
        pl_httpd_free(h);
        return PL_ENOMEM;
    }
    *out = h;
    return PL_OK;
}

void pl_httpd_drain(struct pl_httpd *h)
{
    h->draining = true;
    close_listeners(h);
    pl_list_each (struct pl_conn, c, &h->conns, node) {
        if ((c->phase == PL_CONN_HEAD || c->phase == PL_CONN_FIRST) && c->in.len == 0) {
            c->dead = true;
            pl_conn_again(c);
        }
    }
}

void pl_httpd_free(struct pl_httpd *h)
{
    if (!h)
        return;
    close_listeners(h);
    while (!pl_list_empty(&h->conns))
        pl_conn_destroy(pl_container_of(h->conns.next, struct pl_conn, node));
    pl_timer_clear(h->loop, &h->again_timer);
    pl_timer_clear(h->loop, &h->accept_timer);
    pl_rates_free(h->tls_rates);
    free(h);
}

const struct pl_httpd_stats *pl_httpd_stats(const struct pl_httpd *h)
{
    return &h->stats;
}
