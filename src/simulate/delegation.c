/* The life of a delegation: it waits for its turn, dials, says hello, comes into the room, sends
 * what is wanted, leaves and comes back. */
#include "simulate/parts.h"

#include "io/entropy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PING_EVERY (3 * PL_SECOND) /* as the protocol has it */
#define LOOK_AGAIN (500 * PL_MS)   /* whether there is a seat */
#define DIAL_AGAIN (2 * PL_SECOND) /* after a connection that broke off */

/* What it sends */

static double level_of(const struct delegation *d)
{
    const struct pl_voice *v = d->simulation->voices[d->number % PL_VOICES];
    if (!d->speaks || !v)
        return 0;
    double level = 1 - pl_voice_packet(v, d->said)->level / 45.0;
    return level > 0 ? level : 0;
}

static bool next_frame(void *ctx, bool key, struct pl_call_frame *f)
{
    struct delegation *d = ctx;
    struct pl_picture_frame frame;
    struct counts *counts = &d->simulation->counts;
    if (!d->picture ||
        pl_picture_frame(d->picture, f->layer, key, pl_wall_now_us(), level_of(d), &frame))
        return false;
    size_t room = PL_CALL_PAYLOAD_MAX - f->overhead - PL_CALL_DESCRIPTOR_SIZE - 100;
    f->key = frame.key;
    f->bytes = frame.bytes;
    f->n = frame.n;
    f->packets = (unsigned)((frame.n + room - 1) / room);
    counts->frames++;
    counts->key_frames += frame.key;
    counts->frame_bytes += frame.n;
    return f->packets > 0 && f->packets <= PL_CALL_PACKETS_MAX;
}

static size_t next_packet(void *ctx, const struct pl_call_frame *f, unsigned i, uint8_t *out,
                          size_t cap)
{
    size_t from = pl_call_split(f->n, f->packets, i);
    size_t n = pl_call_split(f->n, f->packets, i + 1) - from;
    (void)ctx;
    if (n > cap)
        return 0;
    memcpy(out, f->bytes + from, n);
    return n;
}

static size_t next_sound(void *ctx, uint8_t *out, size_t cap, uint8_t *level)
{
    struct delegation *d = ctx;
    const struct pl_voice *v = d->simulation->voices[d->number % PL_VOICES];
    if (!v)
        return 0;
    const struct pl_voice_packet *p = pl_voice_packet(v, d->said++);
    if (p->n > cap)
        return 0;
    memcpy(out, p->bytes, p->n);
    *level = p->level;
    return p->n;
}

static void call(struct delegation *d)
{
    const struct pl_simulation *s = d->simulation;
    const struct pl_call_place place = {.way = PL_CALL_OFFER};
    struct pl_call_publisher sends = {
        .audio = true,
        .paused = true,
        .n_layers = s->config.pictures ? PL_PICTURE_LAYERS : 0,
        .content = {d, next_frame, next_packet, next_sound},
    };
    const struct pl_call_receiver hears = {.audio = s->config.hears};
    for (unsigned i = 0; i < PL_PICTURE_LAYERS; i++)
        sends.layers[i] = (struct pl_call_layer){pl_picture_sizes[i].rid, PL_PICTURE_FPS};
    if (pl_call_join(s->calls, &place, &sends, &hears, &d->call) == PL_OK)
        say_offer(d);
}

void delegation_want(struct delegation *d)
{
    if (!d->call)
        return;
    for (unsigned i = d->layers; d->picture && i < PL_PICTURE_LAYERS; i++)
        pl_picture_rest(d->picture, i);
    pl_call_want(d->call, d->layers, d->sound_wanted && d->speaks);
}

static void speak(struct delegation *d, bool yes)
{
    struct pl_voice **v = &d->simulation->voices[d->number % PL_VOICES];
    d->speaks = yes;
    if (yes && !*v && pl_voice_new(d->number, v))
        *v = NULL;
    say_media(d);
    delegation_want(d);
}

/* Time */

static void wake_at(struct delegation *d, pl_time_us at)
{
    pl_timer_move(d->simulation->loop, &d->timer, at);
}

static void plan(struct delegation *d)
{
    pl_time_us at = d->over ? 0 : d->wake;
    if (d->in_room && !d->over) {
        at = pl_time_min(at, pl_behaviour_due(&d->behaviour));
        if (d->speaks)
            at = pl_time_min(at, d->behaviour.speaks_until);
    }
    wake_at(d, d->phase == PHASE_GONE && !d->over ? PL_NEVER : at);
}

static void hang_up(struct delegation *d)
{
    if (d->call)
        pl_call_end(d->call);
    d->call = NULL;
    for (unsigned i = 0; d->picture && i < PL_PICTURE_LAYERS; i++)
        pl_picture_rest(d->picture, i);
    if (d->dial)
        d->over = d->dial;
    d->dial = NULL;
    d->in_room = d->was_up = d->speaks = d->refused = d->sound_wanted = false;
    d->layers = 0;
    while (d->n_asked > 0)
        d->simulation->counts.unanswered +=
            d->asked[(d->asked_first + --d->n_asked) % PL_ASKED_MAX];
}

/* It is nowhere from now on, and comes again at this time; 0: never. */
static void part(struct delegation *d, pl_time_us back)
{
    hang_up(d);
    if (d->phase == PHASE_HERE) {
        d->table->here--;
        d->table->coming++;
    }
    d->phase = PHASE_WAITING;
    d->wake = back;
    if (back == 0) {
        d->phase = PHASE_GONE;
        d->table->coming -= d->counted;
        d->counted = false;
    }
    plan(d);
}

