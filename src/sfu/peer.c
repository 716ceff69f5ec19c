/* A client's transport: making it, its packets in and out. Who receives what is room.c's. */
#include "sfu/peer.h"

#include <stdlib.h>
#include <string.h>

/* Silence after which a source may come back under another SSRC. */
#define RESTART_US (500 * PL_MS)

static void count_sections(const struct pl_session *session, size_t *sources, size_t *audio,
                           size_t *video)
{
    *sources = *audio = *video = 0;
    for (size_t i = 0; i < session->n_sections; i++) {
        const struct pl_section *s = &session->sections[i];
        *sources += s->direction == PL_RECEIVE;
        *audio += s->direction == PL_SEND && s->media == PL_AUDIO;
        *video += s->direction == PL_SEND && s->media == PL_VIDEO;
    }
}

static enum pl_err add_source(struct pl_peer *p, const struct pl_section *section, pl_source_id id,
                              bool muted)
{
    struct pl_source *s = &p->sources[p->n_sources++];
    unsigned n_layers = section->n_rids ? section->n_rids : 1;
    s->id = id;
    s->muted = muted;
    s->peer = p;
    s->section = section;
    pl_list_init(&s->in_room);
    while (s->n_layers < n_layers) {
        struct pl_layer *l = &s->layers[s->n_layers];
        enum pl_err err = pl_stream_init(&l->stream, section, &p->engine->pool);
        if (err)
            return err;
        l->source = s;
        l->rtx_ssrc = section->rtx_ssrc;
        pl_list_init(&l->urgent);
        pl_list_init(&l->in_held);
        s->n_layers++;
    }
    return PL_OK;
}

static void add_sink(struct pl_peer *p, struct pl_sink *k, unsigned section)
{
    k->peer = p;
    k->section = section;
    pl_slot_init(&k->slot, &p->sections[section], (uint16_t)pl_random_u32(&p->engine->random));
}

static enum pl_err add_sections(struct pl_peer *p, const struct pl_peer_desc *desc)
{
    size_t n_audio = 0, n_video = p->n_audio_sinks;
    for (unsigned i = 0; i < p->n_sections; i++) {
        const struct pl_section *s = &p->sections[i];
        if (s->direction == PL_SEND && !p->mirror) {
            add_sink(p, &p->sinks[s->media == PL_AUDIO ? n_audio++ : n_video++], i);
            continue;
        }
        enum pl_err err =
            s->direction == PL_RECEIVE ? add_source(p, s, desc->sources[i], desc->muted) : PL_OK;
        if (err)
            return err;
    }
    return PL_OK;
}

/* One transport has one numbering, whose extension has the same id in all sections (RFC
 * 9143, 9.2.4). */
static enum pl_err take_arrivals(struct pl_peer *p)
{
    for (size_t i = 0; i < p->n_sections; i++)
        if (p->sections[i].direction == PL_RECEIVE && p->sections[i].ext_twcc)
            p->ext_twcc = p->sections[i].ext_twcc;
    if (!p->ext_twcc)
        return PL_OK;
    p->arrivals = malloc(sizeof *p->arrivals);
    if (!p->arrivals)
        return PL_ENOMEM;
    pl_twcc_arrivals_init(p->arrivals);
    return PL_OK;
}

static enum pl_err start_transport(struct pl_peer *p, const struct pl_session *s, pl_time_us now)
{
    enum pl_err err = pl_ice_init(&p->ice, s->local_ufrag, s->local_pwd, s->remote_ufrag);
    if (!err)
        err = take_arrivals(p);
    return err ? err : pl_peer_start_sending(p, now);
}

static void *array(size_t n, size_t size)
{
    return calloc(n ? n : 1, n ? size : 1);
}

