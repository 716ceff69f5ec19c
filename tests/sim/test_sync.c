/* Lip sync (docs/slots.md, rules 4, 6 and 13): sound and picture of one person, mapped to one clock
 * by the sender reports of their slots, as a browser does it, are where the person's own clock had
 * them. Cameras take longer than microphones; clocks stand anywhere and drift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define SIM_SEED 20261126
#include "fixture.h"

#define STEP (20 * PL_MS)
#define IN_STEP (100 * PL_MS) /* what nobody sees */
#define SOUND 0               /* the person's sections */
#define PICTURE 1
#define SLOTS 3   /* of each medium, of who watches; the first ones are the stage */
#define WINDOW 12 /* steps */

struct person {
    struct sim_client *client;
    pl_time_us epoch;  /* what its clock shows when ours shows 1000 s */
    int ppm;           /* by how much it runs fast */
    int sound_ppm;     /* and its sound card, against that */
    pl_time_us lag[2]; /* from microphone and lens to the wire */
    uint32_t first[2]; /* RTP time at 1000 s */
};

static struct person arrive(pl_time_us epoch, int ppm, int sound_ppm, pl_time_us picture_lag)
{
    struct person p = {.client = sim_join(&sim, 1, 1, 1, 0, 0),
                       .epoch = epoch,
                       .ppm = ppm,
                       .sound_ppm = sound_ppm,
                       .lag = {20 * PL_MS, picture_lag},
                       .first = {sim_random(&sim), sim_random(&sim)}};
    sim_connect(p.client);
    return p;
}

static pl_time_us elapsed(const struct person *p, pl_time_us at)
{
    pl_time_us us = at - 1000 * PL_SECOND;
    return us + us * p->ppm / 1000000;
}

static uint32_t rtp_time(const struct person *p, unsigned medium, pl_time_us at)
{
    int64_t us = elapsed(p, at);
    if (medium == SOUND)
        us += us * p->sound_ppm / 1000000;
    return p->first[medium] + (uint32_t)(us / 1000 * (medium == SOUND ? 48 : 90));
}

static void report(const struct person *p)
{
    pl_time_us clock = p->epoch + elapsed(p, sim.now);
    for (unsigned medium = 0; medium < 2; medium++) {
        uint8_t bytes[100];
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        const struct pl_rtcp_sender sr = {
            .ssrc = p->client->sections[medium].ssrc,
            .ntp = (uint64_t)(clock / PL_SECOND) << 32 |
                   (uint64_t)(((uint64_t)(clock % PL_SECOND) << 32) / PL_SECOND),
            .timestamp = rtp_time(p, medium, sim.now),
        };
        pl_rtcp_write_sr(&w, &sr, NULL, 0);
        sim_send_rtcp(p->client, bytes, pl_writer_size(&w));
    }
}

/* Each 20 ms sound, each 40 ms a frame, each second a report. */
static void perform(const struct person *p, unsigned step)
{
    struct sim_source *s = p->client->sources;
    s[SOUND].timestamp = rtp_time(p, SOUND, sim.now - p->lag[SOUND]) - 960;
    sim_send_audio(p->client, SOUND, 30);
    if (step % 2 == 0) {
        s[PICTURE].timestamp = rtp_time(p, PICTURE, sim.now - p->lag[PICTURE]) - 3600;
        sim_send_frame(p->client, PICTURE, 2, 3600);
    }
    if (step % 50 == 25)
        report(p);
}

/* By how much what came in a slot is later on the watcher's clock than it was taken: at most, since
 * what was late on the way looks as if it had been taken late. */
static bool offset(const struct sim_client *v, unsigned medium, const struct person *p,
                   pl_time_us *out)
{
    const unsigned slot = medium == SOUND ? 0 : SLOTS;
    const struct pl_rtcp_sender *sr = &v->srs[slot];
    bool any = false;
    for (size_t i = 0; i < v->n_kept; i++) {
        const struct sim_rtp *k = &v->kept[i];
        if (k->rtp.ssrc != v->sections[slot].ssrc || !sr->ssrc ||
            k->rtp.payload[k->rtp.payload_len - 1] != p->client->sources[medium].mark)
            continue;
        int32_t ticks = (int32_t)(k->rtp.timestamp - sr->timestamp);
        pl_time_us off = pl_ntp_to_us(sr->ntp) +
                         ticks * PL_SECOND / (medium == SOUND ? 48000 : 90000) -
                         (k->at - sim.up.delay - sim.down.delay - p->lag[medium]);
        *out = any && *out > off ? *out : off;
        any = true;
    }
    return any;
}

