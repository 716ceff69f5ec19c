/* The server as it is put together and taken apart, and the connections that lead to it. */
#include "server/client.h"
#include "server/complain.h"
#include "server/conference_parts.h"
#include "server/media.h"
#include "signal/definition.h"
#include "whole.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 2
#define DATABASE "parley.db"

/* --- Between the server and a browser --- */

static void client_send(void *ctx, const char *json, size_t n)
{
    struct browser *b = ctx;
    if (!world->server.dying && b->client && !b->client_closing)
        world_to_browser(b, json, n);
}

static void client_close(void *ctx)
{
    struct browser *b = ctx;
    if (b->client_closing)
        return;
    b->client_closing = true;
    if (world->server.dying)
        return;
    world_end_line(b, b->client_line);
}

/* As ws.c. */
static bool client_enter(void *ctx, struct pl_str meeting, struct pl_str token,
                         struct pl_client_pass *pass, struct pl_farewell *refusal)
{
    struct browser *b = ctx;
    struct pl_entry_pass found;
    enum pl_entry_result result = pl_entry_check(world->server.entry, &b->local, meeting, token,
                                                 whole_clock.now, whole_wall_ms(), &found);
    if (result != PL_ENTRY_GOOD) {
        HOLDS(result == PL_ENTRY_FAILED, "a good token is refused: %s", pl_entry_text(result));
        *refusal = (struct pl_farewell){.message = pl_entry_text(result)};
        return false;
    }
    struct pl_limits_user user = pl_entry_user(&found.invitation, &b->local);
    if (pl_limits_use(world->server.limits, &user, PL_LIMIT_JOINS, whole_clock.now)) {
        pl_definition_free(found.definition);
        *refusal = (struct pl_farewell){.message = "Too often."};
        return false;
    }
    *pass = (struct pl_client_pass){found.definition, found.person, user};
    return true;
}

void server_hang_up(struct browser *b)
{
    struct pl_client *client = b->client;
    b->client = NULL;
    if (client)
        pl_client_closed(client);
}

/* The first message of a line opens it. */
void server_text(struct browser *b, unsigned line, struct pl_str text)
{
    if (!world->server.up) { /* nobody listens */
        world_refuse_line(b, line);
        return;
    }
    if (line > b->client_line || !b->client) {
        const struct pl_client_io io = {b, client_send, client_close, client_enter, NULL};
        if (line <= b->client_line)
            return; /* its end is known already */
        server_hang_up(b);
        b->client_line = line;
        b->client_closing = false;
        if (pl_client_new(world->server.all, &io, &b->client) != PL_OK) {
            b->client = NULL;
            world_refuse_line(b, line);
            return;
        }
    }
    if (line == b->client_line && b->client)
        pl_client_text(b->client, text);
}

/* What it tells its administrator, who is not to be sent for a backup while all is there. */
bool pl_complain(const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    HOLDS(!strstr(text, "backup"), "the administrator is told: %s", text);
    if (whole_talks)
        printf("%.3f %s\n", (double)whole_clock.now / 1e6, text);
    return false;
}

/* --- Its life --- */

static pl_time_us server_now(void *ctx)
{
    (void)ctx;
    return whole_clock.now;
}

static int64_t server_wall(void *ctx)
{
    (void)ctx;
    return whole_wall_ms();
}

static void server_wake(void *ctx, pl_time_us at)
{
    ((struct server *)ctx)->wake_at = at;
}

static void take_apart(struct server *s)
{
    for (unsigned i = 0; i < BROWSERS; i++)
        if (world->browsers[i])
            server_hang_up(world->browsers[i]);
    if (s->all)
        pl_conferences_free(s->all);
    if (s->media)
        pl_media_stop(s->media);
    pl_entry_free(s->entry);
    pl_limits_free(s->limits);
    pl_keyholder_free(&s->keyholder);
    pl_store_close(s->store);
    pl_loop_free(s->loop);
    int64_t kept = whole_memory_live() - s->memory;
    HOLDS(kept == 0, "the server went, and %lld pieces of memory stayed", (long long)kept);
    *s = (struct server){.life = s->life};
}

/* In this process; else as when a server starts. */
static enum pl_err begin_to_sign(struct server *s)
{
    const struct pl_random random = whole_randomness();
    pl_keyholder_init(&s->keyholder, pl_str(world->key->id.name), world->key->seed, &random);
    enum pl_err err = pl_signing_local(&s->signing, &s->keyholder);
    return err ? err : pl_signing_tell(&s->signing, s->store);
}

