/* Who signs in a meeting: a manifest, verified down from the organiser's key (docs/record.md, "Who
 * signs"; web/src/e2ee/identity.ts says the same to browsers). Pure; any thread. */
#ifndef PL_RECORD_PEOPLE_H
#define PL_RECORD_PEOPLE_H

#include "base/map.h"
#include "crypto/sign.h"
#include "record/line.h"

#include <stdbool.h>

#define PL_PEOPLE_WHY_SIZE 300
#define PL_SIGNERS_MAX 10000 /* persons in a manifest */

/* Strings are borrowed from the manifest's JSON, which the people own. */
struct pl_signer {
    struct pl_str person, name, role, seat; /* seat p NULL: none */
    struct pl_str key_text;                 /* base64url */
    uint8_t key[PL_PUBLIC_KEY_SIZE];
};

/* Of the meeting's, as on the plates of its people. */
struct pl_signed_seat {
    struct pl_str id, name, country; /* country p NULL: none */
    bool late; /* it says what of a seat matters to decisions, as it does of those that were added
                  since the definition: */
    bool guest;
    int64_t weight;
};

struct pl_people {
    struct pl_str meeting, late; /* late p NULL: nobody */
    struct pl_str definition; /* SHA-256 of the meeting's, in hexadecimal; p NULL: it names none */
    int64_t version, not_after;
    int64_t organisers; /* version of the newest that the organiser signed: this one, or its base */
    enum pl_encryption encryption;
    struct pl_str base, base_signature;    /* p NULL: none */
    uint8_t organiser[PL_PUBLIC_KEY_SIZE]; /* who signed it, or its base */
    struct pl_signed_seat *seats;
    size_t n_seats;
    struct pl_signer *list;
    size_t n;
    struct pl_map by_id, seats_by_id, revoked;
    json_t *json;
};

/* Reads and verifies. PL_EAUTH: it is not to be believed, `why` is one sentence; PL_ENOMEM. The
 * caller frees *out. */
enum pl_err pl_people_verify(const struct pl_line_manifest *m, const struct pl_random *random,
                             struct pl_people **out, char why[PL_PEOPLE_WHY_SIZE]) PL_CHECKED;
/* May it follow the one before? What a person signed undoes nothing that the organiser signed since
 * its base, and once the definition is named it stays so. PL_EAUTH, likewise. */
enum pl_err pl_people_follow(const struct pl_people *p, const struct pl_people *before,
                             char why[PL_PEOPLE_WHY_SIZE]) PL_CHECKED;
void pl_people_free(struct pl_people *p); /* NULL is fine */

/* Does the list have this seat as it was, or is to be, added? NULL: it does; else the field of
 * PL_ACT_ADD_SEAT of which it says something else, or nothing: "seat", "name", "country", "guest",
 * "weight". */
const char *pl_people_differ(const struct pl_people *p, const struct pl_act_add_seat *seat);
/* The same of all seats of the definition from the index `made` on, those that were added: the
 * first that it has not so goes to *which. */
const char *pl_people_differ_late(const struct pl_people *p, const struct pl_definition *d,
                                  size_t made, struct pl_act_add_seat *which);

/* NULL: they are not in it. */
const struct pl_signer *pl_people_find(const struct pl_people *p, struct pl_str person);
/* A key's fingerprint, as people compare it: eight groups of five digits (web/src/e2ee/keys.ts). */
#define PL_FINGERPRINT_WORDS_SIZE 48
void pl_fingerprint_words(const uint8_t key[PL_PUBLIC_KEY_SIZE],
                          char out[PL_FINGERPRINT_WORDS_SIZE]);
/* Is the text a fingerprint: such groups, with spaces or without, or base64url of 32 bytes, as in a
 * link? And is it this key's? */
bool pl_fingerprint_ok(struct pl_str text);
bool pl_fingerprint_is(struct pl_str text, const uint8_t key[PL_PUBLIC_KEY_SIZE]);

bool pl_people_revoked(const struct pl_people *p, struct pl_str person);

#endif
