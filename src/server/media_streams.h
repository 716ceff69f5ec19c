/* The clients of one media thread that come by streams (guest.h): frames in, packets to the engine,
 * and back. On that thread alone. */
#ifndef PL_SERVER_MEDIA_STREAMS_H
#define PL_SERVER_MEDIA_STREAMS_H

#include "base/err.h"
#include "base/random.h"
#include "io/loop.h"
#include "server/guest.h"
#include "sfu/engine.h"

/* Tuples from here on are of streams. Each has a number, and a TURN client's tuples one of their
 * own for each of our addresses: PL_STREAM_SOCKET + number * PL_STREAM_ADDRS + index of address. */
#define PL_STREAM_ADDRS 16
#define PL_STREAM_SOCKET PL_STREAM_ADDRS

/* The loops and the engine are borrowed. PL_ENOMEM. */
enum pl_err pl_media_streams_new(struct pl_loop *loop, struct pl_loop *control,
                                 struct pl_engine *engine, const struct pl_random *random,
                                 struct pl_media_streams **out) PL_CHECKED;

/* Closes all of them without telling the control thread, which frees the guests. NULL is fine. */
void pl_media_streams_free(struct pl_media_streams *s);

/* A guest arrives, its stream detached and its first frame still in it. */
void pl_media_streams_take(struct pl_media_streams *s, struct pl_guest *g);

/* While the thread does not run: hands over the clients that come by ICE-TCP without TLS, with
 * their numbers; of one that is read, `arrive` makes a guest, or closes the stream and returns
 * NULL. PL_EINVAL, PL_ENOMEM. */
struct pl_carry;
enum pl_err pl_media_streams_carry(struct pl_media_streams *s, struct pl_carry *c,
                                   struct pl_guest *(*arrive)(void *ctx, struct pl_tcp *stream),
                                   void *ctx) PL_CHECKED;
bool pl_media_streams_has(const struct pl_media_streams *s, const struct pl_tuple *tuple);

/* The engine's send, and the end of a turn. A reader that is too slow loses packets. */
void pl_media_streams_send(struct pl_media_streams *s, const struct pl_tuple *to,
                           const uint8_t *bytes, size_t n);
void pl_media_streams_flush(struct pl_media_streams *s);

#endif
