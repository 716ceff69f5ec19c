/* A meeting as a state machine: the bytes say who does what, and when
 * (tests/unit/meeting_random.h). What must hold holds after each act, and the record gives the same
 * meeting again. The first byte says how many acts, the second what kind of meeting it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tests/unit/meeting_random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct world *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->script = data + 2;
    w->script_end = data + size;
    play(w, data[1], 20 + data[0]);
    check_replay(&w->r);
    throw_away(&w->r);
    free(w);
    return 0;
}
