/* Who speaks, by the levels of RFC 6464, and who is heard when there are more voices than slots. */
#include "sfu/peer.h"

/* Levels are -dBov: 0 is the loudest. Speech in a normal room stands at 20 to 45. */
#define SPEECH_LEVEL 50
/* Somebody counts as speaking this long after their last word. */
#define SPEAKING_US (600 * PL_MS)
#define HOLD_US (1 * PL_SECOND) /* who speaks is not replaced sooner, but by silence */
#define LOUDER_BY (6 * 16)      /* 6 dB in 16ths: what it takes to replace one who still speaks */

static bool is_voice(const struct pl_source *s)
{
    return s->section->media == PL_AUDIO && pl_source_live(s);
}

static bool speaking(const struct pl_source *s, pl_time_us now)
{
    return pl_source_live(s) && s->last_spoken && now - s->last_spoken < SPEAKING_US;
}

/* Whether somebody of this engine is there, and not mirrors alone. */
static bool is_attended(const struct pl_room *r)
{
    pl_list_each (const struct pl_peer, p, &r->peers, in_room)
        if (!p->mirror)
            return true;
    return false;
}

/* The engines of a room tell what each hears: one whose last peer has gone has no say, since the
 * mirrors leave it then. */
static void speaker_is(struct pl_room *r, struct pl_source *s, pl_time_us now)
{
    if (r->speaker == s)
        return;
    r->speaker = s;
    r->speaker_since = now;
    if (!is_attended(r))
        return;
    r->engine->io.event(r->engine->io.ctx, &(struct pl_engine_event){.type = PL_SPEAKER_CHANGED,
                                                                     .room = r->id,
                                                                     .source = s ? s->id : 0});
}

static bool is_loud(const struct pl_room *r, const struct pl_source *s)
{
    for (unsigned i = 0; i < PL_LOUDEST; i++)
        if (r->loudest[i].source == s)
            return true;
    return false;
}

static void append(struct pl_room *r, struct pl_source *s)
{
    for (size_t i = 0; i < r->n_voices; i++)
        if (r->voices[i] == s)
            return;
    r->voices[r->n_voices++] = s;
}

/* The first of the class, and channel, to be heard: who spoke last, then who started first. It has
 * its place whatever the others do. */
static void add_first_of(struct pl_room *r, enum pl_source_class class, unsigned channel)
{
    struct pl_source *best = NULL;
    pl_list_each (struct pl_source, s, &r->sources, in_room)
        if (is_voice(s) && s->class == class && s->channel == channel &&
            (!best || s->last_spoken > best->last_spoken))
            best = s;
    if (best)
        append(r, best);
}

/* Whether the second of the loudest comes before the first: whoever speaks stays where they are. */
static bool swapped(const struct pl_loud *a, const struct pl_loud *b, pl_time_us now)
{
    bool a_speaks = speaking(a->source, now), b_speaks = speaking(b->source, now);
    if (a_speaks != b_speaks)
        return b_speaks;
    return a_speaks ? b->since < a->since : b->source->last_spoken > a->source->last_spoken;
}

static void add_loudest(struct pl_room *r, pl_time_us now)
{
    const struct pl_loud *order[PL_LOUDEST];
    unsigned n = 0;
    for (unsigned i = 0; i < PL_LOUDEST; i++) {
        if (!r->loudest[i].source)
            continue;
        unsigned at = n++;
        for (; at > 0 && swapped(order[at - 1], &r->loudest[i], now); at--)
            order[at] = order[at - 1];
        order[at] = &r->loudest[i];
    }
    for (unsigned i = 0; i < n; i++)
        append(r, order[i]->source);
}

