/* What a client gets: which sources, which layer of each within its estimate, and which of them are
 * to be in step. */
#include "sfu/peer.h"

#include <assert.h>
#include <string.h>

/* What a voice, and a layer, are taken to cost until they are measured. */
#define VOICE_BPS 40000u
#define BPS_PER_PIXEL 2u
#define MEASURED_TICKS 5        /* half a second */
#define KEY_LEAVES_US PL_SECOND /* the key frame that a layer begins with has so long to leave */
/* A camera's picture moves at 15 frames a second; measured it is a little less now and then. */
#define LIVELY_FRAMES_MILLI 14000

/* --- Which sources --- */

bool pl_peer_fits(const struct pl_peer *p, const struct pl_source *s)
{
    bool video = s->section->media == PL_VIDEO;
    size_t end = video ? p->n_sinks : p->n_audio_sinks;
    for (size_t i = video ? p->n_audio_sinks : 0; i < end; i++)
        if (pl_section_takes(p->sinks[i].slot.section, s->section))
            return true;
    return false;
}

static bool may_have(const struct pl_peer *p, const struct pl_source *s, bool coming)
{
    return !p->deaf && !s->muted && (s->started || coming) && s->peer->room == p->room &&
           pl_source_meant_for(s, p) && pl_peer_fits(p, s);
}

static size_t all_pictures(const struct pl_peer *p, bool coming, struct pl_source **out, size_t max)
{
    size_t n = 0;
    pl_list_each (struct pl_source, s, &p->room->sources, in_room)
        if (n < max && s->section->media == PL_VIDEO && may_have(p, s, false))
            out[n++] = s;
    if (!coming)
        return n;
    pl_list_each (struct pl_source, s, &p->room->coming, in_room)
        if (n < max && s->section->media == PL_VIDEO && may_have(p, s, true))
            out[n++] = s;
    return n;
}

size_t pl_choose_pictures(const struct pl_peer *p, bool coming, struct pl_source **out, size_t max)
{
    size_t n = 0;
    if (p->wants_all)
        return all_pictures(p, coming, out, max);
    for (size_t i = 0; i < p->n_wanted && n < max; i++) {
        pl_source_id id = p->wanted[i].source;
        struct pl_source *s = pl_map_get(&p->engine->sources, &id, sizeof id);
        if (s && s->section->media == PL_VIDEO && may_have(p, s, coming))
            out[n++] = s;
    }
    return n;
}

/* All if there are slots enough, else the first in the room's order. */
static size_t choose_voices(const struct pl_peer *p, pl_time_us now, struct pl_source **out,
                            size_t max)
{
    size_t n = 0;
    pl_voices_order(p->room, now);
    for (size_t i = 0; i < p->room->n_voices && n < max; i++)
        if (may_have(p, p->room->voices[i], false))
            out[n++] = p->room->voices[i];
    return n;
}

struct pl_wanted pl_choose_size(const struct pl_peer *p, const struct pl_source *s)
{
    for (size_t i = 0; !p->wants_all && i < p->n_wanted; i++)
        if (p->wanted[i].source == s->id)
            return p->wanted[i];
    return (struct pl_wanted){.source = s->id};
}

/* --- Which layer, where nothing limits --- */

/* Four fifths of what is shown look the same. */
bool pl_layer_fills(const struct pl_layer *l, uint16_t height)
{
    return height && l->height * 5u >= height * 4u;
}

/* Of two layers that flow: the smaller one if it fills the height, else the larger one. */
static bool better(const struct pl_layer *a, const struct pl_layer *b, uint16_t height)
{
    if (pl_layer_fills(a, height) && pl_layer_fills(b, height))
        return a->height < b->height;
    return a->height > b->height;
}

/* The layer of a source for a sink that shows it at this height. One that has just come back after
 * it failed is left to settle while another one flows, so that a layer that a publisher's link
 * cannot keep up does not take the picture with it time and again. */
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

/* --- Which layer, within an estimate --- */

