/* Who gets what when not everything is to be had: voices and slots, the order on a narrow line, and
 * layers that nobody wants and that their publisher pauses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SIM_SEED 20251124
#include "fixture.h"

#include <string.h>

#define FRAME 3000 /* 90 kHz ticks at 30 frames a second */

static void be(const struct sim_client *c, unsigned section, enum pl_source_class class)
{
    pl_engine_source_class(sim.engine, c->source_ids[section], class,
                           class == PL_CLASS_INTERPRETATION, sim.now);
}

static void forget_what_came(struct sim_client *c)
{
    c->n_kept = 0;
}

static uint8_t mark_of(const struct sim_rtp *p)
{
    return p->rtp.payload[p->rtp.payload_len - 1];
}

/* How many packets of this source came, in which slot the last one did. */
static size_t got(const struct sim_client *viewer, uint8_t mark, uint32_t *ssrc)
{
    size_t n = 0;
    for (size_t i = 0; i < viewer->n_kept; i++)
        if (mark_of(&viewer->kept[i]) == mark) {
            n++;
            if (ssrc)
                *ssrc = viewer->kept[i].rtp.ssrc;
        }
    return n;
}

/* --- Voices --- */

#define SPEAKERS 12
static struct sim_client *speakers[SPEAKERS];

/* All send for a second, at these levels. */
static void all_talk(const uint8_t levels[SPEAKERS], unsigned seconds)
{
    for (unsigned i = 0; i < seconds * 50; i++) {
        for (int k = 0; k < SPEAKERS; k++)
            sim_send_audio(speakers[k], 0, levels[k]);
        sim_run(&sim, 20 * PL_MS);
    }
}

#define HEARS(viewer, ...)                                                                         \
    do {                                                                                           \
        static const int who[] = {__VA_ARGS__};                                                    \
        for (size_t w = 0; w < sizeof who / sizeof *who; w++)                                      \
            assert_in_range(got(viewer, speakers[who[w]]->sources[0].mark, NULL), 45, 55);         \
    } while (0)

static void twelve_voices_and_seven_slots(void **state)
{
    (void)state;
    struct sim_client *v = sim_join(&sim, 1, 0, 0, 7, 0), *all = sim_join(&sim, 1, 0, 0, 12, 0);
    sim_connect(v);
    sim_connect(all);
    for (int i = 0; i < SPEAKERS; i++) {
        speakers[i] = sim_join(&sim, 1, 1, 0, 0, 0);
        sim_connect(speakers[i]);
    }
    be(speakers[0], 0, PL_CLASS_FLOOR);
    be(speakers[1], 0, PL_CLASS_PRESIDES);
    be(speakers[2], 0, PL_CLASS_INTERPRETATION);
    be(speakers[3], 0, PL_CLASS_SCREEN);
    pl_engine_peer_listen(sim.engine, v->id, 1, sim.now);
    pl_engine_peer_listen(sim.engine, all->id, 1, sim.now);
    /* The four are silent; 4, 5 and 6 begin, so that they have the places of the loudest. */
    uint8_t levels[SPEAKERS] = {90, 90, 90, 90, 30, 30, 30, 90, 90, 90, 90, 90};
    all_talk(levels, 1);
    memset(levels + 7, 30, SPEAKERS - 7);
    all_talk(levels, 2);
    forget_what_came(v);
    forget_what_came(all);
    all_talk(levels, 1);
    assert_int_equal(v->n_kept, 7 * 50);
    HEARS(v, 0, 1, 2, 3, 4, 5, 6);
    HEARS(all, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    levels[9] = 26; /* a little louder changes nothing, */
    all_talk(levels, 2);
    forget_what_came(v);
    all_talk(levels, 1);
    HEARS(v, 0, 1, 2, 3, 4, 5, 6);
    levels[9] = 18; /* clearly louder does; those who stay keep their slots */
    uint32_t before = 0, after = 0;
    got(v, speakers[0]->sources[0].mark, &before);
    all_talk(levels, 2);
    forget_what_came(v);
    forget_what_came(all);
    all_talk(levels, 1);
    HEARS(v, 0, 1, 2, 3, 9);
    got(v, speakers[0]->sources[0].mark, &after);
    assert_int_equal(before, after);
    assert_int_equal(v->n_kept, 7 * 50);
    /* Without the floor it is a voice among others, and it is silent. */
    be(speakers[0], 0, PL_CLASS_PLAIN);
    all_talk(levels, 1);
    forget_what_came(v);
    all_talk(levels, 1);
    assert_int_equal(got(v, speakers[0]->sources[0].mark, NULL), 0);
    assert_int_equal(v->n_kept, 7 * 50);
}

/* --- Pairs --- */

/* Everybody films and talks for this many frames. */
static void go_on(struct sim_client **people, size_t n, unsigned frames)
{
    while (frames--) {
        for (size_t i = 0; i < n; i++) {
            sim_send_audio(people[i], 0, 30);
            sim_send_frame(people[i], 1, 2, FRAME);
        }
        sim_run(&sim, 33 * PL_MS);
    }
}

static void the_floor_is_on_the_stage_in_sound_and_picture(void **state)
{
    (void)state;
    struct sim_client *people[3], *v = sim_join(&sim, 1, 0, 0, 4, 4);
    uint32_t sound, picture;
    sim_connect(v);
    for (int i = 0; i < 3; i++) {
        people[i] = sim_join(&sim, 1, 1, 1, 0, 0);
        sim_connect(people[i]);
    }
    go_on(people, 3, 30);
    for (int holder = 1; holder < 3; holder++) {
        for (int i = 0; i < 3; i++)
            for (unsigned k = 0; k < 2; k++)
                be(people[i], k, i == holder ? PL_CLASS_FLOOR : PL_CLASS_PLAIN);
        forget_what_came(v);
        go_on(people, 3, 15);
        forget_what_came(v);
        go_on(people, 3, 15);
        assert_int_equal(got(v, people[holder]->sources[0].mark, &sound), 15);
        assert_int_equal(sound, v->sections[0].ssrc);
        assert_int_equal(got(v, people[holder]->sources[1].mark, &picture), 30);
        assert_int_equal(picture, v->sections[4].ssrc);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(got(v, people[i]->sources[0].mark, NULL), 15);
            assert_int_equal(got(v, people[i]->sources[1].mark, NULL), 30);
        }
    }
}

