/* A meeting's definition as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "signal/definition.h"

#include <stdio.h>
#include <stdlib.h>

/* As long as a name of a zone may be. */
#define LONG_ZONE "Etc/012345678901234567890123456789012345678901234567890123456789"
#define HEAD "{\"title\":\"T\",\"floor\":\"open\","
#define SEATS "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\",\"country\":\"NO\"}]"
#define PEOPLE                                                                                     \
    "\"people\":[{\"name\":\"A\",\"role\":\"delegate\",\"seat\":\"NOR\"},"                         \
    "{\"name\":\"B\",\"role\":\"observer\",\"shared\":true}]"

#define PERSON(role, more) "\"people\":[{\"name\":\"A\",\"role\":\"" role "\"" more "}]"
#define ITEM "{\"act\":\"put_item\",\"item\":\"i1\",\"title\":\"One\"}"

static void definition_goes_around(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out; /* out NULL: as it went in */
    } rows[] = {
        {"{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"none\",\"signatures\":\"optional\","
         "\"lobby\":false,"
         "\"open\":false," SEATS "," PEOPLE "}",
         NULL},
        {"{" PEOPLE "," SEATS ",\"floor\":\"chaired\",\"title\":\"T\"}",
         "{\"title\":\"T\",\"floor\":\"chaired\",\"encryption\":\"required\",\"signatures\":"
         "\"required\",\"lobby\":false,"
         "\"open\":false," SEATS "," PEOPLE "}"},
        {"{\"title\":\"T\",\"zone\":\"" LONG_ZONE "\",\"floor\":\"open\",\"encryption\":\"none\","
         "\"signatures\":\"optional\",\"lobby\":false,\"open\":false," SEATS "," PEOPLE "}",
         NULL},
        {"{\"title\":\"T\",\"marking\":\"RELEASABLE TO MEMBERS\",\"floor\":\"open\","
         "\"encryption\":\"none\",\"signatures\":\"required\",\"lobby\":true,\"open\":true,"
         "\"seats\":[],\"people\":[{\"name\":"
         "\"C\",\"role\":\"chair\",\"expires\":1}]}",
         NULL},
        {"{\"title\":\"T\",\"body\":\"Military "
         "Committee\",\"zone\":\"America/"
         "Port-au-Prince\",\"floor\":\"open\",\"encryption\":\"none\",\"signatures\":\"optional\","
         "\"lobby\":false,\"open\":false,\"quorum\":1,\"speaking_seconds\":180,"
         "\"languages\":[\"EN\",\"fr-CA\"],"
         "\"seats\":[{\"id\":\"A\",\"name\":\"A\",\"guest\":true},"
         "{\"id\":\"B\",\"name\":\"B\",\"weight\":0}],"
         "\"people\":[{\"name\":\"C\",\"role\":\"briefer\",\"item\":\"i1\"},"
         "{\"name\":\"D\",\"role\":\"invited\",\"item\":\"i1\",\"party\":\"UA\"},"
         "{\"name\":\"E\",\"role\":\"interpreter\",\"language\":\"fr-CA\"}],"
         "\"prepared\":[{\"act\":\"put_item\",\"item\":\"i1\",\"title\":\"A/\\\"ü\\n\"},"
         "{\"act\":\"put_party\",\"country\":\"UA\",\"name\":\"Ukraine\",\"party\":\"UA\"}]}",
         NULL},
        {HEAD "\"encryption\":\"none\",\"quorum\":0,\"speaking_seconds\":0,\"languages\":[],"
              "\"seats\":[{\"id\":\"A\",\"name\":\"A\",\"guest\":false,\"weight\":1}],"
              "\"people\":[{\"name\":\"C\",\"role\":\"chair\"}],"
              "\"prepared\":[{\"title\":\"T\",\"item\":\"i\",\"act\":\"put_item\"}]}",
         "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"none\",\"signatures\":\"optional\","
         "\"lobby\":false,"
         "\"open\":false,\"seats\":[{\"id\":\"A\",\"name\":\"A\"}],"
         "\"people\":[{\"name\":\"C\",\"role\":\"chair\"}],"
         "\"prepared\":[{\"act\":\"put_item\",\"item\":\"i\",\"title\":\"T\"}]}"},
        {HEAD
         "\"encryption\":\"none\",\"seats\":[],\"people\":[{\"name\":\"C\",\"role\":\"chair\"}],"
         "\"prepared\":[]}",
         "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"none\",\"signatures\":\"optional\","
         "\"lobby\":false,"
         "\"open\":false,\"seats\":[],\"people\":[{\"name\":\"C\",\"role\":\"chair\"}]}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_definition *d;
        char why[PL_WHY_SIZE] = "";
        if (pl_definition_decode(pl_str(rows[i].in), &d, why) != PL_OK)
            fail_msg("%s", why);
        struct pl_buf b = {0};
        pl_definition_encode(d, &b);
        assert_string_equal(b.data, rows[i].out ? rows[i].out : rows[i].in);
        pl_buf_free(&b);
        pl_definition_free(d);
    }
}

