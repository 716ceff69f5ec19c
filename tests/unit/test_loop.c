/* The event loop: timers, watches, mailbox, stop. Passes under TSan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/loop.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct pl_loop *loop;

static int setup(void **state)
{
    (void)state;
    return pl_loop_new(&loop) == PL_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    pl_loop_free(loop);
    return 0;
}

/* --- Timers --- */

#define TIMERS 500

struct numbered {
    struct pl_timer timer;
    pl_time_us due;
    bool cleared, fired;
};

static struct numbered timers[TIMERS];
static int fired, left;
static pl_time_us last_due;

static void in_order(struct pl_timer *t)
{
    struct numbered *n = pl_container_of(t, struct numbered, timer);
    assert_false(n->cleared || n->fired);
    assert_int_equal(t->at, 0);
    assert_true(n->due <= pl_loop_now(loop));
    assert_true(n->due >= last_due);
    n->fired = true;
    last_due = n->due;
    if (--left == 0)
        pl_loop_stop(loop);
}

static void timers_fire_in_order(void **state)
{
    (void)state;
    uint32_t random = 1;
    pl_time_us start = pl_loop_now(loop);
    left = 0;
    last_due = 0;
    for (int round = 0; round < 3; round++) { /* set, moved, moved again */
        for (int i = 0; i < TIMERS; i++) {
            random = random * 1664525 + 1013904223;
            timers[i].timer.fire = in_order;
            timers[i].due = start + 1 + (random >> 8) % 20000;
            assert_int_equal(pl_timer_set(loop, &timers[i].timer, timers[i].due), PL_OK);
        }
    }
    for (int i = 0; i < TIMERS; i++) {
        timers[i].cleared = i % 3 == 0;
        if (timers[i].cleared) {
            pl_timer_clear(loop, &timers[i].timer);
            pl_timer_clear(loop, &timers[i].timer);
        } else {
            left++;
        }
    }
    pl_loop_run(loop);
    assert_int_equal(left, 0);
    for (int i = 0; i < TIMERS; i++)
        assert_int_equal(timers[i].fired, !timers[i].cleared);
}

static void again_at_once(struct pl_timer *t)
{
    fired++;
    assert_int_equal(pl_timer_set(loop, t, 0), PL_OK);
}

static void count_three(struct pl_timer *t)
{
    if (++left == 3)
        pl_loop_stop(loop);
    else
        assert_int_equal(pl_timer_set(loop, t, pl_loop_now(loop)), PL_OK);
}

/* Timers that are always due leave room for others and for the turn's end. */
static void timer_for_the_past_does_not_hang(void **state)
{
    (void)state;
    struct pl_timer greedy = {.fire = again_at_once}, other = {.fire = count_three};
    fired = left = 0;
    assert_int_equal(pl_timer_set(loop, &greedy, -5), PL_OK);
    assert_int_equal(pl_timer_set(loop, &other, pl_loop_now(loop)), PL_OK);
    pl_loop_run(loop);
    assert_true(fired >= 3 && fired <= 6);
}

static struct pl_timer victim;

static struct pl_timer twins[2];

static void set_the_other(struct pl_timer *t)
{
    fired++;
    assert_int_equal(pl_timer_set(loop, t == &twins[0] ? &twins[1] : &twins[0], 0), PL_OK);
}

static void stop_after_this_turn(void *ctx)
{
    (void)ctx;
    pl_loop_stop(loop);
}

/* What came in meanwhile has its turn, however many other timers wait. */
static void timers_that_set_each_other_hold_nobody_up(void **state)
{
    (void)state;
    fired = 0;
    for (int i = 0; i < TIMERS; i++) {
        timers[i] = (struct numbered){.timer = {.fire = in_order}};
        assert_int_equal(pl_timer_set(loop, &timers[i].timer, PL_NEVER), PL_OK);
    }
    twins[0] = twins[1] = (struct pl_timer){.fire = set_the_other};
    assert_int_equal(pl_timer_set(loop, &twins[0], 0), PL_OK);
    pl_loop_on_turn(loop, stop_after_this_turn, NULL);
    pl_loop_run(loop);
    assert_int_equal(fired, 1);
    pl_loop_run(loop);
    assert_int_equal(fired, 2);
    for (int i = 0; i < TIMERS; i++)
        pl_timer_clear(loop, &timers[i].timer);
    pl_timer_clear(loop, &twins[0]);
    pl_timer_clear(loop, &twins[1]);
}

