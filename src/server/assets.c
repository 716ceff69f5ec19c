/* See assets.h. */
#include "server/assets.h"

const struct pl_asset *pl_asset_find(struct pl_str path)
{
    size_t from = 0, to = pl_assets_n;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct pl_asset *a = &pl_assets[middle];
        size_t n = strlen(a->path);
        int order = memcmp(path.p, a->path, path.n < n ? path.n : n);
        if (order == 0)
            order = (path.n > n) - (path.n < n);
        if (order == 0)
            return a;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return NULL;
}
