/* The people of a conference: their connections, and what each is told of the others. See
 * conference_parts.h. */
#include "crypto/hash.h"
#include "server/assets.h"
#include "server/conference_parts.h"

#include <stdio.h>
#include <stdlib.h>

struct pl_member *pl_member_of(const struct pl_participant *p)
{
    return p->user;
}

/* Telling */

static void send_participant(const struct pl_member *m, struct pl_buf *json)
{
    const struct pl_participant *p = m->participant;
    const struct pl_definition *d = m->conference->definition;
    struct pl_msg_source sources[PL_SOURCES_MAX];
    struct pl_to_client_participant message = {
        .participant =
            {
                .id = pl_str(p->id),
                .person = pl_str(d->people[p->person].id),
                .name = pl_str(p->name),
                .role = p->role,
                .place = p->place,
                .hand = pl_meeting_asks_floor(m->conference->meeting, p),
                .floor = pl_meeting_heard(m->conference->meeting, p),
                .voice = pl_meeting_has_voice(m->conference->meeting, p),
                .booth = p->booth,
                .has_booth_offered = p->offers_booth,
                .booth_offered = p->offers_booth,
                .muted_by_chair = p->muted_by_chair,
                .sources = sources,
            },
    };
    struct pl_msg_participant *told = &message.participant;
    uint32_t seat = d->people[p->person].seat;
    if (seat != PL_NO_SEAT) {
        told->seat = pl_str(d->seats[seat].id);
        told->seat_name = pl_str(d->seats[seat].name);
        if (d->seats[seat].country[0])
            told->country = pl_str(d->seats[seat].country);
    }
    if (d->people[p->person].language[0])
        told->language = pl_str(d->people[p->person].language);
    if (d->people[p->person].party[0])
        told->party = pl_str(d->people[p->person].party);
    pl_list_each (struct pl_leg, leg, &m->legs, node) {
        for (size_t i = 0; i < leg->n_sources && told->n_sources < PL_SOURCES_MAX; i++) {
            const struct pl_leg_source *s = &leg->sources[i];
            if (pl_leg_source_shown(s))
                sources[told->n_sources++] = (struct pl_msg_source){s->id, s->kind};
        }
    }
    pl_to_client_participant(json, &message);
}

static void tell_of(const struct pl_member *m, const struct pl_participant *p)
{
    struct pl_buf json = {0};
    send_participant(pl_member_of(p), &json);
    pl_client_send(m->client, &json);
    pl_buf_free(&json);
}

enum audience {
    WHO_SEE,    /* the participant, and have heard of them: the others will hear the latest */
    OTHERS,     /* who see the participant, but for the participant */
    NO_LONGER,  /* who do not see the participant any more, as those do who are in the room */
    WHOLE_ROOM, /* whoever has heard of all before: to the others it is told after that */
};

static bool reaches(const struct pl_member *m, const struct pl_participant *p, enum audience who)
{
    const struct pl_participant *q = m->participant;
    switch (who) {
    case WHO_SEE:
        return m->told >= p->number && pl_meeting_sees(q, p);
    case OTHERS:
        return q != p && pl_meeting_sees(q, p);
    case NO_LONGER:
        return q->place == PL_PLACE_ROOM && !pl_meeting_sees(q, p);
    case WHOLE_ROOM:
        return m->told == PL_TOLD_ALL && q->place == PL_PLACE_ROOM;
    }
    return false;
}

static void broadcast(struct pl_conference *c, const struct pl_participant *p, enum audience who,
                      const struct pl_buf *json)
{
    pl_list_each (struct pl_participant, q, pl_meeting_list(c->meeting), node) {
        struct pl_member *m = pl_member_of(q);
        if (m && m->client && reaches(m, p, who))
            pl_client_send(m->client, json);
    }
}

void pl_member_changed(struct pl_member *m)
{
    struct pl_conferences *all = m->conference->all;
    if (pl_list_empty(&m->dirty))
        pl_list_push(&all->dirty, &m->dirty);
    pl_conferences_due(all, pl_conferences_now(all));
}

void pl_member_tell_changed(struct pl_member *m)
{
    struct pl_buf json = {0};
    pl_list_remove(&m->dirty);
    send_participant(m, &json);
    broadcast(m->conference, m->participant, WHO_SEE, &json);
    pl_buf_free(&json);
}

static void send_speaker(const struct pl_conference *c, struct pl_buf *json)
{
    struct pl_to_client_speaker message = {0};
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        if (p->number == c->speaker)
            message.participant = pl_str(p->id);
    }
    pl_to_client_speaker(json, &message);
}

