/* Who is in which slot: forwarding to sinks, switching them, placing in them what was chosen
 * (choose.c). */
#include "sfu/peer.h"

#include <stdlib.h>
#include <string.h>

static void tell(const struct pl_sink *k, pl_source_id source, uint32_t timestamp)
{
    struct pl_engine *e = k->peer->engine;
    e->io.event(e->io.ctx, &(struct pl_engine_event){.type = PL_SLOT_CHANGED,
                                                     .room = k->peer->room->id,
                                                     .peer = k->peer->id,
                                                     .source = source,
                                                     .section = k->section,
                                                     .rtp_timestamp = timestamp});
}

/* A layer's list of sinks. */
static bool attach(struct pl_layer *l, struct pl_sink *k)
{
    if (l->n_sinks == l->cap_sinks) {
        size_t cap = l->cap_sinks ? l->cap_sinks * 2 : 8;
        struct pl_sink **sinks = realloc(l->sinks, cap * sizeof(struct pl_sink *));
        if (!sinks)
            return false;
        l->sinks = sinks;
        l->cap_sinks = cap;
    }
    l->sinks[l->n_sinks++] = k;
    return true;
}

static void detach(struct pl_layer *l, const struct pl_sink *k)
{
    for (size_t i = 0; i < l->n_sinks; i++)
        if (l->sinks[i] == k) {
            l->sinks[i] = l->sinks[--l->n_sinks];
            return;
        }
}

/* Without memory the sink stays empty; the next change tries again. */
static void aim(struct pl_sink *k, struct pl_layer *l, unsigned tid)
{
    k->target_tid = (uint8_t)tid;
    if (k->target == l)
        return;
    if (l && l != k->current && !attach(l, k))
        l = NULL;
    if (k->target && k->target != k->current)
        detach(k->target, k);
    k->target = l;
    if (l && l != k->current)
        pl_stream_want_key(&l->stream);
}

static void forget_waiting(struct pl_sink *k)
{
    pl_pacer_forget(&k->peer->pacer, (uint16_t)(k - k->peer->sinks));
}

/* Ends what flows, at once. */
static void stop(struct pl_sink *k)
{
    struct pl_layer *was = k->current;
    if (!was)
        return;
    k->current = NULL;
    forget_waiting(k);
    if (k->target == was)
        k->target = NULL;
    detach(was, k);
    tell(k, 0, k->slot.timestamp);
}

/* The target begins to flow with this packet. Another layer of the same source is nobody's
 * business. */
void pl_sink_turn(struct pl_sink *k, const struct pl_media_packet *packet, pl_time_us now)
{
    const struct pl_source *was = k->current ? k->current->source : NULL;
    if (k->slot.media == PL_VIDEO)
        k->peer->keyed_at = now;
    pl_peer_drain(k->peer, now); /* what it carried until now leaves, as far as it may */
    forget_waiting(k);
    if (k->current)
        detach(k->current, k);
    k->current = k->target;
    k->peer->engine->stats.slot_switches++;
    uint32_t timestamp =
        pl_slot_switch(&k->slot, &k->current->stream.ring, packet, k->target_tid, now);
    if (k->current->source == was)
        return;
    k->turned = k->peer->turned = true;
    tell(k, k->current->source->id, timestamp);
}

bool pl_sink_resume(struct pl_sink *k, struct pl_layer *current, struct pl_layer *target)
{
    if ((current && current->stream.media != k->slot.media) ||
        (target && target->stream.media != k->slot.media))
        return false;
    if (current && !attach(current, k))
        return false;
    k->current = current;
    if (target && target != current && !attach(target, k))
        return false;
    k->target = target;
    return true;
}

static bool is_chosen(const struct pl_choice *c, const struct pl_source *s)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].layer->source == s)
            return true;
    return false;
}

/* The paired slot that a source must be in; -1: any, but for those kept for others. */
static int paired_slot(const struct pl_choice *c, const struct pl_source *s)
{
    for (int i = 0; i < PL_PAIRS; i++)
        if (c->paired[i] == s)
            return i;
    return -1;
}

