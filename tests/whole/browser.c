/* A participant's browser: its WebSocket, what it sends there at random, its peer connection. */
#include "base/bytes.h"
#include "proto/rtcp.h"
#include "proto/stun.h"
#include "whole.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 3 /* of sound, and of pictures */
#define SOUND_EACH (80 * PL_MS)
#define PATIENCE (5 * PL_SECOND)
#define PICTURE_EACH (250 * PL_MS)

bool whole_talks;

struct browser *browser_new(unsigned index, const char *token)
{
    struct browser *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    b->index = index;
    memcpy(b->token, token, sizeof b->token);
    b->think_at = whole_clock.now + whole_below(1000) * PL_MS;
    b->port = (uint16_t)(10000 + index * 1000);
    b->local = pl_addr_v4((const uint8_t[]){10, 0, 0, (uint8_t)(index + 1)}, b->port);
    return b;
}

static void end_media(struct browser *b)
{
    pl_srtp_free(b->out);
    pl_srtp_free(b->seen);
    pl_srtp_free(b->in);
    b->out = b->seen = b->in = NULL;
    b->offered = b->answered = b->checked = b->up = false;
    b->n_streams = 0;
}

static void forget_parts(struct browser *b)
{
    for (unsigned i = 0; i < b->n_parts; i++)
        free(b->parts[i].text);
    b->n_parts = 0;
}

void browser_free(struct browser *b)
{
    if (!b)
        return;
    end_media(b);
    forget_parts(b);
    free(b);
}

/* --- What it says --- */

static void talk(const struct browser *b, const char *way, const char *text)
{
    if (whole_talks)
        printf("%.3f %s %u: %s\n", (double)whole_clock.now / 1e6, way, b->index, text);
}

static void say(struct browser *b, struct pl_buf *json)
{
    talk(b, "from", json->data);
    world_to_server(b, json->data, json->len);
    pl_buf_free(json);
}

static void dial(struct browser *b)
{
    struct pl_buf json = {0};
    b->line++;
    b->dialled = true;
    b->welcome = false;
    if (!b->page[0] || whole_chance(200)) { /* a page that is loaded anew */
        end_media(b);
        snprintf(b->page, sizeof b->page, "page%08x", whole_random());
    }
    pl_buf_printf(&json, "{\"type\":\"hello\",\"meeting\":\"%s\",\"token\":\"%s\",\"page\":\"%s\"}",
                  world->meeting, b->token, b->page);
    say(b, &json);
}

static void put_section(struct pl_buf *sdp, const struct browser *b, int mid, bool sound,
                        bool sends, uint32_t ssrc)
{
    pl_buf_printf(sdp,
                  "m=%s 9 UDP/TLS/RTP/SAVPF %s\\r\\nc=IN IP4 0.0.0.0\\r\\na=ice-ufrag:%s\\r\\n"
                  "a=ice-pwd:%s\\r\\na=fingerprint:sha-256 ",
                  sound ? "audio" : "video", sound ? "111" : "96 97", b->ufrag, b->pwd);
    for (int i = 0; i < 32; i++)
        pl_buf_printf(sdp, "%sAB", i ? ":" : "");
    pl_buf_printf(sdp, "\\r\\na=setup:actpass\\r\\na=mid:%d\\r\\na=%s\\r\\na=rtcp-mux\\r\\n", mid,
                  sends ? "sendonly" : "recvonly");
    if (world->seed % 3)
        pl_buf_puts(sdp, "a=extmap:3 http://www.ietf.org/id/"
                         "draft-holmer-rmcat-transport-wide-cc-extensions-01\\r\\n");
    if (sound)
        pl_buf_puts(sdp, "a=rtpmap:111 opus/48000/2\\r\\na=rtcp-fb:111 transport-cc\\r\\n");
    else
        pl_buf_puts(sdp,
                    "a=rtpmap:96 VP8/90000\\r\\na=rtcp-fb:96 nack\\r\\na=rtcp-fb:96 nack pli\\r\\n"
                    "a=rtcp-fb:96 transport-cc\\r\\na=rtpmap:97 rtx/90000\\r\\n"
                    "a=fmtp:97 apt=96\\r\\n");
    if (sends)
        pl_buf_printf(sdp, "a=ssrc:%u cname:c\\r\\n", ssrc);
}

