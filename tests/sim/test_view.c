/* What an engine tells of a client's line (sfu/view.h), and of its rooms' traffic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sfu/view.h"
#define SIM_SEED 20261127
#include "fixture.h"

static struct pl_peer_view view;

static const struct pl_peer_view *look(const struct sim_client *c)
{
    assert_int_equal(pl_engine_peer_view(sim_engine_of(c), c->id, sim.now, &view), PL_OK);
    return &view;
}

static void talk_and_film(struct sim_client *c, unsigned frames)
{
    for (unsigned i = 0; i < frames; i++) {
        sim_send_audio(c, 0, 30);
        sim_send_frame(c, 1, 3, 1800);
        sim_run(&sim, 20 * PL_MS);
    }
}

static void a_line_and_what_goes_over_it(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 1, 0, 0), *b = sim_join(&sim, 1, 0, 0, 2, 2);
    assert_int_equal(pl_engine_peer_view(sim.engine, 99, sim.now, &view), PL_ENOENT);
    assert_false(look(a)->connected || look(a)->has_path || look(a)->n_slots);
    sim_connect(a);
    sim_connect(b);
    talk_and_film(a, 60);

    assert_true(look(a)->connected && view.has_path && !view.estimated);
    assert_memory_equal(&view.path, &a->tuple, sizeof a->tuple);
    assert_int_equal(view.n_sources, 2);
    assert_int_equal(view.n_slots, 0);
    const struct pl_layer_view *picture = &view.sources[1].layers[0];
    assert_true(view.sources[1].video && picture->flowing);
    assert_int_equal(picture->height, 360);
    assert_int_equal(picture->received, 180);
    assert_int_equal(picture->expected, 180);
    assert_in_range(picture->keys, 1, 3);
    assert_in_range(view.counts.packets_in, 240, 260);

    assert_int_equal(look(b)->n_slots, 2);
    assert_int_equal(view.n_pictures, 1);
    assert_int_equal(view.n_paused, 0);
    assert_int_equal(view.slots[0].source, a->source_ids[0]);
    assert_false(view.slots[0].video);
    assert_int_equal(view.slots[1].source, a->source_ids[1]);
    assert_int_equal(view.slots[1].section, 2);
    assert_int_equal(view.slots[1].height, 360);
    assert_false(view.slots[1].smaller);
    assert_in_range(view.slots[1].idle_us, 0, 20 * PL_MS);
    assert_in_range(view.counts.packets_out, 230, 260);
}

static void loss_is_counted_where_it_was(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 1, 1, 0, 0),
                      *b = sim_join_rtx(&sim, 1, 0, 0, 1, 1);
    sim_connect(a);
    sim_connect(b);
    talk_and_film(a, 20);
    b->nacks = true;
    sim.up.loss_per_mille = sim.down.loss_per_mille = 50;
    talk_and_film(a, 200);
    const struct pl_layer_view *picture = &look(a)->sources[1].layers[0];
    assert_in_range(picture->expected - picture->received, 10, 60);
    assert_true(view.counts.nacks_out > 5);
    assert_int_equal(view.counts.resent, 0);
    assert_true(look(b)->counts.nacks_in > 5 && view.counts.resent > 5);
}

static void report_on(struct sim_client *c, unsigned section, uint32_t last_sr)
{
    uint8_t bytes[100];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    const struct pl_rtcp_block block = {.ssrc = c->sections[section].ssrc,
                                        .fraction_lost = 64,
                                        .cumulative_lost = 17,
                                        .last_sr = last_sr,
                                        .delay_since_last_sr = 0};
    pl_rtcp_write_rr(&w, 1, &block, 1);
    sim_send_rtcp(c, bytes, pl_writer_size(&w));
    sim_run(&sim, sim.up.delay + PL_MS);
}

/* The receiver's reports give round trip and loss where there is no other feedback. */
static void receiver_reports_are_read(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 1, 0, 0), *b = sim_join(&sim, 1, 0, 0, 1, 1);
    sim_connect(a);
    sim_connect(b);
    sim.up.delay = sim.down.delay = 40 * PL_MS;
    unsigned had = b->reports;
    while (b->reports == had)
        talk_and_film(a, 1);
    report_on(b, 1, 0); /* it has seen no sender report */
    assert_int_equal(look(b)->rtt_us, 0);
    assert_int_equal(view.slots[1].lost, 17);
    assert_int_equal(view.slots[1].lost_fraction, 64);
    report_on(b, 1, (uint32_t)(b->last_sr.ntp >> 16) + (20 << 16)); /* from the future */
    assert_int_equal(look(b)->rtt_us, 0);
    talk_and_film(a, 60);
    had = b->reports;
    while (b->reports == had)
        talk_and_film(a, 1);
    report_on(b, 1, (uint32_t)(b->last_sr.ntp >> 16));
    assert_in_range(look(b)->rtt_us, 79 * PL_MS, 125 * PL_MS); /* the test looks every 20 ms */
}

/* A layer smaller than is shown, while a larger one comes. */
static void a_smaller_picture_is_told(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *b = sim_join_twcc(&sim, 1, 0, 0, 0, 2);
    sim_connect(a);
    sim_connect(b);
    sim_show(b, a, 720);
    b->rate_bps = 400000;
    for (unsigned i = 0; i < 600; i++) {
        for (unsigned k = 0; k < 3; k++)
            sim_send_layer(a, 0, k, 1u << (2 * k), 3000);
        sim_run(&sim, 33 * PL_MS);
    }
    assert_true(look(b)->estimated);
    assert_in_range(view.estimate.target_bps, 100000, 500000);
    assert_in_range(view.wanted_bps, 1000000, 6000000);
    assert_int_equal(view.n_slots, 1);
    assert_true(view.slots[0].smaller);
    assert_int_equal(view.slots[0].height, 180);
    assert_int_equal(view.slots[0].wanted_height, 720);
    assert_true(view.rtt_us > 10 * PL_MS && view.counts.probes > 0);
}

struct traffic {
    unsigned rooms;
    uint64_t in, out;
};

static void add_traffic(void *ctx, pl_room_id room, uint64_t in, uint64_t out)
{
    struct traffic *t = ctx;
    assert_int_equal(room, 7);
    t->rooms++;
    t->in += in;
    t->out += out;
}

static void traffic_is_taken_once(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 7, 1, 1, 0, 0), *b = sim_join(&sim, 7, 0, 0, 1, 1);
    struct traffic t = {0};
    sim_connect(a);
    sim_connect(b);
    talk_and_film(a, 50);
    pl_engine_take_traffic(sim.engine, add_traffic, &t);
    uint64_t in = look(a)->counts.bytes_in + look(b)->counts.bytes_in;
    uint64_t out = look(a)->counts.bytes_out + look(b)->counts.bytes_out;
    assert_true(t.rooms == 1 && t.in == in && t.out == out && in > 50 * 300);
    pl_engine_take_traffic(sim.engine, add_traffic, &t);
    assert_int_equal(t.rooms, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        T(a_line_and_what_goes_over_it), T(loss_is_counted_where_it_was),
        T(receiver_reports_are_read),    T(a_smaller_picture_is_told),
        T(traffic_is_taken_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
