/* Offers of real clients and their answers; what is refused and why; slots; candidates; fragments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "offers.h"
#include "proto/answer.h"

#include <stdio.h>
#include <stdlib.h>

static void fill_lcg(void *ctx, uint8_t *out, size_t n)
{
    uint32_t *state = ctx;
    while (n--) {
        *state = *state * 1664525 + 1013904223;
        *out++ = (uint8_t)(*state >> 24);
    }
}

/* What one answer needs, and what came of it. */
struct made {
    uint32_t seed;
    struct pl_addr candidates[2];
    struct pl_answer_config config;
    enum pl_err e;
    char why[160];
    struct pl_session session;
    struct pl_buf text;
    struct pl_sdp sdp; /* the answer, parsed */
};

static void prepare(struct made *m)
{
    *m = (struct made){.seed = 1};
    assert_int_equal(pl_addr_parse("192.0.2.1:5004", &m->candidates[0]), PL_OK);
    assert_int_equal(pl_addr_parse("[2001:db8::1]:5004", &m->candidates[1]), PL_OK);
    m->config = (struct pl_answer_config){
        .candidates = m->candidates,
        .n_candidates = 2,
        .fingerprint = {0xab, 0x01, [31] = 0xfe},
        .may_publish = true,
        .may_receive = true,
        .estimate = true,
        .random = {fill_lcg, &m->seed},
    };
}

static void make(struct made *m, const char *offer)
{
    pl_buf_puts(&m->text, "before");
    m->e = pl_answer_make(pl_str(offer), &m->config, &m->session, &m->text, m->why);
    if (m->e != PL_OK) {
        assert_int_equal(m->text.len, 6);
        return;
    }
    assert_memory_equal(m->text.data, "before", 6);
    pl_buf_consume(&m->text, 6);
    struct pl_str text = {m->text.data, m->text.len};
    if (pl_sdp_parse(text, &m->sdp, m->why) != PL_OK)
        fail_msg("%s in\n%s", m->why, m->text.data);
    assert_int_equal(m->sdp.n_sections, m->session.n_sections);
}

static void done(struct made *m)
{
    if (m->e == PL_OK) {
        pl_sdp_free(&m->sdp);
        pl_session_free(&m->session);
    }
    pl_buf_free(&m->text);
}

static void assert_has(const struct made *m, const char *line)
{
    if (!strstr(m->text.data, line))
        fail_msg("no \"%s\" in\n%s", line, m->text.data);
}

static void assert_has_not(const struct made *m, const char *line)
{
    if (strstr(m->text.data, line))
        fail_msg("\"%s\" in\n%s", line, m->text.data);
}

struct row {
    const char *mid;
    enum pl_media_type media;
    enum pl_direction direction;
    uint32_t ssrc; /* of RECEIVE */
    uint8_t pt, ext_mid, ext_audio_level;
    bool nack, pli, fir, remb;
    uint8_t rtx_pt;
    unsigned n_rids;
    uint8_t ext_twcc;
    enum pl_codec codec; /* of pictures */
};

static void assert_sections(const struct made *m, const struct row *rows, size_t n)
{
    assert_int_equal(m->session.n_sections, n);
    for (size_t i = 0; i < n; i++) {
        const struct pl_section *s = &m->session.sections[i];
        const struct row *r = &rows[i];
        bool active = r->direction != PL_INACTIVE;
        assert_string_equal(s->mid, r->mid);
        const struct pl_format *f = &s->formats[0];
        if (s->media != r->media || s->direction != r->direction || f->pt != r->pt ||
            s->ext_mid != r->ext_mid || s->ext_audio_level != r->ext_audio_level ||
            s->ext_twcc != r->ext_twcc || f->rtx_pt != r->rtx_pt || s->n_rids != r->n_rids ||
            s->nack != r->nack || s->pli != r->pli || s->fir != r->fir || s->remb != r->remb)
            fail_msg("section %zu", i);
        assert_int_equal(s->n_formats, active);
        assert_int_equal(f->codec, active && r->media == PL_VIDEO ? r->codec : PL_OPUS);
        assert_int_equal(s->clock_rate, !active ? 0 : r->media == PL_VIDEO ? 90000 : 48000);
        if (r->direction == PL_SEND)
            assert_true(s->ssrc != 0 && (s->rtx_ssrc != 0) == (r->rtx_pt != 0));
        else
            assert_int_equal(s->ssrc, r->ssrc);
    }
}