/* All others behind the first `fixed`, who spoke last before who spoke earlier. */
static void add_others(struct pl_room *r, size_t fixed)
{
    pl_list_each (struct pl_source, s, &r->sources, in_room) {
        bool placed = !is_voice(s);
        for (size_t i = 0; i < fixed && !placed; i++)
            placed = r->voices[i] == s;
        if (placed)
            continue;
        size_t at = r->n_voices < PL_SECTIONS_MAX ? r->n_voices++ : PL_SECTIONS_MAX;
        for (; at > fixed && s->last_spoken > r->voices[at - 1]->last_spoken; at--)
            if (at < PL_SECTIONS_MAX)
                r->voices[at] = r->voices[at - 1];
        if (at < PL_SECTIONS_MAX)
            r->voices[at] = s;
    }
}

void pl_voices_order(struct pl_room *r, pl_time_us now)
{
    if (!r->voices_stale)
        return;
    r->voices_stale = false;
    r->n_voices = 0;
    add_first_of(r, PL_CLASS_FLOOR, 0);
    for (unsigned channel = 1; channel <= PL_CHANNELS_MAX; channel++)
        add_first_of(r, PL_CLASS_INTERPRETATION, channel);
    add_loudest(r, now);
    add_first_of(r, PL_CLASS_PRESIDES, 0);
    add_first_of(r, PL_CLASS_SCREEN, 0);
    add_others(r, r->n_voices);
}

/* Whether the first of the loudest is to go before the second: an empty place, then who is silent
 * longest, then who is quietest. */
static bool sooner(const struct pl_loud *a, const struct pl_loud *b, pl_time_us now)
{
    if (!a->source || !b->source)
        return !a->source && b->source;
    bool a_speaks = speaking(a->source, now), b_speaks = speaking(b->source, now);
    if (a_speaks != b_speaks)
        return !a_speaks;
    return a_speaks ? a->source->loudness < b->source->loudness
                    : a->source->last_spoken < b->source->last_spoken;
}

/* Gives `s`, who speaks, a place among the loudest, if one is to be had. */
static bool rise(struct pl_room *r, struct pl_source *s, pl_time_us now)
{
    struct pl_loud *place = &r->loudest[0];
    if (is_loud(r, s) || pl_source_apart(s))
        return false;
    for (unsigned i = 1; i < PL_LOUDEST; i++)
        if (sooner(&r->loudest[i], place, now))
            place = &r->loudest[i];
    const struct pl_source *old = place->source;
    if (old && speaking(old, now) &&
        (now - place->since < HOLD_US || s->loudness < old->loudness + LOUDER_BY))
        return false;
    *place = (struct pl_loud){s, now};
    r->voices_stale = true;
    return true;
}

void pl_voice_heard(struct pl_source *s, unsigned level, pl_time_us now)
{
    struct pl_room *r = s->peer->room;
    bool spoke = speaking(s, now);
    unsigned loud = (127 - (level & 127)) * 16;
    s->loudness = (uint16_t)((s->loudness * 7u + loud) / 8);
    if (level > SPEECH_LEVEL)
        return;
    s->last_spoken = now;
    if (spoke || s->muted)
        return;
    rise(r, s, now);
    r->voices_stale = true;
    pl_room_refill(r, now);
}

void pl_voice_silenced(struct pl_source *s, pl_time_us now)
{
    struct pl_room *r = s->peer->room;
    r->voices_stale = true;
    s->loudness = 0;
    for (unsigned i = 0; i < PL_LOUDEST; i++)
        if (r->loudest[i].source == s)
            r->loudest[i] = (struct pl_loud){0};
    if (r->speaker == s)
        speaker_is(r, NULL, now);
}

void pl_voices_tick(struct pl_room *r, pl_time_us now)
{
    struct pl_source *best = NULL, *old = r->speaker;
    bool changed = false;
    pl_list_each (struct pl_source, s, &r->sources, in_room) {
        if (s->section->media != PL_AUDIO || !speaking(s, now))
            continue;
        changed |= rise(r, s, now);
        if (!pl_source_apart(s) && (!best || s->loudness > best->loudness))
            best = s;
    }
    if (changed)
        pl_room_refill(r, now);
    if (old && best && speaking(old, now) && best != old &&
        (now - r->speaker_since < HOLD_US || best->loudness < old->loudness + LOUDER_BY))
        return;
    speaker_is(r, best, now);
}
