/* See through.h. A guest's life here: its first frames say which media thread it wants; then it is
 * given there, and comes back to be counted out. */
#include "server/through.h"

#include "base/map.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "io/udp.h"
#include "proto/frame.h"
#include "server/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEERS_MAX (PL_MEDIA_THREADS_MAX * PL_MEDIA_ADDRS_MAX)
#define QUEUE_MAX 4096 /* bytes of replies that wait for a client that is not served yet */

struct place { /* an address that guests come from, or a network */
    struct pl_addr ip;
    unsigned n;
};

struct pl_through {
    struct pl_loop *loop;
    struct pl_media *media;
    struct pl_turn_service service;
    struct pl_addr peers[PEERS_MAX]; /* candidates of the media threads, one after the other */
    unsigned threads[PEERS_MAX];     /* whose they are */
    uint16_t turn_port;
    bool tls;
    struct pl_map places;
    struct pl_list guests;
    size_t n_guests;
};

/* --- Counting --- */

static bool count_in(struct pl_through *t, const struct pl_addr *ip)
{
    struct place *p = pl_map_get(&t->places, ip, sizeof *ip);
    if (t->n_guests >= PL_THROUGH_GUESTS_MAX || (p && p->n >= PL_THROUGH_ADDRESS_MAX))
        return false;
    if (!p) {
        p = calloc(1, sizeof *p);
        if (!p)
            return false;
        p->ip = *ip;
        if (pl_map_put(&t->places, &p->ip, sizeof p->ip, p)) {
            free(p);
            return false;
        }
    }
    p->n++;
    t->n_guests++;
    return true;
}

static void count_out(struct pl_through *t, const struct pl_addr *ip)
{
    struct place *p = pl_map_get(&t->places, ip, sizeof *ip);
    t->n_guests--;
    if (--p->n)
        return;
    pl_map_remove(&t->places, &p->ip, sizeof p->ip);
    free(p);
}

static void guest_free(struct pl_guest *g)
{
    pl_guest_close(g);
    pl_list_remove(&g->node);
    count_out(g->through, &g->ip);
    free(g);
}

void pl_guest_ended(struct pl_message *m)
{
    guest_free(pl_container_of(m, struct pl_guest, message));
}

/* --- Its first frames --- */

static enum pl_tcp_verdict give(struct pl_guest *g, unsigned thread)
{
    struct pl_through *t = g->through;
    while (t->threads[g->first_peer] != thread)
        g->first_peer++;
    while (g->first_peer + g->n_peers < t->service.n_peers &&
           t->threads[g->first_peer + g->n_peers] == thread)
        g->n_peers++;
    pl_tcp_detach(g->stream);
    pl_media_give(t->media, thread, g);
    return PL_TCP_GIVEN;
}

/* ICE-TCP begins with a connectivity check, which names a peer and proves to know its password. The
 * media thread reads it again. */
static enum pl_tcp_verdict framed_input(struct pl_guest *g, const struct pl_buf *in)
{
    const uint8_t *bytes = (const uint8_t *)in->data;
    struct pl_frame f;
    unsigned thread;
    enum pl_err err = pl_frame_read(bytes, in->len, &f);
    if (err)
        return err == PL_EAGAIN ? PL_TCP_ON : PL_TCP_END;
    if (pl_media_check(g->through->media, bytes + f.at, f.n, &thread))
        return PL_TCP_END;
    return give(g, thread);
}

/* TURN: the first packet to one of our addresses says which thread. The media thread reads it
 * again. */
static enum pl_tcp_verdict turn_message(struct pl_guest *g, uint8_t *message, size_t n)
{
    struct pl_through *t = g->through;
    pl_time_us now = pl_loop_now(t->loop);
    uint8_t reply[PL_TURN_REPLY_MAX];
    struct pl_turn_result r;
    bool before = pl_turn_relayed(g->turn, now);
    if (pl_turn_input(g->turn, message, n, now, pl_wall_now_us() / PL_SECOND, reply, &r))
        return PL_TCP_END;
    if (r.data)
        return give(g, t->threads[r.peer]);
    if (r.reply_len && !pl_tcp_queue(g->stream, reply, r.reply_len, QUEUE_MAX))
        return PL_TCP_END;
    pl_tcp_flush(g->stream);
    if (pl_turn_relayed(g->turn, now))
        pl_tcp_limit(g->stream, pl_turn_deadline(g->turn), PL_NEVER);
    else if (before)
        return PL_TCP_END;
    return PL_TCP_ON;
}

static enum pl_tcp_verdict turn_input(struct pl_guest *g, struct pl_buf *in)
{
    for (;;) {
        struct pl_frame f;
        uint8_t *bytes = (uint8_t *)in->data;
        enum pl_err err = pl_frame_read_turn(bytes, in->len, &f);
        if (err)
            return err == PL_EAGAIN ? PL_TCP_ON : PL_TCP_END;
        enum pl_tcp_verdict verdict = turn_message(g, bytes + f.at, f.n);
        if (verdict != PL_TCP_ON)
            return verdict;
        pl_buf_consume(in, f.total);
    }
}

static enum pl_tcp_verdict on_input(void *ctx, struct pl_tcp *stream, struct pl_buf *in)
{
    struct pl_guest *g = ctx;
    (void)stream;
    return g->turn ? turn_input(g, in) : framed_input(g, in);
}

static void on_over(void *ctx, struct pl_tcp *stream)
{
    (void)stream;
    guest_free(ctx);
}

