/* See sim.h. */
#include "sim.h"

#include "base/carry.h"
#include "proto/stun.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct datagram {
    struct pl_list node;
    pl_time_us at;
    bool to_engine;
    struct pl_tuple tuple; /* the client's */
    size_t n;
    uint8_t bytes[2048];
};

uint32_t sim_random(struct sim *s)
{
    s->seed = s->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(s->seed >> 33);
}

static void fill(void *ctx, uint8_t *out, size_t n)
{
    while (n--)
        *out++ = (uint8_t)sim_random(ctx);
}

struct pl_random sim_source_of_randomness(struct sim *s)
{
    return (struct pl_random){fill, s};
}

/* Onto the wire, in order of arrival. */
static void transmit(struct sim *s, const struct sim_link *link, bool to_engine,
                     const struct pl_tuple *tuple, const uint8_t *bytes, size_t n)
{
    if (sim_random(s) % 1000 < link->loss_per_mille)
        return;
    struct datagram *d = calloc(1, sizeof *d);
    assert(d && n <= sizeof d->bytes);
    d->at = s->now + link->delay;
    if (link->jitter)
        d->at += sim_random(s) % (uint32_t)link->jitter;
    d->to_engine = to_engine;
    d->tuple = *tuple;
    d->n = n;
    memcpy(d->bytes, bytes, n);
    struct pl_list *after = s->wire.prev;
    while (after != &s->wire && pl_container_of(after, struct datagram, node)->at > d->at)
        after = after->prev;
    pl_list_push(after->next, &d->node);
}

/* The last byte of the address is the client's id, counted from 1. */
static struct sim_client *client_at(struct sim *s, const struct pl_tuple *tuple)
{
    size_t id = tuple->remote.ip[15];
    bool known = id > 0 && id <= s->n_clients &&
                 pl_addr_eq(&s->clients[id - 1].tuple.remote, &tuple->remote);
    return known ? &s->clients[id - 1] : NULL;
}

/* A client's own line, before the network that all share. */
static uint8_t *on_reserve(void *ctx, const struct pl_tuple *to, size_t n)
{
    struct sim *s = ctx;
    (void)to;
    assert(n <= sizeof s->run);
    return s->run;
}

static void send_one(struct sim *s, const struct pl_tuple *to, const uint8_t *bytes, size_t n)
{
    struct sim_client *c = client_at(s, to);
    struct sim_link link = s->down;
    if (c && c->rate_bps) {
        pl_time_us start = c->busy_until > s->now ? c->busy_until : s->now;
        if (start - s->now > SIM_QUEUE_US)
            return;
        if (start - s->now > c->worst_queue)
            c->worst_queue = start - s->now;
        c->busy_until = start + (pl_time_us)((n + 28) * 8 * PL_SECOND / c->rate_bps);
        link.delay += c->busy_until - s->now;
    }
    transmit(s, &link, false, to, bytes, n);
}

static void on_send(void *ctx, const struct pl_tuple *to, const uint8_t *bytes, size_t n,
                    size_t segment)
{
    struct sim *s = ctx;
    assert(n > 0 && n <= segment * PL_RUN_MAX && n <= PL_RUN_BYTES_MAX);
    s->in_engine = false;
    s->runs++;
    for (size_t at = 0; at < n; at += segment, s->datagrams++)
        send_one(s, to, bytes + at, n - at < segment ? n - at : segment);
    s->in_engine = true;
}

static void on_dtls(void *ctx, pl_peer_id peer, const uint8_t *bytes, size_t n)
{
    struct sim *s = ctx;
    (void)peer;
    (void)bytes;
    (void)n;
    s->dtls_seen++;
}

static void on_event(void *ctx, const struct pl_engine_event *event)
{
    struct sim *s = ctx;
    assert(s->n_events < SIM_EVENTS);
    s->events[s->n_events++] = *event;
}

static bool on_relay(void *ctx, unsigned to, const struct pl_relay *message)
{
    struct sim *s = ctx;
    assert(to < SIM_ENGINES && message->from != to);
    if (s->relay_is_full || s->n_relayed == SIM_RELAYED)
        return false;
    s->relayed[s->n_relayed].to = to;
    s->relayed[s->n_relayed++].message = *message;
    return true;
}

static struct pl_engine *new_engine(struct sim *s, unsigned i)
{
    const struct pl_engine_io io = {s, i, on_reserve, on_send, on_dtls, on_event, on_relay};
    struct pl_random random = sim_source_of_randomness(s);
    struct pl_engine *e;
    enum pl_err err = pl_engine_new(&io, &random, &e);
    assert(!err);
    return e;
}

void sim_start(struct sim *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    printf("# seed %llu\n", (unsigned long long)seed);
    s->seed = seed;
    s->now = s->feedback_at = 1000 * PL_SECOND;
    s->up.delay = s->down.delay = 5 * PL_MS;
    pl_list_init(&s->wire);
    for (unsigned i = 0; i < SIM_ENGINES; i++)
        s->engines[i] = new_engine(s, i);
    s->engine = s->engines[0];
}

