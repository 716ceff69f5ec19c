/* Captions: who may type them, whom they reach, how many and how long; sealed or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "groups.h"

#define MEETING_OF(encryption, lobby)                                                              \
    "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"" encryption "\",\"lobby\":" lobby       \
    ",\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\"}],\"people\":["                               \
    "{\"name\":\"Chair\",\"role\":\"chair\"},"                                                     \
    "{\"name\":\"Cap\",\"role\":\"captioner\",\"language\":\"EN\"},"                               \
    "{\"name\":\"Ann\",\"role\":\"delegate\",\"seat\":\"NOR\"},"                                   \
    "{\"name\":\"Sous\",\"role\":\"captioner\",\"language\":\"FR\"}]}"

enum { CHAIR, CAP, ANN, SOUS, PEOPLE };

#define LINE(line, text, done)                                                                     \
    "{\"type\":\"caption\",\"line\":" line ",\"text\":\"" text "\",\"done\":" done "}"
#define SPACED(line) LINE(line, "Good morning.", "true")

static void come_all(struct fixture *f, const char *definition)
{
    set_up(f, definition);
    for (size_t i = 0; i < PEOPLE; i++)
        come(f, i);
    look_away(f);
}

static void a_line_reaches_everybody_in_the_room(void **state)
{
    (void)state;
    struct fixture f;
    come_all(&f, MEETING_OF("none", "false"));
    say_now(&f.browsers[CAP], LINE("1", "Good mor", "false"));
    for (size_t i = 0; i < PEOPLE; i++)
        HEARD(&f.browsers[i], "{\"type\":\"caption\",\"participant\":\"p2\",\"language\":\"EN\","
                              "\"line\":1,\"text\":\"Good mor\",\"done\":false}");
    look_away(&f);
    say_now(&f.browsers[SOUS], LINE("1", "", "true")); /* taken back */
    HEARD(&f.browsers[ANN], "{\"type\":\"caption\",\"participant\":\"p4\",\"language\":\"FR\","
                            "\"line\":1,\"text\":\"\",\"done\":true}");
    look_away(&f);
    hang_up(&f.browsers[ANN]);
    come(&f, ANN); /* of before they are told nothing */
    HEARD_NOT(&f.browsers[ANN], "\"type\":\"caption\"");
    tear_down(&f);
}

static void who_is_no_captioner_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    come_all(&f, MEETING_OF("none", "false"));
    static const size_t others[] = {CHAIR, ANN};
    for (size_t i = 0; i < 2; i++) {
        struct browser *b = &f.browsers[others[i]];
        say_now(b, SPACED("1"));
        REFUSED(b, "forbidden", "Only captioners type captions.");
        HEARD_NOT(&f.browsers[SOUS], "\"type\":\"caption\"");
    }
    tear_down(&f);
}

static void who_waits_outside_neither_types_nor_reads(void **state)
{
    (void)state;
    struct fixture f;
    come_all(&f, MEETING_OF("none", "true"));
    say_now(&f.browsers[CAP], SPACED("1"));
    REFUSED(&f.browsers[CAP], "state", "You are not in the room yet.");
    say_now(&f.browsers[CHAIR], "{\"type\":\"admit\",\"participant\":\"p2\",\"admitted\":true}");
    look_away(&f);
    say_now(&f.browsers[CAP], SPACED("1"));
    HEARD(&f.browsers[CHAIR], "Good morning.");
    HEARD_NOT(&f.browsers[ANN], "Good morning.");
    tear_down(&f);
}

static void say_length(struct browser *b, size_t n)
{
    char json[PL_CAPTION_MAX + 100];
    char text[PL_CAPTION_MAX + 2];
    memset(text, 'x', n);
    text[n] = 0;
    snprintf(json, sizeof json, "{\"type\":\"caption\",\"line\":1,\"text\":\"%s\",\"done\":true}",
             text);
    say_now(b, json);
}

static void a_line_has_bounds(void **state)
{
    (void)state;
    struct fixture f;
    come_all(&f, MEETING_OF("none", "false"));
    struct browser *cap = &f.browsers[CAP], *ann = &f.browsers[ANN];
    say_length(cap, PL_CAPTION_MAX);
    HEARD(ann, "\"type\":\"caption\"");
    look_away(&f);
    say_length(cap, PL_CAPTION_MAX + 1);
    HEARD(cap, "\"field\":\"text\"");
    say_now(cap, LINE("1", "two\\nlines", "true"));
    REFUSED(cap, "invalid", "A caption is one line of at most 400 bytes.");
    say_now(cap, LINE("0", "a", "true"));
    HEARD(cap, "\"field\":\"line\"");
    HEARD_NOT(ann, "\"type\":\"caption\"");
    tear_down(&f);
}

static size_t count(const struct browser *b, const char *text)
{
    size_t n = 0;
    for (const char *at = b->heard.data; at && (at = strstr(at, text)); at++)
        n++;
    return n;
}

