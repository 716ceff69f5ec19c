/* The definition of a meeting as JSON: the body of POST /api/meetings, what GET answers, and what
 * the store keeps. */
#ifndef PL_SIGNAL_DEFINITION_H
#define PL_SIGNAL_DEFINITION_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "meet/acts.h"
#include "meet/definition.h"

/* Bytes: 5000 people of 400 bytes each, and what was prepared. */
#define PL_DEFINITION_JSON_MAX ((2 << 20) + PL_PREPARED_BYTES_MAX)
#define PL_WHY_SIZE 400

/* Decodes strictly: unknown, missing, repeated and misplaced fields are refused by name. On
 * PL_EINVAL and PL_ELIMIT `why` is one line that begins with the place: `people[1].seat: no such
 * seat "XX"`, `line 3: …` where it is not JSON at all. PL_ENOMEM. The caller frees *out. */
enum pl_err pl_definition_decode(struct pl_str json, struct pl_definition **out,
                                 char why[PL_WHY_SIZE]) PL_CHECKED;

/* Appends the definition as an object, canonically: every field in one order, absent ones left out,
 * so that equal definitions give equal bytes and decoding it gives the same again. */
void pl_definition_encode(const struct pl_definition *d, struct pl_buf *out);

/* Calls `each` for the acts that were prepared, in their order; `i` counts from 0, the act is
 * borrowed. Its first error ends the walk and is returned. PL_ENOMEM. */
typedef enum pl_err pl_prepared_act(void *ctx, size_t i, const struct pl_act *act);
enum pl_err pl_definition_prepared(const struct pl_definition *d, pl_prepared_act *each,
                                   void *ctx) PL_CHECKED;

#endif
