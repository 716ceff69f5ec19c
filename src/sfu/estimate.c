/* See estimate.h. History and what feedback says are here; decisions from delay, loss and growth
 * below them; probes at the end. */
#include "sfu/estimate.h"

#include "proto/rtp.h"

#include <string.h>

/* Delay. */
#define QUEUE_US (12 * PL_MS)     /* a standing queue above this is congestion, */
#define QUEUE_MAX_US (50 * PL_MS) /* or above this where delays vary by themselves; */
#define QUEUE_FOR_US (50 * PL_MS) /* if it stands so long, */
#define QUEUE_SURE 3              /* or at once if it is this many times the threshold */
#define RATE_NOW_US (200 * PL_MS) /* what arrives, when it matters fast */
#define RATE_US PL_SECOND         /* what arrives, at leisure */
#define BACK_OFF_PERCENT 95       /* of what arrives while the queue stands: the link's rate */
#define DRAIN_US (400 * PL_MS)    /* aimed at, for a queue of moderate length */
#define DRAIN_LEAST_PERCENT 20
#define VAIN_CUTS 4                 /* then somebody else fills the queue */
#define COMPETE_US (12 * PL_SECOND) /* before looking whether he is still there */
#define COMPETE_CUT_PERCENT 75
/* Growth. */
#define GROW_PERCENT_S 12     /* a second, far from any limit */
#define GROW_NEAR_PERCENT_S 3 /* and near the last one, at most */
#define PASSED_PERCENT 108    /* of the last limit, without a queue: it is no limit any more */
#define NEAR_US (3 * PL_SECOND)
#define PACKET_BITS (1200 * 8)
#define USED_PERCENT 75 /* of the target: less is limited by the application */
#define HEADROOM_PERCENT                                                                           \
    150 /* growth without probes goes no farther beyond what is acknowledged                       \
         */
/* Loss, 10000ths. */
#define LOSS_WINDOW_US (600 * PL_MS)
#define LOSS_WINDOW_N 40
#define LOSS_WINDOW_LONG_US (2 * PL_SECOND)
#define LOSS_NOISE 300
#define LOSS_SURE 3000     /* beyond the path's own; less must be seen in two windows */
#define LOSS_PATH_MAX 4000 /* nothing works beyond it */
/* Probes. */
#define PROBE_US (20 * PL_MS)
#define PROBE_MAX_US (60 * PL_MS)
#define PROBE_LEAP 4 /* times what is acknowledged, or the target */
#define PROBE_PACKETS 4
#define PROBE_EVERY_US (4 * PL_SECOND) /* where the line's limit was seen */
#define PROBE_SOON_US                                                                              \
    (1 * PL_SECOND)                     /* where it was not: what is wanted may go through at once \
                                         */
#define PROBE_PATIENCE_US (400 * PL_MS) /* beyond a round trip: what did not come, was lost */
#define FULL_PERCENT 87                 /* arriving below this share of the sent rate: the limit */
#define WORTH_PERCENT 115 /* of the target: a probe that showed so much is followed by another */
#define PROBE_TRIES 3
#define PROBE_BEYOND_PERCENT 125 /* of what is wanted: that varies from second to second */
#define PROBE_AGAIN_US (250 * PL_MS)
/* Silence. */
#define SILENCE_US PL_SECOND
#define SILENCE_AGAIN_US (500 * PL_MS)

static int64_t percent(int64_t v, int64_t p)
{
    return v * p / 100;
}

static int64_t clamp(int64_t v, int64_t least, int64_t most)
{
    return v < least ? least : v > most ? most : v;
}

static int64_t least_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

enum pl_err pl_estimate_init(struct pl_estimate *e, bool negotiated, pl_time_us now)
{
    memset(e, 0, sizeof *e);
    enum pl_err err = pl_history_init(&e->history);
    if (err)
        return err;
    pl_path_init(&e->path);
    e->negotiated = negotiated;
    e->started = e->grown_at = now;
    e->target_bps = PL_ESTIMATE_START_BPS;
    e->next_probe_bps = PL_ESTIMATE_START_BPS * 3;
    e->wanted_bps = PL_ESTIMATE_MAX_BPS;
    e->path_loss = -1;
    e->rtt_us = 200 * PL_MS; /* until it is known */
    e->rtt_least_us = PL_SECOND;
    e->next_probe_at = now;
    e->timeout_at = PL_NEVER;
    e->over_since = PL_NEVER;
    e->sending_interval = now / PL_PATH_INTERVAL_US;
    return PL_OK;
}

