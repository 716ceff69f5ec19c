/* The world around the server: time, what is under way, faults. */
#include "server/client.h"
#include "server/record_key.h"
#include "whole.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 50000000

struct whole_clock whole_clock;
struct world *world;

uint32_t whole_random(void)
{
    whole_clock.state = whole_clock.state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(whole_clock.state >> 33);
}

uint32_t whole_below(uint32_t n)
{
    return n ? whole_random() % n : 0;
}

bool whole_chance(unsigned per_mille)
{
    return whole_below(1000) < per_mille;
}

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    while (n--)
        *out++ = (uint8_t)whole_random();
}

struct pl_random whole_randomness(void)
{
    return (struct pl_random){fill, NULL};
}

int64_t whole_wall_ms(void)
{
    return (whole_clock.now + whole_clock.wall_us) / 1000;
}

void whole_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "seed %llu, %.3f s, life %u of the server: ",
            (unsigned long long)(world ? world->seed : 0), (double)whole_clock.now / 1e6,
            world ? world->server.life : 0);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    abort();
}

pl_time_us world_about(pl_time_us mean)
{
    return mean ? whole_clock.now + mean / 2 + (pl_time_us)whole_below((uint32_t)mean) : PL_NEVER;
}

/* --- What is under way --- */

enum event_type { TO_SERVER, TO_BROWSER, LOST_BY_SERVER, LOST_BY_BROWSER, UP, DOWN };

struct event {
    struct pl_list node;
    pl_time_us at;
    enum event_type type;
    struct browser *browser;
    unsigned line; /* of the WebSocket, or the port of the browser */
    struct pl_addr from;
    size_t n;
    uint8_t bytes[];
};

static void send_event(enum event_type type, struct browser *b, unsigned line, pl_time_us at,
                       const struct pl_addr *from, const void *bytes, size_t n)
{
    bool before = whole_memory_of(false);
    struct event *e = calloc(1, sizeof *e + n + 1);
    if (!e)
        abort();
    e->at = at;
    e->type = type;
    e->browser = b;
    e->line = line;
    e->n = n;
    if (from)
        e->from = *from;
    if (n)
        memcpy(e->bytes, bytes, n);
    struct pl_list *after = world->events.prev;
    while (after != &world->events && pl_container_of(after, struct event, node)->at > at)
        after = after->prev;
    pl_list_push(after->next, &e->node);
    whole_memory_of(before);
}

static pl_time_us delay(void)
{
    const struct faults *f = &world->faults;
    return f->delay + (pl_time_us)whole_below((uint32_t)f->jitter + 1);
}

/* In order, as TCP has it. */
static pl_time_us ordered(pl_time_us *last)
{
    pl_time_us at = whole_clock.now + delay();
    *last = at > *last ? at : *last;
    return *last;
}

static void maybe_cut(struct browser *b)
{
    if (!world->calm && whole_chance(world->faults.cut))
        world_cut(b);
}

void world_to_server(struct browser *b, const char *text, size_t n)
{
    send_event(TO_SERVER, b, b->line, ordered(&b->ordered_up), NULL, text, n);
    maybe_cut(b);
}

void world_to_browser(struct browser *b, const char *text, size_t n)
{
    send_event(TO_BROWSER, b, b->client_line, ordered(&b->ordered_down), NULL, text, n);
}

/* What is under way is lost, and each end learns of it some time. */
void world_cut(struct browser *b)
{
    if (!b->dialled)
        return;
    world->counts.cuts++;
    pl_list_each (struct event, e, &world->events, node) {
        if (e->browser == b && e->line == b->line &&
            (e->type == TO_SERVER || e->type == TO_BROWSER)) {
            pl_list_remove(&e->node);
            free(e);
        }
    }
    send_event(LOST_BY_SERVER, b, b->line, whole_clock.now + whole_below(3000) * PL_MS, NULL, NULL,
               0);
    send_event(LOST_BY_BROWSER, b, b->line, whole_clock.now + whole_below(2000) * PL_MS, NULL, NULL,
               0);
}

static void datagram(enum event_type type, struct browser *b, unsigned line,
                     const struct pl_addr *from, const uint8_t *bytes, size_t n)
{
    bool lost = !world->calm && whole_chance(world->faults.loss);
    bool twice = !world->calm && whole_chance(world->faults.twice);
    for (int i = lost ? 1 : 0; i < (twice ? 2 : 1); i++)
        send_event(type, b, line, whole_clock.now + delay(), from, bytes, n);
}

void world_datagram_up(struct browser *b, const uint8_t *bytes, size_t n)
{
    datagram(UP, b, b->local.port, &b->local, bytes, n);
}

void whole_sent(const struct pl_addr *from, const struct pl_addr *to, const uint8_t *bytes,
                size_t n)
{
    if (world->server.dying)
        return;
    bool before = whole_memory_of(false);
    for (unsigned i = 0; i < BROWSERS; i++) {
        struct browser *b = world->browsers[i];
        if (!b || !pl_addr_eq(&b->local, to))
            continue;
        watch_sent(b, bytes, n);
        datagram(DOWN, b, to->port, from, bytes, n);
    }
    whole_memory_of(before);
}

void world_end_line(struct browser *b, unsigned line)
{
    send_event(LOST_BY_BROWSER, b, line, ordered(&b->ordered_down), NULL, NULL, 0);
    send_event(LOST_BY_SERVER, b, line, ordered(&b->ordered_down), NULL, NULL, 0);
}

void world_refuse_line(struct browser *b, unsigned line)
{
    send_event(LOST_BY_BROWSER, b, line, whole_clock.now + delay(), NULL, NULL, 0);
}

