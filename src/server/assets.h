/* The files of the web client, inside the program. The table is made by assets.py at build time. */
#ifndef PL_SERVER_ASSETS_H
#define PL_SERVER_ASSETS_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct pl_asset {
    const char *path; /* "/index.html", "/assets/app-1a2b3c4d.js" */
    const char *type; /* Content-Type */
    const char *etag; /* with its quotes; of the bytes, so that it changes with them */
    const unsigned char *bytes;
    size_t n;
    const unsigned char *gzip; /* NULL: not worth it */
    size_t n_gzip;
    bool immutable; /* the name holds a hash of the contents */
    bool compiles;  /* a worker that may compile WebAssembly, which nothing else may */
};

/* NULL if there is no such file. */
const struct pl_asset *pl_asset_find(struct pl_str path);

/* The table, sorted by path. */
extern const struct pl_asset pl_assets[];
extern const size_t pl_assets_n;

/* The name of the page's build, which the page knows too; empty: there is no page. */
extern const char pl_assets_build[];

#endif