/* A picture that moves to another slot is in the old one until it is in the new one. */
static void a_move_to_the_stage_shows_no_gap(void **state)
{
    (void)state;
    struct sim_client *people[2], *v = sim_join(&sim, 1, 0, 0, 4, 4);
    sim_connect(v);
    for (int i = 0; i < 2; i++) {
        people[i] = sim_join(&sim, 1, 1, 1, 0, 0);
        sim_connect(people[i]);
    }
    go_on(people, 2, 30);
    people[1]->ignores_plis = true; /* its key frame comes late */
    be(people[1], 1, PL_CLASS_FLOOR);
    forget_what_came(v);
    go_on(people, 2, 10);
    uint32_t picture = 0;
    assert_int_equal(got(v, people[1]->sources[1].mark, &picture), 20);
    assert_int_not_equal(picture, v->sections[4].ssrc);
    people[1]->ignores_plis = false;
    go_on(people, 2, 30);
    forget_what_came(v);
    go_on(people, 2, 10);
    assert_int_equal(got(v, people[1]->sources[1].mark, &picture), 20);
    assert_int_equal(picture, v->sections[4].ssrc);
}

static void a_screen_and_its_sound_share_the_second_pair(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 2, 2, 4, 4), *v = sim_join(&sim, 1, 0, 0, 4, 4);
    uint32_t ssrc;
    sim_connect(a);
    sim_connect(v);
    be(a, 1, PL_CLASS_SCREEN); /* microphone, the screen's sound, camera, screen */
    be(a, 3, PL_CLASS_SCREEN);
    for (int i = 0; i < 30; i++) {
        sim_send_audio(a, 0, 30);
        sim_send_audio(a, 1, 30);
        sim_send_frame(a, 2, 1, FRAME);
        sim_send_frame(a, 3, 1, FRAME);
        sim_run(&sim, 33 * PL_MS);
    }
    static const unsigned slots[] = {0, 1, 4, 5};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(got(v, a->sources[i].mark, &ssrc), 30);
        assert_int_equal(ssrc, v->sections[slots[i]].ssrc);
    }
    assert_int_equal(a->n_kept, 0); /* nobody is sent what they share */
}

/* --- The order on a narrow line --- */

