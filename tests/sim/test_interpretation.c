/* Channels of interpretation: who hears them, on one engine and across two; what they are to the
 * others; and when their interpreter is told that somebody listens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SIM_SEED 20261126
#include "fixture.h"

static unsigned apart; /* the engine of the listeners; the others are on 0 */

static int start_together(void **state)
{
    apart = 0;
    return start(state);
}

static int start_apart(void **state)
{
    apart = 1;
    return start(state);
}

#define EN 1
#define FR 2

/* What was said of each client's source, for the mirrors that come later. */
static struct {
    enum pl_source_class class;
    unsigned channel;
} said[SIM_CLIENTS + 1];

static void say(const struct sim_client *c)
{
    for (unsigned e = 0; e < SIM_ENGINES; e++)
        pl_engine_source_class(sim.engines[e], c->source_ids[0], said[c->id].class,
                               said[c->id].channel, sim.now);
}

static void be(const struct sim_client *c, enum pl_source_class class, unsigned channel)
{
    said[c->id].class = class;
    said[c->id].channel = channel;
    say(c);
}

static void mute(const struct sim_client *c, bool muted)
{
    for (unsigned e = 0; e < SIM_ENGINES; e++)
        pl_engine_source_mute(sim.engines[e], c->source_ids[0], muted, sim.now);
}

static void listen(const struct sim_client *c, unsigned channel)
{
    pl_engine_peer_listen(sim_engine_of(c), c->id, channel, sim.now);
}

/* One who speaks, hears through `slots` slots, and is on the first engine. */
static struct sim_client *speaker(enum pl_source_class class, unsigned channel, unsigned slots)
{
    sim.joins = 0;
    struct sim_client *c = sim_join(&sim, 1, 1, 0, slots, 0);
    sim_connect(c);
    be(c, class, channel);
    return c;
}

#define SPEAKERS_MAX 12
static struct sim_client *speakers[SPEAKERS_MAX];
static size_t n_speakers;

static struct sim_client *listener(unsigned channel, unsigned slots)
{
    sim.joins = apart;
    struct sim_client *c = sim_join(&sim, 1, 0, 0, slots, 0);
    sim_connect(c);
    for (size_t i = 0; i < n_speakers; i++)
        say(speakers[i]);
    listen(c, channel);
    return c;
}

static void speak(struct sim_client *const *who, size_t n, unsigned packets)
{
    for (unsigned i = 0; i < packets; i++) {
        for (size_t k = 0; k < n; k++)
            sim_send_audio(who[k], 0, k == 0 ? 30 : 20);
        sim_run(&sim, 20 * PL_MS);
    }
}

static size_t got(const struct sim_client *viewer, const struct sim_client *c)
{
    size_t n = 0;
    for (size_t i = 0; i < viewer->n_kept; i++) {
        const struct pl_rtp *rtp = &viewer->kept[i].rtp;
        n += rtp->payload[rtp->payload_len - 1] == c->sources[0].mark;
    }
    return n;
}

/* All of them speak; who of them a client hears now, a letter each. */
static void assert_hears(struct sim_client *c, const char *letters, const char *expected)
{
    char heard[SPEAKERS_MAX + 1] = "";
    size_t n = 0;
    speak(speakers, n_speakers, 5);
    c->n_kept = 0;
    speak(speakers, n_speakers, 20);
    for (size_t i = 0; i < n_speakers; i++) {
        size_t packets = got(c, speakers[i]);
        assert_true(packets == 0 || packets >= 19);
        if (packets)
            heard[n++] = letters[i];
    }
    assert_string_equal(heard, expected);
}

static uint16_t wanted(const struct sim_client *c)
{
    for (size_t i = sim.n_events; i > 0; i--)
        if (sim.events[i - 1].type == PL_SOURCE_WANTED &&
            sim.events[i - 1].source == c->source_ids[0])
            return sim.events[i - 1].height;
    return 0;
}

