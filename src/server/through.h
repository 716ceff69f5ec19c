/* Getting through a network that lets only TCP out: ICE-TCP (RFC 6544) and TURN (RFC 8656) on the
 * ports of the HTTP server or on one of their own. What comes in here speaks for a peer that is
 * known, or has credentials, before a media thread sees anything of it. On the control thread. */
#ifndef PL_SERVER_THROUGH_H
#define PL_SERVER_THROUGH_H

#include "base/addr.h"
#include "base/err.h"
#include "io/loop.h"
#include "io/tcp.h"
#include "proto/turn.h"
#include "server/media.h"

#define PL_THROUGH_GUESTS_MAX 8192 /* connections at a time: a descriptor, up to 40 kB each */
#define PL_THROUGH_ADDRESS_MAX 512 /* of them from one address: a house of people */
#define PL_THROUGH_HELLO (10 * PL_SECOND) /* for a check or an allocation that is right */
#define PL_THROUGH_URL_SIZE 340

struct pl_through;

struct pl_through_config {
    struct pl_loop *loop;
    struct pl_media *media;
    struct pl_random random;
    const struct pl_addr *listeners; /* where streams are taken; any-addresses are replaced */
    size_t n_listeners;
    const struct pl_addr *public_addrs; /* candidates instead of the listeners' */
    size_t n_public_addrs;
    uint16_t turn_port; /* of a listener for streams alone; 0: they come to the HTTP server's */
    bool tls;           /* the listeners take TLS */
};

/* Gives the media threads their TCP candidates, too. The configuration is copied. PL_ENOMEM. */
enum pl_err pl_through_new(const struct pl_through_config *config,
                           struct pl_through **out) PL_CHECKED;

/* After pl_media_stop, before the loop is freed. NULL is fine. */
void pl_through_free(struct pl_through *t);

/* A connection that is one of these: the HTTP server's `stream`. */
void pl_through_stream(struct pl_through *t, struct pl_tcp *stream, bool framed);

/* The clients that came by ICE-TCP, and are served, go along when the server is handed over.
 * PL_EINVAL, PL_ENOMEM. */
enum pl_err pl_through_carry(struct pl_through *t, struct pl_carry *c) PL_CHECKED;

/* A TURN server for a client that knows us by this origin ("https://host:port"), with credentials
 * of its own. False: there is none that it could reach, since what stands at the origin is not us
 * but a proxy. */
struct pl_through_server {
    char url[PL_THROUGH_URL_SIZE]; /* RFC 7065 */
    struct pl_turn_credentials credentials;
};
bool pl_through_server(const struct pl_through *t, const char *origin,
                       struct pl_through_server *out);

#endif
