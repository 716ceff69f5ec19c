/* A WebSocket on a connection of the HTTP server: handshake, messages, liveness, the end. Frames
 * are wslay's, which checks them (masks, opcodes, lengths, UTF-8) and answers pings. See ws.h,
 * conn.h. */
#include "io/ws.h"
#include "io/conn.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#define KEY_TEXT 24     /* base64 of 16 bytes (RFC 6455, 4.1) */
#define OUT_BYTES 65536 /* framed ahead of the socket, so that small messages go together */
#define CLOSE_WAIT (5 * PL_SECOND) /* for the peer's close frame */
#define REASON_MAX 123             /* a control frame's 125 bytes less the code (RFC 6455, 5.5) */
#define FRAGMENTS_MAX 1024 /* frames of one message: each costs some 100 bytes beside its own */

struct pl_ws {
    struct pl_conn *c;
    wslay_event_context_ptr frames;
    const struct pl_ws_handler *handler;
    void *ctx;
    pl_time_us heard;    /* when the peer last sent anything */
    bool pinged;         /* since then */
    bool sending;        /* texts were queued, and `drained` was not called since */
    size_t large;        /* bytes of a large one among them; 0: there is none */
    unsigned fragments;  /* of the message that is arriving */
    unsigned close_code; /* what we close with; 0: we do not */
    char reason[REASON_MAX + 1];
    bool close_queued;
};

/* --- Handshake --- */

bool pl_ws_wanted(const struct pl_httpd_exchange *x)
{
    return x->request.websocket;
}

static bool key_ok(struct pl_str key)
{
    uint8_t bytes[KEY_TEXT];
    return key.n == KEY_TEXT && memcmp(key.p + KEY_TEXT - 2, "==", 2) == 0 &&
           EVP_DecodeBlock(bytes, (const uint8_t *)key.p, KEY_TEXT) == KEY_TEXT / 4 * 3;
}

/* SHA-1 is no secret here: it shows that we understood. */
void pl_ws_accept_text(struct pl_str key, char out[PL_WS_ACCEPT_TEXT + 1])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    uint8_t bytes[KEY_TEXT + sizeof guid], digest[EVP_MAX_MD_SIZE];
    memcpy(bytes, key.p, KEY_TEXT);
    memcpy(bytes + KEY_TEXT, guid, sizeof guid - 1);
    unsigned n = 20;
    EVP_Digest(bytes, KEY_TEXT + sizeof guid - 1, digest, &n, EVP_sha1(), NULL);
    EVP_EncodeBlock((uint8_t *)out, digest, 20);
}

static enum pl_err handshake_check(const struct pl_httpd_exchange *x)
{
    const struct pl_http_request *r = &x->request;
    if (x->c->phase != PL_CONN_WAIT)
        return PL_ESTATE;
    if (!r->websocket || !pl_str_eq(r->method, "GET") || !key_ok(r->ws_key) || x->body.len > 0)
        return PL_EINVAL;
    return pl_str_eq(r->ws_version, "13") ? PL_OK : PL_EUNSUPPORTED;
}

/* --- wslay's callbacks --- */

