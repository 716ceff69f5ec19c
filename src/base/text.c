/* See text.h. */
#include "base/text.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool pl_str_eq_nocase(struct pl_str s, const char *zero_ended)
{
    if (s.n != strlen(zero_ended))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (lower(s.p[i]) != lower(zero_ended[i]))
            return false;
    return true;
}

struct pl_str pl_str_split(struct pl_str *rest, char sep)
{
    const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
    struct pl_str head = {rest->p, at ? (size_t)(at - rest->p) : rest->n};
    size_t skip = head.n + (at ? 1 : 0);
    if (skip) /* an empty rest may have no p */
        rest->p += skip;
    rest->n -= skip;
    return head;
}

enum pl_err pl_parse_u64(struct pl_str s, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;
    if (s.n == 0)
        return PL_EINVAL;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
        if (digit > 9 || v > (max - digit) / 10)
            return PL_EINVAL;
        v = v * 10 + digit;
        if (v > max)
            return PL_EINVAL;
    }
    *out = v;
    return PL_OK;
}

enum pl_err pl_str_copy(struct pl_str s, char *out, size_t size)
{
    if (s.n >= size)
        return PL_ETRUNC;
    if (s.n)
        memcpy(out, s.p, s.n);
    out[s.n] = 0;
    return PL_OK;
}

void pl_hex(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = 0;
}

/* What both alphabets (RFC 4648, sections 4 and 5) begin with; the last two differ. */
#define DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static char *encode(const uint8_t *bytes, size_t n, const char *digits, char *out)
{
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 6; have -= 6)
            *out++ = digits[bits >> (have - 6) & 63];
    }
    if (have)
        *out++ = digits[bits << (6 - have) & 63];
    return out;
}

void pl_base64url(const uint8_t *bytes, size_t n, char *out)
{
    *encode(bytes, n, DIGITS "-_", out) = 0;
}

void pl_base64(const uint8_t *bytes, size_t n, char *out)
{
    char *end = encode(bytes, n, DIGITS "+/", out);
    while ((end - out) % 4)
        *end++ = '=';
    *end = 0;
}

/* -1: not of the alphabet. */
static int value_of(char c, char last_but_one, char last)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == last_but_one ? 62 : c == last ? 63 : -1;
}

static enum pl_err decode(struct pl_str s, char last_but_one, char last, uint8_t *out, size_t size,
                          size_t *n)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t at = 0;
    for (size_t i = 0; i < s.n; i++) {
        int value = value_of(s.p[i], last_but_one, last);
        if (value < 0)
            return PL_EINVAL;
        bits = bits << 6 | (uint32_t)value;
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        if (at < size)
            out[at++] = (uint8_t)(bits >> have);
    }
    if (have >= 6 || (bits & ((1u << have) - 1)) != 0)
        return PL_EINVAL;
    *n = at;
    return PL_OK;
}

enum pl_err pl_base64url_decode(struct pl_str s, uint8_t *out, size_t size, size_t *n)
{
    return decode(s, '-', '_', out, size, n);
}

enum pl_err pl_base64_decode(struct pl_str s, uint8_t *out, size_t size, size_t *n)
{
    if (s.n % 4)
        return PL_EINVAL;
    for (int i = 0; i < 2 && s.n && s.p[s.n - 1] == '='; i++)
        s.n--;
    return decode(s, '+', '/', out, size, n);
}

/* The length of the UTF-8 sequence at p, or 0. Overlong forms, surrogates and > U+10FFFF are
 * refused. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return len;
}

bool pl_text_turns(struct pl_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i + 2 < s.n; i++)
        if (p[i] == 0xe2 && ((p[i + 1] == 0x80 && p[i + 2] >= 0xaa && p[i + 2] <= 0xae) ||
                             (p[i + 1] == 0x81 && p[i + 2] >= 0xa6 && p[i + 2] <= 0xa9)))
            return true;
    return false;
}

bool pl_text_ok(struct pl_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < s.n;) {
        if ((p[i] < 0x20 && p[i] != '\t' && p[i] != '\n') || p[i] == 0x7f)
            return false;
        size_t len = utf8_length(p + i, s.n - i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}
