/* What a delegation says to the server. After each act follows a ping: the server answers in order,
 * and what it has not refused by the pong is on its record. */
#include "simulate/parts.h"

#include "base/json.h"

#include <string.h>

static void open_message(struct pl_buf *b, const char *type)
{
    pl_json_open(b, NULL, '{');
    pl_json_str(b, "type", type);
}

static void close_message(struct delegation *d, struct pl_buf *b)
{
    pl_json_close(b, '}');
    delegation_send(d, b);
    pl_buf_free(b);
}

static bool note(struct delegation *d, bool act)
{
    if (d->n_asked == PL_ASKED_MAX)
        return false;
    d->asked[(d->asked_first + d->n_asked++) % PL_ASKED_MAX] = act;
    return true;
}

static void ping(struct delegation *d, bool act)
{
    struct pl_buf b = {0};
    if (!note(d, act))
        return;
    open_message(&b, "ping");
    close_message(d, &b);
}

void say_ping(struct delegation *d)
{
    ping(d, false);
}

static void act(struct delegation *d, struct pl_buf *b)
{
    close_message(d, b);
    d->simulation->counts.acts++;
    ping(d, true);
}

void say_hello(struct delegation *d)
{
    struct pl_buf b = {0};
    open_message(&b, "hello");
    pl_json_str(&b, "meeting", d->table->meeting);
    pl_json_str(&b, "token", d->token);
    pl_json_str(&b, "page", d->page);
    close_message(d, &b);
}

void say_leave(struct delegation *d)
{
    struct pl_buf b = {0};
    open_message(&b, "leave");
    close_message(d, &b);
}

static void source(struct pl_buf *b, const char *mid, const char *kind)
{
    pl_json_open(b, NULL, '{');
    pl_json_str(b, "mid", mid);
    pl_json_str(b, "kind", kind);
    pl_json_close(b, '}');
}

void say_offer(struct delegation *d)
{
    struct pl_buf b = {0}, sdp = {0};
    pl_call_offer(d->call, &sdp);
    open_message(&b, "offer");
    pl_json_str(&b, "sdp", sdp.data);
    pl_json_open(&b, "sources", '[');
    source(&b, "0", "microphone");
    if (d->simulation->config.pictures)
        source(&b, "1", "camera");
    pl_json_close(&b, ']');
    close_message(d, &b);
    pl_buf_free(&sdp);
}

void say_media(struct delegation *d)
{
    struct pl_buf b = {0};
    open_message(&b, "media");
    pl_json_bool(&b, "microphone", d->speaks);
    pl_json_bool(&b, "camera", d->simulation->config.pictures);
    pl_json_bool(&b, "screen", false);
    pl_json_bool(&b, "screen_sound", false);
    act(d, &b);
}

static void optional(struct pl_buf *b, const char *key, const char *text)
{
    if (text)
        pl_json_str(b, key, text);
}

void say_deed(struct delegation *d, const struct pl_deed *deed)
{
    static const char *const types[] = {
        [PL_DEED_REQUEST_FLOOR] = "request_floor",
        [PL_DEED_END_FLOOR] = "end_floor",
        [PL_DEED_TAKE_POSITION] = "take_position",
        [PL_DEED_VOTE] = "vote",
    };
    struct counts *counts = &d->simulation->counts;
    struct pl_buf b = {0};
    open_message(&b, types[deed->kind]);
    switch (deed->kind) {
    case PL_DEED_REQUEST_FLOOR:
        pl_json_str(&b, "kind", deed->choice);
        counts->requests++;
        break;
    case PL_DEED_TAKE_POSITION:
        pl_json_str(&b, "paper", deed->subject);
        pl_json_str(&b, "option", deed->option);
        pl_json_str(&b, "stance", deed->choice);
        optional(&b, "reason", deed->reason);
        optional(&b, "red_line", deed->red_line);
        pl_json_str(&b, "visibility", deed->visibility);
        counts->positions++;
        break;
    case PL_DEED_VOTE:
        pl_json_str(&b, "decision", deed->subject);
        pl_json_int(&b, "version", (int64_t)deed->version);
        pl_json_str(&b, "choice", deed->choice);
        optional(&b, "statement", deed->reason);
        counts->votes++;
        break;
    default:
        break;
    }
    act(d, &b);
}
