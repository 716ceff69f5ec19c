/* See dd.h. The names are those of the specification's syntax, A.8.2. */
#include "proto/dd.h"

#include "base/bits.h"

#define MANDATORY_SIZE 3

/* ns(n): a number below n, n at least 1 (A.8.2.1). */
static unsigned read_ns(struct pl_bits *b, unsigned n)
{
    unsigned width = 0;
    while (n >> width)
        width++;
    unsigned short_ones = (1u << width) - n;
    unsigned v = pl_bits_read(b, width - 1);
    return v < short_ones ? v : (v << 1) - short_ones + pl_bits_read(b, 1);
}

static enum pl_err template_layers(struct pl_bits *b, struct pl_dd_structure *s)
{
    uint8_t temporal_id = 0, spatial_id = 0;
    for (;;) {
        if (s->n_templates == PL_DD_TEMPLATES_MAX || temporal_id == PL_DD_TEMPORAL_MAX ||
            spatial_id == PL_DD_SPATIAL_MAX)
            return PL_ELIMIT;
        s->templates[s->n_templates++] =
            (struct pl_dd_template){.temporal_id = temporal_id, .spatial_id = spatial_id};
        unsigned next_layer_idc = pl_bits_read(b, 2);
        if (b->bad)
            return PL_ETRUNC;
        if (next_layer_idc == 3)
            break;
        temporal_id = next_layer_idc == 2 ? 0 : (uint8_t)(temporal_id + next_layer_idc);
        spatial_id = (uint8_t)(spatial_id + (next_layer_idc == 2));
    }
    s->n_spatial = spatial_id + 1;
    return PL_OK;
}

static uint64_t read_dtis(struct pl_bits *b, unsigned n_targets)
{
    uint64_t dtis = 0;
    for (unsigned i = 0; i < n_targets; i++)
        dtis |= (uint64_t)pl_bits_read(b, 2) << (2 * i);
    return dtis;
}

static void template_fdiffs(struct pl_bits *b, const struct pl_dd_structure *s)
{
    for (unsigned i = 0; i < s->n_templates; i++)
        while (pl_bits_flag(b)) /* false past the end */
            pl_bits_read(b, 4);
}

static void template_chains(struct pl_bits *b, struct pl_dd_structure *s)
{
    s->n_chains = (uint8_t)read_ns(b, s->n_targets + 1u);
    for (unsigned i = 0; s->n_chains && i < s->n_targets; i++)
        read_ns(b, s->n_chains);
    for (unsigned i = 0; i < (unsigned)s->n_templates * s->n_chains; i++)
        pl_bits_read(b, 4);
}

static void render_resolutions(struct pl_bits *b, struct pl_dd_structure *s)
{
    for (unsigned i = 0; i < s->n_spatial; i++) {
        s->width[i] = (uint16_t)(pl_bits_read(b, 16) + 1);
        s->height[i] = (uint16_t)(pl_bits_read(b, 16) + 1);
    }
}

static enum pl_err template_dependency_structure(struct pl_bits *b, struct pl_dd_structure *out)
{
    struct pl_dd_structure s = {.offset = (uint8_t)pl_bits_read(b, 6)};
    s.n_targets = (uint8_t)(pl_bits_read(b, 5) + 1);
    enum pl_err err = template_layers(b, &s);
    if (err)
        return err;
    for (unsigned i = 0; i < s.n_templates; i++)
        s.templates[i].dtis = read_dtis(b, s.n_targets);
    template_fdiffs(b, &s);
    template_chains(b, &s);
    if (pl_bits_flag(b))
        render_resolutions(b, &s);
    if (b->bad)
        return PL_ETRUNC;
    *out = s;
    return PL_OK;
}

/* What a frame says instead of its template. */
static void frame_customs(struct pl_bits *b, const struct pl_dd_structure *s, bool dtis,
                          bool fdiffs, bool chains, struct pl_dd *d)
{
    if (dtis)
        d->dtis = read_dtis(b, s->n_targets);
    for (unsigned size = 1; fdiffs && size && !b->bad;) {
        size = pl_bits_read(b, 2);
        pl_bits_read(b, 4 * size);
    }
    for (unsigned i = 0; chains && i < s->n_chains; i++)
        pl_bits_read(b, 8);
}

static bool frame_layer(const struct pl_dd_structure *s, unsigned template_id, struct pl_dd *d)
{
    unsigned index = (template_id + PL_DD_TEMPLATES_MAX - s->offset) % PL_DD_TEMPLATES_MAX;
    if (index >= s->n_templates)
        return false;
    const struct pl_dd_template *t = &s->templates[index];
    d->temporal_id = t->temporal_id;
    d->spatial_id = t->spatial_id;
    d->dtis = t->dtis;
    d->width = s->width[t->spatial_id];
    d->height = s->height[t->spatial_id];
    return true;
}

enum pl_err pl_dd_parse(const uint8_t *bytes, size_t n, struct pl_dd_structure *structure,
                        struct pl_dd *out)
{
    struct pl_bits b = pl_bits(bytes, n);
    struct pl_dd_structure fresh;
    const struct pl_dd_structure *s = structure;
    struct pl_dd d = {.start = pl_bits_flag(&b)};
    d.end = pl_bits_flag(&b);
    unsigned template_id = pl_bits_read(&b, 6);
    d.frame_number = (uint16_t)pl_bits_read(&b, 16);
    bool active = false, dtis = false, fdiffs = false, chains = false;
    if (n > MANDATORY_SIZE) {
        d.structure = pl_bits_flag(&b);
        active = pl_bits_flag(&b);
        dtis = pl_bits_flag(&b);
        fdiffs = pl_bits_flag(&b);
        chains = pl_bits_flag(&b);
    }
    if (d.structure) {
        enum pl_err err = template_dependency_structure(&b, &fresh);
        if (err)
            return err;
        s = &fresh;
    }
    if (b.bad)
        return PL_ETRUNC;
    if (!frame_layer(s, template_id, &d))
        return PL_ENOENT;
    if (active)
        pl_bits_read(&b, s->n_targets); /* active_decode_targets_bitmask */
    frame_customs(&b, s, dtis, fdiffs, chains, &d);
    if (b.bad)
        return PL_ETRUNC;
    if (d.structure)
        *structure = fresh;
    *out = d;
    return PL_OK;
}
