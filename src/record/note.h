/* Signed notes (c2sp.org/signed-note) with Ed25519: a text, an empty line, and a line a signature.
 * The bytes are what is kept and signed, never made anew. Pure; any thread.
 *
 * Our notes are kept as they were made; of the format's liberties none is taken up: base64 has one
 * form, and a name is at most PL_NOTE_NAME_MAX bytes. */
#ifndef PL_RECORD_NOTE_H
#define PL_RECORD_NOTE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "crypto/sign.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_NOTE_NAME_MAX 320        /* a host name, and what of it is meant */
#define PL_NOTE_SIGNATURES_MAX 300  /* our own, 256 of people, and those of witnesses */
#define PL_NOTE_BYTES_MAX (1 << 20) /* a note with all of them, and some of 5 kB */
#define PL_NOTE_LINE_MAX 600        /* a signature line of the two types below */

/* Bytes behind a key's id: of a cosignature, its time and the signature. */
#define PL_NOTE_SIGNED_MAX (8 + PL_SIGNATURE_SIZE)

enum pl_note_type {
    PL_NOTE_ED25519 = 0x01,     /* c2sp.org/signed-note */
    PL_NOTE_COSIGNATURE = 0x04, /* c2sp.org/tlog-cosignature */
};

/* A key that verifies, as NAME+ID+BASE64 says it (`vkey`). */
struct pl_vkey {
    struct pl_str name; /* borrowed */
    enum pl_note_type type;
    uint8_t key[PL_PUBLIC_KEY_SIZE];
    uint32_t id; /* of name, type and key */
};

/* Printable ASCII without spaces and plus, 1 to PL_NOTE_NAME_MAX of it. */
bool pl_note_name_ok(struct pl_str name);
struct pl_vkey pl_vkey(struct pl_str name, enum pl_note_type type,
                       const uint8_t key[PL_PUBLIC_KEY_SIZE]);
/* The name is borrowed from the text. PL_EINVAL; PL_EUNSUPPORTED: a key of another type. */
enum pl_err pl_vkey_parse(struct pl_str text, struct pl_vkey *out) PL_CHECKED;
void pl_vkey_print(struct pl_buf *out, const struct pl_vkey *key);

/* A key that signs (PL_NOTE_ED25519), as golang.org/x/mod/sumdb/note writes it down:
 * PRIVATE+KEY+NAME+ID+BASE64. A secret. The name is borrowed from the text. PL_EINVAL. */
enum pl_err pl_skey_parse(struct pl_str text, struct pl_str *name,
                          uint8_t seed[PL_SEED_SIZE]) PL_CHECKED;
void pl_skey_print(struct pl_buf *out, struct pl_str name, const uint8_t seed[PL_SEED_SIZE]);

struct pl_note {
    struct pl_str text;  /* with its last newline */
    struct pl_str lines; /* of signatures, each with its newline; pl_note_next walks them */
};
struct pl_note_signature {
    struct pl_str line; /* without its newline */
    struct pl_str name;
    uint32_t id;
    uint8_t bytes[PL_NOTE_SIGNED_MAX]; /* behind the id; of longer ones the beginning */
    size_t n;                          /* of them, all in all */
};

/* Borrowed from the bytes. PL_EINVAL: no note; PL_ELIMIT: too long, or too many signatures. */
enum pl_err pl_note_parse(struct pl_str bytes, struct pl_note *out) PL_CHECKED;
/* One line, without its newline. PL_EINVAL. */
enum pl_err pl_note_signature_parse(struct pl_str line, struct pl_note_signature *out) PL_CHECKED;
/* The next signature of `*rest`, which begins as note.lines of a note that was parsed; false: there
 * is none. */
bool pl_note_next(struct pl_str *rest, struct pl_note_signature *out);

/* Is the note signed by this key (of type PL_NOTE_ED25519)? PL_ENOENT: it is not; PL_EAUTH: it says
 * so, and is not. */
enum pl_err pl_note_verify(const struct pl_note *note, const struct pl_vkey *key) PL_CHECKED;

/* Appends a signature line with its newline, of at most PL_NOTE_SIGNED_MAX bytes that the key's
 * owner made. */
void pl_note_add_line(struct pl_buf *out, const struct pl_vkey *key, const uint8_t *bytes,
                      size_t n);
/* Appends a note of the text (which ends in a newline), signed. */
void pl_note_sign(struct pl_buf *out, struct pl_str text, struct pl_str name,
                  const uint8_t seed[PL_SEED_SIZE]);

#endif
