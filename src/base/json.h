/* Writes JSON (RFC 8259) into a buffer. Commas are its own affair; nesting is the caller's. Reading
 * is jansson's. */
#ifndef PL_BASE_JSON_H
#define PL_BASE_JSON_H

#include "base/buf.h"
#include "base/text.h"

/* `key` NULL inside an array or at the top. Strings must be UTF-8. */
void pl_json_open(struct pl_buf *b, const char *key, char bracket);     /* '{' or '[' */
void pl_json_close(struct pl_buf *b, char bracket);                     /* '}' or ']' */
void pl_json_str(struct pl_buf *b, const char *key, const char *value); /* NULL value: null */
void pl_json_strn(struct pl_buf *b, const char *key, struct pl_str value);
void pl_json_int(struct pl_buf *b, const char *key, int64_t value);
void pl_json_bool(struct pl_buf *b, const char *key, bool value);
void pl_json_raw(struct pl_buf *b, const char *key, const char *json); /* ready-made JSON */

#endif
