/* See srtp.h: streams, indexes, replay windows, packet layouts. The cipher work is behind
 * srtp_cipher.h. Opening makes a job, has it done, and only then writes down what happened; sealing
 * writes the index down first, as the next packet of the batch is counted from it. */
#include "crypto/srtp.h"

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/srtp_cipher.h"

#include <stdlib.h>

#define RTP_HEADER_SIZE 12
#define RTCP_HEADER_SIZE 8         /* stays in clear (RFC 3711, 3.4) */
#define RTCP_INDEX_SIZE 4          /* E and 31 bits */
#define RTCP_ENCRYPTED 0x80000000u /* E */
#define NONE (-1)

/* RFC 3711, 9.2: behind these the key is used up. */
#define RTP_INDEX_MAX ((INT64_C(1) << 48) - 1)
#define RTCP_INDEX_MAX ((INT64_C(1) << 31) - 1)

#define WORD_BITS 64
#define STREAMS_FIRST 8 /* places of the smallest table */

/* RFC 3711, 3.3.2: for each of the last PL_SRTP_WINDOW indexes whether it came; index modulo the
 * window is the bit's place. */
struct window {
    uint64_t bits[PL_SRTP_WINDOW / WORD_BITS];
};

struct windows {
    struct window rtp, rtcp;
};

/* Small, as fan-out looks one up for each packet; windows are for inbound streams alone. */
struct stream {
    uint32_t ssrc;
    bool used;
    int64_t rtp, rtcp; /* the highest index, or NONE */
    struct windows *windows;
};

/* RTP's, or RTCP's, half of a context. Keys are expanded for the first packet: who only receives
 * sends no RTP. */
struct half {
    struct pl_srtp_session session;
    struct pl_srtp_cipher *cipher;
};

struct pl_srtp {
    const struct pl_srtp_suite *suite;
    const struct pl_srtp_cipher_ops *ops;
    struct half rtp, rtcp;
    struct stream *streams; /* open addressing by SSRC, at most half full */
    size_t cap, n_streams;
};

enum pl_err pl_srtp_new_over(const struct pl_srtp_cipher_ops *ops, const struct pl_srtp_keys *keys,
                             struct pl_srtp **out)
{
    struct pl_srtp *s = calloc(1, sizeof *s);
    if (!s)
        return PL_ENOMEM;
    s->ops = ops;
    s->suite = pl_srtp_suite(keys->profile);
    enum pl_err err = pl_srtp_derive(keys, false, &s->rtp.session);
    if (!err)
        err = pl_srtp_derive(keys, true, &s->rtcp.session);
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
    s->ops->free(s->rtp.cipher);
    s->ops->free(s->rtcp.cipher);
    for (size_t i = 0; i < s->cap; i++)
        free(s->streams[i].windows);
    free(s->streams);
    pl_wipe(s, sizeof *s);
    free(s);
}

/* Streams. The peer chooses its SSRCs, so they may all fall on one place: PL_SRTP_STREAMS_MAX
 * bounds what that costs, and only who has the keys gets a place. */
static struct stream *place(const struct pl_srtp *s, uint32_t ssrc)
{
    size_t i = (ssrc * 2654435769u) >> 16; /* Knuth's multiplier: 2^32 by the golden ratio */
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
    bigger.cap = s->cap ? s->cap * 2 : STREAMS_FIRST;
    bigger.streams = calloc(bigger.cap, sizeof *bigger.streams);
    if (!bigger.streams)
        return PL_ENOMEM;
    for (size_t i = 0; i < s->cap; i++)
        if (s->streams[i].used)
            *place(&bigger, s->streams[i].ssrc) = s->streams[i];
    free(s->streams);
    s->streams = bigger.streams;
    s->cap = bigger.cap;
    return PL_OK;
}

