/* The manifest of a live meeting: who is in the room is told it. See conference.h. */
#include "crypto/hash.h"
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

static enum pl_err record(struct pl_conference *c, const struct pl_store_manifest *m,
                          struct pl_denial *denial)
{
    struct pl_conferences *all = c->all;
    uint8_t hash[PL_SHA256_SIZE];
    char hex[2 * PL_SHA256_SIZE + 1], meeting[PL_MEETING_ID_SIZE];
    pl_sha256(m->manifest.p, m->manifest.n, hash);
    pl_hex(hash, sizeof hash, hex);
    const struct pl_act act = {
        .type = PL_ACT_MANIFEST,
        .manifest = {.version = m->version, .sha256 = pl_str(hex)},
    };
    memcpy(meeting, c->id, sizeof meeting);
    c->new_manifest = m;
    enum pl_err err = pl_conference_act(c, NULL, &act, denial);
    if (err == PL_OK && !pl_record_write_of(all, pl_str(meeting)))
        return PL_EIO;
    c->new_manifest = NULL;
    return err;
}

enum pl_err pl_conference_put_manifest(struct pl_conference *c, const struct pl_store_manifest *m,
                                       struct pl_denial *denial)
{
    enum pl_err err = record(c, m, denial);
    if (err)
        return err;
    use(c, m);
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        if (pl_member_of(p))
            pl_manifest_tell(pl_member_of(p));
    }
    return PL_OK;
}
