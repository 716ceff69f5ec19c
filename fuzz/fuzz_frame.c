/* The beginning of a connection and its frames: each lies inside the bytes, and they go forward. */
#include "proto/frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(enum pl_err (*read)(const uint8_t *, size_t, struct pl_frame *),
                 const uint8_t *data, size_t size)
{
    struct pl_frame f;
    while (read(data, size, &f) == PL_OK) {
        if (f.total == 0 || f.total > size || f.at + f.n > f.total || f.n > PL_FRAME_STUN_MAX)
            abort();
        data += f.total;
        size -= f.total;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum pl_first first = pl_first_bytes(data, size);
    if (first == PL_FIRST_MORE && size >= PL_FIRST_BYTES)
        abort();
    walk(pl_frame_read, data, size);
    walk(pl_frame_read_turn, data, size);
    return 0;
}
