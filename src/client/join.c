/* Getting in: the POST of WHIP and WHEP, the descriptions, the connectivity checks. */
#include "client/parts.h"

#include "crypto/random.h"
#include "proto/answer.h"
#include "proto/stun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHECK_AGAIN_NS (100 * NS_PER_MS)
#define CHECKS_MAX 100 /* unanswered ones: then the client fails */

static void write_audio(const struct pl_call *s, unsigned mid, bool sends, struct pl_buf *b)
{
    pl_buf_printf(b,
                  "m=audio 9 UDP/TLS/RTP/SAVPF %d\r\nc=IN IP4 0.0.0.0\r\na=mid:%u\r\n"
                  "a=extmap:%d urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
                  "a=extmap:%d http://www.ietf.org/id/"
                  "draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
                  "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
                  "a=%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:%d opus/48000/2\r\n"
                  "a=rtcp-fb:%d transport-cc\r\na=fmtp:%d minptime=10;useinbandfec=1\r\n",
                  PT_OPUS, mid, EXT_LEVEL, EXT_TWCC, EXT_MID, sends ? "sendonly" : "recvonly",
                  PT_OPUS, PT_OPUS, PT_OPUS);
    if (sends)
        pl_buf_printf(b, "a=ssrc:%u cname:client\r\n", s->publish.ssrc);
}

static void write_layers(const struct pl_call *s, struct pl_buf *b)
{
    uint32_t first = s->publish.ssrc + 1;
    if (s->publish.n_layers == 1) {
        pl_buf_printf(b, "a=ssrc-group:FID %u %u\r\na=ssrc:%u cname:client\r\n", first, first + 1,
                      first);
        pl_buf_printf(b, "a=ssrc:%u cname:client\r\n", first + 1);
        return;
    }
    pl_buf_printf(b,
                  "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
                  "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n",
                  EXT_RID, EXT_REPAIRED_RID);
    for (unsigned k = 0; k < s->publish.n_layers; k++)
        pl_buf_printf(b, "a=rid:%s send\r\n", s->publish.layers[k].rid);
    for (unsigned k = 0; k < s->publish.n_layers; k++)
        pl_buf_printf(b, "%s%s", k ? ";" : "a=simulcast:send ", s->publish.layers[k].rid);
    pl_buf_puts(b, "\r\n");
}

static void write_video(const struct pl_call *s, unsigned mid, bool sends, struct pl_buf *b)
{
    pl_buf_printf(b,
                  "m=video 9 UDP/TLS/RTP/SAVPF %d %d\r\nc=IN IP4 0.0.0.0\r\na=mid:%u\r\n"
                  "a=extmap:%d http://www.ietf.org/id/"
                  "draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
                  "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
                  "a=%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:%d VP8/90000\r\n",
                  PT_VP8, PT_RTX, mid, EXT_TWCC, EXT_MID, sends ? "sendonly" : "recvonly", PT_VP8);
    static const char *const feedback[] = {"goog-remb", "transport-cc", "ccm fir", "nack",
                                           "nack pli"};
    for (unsigned i = 0; i < 5; i++)
        pl_buf_printf(b, "a=rtcp-fb:%d %s\r\n", PT_VP8, feedback[i]);
    pl_buf_printf(b, "a=rtpmap:%d rtx/90000\r\na=fmtp:%d apt=%d\r\n", PT_RTX, PT_RTX, PT_VP8);
    if (sends)
        write_layers(s, b);
}

void pl_call_offer(struct pl_call *s, struct pl_buf *b)
{
    const unsigned sections[] = {s->publish.audio, s->publish.n_layers > 0, s->receive.audio,
                                 s->receive.video};
    unsigned mid = 0;
    pl_buf_printf(b, "v=0\r\no=- %u 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE",
                  s->index + 1);
    for (unsigned kind = 0; kind < 4; kind++)
        for (unsigned i = 0; i < sections[kind]; i++)
            pl_buf_printf(b, " %u", mid++);
    pl_buf_printf(b,
                  "\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=ice-options:trickle\r\n"
                  "a=setup:actpass\r\na=fingerprint:sha-256 %s\r\n",
                  s->ufrag, s->pwd, s->calls->fingerprint);
    mid = 0;
    for (unsigned kind = 0; kind < 4; kind++)
        for (unsigned i = 0; i < sections[kind]; i++)
            kind % 2 ? write_video(s, mid++, kind < 2, b) : write_audio(s, mid++, kind < 2, b);
}

