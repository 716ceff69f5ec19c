/* The definition of a meeting: what is taken can be written, and reads as the same again. */
#include "signal/definition.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_definition *d, *again;
    struct pl_buf first = {0}, second = {0};
    char why[PL_WHY_SIZE];
    if (pl_definition_decode((struct pl_str){(const char *)data, size}, &d, why) != PL_OK) {
        assert(why[0] && pl_text_ok(pl_str(why)));
        return 0;
    }
    pl_definition_encode(d, &first);
    enum pl_err err = pl_definition_decode((struct pl_str){first.data, first.len}, &again, why);
    assert(err == PL_OK);
    pl_definition_encode(again, &second);
    assert(second.len == first.len && memcmp(first.data, second.data, first.len) == 0);
    pl_definition_free(d);
    pl_definition_free(again);
    pl_buf_free(&first);
    pl_buf_free(&second);
    return 0;
}
