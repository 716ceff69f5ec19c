/* See media_thread.h: what the control thread tells a media thread. Each command is a small heap
 * object on the thread's mailbox, made on the control thread, run and freed on the media thread. */
#include "crypto/hash.h"
#include "server/media_thread_parts.h"

#include <stdlib.h>
#include <string.h>

struct command {
    struct pl_message message;
    struct pl_media_thread *thread;
    uint64_t id; /* of a peer, source or room */
    bool on;
    unsigned other;
    struct pl_media_way *way;
    enum pl_source_class class;
    unsigned channel;
    struct pl_srtp_keys inbound, outbound;
    struct pl_peer_desc desc;
    struct pl_session session;
    char local_ufrag[16], local_pwd[32], remote_ufrag[PL_UFRAG_SIZE];
    size_t n_ids;
    pl_source_id ids[];
};

static struct command *command_new(struct pl_media_thread *t, uint64_t id, const pl_source_id *ids,
                                   size_t n, void (*deliver)(struct pl_message *))
{
    struct command *c = calloc(1, sizeof *c + n * sizeof c->ids[0]);
    if (!c)
        return NULL;
    c->message.deliver = deliver;
    c->thread = t;
    c->id = id;
    c->n_ids = n;
    if (n)
        memcpy(c->ids, ids, n * sizeof c->ids[0]);
    return c;
}

static void command_free(struct command *c)
{
    free(c->session.sections);
    pl_wipe(&c->inbound, sizeof c->inbound);
    pl_wipe(&c->outbound, sizeof c->outbound);
    free(c);
}

static struct command *command_of(struct pl_message *m)
{
    return pl_container_of(m, struct command, message);
}

static void run_add(struct pl_message *m)
{
    struct command *c = command_of(m);
    enum pl_err err = pl_engine_peer_add(c->thread->engine, &c->desc, pl_loop_now(c->thread->loop));
    if (err && !c->desc.mirror)
        pl_media_thread_event(c->thread, &(struct pl_engine_event){.type = PL_PEER_LOST,
                                                                   .room = c->desc.room,
                                                                   .peer = c->desc.id});
    command_free(c);
}

enum pl_err pl_media_thread_add(struct pl_media_thread *t, const struct pl_peer_desc *desc)
{
    size_t n = desc->session->n_sections;
    struct command *c = command_new(t, desc->id, desc->sources, n, run_add);
    struct pl_section *sections = malloc(n * sizeof *sections);
    if (!c || !sections) {
        free(c);
        free(sections);
        return PL_ENOMEM;
    }
    memcpy(sections, desc->session->sections, n * sizeof *sections);
    c->desc = *desc;
    c->session = *desc->session;
    c->session.sections = sections;
    c->desc.session = &c->session;
    c->desc.sources = c->ids;
    pl_loop_post(t->loop, &c->message);
    return PL_OK;
}

enum pl_err pl_media_thread_way(struct pl_media_thread *t, struct pl_media_way **out)
{
    return pl_media_way_new(t->loop, t->engine, out);
}

static void run_relay(struct pl_message *m)
{
    struct command *c = command_of(m);
    c->thread->ways[c->other] = c->way;
    pl_engine_room_relay(c->thread->engine, c->id, c->other, c->on);
    command_free(c);
}

void pl_media_thread_relay(struct pl_media_thread *t, pl_room_id room, unsigned other,
                           struct pl_media_way *way, bool on)
{
    struct command *c = command_new(t, room, NULL, 0, run_relay);
    if (!c)
        return;
    c->other = other;
    c->way = way;
    c->on = on;
    pl_loop_post(t->loop, &c->message);
}

static void run_remove(struct pl_message *m)
{
    struct command *c = command_of(m);
    pl_engine_peer_remove(c->thread->engine, c->id, pl_loop_now(c->thread->loop));
    command_free(c);
}

void pl_media_thread_remove(struct pl_media_thread *t, pl_peer_id id)
{
    struct command *c = command_new(t, id, NULL, 0, run_remove);
    if (c)
        pl_loop_post(t->loop, &c->message);
}

