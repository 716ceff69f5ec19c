/* Dependency descriptors of one stream, each with its length before it. */
#include "proto/dd.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_dd_structure s = {0};
    struct pl_dd d;
    while (size) {
        size_t n = *data++;
        n = n < --size ? n : size;
        if (pl_dd_parse(data, n, &s, &d) == PL_OK) {
            check(s.n_templates >= 1 && s.n_templates <= PL_DD_TEMPLATES_MAX);
            check(s.n_targets >= 1 && s.n_targets <= PL_DD_TARGETS_MAX);
            check(s.n_chains <= s.n_targets && s.n_spatial <= PL_DD_SPATIAL_MAX);
            check(d.temporal_id < PL_DD_TEMPORAL_MAX && d.spatial_id < s.n_spatial);
        }
        data += n;
        size -= n;
    }
    return 0;
}