static void free_engines(struct sim *s)
{
    for (unsigned i = 0; i < SIM_ENGINES; i++)
        pl_engine_clear(s->engines[i]);
    for (size_t i = 0; i < s->n_relayed; i++)
        pl_relay_drop(&s->relayed[i].message);
    s->n_relayed = 0;
    for (unsigned i = 0; i < SIM_ENGINES; i++)
        pl_engine_free(s->engines[i]);
}

/* Freeing tells of slots that are empty now: the engine that is handed over is quiet instead, as
 * its process ends. */
void sim_pause(struct sim *s)
{
    for (unsigned i = 0; i < SIM_ENGINES; i++)
        pl_engine_settle(s->engines[i], s->now);
    for (unsigned i = 0; i < SIM_ENGINES; i++) {
        struct pl_carry out = pl_carry_writer(&s->handed[i]);
        enum pl_err err = pl_engine_carry(s->engines[i], &out, s->now);
        assert(!err && s->handed[i].len > 0);
    }
    size_t n_events = s->n_events;
    free_engines(s);
    s->n_events = n_events;
}

void sim_resume(struct sim *s)
{
    size_t n_events = s->n_events, datagrams = s->datagrams;
    for (unsigned i = 0; i < SIM_ENGINES; i++) {
        struct pl_buf again = {0}, *state = &s->handed[i];
        struct pl_carry in = pl_carry_reader(state->data, state->len);
        struct pl_carry repeat = pl_carry_writer(&again);
        s->engines[i] = new_engine(s, i);
        enum pl_err err = pl_engine_carry(s->engines[i], &in, s->now);
        assert(!err && pl_carry_done(&in));
        err = pl_engine_carry(s->engines[i], &repeat, s->now);
        assert(!err && again.len == state->len && memcmp(again.data, state->data, again.len) == 0);
        pl_buf_free(&again);
        pl_buf_free(state);
    }
    assert(s->n_events == n_events && s->datagrams == datagrams);
    s->engine = s->engines[0];
}

void sim_hand_over(struct sim *s)
{
    sim_pause(s);
    sim_resume(s);
}

void sim_stop(struct sim *s)
{
    free_engines(s);
    pl_list_each (struct datagram, d, &s->wire, node) {
        pl_list_remove(&d->node);
        free(d);
    }
    for (size_t i = 0; i < s->n_clients; i++) {
        pl_srtp_free(s->clients[i].in);
        pl_srtp_free(s->clients[i].out);
        free(s->clients[i].kept);
    }
}

static void start_source(struct sim_client *c, struct sim_source *source,
                         const struct pl_section *s, uint8_t mark)
{
    source->seq = (uint16_t)sim_random(c->sim) & 0x7fff;
    source->timestamp = sim_random(c->sim);
    source->picture_id = sim_random(c->sim) & 0x7fff;
    source->tl0 = (uint8_t)sim_random(c->sim);
    source->key_next = true;
    source->mark = mark;
    source->ssrc = s->ssrc;
    source->rtx_ssrc = s->rtx_ssrc;
    source->height = 360;
}

/* The SSRCs of layers are told by extensions alone. */
static void add_layers(struct sim_client *c, size_t i)
{
    struct pl_section *s = &c->sections[i];
    s->ext_rid = 5;
    s->ext_repaired_rid = 6;
    s->n_rids = 3;
    for (unsigned k = 0; k < 3; k++) {
        struct sim_source *layer = k ? &c->upper[k] : &c->sources[i];
        s->rids[k][0] = "qhf"[k];
        s->ssrc = sim_random(c->sim);
        s->rtx_ssrc = sim_random(c->sim);
        start_source(c, layer, s, (uint8_t)(c->sources[i].mark + k));
        layer->height = (uint16_t)(180 << k);
    }
    s->ssrc = s->rtx_ssrc = 0;
}

static const struct pl_format formats[PL_CODECS] = {
    [PL_OPUS] = {PL_OPUS, 111, 0}, [PL_RED] = {PL_RED, 63, 0},  [PL_VP8] = {PL_VP8, 96, 97},
    [PL_VP9] = {PL_VP9, 98, 99},   [PL_AV1] = {PL_AV1, 45, 46}, [PL_H264] = {PL_H264, 108, 109},
};

static void add_format(const struct sim_client *c, struct pl_section *s, enum pl_codec codec)
{
    struct pl_format f = formats[codec];
    f.rtx_pt = c->rtx ? f.rtx_pt : 0;
    s->formats[s->n_formats++] = f;
}

static void add_formats(const struct sim_client *c, struct pl_section *s)
{
    bool all = c->all_codecs && s->direction == PL_SEND;
    if (s->media == PL_VIDEO) {
        add_format(c, s, c->video);
        for (enum pl_codec k = PL_VP8; all && k <= PL_H264; k++)
            if (k != c->video)
                add_format(c, s, k);
        return;
    }
    if (all || c->audio == PL_RED)
        add_format(c, s, PL_RED);
    add_format(c, s, PL_OPUS);
}

