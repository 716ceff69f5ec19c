/* A person's browser on its WebSocket: reads their messages, keeps them to a rate, and hands them
 * to the conference; carries its messages back. Knows no socket, so that tests can be one. */
#ifndef PL_SERVER_CLIENT_H
#define PL_SERVER_CLIENT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "meet/definition.h"
#include "server/conference.h"
#include "server/rate_limits.h"
#include "server/through.h"
#include "signal/messages.h"

#include <stdbool.h>
#include <stdint.h>

/* A person sends a handful of messages a second; a client that resizes its window, some dozens. */
#define PL_CLIENT_RATE 20         /* messages a second */
#define PL_CLIENT_BURST 100       /* after a silence */
#define PL_CLIENT_REFUSED_MAX 100 /* messages over the rate until the connection is ended */
/* An offer is a new transport; a browser makes one when it comes, and one when that is lost. */
#define PL_OFFER_EACH PL_SECOND
#define PL_OFFER_BURST 10
/* Captions go out as they are typed; who types fast makes 10 characters a second. */
#define PL_CAPTION_RATE 4          /* messages a second */
#define PL_CAPTION_BURST 8         /* after a silence */
#define PL_CAPTION_SEALED_MAX 2048 /* bytes of a sealed line: PL_CAPTION_MAX, escaped, and MLS */
#define PL_CLIENT_HELLO (10 * PL_SECOND) /* to say `hello` in */

struct pl_client;

/* What a good token opens. */
struct pl_client_pass {
    struct pl_definition *definition; /* the client takes it over */
    uint32_t person;
    struct pl_limits_user user; /* whose messages and offers are counted */
};

/* Why one does not, or why the connection ends. */
struct pl_farewell {
    bool for_good; /* trying again will not help: `removed`; else `error` with code "later" */
    enum pl_removed_reason reason; /* for_good */
    const char *message;           /* one sentence; static, if it is to outlive the call */
};

struct pl_client_io {
    void *ctx;
    /* One message, a JSON text. It may be called after `close`, and then does nothing. */
    void (*send)(void *ctx, const char *json, size_t n);
    /* End the connection once what was sent is through. pl_client_closed follows later, from the
     * loop, never from inside this call. */
    void (*close)(void *ctx);
    /* Does this token open this meeting? Sets *pass or *refusal. */
    bool (*enter)(void *ctx, struct pl_str meeting, struct pl_str token,
                  struct pl_client_pass *pass, struct pl_farewell *refusal);
    /* What it is told of TURN; borrowed. NULL: nothing. */
    const struct pl_through_server *turn;
};

/* A connection was made. PL_ENOMEM. */
enum pl_err pl_client_new(struct pl_conferences *all, const struct pl_client_io *io,
                          struct pl_client **out) PL_CHECKED;

/* A text message came. */
void pl_client_text(struct pl_client *c, struct pl_str text);

/* What was sent has gone: there is room for more of a long list. */
void pl_client_drained(struct pl_client *c);

/* The connection is no more; frees the client. The participant is kept for PL_GRACE. */
void pl_client_closed(struct pl_client *c);

#endif
