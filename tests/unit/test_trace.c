/* Traces: what of the views is worth a record, that records are read as they were written, and what
 * is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/trace_file.h"
#include "server/trace_summary.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- Records --- */

static enum pl_err read_line(const char *line, struct pl_trace_record *out)
{
    return pl_trace_record_read(pl_str(line), out);
}

static void records_are_read_as_written(void **state)
{
    (void)state;
    struct pl_trace_record r = {0}, back;
    for (unsigned type = 0; type < PL_TRACE_TYPE_COUNT; type++) {
        struct pl_buf text = {0};
        r.type = (enum pl_trace_type)type;
        for (unsigned i = 0; i < PL_TRACE_NUMBER_COUNT; i++) {
            r.has[i] = (i + type) % 3 != 0;
            r.numbers[i] = r.has[i] ? (int64_t)i * 1000003 - 5 : 0;
        }
        for (unsigned i = 0; i < PL_TRACE_TEXT_COUNT; i++)
            snprintf(r.texts[i], sizeof r.texts[i], "%s", (i + type) % 2 ? "[::1]:5" : "");
        pl_trace_record_write(&r, &text);
        assert_true(text.len < PL_TRACE_RECORD_MAX);
        assert_int_equal(pl_trace_record_read((struct pl_str){text.data, text.len - 1}, &back),
                         PL_OK);
        assert_int_equal(back.type, type);
        assert_memory_equal(back.has, r.has, sizeof r.has);
        assert_memory_equal(back.numbers, r.numbers, sizeof r.numbers);
        for (unsigned i = 0; i < PL_TRACE_TEXT_COUNT; i++)
            assert_string_equal(back.texts[i], r.texts[i]);
        pl_buf_free(&text);
    }
}

#define SIXTY_FOUR "0123456789012345678901234567890123456789012345678901234567890123"

static void other_lines_are_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "{}",
        "[]",
        "{\"type\":\"line\"",
        "{\"type\":\"nothing\"}",
        "{\"type\":\"line\",\"t\":\"1\"}",
        "{\"type\":\"line\",\"t\":1.5}",
        "{\"type\":\"line\",\"t\":9007199254740992}",
        "{\"type\":\"line\",\"t\":1,\"t\":1}",
        "{\"type\":\"line\",\"payload\":1}",
        "{\"type\":\"path\",\"why\":\"" SIXTY_FOUR "\"}",
    };
    struct pl_trace_record r;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_not_equal(read_line(lines[i], &r), PL_OK);
    assert_int_equal(read_line("{\"type\":\"line\",\"t\":9007199254740991}", &r), PL_OK);
}

/* --- From views --- */

struct page {
    struct pl_buf text;
    size_t room;
    bool closed;
};

static bool page_write(void *ctx, const char *bytes, size_t n)
{
    struct page *p = ctx;
    if (p->text.len + n > p->room)
        return false;
    pl_buf_add(&p->text, bytes, n);
    return true;
}

static void page_close(void *ctx)
{
    ((struct page *)ctx)->closed = true;
}

static struct pl_trace *begin(struct page *page, pl_time_us now)
{
    struct pl_trace *t;
    const struct pl_trace_out out = {page, page_write, page_close};
    const struct pl_trace_subject subject = {
        .meeting = pl_str("m1"), .participant = pl_str("p2"), .wall_ms = 1700000000000, .now = now};
    *page = (struct page){.room = 1 << 20};
    assert_int_equal(pl_trace_new(&subject, &out, &t), PL_OK);
    return t;
}

static size_t count(const struct page *page, const char *what)
{
    size_t n = 0;
    for (const char *p = page->text.data; p && (p = strstr(p, what)); p++)
        n++;
    return n;
}

/* A line of which everything is told: 40 s, whose estimate falls at 20 s with a queue, while the
 * picture stands for 1.4 s and then comes in a smaller layer. */
