/* getrandom(2). See entropy.h. */
#include "io/entropy.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    while (n > 0) {
        ssize_t got = getrandom(out, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            abort();
        out += got;
        n -= (size_t)got;
    }
}

struct pl_random pl_entropy(void)
{
    return (struct pl_random){fill, NULL};
}
