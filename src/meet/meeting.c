/* See meeting.h. Rules are in decide_*, what they change is in apply_*; nothing else is state. */
#include "meet/meeting.h"

#include "base/map.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* What is remembered of an invitation, beyond those who are here. */
struct person_state {
    struct pl_participant *here; /* of an invitation of one person */
    bool admitted;               /* goes past the lobby */
    enum pl_refusal refusal;
    uint32_t copies; /* participants that a shared invitation has had */
};

struct pl_meeting {
    const struct pl_definition *definition;
    bool needs_chair, in_session;
    struct pl_list participants;
    size_t n_participants;
    struct pl_map by_id, by_number;
    uint32_t next_number;
    struct person_state *people;
};

enum pl_err pl_meeting_new(const struct pl_definition *definition, const struct pl_random *random,
                           struct pl_meeting **out)
{
    struct pl_meeting *m = calloc(1, sizeof *m);
    if (!m)
        return PL_ENOMEM;
    m->people = calloc(definition->n_people ? definition->n_people : 1, sizeof *m->people);
    if (!m->people) {
        free(m);
        return PL_ENOMEM;
    }
    m->definition = definition;
    m->needs_chair = !definition->open && pl_definition_has_chair(definition);
    m->in_session = !m->needs_chair;
    m->next_number = 1;
    pl_list_init(&m->participants);
    pl_map_init(&m->by_id, random);
    pl_map_init(&m->by_number, random);
    *out = m;
    return PL_OK;
}

static void free_participant(struct pl_participant *p)
{
    free(p->name);
    free(p);
}

void pl_meeting_free(struct pl_meeting *m)
{
    if (!m)
        return;
    pl_list_each (struct pl_participant, p, &m->participants, node) {
        free_participant(p);
    }
    pl_map_free(&m->by_id);
    pl_map_free(&m->by_number);
    free(m->people);
    free(m);
}

bool pl_meeting_in_session(const struct pl_meeting *m)
{
    return m->in_session;
}

size_t pl_meeting_size(const struct pl_meeting *m)
{
    return m->n_participants;
}

const struct pl_list *pl_meeting_list(const struct pl_meeting *m)
{
    return &m->participants;
}

struct pl_participant *pl_meeting_by_id(const struct pl_meeting *m, struct pl_str id)
{
    return pl_map_get(&m->by_id, id.p, id.n);
}

static struct pl_participant *by_number(const struct pl_meeting *m, uint32_t number)
{
    return pl_map_get(&m->by_number, &number, sizeof number);
}

struct pl_participant *pl_meeting_by_person(const struct pl_meeting *m, uint32_t person)
{
    return person < m->definition->n_people ? m->people[person].here : NULL;
}

enum pl_refusal pl_meeting_refusal(const struct pl_meeting *m, uint32_t person)
{
    return person < m->definition->n_people ? m->people[person].refusal : PL_REFUSAL_NONE;
}

bool pl_meeting_remembers(const struct pl_meeting *m)
{
    for (size_t i = 0; i < m->definition->n_people; i++)
        if (m->people[i].admitted || m->people[i].refusal != PL_REFUSAL_NONE)
            return true;
    return false;
}

bool pl_meeting_heard(const struct pl_meeting *m, const struct pl_participant *p)
{
    if (p->place != PL_PLACE_ROOM || !pl_role_publishes(p->role))
        return false;
    return m->definition->floor == PL_FLOOR_OPEN || pl_role_presides(p->role) || p->floor;
}

bool pl_meeting_may_send(const struct pl_meeting *m, const struct pl_participant *p,
                         enum pl_kind kind)
{
    switch (kind) {
    case PL_KIND_MICROPHONE:
    case PL_KIND_SCREEN_SOUND:
        return pl_meeting_heard(m, p) && !p->muted_by_chair;
    case PL_KIND_SCREEN:
        return pl_meeting_heard(m, p);
    case PL_KIND_CAMERA:
        return p->place == PL_PLACE_ROOM && pl_role_publishes(p->role);
    case PL_KIND_COUNT:
        break;
    }
    return false;
}