static bool kept_for_another(const struct pl_choice *c, size_t slot, const struct pl_source *s)
{
    return slot < PL_PAIRS && c->paired[slot] && c->paired[slot] != s;
}

/* How well an empty sink suits a source; 0: not at all. */
static unsigned suits(const struct pl_sink *sinks, size_t i, const struct pl_choice *c,
                      const struct pl_source *s)
{
    const struct pl_sink *k = &sinks[i];
    if (k->target || kept_for_another(c, i, s) || !pl_section_takes(k->slot.section, s->section))
        return 0;
    if (i < c->n_pairs)
        return 1;
    if (k->current && k->current->source != s) /* a picture may be moving out of it */
        return 2;
    return k->current ? 4 : 3; /* best the one where it still flows */
}

static struct pl_sink *empty_sink(struct pl_sink *sinks, size_t n_sinks, const struct pl_choice *c,
                                  const struct pl_source *s)
{
    struct pl_sink *best = NULL;
    unsigned best_suits = 0;
    for (size_t i = 0; i < n_sinks; i++) {
        unsigned how = suits(sinks, i, c, s);
        if (how > best_suits) {
            best = &sinks[i];
            best_suits = how;
        }
    }
    return best;
}

/* The sink for a source: its pair's, the one that it has, or an empty one. */
static struct pl_sink *sink_for(struct pl_sink *sinks, size_t n_sinks, const struct pl_choice *c,
                                const struct pl_source *s)
{
    int slot = paired_slot(c, s);
    if (slot >= 0)
        return &sinks[slot];
    for (size_t i = 0; i < n_sinks; i++)
        if (sinks[i].target && sinks[i].target->source == s)
            return &sinks[i];
    return empty_sink(sinks, n_sinks, c, s);
}

/* A source that a client has slots for, but in none of its codecs, is seen in the counters alone.
 */
static void count_unfit(const struct pl_peer *p, const struct pl_source *s)
{
    bool video = s->section->media == PL_VIDEO;
    size_t n_slots = video ? p->n_sinks - p->n_audio_sinks : p->n_audio_sinks;
    if (n_slots && s->peer->owner != p->owner && !pl_peer_fits(p, s))
        p->engine->stats.unfit_codec++;
}

/* Whether the sink still carries a picture that has yet to begin in its other slot. */
static bool is_moving(struct pl_sink *sinks, size_t n_sinks, const struct pl_choice *c,
                      const struct pl_sink *k)
{
    const struct pl_source *s = k->current ? k->current->source : NULL;
    if (!s || k->slot.media != PL_VIDEO || !is_chosen(c, s))
        return false;
    const struct pl_sink *to = sink_for(sinks, n_sinks, c, s);
    return to && to != k && !(to->current && to->current->source == s);
}

/* Brings the sinks of a medium to what was chosen; what is in a slot already stays there. */
static void place(struct pl_peer *p, struct pl_sink *sinks, size_t n_sinks,
                  const struct pl_choice *c)
{
    for (size_t i = 0; i < n_sinks; i++) {
        const struct pl_source *s = sinks[i].target ? sinks[i].target->source : NULL;
        if (!s)
            continue;
        int slot = paired_slot(c, s);
        if (!is_chosen(c, s) || (slot >= 0 && (size_t)slot != i) || kept_for_another(c, i, s))
            aim(&sinks[i], NULL, PL_TID_ALL);
    }
    for (size_t j = 0; j < c->n; j++) {
        const struct pl_choice_item *item = &c->items[j];
        struct pl_sink *k = sink_for(sinks, n_sinks, c, item->layer->source);
        if (k)
            aim(k, item->layer, item->tid);
    }
    for (size_t i = 0; i < n_sinks; i++) {
        if (sinks[i].target)
            continue;
        if (is_moving(sinks, n_sinks, c, &sinks[i]))
            p->moving = true;
        else
            stop(&sinks[i]);
    }
}

