/* See answer.h. Everything is decided before the first line of the answer is written. */
#include "proto/answer.h"

#include "proto/formats.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define UFRAG_LENGTH 8
#define PWD_LENGTH 24

/* What the answer is made from, besides the session that comes out. */
struct plan {
    const struct pl_answer_config *config;
    struct pl_sdp sdp;
    struct pl_session session;
    const struct pl_sdp_codec *codecs[PL_SECTIONS_MAX]; /* of each section; NULL: refused */
    bool usable[PL_SECTIONS_MAX];                       /* the codec is one of ours */
    size_t first;                                       /* first accepted section of the group */
    const struct pl_sdp_section *offer_tag; /* the offer's transport is this section's */
    char pairs[PL_PAIRS][17];               /* their stream ids */
    char *why;
};

static enum pl_err unsupported(struct plan *p, const char *why)
{
    snprintf(p->why, PL_SDP_WHY, "%s", why);
    return PL_EUNSUPPORTED;
}

/* The profiles that an answerer takes (RFC 9429, 5.1.2); all of them mean DTLS-SRTP here. */
static bool is_known_profile(struct pl_str proto)
{
    static const char *const names[] = {
        "UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF",
        "TCP/DTLS/RTP/SAVP", "RTP/SAVPF",        "RTP/SAVP",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (pl_str_eq(proto, names[i]))
            return true;
    return false;
}

/* Section i of the offer, which is in the group: is it accepted, and with which codec? The section
 * whose transport the group is offered on is accepted even if its codecs are none of ours, inactive
 * then: Chromium 156 fails on an answer that refuses it ("Failed to setup RTCP mux"). */
static enum pl_err choose_section(struct plan *p, size_t i)
{
    const struct pl_sdp_section *s = &p->sdp.sections[i];
    if ((s->port == 0 && !s->bundle_only) || !is_known_profile(s->proto))
        return PL_OK;
    p->codecs[i] = pl_formats_first(&p->sdp, s, p->config->encrypted);
    p->usable[i] = p->codecs[i] != NULL;
    bool media = s->kind == PL_SDP_AUDIO || s->kind == PL_SDP_VIDEO;
    if (s == p->offer_tag && media && s->n_codecs && !p->codecs[i])
        p->codecs[i] = &p->sdp.codecs[s->first_codec];
    if (p->codecs[i] && !s->rtcp_mux && !p->offer_tag->rtcp_mux) {
        snprintf(p->why, PL_SDP_WHY, "line %zu: the section has no rtcp-mux", s->line);
        return PL_EUNSUPPORTED;
    }
    if (p->codecs[i] && p->first == SIZE_MAX)
        p->first = i;
    return PL_OK;
}

/* Which sections are accepted, and which of them comes first in the group. A single section needs
 * no group. */
static enum pl_err choose_sections(struct plan *p)
{
    const struct pl_sdp *sdp = &p->sdp;
    bool alone = !sdp->has_bundle && sdp->n_sections == 1;
    if (!alone && sdp->n_bundle == 0)
        return unsupported(p, "The offer does not bundle its sections (a=group:BUNDLE).");
    p->first = SIZE_MAX;
    p->offer_tag = &sdp->sections[alone ? 0 : sdp->bundle[0]];
    bool any = false;
    for (size_t k = 0; k < (alone ? 1 : sdp->n_bundle); k++) {
        size_t i = alone ? 0 : sdp->bundle[k];
        enum pl_err e = choose_section(p, i);
        if (e != PL_OK)
            return e;
        any |= p->usable[i];
    }
    return any ? PL_OK : unsupported(p, "No section offers a codec that is known here.");
}

/* What describes the transport stands in the section that the group's transport is of, at session
 * level, or, where our first section is bundle-only, in the offer's first (RFC 9143, 7.1). */
static enum pl_err take_transport(struct plan *p)
{
    const struct pl_sdp_section *places[] = {&p->sdp.sections[p->first], &p->sdp.session,
                                             p->offer_tag};
    struct pl_str ufrag = {NULL, 0}, pwd = {NULL, 0};
    const uint8_t *fingerprint = NULL;
    enum pl_sdp_setup setup = PL_SETUP_NONE;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const struct pl_sdp_section *s = places[i];
        ufrag = ufrag.n ? ufrag : s->ufrag;
        pwd = pwd.n ? pwd : s->pwd;
        setup = setup ? setup : s->setup;
        if (!fingerprint && s->has_fingerprint)
            fingerprint = s->fingerprint;
    }
    if (pl_str_copy(ufrag, p->session.remote_ufrag, PL_UFRAG_SIZE) != PL_OK ||
        pl_str_copy(pwd, p->session.remote_pwd, PL_PWD_SIZE) != PL_OK || !ufrag.n || !pwd.n) {
        snprintf(p->why, PL_SDP_WHY, "The offer has no ice-ufrag and ice-pwd.");
        return PL_EINVAL;
    }
    if (p->sdp.ice_lite)
        return unsupported(p, "The client is ICE-lite, and so is the server.");
    if (!fingerprint)
        return unsupported(p, "The offer has no SHA-256 fingerprint.");
    if (setup == PL_SETUP_PASSIVE || setup == PL_SETUP_HOLDCONN)
        return unsupported(p,
                           "The server is passive in DTLS; the offer must be actpass or active.");
    memcpy(p->session.remote_fingerprint, fingerprint, 32);
    return PL_OK;
}

