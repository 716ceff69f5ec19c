/* Live meetings that are handed over (server/conference_carry.c), behind a store that has one of
 * them: whatever is read is refused, or makes meetings that work for a moment, can be handed on,
 * and end. The media threads are a fake with two transports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tests/unit/conference.h"
#include "base/carry.h"
#include "server/store.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char council[] =
    "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"required\",\"seats\":[{\"id\":\"NOR\","
    "\"name\":\"Norway\"}],\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},{\"name\":\"Ann\","
    "\"role\":\"delegate\",\"seat\":\"NOR\"},{\"name\":\"Bob\",\"role\":\"delegate\",\"seat\":"
    "\"NOR\"}]}";

static struct fixture f;
static struct pl_store *store;
static char meeting[PL_STORE_ID_SIZE];

bool pl_media_find(const struct pl_media *m, pl_peer_id id, struct pl_media_peer *out)
{
    struct fake_peer *p = peer_of((struct pl_media *)(uintptr_t)m, id);
    if (p)
        *out = (struct pl_media_peer){p->id, &p->session, p->sources};
    return p != NULL;
}

static void need(bool holds)
{
    if (!holds)
        abort();
}

static void begin(void)
{
    const struct pl_conferences_config config = {.ctx = &f,
                                                 .now = clock_now,
                                                 .wall_ms = clock_wall,
                                                 .wake = wake,
                                                 .random = {fill, &f},
                                                 .store = store};
    need(pl_conferences_new(&config, &f.all) == PL_OK);
    pl_conferences_use_media(f.all, &f.media);
}

/* As a process that is gone: nothing is written. */
static void end(void)
{
    static const struct pl_farewell none = {.message = ""};
    size_t at = 0;
    f.all->config.store = NULL;
    for (size_t i = 0; i < BROWSERS; i++)
        hang_up(&f.browsers[i]);
    for (struct pl_conference *c; (c = pl_map_next(&f.all->by_id, &at)); at = 0)
        pl_conference_end(c, &none);
    pl_conferences_free(f.all);
}

static void join_meeting(size_t i, const char *token)
{
    struct pl_buf hello = {0};
    pl_buf_printf(&hello, "{\"type\":\"hello\",\"meeting\":\"%s\",\"token\":\"%s\",\"page\":\"p\"}",
                  meeting, token);
    say(dial(&f, i), hello.data);
    pass(&f, 0);
    say(&f.browsers[i], OFFER_ALL);
    say(&f.browsers[i], "{\"type\":\"key_package\",\"group\":\"meeting\",\"package\":\"AAEABQ\"}");
    pass(&f, 0);
    pl_buf_free(&hello);
}

/* A meeting with two people in it, whose server went. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct pl_definition *d;
    struct pl_invitation_made *made;
    char why[PL_WHY_SIZE];
    (void)argc;
    (void)argv;
    f.now = 1000 * PL_SECOND;
    f.definition = council;
    f.media.next_id = 100;
    for (size_t i = 0; i < BROWSERS; i++)
        f.browsers[i].f = &f;
    const struct pl_random random = {fill, &f};
    need(pl_store_open(":memory:", random, &store, why) == PL_OK);
    need(pl_definition_decode(pl_str(council), &d, why) == PL_OK);
    need(pl_store_add(store, d, pl_str(council), 1000, meeting, &made, why) == PL_OK);
    free(made);
    pl_definition_free(d);
    begin();
    join_meeting(0, "1");
    join_meeting(1, "2");
    pl_conferences_settle(f.all);
    end();
    for (size_t i = 0; i < BROWSERS; i++)
        pl_buf_free(&f.browsers[i].heard);
    for (size_t i = 0; i < f.media.n_peers; i++)
        f.media.peers[i].closed = false; /* the threads have them */
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_carry in = pl_carry_reader(data, size);
    struct pl_buf again = {0};
    struct pl_carry out = pl_carry_writer(&again);
    const struct fixture before = f;
    begin();
    if (pl_conferences_carry(f.all, &in) == PL_OK) {
        need(pl_conferences_carry(f.all, &out) == PL_OK); /* what works can be handed on */
        f.all->config.store = NULL;
        pass(&f, 20 * PL_SECOND);
    }
    end();
    pl_buf_free(&again);
    f = before;
    return 0;
}
