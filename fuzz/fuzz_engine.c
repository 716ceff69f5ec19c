/* Two media engines as state machines: three publishers who also receive, the third at the second
 * engine with transport-wide numbers, in one room, driven by a script of actions in the input. RTP
 * and RTCP are sealed with the client's keys first, so that what is behind SRTP is reached. An
 * action: a kind, a client, a length, and that many bytes. */
#include "base/bytes.h"
#include "proto/stun.h"
#include "sfu/engine.h"

#include <stdlib.h>
#include <string.h>

enum { RAW, RTP, RTCP, WAIT, MUTE, WANT, CHECK, RESTART, LEAVE, KINDS };

#define CLIENTS 3
#define ENGINES 2
#define RELAYED 64
#define SECTIONS 6

struct client {
    struct pl_session session;
    struct pl_section sections[SECTIONS];
    pl_source_id sources[SECTIONS];
    struct pl_srtp *out;
};

struct world {
    uint32_t seed;
    pl_time_us now;
    struct pl_engine *engines[ENGINES];
    struct client clients[CLIENTS + 1];
    struct {
        unsigned to;
        struct pl_relay message;
    } relayed[RELAYED]; /* on their way */
    unsigned n_relayed;
};

static unsigned home_of(unsigned i)
{
    return i == 3;
}

static void fill(void *ctx, uint8_t *out, size_t n)
{
    uint32_t *state = ctx;
    while (n--) {
        *state = *state * 1664525u + 1013904223u;
        *out++ = (uint8_t)(*state >> 24);
    }
}

static uint8_t *on_reserve(void *ctx, const struct pl_tuple *to, size_t n)
{
    static uint8_t run[PL_RUN_BYTES_MAX];
    (void)ctx;
    (void)to;
    if (n == 0 || n > sizeof run)
        abort();
    return run;
}

static void on_send(void *ctx, const struct pl_tuple *to, const uint8_t *bytes, size_t n,
                    size_t segment)
{
    (void)ctx;
    (void)to;
    if (n == 0 || segment == 0 || segment > 1600 || n > segment * PL_RUN_MAX || !bytes)
        abort();
}

static void on_dtls(void *ctx, pl_peer_id peer, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    (void)bytes;
    if (peer == 0 || peer > CLIENTS || n == 0)
        abort();
}

static void on_event(void *ctx, const struct pl_engine_event *event)
{
    (void)ctx;
    if (event->type == PL_SLOT_CHANGED && event->section >= SECTIONS)
        abort();
}

static bool on_relay(void *ctx, unsigned to, const struct pl_relay *message)
{
    struct world *w = ctx;
    if (to >= ENGINES || to == message->from)
        abort();
    if (w->n_relayed == RELAYED)
        return false;
    w->relayed[w->n_relayed].to = to;
    w->relayed[w->n_relayed++].message = *message;
    return true;
}

static struct pl_tuple tuple_of(unsigned i)
{
    return (struct pl_tuple){.remote = pl_addr_v4((const uint8_t[]){10, 0, 0, (uint8_t)i}, 5000)};
}

static void check(struct pl_engine *e, unsigned i, pl_time_us now)
{
    uint8_t bytes[256];
    char username[] = "server_0:client_0";
    struct pl_tuple from = tuple_of(i);
    username[7] = username[16] = (char)('0' + i);
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    const struct pl_stun_check c = {.username = username, .use_candidate = true};
    pl_stun_write_check(&w, &c, "password", 8);
    pl_engine_input(e, &from, bytes, pl_writer_size(&w), now);
}

/* The first client sends VP8 and Opus, the second one AV1 and RED; slots take everything, but the
 * first client's no RED. */
