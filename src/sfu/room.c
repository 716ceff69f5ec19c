/* Who is in which slot: forwarding to sinks, switching them, choosing sources for them, and the
 * speaker. */
#include "sfu/peer.h"

#include <stdlib.h>
#include <string.h>

/* RFC 6464 levels are -dBov: 0 is the loudest. Speech in a normal room stands at 20 to 45. */
#define SPEECH_LEVEL 50
/* Somebody counts as speaking this long after their last word. */
#define SPEAKING_US (600 * PL_MS)
#define SPEAKER_HOLD_US (1 * PL_SECOND) /* a speaker is not replaced sooner, but by silence */
#define LOUDER_BY (6 * 16) /* 6 dB in 16ths: what it takes to replace one who still speaks */

static bool live(const struct pl_source *s)
{
    return s->started && !s->muted;
}

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
static void aim(struct pl_sink *k, struct pl_layer *l)
{
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
    pl_peer_drain(k->peer, now); /* what it carried until now leaves, as far as it may */
    forget_waiting(k);
    if (k->current)
        detach(k->current, k);
    k->current = k->target;
    k->peer->engine->stats.slot_switches++;
    uint32_t timestamp = pl_slot_switch(&k->slot, &k->current->stream, packet, now);
    if (k->current->source != was)
        tell(k, k->current->source->id, timestamp);
}

/* Whether a layer of this height fills what is shown: four fifths of it look the same. */
static bool fills(const struct pl_layer *l, uint16_t height)
{
    return height && l->height * 5u >= height * 4u;
}

/* Of two layers that flow: the smaller one if it fills the height, else the larger one. */
static bool better(const struct pl_layer *a, const struct pl_layer *b, uint16_t height)
{
    if (fills(a, height) && fills(b, height))
        return a->height < b->height;
    return a->height > b->height;
}

/* The layer of a source for a sink that shows it at this height. One that has just begun to flow is
 * left to settle while another one flows, so that a layer that a publisher's link cannot keep up
 * does not take the picture with it time and again. */
static struct pl_layer *choose_layer(struct pl_source *s, uint16_t height)
{
    struct pl_layer *best = NULL;
    for (unsigned pass = 0; pass < 2 && !best; pass++)
        for (unsigned i = 0; i < s->n_layers; i++) {
            struct pl_layer *l = &s->layers[i];
            if ((pass == 0 ? l->settled : l->flowing_since != 0) &&
                (!best || better(l, best, height)))
                best = l;
        }
    return best ? best : &s->layers[0];
}

static struct pl_sink *sink_of(struct pl_sink *sinks, size_t n, const struct pl_source *s)
{
    for (size_t i = 0; i < n; i++)
        if (sinks[i].target && sinks[i].target->source == s)
            return &sinks[i];
    return NULL;
}

/* Whether one of the peer's slots can carry the source. */
static bool fits(const struct pl_peer *p, const struct pl_source *s)
{
    bool video = s->section->media == PL_VIDEO;
    size_t end = video ? p->n_sinks : p->n_audio_sinks;
    for (size_t i = video ? p->n_audio_sinks : 0; i < end; i++)
        if (pl_section_takes(p->sinks[i].slot.section, s->section))
            return true;
    return false;
}

static bool may_have(const struct pl_peer *p, const struct pl_source *s)
{
    return live(s) && s->peer->owner != p->owner && fits(p, s);
}

/* A source that a client has slots for, but in none of its codecs, is seen in the counters alone.
 */
static void count_unfit(const struct pl_peer *p, const struct pl_source *s)
{
    bool video = s->section->media == PL_VIDEO;
    size_t n_slots = video ? p->n_sinks - p->n_audio_sinks : p->n_audio_sinks;
    if (n_slots && s->peer->owner != p->owner && !fits(p, s))
        p->engine->stats.unfit_codec++;
}

