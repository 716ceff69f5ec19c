/* The media engine from ICE to forwarded packet: who gets what, that a slot is one unbroken stream,
 * that loss is repaired, that bad input harms nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SIM_SEED 20251123
#include "fixture.h"

#include <string.h>

#define FRAME 3000 /* 90 kHz ticks at 30 frames a second */

static void talk(struct sim_client *c, unsigned packets, unsigned level)
{
    while (packets--) {
        sim_send_audio(c, 0, level);
        sim_run(&sim, 20 * PL_MS);
    }
}

static void film(struct sim_client *c, unsigned section, unsigned frames)
{
    while (frames--) {
        sim_send_frame(c, section, 3, FRAME);
        sim_run(&sim, 33 * PL_MS);
    }
}

/* The packets of one slot are consecutive, and carry what `marks` (in order of time) sent. */
static void assert_unbroken(const struct sim_client *c, uint32_t ssrc, const char *marks)
{
    const struct sim_rtp *last = NULL;
    size_t mark = 0;
    for (size_t i = 0; i < c->n_kept; i++) {
        const struct sim_rtp *p = &c->kept[i];
        if (p->rtp.ssrc != ssrc)
            continue;
        uint8_t m = p->rtp.payload[p->rtp.payload_len - 1];
        while (marks[mark] && (uint8_t)marks[mark] != m)
            mark++;
        assert_int_equal((uint8_t)marks[mark], m);
        if (last) {
            assert_int_equal(p->rtp.seq, (uint16_t)(last->rtp.seq + 1));
            bool same_frame = p->rtp.timestamp == last->rtp.timestamp;
            assert_true(same_frame || (int32_t)(p->rtp.timestamp - last->rtp.timestamp) > 0);
            const struct pl_descriptor *d = &p->descriptor, *before = &last->descriptor;
            if (d->picture_id_len && before->picture_id_len) {
                uint16_t step = (d->picture_id - before->picture_id) & 0x7fff;
                assert_int_equal(step, same_frame ? 0 : 1);
                assert_int_equal((uint8_t)(d->tl0 - before->tl0), step);
            }
        }
        last = p;
    }
    assert_non_null(last);
    assert_int_equal(marks[mark + 1], 0);
}

static void sound_goes_to_everybody_else(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 2, 0), *b = sim_join(&sim, 1, 1, 0, 2, 0),
                      *stranger = sim_join(&sim, 2, 1, 0, 2, 0);
    sim_connect(a);
    sim_connect(b);
    sim_connect(stranger);
    talk(a, 50, 30);
    assert_int_equal(sim_count(b, b->sections[1].ssrc), 50);
    assert_unbroken(b, b->sections[1].ssrc, (char[]){(char)a->sources[0].mark, 0});
    assert_int_equal(a->n_kept, 0);
    assert_int_equal(stranger->n_kept, 0);
    const struct pl_engine_event *slot = sim_last(&sim, PL_SLOT_CHANGED);
    assert_int_equal(slot->peer, b->id);
    assert_int_equal(slot->source, a->source_ids[0]);
    assert_int_equal(slot->section, 1);
    assert_int_equal(slot->rtp_timestamp, b->kept[0].rtp.timestamp);
    assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, a->source_ids[0]);
    sim_run(&sim, 2 * PL_SECOND);
    assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, 0);
}

static void only_validated_tuples_are_heard(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 1, 0);
    uint8_t dtls[20] = {22, 0xfe, 0xfd}, rtp[40] = {0x80}, odd[3] = {70, 1, 2};
    const struct pl_engine_stats *stats = pl_engine_stats(sim.engine);
    sim_send_raw(a, dtls, sizeof dtls);
    sim_send_raw(a, rtp, sizeof rtp);
    sim_check(a, "the wrong password of anybody", true);
    sim_run(&sim, PL_SECOND);
    assert_int_equal(stats->dropped_unknown_tuple, 2);
    assert_int_equal(stats->dropped_stun_auth, 1);
    assert_int_equal(sim.dtls_seen, 0);
    assert_false(a->checked);
    sim_check(a, a->session.local_pwd, true);
    sim_run(&sim, PL_SECOND);
    assert_true(a->checked);
    assert_int_equal(sim_last(&sim, PL_PEER_SELECTED)->peer, a->id);
    sim_send_raw(a, dtls, sizeof dtls);
    sim_send_raw(a, rtp, sizeof rtp);
    sim_send_raw(a, odd, sizeof odd);
    sim_run(&sim, PL_SECOND);
    assert_int_equal(sim.dtls_seen, 1);
    assert_int_equal(stats->dropped_no_keys, 1);
    assert_int_equal(stats->dropped_malformed, 1);
    pl_engine_peer_send_dtls(sim.engine, a->id, dtls, sizeof dtls);
    sim_run(&sim, PL_SECOND);
    assert_int_equal(a->dtls, 1);
}

static void forged_and_replayed_packets_are_counted(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 0, 0), *b = sim_join(&sim, 1, 0, 0, 1, 0);
    const struct pl_engine_stats *stats = pl_engine_stats(sim.engine);
    sim_connect(a);
    sim_connect(b);
    talk(a, 10, 30);
    uint8_t header[12] = {0x80, 111, 0xff, 0xff}, out[100], payload[10] = {0};
    size_t n;
    pl_put_u32(header + 8, a->sections[0].ssrc);
    pl_put_u16(header + 2, a->sources[0].seq);
    assert_int_equal(pl_srtp_protect(a->out, header, 12, payload, 10, NULL, 0, out, &n), PL_OK);
    sim_send_raw(a, out, n);
    sim_send_raw(a, out, n);
    out[n - 1] ^= 1;
    pl_put_u16(out + 2, (uint16_t)(a->sources[0].seq + 5));
    sim_send_raw(a, out, n);
    sim_send_raw(a, out, 13);
    sim_run(&sim, PL_SECOND);
    assert_int_equal(stats->dropped_srtp_replay, 1);
    assert_int_equal(stats->dropped_srtp_auth, 1);
    assert_int_equal(stats->dropped_malformed, 1);
    assert_int_equal(b->n_kept, 11);
}

