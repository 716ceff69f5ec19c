/* Slices of text, and the few encodings that several layers need. */
#ifndef PL_BASE_TEXT_H
#define PL_BASE_TEXT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed run of characters, without a zero at its end. */
struct pl_str {
    const char *p;
    size_t n;
};

static inline struct pl_str pl_str(const char *zero_ended)
{
    return (struct pl_str){zero_ended, strlen(zero_ended)};
}

static inline bool pl_str_eq(struct pl_str s, const char *zero_ended)
{
    return s.n == strlen(zero_ended) && (s.n == 0 || memcmp(s.p, zero_ended, s.n) == 0);
}

bool pl_str_eq_nocase(struct pl_str s, const char *zero_ended); /* ASCII only */

/* Splits off what stands before the first `sep` (all, if there is none) and moves *rest behind it.
 */
struct pl_str pl_str_split(struct pl_str *rest, char sep);

/* Decimal digits only, no sign or space, at most `max`. */
enum pl_err pl_parse_u64(struct pl_str s, uint64_t max, uint64_t *out) PL_CHECKED;

/* Copies into a zero-ended array of `size`; PL_ETRUNC if it does not fit. */
enum pl_err pl_str_copy(struct pl_str s, char *out, size_t size) PL_CHECKED;

/* Lower-case hexadecimal and a zero: 2 * n + 1 characters. */
void pl_hex(const uint8_t *bytes, size_t n, char *out);

/* base64url without padding (RFC 4648, section 5) and a zero: (4 * n + 2) / 3 + 1 characters. */
void pl_base64url(const uint8_t *bytes, size_t n, char *out);

/* Reads that again, as much as fits: *n is how many bytes of at most `size` were written, and the
 * rest is looked at all the same. PL_EINVAL: it is not the one form that pl_base64url makes. */
enum pl_err pl_base64url_decode(struct pl_str s, uint8_t *out, size_t size, size_t *n) PL_CHECKED;

/* base64 with padding (RFC 4648, section 4) and a zero: 4 * ((n + 2) / 3) + 1 characters. */
void pl_base64(const uint8_t *bytes, size_t n, char *out);

/* Reads that again, likewise. PL_EINVAL: it is not the one form that pl_base64 makes. */
enum pl_err pl_base64_decode(struct pl_str s, uint8_t *out, size_t size, size_t *n) PL_CHECKED;

/* Well-formed UTF-8 (RFC 3629) without control characters other than tab and newline. */
bool pl_text_ok(struct pl_str s);

/* Has characters that turn the direction of the text behind them (U+202A to U+202E, U+2066 to
 * U+2069; UAX #9): in a name they make it read as another one. Arabic and Hebrew need none. */
bool pl_text_turns(struct pl_str s);

#endif
