/* See people.h. */
#include "record/people.h"

#include "base/bytes.h"
#include "crypto/hash.h"
#include "signal/manifest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS 8
#define GROUP_DIGITS 5
#define HASH_CHARS ((size_t)2 * PL_SHA256_SIZE)

static enum pl_err refuse(char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static enum pl_err refuse(char *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, PL_PEOPLE_WHY_SIZE, format, args);
    va_end(args);
    return PL_EAUTH;
}

static bool same(struct pl_str a, struct pl_str b)
{
    return !a.p == !b.p && a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Reading */

static bool is_name(struct pl_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-'))
            return false;
    }
    return s.n > 0;
}

static bool is_hash(struct pl_str s)
{
    bool good = s.n == HASH_CHARS;
    for (size_t i = 0; good && i < s.n; i++)
        good = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f');
    return good;
}

static void take_name(struct pl_decoder *d, json_t *o, const char *name, bool optional,
                      struct pl_str *out)
{
    if (pl_decode_string(d, o, name, 32, optional, out) && !is_name(*out))
        pl_decode_fail(d, PL_EINVAL, name, "must be letters, digits, dashes and underscores");
}

static bool read_key(struct pl_str text, uint8_t out[PL_PUBLIC_KEY_SIZE])
{
    size_t n;
    return pl_base64url_decode(text, out, PL_PUBLIC_KEY_SIZE, &n) == PL_OK &&
           n == PL_PUBLIC_KEY_SIZE;
}

static void read_person(struct pl_decoder *d, const struct pl_people *p, json_t *o,
                        struct pl_signer *out)
{
    if (!json_is_object(o))
        pl_decode_fail(d, PL_EINVAL, NULL, "must be an object");
    take_name(d, o, "person", false, &out->person);
    pl_decode_string(d, o, "name", PL_MANIFEST_MAX, false, &out->name);
    take_name(d, o, "role", false, &out->role);
    if (pl_decode_string(d, o, "seat", PL_SEAT_ID_MAX, true, &out->seat) &&
        !pl_map_get(&p->seats_by_id, out->seat.p, out->seat.n))
        pl_decode_fail(d, PL_EINVAL, "seat", "must be one of the seats");
    if (pl_decode_string(d, o, "key", 43, false, &out->key_text) &&
        !read_key(out->key_text, out->key))
        pl_decode_fail(d, PL_EINVAL, "key", "must be 32 bytes in base64url");
}

static void read_seat(struct pl_decoder *d, struct pl_people *p, json_t *o,
                      struct pl_signed_seat *out)
{
    if (!json_is_object(o))
        pl_decode_fail(d, PL_EINVAL, NULL, "must be an object");
    if (pl_decode_string(d, o, "id", PL_SEAT_ID_MAX, false, &out->id) && !pl_id_ok(out->id))
        pl_decode_fail(d, PL_EINVAL, "id", "must be letters, digits, dots, dashes, underscores");
    pl_decode_string(d, o, "name", PL_MANIFEST_MAX, false, &out->name);
    if (pl_decode_string(d, o, "country", 2, true, &out->country) && !pl_country_ok(out->country))
        pl_decode_fail(d, PL_EINVAL, "country", "must be two capital letters");
    out->late = pl_decode_int(d, o, "weight", 0, PL_WEIGHT_MAX, true, &out->weight);
    if (pl_decode_bool(d, o, "guest", true, &out->guest) != out->late)
        pl_decode_fail(d, PL_EINVAL, "weight", "and guest go together");
    if (d->error->err)
        return;
    enum pl_err err = pl_map_put(&p->seats_by_id, out->id.p, out->id.n, out);
    if (err)
        pl_decode_fail(d, err == PL_ENOMEM ? err : PL_EINVAL, "id", "must not be another's");
}

