/* The estimate and the pacer against a simulated link, in virtual time and seeded: rate, queue,
 * delay, jitter, random loss in both directions, changes of rate, a TCP flow beside. Prints the
 * table; asserts the aims. Then what a lying or silent receiver gains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/rtcp.h"
#include "sfu/estimate.h"

#define STEP PL_MS
#define FEEDBACK_US (50 * PL_MS)
#define PACKET 1200
#define RING 8192  /* packets in flight */
#define DELAYS 256 /* histogram of queueing delay, 2 ms each */

struct packet {
    pl_time_us sent, due;
    uint16_t bytes, seq;
    bool tcp, lost;
};

struct fifo {
    struct packet p[RING];
    unsigned head, n;
};

struct feedback {
    pl_time_us due;
    size_t n;
    uint8_t bytes[PL_TWCC_PACKET_MAX];
};

/* What to simulate. */
struct link {
    int64_t bps, low_bps; /* low_bps, if given, between low_from and low_until */
    pl_time_us low_from, low_until;
    unsigned loss_percent;
    pl_time_us loss_from;
    pl_time_us rtt, jitter, buffer; /* buffer: of the queue, at bps */
    pl_time_us tcp_from, tcp_until;
    int64_t source_bps; /* the application sends no more; 0: all it may */
};

struct sim {
    struct link link;
    pl_time_us now;
    uint32_t random;
    struct fifo queue, wire;
    int64_t queue_bytes, credit;
    struct feedback back[64];
    unsigned back_head, back_n;
    pl_time_us feedback_at, last_due;
    struct pl_twcc_arrivals arrivals;
    struct pl_estimate estimate;
    struct pl_pacer pacer;
    uint16_t seq;
    pl_time_us frame_at, sound_at;
    double cwnd, ssthresh; /* TCP */
    unsigned tcp_flight;
    pl_time_us tcp_cut_at;
    /* Measured. */
    int64_t served, served_tcp;
    unsigned delays[DELAYS], n_delays;
};

static struct sim sim;

static uint32_t rnd(struct sim *s, uint32_t below)
{
    s->random = s->random * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(s->random >> 8) * below >> 24);
}

static struct packet *push(struct fifo *f, const struct packet *p)
{
    assert_true(f->n < RING);
    struct packet *to = &f->p[(f->head + f->n++) % RING];
    *to = *p;
    return to;
}

static struct packet *front(struct fifo *f)
{
    return f->n ? &f->p[f->head] : NULL;
}

static void drop_front(struct fifo *f)
{
    f->head = (f->head + 1) % RING;
    f->n--;
}

static int64_t link_bps(const struct sim *s)
{
    bool low = s->link.low_bps && s->now >= s->link.low_from && s->now < s->link.low_until;
    return low ? s->link.low_bps : s->link.bps;
}

static void tcp_lost(struct sim *s)
{
    s->tcp_flight--;
    if (s->now - s->tcp_cut_at < s->link.rtt + 100 * PL_MS)
        return;
    s->tcp_cut_at = s->now;
    s->cwnd = s->cwnd / 2 < 2 ? 2 : s->cwnd / 2;
    s->ssthresh = s->cwnd;
}

/* Into the bottleneck; the tail is dropped. */
static bool enter(struct sim *s, const struct packet *p)
{
    int64_t most = s->link.bps * s->link.buffer / PL_SECOND / 8;
    if (s->queue_bytes + p->bytes > most + PACKET) {
        if (p->tcp)
            tcp_lost(s);
        return false;
    }
    s->queue_bytes += p->bytes;
    push(&s->queue, p);
    return true;
}

static void send_bytes(struct sim *s, size_t bytes, uint16_t cluster)
{
    struct packet p = {.sent = s->now, .bytes = (uint16_t)bytes, .seq = s->seq};
    pl_estimate_sent(&s->estimate, s->now, s->seq++, bytes, cluster);
    pl_pacer_sent(&s->pacer, s->now, bytes);
    enter(s, &p);
}

