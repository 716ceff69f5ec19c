/* See metrics.h. Families with a number for each media thread take their names from the lists of
 * counters in sfu/engine.h and io/udp.h. */
#include "server/metrics.h"

#include "server/app.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static void family(struct pl_buf *out, const char *name, const char *type, const char *help)
{
    if (help)
        pl_buf_printf(out, "# HELP parley_%s %s\n", name, help);
    pl_buf_printf(out, "# TYPE parley_%s %s\n", name, type);
}

static void gauge(struct pl_buf *out, const char *name, const char *help, uint64_t value)
{
    family(out, name, "gauge", help);
    pl_buf_printf(out, "parley_%s %" PRIu64 "\n", name, value);
}

static void counter(struct pl_buf *out, const char *name, const char *help, uint64_t value)
{
    family(out, name, "counter", help);
    pl_buf_printf(out, "parley_%s %" PRIu64 "\n", name, value);
}

static void sample(struct pl_buf *out, const char *name, unsigned thread, uint64_t value)
{
    pl_buf_printf(out, "parley_%s{thread=\"%u\"} %" PRIu64 "\n", name, thread, value);
}

static void write_server(const struct pl_metrics *m, struct pl_buf *out)
{
    family(out, "uptime_seconds", "gauge", "Since the server started.");
    pl_buf_printf(out, "parley_uptime_seconds %" PRIu64 ".%03" PRIu64 "\n",
                  (uint64_t)(m->uptime / PL_SECOND), (uint64_t)(m->uptime % PL_SECOND / PL_MS));
    if (m->resident_bytes)
        gauge(out, "resident_memory_bytes", "Memory in use.", m->resident_bytes);
    gauge(out, "meetings", "Meetings with somebody in the room.", m->meetings);
    gauge(out, "participants", "People in the room of a meeting.", m->participants);
    gauge(out, "draining", "1: no meeting is opened, and the server ends when nobody is left.",
          m->draining);
    gauge(out, "drain_deadline_seconds", "Unix time at which it ends in any case; 0: none.",
          m->drain_deadline_s);
}

static void write_record(const struct pl_record_stats *s, struct pl_buf *out)
{
    counter(out, "record_events_total", "Events of meetings that were put on disk.", s->events);
    counter(out, "record_commits_total", "Waits for the disk that this took.", s->commits);
    counter(out, "record_failures_total", "Times that the disk refused.", s->failures);
    counter(out, "record_checkpoints_total", "Checkpoints signed and kept.", s->checkpoints);
    counter(out, "record_cosignatures_total", "Cosignatures of them kept.", s->cosignatures);
}

/* A name has no quote or backslash: printable ASCII, and these are told with an escape. */
static void witness_label(struct pl_buf *out, struct pl_str name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"' || name.p[i] == '\\')
            pl_buf_puts(out, "\\");
        pl_buf_add(out, &name.p[i], 1);
    }
}

static void write_witnesses(const struct pl_metrics *m, struct pl_buf *out)
{
#define EACH(name_, type, help, value)                                                             \
    family(out, name_, type, help);                                                                \
    for (size_t i = 0; i < m->n_witnesses; i++) {                                                  \
        pl_buf_puts(out, "parley_" name_ "{witness=\"");                                           \
        witness_label(out, m->witnesses[i].name);                                                  \
        pl_buf_printf(out, "\"} %" PRIu64 "\n", (uint64_t)m->witnesses[i].value);                  \
    }
    EACH("witness_cosignatures_total", "counter", "Checkpoints that it cosigned.", cosigned)
    EACH("witness_failures_total", "counter", "Times that it did not.", failures)
    EACH("witness_waiting", "gauge", "Logs that it has not cosigned as they are.", waiting)
    EACH("witness_last_success_seconds", "gauge", "Unix time of the last; 0: none since the start.",
         last_success_s)
#undef EACH
}

static void write_http(const struct pl_httpd_stats *s, struct pl_buf *out)
{
    gauge(out, "http_connections", "Open connections, WebSockets among them.", s->open);
    gauge(out, "websockets", "Open WebSockets.", s->websockets);
    counter(out, "http_accepted_total", "Connections accepted.", s->accepted);
    counter(out, "http_refused_total", "Connections over the limit, closed.", s->refused);
    counter(out, "http_requests_total", "Requests.", s->requests);
    counter(out, "http_bad_requests_total", "Malformed or too large requests.", s->bad_requests);
    counter(out, "http_timeouts_total", "Connections cut for being slow.", s->timeouts);
    counter(out, "http_tls_failed_total", "TLS handshakes that failed.", s->tls_failed);
    counter(out, "http_streams_total", "Connections that became TURN or ICE-TCP.", s->streams);
    counter(out, "http_accept_paused_total", "Times that descriptors ran out.", s->accept_paused);
    counter(out, "websockets_slow_total", "WebSockets cut for a full queue.", s->slow_readers);
}

