/* See buf.h. Capacity doubles, so that adding is amortised constant. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct pl_buf *b, size_t more)
{
    if (b->failed || more > SIZE_MAX / 4 - b->len) {
        b->failed = true;
        return false;
    }
    if (b->data && b->len + more < b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 128;
    while (cap <= b->len + more)
        cap *= 2;
    char *data = realloc(b->data, cap);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

void pl_buf_free(struct pl_buf *b)
{
    free(b->data);
    *b = (struct pl_buf){0};
}

void pl_buf_wipe(struct pl_buf *b)
{
    if (b->data)
        explicit_bzero(b->data, b->cap);
    pl_buf_free(b);
}

void pl_buf_clear(struct pl_buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->data)
        b->data[0] = 0;
}

void pl_buf_add(struct pl_buf *b, const void *bytes, size_t n)
{
    if (!reserve(b, n))
        return;
    if (n)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = 0;
}

void pl_buf_puts(struct pl_buf *b, const char *text)
{
    pl_buf_add(b, text, strlen(text));
}

void pl_buf_printf(struct pl_buf *b, const char *format, ...)
{
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, ap);
    if (n >= 0 && reserve(b, (size_t)n)) {
        vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
    va_end(ap);
}

void pl_buf_consume(struct pl_buf *b, size_t n)
{
    if (n >= b->len) {
        pl_buf_clear(b);
        return;
    }
    memmove(b->data, b->data + n, b->len - n + 1);
    b->len -= n;
}