static void chromium(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"0", PL_AUDIO, PL_RECEIVE, 1850449559, 111, 4, 1, false, false, false, false, 0, 0, 3,
         PL_OPUS},
        {"1", PL_VIDEO, PL_RECEIVE, 0, 96, 4, 0, true, true, true, false, 97, 3, 3, PL_VP8},
        {"2", PL_AUDIO, PL_SEND, 0, 111, 0, 0, false, false, false, false, 0, 0, 3, PL_OPUS},
        {"3", PL_VIDEO, PL_SEND, 0, 96, 0, 0, true, true, true, false, 97, 0, 3, PL_VP8},
    };
    struct made m;
    prepare(&m);
    make(&m, offer_chromium);
    assert_int_equal(m.e, PL_OK);
    assert_sections(&m, rows, 4);
    assert_string_equal(m.session.remote_ufrag, "RJiz");
    assert_string_equal(m.session.remote_pwd, "qc6L8DJ+Yt1NaPQco2xwHeh3");
    assert_int_equal(m.session.remote_fingerprint[0], 0xdc);
    assert_int_equal(m.session.remote_fingerprint[31], 0x32);
    assert_int_equal(strlen(m.session.local_ufrag), 8);
    assert_int_equal(strlen(m.session.local_pwd), 24);

    assert_true(m.sdp.ice_lite);
    assert_int_equal(m.sdp.n_bundle, 4);
    assert_int_equal(m.sdp.session.setup, PL_SETUP_PASSIVE);
    assert_memory_equal(m.sdp.session.fingerprint, m.config.fingerprint, 32);
    assert_memory_equal(m.sdp.session.ufrag.p, m.session.local_ufrag, 8);
    assert_memory_equal(m.sdp.session.pwd.p, m.session.local_pwd, 24);
    for (size_t i = 0; i < 4; i++) {
        const struct pl_sdp_section *s = &m.sdp.sections[i];
        assert_int_equal(s->port, 9);
        assert_int_equal(s->n_codecs, i % 2 ? 2 : 1);
        assert_true(s->rtcp_mux && s->rtcp_rsize);
        assert_true(s->receives == (i < 2) && s->sends == (i >= 2));
        assert_int_equal(s->n_ssrcs, i < 2 ? 0 : i == 2 ? 1 : 2);
        if (i >= 2)
            assert_int_equal(s->ssrcs[0].ssrc, m.session.sections[i].ssrc);
        if (i == 3)
            assert_true(s->ssrcs[1].repair && s->ssrcs[1].ssrc == m.session.sections[3].rtx_ssrc);
        assert_int_equal(s->n_rids, i == 1 ? 3 : 0);
        assert_true(s->end_of_candidates == (i == 0));
    }
    assert_has(&m, "a=group:BUNDLE 0 1 2 3\r\n");
    assert_has(&m, "a=fingerprint:sha-256 AB:01:00:");
    assert_has(&m, "a=fmtp:111 minptime=10;useinbandfec=1\r\n");
    assert_has(&m, "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n");
    assert_has(&m, "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n");
    assert_has(&m, "a=rtcp-fb:96 transport-cc\r\n");
    assert_has_not(&m, "goog-remb");
    assert_string_equal(m.session.sections[1].rids[0], "q");
    assert_string_equal(m.session.sections[1].rids[2], "f");
    assert_has(&m, "a=rid:h recv\r\n");
    assert_has(&m, "a=simulcast:recv q;h;f\r\n");
    assert_has(&m, "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n");
    assert_has(&m, "a=fmtp:97 apt=96\r\n");
    done(&m);
}

static void firefox(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"0", PL_AUDIO, PL_RECEIVE, 2061051929, 109, 3, 1, false, false, false, false, 0, 0, 7,
         PL_OPUS},
        {"1", PL_VIDEO, PL_RECEIVE, 0, 120, 3, 0, true, true, true, false, 124, 3, 7, PL_VP8},
        {"2", PL_AUDIO, PL_SEND, 0, 109, 0, 0, false, false, false, false, 0, 0, 7, PL_OPUS},
        {"3", PL_VIDEO, PL_SEND, 0, 120, 0, 0, true, true, true, false, 124, 0, 7, PL_VP8},
    };
    struct made m;
    prepare(&m);
    make(&m, offer_firefox);
    assert_int_equal(m.e, PL_OK);
    assert_sections(&m, rows, 4);
    assert_int_equal(m.session.remote_fingerprint[0], 0xf2); /* from the session level */
    assert_string_equal(m.session.remote_ufrag, "2f2db41b");
    assert_int_equal(m.sdp.sections[1].port, 9); /* bundle-only is not refused */
    assert_false(m.sdp.sections[0].rtcp_rsize);  /* not offered there */
    assert_true(m.sdp.sections[1].rtcp_rsize);
    done(&m);
}

/* H.264, which an encrypted meeting does not take: then the audio is negotiated, the video refused.
 */
static void obs(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"0", PL_AUDIO, PL_RECEIVE, 1264011521, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, PL_OPUS},
        {"1", PL_VIDEO, PL_RECEIVE, 1264011522, 96, 0, 0, 1, 1, 0, 1, 0, 0, 0, PL_H264},
    };
    static const struct row sealed[] = {
        {"0", PL_AUDIO, PL_RECEIVE, 1264011521, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, PL_OPUS},
        {"1", PL_VIDEO, PL_INACTIVE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, PL_OPUS},
    };
    struct made m;
    prepare(&m);
    make(&m, offer_obs);
    assert_int_equal(m.e, PL_OK);
    assert_sections(&m, rows, 2);
    assert_has(&m, "a=rtpmap:96 H264/90000\r\na=fmtp:96 profile-level-id=42e01f;"
                   "packetization-mode=1;level-asymmetry-allowed=1\r\n");
    assert_string_equal(m.session.remote_ufrag, "Dk9b");
    done(&m);

    prepare(&m);
    m.config.encrypted = true;
    make(&m, offer_obs);
    assert_int_equal(m.e, PL_OK);
    assert_sections(&m, sealed, 2);
    assert_has(&m, "a=group:BUNDLE 0\r\n");
    assert_has(&m,
               "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=inactive\r\n");
    done(&m);
}

