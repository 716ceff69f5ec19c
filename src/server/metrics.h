/* GET /metrics: what the server counts, in the text format 0.0.4 of Prometheus. Names and meanings
 * are in README.md. Collected by pl_metrics_get (app.h), written here. */
#ifndef PL_SERVER_METRICS_H
#define PL_SERVER_METRICS_H

#include "base/buf.h"
#include "base/time.h"
#include "io/httpd.h"
#include "server/conference.h"
#include "server/rate_limits.h"
#include "server/witnesses.h"

#include <stddef.h>
#include <stdint.h>

#define PL_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Meetings that are told one by one; those beyond are in the sums alone. */
#define PL_METRICS_MEETINGS_MAX 256

struct pl_metrics_meeting {
    char id[PL_MEETING_ID_SIZE];
    size_t participants, sources;
    uint64_t bytes_in, bytes_out;
};

struct pl_metrics {
    pl_time_us uptime;
    uint64_t resident_bytes; /* 0: the kernel does not tell, and neither do we */
    size_t meetings, participants;
    bool draining;
    uint64_t drain_deadline_s;                               /* Unix time; 0: none */
    struct pl_metrics_meeting each[PL_METRICS_MEETINGS_MAX]; /* of the meetings, the first */
    struct pl_record_stats record;
    struct pl_witness_stats witnesses[PL_WITNESSES_MAX];
    size_t n_witnesses;
    struct pl_httpd_stats http;
    struct pl_limits_stats limits;
    struct pl_media_stats threads[PL_MEDIA_THREADS_MAX];
    unsigned n_threads;
};

/* Appends the text. Each family is one block, as the format wants it. */
void pl_metrics_write(const struct pl_metrics *m, struct pl_buf *out);

#endif
