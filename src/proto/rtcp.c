/* See rtcp.h. */
#include "proto/rtcp.h"

enum {
    SR = 200,
    RR = 201,
    SDES = 202,
    BYE = 203,
    RTPFB = 205,
    PSFB = 206,
    XR = 207
}; /* RFC 3550, 12.1 */

#define BLOCK_SIZE 24
#define FIR_ENTRY_SIZE 8
#define RRTR_SIZE 8
enum { BLOCK_RRTR = 4, BLOCK_DLRR = 5 }; /* RFC 3611, 4 */
#define REMB_ID 0x52454d42               /* "REMB" */
#define WORDS_MAX 0xffff                 /* of a packet's body: a 16-bit length */

enum pl_err pl_rtcp_reader_init(struct pl_rtcp_reader *out, const uint8_t *bytes, size_t n)
{
    struct pl_reader r = pl_reader(bytes, n);
    if (n == 0)
        return PL_EINVAL;
    while (pl_reader_left(&r)) {
        uint8_t first = pl_read_u8(&r);
        pl_read_u8(&r);
        size_t len = (size_t)pl_read_u16(&r) * 4;
        const uint8_t *body = pl_read_bytes(&r, len);
        if (r.bad || first >> 6 != 2)
            return PL_EINVAL;
        /* Padding: within the packet. RFC 3550, 6.4.1 allows it in the last one only, and in
         * multiples of four; browsers pad transport-wide feedback by one to three, wherever. */
        if ((first & 0x20) && (len == 0 || body[len - 1] == 0 || body[len - 1] > len))
            return PL_EINVAL;
    }
    out->bytes = pl_reader(bytes, n);
    return PL_OK;
}

static bool read_report(struct pl_rtcp_item *item, struct pl_reader *r, bool sender)
{
    item->type = sender ? PL_RTCP_SR : PL_RTCP_RR;
    item->ssrc = pl_read_u32(r);
    if (sender) {
        item->sender.ssrc = item->ssrc;
        item->sender.ntp = pl_read_u64(r);
        item->sender.timestamp = pl_read_u32(r);
        item->sender.packets = pl_read_u32(r);
        item->sender.octets = pl_read_u32(r);
    }
    item->body_len = (size_t)item->count * BLOCK_SIZE;
    item->body = pl_read_bytes(r, item->body_len);
    return !r->bad;
}

static bool read_remb(struct pl_rtcp_item *item)
{
    struct pl_reader r = pl_reader(item->body, item->body_len);
    if (pl_read_u32(&r) != REMB_ID)
        return false;
    uint32_t v = pl_read_u32(&r);
    item->type = PL_RTCP_REMB;
    item->count = v >> 24;
    unsigned exponent = v >> 18 & 63;
    uint64_t mantissa = v & 0x3ffff;
    /* 18 bits shifted by 63 do not fit; nobody means that. */
    item->bitrate =
        mantissa << exponent >> exponent == mantissa ? mantissa << exponent : UINT64_MAX;
    item->body_len = (size_t)item->count * 4;
    item->body = pl_read_bytes(&r, item->body_len);
    return !r.bad;
}

static bool read_feedback(struct pl_rtcp_item *item, struct pl_reader *r, uint8_t pt, uint8_t fmt)
{
    item->ssrc = pl_read_u32(r);
    item->media_ssrc = pl_read_u32(r);
    item->body_len = pl_reader_left(r);
    item->body = pl_read_bytes(r, item->body_len);
    item->count = 0;
    if (r->bad)
        return false;
    if (pt == RTPFB && fmt == 1 && item->body_len >= 4)
        item->type = PL_RTCP_NACK;
    else if (pt == RTPFB && fmt == 15)
        item->type = PL_RTCP_TWCC;
    else if (pt == PSFB && fmt == 1)
        item->type = PL_RTCP_PLI;
    else if (pt == PSFB && fmt == 4 && item->body_len >= FIR_ENTRY_SIZE)
        item->type = PL_RTCP_FIR, item->count = (unsigned)(item->body_len / FIR_ENTRY_SIZE);
    else
        return pt == PSFB && fmt == 15 && read_remb(item);
    return true;
}

static bool read_extended(struct pl_rtcp_item *item, struct pl_reader *r)
{
    item->ssrc = item->sender.ssrc = pl_read_u32(r);
    item->count = 0;
    while (!r->bad && pl_reader_left(r)) {
        uint8_t type = pl_read_u8(r);
        pl_read_u8(r);
        size_t len = (size_t)pl_read_u16(r) * 4;
        const uint8_t *block = pl_read_bytes(r, len);
        if (!block || type != BLOCK_RRTR || len != RRTR_SIZE)
            continue;
        item->type = PL_RTCP_RRTR;
        item->body = block;
        item->body_len = len;
        item->sender.ntp = pl_get_u64(block);
        return true;
    }
    return false;
}

