/* Words in a picture, by FreeType and DejaVu Sans, which has the letters of all European names. */
#ifndef PL_SIMULATE_LETTERS_H
#define PL_SIMULATE_LETTERS_H

#include "base/err.h"

#include <stdint.h>

struct pl_letters; /* the fonts; for one thread */

/* PL_ENOENT: DejaVu is not installed (Debian: fonts-dejavu-core); PL_ENOMEM. */
enum pl_err pl_letters_new(struct pl_letters **out) PL_CHECKED;
void pl_letters_free(struct pl_letters *l); /* NULL is fine */

struct pl_bitmap { /* RGB, three bytes a pixel, rows from above */
    int width, height;
    uint8_t *rgb;
};

enum pl_weight { PL_PLAIN, PL_BOLD };
enum pl_align { PL_LEFT, PL_CENTRE, PL_RIGHT };

/* Draws UTF-8 in this colour (0xRRGGBB), `size` pixels high, its baseline at y; smaller where it
 * would be wider than `room`. What lies outside is cut off. */
struct pl_words {
    const char *text;
    enum pl_weight weight;
    enum pl_align align;
    int x, y, size, room;
    uint32_t colour;
};
void pl_letters_draw(struct pl_letters *l, const struct pl_words *w, const struct pl_bitmap *on);

#endif
