/* Acts at random by people at random: whatever they do, what must hold holds (meeting_model.h), the
 * record gives the same meeting again, and exported it verifies. The seed is printed; PL_SEED=n
 * plays that one alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "meeting_random.h"
#include "room_minutes.h"

#include <jansson.h>

#define STEPS 3000
#define SEEDS 16

/* The minutes of whatever they did can be made, in every form. */
static void check_minutes(const struct room *r)
{
    struct pl_minutes *m = minutes_of(r);
    for (int i = 0; i < PL_MINUTES_LANGUAGES; i++) {
        struct pl_buf text = {0}, json = {0}, html = {0};
        pl_minutes_text(m, (enum pl_minutes_language)i, &text);
        pl_minutes_json(m, (enum pl_minutes_language)i, &json);
        pl_minutes_html(m, (enum pl_minutes_language)i, NULL, &html);
        assert_true(!text.failed && !json.failed && !html.failed);
        assert_true(pl_text_ok((struct pl_str){text.data, text.len}));
        json_t *parsed = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(parsed);
        json_decref(parsed);
        pl_buf_free(&text);
        pl_buf_free(&json);
        pl_buf_free(&html);
    }
    pl_minutes_free(m);
}

static void whatever_they_do(void **state)
{
    (void)state;
    struct world *w = malloc(sizeof *w);
    const char *one = getenv("PL_SEED");
    size_t results[PL_OUTCOME_COUNT] = {0}, acts[PL_ACT_COUNT] = {0};
    assert_non_null(w);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t now = one ? strtoull(one, NULL, 10) : seed;
        print_message("seed %llu: ", (unsigned long long)now);
        memset(w, 0, sizeof *w);
        play(w, now, STEPS);
        check_replay(&w->r);
        check_export(w);
        check_minutes(&w->r);
        print_message("%zu events, %zu acts done, %zu refused, %zu adopted, %zu not, %zu without "
                      "quorum\n",
                      w->r.n_log, w->done, w->refused, w->results[PL_OUTCOME_ADOPTED],
                      w->results[PL_OUTCOME_NOT_ADOPTED], w->results[PL_OUTCOME_NO_QUORUM]);
        for (int i = 0; i < PL_OUTCOME_COUNT; i++)
            results[i] += w->results[i];
        for (int i = 0; i < PL_ACT_COUNT; i++)
            acts[i] += w->acts[i];
        throw_away(&w->r);
        if (one)
            break;
    }
    /* It says something only if everything happened. */
    for (int i = 0; !one && i < PL_ACT_COUNT; i++)
        if (i != PL_ACT_CREATED && acts[i] == 0)
            fail_msg("%s never happened", pl_act_words[i]);
    assert_true(one || (results[PL_OUTCOME_ADOPTED] > 0 && results[PL_OUTCOME_NOT_ADOPTED] > 0 &&
                        results[PL_OUTCOME_NO_QUORUM] > 0));
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whatever_they_do)};
    return cmocka_run_group_tests_name("meeting_random", tests, NULL, NULL);
}
