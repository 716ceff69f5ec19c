/* An engine from one process to the next: see pl_engine_carry. Each function writes and reads its
 * structure (base/carry.h). What is not here begins anew: what packets the rings hold, what waits
 * in pacers, histories of what was sent, counters, who may be sent what layer. */
#include "base/carry.h"
#include "sfu/peer.h"

#include <stdlib.h>
#include <string.h>

enum { MARK_ENGINE = 0x454e4731, MARK_PEER, MARK_FLOWS, MARK_ROOM, MARK_END };

/* --- What was agreed on --- */

static void carry_section(struct pl_carry *c, struct pl_section *s)
{
    uint8_t media = (uint8_t)s->media, direction = (uint8_t)s->direction;
    uint8_t n_formats = (uint8_t)s->n_formats, n_rids = (uint8_t)s->n_rids;
    PL_CARRY_TEXT(c, s->mid);
    PL_CARRY_UP_TO(c, media, PL_VIDEO);
    PL_CARRY_UP_TO(c, direction, PL_SEND);
    PL_CARRY_UP_TO(c, n_formats, PL_FORMATS_MAX);
    s->media = (enum pl_media_type)media;
    s->direction = (enum pl_direction)direction;
    s->n_formats = n_formats;
    for (unsigned i = 0; i < PL_FORMATS_MAX; i++) {
        uint8_t codec = (uint8_t)s->formats[i].codec;
        PL_CARRY_UP_TO(c, codec, PL_CODECS - 1);
        s->formats[i].codec = (enum pl_codec)codec;
        PL_CARRY(c, s->formats[i].pt);
        PL_CARRY(c, s->formats[i].rtx_pt);
    }
    PL_CARRY(c, s->clock_rate);
    PL_CARRY(c, s->ssrc);
    PL_CARRY(c, s->rtx_ssrc);
    PL_CARRY(c, s->ext_mid);
    PL_CARRY(c, s->ext_audio_level);
    PL_CARRY(c, s->ext_rid);
    PL_CARRY(c, s->ext_repaired_rid);
    PL_CARRY(c, s->ext_dd);
    PL_CARRY(c, s->ext_twcc);
    pl_carry_flag(c, &s->nack);
    pl_carry_flag(c, &s->pli);
    pl_carry_flag(c, &s->fir);
    pl_carry_flag(c, &s->remb);
    PL_CARRY_UP_TO(c, n_rids, PL_LAYERS_MAX);
    s->n_rids = n_rids;
    for (unsigned i = 0; i < PL_LAYERS_MAX; i++)
        PL_CARRY_TEXT(c, s->rids[i]);
    c->bad |= s->direction != PL_INACTIVE && (s->n_formats == 0 || s->clock_rate < 1000);
}

void pl_session_carry(struct pl_carry *c, struct pl_session *s)
{
    uint16_t n = (uint16_t)s->n_sections;
    PL_CARRY_TEXT(c, s->remote_ufrag);
    PL_CARRY_TEXT(c, s->remote_pwd);
    PL_CARRY_TEXT(c, s->local_ufrag);
    PL_CARRY_TEXT(c, s->local_pwd);
    PL_CARRY(c, s->remote_fingerprint);
    PL_CARRY_TEXT(c, s->cname);
    PL_CARRY_UP_TO(c, n, PL_SECTIONS_MAX);
    if (pl_carry_reads(c)) {
        s->sections = calloc(n ? n : 1u, n ? sizeof *s->sections : 1u);
        c->bad |= !s->sections;
        s->n_sections = s->sections ? n : 0;
    }
    for (size_t i = 0; i < s->n_sections && !c->bad; i++)
        carry_section(c, &s->sections[i]);
}

/* --- What a client sends --- */

static void carry_structure(struct pl_carry *c, struct pl_dd_structure *d)
{
    PL_CARRY_UP_TO(c, d->n_templates, PL_DD_TEMPLATES_MAX);
    PL_CARRY(c, d->offset);
    PL_CARRY_UP_TO(c, d->n_targets, PL_DD_TARGETS_MAX);
    PL_CARRY(c, d->n_chains);
    PL_CARRY_UP_TO(c, d->n_spatial, PL_DD_SPATIAL_MAX);
    for (unsigned i = 0; i < d->n_templates; i++) {
        PL_CARRY_UP_TO(c, d->templates[i].temporal_id, PL_DD_TEMPORAL_MAX - 1);
        PL_CARRY_UP_TO(c, d->templates[i].spatial_id, PL_DD_SPATIAL_MAX - 1);
        PL_CARRY(c, d->templates[i].dtis);
    }
    PL_CARRY(c, d->width);
    PL_CARRY(c, d->height);
}