static void gstreamer(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"video0", PL_VIDEO, PL_RECEIVE, 2715812345, 96, 2, 0, true, true, true, false, 97, 0, 1,
         PL_VP8},
        {"audio1", PL_AUDIO, PL_RECEIVE, 3344556677, 99, 0, 0, false, false, false, false, 0, 0, 1,
         PL_OPUS},
    };
    struct made m;
    prepare(&m);
    make(&m, offer_gstreamer);
    assert_int_equal(m.e, PL_OK);
    assert_sections(&m, rows, 2);
    assert_int_equal(m.session.sections[0].rtx_ssrc, 911223344);
    assert_has(&m, "a=rtpmap:99 opus/48000/2\r\n");
    done(&m);
}

/* Small, and altered by the rows below. */
#define FP                                                                                         \
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E" \
    ":1F"
static const char plain[] = "v=0\r\n"
                            "o=- 1 1 IN IP4 0.0.0.0\r\n"
                            "s=-\r\n"
                            "t=0 0\r\n"
                            "a=group:BUNDLE a v\r\n"
                            "a=fingerprint:sha-256 " FP "\r\n"
                            "a=setup:actpass\r\n"
                            "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n" /* line 8 */
                            "a=mid:a\r\n"
                            "a=ice-ufrag:audio\r\n"
                            "a=ice-pwd:audioaudioaudioaudioaudio\r\n"
                            "a=sendonly\r\n"
                            "a=rtcp-mux\r\n"
                            "a=rtpmap:111 opus/48000/2\r\n"
                            "a=ssrc:17 cname:x\r\n"
                            "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" /* line 16 */
                            "a=mid:v\r\n"
                            "a=ice-ufrag:video\r\n"
                            "a=ice-pwd:videovideovideovideovideo\r\n"
                            "a=recvonly\r\n"
                            "a=rtcp-mux\r\n"
                            "a=rtpmap:96 VP8/90000\r\n"
                            "a=ssrc:18 cname:x\r\n";

/* `plain` with every `find` replaced; the caller frees. */
static char *altered(const char *find, const char *by)
{
    struct pl_buf b = {0};
    const char *rest = plain;
    for (const char *at; (at = strstr(rest, find)); rest = at + strlen(find)) {
        pl_buf_add(&b, rest, (size_t)(at - rest));
        pl_buf_puts(&b, by);
    }
    if (rest == plain)
        fail_msg("nothing to replace: %s", find);
    pl_buf_puts(&b, rest);
    assert_false(b.failed);
    return b.data;
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *find, *by;
        enum pl_err e;
        const char *why; /* its beginning */
    } rows[] = {
        {"a=group:BUNDLE a v\r\n", "", PL_EUNSUPPORTED, "The offer does not bundle"},
        {"a=group:BUNDLE a v\r\n", "a=group:BUNDLE\r\n", PL_EUNSUPPORTED, "The offer does not"},
        {"a=group:BUNDLE a v\r\n", "a=group:BUNDLE a w\r\n", PL_EINVAL, "line 5: "},
        {"sha-256", "sha-1", PL_EUNSUPPORTED, "The offer has no SHA-256"},
        {"a=fingerprint:sha-256 " FP "\r\n", "", PL_EUNSUPPORTED, "The offer has no SHA-256"},
        {"a=fingerprint:sha-256 00:", "a=fingerprint:sha-256 ", PL_EINVAL, "line 6: "},
        {"a=setup:actpass", "a=setup:passive", PL_EUNSUPPORTED, "The server is passive"},
        {"a=setup:actpass", "a=setup:holdconn", PL_EUNSUPPORTED, "The server is passive"},
        {"a=setup:actpass", "a=setup:actpass\r\na=ice-lite", PL_EUNSUPPORTED, "The client is ICE"},
        {"a=rtcp-mux\r\n", "", PL_EUNSUPPORTED, "line 8: the section has no rtcp-mux"},
        /* the transport is the first section's; another one's credentials are not taken */
        {"a=ice-ufrag:audio\r\n", "", PL_EINVAL, "The offer has no ice-ufrag"},
        {"a=ice-", "a=ace-", PL_EINVAL, "The offer has no ice-ufrag"},
        {"recvonly", "sendrecv\r\na=ssrc:17 x", PL_EINVAL, "line 16: another section announces"},
        {"sendonly", "inactive", PL_OK, NULL},
        {"a=ssrc:18", "a=ssrc:17", PL_OK, NULL}, /* a slot's SSRC is no source */
        {"UDP/TLS/RTP/SAVPF", "RTP/AVP", PL_EUNSUPPORTED, "No section offers a codec"},
        {"48000/2", "48000", PL_OK, NULL},
        {"a=mid:v", "a=mid:a", PL_EINVAL, "line 17: another section has the same mid"},
        {"a=mid:v", "a=mid:vvvvvvvvvvvvvvvvv", PL_ELIMIT, "line 17: the mid is longer"},
        {"a=ssrc:18", "a=ssrc:99999999999", PL_EINVAL, "line 23: "},
        {" 9 ", " 0 ", PL_EUNSUPPORTED, "No section offers a codec"},
        {"111", "77", PL_OK, NULL},
        {"v=0", "v=0\r\n", PL_EINVAL, "line 2: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct made m;
        prepare(&m);
        char *offer = altered(rows[i].find, rows[i].by);
        make(&m, offer);
        free(offer);
        if (m.e != rows[i].e || (rows[i].why && strncmp(m.why, rows[i].why, strlen(rows[i].why))))
            fail_msg("row %zu: error %d: %s", i, m.e, m.why);
        done(&m);
    }
}