/* The video sources that the peer wants and may have, most wanted first. */
static size_t wanted_video(const struct pl_peer *p, struct pl_source **out, size_t max)
{
    size_t n = 0;
    if (p->wants_all) {
        pl_list_each (struct pl_source, s, &p->room->sources, in_room)
            if (n < max && s->section->media == PL_VIDEO && may_have(p, s))
                out[n++] = s;
        return n;
    }
    for (size_t i = 0; i < p->n_wanted && n < max; i++) {
        pl_source_id id = p->wanted[i].source;
        struct pl_source *s = pl_map_get(&p->engine->sources, &id, sizeof id);
        if (s && s->section->media == PL_VIDEO && s->peer->room == p->room && may_have(p, s))
            out[n++] = s;
    }
    return n;
}

/* Who spoke last comes first; then who started first. */
static bool before(const struct pl_source *a, const struct pl_source *b)
{
    return a->last_spoken > b->last_spoken;
}

/* All audio sources if there are slots enough, else those who spoke last. */
static size_t wanted_audio(const struct pl_peer *p, struct pl_source **out, size_t max)
{
    size_t n = 0;
    pl_list_each (struct pl_source, s, &p->room->sources, in_room) {
        if (s->section->media != PL_AUDIO || !may_have(p, s))
            continue;
        size_t at = n < max ? n++ : max;
        while (at > 0 && before(s, out[at - 1])) {
            if (at < max)
                out[at] = out[at - 1];
            at--;
        }
        if (at < max)
            out[at] = s;
    }
    return n;
}

/* How the peer shows the source; zeros: as large as there is. */
static struct pl_wanted shown(const struct pl_peer *p, const struct pl_source *s)
{
    for (size_t i = 0; !p->wants_all && i < p->n_wanted; i++)
        if (p->wanted[i].source == s->id)
            return p->wanted[i];
    return (struct pl_wanted){.source = s->id};
}

/* Brings the sinks to what is wanted; what is in a slot already stays in that slot. */
static void fill(struct pl_sink *sinks, size_t n_sinks, struct pl_layer **wanted, size_t n)
{
    for (size_t i = 0; i < n_sinks; i++) {
        bool keep = false;
        for (size_t j = 0; j < n && !keep; j++)
            keep = sinks[i].target && sinks[i].target->source == wanted[j]->source;
        if (!keep)
            aim(&sinks[i], NULL);
    }
    for (size_t j = 0; j < n; j++) {
        const struct pl_source *source = wanted[j]->source;
        struct pl_sink *best = sink_of(sinks, n_sinks, source);
        for (size_t i = 0; i < n_sinks && !(best && best->target); i++)
            /* empty; best the one where it still flows */
            if (!sinks[i].target && pl_section_takes(sinks[i].slot.section, source->section) &&
                (!best || (sinks[i].current && sinks[i].current->source == source)))
                best = &sinks[i];
        if (best)
            aim(best, wanted[j]);
    }
    for (size_t i = 0; i < n_sinks; i++)
        if (!sinks[i].target)
            stop(&sinks[i]);
}

/* The layers of a source in ascending order of what they cost. */
static size_t layers_by_cost(struct pl_source *s, struct pl_layer **out,
                             struct pl_demand_layer *costs)
{
    size_t n = 0;
    for (unsigned i = 0; i < s->n_layers; i++) {
        struct pl_layer *l = &s->layers[i];
        size_t at = n++;
        for (; at > 0 && out[at - 1]->bitrate_bps > l->bitrate_bps; at--)
            out[at] = out[at - 1];
        out[at] = l;
    }
    for (size_t i = 0; i < n; i++) {
        bool comes = out[i]->flowing_since && (out[i]->settled || s->n_layers == 1);
        costs[i] = (struct pl_demand_layer){.bps = comes ? out[i]->bitrate_bps + 1 : 0,
                                            .width = out[i]->width,
                                            .height = out[i]->height};
    }
    return n;
}

/* The memory of the wanted sources, in their order; that of others ends. */
static void keep_shares(struct pl_sender *sender, struct pl_source **wanted, size_t n)
{
    struct pl_share kept[PL_WANTED_MAX];
    for (size_t i = 0; i < n; i++) {
        kept[i] = (struct pl_share){.source = wanted[i]->id};
        for (size_t k = 0; k < sender->n_shares; k++)
            if (sender->shares[k].source == wanted[i]->id)
                kept[i] = sender->shares[k];
    }
    memcpy(sender->shares, kept, n * sizeof kept[0]);
    sender->n_shares = n;
}