static void serve(struct sim *s)
{
    struct packet *p;
    s->credit += link_bps(s) * STEP / 8;
    while ((p = front(&s->queue)) && s->credit >= p->bytes * PL_SECOND) {
        s->credit -= p->bytes * PL_SECOND;
        s->queue_bytes -= p->bytes;
        s->served += p->bytes;
        s->served_tcp += p->tcp ? p->bytes : 0;
        unsigned bin = (unsigned)((s->now - p->sent) / (2 * PL_MS));
        if (!p->tcp) {
            s->delays[bin < DELAYS ? bin : DELAYS - 1]++;
            s->n_delays++;
        }
        p->lost = s->now >= s->link.loss_from && rnd(s, 100) < s->link.loss_percent;
        pl_time_us jitter = s->link.jitter ? rnd(s, (uint32_t)s->link.jitter) : 0;
        p->due = s->now + s->link.rtt / 2 + jitter;
        p->due = s->last_due = p->due > s->last_due ? p->due : s->last_due; /* in order */
        push(&s->wire, p);
        drop_front(&s->queue);
    }
    if (!s->queue.n && s->credit > 0)
        s->credit = 0;
}

static void receive(struct sim *s)
{
    struct packet *p;
    while ((p = front(&s->wire)) && p->due <= s->now) {
        if (p->tcp && p->lost)
            tcp_lost(s);
        else if (p->tcp) { /* the acknowledgement's way back is left out */
            s->tcp_flight--;
            s->cwnd += s->cwnd < s->ssthresh ? 1 : 1 / s->cwnd;
        } else if (!p->lost)
            pl_twcc_arrived(&s->arrivals, p->seq, p->due + 77 * PL_SECOND);
        drop_front(&s->wire);
    }
    if (s->now < s->feedback_at)
        return;
    s->feedback_at = s->now + FEEDBACK_US;
    while (pl_twcc_due(&s->arrivals)) {
        struct feedback *f = &s->back[(s->back_head + s->back_n) % 64];
        struct pl_writer w = pl_writer(f->bytes, sizeof f->bytes);
        assert_int_equal(pl_twcc_write(&w, &s->arrivals, 1, 2), PL_OK);
        f->n = pl_writer_size(&w);
        f->due = s->now + s->link.rtt / 2;
        if (s->now >= s->link.loss_from && rnd(s, 100) < s->link.loss_percent)
            continue;
        assert_true(++s->back_n <= 64);
    }
}

static void feed_back(struct sim *s)
{
    while (s->back_n && s->back[s->back_head].due <= s->now) {
        struct feedback *f = &s->back[s->back_head];
        struct pl_twcc_reader r;
        assert_int_equal(pl_twcc_reader_init(&r, f->bytes + 12, f->n - 12), PL_OK);
        pl_estimate_feedback(&s->estimate, s->now, &r);
        s->back_head = (s->back_head + 1) % 64;
        s->back_n--;
    }
    if (pl_estimate_deadline(&s->estimate) <= s->now)
        pl_estimate_expire(&s->estimate, s->now);
}

static int64_t target(const struct sim *s)
{
    return (int64_t)pl_estimate_target_bps(&s->estimate, s->now);
}

/* A camera of thirty frames a second that fills the target, and sound. */
static void produce(struct sim *s)
{
    if (s->now >= s->sound_at) {
        s->sound_at = s->now + 20 * PL_MS;
        send_bytes(s, 100, pl_pacer_cluster(&s->pacer));
    }
    if (s->now < s->frame_at)
        return;
    s->frame_at += PL_SECOND / 30;
    int64_t bps = s->link.source_bps ? s->link.source_bps : target(s) - 40000;
    int64_t bytes = bps / 8 / 30 * (70 + rnd(s, 61)) / 100;
    if (pl_pacer_delay(&s->pacer) > PL_PACER_SLOW_US)
        return; /* as an encoder would, and an engine must */
    while (bytes > 0) {
        int64_t n = bytes < PACKET ? bytes : PACKET;
        struct pl_pacer_item item = {.bytes = (uint16_t)(n < 60 ? 60 : n)};
        if (pl_pacer_push(&s->pacer, &item, false))
            break;
        bytes -= n;
    }
}