/* Numbers that packets are counted by: the sums of any two are numbers still. */
#define NUMBER_MAX (INT64_C(1) << 56)
static void carry_number(struct pl_carry *c, int64_t *n)
{
    PL_CARRY(c, *n);
    if (*n >= -NUMBER_MAX && *n <= NUMBER_MAX)
        return;
    c->bad = true;
    *n = 0;
}

/* The ring that is read is empty: as one that rests (pl_ring_clear). */
static void carry_ring(struct pl_carry *c, struct pl_ring *r)
{
    carry_number(c, &r->newest);
    if (pl_carry_reads(c))
        r->oldest = r->newest + 1;
    for (unsigned i = 0; i < PL_TID_ALL; i++) {
        carry_number(c, &r->left_out.packets[i]);
        PL_CARRY(c, r->left_out.frames[i]);
    }
    carry_number(c, &r->last.seq);
    PL_CARRY(c, r->last.timestamp);
    PL_CARRY(c, r->last.picture_id);
    PL_CARRY(c, r->last.tid);
    pl_carry_flag(c, &r->last.has_picture_id);
    pl_carry_flag(c, &r->last.ends);
}

static void carry_missing(struct pl_carry *c, struct pl_stream *s)
{
    uint16_t n = (uint16_t)s->n_missing;
    PL_CARRY_UP_TO(c, n, PL_MISSING_MAX);
    s->n_missing = n;
    for (size_t i = 0; i < s->n_missing; i++) {
        carry_number(c, &s->missing[i].seq);
        carry_number(c, &s->missing[i].next);
        PL_CARRY(c, s->missing[i].tries);
    }
}

static void carry_stream(struct pl_carry *c, struct pl_stream *s)
{
    PL_CARRY(c, s->ssrc);
    carry_structure(c, &s->layers);
    pl_carry_flag(c, &s->started);
    carry_number(c, &s->first_seq);
    carry_number(c, &s->max_seq);
    carry_number(c, &s->received);
    PL_CARRY(c, s->seen);
    carry_number(c, &s->expected_before);
    carry_number(c, &s->received_before);
    PL_CARRY(c, s->jitter);
    PL_CARRY(c, s->transit);
    PL_CARRY(c, s->newest_timestamp);
    carry_number(c, &s->newest_at);
    PL_CARRY(c, s->picture_id);
    carry_missing(c, s);
    pl_carry_flag(c, &s->key_wanted);
    carry_number(c, &s->key_asked_at);
    carry_number(c, &s->key_seq);
    PL_CARRY(c, s->sr_ntp);
    PL_CARRY(c, s->sr_timestamp);
    carry_number(c, &s->sr_at);
    carry_ring(c, &s->ring);
}

static void carry_layer(struct pl_carry *c, struct pl_layer *l)
{
    carry_stream(c, &l->stream);
    PL_CARRY(c, l->rtx_ssrc);
    PL_CARRY(c, l->width);
    PL_CARRY(c, l->height);
    carry_number(c, &l->flowing_since);
    PL_CARRY(c, l->idle_ticks);
    PL_CARRY(c, l->measured_ticks);
    PL_CARRY(c, l->key_timestamp);
    PL_CARRY(c, l->key_bytes);
    for (unsigned i = 0; i < PL_TIDS; i++) {
        PL_CARRY(c, l->rates[i].bytes);
        PL_CARRY(c, l->rates[i].frames);
        PL_CARRY(c, l->rates[i].bps);
        PL_CARRY(c, l->rates[i].frames_milli);
    }
    pl_carry_flag(c, &l->settled);
    pl_carry_flag(c, &l->doubtful);
    PL_CARRY(c, l->epoch);
    PL_CARRY(c, l->keys);
    PL_CARRY(c, l->keys_asked);
    pl_carry_flag(c, &l->resized);
}