static void clear_victim(struct pl_timer *t)
{
    (void)t;
    pl_timer_clear(loop, &victim);
    pl_loop_stop(loop);
}

static void must_not_fire(struct pl_timer *t)
{
    (void)t;
    fail_msg("a cleared timer fired");
}

static void timer_cleared_by_another(void **state)
{
    (void)state;
    struct pl_timer first = {.fire = clear_victim};
    victim = (struct pl_timer){.fire = must_not_fire};
    assert_int_equal(pl_timer_set(loop, &victim, pl_loop_now(loop) + 1), PL_OK);
    assert_int_equal(pl_timer_set(loop, &first, pl_loop_now(loop)), PL_OK);
    pl_loop_run(loop);
    assert_int_equal(victim.place, 0);
}

/* --- Watches --- */

static struct pl_watch *pair[2];
static int calls;

/* Whichever comes first closes and frees the other one. */
static void free_the_other(struct pl_watch *w, uint32_t events)
{
    assert_true(events & EPOLLIN);
    struct pl_watch *other = w == pair[0] ? pair[1] : pair[0];
    calls++;
    pl_loop_unwatch(loop, other);
    close(other->fd);
    free(other);
    pl_loop_unwatch(loop, w);
    close(w->fd);
    free(w);
    pl_loop_stop(loop);
}

static void unwatch_inside_a_callback(void **state)
{
    (void)state;
    calls = 0;
    for (int i = 0; i < 2; i++) {
        pair[i] = calloc(1, sizeof *pair[i]);
        *pair[i] = (struct pl_watch){eventfd(1, EFD_NONBLOCK), free_the_other};
        assert_int_equal(pl_loop_watch(loop, pair[i], EPOLLIN), PL_OK);
    }
    pl_loop_run(loop);
    assert_int_equal(calls, 1);
}

static void writable(struct pl_watch *w, uint32_t events)
{
    (void)w;
    assert_int_equal(events, EPOLLOUT);
    calls++;
    pl_loop_stop(loop);
}

static void rewatch_changes_the_events(void **state)
{
    (void)state;
    struct pl_watch w = {eventfd(0, EFD_NONBLOCK), writable};
    calls = 0;
    assert_int_equal(pl_loop_watch(loop, &w, EPOLLIN), PL_OK);
    assert_int_equal(pl_loop_rewatch(loop, &w, EPOLLOUT), PL_OK);
    pl_loop_run(loop);
    assert_int_equal(calls, 1);
    pl_loop_unwatch(loop, &w);
    assert_int_equal(pl_loop_rewatch(loop, &w, EPOLLIN), PL_EIO);
    close(w.fd);
    assert_int_equal(pl_loop_watch(loop, &w, EPOLLIN), PL_EIO);
}

/* --- Mailbox --- */

#define SENDERS 4
#define LETTERS 20000

struct letter {
    struct pl_message message;
    unsigned sender, number;
};

static unsigned expected[SENDERS], delivered;

static void read_letter(struct pl_message *m)
{
    struct letter *letter = pl_container_of(m, struct letter, message);
    assert_int_equal(letter->number, expected[letter->sender]);
    expected[letter->sender]++;
    delivered++;
    free(letter);
}

static void *send_letters(void *arg)
{
    for (unsigned i = 0; i < LETTERS; i++) {
        struct letter *letter = calloc(1, sizeof *letter);
        letter->message.deliver = read_letter;
        letter->sender = (unsigned)(uintptr_t)arg;
        letter->number = i;
        pl_loop_post(loop, &letter->message);
    }
    return NULL;
}

static void *run_loop(void *arg)
{
    pl_loop_run(arg);
    return NULL;
}

