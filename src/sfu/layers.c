/* The layers of a room's sources: which flow, at what rate, how large; and which anybody wants, for
 * their publishers to know. */
#include "sfu/peer.h"

/* Ticks without a packet that count against a rate once there is one again. */
#define IDLE_TICKS_MAX 20
#define FRAMES_TICKS 32
/* A key frame's bytes go into the rate bit by bit: whoever turns to a layer begins with one, and
 * what follows does not cost as much. */
#define KEY_TICKS 32

static bool layered(const struct pl_layer *l)
{
    return l->source->n_layers > 1;
}

/* What of a packet goes into the rate at once. */
static uint32_t count_key(struct pl_layer *l, const struct pl_media_packet *packet, uint32_t bytes)
{
    if (packet->descriptor.key_start)
        l->key_timestamp = packet->timestamp;
    else if (l->keys == 0 || packet->timestamp != l->key_timestamp)
        return bytes;
    uint32_t now = bytes / KEY_TICKS;
    l->key_bytes += bytes - now;
    return now;
}

/* One that stopped because nobody wanted it, or that was never there, is turned to with its first
 * key frame. */
void pl_layer_packet(struct pl_layer *l, const struct pl_media_packet *packet, pl_time_us now)
{
    uint32_t bytes = count_key(l, packet, (uint32_t)(packet->payload_len + PL_PACKET_OVERHEAD));
    for (unsigned tid = 0; tid < PL_TIDS; tid++)
        if (tid == PL_TID_ALL || packet->descriptor.temporal_id <= tid) {
            l->rates[tid].bytes += bytes;
            l->rates[tid].frames += packet->marker;
        }
    if (!l->flowing_since)
        l->flowing_since = now;
    const struct pl_descriptor *d = &packet->descriptor;
    if (!d->key_start)
        return;
    l->keys++;
    if (d->height) {
        l->resized |= l->height != d->height;
        l->width = d->width;
        l->height = d->height;
    }
    if (!layered(l) || l->settled || l->doubtful)
        return;
    l->settled = true;
    l->stream.key_asked_at = now; /* whoever turns to it now has this one */
    if (l->source->started)
        pl_room_refill(l->source->peer->room, now);
    if (pl_ring_get(&l->stream.ring, packet->seq))
        l->stream.key_wanted = false;
}

/* `took`: what a tick lasted. A busy thread's are late, and what came in them is more, but no
 * faster: layers that seem dearer than they are would be paused on lines that carry them.
 * Of each tick an eighth goes into the mean of the bytes. Frames are few in a tick: at first all
 * ticks count alike, later a new one for a 32nd. */
static void smooth(struct pl_rate *r, pl_time_us took, unsigned idle_ticks, unsigned measured_ticks)
{
    uint32_t bps = (uint32_t)((int64_t)r->bytes * 8 * PL_SECOND / took);
    int32_t frames_milli = (int32_t)((int64_t)r->frames * 1000 * PL_SECOND / took);
    int32_t share = measured_ticks < FRAMES_TICKS ? (int32_t)measured_ticks + 1 : FRAMES_TICKS;
    for (; idle_ticks; idle_ticks--)
        r->bps -= r->bps / 8;
    r->bps = r->bps ? r->bps - r->bps / 8 + bps / 8 : bps;
    r->frames_milli += (frames_milli - r->frames_milli) / share;
    r->bytes = r->frames = 0;
}

/* A layer that has stopped keeps its rate: it will cost as much when it comes back. */
static void measure(struct pl_layer *l, pl_time_us took)
{
    if (l->rates[PL_TID_ALL].bytes == 0) {
        l->idle_ticks += l->idle_ticks < IDLE_TICKS_MAX;
        return;
    }
    uint32_t due = (l->key_bytes + KEY_TICKS - 1) / KEY_TICKS;
    l->key_bytes -= due;
    for (unsigned tid = 0; tid < PL_TIDS; tid++) {
        l->rates[tid].bytes += due;
        smooth(&l->rates[tid], took, l->idle_ticks, l->measured_ticks);
    }
    l->idle_ticks = 0;
    l->measured_ticks++;
}

/* Whether its publisher was told that somebody wants it: no smaller one would do. */
static bool wanted(const struct pl_layer *l)
{
    const struct pl_source *s = l->source;
    for (unsigned i = 0; i < s->n_layers; i++)
        if (s->layers[i].height && s->layers[i].height < l->height &&
            pl_layer_fills(&s->layers[i], s->told_height))
            return false;
    return s->told_height != 0;
}

/* Nobody asks a layer for a key frame that the publisher does not send: the others would all get
 * one. */
static void stopped(struct pl_layer *l)
{
    l->flowing_since = 0;
    l->idle_ticks = 0;
    l->settled = false;
    l->doubtful = wanted(l);
    l->stream.key_wanted = false;
}

/* Notes which layers stopped or settled; whether that, or their size, may change what is sent to
 * whom. */
