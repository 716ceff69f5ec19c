/* A room on two threads: what is said of a source, its class and channel of interpretation among
 * it, reaches each of them, also one that comes to mirror it later. The threads are fakes that
 * write down what they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/media_parts.h"

#include <string.h>

/* What a thread was told of the source, and whether it mirrors it. */
struct pl_media_thread {
    bool mirrors, relays, muted;
    bool no_memory; /* a command does not reach it */
    enum pl_source_class class;
    unsigned channel;
};

static struct pl_media_thread threads[2];

enum pl_err pl_media_thread_add(struct pl_media_thread *t, const struct pl_peer_desc *desc)
{
    if (desc->mirror) {
        t->mirrors = true;
        t->muted = desc->muted;
    }
    return PL_OK;
}

void pl_media_thread_remove(struct pl_media_thread *t, pl_peer_id id)
{
    (void)id;
    *t = (struct pl_media_thread){0};
}

enum pl_err pl_media_thread_way(struct pl_media_thread *t, struct pl_media_way **out)
{
    static char way;
    (void)t;
    *out = (struct pl_media_way *)&way;
    return PL_OK;
}

void pl_media_thread_relay(struct pl_media_thread *t, pl_room_id room, unsigned other,
                           struct pl_media_way *way, bool on)
{
    (void)room;
    (void)other;
    (void)way;
    t->relays = on;
}

void pl_media_thread_class(struct pl_media_thread *t, pl_source_id source,
                           enum pl_source_class class, unsigned channel)
{
    assert_int_equal(source, 7);
    t->class = class;
    t->channel = channel;
}

bool pl_media_thread_mute(struct pl_media_thread *t, pl_source_id source, bool muted)
{
    assert_int_equal(source, 7);
    if (!t->no_memory)
        t->muted = muted;
    return !t->no_memory;
}

static const struct pl_media_removal *posted;

void pl_media_removal_post(struct pl_media_removal *r)
{
    posted = r;
}

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
}

/* An interpreter on the first thread, who sends one sound, and a listener on the second. */
static struct pl_media media;
static struct pl_section sections[1];
static pl_source_id sources[1] = {7}, none[1];
static struct pl_media_said said[1], nothing[1];
static struct pl_media_client interpreter, listener;

static void client(struct pl_media_client *p, unsigned thread, pl_source_id *own,
                   struct pl_media_said *of_them)
{
    *p = (struct pl_media_client){.media = &media,
                                  .id = thread + 1,
                                  .room = pl_media_room_of(&media, 1),
                                  .thread = thread,
                                  .session = {.sections = sections, .n_sections = 1},
                                  .sources = own,
                                  .said = of_them};
    pl_list_init(&p->in_room);
}

static int start(void **state)
{
    const struct pl_random random = {fill, NULL};
    (void)state;
    memset(threads, 0, sizeof threads);
    memset(said, 0, sizeof said);
    media = (struct pl_media){.n_threads = 2,
                              .threads = {{.handle = &threads[0]}, {.handle = &threads[1]}}};
    pl_map_init(&media.rooms, &random);
    pl_map_init(&media.source_peers, &random);
    assert_int_equal(pl_map_put(&media.source_peers, &sources[0], sizeof sources[0], &interpreter),
                     PL_OK);
    client(&interpreter, 0, sources, said);
    client(&listener, 1, none, nothing);
    said[0].muted = true;
    pl_media_room_enter(&interpreter);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pl_map_free(&media.source_peers);
    pl_map_free(&media.rooms);
    return 0;
}

static void both_leave(void)
{
    pl_media_room_leave(&listener);
    pl_media_room_leave(&interpreter);
    assert_int_equal(media.threads[0].n_peers + media.threads[1].n_peers, 0);
}

static void assert_told(const struct pl_media_thread *t, unsigned channel, bool muted)
{
    assert_int_equal(t->class, PL_CLASS_INTERPRETATION);
    assert_int_equal(t->channel, channel);
    assert_int_equal(t->muted, muted);
}

static void a_thread_that_comes_later_is_told_the_channel(void **state)
{
    (void)state;
    pl_media_class(&media, 7, PL_CLASS_INTERPRETATION, 2);
    pl_media_mute(&media, 7, false);
    assert_told(&threads[0], 2, false);
    assert_false(threads[1].mirrors || threads[1].channel); /* nobody of the room is there */
    pl_media_room_enter(&listener);
    assert_true(threads[1].mirrors && threads[0].relays && threads[1].relays);
    assert_told(&threads[1], 2, false);
    both_leave();
}

static void what_is_said_reaches_all_threads_of_the_room(void **state)
{
    (void)state;
    pl_media_room_enter(&listener);
    assert_true(threads[1].mirrors && threads[1].muted);
    pl_media_class(&media, 7, PL_CLASS_INTERPRETATION, 1);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(threads[i].channel, 1);
    pl_media_mute(&media, 7, false);
    pl_media_mute(&media, 8, true); /* nobody's */
    pl_media_class(&media, 8, PL_CLASS_INTERPRETATION, 3);
    for (size_t i = 0; i < 2; i++)
        assert_told(&threads[i], 1, false);
    both_leave();
}

/* Else a microphone that was switched off, or whose floor has ended, would be heard on. */
static void a_mute_that_gets_lost_cuts_its_client(void **state)
{
    static char removal;
    (void)state;
    pl_media_room_enter(&listener);
    for (size_t i = 0; i < 2; i++) { /* told of it there, and where it is mirrored */
        posted = NULL;
        interpreter.removal = (struct pl_media_removal *)&removal;
        pl_media_mute(&media, 7, true);
        assert_null(posted);
        threads[i].no_memory = true;
        pl_media_mute(&media, 7, true);
        assert_ptr_equal(posted, &removal);
        assert_null(interpreter.removal);
        threads[i].no_memory = false;
    }
    both_leave();
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_thread_that_comes_later_is_told_the_channel),
        T(what_is_said_reaches_all_threads_of_the_room),
        T(a_mute_that_gets_lost_cuts_its_client),
    };
    return cmocka_run_group_tests_name("media_rooms", tests, NULL, NULL);
}