enum pl_err pl_peer_new(struct pl_engine *e, const struct pl_peer_desc *desc, pl_time_us now,
                        struct pl_peer **out)
{
    const struct pl_session *session = desc->session;
    size_t n_sources, n_audio, n_video;
    struct pl_peer *p = calloc(1, sizeof *p);
    if (!p)
        return PL_ENOMEM;
    count_sections(session, &n_sources, &n_audio, &n_video);
    if (desc->mirror)
        n_audio = n_video = 0;
    p->id = desc->id;
    p->owner = desc->owner;
    p->engine = e;
    p->mirror = desc->mirror;
    p->home = desc->home;
    p->alive_at = now;
    pl_remb_init(&p->remb);
    p->wants_all = true;
    p->ssrc = pl_random_u32(&e->random);
    p->report_phase = (unsigned)(desc->id % PL_REPORT_TICKS);
    p->resend_tokens = PL_RESEND_BURST;
    p->feedback_tokens = PL_FEEDBACK_PER_TICK;
    p->n_sections = session->n_sections;
    p->n_audio_sinks = n_audio;
    p->n_sinks = n_audio + n_video;
    memcpy(p->cname, session->cname, sizeof p->cname);
    pl_list_init(&p->in_room);
    pl_list_init(&p->in_engine);
    pl_list_init(&p->leaving);
    pl_list_init(&p->paced);
    p->sections = array(session->n_sections, sizeof *p->sections);
    p->sources = array(n_sources, sizeof *p->sources);
    p->sinks = array(p->n_sinks, sizeof *p->sinks);
    enum pl_err err = p->sections && p->sources && p->sinks ? PL_OK : PL_ENOMEM;
    if (!err) {
        memcpy(p->sections, session->sections, session->n_sections * sizeof *p->sections);
        err = add_sections(p, desc);
    }
    if (!err && !p->mirror)
        err = start_transport(p, session, now);
    if (err)
        pl_peer_free(p);
    else
        *out = p;
    return err;
}

void pl_peer_free(struct pl_peer *p)
{
    for (size_t i = 0; i < p->n_sources; i++)
        for (unsigned k = 0; k < p->sources[i].n_layers; k++) {
            pl_stream_free(&p->sources[i].layers[k].stream);
            free(p->sources[i].layers[k].sinks);
        }
    pl_srtp_free(p->inbound);
    pl_srtp_free(p->outbound);
    pl_peer_stop_sending(p);
    free(p->arrivals);
    free(p->sections);
    free(p->sources);
    free(p->sinks);
    free(p->wanted);
    free(p);
}

void pl_peer_send_rtcp(struct pl_peer *p, const uint8_t *bytes, size_t n)
{
    struct pl_engine *e = p->engine;
    uint8_t out[1500];
    if (!p->outbound || !p->ice.has_selected || n + PL_SRTP_OVERHEAD_MAX > sizeof out)
        return;
    memcpy(out, bytes, n);
    if (pl_srtcp_protect(p->outbound, out, &n, sizeof out)) {
        e->stats.dropped_limit++;
        return;
    }
    pl_peer_count_out(p, 1, n);
    e->io.send(e->io.ctx, &p->ice.selected, out, n, n);
}

static void count_refusal(struct pl_engine_stats *stats, enum pl_err err)
{
    if (err == PL_EAUTH)
        stats->dropped_srtp_auth++;
    else if (err == PL_EREPLAY)
        stats->dropped_srtp_replay++;
    else if (err == PL_ELIMIT)
        stats->dropped_limit++;
    else
        stats->dropped_malformed++;
}

/* Which layer a packet belongs to, and whether it is a retransmission. */
struct found {
    struct pl_layer *layer;
    bool rtx;
};

static bool ext_is(const struct pl_rtp *rtp, uint8_t id, const char *text)
{
    size_t len = 0;
    const uint8_t *value = id ? pl_rtp_ext_find(rtp, id, &len) : NULL;
    return value && len == strlen(text) && memcmp(value, text, len) == 0;
}

/* Whether the section sends under this payload type, or retransmits. */
static bool names(const struct pl_section *s, uint8_t pt, bool rtx)
{
    const struct pl_format *f = pl_section_format(s, pt);
    return f && (f->pt != pt) == rtx;
}

/* By an SSRC that is known. */
static struct found find_by_ssrc(struct pl_peer *p, const struct pl_rtp *rtp)
{
    for (size_t i = 0; i < p->n_sources; i++) {
        struct pl_source *s = &p->sources[i];
        for (unsigned k = 0; k < s->n_layers; k++) {
            struct pl_layer *l = &s->layers[k];
            if (l->stream.ssrc == rtp->ssrc && names(s->section, rtp->pt, false))
                return (struct found){l, false};
            if (l->rtx_ssrc == rtp->ssrc && names(s->section, rtp->pt, true) && rtp->ssrc)
                return (struct found){l, true};
        }
    }
    return (struct found){0};
}

/* By the mid extension and, where there are layers, the rid (RFC 8852) or repaired rid extension.
 */
