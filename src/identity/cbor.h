/* Reads CBOR (RFC 8949) in the one form that authenticators write (CTAP 2.1, section 8: definite
 * lengths, shortest numbers, four levels at most). Pure; nothing is copied. */
#ifndef PL_IDENTITY_CBOR_H
#define PL_IDENTITY_CBOR_H

#include "base/bytes.h"

#define PL_CBOR_DEPTH_MAX 4 /* CTAP 2.1, section 8 */

enum pl_cbor_type { /* the major types */
                    PL_CBOR_UNSIGNED,
                    PL_CBOR_NEGATIVE, /* its value is -1 - n */
                    PL_CBOR_BYTES,
                    PL_CBOR_TEXT,
                    PL_CBOR_ARRAY, /* n items follow */
                    PL_CBOR_MAP,   /* n pairs follow */
                    PL_CBOR_TAG,   /* of the item that follows */
                    PL_CBOR_SIMPLE /* false, true, null, a float */
};

struct pl_cbor {
    enum pl_cbor_type type;
    uint64_t n;           /* the number, or how many bytes, items or pairs */
    const uint8_t *bytes; /* of bytes and text: borrowed */
};

/* The next head, with its bytes; what is in an array or map follows as items of its own. False:
 * there is none, and the reader is bad from then on. */
bool pl_cbor_next(struct pl_reader *r, struct pl_cbor *out);

/* Passes over the next item with all that is in it. False likewise. */
bool pl_cbor_skip(struct pl_reader *r);

/* The number of an item that is one from -2^31 to 2^31 - 1. */
bool pl_cbor_int(const struct pl_cbor *item, int32_t *out);

#endif
