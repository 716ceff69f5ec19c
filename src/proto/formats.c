/* See formats.h. */
#include "proto/formats.h"

#include <inttypes.h>
#include <stdio.h>

/* A parameter of a=fmtp, "name=value" among others; n 0: not there. */
static struct pl_str parameter(const struct pl_sdp_codec *c, const char *name)
{
    struct pl_str rest = c->fmtp;
    while (rest.n) {
        struct pl_str value = pl_str_split(&rest, ';');
        while (value.n && value.p[0] == ' ')
            value.p++, value.n--;
        if (pl_str_eq_nocase(pl_str_split(&value, '='), name))
            return value;
    }
    return (struct pl_str){NULL, 0};
}

static bool is_parameter(const struct pl_sdp_codec *c, const char *name, const char *value)
{
    return pl_str_eq(parameter(c, name), value);
}

/* Profile 0, which is also meant where none is named. */
static bool is_main(const struct pl_sdp_codec *c, const char *name)
{
    return parameter(c, name).n == 0 || is_parameter(c, name, "0");
}

/* Constrained baseline (RFC 6184, 8.1: profile_idc 66, constraint_set1_flag) in packetization mode
 * 1. */
static bool is_constrained_baseline(const struct pl_sdp_codec *c)
{
    struct pl_str profile = parameter(c, "profile-level-id");
    bool baseline = profile.n == 6 && profile.p[0] == '4' && profile.p[1] == '2';
    return baseline && memchr("4567cdefCDEF", profile.p[2], 12) &&
           is_parameter(c, "packetization-mode", "1");
}

static const struct {
    const char *name;
    enum pl_sdp_kind kind;
    uint32_t rate;
    unsigned channels;
    bool sealed; /* can be had in a meeting that is encrypted end to end */
} codecs[PL_CODECS] = {
    [PL_OPUS] = {"opus", PL_SDP_AUDIO, 48000, 2, true},
    [PL_RED] = {"red", PL_SDP_AUDIO, 48000, 2, false},
    [PL_VP8] = {"VP8", PL_SDP_VIDEO, 90000, 1, true},
    [PL_VP9] = {"VP9", PL_SDP_VIDEO, 90000, 1, true},
    [PL_AV1] = {"AV1", PL_SDP_VIDEO, 90000, 1, true},
    [PL_H264] = {"H264", PL_SDP_VIDEO, 90000, 1, false},
};

/* Which codec an offered payload type is; false: none of ours. With RTCP on the same port a payload
 * type of 64 to 95 looks like RTCP (RFC 5761, 4). */
static bool known_codec(const struct pl_sdp_section *s, const struct pl_sdp_codec *c,
                        bool encrypted, enum pl_codec *out)
{
    unsigned k = 0;
    while (k < PL_CODECS &&
           !(codecs[k].kind == s->kind && pl_str_eq_nocase(c->name, codecs[k].name) &&
             c->rate == codecs[k].rate && c->channels == codecs[k].channels))
        k++;
    if (k == PL_CODECS || (c->pt >= 64 && c->pt <= 95) || (encrypted && !codecs[k].sealed))
        return false;
    *out = (enum pl_codec)k;
    return (k != PL_VP9 || is_main(c, "profile-id")) && (k != PL_AV1 || is_main(c, "profile")) &&
           (k != PL_H264 || is_constrained_baseline(c));
}

const struct pl_sdp_codec *pl_formats_first(const struct pl_sdp *sdp,
                                            const struct pl_sdp_section *s, bool encrypted)
{
    enum pl_codec codec;
    for (size_t i = 0; i < s->n_codecs; i++) {
        const struct pl_sdp_codec *c = &sdp->codecs[s->first_codec + i];
        if (known_codec(s, c, encrypted, &codec) && codec != PL_RED)
            return c;
    }
    return NULL;
}

/* The payload type that retransmits `pt` (RFC 4588, 8.6): "apt=96", among other parameters. 0:
 * none. */
static uint8_t choose_rtx(const struct pl_sdp *sdp, const struct pl_sdp_section *s, uint8_t pt)
{
    char apt[4];
    snprintf(apt, sizeof apt, "%u", pt);
    for (size_t i = 0; i < s->n_codecs; i++) {
        const struct pl_sdp_codec *c = &sdp->codecs[s->first_codec + i];
        if (pl_str_eq_nocase(c->name, "rtx") && (c->pt < 64 || c->pt > 95) &&
            is_parameter(c, "apt", apt))
            return c->pt;
    }
    return 0;
}

