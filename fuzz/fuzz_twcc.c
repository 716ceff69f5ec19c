/* Transport-wide feedback: what is read of it, put into a table of arrivals, is written so that it
 * reads the same. */
#include "proto/rtcp.h"
#include "proto/twcc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pl_twcc_arrivals arrivals;
static pl_time_us expected[1 << 16]; /* by sequence number; or LOST */

#define LOST INT64_MIN
#define WRAP ((pl_time_us)PL_TWCC_REFERENCE_US << 24)

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Every packet that is due; together as many arrivals as went in. */
static void read_back(size_t arrived)
{
    struct pl_twcc_clock clock = {0};
    size_t seen = 0;
    while (pl_twcc_due(&arrivals)) {
        uint8_t bytes[PL_TWCC_PACKET_MAX];
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        struct pl_rtcp_reader rtcp;
        struct pl_rtcp_item item;
        struct pl_twcc_reader r;
        struct pl_twcc_status s;
        check(pl_twcc_write(&w, &arrivals, 1, 2) == PL_OK);
        check(pl_rtcp_reader_init(&rtcp, bytes, pl_writer_size(&w)) == PL_OK);
        check(pl_rtcp_next(&rtcp, &item) && item.type == PL_RTCP_TWCC);
        check(pl_twcc_reader_init(&r, item.body, item.body_len) == PL_OK);
        pl_time_us reference = pl_twcc_reference(&clock, &r);
        while (pl_twcc_next(&r, &s)) {
            check(s.received == (expected[s.seq] != LOST));
            check(!s.received || (reference + s.at - expected[s.seq]) % WRAP == 0);
            seen += s.received;
        }
    }
    check(seen == arrived);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_twcc_reader r;
    struct pl_twcc_status s;
    struct pl_twcc_clock clock = {0};
    if (pl_twcc_reader_init(&r, data, size) != PL_OK)
        return 0;
    check(r.count > 0 && r.count <= PL_TWCC_STATUSES_MAX);
    pl_time_us reference = pl_twcc_reference(&clock, &r);
    pl_twcc_arrivals_init(&arrivals);
    size_t n = 0, arrived = 0;
    uint16_t first_seq = r.first_seq;
    while (pl_twcc_next(&r, &s)) {
        check(s.seq == (uint16_t)(first_seq + n++));
        expected[s.seq] = s.received ? reference + s.at : LOST;
        /* As far as the table reaches; it starts at the first that arrived. */
        if (s.received && n <= PL_TWCC_WINDOW) {
            pl_twcc_arrived(&arrivals, s.seq, reference + s.at);
            arrived++;
        }
    }
    check(n == r.count);
    read_back(arrived);
    return 0;
}
