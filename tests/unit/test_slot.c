/* A slot stays one unbroken stream whatever fills it, and repeats itself byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/rtp.h"
#include "sfu/slot.h"

static struct pl_packet_pool pool;
static struct pl_ring stream_a, stream_b;
static uint8_t bytes[] = {0x90, 0xc0, 0x81, 0x00, 9, 0x11, 1, 2, 3};

static int start(void **state)
{
    (void)state;
    pl_packet_pool_init(&pool);
    return pl_ring_init(&stream_a, &pool) || pl_ring_init(&stream_b, &pool);
}

static int stop(void **state)
{
    (void)state;
    pl_ring_free(&stream_a);
    pl_ring_free(&stream_b);
    pl_packet_pool_free(&pool);
    return 0;
}

static struct pl_slot video(uint16_t first_seq)
{
    static const struct pl_section section = {.media = PL_VIDEO,
                                              .ssrc = 0xabcdef01,
                                              .n_formats = 1,
                                              .formats = {{.codec = PL_VP8, .pt = 96}},
                                              .clock_rate = 90000};
    struct pl_slot s;
    pl_slot_init(&s, &section, first_seq);
    return s;
}

static struct pl_media_packet packet(int64_t seq, uint32_t timestamp, uint16_t picture_id,
                                     uint8_t tl0)
{
    return (struct pl_media_packet){
        .seq = seq,
        .timestamp = timestamp,
        .marker = true,
        .codec = PL_VP8,
        .descriptor = {.picture_id_at = 2, .picture_id_len = 2, .tl0_at = 4, .tl0 = tl0},
        .picture_id = picture_id,
        .payload = bytes,
        .payload_len = sizeof bytes,
    };
}

static uint16_t seq_of(const struct pl_slot_packet *p)
{
    return pl_get_u16(p->header + 2);
}

static uint32_t timestamp_of(const struct pl_slot_packet *p)
{
    return pl_get_u32(p->header + 4);
}

static uint16_t picture_id_of(const struct pl_slot_packet *p)
{
    return pl_get_u16(p->descriptor + 2) & 0x7fff;
}

static void numbers_go_on_across_switches(void **state)
{
    (void)state;
    struct pl_slot s = video(0x7fff);
    struct pl_slot_packet out;
    struct pl_media_packet a = packet(70000, 0xfffffff0, 0x7fff, 255), b = packet(100, 5, 3, 7);
    uint32_t first = pl_slot_switch(&s, &stream_a, &a, PL_TID_ALL, PL_SECOND);
    assert_true(pl_slot_rewrite(&s, &stream_a, &a, PL_SECOND, &out));
    assert_int_equal(timestamp_of(&out), first);
    assert_int_equal(out.header[0], 0x80);
    assert_int_equal(out.header[1], 0x80 | 96);
    assert_int_equal(pl_get_u32(out.header + 8), 0xabcdef01);
    assert_int_equal(out.rest_len, sizeof bytes - 5);
    assert_ptr_equal(out.rest, bytes + 5);
    uint16_t seq = seq_of(&out), picture_id = picture_id_of(&out);
    uint8_t tl0 = out.descriptor[4];

    /* 100 ms later another source: 9000 ticks, whatever its own clock says. */
    pl_time_us now = PL_SECOND + 100 * PL_MS;
    assert_int_equal(pl_slot_switch(&s, &stream_b, &b, PL_TID_ALL, now), first + 9000);
    assert_true(pl_slot_rewrite(&s, &stream_b, &b, now, &out));
    assert_int_equal(seq_of(&out), (uint16_t)(seq + 1));
    assert_int_equal(timestamp_of(&out), first + 9000);
    assert_int_equal(picture_id_of(&out), (picture_id + 1) & 0x7fff);
    assert_int_equal(out.descriptor[4], (uint8_t)(tl0 + 1));

    /* What belongs to the old source, or is from before the switch, is not for this slot. */
    a.seq++;
    assert_false(pl_slot_rewrite(&s, &stream_a, &a, now, &out));
    b.seq--;
    assert_false(pl_slot_rewrite(&s, &stream_b, &b, now, &out));

    /* A switch at once: one frame at least. */
    assert_int_equal(pl_slot_switch(&s, &stream_a, &a, PL_TID_ALL, now), first + 9000 + 3000);
}

