/* A trace, as `parley trace` reads it: what is read is written the same, and whatever is summed up
 * can be told. */
#include "server/trace_summary.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(const struct pl_trace_record *r)
{
    struct pl_trace_record again;
    struct pl_buf text = {0};
    pl_trace_record_write(r, &text);
    assert(!text.failed && text.len > 0 && text.data[text.len - 1] == '\n');
    enum pl_err e = pl_trace_record_read((struct pl_str){text.data, text.len - 1}, &again);
    assert(e == PL_OK || (e == PL_ELIMIT && text.len > PL_TRACE_RECORD_MAX));
    assert(e || memcmp(r->numbers, again.numbers, sizeof r->numbers) == 0);
    pl_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_str rest = {(const char *)data, size};
    struct pl_trace_record r;
    struct pl_summary *s;
    struct pl_buf text = {0};
    if (pl_summary_new(&s))
        return 0;
    while (rest.n) {
        if (pl_trace_record_read(pl_str_split(&rest, '\n'), &r))
            continue;
        assert(r.type < PL_TRACE_TYPE_COUNT);
        write_again(&r);
        if (pl_summary_add(s, &r))
            break;
    }
    pl_summary_write(s, &text);
    assert(!text.failed);
    pl_buf_free(&text);
    pl_summary_free(s);
    return 0;
}