void pl_member_tell_speaker(struct pl_conference *c)
{
    struct pl_buf json = {0};
    send_speaker(c, &json);
    broadcast(c, NULL, WHOLE_ROOM, &json);
    pl_buf_free(&json);
}

/* A guest of an item is here for that alone. */
static bool may_read(const struct pl_member *m, const struct pl_chat_kept *chat)
{
    const struct pl_conference *c = m->conference;
    const struct pl_person *person = &c->definition->people[m->participant->person];
    if (!pl_circle_has(c->definition, chat->circle, m->participant->person))
        return false;
    return !person->item[0] || chat->item == pl_meeting_state(c->meeting)->item;
}

/* What comes after the people: what was said before, and who speaks. */
static void tell_rest(struct pl_member *m)
{
    const struct pl_conference *c = m->conference;
    struct pl_buf json = {0};
    for (size_t i = 0; i < c->n_chat; i++) {
        if (!may_read(m, &c->chat[i]))
            continue;
        pl_buf_clear(&json);
        pl_buf_puts(&json, c->chat[i].json);
        pl_client_send(m->client, &json);
    }
    pl_buf_clear(&json);
    if (c->speaker) {
        send_speaker(c, &json);
        pl_client_send(m->client, &json);
    }
    pl_buf_free(&json);
}

size_t pl_member_tell_batch(struct pl_member *m)
{
    size_t n = 0;
    pl_list_remove(&m->telling);
    if (!m->client)
        return 0;
    pl_list_each (struct pl_participant, q, pl_meeting_list(m->conference->meeting), node) {
        if (q->number <= m->told || !pl_member_of(q))
            continue;
        if (n == PL_TELL_BATCH)
            return n; /* on with pl_member_tell_more */
        m->told = q->number;
        if (!pl_meeting_sees(m->participant, q))
            continue;
        tell_of(m, q);
        n++;
    }
    m->told = PL_TOLD_ALL;
    if (m->participant->place == PL_PLACE_ROOM)
        tell_rest(m);
    return n;
}

void pl_member_tell_more(struct pl_member *m)
{
    struct pl_conferences *all = m->conference->all;
    if (m->told == PL_TOLD_ALL || !pl_list_empty(&m->telling))
        return;
    pl_list_push(&all->telling, &m->telling);
    pl_conferences_due(all, pl_conferences_now(all));
}

void pl_member_acquaint(struct pl_member *m, const struct pl_participant *p)
{
    if (m->client && m->told < p->number)
        tell_of(m, p);
}

/* Everything that somebody must know who comes into the room, or stands before it: at once if that
 * is little, else by and by, beginning with themselves. */
static void tell_all(struct pl_member *m)
{
    m->told = 0;
    if (pl_meeting_size(m->conference->meeting) <= PL_TELL_BATCH) {
        pl_member_tell_batch(m);
        return;
    }
    tell_of(m, m->participant);
    pl_member_tell_more(m);
}

static void welcome(struct pl_member *m, bool kept)
{
    const struct pl_conference *c = m->conference;
    const struct pl_definition *d = c->definition;
    const struct pl_participant *p = m->participant;
    struct pl_to_client_welcome message = {
        .meeting =
            {
                .id = pl_str(c->id),
                .title = pl_str(d->title),
                .floor = d->floor,
                .encryption = d->encryption,
                .in_session = pl_meeting_in_session(c->meeting),
            },
        .you = pl_str(p->id),
        .place = p->place,
        .media = kept ? PL_TRANSPORT_START_KEPT : PL_TRANSPORT_START_OFFER,
        .may_publish = pl_role_publishes(p->role),
        .may_preside = pl_role_presides(p->role),
    };
    struct pl_act_ref languages[PL_LANGUAGES_MAX];
    if (d->marking)
        message.meeting.marking = pl_str(d->marking);
    if (d->body)
        message.meeting.body = pl_str(d->body);
    if (d->zone)
        message.meeting.zone = pl_str(d->zone);
    for (size_t i = 0; i < d->n_languages; i++)
        languages[i].id = pl_str(d->languages[i]);
    message.meeting.languages = languages;
    message.meeting.n_languages = d->n_languages;
    const struct pl_through_server *turn = m->client->io.turn;
    if (turn) {
        message.has_turn = true;
        message.turn.url = pl_str(turn->url);
        message.turn.username = pl_str(turn->credentials.username);
        message.turn.credential = pl_str(turn->credentials.password);
    }
    if (pl_assets_build[0])
        message.build = pl_str(pl_assets_build);
    struct pl_buf json = {0};
    pl_to_client_welcome(&json, &message);
    pl_client_send(m->client, &json);
    pl_buf_free(&json);
}