static void a_picture_slot_switches_on_key_frames_alone(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0), *b = sim_join(&sim, 1, 0, 1, 0, 0),
                      *c = sim_join(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(b);
    sim_connect(c);
    uint32_t ssrc = c->sections[0].ssrc;
    film(a, 0, 10);
    assert_int_equal(sim_count(c, ssrc), 30);
    assert_int_equal(sim_last(&sim, PL_SLOT_CHANGED)->source, a->source_ids[0]);

    /* b has been filming for a while when c turns to it. */
    film(b, 0, 10);
    unsigned plis = b->sources[0].plis;
    pl_engine_peer_want_video(sim.engine, c->id, &(struct pl_wanted){.source = b->source_ids[0]}, 1,
                              sim.now);
    for (int i = 0; i < 20; i++) {
        sim_send_frame(a, 0, 3, FRAME);
        sim_send_frame(b, 0, 3, FRAME);
        sim_run(&sim, 33 * PL_MS);
    }
    const struct pl_engine_event *e = sim_last(&sim, PL_SLOT_CHANGED);
    assert_int_equal(e->source, b->source_ids[0]);
    assert_int_equal(b->sources[0].plis, plis + 1);
    assert_unbroken(c, ssrc, (char[]){(char)a->sources[0].mark, (char)b->sources[0].mark, 0});
    /* The first packet of b is the start of a key frame and has the announced timestamp. */
    for (size_t i = 0; i < c->n_kept; i++) {
        const struct sim_rtp *p = &c->kept[i];
        if (p->rtp.payload[p->rtp.payload_len - 1] != b->sources[0].mark)
            continue;
        assert_true(p->descriptor.key_start);
        assert_int_equal(p->rtp.timestamp, e->rtp_timestamp);
        break;
    }
}

static void a_muted_source_reaches_nobody(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 0, 0), *b = sim_join(&sim, 1, 0, 0, 1, 0);
    sim_connect(a);
    sim_connect(b);
    talk(a, 10, 30);
    pl_engine_source_mute(sim.engine, a->source_ids[0], true, sim.now);
    assert_int_equal(sim_last(&sim, PL_SLOT_CHANGED)->source, 0);
    assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, 0);
    talk(a, 100, 30);
    assert_int_equal(b->n_kept, 10);
    assert_int_equal(pl_engine_stats(sim.engine)->dropped_muted, 100);
    pl_engine_source_mute(sim.engine, a->source_ids[0], false, sim.now);
    talk(a, 10, 30);
    assert_int_equal(b->n_kept, 20);
    assert_unbroken(b, b->sections[0].ssrc, (char[]){(char)a->sources[0].mark, 0});
    uint32_t gap = b->kept[10].rtp.timestamp - b->kept[9].rtp.timestamp;
    assert_in_range(gap, 48000 * 2, 48000 * 2 + 2880); /* the time that passed */
}

static void lost_packets_are_sent_again_with_the_same_bytes(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0), *b = sim_join(&sim, 1, 0, 0, 0, 1),
                      *c = sim_join(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(b);
    sim_connect(c);
    film(a, 0, 5);
    assert_int_equal(b->n_kept, 15);
    /* Asked for again, it comes byte for byte; the replay window drops it, so look at the wire. */
    uint8_t bytes[100];
    uint16_t seq = b->kept[7].rtp.seq;
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_nack(&w, 1, b->sections[0].ssrc, &seq, 1);
    struct pl_srtp_keys down = {.profile = PL_SRTP_AEAD_AES_128_GCM};
    memset(down.key, (int)(0x80 | b->id), sizeof down.key);
    pl_srtp_free(b->in);
    assert_int_equal(pl_srtp_new(&down, &b->in), PL_OK);
    sim_send_rtcp(b, bytes, pl_writer_size(&w));
    sim_run(&sim, 100 * PL_MS);
    assert_int_equal(b->n_kept, 16);
    assert_int_equal(b->kept[15].wire_len, b->kept[7].wire_len);
    assert_memory_equal(b->kept[15].wire, b->kept[7].wire, b->kept[7].wire_len);
    assert_int_equal(c->n_kept, 15);
    assert_int_equal(pl_engine_stats(sim.engine)->retransmitted, 1);
    /* Not what was never sent, and not what is older than the ring. */
    seq = (uint16_t)(b->kept[14].rtp.seq + 1);
    w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_nack(&w, 1, b->sections[0].ssrc, &seq, 1);
    sim_send_rtcp(b, bytes, pl_writer_size(&w));
    sim_run(&sim, 2 * PL_SECOND);
    film(a, 0, 1);
    seq = b->kept[7].rtp.seq;
    w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_nack(&w, 1, b->sections[0].ssrc, &seq, 1);
    sim_send_rtcp(b, bytes, pl_writer_size(&w));
    sim_run(&sim, 100 * PL_MS);
    assert_int_equal(pl_engine_stats(sim.engine)->retransmitted, 1);
}