/* One packet's body; false: of no interest, or malformed. */
static bool read_packet(struct pl_rtcp_item *item, struct pl_reader *r, uint8_t pt, uint8_t count)
{
    item->count = count;
    switch (pt) {
    case SR:
    case RR:
        return read_report(item, r, pt == SR);
    case SDES:
    case BYE:
        item->type = pt == SDES ? PL_RTCP_SDES : PL_RTCP_BYE;
        item->body_len = pt == SDES ? pl_reader_left(r) : (size_t)count * 4;
        item->body = pl_read_bytes(r, item->body_len);
        if (r->bad || item->body_len < (size_t)count * 4)
            return false;
        item->ssrc = count ? pl_get_u32(item->body) : 0;
        return true;
    case RTPFB:
    case PSFB:
        return read_feedback(item, r, pt, count);
    case XR:
        return read_extended(item, r);
    default:
        return false;
    }
}

bool pl_rtcp_next(struct pl_rtcp_reader *reader, struct pl_rtcp_item *out)
{
    struct pl_reader *r = &reader->bytes;
    while (pl_reader_left(r)) {
        uint8_t first = pl_read_u8(r), pt = pl_read_u8(r);
        size_t len = (size_t)pl_read_u16(r) * 4;
        const uint8_t *bytes = pl_read_bytes(r, len);
        if (r->bad)
            return false;
        if (first & 0x20)
            len -= bytes[len - 1];
        struct pl_reader body = pl_reader(bytes, len);
        struct pl_rtcp_item item = {0};
        if (read_packet(&item, &body, pt, first & 0x1f)) {
            *out = item;
            return true;
        }
    }
    return false;
}

struct pl_rtcp_block pl_rtcp_block(const struct pl_rtcp_item *item, unsigned i)
{
    const uint8_t *p = item->body + (size_t)i * BLOCK_SIZE;
    uint32_t lost = pl_get_u32(p + 4);
    return (struct pl_rtcp_block){
        .ssrc = pl_get_u32(p),
        .fraction_lost = (uint8_t)(lost >> 24),
        .cumulative_lost = (int32_t)(lost << 8) >> 8,
        .highest_seq = pl_get_u32(p + 8),
        .jitter = pl_get_u32(p + 12),
        .last_sr = pl_get_u32(p + 16),
        .delay_since_last_sr = pl_get_u32(p + 20),
    };
}

uint32_t pl_rtcp_fir_ssrc(const struct pl_rtcp_item *item, unsigned i)
{
    return pl_get_u32(item->body + (size_t)i * FIR_ENTRY_SIZE);
}

uint8_t pl_rtcp_fir_seq(const struct pl_rtcp_item *item, unsigned i)
{
    return item->body[(size_t)i * FIR_ENTRY_SIZE + 4];
}

uint32_t pl_rtcp_ssrc(const struct pl_rtcp_item *item, unsigned i)
{
    return pl_get_u32(item->body + (size_t)i * 4);
}

struct pl_rtcp_nacks pl_rtcp_nacks(const struct pl_rtcp_item *item)
{
    return (struct pl_rtcp_nacks){.entries = pl_reader(item->body, item->body_len)};
}

bool pl_rtcp_nack_next(struct pl_rtcp_nacks *it, uint16_t *seq)
{
    if (it->rest == 0) {
        it->next = pl_read_u16(&it->entries);
        it->rest = pl_read_u16(&it->entries);
        if (it->entries.bad)
            return false;
        *seq = it->next++;
        return true;
    }
    while ((it->rest & 1) == 0) {
        it->rest >>= 1;
        it->next++;
    }
    it->rest >>= 1;
    *seq = it->next++;
    return true;
}

static void write_header(struct pl_writer *w, size_t count, uint8_t pt, size_t body_bytes)
{
    w->full |= count > PL_RTCP_BLOCKS_MAX || body_bytes > WORDS_MAX * 4;
    pl_write_u8(w, (uint8_t)(2 << 6 | count));
    pl_write_u8(w, pt);
    pl_write_u16(w, (uint16_t)(body_bytes / 4));
}

static void write_blocks(struct pl_writer *w, const struct pl_rtcp_block *blocks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct pl_rtcp_block *b = &blocks[i];
        pl_write_u32(w, b->ssrc);
        pl_write_u32(w, (uint32_t)b->fraction_lost << 24 | (b->cumulative_lost & 0xffffff));
        pl_write_u32(w, b->highest_seq);
        pl_write_u32(w, b->jitter);
        pl_write_u32(w, b->last_sr);
        pl_write_u32(w, b->delay_since_last_sr);
    }
}