static void add_section(struct sim_client *c, enum pl_media_type media, enum pl_direction direction)
{
    size_t i = c->session.n_sections++;
    struct pl_section *s = &c->sections[i];
    assert(i < SIM_SECTIONS);
    *s = (struct pl_section){
        .media = media,
        .direction = direction,
        .clock_rate = media == PL_AUDIO ? 48000 : 90000,
        .ssrc = sim_random(c->sim),
        .nack = media == PL_VIDEO,
        .pli = media == PL_VIDEO,
        .ext_mid = 4,
        .ext_audio_level = media == PL_AUDIO ? 1 : 0,
    };
    s->ext_twcc = c->twcc ? 7 : 0;
    s->remb = media == PL_VIDEO && direction == PL_RECEIVE && !c->twcc;
    add_formats(c, s);
    snprintf(s->mid, sizeof s->mid, "%zu", i);
    if (media == PL_VIDEO && c->rtx)
        s->rtx_ssrc = sim_random(c->sim);
    if (direction != PL_RECEIVE)
        return;
    c->source_ids[i] = c->id * 100 + i;
    start_source(c, &c->sources[i], s, (uint8_t)c->source_ids[i]);
    if (media == PL_VIDEO && c->layered)
        add_layers(c, i);
}

static struct sim_client *client_new(struct sim *s)
{
    struct sim_client *c = &s->clients[s->n_clients++];
    assert(s->n_clients <= SIM_CLIENTS);
    c->sim = s;
    c->id = s->n_clients;
    c->video = PL_VP8;
    c->kept = calloc(SIM_KEPT, sizeof *c->kept);
    assert(c->kept);
    c->tuple.remote = pl_addr_v4((const uint8_t[]){10, 0, 0, (uint8_t)c->id}, 5000);
    snprintf(c->session.local_ufrag, 9, "server%02u", (unsigned)c->id);
    snprintf(c->session.local_pwd, 25, "password-of-server-%05u", (unsigned)c->id);
    snprintf(c->session.remote_ufrag, 9, "client%02u", (unsigned)c->id);
    snprintf(c->session.cname, sizeof c->session.cname, "cname%02u", (unsigned)c->id);
    c->session.sections = c->sections;
    return c;
}

struct pl_engine *sim_engine_of(const struct sim_client *c)
{
    return c->sim->engines[c->home];
}

/* As a peer, or as a mirror. */
static void add_to(const struct sim_client *c, unsigned engine)
{
    const struct pl_peer_desc desc = {.id = c->id,
                                      .room = c->room,
                                      .owner = c->id,
                                      .session = &c->session,
                                      .sources = c->source_ids,
                                      .mirror = engine != c->home,
                                      .home = c->home};
    enum pl_err err = pl_engine_peer_add(c->sim->engines[engine], &desc, c->sim->now);
    assert(!err || err == PL_EEXIST); /* it is mirrored there already */
}

/* As server/media does it. */
static void meet_other_engines(const struct sim_client *c)
{
    for (size_t i = 0; i < c->sim->n_clients; i++) {
        const struct sim_client *other = &c->sim->clients[i];
        if (other->room != c->room || other->home == c->home)
            continue;
        pl_engine_room_relay(sim_engine_of(c), c->room, other->home, true);
        pl_engine_room_relay(sim_engine_of(other), c->room, c->home, true);
        add_to(other, c->home);
        add_to(c, other->home);
    }
}

static struct sim_client *enter(struct sim_client *c, pl_room_id room, unsigned mics, unsigned cams,
                                unsigned audio_slots, unsigned video_slots)
{
    struct sim *s = c->sim;
    while (mics--)
        add_section(c, PL_AUDIO, PL_RECEIVE);
    while (cams--)
        add_section(c, PL_VIDEO, PL_RECEIVE);
    while (audio_slots--)
        add_section(c, PL_AUDIO, PL_SEND);
    while (video_slots--)
        add_section(c, PL_VIDEO, PL_SEND);
    c->room = room;
    c->home = s->joins;
    add_to(c, c->home);
    meet_other_engines(c);
    return c;
}

struct sim_client *sim_join(struct sim *s, pl_room_id room, unsigned mics, unsigned cams,
                            unsigned audio_slots, unsigned video_slots)
{
    return enter(client_new(s), room, mics, cams, audio_slots, video_slots);
}

struct sim_client *sim_join_rtx(struct sim *s, pl_room_id room, unsigned mics, unsigned cams,
                                unsigned audio_slots, unsigned video_slots)
{
    struct sim_client *c = client_new(s);
    c->rtx = true;
    return enter(c, room, mics, cams, audio_slots, video_slots);
}

struct sim_client *sim_join_codec(struct sim *s, pl_room_id room, enum pl_codec codec,
                                  unsigned mics, unsigned cams, unsigned audio_slots,
                                  unsigned video_slots)
{
    struct sim_client *c = client_new(s);
    c->rtx = c->all_codecs = true;
    *(codec == PL_RED ? &c->audio : &c->video) = codec;
    return enter(c, room, mics, cams, audio_slots, video_slots);
}