struct pl_media_removal {
    struct pl_message message;
    struct pl_media_thread *thread;
    pl_peer_id id;
};

static void run_removal(struct pl_message *m)
{
    struct pl_media_removal *r = pl_container_of(m, struct pl_media_removal, message);
    pl_engine_peer_remove(r->thread->engine, r->id, pl_loop_now(r->thread->loop));
    free(r);
}

enum pl_err pl_media_removal_new(struct pl_media_thread *t, pl_peer_id id,
                                 struct pl_media_removal **out)
{
    struct pl_media_removal *r = malloc(sizeof *r);
    if (!r)
        return PL_ENOMEM;
    *r = (struct pl_media_removal){{.deliver = run_removal}, t, id};
    *out = r;
    return PL_OK;
}

void pl_media_removal_post(struct pl_media_removal *r)
{
    if (r)
        pl_loop_post(r->thread->loop, &r->message);
}

void pl_media_removal_free(struct pl_media_removal *r)
{
    free(r);
}

static void run_dtls(struct pl_message *m)
{
    struct pl_dtls_message *d = pl_container_of(m, struct pl_dtls_message, message);
    pl_engine_peer_send_dtls(d->thread->engine, d->peer, d->bytes, d->n);
    free(d);
}

void pl_media_thread_dtls(struct pl_media_thread *t, pl_peer_id id, const uint8_t *bytes, size_t n)
{
    struct pl_dtls_message *d = pl_dtls_message_new(t, id, bytes, n, run_dtls);
    if (d)
        pl_loop_post(t->loop, &d->message);
}

static void run_keys(struct pl_message *m)
{
    struct command *c = command_of(m);
    if (pl_engine_peer_keys(c->thread->engine, c->id, &c->inbound, &c->outbound,
                            pl_loop_now(c->thread->loop)))
        pl_media_thread_event(c->thread,
                              &(struct pl_engine_event){.type = PL_PEER_LOST, .peer = c->id});
    command_free(c);
}

bool pl_media_thread_keys(struct pl_media_thread *t, pl_peer_id id,
                          const struct pl_srtp_keys *inbound, const struct pl_srtp_keys *outbound)
{
    struct command *c = command_new(t, id, NULL, 0, run_keys);
    if (!c)
        return false;
    c->inbound = *inbound;
    c->outbound = *outbound;
    pl_loop_post(t->loop, &c->message);
    return true;
}

static void run_restart(struct pl_message *m)
{
    struct command *c = command_of(m);
    if (pl_engine_peer_restart(c->thread->engine, c->id, c->local_ufrag, c->local_pwd,
                               c->remote_ufrag))
        pl_media_thread_event(c->thread,
                              &(struct pl_engine_event){.type = PL_PEER_LOST, .peer = c->id});
    command_free(c);
}

void pl_media_thread_restart(struct pl_media_thread *t, pl_peer_id id, const char *local_ufrag,
                             const char *local_pwd, const char *remote_ufrag)
{
    struct command *c = command_new(t, id, NULL, 0, run_restart);
    if (!c)
        return;
    if (pl_str_copy(pl_str(local_ufrag), c->local_ufrag, sizeof c->local_ufrag) ||
        pl_str_copy(pl_str(local_pwd), c->local_pwd, sizeof c->local_pwd) ||
        pl_str_copy(pl_str(remote_ufrag), c->remote_ufrag, sizeof c->remote_ufrag)) {
        command_free(c);
        return;
    }
    pl_loop_post(t->loop, &c->message);
}

static void run_mute(struct pl_message *m)
{
    struct command *c = command_of(m);
    pl_engine_source_mute(c->thread->engine, c->id, c->on, pl_loop_now(c->thread->loop));
    command_free(c);
}

bool pl_media_thread_mute(struct pl_media_thread *t, pl_source_id source, bool muted)
{
    struct command *c = command_new(t, source, NULL, 0, run_mute);
    if (!c)
        return false;
    c->on = muted;
    pl_loop_post(t->loop, &c->message);
    return true;
}

