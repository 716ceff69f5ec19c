/* See parts.h and meeting.h. Here: the speakers' list, who has the floor, interventions in writing,
 * and rulings on points of order. A seat's request and its floor are the seat's, whoever holds its
 * voice; without a seat they are the participant's. */
#include "meet/parts.h"

/* In this order the list is called; within a kind, by time. */
static const unsigned char order_of_kind[PL_FLOOR_KIND_COUNT] = {
    [PL_FLOOR_KIND_POINT_OF_ORDER] = 0,
    [PL_FLOOR_KIND_ANSWER] = 1,
    [PL_FLOOR_KIND_RIGHT_OF_REPLY] = 2,
    [PL_FLOOR_KIND_SPEAK] = 3,
};

static bool speaks(enum pl_role role)
{
    return pl_role_publishes(role) && role != PL_ROLE_INTERPRETER;
}

struct pl_floor_entry *pl_find_entry(const struct pl_meeting *m, int64_t number)
{
    pl_list_each (struct pl_floor_entry, entry, &m->state.floor.entries, node) {
        if (entry->number == (uint64_t)number)
            return entry;
    }
    return NULL;
}

static const struct pl_intervention *find_intervention(const struct pl_meeting *m, int64_t number)
{
    pl_list_each (struct pl_intervention, i, &m->state.floor.interventions, node) {
        if (i->entry.number == (uint64_t)number)
            return i;
    }
    return NULL;
}

static const struct pl_ruling *find_ruling(const struct pl_meeting *m, int64_t number)
{
    pl_list_each (struct pl_ruling, ruling, &m->state.floor.rulings, node) {
        if (ruling->entry.number == (uint64_t)number)
            return ruling;
    }
    return NULL;
}

static bool is_of(const struct pl_floor_entry *entry, uint32_t seat, uint32_t participant)
{
    return entry->seat == seat && (seat != PL_NO_SEAT || entry->participant == participant);
}

/* May the participant act on it as its maker? */
static bool is_theirs(const struct pl_meeting *m, const struct pl_floor_entry *entry,
                      const struct pl_participant *p)
{
    if (entry->seat == PL_NO_SEAT)
        return entry->participant == p->number;
    return entry->seat == pl_seat_of(m, p) && pl_meeting_has_voice(m, p);
}

static struct pl_participant *speaker(const struct pl_meeting *m, uint32_t seat,
                                      uint32_t participant)
{
    if (seat != PL_NO_SEAT)
        return pl_seat_speaker(m, seat);
    struct pl_participant *p = pl_meeting_by_number(m, participant);
    return p && p->place == PL_PLACE_ROOM ? p : NULL;
}

struct pl_participant *pl_meeting_floor_holder(const struct pl_meeting *m)
{
    const struct pl_floor_state *f = &m->state.floor;
    return f->held ? speaker(m, f->seat, f->participant) : NULL;
}

bool pl_meeting_asks_floor(const struct pl_meeting *m, const struct pl_participant *p)
{
    pl_list_each (struct pl_floor_entry, entry, &m->state.floor.entries, node) {
        if (is_theirs(m, entry, p))
            return true;
    }
    return false;
}

static bool has_floor(const struct pl_meeting *m, const struct pl_participant *p)
{
    const struct pl_floor_state *f = &m->state.floor;
    if (!f->held)
        return false;
    if (f->seat == PL_NO_SEAT)
        return f->participant == p->number;
    return f->seat == pl_seat_of(m, p) && pl_meeting_has_voice(m, p);
}

/* The list changes */

static void tell_changed(const struct pl_change *ch, struct pl_participant *p)
{
    if (p)
        pl_tell(ch, PL_EFFECT_CHANGED, p);
}

static void insert(struct pl_floor_state *f, struct pl_floor_entry *entry)
{
    struct pl_list *at = &f->entries;
    pl_list_each (struct pl_floor_entry, other, &f->entries, node) {
        if (order_of_kind[other->kind] > order_of_kind[entry->kind]) {
            at = &other->node;
            break;
        }
    }
    pl_list_push(at, &entry->node);
}

/* It stays in memory as it is, for what remembers it. */
static void remove_entry(const struct pl_change *ch, struct pl_floor_entry *entry)
{
    pl_list_remove(&entry->node);
    ch->m->state.floor.n_entries--;
    pl_touch(ch, PL_PART_FLOOR);
    tell_changed(ch, speaker(ch->m, entry->seat, entry->participant));
}