static void a_narrow_line_keeps_sound_then_screen_then_floor(void **state)
{
    (void)state;
    static const struct {
        uint64_t kbps;
        const char *flows;
    } rows[] = {{4000, "sxft"}, {1500, "sx--"}, {250, "s---"}, {4000, "sxft"}};
    enum { SECONDS = 30 };
    /* Microphone; a screen of 1,060 kbit/s, the floor's camera of 530, a tile of 270. */
    struct sim_client *a = sim_join_rtx(&sim, 1, 1, 3, 0, 0),
                      *v = sim_join_twcc(&sim, 1, 0, 0, 1, 3);
    sim_connect(a);
    sim_connect(v);
    v->nacks = true;
    be(a, 0, PL_CLASS_FLOOR);
    be(a, 1, PL_CLASS_SCREEN);
    be(a, 2, PL_CLASS_FLOOR);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        v->rate_bps = rows[i].kbps * 1000;
        size_t sound = 0;
        unsigned flowed[4] = {
            0}; /* seconds of the last half; what is tried in vain is there less */
        for (unsigned second = 0; second < SECONDS; second++) {
            forget_what_came(v);
            for (int k = 0; k < 30; k++) {
                sim_send_audio(a, 0, 30);
                sim_send_frame(a, 1, 8, FRAME);
                sim_send_frame(a, 2, 4, FRAME);
                sim_send_frame(a, 3, 2, FRAME);
                sim_run(&sim, 33 * PL_MS);
            }
            if (second >= 3)
                sound += got(v, a->sources[0].mark, NULL);
            for (unsigned k = 0; k < 4; k++)
                flowed[k] += second >= SECONDS / 2 && got(v, a->sources[k].mark, NULL);
        }
        assert_in_range(sound, (SECONDS - 3) * 30 - 3, (SECONDS - 3) * 30 + 3);
        char flows[] = "----";
        for (unsigned k = 0; k < 4; k++)
            if (flowed[k] > SECONDS / 4)
                flows[k] = "sxft"[k];
        assert_string_equal(flows, rows[i].flows);
    }
}

/* Three times as much as before, on a line that carries less: half a second later it is left. */
static void a_layer_that_grows_suddenly_is_left(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    sim_connect(a);
    sim_connect(v);
    v->rate_bps = 1200 * 1000;
    sim_show(v, a, 360);
    for (int i = 0; i < 600; i++) {
        sim_send_layer(a, 0, 0, 1, FRAME);
        sim_send_layer(a, 0, 1, i < 450 ? 4 : 12, FRAME);
        sim_run(&sim, 33 * PL_MS);
        if (i == 449)
            assert_int_equal(sim_layer_of(v, a), 1);
        if (i >= 450 + 15) /* a frame may still be on its way */
            assert_int_not_equal(sim_layer_of(v, a), 1);
        if (i < 570)
            forget_what_came(v);
    }
    assert_int_equal(sim_layer_of(v, a), 0);
}

/* --- What nobody wants --- */

/* As a browser's client does: the layers up to the first that fills what is wanted, each with a key
 * frame when it begins. */
static unsigned sending;
static void obey(struct sim_client *c, unsigned frames)
{
    while (frames--) {
        const struct pl_engine_event *e = sim_last(&sim, PL_SOURCE_WANTED);
        unsigned h = e ? e->height : 0, now = h == 0 ? 0 : h <= 225 ? 1 : h <= 450 ? 2 : 3;
        for (unsigned k = sending; k < now; k++)
            (k ? &c->upper[k] : &c->sources[0])->key_next = true;
        sending = now;
        for (unsigned k = 0; k < sending; k++)
            sim_send_layer(c, 0, k, 2, FRAME);
        sim_run(&sim, 33 * PL_MS);
    }
}

static void a_layer_that_nobody_wants_is_paused_and_comes_back(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1);
    sending = 0;
    sim_connect(a);
    obey(a, 60);
    assert_null(sim_last(&sim, PL_SOURCE_WANTED)); /* alone: nothing is sent */
    struct sim_client *v = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    sim_show(v, a, 180);
    sim_connect(v);
    obey(a, 300);
    assert_int_equal(sending, 1);
    assert_in_range(v->n_kept, 2 * 290, 2 * 300);
    /* Enlarged: the next frames but a few are of the large layer, and no frame is missing. */
    sim_show(v, a, 720);
    obey(a, 10);
    assert_int_equal(sending, 3);
    assert_int_equal(sim_layer_of(v, a), 2);
    uint16_t last = (uint16_t)(v->kept[0].rtp.seq - 1);
    for (size_t i = 0; i < v->n_kept; i++) {
        assert_int_equal(v->kept[i].rtp.seq, (uint16_t)(last + 1));
        assert_true(i == 0 || v->kept[i].at - v->kept[i - 1].at < 50 * PL_MS);
        last = v->kept[i].rtp.seq;
    }
    /* Made small again, and large once more before anybody was told: nothing stops. */
    sim_show(v, a, 180);
    obey(a, 90);
    sim_show(v, a, 720);
    obey(a, 90);
    assert_int_equal(sending, 3);
    sim_show(v, a, 180);
    obey(a, 150);
    assert_int_equal(sending, 1);
    assert_int_equal(sim_layer_of(v, a), 0);
    unsigned asked = a->upper[2].plis;
    sim_show(v, a, 0);
    obey(a, 150);
    assert_int_equal(sending, 0);
    assert_int_equal(sim_last(&sim, PL_SOURCE_WANTED)->height, 0);
    forget_what_came(v);
    obey(a, 60);
    assert_int_equal(v->n_kept, 0);
    sim_show(v, a, 720);
    obey(a, 10);
    assert_int_equal(sim_layer_of(v, a), 2);
    assert_in_range(v->n_kept, 2 * 6, 2 * 10);
    assert_in_range(a->upper[2].plis, asked, asked + 2);
}