void pl_estimate_free(struct pl_estimate *e)
{
    pl_history_free(&e->history);
}

void pl_estimate_want(struct pl_estimate *e, uint64_t bps)
{
    e->wanted_bps = bps < PL_ESTIMATE_MAX_BPS ? bps : PL_ESTIMATE_MAX_BPS;
}

/* What we send, by interval; the oldest make place. */
static void count_sent(struct pl_estimate *e, pl_time_us now, size_t bytes)
{
    pl_time_us interval = now / PL_PATH_INTERVAL_US;
    if (interval - e->sending_interval > PL_PATH_RATES)
        e->sending_interval = interval - PL_PATH_RATES;
    while (e->sending_interval < interval)
        e->sending[++e->sending_interval % PL_PATH_RATES].bytes = 0;
    e->sending[e->sending_interval % PL_PATH_RATES].bytes += (int64_t)bytes;
}

/* Bits per second sent in the last second. */
static int64_t sent_rate(struct pl_estimate *e, pl_time_us now)
{
    enum { N = RATE_US / PL_PATH_INTERVAL_US };
    int64_t bytes = 0;
    count_sent(e, now, 0);
    for (int i = 1; i <= N; i++)
        bytes += e->sending[(e->sending_interval - i + PL_PATH_RATES) % PL_PATH_RATES].bytes;
    return bytes * 8 * PL_SECOND / RATE_US;
}

static void cluster_sent(struct pl_estimate *e, size_t bytes, uint16_t cluster)
{
    struct pl_estimate_cluster *c = &e->cluster;
    if (!cluster || c->asked.cluster != cluster)
        return;
    c->sent++;
    c->sent_bytes += (int64_t)bytes;
}

void pl_estimate_sent(struct pl_estimate *e, pl_time_us now, uint16_t seq, size_t bytes,
                      uint16_t cluster)
{
    int64_t next = e->history.next;
    if (!e->any_sent) {
        e->any_sent = true;
        next = seq + (1 << 17); /* far from zero */
        e->answered = next - 1;
        e->feedback_at = now;
    }
    next += (uint16_t)(seq - (uint16_t)next); /* none is left out, but for errors */
    pl_history_sent(&e->history, next, now, bytes, cluster);
    e->sent_at = now;
    count_sent(e, now, bytes);
    cluster_sent(e, bytes, cluster);
    if (e->timeout_at == PL_NEVER)
        e->timeout_at = now + SILENCE_US + 2 * e->rtt_us;
}

/* ---- What feedback says ---------------------------------------------------------------------- */

static pl_time_us threshold(const struct pl_estimate *e)
{
    /* On a narrow link a large packet alone takes longer than a small one. */
    pl_time_us packet = PACKET_BITS / 4 * PL_SECOND / e->target_bps;
    return clamp(QUEUE_US + packet + e->path.jitter_us, QUEUE_US, QUEUE_MAX_US);
}

static bool queue_stands(const struct pl_estimate *e)
{
    return pl_path_queue(&e->path) > threshold(e);
}

static void count_loss(struct pl_estimate_loss *w, const struct pl_sent_packet *s, bool lost,
                       pl_time_us now)
{
    if (w->n == 0) {
        w->since = now;
        w->first_sent = s->at;
    }
    w->n++;
    w->lost += lost;
}

static void cluster_acked(struct pl_estimate_cluster *c, const struct pl_sent_packet *s,
                          pl_time_us arrival)
{
    if (c->acked++ == 0) {
        c->first_sent = s->at;
        c->first_arrival = arrival;
        c->first_bytes = s->bytes;
    }
    c->last_sent = s->at;
    c->last_arrival = arrival;
    c->last_bytes = s->bytes;
    c->acked_bytes += s->bytes;
}

