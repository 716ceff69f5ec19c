/* See srtp.h: indexes, replay windows, packet layouts. The cipher work is srtp_transform.c's. */
#include "base/bytes.h"
#include "crypto/srtp_transform.h"

#include <stdlib.h>

#define RTP_HEADER 12
#define RTCP_HEADER 8              /* stays in clear and is authenticated (RFC 3711, 3.4) */
#define RTCP_INDEX_SIZE 4          /* E and 31 bits */
#define RTCP_ENCRYPTED 0x80000000u /* E */
#define RTP_INDEX_MAX ((INT64_C(1) << 48) - 1) /* RFC 3711, 9.2: then the key is used up */
#define RTCP_INDEX_MAX ((INT64_C(1) << 31) - 1)
#define WORD_BITS 64

/* RFC 3711, 3.3.2: a ring of bits over the last PL_SRTP_WINDOW indexes. */
struct window {
    int64_t newest; /* -1: nothing yet */
    uint64_t bits[PL_SRTP_WINDOW / WORD_BITS];
};

struct stream {
    uint32_t ssrc;
    bool used;
    struct window rtp;  /* outbound: `newest` alone is used */
    struct window rtcp; /* the same */
};

struct pl_srtp {
    enum pl_srtp_profile profile;
    struct pl_srtp_transform *rtp, *rtcp;
    struct stream *streams; /* open addressing by SSRC, at most half full */
    size_t cap, n_streams;
};

enum pl_err pl_srtp_new(const struct pl_srtp_keys *keys, struct pl_srtp **out)
{
    struct pl_srtp *s = calloc(1, sizeof *s);
    if (!s)
        return PL_ENOMEM;
    s->profile = keys->profile;
    enum pl_err err = pl_srtp_transform_new(keys, false, &s->rtp);
    if (!err)
        err = pl_srtp_transform_new(keys, true, &s->rtcp);
    if (err)
        pl_srtp_free(s);
    else
        *out = s;
    return err;
}

void pl_srtp_free(struct pl_srtp *s)
{
    if (!s)
        return;
    pl_srtp_transform_free(s->rtp);
    pl_srtp_transform_free(s->rtcp);
    free(s->streams);
    free(s);
}

/* SSRCs. The peer chooses them, so the place is a multiplicative hash and the table stays half
 * empty; its size bounds what the worst choice can cost. */
static struct stream *place(const struct pl_srtp *s, uint32_t ssrc)
{
    size_t i = (ssrc * 2654435769u) >> 16;
    while (s->streams[i & (s->cap - 1)].used && s->streams[i & (s->cap - 1)].ssrc != ssrc)
        i++;
    return &s->streams[i & (s->cap - 1)];
}

static struct stream *find(const struct pl_srtp *s, uint32_t ssrc)
{
    struct stream *found = s->cap ? place(s, ssrc) : NULL;
    return found && found->used ? found : NULL;
}

static enum pl_err grow(struct pl_srtp *s)
{
    struct pl_srtp bigger = *s;
    bigger.cap = s->cap ? s->cap * 2 : 8;
    bigger.streams = calloc(bigger.cap, sizeof *bigger.streams);
    if (!bigger.streams)
        return PL_ENOMEM;
    for (size_t i = 0; i < s->cap; i++)
        if (s->streams[i].used)
            *place(&bigger, s->streams[i].ssrc) = s->streams[i];
    free(s->streams);
    *s = bigger;
    return PL_OK;
}

static enum pl_err find_or_add(struct pl_srtp *s, uint32_t ssrc, struct stream **out)
{
    struct stream *found = find(s, ssrc);
    if (!found) {
        if (s->n_streams == PL_SRTP_STREAMS_MAX)
            return PL_ELIMIT;
        enum pl_err err = (s->n_streams + 1) * 2 > s->cap ? grow(s) : PL_OK;
        if (err)
            return err;
        found = place(s, ssrc);
        *found = (struct stream){.ssrc = ssrc, .used = true, .rtp.newest = -1, .rtcp.newest = -1};
        s->n_streams++;
    }
    *out = found;
    return PL_OK;
}