void delegation_turned_away(struct delegation *d, const char *why)
{
    struct pl_simulation *s = d->simulation;
    if (*why) {
        s->counts.refused_entry++;
        if (!s->trouble[0])
            snprintf(s->trouble, sizeof s->trouble, "%s", why);
    } else {
        say_leave(d);
    }
    part(d, 0);
}

void delegation_leave(struct delegation *d, pl_time_us back)
{
    if (d->phase == PHASE_HERE || d->phase == PHASE_GREETED)
        say_leave(d);
    d->simulation->counts.left += d->phase == PHASE_HERE;
    if (d->phase != PHASE_GONE)
        part(d, back);
}

void delegation_send(struct delegation *d, const struct pl_buf *message)
{
    if (d->dial && !message->failed)
        pl_dial_send(d->dial, message->data, message->len);
}

void delegation_enter(struct delegation *d)
{
    d->in_room = true;
    pl_behaviour_enter(&d->behaviour, d->floor_is_open, pl_loop_now(d->simulation->loop));
    call(d);
    say_media(d);
}

/* Connections */

static void on_open(void *ctx)
{
    struct delegation *d = ctx;
    struct pl_random random = pl_entropy();
    uint8_t bytes[16];
    random.fill(random.ctx, bytes, sizeof bytes);
    pl_hex(bytes, sizeof bytes, d->page);
    d->phase = PHASE_GREETED;
    d->wake = pl_loop_now(d->simulation->loop) + PING_EVERY;
    say_hello(d);
    plan(d);
}

static void on_text(void *ctx, struct pl_str message)
{
    struct delegation *d = ctx;
    if (d->over)
        return;
    delegation_hear(d, message);
    d->failures = 0;
    plan(d);
}

static void on_closed(void *ctx, const char *why)
{
    struct delegation *d = ctx;
    struct pl_simulation *s = d->simulation;
    if (d->over) {
        plan(d);
        return;
    }
    s->counts.lost_connections++;
    if (++d->failures == PL_FAILURES_MAX)
        delegation_turned_away(d, why);
    else
        part(d, pl_loop_now(s->loop) + DIAL_AGAIN);
}

static const struct pl_dial_handler handler = {on_open, on_text, on_closed};

/* Its turn, if there is a seat for it. */
static void come(struct delegation *d, pl_time_us now)
{
    struct table *t = d->table;
    size_t seats = d->simulation->config.seats;
    if (!d->counted && t->here >= seats) {
        part(d, 0);
        return;
    }
    d->wake = now + LOOK_AGAIN;
    if (!d->counted && t->here + t->coming >= seats)
        return;
    t->coming += !d->counted;
    d->counted = true;
    d->dialled = now;
    if (pl_dial(d->server->place, d->simulation->loop, "/ws", &handler, d, &d->dial)) {
        part(d, now + DIAL_AGAIN);
        return;
    }
    d->phase = PHASE_DIALLING;
    d->wake = PL_NEVER;
}

void delegation_look(struct delegation *d)
{
    struct counts *counts = &d->simulation->counts;
    if (!d->call)
        return;
    if (pl_call_state(d->call) == PL_CALL_UP && !d->was_up) {
        uint64_t us = (uint64_t)(pl_loop_now(d->simulation->loop) - d->dialled);
        d->was_up = true;
        counts->media_up++;
        counts->join_us += us;
        if (us > counts->join_us_max)
            counts->join_us_max = us;
        delegation_want(d);
    } else if (pl_call_state(d->call) == PL_CALL_FAILED) {
        counts->media_failed++;
        d->was_up = false;
        call(d); /* as a page does, on the same WebSocket */
    }
}

static void do_deeds(struct delegation *d, pl_time_us now)
{
    struct pl_deed deed;
    while (d->in_room && pl_behaviour_next(&d->behaviour, now, &deed)) {
        if (deed.kind == PL_DEED_LEAVE)
            delegation_leave(d, now + deed.away);
        else
            say_deed(d, &deed);
    }
    if (d->in_room && pl_behaviour_speaks(&d->behaviour, now) != d->speaks)
        speak(d, !d->speaks);
}

static void on_timer(struct pl_timer *t)
{
    struct delegation *d = pl_container_of(t, struct delegation, timer);
    pl_time_us now = pl_loop_now(d->simulation->loop);
    pl_timer_move(d->simulation->loop, t, PL_NEVER);
    pl_dial_free(d->over);
    d->over = NULL;
    if (d->phase == PHASE_WAITING && d->wake <= now) {
        come(d, now);
    } else if (d->phase == PHASE_GREETED || d->phase == PHASE_HERE) {
        if (d->wake <= now) {
            say_ping(d);
            d->wake = now + PING_EVERY;
        }
        do_deeds(d, now);
    }
    plan(d);
}

void delegation_begin(struct delegation *d, pl_time_us at)
{
    struct pl_simulation *s = d->simulation;
    d->timer.fire = on_timer;
    d->wake = at;
    pl_behaviour_begin(&d->behaviour, &s->config.habits, s->config.seed + d->number, at);
}

void delegation_free(struct delegation *d)
{
    pl_timer_clear(d->simulation->loop, &d->timer);
    pl_dial_free(d->over);
    pl_dial_free(d->dial);
    pl_picture_free(d->picture);
    free(d);
}
