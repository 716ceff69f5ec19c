/* Pictures on lines that lose packets, seen by a receiver that does as libwebrtc does: it asks for
 * what is missing, shows a frame when it is whole and the one before it was shown, and asks for a
 * key frame where that helps no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sfu/stream.h"
#define SIM_SEED 20261126
#include "fixture.h"

#define FRAME 3000 /* 90 kHz ticks at 30 frames a second */
#define FRAME_US 33333
#define LOOKS 7 /* that a receiver takes in this time */

/* --- A receiver --- */

#define SLOTS 5
#define KEPT 2048
#define MISSING_MAX 256
#define NACK_TRIES 10 /* libwebrtc's, and the following */
#define NACK_AGAIN_US (50 * PL_MS)
#define WAIT_FIRST_US (200 * PL_MS)
#define WAIT_US (3 * PL_SECOND)

/* A slot as it is received. Numbers are extended. */
static struct screen {
    const struct pl_section *section;
    int64_t newest; /* 0: nothing came */
    struct piece {
        int64_t seq;
        uint32_t timestamp;
        uint16_t picture_id;
        bool starts, ends, key, fills;
        uint8_t mark;
    } pieces[KEPT];
    struct {
        int64_t seq;
        pl_time_us asked_at; /* 0: not yet */
        unsigned tries;
    } missing[MISSING_MAX];
    size_t n_missing;
    int64_t next; /* behind the last frame that was shown; 0: none was */
    uint16_t picture_id;
    pl_time_us came_at, shown_at, pli_at;
} screens[SLOTS];

static pl_time_us seen_at[256]; /* a frame whose packets have this mark */

static void watch_slots(const struct sim_client *v, size_t first)
{
    memset(screens, 0, sizeof screens);
    memset(seen_at, 0, sizeof seen_at);
    for (size_t i = 0; i < SLOTS; i++)
        screens[i].section = &v->sections[first + i];
}

static struct piece *piece(struct screen *s, int64_t seq)
{
    struct piece *p = &s->pieces[seq % KEPT];
    return p->seq == seq ? p : NULL;
}

static void note_missing(struct screen *s, int64_t seq)
{
    for (int64_t q = s->newest + 1; s->newest && q < seq; q++) {
        assert_true(s->n_missing < MISSING_MAX);
        memset(&s->missing[s->n_missing], 0, sizeof s->missing[0]);
        s->missing[s->n_missing++].seq = q;
    }
    for (size_t i = 0; i < s->n_missing; i++)
        if (s->missing[i].seq == seq)
            s->missing[i--] = s->missing[--s->n_missing];
}

static void take(struct screen *s, const struct sim_rtp *p)
{
    const uint8_t *payload = p->rtp.payload;
    size_t n = p->rtp.payload_len;
    int64_t seq =
        s->newest ? s->newest + pl_seq_diff(p->rtp.seq, (uint16_t)s->newest) : 65536 + p->rtp.seq;
    s->came_at = p->at;
    if (piece(s, seq))
        return; /* it comes twice */
    s->pieces[seq % KEPT] = (struct piece){.seq = seq,
                                           .timestamp = p->rtp.timestamp,
                                           .picture_id = p->descriptor.picture_id,
                                           .starts = n && payload[0] & 0x10,
                                           .ends = p->rtp.marker,
                                           .key = p->descriptor.key_start,
                                           .fills = n == 0,
                                           .mark = n ? payload[n - 1] : 0};
    note_missing(s, seq);
    if (seq > s->newest)
        s->newest = seq;
}

/* The last packet of the whole frame that begins with this one; 0: there is none. */
static int64_t whole(struct screen *s, int64_t seq)
{
    const struct piece *first = piece(s, seq), *p = first;
    if (!p || !p->starts)
        return 0;
    for (; p && p->timestamp == first->timestamp; p = piece(s, ++seq))
        if (p->ends)
            return seq;
    return 0;
}

static bool show(struct screen *s, int64_t first)
{
    const struct piece *p = piece(s, first);
    int64_t last = whole(s, first);
    bool follows = first == s->next && p && p->picture_id == ((s->picture_id + 1) & 0x7fff);
    if (!last || (!p->key && !follows))
        return false;
    s->next = last + 1;
    s->picture_id = p->picture_id;
    s->shown_at = seen_at[p->mark] = sim.now;
    return true;
}

/* The next frame, or a key frame behind it. */
static bool show_one(struct screen *s)
{
    while (s->next && piece(s, s->next) && piece(s, s->next)->fills)
        s->next++;
    if (s->next && show(s, s->next))
        return true;
    int64_t oldest = s->newest - KEPT / 2;
    for (int64_t seq = s->next > oldest ? s->next : oldest; seq <= s->newest; seq++)
        if (piece(s, seq) && piece(s, seq)->key && show(s, seq))
            return true;
    return false;
}

