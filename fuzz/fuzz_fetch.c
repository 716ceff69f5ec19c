/* An answer of HTTP to a command: what is taken as whole is not longer than what came. The same
 * bytes as the address of a server. */
#include "io/fetch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_buf body = {0};
    struct pl_fetch_origin origin;
    unsigned status = 0;
    const char *why;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    if (pl_fetch_answer((struct pl_str){(const char *)data, size}, &status, &body, &why) == PL_OK)
        assert(status >= 100 && status <= 999 && body.len < size);
    else
        assert(status == 0 && why && *why);
    if (pl_fetch_origin(text, &origin) == PL_OK)
        assert(origin.host[0] && origin.port[0] && strlen(origin.host) < size);
    pl_buf_free(&body);
    free(text);
    return 0;
}
