/* See descriptor.h. */
#include "proto/descriptor.h"

#include "proto/av1.h"
#include "proto/h264.h"
#include "proto/vp8.h"
#include "proto/vp9.h"

enum pl_err pl_descriptor_read(enum pl_codec codec, const uint8_t *payload, size_t n,
                               struct pl_descriptor *out)
{
    switch (codec) {
    case PL_VP8:
        return pl_vp8_parse(payload, n, out);
    case PL_VP9:
        return pl_vp9_parse(payload, n, out);
    case PL_AV1:
        return pl_av1_parse(payload, n, out);
    case PL_H264:
        return pl_h264_parse(payload, n, out);
    case PL_OPUS:
    case PL_RED:
    case PL_CODECS:
        break;
    }
    *out = (struct pl_descriptor){0};
    return PL_OK;
}

#define TEMPORAL_MAX 7 /* three bits in VP9 and AV1 */

unsigned pl_descriptor_up_to(enum pl_codec codec, const struct pl_descriptor *d, unsigned had)
{
    if (d->key_start)
        return TEMPORAL_MAX;
    if (codec == PL_VP8)
        return d->switch_up && d->temporal_id == had + 1 ? had + 1 : had;
    return d->switch_up && d->temporal_id <= had ? TEMPORAL_MAX : had;
}

size_t pl_descriptor_write(const struct pl_descriptor *d, const uint8_t *payload,
                           uint16_t picture_id, uint8_t tl0, uint8_t out[PL_DESCRIPTOR_MAX],
                           size_t *replaces)
{
    size_t at = 0, n = 0;
    size_t end = d->tl0_at ? d->tl0_at + 1u : d->picture_id_at + d->picture_id_len;
    while (at < end) {
        if (d->picture_id_len && at == d->picture_id_at) {
            out[n++] = (uint8_t)(0x80 | picture_id >> 8);
            out[n++] = (uint8_t)picture_id;
            at += d->picture_id_len;
        } else {
            out[n++] = d->tl0_at && at == d->tl0_at ? tl0 : payload[at];
            at++;
        }
    }
    *replaces = at;
    return n;
}
