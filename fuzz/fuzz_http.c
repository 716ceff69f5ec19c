/* A request head, then what follows it as a chunked body; path segments on the way. */
#include "proto/http.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void body(const char *bytes, size_t n)
{
    struct pl_http_chunked c = {0};
    struct pl_str in = {bytes, n}, piece;
    while (pl_http_chunked(&c, &in, &piece) == PL_OK && piece.n)
        check(piece.p >= bytes && piece.p + piece.n <= bytes + n);
    check(in.n <= n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    static struct pl_http_request r;
    switch (pl_http_parse(bytes, size, &r)) {
    case PL_OK:
        break;
    case PL_EINVAL:
        check(r.status >= 400 && r.status < 600 && r.why != NULL);
        body(bytes, size);
        return 0;
    default:
        check(size < PL_HTTP_HEAD_MAX);
        return 0;
    }
    check(r.head_len <= size && r.head_len <= PL_HTTP_HEAD_MAX && !(r.has_length && r.chunked));
    for (size_t i = 0; i < r.n_headers; i++)
        check(r.headers[i].value.p != NULL && r.headers[i].value.p >= bytes);
    struct pl_str rest = r.path;
    while (rest.n) {
        char out[64];
        enum pl_err e = pl_http_segment(pl_str_split(&rest, '/'), out, sizeof out);
        check(memchr(out, 0, sizeof out) && (e == PL_OK || !*out));
    }
    char out[64];
    enum pl_err e = pl_http_query(r.query, "name", out, sizeof out);
    check(memchr(out, 0, sizeof out) && (e == PL_OK || !*out) && pl_text_ok(pl_str(out)));
    body(bytes + r.head_len, size - r.head_len);
    return 0;
}
