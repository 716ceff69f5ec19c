/* A room whose peers are on two engines: everything is as if they were on one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SIM_SEED 20261125
#include "fixture.h"

static struct sim_client *elsewhere(struct sim_client *c)
{
    sim.joins = 0;
    sim_connect(c);
    return c;
}

static void sound_and_pictures_cross(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 1, 1, 1), *near = sim_join(&sim, 1, 0, 0, 1, 1);
    sim_connect(a);
    sim_connect(near);
    sim.joins = 1;
    struct sim_client *far = elsewhere(sim_join(&sim, 1, 1, 0, 1, 1));
    a->sources[1].key_next = false; /* it must be asked for, across */
    sim_talk_and_film(&sim, a, 100);
    assert_true(a->sources[1].plis > 0);
    for (unsigned i = 0; i < 2; i++) {
        const struct sim_client *c = i ? far : near;
        const struct pl_section *slots = &c->sections[c == far ? 1 : 0];
        assert_true(assert_whole(c, slots[0].ssrc, UINT32_MAX) >= 95);
        assert_true(assert_whole(c, slots[1].ssrc, UINT32_MAX) >= 80 * 3);
    }
    /* The other way; who speaks is known on both. */
    sim_run(&sim, PL_SECOND);
    for (unsigned i = 0; i < 50; i++) {
        sim_send_audio(far, 0, 20);
        sim_run(&sim, 20 * PL_MS);
    }
    assert_true(assert_whole(near, near->sections[0].ssrc, UINT32_MAX) >= 140);
    assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, far->source_ids[0]);
    assert_int_equal(pl_engine_stats(sim.engines[1])->dropped_relay, 0);
}

static void a_mute_and_a_leave_count_everywhere(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 1, 0, 0);
    sim_connect(a);
    sim.joins = 1;
    struct sim_client *far = elsewhere(sim_join(&sim, 1, 0, 0, 1, 1));
    sim_talk_and_film(&sim, a, 20);
    size_t heard = sim_count(far, far->sections[0].ssrc);
    assert_true(heard > 15);
    for (unsigned i = 0; i < SIM_ENGINES; i++)
        pl_engine_source_mute(sim.engines[i], a->source_ids[0], true, sim.now);
    sim_talk_and_film(&sim, a, 20);
    assert_true(sim_count(far, far->sections[0].ssrc) <= heard + 1);
    sim_leave(a);
    sim_run(&sim, 100 * PL_MS);
    const struct pl_engine_event *slot = sim_last_of(&sim, PL_SLOT_CHANGED, far->id);
    assert_int_equal(slot->source, 0);
}

/* What is lost on the way down is sent again from the mirror. */
static void losses_are_repaired_where_the_receiver_is(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 1, 0, 0);
    sim_connect(a);
    sim.joins = 1;
    struct sim_client *far = elsewhere(sim_join_rtx(&sim, 1, 0, 0, 1, 1));
    far->nacks = true;
    sim_talk_and_film(&sim, a, 10);
    sim.down.loss_per_mille = 50;
    sim_talk_and_film(&sim, a, 150);
    sim.down.loss_per_mille = 0;
    sim_talk_and_film(&sim, a, 20);
    sim_run(&sim, PL_SECOND);
    assert_true(pl_engine_stats(sim.engines[1])->retransmitted > 5);
    assert_int_equal(a->sources[1].nacked, 0);
    static uint8_t seen[65536]; /* some come twice: again, and late */
    size_t n = 0;
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < far->n_kept; i++)
        if (far->kept[i].rtp.ssrc == far->sections[1].ssrc)
            n += !seen[far->kept[i].rtp.seq]++;
    assert_in_range(n, 175 * 3, 180 * 3);
}

static uint16_t told(const struct sim_client *c)
{
    for (size_t i = sim.n_events; i > 0; i--)
        if (sim.events[i - 1].type == PL_SOURCE_WANTED &&
            sim.events[i - 1].source == c->source_ids[0])
            return sim.events[i - 1].height;
    return 0;
}

static void show(struct sim_client *viewer, const struct sim_client *c, uint16_t height)
{
    const struct pl_wanted w = {c->source_ids[0], (uint16_t)(height * 16u / 9), height};
    pl_engine_peer_want_video(sim_engine_of(viewer), viewer->id, &w, height ? 1 : 0, sim.now);
}

/* The publisher hears of the largest that anybody wants, on whichever engine; also when the first
 * word of it found no room. */