static void add_formats(struct pl_section *s, unsigned i)
{
    static const struct pl_format pictures[] = {{PL_VP8, 96, 97}, {PL_AV1, 45, 46}},
                                  sound[] = {{PL_RED, 63, 0}, {PL_OPUS, 111, 0}};
    const struct pl_format *all = s->media == PL_AUDIO ? sound : pictures;
    unsigned first = s->media == PL_AUDIO ? i == 1 : s->direction == PL_RECEIVE && i == 2;
    s->n_formats = s->media == PL_VIDEO && s->direction == PL_RECEIVE ? 1 : 2 - first;
    memcpy(s->formats, all + first, s->n_formats * sizeof *all);
    s->ext_dd = s->formats[0].codec == PL_AV1 ? 7 : 0;
}

/* Two sources (sound, picture) and four slots (two each). */
static void join(struct world *w, unsigned i)
{
    struct client *c = &w->clients[i];
    struct pl_engine *e = w->engines[home_of(i)];
    struct pl_srtp_keys up = {.profile = PL_SRTP_AEAD_AES_128_GCM}, down = up;
    memset(c, 0, sizeof *c);
    up.key[0] = (uint8_t)i;
    down.key[0] = (uint8_t)(i + 100);
    c->session.sections = c->sections;
    c->session.n_sections = SECTIONS;
    strcpy(c->session.local_ufrag, "server_0");
    strcpy(c->session.remote_ufrag, "client_0");
    c->session.local_ufrag[7] = c->session.remote_ufrag[7] = (char)('0' + i);
    strcpy(c->session.local_pwd, "password");
    for (unsigned s = 0; s < SECTIONS; s++) {
        bool audio = s % 2 == 0;
        c->sections[s] = (struct pl_section){.media = audio ? PL_AUDIO : PL_VIDEO,
                                             .direction = s < 2 ? PL_RECEIVE : PL_SEND,
                                             .clock_rate = audio ? 48000 : 90000,
                                             .ssrc = s < 2 ? 0 : 1000 * (i + 1) + s,
                                             .nack = !audio,
                                             .pli = !audio,
                                             .ext_mid = 4,
                                             .ext_audio_level = audio ? 1 : 0,
                                             .ext_twcc = i == 3 ? 3 : 0};
        c->sections[s].mid[0] = (char)('0' + s);
        add_formats(&c->sections[s], i);
        if (!audio)
            c->sections[s].rtx_ssrc = s < 2 ? 0 : 5000 * (i + 1) + s;
        if (i == 2 && s == 1) { /* the second client's picture has layers */
            c->sections[s].n_rids = 2;
            c->sections[s].ext_rid = 5;
            c->sections[s].ext_repaired_rid = 6;
            c->sections[s].rids[0][0] = 'q';
            c->sections[s].rids[1][0] = 'h';
        }
        c->sources[s] = i * 100 + s;
    }
    const struct pl_peer_desc desc = {
        .id = i, .room = 1, .owner = i, .session = &c->session, .sources = c->sources};
    if (pl_engine_peer_add(e, &desc, 1000) || pl_srtp_new(&up, &c->out))
        abort();
    check(e, i, 1000);
    if (pl_engine_peer_keys(e, i, &up, &down, 1000))
        abort();
}

static void seal_and_send(struct pl_engine *e, struct client *c, unsigned i, bool rtcp,
                          const uint8_t *bytes, size_t n, pl_time_us now)
{
    uint8_t out[512];
    size_t len = n;
    struct pl_tuple from = tuple_of(i);
    memcpy(out, bytes, n);
    if (rtcp && pl_srtcp_protect(c->out, out, &len, sizeof out))
        return;
    if (!rtcp &&
        (n < 12 || pl_srtp_protect(c->out, bytes, 12, bytes + 12, n - 12, NULL, 0, out, &len)))
        return;
    pl_engine_input(e, &from, out, len, now);
}

