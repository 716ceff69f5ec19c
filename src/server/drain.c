/* See drain.h. The command sends a signal with a number, and the server answers with a line in its
 * data folder: four numbers, whether it drains, until when (Unix milliseconds; 0: no deadline), and
 * how many people are in how many meetings. */
#include "server/drain.h"

#include "io/signals.h"
#include "server/complain.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ANSWER_MS 5000 /* that the command waits for it */

struct pl_draining {
    struct pl_app *app;
    void (*end)(struct pl_app *app);
    struct pl_signal *signal;
    struct pl_timer timer; /* the deadline, or now: nobody is left */
};

/* --- The server --- */

static int64_t left_ms(const struct pl_drain *drain)
{
    int64_t left = drain->until_ms - pl_wall_now_us() / 1000;
    return left > 0 ? left : 0;
}

static void set(struct pl_draining *d, pl_time_us at)
{
    if (pl_timer_set(d->app->loop, &d->timer, at))
        pl_complain("draining: no memory; the server does not end by itself");
}

static void on_time(struct pl_timer *t)
{
    struct pl_draining *d = pl_container_of(t, struct pl_draining, timer);
    const struct pl_drain *drain = pl_conferences_drained(d->app->conferences);
    if (!drain->told && left_ms(drain) > 0) { /* the loop's clock was behind when it was set */
        set(d, pl_loop_now(d->app->loop) + left_ms(drain) * PL_MS);
        return;
    }
    printf("draining: ends %s\n", drain->told ? "as nobody is left" : "at the deadline");
    d->end(d->app);
}

/* Not within the call: the conferences are at work. */
static void on_empty(void *ctx)
{
    struct pl_draining *d = ctx;
    set(d, pl_loop_now(d->app->loop));
}

static void begin(struct pl_draining *d, int64_t until_ms)
{
    const struct pl_drain drain = {.on = true, .until_ms = until_ms, .empty = on_empty, .ctx = d};
    pl_timer_clear(d->app->loop, &d->timer);
    if (until_ms)
        set(d, pl_loop_now(d->app->loop) + left_ms(&drain) * PL_MS);
    pl_conferences_drain(d->app->conferences, &drain);
}

static void cancel(struct pl_draining *d)
{
    const struct pl_drain off = {.on = false};
    pl_timer_clear(d->app->loop, &d->timer);
    pl_conferences_drain(d->app->conferences, &off);
}

static void answer(const struct pl_draining *d)
{
    const struct pl_drain *drain = pl_conferences_drained(d->app->conferences);
    char line[100];
    size_t people, meetings = pl_conferences_running(d->app->conferences, &people);
    snprintf(line, sizeof line, "%d %" PRId64 " %zu %zu\n", drain->on, drain->until_ms, people,
             meetings);
    if (pl_data_tell(d->app->data, PL_DATA_DRAIN, line))
        pl_complain("draining: this cannot be told to the one who asked for it");
}

/* Who can send the signal runs the server: it is not held up by a disk that is full. */
static void note(const struct pl_draining *d, enum pl_audit_act act)
{
    const struct pl_audit_entry entry = {.act = act, .way = "parley drain"};
    if (pl_audit_note(d->app->audit, &entry, pl_wall_now_us() / 1000))
        pl_complain("draining: the audit cannot be written");
}

static void on_signal(void *ctx, int signo, int value)
{
    struct pl_draining *d = ctx;
    (void)signo;
    if (value >= 0 && value <= PL_DRAIN_MINUTES_MAX) {
        begin(d, value ? pl_wall_now_us() / 1000 + value * INT64_C(60000) : 0);
        note(d, PL_AUDIT_DRAIN);
    } else if (value == PL_DRAIN_CANCEL) {
        cancel(d);
        note(d, PL_AUDIT_DRAIN_CANCELLED);
    }
    answer(d);
}