static enum pl_err add(struct pl_srtp *s, uint32_t ssrc, bool inbound, struct stream **out)
{
    if (s->n_streams == PL_SRTP_STREAMS_MAX)
        return PL_ELIMIT;
    enum pl_err err = (s->n_streams + 1) * 2 > s->cap ? grow(s) : PL_OK;
    if (err)
        return err;
    struct windows *windows = inbound ? calloc(1, sizeof *windows) : NULL;
    if (inbound && !windows)
        return PL_ENOMEM;
    struct stream *stream = place(s, ssrc);
    *stream = (struct stream){ssrc, true, .rtp = NONE, .rtcp = NONE, .windows = windows};
    s->n_streams++;
    *out = stream;
    return PL_OK;
}

/* Whether an inbound packet is worth opening: without a stream it is, as long as there is room. */
static enum pl_err check(const struct pl_srtp *s, const struct stream *stream, int64_t highest,
                         const struct window *window, int64_t index)
{
    if (!stream)
        return s->n_streams < PL_SRTP_STREAMS_MAX ? PL_OK : PL_ELIMIT;
    if (index > highest)
        return PL_OK;
    if (index < 0 || highest - index >= PL_SRTP_WINDOW)
        return PL_EREPLAY;
    size_t at = (size_t)index % PL_SRTP_WINDOW;
    return window->bits[at / WORD_BITS] >> at % WORD_BITS & 1 ? PL_EREPLAY : PL_OK;
}

/* Writes down that `index` came, and forgets the places that the window moved over. */
static void mark(struct window *window, int64_t *highest, int64_t index)
{
    size_t at = (size_t)index % PL_SRTP_WINDOW;
    if (index - *highest >= PL_SRTP_WINDOW)
        memset(window->bits, 0, sizeof window->bits);
    else
        for (int64_t i = *highest + 1; i < index; i++)
            window->bits[i % PL_SRTP_WINDOW / WORD_BITS] &= ~(UINT64_C(1) << i % WORD_BITS);
    window->bits[at / WORD_BITS] |= UINT64_C(1) << at % WORD_BITS;
    if (index > *highest)
        *highest = index;
}

/* RFC 3711, 3.3.1: the index that is meant by `seq`, next to the highest one; ROC 0 at first.
 * Negative: from before the first ROC. */
static int64_t estimate(int64_t highest, uint16_t seq)
{
    if (highest == NONE)
        return seq;
    int64_t roc = highest >> 16;
    int last = (uint16_t)highest;
    if (last < 0x8000)
        roc -= seq - last > 0x8000;
    else
        roc += seq < last - 0x8000;
    return roc * 0x10000 + seq;
}

static enum pl_err expand(const struct pl_srtp *s, struct half *half)
{
    return half->cipher ? PL_OK : s->ops->new (&half->session, &half->cipher);
}

/* Bytes of the RTP header with CSRCs and extension; 0: that is no RTP, or does not fit into n. */
static size_t header_size(const uint8_t *p, size_t n)
{
    if (n < RTP_HEADER_SIZE || p[0] >> 6 != 2)
        return 0;
    size_t len = RTP_HEADER_SIZE + (size_t)(p[0] & 15) * 4;
    if (p[0] & 0x10) {
        if (n < len + 4)
            return 0;
        len += 4 + (size_t)pl_get_u16(p + len + 2) * 4;
    }
    return len <= n ? len : 0;
}

/* Fills in what makes the job this packet's, but for the text. Counter mode authenticates the ROC,
 * too (RFC 3711, 4.2); in AES-GCM it is in the IV. */
static void rtp_job(const struct pl_srtp *s, uint32_t ssrc, int64_t index, struct pl_srtp_job *job)
{
    job->cipher = s->rtp.cipher;
    pl_srtp_iv(s->suite, s->rtp.session.salt, ssrc, (uint64_t)index, job->iv);
    pl_put_u32(job->trailer, (uint32_t)(index >> 16));
    job->trailer_len = s->suite->aead ? 0 : sizeof job->trailer;
}

/* Judges a packet on its way out, gives it its index, and makes its job. *stream is that of the
 * packet before, or NULL: in a batch it is mostly the same. */
