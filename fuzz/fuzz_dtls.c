/* Datagrams of a client into an association: 32 bytes of fingerprint, then datagrams with their
 * length (16 bits) before them. */
#include "base/bytes.h"
#include "crypto/dtls.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void on_send(void *ctx, const uint8_t *bytes, size_t n)
{
    size_t *sent = ctx;
    check(bytes && n > 0 && n <= PL_DTLS_MTU);
    ++*sent;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pl_dtls_context *context; /* a key costs more than a handshake */
    static size_t sent;
    if (!context && pl_dtls_context_new(&context))
        abort();
    struct pl_reader r = pl_reader(data, size);
    const uint8_t *fingerprint = pl_read_bytes(&r, 32);
    struct pl_dtls *d;
    struct pl_srtp_keys inbound, outbound;
    if (!fingerprint)
        return 0;
    if (pl_dtls_new(context, fingerprint, on_send, &sent, &d))
        abort();
    enum pl_dtls_state before = pl_dtls_state(d);
    for (;;) {
        size_t n = pl_read_u16(&r);
        const uint8_t *bytes = pl_read_bytes(&r, n);
        if (!bytes)
            break;
        enum pl_dtls_state state = pl_dtls_input(d, bytes, n);
        /* Nobody gets through with what was recorded: the server's random is in the Finished. */
        check(state != PL_DTLS_CONNECTED && state == pl_dtls_state(d));
        check(before == PL_DTLS_HANDSHAKING || state == before);
        check(state == PL_DTLS_HANDSHAKING || pl_dtls_timeout(d) == PL_NEVER);
        check(pl_dtls_keys(d, &inbound, &outbound) == PL_ESTATE);
        before = pl_dtls_expire(d);
    }
    size_t until_then = sent;
    pl_dtls_close(d);
    pl_dtls_free(d);
    check(sent == until_then);
    return 0;
}
