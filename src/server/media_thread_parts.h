/* What a media thread is made of: shared by media_thread.c and media_command.c, and by nobody else.
 */
#ifndef PL_SERVER_MEDIA_THREAD_PARTS_H
#define PL_SERVER_MEDIA_THREAD_PARTS_H

#include "io/udp.h"
#include "server/media_streams.h"
#include "server/media_thread.h"

#include <pthread.h>
#include <stdatomic.h>

#define MEDIA_COUNTS (sizeof(struct pl_media_counts) / sizeof(uint64_t))

struct media_socket {
    struct pl_watch watch;
    struct pl_media_thread *thread;
    struct pl_udp *udp;
    uint32_t index;
};

struct pl_media_thread {
    struct pl_loop *loop, *control;
    struct pl_media_thread_events events;
    struct pl_engine *engine;
    struct media_socket sockets[PL_MEDIA_ADDRS_MAX];
    size_t n_sockets;
    struct pl_media_streams *streams;
    struct pl_media_way *ways[PL_ENGINES_MAX]; /* to the other threads */
    uint64_t relayed;                          /* to whom, in this turn; a bit each */
    uint8_t run_to_stream[PL_RUN_BYTES_MAX];
    struct pl_timer timer, counts_timer;
    pthread_t thread;
    bool runs;
    atomic_int dtls_in_flight;
    _Atomic uint64_t counts[MEDIA_COUNTS]; /* a copy of the counters, for the control thread */
};

/* A datagram of a handshake, on its way between the threads. */
struct pl_dtls_message {
    struct pl_message message;
    struct pl_media_thread *thread;
    pl_peer_id peer;
    size_t n;
    uint8_t bytes[];
};

/* Copies the bytes. NULL: no memory. */
struct pl_dtls_message *pl_dtls_message_new(struct pl_media_thread *t, pl_peer_id peer,
                                            const uint8_t *bytes, size_t n,
                                            void (*deliver)(struct pl_message *));
/* On the media thread: tells the control thread; without memory nobody is told. */
void pl_media_thread_event(void *ctx, const struct pl_engine_event *event);

#endif
