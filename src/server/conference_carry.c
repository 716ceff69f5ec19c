/* Live meetings that go from one process to the next: what of them is neither in the record nor
 * with the media threads. People are there as in the record, and without a connection, as after a
 * fault of the network: their pages come back, and find their transport. Meetings that nobody is in
 * are started from their records, as always. */
#include "base/carry.h"
#include "server/conference_parts.h"
#include "server/group_parts.h"

#include <stdlib.h>

enum { MARK_MEETINGS = 0x4d544731, MARK_MEETING, MARK_MEMBER, MARK_GROUP, MARK_END };
#define TEXT_MAX (8u << 20) /* bytes of one: a GroupInfo, a commit as it was told */

/* Its own, when it is read; NULL stays NULL. */
static void carry_string(struct pl_carry *c, char **text)
{
    bool has = *text != NULL;
    uint32_t n = has && !pl_carry_reads(c) ? (uint32_t)strlen(*text) : 0;
    pl_carry_flag(c, &has);
    if (!has)
        return;
    PL_CARRY_UP_TO(c, n, TEXT_MAX);
    if (pl_carry_reads(c)) {
        *text = calloc(1, (size_t)n + 1);
        c->bad |= !*text;
    }
    if (*text)
        pl_carry_bytes(c, *text, n);
}

/* --- Transports --- */

static void carry_source(struct pl_carry *c, struct pl_leg *leg, struct pl_leg_source *s)
{
    uint16_t section = (uint16_t)s->section;
    uint8_t kind = (uint8_t)s->kind, class = (uint8_t)s->class;
    PL_CARRY(c, s->id);
    PL_CARRY(c, section);
    PL_CARRY_UP_TO(c, kind, PL_KIND_COUNT - 1);
    PL_CARRY_UP_TO(c, class, PL_CLASSES - 1);
    pl_carry_flag(c, &s->started);
    pl_carry_flag(c, &s->forwarded);
    PL_CARRY(c, s->wanted);
    s->leg = leg;
    s->section = section;
    s->kind = (enum pl_kind)kind;
    s->class = (enum pl_source_class) class;
    c->bad |= s->section >= leg->session->n_sections;
}

static void carry_slots(struct pl_carry *c, struct pl_leg *leg)
{
    bool has = leg->slots != NULL;
    size_t n = leg->session->n_sections;
    pl_carry_flag(c, &has);
    if (has && pl_carry_reads(c)) {
        leg->slots = calloc(n ? n : 1, sizeof *leg->slots);
        c->bad |= !leg->slots;
    }
    for (size_t i = 0; has && !c->bad && i < n; i++) {
        PL_CARRY(c, leg->slots[i].source);
        PL_CARRY(c, leg->slots[i].rtp_timestamp);
    }
}

static void carry_leg(struct pl_carry *c, struct pl_conferences *all, struct pl_leg *leg)
{
    uint8_t n = (uint8_t)leg->n_sources;
    struct pl_media_peer peer;
    PL_CARRY(c, leg->id);
    c->bad = c->bad || !pl_media_find(all->media, leg->id, &peer);
    if (c->bad)
        return;
    leg->session = peer.session;
    pl_carry_flag(c, &leg->feed);
    pl_carry_flag(c, &leg->publish);
    pl_carry_flag(c, &leg->deaf);
    PL_CARRY_TEXT(c, leg->name);
    PL_CARRY_TEXT(c, leg->local_ufrag);
    PL_CARRY_TEXT(c, leg->remote_ufrag);
    PL_CARRY_UP_TO(c, n, PL_SOURCES_MAX);
    leg->n_sources = n;
    for (size_t i = 0; i < leg->n_sources && !c->bad; i++)
        carry_source(c, leg, &leg->sources[i]);
    carry_slots(c, leg);
}

static enum pl_err enlist_leg(struct pl_conferences *all, struct pl_leg *leg)
{
    enum pl_err err = pl_map_put(&all->legs, &leg->id, sizeof leg->id, leg);
    for (size_t i = 0; i < leg->n_sources && !err; i++)
        err = pl_map_put(&all->sources, &leg->sources[i].id, sizeof leg->sources[i].id,
                         &leg->sources[i]);
    return err;
}

static void read_leg(struct pl_carry *c, struct pl_member *m)
{
    struct pl_conferences *all = m->conference->all;
    struct pl_leg *leg = calloc(1, sizeof *leg);
    bool browser = false;
    c->bad |= !leg;
    if (!leg)
        return;
    pl_list_init(&leg->node);
    pl_list_init(&leg->news);
    pl_carry_flag(c, &browser);
    carry_leg(c, all, leg);
    leg->member = m;
    pl_list_push(&m->legs, &leg->node);
    m->n_feeds += leg->feed;
    if (browser)
        m->browser = leg;
    c->bad = c->bad || (browser && !leg->slots) || enlist_leg(all, leg);
}