/* One more, counted; NULL: there are too many, and the stream is closed. */
static struct pl_guest *arrive(void *ctx, struct pl_tcp *stream)
{
    struct pl_through *t = ctx;
    struct pl_guest *g = calloc(1, sizeof *g);
    struct pl_addr ip = pl_addr_network(pl_tcp_peer(stream));
    if (!g || !count_in(t, &ip)) {
        pl_tcp_free(stream);
        free(g);
        return NULL;
    }
    g->through = t;
    g->stream = stream;
    g->ip = ip;
    pl_list_push(&t->guests, &g->node);
    return g;
}

void pl_through_stream(struct pl_through *t, struct pl_tcp *stream, bool framed)
{
    static const struct pl_tcp_handler handler = {on_input, on_over, PL_GUEST_STALL};
    struct pl_guest *g = arrive(t, stream);
    if (!g)
        return;
    if ((!framed && pl_turn_new(&t->service, pl_tcp_peer(stream), &g->turn)) ||
        pl_tcp_attach(stream, t->loop, &handler, g)) {
        guest_free(g);
        return;
    }
    pl_tcp_limit(stream, pl_loop_now(t->loop) + PL_THROUGH_HELLO, PL_NEVER);
}

enum pl_err pl_through_carry(struct pl_through *t, struct pl_carry *c)
{
    return pl_media_carry_guests(t->media, c, arrive, t);
}

/* --- What clients are told --- */

bool pl_through_server(const struct pl_through *t, const char *origin,
                       struct pl_through_server *out)
{
    bool https = strncmp(origin, "https://", 8) == 0;
    const char *host = origin + (https ? 8 : 7);
    const char *bracket = strchr(host, ']');
    const char *colon = strchr(bracket ? bracket : host, ':');
    int n = (int)(colon ? (size_t)(colon - host) : strlen(host));
    char port[8];
    if (t->turn_port)
        snprintf(port, sizeof port, "%u", t->turn_port);
    else if (https != t->tls)
        return false;
    else
        snprintf(port, sizeof port, "%.5s", colon ? colon + 1 : https ? "443" : "80");
    snprintf(out->url, sizeof out->url, "%s:%.*s:%s?transport=tcp", t->tls ? "turns" : "turn", n,
             host, port);
    pl_turn_credentials(&t->service, pl_wall_now_us() / PL_SECOND, &out->credentials);
    return true;
}

/* --- Start and end --- */

static void add(struct pl_addr *out, size_t *n, struct pl_addr a, uint16_t port)
{
    a.port = port;
    for (size_t i = 0; i < *n; i++)
        if (pl_addr_eq(&out[i], &a))
            return;
    if (*n < PL_MEDIA_ADDRS_MAX)
        out[(*n)++] = a;
}

/* A listener on the loopback is a proxy's, and no candidate for anybody else; unless the media is
 * on the loopback too, in a test or on one's own machine. */
static void set_candidates(const struct pl_through *t, const struct pl_through_config *config)
{
    struct pl_addr out[PL_MEDIA_ADDRS_MAX], all[PL_MEDIA_ADDRS_MAX];
    size_t n = 0, n_all = pl_net_interface_addrs(all, PL_MEDIA_ADDRS_MAX);
    bool local = t->service.n_peers > 0 && pl_addr_is_loopback(&t->peers[0]);
    for (size_t i = 0; i < config->n_listeners; i++) {
        const struct pl_addr *listener = &config->listeners[i];
        if (pl_addr_is_loopback(listener) && !local)
            continue;
        for (size_t j = 0; j < config->n_public_addrs; j++)
            if (pl_addr_is_v4(&config->public_addrs[j]) == pl_addr_is_v4(listener))
                add(out, &n, config->public_addrs[j], listener->port);
        if (config->n_public_addrs)
            continue;
        if (!pl_addr_is_any(listener))
            add(out, &n, *listener, listener->port);
        for (size_t j = 0; pl_addr_is_any(listener) && j < n_all; j++)
            if (pl_addr_is_v4(&all[j]) == pl_addr_is_v4(listener) &&
                (local || !pl_addr_is_loopback(&all[j])))
                add(out, &n, all[j], listener->port);
    }
    pl_media_use_tcp(t->media, out, n);
}

enum pl_err pl_through_new(const struct pl_through_config *config, struct pl_through **out)
{
    struct pl_through *t = calloc(1, sizeof *t);
    if (!t)
        return PL_ENOMEM;
    t->loop = config->loop;
    t->media = config->media;
    t->turn_port = config->turn_port;
    t->tls = config->tls;
    pl_map_init(&t->places, &config->random);
    pl_list_init(&t->guests);
    t->service =
        (struct pl_turn_service){.realm = "parley", .peers = t->peers, .random = config->random};
    config->random.fill(config->random.ctx, t->service.secret, sizeof t->service.secret);
    while (t->service.n_peers < PEERS_MAX &&
           pl_media_candidate(t->media, t->service.n_peers, &t->peers[t->service.n_peers],
                              &t->threads[t->service.n_peers]))
        t->service.n_peers++;
    set_candidates(t, config);
    *out = t;
    return PL_OK;
}

void pl_through_free(struct pl_through *t)
{
    if (!t)
        return;
    pl_list_each (struct pl_guest, g, &t->guests, node)
        guest_free(g);
    pl_map_free(&t->places);
    pl_wipe(t->service.secret, sizeof t->service.secret);
    free(t);
}
