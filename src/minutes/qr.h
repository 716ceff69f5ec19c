/* A QR code (ISO/IEC 18004) as a drawing in SVG, by libqrencode. Pure. */
#ifndef PL_MINUTES_QR_H
#define PL_MINUTES_QR_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

#define PL_QR_TEXT_MAX 600 /* bytes: about 100 modules a side, which a telephone still reads */

/* Appends it, black on white, with the border of four modules that readers need; 15 % of it may be
 * spoilt. `label` is what it says to those who do not see it, without markup. PL_ELIMIT: the text
 * is longer, or empty; PL_ENOMEM. */
enum pl_err pl_qr_svg(struct pl_buf *out, struct pl_str text, const char *label) PL_CHECKED;

#endif