/* Effects */

static void keep_chat(struct pl_conference *c, const struct pl_buf *json, struct pl_circle circle)
{
    char *text = json->failed ? NULL : strdup(json->data);
    if (!text)
        return;
    while (c->n_chat &&
           (c->n_chat == PL_CHAT_KEPT || c->chat_bytes + json->len > PL_CHAT_KEPT_BYTES)) {
        c->chat_bytes -= strlen(c->chat[0].json);
        free(c->chat[0].json);
        memmove(c->chat, c->chat + 1, --c->n_chat * sizeof c->chat[0]);
    }
    c->chat[c->n_chat++] = (struct pl_chat_kept){text, pl_meeting_state(c->meeting)->item, circle};
    c->chat_bytes += json->len;
}

static void said(struct pl_conference *c, const struct pl_participant *who,
                 const struct pl_act *event)
{
    const struct pl_to_client_chat message = {
        .participant = pl_str(who->id),
        .name = pl_str(who->name),
        .text = event->chat.text,
        .to = event->chat.to,
        .at = event->at_ms,
    };
    struct pl_circle circle = {PL_CIRCLE_WHOLE, PL_NO_SEAT};
    struct pl_buf json = {0};
    if (message.to.p && pl_circle_find(c->definition, message.to, &circle))
        return; /* the meeting took it, so there is one */
    pl_to_client_chat(&json, &message);
    keep_chat(c, &json, circle);
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        struct pl_member *m = pl_member_of(p);
        if (m && m->client && reaches(m, NULL, WHOLE_ROOM) &&
            pl_circle_has(c->definition, circle, p->person))
            pl_client_send(m->client, &json);
    }
    pl_buf_free(&json);
}

static void captioned(struct pl_conference *c, const struct pl_participant *who,
                      const struct pl_act_caption *caption)
{
    const struct pl_to_client_caption message = {
        .participant = pl_str(who->id),
        .language = pl_str(c->definition->people[who->person].language),
        .line = caption->line,
        .text = caption->text,
        .done = caption->done,
    };
    struct pl_buf json = {0};
    pl_to_client_caption(&json, &message);
    broadcast(c, who, WHOLE_ROOM, &json);
    pl_buf_free(&json);
}

const struct pl_farewell *pl_member_refused(enum pl_refusal refusal)
{
    static const struct pl_farewell removed = {true, PL_REMOVED_REASON_REMOVED,
                                               "The chair removed you from this meeting."};
    static const struct pl_farewell denied = {true, PL_REMOVED_REASON_DENIED,
                                              "You were not admitted to this meeting."};
    return refusal == PL_REFUSAL_REMOVED ? &removed : &denied;
}

static void tell_gone(struct pl_conference *c, const struct pl_participant *p, enum audience who)
{
    const struct pl_to_client_gone message = {.participant = pl_str(p->id)};
    struct pl_buf json = {0};
    pl_to_client_gone(&json, &message);
    broadcast(c, p, who, &json);
    pl_buf_free(&json);
}

static void gone(struct pl_conference *c, struct pl_member *m, enum pl_refusal refusal)
{
    struct pl_participant *p = m->participant;
    if (m->client && refusal != PL_REFUSAL_NONE)
        pl_client_end(m->client, pl_member_refused(refusal));
    m->client = NULL;
    pl_group_depart(m);
    pl_list_each (struct pl_leg, leg, &m->legs, node) {
        pl_leg_close(c->all, leg);
    }
    tell_gone(c, p, OTHERS);
    if (c->speaker == p->number)
        c->speaker = 0;
    pl_list_remove(&m->dirty);
    pl_list_remove(&m->telling);
    pl_list_remove(&m->wait.node);
    p->user = NULL;
    pl_tracing_end(m, "left");
    free(m);
    if (pl_meeting_size(c->meeting) == 0) {
        pl_time_us now = pl_conferences_now(c->all);
        pl_wait_add(&c->all->idle, &c->wait, now);
        pl_conferences_due(c->all, now + PL_CONFERENCE_IDLE);
    }
}

/* The connection is lost, or what stood for one: they leave unless another comes. */
void pl_member_begin_grace(struct pl_member *m)
{
    struct pl_conferences *all = m->conference->all;
    pl_time_us now = pl_conferences_now(all);
    pl_wait_add(&all->grace, &m->wait, now);
    pl_conferences_due(all, now + PL_GRACE);
}

/* They stand outside now, where nothing is heard or seen of the room. */
static void cut_off(struct pl_member *m)
{
    pl_list_each (struct pl_leg, leg, &m->legs, node) {
        pl_leg_close(m->conference->all, leg);
    }
    if (!m->client && !m->wait.since)
        pl_member_begin_grace(m);
}

