/* Strict reading of JSON objects (jansson does the parsing): every field is asked for by name,
 * checked, and whatever was not asked for is refused. The first error stays and names its place, so
 * that a decoder checks once, at its end. */
#ifndef PL_SIGNAL_DECODE_H
#define PL_SIGNAL_DECODE_H

#include "base/err.h"
#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_DECODE_DEPTH_MAX 8 /* objects and arrays within each other; the deepest of ours is 5 */
#define PL_ID_MAX ((INT64_C(1) << 53) - 1) /* what JavaScript holds exactly (RFC 7493, 2.2) */
#define PL_FIELD_SIZE 65                   /* `field` of the message `error`, and a zero */
#define PL_REASON_SIZE 320

/* Where and why. `field` is "" when the whole is meant, else like "people[1].seat". */
struct pl_decode_error {
    enum pl_err err;
    char field[PL_FIELD_SIZE];
    char reason[PL_REASON_SIZE];
    const char *of; /* the type of the message, where it was known; else NULL */
};

struct pl_decoder {
    struct pl_decode_error *error; /* err is PL_OK until something is wrong */
    char path[PL_FIELD_SIZE];      /* of the object being read, with a dot at its end; or "" */
};

/* Parses one JSON value of at most `max` bytes; repeated names and deep nesting are refused. NULL
 * on error. The caller drops it with json_decref. */
json_t *pl_decode_load(struct pl_str text, size_t max, struct pl_decode_error *error);

/* Sets the error, if it is the first. `name` is a field of the object being read, or NULL for the
 * object itself. */
void pl_decode_fail(struct pl_decoder *d, enum pl_err err, const char *name, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

/* Refuses a value that is not an object, and fields of other names than these. */
void pl_decode_object(struct pl_decoder *d, json_t *o, const char *const *names, size_t n);

/* Each of these wants the field `name` of `o`. One that is absent and `optional` leaves *out alone
 * and returns false; otherwise absence is an error, and true means that *out was set. */
/* 0 to `max` bytes without control characters other than tab, CR and LF. Borrowed from `o`. */
bool pl_decode_string(struct pl_decoder *d, json_t *o, const char *name, size_t max, bool optional,
                      struct pl_str *out);
bool pl_decode_int(struct pl_decoder *d, json_t *o, const char *name, int64_t min, int64_t max,
                   bool optional, int64_t *out);
bool pl_decode_bool(struct pl_decoder *d, json_t *o, const char *name, bool optional, bool *out);
/* One of `words`; *out is its index. */
bool pl_decode_word(struct pl_decoder *d, json_t *o, const char *name, const char *const *words,
                    size_t n, bool optional, unsigned *out);
/* Any value, to be gone into with pl_decode_enter. */
bool pl_decode_field(struct pl_decoder *d, json_t *o, const char *name, bool optional,
                     json_t **out);
/* An array of 0 to `max` elements. */
bool pl_decode_array(struct pl_decoder *d, json_t *o, const char *name, size_t max, json_t **out);

/* Goes into the i-th element of the array `name`, or into the object `name` if i is
 * PL_DECODE_FIELD. What it returns goes to pl_decode_leave. */
#define PL_DECODE_FIELD SIZE_MAX
size_t pl_decode_enter(struct pl_decoder *d, const char *name, size_t i);
void pl_decode_leave(struct pl_decoder *d, size_t mark);

#endif
