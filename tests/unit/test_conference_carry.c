/* Live meetings that are handed over: what the next process reads gives the same again, field by
 * field, and people come back to what they were. Transports are in tests/http/test_upgrade.py and
 * test_threads.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/carry.h"
#include "recorded.h"
#include "server/group_parts.h"

static const char sealed_council[] =
    "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"required\","
    "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\"},{\"id\":\"EST\",\"name\":\"Estonia\"}],"
    "\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},"
    "{\"name\":\"Ann\",\"role\":\"delegate\",\"seat\":\"NOR\"},"
    "{\"name\":\"Bob\",\"role\":\"delegate\",\"seat\":\"EST\"},"
    "{\"name\":\"Guest\",\"role\":\"observer\"}]}";

static struct pl_buf written(struct fixture *f)
{
    struct pl_buf out = {0};
    struct pl_carry c = pl_carry_writer(&out);
    pl_conferences_settle(f->server.all);
    assert_int_equal(pl_conferences_carry(f->server.all, &c), PL_OK);
    return out;
}

/* Another server over the same store, to which browsers come from now on; the old one ends as its
 * process would: nobody hears of it, and nothing is written. */
static void next_server(struct fixture *f, struct pl_conferences **old)
{
    *old = f->server.all;
    for (size_t i = 0; i < BROWSERS; i++) {
        f->browsers[i].closed = true;
        f->browsers[i].client = NULL;
    }
    pl_store_close(f->server.store);
    start(f);
}

static void take(struct fixture *f, const struct pl_buf *state)
{
    struct pl_carry in = pl_carry_reader(state->data, state->len);
    struct pl_buf again = {0};
    struct pl_carry out = pl_carry_writer(&again);
    assert_int_equal(pl_conferences_carry(f->server.all, &in), PL_OK);
    assert_true(pl_carry_done(&in));
    assert_int_equal(pl_conferences_carry(f->server.all, &out), PL_OK);
    assert_int_equal(again.len, state->len);
    assert_memory_equal(again.data, state->data, state->len);
    pl_buf_free(&again);
}

/* Its process is gone: what is left of it is freed, without a store to write to. */
static void bury(struct pl_conferences *old)
{
    static const struct pl_farewell none = {.message = ""};
    size_t at = 0;
    old->config.store = NULL;
    old->config.signing = NULL;
    for (struct pl_conference *c; (c = pl_map_next(&old->by_id, &at)); at = 0) {
        pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
            struct pl_member *m = pl_member_of(p);
            struct pl_client *client = m ? m->client : NULL;
            if (!client)
                continue;
            m->client = NULL;
            pl_list_remove(&client->held);
            pl_buf_free(&client->queue);
            free(client);
        }
        pl_conference_end(c, &none);
    }
    pl_conferences_free(old);
}

static struct pl_participant *person(struct fixture *f, uint32_t index)
{
    struct pl_conference *c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    assert_non_null(c);
    struct pl_participant *p = pl_meeting_by_person(c->meeting, index);
    assert_non_null(p);
    return p;
}

/* All that a member is, but for transports. */
static void mark_member(struct pl_participant *p)
{
    struct pl_member *m = p->user;
    for (int kind = 0; kind < PL_KIND_COUNT; kind += 2)
        p->media[kind] = true;
    p->muted_by_chair = p->booth = p->offers_booth = true;
    snprintf(m->page, sizeof m->page, "a page");
    m->has_view = true;
    m->n_view = PL_TILES_MAX;
    for (size_t i = 0; i < PL_TILES_MAX; i++)
        m->view[i] = (struct pl_wanted){1000 + i, (uint16_t)(i + 1), (uint16_t)(i + 2)};
    m->listens = PL_CHANNELS_MAX;
}

static void people_and_texts_are_handed_over(void **state)
{
    struct fixture *f = *state;
    struct pl_conferences *old;
    join(f, 0, "1");
    struct browser *ann = join(f, 1, "2");
    join(f, 2, "3");
    say(&f->browsers[0], "{\"type\":\"put_item\",\"item\":\"i\",\"title\":\"One\"}");
    say(&f->browsers[0], "{\"type\":\"start_item\",\"item\":\"i\"}");
    say(ann, "{\"type\":\"chat\",\"text\":\"to all\"}");
    say(ann, "{\"type\":\"chat\",\"text\":\"to my own\",\"to\":\"seat:NOR\"}");
    pass(f, 0);
    mark_member(person(f, 1));
    person(f, 0)->media[PL_KIND_CAMERA] = true;
    pl_conferences_find(f->server.all, pl_str(f->meeting))->speaker = person(f, 2)->number;
    uint32_t number = person(f, 1)->number;
    struct pl_buf state_of = written(f);
    uint64_t recorded =
        pl_conference_recorded(pl_conferences_find(f->server.all, pl_str(f->meeting)));
    next_server(f, &old);
    take(f, &state_of);
    struct pl_participant *p = person(f, 1);
    assert_int_equal(p->number, number);
    assert_true(p->muted_by_chair && p->booth && p->offers_booth && p->media[PL_KIND_MICROPHONE]);
    assert_int_equal(((struct pl_member *)p->user)->n_view, PL_TILES_MAX);
    /* Nobody left, and who comes back is who they were, and is told what was said. */
    look_away(f);
    ann = join(f, 1, "2");
    HEARD(ann, "\"you\":\"p2\"");
    HEARD(ann, "to all");
    HEARD(ann, "to my own");
    struct browser *bob = join(f, 2, "3");
    HEARD(bob, "to all");
    assert_false(heard(bob, "to my own"));
    struct pl_conference *c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    assert_int_equal(pl_conference_recorded(c), recorded);
    assert_int_equal(pl_conference_participants(c), 3);
    /* Who does not come back leaves, as after any fault of the network. */
    pass(f, PL_GRACE + PL_SECOND);
    assert_int_equal(pl_conference_participants(c), 2);
    pl_buf_free(&state_of);
    bury(old);
}