static void run_class(struct pl_message *m)
{
    struct command *c = command_of(m);
    pl_engine_source_class(c->thread->engine, c->id, c->class, c->channel,
                           pl_loop_now(c->thread->loop));
    command_free(c);
}

void pl_media_thread_class(struct pl_media_thread *t, pl_source_id source,
                           enum pl_source_class class, unsigned channel)
{
    struct command *c = command_new(t, source, NULL, 0, run_class);
    if (!c)
        return;
    c->class = class;
    c->channel = channel;
    pl_loop_post(t->loop, &c->message);
}

static void run_listen(struct pl_message *m)
{
    struct command *c = command_of(m);
    pl_engine_peer_listen(c->thread->engine, c->id, c->channel, pl_loop_now(c->thread->loop));
    command_free(c);
}

void pl_media_thread_listen(struct pl_media_thread *t, pl_peer_id id, unsigned channel)
{
    struct command *c = command_new(t, id, NULL, 0, run_listen);
    if (!c)
        return;
    c->channel = channel;
    pl_loop_post(t->loop, &c->message);
}

static void run_deafen(struct pl_message *m)
{
    struct command *c = command_of(m);
    pl_engine_peer_deafen(c->thread->engine, c->id, c->on, pl_loop_now(c->thread->loop));
    command_free(c);
}

bool pl_media_thread_deafen(struct pl_media_thread *t, pl_peer_id id, bool deaf)
{
    struct command *c = command_new(t, id, NULL, 0, run_deafen);
    if (!c)
        return false;
    c->on = deaf;
    pl_loop_post(t->loop, &c->message);
    return true;
}

struct want_command {
    struct pl_message message;
    struct pl_media_thread *thread;
    pl_peer_id id;
    bool all;
    size_t n;
    struct pl_wanted wanted[];
};

static void run_want(struct pl_message *m)
{
    struct want_command *c = pl_container_of(m, struct want_command, message);
    pl_engine_peer_want_video(c->thread->engine, c->id, c->all ? NULL : c->wanted, c->n,
                              pl_loop_now(c->thread->loop));
    free(c);
}

void pl_media_thread_want(struct pl_media_thread *t, pl_peer_id id, const struct pl_wanted *wanted,
                          size_t n)
{
    n = wanted ? n : 0;
    struct want_command *c = malloc(sizeof *c + n * sizeof c->wanted[0]);
    if (!c)
        return;
    *c = (struct want_command){{.deliver = run_want}, t, id, !wanted, n};
    if (n)
        memcpy(c->wanted, wanted, n * sizeof c->wanted[0]);
    pl_loop_post(t->loop, &c->message);
}

struct view_message {
    struct pl_message message;
    struct pl_media_thread *thread;
    struct pl_peer_view view;
};

static void deliver_view(struct pl_message *m)
{
    struct view_message *v = pl_container_of(m, struct view_message, message);
    v->thread->events.view(v->thread->events.ctx, &v->view);
    free(v);
}

/* One object goes there and comes back. */
static void run_look(struct pl_message *m)
{
    struct view_message *v = pl_container_of(m, struct view_message, message);
    struct pl_media_thread *t = v->thread;
    if (pl_engine_peer_view(t->engine, v->view.id, pl_loop_now(t->loop), &v->view)) {
        free(v);
        return;
    }
    v->message.deliver = deliver_view;
    pl_loop_post(t->control, &v->message);
}

void pl_media_thread_look(struct pl_media_thread *t, pl_peer_id id)
{
    struct view_message *v = malloc(sizeof *v);
    if (!v)
        return;
    v->message = (struct pl_message){.deliver = run_look};
    v->thread = t;
    v->view.id = id;
    pl_loop_post(t->loop, &v->message);
}

static void run_give(struct pl_message *m)
{
    struct pl_guest *g = pl_container_of(m, struct pl_guest, message);
    pl_media_streams_take(g->streams, g);
}

void pl_media_thread_give(struct pl_media_thread *t, struct pl_guest *guest)
{
    guest->streams = t->streams;
    guest->message.deliver = run_give;
    pl_loop_post(t->loop, &guest->message);
}
