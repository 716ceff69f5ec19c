/* Browsers on their WebSockets (io/ws.h), let in by the doorkeeper (entry.h), handed to the live
 * meetings (conference.h), which are kept here together with their timer. */
#ifndef PL_SERVER_WS_H
#define PL_SERVER_WS_H

#include "base/err.h"
#include "base/random.h"
#include "io/httpd.h"
#include "io/loop.h"
#include "server/conference.h"
#include "server/entry.h"
#include "server/store_thread.h"
#include "server/through.h"

struct pl_clients;

/* All of it is borrowed. */
struct pl_clients_config {
    struct pl_loop *loop;
    struct pl_random random;
    struct pl_entry *entry;
    struct pl_limits *limits;
    struct pl_store *store;
    struct pl_store_thread *store_thread;
    struct pl_signing *signing;
};

/* Then the media threads are started with
 * pl_conferences_media_events(pl_clients_conferences(…)) and handed to pl_conferences_use_media.
 * PL_ENOMEM. */
enum pl_err pl_clients_new(const struct pl_clients_config *config,
                           struct pl_clients **out) PL_CHECKED;

/* Tells everybody that the server is going down, ends their sessions and transports, and closes
 * their WebSockets; nobody else comes in. Let the loop run on for a moment, so that it gets
 * through. */
void pl_clients_stop(struct pl_clients *c);

/* After pl_httpd_free (which ends the WebSockets) and before pl_media_stop. NULL is fine. */
void pl_clients_free(struct pl_clients *c);

struct pl_conferences *pl_clients_conferences(const struct pl_clients *c);

/* Makes a WebSocket of this request. Whoever is behind it is told of `turn` (copied; NULL: there is
 * none). After an error it still waits for an answer: PL_EINVAL,
 * PL_EUNSUPPORTED and PL_ENOMEM as of pl_ws_accept, PL_ESTATE after pl_clients_stop. */
enum pl_err pl_clients_accept(struct pl_clients *c, struct pl_httpd_exchange *x,
                              const struct pl_through_server *turn) PL_CHECKED;

#endif