static void act(struct world *w, const uint8_t action[3], const uint8_t *bytes)
{
    unsigned i = 1 + action[1] % CLIENTS;
    size_t n = action[2];
    struct client *c = &w->clients[i];
    struct pl_engine *e = w->engines[home_of(i)];
    pl_time_us *now = &w->now;
    struct pl_tuple from = tuple_of(i);
    uint8_t copy[256];
    memcpy(copy, bytes, n);
    const struct pl_wanted wanted[2] = {{101, 320, (uint16_t)(n * 8)}, {201, 0, 0}};
    switch (action[0] % KINDS) {
    case RAW:
        pl_engine_input(e, &from, copy, n, *now);
        break;
    case RTP:
    case RTCP:
        seal_and_send(e, c, i, action[0] % KINDS == RTCP, bytes, n, *now);
        break;
    case WAIT:
        *now += (pl_time_us)n * n * PL_MS;
        break;
    case MUTE:
        for (unsigned k = 0; k < ENGINES; k++)
            pl_engine_source_mute(w->engines[k], c->sources[n & 1], n & 2, *now);
        break;
    case WANT:
        pl_engine_peer_want_video(e, i, n & 4 ? NULL : wanted, n % 3, *now);
        break;
    case CHECK:
        check(e, i, *now);
        break;
    case RESTART:
        if (pl_engine_peer_restart(e, i, n & 1 ? "serverXX" : c->session.local_ufrag, "password",
                                   "clientXX"))
            return;
        break;
    case LEAVE:
        for (unsigned k = 0; k < ENGINES && n == 77; k++)
            pl_engine_peer_remove(w->engines[k], i, *now);
        break;
    }
}

/* Those of the other engine see it, and it them. */
static void mirror(struct world *w, unsigned i)
{
    unsigned other = !home_of(i);
    const struct pl_peer_desc desc = {.id = i,
                                      .room = 1,
                                      .owner = i,
                                      .session = &w->clients[i].session,
                                      .sources = w->clients[i].sources,
                                      .mirror = true,
                                      .home = home_of(i)};
    if (pl_engine_peer_add(w->engines[other], &desc, w->now))
        abort();
    pl_engine_room_relay(w->engines[home_of(i)], 1, other, true);
}

/* The end of a turn, on each thread. */
static void turn(struct world *w)
{
    for (unsigned i = 0; i < w->n_relayed; i++)
        pl_engine_relayed(w->engines[w->relayed[i].to], &w->relayed[i].message, w->now);
    w->n_relayed = 0;
    for (unsigned k = 0; k < ENGINES; k++)
        pl_engine_flush(w->engines[k], w->now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->seed = 1;
    w->now = 1000;
    const struct pl_random random = {fill, &w->seed};
    for (unsigned k = 0; k < ENGINES; k++) {
        const struct pl_engine_io io = {w, k, on_reserve, on_send, on_dtls, on_event, on_relay};
        if (pl_engine_new(&io, &random, &w->engines[k]))
            abort();
    }
    for (unsigned i = 1; i <= CLIENTS; i++)
        join(w, i);
    for (unsigned i = 1; i <= CLIENTS; i++)
        mirror(w, i);
    struct pl_reader r = pl_reader(data, size);
    for (;;) {
        const uint8_t *action = pl_read_bytes(&r, 3);
        const uint8_t *bytes = action ? pl_read_bytes(&r, action[2]) : NULL;
        if (!bytes)
            break;
        act(w, action, bytes);
        for (unsigned k = 0; k < ENGINES; k++)
            if (pl_engine_deadline(w->engines[k]) <= w->now)
                pl_engine_expire(w->engines[k], w->now);
        if (action[2] & 1) /* a turn has one datagram or several */
            turn(w);
    }
    for (unsigned k = 0; k < ENGINES; k++)
        pl_engine_clear(w->engines[k]);
    for (unsigned i = 0; i < w->n_relayed; i++)
        pl_relay_drop(&w->relayed[i].message);
    for (unsigned k = 0; k < ENGINES; k++)
        pl_engine_free(w->engines[k]);
    for (unsigned i = 1; i <= CLIENTS; i++)
        pl_srtp_free(w->clients[i].out);
    free(w);
    return 0;
}
