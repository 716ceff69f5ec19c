/* Media transports of members: offers, sources and what may be heard of them, slots. See
 * conference_parts.h. */
#include "server/conference_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct pl_leg *pl_leg_find(const struct pl_conferences *all, pl_peer_id id)
{
    return pl_map_get(&all->legs, &id, sizeof id);
}

struct pl_leg_source *pl_leg_source(const struct pl_conferences *all, pl_source_id id)
{
    return pl_map_get(&all->sources, &id, sizeof id);
}

static bool kind_fits(enum pl_kind kind, enum pl_media_type media)
{
    bool sound = kind == PL_KIND_MICROPHONE || kind == PL_KIND_SCREEN_SOUND;
    return sound == (media == PL_AUDIO);
}

/* What a browser says that this section carries. */
static enum pl_err kind_named(const struct pl_to_server_offer *offer, const struct pl_section *s,
                              enum pl_kind *kind, char field[PL_FIELD_SIZE], char why[160])
{
    for (size_t i = 0; i < offer->n_sources; i++) {
        if (!pl_str_eq(offer->sources[i].mid, s->mid))
            continue;
        if (!kind_fits(offer->sources[i].kind, s->media)) {
            snprintf(field, PL_FIELD_SIZE, "sources[%zu].kind", i);
            snprintf(why, 160, "the section is of the other medium");
            return PL_EINVAL;
        }
        *kind = offer->sources[i].kind;
        return PL_OK;
    }
    snprintf(field, PL_FIELD_SIZE, "sources");
    snprintf(why, 160, "the offer sends in the section with mid \"%s\", which is not named here",
             s->mid);
    return PL_EINVAL;
}

/* What a feed's section carries: sound, then a camera, then a screen. */
static enum pl_kind kind_guessed(const struct pl_leg *leg, const struct pl_section *s)
{
    if (s->media == PL_AUDIO)
        return PL_KIND_MICROPHONE;
    for (size_t i = 0; i < leg->n_sources; i++)
        if (leg->sources[i].kind == PL_KIND_CAMERA)
            return PL_KIND_SCREEN;
    return PL_KIND_CAMERA;
}

static enum pl_err add_source(struct pl_conferences *all, struct pl_leg *leg, pl_source_id id,
                              size_t section, enum pl_kind kind)
{
    struct pl_leg_source *s = &leg->sources[leg->n_sources];
    *s = (struct pl_leg_source){.id = id, .leg = leg, .section = section, .kind = kind};
    enum pl_err err = pl_map_put(&all->sources, &s->id, sizeof s->id, s);
    if (err == PL_OK)
        leg->n_sources++;
    return err;
}

static enum pl_err add_sources(const struct pl_leg_plan *plan, struct pl_leg *leg,
                               const struct pl_media_peer *peer, char field[PL_FIELD_SIZE],
                               char why[160])
{
    for (size_t i = 0; i < peer->session->n_sections; i++) {
        const struct pl_section *section = &peer->session->sections[i];
        if (section->direction != PL_RECEIVE)
            continue;
        enum pl_kind kind = kind_guessed(leg, section);
        enum pl_err err = PL_OK;
        if (plan->offer)
            err = kind_named(plan->offer, section, &kind, field, why);
        if (err)
            return err;
        if (leg->n_sources == PL_SOURCES_MAX) {
            snprintf(why, 160, "more than %d sections that send", PL_SOURCES_MAX);
            return PL_ELIMIT;
        }
        err = add_source(plan->conference->all, leg, peer->sources[i], i, kind);
        if (err) {
            snprintf(why, 160, "no memory");
            return err;
        }
    }
    return PL_OK;
}

static void remember_ufrags(struct pl_leg *leg)
{
    snprintf(leg->local_ufrag, sizeof leg->local_ufrag, "%.8s", leg->session->local_ufrag);
    snprintf(leg->remote_ufrag, sizeof leg->remote_ufrag, "%s", leg->session->remote_ufrag);
}

