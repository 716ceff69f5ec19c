/* Who may see what, and the parts of the meeting that each is told of. See view.h. */
#include "signal/view.h"

#include "signal/view_parts.h"

#define GUESTS_MAX 32  /* of an item, as in messages.json */
#define LATEST_MAX 100 /* interventions and rulings, likewise */

static const struct pl_eye outside = {PL_SIGHT_OUTSIDE, PL_NO_SEAT, 0};
static const struct pl_eye all = {PL_SIGHT_ALL, PL_NO_SEAT, 0};

/* Eyes */

struct pl_eye pl_view_eye(const struct pl_meeting *m, const struct pl_participant *p)
{
    return p->place == PL_PLACE_ROOM ? pl_view_person_eye(m, p->person) : outside;
}

struct pl_eye pl_view_person_eye(const struct pl_meeting *m, uint32_t person)
{
    const struct pl_person *p = &pl_meeting_definition(m)->people[person];
    switch (p->role) {
    case PL_ROLE_CHAIR:
    case PL_ROLE_SECRETARY:
        return (struct pl_eye){PL_SIGHT_CHAIR, PL_NO_SEAT, 0};
    case PL_ROLE_DELEGATE:
    case PL_ROLE_ADVISER:
        return (struct pl_eye){PL_SIGHT_SEAT, p->seat, 0};
    case PL_ROLE_BRIEFER:
    case PL_ROLE_INVITED:
        return (struct pl_eye){PL_SIGHT_GUEST, PL_NO_SEAT, person};
    case PL_ROLE_INTERPRETER:
    case PL_ROLE_OBSERVER:
    case PL_ROLE_RAPPORTEUR:
    case PL_ROLE_CAPTIONER:
        return all;
    case PL_ROLE_COUNT:
        break;
    }
    return outside;
}

bool pl_eye_eq(struct pl_eye a, struct pl_eye b)
{
    return a.sight == b.sight && a.seat == b.seat && a.person == b.person;
}

const struct pl_party *pl_eye_party(const struct pl_meeting *m, struct pl_eye eye)
{
    if (eye.sight != PL_SIGHT_GUEST)
        return NULL;
    const struct pl_person *person = &pl_meeting_definition(m)->people[eye.person];
    if (person->role != PL_ROLE_INVITED || !person->party[0])
        return NULL;
    pl_list_each (const struct pl_party, p, &pl_meeting_state(m)->parties, node) {
        if (pl_str_eq(p->id, person->party))
            return p;
    }
    return NULL;
}

/* A guest of one item sees no other. */
static bool sees_item(const struct pl_meeting *m, struct pl_eye eye, const struct pl_item *item)
{
    if (eye.sight != PL_SIGHT_GUEST)
        return eye.sight != PL_SIGHT_OUTSIDE;
    const char *own = pl_meeting_definition(m)->people[eye.person].item;
    return !own[0] || pl_str_eq(item->id, own);
}

bool pl_eye_sees_position(struct pl_eye eye, uint32_t seat, const struct pl_position *position)
{
    bool own = eye.sight == PL_SIGHT_SEAT && eye.seat == seat;
    switch (position->visibility) {
    case PL_VISIBILITY_ALL:
        return eye.sight >= PL_SIGHT_ALL;
    case PL_VISIBILITY_CHAIR:
        return own || eye.sight == PL_SIGHT_CHAIR;
    case PL_VISIBILITY_DELEGATION:
        return own;
    case PL_VISIBILITY_COUNT:
        break;
    }
    return false;
}

bool pl_eye_sees_warning(const struct pl_meeting *m, struct pl_eye eye,
                         const struct pl_option *option, const struct pl_act_warning *warning)
{
    if (!warning->seat.p || eye.sight == PL_SIGHT_CHAIR)
        return true;
    const struct pl_definition *d = pl_meeting_definition(m);
    for (uint32_t i = 0; i < d->n_seats; i++) {
        if (!pl_str_eq(warning->seat, d->seats[i].id))
            continue;
        if (eye.sight == PL_SIGHT_SEAT && eye.seat == i)
            return true;
        const struct pl_position *p = option ? &option->positions[i] : NULL;
        return p && p->number && pl_eye_sees_position(eye, i, p) && p->red_line.p &&
               p->red_line.n == warning->text.n &&
               memcmp(p->red_line.p, warning->text.p, p->red_line.n) == 0;
    }
    return false;
}

size_t pl_eye_filter(const struct pl_meeting *m, struct pl_eye eye, const struct pl_option *option,
                     struct pl_act_warning *warnings, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (pl_eye_sees_warning(m, eye, option, &warnings[i]))
            warnings[kept++] = warnings[i];
    return kept;
}

