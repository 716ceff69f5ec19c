/* The organiser without a page: what a manifest says, and from which one they go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "server/manifest_signed.h"
#include "server/organiser.h"

#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1800000000000)

/* As it was made: the seats SWE and OBS were added since. */
#define DEFINITION "{\"seats\":[{\"id\":\"NOR\"},{\"id\":\"XX\"}]}"

static const uint8_t seed[PL_SEED_SIZE] = {1}, other_seed[PL_SEED_SIZE] = {2};

static void fill(void *ctx, uint8_t *out, size_t n)
{
    static uint8_t next;
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(next + i);
    next++;
}

static const struct pl_random random_source = {fill, NULL};

static json_t *read_json(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    return json;
}

struct fixture {
    struct pl_organiser organiser;
    json_t *meeting, *draft;
    char secrets[3][PL_BASE64_32];
};

static void set_up(struct fixture *f)
{
    pl_organiser_make(&f->organiser, seed);
    f->meeting = read_json(
        "{\"id\":\"m\",\"title\":\"T\",\"encryption\":\"none\",\"seats\":[{\"id\":\"NOR\",\"name\":"
        "\"Norway\",\"country\":\"NO\",\"weight\":3},{\"id\":\"XX\",\"name\":\"Guest\",\"guest\":"
        "true},{\"id\":\"SWE\",\"name\":\"Sweden\",\"country\":\"SE\",\"weight\":5},{\"id\":"
        "\"OBS\",\"name\":\"Obs\",\"guest\":true}],"
        "\"people\":[{\"name\":\"S\",\"role\":\"secretary\"},{\"name\":\"C\",\"role\":\"chair\"},"
        "{\"name\":\"N\",\"role\":\"delegate\",\"seat\":\"NOR\",\"shared\":true}]}");
    f->draft = pl_organiser_draft(f->meeting, pl_str(DEFINITION), NOW);
    assert_non_null(f->draft);
    for (size_t i = 0; i < 3; i++) {
        pl_organiser_secret(&random_source, f->secrets[i]);
        assert_true(pl_organiser_name(f->draft, f->meeting, i, f->secrets[i]));
    }
}

static void tear_down(struct fixture *f)
{
    json_decref(f->draft);
    json_decref(f->meeting);
}

/* As GET answers it. */
static json_t *put_by(const struct pl_organiser *signer, const char *key, const char *by,
                      const json_t *draft)
{
    struct pl_signed made;
    assert_int_equal(pl_organiser_sign(signer, draft, &made), PL_OK);
    json_t *put = json_pack("{s:s, s:s, s:s, s:s}", "manifest", made.text.data, "signature",
                            made.signature, "key", key, "signed_by", by);
    pl_buf_free(&made.text);
    assert_non_null(put);
    return put;
}

static json_t *put_own(const struct fixture *f)
{
    return put_by(&f->organiser, f->organiser.key, "organiser", f->draft);
}

/* By the chair, p2, out of the organiser's `base`. */
static json_t *put_late(const struct fixture *f, const json_t *base, json_t *draft)
{
    uint8_t raw[32], chair_seed[PL_SEED_SIZE];
    size_t n;
    struct pl_organiser chair;
    assert_int_equal(pl_base64url_decode(pl_str(f->secrets[1]), raw, sizeof raw, &n), PL_OK);
    pl_hkdf_sha256((struct pl_str){(const char *)raw, n}, pl_str("parley person v1"), pl_str("m"),
                   chair_seed, sizeof chair_seed);
    pl_organiser_make(&chair, chair_seed);
    json_object_set_new(draft, "base",
                        json_pack("{s:O, s:O}", "manifest", json_object_get(base, "manifest"),
                                  "signature", json_object_get(base, "signature")));
    return put_by(&chair, f->organiser.key, "p2", draft);
}

static const char *text_at(const json_t *draft, const char *list, size_t i, const char *name)
{
    const json_t *one = json_array_get(json_object_get(draft, list), i);
    return json_string_value(name ? json_object_get(one, name) : one);
}

static void a_manifest_names_people_with_their_keys(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    struct pl_signed made;
    assert_int_equal(pl_organiser_sign(&f.organiser, f.draft, &made), PL_OK);
    const char *want =
        "{\"v\":1,\"meeting\":\"m\",\"version\":1,\"suite\":1,\"encryption\":\"none\","
        "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\",\"country\":\"NO\"},{\"id\":"
        "\"XX\",\"name\":\"Guest\"},"
        "{\"id\":\"SWE\",\"name\":\"Sweden\",\"country\":\"SE\",\"weight\":5,\"guest\":false},"
        "{\"id\":\"OBS\",\"name\":\"Obs\",\"weight\":1,\"guest\":true}],\"people\":[{\"person\":"
        "\"p1\",\"name\":\"S\","
        "\"role\":\"secretary\",\"key\":\"";
    assert_memory_equal(made.text.data, want, strlen(want));
    assert_non_null(strstr(made.text.data, "\"role\":\"delegate\",\"seat\":\"NOR\",\"key\":\""));
    assert_non_null(strstr(made.text.data,
                           "],\"revoked\":[],\"definition\":\"2559aae9db87fc4c3fa04bbee2ca4549"
                           "182a80064a002d5c0a50bda9272c1945\",\"late\":\"p2\","
                           "\"not_after\":1807776000000}"));
    pl_buf_free(&made.text);
    tear_down(&f);
}