static void carry_source(struct pl_carry *c, struct pl_source *s)
{
    uint8_t class = (uint8_t)s->class, channel = (uint8_t)s->channel;
    pl_carry_flag(c, &s->started);
    pl_carry_flag(c, &s->muted);
    PL_CARRY_UP_TO(c, class, PL_CLASSES - 1);
    PL_CARRY_UP_TO(c, channel, PL_CHANNELS_MAX);
    s->class = (enum pl_source_class) class;
    s->channel = channel;
    PL_CARRY(c, s->wanted_height);
    PL_CARRY(c, s->told_height);
    PL_CARRY(c, s->wanted_elsewhere);
    carry_number(c, &s->less_since);
    PL_CARRY_UP_TO(c, s->loudness, 127 * 16);
    carry_number(c, &s->last_spoken);
    for (unsigned i = 0; i < s->n_layers; i++)
        carry_layer(c, &s->layers[i]);
}

/* --- A client's transport --- */

static void carry_addr(struct pl_carry *c, struct pl_addr *a)
{
    PL_CARRY(c, a->ip);
    PL_CARRY(c, a->port);
}

static void carry_tuple(struct pl_carry *c, struct pl_tuple *t)
{
    carry_addr(c, &t->remote);
    PL_CARRY(c, t->socket);
}

static void carry_ice(struct pl_carry *c, struct pl_ice *ice)
{
    PL_CARRY_TEXT(c, ice->local_ufrag);
    PL_CARRY_TEXT(c, ice->local_pwd);
    PL_CARRY_TEXT(c, ice->remote_ufrag);
    PL_CARRY_UP_TO(c, ice->n_tuples, PL_ICE_TUPLES_MAX);
    PL_CARRY_UP_TO(c, ice->oldest, PL_ICE_TUPLES_MAX - 1);
    for (unsigned i = 0; i < ice->n_tuples; i++)
        carry_tuple(c, &ice->tuples[i]);
    carry_tuple(c, &ice->selected);
    pl_carry_flag(c, &ice->has_selected);
    pl_carry_flag(c, &ice->nominated);
}

/* What was not reported yet, and when it came. */
static void carry_arrivals(struct pl_carry *c, struct pl_twcc_arrivals *a)
{
    pl_carry_flag(c, &a->started);
    carry_number(c, &a->first);
    carry_number(c, &a->end);
    PL_CARRY(c, a->feedback_count);
    for (size_t i = 0; i < PL_TWCC_WINDOW && a->started && !c->bad; i++)
        PL_CARRY(c, a->at[i]);
    c->bad |= !pl_twcc_arrivals_ok(a);
}

/* The estimate goes on from the rates that it knew; what is under way is forgotten, and nothing is
 * probed at once. */
static void carry_sender(struct pl_carry *c, struct pl_sender *s)
{
    struct pl_estimate *e = &s->estimate;
    if (pl_carry_reads(c))
        e->next_probe_at = e->started + PL_SECOND;
    PL_CARRY(c, s->next_seq);
    pl_carry_flag(c, &e->has_feedback);
    carry_number(c, &e->target_bps);
    carry_number(c, &e->capacity_bps);
    PL_CARRY(c, e->path_loss);
    carry_number(c, &e->rtt_us);
    carry_number(c, &e->rtt_least_us);
    PL_CARRY(c, e->remb_bps);
    carry_number(c, &e->remb_at);
    PL_CARRY(c, e->clusters);
    c->bad |= e->target_bps < PL_ESTIMATE_MIN_BPS || e->target_bps > PL_ESTIMATE_MAX_BPS ||
              e->rtt_us < 0 || e->rtt_us > 10 * PL_SECOND || e->path_loss < -1 ||
              e->path_loss > 10000;
}

static void carry_remb(struct pl_carry *c, struct pl_remb *r)
{
    PL_CARRY(c, r->bps);
    carry_number(c, &r->expected);
    carry_number(c, &r->received);
}

static void carry_wants(struct pl_carry *c, struct pl_peer *p)
{
    uint16_t n = (uint16_t)p->n_wanted, channel = (uint16_t)p->listens;
    pl_carry_flag(c, &p->wants_all);
    pl_carry_flag(c, &p->deaf);
    PL_CARRY_UP_TO(c, channel, PL_CHANNELS_MAX);
    p->listens = channel;
    PL_CARRY_UP_TO(c, n, PL_WANTED_MAX);
    if (pl_carry_reads(c) && n) {
        p->wanted = calloc(n, sizeof *p->wanted);
        c->bad |= !p->wanted;
        p->n_wanted = p->wanted ? n : 0;
    }
    for (size_t i = 0; i < p->n_wanted; i++) {
        PL_CARRY(c, p->wanted[i].source);
        PL_CARRY(c, p->wanted[i].width);
        PL_CARRY(c, p->wanted[i].height);
    }
}