/* One that is to be had, and where in its list it stands. */
struct wish {
    struct pl_source *source;
    enum pl_demand_class class;
    uint16_t width, height;
    struct pl_choice_item *out;
    struct pl_layer *layers[PL_LAYERS_MAX];
    size_t n_layers;
    struct pl_demand_layer costs[PL_LAYERS_MAX * PL_TIDS]; /* of each, up to each temporal id */
};
static_assert(PL_LAYERS_MAX * PL_TIDS <= PL_DEMAND_LAYERS_MAX, "all are looked at");

static enum pl_demand_class demand_class(const struct pl_source *s)
{
    static const enum pl_demand_class sound[PL_CLASSES] = {
        [PL_CLASS_PLAIN] = PL_DEMAND_AUDIO,
        [PL_CLASS_PRESIDES] = PL_DEMAND_FLOOR_AUDIO,
        [PL_CLASS_FLOOR] = PL_DEMAND_FLOOR_AUDIO,
        [PL_CLASS_INTERPRETATION] = PL_DEMAND_INTERPRETATION,
        [PL_CLASS_SCREEN] = PL_DEMAND_AUDIO,
    };
    static const enum pl_demand_class picture[PL_CLASSES] = {
        [PL_CLASS_PLAIN] = PL_DEMAND_TILE,        [PL_CLASS_PRESIDES] = PL_DEMAND_TILE,
        [PL_CLASS_FLOOR] = PL_DEMAND_FLOOR_VIDEO, [PL_CLASS_INTERPRETATION] = PL_DEMAND_TILE,
        [PL_CLASS_SCREEN] = PL_DEMAND_SCREEN,
    };
    return (s->section->media == PL_AUDIO ? sound : picture)[s->class];
}

static bool is_measured(const struct pl_layer *l)
{
    return l->measured_ticks >= MEASURED_TICKS;
}

static uint32_t cost(const struct pl_layer *l)
{
    uint32_t bps = l->rates[PL_TID_ALL].bps;
    if (l->source->section->media == PL_AUDIO)
        return bps > VOICE_BPS ? bps : VOICE_BPS;
    if (is_measured(l) || !l->height)
        return bps + 1;
    return (uint32_t)l->width * l->height * BPS_PER_PIXEL;
}

/* By size: what they cost varies from one moment to the next, and the memory of the allocation is
 * by place. */
static bool larger(const struct pl_layer *a, const struct pl_layer *b)
{
    return (uint32_t)a->width * a->height > (uint32_t)b->width * b->height;
}

/* What a layer costs up to a lower temporal id; 0: that is not to be had. The least layer may be
 * thinned as far as it goes. A larger one may if it still moves, being better then than a smaller
 * one with all frames; a screen's in any case, where size is before frame rate. */
static uint32_t cost_thinned(const struct pl_layer *l, unsigned tid, bool least)
{
    const struct pl_rate *some = &l->rates[tid], *all = &l->rates[PL_TID_ALL];
    bool fewer = is_measured(l) && some->frames_milli < all->frames_milli / 8 * 7;
    bool moves = some->frames_milli >= LIVELY_FRAMES_MILLI;
    bool good = least || moves || l->source->class == PL_CLASS_SCREEN;
    return fewer && good ? some->bps : 0;
}

static bool comes(const struct pl_layer *l)
{
    return l->flowing_since && (l->settled || l->source->n_layers == 1);
}

/* The layers of a source in ascending order, and each by its frame rates. */
static void price(struct wish *w)
{
    struct pl_source *s = w->source;
    bool least = true;
    for (unsigned i = 0; i < s->n_layers; i++) {
        struct pl_layer *l = &s->layers[i];
        size_t at = w->n_layers++;
        for (; at > 0 && larger(w->layers[at - 1], l); at--)
            w->layers[at] = w->layers[at - 1];
        w->layers[at] = l;
    }
    for (size_t i = 0; i < w->n_layers; i++) {
        const struct pl_layer *l = w->layers[i];
        for (unsigned tid = 0; tid < PL_TIDS; tid++)
            w->costs[i * PL_TIDS + tid] =
                (struct pl_demand_layer){.bps = !comes(l)           ? 0
                                                : tid == PL_TID_ALL ? cost(l)
                                                                    : cost_thinned(l, tid, least),
                                         .width = l->width,
                                         .height = l->height,
                                         .thinned = tid < PL_TID_ALL};
        least &= !comes(l);
    }
}

