/* The SDP parser: what it reads off real offers, what it refuses and where, its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "offers.h"
#include "proto/sdp.h"

#include <stdio.h>
#include <stdlib.h>

static void assert_text(struct pl_str got, const char *want)
{
    assert_int_equal(got.n, strlen(want));
    assert_memory_equal(got.p, want, got.n);
}

static void parse_ok(const char *text, struct pl_sdp *out)
{
    char why[PL_SDP_WHY] = "";
    enum pl_err e = pl_sdp_parse(pl_str(text), out, why);
    if (e != PL_OK)
        fail_msg("error %d: %s", e, why);
}

static void chromium_offer(void **state)
{
    (void)state;
    struct pl_sdp s;
    parse_ok(offer_chromium, &s);
    assert_int_equal(s.n_sections, 4);
    assert_int_equal(s.n_bundle, 4);
    assert_int_equal(s.bundle[3], 3);
    assert_false(s.ice_lite || s.session.has_fingerprint || s.session.ufrag.n);

    const struct pl_sdp_section *mic = &s.sections[0];
    assert_int_equal(mic->kind, PL_SDP_AUDIO);
    assert_int_equal(mic->port, 9);
    assert_text(mic->proto, "UDP/TLS/RTP/SAVPF");
    assert_text(mic->mid, "0");
    assert_text(mic->ufrag, "RJiz");
    assert_text(mic->pwd, "qc6L8DJ+Yt1NaPQco2xwHeh3");
    assert_int_equal(mic->setup, PL_SETUP_ACTPASS);
    assert_true(mic->sends && !mic->receives && mic->bundled && !mic->bundle_only);
    assert_true(mic->rtcp_mux && mic->rtcp_rsize && mic->has_fingerprint);
    assert_int_equal(mic->fingerprint[0], 0xdc);
    assert_int_equal(mic->fingerprint[31], 0x32);
    assert_int_equal(mic->exts[PL_SDP_EXT_AUDIO_LEVEL].id, 1);
    assert_int_equal(mic->exts[PL_SDP_EXT_MID].id, 4);
    assert_int_equal(mic->exts[PL_SDP_EXT_RID].id, 0);
    assert_int_equal(mic->n_ssrcs, 1);
    assert_int_equal(mic->ssrcs[0].ssrc, 1850449559);
    assert_int_equal(mic->n_codecs, 1);
    const struct pl_sdp_codec *opus = &s.codecs[mic->first_codec];
    assert_int_equal(opus->pt, 111);
    assert_text(opus->name, "opus");
    assert_int_equal(opus->rate, 48000);
    assert_int_equal(opus->channels, 2);
    assert_text(opus->fmtp, "minptime=10;useinbandfec=1");
    assert_int_equal(opus->feedback, PL_FB_TWCC);

    const struct pl_sdp_section *camera = &s.sections[1];
    assert_int_equal(camera->n_codecs, 2);
    const struct pl_sdp_codec *vp8 = &s.codecs[camera->first_codec];
    assert_text(vp8->name, "VP8");
    assert_int_equal(vp8->channels, 1);
    assert_int_equal(vp8->feedback, PL_FB_NACK | PL_FB_PLI | PL_FB_FIR | PL_FB_REMB | PL_FB_TWCC);
    assert_int_equal(vp8[1].pt, 97);
    assert_text(vp8[1].fmtp, "apt=96");
    assert_int_equal(camera->n_ssrcs, 0);
    assert_int_equal(camera->n_rids, 3);
    assert_text(camera->rids[1].id, "h");
    assert_true(camera->rids[1].sends);
    assert_text(camera->simulcast, "send q;h;f");
    assert_true(!s.sections[3].sends && s.sections[3].receives);
    pl_sdp_free(&s);
}

static void firefox_offer(void **state)
{
    (void)state;
    struct pl_sdp s;
    parse_ok(offer_firefox, &s);
    assert_int_equal(s.n_sections, 4);
    assert_true(s.session.has_fingerprint && !s.sections[0].has_fingerprint);
    assert_false(s.sections[0].bundle_only);
    const struct pl_sdp_section *camera = &s.sections[1];
    assert_true(camera->bundle_only && camera->port == 0 && camera->bundled);
    assert_true(camera->exts[PL_SDP_EXT_RID].sends && !camera->exts[PL_SDP_EXT_RID].receives);
    assert_int_equal(camera->n_codecs, 2);
    assert_int_equal(s.codecs[camera->first_codec + 1].feedback, 0);
    assert_int_equal(camera->n_ssrcs, 6);
    assert_int_equal(camera->ssrcs[0].ssrc, 3244170134);
    for (size_t i = 0; i < 6; i++)
        assert_true(camera->ssrcs[i].repair == (i % 2 == 1));
    assert_false(s.sections[2].rtcp_rsize);
    pl_sdp_free(&s);
}

static void other_offers(void **state)
{
    (void)state;
    struct pl_sdp s;
    parse_ok(offer_obs, &s);
    assert_int_equal(s.n_bundle, 2); /* the second group is LS */
    assert_text(s.session.ufrag, "Dk9b");
    assert_int_equal(s.session.setup, PL_SETUP_ACTPASS);
    pl_sdp_free(&s);
    parse_ok(offer_gstreamer, &s);
    assert_text(s.sections[0].mid, "video0");
    assert_int_equal(s.sections[0].ssrcs[0].ssrc, 2715812345);
    assert_true(s.sections[0].ssrcs[1].repair);
    pl_sdp_free(&s);
}

