/* See meeting.h and parts.h. Here: the people, and the way that every act goes. Rules are in
 * decide_*, what they change is in apply_*; nothing else is state. */
#include "meet/parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static void init_state(struct pl_meeting *m)
{
    struct pl_state *s = &m->state;
    struct pl_list *lists[] = {&s->items,         &s->documents,     &s->asks,
                               &s->parties,       &s->papers,        &s->consultations,
                               &s->decisions,     &s->floor.entries, &s->floor.interventions,
                               &s->floor.rulings, &m->participants};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        pl_list_init(lists[i]);
    s->floor.seat = PL_NO_SEAT;
    s->floor.list_open = true;
    s->floor.speaking_seconds = m->definition->speaking_seconds;
    for (size_t i = 0; i < m->definition->n_seats; i++)
        s->seats[i].head = s->seats[i].voice = PL_NO_PERSON;
    for (size_t i = m->definition->n_people; i-- > 0;) {
        const struct pl_person *p = &m->definition->people[i];
        if (p->seat != PL_NO_SEAT && p->role == PL_ROLE_DELEGATE && !p->shared)
            s->seats[p->seat].head = s->seats[p->seat].voice = (uint32_t)i;
    }
}

enum pl_err pl_meeting_new(const struct pl_definition *definition, const struct pl_random *random,
                           struct pl_meeting **out)
{
    struct pl_meeting *m = calloc(1, sizeof *m);
    if (!m)
        return PL_ENOMEM;
    m->definition = definition;
    m->people = calloc(definition->n_people + 1, sizeof *m->people);
    m->state.seats = calloc(definition->n_seats + 1, sizeof *m->state.seats);
    m->scratch = calloc(1, sizeof *m->scratch);
    pl_map_init(&m->by_id, random);
    pl_map_init(&m->by_number, random);
    pl_list_init(&m->participants);
    if (!m->people || !m->state.seats || !m->scratch) {
        pl_meeting_free(m);
        return PL_ENOMEM;
    }
    init_state(m);
    m->needs_chair = !definition->open && pl_definition_has_chair(definition);
    m->in_session = !m->needs_chair;
    m->next_number = 1;
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
    pl_arena_free(&m->arena);
    free(m->people);
    free(m->state.seats);
    free(m->scratch);
    free(m);
}

const struct pl_definition *pl_meeting_definition(const struct pl_meeting *m)
{
    return m->definition;
}

