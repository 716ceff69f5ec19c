/* An event of the record: what decodes has bytes of its own, which decode to the same event. */
#include "signal/messages.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_decode_error error;
    struct pl_buf first = {0}, second = {0};
    struct pl_act *act = malloc(sizeof *act);
    json_t *json, *again;
    assert(act);
    if (pl_event_decode((struct pl_str){(const char *)data, size}, act, &json, &error) != PL_OK) {
        assert(error.reason[0] && pl_text_ok(pl_str(error.reason)) &&
               pl_text_ok(pl_str(error.field)));
        free(act);
        return 0;
    }
    assert(act->type < PL_ACT_COUNT && act->number > 0);
    pl_act_encode(&first, act);
    assert(!first.failed && first.len <= PL_ACT_BYTES_MAX);
    enum pl_err err = pl_event_decode((struct pl_str){first.data, first.len}, act, &again, &error);
    assert(err == PL_OK);
    pl_act_encode(&second, act);
    assert(second.len == first.len && memcmp(first.data, second.data, first.len) == 0);
    json_decref(json);
    json_decref(again);
    pl_buf_free(&first);
    pl_buf_free(&second);
    free(act);
    return 0;
}
