/* The minutes of a meeting, made of the events of its record: who attended and when, the items, who
 * spoke, what was put in writing, texts and decisions with their rule and numbers, reservations and
 * statements, consultations and what was acknowledged; with the rapporteur's notes and the
 * corrections. In English and French; as HTML, plain text and JSON. They hold what all members may
 * see and no more (signal/view.h), and nothing that happens after they are adopted. Pure. */
#ifndef PL_MINUTES_MINUTES_H
#define PL_MINUTES_MINUTES_H

#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "meet/acts.h"
#include "meet/definition.h"

#include <stdint.h>

/* Shorter absences are not noted: a page that is loaded again, a network that changes. */
#define PL_MINUTES_ABSENCE_MS 60000

struct pl_minutes;

/* Of a meeting with this definition, as it was `made`, before anybody or a seat was added, and as
 * it is with all of them; the same where nothing was. Both are borrowed and must outlive them.
 * PL_ENOMEM. */
enum pl_err pl_minutes_new(const struct pl_definition *made, const struct pl_definition *d,
                           const struct pl_random *random, struct pl_minutes **out) PL_CHECKED;
void pl_minutes_free(struct pl_minutes *m); /* NULL is fine */

/* The next event of the record. What it brings is copied. PL_EINVAL: it is none that this record
 * can have; PL_ENOMEM. After either the minutes are to be thrown away. */
enum pl_err pl_minutes_add(struct pl_minutes *m, const struct pl_act *event) PL_CHECKED;

enum pl_minutes_language { PL_MINUTES_EN, PL_MINUTES_FR, PL_MINUTES_LANGUAGES };
extern const char *const pl_minutes_language_words[PL_MINUTES_LANGUAGES]; /* "en", "fr" */

/* Each appends; out->failed is set without memory.
 *
 * Text: UTF-8, lines of at most 78 characters where words allow. These bytes are what is adopted:
 * that they were adopted does not stand in them. */
void pl_minutes_text(const struct pl_minutes *m, enum pl_minutes_language language,
                     struct pl_buf *out);
/* The record that they are made of, as it was signed last. Borrowed. */
struct pl_minutes_proof {
    const char *page;    /* where it is verified ("https://HOST/verify"); "": not known */
    const char *origin;  /* of the log */
    uint64_t size;       /* events, */
    const uint8_t *root; /* their root (32 bytes), */
    const uint8_t *key;  /* the server's public key (32 bytes), */
    const char *vkey;    /* and as a verifier key */
};
/* A page that needs nothing else, for the screen and for print. With `proof` (NULL: nothing is
 * signed yet) it says how they are verified, with a QR code of the page and what it has to know. */
void pl_minutes_html(const struct pl_minutes *m, enum pl_minutes_language language,
                     const struct pl_minutes_proof *proof, struct pl_buf *out);
/* {"language","hash","lines":[{"kind","event"?,"number"?,"label"?,"text","language"?}…]}: the lines
 * as a page shows them. `event` is the number of the event that the line is of; `number` of the
 * paragraph. */
void pl_minutes_json(const struct pl_minutes *m, enum pl_minutes_language language,
                     struct pl_buf *out);

/* SHA-256 in hexadecimal over the text in English and behind it the text in French. PL_ENOMEM. */
#define PL_MINUTES_HASH_SIZE 65
enum pl_err pl_minutes_hash(const struct pl_minutes *m, char out[PL_MINUTES_HASH_SIZE]) PL_CHECKED;

#endif