enum pl_err pl_leg_new(const struct pl_leg_plan *plan, struct pl_leg **out, struct pl_buf *answer,
                       char field[PL_FIELD_SIZE], char why[160])
{
    struct pl_conferences *all = plan->conference->all;
    struct pl_leg *leg = calloc(1, sizeof *leg);
    snprintf(field, PL_FIELD_SIZE, "sdp");
    snprintf(why, 160, "no memory");
    if (!leg)
        return PL_ENOMEM;
    pl_list_init(&leg->node);
    pl_list_init(&leg->news);
    const struct pl_media_offer offer = {
        .room = plan->conference->room,
        .owner = plan->owner,
        .sdp = plan->sdp,
        .may_publish = plan->may_publish,
        .may_receive = plan->may_receive,
        .encrypted = plan->conference->definition->encryption == PL_ENCRYPTION_REQUIRED,
        .muted = true,
    };
    struct pl_media_peer peer;
    struct pl_buf text = {0};
    enum pl_err err = pl_media_offer(all->media, &offer, &peer, &text, why);
    if (err) {
        free(leg);
        pl_buf_free(&text);
        return err;
    }
    leg->id = peer.id;
    leg->session = peer.session;
    remember_ufrags(leg);
    if (plan->offer && peer.session->n_sections) {
        leg->slots = calloc(peer.session->n_sections, sizeof *leg->slots);
        err = leg->slots ? PL_OK : PL_ENOMEM;
    }
    if (err == PL_OK)
        err = pl_map_put(&all->legs, &leg->id, sizeof leg->id, leg);
    if (err == PL_OK)
        err = add_sources(plan, leg, &peer, field, why);
    if (err == PL_OK)
        pl_buf_add(answer, text.data, text.len);
    if (err == PL_OK && (text.failed || answer->failed))
        err = PL_ENOMEM;
    if (err == PL_OK)
        *out = leg;
    else
        pl_leg_close(all, leg);
    pl_buf_free(&text);
    return err;
}

void pl_leg_give(struct pl_leg *leg, struct pl_member *m)
{
    leg->member = m;
    pl_list_push(&m->legs, &leg->node);
    if (leg->feed)
        m->n_feeds++;
    pl_leg_update_sources(m);
    pl_leg_update_ears(m);
    pl_member_changed(m);
}

void pl_leg_close(struct pl_conferences *all, struct pl_leg *leg)
{
    for (size_t i = 0; i < leg->n_sources; i++)
        pl_map_remove(&all->sources, &leg->sources[i].id, sizeof leg->sources[i].id);
    pl_map_remove(&all->legs, &leg->id, sizeof leg->id);
    pl_list_remove(&leg->node);
    pl_list_remove(&leg->news);
    pl_media_close(all->media, leg->id);
    if (leg->member) {
        if (leg->feed)
            leg->member->n_feeds--;
        if (leg->member->browser == leg)
            leg->member->browser = NULL;
        pl_member_changed(leg->member);
    }
    free(leg->seen);
    free(leg->slots);
    free(leg);
}

/* Has its owner switched it on? A feed has no switch. */
static bool switched_on(const struct pl_leg_source *s)
{
    return s->leg->feed || s->leg->member->participant->media[s->kind];
}

static bool may_send(const struct pl_leg_source *s)
{
    const struct pl_member *m = s->leg->member;
    return pl_group_sends(m) &&
           pl_meeting_may_send(m->conference->meeting, m->participant, s->kind);
}

bool pl_leg_source_shown(const struct pl_leg_source *s)
{
    return switched_on(s) && may_send(s) && (s->started || !s->leg->feed);
}

static enum pl_source_class class_of(const struct pl_leg_source *s)
{
    const struct pl_participant *p = s->leg->member->participant;
    if (s->kind == PL_KIND_SCREEN || s->kind == PL_KIND_SCREEN_SOUND)
        return PL_CLASS_SCREEN;
    if (p->role == PL_ROLE_INTERPRETER)
        return PL_CLASS_INTERPRETATION;
    if (pl_meeting_floor_holder(s->leg->member->conference->meeting) == p)
        return PL_CLASS_FLOOR;
    return pl_role_presides(p->role) ? PL_CLASS_PRESIDES : PL_CLASS_PLAIN;
}

static void update_source(struct pl_media *media, struct pl_leg_source *s)
{
    bool forwarded = switched_on(s) && may_send(s);
    enum pl_source_class class = class_of(s);
    const struct pl_member *m = s->leg->member;
    if (class != s->class)
        pl_media_class(media, s->id, class,
                       pl_meeting_channel(m->conference->meeting, m->participant));
    if (forwarded != s->forwarded)
        pl_media_mute(media, s->id, !forwarded);
    s->class = class;
    s->forwarded = forwarded;
}

void pl_leg_update_sources(struct pl_member *m)
{
    pl_list_each (struct pl_leg, leg, &m->legs, node) {
        for (size_t i = 0; i < leg->n_sources; i++)
            update_source(m->conference->all->media, &leg->sources[i]);
    }
}

