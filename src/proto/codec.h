/* The codecs that are known here. */
#ifndef PL_PROTO_CODEC_H
#define PL_PROTO_CODEC_H

enum pl_codec {
    PL_OPUS,
    PL_RED, /* Opus with what came before, once more (RFC 2198) */
    PL_VP8,
    PL_VP9,
    PL_AV1,
    PL_H264,
    PL_CODECS
};

#endif