static void happen(struct event *e)
{
    struct browser *b = e->browser;
    switch (e->type) {
    case TO_SERVER:
        server_text(b, e->line, (struct pl_str){(const char *)e->bytes, e->n});
        break;
    case TO_BROWSER:
        if (b->client && b->client_line == e->line)
            pl_client_drained(b->client);
        whole_memory_of(false);
        if (b->line == e->line && b->dialled)
            browser_told(b, (const char *)e->bytes, e->n);
        break;
    case LOST_BY_SERVER:
        if (b->client && b->client_line == e->line)
            server_hang_up(b);
        break;
    case LOST_BY_BROWSER:
        whole_memory_of(false);
        if (b->line == e->line && b->dialled)
            browser_lost(b);
        break;
    case UP:
        if (world->server.up)
            whole_udp_input(&e->from, &b->remote, e->bytes, e->n);
        break;
    case DOWN:
        whole_memory_of(false);
        if (b->local.port == e->line)
            browser_datagram(b, e->bytes, e->n);
        break;
    }
}

void world_stop(void)
{
    whole_memory_faults(0);
    whole_disk_faults(0);
    server_stop();
    whole_disk_up();
    watch_record();
}

void world_end(void)
{
    pl_list_each (struct event, e, &world->events, node) {
        pl_list_remove(&e->node);
        free(e);
    }
    for (unsigned i = 0; i < BROWSERS; i++)
        browser_free(world->browsers[i]);
    whole_disk_end();
    free(world->key);
    free(world);
    world = NULL;
}

void world_begin(uint64_t seed, const struct faults *faults)
{
    whole_memory_begin();
    world = calloc(1, sizeof *world);
    if (!world)
        abort();
    world->key = calloc(1, sizeof *world->key);
    if (!world->key)
        abort();
    world->seed = seed;
    world->faults = *faults;
    whole_clock = (struct whole_clock){.state = seed * 0x9e3779b97f4a7c15u + 1,
                                       .now = 1000 * PL_SECOND,
                                       .wall_us = 1700000000 * PL_SECOND};
    pl_list_init(&world->events);
    struct pl_random random = whole_randomness();
    pl_record_key_make(world->key, "", &random);
    whole_disk_begin();
    world->crash_at = PL_NEVER;
    world->clock_at = world_about(faults->clock_each);
    world->look_at = whole_clock.now + 5 * PL_SECOND;
    server_start();
}

/* --- Time --- */

static void set_clock(void)
{
    const struct faults *f = &world->faults;
    pl_time_us by = (pl_time_us)(whole_random() % (uint64_t)(2 * f->clock_by + 1)) - f->clock_by;
    whole_clock.wall_us += world->calm ? 0 : by;
    world->counts.clocks += !world->calm;
    world->clock_at = world_about(f->clock_each);
}

/* Everything that could fail works for a while; then what everybody was told is compared. */
static void look(void)
{
    if (!world->calm) {
        world->calm = true;
        whole_disk_faults(0);
        whole_memory_faults(0);
        world->look_at = whole_clock.now + 12 * PL_SECOND;
        return;
    }
    if (!watch_quiet()) {
        world->look_at = whole_clock.now + 500 * PL_MS;
        return;
    }
    world->counts.quiet_looks++;
    world->calm = false;
    whole_disk_faults(world->faults.disk);
    whole_memory_faults(world->faults.memory_each);
    world->look_at = world_about(20 * PL_SECOND);
}

static void run_server(void)
{
    struct server *s = &world->server;
    whole_memory_of(true);
    for (int i = 0; s->up && i < 1000; i++) {
        if (s->wake_at <= whole_clock.now) {
            s->wake_at = PL_NEVER;
            pl_conferences_run(s->all);
        }
        whole_loops_run();
        if (s->wake_at > whole_clock.now)
            break;
        HOLDS(i < 999, "the conferences want to be woken for ever");
    }
    whole_memory_of(false);
}

static pl_time_us due(void)
{
    pl_time_us at = world->server.up ? world->server.wake_at : world->start_at;
    if (!pl_list_empty(&world->events))
        at = pl_time_min(at, pl_container_of(world->events.next, struct event, node)->at);
    at = pl_time_min(at, whole_loops_due());
    at = pl_time_min(at, pl_time_min(world->crash_at, world->clock_at));
    at = pl_time_min(at, world->look_at);
    for (unsigned i = 0; i < BROWSERS; i++)
        at = pl_time_min(at, browser_due(world->browsers[i]));
    return at > whole_clock.now ? at : whole_clock.now;
}

static void step(void)
{
    struct server *s = &world->server;
    if (!s->up && world->start_at <= whole_clock.now)
        server_start();
    if (s->up && !world->calm && world->crash_at <= whole_clock.now)
        world_crash(whole_chance(500));
    if (world->crash_at <= whole_clock.now)
        world->crash_at = s->up ? world_about(world->faults.crash_each) : PL_NEVER;
    if (world->clock_at <= whole_clock.now)
        set_clock();
    if (world->look_at <= whole_clock.now)
        look();
    while (!pl_list_empty(&world->events)) {
        struct event *e = pl_container_of(world->events.next, struct event, node);
        if (e->at > whole_clock.now)
            break;
        pl_list_remove(&e->node);
        whole_memory_of(true);
        happen(e);
        whole_memory_of(false);
        free(e);
    }
    for (unsigned i = 0; i < BROWSERS; i++)
        if (browser_due(world->browsers[i]) <= whole_clock.now)
            browser_turn(world->browsers[i]);
    run_server();
    watch_moment();
}

void world_run(pl_time_us us)
{
    pl_time_us end = whole_clock.now + us;
    for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
        pl_time_us at = due();
        if (at > end)
            break;
        whole_clock.now = at;
        step();
    }
    whole_clock.now = end;
}