static enum pl_err admit(struct pl_srtp *s, const struct pl_srtp_packet *p, struct stream **stream,
                         struct pl_srtp_job *job)
{
    if (p->header_len > PL_SRTP_PACKET_MAX || p->len[0] > PL_SRTP_PACKET_MAX ||
        p->len[1] > PL_SRTP_PACKET_MAX ||
        p->header_len + p->len[0] + p->len[1] > PL_SRTP_PACKET_MAX)
        return PL_ELIMIT;
    if (p->header_len == 0 || header_size(p->header, p->header_len) != p->header_len)
        return PL_EINVAL;
    uint32_t ssrc = pl_get_u32(p->header + 8);
    if (!*stream || (*stream)->ssrc != ssrc)
        *stream = find(s, ssrc);
    int64_t index = estimate(*stream ? (*stream)->rtp : NONE, pl_get_u16(p->header + 2));
    if (index < 0)
        return PL_EINVAL;
    if (index > RTP_INDEX_MAX)
        return PL_ELIMIT;
    enum pl_err err = expand(s, &s->rtp);
    if (!err && !*stream)
        err = add(s, ssrc, false, stream);
    if (err)
        return err;
    if (index > (*stream)->rtp)
        (*stream)->rtp = index;

    rtp_job(s, ssrc, index, job);
    if (p->header != p->out)
        memcpy(p->out, p->header, p->header_len);
    job->header = p->out;
    job->header_len = p->header_len;
    job->in[0] = p->payload[0];
    job->in[1] = p->payload[1];
    job->len[0] = p->len[0];
    job->len[1] = p->len[1];
    job->out = p->out + p->header_len;
    job->tag = job->out + p->len[0] + p->len[1];
    return PL_OK;
}

void pl_srtp_protect_batch(struct pl_srtp *s, struct pl_srtp_packet *packets, size_t n)
{
    struct pl_srtp_job jobs[PL_SRTP_JOBS_MAX];
    struct pl_srtp_packet *whose[PL_SRTP_JOBS_MAX];
    struct stream *stream = NULL;
    for (size_t done = 0; done < n;) {
        size_t n_jobs = 0;
        for (; done < n && n_jobs < PL_SRTP_JOBS_MAX; done++) {
            struct pl_srtp_packet *p = whose[n_jobs] = &packets[done];
            p->err = admit(s, p, &stream, &jobs[n_jobs]);
            if (!p->err)
                n_jobs++;
        }
        s->ops->seal(jobs, n_jobs);
        for (size_t i = 0; i < n_jobs; i++) {
            whose[i]->err = jobs[i].err;
            if (!jobs[i].err)
                whose[i]->out_len = (size_t)(jobs[i].tag - whose[i]->out) + s->suite->tag;
        }
    }
}

enum pl_err pl_srtp_protect(struct pl_srtp *s, const uint8_t *header, size_t header_len,
                            const uint8_t *payload1, size_t len1, const uint8_t *payload2,
                            size_t len2, uint8_t *out, size_t *out_len)
{
    struct pl_srtp_packet p = {
        .header = header,
        .header_len = header_len,
        .payload = {payload1, payload2},
        .len = {len1, len2},
        .out = out,
    };
    pl_srtp_protect_batch(s, &p, 1);
    if (!p.err)
        *out_len = p.out_len;
    return p.err;
}

size_t pl_srtp_tag_size(const struct pl_srtp *s)
{
    return s->suite->tag;
}

/* Opens the packet. Only what authenticated gives its SSRC a place. */
static enum pl_err open_packet(struct pl_srtp *s, struct pl_srtp_job *job, uint32_t ssrc,
                               struct stream **stream)
{
    s->ops->open(job, 1);
    if (job->err || *stream)
        return job->err;
    return add(s, ssrc, true, stream);
}

