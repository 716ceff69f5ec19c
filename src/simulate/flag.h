/* Flags, as far as test pictures need them: drawn from a line of text each, in 3:2, emblems
 * simplified. Pure. */
#ifndef PL_SIMULATE_FLAG_H
#define PL_SIMULATE_FLAG_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* A texture of RGB, three bytes a pixel, rows from above. */
#define PL_FLAG_WIDTH 360
#define PL_FLAG_HEIGHT 240
struct pl_flag {
    uint8_t rgb[PL_FLAG_HEIGHT][PL_FLAG_WIDTH][3];
};

/* `country`: ISO 3166-1 alpha-2. PL_ENOENT: there is none of it here; out is a plain field. */
enum pl_err pl_flag_draw(const char *country, struct pl_flag *out) PL_CHECKED;

/* Draws a line of such text: for tests. PL_EINVAL: it is none. */
enum pl_err pl_flag_draw_text(const char *text, struct pl_flag *out) PL_CHECKED;

/* The country at a place of the table, NULL behind the last. */
const char *pl_flag_country(unsigned i);

#endif