/* A browser is sent the pictures that it names alone, from the beginning; a player all. */
void pl_leg_show_view(struct pl_member *m)
{
    if (m->browser)
        pl_media_want_video(m->conference->all->media, m->browser->id, m->view,
                            m->has_view ? m->n_view : 0);
}

void pl_leg_update_ears(struct pl_member *m)
{
    bool deaf = !pl_group_hears(m);
    pl_list_each (struct pl_leg, leg, &m->legs, node) {
        if (leg->deaf != deaf)
            pl_media_deafen(m->conference->all->media, leg->id, deaf);
        leg->deaf = deaf;
    }
}

static_assert(PL_CHANNELS_MAX == PL_LANGUAGES_MAX, "each language has a channel");

void pl_leg_listen(struct pl_member *m)
{
    if (m->browser)
        pl_media_listen(m->conference->all->media, m->browser->id, m->listens);
}

static void has_news(struct pl_leg *leg)
{
    struct pl_conferences *all = leg->member->conference->all;
    if (pl_list_empty(&leg->news))
        pl_list_push(&all->news, &leg->news);
    pl_conferences_due(all, pl_conferences_now(all));
}

/* An encoder that came by WHIP has no such message: it sends what it sends. */
void pl_leg_source_wanted(struct pl_leg_source *s, uint16_t height)
{
    if (s->leg->feed || !s->leg->member)
        return;
    s->wanted = height;
    s->wanted_news = true;
    has_news(s->leg);
}

void pl_leg_slot_changed(struct pl_leg *leg, unsigned section, pl_source_id source,
                         uint32_t rtp_timestamp)
{
    if (!leg->slots || section >= leg->session->n_sections)
        return;
    leg->slots[section] = (struct pl_leg_slot){source, rtp_timestamp, .news = true};
    has_news(leg);
}

static void write_slots(struct pl_leg *leg, struct pl_buf *json)
{
    struct pl_conferences *all = leg->member->conference->all;
    struct pl_msg_slot slots[PL_SECTIONS_MAX];
    struct pl_to_client_slots message = {.slots = slots};
    for (size_t i = 0; leg->slots && i < leg->session->n_sections; i++) {
        struct pl_leg_slot *own = &leg->slots[i];
        if (!own->news)
            continue;
        own->news = false;
        const struct pl_leg_source *source = pl_leg_source(all, own->source);
        struct pl_msg_slot *slot = &slots[message.n_slots++];
        *slot = (struct pl_msg_slot){.mid = pl_str(leg->session->sections[i].mid),
                                     .rtp_timestamp = own->rtp_timestamp};
        if (!source || !source->leg->member) /* gone meanwhile: the slot is empty */
            continue;
        slot->has_source = slot->has_kind = true;
        slot->source = source->id;
        slot->kind = source->kind;
        slot->participant = pl_str(source->leg->member->participant->id);
        pl_member_acquaint(leg->member, source->leg->member->participant);
    }
    if (message.n_slots)
        pl_to_client_slots(json, &message);
}

static const char *mid_of(const struct pl_leg *leg, const struct pl_leg_source *s)
{
    return leg->session->sections[s->section].mid;
}

static void write_wanted(struct pl_leg *leg, struct pl_buf *json)
{
    struct pl_msg_wanted_source sources[PL_SOURCES_MAX];
    struct pl_to_client_wanted message = {.sources = sources};
    for (size_t i = 0; i < leg->n_sources; i++) {
        struct pl_leg_source *s = &leg->sources[i];
        if (s->wanted_news)
            sources[message.n_sources++] =
                (struct pl_msg_wanted_source){pl_str(mid_of(leg, s)), s->wanted};
        s->wanted_news = false;
    }
    if (message.n_sources)
        pl_to_client_wanted(json, &message);
}

void pl_leg_tell_news(struct pl_leg *leg)
{
    static void (*const write[])(struct pl_leg *, struct pl_buf *) = {write_slots, write_wanted};
    struct pl_client *client = leg->member->browser == leg ? leg->member->client : NULL;
    pl_list_remove(&leg->news);
    for (size_t i = 0; i < sizeof write / sizeof *write; i++) {
        struct pl_buf json = {0};
        write[i](leg, &json);
        if (client && (json.len || json.failed))
            pl_client_send_media(client, &json);
        pl_buf_free(&json);
    }
}

void pl_leg_tell_again(struct pl_leg *leg)
{
    for (size_t i = 0; i < leg->session->n_sections; i++)
        leg->slots[i].news = leg->session->sections[i].direction == PL_SEND;
    for (size_t i = 0; i < leg->n_sources; i++)
        leg->sources[i].wanted_news = true;
    pl_leg_tell_news(leg);
}
