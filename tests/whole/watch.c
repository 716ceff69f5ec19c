/* What must hold whatever happens. */
#include "base/bytes.h"
#include "proto/rtp.h"
#include "record/checkpoint.h"
#include "record/verify.h"
#include "record/write.h"
#include "server/conference_parts.h"
#include "whole.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STILL (100 * PL_MS) /* what was allowed a moment ago may be on its way */

/* --- Acts --- */

static void each_uid(const char *text, size_t n, void (*take)(unsigned uid))
{
    const char *at = text, *end = text + n;
    while ((at = memmem(at, (size_t)(end - at), "uid", 3)) && end - at >= 9) {
        unsigned uid;
        if (strspn(at + 3, "0123456789") >= 6 && sscanf(at, "uid%6u", &uid) == 1)
            take(uid); /* not what looks like one in base64 */
        at += 9;
    }
}

static void was_told(unsigned uid)
{
    HOLDS(uid < world->n_uids && world->uids[uid].sent, "act %u was never sent", uid);
    world->counts.told += !world->uids[uid].told;
    world->uids[uid].told = true;
}

void watch_told(struct browser *b, const char *text, size_t n)
{
    (void)b;
    for (size_t i = 0; i < n; i++)
        world->digest = (world->digest ^ (uint8_t)text[i]) * 0x100000001b3u;
    each_uid(text, n, was_told);
}

/* --- Media --- */

static const struct pl_participant *participant(const struct pl_conference *c, unsigned person)
{
    return c ? pl_meeting_by_person(c->meeting, person) : NULL;
}

static const struct pl_conference *conference(void)
{
    const struct server *s = &world->server;
    return s->up && world->meeting[0] ? pl_conferences_find(s->all, pl_str(world->meeting)) : NULL;
}

void watch_moment(void)
{
    const struct pl_conference *c = conference();
    uint64_t last = c ? pl_meeting_state(c->meeting)->last : 0;
    if (last != world->last_event)
        world->changed_at = whole_clock.now;
    world->last_event = last;
    for (unsigned i = 0; i < BROWSERS; i++) {
        const struct pl_participant *p = participant(c, i);
        if (!p || p->place != PL_PLACE_ROOM)
            continue;
        world->may_receive[i] = whole_clock.now;
        for (unsigned kind = 0; kind < 2; kind++)
            if (p->media[kind] && pl_meeting_may_send(c->meeting, p, (enum pl_kind)kind))
                world->may_send[i][kind] = whole_clock.now;
    }
}

static struct stream *stream_of(struct browser *b, uint32_t ssrc)
{
    for (unsigned i = 0; i < b->n_streams; i++)
        if (b->streams[i].ssrc == ssrc)
            return &b->streams[i];
    HOLDS(b->n_streams < sizeof b->streams / sizeof *b->streams, "%u is sent too many streams",
          b->index);
    struct stream *s = &b->streams[b->n_streams++];
    memset(s, 0, sizeof *s);
    s->ssrc = ssrc;
    return s;
}

static uint64_t hash_of(const uint8_t *bytes, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;
    while (n--)
        h = (h ^ *bytes++) * 0x100000001b3u;
    return h | 1;
}

/* One index, one datagram. */
static void watch_index(struct browser *b, const uint8_t *bytes, size_t n)
{
    struct stream *s = stream_of(b, pl_get_u32(bytes + 8));
    uint16_t seq = pl_get_u16(bytes + 2);
    int16_t ahead = (int16_t)(uint16_t)(seq - s->top);
    if (!s->any || ahead > 0) {
        s->epoch += s->any && seq < s->top;
        s->top = seq;
        s->any = true;
    }
    uint32_t index = (s->epoch - (seq > s->top)) << 16 | seq;
    unsigned at = index % 4096;
    uint64_t hash = hash_of(bytes, n);
    HOLDS(!s->hashes[at] || s->numbers[at] != index || s->hashes[at] == hash,
          "%u is sent two packets under one index: SSRC %u, number %u", b->index, s->ssrc, seq);
    s->hashes[at] = hash;
    s->numbers[at] = index;
}