static void repeats_are_byte_for_byte(void **state)
{
    (void)state;
    struct pl_slot s = video(100);
    struct pl_slot_packet once[40], again;
    for (int i = 0; i < 40; i++) { /* a new source every ten packets */
        struct pl_ring *stream = i / 10 % 2 ? &stream_b : &stream_a;
        struct pl_media_packet p = packet(5000 + i, 90u * (uint32_t)i, 50, 3);
        pl_ring_put(stream, &p, PL_SECOND);
        p = *pl_ring_get(stream, 5000 + i);
        if (i % 10 == 0)
            pl_slot_switch(&s, stream, &p, PL_TID_ALL, (i + 1) * 33 * PL_MS);
        memset(&once[i], 0, sizeof once[i]);
        assert_true(pl_slot_rewrite(&s, stream, &p, (i + 1) * 33 * PL_MS, &once[i]));
    }
    for (int i = 0; i < 40; i++) {
        const struct pl_media_packet *p = pl_slot_find(&s, seq_of(&once[i]));
        assert_ptr_equal(p, pl_ring_get(i / 10 % 2 ? &stream_b : &stream_a, 5000 + i));
        memset(&again, 0, sizeof again);
        assert_true(pl_slot_rewrite_again(&s, seq_of(&once[i]), p, &again));
        assert_memory_equal(&again, &once[i], sizeof again);
    }
    assert_null(pl_slot_find(&s, (uint16_t)(seq_of(&once[39]) + 1)));
    assert_null(pl_slot_find(&s, (uint16_t)(seq_of(&once[0]) - 1)));
    pl_slot_forget(&s, &stream_b);
    assert_null(pl_slot_find(&s, seq_of(&once[15])));
    assert_non_null(pl_slot_find(&s, seq_of(&once[25])));
    pl_ring_clear(&stream_a);
    assert_null(pl_slot_find(&s, seq_of(&once[25])));
}

static void old_segments_are_forgotten(void **state)
{
    (void)state;
    struct pl_slot s = video(100);
    struct pl_slot_packet out;
    uint16_t first = 0;
    struct pl_media_packet p = packet(1000, 0, 1, 1);
    pl_ring_put(&stream_a, &p, PL_SECOND);
    for (int i = 0; i <= PL_SEGMENTS; i++) {
        pl_slot_switch(&s, &stream_a, &p, PL_TID_ALL, (i + 1) * PL_SECOND);
        assert_true(pl_slot_rewrite(&s, &stream_a, &p, (i + 1) * PL_SECOND, &out));
        if (i == 0)
            first = seq_of(&out);
        if (i == PL_SEGMENTS - 1)
            assert_non_null(pl_slot_find(&s, first));
    }
    assert_null(pl_slot_find(&s, first));
    assert_non_null(pl_slot_find(&s, (uint16_t)(first + 1)));
}

static void a_source_that_jumps_does_not_take_the_slot_along(void **state)
{
    (void)state;
    struct pl_slot s = video(100);
    struct pl_slot_packet out;
    struct pl_media_packet p = packet(70000, 0, 1, 1);
    pl_slot_switch(&s, &stream_a, &p, PL_TID_ALL, PL_SECOND);
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    uint16_t first = seq_of(&out);
    p.seq += PL_SLOT_GAP_MAX;
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(seq_of(&out), (uint16_t)(first + PL_SLOT_GAP_MAX));
    p.seq += PL_SLOT_GAP_MAX + 1;
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(seq_of(&out), (uint16_t)(first + PL_SLOT_GAP_MAX + 1));
}

