/* That the record was changed stands in the record: from whom, how often, until when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decisions.h"

#define ALARM(reason, ...)                                                                         \
    ACT(ALARM, alarm, .why = PL_ALARM_WHY_##reason, .ours = S(""), .theirs = S("theirs"),          \
        __VA_ARGS__)

static void raises(void **state)
{
    (void)state;
    struct room r;
    set_up_all(&r, 2);
    done(&r, head_of(0), ALARM(MISSING, .has_event = true, .event = 7, .leaf = S("leaf")), 1);
    const struct pl_alarm *alarm = pl_container_of(r.s->alarms.next, struct pl_alarm, node);
    assert_int_equal(alarm->number, r.s->last);
    assert_int_equal(alarm->event, 7);
    assert_string_equal(alarm->by.p, head_of(0));
    assert_string_equal(alarm->name.p, "Norway");
    assert_string_equal(alarm->theirs.p, "theirs");
    assert_string_equal(alarm->leaf.p, "leaf");
    assert_int_equal(r.s->changed[PL_PART_ALARMS], r.s->last);
    done(&r, head_of(0), ALARM(MISSING), 0); /* said already */
    done(&r, head_of(0), ALARM(REWRITTEN), 1);
    done(&r, "p4", ALARM(MISSING), 1); /* whoever it is */
    assert_int_equal(r.s->n_alarms, 3);
    /* Also when the session is closed. */
    done(&r, "p1", ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED), 1);
    done(&r, "p5", ALARM(ROLLED_BACK), 1);
    tear_down(&r);
}

static void limits(void **state)
{
    (void)state;
    struct room r;
    set_up_seats(&r, 17, 1);
    comes(&r, head_of(0));
    refused(&r, head_of(0), ALARM(REWRITTEN), PL_ESTATE, "", "You are not in the room yet.");
    refused(&r, NULL, ALARM(REWRITTEN), PL_EAUTH, "", "This is for somebody who is there.");
    comes(&r, "p1");
    for (size_t i = 1; i < 17; i++)
        comes(&r, head_of(i));
    for (size_t i = 0; i < 17; i++)
        for (int why = 0; why < PL_ALARM_WHY_COUNT && r.s->n_alarms < PL_ALARMS_MAX; why++)
            done(&r, head_of(i),
                 ACT(ALARM, alarm, .why = (enum pl_alarm_why)why, .ours = S(""), .theirs = S("")),
                 1);
    assert_int_equal(r.s->n_alarms, PL_ALARMS_MAX);
    refused(&r, "p1", ALARM(REWRITTEN), PL_ELIMIT, "", "The record has at most 100 alarms.");
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(raises), cmocka_unit_test(limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
