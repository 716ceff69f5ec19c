/* Writes a record's file (docs/record.md), line by line into a buffer; whoever calls keeps the
 * order of lines. Pure; any thread. */
#ifndef PL_RECORD_WRITE_H
#define PL_RECORD_WRITE_H

#include "base/buf.h"
#include "crypto/sign.h"
#include "record/line.h"

/* The bytes of an event, or a line of another type that was made before. */
void pl_write_bytes_line(struct pl_buf *out, struct pl_str bytes);
void pl_write_head(struct pl_buf *out, struct pl_str meeting, struct pl_str origin,
                   const uint8_t key[PL_PUBLIC_KEY_SIZE]);
void pl_write_definition(struct pl_buf *out, struct pl_str text);
void pl_write_manifest(struct pl_buf *out, const struct pl_line_manifest *m);
void pl_write_minutes(struct pl_buf *out, const struct pl_line_minutes *m);
void pl_write_rotation(struct pl_buf *out, struct pl_str note);
/* `lines` are cosignature lines, each with its newline, in any order; they are put behind the note,
 * sorted by name. */
void pl_write_checkpoint(struct pl_buf *out, struct pl_str note, struct pl_str lines);
/* Over all that `out` holds. */
void pl_write_end(struct pl_buf *out, struct pl_str origin, const uint8_t seed[PL_SEED_SIZE]);

#endif