static void write_request(struct pl_call *s)
{
    struct pl_buf offer = {0};
    char ip[INET_ADDRSTRLEN];
    pl_ice_credentials(pl_crypto_random(), s->ufrag, s->pwd);
    pl_call_offer(s, &offer);
    inet_ntop(AF_INET, &s->http.sin_addr, ip, sizeof ip);
    pl_buf_printf(&s->post.out,
                  "POST %s HTTP/1.1\r\nHost: %s:%u\r\nAuthorization: Bearer %s\r\n"
                  "Content-Type: application/sdp\r\nContent-Length: %zu\r\n"
                  "Connection: close\r\n\r\n",
                  s->post.path, ip, ntohs(s->http.sin_port), s->post.token, offer.len);
    pl_buf_add(&s->post.out, offer.data, offer.len);
    if (offer.failed || s->post.out.failed)
        pl_calls_die("offer");
    pl_buf_free(&offer);
}

void pl_join_begin(struct pl_call *s)
{
    write_request(s);
    s->post.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->post.fd < 0)
        pl_calls_die("socket");
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.u64 = 2 * (uint64_t)s->index + 1};
    if (connect(s->post.fd, (struct sockaddr *)&s->http, sizeof s->http) != 0 &&
        errno != EINPROGRESS) {
        pl_call_fail(s, "HTTP: %s", strerror(errno));
        return;
    }
    if (epoll_ctl(s->calls->epoll, EPOLL_CTL_ADD, s->post.fd, &e) != 0)
        pl_calls_die("epoll_ctl");
}

/* The whole of the answer is there: the connection was closed behind it. */
static void answered(struct pl_call *s)
{
    const char *text = s->post.in.data ? s->post.in.data : "";
    const char *body = strstr(text, "\r\n\r\n");
    close(s->post.fd);
    s->post.fd = -1;
    if (!body || strncmp(text, "HTTP/1.1 201 ", 13) != 0) {
        pl_call_fail(s, "HTTP: %.12s: %.120s", text, body ? body + 4 : "");
        return;
    }
    if (pl_join_description(s, body + 4))
        pl_call_begin_media(s);
    pl_buf_free(&s->post.in);
    pl_buf_free(&s->post.out);
}