/* Making messages */

void *pl_viewing_take(struct pl_viewing *v, size_t n, size_t size)
{
    void *list = pl_arena_alloc(&v->arena, (n ? n : 1) * size);
    if (!list)
        v->out->failed = true;
    return list;
}

struct pl_str pl_viewing_seat(const struct pl_viewing *v, uint32_t seat)
{
    return seat < v->d->n_seats ? pl_str(v->d->seats[seat].id) : (struct pl_str){0};
}

size_t pl_viewing_length(const struct pl_list *list)
{
    size_t n = 0;
    for (const struct pl_list *at = list->next; at != list; at = at->next)
        n++;
    return n;
}

static void view_session(struct pl_viewing *v)
{
    struct pl_to_client_session message = {
        .session = v->s->session,
        .reason = v->s->session_reason,
        .members = (int64_t)pl_meeting_members(v->m),
        .present = (int64_t)pl_meeting_present(v->m),
        .quorum = v->d->quorum,
        .now = v->now_ms,
    };
    if (v->s->item && sees_item(v->m, v->eye, v->s->item))
        message.item = v->s->item->id;
    pl_to_client_session(v->out, &message);
}

static void view_seats(struct pl_viewing *v)
{
    struct pl_msg_seat *seats = pl_viewing_take(v, v->d->n_seats, sizeof *seats);
    if (!seats)
        return;
    for (size_t i = 0; i < v->d->n_seats; i++) {
        const struct pl_seat *seat = &v->d->seats[i];
        const struct pl_seat_state *state = &v->s->seats[i];
        seats[i] = (struct pl_msg_seat){
            .seat = pl_str(seat->id),
            .name = pl_str(seat->name),
            .weight = seat->weight,
            .member = !seat->guest,
            .present = state->present > 0,
        };
        if (seat->country[0])
            seats[i].country = pl_str(seat->country);
        if (state->voice != PL_NO_PERSON) {
            seats[i].voice = pl_str(v->d->people[state->voice].id);
            seats[i].voice_name = pl_str(v->d->people[state->voice].name);
        }
        if (state->head != PL_NO_PERSON)
            seats[i].head = pl_str(v->d->people[state->head].id);
    }
    const struct pl_to_client_seats message = {seats, v->d->n_seats};
    pl_to_client_seats(v->out, &message);
}

/* The agenda */

struct told_items {
    struct pl_msg_item *items;
    struct pl_act_ref (*guests)[GUESTS_MAX];
    size_t n;
};

static bool take_items(struct pl_viewing *v, struct told_items *told)
{
    size_t n = pl_viewing_length(&v->s->items);
    told->items = pl_viewing_take(v, n, sizeof *told->items);
    told->guests = pl_viewing_take(v, n, sizeof *told->guests);
    if (!told->items || !told->guests)
        return false;
    pl_list_each (const struct pl_item, item, &v->s->items, node) {
        if (!sees_item(v->m, v->eye, item))
            continue;
        told->items[told->n] = (struct pl_msg_item){
            .item = item->id,
            .title = item->title,
            .state = item->state,
            .minutes = item->minutes,
            .has_minutes = item->minutes != 0,
            .began_at = item->began_ms,
            .has_began_at = item->began_ms != 0,
            .ended_at = item->ended_ms,
            .has_ended_at = item->ended_ms != 0,
            .guests = told->guests[told->n],
        };
        told->n++;
    }
    return true;
}

static void add_guests(const struct pl_viewing *v, struct told_items *told)
{
    for (size_t i = 0; i < v->d->n_people; i++) {
        const struct pl_person *person = &v->d->people[i];
        for (size_t j = 0; person->item[0] && j < told->n; j++) {
            struct pl_msg_item *item = &told->items[j];
            if (item->n_guests < GUESTS_MAX && pl_str_eq(item->item, person->item))
                told->guests[j][item->n_guests++].id = pl_str(person->id);
        }
    }
}