static ssize_t give_input(wslay_event_context_ptr frames, uint8_t *bytes, size_t n, int flags,
                          void *arg)
{
    (void)flags;
    struct pl_buf *in = &((struct pl_ws *)arg)->c->in;
    if (in->len == 0) {
        wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    if (n > in->len)
        n = in->len;
    memcpy(bytes, in->data, n);
    pl_buf_consume(in, n);
    return (ssize_t)n;
}

static ssize_t take_output(wslay_event_context_ptr frames, const uint8_t *bytes, size_t n,
                           int flags, void *arg)
{
    (void)flags;
    struct pl_buf *out = &((struct pl_ws *)arg)->c->out;
    if (out->len >= OUT_BYTES) {
        wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    if (n > OUT_BYTES)
        n = OUT_BYTES;
    pl_buf_add(out, bytes, n);
    return (ssize_t)n;
}

static void frame_begins(wslay_event_context_ptr frames,
                         const struct wslay_event_on_frame_recv_start_arg *frame, void *arg)
{
    struct pl_ws *ws = arg;
    if (wslay_is_ctrl_frame(frame->opcode))
        return;
    unsigned refusal = 0;
    ws->fragments = frame->opcode == WSLAY_CONTINUATION_FRAME ? ws->fragments + 1 : 1;
    if (frame->opcode == WSLAY_BINARY_FRAME)
        refusal = PL_WS_UNSUPPORTED;
    else if (ws->fragments > FRAGMENTS_MAX)
        refusal = PL_WS_POLICY;
    if (refusal) {
        pl_ws_close(ws, refusal, NULL);
        wslay_event_shutdown_read(frames);
    }
}

static void message_came(wslay_event_context_ptr frames,
                         const struct wslay_event_on_msg_recv_arg *message, void *arg)
{
    (void)frames;
    struct pl_ws *ws = arg;
    if (message->opcode == WSLAY_TEXT_FRAME && ws->close_code == 0 && !ws->c->dead) {
        const char *text = message->msg_length ? (const char *)message->msg : "";
        ws->handler->text(ws->ctx, ws, (struct pl_str){text, message->msg_length});
    }
}

static const struct wslay_event_callbacks callbacks = {
    .recv_callback = give_input,
    .send_callback = take_output,
    .on_frame_recv_start_callback = frame_begins,
    .on_msg_recv_callback = message_came,
};

enum pl_err pl_ws_accept(struct pl_httpd_exchange *x, const char *protocol,
                         const struct pl_ws_handler *handler, void *ctx, struct pl_ws **out)
{
    struct pl_conn *c = x->c;
    enum pl_err e = handshake_check(x);
    if (e != PL_OK)
        return e;
    struct pl_ws *ws = calloc(1, sizeof *ws);
    if (!ws || wslay_event_context_server_init(&ws->frames, &callbacks, ws) != 0) {
        free(ws);
        return PL_ENOMEM;
    }
    wslay_event_config_set_max_recv_msg_length(ws->frames, c->h->limits.ws_first);
    ws->c = c;
    ws->handler = handler;
    ws->ctx = ctx;
    ws->heard = pl_loop_now(c->h->loop);

    char accept[PL_WS_ACCEPT_TEXT + 1];
    pl_ws_accept_text(x->request.ws_key, accept);
    pl_buf_printf(&c->out,
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n",
                  accept);
    if (protocol)
        pl_buf_printf(&c->out, "Sec-WebSocket-Protocol: %s\r\n", protocol);
    pl_buf_puts(&c->out, "\r\n");
    x->told = false; /* answered */
    pl_exchange_free(c);
    c->ws = ws;
    c->h->stats.websockets++;
    pl_conn_enter(c, PL_CONN_WS, c->h->limits.ws_ping);
    pl_conn_again(c);
    *out = ws;
    return PL_OK;
}

/* --- Steps --- */

/* Both close frames have gone, or ours to a peer that is not listened to any more. */
static void finish(struct pl_conn *c)
{
    pl_ws_ended(c);
    c->close = true;
    pl_conn_enter(c, PL_CONN_ANSWER, PL_NEVER);
}

bool pl_ws_step(struct pl_conn *c)
{
    struct pl_ws *ws = c->ws;
    if (wslay_event_want_write(ws->frames)) {
        if (wslay_event_send(ws->frames) != 0)
            c->dead = true;
        return true;
    }
    /* Only now: wslay sends control frames first, and the texts before the close are to arrive. */
    if (ws->close_code && !ws->close_queued) {
        ws->close_queued = true;
        if (wslay_event_queue_close(ws->frames, (uint16_t)ws->close_code,
                                    (const uint8_t *)ws->reason, strlen(ws->reason)) == 0)
            return true;
    }
    if (!wslay_event_want_read(ws->frames)) {
        finish(c);
        return true;
    }
    if (ws->sending) {
        ws->sending = false;
        ws->large = 0;
        if (ws->handler->drained && ws->close_code == 0)
            ws->handler->drained(ws->ctx, ws);
        return true;
    }
    if (c->in.len == 0 && !pl_conn_fill(c))
        return false;
    ws->heard = pl_loop_now(c->h->loop);
    ws->pinged = false;
    if (wslay_event_recv(ws->frames) != 0)
        c->dead = true;
    return true;
}

/* The deadline is the next ping's, or that of the peer's close frame. */
void pl_ws_expire(struct pl_conn *c)
{
    struct pl_ws *ws = c->ws;
    struct pl_httpd *h = c->h;
    pl_time_us now = pl_loop_now(h->loop);
    /* While output waits nothing is read, and the limit for stalled writes holds instead. */
    bool listening = c->out.len == 0 && !wslay_event_want_write(ws->frames);
    if (ws->close_code) {
        c->dead = true;
    } else if (listening && ws->pinged && now - ws->heard >= h->limits.ws_silence) {
        h->stats.timeouts++;
        c->dead = true;
    } else {
        const struct wslay_event_msg ping = {.opcode = WSLAY_PING};
        if (wslay_event_queue_msg(ws->frames, &ping) == WSLAY_ERR_NOMEM)
            c->dead = true;
        ws->pinged = true; /* nobody is cut unasked, be it after a pause of our own */
        c->deadline = now + h->limits.ws_ping;
    }
}

static unsigned end_code(const struct pl_ws *ws)
{
    if (wslay_event_get_close_received(ws->frames) && !ws->close_code)
        return wslay_event_get_status_code_received(ws->frames);
    if (wslay_event_get_close_sent(ws->frames))
        return wslay_event_get_status_code_sent(ws->frames);
    return PL_WS_ABNORMAL;
}

void pl_ws_ended(struct pl_conn *c)
{
    struct pl_ws *ws = c->ws;
    if (!ws)
        return;
    c->h->stats.websockets--;
    ws->handler->closed(ws->ctx, ws, end_code(ws));
    c->ws = NULL;
    wslay_event_context_free(ws->frames);
    free(ws);
}

/* --- From outside --- */

/* Is there room in the queue? A large message has its own, if no other is on its way. */
static bool has_room(struct pl_ws *ws, size_t n)
{
    size_t limit = ws->c->h->limits.ws_queue;
    if (n > limit / PL_WS_LARGE && !ws->large) {
        ws->large = n;
        return true;
    }
    size_t waiting = wslay_event_get_queued_msg_length(ws->frames); /* pongs among it */
    waiting -= waiting < ws->large ? waiting : ws->large;
    return n <= limit && waiting <= limit - n;
}

void pl_ws_send_text(struct pl_ws *ws, const void *bytes, size_t n)
{
    struct pl_conn *c = ws->c;
    if (ws->close_code || c->dead)
        return;
    const struct wslay_event_msg message = {WSLAY_TEXT_FRAME, bytes, n};
    if (!has_room(ws, n)) {
        c->h->stats.slow_readers++;
        c->dead = true;
    } else if (wslay_event_queue_msg(ws->frames, &message) == WSLAY_ERR_NOMEM) {
        c->dead = true;
    }
    ws->sending = true;
    pl_conn_again(c);
}

void pl_ws_close(struct pl_ws *ws, unsigned code, const char *reason)
{
    if (ws->close_code)
        return;
    ws->close_code = code;
    size_t n = reason ? strlen(reason) : 0;
    if (n > REASON_MAX)
        for (n = REASON_MAX; n > 0 && ((unsigned char)reason[n] & 0xc0) == 0x80;)
            n--; /* not in the middle of a character */
    if (n)
        memcpy(ws->reason, reason, n);
    ws->c->deadline = pl_loop_now(ws->c->h->loop) + CLOSE_WAIT;
    pl_conn_again(ws->c);
}

void pl_ws_keep(struct pl_ws *ws)
{
    pl_list_remove(&ws->c->loose);
    wslay_event_config_set_max_recv_msg_length(ws->frames, ws->c->h->limits.ws_message);
}

const struct pl_addr *pl_ws_peer(const struct pl_ws *ws)
{
    return &ws->c->peer;
}
