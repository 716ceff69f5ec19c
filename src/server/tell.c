/* Tells clients of the meeting's parts (signal/view.h): at the end of a turn, what changed since
 * they were told last, whole, with the eye of each. Nothing notes what is to be told but the
 * numbers of events: who was told up to none gets everything. See conference_parts.h. */
#include "crypto/hash.h"
#include "server/conference_parts.h"

#include <stdlib.h>

struct message {
    struct pl_buf json;
    uint64_t mark; /* of what it says; 0: not known, without memory */
};

/* One that may do for many. The key has no padding. */
struct shared {
    struct key {
        const void *subject;
        uint32_t part, sight, seat, person;
    } key;
    struct message message;
};

/* One turn of one meeting. */
struct turn {
    struct pl_conference *c;
    struct pl_map shared;
    size_t shared_bytes;
    struct message once; /* that there was no room to keep */
    size_t cost;
    bool over; /* the turn has cost enough: the rest comes with the next */
};

void pl_tell_changes(struct pl_conference *c)
{
    if (pl_list_empty(&c->changed))
        pl_list_push(&c->all->changed, &c->changed);
    pl_conferences_due(c->all, pl_conferences_now(c->all));
}

/* Its page has forgotten what it was told; or has another eye now. */
static void forget(struct pl_told *told)
{
    *told = (struct pl_told){.unread = told->unread, .waits = told->waits};
}

void pl_tell_again(struct pl_member *m)
{
    forget(&m->parts);
    pl_tell_changes(m->conference);
}

void pl_tell_anew(struct pl_member *m)
{
    m->parts = (struct pl_told){0};
    pl_tell_changes(m->conference);
}

void pl_tell_drained(struct pl_member *m)
{
    m->parts.unread = 0;
    if (!m->parts.waits)
        return;
    m->parts.waits = false;
    pl_tell_changes(m->conference);
}

/* Messages */

static uint64_t mark_of(const struct pl_buf *json)
{
    uint8_t hash[PL_SHA256_SIZE];
    uint64_t mark;
    if (json->failed)
        return 0;
    pl_sha256(json->data, json->len, hash);
    memcpy(&mark, hash, sizeof mark);
    return mark ? mark : 1;
}

static const struct message *encode(struct turn *t, struct pl_view_of of, struct pl_eye eye,
                                    struct message *out)
{
    pl_buf_clear(&out->json);
    if (of.part == PL_VIEW_SESSION) { /* which says what time it is, too: that is no news */
        pl_view_encode(t->c->meeting, of, eye, 0, &out->json);
        out->mark = mark_of(&out->json);
        pl_buf_clear(&out->json);
    }
    pl_view_encode(t->c->meeting, of, eye, pl_conference_now(t->c), &out->json);
    if (of.part != PL_VIEW_SESSION)
        out->mark = mark_of(&out->json);
    return out;
}

/* The message for that eye, made once for all who read the same. Good until the next call. */
static const struct message *message_for(struct turn *t, struct pl_view_of of, struct pl_eye eye)
{
    eye = pl_view_plain(t->c->meeting, of, eye);
    const void *subject = of.paper ? (const void *)of.paper : of.decision;
    const struct key key = {subject, of.part, eye.sight, eye.seat, eye.person};
    struct shared *s = pl_map_get(&t->shared, &key, sizeof key);
    if (s)
        return &s->message;
    if (t->shared_bytes > PL_TELL_SHARED || !(s = calloc(1, sizeof *s)))
        return encode(t, of, eye, &t->once);
    s->key = key;
    if (pl_map_put(&t->shared, &s->key, sizeof s->key, s) != PL_OK) {
        free(s);
        return encode(t, of, eye, &t->once);
    }
    encode(t, of, eye, &s->message);
    t->shared_bytes += s->message.json.len;
    return &s->message;
}

/* What the client was told last of this; NULL: that is not kept. */
static uint64_t *last_mark(struct pl_told *told)
{
    if (told->next < PL_VIEW_PAPER)
        return &told->parts[told->next];
    if (told->next == PL_VIEW_PAPER && told->index < PL_PAPERS_MAX)
        return &told->papers[told->index];
    if (told->next == PL_VIEW_DECISION && told->index < PL_DECISIONS_MAX)
        return &told->decisions[told->index];
    return NULL;
}