/* Compilers take arguments and members in an order of their own: each draws by itself. */
static struct source new_source(void)
{
    struct source s = {.ssrc = whole_random() | 1};
    s.seq = whole_random() & 0x7fff;
    return s;
}

/* Sound and picture to send, then the slots. */
static void offer(struct browser *b)
{
    struct pl_buf json = {0};
    end_media(b);
    b->offered = true;
    b->local.port = ++b->port;
    snprintf(b->ufrag, sizeof b->ufrag, "u%06x", whole_random() & 0xffffff);
    uint32_t pwd = whole_random();
    snprintf(b->pwd, sizeof b->pwd, "pwd%08x%08x%08x", pwd, ~pwd, pwd);
    b->microphone = new_source();
    b->camera = new_source();
    pl_buf_puts(&json, "{\"type\":\"offer\",\"sources\":[{\"mid\":\"0\",\"kind\":\"microphone\"},"
                       "{\"mid\":\"1\",\"kind\":\"camera\"}],\"sdp\":\"v=0\\r\\no=- 1 2 IN IP4 "
                       "127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\na=group:BUNDLE");
    for (int i = 0; i < 2 + 2 * SLOTS; i++)
        pl_buf_printf(&json, " %d", i);
    pl_buf_puts(&json, "\\r\\n");
    put_section(&json, b, 0, true, true, b->microphone.ssrc);
    put_section(&json, b, 1, false, true, b->camera.ssrc);
    for (int i = 0; i < 2 * SLOTS; i++)
        put_section(&json, b, 2 + i, i < SLOTS, false, 0);
    pl_buf_puts(&json, "\"}");
    say(b, &json);
}

/* A number of its own in a text, by which it is known again. */
static unsigned new_uid(void)
{
    HOLDS(world->n_uids < UIDS_MAX, "too many acts: raise UIDS_MAX");
    world->uids[world->n_uids].sent = true;
    world->counts.acts++;
    return world->n_uids++;
}

static void act_of_chair(struct browser *b, struct pl_buf *json)
{
    unsigned d = world->n_decisions, n;
    int64_t now = whole_wall_ms();
    switch (whole_below(12)) {
    case 0:
        pl_buf_puts(json, "{\"type\":\"set_session\",\"session\":\"open\"}");
        break;
    case 1:
        n = whole_below(10);
        pl_buf_printf(json, "{\"type\":\"put_item\",\"item\":\"i%u\",\"title\":\"uid%06u\"}", n,
                      new_uid());
        break;
    case 2:
        pl_buf_puts(json, "{\"type\":\"take_item\",\"item\":\"i\"}");
        break;
    case 3:
    case 4:
        if (d >= 24)
            goto otherwise;
        world->n_decisions++;
        pl_buf_printf(
            json,
            "{\"type\":\"put_decision\",\"decision\":\"d%u\",\"item\":\"i\",\"title\":\"D\","
            "\"texts\":[{\"language\":\"EN\",\"text\":\"uid%06u\"}],\"excluded\":[],"
            "\"rule\":{\"procedure\":\"%s\"}}",
            d, new_uid(), d % 3 ? "silence" : "simple");
        break;
    case 5:
    case 6:
    case 7:
        if (!d)
            goto otherwise;
        d = d > 2 ? d - 1 - whole_below(3) : d - 1;
        pl_buf_printf(json, "{\"type\":\"call_decision\",\"decision\":\"d%u\",\"version\":1", d);
        if (whole_chance(800))
            pl_buf_printf(json, ",\"deadline\":%lld,\"time_zone\":\"Europe/Brussels\"",
                          (long long)(now + 1000 + whole_below(20000)));
        pl_buf_puts(json, "}");
        break;
    case 8:
        if (!d)
            goto otherwise;
        pl_buf_printf(json, "{\"type\":\"close_decision\",\"decision\":\"d%u\"}", whole_below(d));
        break;
    case 9:
        pl_buf_puts(json, "{\"type\":\"end_floor\"}");
        break;
    case 10:
        pl_buf_printf(json, "{\"type\":\"mute\",\"participant\":\"p%u\"}",
                      1 + whole_below(BROWSERS));
        break;
    default:
    otherwise:
        if (!b->entry[0])
            return;
        pl_buf_printf(json, "{\"type\":\"give_floor\",\"entry\":%s}", b->entry);
    }
}

