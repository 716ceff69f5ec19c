/* See behaviour.h. */
#include "simulate/behaviour.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WAITING_MAX 5               /* on the list: then nobody asks any more */
#define LIMIT_SPARE (4 * PL_SECOND) /* of the speaking time, not used */
#define ASKS_AGAIN (5 * PL_SECOND)
#define SETTLES (3 * PL_SECOND)      /* what is told meanwhile may be from before the deed */
#define LEAVES_LATER (5 * PL_SECOND) /* who has the floor just then */

static uint32_t draw(struct pl_behaviour *b, uint32_t below)
{
    b->seed = b->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((b->seed >> 33) * below >> 31);
}

static pl_time_us between(struct pl_behaviour *b, pl_time_us least, pl_time_us most)
{
    return least + draw(b, (uint32_t)((most - least) / PL_MS) + 1) * PL_MS;
}

/* As far away as chance without memory has it; 0: never. */
static pl_time_us after(struct pl_behaviour *b, pl_time_us now, pl_time_us mean)
{
    double share = (draw(b, 1000000) + 1) / 1000001.0;
    return mean ? now + (pl_time_us)(-log(share) * (double)mean) : PL_NEVER;
}

/* Always the same for the same texts and seed, 0 … 99: what a delegation thinks of something. */
static unsigned mind(const struct pl_behaviour *b, const char *a, const char *c)
{
    uint64_t h = b->character;
    for (; *a; a++)
        h = (h ^ (uint8_t)*a) * 1099511628211u;
    for (; *c; c++)
        h = (h ^ (uint8_t)*c) * 1099511628211u;
    h ^= h >> 29;
    return (unsigned)((h * 0x9e3779b97f4a7c15u >> 33) % 100);
}

static struct pl_deed *find(struct pl_behaviour *b, enum pl_deed_kind kind, const char *subject,
                            const char *option)
{
    for (size_t i = 0; i < b->n_deeds; i++)
        if (b->deeds[i].kind == kind && strcmp(b->deeds[i].subject, subject) == 0 &&
            strcmp(b->deeds[i].option, option) == 0)
            return &b->deeds[i];
    return NULL;
}

static void drop(struct pl_behaviour *b, struct pl_deed *deed)
{
    if (deed)
        *deed = b->deeds[--b->n_deeds];
}

/* NULL: there are too many. */
static struct pl_deed *plan(struct pl_behaviour *b, enum pl_deed_kind kind, const char *subject,
                            const char *option, pl_time_us due)
{
    if (b->n_deeds == PL_DEEDS_MAX)
        return NULL;
    struct pl_deed *deed = &b->deeds[b->n_deeds++];
    *deed = (struct pl_deed){.kind = kind, .due = due};
    snprintf(deed->subject, sizeof deed->subject, "%s", subject);
    snprintf(deed->option, sizeof deed->option, "%s", option);
    return deed;
}

void pl_behaviour_begin(struct pl_behaviour *b, const struct pl_habits *habits, uint64_t seed,
                        pl_time_us now)
{
    *b = (struct pl_behaviour){.habits = *habits,
                               .seed = seed * 0x9e3779b97f4a7c15u + 1,
                               .character = seed * 0xd1342543de82ef95u + 7};
    b->hand_at = b->leave_at = PL_NEVER;
    pl_behaviour_enter(b, false, now);
}

void pl_behaviour_enter(struct pl_behaviour *b, bool floor_is_open, pl_time_us now)
{
    b->n_deeds = 0;
    b->floor_is_open = floor_is_open;
    b->in_session = b->may_ask = b->has_floor = false;
    b->item[0] = 0;
    b->speaks_until = 0;
    b->hand_at = after(b, now, b->habits.hand);
    b->leave_at = after(b, now, b->habits.away);
}

void pl_behaviour_session(struct pl_behaviour *b, bool open, const char *item, pl_time_us now)
{
    b->in_session = open;
    snprintf(b->item, sizeof b->item, "%s", item);
    for (size_t i = 0; i < b->n_deeds; i++)
        if (b->deeds[i].kind == PL_DEED_TAKE_POSITION && !b->deeds[i].done &&
            b->deeds[i].due == PL_NEVER && strcmp(b->deeds[i].item, b->item) == 0)
            b->deeds[i].due = now + between(b, b->habits.think / 20, b->habits.think);
}

void pl_behaviour_floor(struct pl_behaviour *b, const struct pl_floor_seen *f, pl_time_us now)
{
    b->may_ask = f->list_open && !f->asked && !f->mine && f->waiting < WAITING_MAX;
    if (f->mine && !b->has_floor) {
        pl_time_us speech = between(b, b->habits.speech / 2, b->habits.speech * 3 / 2);
        pl_time_us limit = (pl_time_us)f->seconds * PL_SECOND - LIMIT_SPARE;
        if (f->seconds && limit < speech)
            speech = limit > PL_SECOND ? limit : PL_SECOND;
        b->speaks_until = now + speech;
        (void)plan(b, PL_DEED_END_FLOOR, "", "", now + speech);
    } else if (!f->mine && b->has_floor) {
        b->speaks_until = now;
        drop(b, find(b, PL_DEED_END_FLOOR, "", ""));
    }
    b->has_floor = f->mine;
}