/* Shares what the client's path carries (allocate.h), sound first. What finds no room is NULL. */
static void share(struct pl_peer *p, struct pl_source **wanted, size_t n, uint64_t bps,
                  pl_time_us now, struct pl_layer **out)
{
    struct pl_sender *sender = p->sender;
    struct pl_layer *layers[PL_WANTED_MAX][PL_LAYERS_MAX];
    struct pl_demand_layer costs[PL_WANTED_MAX][PL_LAYERS_MAX];
    struct pl_demand demands[PL_WANTED_MAX];
    keep_shares(sender, wanted, n);
    for (size_t i = 0; i < n; i++) {
        struct pl_wanted size = shown(p, wanted[i]);
        demands[i] = (struct pl_demand){.kind = PL_DEMAND_TILE,
                                        .width = size.width,
                                        .height = size.height,
                                        .layers = costs[i],
                                        .n_layers = layers_by_cost(wanted[i], layers[i], costs[i]),
                                        .state = &sender->shares[i].state};
    }
    uint64_t sound = 0;
    for (size_t i = 0; i < p->n_audio_sinks; i++)
        if (p->sinks[i].current)
            sound += p->sinks[i].current->bitrate_bps;
    struct pl_allocation a = pl_allocate(demands, n, bps > sound ? bps - sound : 0, now);
    sender->wanted_bps = a.wanted_bps + sound;
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        int layer = sender->shares[i].state.layer;
        out[i] = layer == PL_PAUSED ? NULL : layers[i][layer];
        any |= out[i] != NULL;
    }
    /* Something must flow for the path to be measured: the picture most wanted, whatever it costs.
     */
    for (size_t i = 0; n > 0 && !any && i < demands[0].n_layers; i++)
        if (costs[0][i].bps) {
            out[0] = layers[0][i];
            any = true;
        }
}

/* Sources to layers, in place of the pictures that there is no room for. Returns how many are left.
 */
static size_t choose_layers(struct pl_peer *p, struct pl_source **wanted, size_t n, pl_time_us now,
                            struct pl_layer **out)
{
    uint64_t target = pl_peer_share_bps(p, now);
    size_t left = 0;
    if (target != PL_ESTIMATE_UNLIMITED)
        share(p, wanted, n, target, now, out);
    else
        for (size_t i = 0; i < n; i++)
            out[i] = choose_layer(wanted[i], shown(p, wanted[i]).height);
    for (size_t i = 0; i < n; i++)
        if (out[i])
            out[left++] = out[i];
    return left;
}

void pl_room_fill(struct pl_peer *p, pl_time_us now)
{
    struct pl_source *wanted[PL_SECTIONS_MAX];
    struct pl_layer *layers[PL_SECTIONS_MAX];
    if (!p->outbound)
        return;
    size_t n_video = p->n_sinks - p->n_audio_sinks;
    size_t n = wanted_audio(p, wanted, p->n_audio_sinks);
    for (size_t i = 0; i < n; i++)
        layers[i] = &wanted[i]->layers[0];
    fill(p->sinks, p->n_audio_sinks, layers, n);
    n = wanted_video(p, wanted, n_video);
    n = choose_layers(p, wanted, n, now, layers);
    fill(p->sinks + p->n_audio_sinks, n_video, layers, n);
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
    pl_list_each (struct pl_peer, p, &r->peers, in_room)
        pl_room_fill(p, now);
}

void pl_room_source_started(struct pl_source *s, pl_time_us now)
{
    s->started = true;
    pl_list_push(&s->peer->room->sources, &s->in_room);
    pl_list_each (struct pl_peer, p, &s->peer->room->peers, in_room)
        if (p->outbound)
            count_unfit(p, s);
    struct pl_engine *e = s->peer->engine;
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
            aim(k, NULL);
    }
}

static void withdraw(struct pl_source *s)
{
    for (unsigned i = 0; i < s->n_layers; i++)
        withdraw_layer(&s->layers[i]);
}