static void carry_legs(struct pl_carry *c, struct pl_member *m)
{
    uint8_t n = 0;
    pl_list_each (const struct pl_leg, leg, &m->legs, node) {
        (void)leg;
        n++;
    }
    PL_CARRY_UP_TO(c, n, PL_FEEDS_MAX + 1);
    while (pl_carry_reads(c) && n-- && !c->bad)
        read_leg(c, m);
    pl_list_each (struct pl_leg, leg, &m->legs, node) {
        bool browser = m->browser == leg;
        if (pl_carry_reads(c))
            break;
        pl_carry_flag(c, &browser);
        carry_leg(c, m->conference->all, leg);
    }
}

/* --- People --- */

static void carry_view(struct pl_carry *c, struct pl_member *m)
{
    uint8_t n = (uint8_t)m->n_view, channel = (uint8_t)m->listens;
    pl_carry_flag(c, &m->has_view);
    PL_CARRY_UP_TO(c, n, PL_TILES_MAX);
    m->n_view = n;
    for (size_t i = 0; i < m->n_view; i++) {
        PL_CARRY(c, m->view[i].source);
        PL_CARRY(c, m->view[i].width);
        PL_CARRY(c, m->view[i].height);
    }
    PL_CARRY_UP_TO(c, channel, PL_CHANNELS_MAX);
    m->listens = channel;
}

/* What no event of the record says of them. */
static void carry_participant(struct pl_carry *c, struct pl_participant *p)
{
    for (int kind = 0; kind < PL_KIND_COUNT; kind++)
        pl_carry_flag(c, &p->media[kind]);
    pl_carry_flag(c, &p->muted_by_chair);
    pl_carry_flag(c, &p->booth);
    pl_carry_flag(c, &p->offers_booth);
}

static void carry_member(struct pl_carry *c, struct pl_member *m)
{
    bool returns = m->client || m->wait.since;
    pl_carry_mark(c, MARK_MEMBER);
    carry_participant(c, m->participant);
    PL_CARRY_TEXT(c, m->page);
    carry_view(c, m);
    carry_legs(c, m);
    pl_carry_flag(c, &returns);
    if (!pl_carry_reads(c) || c->bad)
        return;
    m->heard = pl_conferences_now(m->conference->all);
    if (returns)
        pl_member_begin_grace(m);
}

static void read_member(struct pl_carry *c, struct pl_conference *conf, uint32_t number)
{
    struct pl_participant *p = pl_meeting_by_number(conf->meeting, number);
    struct pl_member *m = p && !p->user ? pl_member_new(conf) : NULL;
    c->bad |= !m;
    if (!m)
        return;
    m->participant = p;
    p->user = m;
    pl_list_remove(&conf->wait.node);
    carry_member(c, m);
}

static void carry_people(struct pl_carry *c, struct pl_conference *conf)
{
    uint32_t n = (uint32_t)pl_meeting_size(conf->meeting), here = n;
    PL_CARRY(c, n);
    c->bad |= n != here; /* those of the record */
    if (pl_carry_reads(c)) {
        for (uint32_t i = 0, number = 0; i < n && !c->bad; i++) {
            PL_CARRY(c, number);
            read_member(c, conf, number);
        }
        return;
    }
    pl_list_each (struct pl_participant, p, pl_meeting_list(conf->meeting), node) {
        PL_CARRY(c, p->number);
        carry_member(c, pl_member_of(p));
    }
}

/* --- Texts --- */

#define NO_ITEM UINT32_MAX
static uint32_t place_of(const struct pl_state *s, const struct pl_item *item)
{
    uint32_t at = 0;
    pl_list_each (const struct pl_item, i, &s->items, node) {
        if (i == item)
            return at;
        at++;
    }
    return NO_ITEM;
}

static const struct pl_item *item_at(const struct pl_state *s, uint32_t at)
{
    pl_list_each (const struct pl_item, i, &s->items, node) {
        if (at-- == 0)
            return i;
    }
    return NULL;
}

static void carry_circle(struct pl_carry *c, struct pl_circle *circle)
{
    uint8_t kind = (uint8_t)circle->kind;
    PL_CARRY_UP_TO(c, kind, PL_CIRCLE_NOTE);
    circle->kind = (enum pl_circle_kind)kind;
    PL_CARRY(c, circle->seat);
}

