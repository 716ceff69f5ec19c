/* What the server says to a delegation, as far as a delegation cares. */
#include "simulate/parts.h"

#include <stdio.h>
#include <string.h>

static const char *text(const json_t *o, const char *key)
{
    const char *value = json_string_value(json_object_get(o, key));
    return value ? value : "";
}

static bool is_true(const json_t *o, const char *key)
{
    return json_is_true(json_object_get(o, key));
}

static int64_t number(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static void hear_welcome(struct delegation *d, const json_t *m, pl_time_us now)
{
    const json_t *meeting = json_object_get(m, "meeting");
    (void)now;
    if (strcmp(text(meeting, "encryption"), "none") != 0) {
        delegation_turned_away(d,
                               "the meeting is encrypted, and a simulated delegation has no keys");
        return;
    }
    if (is_true(m, "may_preside") || d->table->here >= d->simulation->config.seats) {
        delegation_turned_away(d, "");
        return;
    }
    snprintf(d->you, sizeof d->you, "%s", text(m, "you"));
    d->floor_is_open = strcmp(text(meeting, "floor"), "open") == 0;
    d->phase = PHASE_HERE;
    d->table->here++;
    d->table->coming--;
    d->simulation->counts.joined++;
    if (strcmp(text(m, "place"), "room") == 0)
        delegation_enter(d);
}

static void hear_place(struct delegation *d, const json_t *m, pl_time_us now)
{
    (void)now;
    if (strcmp(text(m, "place"), "room") == 0 && !d->in_room)
        delegation_enter(d);
}

/* The own one has the names for the picture. */
static void hear_participant(struct delegation *d, const json_t *m, pl_time_us now)
{
    const json_t *p = json_object_get(m, "participant");
    (void)now;
    if (d->picture || strcmp(text(p, "id"), d->you) != 0)
        return;
    const char *seat = text(p, "seat_name");
    snprintf(d->seat, sizeof d->seat, "%s", text(p, "seat"));
    if (pl_picture_new(d->simulation->letters, text(p, "country"), *seat ? seat : text(p, "name"),
                       *seat ? text(p, "name") : text(p, "role"), &d->picture))
        d->picture = NULL;
}

static void hear_answer(struct delegation *d, const json_t *m, pl_time_us now)
{
    (void)now;
    if (d->call && pl_call_answer(d->call, text(m, "sdp")))
        d->simulation->counts.media_failed++;
}

/* As a browser of ours: the smallest layer that fills what is wanted, and all smaller ones. */
static unsigned layers_for(int64_t height)
{
    unsigned n = 0;
    while (height > 0 && n < PL_PICTURE_LAYERS)
        if (pl_picture_sizes[n++].height * 5 >= height * 4)
            break;
    return n;
}

static void hear_wanted(struct delegation *d, const json_t *m, pl_time_us now)
{
    const json_t *source;
    size_t i;
    (void)now;
    json_array_foreach(json_object_get(m, "sources"), i, source)
    {
        if (strcmp(text(source, "mid"), "0") == 0)
            d->sound_wanted = number(source, "height") > 0;
        else
            d->layers = layers_for(number(source, "height"));
    }
    delegation_want(d);
}

static void hear_session(struct delegation *d, const json_t *m, pl_time_us now)
{
    pl_behaviour_session(&d->behaviour, strcmp(text(m, "session"), "open") == 0, text(m, "item"),
                         now);
}

static void hear_floor(struct delegation *d, const json_t *m, pl_time_us now)
{
    struct pl_floor_seen seen = {.list_open = is_true(m, "list_open"),
                                 .mine = strcmp(text(m, "participant"), d->you) == 0,
                                 .seconds = (unsigned)number(m, "seconds")};
    const json_t *entry;
    size_t i;
    json_array_foreach(json_object_get(m, "entries"), i, entry)
    {
        seen.waiting++;
        seen.asked |= strcmp(text(entry, "participant"), d->you) == 0;
    }
    d->simulation->counts.speeches += seen.mine && !d->behaviour.has_floor;
    pl_behaviour_floor(&d->behaviour, &seen, now);
}

static bool has_taken(const struct delegation *d, const json_t *positions, const char *option)
{
    const json_t *p;
    size_t i;
    json_array_foreach(positions, i, p)
    {
        if (strcmp(text(p, "seat"), d->seat) == 0 && strcmp(text(p, "option"), option) == 0 &&
            !is_true(p, "outdated"))
            return true;
    }
    return false;
}

static void hear_paper(struct delegation *d, const json_t *m, pl_time_us now)
{
    const json_t *option;
    size_t i;
    if (!d->seat[0])
        return;
    json_array_foreach(json_object_get(m, "options"), i, option)
    {
        const char *id = text(option, "option");
        const struct pl_option_seen seen = {text(m, "paper"), text(m, "item"), id, i,
                                            has_taken(d, json_object_get(m, "positions"), id)};
        pl_behaviour_option(&d->behaviour, &seen, now);
    }
}

static void hear_decision(struct delegation *d, const json_t *m, pl_time_us now)
{
    const char *procedure = text(json_object_get(m, "rule"), "procedure");
    struct pl_decision_seen seen = {.decision = text(m, "decision"),
                                    .procedure = procedure,
                                    .version = (uint64_t)number(m, "version")};
    const json_t *vote;
    size_t i;
    bool open = strcmp(text(m, "state"), "open") == 0;
    bool turn = strcmp(procedure, "roll_call") != 0 || strcmp(text(m, "turn"), d->seat) == 0;
    json_array_foreach(json_object_get(m, "votes"), i, vote)
    {
        if (!d->seat[0] || strcmp(text(vote, "seat"), d->seat) != 0)
            continue;
        seen.asked = open && turn;
        seen.voted = is_true(vote, "voted");
    }
    pl_behaviour_decision(&d->behaviour, &seen, now);
}

static void hear_error(struct delegation *d, const json_t *m, pl_time_us now)
{
    (void)now;
    d->refused = true;
    if (d->phase != PHASE_HERE && strcmp(text(m, "code"), "later") != 0)
        delegation_turned_away(d, text(m, "message"));
}

static void hear_pong(struct delegation *d, const json_t *m, pl_time_us now)
{
    (void)m;
    (void)now;
    if (d->n_asked == 0)
        return;
    if (d->asked[d->asked_first])
        d->refused ? d->simulation->counts.refused++ : d->simulation->counts.acknowledged++;
    d->refused = false;
    d->asked_first = (d->asked_first + 1) % PL_ASKED_MAX;
    d->n_asked--;
}

static void hear_removed(struct delegation *d, const json_t *m, pl_time_us now)
{
    (void)now;
    delegation_turned_away(d, text(m, "message"));
}

void delegation_hear(struct delegation *d, struct pl_str message)
{
    static const struct {
        const char *type;
        void (*hear)(struct delegation *d, const json_t *m, pl_time_us now);
    } types[] = {
        {"answer", hear_answer},   {"decision", hear_decision}, {"error", hear_error},
        {"floor", hear_floor},     {"paper", hear_paper},       {"participant", hear_participant},
        {"place", hear_place},     {"pong", hear_pong},         {"removed", hear_removed},
        {"session", hear_session}, {"wanted", hear_wanted},     {"welcome", hear_welcome},
    };
    json_t *m = json_loadb(message.p, message.n, 0, NULL);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(text(m, "type"), types[i].type) == 0) {
            types[i].hear(d, m, pl_loop_now(d->simulation->loop));
            break;
        }
    json_decref(m);
}