static void transmit(struct sim *s)
{
    struct pl_probe probe;
    struct pl_pacer_item item;
    size_t n;
    pl_pacer_target(&s->pacer, pl_estimate_target_bps(&s->estimate, s->now), s->now);
    pl_pacer_room(&s->pacer, pl_estimate_roomy(&s->estimate));
    if (pl_estimate_probe(&s->estimate, s->now, &probe))
        pl_pacer_probe(&s->pacer, &probe, s->now);
    while (pl_pacer_pop(&s->pacer, s->now, &item))
        send_bytes(s, item.bytes, pl_pacer_cluster(&s->pacer));
    while ((n = pl_pacer_padding(&s->pacer, s->now)) > 0)
        send_bytes(s, n < 250 ? n : 250, pl_pacer_cluster(&s->pacer)); /* one byte of length */
    bool tcp = s->link.tcp_until && s->now >= s->link.tcp_from && s->now < s->link.tcp_until;
    bool room = tcp;
    while (room && s->tcp_flight < (unsigned)s->cwnd && s->tcp_flight < RING / 4) {
        s->tcp_flight++;
        room = enter(s, &(struct packet){.sent = s->now, .bytes = PACKET, .tcp = true});
    }
}

static void start(const struct link *link, uint32_t seed)
{
    pl_pacer_free(&sim.pacer);
    pl_estimate_free(&sim.estimate);
    memset(&sim, 0, sizeof sim);
    sim.link = *link;
    if (!sim.link.buffer)
        sim.link.buffer = 300 * PL_MS;
    sim.random = seed;
    sim.now = 5 * PL_SECOND;
    sim.frame_at = sim.now;
    sim.seq = 65000;
    sim.cwnd = 4;
    sim.ssthresh = 1e9;
    pl_twcc_arrivals_init(&sim.arrivals);
    assert_int_equal(pl_estimate_init(&sim.estimate, true, sim.now), PL_OK);
    assert_int_equal(pl_pacer_init(&sim.pacer, sim.now), PL_OK);
}

static void step(struct sim *s)
{
    feed_back(s);
    produce(s);
    transmit(s);
    serve(s);
    receive(s);
    s->now += STEP;
}

static void measure_anew(struct sim *s)
{
    s->served = s->served_tcp = 0;
    s->n_delays = 0;
    memset(s->delays, 0, sizeof s->delays);
}

static void run_for(struct sim *s, pl_time_us time)
{
    const char *trace = getenv("PL_TRACE");
    for (pl_time_us until = s->now + time; s->now < until;) {
        step(s);
        if (trace && s->now % (100 * PL_MS) == 0) {
            struct pl_estimate_view v = pl_estimate_view(&s->estimate, s->now);
            print_message("%6.1f target %7.0f acked %7.0f queue %4.0f/%4.0f rtt %4.0f jitter %2.0f "
                          "loss %d mode %d cap %.0f cwnd %.0f\n",
                          (double)s->now / 1e6 - 5, (double)v.target_bps / 1e3,
                          (double)v.acked_bps / 1e3, (double)v.queue_us / 1e3,
                          (double)s->queue_bytes * 8e3 / (double)link_bps(s),
                          (double)v.rtt_us / 1e3, (double)v.jitter_us / 1e3, v.loss, v.mode,
                          (double)s->estimate.capacity_bps / 1e3, s->cwnd);
        }
    }
}

