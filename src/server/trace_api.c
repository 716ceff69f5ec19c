/* REST: who is in a meeting, and traces of what their media does (trace.h). The administrator's. */
#include "server/app.h"

#include "base/json.h"
#include "meet/meeting.h"
#include "server/trace_file.h"
#include "signal/decode.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECONDS 60 /* where the request names none */

/* NULL: answered. */
static struct pl_conference *live_meeting(struct pl_request *r)
{
    if (!pl_request_admin(r))
        return NULL;
    struct pl_conference *c = pl_conferences_find(r->app->conferences, r->captures[0]);
    if (!c)
        pl_reply_error(r, 404, "unknown_meeting", "Nobody is in a meeting of this id.", NULL);
    return c;
}

static void put_participant(void *ctx, const struct pl_participant *p, bool traced)
{
    struct pl_buf *json = ctx;
    pl_json_open(json, NULL, '{');
    pl_json_str(json, "id", p->id);
    pl_json_str(json, "name", p->name);
    pl_json_str(json, "role", pl_role_words[p->role]);
    pl_json_str(json, "place", pl_place_words[p->place]);
    pl_json_bool(json, "traced", traced);
    pl_json_close(json, '}');
}

void pl_trace_participants(struct pl_request *r)
{
    const struct pl_conference *c = live_meeting(r);
    if (!c)
        return;
    struct pl_buf json = {0};
    pl_json_open(&json, NULL, '{');
    pl_json_open(&json, "participants", '[');
    pl_conference_each(c, put_participant, &json);
    pl_json_close(&json, ']');
    pl_json_close(&json, '}');
    pl_reply_json(r, 200, &json);
}

/* {"seconds":60}, or no body. False: answered. */
static bool seconds_in(struct pl_request *r, int64_t *seconds)
{
    static const char *const names[] = {"seconds"};
    struct pl_decode_error error = {0};
    struct pl_decoder decoder = {.error = &error};
    *seconds = SECONDS;
    if (pl_httpd_body(r->x).n == 0)
        return true;
    if (!pl_request_type(r, "application/json"))
        return false;
    json_t *o = pl_decode_load(pl_httpd_body(r->x), PL_HTTPD_BODY_DEFAULT, &error);
    if (o) {
        pl_decode_object(&decoder, o, names, 1);
        pl_decode_int(&decoder, o, "seconds", 1, PL_TRACE_SECONDS_MAX, true, seconds);
        json_decref(o);
    }
    if (error.err == PL_ENOMEM)
        pl_reply_failed(r, error.err);
    else if (error.err)
        pl_reply_error(r, 400, "bad_request", error.reason, error.field[0] ? error.field : NULL);
    return error.err == PL_OK;
}

static void refuse(struct pl_request *r, enum pl_err e)
{
    if (e == PL_ENOENT)
        pl_reply_error(r, 404, "unknown_participant", "Nobody here has this id.", NULL);
    else if (e == PL_EEXIST)
        pl_reply_error(r, 409, "conflict", "They are being traced already.", NULL);
    else if (e == PL_ELIMIT)
        pl_reply_error(r, 503, "unavailable", "As many traces are made as may be.", NULL);
    else
        pl_reply_failed(r, e);
}

void pl_trace_start(struct pl_request *r)
{
    struct pl_conference *c = live_meeting(r);
    char participant[PL_PARTICIPANT_ID_SIZE], name[PL_TRACE_NAME_SIZE];
    struct pl_trace_out out;
    int64_t seconds;
    if (!c || !seconds_in(r, &seconds))
        return;
    if (pl_str_copy(r->captures[1], participant, sizeof participant) ||
        !pl_conference_has(c, pl_str(participant))) {
        refuse(r, PL_ENOENT);
        return;
    }
    const char *folder = pl_data_traces_path(r->app->data);
    enum pl_err e = pl_trace_file_new(folder, participant, pl_wall_now_us() / 1000, &out, name);
    if (e) {
        refuse(r, e);
        return;
    }
    e = pl_conference_trace(c, pl_str(participant), (unsigned)seconds, &out);
    if (e) {
        out.close(out.ctx);
        pl_trace_file_remove(folder, name);
        refuse(r, e);
        return;
    }
    struct pl_buf json = {0};
    const struct pl_audit_entry entry = {
        .act = PL_AUDIT_TRACED, .meeting = r->captures[0], .what = pl_str(participant)};
    if (!pl_request_audit(r, &entry))
        return;
    pl_json_open(&json, NULL, '{');
    pl_json_str(&json, "file", name);
    pl_json_int(&json, "seconds", seconds);
    pl_json_close(&json, '}');
    pl_reply_json(r, 201, &json);
}

void pl_trace_stop(struct pl_request *r)
{
    struct pl_conference *c = live_meeting(r);
    if (!c)
        return;
    enum pl_err e = pl_conference_trace_end(c, r->captures[1]);
    if (e)
        pl_reply_error(r, 404, "unknown_trace", "There is no trace of anybody of this id.", NULL);
    else
        pl_reply_empty(r, 204);
}