static void ask(struct sim_client *v, struct screen *s)
{
    uint16_t lost[MISSING_MAX];
    uint8_t bytes[16 + 4 * MISSING_MAX];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    size_t n = 0;
    for (size_t i = 0; i < s->n_missing; i++) {
        if (s->missing[i].asked_at && sim.now - s->missing[i].asked_at < NACK_AGAIN_US)
            continue;
        if (s->missing[i].tries++ == NACK_TRIES) {
            s->missing[i--] = s->missing[--s->n_missing];
            continue;
        }
        s->missing[i].asked_at = sim.now;
        lost[n++] = (uint16_t)s->missing[i].seq;
    }
    if (n)
        pl_rtcp_write_nack(&w, 1, s->section->ssrc, lost, n);
    pl_time_us last = s->shown_at > s->pli_at ? s->shown_at : s->pli_at;
    bool comes = s->came_at && sim.now - s->came_at < PL_SECOND;
    if (comes && sim.now - last > (s->shown_at ? WAIT_US : WAIT_FIRST_US)) {
        pl_rtcp_write_pli(&w, 1, s->section->ssrc);
        s->pli_at = sim.now;
    }
    if (pl_writer_size(&w))
        sim_send_rtcp(v, bytes, pl_writer_size(&w));
}

static void look(struct sim_client *v)
{
    for (size_t i = 0; i < v->n_kept; i++)
        for (unsigned k = 0; k < SLOTS; k++)
            if (screens[k].section->ssrc == v->kept[i].rtp.ssrc)
                take(&screens[k], &v->kept[i]);
    v->n_kept = 0;
    for (unsigned k = 0; k < SLOTS; k++) {
        while (show_one(&screens[k]))
            ;
        ask(v, &screens[k]);
    }
}

/* --- Cameras --- */

#define CAMERAS 2

/* One in three sizes, as browsers send it: a key frame of all sizes when one is asked for, and none
 * that is larger than what anybody wants. */
static struct camera {
    struct sim_client *c;
    uint16_t told; /* height that is wanted */
    unsigned plis;
    bool active[3];
    pl_time_us wanted_at; /* by the viewer, without a pause; 0: it is not */
} cameras[CAMERAS];

static struct sim_source *size_of(const struct camera *f, unsigned k)
{
    return k ? &f->c->upper[k] : &f->c->sources[0];
}

static void film(struct camera *f)
{
    unsigned plis = size_of(f, 0)->plis + size_of(f, 1)->plis + size_of(f, 2)->plis;
    for (unsigned k = 0; k < 3; k++) {
        struct sim_source *s = size_of(f, k);
        bool on = f->told && (k == 0 || size_of(f, k - 1)->height * 5u < f->told * 4u);
        s->key_next |= plis > f->plis || (on && !f->active[k]);
        f->active[k] = on;
        if (on)
            sim_send_layer(f->c, 0, k, (s->key_next ? 4 : 1) * (1 + 3 * k), FRAME);
        else
            s->timestamp += FRAME;
    }
    f->plis = plis;
}

static void hear_wishes(void)
{
    for (size_t i = 0; i < sim.n_events; i++)
        for (unsigned k = 0; k < CAMERAS; k++)
            if (sim.events[i].type == PL_SOURCE_WANTED &&
                sim.events[i].source == cameras[k].c->source_ids[0])
                cameras[k].told = sim.events[i].height;
    sim.n_events = 0;
}

/* How long the viewer has seen nothing of a camera that it wants. */
static pl_time_us unseen(const struct camera *f)
{
    pl_time_us last = f->wanted_at;
    for (unsigned k = 0; k < 3; k++)
        if (seen_at[size_of(f, k)->mark] > last)
            last = seen_at[size_of(f, k)->mark];
    return f->wanted_at ? sim.now - last : 0;
}

/* Some of the cameras, in some order, at some sizes. */
static void want(const struct sim_client *v)
{
    static const uint16_t heights[] = {180, 360, 720};
    struct pl_wanted wanted[CAMERAS];
    size_t n = 0;
    unsigned which = 1 + sim_random(&sim) % 3, turned = sim_random(&sim) % 2;
    for (unsigned i = 0; i < CAMERAS; i++) {
        struct camera *f = &cameras[i ^ turned];
        bool on = which >> (i ^ turned) & 1;
        uint16_t height = heights[sim_random(&sim) % 3];
        if (on)
            wanted[n++] =
                (struct pl_wanted){f->c->source_ids[0], (uint16_t)(height * 16 / 9), height};
        f->wanted_at = !on ? 0 : f->wanted_at ? f->wanted_at : sim.now;
    }
    pl_engine_peer_want_video(sim.engine, v->id, wanted, n, sim.now);
}

