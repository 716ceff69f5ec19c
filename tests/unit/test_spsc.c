/* The queue between two threads: what goes in comes out, once, in order; it is full when it is
 * full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/spsc.h"

#include <pthread.h>
#include <sched.h>

#define ITEMS 200000u

static struct pl_spsc *fresh(size_t capacity)
{
    struct pl_spsc *q;
    assert_int_equal(pl_spsc_new(capacity, sizeof(uint64_t), &q), PL_OK);
    return q;
}

static void full_and_empty(void **state)
{
    (void)state;
    for (size_t capacity = 1; capacity <= 8; capacity *= 2) {
        struct pl_spsc *q = fresh(capacity);
        uint64_t in = 0, out = 0, got;
        for (unsigned round = 0; round < 5; round++) {
            assert_false(pl_spsc_pop(q, &got));
            for (size_t i = 0; i < capacity; i++, in++)
                assert_true(pl_spsc_push(q, &in));
            assert_false(pl_spsc_push(q, &in));
            assert_true(pl_spsc_pop(q, &got));
            assert_int_equal(got, out++);
            assert_true(pl_spsc_push(q, &in));
            in++;
            while (pl_spsc_pop(q, &got))
                assert_int_equal(got, out++);
            assert_int_equal(in, out);
        }
        pl_spsc_free(q);
    }
    pl_spsc_free(NULL);
}

static void *push_all(void *arg)
{
    for (uint64_t i = 0; i < ITEMS; i++)
        while (!pl_spsc_push(arg, &i))
            sched_yield();
    return NULL;
}

static void two_threads(void **state)
{
    (void)state;
    struct pl_spsc *q = fresh(64);
    pthread_t pusher;
    uint64_t got;
    assert_int_equal(pthread_create(&pusher, NULL, push_all, q), 0);
    for (uint64_t i = 0; i < ITEMS; i++) {
        while (!pl_spsc_pop(q, &got))
            sched_yield();
        assert_int_equal(got, i);
    }
    pthread_join(pusher, NULL);
    assert_false(pl_spsc_pop(q, &got));
    pl_spsc_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_and_empty),
        cmocka_unit_test(two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