static void read_seats(struct pl_decoder *d, struct pl_people *p)
{
    json_t *list = NULL;
    if (!pl_decode_array(d, p->json, "seats", PL_SIGNERS_MAX, &list))
        return;
    p->seats = calloc(json_array_size(list) + 1, sizeof *p->seats);
    if (!p->seats) {
        pl_decode_fail(d, PL_ENOMEM, NULL, "no memory");
        return;
    }
    for (size_t i = 0; i < json_array_size(list) && !d->error->err; i++) {
        size_t mark = pl_decode_enter(d, "seats", i);
        read_seat(d, p, json_array_get(list, i), &p->seats[i]);
        pl_decode_leave(d, mark);
        p->n_seats = i + 1;
    }
}

/* Nobody stands there twice, nor does a key. */
static void enter_person(struct pl_decoder *d, struct pl_people *p, struct pl_map *keys,
                         struct pl_signer *s)
{
    enum pl_err by_key = pl_map_put(keys, s->key, sizeof s->key, s);
    enum pl_err by_id = pl_map_put(&p->by_id, s->person.p, s->person.n, s);
    if (by_id == PL_ENOMEM || by_key == PL_ENOMEM)
        pl_decode_fail(d, PL_ENOMEM, NULL, "no memory");
    else if (by_id || pl_str_eq(s->person, PL_MANIFEST_ORGANISER))
        pl_decode_fail(d, PL_EINVAL, "person", "must not be another's");
    else if (by_key)
        pl_decode_fail(d, PL_EINVAL, "key", "must not be another's");
}

static void read_list(struct pl_decoder *d, struct pl_people *p, const struct pl_random *random)
{
    struct pl_map keys;
    json_t *list = NULL;
    if (!pl_decode_array(d, p->json, "people", PL_SIGNERS_MAX, &list))
        return;
    p->list = calloc(json_array_size(list) + 1, sizeof *p->list);
    if (!p->list) {
        pl_decode_fail(d, PL_ENOMEM, NULL, "no memory");
        return;
    }
    pl_map_init(&keys, random);
    for (size_t i = 0; i < json_array_size(list) && !d->error->err; i++) {
        size_t mark = pl_decode_enter(d, "people", i);
        read_person(d, p, json_array_get(list, i), &p->list[i]);
        if (!d->error->err)
            enter_person(d, p, &keys, &p->list[i]);
        pl_decode_leave(d, mark);
        p->n = i + 1;
    }
    pl_map_free(&keys);
}

static void read_revoked(struct pl_decoder *d, struct pl_people *p)
{
    json_t *list = NULL;
    if (!pl_decode_array(d, p->json, "revoked", PL_SIGNERS_MAX, &list))
        return;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *id = json_array_get(list, i);
        struct pl_str person = {json_string_value(id), json_string_length(id)};
        if (!json_is_string(id) || person.n > 32 || !is_name(person)) {
            pl_decode_fail(d, PL_EINVAL, "revoked", "must be persons' ids");
            return;
        }
        if (pl_map_put(&p->revoked, person.p, person.n, id) == PL_ENOMEM)
            pl_decode_fail(d, PL_ENOMEM, NULL, "no memory");
    }
}

static void read_base(struct pl_decoder *d, struct pl_people *p)
{
    json_t *base = NULL;
    if (!pl_decode_field(d, p->json, "base", true, &base))
        return;
    size_t mark = pl_decode_enter(d, "base", PL_DECODE_FIELD);
    if (!json_is_object(base))
        pl_decode_fail(d, PL_EINVAL, NULL, "must be an object");
    pl_decode_string(d, base, "manifest", PL_MANIFEST_MAX, false, &p->base);
    pl_decode_string(d, base, "signature", 86, false, &p->base_signature);
    pl_decode_leave(d, mark);
}

