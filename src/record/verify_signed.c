/* See verify.h. Here: acts that persons signed. */
#include "record/verify_parts.h"

#include "crypto/hash.h"
#include "signal/signed.h"

#include <string.h>

#define CLOCKS_MS (10 * 60 * 1000) /* that two clocks may differ by, and nobody minds */

/* A time that was signed, on something. */
struct time_on {
    int64_t ms;
    struct pl_str key;
};

/* Whose act it is: a person's id, or that of one of many, with a dot and a number. */
static struct pl_str person_of(struct pl_str by)
{
    return pl_str_split(&by, '.');
}

/* Every act that is signed is of a seat, by who holds its voice then. */
static enum pl_err check_voice(struct pl_verifier *v)
{
    const struct pl_act *e = &v->read.event;
    const struct pl_participant *p = pl_meeting_by_id(v->m, e->by);
    return p && pl_meeting_has_voice(v->m, p)
               ? PL_OK
               : pl_fault(v,
                          "This act (%s) is by %.*s, who is not there or does not hold the voice "
                          "of their seat.",
                          pl_act_words[e->type], (int)e->by.n, e->by.p);
}

static enum pl_err check_person(struct pl_verifier *v, const struct pl_signer **out)
{
    const struct pl_act *e = &v->read.event;
    struct pl_str person = person_of(e->by);
    json_t *value = json_object_get(v->read.json, "seat");
    struct pl_str seat = {json_string_value(value), json_string_length(value)};
    const struct pl_signer *s = v->people && person.n ? pl_people_find(v->people, person) : NULL;
    if (!s || pl_people_revoked(v->people, person))
        return pl_fault(v,
                        "This act (%s) is signed, and the organiser's list of participants gives "
                        "%.*s no key%s.",
                        pl_act_words[e->type], (int)e->by.n, e->by.p, s ? " any more" : "");
    if (seat.p && (!s->seat.p || seat.n != s->seat.n || memcmp(seat.p, s->seat.p, seat.n) != 0))
        return pl_fault(v,
                        "This act (%s) is of the seat %.*s; the organiser's list of participants "
                        "does not place %.*s (%.*s) there.",
                        pl_act_words[e->type], (int)seat.n, seat.p, (int)person.n, person.p,
                        (int)s->name.n, s->name.p);
    *out = s;
    return PL_OK;
}

/* Nobody's earlier word is put in a later one's place. */
static enum pl_err check_used(struct pl_verifier *v, struct pl_str text)
{
    uint8_t *hash = pl_arena_alloc(&v->arena, PL_SHA256_SIZE);
    if (!hash)
        return PL_ENOMEM;
    pl_sha256(text.p, text.n, hash);
    enum pl_err err = pl_map_put(&v->signatures, hash, PL_SHA256_SIZE, hash);
    return err == PL_EEXIST
               ? pl_fault(v, "What is signed here was signed for an earlier event, and "
                             "is used a second time.")
               : err;
}

/* What the act is on, and by whom: times of one such thing go on. */
static void time_key(struct pl_verifier *v, struct pl_buf *out)
{
    const struct pl_act *e = &v->read.event;
    static const char *const on[] = {"decision", "paper", "option"};
    pl_buf_add(out, e->by.p, person_of(e->by).n);
    pl_buf_printf(out, " %s", pl_act_words[e->type]);
    for (size_t i = 0; i < sizeof on / sizeof *on; i++) {
        const char *id = json_string_value(json_object_get(v->read.json, on[i]));
        pl_buf_printf(out, " %s", id ? id : "");
    }
}

static enum pl_err new_time(struct pl_verifier *v, struct pl_str key, int64_t ms)
{
    struct time_on *t = pl_arena_alloc(&v->arena, sizeof *t);
    if (!t || pl_keep(v, key, &t->key))
        return PL_ENOMEM;
    t->ms = ms;
    return pl_map_put(&v->times, t->key.p, t->key.n, t);
}