/* Floor, English, French: each booth is louder than the floor. */
static void a_booth(void)
{
    n_speakers = 3;
    speakers[0] = speaker(PL_CLASS_FLOOR, 0, 4);
    speakers[1] = speaker(PL_CLASS_INTERPRETATION, EN, 4);
    speakers[2] = speaker(PL_CLASS_INTERPRETATION, FR, 4);
}

static void a_channel_is_heard_by_those_who_listen(void **state)
{
    (void)state;
    a_booth();
    struct sim_client *floor = listener(0, 4), *en = listener(EN, 4), *fr = listener(FR, 4);
    assert_hears(floor, "FEf", "F");
    assert_hears(en, "FEf", "FE");
    assert_hears(fr, "FEf", "Ff");
    /* Who has the floor, and the booths: the floor alone, or relay, never themselves. */
    assert_hears(speakers[0], "FEf", "");
    assert_hears(speakers[1], "FEf", "F");
    listen(speakers[1], EN);
    assert_hears(speakers[1], "FEf", "F");
    listen(speakers[1], FR);
    assert_hears(speakers[1], "FEf", "Ff");
    /* They are nobody's voice but in their channels, however loud. */
    assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, speakers[0]->source_ids[0]);
    for (size_t i = 0; i < sim.n_events; i++)
        if (sim.events[i].type == PL_SPEAKER_CHANGED)
            assert_int_equal(sim.events[i].source, speakers[0]->source_ids[0]);
}

static void the_slots_change_with_the_choice(void **state)
{
    (void)state;
    a_booth();
    struct sim_client *l = listener(EN, 4);
    assert_hears(l, "FEf", "FE");
    listen(l, 0);
    const struct pl_engine_event *e = sim_last_of(&sim, PL_SLOT_CHANGED, l->id);
    assert_int_equal(e->source, 0); /* no time has passed */
    listen(l, FR);
    speak(speakers, 3, 1);
    e = sim_last_of(&sim, PL_SLOT_CHANGED, l->id);
    assert_int_equal(e->source, speakers[2]->source_ids[0]);
    assert_hears(l, "FEf", "Ff");
}

static void the_microphone_is_handed_over(void **state)
{
    (void)state;
    a_booth();
    speakers[n_speakers++] = speaker(PL_CLASS_INTERPRETATION, EN, 4);
    struct sim_client *l = listener(EN, 4);
    mute(speakers[3], true);
    assert_hears(l, "FEfe", "FE");
    mute(speakers[1], true);
    mute(speakers[3], false);
    assert_hears(l, "FEfe", "Fe");
    mute(speakers[3], true); /* nobody interprets */
    assert_hears(l, "FEfe", "F");
}

/* Of two slots the floor has one and the interpretation the other, whoever is loud; with one slot
 * the floor is heard. */
static void interpretation_comes_before_loud_voices(void **state)
{
    (void)state;
    a_booth();
    struct sim_client *one = listener(FR, 1), *two = listener(FR, 2), *floor = listener(0, 2);
    for (; n_speakers < 7; n_speakers++)
        speakers[n_speakers] = speaker(PL_CLASS_PLAIN, 0, 0);
    assert_hears(two, "FEfabcd", "Ff");
    assert_hears(one, "FEfabcd", "F");
    speak(speakers, n_speakers, 100);
    floor->n_kept = 0;
    speak(speakers, n_speakers, 20);
    assert_int_equal(got(floor, speakers[1]) + got(floor, speakers[2]), 0);
    assert_in_range(floor->n_kept, 39, 41); /* its slots are full all the same */
    /* Where nobody has the floor, interpretation is first. */
    be(speakers[0], PL_CLASS_PLAIN, 0);
    speak(speakers, n_speakers, 100);
    one->n_kept = 0;
    speak(speakers, n_speakers, 20);
    assert_in_range(got(one, speakers[2]), 19, 21);
}

