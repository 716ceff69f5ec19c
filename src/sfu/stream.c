/* See stream.h. */
#include "sfu/stream.h"

/* So that a packet from before the first one still has a positive number. */
#define SEQ_START 65536

enum pl_err pl_stream_init(struct pl_stream *s, const struct pl_section *section,
                           struct pl_packet_pool *pool)
{
    *s = (struct pl_stream){
        .ssrc = section->ssrc,
        .clock_rate = section->clock_rate,
        .media = section->media,
        .nack = section->nack,
        .ext_dd = section->ext_dd,
    };
    return pl_ring_init(&s->ring, pool);
}

void pl_stream_free(struct pl_stream *s)
{
    pl_ring_free(&s->ring);
}

void pl_stream_reset(struct pl_stream *s, uint32_t ssrc)
{
    s->ssrc = ssrc;
    s->started = false;
    s->received = s->expected_before = s->received_before = s->key_seq = 0;
    s->jitter = 0;
    s->n_missing = 0;
    s->key_wanted = false; /* its first frame is one */
    memset(s->seen, 0, sizeof s->seen);
    s->sr_ntp = 0;
    s->layers.n_templates = 0;
    pl_ring_start_over(&s->ring);
}

static void missing_remove(struct pl_stream *s, size_t i)
{
    s->n_missing--;
    memmove(&s->missing[i], &s->missing[i + 1], (s->n_missing - i) * sizeof s->missing[0]);
}

/* The packets between the newest one and `seq` are missing. Too many: a break, and a key frame
 * helps more. */
static void note_gap(struct pl_stream *s, int64_t seq, pl_time_us now)
{
    if (seq - s->max_seq - 1 > (int64_t)(PL_MISSING_MAX - s->n_missing)) {
        s->n_missing = 0;
        pl_stream_want_key(s);
        return;
    }
    for (int64_t q = s->max_seq + 1; q < seq; q++)
        s->missing[s->n_missing++] = (struct pl_missing){.seq = q, .next = now + PL_NACK_FIRST_US};
}

/* RFC 3550, A.8, with the transit in clock ticks. */
static void note_jitter(struct pl_stream *s, uint32_t timestamp, pl_time_us now)
{
    uint32_t arrival = (uint32_t)((uint64_t)now * (s->clock_rate / 100) / 10000);
    uint32_t transit = arrival - timestamp;
    if (s->received > 1) {
        int32_t d = (int32_t)(transit - s->transit);
        uint32_t abs_d = d < 0 ? 0u - (uint32_t)d : (uint32_t)d;
        s->jitter += abs_d - ((s->jitter + 8) >> 4);
    }
    s->transit = transit;
}

bool pl_stream_misses(const struct pl_stream *s, uint16_t seq)
{
    for (size_t i = 0; i < s->n_missing; i++)
        if ((uint16_t)s->missing[i].seq == seq)
            return true;
    return false;
}

/* Marks the number; false if it is marked already or out of reach. */
static bool mark_seen(struct pl_stream *s, int64_t seq)
{
    if (seq <= s->max_seq - PL_RING_PACKETS)
        return false;
    if (seq - s->max_seq >= PL_RING_PACKETS)
        memset(s->seen, 0, sizeof s->seen);
    else
        for (int64_t i = s->max_seq + 1; i <= seq; i++)
            s->seen[(uint64_t)i % PL_RING_PACKETS / 64] &= ~(UINT64_C(1) << (uint64_t)i % 64);
    uint64_t *word = &s->seen[(uint64_t)seq % PL_RING_PACKETS / 64];
    uint64_t bit = UINT64_C(1) << (uint64_t)seq % 64;
    bool fresh = !(*word & bit);
    *word |= bit;
    return fresh;
}

/* The extended number, or -1 for what was seen. */
static int64_t take_sequence(struct pl_stream *s, const struct pl_rtp *rtp, bool repaired,
                             pl_time_us now)
{
    if (!s->started) {
        s->started = true;
        s->first_seq = SEQ_START + rtp->seq;
        s->max_seq = s->first_seq - 1;
    }
    int64_t seq = s->max_seq + pl_seq_diff(rtp->seq, (uint16_t)s->max_seq);
    if (!mark_seen(s, seq))
        return -1;
    s->received += !repaired;
    if (seq > s->max_seq) {
        if (s->nack && seq > s->max_seq + 1)
            note_gap(s, seq, now);
        s->max_seq = seq;
        s->newest_timestamp = rtp->timestamp;
        s->newest_at = now;
        note_jitter(s, rtp->timestamp, now);
        return seq;
    }
    for (size_t i = 0; i < s->n_missing; i++)
        if (s->missing[i].seq == seq) {
            missing_remove(s, i);
            break;
        }
    return seq;
}

/* 7-bit picture ids are extended against the last one. */
static uint16_t extend_picture_id(struct pl_stream *s, const struct pl_descriptor *d)
{
    uint16_t id = d->picture_id;
    if (d->picture_id_len == 1) {
        unsigned step = (id - s->picture_id) & 0x7fu;
        id = (uint16_t)(step < 64 ? s->picture_id + step : s->picture_id + step - 128) & 0x7fff;
    }
    s->picture_id = id;
    return id;
}

/* AV1 tells its layers outside the payload. */
static void read_layers(struct pl_stream *s, const struct pl_rtp *rtp, struct pl_descriptor *d)
{
    size_t len = 0;
    struct pl_dd dd;
    const uint8_t *ext = s->ext_dd ? pl_rtp_ext_find(rtp, s->ext_dd, &len) : NULL;
    if (!ext || pl_dd_parse(ext, len, &s->layers, &dd))
        return;
    d->temporal_id = dd.temporal_id;
    d->switch_up = pl_dd_switches(dd.dtis);
    if (d->key_start && !d->height) {
        d->width = dd.width;
        d->height = dd.height;
    }
}