enum pl_err pl_draining_new(struct pl_app *app, void (*end)(struct pl_app *app),
                            struct pl_draining **out)
{
    struct pl_draining *d = calloc(1, sizeof *d);
    if (!d)
        return PL_ENOMEM;
    d->app = app;
    d->end = end;
    d->timer.fire = on_time;
    enum pl_err err = pl_signal_watch(app->loop, SIGUSR1, on_signal, d, &d->signal);
    if (err)
        free(d);
    else
        *out = d;
    return err;
}

void pl_draining_free(struct pl_draining *d)
{
    if (!d)
        return;
    pl_timer_clear(d->app->loop, &d->timer);
    pl_signal_free(d->signal);
    free(d);
}

void pl_draining_carry(struct pl_draining *d, struct pl_carry *c)
{
    struct pl_drain drain = *pl_conferences_drained(d->app->conferences);
    pl_carry_flag(c, &drain.on);
    PL_CARRY(c, drain.until_ms);
    if (pl_carry_reads(c) && !c->bad && drain.on)
        begin(d, drain.until_ms);
}

/* --- Requests --- */

bool pl_refuse_shut(struct pl_request *r, const struct pl_conference *c)
{
    const struct pl_drain *drain = pl_conferences_drained(r->app->conferences);
    if (!drain->on || (c && !pl_drain_shuts(c)))
        return false;
    char seconds[24];
    int64_t left_s = (drain->until_ms - pl_wall_now_us() / 1000) / 1000 + 1;
    snprintf(seconds, sizeof seconds, "%" PRId64,
             !drain->until_ms ? PL_DRAIN_RETRY_S
             : left_s > 1     ? left_s
                              : 1);
    pl_reply_error_with(r, 503, "maintenance", pl_drain_shut, NULL,
                        &(struct pl_httpd_field){"Retry-After", seconds});
    return true;
}

/* --- The command --- */

static void print_count(uint64_t people, uint64_t meetings)
{
    if (!people)
        printf("nobody is in a meeting\n");
    else
        printf("%" PRIu64 " %s in %" PRIu64 " meeting%s\n", people,
               people == 1 ? "person is" : "people are", meetings, meetings == 1 ? "" : "s");
}

static bool print_answer(const char *line)
{
    int64_t until_ms;
    uint64_t people, meetings;
    int on;
    char when[40] = "";
    if (sscanf(line, "%d %" SCNd64 " %" SCNu64 " %" SCNu64, &on, &until_ms, &people, &meetings) !=
        4)
        return pl_complain("the server's answer is not understood");
    time_t until = (time_t)(until_ms / 1000);
    struct tm local;
    if (until_ms && localtime_r(&until, &local))
        strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local);
    if (!on)
        printf("not draining; ");
    else if (!people)
        printf("draining: the server ends now; ");
    else
        printf("draining: the server ends when they have left%s%s; ",
               when[0] ? ", at the latest " : "", when);
    print_count(people, meetings);
    return true;
}

bool pl_drain_command(const char *data, int value)
{
    const struct timespec look = {0, 20 * 1000 * 1000};
    const union sigval sent = {.sival_int = value};
    pid_t pid = 0;
    if (pl_data_runs(data, &pid) != PL_OK)
        return pl_complain("--data %.200s: no server runs there", data);
    pl_data_forget(data, PL_DATA_DRAIN);
    if (sigqueue(pid, SIGUSR1, sent) != 0)
        return pl_complain("process %d: %s", (int)pid, strerror(errno));
    for (int waited_ms = 0; waited_ms < ANSWER_MS; waited_ms += 20) {
        struct pl_buf line = {0};
        nanosleep(&look, NULL);
        if (pl_data_told(data, PL_DATA_DRAIN, &line) == PL_OK) {
            bool understood = print_answer(line.data);
            pl_buf_free(&line);
            pl_data_forget(data, PL_DATA_DRAIN);
            return understood;
        }
    }
    return pl_complain("process %d does not answer", (int)pid);
}