static void sound_has_no_descriptor(void **state)
{
    (void)state;
    static const struct pl_section section = {.media = PL_AUDIO,
                                              .ssrc = 1,
                                              .n_formats = 1,
                                              .formats = {{.codec = PL_OPUS, .pt = 111}},
                                              .clock_rate = 48000};
    struct pl_slot s;
    struct pl_slot_packet out;
    pl_slot_init(&s, &section, 5);
    struct pl_media_packet p = {
        .seq = 70000, .timestamp = 960, .codec = PL_OPUS, .payload = bytes, .payload_len = 3};
    pl_slot_switch(&s, &stream_a, &p, PL_TID_ALL, PL_SECOND);
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(out.descriptor_len, 0);
    assert_int_equal(out.rest_len, 3);
    assert_int_equal(s.octets, 3);
    p.seq = 3; /* the same stream again, sooner than a frame: 20 ms */
    assert_int_equal(pl_slot_switch(&s, &stream_a, &p, PL_TID_ALL, PL_SECOND + PL_MS), 960 + 960);
}

/* A slot of several codecs, with retransmissions. */
static const struct pl_section wide = {.media = PL_VIDEO,
                                       .ssrc = 1,
                                       .rtx_ssrc = 2,
                                       .n_formats = 3,
                                       .formats = {{.codec = PL_VP8, .pt = 96, .rtx_pt = 97},
                                                   {.codec = PL_VP9, .pt = 98, .rtx_pt = 99},
                                                   {.codec = PL_AV1, .pt = 45, .rtx_pt = 46}},
                                       .clock_rate = 90000};

static struct pl_media_packet picture(enum pl_codec codec, int64_t seq, const uint8_t *payload,
                                      size_t n)
{
    struct pl_media_packet p = {
        .seq = seq, .codec = codec, .payload = payload, .payload_len = n, .timestamp = 3000};
    assert_int_equal(pl_descriptor_read(codec, payload, n, &p.descriptor), PL_OK);
    p.picture_id = p.descriptor.picture_id;
    return p;
}

/* Each packet goes under the payload type of its codec, and its retransmission under that one's;
 * picture ids go on from VP8 to VP9, and what has none is left alone. */
static void a_slot_carries_one_codec_after_the_other(void **state)
{
    (void)state;
    static const uint8_t vp8[] = {0x90, 0xc0, 0x81, 0x00, 9, 0x10, 1}, av1[] = {0x18, 0x08, 0, 1},
                         vp9[] = {0xa8, 0x85, 0x00, 0x50, 200, 1, 2};
    const struct {
        struct pl_media_packet packet;
        uint8_t pt, rtx_pt;
        size_t descriptor;
    } rows[] = {
        {picture(PL_VP8, 500, vp8, sizeof vp8), 96, 97, 5},
        {picture(PL_AV1, 70, av1, sizeof av1), 45, 46, 0},
        {picture(PL_VP9, 9000, vp9, sizeof vp9), 98, 99, 5},
    };
    struct pl_slot s;
    struct pl_slot_packet out, again;
    pl_slot_init(&s, &wide, 100);
    uint16_t picture_id = 0;
    uint8_t tl0 = 0;
    for (size_t i = 0; i < 3; i++) {
        const struct pl_media_packet *p = &rows[i].packet;
        pl_time_us now = (pl_time_us)(i + 1) * PL_SECOND;
        pl_slot_switch(&s, &stream_a, p, PL_TID_ALL, now);
        assert_true(pl_slot_rewrite(&s, &stream_a, p, now, &out));
        assert_int_equal(out.header[1], rows[i].pt);
        assert_int_equal(seq_of(&out), 101 + i);
        assert_int_equal(out.descriptor_len, rows[i].descriptor);
        assert_int_equal(out.descriptor_len + out.rest_len, p->payload_len);
        assert_true(pl_slot_rewrite_again(&s, seq_of(&out), p, &again));
        assert_int_equal(again.header[1], rows[i].rtx_pt);
        assert_int_equal(pl_get_u16(again.descriptor), seq_of(&out));
        assert_memory_equal(again.descriptor + 2, out.descriptor, out.descriptor_len);
        if (i == 0) {
            picture_id = picture_id_of(&out);
            tl0 = out.descriptor[4];
        }
    }
    assert_int_equal(pl_get_u16(out.descriptor + 1), 0x8000 | (uint16_t)(picture_id + 1));
    assert_int_equal(out.descriptor[3], 0x50);
    assert_int_equal(out.descriptor[4], (uint8_t)(tl0 + 1));
    struct pl_media_packet strange = picture(PL_H264, 9001, (const uint8_t[]){0x65, 1}, 2);
    assert_false(pl_slot_rewrite(&s, &stream_a, &strange, 4 * PL_SECOND, &out));
}

