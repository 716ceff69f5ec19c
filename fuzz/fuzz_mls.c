#include "proto/mls.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_mls_prefix p = {0}, again = {0};
    if (pl_mls_prefix(data, size, &p) != PL_OK) {
        assert(!p.wire); /* nothing is written */
        return 0;
    }
    assert(p.group_id_len <= PL_MLS_GROUP_ID_MAX);
    assert(p.group_id >= data && p.group_id + p.group_id_len <= data + size);
    assert(p.wire == PL_MLS_PUBLIC_MESSAGE || (!p.sender && !p.leaf));
    /* What is behind the prefix changes nothing, and is not read. */
    size_t n = size < PL_MLS_PREFIX_MAX ? size : PL_MLS_PREFIX_MAX;
    uint8_t *copy = malloc(n);
    if (!copy)
        return 0;
    memcpy(copy, data, n);
    assert(pl_mls_prefix(copy, n, &again) == PL_OK && again.epoch == p.epoch);
    free(copy);
    return 0;
}