static double used(const struct sim *s, pl_time_us time)
{
    return 100 * (double)s->served * 8 / ((double)link_bps(s) * (double)time / 1e6);
}

static unsigned p95_ms(const struct sim *s)
{
    unsigned n = 0, i = 0;
    while (i < DELAYS && (n += s->delays[i]) < s->n_delays * 0.95)
        i++;
    return i * 2;
}

static void fills_the_link(void **state)
{
    (void)state;
    static const int64_t rates[] = {10000000, 2000000, 1000000, 500000};
    static const unsigned losses[] = {0, 2, 10, 20};
    static const pl_time_us rtts[] = {20 * PL_MS, 100 * PL_MS, 300 * PL_MS};
    print_message("link Mbit/s, loss %%: per round trip of 20, 100, 300 ms: %% used after 10 s / "
                  "p95 of the queue, ms, from the start\n");
    unsigned missed = 0;
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++) {
            print_message("%5.1f %3u%%:", (double)rates[i] / 1e6, losses[k]);
            for (size_t m = 0; m < 3; m++) {
                struct link link = {.bps = rates[i],
                                    .loss_percent = losses[k],
                                    .rtt = rtts[m],
                                    .jitter = 4 * PL_MS};
                start(&link, (uint32_t)(1 + i + 4 * k + 16 * m));
                run_for(&sim, 10 * PL_SECOND);
                sim.served = 0;
                run_for(&sim, 30 * PL_SECOND);
                double use = used(&sim, 30 * PL_SECOND);
                unsigned p95 = p95_ms(&sim);
                bool miss = use < 90 || p95 >= 100;
                print_message("  %5.1f /%4u%s", use, p95, miss ? " !" : "  ");
                missed += miss;
            }
            print_message("\n");
        }
    assert_int_equal(missed, 0);
}

/* From 3 Mbit/s to 0.7 and back: seconds until the estimate is below the link, and until it is back
 * at 90 %. */
static void follows_the_link(void **state)
{
    (void)state;
    static const struct {
        unsigned loss;
        pl_time_us rtt;
    } rows[] = {
        {0, 20 * PL_MS}, {0, 100 * PL_MS}, {0, 300 * PL_MS}, {10, 100 * PL_MS}, {10, 300 * PL_MS}};
    print_message("3 -> 0.7 -> 3 Mbit/s: loss, round trip: s to below, s to 90 %%, used low and "
                  "high, p95 of the queue from 4 s low on\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct link link = {.bps = 3000000,
                            .low_bps = 700000,
                            .low_from = 25 * PL_SECOND,
                            .low_until = 55 * PL_SECOND,
                            .loss_percent = rows[i].loss,
                            .rtt = rows[i].rtt,
                            .jitter = 4 * PL_MS};
        start(&link, (uint32_t)(50 + i));
        run_for(&sim, 20 * PL_SECOND);
        pl_time_us below = 0, back = 0;
        while (target(&sim) >= 700000)
            run_for(&sim, 10 * PL_MS);
        below = sim.now - link.low_from;
        run_for(&sim,
                link.low_from + 4 * PL_SECOND - sim.now); /* a full buffer takes 1.3 s alone */
        measure_anew(&sim);
        run_for(&sim, link.low_until - sim.now);
        double low = 100 * (double)sim.served * 8 / (700000.0 * 26);
        unsigned p95 = p95_ms(&sim);
        while (target(&sim) < 2700000 && sim.now < link.low_until + 30 * PL_SECOND)
            run_for(&sim, 10 * PL_MS);
        back = sim.now - link.low_until;
        measure_anew(&sim);
        run_for(&sim, 20 * PL_SECOND);
        print_message("%3u%% %3d ms: %5.2f %6.2f  %5.1f %5.1f  %3u\n", rows[i].loss,
                      (int)(rows[i].rtt / PL_MS), (double)below / 1e6, (double)back / 1e6, low,
                      used(&sim, 20 * PL_SECOND), p95);
        assert_true(below < 2 * PL_SECOND);
        assert_true(back < 10 * PL_SECOND);
        assert_true(low >= 90);
        assert_true(used(&sim, 20 * PL_SECOND) >= 90);
        assert_true(p95 < 100);
    }
}