static enum pl_err look_at_times(struct pl_verifier *v, int64_t ms)
{
    const struct pl_act *e = &v->read.event;
    struct pl_buf key = {0};
    if (ms < e->at_ms - CLOCKS_MS || ms > e->at_ms + CLOCKS_MS)
        pl_noted(&v->report->signed_off_time, e->number);
    time_key(v, &key);
    if (key.failed)
        return PL_ENOMEM;
    struct time_on *t = pl_map_get(&v->times, key.data, key.len);
    enum pl_err err = t ? PL_OK : new_time(v, (struct pl_str){key.data, key.len}, ms);
    pl_buf_free(&key);
    if (t && ms < t->ms)
        pl_noted(&v->report->signed_back, e->number);
    else if (t)
        t->ms = ms;
    return err;
}

static enum pl_err take_time(struct pl_verifier *v, struct pl_str text)
{
    struct pl_decode_error error;
    json_t *o = pl_decode_load(text, PL_ACT_BYTES_MAX, &error);
    if (!o)
        return error.err;
    int64_t ms = json_integer_value(json_object_get(o, "time"));
    bool corrects = v->read.event.type == PL_ACT_PROPOSE_CORRECTION;
    if ((pl_meeting_since(v->m, &v->read.event) && !json_object_get(o, "since")) ||
        (corrects && !json_object_get(o, "leaf")))
        pl_noted(&v->report->unbound, v->read.event.number);
    json_decref(o);
    return ms >= 0 && ms <= PL_ID_MAX ? look_at_times(v, ms)
                                      : pl_fault(v, "The time that was signed is none.");
}

/* What is signed, with the event and what it is on. */
static enum pl_err compare(struct pl_verifier *v, struct pl_str person)
{
    const struct pl_act *e = &v->read.event;
    char on[PL_TEXT_HASH_SIZE], leaf[PL_LEAF_TEXT_SIZE];
    bool corrects = e->type == PL_ACT_PROPOSE_CORRECTION;
    const char *why;
    enum pl_err err = pl_meeting_text(v->m, e, on);
    if (err == PL_ENOENT)
        return pl_fault(v, "This act (%s) is signed, and on a text that is not there.",
                        pl_act_words[e->type]);
    if (!err && corrects && !pl_merkle_leaf_text(&v->tree, e->propose_correction.event, leaf))
        return pl_fault(v, "This act (%s) corrects an event that is not there.",
                        pl_act_words[e->type]);
    const struct pl_signed_claim claim = {
        .meeting = v->meeting,
        .person = person,
        .act = e,
        .text = on,
        .since = pl_meeting_since(v->m, e),
        .leaf = corrects ? leaf : NULL,
        .unbound = true,
    };
    if (!err)
        err = pl_signed_matches(&claim, &why);
    return err != PL_EINVAL ? err
                            : pl_fault(v, "What is signed is not what the event says (%s): %s",
                                       pl_act_words[e->type], why);
}

static enum pl_err check_signed(struct pl_verifier *v, struct pl_str text, struct pl_str signature)
{
    const struct pl_act *e = &v->read.event;
    const struct pl_signer *s = NULL;
    enum pl_err err = check_person(v, &s);
    if (!err)
        err = check_voice(v);
    if (err)
        return err;
    if (!v->unsigned_too && !pl_signed_by(PL_SIGNED_ACT, text, signature, s->key_text))
        return pl_fault(v, "This act (%s) is not signed by the key of %.*s (%.*s).",
                        pl_act_words[e->type], (int)s->person.n, s->person.p, (int)s->name.n,
                        s->name.p);
    err = compare(v, s->person);
    if (!err)
        err = check_used(v, text);
    return err ? err : take_time(v, text);
}

enum pl_err pl_verify_signed(struct pl_verifier *v)
{
    struct pl_str text, signature;
    const struct pl_act *e = &v->read.event;
    if (!pl_act_signed(e, &text, &signature))
        return PL_OK;
    if (!text.p != !signature.p)
        return pl_fault(v, "This act (%s) has a signature or a signed text, and not both.",
                        pl_act_words[e->type]);
    if (text.p) {
        v->report->signed_acts++;
        return check_signed(v, text, signature);
    }
    v->report->unsigned_acts++;
    if (v->definition->signatures == PL_SIGNATURES_REQUIRED)
        return pl_fault(v, "This act (%s) is not signed, and this meeting requires that it is.",
                        pl_act_words[e->type]);
    return PL_OK;
}