static void watch_rtcp(struct browser *b, const uint8_t *bytes, size_t n)
{
    struct stream *s = stream_of(b, pl_get_u32(bytes + 4));
    uint32_t index = pl_get_u32(bytes + n - 4) & 0x7fffffff;
    HOLDS(!s->any_rtcp || index > s->rtcp, "SRTCP index %u comes after %u", index, s->rtcp);
    s->any_rtcp = true;
    s->rtcp = index;
}

static void watch_rtp(struct browser *to, uint8_t *bytes, size_t n)
{
    struct pl_rtp rtp;
    struct trailer t;
    enum pl_err err = pl_srtp_unprotect(to->seen, bytes, &n);
    if (err == PL_EREPLAY)
        return; /* sent again, as it was */
    HOLDS(err == PL_OK, "%u is sent what does not authenticate", to->index);
    HOLDS(pl_rtp_parse(bytes, n, &rtp) == PL_OK, "%u is sent what is no RTP", to->index);
    if (rtp.payload_len < sizeof t)
        return; /* padding alone */
    memcpy(&t, rtp.payload + rtp.payload_len - sizeof t, sizeof t);
    HOLDS(memcmp(t.magic, TRAILER_MAGIC, 4) == 0 && t.person < BROWSERS && t.kind < 2,
          "%u is sent what nobody sent", to->index);
    world->counts.packets++;
    HOLDS(t.person != to->index, "%u is sent their own media", to->index);
    HOLDS(whole_clock.now - world->may_receive[to->index] <= STILL,
          "%u is sent media outside the room", to->index);
    HOLDS(whole_clock.now - world->may_send[t.person][t.kind] <= STILL,
          "%u is sent the %s of %u, who may not be %s", to->index, t.kind ? "picture" : "sound",
          t.person, t.kind ? "seen" : "heard");
}

void watch_keys(const uint8_t client[32], const uint8_t server[32])
{
    bool before = whole_memory_of(false);
    struct pl_srtp_keys up, down;
    whole_dtls_keys(client, server, &up, &down);
    for (unsigned i = 0; i < BROWSERS; i++) {
        struct browser *b = world->browsers[i];
        if (b->answered && memcmp(b->nonce, client, sizeof b->nonce) == 0 && !b->seen &&
            pl_srtp_new(&down, &b->seen))
            abort();
    }
    whole_memory_of(before);
}

void watch_sent(struct browser *to, const uint8_t *bytes, size_t n)
{
    uint8_t copy[2048];
    if (!to->answered || bytes[0] < 128 || n < 12 || n > sizeof copy)
        return; /* or it has given that transport up */
    HOLDS(to->seen, "%u is sent media before there are keys", to->index);
    if (bytes[1] >= 192 && bytes[1] <= 223) {
        watch_rtcp(to, bytes, n);
        return;
    }
    watch_moment();
    watch_index(to, bytes, n);
    memcpy(copy, bytes, n);
    watch_rtp(to, copy, n);
}

/* --- What everybody was told --- */

/* The session says what time it is, which is not compared. */
static void without_now(char *text)
{
    char *at = strstr(text, "\"now\":");
    for (at = at ? at + 6 : NULL; at && *at >= '0' && *at <= '9'; at++)
        *at = '0';
}

static char *part_of(struct browser *b, const char *name)
{
    for (unsigned i = 0; i < b->n_parts; i++)
        if (strcmp(b->parts[i].name, name) == 0)
            return b->parts[i].text;
    return NULL;
}

