/* Bounded cursors over bytes in network order. Reading or writing past the end sets a flag that
 * stays, yields zeros and writes nothing more: a parser checks once, at its end. */
#ifndef PL_BASE_BYTES_H
#define PL_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t pl_get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t pl_get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t pl_get_u64(const uint8_t *p)
{
    return (uint64_t)pl_get_u32(p) << 32 | pl_get_u32(p + 4);
}

static inline void pl_put_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void pl_put_u32(uint8_t *p, uint32_t v)
{
    pl_put_u16(p, (uint16_t)(v >> 16));
    pl_put_u16(p + 2, (uint16_t)v);
}

static inline void pl_put_u64(uint8_t *p, uint64_t v)
{
    pl_put_u32(p, (uint32_t)(v >> 32));
    pl_put_u32(p + 4, (uint32_t)v);
}

struct pl_reader {
    const uint8_t *p, *end;
    bool bad; /* something was read past the end */
};

static inline struct pl_reader pl_reader(const void *bytes, size_t n)
{
    return (struct pl_reader){bytes, (const uint8_t *)bytes + n, false};
}

static inline size_t pl_reader_left(const struct pl_reader *r)
{
    return (size_t)(r->end - r->p);
}

/* The next n bytes, borrowed from the input, or NULL. */
static inline const uint8_t *pl_read_bytes(struct pl_reader *r, size_t n)
{
    if (r->bad || pl_reader_left(r) < n) {
        r->bad = true;
        r->p = r->end;
        return NULL;
    }
    r->p += n;
    return r->p - n;
}

static inline uint8_t pl_read_u8(struct pl_reader *r)
{
    const uint8_t *p = pl_read_bytes(r, 1);
    return p ? p[0] : 0;
}

static inline uint16_t pl_read_u16(struct pl_reader *r)
{
    const uint8_t *p = pl_read_bytes(r, 2);
    return p ? pl_get_u16(p) : 0;
}

static inline uint32_t pl_read_u32(struct pl_reader *r)
{
    const uint8_t *p = pl_read_bytes(r, 4);
    return p ? pl_get_u32(p) : 0;
}

static inline uint64_t pl_read_u64(struct pl_reader *r)
{
    const uint8_t *p = pl_read_bytes(r, 8);
    return p ? pl_get_u64(p) : 0;
}

struct pl_writer {
    uint8_t *start, *p, *end;
    bool full; /* something did not fit */
};

static inline struct pl_writer pl_writer(void *out, size_t n)
{
    return (struct pl_writer){out, out, (uint8_t *)out + n, false};
}

static inline size_t pl_writer_size(const struct pl_writer *w)
{
    return (size_t)(w->p - w->start);
}

/* Room for n bytes that the caller fills, or NULL. */
static inline uint8_t *pl_write_room(struct pl_writer *w, size_t n)
{
    if (w->full || (size_t)(w->end - w->p) < n) {
        w->full = true;
        return NULL;
    }
    w->p += n;
    return w->p - n;
}

static inline void pl_write_u8(struct pl_writer *w, uint8_t v)
{
    uint8_t *p = pl_write_room(w, 1);
    if (p)
        p[0] = v;
}

static inline void pl_write_u16(struct pl_writer *w, uint16_t v)
{
    uint8_t *p = pl_write_room(w, 2);
    if (p)
        pl_put_u16(p, v);
}

static inline void pl_write_u32(struct pl_writer *w, uint32_t v)
{
    uint8_t *p = pl_write_room(w, 4);
    if (p)
        pl_put_u32(p, v);
}

static inline void pl_write_u64(struct pl_writer *w, uint64_t v)
{
    uint8_t *p = pl_write_room(w, 8);
    if (p)
        pl_put_u64(p, v);
}

static inline void pl_write_bytes(struct pl_writer *w, const void *bytes, size_t n)
{
    uint8_t *p = pl_write_room(w, n);
    if (p && n)
        memcpy(p, bytes, n);
}

#endif