static void carry_chat(struct pl_carry *c, struct pl_conference *conf)
{
    const struct pl_state *s = pl_meeting_state(conf->meeting);
    uint8_t n = (uint8_t)conf->n_chat;
    PL_CARRY_UP_TO(c, n, PL_CHAT_KEPT);
    for (size_t i = 0; i < n && !c->bad; i++) {
        struct pl_chat_kept *chat = &conf->chat[i];
        uint32_t item = pl_carry_reads(c) ? 0 : place_of(s, chat->item);
        carry_string(c, &chat->json);
        if (pl_carry_reads(c))
            conf->n_chat++;
        carry_circle(c, &chat->circle);
        PL_CARRY(c, item);
        c->bad |= !chat->json;
        if (!pl_carry_reads(c) || c->bad)
            continue;
        conf->chat_bytes += strlen(chat->json);
        chat->item = item == NO_ITEM ? NULL : item_at(s, item);
    }
}

/* --- Groups --- */

static void carry_place(struct pl_carry *c, struct pl_group *g, struct pl_in_group *p)
{
    uint32_t number = p ? p->member->participant->number : 0;
    PL_CARRY(c, number);
    if (!p) {
        const struct pl_participant *who = pl_meeting_by_number(g->conference->meeting, number);
        p = who && who->user ? pl_group_give_place(g, who->user) : NULL;
    }
    c->bad |= !p;
    if (c->bad)
        return;
    bool commits = g->committer == p;
    carry_string(c, &p->package);
    pl_carry_flag(c, &p->offered);
    PL_CARRY(c, p->tries);
    pl_carry_flag(c, &p->in);
    pl_carry_flag(c, &p->has_keys);
    PL_CARRY(c, p->acked);
    PL_CARRY(c, p->order);
    pl_carry_flag(c, &p->passed);
    PL_CARRY(c, p->doubted);
    pl_carry_flag(c, &p->hears);
    PL_CARRY(c, p->hears_at);
    pl_carry_flag(c, &commits);
    if (commits)
        g->committer = p;
}

static void carry_entry(struct pl_carry *c, struct pl_group *g, struct pl_group_entry *e)
{
    uint32_t n = e ? (uint32_t)e->n : 0;
    PL_CARRY_UP_TO(c, n, TEXT_MAX);
    if (!e) {
        e = c->bad ? NULL : calloc(1, sizeof *e + n + 1);
        c->bad |= !e;
        if (!e)
            return;
        e->n = n;
        pl_list_push(&g->log, &e->node);
    }
    PL_CARRY(c, e->epoch);
    pl_carry_flag(c, &e->sealed);
    pl_carry_bytes(c, e->json, n);
}

static void carry_ids(struct pl_carry *c, char (*list)[PL_PARTICIPANT_ID_SIZE], size_t *n,
                      size_t max)
{
    uint16_t count = (uint16_t)*n;
    PL_CARRY_UP_TO(c, count, max);
    *n = count;
    for (size_t i = 0; i < count; i++)
        PL_CARRY_TEXT(c, list[i]);
}

static uint32_t length_of(const struct pl_list *list)
{
    uint32_t n = 0;
    for (const struct pl_list *i = list->next; i != list; i = i->next)
        n++;
    return n;
}

static void carry_lists(struct pl_carry *c, struct pl_group *g)
{
    bool reads = pl_carry_reads(c);
    uint32_t places = length_of(&g->places), entries = length_of(&g->log);
    PL_CARRY(c, places);
    for (uint32_t i = 0; reads && i < places && !c->bad; i++)
        carry_place(c, g, NULL);
    pl_list_each (struct pl_in_group, p, &g->places, of_group) {
        if (!reads)
            carry_place(c, g, p);
    }
    PL_CARRY(c, entries);
    for (uint32_t i = 0; reads && i < entries && !c->bad; i++)
        carry_entry(c, g, NULL);
    pl_list_each (struct pl_group_entry, e, &g->log, node) {
        if (!reads)
            carry_entry(c, g, e);
    }
}

