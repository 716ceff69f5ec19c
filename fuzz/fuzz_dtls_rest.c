/* A client of an association whose handshake is over: records with a type (8 bits) and a length (16
 * bits) before them. Type 0: a datagram as it is, from anybody; others are sealed with the client's
 * keys first. */
#include "base/bytes.h"
#include "crypto/dtls_rest.h"

#include <stdlib.h>

#define EPOCH_1 (UINT64_C(1) << 48)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* What the server says is understood by whoever has the client's keys, and only a close is one. */
static void check_answer(const struct pl_dtls_rest *client, enum pl_dtls_state state,
                         const uint8_t *answer, size_t n)
{
    uint8_t back[PL_DTLS_ANSWER_MAX];
    size_t back_len;
    struct pl_dtls_rest c = *client;
    check(n <= PL_DTLS_ANSWER_MAX);
    enum pl_dtls_state there = pl_dtls_rest_input(&c, answer, n, back, &back_len);
    check((there == PL_DTLS_CLOSED) == (state == PL_DTLS_CLOSED));
    check(there != PL_DTLS_FAILED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t sealed[65536 + PL_DTLS_RECORD_HEADER + PL_DTLS_RECORD_OVERHEAD];
    struct pl_dtls_rest server = {.key_len = 16,
                                  .next = {1, EPOCH_1 + 1},
                                  .answered = EPOCH_1,
                                  .finished = {SSL3_MT_FINISHED},
                                  .in = {.key = "client"},
                                  .out = {.key = "server"}};
    struct pl_dtls_rest client = server;
    client.in = server.out;
    client.out = server.in;
    enum pl_dtls_state state = PL_DTLS_CONNECTED;
    struct pl_reader r = pl_reader(data, size);
    while (state == PL_DTLS_CONNECTED) {
        uint8_t type = pl_read_u8(&r), answer[PL_DTLS_ANSWER_MAX];
        size_t n = pl_read_u16(&r), answer_len;
        const uint8_t *bytes = pl_read_bytes(&r, n);
        if (!bytes)
            break;
        if (type) {
            n = pl_dtls_rest_seal(&client, type, bytes, n, sealed);
            bytes = sealed;
            check(n > 0);
        }
        state = pl_dtls_rest_input(&server, bytes, n, answer, &answer_len);
        check(type || (state == PL_DTLS_CONNECTED && answer_len == 0)); /* nobody forges */
        check(state != PL_DTLS_HANDSHAKING);
        check_answer(&client, state, answer, answer_len);
    }
    return 0;
}