static void read_fields(struct pl_decoder *d, struct pl_people *p, const struct pl_random *random)
{
    int64_t one;
    unsigned encryption = 0;
    if (!json_is_object(p->json))
        pl_decode_fail(d, PL_EINVAL, NULL, "must be an object");
    pl_decode_int(d, p->json, "v", 1, 1, false, &one);
    pl_decode_int(d, p->json, "suite", 1, 1, false, &one);
    take_name(d, p->json, "meeting", false, &p->meeting);
    if (pl_decode_string(d, p->json, "definition", HASH_CHARS, true, &p->definition) &&
        !is_hash(p->definition))
        pl_decode_fail(d, PL_EINVAL, "definition", "must be a SHA-256 in hexadecimal");
    pl_decode_int(d, p->json, "version", 1, PL_ID_MAX, false, &p->version);
    pl_decode_word(d, p->json, "encryption", pl_encryption_words, PL_ENCRYPTION_COUNT, false,
                   &encryption);
    p->encryption = (enum pl_encryption)encryption;
    take_name(d, p->json, "late", true, &p->late);
    pl_decode_int(d, p->json, "not_after", 0, PL_ID_MAX, false, &p->not_after);
    read_base(d, p);
    read_seats(d, p);
    read_list(d, p, random);
    read_revoked(d, p);
}

static enum pl_err read_people(struct pl_str text, const struct pl_random *random,
                               struct pl_people **out, char *why)
{
    struct pl_decode_error error = {0};
    struct pl_decoder d = {.error = &error};
    struct pl_people *p = calloc(1, sizeof *p);
    if (!p)
        return PL_ENOMEM;
    pl_map_init(&p->by_id, random);
    pl_map_init(&p->seats_by_id, random);
    pl_map_init(&p->revoked, random);
    p->json = pl_decode_load(text, PL_MANIFEST_MAX, &error);
    if (p->json)
        read_fields(&d, p, random);
    if (error.err) {
        pl_people_free(p);
        return error.err == PL_ENOMEM
                   ? PL_ENOMEM
                   : refuse(why, "The manifest cannot be read: %.64s%s%.180s.", error.field,
                            error.field[0] ? " " : "", error.reason);
    }
    *out = p;
    return PL_OK;
}

void pl_people_free(struct pl_people *p)
{
    if (!p)
        return;
    pl_map_free(&p->by_id);
    pl_map_free(&p->seats_by_id);
    pl_map_free(&p->revoked);
    free(p->seats);
    json_decref(p->json);
    free(p->list);
    free(p);
}

const struct pl_signer *pl_people_find(const struct pl_people *p, struct pl_str person)
{
    return pl_map_get(&p->by_id, person.p, person.n);
}

bool pl_people_revoked(const struct pl_people *p, struct pl_str person)
{
    return pl_map_get(&p->revoked, person.p, person.n) != NULL;
}

const char *pl_people_differ(const struct pl_people *p, const struct pl_act_add_seat *seat)
{
    const struct pl_signed_seat *s = pl_map_get(&p->seats_by_id, seat->seat.p, seat->seat.n);
    return !s                                      ? "seat"
           : !same(s->name, seat->name)            ? "name"
           : !same(s->country, seat->country)      ? "country"
           : !s->late || s->weight != seat->weight ? "weight"
           : s->guest != seat->guest               ? "guest"
                                                   : NULL;
}

const char *pl_people_differ_late(const struct pl_people *p, const struct pl_definition *d,
                                  size_t made, struct pl_act_add_seat *which)
{
    const char *field = NULL;
    for (size_t i = made; !field && i < d->n_seats; i++) {
        const struct pl_seat *s = &d->seats[i];
        *which = (struct pl_act_add_seat){
            .seat = pl_str(s->id), .name = pl_str(s->name), .guest = s->guest, .weight = s->weight};
        if (s->country[0])
            which->country = pl_str(s->country);
        field = pl_people_differ(p, which);
    }
    return field;
}

/* Fingerprints */

void pl_fingerprint_words(const uint8_t key[PL_PUBLIC_KEY_SIZE],
                          char out[PL_FINGERPRINT_WORDS_SIZE])
{
    uint8_t hash[PL_SHA256_SIZE];
    pl_sha256(key, PL_PUBLIC_KEY_SIZE, hash);
    for (size_t i = 0; i < GROUPS; i++)
        snprintf(out + i * (GROUP_DIGITS + 1), GROUP_DIGITS + 2, "%05u%s",
                 pl_get_u32(hash + 4 * i) % 100000, i + 1 < GROUPS ? " " : "");
}