static void compare(struct browser *b, const struct pl_meeting *m, struct pl_view_of of,
                    struct pl_eye eye, const char *name)
{
    struct pl_buf json = {0};
    char *told = part_of(b, name);
    if (!pl_view_shown(m, of, eye)) {
        HOLDS(!told, "%u was told of %s, which is not theirs to see: %s", b->index, name, told);
        return;
    }
    pl_view_encode(m, of, eye, whole_wall_ms(), &json);
    HOLDS(told, "%u was never told of %s", b->index, name);
    without_now(told);
    without_now(json.data);
    HOLDS(strcmp(told, json.data) == 0, "%u was told of %s\n%s\nand it is\n%s", b->index, name,
          told, json.data);
    pl_buf_free(&json);
}

static void compare_all(struct browser *b, const struct pl_meeting *m, struct pl_eye eye)
{
    static const char *const names[] = {"session",  "seats",   "agenda", "floor",
                                        "register", "minutes", "alarms"};
    for (enum pl_view_part part = PL_VIEW_SESSION; part < PL_VIEW_PAPER; part++)
        compare(b, m, (struct pl_view_of){.part = part}, eye, names[part]);
    pl_list_each (const struct pl_decision, d, &pl_meeting_state(m)->decisions, node) {
        char name[52];
        snprintf(name, sizeof name, "decision %.*s", (int)d->id.n, d->id.p);
        compare(b, m, (struct pl_view_of){.part = PL_VIEW_DECISION, .decision = d}, eye, name);
    }
}

/* A deadline that passed while all worked is settled. */
static void watch_deadlines(const struct pl_meeting *m)
{
    int64_t deadline = pl_meeting_deadline(m);
    HOLDS(deadline == INT64_MAX || deadline + 11000 > whole_wall_ms(),
          "a deadline is over by %lld ms, and nothing is settled",
          (long long)(whole_wall_ms() - deadline));
}

bool watch_quiet(void)
{
    if (whole_clock.now - world->changed_at < 2 * PL_SECOND)
        return false;
    const struct pl_conference *c = conference();
    HOLDS(c, "nobody is in the meeting, though nothing fails");
    watch_deadlines(c->meeting);
    for (unsigned i = 0; i < BROWSERS; i++) {
        struct browser *b = world->browsers[i];
        const struct pl_participant *p = participant(c, i);
        HOLDS(b->welcome && p, "%u is not in the meeting, though nothing fails", i);
        compare_all(b, c->meeting, pl_view_eye(c->meeting, p));
        HOLDS(b->up, "%u has no media, though nothing fails: offered %d, answered %d, checked %d",
              i, b->offered, b->answered, b->checked);
    }
    return true;
}

/* --- The record --- */

struct reading {
    struct pl_buf file;
    struct cover {
        uint64_t size;
        struct pl_buf note;
    } covers[4096];
    size_t n_covers, next;
    uint64_t last;
    unsigned char uids[UIDS_MAX], settled[64], closed[64];
    struct pl_buf definition;
    struct pl_merkle tree;
};

static enum pl_err take_cover(void *ctx, uint64_t size, struct pl_str note)
{
    struct reading *r = ctx;
    HOLDS(r->n_covers < 4096, "too many checkpoints");
    struct cover *c = &r->covers[r->n_covers++];
    c->size = size;
    pl_buf_add(&c->note, note.p, note.n);
    return PL_OK;
}

static unsigned char *uids_now;

static void count_uid(unsigned uid)
{
    HOLDS(uid < world->n_uids, "act %u was never sent", uid);
    HOLDS(uids_now[uid]++ == 0, "act %u is in the record twice", uid);
}

/* A number in an event, behind its name. */
static long long number_in(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? strtoll(at + strlen(name), NULL, 10) : -1;
}

