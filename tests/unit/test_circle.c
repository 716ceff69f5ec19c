/* Circles: who is in which, and whom a text in an unencrypted meeting reaches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conference.h"

#define DEFINITION                                                                                 \
    "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"none\",\"lobby\":false,\"seats\":["      \
    "{\"id\":\"NOR\",\"name\":\"Norway\",\"country\":\"NO\"},"                                     \
    "{\"id\":\"SWE\",\"name\":\"Sweden\",\"country\":\"SE\"}],\"people\":["                        \
    "{\"name\":\"Chair\",\"role\":\"chair\"},{\"name\":\"Sec\",\"role\":\"secretary\"},"           \
    "{\"name\":\"Ann\",\"role\":\"delegate\",\"seat\":\"NOR\"},"                                   \
    "{\"name\":\"Adi\",\"role\":\"adviser\",\"seat\":\"NOR\"},"                                    \
    "{\"name\":\"Swe\",\"role\":\"delegate\",\"seat\":\"SWE\"},"                                   \
    "{\"name\":\"Obs\",\"role\":\"observer\"}]}"

enum { CHAIR, SEC, ANN, ADI, SWE, OBS, PEOPLE };

static void a_circle_is_found_by_its_name(void **state)
{
    (void)state;
    struct pl_definition *d;
    char why[PL_WHY_SIZE];
    assert_int_equal(pl_definition_decode(pl_str(DEFINITION), &d, why), PL_OK);
    static const struct {
        const char *name, *who; /* a letter for each person: x, in it; NULL: there is none */
    } rows[] = {
        {"meeting", "xxxxxx"},  {"seat:NOR", "--xx--"}, {"note:NOR", "xxxx--"},
        {"seat:SWE", "----x-"}, {"note:SWE", "xx--x-"}, {"seat:DEN", NULL},
        {"seat:", NULL},        {"note:", NULL},        {"", NULL},
        {"NOR", NULL},          {"seat:nor", NULL},     {"meeting:NOR", NULL},
        {"seat:NOR ", NULL},    {"meetin", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_circle circle;
        enum pl_err err = pl_circle_find(d, pl_str(rows[i].name), &circle);
        assert_int_equal(err, rows[i].who ? PL_OK : PL_ENOENT);
        for (uint32_t p = 0; rows[i].who && p < PEOPLE; p++)
            if (pl_circle_has(d, circle, p) != (rows[i].who[p] == 'x'))
                fail_msg("%s: person %u", rows[i].name, p);
    }
    pl_definition_free(d);
}

static struct browser *come(struct fixture *f, size_t i)
{
    char token[4];
    snprintf(token, sizeof token, "%zu", i + 1);
    return join(f, i, token);
}

static void say_to(struct browser *b, const char *to, const char *text)
{
    char json[200];
    snprintf(json, sizeof json, "{\"type\":\"chat\",\"text\":\"%s\",\"to\":\"%s\"}", text, to);
    say(b, json);
    pass(b->f, 0);
}

/* Exactly these, a letter for each person, heard it; then nobody heard anything. */
static void reached(struct fixture *f, const char *text, const char *who)
{
    for (size_t i = 0; i < PEOPLE; i++)
        if (heard(&f->browsers[i], text) != (who[i] == 'x'))
            fail_msg("%s: person %zu heard %s", text, i, f->browsers[i].heard.data);
    look_away(f);
}

static void a_text_reaches_its_circle_alone(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, DEFINITION);
    for (size_t i = 0; i < PEOPLE; i++)
        come(&f, i);
    look_away(&f);
    say_to(&f.browsers[ANN], "seat:NOR", "ours");
    HEARD(&f.browsers[ADI], "{\"type\":\"chat\",\"participant\":\"p3\",\"name\":\"Ann\",\"text\":"
                            "\"ours\",\"to\":\"seat:NOR\",\"at\":");
    reached(&f, "ours", "--xx--");
    say_to(&f.browsers[ADI], "note:NOR", "to the chair");
    reached(&f, "to the chair", "xxxx--");
    say_to(&f.browsers[SEC], "note:SWE", "to Sweden");
    reached(&f, "to Sweden", "xx--x-");
    say_to(&f.browsers[OBS], "meeting", "to all");
    reached(&f, "to all", "xxxxxx");
    say_to(&f.browsers[CHAIR], "seat:NOR", "listening in");
    HEARD(&f.browsers[CHAIR], "\"code\":\"forbidden\",\"message\":\"Only the delegation itself may "
                              "write to itself.\",\"field\":\"to\",\"of\":\"chat\"");
    reached(&f, "listening in", "------");
    say_to(&f.browsers[SWE], "note:NOR", "as another");
    HEARD(&f.browsers[SWE], "Only who presides and the delegation may write such a note.");
    reached(&f, "as another", "------");
    say_to(&f.browsers[OBS], "seat:DEN", "to nobody");
    HEARD(&f.browsers[OBS], "\"code\":\"unknown\",\"message\":\"There is no such delegation.\"");
    reached(&f, "to nobody", "------");
    tear_down(&f);
}

static void who_comes_later_reads_what_is_theirs(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, DEFINITION);
    come(&f, CHAIR);
    come(&f, ANN);
    say_to(&f.browsers[ANN], "seat:NOR", "ours");
    say_to(&f.browsers[CHAIR], "note:NOR", "a note");
    look_away(&f);
    for (size_t i = 0; i < PEOPLE; i++)
        come(&f, i);
    for (size_t i = 0; i < PEOPLE; i++)
        assert_int_equal(heard(&f.browsers[i], "a note"), i < SWE);
    reached(&f, "ours", "--xx--");
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_circle_is_found_by_its_name),
        cmocka_unit_test(a_text_reaches_its_circle_alone),
        cmocka_unit_test(who_comes_later_reads_what_is_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