/* Its digits alone, if these are all: GROUPS * GROUP_DIGITS. */
static bool read_digits(struct pl_str text, char out[GROUPS * GROUP_DIGITS])
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == ' ')
            continue;
        if (text.p[i] < '0' || text.p[i] > '9' || n == GROUPS * GROUP_DIGITS)
            return false;
        out[n++] = text.p[i];
    }
    return n == GROUPS * GROUP_DIGITS;
}

bool pl_fingerprint_ok(struct pl_str text)
{
    char digits[GROUPS * GROUP_DIGITS];
    uint8_t hash[PL_SHA256_SIZE];
    size_t n;
    return read_digits(text, digits) ||
           (pl_base64url_decode(text, hash, sizeof hash, &n) == PL_OK && n == sizeof hash &&
            text.n == 43);
}

bool pl_fingerprint_is(struct pl_str text, const uint8_t key[PL_PUBLIC_KEY_SIZE])
{
    char digits[GROUPS * GROUP_DIGITS], own_digits[GROUPS * GROUP_DIGITS];
    char words[PL_FINGERPRINT_WORDS_SIZE], own[44];
    uint8_t hash[PL_SHA256_SIZE];
    if (read_digits(text, digits)) {
        pl_fingerprint_words(key, words);
        return read_digits(pl_str(words), own_digits) &&
               memcmp(digits, own_digits, sizeof digits) == 0;
    }
    pl_sha256(key, PL_PUBLIC_KEY_SIZE, hash);
    pl_base64url(hash, sizeof hash, own);
    return pl_str_eq(text, own);
}

/* Verifying */

static enum pl_err check_signature(const uint8_t key[PL_PUBLIC_KEY_SIZE], struct pl_str text,
                                   struct pl_str signature, char *why)
{
    uint8_t raw[PL_SIGNATURE_SIZE];
    struct pl_buf bytes = {0};
    size_t n;
    if (pl_base64url_decode(signature, raw, sizeof raw, &n) || n != sizeof raw)
        return refuse(why, "The manifest's signature is not 64 bytes in base64url.");
    pl_buf_puts(&bytes, PL_MANIFEST_SIGNED);
    pl_buf_add(&bytes, text.p, text.n);
    enum pl_err err = bytes.failed ? PL_ENOMEM : PL_OK;
    if (!err && !pl_ed25519_verify(key, bytes.data, bytes.len, raw))
        err = refuse(why, "The manifest's signature is not by who is said to have signed it.");
    pl_buf_free(&bytes);
    return err;
}

static bool same_person(const struct pl_signer *a, const struct pl_signer *b)
{
    return b && same(a->name, b->name) && same(a->role, b->role) && same(a->seat, b->seat) &&
           memcmp(a->key, b->key, sizeof a->key) == 0;
}

static bool same_seats(const struct pl_people *a, const struct pl_people *b)
{
    bool all = a->n_seats == b->n_seats;
    for (size_t i = 0; all && i < a->n_seats; i++) {
        const struct pl_signed_seat *was = &a->seats[i],
                                    *is = pl_map_get(&b->seats_by_id, was->id.p, was->id.n);
        all = is && same(was->name, is->name) && same(was->country, is->country) &&
              was->late == is->late && was->guest == is->guest && was->weight == is->weight;
    }
    return all;
}

/* What a later version may not change of the organiser's. */
static enum pl_err compare_people(const struct pl_people *p, const struct pl_people *base,
                                  char *why)
{
    const json_t *id;
    for (size_t i = 0; i < base->n; i++) {
        const struct pl_signer *was = &base->list[i], *is = pl_people_find(p, was->person);
        if (!same_person(was, is))
            return refuse(why, "The manifest changes or drops %.*s, who was named before.",
                          (int)was->person.n, was->person.p);
    }
    for (size_t at = 0; (id = pl_map_next(&base->revoked, &at));)
        if (!pl_people_revoked(p, pl_str(json_string_value(id))))
            return refuse(why, "The manifest takes back that %s is revoked.",
                          json_string_value(id));
    return PL_OK;
}