static void definition_is_understood(void **state)
{
    (void)state;
    struct pl_definition *d;
    char why[PL_WHY_SIZE];
    const char *json = "{\"title\":\"T\",\"floor\":\"chaired\"," SEATS "," PEOPLE "}";
    assert_int_equal(pl_definition_decode(pl_str(json), &d, why), PL_OK);
    assert_int_equal(d->floor, PL_FLOOR_CHAIRED);
    assert_int_equal(d->encryption, PL_ENCRYPTION_REQUIRED);
    assert_int_equal(d->signatures, PL_SIGNATURES_REQUIRED);
    assert_null(d->marking);
    assert_null(d->zone);
    assert_int_equal(d->n_people, 2);
    assert_string_equal(d->people[1].id, "p2");
    assert_int_equal(d->people[0].seat, 0);
    assert_int_equal(d->people[1].seat, PL_NO_SEAT);
    assert_true(d->people[1].shared);
    assert_false(pl_definition_has_chair(d));
    uint32_t person;
    assert_int_equal(pl_definition_person(d, pl_str("p2"), &person), PL_OK);
    assert_int_equal(person, 1);
    static const char *const none[] = {"", "p", "p0", "p3", "p01", "q1", "p1x", "p-1"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(pl_definition_person(d, pl_str(none[i]), &person), PL_ENOENT);
    pl_definition_free(d);
}

static void bad_definitions_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *json, *why;
    } rows[] = {
        {"", "line 1: "},
        {"[]", "must be an object"},
        {"{\n\"title\":\n}", "line 3: "},
        {"{\"floor\":\"open\"," SEATS "," PEOPLE "}", "title: missing"},
        {"{\"title\":\"\",\"floor\":\"open\"," SEATS "," PEOPLE "}", "title: must not be empty"},
        {"{\"title\":\"a\\nb\",\"floor\":\"open\"," SEATS "," PEOPLE "}",
         "title: must be one line"},
        {"{\"title\":\"T\"," SEATS "," PEOPLE "}", "floor: missing"},
        {"{\"title\":\"T\",\"floor\":\"wide\"," SEATS "," PEOPLE "}",
         "floor: must be one of open, chaired"},
        {HEAD PEOPLE "}", "seats: missing"},
        {HEAD SEATS "}", "people: missing"},
        {HEAD SEATS ",\"people\":[]}", "people: must not be empty"},
        {HEAD SEATS "," PEOPLE ",\"colour\":1}", "colour: unknown field"},
        {HEAD SEATS "," PEOPLE ",\"lobby\":1}", "lobby: must be true or false"},
        {HEAD SEATS "," PEOPLE ",\"lobby\":true}", "lobby: nobody could admit"},
        {HEAD SEATS "," PEOPLE ",\"encryption\":\"some\"}", "encryption: must be one of"},
        {HEAD SEATS "," PEOPLE ",\"signatures\":\"some\"}", "signatures: must be one of"},
        {HEAD "\"seats\":[{\"id\":\"a b\",\"name\":\"N\"}]," PEOPLE "}",
         "seats[0].id: must be 1 to"},
        {HEAD "\"seats\":[{\"id\":\"\",\"name\":\"N\"}]," PEOPLE "}", "seats[0].id: must be 1 to"},
        {HEAD "\"seats\":[{\"id\":\"N\",\"name\":\"N\"},{\"id\":\"N\",\"name\":\"N\"}]," PEOPLE "}",
         "seats[1].id: \"N\" is there already"},
        {HEAD "\"seats\":[{\"id\":\"N\",\"name\":\"N\",\"country\":\"no\"}]," PEOPLE "}",
         "seats[0].country: must be two capital letters"},
        {HEAD "\"seats\":[{\"id\":\"N\",\"name\":\"N\",\"flag\":\"no\"}]," PEOPLE "}",
         "seats[0].flag: unknown field"},
        {HEAD SEATS ",\"people\":[{\"name\":\"A\",\"role\":\"king\"}]}",
         "people[0].role: must be one of chair, secretary, delegate"},
        {HEAD SEATS ",\"people\":[{\"name\":\"A\",\"role\":\"delegate\"}]}",
         "people[0].seat: missing: a delegate sits behind a seat"},
        {HEAD SEATS ",\"people\":[{\"name\":\"A\",\"role\":\"adviser\"}]}",
         "people[0].seat: missing"},
        {HEAD SEATS ",\"people\":[{\"name\":\"A\",\"role\":\"chair\"},{\"name\":\"A\",\"role\":"
                    "\"delegate\",\"seat\":\"XX\"}]}",
         "people[1].seat: no such seat \"XX\""},
        {HEAD SEATS ",\"people\":[{\"name\":\"A\",\"role\":\"chair\",\"shared\":true}]}",
         "people[0].shared: a chair's invitation is one person's"},
        {HEAD SEATS ",\"people\":[{\"name\":\"A\",\"role\":\"chair\",\"expires\":0}]}",
         "people[0].expires: must be from 1"},
        {HEAD SEATS ",\"people\":[{\"id\":\"p1\",\"name\":\"A\",\"role\":\"chair\"}]}",
         "people[0].id: unknown field"},
        {HEAD SEATS ",\"quorum\":2," PEOPLE "}", "quorum: more than the 1 seats that are members"},
        {HEAD "\"seats\":[{\"id\":\"N\",\"name\":\"N\",\"guest\":true}],\"quorum\":1," PEOPLE "}",
         "quorum: more than the 0 seats"},
        {HEAD SEATS ",\"speaking_seconds\":86401," PEOPLE "}", "speaking_seconds: must be from 0"},
        {HEAD SEATS ",\"body\":\"\"," PEOPLE "}", "body: must not be empty"},
        {HEAD SEATS ",\"body\":\"A\xe2\x80\xae"
                    "B\"," PEOPLE "}",
         "body: must have no characters that"},
        {HEAD SEATS ",\"zone\":\"\"," PEOPLE "}", "zone: must be a time zone"},
        {HEAD SEATS ",\"zone\":\"Europe Brussels\"," PEOPLE "}", "zone: must be a time zone"},
        {HEAD SEATS ",\"zone\":1," PEOPLE "}", "zone: must be a string"},
        {HEAD SEATS ",\"languages\":\"EN\"," PEOPLE "}", "languages: must be an array"},
        {HEAD SEATS ",\"languages\":[\"EN\",1]," PEOPLE "}",
         "languages[1]: must be a language tag"},
        {HEAD SEATS ",\"languages\":[\"EN\",\"\"]," PEOPLE "}",
         "languages[1]: must be a language tag"},
        {HEAD SEATS ",\"languages\":[\"EN\",\"e n\"]," PEOPLE "}", "languages[1]: must be a"},
        {HEAD SEATS ",\"languages\":[\"EN\",\"EN\"]," PEOPLE "}",
         "languages[1]: \"EN\" is there already"},
        {HEAD "\"seats\":[{\"id\":\"N\",\"name\":\"N\",\"weight\":-1}]," PEOPLE "}",
         "seats[0].weight: must be from 0 to 1000000000"},
        {HEAD "\"seats\":[{\"id\":\"N\",\"name\":\"N\",\"weight\":1000000001}]," PEOPLE "}",
         "seats[0].weight: must be from 0 to 1000000000"},
        {HEAD "\"seats\":[{\"id\":\"N\",\"name\":\"N\",\"guest\":1}]," PEOPLE "}",
         "seats[0].guest: must be true or false"},
        {HEAD SEATS "," PERSON("interpreter", "") "}", "people[0].language: missing"},
        {HEAD SEATS "," PERSON("interpreter", ",\"language\":\"FR\"") "}",
         "people[0].language: is none of the meeting's languages"},
        {HEAD SEATS ",\"languages\":[\"FR\"]," PERSON("chair", ",\"language\":\"FR\"") "}",
         "people[0].language: only interpreters and captioners have one"},
        {HEAD SEATS "," PERSON("captioner", "") "}", "people[0].language: missing"},
        {HEAD SEATS "," PERSON("captioner", ",\"language\":\"E N\"") "}",
         "people[0].language: must be a language tag, as in EN"},
        {HEAD SEATS "," PERSON("briefer", ",\"item\":\"i1\"") "}",
         "people[0].item: no such item \"i1\" was prepared"},
        {HEAD SEATS
         "," PERSON("briefer", ",\"item\":\"i1\"") ",\"prepared\":[" ITEM
                                                   ",{\"act\":\"drop_item\",\"item\":\"i1\"}]}",
         "people[0].item: no such item \"i1\" was prepared"},
        {HEAD SEATS "," PERSON("observer", ",\"item\":\"i1\"") ",\"prepared\":[" ITEM "]}",
         "people[0].item: only briefers and invited parties"},
        {HEAD SEATS "," PERSON("invited", ",\"party\":\"i1\"") ",\"prepared\":[" ITEM "]}",
         "people[0].party: no such party \"i1\" was prepared"},
        {HEAD SEATS "," PERSON("briefer", ",\"party\":\"i1\"") "}",
         "people[0].party: only who is invited speaks"},
        {HEAD SEATS "," PEOPLE ",\"prepared\":{}}", "prepared: must be an array"},
        {HEAD SEATS "," PEOPLE ",\"prepared\":[1]}", "prepared[0]: must be an object"},
        {HEAD SEATS "," PEOPLE ",\"prepared\":[" ITEM ",{\"item\":\"i2\",\"title\":\"T\"}]}",
         "prepared[1].act: missing"},
        {HEAD SEATS "," PEOPLE ",\"prepared\":[" ITEM ",{\"act\":\"put_item\",\"item\":\"i2\"}]}",
         "prepared[1].title: missing"},
        {HEAD SEATS "," PEOPLE
                    ",\"prepared\":[{\"act\":\"put_item\",\"item\":\"i\",\"title\":\"T\","
                    "\"number\":1}]}",
         "prepared[0].number: unknown field"},
        {HEAD SEATS "," PEOPLE
                    ",\"prepared\":[{\"act\":\"put_item\",\"item\":\"i\",\"title\":\"T\","
                    "\"by\":\"p1\"}]}",
         "prepared[0].by: unknown field"},
        {HEAD SEATS "," PEOPLE ",\"prepared\":[{\"act\":\"dance\"}]}",
         "prepared[0].act: must be one of"},
        {HEAD SEATS "," PEOPLE ",\"prepared\":[{\"act\":\"opened\"}]}",
         "prepared[0].act: opened cannot be prepared"},
        {HEAD SEATS "," PEOPLE ",\"prepared\":[{\"act\":\"chat\",\"text\":\"T\"}]}",
         "prepared[0].act: chat cannot be prepared"},
        {HEAD SEATS
         "," PEOPLE
         ",\"prepared\":[{\"act\":\"put_option\",\"paper\":\"P\",\"option\":\"O\",\"title\":\"T\","
         "\"answers\":[{\"question\":\"q\"}],\"touches\":[]}]}",
         "prepared[0].answers[0].text: missing"},
        {HEAD SEATS
         "," PEOPLE
         ",\"prepared\":[{\"act\":\"vote\",\"decision\":\"D\",\"version\":1,\"choice\":\"yes\","
         "\"seat\":\"NOR\"}]}",
         "prepared[0].seat: unknown field"},
        {HEAD SEATS "," SEATS "," PEOPLE "}", "line 1: duplicate object key"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_definition *d = NULL;
        char why[PL_WHY_SIZE] = "";
        assert_int_equal(pl_definition_decode(pl_str(rows[i].json), &d, why), PL_EINVAL);
        if (strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
            fail_msg("%s\n%s", rows[i].json, why);
        assert_null(d);
    }
}

static enum pl_err decode_crowd(int seats, int people, int name)
{
    struct pl_buf json = {0};
    pl_buf_puts(&json, "{\"title\":\"T\",\"floor\":\"open\",\"seats\":[");
    for (int i = 0; i < seats; i++)
        pl_buf_printf(&json, "%s{\"id\":\"s%d\",\"name\":\"N\"}", i ? "," : "", i);
    pl_buf_puts(&json, "],\"people\":[");
    for (int i = 0; i < people; i++) {
        pl_buf_printf(&json, "%s{\"name\":\"", i ? "," : "");
        for (int j = 0; j < name; j++)
            pl_buf_puts(&json, "x");
        pl_buf_puts(&json, "\",\"role\":\"observer\"}");
    }
    pl_buf_puts(&json, "]}");
    struct pl_definition *d = NULL;
    char why[PL_WHY_SIZE];
    enum pl_err err = pl_definition_decode((struct pl_str){json.data, json.len}, &d, why);
    if (err == PL_OK && people) {
        uint32_t person;
        char id[16];
        snprintf(id, sizeof id, "p%d", people);
        assert_string_equal(d->people[people - 1].id, id);
        assert_int_equal(pl_definition_person(d, pl_str(id), &person), PL_OK);
        assert_int_equal(person, people - 1);
    }
    pl_definition_free(d);
    pl_buf_free(&json);
    return err;
}

static void crowds_have_limits(void **state)
{
    (void)state;
    assert_int_equal(decode_crowd(PL_SEATS_MAX, 1, 1), PL_OK);
    assert_int_equal(decode_crowd(PL_SEATS_MAX + 1, 1, 1), PL_ELIMIT);
    assert_int_equal(decode_crowd(0, PL_PEOPLE_MAX, 1), PL_OK);
    assert_int_equal(decode_crowd(0, PL_PEOPLE_MAX + 1, 1), PL_ELIMIT);
    assert_int_equal(decode_crowd(0, 1, PL_NAME_MAX), PL_OK);
    assert_int_equal(decode_crowd(0, 1, PL_NAME_MAX + 1), PL_ELIMIT);
    struct pl_definition *d = NULL;
    char why[PL_WHY_SIZE];
    const char *zone = HEAD SEATS ",\"zone\":\"" LONG_ZONE "A\"," PEOPLE "}";
    assert_int_equal(pl_definition_decode(pl_str(zone), &d, why), PL_ELIMIT);
}

static enum pl_err walk(void *ctx, size_t i, const struct pl_act *act)
{
    size_t *n = ctx;
    assert_int_equal(i, *n);
    assert_int_equal(act->number, 0);
    assert_int_equal(act->by.n, 0);
    if (i == 0) {
        assert_int_equal(act->type, PL_ACT_PUT_ITEM);
        assert_true(pl_str_eq(act->put_item.item, "i1"));
        assert_false(act->put_item.has_minutes);
    } else {
        assert_int_equal(act->type, PL_ACT_PUT_PARTY);
        assert_true(pl_str_eq(act->put_party.name, "Ukraine"));
        assert_null(act->put_party.country.p);
    }
    return ++*n == 3 ? PL_ESTATE : PL_OK;
}

static void prepared_acts_are_walked(void **state)
{
    (void)state;
#define PARTY "{\"act\":\"put_party\",\"party\":\"UA\",\"name\":\"Ukraine\"}"
    struct pl_definition *d;
    char why[PL_WHY_SIZE];
    const char *json = HEAD SEATS "," PEOPLE ",\"prepared\":[" ITEM "," PARTY "]}";
    assert_int_equal(pl_definition_decode(pl_str(json), &d, why), PL_OK);
    size_t n = 0;
    assert_int_equal(pl_definition_prepared(d, walk, &n), PL_OK);
    assert_int_equal(n, 2);
    pl_definition_free(d);
    json = HEAD SEATS "," PEOPLE ",\"prepared\":[" ITEM "," PARTY "," PARTY "," PARTY "]}";
    assert_int_equal(pl_definition_decode(pl_str(json), &d, why), PL_OK);
    n = 0;
    assert_int_equal(pl_definition_prepared(d, walk, &n), PL_ESTATE);
    assert_int_equal(n, 3);
    pl_definition_free(d);
    json = HEAD SEATS "," PEOPLE "}";
    assert_int_equal(pl_definition_decode(pl_str(json), &d, why), PL_OK);
    n = 0;
    assert_int_equal(pl_definition_prepared(d, walk, &n), PL_OK);
    assert_int_equal(n, 0);
    pl_definition_free(d);
}

/* So many prepared acts, each with a text of so many bytes. */
static enum pl_err decode_prepared(int acts, int text)
{
    struct pl_buf json = {0};
    pl_buf_puts(&json, HEAD SEATS "," PEOPLE ",\"prepared\":[");
    for (int i = 0; i < acts; i++) {
        pl_buf_printf(&json, "%s{\"act\":\"drop_item\",\"item\":\"", i ? "," : "");
        for (int j = 0; j < text; j++)
            pl_buf_puts(&json, "x");
        pl_buf_puts(&json, "\"}");
    }
    pl_buf_puts(&json, "]}");
    struct pl_definition *d = NULL;
    char why[PL_WHY_SIZE];
    enum pl_err err = pl_definition_decode((struct pl_str){json.data, json.len}, &d, why);
    pl_definition_free(d);
    pl_buf_free(&json);
    return err;
}

/* Acts of the same size that make PL_PREPARED_BYTES_MAX together, or `more` than that. */
static enum pl_err decode_prepared_bytes(int more)
{
    static const char before[] = "{\"act\":\"withdraw_decision\",\"decision\":\"D\",\"reason\":\"";
    enum { EACH = 1024, N = PL_PREPARED_BYTES_MAX / EACH };
    struct pl_buf json = {0};
    pl_buf_puts(&json, HEAD SEATS "," PEOPLE ",\"prepared\":[");
    for (int i = 0; i < N; i++) { /* each with the comma or bracket before it */
        size_t text = EACH - 1 - strlen(before) - strlen("\"}");
        if (i == 0)
            text = text - 1 + (size_t)more; /* the last bracket */
        pl_buf_printf(&json, "%s%s", i ? "," : "", before);
        for (size_t j = 0; j < text; j++)
            pl_buf_puts(&json, "x");
        pl_buf_puts(&json, "\"}");
    }
    pl_buf_puts(&json, "]}");
    struct pl_definition *d = NULL;
    char why[PL_WHY_SIZE];
    enum pl_err err = pl_definition_decode((struct pl_str){json.data, json.len}, &d, why);
    if (err == PL_OK)
        assert_int_equal(strlen(d->prepared), PL_PREPARED_BYTES_MAX);
    pl_definition_free(d);
    pl_buf_free(&json);
    return err;
}

static void decode_languages(int n, const char *tag, enum pl_err expected)
{
    struct pl_buf json = {0};
    pl_buf_puts(&json, HEAD SEATS "," PEOPLE ",\"languages\":[");
    for (int i = 0; i < n; i++)
        pl_buf_printf(&json, "%s\"%s%d\"", i ? "," : "", tag, i);
    pl_buf_puts(&json, "]}");
    struct pl_definition *d = NULL;
    char why[PL_WHY_SIZE];
    assert_int_equal(pl_definition_decode((struct pl_str){json.data, json.len}, &d, why), expected);
    pl_definition_free(d);
    pl_buf_free(&json);
}

static void preparation_has_limits(void **state)
{
    (void)state;
    assert_int_equal(decode_prepared(PL_PREPARED_MAX, 1), PL_OK);
    assert_int_equal(decode_prepared(PL_PREPARED_MAX + 1, 1), PL_ELIMIT);
    assert_int_equal(decode_prepared(1, PL_ID_MAX_BYTES), PL_OK);
    assert_int_equal(decode_prepared(1, PL_ID_MAX_BYTES + 1), PL_ELIMIT);
    assert_int_equal(decode_prepared_bytes(0), PL_OK);
    assert_int_equal(decode_prepared_bytes(1), PL_ELIMIT);
    decode_languages(PL_LANGUAGES_MAX, "l", PL_OK);
    decode_languages(PL_LANGUAGES_MAX + 1, "l", PL_ELIMIT);
    decode_languages(1, "abcdefg", PL_OK);
    decode_languages(1, "abcdefgh", PL_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definition_goes_around),
        cmocka_unit_test(definition_is_understood),
        cmocka_unit_test(bad_definitions_are_refused_by_name),
        cmocka_unit_test(crowds_have_limits),
        cmocka_unit_test(prepared_acts_are_walked),
        cmocka_unit_test(preparation_has_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