struct watched {
    pl_time_us worst; /* sound against picture, either way */
    unsigned times;
};

/* All perform; what the watcher gets of `on` is measured, four times a second. */
static struct watched watch(struct sim_client *v, const struct person *people, size_t n,
                            const struct person *on, unsigned steps)
{
    struct watched w = {0};
    v->n_kept = 0;
    for (unsigned step = 0; step < steps; step++) {
        pl_time_us sound, picture;
        for (size_t i = 0; i < n; i++)
            perform(&people[i], step);
        sim_run(&sim, STEP);
        if (step % WINDOW != WINDOW - 1)
            continue;
        if (offset(v, SOUND, on, &sound) && offset(v, PICTURE, on, &picture)) {
            pl_time_us apart = sound > picture ? sound - picture : picture - sound;
            w.worst = apart > w.worst ? apart : w.worst;
            w.times++;
        }
        v->n_kept = 0;
    }
    return w;
}

static void give_floor(const struct person *people, size_t n, const struct person *to)
{
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; k < 2; k++)
            for (unsigned e = 0; e < SIM_ENGINES; e++)
                pl_engine_source_class(sim.engines[e], people[i].client->source_ids[k],
                                       &people[i] == to ? PL_CLASS_FLOOR : PL_CLASS_PLAIN, 0,
                                       sim.now);
}

static void assert_in_step(const struct watched *w, unsigned least)
{
    printf("# apart by %lld us at most, of %u\n", (long long)w->worst, w->times);
    assert_true(w->times >= least);
    assert_in_range(w->worst, 0, IN_STEP);
}

#define SECONDS(n) ((unsigned)((n)*PL_SECOND / STEP))

/* Two people with clocks of their own, one slot for sound and one for pictures, and the floor goes
 * from one to the other. */
static void hold_a_floor(struct sim_client *v)
{
    const struct person people[] = {
        arrive(7 * 86400 * PL_SECOND, 200, 100, 90 * PL_MS),
        arrive(3 * PL_SECOND, -300, -100, 400 * PL_MS),
    };
    for (unsigned turn = 0; turn < 6; turn++) {
        const struct person *holder = &people[turn % 2];
        give_floor(people, 2, holder);
        struct watched change = watch(v, people, 2, holder, SECONDS(2));
        struct watched settled = watch(v, people, 2, holder, SECONDS(18));
        assert_in_step(&change, 4);
        assert_in_step(&settled, 60);
    }
}

static void the_floor_moves_and_stays_in_step(void **state)
{
    (void)state;
    struct sim_client *v = sim_join(&sim, 1, 0, 0, SLOTS, SLOTS);
    sim_connect(v);
    hold_a_floor(v);
}

/* The same for who watches from another engine. */
static void on_two_engines_too(void **state)
{
    (void)state;
    sim.joins = 1;
    struct sim_client *v = sim_join(&sim, 1, 0, 0, SLOTS, SLOTS);
    sim.joins = 0;
    sim_connect(v);
    hold_a_floor(v);
}

/* Loss and jitter on both ways: reports are lost, too. */
static void a_bad_line_stays_in_step(void **state)
{
    (void)state;
    struct sim_client *v = sim_join(&sim, 1, 0, 0, SLOTS, SLOTS);
    sim_connect(v);
    const struct person people[] = {arrive(86400 * PL_SECOND, 100, -50, 120 * PL_MS)};
    sim.up.loss_per_mille = sim.down.loss_per_mille = 100;
    sim.up.delay = 80 * PL_MS;
    sim.up.jitter = sim.down.jitter = 10 * PL_MS;
    give_floor(people, 1, &people[0]);
    watch(v, people, 1, &people[0], SECONDS(10));
    struct watched w = watch(v, people, 1, &people[0], SECONDS(60));
    assert_in_step(&w, 150);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        T(the_floor_moves_and_stays_in_step),
        T(on_two_engines_too),
        T(a_bad_line_stays_in_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
