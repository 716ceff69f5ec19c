/* The file of an audit: any bytes. */
#include "record/audit.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_audit_report r;
    const struct pl_str file = {(const char *)data, size};
    if (pl_audit_verify(file, (struct pl_str){.p = NULL}, &r) != PL_OK)
        return 0;
    assert(r.forgotten <= r.events && (!r.faulty || r.line > 0));
    return 0;
}