static void act_of_seat(struct browser *b, struct pl_buf *json)
{
    static const char *const choices[] = {"receipt", "yes", "no", "break_silence", "abstain"};
    const char *choice;
    unsigned d;
    switch (whole_below(5)) {
    case 0:
    case 1:
        pl_buf_puts(json, "{\"type\":\"request_floor\",\"kind\":\"speak\"}");
        break;
    default:
        if (!world->n_decisions)
            return;
        d = whole_below(world->n_decisions);
        choice = choices[whole_below(5)];
        pl_buf_printf(json,
                      "{\"type\":\"vote\",\"decision\":\"d%u\",\"version\":1,\"choice\":\"%s\","
                      "\"statement\":\"uid%06u\"}",
                      d, choice, new_uid());
    }
    (void)b;
}

static void act(struct browser *b)
{
    struct pl_buf json = {0};
    uint32_t what = whole_below(10);
    bool on = whole_chance(800);
    if (what == 0)
        pl_buf_printf(&json,
                      "{\"type\":\"media\",\"microphone\":%s,\"camera\":%s,\"screen\":false,"
                      "\"screen_sound\":false}",
                      on ? "true" : "false", whole_chance(800) ? "true" : "false");
    else if (what == 1)
        pl_buf_puts(&json, "{\"type\":\"chat\",\"text\":\"Hello\"}");
    else if (b->index == 0)
        act_of_chair(b, &json);
    else if (b->index == 1)
        pl_buf_printf(&json, "{\"type\":\"annotate\",\"item\":\"i\",\"text\":\"uid%06u\"}",
                      new_uid());
    else if (b->index < BROWSERS - 1)
        act_of_seat(b, &json);
    if (json.len)
        say(b, &json);
}

static void think(struct browser *b)
{
    struct pl_buf json = {0};
    b->think_at = whole_clock.now + (50 + whole_below(600)) * PL_MS;
    if (!b->dialled) {
        dial(b);
        return;
    }
    if (!b->welcome || !b->room)
        return;
    if (b->answered && whole_clock.now - b->alive_at > PATIENCE) /* as ICE that fails */
        end_media(b);
    if (!b->offered) {
        offer(b);
        pl_buf_puts(&json,
                    "{\"type\":\"media\",\"microphone\":true,\"camera\":true,\"screen\":false,"
                    "\"screen_sound\":false}");
        say(b, &json);
        return;
    }
    if (world->calm) { /* it is alive */
        pl_buf_puts(&json, "{\"type\":\"ping\"}");
        say(b, &json);
        return;
    }
    if (whole_chance(5)) { /* the page is closed */
        pl_buf_puts(&json, "{\"type\":\"leave\"}");
        say(b, &json);
        return;
    }
    act(b);
}

/* --- Its media --- */

static void check(struct browser *b)
{
    uint8_t bytes[256];
    char username[96];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    struct pl_stun_check c = {.username = username, .priority = 1, .use_candidate = true};
    snprintf(username, sizeof username, "%s:%s", b->remote_ufrag, b->ufrag);
    for (size_t i = 0; i < sizeof c.transaction; i++)
        c.transaction[i] = (uint8_t)whole_random();
    pl_stun_write_check(&w, &c, b->remote_pwd, strlen(b->remote_pwd));
    world_datagram_up(b, bytes, pl_writer_size(&w));
    b->check_at = whole_clock.now + (b->checked ? 2 * PL_SECOND : 50 * PL_MS);
    if (b->checked && !b->up) {
        uint8_t hello[WHOLE_HELLO] = {22, 254, 253};
        memcpy(hello + 3, b->nonce, sizeof b->nonce);
        world_datagram_up(b, hello, sizeof hello);
        b->check_at = whole_clock.now + 100 * PL_MS;
    }
}