/* One status. Numbers never sent, forgotten, or already acknowledged are passed over. */
static void take(struct pl_estimate *e, const struct pl_twcc_status *s, pl_time_us reference,
                 pl_time_us now)
{
    int64_t newest = e->history.next - 1;
    int64_t seq = newest + pl_seq_diff(s->seq, (uint16_t)newest);
    struct pl_sent_packet packet, *p = &packet;
    if (!pl_history_get(&e->history, seq, p))
        return;
    if (p->state != PL_SENT && !(p->state == PL_LOST && s->received))
        return;
    bool again = p->state == PL_LOST; /* late: it was counted, as lost */
    pl_history_mark(&e->history, seq, s->received ? PL_ACKED : PL_LOST);
    if (seq != e->answered + 1)
        pl_path_gap(&e->path);
    e->answered = most_of(seq, e->answered);
    bool probe = p->cluster && p->cluster == e->cluster.asked.cluster;
    if (s->received) {
        pl_path_arrived(&e->path, p->at, reference + s->at, p->bytes);
        e->newest_sent = most_of(e->newest_sent, p->at);
        if (probe)
            cluster_acked(&e->cluster, p, reference + s->at);
    } else {
        pl_path_lost(&e->path, p->bytes);
    }
    if (probe && !again)
        e->cluster.lost += !s->received;
    if (!p->cluster && !again) {
        count_loss(&e->window, p, !s->received, now);
        count_loss(&e->competing_window, p, !s->received, now);
    }
}

/* ---- Rates ----------------------------------------------------------------------------------- */

static int64_t with_path_loss(const struct pl_estimate *e, int64_t bps)
{
    return e->path_loss > 0 ? bps * 10000 / (10000 - e->path_loss) : bps;
}

/* What must be sent for so much to arrive. What was lost counts, within what the path is known to
 * lose (twice that: a short time varies). */
static int64_t rate_of(const struct pl_estimate *e, const struct pl_path_rate *r, pl_time_us time)
{
    int64_t path = 2 * (with_path_loss(e, r->bytes) - r->bytes);
    return (r->bytes + least_of(r->lost_bytes, path)) * 8 * PL_SECOND / time;
}

/* What arrives now: the link's rate while a queue stands. */
static int64_t arriving(const struct pl_estimate *e, pl_time_us window)
{
    struct pl_path_rate r;
    return pl_path_rate(&e->path, window, &r) ? rate_of(e, &r, r.arrival_us) : e->target_bps;
}

/* What is acknowledged, by the receiver's clock and by ours, whichever says less. */
static int64_t acknowledged(const struct pl_estimate *e)
{
    struct pl_path_rate r;
    if (!pl_path_rate(&e->path, RATE_US, &r))
        return 0;
    return rate_of(e, &r, most_of(r.arrival_us, r.send_us));
}

static void set_target(struct pl_estimate *e, int64_t bps)
{
    e->target_bps = clamp(bps, PL_ESTIMATE_MIN_BPS, PL_ESTIMATE_MAX_BPS);
}

/* ---- Delay ----------------------------------------------------------------------------------- */

static void compete(struct pl_estimate *e, pl_time_us now)
{
    e->mode = PL_ESTIMATE_COMPETING;
    e->mode_until = now + COMPETE_US;
    e->vain_cuts = 0;
    set_target(e, percent(e->before_cuts_bps, COMPETE_CUT_PERCENT));
    e->competing_window = (struct pl_estimate_loss){0};
}

/* The queue at the end of which a packet sent now would stand, were `link` the link's rate: longer
 * than what the last answer saw. */
static pl_time_us queue_ahead(struct pl_estimate *e, int64_t link)
{
    int64_t bytes = 0;
    int64_t first = most_of(e->answered + 1, pl_history_oldest(&e->history));
    for (int64_t seq = first; seq < e->history.next; seq++) {
        struct pl_sent_packet p;
        if (pl_history_get(&e->history, seq, &p))
            bytes += p.bytes;
    }
    return most_of(pl_path_queue(&e->path), bytes * 8 * PL_SECOND / link - e->rtt_least_us);
}