static void carry_srtp(struct pl_carry *c, struct pl_srtp **s)
{
    bool has = *s != NULL;
    pl_carry_flag(c, &has);
    if (has && pl_srtp_carry(s, c))
        c->bad = true;
}

/* Of a tuple that several validated, each of them knows; it belongs to the last. */
static void carry_tuples(struct pl_carry *c, struct pl_peer *p)
{
    const struct pl_map *m = &p->engine->tuples;
    for (unsigned i = 0; i < p->ice.n_tuples && !c->bad; i++) {
        bool own =
            !pl_carry_reads(c) && pl_map_get(m, &p->tuple_keys[i], sizeof p->tuple_keys[i]) == p;
        pl_carry_flag(c, &own);
        if (own && pl_carry_reads(c))
            pl_engine_tuple_remember(p, i);
    }
}

static void carry_transport(struct pl_carry *c, struct pl_peer *p)
{
    char ufrag[sizeof p->ice.local_ufrag];
    memcpy(ufrag, p->ice.local_ufrag, sizeof ufrag);
    carry_ice(c, &p->ice);
    if (strcmp(ufrag, p->ice.local_ufrag) != 0) { /* under which the engine knows it */
        memcpy(p->ice.local_ufrag, ufrag, sizeof ufrag);
        c->bad = true;
    }
    carry_tuples(c, p);
    carry_srtp(c, &p->inbound);
    carry_srtp(c, &p->outbound);
    c->bad |= !p->inbound != !p->outbound;
    PL_CARRY(c, p->ssrc);
    carry_number(c, &p->alive_at);
    pl_carry_flag(c, &p->lost);
    carry_number(c, &p->report_rtt_us);
    PL_CARRY(c, p->arrivals_ssrc);
    if (p->arrivals)
        carry_arrivals(c, p->arrivals);
    if (p->sender)
        carry_sender(c, p->sender);
    carry_remb(c, &p->remb);
    carry_wants(c, p);
}

/* --- A peer --- */

static enum pl_err add_peer(struct pl_engine *e, const struct pl_peer_desc *desc, pl_time_us now,
                            struct pl_peer **out)
{
    enum pl_err err = pl_engine_peer_add(e, desc, now);
    if (!err)
        *out = pl_map_get(&e->peers, &desc->id, sizeof desc->id);
    return err;
}

/* The desc that makes it: `ids` are those of its sources, one a section. */
static void carry_desc(struct pl_carry *c, struct pl_peer *p, struct pl_peer_desc *desc,
                       struct pl_session *session, pl_source_id *ids)
{
    if (p) {
        *desc = (struct pl_peer_desc){p->id, p->room->id, p->owner,  session,
                                      ids,   false,       p->mirror, p->home};
        *session = (struct pl_session){.n_sections = p->n_sections, .sections = p->sections};
        memcpy(session->cname, p->cname, sizeof session->cname);
        memcpy(session->local_ufrag, p->ice.local_ufrag, sizeof p->ice.local_ufrag);
        for (size_t i = 0, k = 0; i < p->n_sections; i++)
            ids[i] = p->sections[i].direction == PL_RECEIVE ? p->sources[k++].id : 0;
    }
    uint8_t home = (uint8_t)desc->home;
    PL_CARRY(c, desc->id);
    PL_CARRY(c, desc->room);
    PL_CARRY(c, desc->owner);
    pl_carry_flag(c, &desc->mirror);
    PL_CARRY_UP_TO(c, home, PL_ENGINES_MAX - 1);
    desc->home = home;
    pl_session_carry(c, session);
    for (size_t i = 0; i < session->n_sections; i++) {
        PL_CARRY(c, ids[i]);
        c->bad |= (session->sections[i].direction == PL_RECEIVE) != (ids[i] != 0);
    }
    c->bad |= desc->id == 0 || desc->room == 0;
}