bool pl_meeting_sees(const struct pl_participant *viewer, const struct pl_participant *p)
{
    if (viewer == p)
        return true;
    if (viewer->place != PL_PLACE_ROOM)
        return false;
    return p->place == PL_PLACE_ROOM || pl_role_presides(viewer->role);
}

/* Rules */

/* A refusal in the making. */
struct ruling {
    const struct pl_meeting *m;
    const struct pl_meeting_command *c;
    struct pl_event *events;
    size_t n;
    char *why;
};

static enum pl_err refuse(struct ruling *r, enum pl_err err, const char *why)
{
    snprintf(r->why, PL_MEETING_WHY_SIZE, "%s", why);
    return err;
}

static struct pl_event *event(struct ruling *r, enum pl_event_type type,
                              const struct pl_participant *who)
{
    assert(r->n < PL_EVENTS_MAX);
    struct pl_event *e = &r->events[r->n++];
    *e = (struct pl_event){.type = type, .at_ms = r->c->at_ms};
    if (who) {
        e->participant = who->number;
        e->person = who->person;
    }
    if (r->c->by && r->c->by != who)
        e->by = r->c->by->number;
    return e;
}

/* Where somebody stands who comes in now. */
static enum pl_place place_of(const struct pl_meeting *m, uint32_t person, bool in_session)
{
    if (pl_role_presides(m->definition->people[person].role))
        return PL_PLACE_ROOM;
    if (!in_session)
        return PL_PLACE_WAITING;
    return m->definition->lobby && !m->people[person].admitted ? PL_PLACE_LOBBY : PL_PLACE_ROOM;
}

static bool name_ok(struct pl_str name)
{
    return name.n > 0 && name.n <= PL_NAME_MAX && pl_text_ok(name) &&
           !memchr(name.p, '\n', name.n) && !memchr(name.p, '\t', name.n);
}

/* Places that only those invited by name may take. */
static size_t places_kept(const struct pl_meeting *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->definition->n_people; i++) {
        const struct pl_person *person = &m->definition->people[i];
        n += !person->shared && !pl_role_presides(person->role) && !m->people[i].here;
    }
    return n < PL_PARTICIPANTS_MAX / 2 ? n : PL_PARTICIPANTS_MAX / 2;
}

static enum pl_err decide_join(struct ruling *r)
{
    const struct pl_meeting *m = r->m;
    uint32_t index = r->c->person;
    assert(index < m->definition->n_people);
    const struct pl_person *person = &m->definition->people[index];
    bool presides = pl_role_presides(person->role);
    switch (m->people[index].refusal) {
    case PL_REFUSAL_REMOVED:
        return refuse(r, PL_EAUTH, "The chair removed you from this meeting.");
    case PL_REFUSAL_DENIED:
        return refuse(r, PL_EAUTH, "You were not admitted to this meeting.");
    case PL_REFUSAL_NONE:
        break;
    }
    if (m->people[index].here)
        return refuse(r, PL_EEXIST, "This invitation is in use.");
    size_t taken = m->n_participants + (person->shared ? places_kept(m) : 0);
    if (taken >= PL_PARTICIPANTS_MAX && !presides)
        return refuse(r, PL_ELIMIT, "The meeting is full.");
    struct pl_str name = r->c->name.p ? r->c->name : pl_str(person->name);
    if (!name_ok(name))
        return refuse(r, PL_EINVAL, "A name is one line of 1 to 200 bytes.");
    if (presides && !m->in_session)
        event(r, PL_EVENT_OPENED, NULL);
    struct pl_event *e = event(r, PL_EVENT_JOINED, NULL);
    e->participant = m->next_number;
    e->person = index;
    e->name = name;
    e->place = place_of(m, index, m->in_session);
    return PL_OK;
}

static bool makes_sound(const bool media[PL_KIND_COUNT])
{
    return media[PL_KIND_MICROPHONE] || media[PL_KIND_SCREEN_SOUND];
}

