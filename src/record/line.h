/* The lines of an exported record (docs/record.md, "The file"): read strictly, in the one canonical
 * encoding alone, and written. Pure; any thread. */
#ifndef PL_RECORD_LINE_H
#define PL_RECORD_LINE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "signal/messages.h"

#include <stdint.h>

#define PL_LINE_MAX (16u << 20) /* bytes; a definition of 3 MiB with every character escaped */
#define PL_RECORD_FILE_MAX (512u << 20) /* bytes */
#define PL_RECORD_FORMAT 1
/* Bytes of adopted minutes in one language: both fit in a line, also with every character escaped.
 */
#define PL_LINE_MINUTES_MAX (1300u << 10)

enum pl_line_type {
    PL_LINE_HEAD,
    PL_LINE_DEFINITION,
    PL_LINE_MANIFEST,
    PL_LINE_MINUTES,
    PL_LINE_ROTATION,
    PL_LINE_EVENT,
    PL_LINE_CHECKPOINT,
    PL_LINE_END,
    PL_LINE_COUNT
};
extern const char *const pl_line_words[PL_LINE_COUNT]; /* as `record` says it; "event" for those */

struct pl_line_head {
    int64_t format;
    struct pl_str meeting, origin, key;
};
struct pl_line_manifest {
    struct pl_str manifest, signature, key, signed_by;
};
struct pl_line_minutes {
    struct pl_str en, fr;
};
struct pl_line_end {
    int64_t lines;
    struct pl_str sha256, signature;
};

/* Strings are borrowed from `json`, until pl_line_free. */
struct pl_record_line {
    enum pl_line_type type;
    json_t *json;
    union {
        struct pl_line_head head;
        struct pl_str text; /* of a definition */
        struct pl_line_manifest manifest;
        struct pl_line_minutes minutes;
        struct pl_str note; /* of a rotation or a checkpoint */
        struct pl_act event;
        struct pl_line_end end;
    };
};

bool pl_line_is_event(struct pl_str bytes); /* or is to be one, by its beginning */

/* Reads a line, without its newline. PL_EINVAL, PL_ELIMIT: `error` says where and why, also that it
 * is not the canonical encoding. PL_ENOMEM. */
enum pl_err pl_line_decode(struct pl_str bytes, struct pl_record_line *out,
                           struct pl_decode_error *error) PL_CHECKED;
void pl_line_free(struct pl_record_line *line);

/* Appends the line, without its newline; `json` is not looked at. */
void pl_line_encode(struct pl_buf *out, const struct pl_record_line *line);

/* Appends what the end's signature is over. */
void pl_record_end_text(struct pl_buf *out, struct pl_str origin, int64_t lines,
                        struct pl_str sha256);

#endif