static enum pl_err put_together(struct server *s)
{
    char why[200];
    struct pl_random random = whole_randomness();
    const struct pl_conferences_config config = {
        .ctx = s,
        .now = server_now,
        .wall_ms = server_wall,
        .wake = server_wake,
        .random = random,
    };
    struct pl_media_config media = {.n_addrs = 1,
                                    .addrs = {pl_addr_v4((const uint8_t[]){10, 255, 0, 1}, 7000)},
                                    .threads = THREADS,
                                    .estimate = world->seed % 2,
                                    .random = random};
    s->wake_at = PL_NEVER;
    enum pl_err err = pl_loop_new(&s->loop);
    if (!err)
        pl_loop_run(s->loop);
    if (!err)
        err = pl_store_open(DATABASE, random, &s->store, why);
    if (!err)
        err = begin_to_sign(s);
    if (!err)
        err = pl_limits_new(&random, &s->limits);
    if (!err)
        err = pl_entry_new(s->store, s->limits, &s->entry);
    struct pl_conferences_config with_store = config;
    with_store.store = s->store;
    with_store.limits = s->limits;
    with_store.signing = &s->signing;
    if (!err)
        err = pl_conferences_new(&with_store, &s->all);
    if (!err) {
        const struct pl_media_events events = pl_conferences_media_events(s->all);
        err = pl_media_start(s->loop, &media, &events, &s->media, why);
    }
    if (!err)
        pl_conferences_use_media(s->all, s->media);
    return err;
}

/* The first presides, the second takes notes, the last looks on; the others speak for seats. */
static void make_meeting(struct server *s)
{
    struct pl_definition *d;
    struct pl_invitation_made *made;
    struct pl_buf json = {0};
    char why[PL_WHY_SIZE];
    pl_buf_puts(&json,
                "{\"title\":\"W\",\"floor\":\"chaired\",\"encryption\":\"none\",\"seats\":[");
    for (int i = 2; i < BROWSERS - 1; i++)
        pl_buf_printf(&json, "%s{\"id\":\"S%d\",\"name\":\"Seat %d\"}", i > 2 ? "," : "", i, i);
    pl_buf_puts(&json, "],\"people\":[{\"name\":\"P0\",\"role\":\"chair\"},"
                       "{\"name\":\"P1\",\"role\":\"rapporteur\"}");
    for (int i = 2; i < BROWSERS - 1; i++)
        pl_buf_printf(&json, ",{\"name\":\"P%d\",\"role\":\"delegate\",\"seat\":\"S%d\"}", i, i);
    pl_buf_puts(&json, ",{\"name\":\"Last\",\"role\":\"observer\"}],\"prepared\":["
                       "{\"act\":\"put_item\",\"item\":\"i\",\"title\":\"I\"}]}");
    struct pl_str text = {json.data, json.len};
    whole_disk_faults(0);
    HOLDS(pl_definition_decode(text, &d, why) == PL_OK, "%s", why);
    HOLDS(pl_store_add(s->store, d, text, whole_wall_ms(), world->meeting, &made, why) == PL_OK,
          "%s", why);
    whole_memory_of(false);
    for (unsigned i = 0; i < BROWSERS; i++)
        world->browsers[i] = browser_new(i, made[i].token);
    whole_memory_of(true);
    free(made);
    pl_definition_free(d);
    pl_buf_free(&json);
    whole_disk_faults(world->calm ? 0 : world->faults.disk);
}

/* A disk that fails refuses the start, which is tried again. */
void server_start(void)
{
    struct server *s = &world->server;
    whole_disk_up();
    whole_disk_faults(0);
    watch_record();
    whole_disk_faults(world->calm ? 0 : world->faults.disk);
    whole_memory_of(true);
    s->memory = whole_memory_live();
    s->life++;
    enum pl_err err = put_together(s);
    if (err) {
        s->dying = true;
        take_apart(s);
        world->counts.refused_starts++;
        world->start_at = whole_clock.now + 500 * PL_MS;
        whole_memory_of(false);
        return;
    }
    world->start_at = PL_NEVER;
    world->counts.starts++;
    s->up = true;
    if (!world->meeting[0])
        make_meeting(s);
    world->crash_at = world_about(world->faults.crash_each);
    whole_memory_of(false);
    whole_memory_faults(world->calm ? 0 : world->faults.memory_each);
}

void world_crash(bool power)
{
    struct server *s = &world->server;
    if (!s->up)
        return;
    world->counts.crashes++;
    world->counts.power_cuts += power;
    s->dying = true;
    s->up = false;
    whole_memory_faults(0);
    whole_disk_down(power);
    whole_memory_of(true);
    take_apart(s);
    whole_memory_of(false);
    for (unsigned i = 0; i < BROWSERS; i++) {
        struct browser *b = world->browsers[i];
        if (b && b->dialled)
            world_refuse_line(b, b->line);
    }
    world->start_at = whole_clock.now + (50 + whole_below(3000)) * PL_MS;
}

void server_stop(void)
{
    struct server *s = &world->server;
    if (!s->up)
        return;
    s->up = false;
    whole_memory_of(true);
    pl_conferences_settle(s->all);
    s->dying = true;
    take_apart(s);
    whole_memory_of(false);
}