/* The queue stands: below what arrives, and lower until it is gone. */
static void cut_for_delay(struct pl_estimate *e, pl_time_us now, bool in_vain)
{
    int64_t link = arriving(e, RATE_NOW_US);
    /* What little arrives when little is sent is no measure of the link. */
    if (sent_rate(e, now) < percent(e->target_bps, USED_PERCENT))
        link = most_of(link, percent(e->target_bps, 60));
    if (e->vain_cuts == 0)
        e->before_cuts_bps = e->target_bps;
    e->vain_cuts += e->vain_cuts == 0 || in_vain;
    if (e->vain_cuts > VAIN_CUTS) {
        compete(e, now);
        return;
    }
    e->capacity_bps = least_of(link, e->target_bps);
    set_target(e, least_of(e->target_bps, percent(link, BACK_OFF_PERCENT)));
    pl_time_us queue = queue_ahead(e, most_of(link, PL_ESTIMATE_MIN_BPS));
    e->mode = PL_ESTIMATE_DRAINING;
    e->drain_percent = (unsigned)clamp(100 - queue * 100 / DRAIN_US, DRAIN_LEAST_PERCENT, 95);
    /* At r of the link's rate a queue of q is gone after q / (1 - r). */
    pl_time_us takes = queue * 100 / (100 - percent(e->drain_percent, BACK_OFF_PERCENT));
    e->mode_until = now + clamp(takes, 50 * PL_MS, 4 * PL_SECOND);
    e->cut_at = now;
    e->grown_at = e->mode_until + e->rtt_us;
}

static void judge_delay(struct pl_estimate *e, pl_time_us now)
{
    pl_time_us queue = pl_path_queue(&e->path), limit = threshold(e);
    if (queue < limit / 2) {
        e->vain_cuts = 0;
        if (e->mode == PL_ESTIMATE_DRAINING)
            e->mode = PL_ESTIMATE_NORMAL;
    }
    if (e->mode == PL_ESTIMATE_DRAINING && now >= e->mode_until)
        e->mode = PL_ESTIMATE_NORMAL;
    if (queue <= limit) {
        e->over_since = PL_NEVER;
        return;
    }
    e->window.queued = true;
    if (e->over_since == PL_NEVER)
        e->over_since = now;
    if (now - e->over_since < QUEUE_FOR_US && queue < QUEUE_SURE * limit)
        return;
    /* What is seen must have been sent after the last cut, and have had time to drain; but a link
     * that turns out much narrower than thought is reason enough. */
    bool narrower = e->vain_cuts && arriving(e, RATE_NOW_US) < percent(e->capacity_bps, 70);
    bool settled = e->newest_sent > e->cut_at && e->newest_sent >= e->mode_until;
    if (!narrower && !settled)
        return;
    /* A probe's own queue is gone by itself. */
    if (e->cluster.asked.cluster && queue < QUEUE_SURE * limit)
        return;
    cut_for_delay(e, now, settled);
}

/* ---- Others in the queue --------------------------------------------------------------------- */

/* As TCP: a packet more a round trip, less when packets are lost. */
static void judge_competing(struct pl_estimate *e, pl_time_us now)
{
    struct pl_estimate_loss *w = &e->competing_window;
    if (pl_path_queue(&e->path) < threshold(e) / 2 || now >= e->mode_until) {
        /* Look again; if the queue still stands, two cuts more tell. */
        e->vain_cuts = pl_path_queue(&e->path) < threshold(e) / 2 ? 0 : VAIN_CUTS - 2;
        e->before_cuts_bps = e->target_bps;
        e->mode = PL_ESTIMATE_NORMAL;
        e->mode_until = now;
        return;
    }
    if (w->n < 5 || now - w->since < e->rtt_us)
        return;
    int expected = (e->path_loss > 0 ? e->path_loss : 0) * (int)w->n / 10000;
    if ((int)w->lost > expected + 1 && w->first_sent > e->competing_loss_at) {
        set_target(e, percent(e->target_bps, COMPETE_CUT_PERCENT));
        e->competing_loss_at = now;
    } else if (sent_rate(e, now) > percent(e->target_bps, USED_PERCENT)) {
        set_target(e, e->target_bps + PACKET_BITS * PL_SECOND / e->rtt_us);
    }
    *w = (struct pl_estimate_loss){0};
}

/* ---- Loss ------------------------------------------------------------------------------------ */

static int root(int v)
{
    int r = 0;
    while ((r + 1) * (r + 1) <= v)
        r++;
    return r;
}

/* Thrice the standard deviation of a share p of n, and a little: windows are many, and a line that
 * loses at random must not lose its picture to one of them. */
static int noise(int p, unsigned n)
{
    return LOSS_NOISE + 3 * root((int)((int64_t)p * (10000 - p) / n));
}

