/* See manifest.h. Fields that the server has no use for are not looked at. */
#include "signal/manifest.h"

#include "signal/messages.h"

#include <string.h>

static void decode_base(struct pl_decoder *d, json_t *o, struct pl_manifest *m)
{
    json_t *base = NULL;
    if (!pl_decode_field(d, o, "base", true, &base))
        return;
    size_t mark = pl_decode_enter(d, "base", PL_DECODE_FIELD);
    if (!json_is_object(base))
        pl_decode_fail(d, PL_EINVAL, NULL, "must be an object");
    pl_decode_string(d, base, "manifest", PL_MANIFEST_MAX, false, &m->base);
    pl_decode_string(d, base, "signature", 86, false, &m->base_signature);
    pl_decode_leave(d, mark);
}

enum pl_err pl_manifest_decode(struct pl_str text, struct pl_manifest *out,
                               struct pl_decode_error *error)
{
    memset(error, 0, sizeof *error);
    struct pl_decoder d = {.error = error};
    struct pl_manifest m = {.json = pl_decode_load(text, PL_MANIFEST_MAX, error)};
    int64_t number;
    unsigned encryption = 0;
    json_t *people;
    if (!m.json)
        return error->err;
    if (!json_is_object(m.json))
        pl_decode_fail(&d, PL_EINVAL, NULL, "must be an object");
    pl_decode_int(&d, m.json, "v", 1, 1, false, &number);
    pl_decode_string(&d, m.json, "meeting", 32, false, &m.meeting);
    pl_decode_int(&d, m.json, "version", 1, PL_ID_MAX, false, &m.version);
    pl_decode_int(&d, m.json, "suite", 1, 1, false, &number);
    pl_decode_word(&d, m.json, "encryption", pl_encryption_words, PL_ENCRYPTION_COUNT, false,
                   &encryption);
    pl_decode_array(&d, m.json, "people", PL_PEOPLE_MAX, &people);
    pl_decode_string(&d, m.json, "late", PL_PERSON_ID_SIZE - 1, true, &m.late);
    decode_base(&d, m.json, &m);
    m.encryption = (enum pl_encryption)encryption;
    if (error->err != PL_OK)
        json_decref(m.json);
    else
        *out = m;
    return error->err;
}

void pl_manifest_free(struct pl_manifest *m)
{
    json_decref(m->json);
    m->json = NULL;
}

static bool says(const json_t *value, struct pl_str text)
{
    return json_is_string(value) && pl_str_eq(text, json_string_value(value));
}

static struct pl_str string_of(const json_t *value)
{
    if (!json_is_string(value))
        return (struct pl_str){0};
    return (struct pl_str){json_string_value(value), json_string_length(value)};
}

static bool is_revoked(const struct pl_manifest *m, struct pl_str person)
{
    size_t i;
    json_t *id;
    json_array_foreach(json_object_get(m->json, "revoked"), i, id)
    {
        if (says(id, person))
            return true;
    }
    return false;
}

bool pl_manifest_person(const struct pl_manifest *m, struct pl_str person,
                        struct pl_manifest_person *out)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(m->json, "people"), i, p)
    {
        struct pl_str key = string_of(json_object_get(p, "key"));
        if (!key.p || !says(json_object_get(p, "person"), person))
            continue;
        *out = (struct pl_manifest_person){
            .key = key,
            .seat = string_of(json_object_get(p, "seat")),
            .revoked = is_revoked(m, person),
        };
        return true;
    }
    return false;
}

bool pl_manifest_key(const struct pl_manifest *m, struct pl_str person, struct pl_str *out)
{
    struct pl_manifest_person p;
    bool found = pl_manifest_person(m, person, &p);
    if (found)
        *out = p.key;
    return found;
}