/* The header extension's id, if the client would send it. */
static uint8_t ext_id(const struct pl_sdp_section *s, enum pl_sdp_ext_name name)
{
    return s->exts[name].sends ? s->exts[name].id : 0;
}

/* The first SSRC of its kind, 0: none. */
static uint32_t announced_ssrc(const struct pl_sdp_section *s, bool repair)
{
    for (size_t i = 0; i < s->n_ssrcs; i++)
        if (s->ssrcs[i].repair == repair)
            return s->ssrcs[i].ssrc;
    return 0;
}

/* The layers that the client sends. Without the extension that names them, or with more than are
 * dealt with here, it is asked for one (it then sends its first). */
static void take_layers(const struct pl_sdp_section *s, struct pl_section *out)
{
    out->ext_rid = ext_id(s, PL_SDP_EXT_RID);
    out->ext_repaired_rid = ext_id(s, PL_SDP_EXT_REPAIRED_RID);
    size_t n = 0;
    for (size_t i = 0; i < s->n_rids; i++)
        n += s->rids[i].sends;
    if (s->simulcast.n == 0 || !out->ext_rid || !out->ext_mid || n > PL_LAYERS_MAX)
        return;
    for (size_t i = 0; i < s->n_rids; i++)
        if (s->rids[i].sends &&
            pl_str_copy(s->rids[i].id, out->rids[out->n_rids], PL_RID_SIZE) == PL_OK)
            out->n_rids++;
}

static void fill_receive(const struct pl_sdp_section *s, unsigned feedback, struct pl_section *out)
{
    out->ext_mid = ext_id(s, PL_SDP_EXT_MID);
    if (feedback & PL_FB_TWCC)
        out->ext_twcc = ext_id(s, PL_SDP_EXT_TWCC);
    /* VP8 would give up the numbers in its descriptor for it, VP9 has all in its own. */
    if (out->formats[0].codec == PL_AV1)
        out->ext_dd = ext_id(s, PL_SDP_EXT_DD);
    out->remb = out->remb && !out->ext_twcc; /* one of the two rules the sender */
    if (out->media == PL_AUDIO)
        out->ext_audio_level = ext_id(s, PL_SDP_EXT_AUDIO_LEVEL);
    else
        take_layers(s, out);
    if (out->n_rids)
        return; /* each layer has SSRCs of its own, known by their rid */
    out->ssrc = announced_ssrc(s, false);
    out->rtx_ssrc = out->formats[0].rtx_pt ? announced_ssrc(s, true) : 0;
}