static void what_is_paused_is_not_mistaken_for_a_failure(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    sending = 0;
    sim_show(v, a, 180);
    sim_connect(a);
    sim_connect(v);
    obey(a, 100);
    for (int round = 0; round < 5; round++) {
        sim_show(v, a, 720);
        obey(a, 150); /* the estimate has to find the room first */
        assert_int_equal(sim_layer_of(v, a), 2);
        sim_show(v, a, 180);
        obey(a, 200);
        assert_int_equal(sim_layer_of(v, a), 0);
        assert_int_equal(sending, 1);
        forget_what_came(v);
    }
}

static void sound_is_wanted_where_somebody_listens(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 1, 0, 2, 0);
    sim_connect(a);
    sim_run(&sim, PL_SECOND);
    assert_null(sim_last(&sim, PL_SOURCE_WANTED));
    struct sim_client *b = sim_join(&sim, 1, 0, 0, 2, 0);
    sim_run(&sim, PL_SECOND);
    assert_int_equal(sim_last(&sim, PL_SOURCE_WANTED)->source, a->source_ids[0]);
    assert_int_equal(sim_last(&sim, PL_SOURCE_WANTED)->height, 1);
    sim_leave(b);
    sim_run(&sim, 3 * PL_SECOND);
    assert_int_equal(sim_last(&sim, PL_SOURCE_WANTED)->height, 1);
    sim_run(&sim, 2 * PL_SECOND);
    assert_int_equal(sim_last(&sim, PL_SOURCE_WANTED)->height, 0);
}

/* --- What a publisher may send --- */

/* It uses half of what it may, in packets of 520 bytes. */
static void film_as_told(struct sim_client *c, unsigned seconds)
{
    for (unsigned i = 0; i < seconds * 30; i++) {
        sim_send_frame(c, 0, (unsigned)(c->remb_bps / 2 / 30 / 8 / 520) + 1, FRAME);
        sim_run(&sim, 33 * PL_MS);
    }
}

static void loss_lowers_what_a_publisher_may_send(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 0, 1, 0, 0), *b = sim_join(&sim, 1, 0, 1, 0, 0);
    sim_connect(a);
    sim_connect(b);
    film_as_told(a, 3);
    uint64_t told = a->remb_bps;
    assert_in_range(told, 4000000, 5000000);
    sim.up.loss_per_mille = 50; /* neither much nor little */
    film_as_told(a, 1);
    told = a->remb_bps;
    film_as_told(a, 5);
    assert_int_equal(a->remb_bps, told);
    sim.up.loss_per_mille = 300;
    film_as_told(a, 3);
    assert_true(a->remb_bps < told / 2);
    told = a->remb_bps;
    sim.up.loss_per_mille = 0;
    film_as_told(a, 2);
    film_as_told(a, 20);
    assert_true(a->remb_bps > told * 3 / 2);
    film_as_told(b, 2);
    assert_in_range(b->remb_bps, 4000000, 5000000);
}

/* --- Bad input --- */

static void a_million_pixels_and_a_thousand_pictures(void **state)
{
    (void)state;
    struct sim_client *a = sim_simulcast(&sim, 1), *v = sim_join_rtx(&sim, 1, 0, 0, 0, 1);
    static struct pl_wanted wanted[1000];
    sending = 0;
    sim_connect(a);
    sim_connect(v);
    for (size_t i = 0; i < 1000; i++)
        wanted[i] = (struct pl_wanted){i < PL_WANTED_MAX - 1 ? 5000 + i : a->source_ids[0],
                                       UINT16_MAX, UINT16_MAX};
    pl_engine_peer_want_video(sim.engine, v->id, wanted, 1000, sim.now);
    obey(a, 30);
    assert_int_equal(sim_last(&sim, PL_SOURCE_WANTED)->height, UINT16_MAX);
    assert_int_equal(sim_layer_of(v, a), 2); /* the best there is, as the last that is looked at */
    pl_engine_peer_want_video(sim.engine, v->id, wanted, PL_WANTED_MAX - 1, sim.now);
    obey(a, 200);
    assert_int_equal(sending, 0);
}