struct sim_client *sim_join_twcc(struct sim *s, pl_room_id room, unsigned mics, unsigned cams,
                                 unsigned audio_slots, unsigned video_slots)
{
    struct sim_client *c = client_new(s);
    c->rtx = c->twcc = true;
    pl_twcc_arrivals_init(&c->arrivals);
    return enter(c, room, mics, cams, audio_slots, video_slots);
}

struct sim_client *sim_simulcast(struct sim *s, pl_room_id room)
{
    struct sim_client *c = client_new(s);
    c->rtx = c->layered = true;
    return enter(c, room, 0, 1, 0, 0);
}

void sim_check(struct sim_client *c, const char *pwd, bool nominate)
{
    uint8_t bytes[256];
    char username[64];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    snprintf(username, sizeof username, "server%02u:client%02u", (unsigned)c->id, (unsigned)c->id);
    const struct pl_stun_check check = {
        .transaction = {1, 2, 3}, .username = username, .priority = 1, .use_candidate = nominate};
    pl_stun_write_check(&w, &check, pwd, strlen(pwd));
    sim_send_raw(c, bytes, pl_writer_size(&w));
}

void sim_send_raw(struct sim_client *c, const uint8_t *bytes, size_t n)
{
    if (c->sim->lose)
        c->sim->lose--;
    else
        transmit(c->sim, &c->sim->up, true, &c->tuple, bytes, n);
}

void sim_connect(struct sim_client *c)
{
    struct pl_srtp_keys up = {.profile = PL_SRTP_AEAD_AES_128_GCM}, down = up;
    memset(up.key, (int)c->id, sizeof up.key);
    memset(down.key, (int)(0x80 | c->id), sizeof down.key);
    sim_check(c, c->session.local_pwd, true);
    enum pl_err err = pl_srtp_new(&up, &c->out);
    assert(!err);
    err = pl_srtp_new(&down, &c->in);
    assert(!err);
    sim_run(c->sim, 50 * PL_MS);
    assert(c->checked);
    err = pl_engine_peer_keys(sim_engine_of(c), c->id, &up, &down, c->sim->now);
    assert(!err);
}

void sim_leave(struct sim_client *c)
{
    for (unsigned i = 0; i < SIM_ENGINES; i++) /* the mirrors, too */
        pl_engine_peer_remove(c->sim->engines[i], c->id, c->sim->now);
    c->room = 0;
}

static void send_rtp(struct sim_client *c, const uint8_t *packet, size_t header_len, size_t n)
{
    uint8_t out[1600];
    size_t len;
    enum pl_err err = pl_srtp_protect(c->out, packet, header_len, packet + header_len,
                                      n - header_len, NULL, 0, out, &len);
    assert(!err);
    sim_send_raw(c, out, len);
}

static void remember(struct sim_source *s, uint16_t seq, const uint8_t *packet, size_t n)
{
    memcpy(s->sent[seq % 256], packet, n);
    s->sent_len[seq % 256] = n;
    s->sent_seq[seq % 256] = seq;
}

static void write_rtp(struct pl_writer *w, uint8_t pt, bool marker, uint16_t seq,
                      uint32_t timestamp, uint32_t ssrc, const uint8_t *ext4)
{
    pl_write_u8(w, ext4 ? 0x90 : 0x80);
    pl_write_u8(w, (uint8_t)(marker << 7 | pt));
    pl_write_u16(w, seq);
    pl_write_u32(w, timestamp);
    pl_write_u32(w, ssrc);
    if (!ext4)
        return;
    pl_write_u16(w, 0xbede);
    pl_write_u16(w, 1);
    pl_write_bytes(w, ext4, 4);
}

void sim_send_audio(struct sim_client *c, unsigned i, unsigned level)
{
    struct sim_source *s = &c->sources[i];
    uint8_t packet[250];
    uint8_t ext[4] = {1 << 4, (uint8_t)level};
    struct pl_writer w = pl_writer(packet, sizeof packet);
    if (c->twcc) { /* in the place of the level: one element is enough for a test */
        ext[0] = 7 << 4 | 1;
        pl_put_u16(ext + 1, c->twcc_seq++);
    }
    s->timestamp += 960;
    write_rtp(&w, c->sections[i].formats[0].pt, false, s->seq, s->timestamp, s->ssrc, ext);
    if (c->audio == PL_RED) { /* the packet before, of 960 ticks ago, then this one */
        const uint8_t headers[] = {0x80 | 111, 0x0f, 0, sizeof s->last_sound, 111};
        pl_write_bytes(&w, headers, sizeof headers);
        pl_write_bytes(&w, s->last_sound, sizeof s->last_sound);
    }
    memset(s->last_sound, s->mark, sizeof s->last_sound);
    pl_write_bytes(&w, s->last_sound, sizeof s->last_sound);
    remember(s, s->seq++, packet, pl_writer_size(&w));
    send_rtp(c, packet, 20, pl_writer_size(&w));
}