static enum pl_err decide_media(struct ruling *r)
{
    const struct pl_participant *by = r->c->by;
    bool any = false, same = true;
    for (int k = 0; k < PL_KIND_COUNT; k++) {
        any |= r->c->media[k];
        same &= r->c->media[k] == by->media[k];
    }
    if (any && !pl_role_publishes(by->role))
        return refuse(r, PL_EAUTH, "Your role sees and hears, and sends nothing.");
    /* Switching on what is on already clears the chair's mute, so it is a change. */
    if (same && !(by->muted_by_chair && makes_sound(r->c->media)))
        return PL_OK;
    memcpy(event(r, PL_EVENT_MEDIA, by)->media, r->c->media, sizeof r->c->media);
    return PL_OK;
}

static enum pl_err decide_hand(struct ruling *r)
{
    const struct pl_participant *by = r->c->by;
    if (by->place != PL_PLACE_ROOM)
        return refuse(r, PL_ESTATE, "You are not in the room yet.");
    if (!pl_role_publishes(by->role))
        return refuse(r, PL_EAUTH, "Your role does not ask for the floor.");
    if (by->hand != r->c->on)
        event(r, PL_EVENT_HAND, by)->on = r->c->on;
    return PL_OK;
}

/* For what the chair does to somebody. */
static enum pl_err find_target(struct ruling *r, struct pl_participant **target)
{
    if (!pl_role_presides(r->c->by->role))
        return refuse(r, PL_EAUTH, "Only the chair and the secretary may do this.");
    *target = pl_meeting_by_id(r->m, r->c->target);
    if (!*target)
        return refuse(r, PL_ENOENT, "There is no such participant.");
    return PL_OK;
}

static enum pl_err decide_floor(struct ruling *r)
{
    struct pl_participant *target;
    enum pl_err err = find_target(r, &target);
    if (err)
        return err;
    if (r->m->definition->floor == PL_FLOOR_OPEN)
        return refuse(r, PL_ESTATE, "The floor of this meeting is open.");
    if (target->place != PL_PLACE_ROOM)
        return refuse(r, PL_ESTATE, "They are not in the room.");
    if (!pl_role_publishes(target->role))
        return refuse(r, PL_ESTATE, "Their role does not speak.");
    /* A hand that is up with the floor given asks for more; giving it once more is the answer. */
    if (target->floor != r->c->on || (r->c->on && target->hand))
        event(r, PL_EVENT_FLOOR, target)->on = r->c->on;
    return PL_OK;
}

static enum pl_err decide_mute(struct ruling *r)
{
    struct pl_participant *target;
    enum pl_err err = find_target(r, &target);
    if (err)
        return err;
    if (target->place != PL_PLACE_ROOM || !pl_role_publishes(target->role))
        return refuse(r, PL_ESTATE, "They have no microphone here.");
    if (!target->muted_by_chair)
        event(r, PL_EVENT_MUTED, target);
    return PL_OK;
}

static enum pl_err decide_remove(struct ruling *r)
{
    struct pl_participant *target;
    enum pl_err err = find_target(r, &target);
    if (err)
        return err;
    if (target == r->c->by)
        return refuse(r, PL_ESTATE, "Nobody removes themselves; leave instead.");
    if (target->role == PL_ROLE_CHAIR)
        return refuse(r, PL_EAUTH, "Nobody removes the chair.");
    event(r, PL_EVENT_REMOVED, target);
    return PL_OK;
}

/* The target is somebody in the lobby; or, by the id of a participant or person, an invitation that
 * is refused. */
static enum pl_err decide_admit(struct ruling *r)
{
    struct pl_participant *target;
    enum pl_err err = find_target(r, &target);
    if (err == PL_OK) {
        if (target->place == PL_PLACE_LOBBY)
            event(r, r->c->on ? PL_EVENT_ADMITTED : PL_EVENT_DENIED, target);
        else if (!r->c->on)
            return refuse(r, PL_ESTATE, "They are not in the lobby; remove them instead.");
        else if (target->place == PL_PLACE_WAITING)
            return refuse(r, PL_ESTATE, "They are not in the lobby.");
        return PL_OK;
    }
    struct pl_str rest = r->c->target;
    struct pl_str id = pl_str_split(&rest, '.');
    uint32_t person;
    if (err != PL_ENOENT || pl_definition_person(r->m->definition, id, &person) != PL_OK)
        return err;
    if (r->m->people[person].refusal == PL_REFUSAL_NONE)
        return err;
    if (r->c->on)
        event(r, PL_EVENT_ADMITTED, NULL)->person = person;
    return PL_OK;
}

