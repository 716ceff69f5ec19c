/* Redundant audio (RFC 2198) as browsers send it with Opus: older packets, then the packet itself,
 * which is called the primary block. */
#ifndef PL_PROTO_RED_H
#define PL_PROTO_RED_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define PL_RED_BLOCKS_MAX                                                                          \
    9 /* the primary block and eight before it; browsers send two or three                         \
       */
#define PL_RED_HEADERS_MAX (4 * (PL_RED_BLOCKS_MAX - 1) + 1)

struct pl_red {
    size_t n_blocks;    /* with the primary one, which is the last */
    size_t headers_len; /* bytes before the first block */
    size_t primary_at;  /* where the primary block begins */
};

/* PL_ETRUNC: the headers or the redundant blocks end too early. PL_ELIMIT: more than
 * PL_RED_BLOCKS_MAX blocks. An empty primary block is well-formed. */
enum pl_err pl_red_parse(const uint8_t *payload, size_t n, struct pl_red *out) PL_CHECKED;

/* The headers of a payload that was read as `red`, every block called by this payload type.
 * Returns their length. */
size_t pl_red_write_headers(const struct pl_red *red, const uint8_t *payload, uint8_t pt,
                            uint8_t out[PL_RED_HEADERS_MAX]);

#endif
