/* An engine is handed over in mid-call: nobody who receives can tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/carry.h"
#include "sfu/view.h"
#define SIM_SEED 20261126
#include "fixture.h"

/* The connection, sound and picture go on, with no key frame asked for, and no slot switched. */
static void nothing_is_missed(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_twcc(&sim, 1, 1, 1, 1, 1);
    struct sim_client *b = sim_join_twcc(&sim, 1, 1, 0, 2, 2), *c = sim_join(&sim, 2, 1, 1, 1, 1);
    sim_connect(a);
    sim_connect(b);
    sim_connect(c);
    sim_talk_and_film(&sim, a, 200);
    b->n_kept = 0; /* the estimate of its line has found its way */
    unsigned plis = a->sources[1].plis;
    size_t events = sim.n_events;
    for (unsigned i = 0; i < 5; i++) {
        sim_hand_over(&sim);
        sim_talk_and_film(&sim, a, 20);
    }
    assert_int_equal(a->sources[1].plis, plis);
    for (size_t i = events; i < sim.n_events; i++)
        assert_int_not_equal(sim.events[i].type, PL_SLOT_CHANGED);
    assert_true(assert_whole(b, b->sections[1].ssrc, 960) >= 99);
    assert_true(assert_whole(b, b->sections[3].ssrc, 1800) >= 99 * 3);
    assert_int_equal(pl_engine_stats(sim.engine)->dropped_srtp_replay, 0);
    assert_int_equal(b->replays, 0);
    /* Its consent goes on, too: the connectivity checks find it by the same credentials. */
    b->checked = false;
    sim_check(b, b->session.local_pwd, true);
    sim_run(&sim, 50 * PL_MS);
    assert_true(b->checked);
}

static uint32_t rate_of(const struct sim_client *c)
{
    struct pl_peer_view view;
    assert_int_equal(pl_engine_peer_view(sim_engine_of(c), c->id, sim.now, &view), PL_OK);
    return view.sources[1].layers[0].bitrate_bps;
}

/* What comes at once behind a pause came in the time of the pause: no layer looks dearer for it. */
static void a_pause_is_no_rate(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 1, 0, 0), *b = sim_join(&sim, 1, 0, 0, 1, 1);
    sim_connect(a);
    sim_connect(b);
    sim_talk_and_film(&sim, a, 200);
    uint32_t before = rate_of(a);
    sim_pause(&sim);
    for (unsigned i = 0; i < 20; i++) {
        sim_send_audio(a, 0, 30);
        sim_send_frame(a, 1, 3, 1800);
        sim.now += 20 * PL_MS;
    }
    sim_resume(&sim);
    b->n_kept = 0;
    for (unsigned i = 0; i < 10; i++) {
        sim_talk_and_film(&sim, a, 3);
        assert_in_range(rate_of(a), before - before / 10, before + before / 10);
    }
    assert_true(assert_whole(b, b->sections[1].ssrc, 1800) >= 49 * 3);
}

/* What came before is not taken a second time, from whoever kept it. */
static void what_came_is_not_taken_again(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 1, 0), *b = sim_join(&sim, 1, 0, 0, 1, 0);
    sim_connect(a);
    sim_connect(b);
    sim_run(&sim, 50 * PL_MS);
    struct pl_rtp rtp = {.pt = 111, .ssrc = a->sections[0].ssrc, .seq = 40000};
    uint8_t header[12] = {0x80, 111}, wire[80];
    size_t n;
    pl_put_u16(header + 2, rtp.seq);
    pl_put_u32(header + 8, rtp.ssrc);
    uint8_t sound[20] = {0x78};
    assert_int_equal(
        pl_srtp_protect(a->out, header, sizeof header, sound, sizeof sound, NULL, 0, wire, &n), 0);
    uint8_t copy[80];
    memcpy(copy, wire, n);
    sim_send_raw(a, wire, n);
    sim_run(&sim, 50 * PL_MS);
    assert_int_equal(pl_engine_stats(sim.engine)->dropped_srtp_replay, 0);
    sim_hand_over(&sim);
    sim_send_raw(a, copy, n);
    sim_run(&sim, 50 * PL_MS);
    assert_int_equal(pl_engine_stats(sim.engine)->dropped_srtp_replay, 1);
}