static enum pl_err decide_chat(struct ruling *r)
{
    if (r->c->by->place != PL_PLACE_ROOM)
        return refuse(r, PL_ESTATE, "You are not in the room yet.");
    if (r->c->text.n == 0 || r->c->text.n > PL_CHAT_MAX || !pl_text_ok(r->c->text))
        return refuse(r, PL_EINVAL, "A text has 1 to 4000 bytes and no control characters.");
    event(r, PL_EVENT_SAID, r->c->by)->text = r->c->text;
    return PL_OK;
}

static enum pl_err decide(struct ruling *r)
{
    switch (r->c->type) {
    case PL_COMMAND_JOIN:
        return decide_join(r);
    case PL_COMMAND_LEAVE:
        event(r, PL_EVENT_LEFT, r->c->by);
        return PL_OK;
    case PL_COMMAND_MEDIA:
        return decide_media(r);
    case PL_COMMAND_HAND:
        return decide_hand(r);
    case PL_COMMAND_FLOOR:
        return decide_floor(r);
    case PL_COMMAND_MUTE:
        return decide_mute(r);
    case PL_COMMAND_REMOVE:
        return decide_remove(r);
    case PL_COMMAND_ADMIT:
        return decide_admit(r);
    case PL_COMMAND_CHAT:
        return decide_chat(r);
    }
    return refuse(r, PL_EINVAL, "There is no such command.");
}

enum pl_err pl_meeting_decide(const struct pl_meeting *m, const struct pl_meeting_command *c,
                              struct pl_event events[PL_EVENTS_MAX], size_t *n,
                              char why[PL_MEETING_WHY_SIZE])
{
    struct ruling r = {.m = m, .c = c, .events = events, .why = why};
    assert(c->type == PL_COMMAND_JOIN || c->by);
    enum pl_err err = decide(&r);
    if (err == PL_OK)
        *n = r.n;
    return err;
}

/* Changes */

/* An event while it is applied. */
struct change {
    struct pl_meeting *m;
    const struct pl_event *e;
    const struct pl_effects *effects;
};

static void tell(const struct change *ch, enum pl_effect_type type, struct pl_participant *who)
{
    ch->effects->effect(ch->effects->ctx, type, who, PL_REFUSAL_NONE, ch->e);
}

static void move(const struct change *ch, struct pl_participant *p, enum pl_place place)
{
    p->place = place;
    tell(ch, PL_EFFECT_PLACED, p);
    tell(ch, PL_EFFECT_CHANGED, p);
}

static void apply_opened(const struct change *ch)
{
    ch->m->in_session = true;
    pl_list_each (struct pl_participant, p, &ch->m->participants, node) {
        if (p->place == PL_PLACE_WAITING)
            move(ch, p, place_of(ch->m, p->person, true));
    }
}

/* All or nothing. */
static enum pl_err enter(struct pl_meeting *m, struct pl_participant *p)
{
    enum pl_err err = pl_map_put(&m->by_id, p->id, strlen(p->id), p);
    if (err)
        return err;
    err = pl_map_put(&m->by_number, &p->number, sizeof p->number, p);
    if (err) {
        pl_map_remove(&m->by_id, p->id, strlen(p->id));
        return err;
    }
    pl_list_push(&m->participants, &p->node);
    m->n_participants++;
    m->next_number = p->number + 1;
    return PL_OK;
}

static enum pl_err apply_joined(const struct change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_person *person = &m->definition->people[ch->e->person];
    struct person_state *state = &m->people[ch->e->person];
    struct pl_participant *p = calloc(1, sizeof *p);
    char *name = malloc(ch->e->name.n + 1);
    if (!p || !name || pl_str_copy(ch->e->name, name, ch->e->name.n + 1) != PL_OK) {
        free(p);
        free(name);
        return PL_ENOMEM;
    }
    p->name = name;
    p->number = ch->e->participant;
    p->person = ch->e->person;
    p->role = person->role;
    p->place = ch->e->place;
    if (person->shared)
        snprintf(p->id, sizeof p->id, "%s.%u", person->id, state->copies + 1);
    else
        snprintf(p->id, sizeof p->id, "%s", person->id);
    enum pl_err err = enter(m, p);
    if (err) {
        free_participant(p);
        return err;
    }
    if (person->shared)
        state->copies++;
    else
        state->here = p;
    tell(ch, PL_EFFECT_CHANGED, p);
    return PL_OK;
}

