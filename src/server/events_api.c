/* The events of a meeting's record over HTTP, as they were written, for those who may read them
 * (signal/readers.h): a page of them from any number on, and one alone. That they are in the record
 * the proofs of record_api.c show, to whoever has the bytes. */
#include "server/app.h"

#include "base/json.h"
#include "proto/http.h"

#include <stdio.h>

/* Of one answer, so that nobody else waits long: so many events looked at, and so many bytes. */
#define PAGE_EVENTS 500
#define PAGE_BYTES (256 << 10)

struct page {
    const struct pl_conference *c;
    uint32_t person;
    uint64_t seen, last; /* the last one looked at, and the last one that there is */
    unsigned n;
    struct pl_buf json;
};

/* The live meeting whose record they may read; all of it is on disk. NULL: answered. */
static struct pl_conference *readable(struct pl_request *r, uint32_t *person)
{
    struct pl_asker who = {0};
    if (!pl_request_asker(r, &who))
        return NULL;
    struct pl_conference *c = pl_request_live(r, &who);
    if (!c)
        return NULL;
    if (!pl_record_write_of(r->app->conferences, r->captures[0])) {
        pl_reply_failed(r, PL_EIO);
        return NULL;
    }
    *person = who.admin ? PL_NO_PERSON : who.person;
    if (who.admin || pl_conference_may_read_minutes(c, who.person))
        return c;
    pl_reply_error(r, 403, "forbidden", "You may not read this record now.", NULL);
    return NULL;
}

static enum pl_err take(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct page *p = ctx;
    bool shown = pl_conference_may_read_event(p->c, p->person, number);
    if (p->n == PAGE_EVENTS || (shown && p->n && p->json.len + bytes.n > PAGE_BYTES))
        return PL_ELIMIT; /* the next page begins with it */
    p->seen = number;
    p->n++;
    if (!shown)
        return PL_OK;
    pl_json_open(&p->json, NULL, '{');
    pl_json_int(&p->json, "number", (int64_t)number);
    pl_json_strn(&p->json, "event", bytes);
    pl_json_close(&p->json, '}');
    return PL_OK;
}

/* GET …/record/events?after=N: those behind N that they may read. */
void pl_record_events(struct pl_request *r)
{
    char text[24];
    uint64_t after = 0;
    struct page page = {0};
    enum pl_err e = pl_http_query(pl_httpd_query(r->x), "after", text, sizeof text);
    if (e != PL_ENOENT && (e || pl_parse_u64(pl_str(text), INT64_MAX, &after))) {
        pl_reply_error(r, 400, "bad_request", "The query says after, once, a number from 0.",
                       "after");
        return;
    }
    struct pl_conference *c = readable(r, &page.person);
    if (!c)
        return;
    page.c = c;
    page.seen = after;
    page.last = pl_conference_recorded(c);
    pl_json_open(&page.json, NULL, '{');
    pl_json_open(&page.json, "events", '[');
    e = pl_store_events_after(r->app->store, r->captures[0], after, take, &page);
    pl_json_close(&page.json, ']');
    pl_json_int(&page.json, "recorded", (int64_t)page.last);
    if (e == PL_ELIMIT)
        pl_json_int(&page.json, "next", (int64_t)page.seen);
    pl_json_close(&page.json, '}');
    if (e && e != PL_ELIMIT) {
        pl_buf_free(&page.json);
        pl_reply_failed(r, e);
        return;
    }
    pl_reply_json(r, 200, &page.json);
}

static enum pl_err send(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct pl_request *r = ctx;
    (void)number;
    pl_reply(r, &(struct pl_reply){
                    .status = 200, .type = "application/json", .body = bytes.p, .n = bytes.n});
    return PL_ELIMIT; /* it was asked for alone */
}

/* GET …/record/events/N: its bytes, and nothing else. */
void pl_record_event(struct pl_request *r)
{
    uint64_t number;
    uint32_t person;
    struct pl_conference *c = readable(r, &person);
    if (!c)
        return;
    if (pl_parse_u64(r->captures[1], INT64_MAX, &number) || number < 1 ||
        number > pl_conference_recorded(c)) {
        pl_reply_error(r, 404, "unknown_event", "The record has no event of this number.",
                       "number");
        return;
    }
    if (!pl_conference_may_read_event(c, person, number)) {
        pl_reply_error(r, 403, "forbidden", "You may not read this event.", "number");
        return;
    }
    enum pl_err e = pl_store_events_after(r->app->store, r->captures[0], number - 1, send, r);
    if (e != PL_ELIMIT)
        pl_reply_failed(r, e ? e : PL_EIO);
}
