/* See sdp.h. One pass over the lines; an attribute is a row of a table and a function. */
#include "proto/sdp.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

struct parser {
    struct pl_sdp *sdp;
    struct pl_sdp_section *at; /* what attributes belong to now */
    bool fragment;
    size_t line; /* from 1 */
    const char *why;
    size_t sections_cap, codecs_cap;
};

static enum pl_err fail(struct parser *p, enum pl_err e, const char *why)
{
    p->why = why;
    return e;
}

static enum pl_err malformed(struct parser *p, const char *why)
{
    return fail(p, PL_EINVAL, why);
}

/* The next word; a run of spaces counts as one. n 0 at the end. */
static struct pl_str word(struct pl_str *rest)
{
    while (rest->n && rest->p[0] == ' ')
        rest->p++, rest->n--;
    return pl_str_split(rest, ' ');
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Of letters, digits and the characters of `more`; not empty. */
static bool made_of(struct pl_str s, const char *more)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && (s.p[i] == 0 || !strchr(more, s.p[i])))
            return false;
    return s.n > 0;
}

static bool is_token(struct pl_str s) /* RFC 8866, 9 */
{
    return made_of(s, "!#$%&'*+-.^_`{|}~");
}

/* Makes room for one more element of `size` in an array that holds n and has room for *cap. */
static enum pl_err grow(void **array, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return PL_OK;
    size_t more = *cap ? *cap * 2 : 16;
    void *bigger = realloc(*array, more * size);
    if (!bigger)
        return PL_ENOMEM;
    *array = bigger;
    *cap = more;
    return PL_OK;
}

static struct pl_sdp_codec *find_codec(struct parser *p, uint64_t pt)
{
    struct pl_sdp_codec *codecs = p->sdp->codecs;
    for (size_t i = 0; i < p->at->n_codecs; i++)
        if (codecs[p->at->first_codec + i].pt == pt)
            return &codecs[p->at->first_codec + i];
    return NULL;
}

/* The payload type at the front of *value. *codec is NULL where the m= line does not have it: such
 * orphans are read over. */
static enum pl_err take_payload_type(struct parser *p, struct pl_str *value,
                                     struct pl_sdp_codec **codec)
{
    uint64_t pt;
    if (pl_parse_u64(word(value), 127, &pt) != PL_OK)
        return malformed(p, "the payload type is not a number from 0 to 127");
    *codec = find_codec(p, pt);
    return PL_OK;
}

static enum pl_err on_mid(struct parser *p, struct pl_str value)
{
    if (!is_token(value))
        return malformed(p, "the mid is not a token");
    if (value.n >= PL_MID_SIZE)
        return fail(p, PL_ELIMIT, "the mid is longer than 16 bytes");
    if (p->at->mid.n)
        return malformed(p, "the section has two mids");
    for (size_t i = 0; i < p->sdp->n_sections; i++) {
        struct pl_str other = p->sdp->sections[i].mid;
        if (other.n == value.n && memcmp(other.p, value.p, value.n) == 0)
            return malformed(p, "another section has the same mid");
    }
    p->at->mid = value;
    return PL_OK;
}

static enum pl_err on_ufrag(struct parser *p, struct pl_str value)
{
    if (value.n < 4 || value.n >= PL_UFRAG_SIZE || !made_of(value, "+/"))
        return malformed(p, "the ice-ufrag is not 4 to 256 ice-chars");
    p->at->ufrag = value;
    return PL_OK;
}