/* Windows. */
static uint64_t *window_word(struct window *w, int64_t index, uint64_t *bit)
{
    uint64_t at = (uint64_t)index % PL_SRTP_WINDOW;
    *bit = UINT64_C(1) << at % WORD_BITS;
    return &w->bits[at / WORD_BITS];
}

static enum pl_err window_check(const struct window *w, int64_t index)
{
    uint64_t bit;
    if (!w || index > w->newest)
        return PL_OK;
    if (index < 0 || w->newest - index >= PL_SRTP_WINDOW)
        return PL_EREPLAY;
    return *window_word((struct window *)w, index, &bit) & bit ? PL_EREPLAY : PL_OK;
}

static void window_mark(struct window *w, int64_t index)
{
    uint64_t bit;
    if (index - w->newest >= PL_SRTP_WINDOW) {
        memset(w->bits, 0, sizeof w->bits);
    } else {
        for (int64_t i = w->newest + 1; i <= index; i++) {
            uint64_t *word = window_word(w, i, &bit);
            *word &= ~bit;
        }
    }
    if (index > w->newest)
        w->newest = index;
    uint64_t *word = window_word(w, index, &bit);
    *word |= bit;
}

/* RFC 3711, 3.3.1: the index nearest to the newest one that has these 16 bits; ROC 0 at first. */
static int64_t estimate(const struct stream *stream, uint16_t seq)
{
    if (!stream || stream->rtp.newest < 0)
        return seq;
    int64_t newest = stream->rtp.newest;
    return newest + (int16_t)(uint16_t)(seq - (uint16_t)newest);
}

/* Bytes of the RTP header with CSRCs and extension, 0 if it does not fit into n. */
static size_t header_size(const uint8_t *p, size_t n)
{
    if (n < RTP_HEADER || p[0] >> 6 != 2)
        return 0;
    size_t len = RTP_HEADER + (size_t)(p[0] & 15) * 4;
    if (p[0] & 0x10) {
        if (n < len + 4)
            return 0;
        len += 4 + (size_t)pl_get_u16(p + len + 2) * 4;
    }
    return len <= n ? len : 0;
}

enum pl_err pl_srtp_protect(struct pl_srtp *s, const uint8_t *header, size_t header_len,
                            const uint8_t *payload1, size_t len1, const uint8_t *payload2,
                            size_t len2, uint8_t *out, size_t *out_len)
{
    struct stream *stream;
    if (header_len < RTP_HEADER)
        return PL_EINVAL;
    uint32_t ssrc = pl_get_u32(header + 8);
    enum pl_err err = find_or_add(s, ssrc, &stream);
    if (err)
        return err;
    int64_t index = estimate(stream, pl_get_u16(header + 2));
    if (index < 0 || index > RTP_INDEX_MAX)
        return PL_ELIMIT;
    memcpy(out, header, header_len);
    const struct pl_srtp_job job = {
        .ssrc = ssrc,
        .index = (uint64_t)index,
        .word = (uint32_t)(index >> 16),
        .header = out,
        .header_len = header_len,
        .in1 = payload1,
        .in2 = payload2,
        .len1 = len1,
        .len2 = len2,
        .out = out + header_len,
        .tag = out + header_len + len1 + len2,
    };
    err = pl_srtp_seal(s->rtp, &job);
    if (err)
        return err;
    if (index > stream->rtp.newest)
        stream->rtp.newest = index;
    *out_len = header_len + len1 + len2 + pl_srtp_tag_size(s->profile);
    return PL_OK;
}

enum pl_err pl_srtp_unprotect(struct pl_srtp *s, uint8_t *packet, size_t *len)
{
    size_t tag_size = pl_srtp_tag_size(s->profile);
    if (*len < RTP_HEADER + tag_size)
        return PL_ETRUNC;
    size_t clear_len = *len - tag_size;
    size_t header_len = header_size(packet, clear_len);
    if (header_len == 0)
        return PL_EINVAL;
    uint32_t ssrc = pl_get_u32(packet + 8);
    struct stream *stream = find(s, ssrc);
    int64_t index = estimate(stream, pl_get_u16(packet + 2));
    enum pl_err err = window_check(stream ? &stream->rtp : NULL, index);
    if (err)
        return err;
    if (index > RTP_INDEX_MAX || (!stream && s->n_streams == PL_SRTP_STREAMS_MAX))
        return PL_ELIMIT;
    const struct pl_srtp_job job = {
        .ssrc = ssrc,
        .index = (uint64_t)index,
        .word = (uint32_t)(index >> 16),
        .header = packet,
        .header_len = header_len,
        .len1 = clear_len - header_len,
        .out = packet + header_len,
        .tag = packet + clear_len,
    };
    err = pl_srtp_open(s->rtp, &job);
    if (!err)
        err = find_or_add(s, ssrc, &stream); /* only what authenticated takes a place */
    if (err)
        return err;
    window_mark(&stream->rtp, index);
    *len = clear_len;
    return PL_OK;
}