static void mail_arrives_in_order(void **state)
{
    (void)state;
    pthread_t reader, senders[SENDERS];
    delivered = 0;
    pthread_create(&reader, NULL, run_loop, loop);
    for (uintptr_t i = 0; i < SENDERS; i++)
        pthread_create(&senders[i], NULL, send_letters, (void *)i);
    for (int i = 0; i < SENDERS; i++)
        pthread_join(senders[i], NULL);
    pl_loop_stop(loop); /* everything was posted before: everything is delivered */
    pthread_join(reader, NULL);
    assert_int_equal(delivered, SENDERS * LETTERS);
}

/* Each letter goes to a loop that has just gone to sleep, or is about to: none is forgotten. */

static struct pl_loop *sides[2];

struct ball {
    struct pl_message message;
    unsigned flights;
};

static void hit_back(struct pl_message *m)
{
    struct ball *b = pl_container_of(m, struct ball, message);
    if (++b->flights < LETTERS)
        pl_loop_post(sides[b->flights % 2], m);
    else
        for (int i = 0; i < 2; i++)
            pl_loop_stop(sides[i]);
}

static void mail_wakes_who_sleeps(void **state)
{
    (void)state;
    pthread_t threads[2];
    struct ball ball = {.message.deliver = hit_back};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pl_loop_new(&sides[i]), PL_OK);
        pthread_create(&threads[i], NULL, run_loop, sides[i]);
    }
    pl_loop_post(sides[0], &ball.message);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++)
        pl_loop_free(sides[i]);
    assert_int_equal(ball.flights, LETTERS);
}

static void post_again(struct pl_message *m)
{
    if (++delivered == 5)
        pl_loop_stop(loop);
    else
        pl_loop_post(loop, m);
}

static void mail_posted_while_delivering(void **state)
{
    (void)state;
    struct pl_message m = {.deliver = post_again};
    delivered = 0;
    pl_loop_post(loop, &m);
    pl_loop_run(loop);
    assert_int_equal(delivered, 5);
}

/* What comes too late for the run is delivered when asked for, not lost. */
static void mail_posted_after_the_run(void **state)
{
    (void)state;
    struct pl_message m = {.deliver = post_again};
    delivered = 3;
    pl_loop_stop(loop);
    pl_loop_run(loop);
    pl_loop_post(loop, &m);
    pl_loop_deliver(loop); /* it posts itself again: that is for the next time */
    assert_int_equal(delivered, 4);
    pl_loop_deliver(loop);
    assert_int_equal(delivered, 5);
    pl_loop_deliver(loop);
    assert_int_equal(delivered, 5);
}

static void count_turn(void *ctx)
{
    ++*(int *)ctx;
}

static void stop_before_run_is_kept(void **state)
{
    (void)state;
    int turns = 0;
    pl_loop_on_turn(loop, count_turn, &turns);
    for (int i = 1; i <= 3; i++) {
        pl_loop_stop(loop);
        pl_loop_run(loop);
        assert_int_equal(turns, i);
    }
}

static void stop_on_signal(int signo)
{
    (void)signo;
    pl_loop_stop(loop);
}

static void raise_signal(struct pl_timer *t)
{
    (void)t;
    raise(SIGUSR1);
}

static void stop_from_a_signal_handler(void **state)
{
    (void)state;
    struct pl_timer t = {.fire = raise_signal};
    signal(SIGUSR1, stop_on_signal);
    assert_int_equal(pl_timer_set(loop, &t, pl_loop_now(loop) + PL_MS), PL_OK);
    pl_loop_run(loop);
    signal(SIGUSR1, SIG_DFL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(timers_fire_in_order),
        TEST(timer_for_the_past_does_not_hang),
        TEST(timers_that_set_each_other_hold_nobody_up),
        TEST(timer_cleared_by_another),
        TEST(unwatch_inside_a_callback),
        TEST(rewatch_changes_the_events),
        TEST(mail_arrives_in_order),
        TEST(mail_wakes_who_sleeps),
        TEST(mail_posted_while_delivering),
        TEST(mail_posted_after_the_run),
        TEST(stop_before_run_is_kept),
        TEST(stop_from_a_signal_handler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