static void write_limits(const struct pl_limits_stats *s, struct pl_buf *out)
{
    family(out, "limited_total", "counter", "What came too often, and was refused.");
    pl_buf_printf(out, "parley_limited_total{what=\"address_requests\"} %" PRIu64 "\n",
                  s->requests);
    pl_buf_printf(out, "parley_limited_total{what=\"wrong_tokens\"} %" PRIu64 "\n", s->wrong);
    for (int i = 0; i < PL_LIMITS; i++)
        pl_buf_printf(out, "parley_limited_total{what=\"%s\"} %" PRIu64 "\n", pl_limit_words[i],
                      s->uses[i]);
}

static void write_media(const struct pl_metrics *m, struct pl_buf *out)
{
    family(out, "media_peers", "gauge", "Transports of clients.");
    for (unsigned i = 0; i < m->n_threads; i++)
        sample(out, "media_peers", i, m->threads[i].peers);
#define X(name)                                                                                    \
    family(out, "media_" #name "_total", "counter", NULL);                                         \
    for (unsigned i = 0; i < m->n_threads; i++)                                                    \
        sample(out, "media_" #name "_total", i, m->threads[i].counts.engine.name);
    PL_ENGINE_COUNTERS(X)
#undef X
#define X(name)                                                                                    \
    family(out, "udp_" #name "_total", "counter", NULL);                                           \
    for (unsigned i = 0; i < m->n_threads; i++)                                                    \
        sample(out, "udp_" #name "_total", i, m->threads[i].counts.udp.name);
    PL_UDP_COUNTERS(X)
#undef X
}

/* Names of ids need no escapes. */
static void write_meetings(const struct pl_metrics *m, struct pl_buf *out)
{
    size_t n = m->meetings < PL_METRICS_MEETINGS_MAX ? m->meetings : PL_METRICS_MEETINGS_MAX;
#define EACH(name, type, help, value)                                                              \
    family(out, name, type, help);                                                                 \
    for (size_t i = 0; i < n; i++)                                                                 \
    pl_buf_printf(out, "parley_%s{meeting=\"%s\"} %" PRIu64 "\n", name, m->each[i].id,             \
                  (uint64_t)m->each[i].value)
    EACH("meeting_participants", "gauge", "People in the room of this meeting.", participants);
    EACH("meeting_sources", "gauge", "What they send, and may be heard or seen.", sources);
    EACH("meeting_bytes_in_total", "counter", "From its clients.", bytes_in);
    EACH("meeting_bytes_out_total", "counter", "To its clients.", bytes_out);
#undef EACH
}

static void add_meeting(void *ctx, const struct pl_conference_counts *counts)
{
    struct pl_metrics *m = ctx;
    m->participants += counts->participants;
    if (m->meetings++ >= PL_METRICS_MEETINGS_MAX)
        return;
    struct pl_metrics_meeting *one = &m->each[m->meetings - 1];
    *one = (struct pl_metrics_meeting){.participants = counts->participants,
                                       .sources = counts->sources,
                                       .bytes_in = counts->traffic.bytes_in,
                                       .bytes_out = counts->traffic.bytes_out};
    snprintf(one->id, sizeof one->id, "%s", counts->id);
}

void pl_metrics_write(const struct pl_metrics *m, struct pl_buf *out)
{
    write_server(m, out);
    write_meetings(m, out);
    write_record(&m->record, out);
    if (m->n_witnesses)
        write_witnesses(m, out);
    write_http(&m->http, out);
    write_limits(&m->limits, out);
    write_media(m, out);
}

/* The second number of /proc/self/statm, in pages (proc(5)). */
static uint64_t resident_bytes(void)
{
    uint64_t pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fscanf(f, "%*u %" SCNu64, &pages) != 1)
        pages = 0;
    fclose(f);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void pl_metrics_get(struct pl_request *r)
{
    const struct pl_app *app = r->app;
    struct pl_str token = pl_request_bearer(r);
    if (!(token.p && pl_data_is_metrics(app->data, token)) && !pl_request_admin(r))
        return;
    struct pl_metrics m = {
        .uptime = pl_loop_now(app->loop) - app->started,
        .resident_bytes = resident_bytes(),
        .record = *pl_conferences_record(app->conferences),
        .http = *pl_httpd_stats(app->httpd),
        .limits = *pl_limits_stats(app->limits),
    };
    const struct pl_drain *drain = pl_conferences_drained(app->conferences);
    m.draining = drain->on;
    m.drain_deadline_s = (uint64_t)drain->until_ms / 1000;
    pl_conferences_count(app->conferences, add_meeting, &m);
    while (m.n_witnesses < PL_WITNESSES_MAX &&
           pl_witnesses_stats(app->witnesses, m.n_witnesses, &m.witnesses[m.n_witnesses]))
        m.n_witnesses++;
    while (m.n_threads < PL_MEDIA_THREADS_MAX &&
           pl_media_stats(app->media, m.n_threads, &m.threads[m.n_threads]))
        m.n_threads++;
    struct pl_buf text = {0};
    pl_metrics_write(&m, &text);
    if (text.failed)
        pl_reply_failed(r, PL_ENOMEM);
    else
        pl_reply(r, &(struct pl_reply){
                        .status = 200, .type = PL_METRICS_TYPE, .body = text.data, .n = text.len});
    pl_buf_free(&text);
}