static enum pl_err take_event(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct reading *r = ctx;
    HOLDS(number == r->last + 1, "event %llu comes after %llu", (unsigned long long)number,
          (unsigned long long)r->last);
    r->last = number;
    if (number == 1)
        pl_write_definition(&r->file, (struct pl_str){r->definition.data, r->definition.len});
    size_t from = r->file.len;
    pl_write_bytes_line(&r->file, bytes);
    const char *text = r->file.data + from;
    bool settled = strstr(text, "\"act\":\"settled\"") != NULL;
    bool ends = settled || strstr(text, "\"act\":\"close_decision\"");
    uids_now = r->uids;
    if (!ends) /* which say in words what was said before */
        each_uid(text, r->file.len - from, count_uid);
    if (ends) {
        long long d = number_in(text, "\"decision\":\"d");
        HOLDS(d >= 0 && d < 64, "of which decision is %s", text);
        HOLDS(r->settled[d]++ == 0, "decision d%lld is settled twice", d);
        HOLDS(!settled || number_in(text, "\"at\":") >= number_in(text, "\"due\":"),
              "a decision is settled before it is due: %s", text);
    }
    struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
    if (pl_merkle_add(&r->tree, &leaf) != PL_OK)
        abort();
    if (r->next < r->n_covers && r->covers[r->next].size == number) {
        const struct pl_buf *note = &r->covers[r->next++].note;
        pl_write_checkpoint(&r->file, (struct pl_str){note->data, note->len}, (struct pl_str){0});
    }
    return PL_OK;
}

static void verify(struct reading *r, struct pl_str origin)
{
    struct pl_verify_report *report = malloc(sizeof *report);
    const struct pl_verify_config config = {.random = whole_randomness()};
    if (r->covers[r->n_covers - 1].size < r->last) { /* as an export does */
        struct pl_buf note = {0};
        const struct pl_checkpoint c = {origin, r->last, pl_merkle_root(&r->tree, r->last)};
        pl_checkpoint_sign(&note, &c, world->key->seed);
        pl_write_checkpoint(&r->file, (struct pl_str){note.data, note.len}, (struct pl_str){0});
        pl_buf_free(&note);
    }
    pl_write_end(&r->file, origin, world->key->seed);
    if (!report || pl_record_verify((struct pl_str){r->file.data, r->file.len}, &config, report))
        abort();
    HOLDS(!report->faulty, "the record has a fault in line %llu: %s",
          (unsigned long long)report->fault.line, report->fault.why);
    HOLDS(report->checkpoints >= r->n_covers, "there are %zu checkpoints, and %llu were read",
          r->n_covers, (unsigned long long)report->checkpoints);
    free(report);
}

/* Exactly the acts that somebody was told of, and perhaps some that nobody was; and what was signed
 * of them holds. */
void watch_record(void)
{
    static struct reading r;
    struct pl_store *store;
    char why[200], origin[PL_RECORD_ORIGIN_SIZE];
    if (!world->meeting[0])
        return;
    struct pl_str meeting = pl_str(world->meeting);
    memset(&r, 0, sizeof r);
    HOLDS(pl_store_open("parley.db", whole_randomness(), &store, why) == PL_OK,
          "the store does not open: %s", why);
    pl_record_origin(world->key->id.name, pl_str(world->meeting), origin);
    pl_write_head(&r.file, meeting, pl_str(origin), world->key->id.public);
    HOLDS(pl_store_definition(store, meeting, &r.definition) == PL_OK, "the definition is gone");
    HOLDS(pl_store_checkpoints(store, meeting, take_cover, &r) == PL_OK, "no checkpoints");
    HOLDS(pl_store_events(store, meeting, take_event, &r) == PL_OK, "the events cannot be read");
    HOLDS(r.next == r.n_covers, "a checkpoint is of %llu events, and there are %llu",
          (unsigned long long)r.covers[r.next].size, (unsigned long long)r.last);
    for (unsigned i = 0; i < world->n_uids; i++)
        HOLDS(!world->uids[i].told || r.uids[i], "act %u, which was told, is not in the record", i);
    world->counts.settled = 0;
    for (int i = 0; i < 64; i++)
        world->counts.settled += r.settled[i];
    if (r.n_covers)
        verify(&r, pl_str(origin));
    for (size_t i = 0; i < r.n_covers; i++)
        pl_buf_free(&r.covers[i].note);
    pl_buf_free(&r.definition);
    pl_buf_free(&r.file);
    pl_merkle_free(&r.tree);
    pl_store_close(store);
}
