/* See parts.h. Here: the session, the agenda with its documents, and the seats' requests for urgent
 * consultation. */
#include "meet/parts.h"

#include <inttypes.h>
#include <stdio.h>

/* The session */

enum pl_err pl_decide_set_session(struct pl_ruling_on *r)
{
    const struct pl_act_set_session *a = &r->act->set_session;
    const struct pl_state *s = &r->m->state;
    enum pl_err err = pl_check_presides(r);
    if (err)
        return err;
    err = pl_check_optional(r, "reason", a->reason);
    if (err)
        return err;
    if (a->session == s->session && (!a->reason.p || pl_same(a->reason, s->session_reason)))
        return PL_OK;
    if (a->session != PL_SESSION_STATE_CLOSED && s->minutes.adopted)
        return pl_refuse(r, PL_ESTATE, "session",
                         "The minutes are adopted; the session stays closed.");
    if (a->session == PL_SESSION_STATE_SUSPENDED && s->session == PL_SESSION_STATE_CLOSED)
        return pl_refuse(r, PL_ESTATE, "session", "The session is closed; open it again first.");
    if (a->session == PL_SESSION_STATE_CLOSED && pl_decision_open_but_silence(r->m))
        return pl_refuse(r, PL_ESTATE, "session",
                         "A decision is open; close or withdraw it before the session is closed.");
    if (a->session == PL_SESSION_STATE_CLOSED && s->item)
        pl_add(r, PL_ACT_TAKE_ITEM); /* no item: the current one ends with the session */
    pl_add_act(r);
    return PL_OK;
}

/* In a meeting with an open floor the session alone says whether they are heard. */
static void tell_those_heard(const struct pl_change *ch)
{
    pl_list_each (struct pl_participant, p, &ch->m->participants, node) {
        if (p->place == PL_PLACE_ROOM && pl_role_publishes(p->role) && !pl_role_presides(p->role))
            pl_tell(ch, PL_EFFECT_CHANGED, p);
    }
}

enum pl_err pl_apply_set_session(const struct pl_change *ch)
{
    struct pl_state *s = &ch->m->state;
    const struct pl_act_set_session *e = &ch->e->set_session;
    bool was_open = s->session == PL_SESSION_STATE_OPEN,
         is_open = e->session == PL_SESSION_STATE_OPEN;
    if (pl_arena_str(&ch->m->arena, e->reason, &s->session_reason) != PL_OK)
        return PL_ENOMEM;
    s->session = e->session;
    pl_touch(ch, PL_PART_SESSION);
    if (e->session == PL_SESSION_STATE_CLOSED)
        pl_floor_clear(ch);
    else
        pl_corrections_end(ch);
    if (e->session == PL_SESSION_STATE_SUSPENDED)
        pl_floor_end(ch);
    if (ch->m->definition->floor == PL_FLOOR_OPEN && was_open != is_open)
        tell_those_heard(ch);
    return PL_OK;
}

/* Items */

struct pl_item *pl_find_item(const struct pl_meeting *m, struct pl_str id)
{
    pl_list_each (struct pl_item, item, &m->state.items, node) {
        if (pl_str_eq(id, item->id.p))
            return item;
    }
    return NULL;
}

static enum pl_err no_item(struct pl_ruling_on *r, const char *field)
{
    return pl_refuse(r, PL_ENOENT, field, "There is no such item on the agenda.");
}

static enum pl_err check_room_for_item(struct pl_ruling_on *r)
{
    if (r->m->state.n_items >= PL_ITEMS_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL, "The agenda is full: 100 items.");
    return PL_OK;
}

static bool same_item(const struct pl_act_put_item *a, const struct pl_item *item,
                      const struct pl_item *before)
{
    return pl_same(a->title, item->title) && item->minutes == (a->has_minutes ? a->minutes : 0) &&
           item->speaking_seconds == (a->has_speaking_seconds ? a->speaking_seconds : -1) &&
           (!before || item->node.next == &before->node);
}

enum pl_err pl_decide_put_item(struct pl_ruling_on *r)
{
    const struct pl_act_put_item *a = &r->act->put_item;
    const struct pl_item *before = NULL, *item = pl_find_item(r->m, a->item);
    enum pl_err err;
    if ((err = pl_check_prepares(r)) || (err = pl_check_id(r, "item", a->item)) ||
        (err = pl_check_line(r, "title", a->title)))
        return err;
    if (a->before.p) {
        before = pl_find_item(r->m, a->before);
        if (!before)
            return no_item(r, "before");
        if (before == item)
            return pl_refuse(r, PL_EINVAL, "before", "An item does not come before itself.");
    }
    if (!item && (err = check_room_for_item(r)))
        return err;
    if (!item || !same_item(a, item, before))
        pl_add_act(r);
    return PL_OK;
}

