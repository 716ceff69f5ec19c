/* A VP8 payload: its descriptor, and the one that is written of it. */
#include "proto/vp8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_vp8 d, again;
    size_t len, len_again;
    uint8_t bytes[PL_VP8_DESCRIPTOR_MAX + 1];
    if (pl_vp8_parse(data, size, &d, &len) != PL_OK)
        return 0;
    check(len >= 1 && len <= PL_VP8_DESCRIPTOR_MAX && len < size);
    check(d.partition <= 7 && d.tid <= 3 && d.key_idx <= 31 && d.picture_id <= 0x7fff);
    check(d.key_frame || (d.width == 0 && d.height == 0));
    check(!d.key_frame || (d.start && d.partition == 0));

    struct pl_writer w = pl_writer(bytes, PL_VP8_DESCRIPTOR_MAX);
    pl_vp8_write_descriptor(&w, &d);
    check(!w.full);
    size_t n = pl_writer_size(&w);
    bytes[n] = data[len];
    check(pl_vp8_parse(bytes, n + 1, &again, &len_again) == PL_OK && len_again == n);
    check(again.has_picture_id == d.has_picture_id && again.picture_id == d.picture_id);
    check(again.has_tl0 == d.has_tl0 && again.tl0_pic_idx == d.tl0_pic_idx);
    check(again.has_tid == d.has_tid && again.tid == d.tid && again.layer_sync == d.layer_sync);
    check(again.has_key_idx == d.has_key_idx && again.key_idx == d.key_idx);
    check(again.start == d.start && again.partition == d.partition);
    check(again.non_reference == d.non_reference && again.key_frame == d.key_frame);
    return 0;
}