/* A slot numbers its packets for the transport only where a retransmission has an SSRC of its own:
 * the same packet under another number would be a second plaintext under one SRTP index. */
static void fill_send(const struct plan *p, const struct pl_sdp_section *s, unsigned feedback,
                      struct pl_section *out)
{
    bool once = !out->nack || out->formats[0].rtx_pt;
    const struct pl_sdp_ext *twcc = &s->exts[PL_SDP_EXT_TWCC];
    if (p->config->estimate && (feedback & PL_FB_TWCC) && once && twcc->receives && twcc->id <= 14)
        out->ext_twcc = twcc->id;
    out->remb = p->config->estimate && out->remb && !out->ext_twcc;
}

static enum pl_err fill_section(struct plan *p, size_t i)
{
    const struct pl_sdp_section *s = &p->sdp.sections[i];
    struct pl_section *out = &p->session.sections[i];
    *out = (struct pl_section){.media = s->kind == PL_SDP_VIDEO ? PL_VIDEO : PL_AUDIO};
    enum pl_err e = pl_str_copy(s->mid, out->mid, sizeof out->mid);
    if (e != PL_OK || !p->usable[i])
        return e;
    if (s->sends && p->config->may_publish)
        out->direction = PL_RECEIVE;
    else if (s->receives && p->config->may_receive)
        out->direction = PL_SEND;
    else
        return PL_OK;
    unsigned feedback = pl_formats_choose(&p->sdp, s, p->config->encrypted, out);
    out->clock_rate = p->codecs[i]->rate;
    out->nack = feedback & PL_FB_NACK;
    out->pli = feedback & PL_FB_PLI;
    out->fir = feedback & PL_FB_FIR;
    out->remb = feedback & PL_FB_REMB;
    if (out->direction == PL_RECEIVE)
        fill_receive(s, feedback, out);
    else
        fill_send(p, s, feedback, out);
    return PL_OK;
}

/* Two sources of one SSRC could not be told apart (RFC 9143, 9.2: it names one section). */
static enum pl_err check_sources(struct plan *p)
{
    const struct pl_session *s = &p->session;
    size_t active = 0;
    for (size_t i = 0; i < s->n_sections; i++) {
        active += s->sections[i].direction != PL_INACTIVE;
        for (size_t k = 0; k < i && s->sections[i].ssrc; k++)
            if (s->sections[k].ssrc == s->sections[i].ssrc) {
                snprintf(p->why, PL_SDP_WHY, "line %zu: another section announces the same SSRC",
                         p->sdp.sections[i].line);
                return PL_EINVAL;
            }
    }
    return active ? PL_OK : unsupported(p, "No section of the offer may be used by this client.");
}

static bool ssrc_taken(const struct plan *p, uint32_t ssrc)
{
    for (size_t i = 0; i < p->sdp.n_sections; i++) {
        const struct pl_sdp_section *s = &p->sdp.sections[i];
        for (size_t k = 0; k < s->n_ssrcs; k++)
            if (s->ssrcs[k].ssrc == ssrc)
                return true;
        if (p->session.sections[i].ssrc == ssrc || p->session.sections[i].rtx_ssrc == ssrc)
            return true;
    }
    return ssrc == 0;
}

static uint32_t fresh_ssrc(const struct plan *p)
{
    uint32_t ssrc = pl_random_u32(&p->config->random);
    while (ssrc_taken(p, ssrc))
        ssrc++;
    return ssrc;
}

static void random_hex(const struct pl_random *random, char out[17])
{
    uint8_t bytes[8];
    random->fill(random->ctx, bytes, sizeof bytes);
    pl_hex(bytes, sizeof bytes, out);
}

