/* The codecs of an answer: which of those that a section offers are known here, and how they are
 * said. Part of answer.h, which holds what comes of it. */
#ifndef PL_PROTO_FORMATS_H
#define PL_PROTO_FORMATS_H

#include "proto/answer.h"

/* The first codec that a section can be accepted for; NULL: none. */
const struct pl_sdp_codec *pl_formats_first(const struct pl_sdp *sdp,
                                            const struct pl_sdp_section *s, bool encrypted);

/* Fills the formats of a section whose direction is known: one codec to receive, every one to send.
 * Returns the feedback (PL_FB_…) that all of them have. */
unsigned pl_formats_choose(const struct pl_sdp *sdp, const struct pl_sdp_section *s, bool encrypted,
                           struct pl_section *out);

/* The lines of one of the section's formats, which was offered as `offered`. */
void pl_format_write(const struct pl_format *f, const struct pl_section *s,
                     const struct pl_sdp_codec *offered, struct pl_buf *b);

#endif
