/* An RTP packet, and every extension element in it. */
#include "proto/rtp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void extensions(const struct pl_rtp *p)
{
    for (unsigned id = 0; id < 256; id++) {
        size_t len;
        unsigned level;
        bool voice;
        const uint8_t *value = pl_rtp_ext_find(p, (uint8_t)id, &len);
        check(!value || (id && value > p->ext && value + len <= p->ext + p->ext_len));
        check(!value || p->ext_profile != 0xbede || (id < 15 && len >= 1 && len <= 16));
        if (pl_rtp_audio_level(p, (uint8_t)id, &level, &voice))
            check(value && level <= 127);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_rtp p, again;
    uint8_t bytes[PL_RTP_HEADER_SIZE];
    check(size == 0 || pl_demux(data[0]) <= PL_DEMUX_RTP);
    check(!pl_is_rtcp(data, size) || size >= 2);
    if (pl_rtp_parse(data, size, &p) != PL_OK)
        return 0;
    check(pl_demux(data[0]) == PL_DEMUX_RTP);
    check(p.header_len >= PL_RTP_HEADER_SIZE && p.payload == data + p.header_len);
    check(p.header_len + p.payload_len + p.padding == size);
    check(!p.ext || p.ext + p.ext_len == p.payload);
    extensions(&p);

    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtp_write_header(&w, &p);
    check(!w.full && pl_rtp_parse(bytes, sizeof bytes, &again) == PL_OK);
    check(again.pt == p.pt && again.marker == p.marker && again.seq == p.seq);
    check(again.timestamp == p.timestamp && again.ssrc == p.ssrc);
    return 0;
}