/* Bytes of an RTP header with its extension. */
static size_t header_of(const uint8_t *packet)
{
    return packet[0] & 0x10 ? 20 : 12;
}

const struct sim_temporal sim_temporal[SIM_TEMPORAL] = {
    {0, false}, {2, true}, {1, true}, {2, false}, {0, false}, {2, false}, {1, false}, {2, false}};

/* The start of packet `k` of a frame, as each codec has it; sizes are of VP8 and VP9 alone. */
static void write_vp8(struct pl_writer *w, const struct sim_source *s, bool start, bool key)
{
    const uint8_t size[] = {
        0x10, 0, 0, 0x9d, 1, 0x2a, 0, 1, (uint8_t)s->height, (uint8_t)(s->height >> 8)};
    const struct sim_temporal *t = &sim_temporal[s->phase];
    pl_write_u8(w, start ? 0x90 : 0x80);
    pl_write_u8(w, s->temporal ? 0xe0 : 0xc0);
    pl_write_u16(w, 0x8000 | s->picture_id);
    pl_write_u8(w, s->tl0);
    if (s->temporal)
        pl_write_u8(w, (uint8_t)(t->tid << 6 | t->sync << 5));
    if (key)
        pl_write_bytes(w, size, sizeof size);
    else
        pl_write_u8(w, 0x11);
}

static void write_vp9(struct pl_writer *w, const struct sim_source *s, bool start, bool end,
                      bool key)
{
    bool structure = key && start;
    pl_write_u8(w, (uint8_t)(0xa0 | !key << 6 | start << 3 | end << 2 | structure << 1));
    pl_write_u16(w, 0x8000 | s->picture_id);
    pl_write_u8(w, 0);
    pl_write_u8(w, s->tl0);
    if (!structure)
        return;
    pl_write_u8(w, 0x10);
    pl_write_u16(w, 256);
    pl_write_u16(w, s->height);
}

static void write_av1(struct pl_writer *w, bool start, bool end, bool key)
{
    bool sequence = key && start;
    pl_write_u8(w, (uint8_t)(!start << 7 | !end << 6 | 1 << 4 | sequence << 3));
    pl_write_u8(w, 0x30);
}

static void write_h264(struct pl_writer *w, bool start, bool end, bool key)
{
    static const uint8_t sps[] = {
        0x78, 0,    10,   0x67, 0x42, 0xe0, 0x1f, 0xed,
        1,    0x40, 0x5f, 0xf2, 0xa0, 2,    0}; /* STAP-A: 640 x 360, then a NAL unit of 512 bytes
                                                 */
    if (key && start) {
        pl_write_bytes(w, sps, sizeof sps);
        for (int i = 0; i < 512; i++)
            pl_write_u8(w, 0x68);
        pl_write_u16(w, 500);
        return;
    }
    pl_write_u8(w, 0x7c);
    pl_write_u8(w, (uint8_t)(start << 7 | end << 6 | (key ? 5 : 1)));
}

static void write_start(struct pl_writer *w, enum pl_codec codec, const struct sim_source *s,
                        bool start, bool end, bool key)
{
    if (codec == PL_VP8)
        write_vp8(w, s, start, key);
    else if (codec == PL_VP9)
        write_vp9(w, s, start, end, key);
    else if (codec == PL_AV1)
        write_av1(w, start, end, key);
    else
        write_h264(w, start, end, key);
}

static void send_frame(struct sim_client *c, const struct pl_section *section, unsigned layer,
                       struct sim_source *s, unsigned packets, uint32_t ticks)
{
    bool key = s->key_next;
    s->key_next = false;
    s->timestamp += ticks;
    s->picture_id = (s->picture_id + 1) & 0x7fff;
    s->phase = s->temporal && !key ? (s->phase + 1) % SIM_TEMPORAL : 0;
    if (sim_temporal[s->phase].tid == 0)
        s->tl0++;
    for (unsigned k = 0; k < packets; k++) {
        uint8_t packet[1300];
        struct pl_writer w = pl_writer(packet, sizeof packet);
        /* mid and rid with the first packets alone, as browsers do */
        const uint8_t ext[4] = {4 << 4, (uint8_t)section->mid[0], 5 << 4,
                                (uint8_t)section->rids[layer][0]};
        write_rtp(&w, section->formats[0].pt, k + 1 == packets, s->seq, s->timestamp, s->ssrc,
                  section->n_rids && s->tagged < 10 ? ext : NULL);
        s->tagged++;
        write_start(&w, section->formats[0].codec, s, k == 0, k + 1 == packets, key);
        for (unsigned b = 0; b < 500 + (k >= packets / 2); b++) /* as libwebrtc splits */
            pl_write_u8(&w, s->mark);
        remember(s, s->seq++, packet, pl_writer_size(&w));
        send_rtp(c, packet, header_of(packet), pl_writer_size(&w));
    }
}

void sim_send_frame(struct sim_client *c, unsigned i, unsigned packets, uint32_t ticks)
{
    sim_send_layer(c, i, 0, packets, ticks);
}