static void a_lossy_link_is_repaired_both_ways(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0), *b = sim_join(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(b);
    b->nacks = true;
    sim.up = (struct sim_link){10 * PL_MS, 8 * PL_MS, 0};
    sim.down = (struct sim_link){10 * PL_MS, 8 * PL_MS, 0};
    film(a, 0, 3);
    sim.up.loss_per_mille = sim.down.loss_per_mille = 50;
    film(a, 0, 150);
    sim.up.loss_per_mille = sim.down.loss_per_mille = 0;
    film(a, 0, 20);
    sim_run(&sim, PL_SECOND);
    assert_true(a->sources[0].nacked > 5);
    assert_true(pl_engine_stats(sim.engine)->retransmitted > 5);
    /* Each packet once, and hardly one missing: what repair gave up on. */
    static uint8_t seen[65536];
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < b->n_kept; i++)
        assert_int_equal(seen[b->kept[i].rtp.seq]++, 0);
    assert_in_range(b->n_kept, 173 * 3 - 3, 173 * 3);
}

static void loss_is_reported_to_the_publisher(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 0, 0);
    sim_connect(a);
    talk(a, 100, 30);
    assert_int_equal(a->lost_blocks, 0);
    sim.up.loss_per_mille = 200;
    talk(a, 100, 30);
    assert_in_range(a->lost_blocks, 1, 3);
}

static void key_frame_requests_are_combined(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0);
    struct sim_client *viewers[5];
    sim_connect(a);
    for (int i = 0; i < 5; i++) {
        viewers[i] = sim_join(&sim, 1, 0, 0, 0, 1);
        sim_connect(viewers[i]);
    }
    film(a, 0, 60);
    unsigned before = a->sources[0].plis;
    for (int round = 0; round < 30; round++) {
        for (int i = 0; i < 5; i++) {
            uint8_t bytes[20];
            struct pl_writer w = pl_writer(bytes, sizeof bytes);
            pl_rtcp_write_pli(&w, 1, viewers[i]->sections[0].ssrc);
            sim_send_rtcp(viewers[i], bytes, pl_writer_size(&w));
        }
        film(a, 0, 1);
    }
    /* 150 requests in a second: at most one in 500 ms goes out. */
    assert_in_range(a->sources[0].plis - before, 1, 3);
    assert_int_equal(pl_engine_stats(sim.engine)->plis_in, 150);
}

static void a_key_frame_is_asked_for_until_it_comes(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0), *b = sim_join(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    film(a, 0, 3);
    sim_connect(b); /* comes in the middle of the stream */
    a->ignores_plis = true;
    film(a, 0, 10);
    assert_int_equal(b->n_kept, 0);
    a->ignores_plis = false;
    film(a, 0, 30);
    assert_int_equal(a->sources[0].plis, 2);
    assert_true(b->n_kept > 0);
    assert_true(b->kept[0].descriptor.key_start);
}

static void a_new_voice_takes_the_slot_of_the_one_silent_longest(void **state)
{
    (void)state;
    struct sim_client *voices[4], *b = sim_join(&sim, 1, 0, 0, 2, 0);
    sim_connect(b);
    for (int i = 0; i < 4; i++) {
        voices[i] = sim_join(&sim, 1, 1, 0, 0, 0);
        sim_connect(voices[i]);
        talk(voices[i], 1, 127);
    }
    for (int i = 0; i < 4; i++) {
        talk(voices[i], 60, 25);
        assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, voices[i]->source_ids[0]);
        size_t heard = 0;
        for (size_t k = 0; k < b->n_kept; k++)
            heard += b->kept[k].rtp.payload[70] == voices[i]->sources[0].mark;
        assert_true(heard >= 60);
    }
    assert_int_equal(b->n_kept,
                     sim_count(b, b->sections[0].ssrc) + sim_count(b, b->sections[1].ssrc));
}

static void a_leaving_source_empties_its_slots_and_another_moves_in(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0), *b = sim_join(&sim, 1, 0, 1, 0, 0),
                      *c = sim_join(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(b);
    sim_connect(c);
    film(a, 0, 3);
    film(b, 0, 3);
    sim_leave(a);
    assert_int_equal(sim_last_of(&sim, PL_SLOT_CHANGED, c->id)->source, 0);
    film(b, 0, 5);
    assert_int_equal(sim_last_of(&sim, PL_SLOT_CHANGED, c->id)->source, b->source_ids[0]);
    assert_unbroken(c, c->sections[0].ssrc,
                    (char[]){(char)a->sources[0].mark, (char)b->sources[0].mark, 0});
    sim_leave(c);
    sim_leave(b);
    assert_true(pl_engine_deadline(sim.engine) == PL_NEVER);
}

static void a_viewer_that_wants_all_gets_all_that_fit(void **state)
{
    (void)state;
    struct sim_client *v = sim_join(&sim, 1, 0, 0, 0, 3);
    struct sim_client *cams[4];
    sim_connect(v);
    for (int i = 0; i < 4; i++) {
        cams[i] = sim_join(&sim, 1, 0, 1, 0, 0);
        sim_connect(cams[i]);
    }
    for (int round = 0; round < 5; round++)
        for (int i = 0; i < 4; i++)
            film(cams[i], 0, 1);
    for (unsigned i = 0; i < 3; i++)
        assert_unbroken(v, v->sections[i].ssrc, (char[]){(char)cams[i]->sources[0].mark, 0});
    /* Told what it shows, it gets that, and the others keep their slots. */
    const struct pl_wanted shown[] = {{.source = cams[3]->source_ids[0]},
                                      {.source = cams[1]->source_ids[0]}};
    pl_engine_peer_want_video(sim.engine, v->id, shown, 2, sim.now);
    size_t before = 0;
    for (int round = 0; round < 30; round++)
        for (int i = 0; i < 4; i++) {
            if (round == 3 && i == 0) /* until the key frame has come, the old picture flows on */
                before = v->n_kept;
            sim_send_frame(cams[i], 0, 1, FRAME);
            sim_run(&sim, 8 * PL_MS);
        }
    for (size_t i = before; i < v->n_kept; i++) {
        uint8_t mark = v->kept[i].rtp.payload[100];
        assert_true(mark == cams[3]->sources[0].mark || mark == cams[1]->sources[0].mark);
        assert_true((mark == cams[1]->sources[0].mark) ==
                    (v->kept[i].rtp.ssrc == v->sections[1].ssrc));
    }
    assert_true(v->n_kept > before + 40);
}