/* But for what goes with a connection: the package that waited, and the turn to commit. */
static void fill_group(struct pl_group *g, struct pl_member *m)
{
    snprintf(g->id, sizeof g->id, "Z3JvdXA");
    memcpy(g->raw_id, "group", 5);
    g->raw_id_len = 5;
    g->epoch = 7;
    g->sequence = 19;
    g->epoch_at = g->conference->all->config.now(g->conference->all->config.ctx) - 5;
    g->info = strdup("an info");
    for (unsigned i = 0; i < 2; i++) {
        struct pl_group_entry *e = calloc(1, sizeof *e + 9);
        *e = (struct pl_group_entry){.epoch = 6 + i, .sealed = i, .n = 8};
        memcpy(e->json, i ? "{\"a\":12}" : "{\"b\":34}", 8);
        pl_list_push(&g->log, &e->node);
    }
    g->log_bytes = 8;
    g->sealed_bytes = 9;
    snprintf(g->left[0], sizeof g->left[0], "p9");
    snprintf(g->ghosts[0], sizeof g->ghosts[0], "p8");
    g->n_left = g->n_ghosts = 1;
    g->next_order = 12;
    g->asked = true;
    g->asked_at = 3;
    g->lost_at = 4;
    struct pl_in_group *p = pl_group_give_place(g, m);
    p->in = p->has_keys = p->passed = p->hears = true;
    p->acked = 6;
    p->doubted = 5;
    p->hears_at = 8;
    g->committer = p;
}

static void groups_are_handed_over(void **state)
{
    struct fixture *f = *state;
    struct pl_conferences *old;
    make(f, sealed_council);
    for (size_t i = 0; i < 3; i++) {
        char token[2] = {(char)('1' + i), 0};
        join(f, i, token);
    }
    struct pl_conference *c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    struct pl_circle circle;
    assert_int_equal(pl_circle_find(c->definition, pl_str("seat:NOR"), &circle), PL_OK);
    fill_group(c->group, person(f, 0)->user);
    struct pl_group *own = pl_group_add(c, pl_str("seat:NOR"), circle);
    fill_group(own, person(f, 1)->user);
    struct pl_buf state_of = {0};
    struct pl_carry out = pl_carry_writer(&state_of);
    assert_int_equal(pl_conferences_carry(f->server.all, &out), PL_OK);
    next_server(f, &old);
    take(f, &state_of);
    c = pl_conferences_find(f->server.all, pl_str(f->meeting));
    assert_int_equal(c->group->epoch, 7);
    assert_true(pl_group_sends(person(f, 0)->user) && pl_group_hears(person(f, 0)->user));
    assert_false(pl_group_sends(person(f, 1)->user));
    struct pl_group *theirs = pl_group_find(c, circle);
    assert_non_null(theirs);
    assert_string_equal(theirs->info, "an info");
    assert_ptr_equal(theirs->committer, pl_group_place(theirs, person(f, 1)->user));
    pl_buf_free(&state_of);
    bury(old);
}

static void what_does_not_fit_is_refused(void **state)
{
    struct fixture *f = *state;
    struct pl_conferences *old;
    join(f, 0, "1");
    join(f, 1, "2");
    say(&f->browsers[1], "{\"type\":\"chat\",\"text\":\"to all\"}");
    pass(f, 0);
    struct pl_buf whole = written(f);
    next_server(f, &old);
    for (size_t n = 0; n < whole.len; n += 11) {
        struct pl_carry in = pl_carry_reader(whole.data, n);
        assert_int_equal(pl_conferences_carry(f->server.all, &in), PL_EINVAL);
        bury(f->server.all); /* as the process ends */
        pl_store_close(f->server.store);
        start(f);
    }
    take(f, &whole);
    pl_buf_free(&whole);
    bury(old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(people_and_texts_are_handed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(groups_are_handed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