static struct pl_choice_item priced(const struct wish *w, size_t at)
{
    return (struct pl_choice_item){w->layers[at / PL_TIDS], (unsigned)(at % PL_TIDS)};
}

static uint32_t area(const struct wish *w)
{
    return w->height ? (uint32_t)w->width * w->height : UINT32_MAX;
}

/* Behind those of its class that are as large, or of a class before. */
static void insert(struct wish **order, size_t n, struct wish *w)
{
    for (; n > 0; n--) {
        const struct wish *o = order[n - 1];
        if (o->class < w->class || (o->class == w->class && area(o) >= area(w)))
            break;
        order[n] = order[n - 1];
    }
    order[n] = w;
}

/* The memory of the wanted sources, in their order; that of others ends. */
static void keep_shares(struct pl_sender *sender, struct wish *const *order, size_t n)
{
    struct pl_share kept[PL_SECTIONS_MAX];
    for (size_t i = 0; i < n; i++) {
        kept[i] = (struct pl_share){.source = order[i]->source->id};
        for (size_t k = 0; k < sender->n_shares; k++)
            if (sender->shares[k].source == kept[i].source)
                kept[i] = sender->shares[k];
    }
    memcpy(sender->shares, kept, n * sizeof kept[0]);
    sender->n_shares = n;
}

/* What waits, but for a key frame: one of half a second does not tell that its layer is too much.
 * To take it back would be to begin again with another. */
static pl_time_us queue_of(const struct pl_peer *p, pl_time_us now)
{
    return p->keyed_at && now - p->keyed_at < KEY_LEAVES_US ? 0 : pl_pacer_delay(&p->pacer);
}

/* Shares what the client's path carries (allocate.h). What finds no room becomes NULL. */
static void share(struct pl_peer *p, struct wish *wishes, size_t n, uint64_t bps, pl_time_us now)
{
    struct pl_sender *sender = p->sender;
    struct wish *order[PL_SECTIONS_MAX];
    struct pl_demand demands[PL_SECTIONS_MAX];
    assert(n <= p->n_sinks); /* the room for shares */
    for (size_t i = 0; i < n; i++)
        insert(order, i, &wishes[i]);
    keep_shares(sender, order, n);
    for (size_t i = 0; i < n; i++) {
        struct wish *w = order[i];
        price(w);
        demands[i] = (struct pl_demand){.kind = w->class,
                                        .width = w->width,
                                        .height = w->height,
                                        .layers = w->costs,
                                        .n_layers = w->n_layers * PL_TIDS,
                                        .state = &sender->shares[i].state};
    }
    bps = pl_allocate_queued(bps, sender->used_bps, queue_of(p, now));
    struct pl_allocation a = pl_allocate(demands, n, bps, now);
    sender->wanted_bps = a.wanted_bps;
    sender->used_bps = a.used_bps;
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        int layer = sender->shares[i].state.layer;
        *order[i]->out = layer == PL_PAUSED ? (struct pl_choice_item){.layer = NULL}
                                            : priced(order[i], (size_t)layer);
        any |= layer != PL_PAUSED;
    }
    /* Something must flow for the path to be measured: the first, whatever it costs. */
    for (size_t i = 0; n > 0 && !any && i < order[0]->n_layers * PL_TIDS; i++)
        if (order[0]->costs[i].bps) {
            *order[0]->out = priced(order[0], i);
            any = true;
        }
}

/* --- All of it --- */

static void wish_for(struct wish *w, const struct pl_peer *p, struct pl_source *s,
                     struct pl_choice_item *out)
{
    struct pl_wanted size = pl_choose_size(p, s);
    *w = (struct wish){.source = s,
                       .class = demand_class(s),
                       .width = size.width,
                       .height = size.height,
                       .out = out};
}

static void drop_paused(struct pl_choice *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].layer)
            c->items[n++] = c->items[i];
    c->n = n;
}

/* The source of this owner in a choice; of a screen, or of its person. */
static const struct pl_source *of_owner(const struct pl_choice *c, uint64_t owner, bool screen)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct pl_source *s = c->items[i].layer->source;
        if (s->peer->owner == owner && (s->class == PL_CLASS_SCREEN) == screen)
            return s;
    }
    return NULL;
}