/* What its members agreed on is theirs; of the deliveries nothing is lost. */
static void carry_group(struct pl_carry *c, struct pl_group *g)
{
    uint32_t raw = (uint32_t)g->raw_id_len;
    uint64_t log_bytes = g->log_bytes, sealed_bytes = g->sealed_bytes;
    pl_carry_mark(c, MARK_GROUP);
    PL_CARRY_TEXT(c, g->id);
    PL_CARRY(c, g->raw_id);
    PL_CARRY_UP_TO(c, raw, PL_MLS_GROUP_ID_MAX);
    g->raw_id_len = raw;
    PL_CARRY(c, g->epoch);
    PL_CARRY(c, g->sequence);
    PL_CARRY(c, g->epoch_at);
    carry_string(c, &g->info);
    PL_CARRY(c, log_bytes);
    PL_CARRY(c, sealed_bytes);
    g->log_bytes = log_bytes;
    g->sealed_bytes = sealed_bytes;
    carry_ids(c, g->left, &g->n_left, PL_GROUP_LEAVES_MAX);
    carry_ids(c, g->ghosts, &g->n_ghosts, PL_GROUP_BATCH_MAX);
    PL_CARRY(c, g->next_order);
    pl_carry_flag(c, &g->asked);
    PL_CARRY(c, g->asked_at);
    PL_CARRY(c, g->lost_at);
    carry_lists(c, g);
    if (pl_carry_reads(c))
        pl_group_wake(g, pl_conferences_now(g->conference->all));
}

static void read_other_group(struct pl_carry *c, struct pl_conference *conf)
{
    struct pl_circle circle = {0};
    char name[PL_CIRCLE_NAME_MAX + 1];
    PL_CARRY_TEXT(c, name);
    c->bad = c->bad || pl_circle_find(conf->definition, pl_str(name), &circle);
    struct pl_group *g = c->bad ? NULL : pl_group_add(conf, pl_str(name), circle);
    c->bad |= !g;
    if (g)
        carry_group(c, g);
}

static void carry_groups(struct pl_carry *c, struct pl_conference *conf)
{
    uint32_t n = length_of(&conf->groups);
    if (!conf->group)
        return;
    carry_group(c, conf->group);
    PL_CARRY(c, n);
    while (pl_carry_reads(c) && n-- && !c->bad)
        read_other_group(c, conf);
    pl_list_each (struct pl_group, g, &conf->groups, node) {
        if (pl_carry_reads(c))
            break;
        PL_CARRY_TEXT(c, g->name);
        carry_group(c, g);
    }
    if (!pl_carry_reads(c) || c->bad)
        return;
    pl_list_each (struct pl_participant, p, pl_meeting_list(conf->meeting), node) {
        if (p->user)
            pl_group_disconnected(p->user);
    }
}

/* --- Meetings --- */

static struct pl_conference *read_meeting(struct pl_carry *c, struct pl_conferences *all,
                                          const char *id, pl_room_id room)
{
    struct pl_definition *d;
    struct pl_conference *conf = NULL;
    c->bad = c->bad || room == 0 || pl_store_get(all->config.store, pl_str(id), &d, NULL);
    if (c->bad)
        return NULL;
    if (pl_conference_resume(all, pl_str(id), d, room, &conf)) {
        pl_definition_free(d);
        c->bad = true;
    }
    return conf;
}

static void carry_meeting(struct pl_carry *c, struct pl_conferences *all,
                          struct pl_conference *conf)
{
    char id[PL_MEETING_ID_SIZE] = "";
    pl_room_id room = conf ? conf->room : 0;
    if (conf)
        memcpy(id, conf->id, sizeof id);
    pl_carry_mark(c, MARK_MEETING);
    PL_CARRY_TEXT(c, id);
    PL_CARRY(c, room);
    if (!conf)
        conf = read_meeting(c, all, id, room);
    if (c->bad)
        return;
    PL_CARRY(c, conf->speaker);
    carry_people(c, conf);
    if (!c->bad)
        carry_chat(c, conf);
    if (!c->bad)
        carry_groups(c, conf);
}

enum pl_err pl_conferences_carry(struct pl_conferences *all, struct pl_carry *c)
{
    uint32_t n = 0;
    size_t at = 0;
    for (const struct pl_conference *conf; (conf = pl_map_next(&all->by_id, &at));)
        n += pl_meeting_size(conf->meeting) > 0;
    pl_carry_mark(c, MARK_MEETINGS);
    PL_CARRY(c, all->next_room);
    PL_CARRY(c, n);
    at = 0;
    if (pl_carry_reads(c))
        while (n-- && !c->bad)
            carry_meeting(c, all, NULL);
    else
        for (struct pl_conference *conf; (conf = pl_map_next(&all->by_id, &at));)
            if (pl_meeting_size(conf->meeting) > 0)
                carry_meeting(c, all, conf);
    pl_carry_mark(c, MARK_END);
    return c->bad ? PL_EINVAL : PL_OK;
}