/* RED for who has it, with this client's payload types; the primary block for who has not. */
static void redundant_sound(void **state)
{
    (void)state;
    static const uint8_t red[] = {0xef, 0x0f, 0, 2, 0x6f, 1, 1, 7, 8, 9};
    static const uint8_t relabelled[] = {0xed, 0x0f, 0, 2, 0x6d};
    static const struct pl_section with = {.media = PL_AUDIO,
                                           .n_formats = 2,
                                           .formats = {{.codec = PL_RED, .pt = 61},
                                                       {.codec = PL_OPUS, .pt = 109}},
                                           .clock_rate = 48000},
                                   without = {.media = PL_AUDIO,
                                              .n_formats = 1,
                                              .formats = {{.codec = PL_OPUS, .pt = 108}},
                                              .clock_rate = 48000};
    struct pl_media_packet p = {
        .seq = 70000, .codec = PL_RED, .payload = red, .payload_len = sizeof red};
    struct pl_slot s;
    struct pl_slot_packet out;
    pl_slot_init(&s, &with, 5);
    pl_slot_switch(&s, &stream_a, &p, PL_TID_ALL, PL_SECOND);
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(out.header[1], 61);
    assert_int_equal(out.descriptor_len, sizeof relabelled);
    assert_memory_equal(out.descriptor, relabelled, sizeof relabelled);
    assert_ptr_equal(out.rest, red + 5);

    pl_slot_init(&s, &without, 5);
    pl_slot_switch(&s, &stream_a, &p, PL_TID_ALL, PL_SECOND);
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(out.header[1], 108);
    assert_int_equal(out.descriptor_len, 0);
    assert_ptr_equal(out.rest, red + 7);
    assert_int_equal(out.rest_len, 3);

    p.payload_len = 3; /* cut within its headers */
    p.seq++;
    assert_false(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    p.codec = PL_OPUS; /* as browsers send it now and then within a stream of RED */
    assert_true(pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out));
    assert_int_equal(out.header[1], 108);
    assert_int_equal(out.rest_len, 3);
}

/* --- Temporal layers --- */

#define FIRST 70000  /* number of the first packet */
#define FRAMES 40000 /* so that the slot's numbers wrap, and the picture ids */
#define SENT_MAX (FRAMES * 3)
#define REACH 64 /* packets that are asked for again */

/* What publisher and receiver know of a packet. */
static struct sent {
    unsigned frame, tid;
    bool begins, ends;
    unsigned late; /* how many others come before it */
    bool lost, given, fills;
    int64_t out; /* the slot's number */
    uint16_t picture_id;
} sent[SENT_MAX];
static struct pl_slot_packet written[REACH]; /* by number */
static bool taken[SENT_MAX + 65536 * 2];     /* numbers of the slot */
static uint64_t dice;

static unsigned roll(unsigned n)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(dice >> 33) % n;
}

/* Three frame rates; of a hundred packets three are lost and ten come late. */
static size_t publish(void)
{
    static const uint8_t pattern[] = {0, 2, 1, 2};
    size_t n = 0;
    for (unsigned frame = 0; frame < FRAMES; frame++)
        for (unsigned k = 0, packets = 1 + roll(3); k < packets; k++, n++) {
            sent[n] = (struct sent){.frame = frame, .tid = pattern[frame % 4]};
            sent[n].begins = k == 0;
            sent[n].ends = k + 1 == packets;
            if (n > 10) {
                sent[n].lost = roll(100) < 3;
                sent[n].late = roll(10) ? 0 : 1 + roll(8);
            }
        }
    return n;
}

