/* Rooms that are on several threads: who goes where, and what each thread is told of the others. A
 * thread that has clients of a room mirrors the sources of those on the others (sfu/relay.c). */
#include "server/media_parts.h"

#include <stdlib.h>

#define SPREAD 8 /* clients of a room that stay together: crossing threads costs a little */

/* Where the next peer of the room goes: where there are fewest, but to a thread that has none of
 * the room only if it has fewer by SPREAD. */
unsigned pl_media_choose_thread(const struct pl_media *m, const struct pl_media_room *r)
{
    unsigned best = 0;
    size_t least = SIZE_MAX;
    for (unsigned i = 0; i < m->n_threads; i++) {
        size_t load = m->threads[i].n_peers + (r->n_peers[i] ? 0 : SPREAD);
        if (load < least) {
            best = i;
            least = load;
        }
    }
    return best;
}

struct pl_media_room *pl_media_room_of(struct pl_media *m, pl_room_id id)
{
    struct pl_media_room *r = pl_map_get(&m->rooms, &id, sizeof id);
    if (r)
        return r;
    r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->id = id;
    pl_list_init(&r->peers);
    if (pl_map_put(&m->rooms, &r->id, sizeof r->id, r)) {
        free(r);
        return NULL;
    }
    return r;
}

/* The way from one thread to another, made when it is first needed. NULL: no memory; the room's
 * halves then do not see each other. */
static struct pl_media_way *way(struct pl_media *m, unsigned from, unsigned to)
{
    struct pl_media_way **w = &m->threads[from].ways[to];
    if (!*w && pl_media_thread_way(m->threads[to].handle, w))
        return NULL;
    return *w;
}

static void relay(struct pl_media *m, const struct pl_media_room *r, unsigned from, unsigned to,
                  bool on)
{
    struct pl_media_way *w = way(m, from, to);
    if (w)
        pl_media_thread_relay(m->threads[from].handle, r->id, to, w, on);
}

static bool publishes(const struct pl_media_client *p)
{
    for (size_t i = 0; i < p->session.n_sections; i++)
        if (p->sources[i])
            return true;
    return false;
}

/* Without memory the sources are not seen there: the same as above. */
static void mirror(const struct pl_media_client *p, unsigned thread)
{
    struct pl_media_thread *t = p->media->threads[thread].handle;
    const struct pl_peer_desc desc = {
        .id = p->id,
        .room = p->room->id,
        .owner = p->owner,
        .session = &p->session,
        .sources = p->sources,
        .muted = true,
        .mirror = true,
        .home = p->thread,
    };
    if (!publishes(p) || pl_media_thread_add(t, &desc))
        return;
    for (size_t i = 0; i < p->session.n_sections; i++) {
        if (!p->sources[i])
            continue;
        pl_media_thread_class(t, p->sources[i], p->said[i].class, p->said[i].channel);
        if (!p->said[i].muted)
            pl_media_thread_mute(t, p->sources[i], false); /* or nobody there hears it */
    }
}

/* The other threads that have peers of the room. */
#define EACH_OTHER_THREAD(i, m, r, own)                                                            \
    for (unsigned i = 0; i < (m)->n_threads; i++)                                                  \
        if (i != (own) && (r)->n_peers[i])

/* The peer is on its thread; true: the room's first there. */
static bool count_in(struct pl_media_client *p)
{
    struct pl_media *m = p->media;
    const struct pl_media_room *r = p->room;
    bool first = p->room->n_peers[p->thread]++ == 0;
    m->threads[p->thread].n_peers++;
    for (unsigned i = 0; first && i < m->n_threads; i++) {
        if (i == p->thread || !r->n_peers[i])
            continue;
        relay(m, r, p->thread, i, true);
        relay(m, r, i, p->thread, true);
    }
    return first;
}

void pl_media_room_resume(struct pl_media_client *p)
{
    count_in(p);
    pl_list_push(&p->room->peers, &p->in_room);
}

void pl_media_room_enter(struct pl_media_client *p)
{
    struct pl_media *m = p->media;
    struct pl_media_room *r = p->room;
    bool first = count_in(p);
    EACH_OTHER_THREAD(i, m, r, p->thread)
    mirror(p, i);
    if (first)
        pl_list_each (struct pl_media_client, other, &r->peers, in_room)
            mirror(other, p->thread);
    pl_list_push(&r->peers, &p->in_room);
}

void pl_media_client_cut(struct pl_media_client *p)
{
    pl_media_removal_post(p->removal);
    p->removal = NULL;
}

void pl_media_room_leave(struct pl_media_client *p)
{
    struct pl_media *m = p->media;
    struct pl_media_room *r = p->room;
    if (!pl_list_empty(&p->in_room)) {
        pl_list_remove(&p->in_room);
        m->threads[p->thread].n_peers--;
        bool last = --r->n_peers[p->thread] == 0;
        EACH_OTHER_THREAD(i, m, r, p->thread)
        {
            if (last)
                relay(m, r, i, p->thread, false);
            pl_media_thread_remove(m->threads[i].handle, p->id);
        }
        if (last)
            pl_list_each (struct pl_media_client, other, &r->peers, in_room)
                pl_media_thread_remove(m->threads[p->thread].handle, other->id);
    }
    if (!pl_list_empty(&r->peers))
        return;
    pl_map_remove(&m->rooms, &r->id, sizeof r->id);
    free(r);
}

/* What was said of a source of the peer, to be said to those who come to mirror it. */
static struct pl_media_said *said_of(const struct pl_media_client *p, pl_source_id source)
{
    size_t i = 0;
    while (p->sources[i] != source)
        i++;
    return &p->said[i];
}

void pl_media_mute(struct pl_media *m, pl_source_id source, bool muted)
{
    struct pl_media_client *p = pl_map_get(&m->source_peers, &source, sizeof source);
    if (!p)
        return;
    said_of(p, source)->muted = muted;
    bool told = pl_media_thread_mute(pl_media_thread_of(p), source, muted);
    EACH_OTHER_THREAD(i, m, p->room, p->thread)
    told &= pl_media_thread_mute(m->threads[i].handle, source, muted);
    if (!told)
        pl_media_client_cut(p);
}

void pl_media_class(struct pl_media *m, pl_source_id source, enum pl_source_class class,
                    unsigned channel)
{
    const struct pl_media_client *p = pl_map_get(&m->source_peers, &source, sizeof source);
    if (!p)
        return;
    said_of(p, source)->class = class;
    said_of(p, source)->channel = channel;
    pl_media_thread_class(pl_media_thread_of(p), source, class, channel);
    EACH_OTHER_THREAD(i, m, p->room, p->thread)
    pl_media_thread_class(m->threads[i].handle, source, class, channel);
}
