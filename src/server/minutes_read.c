/* See minutes_read.h. */
#include "server/minutes_read.h"

#include "signal/messages.h"

#include <jansson.h>

enum pl_err pl_minutes_add_bytes(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct pl_act event;
    struct pl_decode_error error;
    json_t *json;
    (void)number;
    enum pl_err err = pl_event_decode(bytes, &event, &json, &error);
    if (err)
        return err;
    err = pl_minutes_add(ctx, &event);
    json_decref(json);
    return err;
}

enum pl_err pl_minutes_read(struct pl_store *store, struct pl_str meeting,
                            const struct pl_definition *made, const struct pl_definition *d,
                            const struct pl_random *random, struct pl_minutes **out)
{
    struct pl_minutes *m;
    enum pl_err err = pl_minutes_new(made, d, random, &m);
    if (err)
        return err;
    err = pl_store_events(store, meeting, pl_minutes_add_bytes, m);
    if (err)
        pl_minutes_free(m);
    else
        *out = m;
    return err;
}

struct adopted {
    enum pl_minutes_language language;
    struct pl_buf *out;
};

static void take(void *ctx, const struct pl_store_minutes *m)
{
    const struct adopted *a = ctx;
    struct pl_str text = a->language == PL_MINUTES_FR ? m->fr : m->en;
    pl_buf_add(a->out, text.p, text.n);
}

enum pl_err pl_minutes_read_adopted(struct pl_store *store, struct pl_str meeting,
                                    enum pl_minutes_language language, struct pl_buf *out)
{
    struct adopted a = {language, out};
    enum pl_err err = pl_store_minutes(store, meeting, take, &a);
    return !err && out->failed ? PL_ENOMEM : err;
}