static void view_at(struct pl_peer_view *v, unsigned tenth)
{
    bool bad = tenth >= 200;
    unsigned stood = tenth >= 200 && tenth < 214 ? (tenth - 200) * 100 : 0;
    *v = (struct pl_peer_view){
        .id = 7,
        .at = 1000 * PL_SECOND + tenth * 100 * PL_MS,
        .connected = tenth > 2,
        .has_path = true,
        .n_paths = 2,
        .rtt_us = bad ? 180 * PL_MS : 40 * PL_MS,
        .counts = {.packets_out = tenth * 10, .bytes_out = tenth * 12500, .nacks_in = bad ? 9 : 0},
        .estimated = true,
        .share_bps = bad ? 700000 : 3000000,
        .wanted_bps = 2500000,
        .estimate = {.queue_us = bad && tenth < 230 ? 120 * PL_MS : 0},
        .n_pictures = 2,
        .n_paused = bad ? 1 : 0,
        .n_slots = 1,
        .slots = {{.section = 4,
                   .video = true,
                   .source = 55,
                   .layer = tenth >= 214 ? 0 : 2,
                   .height = tenth >= 214 ? 180 : 720,
                   .wanted_height = 720,
                   .smaller = tenth >= 214,
                   .packets = tenth * 10,
                   .octets = tenth * 12000,
                   .lost_fraction = bad ? 26 : 0,
                   .idle_us = stood * PL_MS}},
        .n_sources = 1,
        .sources = {{.id = 66,
                     .video = true,
                     .n_layers = 1,
                     .layers = {{.started = true,
                                 .flowing = true,
                                 .height = 360,
                                 .bitrate_bps = 400000,
                                 .expected = tenth * 10,
                                 .received = tenth * 10 - tenth / 10,
                                 .keys = 3}}}},
    };
    assert_int_equal(pl_addr_parse("192.0.2.7:5000", &v->path.remote), PL_OK);
}

static void trace_it(struct page *page)
{
    struct pl_peer_view *v = calloc(1, sizeof *v);
    struct pl_trace *t = begin(page, 1000 * PL_SECOND);
    assert_non_null(v);
    for (unsigned tenth = 0; tenth < 400; tenth++) {
        view_at(v, tenth);
        assert_true(pl_trace_view(t, v, false));
    }
    pl_trace_end(t, "over");
    assert_true(page->closed);
    free(v);
}

static void what_happens_is_told_once_and_the_line_each_second(void **state)
{
    (void)state;
    struct page page;
    trace_it(&page);
    assert_int_equal(count(&page, "\"type\":\"trace\""), 1);
    assert_int_equal(count(&page, "\"type\":\"path\""), 1);
    assert_int_equal(count(&page, "\"type\":\"connected\""), 1);
    assert_int_equal(count(&page, "\"type\":\"line\""), 40);
    assert_int_equal(count(&page, "\"type\":\"slot\""), 40);
    assert_int_equal(count(&page, "\"type\":\"layer\""), 40);
    assert_int_equal(count(&page, "\"type\":\"switched\""), 2);
    assert_int_equal(count(&page, "\"type\":\"stands\""), 1);
    assert_int_equal(count(&page, "\"type\":\"moves\""), 1);
    assert_int_equal(count(&page, "\"protocol\":\"udp\",\"address\":\"192.0.2.7:5000\""), 1);
    assert_int_equal(count(&page, "{\"type\":\"end\",\"why\":\"over\"}\n"), 1);
    /* A second's rates: 125 kB a second to the client, a loss of a tenth. */
    assert_true(count(&page, "\"bps_out\":1000000") == 39);
    assert_true(count(&page, "\"loss_out\":1015") >= 19);
    pl_buf_free(&page.text);
}

static void a_trace_is_bounded(void **state)
{
    (void)state;
    struct page page;
    struct pl_peer_view *v = calloc(1, sizeof *v);
    struct pl_trace *t = begin(&page, 1000 * PL_SECOND);
    assert_non_null(v);
    page.room = 3000;
    unsigned tenth = 0;
    do
        view_at(v, tenth++);
    while (pl_trace_view(t, v, false) && tenth < 400);
    assert_in_range(tenth, 2, 399);
    pl_trace_end(t, "full");
    /* One transport after the other: more than there is room for is the oldest's loss. */
    pl_buf_free(&page.text);
    t = begin(&page, 1000 * PL_SECOND);
    for (unsigned i = 0; i < 3 * PL_TRACE_PEERS_MAX; i++) {
        view_at(v, i);
        v->id = 100 + i;
        assert_true(pl_trace_view(t, v, true));
    }
    assert_int_equal(count(&page, "\"protocol\":\"tcp\""), 3 * PL_TRACE_PEERS_MAX);
    pl_trace_end(t, "over");
    pl_buf_free(&page.text);
    free(v);
}

/* --- The summary --- */

static enum pl_err sum_up(const char *text, struct pl_buf *out)
{
    struct pl_summary *s;
    struct pl_str rest = pl_str(text);
    struct pl_trace_record r;
    enum pl_err e = PL_OK;
    assert_int_equal(pl_summary_new(&s), PL_OK);
    while (e == PL_OK && rest.n) {
        assert_int_equal(pl_trace_record_read(pl_str_split(&rest, '\n'), &r), PL_OK);
        e = pl_summary_add(s, &r);
    }
    pl_summary_write(s, out);
    pl_summary_free(s);
    return e;
}

