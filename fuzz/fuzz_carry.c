/* An engine that is handed over (sfu/carry.c): whatever is read is refused, or makes an engine that
 * works for a moment, can be handed on, and ends. */
#include "base/buf.h"
#include "base/carry.h"
#include "proto/ice.h"
#include "sfu/engine.h"

#include <stdlib.h>
#include <string.h>

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
}

static uint8_t *on_reserve(void *ctx, const struct pl_tuple *to, size_t n)
{
    static uint8_t run[PL_RUN_BYTES_MAX];
    (void)ctx;
    (void)to;
    if (n > sizeof run)
        abort();
    return run;
}

static void on_send(void *ctx, const struct pl_tuple *to, const uint8_t *bytes, size_t n,
                    size_t segment)
{
    (void)ctx;
    (void)to;
    (void)bytes;
    (void)n;
    (void)segment;
}

static void on_dtls(void *ctx, pl_peer_id peer, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    (void)peer;
    (void)bytes;
    (void)n;
}

static void on_event(void *ctx, const struct pl_engine_event *event)
{
    (void)ctx;
    (void)event;
}

static bool on_relay(void *ctx, unsigned to, const struct pl_relay *message)
{
    (void)ctx;
    (void)to;
    pl_relay_drop(message);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct pl_random random = {fill, NULL};
    const struct pl_engine_io io = {NULL, 0, on_reserve, on_send, on_dtls, on_event, on_relay};
    struct pl_carry in = pl_carry_reader(data, size);
    struct pl_buf again = {0};
    struct pl_carry out = pl_carry_writer(&again);
    struct pl_engine *e;
    pl_time_us now = 2000 * PL_SECOND;
    if (pl_engine_new(&io, &random, &e))
        return 0;
    if (pl_engine_carry(e, &in, now) == PL_OK) {
        for (unsigned i = 0; i < 4; i++, now += 150 * PL_MS) {
            pl_engine_expire(e, now);
            pl_engine_flush(e, now);
        }
        pl_engine_settle(e, now);
        if (pl_engine_carry(e, &out, now))
            abort(); /* what works can be handed on */
    }
    pl_engine_free(e);
    pl_buf_free(&again);
    return 0;
}