/* What the client offers, what it may, what comes of it. */
static void directions(void **state)
{
    (void)state;
    static const struct {
        const char *offered;
        bool may_publish, may_receive;
        enum pl_direction direction;
        const char *answered;
    } rows[] = {
        {"sendonly", true, true, PL_RECEIVE, "recvonly"},
        {"sendonly", false, true, PL_INACTIVE, "inactive"},
        {"recvonly", true, true, PL_SEND, "sendonly"},
        {"recvonly", true, false, PL_INACTIVE, "inactive"},
        {"sendrecv", true, true, PL_RECEIVE, "recvonly"},
        {"sendrecv", true, false, PL_RECEIVE, "recvonly"},
        {"sendrecv", false, true, PL_SEND, "sendonly"},
        {"sendrecv", false, false, PL_INACTIVE, "inactive"},
        {"inactive", true, true, PL_INACTIVE, "inactive"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct made m;
        prepare(&m);
        m.config.may_publish = rows[i].may_publish;
        m.config.may_receive = rows[i].may_receive;
        char line[64], *offer;
        snprintf(line, sizeof line, "a=%s\r\na=rtcp-mux", rows[i].offered);
        offer = altered("a=sendonly\r\na=rtcp-mux", line);
        /* the other section is of use to whoever may receive */
        make(&m, offer);
        free(offer);
        if (!rows[i].may_receive && rows[i].direction == PL_INACTIVE) {
            assert_int_equal(m.e, PL_EUNSUPPORTED);
            assert_string_equal(m.why, "No section of the offer may be used by this client.");
            done(&m);
            continue;
        }
        assert_int_equal(m.e, PL_OK);
        if (m.session.sections[0].direction != rows[i].direction)
            fail_msg("row %zu: %d", i, m.session.sections[0].direction);
        snprintf(line, sizeof line, "a=mid:a\r\na=%s\r\n", rows[i].answered);
        assert_has(&m, line);
        assert_has(&m, "a=group:BUNDLE a v\r\n"); /* inactive is not refused */
        assert_int_equal(m.sdp.sections[0].port, 9);
        done(&m);
    }
}

/* Offers that are unusual and fine: what must stand in the answer, and what must not. */
static void unusual_offers(void **state)
{
    (void)state;
    static const struct {
        const char *find, *by, *has, *has_not, *ufrag;
    } rows[] = {
        {"actpass", "active", "a=setup:passive", "", "audio"},
        {"a=setup:actpass\r\n", "", "a=setup:passive", "", "audio"},
        {"\r\n", "\n", "\r\nm=audio 9 ", "", "audio"},
        /* the group's first section is kept, in the offer's own words */
        {"opus/48000/2\r\n", "G7/8000/2\r\na=fmtp:111 x=y\r\n",
         "a=inactive\r\na=rtcp-mux\r\na=rtpmap:111 G7/8000/2\r\na=fmtp:111 x=y\r\na=cand",
         "minptime", "audio"},
        {"a=rtpmap:111 opus/48000/2\r\n", "", "a=group:BUNDLE a v\r\n", "rtpmap:111", "audio"},
        /* the others are not */
        {"VP8", "VP7", "a=group:BUNDLE a\r\n", "rtpmap:96", "audio"},
        {"VP8/90000", "VP8/8000", "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n", "rtpmap:96", "audio"},
        /* the order of the group counts, not that of the sections */
        {"BUNDLE a v", "BUNDLE v a", "a=group:BUNDLE v a\r\n", "", "video"},
        {"BUNDLE a v", "BUNDLE v", "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n", "BUNDLE v a", "video"},
        /* refused by the client itself */
        {"m=audio 9", "m=audio 0", "a=group:BUNDLE v\r\n", "opus", "video"},
        {"m=audio 9", "m=application 9", "m=application 0 UDP/TLS/RTP/SAVPF 111\r\n", "opus", NULL},
        {"m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "m=application 9 UDP/DTLS/SCTP  x y",
         "m=application 0 UDP/DTLS/SCTP x\r\n", "BUNDLE a", "video"},
        {"m=video 9 UDP/TLS/RTP/SAVPF 96", "m=video 0 TCP/DTLS/RTP/SAVPF 96\r\na=bundle-only",
         "m=video 9 TCP/DTLS/RTP/SAVPF 96\r\n", "m=video 0", "audio"},
        /* feedback */
        {"a=ssrc:18", "a=rtcp-fb:* nack pli\r\na=ssrc:18", "a=rtcp-fb:96 nack pli\r\n",
         "a=rtcp-fb:96 nack\r\n", "audio"},
        {"a=ssrc:17", "a=rtcp-fb:111 nack\r\na=ssrc:17", "a=rtcp-fb:111 nack\r\n", "fb:96",
         "audio"},
        {"a=ssrc:17", "a=rtcp-fb:0 nack\r\na=ssrc:17", "", "rtcp-fb", "audio"},
        /* extensions: only ids of the one-byte form, only what the client sends, no slot's */
        {"a=ssrc:17", "a=extmap:14 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=ssrc:17",
         "a=extmap:14 urn", "", "audio"},
        {"a=ssrc:17", "a=extmap:15 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=ssrc:17", "", "extmap",
         "audio"},
        {"a=ssrc:17", "a=extmap:1/recvonly urn:ietf:params:rtp-hdrext:sdes:mid\r\na=ssrc:17", "",
         "extmap", "audio"},
        {"a=ssrc:18", "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=ssrc:18", "", "extmap",
         "audio"},
        /* RTCP multiplexed by the group's first section (RFC 8859: it holds for all) */
        {"a=recvonly\r\na=rtcp-mux", "a=recvonly", "a=group:BUNDLE a v\r\n", "", "audio"},
        {"a=ssrc:17", "a=rtcp-rsize\r\na=ssrc:17", "a=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:111", "",
         "audio"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct made m;
        prepare(&m);
        char *offer = altered(rows[i].find, rows[i].by);
        make(&m, offer);
        free(offer);
        if (m.e != PL_OK)
            fail_msg("row %zu: error %d: %s", i, m.e, m.why);
        if (!strstr(m.text.data, rows[i].has))
            fail_msg("row %zu: \"%s\" is not in\n%s", i, rows[i].has, m.text.data);
        if (rows[i].has_not[0] && strstr(m.text.data, rows[i].has_not))
            fail_msg("row %zu: \"%s\" is in\n%s", i, rows[i].has_not, m.text.data);
        if (rows[i].ufrag)
            assert_string_equal(m.session.remote_ufrag, rows[i].ufrag);
        done(&m);
    }
}

/* One section needs neither group nor mid. */
static void a_section_alone(void **state)
{
    (void)state;
    struct made m;
    prepare(&m);
    make(&m, "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n"
             "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=rtcp-mux\r\n"
             "a=fingerprint:sha-256 " FP "\r\n");
    assert_int_equal(m.e, PL_OK);
    assert_int_equal(m.session.sections[0].direction, PL_RECEIVE);
    assert_string_equal(m.session.sections[0].mid, "");
    assert_has_not(&m, "a=group");
    assert_has_not(&m, "a=mid");
    assert_has(&m, "a=end-of-candidates");
    done(&m);
}

/* An offer of n slots, each with an SSRC of its own as Firefox has them. */
static char *offer_of_slots(size_t n)
{
    struct pl_buf b = {0};
    pl_buf_puts(&b, "v=0\r\na=fingerprint:sha-256 " FP "\r\na=ice-ufrag:abcd\r\n"
                    "a=ice-pwd:abcdefghijklmnopqrstuv\r\na=group:BUNDLE");
    for (size_t i = 0; i < n; i++)
        pl_buf_printf(&b, " %zu", i);
    for (size_t i = 0; i < n; i++)
        pl_buf_printf(&b,
                      "\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:%zu\r\na=recvonly\r\n"
                      "a=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=ssrc:%zu cname:x",
                      i, 1000 + i);
    pl_buf_puts(&b, "\r\n");
    assert_false(b.failed);
    return b.data;
}

static void fill_with_1000(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    uint32_t v = 1000;
    for (size_t i = 0; i < n; i++)
        out[i] = ((const uint8_t *)&v)[i % 4];
}

static void slots(void **state)
{
    (void)state;
    struct made m;
    prepare(&m);
    char *offer = offer_of_slots(PL_SECTIONS_MAX);
    make(&m, offer);
    assert_int_equal(m.e, PL_OK);
    for (size_t i = 0; i < PL_SECTIONS_MAX; i++) {
        const struct pl_section *s = &m.session.sections[i];
        assert_int_equal(s->direction, PL_SEND);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(s->ssrc, m.session.sections[k].ssrc);
    }
    size_t msids = 0;
    for (const char *at = m.text.data; (at = strstr(at, "a=msid:")); msids++) {
        char id[17];
        memcpy(id, at + strlen("a=msid:"), 16);
        id[16] = 0;
        at += strlen("a=msid:") + 16;
        assert_null(strstr(at, id));
    }
    assert_int_equal(msids, PL_SECTIONS_MAX);
    done(&m);

    /* Randomness that runs into every SSRC of the offer. */
    prepare(&m);
    m.config.random.fill = fill_with_1000;
    make(&m, offer);
    assert_int_equal(m.e, PL_OK);
    for (size_t i = 0; i < PL_SECTIONS_MAX; i++)
        assert_int_equal(m.session.sections[i].ssrc, 1000 + PL_SECTIONS_MAX + i);
    done(&m);
    free(offer);

    prepare(&m);
    offer = offer_of_slots(PL_SECTIONS_MAX + 1);
    make(&m, offer);
    assert_int_equal(m.e, PL_ELIMIT);
    assert_string_equal(m.why, "line 966: there are more than 160 media sections");
    free(offer);
    done(&m);
}

/* The stream id in the answer's n-th a=msid. */
static void stream_id(const struct made *m, unsigned n, char out[17])
{
    const char *at = m->text.data;
    for (unsigned i = 0; i <= n; i++) {
        at = strstr(at, "a=msid:");
        assert_non_null(at);
        at += strlen("a=msid:");
    }
    memcpy(out, at, 16);
    out[16] = 0;
}

static void the_first_slots_are_pairs(void **state)
{
    (void)state;
    static const char kinds[] = "avavva"; /* pairs: 0 and 1, 2 and 3 */
    struct pl_buf b = {0};
    struct made m;
    prepare(&m);
    pl_buf_puts(&b, "v=0\r\na=fingerprint:sha-256 " FP "\r\na=ice-ufrag:abcd\r\n"
                    "a=ice-pwd:abcdefghijklmnopqrstuv\r\na=group:BUNDLE 0 1 2 3 4 5\r\n");
    for (size_t i = 0; kinds[i]; i++)
        pl_buf_printf(&b,
                      "m=%s 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:%zu\r\na=recvonly\r\n"
                      "a=rtcp-mux\r\na=rtpmap:96 %s\r\n",
                      kinds[i] == 'a' ? "audio" : "video", i,
                      kinds[i] == 'a' ? "opus/48000/2" : "VP8/90000");
    make(&m, b.data);
    assert_int_equal(m.e, PL_OK);
    for (unsigned i = 0; i < 6; i++)
        for (unsigned k = 0; k < i; k++) {
            char one[17], other[17];
            stream_id(&m, i, one);
            stream_id(&m, k, other);
            assert_int_equal(strcmp(one, other) == 0, k == i - 1 && i < 4 && i % 2 == 1);
        }
    done(&m);
    pl_buf_free(&b);
}

static void candidates(void **state)
{
    (void)state;
    struct pl_addr addrs[3];
    assert_int_equal(pl_addr_parse("192.0.2.1:5004", &addrs[0]), PL_OK);
    assert_int_equal(pl_addr_parse("[2001:db8::1]:5004", &addrs[1]), PL_OK);
    assert_int_equal(pl_addr_parse("192.0.2.1:5005", &addrs[2]), PL_OK);
    struct pl_buf b = {0};
    pl_answer_candidates(addrs, 3, addrs, 2, &b);
    assert_string_equal(b.data, "a=candidate:1 1 udp 2130706431 192.0.2.1 5004 typ host\r\n"
                                "a=candidate:2 1 udp 2130706175 2001:db8::1 5004 typ host\r\n"
                                "a=candidate:1 1 udp 2130705919 192.0.2.1 5005 typ host\r\n"
                                "a=candidate:4 1 tcp 1520435199 192.0.2.1 5004 typ host"
                                " tcptype passive\r\n"
                                "a=candidate:5 1 tcp 1520434943 2001:db8::1 5004 typ host"
                                " tcptype passive\r\n"
                                "a=end-of-candidates\r\n");
    pl_buf_free(&b);
}

static void credentials(void **state)
{
    (void)state;
    uint32_t seed = 3;
    struct pl_random random = {fill_lcg, &seed};
    char ufrag[2][9], pwd[2][25];
    for (size_t i = 0; i < 2; i++) {
        pl_ice_credentials(&random, ufrag[i], pwd[i]);
        assert_int_equal(strlen(ufrag[i]), 8);
        assert_int_equal(strlen(pwd[i]), 24);
        for (const char *c = pwd[i]; *c; c++)
            assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789+/",
                                   *c));
    }
    assert_string_not_equal(ufrag[0], ufrag[1]);
    assert_string_not_equal(pwd[0], pwd[1]);
}

