/* A payload of the codec that the first byte names: what is read at its start, and the same after
 * its numbers were written anew. */
#include "proto/descriptor.h"
#include "proto/red.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void red(const uint8_t *data, size_t size)
{
    struct pl_red r, again;
    uint8_t headers[PL_RED_HEADERS_MAX];
    if (pl_red_parse(data, size, &r) != PL_OK)
        return;
    check(r.n_blocks >= 1 && r.n_blocks <= PL_RED_BLOCKS_MAX);
    check(r.headers_len <= r.primary_at && r.primary_at <= size);
    size_t n = pl_red_write_headers(&r, data, 127, headers);
    check(n == r.headers_len && n <= sizeof headers);
    uint8_t *copy = malloc(size);
    check(copy != NULL);
    memcpy(copy, data, size);
    memcpy(copy, headers, n);
    check(pl_red_parse(copy, size, &again) == PL_OK && again.primary_at == r.primary_at);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_descriptor d, again;
    uint8_t bytes[PL_DESCRIPTOR_MAX + 64];
    size_t replaces;
    if (size == 0)
        return 0;
    enum pl_codec codec = (enum pl_codec)(*data++ % PL_CODECS);
    size--;
    if (codec == PL_RED)
        red(data, size);
    if (pl_descriptor_read(codec, data, size, &d) != PL_OK)
        return 0;
    check(d.temporal_id <= 7 && d.picture_id <= 0x7fff && d.picture_id_len <= 2);
    check(d.key_start || codec == PL_VP9 || (d.width == 0 && d.height == 0));
    size_t n = pl_descriptor_write(&d, data, 0x1234, 0xcd, bytes, &replaces);
    check(n <= PL_DESCRIPTOR_MAX && replaces <= size);
    check((n != 0) == (d.picture_id_len || d.tl0_at));
    size_t rest = size - replaces < 64 ? size - replaces : 64;
    memcpy(bytes + n, data + replaces, rest);
    if (!n || rest < size - replaces || pl_descriptor_read(codec, bytes, n + rest, &again) != PL_OK)
        return 0;
    check(again.key_start == d.key_start && again.temporal_id == d.temporal_id);
    check(again.width == d.width && again.height == d.height && again.switch_up == d.switch_up);
    check(!d.picture_id_len || (again.picture_id_len == 2 && again.picture_id == 0x1234));
    check((again.tl0_at != 0) == (d.tl0_at != 0) && (!d.tl0_at || again.tl0 == 0xcd));
    return 0;
}
