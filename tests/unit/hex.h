/* Published vectors are kept as they are printed: hexadecimal, with spaces where that helps. */
#ifndef PL_TESTS_HEX_H
#define PL_TESTS_HEX_H

#include <ctype.h>
#include <stdlib.h>

/* The number of bytes; a vector that is longer than `cap` fails the test. After <cmocka.h>. */
static inline size_t unhex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;
    for (; *hex; hex += 2) {
        while (isspace((unsigned char)*hex))
            hex++;
        const char digits[3] = {hex[0], hex[0] ? hex[1] : 0, 0};
        char *end;
        assert_true(n < cap);
        out[n++] = (uint8_t)strtoul(digits, &end, 16);
        assert_ptr_equal(end, digits + 2);
    }
    return n;
}

#endif