#define HEAD "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" /* lines 1 to 4 */
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"   /* lines 5 and 6 */
#define SIXTEEN "abcdefghijklmnop"
#define PWD22 "abcdefghijklmnopqrstuv"
#define BYTES31                                                                                    \
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0f:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E"

/* What is odd and fine. */
static void taken(void **state)
{
    (void)state;
    static const char *const rows[] = {
        HEAD AUDIO,
        "v=0\nm=audio 9 UDP/TLS/RTP/SAVPF 111\n",
        HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        HEAD AUDIO "\r\n\n\r\n",
        HEAD "b=AS:1\r\nx=\xc3\xa9\r\n" AUDIO "y=1\r\n",
        HEAD "m=audio  9/2  UDP/TLS/RTP/SAVPF  111\r\n",
        HEAD "m=text 0 RTP/AVP 98\r\nm=image 1 TCP t38\r\nm=a 65535 b c\r\n",
        HEAD "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n",
        HEAD AUDIO "a=rtcp-fb:99 nack\r\na=rtpmap:99 x/1\r\na=fmtp:99 \r\na=fmtp:99\r\n",
        HEAD AUDIO "a=rtcp-fb:111 nack rpsi\r\na=rtcp-fb:* x y z\r\n",
        HEAD AUDIO "a=unknown\r\na=unknown:1:2:3\r\na=mid\r\na=rtcp-mux:x\r\n",
        HEAD AUDIO "a=candidate:1 1 udp 1 ::1 1 typ host\r\na=candidate:nonsense\r\n",
        HEAD "a=mid:toolongtoolongtoolong\r\na=ssrc:x\r\n" AUDIO, /* nothing at session level */
        HEAD AUDIO
        "a=extmap:15 a:b\r\na=extmap:255 a:b\r\na=extmap:4096 a:b\r\na=extmap:4096 c:d\r\n",
        HEAD AUDIO "a=extmap:1/inactive urn:ietf:params:rtp-hdrext:sdes:mid x y\r\n",
        HEAD AUDIO "a=ssrc:0 cname:x\r\na=ssrc:4294967295\r\na=ssrc-group:SIM 1 2 3\r\n",
        HEAD "a=group:LS 7 8\r\na=group:BUNDLE\r\na=group:BUNDLE 9\r\n" AUDIO,
        HEAD "a=group:BUNDLE  0 \r\n" AUDIO,
        HEAD "m=audio 9 X/RTP/Y 0 127\r\na=mid:" SIXTEEN "\r\n",
        HEAD "a=ice-ufrag:a+/9\r\na=ice-pwd:" PWD22 "\r\n" AUDIO,
        HEAD AUDIO "a=fingerprint:sha-1 nonsense\r\na=fingerprint:SHA-256 " BYTES31 ":ff\r\n",
        HEAD AUDIO "a=rid:a-_Z9 recv pt=96;max-width=1\r\na=simulcast:recv a\r\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_sdp s;
        char why[PL_SDP_WHY] = "";
        if (pl_sdp_parse(pl_str(rows[i]), &s, why) != PL_OK)
            fail_msg("row %zu: %s", i, why);
        pl_sdp_free(&s);
    }
}