static void fragments(void **state)
{
    (void)state;
    static const struct {
        const char *text, *ufrag, *why; /* ufrag NULL: refused */
    } rows[] = {
        /* RFC 9725, 4.3.2, shortened */
        {"a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:EsAw\r\n"
         "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
         "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host\r\n"
         "a=end-of-candidates\r\n",
         "EsAw", ""},
        {"a=ice-ufrag:EsAw\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\n", "EsAw", ""},
        {"a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
         "m=audio 9 RTP/AVP 0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
         "m=video 9 RTP/AVP 0\r\n",
         "EsAw", ""},
        {"a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
         "m=audio 9 RTP/AVP 0\r\na=ice-ufrag:EsAx\r\n",
         NULL, "line 3: the section has other credentials"},
        {"m=a 9 b c\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=ice-ufrag:EsAw\r\n"
         "m=a 9 b c\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui2\r\n",
         NULL, "line 4: the section has other credentials"},
        {"a=ice-ufrag:EsAw\r\n", NULL, "The fragment has no ice-ufrag and ice-pwd."},
        {"a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n", NULL, "The fragment has no"},
        {"", NULL, "The fragment has no"},
        {"nonsense", NULL, "line 1: this is not TYPE=VALUE"},
        {"a=ice-ufrag:E\r\n", NULL, "line 1: the ice-ufrag"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char ufrag[PL_UFRAG_SIZE] = "?", pwd[PL_PWD_SIZE] = "?", why[160] = "";
        enum pl_err e = pl_sdpfrag_parse(pl_str(rows[i].text), ufrag, pwd, why);
        if (e != (rows[i].ufrag ? PL_OK : PL_EINVAL) ||
            strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
            fail_msg("row %zu: error %d: %s", i, e, why);
        assert_string_equal(ufrag, rows[i].ufrag ? rows[i].ufrag : "?");
        assert_string_equal(pwd, rows[i].ufrag ? "P2uYro0UCOQ4zxjKXaWCBui1" : "?");
    }
}

/* An offer as a browser made it, with everything that it has; the caller frees. */
static char *recorded(const char *name)
{
    char path[512];
    struct pl_buf b = {0};
    snprintf(path, sizeof path, "%s/answer/%s", PL_CORPUS, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char bytes[4096];
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, f)) > 0;)
        pl_buf_add(&b, bytes, n);
    fclose(f);
    pl_buf_add(&b, "", 1);
    assert_false(b.failed);
    return b.data;
}

