/* See key_history.h. */
#include "server/key_history.h"

#include <jansson.h>
#include <stdlib.h>

static enum pl_err add(struct pl_key_history *h, const uint8_t key[PL_PUBLIC_KEY_SIZE],
                       const char *rotation)
{
    struct pl_key_before *list = realloc(h->keys, (h->n + 1) * sizeof *list);
    if (!list)
        return PL_ENOMEM;
    h->keys = list;
    struct pl_key_before *k = &list[h->n++];
    *k = (struct pl_key_before){0};
    memcpy(k->public, key, sizeof k->public);
    if (rotation)
        pl_buf_puts(&k->rotation, rotation);
    return k->rotation.failed ? PL_ENOMEM : PL_OK;
}

static enum pl_err take(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct pl_key_history *h = ctx;
    struct pl_vkey key;
    (void)number;
    json_t *event = json_loadb(bytes.p, bytes.n, 0, NULL);
    const char *act = json_string_value(json_object_get(event, "act"));
    enum pl_err e = act ? PL_OK : PL_EINVAL;
    if (act && strcmp(act, "key") == 0) {
        const char *vkey = json_string_value(json_object_get(event, "key"));
        e = vkey && pl_vkey_parse(pl_str(vkey), &key) == PL_OK
                ? add(h, key.key, json_string_value(json_object_get(event, "rotation")))
                : PL_EINVAL;
    }
    json_decref(event);
    return e;
}

enum pl_err pl_key_history_read(struct pl_store *store, const struct pl_record_id *now,
                                struct pl_key_history *h)
{
    *h = (struct pl_key_history){0};
    enum pl_err e = pl_store_log(store, 0, take, h);
    return e || h->n ? e : add(h, now->public, NULL);
}

void pl_key_history_free(struct pl_key_history *h)
{
    for (size_t i = 0; i < h->n; i++)
        pl_buf_free(&h->keys[i].rotation);
    free(h->keys);
    *h = (struct pl_key_history){0};
}

size_t pl_key_history_of(const struct pl_key_history *h, size_t from, struct pl_str bytes,
                         const char *name)
{
    struct pl_note note;
    if (pl_note_parse(bytes, &note))
        return h->n;
    for (size_t i = from; i < h->n; i++) {
        const struct pl_vkey key = pl_vkey(pl_str(name), PL_NOTE_ED25519, h->keys[i].public);
        if (pl_note_verify(&note, &key) == PL_OK)
            return i;
    }
    return h->n;
}