static void silence_of_thirty_seconds_is_a_loss(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 0, 0);
    sim_connect(a);
    sim_run(&sim, 25 * PL_SECOND);
    sim_check(a, a->session.local_pwd, true);
    sim_run(&sim, 29 * PL_SECOND);
    assert_null(sim_last(&sim, PL_PEER_LOST));
    sim_run(&sim, 2 * PL_SECOND);
    assert_int_equal(sim_last(&sim, PL_PEER_LOST)->peer, a->id);
    size_t events = sim.n_events;
    sim_run(&sim, 60 * PL_SECOND);
    assert_int_equal(sim.n_events, events);
}

static void a_new_address_is_followed(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 0, 0), *b = sim_join(&sim, 1, 0, 0, 1, 0);
    sim_connect(a);
    sim_connect(b);
    talk(a, 5, 30);
    for (uint16_t port = 6000; port < 6004 + PL_ICE_TUPLES_MAX;
         port++) { /* more than are remembered */
        b->tuple.remote.port = port;
        sim_check(b, b->session.local_pwd, true);
        sim_run(&sim, 20 * PL_MS);
    }
    talk(a, 5, 30);
    assert_int_equal(b->n_kept, 10);
    b->tuple.remote.port = 5000; /* long forgotten */
    uint8_t dtls[20] = {22};
    sim_send_raw(b, dtls, sizeof dtls);
    sim_run(&sim, 20 * PL_MS);
    assert_int_equal(pl_engine_stats(sim.engine)->dropped_unknown_tuple, 1);
}

static void sender_reports_follow_the_slot(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 0, 0), *b = sim_join(&sim, 1, 0, 0, 1, 0);
    sim_connect(a);
    sim_connect(b);
    talk(a, 10, 30);
    /* a's own clock: NTP 7 days off ours; RTP as sent. */
    uint8_t bytes[100];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    const struct pl_rtcp_sender sr = {.ssrc = a->sections[0].ssrc,
                                      .ntp = (uint64_t)(7 * 86400) << 32,
                                      .timestamp = a->sources[0].timestamp};
    pl_rtcp_write_sr(&w, &sr, NULL, 0);
    sim_send_rtcp(a, bytes, pl_writer_size(&w));
    talk(a, 150, 30);
    assert_true(b->reports >= 2);
    assert_int_equal(b->last_sr.ssrc, b->sections[0].ssrc);
    assert_in_range(b->last_sr.packets, 60, 160);
    /* The report's RTP time is that of the packets around its own time, on the slot's timeline. */
    pl_time_us at = pl_ntp_to_us(b->last_sr.ntp);
    for (size_t i = 1; i < b->n_kept; i++)
        if (b->kept[i].at > at) {
            int32_t off = (int32_t)(b->last_sr.timestamp - b->kept[i - 1].rtp.timestamp);
            assert_in_range(off + 1440, 0, 1440 + 2400); /* -30 ms to +50 ms: the links' delays */
            return;
        }
    fail_msg("no packet after the report");
}

static void a_reference_time_is_answered(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 0, 1, 0);
    const uint8_t rrtr[] = {0x80, 207, 0, 4, 1, 2, 3, 4, 4, 0, 0, 2, 9, 9, 5, 6, 7, 8, 9, 9};
    const uint8_t want[] = {5, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0};
    sim_connect(a);
    sim_send_rtcp(a, rrtr, sizeof rrtr);
    sim_run(&sim, 20 * PL_MS);
    assert_memory_equal(a->dlrr + 8, want, sizeof want);
}

static void an_unknown_ssrc_is_dropped(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0), *b = sim_join(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(b);
    film(a, 0, 5);
    a->sources[0].ssrc++; /* without a mid extension */
    film(a, 0, 1);
    assert_int_equal(pl_engine_stats(sim.engine)->dropped_unknown_ssrc, 3);
    assert_int_equal(b->n_kept, 15);
}

static void lost_packets_come_back_as_rtx(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 0, 1, 0, 0),
                      *b = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    const struct pl_engine_stats *stats = pl_engine_stats(sim.engine);
    sim_connect(a);
    sim_connect(b);
    b->nacks = true;
    film(a, 0, 3);
    sim.up.loss_per_mille = sim.down.loss_per_mille = 50;
    film(a, 0, 150);
    sim.up.loss_per_mille = sim.down.loss_per_mille = 0;
    film(a, 0, 20);
    sim_run(&sim, PL_SECOND);
    assert_true(stats->repaired > 5);
    assert_true(b->rtx_got > 5);
    assert_true(a->lost_blocks > 0); /* repaired, and reported all the same */
    static uint8_t seen[65536];
    memset(seen, 0, sizeof seen);
    size_t distinct = 0;
    for (size_t i = 0; i < b->n_kept; i++)
        distinct += seen[b->kept[i].rtp.seq]++ == 0;
    assert_in_range(distinct, 173 * 3 - 3, 173 * 3);
    /* One that repairs nothing is dropped. */
    uint64_t dropped = stats->dropped_rtx, out = stats->packets_out;
    uint8_t bytes[40] = {0x80, 97, 0x12, 0x34};
    pl_put_u32(bytes + 8, a->sections[0].rtx_ssrc);
    size_t n;
    uint8_t sealed[80];
    assert_int_equal(pl_srtp_protect(a->out, bytes, 12, bytes + 12, 20, NULL, 0, sealed, &n),
                     PL_OK);
    sim_send_raw(a, sealed, n);
    sim_run(&sim, 20 * PL_MS);
    assert_int_equal(stats->dropped_rtx, dropped + 1);
    assert_int_equal(stats->packets_out, out);
}