/* Its client begins to hear of the record, and of the encryption. */
static void arrive(struct pl_member *m, bool same_page)
{
    pl_manifest_tell(m);
    pl_checkpoint_tell(m);
    pl_group_arrive(m, same_page);
}

void pl_member_effect(void *ctx, enum pl_effect_type type, struct pl_participant *who,
                      enum pl_refusal refusal, const struct pl_act *event)
{
    struct pl_conference *c = ctx;
    if (!who->user) { /* the first effect of their coming */
        who->user = c->joining;
        c->joining->participant = who;
        c->joining = NULL;
        pl_list_remove(&c->wait.node);
    }
    struct pl_member *m = who->user;
    struct pl_buf json = {0};
    switch (type) {
    case PL_EFFECT_CHANGED:
        pl_leg_update_sources(m);
        pl_member_changed(m);
        break;
    case PL_EFFECT_PLACED:
        if (who->place != PL_PLACE_ROOM)
            cut_off(m);
        pl_to_client_place(&json, &(struct pl_to_client_place){who->place});
        if (m->client) {
            pl_client_send(m->client, &json);
            tell_all(m);
            pl_tell_again(m);
        }
        if (who->place == PL_PLACE_ROOM)
            arrive(m, false);
        else
            pl_group_depart(m);
        tell_gone(c, who, NO_LONGER);
        break;
    case PL_EFFECT_MUTED:
        pl_to_client_muted(&json, &(struct pl_to_client_muted){0});
        if (m->client)
            pl_client_send(m->client, &json);
        break;
    case PL_EFFECT_SAID:
        said(c, who, event);
        break;
    case PL_EFFECT_CAPTIONED:
        captioned(c, who, &event->caption);
        break;
    case PL_EFFECT_GONE:
        gone(c, m, refusal);
        break;
    }
    pl_buf_free(&json);
}

/* Coming and going */

/* Nothing of theirs is on. */
static void quieten(struct pl_member *m)
{
    const struct pl_act off = {.type = PL_ACT_MEDIA};
    struct pl_denial denial;
    if (m->browser)
        pl_leg_close(m->conference->all, m->browser);
    if (pl_conference_act(m->conference, m->participant, &off, &denial) != PL_OK)
        return; /* off is never refused */
}

bool pl_member_is_page(const struct pl_member *m, struct pl_str page)
{
    return page.n && page.n == strlen(m->page) && pl_secret_eq(page.p, m->page, page.n);
}

/* A connection of the same page may come before its last one is known to be dead. */
void pl_member_attach(struct pl_member *m, struct pl_client *client, struct pl_str page)
{
    static const struct pl_farewell replaced = {true, PL_REMOVED_REASON_REPLACED,
                                                "You joined this meeting from somewhere else."};
    bool same = pl_member_is_page(m, page);
    if (m->client) {
        pl_client_end(m->client, &replaced);
        if (!same)
            quieten(m);
    }
    bool kept = same && m->browser;
    m->client = client;
    m->heard = pl_conferences_now(m->conference->all);
    client->member = m;
    snprintf(m->page, sizeof m->page, "%.*s", (int)page.n, page.p ? page.p : "");
    m->wait.since = 0;
    m->has_view &= kept;
    if (!same)
        m->listens = 0;
    pl_list_remove(&m->wait.node);
    welcome(m, kept);
    tell_all(m);
    pl_tell_anew(m);
    if (kept)
        pl_leg_tell_again(m->browser);
    if (!same)
        pl_group_depart(m);
    arrive(m, same);
    pl_drain_tell(m);
}

void pl_member_detach(struct pl_member *m, bool said_goodbye)
{
    m->client = NULL;
    m->heard = pl_conferences_now(m->conference->all);
    if (said_goodbye) {
        quieten(m);
        pl_member_settle(m);
        return;
    }
    pl_group_disconnected(m);
    pl_member_begin_grace(m);
}

void pl_member_grace_over(struct pl_member *m)
{
    m->wait.since = 0;
    pl_list_remove(&m->wait.node);
    quieten(m);
    pl_member_settle(m);
}

void pl_member_settle(struct pl_member *m)
{
    if (!m->client && !m->wait.since && pl_list_empty(&m->legs))
        pl_conference_leave(m->conference, m->participant);
}

void pl_member_dismiss(struct pl_member *m, const struct pl_farewell *farewell)
{
    if (m->client)
        pl_client_end(m->client, farewell);
    m->client = NULL;
}