static void let_go(struct pl_floor_state *f)
{
    f->held = f->has_kind = false;
    f->seat = PL_NO_SEAT;
    f->participant = 0;
    f->entry = 0;
    f->since_ms = f->seconds = 0;
}

void pl_floor_end(const struct pl_change *ch)
{
    struct pl_floor_state *f = &ch->m->state.floor;
    if (!f->held)
        return;
    struct pl_participant *former = pl_meeting_floor_holder(ch->m);
    let_go(f);
    pl_touch(ch, PL_PART_FLOOR);
    tell_changed(ch, former);
}

void pl_floor_clear(const struct pl_change *ch)
{
    struct pl_floor_state *f = &ch->m->state.floor;
    pl_floor_end(ch);
    pl_list_each (struct pl_floor_entry, entry, &f->entries, node) {
        remove_entry(ch, entry);
    }
    pl_list_init(&f->interventions);
    pl_list_init(&f->rulings);
    f->list_open = true;
    pl_touch(ch, PL_PART_FLOOR);
}

void pl_floor_gone(const struct pl_change *ch, const struct pl_participant *p)
{
    struct pl_meeting *m = ch->m;
    struct pl_floor_state *f = &m->state.floor;
    uint32_t seat = pl_seat_of(m, p);
    if (f->held && f->seat == seat &&
        (seat != PL_NO_SEAT ? m->state.seats[seat].present == 0 : f->participant == p->number))
        pl_floor_end(ch);
    if (seat != PL_NO_SEAT)
        return;
    pl_list_each (struct pl_floor_entry, entry, &f->entries, node) {
        if (is_of(entry, PL_NO_SEAT, p->number))
            remove_entry(ch, entry);
    }
}

void pl_floor_speaker_changed(const struct pl_change *ch, uint32_t seat)
{
    const struct pl_floor_state *f = &ch->m->state.floor;
    bool there = f->held && f->seat == seat;
    pl_list_each (struct pl_floor_entry, entry, &f->entries, node) {
        there |= entry->seat == seat;
    }
    if (there)
        pl_touch(ch, PL_PART_FLOOR);
}

/* Requests */

/* For whom `by` asks: their seat, or PL_NO_SEAT and themselves. */
static enum pl_err who_asks(struct pl_ruling_on *r, uint32_t *seat)
{
    *seat = PL_NO_SEAT;
    if (!r->by)
        return pl_refuse(r, PL_EAUTH, NULL, "Only somebody in the meeting asks for the floor.");
    if (!speaks(r->by->role))
        return pl_refuse(r, PL_EAUTH, NULL, "Your role does not ask for the floor.");
    if (pl_seat_of(r->m, r->by) != PL_NO_SEAT)
        return pl_voice_of(r, seat);
    if (r->by->place != PL_PLACE_ROOM)
        return pl_refuse(r, PL_ESTATE, NULL, "You are not in the room yet.");
    return PL_OK;
}

static const struct pl_floor_entry *find_of_kind(const struct pl_meeting *m,
                                                 enum pl_floor_kind kind, uint32_t seat,
                                                 uint32_t participant)
{
    pl_list_each (const struct pl_floor_entry, entry, &m->state.floor.entries, node) {
        if (entry->kind == kind && is_of(entry, seat, participant))
            return entry;
    }
    return NULL;
}

enum pl_err pl_decide_request_floor(struct pl_ruling_on *r)
{
    const struct pl_act_request_floor *a = &r->act->request_floor;
    const struct pl_floor_state *f = &r->m->state.floor;
    uint32_t seat;
    enum pl_err err;
    if ((err = who_asks(r, &seat)) || (err = pl_check_open(r)) ||
        (err = pl_check_optional(r, "text", a->text)))
        return err;
    const struct pl_floor_entry *there = find_of_kind(r->m, a->kind, seat, r->by->number);
    if (there) {
        if (pl_same(a->text, there->text))
            return PL_OK;
        return pl_refuse(r, PL_EEXIST, "kind",
                         "You have a request of this kind on the list; withdraw it first.");
    }
    if (a->kind == PL_FLOOR_KIND_SPEAK && !f->list_open)
        return pl_refuse(r, PL_ESTATE, "kind", "The speakers' list is closed.");
    if (f->n_entries >= PL_FLOOR_ENTRIES_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL, "The speakers' list is full: 1000 requests.");
    struct pl_act_request_floor *e = &pl_add_act(r)->request_floor;
    e->participant = pl_str(r->by->id);
    e->seat =
        seat == PL_NO_SEAT ? (struct pl_str){NULL, 0} : pl_str(r->m->definition->seats[seat].id);
    return PL_OK;
}

