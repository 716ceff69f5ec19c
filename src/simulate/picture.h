/* A delegation's test picture: its flag in a light wind, its name, a clock; drawn and encoded (VP8)
 * in the sizes of a browser's simulcast, each only while it is asked for. */
#ifndef PL_SIMULATE_PICTURE_H
#define PL_SIMULATE_PICTURE_H

#include "base/err.h"
#include "simulate/letters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_PICTURE_LAYERS 3 /* q, h, f */
#define PL_PICTURE_FPS 10

extern const struct pl_picture_size {
    const char *rid;
    int width, height;
} pl_picture_sizes[PL_PICTURE_LAYERS];

struct pl_picture;

/* `letters` is borrowed for its life, the texts are copied. `country`: ISO 3166-1 alpha-2, or "".
 */
enum pl_err pl_picture_new(struct pl_letters *letters, const char *country, const char *title,
                           const char *name, struct pl_picture **out) PL_CHECKED;
void pl_picture_free(struct pl_picture *p); /* NULL is fine */

struct pl_picture_frame {
    const uint8_t *bytes; /* until the next call for this layer */
    size_t n;
    bool key;
};

/* The frame of a layer at this time (Unix time, microseconds). `level` is the loudness of what is
 * said, 0 … 1. PL_ENOMEM; PL_EIO: the encoder cannot. */
enum pl_err pl_picture_frame(struct pl_picture *p, unsigned layer, bool key, int64_t wall_us,
                             double level, struct pl_picture_frame *out) PL_CHECKED;

/* The layer is not wanted for now: lets go of its memory. */
void pl_picture_rest(struct pl_picture *p, unsigned layer);

/* Draws the same without encoding it, `rgb` of width x height x 3 of the layer: for tests. */
enum pl_err pl_picture_draw(struct pl_picture *p, unsigned layer, int64_t wall_us, double level,
                            uint8_t *rgb) PL_CHECKED;

#endif