static enum pl_err compare_chairs(const struct pl_people *p, const struct pl_people *base,
                                  char *why)
{
    for (size_t i = 0; i < p->n; i++)
        if (pl_str_eq(p->list[i].role, "chair") && !pl_people_find(base, p->list[i].person))
            return refuse(why, "The manifest names another chair, %.*s.", (int)p->list[i].person.n,
                          p->list[i].person.p);
    return PL_OK;
}

static enum pl_err compare(const struct pl_people *p, const struct pl_people *base, char *why)
{
    const char *what = !same(p->meeting, base->meeting)         ? "the meeting"
                       : !same(p->definition, base->definition) ? "the meeting's definition"
                       : p->encryption != base->encryption      ? "the encryption"
                       : !same(p->late, base->late)             ? "who may sign later ones"
                       : p->not_after > base->not_after         ? "how long it is good"
                       : !same_seats(p, base)                   ? "the seats"
                       : p->version <= base->version            ? "the order of versions"
                                                                : NULL;
    if (what)
        return refuse(why, "Who signed the manifest may not change %s.", what);
    enum pl_err err = compare_people(p, base, why);
    return err ? err : compare_chairs(p, base, why);
}

enum pl_err pl_people_follow(const struct pl_people *p, const struct pl_people *before,
                             char why[PL_PEOPLE_WHY_SIZE])
{
    if (before->definition.p && !p->definition.p)
        return refuse(why, "The manifest before names the meeting's definition, and this one "
                           "does not.");
    if (p->organisers == p->version)
        return PL_OK; /* the organiser may undo what was */
    if (p->organisers < before->organisers)
        return refuse(why,
                      "The manifest builds on the organiser's version %lld, and they have signed "
                      "version %lld since.",
                      (long long)p->organisers, (long long)before->organisers);
    return compare_people(p, before, why);
}

/* By a person to whom the organiser's own version gives that right. */
static enum pl_err verify_late(const struct pl_line_manifest *m, struct pl_people *p,
                               const struct pl_random *random, char *why)
{
    struct pl_people *base;
    if (!p->base.p)
        return refuse(why, "The manifest is not the organiser's, and does not carry theirs.");
    enum pl_err err = check_signature(p->organiser, p->base, p->base_signature, why);
    if (!err)
        err = read_people(p->base, random, &base, why);
    if (err)
        return err;
    const struct pl_signer *by = pl_people_find(base, m->signed_by);
    if (!by || pl_people_revoked(base, by->person) || !same(base->late, m->signed_by) ||
        base->base.p)
        err = refuse(why, "%.*s may not sign a manifest of this meeting.", (int)m->signed_by.n,
                     m->signed_by.p);
    if (!err)
        err = check_signature(by->key, m->manifest, m->signature, why);
    if (!err)
        err = compare(p, base, why);
    p->organisers = base->version;
    pl_people_free(base);
    return err;
}

enum pl_err pl_people_verify(const struct pl_line_manifest *m, const struct pl_random *random,
                             struct pl_people **out, char why[PL_PEOPLE_WHY_SIZE])
{
    struct pl_people *p;
    enum pl_err err = read_people(m->manifest, random, &p, why);
    if (err)
        return err;
    p->organisers = p->version;
    if (!read_key(m->key, p->organiser))
        err = refuse(why, "The organiser's key is not 32 bytes in base64url.");
    else if (pl_str_eq(m->signed_by, PL_MANIFEST_ORGANISER))
        err = check_signature(p->organiser, m->manifest, m->signature, why);
    else
        err = verify_late(m, p, random, why);
    if (err) {
        pl_people_free(p);
        return err;
    }
    *out = p;
    return PL_OK;
}