static void refused_with_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why; /* the sentence's beginning */
        enum pl_err e;
    } rows[] = {
        {"", "The description has no media", PL_EINVAL},
        {"\r\n", "The description has no media", PL_EINVAL},
        {HEAD, "The description has no media", PL_EINVAL},
        {"{\"type\":\"offer\"}", "line 1: this is not TYPE=VALUE", PL_EINVAL},
        {"\xef\xbb\xbfv=0\r\n", "line 1: this is not", PL_EINVAL},
        {"v=1\r\n" AUDIO, "line 1: a session description begins with v=0", PL_EINVAL},
        {AUDIO, "line 1: a session description begins", PL_EINVAL},
        {HEAD "\r\n" AUDIO, "line 5: this is not TYPE", PL_EINVAL},
        {HEAD "a\r\n" AUDIO, "line 5: this is not", PL_EINVAL},
        {HEAD "A=b\r\n" AUDIO, "line 5: this is not", PL_EINVAL},
        {HEAD "a:b\r\n" AUDIO, "line 5: this is not", PL_EINVAL},
        {HEAD " a=b\r\n" AUDIO, "line 5: this is not", PL_EINVAL},
        {HEAD "a=b\rc\r\n" AUDIO, "line 5: there is a control character", PL_EINVAL},
        {HEAD "a=b\x7f\r\n" AUDIO, "line 5: there is a control", PL_EINVAL},
        {HEAD "a=\r\n" AUDIO, "line 5: the attribute's name", PL_EINVAL},
        {HEAD "a=:b\r\n" AUDIO, "line 5: the attribute's name", PL_EINVAL},
        {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF\r\n", "line 5: the media line", PL_EINVAL},
        {HEAD "m=audio 9\r\n", "line 5: the media line", PL_EINVAL},
        {HEAD "m=audio\r\n", "line 5: the media line", PL_EINVAL},
        {HEAD "m=\r\n", "line 5: the media line", PL_EINVAL},
        {HEAD "m=audio 65536 RTP/AVP 0\r\n", "line 5: the media line", PL_EINVAL},
        {HEAD "m=audio -1 RTP/AVP 0\r\n", "line 5: the media line", PL_EINVAL},
        {HEAD "m=au\xc3\xa9 9 RTP/AVP 0\r\n", "line 5: the media line", PL_EINVAL},
        {HEAD "m=audio 9 RTP/AVP 128\r\n", "line 5: a payload type is not", PL_EINVAL},
        {HEAD "m=audio 9 RTP/AVP x\r\n", "line 5: a payload type is not", PL_EINVAL},
        {HEAD "m=audio 9 RTP/AVP 99999999999999999999\r\n", "line 5: a payload", PL_EINVAL},
        {HEAD "m=audio 9 RTP/AVP 0 8 0\r\n", "line 5: a payload type stands", PL_EINVAL},
        {HEAD "m=application 9 UDP a \xc3\xa9\r\n", "line 5: a format", PL_EINVAL},
        {HEAD AUDIO "a=mid:1\r\n", "line 7: the section has two mids", PL_EINVAL},
        {HEAD AUDIO AUDIO, "line 8: another section has the same mid", PL_EINVAL},
        {HEAD "m=audio 9 a b\r\na=mid:\r\n", "line 6: the mid is not", PL_EINVAL},
        {HEAD "m=audio 9 a b\r\na=mid:a b\r\n", "line 6: the mid is not", PL_EINVAL},
        {HEAD "m=audio 9 a b\r\na=mid:" SIXTEEN "q\r\n", "line 6: the mid is longer", PL_ELIMIT},
        {HEAD "a=ice-ufrag:abc\r\n" AUDIO, "line 5: the ice-ufrag", PL_EINVAL},
        {HEAD "a=ice-ufrag:ab-c\r\n" AUDIO, "line 5: the ice-ufrag", PL_EINVAL},
        {HEAD "a=ice-pwd:abcdefghijklmnopqrstu\r\n" AUDIO, "line 5: the ice-pwd", PL_EINVAL},
        {HEAD "a=ice-pwd:" PWD22 " \r\n" AUDIO, "line 5: the ice-pwd", PL_EINVAL},
        {HEAD "a=fingerprint:sha-256 " BYTES31 "\r\n" AUDIO, "line 5: the fing", PL_EINVAL},
        {HEAD "a=fingerprint:sha-256 " BYTES31 ":1g\r\n" AUDIO, "line 5: the fing", PL_EINVAL},
        {HEAD "a=fingerprint:sha-256 " BYTES31 ".11\r\n" AUDIO, "line 5: the fing", PL_EINVAL},
        {HEAD "a=fingerprint:sha-256 " BYTES31 ":11:\r\n" AUDIO, "line 5: the fing", PL_EINVAL},
        {HEAD "a=fingerprint:sha-256\r\n" AUDIO, "line 5: the fing", PL_EINVAL},
        {HEAD "a=setup:both\r\n" AUDIO, "line 5: the setup is unknown", PL_EINVAL},
        {HEAD "a=group:BUNDLE 0 1\r\n" AUDIO, "line 5: the group names a mid that", PL_EINVAL},
        {HEAD "a=group:BUNDLE 0 0\r\n" AUDIO, "line 5: the group names a mid twice", PL_EINVAL},
        {HEAD AUDIO "a=rtpmap:128 x/1\r\n", "line 7: the payload type", PL_EINVAL},
        {HEAD AUDIO "a=rtpmap:111 opus\r\n", "line 7: the rtpmap", PL_EINVAL},
        {HEAD AUDIO "a=rtpmap:111 opus/x\r\n", "line 7: the rtpmap", PL_EINVAL},
        {HEAD AUDIO "a=rtpmap:111 /48000\r\n", "line 7: the rtpmap", PL_EINVAL},
        {HEAD AUDIO "a=rtpmap:111 opus/4294967296/2\r\n", "line 7: the rtpmap", PL_EINVAL},
        {HEAD AUDIO "a=rtpmap:111 opus/48000/256\r\n", "line 7: the rtpmap", PL_EINVAL},
        {HEAD AUDIO "a=rtpmap:111 opus/48000/2/3\r\n", "line 7: the rtpmap", PL_EINVAL},
        {HEAD AUDIO "a=fmtp:x a=b\r\n", "line 7: the payload type", PL_EINVAL},
        {HEAD AUDIO "a=rtcp-fb:*nack\r\n", "line 7: the payload type", PL_EINVAL},
        {HEAD AUDIO "a=extmap:0 a:b\r\n", "line 7: the extmap", PL_EINVAL},
        {HEAD AUDIO "a=extmap:4352 a:b\r\n", "line 7: the extmap", PL_EINVAL},
        {HEAD AUDIO "a=extmap:1/up a:b\r\n", "line 7: the extmap", PL_EINVAL},
        {HEAD AUDIO "a=extmap:1\r\n", "line 7: the extmap", PL_EINVAL},
        {HEAD AUDIO "a=extmap:1 a:b\r\na=extmap:1 c:d\r\n", "line 8: the id", PL_EINVAL},
        {HEAD "a=extmap:1 a:b\r\n" AUDIO "a=extmap:1 c:d\r\n", "line 8: the id", PL_EINVAL},
        {HEAD AUDIO "a=ssrc:4294967296 cname:x\r\n", "line 7: the SSRC", PL_EINVAL},
        {HEAD AUDIO "a=ssrc:-1 cname:x\r\n", "line 7: the SSRC", PL_EINVAL},
        {HEAD AUDIO "a=ssrc-group:FID 1\r\n", "line 7: the SSRC", PL_EINVAL},
        {HEAD AUDIO "a=rid:a.b send\r\n", "line 7: the rid", PL_EINVAL},
        {HEAD AUDIO "a=rid:a\r\n", "line 7: the rid", PL_EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_sdp s;
        char why[PL_SDP_WHY] = "";
        enum pl_err e = pl_sdp_parse(pl_str(rows[i].text), &s, why);
        if (e == PL_OK)
            pl_sdp_free(&s);
        if (e != rows[i].e || strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
            fail_msg("row %zu: error %d: %s", i, e, why);
    }
    struct pl_sdp s;
    char why[PL_SDP_WHY];
    static const char zero[] = HEAD "a=b\0c\r\n" AUDIO;
    assert_int_equal(pl_sdp_parse((struct pl_str){zero, sizeof zero - 1}, &s, why), PL_EINVAL);
}

/* HEAD, `before`, n times `each` (with the number in it), `after`. */
static void repeat(struct pl_buf *b, const char *before, const char *each, size_t n,
                   const char *after)
{
    pl_buf_clear(b);
    pl_buf_puts(b, before);
    for (size_t i = 0; i < n; i++) {
        const char *at = strchr(each, '#');
        pl_buf_add(b, each, at ? (size_t)(at - each) : strlen(each));
        if (at)
            pl_buf_printf(b, "%zu%s", i, at + 1);
    }
    pl_buf_puts(b, after);
    assert_false(b->failed);
}

static void limits_at_n_and_one_more(void **state)
{
    (void)state;
    static const struct {
        const char *before, *each, *after;
        size_t n;
        enum pl_err e; /* of n + 1 */
    } rows[] = {
        {HEAD, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:#\r\n", "", PL_SECTIONS_MAX, PL_ELIMIT},
        {HEAD AUDIO, "a=ssrc:#\r\n", "", PL_SDP_SSRCS_MAX, PL_ELIMIT},
        {HEAD AUDIO, "a=rid:# send\r\n", "", PL_SDP_RIDS_MAX, PL_ELIMIT},
        {"v=0\r\na=x:", "x", "\r\nm=a 9 b c\r\n",
         PL_OFFER_MAX - (sizeof "v=0\r\na=x:\r\nm=a 9 b c\r\n" - 1), PL_ELIMIT},
        {HEAD "a=ice-ufrag:", "x", "\r\n" AUDIO, PL_UFRAG_SIZE - 1, PL_EINVAL},
        {HEAD "a=ice-pwd:", "x", "\r\n" AUDIO, PL_PWD_SIZE - 1, PL_EINVAL},
        {HEAD "m=audio 9 RTP/AVP", " #", "\r\n", 128, PL_EINVAL},
    };
    struct pl_buf b = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t more = 0; more < 2; more++) {
            repeat(&b, rows[i].before, rows[i].each, rows[i].n + more, rows[i].after);
            struct pl_sdp s;
            char why[PL_SDP_WHY] = "";
            enum pl_err e = pl_sdp_parse((struct pl_str){b.data, b.len}, &s, why);
            if (e == PL_OK)
                pl_sdp_free(&s);
            if (e != (more ? rows[i].e : PL_OK))
                fail_msg("row %zu, %zu more: error %d: %s", i, more, e, why);
        }
    pl_buf_free(&b);
}

/* A line of n copies of something must not cost n squared. */
static void big_offers_are_quick(void **state)
{
    (void)state;
    struct pl_buf b = {0};
    struct pl_sdp s;
    char why[PL_SDP_WHY];
    repeat(&b, HEAD "a=group:BUNDLE", " 0", 200000, "\r\n" AUDIO);
    assert_int_equal(pl_sdp_parse((struct pl_str){b.data, b.len}, &s, why), PL_EINVAL);
    repeat(&b, HEAD AUDIO, "a=rtpmap:111 x/1\r\n", 25000, "");
    assert_int_equal(pl_sdp_parse((struct pl_str){b.data, b.len}, &s, why), PL_OK);
    pl_sdp_free(&s);
    pl_buf_free(&b);
}

static void details(void **state)
{
    (void)state;
    struct pl_sdp s;
    parse_ok(HEAD "a=recvonly\r\na=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
                  "m=video 9 RTP/SAVPF 96 98\r\na=rtcp-fb:98 nack\r\na=rtcp-fb:* nack pli\r\n"
                  "a=ssrc-group:FID 7 8\r\na=ssrc:8 cname:x\r\na=ssrc:7 cname:x\r\n"
                  "m=video 0 RTP/SAVPF 96\r\na=sendonly\r\na=end-of-candidates\r\n",
             &s);
    assert_true(!s.sections[0].sends && s.sections[0].receives);
    assert_true(s.sections[1].sends && !s.sections[1].receives);
    assert_true(s.sections[1].end_of_candidates && !s.sections[0].end_of_candidates);
    assert_int_equal(s.sections[0].exts[PL_SDP_EXT_MID].id, 3);
    assert_int_equal(s.codecs[0].feedback, PL_FB_PLI);
    assert_int_equal(s.codecs[1].feedback, PL_FB_NACK | PL_FB_PLI);
    assert_int_equal(s.codecs[2].feedback, 0);
    assert_true(!s.sections[0].ssrcs[0].repair && s.sections[0].ssrcs[1].repair);
    assert_int_equal(s.sections[1].line, 13);
    pl_sdp_free(&s);
}

static void fragments(void **state)
{
    (void)state;
    struct pl_sdp s;
    char why[PL_SDP_WHY];
    static const char text[] = "a=group:BUNDLE 0 1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
                               "a=ice-ufrag:abcd\r\na=end-of-candidates\r\n";
    assert_int_equal(pl_sdp_parse_fragment(pl_str(text), &s, why), PL_OK);
    assert_int_equal(s.n_sections, 1);
    assert_text(s.sections[0].ufrag, "abcd");
    pl_sdp_free(&s);
    assert_int_equal(pl_sdp_parse_fragment(pl_str("a=ice-ufrag:abc\r\n"), &s, why), PL_EINVAL);
    assert_int_equal(strncmp(why, "line 1: ", 8), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chromium_offer),
        cmocka_unit_test(firefox_offer),
        cmocka_unit_test(other_offers),
        cmocka_unit_test(taken),
        cmocka_unit_test(refused_with_the_line),
        cmocka_unit_test(limits_at_n_and_one_more),
        cmocka_unit_test(big_offers_are_quick),
        cmocka_unit_test(details),
        cmocka_unit_test(fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