/* A TCP flow (Reno) comes after 15 s and goes after 60. */
static void lives_with_tcp(void **state)
{
    (void)state;
    static const struct {
        int64_t bps;
        pl_time_us rtt, buffer;
    } rows[] = {{3000000, 40 * PL_MS, 100 * PL_MS},
                {3000000, 40 * PL_MS, 300 * PL_MS},
                {10000000, 20 * PL_MS, 50 * PL_MS},
                {2000000, 100 * PL_MS, 200 * PL_MS}};
    print_message(
        "a TCP flow beside: Mbit/s, round trip, buffer: our share %%, all %%, after it: %% "
        "used, p95 of the queue\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct link link = {.bps = rows[i].bps,
                            .rtt = rows[i].rtt,
                            .jitter = 4 * PL_MS,
                            .buffer = rows[i].buffer,
                            .tcp_from = 20 * PL_SECOND,
                            .tcp_until = 65 * PL_SECOND};
        start(&link, (uint32_t)(70 + i));
        run_for(&sim, 20 * PL_SECOND);
        measure_anew(&sim);
        run_for(&sim, 40 * PL_SECOND);
        double all = used(&sim, 40 * PL_SECOND),
               ours = all * (double)(sim.served - sim.served_tcp) / (double)sim.served;
        run_for(&sim, 15 * PL_SECOND);
        measure_anew(&sim);
        run_for(&sim, 20 * PL_SECOND);
        double after = used(&sim, 20 * PL_SECOND);
        print_message("%4.0f %3d %3d ms: %5.1f %5.1f  %5.1f %3u\n", (double)rows[i].bps / 1e6,
                      (int)(rows[i].rtt / PL_MS), (int)(rows[i].buffer / PL_MS), ours, all, after,
                      p95_ms(&sim));
        assert_true(ours > 20);
        assert_true(all > 90);
        assert_true(after > 90);
        assert_true(p95_ms(&sim) < 100);
    }
}

static void loss_that_begins_is_borne(void **state)
{
    (void)state;
    static const unsigned losses[] = {5, 10, 20};
    print_message(
        "loss from the 20th second on, 2 Mbit/s: %%: %% used in the next 10 s, after them\n");
    for (size_t i = 0; i < 3; i++) {
        struct link link = {.bps = 2000000,
                            .rtt = 100 * PL_MS,
                            .jitter = 4 * PL_MS,
                            .loss_percent = losses[i],
                            .loss_from = 25 * PL_SECOND};
        start(&link, (uint32_t)(90 + i));
        run_for(&sim, 20 * PL_SECOND);
        measure_anew(&sim);
        run_for(&sim, 10 * PL_SECOND);
        double first = used(&sim, 10 * PL_SECOND);
        measure_anew(&sim);
        run_for(&sim, 20 * PL_SECOND);
        double then = used(&sim, 20 * PL_SECOND);
        print_message("%3u%%: %5.1f %5.1f\n", losses[i], first, then);
        assert_true(first > 60);
        assert_true(then > 90);
    }
}

/* A policer: hardly a queue, so that only loss tells. */
static void loss_of_congestion_is_heard(void **state)
{
    (void)state;
    struct link link = {.bps = 1000000,
                        .low_bps = 500000,
                        .low_from = 25 * PL_SECOND,
                        .low_until = 500 * PL_SECOND,
                        .rtt = 50 * PL_MS,
                        .buffer = 30 * PL_MS};
    start(&link, 5);
    run_for(&sim, 25 * PL_SECOND);
    int64_t sent = 0;
    unsigned n = 0;
    for (int i = 0; i < 150; i++, n++) {
        run_for(&sim, 100 * PL_MS);
        sent += target(&sim);
    }
    print_message("a policer of 1, then 0.5 Mbit/s: mean target %.2f\n", (double)sent / n / 1e6);
    assert_true(sent / n < 600000);
    assert_true(sent / n > 300000);
}

