/* RTCP (RFC 3550, 6; feedback RFC 4585, RFC 5104; reduced size RFC 5506; REMB
 * draft-alvestrand-rmcat-remb; extended reports RFC 3611). Reading gives typed items of a compound
 * packet, borrowed from it; writing appends to a pl_writer. */
#ifndef PL_PROTO_RTCP_H
#define PL_PROTO_RTCP_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_RTCP_BLOCKS_MAX 31      /* report blocks of one packet: a five-bit count */
#define PL_RTCP_REMB_SSRCS_MAX 255 /* an eight-bit count */
#define PL_RTCP_CNAME_MAX 255      /* bytes: an eight-bit length */

enum pl_rtcp_type {
    PL_RTCP_SR,
    PL_RTCP_RR,
    PL_RTCP_SDES,
    PL_RTCP_BYE,
    PL_RTCP_NACK,
    PL_RTCP_TWCC, /* its body is not read here */
    PL_RTCP_PLI,
    PL_RTCP_FIR,
    PL_RTCP_REMB,
    PL_RTCP_RRTR, /* receiver reference time (RFC 3611, 4.4): the first of an extended report */
};

struct pl_rtcp_block { /* RFC 3550, 6.4.1 */
    uint32_t ssrc;
    uint8_t fraction_lost;
    int32_t cumulative_lost; /* 24 bits, signed */
    uint32_t highest_seq, jitter, last_sr;
    uint32_t delay_since_last_sr; /* 1/65536 s */
};

struct pl_rtcp_sender {
    uint32_t ssrc;
    uint64_t ntp;
    uint32_t timestamp, packets, octets;
};

struct pl_rtcp_item {
    enum pl_rtcp_type type;
    uint32_t ssrc;                /* the sender's; BYE, SDES: the first, 0 if there is none */
    uint32_t media_ssrc;          /* feedback: what it is about */
    struct pl_rtcp_sender sender; /* SR; RRTR: the SSRC and the NTP time */
    unsigned count;               /* SR, RR: blocks; FIR: entries; BYE, REMB: SSRCs; SDES: chunks */
    uint64_t bitrate;             /* REMB, bits per second */
    /* SR, RR: the blocks; NACK, FIR: the entries; BYE, REMB: the SSRCs; SDES: the chunks, not
     * looked into; TWCC, PLI: what follows the SSRCs; RRTR: the block. */
    const uint8_t *body;
    size_t body_len;
};

struct pl_rtcp_reader {
    struct pl_reader bytes;
};

/* PL_EINVAL unless the whole is a chain of well-formed RTCP headers (RFC 3550, A.2; the first
 * packet may be feedback, RFC 5506). */
enum pl_err pl_rtcp_reader_init(struct pl_rtcp_reader *r, const uint8_t *bytes,
                                size_t n) PL_CHECKED;

/* The next item of a type above; others, and malformed ones, are passed over. False at the end. */
bool pl_rtcp_next(struct pl_rtcp_reader *r, struct pl_rtcp_item *out);

/* Block i (below item->count) of an SR or RR. */
struct pl_rtcp_block pl_rtcp_block(const struct pl_rtcp_item *item, unsigned i);

/* SSRC and command number of entry i (below item->count) of a FIR. An entry with the number of the
 * one before is that command sent again (RFC 5104, 4.3.1.1). */
uint32_t pl_rtcp_fir_ssrc(const struct pl_rtcp_item *item, unsigned i);
uint8_t pl_rtcp_fir_seq(const struct pl_rtcp_item *item, unsigned i);

/* SSRC i (below item->count) of a BYE or REMB. */
uint32_t pl_rtcp_ssrc(const struct pl_rtcp_item *item, unsigned i);

/* The sequence numbers of a NACK, in order. */
struct pl_rtcp_nacks {
    struct pl_reader entries;
    uint16_t next, rest; /* rest: bits of the bitmask still to come, lowest first */
};
struct pl_rtcp_nacks pl_rtcp_nacks(const struct pl_rtcp_item *item);
bool pl_rtcp_nack_next(struct pl_rtcp_nacks *it, uint16_t *seq);

/* Each appends one RTCP packet. What does not fit leaves the writer full; so does what RTCP has no
 * room for: more than PL_RTCP_BLOCKS_MAX blocks, PL_RTCP_REMB_SSRCS_MAX SSRCs, PL_RTCP_CNAME_MAX
 * bytes of name, 65533 NACK entries. */
void pl_rtcp_write_sr(struct pl_writer *w, const struct pl_rtcp_sender *sender,
                      const struct pl_rtcp_block *blocks, size_t n);
void pl_rtcp_write_rr(struct pl_writer *w, uint32_t ssrc, const struct pl_rtcp_block *blocks,
                      size_t n);
void pl_rtcp_write_sdes(struct pl_writer *w, uint32_t ssrc, const char *cname);
void pl_rtcp_write_bye(struct pl_writer *w, uint32_t ssrc);
/* `seqs` ascending (modulo 2^16). Writes nothing if there are none. */
void pl_rtcp_write_nack(struct pl_writer *w, uint32_t ssrc, uint32_t media_ssrc,
                        const uint16_t *seqs, size_t n);
void pl_rtcp_write_pli(struct pl_writer *w, uint32_t ssrc, uint32_t media_ssrc);
void pl_rtcp_write_fir(struct pl_writer *w, uint32_t ssrc, uint32_t media_ssrc, uint8_t seq);
/* The bitrate keeps its 18 highest bits, the rest is cut off. */
void pl_rtcp_write_remb(struct pl_writer *w, uint32_t ssrc, uint64_t bitrate_bps,
                        const uint32_t *ssrcs, size_t n);

/* The answer to a reference time (RFC 3611, 4.5): `last_rr` the middle 32 bits of it, `delay` since
 * it came in 1/65536 s. From the two a receiver that sends nothing knows its round trip. */
void pl_rtcp_write_dlrr(struct pl_writer *w, uint32_t ssrc, uint32_t receiver, uint32_t last_rr,
                        uint32_t delay);

/* 32.32 seconds to microseconds. */
static inline pl_time_us pl_ntp_to_us(uint64_t ntp)
{
    return (pl_time_us)((ntp >> 32) * 1000000 + ((ntp & 0xffffffff) * 1000000 >> 32));
}

#endif