void sim_send_layer(struct sim_client *c, unsigned i, unsigned k, unsigned packets, uint32_t ticks)
{
    send_frame(c, &c->sections[i], k, k ? &c->upper[k] : &c->sources[i], packets, ticks);
}

/* RFC 4588, 4. */
static void send_rtx(struct sim_client *c, const struct pl_section *section, unsigned layer,
                     struct sim_source *s, uint16_t seq)
{
    const uint8_t *sent = s->sent[seq % 256];
    size_t header = header_of(sent), n = s->sent_len[seq % 256];
    const uint8_t ext[4] = {4 << 4, (uint8_t)section->mid[0], 6 << 4,
                            (uint8_t)section->rids[layer][0]};
    uint8_t packet[1400];
    struct pl_writer w = pl_writer(packet, sizeof packet);
    write_rtp(&w, section->formats[0].rtx_pt, sent[1] & 0x80, s->rtx_seq++, pl_get_u32(sent + 4),
              s->rtx_ssrc, section->n_rids ? ext : NULL);
    pl_write_u16(&w, seq);
    pl_write_bytes(&w, sent + header, n - header);
    send_rtp(c, packet, header_of(packet), pl_writer_size(&w));
}

void sim_send_rtcp(struct sim_client *c, const uint8_t *bytes, size_t n)
{
    uint8_t out[1600];
    memcpy(out, bytes, n);
    enum pl_err err = pl_srtcp_protect(c->out, out, &n, sizeof out);
    assert(!err);
    sim_send_raw(c, out, n);
}

/* What a client does with what it gets. */

static void source_feedback(struct sim_client *c, const struct pl_section *section, unsigned layer,
                            struct sim_source *s, const struct pl_rtcp_item *item)
{
    if (item->type == PL_RTCP_PLI) {
        s->plis++;
        s->key_next = !c->ignores_plis;
        return;
    }
    struct pl_rtcp_nacks it = pl_rtcp_nacks(item);
    uint16_t seq;
    while (pl_rtcp_nack_next(&it, &seq)) {
        s->nacked++;
        if (s->sent_seq[seq % 256] != seq)
            continue;
        if (section->formats[0].rtx_pt)
            send_rtx(c, section, layer, s, seq);
        else
            send_rtp(c, s->sent[seq % 256], header_of(s->sent[seq % 256]), s->sent_len[seq % 256]);
    }
}

static void on_feedback(struct sim_client *c, const struct pl_rtcp_item *item)
{
    for (size_t i = 0; i < c->session.n_sections; i++) {
        const struct pl_section *section = &c->sections[i];
        if (section->direction != PL_RECEIVE)
            continue;
        if (c->sources[i].ssrc == item->media_ssrc)
            source_feedback(c, section, 0, &c->sources[i], item);
        for (unsigned k = 1; k < section->n_rids; k++)
            if (c->upper[k].ssrc == item->media_ssrc)
                source_feedback(c, section, k, &c->upper[k], item);
    }
}

/* libwebrtc takes no transport-wide feedback that names a stream it does not send. */
static bool sends(const struct sim_client *c, uint32_t ssrc)
{
    bool any = false;
    for (size_t i = 0; i < c->session.n_sections; i++)
        any |= c->sections[i].direction == PL_RECEIVE && c->sources[i].ssrc == ssrc;
    return any;
}

static void on_arrivals(struct sim_client *c, const struct pl_rtcp_item *item)
{
    if (!sends(c, item->media_ssrc))
        return;
    struct pl_twcc_reader r;
    struct pl_twcc_status status;
    enum pl_err err = pl_twcc_reader_init(&r, item->body, item->body_len);
    assert(!err);
    while (pl_twcc_next(&r, &status)) {
        c->twcc_acked += status.received;
        c->twcc_lost += !status.received;
    }
}

static void client_rtcp(struct sim_client *c, uint8_t *bytes, size_t n)
{
    struct pl_rtcp_reader r;
    struct pl_rtcp_item item;
    enum pl_err err = pl_srtcp_unprotect(c->in, bytes, &n);
    assert(!err);
    err = pl_rtcp_reader_init(&r, bytes, n);
    assert(!err);
    if (n == sizeof c->dlrr && bytes[1] == 207)
        memcpy(c->dlrr, bytes, n);
    while (pl_rtcp_next(&r, &item)) {
        if (item.type == PL_RTCP_PLI || item.type == PL_RTCP_NACK)
            on_feedback(c, &item);
        if (item.type == PL_RTCP_TWCC)
            on_arrivals(c, &item);
        if (item.type == PL_RTCP_REMB)
            c->remb_bps = item.bitrate;
        if (item.type == PL_RTCP_SR) {
            c->reports++;
            c->last_sr = item.sender;
            for (size_t i = 0; i < c->session.n_sections; i++)
                if (c->sections[i].ssrc == item.sender.ssrc)
                    c->srs[i] = item.sender;
        }
        for (unsigned i = 0; item.type == PL_RTCP_RR && i < item.count; i++)
            c->lost_blocks += pl_rtcp_block(&item, i).fraction_lost > 0;
    }
}