static void finds_room_that_is_not_used(void **state)
{
    (void)state;
    struct link link = {
        .bps = 5000000, .rtt = 60 * PL_MS, .jitter = 4 * PL_MS, .source_bps = 200000};
    start(&link, 11);
    pl_estimate_want(&sim.estimate, 2500000);
    run_for(&sim, 6 * PL_SECOND);
    assert_true(target(&sim) >= 2300000); /* by padding alone */
    assert_true(target(&sim) <= 2500000 * 13 / 10);
    measure_anew(&sim);
    run_for(&sim, 30 * PL_SECOND);
    assert_true(sim.served * 8 / 30 <
                300000); /* and once there is enough, there is no more of it */
    pl_estimate_want(&sim.estimate, 4500000);
    run_for(&sim, 8 * PL_SECOND);
    assert_true(target(&sim) >= 4000000);
}

static void room_is_a_line_that_was_never_full(void **state)
{
    (void)state;
    struct link link = {
        .bps = 5000000, .rtt = 60 * PL_MS, .jitter = 4 * PL_MS, .source_bps = 1500000};
    start(&link, 12);
    assert_false(pl_estimate_roomy(&sim.estimate)); /* nothing is known */
    pl_estimate_want(&sim.estimate, 2000000);
    run_for(&sim, 10 * PL_SECOND);
    assert_true(pl_estimate_roomy(&sim.estimate));
    sim.link.low_bps = 1000000;
    sim.link.low_from = sim.now;
    sim.link.low_until = sim.now + 10 * PL_SECOND;
    run_for(&sim, 10 * PL_SECOND);
    assert_false(pl_estimate_roomy(&sim.estimate));
    run_for(&sim, 20 * PL_SECOND);
    assert_true(pl_estimate_roomy(&sim.estimate)); /* a probe went through */
}

/* What a receiver gets must not hang on how the dice fell in half a second. */
static void loss_at_random_takes_nothing(void **state)
{
    (void)state;
    print_message("loss at random, 2 Mbit/s, 0.5 of them used: least share in ten minutes\n");
    for (unsigned i = 0; i < 6; i++) {
        struct link link = {.bps = 2000000,
                            .rtt = 100 * PL_MS,
                            .jitter = 4 * PL_MS,
                            .loss_percent = i % 2 ? 20 : 10,
                            .source_bps = 450000};
        start(&link, 110 + i);
        pl_estimate_want(&sim.estimate, 1500000);
        run_for(&sim, 20 * PL_SECOND);
        uint64_t least = UINT64_MAX;
        for (int k = 0; k < 6000; k++) {
            run_for(&sim, 100 * PL_MS);
            uint64_t share = pl_estimate_share_bps(&sim.estimate, sim.now);
            least = share < least ? share : least;
        }
        print_message("%3u%%: %.2f\n", link.loss_percent, (double)least / 1e6);
        assert_true(least >= 1400000 * (100 - link.loss_percent) / 100);
    }
}

/* While a queue drains less is sent; nobody loses a picture for that. */
static void draining_leaves_the_share(void **state)
{
    (void)state;
    struct link link = {.bps = 3000000,
                        .low_bps = 2000000,
                        .low_from = 25 * PL_SECOND,
                        .low_until = 500 * PL_SECOND,
                        .rtt = 50 * PL_MS};
    start(&link, 8);
    run_for(&sim, 20 * PL_SECOND);
    while (sim.estimate.mode != PL_ESTIMATE_DRAINING)
        run_for(&sim, PL_MS);
    uint64_t share = pl_estimate_share_bps(&sim.estimate, sim.now);
    assert_true(share >= 1600000);
    assert_true(pl_estimate_target_bps(&sim.estimate, sim.now) < share);
}

