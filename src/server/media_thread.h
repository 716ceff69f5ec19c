/* One media thread: its loop, its sockets, its engine. What crosses to and from it are messages;
 * this header is for media.c alone. */
#ifndef PL_SERVER_MEDIA_THREAD_H
#define PL_SERVER_MEDIA_THREAD_H

#include "io/loop.h"
#include "server/media.h"
#include "server/media_way.h"

struct pl_media_thread;

/* Runs on the control loop, with what happened on the thread. `bytes` is borrowed. */
struct pl_media_thread_events {
    void *ctx;
    void (*engine)(void *ctx, const struct pl_engine_event *event);
    void (*dtls)(void *ctx, pl_peer_id peer, const uint8_t *bytes, size_t n);
    void (*view)(void *ctx, const struct pl_peer_view *view);
    /* Of a room's peers on the thread, since the last time; each second in which media moved. */
    void (*traffic)(void *ctx, pl_room_id room, const struct pl_media_traffic *more);
};

/* Binds `addrs` (n of them), as number `index` among the threads; it does not run yet. The ports in
 * use are written back. With `handed` the sockets are those that were handed over, and n is 0.
 * PL_EIO: addrs[*failed] is refused, errno tells; PL_EINVAL: of what was handed over; PL_ENOMEM. */
enum pl_err pl_media_thread_new(struct pl_loop *control, unsigned index, struct pl_addr *addrs,
                                size_t n, const struct pl_random *random,
                                const struct pl_media_thread_events *events,
                                struct pl_carry *handed, struct pl_media_thread **out,
                                size_t *failed) PL_CHECKED;
enum pl_err pl_media_thread_run(struct pl_media_thread *t) PL_CHECKED; /* PL_EIO: errno tells */
void pl_media_thread_leave(struct pl_media_thread *t); /* the kernel notes times from now on */
void pl_media_thread_pause(struct pl_media_thread *t); /* until pl_media_thread_run */

/* Of one that does not run: what was posted to it is done; everything that waits is sent; its
 * sockets and its engine are handed over (they are read by pl_media_thread_new); its clients by TCP
 * are, which `arrive` makes guests of ours. */
void pl_media_thread_deliver(struct pl_media_thread *t);
void pl_media_thread_settle(struct pl_media_thread *t);
enum pl_err pl_media_thread_carry(struct pl_media_thread *t, struct pl_carry *c) PL_CHECKED;
enum pl_err pl_media_thread_carry_guests(struct pl_media_thread *t, struct pl_carry *c,
                                         struct pl_guest *(*arrive)(void *ctx,
                                                                    struct pl_tcp *stream),
                                         void *ctx) PL_CHECKED;
/* Of one that does not run: has the peer a path that leads to it? */
bool pl_media_thread_reaches(const struct pl_media_thread *t, pl_peer_id id);

/* Joins it, should it run. Nothing is told any more, but what it has posted may still be on its way
 * to the control loop: after that all threads are stopped, pl_loop_deliver there, the ways between
 * them freed, pl_media_thread_free. */
void pl_media_thread_stop(struct pl_media_thread *t);
void pl_media_thread_free(struct pl_media_thread *t);

/* Commands: run on the thread, in order. Without memory they are lost; those that would leave
 * somebody heard, or hearing, who may not say so (false), and their peer is to be removed instead.
 */
enum pl_err pl_media_thread_add(struct pl_media_thread *t,
                                const struct pl_peer_desc *desc) PL_CHECKED;
void pl_media_thread_remove(struct pl_media_thread *t, pl_peer_id id); /* a mirror */

/* The removal of a peer, made with it, since it must not fail. PL_ENOMEM. Posted once, or freed;
 * NULL is fine. */
struct pl_media_removal;
enum pl_err pl_media_removal_new(struct pl_media_thread *t, pl_peer_id id,
                                 struct pl_media_removal **out) PL_CHECKED;
void pl_media_removal_post(struct pl_media_removal *r);
void pl_media_removal_free(struct pl_media_removal *r);

/* A way to the thread's engine (media_way.h), for another one. PL_ENOMEM. */
enum pl_err pl_media_thread_way(struct pl_media_thread *t, struct pl_media_way **out) PL_CHECKED;
/* The room is on thread `other`, too, or no longer: what its peers here publish goes that way. The
 * first time says which. */
void pl_media_thread_relay(struct pl_media_thread *t, pl_room_id room, unsigned other,
                           struct pl_media_way *way, bool on);

void pl_media_thread_dtls(struct pl_media_thread *t, pl_peer_id id, const uint8_t *bytes, size_t n);
bool pl_media_thread_keys(struct pl_media_thread *t, pl_peer_id id,
                          const struct pl_srtp_keys *inbound,
                          const struct pl_srtp_keys *outbound) PL_CHECKED;
void pl_media_thread_restart(struct pl_media_thread *t, pl_peer_id id, const char *local_ufrag,
                             const char *local_pwd, const char *remote_ufrag);
void pl_media_thread_class(struct pl_media_thread *t, pl_source_id source,
                           enum pl_source_class class, unsigned channel);
bool pl_media_thread_mute(struct pl_media_thread *t, pl_source_id source, bool muted);
void pl_media_thread_want(struct pl_media_thread *t, pl_peer_id id, const struct pl_wanted *wanted,
                          size_t n);
void pl_media_thread_listen(struct pl_media_thread *t, pl_peer_id id, unsigned channel);
bool pl_media_thread_deafen(struct pl_media_thread *t, pl_peer_id id, bool deaf) PL_CHECKED;

/* Answered by the event `view`, if the thread has this peer. */
void pl_media_thread_look(struct pl_media_thread *t, pl_peer_id id);

/* What it counted, as of at most a second ago. On the control thread, without waiting. */
void pl_media_thread_counts(const struct pl_media_thread *t, struct pl_media_counts *out);

/* A client that comes by a stream. */
void pl_media_thread_give(struct pl_media_thread *t, struct pl_guest *guest);

#endif