static void view_agenda(struct pl_viewing *v)
{
    struct told_items items = {0};
    struct pl_msg_attachment *documents =
        pl_viewing_take(v, pl_viewing_length(&v->s->documents), sizeof *documents);
    struct pl_msg_ask *asks = pl_viewing_take(v, pl_viewing_length(&v->s->asks), sizeof *asks);
    if (!take_items(v, &items) || !documents || !asks)
        return;
    add_guests(v, &items);
    struct pl_to_client_agenda message = {
        .items = items.items, .n_items = items.n, .documents = documents, .asks = asks};
    pl_list_each (const struct pl_document, d, &v->s->documents, node) {
        if (!d->dropped && sees_item(v->m, v->eye, d->item))
            documents[message.n_documents++] = (struct pl_msg_attachment){
                d->id, d->item->id, d->name, d->media_type, d->size, d->sha256};
    }
    pl_list_each (const struct pl_ask, a, &v->s->asks, node) {
        if (v->eye.sight >= PL_SIGHT_ALL)
            asks[message.n_asks++] = (struct pl_msg_ask){
                .ask = a->number,
                .seat = pl_viewing_seat(v, a->seat),
                .title = a->title,
                .reason = a->reason,
                .at = a->at_ms,
                .answered = a->answered,
                .granted = a->granted,
                .has_granted = a->answered,
                .answer = a->answer,
            };
    }
    pl_to_client_agenda(v->out, &message);
}

/* The floor */

/* The id of who would speak, if they are in the room: of others nobody has heard. */
static struct pl_str speaker(const struct pl_viewing *v, uint32_t seat, uint32_t number)
{
    const struct pl_participant *p = NULL;
    if (seat == PL_NO_SEAT)
        p = pl_meeting_by_number(v->m, number);
    else if (v->s->seats[seat].voice != PL_NO_PERSON)
        p = pl_meeting_by_person(v->m, v->s->seats[seat].voice);
    return p && p->place == PL_PLACE_ROOM ? pl_str(p->id) : (struct pl_str){0};
}

static void add_entries(struct pl_viewing *v, struct pl_msg_floor_entry *entries,
                        struct pl_to_client_floor *message)
{
    pl_list_each (const struct pl_floor_entry, e, &v->s->floor.entries, node) {
        entries[message->n_entries++] = (struct pl_msg_floor_entry){
            .entry = e->number,
            .kind = e->kind,
            .participant = speaker(v, e->seat, e->participant),
            .seat = pl_viewing_seat(v, e->seat),
            .name = e->name,
            .written = e->text.p != NULL,
            .passed = e->passed,
            .at = e->at_ms,
        };
    }
    message->entries = entries;
}

static void add_interventions(struct pl_viewing *v, struct pl_msg_intervention *list, size_t n,
                              struct pl_to_client_floor *message)
{
    size_t skip = n > LATEST_MAX ? n - LATEST_MAX : 0;
    pl_list_each (const struct pl_intervention, i, &v->s->floor.interventions, node) {
        if (skip && skip--)
            continue;
        list[message->n_interventions++] = (struct pl_msg_intervention){
            .entry = i->entry.number,
            .kind = i->entry.kind,
            .seat = pl_viewing_seat(v, i->entry.seat),
            .name = i->entry.name,
            .text = i->entry.text,
            .at = i->at_ms,
        };
    }
    message->interventions = list;
}

static void add_rulings(struct pl_viewing *v, struct pl_msg_ruling *list, size_t n,
                        struct pl_to_client_floor *message)
{
    size_t skip = n > LATEST_MAX ? n - LATEST_MAX : 0;
    pl_list_each (const struct pl_ruling, r, &v->s->floor.rulings, node) {
        if (skip && skip--)
            continue;
        list[message->n_rulings++] =
            (struct pl_msg_ruling){r->entry.number, r->entry.name, r->upheld, r->ruling, r->at_ms};
    }
    message->rulings = list;
}

static void view_floor(struct pl_viewing *v)
{
    const struct pl_floor_state *f = &v->s->floor;
    size_t n_interventions = pl_viewing_length(&f->interventions),
           n_rulings = pl_viewing_length(&f->rulings);
    struct pl_msg_floor_entry *entries =
        pl_viewing_take(v, pl_viewing_length(&f->entries), sizeof *entries);
    struct pl_msg_intervention *interventions =
        pl_viewing_take(v, n_interventions, sizeof *interventions);
    struct pl_msg_ruling *rulings = pl_viewing_take(v, n_rulings, sizeof *rulings);
    if (!entries || !interventions || !rulings)
        return;
    struct pl_to_client_floor message = {
        .list_open = f->list_open,
        .speaking_seconds = f->speaking_seconds,
    };
    if (f->held) {
        message.participant = speaker(v, f->seat, f->participant);
        message.seat = pl_viewing_seat(v, f->seat);
        message.kind = f->kind;
        message.has_kind = f->has_kind;
        message.since = f->since_ms;
        message.has_since = true;
        message.seconds = f->seconds;
        message.has_seconds = f->seconds != 0;
    }
    add_entries(v, entries, &message);
    add_interventions(v, interventions, n_interventions, &message);
    add_rulings(v, rulings, n_rulings, &message);
    pl_to_client_floor(v->out, &message);
}