static struct pl_estimate e;

static void begin(bool negotiated, pl_time_us now)
{
    pl_estimate_free(&e);
    assert_int_equal(pl_estimate_init(&e, negotiated, now), PL_OK);
}
static struct pl_twcc_arrivals told;

static void tell(pl_time_us now)
{
    uint8_t bytes[PL_TWCC_PACKET_MAX];
    while (pl_twcc_due(&told)) {
        struct pl_writer w = pl_writer(bytes, sizeof bytes);
        struct pl_twcc_reader r;
        assert_int_equal(pl_twcc_write(&w, &told, 1, 2), PL_OK);
        assert_int_equal(pl_twcc_reader_init(&r, bytes + 12, pl_writer_size(&w) - 12), PL_OK);
        pl_estimate_feedback(&e, now, &r);
    }
}

/* Sends 500 kbit/s for a time; the receiver says what `lie` makes of it. */
static uint64_t lied_to(pl_time_us time, unsigned lie, uint64_t *most_probed)
{
    pl_time_us now = PL_SECOND;
    uint16_t seq = 0;
    begin(true, now);
    pl_estimate_want(&e, 600000);
    pl_twcc_arrivals_init(&told);
    *most_probed = 0;
    for (unsigned i = 0; now < PL_SECOND + time; i++, now += 20 * PL_MS) {
        struct pl_probe probe;
        if (pl_estimate_probe(&e, now, &probe) && (uint64_t)probe.rate_bps > *most_probed)
            *most_probed = (uint64_t)probe.rate_bps;
        pl_estimate_sent(&e, now, seq, 1200, 0);
        if (lie == 0)
            pl_twcc_arrived(&told, seq, now);
        if (lie == 1) /* never sent */
            pl_twcc_arrived(&told, (uint16_t)(seq + 20 + i % 400), now);
        if (lie == 2) /* everything at once */
            pl_twcc_arrived(&told, seq, PL_SECOND + i);
        if (lie == 3) /* ever earlier */
            pl_twcc_arrived(&told, seq, PL_SECOND - 100 * now);
        if (lie == 4) { /* over and over */
            pl_twcc_arrivals_init(&told);
            for (uint16_t k = 0; k < 100; k++)
                pl_twcc_arrived(&told, (uint16_t)(seq - 99 + k), now);
        }
        seq++;
        if (i % 5 == 4)
            tell(now);
        if (pl_estimate_deadline(&e) <= now)
            pl_estimate_expire(&e, now);
    }
    return pl_estimate_target_bps(&e, now);
}

static void lies_gain_nothing(void **state)
{
    (void)state;
    for (unsigned lie = 0; lie < 5; lie++) {
        uint64_t probed, target = lied_to(60 * PL_SECOND, lie, &probed);
        print_message("lie %u: %llu kbit/s\n", lie, (unsigned long long)target / 1000);
        /* sent: 480 kbit/s; half as much again is the most that growth allows */
        if (lie == 1)
            assert_int_equal(target, PL_ESTIMATE_UNLIMITED); /* no feedback at all */
        else
            assert_true(target <= 480000 * 3 / 2);
        assert_true(probed <= 750000);
    }
}

