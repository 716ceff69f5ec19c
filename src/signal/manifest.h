/* The manifest of a meeting: who may be in it, with their keys, as the organiser signed it. No
 * encrypted meeting is without one; in others people may have keys to sign with. The server keeps
 * it and passes it on; those in the meeting check it themselves (web/src/e2ee/identity.ts). What is
 * checked here keeps mistakes out. */
#ifndef PL_SIGNAL_MANIFEST_H
#define PL_SIGNAL_MANIFEST_H

#include "base/err.h"
#include "base/text.h"
#include "meet/definition.h"
#include "signal/decode.h"

#define PL_MANIFEST_MAX (256u << 10)              /* bytes of the text: messages.json */
#define PL_MANIFEST_SIGNED "parley manifest v1\n" /* stands before the text in what is signed */
#define PL_MANIFEST_ORGANISER "organiser"         /* who signs, where no person does */

/* Strings are borrowed from `json`, until pl_manifest_free. */
struct pl_manifest {
    struct pl_str meeting;
    int64_t version;
    enum pl_encryption encryption;
    struct pl_str late;                 /* the person who may sign later versions; p NULL: nobody */
    struct pl_str base, base_signature; /* the organiser's version in one of theirs; p NULL */
    json_t *json;
};

/* Reads the text. PL_EINVAL, PL_ELIMIT, PL_ENOMEM; `error` says where. */
enum pl_err pl_manifest_decode(struct pl_str text, struct pl_manifest *out,
                               struct pl_decode_error *error) PL_CHECKED;
void pl_manifest_free(struct pl_manifest *m);

/* One of the people. Strings are borrowed. */
struct pl_manifest_person {
    struct pl_str key;  /* base64url */
    struct pl_str seat; /* p NULL: none */
    bool revoked;
};

/* False: they are not in it. */
bool pl_manifest_person(const struct pl_manifest *m, struct pl_str person,
                        struct pl_manifest_person *out);

/* A person's key, base64url. False: they are not in it, or it is none. */
bool pl_manifest_key(const struct pl_manifest *m, struct pl_str person, struct pl_str *out);

#endif
