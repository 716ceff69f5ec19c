/* The manifest of a live meeting: who is in the room is told it. See conference.h. */
#include "server/conference_parts.h"

#include <stdlib.h>

static void use(void *ctx, const struct pl_store_manifest *m)
{
    struct pl_conference *c = ctx;
    const struct pl_to_client_manifest message = {m->manifest, m->signature, m->key, m->signed_by};
    struct pl_buf json = {0};
    pl_to_client_manifest(&json, &message);
    char *text = json.failed ? NULL : strdup(json.data);
    pl_buf_free(&json);
    if (!text)
        return; /* who is here is told it when they come again */
    free(c->manifest);
    c->manifest = text;
    pl_manifest_forget(c);
    struct pl_decode_error error;
    c->has_keys = pl_manifest_decode(m->manifest, &c->keys, &error) == PL_OK;
}

void pl_manifest_forget(struct pl_conference *c)
{
    if (c->has_keys)
        pl_manifest_free(&c->keys);
    c->has_keys = false;
}

enum pl_err pl_manifest_load(struct pl_conference *c)
{
    struct pl_store *store = c->all->config.store;
    enum pl_err err = store ? pl_store_manifest(store, pl_str(c->id), use, c) : PL_OK;
    return err == PL_ENOENT ? PL_OK : err;
}

void pl_manifest_tell(struct pl_member *m)
{
    const struct pl_conference *c = m->conference;
    struct pl_buf json = {0};
    if (!c->manifest || !m->client || m->participant->place != PL_PLACE_ROOM)
        return;
    pl_buf_puts(&json, c->manifest);
    pl_client_send(m->client, &json);
    pl_buf_free(&json);
}

void pl_conference_manifest(struct pl_conference *c, const struct pl_store_manifest *m)
{
    use(c, m);
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        if (pl_member_of(p))
            pl_manifest_tell(pl_member_of(p));
    }
}