enum pl_err pl_srtp_unprotect(struct pl_srtp *s, uint8_t *packet, size_t *len)
{
    if (*len > PL_SRTP_PACKET_MAX + PL_SRTP_OVERHEAD_MAX)
        return PL_ELIMIT;
    if (*len < RTP_HEADER_SIZE + s->suite->tag)
        return PL_ETRUNC;
    size_t clear_len = *len - s->suite->tag;
    size_t header_len = header_size(packet, clear_len);
    if (header_len == 0)
        return PL_EINVAL;
    uint32_t ssrc = pl_get_u32(packet + 8);
    struct stream *stream = find(s, ssrc);
    int64_t highest = stream ? stream->rtp : NONE;
    int64_t index = estimate(highest, pl_get_u16(packet + 2));
    if (index > RTP_INDEX_MAX)
        return PL_ELIMIT;
    enum pl_err err = check(s, stream, highest, stream ? &stream->windows->rtp : NULL, index);
    if (!err)
        err = expand(s, &s->rtp);
    if (err)
        return err;

    struct pl_srtp_job job = {
        .header = packet,
        .header_len = header_len,
        .in = {packet + header_len, NULL},
        .len = {clear_len - header_len, 0},
        .out = packet + header_len,
        .tag = packet + clear_len,
    };
    rtp_job(s, ssrc, index, &job);
    err = open_packet(s, &job, ssrc, &stream);
    if (err)
        return err;
    mark(&stream->windows->rtp, &stream->rtp, index);
    *len = clear_len;
    return PL_OK;
}

/* Behind the ciphertext AES-GCM has tag and index (RFC 7714, 9.2), counter mode index and tag (RFC
 * 3711, 3.4). */
static uint8_t *rtcp_index(const struct pl_srtp *s, uint8_t *packet, size_t clear_len)
{
    return packet + clear_len + (s->suite->aead ? s->suite->tag : 0);
}

/* In place, whether sealing or opening. */
static struct pl_srtp_job rtcp_job(const struct pl_srtp *s, uint8_t *packet, size_t clear_len,
                                   int64_t index)
{
    struct pl_srtp_job job = {.cipher = s->rtcp.cipher, .header = packet};
    pl_srtp_iv(s->suite, s->rtcp.session.salt, pl_get_u32(packet + 4), (uint64_t)index, job.iv);
    job.header_len = RTCP_HEADER_SIZE;
    job.in[0] = job.out = packet + RTCP_HEADER_SIZE;
    job.len[0] = clear_len - RTCP_HEADER_SIZE;
    job.tag = packet + clear_len + (s->suite->aead ? 0 : RTCP_INDEX_SIZE);
    pl_put_u32(job.trailer, RTCP_ENCRYPTED | (uint32_t)index);
    job.trailer_len = sizeof job.trailer;
    return job;
}

enum pl_err pl_srtcp_protect(struct pl_srtp *s, uint8_t *packet, size_t *len, size_t cap)
{
    size_t more = s->suite->tag + RTCP_INDEX_SIZE;
    if (*len > PL_SRTP_PACKET_MAX)
        return PL_ELIMIT;
    if (*len < RTCP_HEADER_SIZE || packet[0] >> 6 != 2)
        return PL_EINVAL;
    if (cap < *len + more)
        return PL_ETRUNC;
    uint32_t ssrc = pl_get_u32(packet + 4);
    struct stream *stream = find(s, ssrc);
    int64_t index = stream ? stream->rtcp + 1 : 0;
    if (index > RTCP_INDEX_MAX)
        return PL_ELIMIT;
    enum pl_err err = expand(s, &s->rtcp);
    if (!err && !stream)
        err = add(s, ssrc, false, &stream);
    if (err)
        return err;

    struct pl_srtp_job job = rtcp_job(s, packet, *len, index);
    s->ops->seal(&job, 1);
    if (job.err)
        return job.err;
    memcpy(rtcp_index(s, packet, *len), job.trailer, RTCP_INDEX_SIZE);
    stream->rtcp = index;
    *len += more;
    return PL_OK;
}

