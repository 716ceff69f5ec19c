/* See meeting.h and parts.h. Here: what a meeting is made of, who may be heard, and the way that
 * every act goes. Rules are in decide_*, what they change is in apply_*; nothing else is state. */
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
                               &s->floor.rulings, &s->minutes.notes, &s->minutes.corrections,
                               &s->alarms,        &m->participants};
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

void pl_meeting_free(struct pl_meeting *m)
{
    if (!m)
        return;
    pl_list_each (struct pl_participant, p, &m->participants, node) {
        pl_participant_free(p);
    }
    pl_map_free(&m->by_id);
    pl_map_free(&m->by_number);
    pl_arena_free(&m->arena);
    pl_definition_free(m->widened);
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

bool pl_meeting_admitted(const struct pl_meeting *m, uint32_t person)
{
    return person < m->definition->n_people && m->people[person].admitted;
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

bool pl_is_line(struct pl_str s)
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
    if (!pl_is_line(text))
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

/* The way of every act */

/* What the server itself says. */
static enum pl_err decide_server(struct pl_ruling_on *r)
{
    if (r->by)
        return pl_refuse(r, PL_EAUTH, NULL, "This is the server's to say.");
    pl_add_act(r);
    return PL_OK;
}

/* What is said for the record alone. */
static enum pl_err apply_nothing(const struct pl_change *ch)
{
    (void)ch;
    return PL_OK;
}

struct handler {
    pl_decide *decide; /* NULL: the server's own, made elsewhere */
    pl_apply *apply;
};

static const struct handler handlers[PL_ACT_COUNT] = {
    [PL_ACT_CREATED] = {decide_server, apply_nothing},
    [PL_ACT_MANIFEST] = {decide_server, apply_nothing},
    [PL_ACT_RESTARTED] = {decide_server, pl_apply_restarted},
    [PL_ACT_OPENED] = {NULL, pl_apply_opened},
    [PL_ACT_ADD_SEAT] = {pl_decide_add_seat, pl_apply_add_seat},
    [PL_ACT_ADD_PERSON] = {pl_decide_add_person, pl_apply_add_person},
    [PL_ACT_JOINED] = {NULL, pl_apply_joined},
    [PL_ACT_LEFT] = {NULL, pl_apply_left},
    [PL_ACT_MEDIA] = {pl_decide_media, pl_apply_media},
    [PL_ACT_CHAT] = {pl_decide_chat, pl_apply_chat},
    [PL_ACT_BOOTH] = {pl_decide_booth, pl_apply_booth},
    [PL_ACT_OFFER_BOOTH] = {pl_decide_offer_booth, pl_apply_offer_booth},
    [PL_ACT_CAPTION] = {pl_decide_caption, pl_apply_caption},
    [PL_ACT_MUTE] = {pl_decide_mute, pl_apply_mute},
    [PL_ACT_REMOVE] = {pl_decide_remove, pl_apply_remove},
    [PL_ACT_ADMIT] = {pl_decide_admit, pl_apply_admit},
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
    [PL_ACT_ANNOTATE] = {pl_decide_annotate, pl_apply_annotate},
    [PL_ACT_OPEN_CORRECTIONS] = {pl_decide_open_corrections, pl_apply_open_corrections},
    [PL_ACT_PROPOSE_CORRECTION] = {pl_decide_propose_correction, pl_apply_propose_correction},
    [PL_ACT_SETTLE_CORRECTION] = {pl_decide_settle_correction, pl_apply_settle_correction},
    [PL_ACT_ADOPT_MINUTES] = {pl_decide_adopt_minutes, pl_apply_adopt_minutes},
    [PL_ACT_ALARM] = {pl_decide_alarm, pl_apply_alarm},
};

/* Acts of the meeting that need a person who is there; all others may be prepared too. */
static bool needs_somebody(enum pl_act_type type)
{
    switch (type) {
    case PL_ACT_MEDIA:
    case PL_ACT_CHAT:
    case PL_ACT_BOOTH:
    case PL_ACT_OFFER_BOOTH:
    case PL_ACT_CAPTION:
    case PL_ACT_REMOVE:
    case PL_ACT_ANNOTATE:
    case PL_ACT_OPEN_CORRECTIONS:
    case PL_ACT_ALARM:
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

static void nobody_told(void *ctx, enum pl_effect_type type, struct pl_participant *who,
                        enum pl_refusal refusal, const struct pl_act *event)
{
    (void)ctx;
    (void)type;
    (void)who;
    (void)refusal;
    (void)event;
}

const struct pl_effects pl_no_effects = {NULL, nobody_told};

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