static void cut_for_loss(struct pl_estimate *e, pl_time_us now, int excess)
{
    e->loss_suspected = false;
    e->loss_cut = true;
    e->loss_cut_at = now;
    e->excess_loss = excess;
    e->before_loss_cut_bps = e->target_bps;
    int64_t link = most_of(arriving(e, RATE_US), e->target_bps / 2);
    e->capacity_bps = least_of(link, e->target_bps);
    set_target(e, least_of(e->target_bps, percent(link, BACK_OFF_PERCENT)));
    e->grown_at = now + e->rtt_us;
}

/* Loss that does not yield to a cut is the path's own. */
static void judge_loss(struct pl_estimate *e, pl_time_us now)
{
    struct pl_estimate_loss *w = &e->window;
    if ((w->n < LOSS_WINDOW_N || now - w->since < LOSS_WINDOW_US) &&
        (w->n < 10 || now - w->since < LOSS_WINDOW_LONG_US))
        return;
    struct pl_estimate_loss done = *w;
    *w = (struct pl_estimate_loss){0};
    if (done.queued || e->mode != PL_ESTIMATE_NORMAL)
        return;
    if (e->loss_cut && done.first_sent <= e->loss_cut_at)
        return; /* of before the cut, or of both */
    int loss = (int)(done.lost * 10000 / done.n);
    if (e->path_loss < 0) {
        e->path_loss = (int)clamp(loss, 0, LOSS_PATH_MAX);
        return;
    }
    int excess = loss - e->path_loss;
    if (e->loss_cut) {
        e->loss_cut = false;
        if (excess > e->excess_loss / 2) {
            e->path_loss = (int)clamp(loss, 0, LOSS_PATH_MAX);
            set_target(e, e->before_loss_cut_bps);
            return;
        }
    }
    bool suspected = e->loss_suspected;
    e->loss_suspected = excess > noise(e->path_loss, done.n);
    if (!e->loss_suspected)
        e->path_loss = (int)clamp(e->path_loss + excess / 4, 0, LOSS_PATH_MAX);
    else if (suspected || excess > LOSS_SURE)
        cut_for_loss(e, now, excess);
}

/* ---- Growth ---------------------------------------------------------------------------------- */

/* Near the last limit: half a packet a round trip, and after a while without a queue faster. */
static int64_t near_step(const struct pl_estimate *e, int64_t step, pl_time_us elapsed,
                         pl_time_us now)
{
    step = step * GROW_NEAR_PERCENT_S / GROW_PERCENT_S;
    if (now - e->cut_at > NEAR_US)
        return step;
    return least_of(step, PACKET_BITS / 2 * elapsed / e->rtt_us);
}

static void grow(struct pl_estimate *e, pl_time_us now)
{
    pl_time_us elapsed = now - e->grown_at;
    if (elapsed <= 0)
        return;
    e->grown_at = now;
    if (e->mode != PL_ESTIMATE_NORMAL || queue_stands(e) || e->loss_cut)
        return;
    if (sent_rate(e, now) < percent(e->target_bps, USED_PERCENT))
        return;
    elapsed = pl_time_min(elapsed, 200 * PL_MS);
    int64_t step = percent(e->target_bps, GROW_PERCENT_S) * elapsed / PL_SECOND;
    if (e->target_bps > percent(e->capacity_bps, PASSED_PERCENT))
        e->capacity_bps = 0;
    else if (e->capacity_bps && e->target_bps > percent(e->capacity_bps, 85))
        step = near_step(e, step, elapsed, now);
    int64_t most = percent(acknowledged(e), HEADROOM_PERCENT);
    if (e->target_bps + step <= most)
        set_target(e, e->target_bps + step);
}

/* ---- Probes ---------------------------------------------------------------------------------- */

static bool probing_allowed(const struct pl_estimate *e)
{
    return e->mode == PL_ESTIMATE_NORMAL && !e->loss_cut &&
           pl_path_queue(&e->path) < threshold(e) / 2 && (int64_t)e->wanted_bps > e->target_bps;
}

