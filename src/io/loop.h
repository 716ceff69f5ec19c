/* Event loop of one thread: epoll, timers, a mailbox that other threads post to. Everything here is
 * called on the loop's own thread, but for pl_loop_post and pl_loop_stop. */
#ifndef PL_IO_LOOP_H
#define PL_IO_LOOP_H

#include "base/err.h"
#include "base/list.h"
#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_loop;

enum pl_err pl_loop_new(struct pl_loop **out) PL_CHECKED; /* PL_ENOMEM, PL_EIO */

/* What is watched, set or posted stays its owner's. NULL is fine. */
void pl_loop_free(struct pl_loop *l);

pl_time_us pl_loop_now(const struct pl_loop *l); /* CLOCK_MONOTONIC, read once a turn */
int64_t pl_wall_now_us(void);                    /* Unix time, microseconds */

/* Runs turns until pl_loop_stop: what is ready, then the timers that are due, then on_turn. A stop
 * that comes before the run ends its first turn. May be run again. */
void pl_loop_run(struct pl_loop *l);
void pl_loop_stop(struct pl_loop *l); /* any thread, and async-signal-safe */

/* A watched descriptor. The caller owns the struct and the descriptor, and unwatches before closing
 * it. `events` is EPOLLIN, EPOLLOUT; EPOLLERR and EPOLLHUP come without being asked for. */
struct pl_watch {
    int fd;
    void (*ready)(struct pl_watch *w, uint32_t events);
};
enum pl_err pl_loop_watch(struct pl_loop *l, struct pl_watch *w, uint32_t events) PL_CHECKED;
enum pl_err pl_loop_rewatch(struct pl_loop *l, struct pl_watch *w, uint32_t events) PL_CHECKED;
void pl_loop_unwatch(struct pl_loop *l,
                     struct pl_watch *w); /* safe inside any callback of the loop */

/* A timer, which fires once, not before its time. The caller owns the struct, zeroed before its
 * first use. Setting it again moves it, and cannot fail while it is set. A time in the past counts
 * as now. PL_ENOMEM. */
struct pl_timer {
    pl_time_us at; /* 0: not set */
    void (*fire)(struct pl_timer *t);
    int place; /* in the heap; the loop's own */
};
enum pl_err pl_timer_set(struct pl_loop *l, struct pl_timer *t, pl_time_us at) PL_CHECKED;
void pl_timer_clear(struct pl_loop *l, struct pl_timer *t);

/* As pl_timer_set, where that cannot fail: while the timer is set (PL_NEVER keeps its place), or
 * first thing when it fires. */
void pl_timer_move(struct pl_loop *l, struct pl_timer *t, pl_time_us at);

/* A message from another thread: the receiver's `deliver` runs on the loop's thread and owns the
 * message. Messages from one thread arrive in order. Never blocks for longer than a list push. What
 * is posted before pl_loop_stop, by the same thread, is delivered before pl_loop_run returns. */
struct pl_message {
    struct pl_list node;
    void (*deliver)(struct pl_message *m);
};
void pl_loop_post(struct pl_loop *l, struct pl_message *m);

/* Delivers what was posted until now: for the end, when the loop runs no more and those who posted
 * are about to be freed. */
void pl_loop_deliver(struct pl_loop *l);

/* Called once at the end of each turn, after everything ready has been handled: the place to flush
 * batches. NULL for none. */
void pl_loop_on_turn(struct pl_loop *l, void (*turn)(void *ctx), void *ctx);

#endif