struct formats_row {
    const char *offer;
    bool encrypted;
    size_t section;
    enum pl_direction direction;
    unsigned n;
    struct pl_format formats[PL_FORMATS_MAX];
};

static void assert_formats(const struct formats_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct made m;
        prepare(&m);
        m.config.encrypted = rows[i].encrypted;
        char *offer = recorded(rows[i].offer);
        make(&m, offer);
        free(offer);
        assert_int_equal(m.e, PL_OK);
        const struct pl_section *s = &m.session.sections[rows[i].section];
        if (s->direction != rows[i].direction || s->n_formats != rows[i].n)
            fail_msg("row %zu: direction %d, %u formats", i, s->direction, s->n_formats);
        for (unsigned k = 0; k < rows[i].n; k++)
            if (s->formats[k].codec != rows[i].formats[k].codec ||
                s->formats[k].pt != rows[i].formats[k].pt ||
                s->formats[k].rtx_pt != rows[i].formats[k].rtx_pt)
                fail_msg("row %zu, format %u: %d %u %u", i, k, s->formats[k].codec,
                         s->formats[k].pt, s->formats[k].rtx_pt);
        done(&m);
    }
}

/* A source sends the client's own first choice, RED before Opus; a slot takes all that there is. */
static void browsers_with_all_codecs(void **state)
{
    (void)state;
    static const struct formats_row rows[] = {
        {"chromium-all", false, 0, PL_RECEIVE, 2, {{PL_RED, 63, 0}, {PL_OPUS, 111, 0}}},
        {"chromium-all", true, 0, PL_RECEIVE, 1, {{PL_OPUS, 111, 0}}},
        {"chromium-all", false, 1, PL_RECEIVE, 1, {{PL_VP8, 96, 97}}},
        {"chromium-all", false, 2, PL_SEND, 2, {{PL_RED, 63, 0}, {PL_OPUS, 111, 0}}},
        {"chromium-all",
         false,
         3,
         PL_SEND,
         4,
         {{PL_VP8, 96, 97}, {PL_VP9, 98, 99}, {PL_H264, 108, 109}, {PL_AV1, 45, 46}}},
        {"chromium-all",
         true,
         3,
         PL_SEND,
         3,
         {{PL_VP8, 96, 97}, {PL_VP9, 98, 99}, {PL_AV1, 45, 46}}},
        {"chromium-h264-first", false, 0, PL_RECEIVE, 1, {{PL_H264, 108, 0}}},
        {"firefox-all", false, 0, PL_RECEIVE, 1, {{PL_OPUS, 109, 0}}},
        {"firefox-all", false, 1, PL_RECEIVE, 1, {{PL_VP8, 120, 124}}},
        {"firefox-all",
         false,
         3,
         PL_SEND,
         3,
         {{PL_VP8, 120, 124}, {PL_VP9, 121, 125}, {PL_AV1, 99, 100}}},
    };
    assert_formats(rows, sizeof rows / sizeof *rows);
}

