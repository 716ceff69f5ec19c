/* See verify.h. Here: manifests, and the keys that they bring. */
#include "record/verify_parts.h"

#include <stdio.h>
#include <string.h>

#define CLOCKS_MS (5 * 60 * 1000) /* that a manifest is good for beyond its end (identity.ts) */

/* `field`: of which the list says something else than `seat`; NULL: it says the same. */
static enum pl_err check_seat(struct pl_verifier *v, const char *field,
                              const struct pl_act_add_seat *seat)
{
    if (!field)
        return PL_OK;
    if (strcmp(field, "seat") == 0)
        return pl_fault(v,
                        "The seat %.*s was added, and is not on the list that the organiser "
                        "signed.",
                        (int)seat->seat.n, seat->seat.p);
    return pl_fault(v,
                    "The list that the organiser signed says something else of the seat %.*s than "
                    "it was added with: its %s.",
                    (int)seat->seat.n, seat->seat.p, field);
}

enum pl_err pl_verify_added_seat(struct pl_verifier *v)
{
    const struct pl_act_add_seat *seat = &v->read.event.add_seat;
    return v->people ? check_seat(v, pl_people_differ(v->people, seat), seat) : PL_OK;
}

static enum pl_err check_people(struct pl_verifier *v, const struct pl_people *p)
{
    if (p->meeting.n != v->meeting.n || memcmp(p->meeting.p, v->meeting.p, v->meeting.n) != 0)
        return pl_fault(v, "This manifest is of another meeting, %.*s.", (int)p->meeting.n,
                        p->meeting.p);
    if (p->encryption != v->definition->encryption)
        return pl_fault(v, "The manifest and the meeting differ in their encryption.");
    if (p->definition.p && !pl_str_eq(p->definition, v->definition_hash))
        return pl_fault(v, "The meeting's definition (its seats, quorum, what has to be signed) is "
                           "not the one that the organiser signed.");
    if (v->people && p->version <= v->people->version)
        return pl_fault(v, "This manifest has version %lld, and the one before it %lld.",
                        (long long)p->version, (long long)v->people->version);
    if (v->people && memcmp(p->organiser, v->people->organiser, sizeof p->organiser) != 0)
        return pl_fault(v, "This manifest is signed by another organiser than the one before it.");
    struct pl_act_add_seat seat;
    const char *field =
        pl_people_differ_late(p, pl_meeting_definition(v->m), v->definition->n_seats, &seat);
    return check_seat(v, field, &seat);
}

static enum pl_err check_follows(struct pl_verifier *v)
{
    char why[PL_PEOPLE_WHY_SIZE];
    enum pl_err err = v->people ? pl_people_follow(v->next, v->people, why) : PL_OK;
    return err ? pl_fault(v, "%s", why) : PL_OK;
}

static enum pl_err look_at_organiser(struct pl_verifier *v, const struct pl_people *p)
{
    struct pl_verify_report *r = v->report;
    pl_fingerprint_words(p->organiser, r->organiser);
    if (!v->config->organiser.p)
        return PL_OK;
    r->organiser_pinned = pl_fingerprint_is(v->config->organiser, p->organiser);
    return r->organiser_pinned
               ? PL_OK
               : pl_fault(v,
                          "The organiser of this manifest has the fingerprint %s, which is not the "
                          "one that you gave.",
                          r->organiser);
}

enum pl_err pl_verify_manifest(struct pl_verifier *v)
{
    char why[PL_PEOPLE_WHY_SIZE];
    if (!v->m)
        return pl_fault(v, "A manifest stands before the meeting's definition.");
    enum pl_err err = pl_people_verify(&v->read.manifest, &v->config->random, &v->next, why);
    if (err == PL_EAUTH)
        return pl_fault(v, "%s", why);
    if (!err)
        err = check_people(v, v->next);
    if (!err)
        err = check_follows(v);
    if (!err)
        err = look_at_organiser(v, v->next);
    pl_sha256_hex(v->read.manifest.manifest, v->text_hash);
    return err;
}

/* Keys stay known after their manifest, for cosignatures. */
static enum pl_err add_key(struct pl_verifier *v, const struct pl_signer *s)
{
    char name[2 * PL_NOTE_NAME_MAX];
    struct pl_str kept;
    int n = snprintf(name, sizeof name, "%.*s/person/%.*s", (int)v->origin.n, v->origin.p,
                     (int)s->person.n, s->person.p);
    if (n > PL_NOTE_NAME_MAX)
        return PL_OK; /* no cosignature can be of this name */
    const struct pl_vkey vkey = pl_vkey(pl_str(name), PL_NOTE_COSIGNATURE, s->key);
    const struct pl_key_place place = pl_key_place(s->person, vkey.id);
    struct pl_person_key *k = pl_map_get(&v->keys, place.bytes, place.n);
    if (k)
        return memcmp(k->key, s->key, sizeof k->key) == 0
                   ? PL_OK
                   : pl_fault(v, "The manifest gives %.*s a key with the ID of another of theirs.",
                              (int)s->person.n, s->person.p);
    k = pl_arena_alloc(&v->arena, sizeof *k);
    if (!k || pl_keep(v, (struct pl_str){place.bytes, place.n}, &kept))
        return PL_ENOMEM;
    *k = (struct pl_person_key){.cosigned = false};
    memcpy(k->key, s->key, sizeof k->key);
    enum pl_err err = pl_map_put(&v->keys, kept.p, kept.n, k);
    return err ? err : pl_verify_learnt(v, &place);
}

enum pl_err pl_verify_manifest_event(struct pl_verifier *v)
{
    const struct pl_act *e = &v->read.event;
    if (e->manifest.version != v->next->version || !pl_str_eq(e->manifest.sha256, v->text_hash))
        return pl_fault(v,
                        "The manifest before this event is not the one whose version and SHA-256 "
                        "the event names.");
    pl_people_free(v->people);
    v->people = v->next;
    v->next = NULL;
    v->report->manifests++;
    if (e->at_ms > v->people->not_after + CLOCKS_MS)
        pl_noted(&v->report->expired, e->number);
    if (!v->people->definition.p)
        pl_noted(&v->report->unnamed, e->number);
    enum pl_err err = PL_OK;
    for (size_t i = 0; !err && i < v->people->n; i++)
        err = add_key(v, &v->people->list[i]);
    return err;
}