static struct found find_by_ext(struct pl_peer *p, const struct pl_rtp *rtp)
{
    for (size_t i = 0; i < p->n_sources; i++) {
        struct pl_source *s = &p->sources[i];
        const struct pl_section *section = s->section;
        bool rtx = names(section, rtp->pt, true);
        if ((!rtx && !names(section, rtp->pt, false)) ||
            !ext_is(rtp, section->ext_mid, section->mid))
            continue;
        if (!section->n_rids)
            return (struct found){&s->layers[0], rtx};
        for (unsigned k = 0; k < section->n_rids; k++)
            if (ext_is(rtp, rtx ? section->ext_repaired_rid : section->ext_rid, section->rids[k]))
                return (struct found){&s->layers[k], rtx};
    }
    return (struct found){0};
}

/* By a payload type that only one section uses, which has no SSRC yet. */
static struct found find_by_pt(struct pl_peer *p, const struct pl_rtp *rtp)
{
    struct found f = {0};
    unsigned n = 0;
    for (size_t i = 0; i < p->n_sources; i++) {
        struct pl_source *s = &p->sources[i];
        if (!names(s->section, rtp->pt, false) || s->section->n_rids)
            continue;
        n++;
        if (s->layers[0].stream.ssrc == 0)
            f.layer = &s->layers[0];
    }
    return n == 1 ? f : (struct found){0};
}

/* Whoever had it turns to it anew, and so asks the new stream for a key frame: the start of its
 * first one may be lost. */
void pl_layer_start_over(struct pl_layer *l, uint32_t ssrc, pl_time_us now)
{
    pl_room_layer_gone(l);
    pl_stream_reset(&l->stream, ssrc);
    l->epoch++;
    pl_room_refill(l->source->peer->room, now);
}

/* RFC 8843, 9.2. An SSRC that an extension names is remembered; browsers send the extensions with
 * their first packets alone. */
static struct found find_layer(struct pl_peer *p, const struct pl_rtp *rtp, pl_time_us now)
{
    struct found f = find_by_ssrc(p, rtp);
    if (f.layer)
        return f;
    f = find_by_ext(p, rtp);
    if (!f.layer)
        f = find_by_pt(p, rtp);
    if (!f.layer)
        return f;
    struct pl_stream *stream = &f.layer->stream;
    if (f.rtx) {
        f.layer->rtx_ssrc = rtp->ssrc;
        return f;
    }
    if (stream->started) {
        if (now - stream->newest_at < RESTART_US)
            return (struct found){0};
        pl_layer_start_over(f.layer, rtp->ssrc, now);
    }
    stream->ssrc = rtp->ssrc;
    return f;
}

/* RFC 4588, 4: makes the original of a retransmission. False: it is of no use. */
static bool unwrap_rtx(struct pl_layer *l, struct pl_rtp *rtp)
{
    if (rtp->payload_len < PL_RTX_PREFIX || !l->stream.started)
        return false;
    rtp->seq = pl_get_u16(rtp->payload);
    rtp->ssrc = l->stream.ssrc;
    rtp->pt = pl_section_format(l->source->section, rtp->pt)->pt;
    rtp->payload += PL_RTX_PREFIX;
    rtp->payload_len -= PL_RTX_PREFIX;
    return pl_stream_misses(&l->stream, rtp->seq);
}

static unsigned level_of(const struct pl_source *s, const struct pl_rtp *rtp)
{
    unsigned level;
    bool voice;
    return s->section->ext_audio_level &&
                   pl_rtp_audio_level(rtp, s->section->ext_audio_level, &level, &voice)
               ? level
               : PL_LEVEL_UNKNOWN;
}

static void input_media(struct found f, const struct pl_rtp *rtp, pl_time_us now)
{
    struct pl_source *s = f.layer->source;
    struct pl_media_packet packet;
    enum pl_codec codec = pl_section_format(s->section, rtp->pt)->codec;
    if (pl_stream_input(&f.layer->stream, rtp, codec, f.rtx, now, &packet))
        pl_layer_take(f.layer, &packet, level_of(s, rtp), now);
    else
        s->peer->engine->stats.dropped_again++;
}

