/* A client that comes by a stream instead of UDP: ICE-TCP or TURN. The control thread meets it
 * (through.c) and gives it to the media thread that it asks for (media_streams.c), which serves it
 * to its end. Shared by these two alone. */
#ifndef PL_SERVER_GUEST_H
#define PL_SERVER_GUEST_H

#include "base/list.h"
#include "io/loop.h"
#include "io/tcp.h"
#include "proto/turn.h"

struct pl_through;
struct pl_media_streams;

#define PL_GUEST_QUEUE_MAX                                                                         \
    262144 /* bytes that wait for a reader: a key frame or two, then drops                         \
            */
#define PL_GUEST_STALL (10 * PL_SECOND) /* for a reader that takes nothing */
#define PL_GUEST_IDLE (30 * PL_SECOND)  /* of ICE-TCP: consent is asked for far more often */

/* Belongs to one thread at a time; `message` carries it to the other one and back. */
struct pl_guest {
    struct pl_message message;
    struct pl_tcp *stream; /* NULL once it is over */
    struct pl_turn *turn;  /* NULL: ICE-TCP */

    /* The control thread's; read nowhere else. */
    struct pl_through *through;
    struct pl_list node;
    struct pl_addr ip;

    /* The media thread's. */
    struct pl_media_streams *streams;
    struct pl_list in_streams, dirty;
    uint32_t number;
    size_t first_peer, n_peers; /* which of the TURN service's peers are of this thread */
};

/* What of a guest can be given back in any thread, once: its stream and TURN state. */
static inline void pl_guest_close(struct pl_guest *g)
{
    pl_tcp_free(g->stream);
    pl_turn_free(g->turn);
    g->stream = NULL;
    g->turn = NULL;
}

/* through.c: delivered on the control loop when the media thread is done with it. */
void pl_guest_ended(struct pl_message *m);

#endif