/* What several codecs of a slot have in common is said once. */
static void a_slot_of_several_codecs(void **state)
{
    (void)state;
    struct made m;
    prepare(&m);
    char *offer = recorded("chromium-all");
    make(&m, offer);
    free(offer);
    assert_int_equal(m.e, PL_OK);
    const struct pl_section *s = &m.session.sections[3];
    assert_true(s->nack && s->pli && s->fir && !s->remb && s->ext_twcc && s->rtx_ssrc);
    assert_has(&m, "UDP/TLS/RTP/SAVPF 96 97 98 99 108 109 45 46\r\n");
    assert_has(&m, "a=rtpmap:98 VP9/90000\r\na=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=98\r\n");
    assert_has(&m, "a=rtcp-fb:* nack pli\r\n");
    assert_has(&m, "UDP/TLS/RTP/SAVPF 63 111\r\n");
    assert_has(&m, "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:111 opus");
    assert_has(&m, "a=setup:passive\r\na=extmap-allow-mixed\r\n");
    done(&m);
}

/* A receiver that would know its round trip (RFC 3611, 5.1) is told that it will; a publisher knows
 * it from its reports. */
static void round_trips_are_told_to_receivers(void **state)
{
    (void)state;
    struct made m;
    prepare(&m);
    char *offer = recorded("chromium-all");
    make(&m, offer);
    free(offer);
    assert_int_equal(m.e, PL_OK);
    const char *line = "a=rtcp-xr:rcvr-rtt=all\r\n";
    size_t slots = 0, lines = 0;
    for (size_t i = 0; i < m.session.n_sections; i++)
        slots += m.session.sections[i].direction == PL_SEND;
    for (const char *at = m.text.data; (at = strstr(at, line)); at++)
        lines++;
    assert_true(slots > 0);
    assert_int_equal(lines, slots);
    done(&m);
}

/* Of `plain`, whose picture section is 96 VP8: which codec it is, and what is no codec of ours. */
static void codecs_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *line; /* in the place of the rtpmap */
        bool taken;
        enum pl_codec codec;
    } rows[] = {
        {"VP9/90000", true, PL_VP9},
        {"vp9/90000\r\na=fmtp:96 profile-id=0", true, PL_VP9},
        {"VP9/90000\r\na=fmtp:96 profile-id=2", false, PL_VP9},
        {"AV1/90000\r\na=fmtp:96 level-idx=5;profile=0;tier=0", true, PL_AV1},
        {"AV1/90000\r\na=fmtp:96 level-idx=5; profile=1", false, PL_AV1},
        {"H264/90000", false, PL_H264},
        {"H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e01f", true, PL_H264},
        {"H264/90000\r\na=fmtp:96 packetization-mode=1; profile-level-id=42C01F", true, PL_H264},
        {"H264/90000\r\na=fmtp:96 packetization-mode=0;profile-level-id=42e01f", false, PL_H264},
        {"H264/90000\r\na=fmtp:96 profile-level-id=42e01f", false, PL_H264},
        {"H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42001f", false, PL_H264},
        {"H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=4d001f", false, PL_H264},
        {"H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e01", false, PL_H264},
        {"H265/90000", false, PL_H264},
        {"red/90000", false, PL_RED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made m;
        prepare(&m);
        char *offer = altered("VP8/90000", rows[i].line);
        make(&m, offer);
        free(offer);
        assert_int_equal(m.e, PL_OK);
        const struct pl_section *s = &m.session.sections[1];
        if ((s->n_formats == 1) != rows[i].taken ||
            (rows[i].taken && s->formats[0].codec != rows[i].codec))
            fail_msg("row %zu: %u formats", i, s->n_formats);
        done(&m);
    }
}

