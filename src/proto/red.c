/* See red.h. */
#include "proto/red.h"

#include "base/bytes.h"

#define MORE 0x80 /* F: a header of four bytes, and another one follows */
#define HEADER_SIZE 4
#define LENGTH_MASK 0x3ff

enum pl_err pl_red_parse(const uint8_t *payload, size_t n, struct pl_red *out)
{
    struct pl_reader r = pl_reader(payload, n);
    struct pl_red red = {.n_blocks = 1};
    size_t blocks = 0;
    for (;;) {
        uint8_t first = pl_read_u8(&r);
        if (r.bad)
            return PL_ETRUNC;
        if ((first & MORE) == 0)
            break;
        if (red.n_blocks++ == PL_RED_BLOCKS_MAX)
            return PL_ELIMIT;
        pl_read_u8(&r); /* the timestamp's offset, 14 bits, then the length, 10 */
        blocks += pl_read_u16(&r) & LENGTH_MASK;
    }
    red.headers_len = n - pl_reader_left(&r);
    if (blocks > pl_reader_left(&r))
        return PL_ETRUNC;
    red.primary_at = red.headers_len + blocks;
    *out = red;
    return PL_OK;
}

size_t pl_red_write_headers(const struct pl_red *red, const uint8_t *payload, uint8_t pt,
                            uint8_t out[PL_RED_HEADERS_MAX])
{
    memcpy(out, payload, red->headers_len);
    for (size_t at = 0; at < red->headers_len; at += HEADER_SIZE)
        out[at] = (uint8_t)((out[at] & MORE) | pt);
    return red->headers_len;
}