/* At the end of the agenda, with nothing but its id. NULL: no memory. */
static struct pl_item *new_item(struct pl_meeting *m, struct pl_str id)
{
    struct pl_item *item = pl_arena_alloc(&m->arena, sizeof *item);
    if (!item || pl_arena_str(&m->arena, id, &item->id) != PL_OK)
        return NULL;
    item->speaking_seconds = -1;
    pl_list_push(&m->state.items, &item->node);
    m->state.n_items++;
    return item;
}

enum pl_err pl_apply_put_item(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_put_item *e = &ch->e->put_item;
    struct pl_item *before = e->before.p ? pl_find_item(m, e->before) : NULL;
    struct pl_item *item = pl_find_item(m, e->item);
    if (e->before.p && (!before || before == item))
        return PL_EINVAL;
    if (!item && !(item = new_item(m, e->item)))
        return PL_ENOMEM;
    if (pl_arena_str(&m->arena, e->title, &item->title) != PL_OK)
        return PL_ENOMEM;
    item->minutes = e->has_minutes ? e->minutes : 0;
    item->speaking_seconds = e->has_speaking_seconds ? e->speaking_seconds : -1;
    if (before) {
        pl_list_remove(&item->node);
        pl_list_push(&before->node, &item->node);
    }
    pl_touch(ch, PL_PART_AGENDA);
    return PL_OK;
}

/* Do documents, papers or decisions belong to the item? */
static bool is_used(const struct pl_meeting *m, const struct pl_item *item)
{
    pl_list_each (struct pl_document, d, &m->state.documents, node) {
        if (d->item == item && !d->dropped)
            return true;
    }
    pl_list_each (struct pl_paper, paper, &m->state.papers, node) {
        if (paper->item == item)
            return true;
    }
    pl_list_each (struct pl_decision, d, &m->state.decisions, node) {
        if (d->item == item)
            return true;
    }
    return false;
}