static void wishes_cross(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *near = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(near);
    sim.joins = 1;
    struct sim_client *far = elsewhere(sim_join_rtx(&sim, 1, 0, 0, 0, 1));
    for (unsigned k = 0; k < 3; k++)
        sim_send_layer(a, 0, k, 2, 3000);
    sim_run(&sim, PL_SECOND);
    show(near, a, 180);
    show(far, a, 360);
    sim_run(&sim, 10 * PL_SECOND);
    assert_int_equal(told(a), 360);
    sim.relay_is_full = true;
    show(far, a, 720);
    sim_run(&sim, PL_SECOND);
    assert_int_equal(told(a), 360);
    assert_true(pl_engine_stats(sim.engines[1])->dropped_relay > 0);
    sim.relay_is_full = false;
    sim_run(&sim, PL_SECOND);
    assert_int_equal(told(a), 720);
    pl_engine_room_relay(sim.engines[0], 1, 1, false); /* nobody is there any more */
    sim_run(&sim, 10 * PL_SECOND);
    assert_int_equal(told(a), 180);
}

/* The first wish of an engine may overtake the word that the room is there, too. */
static void a_wish_may_come_early(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1);
    sim_connect(a);
    const struct pl_relay wish = {
        .type = PL_RELAY_WANTED, .from = 1, .source = a->source_ids[0], .height = 720};
    pl_engine_relayed(sim.engines[0], &wish, sim.now);
    sim_run(&sim, PL_SECOND);
    assert_int_equal(told(a), 0);
    pl_engine_room_relay(sim.engines[0], 1, 1, true);
    sim_run(&sim, PL_SECOND);
    assert_int_equal(told(a), 720);
}

/* A mirror that has not yet seen that a layer stopped asks for it; the publisher would answer with
 * key frames of all the others, for ever. */
static void a_layer_that_stopped_is_not_asked_for_from_elsewhere(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1);
    sim_connect(a);
    pl_engine_room_relay(sim.engines[0], 1, 1, true);
    struct pl_relay key = {.type = PL_RELAY_KEY, .from = 1, .source = a->source_ids[0], .layer = 2};
    for (unsigned i = 0; i < 180; i++) {
        for (unsigned k = 0; k < (i < 60 ? 3 : 2); k++)
            sim_send_layer(a, 0, k, 2, 3000);
        sim_run(&sim, 33 * PL_MS);
        if (i == 50 || i == 110)
            pl_engine_relayed(sim.engines[0], &key, sim.now);
    }
    assert_int_equal(a->upper[2].plis, 1);
}

/* Who speaks is told by the engines that somebody hears it on: one whose last peer leaves has
 * nothing to say any more. */
static void an_engine_that_empties_silences_nobody(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 0, 0);
    sim_connect(a);
    sim.joins = 1;
    struct sim_client *far = elsewhere(sim_join(&sim, 1, 0, 0, 1, 0));
    for (unsigned i = 0; i < 20; i++) {
        sim_send_audio(a, 0, 20);
        sim_run(&sim, 20 * PL_MS);
    }
    assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, a->source_ids[0]);
    sim_leave(far);
    pl_engine_peer_remove(sim.engines[1], a->id, sim.now); /* the mirror */
    assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, a->source_ids[0]);
}

/* A new SSRC of the publisher is a new beginning for the mirror, too. */
static void a_restarted_encoder_goes_on(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1);
    sim_connect(a);
    sim.joins = 1;
    struct sim_client *far = elsewhere(sim_join_rtx(&sim, 1, 0, 0, 0, 1));
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < 20; k++) {
            sim_send_layer(a, 0, 0, 2, 3000);
            sim_run(&sim, 33 * PL_MS);
        }
        sim_run(&sim, PL_SECOND);
        a->sources[0].ssrc++;
        a->sources[0].seq = 7;
        a->sources[0].tagged = 0; /* mid and rid again */
        a->sources[0].key_next = true;
    }
    assert_true(assert_whole(far, far->sections[0].ssrc, UINT32_MAX) >= 2 * 18 * 2);
}

/* Packets that find no room are lost to the other engine and to nobody else; buffers come back. */
static void a_full_way_loses_packets_alone(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 1, 0, 0), *near = sim_join(&sim, 1, 0, 0, 1, 1);
    sim_connect(a);
    sim_connect(near);
    sim.joins = 1;
    struct sim_client *far = elsewhere(sim_join(&sim, 1, 0, 0, 1, 1));
    sim_talk_and_film(&sim, a, 30);
    size_t near_had = near->n_kept, far_had = far->n_kept;
    sim.relay_is_full = true;
    sim_talk_and_film(&sim, a, 30);
    assert_int_equal(far->n_kept, far_had);
    assert_int_equal(near->n_kept, near_had + 30 * 4);
    assert_true(pl_engine_stats(sim.engines[0])->dropped_relay >= 30 * 4);
    sim.relay_is_full = false;
    sim_talk_and_film(&sim, a, 60);
    assert_true(far->n_kept > far_had + 50 * 4);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        T(sound_and_pictures_cross),
        T(a_mute_and_a_leave_count_everywhere),
        T(losses_are_repaired_where_the_receiver_is),
        T(wishes_cross),
        T(a_wish_may_come_early),
        T(a_layer_that_stopped_is_not_asked_for_from_elsewhere),
        T(an_engine_that_empties_silences_nobody),
        T(a_restarted_encoder_goes_on),
        T(a_full_way_loses_packets_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
