/* The text of /metrics: whole for a small server, and well-formed for the largest. */
#include "server/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pl_metrics *sample(unsigned threads)
{
    struct pl_metrics *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->uptime = 90 * PL_SECOND + 7 * PL_MS;
    m->resident_bytes = 4096;
    m->meetings = 2;
    m->participants = 5;
    m->draining = true;
    m->drain_deadline_s = 1793000000;
    m->each[0] = (struct pl_metrics_meeting){"aB-_9", 3, 2, 1000, UINT64_MAX};
    m->each[1] = (struct pl_metrics_meeting){"m2", 2, 0, 0, 0};
    m->record = (struct pl_record_stats){32, 2, 1, 9, 17};
    m->n_witnesses = 2;
    m->witnesses[0] = (struct pl_witness_stats){pl_str("w.example/1"), 6, 5, 4, 1764100000};
    m->witnesses[1].name = pl_str("a\"b\\");
    m->limits = (struct pl_limits_stats){3, 4, {5, 6, 7, 8}};
    m->http.requests = 11;
    m->http.websockets = 3;
    m->http.slow_readers = 1;
    m->n_threads = threads;
    for (unsigned i = 0; i < threads; i++) {
        m->threads[i].peers = i + 1;
        m->threads[i].counts.engine.packets_in = UINT64_MAX;
        m->threads[i].counts.engine.slot_switches = 40 + i;
        m->threads[i].counts.udp.send_failed = 50 + i;
    }
    return m;
}

static void holds_every_number(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "# TYPE parley_uptime_seconds gauge\nparley_uptime_seconds 90.007\n",
        "\nparley_resident_memory_bytes 4096\n",
        "\nparley_meetings 2\n",
        "\nparley_participants 5\n",
        "\nparley_draining 1\n",
        "\nparley_drain_deadline_seconds 1793000000\n",
        "\nparley_meeting_participants{meeting=\"aB-_9\"} 3\n"
        "parley_meeting_participants{meeting=\"m2\"} 2\n",
        "\nparley_meeting_sources{meeting=\"aB-_9\"} 2\n",
        "# TYPE parley_meeting_bytes_in_total counter\n"
        "parley_meeting_bytes_in_total{meeting=\"aB-_9\"} 1000\n",
        "\nparley_meeting_bytes_out_total{meeting=\"aB-_9\"} 18446744073709551615\n",
        "\nparley_limited_total{what=\"address_requests\"} 3\n"
        "parley_limited_total{what=\"wrong_tokens\"} 4\nparley_limited_total{what=\"joins\"} 5\n",
        "\nparley_limited_total{what=\"handshakes\"} 8\n",
        "\nparley_record_events_total 32\n",
        "\nparley_record_commits_total 2\n",
        "\nparley_record_failures_total 1\n",
        "\nparley_record_checkpoints_total 9\n",
        "\nparley_record_cosignatures_total 17\n",
        "\nparley_witness_cosignatures_total{witness=\"w.example/1\"} 6\n"
        "parley_witness_cosignatures_total{witness=\"a\\\"b\\\\\"} 0\n",
        "\nparley_witness_failures_total{witness=\"w.example/1\"} 5\n",
        "\nparley_witness_waiting{witness=\"w.example/1\"} 4\n",
        "\nparley_witness_last_success_seconds{witness=\"w.example/1\"} 1764100000\n",
        "# TYPE parley_http_requests_total counter\nparley_http_requests_total 11\n",
        "\nparley_websockets 3\n",
        "\nparley_websockets_slow_total 1\n",
        "parley_media_peers{thread=\"0\"} 1\nparley_media_peers{thread=\"1\"} 2\n",
        "parley_media_packets_in_total{thread=\"0\"} 18446744073709551615\n",
        "# TYPE parley_media_slot_switches_total counter\n"
        "parley_media_slot_switches_total{thread=\"0\"} 40\n"
        "parley_media_slot_switches_total{thread=\"1\"} 41\n",
        "parley_udp_send_failed_total{thread=\"1\"} 51\n",
    };
    struct pl_metrics *m = sample(2);
    struct pl_buf text = {0};
    pl_metrics_write(m, &text);
    assert_false(text.failed);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(text.data, lines[i]))
            fail_msg("not there: %s", lines[i]);
    pl_buf_free(&text);
    free(m);
}

static void says_nothing_of_what_is_not_known(void **state)
{
    (void)state;
    struct pl_metrics *m = sample(1);
    struct pl_buf text = {0};
    m->resident_bytes = 0;
    pl_metrics_write(m, &text);
    assert_null(strstr(text.data, "resident"));
    pl_buf_free(&text);
    free(m);
}

/* Those beyond the limit are in the sums alone. */
static void tells_of_so_many_meetings(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        struct pl_metrics *m = sample(1);
        struct pl_buf text = {0};
        size_t n = 0;
        m->meetings = PL_METRICS_MEETINGS_MAX + extra;
        pl_metrics_write(m, &text);
        for (const char *p = text.data; (p = strstr(p, "parley_meeting_sources{")); p++)
            n++;
        assert_int_equal(n, PL_METRICS_MEETINGS_MAX);
        pl_buf_free(&text);
        free(m);
    }
}

/* Every line is a comment or "name[{thread="n"}] value"; a family comes once, its samples after. */
static void is_well_formed(void **state)
{
    (void)state;
    struct pl_metrics *m = sample(PL_MEDIA_THREADS_MAX);
    struct pl_buf text = {0};
    pl_metrics_write(m, &text);
    assert_int_equal(text.data[text.len - 1], '\n');
    char family[80] = "", type[16];
    for (char *line = strtok(text.data, "\n"); line; line = strtok(NULL, "\n")) {
        char name[80], value[32], declaration[100];
        unsigned thread;
        if (strncmp(line, "# HELP ", 7) == 0)
            continue;
        if (sscanf(line, "# TYPE %79s %15s", family, type) == 2) {
            snprintf(declaration, sizeof declaration, "# TYPE %s ", family);
            assert_null(strstr(line + strlen(line) + 1, declaration));
            bool total = strcmp(family + strlen(family) - 6, "_total") == 0;
            assert_string_equal(type, total ? "counter" : "gauge");
            continue;
        }
        if (sscanf(line, "%79[a-z0-9_]{meeting=\"%*[A-Za-z0-9_-]\"} %31[0-9]", name, value) != 2 &&
            sscanf(line, "%79[a-z0-9_]{witness=\"%*[!-z]} %31[0-9]", name, value) != 2 &&
            sscanf(line, "%79[a-z0-9_]{what=\"%*[a-z_]\"} %31[0-9]", name, value) != 2 &&
            sscanf(line, "%79[a-z0-9_]{thread=\"%u\"} %31[0-9]", name, &thread, value) != 3)
            assert_int_equal(sscanf(line, "%79[a-z0-9_] %31[0-9.]", name, value), 2);
        assert_string_equal(name, family);
    }
    pl_buf_free(&text);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_every_number),
        cmocka_unit_test(tells_of_so_many_meetings),
        cmocka_unit_test(says_nothing_of_what_is_not_known),
        cmocka_unit_test(is_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