const struct pl_state *pl_meeting_state(const struct pl_meeting *m)
{
    return &m->state;
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

struct pl_participant *pl_meeting_by_number(const struct pl_meeting *m, uint32_t number)
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

bool pl_meeting_heard(const struct pl_meeting *m, const struct pl_participant *p)
{
    if (p->place != PL_PLACE_ROOM || !pl_role_publishes(p->role) || p->role == PL_ROLE_INTERPRETER)
        return false;
    if (pl_role_presides(p->role))
        return true;
    if (m->state.session != PL_SESSION_STATE_OPEN)
        return false;
    return m->definition->floor == PL_FLOOR_OPEN || pl_meeting_floor_holder(m) == p;
}

bool pl_meeting_may_send(const struct pl_meeting *m, const struct pl_participant *p,
                         enum pl_kind kind)
{
    if (p->role == PL_ROLE_INTERPRETER)
        return kind == PL_KIND_MICROPHONE && p->place == PL_PLACE_ROOM && p->booth &&
               !p->muted_by_chair;
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

/* What every act's file uses */

enum pl_err pl_refuse(struct pl_ruling_on *r, enum pl_err err, const char *field, const char *why)
{
    snprintf(r->denial->why, sizeof r->denial->why, "%s", why);
    snprintf(r->denial->field, sizeof r->denial->field, "%s", field ? field : "");
    return err;
}

/* The number that the next kept event has. */
static uint64_t next_event(const struct pl_ruling_on *r)
{
    uint64_t n = r->m->state.last + 1;
    for (size_t i = 0; i < r->n; i++)
        n += pl_act_is_kept(r->events[i].type);
    return n;
}

static struct pl_act *head(struct pl_ruling_on *r, struct pl_act *e)
{
    e->number = pl_act_is_kept(e->type) ? next_event(r) : 0;
    e->at_ms = r->at_ms;
    e->by = r->by ? pl_str(r->by->id) : (struct pl_str){"", 0};
    r->n++;
    return e;
}

struct pl_act *pl_add_act(struct pl_ruling_on *r)
{
    assert(r->n < PL_EVENTS_MAX);
    r->events[r->n] = *r->act;
    return head(r, &r->events[r->n]);
}

struct pl_act *pl_add(struct pl_ruling_on *r, enum pl_act_type type)
{
    assert(r->n < PL_EVENTS_MAX);
    r->events[r->n] = (struct pl_act){.type = type};
    return head(r, &r->events[r->n]);
}

bool pl_presides(const struct pl_ruling_on *r)
{
    return !r->by || pl_role_presides(r->by->role);
}

static bool one_line(struct pl_str s)
{
    return s.n > 0 && pl_text_ok(s) && !memchr(s.p, '\n', s.n) && !memchr(s.p, '\t', s.n);
}

enum pl_err pl_check_id(struct pl_ruling_on *r, const char *name, struct pl_str id)
{
    if (!pl_id_ok(id))
        return pl_refuse(r, PL_EINVAL, name,
                         "An id has 1 to 32 letters, digits, dots, dashes and underscores.");
    return PL_OK;
}

enum pl_err pl_check_line(struct pl_ruling_on *r, const char *name, struct pl_str text)
{
    if (!one_line(text))
        return pl_refuse(r, PL_EINVAL, name, "This must be one line, and not empty.");
    return PL_OK;
}

enum pl_err pl_check_text(struct pl_ruling_on *r, const char *name, struct pl_str text)
{
    if (text.n == 0 || !pl_text_ok(text))
        return pl_refuse(r, PL_EINVAL, name,
                         "This must be a text without control characters, and not empty.");
    return PL_OK;
}

enum pl_err pl_check_optional(struct pl_ruling_on *r, const char *name, struct pl_str text)
{
    return text.p ? pl_check_text(r, name, text) : PL_OK;
}

void pl_tell(const struct pl_change *ch, enum pl_effect_type type, struct pl_participant *who)
{
    ch->effects->effect(ch->effects->ctx, type, who, PL_REFUSAL_NONE, ch->e);
}

void pl_touch(const struct pl_change *ch, enum pl_part part)
{
    ch->m->state.changed[part] = ch->e->number;
}

void pl_move(const struct pl_change *ch, struct pl_participant *p, enum pl_place place)
{
    if (p->place == place)
        return;
    bool was = p->place == PL_PLACE_ROOM;
    p->place = place;
    if (was != (place == PL_PLACE_ROOM))
        pl_seats_presence(ch, p, place == PL_PLACE_ROOM);
    if (was)
        pl_floor_gone(ch, p);
    pl_tell(ch, PL_EFFECT_PLACED, p);
    pl_tell(ch, PL_EFFECT_CHANGED, p);
}

/* People: rules */

/* Where somebody stands who comes in now. */
static enum pl_place place_of(const struct pl_meeting *m, uint32_t person, bool in_session)
{
    if (pl_role_presides(m->definition->people[person].role))
        return PL_PLACE_ROOM;
    if (!in_session || !pl_agenda_lets_in(m, person))
        return PL_PLACE_WAITING;
    /* Who was called for the item has passed the lobby by that. */
    if (m->definition->people[person].item[0])
        return PL_PLACE_ROOM;
    return m->definition->lobby && !m->people[person].admitted ? PL_PLACE_LOBBY : PL_PLACE_ROOM;
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

/* The id of the next participant that this invitation gives. */
static struct pl_str next_id(const struct pl_meeting *m, uint32_t person)
{
    const struct pl_person *p = &m->definition->people[person];
    char *id = m->scratch->id;
    if (p->shared)
        snprintf(id, sizeof m->scratch->id, "%s.%u", p->id, m->people[person].copies + 1);
    else
        snprintf(id, sizeof m->scratch->id, "%s", p->id);
    return pl_str(id);
}

enum pl_err pl_meeting_join(const struct pl_meeting *m, uint32_t index, struct pl_str name,
                            int64_t at_ms, struct pl_act events[PL_EVENTS_MAX], size_t *n,
                            struct pl_denial *denial)
{
    assert(index < m->definition->n_people);
    const struct pl_person *person = &m->definition->people[index];
    bool presides = pl_role_presides(person->role);
    struct pl_ruling_on r = {.m = m, .at_ms = at_ms, .events = events, .denial = denial};
    switch (m->people[index].refusal) {
    case PL_REFUSAL_REMOVED:
        return pl_refuse(&r, PL_EAUTH, NULL, "The chair removed you from this meeting.");
    case PL_REFUSAL_DENIED:
        return pl_refuse(&r, PL_EAUTH, NULL, "You were not admitted to this meeting.");
    case PL_REFUSAL_NONE:
        break;
    }
    if (m->people[index].here)
        return pl_refuse(&r, PL_EEXIST, NULL, "This invitation is in use.");
    size_t taken = m->n_participants + (person->shared ? places_kept(m) : 0);
    if (taken >= PL_PARTICIPANTS_MAX && !presides)
        return pl_refuse(&r, PL_ELIMIT, NULL, "The meeting is full.");
    if (!name.p)
        name = pl_str(person->name);
    if (!one_line(name) || name.n > PL_NAME_MAX)
        return pl_refuse(&r, PL_EINVAL, "name", "A name is one line of 1 to 200 bytes.");
    if (presides && !m->in_session)
        pl_add(&r, PL_ACT_OPENED);
    struct pl_act_joined *e = &pl_add(&r, PL_ACT_JOINED)->joined;
    e->participant = next_id(m, index);
    e->name = name;
    e->place = place_of(m, index, m->in_session || presides);
    *n = r.n;
    return PL_OK;
}

uint32_t pl_meeting_next_number(const struct pl_meeting *m)
{
    return m->next_number;
}

void pl_meeting_leave(const struct pl_meeting *m, const struct pl_participant *p, int64_t at_ms,
                      struct pl_act events[PL_EVENTS_MAX], size_t *n)
{
    struct pl_ruling_on r = {.m = m, .by = p, .at_ms = at_ms, .events = events};
    pl_add(&r, PL_ACT_LEFT)->left.participant = pl_str(p->id);
    *n = r.n;
}

static void media_of(const struct pl_act_media *media, bool out[PL_KIND_COUNT])
{
    out[PL_KIND_MICROPHONE] = media->microphone;
    out[PL_KIND_CAMERA] = media->camera;
    out[PL_KIND_SCREEN] = media->screen;
    out[PL_KIND_SCREEN_SOUND] = media->screen_sound;
}

static bool makes_sound(const bool media[PL_KIND_COUNT])
{
    return media[PL_KIND_MICROPHONE] || media[PL_KIND_SCREEN_SOUND];
}

static enum pl_err decide_media(struct pl_ruling_on *r)
{
    bool media[PL_KIND_COUNT], any = false, same = true;
    media_of(&r->act->media, media);
    for (int k = 0; k < PL_KIND_COUNT; k++) {
        any |= media[k];
        same &= media[k] == r->by->media[k];
    }
    if (any && !pl_role_publishes(r->by->role))
        return pl_refuse(r, PL_EAUTH, NULL, "Your role sees and hears, and sends nothing.");
    /* Switching on what is on already clears the chair's mute, so it is a change. */
    if (!same || (r->by->muted_by_chair && makes_sound(media)))
        pl_add_act(r);
    return PL_OK;
}

static enum pl_err decide_chat(struct pl_ruling_on *r)
{
    struct pl_str text = r->act->chat.text;
    if (r->by->place != PL_PLACE_ROOM)
        return pl_refuse(r, PL_ESTATE, NULL, "You are not in the room yet.");
    if (text.n == 0 || text.n > PL_CHAT_MAX || !pl_text_ok(text))
        return pl_refuse(r, PL_EINVAL, "text",
                         "A text has 1 to 4000 bytes and no control characters.");
    pl_add_act(r);
    return PL_OK;
}

/* For what the chair does to somebody. */
static enum pl_err find_target(struct pl_ruling_on *r, struct pl_str id,
                               struct pl_participant **target)
{
    if (!pl_presides(r))
        return pl_refuse(r, PL_EAUTH, NULL, "Only the chair and the secretary may do this.");
    *target = pl_meeting_by_id(r->m, id);
    if (!*target)
        return pl_refuse(r, PL_ENOENT, "participant", "There is no such participant.");
    return PL_OK;
}

static enum pl_err decide_mute(struct pl_ruling_on *r)
{
    struct pl_participant *target;
    enum pl_err err = find_target(r, r->act->mute.participant, &target);
    if (err)
        return err;
    if (target->place != PL_PLACE_ROOM || !pl_role_publishes(target->role))
        return pl_refuse(r, PL_ESTATE, NULL, "They have no microphone here.");
    if (!target->muted_by_chair)
        pl_add_act(r);
    return PL_OK;
}

static enum pl_err decide_remove(struct pl_ruling_on *r)
{
    struct pl_participant *target;
    enum pl_err err = find_target(r, r->act->remove.participant, &target);
    if (err)
        return err;
    if (target == r->by)
        return pl_refuse(r, PL_ESTATE, NULL, "Nobody removes themselves; leave instead.");
    if (target->role == PL_ROLE_CHAIR)
        return pl_refuse(r, PL_EAUTH, NULL, "Nobody removes the chair.");
    pl_add_act(r);
    return PL_OK;
}

/* The person of a participant's or person's id. */
static enum pl_err person_of(const struct pl_meeting *m, struct pl_str id, uint32_t *person)
{
    struct pl_str rest = id;
    return pl_definition_person(m->definition, pl_str_split(&rest, '.'), person);
}

/* The target is somebody in the lobby; or, by the id of a participant or person, an invitation that
 * is refused. */
static enum pl_err decide_admit(struct pl_ruling_on *r)
{
    const struct pl_act_admit *a = &r->act->admit;
    struct pl_participant *target;
    enum pl_err err = find_target(r, a->participant, &target);
    uint32_t person;
    if (err == PL_OK) {
        if (target->place == PL_PLACE_LOBBY)
            pl_add_act(r);
        else if (!a->admitted)
            return pl_refuse(r, PL_ESTATE, NULL, "They are not in the lobby; remove them instead.");
        else if (target->place == PL_PLACE_WAITING)
            return pl_refuse(r, PL_ESTATE, NULL, "They are not in the lobby.");
        return PL_OK;
    }
    if (err != PL_ENOENT || person_of(r->m, a->participant, &person) != PL_OK)
        return err;
    if (r->m->people[person].refusal == PL_REFUSAL_NONE)
        return err;
    if (a->admitted)
        pl_add_act(r);
    return PL_OK;
}

/* What the server itself says. */
static enum pl_err decide_server(struct pl_ruling_on *r)
{
    if (r->by)
        return pl_refuse(r, PL_EAUTH, NULL, "This is the server's to say.");
    pl_add_act(r);
    return PL_OK;
}

/* People: changes */

static enum pl_err apply_opened(const struct pl_change *ch)
{
    ch->m->in_session = true;
    pl_touch(ch, PL_PART_SESSION);
    pl_list_each (struct pl_participant, p, &ch->m->participants, node) {
        if (p->place == PL_PLACE_WAITING)
            pl_move(ch, p, place_of(ch->m, p->person, true));
    }
    return PL_OK;
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

static enum pl_err apply_joined(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_joined *e = &ch->e->joined;
    uint32_t index;
    if (person_of(m, e->participant, &index) != PL_OK || pl_meeting_by_id(m, e->participant))
        return PL_EINVAL;
    const struct pl_person *person = &m->definition->people[index];
    struct pl_person_state *state = &m->people[index];
    struct pl_participant *p = calloc(1, sizeof *p);
    char *name = malloc(e->name.n + 1);
    if (!p || !name || pl_str_copy(e->name, name, e->name.n + 1) != PL_OK ||
        pl_str_copy(e->participant, p->id, sizeof p->id) != PL_OK) {
        free(p);
        free(name);
        return PL_ENOMEM;
    }
    p->name = name;
    p->number = m->next_number;
    p->person = index;
    p->role = person->role;
    p->place = e->place;
    enum pl_err err = enter(m, p);
    if (err) {
        free_participant(p);
        return err;
    }
    if (person->shared)
        state->copies++;
    else
        state->here = p;
    if (p->place == PL_PLACE_ROOM)
        pl_seats_presence(ch, p, true);
    pl_tell(ch, PL_EFFECT_CHANGED, p);
    return PL_OK;
}

static void put_out(const struct pl_change *ch, struct pl_participant *p, enum pl_refusal refusal)
{
    struct pl_meeting *m = ch->m;
    struct pl_person_state *state = &m->people[p->person];
    bool was_in = p->place == PL_PLACE_ROOM;
    if (state->here == p)
        state->here = NULL;
    pl_list_remove(&p->node);
    pl_map_remove(&m->by_id, p->id, strlen(p->id));
    pl_map_remove(&m->by_number, &p->number, sizeof p->number);
    m->n_participants--;
    if (m->n_participants == 0 && m->needs_chair) {
        m->in_session = false;
        pl_touch(ch, PL_PART_SESSION);
    }
    if (was_in) {
        pl_seats_presence(ch, p, false);
        pl_floor_gone(ch, p);
    }
    ch->effects->effect(ch->effects->ctx, PL_EFFECT_GONE, p, refusal, ch->e);
    free_participant(p);
}

static enum pl_err apply_left(const struct pl_change *ch)
{
    struct pl_participant *p = pl_meeting_by_id(ch->m, ch->e->left.participant);
    if (!p)
        return PL_EINVAL;
    put_out(ch, p, PL_REFUSAL_NONE);
    return PL_OK;
}

static enum pl_err apply_remove(const struct pl_change *ch)
{
    struct pl_participant *p = pl_meeting_by_id(ch->m, ch->e->remove.participant);
    if (!p)
        return PL_EINVAL;
    struct pl_person_state *state = &ch->m->people[p->person];
    state->refusal = PL_REFUSAL_REMOVED;
    state->admitted = false;
    put_out(ch, p, PL_REFUSAL_REMOVED);
    return PL_OK;
}

static void deny(const struct pl_change *ch, struct pl_participant *p, bool shared)
{
    struct pl_person_state *state = &ch->m->people[p->person];
    /* A link that many use stays good when one of them is denied: the lobby stands before it. */
    if (!shared)
        state->refusal = PL_REFUSAL_DENIED;
    state->admitted = false;
    put_out(ch, p, PL_REFUSAL_DENIED);
}

static enum pl_err apply_admit(const struct pl_change *ch)
{
    const struct pl_act_admit *a = &ch->e->admit;
    uint32_t person;
    struct pl_participant *p = pl_meeting_by_id(ch->m, a->participant);
    if (person_of(ch->m, a->participant, &person) != PL_OK || (!p && !a->admitted))
        return PL_EINVAL;
    bool shared = ch->m->definition->people[person].shared;
    if (!a->admitted) {
        deny(ch, p, shared);
        return PL_OK;
    }
    struct pl_person_state *state = &ch->m->people[person];
    state->refusal = PL_REFUSAL_NONE;
    if (!p)
        return PL_OK;
    state->admitted = !shared;
    pl_move(ch, p, PL_PLACE_ROOM);
    return PL_OK;
}

/* Who the event is by, of those here. */
static struct pl_participant *actor(const struct pl_change *ch)
{
    return pl_meeting_by_id(ch->m, ch->e->by);
}

static enum pl_err apply_media(const struct pl_change *ch)
{
    struct pl_participant *p = actor(ch);
    if (!p)
        return PL_EINVAL;
    media_of(&ch->e->media, p->media);
    if (makes_sound(p->media))
        p->muted_by_chair = false;
    pl_tell(ch, PL_EFFECT_CHANGED, p);
    return PL_OK;
}

static enum pl_err apply_mute(const struct pl_change *ch)
{
    struct pl_participant *p = pl_meeting_by_id(ch->m, ch->e->mute.participant);
    if (!p)
        return PL_EINVAL;
    p->muted_by_chair = true;
    p->media[PL_KIND_MICROPHONE] = p->media[PL_KIND_SCREEN_SOUND] = false;
    pl_tell(ch, PL_EFFECT_MUTED, p);
    pl_tell(ch, PL_EFFECT_CHANGED, p);
    return PL_OK;
}

static enum pl_err apply_chat(const struct pl_change *ch)
{
    struct pl_participant *p = actor(ch);
    if (!p)
        return PL_EINVAL;
    pl_tell(ch, PL_EFFECT_SAID, p);
    return PL_OK;
}

static enum pl_err apply_created(const struct pl_change *ch)
{
    (void)ch;
    return PL_OK;
}

static enum pl_err apply_restarted(const struct pl_change *ch)
{
    pl_list_each (struct pl_participant, p, &ch->m->participants, node) {
        put_out(ch, p, PL_REFUSAL_NONE);
    }
    pl_floor_end(ch);
    return PL_OK;
}

/* The way of every act */

struct handler {
    pl_decide *decide; /* NULL: the server's own, made elsewhere */
    pl_apply *apply;
};

static const struct handler handlers[PL_ACT_COUNT] = {
    [PL_ACT_CREATED] = {decide_server, apply_created},
    [PL_ACT_RESTARTED] = {decide_server, apply_restarted},
    [PL_ACT_OPENED] = {NULL, apply_opened},
    [PL_ACT_JOINED] = {NULL, apply_joined},
    [PL_ACT_LEFT] = {NULL, apply_left},
    [PL_ACT_MEDIA] = {decide_media, apply_media},
    [PL_ACT_CHAT] = {decide_chat, apply_chat},
    [PL_ACT_BOOTH] = {pl_decide_booth, pl_apply_booth},
    [PL_ACT_OFFER_BOOTH] = {pl_decide_offer_booth, pl_apply_offer_booth},
    [PL_ACT_MUTE] = {decide_mute, apply_mute},
    [PL_ACT_REMOVE] = {decide_remove, apply_remove},
    [PL_ACT_ADMIT] = {decide_admit, apply_admit},
    [PL_ACT_SET_SESSION] = {pl_decide_set_session, pl_apply_set_session},
    [PL_ACT_VOICE] = {pl_decide_voice, pl_apply_voice},
    [PL_ACT_PUT_ITEM] = {pl_decide_put_item, pl_apply_put_item},
    [PL_ACT_DROP_ITEM] = {pl_decide_drop_item, pl_apply_drop_item},
    [PL_ACT_TAKE_ITEM] = {pl_decide_take_item, pl_apply_take_item},
    [PL_ACT_ASK_ITEM] = {pl_decide_ask_item, pl_apply_ask_item},
    [PL_ACT_ANSWER_ASK] = {pl_decide_answer_ask, pl_apply_answer_ask},
    [PL_ACT_REQUEST_FLOOR] = {pl_decide_request_floor, pl_apply_request_floor},
    [PL_ACT_WITHDRAW_FLOOR] = {pl_decide_withdraw_floor, pl_apply_withdraw_floor},
    [PL_ACT_PASS_FLOOR] = {pl_decide_pass_floor, pl_apply_pass_floor},
    [PL_ACT_GIVE_FLOOR] = {pl_decide_give_floor, pl_apply_give_floor},
    [PL_ACT_END_FLOOR] = {pl_decide_end_floor, pl_apply_end_floor},
    [PL_ACT_SET_FLOOR_LIST] = {pl_decide_set_floor_list, pl_apply_set_floor_list},
    [PL_ACT_SET_SPEAKING_TIME] = {pl_decide_set_speaking_time, pl_apply_set_speaking_time},
    [PL_ACT_RULE_ON] = {pl_decide_rule_on, pl_apply_rule_on},
    [PL_ACT_PUT_DOCUMENT] = {pl_decide_put_document, pl_apply_put_document},
    [PL_ACT_DROP_DOCUMENT] = {pl_decide_drop_document, pl_apply_drop_document},
    [PL_ACT_PUT_PARTY] = {pl_decide_put_party, pl_apply_put_party},
    [PL_ACT_PUT_PAPER] = {pl_decide_put_paper, pl_apply_put_paper},
    [PL_ACT_PUT_OPTION] = {pl_decide_put_option, pl_apply_put_option},
    [PL_ACT_DROP_OPTION] = {pl_decide_drop_option, pl_apply_drop_option},
    [PL_ACT_TAKE_POSITION] = {pl_decide_take_position, pl_apply_take_position},
    [PL_ACT_CONSULT] = {pl_decide_consult, pl_apply_consult},
    [PL_ACT_STATE_RED_LINE] = {pl_decide_state_red_line, pl_apply_state_red_line},
    [PL_ACT_PUT_DECISION] = {pl_decide_put_decision, pl_apply_put_decision},
    [PL_ACT_CALL_DECISION] = {pl_decide_call_decision, pl_apply_call_decision},
    [PL_ACT_VOTE] = {pl_decide_vote, pl_apply_vote},
    [PL_ACT_PASS_VOTE] = {pl_decide_pass_vote, pl_apply_pass_vote},
    [PL_ACT_EXTEND_SILENCE] = {pl_decide_extend_silence, pl_apply_extend_silence},
    [PL_ACT_RESTART_SILENCE] = {pl_decide_restart_silence, pl_apply_restart_silence},
    [PL_ACT_CLOSE_DECISION] = {pl_decide_close_decision, pl_apply_close_decision},
    [PL_ACT_WITHDRAW_DECISION] = {pl_decide_withdraw_decision, pl_apply_withdraw_decision},
    [PL_ACT_SETTLED] = {NULL, pl_apply_settled},
};

/* Acts of the meeting that need a person who is there; all others may be prepared too. */
static bool needs_somebody(enum pl_act_type type)
{
    switch (type) {
    case PL_ACT_MEDIA:
    case PL_ACT_CHAT:
    case PL_ACT_BOOTH:
    case PL_ACT_OFFER_BOOTH:
    case PL_ACT_REMOVE:
        return true;
    default:
        return false;
    }
}

static enum pl_err decide(struct pl_ruling_on *r)
{
    pl_decide *rule = handlers[r->act->type].decide;
    if (!rule)
        return pl_refuse(r, PL_EAUTH, NULL, "This is the server's to say.");
    if (!r->by && needs_somebody(r->act->type))
        return pl_refuse(r, PL_EAUTH, NULL, "This is for somebody who is there.");
    return rule(r);
}

enum pl_err pl_meeting_decide(const struct pl_meeting *m, const struct pl_participant *by,
                              const struct pl_act *act, int64_t at_ms,
                              struct pl_act events[PL_EVENTS_MAX], size_t *n,
                              struct pl_denial *denial)
{
    struct pl_ruling_on r = {m, by, act, at_ms, events, 0, denial};
    denial->why[0] = denial->field[0] = 0;
    denial->acknowledge = false;
    denial->n_warnings = 0;
    enum pl_err err = decide(&r);
    if (err == PL_OK)
        *n = r.n;
    return err;
}

enum pl_err pl_meeting_apply(struct pl_meeting *m, const struct pl_act *e,
                             const struct pl_effects *effects)
{
    const struct pl_change ch = {m, e, effects};
    if (pl_act_is_kept(e->type) && e->number != m->state.last + 1)
        return PL_EINVAL;
    enum pl_err err = handlers[e->type].apply(&ch);
    if (err == PL_OK && e->number)
        m->state.last = e->number;
    return err;
}
