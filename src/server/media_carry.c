/* Calls that go from one process to the next, as the control thread knows them; what the media
 * threads know is in sfu/carry.c. DTLS does not go along: keys do, and nothing else of it is needed
 * as long as a client stays. */
#include "base/carry.h"
#include "server/media_parts.h"

#include <stdlib.h>

enum { MARK_CLIENTS = 0x434c4931, MARK_ROOMS, MARK_END };

static void carry_sources(struct pl_carry *c, struct pl_media_client *p)
{
    size_t n = p->session.n_sections;
    if (pl_carry_reads(c)) {
        p->sources = calloc(n ? n : 1, sizeof *p->sources);
        p->said = calloc(n ? n : 1, sizeof *p->said);
        c->bad |= !p->sources || !p->said;
    }
    for (size_t i = 0; i < n && !c->bad; i++) {
        struct pl_media_said *said = &p->said[i];
        uint8_t class = (uint8_t)said->class, channel = (uint8_t)said->channel;
        PL_CARRY(c, p->sources[i]);
        pl_carry_flag(c, &said->muted);
        PL_CARRY_UP_TO(c, class, PL_CLASSES - 1);
        PL_CARRY_UP_TO(c, channel, PL_CHANNELS_MAX);
        said->class = (enum pl_source_class) class;
        said->channel = channel;
        c->bad |= (p->session.sections[i].direction == PL_RECEIVE) != (p->sources[i] != 0);
    }
}

static void enlist(struct pl_carry *c, struct pl_media_client *p)
{
    struct pl_media *m = p->media;
    for (size_t i = 0; i < p->session.n_sections && !c->bad; i++)
        if (p->sources[i])
            c->bad = pl_map_put(&m->source_peers, &p->sources[i], sizeof p->sources[i], p);
    c->bad = c->bad || pl_map_put(&m->peers, &p->id, sizeof p->id, p) ||
             pl_media_removal_new(pl_media_thread_of(p), p->id, &p->removal);
    if (!c->bad)
        pl_media_room_resume(p);
}

static void carry_client(struct pl_carry *c, struct pl_media *m, struct pl_media_client *p)
{
    pl_room_id room = p->room ? p->room->id : 0;
    PL_CARRY(c, p->id);
    PL_CARRY(c, room);
    PL_CARRY(c, p->owner);
    PL_CARRY_UP_TO(c, p->thread, m->n_threads - 1);
    pl_carry_flag(c, &p->connected);
    pl_carry_flag(c, &p->lost);
    pl_session_carry(c, &p->session);
    c->bad |= room == 0 || p->id == 0;
    if (!p->room && !c->bad)
        p->room = pl_media_room_of(m, room);
    c->bad |= !p->room;
    if (!c->bad)
        carry_sources(c, p);
    if (!c->bad && pl_carry_reads(c))
        enlist(c, p);
}

static void read_client(struct pl_carry *c, struct pl_media *m)
{
    struct pl_media_client *p = pl_media_client_new(m);
    c->bad |= !p;
    if (!p)
        return;
    carry_client(c, m, p);
    if (c->bad && !p->room)
        free(p); /* with what it has so far: the process ends */
    else if (c->bad)
        pl_media_client_free(p);
}

static void carry_room(struct pl_carry *c, struct pl_media *m, struct pl_media_room *r)
{
    pl_room_id id = r ? r->id : 0;
    PL_CARRY(c, id);
    if (!r)
        r = pl_map_get(&m->rooms, &id, sizeof id);
    c->bad |= !r;
    if (c->bad)
        return;
    PL_CARRY(c, r->speaker);
    PL_CARRY(c, r->traffic.bytes_in);
    PL_CARRY(c, r->traffic.bytes_out);
}

enum pl_err pl_media_carry_clients(struct pl_media *m, struct pl_carry *c)
{
    uint32_t n = (uint32_t)m->peers.len, n_rooms = (uint32_t)m->rooms.len;
    bool reads = pl_carry_reads(c);
    size_t at = 0;
    pl_carry_mark(c, MARK_CLIENTS);
    PL_CARRY(c, m->last_id);
    PL_CARRY(c, n);
    PL_CARRY(c, n_rooms);
    for (uint32_t i = 0; reads && i < n && !c->bad; i++)
        read_client(c, m);
    for (struct pl_media_client *p; !reads && (p = pl_map_next(&m->peers, &at));)
        carry_client(c, m, p);
    pl_carry_mark(c, MARK_ROOMS);
    at = 0;
    for (uint32_t i = 0; reads && i < n_rooms && !c->bad; i++)
        carry_room(c, m, NULL);
    for (struct pl_media_room *r; !reads && (r = pl_map_next(&m->rooms, &at));)
        carry_room(c, m, r);
    pl_carry_mark(c, MARK_END);
    return c->bad ? PL_EINVAL : PL_OK;
}

void pl_media_leave(struct pl_media *m)
{
    for (unsigned i = 0; i < m->n_threads; i++)
        pl_media_thread_leave(m->threads[i].handle);
}

void pl_media_pause(struct pl_media *m)
{
    for (unsigned i = 0; i < m->n_threads; i++)
        pl_media_thread_pause(m->threads[i].handle);
}

/* What crosses between them as they settle is taken in, too. */
void pl_media_settle(struct pl_media *m)
{
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < m->n_threads; i++)
            pl_media_thread_deliver(m->threads[i].handle);
        for (unsigned i = 0; i < m->n_threads; i++)
            pl_media_thread_settle(m->threads[i].handle);
    }
}

enum pl_err pl_media_resume(struct pl_media *m)
{
    enum pl_err err = PL_OK;
    /* What is said of ways between them comes before the first packet that would take one. */
    for (unsigned i = 0; i < m->n_threads; i++)
        pl_media_thread_deliver(m->threads[i].handle);
    for (unsigned i = 0; i < m->n_threads && !err; i++)
        err = pl_media_thread_run(m->threads[i].handle);
    return err;
}

enum pl_err pl_media_carry(struct pl_media *m, struct pl_carry *c)
{
    uint32_t n = m->n_threads;
    enum pl_err err = PL_OK;
    PL_CARRY(c, n);
    for (unsigned i = 0; i < m->n_threads && !err; i++)
        err = pl_media_thread_carry(m->threads[i].handle, c);
    return err ? err : pl_media_carry_clients(m, c);
}

enum pl_err pl_media_carry_guests(struct pl_media *m, struct pl_carry *c,
                                  struct pl_guest *(*arrive)(void *ctx, struct pl_tcp *stream),
                                  void *ctx)
{
    enum pl_err err = PL_OK;
    for (unsigned i = 0; i < m->n_threads && !err; i++)
        err = pl_media_thread_carry_guests(m->threads[i].handle, c, arrive, ctx);
    return err;
}

void pl_media_drop_unreached(struct pl_media *m)
{
    pl_peer_id *ids = calloc(m->peers.len ? m->peers.len : 1, sizeof *ids);
    size_t at = 0, n = 0;
    for (const struct pl_media_client *p; ids && (p = pl_map_next(&m->peers, &at));)
        if (!p->connected || p->lost || !pl_media_thread_reaches(pl_media_thread_of(p), p->id))
            ids[n++] = p->id;
    while (n > 0) { /* telling of one may close others */
        struct pl_media_client *p = pl_map_get(&m->peers, &ids[n - 1], sizeof ids[0]);
        n--;
        if (p)
            pl_media_client_lost(p);
    }
    free(ids);
}