/* False: not now. */
static bool tell_of(struct turn *t, struct pl_member *m, struct pl_view_of of)
{
    const struct pl_meeting *meeting = t->c->meeting;
    struct pl_told *told = &m->parts;
    if (told->any && pl_view_changed(meeting, of) <= told->number)
        return true;
    uint64_t *last = last_mark(told);
    /* What was shown and is no longer is taken back; that can be a paper only. */
    if (!pl_view_shown(meeting, of, told->eye) && !(of.part == PL_VIEW_PAPER && last && *last))
        return true;
    t->over = t->cost >= PL_TELL_PARTS_TURN;
    if (t->over)
        return false;
    const struct message *message = message_for(t, of, told->eye);
    const struct pl_buf *json = &message->json;
    if (json->failed) { /* no memory: it ends, and is told all when it comes again */
        pl_client_send(m->client, json);
        return false;
    }
    if (last && message->mark && *last == message->mark)
        return true; /* what changed is not for this eye, and nobody is to see that it did */
    if (told->unread && told->unread + json->len > PL_TELL_UNREAD) {
        told->waits = true;
        return false;
    }
    struct pl_participant *speaker = pl_meeting_floor_holder(meeting);
    if (of.part == PL_VIEW_FLOOR && speaker)
        pl_member_acquaint(m, speaker);
    pl_client_send(m->client, json);
    told->unread += json->len;
    if (last)
        *last = message->mark;
    t->cost += json->len + PL_TELL_MESSAGE;
    return true;
}

/* People */

/* One part from where it was left. False: not to its end. */
static bool tell_part(struct turn *t, struct pl_member *m)
{
    struct pl_told *told = &m->parts;
    const struct pl_state *s = pl_meeting_state(t->c->meeting);
    struct pl_view_of of = {.part = told->next};
    size_t i = 0;
    switch (told->next) {
    case PL_VIEW_PAPER:
        pl_list_each (const struct pl_paper, paper, &s->papers, node) {
            of.paper = paper;
            if (i++ < told->index)
                continue;
            if (!tell_of(t, m, of))
                return false;
            told->index++;
        }
        return true;
    case PL_VIEW_DECISION:
        pl_list_each (const struct pl_decision, d, &s->decisions, node) {
            of.decision = d;
            if (i++ < told->index)
                continue;
            if (!tell_of(t, m, of))
                return false;
            told->index++;
        }
        return true;
    default:
        return tell_of(t, m, of);
    }
}

/* What changed up to now, in one go or, with a client that is slow to take it, by and by. What
 * changes meanwhile is told when that is through. */
static void tell_member(struct turn *t, struct pl_member *m)
{
    struct pl_told *told = &m->parts;
    struct pl_eye eye = pl_view_eye(t->c->meeting, m->participant);
    if (!pl_eye_eq(eye, told->eye))
        forget(told);
    if (!told->under_way) {
        uint64_t last = pl_meeting_state(t->c->meeting)->last;
        if (told->any && told->number == last)
            return;
        told->under_way = true;
        told->upto = last;
        told->eye = eye;
        told->next = PL_VIEW_SESSION;
        told->index = 0;
    }
    for (; told->next < PL_VIEW_COUNT; told->next++, told->index = 0)
        if (!tell_part(t, m))
            return;
    told->number = told->upto;
    told->any = true;
    told->under_way = false;
}

/* Those with numbers from `from` up to below `end`. */
static void tell_people(struct turn *t, uint32_t from, uint32_t end)
{
    pl_list_each (struct pl_participant, p, pl_meeting_list(t->c->meeting), node) {
        struct pl_member *m = pl_member_of(p);
        if (p->number < from || p->number >= end || !m || !m->client || m->parts.waits)
            continue;
        tell_member(t, m);
        if (t->over) {
            t->c->tell_from = p->number;
            return;
        }
    }
}

/* Where a turn ended the next begins, so that the last of a crowd get their turn though the first
 * have news again. */
static void tell_conference(struct pl_conference *c, pl_time_us now)
{
    struct turn t = {.c = c};
    uint32_t from = c->tell_from;
    pl_map_init(&t.shared, &c->all->config.random);
    tell_people(&t, from, UINT32_MAX);
    if (!t.over)
        tell_people(&t, 0, from);
    pl_list_remove(&c->changed);
    if (t.over)
        pl_list_push(&c->all->changed, &c->changed);
    else
        c->tell_from = 0;
    pl_time_us paid = c->tell_paid > now ? c->tell_paid : now;
    c->tell_paid = paid + (pl_time_us)t.cost * PL_SECOND / PL_TELL_PARTS_RATE;
    size_t at = 0;
    for (struct shared *s; (s = pl_map_next(&t.shared, &at));) {
        pl_buf_free(&s->message.json);
        free(s);
    }
    pl_map_free(&t.shared);
    pl_buf_free(&t.once.json);
}

/* A turn's worth may be owed; who owes more waits until it is paid. */
void pl_tell_run(struct pl_conferences *all, pl_time_us now)
{
    const pl_time_us burst = (pl_time_us)PL_TELL_PARTS_TURN * PL_SECOND / PL_TELL_PARTS_RATE;
    pl_list_each (struct pl_conference, c, &all->changed, changed) {
        if (c->tell_paid <= now + burst)
            tell_conference(c, now);
        if (!pl_list_empty(&c->changed))
            pl_conferences_due(all, c->tell_paid > now + burst ? c->tell_paid - burst : now + 1);
    }
}