static void film_layers(struct sim_client *c, unsigned from, unsigned to, unsigned frames)
{
    while (frames--) {
        for (unsigned k = from; k <= to; k++)
            sim_send_layer(c, 0, k, 2, FRAME);
        sim_run(&sim, 33 * PL_MS);
    }
}

static void the_layer_follows_the_size_on_the_screen(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(v);
    static const struct {
        uint16_t height;
        int layer;
    } rows[] = {{720, 2}, {180, 0}, {225, 0}, {226, 1}, {360, 1}, {451, 2}, {2000, 2}, {90, 0}};
    film_layers(a, 0, 2, 60);
    assert_int_equal(sim_layer_of(v, a), 2); /* it wants all there is */
    const struct pl_engine_event *told = sim_last(&sim, PL_SLOT_CHANGED);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sim_show(v, a, rows[i].height);
        film_layers(a, 0, 2, 40);
        assert_int_equal(sim_layer_of(v, a), rows[i].layer);
    }
    assert_ptr_equal(sim_last(&sim, PL_SLOT_CHANGED), told); /* the same source all along */
    const uint8_t mark = a->sources[0].mark;
    uint16_t last = (uint16_t)(v->kept[0].rtp.seq - 1);
    for (size_t i = 0; i < v->n_kept; i++) {
        assert_int_equal(v->kept[i].rtp.seq, (uint16_t)(last + 1));
        last = v->kept[i].rtp.seq;
        uint8_t m = v->kept[i].rtp.payload[v->kept[i].rtp.payload_len - 1];
        assert_in_range(m, mark, mark + 2);
    }
}

static void a_layer_that_stops_is_replaced_and_returns(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(v);
    sim_show(v, a, 720);
    film_layers(a, 0, 2, 60);
    assert_int_equal(sim_layer_of(v, a), 2);
    film_layers(a, 0, 0, 50); /* the publisher's link has become narrow */
    assert_int_equal(sim_layer_of(v, a), 0);
    film_layers(a, 0, 1, 60);
    assert_int_equal(sim_layer_of(v, a), 1);
    film_layers(a, 0, 2, 15); /* half a second is not yet a promise */
    assert_int_equal(sim_layer_of(v, a), 1);
    film_layers(a, 0, 2, 45);
    assert_int_equal(sim_layer_of(v, a), 2);
}

static void layers_are_told_apart_and_repaired_by_rid(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(v);
    sim_show(v, a, 360);
    film_layers(a, 0, 2, 60);
    sim.up.loss_per_mille = 50;
    film_layers(a, 0, 2, 100);
    sim.up.loss_per_mille = 0;
    film_layers(a, 0, 2, 10);
    assert_int_equal(sim_layer_of(v, a), 1);
    assert_true(a->upper[1].nacked > 3 && a->upper[2].nacked > 3);
    assert_true(pl_engine_stats(sim.engine)->repaired > 10);
    assert_int_equal(pl_engine_stats(sim.engine)->dropped_unknown_ssrc, 0);
    assert_true(v->n_kept >= 2 * 150);
}

static void a_restarted_encoder_goes_on_in_the_slot(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(v);
    film_layers(a, 0, 0, 5);
    a->sources[0].ssrc++;
    a->sources[0].seq = 7;
    a->sources[0].tagged = 0; /* mid and rid again */
    a->sources[0].key_next = true;
    film_layers(a, 0, 0, 5); /* the old SSRC has only just been heard: no taking over */
    assert_int_equal(v->n_kept, 10);
    sim_run(&sim, PL_SECOND);
    a->sources[0].tagged = 0;
    a->sources[0].key_next = true;
    film_layers(a, 0, 0, 5);
    assert_int_equal(v->n_kept, 20);
    assert_unbroken(v, v->sections[0].ssrc, (char[]){(char)a->sources[0].mark, 0});
}

/* The start of its first key frame was lost, so that nothing can be shown until another is asked
 * for: a receiver that gets nothing does not ask. */
static void a_restarted_encoder_is_asked_for_a_key_frame(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(v);
    film_layers(a, 0, 0, 5);
    sim_run(&sim, PL_SECOND);
    a->sources[0].ssrc++;
    a->sources[0].seq = 7;
    a->sources[0].tagged = 0;
    a->sources[0].key_next = false;
    unsigned asked = a->sources[0].plis;
    film_layers(a, 0, 0, 30);
    assert_int_equal(a->sources[0].plis, asked + 1);
    assert_true(v->n_kept > 10 + 15 * 2);
}

static void arrivals_are_reported_to_the_publisher(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_twcc(&sim, 1, 1, 0, 0, 0);
    sim_connect(a);
    talk(a, 50, 30);
    sim_run(&sim, 200 * PL_MS);
    assert_int_equal(a->twcc_acked, 50);
    assert_int_equal(a->twcc_lost, 0);
    sim.up.loss_per_mille = 200;
    talk(a, 200, 30);
    sim.up.loss_per_mille = 0;
    talk(a, 1, 30);
    sim_run(&sim, 200 * PL_MS);
    assert_int_equal(a->twcc_acked + a->twcc_lost, 251);
    assert_in_range(a->twcc_lost, 20, 60);
}

static void ask_for(struct sim_client *c, uint16_t seq)
{
    uint8_t bytes[40];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_nack(&w, 1, c->sections[0].ssrc, &seq, 1);
    sim_send_rtcp(c, bytes, pl_writer_size(&w));
}