static void send_media(struct browser *b, struct source *s, bool sound)
{
    uint8_t header[12], out[400];
    uint8_t payload[200] = {0};
    size_t n = 120, len;
    struct trailer trailer = {.person = (uint8_t)b->index, .kind = !sound};
    struct pl_writer w = pl_writer(header, sizeof header);
    s->timestamp += sound ? 3840 : 22500;
    pl_write_u8(&w, 0x80);
    pl_write_u8(&w, sound ? 111 : 0x80 | 96);
    pl_write_u16(&w, s->seq++);
    pl_write_u32(&w, s->timestamp);
    pl_write_u32(&w, s->ssrc);
    memcpy(trailer.magic, TRAILER_MAGIC, 4);
    if (!sound) { /* a key frame of VP8 in one packet */
        const uint8_t start[] = {0x90,
                                 0x80,
                                 (uint8_t)(0x80 | s->picture >> 8),
                                 (uint8_t)s->picture,
                                 0x10,
                                 0,
                                 0,
                                 0x9d,
                                 1,
                                 0x2a,
                                 0,
                                 1,
                                 104,
                                 1};
        memcpy(payload, start, sizeof start);
        s->picture = (s->picture + 1) & 0x7fff;
    }
    memcpy(payload + n - sizeof trailer, &trailer, sizeof trailer);
    if (pl_srtp_protect(b->out, header, sizeof header, payload, n, NULL, 0, out, &len) != PL_OK)
        abort();
    world_datagram_up(b, out, len);
    s->at = whole_clock.now + (sound ? SOUND_EACH : PICTURE_EACH);
}

/* It wants a key frame of what it sees, or something again, whether that is missing or not. */
static void complain(struct browser *b)
{
    uint8_t bytes[200];
    size_t n;
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    const uint16_t seqs[] = {(uint16_t)(b->heard_seq - whole_below(20)), b->heard_seq};
    if (!b->heard_ssrc)
        return;
    pl_rtcp_write_rr(&w, b->camera.ssrc, NULL, 0);
    if (whole_chance(300))
        pl_rtcp_write_pli(&w, b->camera.ssrc, b->heard_ssrc);
    else
        pl_rtcp_write_nack(&w, b->camera.ssrc, b->heard_ssrc, seqs, 2);
    n = pl_writer_size(&w);
    if (pl_srtcp_protect(b->out, bytes, &n, sizeof bytes) != PL_OK)
        abort();
    world_datagram_up(b, bytes, n);
}

void browser_datagram(struct browser *b, uint8_t *bytes, size_t n)
{
    struct pl_srtp_keys up, down;
    if (!b->answered || !n)
        return;
    if (bytes[0] < 4) {
        b->alive_at = whole_clock.now;
        b->checked = true;
        if (!b->up)
            b->check_at = whole_clock.now;
    } else if (bytes[0] == 22 && n == WHOLE_HELLO && !b->up) {
        whole_dtls_keys(b->nonce, bytes + 3, &up, &down);
        if (pl_srtp_new(&up, &b->out) || pl_srtp_new(&down, &b->in))
            abort();
        b->up = true;
        b->microphone.at = b->camera.at = whole_clock.now;
    } else if (bytes[0] >= 128 && b->up && n > 12 && bytes[1] != 200 && bytes[1] != 201) {
        if (pl_srtp_unprotect(b->in, bytes, &n) != PL_OK)
            return;
        b->heard_ssrc = pl_get_u32(bytes + 8);
        b->heard_seq = pl_get_u16(bytes + 2);
        if (whole_chance(20))
            complain(b);
    }
}

pl_time_us browser_due(const struct browser *b)
{
    if (!b)
        return PL_NEVER;
    pl_time_us at = b->think_at;
    if (b->answered)
        at = pl_time_min(at, b->check_at);
    if (b->up)
        at = pl_time_min(at, pl_time_min(b->microphone.at, b->camera.at));
    return at;
}