void pl_layer_take(struct pl_layer *l, const struct pl_media_packet *packet, unsigned level,
                   pl_time_us now)
{
    struct pl_source *s = l->source;
    pl_layer_packet(l, packet, now);
    if (!s->started) {
        pl_room_source_started(s, now);
        pl_peer_send_remb(s->peer);
    }
    if (s->muted) {
        s->peer->engine->stats.dropped_muted++;
        return;
    }
    if (level != PL_LEVEL_UNKNOWN)
        pl_voice_heard(s, level, now);
    if (!s->peer->mirror)
        pl_relay_packet(l, packet->seq, level);
    pl_layer_forward(l, packet, now);
    pl_layer_attend(l, now);
}

/* Whatever came counts, padding and retransmissions too: it is the path that is measured. */
static void note_arrival(struct pl_peer *p, const struct pl_rtp *rtp, pl_time_us now)
{
    size_t len = 0;
    const uint8_t *seq = p->arrivals ? pl_rtp_ext_find(rtp, p->ext_twcc, &len) : NULL;
    if (!seq || len != 2)
        return;
    pl_twcc_arrived(p->arrivals, pl_get_u16(seq), now);
    p->arrivals_ssrc = rtp->ssrc;
}

void pl_peer_rtp(struct pl_peer *p, uint8_t *bytes, size_t n, pl_time_us now)
{
    struct pl_engine *e = p->engine;
    struct pl_rtp rtp;
    enum pl_err err = pl_srtp_unprotect(p->inbound, bytes, &n);
    if (err || pl_rtp_parse(bytes, n, &rtp) || rtp.payload_len > PL_PAYLOAD_MAX) {
        count_refusal(&e->stats, err);
        return;
    }
    p->alive_at = now;
    note_arrival(p, &rtp, now);
    struct found f = find_layer(p, &rtp, now);
    if (!f.layer) {
        e->stats.dropped_unknown_ssrc++;
        return;
    }
    if (f.rtx && !unwrap_rtx(f.layer, &rtp)) {
        e->stats.dropped_rtx++;
        return;
    }
    e->stats.repaired += f.rtx;
    input_media(f, &rtp, now);
}

/* A NACK with an entry for each packet (RFC 4585, 6.2.1), and a PLI (6.3.1). */
#define ATTEND_MAX (12 + 4 * PL_MISSING_MAX + 12)
void pl_layer_attend(struct pl_layer *l, pl_time_us now)
{
    struct pl_source *s = l->source;
    struct pl_peer *p = s->peer;
    uint8_t bytes[ATTEND_MAX + PL_SRTP_OVERHEAD_MAX];
    struct pl_writer w = pl_writer(bytes, ATTEND_MAX);
    uint16_t lost[PL_MISSING_MAX];
    if (l->n_sinks == 0 && !p->room->relays)
        l->stream.key_wanted = false; /* nobody would see it */
    size_t n = pl_stream_nacks(&l->stream, now, lost);
    if (n) {
        pl_rtcp_write_nack(&w, p->ssrc, l->stream.ssrc, lost, n);
        p->engine->stats.nacks_out++;
        p->counts.nacks_out++;
    }
    bool key_due = pl_stream_key_due(&l->stream, now);
    if (key_due && p->mirror) {
        pl_relay_key_request(l);
    } else if (key_due && s->section->pli) {
        pl_rtcp_write_pli(&w, p->ssrc, l->stream.ssrc);
        p->engine->stats.plis_out++;
        p->counts.plis_out++;
        l->keys_asked++;
        for (unsigned k = 0; k < s->n_layers; k++) /* browsers answer with all layers at once */
            s->layers[k].stream.key_asked_at = now;
    }
    if (pl_writer_size(&w))
        pl_peer_send_rtcp(p, bytes, pl_writer_size(&w));
    if (pl_stream_deadline(&l->stream) == PL_NEVER)
        pl_list_remove(&l->urgent);
    else if (pl_list_empty(&l->urgent))
        pl_list_push(&p->engine->urgent, &l->urgent);
}

static struct pl_sink *sink_by_ssrc(struct pl_peer *p, uint32_t ssrc)
{
    for (size_t i = 0; i < p->n_sinks; i++)
        if (p->sinks[i].slot.ssrc == ssrc)
            return &p->sinks[i];
    return NULL;
}

static struct pl_layer *layer_by_ssrc(struct pl_peer *p, uint32_t ssrc)
{
    for (size_t i = 0; i < p->n_sources; i++)
        for (unsigned k = 0; k < p->sources[i].n_layers; k++) {
            struct pl_layer *l = &p->sources[i].layers[k];
            if (l->stream.ssrc == ssrc && l->stream.started)
                return l;
        }
    return NULL;
}