static void speaker_is(struct pl_room *r, struct pl_source *s, pl_time_us now)
{
    if (r->speaker == s)
        return;
    r->speaker = s;
    r->speaker_since = now;
    r->engine->io.event(r->engine->io.ctx, &(struct pl_engine_event){.type = PL_SPEAKER_CHANGED,
                                                                     .room = r->id,
                                                                     .source = s ? s->id : 0});
}

void pl_room_source_changed(struct pl_source *s, pl_time_us now)
{
    if (s->muted) {
        withdraw(s);
        if (s->peer->room->speaker == s)
            speaker_is(s->peer->room, NULL, now);
        s->loudness = 0;
    }
    pl_room_refill(s->peer->room, now);
}

/* Nothing in the room refers to the layer's packets any more. */
static void forget(struct pl_layer *l)
{
    withdraw_layer(l);
    pl_layer_drop_held(l);
    pl_list_each (struct pl_peer, p, &l->source->peer->room->peers, in_room)
        for (size_t i = 0; i < p->n_sinks; i++)
            pl_slot_forget(&p->sinks[i].slot, &l->stream);
}

void pl_room_layer_reset(struct pl_layer *l, pl_time_us now)
{
    forget(l);
    pl_room_refill(l->source->peer->room, now);
}

void pl_room_source_gone(struct pl_source *s)
{
    for (unsigned i = 0; i < s->n_layers; i++) {
        forget(&s->layers[i]);
        pl_list_remove(&s->layers[i].urgent);
    }
    if (s->peer->room->speaker == s)
        speaker_is(s->peer->room, NULL, 0);
    pl_list_remove(&s->in_room);
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

static bool speaking(const struct pl_source *s, pl_time_us now)
{
    return live(s) && s->last_spoken && now - s->last_spoken < SPEAKING_US;
}

void pl_room_heard(struct pl_source *s, unsigned level, pl_time_us now)
{
    bool spoke = speaking(s, now);
    unsigned loud = (127 - (level & 127)) * 16;
    s->loudness = (uint16_t)((s->loudness * 7u + loud) / 8);
    if (level > SPEECH_LEVEL)
        return;
    s->last_spoken = now;
    if (!spoke && !s->muted)
        pl_room_refill(s->peer->room, now);
}

/* The rate of the last tick, and an eighth of it goes into the mean. */
static void measure(struct pl_layer *l)
{
    uint32_t bps = (uint32_t)((uint64_t)l->bytes * 8 * PL_SECOND / PL_TICK_US);
    l->bitrate_bps = l->bitrate_bps ? l->bitrate_bps - l->bitrate_bps / 8 + bps / 8 : bps;
    l->bytes = 0;
}

/* Nobody asks a layer for a key frame that the publisher does not send: the others would all get
 * one. */
static void stopped(struct pl_layer *l)
{
    l->flowing_since = 0;
    l->stream.key_wanted = false;
}

/* Notes which layers stopped or settled; whether that, or their size, may change what is sent to
 * whom. */
static bool review_layer(struct pl_layer *l, pl_time_us now)
{
    bool was = l->settled, resized = l->resized;
    if (l->flowing_since && now - l->stream.newest_at > PL_FLOWING_US)
        stopped(l);
    l->settled = l->flowing_since && now - l->flowing_since >= PL_SETTLED_US;
    l->resized = false;
    return l->settled != was || resized;
}

static void review_layers(struct pl_room *r, pl_time_us now)
{
    bool changed = false;
    pl_list_each (struct pl_source, s, &r->sources, in_room)
        for (unsigned i = 0; i < s->n_layers; i++) {
            measure(&s->layers[i]);
            changed |= s->n_layers > 1 && review_layer(&s->layers[i], now);
        }
    if (changed)
        pl_room_refill(r, now);
}

void pl_room_tick(struct pl_room *r, pl_time_us now)
{
    struct pl_source *best = NULL, *old = r->speaker;
    review_layers(r, now);
    pl_list_each (struct pl_source, s, &r->sources, in_room)
        if (s->section->media == PL_AUDIO && speaking(s, now) &&
            (!best || s->loudness > best->loudness))
            best = s;
    if (old && speaking(old, now) && best != old &&
        (now - r->speaker_since < SPEAKER_HOLD_US || best->loudness < old->loudness + LOUDER_BY))
        return;
    speaker_is(r, best, now);
}