/* As many as are asked for at a time, each too far from the others for one entry (RFC 4585, 6.2.1):
 * they still are one message. */
static void scattered_losses_are_asked_for_together(void **state)
{
    (void)state;
    enum { LOST = 64, APART = 17 };
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0);
    sim_connect(a);
    sim_send_frame(a, 0, APART - 1, 3000);
    for (unsigned i = 0; i < LOST; i++) {
        sim.up.loss_per_mille = 1000;
        sim_send_frame(a, 0, 1, 3000);
        sim.up.loss_per_mille = 0;
        sim_send_frame(a, 0, APART - 1, 3000);
    }
    sim_run(&sim, 25 * PL_MS);
    assert_int_equal(a->sources[0].nacked, LOST);
}

/* A slot that has no NACK sends each packet once: again it would have another transport-wide
 * number, which is a second plaintext under one SRTP index. */
static void who_agreed_on_no_nack_gets_nothing_again(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 0, 0), *b = sim_join_twcc(&sim, 1, 0, 0, 1, 0);
    sim_connect(a);
    sim_connect(b);
    talk(a, 10, 30);
    ask_for(b, b->kept[b->n_kept - 1].rtp.seq);
    sim_run(&sim, 100 * PL_MS);
    assert_int_equal(pl_engine_stats(sim.engine)->nacks_in, 1);
    assert_int_equal(pl_engine_stats(sim.engine)->retransmitted, 0);
}

/* A browser without a report of the round trip asks every 100 ms, whatever the way takes. */
static void what_is_on_its_way_is_not_sent_again(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0), *b = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    const struct pl_engine_stats *stats = pl_engine_stats(sim.engine);
    sim_connect(a);
    sim_connect(b);
    sim.down.delay = sim.up.delay = 100 * PL_MS; /* of feedback, too */
    film(a, 0, 30);
    uint16_t seq = b->kept[b->n_kept - 1].rtp.seq;
    for (int i = 0; i < 2; i++)
        ask_for(b, (uint16_t)(seq - i));
    sim_run(&sim, 150 * PL_MS);
    assert_int_equal(stats->retransmitted, 2);
    ask_for(b, seq);
    sim_run(&sim, 30 * PL_MS);
    assert_int_equal(stats->retransmitted, 2);
    sim_run(&sim, 200 * PL_MS);
    ask_for(b, seq);
    sim_run(&sim, 150 * PL_MS);
    assert_int_equal(stats->retransmitted, 3);
}

/* The original behind its retransmission is a fresh packet to SRTP, but its number has gone out. */
static void an_original_behind_its_retransmission_goes_nowhere(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 0, 1, 0, 0),
                      *b = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    const struct pl_engine_stats *stats = pl_engine_stats(sim.engine);
    sim_connect(a);
    sim_connect(b);
    film(a, 0, 3);
    sim.up.delay = 150 * PL_MS; /* this frame is late; the next ones overtake it */
    sim_send_frame(a, 0, 1, FRAME);
    sim.up.delay = 5 * PL_MS;
    film(a, 0, 10);
    sim_run(&sim, 300 * PL_MS);
    assert_int_equal(stats->repaired, 1);
    assert_int_equal(stats->dropped_again, 1);
    assert_int_equal(b->n_kept, 40);
    for (size_t i = 0; i < b->n_kept; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(b->kept[i].rtp.seq, b->kept[k].rtp.seq);
}

static void a_layer_that_stopped_is_not_asked_for_key_frames(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(v);
    sim_show(v, a, 720);
    film_layers(a, 0, 2, 60);
    uint8_t bytes[20];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_rtcp_write_pli(&w, 1, v->sections[0].ssrc);
    a->ignores_plis = true; /* the top layer has just gone */
    sim_send_rtcp(v, bytes, pl_writer_size(&w));
    film_layers(a, 0, 1, 60);
    a->ignores_plis = false;
    unsigned asked = a->upper[2].plis;
    film_layers(a, 0, 1, 90);
    assert_int_equal(a->upper[2].plis, asked);
    assert_int_equal(sim_layer_of(v, a), 1);
}

static void a_tuple_comes_back_to_who_uses_it(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 0, 0), *b = sim_join(&sim, 1, 0, 0, 1, 0);
    sim_connect(a);
    sim_connect(b);
    talk(a, 5, 30);
    const struct pl_tuple own = b->tuple;
    b->tuple = a->tuple; /* with a forged source address */
    sim_check(b, b->session.local_pwd, false);
    sim_run(&sim, 20 * PL_MS);
    b->tuple = own;
    talk(a, 5, 30);
    assert_int_equal(b->n_kept, 5);
    sim_check(a, a->session.local_pwd, true);
    sim_run(&sim, 20 * PL_MS);
    talk(a, 5, 30);
    assert_int_equal(b->n_kept, 10);
}

/* Layers of about 140, 550 and 1,400 kbit/s. */
/* The last frame that `c` got in the stream: its packets, and how many sends they were. */
static void film_a_frame_of_nine(struct sim_client *from, struct sim_client *to, size_t *runs)
{
    film(from, 0, 3);
    sim_run(&sim, PL_SECOND);
    to->n_kept = 0;
    *runs = sim.runs;
    sim_send_frame(from, 0, 9, 3000);
    sim_run(&sim, 50 * PL_MS);
    *runs = sim.runs - *runs;
    assert_int_equal(to->n_kept, 9);
    for (unsigned i = 0; i < 9; i++)
        assert_int_equal(to->kept[i].rtp.payload_len, to->kept[0].rtp.payload_len + (i >= 4));
}

/* libwebrtc's frames differ by a byte, the smaller packets first: with a byte of padding they are
 * one send. Where a retransmission must repeat the very bytes they are not padded. */