enum pl_err pl_decide_drop_item(struct pl_ruling_on *r)
{
    enum pl_err err = pl_check_prepares(r);
    if (err)
        return err;
    const struct pl_item *item = pl_find_item(r->m, r->act->drop_item.item);
    if (!item)
        return no_item(r, "item");
    if (item->state != PL_ITEM_STATE_TO_COME)
        return pl_refuse(r, PL_ESTATE, "item", "An item that was begun stays on the agenda.");
    if (is_used(r->m, item))
        return pl_refuse(r, PL_ESTATE, "item",
                         "Documents, an options paper or a decision belong to this item.");
    pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_drop_item(const struct pl_change *ch)
{
    struct pl_item *item = pl_find_item(ch->m, ch->e->drop_item.item);
    if (!item || item->state != PL_ITEM_STATE_TO_COME)
        return PL_EINVAL;
    pl_list_remove(&item->node);
    ch->m->state.n_items--;
    pl_touch(ch, PL_PART_AGENDA);
    return PL_OK;
}

enum pl_err pl_decide_take_item(struct pl_ruling_on *r)
{
    const struct pl_str id = r->act->take_item.item;
    enum pl_err err;
    if ((err = pl_check_presides(r)) || (err = pl_check_open(r)))
        return err;
    const struct pl_item *item = id.p ? pl_find_item(r->m, id) : NULL;
    if (id.p && !item)
        return no_item(r, "item");
    if (item != r->m->state.item)
        pl_add_act(r);
    return PL_OK;
}

bool pl_agenda_lets_in(const struct pl_meeting *m, uint32_t person)
{
    const char *item = m->definition->people[person].item;
    return !item[0] || (m->state.item && pl_str_eq(m->state.item->id, item));
}

/* Those of the current item come in, those of another go out. */
static void move_guests(const struct pl_change *ch)
{
    pl_list_each (struct pl_participant, p, &ch->m->participants, node) {
        if (!ch->m->definition->people[p->person].item[0])
            continue;
        bool in = pl_agenda_lets_in(ch->m, p->person);
        pl_move(ch, p, in ? PL_PLACE_ROOM : PL_PLACE_WAITING);
    }
}

enum pl_err pl_apply_take_item(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_str id = ch->e->take_item.item;
    struct pl_item *item = id.p ? pl_find_item(m, id) : NULL;
    struct pl_item *former = m->state.item ? pl_find_item(m, m->state.item->id) : NULL;
    if (id.p && !item)
        return PL_EINVAL;
    if (former) {
        former->state = PL_ITEM_STATE_DONE;
        former->ended_ms = ch->e->at_ms;
    }
    if (item) {
        item->state = PL_ITEM_STATE_CURRENT;
        item->ended_ms = 0;
        if (!item->began_ms) /* else the meeting returns to it */
            item->began_ms = ch->e->at_ms;
    }
    m->state.item = item;
    m->state.floor.speaking_seconds = item && item->speaking_seconds >= 0
                                          ? item->speaking_seconds
                                          : m->definition->speaking_seconds;
    pl_touch(ch, PL_PART_SESSION);
    pl_touch(ch, PL_PART_AGENDA);
    pl_floor_clear(ch);
    move_guests(ch);
    return PL_OK;
}

/* Urgent consultation */

static struct pl_ask *find_ask(const struct pl_meeting *m, int64_t number)
{
    pl_list_each (struct pl_ask, ask, &m->state.asks, node) {
        if (ask->number == (uint64_t)number)
            return ask;
    }
    return NULL;
}

enum pl_err pl_decide_ask_item(struct pl_ruling_on *r)
{
    const struct pl_act_ask_item *a = &r->act->ask_item;
    uint32_t seat;
    size_t open = 0;
    enum pl_err err;
    if ((err = pl_voice_of(r, &seat)) || (err = pl_check_not_closed(r)) ||
        (err = pl_check_line(r, "title", a->title)) ||
        (err = pl_check_text(r, "reason", a->reason)))
        return err;
    pl_list_each (struct pl_ask, ask, &r->m->state.asks, node) {
        if (ask->seat != seat || ask->answered)
            continue;
        if (pl_same(a->title, ask->title) && pl_same(a->reason, ask->reason))
            return PL_OK; /* it stands there already */
        open++;
    }
    if (open >= PL_ASKS_OPEN_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL,
                         "Three requests of your delegation wait for an answer already.");
    if (r->m->state.n_asks >= PL_ASKS_MAX)
        return pl_refuse(
            r, PL_ELIMIT, NULL,
            "The meeting had all the requests for consultation that it can have: 100.");
    pl_add_act(r)->ask_item.seat = pl_str(r->m->definition->seats[seat].id);
    return PL_OK;
}

enum pl_err pl_apply_ask_item(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_ask_item *e = &ch->e->ask_item;
    uint32_t seat = pl_find_seat(m->definition, e->seat);
    if (seat == PL_NO_SEAT)
        return PL_EINVAL;
    struct pl_ask *ask = pl_arena_alloc(&m->arena, sizeof *ask);
    if (!ask || pl_arena_str(&m->arena, e->title, &ask->title) != PL_OK ||
        pl_arena_str(&m->arena, e->reason, &ask->reason) != PL_OK)
        return PL_ENOMEM;
    ask->number = ch->e->number;
    ask->seat = seat;
    ask->at_ms = ch->e->at_ms;
    pl_list_push(&m->state.asks, &ask->node);
    m->state.n_asks++;
    pl_touch(ch, PL_PART_AGENDA);
    return PL_OK;
}

/* An id that no item has. */
static struct pl_str id_for(struct pl_ruling_on *r, const struct pl_ask *ask)
{
    char *id = r->m->scratch->id;
    size_t size = sizeof r->m->scratch->id;
    snprintf(id, size, "ask%" PRIu64, ask->number);
    for (unsigned i = 2; pl_find_item(r->m, pl_str(id)); i++)
        snprintf(id, size, "ask%" PRIu64 "-%u", ask->number, i);
    return pl_str(id);
}

enum pl_err pl_decide_answer_ask(struct pl_ruling_on *r)
{
    const struct pl_act_answer_ask *a = &r->act->answer_ask;
    enum pl_err err;
    if ((err = pl_check_chair(r)) || (err = pl_check_not_closed(r)))
        return err;
    const struct pl_ask *ask = find_ask(r->m, a->ask);
    if (!ask)
        return pl_refuse(r, PL_ENOENT, "ask", "There is no such request for consultation.");
    if (ask->answered && ask->granted == a->granted && pl_same(a->reason, ask->answer))
        return PL_OK;
    if (ask->answered)
        return pl_refuse(r, PL_ESTATE, "ask", "This request was answered already.");
    if (!a->granted && !a->reason.p)
        return pl_refuse(r, PL_EINVAL, "reason", "Declining a request needs a reason.");
    if ((err = pl_check_optional(r, "reason", a->reason)) ||
        (a->granted && (err = check_room_for_item(r))))
        return err;
    pl_add_act(r)->answer_ask.item = a->granted ? id_for(r, ask) : (struct pl_str){NULL, 0};
    return PL_OK;
}

enum pl_err pl_apply_answer_ask(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_answer_ask *e = &ch->e->answer_ask;
    struct pl_ask *ask = find_ask(m, e->ask);
    if (!ask || e->granted != (e->item.p != NULL) || (e->item.p && pl_find_item(m, e->item)))
        return PL_EINVAL;
    if (pl_arena_str(&m->arena, e->reason, &ask->answer) != PL_OK)
        return PL_ENOMEM;
    if (e->granted) {
        struct pl_item *item = new_item(m, e->item);
        if (!item)
            return PL_ENOMEM;
        item->title = ask->title;
    }
    ask->answered = true;
    ask->granted = e->granted;
    pl_touch(ch, PL_PART_AGENDA);
    return PL_OK;
}

/* Documents */

/* Dropped ones too. */
static struct pl_document *find_document(const struct pl_meeting *m, struct pl_str id)
{
    pl_list_each (struct pl_document, d, &m->state.documents, node) {
        if (pl_str_eq(id, d->id.p))
            return d;
    }
    return NULL;
}

bool pl_is_sha256(struct pl_str s)
{
    if (s.n != 64)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
            return false;
    return true;
}

enum pl_err pl_decide_put_document(struct pl_ruling_on *r)
{
    const struct pl_act_put_document *a = &r->act->put_document;
    enum pl_err err;
    if ((err = pl_check_prepares(r)) || (err = pl_check_id(r, "document", a->document)) ||
        (err = pl_check_line(r, "name", a->name)) ||
        (err = pl_check_line(r, "media_type", a->media_type)))
        return err;
    if (!pl_find_item(r->m, a->item))
        return no_item(r, "item");
    if (!pl_is_sha256(a->sha256))
        return pl_refuse(r, PL_EINVAL, "sha256", "A hash has 64 hexadecimal digits.");
    if (find_document(r->m, a->document))
        return pl_refuse(r, PL_EEXIST, "document", "There was a document of this id already.");
    if (r->m->state.n_documents >= PL_DOCUMENTS_MAX)
        return pl_refuse(r, PL_ELIMIT, NULL,
                         "The meeting has all the documents that it can have: 200.");
    pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_put_document(const struct pl_change *ch)
{
    struct pl_meeting *m = ch->m;
    const struct pl_act_put_document *e = &ch->e->put_document;
    const struct pl_item *item = pl_find_item(m, e->item);
    if (!item || find_document(m, e->document))
        return PL_EINVAL;
    struct pl_document *d = pl_arena_alloc(&m->arena, sizeof *d);
    if (!d || pl_arena_str(&m->arena, e->document, &d->id) != PL_OK ||
        pl_arena_str(&m->arena, e->name, &d->name) != PL_OK ||
        pl_arena_str(&m->arena, e->media_type, &d->media_type) != PL_OK ||
        pl_arena_str(&m->arena, e->sha256, &d->sha256) != PL_OK)
        return PL_ENOMEM;
    d->item = item;
    d->size = e->size;
    pl_list_push(&m->state.documents, &d->node);
    m->state.n_documents++;
    pl_touch(ch, PL_PART_AGENDA);
    return PL_OK;
}

enum pl_err pl_decide_drop_document(struct pl_ruling_on *r)
{
    enum pl_err err = pl_check_prepares(r);
    if (err)
        return err;
    const struct pl_document *d = find_document(r->m, r->act->drop_document.document);
    if (!d)
        return pl_refuse(r, PL_ENOENT, "document", "There is no such document.");
    if (!d->dropped)
        pl_add_act(r);
    return PL_OK;
}

enum pl_err pl_apply_drop_document(const struct pl_change *ch)
{
    struct pl_document *d = find_document(ch->m, ch->e->drop_document.document);
    if (!d || d->dropped)
        return PL_EINVAL;
    d->dropped = true;
    ch->m->state.n_documents--;
    pl_touch(ch, PL_PART_AGENDA);
    return PL_OK;
}
