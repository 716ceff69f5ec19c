/* What a summary says. See trace_summary.h. */
#include "server/trace_summary_parts.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

/* A number of a line, in a second where it is known. */
static int64_t number_at(const struct pl_summary_second *s, size_t offset)
{
    return s->there ? *(const int64_t *)((const char *)&s->line + offset) : PL_LINE_UNKNOWN;
}
#define AT(name) offsetof(struct pl_line, name)

/* Over a range of seconds, where it is known. */
struct spread {
    int64_t least, most, sum, n;
};

static struct spread spread(const struct pl_summary_peer *p, size_t from, size_t to, size_t offset)
{
    struct spread s = {.least = PL_LINE_UNKNOWN, .most = PL_LINE_UNKNOWN};
    for (size_t i = from; i < to && i < p->n_seconds; i++) {
        int64_t x = number_at(&p->seconds[i], offset);
        if (x < 0)
            continue;
        s.least = s.n == 0 || x < s.least ? x : s.least;
        s.most = x > s.most ? x : s.most;
        s.sum = s.sum > INT64_MAX - x ? INT64_MAX : s.sum + x;
        s.n++;
    }
    return s;
}

static struct spread whole(const struct pl_summary_peer *p, size_t offset)
{
    return spread(p, 0, p->n_seconds, offset);
}

static int64_t mean(const struct spread *s)
{
    return s->n ? s->sum / s->n : PL_LINE_UNKNOWN;
}

/* --- The table --- */

static void cell(struct pl_buf *out, int width, int64_t value, int64_t unit, int decimals)
{
    if (value < 0)
        pl_buf_printf(out, " %*s", width, "-");
    else
        pl_buf_printf(out, " %*.*f", width, decimals, (double)value / (double)unit);
}

static void row(const struct pl_summary_peer *p, size_t from, size_t to, struct pl_buf *out)
{
    static const struct {
        size_t offset;
        bool most; /* of the seconds of the row; else their mean */
        int width;
        int64_t unit;
        int decimals;
    } columns[] = {
        {AT(rtt_ms), true, 7, 1, 0},      {AT(loss_in), false, 7, 100, 1},
        {AT(loss_out), false, 8, 100, 1}, {AT(bps_in), false, 7, 1000, 0},
        {AT(bps_out), false, 8, 1000, 0}, {AT(estimate_bps), false, 9, 1000, 0},
        {AT(queue_ms), true, 8, 1, 0},    {AT(pacer_ms), true, 8, 1, 0},
        {AT(pictures), true, 9, 1, 0},    {AT(paused), true, 7, 1, 0},
    };
    unsigned smaller = 0;
    pl_buf_printf(out, "%6zu", from);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const struct spread s = spread(p, from, to, columns[i].offset);
        cell(out, columns[i].width, columns[i].most ? s.most : mean(&s), columns[i].unit,
             columns[i].decimals);
    }
    for (size_t i = from; i < to && i < p->n_seconds; i++)
        smaller = p->seconds[i].smaller > smaller ? p->seconds[i].smaller : smaller;
    pl_buf_printf(out, " %8u\n", smaller);
}

static void table(const struct pl_summary_peer *p, struct pl_buf *out)
{
    size_t step = (p->n_seconds + PL_SUMMARY_ROWS - 1) / PL_SUMMARY_ROWS;
    pl_buf_puts(out,
                "  time  r.trip lost in lost out  kbps in kbps out  estimate    queue    pacer  "
                "pictures  paused  smaller\n"
                "     s      ms       %        %                       kbps       ms       ms\n");
    for (size_t from = 0; from < p->n_seconds; from += step)
        row(p, from, from + step, out);
}

/* --- The sentences --- */

static double seconds(int64_t ms)
{
    return (double)ms / 1000;
}

static void say_path(const struct pl_summary_peer *p, struct pl_buf *out)
{
    if (!p->paths) {
        pl_buf_puts(out, "- No path was found: no connectivity check came through.\n");
        return;
    }
    pl_buf_printf(out, "- The path is by %s, from %s", p->protocol, p->address);
    if (p->paths > 1)
        pl_buf_printf(out, "; it changed %u times", p->paths - 1);
    if (p->connected_ms < 0)
        pl_buf_puts(out, "; DTLS did not come through");
    pl_buf_puts(out, ".\n");
}

static void say_round_trip(const struct pl_summary_peer *p, struct pl_buf *out)
{
    const struct spread s = whole(p, AT(rtt_ms));
    if (s.n)
        pl_buf_printf(out,
                      "- The round trip was %" PRId64 " ms, from %" PRId64 " to %" PRId64 ".\n",
                      mean(&s), s.least, s.most);
}

