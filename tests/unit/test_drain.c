/* Before the server is stopped for maintenance: who is told what, who still comes in, and when
 * nobody is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conference.h"

static void on_empty(void *ctx)
{
    ++*(unsigned *)ctx;
}

static void drain(struct fixture *f, bool on, int64_t until_ms, unsigned *emptied)
{
    const struct pl_drain d = {.on = on, .until_ms = until_ms, .empty = on_empty, .ctx = emptied};
    pl_conferences_drain(f->all, &d);
    pass(f, 0);
}

#define AHEAD "{\"type\":\"maintenance\",\"ahead\":true"

static void who_presides_is_told(void **state)
{
    (void)state;
    struct fixture f;
    unsigned emptied = 0;
    set_up(&f, MEETING("open", "false"));
    struct browser *chair = join(&f, 0, "1"), *ann = join(&f, 1, "2");
    look_away(&f);
    drain(&f, true, 1234567, &emptied);
    HEARD(chair, AHEAD ",\"until\":1234567}");
    assert_false(heard(ann, "maintenance"));
    assert_int_equal(emptied, 0);
    look_away(&f);
    drain(&f, true, 0, &emptied);
    HEARD(chair, AHEAD "}");
    chair = join(&f, 0, "1");
    HEARD(chair, AHEAD "}"); /* again, to who comes back */
    look_away(&f);
    drain(&f, false, 0, &emptied);
    HEARD(chair, "{\"type\":\"maintenance\",\"ahead\":false}");
    assert_false(heard(ann, "maintenance"));
    look_away(&f);
    drain(&f, false, 0, &emptied);
    assert_false(heard(chair, "maintenance")); /* nothing was called off */
    tear_down(&f);
}

static void what_runs_goes_on_until_the_last_one_left(void **state)
{
    (void)state;
    struct fixture f;
    unsigned emptied = 0;
    size_t people;
    set_up(&f, MEETING("open", "false"));
    struct browser *chair = join(&f, 0, "1");
    drain(&f, true, 0, &emptied);
    struct browser *ann = join(&f, 1, "2");
    HEARD(ann, "\"place\":\"room\"");
    assert_int_equal(pl_conferences_running(f.all, &people), 1);
    assert_int_equal(people, 2);
    say(chair, "{\"type\":\"leave\"}");
    pass(&f, 0);
    assert_int_equal(emptied, 0);
    hang_up(ann);
    pass(&f, PL_GRACE - PL_MS);
    assert_int_equal(emptied, 0); /* they may come back, */
    ann = join(&f, 1, "2");
    pass(&f, PL_GRACE);
    assert_int_equal(emptied, 0);
    say(ann, "{\"type\":\"leave\"}");
    assert_int_equal(emptied, 0); /* not within the call */
    pass(&f, 0);
    assert_int_equal(emptied, 1);
    pass(&f, PL_GRACE);
    assert_int_equal(emptied, 1);
    assert_int_equal(pl_conferences_running(f.all, &people), 0);
    tear_down(&f);
}

static void nobody_opens_a_meeting(void **state)
{
    (void)state;
    struct fixture f;
    unsigned emptied = 0;
    set_up(&f, MEETING("open", "false"));
    struct browser *ann = join(&f, 1, "2");
    HEARD(ann, "\"place\":\"waiting\"");
    look_away(&f);
    drain(&f, true, 99, &emptied);
    assert_int_equal(emptied, 1);       /* who waits for a chair keeps nothing up, */
    HEARD(ann, AHEAD ",\"until\":99}"); /* and is told why none comes */
    struct browser *chair = join(&f, 0, "1");
    HEARD(chair, AHEAD ",\"until\":99}");
    HEARD(chair, "\"code\":\"later\"");
    HEARD(chair, pl_drain_shut);
    assert_true(chair->closed);
    assert_false(heard(chair, "welcome"));
    assert_true(pl_drain_shuts(conference(&f)));
    ann = join(&f, 1, "2"); /* who was there comes back, */
    HEARD(ann, "\"place\":\"waiting\"");
    HEARD(ann, AHEAD ",\"until\":99}"); /* and hears it again */
    drain(&f, false, 0, &emptied);
    assert_false(pl_drain_shuts(conference(&f)));
    chair = join(&f, 0, "1");
    HEARD(chair, "\"place\":\"room\"");
    HEARD(ann, "\"type\":\"place\",\"place\":\"room\"");
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_presides_is_told),
        cmocka_unit_test(what_runs_goes_on_until_the_last_one_left),
        cmocka_unit_test(nobody_opens_a_meeting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
