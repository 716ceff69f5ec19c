/* See view.h. */
#include "sfu/peer.h"

#include <string.h>

static bool larger_comes(const struct pl_layer *l)
{
    const struct pl_source *s = l->source;
    for (unsigned i = 0; i < s->n_layers; i++)
        if (s->layers[i].settled && s->layers[i].height > l->height)
            return true;
    return false;
}

static void view_slot(const struct pl_sink *k, pl_time_us now, struct pl_slot_view *out)
{
    const struct pl_layer *l = k->current;
    *out = (struct pl_slot_view){
        .section = k->section,
        .video = k->slot.media == PL_VIDEO,
        .coming = k->target && k->target != l ? k->target->source->id : 0,
        .packets = k->slot.packets,
        .octets = k->slot.octets,
        .lost = k->lost,
        .lost_fraction = k->lost_fraction,
        .idle_us = now - k->slot.sent_at,
    };
    if (!l)
        return;
    out->source = l->source->id;
    out->layer = (unsigned)(l - l->source->layers);
    out->height = l->height;
    out->wanted_height = pl_choose_size(k->peer, l->source).height;
    out->smaller = out->video && !pl_layer_fills(l, out->wanted_height) && larger_comes(l);
}

static void view_source(const struct pl_source *s, pl_time_us now, struct pl_source_view *out)
{
    *out = (struct pl_source_view){
        .id = s->id,
        .video = s->section->media == PL_VIDEO,
        .muted = s->muted,
        .told_height = s->told_height,
        .n_layers = s->n_layers,
    };
    for (unsigned i = 0; i < s->n_layers; i++) {
        const struct pl_layer *l = &s->layers[i];
        out->layers[i] = (struct pl_layer_view){
            .started = l->stream.started,
            .flowing = l->flowing_since && now - l->stream.newest_at <= PL_FLOWING_US,
            .width = l->width,
            .height = l->height,
            .bitrate_bps = l->rates[PL_TID_ALL].bps,
            .expected = l->stream.started ? l->stream.max_seq - l->stream.first_seq + 1 : 0,
            .received = l->stream.received,
            .keys = l->keys,
            .keys_asked = l->keys_asked,
        };
    }
}

static bool is_sent(const struct pl_peer *p, const struct pl_source *s)
{
    for (size_t i = p->n_audio_sinks; i < p->n_sinks; i++) {
        const struct pl_sink *k = &p->sinks[i];
        if ((k->current && k->current->source == s) || (k->target && k->target->source == s))
            return true;
    }
    return false;
}

static void view_pictures(const struct pl_peer *p, struct pl_peer_view *out)
{
    struct pl_source *wanted[PL_SECTIONS_MAX];
    size_t n = pl_choose_pictures(p, false, wanted, p->n_sinks - p->n_audio_sinks);
    out->n_pictures = (unsigned)n;
    for (size_t i = 0; i < n; i++)
        out->n_paused += !is_sent(p, wanted[i]);
}

static void view_line(const struct pl_peer *p, pl_time_us now, struct pl_peer_view *out)
{
    const struct pl_sender *s = p->sender;
    out->rtt_us = p->report_rtt_us;
    out->share_bps = PL_ESTIMATE_UNLIMITED;
    out->queued_bytes = p->pacer.queued_bytes;
    out->queued_us = pl_pacer_delay(&p->pacer);
    if (!s)
        return;
    out->estimate = pl_estimate_view(&s->estimate, now);
    out->share_bps = pl_peer_share_bps(p, now);
    out->estimated = out->share_bps != PL_ESTIMATE_UNLIMITED;
    out->wanted_bps = s->wanted_bps;
    out->used_bps = s->used_bps;
    if (out->estimate.rtt_us)
        out->rtt_us = out->estimate.rtt_us;
}

enum pl_err pl_engine_peer_view(const struct pl_engine *e, pl_peer_id id, pl_time_us now,
                                struct pl_peer_view *out)
{
    const struct pl_peer *p = pl_map_get(&e->peers, &id, sizeof id);
    if (!p || p->mirror)
        return PL_ENOENT;
    memset(out, 0, sizeof *out);
    out->id = id;
    out->at = now;
    out->connected = p->outbound != NULL;
    out->has_path = p->ice.has_selected;
    if (out->has_path)
        out->path = p->ice.selected;
    out->n_paths = p->ice.n_tuples;
    out->counts = p->counts;
    view_line(p, now, out);
    view_pictures(p, out);
    for (size_t i = 0; i < p->n_sinks; i++)
        if (p->sinks[i].current || p->sinks[i].target)
            view_slot(&p->sinks[i], now, &out->slots[out->n_slots++]);
    for (size_t i = 0; i < p->n_sources && i < PL_VIEW_SOURCES_MAX; i++)
        view_source(&p->sources[i], now, &out->sources[out->n_sources++]);
    return PL_OK;
}

void pl_engine_take_traffic(struct pl_engine *e,
                            void (*each)(void *ctx, pl_room_id room, uint64_t bytes_in,
                                         uint64_t bytes_out),
                            void *ctx)
{
    pl_list_each (struct pl_room, r, &e->all_rooms, in_engine) {
        if (r->bytes_in || r->bytes_out)
            each(ctx, r->id, r->bytes_in, r->bytes_out);
        r->bytes_in = r->bytes_out = 0;
    }
}