static void read_payload(struct pl_stream *s, const struct pl_rtp *rtp, struct pl_media_packet *out)
{
    if (pl_descriptor_read(out->codec, rtp->payload, rtp->payload_len, &out->descriptor))
        return;
    read_layers(s, rtp, &out->descriptor);
    if (out->descriptor.picture_id_len)
        out->picture_id = extend_picture_id(s, &out->descriptor);
}

/* A key frame whose first packet could not be kept is none that anybody could turn to. */
static void note_key(struct pl_stream *s, const struct pl_media_packet *packet)
{
    if (!packet->descriptor.key_start || !pl_ring_get(&s->ring, packet->seq))
        return;
    s->key_wanted = false;
    if (packet->seq > s->key_seq)
        s->key_seq = packet->seq;
}

bool pl_stream_input(struct pl_stream *s, const struct pl_rtp *rtp, enum pl_codec codec,
                     bool repaired, pl_time_us now, struct pl_media_packet *out)
{
    int64_t seq = take_sequence(s, rtp, repaired, now);
    if (seq < 0)
        return false;
    *out = (struct pl_media_packet){
        .seq = seq,
        .timestamp = rtp->timestamp,
        .marker = rtp->marker,
        .codec = codec,
        .payload = rtp->payload,
        .payload_len = rtp->payload_len,
    };
    read_payload(s, rtp, out);
    pl_ring_put(&s->ring, out, now);
    note_key(s, out);
    return true;
}

const struct pl_media_packet *pl_stream_mirror(struct pl_stream *s, struct pl_stored_packet *stored,
                                               pl_time_us now)
{
    int64_t seq = pl_stored_packet(stored)->seq;
    pl_ring_take(&s->ring, stored, now);
    const struct pl_media_packet *packet = pl_ring_get(&s->ring, seq);
    if (!packet)
        return NULL;
    if (!s->started) {
        s->started = true;
        s->first_seq = seq;
        s->max_seq = seq - 1;
    }
    if (seq > s->max_seq) {
        s->max_seq = seq;
        s->newest_timestamp = packet->timestamp;
        s->newest_at = now;
    }
    note_key(s, packet);
    return packet;
}

size_t pl_stream_nacks(struct pl_stream *s, pl_time_us now, uint16_t out[PL_MISSING_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_missing;) {
        struct pl_missing *m = &s->missing[i];
        if (m->next > now) {
            i++;
        } else if (m->tries == PL_NACK_TRIES) {
            if (m->seq > s->key_seq)
                pl_stream_want_key(s);
            missing_remove(s, i);
        } else {
            m->tries++;
            m->next = now + PL_NACK_AGAIN_US;
            out[n++] = (uint16_t)m->seq;
            i++;
        }
    }
    return n;
}

void pl_stream_want_key(struct pl_stream *s)
{
    s->key_wanted = s->media == PL_VIDEO;
}

static pl_time_us key_due_at(const struct pl_stream *s)
{
    if (!s->key_wanted || !s->started)
        return PL_NEVER;
    return s->key_asked_at ? s->key_asked_at + PL_KEY_REQUEST_US : 0;
}

bool pl_stream_key_due(struct pl_stream *s, pl_time_us now)
{
    if (key_due_at(s) > now)
        return false;
    s->key_asked_at = now;
    return true;
}

pl_time_us pl_stream_deadline(const struct pl_stream *s)
{
    pl_time_us at = key_due_at(s);
    for (size_t i = 0; i < s->n_missing; i++)
        at = pl_time_min(at, s->missing[i].next);
    return at;
}

void pl_stream_sender_report(struct pl_stream *s, uint64_t ntp, uint32_t timestamp, pl_time_us now)
{
    s->sr_ntp = ntp;
    s->sr_timestamp = timestamp;
    s->sr_at = now;
}

void pl_stream_report(struct pl_stream *s, pl_time_us now, struct pl_rtcp_block *out)
{
    int64_t expected = s->max_seq - s->first_seq + 1;
    int64_t expected_since = expected - s->expected_before;
    int64_t lost_since = expected_since - (s->received - s->received_before);
    int64_t lost = expected - s->received;
    s->expected_before = expected;
    s->received_before = s->received;
    *out = (struct pl_rtcp_block){
        .ssrc = s->ssrc,
        .fraction_lost =
            expected_since > 0 && lost_since > 0 ? (uint8_t)(lost_since * 255 / expected_since) : 0,
        .cumulative_lost = (int32_t)(lost > 0x7fffff    ? 0x7fffff
                                     : lost < -0x800000 ? -0x800000
                                                        : lost),
        .highest_seq = (uint32_t)(s->max_seq - SEQ_START),
        .jitter = s->jitter >> 4,
    };
    if (s->sr_ntp) {
        out->last_sr = (uint32_t)(s->sr_ntp >> 16);
        out->delay_since_last_sr = (uint32_t)((uint64_t)(now - s->sr_at) * 65536 / PL_SECOND);
    }
}

bool pl_stream_timestamp_at(const struct pl_stream *s, pl_time_us now, pl_time_us skew_us,
                            uint32_t *out)
{
    if (!s->started)
        return false;
    uint32_t timestamp = s->sr_ntp ? s->sr_timestamp : s->newest_timestamp;
    pl_time_us then = s->sr_ntp ? pl_ntp_to_us(s->sr_ntp) + skew_us : s->newest_at;
    /* In two steps: NTP of a peer may be 136 years off, which times 90 kHz would not fit. */
    *out = timestamp + (uint32_t)((now - then) / 1000 * (int64_t)s->clock_rate / 1000);
    return true;
}
