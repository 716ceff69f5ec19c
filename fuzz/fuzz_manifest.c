/* The text of a manifest: what is taken has its fields within their bounds. */
#include "signal/manifest.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_manifest m = {0};
    struct pl_decode_error error;
    struct pl_str key;
    if (pl_manifest_decode((struct pl_str){(const char *)data, size}, &m, &error) != PL_OK) {
        assert(!m.json && error.reason[0] && pl_text_ok(pl_str(error.reason)));
        return 0;
    }
    assert(m.version >= 1 && m.version <= PL_ID_MAX && m.meeting.n <= 32);
    assert(!m.base.p || m.base_signature.p);
    (void)pl_manifest_key(&m, m.late.p ? m.late : pl_str("p1"), &key);
    pl_manifest_free(&m);
    return 0;
}