static void a_frame_is_one_send(void **state)
{
    (void)state;
    for (unsigned rtx = 0; rtx < 2; rtx++) {
        struct sim_client *a = sim_join(&sim, 1 + rtx, 0, 1, 0, 0);
        struct sim_client *b =
            rtx ? sim_join_rtx(&sim, 1 + rtx, 0, 0, 0, 1) : sim_join(&sim, 1 + rtx, 0, 0, 0, 1);
        size_t runs;
        sim_connect(a);
        sim_connect(b);
        film_a_frame_of_nine(a, b, &runs);
        assert_int_equal(runs, rtx ? 1 : 2);
        for (unsigned i = 0; i < 9; i++)
            assert_int_equal(b->kept[i].rtp.padding, rtx && i < 4 ? 1 : 0);
    }
}

/* A frame whose end does not come waits PL_HOLD_US, and no longer. */
static void half_a_frame_goes_on_soon(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0), *b = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(b);
    film(a, 0, 3);
    sim_run(&sim, PL_SECOND);
    b->n_kept = 0;
    sim_send_frame(a, 0, 9, 3000);
    sim_delay_last(&sim, 20 * PL_MS);
    sim_run(&sim, 12 * PL_MS + 1); /* 5 up, 5 down, 2 of waiting */
    assert_int_equal(b->n_kept, 8);
    sim_run(&sim, 20 * PL_MS);
    assert_int_equal(b->n_kept, 9);
}

static size_t allocations; /* made by the engine while it deals with packets and timers */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n)
{
    allocations += sim.in_engine;
    return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    allocations += sim.in_engine;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    allocations += sim.in_engine;
    return __real_realloc(p, n);
}

/* Once pools, rings and queues have grown to what a second holds. */
static void forwarding_allocates_nothing(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 1, 0, 0);
    struct sim_client *b = sim_join_twcc(&sim, 1, 0, 0, 1, 1), *c = sim_join(&sim, 1, 0, 0, 1, 1);
    sim_connect(a);
    sim_connect(b);
    sim_connect(c);
    b->nacks = c->nacks = true;
    sim.up.loss_per_mille = sim.down.loss_per_mille = 20;
    for (unsigned round = 0; round < 2; round++) {
        allocations = 0;
        b->n_kept = c->n_kept = 0;
        film(a, 1, 100);
        talk(a, 100, 30);
        sim_run(&sim, PL_SECOND);
        assert_true(round == 1 || allocations > 0);
    }
    assert_int_equal(allocations, 0);
    assert_true(b->n_kept > 350 && c->n_kept > 350);
}

/* A camera that is turned off, or a layer that nobody wants, leaves its buffers to the others:
 * those of an engine are bounded, and what finds none goes to nobody. */
static void who_rests_holds_no_packets(void **state)
{
    (void)state;
    enum { CAMS = 10 };
    struct sim_client *a = sim_join(&sim, 1, 0, CAMS, 0, 0);
    sim_connect(a);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < CAMS; i++) {
            if (i == 1 && round == 1)
                allocations = 0;
            sim_send_frame(a, i, round ? 60 : 1, 3000);
            sim_run(&sim, 2 * PL_SECOND);
        }
    assert_int_equal(allocations, 0);
}

static void film_full(struct sim_client *c, unsigned frames)
{
    while (frames--) {
        sim_send_layer(c, 0, 0, 1, FRAME);
        sim_send_layer(c, 0, 1, 4, FRAME);
        sim_send_layer(c, 0, 2, 10, FRAME);
        sim_run(&sim, 33 * PL_MS);
    }
}

static void the_layer_follows_the_line(void **state)
{
    (void)state;
    static const struct {
        uint64_t kbps;
        int layer;
    } rows[] = {{5000, 2}, {900, 1}, {250, 0}, {5000, 2}};
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_twcc(&sim, 1, 0, 0, 0, 1),
                      *w = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(v);
    sim_connect(w);
    v->nacks = true;
    sim_show(v, a, 720);
    sim_show(w, a, 720);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        v->rate_bps = rows[i].kbps * 1000;
        for (int second = 0; second < 20; second++) {
            v->n_kept = w->n_kept = 0;
            if (second == 10)
                v->worst_queue = 0;
            film_full(a, 30);
        }
        assert_int_equal(sim_layer_of(v, a), rows[i].layer);
        assert_true(v->worst_queue < 150 * PL_MS);
        assert_int_equal(sim_layer_of(w, a), 2); /* the other one notices nothing */
    }
}

static const enum pl_codec pictures[] = {PL_VP8, PL_VP9, PL_AV1, PL_H264};
#define PICTURES (sizeof pictures / sizeof *pictures)

/* Under 5 % of loss each way; whoever has no such codec gets nothing, which is counted. */
static void every_codec_is_forwarded_and_repaired(void **state)
{
    (void)state;
    const struct pl_engine_stats *stats = pl_engine_stats(sim.engine);
    for (size_t i = 0; i < PICTURES; i++) {
        pl_room_id room = 1 + i;
        struct sim_client *a = sim_join_codec(&sim, room, pictures[i], 0, 1, 0, 0),
                          *v = sim_join_codec(&sim, room, PL_VP8, 0, 0, 0, 1),
                          *old = sim_join_rtx(&sim, room, 0, 0, 0, 1);
        uint64_t repaired = stats->repaired, unfit = stats->unfit_codec;
        sim_connect(a);
        sim_connect(v);
        v->nacks = true;
        film(a, 0, 3);
        sim_connect(old);
        sim.up.loss_per_mille = sim.down.loss_per_mille = 50;
        film(a, 0, 60);
        sim.up.loss_per_mille = sim.down.loss_per_mille = 0;
        film(a, 0, 10);
        sim_run(&sim, PL_SECOND);
        assert_true(stats->repaired > repaired && v->rtx_got > 0);
        static uint8_t seen[65536];
        memset(seen, 0, sizeof seen);
        size_t distinct = 0;
        for (size_t k = 0; k < v->n_kept; k++) {
            const struct pl_rtp *p = &v->kept[k].rtp;
            assert_int_equal(v->kept[k].codec, pictures[i]);
            assert_int_equal(p->payload[p->payload_len - 1], a->sources[0].mark);
            distinct += seen[p->seq]++ == 0;
        }
        assert_in_range(distinct, 73 * 3 - 3, 73 * 3);
        assert_true(v->kept[0].descriptor.key_start);
        assert_true((old->n_kept > 0) == (pictures[i] == PL_VP8));
        assert_int_equal(stats->unfit_codec - unfit, pictures[i] != PL_VP8);
        sim_leave(a);
        sim_leave(v);
        sim_leave(old);
    }
}