/* SRTCP: AEAD has ciphertext, tag, index (RFC 7714, 9.2); CM ciphertext, index, tag (RFC
 * 3711, 3.4). */
static struct pl_srtp_job rtcp_job(const struct pl_srtp *s, uint8_t *packet, size_t clear_len,
                                   uint32_t word, uint8_t **index_at)
{
    uint8_t *after = packet + clear_len;
    bool aead = pl_srtp_is_aead(s->profile);
    *index_at = aead ? after + pl_srtp_tag_size(s->profile) : after;
    return (struct pl_srtp_job){
        .ssrc = pl_get_u32(packet + 4),
        .index = word & ~RTCP_ENCRYPTED,
        .word = word,
        .header = packet,
        .header_len = RTCP_HEADER,
        .in1 = packet + RTCP_HEADER,
        .len1 = clear_len - RTCP_HEADER,
        .out = packet + RTCP_HEADER,
        .tag = aead ? after : after + RTCP_INDEX_SIZE,
    };
}

enum pl_err pl_srtcp_protect(struct pl_srtp *s, uint8_t *packet, size_t *len, size_t cap)
{
    struct stream *stream;
    uint8_t *index_at;
    size_t more = pl_srtp_tag_size(s->profile) + RTCP_INDEX_SIZE;
    if (*len < RTCP_HEADER)
        return PL_EINVAL;
    if (cap < *len + more)
        return PL_ETRUNC;
    enum pl_err err = find_or_add(s, pl_get_u32(packet + 4), &stream);
    if (err)
        return err;
    int64_t index = stream->rtcp.newest + 1;
    if (index > RTCP_INDEX_MAX)
        return PL_ELIMIT;
    const struct pl_srtp_job job =
        rtcp_job(s, packet, *len, RTCP_ENCRYPTED | (uint32_t)index, &index_at);
    err = pl_srtp_seal(s->rtcp, &job);
    if (err)
        return err;
    pl_put_u32(index_at, job.word);
    stream->rtcp.newest = index;
    *len += more;
    return PL_OK;
}

enum pl_err pl_srtcp_unprotect(struct pl_srtp *s, uint8_t *packet, size_t *len)
{
    uint8_t *index_at;
    size_t more = pl_srtp_tag_size(s->profile) + RTCP_INDEX_SIZE;
    if (*len < RTCP_HEADER + more)
        return PL_ETRUNC;
    if (packet[0] >> 6 != 2)
        return PL_EINVAL;
    size_t clear_len = *len - more;
    rtcp_job(s, packet, clear_len, 0, &index_at);
    uint32_t word = pl_get_u32(index_at);
    const struct pl_srtp_job job = rtcp_job(s, packet, clear_len, word, &index_at);
    /* DTLS-SRTP negotiates no unencrypted SRTCP (RFC 5764, 4.1.2), so E must be set. */
    if (!(word & RTCP_ENCRYPTED))
        return PL_EAUTH;
    struct stream *stream = find(s, job.ssrc);
    enum pl_err err = window_check(stream ? &stream->rtcp : NULL, (int64_t)job.index);
    if (err)
        return err;
    if (!stream && s->n_streams == PL_SRTP_STREAMS_MAX)
        return PL_ELIMIT;
    err = pl_srtp_open(s->rtcp, &job);
    if (!err)
        err = find_or_add(s, job.ssrc, &stream);
    if (err)
        return err;
    window_mark(&stream->rtcp, (int64_t)job.index);
    *len = clear_len;
    return PL_OK;
}