/* Asks for every gap before this packet in its stream, as often as it sees a newer one. */
static void ask_for_gap(struct sim_client *c, const struct sim_rtp *p)
{
    uint16_t missing[32];
    size_t n = 0;
    for (uint16_t back = 16; back > 0; back--) {
        bool have = false, before = false;
        uint16_t seq = (uint16_t)(p->rtp.seq - back);
        for (size_t i = c->n_kept > 400 ? c->n_kept - 400 : 0; i < c->n_kept; i++) {
            const struct pl_rtp *q = &c->kept[i].rtp;
            have |= q->ssrc == p->rtp.ssrc && q->seq == seq;
            before |= q->ssrc == p->rtp.ssrc && (int16_t)(uint16_t)(q->seq - seq) < 0;
        }
        if (!have && before)
            missing[n++] = seq;
    }
    if (n == 0)
        return;
    uint8_t bytes[200];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_nack(&w, 1, p->rtp.ssrc, missing, n);
    sim_send_rtcp(c, bytes, pl_writer_size(&w));
}

/* The format of a packet of one of its slots. */
static const struct pl_format *format_of(const struct sim_client *c, const struct pl_rtp *rtp)
{
    for (size_t i = 0; i < c->session.n_sections; i++)
        if (c->sections[i].ssrc == rtp->ssrc || c->sections[i].rtx_ssrc == rtp->ssrc)
            return pl_section_format(&c->sections[i], rtp->pt);
    return NULL;
}

/* The original of a retransmission. */
static void unwrap_rtx(struct sim_client *c, const struct pl_format *f, struct pl_rtp *rtp)
{
    c->rtx_got++;
    for (size_t i = 0; i < c->session.n_sections; i++)
        if (c->sections[i].rtx_ssrc == rtp->ssrc)
            rtp->ssrc = c->sections[i].ssrc;
    rtp->pt = f->pt;
    rtp->seq = pl_get_u16(rtp->payload);
    rtp->payload += 2;
    rtp->payload_len -= 2;
}

static void client_rtp(struct sim_client *c, const uint8_t *bytes, size_t n)
{
    assert(c->n_kept < SIM_KEPT && n <= sizeof c->kept->bytes);
    struct sim_rtp *p = &c->kept[c->n_kept];
    size_t len = n;
    memcpy(p->bytes, bytes, n);
    memcpy(p->wire, bytes, n);
    p->wire_len = n;
    enum pl_err err = pl_srtp_unprotect(c->in, p->bytes, &len);
    c->replays += err == PL_EREPLAY;
    if (err == PL_EREPLAY)
        return;
    assert(!err);
    err = pl_rtp_parse(p->bytes, len, &p->rtp);
    assert(!err);
    c->bytes_down += n;
    size_t ext_len;
    const uint8_t *seq = pl_rtp_ext_find(&p->rtp, 7, &ext_len);
    if (seq && c->twcc)
        pl_twcc_arrived(&c->arrivals, pl_get_u16(seq), c->sim->now);
    const struct pl_format *f = format_of(c, &p->rtp);
    assert(f && "a payload type that the slot does not have");
    bool again = f->rtx_pt == p->rtp.pt;
    if (again && p->rtp.padding && p->rtp.payload_len == 0)
        return;
    if (again)
        unwrap_rtx(c, f, &p->rtp);
    p->codec = f->codec;
    p->descriptor = (struct pl_descriptor){0};
    if (p->rtp.payload_len) { /* else it fills a number */
        err = pl_descriptor_read(f->codec, p->rtp.payload, p->rtp.payload_len, &p->descriptor);
        assert(!err && "a packet without its codec's descriptor");
    }
    p->at = c->sim->now;
    c->n_kept++;
    if (c->nacks)
        ask_for_gap(c, p);
}

static void client_input(struct sim_client *c, uint8_t *bytes, size_t n)
{
    struct pl_stun msg;
    switch (pl_demux(bytes[0])) {
    case PL_DEMUX_STUN:
        if (pl_stun_parse(bytes, n, &msg) == PL_OK && msg.class == PL_STUN_SUCCESS &&
            pl_stun_check_integrity(bytes, n, &msg, c->session.local_pwd,
                                    strlen(c->session.local_pwd)))
            c->checked = true;
        break;
    case PL_DEMUX_DTLS:
        c->dtls++;
        break;
    case PL_DEMUX_RTP:
        if (pl_is_rtcp(bytes, n))
            client_rtcp(c, bytes, n);
        else
            client_rtp(c, bytes, n);
        break;
    case PL_DEMUX_UNKNOWN:
        assert(false && "the engine sent something unknown");
    }
}

