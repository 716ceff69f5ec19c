/* Messages from the client: what decodes has every enum and list within bounds. */
#include "signal/messages.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_to_server m;
    struct pl_decode_error error;
    if (pl_to_server_decode((struct pl_str){(const char *)data, size}, &m, &error) != PL_OK) {
        assert(error.reason[0] && pl_text_ok(pl_str(error.reason)) &&
               pl_text_ok(pl_str(error.field)));
        return 0;
    }
    assert(m.type < PL_TO_SERVER_COUNT);
    if (m.type == PL_TO_SERVER_OFFER)
        for (size_t i = 0; i < m.offer.n_sources; i++)
            assert(m.offer.sources[i].kind < PL_KIND_COUNT && m.offer.sources[i].mid.n <= 16);
    if (m.type == PL_TO_SERVER_VIEW)
        for (size_t i = 0; i < m.view.n_tiles; i++)
            assert(m.view.tiles[i].source >= 1 && m.view.tiles[i].width >= 1);
    if (m.type == PL_TO_SERVER_ACT && m.act.type == PL_ACT_CHAT)
        assert(m.act.chat.text.n <= 4000);
    pl_to_server_free(&m);
    return 0;
}
