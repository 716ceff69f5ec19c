/* A slot that carries a stream up to changing temporal ids, whatever its publisher says of frames
 * and layers and in whatever order it comes: no number goes to two packets, since it is an SRTP
 * nonce, and what is asked for again is what went. An action has four bytes: how far from the
 * newest number, the frame, what is said of it, what is done. */
#include "sfu/slot.h"

#include <stdlib.h>
#include <string.h>

#define START 70000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Who has which number, by its low bits. */
static struct {
    int64_t number, seq;
} owners[65536];

static struct pl_ring ring;
static struct pl_slot slot;

static int64_t extend(uint16_t seq)
{
    return slot.max_seq + (int16_t)(uint16_t)(seq - (uint16_t)slot.max_seq);
}

static void own(const struct pl_slot_packet *out, int64_t seq)
{
    uint16_t low = pl_get_u16(out->header + 2);
    int64_t number = extend(low);
    if (owners[low].number == number)
        abort();
    owners[low].number = number;
    owners[low].seq = seq;
}

static void ask_for(uint16_t low)
{
    struct pl_slot_packet out;
    const struct pl_media_packet *packet = pl_slot_find(&slot, low);
    if (!packet)
        return;
    if (owners[low].number == extend(low) && owners[low].seq != packet->seq)
        abort();
    if (!pl_slot_rewrite_again(&slot, low, packet, &out) || pl_get_u16(out.header + 2) != low)
        abort();
    if (owners[low].number != extend(low))
        own(&out, packet->seq);
}

static void act(const uint8_t *b, int64_t *newest, uint8_t *seen, pl_time_us now)
{
    static const uint8_t payload[] = {0x90, 0xe0, 0x80, 0, 0, 0, 0x11, 1};
    int64_t seq = *newest + (int8_t)b[0];
    struct pl_slot_packet out;
    if (seq < START || seen[seq - START])
        return;
    seen[seq - START] = 1;
    *newest = seq > *newest ? seq : *newest;
    const struct pl_media_packet arrived = {.seq = seq,
                                            .timestamp = 3000u * b[1],
                                            .marker = b[2] & 1,
                                            .codec = b[2] & 2 ? PL_VP9 : PL_VP8,
                                            .descriptor = {.picture_id_at = 2,
                                                           .picture_id_len = b[2] & 4 ? 2 : 0,
                                                           .temporal_id = b[2] >> 6},
                                            .picture_id = b[1],
                                            .payload = payload,
                                            .payload_len = sizeof payload};
    if (b[3] == 254)
        pl_ring_clear(&ring); /* it rested */
    pl_ring_put(&ring, &arrived, now);
    const struct pl_media_packet *packet = pl_ring_get(&ring, seq);
    if (!packet)
        return;
    if (!slot.n_segments || b[3] == 255)
        pl_slot_switch(&slot, &ring, packet, b[3] % PL_TIDS, now);
    else if (seq == *newest && b[3] & 16)
        pl_slot_limit(&slot, packet, b[3] % PL_TIDS);
    bool takes = pl_slot_takes(&slot, &ring, packet);
    if (pl_slot_rewrite(&slot, &ring, packet, now, &out) != takes)
        abort();
    if (takes)
        own(&out, seq);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pl_section section = {
        .media = PL_VIDEO,
        .clock_rate = 90000,
        .n_formats = 2,
        .formats = {{.codec = PL_VP8, .pt = 96}, {.codec = PL_VP9, .pt = 98}}};
    struct pl_packet_pool pool;
    int64_t newest = START;
    uint8_t *seen = calloc(1, 128 * (size / 4 + 1));
    pl_packet_pool_init(&pool);
    if (!seen || pl_ring_init(&ring, &pool))
        abort();
    pl_slot_init(&slot, &section, 100);
    memset(owners, 0, sizeof owners);
    for (size_t i = 0; i + 4 <= size; i += 4) {
        act(data + i, &newest, seen, (pl_time_us)(i + 1) * PL_MS);
        ask_for((uint16_t)(slot.max_seq - data[i + 3]));
    }
    pl_ring_free(&ring);
    pl_packet_pool_free(&pool);
    free(seen);
    return 0;
}