static void deliver(struct sim *s, struct datagram *d)
{
    pl_list_remove(&d->node);
    if (d->to_engine) {
        const struct sim_client *from = client_at(s, &d->tuple);
        s->in_engine = true;
        pl_engine_input(from ? sim_engine_of(from) : s->engine, &d->tuple, d->bytes, d->n, s->now);
        s->in_engine = false;
    } else {
        struct sim_client *c = client_at(s, &d->tuple);
        if (c)
            client_input(c, d->bytes, d->n);
    }
    free(d);
}

/* RTCP of the clients: their feedback, as browsers give it. */
static void give_feedback(struct sim *s)
{
    s->feedback_at = s->now + 50 * PL_MS;
    for (size_t i = 0; i < s->n_clients; i++) {
        struct sim_client *c = &s->clients[i];
        while (c->twcc && c->out && pl_twcc_due(&c->arrivals)) {
            uint8_t bytes[PL_TWCC_PACKET_MAX];
            struct pl_writer w = pl_writer(bytes, sizeof bytes);
            enum pl_err err = pl_twcc_write(&w, &c->arrivals, 1, 2);
            assert(!err);
            sim_send_rtcp(c, bytes, pl_writer_size(&w));
        }
    }
}

void sim_delay_last(struct sim *s, pl_time_us us)
{
    struct datagram *last = pl_container_of(s->wire.prev, struct datagram, node);
    last->at += us; /* it stands behind all others as it is */
}

static pl_time_us next_on_wire(const struct sim *s)
{
    return pl_list_empty(&s->wire) ? PL_NEVER
                                   : pl_container_of(s->wire.next, struct datagram, node)->at;
}

static pl_time_us next_deadline(const struct sim *s)
{
    pl_time_us at = PL_NEVER;
    for (unsigned i = 0; i < SIM_ENGINES; i++)
        at = pl_time_min(at, pl_engine_deadline(s->engines[i]));
    return at == PL_NEVER ? at : at + s->late;
}

static void expire(struct sim *s)
{
    s->in_engine = true;
    for (unsigned i = 0; i < SIM_ENGINES; i++)
        if (pl_engine_deadline(s->engines[i]) <= s->now)
            pl_engine_expire(s->engines[i], s->now);
    s->in_engine = false;
}

static void flush(struct sim *s)
{
    s->in_engine = true;
    for (size_t i = 0; i < s->n_relayed; i++)
        pl_engine_relayed(s->engines[s->relayed[i].to], &s->relayed[i].message, s->now);
    s->n_relayed = 0;
    for (unsigned i = 0; i < SIM_ENGINES; i++)
        pl_engine_flush(s->engines[i], s->now);
    s->in_engine = false;
}

void sim_run(struct sim *s, pl_time_us us)
{
    pl_time_us end = s->now + us;
    for (;;) {
        pl_time_us arrival = next_on_wire(s), deadline = next_deadline(s);
        deadline = deadline > s->now ? deadline : s->now; /* a turn takes in what came first */
        pl_time_us next = pl_time_min(arrival, deadline);
        next = pl_time_min(next, s->feedback_at);
        if (next > end)
            break;
        if (next > s->now)
            s->now = next;
        if (next == s->feedback_at)
            give_feedback(s);
        else if (arrival <= deadline)
            deliver(s, pl_container_of(s->wire.next, struct datagram, node));
        else
            expire(s);
        if (next_on_wire(s) > s->now) /* the turn is through */
            flush(s);
    }
    s->now = end;
}

void sim_show(struct sim_client *viewer, const struct sim_client *c, uint16_t height)
{
    const struct pl_wanted wanted = {
        .source = c->source_ids[0], .width = (uint16_t)(height * 16 / 9), .height = height};
    pl_engine_peer_want_video(sim_engine_of(viewer), viewer->id, &wanted, height ? 1 : 0,
                              viewer->sim->now);
}

int sim_layer_of(const struct sim_client *viewer, const struct sim_client *c)
{
    if (viewer->n_kept == 0)
        return -1;
    const struct pl_rtp *p = &viewer->kept[viewer->n_kept - 1].rtp;
    return p->payload[p->payload_len - 1] - c->sources[0].mark;
}

size_t sim_count(const struct sim_client *c, uint32_t ssrc)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_kept; i++)
        n += c->kept[i].rtp.ssrc == ssrc;
    return n;
}

const struct pl_engine_event *sim_last(const struct sim *s, enum pl_engine_event_type type)
{
    for (size_t i = s->n_events; i > 0; i--)
        if (s->events[i - 1].type == type)
            return &s->events[i - 1];
    return NULL;
}

const struct pl_engine_event *sim_last_of(const struct sim *s, enum pl_engine_event_type type,
                                          pl_peer_id peer)
{
    for (size_t i = s->n_events; i > 0; i--)
        if (s->events[i - 1].type == type && s->events[i - 1].peer == peer)
            return &s->events[i - 1];
    return NULL;
}

void sim_talk_and_film(struct sim *s, struct sim_client *c, unsigned frames)
{
    for (unsigned i = 0; i < frames; i++) {
        sim_send_audio(c, 0, 30);
        sim_send_frame(c, 1, 3, 1800);
        sim_run(s, 20 * PL_MS);
    }
}