/* RED says of which payload type its blocks are: "111/111". */
static bool is_red_of(const struct pl_sdp_codec *c, uint8_t pt)
{
    char text[4];
    snprintf(text, sizeof text, "%u", pt);
    struct pl_str rest = c->fmtp;
    while (rest.n)
        if (!pl_str_eq(pl_str_split(&rest, '/'), text))
            return false;
    return c->fmtp.n != 0;
}

/* RED stands before Opus, so that a client that has both sends it. */
static void add_red(const struct pl_sdp *sdp, const struct pl_sdp_section *s, bool encrypted,
                    struct pl_section *out)
{
    enum pl_codec codec;
    for (size_t i = 0; i < s->n_codecs; i++) {
        const struct pl_sdp_codec *c = &sdp->codecs[s->first_codec + i];
        if (!known_codec(s, c, encrypted, &codec) || codec != PL_RED ||
            !is_red_of(c, out->formats[0].pt))
            continue;
        out->formats[1] = out->formats[0];
        out->formats[0] = (struct pl_format){.codec = PL_RED, .pt = c->pt};
        out->n_formats = 2;
        return;
    }
}

unsigned pl_formats_choose(const struct pl_sdp *sdp, const struct pl_sdp_section *s, bool encrypted,
                           struct pl_section *out)
{
    unsigned feedback = ~0u, max = out->direction == PL_SEND ? PL_FORMATS_MAX : 1;
    bool rtx = s->kind == PL_SDP_VIDEO;
    for (size_t i = 0; i < s->n_codecs && out->n_formats < max; i++) {
        const struct pl_sdp_codec *c = &sdp->codecs[s->first_codec + i];
        struct pl_format f = {.pt = c->pt};
        if (!known_codec(s, c, encrypted, &f.codec) || f.codec == PL_RED ||
            pl_section_codec(out, f.codec))
            continue;
        f.rtx_pt = choose_rtx(sdp, s, c->pt);
        rtx = rtx && f.rtx_pt;
        feedback &= c->feedback;
        out->formats[out->n_formats++] = f;
    }
    for (unsigned i = 0; i < out->n_formats; i++)
        if (!rtx || !(feedback & PL_FB_NACK))
            out->formats[i].rtx_pt = 0;
    if (s->kind == PL_SDP_AUDIO)
        add_red(sdp, s, encrypted, out);
    return feedback;
}

/* Opus is asked for what repairs loss; DTX is the client's choice. What H.264 is of must stand
 * there as it was offered (RFC 6184, 8.2.2); profile 0 of VP9 and AV1 is understood. */
void pl_format_write(const struct pl_format *f, const struct pl_section *s,
                     const struct pl_sdp_codec *offered, struct pl_buf *b)
{
    pl_buf_printf(b, "a=rtpmap:%u %s/%" PRIu32 "%s\r\n", f->pt, codecs[f->codec].name,
                  codecs[f->codec].rate, codecs[f->codec].channels == 2 ? "/2" : "");
    if (f->codec == PL_OPUS)
        pl_buf_printf(b, "a=fmtp:%u minptime=10;useinbandfec=1%s\r\n", f->pt,
                      is_parameter(offered, "usedtx", "1") ? ";usedtx=1" : "");
    if (f->codec == PL_RED) {
        uint8_t pt = pl_section_codec(s, PL_OPUS)->pt;
        pl_buf_printf(b, "a=fmtp:%u %u/%u\r\n", f->pt, pt, pt);
    }
    if (f->codec == PL_H264) {
        pl_buf_printf(b, "a=fmtp:%u ", f->pt);
        pl_buf_add(b, offered->fmtp.p, offered->fmtp.n);
        pl_buf_puts(b, "\r\n");
    }
    if (f->rtx_pt)
        pl_buf_printf(b, "a=rtpmap:%u rtx/90000\r\na=fmtp:%u apt=%u\r\n", f->rtx_pt, f->rtx_pt,
                      f->pt);
}

const struct pl_format *pl_section_format(const struct pl_section *s, uint8_t pt)
{
    for (unsigned i = 0; i < s->n_formats; i++)
        if (s->formats[i].pt == pt || (s->formats[i].rtx_pt && s->formats[i].rtx_pt == pt))
            return &s->formats[i];
    return NULL;
}

const struct pl_format *pl_section_codec(const struct pl_section *s, enum pl_codec codec)
{
    for (unsigned i = 0; i < s->n_formats; i++)
        if (s->formats[i].codec == codec)
            return &s->formats[i];
    return NULL;
}

bool pl_section_takes(const struct pl_section *slot, const struct pl_section *source)
{
    /* What comes last decides: RED is Opus, too. */
    return source->n_formats &&
           pl_section_codec(slot, source->formats[source->n_formats - 1].codec);
}