void pl_join_ready(struct pl_call *s, uint32_t events)
{
    char bytes[16384];
    if (s->post.fd < 0)
        return;
    if (events & EPOLLOUT && s->post.out.len) {
        ssize_t n = send(s->post.fd, s->post.out.data, s->post.out.len, MSG_NOSIGNAL);
        if (n > 0)
            pl_buf_consume(&s->post.out, (size_t)n);
        struct epoll_event e = {.events = EPOLLIN, .data.u64 = 2 * (uint64_t)s->index + 1};
        if (s->post.out.len == 0)
            epoll_ctl(s->calls->epoll, EPOLL_CTL_MOD, s->post.fd, &e);
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    ssize_t n = recv(s->post.fd, bytes, sizeof bytes, 0);
    if (n > 0)
        pl_buf_add(&s->post.in, bytes, (size_t)n);
    else if (n == 0)
        answered(s);
    else if (errno != EAGAIN)
        pl_call_fail(s, "HTTP: %s", strerror(errno));
}

/* The first host candidate over UDP and IPv4. */
static bool take_candidate(struct pl_call *s, const char *sdp)
{
    for (const char *at = sdp; (at = strstr(at, "a=candidate:")) != NULL; at++) {
        char proto[8], ip[64];
        unsigned port;
        if (sscanf(at, "a=candidate:%*s %*u %7s %*u %63s %u typ host", proto, ip, &port) == 3 &&
            (strcmp(proto, "udp") == 0 || strcmp(proto, "UDP") == 0) &&
            inet_pton(AF_INET, ip, &s->media.sin_addr) == 1) {
            s->media.sin_family = AF_INET;
            s->media.sin_port = htons((uint16_t)port);
            return true;
        }
    }
    return false;
}

static uint8_t ext_id(const struct pl_sdp_section *section, enum pl_sdp_ext_name name)
{
    return section->exts[name].id;
}

/* What a publisher sends in an accepted section: one stream of sound, or one a layer. */
static void add_streams(struct pl_call *s, const struct pl_sdp *sdp,
                        const struct pl_sdp_section *section)
{
    bool video = section->kind == PL_SDP_VIDEO;
    const struct pl_sdp_codec *codecs = &sdp->codecs[section->first_codec];
    for (unsigned k = 0; k < (video ? s->publish.n_layers : 1); k++) {
        struct stream *t = &s->streams[s->n_streams++];
        *t = (struct stream){.video = video,
                             .layer = k,
                             .ssrc = s->publish.ssrc + (video ? 1 + 2 * k : 0),
                             .pt = codecs[0].pt,
                             .ext_level = ext_id(section, PL_SDP_EXT_AUDIO_LEVEL),
                             .ext_twcc = ext_id(section, PL_SDP_EXT_TWCC)};
        if (!video)
            continue;
        t->fps = s->publish.layers[k].fps;
        t->rid = s->publish.layers[k].rid;
        t->rtx_ssrc = t->ssrc + 1;
        t->rtx_pt = section->n_codecs > 1 ? codecs[1].pt : 0;
        if (s->publish.n_layers > 1) {
            t->ext_mid = ext_id(section, PL_SDP_EXT_MID);
            t->ext_rid = ext_id(section, PL_SDP_EXT_RID);
            if (pl_str_copy(section->mid, t->mid, sizeof t->mid))
                t->ext_mid = 0;
        }
    }
}

static void add_track(struct pl_call *s, const struct pl_sdp *sdp,
                      const struct pl_sdp_section *section)
{
    struct track *t = &s->tracks[s->n_tracks++];
    const struct pl_sdp_codec *codec = &sdp->codecs[section->first_codec];
    *t = (struct track){.clock_rate = codec->rate,
                        .nack = codec->feedback & PL_FB_NACK,
                        .ext_twcc = ext_id(section, PL_SDP_EXT_TWCC),
                        .seen = {.video = section->kind == PL_SDP_VIDEO}};
    for (size_t i = 0; i < section->n_ssrcs; i++)
        *(section->ssrcs[i].repair ? &t->rtx_ssrc : &t->seen.ssrc) = section->ssrcs[i].ssrc;
    if (t->ext_twcc && !s->arrivals) {
        s->arrivals = calloc(1, sizeof *s->arrivals);
        if (!s->arrivals)
            pl_calls_die("client");
        pl_twcc_arrivals_init(s->arrivals);
    }
}

static void take_sections(struct pl_call *s, const struct pl_sdp *sdp)
{
    bool sending[2] = {false, false};
    s->streams = calloc(STREAMS_MAX, sizeof *s->streams);
    s->tracks = calloc(sdp->n_sections, sizeof *s->tracks);
    if (!s->streams || !s->tracks)
        pl_calls_die("client");
    for (size_t i = 0; i < sdp->n_sections; i++) {
        const struct pl_sdp_section *section = &sdp->sections[i];
        bool video = section->kind == PL_SDP_VIDEO;
        if (section->port == 0 || section->n_codecs == 0)
            continue;
        if (section->receives && !sending[video] &&
            (video ? s->publish.n_layers > 0 : s->publish.audio)) {
            sending[video] = true;
            add_streams(s, sdp, section);
        } else if (section->sends && s->hears) {
            add_track(s, sdp, section);
        }
    }
    pl_feedback_index(s);
}

static bool take_transport(struct pl_call *s, const struct pl_sdp *sdp)
{
    const struct pl_sdp_section *first = &sdp->sections[0];
    struct pl_str ufrag = first->ufrag.n ? first->ufrag : sdp->session.ufrag;
    struct pl_str pwd = first->pwd.n ? first->pwd : sdp->session.pwd;
    return ufrag.n && pwd.n && !pl_str_copy(ufrag, s->remote_ufrag, sizeof s->remote_ufrag) &&
           !pl_str_copy(pwd, s->remote_pwd, sizeof s->remote_pwd);
}

bool pl_join_description(struct pl_call *s, const char *text)
{
    struct pl_sdp sdp;
    char why[PL_SDP_WHY] = "";
    if (pl_sdp_parse(pl_str(text), &sdp, why)) {
        pl_call_fail(s, "SDP: %s", why);
        return false;
    }
    bool ok = sdp.n_sections > 0 && take_transport(s, &sdp) && take_candidate(s, text);
    if (ok)
        take_sections(s, &sdp);
    pl_sdp_free(&sdp);
    if (!ok || s->n_streams + s->n_tracks == 0) {
        pl_call_fail(s, "SDP: no credentials, no candidate, or nothing that both have");
        return false;
    }
    return true;
}

/* A check that nominates (RFC 8445, 8.1.1): the server is ICE-lite. Later ones keep consent alive.
 */
void pl_join_check(struct pl_call *s)
{
    uint8_t bytes[600];
    char username[2 * PL_UFRAG_SIZE];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    if (++s->checks > CHECKS_MAX) {
        pl_call_fail(s, "ICE: no answer");
        return;
    }
    snprintf(username, sizeof username, "%s:%s", s->remote_ufrag, s->ufrag);
    struct pl_stun_check check = {.username = username,
                                  .priority = 0x6e0000ff,
                                  .use_candidate = true,
                                  .tiebreaker = s->rtcp_ssrc};
    if (s->checks == 1) /* else sent again (RFC 8489, 6.2.1): the answer may still be on its way */
        pl_crypto_random()->fill(NULL, s->transaction, sizeof s->transaction);
    memcpy(check.transaction, s->transaction, sizeof check.transaction);
    pl_stun_write_check(&w, &check, s->remote_pwd, strlen(s->remote_pwd));
    pl_call_send(s, bytes, pl_writer_size(&w));
    pl_call_due(s, DUE_CHECK,
                pl_calls_now_ns() + (s->state == PL_CALL_UP ? CONSENT_NS : CHECK_AGAIN_NS));
}

/* A server that is not as lite as it says checks the pair itself, and waits for the answer. */
static void answer_check(struct pl_call *s, const struct pl_stun *m)
{
    uint8_t bytes[128];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    const struct pl_addr from =
        pl_addr_v4((const uint8_t *)&s->media.sin_addr, ntohs(s->media.sin_port));
    pl_stun_write_success(&w, m, &from, s->pwd, strlen(s->pwd));
    if (!w.full)
        pl_call_send(s, bytes, pl_writer_size(&w));
}

void pl_join_stun(struct pl_call *s, const uint8_t *bytes, size_t n, int64_t now)
{
    struct pl_stun m;
    if (pl_stun_parse(bytes, n, &m))
        return;
    if (m.class == PL_STUN_REQUEST) {
        if (pl_stun_check_integrity(bytes, n, &m, s->pwd, strlen(s->pwd)))
            answer_check(s, &m);
        return;
    }
    if (m.class != PL_STUN_SUCCESS ||
        memcmp(m.transaction, s->transaction, sizeof s->transaction) != 0 ||
        !pl_stun_check_integrity(bytes, n, &m, s->remote_pwd, strlen(s->remote_pwd)))
        return;
    s->checks = 0;
    s->answered_ns = now;
    if (s->state == PL_CALL_CHECKING)
        pl_handshake_begin(s);
    pl_call_due(s, DUE_CHECK, now + CONSENT_NS);
}