static void a_summary_says_what_mattered(void **state)
{
    (void)state;
    static const char *const sentences[] = {
        "Participant p2 of meeting m1.\n",
        "Transport 7, 40 s:\n",
        "- The path is by udp, from 192.0.2.7:5000.\n",
        "- The round trip was 110 ms, from 40 to 180.\n",
        "- The estimate of the line was 1850 kbit/s, from 700 to 3000; 0 probes.\n",
        "- At 20 s it fell from 3000 to 700 kbit/s: a queue of 120 ms stood before the line.\n",
        "- On the way to them 5.2 % were lost, in the worst second 10.2 %; they asked 9 times, ",
        "- On the way from them 1.0 % were lost",
        "- Pictures stood 1 times, 1.4 s together; longest 1.4 s, from 20.0 s on, that of source",
        "- Pictures were not sent in 20 seconds, and smaller than shown in 18.\n",
        "- Slots switched 2 times, of them 1 to another layer; 0 waited for a key frame.\n",
        "\nIt ended: over.\n",
    };
    struct page page;
    struct pl_buf out = {0};
    trace_it(&page);
    assert_int_equal(sum_up(page.text.data, &out), PL_OK);
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (!strstr(out.data, sentences[i]))
            fail_msg("no \"%s\" in\n%s", sentences[i], out.data);
    pl_buf_free(&out);
    pl_buf_free(&page.text);
}

static void what_is_no_trace_is_refused(void **state)
{
    (void)state;
    struct pl_buf out = {0};
    assert_int_equal(sum_up("{\"type\":\"line\",\"t\":1}\n", &out), PL_EINVAL);
    assert_int_equal(sum_up("{\"type\":\"trace\",\"version\":2}\n", &out), PL_EINVAL);
    pl_buf_clear(&out);
    assert_int_equal(sum_up("{\"type\":\"trace\",\"version\":1}\n", &out), PL_OK);
    assert_non_null(strstr(out.data, "It is not ended."));
    /* Far outside of any hour. */
    pl_buf_clear(&out);
    assert_int_equal(sum_up("{\"type\":\"trace\",\"version\":1}\n"
                            "{\"type\":\"line\",\"t\":3659999,\"peer\":1,\"rtt_ms\":5}\n"
                            "{\"type\":\"line\",\"t\":3660000,\"peer\":1,\"rtt_ms\":900}\n"
                            "{\"type\":\"line\",\"t\":-1,\"peer\":1,\"rtt_ms\":900}\n",
                            &out),
                     PL_OK);
    assert_non_null(strstr(out.data, "Transport 1, 3660 s"));
    assert_non_null(strstr(out.data, "round trip was 5 ms, from 5 to 5"));
    pl_buf_free(&out);
}

/* --- Files --- */

static size_t files_in(const char *folder)
{
    size_t n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void files_are_few_and_go_with_age(void **state)
{
    (void)state;
    char folder[] = "/tmp/parley-test-XXXXXX", traces[64], name[PL_TRACE_NAME_SIZE], path[160];
    struct pl_trace_out out;
    int64_t now_ms = (int64_t)time(NULL) * 1000;
    assert_non_null(mkdtemp(folder));
    snprintf(traces, sizeof traces, "%s/traces", folder);
    for (int i = 0; i < PL_TRACE_FILES_MAX + 3; i++) {
        assert_int_equal(pl_trace_file_new(traces, "p1", now_ms + i, &out, name), PL_OK);
        assert_true(out.write(out.ctx, "x\n", 2));
        out.close(out.ctx);
    }
    assert_int_equal(files_in(traces), PL_TRACE_FILES_MAX);
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", traces, name);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(pl_trace_file_new(traces, "p1", now_ms + PL_TRACE_FILES_MAX + 2, &out, name),
                     PL_EEXIST);
    pl_trace_files_prune(traces, PL_TRACE_FILES_MAX, now_ms / 1000 + 60);
    assert_int_equal(files_in(traces), 0);
    /* One takes so much, and no more. */
    char *mib = calloc(1, 1 << 20);
    assert_non_null(mib);
    assert_int_equal(pl_trace_file_new(traces, "p1", now_ms, &out, name), PL_OK);
    for (int i = 0; i < PL_TRACE_FILE_BYTES_MAX >> 20; i++)
        assert_true(out.write(out.ctx, mib, 1 << 20));
    assert_false(out.write(out.ctx, mib, 1));
    out.close(out.ctx);
    free(mib);
    pl_trace_file_remove(traces, name);
    assert_int_equal(rmdir(traces) | rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_as_written),
        cmocka_unit_test(other_lines_are_refused),
        cmocka_unit_test(what_happens_is_told_once_and_the_line_each_second),
        cmocka_unit_test(a_trace_is_bounded),
        cmocka_unit_test(a_summary_says_what_mattered),
        cmocka_unit_test(what_is_no_trace_is_refused),
        cmocka_unit_test(files_are_few_and_go_with_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