static enum pl_err on_pwd(struct parser *p, struct pl_str value)
{
    if (value.n < 22 || value.n >= PL_PWD_SIZE || !made_of(value, "+/"))
        return malformed(p, "the ice-pwd is not 22 to 256 ice-chars");
    p->at->pwd = value;
    return PL_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 8122. Of several of SHA-256 the first counts. */
static enum pl_err on_fingerprint(struct parser *p, struct pl_str value)
{
    if (!pl_str_eq_nocase(word(&value), "sha-256")) {
        p->at->has_other_fingerprint = true;
        return PL_OK;
    }
    if (value.n != 32 * 3 - 1)
        return malformed(p, "the fingerprint is not 32 bytes");
    uint8_t bytes[32];
    for (size_t i = 0; i < 32; i++) {
        int high = hex_digit(value.p[3 * i]), low = hex_digit(value.p[3 * i + 1]);
        if (high < 0 || low < 0 || (i < 31 && value.p[3 * i + 2] != ':'))
            return malformed(p, "the fingerprint is not hexadecimal");
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    if (!p->at->has_fingerprint)
        memcpy(p->at->fingerprint, bytes, 32);
    p->at->has_fingerprint = true;
    return PL_OK;
}

static enum pl_err on_setup(struct parser *p, struct pl_str value)
{
    static const struct {
        const char *text;
        enum pl_sdp_setup setup;
    } rows[] = {
        {"actpass", PL_SETUP_ACTPASS},
        {"active", PL_SETUP_ACTIVE},
        {"passive", PL_SETUP_PASSIVE},
        {"holdconn", PL_SETUP_HOLDCONN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (pl_str_eq(value, rows[i].text)) {
            p->at->setup = rows[i].setup;
            return PL_OK;
        }
    return malformed(p, "the setup is unknown");
}

/* Only the first BUNDLE group counts; its mids are looked up at the end. */
static enum pl_err on_group(struct parser *p, struct pl_str value)
{
    if (pl_str_eq(word(&value), "BUNDLE") && !p->sdp->has_bundle) {
        p->sdp->has_bundle = true;
        p->sdp->bundle_text = value;
        p->sdp->bundle_line = p->line;
    }
    return PL_OK;
}

static enum pl_err on_rtpmap(struct parser *p, struct pl_str value)
{
    struct pl_sdp_codec *codec;
    enum pl_err e = take_payload_type(p, &value, &codec);
    if (e != PL_OK)
        return e;
    struct pl_str rest = word(&value);
    struct pl_str name = pl_str_split(&rest, '/');
    struct pl_str rate_text = pl_str_split(&rest, '/');
    uint64_t rate, channels = 1;
    if (!is_token(name) || pl_parse_u64(rate_text, UINT32_MAX, &rate) != PL_OK ||
        (rest.n && pl_parse_u64(rest, 255, &channels) != PL_OK))
        return malformed(p, "the rtpmap is not NAME/RATE or NAME/RATE/CHANNELS");
    if (codec) {
        codec->name = name;
        codec->rate = (uint32_t)rate;
        codec->channels = (unsigned)channels;
    }
    return PL_OK;
}

static enum pl_err on_fmtp(struct parser *p, struct pl_str value)
{
    struct pl_sdp_codec *codec;
    enum pl_err e = take_payload_type(p, &value, &codec);
    if (e == PL_OK && codec)
        codec->fmtp = value;
    return e;
}

static enum pl_err on_rtcp_fb(struct parser *p, struct pl_str value)
{
    static const struct {
        const char *text;
        unsigned bit;
    } rows[] = {
        {"nack", PL_FB_NACK},      {"nack pli", PL_FB_PLI},      {"ccm fir", PL_FB_FIR},
        {"goog-remb", PL_FB_REMB}, {"transport-cc", PL_FB_TWCC},
    };
    struct pl_sdp_codec *codec = NULL;
    bool all = value.n >= 2 && value.p[0] == '*' && value.p[1] == ' ';
    if (all) {
        (void)word(&value);
    } else {
        enum pl_err e = take_payload_type(p, &value, &codec);
        if (e != PL_OK)
            return e;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!pl_str_eq(value, rows[i].text))
            continue;
        if (all)
            p->at->feedback |= rows[i].bit;
        else if (codec)
            codec->feedback |= rows[i].bit;
    }
    return PL_OK;
}

/* "", "sendrecv", "sendonly", "recvonly" or "inactive". */
static bool parse_direction(struct pl_str text, bool *sends, bool *receives)
{
    bool both = text.n == 0 || pl_str_eq(text, "sendrecv");
    bool sendonly = pl_str_eq(text, "sendonly");
    bool recvonly = pl_str_eq(text, "recvonly");
    if (!both && !sendonly && !recvonly && !pl_str_eq(text, "inactive"))
        return false;
    *sends = both || sendonly;
    *receives = both || recvonly;
    return true;
}

/* RFC 8285, 5. An id serves one extension only; two would make packets ambiguous. */
static enum pl_err on_extmap(struct parser *p, struct pl_str value)
{
    static const char *const uris[PL_SDP_EXTS] = {
        [PL_SDP_EXT_MID] = "urn:ietf:params:rtp-hdrext:sdes:mid",
        [PL_SDP_EXT_RID] = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        [PL_SDP_EXT_REPAIRED_RID] = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
        [PL_SDP_EXT_AUDIO_LEVEL] = "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        [PL_SDP_EXT_TWCC] =
            "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        [PL_SDP_EXT_DD] = PL_SDP_DD_URI,
    };
    struct pl_str direction = word(&value);
    struct pl_str id_text = pl_str_split(&direction, '/');
    struct pl_str uri = word(&value);
    struct pl_sdp_ext ext = {0};
    uint64_t id;
    if (pl_parse_u64(id_text, 4351, &id) != PL_OK || id == 0 || uri.n == 0 ||
        !parse_direction(direction, &ext.sends, &ext.receives))
        return malformed(p, "the extmap is not ID URI or ID/DIRECTION URI");
    if (id < 256) {
        uint64_t bit = (uint64_t)1 << (id & 63), *set = &p->at->ext_ids[id >> 6];
        if (*set & bit)
            return malformed(p, "the id of the extmap is in use");
        *set |= bit;
    }
    ext.id = (uint8_t)id;
    for (size_t i = 0; i < PL_SDP_EXTS && id < 256 && id != 15; i++)
        if (pl_str_eq(uri, uris[i]) && p->at->exts[i].id == 0)
            p->at->exts[i] = ext;
    return PL_OK;
}

static enum pl_err add_ssrc(struct parser *p, struct pl_str text, bool repair)
{
    struct pl_sdp_section *s = p->at;
    uint64_t ssrc;
    if (pl_parse_u64(text, UINT32_MAX, &ssrc) != PL_OK)
        return malformed(p, "the SSRC is not a number of 32 bits");
    size_t i = 0;
    while (i < s->n_ssrcs && s->ssrcs[i].ssrc != ssrc)
        i++;
    if (i == PL_SDP_SSRCS_MAX)
        return fail(p, PL_ELIMIT, "the section has more than " TEXT(PL_SDP_SSRCS_MAX) " SSRCs");
    if (i == s->n_ssrcs)
        s->ssrcs[s->n_ssrcs++] = (struct pl_sdp_ssrc){.ssrc = (uint32_t)ssrc};
    s->ssrcs[i].repair |= repair;
    return PL_OK;
}

static enum pl_err on_ssrc(struct parser *p, struct pl_str value)
{
    return add_ssrc(p, word(&value), false);
}

/* RFC 5576, 4.2. Only what tells originals from retransmissions matters. */
static enum pl_err on_ssrc_group(struct parser *p, struct pl_str value)
{
    if (!pl_str_eq(word(&value), "FID"))
        return PL_OK;
    enum pl_err e = add_ssrc(p, word(&value), false);
    return e == PL_OK ? add_ssrc(p, word(&value), true) : e;
}

static enum pl_err on_rid(struct parser *p, struct pl_str value)
{
    struct pl_str id = word(&value), direction = word(&value);
    bool sends = pl_str_eq(direction, "send");
    if (!made_of(id, "-_") || (!sends && !pl_str_eq(direction, "recv")))
        return malformed(p, "the rid is not ID send or ID recv");
    if (p->at->n_rids == PL_SDP_RIDS_MAX)
        return fail(p, PL_ELIMIT, "the section has more than " TEXT(PL_SDP_RIDS_MAX) " rids");
    p->at->rids[p->at->n_rids++] = (struct pl_sdp_rid){id, sends};
    return PL_OK;
}

static enum pl_err on_simulcast(struct parser *p, struct pl_str value)
{
    p->at->simulcast = value;
    return PL_OK;
}

/* RFC 3611, 5.1: formats, with a space between them. */
static enum pl_err on_rtcp_xr(struct parser *p, struct pl_str value)
{
    while (value.n) {
        struct pl_str format = word(&value);
        p->at->xr_rtt |= pl_str_eq(format, "rcvr-rtt=all") || pl_str_eq(format, "rcvr-rtt=sender");
    }
    return PL_OK;
}

/* Attributes with a value. Those of the second kind mean nothing at session level. */
static const struct {
    const char *name;
    enum pl_err (*parse)(struct parser *p, struct pl_str value);
    bool section_only;
} attributes[] = {
    {"ice-ufrag", on_ufrag, false},
    {"ice-pwd", on_pwd, false},
    {"fingerprint", on_fingerprint, false},
    {"setup", on_setup, false},
    {"group", on_group, false},
    {"extmap", on_extmap, false},
    {"mid", on_mid, true},
    {"rtpmap", on_rtpmap, true},
    {"fmtp", on_fmtp, true},
    {"rtcp-fb", on_rtcp_fb, true},
    {"rtcp-xr", on_rtcp_xr, true},
    {"ssrc", on_ssrc, true},
    {"ssrc-group", on_ssrc_group, true},
    {"rid", on_rid, true},
    {"simulcast", on_simulcast, true},
};

/* Attributes without one. */
static void parse_flag(struct parser *p, struct pl_str name)
{
    struct pl_sdp_section *s = p->at;
    if (pl_str_eq(name, "rtcp-mux"))
        s->rtcp_mux = true;
    else if (pl_str_eq(name, "rtcp-rsize"))
        s->rtcp_rsize = true;
    else if (pl_str_eq(name, "extmap-allow-mixed"))
        s->extmap_allow_mixed = true;
    else if (pl_str_eq(name, "bundle-only"))
        s->bundle_only = true;
    else if (pl_str_eq(name, "end-of-candidates"))
        s->end_of_candidates = true;
    else if (pl_str_eq(name, "ice-lite"))
        p->sdp->ice_lite = true;
    else if (name.n)
        (void)parse_direction(name, &s->sends, &s->receives);
}

static enum pl_err parse_attribute(struct parser *p, struct pl_str rest)
{
    bool has_value = rest.n && memchr(rest.p, ':', rest.n);
    struct pl_str name = pl_str_split(&rest, ':');
    if (!is_token(name))
        return malformed(p, "the attribute's name is not a token");
    if (!has_value) {
        parse_flag(p, name);
        return PL_OK;
    }
    bool at_session = p->at == &p->sdp->session;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if (pl_str_eq(name, attributes[i].name))
            return at_session && attributes[i].section_only ? PL_OK : attributes[i].parse(p, rest);
    return PL_OK;
}

/* The formats of an m= line: payload types if it is RTP, else anything. */
static enum pl_err parse_formats(struct parser *p, struct pl_str rest)
{
    p->at->first_codec = p->sdp->n_codecs;
    while (rest.n) {
        struct pl_str format = word(&rest);
        if (!p->at->rtp) {
            if (!is_token(format))
                return malformed(p, "a format is not a token");
            continue;
        }
        uint64_t pt;
        if (pl_parse_u64(format, 127, &pt) != PL_OK)
            return malformed(p, "a payload type is not a number from 0 to 127");
        if (find_codec(p, pt))
            return malformed(p, "a payload type stands there twice");
        void *codecs = p->sdp->codecs;
        if (grow(&codecs, p->sdp->n_codecs, &p->codecs_cap, sizeof *p->sdp->codecs) != PL_OK)
            return PL_ENOMEM;
        p->sdp->codecs = codecs;
        p->sdp->codecs[p->sdp->n_codecs++] = (struct pl_sdp_codec){
            .pt = (uint8_t)pt,
            .channels = 1,
        };
        p->at->n_codecs++;
    }
    return PL_OK;
}

static enum pl_sdp_kind kind_of(struct pl_str text)
{
    if (pl_str_eq(text, "audio"))
        return PL_SDP_AUDIO;
    if (pl_str_eq(text, "video"))
        return PL_SDP_VIDEO;
    return pl_str_eq(text, "application") ? PL_SDP_APPLICATION : PL_SDP_OTHER;
}

/* "UDP/TLS/RTP/SAVPF", "RTP/AVP": one part of it is RTP. */
static bool is_rtp(struct pl_str proto)
{
    while (proto.n)
        if (pl_str_eq(pl_str_split(&proto, '/'), "RTP"))
            return true;
    return false;
}

/* m=KIND PORT PROTO FORMAT... */
static enum pl_err parse_media(struct parser *p, struct pl_str rest)
{
    struct pl_sdp *sdp = p->sdp;
    if (sdp->n_sections == PL_SECTIONS_MAX)
        return fail(p, PL_ELIMIT, "there are more than " TEXT(PL_SECTIONS_MAX) " media sections");
    struct pl_sdp_section s = {
        .line = p->line,
        .sends = sdp->session.sends,
        .receives = sdp->session.receives,
    };
    memcpy(s.exts, sdp->session.exts, sizeof s.exts);
    memcpy(s.ext_ids, sdp->session.ext_ids, sizeof s.ext_ids);
    s.kind_text = word(&rest);
    struct pl_str port_text = word(&rest);
    s.proto = word(&rest);
    while (rest.n && rest.p[0] == ' ')
        rest.p++, rest.n--;
    s.formats = rest;
    uint64_t port;
    if (!is_token(s.kind_text) || !made_of(s.proto, "!#$%&'*+-.^_`{|}~/") || rest.n == 0 ||
        pl_parse_u64(pl_str_split(&port_text, '/'), UINT16_MAX, &port) != PL_OK)
        return malformed(p, "the media line is not KIND PORT PROTOCOL FORMAT");
    s.kind = kind_of(s.kind_text);
    s.port = (uint16_t)port;
    s.rtp = is_rtp(s.proto);
    void *sections = sdp->sections;
    if (grow(&sections, sdp->n_sections, &p->sections_cap, sizeof s) != PL_OK)
        return PL_ENOMEM;
    sdp->sections = sections;
    p->at = &sdp->sections[sdp->n_sections++];
    *p->at = s;
    return parse_formats(p, s.formats);
}

static enum pl_err parse_line(struct parser *p, struct pl_str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
            return malformed(p, "there is a control character");
    if (line.n < 2 || line.p[0] < 'a' || line.p[0] > 'z' || line.p[1] != '=')
        return malformed(p, "this is not TYPE=VALUE");
    struct pl_str value = {line.p + 2, line.n - 2};
    if (p->line == 1 && !p->fragment && !pl_str_eq(line, "v=0"))
        return malformed(p, "a session description begins with v=0");
    if (line.p[0] == 'm')
        return parse_media(p, value);
    return line.p[0] == 'a' ? parse_attribute(p, value) : PL_OK;
}

/* Empty lines are taken at the end only. */
static bool only_line_ends(struct pl_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\r' && s.p[i] != '\n')
            return false;
    return true;
}

static enum pl_err resolve_bundle(struct parser *p)
{
    struct pl_sdp *sdp = p->sdp;
    p->line = sdp->bundle_line;
    for (struct pl_str rest = sdp->bundle_text, mid; (mid = word(&rest)).n;) {
        size_t i = 0;
        while (i < sdp->n_sections && (sdp->sections[i].mid.n != mid.n ||
                                       memcmp(sdp->sections[i].mid.p, mid.p, mid.n) != 0))
            i++;
        if (i == sdp->n_sections)
            return malformed(p, "the group names a mid that no section has");
        if (sdp->sections[i].bundled)
            return malformed(p, "the group names a mid twice");
        sdp->sections[i].bundled = true;
        sdp->bundle[sdp->n_bundle++] = (uint16_t)i;
    }
    return PL_OK;
}

static enum pl_err parse_all(struct parser *p, struct pl_str text)
{
    if (text.n > PL_OFFER_MAX)
        return fail(p, PL_ELIMIT, "The description is larger than 512 KiB.");
    while (!only_line_ends(text)) {
        struct pl_str line = pl_str_split(&text, '\n');
        p->line++;
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        enum pl_err e = parse_line(p, line);
        if (e != PL_OK)
            return e;
    }
    p->line = 0;
    if (p->fragment)
        return PL_OK;
    if (p->sdp->n_sections == 0)
        return malformed(p, "The description has no media section.");
    for (size_t i = 0; i < p->sdp->n_sections; i++) {
        const struct pl_sdp_section *s = &p->sdp->sections[i];
        for (size_t k = 0; k < s->n_codecs; k++)
            p->sdp->codecs[s->first_codec + k].feedback |= s->feedback;
    }
    return resolve_bundle(p);
}

static enum pl_err parse(struct pl_str text, bool fragment, struct pl_sdp *out,
                         char why[PL_SDP_WHY])
{
    struct pl_sdp sdp = {.session = {.sends = true, .receives = true}};
    struct parser p = {.sdp = &sdp, .at = &sdp.session, .fragment = fragment};
    enum pl_err e = parse_all(&p, text);
    if (e == PL_OK) {
        *out = sdp;
        return PL_OK;
    }
    pl_sdp_free(&sdp);
    if (e == PL_ENOMEM)
        snprintf(why, PL_SDP_WHY, "There is no memory.");
    else if (p.line)
        snprintf(why, PL_SDP_WHY, "line %zu: %s", p.line, p.why);
    else
        snprintf(why, PL_SDP_WHY, "%s", p.why);
    return e;
}

enum pl_err pl_sdp_parse(struct pl_str text, struct pl_sdp *out, char why[PL_SDP_WHY])
{
    return parse(text, false, out, why);
}

enum pl_err pl_sdp_parse_fragment(struct pl_str text, struct pl_sdp *out, char why[PL_SDP_WHY])
{
    return parse(text, true, out, why);
}

void pl_sdp_free(struct pl_sdp *s)
{
    free(s->sections);
    free(s->codecs);
    s->sections = NULL;
    s->codecs = NULL;
}