static void put_out(const struct change *ch, struct pl_participant *p, enum pl_refusal refusal)
{
    struct pl_meeting *m = ch->m;
    struct person_state *state = &m->people[p->person];
    if (state->here == p)
        state->here = NULL;
    pl_list_remove(&p->node);
    pl_map_remove(&m->by_id, p->id, strlen(p->id));
    pl_map_remove(&m->by_number, &p->number, sizeof p->number);
    m->n_participants--;
    if (m->n_participants == 0 && m->needs_chair)
        m->in_session = false;
    ch->effects->effect(ch->effects->ctx, PL_EFFECT_GONE, p, refusal, ch->e);
    free_participant(p);
}

static void apply_out(const struct change *ch, struct pl_participant *p)
{
    struct person_state *state = &ch->m->people[p->person];
    enum pl_refusal refusal = PL_REFUSAL_NONE;
    if (ch->e->type == PL_EVENT_REMOVED)
        refusal = state->refusal = PL_REFUSAL_REMOVED;
    if (ch->e->type == PL_EVENT_DENIED)
        refusal = PL_REFUSAL_DENIED;
    /* A link that many use stays good when one of them is denied: the lobby stands before it. */
    if (refusal == PL_REFUSAL_DENIED && !ch->m->definition->people[p->person].shared)
        state->refusal = PL_REFUSAL_DENIED;
    if (refusal != PL_REFUSAL_NONE)
        state->admitted = false;
    put_out(ch, p, refusal);
}

static void apply_admitted(const struct change *ch, struct pl_participant *p)
{
    struct person_state *state = &ch->m->people[ch->e->person];
    state->refusal = PL_REFUSAL_NONE;
    if (!p)
        return;
    state->admitted = !ch->m->definition->people[ch->e->person].shared;
    move(ch, p, PL_PLACE_ROOM);
}

static void apply_media(const struct change *ch, struct pl_participant *p)
{
    memcpy(p->media, ch->e->media, sizeof p->media);
    if (makes_sound(p->media))
        p->muted_by_chair = false;
    tell(ch, PL_EFFECT_CHANGED, p);
}

static void apply_to(const struct change *ch, struct pl_participant *p)
{
    switch (ch->e->type) {
    case PL_EVENT_MEDIA:
        apply_media(ch, p);
        return;
    case PL_EVENT_HAND:
        p->hand = ch->e->on;
        break;
    case PL_EVENT_FLOOR:
        p->floor = ch->e->on;
        p->hand = p->hand && !p->floor; /* what was asked for is granted */
        break;
    case PL_EVENT_MUTED:
        p->muted_by_chair = true;
        p->media[PL_KIND_MICROPHONE] = p->media[PL_KIND_SCREEN_SOUND] = false;
        tell(ch, PL_EFFECT_MUTED, p);
        break;
    case PL_EVENT_SAID:
        tell(ch, PL_EFFECT_SAID, p);
        return;
    default: /* LEFT, REMOVED, DENIED */
        apply_out(ch, p);
        return;
    }
    tell(ch, PL_EFFECT_CHANGED, p);
}

enum pl_err pl_meeting_apply(struct pl_meeting *m, const struct pl_event *e,
                             const struct pl_effects *effects)
{
    struct change ch = {m, e, effects};
    if (e->type == PL_EVENT_OPENED) {
        apply_opened(&ch);
        return PL_OK;
    }
    if (e->type == PL_EVENT_JOINED)
        return apply_joined(&ch);
    struct pl_participant *p = by_number(m, e->participant);
    if (e->type == PL_EVENT_ADMITTED)
        apply_admitted(&ch, p);
    else if (p)
        apply_to(&ch, p);
    return PL_OK;
}