static void the_next_version_keeps_everybody(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    json_t *next, *put = put_own(&f);
    assert_int_equal(pl_organiser_next(&f.organiser, f.meeting, put, NOW + 5, &next), PL_OK);
    assert_int_equal(json_integer_value(json_object_get(next, "version")), 2);
    assert_int_equal(json_integer_value(json_object_get(next, "not_after")), 1807776000005);
    assert_true(json_equal(json_object_get(next, "people"), json_object_get(f.draft, "people")));
    char secret[PL_BASE64_32];
    pl_organiser_secret(&random_source, secret);
    assert_true(pl_organiser_revoke(next, 2) && pl_organiser_revoke(next, 2));
    assert_true(pl_organiser_revoked(next, 2) && !pl_organiser_revoked(next, 1));
    assert_int_equal(json_array_size(json_object_get(next, "revoked")), 1);
    json_t *said = json_array_get(json_object_get(f.meeting, "people"), 2);
    json_object_set_new(said, "role", json_string("chair")); /* as the server would have it now */
    assert_true(pl_organiser_name(next, f.meeting, 2, secret)); /* in again, by another key */
    assert_string_equal(text_at(next, "people", 2, "role"), text_at(f.draft, "people", 2, "role"));
    assert_string_equal(text_at(next, "people", 2, "seat"), text_at(f.draft, "people", 2, "seat"));
    assert_false(pl_organiser_revoked(next, 2));
    assert_int_equal(json_array_size(json_object_get(next, "people")), 3);
    assert_string_equal(text_at(next, "people", 1, "key"), text_at(f.draft, "people", 1, "key"));
    assert_string_not_equal(text_at(next, "people", 2, "key"),
                            text_at(f.draft, "people", 2, "key"));
    json_decref(next);
    json_decref(put);
    tear_down(&f);
}

/* A server, or a chair, has the organiser sign nothing that the chair could not. */
static void of_the_chairs_version_only_what_a_chair_may(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    json_t *next, *base = put_own(&f), *late = json_deep_copy(f.draft);
    json_t *people = json_object_get(late, "people");
    json_object_set_new(late, "version", json_integer(7));
    json_object_set_new(late, "late", json_string("p4"));
    json_object_set_new(json_array_get(people, 2), "role", json_string("chair"));
    json_array_remove(people, 0);
    json_array_append_new(
        people,
        read_json("{\"person\":\"p4\",\"name\":\"G\",\"role\":\"observer\",\"key\":\"k4\"}"));
    json_array_append_new(
        people, read_json("{\"person\":\"p5\",\"name\":\"B\",\"role\":\"chair\",\"key\":\"k5\"}"));
    json_array_append_new(json_object_get(late, "revoked"), json_string("p3"));
    json_t *put = put_late(&f, base, late);
    assert_int_equal(pl_organiser_next(&f.organiser, f.meeting, put, NOW, &next), PL_OK);
    assert_int_equal(json_integer_value(json_object_get(next, "version")), 8);
    assert_null(json_object_get(next, "base"));
    assert_string_equal(json_string_value(json_object_get(next, "late")), "p2");
    assert_int_equal(json_array_size(json_object_get(next, "people")), 4);
    for (size_t i = 0; i < 3; i++)
        assert_true(json_equal(json_array_get(json_object_get(next, "people"), i),
                               json_array_get(json_object_get(f.draft, "people"), i)));
    assert_string_equal(text_at(next, "people", 3, "person"), "p4");
    assert_string_equal(text_at(next, "revoked", 0, NULL), "p3");
    json_decref(next);
    json_decref(put);
    json_decref(late);
    json_decref(base);
    tear_down(&f);
}

static void goes_on_from_nothing_else(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    struct pl_organiser other;
    pl_organiser_make(&other, other_seed);
    json_t *own = put_own(&f), *late = json_deep_copy(f.draft), *next = NULL;
    json_t *elsewhere =
        read_json("{\"id\":\"n\",\"encryption\":\"none\",\"seats\":[],\"people\":[]}");
    json_t *puts[] = {
        put_by(&other, other.key, "organiser", f.draft),       /* another organiser */
        put_by(&other, f.organiser.key, "organiser", f.draft), /* who says to be this one */
        put_by(&f.organiser, f.organiser.key, "p1", f.draft),  /* nobody's own */
        put_late(&f, own, late),
    };
    json_object_set_new(puts[3], "signed_by", json_string("p3")); /* who may not */
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pl_organiser_next(&f.organiser, f.meeting, puts[i], NOW, &next), PL_EAUTH);
        json_decref(puts[i]);
    }
    assert_int_equal(pl_organiser_next(&f.organiser, elsewhere, own, NOW, &next), PL_EAUTH);
    json_object_set_new(own, "manifest", json_string("{"));
    assert_int_equal(pl_organiser_next(&f.organiser, f.meeting, own, NOW, &next), PL_EINVAL);
    assert_null(next);
    json_decref(elsewhere);
    json_decref(late);
    json_decref(own);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_names_people_with_their_keys),
        cmocka_unit_test(the_next_version_keeps_everybody),
        cmocka_unit_test(of_the_chairs_version_only_what_a_chair_may),
        cmocka_unit_test(goes_on_from_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