static bool review(struct pl_layer *l, pl_time_us now)
{
    bool was = l->settled, resized = l->resized;
    if (l->flowing_since && now - l->stream.newest_at > PL_FLOWING_US)
        stopped(l);
    if (l->flowing_since && now - l->flowing_since >= PL_SETTLED_US) {
        l->settled = true;
        l->doubtful = false;
    }
    l->resized = false;
    return l->settled != was || resized;
}

/* --- Who wants what --- */

static void want(struct pl_source *s, uint16_t height)
{
    if (height > s->wanted_height)
        s->wanted_height = height;
}

static bool is_listened_to(const struct pl_source *s)
{
    pl_list_each (const struct pl_peer, p, &s->peer->room->peers, in_room)
        if (p->n_audio_sinks > 0 && !p->deaf && pl_source_meant_for(s, p))
            return true;
    return false;
}

/* Sound is wanted of those whom somebody else can hear. Muted or not: the first word must not wait
 * for its publisher. Of an interpretation only if somebody listens to its channel. */
static void want_sound(struct pl_room *r)
{
    const struct pl_peer *listener = NULL;
    bool several = false; /* owners */
    pl_list_each (struct pl_peer, p, &r->peers, in_room) {
        if (p->n_audio_sinks == 0 || p->deaf)
            continue;
        several |= listener && listener->owner != p->owner;
        listener = p;
    }
    pl_list_each (struct pl_peer, p, &r->peers, in_room)
        for (size_t i = 0; i < p->n_sources; i++) {
            struct pl_source *s = &p->sources[i];
            if (s->section->media == PL_AUDIO && listener &&
                (several || listener->owner != p->owner) &&
                (s->class != PL_CLASS_INTERPRETATION || is_listened_to(s)))
                want(s, 1);
        }
}

/* Those that a client has in its slots, and those that would be there if they were sent. */
static void want_pictures(const struct pl_peer *p)
{
    struct pl_source *wanted[PL_SECTIONS_MAX];
    for (int coming = 0; coming < 2; coming++) {
        size_t n = pl_choose_pictures(p, coming, wanted, p->n_sinks - p->n_audio_sinks);
        for (size_t i = 0; i < n; i++) {
            uint16_t height = pl_choose_size(p, wanted[i]).height;
            want(wanted[i], height ? height : PL_HEIGHT_ANY);
        }
    }
}

/* The other engines that a source's room is on. */
static void want_elsewhere(struct pl_source *s)
{
    for (uint64_t left = s->peer->room->relays; left; left &= left - 1)
        want(s, s->wanted_elsewhere[__builtin_ctzll(left)]);
}

static void tell(struct pl_source *s)
{
    const struct pl_engine_io *io = &s->peer->engine->io;
    if (s->peer->mirror && !pl_relay_wanted(s))
        return;
    s->told_height = s->wanted_height;
    s->less_since = 0;
    if (!s->peer->mirror)
        io->event(io->ctx, &(struct pl_engine_event){.type = PL_SOURCE_WANTED,
                                                     .room = s->peer->room->id,
                                                     .peer = s->peer->id,
                                                     .source = s->id,
                                                     .height = s->told_height});
}

/* More is told at once, less when it has lasted. Returns whether something is still to be
 * told. */
static bool compare(struct pl_source *s, pl_time_us now)
{
    if (s->wanted_height > s->told_height)
        tell(s);
    if (s->wanted_height == s->told_height)
        s->less_since = 0;
    else if (!s->less_since)
        s->less_since = now;
    else if (now - s->less_since >= PL_UNWANTED_US)
        tell(s);
    return s->wanted_height != s->told_height;
}

static void review_wants(struct pl_room *r, pl_time_us now)
{
    if (!r->wants_stale)
        return;
    r->wants_stale = false;
    pl_list_each (struct pl_peer, p, &r->peers, in_room)
        for (size_t i = 0; i < p->n_sources; i++)
            p->sources[i].wanted_height = 0;
    want_sound(r);
    pl_list_each (struct pl_peer, p, &r->peers, in_room)
        want_pictures(p);
    pl_list_each (struct pl_peer, p, &r->peers, in_room)
        for (size_t i = 0; i < p->n_sources; i++) {
            want_elsewhere(&p->sources[i]);
            r->wants_stale |= compare(&p->sources[i], now);
        }
}

/* A ring lets go of packets as others come. When none comes, all it has is too old, and the pool
 * is everybody's. */
static void forget_old(struct pl_stream *s, pl_time_us now)
{
    if (s->started && now - s->newest_at > PL_RING_US)
        pl_ring_clear(&s->ring);
}

void pl_layers_tick(struct pl_room *r, pl_time_us now)
{
    bool changed = false;
    pl_list_each (struct pl_source, s, &r->sources, in_room)
        for (unsigned i = 0; i < s->n_layers; i++) {
            measure(&s->layers[i], s->peer->engine->tick_took);
            forget_old(&s->layers[i].stream, now);
            changed |= s->n_layers > 1 && review(&s->layers[i], now);
        }
    if (changed)
        pl_room_refill(r, now);
    review_wants(r, now);
}
