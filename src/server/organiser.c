/* See organiser.h. */
#include "server/organiser.h"

#include "crypto/hash.h"
#include "meet/definition.h"
#include "record/people.h"
#include "server/manifest_signed.h"
#include "server/store.h"
#include "signal/manifest.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void pl_organiser_make(struct pl_organiser *o, const uint8_t seed[PL_SEED_SIZE])
{
    uint8_t key[PL_PUBLIC_KEY_SIZE], hash[PL_SHA256_SIZE];
    memcpy(o->seed, seed, sizeof o->seed);
    pl_ed25519_public(seed, key);
    pl_base64url(key, sizeof key, o->key);
    pl_sha256(key, sizeof key, hash);
    pl_base64url(hash, sizeof hash, o->fingerprint);
    static_assert(sizeof o->words == PL_FINGERPRINT_WORDS_SIZE, "as of people.h");
    pl_fingerprint_words(key, o->words);
}

void pl_organiser_secret(const struct pl_random *random, char out[PL_BASE64_32])
{
    uint8_t secret[32];
    random->fill(random->ctx, secret, sizeof secret);
    pl_base64url(secret, sizeof secret, out);
    pl_wipe(secret, sizeof secret);
}

bool pl_organiser_define(json_t *draft, struct pl_str definition)
{
    char hex[2 * PL_SHA256_SIZE + 1];
    uint8_t hash[PL_SHA256_SIZE];
    pl_sha256(definition.p, definition.n, hash);
    pl_hex(hash, sizeof hash, hex);
    return json_object_set_new(draft, "definition", json_string(hex)) == 0;
}

static const char *text_of(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    return text ? text : "";
}

/* The fields of `names` that are there. */
static json_t *picked(const json_t *from, const char *const *names)
{
    json_t *to = json_object();
    for (; to && *names; names++) {
        json_t *value = json_object_get(from, *names);
        if (value && json_object_set(to, *names, value)) {
            json_decref(to);
            to = NULL;
        }
    }
    return to;
}

/* How many seats the definition has, without those that were added since. */
static size_t seats_made(struct pl_str definition)
{
    json_t *json = json_loadb(definition.p, definition.n, 0, NULL);
    size_t n = json_array_size(json_object_get(json, "seats"));
    json_decref(json);
    return n;
}

/* `late`: it was added since, and what of it matters to decisions is said. NULL without memory. */
static json_t *seat_of(const json_t *seat, bool late)
{
    static const char *const names[] = {"id", "name", "country", NULL};
    json_t *listed = picked(seat, names), *weight = json_object_get(seat, "weight");
    bool guest = json_is_true(json_object_get(seat, "guest"));
    if (listed && late &&
        (json_object_set_new(listed, "weight",
                             json_integer(weight ? json_integer_value(weight) : 1)) ||
         json_object_set_new(listed, "guest", json_boolean(guest)))) {
        json_decref(listed);
        return NULL;
    }
    return listed;
}

static json_t *seats_of(const json_t *meeting, size_t made)
{
    json_t *seats = json_array(), *seat;
    size_t i;
    json_array_foreach(json_object_get(meeting, "seats"), i, seat)
    {
        if (json_array_append_new(seats, seat_of(seat, i >= made))) {
            json_decref(seats);
            return NULL;
        }
    }
    return seats;
}

static void id_of(size_t person, char id[PL_PERSON_ID_SIZE])
{
    snprintf(id, PL_PERSON_ID_SIZE, "p%u", (unsigned)person + 1);
}

/* The first chair's id; false: there is none. */
static bool find_chair(const json_t *meeting, char id[PL_PERSON_ID_SIZE])
{
    size_t i;
    json_t *person;
    json_array_foreach(json_object_get(meeting, "people"), i, person)
    {
        if (strcmp(text_of(person, "role"), "chair") == 0) {
            id_of(i, id);
            return true;
        }
    }
    return false;
}

/* As long as the last invitation is. */
static bool set_not_after(json_t *draft, int64_t at_least)
{
    int64_t now = json_integer_value(json_object_get(draft, "not_after"));
    return now >= at_least || !json_object_set_new(draft, "not_after", json_integer(at_least));
}

json_t *pl_organiser_draft(const json_t *meeting, struct pl_str definition, int64_t now_ms)
{
    char chair[PL_PERSON_ID_SIZE];
    json_t *draft = json_pack("{s:i, s:s, s:i, s:i, s:s, s:o, s:[], s:[]}", "v", 1, "meeting",
                              text_of(meeting, "id"), "version", 1, "suite", 1, "encryption",
                              text_of(meeting, "encryption"), "seats",
                              seats_of(meeting, seats_made(definition)), "people", "revoked");
    if (!draft)
        return NULL;
    if (!pl_organiser_define(draft, definition) ||
        (find_chair(meeting, chair) &&
         json_object_set_new(draft, "late", json_string(chair)) != 0) ||
        !set_not_after(draft, now_ms + PL_INVITATION_LIFE_MS)) {
        json_decref(draft);
        return NULL;
    }
    return draft;
}

/* The person's place in the manifest; behind the last one if they are not there. */
static size_t place_of(const json_t *draft, const char *id)
{
    const json_t *people = json_object_get(draft, "people");
    size_t i = 0, n = json_array_size(people);
    while (i < n && strcmp(text_of(json_array_get(people, i), "person"), id) != 0)
        i++;
    return i;
}

static bool is_revoked(const json_t *draft, const char *id, size_t *at)
{
    const json_t *list = json_object_get(draft, "revoked");
    for (*at = 0; *at < json_array_size(list); (*at)++) {
        const char *one = json_string_value(json_array_get(list, *at));
        if (one && strcmp(one, id) == 0)
            return true;
    }
    return false;
}