/* Films so many frames. Returns the longest time that a picture stood still, or had yet to come. */
static pl_time_us watch(struct sim_client *v, unsigned frames)
{
    pl_time_us longest = 0;
    while (frames--) {
        for (unsigned k = 0; k < CAMERAS; k++)
            film(&cameras[k]);
        for (unsigned i = 0; i < LOOKS; i++) {
            sim_run(&sim, FRAME_US / LOOKS);
            look(v);
        }
        hear_wishes();
        for (unsigned k = 0; k < CAMERAS; k++)
            if (unseen(&cameras[k]) > longest)
                longest = unseen(&cameras[k]);
    }
    return longest;
}

/* --- What is seen --- */

/* Slots change, and sizes, and cameras rest while nobody wants them. Loss costs no more than that
 * one request for a key frame is lost, and another is made. */
static void pictures_go_on_though_packets_are_lost(void **state)
{
    (void)state;
    static const struct {
        unsigned loss_per_mille;
        pl_time_us jitter, longest;
    } rows[] = {
        {0, 0, 200 * PL_MS},
        {30, 0, PL_KEY_REQUEST_US + 200 * PL_MS},
        {30, 2 * PL_MS,
         PL_KEY_REQUEST_US + 200 * PL_MS}, /* which lets packets overtake each other */
    };
    sim.up.delay = sim.down.delay = 20 * PL_MS;
    memset(cameras, 0, sizeof cameras);
    for (unsigned k = 0; k < CAMERAS; k++)
        sim_connect(cameras[k].c = sim_simulcast(&sim, 1));
    struct sim_client *v = sim_join_rtx(&sim, 1, 0, 0, 2, SLOTS);
    watch_slots(v, 2);
    sim_connect(v);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sim.up.loss_per_mille = sim.down.loss_per_mille = rows[i].loss_per_mille;
        sim.up.jitter = sim.down.jitter = rows[i].jitter;
        for (unsigned change = 0; change < 400; change++) {
            want(v);
            pl_time_us longest = watch(v, 15 + sim_random(&sim) % 60);
            if (longest > rows[i].longest)
                fail_msg("row %zu, change %u: %lld ms", i, change, (long long)longest / 1000);
        }
    }
}

/* A camera that rested begins with a key frame. Its first packets are lost, and come when they were
 * asked for. */
static void a_rest_ends_with_a_key_frame_whose_start_was_lost(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 0, 1, 0, 0),
                      *v = sim_join_rtx(&sim, 1, 0, 0, 0, SLOTS);
    watch_slots(v, 0);
    sim_connect(a);
    sim_connect(v);
    a->ignores_plis = true; /* it is this key frame, and no other */
    for (unsigned lost = 0; lost < 4; lost++) {
        sim_show(v, a, 360);
        a->sources[0].key_next = true;
        for (unsigned i = 0; i < 6; i++) {
            sim.lose = i == 0 ? lost : 0;
            sim_send_frame(a, 0, 5, FRAME);
            sim_run(&sim, FRAME_US);
            look(v);
        }
        assert_true(sim.now - seen_at[a->sources[0].mark] <= FRAME_US);
        sim_show(v, a, 0);
        sim_run(&sim, 3 * PL_SECOND);
    }
}

/* What was lost on the way up comes late, and is sent on then. The receiver, who asks for it until
 * it is there, does not get it twice. */
static void what_comes_late_is_sent_once(void **state)
{
    (void)state;
    struct sim_client *a = sim_join_rtx(&sim, 1, 0, 1, 0, 0),
                      *v = sim_join_twcc(&sim, 1, 0, 0, 0, 1);
    sim.up.delay = 25 * PL_MS;
    sim.down.delay = 20 * PL_MS;
    sim_connect(a);
    sim_connect(v);
    sim_show(v, a, 360);
    v->nacks = true;
    for (unsigned i = 0; i < 300; i++) {
        sim.lose = i > 30 && i % 10 == 0;
        sim_send_frame(a, 0, 3, 52 * 90);
        sim_run(&sim, 52 * PL_MS); /* more than a round trip from one question to the next */
    }
    sim_run(&sim, PL_SECOND);
    assert_true(a->sources[0].nacked >= 26);
    assert_int_equal(v->n_kept, 300 * 3);
    assert_int_equal(pl_engine_stats(sim.engine)->retransmitted, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        T(pictures_go_on_though_packets_are_lost),
        T(a_rest_ends_with_a_key_frame_whose_start_was_lost),
        T(what_comes_late_is_sent_once),
    };
    return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}
