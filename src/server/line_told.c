/* What the server knows of a client's line, told to its browser while that shows it. Nothing is
 * kept or sent otherwise. */
#include "server/conference_parts.h"
#include "server/line.h"

#include <stdlib.h>

void pl_leg_ask_line(struct pl_leg *leg)
{
    leg->line_asked = true;
    pl_media_look(leg->member->conference->all->media, leg->id);
}

static bool known(int64_t number, int64_t *out)
{
    *out = number;
    return number != PL_LINE_UNKNOWN;
}

static int64_t kilo(int64_t number)
{
    return number < 0 ? number : number / 1000;
}

static size_t put_slots(const struct pl_leg *leg, const struct pl_peer_view *view,
                        struct pl_msg_line_slot *out)
{
    size_t n = 0;
    for (size_t i = 0; i < view->n_slots; i++) {
        const struct pl_slot_view *s = &view->slots[i];
        if (!s->video || !s->source)
            continue;
        struct pl_msg_line_slot *m = &out[n++];
        *m = (struct pl_msg_line_slot){.mid = pl_str(leg->session->sections[s->section].mid),
                                       .height = s->height,
                                       .wanted = s->wanted_height,
                                       .smaller = s->smaller};
        m->has_kbps = known(kilo(pl_line_slot_bps(leg->seen, view, s)), &m->kbps);
        m->has_loss = known(pl_line_slot_loss(s), &m->loss);
    }
    return n;
}

static void tell(struct pl_leg *leg, struct pl_client *client, const struct pl_peer_view *view)
{
    struct pl_msg_line_slot slots[PL_SECTIONS_MAX];
    struct pl_line line;
    char address[PL_ADDR_TEXT];
    struct pl_to_client_line m = {.slots = slots};
    pl_line_between(leg->seen, view, &line);
    m.has_round_trip_ms = known(line.rtt_ms, &m.round_trip_ms);
    m.has_loss_up = known(line.loss_in, &m.loss_up);
    m.has_loss_down = known(line.loss_out, &m.loss_down);
    m.has_estimate_kbps = known(kilo(line.estimate_bps), &m.estimate_kbps);
    m.has_wanted_kbps = known(kilo(line.wanted_bps), &m.wanted_kbps);
    m.pictures = line.pictures;
    m.paused = line.paused;
    m.n_slots = put_slots(leg, view, slots);
    m.has_protocol = view->has_path;
    if (view->has_path) {
        m.protocol = pl_media_path_is_tcp(&view->path) ? PL_TRANSPORT_TCP : PL_TRANSPORT_UDP;
        pl_addr_text(&view->path.remote, address);
        m.address = pl_str(address);
    }
    struct pl_buf json = {0};
    pl_to_client_line(&json, &m);
    pl_client_send(client, &json);
    pl_buf_free(&json);
}

void pl_leg_tell_line(struct pl_leg *leg, const struct pl_peer_view *view)
{
    struct pl_client *client = leg->member->browser == leg ? leg->member->client : NULL;
    if (!leg->line_asked)
        return;
    leg->line_asked = false;
    if (client)
        tell(leg, client, view);
    if (!leg->seen)
        leg->seen = malloc(sizeof *leg->seen);
    if (leg->seen)
        *leg->seen = *view;
}