/* One slot, one codec after the other: its numbers go on, each switch is on a key frame. */
static void a_slot_switches_between_codecs(void **state)
{
    (void)state;
    struct sim_client *from[PICTURES], *v = sim_join_codec(&sim, 1, PL_VP8, 0, 0, 0, 1);
    char marks[2 * PICTURES + 1] = {0};
    sim_connect(v);
    for (size_t i = 0; i < PICTURES; i++) {
        from[i] = sim_join_codec(&sim, 1, pictures[i], 0, 1, 0, 0);
        sim_connect(from[i]);
    }
    for (size_t i = 0; i < 2 * PICTURES; i++) {
        struct sim_client *a = from[i % PICTURES];
        marks[i] = (char)a->sources[0].mark;
        sim_show(v, a, 360);
        for (int f = 0; f < 20; f++) {
            for (size_t k = 0; k < PICTURES; k++)
                sim_send_frame(from[k], 0, 3, FRAME);
            sim_run(&sim, 33 * PL_MS);
        }
        const struct sim_rtp *last = &v->kept[v->n_kept - 1];
        assert_int_equal(last->codec, pictures[i % PICTURES]);
        assert_int_equal(last->rtp.pt, a->sections[0].formats[0].pt);
    }
    assert_unbroken(v, v->sections[0].ssrc, marks);
    for (size_t k = 1; k < v->n_kept; k++)
        if (v->kept[k].codec != v->kept[k - 1].codec)
            assert_true(v->kept[k].descriptor.key_start);
}

/* Redundancy goes to who has it; the others get the packet alone, as if it had been sent so. */
static void redundant_sound_goes_to_who_takes_it(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_codec(&sim, 1, PL_RED, 1, 0, 0, 0),
                      *b = sim_join_codec(&sim, 1, PL_RED, 0, 0, 1, 0),
                      *c = sim_join(&sim, 1, 0, 0, 1, 0);
    sim_connect(a);
    sim_connect(b);
    sim_connect(c);
    talk(a, 50, 30);
    assert_unbroken(b, b->sections[0].ssrc, (char[]){(char)a->sources[0].mark, 0});
    assert_unbroken(c, c->sections[0].ssrc, (char[]){(char)a->sources[0].mark, 0});
    assert_int_equal(b->n_kept, 50);
    assert_int_equal(c->n_kept, 50);
    assert_int_equal(b->kept[9].codec, PL_RED);
    assert_int_equal(b->kept[9].rtp.payload_len, 5 + 80 + 80);
    assert_int_equal(c->kept[9].codec, PL_OPUS);
    assert_int_equal(c->kept[9].rtp.payload_len, 80);
    assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, a->source_ids[0]);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(sound_goes_to_everybody_else),
        T(only_validated_tuples_are_heard),
        T(forged_and_replayed_packets_are_counted),
        T(a_picture_slot_switches_on_key_frames_alone),
        T(a_muted_source_reaches_nobody),
        T(lost_packets_are_sent_again_with_the_same_bytes),
        T(a_lossy_link_is_repaired_both_ways),
        T(loss_is_reported_to_the_publisher),
        T(key_frame_requests_are_combined),
        T(a_key_frame_is_asked_for_until_it_comes),
        T(a_new_voice_takes_the_slot_of_the_one_silent_longest),
        T(a_leaving_source_empties_its_slots_and_another_moves_in),
        T(a_viewer_that_wants_all_gets_all_that_fit),
        T(silence_of_thirty_seconds_is_a_loss),
        T(a_new_address_is_followed),
        T(sender_reports_follow_the_slot),
        T(a_reference_time_is_answered),
        T(an_unknown_ssrc_is_dropped),
        T(a_restarted_encoder_goes_on_in_the_slot),
        T(a_restarted_encoder_is_asked_for_a_key_frame),
        T(lost_packets_come_back_as_rtx),
        T(arrivals_are_reported_to_the_publisher),
        T(the_layer_follows_the_line),
        T(a_frame_is_one_send),
        T(half_a_frame_goes_on_soon),
        T(forwarding_allocates_nothing),
        T(who_rests_holds_no_packets),
        T(scattered_losses_are_asked_for_together),
        T(who_agreed_on_no_nack_gets_nothing_again),
        T(what_is_on_its_way_is_not_sent_again),
        T(an_original_behind_its_retransmission_goes_nowhere),
        T(a_layer_that_stopped_is_not_asked_for_key_frames),
        T(a_tuple_comes_back_to_who_uses_it),
        T(the_layer_follows_the_size_on_the_screen),
        T(a_layer_that_stops_is_replaced_and_returns),
        T(layers_are_told_apart_and_repaired_by_rid),
        T(every_codec_is_forwarded_and_repaired),
        T(a_slot_switches_between_codecs),
        T(redundant_sound_goes_to_who_takes_it),
    };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