void browser_turn(struct browser *b)
{
    pl_time_us now = whole_clock.now;
    if (b->think_at <= now)
        think(b);
    if (b->answered && b->check_at <= now)
        check(b);
    if (b->up && b->microphone.at <= now)
        send_media(b, &b->microphone, true);
    if (b->up && b->camera.at <= now)
        send_media(b, &b->camera, false);
}

/* --- What it is told --- */

/* The value of a line or field that begins with `name` and ends with one of these. */
static void value_of(const char *text, const char *name, const char *ends, char *out, size_t size)
{
    const char *at = strstr(text, name);
    out[0] = 0;
    if (!at)
        return;
    at += strlen(name);
    size_t n = strcspn(at, ends);
    if (n < size) {
        memcpy(out, at, n);
        out[n] = 0;
    }
}

static void take_answer(struct browser *b, const char *text)
{
    char candidate[100];
    unsigned port;
    b->n_streams = 0;
    value_of(text, "a=ice-ufrag:", "\\\"", b->remote_ufrag, sizeof b->remote_ufrag);
    value_of(text, "a=ice-pwd:", "\\\"", b->remote_pwd, sizeof b->remote_pwd);
    value_of(text, "10.255.0.1 ", " ", candidate, sizeof candidate);
    if (!b->remote_ufrag[0] || sscanf(candidate, "%u", &port) != 1)
        whole_fail("an answer without a way to the server: %s", text);
    b->remote = pl_addr_v4((const uint8_t[]){10, 255, 0, 1}, (uint16_t)port);
    for (size_t i = 0; i < sizeof b->nonce; i++)
        b->nonce[i] = (uint8_t)whole_random();
    b->answered = true;
    b->alive_at = b->check_at = whole_clock.now;
}

static void keep_part(struct browser *b, const char *name, const char *text)
{
    unsigned i = 0;
    while (i < b->n_parts && strcmp(b->parts[i].name, name) != 0)
        i++;
    HOLDS(i < PARTS_MAX, "too many parts: raise PARTS_MAX");
    if (i == b->n_parts) {
        b->n_parts++;
        snprintf(b->parts[i].name, sizeof b->parts[i].name, "%s", name);
        b->parts[i].text = NULL;
    }
    free(b->parts[i].text);
    b->parts[i].text = strdup(text);
}

void browser_told(struct browser *b, const char *text, size_t n)
{
    static const char *const parts[] = {"session",  "seats",   "agenda", "floor",
                                        "register", "minutes", "alarms"};
    char type[32], which[52], id[40];
    (void)n;
    value_of(text, "{\"type\":\"", "\"", type, sizeof type);
    talk(b, "to", text);
    watch_told(b, text, n);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(type, parts[i]) == 0)
            keep_part(b, type, text);
    if (strcmp(type, "decision") == 0) {
        value_of(text, "\"decision\":\"", "\"", id, sizeof id);
        snprintf(which, sizeof which, "decision %s", id);
        keep_part(b, which, text);
    } else if (strcmp(type, "floor") == 0) {
        value_of(text, "\"entry\":", ",}", b->entry, sizeof b->entry);
    } else if (strcmp(type, "welcome") == 0) {
        b->welcome = true;
        b->room = strstr(text, "\"place\":\"room\"") != NULL;
        if (!b->answered || strstr(text, "\"media\":\"offer\""))
            end_media(b);
    } else if (strcmp(type, "place") == 0) {
        b->room = strstr(text, "\"place\":\"room\"") != NULL;
        if (!b->room)
            end_media(b);
    } else if (strcmp(type, "error") == 0 && strstr(text, "\"of\":\"offer\"")) {
        b->offered = false;
    } else if (strcmp(type, "answer") == 0 && b->offered && !b->answered) {
        take_answer(b, text);
    } else if (strcmp(type, "removed") == 0 && !strstr(text, "\"replaced\"")) {
        whole_fail("%u is put out: %s", b->index, text);
    }
}

void browser_lost(struct browser *b)
{
    b->dialled = b->welcome = false;
    forget_parts(b);
    b->think_at = whole_clock.now + whole_below(1500) * PL_MS;
}