enum pl_err pl_srtcp_unprotect(struct pl_srtp *s, uint8_t *packet, size_t *len)
{
    size_t more = s->suite->tag + RTCP_INDEX_SIZE;
    if (*len > PL_SRTP_PACKET_MAX + PL_SRTP_OVERHEAD_MAX)
        return PL_ELIMIT;
    if (*len < RTCP_HEADER_SIZE + more)
        return PL_ETRUNC;
    if (packet[0] >> 6 != 2)
        return PL_EINVAL;
    size_t clear_len = *len - more;
    uint32_t word = pl_get_u32(rtcp_index(s, packet, clear_len));
    /* DTLS-SRTP has no way to agree on SRTCP that is not encrypted (RFC 5764, 4.1.2). */
    if (!(word & RTCP_ENCRYPTED))
        return PL_EAUTH;
    int64_t index = word & ~RTCP_ENCRYPTED;
    uint32_t ssrc = pl_get_u32(packet + 4);
    struct stream *stream = find(s, ssrc);
    enum pl_err err = check(s, stream, stream ? stream->rtcp : NONE,
                            stream ? &stream->windows->rtcp : NULL, index);
    if (!err)
        err = expand(s, &s->rtcp);
    if (err)
        return err;

    struct pl_srtp_job job = rtcp_job(s, packet, clear_len, index);
    err = open_packet(s, &job, ssrc, &stream);
    if (err)
        return err;
    mark(&stream->windows->rtcp, &stream->rtcp, index);
    *len = clear_len;
    return PL_OK;
}

/* --- From one process to the next --- */

static void carry_session(struct pl_carry *c, struct pl_srtp_session *session)
{
    PL_CARRY(c, session->key);
    PL_CARRY(c, session->salt);
    PL_CARRY(c, session->auth);
}

/* Of a stream of the context, or of one that becomes so. */
static enum pl_err carry_stream(struct pl_srtp *s, struct pl_carry *c, struct stream *from)
{
    struct stream t = from ? *from : (struct stream){0}, *stream = from;
    bool inbound = t.windows != NULL;
    PL_CARRY(c, t.ssrc);
    PL_CARRY(c, t.rtp);
    PL_CARRY(c, t.rtcp);
    pl_carry_flag(c, &inbound);
    if (c->bad || t.rtp < NONE || t.rtp > RTP_INDEX_MAX || t.rtcp < NONE ||
        t.rtcp > RTCP_INDEX_MAX || (!from && find(s, t.ssrc)))
        return PL_EINVAL;
    enum pl_err err = from ? PL_OK : add(s, t.ssrc, inbound, &stream);
    if (err)
        return err;
    stream->rtp = t.rtp;
    stream->rtcp = t.rtcp;
    if (inbound)
        PL_CARRY(c, *stream->windows);
    return PL_OK;
}

enum pl_err pl_srtp_carry(struct pl_srtp **context, struct pl_carry *c)
{
    struct pl_srtp *s = pl_carry_reads(c) ? NULL : *context;
    uint16_t profile = s ? (uint16_t)s->suite->profile : 0, n = s ? (uint16_t)s->n_streams : 0;
    struct pl_srtp_keys keys = {0};
    PL_CARRY(c, profile);
    PL_CARRY_UP_TO(c, n, PL_SRTP_STREAMS_MAX);
    keys.profile = (enum pl_srtp_profile)profile;
    enum pl_err err = c->bad ? PL_EINVAL : PL_OK;
    if (!err && !s) /* the keys made of these are written over */
        err = pl_srtp_new(&keys, &s) ? PL_EINVAL : PL_OK;
    if (err)
        return err;
    carry_session(c, &s->rtp.session);
    carry_session(c, &s->rtcp.session);
    if (pl_carry_reads(c))
        for (uint16_t i = 0; !err && i < n; i++)
            err = carry_stream(s, c, NULL);
    else
        for (size_t i = 0; !err && i < s->cap; i++)
            err = s->streams[i].used ? carry_stream(s, c, &s->streams[i]) : PL_OK;
    if (!err && c->bad)
        err = PL_EINVAL;
    if (err && pl_carry_reads(c))
        pl_srtp_free(s);
    else if (!err)
        *context = s;
    return err;
}
