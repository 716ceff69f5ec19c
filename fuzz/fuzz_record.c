/* An exported record: any bytes give a report, and a fault has its place and its sentence. Without
 * the signatures too, so that what only they keep out is reached: the meeting itself. */
#include "record/verify.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
}

static void check(const struct pl_verify_report *r)
{
    assert(r->faulty != r->complete);
    assert(!r->faulty || (r->fault.line > 0 && r->fault.why[0]));
    assert(r->checkpoints <= r->events && r->results <= r->events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct pl_verify_config config = {.random = {fill, NULL}};
    struct pl_verify_report *r = malloc(sizeof *r);
    struct pl_str file = {(const char *)data, size};
    assert(r);
    if (pl_record_verify(file, &config, r) == PL_OK)
        check(r);
    bool good = !r->faulty;
    if (pl_record_verify_unsigned(file, &config, r) == PL_OK)
        check(r);
    assert(!good || !r->faulty); /* the more is checked the less is good */
    free(r);
    return 0;
}