/* A client that knows its keys makes up SSRCs: they are counted, and cost the others nothing. */
static void a_flood_of_ssrcs_is_bounded(void **state)
{
    (void)state;
    struct sim_client *a = sim_join(&sim, 1, 0, 1, 0, 0), *b = sim_join(&sim, 1, 0, 1, 0, 0),
                      *v = sim_join(&sim, 1, 0, 0, 0, 2);
    const struct pl_engine_stats *stats = pl_engine_stats(sim.engine);
    struct pl_srtp_keys keys = {.profile = PL_SRTP_AEAD_AES_128_GCM};
    struct pl_srtp *out = NULL;
    sim_connect(a);
    sim_connect(b);
    sim_connect(v);
    memset(keys.key, (int)a->id, sizeof keys.key);
    const unsigned flood = 5000;
    for (unsigned i = 0; i < flood; i++) {
        uint8_t header[12] = {0x80, 96}, payload[20] = {0}, bytes[80];
        size_t n;
        if (i % 100 == 0) { /* its own context is bounded too */
            pl_srtp_free(out);
            assert_int_equal(pl_srtp_new(&keys, &out), PL_OK);
        }
        pl_put_u32(header + 8, 0x10000 + i);
        assert_int_equal(
            pl_srtp_protect(out, header, 12, payload, sizeof payload, NULL, 0, bytes, &n), PL_OK);
        sim_send_raw(a, bytes, n);
        if (i % 100 == 0) {
            sim_send_frame(b, 0, 1, FRAME);
            sim_run(&sim, 33 * PL_MS);
        }
    }
    sim_run(&sim, 100 * PL_MS);
    pl_srtp_free(out);
    assert_int_equal(stats->dropped_unknown_ssrc + stats->dropped_limit, flood);
    assert_in_range(stats->dropped_unknown_ssrc, 1, 512);
    assert_int_equal(got(v, b->sources[0].mark, NULL), flood / 100);
}

/* Who is deaf gets nothing, and nothing is wanted for them; when they are no longer, their pictures
 * begin with a key frame that is asked for. */
static void the_deaf_are_sent_nothing(void **state)
{
    (void)state;
    struct sim_client *people[2], *v = sim_join(&sim, 1, 0, 0, 4, 4);
    sim_connect(v);
    for (int i = 0; i < 2; i++) {
        people[i] = sim_join(&sim, 1, 1, 1, 0, 0);
        sim_connect(people[i]);
    }
    go_on(people, 2, 30);
    assert_true(v->n_kept > 0);
    pl_engine_peer_deafen(sim.engine, v->id, true, sim.now);
    go_on(people, 2, 3); /* what was on its way */
    forget_what_came(v);
    assert_int_equal(sim_last(&sim, PL_SLOT_CHANGED)->source, 0);
    go_on(people, 2, 200);
    assert_int_equal(v->n_kept, 0);
    assert_int_equal(sim_last(&sim, PL_SOURCE_WANTED)->height, 0);
    unsigned asked = people[0]->sources[1].plis;
    pl_engine_peer_deafen(sim.engine, v->id, false, sim.now);
    go_on(people, 2, 15);
    assert_true(people[0]->sources[1].plis > asked);
    forget_what_came(v);
    go_on(people, 2, 15);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(got(v, people[i]->sources[0].mark, NULL), 15);
        assert_int_equal(got(v, people[i]->sources[1].mark, NULL), 30);
    }
    pl_engine_peer_deafen(sim.engine, 4711, true, sim.now); /* nobody */
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(twelve_voices_and_seven_slots),
        T(the_floor_is_on_the_stage_in_sound_and_picture),
        T(a_move_to_the_stage_shows_no_gap),
        T(a_screen_and_its_sound_share_the_second_pair),
        T(a_narrow_line_keeps_sound_then_screen_then_floor),
        T(a_layer_that_grows_suddenly_is_left),
        T(a_layer_that_nobody_wants_is_paused_and_comes_back),
        T(what_is_paused_is_not_mistaken_for_a_failure),
        T(sound_is_wanted_where_somebody_listens),
        T(loss_lowers_what_a_publisher_may_send),
        T(a_million_pixels_and_a_thousand_pictures),
        T(a_flood_of_ssrcs_is_bounded),
        T(the_deaf_are_sent_nothing),
    };
    return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
