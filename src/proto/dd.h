/* The dependency descriptor (RTP Payload Format For AV1, appendix A): which layer a frame belongs
 * to, told in a header extension. A structure comes with key frames; other packets name one of its
 * templates. What frames refer to, and chains, are read over. */
#ifndef PL_PROTO_DD_H
#define PL_PROTO_DD_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_DD_TEMPLATES_MAX 64 /* ids have 6 bits (A.8.1) */
#define PL_DD_TARGETS_MAX 32   /* 5 bits, less one (A.8.2) */
#define PL_DD_TEMPORAL_MAX 8   /* layers; A.8.3.1 */
#define PL_DD_SPATIAL_MAX 4

/* What a decode target makes of a frame (A.5). */
enum pl_dti { PL_DTI_NOT_PRESENT, PL_DTI_DISCARDABLE, PL_DTI_SWITCH, PL_DTI_REQUIRED };

struct pl_dd_template {
    uint8_t temporal_id, spatial_id;
    uint64_t dtis; /* two bits a decode target, the first lowest */
};

struct pl_dd_structure {
    uint8_t n_templates; /* 0: none has come yet */
    uint8_t offset;      /* the id of the first template */
    uint8_t n_targets, n_chains, n_spatial;
    struct pl_dd_template templates[PL_DD_TEMPLATES_MAX];
    uint16_t width[PL_DD_SPATIAL_MAX], height[PL_DD_SPATIAL_MAX]; /* 0: not told */
};

struct pl_dd {
    bool start, end; /* first, last packet of a frame */
    bool structure;  /* one came with it: the frame is a key frame, or leads to it */
    uint16_t frame_number;
    uint8_t temporal_id, spatial_id;
    uint16_t width, height; /* of its spatial layer; 0: not told */
    uint64_t dtis;          /* as above, of this frame */
};

/* Reads a descriptor against the structure that came last, which is replaced if another comes
 * along. PL_ETRUNC: it ends too early. PL_ELIMIT: more layers or templates than above. PL_ENOENT:
 * its template is not known. */
enum pl_err pl_dd_parse(const uint8_t *bytes, size_t n, struct pl_dd_structure *structure,
                        struct pl_dd *out) PL_CHECKED;

static inline enum pl_dti pl_dd_dti(uint64_t dtis, unsigned target)
{
    return (enum pl_dti)(dtis >> (2 * target) & 3);
}

/* Whether who can decode a frame of these indications can decode all that comes after it: some
 * decode target can be joined at it, and none needs what came before. */
static inline bool pl_dd_switches(uint64_t dtis)
{
    uint64_t high = dtis >> 1, low = dtis;
    uint64_t each = UINT64_C(0x5555555555555555);
    return (high & ~low & each) && !(high & low & each);
}

#endif