/* What is visible in the seconds before an estimate fell. */
static void say_cause(const struct pl_summary_peer *p, size_t at, struct pl_buf *out)
{
    size_t from = at > 3 ? at - 3 : 0;
    const struct spread queue = spread(p, from, at + 1, AT(queue_ms));
    const struct spread loss = spread(p, from, at + 1, AT(loss_out));
    if (queue.most >= 50)
        pl_buf_printf(out, "a queue of %" PRId64 " ms stood before the line", queue.most);
    else if (loss.most >= 200)
        pl_buf_printf(out, "%.1f %% were lost", (double)loss.most / 100);
    else
        pl_buf_puts(out, "no cause is visible");
}

/* A fall: to three quarters of the highest since the one before. */
static void say_estimate(const struct pl_summary_peer *p, struct pl_buf *out)
{
    const struct spread all = whole(p, AT(estimate_bps));
    int64_t peak = 0;
    unsigned falls = 0;
    if (!all.n) {
        pl_buf_puts(out, "- Nothing limited what was sent: there was no estimate of the line.\n");
        return;
    }
    pl_buf_printf(
        out, "- The estimate of the line was %.0f kbit/s, from %.0f to %.0f; %" PRIu64 " probes.\n",
        (double)mean(&all) / 1000, (double)all.least / 1000, (double)all.most / 1000, p->probes);
    for (size_t i = 0; i < p->n_seconds; i++) {
        int64_t bps = number_at(&p->seconds[i], AT(estimate_bps));
        if (bps < 0)
            continue;
        if (bps > peak / 4 * 3) {
            peak = bps > peak ? bps : peak;
            continue;
        }
        if (falls++ < PL_SUMMARY_FALLS) {
            pl_buf_printf(out, "- At %zu s it fell from %.0f to %.0f kbit/s: ", i,
                          (double)peak / 1000, (double)bps / 1000);
            say_cause(p, i, out);
            pl_buf_puts(out, ".\n");
        }
        peak = bps;
    }
    if (falls > PL_SUMMARY_FALLS)
        pl_buf_printf(out, "- And %u times more.\n", falls - PL_SUMMARY_FALLS);
}

static void say_loss(const struct pl_summary_peer *p, struct pl_buf *out)
{
    static const struct {
        size_t offset;
        const char *what;
    } ways[] = {{AT(loss_out), "to"}, {AT(loss_in), "from"}};
    for (size_t i = 0; i < 2; i++) {
        const struct spread s = whole(p, ways[i].offset);
        if (!s.n)
            continue;
        pl_buf_printf(out, "- On the way %s them %.1f %% were lost, in the worst second %.1f %%; ",
                      ways[i].what, (double)mean(&s) / 100, (double)s.most / 100);
        if (i == 0)
            pl_buf_printf(out,
                          "they asked %" PRIu64 " times, %" PRIu64 " packets were sent again.\n",
                          p->nacks_in, p->resent);
        else
            pl_buf_printf(out, "we asked %" PRIu64 " times.\n", p->nacks_out);
    }
}

static void say_pictures(const struct pl_summary_peer *p, struct pl_buf *out)
{
    unsigned paused = 0, smaller = 0;
    for (size_t i = 0; i < p->n_seconds; i++) {
        paused += number_at(&p->seconds[i], AT(paused)) > 0;
        smaller += p->seconds[i].smaller > 0;
    }
    if (p->standing)
        pl_buf_printf(out, "- Pictures stood %u times", p->standing);
    if (p->stands)
        pl_buf_printf(out,
                      ", %.1f s together; longest %.1f s, from %.1f s on, that of source %" PRId64,
                      seconds((int64_t)p->stood_ms), seconds(p->longest_ms),
                      seconds(p->longest_at_ms), p->longest_source);
    if (p->standing)
        pl_buf_puts(out, p->standing > p->stands ? "; some to the end.\n" : ".\n");
    pl_buf_printf(out, "- Pictures were not sent in %u seconds, and smaller than shown in %u.\n",
                  paused, smaller);
    pl_buf_printf(
        out, "- Slots switched %u times, of them %u to another layer; %u waited for a key frame.\n",
        p->switches, p->layer_switches, p->waits);
    pl_buf_printf(out,
                  "- Key frames: they asked %" PRIu64 " times, we asked them %" PRIu64 " times.\n",
                  p->keys_in, p->keys_out);
}

void pl_summary_write(const struct pl_summary *s, struct pl_buf *out)
{
    pl_buf_printf(out, "Participant %s of meeting %s.\n", s->head.texts[PL_TRACE_S_participant],
                  s->head.texts[PL_TRACE_S_meeting]);
    for (size_t i = 0; i < s->n_peers; i++) {
        const struct pl_summary_peer *p = s->peers[i];
        pl_buf_printf(out, "\nTransport %" PRId64 ", %zu s:\n\n", p->id, p->n_seconds);
        if (p->n_seconds)
            table(p, out);
        pl_buf_puts(out, "\n");
        say_path(p, out);
        say_round_trip(p, out);
        say_estimate(p, out);
        say_loss(p, out);
        say_pictures(p, out);
    }
    pl_buf_printf(out, "\n%s%s.\n", s->why[0] ? "It ended: " : "It is not ended", s->why);
}
