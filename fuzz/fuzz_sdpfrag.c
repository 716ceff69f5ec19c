/* A fragment of a PATCH. */
#include "proto/answer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char ufrag[PL_UFRAG_SIZE], pwd[PL_PWD_SIZE], why[160] = "";
    struct pl_str frag = {(const char *)data, size};
    if (pl_sdpfrag_parse(frag, ufrag, pwd, why) != PL_OK) {
        if (!why[0])
            abort();
        return 0;
    }
    if (strlen(ufrag) < 4 || strlen(pwd) < 22)
        abort();
    return 0;
}