/* Sources that started stand in their room's list; the order is told with the room. */
static void carry_peer(struct pl_carry *c, struct pl_engine *e, struct pl_peer *p, pl_time_us now)
{
    struct pl_peer_desc desc = {0};
    struct pl_session session = {0};
    pl_source_id ids[PL_SECTIONS_MAX];
    pl_carry_mark(c, MARK_PEER);
    carry_desc(c, p, &desc, &session, ids);
    if (!p) {
        desc.session = &session;
        desc.sources = ids;
        c->bad = c->bad || add_peer(e, &desc, now, &p);
        pl_session_free(&session);
    }
    if (c->bad)
        return;
    for (size_t i = 0; i < p->n_sources; i++)
        carry_source(c, &p->sources[i]);
    pl_carry_flag(c, &p->has_skew);
    carry_number(c, &p->clock_skew);
    if (!p->mirror)
        carry_transport(c, p);
}

/* --- What flows --- */

/* A layer by its source and its place there; 0: none. */
static void carry_layer_ref(struct pl_carry *c, const struct pl_room *r, struct pl_layer **l)
{
    pl_source_id id = *l ? (*l)->source->id : 0;
    uint8_t at = *l ? (uint8_t)(*l - (*l)->source->layers) : 0;
    PL_CARRY(c, id);
    PL_CARRY_UP_TO(c, at, PL_LAYERS_MAX - 1);
    if (!pl_carry_reads(c))
        return;
    struct pl_source *s = id ? pl_map_get(&r->engine->sources, &id, sizeof id) : NULL;
    *l = s && s->peer->room == r && at < s->n_layers ? &s->layers[at] : NULL;
    c->bad |= id && !*l;
}

static void carry_segment(struct pl_carry *c, const struct pl_room *r, struct pl_segment *g)
{
    struct pl_layer *l = NULL;
    if (g->stream)
        l = pl_container_of(g->stream, struct pl_layer, stream.ring);
    carry_layer_ref(c, r, &l);
    g->stream = l ? &l->stream.ring : NULL;
    carry_number(c, &g->first_in);
    carry_number(c, &g->first_out);
    carry_number(c, &g->left_out);
    PL_CARRY(c, g->timestamp_shift);
    PL_CARRY(c, g->picture_id_shift);
    PL_CARRY(c, g->tl0_shift);
    PL_CARRY_UP_TO(c, g->tid, PL_TID_ALL);
    pl_carry_flag(c, &g->goes_on);
}

static void carry_slot(struct pl_carry *c, const struct pl_room *r, struct pl_slot *s)
{
    PL_CARRY(c, s->rtx_seq);
    PL_CARRY_UP_TO(c, s->n_segments, NUMBER_MAX);
    for (size_t i = 0; i < PL_SEGMENTS; i++)
        carry_segment(c, r, &s->segments[i]);
    pl_carry_flag(c, &s->started);
    carry_number(c, &s->max_seq);
    PL_CARRY(c, s->timestamp);
    PL_CARRY(c, s->picture_id);
    PL_CARRY(c, s->tl0);
    carry_number(c, &s->sent_at);
    PL_CARRY(c, s->packets);
    PL_CARRY(c, s->octets);
    PL_CARRY(c, s->reported_packets);
}

static void carry_sink(struct pl_carry *c, struct pl_sink *k)
{
    const struct pl_room *r = k->peer->room;
    struct pl_layer *current = k->current, *target = k->target;
    carry_slot(c, r, &k->slot);
    carry_layer_ref(c, r, &current);
    carry_layer_ref(c, r, &target);
    PL_CARRY_UP_TO(c, k->target_tid, PL_TID_ALL);
    pl_carry_flag(c, &k->turned);
    PL_CARRY(c, k->lost);
    PL_CARRY(c, k->lost_fraction);
    if (pl_carry_reads(c) && !c->bad)
        c->bad = !pl_sink_resume(k, current, target);
}

static void carry_flows(struct pl_carry *c, struct pl_peer *p)
{
    pl_carry_mark(c, MARK_FLOWS);
    pl_carry_flag(c, &p->turned);
    pl_carry_flag(c, &p->moving);
    carry_number(c, &p->keyed_at);
    for (size_t i = 0; i < p->n_sinks && !c->bad; i++)
        carry_sink(c, &p->sinks[i]);
}

/* --- Rooms --- */

