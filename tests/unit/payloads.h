/* Payloads as bytes, and what is read at their start: the rows that the tests of the codecs share.
 */
#ifndef PL_TESTS_PAYLOADS_H
#define PL_TESTS_PAYLOADS_H

#include "hex.h"
#include "proto/descriptor.h"

#include <stdlib.h>
#include <string.h>

struct payload_row {
    const char *hex;
    enum pl_err err;
    struct pl_descriptor want;
};

/* A copy of exactly n bytes, so that the address sanitizer sees a byte read past the end. */
static inline uint8_t *exact_copy(const uint8_t *bytes, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    return copy;
}

static inline enum pl_err read_exactly(enum pl_codec codec, const uint8_t *bytes, size_t n,
                                       struct pl_descriptor *out)
{
    uint8_t *copy = exact_copy(bytes, n);
    enum pl_err err = pl_descriptor_read(codec, copy, n, out);
    free(copy);
    return err;
}

static inline bool same_descriptor(const struct pl_descriptor *a, const struct pl_descriptor *b)
{
    return a->key_start == b->key_start && a->width == b->width && a->height == b->height &&
           a->temporal_id == b->temporal_id && a->switch_up == b->switch_up &&
           a->picture_id_at == b->picture_id_at && a->picture_id_len == b->picture_id_len &&
           a->picture_id == b->picture_id && a->tl0_at == b->tl0_at && a->tl0 == b->tl0;
}

/* Each row is read as told; what fails leaves the output alone; no length reads past the end. */
static inline void assert_payloads(enum pl_codec codec, const struct payload_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t bytes[256];
        struct pl_descriptor untouched, got;
        size_t len = unhex(rows[i].hex, bytes, sizeof bytes);
        memset(&untouched, 0x5a, sizeof untouched);
        got = untouched;
        enum pl_err err = read_exactly(codec, bytes, len, &got);
        if (err != rows[i].err)
            fail_msg("row %zu: error %d", i, err);
        if (err ? memcmp(&got, &untouched, sizeof got) != 0 : !same_descriptor(&got, &rows[i].want))
            fail_msg("row %zu: other values", i);
        for (size_t cut = 0; cut < len; cut++)
            (void)!read_exactly(codec, bytes, cut, &got);
    }
}

#endif