static bool add_revoked(json_t *draft, const char *id)
{
    size_t at;
    return is_revoked(draft, id, &at) ||
           json_array_append_new(json_object_get(draft, "revoked"), json_string(id)) == 0;
}

/* What the chair may do: people come, but for chairs, and people are revoked. */
static bool take_over(json_t *draft, const json_t *chairs)
{
    size_t i;
    json_t *one, *people = json_object_get(draft, "people");
    json_array_foreach(json_object_get(chairs, "people"), i, one)
    {
        if (place_of(draft, text_of(one, "person")) == json_array_size(people) &&
            strcmp(text_of(one, "role"), "chair") != 0 && json_array_append(people, one) != 0)
            return false;
    }
    json_array_foreach(json_object_get(chairs, "revoked"), i, one)
    {
        const char *id = json_string_value(one);
        if (id && !add_revoked(draft, id))
            return false;
    }
    return true;
}

enum pl_err pl_organiser_next(const struct pl_organiser *o, const json_t *meeting,
                              const json_t *put, int64_t now_ms, json_t **draft)
{
    struct pl_manifest read;
    struct pl_decode_error error;
    const struct pl_store_manifest m = {.manifest = pl_str(text_of(put, "manifest")),
                                        .signature = pl_str(text_of(put, "signature")),
                                        .key = pl_str(text_of(put, "key")),
                                        .signed_by = pl_str(text_of(put, "signed_by"))};
    if (pl_manifest_decode(m.manifest, &read, &error) != PL_OK)
        return error.err;
    enum pl_err err = PL_EAUTH;
    json_t *next = NULL;
    if (!pl_str_eq(m.key, o->key) || !pl_manifest_is_signed(&m, &read))
        goto out;
    bool own = pl_str_eq(m.signed_by, PL_MANIFEST_ORGANISER);
    next = own ? json_deep_copy(read.json) : json_loadb(read.base.p, read.base.n, 0, NULL);
    if (next && strcmp(text_of(next, "meeting"), text_of(meeting, "id")) != 0)
        goto out;
    bool good = next && json_object_set_new(next, "version", json_integer(read.version + 1)) == 0 &&
                set_not_after(next, now_ms + PL_INVITATION_LIFE_MS) &&
                (own || take_over(next, read.json));
    json_object_del(next, "base");
    err = good ? PL_OK : PL_ENOMEM;
out:
    pl_manifest_free(&read);
    if (err)
        json_decref(next);
    else
        *draft = next;
    return err;
}

bool pl_organiser_name(json_t *draft, const json_t *meeting, size_t person,
                       const char secret[PL_BASE64_32])
{
    static const char *const names[] = {"name", "role", "seat", NULL};
    const json_t *p = json_array_get(json_object_get(meeting, "people"), person);
    uint8_t raw[32], seed[PL_SEED_SIZE], key[PL_PUBLIC_KEY_SIZE];
    char text[PL_BASE64_32], id[PL_PERSON_ID_SIZE];
    size_t n, at;
    if (pl_base64url_decode(pl_str(secret), raw, sizeof raw, &n) || n != sizeof raw)
        return false; /* we wrote it */
    pl_hkdf_sha256((struct pl_str){(const char *)raw, sizeof raw}, pl_str("parley person v1"),
                   pl_str(text_of(meeting, "id")), seed, sizeof seed);
    pl_ed25519_public(seed, key);
    pl_wipe(seed, sizeof seed);
    pl_wipe(raw, sizeof raw);
    pl_base64url(key, sizeof key, text);
    id_of(person, id);
    json_t *people = json_object_get(draft, "people");
    size_t place = place_of(draft, id);
    json_t *listed = json_array_get(people, place), *rest = picked(listed ? listed : p, names);
    json_t *named = json_pack("{s:s}", "person", id);
    bool good = named && rest && json_object_update(named, rest) == 0 &&
                json_object_set_new(named, "key", json_string(text)) == 0;
    json_decref(rest);
    good = good && (place < json_array_size(people) ? json_array_set(people, place, named)
                                                    : json_array_append(people, named)) == 0;
    json_decref(named);
    if (is_revoked(draft, id, &at))
        json_array_remove(json_object_get(draft, "revoked"), at);
    return good && set_not_after(draft, json_integer_value(json_object_get(p, "expires")));
}

bool pl_organiser_revoke(json_t *draft, size_t person)
{
    char id[PL_PERSON_ID_SIZE];
    id_of(person, id);
    return add_revoked(draft, id);
}

bool pl_organiser_revoked(const json_t *draft, size_t person)
{
    char id[PL_PERSON_ID_SIZE];
    size_t at;
    id_of(person, id);
    return is_revoked(draft, id, &at);
}

enum pl_err pl_organiser_sign(const struct pl_organiser *o, const json_t *draft,
                              struct pl_signed *out)
{
    uint8_t signature[PL_SIGNATURE_SIZE];
    struct pl_buf to_sign = {0};
    char *text = json_dumps(draft, JSON_COMPACT);
    *out = (struct pl_signed){0};
    pl_buf_puts(&out->text, text ? text : "");
    pl_buf_puts(&to_sign, PL_MANIFEST_SIGNED);
    pl_buf_puts(&to_sign, text ? text : "");
    bool good = text && !out->text.failed && !to_sign.failed;
    free(text);
    if (good) {
        pl_ed25519_sign(o->seed, to_sign.data, to_sign.len, signature);
        pl_base64url(signature, sizeof signature, out->signature);
    } else {
        pl_buf_free(&out->text);
    }
    pl_buf_free(&to_sign);
    return good ? PL_OK : PL_ENOMEM;
}