static struct pl_media_packet layered(size_t i)
{
    const struct sent *one = &sent[i];
    struct pl_media_packet p = packet(FIRST + (int64_t)i, 3000 * one->frame, one->frame & 0x7fff,
                                      (uint8_t)(one->frame / 4));
    p.descriptor.temporal_id = (uint8_t)one->tid;
    p.marker = one->ends;
    return p;
}

/* Takes a packet in, now and then goes on up to another temporal id, and sends it. */
static void come(struct pl_slot *s, size_t i)
{
    struct sent *one = &sent[i];
    const struct pl_media_packet arrived = layered(i);
    pl_ring_put(&stream_a, &arrived, PL_SECOND);
    const struct pl_media_packet *p = pl_ring_get(&stream_a, arrived.seq);
    assert_non_null(p);
    if (i == 0)
        pl_slot_switch(s, &stream_a, p, PL_TID_ALL, PL_SECOND);
    else if (one->begins && !p->lateness && roll(20) == 0)
        pl_slot_limit(s, p, roll(PL_TIDS));
    struct pl_slot_packet *out = &written[i % REACH];
    memset(out, 0, sizeof *out);
    one->given = pl_slot_rewrite(s, &stream_a, p, PL_SECOND, out);
    if (!one->given)
        return;
    one->out = s->max_seq + pl_seq_diff(seq_of(out), (uint16_t)s->max_seq);
    one->fills = out->descriptor_len + out->rest_len == 0;
    one->picture_id = one->fills ? 0 : picture_id_of(out);
    assert_false(taken[one->out]);
    taken[one->out] = true;
}

static void ask_for(const struct pl_slot *s, size_t i)
{
    struct pl_slot *mine = (struct pl_slot *)s;
    struct pl_slot_packet again;
    const struct pl_media_packet *p = pl_slot_find(s, (uint16_t)sent[i].out);
    assert_ptr_equal(p, pl_ring_get(&stream_a, FIRST + (int64_t)i));
    memset(&again, 0, sizeof again);
    assert_true(pl_slot_rewrite_again(mine, (uint16_t)sent[i].out, p, &again));
    assert_memory_equal(&again, &written[i % REACH], sizeof again);
}

/* Numbers go up with the stream's; a gap is what was lost, and no more. Picture ids likewise. */
static void assert_whole(size_t n)
{
    const struct sent *last = NULL, *last_shown = NULL;
    size_t lost = 0, fill = 0;
    unsigned lost_frames = 0;
    bool came = false;
    for (size_t i = 0; i < n; i++) {
        const struct sent *one = &sent[i];
        lost += one->lost;
        came = (came && !one->begins) || !one->lost;
        lost_frames += one->ends && !came;
        if (!one->given)
            continue;
        assert_true(!last || one->out > last->out);
        assert_true(!last || (size_t)(one->out - last->out) <= 1 + lost);
        fill += one->fills;
        last = one;
        lost = 0;
        if (one->fills)
            continue;
        unsigned step = last_shown ? (one->picture_id - last_shown->picture_id) & 0x7fffu : 0;
        if (last_shown)
            assert_int_equal(step, one->frame == last_shown->frame ? 0 : 1 + lost_frames);
        last_shown = one;
        lost_frames = 0;
    }
    assert_true(fill > 0);
}

static void frames_are_left_out_without_gaps(void **state)
{
    (void)state;
    static size_t waiting[SENT_MAX]; /* until which packet comes */
    struct pl_slot s = video(0x7fff);
    dice = 7;
    size_t n = publish(), given = 0, lost = 0;
    memset(taken, 0, sizeof taken);
    for (size_t i = 0; i < n; i++) {
        waiting[i] = i + sent[i].late;
        for (size_t k = i > 8 ? i - 8 : 0; k <= i; k++)
            if (waiting[k] == i && !sent[k].lost)
                come(&s, k);
        size_t again = i > REACH ? i - 9 - roll(REACH - 9) : i;
        if (sent[again].given)
            ask_for(&s, again);
    }
    assert_whole(n);
    for (size_t i = 0; i < n; i++) {
        given += sent[i].given;
        lost += sent[i].lost;
    }
    /* a packet that was lost has left one number free at most */
    assert_in_range(s.max_seq - sent[0].out + 1, given + lost / 3, given + lost * 9 / 10);
    assert_true(given < n * 3 / 4 && s.max_seq > 2 * 65536);
}

