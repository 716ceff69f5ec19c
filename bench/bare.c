/* Clients of bench/floor: keys by number, no ICE, no DTLS. */
#include "bare.h"

#include "client/parts.h"

#include <stdlib.h>

static void add_tracks(struct pl_call *s)
{
    unsigned most = s->receive.audio > s->receive.video ? s->receive.audio : s->receive.video;
    s->tracks = calloc(2 * (size_t)most + 1, sizeof *s->tracks);
    if (!s->tracks)
        pl_calls_die("client");
    for (unsigned i = 0; i < 2 * most && s->n_tracks < TRACKS_MAX; i++) {
        bool video = i % 2;
        if (i / 2 < (video ? s->receive.video : s->receive.audio))
            s->tracks[s->n_tracks++] =
                (struct track){.clock_rate = video ? 90000 : 48000,
                               .seen = {.ssrc = bare_ssrc(i / 2, video), .video = video}};
    }
    pl_feedback_index(s);
}

static void add_streams(struct pl_call *s, uint32_t number)
{
    s->streams = calloc(STREAMS_MAX, sizeof *s->streams);
    if (!s->streams)
        pl_calls_die("client");
    for (unsigned video = 0; video < 2; video++)
        if (video ? s->publish.n_layers > 0 : s->publish.audio)
            s->streams[s->n_streams++] = (struct stream){.video = video,
                                                         .fps = s->publish.layers[0].fps,
                                                         .ssrc = bare_ssrc(number, video),
                                                         .pt = video ? PT_VP8 : PT_OPUS,
                                                         .ext_level = video ? 0 : EXT_LEVEL,
                                                         .ext_twcc = EXT_TWCC};
}

void bare_begin(struct pl_call *s, uint32_t number)
{
    uint8_t hello[BARE_HELLO_SIZE];
    bool publisher = !s->hears;
    struct pl_srtp_keys keys = bare_keys(publisher, number);
    if (pl_srtp_new(&keys, publisher ? &s->out : &s->in))
        pl_calls_die("SRTP");
    publisher ? add_streams(s, number) : add_tracks(s);
    pl_call_open(s);
    bare_hello(hello, publisher, number);
    pl_call_send(s, hello, sizeof hello);
    pl_call_up(s, pl_calls_now_ns());
}
