/* A compound RTCP packet: every item, block, entry and number; what is written of it reads the
 * same. */
#include "proto/rtcp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEQS_MAX 4096

static void check(bool holds)
{
    if (!holds)
        abort();
}

static struct pl_rtcp_item read_back(const struct pl_writer *w, enum pl_rtcp_type type)
{
    struct pl_rtcp_reader r;
    struct pl_rtcp_item item, more;
    check(!w->full && pl_rtcp_reader_init(&r, w->start, pl_writer_size(w)) == PL_OK);
    check(pl_rtcp_next(&r, &item) && item.type == type && !pl_rtcp_next(&r, &more));
    return item;
}

static void reports(const struct pl_rtcp_item *item)
{
    struct pl_rtcp_block blocks[PL_RTCP_BLOCKS_MAX];
    uint8_t bytes[1024];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    check(item->count <= PL_RTCP_BLOCKS_MAX);
    for (unsigned i = 0; i < item->count; i++)
        blocks[i] = pl_rtcp_block(item, i);
    if (item->type == PL_RTCP_SR)
        pl_rtcp_write_sr(&w, &item->sender, blocks, item->count);
    else
        pl_rtcp_write_rr(&w, item->ssrc, blocks, item->count);
    struct pl_rtcp_item again = read_back(&w, item->type);
    check(again.count == item->count && again.body_len == item->body_len);
    check(again.ssrc == item->ssrc && memcmp(again.body, item->body, item->body_len) == 0);
}

/* Entries may overlap and come in any order: what is written of them asks for the same numbers. */
static void nacks(const struct pl_rtcp_item *item)
{
    static uint16_t seqs[SEQS_MAX];
    static uint8_t bytes[12 + 4 * SEQS_MAX], asked[1 << 16];
    struct pl_rtcp_nacks it = pl_rtcp_nacks(item);
    size_t n = 0, total = 0;
    uint16_t seq;
    for (; pl_rtcp_nack_next(&it, &seq); total++)
        if (n < SEQS_MAX)
            seqs[n++] = seq;
    check(total >= item->body_len / 4 && total <= item->body_len / 4 * 17);
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_nack(&w, item->ssrc, item->media_ssrc, seqs, n);
    struct pl_rtcp_item again = read_back(&w, PL_RTCP_NACK);
    for (size_t i = 0; i < n; i++)
        asked[seqs[i]] = 1;
    for (it = pl_rtcp_nacks(&again); pl_rtcp_nack_next(&it, &seq); asked[seq] = 2)
        check(asked[seq] != 0);
    for (size_t i = 0; i < n; i++)
        check(asked[seqs[i]] == 2);
    for (size_t i = 0; i < n; i++)
        asked[seqs[i]] = 0;
}

static void remb(const struct pl_rtcp_item *item)
{
    uint32_t ssrcs[PL_RTCP_REMB_SSRCS_MAX];
    uint8_t bytes[2048];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    check(item->count <= PL_RTCP_REMB_SSRCS_MAX);
    for (unsigned i = 0; i < item->count; i++)
        ssrcs[i] = pl_rtcp_ssrc(item, i);
    pl_rtcp_write_remb(&w, item->ssrc, item->bitrate, ssrcs, item->count);
    struct pl_rtcp_item again = read_back(&w, PL_RTCP_REMB);
    check(again.count == item->count);
    check(again.bitrate == item->bitrate || item->bitrate == UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_rtcp_reader r;
    struct pl_rtcp_item item;
    if (pl_rtcp_reader_init(&r, data, size) != PL_OK)
        return 0;
    while (pl_rtcp_next(&r, &item)) {
        check(item.body >= data && item.body + item.body_len <= data + size);
        switch (item.type) {
        case PL_RTCP_SR:
        case PL_RTCP_RR:
            reports(&item);
            break;
        case PL_RTCP_NACK:
            nacks(&item);
            break;
        case PL_RTCP_REMB:
            remb(&item);
            break;
        case PL_RTCP_BYE:
            for (unsigned i = 0; i < item.count; i++)
                check(i || pl_rtcp_ssrc(&item, i) == item.ssrc);
            break;
        case PL_RTCP_FIR:
            check(item.count > 0 && item.count * 8 <= item.body_len);
            for (unsigned i = 0; i < item.count; i++)
                (void)(pl_rtcp_fir_ssrc(&item, i) + pl_rtcp_fir_seq(&item, i));
            break;
        case PL_RTCP_RRTR:
            check(item.body_len == 8 && item.sender.ssrc == item.ssrc);
            break;
        default:
            break;
        }
    }
    return 0;
}