static void name_slots(struct plan *p)
{
    for (unsigned i = 0; i < PL_PAIRS; i++)
        random_hex(&p->config->random, p->pairs[i]);
    for (size_t i = 0; i < p->session.n_sections; i++) {
        struct pl_section *s = &p->session.sections[i];
        if (s->direction != PL_SEND)
            continue;
        s->ssrc = fresh_ssrc(p);
        if (s->formats[0].rtx_pt)
            s->rtx_ssrc = fresh_ssrc(p);
    }
}

static enum pl_err decide(struct plan *p)
{
    enum pl_err e = choose_sections(p);
    if (e == PL_OK)
        e = take_transport(p);
    if (e != PL_OK)
        return e;
    p->session.n_sections = p->sdp.n_sections;
    p->session.sections = calloc(p->sdp.n_sections, sizeof *p->session.sections);
    if (!p->session.sections) {
        snprintf(p->why, PL_SDP_WHY, "There is no memory.");
        return PL_ENOMEM;
    }
    for (size_t i = 0; i < p->sdp.n_sections && e == PL_OK; i++)
        e = fill_section(p, i);
    if (e == PL_OK)
        e = check_sources(p);
    if (e != PL_OK)
        return e;
    name_slots(p);
    char ufrag[UFRAG_LENGTH + 1], pwd[PWD_LENGTH + 1], cname[17];
    pl_ice_credentials(&p->config->random, ufrag, pwd);
    memcpy(p->session.local_ufrag, ufrag, sizeof ufrag);
    memcpy(p->session.local_pwd, pwd, sizeof pwd);
    random_hex(&p->config->random, cname);
    memcpy(p->session.cname, cname, sizeof cname);
    return PL_OK;
}

static void write_session_level(const struct plan *p, struct pl_buf *b)
{
    uint64_t id;
    p->config->random.fill(p->config->random.ctx, (uint8_t *)&id, sizeof id);
    pl_buf_printf(b, "v=0\r\no=- %" PRIu64 " 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
                  id >> 1); /* 63 bits: RFC 9429, 5.2.1 */
    if (p->sdp.n_bundle) {
        pl_buf_puts(b, "a=group:BUNDLE");
        for (size_t k = 0; k < p->sdp.n_bundle; k++)
            if (p->codecs[p->sdp.bundle[k]])
                pl_buf_printf(b, " %s", p->session.sections[p->sdp.bundle[k]].mid);
        pl_buf_puts(b, "\r\n");
    }
    pl_buf_printf(b, "a=ice-lite\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 ",
                  p->session.local_ufrag, p->session.local_pwd);
    for (size_t i = 0; i < sizeof p->config->fingerprint; i++)
        pl_buf_printf(b, i ? ":%02X" : "%02X", p->config->fingerprint[i]);
    pl_buf_puts(b, "\r\na=setup:passive\r\n");
    if (p->sdp.session.extmap_allow_mixed)
        pl_buf_puts(b, "a=extmap-allow-mixed\r\n");
}

/* Several codecs have it in common, so it is said of all of them at once (RFC 4585, 4.2). */
static void write_feedback(const struct pl_section *s, struct pl_buf *b)
{
    const struct {
        bool agreed;
        const char *text;
    } rows[] = {
        {s->nack, "nack"},      {s->pli, "nack pli"},          {s->fir, "ccm fir"},
        {s->remb, "goog-remb"}, {s->ext_twcc, "transport-cc"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].agreed && s->n_formats > 1)
            pl_buf_printf(b, "a=rtcp-fb:* %s\r\n", rows[i].text);
        else if (rows[i].agreed)
            pl_buf_printf(b, "a=rtcp-fb:%u %s\r\n", s->formats[0].pt, rows[i].text);
}

static void write_text(struct pl_buf *b, struct pl_str text)
{
    pl_buf_add(b, text.p, text.n);
}

