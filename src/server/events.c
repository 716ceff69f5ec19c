/* See events.h. */
#include "server/events.h"

#include "crypto/hash.h"
#include "meet/meeting.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM_FIRST 16

enum pl_err pl_events_add(struct pl_events *e, const struct pl_act *act,
                          const struct pl_random *random)
{
    uint8_t bytes[PL_ACT_SALT_BYTES];
    char salt[PL_ACT_SALT_CHARS + 1];
    struct pl_act salted = *act;
    if (e->n == e->room) {
        size_t room = e->room ? 2 * e->room : ROOM_FIRST;
        size_t *ends = realloc(e->ends, room * sizeof *ends);
        if (!ends)
            return PL_ENOMEM;
        e->ends = ends;
        e->room = room;
    }
    random->fill(random->ctx, bytes, sizeof bytes);
    pl_base64url(bytes, sizeof bytes, salt);
    salted.salt = pl_str(salt);
    /* On its own: behind another it would begin with a comma. */
    struct pl_buf one = {0};
    pl_act_encode(&one, &salted);
    if (!one.failed)
        pl_buf_add(&e->bytes, one.data, one.len);
    bool failed = one.failed || e->bytes.failed;
    pl_buf_free(&one);
    e->bytes.failed = false;
    if (failed)
        return PL_ENOMEM;
    if (e->n == 0)
        e->first = act->number;
    e->ends[e->n++] = e->bytes.len;
    return PL_OK;
}

struct pl_str pl_events_at(const struct pl_events *e, size_t i)
{
    size_t from = i ? e->ends[i - 1] : 0;
    return (struct pl_str){e->bytes.data + from, e->ends[i] - from};
}

void pl_events_clear(struct pl_events *e)
{
    pl_buf_clear(&e->bytes);
    e->n = 0;
}

void pl_events_free(struct pl_events *e)
{
    pl_buf_free(&e->bytes);
    free(e->ends);
    *e = (struct pl_events){0};
}

/* A meeting in preparation. */
struct making {
    struct pl_meeting *meeting;
    const struct pl_random *random;
    struct pl_events *out;
    int64_t now_ms;
    char *why;
};

/* By nobody: who prepares, or the server. */
static enum pl_err act(struct making *m, const struct pl_act *a, struct pl_denial *denial)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    enum pl_err err = pl_meeting_decide(m->meeting, NULL, a, m->now_ms, events, &n, denial);
    for (size_t i = 0; i < n && err == PL_OK; i++) {
        err = pl_events_add(m->out, &events[i], m->random);
        if (err == PL_OK)
            err = pl_meeting_apply(m->meeting, &events[i], &pl_no_effects);
        denial->why[0] = 0; /* that was no refusal */
    }
    return err;
}

static enum pl_err prepared(void *ctx, size_t i, const struct pl_act *a)
{
    struct making *m = ctx;
    struct pl_denial denial;
    enum pl_err err = act(m, a, &denial);
    if (err == PL_OK || err == PL_ENOMEM || !denial.why[0])
        return err;
    snprintf(m->why, PL_WHY_SIZE, "prepared[%zu]%s%s: %s", i, denial.field[0] ? "." : "",
             denial.field, denial.why);
    return PL_EINVAL;
}

static enum pl_err make(struct making *m, const struct pl_definition *d,
                        const struct pl_beginning *b)
{
    uint8_t hash[PL_SHA256_SIZE];
    char hex[2 * PL_SHA256_SIZE + 1];
    struct pl_denial denial;
    pl_sha256(b->json.p, b->json.n, hash);
    pl_hex(hash, sizeof hash, hex);
    const struct pl_act created = {
        .type = PL_ACT_CREATED,
        .created = {.meeting = pl_str(b->id), .definition = pl_str(hex)},
    };
    enum pl_err err = act(m, &created, &denial);
    if (err == PL_OK)
        err = pl_definition_prepared(d, prepared, m);
    for (size_t i = 0; i < b->n_documents && err == PL_OK; i++) {
        err = act(m, &b->documents[i], &denial);
        b->left_out[i] = err != PL_OK && err != PL_ENOMEM && denial.why[0];
        if (b->left_out[i])
            err = PL_OK;
    }
    return err;
}

enum pl_err pl_events_begin(const struct pl_definition *d, const struct pl_beginning *b,
                            const struct pl_random *random, struct pl_events *out, int64_t *wake_ms,
                            char why[PL_WHY_SIZE])
{
    struct pl_events events = {0};
    struct making m = {.random = random, .out = &events, .now_ms = b->now_ms, .why = why};
    enum pl_err err = pl_meeting_new(d, random, &m.meeting);
    if (err == PL_OK) {
        err = make(&m, d, b);
        *wake_ms = pl_meeting_deadline(m.meeting);
        pl_meeting_free(m.meeting);
    }
    if (err) {
        pl_events_free(&events);
        return err;
    }
    *out = events;
    return PL_OK;
}