static void captions_have_a_rate(void **state)
{
    (void)state;
    struct fixture f;
    come_all(&f, MEETING_OF("none", "false"));
    struct browser *cap = &f.browsers[CAP], *ann = &f.browsers[ANN];
    pass(&f, 10 * PL_SECOND);
    for (int i = 0; i < PL_CAPTION_BURST; i++)
        say_now(cap, SPACED("1"));
    assert_int_equal(count(ann, "\"type\":\"caption\""), PL_CAPTION_BURST);
    HEARD_NOT(cap, "\"type\":\"error\"");
    say_now(cap, SPACED("1"));
    REFUSED(cap, "rate", "Captions come too fast: send fewer.");
    assert_int_equal(count(ann, "\"type\":\"caption\""), PL_CAPTION_BURST);
    look_away(&f);
    say_now(cap, "{\"type\":\"ping\"}"); /* all else goes on */
    HEARD(cap, "pong");
    pass(&f, PL_SECOND / PL_CAPTION_RATE);
    say_now(cap, SPACED("1"));
    say_now(cap, SPACED("1"));
    assert_int_equal(count(ann, "\"type\":\"caption\""), 1);
    tear_down(&f);
}

/* A sealed line of so many bytes; shorter ones are as long as their beginning. */
static void say_sealed_caption(struct browser *b, const char *group, size_t n)
{
    char text[PL_CAPTION_SEALED_MAX + 200], message[PL_CAPTION_SEALED_MAX + 10];
    const char *start = message_of(PL_MLS_PRIVATE_MESSAGE, 3, 0, PL_MLS_APPLICATION, "group");
    if (n < strlen(start))
        n = strlen(start);
    memset(message, 'A', sizeof message);
    memcpy(message, start, strlen(start));
    message[n] = 0;
    snprintf(text, sizeof text,
             "{\"type\":\"sealed\",\"group\":\"%s\",\"epoch\":3,\"message\":\"%s\",\"caption\":"
             "true}",
             group, message);
    say_now(b, text);
}

/* All are in the group of the meeting, in epoch 3. */
static void seal(struct fixture *f)
{
    static const char *const ids[] = {ID("p1"), ID("p2"), ID("p3"), ID("p4")};
    struct browser *chair = &f->browsers[CHAIR];
    say_now(chair, "{\"type\":\"group_create\",\"group\":\"meeting\",\"id\":\"Z3JvdXA\","
                   "\"group_info\":\"aW5mbw\"}");
    say_ack(chair, 0);
    for (unsigned i = 1; i < PEOPLE; i++) {
        say_now(&f->browsers[i],
                "{\"type\":\"key_package\",\"group\":\"meeting\",\"package\":\"a2V5\"}");
        say_commit(chair, &(struct commit){.epoch = i - 1, .added = ids[i], .removed = ""});
        for (unsigned k = 0; k <= i; k++)
            say_ack(&f->browsers[k], i);
    }
    look_away(f);
}

static void sealed_lines_are_a_captioners_alone(void **state)
{
    (void)state;
    struct fixture f;
    come_all(&f, MEETING_OF("required", "false"));
    seal(&f);
    struct browser *cap = &f.browsers[CAP], *ann = &f.browsers[ANN];
    say_now(cap, SPACED("1"));
    REFUSED(cap, "state", "This meeting is encrypted: its texts are sealed.");
    say_sealed_caption(cap, "meeting", 0);
    HEARD(ann, "\"type\":\"sealed\",\"group\":\"meeting\",\"by\":\"p2\"");
    HEARD(ann, "\"caption\":true");
    look_away(&f);
    say_sealed_caption(ann, "meeting", 0);
    REFUSED(ann, "forbidden", "Only captioners type captions.");
    HEARD_NOT(cap, "\"type\":\"sealed\"");
    say_sealed_caption(cap, "meeting", PL_CAPTION_SEALED_MAX);
    HEARD(ann, "\"caption\":true");
    look_away(&f);
    say_sealed_caption(cap, "meeting", PL_CAPTION_SEALED_MAX + 1);
    HEARD(cap, "\"field\":\"message\"");
    HEARD_NOT(ann, "\"type\":\"sealed\"");
    pass(&f, 10 * PL_SECOND);
    for (int i = 0; i <= PL_CAPTION_BURST; i++)
        say_sealed_caption(cap, "meeting", 0);
    assert_int_equal(count(ann, "\"caption\":true"), PL_CAPTION_BURST);
    tear_down(&f);
}

/* Nor do they push out what is kept of the chat. */
static void sealed_lines_are_not_kept(void **state)
{
    (void)state;
    struct fixture f;
    come_all(&f, MEETING_OF("required", "false"));
    seal(&f);
    struct browser *ann = &f.browsers[ANN];
    hang_up(ann);
    say_sealed(&f.browsers[CAP], 3);
    say_sealed_caption(&f.browsers[CAP], "meeting", 0);
    ann = come(&f, ANN);
    HEARD(ann, "\"member\":true");
    assert_int_equal(count(ann, "\"type\":\"sealed\""), 1);
    HEARD_NOT(ann, "\"caption\":true");
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_reaches_everybody_in_the_room),
        cmocka_unit_test(who_is_no_captioner_is_refused),
        cmocka_unit_test(who_waits_outside_neither_types_nor_reads),
        cmocka_unit_test(a_line_has_bounds),
        cmocka_unit_test(captions_have_a_rate),
        cmocka_unit_test(sealed_lines_are_a_captioners_alone),
        cmocka_unit_test(sealed_lines_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