enum pl_err pl_apply_request_floor(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    struct pl_floor_state *f = &m->state.floor;
    const struct pl_act_request_floor *e = &ch->e->request_floor;
    struct pl_participant *p = pl_meeting_by_id(m, e->participant);
    uint32_t seat = e->seat.p ? pl_find_seat(m->definition, e->seat) : PL_NO_SEAT;
    if (!p || pl_seat_of(m, p) != seat || find_of_kind(m, e->kind, seat, p->number))
        return PL_EINVAL;
    const char *name = seat == PL_NO_SEAT ? p->name : m->definition->seats[seat].name;
    struct pl_floor_entry *entry = pl_arena_alloc(&m->arena, sizeof *entry);
    if (!entry || pl_arena_str(&m->arena, e->text, &entry->text) != PL_OK ||
        pl_arena_str(&m->arena, pl_str(name), &entry->name) != PL_OK)
        return PL_ENOMEM;
    entry->number = ch->e->number;
    entry->kind = e->kind;
    entry->seat = seat;
    entry->participant = p->number;
    entry->at_ms = ch->e->at_ms;
    insert(f, entry);
    f->n_entries++;
    pl_touch(ch, PL_PART_FLOOR);
    tell_changed(ch, p);
    return PL_OK;
}

static enum pl_err no_entry(struct pl_ruling_on *r)
{
    return pl_refuse(r, PL_ENOENT, "entry", "There is no such request on the speakers' list.");
}

/* For its maker and those who preside. */
static enum pl_err check_theirs(struct pl_ruling_on *r, int64_t number)
{
    const struct pl_floor_entry *entry = pl_find_entry(r->m, number);
    if (!entry)
        return no_entry(r);
    if (!pl_presides(r) && !is_theirs(r->m, entry, r->by))
        return pl_refuse(r, PL_EAUTH, "entry",
                         "Only who asked, the chair and the secretary may do this.");
    return PL_OK;
}

enum pl_err pl_decide_withdraw_floor(struct pl_ruling_on *r)
{
    enum pl_err err = check_theirs(r, r->act->withdraw_floor.entry);
    if (err)
        return err;
    pl_add_act(r);
    return PL_OK;
}

/* The floor that was given for a request ends with it. */
static void close_entry(const struct pl_change *ch, struct pl_floor_entry *entry)
{
    if (ch->m->state.floor.entry == entry->number)
        pl_floor_end(ch);
    remove_entry(ch, entry);
}

enum pl_err pl_apply_withdraw_floor(const struct pl_change *ch)
{
    struct pl_floor_entry *entry = pl_find_entry(ch->m, ch->e->withdraw_floor.entry);
    if (!entry)
        return PL_EINVAL;
    close_entry(ch, entry);
    return PL_OK;
}