/* RED counts if its blocks are the Opus that is chosen; DTX is the client's choice. */
static void sound_formats(void **state)
{
    (void)state;
    static const struct {
        const char *by; /* in the place of Opus's rtpmap, 0 is free for RED */
        const char *has, *has_not;
    } rows[] = {
        {"a=rtpmap:111 opus/48000/2\r\na=rtpmap:0 red/48000/2\r\na=fmtp:0 111/111\r\n",
         "SAVPF 0 111\r\n", "usedtx"},
        {"a=rtpmap:111 opus/48000/2\r\na=rtpmap:0 red/48000/2\r\na=fmtp:0 111/111/111\r\n",
         "a=fmtp:0 111/111\r\n", "usedtx"},
        {"a=rtpmap:111 opus/48000/2\r\na=rtpmap:0 red/48000/2\r\na=fmtp:0 111/0\r\n",
         "SAVPF 111\r\n", "red"},
        {"a=rtpmap:111 opus/48000/2\r\na=rtpmap:0 red/48000/2\r\n", "SAVPF 111\r\n", "red"},
        {"a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;usedtx=1\r\n",
         "useinbandfec=1;usedtx=1\r\n", "red"},
        {"a=rtpmap:111 opus/48000/2\r\na=fmtp:111 usedtx=0\r\n", "useinbandfec=1\r\n", "usedtx"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made m;
        prepare(&m);
        char *offer = altered("a=rtpmap:111 opus/48000/2\r\n", rows[i].by);
        make(&m, offer);
        free(offer);
        assert_int_equal(m.e, PL_OK);
        assert_has(&m, rows[i].has);
        assert_has_not(&m, rows[i].has_not);
        done(&m);
    }
}

/* AV1 comes with the dependency descriptor, in an id of the two-byte form as well; VP8 without. */
static void layers_of_av1_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *codec;
        const char *id;
        uint8_t ext_dd;
    } rows[] = {
        {"AV1", "12", 12}, {"AV1", "16", 16}, {"AV1", "255", 255}, {"AV1", "15", 0},
        {"AV1", "256", 0}, {"VP8", "12", 0},  {"VP9", "12", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made m;
        char by[400];
        prepare(&m);
        snprintf(by, sizeof by, "a=rtpmap:96 %s/90000\r\na=sendonly\r\na=extmap:%s %s\r\n",
                 rows[i].codec, rows[i].id, PL_SDP_DD_URI);
        char *offer = altered("a=rtpmap:96 VP8/90000\r\n", by);
        make(&m, offer);
        free(offer);
        assert_int_equal(m.e, PL_OK);
        assert_int_equal(m.session.sections[1].ext_dd, rows[i].ext_dd);
        if (rows[i].ext_dd)
            assert_has(&m, PL_SDP_DD_URI);
        else
            assert_has_not(&m, PL_SDP_DD_URI);
        done(&m);
    }
}

static void what_a_slot_takes(void **state)
{
    (void)state;
    static const struct pl_section red = {.n_formats = 2,
                                          .formats = {{PL_RED, 63, 0}, {PL_OPUS, 111, 0}}},
                                   opus = {.n_formats = 1, .formats = {{PL_OPUS, 109, 0}}},
                                   vp8 = {.n_formats = 1, .formats = {{PL_VP8, 96, 97}}},
                                   both = {.n_formats = 2,
                                           .formats = {{PL_VP9, 98, 99}, {PL_VP8, 96, 97}}},
                                   none = {0};
    assert_true(pl_section_takes(&opus, &red) && pl_section_takes(&red, &opus));
    assert_true(pl_section_takes(&both, &vp8));
    assert_false(pl_section_takes(&vp8, &opus) || pl_section_takes(&opus, &vp8));
    assert_false(pl_section_takes(&vp8, &none) || pl_section_takes(&none, &vp8));
    assert_ptr_equal(pl_section_format(&both, 97), &both.formats[1]);
    assert_ptr_equal(pl_section_format(&both, 98), &both.formats[0]);
    assert_null(pl_section_format(&red, 0)); /* no retransmission is no payload type 0 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chromium),
        cmocka_unit_test(firefox),
        cmocka_unit_test(obs),
        cmocka_unit_test(gstreamer),
        cmocka_unit_test(refused),
        cmocka_unit_test(directions),
        cmocka_unit_test(unusual_offers),
        cmocka_unit_test(a_section_alone),
        cmocka_unit_test(slots),
        cmocka_unit_test(the_first_slots_are_pairs),
        cmocka_unit_test(candidates),
        cmocka_unit_test(credentials),
        cmocka_unit_test(fragments),
        cmocka_unit_test(browsers_with_all_codecs),
        cmocka_unit_test(a_slot_of_several_codecs),
        cmocka_unit_test(round_trips_are_told_to_receivers),
        cmocka_unit_test(codecs_are_told_apart),
        cmocka_unit_test(sound_formats),
        cmocka_unit_test(layers_of_av1_are_told),
        cmocka_unit_test(what_a_slot_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