void pl_room_fill(struct pl_peer *p, pl_time_us now)
{
    struct pl_choice sound, pictures;
    if (!p->outbound)
        return;
    p->moving = false;
    pl_choose(p, now, &sound, &pictures);
    place(p, p->sinks, p->n_audio_sinks, &sound);
    place(p, p->sinks + p->n_audio_sinks, p->n_sinks - p->n_audio_sinks, &pictures);
    for (size_t i = p->n_audio_sinks; i < p->n_sinks; i++)
        if (p->sinks[i].target && p->sinks[i].target != p->sinks[i].current)
            pl_layer_attend(p->sinks[i].target, now);
}

void pl_room_peer_connected(struct pl_peer *p, pl_time_us now)
{
    pl_list_each (struct pl_source, s, &p->room->sources, in_room)
        count_unfit(p, s);
    pl_room_fill(p, now);
}

void pl_room_refill(struct pl_room *r, pl_time_us now)
{
    r->voices_stale = r->wants_stale = true;
    pl_list_each (struct pl_peer, p, &r->peers, in_room)
        pl_room_fill(p, now);
}

void pl_room_source_started(struct pl_source *s, pl_time_us now)
{
    s->started = true;
    pl_list_remove(&s->in_room);
    pl_list_push(&s->peer->room->sources, &s->in_room);
    pl_list_each (struct pl_peer, p, &s->peer->room->peers, in_room)
        if (p->outbound)
            count_unfit(p, s);
    struct pl_engine *e = s->peer->engine;
    if (!s->peer->mirror)
        e->io.event(e->io.ctx, &(struct pl_engine_event){.type = PL_SOURCE_STARTED,
                                                         .room = s->peer->room->id,
                                                         .peer = s->peer->id,
                                                         .source = s->id});
    pl_room_refill(s->peer->room, now);
}

/* Takes a layer out of every sink. */
static void withdraw_layer(struct pl_layer *l)
{
    while (l->n_sinks) {
        struct pl_sink *k = l->sinks[l->n_sinks - 1];
        if (k->current == l)
            stop(k);
        else
            aim(k, NULL, PL_TID_ALL);
    }
}

static void withdraw(struct pl_source *s)
{
    for (unsigned i = 0; i < s->n_layers; i++)
        withdraw_layer(&s->layers[i]);
}

void pl_room_source_changed(struct pl_source *s, pl_time_us now)
{
    if (s->muted)
        withdraw(s);
    if (s->muted || pl_source_apart(s))
        pl_voice_silenced(s, now);
    pl_room_refill(s->peer->room, now);
}

void pl_room_layer_gone(struct pl_layer *l)
{
    withdraw_layer(l);
    pl_layer_drop_held(l);
    pl_list_each (struct pl_peer, p, &l->source->peer->room->peers, in_room)
        for (size_t i = 0; i < p->n_sinks; i++)
            pl_slot_forget(&p->sinks[i].slot, &l->stream.ring);
}

void pl_room_source_gone(struct pl_source *s)
{
    for (unsigned i = 0; i < s->n_layers; i++) {
        pl_room_layer_gone(&s->layers[i]);
        pl_list_remove(&s->layers[i].urgent);
    }
    pl_list_remove(&s->in_room);
    pl_voice_silenced(s, 0);
}

void pl_room_peer_gone(struct pl_peer *p)
{
    for (size_t i = 0; i < p->n_sinks; i++) {
        struct pl_sink *k = &p->sinks[i];
        if (k->target && k->target != k->current)
            detach(k->target, k);
        if (k->current)
            detach(k->current, k);
        k->target = k->current = NULL;
    }
}

void pl_room_tick(struct pl_room *r, pl_time_us now)
{
    pl_layers_tick(r, now);
    pl_voices_tick(r, now);
    pl_list_each (struct pl_peer, p, &r->peers, in_room)
        if (p->moving)
            pl_room_fill(p, now);
}
