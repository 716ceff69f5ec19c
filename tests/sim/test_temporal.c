/* Temporal layers: a receiver whose line carries fewer frames gets those that the others do not
 * refer to left out, and notices nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIM_SEED 20261126
#include "fixture.h"

#define FRAME 3000 /* 90 kHz ticks at 30 frames a second */

/* --- A decoder --- */

struct frame {
    uint32_t timestamp;
    uint16_t picture_id, first, last; /* numbers of its packets */
    uint8_t tid, tl0;
    bool key, sync, starts, ends;
};

/* What came of a slot, once each, by number. */
static size_t in_order(const struct sim_client *c, const struct sim_rtp **out)
{
    const struct sim_rtp *first = NULL;
    static const struct sim_rtp *by_seq[65536];
    size_t n = 0;
    memset(by_seq, 0, sizeof by_seq);
    for (size_t i = 0; i < c->n_kept; i++) {
        const struct sim_rtp *p = &c->kept[i];
        if (p->rtp.ssrc != c->sections[c->session.n_sections - 1].ssrc)
            continue;
        first = first ? first : p;
        uint16_t at = (uint16_t)(p->rtp.seq - first->rtp.seq + 1000);
        by_seq[at] = p;
    }
    for (size_t i = 0; i < 65536; i++)
        if (by_seq[i])
            out[n++] = by_seq[i];
    return n;
}

static size_t frames_of(const struct sim_rtp *const *packets, size_t n, struct frame *out)
{
    size_t n_frames = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sim_rtp *p = packets[i];
        const struct pl_descriptor *d = &p->descriptor;
        if (p->rtp.payload_len == 0)
            continue;
        if (n_frames == 0 || out[n_frames - 1].timestamp != p->rtp.timestamp)
            out[n_frames++] = (struct frame){.timestamp = p->rtp.timestamp,
                                             .picture_id = d->picture_id,
                                             .first = p->rtp.seq,
                                             .tid = d->temporal_id,
                                             .tl0 = d->tl0,
                                             .sync = d->switch_up,
                                             .starts = p->rtp.payload[0] & 0x10};
        struct frame *f = &out[n_frames - 1];
        assert_int_equal(f->picture_id, d->picture_id);
        f->key |= d->key_start;
        f->last = p->rtp.seq;
        f->ends = p->rtp.marker;
    }
    return n_frames;
}

/* Every frame is whole and has what it refers to: the publisher's last one of each layer up to its
 * own, or, where it says so, of the base layer alone. */
static void assert_decodable(const struct frame *frames, size_t n)
{
    uint32_t began = 0;    /* the key frame's timestamp */
    int64_t last[3] = {0}; /* the newest of each layer: which frame of the publisher's */
    assert_true(frames[0].key);
    for (size_t i = 0; i < n; i++) {
        const struct frame *f = &frames[i];
        assert_true(f->starts && f->ends);
        if (i > 0)
            assert_int_equal(f->picture_id, (frames[i - 1].picture_id + 1) & 0x7fff);
        if (i > 0)
            assert_int_equal((uint8_t)(f->tl0 - frames[i - 1].tl0), f->tid == 0);
        if (f->key) {
            began = f->timestamp;
            memset(last, 0, sizeof last);
            continue;
        }
        int64_t at = (f->timestamp - began) / FRAME;
        assert_int_equal(f->tid, sim_temporal[at % SIM_TEMPORAL].tid);
        for (unsigned tid = 0; tid <= (f->sync ? 0 : f->tid); tid++) {
            int64_t ref = at - 1; /* the publisher's last of that layer; behind a key frame that */
            while (ref > 0 && sim_temporal[ref % SIM_TEMPORAL].tid != tid)
                ref--;
            assert_int_equal(last[tid], ref);
        }
        last[f->tid] = at;
    }
}

/* Numbers without a gap, frames as above. Returns how many frames there are in the last two
 * seconds.
 */
static unsigned assert_unbroken(const struct sim_client *c)
{
    static const struct sim_rtp *packets[SIM_KEPT];
    static struct frame frames[SIM_KEPT];
    size_t n = in_order(c, packets);
    while (n > 0 && c->sim->now - packets[n - 1]->at < PL_SECOND)
        n--; /* may still be asked for again */
    assert_true(n > 0);
    for (size_t i = 1; i < n; i++)
        assert_int_equal(packets[i]->rtp.seq, (uint16_t)(packets[i - 1]->rtp.seq + 1));
    size_t n_frames = frames_of(packets, n, frames);
    n_frames -= !frames[n_frames - 1].ends; /* it is under way */
    assert_decodable(frames, n_frames);
    unsigned lately = 0;
    for (size_t i = 0; i < n_frames; i++)
        lately += frames[n_frames - 1].timestamp - frames[i].timestamp < 2 * 30 * FRAME;
    return lately;
}

/* --- What is seen on which line --- */

/* One camera of 430 kbit/s, 215 without the upper half of its frames, 110 with the base layer
 * alone. */
static void film(struct sim_client *c, unsigned seconds)
{
    for (unsigned i = 0; i < seconds * 30; i++) {
        sim_send_frame(c, 0, 3, FRAME);
        sim_run(&sim, 33333);
    }
}

/* `spare`: what its line carries besides, in percent. */
static void follow(struct sim_client *a, struct sim_client *v, unsigned spare)
{
    static const struct {
        unsigned kbps, seconds, frames; /* in the last two seconds */
    } rows[] = {{3000, 9, 60}, {300, 12, 30}, {165, 12, 15}, {3000, 17, 60}};
    a->sources[0].temporal = true;
    v->nacks = true;
    sim_connect(a);
    sim_connect(v);
    sim_show(v, a, 360);
    unsigned plis = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        v->rate_bps = rows[i].kbps * (100 + spare) * 10;
        film(a, rows[i].seconds);
        assert_int_equal(assert_unbroken(v), rows[i].frames);
        if (i == 0)
            plis = a->sources[0].plis;
    }
    assert_int_equal(a->sources[0].plis, plis); /* it goes without a key frame */
}

