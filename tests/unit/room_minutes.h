/* The minutes of the meeting of decisions.h. After it. */
#ifndef PL_TESTS_ROOM_MINUTES_H
#define PL_TESTS_ROOM_MINUTES_H

#include "minutes/minutes.h"

/* The minutes of all that was recorded so far. */
static inline struct pl_minutes *minutes_of(const struct room *r)
{
    struct pl_minutes *m;
    struct pl_act *e = malloc(sizeof *e);
    assert_non_null(e);
    assert_int_equal(pl_minutes_new(&r->definition, pl_meeting_definition(r->m), &room_random, &m),
                     PL_OK);
    for (size_t i = 0; i < r->n_log; i++) {
        struct pl_decode_error error;
        json_t *json;
        assert_int_equal(
            pl_event_decode((struct pl_str){r->log[i].data, r->log[i].len}, e, &json, &error),
            PL_OK);
        assert_int_equal(pl_minutes_add(m, e), PL_OK);
        json_decref(json);
    }
    free(e);
    return m;
}

#endif