/* Of an inactive section: the offer's own words. */
static void write_unused_codec(const struct pl_sdp_codec *codec, struct pl_buf *b)
{
    if (codec->name.n == 0)
        return;
    pl_buf_printf(b, "a=rtpmap:%u ", codec->pt);
    write_text(b, codec->name);
    pl_buf_printf(b, "/%" PRIu32, codec->rate);
    if (codec->channels > 1)
        pl_buf_printf(b, "/%u", codec->channels);
    if (codec->fmtp.n) {
        pl_buf_printf(b, "\r\na=fmtp:%u ", codec->pt);
        write_text(b, codec->fmtp);
    }
    pl_buf_puts(b, "\r\n");
}

static const struct pl_sdp_codec *offered_codec(const struct pl_sdp *sdp,
                                                const struct pl_sdp_section *s, uint8_t pt)
{
    for (size_t i = 0; i < s->n_codecs; i++)
        if (sdp->codecs[s->first_codec + i].pt == pt)
            return &sdp->codecs[s->first_codec + i];
    return NULL;
}

static void write_codecs(const struct plan *p, size_t i, struct pl_buf *b)
{
    const struct pl_section *s = &p->session.sections[i];
    for (unsigned k = 0; k < s->n_formats; k++)
        pl_format_write(&s->formats[k], s,
                        offered_codec(&p->sdp, &p->sdp.sections[i], s->formats[k].pt), b);
    write_feedback(s, b);
    if (s->n_formats == 0)
        write_unused_codec(p->codecs[i], b);
}