static void on_nack(struct pl_peer *p, const struct pl_rtcp_item *item, pl_time_us now)
{
    struct pl_sink *k = sink_by_ssrc(p, item->media_ssrc);
    struct pl_rtcp_nacks it = pl_rtcp_nacks(item);
    p->engine->stats.nacks_in++;
    p->counts.nacks_in++;
    if (k && k->slot.section->nack) /* else its packets carry numbers of the moment */
        pl_peer_resend(p, k, &it, now);
}

static void on_key_request(struct pl_peer *p, uint32_t ssrc, pl_time_us now)
{
    struct pl_sink *k = sink_by_ssrc(p, ssrc);
    p->engine->stats.plis_in++;
    p->counts.plis_in++;
    struct pl_layer *l = k && k->target ? k->target : k ? k->current : NULL;
    if (!l)
        return;
    pl_stream_want_key(&l->stream);
    pl_layer_attend(l, now);
}

static void on_sender_report(struct pl_peer *p, const struct pl_rtcp_item *item, pl_time_us now)
{
    struct pl_layer *l = layer_by_ssrc(p, item->ssrc);
    if (!l)
        return;
    pl_stream_sender_report(&l->stream, item->sender.ntp, item->sender.timestamp, now);
    pl_time_us skew = now - pl_ntp_to_us(item->sender.ntp);
    if (!p->has_skew || skew < p->clock_skew)
        p->clock_skew = skew;
    p->has_skew = true;
    pl_relay_clock(l);
}

/* What the client says of a slot. Its round trip (RFC 3550, 6.4.1) is that of any of them. */
#define ROUND_TRIP_MAX (10 << 16) /* in 65536ths of a second: more is a lie, or another one's */
static void on_block(struct pl_peer *p, const struct pl_rtcp_block *b, pl_time_us now)
{
    struct pl_sink *k = sink_by_ssrc(p, b->ssrc);
    if (!k)
        return;
    k->lost = b->cumulative_lost;
    k->lost_fraction = b->fraction_lost;
    uint32_t took = (uint32_t)(pl_ntp_of(now) >> 16) - b->last_sr - b->delay_since_last_sr;
    if (b->last_sr && took < ROUND_TRIP_MAX)
        p->report_rtt_us = (pl_time_us)took * PL_SECOND / 65536;
}

static void on_report(struct pl_peer *p, const struct pl_rtcp_item *item, pl_time_us now)
{
    for (unsigned i = 0; i < item->count; i++) {
        const struct pl_rtcp_block block = pl_rtcp_block(item, i);
        on_block(p, &block, now);
    }
    if (item->type == PL_RTCP_SR)
        on_sender_report(p, item, now);
}

/* Answered at once. A browser that sends nothing has no other way to know its round trip, which
 * tells it how long a retransmission is worth waiting for. */
static void on_reference_time(struct pl_peer *p, const struct pl_rtcp_item *item)
{
    uint8_t bytes[24];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_dlrr(&w, p->ssrc, item->ssrc, (uint32_t)(item->sender.ntp >> 16), 0);
    pl_peer_send_rtcp(p, bytes, pl_writer_size(&w));
}

void pl_peer_rtcp(struct pl_peer *p, uint8_t *bytes, size_t n, pl_time_us now)
{
    struct pl_rtcp_reader reader;
    struct pl_rtcp_item item;
    enum pl_err err = pl_srtcp_unprotect(p->inbound, bytes, &n);
    if (err || pl_rtcp_reader_init(&reader, bytes, n)) {
        count_refusal(&p->engine->stats, err);
        return;
    }
    p->alive_at = now;
    while (pl_rtcp_next(&reader, &item)) {
        if (item.type == PL_RTCP_SR || item.type == PL_RTCP_RR)
            on_report(p, &item, now);
        else if (item.type == PL_RTCP_NACK)
            on_nack(p, &item, now);
        else if (item.type == PL_RTCP_TWCC || item.type == PL_RTCP_REMB)
            pl_peer_feedback(p, &item, now);
        else if (item.type == PL_RTCP_PLI)
            on_key_request(p, item.media_ssrc, now);
        else if (item.type == PL_RTCP_RRTR)
            on_reference_time(p, &item);
        else if (item.type == PL_RTCP_FIR)
            for (unsigned i = 0; i < item.count; i++)
                on_key_request(p, pl_rtcp_fir_ssrc(&item, i), now);
    }
}