/* Somebody who was loud becomes an interpreter: no longer a voice of the room. */
static void a_voice_becomes_interpretation(void **state)
{
    (void)state;
    n_speakers = 2;
    speakers[0] = speaker(PL_CLASS_PLAIN, 0, 0);
    speakers[1] = speaker(PL_CLASS_PLAIN, 0, 0);
    struct sim_client *l = listener(0, 4);
    speak(speakers + 1, 1, 50);
    assert_hears(l, "ab", "ab");
    assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, speakers[1]->source_ids[0]);
    be(speakers[1], PL_CLASS_INTERPRETATION, EN);
    assert_int_equal(sim_last(&sim, PL_SPEAKER_CHANGED)->source, 0);
    assert_hears(l, "ab", "a");
}

static void a_booth_is_wanted_while_somebody_listens(void **state)
{
    (void)state;
    a_booth();
    struct sim_client *l = listener(0, 4);
    mute(speakers[1], true);
    sim_run(&sim, 5 * PL_SECOND);
    assert_int_equal(wanted(speakers[0]), 1);
    assert_int_equal(wanted(speakers[1]), 0);
    listen(l, EN);
    sim_run(&sim, PL_SECOND); /* muted or not: the first word must not wait */
    assert_int_equal(wanted(speakers[1]), 1);
    assert_int_equal(wanted(speakers[2]), 0);
    listen(l, FR);
    sim_run(&sim, PL_SECOND);
    assert_int_equal(wanted(speakers[2]), 1);
    sim_run(&sim, 9 * PL_SECOND); /* less is told when it has lasted, on each engine */
    assert_int_equal(wanted(speakers[1]), 0);
    listen(speakers[2], FR); /* the own channel is no reason */
    sim_leave(l);
    if (apart) /* which the owner sees */
        pl_engine_room_relay(sim.engines[0], 1, apart, false);
    sim_run(&sim, 5 * PL_SECOND);
    assert_int_equal(wanted(speakers[2]), 0);
}

/* As many channels as a meeting may have, each alone; there is no other. */
static void each_channel_is_its_own(void **state)
{
    (void)state;
    static const char letters[] = "F123456780X";
    n_speakers = 1;
    speakers[0] = speaker(PL_CLASS_FLOOR, 0, 0);
    for (unsigned channel = 1; channel <= PL_CHANNELS_MAX; channel++)
        speakers[n_speakers++] = speaker(PL_CLASS_INTERPRETATION, channel, 0);
    speakers[n_speakers++] = speaker(PL_CLASS_INTERPRETATION, 0, 0);
    speakers[n_speakers++] = speaker(PL_CLASS_INTERPRETATION, PL_CHANNELS_MAX + 1, 0);
    struct sim_client *l = listener(0, 4);
    assert_hears(l, letters, "F");
    for (unsigned channel = 1; channel <= PL_CHANNELS_MAX; channel++) {
        const char expected[] = {'F', (char)('0' + channel), 0};
        listen(l, channel);
        assert_hears(l, letters, expected);
    }
    listen(l, PL_CHANNELS_MAX + 1);
    assert_hears(l, letters, "F");
    pl_engine_peer_listen(sim.engine, 4711, EN, sim.now); /* nobody */
    pl_engine_source_class(sim.engine, 4711, PL_CLASS_INTERPRETATION, EN, sim.now);
}

#define T(name)                                                                                    \
    cmocka_unit_test_setup_teardown(name, start_together, stop),                                   \
    {                                                                                              \
#name "_across_engines", name, start_apart, stop, NULL                                     \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_channel_is_heard_by_those_who_listen),
        T(the_slots_change_with_the_choice),
        T(the_microphone_is_handed_over),
        T(interpretation_comes_before_loud_voices),
        T(a_voice_becomes_interpretation),
        T(a_booth_is_wanted_while_somebody_listens),
        T(each_channel_is_its_own),
    };
    return cmocka_run_group_tests_name("interpretation", tests, NULL, NULL);
}