/* What nobody knew of when it was missing goes to everybody; of a frame that was left out it fills
 * its number alone; what must have been of such a frame is left out with it. */
static void what_comes_late_has_a_number_or_none(void **state)
{
    (void)state;
    static const struct {
        unsigned frame, tid;
        bool ends;
        size_t turn; /* when it comes */
        int out;     /* from the first on; -1: left out */
        bool fills;
    } rows[] = {
        {0, 0, true, 0, 0, false},
        {1, 2, false, 1, -1, false}, /* its end is not known when the next frame comes */
        {1, 2, true, 3, 1, true},
        {2, 1, true, 2, 2, false},
        {3, 2, true, 5, 3, false}, /* nothing was known of this frame */
        {4, 0, true, 4, 4, false},
        {5, 2, false, 7, -1, false}, /* before a packet of a frame that follows a whole one */
        {5, 2, false, 6, -1, false},
        {5, 2, false, 9, -1, false}, /* between two packets of a frame */
        {5, 2, true, 8, -1, false},
        {6, 1, true, 10, 5, false},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    struct pl_slot s = video(100);
    struct pl_slot_packet out;
    for (size_t i = 0; i < ROWS; i++)
        sent[i] = (struct sent){.frame = rows[i].frame, .tid = rows[i].tid, .ends = rows[i].ends};
    for (size_t turn = 0; turn < ROWS; turn++) {
        size_t i = 0;
        while (rows[i].turn != turn)
            i++;
        struct pl_media_packet p = layered(i);
        pl_ring_put(&stream_a, &p, PL_SECOND);
        p = *pl_ring_get(&stream_a, p.seq);
        if (turn == 0)
            pl_slot_switch(&s, &stream_a, &p, 1, PL_SECOND);
        assert_int_equal(pl_slot_takes(&s, &stream_a, &p), rows[i].out >= 0);
        bool given = pl_slot_rewrite(&s, &stream_a, &p, PL_SECOND, &out);
        assert_int_equal(given, rows[i].out >= 0);
        if (!given)
            continue;
        assert_int_equal(seq_of(&out), 101 + rows[i].out);
        assert_int_equal(out.descriptor_len + out.rest_len == 0, rows[i].fills);
        assert_ptr_equal(pl_slot_find(&s, seq_of(&out)), pl_ring_get(&stream_a, p.seq));
    }
    /* One that says it is of another layer than its frame is not believed. */
    for (size_t i = ROWS; i < ROWS + 3; i++)
        sent[i] = (struct sent){.frame = 7, .tid = i == ROWS + 1 ? 0 : 2, .ends = false};
    for (size_t k = 0; k < 3; k++) {
        struct pl_media_packet p = layered(ROWS + (size_t[]){0, 2, 1}[k]);
        pl_ring_put(&stream_a, &p, PL_SECOND);
    }
    assert_null(pl_ring_get(&stream_a, FIRST + ROWS + 1));
    /* Nor one that comes when those behind it are forgotten already. */
    pl_ring_clear(&stream_a);
    struct pl_media_packet p = layered(ROWS + 1);
    pl_ring_put(&stream_a, &p, 3 * PL_SECOND);
    assert_null(pl_ring_get(&stream_a, p.seq));
    pl_ring_start_over(&stream_a);
    pl_ring_put(&stream_a, &p, 3 * PL_SECOND);
    assert_non_null(pl_ring_get(&stream_a, p.seq));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        T(numbers_go_on_across_switches),
        T(frames_are_left_out_without_gaps),
        T(what_comes_late_has_a_number_or_none),
        T(repeats_are_byte_for_byte),
        T(old_segments_are_forgotten),
        T(a_source_that_jumps_does_not_take_the_slot_along),
        T(sound_has_no_descriptor),
        T(a_slot_carries_one_codec_after_the_other),
        T(redundant_sound),
    };
    return cmocka_run_group_tests_name("slot", tests, NULL, NULL);
}