void pl_rtcp_write_sr(struct pl_writer *w, const struct pl_rtcp_sender *s,
                      const struct pl_rtcp_block *blocks, size_t n)
{
    write_header(w, n, SR, 24 + n * BLOCK_SIZE);
    pl_write_u32(w, s->ssrc);
    pl_write_u64(w, s->ntp);
    pl_write_u32(w, s->timestamp);
    pl_write_u32(w, s->packets);
    pl_write_u32(w, s->octets);
    write_blocks(w, blocks, n);
}

void pl_rtcp_write_rr(struct pl_writer *w, uint32_t ssrc, const struct pl_rtcp_block *blocks,
                      size_t n)
{
    write_header(w, n, RR, 4 + n * BLOCK_SIZE);
    pl_write_u32(w, ssrc);
    write_blocks(w, blocks, n);
}

void pl_rtcp_write_sdes(struct pl_writer *w, uint32_t ssrc, const char *cname)
{
    size_t len = strlen(cname);
    size_t chunk = (4 + 2 + len + 1 + 3) & ~(size_t)3; /* ends with at least one zero byte */
    w->full |= len > PL_RTCP_CNAME_MAX;
    write_header(w, 1, SDES, chunk);
    pl_write_u32(w, ssrc);
    pl_write_u8(w, 1); /* CNAME */
    pl_write_u8(w, (uint8_t)len);
    pl_write_bytes(w, cname, len);
    for (size_t i = 4 + 2 + len; i < chunk; i++)
        pl_write_u8(w, 0);
}

void pl_rtcp_write_bye(struct pl_writer *w, uint32_t ssrc)
{
    write_header(w, 1, BYE, 4);
    pl_write_u32(w, ssrc);
}

/* How many of seqs (at least one) go into one entry, and its bitmask (RFC 4585, 6.2.1). */
static size_t nack_entry(const uint16_t *seqs, size_t n, uint16_t *mask)
{
    size_t used = 1;
    *mask = 0;
    for (; used < n; used++) {
        uint16_t step = (uint16_t)(seqs[used] - seqs[0]);
        if (step == 0 || step > 16)
            break;
        *mask |= (uint16_t)(1 << (step - 1));
    }
    return used;
}

void pl_rtcp_write_nack(struct pl_writer *w, uint32_t ssrc, uint32_t media_ssrc,
                        const uint16_t *seqs, size_t n)
{
    uint16_t mask;
    size_t entries = 0;
    for (size_t i = 0; i < n; i += nack_entry(seqs + i, n - i, &mask))
        entries++;
    if (entries == 0)
        return;
    write_header(w, 1, RTPFB, 8 + entries * 4);
    pl_write_u32(w, ssrc);
    pl_write_u32(w, media_ssrc);
    for (size_t i = 0; i < n;) {
        size_t used = nack_entry(seqs + i, n - i, &mask);
        pl_write_u16(w, seqs[i]);
        pl_write_u16(w, mask);
        i += used;
    }
}

void pl_rtcp_write_pli(struct pl_writer *w, uint32_t ssrc, uint32_t media_ssrc)
{
    write_header(w, 1, PSFB, 8);
    pl_write_u32(w, ssrc);
    pl_write_u32(w, media_ssrc);
}

void pl_rtcp_write_dlrr(struct pl_writer *w, uint32_t ssrc, uint32_t receiver, uint32_t last_rr,
                        uint32_t delay)
{
    write_header(w, 0, XR, 20);
    pl_write_u32(w, ssrc);
    pl_write_u8(w, BLOCK_DLRR);
    pl_write_u8(w, 0);
    pl_write_u16(w, 3); /* words */
    pl_write_u32(w, receiver);
    pl_write_u32(w, last_rr);
    pl_write_u32(w, delay);
}

void pl_rtcp_write_fir(struct pl_writer *w, uint32_t ssrc, uint32_t media_ssrc, uint8_t seq)
{
    write_header(w, 4, PSFB, 8 + FIR_ENTRY_SIZE);
    pl_write_u32(w, ssrc);
    pl_write_u32(w, 0); /* the entry says what it is about (RFC 5104, 4.3.1.2) */
    pl_write_u32(w, media_ssrc);
    pl_write_u32(w, (uint32_t)seq << 24);
}

void pl_rtcp_write_remb(struct pl_writer *w, uint32_t ssrc, uint64_t bitrate_bps,
                        const uint32_t *ssrcs, size_t n)
{
    unsigned exponent = 0;
    while (bitrate_bps >> exponent > 0x3ffff)
        exponent++;
    w->full |= n > PL_RTCP_REMB_SSRCS_MAX;
    write_header(w, 15, PSFB, 16 + n * 4);
    pl_write_u32(w, ssrc);
    pl_write_u32(w, 0);
    pl_write_u32(w, REMB_ID);
    pl_write_u32(w, (uint32_t)n << 24 | exponent << 18 | (uint32_t)(bitrate_bps >> exponent));
    for (size_t i = 0; i < n; i++)
        pl_write_u32(w, ssrcs[i]);
}