enum pl_err pl_decide_pass_floor(struct pl_ruling_on *r)
{
    enum pl_err err = check_theirs(r, r->act->pass_floor.entry);
    if (err)
        return err;
    pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_pass_floor(const struct pl_change *ch)
{
    struct pl_floor_entry *entry = pl_find_entry(ch->m, ch->e->pass_floor.entry);
    if (!entry)
        return PL_EINVAL;
    if (entry->passed) { /* a second time withdraws */
        close_entry(ch, entry);
        return PL_OK;
    }
    entry->passed = true;
    pl_list_remove(&entry->node);
    insert(&ch->m->state.floor, entry);
    pl_touch(ch, PL_PART_FLOOR);
    return PL_OK;
}

enum pl_err pl_decide_set_floor_list(struct pl_ruling_on *r)
{
    enum pl_err err = pl_check_presides(r);
    if (err)
        return err;
    if (r->act->set_floor_list.open != r->m->state.floor.list_open)
        pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_set_floor_list(const struct pl_change *ch)
{
    ch->m->state.floor.list_open = ch->e->set_floor_list.open;
    pl_touch(ch, PL_PART_FLOOR);
    return PL_OK;
}

/* The floor */

enum pl_err pl_decide_set_speaking_time(struct pl_ruling_on *r)
{
    enum pl_err err = pl_check_presides(r);
    if (err)
        return err;
    if (r->act->set_speaking_time.seconds != r->m->state.floor.speaking_seconds)
        pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_set_speaking_time(const struct pl_change *ch)
{
    ch->m->state.floor.speaking_seconds = ch->e->set_speaking_time.seconds;
    pl_touch(ch, PL_PART_FLOOR);
    return PL_OK;
}

/* `entry` NULL: none stands on the list. `who` NULL: nobody is here who speaks for the seat. */
static void add_giving(struct pl_ruling_on *r, const struct pl_floor_entry *entry, uint32_t seat,
                       const struct pl_participant *who)
{
    const struct pl_str absent = {NULL, 0};
    int64_t seconds = r->m->state.floor.speaking_seconds;
    struct pl_act_give_floor *e = &pl_add_act(r)->give_floor;
    e->has_entry = e->has_kind = entry != NULL;
    e->entry = entry ? (int64_t)entry->number : 0;
    e->kind = entry ? entry->kind : PL_FLOOR_KIND_SPEAK;
    e->participant = who ? pl_str(who->id) : absent;
    e->seat = seat == PL_NO_SEAT ? absent : pl_str(r->m->definition->seats[seat].id);
    e->has_seconds = seconds > 0 && !(entry && entry->text.p);
    e->seconds = e->has_seconds ? seconds : 0;
}

static enum pl_err give_to_entry(struct pl_ruling_on *r)
{
    const struct pl_meeting *m = r->m;
    int64_t number = r->act->give_floor.entry;
    const struct pl_floor_entry *entry = pl_find_entry(m, number);
    /* Called already: given once more it is the same. */
    if (number > 0 && (m->state.floor.entry == (uint64_t)number || find_intervention(m, number)))
        return PL_OK;
    if (!entry)
        return no_entry(r);
    if (!entry->text.p && entry->seat != PL_NO_SEAT && m->state.seats[entry->seat].present == 0)
        return pl_refuse(r, PL_ESTATE, "entry", "Nobody of this delegation is in the room.");
    add_giving(r, entry, entry->seat, speaker(m, entry->seat, entry->participant));
    return PL_OK;
}

/* What they asked for first, of what is to be spoken. */
static const struct pl_floor_entry *first_spoken(const struct pl_meeting *m, uint32_t seat,
                                                 uint32_t participant)
{
    pl_list_each (const struct pl_floor_entry, entry, &m->state.floor.entries, node) {
        if (!entry->text.p && is_of(entry, seat, participant))
            return entry;
    }
    return NULL;
}

static enum pl_err give_to_participant(struct pl_ruling_on *r)
{
    const struct pl_meeting *m = r->m;
    const char *field = "participant";
    const struct pl_participant *who = pl_meeting_by_id(m, r->act->give_floor.participant);
    if (!who)
        return pl_refuse(r, PL_ENOENT, field, "There is no such participant.");
    if (who->place != PL_PLACE_ROOM)
        return pl_refuse(r, PL_ESTATE, field, "They are not in the room.");
    if (!speaks(who->role))
        return pl_refuse(r, PL_ESTATE, field, "Their role does not speak.");
    uint32_t seat = pl_seat_of(m, who);
    if (seat != PL_NO_SEAT && !pl_meeting_has_voice(m, who))
        return pl_refuse(r, PL_ESTATE, field, "They do not hold the voice of their delegation.");
    const struct pl_floor_entry *entry = first_spoken(m, seat, who->number);
    if (has_floor(m, who) && (!entry || entry->number == m->state.floor.entry))
        return PL_OK;
    add_giving(r, entry, seat, who);
    return PL_OK;
}

enum pl_err pl_decide_give_floor(struct pl_ruling_on *r)
{
    const struct pl_act_give_floor *a = &r->act->give_floor;
    enum pl_err err;
    if ((err = pl_check_presides(r)) || (err = pl_check_open(r)))
        return err;
    if (a->has_entry == (a->participant.p != NULL))
        return pl_refuse(r, PL_EINVAL, a->has_entry ? "participant" : "entry",
                         "Give the floor to a request on the list, or to a participant.");
    return a->has_entry ? give_to_entry(r) : give_to_participant(r);
}

/* An intervention in writing: all read it, and nobody has the floor. */
static enum pl_err read_out(const struct pl_change *ch, const struct pl_floor_entry *entry)
{
    struct pl_meeting *m = ch->m;
    struct pl_intervention *i = pl_arena_alloc(&m->arena, sizeof *i);
    if (!i)
        return PL_ENOMEM;
    i->entry = *entry;
    i->at_ms = ch->e->at_ms;
    pl_list_push(&m->state.floor.interventions, &i->node);
    pl_floor_end(ch);
    return PL_OK;
}

/* From whoever had it. Who keeps it is not told in between that they lost it. */
static void hand_over(const struct pl_change *ch, uint32_t seat, uint32_t participant)
{
    const struct pl_act_give_floor *e = &ch->e->give_floor;
    struct pl_floor_state *f = &ch->m->state.floor;
    struct pl_participant *former = pl_meeting_floor_holder(ch->m);
    f->held = true;
    f->seat = seat;
    f->participant = participant;
    f->has_kind = e->has_kind;
    f->kind = e->kind;
    f->entry = e->has_entry ? (uint64_t)e->entry : 0;
    f->since_ms = ch->e->at_ms;
    f->seconds = e->has_seconds ? e->seconds : 0;
    struct pl_participant *now = pl_meeting_floor_holder(ch->m);
    if (former != now)
        tell_changed(ch, former);
    tell_changed(ch, now);
}

enum pl_err pl_apply_give_floor(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_give_floor *e = &ch->e->give_floor;
    struct pl_floor_entry *entry = e->has_entry ? pl_find_entry(m, e->entry) : NULL;
    struct pl_participant *who = e->participant.p ? pl_meeting_by_id(m, e->participant) : NULL;
    uint32_t seat = e->seat.p ? pl_find_seat(m->definition, e->seat) : PL_NO_SEAT;
    if ((e->has_entry && !entry) || (e->participant.p && !who) ||
        (seat == PL_NO_SEAT && (e->seat.p || !who)))
        return PL_EINVAL;
    if (entry && entry->text.p) {
        if (read_out(ch, entry) != PL_OK)
            return PL_ENOMEM;
    } else {
        hand_over(ch, seat, who ? who->number : 0);
    }
    /* A point of order waits for the ruling. */
    if (entry && entry->kind != PL_FLOOR_KIND_POINT_OF_ORDER)
        remove_entry(ch, entry);
    pl_touch(ch, PL_PART_FLOOR);
    return PL_OK;
}

enum pl_err pl_decide_end_floor(struct pl_ruling_on *r)
{
    if (!pl_presides(r) && !has_floor(r->m, r->by))
        return pl_refuse(r, PL_EAUTH, NULL, "You do not have the floor.");
    if (r->m->state.floor.held)
        pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_end_floor(const struct pl_change *ch)
{
    pl_floor_end(ch);
    return PL_OK;
}

/* Points of order */

enum pl_err pl_decide_rule_on(struct pl_ruling_on *r)
{
    const struct pl_act_rule_on *a = &r->act->rule_on;
    enum pl_err err;
    if ((err = pl_check_chair(r)) || (err = pl_check_text(r, "ruling", a->ruling)))
        return err;
    const struct pl_ruling *there = find_ruling(r->m, a->entry);
    if (there && there->upheld == a->upheld && pl_same(a->ruling, there->ruling))
        return PL_OK;
    if (there)
        return pl_refuse(r, PL_ESTATE, "entry", "This point of order was ruled on already.");
    const struct pl_floor_entry *entry = pl_find_entry(r->m, a->entry);
    if (!entry)
        return no_entry(r);
    if (entry->kind != PL_FLOOR_KIND_POINT_OF_ORDER)
        return pl_refuse(r, PL_ESTATE, "entry", "Only a point of order is ruled on.");
    pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_rule_on(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_rule_on *e = &ch->e->rule_on;
    struct pl_floor_entry *entry = pl_find_entry(m, e->entry);
    if (!entry)
        return PL_EINVAL;
    struct pl_ruling *ruling = pl_arena_alloc(&m->arena, sizeof *ruling);
    if (!ruling || pl_arena_str(&m->arena, e->ruling, &ruling->ruling) != PL_OK)
        return PL_ENOMEM;
    ruling->entry = *entry;
    ruling->upheld = e->upheld;
    ruling->at_ms = ch->e->at_ms;
    pl_list_push(&m->state.floor.rulings, &ruling->node);
    close_entry(ch, entry);
    return PL_OK;
}
