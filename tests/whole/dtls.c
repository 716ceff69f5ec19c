/* crypto/dtls.h, with a handshake of one datagram each way, whose keys come of what both drew. */
#include "crypto/dtls.h"

#include "crypto/hash.h"
#include "whole.h"

#include <stdlib.h>
#include <string.h>

struct pl_dtls_context {
    uint8_t fingerprint[32];
};

struct pl_dtls {
    pl_dtls_send *send;
    void *ctx;
    enum pl_dtls_state state;
    uint8_t client[32], own[32];
};

static const uint8_t head[] = {22, 254, 253};

enum pl_err pl_dtls_context_new(struct pl_dtls_context **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? PL_OK : PL_ENOMEM;
}

void pl_dtls_context_free(struct pl_dtls_context *c)
{
    free(c);
}

const uint8_t *pl_dtls_context_fingerprint(const struct pl_dtls_context *c)
{
    return c->fingerprint;
}

enum pl_err pl_dtls_new(struct pl_dtls_context *c, const uint8_t fingerprint[32],
                        pl_dtls_send *send, void *ctx, struct pl_dtls **out)
{
    struct pl_dtls *d = calloc(1, sizeof *d);
    (void)c;
    (void)fingerprint;
    if (!d)
        return PL_ENOMEM;
    d->send = send;
    d->ctx = ctx;
    struct pl_random random = whole_randomness();
    random.fill(random.ctx, d->own, sizeof d->own);
    *out = d;
    return PL_OK;
}

void pl_dtls_free(struct pl_dtls *d)
{
    free(d);
}

enum pl_dtls_state pl_dtls_state(const struct pl_dtls *d)
{
    return d->state;
}

/* A hello that comes again is answered again. Another one is somebody else's. */
enum pl_dtls_state pl_dtls_input(struct pl_dtls *d, const uint8_t *bytes, size_t n)
{
    uint8_t answer[WHOLE_HELLO];
    bool first = d->state == PL_DTLS_HANDSHAKING;
    if (n != WHOLE_HELLO || memcmp(bytes, head, sizeof head) != 0 || d->state == PL_DTLS_CLOSED ||
        (!first && memcmp(d->client, bytes + sizeof head, sizeof d->client) != 0))
        return d->state;
    memcpy(d->client, bytes + sizeof head, sizeof d->client);
    d->state = PL_DTLS_CONNECTED;
    if (first)
        watch_keys(d->client, d->own);
    memcpy(answer, head, sizeof head);
    memcpy(answer + sizeof head, d->own, sizeof d->own);
    d->send(d->ctx, answer, sizeof answer);
    return d->state;
}

pl_time_us pl_dtls_timeout(const struct pl_dtls *d)
{
    (void)d;
    return PL_NEVER;
}

enum pl_dtls_state pl_dtls_expire(struct pl_dtls *d)
{
    return d->state;
}

enum pl_err pl_dtls_keys(const struct pl_dtls *d, struct pl_srtp_keys *inbound,
                         struct pl_srtp_keys *outbound)
{
    if (d->state != PL_DTLS_CONNECTED)
        return PL_ESTATE;
    whole_dtls_keys(d->client, d->own, inbound, outbound);
    return PL_OK;
}

void pl_dtls_close(struct pl_dtls *d)
{
    d->state = PL_DTLS_CLOSED;
}

static void derive(uint8_t which, const uint8_t client[32], const uint8_t server[32],
                   struct pl_srtp_keys *out)
{
    uint8_t all[65] = {which}, hash[PL_SHA256_SIZE];
    memcpy(all + 1, client, 32);
    memcpy(all + 33, server, 32);
    pl_sha256(all, sizeof all, hash);
    *out = (struct pl_srtp_keys){.profile = PL_SRTP_AEAD_AES_128_GCM};
    memcpy(out->key, hash, 16);
    memcpy(out->salt, hash + 16, 12);
}

void whole_dtls_keys(const uint8_t client[32], const uint8_t server[32], struct pl_srtp_keys *up,
                     struct pl_srtp_keys *down)
{
    derive(1, client, server, up);
    derive(2, client, server, down);
}
