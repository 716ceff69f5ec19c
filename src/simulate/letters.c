/* See letters.h. */
#include "simulate/letters.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include <stdlib.h>

struct pl_letters {
    FT_Library library;
    FT_Face faces[2]; /* enum pl_weight */
};

enum pl_err pl_letters_new(struct pl_letters **out)
{
    static const char *const files[] = {"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
                                        "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"};
    struct pl_letters *l = calloc(1, sizeof *l);
    if (!l || FT_Init_FreeType(&l->library)) {
        free(l);
        return PL_ENOMEM;
    }
    for (int i = 0; i < 2; i++)
        if (FT_New_Face(l->library, files[i], 0, &l->faces[i])) {
            pl_letters_free(l);
            return PL_ENOENT;
        }
    *out = l;
    return PL_OK;
}

void pl_letters_free(struct pl_letters *l)
{
    if (!l)
        return;
    for (int i = 0; i < 2; i++)
        if (l->faces[i])
            FT_Done_Face(l->faces[i]);
    FT_Done_FreeType(l->library);
    free(l);
}

/* One character of UTF-8, which is valid; 0 at the end. */
static uint32_t next(const char **text)
{
    const uint8_t *p = (const uint8_t *)*text;
    unsigned more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : p[0] >= 0xc0 ? 1 : 0;
    uint32_t c = more ? p[0] & (0x3fu >> more) : p[0];
    if (!p[0])
        return 0;
    for (unsigned i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80)
            more = i - 1;
        else
            c = c << 6 | (p[i] & 0x3fu);
    }
    *text += 1 + more;
    return c;
}

static int width_of(FT_Face face, const char *text)
{
    long width = 0; /* 26.6 */
    for (uint32_t c; (c = next(&text));)
        if (FT_Load_Char(face, c, FT_LOAD_DEFAULT) == 0)
            width += face->glyph->advance.x;
    return (int)(width >> 6);
}

static void blend(const struct pl_bitmap *on, int x, int y, uint32_t colour, unsigned cover)
{
    if (x < 0 || y < 0 || x >= on->width || y >= on->height)
        return;
    uint8_t *p = on->rgb + 3 * ((size_t)y * (size_t)on->width + (size_t)x);
    for (int k = 0; k < 3; k++) {
        unsigned ink = colour >> (16 - 8 * k) & 255;
        p[k] = (uint8_t)((p[k] * (255 - cover) + ink * cover) / 255);
    }
}

static void draw_glyph(const FT_GlyphSlot glyph, int x, int y, uint32_t colour,
                       const struct pl_bitmap *on)
{
    const FT_Bitmap *b = &glyph->bitmap;
    for (unsigned row = 0; row < b->rows; row++)
        for (unsigned column = 0; column < b->width; column++)
            blend(on, x + glyph->bitmap_left + (int)column, y - glyph->bitmap_top + (int)row,
                  colour, b->buffer[row * (unsigned)b->pitch + column]);
}

void pl_letters_draw(struct pl_letters *l, const struct pl_words *w, const struct pl_bitmap *on)
{
    FT_Face face = l->faces[w->weight];
    const char *text = w->text;
    int size = w->size, width;
    do {
        if (FT_Set_Pixel_Sizes(face, 0, (FT_UInt)size))
            return;
        width = width_of(face, text);
    } while (width > w->room && --size > 4);
    long x = w->x - (w->align == PL_CENTRE ? width / 2 : w->align == PL_RIGHT ? width : 0);
    x *= 64;
    for (uint32_t c; (c = next(&text));) {
        if (FT_Load_Char(face, c, FT_LOAD_RENDER))
            continue;
        draw_glyph(face->glyph, (int)(x >> 6), w->y, w->colour, on);
        x += face->glyph->advance.x;
    }
}