/* All of them */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t pl_view_changed(const struct pl_meeting *m, struct pl_view_of of)
{
    const uint64_t *changed = pl_meeting_state(m)->changed;
    switch (of.part) {
    case PL_VIEW_SESSION:
        return changed[PL_PART_SESSION];
    case PL_VIEW_SEATS:
        return changed[PL_PART_SEATS];
    case PL_VIEW_AGENDA:
        return changed[PL_PART_AGENDA];
    case PL_VIEW_FLOOR:
        return changed[PL_PART_FLOOR];
    case PL_VIEW_REGISTER:
        return changed[PL_PART_REGISTER];
    case PL_VIEW_MINUTES:
        return changed[PL_PART_MINUTES];
    case PL_VIEW_ALARMS:
        return changed[PL_PART_ALARMS];
    case PL_VIEW_PAPER: /* the warnings come of the register */
        return later(of.paper->changed, changed[PL_PART_REGISTER]);
    case PL_VIEW_DECISION:
        if (!of.decision->paper || of.decision->state != PL_DECISION_STATE_DRAFT)
            return of.decision->changed;
        return later(of.decision->changed,
                     later(of.decision->paper->changed, changed[PL_PART_REGISTER]));
    case PL_VIEW_COUNT:
        break;
    }
    return 0;
}

bool pl_view_shown(const struct pl_meeting *m, struct pl_view_of of, struct pl_eye eye)
{
    switch (of.part) {
    case PL_VIEW_SESSION:
        return true;
    case PL_VIEW_SEATS:
    case PL_VIEW_AGENDA:
    case PL_VIEW_FLOOR:
        return eye.sight != PL_SIGHT_OUTSIDE;
    case PL_VIEW_ALARMS:
        return eye.sight != PL_SIGHT_OUTSIDE && !pl_list_empty(&pl_meeting_state(m)->alarms);
    case PL_VIEW_REGISTER:
        return eye.sight >= PL_SIGHT_ALL || pl_eye_party(m, eye);
    case PL_VIEW_PAPER:
        return pl_view_paper_shown(m, of.paper, eye);
    case PL_VIEW_MINUTES:
    case PL_VIEW_DECISION:
        return eye.sight >= PL_SIGHT_ALL;
    case PL_VIEW_COUNT:
        break;
    }
    return false;
}

struct pl_eye pl_view_plain(const struct pl_meeting *m, struct pl_view_of of, struct pl_eye eye)
{
    if (eye.sight == PL_SIGHT_OUTSIDE)
        return eye;
    switch (of.part) {
    case PL_VIEW_SEATS:
    case PL_VIEW_FLOOR:
    case PL_VIEW_MINUTES:
    case PL_VIEW_ALARMS:
        return all;
    case PL_VIEW_SESSION:
    case PL_VIEW_AGENDA:
    case PL_VIEW_REGISTER:
        return eye.sight == PL_SIGHT_GUEST ? eye : all;
    case PL_VIEW_PAPER:
        return pl_view_paper_plain(m, of.paper, eye);
    case PL_VIEW_DECISION:
        return pl_view_decision_plain(m, of.decision, eye);
    case PL_VIEW_COUNT:
        break;
    }
    return eye;
}

void pl_view_encode(const struct pl_meeting *m, struct pl_view_of of, struct pl_eye eye,
                    int64_t now_ms, struct pl_buf *out)
{
    struct pl_viewing v = {
        .m = m,
        .d = pl_meeting_definition(m),
        .s = pl_meeting_state(m),
        .eye = eye,
        .now_ms = now_ms,
        .out = out,
    };
    switch (of.part) {
    case PL_VIEW_SESSION:
        view_session(&v);
        break;
    case PL_VIEW_SEATS:
        view_seats(&v);
        break;
    case PL_VIEW_AGENDA:
        view_agenda(&v);
        break;
    case PL_VIEW_FLOOR:
        view_floor(&v);
        break;
    case PL_VIEW_REGISTER:
        pl_view_register(&v);
        break;
    case PL_VIEW_MINUTES:
        pl_view_minutes(&v);
        break;
    case PL_VIEW_ALARMS:
        pl_view_alarms(&v);
        break;
    case PL_VIEW_PAPER:
        pl_view_paper(&v, of.paper);
        break;
    case PL_VIEW_DECISION:
        pl_view_decision(&v, of.decision);
        break;
    case PL_VIEW_COUNT:
        break;
    }
    pl_arena_free(&v.arena);
}
