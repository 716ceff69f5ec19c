/* Checkpoints of a log (c2sp.org/tlog-checkpoint), and what others sign of them
 * (c2sp.org/tlog-cosignature, Ed25519). Pure; any thread. */
#ifndef PL_RECORD_CHECKPOINT_H
#define PL_RECORD_CHECKPOINT_H

#include "record/merkle.h"
#include "record/note.h"

#define PL_CHECKPOINT_TEXT_MAX (PL_NOTE_NAME_MAX + 80) /* origin, 16 digits, 44 of base64, ends */

struct pl_checkpoint {
    struct pl_str origin; /* borrowed */
    uint64_t size;        /* at most PL_MERKLE_SIZE_MAX */
    struct pl_hash root;
};

/* Appends the text: three lines. */
void pl_checkpoint_text(struct pl_buf *out, const struct pl_checkpoint *c);
/* Reads it, of a note for one. Lines behind the third, which the format allows, are refused: ours
 * have none, and nobody could audit them. PL_EINVAL. */
enum pl_err pl_checkpoint_parse(struct pl_str text, struct pl_checkpoint *out) PL_CHECKED;
/* Appends the checkpoint as a note, signed with a key whose name is the origin. */
void pl_checkpoint_sign(struct pl_buf *out, const struct pl_checkpoint *c,
                        const uint8_t seed[PL_SEED_SIZE]);

/* Appends a cosignature line of the checkpoint's text at a time (Unix seconds). */
void pl_cosign(struct pl_buf *out, struct pl_str text, struct pl_str name, int64_t time_s,
               const uint8_t seed[PL_SEED_SIZE]);
/* Is the line (without its newline) a cosignature of the text by this key, of type
 * PL_NOTE_COSIGNATURE? *time_s is when. PL_EINVAL: no line of a cosignature; PL_ENOENT: another
 * key's; PL_EAUTH: a wrong one; PL_ENOMEM. */
enum pl_err pl_cosignature_verify(struct pl_str line, struct pl_str text, const struct pl_vkey *key,
                                  int64_t *time_s) PL_CHECKED;

#endif