static void carry_source_ref(struct pl_carry *c, struct pl_room *r, struct pl_source **s)
{
    pl_source_id id = *s ? (*s)->id : 0;
    PL_CARRY(c, id);
    if (!pl_carry_reads(c))
        return;
    *s = id ? pl_map_get(&r->engine->sources, &id, sizeof id) : NULL;
    c->bad |= id && (!*s || (*s)->peer->room != r);
}

/* Those that started, in their order. */
static void carry_order(struct pl_carry *c, struct pl_room *r)
{
    uint32_t n = 0;
    pl_list_each (struct pl_source, s, &r->sources, in_room)
        n++;
    PL_CARRY(c, n);
    if (!pl_carry_reads(c)) {
        pl_list_each (struct pl_source, s, &r->sources, in_room)
            PL_CARRY(c, s->id);
        return;
    }
    while (n-- && !c->bad) {
        struct pl_source *s = NULL;
        carry_source_ref(c, r, &s);
        c->bad |= !s || !s->started;
        if (c->bad)
            return;
        pl_list_remove(&s->in_room);
        pl_list_push(&r->sources, &s->in_room);
    }
    pl_list_each (const struct pl_source, s, &r->coming, in_room)
        c->bad |= s->started;
}

static void carry_room(struct pl_carry *c, struct pl_engine *e, struct pl_room *r)
{
    pl_room_id id = r ? r->id : 0;
    pl_carry_mark(c, MARK_ROOM);
    PL_CARRY(c, id);
    if (!r)
        r = pl_map_get(&e->rooms, &id, sizeof id);
    c->bad |= !r;
    if (c->bad)
        return;
    PL_CARRY(c, r->relays);
    carry_order(c, r);
    carry_source_ref(c, r, &r->speaker);
    carry_number(c, &r->speaker_since);
    for (unsigned i = 0; i < PL_LOUDEST; i++) {
        carry_source_ref(c, r, &r->loudest[i].source);
        carry_number(c, &r->loudest[i].since);
    }
    r->voices_stale = r->wants_stale = true;
}

static uint32_t count(const struct pl_list *list)
{
    uint32_t n = 0;
    for (const struct pl_list *i = list->next; i != list; i = i->next)
        n++;
    return n;
}

/* Layers that have something to ask for are looked at with the first turn. */
static void attend(struct pl_engine *e)
{
    pl_list_each (struct pl_peer, p, &e->all_peers, in_engine)
        for (size_t i = 0; i < p->n_sources; i++)
            for (unsigned k = 0; k < p->sources[i].n_layers; k++) {
                struct pl_layer *l = &p->sources[i].layers[k];
                if (pl_stream_deadline(&l->stream) != PL_NEVER)
                    pl_list_push(&e->urgent, &l->urgent);
            }
}

static void carry_all(struct pl_carry *c, struct pl_engine *e, pl_time_us now)
{
    uint32_t n_peers = count(&e->all_peers), n_rooms = count(&e->all_rooms);
    bool reads = pl_carry_reads(c);
    /* The tick that is under way lasts longer, with the pause in it: what waited is measured by the
     * time in which it came. */
    pl_time_us next_tick = e->next_tick;
    pl_carry_mark(c, MARK_ENGINE);
    PL_CARRY(c, n_peers);
    PL_CARRY(c, n_rooms);
    carry_number(c, &next_tick);
    for (uint32_t i = 0; reads && i < n_peers && !c->bad; i++)
        carry_peer(c, e, NULL, now);
    e->next_tick = pl_time_min(next_tick, now + PL_TICK_US);
    pl_list_each (struct pl_peer, p, &e->all_peers, in_engine)
        if (!reads)
            carry_peer(c, e, p, now);
    pl_list_each (struct pl_peer, p, &e->all_peers, in_engine)
        if (!c->bad)
            carry_flows(c, p);
    for (uint32_t i = 0; reads && i < n_rooms && !c->bad; i++)
        carry_room(c, e, NULL);
    pl_list_each (struct pl_room, r, &e->all_rooms, in_engine)
        if (!reads)
            carry_room(c, e, r);
    pl_carry_mark(c, MARK_END);
}

enum pl_err pl_engine_carry(struct pl_engine *e, struct pl_carry *c, pl_time_us now)
{
    carry_all(c, e, now);
    if (c->bad)
        return PL_EINVAL;
    if (pl_carry_reads(c))
        attend(e);
    return PL_OK;
}
