/* See synthetic.h. */
#include "synthetic.h"

#include "base/bytes.h"

#include <string.h>

#define AUDIO_BYTES 100      /* of payload */
#define FRAME_HEADER_SIZE 10 /* RFC 6386, 9.1, of a key frame; others have 3 bytes of it */
#define MARK_SIZE 12         /* MARK and the time of sending */
#define MARK 0x50617271u

/* What follows the mark in every payload. */
static const uint8_t *pattern(void)
{
    static uint8_t bytes[1500];
    static bool made;
    for (unsigned i = 0; !made && i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 131);
    made = true;
    return bytes;
}

static void write_mark(struct pl_writer *w, size_t payload_len)
{
    pl_write_u32(w, MARK);
    pl_write_u64(w, (uint64_t)pl_calls_now_ns());
    size_t used = pl_writer_size(w);
    if (used < payload_len)
        pl_write_bytes(w, pattern(), payload_len - used);
}

bool synthetic_check(void *ctx, const uint8_t *payload, size_t n, bool video, bool repair,
                     int64_t now_ns)
{
    size_t skip = video ? PL_CALL_DESCRIPTOR_SIZE + FRAME_HEADER_SIZE : 1;
    if (n < skip + MARK_SIZE || pl_get_u32(payload + skip) != MARK ||
        memcmp(payload + skip + MARK_SIZE, pattern(), n - skip - MARK_SIZE) != 0)
        return false;
    int64_t sent_ns = (int64_t)pl_get_u64(payload + skip + 4);
    if (!repair)
        histogram_add(ctx, (uint64_t)(now_ns - sent_ns) / 1000);
    return true;
}

static bool next_frame(void *ctx, bool key, struct pl_call_frame *f)
{
    struct synthetic *s = ctx;
    const struct synthetic_layer *layer = &s->layers[f->layer];
    s->seed = s->seed * 6364136223846793005u + 1442695040888963407u;
    f->key = s->key = key;
    f->packets = layer->packets;
    f->n = layer->packets * (layer->bytes - f->overhead - PL_CALL_DESCRIPTOR_SIZE) -
           (s->seed >> 33) % layer->packets;
    return true;
}

static void write_frame_header(const struct synthetic_layer *layer, bool first, bool key,
                               struct pl_writer *w)
{
    uint8_t header[FRAME_HEADER_SIZE] = {0};
    if (first) {
        header[0] = key ? 0x10 : 0x11; /* shown; the lowest bit says that it is no key frame */
        if (key) {
            memcpy(header + 3, "\x9d\x01\x2a", 3);
            header[6] = (uint8_t)layer->width;
            header[7] = (uint8_t)(layer->width >> 8);
            header[8] = (uint8_t)layer->height;
            header[9] = (uint8_t)(layer->height >> 8);
        }
    }
    pl_write_bytes(w, header, sizeof header);
}

static size_t next_packet(void *ctx, const struct pl_call_frame *f, unsigned i, uint8_t *out,
                          size_t cap)
{
    const struct synthetic *s = ctx;
    struct pl_writer w = pl_writer(out, cap);
    size_t n = pl_call_split(f->n, f->packets, i + 1) - pl_call_split(f->n, f->packets, i);
    write_frame_header(&s->layers[f->layer], i == 0, s->key, &w);
    write_mark(&w, n);
    return n;
}

static size_t next_sound(void *ctx, uint8_t *out, size_t cap, uint8_t *level)
{
    const struct synthetic *s = ctx;
    struct pl_writer w = pl_writer(out, cap);
    pl_write_u8(&w, 0xf8); /* CELT, 20 ms, mono (RFC 6716, 3.1) */
    write_mark(&w, AUDIO_BYTES);
    *level = (uint8_t)s->level;
    return AUDIO_BYTES;
}

struct pl_call_content synthetic_content(struct synthetic *s)
{
    return (struct pl_call_content){
        .ctx = s, .frame = next_frame, .packet = next_packet, .sound = next_sound};
}