/* What of a frame had come, and what waits for a narrow line, leaves before. */
static void what_waits_leaves_before(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_twcc(&sim, 1, 1, 1, 0, 0);
    struct sim_client *b = sim_join_twcc(&sim, 1, 0, 0, 1, 1);
    b->rate_bps = 900000;
    sim_connect(a);
    sim_connect(b);
    sim_talk_and_film(&sim, a, 100);
    for (unsigned i = 0; i < 20; i++) { /* at once: more than the line takes */
        sim_send_frame(a, 1, 3, 1800);
        sim_run(&sim, 6 * PL_MS);
        if (i % 5 == 0)
            sim_hand_over(&sim);
    }
    sim_talk_and_film(&sim, a, 20);
    sim_run(&sim, PL_SECOND);
    assert_true(assert_whole(b, b->sections[1].ssrc, 90000) > 100 * 3);
}

static void temporal_layers_and_mirrors_go_on(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 1, 0, 0);
    sim_connect(a);
    sim.joins = 1;
    struct sim_client *far = sim_join_twcc(&sim, 1, 0, 0, 1, 1);
    sim.joins = 0;
    sim_connect(far);
    a->sources[1].temporal = true;
    sim_talk_and_film(&sim, a, 200);
    far->n_kept = 0;
    unsigned plis = a->sources[1].plis;
    for (unsigned i = 0; i < 4; i++) {
        sim_hand_over(&sim);
        sim_talk_and_film(&sim, a, 30);
    }
    assert_int_equal(a->sources[1].plis, plis);
    assert_true(assert_whole(far, far->sections[0].ssrc, 960) >= 119);
    assert_true(assert_whole(far, far->sections[1].ssrc, 3600) >= 119 * 3);
    assert_int_equal(far->replays, 0);
}

/* Mute, ears, channel, classes and wishes are as they were said. */
static void what_was_said_holds(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 1, 0, 0), *b = sim_join(&sim, 1, 0, 0, 1, 1);
    sim_connect(a);
    sim_connect(b);
    sim_talk_and_film(&sim, a, 20);
    pl_engine_source_mute(sim.engine, a->source_ids[0], true, sim.now);
    sim_show(b, a, 0);
    sim_hand_over(&sim);
    size_t sound = sim_count(b, b->sections[0].ssrc), picture = sim_count(b, b->sections[1].ssrc);
    sim_talk_and_film(&sim, a, 20);
    assert_int_equal(sim_count(b, b->sections[0].ssrc), sound);
    assert_int_equal(sim_count(b, b->sections[1].ssrc), picture);
    pl_engine_source_mute(sim.engine, a->source_ids[0], false, sim.now);
    pl_engine_peer_deafen(sim.engine, b->id, true, sim.now);
    sim_hand_over(&sim);
    sim_talk_and_film(&sim, a, 20);
    assert_int_equal(sim_count(b, b->sections[0].ssrc), sound);
    pl_engine_peer_deafen(sim.engine, b->id, false, sim.now);
    sim_talk_and_film(&sim, a, 20);
    assert_true(sim_count(b, b->sections[0].ssrc) > sound);
}

static void nobody_hears(void *ctx, const struct pl_engine_event *event)
{
    (void)ctx;
    (void)event;
}

/* Cut anywhere it is refused, and what was made of it ends in good order. */
static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_twcc(&sim, 1, 1, 1, 1, 1), *b = sim_join(&sim, 1, 1, 0, 1, 1);
    sim_connect(a);
    sim_connect(b);
    sim_talk_and_film(&sim, a, 10);
    pl_engine_settle(sim.engine, sim.now);
    struct pl_buf whole = {0};
    struct pl_carry out = pl_carry_writer(&whole);
    assert_int_equal(pl_engine_carry(sim.engine, &out, sim.now), PL_OK);
    struct pl_random random = sim_source_of_randomness(&sim);
    const struct pl_engine_io none = {.event = nobody_hears};
    for (size_t n = 0; n < whole.len; n += n < 400 ? 1 : 97) {
        struct pl_engine *e;
        assert_int_equal(pl_engine_new(&none, &random, &e), PL_OK);
        struct pl_carry in = pl_carry_reader(whole.data, n);
        assert_int_equal(pl_engine_carry(e, &in, sim.now), PL_EINVAL);
        pl_engine_free(e);
    }
    pl_buf_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_missed, start, stop),
        cmocka_unit_test_setup_teardown(a_pause_is_no_rate, start, stop),
        cmocka_unit_test_setup_teardown(what_came_is_not_taken_again, start, stop),
        cmocka_unit_test_setup_teardown(what_waits_leaves_before, start, stop),
        cmocka_unit_test_setup_teardown(temporal_layers_and_mirrors_go_on, start, stop),
        cmocka_unit_test_setup_teardown(what_was_said_holds, start, stop),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