bool pl_estimate_probe(struct pl_estimate *e, pl_time_us now, struct pl_probe *out)
{
    if (e->cluster.asked.cluster || now < e->next_probe_at || !probing_allowed(e))
        return false;
    if (!e->negotiated && !e->has_feedback)
        return false;
    int64_t rate = e->next_probe_bps;
    if (!rate) {
        /* Where little was acknowledged of late, the target itself is tried first. */
        rate = 2 * e->target_bps;
        if (e->has_feedback)
            rate = least_of(rate, most_of(e->target_bps, PROBE_LEAP * acknowledged(e)));
    }
    rate = least_of(rate, percent((int64_t)e->wanted_bps, PROBE_BEYOND_PERCENT));
    pl_time_us takes = clamp(3 * e->path.jitter_us, PROBE_US, PROBE_MAX_US);
    if (++e->clusters > PL_HISTORY_CLUSTER_MAX)
        e->clusters = 1;
    *out = (struct pl_probe){
        .cluster = e->clusters,
        .rate_bps = rate,
        .bytes = most_of(rate * takes / PL_SECOND / 8, PROBE_PACKETS * PACKET_BITS / 8),
    };
    e->cluster = (struct pl_estimate_cluster){.asked = *out, .asked_at = now};
    e->next_probe_at = now + (e->capacity_bps ? PROBE_EVERY_US : PROBE_SOON_US);
    e->next_probe_bps = 0;
    return true;
}

/* The rate that a finished probe showed; 0: too little of it came back to tell. `full`: it took
 * longer to arrive than to send, so that is the link's rate. */
static int64_t probe_result(const struct pl_estimate_cluster *c, pl_time_us jitter, bool *full)
{
    pl_time_us sending = c->last_sent - c->first_sent,
               arriving = c->last_arrival - c->first_arrival;
    if (c->acked < PROBE_PACKETS - 1 || c->acked * 2 < c->sent || sending <= 0)
        return 0;
    int64_t sent = (c->acked_bytes - c->last_bytes) * 8 * PL_SECOND / sending;
    sent = least_of(sent, c->asked.rate_bps);
    *full = sending < percent(arriving - jitter, FULL_PERCENT);
    if (arriving <= 0)
        return sent;
    int64_t arrived = (c->acked_bytes - c->first_bytes) * 8 * PL_SECOND / arriving;
    return *full ? percent(arrived, 95) : least_of(sent, arrived);
}

static void judge_probe(struct pl_estimate *e, pl_time_us now)
{
    struct pl_estimate_cluster *c = &e->cluster;
    if (!c->asked.cluster)
        return;
    bool all = c->sent_bytes >= c->asked.bytes && c->acked + c->lost >= c->sent;
    if (!all && now - c->asked_at < PROBE_PATIENCE_US + e->rtt_us)
        return;
    c->asked.cluster = 0;
    if (e->mode != PL_ESTIMATE_NORMAL)
        return;
    bool full = false;
    int64_t before = e->target_bps, result = probe_result(c, e->path.jitter_us, &full);
    if (!result && ++e->vain_probes < PROBE_TRIES) {
        e->next_probe_bps = c->asked.rate_bps; /* lost, or its feedback: again */
        e->next_probe_at = now + PROBE_AGAIN_US;
        return;
    }
    e->vain_probes = 0;
    result = least_of(with_path_loss(e, result), c->asked.rate_bps);
    if (result > before) {
        set_target(e, result);
        e->capacity_bps = full ? result : 0;
    }
    bool vouches = c->asked.rate_bps <= before;
    if (vouches && full)
        set_target(e, most_of(result, acknowledged(e)));
    if (full || (int64_t)e->wanted_bps <= result ||
        result < percent(before, vouches ? FULL_PERCENT : WORTH_PERCENT))
        return;
    e->next_probe_bps = 2 * result;
    e->next_probe_at = now;
}

/* ---- In and out ------------------------------------------------------------------------------ */