/* Who is on the stage: who has the floor; else whoever was; else the first who is heard too. */
static const struct pl_source *stage_picture(const struct pl_peer *p, const struct pl_choice *sound,
                                             const struct pl_choice *pictures)
{
    const struct pl_layer *now = p->sinks[p->n_audio_sinks + PL_PAIR_STAGE].target;
    const struct pl_source *best = NULL;
    unsigned best_rank = 0;
    for (size_t i = 0; i < pictures->n; i++) {
        const struct pl_source *s = pictures->items[i].layer->source;
        bool is_there = now && now->source == s;
        unsigned rank = s->class == PL_CLASS_FLOOR                    ? 4 + is_there
                        : s->class == PL_CLASS_SCREEN                 ? 0
                        : is_there                                    ? 3
                        : of_owner(sound, s->peer->owner, false) != 0 ? 2
                                                                      : 1;
        if (rank > best_rank) {
            best = s;
            best_rank = rank;
        }
    }
    return best;
}

static const struct pl_source *screen_picture(const struct pl_choice *pictures)
{
    for (size_t i = 0; i < pictures->n; i++)
        if (pictures->items[i].layer->source->class == PL_CLASS_SCREEN)
            return pictures->items[i].layer->source;
    return NULL;
}

static const struct pl_source *if_taken(const struct pl_sink *k, const struct pl_source *s)
{
    return s && pl_section_takes(k->slot.section, s->section) ? s : NULL;
}

/* Puts a picture into the slot of a pair, and the sound of the same owner. */
static void pair(const struct pl_peer *p, struct pl_choice *sound, struct pl_choice *pictures,
                 unsigned which, const struct pl_source *picture)
{
    const struct pl_source *own =
        picture ? of_owner(sound, picture->peer->owner, which == PL_PAIR_SCREEN) : NULL;
    pictures->paired[which] = if_taken(&p->sinks[p->n_audio_sinks + which], picture);
    sound->paired[which] = if_taken(&p->sinks[which], own);
}

void pl_choose(struct pl_peer *p, pl_time_us now, struct pl_choice *sound,
               struct pl_choice *pictures)
{
    struct pl_source *voices[PL_SECTIONS_MAX], *seen[PL_SECTIONS_MAX];
    struct wish wishes[PL_SECTIONS_MAX];
    size_t n_audio = p->n_audio_sinks, n_video = p->n_sinks - p->n_audio_sinks, n = 0;
    uint64_t target = pl_peer_share_bps(p, now);
    *sound = (struct pl_choice){.n = choose_voices(p, now, voices, n_audio)};
    *pictures = (struct pl_choice){.n = pl_choose_pictures(p, false, seen, n_video)};
    for (size_t i = 0; i < sound->n; i++)
        sound->items[i] = (struct pl_choice_item){&voices[i]->layers[0], PL_TID_ALL};
    for (size_t i = 0; i < pictures->n; i++)
        pictures->items[i] = (struct pl_choice_item){
            choose_layer(seen[i], pl_choose_size(p, seen[i]).height), PL_TID_ALL};
    if (target != PL_ESTIMATE_UNLIMITED) {
        for (size_t i = 0; i < sound->n; i++)
            wish_for(&wishes[n++], p, voices[i], &sound->items[i]);
        for (size_t i = 0; i < pictures->n; i++)
            wish_for(&wishes[n++], p, seen[i], &pictures->items[i]);
        share(p, wishes, n, target, now);
        drop_paused(sound);
        drop_paused(pictures);
    }
    size_t both = n_audio < n_video ? n_audio : n_video;
    sound->n_pairs = pictures->n_pairs = both < PL_PAIRS ? both : PL_PAIRS;
    if (both > PL_PAIR_STAGE)
        pair(p, sound, pictures, PL_PAIR_STAGE, stage_picture(p, sound, pictures));
    if (both > PL_PAIR_SCREEN)
        pair(p, sound, pictures, PL_PAIR_SCREEN, screen_picture(pictures));
}