static void only_feedback_limits(void **state)
{
    (void)state;
    begin(false, 0);
    assert_true(pl_estimate_target_bps(&e, 0) == PL_ESTIMATE_UNLIMITED);
    for (int i = 0; i < 100; i++)
        pl_estimate_sent(&e, i * PL_SECOND, (uint16_t)i, 1200, 0);
    pl_estimate_expire(&e, 100 * PL_SECOND);
    assert_true(pl_estimate_target_bps(&e, 100 * PL_SECOND) == PL_ESTIMATE_UNLIMITED);
    struct pl_probe probe;
    assert_false(pl_estimate_probe(&e, 100 * PL_SECOND, &probe));
    pl_estimate_remb(&e, 100 * PL_SECOND, 1000000);
    pl_time_us until = 100 * PL_SECOND + PL_ESTIMATE_REMB_US;
    assert_int_equal(pl_estimate_target_bps(&e, until - 1), 1000000);
    assert_true(pl_estimate_target_bps(&e, until) == PL_ESTIMATE_UNLIMITED);
    pl_estimate_remb(&e, until, 0);
    assert_int_equal(pl_estimate_target_bps(&e, until), PL_ESTIMATE_MIN_BPS);
    /* Agreed on, and it does not come. */
    begin(true, 0);
    assert_int_equal(pl_estimate_target_bps(&e, PL_ESTIMATE_GRACE_US - 1), PL_ESTIMATE_START_BPS);
    assert_true(pl_estimate_target_bps(&e, PL_ESTIMATE_GRACE_US) == PL_ESTIMATE_UNLIMITED);
}

static void silence_halves(void **state)
{
    (void)state;
    struct link link = {.bps = 3000000, .rtt = 50 * PL_MS};
    start(&link, 3);
    run_for(&sim, 10 * PL_SECOND);
    int64_t before = target(&sim);
    assert_true(before > 2000000);
    sim.link.loss_percent = 100;
    run_for(&sim, 1000 * PL_MS);
    assert_true(target(&sim) > before * 9 / 10);
    run_for(&sim, 500 * PL_MS);
    assert_true(target(&sim) <= before * 6 / 10);
    run_for(&sim, 5 * PL_SECOND);
    assert_int_equal(target(&sim), PL_ESTIMATE_MIN_BPS);
    sim.link.loss_percent = 0;
    run_for(&sim, 10 * PL_SECOND);
    assert_true(target(&sim) > 2000000);
}

/* Probes that told nothing: asked again after a second while the line's limit was not seen. */
static void vain_probes_are_asked_again_soon(void **state)
{
    (void)state;
    begin(true, 0);
    pl_estimate_want(&e, 3000000);
    struct pl_probe probe;
    pl_time_us now = 1000, asked = 0;
    unsigned n = 0;
    for (; now < 6 * PL_SECOND; now += 10 * PL_MS) {
        pl_estimate_expire(&e, now);
        if (!pl_estimate_probe(&e, now, &probe))
            continue;
        n++;
        assert_true(n == 1 || now - asked < PL_SECOND + 100 * PL_MS);
        asked = now;
    }
    assert_in_range(n, 5, 8);
}

static void history_is_bounded(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        begin(true, 0);
        pl_twcc_arrivals_init(&told);
        for (unsigned i = 0; i < PL_HISTORY_PACKETS + (unsigned)late; i++)
            pl_estimate_sent(&e, 1 + i, (uint16_t)(65530 + i), 100, 0);
        pl_twcc_arrived(&told, 65530, 5);
        tell(5000);
        assert_int_equal(e.has_feedback, !late);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_the_link),
        cmocka_unit_test(follows_the_link),
        cmocka_unit_test(lives_with_tcp),
        cmocka_unit_test(loss_that_begins_is_borne),
        cmocka_unit_test(loss_of_congestion_is_heard),
        cmocka_unit_test(loss_at_random_takes_nothing),
        cmocka_unit_test(draining_leaves_the_share),
        cmocka_unit_test(finds_room_that_is_not_used),
        cmocka_unit_test(room_is_a_line_that_was_never_full),
        cmocka_unit_test(lies_gain_nothing),
        cmocka_unit_test(only_feedback_limits),
        cmocka_unit_test(silence_halves),
        cmocka_unit_test(vain_probes_are_asked_again_soon),
        cmocka_unit_test(history_is_bounded),
    };
    return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
