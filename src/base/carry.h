/* State that goes from one process to the next of the same machine: one function for each structure
 * writes it and reads it, so that the two cannot differ. What is read is trusted, and yet checked:
 * anything that does not fit sets a flag that stays, and yields zeros. Numbers are in the order of
 * bytes of the machine. The form as a whole has a version (PL_CARRY_VERSION): whoever changes what
 * is carried, or the size of a field, raises it. */
#ifndef PL_BASE_CARRY_H
#define PL_BASE_CARRY_H

#include "base/buf.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PL_CARRY_VERSION 3

/* Descriptors go beside the bytes, in their order. Those that were not taken are their owner's. */
#define PL_CARRY_FDS_MAX 12288 /* of listeners, media sockets, and clients by TCP */
struct pl_carry_fds {
    int fds[PL_CARRY_FDS_MAX];
    size_t n, taken;
};

struct pl_carry {
    struct pl_buf *out; /* NULL: it is read */
    struct pl_reader in;
    struct pl_carry_fds *fds; /* NULL: none go along */
    bool bad;
};

static inline struct pl_carry pl_carry_writer(struct pl_buf *out)
{
    return (struct pl_carry){.out = out};
}

static inline struct pl_carry pl_carry_reader(const void *bytes, size_t n)
{
    return (struct pl_carry){.in = pl_reader(bytes, n)};
}

static inline bool pl_carry_reads(const struct pl_carry *c)
{
    return c->out == NULL;
}

static inline void pl_carry_bytes(struct pl_carry *c, void *p, size_t n)
{
    if (c->out) {
        pl_buf_add(c->out, p, n);
        c->bad |= c->out->failed;
        return;
    }
    const uint8_t *from = c->bad ? NULL : pl_read_bytes(&c->in, n);
    if (from && n)
        memcpy(p, from, n);
    else if (n)
        memset(p, 0, n);
    c->bad |= c->in.bad;
}

static inline void pl_carry_flag(struct pl_carry *c, bool *flag)
{
    uint8_t byte = pl_carry_reads(c) ? 0 : *flag;
    pl_carry_bytes(c, &byte, 1);
    c->bad |= byte > 1;
    *flag = byte == 1;
}

/* A number, an array of numbers, or bytes. */
#define PL_CARRY(c, x) pl_carry_bytes((c), &(x), sizeof(x))

/* A number that is at most `max`; unsigned. */
#define PL_CARRY_UP_TO(c, x, max)                                                                  \
    do {                                                                                           \
        pl_carry_bytes((c), &(x), sizeof(x));                                                      \
        if ((uint64_t)(x) > (uint64_t)(max)) {                                                     \
            (c)->bad = true;                                                                       \
            (x) = 0;                                                                               \
        }                                                                                          \
    } while (0)

/* An array of characters, with a zero in it. */
#define PL_CARRY_TEXT(c, x)                                                                        \
    do {                                                                                           \
        pl_carry_bytes((c), (x), sizeof(x));                                                       \
        if (!memchr((x), 0, sizeof(x))) {                                                          \
            (c)->bad = true;                                                                       \
            (x)[0] = 0;                                                                            \
        }                                                                                          \
    } while (0)

/* Borrowed when it is written, the taker's own when it is read; -1: there is none. */
static inline void pl_carry_fd(struct pl_carry *c, int *fd)
{
    struct pl_carry_fds *f = c->fds;
    bool fits = f && !c->bad && (c->out ? f->n < PL_CARRY_FDS_MAX : f->taken < f->n);
    c->bad |= !fits;
    if (fits && c->out)
        f->fds[f->n++] = *fd;
    else if (!c->out)
        *fd = fits ? f->fds[f->taken++] : -1;
}

/* Stands between parts: one that was read with another form does not find it. */
static inline void pl_carry_mark(struct pl_carry *c, uint32_t mark)
{
    uint32_t there = mark;
    PL_CARRY(c, there);
    c->bad |= there != mark;
}

/* After everything: was all of it read, and nothing amiss? */
static inline bool pl_carry_done(const struct pl_carry *c)
{
    return !c->bad && (c->out || pl_reader_left(&c->in) == 0);
}

#endif