static void choose_position(struct pl_behaviour *b, struct pl_deed *deed, size_t place)
{
    static const char *const conditions[] = {
        "Subject to the parliament's mandate.",
        "The legal basis must be set out first.",
        "We need to see the costs and how they are shared.",
        "The parties concerned must be asked before we decide.",
    };
    static const char *const reasons[] = {
        "It goes further than our government can go.",
        "A party that it touches was not consulted.",
        "The risk of escalation is not contained.",
    };
    unsigned lean = mind(b, deed->subject, deed->option) + 28 * (unsigned)place;
    unsigned which = mind(b, deed->option, "reason");
    deed->visibility = which % 8 ? "all" : "chair";
    if (lean < 45) {
        deed->choice = "support";
    } else if (lean < 85) {
        deed->choice = "accept";
    } else if (lean < 118) {
        deed->choice = "reservation";
        deed->reason = conditions[which % 4];
    } else {
        deed->choice = "object";
        deed->reason = reasons[which % 3];
        deed->red_line = which % 5 == 0 ? "No forces of ours on the ground." : NULL;
    }
}

void pl_behaviour_option(struct pl_behaviour *b, const struct pl_option_seen *o, pl_time_us now)
{
    struct pl_deed *deed = find(b, PL_DEED_TAKE_POSITION, o->paper, o->option);
    if (o->taken || (deed && deed->done && now - deed->done > SETTLES)) {
        drop(b, deed);
        deed = NULL;
    }
    if (o->taken || deed)
        return;
    bool current = strcmp(o->item, b->item) == 0;
    deed = plan(b, PL_DEED_TAKE_POSITION, o->paper, o->option,
                current ? now + between(b, b->habits.think / 20, b->habits.think) : PL_NEVER);
    if (!deed)
        return;
    snprintf(deed->item, sizeof deed->item, "%s", o->item);
    choose_position(b, deed, o->place);
}

static void choose_vote(struct pl_behaviour *b, struct pl_deed *deed, const char *procedure)
{
    unsigned lean = draw(b, 100);
    if (strcmp(procedure, "silence") == 0) {
        deed->choice = "receipt";
    } else if (strcmp(procedure, "consensus") == 0) {
        deed->choice = lean < 84   ? "join"
                       : lean < 92 ? "join_with_reservation"
                                   : "awaiting_instructions";
        if (lean >= 84 && lean < 92)
            deed->reason = "We join, and note that our parliament is yet to be heard.";
    } else {
        deed->choice = lean < 72 ? "yes" : lean < 86 ? "no" : "abstain";
    }
}

void pl_behaviour_decision(struct pl_behaviour *b, const struct pl_decision_seen *d, pl_time_us now)
{
    struct pl_deed *deed = find(b, PL_DEED_VOTE, d->decision, "");
    bool same = deed && deed->version == d->version && d->asked;
    if (same && (deed->follows || (!d->voted && (!deed->done || now - deed->done <= SETTLES))))
        return;
    drop(b, deed);
    if (!d->asked || d->voted)
        return;
    bool rolls = strcmp(d->procedure, "roll_call") == 0;
    deed = plan(b, PL_DEED_VOTE, d->decision, "",
                now + (rolls ? between(b, 600 * PL_MS, 1500 * PL_MS)
                             : between(b, b->habits.think / 25, b->habits.think * 3 / 8)));
    if (!deed)
        return;
    deed->version = d->version;
    choose_vote(b, deed, d->procedure);
}

/* It is done. Who awaits instructions gets them. */
static void finish(struct pl_behaviour *b, struct pl_deed *deed, pl_time_us now)
{
    if (deed->kind == PL_DEED_VOTE && strcmp(deed->choice, "awaiting_instructions") == 0) {
        deed->follows = true;
        deed->choice = "join";
        deed->due = now + between(b, b->habits.think / 4, b->habits.think / 2);
    } else if (deed->kind == PL_DEED_VOTE || deed->kind == PL_DEED_TAKE_POSITION) {
        deed->follows = false;
        deed->done = now;
        deed->due = PL_NEVER;
    } else {
        drop(b, deed);
    }
}

static bool wants_to_speak(struct pl_behaviour *b, pl_time_us now, struct pl_deed *out)
{
    if (b->hand_at > now)
        return false;
    b->hand_at = after(b, now, b->habits.hand);
    if (!b->in_session)
        return false;
    if (b->floor_is_open) {
        b->speaks_until = now + between(b, b->habits.speech / 2, b->habits.speech * 3 / 2);
        return false;
    }
    if (!b->may_ask) {
        if (!b->has_floor)
            b->hand_at = now + ASKS_AGAIN;
        return false;
    }
    *out = (struct pl_deed){.kind = PL_DEED_REQUEST_FLOOR, .due = now, .choice = "speak"};
    b->may_ask = false;
    return true;
}

bool pl_behaviour_next(struct pl_behaviour *b, pl_time_us now, struct pl_deed *out)
{
    if (wants_to_speak(b, now, out))
        return true;
    for (size_t i = 0; i < b->n_deeds; i++) {
        if (b->deeds[i].due > now)
            continue;
        *out = b->deeds[i];
        finish(b, &b->deeds[i], now);
        return true;
    }
    if (b->leave_at > now)
        return false;
    if (b->has_floor) {
        b->leave_at = now + LEAVES_LATER;
        return false;
    }
    b->leave_at = after(b, now, b->habits.away);
    *out = (struct pl_deed){
        .kind = PL_DEED_LEAVE, .due = now, .away = between(b, 5 * PL_SECOND, 20 * PL_SECOND)};
    return true;
}

pl_time_us pl_behaviour_due(const struct pl_behaviour *b)
{
    pl_time_us due = pl_time_min(b->hand_at, b->leave_at);
    for (size_t i = 0; i < b->n_deeds; i++)
        due = pl_time_min(due, b->deeds[i].due);
    return due;
}

bool pl_behaviour_speaks(const struct pl_behaviour *b, pl_time_us now)
{
    return (b->has_floor || b->floor_is_open) && now < b->speaks_until;
}
