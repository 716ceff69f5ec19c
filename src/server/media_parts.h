/* What the control thread keeps of media threads, rooms and clients: shared by media.c and
 * media_rooms.c, and by nobody else. */
#ifndef PL_SERVER_MEDIA_PARTS_H
#define PL_SERVER_MEDIA_PARTS_H

#include "base/carry.h"
#include "base/list.h"
#include "base/map.h"
#include "crypto/dtls.h"
#include "server/media.h"
#include "server/media_thread.h"

/* What of a meeting is where. A thread that has peers of the room mirrors the sources of those on
 * the others. */
struct pl_media_room {
    pl_room_id id;
    struct pl_list peers;
    size_t n_peers[PL_MEDIA_THREADS_MAX];
    pl_source_id speaker; /* 0: nobody */
    struct pl_media_traffic traffic;
};

/* Of a source. */
struct pl_media_said {
    bool muted;
    enum pl_source_class class;
    unsigned channel;
};

struct pl_media_client {
    struct pl_media *media;
    pl_peer_id id;
    struct pl_media_room *room;
    struct pl_list in_room;
    uint64_t owner;
    unsigned thread;
    struct pl_session session;
    pl_source_id *sources; /* one per section, 0: none; and what was said of each */
    struct pl_media_said *said;
    struct pl_dtls *dtls;
    struct pl_timer timer; /* DTLS retransmission */
    bool connected, lost;
    struct pl_media_removal *removal; /* NULL: its thread has it */
};

struct pl_media_core {
    struct pl_media_thread *handle;
    struct pl_addr addrs[PL_MEDIA_ADDRS_MAX]; /* listened on */
    size_t n_addrs;
    struct pl_addr candidates[PL_MEDIA_ADDRS_MAX];
    size_t n_candidates;
    size_t n_peers;
    struct pl_media_way
        *ways[PL_MEDIA_THREADS_MAX]; /* to each other thread; NULL: not yet needed */
};

struct pl_media {
    struct pl_loop *loop;
    struct pl_media_events events;
    struct pl_random random;
    struct pl_dtls_context *dtls;
    bool estimate;
    struct pl_media_core threads[PL_MEDIA_THREADS_MAX];
    unsigned n_threads;
    struct pl_addr tcp[PL_MEDIA_ADDRS_MAX]; /* candidates of all threads */
    size_t n_tcp;
    struct pl_map peers, rooms, source_peers; /* source_peers: source id to its peer */
    uint64_t last_id;
};

static inline struct pl_media_thread *pl_media_thread_of(const struct pl_media_client *p)
{
    return p->media->threads[p->thread].handle;
}

/* media.c: frees what is kept of it here. */
void pl_media_client_free(struct pl_media_client *p);
/* As if it had been lost: the owner is told, and closes it. */
void pl_media_client_lost(struct pl_media_client *p);
struct pl_media_client *pl_media_client_new(struct pl_media *m);

/* media_carry.c */
enum pl_err pl_media_carry_clients(struct pl_media *m, struct pl_carry *c) PL_CHECKED;

/* media_rooms.c. The room of this id, made when it is not there; NULL: no memory. One without
 * clients is freed by the next pl_media_room_leave of a client that would have been in it. */
struct pl_media_room *pl_media_room_of(struct pl_media *m, pl_room_id id);

/* The thread of the room's next client. */
unsigned pl_media_choose_thread(const struct pl_media *m, const struct pl_media_room *r);

/* The client is known to its thread: its room's other threads are to see it. And that it goes,
 * whether it has entered or not; the room goes with its last one. */
void pl_media_room_enter(struct pl_media_client *p);
/* Its thread could not be told something that it must know: it is removed there at once, as if the
 * network had lost it, and its client comes with another offer. */
void pl_media_client_cut(struct pl_media_client *p);
/* The same of one that was handed over: the threads know it, and mirror it, already. */
void pl_media_room_resume(struct pl_media_client *p);
void pl_media_room_leave(struct pl_media_client *p);

#endif
