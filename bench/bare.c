/* Clients of bench/floor: keys by number, no ICE, no DTLS. */
#include "bare.h"
#include "parts.h"

#include <stdlib.h>

static void add_tracks(struct load_session *s)
{
    unsigned most = s->receive.audio > s->receive.video ? s->receive.audio : s->receive.video;
    s->tracks = calloc(2 * (size_t)most + 1, sizeof *s->tracks);
    if (!s->tracks)
        load_die("client");
    for (unsigned i = 0; i < 2 * most && s->n_tracks < TRACKS_MAX; i++) {
        bool video = i % 2;
        if (i / 2 < (video ? s->receive.video : s->receive.audio))
            s->tracks[s->n_tracks++] =
                (struct track){.clock_rate = video ? 90000 : 48000,
                               .seen = {.ssrc = bare_ssrc(i / 2, video), .video = video}};
    }
    feedback_index(s);
}

static void add_streams(struct load_session *s, uint32_t number)
{
    s->streams = calloc(STREAMS_MAX, sizeof *s->streams);
    if (!s->streams)
        load_die("client");
    for (unsigned video = 0; video < 2; video++)
        if (video ? s->publish.n_layers > 0 : s->publish.audio)
            s->streams[s->n_streams++] = (struct stream){.video = video,
                                                         .layer = s->publish.layers[0],
                                                         .ssrc = bare_ssrc(number, video),
                                                         .pt = video ? PT_VP8 : PT_OPUS,
                                                         .ext_level = video ? 0 : EXT_LEVEL,
                                                         .ext_twcc = EXT_TWCC};
}

void bare_begin(struct load_session *s, uint32_t number)
{
    uint8_t hello[BARE_HELLO_SIZE];
    struct pl_srtp_keys keys = bare_keys(s->publisher, number);
    if (pl_srtp_new(&keys, s->publisher ? &s->out : &s->in))
        load_die("SRTP");
    s->publisher ? add_streams(s, number) : add_tracks(s);
    session_open(s);
    bare_hello(hello, s->publisher, number);
    session_send(s, hello, sizeof hello);
    session_up(s, load_now_ns());
}