static void a_narrow_line_carries_fewer_frames(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 0, 1, 0, 0),
                      *v = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    follow(a, v, 0);
}

/* What layers cost is counted by the time that has passed, not by the time that a turn was due
 * after: 250 kbit/s carry 215, however late a busy engine is. */
static void a_busy_engine_knows_what_frames_cost(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 0, 1, 0, 0),
                      *v = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    a->sources[0].temporal = true;
    v->nacks = true;
    sim_connect(a);
    sim_connect(v);
    sim_show(v, a, 360);
    v->rate_bps = 250000;
    sim.late = 25 * PL_MS;
    film(a, 20);
    assert_int_equal(assert_unbroken(v), 30);
}

/* With sound of 60 kbit/s; a key frame is as large as a second of the others, as of a still
 * picture. */
static void talk(struct sim_client *a, unsigned seconds)
{
    for (unsigned i = 0; i < seconds * 150; i++) {
        if (i % 5 == 0)
            sim_send_frame(a, 1, a->sources[1].key_next ? 16 : 1, FRAME);
        if (i % 3 == 0)
            sim_send_audio(a, 0, 30);
        sim_run(&sim, 6667);
    }
}

/* Ends of frames in the last two seconds. */
static unsigned frames_lately(const struct sim_client *v)
{
    unsigned n = 0;
    for (size_t i = 0; i < v->n_kept; i++)
        n += v->kept[i].rtp.ssrc == v->sections[1].ssrc && v->kept[i].rtp.marker &&
             sim.now - v->kept[i].at < 2 * PL_SECOND;
    return n;
}

/* It comes back with a key frame, which takes half a second of the line, and is neither what the
 * frames after it cost nor a reason to stop it again. */
static void a_paused_picture_comes_back_on_a_narrow_line(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 1, 1, 0, 0),
                      *v = sim_join_twcc(&sim, 1, 0, 0, 1, 1);
    a->sources[1].temporal = true;
    v->nacks = true;
    sim_connect(a);
    sim_connect(v);
    pl_engine_source_class(sim.engine, a->source_ids[0], PL_CLASS_FLOOR, 0, sim.now);
    talk(a, 6);
    v->rate_bps = 80000;
    talk(a, 12);
    assert_int_equal(frames_lately(v), 0);
    v->rate_bps = 180000;
    unsigned plis = a->sources[1].plis;
    talk(a, 14);
    assert_true(frames_lately(v) >= 29);
    assert_int_equal(a->sources[1].plis, plis + 1);
}

static void so_it_does_with_loss_and_reordering(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 0, 1, 0, 0),
                      *v = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    sim.up.loss_per_mille = sim.down.loss_per_mille = 20;
    sim.up.jitter = sim.down.jitter = 8 * PL_MS;
    follow(a, v, 25); /* for what is sent again */
    assert_true(v->rtx_got > 30 && a->sources[0].nacked > 30);
}

static void so_it_does_on_another_engine(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 0, 1, 0, 0);
    sim.joins = 1;
    struct sim_client *v = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    sim.joins = 0;
    follow(a, v, 0);
}

/* A camera that moves at 15 frames a second is better larger than faster; at less it is not. A
 * screen is larger in any case. */
static void size_and_frame_rate(void **state)
{
    (void)state;
    static const struct {
        enum pl_source_class class;
        unsigned kbps;
        int layer;
        unsigned tid;
    } rows[] = {
        {PL_CLASS_PLAIN, 5000, 2, 2},  {PL_CLASS_PLAIN, 1000, 2, 1}, {PL_CLASS_PLAIN, 500, 1, 1},
        {PL_CLASS_PLAIN, 220, 0, 2},   {PL_CLASS_PLAIN, 100, 0, 1},  {PL_CLASS_SCREEN, 5000, 2, 2},
        {PL_CLASS_SCREEN, 1000, 2, 1}, {PL_CLASS_SCREEN, 500, 2, 0},
    };
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    a->sources[0].temporal = a->upper[1].temporal = a->upper[2].temporal = true;
    sim_connect(a);
    sim_connect(v);
    v->nacks = true;
    sim_show(v, a, 720);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pl_engine_source_class(sim.engine, a->source_ids[0], rows[i].class, 0, sim.now);
        v->rate_bps = rows[i].kbps * 1000;
        unsigned tid = 0;
        for (unsigned k = 0; k < 25 * 30; k++) {
            sim_send_layer(a, 0, 0, 1, FRAME);
            sim_send_layer(a, 0, 1, 4, FRAME);
            sim_send_layer(a, 0, 2, 10, FRAME);
            sim_run(&sim, 33333);
            if (k < 24 * 30)
                v->n_kept = 0;
        }
        for (size_t k = 0; k < v->n_kept; k++)
            if (v->kept[k].descriptor.temporal_id > tid)
                tid = v->kept[k].descriptor.temporal_id;
        print_message("%u kbit/s\n", rows[i].kbps);
        assert_int_equal(sim_layer_of(v, a), rows[i].layer);
        assert_int_equal(tid, rows[i].tid);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        T(a_narrow_line_carries_fewer_frames),
        T(a_busy_engine_knows_what_frames_cost),
        T(a_paused_picture_comes_back_on_a_narrow_line),
        T(so_it_does_with_loss_and_reordering),
        T(so_it_does_on_another_engine),
        T(size_and_frame_rate),
    };
    return cmocka_run_group_tests_name("temporal", tests, NULL, NULL);
}
