/* A growing run of bytes: text being built, a body being received. Running out of memory sets a
 * flag that stays; check it once, at the end. */
#ifndef PL_BASE_BUF_H
#define PL_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_buf {
    char *data; /* followed by a zero byte whenever it is not NULL */
    size_t len, cap;
    bool failed;
};

void pl_buf_free(struct pl_buf *b); /* and leaves it empty, ready for use */
void pl_buf_wipe(struct pl_buf *b); /* the same, and what was in it is overwritten */
void pl_buf_clear(struct pl_buf *b);
void pl_buf_add(struct pl_buf *b, const void *bytes, size_t n);
void pl_buf_puts(struct pl_buf *b, const char *text);
void pl_buf_printf(struct pl_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pl_buf_consume(struct pl_buf *b, size_t n); /* drops the first n bytes */

#endif