void pl_estimate_feedback(struct pl_estimate *e, pl_time_us now, struct pl_twcc_reader *r)
{
    struct pl_twcc_status s;
    pl_time_us reference = pl_twcc_reference(&e->clock, r);
    pl_time_us newest = e->newest_sent;
    if (!e->any_sent)
        return;
    while (pl_twcc_next(r, &s))
        take(e, &s, reference, now);
    if (e->newest_sent == newest)
        return; /* nothing new: neither a sign of life nor a measure */
    e->has_feedback = true;
    e->feedback_at = now;
    e->timeout_at = PL_NEVER;
    pl_time_us rtt = now - e->newest_sent;
    e->rtt_least_us = rtt < e->rtt_least_us ? rtt : e->rtt_least_us + (rtt - e->rtt_least_us) / 512;
    e->rtt_us += clamp(rtt - e->rtt_us, -PL_SECOND, PL_SECOND) / 8;
    e->rtt_us = clamp(e->rtt_us, PL_MS, PL_SECOND);
    if (e->mode == PL_ESTIMATE_COMPETING)
        judge_competing(e, now);
    else
        judge_delay(e, now);
    judge_loss(e, now);
    grow(e, now);
    judge_probe(e, now);
}

void pl_estimate_remb(struct pl_estimate *e, pl_time_us now, uint64_t bps)
{
    uint64_t most = bps < PL_ESTIMATE_MAX_BPS ? bps : PL_ESTIMATE_MAX_BPS;
    e->remb_bps = most > PL_ESTIMATE_MIN_BPS ? most : PL_ESTIMATE_MIN_BPS;
    e->remb_at = now;
}

/* Whether there is a limit but for REMB. */
static bool limits(const struct pl_estimate *e, pl_time_us now)
{
    return e->has_feedback || (e->negotiated && now - e->started < PL_ESTIMATE_GRACE_US);
}

static uint64_t least_with_remb(const struct pl_estimate *e, uint64_t bps, pl_time_us now)
{
    bool holds = e->remb_bps && now - e->remb_at < PL_ESTIMATE_REMB_US;
    return holds && e->remb_bps < bps ? e->remb_bps : bps;
}

uint64_t pl_estimate_share_bps(const struct pl_estimate *e, pl_time_us now)
{
    int64_t loss = e->path_loss > 0 ? e->path_loss : 0;
    uint64_t bps = (uint64_t)(e->target_bps * (10000 - loss) / 10000);
    return least_with_remb(e, limits(e, now) ? bps : PL_ESTIMATE_UNLIMITED, now);
}

uint64_t pl_estimate_target_bps(const struct pl_estimate *e, pl_time_us now)
{
    bool drains = e->mode == PL_ESTIMATE_DRAINING;
    int64_t bps = drains ? percent(e->target_bps, e->drain_percent) : e->target_bps;
    bps = most_of(bps, PL_ESTIMATE_MIN_BPS);
    return least_with_remb(e, limits(e, now) ? (uint64_t)bps : PL_ESTIMATE_UNLIMITED, now);
}

bool pl_estimate_roomy(const struct pl_estimate *e)
{
    return e->has_feedback && e->capacity_bps == 0 && e->mode == PL_ESTIMATE_NORMAL &&
           !queue_stands(e);
}

pl_time_us pl_estimate_round_trip(const struct pl_estimate *e)
{
    return e->has_feedback ? e->rtt_least_us : 0;
}

pl_time_us pl_estimate_deadline(const struct pl_estimate *e)
{
    pl_time_us at = e->timeout_at;
    if (e->cluster.asked.cluster)
        at = pl_time_min(at, e->cluster.asked_at + PROBE_PATIENCE_US + e->rtt_us);
    else if (probing_allowed(e) && (e->negotiated || e->has_feedback))
        at = pl_time_min(at, e->next_probe_at);
    if (e->mode == PL_ESTIMATE_DRAINING)
        at = pl_time_min(at, e->mode_until);
    return at;
}

void pl_estimate_expire(struct pl_estimate *e, pl_time_us now)
{
    judge_probe(e, now);
    if (e->mode == PL_ESTIMATE_DRAINING && now >= e->mode_until)
        e->mode = PL_ESTIMATE_NORMAL;
    if (now < e->timeout_at)
        return;
    e->timeout_at = now + SILENCE_AGAIN_US;
    if (e->has_feedback)
        set_target(e, e->target_bps / 2);
}

struct pl_estimate_view pl_estimate_view(const struct pl_estimate *e, pl_time_us now)
{
    return (struct pl_estimate_view){
        .target_bps = pl_estimate_target_bps(e, now),
        .acked_bps = acknowledged(e),
        .rtt_us = e->rtt_us,
        .queue_us = pl_path_queue(&e->path),
        .jitter_us = e->path.jitter_us,
        .loss = e->path_loss,
        .mode = e->mode,
    };
}
