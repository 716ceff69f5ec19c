/* See parts.h. Here: the people; who comes in and goes out, and what they have on. */
#include "meet/circle.h"
#include "meet/parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void pl_participant_free(struct pl_participant *p)
{
    free(p->name);
    free(p);
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
    if (!pl_is_line(name) || name.n > PL_NAME_MAX)
        return pl_refuse(&r, PL_EINVAL, "name", "A name is one line of 1 to 200 bytes.");
    if (pl_text_turns(name))
        return pl_refuse(&r, PL_EINVAL, "name",
                         "A name has no characters that turn the direction of writing.");
    if (presides && !m->in_session)
        pl_add(&r, PL_ACT_OPENED);
    struct pl_act_joined *e = &pl_add(&r, PL_ACT_JOINED)->joined;
    e->participant = next_id(m, index);
    e->name = name;
    /* Who comes to correct the minutes needs nobody who presides. */
    bool in_session = m->in_session || presides || pl_corrections_run(m, at_ms);
    e->place = place_of(m, index, in_session);
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

enum pl_err pl_decide_media(struct pl_ruling_on *r)
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

enum pl_err pl_decide_chat(struct pl_ruling_on *r)
{
    struct pl_str text = r->act->chat.text, to = r->act->chat.to;
    const struct pl_definition *d = r->m->definition;
    struct pl_circle circle = {PL_CIRCLE_WHOLE, PL_NO_SEAT};
    if (r->by->place != PL_PLACE_ROOM)
        return pl_refuse(r, PL_ESTATE, NULL, "You are not in the room yet.");
    if (text.n == 0 || text.n > PL_CHAT_MAX || !pl_text_ok(text))
        return pl_refuse(r, PL_EINVAL, "text",
                         "A text has 1 to 4000 bytes and no control characters.");
    if (to.p && pl_circle_find(d, to, &circle))
        return pl_refuse(r, PL_ENOENT, "to", "There is no such delegation.");
    if (!pl_circle_has(d, circle, r->by->person))
        return pl_refuse(r, PL_EAUTH, "to",
                         circle.kind == PL_CIRCLE_SEAT
                             ? "Only the delegation itself may write to itself."
                             : "Only who presides and the delegation may write such a note.");
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

enum pl_err pl_decide_mute(struct pl_ruling_on *r)
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

enum pl_err pl_decide_remove(struct pl_ruling_on *r)
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
enum pl_err pl_decide_admit(struct pl_ruling_on *r)
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

/* People: changes */

enum pl_err pl_apply_opened(const struct pl_change *ch)
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

enum pl_err pl_apply_joined(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_joined *e = &ch->e->joined;
    uint32_t index;
    if (e->participant.n >= PL_PARTICIPANT_ID_SIZE ||
        person_of(m, e->participant, &index) != PL_OK || pl_meeting_by_id(m, e->participant))
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
        pl_participant_free(p);
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
    pl_participant_free(p);
}

enum pl_err pl_apply_left(const struct pl_change *ch)
{
    struct pl_participant *p = pl_meeting_by_id(ch->m, ch->e->left.participant);
    if (!p)
        return PL_EINVAL;
    put_out(ch, p, PL_REFUSAL_NONE);
    return PL_OK;
}

enum pl_err pl_apply_remove(const struct pl_change *ch)
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

enum pl_err pl_apply_admit(const struct pl_change *ch)
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

enum pl_err pl_apply_media(const struct pl_change *ch)
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

enum pl_err pl_apply_mute(const struct pl_change *ch)
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

enum pl_err pl_apply_chat(const struct pl_change *ch)
{
    struct pl_participant *p = actor(ch);
    if (!p)
        return PL_EINVAL;
    pl_tell(ch, PL_EFFECT_SAID, p);
    return PL_OK;
}

/* They did not go: what was open still is, for whoever comes back first. */
enum pl_err pl_apply_restarted(const struct pl_change *ch)
{
    bool in_session = ch->m->in_session;
    pl_list_each (struct pl_participant, p, &ch->m->participants, node) {
        put_out(ch, p, PL_REFUSAL_NONE);
    }
    ch->m->in_session = in_session;
    pl_floor_end(ch);
    return PL_OK;
}
