/* The organiser where no page plays them: their key, people's secrets, and the manifest that names
 * who may be in a meeting. Neither network nor files. Meetings and manifests are JSON, as REST
 * tells them: `meeting` is an object with `id`, `encryption`, `seats` and `people`. */
#ifndef PL_SERVER_ORGANISER_H
#define PL_SERVER_ORGANISER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/sign.h"

#include <jansson.h>

#define PL_BASE64_32 44            /* 32 bytes in base64url, and a zero */
#define PL_ORGANISER_WORDS_SIZE 48 /* eight groups of five digits, something behind each */
#define PL_SIGNATURE_TEXT_SIZE 87

struct pl_organiser {
    uint8_t seed[PL_SEED_SIZE];          /* the secret */
    char key[PL_BASE64_32];              /* public */
    char fingerprint[PL_BASE64_32];      /* of the key, as in links, */
    char words[PL_ORGANISER_WORDS_SIZE]; /* and as in the convocation letter */
};

void pl_organiser_make(struct pl_organiser *o, const uint8_t seed[PL_SEED_SIZE]);
/* A fresh secret of a person, as in their link. */
void pl_organiser_secret(const struct pl_random *random, char out[PL_BASE64_32]);

/* A manifest of this meeting that names nobody yet, version 1; `definition`: the exact bytes of the
 * meeting's, as it was made. The first chair may sign later ones; it is good for as long as
 * invitations that are made now. NULL without memory, or where the meeting is none. */
json_t *pl_organiser_draft(const json_t *meeting, struct pl_str definition, int64_t now_ms);

/* The manifest names the meeting's definition: by the SHA-256 of these exact bytes. False without
 * memory. */
bool pl_organiser_define(json_t *draft, struct pl_str definition);

/* The next version of the one that the server has of this meeting (`put`: as GET answers it): all
 * of its people stay. Of a version that the chair signed what the chair may do is taken over:
 * people come, people are revoked. PL_EAUTH: it is not signed by this organiser's key, or is of
 * another meeting; PL_EINVAL, PL_ELIMIT: it cannot be read; PL_ENOMEM. */
enum pl_err pl_organiser_next(const struct pl_organiser *o, const json_t *meeting,
                              const json_t *put, int64_t now_ms, json_t **draft) PL_CHECKED;

/* Names the meeting's person of this index, with the key that is made from the secret. Who is in
 * the draft already stays what was signed, whatever the server says of them now, but for the key.
 * False without memory. */
bool pl_organiser_name(json_t *draft, const json_t *meeting, size_t person,
                       const char secret[PL_BASE64_32]);
/* The person of this index may not be in the meeting any more, until named again. False without
 * memory. */
bool pl_organiser_revoke(json_t *draft, size_t person);
bool pl_organiser_revoked(const json_t *draft, size_t person);

struct pl_signed {
    struct pl_buf text; /* the manifest; freed by the caller */
    char signature[PL_SIGNATURE_TEXT_SIZE];
};

/* PL_ENOMEM. */
enum pl_err pl_organiser_sign(const struct pl_organiser *o, const json_t *draft,
                              struct pl_signed *out) PL_CHECKED;

#endif