static void write_exts(const struct pl_section *s, struct pl_buf *b)
{
    bool layered = s->n_rids != 0;
    const struct {
        uint8_t id;
        const char *uri;
    } exts[] = {
        {s->ext_mid, "urn:ietf:params:rtp-hdrext:sdes:mid"},
        {s->ext_audio_level, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"},
        {layered ? s->ext_rid : 0, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"},
        {layered ? s->ext_repaired_rid : 0,
         "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"},
        {s->ext_twcc, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"},
        {s->ext_dd, PL_SDP_DD_URI},
    };
    for (size_t i = 0; i < sizeof exts / sizeof exts[0]; i++)
        if (exts[i].id)
            pl_buf_printf(b, "a=extmap:%u %s\r\n", exts[i].id, exts[i].uri);
}

static void write_receive(const struct pl_section *s, struct pl_buf *b)
{
    pl_buf_puts(b, "a=recvonly\r\n");
    for (unsigned i = 0; i < s->n_rids; i++)
        pl_buf_printf(b, "a=rid:%s recv\r\n", s->rids[i]);
    for (unsigned i = 0; i < s->n_rids; i++)
        pl_buf_printf(b, "%s%s", i ? ";" : "a=simulcast:recv ", s->rids[i]);
    pl_buf_puts(b, s->n_rids ? "\r\n" : "");
}

/* How many slots of its medium stand before it. */
static size_t slot_rank(const struct plan *p, const struct pl_section *s)
{
    size_t n = 0;
    for (const struct pl_section *t = p->session.sections; t < s; t++)
        n += t->direction == PL_SEND && t->media == s->media;
    return n;
}

static void write_send(const struct plan *p, const struct pl_section *s, struct pl_buf *b)
{
    char own[17], track[17];
    size_t rank = slot_rank(p, s);
    random_hex(&p->config->random, own);
    random_hex(&p->config->random, track);
    const char *stream = rank < PL_PAIRS ? p->pairs[rank] : own;
    pl_buf_printf(b, "a=sendonly\r\na=msid:%s %s\r\n", stream, track);
    if (s->rtx_ssrc)
        pl_buf_printf(b, "a=ssrc-group:FID %" PRIu32 " %" PRIu32 "\r\n", s->ssrc, s->rtx_ssrc);
    pl_buf_printf(b, "a=ssrc:%" PRIu32 " cname:%s\r\n", s->ssrc, p->session.cname);
    if (s->rtx_ssrc)
        pl_buf_printf(b, "a=ssrc:%" PRIu32 " cname:%s\r\n", s->rtx_ssrc, p->session.cname);
}

static void write_direction(const struct plan *p, const struct pl_section *s, struct pl_buf *b)
{
    if (s->direction == PL_INACTIVE) {
        pl_buf_puts(b, "a=inactive\r\n");
        return;
    }
    if (s->direction == PL_RECEIVE)
        write_receive(s, b);
    else
        write_send(p, s, b);
    write_exts(s, b);
}

/* The payload types of the m= line. */
static void write_payload_types(const struct plan *p, size_t i, struct pl_buf *b)
{
    const struct pl_section *s = &p->session.sections[i];
    for (unsigned k = 0; k < s->n_formats; k++)
        pl_buf_printf(b, s->formats[k].rtx_pt ? " %u %u" : " %u", s->formats[k].pt,
                      s->formats[k].rtx_pt);
    if (s->n_formats)
        return;
    if (p->codecs[i]) {
        pl_buf_printf(b, " %u", p->codecs[i]->pt);
        return;
    }
    struct pl_str rest = p->sdp.sections[i].formats; /* one must stand there (RFC 3264, 6) */
    pl_buf_puts(b, " ");
    write_text(b, pl_str_split(&rest, ' '));
}

static void write_section(const struct plan *p, size_t i, struct pl_buf *b)
{
    const struct pl_sdp_section *offer = &p->sdp.sections[i];
    const struct pl_section *s = &p->session.sections[i];
    const struct pl_sdp_codec *codec = p->codecs[i];
    pl_buf_printf(b, "m=%.*s %u %.*s", (int)offer->kind_text.n, offer->kind_text.p, codec ? 9u : 0u,
                  (int)offer->proto.n, offer->proto.p);
    write_payload_types(p, i, b);
    pl_buf_puts(b, "\r\nc=IN IP4 0.0.0.0\r\n");
    if (s->mid[0])
        pl_buf_printf(b, "a=mid:%s\r\n", s->mid);
    write_direction(p, s, b);
    if (!codec)
        return;
    pl_buf_puts(b, offer->rtcp_rsize ? "a=rtcp-mux\r\na=rtcp-rsize\r\n" : "a=rtcp-mux\r\n");
    if (offer->xr_rtt && s->direction == PL_SEND)
        pl_buf_puts(b, "a=rtcp-xr:rcvr-rtt=all\r\n");
    if (offer->extmap_allow_mixed)
        pl_buf_puts(b, "a=extmap-allow-mixed\r\n");
    write_codecs(p, i, b);
    if (i == p->first)
        pl_answer_candidates(p->config->candidates, p->config->n_candidates,
                             p->config->tcp_candidates, p->config->n_tcp_candidates, b);
}

static enum pl_err write_answer(const struct plan *p, struct pl_buf *out)
{
    struct pl_buf b = {0};
    write_session_level(p, &b);
    for (size_t i = 0; i < p->session.n_sections; i++)
        write_section(p, i, &b);
    if (!b.failed)
        pl_buf_add(out, b.data, b.len);
    enum pl_err e = b.failed || out->failed ? PL_ENOMEM : PL_OK;
    if (e != PL_OK)
        snprintf(p->why, PL_SDP_WHY, "There is no memory.");
    pl_buf_free(&b);
    return e;
}

enum pl_err pl_answer_make(struct pl_str offer, const struct pl_answer_config *config,
                           struct pl_session *session, struct pl_buf *answer, char why[160])
{
    struct plan p = {.config = config, .why = why};
    enum pl_err e = pl_sdp_parse(offer, &p.sdp, why);
    if (e != PL_OK)
        return e;
    e = decide(&p);
    if (e == PL_OK)
        e = write_answer(&p, answer);
    if (e == PL_OK)
        *session = p.session;
    else
        pl_session_free(&p.session);
    pl_sdp_free(&p.sdp);
    return e;
}

void pl_session_free(struct pl_session *s)
{
    free(s->sections);
    s->sections = NULL;
    s->n_sections = 0;
}

/* The first of the list with the same address: candidates of one address and protocol share a
 * foundation (RFC 8445, 5.1.1.3). */
static size_t foundation_of(const struct pl_addr *list, size_t i)
{
    size_t first = 0;
    while (memcmp(list[first].ip, list[i].ip, sizeof list[i].ip) != 0)
        first++;
    return first;
}

/* RFC 8445, 5.1.2.1: type preference, local preference, component 1. */
static uint32_t priority_of(uint32_t type, uint32_t local)
{
    return type << 24 | local << 8 | (256 - 1);
}

void pl_answer_candidates(const struct pl_addr *udp, size_t n_udp, const struct pl_addr *tcp,
                          size_t n_tcp, struct pl_buf *out)
{
    char ip[PL_ADDR_TEXT];
    for (size_t i = 0; i < n_udp; i++) {
        pl_addr_ip_text(&udp[i], ip);
        pl_buf_printf(out, "a=candidate:%zu 1 udp %" PRIu32 " %s %u typ host\r\n",
                      foundation_of(udp, i) + 1,
                      priority_of(126, i < 65535 ? 65535 - (uint32_t)i : 0), ip, udp[i].port);
    }
    for (size_t i = 0; i < n_tcp; i++) {
        /* RFC 6544, 4.2: a lower type preference than UDP's, direction preference 4 (passive). */
        uint32_t other = i < 8191 ? 8191 - (uint32_t)i : 0;
        pl_addr_ip_text(&tcp[i], ip);
        pl_buf_printf(out, "a=candidate:%zu 1 tcp %" PRIu32 " %s %u typ host tcptype passive\r\n",
                      n_udp + foundation_of(tcp, i) + 1, priority_of(90, 4 << 13 | other), ip,
                      tcp[i].port);
    }
    pl_buf_puts(out, "a=end-of-candidates\r\n");
}

static void ice_chars(const struct pl_random *random, size_t n, char *out)
{
    static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[PWD_LENGTH];
    random->fill(random->ctx, bytes, n);
    for (size_t i = 0; i < n; i++)
        out[i] = chars[bytes[i] & 63];
    out[n] = 0;
}

void pl_ice_credentials(const struct pl_random *random, char ufrag[9], char pwd[25])
{
    ice_chars(random, UFRAG_LENGTH, ufrag);
    ice_chars(random, PWD_LENGTH, pwd);
}

/* Credentials stand at session level or in the sections, the same in all that have them. */
enum pl_err pl_sdpfrag_parse(struct pl_str frag, char ufrag[PL_UFRAG_SIZE], char pwd[PL_PWD_SIZE],
                             char why[160])
{
    struct pl_sdp sdp;
    enum pl_err e = pl_sdp_parse_fragment(frag, &sdp, why);
    if (e != PL_OK)
        return e;
    struct pl_str u = sdp.session.ufrag, w = sdp.session.pwd;
    for (size_t i = 0; i < sdp.n_sections && e == PL_OK; i++) {
        const struct pl_sdp_section *s = &sdp.sections[i];
        u = u.n ? u : s->ufrag;
        w = w.n ? w : s->pwd;
        if ((s->ufrag.n && (s->ufrag.n != u.n || memcmp(s->ufrag.p, u.p, u.n) != 0)) ||
            (s->pwd.n && (s->pwd.n != w.n || memcmp(s->pwd.p, w.p, w.n) != 0))) {
            snprintf(why, PL_SDP_WHY, "line %zu: the section has other credentials", s->line);
            e = PL_EINVAL;
        }
    }
    if (e == PL_OK && (!u.n || !w.n)) {
        snprintf(why, PL_SDP_WHY, "The fragment has no ice-ufrag and ice-pwd.");
        e = PL_EINVAL;
    }
    if (e == PL_OK)
        e = pl_str_copy(u, ufrag, PL_UFRAG_SIZE);
    if (e == PL_OK)
        e = pl_str_copy(w, pwd, PL_PWD_SIZE);
    pl_sdp_free(&sdp);
    return e;
}
