/* See qr.h. */
#include "minutes/qr.h"

#include <qrencode.h>
#include <stdbool.h>

#define BORDER 4 /* modules; ISO/IEC 18004, 6.3.8 */
#define ANY_VERSION 0

/* Dark modules that stand side by side are one box of the path. */
static void add_row(struct pl_buf *out, const unsigned char *row, int width, int y)
{
    for (int x = 0; x < width; x++) {
        int begin = x;
        while (x < width && (row[x] & 1))
            x++;
        if (x > begin)
            pl_buf_printf(out, "M%d %dh%dv1H%dz", begin + BORDER, y + BORDER, x - begin,
                          begin + BORDER);
    }
}

enum pl_err pl_qr_svg(struct pl_buf *out, struct pl_str text, const char *label)
{
    if (text.n == 0 || text.n > PL_QR_TEXT_MAX)
        return PL_ELIMIT;
    QRcode *code =
        QRcode_encodeData((int)text.n, (const unsigned char *)text.p, ANY_VERSION, QR_ECLEVEL_M);
    if (!code)
        return PL_ENOMEM;
    int size = code->width + 2 * BORDER;
    pl_buf_printf(out,
                  "<svg class=\"qr\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" "
                  "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path "
                  "d=\"",
                  size, size, label, size, size);
    for (int y = 0; y < code->width; y++)
        add_row(out, code->data + y * code->width, code->width, y);
    pl_buf_puts(out, "\"/></svg>");
    QRcode_free(code);
    return out->failed ? PL_ENOMEM : PL_OK;
}
